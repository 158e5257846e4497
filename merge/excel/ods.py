"""Read the sheets of an .ods as rows of cells, within size limits.

Each cell has the text that LibreOffice shows. Programs that write an .ods store this text beside
the value, so no number format is applied here. OpenDocument 1.3, part 3, 9 (tables) and 6 (text).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat

from merge import messages
from merge.errors import DataError, FaultError
from merge.excel.reader import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Cell, Sheet, SheetRow
from merge.excel.workbook_parts import SheetEntry
from merge.ooxml.container import ZipArchive, file_errors
from merge.ooxml.kinds import EXPORT
from merge.ooxml.package import open_archive
from merge.problems import column_letter

_NAMESPACE_START = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT = (
    f"{_NAMESPACE_START}office:1.0 ",
    f"{_NAMESPACE_START}table:1.0 ",
    f"{_NAMESPACE_START}text:1.0 ",
)
_STYLE, _DRAWING = f"{_NAMESPACE_START}style:1.0 ", f"{_NAMESPACE_START}drawing:1.0 "
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}
_NOT_SHOWN = {
    f"{_OFFICE}annotation",
    f"{_TABLE}tracked-changes",
    f"{_TABLE}shapes",
    f"{_TEXT}note",
    f"{_TEXT}ruby-text",
}
"""Elements with text that does not belong to the cell."""
_EXTERNAL_CONTENT = {
    f"{_TABLE}table-source": "one of its sheets comes from another file",
    f"{_TABLE}cell-range-source": "some of its cells come from another file",
    f"{_TABLE}dde-links": "some of its cells come from another program",
    f"{_OFFICE}dde-source": "some of its cells come from another program",
    f"{_OFFICE}event-listeners": "it runs a macro when it is opened",
}
_VALUE_ATTRIBUTES = ("string-value", "value", "date-value", "time-value", "boolean-value")
_LIBRARY_LISTS = ("script-lc.xml", "script-lb.xml", "dialog-lc.xml", "dialog-lb.xml")
"""Lists that LibreOffice writes even for libraries without macros."""

_LINE_END = re.compile(r"(?<!\s)[^\S\r\n]*+[\r\n]\s*+")
"""A line break of the XML and the spaces around it.

It is not part of the text. Other spaces are kept, because Calc writes every space of a text.
"""
_MAX_TEXT = 1 << 20
_MAX_TOKEN = 1 << 20
"""Maximum size of a tag in bytes, as in xml_events.py."""
_MAX_SHEETS = 1_000


@dataclass(frozen=True)
class OdsFile:
    """An .ods workbook within the size limits, read completely.

    Sheets are in the order of their tabs.
    """

    file: str
    sheets: tuple[SheetEntry, ...]
    _sheets_by_name: dict[str, Sheet]

    def sheet(self, name: str) -> Sheet:
        """Return the sheet of exactly this name; raise KeyError if missing."""
        return self._sheets_by_name[name]


def parse_ods(data: bytes, file: str) -> OdsFile:
    """Return an .ods file from its bytes; `file` is its name in messages.

    Raise MergeError if it is damaged, locked, has macros or external contents, or exceeds a limit.
    """
    with file_errors(EXPORT, file):
        archive = open_archive(data, EXPORT)
        _refuse_locks_and_macros(archive)
        reader = _ContentReader()
        reader.read(archive.chunks("content.xml"))
        entries = (SheetEntry(name, reader.is_hidden(name), "") for name in reader.sheets)
        return OdsFile(file, tuple(entries), reader.sheets)


def _refuse_locks_and_macros(archive: ZipArchive) -> None:
    manifest = "META-INF/manifest.xml"
    if manifest in archive and b"encryption-data" in archive.read(manifest):
        raise FaultError(messages.fault("form-protected/libreoffice"), DataError)
    names = [part.name.lower() for part in archive.parts]
    macro_parts = (name for name in names if name.startswith(("basic/", "scripts/")))
    if any(not name.endswith(_LIBRARY_LISTS) for name in macro_parts):
        raise EXPORT.unusual_error("it contains macros")


class _ContentReader:
    """Collects an .ods file's sheets from the events of its content.xml."""

    def __init__(self) -> None:
        self.sheets: dict[str, Sheet] = {}
        self._styles: dict[str, str] = {}
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._name = ""
        self._in_table = False
        self._rows: list[SheetRow] = []
        self._row = self._column = self._filled = 0
        self._row_repeats = self._cell_repeats = 1
        self._is_hidden = False
        self._hidden_groups: list[bool] = []
        self._cells: list[Cell] = []
        self._in_cell = self._is_shown = False
        self._paragraphs = self._open_paragraphs = 0
        self._attributes: dict[str, str] = {}
        self._text: list[str] = []
        self._length = 0
        self._skipping = 0

    def is_hidden(self, name: str) -> bool:
        """Return whether the style of a sheet hides the sheet."""
        return self._styles.get(name, "") in self._hidden_styles

    def read(self, chunks: Iterable[bytes]) -> None:
        """Read the sheets from the XML of content.xml, chunk by chunk.

        A DOCTYPE has already been refused when the archive was opened.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        fed = 0
        for chunk in chunks:
            parser.Parse(chunk)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                raise EXPORT.unusual_error()
        parser.Parse(b"", True)  # noqa: FBT003 - an element without an end is an error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        is_inner = self._in_table and name == f"{_TABLE}table"
        if self._skipping or name in _NOT_SHOWN or name.startswith(_DRAWING) or is_inner:
            self._skipping += 1
        elif name in _CELLS:
            self._begin_cell(attributes, is_shown=name == f"{_TABLE}table-cell")
        elif name.startswith(_TEXT):
            self._begin_text(name.removeprefix(_TEXT), attributes)
        elif name == f"{_TABLE}table-row":
            self._begin_row(attributes)
        elif reason := _EXTERNAL_CONTENT.get(name):
            raise EXPORT.unusual_error(reason)
        else:
            self._begin_other(name, attributes)

    def _begin_other(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_TABLE}table":
            self._name = attributes[f"{_TABLE}name"]
            self._styles[self._name] = attributes.get(f"{_TABLE}style-name", "")
            self._in_table, self._rows, self._row = True, [], 0
        elif name == f"{_TABLE}table-row-group":
            self._hidden_groups.append(attributes.get(f"{_TABLE}display") == "false")
        elif name == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif attributes.get(f"{_TABLE}display") == "false" and name.startswith(_STYLE):
            self._hidden_styles.add(self._style)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row_repeats = _repeat_count(attributes.get(f"{_TABLE}number-rows-repeated", "1"))
        visibility = attributes.get(f"{_TABLE}visibility", "visible")
        self._is_hidden = visibility != "visible" or any(self._hidden_groups)
        self._cells, self._column = [], 0

    def _begin_cell(self, attributes: dict[str, str], *, is_shown: bool) -> None:
        self._cell_repeats = _repeat_count(attributes.get(f"{_TABLE}number-columns-repeated", "1"))
        self._attributes = attributes
        self._in_cell, self._is_shown = True, is_shown
        self._text.clear()
        self._paragraphs = self._open_paragraphs = self._length = 0

    def _begin_text(self, name: str, attributes: dict[str, str]) -> None:
        if not self._in_cell:
            return
        if name in {"p", "h"}:
            if self._paragraphs:
                self._add_text("\n")
            self._paragraphs += 1
            self._open_paragraphs += 1
        elif name == "s":
            self._add_text(" " * min(_repeat_count(attributes.get(f"{_TEXT}c", "1")), 100))
        elif name in {"tab", "line-break"}:
            self._add_text("\t" if name == "tab" else "\n")

    def _data(self, data: str) -> None:
        if self._open_paragraphs and not self._skipping:
            self._add_text(_LINE_END.sub(" ", data) if "\n" in data else data)

    def _add_text(self, text: str) -> None:
        self._length += len(text)
        if self._length > _MAX_TEXT:
            raise EXPORT.too_large_error("a cell has more than a million characters")
        self._text.append(text)

    def _end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
        elif name in _CELLS:
            self._end_cell()
        elif name == f"{_TABLE}table-row":
            self._end_row()
        elif name in {f"{_TEXT}p", f"{_TEXT}h"}:
            self._open_paragraphs = max(0, self._open_paragraphs - 1)
        elif name == f"{_TABLE}table-row-group":
            self._hidden_groups.pop()
        elif name == f"{_TABLE}table":
            self._end_table()

    def _end_cell(self) -> None:
        self._in_cell = False
        first, self._column = self._column + 1, self._column + self._cell_repeats
        text = "".join(self._text) if self._paragraphs else self._raw_value()
        if not text.strip() or not self._is_shown:
            return
        if self._column > MAX_COLUMNS:
            cell = f"{column_letter(MAX_COLUMNS + 1)}{self._row + 1}"
            raise EXPORT.too_large_error(f"{cell} has a value, but only 2,000 columns are read")
        number = self._row + 1
        self._cells += [Cell(number, at, text, "@") for at in range(first, self._column + 1)]

    def _raw_value(self) -> str:
        """Return the value of a cell that has no displayed text."""
        values = (self._attributes.get(_OFFICE + value) for value in _VALUE_ATTRIBUTES)
        return next(filter(None, values), "") if self._attributes else ""

    def _end_row(self) -> None:
        first, self._row = self._row + 1, self._row + self._row_repeats
        if not self._cells:
            return
        self._filled += len(self._cells) * self._row_repeats
        if len(self._rows) + self._row_repeats > MAX_ROWS:
            raise EXPORT.too_large_error("a sheet has more than 100,000 rows of data")
        if self._filled > MAX_CELLS:
            raise EXPORT.too_large_error("the sheets have more than 2,000,000 cells with data")
        cells = tuple(self._cells)
        self._rows += [SheetRow(n, self._is_hidden, cells) for n in range(first, self._row + 1)]

    def _end_table(self) -> None:
        self._in_table = False
        if self._name in self.sheets or len(self.sheets) >= _MAX_SHEETS:
            raise EXPORT.unusual_error()
        self.sheets[self._name] = Sheet(self._name, tuple(self._rows))


def _repeat_count(text: str) -> int:
    count = int(text)
    if not 1 <= count < 1 << 32:
        raise EXPORT.unusual_error()
    return count
