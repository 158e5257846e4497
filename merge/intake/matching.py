"""Identification of people: in one file, and against everyone known.

These rules apply in this order:

1. The same response ID in the same form, if the name, the email or the address supports it.
2. The same email and name.
3. The same name, street and postal code; or city, if there is no street.
4. The same email, if it belongs to one person on each side whom no other rule matches. One name
   must be the other one in fewer words.
5. Otherwise the person is new.

Similarity alone never joins people. One email with two names is two people, and one name with two
addresses is a question.

What identifies a person is compared by hashes, so that the memory contains no text of theirs.
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
from merge.naming import hash_text
from merge.text.folding import folded, skeleton
from merge.text.names import is_short_form, may_be_same_person, name_words, sorted_name_words
from merge.workbook.plausibility import is_unfilled


class Hasher:
    """Creates salted hashes for one signer list; `salt` is hexadecimal."""

    def __init__(self, salt: str) -> None:
        self._salt = bytes.fromhex(salt)
        self.text_hash = lru_cache(1 << 10)(self._hash_text)  # many cells are equal: `yes`, cities
        self.name_word_mark = lru_cache(1 << 12)(self._hash_name_word)

    def mark(self, kind: str, *words: str) -> str:
        """Return 16 hexadecimal digits that identify a person or a response."""
        return self._hash(8, kind, *words)

    def _hash_name_word(self, word: str) -> str:
        """Return the identity mark of a word of a name."""
        return _WORD_PREFIX + self.mark("word", word)

    def _hash_text(self, text: str) -> str:
        """Return 8 hexadecimal digits of a cell's text; empty for a blank cell."""
        text_lines = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
        return self._hash(4, "said", text_lines) if text_lines else ""

    def _hash(self, size: int, *words: str) -> str:
        return hash_text("\0".join(words), size, self._salt)


class _PlainHasher(Hasher):
    """A hasher that leaves texts unhashed, to compare responses of a file.

    None of these texts is stored.
    """

    def __init__(self) -> None:
        super().__init__("")

    def _hash(self, _: int, *words: str) -> str:
        return "\0".join(words)


_WORD_PREFIX, _SORTED_NAME_PREFIX = "w", "n"
"""Prefixes of the marks of a name's words, and of a name's sorted words.

These do not identify a person."""


@dataclass(frozen=True, slots=True)
class IdentityMarks:
    """Hashes that identify a person; each is empty if it is not known."""

    submission_id: str = ""
    email: str = ""
    email_and_name: str = ""
    name_and_place: str = ""
    place: str = ""
    name: str = ""
    sorted_name: str = ""
    """The mark of the name's words, sorted: `Paul Müller`, `Mueller, Paul`."""
    word_marks: frozenset[str] = frozenset()
    """The marks of the words of the name."""

    @property
    def to_store(self) -> frozenset[str]:
        """The identity marks that the list's memory stores."""
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
    """Return the hashes that identify the person of a response or a row."""
    name, place = skeleton(fields.get(NAME, "")), _place_text(fields)
    email, words_of_name = folded(email), sorted_name_words(fields.get(NAME, ""))
    mark = hasher.mark
    return IdentityMarks(
        submission_id=mark("submission", form, submission) if submission else "",
        email=mark("email", email) if email else "",
        email_and_name=mark("email and name", email, name) if email and name else "",
        name_and_place=mark("name and place", name, place) if name and place else "",
        place=mark("place", place) if place else "",
        name=mark("name", name) if name else "",
        sorted_name=_SORTED_NAME_PREFIX + mark("alike", *words_of_name) if words_of_name else "",
        word_marks=frozenset(map(hasher.name_word_mark, name_words(fields.get(NAME, "")))),
    )


_PLACE = ("Street", "Postal code", "City", "Address")


def _place_text(fields: Mapping[str, str]) -> str:
    """Return street and postal code of an address, or the city, as one text.

    Without a postal code, the city follows the street. The text is empty if there is neither.
    """
    texts = {meaning(heading).field: text for heading, text in [*fields.items()][::-1]}
    texts = {f: texts[f] for f in _PLACE if f in texts and not is_unfilled(texts[f])}  # `n/a`
    street, postal_code, city = (
        skeleton(texts.get(h, "")) for h in ("Street", "Postal code", "City")
    )
    if street:
        return f"{street}\0{postal_code or city}" if postal_code or city else ""
    return _address_text(texts.get("Address", "")) or city


def _address_text(text: str) -> str:
    """Return an address in one cell in a form that no order of parts changes.

    The postal code may come before or after the city.
    """
    first, *parts = re.split(r"[,;\n]", text)
    words = ("".join(sorted(map(skeleton, part.split()))) for part in parts)
    return "\0".join(filter(None, (skeleton(first) if first.strip() else "", *words)))


# In one file.

NO_SAME_ROWS: Mapping[int, int] = MappingProxyType({})
"""A choice of no rows that belong to the same person."""


def combine_by_person(
    raw: CollectedResponses, form: str, same: Mapping[int, int] = NO_SAME_ROWS
) -> CollectedResponses:
    """Return one response per person, combined from the responses of a file.

    1. The later response counts, cell by cell. A blank cell does not delete an earlier value.
    2. A refusal counts unless an agreeing response is certainly later.
    3. A person with another person's name is doubtful.
    4. A person is also doubtful if someone with this name refuses, and nothing else identifies that
       refusal.

    `same` are rows that belong to the same person as another row, according to staff.
    """
    hasher = _PlainHasher()
    responses = [*raw.people, *raw.refusals]
    marks = {
        a.row: identity_marks(hasher, a.fields, a.email, form, a.submission_id) for a in responses
    }
    combined_responses = [
        combine_responses(group) for group in _group_by_person(responses, marks, same)
    ]
    combined_responses.sort(key=lambda response: response.row)
    people = [response for response in combined_responses if response.agrees]
    refusals = [response for response in combined_responses if not response.agrees]
    skipped, used = {row.row for row in raw.skipped_rows}, {response.row for response in people}
    also_skipped = [*map(_skipped_refusal, refusals)]
    also_skipped += [
        skipped_duplicate(e, a) for a in combined_responses for e in a.earlier_responses
    ]
    not_taken = [*raw.skipped_rows, *(row for row in also_skipped if row.row not in skipped)]
    return replace(
        raw,
        people=tuple(_doubt_namesakes(people, refusals, marks)),
        refusals=tuple(refusals),
        skipped_rows=tuple(sorted(not_taken, key=lambda row: row.row)),
        remarks=tuple(r for r in raw.remarks if r.reason_code == "dates-unclear" or r.row in used),
    )


def combine_responses(responses: Sequence[FormResponse]) -> FormResponse:
    """Return the response of a person that counts, with the earlier responses.

    The newest counts, but a refusal counts unless an agreeing response is certainly later.
    """
    if len(responses) == 1:
        return responses[0]
    *earlier, newest = sorted(responses, key=lambda a: (a.time_rank, not a.agrees, a.row))
    if newest.agrees and (
        refusals := [a for a in earlier if not (a.agrees or is_certainly_later(newest, a))]
    ):
        earlier = [response for response in (*earlier, newest) if response is not refusals[-1]]
        newest = refusals[-1]
    earlier_ones = (e for response in earlier for e in (*response.earlier_responses, response))
    is_contested = not newest.agrees and any(
        a.agrees and not is_certainly_later(newest, a) for a in earlier_ones
    )
    fields = dict(newest.fields)
    for response in reversed(earlier):
        if not response.doubts:
            for heading, text in response.fields.items():
                fields.setdefault(heading, text)
    filled = newest.inherited_headings | (fields.keys() - newest.fields.keys())
    history = tuple(a for response in earlier for a in (*response.earlier_responses, response))
    email = newest.email or next((a.email for a in reversed(earlier) if a.email), "")
    history = (*newest.earlier_responses, *history)
    return replace(
        newest,
        fields=fields,
        email=email,
        earlier_responses=history,
        inherited_headings=filled,
        is_contested=is_contested or newest.is_contested,
    )


def is_certainly_later(first: FormResponse, second: FormResponse) -> bool:
    """Return True if a response is certainly later than another response.

    Both must have a submission time. A response that has only a day may be from any time of that
    day.
    """
    return is_later_moment(first.submitted_at, second.submitted_at)


def is_later_moment(first: dt.datetime | None, second: dt.datetime | None) -> bool:
    """Return True if a moment is certainly later than another.

    Midnight is any time of its day.
    """
    if first is None or second is None:
        return False
    has_time = second.time() != dt.time()
    return first - second >= (_NEXT_MOMENT if has_time else _NEXT_DAY)


_NEXT_MOMENT, _NEXT_DAY = dt.timedelta.resolution, dt.timedelta(days=1)


def _skipped_refusal(response: FormResponse) -> SkippedRow:
    """Return the skipped row of a response that does not agree."""
    reason: SkipReason = "contested" if response.is_contested else "no-consent"
    other_values = {CONSENT: response.unclear_consent} if response.unclear_consent else {}
    return SkippedRow(
        response.row,
        reason,
        name=_name(response),
        is_unanswered=response.is_unanswered,
        other_values=other_values,
    )


def skipped_duplicate(response: FormResponse, counted: FormResponse) -> SkippedRow:
    """Return the skipped row of a response that another response replaces."""
    skipped = SkippedRow(response.row, "double", _name(response), counted.row)
    if is_certainly_later(counted, response):
        return skipped
    if response.agrees and not counted.agrees:
        return replace(skipped, reason_code="contested")
    differing = {h: text for h, text in response.fields.items() if counted.fields.get(h) != text}
    is_same_day = response.submitted_at is not None and counted.submitted_at is not None
    return (
        replace(skipped, reason_code="same-day", other_values=differing)
        if differing and is_same_day
        else skipped
    )


def _name(response: FormResponse) -> str:
    return response.fields.get(NAME, "")


class _RowGroups:
    """Groups of rows that belong to the same person.

    Rows are joined two by two; those of `same` are joined at once.
    """

    def __init__(self, rows: Iterable[int], same: Mapping[int, int]) -> None:
        self._leader = {row: row for row in rows}
        for row, other in same.items():
            if {row, other} <= self._leader.keys():  # both are still responses
                self.join(row, other)

    def leader_of(self, row: int) -> int:
        """Return the row that is used for all rows of a person."""
        while self._leader[row] != row:
            self._leader[row] = self._leader[self._leader[row]]
            row = self._leader[row]
        return row

    def join(self, first: int, second: int) -> None:
        """Join the groups of two rows, which are of one person."""
        self._leader[self.leader_of(first)] = self.leader_of(second)


def _group_by_person(
    responses: Sequence[FormResponse], marks: Mapping[int, IdentityMarks], same: Mapping[int, int]
) -> Iterator[list[FormResponse]]:
    """Yield the responses of each person, joined by their identity marks."""
    groups = _RowGroups((response.row for response in responses), same)
    rows_by_mark, by_email = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for response in responses:
        response_marks = marks[response.row]
        by_email[response_marks.email].append(response.row)
        for mark in filter(
            None,
            (
                response_marks.submission_id,
                response_marks.email_and_name,
                response_marks.name_and_place,
            ),
        ):
            rows_by_mark[mark].append(response.row)
    for mark, (first, *rows) in rows_by_mark.items():
        for row in rows:
            if mark != marks[row].submission_id or is_supported_by(
                marks[first], marks[row].to_store
            ):
                groups.join(row, first)
    for response in responses:  # a refusal may contain only an email
        response_marks = marks[response.row]
        same_email = (
            by_email[response_marks.email]
            if response_marks.email and not response_marks.name
            else ()
        )
        owners = {groups.leader_of(row) for row in same_email} - {groups.leader_of(response.row)}
        if len(owners) == 1:
            groups.join(response.row, owners.pop())
    by_person = defaultdict[int, list[FormResponse]](list)
    for response in responses:
        by_person[groups.leader_of(response.row)].append(response)
    yield from by_person.values()


def is_supported_by(marks: IdentityMarks, known_marks: frozenset[str]) -> bool:
    """Return True if more than a response ID shows that two people are one.

    The name, the email or the address must match. A response without any of them is identified by
    its ID alone: a person withdraws their response.
    """
    supporting = {*marks.word_marks, marks.email, marks.place} - {""}
    return not supporting or not known_marks.isdisjoint(supporting)


def _doubt_namesakes(
    people: Sequence[FormResponse],
    refusals: Sequence[FormResponse],
    marks: Mapping[int, IdentityMarks],
) -> Iterator[FormResponse]:
    """Yield the people of a file, doubtful if someone else has the same name.

    The words of the name may have any order. People are also doubtful if they have another person's
    email and address, and perhaps a corrected name.
    """
    first: dict[str, FormResponse] = {}
    homes = defaultdict[tuple[str, str], list[FormResponse]](list)
    for response in sorted(people, key=lambda a: (a.time_rank, a.row)):
        response_marks = marks[response.row]
        first.setdefault(response_marks.sorted_name, response)
        if response_marks.email and response_marks.place:
            homes[response_marks.email, response_marks.place].append(response)
    name_only = {marks[a.row].name: a for a in refusals if has_only_name(marks[a.row])}
    by_email = defaultdict[str, list[FormResponse]](list)
    for refusal in refusals:
        by_email[marks[refusal.row].email].append(refusal)
    for response in people:
        response_marks = marks[response.row]
        other = name_only.get(response_marks.name) or first[response_marks.sorted_name]
        if response_marks.email:
            similar = (
                r
                for r in by_email[response_marks.email]
                if is_short_form(_name(r), _name(response))
            )
            other = next(similar, other)
        if other is response:
            other = _earlier_response_from_home(
                response, homes[response_marks.email, response_marks.place]
            )
        yield response if other is response else add_doubt(response, "same-name", other.row)


_MAX_AT_HOME = 20
"""Most people with one email and address whose names are compared."""


def _earlier_response_from_home(
    response: FormResponse, home: Sequence[FormResponse]
) -> FormResponse:
    """Return an earlier response from this home with a similar name.

    If there is none, return the response itself.
    """
    earlier = (
        a for a in home[:_MAX_AT_HOME] if (a.time_rank, a.row) < (response.time_rank, response.row)
    )
    return next((a for a in earlier if may_be_same_person(_name(a), _name(response))), response)


def has_only_name(marks: IdentityMarks) -> bool:
    """Return True if identity marks have nothing but a name."""
    return bool(marks.name) and not (marks.email or marks.place)


def add_doubt(response: FormResponse, doubt: Doubt, same_as: int = 0) -> FormResponse:
    """Return a response with one more reason why its person is doubtful."""
    doubts = response.doubts if doubt in response.doubts else (*response.doubts, doubt)
    return replace(response, doubts=doubts, same_name_row=same_as or response.same_name_row)


# Against the people who are known.


@dataclass(frozen=True, slots=True)
class MatchCandidate:
    """A known person whom a response may belong to: key, marks and name."""

    key: PersonKey
    marks: frozenset[str]
    name: str = ""

    @property
    def word_marks(self) -> frozenset[str]:
        """The identity marks of all words in the person's names, old and new."""
        return frozenset(mark for mark in self.marks if mark.startswith(_WORD_PREFIX))


@dataclass(frozen=True, slots=True)
class TypedPerson:
    """A person whom staff typed into signers.xlsx or a row of the list.

    `key` distinguishes people. `fields` are by heading of the list, `places` the cell of each. They
    are known, but the program never writes their cells.
    """

    key: str
    fields: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    email: str = ""
    is_included: bool = True
    list_row: int = 0
    """Their row in the list; 0 for a person in signers.xlsx."""

    @property
    def name(self) -> str:
        """Text of the Name cell, or an empty text."""
        return self.fields.get(NAME, "")

    @property
    def place(self) -> str:
        """Cell reference of the name, or an empty text."""
        return self.places.get(NAME, "")


class CandidateIndex:
    """An index of known people by their marks.

    If several people match, the first one counts.
    """

    def __init__(self, candidates: Sequence[MatchCandidate], emails: Mapping[str, int]) -> None:
        """Take the known people, and how many people of the file have an email."""
        self._emails = emails
        self._by_mark = defaultdict[str, list[MatchCandidate]](list)
        for candidate in candidates:
            for mark in candidate.marks:
                self._by_mark[mark].append(candidate)

    def find_key(self, responses: Sequence[IdentityMarks]) -> PersonKey | None:
        """Return the key of the person whose responses these are, or None.

        All rules apply except that of the email alone. The marks are of each response, the newest
        first.
        """
        for marks in responses:
            for candidate in self._candidates_with(marks.submission_id):
                if is_supported_by(marks, candidate.marks):
                    return candidate.key
        certain_marks = [
            *(m.email_and_name for m in responses),
            *(m.name_and_place for m in responses),
        ]
        return next((candidate.key for candidate in self.find_by_marks(certain_marks)), None)

    def find_by_changed_name(
        self, responses: Sequence[IdentityMarks], name: str
    ) -> Iterator[MatchCandidate]:
        """Yield known people with this email and a longer or shorter name.

        `name` is from the newest response; it may be blank in a refusal.
        """
        for marks in responses:
            owner = self._sole_owner_of_email(marks)
            if owner is not None:
                fewer_words, more_words = sorted(
                    (responses[0].word_marks, owner.word_marks), key=len
                )
                is_same = (
                    is_short_form(name, owner.name)
                    if name and owner.name
                    else fewer_words <= more_words
                )
                yield from [owner] if is_same else ()

    def find_by_marks(self, marks: Iterable[str]) -> Iterator[MatchCandidate]:
        """Yield known people who have one of these identity marks."""
        return (candidate for mark in marks for candidate in self._candidates_with(mark))

    def find_similar(self, responses: Iterable[IdentityMarks]) -> MatchCandidate | None:
        """Return the known person with this email and a common word in the name.

        This does not identify them for certain.
        """
        owners = ((marks, self._sole_owner_of_email(marks)) for marks in responses)
        return next((o for marks, o in owners if o and marks.word_marks & o.marks), None)

    def find_at_same_home(self, marks: IdentityMarks, name: str) -> MatchCandidate | None:
        """Return the known person with this email, address, and a similar name."""
        at_place = {candidate.key for candidate in self._candidates_with(marks.place)}
        at_same_home = (
            c
            for c in self._candidates_with(marks.email)[:_MAX_AT_HOME]
            if c.key in at_place and c.name
        )
        return next((c for c in at_same_home if may_be_same_person(c.name, name)), None)

    def _sole_owner_of_email(self, marks: IdentityMarks) -> MatchCandidate | None:
        """Return the known person with an email that no one else has, or None.

        In the file, too, only one person may have it.
        """
        candidates = self._candidates_with(marks.email)
        return (
            candidates[0] if len(candidates) == 1 and self._emails.get(marks.email) == 1 else None
        )

    def _candidates_with(self, mark: str) -> Sequence[MatchCandidate]:
        return self._by_mark.get(mark, ()) if mark else ()
