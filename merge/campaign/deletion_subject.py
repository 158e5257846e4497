"""Resolve the person whose data will be deleted.

The person is looked for in the workbook, the register and the ledger. A deletion that was begun and
not finished is taken up again.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import WORKBOOK_FILE
from merge.campaign.created_files import find_letter_files
from merge.campaign.file_texts import find_texts, theme_texts
from merge.campaign.person_words import (
    HashedPhrase,
    HashedWords,
    OtherPeople,
    PersonWords,
    contains_words,
    find_person_words,
    is_common_name,
    searchable,
)
from merge.campaign.task import NO_PROGRESS
from merge.disk import read_campaign_file
from merge.errors import UsageError
from merge.naming import Salt, nearest_word, safe_path_part, short_hash
from merge.people import Person, SheetKind
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE, TEMPLATES_FOLDER
from merge.register.reading import Register, read_register
from merge.state.identity import PersonHashes, initial_person_id
from merge.state.ledger import PENDING_DELETIONS_FACT, Ledger, ledger_to_read
from merge.state.ledger_records import LedgerChangeSet
from merge.text.folding import folded, folded_words, skeleton
from merge.text.names import name_without_id
from merge.values import WorkbookValue
from merge.workbook.index import NAME_PLACEHOLDERS
from merge.workbook.translated_words import canonical_placeholder


@dataclass(frozen=True, slots=True)
class DeletionSubject:
    """The person whose data will be deleted.

    `letter_ids` and `person_ids` may be empty if only a name is known. `rows` are the person's rows
    in the workbook. `names` are the name and the ID. `mentions` are cells of other people that
    contain the name and more text; they count as data of those people. `is_name_enough` is false if
    the name alone does not count, so that it may be left.
    """

    label: str
    words: PersonWords
    letter_ids: frozenset[str] = frozenset()
    person_ids: frozenset[str] = frozenset()
    rows: tuple[Place, ...] = ()
    names: frozenset[str] = frozenset()
    mentions: tuple[Place, ...] = ()
    is_name_enough: bool = True

    @property
    def is_known(self) -> bool:
        """Whether more is known of the person than the typed name or ID."""
        return bool(self.rows or self.person_ids or self.letter_ids)


PersonKey = tuple[SheetKind, str]
"""The sheet of a person in the workbook, and the person's key there."""


def find_subject(campaign: Campaign, name: str, which: PersonKey | None = None) -> DeletionSubject:
    """Return the person whose data someone asks to delete, by name or ID.

    The places are, in this order: the workbook, deletions that are not finished, the register and
    the ledger. If none has the person, the name alone is searched for. Raise UsageError if several
    people match. `which` selects one of those in the workbook.
    """
    with ledger_to_read(campaign.letters_folder) as ledger:
        return _SubjectFinder(campaign, ledger).find(name, which)


def people_named(campaign: Campaign, name: str) -> list[Person]:
    """Return people in the workbook, also excluded ones, with a name or ID."""
    folded_name, people = folded(name), campaign.workbook.all_people
    exact = [p for p in people if folded_name and folded_name in {folded(p.name), folded(p.id)}]
    return exact or [p for p in people if folded_name and folded_name == folded(p.name_with_id)]


def similar_people(campaign: Campaign, name: str, *, with_more: bool = True) -> list[Person]:
    """Return the workbook's people with a similar name.

    Their names have the same words in any order, or differ only in accents, spaces and punctuation.
    If `with_more` is true, they may also have other words.
    """
    name_words, name_skeleton = {*folded_words(name)}, skeleton(name)

    def is_like(person: Person) -> bool:
        person_words = {*folded_words(person.name)}
        return (
            name_words == person_words
            or (with_more and name_words < person_words)
            or name_skeleton == skeleton(person.name)
        )

    return [person for person in campaign.workbook.all_people if name_words and is_like(person)]


def nearest_person(campaign: Campaign, name: str) -> Person | None:
    """Return the person whose name is most like a name that no one has."""
    similar = similar_people(campaign, name)
    nearest_name = nearest_word(name, (p.name for p in campaign.workbook.all_people if p.name), 0.8)
    same_name = (p for p in campaign.workbook.all_people if p.name == nearest_name)
    return next(iter(similar or same_name), None)


_NAME_AND_ID = re.compile(r"(?P<name>[^()]+) \((?P<id>[^()]+)\)")
"""A person as messages print them: `John Smith (S2)`."""


@dataclass
class _SubjectFinder:
    """A search for a person in all records of people."""

    campaign: Campaign
    ledger: Ledger
    register: Register = field(init=False)

    def __post_init__(self) -> None:
        self.register = read_register(self.campaign.folder / REGISTER_FILE)

    def find(self, name: str, which: PersonKey | None) -> DeletionSubject:
        matching = people_named(self.campaign, name)
        matching = [p for p in matching if which in {None, (p.kind, p.key)}]
        for question in self.campaign.identity.questions:  # letters of unknown people
            if question.person in matching or folded(question.old_name) == folded(name):
                raise UsageError(question.problem)
        if not matching and (part := self._known_part(name)):
            return self.find(part, which)
        unfinished = _find_unfinished(self.ledger, name)
        people = [(str(person.label), str(person.place("name"))) for person in matching]
        if len(matching) == 1 and not (which or unfinished):
            people += [(label, "") for label in self._former_namesakes(matching[0])]
        if len(people) > 1:
            raise UsageError(_ambiguous_problem(name, people))
        if matching:
            subject = self._find_in_workbook(matching[0])
            if unfinished and not unfinished.people & subject.person_ids:
                raise UsageError(_unfinished_problem(name, subject.label, str(subject.rows[0])))
        else:
            subject = self._find_former_person(name, unfinished)
        return self._with_unfinished(subject, unfinished) if unfinished else subject

    def _known_part(self, name: str) -> str:
        """Return the part of `John Smith (S2)` that means a former person.

        It is the ID, or else the name; empty if there is none.

        Raise UsageError if someone in the workbook has one of them, but not both.
        """
        parts = _NAME_AND_ID.fullmatch(name)
        if not parts or self._is_former(name):
            return ""
        present = [p for part in parts.groups() for p in people_named(self.campaign, part)]
        if present:
            labels = [str(person.label) for person in present]
            raise UsageError(messages.problem("forget-alike", Place(f"“{name}”"), people=labels))
        return next((part for part in parts.group("id", "name") if self._is_former(part)), "")

    def _former_namesakes(self, person: Person) -> list[str]:
        """Return labels of former people who had a person's name at the same time.

        The register distinguishes them by their IDs, unless a person got another ID.
        """
        ids = {i for people in self._candidates(person.name).values() for i in people}
        ids -= self._known_ids(person)
        labels = [self._labels.get(person_id, "") for person_id in sorted(ids)]
        return [label for label in labels if label != name_without_id(label)]

    def _is_former(self, name: str) -> bool:
        return bool(_find_unfinished(self.ledger, name) or any(self._candidates(name).values()))

    def _with_unfinished(
        self, subject: DeletionSubject, unfinished: _UnfinishedDeletion
    ) -> DeletionSubject:
        """Return a person with what an unfinished deletion recorded."""
        others = [
            p for p in self.campaign.workbook.all_people if p.place("name") not in subject.rows
        ]
        former = self._former_names(subject.person_ids | unfinished.people)
        hashed = HashedWords(unfinished.words, self.ledger.salt)
        return replace(
            subject,
            words=subject.words.with_hashed_words(hashed, OtherPeople.from_people(others, former)),
            letter_ids=subject.letter_ids | unfinished.letters,
            person_ids=subject.person_ids | unfinished.people,
            is_name_enough=subject.is_name_enough and unfinished.is_name_enough,
        )

    def _known_ids(self, person: Person) -> set[str]:
        """Return the IDs that a person in the workbook has or had."""
        current_id = self.campaign.identity.ids.get((person.kind, person.key))
        key = PersonHashes(self.ledger.salt).key(person)
        known_ids = {record.id for record in self.ledger.people() if record.key == key}
        known_ids |= {current_id} if current_id else set()
        if not known_ids and initial_person_id(person) not in self._known_person_ids:
            known_ids = {initial_person_id(person)}
        return known_ids

    def _find_in_workbook(self, person: Person) -> DeletionSubject:
        rows, ids = (person.place("name"),), {person.kind: self._known_ids(person)}
        subject = self._make_subject(str(person.label), person, ids)
        return replace(subject, rows=rows, names=frozenset({person.name, person.id} - {""}))

    def _find_former_person(
        self, name: str, unfinished: _UnfinishedDeletion | None
    ) -> DeletionSubject:
        """Return a person who is not in the workbook, from register and ledger."""
        candidates = self._candidates(name)
        ids = frozenset(i for people in candidates.values() for i in people)
        if unfinished and unfinished.people & ids:
            candidates = {kind: people & unfinished.people for kind, people in candidates.items()}
        elif len(ids) > 1:
            raise UsageError(
                _ambiguous_problem(name, [(self._labels.get(i, name), "") for i in sorted(ids)])
            )
        names = {
            folded(registered_name)
            for person_id in ids
            for registered_name in self._names.get(person_id, ())
        }
        is_id = bool(unfinished) or bool(names and folded(name_without_id(name)) not in names)
        person = Person("signer", "", 0, {"name": WorkbookValue("" if is_id else name)})
        subject = self._make_subject(name, person, candidates)
        letter_ids = subject.letter_ids | {*self._letters_that_are_back(name)}
        return replace(subject, letter_ids=letter_ids, names=frozenset({name}))

    def _letters_that_are_back(self, name: str) -> Iterator[str]:
        """Yield a person's deleted letters whose files are here again.

        Another computer created them again, or they come from a backup.
        """
        if self.ledger.has_deletions:
            folder = self.campaign.folder
            for path, letter_id in find_letter_files(folder, self.ledger, NO_PROGRESS):
                is_named = contains_words(searchable(path), searchable(name))
                if is_named and letter_id and self.ledger.was_deleted(letter_id):
                    yield letter_id

    def _candidates(self, name: str) -> dict[SheetKind, frozenset[str]]:
        """Return the IDs of people with a name or ID, by kind.

        They are those whom the register or the ledger has, and the workbook does not.
        """
        current_ids, folded_name = {*self.campaign.identity.ids.values()}, folded(name)
        hashes, ids_by_kind = PersonHashes(self.ledger.salt), dict[SheetKind, frozenset[str]]()
        kinds: tuple[SheetKind, ...] = ("signer", "recipient")
        for kind in kinds:
            keys = {hashes.key_from_text(kind, f"{root}:{folded_name}") for root in ("id", "name")}
            matching_ids = {
                person_record.id
                for person_record in self.ledger.people()
                if keys & {person_record.key, person_record.name}
            }
            matching_ids |= {
                person_id
                for person_id, label in self._registered_people(kind)
                if folded_name in {folded(label), folded(name_without_id(label))}
            }
            ids_by_kind[kind] = frozenset(matching_ids - current_ids)
        return ids_by_kind

    def _registered_people(self, kind: SheetKind) -> Iterator[tuple[str, str]]:
        """Yield the register's IDs and labels of signers, or of recipients."""
        yield from (
            id_and_label
            for id_and_label in self.register.names_of_people(kind)
            if all(id_and_label)
        )

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {
            **dict(self._registered_people("signer")),
            **dict(self._registered_people("recipient")),
        }

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        """The names of each person in the register, by ID.

        These are the present name and those on printed letters.
        """
        names = defaultdict[str, set[str]](set)
        for person_id, label in (
            *self._registered_people("signer"),
            *self._registered_people("recipient"),
        ):
            names[person_id].add(name_without_id(label))
        return names

    @cached_property
    def _known_person_ids(self) -> set[str]:
        current_ids = {*self.campaign.identity.ids.values()}
        return current_ids | self._labels.keys() | {record.id for record in self.ledger.people()}

    def _make_subject(
        self, label: str, person: Person, people: Mapping[SheetKind, frozenset[str] | set[str]]
    ) -> DeletionSubject:
        """Return a person with these IDs, and the words that identify the person."""
        person_ids = frozenset(person_id for ids in people.values() for person_id in ids)
        ids = frozenset(i for kind in people for i in self._possible_letters(people[kind], kind))
        everybody = (other for other in self.campaign.workbook.all_people if other is not person)
        others = OtherPeople.from_people(everybody, self._former_names(person_ids))
        common = _common_words(self.campaign)
        person_words = find_person_words(person, others, common, ids | person_ids)
        earlier_names = {
            name for person_id in person_ids for name in self._names.get(person_id, ())
        }
        names = (
            {safe_path_part(person.name), *earlier_names}
            if searchable(person.name) in person_words.unique
            else earlier_names
        )
        names = {
            other_name
            for other_name in names
            if not is_common_name(searchable(other_name), others, common)
        }
        person_words = person_words.with_names(names, others)
        mentioned = (
            ()
            if person_words.is_common_name
            else _find_mentions(person, self.campaign.workbook.all_people)
        )
        return DeletionSubject(
            label,
            person_words,
            ids,
            person_ids,
            mentions=tuple(mentioned),
            is_name_enough=person_words.is_name_enough,
        )

    def _former_names(self, person_ids: AbstractSet[str]) -> set[str]:
        """Return names of other people who are only in ledger and register."""
        former_ids = {record.id for record in self.ledger.people()} & self._labels.keys()
        former_ids -= person_ids | {*self.campaign.identity.ids.values()}
        return {name for person_id in former_ids for name in self._names[person_id]}

    def _possible_letters(
        self, people: frozenset[str] | set[str], kind: SheetKind
    ) -> Iterator[str]:
        """Yield the IDs of all letters that people may have, created or not."""
        others = {record.id for record in self.ledger.people() if record.kind != kind}
        others |= {
            person_id for (of, _), person_id in self.campaign.identity.ids.items() if of != kind
        }
        for letter_id, row in self.register.rows.items():
            person_of_kind, other = row.signer_id, row.recipient_id
            person_of_kind, other = (
                (person_of_kind, other) if kind == "signer" else (other, person_of_kind)
            )
            if person_of_kind in people:
                yield letter_id
            others.add(other)
        for person_id in people:
            for other in others - {""}:
                yield short_hash(*((person_id, other) if kind == "signer" else (other, person_id)))


def _find_mentions(person: Person, everybody: Iterable[Person]) -> Iterator[Place]:
    """Yield cells of other people that mention the person's full name.

    Cells with names are not among them.
    """
    name = searchable(person.name)
    for other in everybody if " " in name else ():
        for tag, value in other.fields.items() if other is not person else ():
            cell = "" if canonical_placeholder(tag) in NAME_PLACEHOLDERS else searchable(value)
            if cell != name and contains_words(cell, name):
                yield other.place(tag)


def _common_words(campaign: Campaign) -> str:
    """Return the words of templates, settings, headings and themes.

    They are in searchable form. They identify no person.
    """
    book = campaign.workbook
    texts = [str(value) for value in book.settings.fields.values()]
    texts += (
        column.heading for people in (book.signers, book.recipients) for column in people.columns
    )
    for name in (WORKBOOK_FILE, REGISTER_FILE):
        texts += theme_texts(campaign.folder / name)
    for path in sorted((campaign.folder / TEMPLATES_FOLDER).glob("*.do*")):
        with suppress(OSError):
            texts += find_texts(read_campaign_file(path))
    return searchable("\n".join(texts))


def _ambiguous_problem(name: str, people: Sequence[tuple[str, str]]) -> Problem:
    places = tuple(f"{label} ({place})" if place else label for label, place in people)
    return messages.problem("forget-several", Place(f"“{name}”"), people=places)


def _unfinished_problem(name: str, label: str, place: str) -> Problem:
    name_place = Place(f"“{name}”")
    return messages.problem("forget-several/unfinished", name_place, person=label, place=place)


# Unfinished deletions, kept in the ledger until no data of the person is found.


@dataclass(frozen=True, slots=True)
class _UnfinishedDeletion:
    """A person whose deletion has begun; names and words are hashes."""

    name_hashes: frozenset[str]
    letters: frozenset[str]
    people: frozenset[str]
    words: tuple[HashedPhrase, ...]
    is_name_enough: bool = True

    def merged_with(self, more: _UnfinishedDeletion) -> _UnfinishedDeletion:
        """Return the union with another unfinished deletion of the person."""
        return _UnfinishedDeletion(
            name_hashes=self.name_hashes | more.name_hashes,
            letters=self.letters | more.letters,
            people=self.people | more.people,
            words=tuple({*self.words, *more.words}),
            is_name_enough=self.is_name_enough and more.is_name_enough,
        )


def _read_unfinished(ledger: Ledger) -> list[_UnfinishedDeletion]:
    stored = json.loads(ledger.fact(PENDING_DELETIONS_FACT) or "[]")
    return [
        _UnfinishedDeletion(
            name_hashes=frozenset(deletion["called"]),
            letters=frozenset(deletion["letters"]),
            people=frozenset(deletion["people"]),
            words=tuple(HashedPhrase(*phrase) for phrase in deletion["words"]),
            is_name_enough=deletion.get("name_enough", True),
        )
        for deletion in stored
    ]


def _write_unfinished(ledger: Ledger, deletions: Sequence[_UnfinishedDeletion]) -> None:
    values = [
        {
            "called": sorted(deletion.name_hashes),
            "letters": sorted(deletion.letters),
            "people": sorted(deletion.people),
            "words": sorted(deletion.words),
            "name_enough": deletion.is_name_enough,
        }
        for deletion in deletions
    ]
    ledger.commit(LedgerChangeSet(facts={PENDING_DELETIONS_FACT: json.dumps(values)}))


def _find_unfinished(ledger: Ledger, name: str) -> _UnfinishedDeletion | None:
    hashes = _name_hashes(ledger.salt, [name])
    return next(
        (deletion for deletion in _read_unfinished(ledger) if hashes & deletion.name_hashes), None
    )


def _name_hashes(salt: Salt, names: Sequence[str]) -> frozenset[str]:
    return frozenset(salt.hash_text(f"called {folded(name)}") for name in names if folded(name))


def record_start(ledger: Ledger, subject: DeletionSubject) -> None:
    """Record in the ledger whose data is being deleted, for a later run."""
    words = replace(
        subject.words, unique=subject.words.unique - subject.letter_ids - subject.person_ids
    )
    deletion = _UnfinishedDeletion(
        name_hashes=_name_hashes(ledger.salt, [*subject.names]),
        letters=subject.letter_ids,
        people=subject.person_ids,
        words=tuple(HashedWords.from_words(words, ledger.salt).phrases),
        is_name_enough=subject.is_name_enough,
    )
    others = []
    for earlier in _read_unfinished(ledger):
        if earlier.name_hashes & deletion.name_hashes and (
            earlier.people & deletion.people or not deletion.people
        ):
            deletion = deletion.merged_with(earlier)
        else:
            others.append(earlier)
    _write_unfinished(ledger, [*others, deletion])


def record_completion(ledger: Ledger, subject: DeletionSubject) -> None:
    """Remove a person without remaining data from the unfinished deletions."""
    hashes = _name_hashes(ledger.salt, [*subject.names])
    remaining = [
        deletion
        for deletion in _read_unfinished(ledger)
        if not (
            deletion.name_hashes & hashes
            and (deletion.people & subject.person_ids or not deletion.people)
        )
    ]
    _write_unfinished(ledger, remaining)
