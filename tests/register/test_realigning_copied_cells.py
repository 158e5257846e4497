"""Register rows copied over others without their hidden cell: duplicates."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.everyday import everyday
from support.registers import (
    MEMORY,
    codes,
    column,
    dated,
    excel,
    letters,
    printed_ids,
    read,
    run,
    shift,
    table,
)

SIX = [entry.id for entry in letters()]


def copy_row(path: Path, source: int, target: int) -> None:
    """Copy the visible cells of one row over those of another, as staff do."""
    with excel(path) as worksheet:
        hidden = column(worksheet, MEMORY)
        for cell in worksheet[source]:
            if cell.column != hidden:
                worksheet.cell(target, int(cell.column or 0)).value = cell.value


@pytest.mark.parametrize(("source", "target", "reported_row"), everyday([(2, 5, 5), (5, 2, 5)]))
def test_a_register_row_copied_over_another_is_a_duplicate_and_the_other_is_restored(
    tmp_path: Path, source: int, target: int, reported_row: int
) -> None:
    path = dated(tmp_path)
    letter_, replaced_id = SIX[source - 2], SIX[target - 2]
    stages = read(path).stages(letter_)
    copy_row(path, source, target)
    register = read(path)
    assert register.stages(letter_) == stages
    assert not register.is_printed(replaced_id)
    assert [(p.code, p.place.row) for p in register.problems] == [("register-twice", reported_row)]
    updated = run(path, letters())
    assert not updated.reverted_edits
    last_row = table(path)[-1]
    assert (last_row["ID"], last_row.get("Posted"), len(table(path))) == (replaced_id, None, 7)
    assert codes(read(path)) == ["register-twice"]
    assert not run(path, letters()).is_written
    with excel(path) as worksheet:
        worksheet.delete_rows(source)
    register = read(path)
    assert register.stages(letter_) == stages
    assert not register.problems


@pytest.mark.parametrize(
    ("source", "target", "name"),
    everyday([(2, 5, "Bo Berg to Consul Roy"), (5, 2, "Ana Ruiz to Minister Li")]),
)
def test_the_letter_whose_register_row_was_copied_over_is_reported_once(
    tmp_path: Path, source: int, target: int, name: str
) -> None:
    path = dated(tmp_path)
    copy_row(path, source, target)
    duplicate_text = (
        "register.xlsx, Register!5: Row 2 already has this ID. This row is not updated."
    )
    replaced_text = f"One of them replaced the row of {name}, which is added again without dates."
    copy_text = "Enter what only this row has in row 2, then delete this row."
    remedy_text = f"{copy_text} Enter the dates of {name} again."
    assert [str(p) for p in read(path).problems] == [
        f"{duplicate_text} {replaced_text} {remedy_text}"
    ]
    run(path, letters())
    assert [str(p) for p in read(path).problems] == [f"{duplicate_text} {copy_text}"]


def test_the_person_whose_row_was_copied_over_is_reported_by_name(tmp_path: Path) -> None:
    path = dated(tmp_path)
    with excel(path, "By signer") as worksheet:
        worksheet["A3"], worksheet["B3"] = worksheet["A2"].value, worksheet["B2"].value
    (problem,) = read(path).problems
    assert str(problem.place) == "register.xlsx, By signer!3"
    assert problem.hint.endswith("then delete this row. Enter the dates of Bo Berg again.")


def test_a_completely_copied_register_row_that_is_then_moved_is_a_duplicate(tmp_path: Path) -> None:
    path = dated(tmp_path)
    with excel(path) as worksheet:
        for cell in worksheet[2]:
            worksheet.cell(8, int(cell.column or 0)).value = cell.value
        worksheet.tables["Letters"].ref = "A1:N8"
    run(path, letters(state="edited"))
    shift(path, [1, 0])
    assert printed_ids(path) == {*SIX} - {SIX[1]}
    duplicate_text = (
        "register.xlsx, Register!8: Row 3 already has this ID. This row is not updated."
    )
    copy_text = "Enter what only this row has in row 3, then delete this row."
    assert [str(p) for p in read(path).problems] == [f"{duplicate_text} {copy_text}"]
    assert {row.state for row in read(path).rows.values()} == {"edited"}
    assert not run(path, letters(state="edited")).reverted_edits
    assert len(table(path)) == 7
