"""Selection of people by names and IDs of signers and recipients."""

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
    """The keys of the selected people; None means everyone of that sheet."""

    signers: frozenset[str] | None
    recipients: frozenset[str] | None

    def includes(self, pair: Pair) -> bool:
        """Return whether the pair's letter is selected."""
        has_signer = self.signers is None or pair.signer.key in self.signers
        return has_signer and (self.recipients is None or pair.recipient.key in self.recipients)

    def selected_from(self, people: People) -> Sequence[Person]:
        """Return the selected people among the signers, or the recipients."""
        keys = self.signers if people.kind == "signer" else self.recipients
        persons = people.persons
        return persons if keys is None else [person for person in persons if person.key in keys]


def select_people(book: Workbook, names: Sequence[str], option: str) -> PeopleSelection:
    """Return the people with these names or IDs, or both: `John Smith (S2)`.

    Only complete ones count; upper and lower case do not matter. Raise UsageError if a name is
    unknown, or if several people with different IDs have it.
    """
    if not names:
        return PeopleSelection(None, None)
    asked = {folded(name) for name in names} - {""}
    exact = asked & {folded(text) for p in book.persons for text in (p.name, p.id)}
    keys: dict[SheetKind, set[str]] = {"signer": set(), "recipient": set()}
    known_names = set()
    for person in book.persons:
        matches = exact & {folded(person.name), folded(person.id)}
        matches |= (asked - exact) & {folded(person.name_with_id)}
        known_names |= matches
        if matches:
            keys[person.kind].add(person.key)
    unknown = [name for name in names if folded(name) not in known_names]
    if unknown:
        raise UsageError([_unknown_name_problem(book, name, option) for name in unknown])
    if ambiguous := [*_ambiguous_name_problems(book, names, option)]:
        raise UsageError(ambiguous)
    signers, recipients = map(frozenset, (keys["signer"], keys["recipient"]))
    return PeopleSelection(signers or None, recipients or None)


def _ambiguous_name_problems(
    book: Workbook, names: Sequence[str], option: str
) -> Iterator[Problem]:
    """Yield the names that several people of a sheet have.

    Only people who can be distinguished by their IDs count.
    """
    for name in names:
        for people in (book.signers, book.recipients):
            same_name = [person for person in people.persons if folded(person.name) == folded(name)]
            if len(same_name) > 1 and all(person.id for person in same_name):
                yield messages.problem(
                    "several-of-that-name",
                    Place(book.file),
                    option=str(option_place(option)),
                    name=name,
                    people=[f"{person.id} ({person.place('name')})" for person in same_name],
                )


def _unknown_name_problem(book: Workbook, name: str, option: str) -> Problem:
    people = book.persons
    similar_names = [
        person.name for person in people if folded(name) and folded(name) in folded(person.name)
    ]
    suggestion = (
        similar_names[0]
        if similar_names
        else nearest_word(name, (person.name for person in people), 0.6, str)
    )
    fields = {"name": name, "option": str(option_place(option)), "near": suggestion or None}
    return messages.problem("nobody-of-that-name", Place(book.file), **fields)
