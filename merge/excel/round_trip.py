"""Check that a rewritten workbook still has all data of the old one.

openpyxl has bugs, and reads some workbooks as empty (Strict Open XML). So a file is replaced only
after the new one was read again.
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
from merge.excel.reader import ExcelFile, Sheet, SheetRow, read_excel_file
from merge.problems import column_letter

CellAddresses = Container[tuple[str, int, int]]
"""Cells that were to be changed, by sheet, row and column.

Row and column 0 mean the complete sheet.
"""


def check_round_trip(old: ExcelFile, draft: Path, changed_cells: CellAddresses) -> None:
    """Raise FaultError if a rewritten workbook lost a sheet or a value.

    Only `changed_cells` may have other values. A formula must still be there; its result is
    calculated by Excel.
    """
    try:
        new = read_excel_file(draft)
        sheets = [{(sheet.name, sheet.hidden) for sheet in book.sheets} for book in (old, new)]
        if not sheets[0] <= sheets[1] or old.date1904 != new.date1904:
            raise _not_carried_error("a sheet would be lost")
        changed = {
            n
            for n, pair in enumerate(zip_longest(old.shared_strings, new.shared_strings))
            if len({*pair}) > 1
        }
        for sheet in old.sheets:
            if (sheet.name, 0, 0) in changed_cells:
                new.sheet(sheet.name)  # the next run must be able to read it
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
    """Return a sheet of both files, without the rows that are identical.

    Identical rows show the same, except if they refer to one of the `changed` shared strings. If
    cells were changed in place, or rows added at the end, most rows are identical. Reading them all
    takes ten times as long.
    """
    xml = old.sheet_xml(name), new.sheet_xml(name)
    before, after = (sheet_xml.split(_ROW_END) for sheet_xml in xml)
    if len(before) <= len(after) and not (b"<!" in xml[0] or _ROW_WITHOUT_NUMBER.search(xml[0])):
        last = len(before) - 1  # added rows of the new sheet begin here
        differing = [
            n
            for n, piece in enumerate(before[:last])
            if not n or piece != after[n] or _refers_to(piece, changed)
        ]
        xml = (
            _ROW_END.join((*(before[n] for n in differing), before[last])),
            _ROW_END.join((*(after[n] for n in differing), *after[last:])),
        )
    return old.parse_sheet(name, xml[0]), new.parse_sheet(name, xml[1])


def _refers_to(piece: bytes, strings: AbstractSet[int]) -> bool:
    return bool(strings) and any(int(number) in strings for number in _NUMBER.findall(piece))


def _check_sheet(name: str, pair: tuple[Sheet, Sheet], changed_cells: CellAddresses) -> None:
    before, after = pair
    new_rows = {row.number: row for row in after.rows}
    for row in before.rows:
        _check_row(name, row, new_rows.get(row.number), changed_cells)


def _check_row(
    sheet: str, before: SheetRow, after: SheetRow | None, changed_cells: CellAddresses
) -> None:
    new_cells = {cell.column: cell for cell in after.cells} if after else {}
    for cell in before.cells:
        new_cell = new_cells.get(cell.column)
        is_same = new_cell and (
            new_cell.fault == "no-value" or _is_same_value(new_cell.value, cell.value)
        )
        if not is_same and (sheet, cell.row, cell.column) not in changed_cells:
            name = f"{column_letter(cell.column)}{cell.row}"
            raise _not_carried_error(f"{sheet}!{name} would be lost")


def _is_same_value(first: CellValue, second: CellValue) -> bool:
    """Return whether two cell values are equal to Excel.

    openpyxl writes numbers with 16 digits, and Excel shows at most 15.
    """
    if isinstance(first, float) and isinstance(second, (int, float)):
        return math.isclose(first, second, rel_tol=1e-15)
    return first == second


@contextmanager
def openpyxl_errors() -> Iterator[None]:
    """Turn exceptions of openpyxl into a FaultError.

    It raises them for workbooks that it does not understand.
    """
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        raise _not_carried_error("it has contents that the program cannot write") from error


def _not_carried_error(reason: str) -> FaultError:
    """Return the fault of a workbook that openpyxl would damage."""
    return FaultError(messages.fault("register-not-carried", reason=reason))


def register_too_long_error() -> FaultError:
    """Return the fault of a register that exceeds a limit.

    The limits are in merge.excel.reader.
    """
    return FaultError(messages.fault("register-too-long"))
