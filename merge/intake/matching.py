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
from merge.intake.form_types import CollectedResponses, Doubt, FormResponse, SkippedRow, SkipReason
from merge.intake.headings import meaning
from merge.intake.list_types import PersonKey
from merge.naming import Salt
from merge.text.folding import folded, skeleton
from merge.text.names import is_short_form, may_be_same_person, name_words, sorted_name_words
from merge.workbook.plausibility import is_unfilled


class Hasher:
    """Salted hashes of one list. `salt` is the list's, in hexadecimal digits."""

    def __init__(self, salt: str) -> None:
        self._salt = Salt(bytes.fromhex(salt))
        self.text_hash = lru_cache(1 << 10)(
            self._hash_text
        )  # `yes`, and towns: many cells are alike
        self.name_word_mark = lru_cache(1 << 12)(self._hash_name_word)

    def mark(self, kind: str, *words: str) -> str:
        """Return 16 hexadecimal digits of what tells who somebody is, or which answer it is."""
        return self._hash(8, kind, *words)

    def _hash_name_word(self, word: str) -> str:
        """Return the mark of a word of a name."""
        return _WORD_PREFIX + self.mark("word", word)

    def _hash_text(self, text: str) -> str:
        """Return 8 hexadecimal digits of a cell's text; empty for a blank one."""
        lines = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
        return self._hash(4, "said", lines) if lines else ""

    def _hash(self, size: int, *words: str) -> str:
        return self._salt.hash_text("\0".join(words), size)


class _PlainHasher(Hasher):
    """Leaves words as they are: to compare the answers of one file, of which nothing is kept."""

    def __init__(self) -> None:
        super().__init__("")

    def _hash(self, _: int, *words: str) -> str:
        return "\0".join(words)


_WORD_PREFIX, _SORTED_NAME_PREFIX = "w", "n"
"""Begin the marks of a word of a name, and of a name however it is written: they tell nobody."""


@dataclass(frozen=True, slots=True)
class IdentityMarks:
    """What tells who somebody is, as hashes: each is empty where it is not known."""

    submission_id: str = ""
    email: str = ""
    email_and_name: str = ""
    name_and_place: str = ""
    place: str = ""
    name: str = ""
    sorted_name: str = ""
    """Of the name, whatever the order of its words: `Paul Müller` and `Mueller, Paul`."""
    word_marks: frozenset[str] = frozenset()
    """Of the words of the name."""

    @property
    def to_store(self) -> frozenset[str]:
        """Return what is to be remembered."""
        single = (
            self.submission_id,
            self.email,
            self.email_and_name,
            self.name_and_place,
            self.place,
        )
        return frozenset(filter(None, (*single, self.sorted_name))) | self.word_marks


def identity_marks(
    hasher: Hasher, fields: Mapping[str, str], email: str = "", form: str = "", submission: str = ""
) -> IdentityMarks:
    """Return what tells who an answer or a row of a list is of."""
    name, place = skeleton(fields.get(NAME, "")), _place_text(fields)
    email, alike = folded(email), sorted_name_words(fields.get(NAME, ""))
    mark = hasher.mark
    return IdentityMarks(
        submission_id=mark("submission", form, submission) if submission else "",
        email=mark("email", email) if email else "",
        email_and_name=mark("email and name", email, name) if email and name else "",
        name_and_place=mark("name and place", name, place) if name and place else "",
        place=mark("place", place) if place else "",
        name=mark("name", name) if name else "",
        sorted_name=_SORTED_NAME_PREFIX + mark("alike", *alike) if alike else "",
        word_marks=frozenset(map(hasher.name_word_mark, name_words(fields.get(NAME, "")))),
    )


_PLACE = ("Street", "Postal code", "City", "Address")


def _place_text(fields: Mapping[str, str]) -> str:
    """Return street and postal code, or town where there is no street; empty where neither is."""
    known = {meaning(heading).field: text for heading, text in [*fields.items()][::-1]}
    known = {f: known[f] for f in _PLACE if f in known and not is_unfilled(known[f])}  # `n/a`
    street, code, town = (skeleton(known.get(h, "")) for h in ("Street", "Postal code", "City"))
    if street:
        return f"{street}\0{code or town}" if code or town else ""
    return _address_text(known.get("Address", "")) or town


def _address_text(text: str) -> str:
    """Return an address of one cell, the same whether code or town comes first in its part."""
    first, *parts = re.split(r"[,;\n]", text)
    words = ("".join(sorted(map(skeleton, part.split()))) for part in parts)
    return "\0".join(filter(None, (skeleton(first) if first.strip() else "", *words)))


# Within one file.

NO_SAME_ROWS: Mapping[int, int] = MappingProxyType({})
"""No rows that staff say are of one person."""


def combine_by_person(
    raw: CollectedResponses, form: str, same: Mapping[int, int] = NO_SAME_ROWS
) -> CollectedResponses:
    """Return the answers of a file with each person once: the later answer counts, cell by cell.

    A blank does not erase what an earlier answer said. A no counts unless a yes is certainly later.
    Who has another's name is doubtful; so is who has the name, and nothing else that tells, of
    somebody who does not agree. `same` are rows that staff say are of one person with another row.
    """
    hasher = _PlainHasher()
    answers = [*raw.people, *raw.refusals]
    marks = {
        a.row: identity_marks(hasher, a.fields, a.email, form, a.submission_id) for a in answers
    }
    whole = [combine_responses(group) for group in _group_by_person(answers, marks, same)]
    whole.sort(key=lambda answer: answer.row)
    people = [answer for answer in whole if answer.agrees]
    refusals = [answer for answer in whole if not answer.agrees]
    known, taken = {row.row for row in raw.skipped_rows}, {answer.row for answer in people}
    left = [*map(_skipped_refusal, refusals)]
    left += [skipped_duplicate(e, a) for a in whole for e in a.earlier_responses]
    not_taken = [*raw.skipped_rows, *(row for row in left if row.row not in known)]
    return replace(
        raw,
        people=tuple(_doubt_namesakes(people, refusals, marks)),
        refusals=tuple(refusals),
        skipped_rows=tuple(sorted(not_taken, key=lambda row: row.row)),
        remarks=tuple(r for r in raw.remarks if r.reason_code == "dates-unclear" or r.row in taken),
    )


def combine_responses(answers: Sequence[FormResponse]) -> FormResponse:
    """Return answers of one person as the one that counts, the others in `earlier`.

    That is the newest; but one that does not agree counts unless a yes is certainly later.
    """
    if len(answers) == 1:
        return answers[0]
    *earlier, newest = sorted(answers, key=lambda a: (a.time_rank, not a.agrees, a.row))
    if newest.agrees and (
        nos := [a for a in earlier if not (a.agrees or is_certainly_later(newest, a))]
    ):
        earlier = [answer for answer in (*earlier, newest) if answer is not nos[-1]]
        newest = nos[-1]
    others = (e for answer in earlier for e in (*answer.earlier_responses, answer))
    is_contested = not newest.agrees and any(
        a.agrees and not is_certainly_later(newest, a) for a in others
    )
    fields = dict(newest.fields)
    for answer in reversed(earlier):
        if not answer.doubts:
            for heading, text in answer.fields.items():
                fields.setdefault(heading, text)
    filled = newest.inherited_headings | (fields.keys() - newest.fields.keys())
    before = tuple(a for answer in earlier for a in (*answer.earlier_responses, answer))
    email = newest.email or next((a.email for a in reversed(earlier) if a.email), "")
    before = (*newest.earlier_responses, *before)
    return replace(
        newest,
        fields=fields,
        email=email,
        earlier_responses=before,
        inherited_headings=filled,
        is_contested=is_contested or newest.is_contested,
    )


def is_certainly_later(one: FormResponse, other: FormResponse) -> bool:
    """Return whether an answer is certainly later than another: both say when they were sent.

    One that says its day only may have been sent at any time of that day.
    """
    if one.submitted_at is None or other.submitted_at is None:
        return False
    has_time = other.submitted_at.time() != dt.time()
    return one.submitted_at - other.submitted_at >= (_NEXT_MOMENT if has_time else _NEXT_DAY)


_NEXT_MOMENT, _NEXT_DAY = dt.timedelta.resolution, dt.timedelta(days=1)


def _skipped_refusal(answer: FormResponse) -> SkippedRow:
    """Return what is told of an answer that does not agree."""
    why: SkipReason = "contested" if answer.is_contested else "no-consent"
    says = {CONSENT: answer.unclear_consent} if answer.unclear_consent else {}
    return SkippedRow(
        answer.row, why, name=_name(answer), is_unanswered=answer.is_unanswered, other_values=says
    )


def skipped_duplicate(answer: FormResponse, whole: FormResponse) -> SkippedRow:
    """Return what is told of an answer in the place of which another one of the person counts."""
    told = SkippedRow(answer.row, "double", _name(answer), whole.row)
    if is_certainly_later(whole, answer):
        return told
    if answer.agrees and not whole.agrees:
        return replace(told, reason_code="contested")
    says = {h: text for h, text in answer.fields.items() if whole.fields.get(h) != text}
    is_same_day = answer.submitted_at is not None and whole.submitted_at is not None
    return (
        replace(told, reason_code="same-day", other_values=says) if says and is_same_day else told
    )


def _name(answer: FormResponse) -> str:
    return answer.fields.get(NAME, "")


class _RowGroups:
    """Rows that belong together, as they are joined two by two; `same` are joined at once."""

    def __init__(self, rows: Iterable[int], same: Mapping[int, int]) -> None:
        self._leader = {row: row for row in rows}
        for row, other in same.items():
            if {row, other} <= self._leader.keys():  # both are answers still
                self.join(row, other)

    def leader_of(self, row: int) -> int:
        """Return the row that stands for a row's group."""
        while self._leader[row] != row:
            self._leader[row] = self._leader[self._leader[row]]
            row = self._leader[row]
        return row

    def join(self, one: int, other: int) -> None:
        """Make one group of two rows' groups."""
        self._leader[self.leader_of(one)] = self.leader_of(other)


def _group_by_person(
    answers: Sequence[FormResponse], marks: Mapping[int, IdentityMarks], same: Mapping[int, int]
) -> Iterator[list[FormResponse]]:
    """Yield the answers of each person: those that what tells it joins, and what those join."""
    joined = _RowGroups((answer.row for answer in answers), same)
    alike, by_email = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for answer in answers:
        own = marks[answer.row]
        by_email[own.email].append(answer.row)
        for mark in filter(None, (own.submission_id, own.email_and_name, own.name_and_place)):
            alike[mark].append(answer.row)
    for mark, (first, *rows) in alike.items():
        for row in rows:
            if mark != marks[row].submission_id or is_supported_by(
                marks[first], marks[row].to_store
            ):
                joined.join(row, first)
    for answer in answers:  # who says no may be told by the email alone
        own = marks[answer.row]
        others = by_email[own.email] if own.email and not own.name else ()
        owners = {joined.leader_of(row) for row in others} - {joined.leader_of(answer.row)}
        if len(owners) == 1:
            joined.join(answer.row, owners.pop())
    groups = defaultdict[int, list[FormResponse]](list)
    for answer in answers:
        groups[joined.leader_of(answer.row)].append(answer)
    yield from groups.values()


def is_supported_by(one: IdentityMarks, other: frozenset[str]) -> bool:
    """Return whether name, email or address speak for two being one, beside the submission.

    An answer without any of them is told by its submission alone: somebody takes back theirs.
    """
    tells = {*one.word_marks, one.email, one.place} - {""}
    return not tells or not other.isdisjoint(tells)


def _doubt_namesakes(
    people: Sequence[FormResponse],
    refusals: Sequence[FormResponse],
    marks: Mapping[int, IdentityMarks],
) -> Iterator[FormResponse]:
    """Yield the people of a file, those doubtful who have another's name, however written.

    So is who has the email and the address of another, and perhaps a corrected name.
    """
    first: dict[str, FormResponse] = {}
    homes = defaultdict[tuple[str, str], list[FormResponse]](list)
    for answer in sorted(people, key=lambda a: (a.time_rank, a.row)):
        own = marks[answer.row]
        first.setdefault(own.sorted_name, answer)
        if own.email and own.place:
            homes[own.email, own.place].append(answer)
    bare = {marks[a.row].name: a for a in refusals if has_only_name(marks[a.row])}
    by_email = defaultdict[str, list[FormResponse]](list)
    for refusal in refusals:
        by_email[marks[refusal.row].email].append(refusal)
    for answer in people:
        own = marks[answer.row]
        other = bare.get(own.name) or first[own.sorted_name]
        if own.email:
            close = (r for r in by_email[own.email] if is_short_form(_name(r), _name(answer)))
            other = next(close, other)
        if other is answer:
            other = _earlier_response_from_home(answer, homes[own.email, own.place])
        yield answer if other is answer else add_doubt(answer, "same-name", other.row)


_MAX_AT_HOME = 20
"""People of one email and address who are compared by their names."""


def _earlier_response_from_home(answer: FormResponse, home: Sequence[FormResponse]) -> FormResponse:
    """Return who of a home answered before under a name that may be the same; else the answer."""
    before = (
        a for a in home[:_MAX_AT_HOME] if (a.time_rank, a.row) < (answer.time_rank, answer.row)
    )
    return next((a for a in before if may_be_same_person(_name(a), _name(answer))), answer)


def has_only_name(marks: IdentityMarks) -> bool:
    """Return whether only a name tells who it is."""
    return bool(marks.name) and not (marks.email or marks.place)


def add_doubt(answer: FormResponse, doubt: Doubt, same_as: int = 0) -> FormResponse:
    """Return an answer with one more doubt."""
    doubts = answer.doubts if doubt in answer.doubts else (*answer.doubts, doubt)
    return replace(answer, doubts=doubts, same_name_row=same_as or answer.same_name_row)


# Against those who are known.


@dataclass(frozen=True, slots=True)
class MatchCandidate:
    """Somebody who is known, by a key: what tells who it is, the name where that is at hand."""

    key: PersonKey
    marks: frozenset[str]
    name: str = ""

    @property
    def word_marks(self) -> frozenset[str]:
        """Return the marks of the words of every name that they had."""
        return frozenset(mark for mark in self.marks if mark.startswith(_WORD_PREFIX))


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
    is_included: bool = True
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


class CandidateIndex:
    """Those who are known, those first that count first where two could be meant."""

    def __init__(self, candidates: Sequence[MatchCandidate], emails: Mapping[str, int]) -> None:
        """Take those who are known, and how many people of the file have an email's mark."""
        self._emails = emails
        self._by_mark = defaultdict[str, list[MatchCandidate]](list)
        for candidate in candidates:
            for mark in candidate.marks:
                self._by_mark[mark].append(candidate)

    def find_key(self, answers: Sequence[IdentityMarks]) -> PersonKey | None:
        """Return the key of whom the answers of one person are of, by all rules but the third.

        The marks are those of each answer, the newest first. It is None for nobody known.
        """
        for marks in answers:
            for candidate in self._candidates_with(marks.submission_id):
                if is_supported_by(marks, candidate.marks):
                    return candidate.key
        whole = [*(m.email_and_name for m in answers), *(m.name_and_place for m in answers)]
        return next((candidate.key for candidate in self.find_by_marks(whole)), None)

    def find_by_changed_name(
        self, answers: Sequence[IdentityMarks], name: str
    ) -> Iterator[MatchCandidate]:
        """Yield who has an email of theirs under a name that is this one in fewer words, or more.

        `name` is that of the newest answer; it may be blank, of who says no.
        """
        for marks in answers:
            other = self._sole_owner_of_email(marks)
            if other is not None:
                few, many = sorted((answers[0].word_marks, other.word_marks), key=len)
                is_one = is_short_form(name, other.name) if name and other.name else few <= many
                yield from [other] if is_one else ()

    def find_by_marks(self, marks: Iterable[str]) -> Iterator[MatchCandidate]:
        """Yield those who have one of these marks."""
        return (candidate for mark in marks for candidate in self._candidates_with(mark))

    def find_similar(self, answers: Iterable[IdentityMarks]) -> MatchCandidate | None:
        """Return who has the same email and a word of the name, but is not told to be the same."""
        others = ((marks, self._sole_owner_of_email(marks)) for marks in answers)
        return next((o for marks, o in others if o and marks.word_marks & o.marks), None)

    def find_at_same_home(self, marks: IdentityMarks, name: str) -> MatchCandidate | None:
        """Return who has the same email and address, and a name that may be the same."""
        at_place = {candidate.key for candidate in self._candidates_with(marks.place)}
        both = (
            c
            for c in self._candidates_with(marks.email)[:_MAX_AT_HOME]
            if c.key in at_place and c.name
        )
        return next((c for c in both if may_be_same_person(c.name, name)), None)

    def _sole_owner_of_email(self, marks: IdentityMarks) -> MatchCandidate | None:
        """Return who has the email, where it is of one person on either side."""
        found = self._candidates_with(marks.email)
        return found[0] if len(found) == 1 and self._emails.get(marks.email) == 1 else None

    def _candidates_with(self, mark: str) -> Sequence[MatchCandidate]:
        return self._by_mark.get(mark, ()) if mark else ()
