"""The list's Memory sheet as XML: openpyxl would hold it cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from xml.sax.saxutils import escape

from merge.excel.lists import cleaned
from merge.excel.reader import parse_book
from merge.excel.saving import OldWorkbook
from merge.intake.destinations import (
    CONSENT,
    EMAIL,
    LEAVE_OUT,
    NAME,
    ORDER,
    SUBMISSION,
    spoken_destination,
)
from merge.intake.list_memory import (
    COPIED,
    MEMORY,
    MOST_TEXT,
    OPTIONS_COLUMN,
    memory_facts,
    memory_part,
    memory_rows,
    seal,
)
from merge.intake.list_types import SignerList
from merge.intake.signer_list import further_headings
from merge.ooxml import SPREADSHEETS
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import Package, open_archive
from merge.problems import column_letter
from merge.workbook.reading import LIST_FILE


@dataclass(frozen=True, slots=True)
class MemorySheet:
    """The content of the Memory sheet. `before` is the hash of the list as it was."""

    known: SignerList
    before: str
    destinations: Sequence[str]

    @property
    def words(self) -> list[str]:
        """What Goes to offers."""
        headings = (*self.destinations, NAME, *further_headings(self.known.headings))
        usual = (CONSENT, SUBMISSION, EMAIL, ORDER, LEAVE_OUT)
        every = dict.fromkeys((*headings, *usual))
        return [*map(spoken_destination, every)]

    def rows(self, number: int) -> Iterator[list[str]]:
        """Yield the cells of each row as XML, from left to right; `number` is the seal."""
        facts = _pieces(memory_facts(self.known, self.before))
        yield [_xml_cell("A1", MEMORY), f'<c r="B1"><v>{number}</v></c>', *_xml_texts(1, 3, facts)]
        for row, (key, text) in enumerate(memory_rows(self.known), 2):
            yield [*_xml_texts(row, 1, (key, *_pieces(text)))]

    def data(self, number: int) -> bytearray:
        """Return what stands in its sheetData."""
        column, made = column_letter(OPTIONS_COLUMN), bytearray(b"<sheetData>")
        for row, (cells, word) in enumerate(zip_longest(self.rows(number), self.words), 1):
            last = [_xml_cell(f"{column}{row}", word)] if word else []
            made += f'<row r="{row}">{"".join((*(cells or ()), *last))}</row>'.encode()
        made += b"</sheetData>"
        return made


def _pieces(text: str) -> list[str]:
    """Return a text in pieces that cells can hold."""
    return [text[at : at + MOST_TEXT] for at in range(0, len(text), MOST_TEXT)]


def _xml_texts(row: int, first: int, texts: Iterable[str]) -> Iterator[str]:
    for column, text in enumerate(texts, first):
        yield _xml_cell(f"{column_letter(column)}{row}", text)


def _xml_cell(name: str, text: str) -> str:
    """Return a cell with a text of its own; no shared string: openpyxl would read it each time."""
    inside = f'<t xml:space="preserve">{escape(cleaned(text))}</t>'
    return f'<c r="{name}" t="inlineStr"><is>{inside}</is></c>'


def filled(data: bytes, memory: MemorySheet) -> bytes:
    """Return a workbook's bytes with the Memory sheet filled."""
    cells = memory.data(seal(data))
    return _changed(data, lambda sheet: _SHEET_DATA.sub(lambda _: cells, sheet, count=1))


def without_memory(old: OldWorkbook) -> bytes:
    """Return a list's bytes, the Memory sheet empty."""
    return _changed(old.data, lambda _: _EMPTY)


def without_undo(data: bytes) -> bytes:
    """Return a list's bytes with no import that can be undone: it is copied to a new campaign.

    Raise DataError if it is not a list.
    """
    return _changed(data, lambda sheet: _SEAL.sub(rb"\g<1>%d<" % COPIED, sheet, count=1))


_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.DOTALL)
_SEAL = re.compile(rb'(<c r="B1"><v>)\d+<')
_EMPTY = f'<worksheet xmlns="{SPREADSHEETS[0]}"><sheetData/></worksheet>'.encode()


def _changed(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a list's bytes with another Memory sheet; a list made by hand has none."""
    archive, part = open_archive(data, EXCEL), memory_part(parse_book(data, LIST_FILE))
    if not part:
        return data
    package = Package("", archive.parts)
    return package.replaced({part: change(archive.read(part))}).write()
