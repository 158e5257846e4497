"""Deleting the data of people whose names are words of other texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import letters, make, merge, record_lines
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.pages import opened
from support.registers import excel

HEADINGS = ["ID", "Name", "City", "Street", "Name checked"]
SIGNERS = {
    "S1": ("Ann Lee", "Leeds", "4 Mill Road"),
    "S2": ("Mary Ann Lee", "York", "9 Oak Lane"),
    "S3": ("Bo Lindgren", "Rome", "12 Rome Street"),
    "S4": ("Consul", "Paris", "Baker Row 8"),
    "S5": ("Rome", "Oslo", "Elm Close 6"),
    "S6": ("7", "Berlin", "Kantweg 99"),
    "S7": ("X", "Bonn", "Rheinweg 3"),
    "S8": ("Ana Ruiz 2026", "Graz", "Murweg 5"),
    "S9": ("Lee, Ann Mary", "Ghent", "Kaai 31"),
    "S10": ("Hans Page", "Basel", "Rheinsprung 2"),
}
RECIPIENTS = [
    ["ID", "Name", "Salutation"],
    ["R1", "Consul Roy", "Dear Consul"],
    ["R2", "Minister Li", "Dear Minister"],
]
TEMPLATE = (
    "{{ recipient.salutation }},\n{{ signer.name }}\n{{ signer.street }}\n{{ signer.city }}\n"
    "{{ recipient.name }}"
)


def create_letters(folder: Path) -> None:
    """Create letters and print files of signers whose names are common words."""
    rows = [HEADINGS, *([person_id, *cells, "yes"] for person_id, cells in SIGNERS.items())]
    merge("letters", make(folder, TEMPLATE, Signers=rows, Recipients=RECIPIENTS))
    merge("print", folder, "--per-signer")
    merge("proofread", folder)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(create_letters, tmp_path / "campaign")


def _delete_row(folder: Path, person_id: str) -> None:
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        row = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == person_id)
        sheet.delete_rows(row)


def _print_files(folder: Path) -> set[str]:
    return {path.name[3:] for path in (folder / "print").glob("*/*.docx")}


@pytest.mark.slow
@pytest.mark.parametrize("person_id", everyday(SIGNERS))
def test_a_deletion_of_a_name_of_common_words_deletes_only_that_persons_data(
    person_id: str, campaign: Path
) -> None:
    name, _, street = SIGNERS[person_id]
    others = {p: f.read_bytes() for p, f in letters(campaign).items() if p.split("/")[0] != name}
    merge("delete-person", person_id, campaign, "--yes")
    _delete_row(campaign, person_id)
    ran = merge("delete-person", person_id, campaign, "--yes")
    assert (ran.code, ran.last) == (0, f"No data about {person_id} is left.")
    assert {p: f.read_bytes() for p, f in letters(campaign).items()} == others
    remaining = {cells[0] for signer_id, cells in SIGNERS.items() if signer_id != person_id}
    alone = {"Bo Lindgren"} if name == "Rome" else set()  # his city is a separate line
    assert _print_files(campaign) == {
        f"{remaining_name}.docx" for remaining_name in remaining - alone
    }
    lines = record_lines(campaign).decode()
    assert lines
    assert f'"{name}/' not in lines
    assert street not in lines


@pytest.mark.slow
@pytest.mark.parametrize("number", ["7", "2026"])
def test_a_deletion_of_a_number_as_a_name_keeps_other_print_files(
    number: str, tmp_path: Path
) -> None:
    signers = [["ID", "Name", "Name checked"], ["S1", number, "yes"], ["S2", "Bo Lindgren", "yes"]]
    template = "On 7 May 2026\n{{ recipient.name }}\n{{ signer.name }}"
    merge("letters", make(tmp_path, template, Signers=signers))
    merge("print", tmp_path, "--per-signer")
    merge("delete-person", "S1", tmp_path, "--yes")
    assert _print_files(tmp_path) == {"Bo Lindgren.docx"}


@pytest.mark.slow
def test_a_deletion_keeps_letters_of_a_removed_person_with_a_longer_name(campaign: Path) -> None:
    for person_id in ("S9", "S2"):
        _delete_row(campaign, person_id)
    merge("letters", campaign)
    before = [path for path in letters(campaign) if "Mary Ann Lee" in path]
    merge("delete-person", "S1", campaign, "--yes")
    _delete_row(campaign, "S1")
    assert merge("delete-person", "S1", campaign, "--yes").code == 0
    assert [path for path in letters(campaign) if "Mary Ann Lee" in path] == before != []


def _make_renamed_signer(folder: Path, *signers: list[str]) -> Path:
    """Make a campaign with S1, whose signed letters have a former name.

    S1 was Ana Ruiz, became Ana Obiang, and was removed from the workbook.
    """
    rows = [["ID", "Name"], ["S1", "Ana Ruiz"], *signers]
    merge("letters", make(folder, Signers=rows, Recipients=RECIPIENTS))
    merge("mark", "signed", folder, "--for", "S1", "--yes")
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        sheet["B2"] = "Ana Obiang"
    merge("letters", folder, "--same-person", "S1")
    _delete_row(folder, "S1")
    merge("letters", folder)
    return folder


@pytest.mark.slow
def test_a_deletion_does_not_report_a_surname_shared_with_a_renamed_person(tmp_path: Path) -> None:
    folder = _make_renamed_signer(tmp_path, ["S2", "Olena Obiang"], ["S3", "Bo Lindgren"])
    merge("delete-person", "S2", folder, "--yes")
    _delete_row(folder, "S2")
    ran = merge("delete-person", "S2", folder, "--yes", "--json")
    assert (ran.code, ran.json["left"]) == (0, [])


@pytest.mark.slow
def test_a_deletion_of_a_removed_and_renamed_person_searches_both_names(tmp_path: Path) -> None:
    folder = _make_renamed_signer(tmp_path, ["S2", "Bo Lindgren"])
    (folder / "notes.txt").write_text("Ana Obiang will call.", encoding="utf-8")
    ran = merge("delete-person", "Ana Ruiz", folder, "--yes", "--json")
    assert any(place.startswith("notes.txt") for place in ran.json["left"])
    assert len(letters(folder)) == 2


@pytest.mark.slow
def test_a_deletion_reports_cells_of_others_that_contain_the_name(tmp_path: Path) -> None:
    signers = [["Name", "Street"], ["Ann Lee", "1 Lane"], ["Mary Ann Lee", "c/o Ann Lee, 2 Lane"]]
    template = "{{ recipient.name }}\n{{ signer.name }}\n{{ signer.street }}"
    merge("letters", make(tmp_path, template, Signers=signers))
    preview = merge("delete-person", "Ann Lee", tmp_path, "--dry-run", "--json").json
    assert sorted(preview["left"]) == [
        "letters/Mary Ann Lee/Consul Roy.docx",
        "letters/Mary Ann Lee/Minister Li.docx",
        "signers.xlsx: Signers!A2:B2, Signers!B3",
    ]


@pytest.mark.parametrize(
    "name", ["Peter O’Neill", "peter oneill", "Péter O'Neill", "O'Neill, Peter", "Mr Peter ONeill"]
)
def test_a_deletion_finds_a_person_by_the_normal_form_of_the_name(
    name: str, tmp_path: Path
) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Peter O'Neill"], ["Ana Ruiz"]])
    merge("letters", folder)
    assert merge("delete-person", name, folder, "--yes", "--json").json["person"] == "Peter O'Neill"
    assert {path.partition("/")[0] for path in letters(folder)} == {"Ana Ruiz"}


def test_a_deletion_asks_between_people_whose_names_have_one_normal_form(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Ana Ruiz"], ["Ána Ruíz"]])
    merge("letters", folder)
    ran = merge("delete-person", "Ruiz, Ana", folder, "--yes")
    assert (ran.code, "Several people have this name: Ana Ruiz" in ran.err) == (2, True)
    assert len(letters(folder)) == 4
    merge("delete-person", "Ána Ruíz", folder, "--yes")
    assert {path.partition("/")[0] for path in letters(folder)} == {"Ana Ruiz"}


def test_a_deletion_of_a_misspelt_name_suggests_the_right_name(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Marija Kovač"], ["Ana Ruiz"]])
    ran = merge("delete-person", "Marja Kovač", folder, "--yes")
    assert ran.last.endswith("Did you mean Marija Kovač?")


def test_a_deletion_reports_a_workbook_row_of_words_that_others_have_too(tmp_path: Path) -> None:
    names = {"S1": "Ann Ann", "S2": "Mary Ann Ann", "R1": "Mary Ann Ann", "R2": "Mary Ann Ann"}
    rows = [[person_id, name, "Rome", "1 Ann Road", "yes"] for person_id, name in names.items()]
    template = "{{ recipient.name }}\n{{ signer.name }}\n{{ signer.street }}"
    make(tmp_path, template, Signers=[HEADINGS, *rows[:2]], Recipients=[HEADINGS, *rows[2:]])
    merge("letters", tmp_path)
    first_run = merge("delete-person", "S2", tmp_path, "--yes")
    assert first_run.code == 1
    assert "signers.xlsx: Signers!B3" in first_run.err
    with excel(tmp_path / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(3)
    second_run = merge("delete-person", "S2", tmp_path, "--yes")
    assert (second_run.code, second_run.last) == (0, "No data about S2 is left.")


FIXED_SIGNER = "Dear {{ recipient.name }},\nYours sincerely,\nClaire Fontanel\nPresident"
CLAIRE_AND_BO = [["Name", "Position"], ["Claire Fontanel", "President"], ["Bo Lindgren", "Clerk"]]


def _make_with_fixed_signer(folder: Path, name: str = "Claire Fontanel") -> Path:
    """Create letters by a template in which someone typed a signer's name."""
    signers = [CLAIRE_AND_BO[0], [name, "President"], CLAIRE_AND_BO[2]]
    template = FIXED_SIGNER.replace("Claire Fontanel", name)
    merge("letters", make(folder, template, Signers=signers, Recipients=[["Name"], ["Consul Roy"]]))
    return folder


def _without_signer(folder: Path, template: str) -> None:
    signers = [CLAIRE_AND_BO[0], CLAIRE_AND_BO[2]]
    make(folder, template, Signers=signers, Recipients=[["Name"], ["Consul Roy"]])


@pytest.mark.parametrize("name", everyday(["Claire Fontanel", "d'Arc, Jeanne", "山田太郎"]))
def test_a_deletion_reports_a_full_name_typed_into_a_template(name: str, tmp_path: Path) -> None:
    folder = _make_with_fixed_signer(tmp_path, name)
    template = FIXED_SIGNER.replace("Claire Fontanel", name)
    left = ["letters/Bo Lindgren/Consul Roy.docx", "templates/appeal.docx"]
    first_run = merge("delete-person", name, folder, "--yes", "--json")
    assert sorted(first_run.json["left"]) == [left[0], "signers.xlsx: Signers!A2", left[1]]
    _without_signer(folder, template)
    second_run = merge("delete-person", name, folder, "--yes", "--json")
    assert (second_run.code, sorted(second_run.json["left"])) == (1, left)
    _without_signer(folder, "Dear {{ recipient.name }},\n{{ signer.name }}\nPresident")
    merge("letters", folder)
    last_run = merge("delete-person", name, folder, "--yes")
    assert (last_run.code, last_run.last) == (0, f"No data about {name} is left.")
    assert "the name alone does not count" not in last_run.err


def test_a_deletion_on_the_page_is_not_done_while_a_template_has_the_name(tmp_path: Path) -> None:
    with opened(_make_with_fixed_signer(tmp_path)) as page:
        page.post("erase/find", name="Claire Fontanel")
        assert "signers.xlsx : Signers!A2" in page.words("erase")
        token = str(page.see("erase").select("input[name=token]")[0]["value"])
        page.post("erase/person", token=token, sure="on")
        _without_signer(tmp_path, FIXED_SIGNER)
        page.post("erase/look")
        assert "templates/appeal.docx" in page.words("erase")
        assert "Change it, then create the letters again" in page.words("erase")
        assert "Letters were created again" not in page.words("erase")
        _without_signer(tmp_path, "Dear {{ recipient.name }},\n{{ signer.name }}")
        merge("letters", tmp_path)
        page.post("erase/look")
        assert "No data about this person is left" in page.words("erase")
        assert "The name alone does not count" not in page.words("erase")


NAMESAKES = [
    ["ID", "Name", "Position"],
    ["S1", "Claire Fontanel", "President"],
    ["S2", "Claire Fontanel", "Clerk"],
]
NAME_ONLY = "Dear {{ recipient.name }},\nClaire Fontanel"


def test_a_deletion_says_that_the_name_of_a_namesake_does_not_count(tmp_path: Path) -> None:
    merge("letters", make(tmp_path, NAME_ONLY, Signers=NAMESAKES))
    first_run = merge("delete-person", "S1", tmp_path, "--yes")
    assert "signers.xlsx: Signers!B2" in first_run.err
    make(tmp_path, NAME_ONLY, Signers=[NAMESAKES[0], NAMESAKES[2]])
    last_run = merge("delete-person", "S1", tmp_path, "--yes")
    assert (last_run.code, last_run.last) == (0, "No data about S1 is left.")
    assert "the name alone does not count as a match" in last_run.err


def test_a_deletion_on_the_page_says_that_the_name_of_a_namesake_does_not_count(
    tmp_path: Path,
) -> None:
    make(tmp_path, NAME_ONLY, Signers=NAMESAKES)
    with opened(tmp_path) as page:
        page.post("erase/find", name="S1")
        assert "The name alone does not count as a match" in page.words("erase")
        token = str(page.see("erase").select("input[name=token]")[0]["value"])
        page.post("erase/person", token=token, sure="on")
        make(tmp_path, NAME_ONLY, Signers=[NAMESAKES[0], NAMESAKES[2]])
        page.post("erase/look")
        assert "No data about this person is left" in page.words("erase")
        assert "The name alone does not count as a match" in page.words("erase")
