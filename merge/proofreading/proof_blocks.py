"""The parts of a letter that a native speaker must read.

They show whom a letter addresses, how, and who signs. Each is taken as it is printed, and each
distinct one only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from merge.people import Pair, Person, SheetKind
from merge.proofreading.line_matching import LetterParagraph, ParagraphMatches
from merge.proofreading.text import Paragraph, paragraph_copies

_MAX_GREETING_LENGTH = 70
"""Characters of a paragraph that can be a greeting, or a line beside an address."""

GAP_MARK = "⋯"
"""Stands for paragraphs that are not of the block."""


@dataclass(frozen=True, slots=True)
class ProofBlock:
    """A recipient's address and salutation, or a signer's address and name, as printed.

    `text` is for telling blocks apart, a line each; `xml` is that of its paragraphs.
    """

    kind: SheetKind
    person: Person
    text: str
    xml: str


@dataclass(slots=True)
class _BlockParagraph:
    """A paragraph that may be of a block: its number among those with words, and whose it is."""

    number: int
    paragraph: Paragraph
    matches: ParagraphMatches
    kind: SheetKind | None = None

    @property
    def is_short(self) -> bool:
        return len(self.paragraph.text) <= _MAX_GREETING_LENGTH

    def is_directly_above(self, other: _BlockParagraph) -> bool:
        return self.number + 1 == other.number


class BlockCollector:
    """Gives out the blocks of letters; the same block for the same text."""

    def __init__(self) -> None:
        self._known: dict[tuple[SheetKind, str], ProofBlock] = {}

    def blocks_of(
        self, paragraphs: Iterable[LetterParagraph], pair: Pair
    ) -> tuple[ProofBlock, ...]:
        """Return the recipient's and the signer's block of a letter, if it has such lines."""
        with_words = enumerate([each for each in paragraphs if each[1].has_words])
        rows = [
            _BlockParagraph(n, *each)
            for n, each in with_words
            if each[1].present_owners or each[1].is_new
        ]
        _assign_kinds(rows)
        found = (self._make_block(rows, person) for person in (pair.recipient, pair.signer))
        return tuple(block for block in found if block)

    def _make_block(self, rows: Sequence[_BlockParagraph], person: Person) -> ProofBlock | None:
        own = [row for row in rows if row.kind == person.kind]
        if not own:
            return None
        text = "\n".join([row.paragraph.text.strip() for row in own])
        known = self._known.get((person.kind, text))
        if known is None:
            gaps = ["", *("" if a.is_directly_above(b) else GAP_MARK for a, b in pairwise(own))]
            xml = paragraph_copies(
                [(gap, row.paragraph) for gap, row in zip(gaps, own, strict=True)]
            )
            known = self._known[person.kind, text] = ProofBlock(person.kind, person, text, xml)
        return known


def _assign_kinds(rows: Sequence[_BlockParagraph]) -> None:
    """Set on each row the kind of person whose block it is part of."""
    for row in rows:
        if len(row.matches.sole_owners) == 1:
            (row.kind,) = row.matches.sole_owners
    greeting = _mark_greeting(rows)
    for row in rows:
        if row.kind is None and row.is_short and ("signer", "name") in row.matches.tags:
            row.kind = "signer"
    for above, below in pairwise(rows):
        if above is not greeting and above.is_directly_above(
            below
        ):  # with it the letter itself begins
            _assign_neighbour(above, below)
    for below, above in pairwise(reversed(rows)):
        if above.is_directly_above(below):
            _assign_neighbour(below, above)


def _mark_greeting(rows: Sequence[_BlockParagraph]) -> _BlockParagraph | None:
    """Return the first short line that has the salutation, or else the name, and other words."""
    for tag in ("salutation", "name"):
        for row in rows:
            if (
                row.kind is None
                and row.is_short
                and ("recipient", tag) in row.matches.tags
                and not row.matches.sole_owners
            ):
                row.kind = "recipient"
                return row
    return None


def _assign_neighbour(row: _BlockParagraph, other: _BlockParagraph) -> None:
    """A line beside a block is of it if it has values of the same person, or was changed by hand.

    So is one that could be of either block: both live in one country, say.
    """
    if row.kind is None or other.kind is not None or not other.is_short:
        return
    is_beside = row.paragraph.part == other.paragraph.part
    if is_beside and (row.kind in other.matches.present_owners or other.matches.is_new):
        other.kind = row.kind
