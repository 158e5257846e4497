"""Who is who from one run to the next, so that a corrected name keeps its letters. Pure.

A letter's id comes from the ids of its two people; a person's id from the key, the ID or else the
name, under which the program first met that person.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple, TypeVar

from merge import messages
from merge.advice import Choice, Decide
from merge.naming import NO_SALT, Salt, counted, short_hash
from merge.people import Pair, People, Person, SheetKind
from merge.problems import Place, Problem
from merge.state.ledger_records import DecisionRecord, PersonRecord
from merge.text.folding import folded, plain_letters
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


_Alike = tuple[list[PersonRecord], list[Person]]


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
    matcher = _PersonMatcher([*known], people, left_out, past or Past(), answers)
    return matcher.identity()


class _PersonMatcher:
    """Looks for each person in the ledger, by key, then by what else tells who it is."""

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
            new = [person for person in sheet.persons if not self._is_known(person)]
            for alike in self._given_ids(new):
                self._settle(*alike, told=False)
            for told_by in (_with_another_id, _under_another_name):
                for alike in self._alike(new, told_by):
                    self._settle(*alike)
            came = [person for person in new if (person.kind, person.key) not in self._ids]
            self._ids.update({(p.kind, p.key): self._new_id(p) for p in came})
            self._problems += self._doubts_about(came)
        self._problems += self._strangers()
        return Identity(
            self._ids,
            tuple(self._corrected),
            tuple(self._problems),
            self._met(),
            tuple(self._renamed),
            frozenset(self._asked),
            self._hashes.salt,
            tuple(self._questions),
        )

    def _new_id(self, person: Person) -> str:
        own, alike = first_id(person), (person.kind, person.key)
        while own in self._taken:
            self._tried[alike] += 1
            own = short_hash(*alike, str(self._tried[alike] + 1))
        self._taken.add(own)
        return own

    def _is_known(self, person: Person) -> bool:
        someone = self._known.get(self._hashes.key(person))
        if someone is None:
            return False
        self._ids[person.kind, person.key] = someone.id
        if someone.name != self._hashes.name(person):
            if self._answer(person, someone) == "other":
                self._ids[person.kind, person.key] = self._new_id(person)
                self._replaced.append(someone)
                return True
            before = self._past.label(person.kind, someone.id)
            if not before and not someone.name:
                return True  # who left long ago
            if not self._asks(person, someone, before):
                self._problems += self._doubt_about_id(person, someone, before)
        return True

    def _asks(self, person: Person, someone: PersonRecord, before: str) -> bool:
        """Ask where another name took the place of one whose letters must not become another's."""
        changed = someone.cells not in {b"", self._hashes.cells(person)}
        same = is_correction(before, person.name, person.kind, others_changed=changed)
        if same or self._answer(person, someone) == "same":
            return False
        if not self._past.is_at_stake(person.kind, someone.id):
            return False  # all letters are made anew, and nothing of them has left the house
        problem = _name_changed_problem(person, before)
        self._problems.append((problem, person))
        self._ask(person, someone, problem)
        self._asked.add((person.kind, person.key))
        self._unclear |= {self._hashes.key(person), someone.key}
        return True

    def _doubt_about_id(
        self, person: Person, someone: PersonRecord, before: str
    ) -> Iterator[tuple[Problem, Person]]:
        """Yield a warning where the name under an ID may be another person's after all."""
        said = self._answer(person, someone) == "same"
        if said or name_likeness(before, person.name) == 1:
            return
        changed = someone.cells not in {b"", self._hashes.cells(person)}
        if changed or self._past.is_at_stake(person.kind, someone.id):
            problem = _id_reused_problem(person, before)
            self._ask(person, someone, problem)
            yield problem, person

    def _ask(self, person: Person, someone: PersonRecord, problem: Problem) -> None:
        asked = self._decision(person, someone, "same")
        self._questions.append(PersonQuestion(asked.id, problem, asked.seen.hex()))

    def _answer(self, person: Person, someone: PersonRecord) -> Choice | None:
        """Return whether staff say, or said, that the person is the same as someone."""
        said, decided = self._answers.of(person), self._answers.decided
        if said or not decided:
            return said
        both = ((c, self._decision(person, someone, c)) for c in _SAME_OR_OTHER)
        return next((choice for choice, asked in both if asked in decided), None)

    def _decision(self, person: Person, someone: PersonRecord, choice: Choice) -> DecisionRecord:
        """Return what is remembered when staff say who somebody under another name is."""
        seen = short_hash(someone.key, someone.name, self._hashes.name(person))
        return DecisionRecord(self._hashes.key(person), choice, bytes.fromhex(seen))

    def _doubts_about(self, came: Sequence[Person]) -> Iterator[tuple[Problem, Person]]:
        """Yield who has the name of one who left in the same run, where not all cells agree."""
        settled = self._unclear | self._renamed.keys()
        left = {s.name for s in self._gone.values() if s.key not in settled} if came else set()
        yield from ((_id_lost_problem(p), p) for p in came if self._hashes.name(p) in left)

    def _given_ids(self, new: Sequence[Person]) -> Iterator[_Alike]:
        """Yield those known by a name so far that have an ID now."""
        came: dict[str, list[Person]] = defaultdict(list)
        for person in new:
            if person.id:
                came[self._hashes.name(person)].append(person)
        for key, persons in came.items():
            if key in self._gone:
                same = [p for p in persons if self._hashes.cells(p) == self._gone[key].cells]
                yield [self._gone[key]], same if len(same) == 1 else persons

    def _alike(
        self, new: Sequence[Person], told_by: Callable[[PersonRecord], bytes]
    ) -> Iterator[_Alike]:
        """Yield those who left and those who came, whom the same cells tell."""
        came: dict[bytes, list[Person]] = defaultdict(list)
        for person in new:
            cells = told_by(self._hashes.record(person))
            if cells and (person.kind, person.key) not in self._ids:
                came[cells].append(person)
        left: dict[bytes, list[PersonRecord]] = defaultdict(list)
        for someone in self._gone.values() if came else ():
            if someone.key not in self._renamed:
                left[told_by(someone)].append(someone)
        yield from ((left[cells], persons) for cells, persons in came.items() if cells in left)

    def _settle(self, left: list[PersonRecord], came: list[Person], *, told: bool = True) -> None:
        """One and one are the same person, unless staff say otherwise; of more nobody can tell."""
        if self._answers.say_other:
            came = [p for p in came if not any(self._answer(p, s) == "other" for s in left)]
        if not came:
            return
        if len(left) == len(came) == 1:
            (person,), (someone,) = came, left
            self._ids[person.kind, person.key] = someone.id
            before = self._past.label(person.kind, someone.id) if told else ""
            renamed = someone.name != self._hashes.name(person)
            if not (renamed and self._asks(person, someone, before)):
                self._corrected += came if told else ()
                self._renamed[someone.key] = None
        else:
            self._problems += [(_ambiguous_problem(person, len(left)), person) for person in came]
            self._unclear |= {self._hashes.key(p) for p in came} | {someone.key for someone in left}

    def _strangers(self) -> Iterator[tuple[Problem, None]]:
        """Yield the question who they are whom the register has, where the ledger was lost."""
        settled = self._unclear | self._renamed.keys()
        gone = (s for s in self._gone.values() if s.key not in settled)
        who = [self._registered[s.kind, s.id] for s in gone if (s.kind, s.id) in self._registered]
        if who and not self._answers.trust_register:
            yield _strangers_problem(who), None

    def _met(self) -> tuple[PersonRecord, ...]:
        """Return what has changed: those who are here now, and those who have just left.

        Of those who cannot be told nothing is written down, so that the question stays.
        """
        persons = [person for sheet in self._people for person in sheet.persons]
        here = [self._hashes.record(p)._replace(id=self._ids[p.kind, p.key]) for p in persons]
        replaced = (s._replace(key=f"{s.id} left") for s in self._replaced)
        left = [s._replace(name="", cells=b"") for s in (*self._gone.values(), *replaced)]
        settled = self._unclear | self._renamed.keys()
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
        key, name = self.key(person), self.name(person)
        return PersonRecord(key, "", person.kind, name, self.cells(person))


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
    return PersonRecord(key, someone.id, someone.kind, name, b"")


def bare_name(label: str) -> str:
    """Return a name without the ID that stands behind it where two have that name."""
    return re.sub(r"(?:(?<!\s)\s++)?\([^()]*\)$", "", label)


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
    same = Decide("same", person.id or name)
    if before:
        return messages.problem("name-changed", place, before=before, name=name, same=same)
    return messages.problem("name-changed/unknown", place, name=name, same=same)


def _strangers_problem(who: Sequence[RegisteredPerson]) -> Problem:
    named = [f"{s.label} ({counted(s.letters, 'letter')}, {s.on_paper:,} printed)" for s in who]
    return messages.problem("register-people", Place("register.xlsx"), people=named)


# How alike two names are: a corrected name, or another person's.


_APART = re.compile(r"[^\w]+|_")
_LEFT_OUT = re.compile("['’ʼ`´]")
NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
        mr mrs ms miss mx dr prof professor sir dame lord lady rev hon jr sr ii iii phd mp qc kc
        his her excellency honourable honorable judge justice minister prime president chair
        chairman chairwoman director consul ambassador general colonel governor senator mayor
        king queen prince princess the of and m mme mlle monsieur madame docteur juge ministre
        premier premiere presidente directeur directrice ambassadeur ambassadrice gouverneur
        senateur maire sra srta don dona senor senora doctor doctora juez jueza ministro
        ministra embajador embajadora gobernador gobernadora alcalde alcaldesa herr frau richter
        richterin ministerin prasident prasidentin botschafter botschafterin burgermeister
        burgermeisterin господин госпожа министр судья президент председатель посол генерал
        губернатор мэр пан пані міністр суддя голова السيد السيدة الدكتور الدكتورة الوزير
        الوزيرة القاضي القاضية الرئيس السفير de da do dos das di del della der den des du la le
        el al van von zu bin ibn ben y e
        """,
    )
)
"""Words of names that do not tell who somebody is: titles, offices, particles; no accents."""

_ALIKE_WORD, _ALIKE_NAME = 0.75, 0.85
"""How much of two words, of two whole names, agrees at least (difflib's ratio)."""


def is_correction(before: str, now: str, kind: SheetKind, *, others_changed: bool = False) -> bool:
    """Return whether a name is the old one put right, rather than another person's.

    Signers marry: half of the words may be others. More than half must stay of a recipient's name,
    whose successor has often the same title, and where other cells changed as well.
    """
    share = name_likeness(before, now)
    return share > 0.5 or (share == 0.5 and kind == "signer" and not others_changed)


def name_likeness(before: str, now: str) -> float:
    """Return the share of a name's words that are in the other as well, of the shorter one's.

    Spelling, accents, capitals, the order, initials, titles and particles do not count.
    """
    short, long = sorted((_words(before), _words(now)), key=len)
    if not short:
        return 0.0
    if SequenceMatcher(None, "".join(short), "".join(long)).ratio() >= _ALIKE_NAME:
        return 1.0
    found = 0
    for word in short:
        same = next((other for other in long if _are_alike(word, other)), "")
        if same:
            long.remove(same)
            found += 1
    return found / len(short)


def is_same_name(one: str, other: str) -> bool:
    """Return whether two names have the same words: accents, capitals, order, titles do not count.

    It is asked where a wrong yes gives one person's letters to another: no spelling is forgiven.
    """
    return sorted(_words(one)) == sorted(_words(other))


def is_named_in(name: str, text: str) -> bool:
    """Return whether more than half of the words of a name stand in a text, as they are or alike.

    A word of a script without spaces counts wherever it stands.
    """
    there, plain = {*_all_words(text)}, _plain(text)
    words = [word for word in _words(name) if len(word) > 1] or _words(name)

    def stands(word: str) -> bool:
        if word in there or (max(word) >= _NO_SPACES and word in plain):
            return True
        return len(word) > 1 and any(_are_alike(word, other) for other in there if len(other) > 1)

    return bool(words) and 2 * sum(map(stands, words)) > len(words)


_NO_SPACES = "\u0e00"
"""The scripts from here on may be written without spaces: Thai, Chinese, Japanese."""


def _words(name: str) -> list[str]:
    words = _all_words(name)
    return [word for word in words if word not in NO_NAMES] or words


def _all_words(text: str) -> list[str]:
    return [word for word in _APART.split(_plain(text)) if word]


def _plain(text: str) -> str:
    """Return a text without capitals, accents and apostrophes."""
    return _LEFT_OUT.sub("", plain_letters(text))


def _are_alike(one: str, other: str) -> bool:
    if 1 in {len(one), len(other)}:
        return one[0] == other[0]
    return one == other or SequenceMatcher(None, one, other).ratio() >= _ALIKE_WORD
