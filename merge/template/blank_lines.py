"""Remove lines whose placeholders are all blank, and their separators.

A line is a paragraph, or the text between two line breaks in it. As in Word's own mail merge, a
line of placeholders, spaces and punctuation is removed if all its placeholders are blank. If only
some are blank, each takes its separator along: `{{ city }}, {{ country }}` with a blank city prints
the country alone. When a template is compiled, it is unknown which placeholders will be blank. So
each character between them gets the condition under which it is printed:

1. The paragraph is cut at its line breaks. A line with words is `is_fixed` and always printed.
2. Brackets and quotation marks are printed if a placeholder between them is filled.
3. The ends of a line, before its first placeholder and after its last, are printed with the line.
4. Between two filled placeholders, with blank ones between them, exactly one separator is printed.
5. A line break is printed if the line below it is, and some line above. So line breaks are never
   first, last or double.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from merge.ooxml.wordml import (
    OBJECT,
    PARAGRAPH_CONTAINERS,
    RANGE_MARKS,
    Element,
    W,
    add_text_around,
    next_block,
    paragraph_characters,
    previous_block,
)

_CLOSING_MARKS = {
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
"""Opening marks, and what may close each; German and French marks run both
ways."""

_MAX_RANKED = 6
MAX_PLACEHOLDERS = 40
"""Placeholders of a line. A line with more is always printed; no letter
has one."""
MAX_LINES = 20
"""Lines of a paragraph. One with more is never shortened; no address has
so many."""


@dataclass(frozen=True, slots=True)
class ConditionalSpan:
    """The characters from `start` to `end`, printed only under a `condition`."""

    start: int
    end: int
    condition: str


@dataclass(frozen=True, slots=True)
class PlaceholderSpan:
    """A placeholder: its place in the paragraph, and the expression it prints."""

    start: int
    end: int
    expression: str

    @property
    def filled_condition(self) -> str:
        """The Jinja condition under which the placeholder prints something."""
        return f"({self.expression}) is not blank"


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A line of a template from `start` to `end`, with its placeholders.

    `is_fixed` if it is always printed.
    """

    start: int
    end: int
    placeholders: tuple[PlaceholderSpan, ...]
    is_fixed: bool

    @property
    def condition(self) -> str:
        """The Jinja condition under which the line is printed; empty if always."""
        return (
            ""
            if self.is_fixed
            else _join_with_or(placeholder.filled_condition for placeholder in self.placeholders)
        )


def split_lines(
    text: str, placeholders: Sequence[PlaceholderSpan], block_positions: set[int]
) -> list[TemplateLine]:
    """Return the lines of a paragraph, each with its placeholders.

    `block_positions` are those inside tags that print no value.
    """
    lines, start = [], 0
    inside = {
        i for placeholder in placeholders for i in range(placeholder.start, placeholder.end)
    } | block_positions
    breaks = [i for i, c in enumerate(text) if c == "\n" and i not in inside]
    is_too_long = len(breaks) >= MAX_LINES
    for end in (*breaks, len(text)):
        in_line = tuple(
            placeholder for placeholder in placeholders if start <= placeholder.start < end
        )
        fixed = (
            is_too_long
            or not 0 < len(in_line) <= MAX_PLACEHOLDERS
            or not block_positions.isdisjoint(range(start, end))
        )
        fixed = fixed or not all(
            _is_separator(text[i]) for i in range(start, end) if i not in inside
        )
        lines.append(TemplateLine(start, end, in_line, fixed))
        start = end + 1
    return lines


def _is_separator(character: str) -> bool:
    """Return whether a character is a space or punctuation."""
    category = unicodedata.category(character)
    return category[0] in "PZ" or category in {"Cc", "Cf", "Sm"}


def conditional_spans(text: str, lines: Sequence[TemplateLine]) -> Iterator[ConditionalSpan]:
    """Yield the line's separators, brackets and breaks, with their conditions."""
    for line in lines:
        if not line.is_fixed:
            yield from _spans_in_line(text, line)
    for count, (above, below) in enumerate(pairwise(lines), start=1):
        is_sure = any(line.is_fixed for line in lines[:count])
        shown_above = "" if is_sure else _join_with_or(line.condition for line in lines[:count])
        break_condition = " and ".join(
            f"({condition})" for condition in (below.condition, shown_above) if condition
        )
        if break_condition:
            yield ConditionalSpan(above.end, above.end + 1, break_condition)


def _spans_in_line(text: str, line: TemplateLine) -> Iterator[ConditionalSpan]:
    """Yield the spans of a line: brackets, then the gaps between placeholders."""
    pairs = _bracket_pairs(text, line)
    brackets = {edge for pair in pairs for edge in pair}
    for opening, closing in pairs:
        condition_inside = _join_with_or(
            placeholder.filled_condition
            for placeholder in line.placeholders
            if opening < placeholder.start < closing
        )
        yield ConditionalSpan(opening, opening + 1, condition_inside)
        yield ConditionalSpan(closing, closing + 1, condition_inside)
    edges = [
        line.start,
        *(
            edge
            for placeholder in line.placeholders
            for edge in (placeholder.start, placeholder.end)
        ),
        line.end,
    ]
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    conditions = [
        line.condition,
        *_separator_conditions(text, line.placeholders, gaps[1:-1], pairs),
        line.condition,
    ]
    for (start, end), condition in zip(gaps, conditions, strict=True):
        begin = start
        for edge_at in (*(b for b in range(start, end) if b in brackets), end):
            if begin < edge_at:
                yield ConditionalSpan(begin, edge_at, condition)
            begin = edge_at + 1


def _bracket_pairs(text: str, line: TemplateLine) -> list[tuple[int, int]]:
    """Return the positions of brackets and quotation marks, in pairs.

    Each pair has a placeholder between its marks.
    """
    inside = {
        i for placeholder in line.placeholders for i in range(placeholder.start, placeholder.end)
    }
    pairs: list[tuple[int, int]] = []
    open_positions: list[int] = []
    for at in range(line.start, line.end):
        if at in inside:
            continue
        if open_positions and text[at] in _CLOSING_MARKS.get(text[open_positions[-1]], ""):
            pairs.append((open_positions.pop(), at))
        elif text[at] in _CLOSING_MARKS:
            open_positions.append(at)
    return [
        p
        for p in pairs
        if any(p[0] < placeholder.start < p[1] for placeholder in line.placeholders)
    ]


def _separator_conditions(
    text: str,
    placeholders: Sequence[PlaceholderSpan],
    gaps: Sequence[tuple[int, int]],
    pairs: Sequence[tuple[int, int]],
) -> list[str]:
    """Return the condition of the separator in each gap between placeholders.

    Between two filled placeholders, with blank ones between them, one separator is printed. One
    outside brackets has precedence over one inside, then the one with more punctuation, then the
    first. So each pair of placeholders (left filled, right filled, all between them blank) adds its
    case to one gap. The cases exclude each other, and every outcome is one chain of them.

    The number of pairs grows with the square of the placeholders, and the conditions grow with it.
    In a line with many placeholders, the last separator is printed instead: one is printed if the
    placeholder after it is filled and some placeholder before it.
    """
    if len(placeholders) > _MAX_RANKED:
        before = (
            _join_with_or(placeholder.filled_condition for placeholder in placeholders[:count])
            for count in range(1, len(placeholders))
        )
        return [
            f"({placeholder.filled_condition}) and ({b})"
            for placeholder, b in zip(placeholders[1:], before, strict=True)
        ]
    edges = {edge for pair in pairs for edge in pair}
    ranks = []
    for gap in gaps:  # a separator is as deep as its least enclosed character
        positions = [at for at in range(*gap) if at not in edges]
        depth = min((sum(a < at < b for a, b in pairs) for at in positions), default=99)
        ranks.append((-depth, len("".join(text[at] for at in positions).split())))
    chosen: list[list[str]] = [[] for _ in gaps]
    for left in range(len(placeholders)):
        for right in range(left + 1, len(placeholders)):
            strongest = max(range(left, right), key=ranks.__getitem__)
            blanks = [
                f"not ({placeholder.filled_condition})"
                for placeholder in placeholders[left + 1 : right]
            ]
            chosen[strongest].append(
                " and ".join(
                    [
                        placeholders[left].filled_condition,
                        placeholders[right].filled_condition,
                        *blanks,
                    ]
                )
            )
    return [_join_with_or(conditions) or "false" for conditions in chosen]


def _join_with_or(conditions: Iterable[str]) -> str:
    return " or ".join(f"({c})" for c in conditions)


# The paragraph whose lines are all removed.


def can_be_removed(paragraph: Element) -> bool:
    """Return whether a paragraph can be removed and nothing else is lost.

    It stays if it contains a picture, page break, field or note mark, or the properties of a
    section. It also stays if the rest would be an invalid or a different document:

    - It is the last block of its container, or of one branch of an `{%p if %}` in it: a container
      must have a paragraph, and a cell must end in one.
    - It is the last block of all and a table is before it, for the same reason.
    - It is between two tables, which Word would join to one.
    """
    if paragraph.find(f"{W}pPr/{W}sectPr") is not None:
        return False
    if next(paragraph.iter(W + "fldSimple"), None) is not None:
        return False
    if any(atom.char == OBJECT for atom in paragraph_characters(paragraph)):
        return False
    parent, next_element = paragraph.getparent(), next_block(paragraph)
    if next_element is None:
        in_container = parent is not None and parent.tag in PARAGRAPH_CONTAINERS
        after_table = parent is not None and _is_element(previous_block(paragraph), "tbl")
        return not in_container and not after_table
    if next_element.tag == W + "p":
        text = "".join(atom.char for atom in paragraph_characters(next_element))
        ends_branch = re.match(r"\s*\{%p\s+(else|elif|end)", text) is not None
        return parent is None or parent.tag not in PARAGRAPH_CONTAINERS or not ends_branch
    elements_before = (e for e in paragraph.itersiblings(W + "tbl", W + "sdt", preceding=True))
    return not (next_element.tag == W + "tbl" and _is_element(next(elements_before, None), "tbl"))


def make_collapsible(paragraph: Element, opening: str, middle: str, closing: str) -> None:
    """Print a paragraph only under a condition, but its bookmarks always.

    A bookmark may be between paragraphs (ECMA-376 part 1, 17.13.6.2), and then belongs to the next
    one. So a paragraph with bookmarks gets copies of them after it, as the other branch of its
    condition. A reference to a removed line then finds the line below.
    """
    marks = [copy.deepcopy(mark) for mark in paragraph.iter(*RANGE_MARKS)]
    if not marks:
        add_text_around(paragraph, opening, closing)
        return
    for mark in reversed(marks):
        mark.tail = None
        paragraph.addnext(mark)
    add_text_around(paragraph, opening, middle)
    add_text_around(marks[-1], "", closing)


def _is_element(element: Element | None, name: str) -> bool:
    return element is not None and element.tag == W + name
