"""Read the sheets of an .xlsx as rows of cells, within size limits.

1. Each sheet is read when it is asked for.
2. Cells are returned as the file stores them: numbers are raw, and dates are serial numbers with
   their number format. ECMA-376 part 1, section 18.
3. Sheets are not read with openpyxl. Its read-only mode drops rows that are out of order, converts
   dates before their format is known, and confuses a written `_x000D_` with Excel's escape. It also
   does not report hidden rows, merged cells and formulas without a value. So a second pass over the
   part would be needed anyway; this pass reads the values too, in a quarter of the time.
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
from merge.ooxml.container import ZipArchive, file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive
from merge.problems import column_letter


@dataclass(frozen=True)
class ExcelFile:
    """An .xlsx or .xlsm workbook within the size limits.

    `file` is its name in messages.
    """

    file: str
    _archive: ZipArchive
    _parts: WorkbookParts

    @property
    def sheets(self) -> tuple[SheetEntry, ...]:
        """The workbook's worksheets in tab order, without chart sheets."""
        return self._parts.sheets

    @property
    def date1904(self) -> bool:
        """Whether days are counted from 1904, as in old Mac workbooks."""
        return self._parts.date1904

    @cached_property
    def _context(self) -> SheetContext:
        strings = read_strings(self._archive, self._parts.strings)
        formats = read_formats(self._archive, self._parts.styles)
        return SheetContext(strings, formats, self.date1904)

    def sheet(self, name: str) -> Sheet:
        """Return the sheet of exactly this name, read from the workbook.

        Raise KeyError if there is none, DataError if it is damaged or exceeds a limit.
        """
        part = self._part(name)
        with file_errors(EXCEL, self.file):
            return read_sheet(name, self._archive.chunks(part), self._context)

    def _part(self, name: str) -> str:
        return {s.name: s.part for s in self._parts.sheets}[name]

    def sheet_xml(self, name: str) -> bytes:
        """Return the XML of the sheet of exactly this name.

        Raise KeyError if there is none, DataError if it is damaged.
        """
        part = self._part(name)
        with file_errors(EXCEL, self.file):
            return self._archive.read(part)

    def parse_sheet(self, name: str, xml: bytes) -> Sheet:
        """Return a sheet of this name with XML as its content.

        Raise DataError if it is damaged or exceeds a limit.
        """
        with file_errors(EXCEL, self.file):
            return read_sheet(name, [xml], self._context)

    @property
    def shared_strings(self) -> Sequence[str]:
        """The workbook's shared strings, to which cells refer by number."""
        with file_errors(EXCEL, self.file):
            return self._context.strings


def read_excel_file(path: Path) -> ExcelFile:
    """Open the workbook at a path, and check it against the limits.

    Raise MergeError if it is missing, refused or damaged.
    """
    with file_errors(EXCEL, path.name):
        return parse_excel_file(read_bytes(path, EXCEL), path.name)


def parse_excel_file(data: bytes, file: str) -> ExcelFile:
    """Open a workbook from its bytes; `file` is its name in messages.

    Raise MergeError if it is refused or damaged.
    """
    with file_errors(EXCEL, file):
        archive = open_archive(data, EXCEL)
        return ExcelFile(file, archive, read_workbook_parts(archive))


# From a sheet's part to rows of cells, in one pass (ECMA-376 part 1, 18.3).

MAX_OWN_PART_BYTES = 160 << 20
"""Maximum size in bytes of a part of a workbook of this program.

The rows of 99,856 letters with short names took 73 MB.
"""

MAX_ROWS = 100_000
MAX_COLUMNS = 2_000
MAX_CELLS = 2_000_000
"""Maximum number of rows, columns and cells with content in a sheet."""
_MAX_EMPTY = 4_000_000
"""Maximum number of blank cells with a format in a sheet."""
_EXCEL_LAST_ROW = 1_048_576
_EXCEL_LAST_COLUMN = 16_384
"""Last row and last column of Excel itself."""
_MAX_MERGED = 100_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")

CellFault = Literal["", "error-value", "no-value", "no-date"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with content as the file stores it: dates are numbers.

    `number_format` is empty if the file refers to a format that it does not contain. `fault` can
    be:

    - `error-value`: an error such as `#N/A`, which is then the value
    - `no-value`: a formula that no program has calculated yet; the value is None
    - `no-date`: a date that cannot be read; the value is its text
    """

    row: int
    column: int
    value: CellValue
    number_format: str = "General"
    format_id: int = 0
    fault: CellFault = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a worksheet with at least one cell that has content.

    Cells are in order from left to right, without blank ones.
    """

    number: int
    hidden: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class MergedRange:
    """A range of merged cells, counted from 1.

    Only its first cell can have content.
    """

    row: int
    column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet's rows with content, from top to bottom.

    Their order in the file does not matter.
    """

    name: str
    rows: tuple[SheetRow, ...]
    merged: tuple[MergedRange, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetContext:
    """The shared strings, number formats and date system of a workbook."""

    strings: Sequence[str]
    formats: Sequence[NumberFormat]
    date1904: bool

    def format(self, style: str | None) -> NumberFormat:
        """Return the number format of a cell's style.

        It is General if the style does not exist.
        """
        index = int(style or 0)
        return self.formats[index] if index < len(self.formats) else GENERAL_FORMAT


def read_sheet(name: str, chunks: Iterable[bytes], context: SheetContext) -> Sheet:
    """Return a worksheet's cells, read from its XML.

    Raise FaultError if it is damaged or exceeds a limit.
    """
    reader = _SheetReader(name, context)
    strings = reader.string_item
    starts = {
        "row": reader.start_row,
        "c": reader.start_cell,
        "f": reader.note_formula,
        "mergeCell": reader.add_merged_range,
    }
    ends = {"v": reader.take_value, "c": reader.end_cell, "row": reader.end_row}
    parse_events(chunks, SPREADSHEETML, {**starts, **strings.starts}, {**ends, **strings.ends})
    numbers = sorted(reader.rows)  # some programs write rows in any order
    return Sheet(name, tuple(reader.rows[n] for n in numbers), tuple(reader.merged))


class _SheetReader:
    """Collects a sheet's rows from the events of its XML."""

    def __init__(self, name: str, context: SheetContext) -> None:
        self._name = name
        self.rows: dict[int, SheetRow] = {}
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
        """Begin a row; without a number it follows the previous row."""
        self._row = int(attributes.get("r", self._row + 1))
        self._rows_seen += 1
        if not 1 <= self._row <= _EXCEL_LAST_ROW or self._rows_seen > _EXCEL_LAST_ROW:
            raise EXCEL.too_large_error("a sheet has more rows than Excel allows")
        self._hidden = is_true(attributes.get("hidden")) or attributes.get("ht") == "0"
        self._column = self._cells_seen = 0
        self._cells = {}

    def start_cell(self, attributes: Attributes) -> None:
        """Begin a cell; without a reference it follows the previous cell."""
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
        """Record that the current cell has a formula."""
        self._has_formula = True

    def take_value(self, text: str) -> None:
        """Store the cell's value, or the last result of the cell's formula."""
        self._text = text

    def end_cell(self, _: str) -> None:
        """End the cell, and store the cell if it has content."""
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
        cell_format = self._context.format(self._attributes.get("s"))
        if self._attributes.get("t") == "d" and cell_format == GENERAL_FORMAT:
            cell_format = default_format(self._text or "")
        code, format_id = cell_format
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
        if text is None or (not text and kind != "str"):  # ="" has a value: an empty text
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
        """Return a cell's value, converted by its type (18.18.11 ST_CellType)."""
        if kind == "s":
            return self._context.strings[int(text)]
        if kind == "n":
            return parse_number(text)
        if kind == "b":
            return is_true(text)
        return unescape(text)

    def end_row(self, _: str) -> None:
        """End the row, and store the row if it has content."""
        if not self._cells:
            return
        if self._row in self.rows:
            raise EXCEL.damaged_error(f"the {self._name} sheet has row {self._row} twice")
        ordered = tuple(self._cells[column] for column in sorted(self._cells))
        self.rows[self._row] = SheetRow(self._row, self._hidden, ordered)
        if len(self.rows) > MAX_ROWS:
            raise EXCEL.too_large_error("a sheet has more than 100,000 rows of data")

    def add_merged_range(self, attributes: Attributes) -> None:
        """Store a range of merged cells."""
        match = _REFERENCE.fullmatch(attributes.get("ref", "").replace("$", ""))
        if not match:
            cells = attributes.get("ref", "")[:20]
            raise EXCEL.damaged_error(
                f"the {self._name} sheet has merged cells outside the sheet: “{cells}”"
            )
        if len(self.merged) >= _MAX_MERGED:
            raise EXCEL.too_large_error("a sheet has more than 100,000 merged ranges")
        left, top, right, bottom = match.groups()
        last_row, last_column = int(bottom or top), column_number(right or left)
        self.merged.append(MergedRange(int(top), column_number(left), last_row, last_column))
