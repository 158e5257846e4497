"""The Excel tables of a workbook: which sheet each is on, and where (ECMA-376 part 1, 18.5.1)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from merge.excel.reader import MAIN, RELATIONSHIPS, Attributes, Contents, column_number, walk
from merge.ooxml.container import Archive

_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6}):([A-Z]{1,3})([1-9][0-9]{0,6})")
_LINK = "/table"
"""How the type of a relationship to a table ends."""


@dataclass(frozen=True, slots=True)
class Area:
    """A table on its sheet, counted from 1: from its headings to its last row.

    `totals` is how many of its last rows hold totals.
    """

    name: str
    sheet: str
    left: int
    top: int
    right: int
    bottom: int
    totals: int

    def has(self, column: int) -> bool:
        """Whether a column is the table's."""
        return self.left <= column <= self.right


def find_areas(archive: Archive, contents: Contents) -> dict[str, Area]:
    """Every table of the workbook by its name."""
    found = (
        _area(archive, part, sheet.name)
        for sheet in contents.sheets
        for part in _table_parts(archive, sheet.part)
    )
    return {area.name: area for area in found if area}


def _table_parts(archive: Archive, sheet: str) -> Iterator[str]:
    folder, name = posixpath.split(sheet)
    rels = f"{folder}/_rels/{name}.rels"
    targets: list[str] = []

    def relationship(attributes: Attributes) -> None:
        if attributes["Type"].endswith(_LINK):
            targets.append(attributes["Target"])

    if rels in archive:
        walk(archive.chunks(rels), RELATIONSHIPS, {"Relationship": relationship}, {})
    for target in targets:
        yield posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _area(archive: Archive, part: str, sheet: str) -> Area | None:
    """None where the table's range is none, or it shows no headings."""
    tables: list[Attributes] = []
    walk(archive.chunks(part), MAIN, {"table": tables.append}, {})
    table = tables[0]
    ends = _RANGE.fullmatch(table.get("ref", ""))
    if not ends or table.get("headerRowCount") == "0":
        return None
    return Area(
        table.get("displayName", ""),
        sheet,
        column_number(ends[1]),
        int(ends[2]),
        column_number(ends[3]),
        int(ends[4]),
        int(table.get("totalsRowCount", "0")),
    )
