"""The value of a register cell: a date, a text, or what the program wrote."""

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
"""Serial numbers of dates from 2000 to 2099.

They show that a number is a date which lost its format.
"""

_UNCALCULATED_TEXT = "a formula"
"""The text for a formula whose result no program has calculated yet."""


def cell_text(cell: Cell | None, *, date1904: bool) -> str:
    """Return a cell's text as Excel shows it; empty if the cell is blank."""
    if cell is None or cell.value is None:
        return _UNCALCULATED_TEXT if cell else ""
    try:
        return displayed_text(cell.value, cell.number_format, date1904=date1904).strip()
    except UnsupportedFormatError:
        return str(cell.value)


def cell_date(cell: Cell | None, *, date1904: bool) -> dt.date | None:
    """Return the date in a cell, or None if the cell does not contain a date."""
    if cell is None or isinstance(cell.value, (str, bool)) or cell.value is None:
        return None
    try:
        value = typed_value(cell.value, cell.number_format, date1904=date1904)
    except UnsupportedFormatError:
        value = cell.value
    serial = value + DAYS_TO_1904 * date1904 if isinstance(value, int) else 0
    if serial in _DAY_SERIALS:
        value = typed_value(cell.value, DAY_FORMAT, date1904=date1904)
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else None


def stage_value(cell: Cell | None, *, date1904: bool) -> StageValue | None:
    """Return what staff entered for a stage: a date, otherwise a text.

    None if it is blank, or means no in any of the workbook's languages.
    """
    if is_blank_cell(cell):
        return None
    value = cell_date(cell, date1904=date1904) or cell_text(cell, date1904=date1904)
    return (
        None
        if isinstance(value, str) and (says_no(value) or value.lower() in _NOT_YET_WORDS)
        else value
    )


_NOT_YET_WORDS = {"-", "–", "—", "n/a", "n.a.", "na"}


def holds_value(cell: Cell | None, value: WrittenValue, *, date1904: bool) -> bool:
    """Return whether a cell still has the value that the program wrote.

    The format of the cell does not matter.
    """
    if value is None or value == "":
        return is_blank_cell(cell)
    if cell is None:
        return False
    if isinstance(value, dt.date):
        return cell_date(cell, date1904=date1904) == value
    return cell.value == value and not isinstance(cell.value, bool)


def links_to(cell: Cell | None, path: str) -> bool:
    """Return whether the cell links to a path.

    The link is a formula whose value only Excel calculates.
    """
    if cell is not None and cell.fault == "no-value":
        return bool(path)
    return is_blank_cell(cell) if not path else cell is not None and cell.value == path


def cell_value(cell: Cell | None, kind: ColumnKind, *, date1904: bool) -> WrittenValue:
    """Return a register cell's value if the program has no record of the row."""
    if kind == "date":
        return cell_date(cell, date1904=date1904)
    if kind == "count":
        return cell.value if cell and isinstance(cell.value, int) else None
    is_uncalculated = cell is not None and cell.fault == "no-value"
    return "" if is_uncalculated else cell_text(cell, date1904=date1904)
