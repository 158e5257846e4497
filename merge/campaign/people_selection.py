"""Whose letters are asked for, by names and IDs of signers and recipients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from merge import messages
from merge.errors import UsageError
from merge.naming import nearest_word
from merge.people import Pair, People, Person, SheetKind
from merge.problems import Place, Problem, option_place
from merge.text.folding import folded
from merge.workbook.reading import Workbook


@dataclass(frozen=True, slots=True)
class PeopleSelection:
    """The keys of the people asked for; None stands for everybody of that sheet."""

    signers: frozenset[str] | None
    recipients: frozenset[str] | None

    def includes(self, pair: Pair) -> bool:
        """Return whether the pair's letter is asked for."""
        mine = self.signers is None or pair.signer.key in self.signers
        return mine and (self.recipients is None or pair.recipient.key in self.recipients)

    def selected_from(self, people: People) -> Sequence[Person]:
        """Return those of the signers, or of the recipients, who are asked for."""
        keys = self.signers if people.kind == "signer" else self.recipients
        persons = people.persons
        return persons if keys is None else [one for one in persons if one.key in keys]


def select_people(book: Workbook, names: Sequence[str], option: str) -> PeopleSelection:
    """Return the people of these names or IDs. Raise UsageError where one is nobody's.

    So where it is the name of several who have IDs. Whole names or IDs count, upper and lower case
    alike.
    """
    asked = {folded(name) for name in names}
    keys: dict[SheetKind, set[str]] = {"signer": set(), "recipient": set()}
    known = set()
    for person in book.persons:
        words = asked & {folded(person.name), folded(person.id)} - {""}
        known |= words
        if words:
            keys[person.kind].add(person.key)
    unknown = [name for name in names if folded(name) not in known]
    if unknown:
        raise UsageError([_unknown_name_problem(book, name, option) for name in unknown])
    if alike := [*_ambiguous_name_problems(book, names, option)]:
        raise UsageError(alike)
    signers, recipients = map(frozenset, (keys["signer"], keys["recipient"]))
    return PeopleSelection(signers or None, recipients or None)


def _ambiguous_name_problems(
    book: Workbook, names: Sequence[str], option: str
) -> Iterator[Problem]:
    """Yield the names that several people of a sheet have, who can be told apart by their IDs."""
    for name in names:
        for people in (book.signers, book.recipients):
            called = [p for p in people.persons if folded(p.name) == folded(name)]
            if len(called) > 1 and all(p.id for p in called):
                yield messages.problem(
                    "several-of-that-name",
                    Place(book.file),
                    option=str(option_place(option)),
                    name=name,
                    people=[f"{p.id} ({p.place('name')})" for p in called],
                )


def _unknown_name_problem(book: Workbook, name: str, option: str) -> Problem:
    people = book.persons
    parts = [p.name for p in people if folded(name) and folded(name) in folded(p.name)]
    near = parts[0] if parts else nearest_word(name, (p.name for p in people), 0.6, str)
    fields = {"name": name, "option": str(option_place(option)), "near": near or None}
    return messages.problem("nobody-of-that-name", Place(book.file), **fields)
