"""The list's Memory sheet as XML; openpyxl would hold all its cells."""

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
    is_protected,
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
    """The content of the signer list's hidden Memory sheet, as XML.

    `previous_hash` is the hash of the list before the import.
    """

    signer_list: SignerList
    previous_hash: str
    destinations: Sequence[str]

    @property
    def offered_destinations(self) -> list[str]:
        """Options for the Goes to column of the Forms sheet."""
        headings = (*self.destinations, NAME, *other_headings(self.signer_list.headings))
        keywords = (CONSENT, RESPONSE_ID, EMAIL, RESPONSE_DATE, DO_NOT_IMPORT)
        destinations = dict.fromkeys((*headings, *keywords))
        return [destination_label(word) for word in destinations if not is_protected(word)]

    def rows(self, number: int) -> Iterator[list[str]]:
        """Yield the cells of each row as XML; `number` is the seal."""
        facts = _pieces(memory_header(self.signer_list, self.previous_hash))
        yield [
            _xml_cell("A1", MEMORY_SHEET),
            f'<c r="B1"><v>{number}</v></c>',
            *_xml_texts(1, 3, facts),
        ]
        for row, (key, text) in enumerate(memory_rows(self.signer_list), 2):
            yield [*_xml_texts(row, 1, (key, *_pieces(text)))]

    def sheet_data(self, number: int) -> bytearray:
        """Return the sheetData element of the Memory sheet's XML."""
        column, xml = column_letter(OPTIONS_COLUMN), bytearray(b"<sheetData>")
        for row, (cells, option) in enumerate(
            zip_longest(self.rows(number), self.offered_destinations), 1
        ):
            option_cell = [_xml_cell(f"{column}{row}", option)] if option else []
            xml += f'<row r="{row}">{"".join((*(cells or ()), *option_cell))}</row>'.encode()
        xml += b"</sheetData>"
        return xml


def _pieces(text: str) -> list[str]:
    """Return a long text in pieces that fit into cells."""
    return [text[at : at + MAX_TEXT] for at in range(0, len(text), MAX_TEXT)]


def _xml_texts(row: int, first: int, texts: Iterable[str]) -> Iterator[str]:
    for column, text in enumerate(texts, first):
        yield _xml_cell(f"{column_letter(column)}{row}", text)


def _xml_cell(name: str, text: str) -> str:
    """Return the XML of a cell with an inline text.

    A shared string would be read by openpyxl each time.
    """
    text_element = f'<t xml:space="preserve">{escape(clean_cell_text(text))}</t>'
    return f'<c r="{name}" t="inlineStr"><is>{text_element}</is></c>'


def fill_memory_sheet(data: bytes, memory: MemorySheet) -> bytes:
    """Return a workbook's bytes with the Memory sheet filled."""
    cells = memory.sheet_data(compute_seal(data))
    return _replace_memory_sheet(
        data, lambda sheet: _SHEET_DATA.sub(lambda _: cells, sheet, count=1)
    )


def clear_memory_sheet(old: OldWorkbook) -> bytes:
    """Return a list's bytes with an empty Memory sheet."""
    return _replace_memory_sheet(old.data, lambda _: _EMPTY)


def remove_undo(data: bytes) -> bytes:
    """Return a list's bytes without an import to undo, for a new campaign.

    Raise DataError if it is not a list.
    """
    return _replace_memory_sheet(
        data, lambda sheet: _SEAL.sub(rb"\g<1>%d<" % COPIED_SEAL, sheet, count=1)
    )


_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.DOTALL)
_SEAL = re.compile(rb'(<c r="B1"><v>)\d+<')
_EMPTY = f'<worksheet xmlns="{SPREADSHEETML[0]}"><sheetData/></worksheet>'.encode()


def _replace_memory_sheet(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a list's bytes with another Memory sheet.

    A list that staff created has no such sheet, so it is unchanged.
    """
    archive, part = open_archive(data, EXCEL), memory_part(parse_excel_file(data, LIST_FILE))
    if not part:
        return data
    package = Package("", archive.parts)
    return package.with_parts({part: change(archive.read(part))}).to_bytes()
