"""The whole workbook, read for reading only; its sheets one by one when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from merge.ooxml.container import Archive, read_bytes, told_of
from merge.ooxml.kinds import EXCEL, open_archive
from merge.sheet.formats import read_formats
from merge.sheet.grid import Sheet, Styles, read_grid
from merge.sheet.parts import Contents, read_contents
from merge.sheet.strings import read_strings


@dataclass(frozen=True, slots=True)
class SheetName:
    """A worksheet's name on its tab, and whether the tab is hidden."""

    name: str
    hidden: bool


@dataclass(frozen=True)
class Book:
    """An .xlsx or .xlsm within the caps. `file` is its name in messages."""

    file: str
    _archive: Archive
    _contents: Contents

    @property
    def sheets(self) -> tuple[SheetName, ...]:
        """The worksheets in the order of their tabs; charts are none."""
        return tuple(SheetName(s.name, s.hidden) for s in self._contents.sheets)

    @property
    def date1904(self) -> bool:
        """Days are counted from 1904, as in old workbooks of the Mac."""
        return self._contents.date1904

    @cached_property
    def _styles(self) -> Styles:
        strings = read_strings(self._archive, self._contents.strings)
        formats = read_formats(self._archive, self._contents.styles)
        return Styles(strings, formats, self.date1904)

    def sheet(self, name: str) -> Sheet:
        """Read the sheet of exactly that name. KeyError where there is none.

        DataError where it is damaged or larger than the caps.
        """
        part = {s.name: s.part for s in self._contents.sheets}[name]
        with told_of(EXCEL, self.file):
            return read_grid(name, self._archive.chunks(part), self._styles)


def read_book(path: Path) -> Book:
    """Open a workbook. A MergeError tells what the file is instead, and what to do."""
    with told_of(EXCEL, path.name):
        archive = open_archive(read_bytes(path, EXCEL), EXCEL)
        return Book(path.name, archive, read_contents(archive))
