"""The parts beside the sheets: which worksheets there are, and where everything lies.

Element and attribute names: ECMA-376 part 1, 18.2; relationships: part 2, 9.3.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from merge.ooxml.container import Archive
from merge.sheet.events import MAIN, RELATIONSHIPS, Attributes, walk
from merge.sheet.refusals import damaged
from merge.sheet.strings import unescaped


@dataclass(frozen=True, slots=True)
class Listed:
    """A worksheet as the workbook lists it."""

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What the workbook part says: its worksheets in order, its date system, its helpers' parts.

    `strings` and `styles` are empty where the workbook has no such part.
    """

    sheets: tuple[Listed, ...]
    date1904: bool
    strings: str
    styles: str


def is_true(text: str | None) -> bool:
    """An xsd:boolean; None, an attribute that is not there, is false."""
    return text in {"1", "true"}


def read_contents(archive: Archive) -> Contents:
    """The workbook part and its relationships."""
    book = _workbook_part(archive)
    related = _relationships(archive, book)
    sheets: list[Listed] = []
    systems: list[bool] = []

    def sheet(attributes: Attributes) -> None:
        link = next((v for k, v in attributes.items() if k.endswith(" id")), "")
        kind, part = related.get(link, ("", ""))
        if kind == "worksheet":
            hidden = attributes.get("state", "visible") != "visible"
            sheets.append(Listed(unescaped(attributes["name"]), hidden, part))

    def properties(attributes: Attributes) -> None:
        systems.append(is_true(attributes.get("date1904")))

    walk(archive.chunks(book), MAIN, {"sheet": sheet, "workbookPr": properties}, {})
    by_kind = {kind: part for kind, part in related.values() if part in archive}
    named = by_kind.get("sharedStrings", ""), by_kind.get("styles", "")
    return Contents(tuple(sheets), any(systems), *named)


def _workbook_part(archive: Archive) -> str:
    for kind, part in _relationships(archive, "").values():
        if kind == "officeDocument":
            return part
    raise damaged("it does not say where its workbook is")


def _relationships(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Of a part, or of the whole package: id -> the kind's last word and the target's name."""
    folder, _, name = part.rpartition("/")
    found: dict[str, tuple[str, str]] = {}

    def relationship(attributes: Attributes) -> None:
        if attributes.get("TargetMode") != "External":
            kind = attributes["Type"].rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
            found[attributes["Id"]] = (kind, target.lstrip("/"))

    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    walk(archive.chunks(rels), RELATIONSHIPS, {"Relationship": relationship}, {})
    return found
