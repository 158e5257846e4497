"""Differences between letters inside one piece of text.

The words of all letters are aligned. Text between common words is a value of each letter. A
value never begins or ends inside a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from merge.starting.address_lines import HEADINGS
from merge.starting.alignment import Slot
from merge.starting.columns import Column
from merge.starting.dates import DATE
from merge.starting.letters import HEAD_ZONES
from merge.starting.words import plain, pronoun_pair
from merge.text.folding import UNSPACED_SCRIPTS
from merge.text.pairing import best_pairs, common_prefix_length

MARKS = r"\u0300-\u036f\u064b-\u0652\u0900-\u0963\u0971-\u0dff"
"""Accents and vowel signs, also of India, as ranges of a pattern."""
_TOKEN = re.compile(
    rf"(?<!\w){DATE}(?!\w)|"
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,200}\w|\d+(?:[.,:/]\d+)+|"
    rf"[{UNSPACED_SCRIPTS}]|['’]s\b|[\w{MARKS}]+(?:[-‑’'](?!s\b)[\w{MARKS}]+)*|\s+|.",
    re.DOTALL,
)
_MAX_COMPARISONS = 400_000
"""Pairs of words that are compared; if there are more, they are one value."""
_SHORT_WORDS = 3
"""Letters of the words between two values up to which these are one value."""
_LETTERHEAD = (HEADINGS["organisation"], HEADINGS["web"], "Line below the name")
"""Headings of values that a letterhead has for all signers."""
_LONG_VALUES = 8
"""Words of two values from which one word between them is little."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, space or mark of a text; or a whole value of a column."""

    key: str
    start: int
    end: int
    column: Column | None = None
    filters: str = ""


Range = tuple[int, int]
Gap = list[Range]
"""The tokens of each letter between two common ones."""

_INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060"
_CLASSES = {
    " ": r"[\s\u00a0]+",
    "'": "['‘’ʼ]",
    '"': r'(?:«\s?|\s?»|["“”„])',
    "-": "[-\u2010\u2011]",
    "–": "[–—]",
}


def occurrences(text: str, value: str) -> list[Range]:
    """Return the places of a value in a text, as whole words.

    Kinds of quotation marks, spaces and dashes do not count, nor do soft hyphens.
    """
    if not 0 < len(plain(value)) <= len(text):
        return []
    joint = f"[{_INVISIBLE}]*" if any(char in text for char in _INVISIBLE) else ""
    return [match.span() for match in _whole_words(value, joint).finditer(text)]


@lru_cache(maxsize=4096)
def _whole_words(value: str, joint: str) -> re.Pattern[str]:
    pattern = joint.join(_CLASSES.get(char) or re.escape(char) for char in plain(value))
    left = r"(?<!\w)(?<!\w[-\u2011])(?<![A-Z]['’])" if value[:1].isalnum() else ""
    right = r"(?!\w)(?![-\u2011]\w)" if value[-1:].isalnum() else ""
    return re.compile(left + pattern + right)


def split_texts(slot: Slot, columns: Sequence[Column]) -> list[list[Token]]:
    """Return the tokens of each text; a value that all have is one token."""
    texts = [(number, unit.text) for number, unit in enumerate(slot.units) if unit]
    values: list[list[Token]] = [[] for _ in texts]
    for column in sorted(columns, key=lambda c: -sum(map(len, c.values))):
        for filters in ("", "|upper") if _may_be_in_text(column, slot) else ():
            found = [
                [
                    Token(f"\ue000{column.key}{filters}", *span, column, filters)
                    for span in _free_places(text, column.values[number], filters, known)
                ]
                for (number, text), known in zip(texts, values, strict=True)
            ]
            if len({*map(len, found)}) == 1:
                values = [known + new for known, new in zip(values, found, strict=True)]
    return [_tokens(text, known) for (_, text), known in zip(texts, values, strict=True)]


def _may_be_in_text(column: Column, slot: Slot) -> bool:
    """Return whether a column's values are not in a text by chance."""
    value, zone = column.values[0], slot.first.zone
    if column.source in ("paragraph", "list") or column.varies:
        return column.varies and column.source not in ("paragraph", "list")
    if column.heading == "Salutation":
        return zone == "closing" or is_vocative(slot.first.text, value)
    is_name = column.heading in ("Name", "Street") and " " in value
    is_signers = column.sheet == "signer" and column.heading not in _LETTERHEAD
    return is_name or (is_signers and zone in HEAD_ZONES and len(value) > 3)


def _free_places(text: str, value: str, filters: str, known: Sequence[Token]) -> list[Range]:
    value = value.upper() if filters else value
    places = occurrences(text, value) if len(value) > 1 else []
    return [(a, b) for a, b in places if not any(t.start < b and a < t.end for t in known)]


def _tokens(text: str, values: Sequence[Token]) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    for value in [*sorted(values, key=lambda token: token.start), None]:
        end = value.start if value else len(text)
        found = _TOKEN.finditer(text, position, end)
        tokens += (Token(plain(match[0]) or " ", *match.span()) for match in found)
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


def find_gaps(tokens: Sequence[list[Token]]) -> list[Gap]:
    """Return what differs between texts, with little text between values."""
    anchors: list[tuple[int, ...]] = [(n,) for n in range(len(tokens[0]))]
    for other in tokens[1:]:
        known = [tokens[0][first] for first, *_ in anchors]
        anchors = [(*anchors[i], j) for i, j in _common_tokens(known, other)]
    gaps: list[Gap] = []
    for left, right in pairwise([(-1,) * len(tokens), *anchors, tuple(map(len, tokens))]):
        gap = [(a + 1, b) for a, b in zip(left, right, strict=True)]
        if all(a == b for a, b in gap):
            continue
        if gaps and _are_one_value(tokens, gaps[-1], gap):
            gap = [(a[0], b[1]) for a, b in zip(gaps.pop(), gap, strict=True)]
        gaps.append(gap)
    return gaps


def _are_one_value(tokens: Sequence[list[Token]], first: Gap, second: Gap) -> bool:
    """Return whether there are too few common words between two gaps."""
    between = tokens[0][first[0][1] : second[0][0]]
    if any(token.column or token.key in ".;:!?()" for token in between):
        return False
    words = [token.key for token in between if token.key[0].isalnum()]
    longest = max(a[1] - a[0] + b[1] - b[0] for a, b in zip(first, second, strict=True))
    is_little = sum(map(len, words)) <= _SHORT_WORDS or (len(words) == 1 and longest > _LONG_VALUES)
    values = {
        "".join(t.key for t in part[a:b]) for part, (a, b) in zip(tokens, second, strict=True)
    }
    return is_little and not (len(values) == 2 and pronoun_pair(*sorted(values)))


def _common_tokens(first: Sequence[Token], second: Sequence[Token]) -> list[Range]:
    """Return pairs of equal tokens, in order."""
    one, other = [token.key for token in first], [token.key for token in second]
    start = common_prefix_length(one, other)
    end = common_prefix_length(one[start:][::-1], other[start:][::-1])
    rests = one[start : len(one) - end], other[start : len(other) - end]
    is_short = len(rests[0]) * len(rests[1]) <= _MAX_COMPARISONS
    pairs = best_pairs(*rests, lambda word, same: float(word == same)) if is_short else []
    return [
        *((n, n) for n in range(start)),
        *((start + i, start + j) for i, j in pairs),
        *((len(one) - n, len(other) - n) for n in range(end, 0, -1)),
    ]
