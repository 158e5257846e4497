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

_CLOSED_BY = {
    "(": ")",
    "[": "]",
    "{": "}",
    "<": ">",
    "«": "»",
    "»": "«",
    "„": "“”",
    "“": "”",
    "‚": "‘’",
    "‘": "’",
    '"': '"',
    "'": "'",
}
"""What opens, and what may close it; German and French marks run both ways."""


_MOST_WEIGHED = 6
MOST_TAGS = 40
"""Tags of a line. Lines with more stay whatever is blank; no letter has them."""


MOST_LINES = 20
"""Lines of a paragraph. One with more stays as it is; no address has them."""


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
    stays = len(breaks) >= MOST_LINES
    for end in (*breaks, len(text)):
        own = tuple(tag for tag in tags if start <= tag.start < end)
        rest = [i for i in range(start, end) if i not in inside]
        fixed = stays or not 0 < len(own) <= MOST_TAGS or not others.isdisjoint(range(start, end))
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


def _within(text: str, line: Line) -> Iterator[Guard]:
    """The guards of a line that may go: brackets, what stands between tags, and the ends."""
    pairs = _bracket_pairs(text, line)
    brackets = {edge for pair in pairs for edge in pair}
    for opening, closing in pairs:
        some = _any(tag.filled for tag in line.tags if opening < tag.start < closing)
        yield Guard(opening, opening + 1, some)
        yield Guard(closing, closing + 1, some)
    edges = [line.start, *(edge for tag in line.tags for edge in (tag.start, tag.end)), line.end]
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    shown = [line.shown, *_between(text, line.tags, gaps[1:-1], pairs), line.shown]
    for gap, condition in zip(gaps, shown, strict=True):
        yield from (Guard(a, b, condition) for a, b in _stretches(gap, brackets))


def _bracket_pairs(text: str, line: Line) -> list[tuple[int, int]]:
    """Where brackets and quotation marks of the line open and close, round one tag at least."""
    inside = {i for tag in line.tags for i in range(tag.start, tag.end)}
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for at in range(line.start, line.end):
        if at in inside:
            continue
        if opened and text[at] in _CLOSED_BY.get(text[opened[-1]], ""):
            pairs.append((opened.pop(), at))
        elif text[at] in _CLOSED_BY:
            opened.append(at)
    return [p for p in pairs if any(p[0] < tag.start < p[1] for tag in line.tags)]


def _stretches(gap: tuple[int, int], brackets: set[int]) -> Iterator[tuple[int, int]]:
    """What is left of a gap between its brackets."""
    start = gap[0]
    for at in (*(b for b in range(*gap) if b in brackets), gap[1]):
        if start < at:
            yield start, at
        start = at + 1


def _between(
    text: str,
    tags: Sequence[ValueTag],
    gaps: Sequence[tuple[int, int]],
    pairs: Sequence[tuple[int, int]],
) -> list[str]:
    """For each gap between two tags, the condition on which its separator stands.

    Of the separators between two filled tags, with blank ones between them, one stands: outside
    brackets rather than inside, then the one with more punctuation, then the first. In a line of
    many tags it is the last: weighing all against all would take long.
    """
    if len(tags) > _MOST_WEIGHED:
        before = (_any(tag.filled for tag in tags[:count]) for count in range(1, len(tags)))
        return [f"({tag.filled}) and ({b})" for tag, b in zip(tags[1:], before, strict=True)]
    chosen: list[list[str]] = [[] for _ in gaps]
    ranks = [_rank(text, gap, pairs) for gap in gaps]
    for left in range(len(tags)):
        for right in range(left + 1, len(tags)):
            strongest = max(range(left, right), key=ranks.__getitem__)
            blanks = [f"not ({tag.filled})" for tag in tags[left + 1 : right]]
            chosen[strongest].append(" and ".join([tags[left].filled, tags[right].filled, *blanks]))
    return [_any(conditions) or "false" for conditions in chosen]


def _rank(text: str, gap: tuple[int, int], pairs: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """How strongly a separator binds. Its depth is that of its least enclosed character."""
    edges = {edge for pair in pairs for edge in pair}
    own = [at for at in range(*gap) if at not in edges]
    depth = min((sum(a < at < b for a, b in pairs) for at in own), default=99)
    return -depth, len("".join(text[at] for at in own).split())


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(f"({c})" for c in conditions)
