"""A sheet -> its heading row, its columns, its rows of values; and what is wrong with its shape."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

from merge import messages
from merge.excel.dates import babel_language
from merge.excel.display import display_warning, printed_text, typed_value
from merge.excel.format_codes import CellValue, UnsupportedFormatError
from merge.excel.reader import Cell, MergedRange, Row, Sheet
from merge.naming import nearest_word, placeholder_name
from merge.ooxml import XML_FORBIDDEN
from merge.people import Column
from merge.problems import Place, Problem, column_letter, shorten
from merge.values import BLANK, Value
from merge.workbook.translated_words import is_name_part, means_heading

FIRST_ROWS = 20
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
    """A sheet with headings. `rows` are those below them that are not blank.

    `hidden_rows` are those left out because they are hidden. `notes` are the tags of columns that
    say something of their rows and are nothing for letters.
    """

    file: str
    sheet: str
    heading_row: int
    columns: tuple[Column, ...]
    rows: tuple[DataRow, ...]
    hidden_rows: tuple[DataRow, ...] = ()
    note_placeholders: frozenset[str] = frozenset()

    def without_hidden_rows(self) -> Table:
        """Return the same table, its hidden rows left out."""
        shown = tuple(row for row in self.rows if not row.hidden)
        return replace(self, rows=shown, hidden_rows=tuple(row for row in self.rows if row.hidden))

    def place(self, row: int = 0, placeholder: str = "") -> Place:
        """Return the place of a row, or of its cell in the column of that tag."""
        number = next((c.number for c in self.columns if c.placeholder == placeholder), 0)
        return Place(self.file, self.sheet, number, row)

    @property
    def placeholders(self) -> frozenset[str]:
        """Return the tags of all columns."""
        return frozenset(c.placeholder for c in self.columns)


@dataclass(frozen=True, slots=True)
class TableQuery:
    """What a table is looked for by: headings, of which one at least marks the heading row.

    `further` are others that mean something to the program. All may be in another language.
    """

    headings: tuple[str, ...]
    optional_headings: tuple[str, ...] = ()
    language: str = "en"
    has_row_languages: bool = False
    """A column Language says how the dates of its row read."""


def read_table(
    sheet: Sheet, values: ValueReader, query: TableQuery
) -> tuple[Table | None, list[Problem]]:
    """Read a sheet, None where it has no heading row or two headings of one tag; what is wrong."""
    reader = _TableReader(sheet, values, query)
    return reader.table(), reader.problems


class _TableReader:
    """Reads one sheet; what is wrong gathers in `problems`."""

    def __init__(self, sheet: Sheet, values: ValueReader, query: TableQuery) -> None:
        self._sheet, self._values, self._query = sheet, values, query
        self.problems: list[Problem] = []
        self._rows = [r for r in sheet.rows if not all(map(is_blank_cell, r.cells))]

    def table(self) -> Table | None:
        heading = self._heading_row()
        if heading is None:
            self.problems.append(self._no_heading_problem())
            return None
        columns = self._columns(heading)
        if columns is None:
            return None
        columns = (*columns, *self._canonical_columns(heading, columns))
        tags = {column.placeholder for column in columns}
        if tags.isdisjoint(map(placeholder_name, self._query.headings)):
            return None  # two might be meant
        rows = [r for r in self._rows if r.number > heading.number]
        self._check_shape(heading, columns, rows)
        data = tuple(self._data_rows(columns, rows, self._merged_away_cells(columns, rows)))
        return Table(
            file=self._values.file,
            sheet=self._sheet.name,
            heading_row=heading.number,
            columns=columns,
            rows=data,
        )

    def _heading_row(self) -> Row | None:
        """Return the row of the headings: with one of the program's own, else of a translation."""
        headings = self._query.headings
        tags = set(map(placeholder_name, headings))
        first = [(row, list(map(_cell_text, row.cells))) for row in self._rows[:FIRST_ROWS]]
        own = (row for row, texts in first if not tags.isdisjoint(map(heading_placeholder, texts)))
        translated = (
            r for r, texts in first if any(means_heading(t, h) for t in texts for h in headings)
        )
        return next(own, next(translated, None))

    def _canonical_columns(self, heading: Row, columns: Sequence[Column]) -> Iterator[Column]:
        """Yield the columns that go by the program's own tag beside that of their heading.

        Where two might be meant none is taken, which is an error.
        """
        there = {column.placeholder for column in columns}
        for own in (*self._query.headings, *self._query.optional_headings):
            found = [
                c
                for c in columns
                if placeholder_name(own) not in there and means_heading(c.heading, own)
            ]
            whole = [c for c in found if not is_name_part(c.heading, "given")]
            if len(found) > 1 and len(whole) == 1:
                found = whole  # Nombre completo beside Nombre
            if len(found) == 1:
                yield Column(found[0].heading, placeholder_name(own), found[0].number)
            elif found:
                place = self._place(heading.number, found[1].number)
                headings = [column.heading for column in found]
                self.problems.append(
                    messages.problem("heading-unclear", place, heading=own, headings=headings)
                )

    def _place(self, row: int = 0, column: int = 0) -> Place:
        return Place(self._values.file, self._sheet.name, column, row)

    def _no_heading_problem(self) -> Problem:
        wanted = self._query.headings
        if not self._rows:
            return messages.problem("sheet-empty", self._place(), headings=wanted)
        there = [_cell_text(c) for c in self._rows[0].cells if not is_blank_cell(c)]
        place = self._place(self._rows[0].number)
        if len(wanted) > 1:
            return messages.problem("heading-missing/both", place, found=there)
        return missing_heading_problem(place, wanted[0], there, nearest_word(wanted[0], there))

    def _columns(self, heading: Row) -> tuple[Column, ...] | None:
        """Return the columns that have a tag; None where two have the same."""
        found: dict[str, Column] = {}
        unique = True
        for cell in heading.cells:
            text = _cell_text(cell)
            column = Column(text, heading_placeholder(text), cell.column)
            if column.placeholder in found:
                self.problems.append(
                    self._duplicate_heading_problem(heading, found[column.placeholder], column)
                )
                unique = False
            elif column.placeholder:
                found[column.placeholder] = column
        return tuple(found.values()) if unique else None

    def _duplicate_heading_problem(self, heading: Row, first: Column, second: Column) -> Problem:
        return messages.problem(
            "heading-twice",
            self._place(heading.number, second.number),
            first=first.heading,
            first_cell=f"{column_letter(first.number)}{heading.number}",
            second=second.heading,
            second_cell=f"{column_letter(second.number)}{heading.number}",
        )

    def _check_shape(self, heading: Row, columns: Sequence[Column], rows: list[Row]) -> None:
        """Report merged cells, and the first filled cell of each column that has no tag."""
        numbers = [c.number for c in columns]
        used = [heading.number, *(r.number for r in rows)]
        self.problems += merged_problems(self._values.file, self._sheet, numbers, used)
        typed = {c.column: _cell_text(c) for c in heading.cells if not is_blank_cell(c)}
        seen = set(numbers)
        for cell in (cell for row in rows for cell in row.cells):
            if cell.column in seen or is_blank_cell(cell):
                continue
            seen.add(cell.column)
            place, text = self._place(cell.row, cell.column), typed.get(cell.column)
            letter = column_letter(cell.column)
            self.problems.append(
                messages.problem("heading-without-letters", place, heading=text)
                if text
                else messages.problem("column-without-heading", place, column=letter)
            )

    def _merged_away_cells(
        self, columns: Sequence[Column], rows: list[Row]
    ) -> Mapping[tuple[int, int], Value]:
        """Return the cells that merged ones hide, by row and column, each with the error."""
        numbers, used = sorted({c.number for c in columns}), [row.number for row in rows]
        found = (
            ((row, column), Value(problem=problem))
            for merged, problem in _merged_ranges(self._values.file, self._sheet, numbers, used)
            for row in _numbers_within(used, merged.row, merged.last_row)
            for column in _numbers_within(numbers, merged.column, merged.last_column)
            if (row, column) != (merged.row, merged.column)
        )
        return dict(islice(found, _MAX_MERGED_AWAY))

    def _data_rows(
        self,
        columns: Sequence[Column],
        rows: list[Row],
        hidden: Mapping[tuple[int, int], Value],
    ) -> Iterator[DataRow]:
        sheet = self._sheet.name
        for row in rows:
            by_number = {c.column: c for c in row.cells}
            there = [(c.placeholder, by_number.get(c.number)) for c in columns]
            if all(is_blank_cell(cell) for _, cell in there):
                continue
            warnings = (self._values.display_problem(sheet, cell) for cell in row.cells)
            self.problems += [problem for problem in warnings if problem]
            cell = dict(there).get("language") if self._query.has_row_languages else None
            language = (babel_language(_cell_text(cell)) if cell else "") or self._query.language
            fields = {
                tag: self._values.value(sheet, cell, language) if cell else BLANK
                for tag, cell in there
            }
            for column in columns if hidden else ():
                if not fields[column.placeholder]:
                    place = row.number, column.number
                    fields[column.placeholder] = hidden.get(place, fields[column.placeholder])
            yield DataRow(row.number, row.hidden, fields)


def hidden_rows_warning(
    place: Place, rows: Iterable[DataRow | Row], *, settings: bool = False
) -> Iterator[Problem]:
    """Yield a warning that counts the hidden rows: they are read, and nobody sees them in Excel."""
    count = sum(row.hidden for row in rows)
    if count:
        key = "hidden-rows/settings" if settings else "hidden-rows"
        yield messages.problem(key, place, rows=count)


def missing_heading_problem(place: Place, heading: str, found: Sequence[str], near: str) -> Problem:
    """Return the error that a sheet has no column of that heading; `near` may be meant for it."""
    content = f"{heading.lower()}s"
    return messages.problem(
        "heading-missing", place, heading=heading, found=found, near=near or None, content=content
    )


def heading_placeholder(text: str) -> str:
    """Return the tag that a heading makes; what cannot be seen in it does not count."""
    return placeholder_name(_INVISIBLE_IN_WORD.sub("", text))


def _cell_text(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value)


def merged_problems(
    file: str, sheet: Sheet, columns: Sequence[int], rows: Sequence[int]
) -> Iterator[Problem]:
    """Yield an error for each merged range that takes up two cells of these columns and rows.

    Only the first of merged cells holds anything, the others read as blank. Other ranges hide
    nothing: a title above the headings, a note beside the table.
    """
    yield from (problem for _, problem in _merged_ranges(file, sheet, sorted(columns), rows))


_MAX_MERGED_AWAY = 10_000
"""Cells hidden by merged ones that are noted; such ranges may lie over each other."""


def _merged_ranges(
    file: str, sheet: Sheet, columns: Sequence[int], rows: Sequence[int]
) -> Iterator[tuple[MergedRange, Problem]]:
    for merged in sheet.merged:
        wide = len(_numbers_within(columns, merged.column, merged.last_column))
        high = len(_numbers_within(rows, merged.row, merged.last_row))
        if wide * high > 1:
            place = Place(file, sheet.name, merged.column, merged.row)
            last = f"{column_letter(merged.last_column)}{merged.last_row}"
            yield merged, messages.problem("cells-merged", place, first=place.cell, last=last)


def _numbers_within(ordered: Sequence[int], first: int, last: int) -> Sequence[int]:
    return ordered[bisect_left(ordered, first) : bisect_right(ordered, last)]


# A cell -> Value: what Excel shows of it, or why it cannot be used.


_INVISIBLE = re.compile(r"[\s\u00ad\u200b\u200e\u200f\u2060\ufeff]*")
"""Blanks, and what is none but cannot be seen: soft hyphen, zero-width space, marks."""
_TRIMMED_SIGNS = "".join(
    c
    for c in (*map(chr, range(0x3001)), "\ufeff")
    if (c.isspace() or c in "\u00ad\u200b\u2060\ufeff") and not XML_FORBIDDEN.match(c)
)
"""What is taken off the ends of a text. (Marks of direction mean something there.)"""
_TEXT_FORMATS = {"General", "@", ""}


def looks_blank(text: str) -> bool:
    """Return whether nothing of the text can be seen."""
    return _INVISIBLE.fullmatch(text) is not None


def is_blank_cell(cell: Cell | None) -> bool:
    """Return whether nothing of the cell can be seen."""
    if cell is None:
        return True
    return isinstance(cell.value, str) and not cell.fault and looks_blank(cell.value)


@dataclass(frozen=True, slots=True)
class ValueReader:
    """Makes a workbook's values. Equal cells give one Value: it cannot be changed."""

    file: str
    date1904: bool = False
    _values_by_cell: dict[tuple[object, ...], Value] = field(default_factory=dict)

    def value(self, sheet: str, cell: Cell, language: str) -> Value:
        """Return the cell's value; days that each computer shows its own way follow `language`."""
        # With its type, since 1 is 1.0 is TRUE to a dict.
        key = (type(cell.value), cell.value, cell.number_format, cell.format_id, language)
        found = None if cell.fault else self._values_by_cell.get(key)
        if found is None:
            found = self._read_value(sheet, cell, language)
            if not found.problem:  # a fault has its own place
                self._values_by_cell[key] = found
        return found

    def display_problem(self, sheet: str, cell: Cell) -> Problem | None:
        """Return a warning where Excel shows a number as no reader wants it."""
        number = isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool)
        if not number or not cell.number_format:
            return None
        kind = _display_warning(cell.value, cell.number_format, date1904=self.date1904)
        if not kind:
            return None
        key = "number-scientific" if kind == "scientific" else "number-hashes"
        return messages.problem(key, self._place(sheet, cell))

    def _read_value(self, sheet: str, cell: Cell, language: str) -> Value:
        if cell.fault:
            return Value(problem=self._cell_fault(self._place(sheet, cell), cell))
        try:
            if isinstance(cell.value, str):
                return self._text(sheet, cell, cell.value, language)
            return self._number(cell, language)
        except UnsupportedFormatError:
            name, place = cell.number_format or f"no. {cell.format_id}", self._place(sheet, cell)
            return Value(problem=messages.problem("format-unsupported", place, format=name))

    def _cell_fault(self, place: Place, cell: Cell) -> Problem:
        if cell.fault == "no-value":
            return messages.problem("formula-without-value", place)
        if cell.fault == "no-date":
            return messages.problem("cell-date", place, value=shorten(str(cell.value), 40))
        return messages.problem("cell-error", place, shown=str(cell.value))

    def _text(self, sheet: str, cell: Cell, text: str, language: str) -> Value:
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip(_TRIMMED_SIGNS)
        if looks_blank(text):
            return BLANK
        if forbidden := XML_FORBIDDEN.search(text):
            number, place = f"U+{ord(forbidden[0]):04X}", self._place(sheet, cell)
            return Value(problem=messages.problem("character-forbidden", place, character=number))
        if cell.number_format in _TEXT_FORMATS:
            return Value(text)
        return Value(self._printed(replace(cell, value=text), language))  # a format may add words

    def _number(self, cell: Cell, language: str) -> Value:
        if not cell.number_format:
            raise UnsupportedFormatError
        plain = typed_value(cell.value, cell.number_format, date1904=self.date1904)
        return Value(self._printed(cell, language), None if isinstance(plain, str) else plain)

    def _place(self, sheet: str, cell: Cell) -> Place:
        return Place(self.file, sheet, cell.column, cell.row)

    def _printed(self, cell: Cell, language: str) -> str:
        return printed_text(
            cell.value,
            cell.number_format,
            format_id=cell.format_id,
            language=language,
            date1904=self.date1904,
        )


@lru_cache(maxsize=1 << 16, typed=True)
def _display_warning(value: CellValue, code: str, *, date1904: bool) -> str | None:
    try:
        return display_warning(value, code, date1904=date1904)
    except UnsupportedFormatError:  # a fault of the value already
        return None
