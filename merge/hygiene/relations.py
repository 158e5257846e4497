"""Which parts a letter keeps: those that a known kind of relationship leads to.

ECMA-376 part 1, 15.2 and part 2, 6.5. What is not on the list goes, known to be harmful or not:
macros, embedded objects, comments and their people, custom XML, data sources, thumbnails,
printer settings, building blocks, ribbons, signatures.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from merge.ooxml.wordml import Element

CONTENT_TYPES = "[Content_Types].xml"

_KEPT = {
    "officeDocument": "document.main+xml",
    **{kind: f"{kind}+xml" for kind in ("styles", "stylesWithEffects", "numbering", "settings")},
    **{kind: f"{kind}+xml" for kind in ("webSettings", "fontTable", "theme", "themeOverride")},
    **{kind: f"{kind}+xml" for kind in ("header", "footer", "footnotes", "endnotes", "chart")},
    **{kind: f"{kind}+xml" for kind in ("diagramData", "diagramLayout", "diagramColors")},
    **{kind: f"{kind}+xml" for kind in ("chartStyle", "chartColorStyle", "diagramDrawing")},
    "diagramQuickStyle": "diagramStyle+xml",
    "chartUserShapes": "chartshapes+xml",
    "font": "font",
    "image": "image/",
    "hdphoto": "image/",
}
"""The kinds that stay, and what must stand in the content type of the part they lead to."""

_TOLD = {
    "comments": "comments",
    "oleObject": "embedded objects",
    "package": "embedded objects",
    "control": "controls that run code",
    "vbaProject": "macros",
    "image": "pictures that lie elsewhere",
    "attachedTemplate": "the link to its Word template",
    "mailMergeSource": "the link to its mail-merge data",
    "aFChunk": "an inserted file",
    "subDocument": "a subdocument",
    "hyperlink": "links to files of a computer",
}
"""What is told when it goes; of the rest nobody misses anything."""

_FAMILIES = ("http://schemas.openxmlformats.org/", "http://schemas.microsoft.com/office/")
_LOCAL = ("file:", "\\\\", "//")


@dataclass
class Kept:
    """The parts that stay, the main one among them, and of those that go what is told.

    `core` is the part with the document properties, whatever its name; empty where there is none.
    `odd` are parts of XML that are not named so. Word puts a drawing's SVG beside a picture of it.

    `dropped` holds by part the ids of its relationships that lead nowhere any more, `links` those
    of its links: an address, which a picture must not have.
    """

    parts: set[str] = field(default_factory=set)
    dropped: dict[str, set[str]] = field(default_factory=dict)
    links: dict[str, set[str]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    core: str = ""
    main: str = ""
    odd: list[str] = field(default_factory=list)


def relations_of(part: str) -> str:
    """The name of the part that holds a part's relationships; the package's own for empty."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def follow(parts: Mapping[str, Element], names: frozenset[str]) -> Kept:
    """Walk the relationships from the package on; those that are not kept are taken out."""
    walk = _Walk(parts, names)
    waiting = [""]
    while waiting:
        part = waiting.pop()
        relations = parts.get(relations_of(part))
        if relations is not None:
            walk.kept.parts.add(relations_of(part))
            waiting += walk.through(part, relations)
    return walk.kept


def _kind(whole: str) -> str:
    """The last word of a relationship's type; empty where it is not one of Office's."""
    known = whole.startswith(_FAMILIES)
    return whole.rpartition("/")[2] if known else ""


def forget_unused_links(relations: Element, unused: AbstractSet[str]) -> bool:
    """Take out the relationships of these ids; whether there were any."""
    found = [relation for relation in relations if relation.get("Id") in unused]
    for relation in found:
        relations.remove(relation)
    return bool(found)


class _Walk:
    def __init__(self, parts: Mapping[str, Element], names: frozenset[str]) -> None:
        self.kept = Kept({CONTENT_TYPES})
        self._types = parts[CONTENT_TYPES]
        self._names = {unquote(name).lower(): name for name in names}

    def through(self, part: str, relations: Element) -> Iterator[str]:
        """The parts that a part leads to and that were not seen yet."""
        for relation in list(relations):
            kind = _kind(str(relation.get("Type", "")))
            address = str(relation.get("Target", ""))
            external = relation.get("TargetMode") == "External"
            target = None if external else self._target(part, address, kind)
            if external and kind == "hyperlink" and not address.lower().startswith(_LOCAL):
                self.kept.links.setdefault(part, set()).add(str(relation.get("Id", "")))
            elif target is None:
                self._drop(part, relation, kind, external=external)
            elif target not in self.kept.parts:
                self.kept.parts.add(target)
                yield target

    def _target(self, part: str, address: str, kind: str) -> str | None:
        """The part that a relationship leads to; None where it is not kept."""
        found = self._found(part, address)
        if kind == "core-properties":
            self.kept.core = found
        elif kind == "officeDocument" and not part:
            self.kept.main = found
        if not found or kind not in _KEPT:
            return None
        kept = self._type(found).lower()
        if kept.endswith("xml") and not found.lower().endswith(".xml"):
            self.kept.odd.append(found)  # it would go unread
        fits = _KEPT[kind].lower() in kept and "svg" not in kept
        return found if fits else None

    def _found(self, part: str, address: str) -> str:
        """The part's name as the zip has it, whatever its case and its quoting; empty if none."""
        path = unquote(address)
        base = posixpath.join("/", posixpath.dirname(part))
        whole = path if path.startswith("/") else posixpath.join(base, path)
        return self._names.get(posixpath.normpath(whole).lstrip("/").lower(), "")

    def _drop(self, part: str, relation: Element, kind: str, *, external: bool) -> None:
        parent = relation.getparent()
        if parent is not None:
            parent.remove(relation)
        self.kept.dropped.setdefault(part, set()).add(str(relation.get("Id", "")))
        if kind in _TOLD and (external or kind not in {"image", "hyperlink"}):
            self.kept.told[_TOLD[kind]] += 1

    def _type(self, name: str) -> str:
        """A part's content type (ECMA-376 part 2, 7.3)."""
        return self._overrides.get(f"/{name}".lower()) or self._defaults.get(
            name.rpartition(".")[2].lower(), ""
        )

    @cached_property
    def _overrides(self) -> dict[str, str]:
        own = (e for e in self._types if e.get("PartName"))
        return {str(e.get("PartName")).lower(): str(e.get("ContentType")) for e in own}

    @cached_property
    def _defaults(self) -> dict[str, str]:
        own = (e for e in self._types if e.get("Extension"))
        return {str(e.get("Extension")).lower(): str(e.get("ContentType")) for e in own}
