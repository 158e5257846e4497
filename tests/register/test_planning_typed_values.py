"""What staff type into the program's columns is told and set right again."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.everyday import everyday
from support.registers import (
    DAY,
    MADE,
    excel,
    fill,
    ids,
    letter,
    letters,
    made,
    read,
    run,
    sheet,
    table,
)

from merge.register.entries import NO_LONGER_WANTED, RegisterUpdate


def told(updated: RegisterUpdate) -> list[tuple[str, str, str]]:
    """What was typed, and where."""
    return [(t.heading, t.value, str(t.place).split("!")[-1]) for t in updated.reverted_edits]


@pytest.mark.parametrize(
    ("heading", "typed", "shown", "cell"),
    everyday(
        [
            ("ID", "my own", "my own", "A2"),
            ("Signer", "Anna Ruiz", "Anna Ruiz", "B2"),
            ("Recipient", 12.5, "12.5", "C2"),
            ("File", "letters/x.docx", "letters/x.docx", "D2"),
            ("State", "done", "done", "E2"),
            ("Made on", "yesterday", "yesterday", "F2"),
            ("Made on", DAY, "25 Nov 2026", "F2"),
            ("Batch", "9", "9", "G2"),
        ]
    ),
)
def test_a_value_typed_over_the_programs_is_told_and_set_right(
    tmp_path: Path,
    heading: str,
    typed: object,
    shown: str,
    cell: str,
) -> None:
    path = made(tmp_path)
    before = table(path)
    fill(path, ids(0, 0), heading, typed)
    updated = run(path, letters())
    assert told(updated) == [(heading, shown, cell)]
    assert updated.reverted_edits[0].id == ids(0, 0)
    assert updated.reverted_edits[0].place.sheet == "Register"
    assert table(path) == before
    again = run(path, letters())
    assert not again.is_written
    assert not again.reverted_edits


def test_an_emptied_cell_is_filled_again_without_a_word(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = table(path)
    fill(path, ids(0, 0), "Signer", None)
    updated = run(path, letters())
    assert updated.is_written
    assert not updated.reverted_edits
    assert table(path) == before


def test_a_value_typed_over_is_found_after_sorting(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(2, 1), "Signer", "Chen")
    with excel(path) as there:
        rows = [[cell.value for cell in row] for row in there.iter_rows(min_row=2)]
        for number, row in enumerate(reversed(rows), 2):
            for at, value in enumerate(row, 1):
                there.cell(number, at).value = value
    assert told(run(path, letters())) == [("Signer", "Chen", "B2")]
    assert read(path).rows[ids(2, 1)].signer == "Chen Wei"


def test_what_staff_typed_and_the_workbook_says_too_needs_no_word(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Signer", "Ana Ruíz")
    updated = run(path, [letter(0, 0, signer="Ana Ruíz"), *letters()[1:]])
    assert not updated.reverted_edits
    assert read(path).rows[ids(0, 0)].signer == "Ana Ruíz"


def test_on_paper_a_name_typed_over_is_put_back_as_it_is_on_the_paper(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Signer", "Anna Ruiz")
    fill(path, ids(0, 0), "Made on", DAY)
    fixed = letter(0, 0, signer="Ana Ruíz", created_on=DAY, state="printed", is_printed=True)
    updated = run(path, [fixed, *letters()[1:]])
    assert [t.heading for t in updated.reverted_edits] == ["Signer", "Made on"]
    row = read(path).rows[ids(0, 0)]
    assert (row.signer, row.created_on) == ("Ana Ruiz", MADE)
    assert sheet(path)["B2"].value == "Ana Ruiz"


def test_on_paper_without_the_programs_memory_the_row_keeps_what_it_has(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Signer", "Anna Ruiz")
    fill(path, ids(0, 0), "Kept by the program", "?")
    updated = run(path, [letter(0, 0, state="printed", is_printed=True), *letters()[1:]])
    assert not updated.reverted_edits
    assert read(path).rows[ids(0, 0)].signer == "Anna Ruiz"
    assert not run(
        path, [letter(0, 0, state="printed", is_printed=True), *letters()[1:]]
    ).is_written


def test_an_unwanted_letters_row_is_set_right_from_memory(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Recipient", "Minister Wu")
    people = {"signer": "", "recipient": "", "signer_id": "", "recipient_id": ""}
    gone = letter(0, 0, state=NO_LONGER_WANTED, created_on=None, file="", **people)
    updated = run(path, [gone, *letters()[1:]])
    assert told(updated) == [("Recipient", "Minister Wu", "C2")]
    assert read(path).rows[ids(0, 0)].recipient == "Minister Li"


@pytest.mark.parametrize(("heading", "typed"), everyday([("Signer", "Anna"), ("Letters", 7)]))
def test_the_sheets_of_people_are_set_right_too(
    tmp_path: Path, heading: str, typed: object
) -> None:
    path = made(tmp_path)
    before = table(path, "By signer")
    fill(path, f"{0:016x}", heading, typed, "By signer")
    updated = run(path, letters())
    assert [(t.id, t.heading, t.value) for t in updated.reverted_edits] == [
        (f"{0:016x}", heading, str(typed))
    ]
    assert table(path, "By signer") == before


def test_a_formula_in_the_place_of_a_name_is_told(tmp_path: Path) -> None:
    path = made(tmp_path)
    fill(path, ids(0, 0), "Signer", "=1+1")
    assert told(run(path, letters())) == [("Signer", "a formula", "B2")]
    assert sheet(path)["B2"].value == "Ana Ruiz"
