"""Any .xlsx as rows of cells, within limits; sheets are read one by one when they are asked for.

Cells come as the file holds them: numbers are raw, dates still serial numbers with their number
format beside them. ECMA-376 part 1, section 18.

The sheet is not read with openpyxl. Its read-only mode drops rows that stand out of order, turns
dates before their format is asked, cannot tell a written `_x000D_` from Excel's escape, shows
neither hidden rows nor merged cells nor a formula without value, and so a pass of our own over
the part is needed in any case; that pass reads the values too, in a quarter of the time.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal
from xml.parsers import expat

from merge import messages
from merge.errors import DataError, FaultError
from merge.excel.format_codes import BUILTIN_FORMATS, Scalar
from merge.ooxml import PACKAGE, SPREADSHEETS
from merge.ooxml.container import Archive, file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import Relationship, open_archive, read_relationship, relationships_part
from merge.problems import column_letter

damaged = EXCEL.damaged
too_large = EXCEL.too_large
suspicious = EXCEL.odd


@dataclass(frozen=True)
class Book:
    """An .xlsx or .xlsm within the caps; `file` is its name in messages."""

    file: str
    _archive: Archive
    _contents: WorkbookParts

    @property
    def sheets(self) -> tuple[SheetEntry, ...]:
        """Return the worksheets in the order of their tabs; charts are none."""
        return self._contents.sheets

    @property
    def date1904(self) -> bool:
        """Return whether days are counted from 1904, as in old workbooks of the Mac."""
        return self._contents.date1904

    @cached_property
    def _context(self) -> SheetContext:
        strings = read_strings(self._archive, self._contents.strings)
        formats = read_formats(self._archive, self._contents.styles)
        return SheetContext(strings, formats, self.date1904)

    def sheet(self, name: str) -> Sheet:
        """Read the sheet of exactly that name.

        Raise KeyError where there is none, DataError where it is damaged or larger than the caps.
        """
        part = self._part(name)
        with file_errors(EXCEL, self.file):
            return read_sheet(name, self._archive.chunks(part), self._context)

    def _part(self, name: str) -> str:
        return {s.name: s.part for s in self._contents.sheets}[name]

    def sheet_xml(self, name: str) -> bytes:
        """Return the XML of the sheet of that name. Errors as above."""
        part = self._part(name)
        with file_errors(EXCEL, self.file):
            return self._archive.read(part)

    def parsed(self, name: str, xml: bytes) -> Sheet:
        """Read XML as if it were that of the sheet. Errors as above."""
        with file_errors(EXCEL, self.file):
            return read_sheet(name, [xml], self._context)

    @property
    def texts(self) -> Sequence[str]:
        """Return the shared strings, which cells refer to by number."""
        with file_errors(EXCEL, self.file):
            return self._context.strings


def read_book(path: Path) -> Book:
    """Open a workbook; a MergeError says what the file is instead, and what to do."""
    with file_errors(EXCEL, path.name):
        return parse_book(read_bytes(path, EXCEL), path.name)


def parse_book(data: bytes, file: str) -> Book:
    """Return a workbook's bytes as one; `file` is its name in messages. Errors as above."""
    with file_errors(EXCEL, file):
        archive = open_archive(data, EXCEL)
        return Book(file, archive, read_workbook_parts(archive))


# A sheet's part -> rows of cells, in one pass (ECMA-376 part 1, 18.3).

MOST_OF_OURS = 160 << 20
"""Bytes of a part of a workbook of ours: the rows of 99,856 letters with short names took 73 MB."""

MOST_ROWS = 100_000
MOST_COLUMNS = 2_000
MOST_CELLS = 2_000_000
"""Filled ones."""
_MOST_EMPTY = 4_000_000
"""Cells of a sheet with a format and nothing in them."""
_LAST_ROW = 1_048_576
_LAST_COLUMN = 16_384
"""Excel's own."""
_MOST_MERGED = 100_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
_SHORT_DATE: NumberFormat = ("mm-dd-yy", 14)

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
    value: Scalar
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
    text = reader.runs
    starts = {"row": reader.row, "c": reader.cell, "f": reader.formula, "mergeCell": reader.merge}
    ends = {"v": reader.value, "c": reader.cell_end, "row": reader.row_end}
    parse_events(chunks, SPREADSHEETS, {**starts, **text.starts}, {**ends, **text.ends})
    numbers = sorted(reader.rows)  # some programs write them as they come
    return Sheet(name, tuple(reader.rows[n] for n in numbers), tuple(reader.merged))


class _SheetReader:
    """Takes a sheet's events in and keeps its rows."""

    def __init__(self, name: str, context: SheetContext) -> None:
        self._name = name
        self.rows: dict[int, Row] = {}
        self.merged: list[Range] = []
        self.runs = StringItem()
        self._context = context
        self._row = self._column = 0
        self._rows_seen = self._cells_seen = self._filled = self._empty = 0
        self._hidden = False
        self._cells: dict[int, Cell] = {}
        self._attributes: Attributes = {}
        self._text: str | None = None
        self._formula = False

    def row(self, attributes: Attributes) -> None:
        """Begin a row; without a number it follows the one before."""
        self._row = int(attributes.get("r", self._row + 1))
        self._rows_seen += 1
        if not 1 <= self._row <= _LAST_ROW or self._rows_seen > _LAST_ROW:
            raise too_large("a sheet has more rows than Excel allows")
        self._hidden = is_true(attributes.get("hidden")) or attributes.get("ht") == "0"
        self._column = self._cells_seen = 0
        self._cells = {}

    def cell(self, attributes: Attributes) -> None:
        """Begin a cell; without a name it follows the one before."""
        reference = attributes.get("r")
        if reference:
            letters = reference.rstrip("0123456789")
            if reference[len(letters) :] != str(self._row):
                raise damaged(f"cell {reference[:20]} is in row {self._row}")
            self._column = column_number(letters)
        else:
            self._column += 1
        self._cells_seen += 1
        if self._column > _LAST_COLUMN or self._cells_seen > _LAST_COLUMN:
            raise too_large("a sheet has more columns than Excel allows")
        self._attributes = attributes
        self._text, self._formula = None, False
        self.runs.begin(attributes)

    def formula(self, _: Attributes) -> None:
        """Note that the cell is worked out by Excel."""
        self._formula = True

    def value(self, text: str) -> None:
        """Take the cell's value, or the last one that Excel worked out."""
        self._text = text

    def cell_end(self, _: str) -> None:
        """End the cell: keep it if it holds anything."""
        value, fault = self._content()
        if value in {None, ""} and not fault:
            self._empty += 1
            if self._empty > _MOST_EMPTY:
                raise too_large("a sheet has more than 4,000,000 blank cells with a format")
            return
        if self._column in self._cells:
            cell = f"{column_letter(self._column)}{self._row}"
            raise damaged(f"the {self._name} sheet has cell {cell} twice")
        found = self._context.format(self._attributes.get("s"))
        if self._attributes.get("t") == "d" and found == GENERAL_FORMAT:
            found = _usual_format(self._text or "")
        code, format_id = found
        self._cells[self._column] = Cell(self._row, self._column, value, code, format_id, fault)
        self._filled += 1
        if self._column > MOST_COLUMNS:
            cell = f"{column_letter(self._column)}{self._row}"
            key, most = "workbook-too-large/columns", MOST_COLUMNS
            raise FaultError(messages.fault(key, cell=cell, most=most), DataError)
        if self._filled > MOST_CELLS:
            raise too_large("a sheet has more than 2,000,000 cells with data")

    def _content(self) -> tuple[Scalar, CellFault]:
        kind = self._attributes.get("t", "n")
        text = self._text
        if kind == "inlineStr":
            return self.runs.text(), ""
        if text is None or (not text and kind != "str"):  # ="" is a value: a blank text
            return None, "no-value" if self._formula else ""
        if kind == "d":
            return self._date(text)
        return self._converted(kind, text), "error-value" if kind == "e" else ""

    def _date(self, text: str) -> tuple[Scalar, CellFault]:
        try:
            return parse_iso_date(text, date1904=self._context.date1904), ""
        except (ValueError, OverflowError):
            return text, "no-date"

    def _converted(self, kind: str, text: str) -> Scalar:
        """Convert a value by its cell type (18.18.11 ST_CellType)."""
        if kind == "s":
            return self._context.strings[int(text)]
        if kind == "n":
            return parse_number(text)
        if kind == "b":
            return is_true(text)
        return unescaped(text)

    def row_end(self, _: str) -> None:
        """End the row: keep it if it holds anything."""
        if not self._cells:
            return
        if self._row in self.rows:
            raise damaged(f"the {self._name} sheet has row {self._row} twice")
        ordered = tuple(self._cells[column] for column in sorted(self._cells))
        self.rows[self._row] = Row(self._row, self._hidden, ordered)
        if len(self.rows) > MOST_ROWS:
            raise too_large("a sheet has more than 100,000 rows of data")

    def merge(self, attributes: Attributes) -> None:
        """Keep a range of merged cells."""
        found = _REFERENCE.fullmatch(attributes.get("ref", "").replace("$", ""))
        if not found:
            cells = attributes.get("ref", "")[:20]
            raise damaged(f"the {self._name} sheet has merged cells outside the sheet: “{cells}”")
        if len(self.merged) >= _MOST_MERGED:
            raise too_large("a sheet has more than 100,000 merged ranges")
        left, top, right, bottom = found.groups()
        last_row, last_column = int(bottom or top), column_number(right or left)
        self.merged.append(Range(int(top), column_number(left), last_row, last_column))


# Texts: the shared strings, runs of rich text, Excel's escapes (ECMA-376 part 1, 18.4).

_MOST_STRINGS = 2_000_000
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Return text without Excel's escapes: `_x000D_` is a carriage return (22.4.2.4 ST_Xstring)."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # Two escapes may be the halves of one character; a half alone stays, for the cell's own error.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def read_strings(archive: Archive, part: str) -> list[str]:
    """Read the shared strings: runs of rich text joined, Japanese reading aids left out."""
    strings: list[str] = []
    text = StringItem()

    def item(_: str) -> None:
        strings.append(text.text())
        if len(strings) > _MOST_STRINGS:
            raise too_large("it has more than two million texts")

    if part:
        parse_events(
            archive.chunks(part),
            SPREADSHEETS,
            {"si": text.begin, **text.starts},
            {**text.ends, "si": item},
        )
    return strings


class StringItem:
    """Collects the text of one string item, `si` or `is` (18.4.8)."""

    def __init__(self) -> None:
        self._runs: list[str] = []
        self._in_phonetic = False
        self.starts = {"rPh": self._phonetic_start}
        self.ends = {"rPh": self._phonetic_end, "t": self._run}

    def begin(self, _: Attributes) -> None:
        """Begin a string item."""
        self._runs.clear()

    def text(self) -> str:
        """Return the item's text."""
        return unescaped("".join(self._runs))

    def _phonetic_start(self, _: Attributes) -> None:
        self._in_phonetic = True

    def _phonetic_end(self, _: str) -> None:
        self._in_phonetic = False

    def _run(self, text: str) -> None:
        if not self._in_phonetic:
            self._runs.append(text)


# The number format of each cell style (ECMA-376 part 1, 18.8).

NumberFormat = tuple[str, int]
"""A number format's code and its id; no code where the file names one that it does not hold."""
GENERAL_FORMAT: NumberFormat = ("General", 0)


def read_formats(archive: Archive, part: str) -> list[NumberFormat]:
    """Read the number format of each cell style; none where the workbook has no styles."""
    own: dict[int, str] = {}
    ids: list[int] = []
    inside = False

    def own_format(attributes: Attributes) -> None:
        code = unescaped(attributes.get("formatCode", "")) or "General"
        own.setdefault(int(attributes["numFmtId"]), code)  # differences repeat them later

    def begin(_: Attributes) -> None:
        nonlocal inside
        inside = True

    def end(_: str) -> None:
        nonlocal inside
        inside = False

    def style(attributes: Attributes) -> None:
        if inside:  # named styles are xf elements too
            ids.append(int(attributes.get("numFmtId", "0")))

    if part:
        starts = {"numFmt": own_format, "cellXfs": begin, "xf": style}
        parse_events(archive.chunks(part), SPREADSHEETS, starts, {"cellXfs": end})
    return [(own.get(i, BUILTIN_FORMATS.get(i, "")), i) for i in ids]


# Numbers, dates and column letters as a sheet's part writes them.

_NUMBER = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")


@cache
def column_number(letters: str) -> int:
    """Return the number of a column, A is 1. Cached: its letters come with every cell."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise damaged("a cell has no valid reference")
    result = 0
    for letter in letters:
        result = result * 26 + ord(letter) - 64
    return result


def parse_number(text: str) -> int | float:
    """Return a number as Excel holds it: a double (18.3.1.96), whole where it is written so."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise damaged(f"“{text[:20]}” is not a number")
    if len(text) <= 15 and text.lstrip("+-").isdecimal():
        return int(text)
    double = float(text)
    if not math.isfinite(double):
        raise damaged(f"“{text[:20]}” is not a number")
    return double


_DURATION = re.compile(
    r"P(?=.*[0-9])(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9.]{1,12})S)?)?"
)
"""ISO 8601: `PT36H5M`. Years and months are no number of days."""
_TIME_FORMAT: NumberFormat = ("h:mm:ss", 21)
_ELAPSED_FORMAT: NumberFormat = ("[h]:mm:ss", 46)


def parse_iso_date(text: str, *, date1904: bool) -> float:
    """Return a date, time or duration of ISO 8601 as the number that it is elsewhere (18.17.4).

    Raise ValueError if it is none.
    """
    text = text.strip()
    if found := _DURATION.fullmatch(text):
        days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return days + (hours * 3600 + minutes * 60 + seconds) / 86_400
    if ":" in text[:4]:
        moment = dt.time.fromisoformat(text)
        whole = moment.hour * 3600 + moment.minute * 60 + moment.second
        return (whole + moment.microsecond / 1e6) / 86_400
    return _serial(dt.datetime.fromisoformat(text).replace(tzinfo=None), date1904=date1904)


def _serial(moment: dt.datetime, *, date1904: bool) -> float:
    start = dt.datetime.fromisoformat("1904-01-01" if date1904 else "1899-12-30")
    days = (moment - start) / dt.timedelta(days=1)
    if days < 0:
        raise ValueError(moment)  # Excel has no such day
    # Excel's 29 February 1900, which never was: the days before it are counted from one later.
    return days if date1904 or days >= 61 else days - 1


def _usual_format(text: str) -> NumberFormat:
    """Return the format of a date, time or duration in a cell that has none."""
    text = text.strip()
    if text.startswith("P"):
        return _ELAPSED_FORMAT
    return _TIME_FORMAT if ":" in text[:4] else _SHORT_DATE


# Which worksheets there are, and where everything lies: ECMA-376 part 1, 18.2; part 2, 9.3.


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A worksheet as the workbook lists it: its name and whether it is hidden, its part."""

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """The workbook part: its worksheets in order, its date system, its helpers' parts.

    `strings` and `styles` are empty where the workbook has no such part.
    """

    sheets: tuple[SheetEntry, ...]
    date1904: bool
    strings: str
    styles: str


def is_true(text: str | None) -> bool:
    """Return an xsd:boolean; None, an attribute that is not there, is false."""
    return text in {"1", "true"}


def read_workbook_parts(archive: Archive) -> WorkbookParts:
    """Read the workbook part and its relationships."""
    book = _workbook_part(archive)
    related = read_relationships(archive, book)
    sheets: list[SheetEntry] = []
    systems: list[bool] = []

    def sheet(attributes: Attributes) -> None:
        link = next((v for k, v in attributes.items() if k.endswith(" id")), "")
        relation = related.get(link)
        if relation and relation.word == "worksheet":
            hidden = attributes.get("state", "visible") != "visible"
            name = unescaped(attributes["name"])
            sheets.append(SheetEntry(name, hidden, relation.path_from(book)))

    def properties(attributes: Attributes) -> None:
        systems.append(is_true(attributes.get("date1904")))

    parse_events(archive.chunks(book), SPREADSHEETS, {"sheet": sheet, "workbookPr": properties}, {})
    parts = ((r.word, r.path_from(book)) for r in related.values())
    by_kind = {word: part for word, part in parts if part in archive}
    named = by_kind.get("sharedStrings", ""), by_kind.get("styles", "")
    return WorkbookParts(tuple(sheets), any(systems), *named)


def _workbook_part(archive: Archive) -> str:
    for relation in read_relationships(archive, "").values():
        if relation.word == "officeDocument":
            return relation.path_from("")
    raise damaged("its workbook part is missing")


def read_relationships(archive: Archive, part: str) -> dict[str, Relationship]:
    """Return what a part, or for empty the whole package, leads to inside the file, by id."""
    found: dict[str, Relationship] = {}

    def relationship(attributes: Attributes) -> None:
        number, relation = read_relationship(attributes)
        if not relation.external:
            if lacking := [n for n in ("Type", "Target", "Id") if n not in attributes]:
                raise KeyError(lacking[0])
            found[number] = relation

    chunks = archive.chunks(relationships_part(part))
    parse_events(chunks, _RELATIONSHIPS, {"Relationship": relationship}, {})
    return found


# A part's XML -> calls, one element at a time, nothing held.
#
# Expat and not lxml: it builds no tree, so a part of millions of elements costs no memory; it
# reports a DOCTYPE in whatever encoding, and reads a sheet in half the time of lxml's iterparse.

_RELATIONSHIPS = (f"{PACKAGE}/relationships",)

Attributes = Mapping[str, str]
StartHandlers = Mapping[str, Callable[[Attributes], None]]
EndHandlers = Mapping[str, Callable[[str], None]]

_MOST_DEPTH = 100
_MOST_PIECES = 128
"""Of 8 KiB each: a text of 1 MiB. Excel allows a cell 32,767 characters."""
_MOST_TOKEN = 1 << 20
"""Bytes of one tag. Expat before 2.6 reads an unfinished tag again with every chunk."""


def parse_events(
    chunks: Iterable[bytes], spaces: tuple[str, ...], starts: StartHandlers, ends: EndHandlers
) -> None:
    """Call `starts[name]` with an element's attributes, `ends[name]` with its last text.

    Names are local names of the given namespaces. The text is what stands between the end tag
    and the tag before it.
    """
    parser = _EventParser(spaces, starts, ends)
    for chunk in chunks:
        parser.feed(chunk)
    parser.close()


class _EventParser:
    def __init__(self, spaces: tuple[str, ...], starts: StartHandlers, ends: EndHandlers) -> None:
        self._spaces = spaces
        self._starts = {f"{s} {name}": do for name, do in starts.items() for s in spaces}
        self._ends = {f"{s} {name}": do for name, do in ends.items() for s in spaces}
        self._text: list[str] = []
        self._depth = 0
        self._fed = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._root
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > _MOST_TOKEN:
            raise suspicious()

    def close(self) -> None:
        self._parser.Parse(b"", True)  # noqa: FBT003 - an element still open is an error

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        """Begin with the first element: a part of another kind must not pass for an empty one."""
        if name.rpartition(" ")[0] not in self._spaces:
            raise damaged(f"a part begins with an unknown element {name[:80]}")
        self._parser.StartElementHandler = self._start
        self._start(name, attributes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise suspicious()
        self._text.clear()
        if do := self._starts.get(name):
            do(attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if do := self._ends.get(name):
            do("".join(self._text))
        self._text.clear()

    def _data(self, data: str) -> None:
        self._text.append(data)
        if len(self._text) > _MOST_PIECES:
            raise too_large("a cell has more than a million characters")

    def _doctype(self, *_: object) -> None:
        raise suspicious()
