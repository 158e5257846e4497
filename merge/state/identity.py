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
from merge.advice import Choice, Decide
from merge.naming import NO_SALT, Salt, counted, short_hash
from merge.people import Pair, People, Person, SheetKind
from merge.problems import Place, Problem
from merge.state.ledger_records import DecisionRecord, PersonRecord
from merge.text.folding import folded
from merge.text.names import bare_name, is_correction, name_likeness
from merge.workbook.words import own_tag

_KEYS = {"name", "id"}
_OURS = {"include", "template", "language", "name_checked"}
"""Columns that this program reads: they say nothing about who somebody is."""


@dataclass(frozen=True)
class Identity:
    """The people of the workbook, known again from earlier runs.

    `corrected` are people who had another name at the last run; `problems` concern people of whom
    it cannot be told. `people_to_record` and `renamed` are what the ledger is to learn.
    `asked_about` are those, by kind and key, who may be somebody else than the one whose letters
    they would take over; `questions` are what staff are asked of people. `salt` is that of the
    ledger that was asked.
    """

    ids: Mapping[tuple[SheetKind, str], str]
    corrected: tuple[Person, ...] = ()
    problems: tuple[tuple[Problem, Person | None], ...] = ()
    people_to_record: tuple[PersonRecord, ...] = ()
    renamed: tuple[str, ...] = ()
    asked_about: frozenset[tuple[SheetKind, str]] = frozenset()
    salt: Salt = NO_SALT
    questions: tuple[PersonQuestion, ...] = ()

    def person(self, person: Person) -> str:
        """Return the person's id: 16 hexadecimal digits."""
        return self.ids[person.kind, person.key]

    def letter(self, pair: Pair) -> str:
        """Return the id of the pair's letter: 16 hexadecimal digits."""
        signer, recipient = pair.signer, pair.recipient
        return short_hash(self.ids["signer", signer.key], self.ids["recipient", recipient.key])

    def is_asked_about(self, pair: Pair) -> bool:
        """Return whether the pair's letter may be of somebody else, who was called otherwise."""
        both = {("signer", pair.signer.key), ("recipient", pair.recipient.key)}
        return not self.asked_about.isdisjoint(both)

    def departed(
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
    letters: int = 0
    on_paper: int = 0


class Past:
    """What else is known of earlier runs: of this one nothing. It is asked where it must be.

    `salt` is that of the hashes of people.
    """

    salt = NO_SALT

    def label(self, _kind: SheetKind, _person_id: str, /) -> str:
        """Return the name that somebody had at the last run; empty where nobody knows."""
        return ""

    def is_at_stake(self, _kind: SheetKind, _person_id: str, /) -> bool:
        """Return whether letters of somebody's are on paper, in a batch, or edited."""
        return False

    def people(self) -> Iterable[RegisteredPerson]:
        """Return everybody who has letters in the register, for a ledger that was lost."""
        return ()


class Answers(NamedTuple):
    """What staff said of people: who is the `same` under another name, who an `other`.

    By names or IDs; `decided` is what the ledger remembers. `trust_register`: whoever it has,
    and the workbook has not, left.
    """

    same: tuple[str, ...] = ()
    trust_register: bool = False
    other: tuple[str, ...] = ()
    decided: frozenset[DecisionRecord] = frozenset()

    @property
    def say_other(self) -> bool:
        """Return whether anybody is said to be somebody else."""
        return bool(self.other) or any(one.choice == "other" for one in self.decided)

    def of(self, person: Person) -> Choice | None:
        """Return whether staff said by name that somebody is the `same`, or an `other`."""
        own = {folded(person.name), folded(person.id)}
        for choice, words in zip(_SAME_OR_OTHER, (self.same, self.other), strict=True):
            if own & {folded(word) for word in words}:
                return choice
        return None


NO_ANSWERS = Answers()
_SAME_OR_OTHER: tuple[Choice, Choice] = ("same", "other")


class PersonQuestion(NamedTuple):
    """Whether a person is the one of before, or somebody else: the person's key in the ledger."""

    about: str
    problem: Problem
    seen: str


def identify(
    known: Iterable[PersonRecord],
    people: Sequence[People],
    left_out: Sequence[Person],
    past: Past | None = None,
    answers: Answers = NO_ANSWERS,
) -> Identity:
    """Find out who today's people are, among those who had letters.

    `left_out` are in the workbook as well, though they get no letters now.
    """
    matcher = _PersonMatcher(
        stored=[*known], people=people, left_out=left_out, past=past or Past(), answers=answers
    )
    return matcher.identity()


class _PersonMatcher:
    """Recognises the people of today: by key, by name, by cells. If it is not sure, it asks."""

    def __init__(
        self,
        stored: Sequence[PersonRecord],
        people: Sequence[People],
        left_out: Sequence[Person],
        past: Past,
        answers: Answers,
    ) -> None:
        self._people, self._past, self._answers = people, past, answers
        self._hashes = hashes = PersonHashes(past.salt)
        present = [*left_out, *(person for sheet in people for person in sheet.persons)]
        self._stored = {someone.key: someone for someone in stored}
        self._registered = {} if stored else {(s.kind, s.id): s for s in past.people()}
        self._known = self._stored or _found_again(self._registered.values(), present, hashes)
        here = {hashes.key(person) for person in present}
        self._gone = {k: s for k, s in self._known.items() if k not in here}
        self._taken = {someone.id for someone in self._known.values()}
        self._tried = Counter[tuple[SheetKind, str]]()
        self._ids: dict[tuple[SheetKind, str], str] = {}
        self._corrected: list[Person] = []
        self._problems: list[tuple[Problem, Person | None]] = []
        self._renamed: dict[str, None] = {}
        self._unclear: set[str] = set()
        self._asked: set[tuple[SheetKind, str]] = set()
        self._questions: list[PersonQuestion] = []
        self._replaced: list[PersonRecord] = []

    def identity(self) -> Identity:
        for sheet in self._people:
            new = [person for person in sheet.persons if not self._recognise_by_key(person)]
            self._recognise_by_name(new)
            self._recognise_by_cells(new, _with_another_id)
            self._recognise_by_cells(new, _under_another_name)
            came = [person for person in new if (person.kind, person.key) not in self._ids]
            self._ids.update({(p.kind, p.key): self._new_id(p) for p in came})
            self._problems += self._lost_id_warnings(came)
        self._problems += self._registered_only()
        return Identity(
            ids=self._ids,
            corrected=tuple(self._corrected),
            problems=tuple(self._problems),
            people_to_record=self._changed_records(),
            renamed=tuple(self._renamed),
            asked_about=frozenset(self._asked),
            salt=self._hashes.salt,
            questions=tuple(self._questions),
        )

    def _new_id(self, person: Person) -> str:
        own, alike = first_id(person), (person.kind, person.key)
        while own in self._taken:
            self._tried[alike] += 1
            own = short_hash(*alike, str(self._tried[alike] + 1))
        self._taken.add(own)
        return own

    # By key: the same ID, or the same name without one.

    def _recognise_by_key(self, person: Person) -> bool:
        someone = self._known.get(self._hashes.key(person))
        if someone is None:
            return False
        self._ids[person.kind, person.key] = someone.id
        if someone.name != self._hashes.name(person):
            self._judge_new_name(person, someone)
        return True

    def _judge_new_name(self, person: Person, someone: PersonRecord) -> None:
        """An ID has another name now: it is corrected, or another person's, or staff are asked."""
        if self._answer(person, someone) == "other":
            self._ids[person.kind, person.key] = self._new_id(person)
            self._replaced.append(someone)
            return
        before = self._past.label(person.kind, someone.id)
        if not before and not someone.name:
            return  # they left long ago
        if self._may_be_another(person, someone, before):
            self._ask_who_it_is(person, someone, before)
        elif self._is_id_doubtful(person, someone, before):
            problem = _id_reused_problem(person, before)
            self._add_question(person, someone, problem)
            self._problems.append((problem, person))

    # By name: somebody known by a name so far has an ID now.

    def _recognise_by_name(self, new: Sequence[Person]) -> None:
        came: dict[str, list[Person]] = defaultdict(list)
        for person in new:
            if person.id:
                came[self._hashes.name(person)].append(person)
        for key in (key for key in came if key in self._gone):
            someone, persons = self._gone[key], came[key]
            same = [p for p in persons if self._hashes.cells(p) == someone.cells]
            if only := self._only_one([someone], same if len(same) == 1 else persons):
                self._ids[only.kind, only.key] = someone.id
                self._renamed[someone.key] = None

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
        for someone in self._gone.values() if came else ():
            if someone.key not in self._renamed:
                left[cells_of(someone)].append(someone)
        for cells, persons in came.items():
            if cells in left and (only := self._only_one(left[cells], persons)):
                self._recognise(only, left[cells][0])

    def _recognise(self, person: Person, someone: PersonRecord) -> None:
        """Take a person for the one of whom all other cells are, unless the name speaks against."""
        self._ids[person.kind, person.key] = someone.id
        before = self._past.label(person.kind, someone.id)
        renamed = someone.name != self._hashes.name(person)
        if renamed and self._may_be_another(person, someone, before):
            self._ask_who_it_is(person, someone, before)
        else:
            self._corrected.append(person)
            self._renamed[someone.key] = None

    def _only_one(self, left: list[PersonRecord], came: list[Person]) -> Person | None:
        """Return the one who came, if one left and one came; of more nobody can tell.

        Those who are somebody else, as staff say, do not count.
        """
        if self._answers.say_other:
            came = [p for p in came if not any(self._answer(p, s) == "other" for s in left)]
        if len(left) == len(came) == 1:
            return came[0]
        self._problems += [(_ambiguous_problem(person, len(left)), person) for person in came]
        if came:
            self._unclear |= {self._hashes.key(p) for p in came} | {someone.key for someone in left}
        return None

    # Whether a person may be somebody else than the one whose letters they would take over.

    def _may_be_another(self, person: Person, someone: PersonRecord, before: str) -> bool:
        """Return whether another name took the place of one whose letters must stay theirs.

        If nothing of their letters has left the house, all are made anew, and nobody is asked.
        """
        changed = self._have_cells_changed(person, someone)
        same = is_correction(before, person.name, person.kind, others_changed=changed)
        if same or self._answer(person, someone) == "same":
            return False
        return self._past.is_at_stake(person.kind, someone.id)

    def _is_id_doubtful(self, person: Person, someone: PersonRecord, before: str) -> bool:
        """Return whether the name under an ID may be another person's after all."""
        if self._answer(person, someone) == "same" or name_likeness(before, person.name) == 1:
            return False
        changed = self._have_cells_changed(person, someone)
        return changed or self._past.is_at_stake(person.kind, someone.id)

    def _have_cells_changed(self, person: Person, someone: PersonRecord) -> bool:
        return someone.cells not in {b"", self._hashes.cells(person)}

    def _ask_who_it_is(self, person: Person, someone: PersonRecord, before: str) -> None:
        """Ask staff; until they answer, the person gets no letters, and nothing is written down."""
        problem = _name_changed_problem(person, before)
        self._problems.append((problem, person))
        self._add_question(person, someone, problem)
        self._asked.add((person.kind, person.key))
        self._unclear |= {self._hashes.key(person), someone.key}

    def _add_question(self, person: Person, someone: PersonRecord, problem: Problem) -> None:
        same = self._decision(person, someone, "same")
        self._questions.append(PersonQuestion(same.id, problem, same.seen.hex()))

    def _answer(self, person: Person, someone: PersonRecord) -> Choice | None:
        """Return whether staff say, or said, that the person is the same as someone."""
        said, decided = self._answers.of(person), self._answers.decided
        if said or not decided:
            return said
        both = ((c, self._decision(person, someone, c)) for c in _SAME_OR_OTHER)
        return next((choice for choice, decision in both if decision in decided), None)

    def _decision(self, person: Person, someone: PersonRecord, choice: Choice) -> DecisionRecord:
        """Return what is remembered when staff say who somebody under another name is."""
        seen = short_hash(someone.key, someone.name, self._hashes.name(person))
        return DecisionRecord(self._hashes.key(person), choice, bytes.fromhex(seen))

    # What is left.

    def _settled(self) -> AbstractSet[str]:
        """Return the keys of those who were recognised, or may have been."""
        return self._unclear | self._renamed.keys()

    def _lost_id_warnings(self, came: Sequence[Person]) -> Iterator[tuple[Problem, Person]]:
        """Yield who has the name of one who left in the same run, if not all cells agree."""
        settled = self._settled()
        left = {s.name for s in self._gone.values() if s.key not in settled} if came else set()
        yield from ((_id_lost_problem(p), p) for p in came if self._hashes.name(p) in left)

    def _registered_only(self) -> Iterator[tuple[Problem, None]]:
        """Yield the question who they are whom only the register has, if the ledger was lost."""
        settled = self._settled()
        gone = (s for s in self._gone.values() if s.key not in settled)
        who = [self._registered[s.kind, s.id] for s in gone if (s.kind, s.id) in self._registered]
        if who and not self._answers.trust_register:
            yield _strangers_problem(who), None

    def _changed_records(self) -> tuple[PersonRecord, ...]:
        """Return what the ledger is to learn: who is here now, and who has just left.

        Of those who cannot be told nothing is written down, so that the question stays.
        """
        persons = [person for sheet in self._people for person in sheet.persons]
        here = [self._hashes.record(p)._replace(id=self._ids[p.kind, p.key]) for p in persons]
        replaced = (s._replace(key=f"{s.id} left") for s in self._replaced)
        left = [s._replace(name="", cells=b"") for s in (*self._gone.values(), *replaced)]
        settled = self._settled()
        return tuple(
            s for s in (*here, *left) if self._stored.get(s.key) != s and s.key not in settled
        )


def first_id(person: Person) -> str:
    """Return the id of a person whom no earlier run knows, unless another has it."""
    return short_hash(person.kind, person.key)


@dataclass(frozen=True, slots=True)
class PersonHashes:
    """What the ledger holds of people, as hashes with its salt."""

    salt: Salt

    def key(self, person: Person) -> str:
        """Return the key of a person: of the ID, else of the name."""
        return self.salt.text(first_id(person))

    def name(self, person: Person) -> str:
        """Return the key of somebody of that name who has no ID."""
        return self.key_of(person.kind, f"name:{folded(person.name)}")

    def key_of(self, kind: SheetKind, own: str) -> str:
        """Return the key of whom a workbook has under `id:` or `name:` and that."""
        return self.salt.text(short_hash(kind, own))

    def cells(self, person: Person) -> bytes:
        """Return a hash of all other cells that tell who somebody is; empty where none do."""
        left_out = _KEYS | _OURS
        filled = ((t, folded(v)) for t, v in person.fields.items() if own_tag(t) not in left_out)
        own = sorted(f"{tag}={value}" for tag, value in filled if value)
        return self.salt.data(bytes.fromhex(short_hash(person.kind, *own))) if own else b""

    def record(self, person: Person) -> PersonRecord:
        """Return a person as the ledger has somebody, but for the id."""
        return PersonRecord(
            key=self.key(person),
            id="",
            kind=person.kind,
            name=self.name(person),
            cells=self.cells(person),
        )


def _with_another_id(someone: PersonRecord) -> bytes:
    """Return what marks a person whose ID changed or went: all other cells and the name."""
    return someone.cells and bytes.fromhex(someone.name) + someone.cells


def _under_another_name(someone: PersonRecord) -> bytes:
    """Return what tells a person without an ID whose name was corrected: all other cells."""
    return b"" if someone.has_id else someone.cells


def _found_again(
    registered: Iterable[RegisteredPerson], present: Sequence[Person], hashes: PersonHashes
) -> dict[str, PersonRecord]:
    """Return people as the ledger would have them that was lost, by what the register says.

    One in the register and one in the workbook are the same person where the name and the ID agree,
    else the key, else the name, whoever has an ID by now.
    """
    left, waiting = [*registered], [*present]
    found: dict[str, PersonRecord] = {}
    ways: tuple[tuple[_WordOf[RegisteredPerson], _WordOf[Person]], ...] = (
        (lambda s: folded(s.label), lambda p: folded(f"{p.name} ({p.id})")),
        (lambda s: folded(s.label), lambda p: folded(p.label)),
        (lambda s: s.id, first_id),
        (lambda s: folded(bare_name(s.label)), lambda p: folded(p.name)),
    )
    for of_registered, of_person in ways:
        theirs, ours = _single(left, of_registered), _single(waiting, of_person)
        both = theirs.keys() & ours.keys()
        keys = {word: hashes.key(ours[word]) for word in both}
        found |= {key: _as_record(theirs[word], key, hashes) for word, key in keys.items()}
        claimed = {theirs[word] for word in both}
        left = [someone for someone in left if someone not in claimed]
        waiting = [person for person in waiting if hashes.key(person) not in found]
    for someone in left:
        key = hashes.salt.text(someone.id)
        key = key if key not in found else hashes.salt.text(f"{someone.id} left")
        found[key] = _as_record(someone, key, hashes)
    return found


_Someone = TypeVar("_Someone", RegisteredPerson, Person)
_WordOf = Callable[[_Someone], str]


def _single(everybody: Iterable[_Someone], word: _WordOf[_Someone]) -> dict[str, _Someone]:
    """Return those of whom there is but one with a word, by the kind and that."""
    alike: dict[str, list[_Someone]] = defaultdict(list)
    for someone in everybody:
        alike[f"{someone.kind}:{word(someone)}"].append(someone)
    return {key: one for key, (one, *more) in alike.items() if not more}


def _as_record(someone: RegisteredPerson, key: str, hashes: PersonHashes) -> PersonRecord:
    name = hashes.key_of(someone.kind, f"name:{folded(bare_name(someone.label))}")
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
    same, other = (Decide(choice, person.id or name) for choice in _SAME_OR_OTHER)
    if not before:
        return messages.problem("name-changed/unknown", place, name=name, same=same, other=other)
    return messages.problem("name-changed", place, before=before, name=name, same=same, other=other)


def _strangers_problem(who: Sequence[RegisteredPerson]) -> Problem:
    named = [f"{s.label} ({counted(s.letters, 'letter')}, {s.on_paper:,} printed)" for s in who]
    return messages.problem("register-people", Place("register.xlsx"), people=named)
