"""The parts of a letter that a native speaker must read.

They show whom a letter addresses, how, and who signs. Each block is used as printed, and each
distinct block only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from merge.people import Pair, Person, SheetKind
from merge.proofreading.line_matching import MatchedParagraph, ParagraphMatches
from merge.proofreading.text import LetterParagraph, paragraph_copies

_MAX_GREETING_LENGTH = 70
"""Most characters of a greeting, or of a line next to an address."""

GAP_MARK = "⋯"
"""Text in place of paragraphs that do not belong to the block."""


@dataclass(frozen=True, slots=True)
class ProofBlock:
    """A recipient's address and salutation, or a signer's address and name.

    Both are as printed. `text` distinguishes blocks and has one line per paragraph. `xml` is the
    XML of the paragraphs.
    """

    kind: SheetKind
    person: Person
    text: str
    xml: str


@dataclass(slots=True)
class _BlockParagraph:
    """A paragraph that may belong to a block.

    `number` is its number among paragraphs with words, `kind` the person whose block it belongs to.
    """

    number: int
    paragraph: LetterParagraph
    matches: ParagraphMatches
    kind: SheetKind | None = None

    @property
    def is_short(self) -> bool:
        return len(self.paragraph.text) <= _MAX_GREETING_LENGTH

    def is_directly_above(self, other_row: _BlockParagraph) -> bool:
        return self.number + 1 == other_row.number


class BlockCollector:
    """Collects the proof blocks of letters; equal texts share one block."""

    def __init__(self) -> None:
        self._known: dict[tuple[SheetKind, str], ProofBlock] = {}

    def blocks_of(
        self, paragraphs: Iterable[MatchedParagraph], pair: Pair
    ) -> tuple[ProofBlock, ...]:
        """Return the recipient's and the signer's block of a letter.

        A block without lines is omitted.
        """
        with_words = enumerate([paragraph for paragraph in paragraphs if paragraph[1].has_words])
        rows = [
            _BlockParagraph(n, *paragraph)
            for n, paragraph in with_words
            if paragraph[1].present_owners or paragraph[1].is_new
        ]
        _assign_kinds(rows)
        blocks = (self._make_block(rows, person) for person in (pair.recipient, pair.signer))
        return tuple(block for block in blocks if block)

    def _make_block(self, rows: Sequence[_BlockParagraph], person: Person) -> ProofBlock | None:
        block_rows = [row for row in rows if row.kind == person.kind]
        if not block_rows:
            return None
        text = "\n".join([row.paragraph.text.strip() for row in block_rows])
        block = self._known.get((person.kind, text))
        if block is None:
            gaps = [
                "",
                *(
                    "" if above.is_directly_above(below) else GAP_MARK
                    for above, below in pairwise(block_rows)
                ),
            ]
            xml = paragraph_copies(
                [(gap, row.paragraph) for gap, row in zip(gaps, block_rows, strict=True)]
            )
            block = self._known[person.kind, text] = ProofBlock(person.kind, person, text, xml)
        return block


def _assign_kinds(rows: Sequence[_BlockParagraph]) -> None:
    """Set for each line of a letter whose block it is: signer or recipient."""
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
        ):  # the letter itself follows a greeting
            _assign_neighbour(above, below)
    for below, above in pairwise(reversed(rows)):
        if above.is_directly_above(below):
            _assign_neighbour(below, above)


def _mark_greeting(rows: Sequence[_BlockParagraph]) -> _BlockParagraph | None:
    """Mark the greeting as a line of the recipient's block, and return it.

    It is the first short line with the salutation, or else the name, and other words.
    """
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


def _assign_neighbour(row: _BlockParagraph, neighbour: _BlockParagraph) -> None:
    """Add a line beside a person's block to that block, if it belongs there.

    It does if it has values of the same person, or was edited. So does a line that may belong to
    either block, for example because both people live in one country.
    """
    if row.kind is None or neighbour.kind is not None or not neighbour.is_short:
        return
    is_beside = row.paragraph.part == neighbour.paragraph.part
    if is_beside and (row.kind in neighbour.matches.present_owners or neighbour.matches.is_new):
        neighbour.kind = row.kind
