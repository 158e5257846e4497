"""Whether everything that stood in a workbook stands in the one that shall replace it.

openpyxl has faults, and there are workbooks that it takes for empty (Strict Open XML): nothing is
replaced before it was read again.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from merge.model import MergeError, column_letter
from merge.register.saving import NotSaved, too_long
from merge.sheet.book import Book, read_book
from merge.sheet.grid import Row, Scalar

Touched = Collection[tuple[str, int, int]]
"""Cells, by sheet, row and column, that were to be changed."""


def check_carried(old: Book, draft: Path, touched: Touched) -> None:
    """NotSaved where a sheet is gone, or a cell that was not to be touched holds another value.

    Of a formula only that it is there still: its result is worked out by Excel.
    """
    try:
        new = read_book(draft)
        if not set(old.sheets) <= set(new.sheets) or old.date1904 != new.date1904:
            raise _not_carried("a sheet would be lost")
        for sheet in old.sheets:
            after = {row.number: row for row in new.sheet(sheet.name).rows}
            for row in old.sheet(sheet.name).rows:
                _check_row(sheet.name, row, after.get(row.number), touched)
    except MergeError as error:
        problem = error.problems[0]
        if problem.code == "workbook-too-large":
            raise too_long() from error
        raise _not_carried(problem.what) from error


def _check_row(sheet: str, before: Row, after: Row | None, touched: Touched) -> None:
    there = {cell.column: cell for cell in after.cells} if after else {}
    for cell in before.cells:
        found = there.get(cell.column)
        same = found and (found.fault == "no-value" or _same(found.value, cell.value))
        if not same and (sheet, cell.row, cell.column) not in touched:
            name = f"{column_letter(cell.column)}{cell.row}"
            raise _not_carried(f"{sheet}!{name} would be lost")


def _same(one: Scalar, other: Scalar) -> bool:
    """openpyxl writes numbers with 16 digits, Excel shows 15 of them at most."""
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-15)
    return one == other


@contextmanager
def carried() -> Iterator[None]:
    """openpyxl at work: whatever it makes of a workbook that it does not understand is told."""
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        raise _not_carried(str(error) or type(error).__name__) from error


def _not_carried(why: str) -> NotSaved:
    """openpyxl cannot write into this workbook without harm."""
    what = f"the program cannot write into this workbook without harm ({why})."
    hint = "Open it in Excel, save it as an Excel workbook (.xlsx), not Strict, and run again."
    return NotSaved("register-not-carried", what, hint)
