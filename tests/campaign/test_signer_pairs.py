"""Pairs of signers from forms: asked about, remembered, added and deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import LINES, letters, make, merge
from support.imports import LIST, export, listed_people, response, run_import
from support.workbooks import Rows

from merge.workbook.reading import read_workbook

PAIRS: Rows = [
    ["Signer", "Recipient", "Include", "Why"],
    ["Ana Ruiz", "*", None, "We met"],
    ["Ana Ruiz", "Consul Roy", "no"],
    ["B2", "Consul Roy"],
]
SIGNERS: Rows = [["ID", "Name"], ["A1", "Ana Ruiz"], ["B2", "Bo Berg"]]
THREE_NAMES = ("Cy Dee", "Di Eco", "Ed Fox")


def campaign(folder: Path, pairs: Rows = PAIRS, **sheets: Rows) -> Path:
    return make(folder / "Appeal", LINES, **{"Signers": SIGNERS, "Pairs": pairs, **sheets})


def responses(folder: Path, *names: str) -> Path:
    rows = [response(number, name) for number, name in enumerate(names, 1)]
    return export(folder.parent / "Petition.csv", rows)


def import_three(folder: Path, writes_to: str) -> None:
    ran = run_import(responses(folder, *THREE_NAMES), folder, "--writes-to", writes_to)
    assert ran.code == 0, ran.out + ran.err


def writes_to(folder: Path) -> dict[str, str]:
    return {row["Name"]: row["Writes to"] for row in listed_people(folder)}


def set_writes_to(folder: Path, *texts: str | None) -> None:
    """Enter texts under Writes to in the list, from the first person on."""
    book = load_workbook(folder / LIST)
    sheet = book["Signers"]
    column = [cell.value for cell in sheet[1]].index("Writes to") + 1
    for row, text in enumerate(texts, 2):
        sheet.cell(row, column).value = text
    book.save(folder / LIST)


def pairs(folder: Path) -> list[str]:
    found = read_workbook(folder / "signers.xlsx").pairs()
    return [f"{pair.signer.name} - {pair.recipient.name}" for pair in found]


def unpaired(folder: Path) -> list[str]:
    return [str(p.name) for p in read_workbook(folder / "signers.xlsx").pairing.unpaired_people]


def test_an_import_into_a_campaign_with_pairs_asks_whom_new_signers_write_to(
    tmp_path: Path,
) -> None:
    folder = campaign(tmp_path)
    ran = run_import(responses(folder, *THREE_NAMES), folder)
    assert (ran.code, listed_people(folder)) == (1, [])
    assert "No row of the Pairs sheet is for signers who are new." in ran.err
    for option in ("--writes-to everyone", "--writes-to NAME", "--writes-to none"):
        assert option in ran.err
    wrong = run_import(responses(folder, *THREE_NAMES), folder, "--writes-to", "Ana Ruis")
    assert (wrong.code, listed_people(folder)) == (1, [])
    assert "“Ana Ruis” is not the name or ID of one signer." in wrong.err


@pytest.mark.parametrize("is_in_list", [False, True])
def test_the_question_is_asked_whether_signers_were_typed_or_imported(
    tmp_path: Path, *, is_in_list: bool
) -> None:
    folder = campaign(tmp_path, [["Signer", "Recipient"], ["*", "Minister Li"]])
    assert run_import(responses(folder, "Ana Cox"), folder).code == 0
    own_id = listed_people(folder)[0]["ID"] if is_in_list else "A1"
    sheets = {"Signers": [["ID", "Name"]]} if is_in_list else {}
    campaign(tmp_path, [["Signer", "Recipient"], [own_id, "Minister Li"]], **sheets)
    ran = run_import(responses(folder, "Ana Cox", "Cy Dee"), folder)
    assert ran.code == 1
    assert "--writes-to none" in ran.err


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["*", "Minister Li"]],
        [["*", "*"]],
        [["Ana Ruiz", "Consul Roy", "no"]],
    ],
)
def test_no_question_is_asked_if_new_signers_have_pairs_anyway(tmp_path: Path, rows: Rows) -> None:
    folder = campaign(tmp_path, [["Signer", "Recipient", "Include"], *rows])
    assert run_import(responses(folder, *THREE_NAMES), folder).code == 0
    assert "Cy Dee - Minister Li" in pairs(folder)
    assert "Cy Dee" not in unpaired(folder)


def test_an_import_without_new_signers_asks_nothing(tmp_path: Path) -> None:
    folder = campaign(tmp_path)
    import_three(folder, "none")
    set_writes_to(folder, None, None, None)
    ran = run_import(responses(folder, *THREE_NAMES), folder)
    assert (ran.code, "Nothing to import" in ran.out) == (0, True), ran.err


def test_signers_from_forms_who_write_to_everyone_write_to_later_recipients_too(
    tmp_path: Path,
) -> None:
    folder = campaign(tmp_path)
    import_three(folder, "everyone")
    assert [p for p in pairs(folder) if "Ana" not in p and "Bo" not in p] == [
        f"{name} - {recipient}"
        for name in THREE_NAMES
        for recipient in ("Minister Li", "Consul Roy")
    ]
    campaign(tmp_path, Recipients=[["Name"], ["Minister Li"], ["Consul Roy"], ["Judge Wu"]])
    assert "Ed Fox - Judge Wu" in pairs(folder)


def test_signers_from_forms_get_the_recipients_of_another_signer_and_not_the_other_columns(
    tmp_path: Path,
) -> None:
    folder = campaign(tmp_path)
    import_three(folder, "A1")
    book = read_workbook(folder / "signers.xlsx")
    found = {(str(p.signer.name), str(p.recipient.name)): p.fields["why"] for p in book.pairs()}
    assert found["Ana Ruiz", "Minister Li"] == "We met"
    assert found["Cy Dee", "Minister Li"] == ""
    assert ("Cy Dee", "Consul Roy") not in found
    campaign(tmp_path, [PAIRS[0], ["Ana Ruiz", "Consul Roy"], ["Bo Berg", "Minister Li"]])
    assert [p for p in pairs(folder) if "Cy" in p] == ["Cy Dee - Consul Roy"]


def test_staff_edit_in_the_list_whom_signers_write_to(tmp_path: Path) -> None:
    folder = campaign(tmp_path)
    import_three(folder, "none")
    assert unpaired(folder) == list(THREE_NAMES)
    set_writes_to(folder, " Everyone ", "bo berg", "Nobody Known")
    assert pairs(folder)[2:] == [
        "Cy Dee - Minister Li",
        "Cy Dee - Consul Roy",
        "Di Eco - Consul Roy",
    ]
    (problem,) = (
        p for p in read_workbook(folder / "signers.xlsx").problems if p.code == "pair-nobody"
    )
    assert str(problem.place) == f"{LIST}, Signers!G4"
    set_writes_to(folder, "*", None, "F1")
    assert unpaired(folder) == ["Di Eco", "Ed Fox"]


def test_a_row_of_the_pairs_sheet_comes_before_the_list(tmp_path: Path) -> None:
    folder = campaign(tmp_path)
    import_three(folder, "everyone")
    rows = [*PAIRS, ["Cy Dee", "Minister Li", "no"], ["Di Eco", "Consul Roy", None, "Her own"]]
    campaign(tmp_path, rows)
    book = read_workbook(folder / "signers.xlsx")
    found = {(str(p.signer.name), str(p.recipient.name)): p.fields["why"] for p in book.pairs()}
    assert ("Cy Dee", "Minister Li") not in found
    assert found["Di Eco", "Consul Roy"] == "Her own"
    assert [p for p in book.problems if p.level == "error"] == []


@pytest.mark.parametrize("answer", ["everyone", "Ana Ruiz", "none"])
def test_the_next_import_of_a_form_remembers_whom_its_signers_write_to(
    tmp_path: Path, answer: str
) -> None:
    folder = campaign(tmp_path)
    import_three(folder, answer)
    ran = run_import(responses(folder, *THREE_NAMES, "Flo Gil"), folder)
    assert ran.code == 0, ran.err
    assert f"New signers write to: {answer}" in ran.out
    assert writes_to(folder)["Flo Gil"] == answer
    other_form = export(
        tmp_path / "Other.csv", [["Gus Hay", "Yes"]], ["Full name", "I agree to be printed"]
    )
    assert "--writes-to everyone" in run_import(other_form, folder).err


def test_status_counts_people_without_a_pair_until_the_list_has_their_pairs(tmp_path: Path) -> None:
    pairs_of_ana = [["Signer", "Recipient"], ["Ana Ruiz", "Minister Li"]]
    folder = campaign(tmp_path, pairs_of_ana)
    import_three(folder, "none")
    status = merge("status", folder)
    assert "Without a pair: 4 signers and 1 recipient." in status.out
    assert "In the Writes to column there, enter “everyone”" in status.err
    without_pair = merge("status", folder, "--json").json["without_pair"]
    assert without_pair == ["Bo Berg", *THREE_NAMES, "Consul Roy"]
    set_writes_to(folder, "everyone", "everyone", "everyone")
    assert "Without a pair: 1 signer." in merge("status", folder).out


def test_reminders_count_no_one_without_a_pair(tmp_path: Path) -> None:
    rows = [["Signer", "Recipient", "Posted on"], ["Ana Ruiz", "Minister Li", "2026-05-01"]]
    folder = campaign(tmp_path, rows)
    import_three(folder, "everyone")
    assert unpaired(folder) == []
    assert len(pairs(folder)) == 7


def test_thirty_four_responses_get_letters_in_a_campaign_with_pairs(tmp_path: Path) -> None:
    folder = campaign(tmp_path)
    names = [f"{first} {last}" for first in ("Ada", "Bea") for last in "abcdefghijklmnopq"]
    file = responses(folder, *(name.title() + "berg" for name in names))
    assert run_import(file, folder, "--writes-to", "everyone").code == 0
    assert "70 created" in merge("letters", folder).out
    assert len([path for path in letters(folder) if path.endswith(".docx")]) == 70


def test_a_deletion_removes_the_person_as_a_signer_whom_others_follow(tmp_path: Path) -> None:
    folder = campaign(tmp_path)
    import_three(folder, "Ana Ruiz")
    set_writes_to(folder, "Ana Ruiz", "A1", "Bo Berg")
    plan = merge("delete-person", "Ana Ruiz", folder, "--dry-run").out
    assert f"{LIST}, Signers!G" not in plan
    ran = merge("delete-person", "Ana Ruiz", folder, "--yes")
    assert writes_to(folder) == {"Cy Dee": "", "Di Eco": "", "Ed Fox": "Bo Berg"}, ran.out + ran.err
    assert f"{LIST}, Signers!G" not in ran.out + ran.err
