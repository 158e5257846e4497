"""What a zip of Office says of itself: its main part and that part's type.

ECMA-376 part 2: part names and content types (6.2, 6.2.3), relationships (6.5).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

from merge.office.archive import Archive
from merge.office.refused import Wording

_TYPES = "[Content_Types].xml"
_LINKS = "_rels/.rels"
_MOST = 1 << 20
"""Bytes of these two parts; the largest real ones have some 50 KB."""
_STEP = 1 << 10
_LAST = True

Element = tuple[str, Mapping[str, str]]
"""A local name and the attributes."""


@dataclass(frozen=True, slots=True)
class MainPart:
    """The part that all others hang from.

    `link` is the relationship's type, `content_type` is in small letters, `root` is the first
    element as "namespace name", empty where the XML is broken before it.
    """

    link: str
    content_type: str
    root: str


def main_part(archive: Archive, wording: Wording) -> MainPart | None:
    """None where the package names none. Refused where it is missing or cannot be told."""
    for name, link in _elements(archive, _LINKS, wording):
        kind = link.get("Type", "")
        if name == "Relationship" and kind.endswith("/officeDocument"):
            part = posixpath.normpath("/" + link.get("Target", "")).lstrip("/")
            if part not in archive:
                raise wording.damaged(f"its part {part} is missing")
            return MainPart(kind, _content_type(archive, part, wording), _root(archive, part))
    return None


def _content_type(archive: Archive, part: str, wording: Wording) -> str:
    """As the part's own entry says, else the entry for its ending."""
    own, ending = f"/{part}".lower(), part.rpartition(".")[2].lower()
    found = ""
    for name, entry in _elements(archive, _TYPES, wording):
        if name == "Override" and entry.get("PartName", "").lower() == own:
            return entry.get("ContentType", "").lower()
        if name == "Default" and entry.get("Extension", "").lower() == ending:
            found = entry.get("ContentType", "").lower()
    return found


def _elements(archive: Archive, part: str, wording: Wording) -> list[Element]:
    """Every element of a small part; none where there is no such part."""
    found: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((name.rpartition(" ")[2], attributes))

    if part in archive:
        if archive.size(part) > _MOST:
            raise wording.odd()
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = start
        parser.Parse(b"".join(archive.chunks(part)), _LAST)
    return found


def _root(archive: Archive, part: str) -> str:
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name)
    head = next(archive.chunks(part), b"")
    try:
        for at in range(0, len(head), _STEP):
            parser.Parse(head[at : at + _STEP])
            if names:
                return names[0]
    except (expat.ExpatError, LookupError, ValueError):  # also for encodings it does not know
        pass
    return ""
