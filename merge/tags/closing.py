"""Paragraphs that go where their tags are blank, and containers that must keep one."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass

from merge.ooxml.wordml import OBJECT, Element, W, atoms, wrap
from merge.tags.blocks import Hung, anchor, anchor_of

_RANGE_MARKS = {
    W + name for name in ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd")
}
_BLOCKS = {W + "p", W + "tbl", W + "sdt"}
_HELD = _BLOCKS | {W + "tr", W + "tc"}
_CONTAINERS = {
    W + name for name in ("tc", "hdr", "ftr", "txbxContent", "sdtContent", "footnote", "endnote")
}
"""What must not be left without a paragraph (ECMA-376 part 1, 17.4.65, 17.10, 17.11)."""


def may_go(paragraph: Element) -> bool:
    """Whether a paragraph can be left out: nothing else shows in it or hangs on it."""
    needed = paragraph.find(f"{W}pPr/{W}sectPr") is not None
    needed = needed or next(paragraph.iter(W + "fldSimple"), None) is not None
    needed = needed or any(atom.char == OBJECT for atom in atoms(paragraph))
    return not needed and not _must_end(paragraph) and not _parts_tables(paragraph)


def _must_end(paragraph: Element) -> bool:
    """Whether the paragraph is the one that its container, or a table before it, needs."""
    parent, following = paragraph.getparent(), _next_block(paragraph)
    if parent is None:
        return False
    if following is not None:
        return parent.tag in _CONTAINERS and _ends_branch(following)
    return parent.tag in _CONTAINERS or _tag(_previous_block(paragraph)) == W + "tbl"


def _ends_branch(following: Element) -> bool:
    """Whether the next paragraph is a `{%p else %}` or `{%p end… %}`: one must stand before it."""
    text = "".join(atom.char for atom in atoms(following)) if following.tag == W + "p" else ""
    return re.match(r"\s*\{%p\s+(else|elif|end)", text) is not None


def _parts_tables(paragraph: Element) -> bool:
    """Whether Word would join two tables to one without the paragraph between them."""
    if _tag(_next_block(paragraph)) != W + "tbl":
        return False
    before = (e for e in paragraph.itersiblings(preceding=True) if e.tag in _BLOCKS - {W + "p"})
    return _tag(next(before, None)) == W + "tbl"


def _next_block(element: Element) -> Element | None:
    return next((e for e in element.itersiblings() if e.tag in _BLOCKS), None)


def _previous_block(element: Element) -> Element | None:
    return next((e for e in element.itersiblings(preceding=True) if e.tag in _BLOCKS), None)


def _tag(element: Element | None) -> object:
    return None if element is None else element.tag


def close_up(paragraph: Element, opening: str, otherwise: str, closing: str) -> None:
    """Let the paragraph stand between two marks; where it goes, its bookmarks move on.

    A bookmark may stand between paragraphs (ECMA-376 part 1, 17.13.6.2), and then belongs to
    the next one.
    """
    marks = [copy.deepcopy(mark) for mark in paragraph.iter(*_RANGE_MARKS)]
    if not marks:
        wrap(paragraph, opening, closing)
        return
    for mark in reversed(marks):
        mark.tail = None
        paragraph.addnext(mark)
    wrap(paragraph, opening, otherwise)
    wrap(marks[-1], "", closing)


def lift_bookmarks(element: Element, *, behind: bool) -> None:
    """Move the bookmarks out of an element that goes with its tag: before it, or behind it."""
    for mark in list(element.iter(*_RANGE_MARKS)):
        mark.tail = None
        (element.addnext if behind else element.addprevious)(mark)


def ends_in_paragraph(closer: Hung, tags: Sequence[Hung]) -> bool:
    """Whether a paragraph that is sure to print stands before the closer's own."""
    own = anchor(closer)
    before = None if own is None else _previous_block(own)
    return _tag(before) == W + "p" and all(anchor(h) is not before for h in tags if h.tag.scope)


def needs_paragraph(closer: Hung) -> bool:
    """Whether the paragraph of an `{%p end… %}` is the last of a container that needs one."""
    own = anchor(closer)
    parent = None if own is None else own.getparent()
    return own is not None and _tag(parent) in _CONTAINERS and _next_block(own) is None


@dataclass(frozen=True, slots=True)
class Filling:
    """The one block that is all its container holds: its opener, and its else and elifs."""

    opener: Hung
    middles: tuple[Hung, ...]


def filling(closer: Hung, tags: Sequence[Hung]) -> Filling | None:
    """The block that ends at `closer` and fills its container; None where anything is beside it.

    A container holds paragraphs, rows or cells, by the scope of the closer.
    """
    own = anchor(closer)
    inside = [h for h in tags if h.tag.scope == closer.tag.scope and _parent(h) is _parent(closer)]
    first = anchor(inside[0])
    if own is None or first is None or not (_is_first(first) and _is_last(own)):
        return None
    depth, middles = 0, []
    for hung in inside:
        word = hung.tag.keyword
        depth += (word in {"if", "for"}) - word.startswith("end")
        if depth == 0 and hung is not closer:
            return None
        middles += [hung] if depth == 1 and word in {"else", "elif"} else []
    return Filling(inside[0], tuple(middles))


def _is_first(element: Element) -> bool:
    return next((e for e in element.itersiblings(preceding=True) if e.tag in _HELD), None) is None


def _is_last(element: Element) -> bool:
    return next((e for e in element.itersiblings() if e.tag in _HELD), None) is None


def _parent(hung: Hung) -> Element | None:
    own = anchor(hung)
    return None if own is None else own.getparent()


def fill_control(hung: Hung) -> None:
    """Let a content control know that what it shows is no hint any more, but filled in.

    ECMA-376 part 1, 17.5.2.39: Word clears a control that shows its placeholder when clicked.
    """
    for control in hung.element.iterancestors(W + "sdt"):
        hints = [*control.findall(f"{W}sdtPr/{W}showingPlcHdr"), *control.iter(W + "rStyle")]
        for element in hints:
            parent = element.getparent()
            if (
                parent is not None
                and element.get(W + "val", "PlaceholderText") == "PlaceholderText"
            ):
                parent.remove(element)


def isolate(closer: Hung) -> None:
    """Give a tag that takes its run along a run of its own, the same format left and right."""
    mark, paragraph = closer.mark, anchor_of(closer.element, "p")
    if paragraph is None:
        return
    # A tag before it may have moved it into a run of its own already.
    text = next(t for t in paragraph.iter(W + "t") if mark in (t.text or ""))
    run = text.getparent()
    before, _, after = (text.text or "").partition(mark)
    if run is None:
        return
    middle, behind = _run_like(run), _run_like(run)
    for element in list(text.itersiblings()):
        behind.append(element)
    text.text, tail, text.tail = before, text.tail, None
    for target, words in ((behind, after), (middle, mark)):
        piece = copy.deepcopy(text)
        piece.text, piece.tail = words, tail if words is after else None
        target.insert(1 if target.find(W + "rPr") is not None else 0, piece)
        run.addnext(target)


def _run_like(run: Element) -> Element:
    """An empty run with the same properties."""
    new = run.makeelement(run.tag, dict(run.attrib))
    properties = run.find(W + "rPr")
    if properties is not None:
        new.append(copy.deepcopy(properties))
    return new
