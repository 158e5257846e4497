"""Who is who: the answers of one file, and against the list, its memory and people typed by hand.

The rules, in this order: the same submission in the same form, as long as name, email or address
say so as well; the same email and name; the same name, street and postal code, or town where there
is no street; the same email, of one person on either side whom nothing else tells, and a name that
is the other one in fewer words. Else it is somebody new. Nobody is ever joined by likeness alone:
one email with two names is two people, and one name with two addresses is a question.

What tells who somebody is is compared by hashes, so that the memory holds no text of anybody's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType

from merge.intake.destinations import CONSENT, NAME
from merge.intake.form_types import Answer, Doubt, FormAnswers, NotTaken, NotTakenReason
from merge.intake.headings import meaning
from merge.intake.list_types import PersonKey
from merge.naming import Salt
from merge.text.folding import folded, skeleton
from merge.text.names import is_fuller, may_be_one, name_words, sorted_words
from merge.workbook.doubts import is_unfilled


class Hasher:
    """Salted hashes of one list. `salt` is the list's, in hexadecimal digits."""

    def __init__(self, salt: str) -> None:
        self._salt = Salt(bytes.fromhex(salt))
        self.said = lru_cache(1 << 10)(self._said)  # `yes`, and towns: many cells are alike
        self.word = lru_cache(1 << 12)(self._word)

    def mark(self, kind: str, *words: str) -> str:
        """Return 16 hexadecimal digits of what tells who somebody is, or which answer it is."""
        return self._hash(8, kind, *words)

    def _word(self, word: str) -> str:
        """Return the mark of a word of a name."""
        return _WORD + self.mark("word", word)

    def _said(self, text: str) -> str:
        """Return 8 hexadecimal digits of a cell's text; empty for a blank one."""
        lines = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
        return self._hash(4, "said", lines) if lines else ""

    def _hash(self, size: int, *words: str) -> str:
        return self._salt.text("\0".join(words), size)


class _Bare(Hasher):
    """Leaves words as they are: to compare the answers of one file, of which nothing is kept."""

    def __init__(self) -> None:
        super().__init__("")

    def _hash(self, _: int, *words: str) -> str:
        return "\0".join(words)


_WORD, _ALIKE = "w", "n"
"""Begin the marks of a word of a name, and of a name however it is written: they tell nobody."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells who somebody is, as hashes: each is empty where it is not known."""

    submission: str = ""
    email: str = ""
    email_and_name: str = ""
    name_and_place: str = ""
    place: str = ""
    name: str = ""
    alike: str = ""
    """Of the name, whatever the order of its words: `Paul Müller` and `Mueller, Paul`."""
    words: frozenset[str] = frozenset()
    """Of the words of the name."""

    @property
    def all(self) -> frozenset[str]:
        """Return what is to be remembered."""
        single = (self.submission, self.email, self.email_and_name, self.name_and_place, self.place)
        return frozenset(filter(None, (*single, self.alike))) | self.words


def marks_of(
    hasher: Hasher, fields: Mapping[str, str], email: str = "", form: str = "", submission: str = ""
) -> Marks:
    """Return what tells who an answer or a row of a list is of."""
    name, place = skeleton(fields.get(NAME, "")), _place(fields)
    email, alike = folded(email), sorted_words(fields.get(NAME, ""))
    mark = hasher.mark
    return Marks(
        submission=mark("submission", form, submission) if submission else "",
        email=mark("email", email) if email else "",
        email_and_name=mark("email and name", email, name) if email and name else "",
        name_and_place=mark("name and place", name, place) if name and place else "",
        place=mark("place", place) if place else "",
        name=mark("name", name) if name else "",
        alike=_ALIKE + mark("alike", *alike) if alike else "",
        words=frozenset(map(hasher.word, name_words(fields.get(NAME, "")))),
    )


_PLACE = ("Street", "Postal code", "City", "Address")


def _place(fields: Mapping[str, str]) -> str:
    """Return street and postal code, or town where there is no street; empty where neither is."""
    known = {meaning(heading).field: text for heading, text in [*fields.items()][::-1]}
    known = {f: known[f] for f in _PLACE if f in known and not is_unfilled(known[f])}  # `n/a`
    street, code, town = (skeleton(known.get(h, "")) for h in ("Street", "Postal code", "City"))
    if street:
        return f"{street}\0{code or town}" if code or town else ""
    return _address(known.get("Address", "")) or town


def _address(text: str) -> str:
    """Return an address of one cell, the same whether code or town comes first in its part."""
    first, *parts = re.split(r"[,;\n]", text)
    words = ("".join(sorted(map(skeleton, part.split()))) for part in parts)
    return "\0".join(filter(None, (skeleton(first) if first.strip() else "", *words)))


# Within one file.

NOBODY: Mapping[int, int] = MappingProxyType({})
"""No rows that staff say are of one person."""


def one_each(raw: FormAnswers, form: str, same: Mapping[int, int] = NOBODY) -> FormAnswers:
    """Return the answers of a file with each person once: the later answer counts, cell by cell.

    A blank does not erase what an earlier answer said. A no counts unless a yes is certainly later.
    Who has another's name is doubtful; so is who has the name, and nothing else that tells, of
    somebody who does not agree. `same` are rows that staff say are of one person with another row.
    """
    hasher = _Bare()
    answers = [*raw.people, *raw.refusals]
    marks = {a.row: marks_of(hasher, a.fields, a.email, form, a.submission) for a in answers}
    whole = [combined(group) for group in _grouped(answers, marks, same)]
    whole.sort(key=lambda answer: answer.row)
    people = [answer for answer in whole if answer.agrees]
    refusals = [answer for answer in whole if not answer.agrees]
    known, taken = {row.row for row in raw.not_taken}, {answer.row for answer in people}
    left = [*map(_not_agreeing, refusals)]
    left += [not_counted(e, a) for a in whole for e in a.earlier]
    not_taken = [*raw.not_taken, *(row for row in left if row.row not in known)]
    return replace(
        raw,
        people=tuple(_namesakes(people, refusals, marks)),
        refusals=tuple(refusals),
        not_taken=tuple(sorted(not_taken, key=lambda row: row.row)),
        remarks=tuple(r for r in raw.remarks if r.why == "dates-unclear" or r.row in taken),
    )


def combined(answers: Sequence[Answer]) -> Answer:
    """Return answers of one person as the one that counts, the others in `earlier`.

    That is the newest; but one that does not agree counts unless a yes is certainly later.
    """
    if len(answers) == 1:
        return answers[0]
    *earlier, newest = sorted(answers, key=lambda a: (a.order, not a.agrees, a.row))
    if newest.agrees and (nos := [a for a in earlier if not (a.agrees or is_later(newest, a))]):
        earlier = [answer for answer in (*earlier, newest) if answer is not nos[-1]]
        newest = nos[-1]
    others = (e for answer in earlier for e in (*answer.earlier, answer))
    is_contested = not newest.agrees and any(a.agrees and not is_later(newest, a) for a in others)
    fields = dict(newest.fields)
    for answer in reversed(earlier):
        if not answer.doubts:
            for heading, text in answer.fields.items():
                fields.setdefault(heading, text)
    filled = newest.filled | (fields.keys() - newest.fields.keys())
    before = tuple(a for answer in earlier for a in (*answer.earlier, answer))
    email = newest.email or next((a.email for a in reversed(earlier) if a.email), "")
    before = (*newest.earlier, *before)
    return replace(
        newest,
        fields=fields,
        email=email,
        earlier=before,
        filled=filled,
        is_contested=is_contested or newest.is_contested,
    )


def is_later(one: Answer, other: Answer) -> bool:
    """Return whether an answer is certainly later than another: both say when they were sent.

    One that says its day only may have been sent at any time of that day.
    """
    if one.when is None or other.when is None:
        return False
    has_time = other.when.time() != dt.time()
    return one.when - other.when >= (_NEXT_MOMENT if has_time else _NEXT_DAY)


_NEXT_MOMENT, _NEXT_DAY = dt.timedelta.resolution, dt.timedelta(days=1)


def _not_agreeing(answer: Answer) -> NotTaken:
    """Return what is told of an answer that does not agree."""
    why: NotTakenReason = "contested" if answer.is_contested else "no-consent"
    says = {CONSENT: answer.unclear} if answer.unclear else {}
    return NotTaken(
        answer.row, why, name=_name(answer), is_unanswered=answer.is_unanswered, says=says
    )


def not_counted(answer: Answer, whole: Answer) -> NotTaken:
    """Return what is told of an answer in the place of which another one of the person counts."""
    told = NotTaken(answer.row, "double", _name(answer), whole.row)
    if is_later(whole, answer):
        return told
    if answer.agrees and not whole.agrees:
        return replace(told, why="contested")
    says = {h: text for h, text in answer.fields.items() if whole.fields.get(h) != text}
    is_same_day = answer.when is not None and whole.when is not None
    return replace(told, why="same-day", says=says) if says and is_same_day else told


def _name(answer: Answer) -> str:
    return answer.fields.get(NAME, "")


class _Groups:
    """Rows that belong together, as they are joined two by two; `same` are joined at once."""

    def __init__(self, rows: Iterable[int], same: Mapping[int, int]) -> None:
        self._leader = {row: row for row in rows}
        for row, other in same.items():
            if {row, other} <= self._leader.keys():  # both are answers still
                self.join(row, other)

    def of(self, row: int) -> int:
        """Return the row that stands for a row's group."""
        while self._leader[row] != row:
            self._leader[row] = self._leader[self._leader[row]]
            row = self._leader[row]
        return row

    def join(self, one: int, other: int) -> None:
        """Make one group of two rows' groups."""
        self._leader[self.of(one)] = self.of(other)


def _grouped(
    answers: Sequence[Answer], marks: Mapping[int, Marks], same: Mapping[int, int]
) -> Iterator[list[Answer]]:
    """Yield the answers of each person: those that what tells it joins, and what those join."""
    joined = _Groups((answer.row for answer in answers), same)
    alike, by_email = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for answer in answers:
        own = marks[answer.row]
        by_email[own.email].append(answer.row)
        for mark in filter(None, (own.submission, own.email_and_name, own.name_and_place)):
            alike[mark].append(answer.row)
    for mark, (first, *rows) in alike.items():
        for row in rows:
            if mark != marks[row].submission or agrees_too(marks[first], marks[row].all):
                joined.join(row, first)
    for answer in answers:  # who says no may be told by the email alone
        own = marks[answer.row]
        others = by_email[own.email] if own.email and not own.name else ()
        owners = {joined.of(row) for row in others} - {joined.of(answer.row)}
        if len(owners) == 1:
            joined.join(answer.row, owners.pop())
    groups = defaultdict[int, list[Answer]](list)
    for answer in answers:
        groups[joined.of(answer.row)].append(answer)
    yield from groups.values()


def agrees_too(one: Marks, other: frozenset[str]) -> bool:
    """Return whether name, email or address speak for two being one, beside the submission.

    An answer without any of them is told by its submission alone: somebody takes back theirs.
    """
    tells = {*one.words, one.email, one.place} - {""}
    return not tells or not other.isdisjoint(tells)


def _namesakes(
    people: Sequence[Answer], refusals: Sequence[Answer], marks: Mapping[int, Marks]
) -> Iterator[Answer]:
    """Yield the people of a file, those doubtful who have another's name, however written.

    So is who has the email and the address of another, and perhaps a corrected name.
    """
    first: dict[str, Answer] = {}
    homes = defaultdict[tuple[str, str], list[Answer]](list)
    for answer in sorted(people, key=lambda a: (a.order, a.row)):
        own = marks[answer.row]
        first.setdefault(own.alike, answer)
        if own.email and own.place:
            homes[own.email, own.place].append(answer)
    bare = {marks[a.row].name: a for a in refusals if is_bare(marks[a.row])}
    by_email = defaultdict[str, list[Answer]](list)
    for refusal in refusals:
        by_email[marks[refusal.row].email].append(refusal)
    for answer in people:
        own = marks[answer.row]
        other = bare.get(own.name) or first[own.alike]
        if own.email:
            close = (r for r in by_email[own.email] if is_fuller(_name(r), _name(answer)))
            other = next(close, other)
        if other is answer:
            other = _corrected(answer, homes[own.email, own.place])
        yield answer if other is answer else doubted(answer, "same-name", other.row)


_MOST_AT_HOME = 20
"""People of one email and address who are compared by their names."""


def _corrected(answer: Answer, home: Sequence[Answer]) -> Answer:
    """Return who of a home answered before under a name that may be the same; else the answer."""
    before = (a for a in home[:_MOST_AT_HOME] if (a.order, a.row) < (answer.order, answer.row))
    return next((a for a in before if may_be_one(_name(a), _name(answer))), answer)


def is_bare(marks: Marks) -> bool:
    """Return whether only a name tells who it is."""
    return bool(marks.name) and not (marks.email or marks.place)


def doubted(answer: Answer, doubt: Doubt, same_as: int = 0) -> Answer:
    """Return an answer with one more doubt."""
    doubts = answer.doubts if doubt in answer.doubts else (*answer.doubts, doubt)
    return replace(answer, doubts=doubts, same_as=same_as or answer.same_as)


# Against those who are known.


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is known, by a key: what tells who it is, the name where that is at hand."""

    key: PersonKey
    marks: frozenset[str]
    name: str = ""

    @property
    def words(self) -> frozenset[str]:
        """Return the marks of the words of every name that they had."""
        return frozenset(mark for mark in self.marks if mark.startswith(_WORD))


@dataclass(frozen=True, slots=True)
class TypedPerson:
    """Somebody whom staff typed, in signers.xlsx or a row of their own in the list.

    `key` tells people apart, `fields` are by heading as the list has them, `places` the cell of
    each. They are known, and nothing of theirs is ever written.
    """

    key: str
    fields: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    email: str = ""
    takes_part: bool = True
    list_row: int = 0
    """The row of the list that it is; 0 in signers.xlsx."""

    @property
    def name(self) -> str:
        """Return the name."""
        return self.fields.get(NAME, "")

    @property
    def place(self) -> str:
        """Return the cell of the name."""
        return self.places.get(NAME, "")


class Known:
    """Those who are known, those first that count first where two could be meant."""

    def __init__(self, candidates: Sequence[Candidate], emails: Mapping[str, int]) -> None:
        """Take those who are known, and how many people of the file have an email's mark."""
        self._emails = emails
        self._by_mark = defaultdict[str, list[Candidate]](list)
        for candidate in candidates:
            for mark in candidate.marks:
                self._by_mark[mark].append(candidate)

    def find(self, answers: Sequence[Marks]) -> PersonKey | None:
        """Return the key of whom the answers of one person are of, by all rules but the third.

        The marks are those of each answer, the newest first. It is None for nobody known.
        """
        for marks in answers:
            for candidate in self._of(marks.submission):
                if agrees_too(marks, candidate.marks):
                    return candidate.key
        whole = [*(m.email_and_name for m in answers), *(m.name_and_place for m in answers)]
        return next((candidate.key for candidate in self.having(whole)), None)

    def edited(self, answers: Sequence[Marks], name: str) -> Iterator[Candidate]:
        """Yield who has an email of theirs under a name that is this one in fewer words, or more.

        `name` is that of the newest answer; it may be blank, of who says no.
        """
        for marks in answers:
            other = self._sole(marks)
            if other is not None:
                few, many = sorted((answers[0].words, other.words), key=len)
                is_one = is_fuller(name, other.name) if name and other.name else few <= many
                yield from [other] if is_one else ()

    def having(self, marks: Iterable[str]) -> Iterator[Candidate]:
        """Yield those who have one of these marks."""
        return (candidate for mark in marks for candidate in self._of(mark))

    def near(self, answers: Iterable[Marks]) -> Candidate | None:
        """Return who has the same email and a word of the name, but is not told to be the same."""
        others = ((marks, self._sole(marks)) for marks in answers)
        return next((o for marks, o in others if o and marks.words & o.marks), None)

    def at_home(self, marks: Marks, name: str) -> Candidate | None:
        """Return who has the same email and address, and a name that may be the same."""
        at_place = {candidate.key for candidate in self._of(marks.place)}
        both = (c for c in self._of(marks.email)[:_MOST_AT_HOME] if c.key in at_place and c.name)
        return next((c for c in both if may_be_one(c.name, name)), None)

    def _sole(self, marks: Marks) -> Candidate | None:
        """Return who has the email, where it is of one person on either side."""
        found = self._of(marks.email)
        return found[0] if len(found) == 1 and self._emails.get(marks.email) == 1 else None

    def _of(self, mark: str) -> Sequence[Candidate]:
        return self._by_mark.get(mark, ()) if mark else ()
