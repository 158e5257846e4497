"""Compare the placeholders that were found with those that are right.

A placeholder may be cut in another way and still be right. For example, it may be the complete line
of an address, or two columns beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from starting.corpus.case import Case
from starting.corpus.layout import Paragraph
from starting.corpus.truth import Piece

SHORT_LINE = 8
"""Words of a line that may be one placeholder, constant words included."""


class Place(NamedTuple):
    """The place of a placeholder in the text of a letter.

    Paragraphs are counted from 0 in reading order, characters from 0 in the paragraph.
    """

    paragraph: int
    start: int
    end: int


class Verdict(NamedTuple):
    """The placeholders of letters that are right, wrong or missing, as words.

    `wrong` are constant words that became placeholders; `in_texts` are those of them that are in
    sentences. `missed` are values of required columns that remained text. `partial` are values of
    which only a part became a placeholder.
    """

    right: tuple[str, ...]
    partial: tuple[str, ...]
    wrong: tuple[str, ...]
    in_texts: tuple[str, ...]
    missed: tuple[str, ...]


def judge(case: Case, found: Sequence[Place], letter: int = 0) -> Verdict:
    """Compare the places of the placeholders in one letter of a case."""
    expected = case.expected()
    paragraphs = expected.letters[letter]
    required = {column.name for column in expected.columns if column.is_required}
    wrong = [place for place in found if not _is_right(paragraphs[place.paragraph], place)]
    coverage: dict[bool | None, list[str]] = {True: [], None: [], False: []}
    for place, piece in _values(paragraphs):
        if piece.column in required and not piece.is_optional:
            length = sum(_overlap(place, other) for other in found)
            coverage[length >= len(piece.text.strip()) or (None if length else False)].append(
                piece.text
            )
    in_texts = [place for place in wrong if not _is_short(paragraphs[place.paragraph].text)]
    return Verdict(
        right=tuple(coverage[True]),
        partial=tuple(coverage[None]),
        wrong=tuple(_words(paragraphs, place) for place in wrong),
        in_texts=tuple(_words(paragraphs, place) for place in in_texts),
        missed=tuple(coverage[False]),
    )


def judge_letters(case: Case, found: Sequence[Sequence[Place]]) -> Verdict:
    """Compare the places in all letters of a case; the same words count once."""
    verdicts = [judge(case, places, letter) for letter, places in enumerate(found)]
    return Verdict(*(tuple(dict.fromkeys(chain(*words))) for words in zip(*verdicts, strict=True)))


def true_places(case: Case, letter: int = 0) -> tuple[Place, ...]:
    """Return the places of all values in a letter, optional ones included."""
    return tuple(place for place, _ in _values(case.expected().letters[letter]))


def _values(paragraphs: Sequence[Paragraph]) -> Iterator[tuple[Place, Piece]]:
    for number, paragraph in enumerate(paragraphs):
        for start, end, piece in _spans(paragraph):
            if piece.column and piece.text:
                yield Place(number, start, end), piece


def _spans(paragraph: Paragraph) -> Iterator[tuple[int, int, Piece]]:
    start = 0
    for piece in paragraph.pieces:
        yield start, start + len(piece.text), piece
        start += len(piece.text)


def _words(paragraphs: Sequence[Paragraph], place: Place) -> str:
    return paragraphs[place.paragraph].text[place.start : place.end].strip()


def _overlap(one: Place, other: Place) -> int:
    if one.paragraph != other.paragraph:
        return 0
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _is_right(paragraph: Paragraph, place: Place) -> bool:
    """Return whether a placeholder covers no constant words of a sentence.

    It may cover a date, the place of a slip, and the words of a short line with a value.
    """
    if paragraph.block == "date":
        return True
    has_value = has_words = False
    for start, end, piece in _spans(paragraph):
        words = piece.text[max(place.start - start, 0) : max(place.end - start, 0)]
        if place.start < end and start < place.end:
            has_value |= bool(piece.column)
            is_constant = not (piece.column or piece.slip or piece.mark in ("date", "day"))
            has_words |= is_constant and any(map(str.isalnum, words))
    before, after = paragraph.text[: place.start], paragraph.text[place.end :]
    line = before.rpartition("\n")[2] + _words((paragraph,), place._replace(paragraph=0))
    return not has_words or (has_value and _is_short(line + after.partition("\n")[0]))


def _is_short(text: str) -> bool:
    """Return whether a text is a line rather than a sentence.

    Two characters count as a word in scripts without spaces.
    """
    return len(text.split()) + len(_UNSPACED.findall(text)) / 2 <= SHORT_LINE


_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
