"""A sheet -> its heading row, its columns, its lines; and what is wrong with its shape."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from merge.excel.dates import known_language
from merge.excel.display import display_warning, printed_text, typed_value
from merge.excel.format_codes import UnsupportedFormatError
from merge.excel.reader import Cell, Range, Row, Scalar, Sheet
from merge.model import BLANK, Column, Place, Problem, Value, column_letter
from merge.naming import folded, tag_name
from merge.ooxml.namespaces import XML_FORBIDDEN

_FIRST_ROWS = 20
"""Filled rows in which the headings are looked for: a title and notes may stand above them."""

_INVISIBLE_IN_WORD = re.compile(r"[\u00ad\u200b\u2060\ufeff]")
"""Cannot be seen and mean nothing, but would break a word in two. (Joiners do mean something.)"""


@dataclass(frozen=True, slots=True)
class DataRow:
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
    lines: tuple[DataRow, ...]
    aside: tuple[DataRow, ...] = ()

    def with_hidden_left_out(self) -> Table:
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
class TableQuery:
    """What a table is looked for by: headings of which one at least tells the heading row."""

    headings: tuple[str, ...]
    language: str = "en"
    own_language: bool = False
    """A column Language tells how the dates of its row read."""


def read_table(
    sheet: Sheet, values: ValueReader, wanted: TableQuery, problems: list[Problem]
) -> Table | None:
    """Read a sheet; None where it has no heading row or two headings of one tag.

    What is wrong is added to `problems`.
    """
    return _TableReader(sheet, values, wanted, problems).table()


class _TableReader:
    def __init__(
        self, sheet: Sheet, values: ValueReader, wanted: TableQuery, problems: list[Problem]
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
            if any(heading_tag(text) in tags for text in map(_cell_text, row.cells)):
                return row
        return None

    def _no_heading(self) -> Problem:
        wanted = " and ".join(self._wanted.headings)
        if not self._rows:
            what = "this sheet is empty."
            return Problem("sheet-empty", self._place(), what, f"It needs the heading {wanted}.")
        there = [_cell_text(c) for c in self._rows[0].cells if not _is_blank(c)]
        what = f"there is no heading {wanted}; the first row has {quoted_list(there)}."
        near = nearest(self._wanted.headings[0], there)
        hint = f"Write {wanted} above the column where it belongs."
        hint = f"If '{near}' is meant to be it, write {self._wanted.headings[0]}." if near else hint
        return Problem("heading-missing", self._place(self._rows[0].number), what, hint)

    def _columns(self, heading: Row) -> tuple[Column, ...] | None:
        """The columns that have a tag; None where two have the same."""
        found: dict[str, Column] = {}
        whole = True
        for cell in heading.cells:
            text = _cell_text(cell)
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
        typed = {c.column: _cell_text(c) for c in heading.cells if not _is_blank(c)}
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

    def _lines(self, columns: Sequence[Column], rows: list[Row]) -> Iterator[DataRow]:
        for row in rows:
            by_number = {c.column: c for c in row.cells}
            there = [(c.tag, by_number.get(c.number)) for c in columns]
            if all(cell is None or _is_blank(cell) for _, cell in there):
                continue
            self._add_display_problems(row)
            language = self._language(dict(there).get("language"))
            fields = {t: self._value(cell, language) if cell else BLANK for t, cell in there}
            yield DataRow(row.number, row.hidden, fields)

    def _language(self, cell: Cell | None) -> str:
        """The row's own language where it has one that is known."""
        own = _cell_text(cell) if cell and self._wanted.own_language else ""
        return known_language(own) or self._wanted.language

    def _value(self, cell: Cell, language: str) -> Value:
        return self._values.value(self._sheet.name, cell, language)

    def _add_display_problems(self, row: Row) -> None:
        doubts = (self._values.doubt(self._sheet.name, cell) for cell in row.cells)
        self._problems += [d for d in doubts if d]


def hidden_rows_warning(place: Place, rows: Iterable[DataRow]) -> Iterator[Problem]:
    """A warning that counts the hidden rows: they are read, and nobody sees them in Excel."""
    count = sum(row.hidden for row in rows)
    if count:
        are = "row is" if count == 1 else "rows are"
        what = f"{count} {are} hidden here, by hand or by a filter, and used all the same."
        hint = "Show all rows (Data, Clear), or write a row 'Hidden rows: leave out' in Settings."
        yield Problem("hidden-rows", place, what, hint, "warning")


def heading_tag(text: str) -> str:
    """The tag that a heading makes; what cannot be seen in it does not count."""
    return tag_name(_INVISIBLE_IN_WORD.sub("", text))


def _cell_text(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value)


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell.value, str) and looks_blank(cell.value)


# Merged cells: only the first of them holds anything, the others read as blank.


def merged_problems(
    file: str, sheet: Sheet, columns: Sequence[int], rows: Sequence[int]
) -> Iterator[Problem]:
    """An error for each merged range that takes up two cells of these columns and rows.

    Others hide nothing: a title above the headings, a note beside the table.
    """
    ordered = sorted(columns)
    for merged in sheet.merged:
        wide = _within(ordered, merged.column, merged.last_column)
        high = _within(rows, merged.row, merged.last_row)
        if wide * high > 1:
            yield _problem(Place(file, sheet.name, merged.column, merged.row), merged)


def _within(ordered: Sequence[int], first: int, last: int) -> int:
    return bisect_right(ordered, last) - bisect_left(ordered, first)


def _problem(place: Place, merged: Range) -> Problem:
    last = f"{column_letter(merged.last_column)}{merged.last_row}"
    what = f"the cells {place.cell} to {last} are merged; only the first of them holds anything."
    hint = "Take the merging away (Home, Merge & Center) and fill in each cell."
    return Problem("cells-merged", place, what, hint)


# A cell -> Value: what Excel shows of it, or why it cannot be used.


_INVISIBLE = re.compile(r"[\s\u00ad\u200b\u200e\u200f\u2060\ufeff]*")
"""Blanks, and what is none but cannot be seen: soft hyphen, zero-width space, marks."""

_AS_TYPED = {"General", "@", ""}


def looks_blank(text: str) -> bool:
    """Nothing of the text can be seen."""
    return _INVISIBLE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ValueReader:
    """Makes a workbook's values. Equal cells give one Value: it cannot be changed."""

    file: str
    date1904: bool = False
    _made: dict[tuple[object, ...], Value] = field(default_factory=dict)

    def value(self, sheet: str, cell: Cell, language: str) -> Value:
        """The cell's value; days that each computer shows its own way follow the language."""
        # With its type, since 1 is 1.0 is TRUE to a dict.
        key = (type(cell.value), cell.value, cell.number_format, cell.format_id, language)
        found = None if cell.fault else self._made.get(key)
        if found is None:
            found = self._new(sheet, cell, language)
            if not found.fault:  # a fault has its own place
                self._made[key] = found
        return found

    def doubt(self, sheet: str, cell: Cell) -> Problem | None:
        """A warning where Excel shows a number as no reader wants it."""
        number = isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool)
        if not number or not cell.number_format:
            return None
        kind = _display_warning(cell.value, cell.number_format, date1904=self.date1904)
        return _display_problem(kind, self._place(sheet, cell)) if kind else None

    def _new(self, sheet: str, cell: Cell, language: str) -> Value:
        if cell.fault:
            return Value(fault=self._fault(sheet, cell))
        try:
            if isinstance(cell.value, str):
                return self._text(sheet, cell, cell.value, language)
            return self._number(cell, language)
        except UnsupportedFormatError:
            return Value(fault=_unsupported(self._place(sheet, cell), cell))

    def _text(self, sheet: str, cell: Cell, text: str, language: str) -> Value:
        if looks_blank(text):
            return Value(text) if text.isspace() else BLANK
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if forbidden := XML_FORBIDDEN.search(text):
            return Value(fault=_forbidden(self._place(sheet, cell), forbidden[0]))
        if cell.number_format in _AS_TYPED:
            return Value(text)
        # A format may add words to a text; the blanks that it pads with are nobody's.
        shown = self._printed(replace(cell, value=text), language)
        return Value(text if shown.strip() == text.strip() else shown)

    def _number(self, cell: Cell, language: str) -> Value:
        if not cell.number_format:
            raise UnsupportedFormatError
        plain = typed_value(cell.value, cell.number_format, date1904=self.date1904)
        return Value(self._printed(cell, language), None if isinstance(plain, str) else plain)

    def _printed(self, cell: Cell, language: str) -> str:
        return printed_text(
            cell.value,
            cell.number_format,
            format_id=cell.format_id,
            language=language,
            date1904=self.date1904,
        )

    def _place(self, sheet: str, cell: Cell) -> Place:
        return Place(self.file, sheet, cell.column, cell.row)

    def _fault(self, sheet: str, cell: Cell) -> Problem:
        place = self._place(sheet, cell)
        if cell.fault == "no-value":
            what = "the result of this formula is not in the file."
            hint = "Open the workbook in Excel, save it and close it."
            return Problem("formula-without-value", place, what, hint)
        hint = "Mend the formula in this cell, or type what should stand there."
        return Problem("cell-error", place, f"this cell shows {cell.value}.", hint)


def _forbidden(place: Place, character: str) -> Problem:
    what = f"this cell holds a character that no letter can hold (U+{ord(character):04X})."
    hint = "Delete what is in the cell and type it anew."
    return Problem("character-forbidden", place, what, hint)


def _unsupported(place: Place, cell: Cell) -> Problem:
    name = f"'{cell.number_format}'" if cell.number_format else f"no. {cell.format_id}"
    what = f"the number format of this cell ({name}) cannot be printed."
    return Problem("format-unsupported", place, what, "Choose another format: Home, Number.")


@lru_cache(maxsize=1 << 16, typed=True)
def _display_warning(value: Scalar, code: str, *, date1904: bool) -> str | None:
    try:
        return display_warning(value, code, date1904=date1904)
    except UnsupportedFormatError:  # a fault of the value already
        return None


def _display_problem(kind: str, place: Place) -> Problem:
    hint = "Format the cell as Text or as Number, and look whether all its digits are right."
    if kind == "scientific":
        what = "this number is shown in short, like 1.23E+15."
        return Problem("number-scientific", place, what, hint, "warning")
    what = "Excel shows this number only as ####."
    hint = "Choose another format for the cell: Home, Number."
    return Problem("number-hashes", place, what, hint, "warning")


# What was meant: the known word nearest to another.


def nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """The known word that looks most like this one, as it is written; empty where none does."""
    by_folded = {folded(k): k for k in known}
    found = difflib.get_close_matches(folded(word), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else ""


def quoted_list(words: Iterable[str], most: int = 8) -> str:
    """Words in a sentence, in quotes, the first few of many."""
    every = [f"'{' '.join(w.split())}'" for w in words]
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
