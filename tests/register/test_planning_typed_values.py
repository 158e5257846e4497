"""Values that staff type into program columns are reported and reverted."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.everyday import everyday
from support.registers import (
    CREATED_ON,
    DAY,
    excel,
    fill,
    ids,
    letter,
    letters,
    make_register,
    read,
    run,
    sheet,
    table,
)

from merge.register.entries import NO_LONGER_NEEDED, RegisterUpdate


def reverted_values(updated: RegisterUpdate) -> list[tuple[str, str, str]]:
    """Return what was typed, and in which cells."""
    return [(t.heading, t.value, str(t.place).split("!")[-1]) for t in updated.reverted_edits]


@pytest.mark.parametrize(
    ("heading", "typed", "shown", "cell"),
    everyday(
        [
            ("ID", "my own", "my own", "A2"),
            ("Signer", "Anna Ruiz", "Anna Ruiz", "B2"),
            ("Recipient", 12.5, "12.5", "C2"),
            ("File", "letters/x.docx", "letters/x.docx", "D2"),
            ("Status", "done", "done", "E2"),
            ("Created on", "yesterday", "yesterday", "F2"),
            ("Created on", DAY, "25 Nov 2026", "F2"),
            ("Print file", "9", "9", "G2"),
        ]
    ),
)
def test_a_value_typed_into_a_program_column_is_reported_and_reverted(
    tmp_path: Path,
    heading: str,
    typed: object,
    shown: str,
    cell: str,
) -> None:
    path = make_register(tmp_path)
    before = table(path)
    fill(path, ids(0, 0), heading, typed)
    updated = run(path, letters())
    assert reverted_values(updated) == [(heading, shown, cell)]
    assert updated.reverted_edits[0].id == ids(0, 0)
    assert updated.reverted_edits[0].place.sheet == "Register"
    assert table(path) == before
    again = run(path, letters())
    assert not again.is_written
    assert not again.reverted_edits


def test_an_emptied_program_cell_is_filled_again_without_a_warning(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    before = table(path)
    fill(path, ids(0, 0), "Signer", None)
    updated = run(path, letters())
    assert updated.is_written
    assert not updated.reverted_edits
    assert table(path) == before


def test_a_value_typed_into_a_program_column_is_found_after_sorting(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(2, 1), "Signer", "Chen")
    with excel(path) as worksheet:
        rows = [[cell.value for cell in row] for row in worksheet.iter_rows(min_row=2)]
        for number, row in enumerate(reversed(rows), 2):
            for at, value in enumerate(row, 1):
                worksheet.cell(number, at).value = value
    assert reverted_values(run(path, letters())) == [("Signer", "Chen", "B2")]
    assert read(path).rows[ids(2, 1)].signer == "Chen Wei"


def test_a_typed_value_that_the_workbook_has_too_is_not_reported(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Signer", "Ana Ruíz")
    updated = run(path, [letter(0, 0, signer="Ana Ruíz"), *letters()[1:]])
    assert not updated.reverted_edits
    assert read(path).rows[ids(0, 0)].signer == "Ana Ruíz"


def test_a_printed_letters_name_typed_over_is_reverted_to_the_printed_one(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Signer", "Anna Ruiz")
    fill(path, ids(0, 0), "Created on", DAY)
    fixed = letter(0, 0, signer="Ana Ruíz", created_on=DAY, state="printed", is_printed=True)
    updated = run(path, [fixed, *letters()[1:]])
    assert [t.heading for t in updated.reverted_edits] == ["Signer", "Created on"]
    row = read(path).rows[ids(0, 0)]
    assert (row.signer, row.created_on) == ("Ana Ruiz", CREATED_ON)
    assert sheet(path)["B2"].value == "Ana Ruiz"


def test_a_printed_letters_row_without_record_keeps_its_values(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Signer", "Anna Ruiz")
    fill(path, ids(0, 0), "Kept by the program", "?")
    updated = run(path, [letter(0, 0, state="printed", is_printed=True), *letters()[1:]])
    assert not updated.reverted_edits
    assert read(path).rows[ids(0, 0)].signer == "Anna Ruiz"
    assert not run(
        path, [letter(0, 0, state="printed", is_printed=True), *letters()[1:]]
    ).is_written


def test_an_unwanted_letters_row_is_reverted_from_its_record(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Recipient", "Minister Wu")
    people = {"signer": "", "recipient": "", "signer_id": "", "recipient_id": ""}
    unwanted_letter = letter(0, 0, state=NO_LONGER_NEEDED, created_on=None, file="", **people)
    updated = run(path, [unwanted_letter, *letters()[1:]])
    assert reverted_values(updated) == [("Recipient", "Minister Wu", "C2")]
    assert read(path).rows[ids(0, 0)].recipient == "Minister Li"


@pytest.mark.parametrize(("heading", "typed"), everyday([("Signer", "Anna"), ("Letters", 7)]))
def test_values_typed_into_the_sheets_of_people_are_reverted(
    tmp_path: Path, heading: str, typed: object
) -> None:
    path = make_register(tmp_path)
    before = table(path, "By signer")
    fill(path, f"{0:016x}", heading, typed, "By signer")
    updated = run(path, letters())
    assert [(t.id, t.heading, t.value) for t in updated.reverted_edits] == [
        (f"{0:016x}", heading, str(typed))
    ]
    assert table(path, "By signer") == before


def test_a_formula_typed_over_a_name_is_reported(tmp_path: Path) -> None:
    path = make_register(tmp_path)
    fill(path, ids(0, 0), "Signer", "=1+1")
    assert reverted_values(run(path, letters())) == [("Signer", "a formula", "B2")]
    assert sheet(path)["B2"].value == "Ana Ruiz"
