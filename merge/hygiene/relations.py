"""Which parts a letter keeps: those that a known kind of relationship leads to.

ECMA-376 part 1, 15.2 and part 2, 6.5. What is not on the list goes, known to be harmful or not:
macros, embedded objects, comments and their people, custom XML, data sources, thumbnails,
printer settings, building blocks, ribbons, signatures.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from merge.tags import Element

_KEPT = {
    *("officeDocument", "styles", "stylesWithEffects", "numbering", "settings", "webSettings"),
    *("fontTable", "font", "theme", "themeOverride", "header", "footer", "footnotes", "endnotes"),
    *("image", "hdphoto", "hyperlink", "chart", "chartStyle", "chartColorStyle"),
    *("chartUserShapes", "diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors"),
    *("diagramDrawing",),
}

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
}
"""What is told when it goes; of the rest nobody misses anything."""


@dataclass
class Kept:
    """The parts that stay, and of those that go what is told, with a count.

    `dropped` holds by part the ids of its relationships that lead nowhere any more.
    """

    parts: set[str] = field(default_factory=set)
    dropped: dict[str, set[str]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)


def relations_of(part: str) -> str:
    """The name of the part that holds a part's relationships; the package's own for empty."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def follow(parts: Mapping[str, Element], names: frozenset[str]) -> Kept:
    """Walk the relationships from the package on; those that are not kept are taken out."""
    kept = Kept({"[Content_Types].xml"})
    waiting = [""]
    while waiting:
        part = waiting.pop()
        relations = parts.get(relations_of(part))
        if relations is None:
            continue
        kept.parts.add(relations_of(part))
        for target in _targets(part, relations, names, kept):
            if target not in kept.parts:
                kept.parts.add(target)
                waiting.append(target)
    return kept


def _targets(part: str, relations: Element, names: frozenset[str], kept: Kept) -> Iterator[str]:
    """The parts that a part keeps its relationships to."""
    for relation in list(relations):
        kind = str(relation.get("Type", "")).rpartition("/")[2]
        external = relation.get("TargetMode") == "External"
        target = _resolved(part, str(relation.get("Target", "")))
        if kind == "hyperlink" and external:
            continue
        if kind in _KEPT and not external and target in names:
            yield target
            continue
        relations.remove(relation)
        kept.dropped.setdefault(part, set()).add(str(relation.get("Id", "")))
        if kind in _TOLD and (external or kind != "image"):
            kept.told[_TOLD[kind]] += 1


def _resolved(part: str, target: str) -> str:
    """The name of the part that a relationship leads to."""
    path = (
        target if target.startswith("/") else posixpath.join("/", posixpath.dirname(part), target)
    )
    return posixpath.normpath(path).lstrip("/")
