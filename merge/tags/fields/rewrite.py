"""A field taken out of a part, and text with tags put in its place; bookmarks stay."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from merge.ooxml.fields import Field, Leaf, Story
from merge.ooxml.wordml import PRESERVE, Element, W
from merge.tags.fields.pieces import Piece
from merge.tags.fields.refused import RefusedError

_BLOCKS = {W + "p", W + "tbl", W + "sdt"}
_HOLDS_RUNS = {W + "r", W + "hyperlink", W + "smartTag"}


@dataclass(frozen=True, slots=True)
class Edit:
    """The leaves of one field, and what takes their place."""

    leaves: Sequence[Leaf]
    pieces: Sequence[Piece]


def edit_of(story: Story, field: Field, pieces: Sequence[Piece]) -> Edit:
    """The edit of a closed field. RefusedError where it cannot be taken out as a whole."""
    leaves = story.leaves[field.start : field.end + 1]
    paragraphs = _paragraphs(leaves)
    if len(paragraphs) > 1 and not _can_be_joined(paragraphs):
        what = "a merge field goes over table cells or sections."
        hint = "Delete it, and choose Mailings, Insert Merge Field, in Word again."
        raise RefusedError("field-not-usable", what, hint)
    return Edit(leaves, pieces)


def _paragraphs(leaves: Sequence[Leaf]) -> list[Element]:
    """The paragraphs that a field touches, the one it starts in first."""
    own = next(leaves[0].element.iterancestors(W + "p"), None)
    others = [leaf.element for leaf in leaves if leaf.kind == "paragraph"]
    return others if own is None else [own, *others]


def _can_be_joined(paragraphs: Sequence[Element]) -> bool:
    """Whether the paragraphs follow each other directly, with no section ending between them."""
    follow = all(next(a.itersiblings(*_BLOCKS), None) is b for a, b in pairwise(paragraphs))
    return follow and all(p.find(f"{W}pPr/{W}sectPr") is None for p in paragraphs[:-1])


def carry_out(edit: Edit) -> None:
    """Put the pieces where the field begins, and take the field away."""
    first = edit.leaves[0].element
    new = list(_runs(edit.pieces, first))
    anchor = first if edit.leaves[0].kind == "open" else _split_before(first)
    for run in new:
        anchor.addprevious(run)
    paragraphs = _paragraphs(edit.leaves)
    for leaf in edit.leaves:
        _take_out(leaf)
    _join(paragraphs)


def _runs(pieces: Iterable[Piece], at: Element) -> Iterator[Element]:
    """The pieces as runs, neighbours of one format as one."""
    for _, same in groupby(pieces, key=lambda piece: piece.format):
        group = list(same)
        run = at.makeelement(W + "r", {})
        properties = None if group[0].run is None else group[0].run.find(W + "rPr")
        if properties is not None:
            run.append(copy.deepcopy(properties))
        for element in _contents(group, run):
            run.append(element)
        yield run


def _contents(pieces: Sequence[Piece], at: Element) -> Iterator[Element]:
    """The inside of a run; tags and words that follow each other stand in one w:t."""
    for is_text, same in groupby(pieces, key=lambda piece: piece.element is None):
        group = list(same)
        if is_text:
            text = at.makeelement(W + "t", {PRESERVE: "preserve"})
            text.text = "".join(piece.text for piece in group)
            yield text
        else:
            yield from (_copied(piece.element) for piece in group if piece.element is not None)


def _copied(element: Element) -> Element:
    new = copy.deepcopy(element)
    new.tail = None
    return new


def _split_before(mark: Element) -> Element:
    """The run that starts with the mark; what stood before it in its run gets one of its own."""
    run = mark.getparent()
    if run is None:
        raise AssertionError("a mark of a field stands in a run")
    before = [e for e in mark.itersiblings("*", preceding=True) if e.tag != W + "rPr"]
    if before:
        head = run.makeelement(run.tag, dict(run.attrib))
        properties = run.find(W + "rPr")
        if properties is not None:
            head.append(copy.deepcopy(properties))
        head.extend(reversed(before))
        run.addprevious(head)
    return run


def _take_out(leaf: Leaf) -> None:
    if leaf.kind in {"open", "paragraph"}:
        return
    if leaf.kind == "close":
        _unwrap(leaf.element)
        return
    holder = leaf.element.getparent()
    if holder is not None:
        holder.remove(leaf.element)
    while holder is not None and holder.tag in _HOLDS_RUNS and _is_empty(holder):
        parent = holder.getparent()
        if parent is not None:
            parent.remove(holder)
        holder = parent


def _is_empty(holder: Element) -> bool:
    return all(child.tag == W + "rPr" for child in holder)


def _unwrap(simple: Element) -> None:
    """Take a w:fldSimple away from round what is left in it."""
    for child in simple.iterchildren("*"):
        if child.tag != W + "fldData":
            simple.addprevious(child)
    parent = simple.getparent()
    if parent is not None:
        parent.remove(simple)


def _join(paragraphs: Sequence[Element]) -> None:
    """Make one paragraph of several, with the last one's properties, which its mark holds."""
    for paragraph in paragraphs[1:]:
        for properties in paragraphs[0].findall(W + "pPr"):
            paragraphs[0].remove(properties)
        for child in list(paragraph):
            if child.tag == W + "pPr":
                paragraphs[0].insert(0, child)
            else:
                paragraphs[0].append(child)
        parent = paragraph.getparent()
        if parent is not None:
            parent.remove(paragraph)
