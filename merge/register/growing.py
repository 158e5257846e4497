"""A table of the register made longer or wider, with all that staff let go with its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.table import Table, TableColumn
from openpyxl.worksheet.worksheet import Worksheet

from merge.register.dress import cell_at, dress_heading
from merge.register.found import Found
from merge.register.layout import MEMORY, Column
from merge.register.tables import Area


def widen(sheet: Worksheet, found: Found, columns: Sequence[Column]) -> dict[str, int]:
    """Put columns right of the table; their numbers by heading."""
    numbers = {c.heading: number for number, c in enumerate(columns, found.right + 1)}
    table = _table(sheet, found)
    for column in columns:
        number = numbers[column.heading]
        dress_heading(cell_at(sheet, found.top, number), column)
        if not _is_grouped(sheet, number):
            dimension = sheet.column_dimensions[get_column_letter(number)]
            dimension.width, dimension.hidden = column.width, column.hidden
        if table:
            most = max(int(c.id or 0) for c in table.tableColumns)
            table.tableColumns.append(TableColumn(id=most + 1, name=column.heading))
    if table and columns:
        _resize(table, right=len(columns))
    return numbers


def _is_grouped(sheet: Worksheet, number: int) -> bool:
    """Whether the sheet says of many columns at once how they look, and this is one of them."""
    dimensions = sheet.column_dimensions.values()
    groups = ((d.min, d.max) for d in dimensions if d.min and d.max and d.max > d.min)
    return any(first <= number <= last for first, last in groups)


def grow(sheet: Worksheet, found: Found, rows: int) -> None:
    """Make room for rows below the table's last one that is used.

    Filter, checks and colours that reach down to the table's end reach down to its new one; a row
    of totals moves down; number formats and formulas of the staff's columns go on.
    """
    area, table = found.area, _table(sheet, found)
    bottom = area.bottom - area.totals if area else found.last
    more = found.last + rows - bottom
    if more > 0:
        _stretch(sheet, found, bottom, more)
        if area and table:
            _lower_totals(sheet, area, more)
            _resize(table, down=more)
    if table:
        table.insertRow = None  # the empty row that Excel shows in a table without rows
    new = range(found.last + 1, found.last + rows + 1)
    _continue_formats(sheet, found, new)
    for number, formula in _formulas(table, found):
        for row in new:
            sheet.cell(row, number, formula)


def _lower_totals(sheet: Worksheet, area: Area, more: int) -> None:
    if area.totals:
        first = area.bottom - area.totals + 1
        totals = CellRange(None, area.left, first, area.right, area.bottom)
        sheet.move_range(totals, rows=more)


def _continue_formats(sheet: Worksheet, found: Found, new: range) -> None:
    """Give new cells of the staff's columns the number formats of the last row."""
    ours = {found.columns.get(c.heading) for c in (*found.layout.filled, MEMORY)}
    for number in set(range(found.left, found.right + 1)) - ours:
        above = sheet.cell(found.last, number).number_format
        for row in new if above != "General" and found.last > found.top else ():
            sheet.cell(row, number).number_format = above


def _formulas(table: Table | None, found: Found) -> Iterator[tuple[int, str]]:
    """The columns whose cells Excel fills with a formula, by number (18.5.1.1)."""
    for number, column in enumerate(table.tableColumns if table else (), found.left):
        formula = column.calculatedColumnFormula
        if formula and formula.attr_text and not formula.array:
            yield number, f"={formula.attr_text}"


def _stretch(sheet: Worksheet, found: Found, bottom: int, more: int) -> None:
    """Stretch what reaches down to a row."""
    for cells in _ranges(sheet):
        left, top, _, last = cells.bounds
        if left <= found.right and top > found.top and last == bottom:
            cells.expand(down=more)
    plain = CellRange(sheet.auto_filter.ref) if sheet.auto_filter.ref else None
    if plain and plain.max_row == bottom:
        plain.expand(down=more)
        sheet.auto_filter.ref = plain.coord


def _ranges(sheet: Worksheet) -> Iterator[CellRange]:
    """The ranges of the sheet's conditional formats and of its checks."""
    for colours in sheet.conditional_formatting:
        yield from colours.sqref.ranges
    for check in sheet.data_validations.dataValidation:
        yield from check.sqref.ranges


def _table(sheet: Worksheet, found: Found) -> Table | None:
    if not found.area:
        return None
    tables: Iterable[Table] = sheet.tables.values()
    return next(t for t in tables if t.displayName == found.area.name)


def _resize(table: Table, right: int = 0, down: int = 0) -> None:
    """Stretch a table, and its filter, which leaves the totals out."""
    cells = CellRange(table.ref)
    cells.expand(right=right, down=down)
    table.ref = cells.coord
    if table.autoFilter is not None:
        cells.shrink(bottom=table.totalsRowCount or 0)
        table.autoFilter.ref = cells.coord
