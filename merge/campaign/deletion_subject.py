"""Who is to be forgotten: in the workbook, else in register and ledger; who was begun with."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

from merge import messages
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import WORKBOOK_FILE
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
from merge.disk import read_campaign_file
from merge.errors import UsageError
from merge.naming import Salt, nearest_word, safe_path_part, short_hash
from merge.people import Person, SheetKind
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE, TEMPLATES_FOLDER
from merge.register.reading import Register, read_register
from merge.state.identity import PersonHashes, initial_person_id
from merge.state.ledger import PENDING_DELETIONS_FACT, Ledger, ledger_to_read
from merge.state.ledger_records import ChangeSet
from merge.text.folding import folded, folded_words, skeleton
from merge.text.names import name_without_id
from merge.values import Value
from merge.workbook.index import NAME_PLACEHOLDERS
from merge.workbook.translated_words import canonical_placeholder


@dataclass(frozen=True, slots=True)
class DeletionSubject:
    """Somebody who is to be forgotten.

    `ids` are those of the person's letters, `person_ids` the person's own; both may be empty where
    only a name is known. `rows` are the person's in the workbook. `called` are the name and the ID.
    `mentioned` are cells of other people with the name and more in them: they count as theirs.
    """

    label: str
    words: PersonWords
    letter_ids: frozenset[str] = frozenset()
    person_ids: frozenset[str] = frozenset()
    rows: tuple[Place, ...] = ()
    names: frozenset[str] = frozenset()
    mentions: tuple[Place, ...] = ()

    @property
    def is_known(self) -> bool:
        """Return whether more is known of the person than what was typed."""
        return bool(self.rows or self.person_ids or self.letter_ids)


PersonKey = tuple[SheetKind, str]
"""Which sheet somebody of the workbook is in, and the key there."""


def find_subject(campaign: Campaign, name: str, which: PersonKey | None = None) -> DeletionSubject:
    """Return who is meant by a name or ID.

    In the workbook, else whom an earlier run began with, else in register and ledger, else the name
    alone. UsageError where several are meant; `which` of those in the workbook, if it is known.
    """
    with ledger_to_read(campaign.letters_folder) as ledger:
        return _SubjectFinder(campaign, ledger).find(name, which)


def people_named(campaign: Campaign, name: str) -> list[Person]:
    """Return the people of the workbook who have a name or ID, those left out among them."""
    asked, everybody = folded(name), campaign.workbook.all_people
    return [p for p in everybody if asked and asked in {folded(p.name), folded(p.id)}]


def similar_people(campaign: Campaign, name: str, *, with_more: bool = True) -> list[Person]:
    """Return the people of the workbook who may be meant by a name.

    Their names have the same words in any order, or differ only in accents, spaces and
    punctuation. If `with_pair_data`, they may also have other words.
    """
    asked, letters = {*folded_words(name)}, skeleton(name)

    def is_like(person: Person) -> bool:
        found = {*folded_words(person.name)}
        return asked == found or (with_more and asked < found) or letters == skeleton(person.name)

    return [each for each in campaign.workbook.all_people if asked and is_like(each)]


def nearest_person(campaign: Campaign, name: str) -> Person | None:
    """Return the person of the workbook who may be meant by a name that no one has exactly."""
    like = similar_people(campaign, name)
    near = nearest_word(name, (p.name for p in campaign.workbook.all_people if p.name), 0.8)
    named = (p for p in campaign.workbook.all_people if p.name == near)
    return next(iter(like or named), None)


@dataclass
class _SubjectFinder:
    """Looks for somebody in all that knows people."""

    campaign: Campaign
    ledger: Ledger
    register: Register = field(init=False)

    def __post_init__(self) -> None:
        self.register = read_register(self.campaign.folder / REGISTER_FILE)

    def find(self, name: str, which: PersonKey | None) -> DeletionSubject:
        meant = people_named(self.campaign, name)
        meant = [p for p in meant if which in {None, (p.kind, p.key)}]
        begun = _find_unfinished(self.ledger, name)
        if len(meant) > 1:
            raise UsageError(
                _ambiguous_problem(name, [(p.label, str(p.place("name"))) for p in meant])
            )
        if meant:
            found = self._find_in_workbook(meant[0])
            if begun and not begun.people & found.person_ids:
                raise UsageError(_unfinished_problem(name, found.label, str(found.rows[0])))
        else:
            found = self._find_former_person(name, begun)
        return self._with_unfinished(found, begun) if begun else found

    def _with_unfinished(
        self, found: DeletionSubject, begun: _UnfinishedDeletion
    ) -> DeletionSubject:
        """Return a leaver with what an earlier run knew."""
        others = [p for p in self.campaign.workbook.all_people if p.place("name") not in found.rows]
        former = self._former_names(found.person_ids | begun.people)
        hashed = HashedWords(begun.words, self.ledger.salt)
        return replace(
            found,
            words=found.words.with_hashed_words(hashed, OtherPeople.from_people(others, former)),
            letter_ids=found.letter_ids | begun.letters,
            person_ids=found.person_ids | begun.people,
        )

    def _find_in_workbook(self, person: Person) -> DeletionSubject:
        own = self.campaign.identity.ids.get((person.kind, person.key))
        key = PersonHashes(self.ledger.salt).key(person)
        known = {someone.id for someone in self.ledger.people() if someone.key == key}
        known |= {own} if own else set()
        if not known and initial_person_id(person) not in self._known_person_ids:
            known = {initial_person_id(person)}
        rows = (person.place("name"),)
        found = self._make_subject(str(person.label), person, {person.kind: known})
        return replace(found, rows=rows, names=frozenset({person.name, person.id} - {""}))

    def _find_former_person(self, name: str, begun: _UnfinishedDeletion | None) -> DeletionSubject:
        """Return somebody whom the workbook does not have."""
        candidates = self._candidates(name)
        ids = frozenset(i for people in candidates.values() for i in people)
        if begun and begun.people & ids:
            candidates = {kind: people & begun.people for kind, people in candidates.items()}
        elif len(ids) > 1:
            raise UsageError(
                _ambiguous_problem(name, [(self._labels.get(i, name), "") for i in sorted(ids)])
            )
        names = {folded(each) for own in ids for each in self._names.get(own, ())}
        is_id = bool(begun) or bool(names and folded(name_without_id(name)) not in names)
        person = Person("signer", "", 0, {"name": Value("" if is_id else name)})
        return replace(self._make_subject(name, person, candidates), names=frozenset({name}))

    def _candidates(self, name: str) -> dict[SheetKind, frozenset[str]]:
        """Return the ids of people of a name or ID that register or ledger have, by their kinds."""
        here, asked = {*self.campaign.identity.ids.values()}, folded(name)
        hashes, found = PersonHashes(self.ledger.salt), dict[SheetKind, frozenset[str]]()
        kinds: tuple[SheetKind, ...] = ("signer", "recipient")
        for kind in kinds:
            keys = {hashes.key_from_text(kind, f"{root}:{asked}") for root in ("id", "name")}
            known = {s.id for s in self.ledger.people() if keys & {s.key, s.name}}
            known |= {
                own
                for own, label in self._registered_people(kind)
                if asked in {folded(label), folded(name_without_id(label))}
            }
            found[kind] = frozenset(known - here)
        return found

    def _registered_people(self, kind: SheetKind) -> Iterator[tuple[str, str]]:
        """Yield the ids and labels that the register has of signers, or of recipients."""
        yield from (known for known in self.register.names_of_people(kind) if all(known))

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {
            **dict(self._registered_people("signer")),
            **dict(self._registered_people("recipient")),
        }

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        """The names that the register has of each id: that of letters on paper, that of now."""
        found = defaultdict[str, set[str]](set)
        for own, label in (
            *self._registered_people("signer"),
            *self._registered_people("recipient"),
        ):
            found[own].add(name_without_id(label))
        return found

    @cached_property
    def _known_person_ids(self) -> set[str]:
        ours = {*self.campaign.identity.ids.values()}
        return ours | self._labels.keys() | {someone.id for someone in self.ledger.people()}

    def _make_subject(
        self, label: str, person: Person, people: Mapping[SheetKind, frozenset[str] | set[str]]
    ) -> DeletionSubject:
        """Return a leaver of that name with these ids, and the words that tell it."""
        person_ids = frozenset(own for ids in people.values() for own in ids)
        ids = frozenset(i for kind in people for i in self._possible_letters(people[kind], kind))
        everybody = (other for other in self.campaign.workbook.all_people if other is not person)
        others = OtherPeople.from_people(everybody, self._former_names(person_ids))
        common = _common_words(self.campaign)
        words = find_person_words(person, others, common, ids | person_ids)
        before = {name for own in person_ids for name in self._names.get(own, ())}
        names = (
            {safe_path_part(person.name), *before}
            if searchable(person.name) in words.unique
            else before
        )
        names = {each for each in names if not is_common_name(searchable(each), others, common)}
        words = words.with_names(names, others)
        mentioned = (
            ()
            if words.is_common_name
            else _find_mentions(person, self.campaign.workbook.all_people)
        )
        return DeletionSubject(label, words, ids, person_ids, mentions=tuple(mentioned))

    def _former_names(self, person_ids: AbstractSet[str]) -> set[str]:
        """Return the names of others whom the workbook does not have and ledger and register do."""
        gone = {someone.id for someone in self.ledger.people()} & self._labels.keys()
        gone -= person_ids | {*self.campaign.identity.ids.values()}
        return {name for own in gone for name in self._names[own]}

    def _possible_letters(
        self, people: frozenset[str] | set[str], kind: SheetKind
    ) -> Iterator[str]:
        """Yield the ids of all letters that people may ever have had, made or not."""
        others = {someone.id for someone in self.ledger.people() if someone.kind != kind}
        others |= {own for (of, _), own in self.campaign.identity.ids.items() if of != kind}
        for letter_id, row in self.register.rows.items():
            mine, other = row.signer_id, row.recipient_id
            mine, other = (mine, other) if kind == "signer" else (other, mine)
            if mine in people:
                yield letter_id
            others.add(other)
        for own in people:
            for other in others - {""}:
                yield short_hash(*((own, other) if kind == "signer" else (other, own)))


def _find_mentions(person: Person, everybody: Iterable[Person]) -> Iterator[Place]:
    """Yield the cells of others, but for names, that have the person's full name and more."""
    name = searchable(person.name)
    for other in everybody if " " in name else ():
        for tag, value in other.fields.items() if other is not person else ():
            cell = "" if canonical_placeholder(tag) in NAME_PLACEHOLDERS else searchable(value)
            if cell != name and contains_words(cell, name):
                yield other.place(tag)


def _common_words(campaign: Campaign) -> str:
    """Return the words of templates, settings, headings and themes, plain: they tell nobody."""
    book = campaign.workbook
    texts = [str(value) for value in book.settings.fields.values()]
    texts += (
        column.heading for people in (book.signers, book.recipients) for column in people.columns
    )
    for name in (WORKBOOK_FILE, REGISTER_FILE):
        texts += theme_texts(campaign.folder / name)
    for path in sorted((campaign.folder / TEMPLATES_FOLDER).glob("*.do*")):
        with suppress(OSError):
            texts += (text for _, text in find_texts(read_campaign_file(path), []))
    return searchable("\n".join(texts))


def _ambiguous_problem(name: str, people: Sequence[tuple[str, str]]) -> Problem:
    places = tuple(f"{label} ({place})" if place else label for label, place in people)
    return messages.problem("forget-several", Place(f"“{name}”"), people=places)


def _unfinished_problem(name: str, label: str, place: str) -> Problem:
    where = Place(f"“{name}”")
    return messages.problem("forget-several/unfinished", where, person=label, place=place)


# Who was begun with, kept in the ledger until nothing of the person is found any more.


@dataclass(frozen=True, slots=True)
class _UnfinishedDeletion:
    """Somebody whom a run has begun to forget; names and words as hashes."""

    name_hashes: frozenset[str]
    letters: frozenset[str]
    people: frozenset[str]
    words: tuple[HashedPhrase, ...]

    def merged_with(self, other: _UnfinishedDeletion) -> _UnfinishedDeletion:
        """Return this with what another run knew of the same person."""
        return _UnfinishedDeletion(
            name_hashes=self.name_hashes | other.name_hashes,
            letters=self.letters | other.letters,
            people=self.people | other.people,
            words=tuple({*self.words, *other.words}),
        )


def _read_unfinished(ledger: Ledger) -> list[_UnfinishedDeletion]:
    found = json.loads(ledger.fact(PENDING_DELETIONS_FACT) or "[]")
    return [
        _UnfinishedDeletion(
            name_hashes=frozenset(each["called"]),
            letters=frozenset(each["letters"]),
            people=frozenset(each["people"]),
            words=tuple(HashedPhrase(*phrase) for phrase in each["words"]),
        )
        for each in found
    ]


def _write_unfinished(ledger: Ledger, begun: Sequence[_UnfinishedDeletion]) -> None:
    values = [
        {
            "called": sorted(each.name_hashes),
            "letters": sorted(each.letters),
            "people": sorted(each.people),
            "words": sorted(each.words),
        }
        for each in begun
    ]
    ledger.commit(ChangeSet(facts={PENDING_DELETIONS_FACT: json.dumps(values)}))


def _find_unfinished(ledger: Ledger, name: str) -> _UnfinishedDeletion | None:
    hashed = _name_hashes(ledger.salt, [name])
    return next((each for each in _read_unfinished(ledger) if hashed & each.name_hashes), None)


def _name_hashes(salt: Salt, names: Sequence[str]) -> frozenset[str]:
    return frozenset(salt.hash_text(f"called {folded(name)}") for name in names if folded(name))


def record_start(ledger: Ledger, subject: DeletionSubject) -> None:
    """Write down who is being forgotten, for a run that takes it up where this one ends."""
    own = replace(
        subject.words, unique=subject.words.unique - subject.letter_ids - subject.person_ids
    )
    begun = _UnfinishedDeletion(
        name_hashes=_name_hashes(ledger.salt, [*subject.names]),
        letters=subject.letter_ids,
        people=subject.person_ids,
        words=tuple(HashedWords.from_words(own, ledger.salt).phrases),
    )
    others = []
    for each in _read_unfinished(ledger):
        if each.name_hashes & begun.name_hashes and (
            each.people & begun.people or not begun.people
        ):
            begun = begun.merged_with(each)
        else:
            others.append(each)
    _write_unfinished(ledger, [*others, begun])


def record_completion(ledger: Ledger, subject: DeletionSubject) -> None:
    """Take somebody of whom nothing is left out of what was begun."""
    called = _name_hashes(ledger.salt, [*subject.names])
    left = [
        each
        for each in _read_unfinished(ledger)
        if not (each.name_hashes & called and (each.people & subject.person_ids or not each.people))
    ]
    _write_unfinished(ledger, left)
