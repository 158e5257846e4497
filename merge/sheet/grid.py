"""A sheet's part -> rows of cells, in one pass (ECMA-376 part 1, 18.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from merge.model import column_letter
from merge.ooxml.container import Refused
from merge.sheet.events import MAIN, Attributes, walk
from merge.sheet.formats import GENERAL, Format
from merge.sheet.parts import is_true
from merge.sheet.refusals import damaged, too_large
from merge.sheet.scalars import column_number, number, serial
from merge.sheet.strings import Runs, unescaped

MOST_ROWS = 100_000
MOST_COLUMNS = 2_000
MOST_CELLS = 2_000_000
"""Filled ones."""

_LAST_ROW = 1_048_576
_LAST_COLUMN = 16_384
"""Excel's own."""

_MOST_MERGED = 100_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
_SHORT_DATE: Format = ("mm-dd-yy", 14)

Scalar = str | int | float | bool | None
Fault = Literal["", "error-value", "no-value"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A filled cell as the file holds it: dates are numbers.

    `number_format` is empty where the file names by number one that it does not hold. `fault`
    tells an error value (`#N/A`, which is then the value) from a formula that no program has
    worked out yet (the value is None).
    """

    row: int
    column: int
    value: Scalar
    number_format: str = "General"
    format_id: int = 0
    fault: Fault = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with at least one filled cell; cells from left to right, empty ones left out."""

    number: int
    hidden: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Merged cells, counted from 1; only the first can hold anything."""

    row: int
    column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet's filled rows from top to bottom, whatever their order in the file."""

    name: str
    rows: tuple[Row, ...]
    merged: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class Styles:
    """What the cells of a sheet refer to: shared strings, number formats, the date system."""

    strings: Sequence[str]
    formats: Sequence[Format]
    date1904: bool

    def format(self, style: str | None) -> Format:
        """The number format of a cell's style; General where the workbook knows no such style."""
        index = int(style or 0)
        return self.formats[index] if index < len(self.formats) else GENERAL


def read_grid(name: str, chunks: Iterable[bytes], styles: Styles) -> Sheet:
    """Read a worksheet. Refused where it is damaged or passes a cap."""
    reader = _Reader(styles)
    text = reader.runs
    starts = {
        "row": reader.row,
        "c": reader.cell,
        "f": reader.formula,
        "mergeCell": reader.merge,
    }
    ends = {"v": reader.value, "c": reader.cell_end, "row": reader.row_end}
    walk(chunks, MAIN, {**starts, **text.starts}, {**ends, **text.ends})
    numbers = sorted(reader.rows)  # some programs write them as they come
    return Sheet(name, tuple(reader.rows[n] for n in numbers), tuple(reader.merged))


class _Reader:
    """What is known in the middle of a sheet."""

    def __init__(self, styles: Styles) -> None:
        self.rows: dict[int, Row] = {}
        self.merged: list[Range] = []
        self.runs = Runs()
        self._styles = styles
        self._row = self._column = 0
        self._rows_seen = self._cells_seen = self._filled = 0
        self._hidden = False
        self._cells: dict[int, Cell] = {}
        self._attributes: Attributes = {}
        self._text: str | None = None
        self._formula = False

    def row(self, attributes: Attributes) -> None:
        """A row begins; without a number it follows the one before."""
        self._row = int(attributes.get("r", self._row + 1))
        self._rows_seen += 1
        if not 1 <= self._row <= _LAST_ROW or self._rows_seen > _LAST_ROW:
            raise too_large("a sheet has more rows than Excel allows.")
        self._hidden = is_true(attributes.get("hidden")) or attributes.get("ht") == "0"
        self._column = self._cells_seen = 0
        self._cells = {}

    def cell(self, attributes: Attributes) -> None:
        """A cell begins; without a name it follows the one before."""
        reference = attributes.get("r")
        self._column = self._checked(reference) if reference else self._column + 1
        self._cells_seen += 1
        if self._column > _LAST_COLUMN or self._cells_seen > _LAST_COLUMN:
            raise too_large("a sheet has more columns than Excel allows.")
        self._attributes = attributes
        self._text, self._formula = None, False
        self.runs.begin(attributes)

    def _checked(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if reference[len(letters) :] != str(self._row):
            raise damaged(f"the cell {reference[:20]} stands in row {self._row}")
        return column_number(letters)

    def formula(self, _: Attributes) -> None:
        """The cell is worked out by Excel."""
        self._formula = True

    def value(self, text: str) -> None:
        """The cell's value, or the last one that Excel worked out."""
        self._text = text

    def cell_end(self, _: str) -> None:
        """The cell is whole: keep it if it holds anything."""
        value, fault = self._content()
        if value in {None, ""} and not fault:
            return
        if self._column in self._cells:
            raise damaged(f"the cell {column_letter(self._column)}{self._row} is there twice")
        code, format_id = self._format()
        self._cells[self._column] = Cell(self._row, self._column, value, code, format_id, fault)
        self._count()

    def _count(self) -> None:
        self._filled += 1
        if self._column > MOST_COLUMNS:
            raise _too_wide(self._row, self._column)
        if self._filled > MOST_CELLS:
            raise too_large("a sheet has more than 2,000,000 filled cells.")

    def _content(self) -> tuple[Scalar, Fault]:
        kind = self._attributes.get("t", "n")
        text = self._text
        if kind == "inlineStr":
            return self.runs.text(), ""
        if text is None or (not text and kind != "str"):  # ="" is a value: a blank text
            return None, "no-value" if self._formula else ""
        return self._converted(kind, text), "error-value" if kind == "e" else ""

    def _converted(self, kind: str, text: str) -> Scalar:
        """A value by its cell type (18.18.11 ST_CellType)."""
        if kind == "s":
            return self._styles.strings[int(text)]
        if kind == "n":
            return number(text)
        if kind == "b":
            return is_true(text)
        if kind == "d":
            return serial(text, date1904=self._styles.date1904)
        return unescaped(text)

    def _format(self) -> Format:
        found = self._styles.format(self._attributes.get("s"))
        is_date = self._attributes.get("t") == "d"
        return _SHORT_DATE if is_date and found == GENERAL else found

    def row_end(self, _: str) -> None:
        """The row is whole: keep it if it holds anything."""
        if not self._cells:
            return
        if self._row in self.rows:
            raise damaged(f"the row {self._row} is there twice")
        cells = self._cells
        ordered = tuple(cells[column] for column in sorted(cells))
        self.rows[self._row] = Row(self._row, self._hidden, ordered)
        if len(self.rows) > MOST_ROWS:
            raise too_large("a sheet has more than 100,000 filled rows.")

    def merge(self, attributes: Attributes) -> None:
        """A range of merged cells."""
        found = _REFERENCE.fullmatch(attributes.get("ref", ""))
        if not found:
            raise damaged("its merged cells cannot be read")
        if len(self.merged) >= _MOST_MERGED:
            raise too_large("a sheet has more than 100,000 merged ranges.")
        left, top, right, bottom = found.groups()
        last_row, last_column = int(bottom or top), column_number(right or left)
        self.merged.append(Range(int(top), column_number(left), last_row, last_column))


def _too_wide(row: int, column: int) -> Refused:
    cell = f"{column_letter(column)}{row}"
    what = f"there is something in the cell {cell}; a sheet can have 2,000 columns here."
    return too_large(what, f"Delete what is in {cell} and save the workbook.")
