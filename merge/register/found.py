"""One of the register's tables where staff have it now: its columns, its rows, the room round it.

It is found by the name of its Excel table; where staff turned that into plain cells, by the name
of its sheet. Headings are known by their words, wherever the columns were moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from merge.excel.reader import Book, Cell, Range, Row, Sheet
from merge.model import DataError, Place, Problem
from merge.naming import folded
from merge.register.cell import is_blank
from merge.register.layout import MEMORY, STAGES, Layout
from merge.register.lines import Line, Reader
from merge.register.moved import moved
from merge.register.tables import Area

_ID = "ID"
_TOP = 100
"""Rows at the top of a sheet among which its headings are."""

_NO_ROW = Row(0, hidden=False, cells=())
_LAST_COLUMN = 2_000
"""Of those that merge.sheet reads."""


@dataclass(frozen=True)
class Found:
    """A table on its sheet. Rows and columns are counted from 1.

    `area` is None where it is plain cells. `last` is its last row with anything in it, `below` what
    comes first, in its columns, that lies below it and its totals or reaches there: a cell with
    anything in it or merged cells; `free` is how many columns right of it are empty. `columns` are
    those of the layout that are there.
    """

    layout: Layout
    file: str
    sheet: str
    date1904: bool
    area: Area | None
    top: int
    left: int
    right: int
    last: int
    below: Range | None
    free: int
    columns: Mapping[str, int]
    merged: tuple[Range, ...]
    lines: tuple[Line, ...]

    def place(self, row: int = 0, heading: str = "") -> Place:
        """The place of a row, of a column, or of the cell where they meet."""
        return Place(self.file, self.sheet, self.columns.get(heading, 0), row)

    def is_covered(self, row: int, column: int) -> bool:
        """Whether the cell is merged into another, and can hold nothing."""
        return any(
            r.row <= row <= r.last_row
            and r.column <= column <= r.last_column
            and (row, column) != (r.row, r.column)
            for r in self.merged
        )


def find_table(book: Book, layout: Layout, areas: Mapping[str, Area]) -> Found | None:
    """The table; None where neither it nor its sheet is there.

    DataError where its headings cannot be found, or one is missing that the rows are read by.
    """
    area = areas.get(layout.table)
    name = area.sheet if area else layout.sheet
    if name not in {sheet.name for sheet in book.sheets}:
        return None
    sheet = book.sheet(name)
    headings = _headings(sheet, layout, area)
    columns = _known(headings, layout)
    if missing := list(_missing(columns)):
        place = Place(book.file, name, 0, headings.number if columns else 0)
        raise DataError([_no_heading(place, heading) for heading in missing])
    return _found(book, layout, area or _renamed(sheet, headings, areas), sheet, headings)


def _headings(sheet: Sheet, layout: Layout, area: Area | None) -> Row:
    """The row of the headings: the table's first, else the one with most words of headings."""
    if not area:
        return max(sheet.rows[:_TOP], key=lambda r: len(_known(r, layout)), default=_NO_ROW)
    top = next((row for row in sheet.rows if row.number == area.top), _NO_ROW)
    return replace(top, cells=tuple(c for c in top.cells if area.has(c.column)))


def _renamed(sheet: Sheet, headings: Row, areas: Mapping[str, Area]) -> Area | None:
    """The Excel table that the headings are of, under whatever name; None for plain cells."""
    first = headings.cells[0].column
    alike = (a for a in areas.values() if a.sheet == sheet.name and a.top == headings.number)
    return next((a for a in alike if a.has(first)), None)


def _known(headings: Row, layout: Layout) -> dict[str, int]:
    """The columns of the layout that are there, by heading; the first of two alike."""
    wanted = {folded(column.heading): column.heading for column in layout.columns}
    found: dict[str, int] = {}
    for cell in headings.cells:
        if heading := wanted.get(folded(str(cell.value))):
            found.setdefault(heading, cell.column)
    return found


def _missing(columns: Mapping[str, int]) -> Iterator[str]:
    """The headings without which nobody can tell which letters are on paper."""
    yield from (stage for stage in STAGES if stage not in columns)
    if not {_ID, MEMORY.heading} & set(columns):
        yield _ID


def _no_heading(place: Place, heading: str) -> Problem:
    what = f"there is no heading {heading}, so nobody can tell which letters are on paper."
    hint = f"Write {heading} above its column, or take an older copy of the register."
    return Problem("register-heading", place, what, hint)


def _found(book: Book, layout: Layout, area: Area | None, sheet: Sheet, headings: Row) -> Found:
    columns = _known(headings, layout)
    left = area.left if area else headings.cells[0].column
    right = area.right if area else headings.cells[-1].column
    rows = [r for r in sheet.rows if any(left <= c.column <= right for c in r.cells)]
    bottom = area.bottom if area else rows[-1].number
    end = bottom - (area.totals if area else 0)
    used = [r for r in rows if headings.number < r.number <= end]
    shown = _shown(used, sheet.merged, [columns[stage] for stage in STAGES])
    reader = Reader(layout, columns, shown, book.date1904)
    return Found(
        layout,
        book.file,
        sheet.name,
        book.date1904,
        area,
        top=headings.number,
        left=left,
        right=right,
        last=used[-1].number if used else headings.number,
        below=_below(sheet, bottom, left, right),
        free=_free(sheet, headings.number, bottom, right),
        columns=columns,
        merged=sheet.merged,
        lines=_lines(used, reader),
    )


def _lines(rows: Sequence[Row], reader: Reader) -> tuple[Line, ...]:
    lines = tuple(map(reader.read, rows))
    records = moved(lines, reader.layout)
    if not records:
        return lines
    again = reader.read_moved
    return tuple(
        again(row, line, records[line.number]) if line.number in records else line
        for row, line in zip(rows, lines, strict=True)
    )


def _shown(
    rows: Sequence[Row], merged: Iterable[Range], columns: Iterable[int]
) -> dict[int, dict[int, Cell]]:
    """What merged cells show in these columns, by row and column: in all what the first holds."""
    there = {row.number: row for row in rows}
    shown: dict[int, dict[int, Cell]] = {}
    for area in merged:
        inside = [n for n in columns if area.column <= n <= area.last_column]
        if not inside or area.row not in there:
            continue
        first = next((c for c in there[area.row].cells if c.column == area.column), None)
        if first and not is_blank(first):
            for number in range(area.row, min(area.last_row, rows[-1].number) + 1):
                shown.setdefault(number, {}).update(dict.fromkeys(inside, first))
    return shown


def _below(sheet: Sheet, bottom: int, left: int, right: int) -> Range | None:
    """What lies below a row in these columns, or reaches there, and begins first."""
    below = (c for r in sheet.rows if r.number > bottom for c in r.cells)
    cell = next((c for c in below if left <= c.column <= right), None)
    inside = (r for r in sheet.merged if r.column <= right and r.last_column >= left)
    merged = min((r for r in inside if r.last_row > bottom), key=lambda r: r.row, default=None)
    if merged and not (cell and cell.row <= merged.row):
        return merged
    return Range(cell.row, cell.column, cell.row, cell.column) if cell else None


def _free(sheet: Sheet, top: int, bottom: int, right: int) -> int:
    """How many columns right of one have nothing in these rows."""
    rows = (r for r in sheet.rows if top <= r.number <= bottom)
    filled = (c.column for r in rows for c in r.cells if c.column > right)
    merged = (r.last_column for r in sheet.merged if r.last_column > right)
    return min((*filled, *merged), default=_LAST_COLUMN) - right - 1
