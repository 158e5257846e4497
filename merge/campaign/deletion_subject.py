"""Find the person whose data will be deleted.

The person is looked for in the workbook, the register and the ledger. A deletion that was begun and
not finished is taken up again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.created_files import find_letter_files
from merge.campaign.file_texts import find_texts
from merge.campaign.search_terms import SearchTerms, find_terms
from merge.campaign.task import NO_PROGRESS
from merge.disk import read_campaign_file
from merge.errors import UsageError
from merge.naming import nearest_word, short_hash
from merge.people import Person, SheetKind
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE, TEMPLATES_FOLDER
from merge.register.reading import Register, read_register
from merge.state.ledger import PENDING_DELETIONS_FACT, Ledger, ledger_to_read
from merge.state.ledger_records import LedgerChangeSet
from merge.state.person_hashes import initial_person_id, key_from_text, name_digest, person_key
from merge.text.folding import folded, folded_words
from merge.text.names import is_same_name, name_normal_form, name_without_id
from merge.values import WorkbookValue


@dataclass(frozen=True, slots=True)
class DeletionSubject:
    """The person whose data will be deleted.

    `letter_ids` and `person_ids` may be empty if only a name is known. `rows` are the person's rows
    in the workbook. `names` are the name and the ID.
    """

    label: str
    terms: SearchTerms
    letter_ids: frozenset[str] = frozenset()
    person_ids: frozenset[str] = frozenset()
    rows: tuple[Place, ...] = ()
    names: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether more is known of the person than the typed name or ID."""
        return bool(self.rows or self.person_ids or self.letter_ids)


_KINDS: tuple[SheetKind, ...] = ("signer", "recipient")

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
    """Return people in the workbook, also excluded ones, with a name or ID.

    If no one has exactly this name, its normal form is compared.
    """
    typed, people = folded(name), campaign.workbook.all_people
    normal_form = name_normal_form(name)
    exact = [
        person
        for person in people
        if typed and typed in {folded(person.name), folded(person.id), folded(person.name_with_id)}
    ]
    return exact or [p for p in people if typed and name_normal_form(p.name) == normal_form]


def similar_people(campaign: Campaign, name: str) -> list[Person]:
    """Return people in the workbook who have all words of a name.

    No one has this name. If none has all words, return the person with the most similar name.
    """
    words, people = {*folded_words(name)}, campaign.workbook.all_people
    with_words = [p for p in people if words and words <= {*folded_words(p.name)}]
    nearest = nearest_word(name, (person.name for person in people if person.name), 0.8)
    return with_words or [person for person in people if person.name == nearest][:1]


@dataclass
class _SubjectFinder:
    """A search for a person in all records of people."""

    campaign: Campaign
    ledger: Ledger

    @cached_property
    def register(self) -> Register:
        return read_register(self.campaign.folder / REGISTER_FILE)

    def find(self, name: str, which: PersonKey | None) -> DeletionSubject:
        people = people_named(self.campaign, name)
        people = [p for p in people if which in {None, (p.kind, p.key)}]
        for question in self.campaign.identity.questions:  # letters of unknown people
            is_old_name = bool(question.old_name) and is_same_name(question.old_name, name)
            if question.person in people or is_old_name:
                raise UsageError(question.problem)
        unfinished = _find_unfinished(self.ledger, name)
        labels = [f"{person.label} ({person.place('name')})" for person in people]
        if len(people) == 1 and not (which or unfinished):
            labels += self._former_namesakes(people[0])
        if len(labels) > 1:
            raise UsageError(_ambiguous_problem(name, labels))
        if people:
            subject = self._present_subject(people[0])
            if unfinished and not unfinished.people & subject.person_ids:
                fields = {"person": subject.label, "place": str(subject.rows[0])}
                code, place = "forget-several/unfinished", Place(f"“{name}”")
                raise UsageError(messages.problem(code, place, **fields))
        else:
            subject = self._former_subject(name, unfinished)
        return self._with_unfinished(subject, unfinished)

    def _former_namesakes(self, person: Person) -> list[str]:
        """Return labels of former people who had a person's name at the same time.

        The register distinguishes them by their IDs, unless a person got another ID.
        """
        ids = {i for people in self._former_ids(str(person.name)).values() for i in people}
        ids -= self._known_ids(person)
        labels = (label for i in sorted(ids) for label in self._labels.get(i, ()))
        return [label for label in labels if label != name_without_id(label)]

    def _known_ids(self, person: Person) -> set[str]:
        """Return the IDs that a person in the workbook has or had."""
        current_ids, records = self.campaign.identity.ids, self.ledger.people()
        key = person_key(person)
        known_ids = {record.id for record in records if record.key == key}
        known_ids |= {current_ids.get((person.kind, person.key), "")} - {""}
        used_ids = {*current_ids.values(), *self._labels, *(record.id for record in records)}
        return known_ids or {initial_person_id(person)} - used_ids

    def _present_subject(self, person: Person) -> DeletionSubject:
        ids = {person.kind: self._known_ids(person)}
        subject = self._make_subject(str(person.label), person, ids)
        names = frozenset({str(person.name), str(person.id)} - {""})
        return replace(subject, rows=(person.place("name"),), names=names)

    def _former_subject(self, name: str, unfinished: _UnfinishedDeletion | None) -> DeletionSubject:
        """Return a person who is not in the workbook, from register and ledger."""
        former_ids = self._former_ids(name)
        ids = {person_id for people in former_ids.values() for person_id in people}
        if unfinished and unfinished.people & ids:
            former_ids = {kind: people & unfinished.people for kind, people in former_ids.items()}
        elif len(ids) > 1:
            labels = [min(self._labels.get(i, {name})) for i in sorted(ids)]
            raise UsageError(_ambiguous_problem(name, labels))
        registered = self._names(ids)
        is_name = any(is_same_name(known, name_without_id(name)) for known in registered)
        is_id = bool(registered or unfinished) and not is_name
        texts = {"name": "" if is_id else name_without_id(name), "id": name if is_id else ""}
        person = Person("signer", "", 0, {tag: WorkbookValue(text) for tag, text in texts.items()})
        subject = self._make_subject(name, person, former_ids)
        letter_ids = subject.letter_ids | {*self._letters_that_are_back(subject.terms)}
        return replace(subject, letter_ids=letter_ids, names=frozenset({name}))

    def _letters_that_are_back(self, terms: SearchTerms) -> Iterator[str]:
        """Yield a person's deleted letters whose files are here again.

        Another computer created them again, or they come from a backup.
        """
        if self.ledger.state.has_deletions:
            files = find_letter_files(self.campaign.folder, self.ledger, NO_PROGRESS)
            ids = (letter_id for path, letter_id in files if letter_id and terms.may_be_in(path))
            yield from filter(self.ledger.state.was_deleted, ids)

    def _former_ids(self, name: str) -> dict[SheetKind, AbstractSet[str]]:
        """Return the IDs of people with a name or ID, by kind.

        They are those whom the register or the ledger has, and the workbook does not.
        """
        current_ids = {*self.campaign.identity.ids.values()}
        normal_form, digest = name_normal_form(name), name_digest(name)
        ids_by_kind = dict[SheetKind, AbstractSet[str]]()
        for kind in _KINDS:
            keys = {key_from_text(kind, f"{of}:{folded(name)}") for of in ("id", "name")}
            keys |= {key_from_text(kind, f"id:{folded(_id_in(name))}")}
            ids = {
                record.id
                for record in self.ledger.people()
                if record.kind == kind and (record.key in keys or record.name.startswith(digest))
            }
            ids |= {
                person_id
                for person_id, label in self._registered_people(kind)
                if folded(label) == folded(name)
                or name_normal_form(name_without_id(label)) == normal_form
            }
            ids_by_kind[kind] = frozenset(ids - current_ids)
        return ids_by_kind

    def _registered_people(self, kind: SheetKind) -> Iterable[tuple[str, str]]:
        """Return the register's IDs and labels of signers, or of recipients."""
        return dict.fromkeys(filter(all, self.register.names_of_people(kind)))

    @cached_property
    def _labels(self) -> Mapping[str, AbstractSet[str]]:
        """The labels of each person in the register, by ID.

        These are the present one and those on printed letters.
        """
        labels = dict[str, set[str]]()
        for person_id, label in chain.from_iterable(map(self._registered_people, _KINDS)):
            labels.setdefault(person_id, set()).add(label)
        return labels

    def _names(self, ids: Iterable[str]) -> set[str]:
        """Return the names of people in the register."""
        return {name_without_id(label) for i in ids for label in self._labels.get(i, ())}

    def _make_subject(
        self, label: str, person: Person, people: Mapping[SheetKind, AbstractSet[str]]
    ) -> DeletionSubject:
        """Return a person with these IDs, and what the person is searched by."""
        person_ids = frozenset(person_id for ids in people.values() for person_id in ids)
        letter_ids = frozenset(i for kind in people for i in self._possible_letters(people, kind))
        names = self._names(person_ids) | {str(person.name)}
        others = [other for other in self.campaign.workbook.all_people if other is not person]
        terms = find_terms(person, frozenset(names - {""}), others, _common_words(self.campaign))
        return DeletionSubject(label, terms, letter_ids, person_ids)

    def _with_unfinished(
        self, subject: DeletionSubject, unfinished: _UnfinishedDeletion | None
    ) -> DeletionSubject:
        """Return a person with the records of an unfinished deletion.

        The search terms get the names of other people.
        """
        if unfinished:
            subject = replace(
                subject,
                terms=replace(
                    subject.terms,
                    texts=subject.terms.texts - unfinished.weak_names | unfinished.texts,
                    weak_names=subject.terms.weak_names | unfinished.weak_names,
                ),
                letter_ids=subject.letter_ids | unfinished.letters,
                person_ids=subject.person_ids | unfinished.people,
            )
        ids, people = subject.person_ids, self.campaign.workbook.all_people
        present = {str(p.name) for p in people if p.place("name") not in subject.rows}
        others = present | self._names(self._labels.keys() - ids)
        terms = subject.terms.with_names_of_others(others)
        return replace(subject, terms=replace(terms, ids=ids | subject.letter_ids))

    def _possible_letters(
        self, people: Mapping[SheetKind, AbstractSet[str]], kind: SheetKind
    ) -> Iterator[str]:
        """Yield the IDs of all letters that people may have, created or not."""
        others = {record.id for record in self.ledger.people() if record.kind != kind}
        others |= {i for (of, _), i in self.campaign.identity.ids.items() if of != kind}
        for letter_id, row in self.register.rows.items():
            ids = (row.signer_id, row.recipient_id)
            own_id, other_id = ids if kind == "signer" else ids[::-1]
            others.add(other_id)
            if own_id in people[kind]:
                yield letter_id
        for person_id in people[kind]:
            for other_id in others - {""}:
                pair = (person_id, other_id)
                yield short_hash(*(pair if kind == "signer" else pair[::-1]))


def _id_in(label: str) -> str:
    """Return the ID in a label that messages print, such as `John Smith (S2)`."""
    return label.removeprefix(name_without_id(label)).strip(" ()")


def _common_words(campaign: Campaign) -> str:
    """Return the texts of templates and Settings, and headings."""
    book = campaign.workbook
    texts = [str(value) for value in book.settings.fields.values()]
    texts += (column.heading for of in (book.signers, book.recipients) for column in of.columns)
    for path in sorted((campaign.folder / TEMPLATES_FOLDER).glob("*.do*")):
        with suppress(OSError):
            texts += find_texts(read_campaign_file(path))
    return "\n".join(texts)


def _ambiguous_problem(name: str, labels: Sequence[str]) -> Problem:
    return messages.problem("forget-several", Place(f"“{name}”"), people=labels)


# Unfinished deletions, kept in the ledger until no data of the person is found.


class _UnfinishedDeletion(NamedTuple):
    """A person whose deletion has begun, and what is searched for.

    `called` are the name and the ID.
    """

    called: frozenset[str]
    letters: frozenset[str]
    people: frozenset[str]
    texts: frozenset[str]
    weak_names: frozenset[str]

    def is_of(self, subject: DeletionSubject) -> bool:
        """Return whether this is the deletion of a person."""
        is_same_person = not self.people or bool(self.people & subject.person_ids)
        return is_same_person and any(map(self.is_called, subject.names))

    def is_called(self, name: str) -> bool:
        """Return whether the person has a name or ID."""
        return any(folded(name) == folded(n) or is_same_name(name, n) for n in self.called)


def _read_unfinished(ledger: Ledger) -> list[_UnfinishedDeletion]:
    stored = json.loads(ledger.fact(PENDING_DELETIONS_FACT) or "[]")
    return [
        _UnfinishedDeletion(*(frozenset(deletion[name]) for name in _UnfinishedDeletion._fields))
        for deletion in stored
    ]


def _write_unfinished(ledger: Ledger, deletions: Sequence[_UnfinishedDeletion]) -> None:
    values = [{k: sorted(v) for k, v in deletion._asdict().items()} for deletion in deletions]
    ledger.commit(LedgerChangeSet(facts={PENDING_DELETIONS_FACT: json.dumps(values)}))


def _find_unfinished(ledger: Ledger, name: str) -> _UnfinishedDeletion | None:
    names = [*filter(folded, (name, _id_in(name)))]
    return next((d for d in _read_unfinished(ledger) if any(map(d.is_called, names))), None)


def record_start(ledger: Ledger, subject: DeletionSubject) -> None:
    """Record in the ledger whose data is being deleted, for a later run."""
    terms = subject.terms
    started = _UnfinishedDeletion(
        called=subject.names,
        letters=subject.letter_ids,
        people=subject.person_ids,
        texts=terms.texts,
        weak_names=terms.weak_names,
    )
    others = []
    for earlier in _read_unfinished(ledger):
        if earlier.is_of(subject):
            unions = (one | other for one, other in zip(started, earlier, strict=True))
            started = _UnfinishedDeletion(*unions)
        else:
            others.append(earlier)
    _write_unfinished(ledger, [*others, started])


def record_completion(ledger: Ledger, subject: DeletionSubject) -> None:
    """Remove a person without remaining data from the unfinished deletions."""
    remaining = [d for d in _read_unfinished(ledger) if not d.is_of(subject)]
    _write_unfinished(ledger, remaining)
