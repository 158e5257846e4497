"""Whose answer each answer of a file is: someone known, or someone new and whom they resemble.

1. Staff's own decision comes first, then what identifies a person for certain (`matching`).
2. Someone whom no other answer of the file is of may be known by less: this very answer was
   imported before, the email is theirs and the name is fuller or shorter, or they declined before
   under this name alone.
3. Several answers of one known person become one.
4. Otherwise the person is new. A new person who resembles someone is doubtful.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from merge.intake.destinations import INCLUDE, NAME
from merge.intake.form_types import CollectedResponses, FormResponse, SkippedRow
from merge.intake.known_people import KnownPeople, PeopleByName
from merge.intake.list_types import MemoryRecord, PersonKey
from merge.intake.matching import (
    CandidateIndex,
    IdentityMarks,
    combine_responses,
    has_only_name,
    identity_marks,
    skipped_duplicate,
)
from merge.intake.precedence import Precedence
from merge.intake.review_reasons import SAME_NAME, describe_likeness


@dataclass(frozen=True, slots=True)
class IdentifiedResponse:
    """The answer of one person and the marks of all their answers; `key` is None if they are new.

    The newest answer's marks are first.
    """

    response: FormResponse
    marks: Sequence[IdentityMarks]
    key: PersonKey | None = None

    @property
    def name(self) -> str:
        """Name in the answer."""
        return self.response.fields.get(NAME, "")

    @property
    def all_marks(self) -> frozenset[str]:
        """What to remember; of the name itself only if nothing else identifies the person."""
        bare = {self.marks[0].name} if has_only_name(self.marks[0]) else set[str]()
        return frozenset(bare).union(*(marks.to_store for marks in self.marks))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a new person resembles someone.

    `same_as` is the ID or the place of someone known; empty for someone of the same file.
    """

    description: str = ""
    same_as: str = ""
    has_other_name: bool = False


class Identification:
    """Whose answers a file holds: `answers`, one for each person, oldest first."""

    def __init__(
        self,
        answers: CollectedResponses,
        known: KnownPeople,
        precedence: Precedence,
        same_person: Mapping[int, str],
    ) -> None:
        """Take the answers of a file, and whose ID in the list staff gave to which row."""
        every = [*answers.people, *answers.refusals]
        self._known, self._precedence = known, precedence
        self._declined_keys = [key for key in known.records if key.kind == "refused"]
        self._marks = {answer.row: self._marks_of(answer) for answer in every}
        emails = Counter(e for own in self._marks.values() for e in {m.email for m in own} if e)
        self._candidates = {candidate.key: candidate for candidate in known.candidates()}
        self._index = CandidateIndex([*self._candidates.values()], emails)
        keys = self._keys(every, same_person)
        self.keys = {*keys.values()} - {None}
        self.responses, self.duplicate_rows = self._combine_by_person(every, keys)
        self._agreeing = {one.key for one in self.responses if one.response.agrees}
        self._declined_by_mark = self._declined_in_earlier_files()

    def _marks_of(self, answer: FormResponse) -> Sequence[IdentityMarks]:
        """Return the marks of an answer and of the earlier ones, the newest first."""
        hasher, form = self._known.hasher, self._precedence.form
        return [
            identity_marks(hasher, a.fields, a.email, form=form, submission=a.submission_id)
            for a in (answer, *reversed(answer.earlier_responses))
        ]

    def _keys(
        self, every: Sequence[FormResponse], same_person: Mapping[int, str]
    ) -> dict[int, PersonKey | None]:
        """Return who each row is of, None for someone new."""
        keys = dict[int, PersonKey | None]()
        for answer in every:
            own = same_person.get(answer.row, "")
            is_chosen = own in self._known.listed
            marks = self._marks[answer.row]
            keys[answer.row] = PersonKey("list", own) if is_chosen else self._index.find_key(marks)
        taken = {*keys.values()}
        for answer in every:
            if keys[answer.row] is None:
                keys[answer.row] = self._find_weak_match(answer, taken)
                taken.add(keys[answer.row])
        return keys

    def _find_weak_match(
        self, answer: FormResponse, taken: Collection[PersonKey | None]
    ) -> PersonKey | None:
        """Return who an answer may be of, among those whom the file does not have; else None."""
        marks = self._marks[answer.row]
        seen = self._index.find_by_marks(
            map(self._precedence.response_hash, (answer, *answer.earlier_responses))
        )
        edited = self._index.find_by_changed_name(marks, answer.fields.get(NAME, ""))
        keys = [candidate.key for candidate in (*seen, *edited)]
        if has_only_name(marks[0]) and not answer.agrees:
            keys += (
                k for k in self._declined_keys if marks[0].name in self._known.records[k].marks
            )
        return next((key for key in keys if key not in taken), None)

    def _combine_by_person(
        self, every: Sequence[FormResponse], keys: Mapping[int, PersonKey | None]
    ) -> tuple[list[IdentifiedResponse], list[SkippedRow]]:
        """Return the answer of each person, and the rows of those that do not count."""
        by_key = defaultdict[PersonKey, list[FormResponse]](list)
        found = list[IdentifiedResponse]()
        doubles = list[SkippedRow]()
        for answer in every:
            if key := keys[answer.row]:
                by_key[key].append(answer)
            else:
                found.append(IdentifiedResponse(answer, self._marks[answer.row]))
        for key, group in by_key.items():
            whole = combine_responses(group)
            marks = [mark for answer in group for mark in self._marks[answer.row]]
            found.append(IdentifiedResponse(whole, marks, key))
            doubles += [skipped_duplicate(a, whole) for a in group if a.row != whole.row]
        return sorted(found, key=lambda one: (one.response.time_rank, one.response.row)), doubles

    def _declined_in_earlier_files(self) -> dict[str, MemoryRecord]:
        """Return by name mark who declined in an earlier file, and is in neither list nor file.

        A person in the same file with the same name and an address of their own is someone else.
        """
        no = self._known.hasher.text_hash("no")
        records = [(k, r) for k, r in self._known.records.items() if k not in self.keys]
        refused = [record for key, record in records if key.kind == "refused"]
        deleted = [record for key, record in records if key.kind == "deleted"]
        declined = [*refused, *(r for r in deleted if r.said.get(INCLUDE) == no)]
        return {mark: record for record in declined for mark in record.marks}

    # Whom someone resembles.

    def certain_matches(self, one: IdentifiedResponse) -> set[PersonKey]:
        """Return everyone known with this email and name, or this name and address."""
        whole = (m for own in one.marks for m in (own.email_and_name, own.name_and_place) if m)
        return {candidate.key for candidate in self._index.find_by_marks(whole)}

    def possible_matches(self, one: IdentifiedResponse, namesakes: PeopleByName) -> set[PersonKey]:
        """Return everyone known whom a refusal may be of, though nothing says so for certain.

        These have the email and a word of the name; or the name, if the refusal has nothing else,
        or no one else has that name and they do not agree in the same file.
        """
        near = self._index.find_similar(one.marks)
        found = {near.key} if near else set[PersonKey]()
        name = one.marks[0].name
        same = namesakes.by_name.get(name, []) if name else []
        is_unknown = one.key is None or one.key.kind == "refused"
        is_sole = is_unknown and len(same) == 1 and self._agreeing.isdisjoint(same)
        return found.union(same) if has_only_name(one.marks[0]) or is_sole else found

    def likeness(
        self, one: IdentifiedResponse, namesakes: PeopleByName, coming: Collection[PersonKey | None]
    ) -> Likeness:
        """Return whom someone new resembles; `coming` are the keys of everyone who is new."""
        if one.key and one.key.kind == "deleted":
            return Likeness()
        own = one.marks[0]
        near = self._index.find_similar(one.marks) or self._index.find_at_same_home(own, one.name)
        near_key = near.key if near and near.key not in coming else None
        declined = self._declined_by_mark.get(own.sorted_name)
        if declined is None and near_key and near_key.kind == "refused":
            declined = self._known.records[near_key]
        if declined is not None:
            forms = " and ".join(sorted(declined.forms))
            who = f"someone who declined in {forms}" if forms else "someone who declined"
            return Likeness(SAME_NAME, who)
        key = namesakes.by_sorted_name.get(own.sorted_name) or near_key
        if key and key in namesakes.marks:
            is_listed, place = key.kind == "list", namesakes.marks[key].place
            same_as = key.id if is_listed else self._known.typed[key.id].place
            return _describe_likeness(own, self._candidates[key].marks, place, same_as)
        if "same-name" not in one.response.doubts or one.response.same_name_row not in self._marks:
            return Likeness()
        other = self._marks[one.response.same_name_row][0]
        return _describe_likeness(own, other.to_store, other.place)

    def known_name(self, key: PersonKey) -> str:
        """Return the name of someone known, as it was before; empty if there is none."""
        return self._candidates[key].name if key in self._candidates else ""


def _describe_likeness(
    own: IdentityMarks, other: Collection[str], place: str, same_as: str = ""
) -> Likeness:
    words = describe_likeness(own, other, has_place=bool(place))
    return Likeness(words, same_as, has_other_name=own.sorted_name not in other)
