"""Reading of a sheet as a table: heading row, columns, rows and problems."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, islice

from merge import messages
from merge.excel.dates import babel_language
from merge.excel.display import display_warning, printed_text, typed_value
from merge.excel.format_codes import CellValue, UnsupportedFormatError
from merge.excel.reader import Cell, MergedRange, Sheet, SheetRow
from merge.naming import nearest_word, placeholder_name
from merge.ooxml import XML_FORBIDDEN
from merge.people import Column
from merge.problems import Place, Problem, column_letter, shorten
from merge.values import BLANK, WorkbookValue
from merge.workbook.translated_words import is_name_part, may_mean_heading, means_heading

FIRST_ROWS = 20
"""Filled rows that are searched for headings, below titles and notes."""
_INVISIBLE_IN_WORD = re.compile(r"[\u00ad\u200b\u2060\ufeff]")
"""Invisible characters without meaning, which would break a word in two.

Joiners have a meaning.
"""


@dataclass(frozen=True, slots=True)
class DataRow:
    """A sheet's row below its headings: each column's value, blank or not."""

    number: int
    hidden: bool
    fields: Mapping[str, WorkbookValue]


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet with headings; `rows` are the filled rows below them.

    `hidden_rows` are excluded because they are hidden. `note_placeholders` are those of columns
    that describe their rows; letters do not use them.
    """

    file: str
    sheet: str
    heading_row: int
    columns: tuple[Column, ...]
    rows: tuple[DataRow, ...]
    hidden_rows: tuple[DataRow, ...] = ()
    note_placeholders: frozenset[str] = frozenset()

    def without_hidden_rows(self) -> SheetTable:
        """Return the table without its hidden rows."""
        visible_rows = tuple(row for row in self.rows if not row.hidden)
        return replace(
            self, rows=visible_rows, hidden_rows=tuple(row for row in self.rows if row.hidden)
        )

    def place(self, row: int = 0, placeholder: str = "") -> Place:
        """Return the place of a row, or of the row's cell in a column."""
        number = next((c.number for c in self.columns if c.placeholder == placeholder), 0)
        return Place(self.file, self.sheet, number, row)

    @property
    def placeholders(self) -> frozenset[str]:
        """The placeholders of all columns in the table."""
        return frozenset(c.placeholder for c in self.columns)


@dataclass(frozen=True, slots=True)
class TableQuery:
    """The headings to search for in a sheet.

    The heading row must have at least one of them. `optional_headings` are others with a meaning
    for the program. All may be in another language.
    """

    headings: tuple[str, ...]
    optional_headings: tuple[str, ...] = ()
    language: str = "en"
    has_row_languages: bool = False
    """Whether a Language column determines the format of dates in its row."""


def read_table(
    sheet: Sheet, values: ValueReader, query: TableQuery
) -> tuple[SheetTable | None, list[Problem]]:
    """Return a sheet as a table with headings, and the sheet's problems.

    The table is None if there is no heading row, or two headings give the same placeholder.
    """
    reader = _TableReader(sheet, values, query)
    return reader.table(), reader.problems


class _TableReader:
    """Reads one sheet of the workbook, and collects its problems."""

    def __init__(self, sheet: Sheet, values: ValueReader, query: TableQuery) -> None:
        self._sheet, self._values, self._query = sheet, values, query
        self.problems: list[Problem] = []
        self._rows = [r for r in sheet.rows if not all(map(is_blank_cell, r.cells))]

    def table(self) -> SheetTable | None:
        heading = self._heading_row()
        if heading is None:
            self.problems.append(self._no_heading_problem())
            return None
        columns = self._columns(heading)
        if columns is None:
            return None
        columns = (*columns, *self._canonical_columns(heading, columns))
        placeholders = {column.placeholder for column in columns}
        if placeholders.isdisjoint(map(placeholder_name, self._query.headings)):
            return None  # two columns are possible
        rows = [r for r in self._rows if r.number > heading.number]
        self._check_shape(heading, columns, rows)
        data = tuple(self._data_rows(columns, rows, self._merged_away_cells(columns, rows)))
        return SheetTable(
            file=self._values.file,
            sheet=self._sheet.name,
            heading_row=heading.number,
            columns=columns,
            rows=data,
        )

    def _heading_row(self) -> SheetRow | None:
        """Return a sheet's row of headings: in English, or in another language."""
        headings = self._query.headings
        placeholders = set(map(placeholder_name, headings))
        first_rows = [(row, list(map(_cell_text, row.cells))) for row in self._rows[:FIRST_ROWS]]
        english_rows = (
            row
            for row, texts in first_rows
            if not placeholders.isdisjoint(map(heading_placeholder, texts))
        )
        other_rows = (
            row
            for means in (means_heading, may_mean_heading)
            for row, texts in first_rows
            if any(means(t, h) for t in texts for h in headings)
        )
        return next(chain(english_rows, other_rows), None)

    def _canonical_columns(self, heading: SheetRow, columns: Sequence[Column]) -> Iterator[Column]:
        """Yield the columns that are known by the program's own placeholder.

        If two columns are possible for one, it yields neither and reports an error.
        """
        placeholders = {column.placeholder for column in columns}
        for heading_name in (*self._query.headings, *self._query.optional_headings):
            if placeholder_name(heading_name) in placeholders:
                continue
            candidates = [c for c in columns if means_heading(c.heading, heading_name)] or [
                c for c in columns if may_mean_heading(c.heading, heading_name)
            ]
            full_names = [c for c in candidates if not is_name_part(c.heading, "given")]
            if len(candidates) > 1 and len(full_names) == 1:
                candidates = full_names  # Nombre completo beside Nombre
            if len(candidates) == 1:
                yield Column(
                    candidates[0].heading, placeholder_name(heading_name), candidates[0].number
                )
            elif candidates:
                place = self._place(heading.number, candidates[1].number)
                headings = [column.heading for column in candidates]
                self.problems.append(
                    messages.problem(
                        "heading-unclear", place, heading=heading_name, headings=headings
                    )
                )

    def _place(self, row: int = 0, column: int = 0) -> Place:
        return Place(self._values.file, self._sheet.name, column, row)

    def _no_heading_problem(self) -> Problem:
        headings = self._query.headings
        if not self._rows:
            return messages.problem("sheet-empty", self._place(), headings=headings)
        texts = [_cell_text(c) for c in self._rows[0].cells if not is_blank_cell(c)]
        place = self._place(self._rows[0].number)
        if len(headings) > 1:
            return messages.problem("heading-missing/both", place, found=texts)
        parts = [t for t in texts if is_name_part(t, "given") or is_name_part(t, "family")]
        if headings[0] == "Name" and parts:
            return messages.problem("heading-missing/parts", place, found=texts, parts=parts)
        return missing_heading_problem(place, headings[0], texts, nearest_word(headings[0], texts))

    def _columns(self, heading: SheetRow) -> tuple[Column, ...] | None:
        """Return the columns with a placeholder, or None if two share one."""
        columns: dict[str, Column] = {}
        is_unique = True
        for cell in heading.cells:
            text = _cell_text(cell)
            column = Column(text, heading_placeholder(text), cell.column)
            if column.placeholder in columns:
                self.problems.append(
                    self._duplicate_heading_problem(heading, columns[column.placeholder], column)
                )
                is_unique = False
            elif column.placeholder:
                columns[column.placeholder] = column
        return tuple(columns.values()) if is_unique else None

    def _duplicate_heading_problem(
        self, heading: SheetRow, first: Column, second: Column
    ) -> Problem:
        return messages.problem(
            "heading-twice",
            self._place(heading.number, second.number),
            first=first.heading,
            first_cell=f"{column_letter(first.number)}{heading.number}",
            second=second.heading,
            second_cell=f"{column_letter(second.number)}{heading.number}",
        )

    def _check_shape(
        self, heading: SheetRow, columns: Sequence[Column], rows: list[SheetRow]
    ) -> None:
        """Report merged cells, and columns with values but no placeholder.

        A column is reported at its first filled cell.
        """
        numbers = [c.number for c in columns]
        used_rows = [heading.number, *(r.number for r in rows)]
        self.problems += merged_problems(self._values.file, self._sheet, numbers, used_rows)
        heading_texts = {c.column: _cell_text(c) for c in heading.cells if not is_blank_cell(c)}
        known_columns = set(numbers)
        for cell in (cell for row in rows for cell in row.cells):
            if cell.column in known_columns or is_blank_cell(cell):
                continue
            known_columns.add(cell.column)
            place, text = self._place(cell.row, cell.column), heading_texts.get(cell.column)
            letter = column_letter(cell.column)
            self.problems.append(
                messages.problem("heading-without-letters", place, heading=text)
                if text
                else messages.problem("column-without-heading", place, column=letter)
            )

    def _merged_away_cells(
        self, columns: Sequence[Column], rows: list[SheetRow]
    ) -> Mapping[tuple[int, int], WorkbookValue]:
        """Return the cells that merged ranges hide, with the error as a value.

        The keys are row and column.
        """
        numbers, used_rows = sorted({c.number for c in columns}), [row.number for row in rows]
        hidden_cells = (
            ((row, column), WorkbookValue(problem=problem))
            for merged_range, problem in _merged_ranges(
                self._values.file, self._sheet, numbers, used_rows
            )
            for row in _numbers_within(used_rows, merged_range.row, merged_range.last_row)
            for column in _numbers_within(numbers, merged_range.column, merged_range.last_column)
            if (row, column) != (merged_range.row, merged_range.column)
        )
        return dict(islice(hidden_cells, _MAX_MERGED_AWAY))

    def _data_rows(
        self,
        columns: Sequence[Column],
        rows: list[SheetRow],
        hidden: Mapping[tuple[int, int], WorkbookValue],
    ) -> Iterator[DataRow]:
        sheet = self._sheet.name
        for row in rows:
            by_number = {c.column: c for c in row.cells}
            cells = [(c.placeholder, by_number.get(c.number)) for c in columns]
            if all(is_blank_cell(cell) for _, cell in cells):
                continue
            warnings = (self._values.display_problem(sheet, cell) for cell in row.cells)
            self.problems += [problem for problem in warnings if problem]
            cell = dict(cells).get("language") if self._query.has_row_languages else None
            language = (babel_language(_cell_text(cell)) if cell else "") or self._query.language
            fields = {
                placeholder: self._values.value(sheet, cell, language) if cell else BLANK
                for placeholder, cell in cells
            }
            for column in columns if hidden else ():
                if not fields[column.placeholder]:
                    place = row.number, column.number
                    fields[column.placeholder] = hidden.get(place, fields[column.placeholder])
            yield DataRow(row.number, row.hidden, fields)


def hidden_rows_warning(
    place: Place, rows: Iterable[DataRow | SheetRow], *, settings: bool = False
) -> Iterator[Problem]:
    """Yield a warning that counts the hidden rows.

    They are read, although no one sees them in Excel.
    """
    count = sum(row.hidden for row in rows)
    if count:
        key = "hidden-rows/settings" if settings else "hidden-rows"
        yield messages.problem(key, place, rows=count)


def missing_heading_problem(
    place: Place, heading: str, found: Sequence[str], similar_heading: str
) -> Problem:
    """Return the error that a sheet has no column with a heading.

    `similar_heading` is one in the sheet that may be meant; or "".
    """
    content = f"{heading.lower()}s"
    return messages.problem(
        "heading-missing",
        place,
        heading=heading,
        found=found,
        near=similar_heading or None,
        content=content,
    )


def heading_placeholder(text: str) -> str:
    """Return the placeholder name of a heading, without invisible characters."""
    return placeholder_name(_INVISIBLE_IN_WORD.sub("", text))


def _cell_text(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value)


def merged_problems(
    file: str, sheet: Sheet, columns: Sequence[int], rows: Sequence[int]
) -> Iterator[Problem]:
    """Yield an error for each merged range with two or more of these cells.

    Only the first of merged cells has a value, the others read as blank. Other ranges are harmless,
    such as a title above the headings or a note beside the table.
    """
    yield from (problem for _, problem in _merged_ranges(file, sheet, sorted(columns), rows))


_MAX_MERGED_AWAY = 10_000
"""Cells hidden by merged ranges that are stored; ranges may overlap."""


def _merged_ranges(
    file: str, sheet: Sheet, columns: Sequence[int], rows: Sequence[int]
) -> Iterator[tuple[MergedRange, Problem]]:
    for merged_range in sheet.merged:
        column_count = len(_numbers_within(columns, merged_range.column, merged_range.last_column))
        row_count = len(_numbers_within(rows, merged_range.row, merged_range.last_row))
        if column_count * row_count > 1:
            place = Place(file, sheet.name, merged_range.column, merged_range.row)
            last = f"{column_letter(merged_range.last_column)}{merged_range.last_row}"
            yield merged_range, messages.problem("cells-merged", place, first=place.cell, last=last)


def _numbers_within(ordered: Sequence[int], first: int, last: int) -> Sequence[int]:
    return ordered[bisect_left(ordered, first) : bisect_right(ordered, last)]


# Values of cells: what Excel shows, or why the value cannot be used.


_INVISIBLE = re.compile(r"[\s\u00ad\u200b\u200e\u200f\u2060\ufeff]*")
"""Spaces and other invisible characters.

These are the soft hyphen, the zero-width space and direction marks.
"""
_TRIMMED_SIGNS = "".join(
    c
    for c in (*map(chr, range(0x3001)), "\ufeff")
    if (c.isspace() or c in "\u00ad\u200b\u2060\ufeff") and not XML_FORBIDDEN.match(c)
)
"""Characters that are removed at the ends of a text.

Direction marks have a meaning there.
"""
_TEXT_FORMATS = {"General", "@", ""}


def looks_blank(text: str) -> bool:
    """Return whether nothing of the text is visible."""
    return _INVISIBLE.fullmatch(text) is not None


def is_blank_cell(cell: Cell | None) -> bool:
    """Return whether nothing of the cell is visible."""
    if cell is None:
        return True
    return isinstance(cell.value, str) and not cell.fault and looks_blank(cell.value)


@dataclass(frozen=True, slots=True)
class ValueReader:
    """Creates the workbook's values; equal cells share one WorkbookValue."""

    file: str
    date1904: bool = False
    _values_by_cell: dict[tuple[object, ...], WorkbookValue] = field(default_factory=dict)

    def value(self, sheet: str, cell: Cell, language: str) -> WorkbookValue:
        """Return the cell's value; dates in the system's format follow `language`."""
        # The type is part of the key, because 1, 1.0 and TRUE are equal to a dict.
        key = (type(cell.value), cell.value, cell.number_format, cell.format_id, language)
        value = None if cell.fault else self._values_by_cell.get(key)
        if value is None:
            value = self._read_value(sheet, cell, language)
            if not value.problem:  # a problem has its own place
                self._values_by_cell[key] = value
        return value

    def display_problem(self, sheet: str, cell: Cell) -> Problem | None:
        """Return a warning if Excel shows a number in a way that no reader wants."""
        is_number = isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool)
        if not is_number or not cell.number_format:
            return None
        kind = _display_warning(cell.value, cell.number_format, date1904=self.date1904)
        if not kind:
            return None
        key = "number-scientific" if kind == "scientific" else "number-hashes"
        return messages.problem(key, self._place(sheet, cell))

    def _read_value(self, sheet: str, cell: Cell, language: str) -> WorkbookValue:
        if cell.fault:
            return WorkbookValue(problem=self._cell_fault(self._place(sheet, cell), cell))
        try:
            if isinstance(cell.value, str):
                return self._text(sheet, cell, cell.value, language)
            return self._number(cell, language)
        except UnsupportedFormatError:
            format_name, place = (
                cell.number_format or f"no. {cell.format_id}",
                self._place(sheet, cell),
            )
            return WorkbookValue(
                problem=messages.problem("format-unsupported", place, format=format_name)
            )

    def _cell_fault(self, place: Place, cell: Cell) -> Problem:
        if cell.fault == "no-value":
            return messages.problem("formula-without-value", place)
        if cell.fault == "no-date":
            return messages.problem("cell-date", place, value=shorten(str(cell.value), 40))
        return messages.problem("cell-error", place, shown=str(cell.value))

    def _text(self, sheet: str, cell: Cell, text: str, language: str) -> WorkbookValue:
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip(_TRIMMED_SIGNS)
        if looks_blank(text):
            return BLANK
        if match := XML_FORBIDDEN.search(text):
            number, place = f"U+{ord(match[0]):04X}", self._place(sheet, cell)
            return WorkbookValue(
                problem=messages.problem("character-forbidden", place, character=number)
            )
        if cell.number_format in _TEXT_FORMATS:
            return WorkbookValue(text)
        return WorkbookValue(
            self._printed(replace(cell, value=text), language)
        )  # a format may add text

    def _number(self, cell: Cell, language: str) -> WorkbookValue:
        if not cell.number_format:
            raise UnsupportedFormatError
        plain = typed_value(cell.value, cell.number_format, date1904=self.date1904)
        return WorkbookValue(
            self._printed(cell, language), None if isinstance(plain, str) else plain
        )

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
    except UnsupportedFormatError:  # already a problem of the value
        return None
