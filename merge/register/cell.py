"""A cell of the register as staff left it: a day, a text, what the program wrote or another."""

from __future__ import annotations

import datetime as dt

from merge.excel.display import shown, typed_value
from merge.excel.format_codes import UnsupportedFormat
from merge.excel.reader import Cell
from merge.register.layout import DAY, Kind
from merge.register.memory import Value
from merge.register.records import Stage
from merge.workbook.table import looks_blank

_DAYS = range(36526, 73051)
"""Serial numbers of the years 2000 to 2099: a day whose format got lost."""

_DAYS_TO_1904 = 1462
_WORKED_OUT_LATER = "a formula"
"""What stands for a formula whose result no program has worked out yet."""


def is_blank(cell: Cell | None) -> bool:
    """Nothing of the cell can be seen."""
    if cell is None:
        return True
    return isinstance(cell.value, str) and not cell.fault and looks_blank(cell.value)


def text_of(cell: Cell | None, *, date1904: bool) -> str:
    """The cell as Excel shows it; empty where it is blank."""
    if cell is None or cell.value is None:
        return _WORKED_OUT_LATER if cell else ""
    try:
        return shown(cell.value, cell.number_format, date1904=date1904).strip()
    except UnsupportedFormat:
        return str(cell.value)


def day_of(cell: Cell | None, *, date1904: bool) -> dt.date | None:
    """The cell's day; None where it holds no date."""
    if cell is None or isinstance(cell.value, (str, bool)) or cell.value is None:
        return None
    try:
        found = typed_value(cell.value, cell.number_format, date1904=date1904)
    except UnsupportedFormat:
        found = cell.value
    serial = found + _DAYS_TO_1904 * date1904 if isinstance(found, int) else 0
    if serial in _DAYS:
        found = typed_value(cell.value, DAY, date1904=date1904)
    if isinstance(found, dt.datetime):
        return found.date()
    return found if isinstance(found, dt.date) else None


def stage_of(cell: Cell | None, *, date1904: bool) -> Stage | None:
    """What stands in a stage's cell: a day, else its text; None where it is blank."""
    if is_blank(cell):
        return None
    return day_of(cell, date1904=date1904) or text_of(cell, date1904=date1904)


def holds(cell: Cell | None, value: Value, *, date1904: bool) -> bool:
    """Whether the cell holds a value that the program wrote; no matter how it is formatted."""
    if value is None or value == "":
        return is_blank(cell)
    if cell is None:
        return False
    if isinstance(value, dt.date):
        return day_of(cell, date1904=date1904) == value
    return cell.value == value and not isinstance(cell.value, bool)


def links(cell: Cell | None, path: str) -> bool:
    """Whether the cell links to a path: a formula, whose value only Excel works out."""
    if cell is not None and cell.fault == "no-value":
        return bool(path)
    return is_blank(cell) if not path else cell is not None and cell.value == path


def value_of(cell: Cell | None, kind: Kind, *, date1904: bool) -> Value:
    """What the cell holds, where the program has no record of what it wrote."""
    if kind == "date":
        return day_of(cell, date1904=date1904)
    if kind == "count":
        return cell.value if cell and isinstance(cell.value, int) else None
    fresh = cell is not None and cell.fault == "no-value"
    return "" if fresh else text_of(cell, date1904=date1904)
