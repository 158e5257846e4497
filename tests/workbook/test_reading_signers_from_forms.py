"""The list of signers next to the workbook: its people are signers too."""

from __future__ import annotations

from pathlib import Path

from support.campaigns import letters, make, merge
from support.read_workbooks import codes_and_places, raised_problems, read
from support.workbooks import Rows, campaign, xlsx

from merge.campaign.campaign import read_campaign
from merge.problems import Problem
from merge.workbook.reading import LIST_FILE, WITHDRAWN_REASON, Workbook, read_workbook

HEADINGS = ["ID", "Name", "City", "Include", "To decide"]
TWO = [HEADINGS, ["F1", "Cy Dee", "Rome"], ["F2", "Di Eco", "Oslo", "no", "looks like a test"]]


def workbook_with_list(folder: Path, list_rows: Rows = TWO, **sheets: Rows) -> Workbook:
    other_sheets = {"Forms": [["Form"], ["Petition"]], "Memory": [["ID"], ["F1"]]}
    xlsx(folder, LIST_FILE, **{"Signers": list_rows, **other_sheets})
    return read(folder, **sheets)


def problems(folder: Path) -> list[Problem]:
    return read_campaign(folder).relevant_problems()


def place_and_problem(problem: Problem) -> str:
    return f"{problem.place}: {problem.what}"


def test_people_of_the_list_come_after_those_of_the_workbook(tmp_path: Path) -> None:
    book = workbook_with_list(tmp_path)
    assert [str(p.name) for p in book.signers.persons] == ["Ana Ruiz", "Bo Berg", "Cy Dee"]
    assert [str(p.name) for p in book.excluded_people] == ["Di Eco"]
    assert book.signers.persons[2].key == "id:f1"
    assert str(book.signers.persons[2].place("city")) == f"{LIST_FILE}, Signers!C2"
    assert book.listed_signer_count == 1
    assert codes_and_places(book.problems) == [("form-to-decide?", "Signers", "E")]


def test_a_person_in_the_list_who_withdrew_needs_no_decision(tmp_path: Path) -> None:
    book = workbook_with_list(
        tmp_path, [*TWO[:2], ["F2", "Di Eco", "Oslo", "no", WITHDRAWN_REASON]]
    )
    assert book.problems == ()


def test_people_have_the_columns_of_workbook_and_list_except_notes(tmp_path: Path) -> None:
    book = workbook_with_list(tmp_path, Signers=[["Name", "Title"], ["Ana", "Dr"]])
    assert [c.heading for c in book.signers.columns] == ["Name", "Title", "ID", "City"]
    ana, cy = book.signers.persons
    assert ana.fields == {"name": "Ana", "title": "Dr", "id": "", "city": ""}
    assert cy.fields == {"name": "Cy Dee", "title": "", "id": "F1", "city": "Rome"}


def test_columns_of_workbook_and_list_share_their_placeholders(tmp_path: Path) -> None:
    book = workbook_with_list(tmp_path, Signers=[["Nom"], ["Ana"]])
    assert [str(p.fields["nom"]) for p in book.signers.persons] == ["Ana", "Cy Dee"]
    assert str(book.signers.persons[1].place("nom")) == f"{LIST_FILE}, Signers!B2"


def test_duplicates_are_found_across_workbook_and_list(tmp_path: Path) -> None:
    workbook_rows = [["Name", "ID"], ["Ana Ruiz", "F1"], ["Bo Berg", None]]
    list_rows = [HEADINGS, ["F1", "Cy Dee"], [None, "bo berg"]]
    book = workbook_with_list(tmp_path, list_rows, Signers=workbook_rows)
    duplicates = [p for p in book.problems if p.code in {"id-twice", "name-twice"}]
    assert [place_and_problem(problem) for problem in duplicates] == [
        f"signers.xlsx, Signers!B2: The ID “F1” is also in row 2 of {LIST_FILE}.",
        f"signers.xlsx, Signers!A3: “Bo Berg” is also in row 3 of {LIST_FILE}.",
        f"{LIST_FILE}, Signers!A2: The ID “F1” is also in row 2 of signers.xlsx.",
        f"{LIST_FILE}, Signers!B3: “bo berg” is also in row 3 of signers.xlsx.",
    ]


def test_look_alikes_and_pairs_are_found_across_workbook_and_list(tmp_path: Path) -> None:
    pairs = [["Signer", "Recipient"], ["F1", "Minister Li"], ["Ana Ruiz", "*"]]
    make(tmp_path, Pairs=pairs)
    workbook_with_list(tmp_path, [HEADINGS, ["F1", "Ána  Ruiz"], ["F2", "Bo Berg"]], Pairs=pairs)
    book = read_workbook(tmp_path / "signers.xlsx")
    assert [(str(p.signer.label), str(p.recipient.label)) for p in book.pairs()] == [
        ("Ana Ruiz", "Minister Li"),
        ("Ana Ruiz", "Consul Roy"),
        ("Ána  Ruiz", "Minister Li"),
    ]
    problem_by_code = {p.code: p for p in problems(tmp_path)}
    look_alike = problem_by_code["people-alike"]
    assert look_alike.place.file == LIST_FILE
    assert "of signers.xlsx" in look_alike.what
    assert problem_by_code["unpaired-people"].place.sheet == "Pairs"


def test_the_signers_sheet_may_be_missing_or_empty_if_there_is_a_list(tmp_path: Path) -> None:
    recipients: Rows = [["Name"], ["Minister Li"]]
    for sheets in ({}, {"Signers": [[None]]}, {"Signers": [["Name"]]}):
        workbook_with_list(tmp_path)
        book = read_workbook(xlsx(tmp_path, Recipients=recipients, **sheets))
        assert [str(p.name) for p in book.signers.persons] == ["Cy Dee"], sheets
        assert [p for p in book.problems if p.level == "error"] == []


def test_an_empty_list_and_an_empty_signers_sheet_have_no_one(tmp_path: Path) -> None:
    xlsx(tmp_path, LIST_FILE, Signers=[HEADINGS])
    assert codes_and_places(raised_problems(campaign(tmp_path, Signers=[["Name"]]))) == [
        ("nobody", "Signers", "")
    ]


def test_the_list_is_ignored_by_a_setting(tmp_path: Path) -> None:
    book = workbook_with_list(tmp_path, Settings=[["Signers from forms", "skip"]])
    assert [str(p.name) for p in book.signers.persons] == ["Ana Ruiz", "Bo Berg"]
    assert book.listed_signer_count is None


def test_the_lists_sheet_may_have_another_name(tmp_path: Path) -> None:
    xlsx(tmp_path, LIST_FILE, Forms=[["Form", "ID", "Name"]], Notes=[["x"]], People=TWO)
    assert read(tmp_path).listed_signer_count == 1


def test_a_blank_cell_and_a_missing_column_of_the_list_are_reported_there(tmp_path: Path) -> None:
    template = "I am from {{ signer.city }} and am {{ signer.title }}."
    make(tmp_path, template, Signers=[["Name", "Title", "City"], ["Ana", "Dr", "Rome"]])
    xlsx(tmp_path, LIST_FILE, Signers=[HEADINGS, ["F1", "Cy", None], ["F2", "Di", "Oslo"]])
    errors = [p for p in problems(tmp_path) if p.level == "error"]
    assert [(p.code, str(p.place)) for p in errors] == [
        ("blank-in-sentence", f"{LIST_FILE}, Signers!C2"),
        ("blank-in-sentence", f"{LIST_FILE}, Signers!1"),
    ]
    assert "This sheet has no “Title” column" in errors[1].what


def test_an_error_in_the_list_blocks_only_its_own_person(tmp_path: Path) -> None:
    make(tmp_path)
    rows = [HEADINGS, ["F1", "Cy Dee", "Rome", "perhaps"], ["F2", "Di Eco", "Oslo"]]
    xlsx(tmp_path, LIST_FILE, Signers=rows)
    assert merge("letters", tmp_path, "--skip-errors").code == 1
    names = {path.split("/")[0] for path in letters(tmp_path)}
    assert names == {"Ana Ruiz", "Bo Berg", "Di Eco"}


def test_commands_know_the_list_and_a_new_campaign_copies_it(tmp_path: Path) -> None:
    old_campaign = make(tmp_path / "old")
    xlsx(old_campaign, LIST_FILE, Signers=TWO)
    first_line = "2 signers from signers.xlsx, 1 from forms"
    assert merge("check", old_campaign).out.splitlines()[0] == first_line
    assert merge("status", old_campaign).out.splitlines()[0] == first_line
    placeholder_list = merge("placeholders", old_campaign).out
    assert "{{ signer.city }}" in placeholder_list
    assert "to_decide" not in placeholder_list
    assert "include" not in placeholder_list
    assert merge("new", tmp_path / "next", "--from", old_campaign).code == 0
    assert (tmp_path / "next" / LIST_FILE).read_bytes() == (old_campaign / LIST_FILE).read_bytes()


def test_another_workbook_is_read_with_the_list_next_to_it(tmp_path: Path) -> None:
    make(tmp_path / "here")
    (tmp_path / "there").mkdir()
    workbook_with_list(tmp_path / "there")
    result = merge("check", tmp_path / "here", "--workbook", tmp_path / "there" / "signers.xlsx")
    assert result.out.startswith("2 signers from signers.xlsx, 1 from forms")


def test_a_misnamed_signers_sheet_is_reported_although_there_is_a_list(
    tmp_path: Path,
) -> None:
    workbook_with_list(tmp_path)
    make(tmp_path)
    xlsx(tmp_path, Signatories=[["Name"], ["Ana Ruiz"]], Recipients=[["Name"], ["Li"]])
    result = merge("check", tmp_path)
    assert result.code == 1
    assert "Rename “Signatories” to “Signers”." in result.out + result.err
