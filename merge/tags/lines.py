"""Blank lines close up, as in Word's own merge: which tags decide over which characters. Pure.

A line is a paragraph, or the stretch between two line breaks in it. A line of nothing but value
tags, spaces and punctuation goes where all its tags are blank; where some are, a blank tag takes
its separator along: `{{ city }}, {{ country }}` with a blank city is the country alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

OPENING, CLOSING = "([{«„“‘‚\"'", ")]}»”“’\"'"


@dataclass(frozen=True, slots=True)
class Guard:
    """The characters from `start` to `end` stand only where `shown` holds."""

    start: int
    end: int
    shown: str


@dataclass(frozen=True, slots=True)
class ValueTag:
    """A value tag: where it stands in the paragraph, and the expression it prints."""

    start: int
    end: int
    expression: str

    @property
    def filled(self) -> str:
        """The condition that the tag prints something."""
        return f"({self.expression}) is not blank"


@dataclass(frozen=True, slots=True)
class Line:
    """The stretch from `start` to `end`, with its tags; `fixed` if it has to stay anyway."""

    start: int
    end: int
    tags: tuple[ValueTag, ...]
    fixed: bool

    @property
    def shown(self) -> str:
        """The condition that the line stays; empty where it always does."""
        return "" if self.fixed else _any(tag.filled for tag in self.tags)


def split_lines(text: str, tags: Sequence[ValueTag], others: set[int]) -> list[Line]:
    """The lines of a paragraph's text. `others` are positions inside tags that print no value."""
    lines, start = [], 0
    inside = {i for tag in tags for i in range(tag.start, tag.end)} | others
    breaks = [i for i, c in enumerate(text) if c == "\n" and i not in inside]
    for end in (*breaks, len(text)):
        own = tuple(tag for tag in tags if start <= tag.start < end)
        rest = [i for i in range(start, end) if i not in inside]
        fixed = not own or not others.isdisjoint(range(start, end))
        fixed = fixed or not all(is_separator(text[i]) for i in rest)
        lines.append(Line(start, end, own, fixed))
        start = end + 1
    return lines


def is_separator(character: str) -> bool:
    """Whether a character is a space or punctuation, and so may go with a blank tag."""
    category = unicodedata.category(character)
    return category[0] in "PZ" or category in {"Cc", "Cf", "Sm"}


def guards(text: str, lines: Sequence[Line]) -> Iterator[Guard]:
    """What stands only where certain tags are filled: separators, brackets and line breaks."""
    for line in lines:
        if not line.fixed:
            yield from _within(text, line)
    for count, (above, below) in enumerate(pairwise(lines), start=1):
        shown = _break_shown(lines[:count], below)
        if shown:
            yield Guard(above.end, above.end + 1, shown)


def _break_shown(above: Sequence[Line], below: Line) -> str:
    """A break stands where the line below it does and some line above it."""
    before = "" if any(line.fixed for line in above) else _any(line.shown for line in above)
    return " and ".join(f"({shown})" for shown in (below.shown, before) if shown)


@dataclass(frozen=True, slots=True)
class _Gap:
    """What stands before, between or behind a line's tags: `bracket middle bracket`."""

    start: int
    closed: int
    opened: int
    end: int


def _gaps(text: str, line: Line) -> list[_Gap]:
    """One gap more than tags. Brackets that touch a tag belong to it."""
    edges = [line.start, *(edge for tag in line.tags for edge in (tag.start, tag.end)), line.end]
    gaps = []
    for index in range(0, len(edges), 2):
        start = closed = edges[index]
        end = opened = edges[index + 1]
        while index > 0 and closed < end and text[closed] in CLOSING:
            closed += 1
        while index + 2 < len(edges) and opened > closed and text[opened - 1] in OPENING:
            opened -= 1
        gaps.append(_Gap(start, closed, opened, end))
    return gaps


def _within(text: str, line: Line) -> Iterator[Guard]:
    """The guards of a line that may go, empty stretches left out."""
    gaps = _gaps(text, line)
    found = [Guard(gaps[0].start, gaps[0].opened, line.shown)]
    for tag, left, right in zip(line.tags, gaps, gaps[1:], strict=False):
        found.append(Guard(left.opened, left.end, tag.filled))
        found.append(Guard(right.start, right.closed, tag.filled))
    found += _between(text, line.tags, gaps[1:-1])
    found.append(Guard(gaps[-1].closed, gaps[-1].end, line.shown))
    return (guard for guard in found if guard.start < guard.end)


def _between(text: str, tags: Sequence[ValueTag], gaps: Sequence[_Gap]) -> Iterator[Guard]:
    """Between two filled tags with blanks between them, one separator stands: the strongest."""
    chosen: list[list[str]] = [[] for _ in gaps]
    for left in range(len(tags)):
        for right in range(left + 1, len(tags)):
            strongest = max(range(left, right), key=lambda k: _strength(text, gaps[k]))
            blanks = [f"not ({tag.filled})" for tag in tags[left + 1 : right]]
            chosen[strongest].append(" and ".join([tags[left].filled, tags[right].filled, *blanks]))
    for gap, conditions in zip(gaps, chosen, strict=True):
        if conditions:
            yield Guard(gap.closed, gap.opened, _any(conditions))


def _strength(text: str, gap: _Gap) -> int:
    """Punctuation binds stronger than spaces; of equals the first is taken."""
    return len("".join(text[gap.closed : gap.opened].split()))


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(f"({c})" for c in conditions)
