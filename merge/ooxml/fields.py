"""Word fields of a part: their positions, codes and removal.

A complex field is a sequence of marks among the runs (ECMA-376 part 1, 17.16.18): begin, code,
separator, result, end. It may span paragraphs, and contain other fields in its code and in its
result. It never leaves its story: the body, a note or a text box.
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
"""Maximum depth of fields inside each other.

Word's own users have three or four levels.
"""

StoryPieceKind = Literal["begin", "separate", "end", "open", "close", "paragraph", "content"]


@dataclass(frozen=True, slots=True)
class StoryPiece:
    """The smallest element of a story, a Word text with its fields.

    It is a piece of a run, the start of a paragraph, or the start or end of a w:fldSimple.
    """

    element: Element
    kind: StoryPieceKind


@dataclass(slots=True, eq=False)
class WordField:
    """A Word field, as the positions of its marks among a story's pieces.

    A position is -1 if the field does not have this mark.
    """

    start: int
    separator: int = -1
    end: int = -1
    inner_fields: list[WordField] = field(default_factory=list)
    too_deep: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether the Word field has an end mark."""
        return self.end >= 0

    @property
    def code_fields(self) -> list[WordField]:
        """Fields inside this field's code, which print nothing by themselves."""
        return [f for f in self.inner_fields if self.separator < 0 or f.start < self.separator]

    @property
    def result_fields(self) -> list[WordField]:
        """Fields inside this field's result."""
        return [f for f in self.inner_fields if 0 <= self.separator < f.start]


@dataclass(frozen=True, slots=True)
class WordStory:
    """A text of a Word document: the body, a note or a text box.

    No field leaves it. `is_copy` marks the second copy of a text box.
    """

    pieces: Sequence[StoryPiece]
    fields: Sequence[WordField]
    is_copy: bool

    def is_simple(self, field: WordField) -> bool:
        """Return whether a Word field is a w:fldSimple."""
        return self.pieces[field.start].kind == "open"

    def code_pieces(self, field: WordField) -> Sequence[StoryPiece]:
        """Return the pieces of a field's first mark and of its code.

        If the field has no end, its code is the rest of the story.
        """
        end = field.separator if field.separator >= 0 else field.end
        return self.pieces[field.start : end if end >= 0 else None]


def read_stories(root: Element) -> list[WordStory]:
    """Return all stories of a part, outer stories before inner stories."""
    stories = []
    for start in root.iter("*"):
        if start is root or start.tag in _STORY_ELEMENTS:
            pieces = list(_story_pieces(start))
            is_copy = start.tag == FALLBACK or next(start.iterancestors(FALLBACK), None) is not None
            stories.append(WordStory(pieces, _nested_fields(pieces), is_copy))
    return stories


def walk_fields(fields: Iterable[WordField]) -> Iterator[WordField]:
    """Yield fields, each followed by the fields inside it, at any depth."""
    waiting = [*fields][::-1]
    while waiting:
        yield (nested := waiting.pop())
        waiting += reversed(nested.inner_fields)


def texts_read_as_code(root: Element) -> set[Element]:
    """Return every w:t that Word would read as a field's code.

    These are ordinary texts between the marks of a field.
    """
    texts = set()
    for story in read_stories(root):
        depth_changes = Counter[int]()  # number of codes that begin or end at a piece
        for nested in walk_fields(story.fields):
            depth_changes[nested.start] += 1
            depth_changes[nested.separator if nested.separator >= 0 else nested.end] -= 1
        depths = accumulate(depth_changes[position] for position in range(len(story.pieces)))
        coded = (piece.element for piece, depth in zip(story.pieces, depths, strict=True) if depth)
        texts |= {element for element in coded if element.tag == W + "t"}
    return texts


def remove_field(story: WordStory, field: WordField, *, keep_simple: bool = False) -> None:
    """Remove a Word field from its story, but keep the field's result.

    If the field has no end, everything after it is code. Paragraphs inside the code are kept. With
    `keep_simple`, so is a w:fldSimple inside it, but empty.
    """
    first = story.pieces[field.start].element
    if story.is_simple(field):
        unwrap(first)
        return
    kept_kinds = {"paragraph", "close", "open"} if keep_simple else {"paragraph", "close"}
    marks = [position for position in (field.separator, field.end) if position >= 0]
    for piece in (*story.code_pieces(field), *(story.pieces[position] for position in marks)):
        if piece.kind not in kept_kinds:
            remove(piece.element)


def field_mark(element: Element) -> StoryPieceKind:
    """Return which mark of a Word field an element is, if any.

    It is "content" for anything else.
    """
    kind = element.get(W + "fldCharType") if element.tag == W + "fldChar" else None
    return _MARKS.get(kind, "content")


_MARKS: dict[str | None, StoryPieceKind] = {"begin": "begin", "separate": "separate", "end": "end"}


def code_kind(code: str) -> str:
    """Return the kind of a field's code in capitals, `=` for a formula.

    Empty if there is none.
    """
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
            content = (e for e in child.iterchildren("*") if e.tag != W + "rPr")
            yield from (StoryPiece(e, field_mark(e)) for e in content)
        elif child.tag == W + "fldSimple":
            yield StoryPiece(child, "open")
            yield from _story_pieces(child)
            yield StoryPiece(child, "close")
        else:
            if child.tag == W + "p":
                yield StoryPiece(child, "paragraph")
            yield from _story_pieces(child)


def _nested_fields(pieces: Sequence[StoryPiece]) -> list[WordField]:
    """Return the outermost fields, each with the fields inside it.

    An end without a beginning is ignored.
    """
    top: list[WordField] = []
    stack: list[WordField] = []
    for position, piece in enumerate(pieces):
        if piece.kind in {"begin", "open"}:
            nested = WordField(position, position if piece.kind == "open" else -1)
            (stack[-1].inner_fields if stack else top).append(nested)
            stack.append(nested)
            stack[0].too_deep |= len(stack) > MAX_NESTED_FIELDS
        elif piece.kind == "close":  # fields inside without an end have none
            while stack and pieces[stack[-1].start].kind != "open":
                stack.pop()
            if stack:
                stack.pop().end = position
        elif stack and pieces[stack[-1].start].kind == "begin":
            if piece.kind == "separate" and stack[-1].separator < 0:
                stack[-1].separator = position
            elif piece.kind == "end":
                stack.pop().end = position
    return top


# A field's code as words, quoted texts and switches (ECMA-376 part 1, 17.16.3).

PARAGRAPH_END = "\u2029"
"""Represents the end of a paragraph inside a field's code."""

_OPENING, _CLOSING = '"“”„‟', "“”‟"
_CODE_TEXT_ELEMENTS = {W + "instrText", W + "delInstrText", W + "t"}


@dataclass(frozen=True, slots=True)
class CodeChar:
    """A character of a field's code, and its element."""

    char: str
    element: Element


CodeItem: TypeAlias = CodeChar | WordField


@dataclass(frozen=True, slots=True)
class CodeToken:
    r"""A token of a field's code: a word, a quoted text or a switch.

    A quoted text is without its quotation marks. A switch is for example `\*`.
    """

    items: tuple[CodeItem, ...]
    is_quoted: bool = False
    is_switch: bool = False

    @property
    def text(self) -> str:
        """The characters of the token.

        Each field inside it is one character that no code contains.
        """
        return "".join(i.char if isinstance(i, CodeChar) else OBJECT for i in self.items)

    @property
    def fields(self) -> list[WordField]:
        """The fields inside the token."""
        return [item for item in self.items if isinstance(item, WordField)]


def field_code(story: WordStory, field: WordField) -> list[CodeToken]:
    """Return the tokens of a field's code, the first of which is its kind."""
    return list(_tokens(code_items(story, field)))


def code_items(story: WordStory, field: WordField) -> list[CodeItem]:
    """Return the characters and inner fields of a field's code, in order."""
    return list(_code_items(story, field))


def field_kind(code: Sequence[CodeToken]) -> str:
    """Return the field's kind in capitals, `=` for a formula, or empty."""
    first = code[0].text.upper() if code and not code[0].is_quoted else ""
    return "=" if first.startswith("=") else first


def _code_items(story: WordStory, field: WordField) -> Iterator[CodeItem]:
    start = story.pieces[field.start]
    if start.kind == "open":
        yield from (CodeChar(c, start.element) for c in start.element.get(W + "instr", ""))
        return
    stop = field.separator if field.separator >= 0 else field.end
    inner = {f.start: f for f in field.code_fields if f.is_closed}
    position = field.start + 1
    while position < (stop if stop >= 0 else len(story.pieces)):
        if position in inner:
            yield inner[position]
            position = inner[position].end
        elif story.pieces[position].kind == "paragraph":
            yield CodeChar(PARAGRAPH_END, story.pieces[position].element)
        elif story.pieces[position].kind == "content":
            yield from _code_chars(story.pieces[position].element)
        position += 1


def _code_chars(element: Element) -> Iterator[CodeChar]:
    if element.tag in _CODE_TEXT_ELEMENTS:
        text = element.text or ""
    elif element.tag == W + "lastRenderedPageBreak":
        text = ""
    else:  # a tab to a place on the page is layout, and never part of a code
        shown = None if element.tag == W + "ptab" else run_piece_text(element)
        text = OBJECT if shown in {None, PAGE_BREAK} else shown
    return (CodeChar(c, element) for c in text)


def _char_at(items: Sequence[CodeItem], position: int) -> str:
    """Return the code's character at a position; empty for a field or the end."""
    item = items[position] if position < len(items) else None
    return item.char if isinstance(item, CodeChar) else ""


def _tokens(items: Sequence[CodeItem]) -> Iterator[CodeToken]:
    word: list[CodeItem] = []
    position = 0
    while position < len(items):
        char = _char_at(items, position)
        ends = bool(char) and (char.isspace() or char in _OPENING or char == "\\")
        if ends and word:
            yield CodeToken(tuple(word))
            word = []
        if char and char in _OPENING:
            text, position = _read_quotation(items, position)
            yield CodeToken(tuple(text), is_quoted=True)
        elif char == "\\":
            yield CodeToken(tuple(items[position : position + 2]), is_switch=True)
            position += 2
        else:
            word += [] if ends else [items[position]]
            position += 1
    if word:
        yield CodeToken(tuple(word))


def _read_quotation(items: Sequence[CodeItem], position: int) -> tuple[list[CodeItem], int]:
    """Return the text in quotation marks, and the position after it."""
    if (
        _char_at(items, position) == '"'
    ):  # a straight one is closed by a straight one, if there is one
        has_straight = any(_char_at(items, i) == '"' for i in range(position + 1, len(items)))
        closers = '"' if has_straight else _CLOSING
    else:
        closers = _CLOSING + '"'
    text: list[CodeItem] = []
    position += 1
    while position < len(items):
        char = _char_at(items, position)
        if char == "\\" and _char_at(items, position + 1) in {"\\", *_OPENING}:
            position += 1
        elif char and char in closers:
            return text, position + 1
        text.append(items[position])
        position += 1
    return text, position
