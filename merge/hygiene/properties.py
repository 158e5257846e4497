"""The document properties of a letter: its title, its id and its date, and nothing else.

ECMA-376 part 2, 8 (core properties); part 1, 22.3 (custom properties). The id stands twice, in
`identifier` and in the custom property `Letter`: some programs keep the one and some the other.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass
from itertools import count

from merge.ooxml.container import UNEXPECTED
from merge.ooxml.wordml import Element

CORE, CUSTOM = "docProps/core.xml", "docProps/custom.xml"
PROPERTY_PARTS = (CORE, CUSTOM)
_MARK = "\ufdd6"
"""Stands where the id and the date go: a noncharacter of Unicode."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DC = "{http://purl.org/dc/elements/1.1/}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CORE = (
    f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    f"{_MARK}%s</cp:coreProperties>"
)
_CUSTOM = (
    f'{_HEAD}<Properties xmlns="{_OFFICE}/custom-properties"'
    f' xmlns:vt="{_OFFICE}/docPropsVTypes"><property'
    ' fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Letter">'
    f"<vt:lpwstr>{_MARK}</vt:lpwstr></property></Properties>"
)
_RELATIONS = (
    (CORE, f"{_PACKAGE}/relationships/metadata/core-properties"),
    (CUSTOM, f"{_OFFICE}/relationships/custom-properties"),
)
_TYPES = (
    (CORE, "application/vnd.openxmlformats-package.core-properties+xml"),
    (CUSTOM, "application/vnd.openxmlformats-officedocument.custom-properties+xml"),
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a letter says of itself: its id, and the day it was first made."""

    id: str
    day: dt.date


def property_parts(core: Element | None) -> dict[str, bytes]:
    """The two parts, with marks for the stamp; title, and a subject with a tag, are kept."""
    texts = [(_DC + "title", ""), (_DC + "subject", "{")]
    kept = "".join(_kept(core, name, needed) for name, needed in texts)
    return {CORE: (_CORE % kept).encode(), CUSTOM: _CUSTOM.encode()}


def _kept(core: Element | None, name: str, needed: str) -> str:
    text = (core.findtext(name) if core is not None else "") or ""
    if not text.strip() or needed not in text:
        return ""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    local = name.removeprefix(_DC)
    return f"<dc:{local}>{escaped}</dc:{local}>"


def declare(relations: Element, types: Element) -> None:
    """Let the package say that it has these parts."""
    taken = {relation.get("Id") for relation in relations}
    free = (name for name in map("letter{}".format, count()) if name not in taken)
    for part, kind in _RELATIONS:
        own = {"Id": next(free), "Type": kind, "Target": part}
        relations.append(relations.makeelement(f"{{{_PACKAGE}/relationships}}Relationship", own))
    for part, kind in _TYPES:
        own = {"PartName": f"/{part}", "ContentType": kind}
        types.append(types.makeelement(f"{{{_PACKAGE}/content-types}}Override", own))


class StampedPart:
    """A property part as text: stamped for each letter, or with no stamp for none."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._front, _, self._back = (piece.encode() for piece in text.partition(_MARK))

    def with_stamp(self, stamp: Stamp | None) -> bytes:
        """The part's bytes."""
        if stamp is None:
            return self._front + self._back
        words = stamp.id if self.name == CUSTOM else _core_words(stamp)
        return self._front + words.encode() + self._back


def _core_words(stamp: Stamp) -> str:
    return (
        f"<dc:identifier>{stamp.id}</dc:identifier>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp.day}T00:00:00Z</dcterms:created>'
    )


def stamp_of(letter: bytes) -> Stamp | None:
    """The stamp that a letter carries; None where it is no letter of this program.

    A program that saved it may have kept the id in one place only.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(letter)) as archive:
            core, custom = (_head(archive, part) for part in PROPERTY_PARTS)
    except (*UNEXPECTED, OSError):
        return None
    found = re.search(r"identifier>([0-9a-f]{16})<", core) or re.search(
        r'name="Letter"[^>]*>\s*<vt:lpwstr>([0-9a-f]{16})<', custom
    )
    day = re.search(r"(?:created|modified)[^>]*>(\d{4}-\d\d-\d\d)T", core)
    try:
        return Stamp(found[1], dt.date.fromisoformat(day[1])) if found and day else None
    except ValueError:
        return None


def _head(archive: zipfile.ZipFile, part: str) -> str:
    """The beginning of a small part; empty where there is none."""
    if part not in archive.namelist():
        return ""
    with archive.open(part) as opened:
        return opened.read(_LONGEST).decode(errors="replace")


_LONGEST = 4_000
