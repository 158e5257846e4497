"""IDs that a register gives to other people than the workbook does.

Two computers may have given one ID to two people, before a cloud folder brought their files
together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.earlier_runs import names_by_person
from merge.people import Person, SheetKind
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE
from merge.register.entries import LetterRow
from merge.register.reading import Register
from merge.text.names import is_same_name, name_similarity, name_without_id

_PersonKey = tuple[SheetKind, str]
"""The kind and ID of a person, as registers have them."""

_CORRECTED = 0.5
"""Least similarity of a name and its correction in an older register."""
_Clashes = Mapping[_PersonKey, str]
"""Names that a register has for the IDs of people of the workbook."""


class IdClashes:
    """People whose IDs mean someone else in a register.

    It searches the campaign's register, and other registers that have dates. `own_register` is None
    if only the program saved the register: then it has no other people. People whose name changed
    since the last run are handled by the ledger.
    """

    def __init__(
        self,
        campaign: Campaign,
        own_register: Register | None,
        others: Callable[[], Mapping[Path, Register]],
    ) -> None:
        self._book, self._identity = campaign.workbook, campaign.identity
        self._own_register, self._load_others = own_register, others

    @cached_property
    def _people(self) -> Mapping[_PersonKey, Person]:
        """The people of the workbook, by sheet and ID."""
        return {self._key(person): person for person in self._book.persons}

    def _key(self, person: Person) -> _PersonKey:
        return person.kind, self._identity.person_id(person)

    def _find_clashes(self, register: Register) -> _Clashes:
        names = (
            (person_key, name_without_id(name))
            for person_key, name in names_by_person(register).items()
        )
        people = self._people
        return {
            person_key: name
            for person_key, name in names
            if name
            and person_key in people
            and not is_same_name(name, name_without_id(str(people[person_key].name)))
        }

    @cached_property
    def in_register(self) -> _Clashes:
        """The clashes of the campaign's register, without corrected names."""
        if self._own_register is None:
            return {}
        changed = {record.id for record in self._identity.people_to_record}
        return {
            (kind, person_id): name
            for (kind, person_id), name in self._find_clashes(self._own_register).items()
            if person_id not in changed
            and (kind, self._people[kind, person_id].key) not in self._identity.people_in_question
            and name_similarity(name, str(self._people[kind, person_id].name)) < _CORRECTED
        }

    @cached_property
    def _beside(self) -> Mapping[Path, _Clashes]:
        return {
            file: self._find_clashes(register)
            for file, register in self._load_others().items()
            if register.has_any_dates
        }

    def has_row(self, row: LetterRow | None) -> bool:
        """Return whether a row of the campaign's register is of other people."""
        return row is not None and _involves_clash(row, self.in_register)

    def has_row_beside(self, file: Path, row: LetterRow) -> bool:
        """Return whether a row of another register file is of other people."""
        return _involves_clash(row, self._beside.get(file, {}))

    def has_any(self, *people: Person) -> bool:
        """Return whether the register gives a person's ID to another person."""
        return bool(self.in_register) and any(
            self._key(person) in self.in_register for person in people
        )

    def other_name(self, person: Person) -> str:
        """Return the name of another person with the ID; empty if there is none."""
        person_key = self._key(person)
        return next(
            (
                clashes[person_key]
                for clashes in (self.in_register, *self._beside.values())
                if person_key in clashes
            ),
            "",
        )

    def problems(self) -> Iterator[Problem]:
        """Yield an error if IDs of the campaign's register clash."""
        if self.in_register:
            yield self._problem(REGISTER_FILE, self.in_register)

    def problems_beside(self, file: Path) -> Iterator[Problem]:
        """Yield an error if IDs of another register file clash."""
        if clashes := self._beside.get(file):
            yield self._problem(file.name, clashes)

    def problems_of(self, person: Person) -> Iterator[Problem]:
        """Yield the errors of all registers that have this ID for another person."""
        person_key = self._key(person)
        clashes_by_file = {
            REGISTER_FILE: self.in_register,
            **{other_file.name: clashes for other_file, clashes in self._beside.items()},
        }
        for file, clashes in clashes_by_file.items():
            if person_key in clashes:
                yield self._problem(file, {person_key: clashes[person_key]})

    def _problem(self, file: str, clashes: _Clashes) -> Problem:
        pairs = [(self._people[person_key], name) for person_key, name in clashes.items()]
        people = [
            f"{person.name} and {name}" + (f" ({person.id})" if person.id else "")
            for person, name in pairs
        ]
        is_own = file == REGISTER_FILE
        key = "register-other-people/own" if is_own else "register-other-people"
        return messages.problem(key, Place(file), people=people)


def _involves_clash(row: LetterRow, clashes: _Clashes) -> bool:
    return ("signer", row.signer_id) in clashes or ("recipient", row.recipient_id) in clashes
