"""Differences between letters inside one piece of text.

The words of all letters are aligned. Text between common words is a value of each letter. A
value never begins or ends inside a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from merge.starting.alignment import Slot
from merge.starting.columns import Column
from merge.starting.words import plain, pronoun_pair

_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]|['’]s\b"
    r"|[\w\u0300-\u036f\u064b-\u0652]+(?:[-‑’'][\w\u0300-\u036f]+)*?(?=['’]s\b|[^\w'’‑-]|$|[-‑'’](?!\w))"
    r"|\s+|.",
    re.DOTALL,
)
_SENTENCE_MARKS = ".;:!?()"
_LISTED_MARKS = ",،/"
_MAX_TOKENS = 1_200
"""Words of a text that are aligned; a longer one is one value."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, space or mark of a text; or a whole value of a column."""

    key: str
    start: int
    end: int
    column: Column | None = None
    filters: str = ""

    @property
    def weight(self) -> float:
        """Its weight if two letters have it in common."""
        if self.column:
            return 6
        if not self.key.strip():
            return 0.1
        return 1 + 0.1 * len(self.key) if self.key[0].isalnum() else 0.2


Range = tuple[int, int]
Gap = list[Range]
"""The tokens of each letter between two common ones."""
Anchor = tuple[int, ...]
"""The index of a common token in each letter."""

_CLASSES = {
    " ": r"[\s\u00a0]+",
    "'": "['‘’ʼ]",
    '"': '["“”„«»]',
    "-": "[-\u2010\u2011]",
    "–": "[–—]",
}


def occurrences(text: str, value: str) -> list[Range]:
    """Return the places of a value in a text, as whole words.

    Kinds of quotation marks, spaces and dashes do not count.
    """
    pattern = "".join(_CLASSES.get(char) or re.escape(char) for char in plain(value))
    if not pattern:
        return []
    left = r"(?<!\w)(?<!\w[-\u2011])(?<![A-Z]['’])" if value[0].isalnum() else ""
    right = r"(?!\w)(?![-\u2011]\w)" if value[-1].isalnum() else ""
    return [match.span() for match in re.finditer(left + pattern + right, text)]


def find_values(slot: Slot, columns: Sequence[Column]) -> list[list[Token]]:
    """Return the tokens of each text; a known value is one token."""
    values: list[list[Token]] = [[] for _ in slot.units]
    for column in sorted(columns, key=lambda c: -sum(map(len, c.values))):
        if not _may_be_in_text(column, slot):
            continue
        for filters in ("", "|upper"):
            _take(slot, column, filters, values)
    return [
        _tokens(text, letter_tokens) for text, letter_tokens in zip(slot.texts, values, strict=True)
    ]


def _may_be_in_text(column: Column, slot: Slot) -> bool:
    value = column.values[0]
    if column.source in ("paragraph", "list"):
        return False
    if column.heading == "Salutation" and (
        slot.first.zone == "closing" or is_vocative(slot.first.text, value)
    ):
        return True
    in_sender = slot.first.zone in ("sender", "header", "footer") and len(value) > 3
    is_whole = column.heading in ("Name", "Street") and " " in value
    return column.varies or is_whole or (column.sheet == "signer" and in_sender)


def _take(slot: Slot, column: Column, filters: str, values: list[list[Token]]) -> None:
    """Take a column's values if each letter of a slot has them equally often."""
    found: list[list[Token]] = []
    for number, unit in enumerate(slot.units):
        if unit is None:
            continue
        plain_value = column.values[number]
        value = plain_value.upper() if filters else plain_value
        spans = [] if len(value) < 2 else occurrences(unit.text, value)
        if filters and value == plain_value:
            spans = []
        tokens = [Token(f"\ue000{column.key}{filters}", *s, column, filters) for s in spans]
        free = [t for t in tokens if not _is_taken(t, values[number])]
        found.append(free)
    if found and found[0] and len({*map(len, found)}) == 1:
        present = [number for number, unit in enumerate(slot.units) if unit]
        for number, tokens in zip(present, found, strict=True):
            values[number] += tokens


def _is_taken(token: Token, values: Sequence[Token]) -> bool:
    return any(other.start < token.end and token.start < other.end for other in values)


def _tokens(text: str, values: Sequence[Token]) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    for value in [*sorted(values, key=lambda token: token.start), None]:
        end = value.start if value else len(text)
        tokens += (
            Token(plain(match[0]) or " ", position + match.start(), position + match.end())
            for match in _TOKEN.finditer(text[position:end])
        )
        if value:
            tokens.append(value)
            position = value.end
    return tokens


def is_vocative(text: str, value: str) -> bool:
    """Return whether a text has a value between commas: `You, Minister, have`."""
    return any(
        text[:start].rstrip()[-1:] in ("", ",", "،") and text[end:].lstrip()[:1] in (*",،.!",)
        for start, end in occurrences(text, value)
    )


def find_gaps(tokens: Sequence[list[Token]]) -> tuple[list[Anchor], list[Gap]]:
    """Return the common tokens of texts, and what differs between them."""
    anchors: list[Anchor] = [(n,) for n in range(len(tokens[0]))]
    for other in tokens[1:]:
        known = [tokens[0][anchor[0]] for anchor in anchors]
        pairs = _common_tokens(known, other)
        anchors = [(*anchors[i], j) for i, j in pairs]
    anchors = _without_loose_phrases(anchors, tokens)
    ends = [tuple(-1 for _ in tokens), *anchors, tuple(map(len, tokens))]
    gaps: list[tuple[int, int, Gap]] = []
    for number, (left, right) in enumerate(pairwise(ends)):
        ranges = [(a + 1, b) for a, b in zip(left, right, strict=True)]
        if any(b > a for a, b in ranges):
            gaps.append((number, number, ranges))
    return anchors, _merged(gaps, anchors, tokens)


def _merged(
    gaps: Sequence[tuple[int, int, Gap]], anchors: Sequence[Anchor], tokens: Sequence[list[Token]]
) -> list[Gap]:
    """Return gaps, those with only little words between them as one."""
    merged: list[tuple[int, int, Gap]] = []
    for gap in gaps:
        if merged:
            first, last, ranges = merged[-1]
            island = [tokens[0][anchors[n][0]] for n in range(last, gap[0])]
            both = [*zip(ranges, gap[2], strict=True)]
            if _is_weak(island, both) and not _are_pronouns(tokens, gap[2]):
                merged[-1] = (first, gap[1], [(a[0], b[1]) for a, b in both])
                continue
        merged.append(gap)
    return [ranges for _, _, ranges in merged]


def _is_weak(island: Sequence[Token], both: Sequence[tuple[Range, Range]]) -> bool:
    """Return whether common tokens are too little to separate two values."""
    have_both = any(a[1] > a[0] and b[1] > b[0] for a, b in both)
    have_all = all(a[1] > a[0] and b[1] > b[0] for a, b in both)
    if not have_both or any(token.column or token.key in _SENTENCE_MARKS for token in island):
        return False
    found = [token.key for token in island if token.key[0].isalnum()]
    lengths = [a[1] - a[0] + b[1] - b[0] for a, b in both]
    is_short = sum(map(len, found)) <= 3 and not (
        have_all and any(token.key in _LISTED_MARKS for token in island)
    )
    return is_short or (len(found) == 1 and max(lengths) > 8)


def _are_pronouns(tokens: Sequence[list[Token]], gap: Gap) -> bool:
    """Return whether a gap is a pronoun: of a woman, or of a man."""
    if any(end - start != 1 for start, end in gap):
        return False
    keys = [*dict.fromkeys(part[start].key for part, (start, _) in zip(tokens, gap, strict=True))]
    return len(keys) == 2 and pronoun_pair(*keys) is not None


def _without_loose_phrases(
    anchors: Sequence[Anchor], tokens: Sequence[list[Token]]
) -> list[Anchor]:
    """Drop a salutation or position beside words that differ.

    `Minister` in `Minister of Justice` is part of another value.
    """
    anchors_left = [*anchors]
    for number in reversed(range(len(anchors_left))):
        column = tokens[0][anchors_left[number][0]].column
        is_office = column is not None and column.heading in ("Salutation", "Position")
        if is_office and any(_is_loose(anchors_left, tokens, number, step) for step in (1, -1)):
            del anchors_left[number]
    return anchors_left


def _is_loose(
    anchors_left: Sequence[Anchor], tokens: Sequence[list[Token]], number: int, step: int
) -> bool:
    neighbour = number + step
    if 0 <= neighbour < len(anchors_left) and tokens[0][anchors_left[neighbour][0]].key == " ":
        neighbour += step
    if 0 <= neighbour < len(anchors_left):
        edge = anchors_left[neighbour]
    else:
        edge = tuple(len(letter_tokens) if step > 0 else -1 for letter_tokens in tokens)
    return len({abs(a - b) for a, b in zip(edge, anchors_left[number], strict=True)}) > 1


def _common_tokens(first: Sequence[Token], second: Sequence[Token]) -> list[Range]:
    """Return pairs of equal tokens, in order, with the greatest weight."""
    if max(len(first), len(second)) > _MAX_TOKENS:
        return []
    start = 0
    while start < min(len(first), len(second)) and first[start].key == second[start].key:
        start += 1
    end = 0
    most = min(len(first), len(second)) - start
    while end < most and first[-1 - end].key == second[-1 - end].key:
        end += 1
    inner = _heaviest_pairs(first[start : len(first) - end], second[start : len(second) - end])
    return [
        *((n, n) for n in range(start)),
        *((start + i, start + j) for i, j in inner),
        *((len(first) - n, len(second) - n) for n in range(end, 0, -1)),
    ]


def _heaviest_pairs(first: Sequence[Token], second: Sequence[Token]) -> list[Range]:
    best = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in reversed(range(len(first))):
        row, below = best[i], best[i + 1]
        for j in reversed(range(len(second))):
            is_equal = first[i].key == second[j].key
            row[j] = max(below[j], row[j + 1], below[j + 1] + first[i].weight if is_equal else 0)
    pairs, i, j = [], 0, 0
    while i < len(first) and j < len(second):
        if first[i].key == second[j].key and best[i][j] == best[i + 1][j + 1] + first[i].weight:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
