"""Where the fields of a part begin and end, however Word splits them over runs.

A complex field is a row of marks among the runs (ECMA-376 part 1, 17.16.18): begin, code,
separator, result, end. It may go over paragraphs, hold further fields in its code and in its
result, but never leaves its story: the body, a note, a text box.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from merge.tags.text import Element, W

FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_STORIES = {FALLBACK, *(W + name for name in ("txbxContent", "footnote", "endnote", "comment"))}
_NO_TEXT = {W + name for name in ("pPr", "del", "moveFrom")}

MOST_NESTED = 20
"""How deep fields may stand in each other; Word's own users end at three or four."""

Kind = Literal["begin", "separate", "end", "open", "close", "paragraph", "content"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A piece of a run, the start of a paragraph, or the start or end of a w:fldSimple."""

    element: Element
    kind: Kind


@dataclass(slots=True, eq=False)
class Field:
    """A field, by the numbers of its leaves in the story; -1 where it lacks a mark."""

    start: int
    separator: int = -1
    end: int = -1
    inner: list[Field] = field(default_factory=list)
    too_deep: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether the field has an end."""
        return self.end >= 0

    @property
    def in_code(self) -> list[Field]:
        """The fields inside its code, which print nothing by themselves."""
        return [f for f in self.inner if self.separator < 0 or f.start < self.separator]

    @property
    def in_result(self) -> list[Field]:
        """The fields inside its result."""
        return [f for f in self.inner if 0 <= self.separator < f.start]


@dataclass(frozen=True, slots=True)
class Story:
    """A stretch of text that no field leaves. `is_copy`: it is the second copy of a text box."""

    leaves: Sequence[Leaf]
    fields: Sequence[Field]
    is_copy: bool

    def is_simple(self, of: Field) -> bool:
        """Whether the field is a w:fldSimple."""
        return self.leaves[of.start].kind == "open"


def read_stories(root: Element) -> list[Story]:
    """Every story of a part, an outer one before those inside it."""
    starts = [e for e in root.iter("*") if e is root or e.tag in _STORIES]
    return [_story(start) for start in starts]


def code_texts(root: Element) -> set[Element]:
    """Every w:t that Word would read as a field's code, because it stands where a code does."""
    found: set[Element] = set()
    for story in read_stories(root):
        waiting = list(story.fields)
        while waiting:
            own = waiting.pop()
            waiting += own.inner
            end = own.separator if own.separator >= 0 else own.end
            code = story.leaves[own.start : end] if end >= 0 else story.leaves[own.start :]
            found |= {leaf.element for leaf in code if leaf.element.tag == W + "t"}
    return found


def _story(start: Element) -> Story:
    leaves = list(_walk(start))
    is_copy = start.tag == FALLBACK or any(a.tag == FALLBACK for a in start.iterancestors())
    return Story(leaves, _fields(leaves), is_copy)


def _walk(element: Element) -> Iterator[Leaf]:
    for child in element:
        if child.tag in _STORIES or child.tag in _NO_TEXT or not isinstance(child.tag, str):
            continue
        if child.tag == W + "r":
            yield from (_leaf(e) for e in child.iterchildren("*") if e.tag != W + "rPr")
        elif child.tag == W + "fldSimple":
            yield Leaf(child, "open")
            yield from _walk(child)
            yield Leaf(child, "close")
        else:
            if child.tag == W + "p":
                yield Leaf(child, "paragraph")
            yield from _walk(child)


_MARKS: dict[str | None, Kind] = {"begin": "begin", "separate": "separate", "end": "end"}


def _leaf(element: Element) -> Leaf:
    if element.tag == W + "fldChar":
        return Leaf(element, _MARKS.get(element.get(W + "fldCharType"), "content"))
    return Leaf(element, "content")


def _fields(leaves: Sequence[Leaf]) -> list[Field]:
    """The outermost fields, with the others inside them. An end without a beginning is none."""
    top: list[Field] = []
    stack: list[Field] = []
    for at, leaf in enumerate(leaves):
        if leaf.kind in {"begin", "open"}:
            new = Field(at, at if leaf.kind == "open" else -1)
            (stack[-1].inner if stack else top).append(new)
            stack.append(new)
            stack[0].too_deep |= len(stack) > MOST_NESTED
        elif leaf.kind == "close":
            _close_simple(stack, leaves, at)
        elif stack and leaves[stack[-1].start].kind == "begin":
            _mark(stack, leaf.kind, at)
    return top


def _close_simple(stack: list[Field], leaves: Sequence[Leaf], at: int) -> None:
    """End a w:fldSimple; whatever opened inside it and did not end stays without an end."""
    while stack and leaves[stack[-1].start].kind != "open":
        stack.pop()
    if stack:
        stack.pop().end = at


def _mark(stack: list[Field], kind: Kind, at: int) -> None:
    if kind == "separate" and stack[-1].separator < 0:
        stack[-1].separator = at
    elif kind == "end":
        stack.pop().end = at
