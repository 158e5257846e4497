"""Slips of staff: what one letter of an appeal has by accident."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from starting.corpus.truth import Piece, Pieces

SlipKind = Literal[
    "spaces",
    "no-break space",
    "quotes",
    "dash",
    "typo",
    "wording",
    "missing line",
    "capitals",
    "date",
    "blank paragraph",
]


BlockParagraph = tuple[int, Pieces]
"""A paragraph of a letter, with the number of its block."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Words that one letter has instead of the others' words.

    `letter` counts from 0. Without new words, the paragraph with these words is missing, or has a
    blank paragraph after it.
    """

    letter: int
    kind: SlipKind
    old: str
    new: str = ""


def with_slips(
    paragraphs: Sequence[BlockParagraph], slips: Sequence[Slip], letter: int
) -> list[BlockParagraph]:
    """Return the paragraphs of a letter with the slips made in it.

    The place of each slip is marked in every letter. Raise ValueError if the words are not there.
    """
    result = list(paragraphs)
    for slip in slips:
        places = [n for n, (_, p) in enumerate(result) if _index(p, slip.old) is not None]
        if len(places) != 1:
            raise ValueError(f"“{slip.old}” is in {len(places)} paragraphs")
        block, pieces = result[places[0]]
        if slip.new:
            new = slip.new if slip.letter == letter else slip.old
            result[places[0]] = block, tuple(_replaced(pieces, slip, new))
        elif slip.kind == "blank paragraph":
            result[places[0] + 1 : places[0] + 1] = [(block, ())] * (slip.letter == letter)
        elif slip.letter == letter:
            del result[places[0]]
        else:
            result[places[0]] = block, tuple(replace(piece, slip=slip.kind) for piece in pieces)
    return result


def _index(pieces: Pieces, words: str) -> int | None:
    found = (n for n, piece in enumerate(pieces) if not piece.column and words in piece.text)
    return next(found, None)


def _replaced(pieces: Pieces, slip: Slip, new: str) -> Iterator[Piece]:
    place = _index(pieces, slip.old)
    for number, piece in enumerate(pieces):
        if number == place:
            before, _, after = piece.text.partition(slip.old)
            yield replace(piece, text=before)
            yield replace(piece, text=new, slip=slip.kind)
            yield replace(piece, text=after)
        else:
            yield piece
