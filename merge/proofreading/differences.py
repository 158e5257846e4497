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
from merge.proofreading.text import BODY, LetterParagraph
from merge.text.pairing import best_pairs

_WORD = re.compile(r"\s*+(?:\w+|[^\w\s])|\s+")
_MIN_SIMILARITY = 0.5
"""Least similarity of two versions of a paragraph.

It is a ratio of difflib, in which 1 means equal.
"""

_MAX_COMPARISONS = 2_500
"""Most pairs of paragraphs that are compared.

If there are more, paragraphs are paired in their order.
"""

_CONTEXT = 8
"""Words before and after a change that an excerpt shows."""

ChangeKind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """A paragraph in two versions, `before` and `after`, with its new place.

    `before` is empty if the paragraph was added, `after` if it was removed. In that case `number`
    is 0.
    """

    part: str
    number: int
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether the old and the new version of the paragraph differ."""
        return self.before != self.after

    def word_changes(self) -> Iterator[tuple[ChangeKind, str]]:
        """Yield texts of a paragraph: each removed, added or the same."""
        old_words, new_words = _WORD.findall(self.before), _WORD.findall(self.after)
        matcher = SequenceMatcher(None, old_words, new_words, autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind == "equal":
                yield "same", "".join(old_words[a:b])
            else:
                yield "gone", "".join(old_words[a:b])
                yield "new", "".join(new_words[c:d])

    def excerpt(self) -> list[tuple[ChangeKind, str]]:
        """Return the changed words, with only a few words before and after."""
        changes = [(kind, text) for kind, text in self.word_changes() if text]
        last = len(changes) - 1
        return [
            (kind, _shortened(text, is_first=n == 0, is_last=n == last) if kind == "same" else text)
            for n, (kind, text) in enumerate(changes)
        ]


def _shortened(text: str, *, is_first: bool, is_last: bool) -> str:
    """Return the words of an unchanged text that are beside a change."""
    words = _WORD.findall(text)
    start = [] if is_first else words[:_CONTEXT]
    end = [] if is_last else words[-_CONTEXT:]
    if len(start) + len(end) >= len(words):
        return text
    return f"{''.join(start)} … {''.join(end).lstrip()}"


def find_changes(
    before: Sequence[LetterParagraph], after: Sequence[LetterParagraph]
) -> tuple[ParagraphChange, ...]:
    """Return the paragraphs that differ between two versions of a letter."""
    return tuple(change for change in compare_paragraphs(before, after) if change.differs)


def compare_paragraphs(
    old_paragraphs: Sequence[LetterParagraph], new_paragraphs: Sequence[LetterParagraph]
) -> tuple[ParagraphChange, ...]:
    """Return all paragraphs of two letter versions in pairs, equal or not.

    Blank paragraphs do not count. Outside the body, number and order of paragraphs do not count
    either: programs renumber headers, and some write one for each kind of page.
    """
    before, after = _texts_by_part(old_paragraphs), _texts_by_part(new_paragraphs)
    return tuple(
        change
        for part in dict.fromkeys((*after, *before))
        for change in _compare_part(part, before.get(part, []), after.get(part, []))
    )


_NumberedText = tuple[str, int]
"""A paragraph's text as it is shown, and its number."""


def _texts_by_part(paragraphs: Sequence[LetterParagraph]) -> dict[str, list[_NumberedText]]:
    by_part: dict[str, dict[str | int, _NumberedText]] = defaultdict(dict)
    for paragraph in paragraphs:
        text = paragraph.text.replace(OBJECT, "[picture]").strip()
        if text:
            key = paragraph.number if paragraph.part == BODY else text
            by_part[paragraph.part].setdefault(key, (text, paragraph.number))
    return {part: list(texts.values()) for part, texts in by_part.items()}


def _compare_part(
    part: str, old_texts: list[_NumberedText], new_texts: list[_NumberedText]
) -> Iterator[ParagraphChange]:
    old, new = [text for text, _ in old_texts], [text for text, _ in new_texts]
    if old == new or (part != BODY and sorted(old) == sorted(new)):
        yield from (ParagraphChange(part, number, text, text) for text, number in new_texts)
        return
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (
                ParagraphChange(part, number, text, text) for text, number in new_texts[c:d]
            )
        else:
            for before, index in _pair_paragraphs(old[a:b], new[c:d]):
                after, number = ("", 0) if index is None else new_texts[c + index]
                yield ParagraphChange(part, number, before, after)


def _pair_paragraphs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int | None]]:
    """Yield each old paragraph with the index of its new version.

    The text is empty, or the index is None, if there is none.
    """
    if len(old) * len(new) > _MAX_COMPARISONS:
        for before, index in zip_longest(old, range(len(new))):
            yield before or "", index
        return
    old_start = new_start = 0
    for old_index, new_index in (*best_pairs(old, new, _similarity), (len(old), len(new))):
        if old_index - old_start == new_index - new_start == 1:  # one was replaced by another
            yield old[old_start], new_start
        else:
            yield from ((text, None) for text in old[old_start:old_index])
            yield from (("", index) for index in range(new_start, new_index))
        if old_index < len(old):
            yield old[old_index], new_index
        old_start, new_start = old_index + 1, new_index + 1


def _similarity(old: str, new: str) -> float:
    """Return how similar two texts are; 0 if they are not two versions of one."""
    matcher = SequenceMatcher(None, old.split(), new.split(), autojunk=False)
    if matcher.real_quick_ratio() < _MIN_SIMILARITY or matcher.quick_ratio() < _MIN_SIMILARITY:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= _MIN_SIMILARITY else 0.0
