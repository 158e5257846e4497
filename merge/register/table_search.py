"""Search for the register's tables: their columns, rows and free space.

A table is found by the name of its Excel table. If staff converted that to plain cells, it is found
by the name of its sheet. Columns are recognised by their headings, wherever they were moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from merge import messages
from merge.errors import DataError
from merge.excel.reader import Cell, ExcelFile, MergedRange, Sheet, SheetRow
from merge.excel.sheet_values import column_number
from merge.excel.workbook_parts import WorkbookParts, read_relationships
from merge.excel.xml_events import Attributes, parse_events
from merge.ooxml import SPREADSHEETML
from merge.ooxml.container import ZipArchive
from merge.ooxml.relationships import relationships_part
from merge.problems import Place
from merge.register.layouts import RECORD_COLUMN, STAGES, TableLayout
from merge.register.records import RowRecord
from merge.register.rows import RegisterRow, RowReader
from merge.register.tables import RegisterTable, TableArea
from merge.text.folding import folded
from merge.workbook.table import is_blank_cell

_ID = "ID"
_HEADING_SEARCH_ROWS = 100
"""Rows at the top of a sheet that are searched for headings."""

_NO_ROW = SheetRow(0, hidden=False, cells=())
_LAST_COLUMN = 2_000
"""The last column that merge.excel.reader reads."""


def find_table(
    book: ExcelFile, layout: TableLayout, areas: Mapping[str, TableArea]
) -> RegisterTable | None:
    """Return a table of the register, or None if it and its sheet are missing.

    Raise DataError if its headings cannot be found, or one that is needed to read the rows is
    missing.
    """
    area = areas.get(layout.table)
    name = area.sheet if area else layout.sheet
    if name not in {sheet.name for sheet in book.sheets}:
        return None
    sheet = book.sheet(name)
    headings = _heading_row(sheet, layout, area)
    columns = _column_numbers(headings, layout)
    if not columns:
        row = area.top if area else 1
        place = Place(book.file, name)
        raise DataError(messages.problem("register-heading/none", place, row=row))
    if missing_headings := list(_missing_headings(columns)):
        place = Place(book.file, name, 0, headings.number)
        raise DataError(
            messages.problem("register-heading", place, heading=heading)
            for heading in missing_headings
        )
    return _read_register_table(
        book, layout, area or _table_under_headings(sheet, headings, areas), sheet, headings
    )


def _heading_row(sheet: Sheet, layout: TableLayout, area: TableArea | None) -> SheetRow:
    """Return the heading row: the table's first, otherwise the best match.

    The best match has the most headings of the layout.
    """
    if not area:
        return max(
            sheet.rows[:_HEADING_SEARCH_ROWS],
            key=lambda r: len(_column_numbers(r, layout)),
            default=_NO_ROW,
        )
    heading_row = next((row for row in sheet.rows if row.number == area.top), _NO_ROW)
    return replace(
        heading_row, cells=tuple(c for c in heading_row.cells if area.has_column(c.column))
    )


def _table_under_headings(
    sheet: Sheet, headings: SheetRow, areas: Mapping[str, TableArea]
) -> TableArea | None:
    """Return the Excel table with these headings, whatever its name.

    None if they are plain cells.
    """
    first_column = headings.cells[0].column
    areas_at_row = (a for a in areas.values() if a.sheet == sheet.name and a.top == headings.number)
    return next((a for a in areas_at_row if a.has_column(first_column)), None)


def _column_numbers(headings: SheetRow, layout: TableLayout) -> dict[str, int]:
    """Return the columns of the layout, by heading; the first of duplicates."""
    number_by_words: dict[str, int] = {}
    for cell in headings.cells:
        number_by_words.setdefault(folded(str(cell.value)), cell.column)
    numbers = ((c.heading, number_by_words.get(folded(c.heading))) for c in layout.columns)
    return {heading: number for heading, number in numbers if number}


def _missing_headings(columns: Mapping[str, int]) -> Iterator[str]:
    """Yield the missing headings without which printed letters are unknown."""
    yield from (stage for stage in STAGES if stage not in columns)
    if not {_ID, RECORD_COLUMN.heading} & set(columns):
        yield _ID


def _read_register_table(
    book: ExcelFile, layout: TableLayout, area: TableArea | None, sheet: Sheet, headings: SheetRow
) -> RegisterTable:
    columns = _column_numbers(headings, layout)
    left = area.left if area else headings.cells[0].column
    right = area.right if area else headings.cells[-1].column
    rows = [r for r in sheet.rows if any(left <= c.column <= right for c in r.cells)]
    bottom = area.bottom if area else rows[-1].number
    last_data_row = bottom - (area.totals_count if area else 0)
    data_rows = [r for r in rows if headings.number < r.number <= last_data_row]
    merged_cells = _merged_cells(data_rows, sheet.merged, [columns[stage] for stage in STAGES])
    reader = RowReader(layout, columns, merged_cells, book.date1904)
    return RegisterTable(
        layout=layout,
        file=book.file,
        sheet=sheet.name,
        date1904=book.date1904,
        area=area,
        top=headings.number,
        left=left,
        right=right,
        last_row=data_rows[-1].number if data_rows else headings.number,
        obstacle_below=_first_obstacle_below(sheet, bottom, left, right),
        free_columns=_free_columns_right(sheet, headings.number, bottom, right),
        columns=columns,
        merged_ranges=sheet.merged,
        rows=_read_rows(data_rows, reader),
    )


def _read_rows(rows: Sequence[SheetRow], reader: RowReader) -> tuple[RegisterRow, ...]:
    register_rows = [reader.read(row) for row in rows]
    records = _moved_records(register_rows, reader.layout)
    return tuple(
        reader.read(row, records[row.number]) if row.number in records else register_row
        for row, register_row in zip(rows, register_rows, strict=True)
    )


def _moved_records(rows: Sequence[RegisterRow], layout: TableLayout) -> dict[int, RowRecord]:
    """Return the records of cells that were moved without the hidden ones.

    Staff copy the visible cells elsewhere, sort them and paste them back. So the ID and names in
    such a row, whose number is the key, are those of another row's record.
    """
    headings = [column.heading for column in layout.program_columns[: layout.name_count + 1]]
    moved_rows = [row for row in rows if _ID in row.differing_cells]
    recorded = {
        tuple(str(value or "") for value in row.record.values[: len(headings)]): row.record
        for row in (reversed(rows) if moved_rows else ())
        if row.has_record
    }
    shown = {
        row.number: tuple(
            row.differing_cells.get(heading, str(value or ""))
            for heading, value in zip(headings, row.record.values, strict=False)
        )
        for row in moved_rows
        if row.has_record
    }
    return {number: recorded[cells] for number, cells in shown.items() if cells in recorded}


def _merged_cells(
    rows: Sequence[SheetRow], merged: Iterable[MergedRange], columns: Iterable[int]
) -> dict[int, dict[int, Cell]]:
    """Return the cells that are visible through merging, by row and column.

    A merged range shows the contents of its first cell.
    """
    row_by_number = {row.number: row for row in rows}
    merged_cells: dict[int, dict[int, Cell]] = {}
    for area in merged:
        columns_inside = [n for n in columns if area.column <= n <= area.last_column]
        if not columns_inside or area.row not in row_by_number:
            continue
        first_cell = next(
            (c for c in row_by_number[area.row].cells if c.column == area.column), None
        )
        if first_cell and not is_blank_cell(first_cell):
            for number in range(area.row, min(area.last_row, rows[-1].number) + 1):
                merged_cells.setdefault(number, {}).update(
                    dict.fromkeys(columns_inside, first_cell)
                )
    return merged_cells


def _first_obstacle_below(sheet: Sheet, bottom: int, left: int, right: int) -> MergedRange | None:
    """Return the first cell or merged range below a row in these columns.

    A merged range may begin above the row.
    """
    cells_below = (c for r in sheet.rows if r.number > bottom for c in r.cells)
    cell = next((c for c in cells_below if left <= c.column <= right), None)
    ranges_inside = (r for r in sheet.merged if r.column <= right and r.last_column >= left)
    first_range = min(
        (r for r in ranges_inside if r.last_row > bottom), key=lambda r: r.row, default=None
    )
    if first_range and not (cell and cell.row <= first_range.row):
        return first_range
    return MergedRange(cell.row, cell.column, cell.row, cell.column) if cell else None


def _free_columns_right(sheet: Sheet, top: int, bottom: int, right: int) -> int:
    """Return the number of empty columns right of a table in these rows."""
    rows = (r for r in sheet.rows if top <= r.number <= bottom)
    filled_columns = (c.column for r in rows for c in r.cells if c.column > right)
    merged_columns = (r.last_column for r in sheet.merged if r.last_column > right)
    return min((*filled_columns, *merged_columns), default=_LAST_COLUMN) - right - 1


# The Excel tables of a workbook: their sheets and ranges (ECMA-376 part 1, 18.5.1).


_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6}):([A-Z]{1,3})([1-9][0-9]{0,6})")


def find_table_areas(archive: ZipArchive, contents: WorkbookParts) -> dict[str, TableArea]:
    """Return the areas of all Excel tables in a workbook, by table name."""
    areas = (
        _table_area(archive, part, sheet.name)
        for sheet in contents.sheets
        for part in _table_parts(archive, sheet.part)
    )
    return {area.name: area for area in areas if area}


def _table_parts(archive: ZipArchive, sheet: str) -> Iterator[str]:
    if relationships_part(sheet) in archive:
        for relation in read_relationships(archive, sheet).values():
            if relation.short_kind == "table":
                yield relation.path_from(sheet)


def _table_area(archive: ZipArchive, part: str, sheet: str) -> TableArea | None:
    """Return an Excel table's area, or None if the range or headings are bad."""
    tables: list[Attributes] = []
    parse_events(archive.chunks(part), SPREADSHEETML, {"table": tables.append}, {})
    table = tables[0]
    match = _RANGE.fullmatch(table.get("ref", ""))
    if not match or table.get("headerRowCount") == "0":
        return None
    return TableArea(
        name=table.get("displayName", ""),
        sheet=sheet,
        left=column_number(match[1]),
        top=int(match[2]),
        right=column_number(match[3]),
        bottom=int(match[4]),
        totals_count=int(table.get("totalsRowCount", "0")),
    )
