"""The answers of a file merged into the list: three-way, cell by cell; staff's work is kept.

1. Three texts of each cell are compared: what the form said last, what it says now, and what is in
   the list. If staff have changed the cell, their text stays.
2. Include only ever changes to no.
3. The memory keeps the day of each person's newest answer, so two files give the same people in
   any order. An older answer fills blank cells and changes nothing else.
4. If the days do not say which of two answers is newer, an answer that does not agree counts: an
   answer that agrees is never certainly later than a refusal of an unknown day.
5. Otherwise the answer of the file that has everyone of the other file and more counts. If the
   files do not say either, one of the two counts in any order of imports; the other is reported.
6. An answer of an unknown day that agrees is older than any other.
7. An answer that did not agree, and does now only because other words mean yes, counts again.
8. Everyone to whom a refusal may belong is left out until staff decide.

Who is who is in `identification`, which answer counts in `precedence`. No file is read or written.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal

from merge.intake.choices import ImportChoices, cells_to_fix
from merge.intake.destinations import INCLUDE, NAME
from merge.intake.form_types import CollectedResponses, FormResponse
from merge.intake.identification import Identification, IdentifiedResponse, Likeness
from merge.intake.known_people import KnownPeople, PeopleByName
from merge.intake.list_types import (
    ChangeKind,
    KnownPerson,
    ListCellChange,
    ListChanges,
    ListedPerson,
    MemoryRecord,
    NewPerson,
    PersonKey,
    SignerList,
)
from merge.intake.matching import Hasher, TypedPerson, add_doubt
from merge.intake.precedence import COUNTED_STATUSES, Precedence, ResponseStatus
from merge.intake.review_reasons import REVIEW_REASONS, SAME_HOME, review_reasons
from merge.text.folding import folded
from merge.workbook.reading import WITHDRAWN_REASON
from merge.workbook.translated_words import says_no

_POSSIBLE_REFUSAL = "someone with this name or email declined"
_PARTIAL_FILE_DIVISOR = 5
"""A file holds only a part of the answers if more than a fifth of those known are missing."""


def merge_responses(
    answers: CollectedResponses,
    before: SignerList,
    typed: Sequence[TypedPerson],
    choices: ImportChoices,
    today: dt.date,
) -> ListChanges:
    """Return what the answers of a form, each person once, change in the list.

    `typed` are the people of signers.xlsx, `choices.form` is the name of the form. A day in the
    future counts as `today`.
    """
    return _ListMerge(answers, before, typed, choices=choices, today=today).merge()


@dataclass(frozen=True, slots=True)
class _CellHashes:
    """A cell as hashes: as the form said it last, as it says it now, as it is in the list."""

    heading: str
    form_before: str
    form_now: str
    in_list: str


_CellOutcome = ChangeKind | Literal["same", "agreed"]
"""What becomes of a cell; `agreed`: the list already has what the form says only now."""


@dataclass(slots=True)
class _ImportReport:
    """What an import reports, as it is collected."""

    cell_changes: list[ListCellChange] = field(default_factory=list)
    withdrawn_people: list[KnownPerson] = field(default_factory=list)
    withdrawn_ids: set[str] = field(default_factory=set)
    """Thousands may withdraw in one file."""
    deleted_people: list[KnownPerson] = field(default_factory=list)
    declined_people: list[KnownPerson] = field(default_factory=list)
    unchanged_people: list[KnownPerson] = field(default_factory=list)

    def add_withdrawn(self, person: KnownPerson) -> None:
        """Report that a person withdraws."""
        self.withdrawn_people.append(person)
        self.withdrawn_ids.add(person.id)


class _ListMerge:
    """One import: who is known, whose answers the file has, what becomes of each of them."""

    def __init__(
        self,
        answers: CollectedResponses,
        before: SignerList,
        typed: Sequence[TypedPerson],
        choices: ImportChoices,
        today: dt.date,
    ) -> None:
        self._before, self._choices, self._form = before, choices, choices.form
        self._fixed_cells = cells_to_fix(answers, choices)
        self._hasher = Hasher(before.salt)
        self._precedence = Precedence(self._hasher, choices.form, today)
        self._known = KnownPeople(before, typed, self._hasher)
        self._listed, self._records = self._known.listed, self._known.records
        self._identification = Identification(
            answers, self._known, self._precedence, choices.same_person
        )
        self._file_age = self._precedence.file_age(
            (one.response for one in self._identification.responses),
            (one.key for one in self._identification.responses),
            self._records,
        )
        self._names_to_add_again = {folded(word) for word in choices.again}
        self._new_refusals = count(len(before.declined_records))
        self._report = _ImportReport()

    def merge(self) -> ListChanges:
        """Return what the answers change."""
        refusals = [
            (one, s) for one in self._identification.responses if (s := self._refusal_status(one))
        ]
        new = [one for one in self._identification.responses if self._update_known(one)]
        namesakes = self._known.people_by_name()
        for one, standing in refusals:
            self._exclude_possible_matches(one, standing, namesakes)
        added = self._added_people(new, namesakes)
        missing = [own for own in self._listed if self._is_missing(own)]
        known = sum(self._form in self._before.records[own].forms for own in self._listed)
        is_part = len(missing) * _PARTIAL_FILE_DIVISOR > known
        gone = [self._listed[own] for own in missing if not is_part]
        fields = self._known.cells_before_import()
        return ListChanges(
            list_after=self._list_after(added),
            new_people=tuple(person for person, _ in added),
            cell_changes=tuple(self._report.cell_changes),
            withdrawn_people=tuple(self._report.withdrawn_people),
            missing_people=tuple(
                _known_person(person) for person in gone if not says_no(person.include)
            ),
            deleted_people=tuple(self._report.deleted_people),
            declined_people=tuple(self._report.declined_people),
            unchanged_people=tuple(self._report.unchanged_people),
            duplicate_rows=tuple(self._identification.duplicate_rows),
            is_partial_file=is_part,
            missing_count=len(missing),
            known_count=known,
            cells_before={
                o.response.row: fields[o.key]
                for o in self._identification.responses
                if o.key in fields
            },
        )

    def _is_missing(self, own: str) -> bool:
        is_here = PersonKey("list", own) in self._identification.keys
        return self._form in self._before.records[own].forms and not is_here

    def _update_known(self, one: IdentifiedResponse) -> bool:
        """Bring what is known of a person up to date; return whether they come into the list."""
        match one.key:
            case PersonKey("list", own):
                self._update_listed(self._listed[own], one.key, one)
            case PersonKey("typed", own):
                self._update_typed(self._known.typed[own], one.key, one)
            case PersonKey("deleted", _):
                return self._is_added_again(one.key, one)
            case _:
                return self._is_added(one)
        return False

    # How an answer stands to what is known.

    def _status(self, record: MemoryRecord, answer: FormResponse) -> ResponseStatus:
        return self._precedence.status(record, answer, self._file_age)

    def _refusal_status(self, one: IdentifiedResponse) -> ResponseStatus | None:
        """Return how an answer that does not agree stands to what is known, if it counts."""
        if one.response.agrees:
            return None
        standing = self._status(self._record_for(one.key), one.response)
        return standing if standing in COUNTED_STATUSES else None

    def _record_for(self, key: PersonKey | None) -> MemoryRecord:
        return self._records.get(key, MemoryRecord()) if key else MemoryRecord()

    def _updated_record(
        self, record: MemoryRecord, one: IdentifiedResponse, standing: ResponseStatus
    ) -> MemoryRecord:
        """Return a record that knows whose the answer is and, if it counts, the answer."""
        marks, forms = record.marks | one.all_marks, record.forms | {self._form}
        if standing not in COUNTED_STATUSES:
            return replace(record, marks=marks, forms=forms)
        own, day = (
            self._precedence.response_hash(one.response),
            self._precedence.response_day(one.response),
        )
        seen = (
            record.seen
            | {own}
            | {self._precedence.response_hash(a) for a in one.response.earlier_responses}
        )
        row = {self._precedence.row_hash(one.response)}
        seen = seen - row if one.response.agrees else seen | row
        latest, newest = own, self._precedence.day_to_remember(record, one.response)
        if standing == "same" or (one.response.agrees and day is None and record.newest):
            latest, newest = record.latest, record.newest
        return replace(record, marks=marks, forms=forms, seen=seen, latest=latest, newest=newest)

    # People in the list.

    def _update_listed(self, person: ListedPerson, key: PersonKey, one: IdentifiedResponse) -> None:
        """Bring a person in the list up to date where staff have not changed anything."""
        before, answer = self._records[key], one.response
        standing = self._status(before, answer)
        said, fields = dict(before.said), dict(person.fields)
        changes = list[ListCellChange]()
        for heading, text in answer.fields.items() if answer.agrees else ():
            if heading in said and heading not in self._before.headings:
                continue  # staff have deleted the column
            ours, now = person.fields.get(heading, ""), self._hasher.text_hash(text)
            cell = _CellHashes(heading, said.get(heading, ""), now, self._hasher.text_hash(ours))
            kind = self._cell_outcome(cell, key, answer, standing)
            if kind == "older" and self._precedence.is_undecided(before, answer, self._file_age):
                kind = "same-day"
            if kind in ("changed", "both", "agreed"):
                said[heading] = now
            if kind == "changed":
                fields[heading] = text
            if kind != "same" and kind != "agreed":  # noqa: PLR1714 - mypy
                when = self._precedence.response_day(answer) if kind == "older" else None
                change = _cell_change(person, heading, kind, form_text=text)
                changes.append(replace(change, response_day=when))
        changes += self._apply_fixes(person, answer, fields)
        record = replace(self._updated_record(before, one, standing), said=said)
        person = replace(person, fields=fields)
        person, record = self._apply_consent(person, record, answer, standing, changes)
        self._listed[person.id] = person
        if record != before:  # most stay as they are: one copy is enough
            self._records[key] = record
        self._report.cell_changes += changes
        if not changes and person.id not in self._report.withdrawn_ids:
            self._report.unchanged_people.append(_known_person(person, answer.row))

    def _apply_fixes(
        self, person: ListedPerson, answer: FormResponse, fields: dict[str, str]
    ) -> Iterator[ListCellChange]:
        """Fix cells as staff say, if they are still as the form has them."""
        for heading, text in self._fixed_cells.get(answer.row, {}).items():
            ours = fields.get(heading, "")
            if ours == answer.fields.get(heading, ""):
                fields[heading] = text
                yield replace(
                    _cell_change(person, heading, "changed", form_text=text), current_text=ours
                )

    def _cell_outcome(
        self, cell: _CellHashes, key: PersonKey, answer: FormResponse, standing: ResponseStatus
    ) -> _CellOutcome:
        """Return what becomes of a cell of the list, by the table of three-way changes."""
        if cell.form_now == cell.form_before:
            return "same" if cell.in_list == cell.form_now else "kept"
        if cell.in_list == cell.form_now:
            return "agreed" if not cell.form_before or standing in COUNTED_STATUSES else "same"
        if (key.id, cell.heading) in self._choices.take_form:
            return "changed"
        kind: _CellOutcome = "changed" if cell.in_list == cell.form_before else "both"
        if standing == "seen":
            kind = "same"
        elif {*answer.doubts} - {"same-name"}:
            kind = "doubted"
        elif standing == "older" and (cell.in_list or cell.form_before):
            kind = "older"
        return kind

    def _apply_consent(
        self,
        person: ListedPerson,
        record: MemoryRecord,
        answer: FormResponse,
        standing: ResponseStatus,
        changes: list[ListCellChange],
    ) -> tuple[ListedPerson, MemoryRecord]:
        """Set Include to no if the answer says so, and report if staff's no stays."""
        state, base = self._precedence.consent_hash(answer), record.said.get(INCLUDE, "")
        day, is_out = self._precedence.response_day(answer), says_no(person.include)
        no = replace(_cell_change(person, INCLUDE, "kept"), current_text=person.include)
        now = replace(record, said={**record.said, INCLUDE: state})
        if state == self._hasher.text_hash("yes"):
            if is_out and record.include != "no":
                changes.append(no)
            elif is_out and standing == "new" and base not in ("", state):
                changes.append(replace(no, kind="agrees-again", form_text="yes", response_day=day))
            return person, now if standing in COUNTED_STATUSES else record
        if standing == "older" and not is_out and base != state:
            changes.append(replace(no, kind="older", form_text="no", response_day=day))
        if standing not in COUNTED_STATUSES or (standing == "same" and base == state):
            return person, record
        if is_out and (base == state or record.include != "no"):
            return person, now
        self._report.add_withdrawn(_known_person(person, answer.row))
        return _exclude(
            person, now, REVIEW_REASONS["deceased"] if answer.agrees else WITHDRAWN_REASON
        )

    # People typed by staff, people deleted, people not known.

    def _update_typed(self, person: TypedPerson, key: PersonKey, one: IdentifiedResponse) -> None:
        """Report what the form says now of someone typed by staff; nothing of theirs is written."""
        answer, record = one.response, self._records.get(key, MemoryRecord(where="typed"))
        standing = self._status(record, answer)
        said, changes = dict(record.said), list[ListCellChange]()
        for heading, text in answer.fields.items() if answer.agrees else ():
            now, ours = self._hasher.text_hash(text), person.fields.get(heading)
            if ours is None or now == said.get(heading) or standing == "seen":
                continue
            if now != self._hasher.text_hash(ours):
                kind: ChangeKind = "older" if standing == "older" else "in-workbook"
                place = person.places.get(heading, "")
                changes.append(
                    ListCellChange(
                        id=person.id,
                        name=person.name,
                        heading=heading,
                        kind=kind,
                        current_text=ours,
                        form_text=text,
                        place=place,
                    )
                )
            if standing != "older":
                said[heading] = now
        state = self._precedence.consent_hash(answer)
        is_out = state != self._hasher.text_hash("yes")
        if is_out and person.is_included and standing != "older":
            is_new = standing == "new" or record.said.get(INCLUDE) != state
            self._withdraw_typed(person, answer.row, WITHDRAWN_REASON if is_new else "")
        elif not changes:
            same = KnownPerson(person.id, person.name, answer.row, person.place)
            self._report.unchanged_people.append(same)
        if standing in COUNTED_STATUSES:
            said[INCLUDE] = state
        self._report.cell_changes += changes
        self._records[key] = replace(self._updated_record(record, one, standing), said=said)

    def _withdraw_typed(
        self, person: TypedPerson, row: int, reason: str, *, is_perhaps: bool = False
    ) -> None:
        """Report that someone typed by staff withdraws; if in a row of the list, leave them out.

        Without a reason staff have decided since.
        """
        who = KnownPerson(
            id=person.id,
            name=person.name,
            row=row,
            place=person.place,
            list_row=person.list_row,
            is_uncertain=is_perhaps,
        )
        self._report.add_withdrawn(who)
        if reason and person.list_row:
            own = self._known.typed_rows[person.list_row]
            self._known.typed_rows[person.list_row], _ = _exclude(own, MemoryRecord(), reason)

    def _is_added_again(self, key: PersonKey, one: IdentifiedResponse) -> bool:
        """Return whether someone whom staff deleted is added again; remember the answer if not."""
        record, answer = self._records[key], one.response
        own = key.id if record.where == "list" else ""
        if answer.agrees and not self._names_to_add_again.isdisjoint(
            {folded(one.name), folded(own)} - {""}
        ):
            return True
        if answer.agrees:
            self._report.deleted_people.append(KnownPerson(own, one.name, answer.row))
        standing = self._status(record, answer)
        if not answer.agrees and standing in COUNTED_STATUSES:
            state = self._precedence.consent_hash(answer)
            record = replace(record, said={**record.said, INCLUDE: state})
        self._records[key] = self._updated_record(record, one, standing)
        return False

    def _is_added(self, one: IdentifiedResponse) -> bool:
        """Return whether someone is new and agrees; remember the answer if not."""
        record, answer = self._record_for(one.key), one.response
        standing = self._status(record, answer)
        if answer.agrees:
            if not one.key or standing == "new" or folded(one.name) in self._names_to_add_again:
                return True
            self._report.declined_people.append(KnownPerson("", one.name, answer.row))
        elif one.all_marks and standing in COUNTED_STATUSES:
            record = replace(record, said={INCLUDE: self._precedence.consent_hash(answer)})
        if one.key or one.all_marks:
            key = one.key or PersonKey("refused", str(next(self._new_refusals)))
            self._records[key] = self._updated_record(record, one, standing)
        return False

    def _exclude_possible_matches(
        self, one: IdentifiedResponse, standing: ResponseStatus, namesakes: PeopleByName
    ) -> None:
        """Leave out everyone to whom a refusal may belong, until staff decide."""
        sure = self._identification.certain_matches(one)
        perhaps = (
            self._identification.possible_matches(one, namesakes)
            if standing == "new"
            else set[PersonKey]()
        )
        for key in sorted((sure | perhaps) - {one.key}):
            match key:
                case PersonKey("list", own) if standing == "new":
                    self._exclude_possible_match(self._listed[own], key, one.response.row)
                case PersonKey("typed", own) if self._known.typed[own].is_included:
                    is_perhaps = key not in sure
                    reason = _POSSIBLE_REFUSAL if is_perhaps else WITHDRAWN_REASON
                    self._withdraw_typed(
                        self._known.typed[own],
                        one.response.row,
                        reason if standing == "new" else "",
                        is_perhaps=is_perhaps,
                    )

    def _exclude_possible_match(self, person: ListedPerson, key: PersonKey, row: int) -> None:
        """Leave out a person whom a refusal may be of, unless staff have said no already."""
        record = self._records[key]
        if not says_no(person.include) or record.include == "no":
            self._listed[person.id], self._records[key] = _exclude(
                person, record, _POSSIBLE_REFUSAL
            )
            self._report.add_withdrawn(replace(_known_person(person, row), is_uncertain=True))

    # People who are new.

    def _added_people(
        self, new: Sequence[IdentifiedResponse], namesakes: PeopleByName
    ) -> list[tuple[NewPerson, MemoryRecord]]:
        """Return people who come into the list, doubtful ones last, each with their record."""
        coming = {one.key for one in new}
        judged = [(one, self._identification.likeness(one, namesakes, coming)) for one in new]
        judged.sort(key=lambda found: bool(found[0].response.doubts or found[1].description))
        ids = self._free_ids()
        by_row = {p.row: p.id for p in self._report.withdrawn_people if p.id}
        for one in self._identification.responses:
            if one.key and one.key.kind == "list":
                by_row[one.response.row] = one.key.id
        added = list[tuple[NewPerson, MemoryRecord]]()
        for one, likeness in judged:
            former = self._records.pop(one.key, MemoryRecord()) if one.key else MemoryRecord()
            is_back = one.key and one.key.kind == "deleted" and former.where == "list"
            own = one.key.id if one.key and is_back else next(ids)
            by_row[one.response.row] = own
            same_row = one.response.same_name_row
            same_as = likeness.same_as or by_row.get(same_row, f"row {same_row}")
            person = self._new_person(one, own, likeness, same_as)
            added.append((person, self._new_record(person, one, former)))
        return added

    def _new_person(
        self, one: IdentifiedResponse, own: str, likeness: Likeness, same_as: str
    ) -> NewPerson:
        """Return a person who comes into the list under an ID."""
        answer = add_doubt(one.response, "same-name") if likeness.description else one.response
        person = NewPerson(
            id=own,
            row=answer.row,
            fields={**answer.fields, **self._fixed_cells.get(answer.row, {})},
            doubts=answer.doubts,
            proposed_name=answer.proposed_name,
        )
        if "same-name" not in answer.doubts:
            return person
        key, has_other_name = PersonKey("list", same_as), likeness.has_other_name
        return replace(
            person,
            same_as=same_as,
            same_row=0 if likeness.same_as else answer.same_name_row,
            likeness=likeness.description,
            has_same_home=likeness.description == SAME_HOME,
            other_name=self._identification.known_name(key) if has_other_name else "",
        )

    def _new_record(
        self, person: NewPerson, one: IdentifiedResponse, former: MemoryRecord
    ) -> MemoryRecord:
        """Return what to remember of a person who comes into the list."""
        answer = one.response
        said = {heading: self._hasher.text_hash(text) for heading, text in answer.fields.items()}
        said[INCLUDE] = self._precedence.consent_hash(answer)
        fresh = MemoryRecord(marks=former.marks, seen=former.seen, forms=former.forms, said=said)
        record = self._updated_record(fresh, one, "new")
        if not person.doubts:
            return record
        return replace(record, include="no", to_decide=review_reasons(person, person.same_as))

    def _free_ids(self) -> Iterator[str]:
        """Yield IDs that no one has or had."""
        words = {*self._before.records, *(p.id for p in self._before.people)}
        typed = (person.id for person in self._known.typed.values())
        taken = {folded(word) for word in (*words, *typed)}
        numbers = [int(word[1:]) for word in taken if _PROGRAM_ID.fullmatch(word)]
        first = max(self._before.next_id, 1 + max(numbers, default=0))
        return (f"F{number}" for number in count(first) if f"f{number}" not in taken)

    def _list_after(self, added: Sequence[tuple[NewPerson, MemoryRecord]]) -> SignerList:
        """Return the list as it is afterwards."""
        rows = self._known.typed_rows
        people = [rows.get(p.row) or self._listed[p.id] for p in self._before.people]
        records = {k.id: record for k, record in self._records.items() if k.kind != "refused"}
        refused = (record for key, record in self._records.items() if key.kind == "refused")
        headings, last = dict.fromkeys(self._before.headings), self._before.next_id
        for new, record in added:
            records[new.id] = record
            headings.update(dict.fromkeys(new.fields))
            if new.id not in self._before.records:
                last = max(last, int(new.id[1:]) + 1)
            own = ListedPerson(new.id, 0, new.fields)
            people.append(replace(own, include=record.include, to_decide=record.to_decide))
        for changed in self._listed.values():
            headings.update(dict.fromkeys(changed.fields))
        return replace(
            self._before,
            headings=tuple(headings),
            people=tuple(people),
            records=records,
            declined_records=tuple(refused),
            next_id=last,
        )


_PROGRAM_ID = re.compile("f[1-9][0-9]{0,6}")
"""A longer number was typed by staff; counting does not go on from it."""


def _cell_change(
    person: ListedPerson, heading: str, kind: ChangeKind, form_text: str = ""
) -> ListCellChange:
    """Return what becomes of a cell of a person in the list."""
    return ListCellChange(
        id=person.id,
        name=person.fields.get(NAME, ""),
        heading=heading,
        kind=kind,
        current_text=person.fields.get(heading, ""),
        form_text=form_text,
    )


def _exclude(
    person: ListedPerson, record: MemoryRecord, reason: str
) -> tuple[ListedPerson, MemoryRecord]:
    """Write no into Include and why into To decide, unless staff have written there."""
    if not person.to_decide or person.to_decide == record.to_decide:
        both = f"{person.to_decide}; {reason}" if person.to_decide else reason
        person, record = replace(person, to_decide=both), replace(record, to_decide=both)
    return replace(person, include="no"), replace(record, include="no")


def _known_person(person: ListedPerson, row: int = 0) -> KnownPerson:
    return KnownPerson(person.id, person.fields.get(NAME, ""), row)
