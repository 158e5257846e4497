"""Recognition of people between runs: a corrected name keeps its letters.

The ID of a letter comes from the IDs of its two people. The ID of a person comes from the key under
which the program first met that person: the ID in the workbook, otherwise the name. Pure functions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from merge import messages
from merge.advice import Choice, DecisionRemedy
from merge.messages.wording import FieldValue
from merge.naming import format_count, hash_text, short_hash
from merge.people import Pair, People, Person, SheetKind
from merge.problems import Place, Problem
from merge.state.entries import PersonEntry
from merge.state.ledger_records import DecisionRecord
from merge.state.person_hashes import (
    cells_digest,
    initial_person_id,
    name_digest,
    name_key,
    person_key,
    person_record,
    recorded_name,
)
from merge.text.folding import folded
from merge.text.names import name_without_id

_LEFT = b"left"
"""The recorded cells of a person who left in an earlier run."""
_DIGEST_LENGTH = 16
"""Length of a hash in a recorded name, in hexadecimal digits."""


@dataclass(frozen=True)
class PeopleIdentity:
    """The people of the workbook, recognised from earlier runs.

    `corrected_people` had another name at the last run. `problems` concern people who could not be
    recognised for certain. `people_to_record` and `outdated_keys` must be written into the ledger.
    `people_in_question`, by kind and key, may be different people than those whose letters they
    would take over. `questions` are what staff must decide about people.
    """

    ids: Mapping[tuple[SheetKind, str], str]
    corrected_people: tuple[Person, ...] = ()
    problems: tuple[tuple[Problem, Person | None], ...] = ()
    people_to_record: tuple[PersonEntry, ...] = ()
    outdated_keys: tuple[str, ...] = ()
    people_in_question: frozenset[tuple[SheetKind, str]] = frozenset()
    questions: tuple[IdentityQuestion, ...] = ()

    def person_id(self, person: Person) -> str:
        """Return the ID of the person: 16 hexadecimal digits."""
        return self.ids[person.kind, person.key]

    def letter_id(self, pair: Pair) -> str:
        """Return the ID of the letter of the pair: 16 hexadecimal digits."""
        return short_hash(*self.ids_of(pair))

    def ids_of(self, pair: Pair) -> tuple[str, str]:
        """Return the IDs of the two people of a pair."""
        return self.person_id(pair.signer), self.person_id(pair.recipient)

    def is_in_question(self, pair: Pair) -> bool:
        """Return whether a pair's signer or recipient may be a different person."""
        both = {("signer", pair.signer.key), ("recipient", pair.recipient.key)}
        return not self.people_in_question.isdisjoint(both)

    def departed_people(
        self, records: Iterable[PersonEntry], letters: AbstractSet[str]
    ) -> Iterator[PersonEntry]:
        """Yield the people in the ledger who left and have none of `letters`.

        `letters` are the IDs of all letters that exist.
        """
        records_list, present_ids = [*records], {*self.ids.values()}
        others: dict[SheetKind, set[str]] = {
            "signer": {s.id for s in records_list if s.kind == "recipient"},
            "recipient": {s.id for s in records_list if s.kind == "signer"},
        }
        for record in (s for s in records_list if s.id not in present_ids):
            pairs = ((record.id, other) for other in others[record.kind])
            ordered_pairs = (pair if record.kind == "signer" else pair[::-1] for pair in pairs)
            if not any(short_hash(*pair) in letters for pair in ordered_pairs):
                yield record


class RegisteredPerson(NamedTuple):
    """A person in the register, with numbers of wanted and printed letters."""

    kind: SheetKind
    id: str
    label: str
    letter_count: int = 0
    printed_count: int = 0


class PersonHistory:
    """What earlier runs know about people. This base class knows nothing.

    It is only asked if the ledger alone does not decide.
    """

    def label(self, _kind: SheetKind, _person_id: str, /) -> str:
        """Return the person's name at the last run; empty if unknown."""
        return ""

    def protected_letters(self, _kind: SheetKind, _person_id: str, /) -> Mapping[str, int]:
        """Return the number of letters that must not count for someone else.

        They are counted by what happened to them: a stage, `In a print file`, `Edited` or `With
        notes`, which includes all other cells of staff in the register.
        """
        return {}

    def changed_cells(self, _person: Person, _person_id: str, /) -> Sequence[str]:
        """Return the headings of the person's cells that have changed."""
        return ()

    def registered_people(self) -> Iterable[RegisteredPerson]:
        """Return everyone with letters in the register, if the ledger was lost."""
        return ()

    def was_deleted(self, _person: Person, /) -> bool:
        """Return whether the data of a person was deleted in 90 days."""
        return False


class IdentityChoices(NamedTuple):
    """Choices of staff about people who have another name than before.

    `same_people` are the same person under another name, `other_people` a different person; both
    contain names or IDs. `stored_decisions` are those of the ledger. With `people_left`, people who
    are only in the register have left.
    """

    same_people: tuple[str, ...] = ()
    people_left: bool = False
    other_people: tuple[str, ...] = ()
    stored_decisions: frozenset[DecisionRecord] = frozenset()

    @property
    def has_other(self) -> bool:
        """Whether any person is said to be a different person."""
        return bool(self.other_people) or any(
            decision.choice == "other" for decision in self.stored_decisions
        )

    def choice_for(self, person: Person) -> Choice | None:
        """Return what staff chose for a person by name or ID; None if nothing.

        Both may be given, as messages print them.
        """
        texts = (person.name, person.id, person.name_with_id)
        person_words = {folded(text) for text in texts} - {""}
        for choice, words in zip(
            _SAME_OR_OTHER, (self.same_people, self.other_people), strict=True
        ):
            if person_words & {folded(word) for word in words}:
                return choice
        return None


NO_IDENTITY_CHOICES = IdentityChoices()
_SAME_OR_OTHER: tuple[Choice, Choice] = ("same", "other")


class IdentityQuestion(NamedTuple):
    """The question whether a person is the same one as before.

    `person_key` is the key of the person in the ledger. `old_name` is empty if it is unknown.
    `changed_cells` are the headings of other cells that have changed. `letter_counts` is described
    at `PersonHistory.protected_letters`. `is_name_same` says that only the country, the
    region or the organisation has changed.
    """

    person_key: str
    person: Person
    version_token: str
    old_name: str
    changed_cells: Sequence[str]
    letter_counts: Mapping[str, int]
    is_name_same: bool

    @property
    def problem(self) -> Problem:
        """The error that blocks the person's letters until staff decide."""
        person, before = self.person, self.old_name
        same, other = (DecisionRemedy(c, person.id or str(person.name)) for c in _SAME_OR_OTHER)
        fields: dict[str, FieldValue] = {
            "name": str(person.name),
            "changed": [*self.changed_cells] or None,
            "letters": [f"{n:,} {label.lower()}" for label, n in self.letter_counts.items()],
            "same": same,
            "other": other,
        }
        if self.is_name_same:
            return messages.problem("name-changed/office", person.place("name"), **fields)
        if before and before != str(person.name):
            return messages.problem("name-changed", person.place("name"), before=before, **fields)
        return messages.problem("name-changed/unknown", person.place("name"), **fields)


def identify(
    records: Iterable[PersonEntry],
    people: Sequence[People],
    excluded: Sequence[Person],
    history: PersonHistory | None = None,
    choices: IdentityChoices = NO_IDENTITY_CHOICES,
) -> PeopleIdentity:
    """Recognise today's people among those who have had letters.

    `excluded` are in the workbook as well, but get no letters now.
    """
    matcher = _PersonMatcher(
        records=[*records],
        people=people,
        excluded=excluded,
        history=history or PersonHistory(),
        choices=choices,
    )
    return matcher.identity()


class _PersonMatcher:
    """Recognises people by key, name and cells, and asks if it is not sure."""

    def __init__(
        self,
        records: Sequence[PersonEntry],
        people: Sequence[People],
        excluded: Sequence[Person],
        history: PersonHistory,
        choices: IdentityChoices,
    ) -> None:
        self._people, self._history, self._choices = people, history, choices
        all_people = [*excluded, *(person for sheet in people for person in sheet.persons)]
        self._stored_by_key = {record.key: record for record in records}
        self._registered_by_id = (
            {} if records else {(s.kind, s.id): s for s in history.registered_people()}
        )
        self._known_by_key = self._stored_by_key or _records_from_register(
            self._registered_by_id.values(), all_people
        )
        present_keys = {person_key(person) for person in all_people}
        self._absent_by_key = {k: s for k, s in self._known_by_key.items() if k not in present_keys}
        self._taken_ids = {record.id for record in self._known_by_key.values()}
        self._id_attempts = Counter[tuple[SheetKind, str]]()
        self._ids: dict[tuple[SheetKind, str], str] = {}
        self._corrected_people: list[Person] = []
        self._problems: list[tuple[Problem, Person | None]] = []
        self._outdated_keys: dict[str, None] = {}
        self._unclear_keys: set[str] = set()
        self._people_in_question: set[tuple[SheetKind, str]] = set()
        self._questions: list[IdentityQuestion] = []
        self._new_people: list[Person] = []
        self._replaced_records: list[PersonEntry] = []
        self._names_in_question: set[tuple[SheetKind, str]] = set()

    def identity(self) -> PeopleIdentity:
        for sheet in self._people:
            unknown_people = [
                person for person in sheet.persons if not self._recognise_by_key(person)
            ]
            self._recognise_by_name(unknown_people)
            self._recognise_by_cells(unknown_people, _cells_and_name)
            self._recognise_by_cells(unknown_people, _cells_without_id)
            for person in unknown_people:
                if (person.kind, person.key) not in self._ids:
                    self._give_new_id(person)
        self._problems += self._lost_id_problems()
        self._problems += self._register_only_problems()
        self._problems += (
            (messages.problem("person-deleted", p.place("name"), name=str(p.name)), p)
            for sheet in self._people
            for p in sheet.persons
            if self._history.was_deleted(p)
        )
        return PeopleIdentity(
            ids=self._ids,
            corrected_people=tuple(self._corrected_people),
            problems=tuple(self._problems),
            people_to_record=self._changed_records(),
            outdated_keys=tuple(self._outdated_keys),
            people_in_question=frozenset(self._people_in_question),
            questions=tuple(self._questions),
        )

    def _give_new_id(self, person: Person) -> None:
        person_id, kind_and_key = initial_person_id(person), (person.kind, person.key)
        while person_id in self._taken_ids:
            self._id_attempts[kind_and_key] += 1
            person_id = short_hash(*kind_and_key, str(self._id_attempts[kind_and_key] + 1))
        self._taken_ids.add(person_id)
        self._ids[kind_and_key] = person_id
        self._new_people.append(person)

    # By key: the same ID, or the same name without one.

    def _recognise_by_key(self, person: Person) -> bool:
        record = self._known_by_key.get(person_key(person))
        if record is None:
            return False
        self._ids[person.kind, person.key] = record.id
        if self._has_new_name(person, record):
            if self._choice_for(person, record) == "other":
                self._give_new_id(person)
                self._replaced_records.append(record)
            else:
                self._ask_if_protected(person, record)
        return True

    def _has_new_name(self, person: Person, record: PersonEntry) -> bool:
        """Return whether a name or an office column has changed.

        An office column counts for recipients, and only if it has a text before and now.
        """
        old, new = _split_name(record.name), _split_name(recorded_name(person))
        return any(new.get(column, value) != value for column, value in old.items())

    # By name: a person who was known by the name only has an ID now.

    def _recognise_by_name(self, unknown_people: Sequence[Person]) -> None:
        people_by_name: dict[str, list[Person]] = defaultdict(list)
        for person in unknown_people:
            if person.id:
                people_by_name[name_key(person)].append(person)
        for key in (key for key in people_by_name if key in self._absent_by_key):
            record, persons = self._absent_by_key[key], people_by_name[key]
            with_same_cells = [p for p in persons if cells_digest(p) == record.cells]
            if single := self._single_match(
                [record], with_same_cells if len(with_same_cells) == 1 else persons
            ):
                self._recognise(single, record)

    # By cells: the ID changed or was removed, or a name without an ID was corrected.

    def _recognise_by_cells(
        self, unknown_people: Sequence[Person], cells_of: Callable[[PersonEntry], bytes]
    ) -> None:
        people_by_cells: dict[bytes, list[Person]] = defaultdict(list)
        for person in unknown_people:
            cells = cells_of(person_record(person))
            if cells and (person.kind, person.key) not in self._ids:
                people_by_cells[cells].append(person)
        absent_by_cells: dict[bytes, list[PersonEntry]] = defaultdict(list)
        for record in self._absent_by_key.values() if people_by_cells else ():
            if record.key not in self._outdated_keys:
                absent_by_cells[cells_of(record)].append(record)
        for cells, persons in people_by_cells.items():
            if cells in absent_by_cells and (
                single := self._single_match(absent_by_cells[cells], persons)
            ):
                self._recognise(single, absent_by_cells[cells][0])

    def _recognise(self, person: Person, record: PersonEntry) -> None:
        """Recognise a person by equal cells, or ask staff about the new name."""
        self._ids[person.kind, person.key] = record.id
        has_new_name = self._has_new_name(person, record)
        if not (has_new_name and self._ask_if_protected(person, record)):
            self._corrected_people += [person] if has_new_name or record.has_id else []
            self._outdated_keys[record.key] = None

    def _single_match(
        self, absent_records: list[PersonEntry], new_people: list[Person]
    ) -> Person | None:
        """Return the new person if one person left and one came; otherwise warn.

        People who are different according to staff do not count.
        """
        if self._choices.has_other:
            new_people = [
                p
                for p in new_people
                if not any(self._choice_for(p, s) == "other" for s in absent_records)
            ]
        if len(absent_records) == len(new_people) == 1:
            return new_people[0]
        self._problems += [
            (_ambiguous_problem(person, len(absent_records)), person) for person in new_people
        ]
        if new_people:
            self._unclear_keys |= {person_key(p) for p in new_people} | {
                record.key for record in absent_records
            }
        return None

    # Whether a person may be a different one than the one whose letters they would take over.

    def _ask_if_protected(self, person: Person, record: PersonEntry) -> bool:
        """Ask staff who a person is if there are protected letters; return if so.

        Otherwise all letters are recreated for the new name, without a question. Until staff
        decide, the person has no record and gets no letters.
        """
        if self._choice_for(person, record) == "same":
            return False
        letter_counts = self._history.protected_letters(person.kind, record.id)
        if not letter_counts:
            return False
        decision = self._decision(person, record, "same")
        question = IdentityQuestion(
            person_key=decision.id,
            person=person,
            version_token=decision.seen.hex(),
            old_name=self._history.label(person.kind, record.id),
            changed_cells=self._history.changed_cells(person, record.id),
            letter_counts=letter_counts,
            is_name_same=record.name.startswith(name_digest(str(person.name))),
        )
        self._questions.append(question)
        self._names_in_question.add(_kind_and_name(record))
        self._problems.append((question.problem, person))
        self._people_in_question.add((person.kind, person.key))
        self._unclear_keys |= {person_key(person), record.key}
        return True

    def _choice_for(self, person: Person, record: PersonEntry) -> Choice | None:
        """Return what staff chose for a person, now or earlier; None if nothing."""
        choice_now, stored_decisions = (
            self._choices.choice_for(person),
            self._choices.stored_decisions,
        )
        if choice_now or not stored_decisions:
            return choice_now
        possible_decisions = ((c, self._decision(person, record, c)) for c in _SAME_OR_OTHER)
        return next(
            (choice for choice, decision in possible_decisions if decision in stored_decisions),
            None,
        )

    def _decision(self, person: Person, record: PersonEntry, choice: Choice) -> DecisionRecord:
        """Return the decision to store if staff choose `same` or `other`."""
        seen = short_hash(record.key, record.name, recorded_name(person))
        return DecisionRecord(person_key(person), choice, bytes.fromhex(seen))

    # People who could not be recognised, and what the ledger must store.

    def _resolved_keys(self) -> AbstractSet[str]:
        """Return the keys of people who were recognised or may have been."""
        return self._unclear_keys | self._outdated_keys.keys()

    def _lost_id_problems(self) -> Iterator[tuple[Problem, Person]]:
        """Yield a problem for each new person with the name of a person who left.

        It is an error while staff are asked who has that person's ID now.
        """
        resolved_keys = self._resolved_keys()
        absent = (s for s in self._absent_by_key.values() if s.key not in resolved_keys)
        left = (s for s in (*absent, *self._replaced_records) if s.cells != _LEFT)
        left_names = {*map(_kind_and_name, left)}
        for person in self._new_people if left_names or self._names_in_question else ():
            name = person.kind, name_digest(str(person.name))
            if name in self._names_in_question:
                self._people_in_question.add((person.kind, person.key))
                self._unclear_keys.add(person_key(person))
                yield _id_lost_problem(person, "/asked"), person
            elif name in left_names:
                yield _id_lost_problem(person), person

    def _register_only_problems(self) -> Iterator[tuple[Problem, None]]:
        """Yield the question who the people are that are only in the register.

        This is possible only if the ledger was lost.
        """
        resolved_keys = self._resolved_keys()
        absent_records = (s for s in self._absent_by_key.values() if s.key not in resolved_keys)
        registered_people = [
            self._registered_by_id[s.kind, s.id]
            for s in absent_records
            if (s.kind, s.id) in self._registered_by_id
        ]
        if registered_people and not self._choices.people_left:
            yield _register_people_problem(registered_people), None

    def _changed_records(self) -> tuple[PersonEntry, ...]:
        """Return the records to store: people who are here now, or have just left.

        People in question are not recorded, so that the question comes again.
        """
        persons = [person for sheet in self._people for person in sheet.persons]
        present_records = [self._present_record(person) for person in persons]
        replaced_records = (s._replace(key=f"{s.id} left") for s in self._replaced_records)
        absent_records = [
            s._replace(cells=_LEFT) for s in (*self._absent_by_key.values(), *replaced_records)
        ]
        resolved_keys = self._resolved_keys()
        return tuple(
            s
            for s in (*present_records, *absent_records)
            if self._stored_by_key.get(s.key) != s and s.key not in resolved_keys
        )

    def _present_record(self, person: Person) -> PersonEntry:
        """Return the record of a person; blank cells keep their hashes."""
        record = person_record(person)._replace(id=self._ids[person.kind, person.key])
        old = self._known_by_key.get(record.key)
        if old is None or old.id != record.id:
            return record
        hashes = {**_split_name(old.name), **_split_name(record.name)}
        return record._replace(name="".join(text for pair in hashes.items() for text in pair))


def _split_name(recorded_name: str) -> dict[str, str]:
    """Return the hashes in a recorded name by heading; the name has none."""
    length = _DIGEST_LENGTH
    hashes = [recorded_name[at : at + length] for at in range(0, len(recorded_name), length)]
    return {"": "".join(hashes[:1]), **dict(zip(hashes[1::2], hashes[2::2], strict=True))}


def _kind_and_name(record: PersonEntry) -> tuple[SheetKind, str]:
    """Return the kind of a person and the hash of the name alone."""
    return record.kind, record.name[:_DIGEST_LENGTH]


def _cells_and_name(record: PersonEntry) -> bytes:
    """Return a record's hashes of cells and name, equal if the ID changed."""
    return record.cells and bytes.fromhex(record.name[:_DIGEST_LENGTH]) + record.cells


def _cells_without_id(record: PersonEntry) -> bytes:
    """Return a record's hash of cells if the person has no ID, else nothing."""
    return b"" if record.has_id else record.cells


def _records_from_register(
    registered: Iterable[RegisteredPerson], all_people: Sequence[Person]
) -> dict[str, PersonEntry]:
    """Return the records that the lost ledger had, rebuilt from the register.

    A person in the register and one in the workbook are the same if one of these agrees, in this
    order:

    1. the name and the ID
    2. the name
    3. the key
    4. the name without the ID, even if the person has an ID by now
    """
    unmatched, waiting_people = [*registered], [*all_people]
    records: dict[str, PersonEntry] = {}
    text_functions: tuple[tuple[_TextOf[RegisteredPerson], _TextOf[Person]], ...] = (
        (lambda s: folded(s.label), lambda p: folded(f"{p.name} ({p.id})")),
        (lambda s: folded(s.label), lambda p: folded(p.label)),
        (lambda s: s.id, initial_person_id),
        (lambda s: folded(name_without_id(s.label)), lambda p: folded(p.name)),
    )
    for registered_text, person_text in text_functions:
        registered_by_text, people_by_text = (
            _unique_by_text(unmatched, registered_text),
            _unique_by_text(waiting_people, person_text),
        )
        common_texts = registered_by_text.keys() & people_by_text.keys()
        keys = {text: person_key(people_by_text[text]) for text in common_texts}
        records |= {
            key: _registered_record(registered_by_text[text], key) for text, key in keys.items()
        }
        matched = {registered_by_text[text] for text in common_texts}
        unmatched = [
            registered_person for registered_person in unmatched if registered_person not in matched
        ]
        waiting_people = [person for person in waiting_people if person_key(person) not in records]
    for registered_person in unmatched:
        key = hash_text(registered_person.id)
        key = key if key not in records else hash_text(f"{registered_person.id} left")
        records[key] = _registered_record(registered_person, key)
    return records


_AnyPerson = TypeVar("_AnyPerson", RegisteredPerson, Person)
_TextOf = Callable[[_AnyPerson], str]


def _unique_by_text(
    people: Iterable[_AnyPerson], text_of: _TextOf[_AnyPerson]
) -> dict[str, _AnyPerson]:
    """Return people by kind and text, without texts that several people have.

    The keys are the kind and the text.
    """
    people_by_text: dict[str, list[_AnyPerson]] = defaultdict(list)
    for person in people:
        people_by_text[f"{person.kind}:{text_of(person)}"].append(person)
    return {
        key: only_person for key, (only_person, *others) in people_by_text.items() if not others
    }


def _registered_record(registered_person: RegisteredPerson, key: str) -> PersonEntry:
    name = name_digest(name_without_id(registered_person.label))
    return PersonEntry(
        key=key, id=registered_person.id, kind=registered_person.kind, name=name, cells=b""
    )


def _id_lost_problem(person: Person, variant: str = "") -> Problem:
    return messages.problem(f"id-lost{variant}", person.place("name"), name=str(person.name))


def _ambiguous_problem(person: Person, absent_count: int) -> Problem:
    return messages.problem(
        "who-is-who", person.place("name"), name=str(person.name), left=absent_count
    )


def _register_people_problem(registered_people: Sequence[RegisteredPerson]) -> Problem:
    descriptions = [
        f"{s.label} ({format_count(s.letter_count, 'letter')}, {s.printed_count:,} printed)"
        for s in registered_people
    ]
    return messages.problem("register-people", Place("register.xlsx"), people=descriptions)
