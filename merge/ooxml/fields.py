"""Where the fields of a part begin and end, however Word splits them over runs.

A complex field is a row of marks among the runs (ECMA-376 part 1, 17.16.18): begin, code,
separator, result, end. It may go over paragraphs, hold further fields in its code and in its
result, but never leaves its story: the body, a note, a text box.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from merge.ooxml.wordml import OBJECT, Element, W

FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_STORIES = {FALLBACK, *(W + name for name in ("txbxContent", "footnote", "endnote", "comment"))}
_NO_TEXT = {W + name for name in ("pPr", "del", "moveFrom")}

MOST_NESTED = 20
"""How deep fields may stand in each other; Word's own users end at three or four."""

LeafKind = Literal["begin", "separate", "end", "open", "close", "paragraph", "content"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A piece of a run, the start of a paragraph, or the start or end of a w:fldSimple."""

    element: Element
    kind: LeafKind


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


_MARKS: dict[str | None, LeafKind] = {"begin": "begin", "separate": "separate", "end": "end"}


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


def _mark(stack: list[Field], kind: LeafKind, at: int) -> None:
    if kind == "separate" and stack[-1].separator < 0:
        stack[-1].separator = at
    elif kind == "end":
        stack.pop().end = at


# A field's code as words, quoted texts and switches (ECMA-376 part 1, 17.16.3).


PARAGRAPH_END = "\u2029"
"""Stands for the end of a paragraph inside a field's code."""

_OPENING, _CLOSING = '"“”„‟', "“”‟"
_TEXTS = {W + "instrText", W + "delInstrText", W + "t"}
_STANDS_FOR = {
    W + "tab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "\u2011",
    W + "softHyphen": "\u00ad",
    W + "lastRenderedPageBreak": "",
}


@dataclass(frozen=True, slots=True)
class CodeChar:
    """A character of a code, and the element that it stands in."""

    char: str
    element: Element


CodeItem: TypeAlias = CodeChar | Field


@dataclass(frozen=True, slots=True)
class CodeToken:
    r"""A word, a quoted text without its marks, or a switch such as `\*`."""

    items: tuple[CodeItem, ...]
    quoted: bool = False
    switch: bool = False

    @property
    def text(self) -> str:
        """The token's characters, a field inside it as one that no code holds."""
        return "".join(i.char if isinstance(i, CodeChar) else OBJECT for i in self.items)

    @property
    def fields(self) -> list[Field]:
        """The fields inside the token."""
        return [item for item in self.items if isinstance(item, Field)]


def field_code(story: Story, field: Field) -> list[CodeToken]:
    """The tokens of a field's code, its kind first."""
    return list(_tokens(list(_items(story, field))))


def field_kind(code: Sequence[CodeToken]) -> str:
    """The field's kind in capitals, `=` for a formula; empty where there is none."""
    first = code[0].text.upper() if code and not code[0].quoted else ""
    return "=" if first.startswith("=") else first


def _items(story: Story, field: Field) -> Iterator[CodeItem]:
    start = story.leaves[field.start]
    if start.kind == "open":
        yield from (CodeChar(c, start.element) for c in start.element.get(W + "instr", ""))
        return
    stop = field.separator if field.separator >= 0 else field.end
    inner = {f.start: f for f in field.in_code if f.is_closed}
    at = field.start + 1
    while at < (stop if stop >= 0 else len(story.leaves)):
        if at in inner:
            yield inner[at]
            at = inner[at].end
        elif story.leaves[at].kind == "paragraph":
            yield CodeChar(PARAGRAPH_END, story.leaves[at].element)
        elif story.leaves[at].kind == "content":
            yield from _chars(story.leaves[at].element)
        at += 1


def _chars(element: Element) -> Iterator[CodeChar]:
    text = element.text or "" if element.tag in _TEXTS else _stands_for(element)
    return (CodeChar(c, element) for c in text)


def _stands_for(element: Element) -> str:
    if element.tag == W + "br" and element.get(W + "type", "textWrapping") != "textWrapping":
        return OBJECT
    return _STANDS_FOR.get(str(element.tag), OBJECT)


def _char(items: Sequence[CodeItem], at: int) -> str:
    """The character at a position; empty behind the end and where a field stands."""
    item = items[at] if at < len(items) else None
    return item.char if isinstance(item, CodeChar) else ""


def _tokens(items: Sequence[CodeItem]) -> Iterator[CodeToken]:
    word: list[CodeItem] = []
    at = 0
    while at < len(items):
        char = _char(items, at)
        ends = bool(char) and (char.isspace() or char in _OPENING or char == "\\")
        if ends and word:
            yield CodeToken(tuple(word))
            word = []
        if char and char in _OPENING:
            text, at = _quoted(items, at)
            yield CodeToken(tuple(text), quoted=True)
        elif char == "\\":
            yield CodeToken(tuple(items[at : at + 2]), switch=True)
            at += 2
        else:
            word += [] if ends else [items[at]]
            at += 1
    if word:
        yield CodeToken(tuple(word))


def _quoted(items: Sequence[CodeItem], at: int) -> tuple[list[CodeItem], int]:
    """The text of a quotation that opens at a position, and where the code goes on."""
    closers = _closers(items, at)
    text: list[CodeItem] = []
    at += 1
    while at < len(items):
        char = _char(items, at)
        if char == "\\" and _char(items, at + 1) in {"\\", *_OPENING}:
            at += 1
        elif char and char in closers:
            return text, at + 1
        text.append(items[at])
        at += 1
    return text, at


def _closers(items: Sequence[CodeItem], at: int) -> str:
    """The marks that may end the quotation: a straight one asks for its like, if there is one."""
    if _char(items, at) != '"':
        return _CLOSING + '"'
    has_like = any(_char(items, i) == '"' for i in range(at + 1, len(items)))
    return '"' if has_like else _CLOSING
