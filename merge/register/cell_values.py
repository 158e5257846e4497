"""What a cell of the register says: a day, a text, what the program wrote or another value."""

from __future__ import annotations

import datetime as dt

from merge.excel.display import displayed_text, typed_value
from merge.excel.format_codes import DAYS_TO_1904, UnsupportedFormatError
from merge.excel.reader import Cell
from merge.register.entries import StageValue
from merge.register.layouts import DAY_FORMAT, ColumnKind
from merge.register.records import WrittenValue
from merge.workbook.table import is_blank_cell
from merge.workbook.translated_words import says_no

_DAY_SERIALS = range(36526, 73051)
"""Serial numbers of the years 2000 to 2099: a day whose format got lost."""

_UNCALCULATED_TEXT = "a formula"
"""What stands for a formula whose result no program has worked out yet."""


def text_of(cell: Cell | None, *, date1904: bool) -> str:
    """Return the cell as Excel shows it; empty where it is blank."""
    if cell is None or cell.value is None:
        return _UNCALCULATED_TEXT if cell else ""
    try:
        return displayed_text(cell.value, cell.number_format, date1904=date1904).strip()
    except UnsupportedFormatError:
        return str(cell.value)


def day_of(cell: Cell | None, *, date1904: bool) -> dt.date | None:
    """Return the cell's day; None where it holds no date."""
    if cell is None or isinstance(cell.value, (str, bool)) or cell.value is None:
        return None
    try:
        found = typed_value(cell.value, cell.number_format, date1904=date1904)
    except UnsupportedFormatError:
        found = cell.value
    serial = found + DAYS_TO_1904 * date1904 if isinstance(found, int) else 0
    if serial in _DAY_SERIALS:
        found = typed_value(cell.value, DAY_FORMAT, date1904=date1904)
    if isinstance(found, dt.datetime):
        return found.date()
    return found if isinstance(found, dt.date) else None


def stage_of(cell: Cell | None, *, date1904: bool) -> StageValue | None:
    """Return what stands in a stage's cell: a day, else its text; None where it is blank.

    So where it says no, in any of the languages of the workbook.
    """
    if is_blank_cell(cell):
        return None
    said = day_of(cell, date1904=date1904) or text_of(cell, date1904=date1904)
    return (
        None
        if isinstance(said, str) and (says_no(said) or said.lower() in _NOT_YET_WORDS)
        else said
    )


_NOT_YET_WORDS = {"-", "–", "—", "n/a", "n.a.", "na"}


def holds_value(cell: Cell | None, value: WrittenValue, *, date1904: bool) -> bool:
    """Return whether the cell holds a value that the program wrote, however it is formatted."""
    if value is None or value == "":
        return is_blank_cell(cell)
    if cell is None:
        return False
    if isinstance(value, dt.date):
        return day_of(cell, date1904=date1904) == value
    return cell.value == value and not isinstance(cell.value, bool)


def links_to(cell: Cell | None, path: str) -> bool:
    """Return whether the cell links to a path: a formula, whose value only Excel works out."""
    if cell is not None and cell.fault == "no-value":
        return bool(path)
    return is_blank_cell(cell) if not path else cell is not None and cell.value == path


def value_of(cell: Cell | None, kind: ColumnKind, *, date1904: bool) -> WrittenValue:
    """Return what the cell holds, where the program has no record of what it wrote."""
    if kind == "date":
        return day_of(cell, date1904=date1904)
    if kind == "count":
        return cell.value if cell and isinstance(cell.value, int) else None
    fresh = cell is not None and cell.fault == "no-value"
    return "" if fresh else text_of(cell, date1904=date1904)
