"""A sheet -> its heading row, its columns, its lines; and what is wrong with its shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from merge.excel.dates import known_language
from merge.excel.reader import Cell, Row, Sheet
from merge.model import BLANK, Column, Place, Problem, Value, column_letter
from merge.naming import tag_name
from merge.workbook.merged import merged_problems
from merge.workbook.near import listed, nearest
from merge.workbook.values import Values, looks_blank

_FIRST_ROWS = 20
"""Filled rows in which the headings are looked for: a title and notes may stand above them."""

_INSIDE = re.compile(r"[\u00ad\u200b\u2060\ufeff]")
"""Cannot be seen and mean nothing, but would break a word in two. (Joiners do mean something.)"""


@dataclass(frozen=True, slots=True)
class Line:
    """A row under the headings: for each column's tag what its cell holds, blank or not."""

    number: int
    hidden: bool
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with headings. `lines` are the rows that are not blank.

    `aside` are those left out because they are hidden.
    """

    file: str
    sheet: str
    heading_row: int
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    aside: tuple[Line, ...] = ()

    def without_hidden(self) -> Table:
        """The same table, its hidden lines put aside."""
        seen = tuple(n for n in self.lines if not n.hidden)
        return replace(self, lines=seen, aside=tuple(n for n in self.lines if n.hidden))

    def place(self, row: int = 0, tag: str = "") -> Place:
        """The place of a row, or of its cell in the column of that tag."""
        number = next((c.number for c in self.columns if c.tag == tag), 0)
        return Place(self.file, self.sheet, number, row)

    @property
    def tags(self) -> frozenset[str]:
        """The tags of all columns."""
        return frozenset(c.tag for c in self.columns)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a table is looked for by: headings of which one at least tells the heading row."""

    headings: tuple[str, ...]
    language: str = "en"
    own_language: bool = False
    """A column Language tells how the dates of its row read."""


def read_table(
    sheet: Sheet, values: Values, wanted: Wanted, problems: list[Problem]
) -> Table | None:
    """Read a sheet; None where it has no heading row or two headings of one tag.

    What is wrong is added to `problems`.
    """
    return _Reader(sheet, values, wanted, problems).table()


class _Reader:
    def __init__(
        self, sheet: Sheet, values: Values, wanted: Wanted, problems: list[Problem]
    ) -> None:
        self._sheet, self._values = sheet, values
        self._wanted, self._problems = wanted, problems
        self._rows = [r for r in sheet.rows if not all(map(_is_blank, r.cells))]

    def table(self) -> Table | None:
        heading = self._heading()
        if heading is None:
            self._problems.append(self._no_heading())
            return None
        columns = self._columns(heading)
        if columns is None:
            return None
        rows = [r for r in self._rows if r.number > heading.number]
        self._check_shape(heading, columns, rows)
        lines = tuple(self._lines(columns, rows))
        return Table(self._values.file, self._sheet.name, heading.number, columns, lines)

    def _place(self, row: int = 0, column: int = 0) -> Place:
        return Place(self._values.file, self._sheet.name, column, row)

    def _heading(self) -> Row | None:
        """The first row with one of the wanted headings."""
        tags = set(map(tag_name, self._wanted.headings))
        for row in self._rows[:_FIRST_ROWS]:
            if any(heading_tag(text) in tags for text in map(_typed, row.cells)):
                return row
        return None

    def _no_heading(self) -> Problem:
        wanted = " and ".join(self._wanted.headings)
        if not self._rows:
            what = "this sheet is empty."
            return Problem("sheet-empty", self._place(), what, f"It needs the heading {wanted}.")
        there = [_typed(c) for c in self._rows[0].cells if not _is_blank(c)]
        what = f"there is no heading {wanted}; the first row has {listed(there)}."
        near = nearest(self._wanted.headings[0], there)
        hint = f"Write {wanted} above the column where it belongs."
        hint = f"If '{near}' is meant to be it, write {self._wanted.headings[0]}." if near else hint
        return Problem("heading-missing", self._place(self._rows[0].number), what, hint)

    def _columns(self, heading: Row) -> tuple[Column, ...] | None:
        """The columns that have a tag; None where two have the same."""
        found: dict[str, Column] = {}
        whole = True
        for cell in heading.cells:
            text = _typed(cell)
            column = Column(text, heading_tag(text), cell.column)
            if column.tag in found:
                self._problems.append(self._twice(heading.number, found[column.tag], column))
                whole = False
            elif column.tag:
                found[column.tag] = column
        return tuple(found.values()) if whole else None

    def _twice(self, row: int, one: Column, other: Column) -> Problem:
        cells = [f"{column_letter(c.number)}{row} ('{c.heading}')" for c in (one, other)]
        what = f"the headings in {cells[0]} and {cells[1]} make the same tag {one.tag}."
        place = self._place(row, other.number)
        return Problem("heading-twice", place, what, "Give one of them another name.")

    def _check_shape(self, heading: Row, columns: Sequence[Column], rows: list[Row]) -> None:
        numbers = [c.number for c in columns]
        used = [heading.number, *(r.number for r in rows)]
        self._problems += merged_problems(self._values.file, self._sheet, numbers, used)
        typed = {c.column: _typed(c) for c in heading.cells if not _is_blank(c)}
        for cell in self._outside(rows, set(numbers)):
            self._problems.append(self._unread(cell, typed.get(cell.column, "")))

    def _outside(self, rows: list[Row], columns: set[int]) -> Iterator[Cell]:
        """The first filled cell of each column that has no tag."""
        seen = set(columns)
        for row in rows:
            for cell in row.cells:
                if cell.column not in seen and not _is_blank(cell):
                    seen.add(cell.column)
                    yield cell

    def _unread(self, cell: Cell, heading: str) -> Problem:
        place = self._place(cell.row, cell.column)
        hint = "Give the column a heading with a letter in it, or empty it."
        if heading:
            what = f"this column is not used: its heading '{heading}' has no letter."
            return Problem("heading-without-letters", place, what, hint, "warning")
        what = "this column is not used: it has no heading."
        return Problem("column-without-heading", place, what, hint, "warning")

    def _lines(self, columns: Sequence[Column], rows: list[Row]) -> Iterator[Line]:
        for row in rows:
            by_number = {c.column: c for c in row.cells}
            there = [(c.tag, by_number.get(c.number)) for c in columns]
            if all(cell is None or _is_blank(cell) for _, cell in there):
                continue
            self._add_doubts(row)
            language = self._language(dict(there).get("language"))
            fields = {t: self._value(cell, language) if cell else BLANK for t, cell in there}
            yield Line(row.number, row.hidden, fields)

    def _language(self, cell: Cell | None) -> str:
        """The row's own language where it has one that is known."""
        own = _typed(cell) if cell and self._wanted.own_language else ""
        return known_language(own) or self._wanted.language

    def _value(self, cell: Cell, language: str) -> Value:
        return self._values.value(self._sheet.name, cell, language)

    def _add_doubts(self, row: Row) -> None:
        doubts = (self._values.doubt(self._sheet.name, cell) for cell in row.cells)
        self._problems += [d for d in doubts if d]


def hidden_rows(place: Place, rows: Iterable[Line]) -> Iterator[Problem]:
    """A warning that counts the hidden rows: they are read, and nobody sees them in Excel."""
    count = sum(row.hidden for row in rows)
    if count:
        are = "row is" if count == 1 else "rows are"
        what = f"{count} {are} hidden here, by hand or by a filter, and used all the same."
        hint = "Show all rows (Data, Clear), or write a row 'Hidden rows: leave out' in Settings."
        yield Problem("hidden-rows", place, what, hint, "warning")


def heading_tag(text: str) -> str:
    """The tag that a heading makes; what cannot be seen in it does not count."""
    return tag_name(_INSIDE.sub("", text))


def _typed(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value)


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell.value, str) and looks_blank(cell.value)
