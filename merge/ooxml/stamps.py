"""Document properties of a letter: its title, ID and date only.

ECMA-376 part 2, 8 (core properties); part 1, 22.3 (custom properties). The ID is stored twice, in
`identifier` and in the custom property `Letter`, because some programs keep only one of them.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass
from itertools import count

from merge.ooxml import OFFICE, PACKAGE
from merge.ooxml.container import DAMAGE_ERRORS
from merge.ooxml.relationships import CORE_PART, CORE_RELATIONSHIP, CORE_TYPE, XML_DECLARATION
from merge.ooxml.wordml import Element

CUSTOM_PART = "docProps/custom.xml"
PROPERTY_PARTS = (CORE_PART, CUSTOM_PART)
_STAMP_MARK = "\ufdd6"
"""Marks the place of the ID and date; a noncharacter of Unicode."""
_MAX_BYTES_READ = 4_000
"""Maximum number of bytes read from a property part to find its stamp."""

_DECLARATION = XML_DECLARATION.decode()
_DC = "{http://purl.org/dc/elements/1.1/}"
_CORE = (
    f'{_DECLARATION}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    f"{_STAMP_MARK}%s</cp:coreProperties>"
)
_CUSTOM = (
    f'{_DECLARATION}<Properties xmlns="{OFFICE}/custom-properties"'
    f' xmlns:vt="{OFFICE}/docPropsVTypes"><property'
    ' fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Letter">'
    f"<vt:lpwstr>{_STAMP_MARK}</vt:lpwstr></property></Properties>"
)
_RELATIONS = (
    (CORE_PART, CORE_RELATIONSHIP.kind),
    (CUSTOM_PART, f"{OFFICE}/relationships/custom-properties"),
)
_TYPES = (
    (CORE_PART, CORE_TYPE),
    (CUSTOM_PART, "application/vnd.openxmlformats-officedocument.custom-properties+xml"),
)


@dataclass(frozen=True, slots=True)
class LetterStamp:
    """A letter's ID, and the day on which it was first created."""

    id: str
    day: dt.date


def property_parts(core: Element | None) -> dict[str, bytes]:
    """Return the two property parts, with marks in place of the stamp.

    The title is kept, and a subject if it has a placeholder.
    """
    elements = ""
    for name, required in (("title", ""), ("subject", "{")):
        text = (core.findtext(_DC + name) if core is not None else "") or ""
        if text.strip() and required in text:
            escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            elements += f"<dc:{name}>{escaped}</dc:{name}>"
    return {CORE_PART: (_CORE % elements).encode(), CUSTOM_PART: _CUSTOM.encode()}


def declare_properties(relationships: Element, types: Element) -> None:
    """Add the two parts to the package's relationships and content types."""
    used_ids = {relation.get("Id") for relation in relationships}
    free_ids = (name for name in map("letter{}".format, count()) if name not in used_ids)
    for part, kind in _RELATIONS:
        attributes = {"Id": next(free_ids), "Type": kind, "Target": part}
        relationships.append(
            relationships.makeelement(f"{{{PACKAGE}/relationships}}Relationship", attributes)
        )
    for part, kind in _TYPES:
        attributes = {"PartName": f"/{part}", "ContentType": kind}
        types.append(types.makeelement(f"{{{PACKAGE}/content-types}}Override", attributes))


class StampedPart:
    """A property part as text, into which each letter's stamp is inserted.

    It can also be written without a stamp.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._front, _, self._back = (piece.encode() for piece in text.partition(_STAMP_MARK))

    def with_stamp(self, stamp: LetterStamp | None) -> bytes:
        """Return the part's bytes with a letter's stamp, or with no stamp."""
        if stamp is None:
            return self._front + self._back
        stamp_xml = stamp.id
        if self.name == CORE_PART:
            created = f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp.day}T00:00:00Z'
            stamp_xml = f"<dc:identifier>{stamp.id}</dc:identifier>{created}</dcterms:created>"
        return self._front + stamp_xml.encode() + self._back


def read_stamp(letter: bytes) -> LetterStamp | None:
    """Return the stamp in a letter's bytes, or None if there is no stamp.

    Another program may have saved it and kept the ID in only one place.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(letter)) as archive:
            core, custom = (_part_start(archive, part) for part in PROPERTY_PARTS)
    except (*DAMAGE_ERRORS, OSError):
        return None
    letter_id = re.search(r"identifier>([0-9a-f]{16})<", core) or re.search(
        r'name="Letter"[^<>]{0,200}>\s*<vt:lpwstr>([0-9a-f]{16})<', custom
    )
    day = re.search(r"(?:created|modified)[^<>]{0,200}>(\d{4}-\d\d-\d\d)T", core)
    try:
        return (
            LetterStamp(letter_id[1], dt.date.fromisoformat(day[1])) if letter_id and day else None
        )
    except ValueError:
        return None


def _part_start(archive: zipfile.ZipFile, part: str) -> str:
    """Return the beginning of a part as text; empty if the part is missing."""
    if part not in archive.namelist():
        return ""
    with archive.open(part) as stream:
        return stream.read(_MAX_BYTES_READ).decode(errors="replace")
