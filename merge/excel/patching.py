"""Cells of a workbook changed where they stand: all else stays byte for byte, without openpyxl.

Only for workbooks as plain as the program's own, saved by whichever program: of any other nothing
is changed here. No text that was replaced stays in the file.

The rows are found by regular expressions: lxml takes as long for a sheet, holds 80 MiB for the
10,000 rows of 7 MB, and writes what it was not asked to change in its own way.
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
from merge.ooxml.container import Archive
from merge.ooxml.package import Package
from merge.problems import column_letter

CellAddress = tuple[int, int]
"""A cell's row and column, counted from 1."""


class Formula(NamedTuple):
    """A formula, without its `=`, and the text that it shows."""

    code: str
    result: str


NewValue = str | int | dt.date | Formula | None
"""What a cell gets; None and an empty text make it blank. A day stands in a cell that shows days,
counted from 1900."""


SERIAL_ZERO = dt.date(1899, 12, 30)
"""The day whose number is 0, from March 1900 on (18.17.4.1)."""


class UnpatchableWorkbookError(Exception):
    """The workbook, or a cell, is not as plain as is needed here."""


def patch_workbook(
    archive: Archive,
    contents: WorkbookParts,
    values: Mapping[str, Mapping[CellAddress, NewValue]],
    calculated: str,
) -> bytes:
    """Return the workbook with new values in cells, by sheet; each cell keeps its format.

    `calculated` is how the formulas begin whose results do not depend on other cells. Raise
    NotPlainError where there is any other, or a cell for a day has another format, or anything else
    is not understood here.
    """
    sheets = {sheet.part: _decode_part(archive.read(sheet.part)) for sheet in contents.sheets}
    for text in sheets.values():
        _check_formulas(text, calculated)
    parts = {sheet.name: sheet.part for sheet in contents.sheets}
    formats, orphaned = read_formats(archive, contents.styles), set[int]()
    changed = {}
    for name, cells in values.items():
        patch = _SheetPatch(cells, formats)
        sheets[parts[name]] = changed[parts[name]] = patch.apply(sheets[parts[name]])
        orphaned |= patch.replaced_strings
    orphaned -= {int(n) for text in sheets.values() for n in _STRING_NUMBER.findall(text)}
    if orphaned:
        changed[contents.strings] = _blank_strings(
            _decode_part(archive.read(contents.strings)), orphaned
        )
    package = Package("", archive.parts)
    if not all(part in package for part in changed):
        raise UnpatchableWorkbookError
    return package.with_parts({part: text.encode() for part, text in changed.items()}).to_bytes()


_ENCODING = re.compile(r"""<\?xml[^>]*encoding=["'](?!utf-8["'])""", re.IGNORECASE)
_SHEET_DATA = re.compile(r"<sheetData[\s/>]")
_COLUMNS = re.compile(r"<col\b([^<>]*)/>")
_ROW = re.compile(
    r'((?><row\b[^<>]*?\br="(\d+)")[^<>]*+)(?:(?<=/)>|>((?:[^<]++|<(?!/?row\b))*+)</row>)'
)
_SPANS = re.compile(r' spans="[^"]*"')
"""Which columns a row uses: a hint, wrong as soon as a cell is put in (18.3.1.73)."""
_CELL = re.compile(r"<c\b([^<>]*?)(?:/>|>((?:[^<]++|<(?!/?c\b))*+)</c>)")
_ATTRIBUTE = re.compile(r'(?<![\w:])([\w:]++)="([^"]*)"')
_STRING_NUMBER = re.compile(r'(?><c\b[^<>]*?\bt="s")[^<>]*+><v>(\d+)</v>')
_FORMULA = re.compile(r"<f[\s/>]")
_STRING = re.compile(r"<si>(?:[^<]++|<(?!/?si>))*+</si>|<si/>")
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
"""What XML cannot hold, or Excel takes for an escape."""


def _decode_part(data: bytes) -> str:
    """Return a part as text. What markup is in it can be told by a glance at its `<`."""
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
    """New values for cells of one sheet; in the end, the shared strings of those that went."""

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
        self._columns = [dict(_ATTRIBUTE.findall(found)) for found in _COLUMNS.findall(head)]
        done = _ROW.sub(self._row, text)
        if self._rows:  # a row that is not there, or is written otherwise
            raise UnpatchableWorkbookError
        return done

    def _row(self, found: re.Match[str]) -> str:
        start, number, content = found.groups()
        values = self._rows.pop(number, None)
        if values is None:
            return found[0]
        cells = {}
        for cell in _CELL.finditer(content or ""):
            column = _column_of(cell, number)
            cells[column] = cell[0] if column not in values else self._cell(cell, values[column])
        if _CELL.sub("", content or "").strip():
            raise UnpatchableWorkbookError
        for column in values.keys() - cells.keys():
            name, style = f"{column_letter(column)}{number}", self._style(start, column)
            cells[column] = self._new_cell(name, style, values[column])
        inside = "".join(cells[column] for column in sorted(cells))
        return f"{_SPANS.sub('', start.removesuffix('/'))}>{inside}</row>"

    def _cell(self, found: re.Match[str], value: NewValue) -> str:
        attributes, content = dict(_ATTRIBUTE.findall(found[1])), found[2] or ""
        is_formula = bool(_FORMULA.search(content))
        if attributes.keys() - {"r", "s", "t"} or is_formula != isinstance(value, Formula):
            raise UnpatchableWorkbookError  # the order of calculation would have to be changed as well  # noqa: E501
        self.replaced_strings.update(map(int, _STRING_NUMBER.findall(found[0])))
        return self._new_cell(attributes["r"], attributes.get("s", ""), value)

    def _style(self, row: str, column: int) -> str:
        """Return the style of a cell that is not there: its row's or its column's (18.3.1)."""
        own: dict[str, str] = dict(_ATTRIBUTE.findall(row))
        if "s" in own and own.get("customFormat") in {"1", "true"}:
            return own["s"]
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
    """Return a cell's XML; a day as its number. NotPlainError where Excel cannot hold a text."""
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
    """Return the XML of a cell that holds a text, which Excel can hold; blank for an empty one."""
    if not text:
        return f"<c {attributes}/>"
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    written = escape(text, quote=False).replace("\r", "&#13;")
    return f'<c {attributes} t="inlineStr"><is><t{space}>{written}</t></is></c>'


def _escape(text: str) -> str:
    if _NOT_IN_TEXT.search(text):
        raise UnpatchableWorkbookError
    return escape(text, quote=False)


def _blank_strings(strings: str, numbers: Iterable[int]) -> str:
    """Return the shared strings with some of them blank; the others keep their numbers."""
    pieces: Sequence[re.Match[str]] = [*_STRING.finditer(strings)]
    gone = {*numbers}
    if max(gone) >= len(pieces) or len(pieces) != len(re.findall(r"<si[\s/>]", strings)):
        raise UnpatchableWorkbookError
    done, at = [], 0
    for number in sorted(gone):
        done += [strings[at : pieces[number].start()], "<si><t></t></si>"]
        at = pieces[number].end()
    return "".join((*done, strings[at:]))
