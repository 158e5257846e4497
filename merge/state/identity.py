"""Who is who from one run to the next, so that a corrected name keeps its letters. Pure.

A letter's id comes from the ids of its two people; a person's id from the key, the ID or else the
name, under which the program first met that person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from merge.model import Pair, People, Person, Problem, SheetKind
from merge.naming import folded, short_hash
from merge.state.ledger import PersonRecord
from merge.workbook.words import own_tag

_KEYS = {"name", "id"}
_OURS = {"include", "template", "language", "name_checked"}
"""Columns that this program reads: they say nothing about who somebody is."""


@dataclass(frozen=True)
class Identity:
    """The people of the workbook, known again from earlier runs.

    `corrected` are people who had another name at the last run; `problems` concern people of whom
    it cannot be told. `people_to_record` and `renamed` are what the ledger
    is to learn.
    """

    ids: Mapping[tuple[SheetKind, str], str]
    corrected: tuple[Person, ...] = ()
    problems: tuple[tuple[Problem, Person], ...] = ()
    people_to_record: tuple[PersonRecord, ...] = ()
    renamed: tuple[str, ...] = ()

    def person(self, person: Person) -> str:
        """Return the person's id: 16 hexadecimal digits."""
        return self.ids[person.kind, person.key]

    def letter(self, pair: Pair) -> str:
        """Return the id of the pair's letter: 16 hexadecimal digits."""
        signer, recipient = pair.signer, pair.recipient
        return short_hash(self.ids["signer", signer.key], self.ids["recipient", recipient.key])

    def departed(
        self, known: Iterable[PersonRecord], letters: AbstractSet[str]
    ) -> Iterator[PersonRecord]:
        """Yield those of the ledger who left and have none of `letters`, all that there are."""
        everybody, here = [*known], {*self.ids.values()}
        others: dict[SheetKind, set[str]] = {
            "signer": {s.id for s in everybody if s.kind == "recipient"},
            "recipient": {s.id for s in everybody if s.kind == "signer"},
        }
        for someone in (s for s in everybody if s.id not in here):
            pairs = ((someone.id, other) for other in others[someone.kind])
            own = (pair if someone.kind == "signer" else pair[::-1] for pair in pairs)
            if not any(short_hash(*pair) in letters for pair in own):
                yield someone


_Alike = tuple[list[PersonRecord], list[Person]]


def identify(
    known: Iterable[PersonRecord], people: Sequence[People], left_out: Sequence[Person]
) -> Identity:
    """Find out who today's people are, among those who had letters.

    `left_out` are in the workbook as well, though they get no letters now.
    """
    return _PersonMatcher(known, people, left_out).identity()


class _PersonMatcher:
    """Looks for each person in the ledger, by key, then by what else tells who it is."""

    def __init__(
        self, known: Iterable[PersonRecord], people: Sequence[People], left_out: Sequence[Person]
    ) -> None:
        self._known = {someone.key: someone for someone in known}
        self._people = people
        present = [*left_out, *(person for sheet in people for person in sheet.persons)]
        here = {_key(person) for person in present}
        self._gone = {k: s for k, s in self._known.items() if k not in here}
        self._taken = {someone.id for someone in self._known.values()}
        self._ids: dict[tuple[SheetKind, str], str] = {}
        self._corrected: list[Person] = []
        self._problems: list[tuple[Problem, Person]] = []
        self._renamed: list[str] = []
        self._unclear: set[str] = set()

    def identity(self) -> Identity:
        for sheet in self._people:
            new = [person for person in sheet.persons if not self._is_known(sheet, person)]
            for alike in self._given_ids(new):
                self._settle(sheet, *alike, told=False)
            for alike in self._alike(new, _with_another_id):
                self._settle(sheet, *alike)
            for alike in self._alike(new, _under_another_name):
                self._settle(sheet, *alike)
            for person in new:
                if (person.kind, person.key) not in self._ids:
                    own, count = _key(person), 1
                    while own in self._taken:
                        count += 1
                        own = short_hash(person.kind, person.key, str(count))
                    self._taken.add(own)
                    self._ids[person.kind, person.key] = own
                    self._problems += self._doubt_about(sheet, person)
        return Identity(
            self._ids,
            tuple(self._corrected),
            tuple(self._problems),
            self._met(),
            tuple(self._renamed),
        )

    def _is_known(self, sheet: People, person: Person) -> bool:
        someone, now = self._known.get(_key(person)), _person_record(person)
        if someone is None:
            return False
        self._ids[person.kind, person.key] = someone.id
        if someone.cells and someone.name != now.name and someone.cells != now.cells:
            self._problems.append((_id_reused_problem(sheet, person), person))
        return True

    def _doubt_about(self, sheet: People, person: Person) -> Iterator[tuple[Problem, Person]]:
        """A new person has the name of one who left in the same run, and not all cells agree."""
        gone = (s for s in self._gone.values() if s.key not in {*self._renamed, *self._unclear})
        if any(someone.name == _name(person) for someone in gone):
            yield _id_lost_problem(sheet, person), person

    def _given_ids(self, new: Sequence[Person]) -> Iterator[_Alike]:
        """Yield those known by a name so far that have an ID now."""
        came: dict[str, list[Person]] = defaultdict(list)
        for person in new:
            if person.id:
                came[_name(person)].append(person)
        for key, persons in came.items():
            if key in self._gone:
                same = [p for p in persons if _cells(p) == self._gone[key].cells]
                yield [self._gone[key]], same if len(same) == 1 else persons

    def _alike(
        self, new: Sequence[Person], told_by: Callable[[PersonRecord], bytes]
    ) -> Iterator[_Alike]:
        """Yield those who left and those who came, whom the same cells tell."""
        came: dict[bytes, list[Person]] = defaultdict(list)
        for person in new:
            cells = told_by(_person_record(person))
            if cells and (person.kind, person.key) not in self._ids:
                came[cells].append(person)
        for cells, persons in came.items():
            gone = (s for s in self._gone.values() if s.key not in self._renamed)
            left = [someone for someone in gone if told_by(someone) == cells]
            if left:
                yield left, persons

    def _settle(
        self, sheet: People, left: list[PersonRecord], came: list[Person], *, told: bool = True
    ) -> None:
        """One and one are the same person; of more nobody can tell."""
        if len(left) == len(came) == 1:
            self._ids[came[0].kind, came[0].key] = left[0].id
            self._corrected += came if told else ()
            self._renamed.append(left[0].key)
        else:
            self._problems += [
                (_ambiguous_problem(sheet, person, len(left)), person) for person in came
            ]
            self._unclear |= {_key(p) for p in came} | {someone.key for someone in left}

    def _met(self) -> tuple[PersonRecord, ...]:
        """Return what has changed: those who are here now, and those who have just left.

        Of those who cannot be told nothing is written down, so that the question stays.
        """
        persons = [person for sheet in self._people for person in sheet.persons]
        here = [_person_record(p)._replace(id=self._ids[p.kind, p.key]) for p in persons]
        left = [s._replace(name="", cells=b"") for s in self._gone.values()]
        settled = self._unclear | {*self._renamed}
        return tuple(
            s for s in (*here, *left) if self._known.get(s.key) != s and s.key not in settled
        )


def _key(person: Person) -> str:
    return short_hash(person.kind, person.key)


def _person_record(person: Person) -> PersonRecord:
    """Return a person as the ledger has somebody, but for the id."""
    return PersonRecord(_key(person), "", person.kind, _name(person), _cells(person))


def _name(person: Person) -> str:
    """Return the key of somebody of that name who has no ID."""
    return short_hash(person.kind, f"name:{folded(person.name)}")


def _with_another_id(someone: PersonRecord) -> bytes:
    """Return what marks a person whose ID changed or went: all other cells and the name."""
    return someone.cells and bytes.fromhex(someone.name) + someone.cells


def _under_another_name(someone: PersonRecord) -> bytes:
    """Return what tells a person without an ID whose name was corrected: all other cells."""
    return b"" if someone.has_id else someone.cells


def _cells(person: Person) -> bytes:
    left_out = _KEYS | _OURS
    filled = ((t, folded(v)) for t, v in person.fields.items() if own_tag(t) not in left_out)
    own = sorted(f"{tag}={value}" for tag, value in filled if value)
    return bytes.fromhex(short_hash(person.kind, *own)) if own else b""


def _id_reused_problem(sheet: People, person: Person) -> Problem:
    what = "at the last run another name and other cells stood under this ID. Its letters, and what"
    what += " is on paper, count as this person's."
    hint = "For another person add a row with a new ID, and keep the old row with Include no."
    return Problem("id-other", sheet.place(person.row, "name"), what, hint, "warning")


def _id_lost_problem(sheet: People, person: Person) -> Problem:
    what = f"a '{person.name}' with another ID, or without one, left. This one counts as new."
    hint = "If it is the same person, give the old ID back before you run merge letters."
    return Problem("id-lost", sheet.place(person.row, "name"), what, hint, "warning")


def _ambiguous_problem(sheet: People, person: Person, left: int) -> Problem:
    place = sheet.place(person.row, "name")
    who = "somebody who left" if left == 1 else f"one of {left} people who left"
    what = f"'{person.name}' may be new, or {who} under a corrected name: the other cells agree."
    hint = "Give whoever is new an ID in a column ID; correct names one at a time."
    return Problem("who-is-who", place, what, hint)
