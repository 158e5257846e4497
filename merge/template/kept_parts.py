"""Determine which parts of a template are kept in a letter.

They are reached by relationships of known kinds: ECMA-376 part 1, 15.2 and part 2, 6.5. Everything
else is removed, whether or not it is known to be harmful:

- macros, embedded objects, signatures, printer settings
- comments and their authors, custom XML, data sources
- thumbnails, building blocks, ribbons
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from merge.ooxml.relationships import (
    CONTENT_TYPES,
    ContentTypes,
    read_relationship,
    relationships_part,
)
from merge.ooxml.wordml import Element
from merge.template.links import OUTSIDE_LINKS, is_allowed_with_tags

_KEPT_KINDS = {
    "officeDocument": "document.main+xml",
    **{kind: f"{kind}+xml" for kind in ("styles", "numbering", "settings")},
    **{kind: f"{kind}+xml" for kind in ("fontTable", "theme", "themeOverride")},
    **{kind: f"{kind}+xml" for kind in ("header", "footer", "footnotes", "endnotes", "chart")},
    **{kind: f"{kind}+xml" for kind in ("diagramData", "diagramLayout", "diagramColors")},
    **{kind: f"{kind}+xml" for kind in ("chartStyle", "chartColorStyle", "diagramDrawing")},
    "diagramQuickStyle": "diagramStyle+xml",
    "chartUserShapes": "chartshapes+xml",
    "font": "font",
    "image": "image/",
}
"""The kinds that stay, each with a text in the content type of its target."""

_REPORTED_KINDS = {
    "comments": "comments",
    "oleObject": "embedded objects",
    "package": "embedded objects",
    "control": "controls that run code",
    "vbaProject": "macros",
    "image": "linked pictures",
    "attachedTemplate": "the link to its Word template",
    "mailMergeSource": "the link to its mail-merge data",
    "subDocument": "a subdocument",
    "hyperlink": OUTSIDE_LINKS,
}
"""Kinds that are reported if removed; no one misses the others."""

_OFFICE_NAMESPACES = ("http://schemas.openxmlformats.org/", "http://schemas.microsoft.com/office/")


@dataclass
class KeptParts:
    """The parts of a template that stay, and what is removed.

    `core_part` is the part with the document properties, whatever its name; empty if there is none.
    `misnamed_parts` are parts of XML without the ending of one.

    `removed_ids` has by part the IDs of its relationships that were removed. `link_ids` has those
    of its links: an address, which a picture must not have.
    """

    parts: set[str] = field(default_factory=set)
    removed_ids: dict[str, set[str]] = field(default_factory=dict)
    link_ids: dict[str, set[str]] = field(default_factory=dict)
    removal_counts: Counter[str] = field(default_factory=Counter)
    core_part: str = ""
    main_part: str = ""
    misnamed_parts: list[str] = field(default_factory=list)
    targets: dict[tuple[str, str], str] = field(default_factory=dict)
    """The target of each relationship, by its part and ID."""
    pictures: set[str] = field(default_factory=set)
    uncleaned_pictures: set[str] = field(default_factory=set)
    """Pictures of kinds that keep their metadata."""
    fonts: set[str] = field(default_factory=set)
    new_names: dict[str, str] = field(default_factory=dict)
    """The new names of parts whose own name may reveal something."""
    prompts: list[tuple[Element, str]] = field(default_factory=list)
    """The words of fields to click on, each with the text that shows them."""
    bound_texts: list[str] = field(default_factory=list)
    """Words that letters print for controls that are bound to something else."""


def find_reachable_parts(parts: Mapping[str, Element], names: frozenset[str]) -> KeptParts:
    """Return the parts that a letter keeps, found by following relationships."""
    walk = _RelationshipWalk(parts, names)
    pending = [""]
    while pending:
        part = pending.pop()
        relations = parts.get(relationships_part(part))
        if relations is not None:
            walk.kept_parts.parts.add(relationships_part(part))
            pending += walk.follow(part, relations)
    return walk.kept_parts


def _relationship_kind(type_name: str) -> str:
    """Return the last word of a relationship's type, or an empty text.

    It is empty if the type is not one of Office's.
    """
    is_known = type_name.startswith(_OFFICE_NAMESPACES)
    return type_name.rpartition("/")[2] if is_known else ""


class _RelationshipWalk:
    def __init__(self, parts: Mapping[str, Element], names: frozenset[str]) -> None:
        self.kept_parts = KeptParts({CONTENT_TYPES})
        self._types = ContentTypes(parts[CONTENT_TYPES])
        self._names = {unquote(name).lower(): name for name in names}

    def follow(self, part: str, relationships: Element) -> Iterator[str]:
        """Yield the parts that a part leads to and that were not seen yet."""
        for relation in list(relationships):
            number, (type_name, address, is_external) = read_relationship(relation)
            kind = _relationship_kind(type_name)
            target = None if is_external else self._find_target(part, address, kind)
            if is_external and kind == "hyperlink" and is_allowed_with_tags(address):
                self.kept_parts.link_ids.setdefault(part, set()).add(number)
            elif target is None:
                relationships.remove(relation)
                self.kept_parts.removed_ids.setdefault(part, set()).add(number)
                if kind in _REPORTED_KINDS and (is_external or kind not in {"image", "hyperlink"}):
                    self.kept_parts.removal_counts[_REPORTED_KINDS[kind]] += 1
            else:
                self.kept_parts.targets[part, number] = target
                if target not in self.kept_parts.parts:
                    self.kept_parts.parts.add(target)
                    yield target

    def _find_target(self, part: str, address: str, kind: str) -> str | None:
        """Return the part to which a relationship leads, or None if it is removed."""
        target = self._find_part(part, address)
        if kind == "core-properties":
            self.kept_parts.core_part = target
        elif kind == "officeDocument" and not part:
            self.kept_parts.main_part = target
        if not target or kind not in _KEPT_KINDS:
            return None
        content_type = self._types.type_of(target).lower()
        if _KEPT_KINDS[kind].lower() not in content_type or "svg" in content_type:
            return None  # Word saves a picture beside a drawing in SVG
        if content_type.endswith("xml") and not target.lower().endswith(".xml"):
            self.kept_parts.misnamed_parts.append(target)  # it would not be read
        if kind in {"image", "font"}:
            (self.kept_parts.pictures if kind == "image" else self.kept_parts.fonts).add(target)
        return target

    def _find_part(self, part: str, address: str) -> str:
        """Return the name of a part in the zip; empty if the zip does not have it.

        Case and percent-encoding do not count.
        """
        path = unquote(address)
        base = posixpath.join("/", posixpath.dirname(part))
        full_path = path if path.startswith("/") else posixpath.join(base, path)
        return self._names.get(posixpath.normpath(full_path).lstrip("/").lower(), "")
