"""Which parts of a template a letter keeps.

They are reached by relationships of known kinds: ECMA-376 part 1, 15.2 and part 2, 6.5. Anything
else is removed, whether or not it is known to be harmful: macros, embedded objects, comments and
their people, custom XML, data sources, thumbnails, printer settings, building blocks, ribbons,
signatures.
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
"""The kinds that stay, and what must stand in the content type of the part they lead to."""

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
"""What is told when it goes; of the rest nobody misses anything."""

_OFFICE_NAMESPACES = ("http://schemas.openxmlformats.org/", "http://schemas.microsoft.com/office/")


@dataclass
class KeptParts:
    """The parts that stay, the main one among them, and of those that go what is told.

    `core` is the part with the document properties, whatever its name; empty where there is none.
    `odd` are parts of XML that are not named so.

    `dropped` holds by part the ids of its relationships that lead nowhere any more, `links` those
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
    """By part and id of a relationship the part that it leads to."""
    pictures: set[str] = field(default_factory=set)
    fonts: set[str] = field(default_factory=set)
    new_names: dict[str, str] = field(default_factory=dict)
    """The new names of parts whose own name may tell something."""
    prompts: list[tuple[Element, str]] = field(default_factory=list)
    """The words of fields to click on, each with the text that shows them."""
    bound_texts: list[str] = field(default_factory=list)
    """Words that letters print of controls that are bound to something else."""


def find_reachable_parts(parts: Mapping[str, Element], names: frozenset[str]) -> KeptParts:
    """Walk the relationships from the package on; those that are not kept are taken out."""
    walk = _RelationshipWalk(parts, names)
    waiting = [""]
    while waiting:
        part = waiting.pop()
        relations = parts.get(relationships_part(part))
        if relations is not None:
            walk.kept_parts.parts.add(relationships_part(part))
            waiting += walk.follow(part, relations)
    return walk.kept_parts


def _relationship_kind(whole: str) -> str:
    """The last word of a relationship's type; empty where it is not one of Office's."""
    known = whole.startswith(_OFFICE_NAMESPACES)
    return whole.rpartition("/")[2] if known else ""


class _RelationshipWalk:
    def __init__(self, parts: Mapping[str, Element], names: frozenset[str]) -> None:
        self.kept_parts = KeptParts({CONTENT_TYPES})
        self._types = ContentTypes(parts[CONTENT_TYPES])
        self._names = {unquote(name).lower(): name for name in names}

    def follow(self, part: str, relationships: Element) -> Iterator[str]:
        """The parts that a part leads to and that were not seen yet."""
        for relation in list(relationships):
            number, (whole, address, external) = read_relationship(relation)
            kind = _relationship_kind(whole)
            target = None if external else self._find_target(part, address, kind)
            if external and kind == "hyperlink" and is_allowed_with_tags(address):
                self.kept_parts.link_ids.setdefault(part, set()).add(number)
            elif target is None:
                relationships.remove(relation)
                self.kept_parts.removed_ids.setdefault(part, set()).add(number)
                if kind in _REPORTED_KINDS and (external or kind not in {"image", "hyperlink"}):
                    self.kept_parts.removal_counts[_REPORTED_KINDS[kind]] += 1
            else:
                self.kept_parts.targets[part, number] = target
                if target not in self.kept_parts.parts:
                    self.kept_parts.parts.add(target)
                    yield target

    def _find_target(self, part: str, address: str, kind: str) -> str | None:
        """The part that a relationship leads to; None where it is not kept."""
        found = self._find_part(part, address)
        if kind == "core-properties":
            self.kept_parts.core_part = found
        elif kind == "officeDocument" and not part:
            self.kept_parts.main_part = found
        if not found or kind not in _KEPT_KINDS:
            return None
        kept = self._types.type_of(found).lower()
        if _KEPT_KINDS[kind].lower() not in kept or "svg" in kept:
            return None  # Word puts a picture of it beside a drawing in SVG
        if kept.endswith("xml") and not found.lower().endswith(".xml"):
            self.kept_parts.misnamed_parts.append(found)  # it would go unread
        if kind in {"image", "font"}:
            (self.kept_parts.pictures if kind == "image" else self.kept_parts.fonts).add(found)
        return found

    def _find_part(self, part: str, address: str) -> str:
        """The part's name as the zip has it, whatever its case and its quoting; empty if none."""
        path = unquote(address)
        base = posixpath.join("/", posixpath.dirname(part))
        whole = path if path.startswith("/") else posixpath.join(base, path)
        return self._names.get(posixpath.normpath(whole).lstrip("/").lower(), "")
