"""The fields of a part: where they begin and end, what their codes say, and how they are removed.

A complex field is a row of marks among the runs (ECMA-376 part 1, 17.16.18): begin, code,
separator, result, end. It may go over paragraphs, hold further fields in its code and in its
result, but never leaves its story: the body, a note, a text box.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, TypeAlias

from merge.ooxml.wordml import (
    DELETED,
    FALLBACK,
    OBJECT,
    PAGE_BREAK,
    Element,
    W,
    remove,
    run_piece_text,
    unwrap,
)

_STORY_ELEMENTS = {
    FALLBACK,
    *(W + name for name in ("txbxContent", "footnote", "endnote", "comment")),
}
_ELEMENTS_WITHOUT_TEXT = DELETED | {W + "pPr"}

MAX_NESTED_FIELDS = 20
"""How deep fields may stand in each other; Word's own users end at three or four."""

StoryPieceKind = Literal["begin", "separate", "end", "open", "close", "paragraph", "content"]


@dataclass(frozen=True, slots=True)
class StoryPiece:
    """A piece of a run, the start of a paragraph, or the start or end of a w:fldSimple."""

    element: Element
    kind: StoryPieceKind


@dataclass(slots=True, eq=False)
class Field:
    """A field, by the numbers of its leaves in the story; -1 where it lacks a mark."""

    start: int
    separator: int = -1
    end: int = -1
    inner_fields: list[Field] = field(default_factory=list)
    too_deep: bool = False

    @property
    def is_closed(self) -> bool:
        """Return whether the field has an end."""
        return self.end >= 0

    @property
    def code_fields(self) -> list[Field]:
        """Return the fields inside its code, which print nothing by themselves."""
        return [f for f in self.inner_fields if self.separator < 0 or f.start < self.separator]

    @property
    def result_fields(self) -> list[Field]:
        """Return the fields inside its result."""
        return [f for f in self.inner_fields if 0 <= self.separator < f.start]


@dataclass(frozen=True, slots=True)
class Story:
    """A stretch of text that no field leaves. `is_copy`: it is the second copy of a text box."""

    pieces: Sequence[StoryPiece]
    fields: Sequence[Field]
    is_copy: bool

    def is_simple(self, field: Field) -> bool:
        """Return whether the field is a w:fldSimple."""
        return self.pieces[field.start].kind == "open"

    def code_pieces(self, field: Field) -> Sequence[StoryPiece]:
        """Return a field's first mark and its code; without an end all the rest of the story."""
        end = field.separator if field.separator >= 0 else field.end
        return self.pieces[field.start : end if end >= 0 else None]


def read_stories(root: Element) -> list[Story]:
    """Return every story of a part, an outer one before those inside it."""
    found = []
    for start in root.iter("*"):
        if start is root or start.tag in _STORY_ELEMENTS:
            leaves = list(_story_pieces(start))
            is_copy = start.tag == FALLBACK or next(start.iterancestors(FALLBACK), None) is not None
            found.append(Story(leaves, _nested_fields(leaves), is_copy))
    return found


def walk_fields(fields: Iterable[Field]) -> Iterator[Field]:
    """Yield fields, each followed by those inside it, at any depth."""
    waiting = [*fields][::-1]
    while waiting:
        yield (each := waiting.pop())
        waiting += reversed(each.inner_fields)


def texts_read_as_code(root: Element) -> set[Element]:
    """Return every w:t that Word would read as a field's code, because it stands where one does."""
    found = set()
    for story in read_stories(root):
        steps = Counter[int]()  # how many codes begin or end at a leaf
        for each in walk_fields(story.fields):
            steps[each.start] += 1
            steps[each.separator if each.separator >= 0 else each.end] -= 1
        depths = accumulate(steps[at] for at in range(len(story.pieces)))
        coded = (leaf.element for leaf, depth in zip(story.pieces, depths, strict=True) if depth)
        found |= {element for element in coded if element.tag == W + "t"}
    return found


def remove_field(story: Story, field: Field, *, keep_simple: bool = False) -> None:
    """Take a field out of its story, and leave its result; without an end all behind it is code.

    The paragraphs in its code stay; if asked, so does a w:fldSimple in it, empty.
    """
    first = story.pieces[field.start].element
    if story.is_simple(field):
        unwrap(first)
        return
    kept = {"paragraph", "close", "open"} if keep_simple else {"paragraph", "close"}
    marks = [at for at in (field.separator, field.end) if at >= 0]
    for leaf in (*story.code_pieces(field), *(story.pieces[at] for at in marks)):
        if leaf.kind not in kept:
            remove(leaf.element)


def field_mark(element: Element) -> StoryPieceKind:
    """Return which mark of a field a piece of a run is; "content" for anything else."""
    kind = element.get(W + "fldCharType") if element.tag == W + "fldChar" else None
    return _MARKS.get(kind, "content")


_MARKS: dict[str | None, StoryPieceKind] = {"begin": "begin", "separate": "separate", "end": "end"}


def code_kind(code: str) -> str:
    """Return the kind of a field's code in capitals, `=` for a formula; empty if there is none."""
    words = code.upper().split(maxsplit=1)
    return "=" if code.lstrip().startswith("=") else words[0] if words else ""


def _story_pieces(element: Element) -> Iterator[StoryPiece]:
    for child in element:
        if (
            child.tag in _STORY_ELEMENTS
            or child.tag in _ELEMENTS_WITHOUT_TEXT
            or not isinstance(child.tag, str)
        ):
            continue
        if child.tag == W + "r":
            own = (e for e in child.iterchildren("*") if e.tag != W + "rPr")
            yield from (StoryPiece(e, field_mark(e)) for e in own)
        elif child.tag == W + "fldSimple":
            yield StoryPiece(child, "open")
            yield from _story_pieces(child)
            yield StoryPiece(child, "close")
        else:
            if child.tag == W + "p":
                yield StoryPiece(child, "paragraph")
            yield from _story_pieces(child)


def _nested_fields(leaves: Sequence[StoryPiece]) -> list[Field]:
    """Return the outermost fields, with the others inside. An end without a beginning is none."""
    top: list[Field] = []
    stack: list[Field] = []
    for at, leaf in enumerate(leaves):
        if leaf.kind in {"begin", "open"}:
            new = Field(at, at if leaf.kind == "open" else -1)
            (stack[-1].inner_fields if stack else top).append(new)
            stack.append(new)
            stack[0].too_deep |= len(stack) > MAX_NESTED_FIELDS
        elif leaf.kind == "close":  # what opened in a w:fldSimple and did not end has no end
            while stack and leaves[stack[-1].start].kind != "open":
                stack.pop()
            if stack:
                stack.pop().end = at
        elif stack and leaves[stack[-1].start].kind == "begin":
            if leaf.kind == "separate" and stack[-1].separator < 0:
                stack[-1].separator = at
            elif leaf.kind == "end":
                stack.pop().end = at
    return top


# A field's code as words, quoted texts and switches (ECMA-376 part 1, 17.16.3).

PARAGRAPH_END = "\u2029"
"""Stands for the end of a paragraph inside a field's code."""

_OPENING, _CLOSING = '"“”„‟', "“”‟"
_CODE_TEXT_ELEMENTS = {W + "instrText", W + "delInstrText", W + "t"}


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
    is_quoted: bool = False
    is_switch: bool = False

    @property
    def text(self) -> str:
        """Return the token's characters, a field inside it as one that no code holds."""
        return "".join(i.char if isinstance(i, CodeChar) else OBJECT for i in self.items)

    @property
    def fields(self) -> list[Field]:
        """Return the fields inside the token."""
        return [item for item in self.items if isinstance(item, Field)]


def field_code(story: Story, field: Field) -> list[CodeToken]:
    """Return the tokens of a field's code, its kind first."""
    return list(_tokens(code_items(story, field)))


def code_items(story: Story, field: Field) -> list[CodeItem]:
    """Return the characters of a field's code and the fields in it, as they stand."""
    return list(_code_items(story, field))


def field_kind(code: Sequence[CodeToken]) -> str:
    """Return the field's kind in capitals, `=` for a formula; empty if there is none."""
    first = code[0].text.upper() if code and not code[0].is_quoted else ""
    return "=" if first.startswith("=") else first


def _code_items(story: Story, field: Field) -> Iterator[CodeItem]:
    start = story.pieces[field.start]
    if start.kind == "open":
        yield from (CodeChar(c, start.element) for c in start.element.get(W + "instr", ""))
        return
    stop = field.separator if field.separator >= 0 else field.end
    inner = {f.start: f for f in field.code_fields if f.is_closed}
    at = field.start + 1
    while at < (stop if stop >= 0 else len(story.pieces)):
        if at in inner:
            yield inner[at]
            at = inner[at].end
        elif story.pieces[at].kind == "paragraph":
            yield CodeChar(PARAGRAPH_END, story.pieces[at].element)
        elif story.pieces[at].kind == "content":
            yield from _code_chars(story.pieces[at].element)
        at += 1


def _code_chars(element: Element) -> Iterator[CodeChar]:
    if element.tag in _CODE_TEXT_ELEMENTS:
        text = element.text or ""
    elif element.tag == W + "lastRenderedPageBreak":
        text = ""
    else:  # a tab to a place on the page is layout, and no code has one
        own = None if element.tag == W + "ptab" else run_piece_text(element)
        text = OBJECT if own in {None, PAGE_BREAK} else own
    return (CodeChar(c, element) for c in text)


def _char_at(items: Sequence[CodeItem], at: int) -> str:
    """Return the character at a position; empty behind the end and where a field stands."""
    item = items[at] if at < len(items) else None
    return item.char if isinstance(item, CodeChar) else ""


def _tokens(items: Sequence[CodeItem]) -> Iterator[CodeToken]:
    word: list[CodeItem] = []
    at = 0
    while at < len(items):
        char = _char_at(items, at)
        ends = bool(char) and (char.isspace() or char in _OPENING or char == "\\")
        if ends and word:
            yield CodeToken(tuple(word))
            word = []
        if char and char in _OPENING:
            text, at = _read_quotation(items, at)
            yield CodeToken(tuple(text), is_quoted=True)
        elif char == "\\":
            yield CodeToken(tuple(items[at : at + 2]), is_switch=True)
            at += 2
        else:
            word += [] if ends else [items[at]]
            at += 1
    if word:
        yield CodeToken(tuple(word))


def _read_quotation(items: Sequence[CodeItem], at: int) -> tuple[list[CodeItem], int]:
    """Return the text of a quotation that opens at a position, and where the code goes on."""
    if _char_at(items, at) == '"':  # a straight one needs its like, if there is one
        has_like = any(_char_at(items, i) == '"' for i in range(at + 1, len(items)))
        closers = '"' if has_like else _CLOSING
    else:
        closers = _CLOSING + '"'
    text: list[CodeItem] = []
    at += 1
    while at < len(items):
        char = _char_at(items, at)
        if char == "\\" and _char_at(items, at + 1) in {"\\", *_OPENING}:
            at += 1
        elif char and char in closers:
            return text, at + 1
        text.append(items[at])
        at += 1
    return text, at
