"""A batch as one .docx: its first page, and for each person a cover and the letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from merge.model import Problem
from merge.printing.batches import Batch, How, ToPrint
from merge.printing.combine import Piece, combine, paper_of
from merge.printing.covers import cover, first_page
from merge.printing.stock import Paper
from merge.printing.writer import shown

Read = Callable[[Path], bytes]
"""A letter's file as bytes. StorageError where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A batch's .docx. `titles` are those of its pieces, by the bookmarks that they begin with.

    `problems` are warnings about letters.
    """

    data: bytes
    titles: Mapping[str, str]
    problems: tuple[Problem, ...]


def bind(batch: Batch, how: How, campaign: str, read: Read) -> Bound:
    """Put a batch together.

    StorageError tells of every letter that is damaged, or of one that cannot be read; UsageError
    of a batch that Word could not show.
    """
    usual = next((one for one in batch.letters if not one.letter.edited), batch.letters[0])
    base = _letter(usual, how, read)
    pieces = _pieces(batch, how, read, _Covers(batch, how, campaign, paper_of(base)))
    combined = combine(pieces, base, batch.name)
    titles = dict(zip(combined.marks, _titles(batch, how), strict=True))
    told = tuple(problem for problem in combined.problems if problem.place.file)
    return Bound(combined.data, titles, told)


@dataclass(frozen=True, slots=True)
class _Covers:
    """What stands between the letters. They have no name: nothing is told of them."""

    batch: Batch
    how: How
    campaign: str
    paper: Paper

    def first(self) -> Piece:
        page = first_page(self.batch, self.how, self.campaign, self.paper)
        return Piece("", page, front=self.how.two_sided)

    def of(self, number: int) -> Piece:
        page = cover(self.batch, number, self.how, self.campaign, self.paper)
        return Piece("", page, front=self.how.two_sided)


def _pieces(batch: Batch, how: How, read: Read, covers: _Covers) -> Iterator[Piece]:
    if how.covers:
        yield covers.first()
    for number, group in enumerate(batch.groups):
        if how.covers:
            yield covers.of(number)
        yield from (_letter(one, how, read) for one in group.letters)


def _letter(one: ToPrint, how: How, read: Read) -> Piece:
    path = one.letter.path
    return Piece(shown(path), read(path), how.two_sided, one.pages)


def _titles(batch: Batch, how: How) -> Iterator[str]:
    """The titles of the pieces, in their order."""
    if how.covers:
        yield batch.name
    for group in batch.groups:
        if how.covers:
            yield group.person.label
        for one in group.letters:
            pair = one.letter.pair
            yield f"{pair.signer.label} to {pair.recipient.label}"
