"""Remove lines whose tags are all blank, and separators of blank tags.

A line is a paragraph, or the stretch between two line breaks in it. As in Word's own merge, a line
of nothing but value tags, spaces and punctuation goes where all its tags are blank. Where some
are, a blank tag takes its separator along: `{{ city }}, {{ country }}` with a blank city is the
country alone. Which tags will be blank is not known when the template is compiled, so each
character between the tags gets the condition on which it stands:

1. The paragraph is cut at its breaks; a line with words of its own is `fixed` and stays.
2. Brackets and quotation marks stand where some tag between them is filled.
3. The ends of the line, before its first tag and behind its last, stand where the line does.
4. Between two filled tags, with blank ones between them, stands exactly one separator.
5. A line break stands where the line below it does and some line above: so breaks never
   lead, trail or double.
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
"""What opens, and what may close it; German and French marks run both ways."""

_MAX_RANKED = 6
MAX_PLACEHOLDERS = 40
"""Tags of a line. Lines with more stay whatever is blank; no letter has them."""
MAX_LINES = 20
"""Lines of a paragraph. One with more stays as it is; no address has them."""


@dataclass(frozen=True, slots=True)
class ConditionalSpan:
    """The characters from `start` to `end`, which stand only where `shown` holds."""

    start: int
    end: int
    condition: str


@dataclass(frozen=True, slots=True)
class PlaceholderSpan:
    """A value tag: where it stands in the paragraph, and the expression it prints."""

    start: int
    end: int
    expression: str

    @property
    def filled_condition(self) -> str:
        """The condition that the tag prints something."""
        return f"({self.expression}) is not blank"


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """The stretch from `start` to `end`, with its tags; `fixed` if it has to stay anyway."""

    start: int
    end: int
    placeholders: tuple[PlaceholderSpan, ...]
    is_fixed: bool

    @property
    def condition(self) -> str:
        """The condition that the line stays; empty where it always does."""
        return (
            ""
            if self.is_fixed
            else _join_with_or(tag.filled_condition for tag in self.placeholders)
        )


def split_lines(text: str, tags: Sequence[PlaceholderSpan], others: set[int]) -> list[TemplateLine]:
    """Return the lines of a text; `others` are positions inside tags that print no value."""
    lines, start = [], 0
    inside = {i for tag in tags for i in range(tag.start, tag.end)} | others
    breaks = [i for i, c in enumerate(text) if c == "\n" and i not in inside]
    stays = len(breaks) >= MAX_LINES
    for end in (*breaks, len(text)):
        own = tuple(tag for tag in tags if start <= tag.start < end)
        fixed = (
            stays
            or not 0 < len(own) <= MAX_PLACEHOLDERS
            or not others.isdisjoint(range(start, end))
        )
        fixed = fixed or not all(
            _is_separator(text[i]) for i in range(start, end) if i not in inside
        )
        lines.append(TemplateLine(start, end, own, fixed))
        start = end + 1
    return lines


def _is_separator(character: str) -> bool:
    """Return whether a character is a space or punctuation, and so may go with a blank tag."""
    category = unicodedata.category(character)
    return category[0] in "PZ" or category in {"Cc", "Cf", "Sm"}


def conditional_spans(text: str, lines: Sequence[TemplateLine]) -> Iterator[ConditionalSpan]:
    """Yield what stands only where certain tags are filled: separators, brackets, line breaks."""
    for line in lines:
        if not line.is_fixed:
            yield from _spans_in_line(text, line)
    for count, (above, below) in enumerate(pairwise(lines), start=1):
        is_sure = any(line.is_fixed for line in lines[:count])
        before = "" if is_sure else _join_with_or(line.condition for line in lines[:count])
        shown = " and ".join(
            f"({condition})" for condition in (below.condition, before) if condition
        )
        if shown:
            yield ConditionalSpan(above.end, above.end + 1, shown)


def _spans_in_line(text: str, line: TemplateLine) -> Iterator[ConditionalSpan]:
    """Yield the spans of a line that may go: brackets, then what is left between and round tags."""
    pairs = _bracket_pairs(text, line)
    brackets = {edge for pair in pairs for edge in pair}
    for opening, closing in pairs:
        some = _join_with_or(
            tag.filled_condition for tag in line.placeholders if opening < tag.start < closing
        )
        yield ConditionalSpan(opening, opening + 1, some)
        yield ConditionalSpan(closing, closing + 1, some)
    edges = [
        line.start,
        *(edge for tag in line.placeholders for edge in (tag.start, tag.end)),
        line.end,
    ]
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    shown = [
        line.condition,
        *_separator_conditions(text, line.placeholders, gaps[1:-1], pairs),
        line.condition,
    ]
    for (start, end), condition in zip(gaps, shown, strict=True):
        begin = start
        for at in (*(b for b in range(start, end) if b in brackets), end):
            if begin < at:
                yield ConditionalSpan(begin, at, condition)
            begin = at + 1


def _bracket_pairs(text: str, line: TemplateLine) -> list[tuple[int, int]]:
    """Return where brackets and quotation marks open and close, round one tag at least."""
    inside = {i for tag in line.placeholders for i in range(tag.start, tag.end)}
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for at in range(line.start, line.end):
        if at in inside:
            continue
        if opened and text[at] in _CLOSING_MARKS.get(text[opened[-1]], ""):
            pairs.append((opened.pop(), at))
        elif text[at] in _CLOSING_MARKS:
            opened.append(at)
    return [p for p in pairs if any(p[0] < tag.start < p[1] for tag in line.placeholders)]


def _separator_conditions(
    text: str,
    tags: Sequence[PlaceholderSpan],
    gaps: Sequence[tuple[int, int]],
    pairs: Sequence[tuple[int, int]],
) -> list[str]:
    """Return, for each gap between two tags, the condition on which its separator stands.

    Of the separators between two filled tags, with blank ones between them, one stands: outside
    brackets rather than inside, then the one with more punctuation, then the first. So each pair
    of tags (left filled, right filled, all between them blank) adds its case to one gap; the cases
    exclude each other, and every outcome is one chain of them.

    Pairs grow with the square of the tags, and the conditions with their number. In a line of many
    tags it is therefore the last separator: one stands where the tag behind it is filled and some
    tag before it.
    """
    if len(tags) > _MAX_RANKED:
        before = (
            _join_with_or(tag.filled_condition for tag in tags[:count])
            for count in range(1, len(tags))
        )
        return [
            f"({tag.filled_condition}) and ({b})" for tag, b in zip(tags[1:], before, strict=True)
        ]
    edges = {edge for pair in pairs for edge in pair}
    ranks = []
    for gap in gaps:  # a separator is as deep as its least enclosed character
        own = [at for at in range(*gap) if at not in edges]
        depth = min((sum(a < at < b for a, b in pairs) for at in own), default=99)
        ranks.append((-depth, len("".join(text[at] for at in own).split())))
    chosen: list[list[str]] = [[] for _ in gaps]
    for left in range(len(tags)):
        for right in range(left + 1, len(tags)):
            strongest = max(range(left, right), key=ranks.__getitem__)
            blanks = [f"not ({tag.filled_condition})" for tag in tags[left + 1 : right]]
            chosen[strongest].append(
                " and ".join([tags[left].filled_condition, tags[right].filled_condition, *blanks])
            )
    return [_join_with_or(conditions) or "false" for conditions in chosen]


def _join_with_or(conditions: Iterable[str]) -> str:
    return " or ".join(f"({c})" for c in conditions)


# The paragraph of lines that all go.


def can_be_removed(paragraph: Element) -> bool:
    """Return whether a paragraph can be left out: nothing else shows in it or hangs on it.

    It stays if it holds a picture, page break, field or note mark, or the properties of a section.
    It also stays if what is left would be no document, or another one:

    - it is the last block of its container, or of one branch of an `{%p if %}` in it: a container
      must hold a paragraph, and a cell must end in one;
    - it is the last block anywhere and a table stands before it, for the same reason;
    - it stands between two tables, which Word would join to one.
    """
    if paragraph.find(f"{W}pPr/{W}sectPr") is not None:
        return False
    if next(paragraph.iter(W + "fldSimple"), None) is not None:
        return False
    if any(atom.char == OBJECT for atom in paragraph_characters(paragraph)):
        return False
    parent, following = paragraph.getparent(), next_block(paragraph)
    if following is None:
        in_container = parent is not None and parent.tag in PARAGRAPH_CONTAINERS
        after_table = parent is not None and _is_element(previous_block(paragraph), "tbl")
        return not in_container and not after_table
    if following.tag == W + "p":
        text = "".join(atom.char for atom in paragraph_characters(following))
        ends_branch = re.match(r"\s*\{%p\s+(else|elif|end)", text) is not None
        return parent is None or parent.tag not in PARAGRAPH_CONTAINERS or not ends_branch
    before = (e for e in paragraph.itersiblings(W + "tbl", W + "sdt", preceding=True))
    return not (following.tag == W + "tbl" and _is_element(next(before, None), "tbl"))


def make_collapsible(paragraph: Element, opening: str, otherwise: str, closing: str) -> None:
    """Let the paragraph stand between two marks; where it goes, its bookmarks move on.

    A bookmark may stand between paragraphs (ECMA-376 part 1, 17.13.6.2), and then belongs to the
    next one. So a paragraph with bookmarks gets copies of them behind it, as the other branch of
    its condition: a reference to a line that closes up finds the line below.
    """
    marks = [copy.deepcopy(mark) for mark in paragraph.iter(*RANGE_MARKS)]
    if not marks:
        add_text_around(paragraph, opening, closing)
        return
    for mark in reversed(marks):
        mark.tail = None
        paragraph.addnext(mark)
    add_text_around(paragraph, opening, otherwise)
    add_text_around(marks[-1], "", closing)


def _is_element(element: Element | None, name: str) -> bool:
    return element is not None and element.tag == W + name
