"""What somebody must read who knows the language: whom a letter addresses and how, and who signs.

Each such block is taken as it is printed, and each distinct one only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from merge.model import Kind, Pair, Person
from merge.proofreading.copying import copied
from merge.proofreading.index import holder
from merge.proofreading.text import Paragraph
from merge.proofreading.view import Line

_SHORT = 70
"""Characters of a paragraph that can be a greeting, or a line beside an address."""

GAP = "⋯"
"""Stands for paragraphs that are not of the block."""


@dataclass(frozen=True, slots=True)
class Block:
    """A recipient's address and salutation, or a signer's address and name, as printed.

    `text` is for telling blocks apart, a line each; `xml` is a w:body of its paragraphs.
    """

    kind: Kind
    person: Person
    text: str
    xml: bytes


@dataclass(slots=True)
class _Row:
    """A paragraph that is not blank.

    `whole` are the kinds of person of whose values alone it is made, `some` those whose values
    stand in it; `kind` is whose block it is of, None for neither.
    """

    paragraph: Paragraph
    lines: Sequence[Line]
    whole: frozenset[Kind]
    some: frozenset[Kind]
    kind: Kind | None = None

    @property
    def is_short(self) -> bool:
        return len(self.paragraph.text) <= _SHORT

    @property
    def is_new(self) -> bool:
        """It was changed by hand."""
        return any(line.is_new for line in self.lines)

    def has(self, person: Person, tag: str) -> bool:
        """Whether it shows the person's cell of a column."""
        own = (m.entry.tags.get(holder(person), ()) for line in self.lines for m in line.own)
        return any(tag in tags for tags in own)


class Blocks:
    """Gives out the blocks of letters; the same block for the same text."""

    def __init__(self) -> None:
        self._known: dict[tuple[Kind, str], Block] = {}

    def of(self, lines: Iterable[Line], pair: Pair) -> tuple[Block, ...]:
        """The recipient's and the signer's block of a letter; none where it has no such lines."""
        rows = list(_rows(lines, pair))
        _assign(rows, pair)
        found = (self._block(rows, person) for person in (pair.recipient, pair.signer))
        return tuple(block for block in found if block)

    def _block(self, rows: Sequence[_Row], person: Person) -> Block | None:
        own = [number for number, row in enumerate(rows) if row.kind == person.kind]
        if not own:
            return None
        broken = {below for above, below in pairwise(own) if below != above + 1}
        paragraphs = [rows[number].paragraph for number in own]
        text = "\n".join(paragraph.text.strip() for paragraph in paragraphs)
        known = self._known.get((person.kind, text))
        if known is None:
            gaps = [GAP if number in broken else "" for number in own]
            xml = copied(list(zip(gaps, paragraphs, strict=True)))
            known = self._known[person.kind, text] = Block(person.kind, person, text, xml)
        return known


def _rows(lines: Iterable[Line], pair: Pair) -> Iterator[_Row]:
    people = (pair.signer, pair.recipient)
    for _, own in groupby(lines, lambda line: id(line.paragraph)):
        shown = [line for line in own if line.words]
        if shown:
            covered = {p.kind: [c for ln in shown for c in ln.covered({holder(p)})] for p in people}
            whole = frozenset(kind for kind, words in covered.items() if all(words))
            some = frozenset(kind for kind, words in covered.items() if any(words))
            yield _Row(shown[0].paragraph, shown, whole, some)


def _assign(rows: Sequence[_Row], pair: Pair) -> None:
    """Say of each row whose block it is of."""
    for row in rows:
        if len(row.whole) == 1:
            row.kind = next(iter(row.whole))
    greeting = _greeting(rows, pair.recipient)
    for row in rows:
        if row.kind is None and row.is_short and row.has(pair.signer, "name"):
            row.kind = "signer"
    for above, below in pairwise(rows):
        if above is not greeting:  # with it the letter itself begins
            _assign_neighbour(above, below)
    for below, above in pairwise(reversed(rows)):
        _assign_neighbour(below, above)


def _greeting(rows: Sequence[_Row], recipient: Person) -> _Row | None:
    """The first short line that has the salutation, or else the name, and words around it."""
    for tag in ("salutation", "name"):
        for row in rows:
            if row.kind is None and row.is_short and row.has(recipient, tag) and not row.whole:
                row.kind = "recipient"
                return row
    return None


def _assign_neighbour(row: _Row, other: _Row) -> None:
    """A line beside a block is of it if it has values of the same person, or was changed by hand.

    So is one that could be of either block: both live in one country, say.
    """
    beside = row.kind and other.kind is None and row.paragraph.part == other.paragraph.part
    if beside and other.is_short and (row.kind in other.some or other.is_new):
        other.kind = row.kind
