"""Tracked changes: a letter must not carry what was deleted, nor who deleted it."""

from __future__ import annotations

from collections.abc import Iterator

from merge.model import Place, Problem
from merge.tags.text import Element, W, atoms

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_CHANGES = {
    *(W + name for name in ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge")),
    *(_W14 + name for name in ("conflictIns", "conflictDel")),
}
"""ECMA-376 part 1, 17.13.5. Changes of format alone hide no words, and are no fault."""


def tracked_changes(root: Element, place: Place) -> Iterator[Problem]:
    """One problem for a part that holds tracked changes, at the first paragraph with one."""
    changes = [element for element in root.iter(*_CHANGES) if isinstance(element.tag, str)]
    if not changes:
        return
    count = len(changes)
    found = "is a tracked change" if count == 1 else f"are {count:,} tracked changes, the first"
    what = f"there {found} here."
    hint = "In Word, choose Review and accept or reject all changes, then save."
    yield Problem("tracked-changes", _of_first(root, changes[0], place), what, hint)


def _of_first(root: Element, change: Element, place: Place) -> Place:
    around = (change, *change.iterancestors(W + "p"), *change.iterancestors())
    own = next((p for e in around for p in e.iter(W + "p")), None)
    for number, paragraph in enumerate(root.iter(W + "p"), 1):
        if paragraph is own:
            words = "".join(atom.char for atom in atoms(paragraph))
            return Place(place.file, part=place.part, paragraph=number, words=words)
    return place
