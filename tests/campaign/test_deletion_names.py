"""`merge delete-person` with names that are words of other cells, names, templates, or numbers."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.campaigns import letters, make, merge
from support.copied import copied
from support.everyday import everyday
from support.office_programs import needs_libreoffice
from support.pages import opened
from support.registers import excel

from merge.campaign.person_words import OtherPeople, find_person_words
from merge.people import Person
from merge.state.ledger import LEDGER_FILE
from merge.state.ledger_rows import remove_free_space, row_texts
from merge.values import Value

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


def made(folder: Path) -> None:
    """Signers whose names are words of other signers' and recipients' cells, printed each alone."""
    rows = [HEADINGS, *([own, *cells, "yes"] for own, cells in SIGNERS.items())]
    merge("letters", make(folder, TEMPLATE, Signers=rows, Recipients=RECIPIENTS))
    merge("print", folder, "--per-signer")
    merge("proofread", folder)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copied(made, tmp_path / "campaign")


def _delete_row(folder: Path, own_id: str) -> None:
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        row = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == own_id)
        sheet.delete_rows(row)


def _batches(folder: Path) -> set[str]:
    return {path.name[3:] for path in (folder / "print").glob("*/*.docx")}


@pytest.mark.parametrize("own_id", everyday(SIGNERS))
def test_who_has_a_name_of_common_words_goes_without_a_trace_and_nobody_else(
    own_id: str, campaign: Path
) -> None:
    name, _, street = SIGNERS[own_id]
    others = {p: f.read_bytes() for p, f in letters(campaign).items() if p.split("/")[0] != name}
    merge("delete-person", own_id, campaign, "--yes")
    _delete_row(campaign, own_id)
    ran = merge("delete-person", own_id, campaign, "--yes")
    assert (ran.code, ran.last) == (0, f"No data about {own_id} is left.")
    assert {p: f.read_bytes() for p, f in letters(campaign).items()} == others
    left = {cells[0] for own, cells in SIGNERS.items() if own != own_id}
    alone = {"Bo Lindgren"} if name == "Rome" else set()  # his city is a line by itself
    assert _batches(campaign) == {f"{each}.docx" for each in left - alone}
    rows = row_texts(campaign / "letters" / LEDGER_FILE)
    assert rows
    assert not [text for text in rows if text.startswith(f"{name}/") or street in text]


@pytest.mark.slow
@pytest.mark.parametrize("number", ["7", "2026"])
def test_of_a_bare_number_as_a_name_no_other_batch_is_taken_along(
    number: str, tmp_path: Path
) -> None:
    signers = [["ID", "Name", "Name checked"], ["S1", number, "yes"], ["S2", "Bo Lindgren", "yes"]]
    template = "On 7 May 2026\n{{ recipient.name }}\n{{ signer.name }}"
    merge("letters", make(tmp_path, template, Signers=signers))
    merge("print", tmp_path, "--per-signer")
    merge("delete-person", "S1", tmp_path, "--yes")
    assert _batches(tmp_path) == {"Bo Lindgren.docx"}


@pytest.mark.slow
def test_the_name_of_another_who_left_the_workbook_is_no_trace(campaign: Path) -> None:
    for own_id in ("S9", "S2"):
        _delete_row(campaign, own_id)
    merge("letters", campaign)
    kept = [path for path in letters(campaign) if "Mary Ann Lee" in path]
    merge("delete-person", "S1", campaign, "--yes")
    _delete_row(campaign, "S1")
    assert merge("delete-person", "S1", campaign, "--yes").code == 0
    assert [path for path in letters(campaign) if "Mary Ann Lee" in path] == kept != []


def _renamed_on_paper(folder: Path, *signers: list[str]) -> Path:
    """A campaign with S1, whose letters are signed as Ana Ruiz, who became Ana Obiang and left."""
    rows = [["ID", "Name"], ["S1", "Ana Ruiz"], *signers]
    merge("letters", make(folder, Signers=rows, Recipients=RECIPIENTS))
    merge("mark", "signed", folder, "--for", "S1", "--yes")
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        sheet["B2"] = "Ana Obiang"
    merge("letters", folder, "--same-person", "S1")
    _delete_row(folder, "S1")
    merge("letters", folder)
    return folder


def test_a_surname_is_no_trace_in_the_row_of_another_who_left_and_was_renamed(
    tmp_path: Path,
) -> None:
    folder = _renamed_on_paper(tmp_path, ["S2", "Olena Obiang"], ["S3", "Bo Lindgren"])
    merge("delete-person", "S2", folder, "--yes")
    _delete_row(folder, "S2")
    ran = merge("delete-person", "S2", folder, "--yes", "--json")
    assert (ran.code, ran.json["left"]) == (0, [])


def test_who_left_and_was_renamed_is_looked_for_by_both_names(tmp_path: Path) -> None:
    folder = _renamed_on_paper(tmp_path, ["S2", "Bo Lindgren"])
    (folder / "notes.txt").write_text("Ana Obiang will call.", encoding="utf-8")
    ran = merge("delete-person", "Ana Ruiz", folder, "--yes", "--json")
    assert any(told.startswith("notes.txt") for told in ran.json["left"])
    assert len(letters(folder)) == 2


def test_a_name_in_a_cell_of_another_is_theirs_and_a_cell_of_just_that_name_is_not() -> None:
    def words(cell: str) -> frozenset[str]:
        other = Person("signer", "", 2, {"name": Value("Bo Lind"), "notes": Value(cell)})
        ann = Person("signer", "", 1, {"name": Value("Ann Lee")})
        return find_person_words(ann, OtherPeople.from_people([other]), "").find_in(
            f"{cell}, Bo Lind"
        )

    assert words("c/o Ann Lee, 5 Mill Road") == frozenset()
    assert words("Ann Lee") == {"ann lee"}


@pytest.mark.slow
def test_a_cell_of_another_with_the_name_and_more_is_shown_before(tmp_path: Path) -> None:
    signers = [["Name", "Street"], ["Ann Lee", "1 Lane"], ["Mary Ann Lee", "c/o Ann Lee, 1 Lane"]]
    merge("letters", make(tmp_path, Signers=signers))
    ran = merge("delete-person", "Ann Lee", tmp_path, "--dry-run")
    assert "Other people's cells contain this name: signers.xlsx, Signers!B3." in ran.err
    told = merge("delete-person", "Ann Lee", tmp_path, "--dry-run", "--json").json
    assert told["mentioned"] == ["signers.xlsx, Signers!B3"]
    with opened(tmp_path) as page:
        page.post("erase/find", name="Ann Lee")
        assert "This name appears in other people’s cells" in page.words("erase")
        assert "signers.xlsx, Signers!B3" in page.words("erase")


def test_a_ledger_is_searched_row_by_row_and_holds_nothing_of_rows_that_went(
    tmp_path: Path,
) -> None:
    path = tmp_path / LEDGER_FILE
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE letter (id TEXT PRIMARY KEY, path TEXT, size INTEGER)")
        rows = [(f"{n:016x}", f"Mary Ann Lee/{n}.docx", n) for n in range(200)]
        db.executemany("INSERT INTO letter VALUES (?, ?, ?)", rows)
        db.commit()
        db.execute("DELETE FROM letter WHERE size > 0")
        db.commit()
    assert row_texts(path) == [f"{0:016x}", "Mary Ann Lee/0.docx"]
    assert path.read_bytes().count(b"Mary Ann Lee") > 1
    remove_free_space(path)
    assert path.read_bytes().count(b"Mary Ann Lee") == 1
    shutil.copyfile(__file__, path)
    assert row_texts(path) is None


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_the_pdf_of_a_batch_is_known_though_staff_deleted_its_document(tmp_path: Path) -> None:
    merge("letters", make(tmp_path))
    assert merge("print", tmp_path, "--pdf", "--per-signer").code == 0
    for document in (tmp_path / "print").glob("*/*.docx"):
        document.unlink()
    mine, _ = sorted((tmp_path / "print").glob("*/*.pdf"))
    shutil.copyfile(mine, mine.with_name("01 my own scan.pdf"))
    merge("delete-person", "Ana Ruiz", tmp_path, "--yes")
    assert not mine.exists()
    merge("close", tmp_path, "--yes")
    left = [path.name for path in (tmp_path / "print").rglob("*") if path.is_file()]
    assert left == ["01 my own scan.pdf"]


@pytest.mark.parametrize(
    "typed", ["Peter O’Neill", "peter oneill", "Péter O'Neill", "O'Neill, Peter"]
)
def test_a_name_that_differs_by_a_sign_from_someones_deletes_nothing(
    typed: str, tmp_path: Path
) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Peter O'Neill"], ["Ana Ruiz"]])
    merge("letters", folder)
    merge("print", folder)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    ran = merge("delete-person", typed, folder, "--yes")
    assert ran.code == 2
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert "1 similar name: Peter O'Neill." in ran.err


def test_a_name_that_is_misspelt_suggests_the_one_that_may_be_meant(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Marija Kovač"], ["Ana Ruiz"]])
    ran = merge("delete-person", "Marja Kovač", folder, "--yes")
    assert ran.last.endswith("Did you mean Marija Kovač?")


def test_a_row_of_words_that_others_have_too_is_data_that_is_left(tmp_path: Path) -> None:
    names = {"S1": "Ann Ann", "S2": "Mary Ann Ann", "R1": "Mary Ann Ann", "R2": "Mary Ann Ann"}
    rows = [[own, name, "Rome", "1 Ann Road", "yes"] for own, name in names.items()]
    template = "{{ recipient.name }}\n{{ signer.name }}\n{{ signer.street }}"
    make(tmp_path, template, Signers=[HEADINGS, *rows[:2]], Recipients=[HEADINGS, *rows[2:]])
    merge("letters", tmp_path)
    first = merge("delete-person", "S2", tmp_path, "--yes")
    assert first.code == 1
    assert "signers.xlsx: Signers!B3" in first.err
    with excel(tmp_path / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(3)
    second = merge("delete-person", "S2", tmp_path, "--yes")
    assert (second.code, second.last) == (0, "No data about S2 is left.")
