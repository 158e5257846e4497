"""IDs that registers give to other people than the workbook does.

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
from merge.text.names import is_correction, is_same_name, name_without_id

_PersonKey = tuple[SheetKind, str]
"""A person as registers have them: the kind and the ID."""

_Clashes = Mapping[_PersonKey, str]
"""The names that a register has in the place of people of the workbook."""


class IdClashes:
    """The clashes of the campaign's register, and of those beside it that have any dates.

    `own` is None if only the program saved it: then it has nobody else's people. People whose name
    changed since the last run are left to the ledger.
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
        """The people of the workbook."""
        return {self._key(person): person for person in self._book.persons}

    def _key(self, person: Person) -> _PersonKey:
        return person.kind, self._identity.person_id(person)

    def _find_clashes(self, register: Register) -> _Clashes:
        names = ((who, name_without_id(name)) for who, name in names_by_person(register).items())
        here = self._people
        return {
            who: name
            for who, name in names
            if name and who in here and not is_same_name(name, name_without_id(str(here[who].name)))
        }

    @cached_property
    def in_register(self) -> _Clashes:
        """The clashes of the campaign's register, corrected names left out."""
        if self._own_register is None:
            return {}
        changed = {someone.id for someone in self._identity.people_to_record}
        return {
            (kind, own): name
            for (kind, own), name in self._find_clashes(self._own_register).items()
            if own not in changed
            and (kind, self._people[kind, own].key) not in self._identity.people_in_question
            and not is_correction(name, str(self._people[kind, own].name), kind)
        }

    @cached_property
    def _beside(self) -> Mapping[Path, _Clashes]:
        return {
            file: self._find_clashes(r)
            for file, r in self._load_others().items()
            if r.has_any_dates
        }

    def has_row(self, row: LetterRow | None) -> bool:
        """Return whether a row of the campaign's register is other people's."""
        return row is not None and _involves_clash(row, self.in_register)

    def has_row_beside(self, file: Path, row: LetterRow) -> bool:
        """Return whether a row of a register beside it is other people's."""
        return _involves_clash(row, self._beside.get(file, {}))

    def has_any(self, *people: Person) -> bool:
        """Return whether the campaign's register has others in the place of any of these people."""
        return bool(self.in_register) and any(
            self._key(person) in self.in_register for person in people
        )

    def other_name(self, person: Person) -> str:
        """Return who else has a person's ID, as registers have it; empty if nobody does."""
        who = self._key(person)
        return next((c[who] for c in (self.in_register, *self._beside.values()) if who in c), "")

    def problems(self) -> Iterator[Problem]:
        """Yield the error of the campaign's register, if it has clashes."""
        if self.in_register:
            yield self._problem(REGISTER_FILE, self.in_register)

    def problems_beside(self, file: Path) -> Iterator[Problem]:
        """Yield the error of a register beside it, if it has clashes."""
        if clashes := self._beside.get(file):
            yield self._problem(file.name, clashes)

    def problems_of(self, person: Person) -> Iterator[Problem]:
        """Yield the errors of all registers that have another person under this person's ID."""
        who = self._key(person)
        every = {REGISTER_FILE: self.in_register, **{f.name: c for f, c in self._beside.items()}}
        for file, clashes in every.items():
            if who in clashes:
                yield self._problem(file, {who: clashes[who]})

    def _problem(self, file: str, clashes: _Clashes) -> Problem:
        pairs = [(self._people[who], name) for who, name in clashes.items()]
        people = [f"{p.name} and {name}" + (f" ({p.id})" if p.id else "") for p, name in pairs]
        is_own = file == REGISTER_FILE
        key = "register-other-people/own" if is_own else "register-other-people"
        return messages.problem(key, Place(file), people=people)


def _involves_clash(row: LetterRow, clashes: _Clashes) -> bool:
    return ("signer", row.signer_id) in clashes or ("recipient", row.recipient_id) in clashes
