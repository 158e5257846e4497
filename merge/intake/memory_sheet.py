"""The list's Memory sheet as XML: openpyxl would hold it cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from xml.sax.saxutils import escape

from merge.excel.lists import clean_cell_text
from merge.excel.reader import parse_excel_file
from merge.excel.saving import OldWorkbook
from merge.intake.destinations import (
    CONSENT,
    DO_NOT_IMPORT,
    EMAIL,
    NAME,
    RESPONSE_DATE,
    RESPONSE_ID,
    destination_label,
)
from merge.intake.list_memory import (
    COPIED_SEAL,
    MAX_TEXT,
    MEMORY_SHEET,
    OPTIONS_COLUMN,
    compute_seal,
    memory_header,
    memory_part,
    memory_rows,
)
from merge.intake.list_types import SignerList
from merge.intake.signer_list import other_headings
from merge.ooxml import SPREADSHEETML
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import Package, open_archive
from merge.problems import column_letter
from merge.workbook.reading import LIST_FILE


@dataclass(frozen=True, slots=True)
class MemorySheet:
    """The content of the Memory sheet. `before` is the hash of the list as it was."""

    signer_list: SignerList
    previous_hash: str
    destinations: Sequence[str]

    @property
    def offered_destinations(self) -> list[str]:
        """What Goes to offers."""
        headings = (*self.destinations, NAME, *other_headings(self.signer_list.headings))
        usual = (CONSENT, RESPONSE_ID, EMAIL, RESPONSE_DATE, DO_NOT_IMPORT)
        every = dict.fromkeys((*headings, *usual))
        return [*map(destination_label, every)]

    def rows(self, number: int) -> Iterator[list[str]]:
        """Yield the cells of each row as XML, from left to right; `number` is the seal."""
        facts = _pieces(memory_header(self.signer_list, self.previous_hash))
        yield [
            _xml_cell("A1", MEMORY_SHEET),
            f'<c r="B1"><v>{number}</v></c>',
            *_xml_texts(1, 3, facts),
        ]
        for row, (key, text) in enumerate(memory_rows(self.signer_list), 2):
            yield [*_xml_texts(row, 1, (key, *_pieces(text)))]

    def sheet_data(self, number: int) -> bytearray:
        """Return what stands in its sheetData."""
        column, made = column_letter(OPTIONS_COLUMN), bytearray(b"<sheetData>")
        for row, (cells, word) in enumerate(
            zip_longest(self.rows(number), self.offered_destinations), 1
        ):
            last = [_xml_cell(f"{column}{row}", word)] if word else []
            made += f'<row r="{row}">{"".join((*(cells or ()), *last))}</row>'.encode()
        made += b"</sheetData>"
        return made


def _pieces(text: str) -> list[str]:
    """Return a text in pieces that cells can hold."""
    return [text[at : at + MAX_TEXT] for at in range(0, len(text), MAX_TEXT)]


def _xml_texts(row: int, first: int, texts: Iterable[str]) -> Iterator[str]:
    for column, text in enumerate(texts, first):
        yield _xml_cell(f"{column_letter(column)}{row}", text)


def _xml_cell(name: str, text: str) -> str:
    """Return a cell with a text of its own; no shared string: openpyxl would read it each time."""
    inside = f'<t xml:space="preserve">{escape(clean_cell_text(text))}</t>'
    return f'<c r="{name}" t="inlineStr"><is>{inside}</is></c>'


def fill_memory_sheet(data: bytes, memory: MemorySheet) -> bytes:
    """Return a workbook's bytes with the Memory sheet filled."""
    cells = memory.sheet_data(compute_seal(data))
    return _replace_memory_sheet(
        data, lambda sheet: _SHEET_DATA.sub(lambda _: cells, sheet, count=1)
    )


def clear_memory_sheet(old: OldWorkbook) -> bytes:
    """Return a list's bytes, the Memory sheet empty."""
    return _replace_memory_sheet(old.data, lambda _: _EMPTY)


def remove_undo(data: bytes) -> bytes:
    """Return a list's bytes with no import that can be undone: it is copied to a new campaign.

    Raise DataError if it is not a list.
    """
    return _replace_memory_sheet(
        data, lambda sheet: _SEAL.sub(rb"\g<1>%d<" % COPIED_SEAL, sheet, count=1)
    )


_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.DOTALL)
_SEAL = re.compile(rb'(<c r="B1"><v>)\d+<')
_EMPTY = f'<worksheet xmlns="{SPREADSHEETML[0]}"><sheetData/></worksheet>'.encode()


def _replace_memory_sheet(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a list's bytes with another Memory sheet; a list made by hand has none."""
    archive, part = open_archive(data, EXCEL), memory_part(parse_excel_file(data, LIST_FILE))
    if not part:
        return data
    package = Package("", archive.parts)
    return package.with_parts({part: change(archive.read(part))}).to_bytes()
