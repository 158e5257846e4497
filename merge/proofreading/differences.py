"""Compare a letter with the one that the program creates.

The paragraphs are compared first, then the words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from merge.ooxml.wordml import OBJECT
from merge.proofreading.text import BODY, Paragraph

_WORD = re.compile(r"\s*+(?:\w+|[^\w\s])|\s+")
_MIN_SIMILARITY = 0.5
"""From this ratio on two paragraphs are one that was changed (difflib: 1 is the same)."""

_MAX_COMPARISONS = 400
"""Pairs of paragraphs that are held against each other; beyond that they are taken in order."""

ChangeKind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """A paragraph of two versions: where it stands now, what it said, what it says.

    `made` is empty where the paragraph was added, `now` where it was taken out; `number` is 0
    there.
    """

    part: str
    number: int
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether it says something else than it did."""
        return self.before != self.after

    def word_changes(self) -> Iterator[tuple[ChangeKind, str]]:
        """Yield the whole in stretches: what is the same in both, what went, what came instead."""
        old, new = _WORD.findall(self.before), _WORD.findall(self.after)
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind == "equal":
                yield "same", "".join(old[a:b])
            else:
                yield "gone", "".join(old[a:b])
                yield "new", "".join(new[c:d])


def find_changes(
    made: Sequence[Paragraph], now: Sequence[Paragraph]
) -> tuple[ParagraphChange, ...]:
    """Return the paragraphs that differ."""
    return tuple(each for each in compare_paragraphs(made, now) if each.differs)


def compare_paragraphs(
    made: Sequence[Paragraph], now: Sequence[Paragraph]
) -> tuple[ParagraphChange, ...]:
    """Return the paragraphs of both, those as well that are the same; blank ones do not count.

    Beside the body only what stands there counts, not how often nor in which order: programs
    number headers anew, and some write one for each kind of page.
    """
    before, after = _texts_by_part(made), _texts_by_part(now)
    return tuple(
        change
        for part in dict.fromkeys((*after, *before))
        for change in _compare_part(part, before.get(part, []), after.get(part, []))
    )


_NumberedText = tuple[str, int]
"""A paragraph's text as it is told, and its number."""


def _texts_by_part(read: Sequence[Paragraph]) -> dict[str, list[_NumberedText]]:
    found: dict[str, dict[str | int, _NumberedText]] = defaultdict(dict)
    for paragraph in read:
        text = paragraph.text.replace(OBJECT, "[picture]").strip()
        if text:
            key = paragraph.number if paragraph.part == BODY else text
            found[paragraph.part].setdefault(key, (text, paragraph.number))
    return {part: list(own.values()) for part, own in found.items()}


def _compare_part(
    part: str, made: list[_NumberedText], now: list[_NumberedText]
) -> Iterator[ParagraphChange]:
    old, new = [text for text, _ in made], [text for text, _ in now]
    if old == new or (part != BODY and sorted(old) == sorted(new)):
        yield from (ParagraphChange(part, number, text, text) for text, number in now)
        return
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (ParagraphChange(part, number, text, text) for text, number in now[c:d])
        else:
            for before, at in _pair_paragraphs(old[a:b], new[c:d]):
                after, number = ("", 0) if at is None else now[c + at]
                yield ParagraphChange(part, number, before, after)


def _pair_paragraphs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int | None]]:
    """Yield each old paragraph with the place of the new one made of it; empty or None for none."""
    best = _most_similar(old, new)
    if best is None:
        for before, at in zip_longest(old, range(len(new))):
            yield before or "", at
        return
    a, b = best
    yield from _pair_paragraphs(old[:a], new[:b])
    yield old[a], b
    for before, at in _pair_paragraphs(old[a + 1 :], new[b + 1 :]):
        yield before, None if at is None else at + b + 1


def _most_similar(old: Sequence[str], new: Sequence[str]) -> tuple[int, int] | None:
    """Return the two paragraphs most alike; None if none are, or all are taken in order."""
    if not 1 < len(old) * len(new) <= _MAX_COMPARISONS:
        return None
    ratios = {(a, b): _similarity(o, n) for a, o in enumerate(old) for b, n in enumerate(new)}
    best = max(ratios, key=ratios.__getitem__)
    return best if ratios[best] >= _MIN_SIMILARITY else None


def _similarity(old: str, new: str) -> float:
    matcher = SequenceMatcher(None, old.split(), new.split(), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _MIN_SIMILARITY else 0.0
