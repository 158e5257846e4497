"""The register's tables where staff have them now: columns, rows, the room around them.

A table is found by the name of its Excel table; if staff turned that into plain cells, by the name
of its sheet. Headings are known by their words, wherever the columns were moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from merge import messages
from merge.errors import DataError
from merge.excel.reader import Cell, ExcelFile, MergedRange, Row, Sheet
from merge.excel.sheet_values import column_number
from merge.excel.workbook_parts import WorkbookParts, read_relationships
from merge.excel.xml_events import Attributes, parse_events
from merge.ooxml import SPREADSHEETML
from merge.ooxml.container import Archive
from merge.ooxml.relationships import relationships_part
from merge.problems import Place
from merge.register.layouts import RECORD_COLUMN, STAGES, TableLayout
from merge.register.realigning import realigned_records
from merge.register.rows import RegisterRow, RowReader
from merge.register.tables import RegisterTable, TableArea
from merge.text.folding import folded
from merge.workbook.table import is_blank_cell

_ID = "ID"
_HEADING_SEARCH_ROWS = 100
"""Rows at the top of a sheet among which its headings are."""

_NO_ROW = Row(0, hidden=False, cells=())
_LAST_COLUMN = 2_000
"""Of those that merge.excel.reader reads."""


def find_table(
    book: ExcelFile, layout: TableLayout, areas: Mapping[str, TableArea]
) -> RegisterTable | None:
    """Return the table; None where neither it nor its sheet is there.

    DataError where its headings cannot be found, or one is missing that the rows are read by.
    """
    area = areas.get(layout.table)
    name = area.sheet if area else layout.sheet
    if name not in {sheet.name for sheet in book.sheets}:
        return None
    sheet = book.sheet(name)
    headings = _heading_row(sheet, layout, area)
    columns = _column_numbers(headings, layout)
    if missing := list(_missing_headings(columns)):
        place = Place(book.file, name, 0, headings.number if columns else 0)
        raise DataError(
            messages.problem("register-heading", place, heading=heading) for heading in missing
        )
    return _read_register_table(
        book, layout, area or _table_under_headings(sheet, headings, areas), sheet, headings
    )


def _heading_row(sheet: Sheet, layout: TableLayout, area: TableArea | None) -> Row:
    """Return the row of the headings: the table's first, else the one with most of their words."""
    if not area:
        return max(
            sheet.rows[:_HEADING_SEARCH_ROWS],
            key=lambda r: len(_column_numbers(r, layout)),
            default=_NO_ROW,
        )
    top = next((row for row in sheet.rows if row.number == area.top), _NO_ROW)
    return replace(top, cells=tuple(c for c in top.cells if area.has_column(c.column)))


def _table_under_headings(
    sheet: Sheet, headings: Row, areas: Mapping[str, TableArea]
) -> TableArea | None:
    """Return the Excel table that the headings are of, whatever its name; None for plain cells."""
    first = headings.cells[0].column
    alike = (a for a in areas.values() if a.sheet == sheet.name and a.top == headings.number)
    return next((a for a in alike if a.has_column(first)), None)


def _column_numbers(headings: Row, layout: TableLayout) -> dict[str, int]:
    """Return the columns of the layout that are there, by heading; the first of two alike."""
    wanted = {folded(column.heading): column.heading for column in layout.columns}
    found: dict[str, int] = {}
    for cell in headings.cells:
        if heading := wanted.get(folded(str(cell.value))):
            found.setdefault(heading, cell.column)
    return found


def _missing_headings(columns: Mapping[str, int]) -> Iterator[str]:
    """Yield the headings without which nobody can tell which letters are on paper."""
    yield from (stage for stage in STAGES if stage not in columns)
    if not {_ID, RECORD_COLUMN.heading} & set(columns):
        yield _ID


def _read_register_table(
    book: ExcelFile, layout: TableLayout, area: TableArea | None, sheet: Sheet, headings: Row
) -> RegisterTable:
    columns = _column_numbers(headings, layout)
    left = area.left if area else headings.cells[0].column
    right = area.right if area else headings.cells[-1].column
    rows = [r for r in sheet.rows if any(left <= c.column <= right for c in r.cells)]
    bottom = area.bottom if area else rows[-1].number
    end = bottom - (area.totals_count if area else 0)
    used = [r for r in rows if headings.number < r.number <= end]
    shown = _merged_cells(used, sheet.merged, [columns[stage] for stage in STAGES])
    reader = RowReader(layout, columns, shown, book.date1904)
    return RegisterTable(
        layout=layout,
        file=book.file,
        sheet=sheet.name,
        date1904=book.date1904,
        area=area,
        top=headings.number,
        left=left,
        right=right,
        last_row=used[-1].number if used else headings.number,
        obstacle_below=_first_obstacle_below(sheet, bottom, left, right),
        free_columns=_free_columns_right(sheet, headings.number, bottom, right),
        columns=columns,
        merged_ranges=sheet.merged,
        rows=_read_rows(used, reader),
    )


def _read_rows(rows: Sequence[Row], reader: RowReader) -> tuple[RegisterRow, ...]:
    lines = tuple(map(reader.read, rows))
    records = realigned_records(lines, reader.layout)
    if not records:
        return lines
    again = reader.read_realigned
    return tuple(
        again(row, line, records[line.number]) if line.number in records else line
        for row, line in zip(rows, lines, strict=True)
    )


def _merged_cells(
    rows: Sequence[Row], merged: Iterable[MergedRange], columns: Iterable[int]
) -> dict[int, dict[int, Cell]]:
    """Return what merged cells show in these columns, by row and column: what the first holds."""
    there = {row.number: row for row in rows}
    shown: dict[int, dict[int, Cell]] = {}
    for area in merged:
        inside = [n for n in columns if area.column <= n <= area.last_column]
        if not inside or area.row not in there:
            continue
        first = next((c for c in there[area.row].cells if c.column == area.column), None)
        if first and not is_blank_cell(first):
            for number in range(area.row, min(area.last_row, rows[-1].number) + 1):
                shown.setdefault(number, {}).update(dict.fromkeys(inside, first))
    return shown


def _first_obstacle_below(sheet: Sheet, bottom: int, left: int, right: int) -> MergedRange | None:
    """Return what lies below a row in these columns, or reaches there, and begins first."""
    below = (c for r in sheet.rows if r.number > bottom for c in r.cells)
    cell = next((c for c in below if left <= c.column <= right), None)
    inside = (r for r in sheet.merged if r.column <= right and r.last_column >= left)
    merged = min((r for r in inside if r.last_row > bottom), key=lambda r: r.row, default=None)
    if merged and not (cell and cell.row <= merged.row):
        return merged
    return MergedRange(cell.row, cell.column, cell.row, cell.column) if cell else None


def _free_columns_right(sheet: Sheet, top: int, bottom: int, right: int) -> int:
    """Return how many columns right of one have nothing in these rows."""
    rows = (r for r in sheet.rows if top <= r.number <= bottom)
    filled = (c.column for r in rows for c in r.cells if c.column > right)
    merged = (r.last_column for r in sheet.merged if r.last_column > right)
    return min((*filled, *merged), default=_LAST_COLUMN) - right - 1


# The Excel tables of a workbook: which sheet each is on, and where (ECMA-376 part 1, 18.5.1).


_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6}):([A-Z]{1,3})([1-9][0-9]{0,6})")


def find_table_areas(archive: Archive, contents: WorkbookParts) -> dict[str, TableArea]:
    """Return every table of the workbook by its name."""
    found = (
        _table_area(archive, part, sheet.name)
        for sheet in contents.sheets
        for part in _table_parts(archive, sheet.part)
    )
    return {area.name: area for area in found if area}


def _table_parts(archive: Archive, sheet: str) -> Iterator[str]:
    if relationships_part(sheet) in archive:
        for relation in read_relationships(archive, sheet).values():
            if relation.short_kind == "table":
                yield relation.path_from(sheet)


def _table_area(archive: Archive, part: str, sheet: str) -> TableArea | None:
    """None where the table's range is none, or it shows no headings."""
    tables: list[Attributes] = []
    parse_events(archive.chunks(part), SPREADSHEETML, {"table": tables.append}, {})
    table = tables[0]
    ends = _RANGE.fullmatch(table.get("ref", ""))
    if not ends or table.get("headerRowCount") == "0":
        return None
    return TableArea(
        name=table.get("displayName", ""),
        sheet=sheet,
        left=column_number(ends[1]),
        top=int(ends[2]),
        right=column_number(ends[3]),
        bottom=int(ends[4]),
        totals_count=int(table.get("totalsRowCount", "0")),
    )
