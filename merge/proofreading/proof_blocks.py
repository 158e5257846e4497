"""The parts of a letter that a native speaker must read.

They show whom a letter addresses, how, and who signs. Each is taken as it is printed, and each
distinct one only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from merge.people import Pair, Person, SheetKind
from merge.proofreading.index import LetterParagraph, ReadText
from merge.proofreading.text import Paragraph, copy_paragraphs

_LONGEST_GREETING = 70
"""Characters of a paragraph that can be a greeting, or a line beside an address."""

GAP = "⋯"
"""Stands for paragraphs that are not of the block."""


@dataclass(frozen=True, slots=True)
class Block:
    """A recipient's address and salutation, or a signer's address and name, as printed.

    `text` is for telling blocks apart, a line each; `xml` is that of its paragraphs.
    """

    kind: SheetKind
    person: Person
    text: str
    xml: str


@dataclass(slots=True)
class _BlockRow:
    """A paragraph that may be of a block: its number among those with words, and whose it is."""

    number: int
    paragraph: Paragraph
    read: ReadText
    kind: SheetKind | None = None

    @property
    def is_short(self) -> bool:
        return len(self.paragraph.text) <= _LONGEST_GREETING

    def is_above(self, other: _BlockRow) -> bool:
        return self.number + 1 == other.number


class Blocks:
    """Gives out the blocks of letters; the same block for the same text."""

    def __init__(self) -> None:
        self._known: dict[tuple[SheetKind, str], Block] = {}

    def of(self, paragraphs: Iterable[LetterParagraph], pair: Pair) -> tuple[Block, ...]:
        """Return the recipient's and the signer's block of a letter, if it has such lines."""
        with_words = enumerate([each for each in paragraphs if each[1].has_words])
        rows = [_BlockRow(n, *each) for n, each in with_words if each[1].some or each[1].is_new]
        _assign(rows)
        found = (self._block(rows, person) for person in (pair.recipient, pair.signer))
        return tuple(block for block in found if block)

    def _block(self, rows: Sequence[_BlockRow], person: Person) -> Block | None:
        own = [row for row in rows if row.kind == person.kind]
        if not own:
            return None
        text = "\n".join([row.paragraph.text.strip() for row in own])
        known = self._known.get((person.kind, text))
        if known is None:
            gaps = ["", *("" if a.is_above(b) else GAP for a, b in pairwise(own))]
            xml = copy_paragraphs(
                [(gap, row.paragraph) for gap, row in zip(gaps, own, strict=True)]
            )
            known = self._known[person.kind, text] = Block(person.kind, person, text, xml)
        return known


def _assign(rows: Sequence[_BlockRow]) -> None:
    """Set on each row the kind of person whose block it is part of."""
    for row in rows:
        if len(row.read.whole) == 1:
            (row.kind,) = row.read.whole
    greeting = _greeting(rows)
    for row in rows:
        if row.kind is None and row.is_short and ("signer", "name") in row.read.tags:
            row.kind = "signer"
    for above, below in pairwise(rows):
        if above is not greeting and above.is_above(below):  # with it the letter itself begins
            _assign_neighbour(above, below)
    for below, above in pairwise(reversed(rows)):
        if above.is_above(below):
            _assign_neighbour(below, above)


def _greeting(rows: Sequence[_BlockRow]) -> _BlockRow | None:
    """Return the first short line that has the salutation, or else the name, and other words."""
    for tag in ("salutation", "name"):
        for row in rows:
            if (
                row.kind is None
                and row.is_short
                and ("recipient", tag) in row.read.tags
                and not row.read.whole
            ):
                row.kind = "recipient"
                return row
    return None


def _assign_neighbour(row: _BlockRow, other: _BlockRow) -> None:
    """A line beside a block is of it if it has values of the same person, or was changed by hand.

    So is one that could be of either block: both live in one country, say.
    """
    if row.kind is None or other.kind is not None or not other.is_short:
        return
    is_beside = row.paragraph.part == other.paragraph.part
    if is_beside and (row.kind in other.read.some or other.read.is_new):
        other.kind = row.kind
