"""Who writes to whom, pair by pair: rules in, pairs out, as many as there are and none held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from merge.model import BLANK, Column, Pair, Person, Place, Value
from merge.naming import folded

EVERYBODY = "*"
"""In the place of a person's key, which is never this: keys begin with `id:` or `name:`."""

Chosen = tuple[str, str]
"""The keys of a signer and a recipient, either of which may be everybody."""


@dataclass(frozen=True)
class Pairing:
    """The rules of the sheet Pairs, and the setting Match.

    `yes` holds for each chosen pair the further columns that its row fills; `no` the pairs that
    are left out, whatever else speaks for them. `everybody`: no row says yes, so all do.
    """

    file: str
    sheet: str = ""
    columns: tuple[Column, ...] = ()
    yes: Mapping[Chosen, Mapping[str, Value]] = field(default_factory=dict)
    no: frozenset[Chosen] = frozenset()
    everybody: bool = True
    match: str = ""

    def place(self, tag: str = "") -> Place:
        """The sheet Pairs, or the column of that tag in it."""
        number = next((c.number for c in self.columns if c.tag == tag), 0)
        return Place(self.file, self.sheet, number)

    def pairs(self, signers: Iterable[Person], recipients: Sequence[Person]) -> Iterator[Pair]:
        """The pairs among these people: signer by signer, recipients in the order given."""
        seats = _Seats(tuple(recipients), self.match)
        for signer in signers:
            for recipient in self._candidates(signer, seats):
                if self.allows(signer.key, recipient.key):
                    yield Pair(signer, recipient, self.fields(signer.key, recipient.key))

    def allows(self, signer: str, recipient: str) -> bool:
        """Whether the rules, not Match, give these two a letter."""
        chosen = _chosen(signer, recipient)
        return (self.everybody or any(c in self.yes for c in chosen)) and not any(
            c in self.no for c in chosen
        )

    def fields(self, signer: str, recipient: str) -> Mapping[str, Value]:
        """What the sheet Pairs says of a pair: each column from the row that names it best.

        A row that names both comes before one with a `*`; where none fills a column it is blank.
        """
        if not self.yes or not self.columns:
            return self._blank
        filled = [self.yes[c] for c in _chosen(signer, recipient) if self.yes.get(c)]
        return {k: v for part in (self._blank, *filled) for k, v in part.items()}

    @cached_property
    def _blank(self) -> Mapping[str, Value]:
        return {c.tag: BLANK for c in self.columns}

    @cached_property
    def _named(self) -> Mapping[str, frozenset[str]]:
        """The recipients that rows name, by their signer."""
        found: dict[str, set[str]] = defaultdict(set)
        for signer, recipient in self.yes:
            found[signer].add(recipient)
        return {signer: frozenset(keys) for signer, keys in found.items()}

    def _candidates(self, signer: Person, seats: _Seats) -> Iterator[Person]:
        """All recipients that might get a letter from this signer, and few others.

        Where rows name them one by one the others are not even looked at.
        """
        named = self._named.get(signer.key, frozenset()) | self._named.get(EVERYBODY, frozenset())
        if self.everybody or EVERYBODY in named:
            return seats.agreeing(signer)
        return seats.named(named, signer)


def _chosen(signer: str, recipient: str) -> tuple[Chosen, ...]:
    """The rules that speak of a pair, the one that names it best last."""
    return (
        (EVERYBODY, EVERYBODY),
        (EVERYBODY, recipient),
        (signer, EVERYBODY),
        (signer, recipient),
    )


class _Seats:
    """Recipients in their order, found by key and by the cell that Match compares."""

    def __init__(self, recipients: tuple[Person, ...], match: str) -> None:
        self._recipients, self._match = recipients, match
        self._words = [self._word(p) for p in recipients]
        self._by_key = {p.key: number for number, p in enumerate(recipients)}
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._words):
            self._by_word[word].append(number)
        self._agreeing: dict[str, Sequence[int]] = {"": range(len(recipients))}

    def agreeing(self, signer: Person) -> Iterator[Person]:
        """All whom Match allows; a blank cell agrees with any."""
        word = self._word(signer)
        if word not in self._agreeing:
            alike = self._by_word.get(word, []) + self._by_word.get("", [])
            self._agreeing[word] = sorted(alike)
        return (self._recipients[n] for n in self._agreeing[word])

    def named(self, keys: Iterable[str], signer: Person) -> Iterator[Person]:
        """Those with these keys whom Match allows."""
        word = self._word(signer)
        numbers = sorted(self._by_key[k] for k in keys if k in self._by_key)
        return (self._recipients[n] for n in numbers if not word or self._words[n] in {"", word})

    def _word(self, person: Person) -> str:
        return folded(person.fields.get(self._match, BLANK)) if self._match else ""
