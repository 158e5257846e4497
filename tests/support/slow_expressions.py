"""Texts on which a regular expression may be slow, derived from itself.

Each text has three parts: a beginning of the expression, one of its characters or parts many times,
and something that it rejects. A backtracking engine may take quadratic time or worse. That happens
if two parts of the expression match the same characters. It also happens if a search starts again
at every character and runs to the end each time.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, product
from typing import Any

parser: Any = vars(re)["_parser"]
codes: Any = vars(re)["_constants"]

METHODS = frozenset({"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"})
_ALL = {"sub", "subn", "split", "findall", "finditer"}
_EVERYWHERE = " a1\n\t\"'"
_UNWANTED = "\0"
_LENGTHS = 20, 28, 200, 4_000
"""Numbers of characters; short ones show exponential and cubic growth."""
_FLOOR = 0.002
"""Seconds of processor time below which nothing is measured.

The long text costs a linear expression 0.0001 seconds.
"""
_MAX_GROWTH = 7
"""Largest factor for a text that is four times as long.

Linear work has the factor 4, quadratic 16.
"""

Node = tuple[Any, Any]


def slow_text(pattern: re.Pattern[Any], methods: Iterable[str]) -> str:
    """Return how an expression's work outgrows its text; empty if not."""
    for method in _worst({*methods}):
        for before, unit in _hostile(pattern):
            if grown := _growth(_worker(pattern, method), before, unit):
                return f"{method} of {before!r} + {unit!r} * n: {grown}"
    return ""


def _worst(methods: set[str]) -> Iterator[str]:
    """Yield the methods that work most.

    To find all includes a search, and a search includes a match.
    """
    if methods & _ALL:
        yield "finditer"
    elif methods & {"search", "match"}:
        yield "search" if "search" in methods else "match"
    if "fullmatch" in methods:
        yield "fullmatch"


def _worker(pattern: re.Pattern[Any], method: str) -> Callable[[str], object]:
    run: Callable[[Any], Any] = getattr(pattern, method)

    def work(text: str) -> None:
        subject = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
        result = run(subject)
        if method == "finditer":
            for _ in result:
                pass

    return work


def _growth(work: Callable[[str], object], before: str, unit: str) -> str:
    for length in _LENGTHS:
        if _seconds(work, before, unit, length) < _FLOOR:
            continue
        more = min(_seconds(work, before, unit, length) for _ in range(2))
        less = min(_seconds(work, before, unit, length // 4) for _ in range(3))
        if more > max(_FLOOR, _MAX_GROWTH * less):
            return f"{less:.5f} s for {length // 4}, {more:.5f} s for {length} characters"
    return ""


def _seconds(work: Callable[[str], object], before: str, unit: str, length: int) -> float:
    text = before + unit * max(length // len(unit), length // 2) + _UNWANTED
    start = time.process_time()
    work(text)
    return time.process_time() - start


# Texts from an expression.


def _hostile(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str]]:
    """Yield beginnings, each with a text that is repeated after it."""
    text = pattern.pattern
    source = text.decode("latin-1") if isinstance(text, bytes) else text
    tree = parser.parse(source, pattern.flags & ~re.UNICODE)
    starts: dict[str, None] = {}
    units: dict[str, None] = {}
    characters: dict[str, None] = dict.fromkeys(_EVERYWHERE)
    for nodes in _sequences(tree):
        characters.update(dict.fromkeys(c for node in nodes for c in _characters(node)))
        pieces = list(_pieces(nodes))
        for end in range(1, len(pieces) + 1):
            starts.setdefault("".join(pieces[:end]))
            units.update(dict.fromkeys("".join(pieces[at:end]) for at in range(end)))
    repeated = [*dict.fromkeys((*characters, *units))]
    yield from product([""], filter(None, repeated[:_MAX_UNITS]))
    yield from product([*starts][:_MAX_STARTS], [*characters][:_MAX_CHARACTERS])


_MAX_STARTS, _MAX_CHARACTERS, _MAX_UNITS = 12, 24, 100


def _sequences(nodes: Iterable[Node]) -> Iterator[Sequence[Node]]:
    """Yield an expression's parts in order, then those of groups and branches."""
    nodes = list(nodes)
    yield nodes
    for _, argument in nodes:
        for inner in _inner(argument):
            yield from _sequences(inner)


def _inner(argument: object) -> Iterator[Iterable[Node]]:
    """Yield the expressions within a part."""
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for item in argument:
            yield from _inner(item)


def _pieces(nodes: Iterable[Node]) -> Iterator[str]:
    """Yield a text for each part; characters that follow each other are one."""
    literal = codes.LITERAL
    for is_literal, several in groupby(nodes, lambda node: node[0] is literal):
        texts = map(_example, several)
        yield from ["".join(texts)] if is_literal else texts


def _example(node: Node) -> str:
    """Return a text that a part matches, with one of what is optional."""
    kind, argument = node
    if kind in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
        least, most, inner = argument
        times = int(max(least, min(most, 1)))
        return "".join(map(_example, inner)) * times
    if kind is codes.SUBPATTERN or kind is codes.ATOMIC_GROUP:
        inner = argument[-1] if kind is codes.SUBPATTERN else argument
        return "".join(map(_example, inner))
    if kind is codes.BRANCH:
        return "".join(map(_example, argument[1][0]))
    return next(iter(_characters(node)), "")


def _characters(node: Node) -> Sequence[str]:
    """Return characters that a part matches, if it is a character."""
    kind, argument = node
    if kind is codes.LITERAL:
        return [chr(argument)]
    if kind is codes.NOT_LITERAL:
        return [c for c in _TRIED if ord(c) != argument][:2]
    if kind is codes.ANY:
        return ["a", "."]
    if kind is codes.IN:
        wanted = argument[0][0] is not codes.NEGATE
        fits = [c for c in _TRIED if any(_fits(item, c) for item in argument) == wanted]
        named = [chr(value) for name, value in argument if name is codes.LITERAL and wanted]
        ranges = [chr(value[0]) for name, value in argument if name is codes.RANGE and wanted]
        return [*dict.fromkeys([*fits[:3], *named[:3], *ranges[:3]])]
    return []


_TRIED = "a1 ,-\n.<\"'@{[(|A_éж\u00a0"


def _fits(part: Node, character: str) -> bool:
    kind, argument = part
    if kind is codes.LITERAL:
        return bool(ord(character) == argument)
    if kind is codes.RANGE:
        return bool(argument[0] <= ord(character) <= argument[1])
    return bool(kind is codes.CATEGORY and _CATEGORIES[argument](character))


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()


def _is_digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"


_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_WORD: _is_word,
    codes.CATEGORY_NOT_WORD: lambda c: not _is_word(c),
    codes.CATEGORY_DIGIT: _is_digit,
    codes.CATEGORY_NOT_DIGIT: lambda c: not _is_digit(c),
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
}
