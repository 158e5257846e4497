"""Who is who from one run to the next, so that a corrected name keeps its letters. Pure.

A letter's id comes from the ids of its two people; a person's id from the key, the ID or else the
name, under which the program first met that person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from merge import messages
from merge.advice import Choice, DecisionRemedy
from merge.naming import NO_SALT, Salt, format_count, short_hash
from merge.people import Pair, People, Person, SheetKind
from merge.problems import Place, Problem
from merge.state.ledger_records import DecisionRecord, PersonRecord
from merge.text.folding import folded
from merge.text.names import is_correction, name_similarity, name_without_id
from merge.workbook.translated_words import canonical_placeholder

_KEY_PLACEHOLDERS = {"name", "id"}
_PROGRAM_PLACEHOLDERS = {"include", "template", "language", "name_checked"}
"""Columns that this program reads: they say nothing about who somebody is."""


@dataclass(frozen=True)
class Identity:
    """The people of the workbook, known again from earlier runs.

    `corrected` are people who had another name at the last run; `problems` concern people of whom
    it cannot be told. `people_to_record` and `renamed` are what the ledger is to learn.
    `people_in_question` are those, by kind and key, who may be somebody else than the one whose letters
    they would take over; `questions` are what staff are asked of people. `salt` is that of the
    ledger that was asked.
    """  # noqa: E501

    ids: Mapping[tuple[SheetKind, str], str]
    corrected_people: tuple[Person, ...] = ()
    problems: tuple[tuple[Problem, Person | None], ...] = ()
    people_to_record: tuple[PersonRecord, ...] = ()
    outdated_keys: tuple[str, ...] = ()
    people_in_question: frozenset[tuple[SheetKind, str]] = frozenset()
    salt: Salt = NO_SALT
    questions: tuple[IdentityQuestion, ...] = ()

    def person_id(self, person: Person) -> str:
        """Return the person's id: 16 hexadecimal digits."""
        return self.ids[person.kind, person.key]

    def letter_id(self, pair: Pair) -> str:
        """Return the id of the pair's letter: 16 hexadecimal digits."""
        signer, recipient = pair.signer, pair.recipient
        return short_hash(self.ids["signer", signer.key], self.ids["recipient", recipient.key])

    def is_in_question(self, pair: Pair) -> bool:
        """Return whether the pair's letter may be of somebody else, who was called otherwise."""
        both = {("signer", pair.signer.key), ("recipient", pair.recipient.key)}
        return not self.people_in_question.isdisjoint(both)

    def departed_people(
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


class RegisteredPerson(NamedTuple):
    """A person as the register has somebody: id, name, how many letters are wanted."""

    kind: SheetKind
    id: str
    label: str
    letter_count: int = 0
    printed_count: int = 0


class PersonHistory:
    """What else is known of earlier runs: of this one nothing. It is asked where it must be.

    `salt` is that of the hashes of people.
    """

    salt = NO_SALT

    def label(self, _kind: SheetKind, _person_id: str, /) -> str:
        """Return the name that somebody had at the last run; empty where nobody knows."""
        return ""

    def has_protected_letters(self, _kind: SheetKind, _person_id: str, /) -> bool:
        """Return whether letters of somebody's are on paper, in a batch, or edited."""
        return False

    def registered_people(self) -> Iterable[RegisteredPerson]:
        """Return everybody who has letters in the register, for a ledger that was lost."""
        return ()


class IdentityChoices(NamedTuple):
    """What staff said of people: who is the `same` under another name, who an `other`.

    By names or IDs; `decided` is what the ledger remembers. `trust_register`: whoever it has,
    and the workbook has not, left.
    """

    same_people: tuple[str, ...] = ()
    trust_register: bool = False
    other_people: tuple[str, ...] = ()
    stored_decisions: frozenset[DecisionRecord] = frozenset()

    @property
    def has_other(self) -> bool:
        """Return whether anybody is said to be somebody else."""
        return bool(self.other_people) or any(
            one.choice == "other" for one in self.stored_decisions
        )

    def choice_for(self, person: Person) -> Choice | None:
        """Return whether staff said by name that somebody is the `same`, or an `other`."""
        own = {folded(person.name), folded(person.id)}
        for choice, words in zip(
            _SAME_OR_OTHER, (self.same_people, self.other_people), strict=True
        ):
            if own & {folded(word) for word in words}:
                return choice
        return None


NO_IDENTITY_CHOICES = IdentityChoices()
_SAME_OR_OTHER: tuple[Choice, Choice] = ("same", "other")


class IdentityQuestion(NamedTuple):
    """Whether a person is the one of before, or somebody else: the person's key in the ledger."""

    person_key: str
    problem: Problem
    version_token: str


def identify(
    records: Iterable[PersonRecord],
    people: Sequence[People],
    excluded: Sequence[Person],
    history: PersonHistory | None = None,
    choices: IdentityChoices = NO_IDENTITY_CHOICES,
) -> Identity:
    """Find out who today's people are, among those who had letters.

    `left_out` are in the workbook as well, though they get no letters now.
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
    """Recognises the people of today: by key, by name, by cells. If it is not sure, it asks."""

    def __init__(
        self,
        records: Sequence[PersonRecord],
        people: Sequence[People],
        excluded: Sequence[Person],
        history: PersonHistory,
        choices: IdentityChoices,
    ) -> None:
        self._people, self._history, self._choices = people, history, choices
        self._hashes = hashes = PersonHashes(history.salt)
        present = [*excluded, *(person for sheet in people for person in sheet.persons)]
        self._stored_by_key = {someone.key: someone for someone in records}
        self._registered_by_id = (
            {} if records else {(s.kind, s.id): s for s in history.registered_people()}
        )
        self._known_by_key = self._stored_by_key or _records_from_register(
            self._registered_by_id.values(), present, hashes
        )
        here = {hashes.key(person) for person in present}
        self._absent_by_key = {k: s for k, s in self._known_by_key.items() if k not in here}
        self._taken_ids = {someone.id for someone in self._known_by_key.values()}
        self._id_attempts = Counter[tuple[SheetKind, str]]()
        self._ids: dict[tuple[SheetKind, str], str] = {}
        self._corrected_people: list[Person] = []
        self._problems: list[tuple[Problem, Person | None]] = []
        self._outdated_keys: dict[str, None] = {}
        self._unclear_keys: set[str] = set()
        self._people_in_question: set[tuple[SheetKind, str]] = set()
        self._questions: list[IdentityQuestion] = []
        self._replaced_records: list[PersonRecord] = []

    def identity(self) -> Identity:
        for sheet in self._people:
            new = [person for person in sheet.persons if not self._recognise_by_key(person)]
            self._recognise_by_name(new)
            self._recognise_by_cells(new, _cells_and_name)
            self._recognise_by_cells(new, _cells_without_id)
            came = [person for person in new if (person.kind, person.key) not in self._ids]
            self._ids.update({(p.kind, p.key): self._new_id(p) for p in came})
            self._problems += self._lost_id_problems(came)
        self._problems += self._register_only_problems()
        return Identity(
            ids=self._ids,
            corrected_people=tuple(self._corrected_people),
            problems=tuple(self._problems),
            people_to_record=self._changed_records(),
            outdated_keys=tuple(self._outdated_keys),
            people_in_question=frozenset(self._people_in_question),
            salt=self._hashes.salt,
            questions=tuple(self._questions),
        )

    def _new_id(self, person: Person) -> str:
        own, alike = initial_person_id(person), (person.kind, person.key)
        while own in self._taken_ids:
            self._id_attempts[alike] += 1
            own = short_hash(*alike, str(self._id_attempts[alike] + 1))
        self._taken_ids.add(own)
        return own

    # By key: the same ID, or the same name without one.

    def _recognise_by_key(self, person: Person) -> bool:
        someone = self._known_by_key.get(self._hashes.key(person))
        if someone is None:
            return False
        self._ids[person.kind, person.key] = someone.id
        if someone.name != self._hashes.name_key(person):
            self._judge_new_name(person, someone)
        return True

    def _judge_new_name(self, person: Person, someone: PersonRecord) -> None:
        """An ID has another name now: it is corrected, or another person's, or staff are asked."""
        if self._choice_for(person, someone) == "other":
            self._ids[person.kind, person.key] = self._new_id(person)
            self._replaced_records.append(someone)
            return
        before = self._history.label(person.kind, someone.id)
        if not before and not someone.name:
            return  # they left long ago
        if self._may_be_another(person, someone, before):
            self._ask_who_this_is(person, someone, before)
        elif self._is_id_doubtful(person, someone, before):
            problem = _id_reused_problem(person, before)
            self._add_question(person, someone, problem)
            self._problems.append((problem, person))

    # By name: somebody known by a name so far has an ID now.

    def _recognise_by_name(self, new: Sequence[Person]) -> None:
        came: dict[str, list[Person]] = defaultdict(list)
        for person in new:
            if person.id:
                came[self._hashes.name_key(person)].append(person)
        for key in (key for key in came if key in self._absent_by_key):
            someone, persons = self._absent_by_key[key], came[key]
            same = [p for p in persons if self._hashes.cells_digest(p) == someone.cells]
            if only := self._single_match([someone], same if len(same) == 1 else persons):
                self._ids[only.kind, only.key] = someone.id
                self._outdated_keys[someone.key] = None

    # By cells: the ID changed or went, or a name without an ID was corrected.

    def _recognise_by_cells(
        self, new: Sequence[Person], cells_of: Callable[[PersonRecord], bytes]
    ) -> None:
        came: dict[bytes, list[Person]] = defaultdict(list)
        for person in new:
            cells = cells_of(self._hashes.record(person))
            if cells and (person.kind, person.key) not in self._ids:
                came[cells].append(person)
        left: dict[bytes, list[PersonRecord]] = defaultdict(list)
        for someone in self._absent_by_key.values() if came else ():
            if someone.key not in self._outdated_keys:
                left[cells_of(someone)].append(someone)
        for cells, persons in came.items():
            if cells in left and (only := self._single_match(left[cells], persons)):
                self._recognise(only, left[cells][0])

    def _recognise(self, person: Person, someone: PersonRecord) -> None:
        """Take a person for the one of whom all other cells are, unless the name speaks against."""
        self._ids[person.kind, person.key] = someone.id
        before = self._history.label(person.kind, someone.id)
        renamed = someone.name != self._hashes.name_key(person)
        if renamed and self._may_be_another(person, someone, before):
            self._ask_who_this_is(person, someone, before)
        else:
            self._corrected_people.append(person)
            self._outdated_keys[someone.key] = None

    def _single_match(self, left: list[PersonRecord], came: list[Person]) -> Person | None:
        """Return the one who came, if one left and one came; of more nobody can tell.

        Those who are somebody else, as staff say, do not count.
        """
        if self._choices.has_other:
            came = [p for p in came if not any(self._choice_for(p, s) == "other" for s in left)]
        if len(left) == len(came) == 1:
            return came[0]
        self._problems += [(_ambiguous_problem(person, len(left)), person) for person in came]
        if came:
            self._unclear_keys |= {self._hashes.key(p) for p in came} | {
                someone.key for someone in left
            }
        return None

    # Whether a person may be somebody else than the one whose letters they would take over.

    def _may_be_another(self, person: Person, someone: PersonRecord, before: str) -> bool:
        """Return whether another name took the place of one whose letters must stay theirs.

        If nothing of their letters has left the house, all are made anew, and nobody is asked.
        """
        changed = self._have_cells_changed(person, someone)
        same = is_correction(before, person.name, person.kind, other_cells_changed=changed)
        if same or self._choice_for(person, someone) == "same":
            return False
        return self._history.has_protected_letters(person.kind, someone.id)

    def _is_id_doubtful(self, person: Person, someone: PersonRecord, before: str) -> bool:
        """Return whether the name under an ID may be another person's after all."""
        if self._choice_for(person, someone) == "same" or name_similarity(before, person.name) == 1:
            return False
        changed = self._have_cells_changed(person, someone)
        return changed or self._history.has_protected_letters(person.kind, someone.id)

    def _have_cells_changed(self, person: Person, someone: PersonRecord) -> bool:
        return someone.cells not in {b"", self._hashes.cells_digest(person)}

    def _ask_who_this_is(self, person: Person, someone: PersonRecord, before: str) -> None:
        """Ask staff; until they answer, the person gets no letters, and nothing is written down."""
        problem = _name_changed_problem(person, before)
        self._problems.append((problem, person))
        self._add_question(person, someone, problem)
        self._people_in_question.add((person.kind, person.key))
        self._unclear_keys |= {self._hashes.key(person), someone.key}

    def _add_question(self, person: Person, someone: PersonRecord, problem: Problem) -> None:
        same = self._decision(person, someone, "same")
        self._questions.append(IdentityQuestion(same.id, problem, same.seen.hex()))

    def _choice_for(self, person: Person, someone: PersonRecord) -> Choice | None:
        """Return whether staff say, or said, that the person is the same as someone."""
        said, decided = self._choices.choice_for(person), self._choices.stored_decisions
        if said or not decided:
            return said
        both = ((c, self._decision(person, someone, c)) for c in _SAME_OR_OTHER)
        return next((choice for choice, decision in both if decision in decided), None)

    def _decision(self, person: Person, someone: PersonRecord, choice: Choice) -> DecisionRecord:
        """Return what is remembered when staff say who somebody under another name is."""
        seen = short_hash(someone.key, someone.name, self._hashes.name_key(person))
        return DecisionRecord(self._hashes.key(person), choice, bytes.fromhex(seen))

    # What is left.

    def _resolved_keys(self) -> AbstractSet[str]:
        """Return the keys of those who were recognised, or may have been."""
        return self._unclear_keys | self._outdated_keys.keys()

    def _lost_id_problems(self, came: Sequence[Person]) -> Iterator[tuple[Problem, Person]]:
        """Yield who has the name of one who left in the same run, if not all cells agree."""
        settled = self._resolved_keys()
        left = (
            {s.name for s in self._absent_by_key.values() if s.key not in settled}
            if came
            else set()
        )
        yield from ((_id_lost_problem(p), p) for p in came if self._hashes.name_key(p) in left)

    def _register_only_problems(self) -> Iterator[tuple[Problem, None]]:
        """Yield the question who they are whom only the register has, if the ledger was lost."""
        settled = self._resolved_keys()
        gone = (s for s in self._absent_by_key.values() if s.key not in settled)
        who = [
            self._registered_by_id[s.kind, s.id]
            for s in gone
            if (s.kind, s.id) in self._registered_by_id
        ]
        if who and not self._choices.trust_register:
            yield _register_people_problem(who), None

    def _changed_records(self) -> tuple[PersonRecord, ...]:
        """Return what the ledger is to learn: who is here now, and who has just left.

        Of those who cannot be told nothing is written down, so that the question stays.
        """
        persons = [person for sheet in self._people for person in sheet.persons]
        here = [self._hashes.record(p)._replace(id=self._ids[p.kind, p.key]) for p in persons]
        replaced = (s._replace(key=f"{s.id} left") for s in self._replaced_records)
        left = [s._replace(name="", cells=b"") for s in (*self._absent_by_key.values(), *replaced)]
        settled = self._resolved_keys()
        return tuple(
            s
            for s in (*here, *left)
            if self._stored_by_key.get(s.key) != s and s.key not in settled
        )


def initial_person_id(person: Person) -> str:
    """Return the id of a person whom no earlier run knows, unless another has it."""
    return short_hash(person.kind, person.key)


@dataclass(frozen=True, slots=True)
class PersonHashes:
    """What the ledger holds of people, as hashes with its salt."""

    salt: Salt

    def key(self, person: Person) -> str:
        """Return the key of a person: of the ID, else of the name."""
        return self.salt.hash_text(initial_person_id(person))

    def name_key(self, person: Person) -> str:
        """Return the key of somebody of that name who has no ID."""
        return self.key_from_text(person.kind, f"name:{folded(person.name)}")

    def key_from_text(self, kind: SheetKind, own: str) -> str:
        """Return the key of whom a workbook has under `id:` or `name:` and that."""
        return self.salt.hash_text(short_hash(kind, own))

    def cells_digest(self, person: Person) -> bytes:
        """Return a hash of all other cells that tell who somebody is; empty where none do."""
        left_out = _KEY_PLACEHOLDERS | _PROGRAM_PLACEHOLDERS
        filled = (
            (t, folded(v))
            for t, v in person.fields.items()
            if canonical_placeholder(t) not in left_out
        )
        own = sorted(f"{tag}={value}" for tag, value in filled if value)
        return self.salt.hash_bytes(bytes.fromhex(short_hash(person.kind, *own))) if own else b""

    def record(self, person: Person) -> PersonRecord:
        """Return a person as the ledger has somebody, but for the id."""
        return PersonRecord(
            key=self.key(person),
            id="",
            kind=person.kind,
            name=self.name_key(person),
            cells=self.cells_digest(person),
        )


def _cells_and_name(someone: PersonRecord) -> bytes:
    """Return what marks a person whose ID changed or went: all other cells and the name."""
    return someone.cells and bytes.fromhex(someone.name) + someone.cells


def _cells_without_id(someone: PersonRecord) -> bytes:
    """Return what tells a person without an ID whose name was corrected: all other cells."""
    return b"" if someone.has_id else someone.cells


def _records_from_register(
    registered: Iterable[RegisteredPerson], present: Sequence[Person], hashes: PersonHashes
) -> dict[str, PersonRecord]:
    """Return people as the ledger would have them that was lost, by what the register says.

    One in the register and one in the workbook are the same person where the name and the ID agree,
    else the key, else the name, whoever has an ID by now.
    """
    left, waiting = [*registered], [*present]
    found: dict[str, PersonRecord] = {}
    ways: tuple[tuple[_TextOf[RegisteredPerson], _TextOf[Person]], ...] = (
        (lambda s: folded(s.label), lambda p: folded(f"{p.name} ({p.id})")),
        (lambda s: folded(s.label), lambda p: folded(p.label)),
        (lambda s: s.id, initial_person_id),
        (lambda s: folded(name_without_id(s.label)), lambda p: folded(p.name)),
    )
    for of_registered, of_person in ways:
        theirs, ours = _unique_by_text(left, of_registered), _unique_by_text(waiting, of_person)
        both = theirs.keys() & ours.keys()
        keys = {word: hashes.key(ours[word]) for word in both}
        found |= {key: _registered_record(theirs[word], key, hashes) for word, key in keys.items()}
        claimed = {theirs[word] for word in both}
        left = [someone for someone in left if someone not in claimed]
        waiting = [person for person in waiting if hashes.key(person) not in found]
    for someone in left:
        key = hashes.salt.hash_text(someone.id)
        key = key if key not in found else hashes.salt.hash_text(f"{someone.id} left")
        found[key] = _registered_record(someone, key, hashes)
    return found


_AnyPerson = TypeVar("_AnyPerson", RegisteredPerson, Person)
_TextOf = Callable[[_AnyPerson], str]


def _unique_by_text(
    everybody: Iterable[_AnyPerson], word: _TextOf[_AnyPerson]
) -> dict[str, _AnyPerson]:
    """Return those of whom there is but one with a word, by the kind and that."""
    alike: dict[str, list[_AnyPerson]] = defaultdict(list)
    for someone in everybody:
        alike[f"{someone.kind}:{word(someone)}"].append(someone)
    return {key: one for key, (one, *more) in alike.items() if not more}


def _registered_record(someone: RegisteredPerson, key: str, hashes: PersonHashes) -> PersonRecord:
    name = hashes.key_from_text(someone.kind, f"name:{folded(name_without_id(someone.label))}")
    return PersonRecord(key=key, id=someone.id, kind=someone.kind, name=name, cells=b"")


def _id_reused_problem(person: Person, before: str) -> Problem:
    place = person.place("name")
    if before:
        return messages.problem("id-other", place, before=before)
    return messages.problem("id-other/unknown", place)


def _id_lost_problem(person: Person) -> Problem:
    return messages.problem("id-lost", person.place("name"), name=str(person.name))


def _ambiguous_problem(person: Person, left: int) -> Problem:
    return messages.problem("who-is-who", person.place("name"), name=str(person.name), left=left)


def _name_changed_problem(person: Person, before: str) -> Problem:
    place, name = person.place("name"), str(person.name)
    same, other = (DecisionRemedy(choice, person.id or name) for choice in _SAME_OR_OTHER)
    if not before:
        return messages.problem("name-changed/unknown", place, name=name, same=same, other=other)
    return messages.problem("name-changed", place, before=before, name=name, same=same, other=other)


def _register_people_problem(who: Sequence[RegisteredPerson]) -> Problem:
    named = [
        f"{s.label} ({format_count(s.letter_count, 'letter')}, {s.printed_count:,} printed)"
        for s in who
    ]
    return messages.problem("register-people", Place("register.xlsx"), people=named)
