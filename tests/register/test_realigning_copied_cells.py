"""Register rows copied over others without their hidden cell: duplicates."""

from __future__ import annotations

from pathlib import Path

from support.registers import (
    MEMORY,
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
