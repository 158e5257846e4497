"""Any .xlsx as rows of cells, within limits; sheets are read one by one when they are asked for.

Cells come as the file holds them: numbers are raw, dates still serial numbers with their number
format beside them. ECMA-376 part 1, section 18.

The sheet is not read with openpyxl. Its read-only mode drops rows that stand out of order, turns
dates before their format is asked, cannot tell a written `_x000D_` from Excel's escape, shows
neither hidden rows nor merged cells nor a formula without value, and so a pass of our own over
the part is needed in any case; that pass reads the values too, in a quarter of the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from merge import messages
from merge.errors import DataError, FaultError
from merge.excel.format_codes import CellValue
from merge.excel.sheet_values import column_number, default_format, parse_iso_date, parse_number
from merge.excel.workbook_parts import (
    GENERAL_FORMAT,
    NumberFormat,
    SheetEntry,
    StringItemReader,
    WorkbookParts,
    read_formats,
    read_strings,
    read_workbook_parts,
    unescape,
)
from merge.excel.xml_events import Attributes, is_true, parse_events
from merge.ooxml import SPREADSHEETML
from merge.ooxml.container import Archive, file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive
from merge.problems import column_letter


@dataclass(frozen=True)
class ExcelFile:
    """An .xlsx or .xlsm within the caps; `file` is its name in messages."""

    file: str
    _archive: Archive
    _parts: WorkbookParts

    @property
    def sheets(self) -> tuple[SheetEntry, ...]:
        """Return the worksheets in the order of their tabs; charts are none."""
        return self._parts.sheets

    @property
    def date1904(self) -> bool:
        """Return whether days are counted from 1904, as in old workbooks of the Mac."""
        return self._parts.date1904

    @cached_property
    def _context(self) -> SheetContext:
        strings = read_strings(self._archive, self._parts.strings)
        formats = read_formats(self._archive, self._parts.styles)
        return SheetContext(strings, formats, self.date1904)

    def sheet(self, name: str) -> Sheet:
        """Read the sheet of exactly that name.

        Raise KeyError where there is none, DataError where it is damaged or larger than the caps.
        """
        part = self._part(name)
        with file_errors(EXCEL, self.file):
            return read_sheet(name, self._archive.chunks(part), self._context)

    def _part(self, name: str) -> str:
        return {s.name: s.part for s in self._parts.sheets}[name]

    def sheet_xml(self, name: str) -> bytes:
        """Return the XML of the sheet of that name. Errors as above."""
        part = self._part(name)
        with file_errors(EXCEL, self.file):
            return self._archive.read(part)

    def parse_sheet(self, name: str, xml: bytes) -> Sheet:
        """Read XML as if it were that of the sheet. Errors as above."""
        with file_errors(EXCEL, self.file):
            return read_sheet(name, [xml], self._context)

    @property
    def shared_strings(self) -> Sequence[str]:
        """Return the shared strings, which cells refer to by number."""
        with file_errors(EXCEL, self.file):
            return self._context.strings


def read_excel_file(path: Path) -> ExcelFile:
    """Open a workbook; a MergeError says what the file is instead, and what to do."""
    with file_errors(EXCEL, path.name):
        return parse_excel_file(read_bytes(path, EXCEL), path.name)


def parse_excel_file(data: bytes, file: str) -> ExcelFile:
    """Return a workbook's bytes as one; `file` is its name in messages. Errors as above."""
    with file_errors(EXCEL, file):
        archive = open_archive(data, EXCEL)
        return ExcelFile(file, archive, read_workbook_parts(archive))


# A sheet's part -> rows of cells, in one pass (ECMA-376 part 1, 18.3).

MAX_OWN_PART_BYTES = 160 << 20
"""Bytes of a part of a workbook of ours: the rows of 99,856 letters with short names took 73 MB."""

MAX_ROWS = 100_000
MAX_COLUMNS = 2_000
MAX_CELLS = 2_000_000
"""Filled ones."""
_MAX_EMPTY = 4_000_000
"""Cells of a sheet with a format and nothing in them."""
_EXCEL_LAST_ROW = 1_048_576
_EXCEL_LAST_COLUMN = 16_384
"""Excel's own."""
_MAX_MERGED = 100_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")

CellFault = Literal["", "error-value", "no-value", "no-date"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A filled cell as the file holds it: dates are numbers.

    `number_format` is empty where the file names by number one that it does not hold. `fault`
    tells an error value (`#N/A`, which is then the value) from a formula that no program has
    worked out yet (the value is None), and from a date that cannot be read (the value is its text).
    """

    row: int
    column: int
    value: CellValue
    number_format: str = "General"
    format_id: int = 0
    fault: CellFault = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with at least one filled cell; cells from left to right, empty ones left out."""

    number: int
    hidden: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class MergedRange:
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
    merged: tuple[MergedRange, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetContext:
    """What the cells of a sheet refer to: shared strings, number formats, the date system."""

    strings: Sequence[str]
    formats: Sequence[NumberFormat]
    date1904: bool

    def format(self, style: str | None) -> NumberFormat:
        """Return the number format of a cell's style; General where there is no such style."""
        index = int(style or 0)
        return self.formats[index] if index < len(self.formats) else GENERAL_FORMAT


def read_sheet(name: str, chunks: Iterable[bytes], context: SheetContext) -> Sheet:
    """Read a worksheet; raise FaultError where it is damaged or passes a cap."""
    reader = _SheetReader(name, context)
    text = reader.string_item
    starts = {
        "row": reader.start_row,
        "c": reader.start_cell,
        "f": reader.note_formula,
        "mergeCell": reader.add_merged_range,
    }
    ends = {"v": reader.take_value, "c": reader.end_cell, "row": reader.end_row}
    parse_events(chunks, SPREADSHEETML, {**starts, **text.starts}, {**ends, **text.ends})
    numbers = sorted(reader.rows)  # some programs write them as they come
    return Sheet(name, tuple(reader.rows[n] for n in numbers), tuple(reader.merged))


class _SheetReader:
    """Takes a sheet's events in and keeps its rows."""

    def __init__(self, name: str, context: SheetContext) -> None:
        self._name = name
        self.rows: dict[int, Row] = {}
        self.merged: list[MergedRange] = []
        self.string_item = StringItemReader()
        self._context = context
        self._row = self._column = 0
        self._rows_seen = self._cells_seen = self._filled_count = self._blank_count = 0
        self._hidden = False
        self._cells: dict[int, Cell] = {}
        self._attributes: Attributes = {}
        self._text: str | None = None
        self._has_formula = False

    def start_row(self, attributes: Attributes) -> None:
        """Begin a row; without a number it follows the one before."""
        self._row = int(attributes.get("r", self._row + 1))
        self._rows_seen += 1
        if not 1 <= self._row <= _EXCEL_LAST_ROW or self._rows_seen > _EXCEL_LAST_ROW:
            raise EXCEL.too_large_error("a sheet has more rows than Excel allows")
        self._hidden = is_true(attributes.get("hidden")) or attributes.get("ht") == "0"
        self._column = self._cells_seen = 0
        self._cells = {}

    def start_cell(self, attributes: Attributes) -> None:
        """Begin a cell; without a name it follows the one before."""
        reference = attributes.get("r")
        if reference:
            letters = reference.rstrip("0123456789")
            if reference[len(letters) :] != str(self._row):
                raise EXCEL.damaged_error(f"cell {reference[:20]} is in row {self._row}")
            self._column = column_number(letters)
        else:
            self._column += 1
        self._cells_seen += 1
        if self._column > _EXCEL_LAST_COLUMN or self._cells_seen > _EXCEL_LAST_COLUMN:
            raise EXCEL.too_large_error("a sheet has more columns than Excel allows")
        self._attributes = attributes
        self._text, self._has_formula = None, False
        self.string_item.begin(attributes)

    def note_formula(self, _: Attributes) -> None:
        """Note that the cell is worked out by Excel."""
        self._has_formula = True

    def take_value(self, text: str) -> None:
        """Take the cell's value, or the last one that Excel worked out."""
        self._text = text

    def end_cell(self, _: str) -> None:
        """End the cell: keep it if it holds anything."""
        value, fault = self._content()
        if value in {None, ""} and not fault:
            self._blank_count += 1
            if self._blank_count > _MAX_EMPTY:
                raise EXCEL.too_large_error(
                    "a sheet has more than 4,000,000 blank cells with a format"
                )
            return
        if self._column in self._cells:
            cell = f"{column_letter(self._column)}{self._row}"
            raise EXCEL.damaged_error(f"the {self._name} sheet has cell {cell} twice")
        found = self._context.format(self._attributes.get("s"))
        if self._attributes.get("t") == "d" and found == GENERAL_FORMAT:
            found = default_format(self._text or "")
        code, format_id = found
        self._cells[self._column] = Cell(
            self._row,
            self._column,
            value,
            number_format=code,
            format_id=format_id,
            fault=fault,
        )
        self._filled_count += 1
        if self._column > MAX_COLUMNS:
            cell = f"{column_letter(self._column)}{self._row}"
            key, most = "workbook-too-large/columns", MAX_COLUMNS
            raise FaultError(messages.fault(key, cell=cell, most=most), DataError)
        if self._filled_count > MAX_CELLS:
            raise EXCEL.too_large_error("a sheet has more than 2,000,000 cells with data")

    def _content(self) -> tuple[CellValue, CellFault]:
        kind = self._attributes.get("t", "n")
        text = self._text
        if kind == "inlineStr":
            return self.string_item.text(), ""
        if text is None or (not text and kind != "str"):  # ="" is a value: a blank text
            return None, "no-value" if self._has_formula else ""
        if kind == "d":
            return self._date(text)
        return self._convert(kind, text), "error-value" if kind == "e" else ""

    def _date(self, text: str) -> tuple[CellValue, CellFault]:
        try:
            return parse_iso_date(text, date1904=self._context.date1904), ""
        except (ValueError, OverflowError):
            return text, "no-date"

    def _convert(self, kind: str, text: str) -> CellValue:
        """Convert a value by its cell type (18.18.11 ST_CellType)."""
        if kind == "s":
            return self._context.strings[int(text)]
        if kind == "n":
            return parse_number(text)
        if kind == "b":
            return is_true(text)
        return unescape(text)

    def end_row(self, _: str) -> None:
        """End the row: keep it if it holds anything."""
        if not self._cells:
            return
        if self._row in self.rows:
            raise EXCEL.damaged_error(f"the {self._name} sheet has row {self._row} twice")
        ordered = tuple(self._cells[column] for column in sorted(self._cells))
        self.rows[self._row] = Row(self._row, self._hidden, ordered)
        if len(self.rows) > MAX_ROWS:
            raise EXCEL.too_large_error("a sheet has more than 100,000 rows of data")

    def add_merged_range(self, attributes: Attributes) -> None:
        """Keep a range of merged cells."""
        found = _REFERENCE.fullmatch(attributes.get("ref", "").replace("$", ""))
        if not found:
            cells = attributes.get("ref", "")[:20]
            raise EXCEL.damaged_error(
                f"the {self._name} sheet has merged cells outside the sheet: “{cells}”"
            )
        if len(self.merged) >= _MAX_MERGED:
            raise EXCEL.too_large_error("a sheet has more than 100,000 merged ranges")
        left, top, right, bottom = found.groups()
        last_row, last_column = int(bottom or top), column_number(right or left)
        self.merged.append(MergedRange(int(top), column_number(left), last_row, last_column))
