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
from merge.campaign.file_texts import texts_in, theme_texts
from merge.campaign.person_words import (
    HashedPhrase,
    HashedWords,
    OtherPeople,
    PersonWords,
    has_words,
    is_common,
    plain,
    words_of,
)
from merge.campaign.places import WORKBOOK_FILE
from merge.disk import read_campaign_file
from merge.errors import UsageError
from merge.naming import Salt, nearest, safe_part, short_hash
from merge.people import Person, SheetKind
from merge.problems import Place, Problem
from merge.product import REGISTER_FILE, TEMPLATES_FOLDER
from merge.register.reading import Register, read_register
from merge.state.identity import PersonHashes, first_id
from merge.state.ledger import LEAVING_FACT, Ledger, ledger_to_read
from merge.state.ledger_records import ChangeSet
from merge.text.folding import folded, skeleton, words
from merge.text.names import bare_name
from merge.values import Value
from merge.workbook.index import NAME_TAGS
from merge.workbook.words import own_tag


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who is to be forgotten.

    `ids` are those of the person's letters, `person_ids` the person's own; both may be empty where
    only a name is known. `rows` are the person's in the workbook. `called` are the name and the ID.
    `mentioned` are cells of other people with the name and more in them: they count as theirs.
    """

    label: str
    words: PersonWords
    ids: frozenset[str] = frozenset()
    person_ids: frozenset[str] = frozenset()
    rows: tuple[Place, ...] = ()
    called: frozenset[str] = frozenset()
    mentioned: tuple[Place, ...] = ()

    @property
    def is_known(self) -> bool:
        """Return whether more is known of the person than what was typed."""
        return bool(self.rows or self.person_ids or self.ids)


PersonKey = tuple[SheetKind, str]
"""Which sheet somebody of the workbook is in, and the key there."""


def find_leaver(campaign: Campaign, name: str, which: PersonKey | None = None) -> Leaver:
    """Return who is meant by a name or ID.

    In the workbook, else whom an earlier run began with, else in register and ledger, else the name
    alone. UsageError where several are meant; `which` of those in the workbook, if it is known.
    """
    with ledger_to_read(campaign.letters_folder) as ledger:
        return _LeaverFinder(campaign, ledger).find(name, which)


def people_called(campaign: Campaign, name: str) -> list[Person]:
    """Return the people of the workbook who have a name or ID, those left out among them."""
    asked, everybody = folded(name), campaign.workbook.everybody
    return [p for p in everybody if asked and asked in {folded(p.name), folded(p.id)}]


def people_like(campaign: Campaign, name: str, *, with_more: bool = True) -> list[Person]:
    """Return the people of the workbook who may be meant by a name.

    Their names have the same words in any order, or differ only in accents, spaces and
    punctuation. If `with_more`, they may also have other words.
    """
    asked, letters = {*words(name)}, skeleton(name)

    def is_like(person: Person) -> bool:
        found = {*words(person.name)}
        return asked == found or (with_more and asked < found) or letters == skeleton(person.name)

    return [each for each in campaign.workbook.everybody if asked and is_like(each)]


def nearest_person(campaign: Campaign, name: str) -> Person | None:
    """Return the person of the workbook who may be meant by a name that no one has exactly."""
    like = people_like(campaign, name)
    near = nearest(name, (p.name for p in campaign.workbook.everybody if p.name), 0.8)
    named = (p for p in campaign.workbook.everybody if p.name == near)
    return next(iter(like or named), None)


@dataclass
class _LeaverFinder:
    """Looks for somebody in all that knows people."""

    campaign: Campaign
    ledger: Ledger
    register: Register = field(init=False)

    def __post_init__(self) -> None:
        self.register = read_register(self.campaign.folder / REGISTER_FILE)

    def find(self, name: str, which: PersonKey | None) -> Leaver:
        meant = people_called(self.campaign, name)
        meant = [p for p in meant if which in {None, (p.kind, p.key)}]
        begun = _find_begun(self.ledger, name)
        if len(meant) > 1:
            raise UsageError(_several(name, [(p.label, str(p.place("name"))) for p in meant]))
        if meant:
            found = self._in_workbook(meant[0])
            if begun and not begun.people & found.person_ids:
                raise UsageError(_one_begun(name, found.label, str(found.rows[0])))
        else:
            found = self._gone(name, begun)
        return self._with_begun(found, begun) if begun else found

    def _with_begun(self, found: Leaver, begun: _Begun) -> Leaver:
        """Return a leaver with what an earlier run knew."""
        others = [p for p in self.campaign.workbook.everybody if p.place("name") not in found.rows]
        former = self._former(found.person_ids | begun.people)
        hashed = HashedWords(begun.words, self.ledger.salt)
        return replace(
            found,
            words=found.words.with_hashed(hashed, OtherPeople.of(others, former)),
            ids=found.ids | begun.letters,
            person_ids=found.person_ids | begun.people,
        )

    def _in_workbook(self, person: Person) -> Leaver:
        own = self.campaign.identity.ids.get((person.kind, person.key))
        key = PersonHashes(self.ledger.salt).key(person)
        known = {someone.id for someone in self.ledger.people() if someone.key == key}
        known |= {own} if own else set()
        if not known and first_id(person) not in self._known_people:
            known = {first_id(person)}
        rows = (person.place("name"),)
        found = self._leaver(str(person.label), person, {person.kind: known})
        return replace(found, rows=rows, called=frozenset({person.name, person.id} - {""}))

    def _gone(self, name: str, begun: _Begun | None) -> Leaver:
        """Return somebody whom the workbook does not have."""
        candidates = self._candidates(name)
        ids = frozenset(i for people in candidates.values() for i in people)
        if begun and begun.people & ids:
            candidates = {kind: people & begun.people for kind, people in candidates.items()}
        elif len(ids) > 1:
            raise UsageError(_several(name, [(self._labels.get(i, name), "") for i in sorted(ids)]))
        names = {folded(each) for own in ids for each in self._names.get(own, ())}
        is_id = bool(begun) or bool(names and folded(bare_name(name)) not in names)
        person = Person("signer", "", 0, {"name": Value("" if is_id else name)})
        return replace(self._leaver(name, person, candidates), called=frozenset({name}))

    def _candidates(self, name: str) -> dict[SheetKind, frozenset[str]]:
        """Return the ids of people of a name or ID that register or ledger have, by their kinds."""
        here, asked = {*self.campaign.identity.ids.values()}, folded(name)
        hashes, found = PersonHashes(self.ledger.salt), dict[SheetKind, frozenset[str]]()
        kinds: tuple[SheetKind, ...] = ("signer", "recipient")
        for kind in kinds:
            keys = {hashes.key_of(kind, f"{root}:{asked}") for root in ("id", "name")}
            known = {s.id for s in self.ledger.people() if keys & {s.key, s.name}}
            known |= {
                own
                for own, label in self._people_of(kind)
                if asked in {folded(label), folded(bare_name(label))}
            }
            found[kind] = frozenset(known - here)
        return found

    def _people_of(self, kind: SheetKind) -> Iterator[tuple[str, str]]:
        """Yield the ids and labels that the register has of signers, or of recipients."""
        yield from (known for known in self.register.names_of_people(kind) if all(known))

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {**dict(self._people_of("signer")), **dict(self._people_of("recipient"))}

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        """The names that the register has of each id: that of letters on paper, that of now."""
        found = defaultdict[str, set[str]](set)
        for own, label in (*self._people_of("signer"), *self._people_of("recipient")):
            found[own].add(bare_name(label))
        return found

    @cached_property
    def _known_people(self) -> set[str]:
        ours = {*self.campaign.identity.ids.values()}
        return ours | self._labels.keys() | {someone.id for someone in self.ledger.people()}

    def _leaver(
        self, label: str, person: Person, people: Mapping[SheetKind, frozenset[str] | set[str]]
    ) -> Leaver:
        """Return a leaver of that name with these ids, and the words that tell it."""
        person_ids = frozenset(own for ids in people.values() for own in ids)
        ids = frozenset(i for kind in people for i in self._letters_of(people[kind], kind))
        everybody = (other for other in self.campaign.workbook.everybody if other is not person)
        others = OtherPeople.of(everybody, self._former(person_ids))
        common = _common(self.campaign)
        words = words_of(person, others, common, ids | person_ids)
        before = {name for own in person_ids for name in self._names.get(own, ())}
        names = {safe_part(person.name), *before} if plain(person.name) in words.own else before
        names = {each for each in names if not is_common(plain(each), others, common)}
        words = words.with_names(names, others)
        mentioned = () if words.is_common else _mentioned(person, self.campaign.workbook.everybody)
        return Leaver(label, words, ids, person_ids, mentioned=tuple(mentioned))

    def _former(self, person_ids: AbstractSet[str]) -> set[str]:
        """Return the names of others whom the workbook does not have and ledger and register do."""
        gone = {someone.id for someone in self.ledger.people()} & self._labels.keys()
        gone -= person_ids | {*self.campaign.identity.ids.values()}
        return {name for own in gone for name in self._names[own]}

    def _letters_of(self, people: frozenset[str] | set[str], kind: SheetKind) -> Iterator[str]:
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


def _mentioned(person: Person, everybody: Iterable[Person]) -> Iterator[Place]:
    """Yield the cells of others, but for names, that have the person's full name and more."""
    name = plain(person.name)
    for other in everybody if " " in name else ():
        for tag, value in other.fields.items() if other is not person else ():
            cell = "" if own_tag(tag) in NAME_TAGS else plain(value)
            if cell != name and has_words(cell, name):
                yield other.place(tag)


def _common(campaign: Campaign) -> str:
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
            texts += (text for _, text in texts_in(read_campaign_file(path), []))
    return plain("\n".join(texts))


def _several(name: str, people: Sequence[tuple[str, str]]) -> Problem:
    places = tuple(f"{label} ({place})" if place else label for label, place in people)
    return messages.problem("forget-several", Place(f"“{name}”"), people=places)


def _one_begun(name: str, label: str, place: str) -> Problem:
    where = Place(f"“{name}”")
    return messages.problem("forget-several/unfinished", where, person=label, place=place)


# Who was begun with, kept in the ledger until nothing of the person is found any more.


@dataclass(frozen=True, slots=True)
class _Begun:
    """Somebody whom a run has begun to forget; names and words as hashes."""

    called: frozenset[str]
    letters: frozenset[str]
    people: frozenset[str]
    words: tuple[HashedPhrase, ...]

    def joined(self, other: _Begun) -> _Begun:
        """Return this with what another run knew of the same person."""
        return _Begun(
            called=self.called | other.called,
            letters=self.letters | other.letters,
            people=self.people | other.people,
            words=tuple({*self.words, *other.words}),
        )


def _read_begun(ledger: Ledger) -> list[_Begun]:
    found = json.loads(ledger.fact(LEAVING_FACT) or "[]")
    return [
        _Begun(
            called=frozenset(each["called"]),
            letters=frozenset(each["letters"]),
            people=frozenset(each["people"]),
            words=tuple(HashedPhrase(*phrase) for phrase in each["words"]),
        )
        for each in found
    ]


def _write_begun(ledger: Ledger, begun: Sequence[_Begun]) -> None:
    values = [
        {
            "called": sorted(each.called),
            "letters": sorted(each.letters),
            "people": sorted(each.people),
            "words": sorted(each.words),
        }
        for each in begun
    ]
    ledger.commit(ChangeSet(facts={LEAVING_FACT: json.dumps(values)}))


def _find_begun(ledger: Ledger, name: str) -> _Begun | None:
    hashed = _called(ledger.salt, [name])
    return next((each for each in _read_begun(ledger) if hashed & each.called), None)


def _called(salt: Salt, names: Sequence[str]) -> frozenset[str]:
    return frozenset(salt.text(f"called {folded(name)}") for name in names if folded(name))


def note_begun(ledger: Ledger, leaver: Leaver) -> None:
    """Write down who is being forgotten, for a run that takes it up where this one ends."""
    own = replace(leaver.words, own=leaver.words.own - leaver.ids - leaver.person_ids)
    begun = _Begun(
        called=_called(ledger.salt, [*leaver.called]),
        letters=leaver.ids,
        people=leaver.person_ids,
        words=tuple(HashedWords.of(own, ledger.salt).phrases),
    )
    others = []
    for each in _read_begun(ledger):
        if each.called & begun.called and (each.people & begun.people or not begun.people):
            begun = begun.joined(each)
        else:
            others.append(each)
    _write_begun(ledger, [*others, begun])


def note_done(ledger: Ledger, leaver: Leaver) -> None:
    """Take somebody of whom nothing is left out of what was begun."""
    called = _called(ledger.salt, [*leaver.called])
    left = [
        each
        for each in _read_begun(ledger)
        if not (each.called & called and (each.people & leaver.person_ids or not each.people))
    ]
    _write_begun(ledger, left)
