"""Check that a rewritten workbook has everything that the old one had.

openpyxl has faults, and takes some workbooks for empty (Strict Open XML). So nothing is replaced
before it was read again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

from merge import messages
from merge.errors import FaultError, MergeError
from merge.excel.format_codes import CellValue
from merge.excel.reader import ExcelFile, Row, Sheet, read_excel_file
from merge.problems import column_letter

CellAddresses = Container[tuple[str, int, int]]
"""Cells, by sheet, row and column, that were to be changed; row and column 0: the whole sheet."""


def check_round_trip(old: ExcelFile, draft: Path, changed_cells: CellAddresses) -> None:
    """FaultError where a sheet is gone, or a cell that was not to be touched holds another value.

    Of a formula only that it is there still: its result is worked out by Excel.
    """
    try:
        new = read_excel_file(draft)
        there = [{(sheet.name, sheet.hidden) for sheet in book.sheets} for book in (old, new)]
        if not there[0] <= there[1] or old.date1904 != new.date1904:
            raise _not_carried_error("a sheet would be lost")
        changed = {
            n
            for n, pair in enumerate(zip_longest(old.shared_strings, new.shared_strings))
            if len({*pair}) > 1
        }
        for sheet in old.sheets:
            if (sheet.name, 0, 0) in changed_cells:
                new.sheet(sheet.name)  # it must be read the next time
            else:
                _check_sheet(
                    sheet.name, _differing_rows(old, new, sheet.name, changed), changed_cells
                )
    except MergeError as error:
        problem = error.problems[0]
        if problem.code == "workbook-too-large":
            raise register_too_long_error() from error
        raise _not_carried_error(problem.what) from error


_ROW_END = b"</row>"
_ROW_WITHOUT_NUMBER = re.compile(rb'<row\b(?![^>]*\br=")')
_NUMBER = re.compile(rb">\s*(\d+)\s*</v>")


def _differing_rows(
    old: ExcelFile, new: ExcelFile, name: str, changed: AbstractSet[int]
) -> tuple[Sheet, Sheet]:
    """Return a sheet of both books without rows that are the same, byte for byte.

    They show the same unless they refer to one of the shared strings that `changed`. Most rows are
    so if cells were changed in place, or rows added at the end; to read them all takes ten times
    as long.
    """
    xml = old.sheet_xml(name), new.sheet_xml(name)
    before, after = (each.split(_ROW_END) for each in xml)
    if len(before) <= len(after) and not (b"<!" in xml[0] or _ROW_WITHOUT_NUMBER.search(xml[0])):
        last = len(before) - 1  # of the new sheet, rows that were added begin there
        kept = [
            n
            for n, piece in enumerate(before[:last])
            if not n or piece != after[n] or _refers_to(piece, changed)
        ]
        xml = (
            _ROW_END.join((*(before[n] for n in kept), before[last])),
            _ROW_END.join((*(after[n] for n in kept), *after[last:])),
        )
    return old.parse_sheet(name, xml[0]), new.parse_sheet(name, xml[1])


def _refers_to(piece: bytes, strings: AbstractSet[int]) -> bool:
    return bool(strings) and any(int(number) in strings for number in _NUMBER.findall(piece))


def _check_sheet(name: str, pair: tuple[Sheet, Sheet], touched: CellAddresses) -> None:
    before, after = pair
    found = {row.number: row for row in after.rows}
    for row in before.rows:
        _check_row(name, row, found.get(row.number), touched)


def _check_row(sheet: str, before: Row, after: Row | None, touched: CellAddresses) -> None:
    there = {cell.column: cell for cell in after.cells} if after else {}
    for cell in before.cells:
        found = there.get(cell.column)
        same = found and (found.fault == "no-value" or _is_same_value(found.value, cell.value))
        if not same and (sheet, cell.row, cell.column) not in touched:
            name = f"{column_letter(cell.column)}{cell.row}"
            raise _not_carried_error(f"{sheet}!{name} would be lost")


def _is_same_value(one: CellValue, other: CellValue) -> bool:
    """openpyxl writes numbers with 16 digits, Excel shows 15 of them at most."""
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-15)
    return one == other


@contextmanager
def openpyxl_errors() -> Iterator[None]:
    """openpyxl at work: whatever it makes of a workbook that it does not understand is told."""
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        raise _not_carried_error("it has contents that the program cannot write") from error


def _not_carried_error(why: str) -> FaultError:
    """openpyxl cannot write into this workbook without harm."""
    return FaultError(messages.fault("register-not-carried", reason=why))


def register_too_long_error() -> FaultError:
    """Return the fault of a register that would pass the caps of merge.excel.reader."""
    return FaultError(messages.fault("register-too-long"))
