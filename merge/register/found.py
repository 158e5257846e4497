"""One of the register's tables where staff have it now: its columns, its rows, the room round it.

It is found by the name of its Excel table; where staff turned that into plain cells, by the name
of its sheet. Headings are known by their words, wherever the columns were moved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from merge.model import DataError, Place, Problem
from merge.naming import folded
from merge.register.cell import stage_of, value_of
from merge.register.layout import MEMORY, STAGES, Layout
from merge.register.memory import Record, unpacked
from merge.register.records import Stage
from merge.register.tables import Area
from merge.sheet import Book, Cell, Range, Row, Sheet

_ID = re.compile("[0-9a-f]{16}")
_LAST_COLUMN = 2_000
"""Of those that merge.sheet reads."""

Cells = Mapping[str, Cell]
"""A row's filled cells by the heading above them, as the layout writes it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table. `record` is what the program wrote there, as far as it is known."""

    number: int
    id: str
    """Empty where the program never wrote into the row."""
    record: Record
    remembered: bool
    """Whether the record is the program's own, not what the cells show now."""
    cells: Cells
    stages: Mapping[str, Stage]


@dataclass(frozen=True)
class Found:
    """A table on its sheet. Rows and columns are counted from 1.

    `area` is None where it is plain cells. `last` is its last row with anything in it, `next` the
    first row below it, totals included, that has anything in the table's columns, 0 for none;
    `free` how many columns right of it are empty. `columns` are those of the layout that are there.
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
    next: int
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

    DataError where its headings cannot be found, or one of the stages' is missing: without them
    nobody can tell which letters are on paper.
    """
    area = areas.get(layout.table)
    name = area.sheet if area else layout.sheet
    if name not in {sheet.name for sheet in book.sheets}:
        return None
    sheet = book.sheet(name)
    headings = _headings(sheet, area)
    columns = _known(headings, layout) if headings else {}
    missing = [stage for stage in STAGES if stage not in columns]
    if headings is None or missing:
        place = Place(book.file, name, 0, headings.number if headings else 0)
        raise DataError([_missing(place, stage) for stage in missing])
    return _found(book, layout, area, sheet, headings)


def _headings(sheet: Sheet, area: Area | None) -> Row | None:
    """The row of the headings: the table's first, else the first that names all stages."""
    if area:
        top = next((row for row in sheet.rows if row.number == area.top), None)
        return top and replace(top, cells=tuple(c for c in top.cells if area.has(c.column)))
    wanted = set(map(folded, STAGES))
    alike = (r for r in sheet.rows if wanted <= {folded(str(c.value)) for c in r.cells})
    return next(alike, None)


def _known(headings: Row, layout: Layout) -> dict[str, int]:
    """The columns of the layout that are there, by heading; the first of two alike."""
    wanted = {folded(column.heading): column.heading for column in layout.columns}
    found: dict[str, int] = {}
    for cell in headings.cells:
        if heading := wanted.get(folded(str(cell.value))):
            found.setdefault(heading, cell.column)
    return found


def _missing(place: Place, stage: str) -> Problem:
    what = f"there is no heading {stage}, so nobody can tell which letters are on paper."
    hint = f"Write {stage} above the column with those dates, or above an empty one."
    return Problem("register-heading", place, what, hint)


def _found(book: Book, layout: Layout, area: Area | None, sheet: Sheet, headings: Row) -> Found:
    columns = _known(headings, layout)
    left = area.left if area else headings.cells[0].column
    right = area.right if area else headings.cells[-1].column
    rows = [r for r in sheet.rows if any(left <= c.column <= right for c in r.cells)]
    bottom = area.bottom if area else rows[-1].number
    end = bottom - (area.totals if area else 0)
    used = [r for r in rows if headings.number < r.number <= end]
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
        next=_next(sheet, bottom, left, right),
        free=_free(sheet, headings.number, bottom, right),
        columns=columns,
        merged=sheet.merged,
        lines=tuple(_line(r, layout, columns, date1904=book.date1904) for r in used),
    )


def _next(sheet: Sheet, bottom: int, left: int, right: int) -> int:
    """The first row below one that has anything in these columns; 0 for none."""
    below = (c for r in sheet.rows if r.number > bottom for c in r.cells)
    filled = (c.row for c in below if left <= c.column <= right)
    inside = (r for r in sheet.merged if r.column <= right and r.last_column >= left)
    merged = (r.row for r in inside if r.last_row > bottom)
    return min((*filled, *merged), default=0)


def _free(sheet: Sheet, top: int, bottom: int, right: int) -> int:
    """How many columns right of one have nothing in these rows."""
    rows = (r for r in sheet.rows if top <= r.number <= bottom)
    filled = (c.column for r in rows for c in r.cells if c.column > right)
    merged = (r.last_column for r in sheet.merged if r.last_column > right)
    return min((*filled, *merged), default=_LAST_COLUMN) - right - 1


def _line(row: Row, layout: Layout, columns: Mapping[str, int], *, date1904: bool) -> Line:
    there = {cell.column: cell for cell in row.cells}
    cells = {heading: there[n] for heading, n in columns.items() if n in there}
    memory = cells.get(MEMORY.heading)
    known = unpacked(str(memory.value), layout) if memory else None
    record = known or Record(
        tuple(value_of(cells.get(c.heading), c.kind, date1904=date1904) for c in layout.filled)
    )
    stages = {s: stage_of(cells.get(s), date1904=date1904) for s in STAGES}
    own = str(record.values[0] or "")
    filled = {stage: value for stage, value in stages.items() if value is not None}
    return Line(row.number, own if _is_id(own) else "", record, known is not None, cells, filled)


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None
