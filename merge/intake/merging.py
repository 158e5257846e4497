"""Three-way merge of a file's responses into the list, cell by cell.

Staff's work is always kept.

1. Three texts of each cell are compared: the form's last, the form's new, and the list's. If staff
   have changed the cell, their text stays.
2. Include only ever changes to no.
3. An older response fills blank cells and changes nothing else.
4. A response that refused, and agrees now only because other words mean yes, counts again.
5. Everyone to whom a refusal may belong is excluded until staff decide.

Module `identification` finds the person, `precedence` the response that counts. This module reads
and writes no files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from merge.intake.choices import ImportChoices, cells_to_fix
from merge.intake.destinations import INCLUDE, NAME
from merge.intake.form_types import CollectedResponses, FormResponse
from merge.intake.identification import IdentifiedResponse, PersonIdentification, PersonResemblance
from merge.intake.import_ids import new_import_id
from merge.intake.known_people import KnownPeople, PeopleByName
from merge.intake.list_types import (
    ChangeKind,
    KnownPerson,
    ListCellChange,
    ListedPerson,
    MemoryRecord,
    NewPerson,
    PersonKey,
    SignerList,
    SignerListChanges,
)
from merge.intake.matching import Hasher, TypedPerson, add_doubt
from merge.intake.precedence import COUNTED_STATUSES, ResponsePrecedence, ResponseStatus
from merge.intake.review_reasons import REVIEW_REASONS, SAME_HOME, review_reasons
from merge.text.folding import folded
from merge.workbook.pairs import WRITES_TO
from merge.workbook.reading import WITHDRAWN_REASON
from merge.workbook.translated_words import says_no

_POSSIBLE_REFUSAL = "someone with this name or email declined"
_PARTIAL_FILE_DIVISOR = 5
"""A file is partial if more than a fifth of the known people are missing."""


def merge_responses(
    responses: CollectedResponses,
    before: SignerList,
    typed: Sequence[TypedPerson],
    choices: ImportChoices,
    today: dt.date,
) -> SignerListChanges:
    """Return the list's changes from a file with one response per person.

    `typed` are the people of signers.xlsx, `choices.form` is the name of the form. A day in the
    future counts as `today`.
    """
    return _ListMerge(responses, before, typed, choices=choices, today=today).merge()


@dataclass(frozen=True, slots=True)
class _CellHashes:
    """Hashes of a cell: the form's last value, its new value, and the list's."""

    heading: str
    form_before: str
    form_now: str
    in_list: str


_CellOutcome = ChangeKind | Literal["same", "agreed"]
"""The result of comparing a cell of the list with the form.

If it is `agreed`, the list already has what the form says only now."""


_THREE_WAY: Mapping[tuple[bool, bool, bool], _CellOutcome] = {
    (True, True, True): "same",
    (True, False, False): "kept",
    (False, True, False): "changed",
    (False, False, True): "agreed",
    (False, False, False): "both",
}
"""The result of comparing a cell by three questions.

Does the form say what it said last? Does the list have that? Does the list have what it says now?
"""


@dataclass(slots=True)
class _ImportReport:
    """The changes and people that an import reports, while it runs."""

    cell_changes: list[ListCellChange] = field(default_factory=list)
    withdrawn_people: list[KnownPerson] = field(default_factory=list)
    withdrawn_ids: set[str] = field(default_factory=set)
    """IDs of people who withdraw: a set, as thousands may be in one file."""
    deleted_people: list[KnownPerson] = field(default_factory=list)
    declined_people: list[KnownPerson] = field(default_factory=list)
    unchanged_people: list[KnownPerson] = field(default_factory=list)

    def add_withdrawn(self, person: KnownPerson) -> None:
        """Report that a person withdraws consent."""
        self.withdrawn_people.append(person)
        self.withdrawn_ids.add(person.id)


class _ListMerge:
    """The merge of one file's responses into the list of signers."""

    def __init__(
        self,
        responses: CollectedResponses,
        before: SignerList,
        typed: Sequence[TypedPerson],
        choices: ImportChoices,
        today: dt.date,
    ) -> None:
        self._before, self._choices, self._form = before, choices, choices.form
        self._fixed_cells = cells_to_fix(responses, choices)
        self._hasher = Hasher(before.salt)
        self._precedence = ResponsePrecedence(self._hasher, choices.form, today)
        self._known = KnownPeople(before, typed, self._hasher)
        self._listed, self._records = self._known.listed, self._known.records
        self._identification = PersonIdentification(
            responses, self._known, self._precedence, choices.same_person
        )
        self._is_older_file = self._precedence.is_older_file(
            (identified.response for identified in self._identification.responses),
            self._records.values(),
        )
        self._names_to_add_again = {folded(word) for word in choices.again}
        self._report = _ImportReport()

    def merge(self) -> SignerListChanges:
        """Return the changes that the responses of a file make in the list."""
        refusals = [
            (identified, s)
            for identified in self._identification.responses
            if (s := self._refusal_status(identified))
        ]
        new_people = [
            identified
            for identified in self._identification.responses
            if self._update_known(identified)
        ]
        namesakes = self._known.people_by_name()
        for identified, status in refusals:
            self._exclude_possible_matches(identified, status, namesakes)
        added = self._added_people(new_people, namesakes)
        missing = [own_id for own_id in self._listed if self._is_missing(own_id)]
        known = sum(self._form in self._before.records[own_id].forms for own_id in self._listed)
        is_partial = len(missing) * _PARTIAL_FILE_DIVISOR > known
        missing_people = [self._listed[own_id] for own_id in missing if not is_partial]
        fields = self._known.cells_before_import()
        return SignerListChanges(
            list_after=self._list_after(added),
            new_people=tuple(person for person, _ in added),
            cell_changes=tuple(self._report.cell_changes),
            withdrawn_people=tuple(self._report.withdrawn_people),
            missing_people=tuple(
                _known_person(person) for person in missing_people if not says_no(person.include)
            ),
            deleted_people=tuple(self._report.deleted_people),
            declined_people=tuple(self._report.declined_people),
            unchanged_people=tuple(self._report.unchanged_people),
            duplicate_rows=tuple(self._identification.duplicate_rows),
            is_partial_file=is_partial,
            missing_count=len(missing),
            known_count=known,
            cells_before={
                identified.response.row: fields[identified.key]
                for identified in self._identification.responses
                if identified.key in fields
            },
        )

    def _is_missing(self, own_id: str) -> bool:
        is_in_file = PersonKey("list", own_id) in self._identification.keys
        return self._form in self._before.records[own_id].forms and not is_in_file

    def _update_known(self, identified: IdentifiedResponse) -> bool:
        """Update a known person's record; return True if the list gets the person."""
        match identified.key:
            case PersonKey("list", own_id):
                self._update_listed(self._listed[own_id], identified.key, identified)
            case PersonKey("typed", own_id):
                self._update_typed(self._known.typed[own_id], identified.key, identified)
            case PersonKey("deleted", _):
                return self._is_added_again(identified.key, identified)
            case _:
                return self._is_added(identified)
        return False

    # Status of a response.

    def _status(self, record: MemoryRecord, response: FormResponse) -> ResponseStatus:
        return self._precedence.status(record, response, is_older_file=self._is_older_file)

    def _refusal_status(self, identified: IdentifiedResponse) -> ResponseStatus | None:
        """Return whether a refusal is newer than what is known, if it counts."""
        if identified.response.agrees:
            return None
        status = self._status(self._record_for(identified.key), identified.response)
        return status if status in COUNTED_STATUSES else None

    def _record_for(self, key: PersonKey | None) -> MemoryRecord:
        return self._records.get(key, MemoryRecord()) if key else MemoryRecord()

    def _updated_record(
        self, record: MemoryRecord, identified: IdentifiedResponse, status: ResponseStatus
    ) -> MemoryRecord:
        """Return a person's record with new marks, and the response if it counts."""
        marks, forms = record.marks | identified.all_marks, record.forms | {self._form}
        if status not in COUNTED_STATUSES:
            return replace(record, marks=marks, forms=forms)
        response_hash = self._precedence.response_hash(identified.response)
        seen = (
            record.seen
            | {response_hash}
            | {self._precedence.response_hash(a) for a in identified.response.earlier_responses}
        )
        row = {self._precedence.row_hash(identified.response)}
        seen = seen - row if identified.response.agrees else seen | row
        latest, newest = (
            response_hash,
            self._precedence.moment_to_remember(record, identified.response),
        )
        is_undated = self._precedence.moment(identified.response) is None
        if status == "same" or (identified.response.agrees and is_undated and record.newest):
            latest, newest = record.latest, record.newest
        return replace(record, marks=marks, forms=forms, seen=seen, latest=latest, newest=newest)

    # People in the list.

    def _update_listed(
        self, person: ListedPerson, key: PersonKey, identified: IdentifiedResponse
    ) -> None:
        """Update a person's row in the list, except cells that staff changed."""
        before, response = self._records[key], identified.response
        status = self._status(before, response)
        form_hashes, fields = dict(before.form_hashes), dict(person.fields)
        changes = list[ListCellChange]()
        for heading, text in response.fields.items() if response.agrees else ():
            if heading in form_hashes and heading not in self._before.headings:
                continue  # staff deleted the column
            list_text, new_hash = person.fields.get(heading, ""), self._hasher.text_hash(text)
            cell = _CellHashes(
                heading, form_hashes.get(heading, ""), new_hash, self._hasher.text_hash(list_text)
            )
            kind = self._cell_outcome(cell, key, response, status)
            is_asked = not self._is_older_file and self._precedence.is_unordered(before, response)
            if kind == "older" and is_asked:
                kind = "same-day"
            if kind in ("changed", "both", "agreed"):
                form_hashes[heading] = new_hash
            if kind == "changed":
                fields[heading] = text
            if kind != "same" and kind != "agreed":  # noqa: PLR1714 - mypy
                response_day = self._response_day(response) if kind == "older" else None
                change = _cell_change(person, heading, kind, form_text=text)
                changes.append(replace(change, response_day=response_day))
        changes += self._apply_fixes(person, response, fields)
        record = replace(self._updated_record(before, identified, status), form_hashes=form_hashes)
        person = replace(person, fields=fields)
        person, record = self._apply_consent(person, record, response, status, changes)
        self._listed[person.id] = person
        if record != before:  # saves memory: most records do not change
            self._records[key] = record
        self._report.cell_changes += changes
        if not changes and person.id not in self._report.withdrawn_ids:
            self._report.unchanged_people.append(_known_person(person, response.row))

    def _apply_fixes(
        self, person: ListedPerson, response: FormResponse, fields: dict[str, str]
    ) -> Iterator[ListCellChange]:
        """Yield corrections that staff chose, for cells with the form's value."""
        for heading, text in self._fixed_cells.get(response.row, {}).items():
            list_text = fields.get(heading, "")
            if list_text == response.fields.get(heading, ""):
                fields[heading] = text
                yield replace(
                    _cell_change(person, heading, "changed", form_text=text), current_text=list_text
                )

    def _cell_outcome(
        self, cell: _CellHashes, key: PersonKey, response: FormResponse, status: ResponseStatus
    ) -> _CellOutcome:
        """Return what a list's cell becomes, by a three-way comparison."""
        kind = _THREE_WAY[
            cell.form_now == cell.form_before,
            cell.in_list == cell.form_before,
            cell.in_list == cell.form_now,
        ]
        if kind in {"same", "kept"}:
            return kind
        if kind == "agreed":
            return "agreed" if not cell.form_before or status in COUNTED_STATUSES else "same"
        if (key.id, cell.heading) in self._choices.take_form:
            return "changed"
        if status == "seen":
            kind = "same"
        elif {*response.doubts} - {"same-name"}:
            kind = "doubted"
        elif status == "older" and (cell.in_list or cell.form_before):
            kind = "older"
        return kind

    def _apply_consent(
        self,
        person: ListedPerson,
        record: MemoryRecord,
        response: FormResponse,
        status: ResponseStatus,
        changes: list[ListCellChange],
    ) -> tuple[ListedPerson, MemoryRecord]:
        """Set Include to no if the response refuses; report if staff's no stays."""
        state, last_state = (
            self._precedence.consent_hash(response),
            record.form_hashes.get(INCLUDE, ""),
        )
        day, is_out = self._response_day(response), says_no(person.include)
        include_change = replace(_cell_change(person, INCLUDE, "kept"), current_text=person.include)
        new_record = replace(record, form_hashes={**record.form_hashes, INCLUDE: state})
        if state == self._hasher.text_hash("yes"):
            if is_out and record.include != "no":
                changes.append(include_change)
            elif is_out and status == "new" and last_state not in ("", state):
                changes.append(
                    replace(include_change, kind="agrees-again", form_text="yes", response_day=day)
                )
            return person, new_record if status in COUNTED_STATUSES else record
        if status == "older" and not is_out and last_state != state:
            changes.append(replace(include_change, kind="older", form_text="no", response_day=day))
        if status not in COUNTED_STATUSES or (status == "same" and last_state == state):
            return person, record
        if is_out and (last_state == state or record.include != "no"):
            return person, new_record
        self._report.add_withdrawn(_known_person(person, response.row))
        return self._exclude(
            person, new_record, REVIEW_REASONS["deceased"] if response.agrees else WITHDRAWN_REASON
        )

    def _response_day(self, response: FormResponse) -> dt.date | None:
        moment = self._precedence.moment(response)
        return moment.date() if moment else None

    # People who are typed by staff, deleted, or unknown.

    def _update_typed(
        self, person: TypedPerson, key: PersonKey, identified: IdentifiedResponse
    ) -> None:
        """Report new values for a person typed by staff; write nothing."""
        response, record = identified.response, self._records.get(key, MemoryRecord(where="typed"))
        status = self._status(record, response)
        form_hashes, changes = dict(record.form_hashes), list[ListCellChange]()
        for heading, text in response.fields.items() if response.agrees else ():
            new_hash, typed_text = self._hasher.text_hash(text), person.fields.get(heading)
            if typed_text is None or new_hash == form_hashes.get(heading) or status == "seen":
                continue
            if new_hash != self._hasher.text_hash(typed_text):
                kind: ChangeKind = "older" if status == "older" else "in-workbook"
                place = person.places.get(heading, "")
                changes.append(
                    ListCellChange(
                        id=person.id,
                        name=person.name,
                        heading=heading,
                        kind=kind,
                        current_text=typed_text,
                        form_text=text,
                        place=place,
                    )
                )
            if status != "older":
                form_hashes[heading] = new_hash
        state = self._precedence.consent_hash(response)
        is_out = state != self._hasher.text_hash("yes")
        if is_out and person.is_included and status != "older":
            is_new = status == "new" or record.form_hashes.get(INCLUDE) != state
            self._withdraw_typed(person, response.row, WITHDRAWN_REASON if is_new else "")
        elif not changes:
            unchanged = KnownPerson(person.id, person.name, response.row, person.place)
            self._report.unchanged_people.append(unchanged)
        if status in COUNTED_STATUSES:
            form_hashes[INCLUDE] = state
        self._report.cell_changes += changes
        self._records[key] = replace(
            self._updated_record(record, identified, status), form_hashes=form_hashes
        )

    def _withdraw_typed(
        self, person: TypedPerson, row: int, reason: str, *, is_perhaps: bool = False
    ) -> None:
        """Report that a person typed by staff withdraws consent.

        If they are in a row of the list, exclude them. An empty reason means that staff have
        decided since.
        """
        known_person = KnownPerson(
            id=person.id,
            name=person.name,
            row=row,
            place=person.place,
            list_row=person.list_row,
            is_uncertain=is_perhaps,
        )
        self._report.add_withdrawn(known_person)
        if reason and person.list_row:
            list_person = self._known.typed_rows[person.list_row]
            self._known.typed_rows[person.list_row], _ = self._exclude(
                list_person, MemoryRecord(), reason
            )

    def _is_added_again(self, key: PersonKey, identified: IdentifiedResponse) -> bool:
        """Return True if a person whom staff deleted is added again.

        If not, remember the response.
        """
        record, response = self._records[key], identified.response
        own_id = key.id if record.where == "list" else ""
        if response.agrees and not self._names_to_add_again.isdisjoint(
            {folded(identified.name), folded(own_id)} - {""}
        ):
            return True
        if response.agrees:
            self._report.deleted_people.append(KnownPerson(own_id, identified.name, response.row))
        status = self._status(record, response)
        if not response.agrees and status in COUNTED_STATUSES:
            state = self._precedence.consent_hash(response)
            record = replace(record, form_hashes={**record.form_hashes, INCLUDE: state})
        self._records[key] = self._updated_record(record, identified, status)
        return False

    def _is_added(self, identified: IdentifiedResponse) -> bool:
        """Return True if a response's person is new and agrees.

        If not, remember the response.
        """
        record, response = self._record_for(identified.key), identified.response
        status = self._status(record, response)
        if response.agrees:
            if (
                not identified.key
                or status == "new"
                or folded(identified.name) in self._names_to_add_again
            ):
                return True
            self._report.declined_people.append(KnownPerson("", identified.name, response.row))
        elif identified.all_marks and status in COUNTED_STATUSES:
            record = replace(record, form_hashes={INCLUDE: self._precedence.consent_hash(response)})
        if identified.key or identified.all_marks:
            key = identified.key or self._declined_key(identified)
            record = replace(record, where="declined") if key.kind == "declined" else record
            self._records[key] = self._updated_record(record, identified, status)
        return False

    def _exclude_possible_matches(
        self, identified: IdentifiedResponse, status: ResponseStatus, namesakes: PeopleByName
    ) -> None:
        """Exclude everyone to whom a refusal may belong, until staff decide."""
        certain = self._identification.certain_matches(identified)
        possible = (
            self._identification.possible_matches(identified, namesakes)
            if status == "new"
            else set[PersonKey]()
        )
        for key in sorted((certain | possible) - {identified.key}, key=self._list_order):
            match key:
                case PersonKey("list", own_id) if status == "new":
                    self._exclude_possible_match(self._listed[own_id], key, identified.response.row)
                case PersonKey("typed", own_id) if self._known.typed[own_id].is_included:
                    is_perhaps = key not in certain
                    reason = _POSSIBLE_REFUSAL if is_perhaps else WITHDRAWN_REASON
                    self._withdraw_typed(
                        self._known.typed[own_id],
                        identified.response.row,
                        reason if status == "new" else "",
                        is_perhaps=is_perhaps,
                    )

    def _list_order(self, key: PersonKey) -> tuple[str, int, str]:
        """Return the sort key by which people are in the order of the list."""
        person = self._listed.get(key.id) if key.kind == "list" else None
        return key.kind, person.row if person else 0, key.id

    def _exclude_possible_match(self, person: ListedPerson, key: PersonKey, row: int) -> None:
        """Exclude a person who may have refused, unless staff have done so."""
        record = self._records[key]
        if not says_no(person.include) or record.include == "no":
            self._listed[person.id], self._records[key] = self._exclude(
                person, record, _POSSIBLE_REFUSAL
            )
            self._report.add_withdrawn(replace(_known_person(person, row), is_uncertain=True))

    # People who are new.

    def _added_people(
        self, new: Sequence[IdentifiedResponse], namesakes: PeopleByName
    ) -> list[tuple[NewPerson, MemoryRecord]]:
        """Return the new people with their records, doubtful people last."""
        coming = {identified.key for identified in new}
        with_likeness = [
            (identified, self._identification.likeness(identified, namesakes, coming))
            for identified in new
        ]
        with_likeness.sort(key=lambda item: bool(item[0].response.doubts or item[1].description))
        used_ids = self._used_ids()
        by_row = {p.row: p.id for p in self._report.withdrawn_people if p.id}
        for identified in self._identification.responses:
            if identified.key and identified.key.kind == "list":
                by_row[identified.response.row] = identified.key.id
        added = list[tuple[NewPerson, MemoryRecord]]()
        for identified, likeness in with_likeness:
            former = (
                self._records.pop(identified.key, MemoryRecord())
                if identified.key
                else MemoryRecord()
            )
            is_former = (
                identified.key and identified.key.kind == "deleted" and former.where == "list"
            )
            if identified.key and is_former:
                person_id = identified.key.id
            else:
                marks = identified.marks[-1]  # of the earliest response
                identity = marks.email_and_name or marks.name_and_place or marks.name
                person_id = new_import_id(identity, used_ids)
            used_ids.add(folded(person_id))
            by_row[identified.response.row] = person_id
            same_row = identified.response.same_name_row
            same_as = likeness.same_as or by_row.get(same_row, f"row {same_row}")
            person = self._new_person(identified, person_id, likeness, same_as)
            added.append((person, self._new_record(person, identified, former)))
        return added

    def _new_person(
        self,
        identified: IdentifiedResponse,
        person_id: str,
        likeness: PersonResemblance,
        same_as: str,
    ) -> NewPerson:
        """Return a person whom the import adds under an ID."""
        response = (
            add_doubt(identified.response, "same-name")
            if likeness.description
            else identified.response
        )
        person = NewPerson(
            id=person_id,
            row=response.row,
            fields={**response.fields, **self._fixed_cells.get(response.row, {})},
            doubts=response.doubts,
            proposed_name=response.proposed_name,
            decision=self._choices.decisions.get(response.row),
        )
        if "same-name" not in response.doubts:
            return person
        key, has_other_name = PersonKey("list", same_as), likeness.has_other_name
        return replace(
            person,
            same_as=same_as,
            same_row=0 if likeness.same_as else response.same_name_row,
            likeness=likeness.description,
            has_same_home=likeness.description == SAME_HOME,
            other_name=self._identification.known_name(key) if has_other_name else "",
        )

    def _new_record(
        self, person: NewPerson, identified: IdentifiedResponse, former: MemoryRecord
    ) -> MemoryRecord:
        """Return the memory's record of a new person."""
        response = identified.response
        form_hashes = {
            heading: self._hasher.text_hash(text) for heading, text in response.fields.items()
        }
        form_hashes[INCLUDE] = self._precedence.consent_hash(response)
        new_record = MemoryRecord(
            marks=former.marks, seen=former.seen, forms=former.forms, form_hashes=form_hashes
        )
        record = self._updated_record(new_record, identified, "new")
        if not person.needs_review:
            return record
        reasons_hash = self._hasher.text_hash(_reasons(person))
        return replace(record, include="no", to_decide=reasons_hash)

    def _used_ids(self) -> set[str]:
        """Return the IDs that signers have or had, folded."""
        listed = (person.id for person in self._before.people)
        typed = (person.id for person in self._known.typed.values())
        return {folded(word) for word in (*self._before.records, *listed, *typed)}

    def _list_after(self, added: Sequence[tuple[NewPerson, MemoryRecord]]) -> SignerList:
        """Return the list of signers after the import."""
        rows = self._known.typed_rows
        people = [rows.get(p.row) or self._listed[p.id] for p in self._before.people]
        records = {key.id: record for key, record in self._records.items()}
        headings, writes_to = dict.fromkeys(self._before.headings), self._choices.writes_to
        for new, record in added:
            records[new.id] = record
            fields = {**new.fields, WRITES_TO: writes_to} if writes_to else new.fields
            headings.update(dict.fromkeys(fields))
            include = "no" if new.decision == "exclude" else record.include
            people.append(ListedPerson(new.id, 0, fields, include=include, to_decide=_reasons(new)))
        for changed in self._listed.values():
            headings.update(dict.fromkeys(changed.fields))
        return replace(
            self._before,
            headings=tuple(headings),
            people=tuple(people),
            records=records,
        )

    def _exclude(
        self, person: ListedPerson, record: MemoryRecord, reason: str
    ) -> tuple[ListedPerson, MemoryRecord]:
        """Set Include to no, and To decide to a reason unless staff wrote there."""
        if not person.to_decide or self._hasher.text_hash(person.to_decide) == record.to_decide:
            all_reasons = f"{person.to_decide}; {reason}" if person.to_decide else reason
            person = replace(person, to_decide=all_reasons)
            record = replace(record, to_decide=self._hasher.text_hash(all_reasons))
        return replace(person, include="no"), replace(record, include="no")

    def _declined_key(self, identified: IdentifiedResponse) -> PersonKey:
        """Return the key of someone new who declined."""
        return PersonKey("declined", self._hasher.mark("declined", *sorted(identified.all_marks)))


def _cell_change(
    person: ListedPerson, heading: str, kind: ChangeKind, form_text: str = ""
) -> ListCellChange:
    """Return the change of a cell of a person in the list."""
    return ListCellChange(
        id=person.id,
        name=person.fields.get(NAME, ""),
        heading=heading,
        kind=kind,
        current_text=person.fields.get(heading, ""),
        form_text=form_text,
    )


def _reasons(person: NewPerson) -> str:
    """Return why a new person needs review, for To decide; empty if not."""
    return review_reasons(person, person.same_as) if person.needs_review else ""


def _known_person(person: ListedPerson, row: int = 0) -> KnownPerson:
    return KnownPerson(person.id, person.fields.get(NAME, ""), row)
