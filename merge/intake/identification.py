"""Identification of each response of a file: a known or a new person.

1. Staff's own decision comes first, then what identifies a person for certain (`matching`).
2. Less is enough for a known person to whom no other response of the file belongs. One of these
   must be true: this response was imported before; the email is theirs and the name is longer or
   shorter; they declined before under this name alone.
3. Several responses of one known person become one.
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
from merge.intake.precedence import ResponsePrecedence
from merge.intake.review_reasons import SAME_NAME, describe_likeness


@dataclass(frozen=True, slots=True)
class IdentifiedResponse:
    """The response of one person, and the marks of all their responses.

    The newest marks are first. `key` is None for a new person.
    """

    response: FormResponse
    marks: Sequence[IdentityMarks]
    key: PersonKey | None = None

    @property
    def name(self) -> str:
        """The person's name in the response."""
        return self.response.fields.get(NAME, "")

    @property
    def all_marks(self) -> frozenset[str]:
        """The marks of a person that the memory must store.

        The mark of the name itself is stored only if nothing else identifies the person.
        """
        bare = {self.marks[0].name} if has_only_name(self.marks[0]) else set[str]()
        return frozenset(bare).union(*(marks.to_store for marks in self.marks))


@dataclass(frozen=True, slots=True)
class PersonResemblance:
    """The resemblance of a new person to someone who may be the same.

    `same_as` is the ID or the cell of someone known; empty for someone in the same file.
    """

    description: str = ""
    same_as: str = ""
    has_other_name: bool = False


class PersonIdentification:
    """The people of an imported file, each known or new.

    `responses` has one response for each person, the oldest first.
    """

    def __init__(
        self,
        responses: CollectedResponses,
        known: KnownPeople,
        precedence: ResponsePrecedence,
        same_person: Mapping[int, str],
    ) -> None:
        """Take the responses, and the IDs in the list that staff chose for rows."""
        all_responses = [*responses.people, *responses.refusals]
        self._known, self._precedence = known, precedence
        self._declined_keys = [key for key in known.records if key.kind == "declined"]
        self._marks = {response.row: self._marks_of(response) for response in all_responses}
        emails = Counter(
            e
            for response_marks in self._marks.values()
            for e in {m.email for m in response_marks}
            if e
        )
        self._candidates = {candidate.key: candidate for candidate in known.candidates()}
        self._index = CandidateIndex([*self._candidates.values()], emails)
        keys = self._keys(all_responses, same_person)
        self.keys = {*keys.values()} - {None}
        self.responses, self.duplicate_rows = self._combine_by_person(all_responses, keys)
        self._agreeing = {
            identified.key for identified in self.responses if identified.response.agrees
        }
        self._declined_by_mark = self._declined_in_earlier_files()

    def _marks_of(self, response: FormResponse) -> Sequence[IdentityMarks]:
        """Return the identity marks of a response and of its earlier versions."""
        hasher, form = self._known.hasher, self._precedence.form
        return [
            identity_marks(hasher, a.fields, a.email, form=form, submission=a.submission_id)
            for a in (response, *reversed(response.earlier_responses))
        ]

    def _keys(
        self, all_responses: Sequence[FormResponse], same_person: Mapping[int, str]
    ) -> dict[int, PersonKey | None]:
        """Return the person whom each row is from, or None for a new person."""
        keys = dict[int, PersonKey | None]()
        for response in all_responses:
            own_id = same_person.get(response.row, "")
            is_chosen = own_id in self._known.listed
            marks = self._marks[response.row]
            keys[response.row] = (
                PersonKey("list", own_id) if is_chosen else self._index.find_key(marks)
            )
        used_keys = {*keys.values()}
        for response in all_responses:
            if keys[response.row] is None:
                keys[response.row] = self._find_weak_match(response, used_keys)
                used_keys.add(keys[response.row])
        return keys

    def _find_weak_match(
        self, response: FormResponse, used_keys: Collection[PersonKey | None]
    ) -> PersonKey | None:
        """Return a known person who may be meant and is not in the file, or None."""
        marks = self._marks[response.row]
        imported_before = self._index.find_by_marks(
            map(self._precedence.response_hash, (response, *response.earlier_responses))
        )
        with_other_name = self._index.find_by_changed_name(marks, response.fields.get(NAME, ""))
        keys = [candidate.key for candidate in (*imported_before, *with_other_name)]
        if has_only_name(marks[0]) and not response.agrees:
            keys += (
                k for k in self._declined_keys if marks[0].name in self._known.records[k].marks
            )
        return next((key for key in keys if key not in used_keys), None)

    def _combine_by_person(
        self, all_responses: Sequence[FormResponse], keys: Mapping[int, PersonKey | None]
    ) -> tuple[list[IdentifiedResponse], list[SkippedRow]]:
        """Return the response of each person, and the rows that do not count."""
        by_key = defaultdict[PersonKey, list[FormResponse]](list)
        responses = list[IdentifiedResponse]()
        duplicate_rows = list[SkippedRow]()
        for response in all_responses:
            if key := keys[response.row]:
                by_key[key].append(response)
            else:
                responses.append(IdentifiedResponse(response, self._marks[response.row]))
        for key, group in by_key.items():
            combined_response = combine_responses(group)
            marks = [mark for response in group for mark in self._marks[response.row]]
            responses.append(IdentifiedResponse(combined_response, marks, key))
            duplicate_rows += [
                skipped_duplicate(a, combined_response)
                for a in group
                if a.row != combined_response.row
            ]
        return sorted(
            responses,
            key=lambda identified: (identified.response.time_rank, identified.response.row),
        ), duplicate_rows

    def _declined_in_earlier_files(self) -> dict[str, MemoryRecord]:
        """Return the records of people who declined in an earlier file, by mark.

        They are in neither the list nor the file. A person in the same file with the same name and
        an address of their own is someone else.
        """
        refusal_hash = self._known.hasher.text_hash("no")
        records = [(k, r) for k, r in self._known.records.items() if k not in self.keys]
        never_listed = [record for key, record in records if key.kind == "declined"]
        deleted = [record for key, record in records if key.kind == "deleted"]
        declined = [
            *never_listed,
            *(r for r in deleted if r.form_hashes.get(INCLUDE) == refusal_hash),
        ]
        return {mark: record for record in declined for mark in record.marks}

    # People who resemble each other.

    def certain_matches(self, identified: IdentifiedResponse) -> set[PersonKey]:
        """Return the known people with this email and name, or name and address."""
        certain_marks = (
            m
            for marks in identified.marks
            for m in (marks.email_and_name, marks.name_and_place)
            if m
        )
        return {candidate.key for candidate in self._index.find_by_marks(certain_marks)}

    def possible_matches(
        self, identified: IdentifiedResponse, namesakes: PeopleByName
    ) -> set[PersonKey]:
        """Return the known people to whom a refusal may belong.

        Nothing makes it certain. Either they have the email and a word of the name; or they have
        the name, and one of these is true:

        1. The refusal contains nothing else.
        2. No one else has that name, and they do not agree in the same file.
        """
        similar = self._index.find_similar(identified.marks)
        keys = {similar.key} if similar else set[PersonKey]()
        name = identified.marks[0].name
        with_name = namesakes.by_name.get(name, []) if name else []
        is_unknown = identified.key is None or identified.key.kind == "declined"
        is_sole = is_unknown and len(with_name) == 1 and self._agreeing.isdisjoint(with_name)
        return keys.union(with_name) if has_only_name(identified.marks[0]) or is_sole else keys

    def likeness(
        self,
        identified: IdentifiedResponse,
        namesakes: PeopleByName,
        coming: Collection[PersonKey | None],
    ) -> PersonResemblance:
        """Return which known people a new person resembles."""
        if identified.key and identified.key.kind == "deleted":
            return PersonResemblance()
        marks = identified.marks[0]
        similar = self._index.find_similar(identified.marks) or self._index.find_at_same_home(
            marks, identified.name
        )
        similar_key = similar.key if similar and similar.key not in coming else None
        declined = self._declined_by_mark.get(marks.sorted_name)
        if declined is None and similar_key and similar_key.kind == "declined":
            declined = self._known.records[similar_key]
        if declined is not None:
            forms = " and ".join(sorted(declined.forms))
            description = f"someone who declined in {forms}" if forms else "someone who declined"
            return PersonResemblance(SAME_NAME, description)
        key = namesakes.by_sorted_name.get(marks.sorted_name) or similar_key
        if key and key in namesakes.marks:
            is_listed, place = key.kind == "list", namesakes.marks[key].place
            same_as = key.id if is_listed else self._known.typed[key.id].place
            return _describe_likeness(marks, self._candidates[key].marks, place, same_as)
        if (
            "same-name" not in identified.response.doubts
            or identified.response.same_name_row not in self._marks
        ):
            return PersonResemblance()
        other_marks = self._marks[identified.response.same_name_row][0]
        return _describe_likeness(marks, other_marks.to_store, other_marks.place)

    def known_name(self, key: PersonKey) -> str:
        """Return a known person's previous name, or an empty text."""
        return self._candidates[key].name if key in self._candidates else ""


def _describe_likeness(
    new_marks: IdentityMarks, known_marks: Collection[str], place: str, same_as: str = ""
) -> PersonResemblance:
    words = describe_likeness(new_marks, known_marks, has_place=bool(place))
    return PersonResemblance(
        words, same_as, has_other_name=new_marks.sorted_name not in known_marks
    )
