"""Change cells of a workbook in place, without openpyxl.

1. Everything else stays the same, byte for byte. No text that was replaced stays in the file.
2. This is only for workbooks as simple as the program's own, saved by any program. Other workbooks
   are not changed here.
3. Rows are found with regular expressions. lxml takes as long for a sheet, needs 80 MiB for 10,000
   rows of 7 MB, and reformats what it was not asked to change.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from html import escape
from typing import NamedTuple

from merge.errors import FaultError
from merge.excel.display import typed_value
from merge.excel.format_codes import UnsupportedFormatError
from merge.excel.sheet_values import column_number
from merge.excel.workbook_parts import NumberFormat, WorkbookParts, read_formats
from merge.ooxml.container import ZipArchive
from merge.ooxml.package import Package
from merge.problems import column_letter

CellAddress = tuple[int, int]
"""A cell's row and column, counted from 1."""


class Formula(NamedTuple):
    """A formula without its `=`, and the text of its result."""

    code: str
    result: str


NewValue = str | int | dt.date | Formula | None
"""New value of a cell; None and an empty text make it blank.

A date needs a cell with a date format, and a workbook that counts days from 1900.
"""


SERIAL_ZERO = dt.date(1899, 12, 30)
"""Date of serial number 0, from March 1900 on (18.17.4.1)."""


class UnpatchableWorkbookError(Exception):
    """The workbook or a cell is not simple enough to be patched."""


def patch_workbook(
    archive: ZipArchive,
    contents: WorkbookParts,
    values: Mapping[str, Mapping[CellAddress, NewValue]],
    calculated: str,
) -> bytes:
    """Return a workbook's bytes with new values in cells, by sheet.

    Each cell keeps its format. `calculated` is the start of formulas whose results do not depend on
    other cells. Raise UnpatchableWorkbookError if there is another formula, a date would be in a
    cell of another format, or something else is not understood.
    """
    sheets = {sheet.part: _decode_part(archive.read(sheet.part)) for sheet in contents.sheets}
    for text in sheets.values():
        _check_formulas(text, calculated)
    parts = {sheet.name: sheet.part for sheet in contents.sheets}
    formats, unused = read_formats(archive, contents.styles), set[int]()
    new_parts = {}
    for name, cells in values.items():
        patch = _SheetPatch(cells, formats)
        sheets[parts[name]] = new_parts[parts[name]] = patch.apply(sheets[parts[name]])
        unused |= patch.replaced_strings
    unused -= {int(n) for text in sheets.values() for n in _STRING_NUMBER.findall(text)}
    if unused:
        new_parts[contents.strings] = _blank_strings(
            _decode_part(archive.read(contents.strings)), unused
        )
    package = Package("", archive.parts)
    if not all(part in package for part in new_parts):
        raise UnpatchableWorkbookError
    return package.with_parts({part: text.encode() for part, text in new_parts.items()}).to_bytes()


_ENCODING = re.compile(r"""<\?xml[^>]*encoding=["'](?!utf-8["'])""", re.IGNORECASE)
_SHEET_DATA = re.compile(r"<sheetData[\s/>]")
_COLUMNS = re.compile(r"<col\b([^<>]*)/>")
_ROW = re.compile(
    r'((?><row\b[^<>]*?\br="(\d+)")[^<>]*+)(?:(?<=/)>|>((?:[^<]++|<(?!/?row\b))*+)</row>)'
)
_SPANS = re.compile(r' spans="[^"]*"')
"""Columns that a row uses.

It is only a hint, which is wrong as soon as a cell is added (18.3.1.73).
"""
_CELL = re.compile(r"<c\b([^<>]*?)(?:/>|>((?:[^<]++|<(?!/?c\b))*+)</c>)")
_ATTRIBUTE = re.compile(r'(?<![\w:])([\w:]++)="([^"]*)"')
_STRING_NUMBER = re.compile(r'(?><c\b[^<>]*?\bt="s")[^<>]*+><v>(\d+)</v>')
_FORMULA = re.compile(r"<f[\s/>]")
_STRING = re.compile(r"<si>(?:[^<]++|<(?!/?si>))*+</si>|<si/>")
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
"""Text that XML cannot hold, or that Excel reads as an escape."""


def _decode_part(data: bytes) -> str:
    """Return a part as text, in which every `<` begins an element.

    Raise UnpatchableWorkbookError for comments, CDATA and other encodings.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnpatchableWorkbookError from error
    if "<!" in text or _ENCODING.match(text):
        raise UnpatchableWorkbookError
    return text


def _check_formulas(text: str, calculated: str) -> None:
    if len(_FORMULA.findall(text)) != text.count(f"<f>{calculated}"):
        raise UnpatchableWorkbookError


class _SheetPatch:
    """New values for cells of one sheet.

    `replaced_strings` collects the shared strings of replaced values.
    """

    def __init__(
        self, values: Mapping[CellAddress, NewValue], formats: Sequence[NumberFormat]
    ) -> None:
        self.replaced_strings: set[int] = set()
        self._formats = formats
        self._columns: list[dict[str, str]] = []
        self._rows: dict[str, dict[int, NewValue]] = {}
        for (row, column), value in values.items():
            self._rows.setdefault(str(row), {})[column] = value

    def apply(self, text: str) -> str:
        """Return the sheet's XML with the new values."""
        head = _SHEET_DATA.split(text, maxsplit=1)[0]
        self._columns = [dict(_ATTRIBUTE.findall(column)) for column in _COLUMNS.findall(head)]
        result = _ROW.sub(self._row, text)
        if self._rows:  # a row is missing, or written differently
            raise UnpatchableWorkbookError
        return result

    def _row(self, match: re.Match[str]) -> str:
        start_tag, number, content = match.groups()
        values = self._rows.pop(number, None)
        if values is None:
            return match[0]
        cells = {}
        for cell in _CELL.finditer(content or ""):
            column = _column_of(cell, number)
            cells[column] = cell[0] if column not in values else self._cell(cell, values[column])
        if _CELL.sub("", content or "").strip():
            raise UnpatchableWorkbookError
        for column in values.keys() - cells.keys():
            name, style = f"{column_letter(column)}{number}", self._style(start_tag, column)
            cells[column] = self._new_cell(name, style, values[column])
        cells_xml = "".join(cells[column] for column in sorted(cells))
        return f"{_SPANS.sub('', start_tag.removesuffix('/'))}>{cells_xml}</row>"

    def _cell(self, match: re.Match[str], value: NewValue) -> str:
        attributes, content = dict(_ATTRIBUTE.findall(match[1])), match[2] or ""
        is_formula = bool(_FORMULA.search(content))
        if attributes.keys() - {"r", "s", "t"} or is_formula != isinstance(value, Formula):
            raise UnpatchableWorkbookError  # calcChain would have to be changed too
        self.replaced_strings.update(map(int, _STRING_NUMBER.findall(match[0])))
        return self._new_cell(attributes["r"], attributes.get("s", ""), value)

    def _style(self, row: str, column: int) -> str:
        """Return a missing cell's style: that of its row or column (18.3.1)."""
        attributes: dict[str, str] = dict(_ATTRIBUTE.findall(row))
        if "s" in attributes and attributes.get("customFormat") in {"1", "true"}:
            return attributes["s"]
        groups = (c for c in self._columns if int(c["min"]) <= column <= int(c["max"]))
        return next((group.get("style", "") for group in groups), "")

    def _new_cell(self, name: str, style: str, value: NewValue) -> str:
        if isinstance(value, dt.date) and not _shows_day(value, self._formats, style):
            raise UnpatchableWorkbookError
        return cell_markup(f'r="{name}" s="{style}"' if style else f'r="{name}"', value)


def _shows_day(day: dt.date, formats: Sequence[NumberFormat], style: str) -> bool:
    with suppress(UnsupportedFormatError, IndexError):
        serial = (day - SERIAL_ZERO).days
        return isinstance(typed_value(serial, formats[int(style or 0)][0]), dt.date)
    return False


def _column_of(cell: re.Match[str], row: str) -> int:
    reference = dict(_ATTRIBUTE.findall(cell[1])).get("r", "")
    letters = reference.removesuffix(row)
    try:
        return column_number(letters)
    except FaultError as error:
        raise UnpatchableWorkbookError from error


def cell_markup(attributes: str, value: NewValue) -> str:
    """Return a cell's XML; a date becomes a number.

    Raise UnpatchableWorkbookError for a text that Excel cannot store.
    """
    if value is None or value == "":
        return f"<c {attributes}/>"
    if isinstance(value, dt.date):
        value = (value - SERIAL_ZERO).days
    if isinstance(value, int):
        return f"<c {attributes}><v>{value}</v></c>"
    if isinstance(value, Formula):
        code, shown = map(_escape, value)
        return f'<c {attributes} t="str"><f>{code}</f><v>{shown}</v></c>'
    if _NOT_IN_TEXT.search(value):
        raise UnpatchableWorkbookError
    return text_cell_markup(attributes, value)


def text_cell_markup(attributes: str, text: str) -> str:
    """Return the XML of a cell with a text that Excel can store.

    The cell is blank for an empty text.
    """
    if not text:
        return f"<c {attributes}/>"
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    escaped = escape(text, quote=False).replace("\r", "&#13;")
    return f'<c {attributes} t="inlineStr"><is><t{space}>{escaped}</t></is></c>'


def _escape(text: str) -> str:
    if _NOT_IN_TEXT.search(text):
        raise UnpatchableWorkbookError
    return escape(text, quote=False)


def _blank_strings(strings: str, numbers: Iterable[int]) -> str:
    """Return shared strings in which those with these numbers are blank."""
    pieces: Sequence[re.Match[str]] = [*_STRING.finditer(strings)]
    removed = {*numbers}
    if max(removed) >= len(pieces) or len(pieces) != len(re.findall(r"<si[\s/>]", strings)):
        raise UnpatchableWorkbookError
    chunks, position = [], 0
    for number in sorted(removed):
        chunks += [strings[position : pieces[number].start()], "<si><t></t></si>"]
        position = pieces[number].end()
    return "".join((*chunks, strings[position:]))
