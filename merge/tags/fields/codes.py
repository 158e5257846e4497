"""A field's code as words, quoted texts and switches (ECMA-376 part 1, 17.16.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from merge.tags.fields.story import Field, Story
from merge.tags.text import OBJECT, Element, W

PARAGRAPH = "\u2029"
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
class Char:
    """A character of a code, and the element that it stands in."""

    char: str
    element: Element


Item: TypeAlias = Char | Field


@dataclass(frozen=True, slots=True)
class Token:
    r"""A word, a quoted text without its marks, or a switch such as `\*`."""

    items: tuple[Item, ...]
    quoted: bool = False
    switch: bool = False

    @property
    def text(self) -> str:
        """The token's characters, a field inside it as one that no code holds."""
        return "".join(i.char if isinstance(i, Char) else OBJECT for i in self.items)

    @property
    def fields(self) -> list[Field]:
        """The fields inside the token."""
        return [item for item in self.items if isinstance(item, Field)]


def code_of(story: Story, field: Field) -> list[Token]:
    """The tokens of a field's code, its kind first."""
    return list(_tokens(list(_items(story, field))))


def kind_of(code: Sequence[Token]) -> str:
    """The field's kind in capitals, `=` for a formula; empty where there is none."""
    first = code[0].text.upper() if code and not code[0].quoted else ""
    return "=" if first.startswith("=") else first


def _items(story: Story, field: Field) -> Iterator[Item]:
    start = story.leaves[field.start]
    if start.kind == "open":
        yield from (Char(c, start.element) for c in start.element.get(W + "instr", ""))
        return
    stop = field.separator if field.separator >= 0 else field.end
    inner = {f.start: f for f in field.in_code if f.is_closed}
    at = field.start + 1
    while at < (stop if stop >= 0 else len(story.leaves)):
        if at in inner:
            yield inner[at]
            at = inner[at].end
        elif story.leaves[at].kind == "paragraph":
            yield Char(PARAGRAPH, story.leaves[at].element)
        elif story.leaves[at].kind == "content":
            yield from _chars(story.leaves[at].element)
        at += 1


def _chars(element: Element) -> Iterator[Char]:
    text = element.text or "" if element.tag in _TEXTS else _stands_for(element)
    return (Char(c, element) for c in text)


def _stands_for(element: Element) -> str:
    if element.tag == W + "br" and element.get(W + "type", "textWrapping") != "textWrapping":
        return OBJECT
    return _STANDS_FOR.get(str(element.tag), OBJECT)


def _char(items: Sequence[Item], at: int) -> str:
    """The character at a position; empty behind the end and where a field stands."""
    item = items[at] if at < len(items) else None
    return item.char if isinstance(item, Char) else ""


def _tokens(items: Sequence[Item]) -> Iterator[Token]:
    word: list[Item] = []
    at = 0
    while at < len(items):
        char = _char(items, at)
        ends = bool(char) and (char.isspace() or char in _OPENING or char == "\\")
        if ends and word:
            yield Token(tuple(word))
            word = []
        if char and char in _OPENING:
            text, at = _quoted(items, at)
            yield Token(tuple(text), quoted=True)
        elif char == "\\":
            yield Token(tuple(items[at : at + 2]), switch=True)
            at += 2
        else:
            word += [] if ends else [items[at]]
            at += 1
    if word:
        yield Token(tuple(word))


def _quoted(items: Sequence[Item], at: int) -> tuple[list[Item], int]:
    """The text of a quotation that opens at a position, and where the code goes on."""
    closers = _closers(items, at)
    text: list[Item] = []
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


def _closers(items: Sequence[Item], at: int) -> str:
    """The marks that may end the quotation: a straight one asks for its like, if there is one."""
    if _char(items, at) != '"':
        return _CLOSING + '"'
    has_like = any(_char(items, i) == '"' for i in range(at + 1, len(items)))
    return '"' if has_like else _CLOSING
