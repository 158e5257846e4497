"""Who is who from one run to the next, so that a corrected name keeps its letters. Pure.

A letter's id comes from the ids of its two people; a person's id from the key, the ID or else the
name, under which the program first met that person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from merge.ledger import Someone
from merge.model import Kind, Pair, People, Person, Problem
from merge.naming import folded, short_hash

_KEYS = {"name", "id"}
_OURS = {"include", "template", "language"}
"""Columns that this program reads: they say nothing about who somebody is."""


@dataclass(frozen=True)
class Identity:
    """Who everybody is.

    `corrected` are people who had another name at the last run; `problems` concern people of whom
    it cannot be told. `met` and `renamed` are what the ledger is to learn.
    """

    ids: Mapping[tuple[Kind, str], str]
    corrected: tuple[Person, ...] = ()
    problems: tuple[tuple[Problem, Person], ...] = ()
    met: tuple[Someone, ...] = ()
    renamed: tuple[str, ...] = ()

    def person(self, person: Person) -> str:
        """The person's id: 16 hexadecimal digits."""
        return self.ids[person.kind, person.key]

    def letter(self, pair: Pair) -> str:
        """The id of the pair's letter: 16 hexadecimal digits."""
        signer, recipient = pair.signer, pair.recipient
        return short_hash(self.ids["signer", signer.key], self.ids["recipient", recipient.key])

    def departed(self, known: Iterable[Someone], letters: AbstractSet[str]) -> Iterator[Someone]:
        """Those of the ledger who left and have none of the letters, which are all there are."""
        everybody, here = [*known], {*self.ids.values()}
        others: dict[Kind, set[str]] = {
            "signer": {s.id for s in everybody if s.kind == "recipient"},
            "recipient": {s.id for s in everybody if s.kind == "signer"},
        }
        for someone in (s for s in everybody if s.id not in here):
            pairs = ((someone.id, other) for other in others[someone.kind])
            own = (pair if someone.kind == "signer" else pair[::-1] for pair in pairs)
            if not any(short_hash(*pair) in letters for pair in own):
                yield someone


_Alike = tuple[list[Someone], list[Person]]


def identify(
    known: Iterable[Someone], people: Sequence[People], left_out: Sequence[Person]
) -> Identity:
    """Find out who today's people are, among those who had letters.

    `left_out` are in the workbook as well, though they get no letters now.
    """
    return _Search(known, people, left_out).identity()


class _Search:
    """Looks for each person in the ledger, by key, then by what else tells who it is."""

    def __init__(
        self, known: Iterable[Someone], people: Sequence[People], left_out: Sequence[Person]
    ) -> None:
        self._known = {someone.key: someone for someone in known}
        self._people = people
        present = [*left_out, *(person for sheet in people for person in sheet.persons)]
        here = {_key(person) for person in present}
        self._gone = {k: s for k, s in self._known.items() if k not in here}
        self._ids: dict[tuple[Kind, str], str] = {}
        self._corrected: list[Person] = []
        self._problems: list[tuple[Problem, Person]] = []
        self._renamed: list[str] = []
        self._unclear: set[str] = set()

    def identity(self) -> Identity:
        for sheet in self._people:
            new = [person for person in sheet.persons if not self._is_known(person)]
            for alike in self._given_ids(new):
                self._settle(sheet, *alike, told=False)
            for alike in self._alike(new, _named, "named"):
                self._settle(sheet, *alike)
            for alike in self._alike(new, _telling, "cells"):
                self._settle(sheet, *alike)
            for person in new:
                if (person.kind, person.key) not in self._ids:
                    self._ids[person.kind, person.key] = self._new_id(person)
        return Identity(
            self._ids,
            tuple(self._corrected),
            tuple(self._problems),
            self._met(),
            tuple(self._renamed),
        )

    def _is_known(self, person: Person) -> bool:
        someone = self._known.get(_key(person))
        if someone:
            self._ids[person.kind, person.key] = someone.id
        return someone is not None

    def _given_ids(self, new: Sequence[Person]) -> Iterator[_Alike]:
        """Those known by a name so far that have an ID now."""
        came: dict[str, list[Person]] = defaultdict(list)
        for person in new:
            if person.id:
                came[short_hash(person.kind, f"name:{folded(person.name)}")].append(person)
        for key, persons in came.items():
            if key in self._gone:
                same = [p for p in persons if _cells(p) == self._gone[key].cells]
                yield [self._gone[key]], same if len(same) == 1 else persons

    def _alike(
        self, new: Sequence[Person], hashed: Callable[[Person], bytes], field: str
    ) -> Iterator[_Alike]:
        """Those who left and those who came, where the same cells are hashed to the same.

        All cells but the ID: it was changed or taken away. All but the name: it was corrected.
        """
        came: dict[bytes, list[Person]] = defaultdict(list)
        for person in new:
            if hashed(person) and (person.kind, person.key) not in self._ids:
                came[hashed(person)].append(person)
        for cells, persons in came.items():
            gone = (s for s in self._gone.values() if s.key not in self._renamed)
            left = [someone for someone in gone if getattr(someone, field) == cells]
            if left:
                yield left, persons

    def _settle(
        self, sheet: People, left: list[Someone], came: list[Person], *, told: bool = True
    ) -> None:
        """One and one are the same person; of more nobody can tell."""
        if len(left) == len(came) == 1:
            self._ids[came[0].kind, came[0].key] = left[0].id
            self._corrected += came if told else ()
            self._renamed.append(left[0].key)
        else:
            self._problems += [(_unclear(sheet, person, len(left)), person) for person in came]
            self._unclear |= {_key(p) for p in came} | {someone.key for someone in left}

    def _new_id(self, person: Person) -> str:
        """The key, unless somebody who had it goes by another name now."""
        taken = {someone.id for someone in self._known.values()} | {*self._ids.values()}
        own, count = _key(person), 1
        while own in taken:
            count += 1
            own = short_hash(person.kind, person.key, str(count))
        return own

    def _met(self) -> tuple[Someone, ...]:
        """What has changed: those who are here now, and those who have just left.

        Of those who cannot be told nothing is written down, so that the question stays.
        """
        persons = [person for sheet in self._people for person in sheet.persons]
        here = [
            Someone(_key(p), self._ids[p.kind, p.key], p.kind, _telling(p), _named(p))
            for p in persons
        ]
        left = [s._replace(cells=b"", named=b"") for s in self._gone.values()]
        settled = self._unclear | {*self._renamed}
        return tuple(
            s for s in (*here, *left) if self._known.get(s.key) != s and s.key not in settled
        )


def _key(person: Person) -> str:
    return short_hash(person.kind, person.key)


def _telling(person: Person) -> bytes:
    """A hash of the cells that tell who somebody without an ID is; empty where none do."""
    return b"" if person.id else _cells(person)


def _named(person: Person) -> bytes:
    """A hash of the name and of the cells that tell who somebody is; empty where none do."""
    cells = _cells(person)
    return bytes.fromhex(short_hash(folded(person.name), cells.hex())) if cells else b""


def _cells(person: Person) -> bytes:
    filled = ((tag, folded(v)) for tag, v in person.fields.items() if tag not in _KEYS | _OURS)
    own = sorted(f"{tag}={value}" for tag, value in filled if value)
    return bytes.fromhex(short_hash(person.kind, *own)) if own else b""


def _unclear(sheet: People, person: Person, left: int) -> Problem:
    place = sheet.place(person.row, "name")
    who = "somebody who left" if left == 1 else f"one of {left} people who left"
    what = f"'{person.name}' may be new, or {who} under a corrected name: the other cells agree."
    hint = "Give whoever is new an ID in a column ID; correct names one at a time."
    return Problem("who-is-who", place, what, hint)
