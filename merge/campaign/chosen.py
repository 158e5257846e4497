"""Whose letters are asked for, by names and IDs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from merge.model import Pair, Person, Place, Problem, UsageError
from merge.naming import folded
from merge.workbook.reading import Workbook


@dataclass(frozen=True, slots=True)
class Chosen:
    """The keys of the people asked for; None stands for everybody of that sheet."""

    signers: frozenset[str] | None
    recipients: frozenset[str] | None

    def has(self, pair: Pair) -> bool:
        """Whether the pair's letter is asked for."""
        mine = self.signers is None or pair.signer.key in self.signers
        return mine and (self.recipients is None or pair.recipient.key in self.recipients)


def choose(book: Workbook, names: Sequence[str], option: str) -> Chosen:
    """The people of these names or IDs. UsageError where one is nobody's."""
    signers = _matching(book.signers.persons, names)
    recipients = _matching(book.recipients.persons, names)
    unknown = [n for n in names if folded(n) not in signers.words | recipients.words]
    if unknown:
        raise UsageError([_nobody(book, name, option) for name in unknown])
    return Chosen(signers.keys, recipients.keys)


def _nobody(book: Workbook, name: str, option: str) -> Problem:
    people = (*book.signers.persons, *book.recipients.persons)
    parts = [p.name for p in people if folded(name) and folded(name) in folded(p.name)]
    near = parts or get_close_matches(name, [p.name for p in people], 1)
    what = f'{option} "{name}": no signer or recipient has this name or ID.'
    hint = f'Did you mean "{near[0]}"? ' if near else ""
    place = Place(book.file)
    return Problem("nobody-of-that-name", place, what, f"{hint}Write the whole name, or the ID.")


@dataclass(frozen=True, slots=True)
class _Matched:
    words: frozenset[str]
    keys: frozenset[str] | None


def _matching(persons: Sequence[Person], names: Sequence[str]) -> _Matched:
    """Those whose whole name or ID is among the names, upper and lower case alike."""
    asked = {folded(name) for name in names}
    found = [
        (w, p.key) for p in persons for w in (folded(p.name), folded(p.id)) if w in asked and w
    ]
    keys = frozenset(key for _, key in found)
    return _Matched(frozenset(word for word, _ in found), keys or None)
