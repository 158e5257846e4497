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

from merge.intake.choices import ImportChoices, fixed_cells
from merge.intake.destinations import INCLUDE, NAME
from merge.intake.form_types import Answer, FormAnswers
from merge.intake.identification import Identification, IdentifiedAnswer, Likeness
from merge.intake.known_people import KnownPeople, PeopleByName
from merge.intake.list_types import (
    ChangeKind,
    Changes,
    FieldChange,
    KnownPerson,
    ListedPerson,
    NewPerson,
    PersonKey,
    Record,
    SignerList,
)
from merge.intake.matching import Hasher, TypedPerson, doubted
from merge.intake.precedence import COUNTED, Precedence, Standing
from merge.intake.reasons import REASONS, SAME_HOME, reasons_of
from merge.text.folding import folded
from merge.workbook.reading import WITHDRAWN
from merge.workbook.words import says_no

_MAY_WITHDRAW = "someone with this name or email declined"
_PART = 5
"""A file holds only a part of the answers if more than a fifth of those known are missing."""


def merge_answers(
    answers: FormAnswers,
    before: SignerList,
    typed: Sequence[TypedPerson],
    choices: ImportChoices,
    today: dt.date,
) -> Changes:
    """Return what the answers of a form, each person once, change in the list.

    `typed` are the people of signers.xlsx, `choices.form` is the name of the form. A day in the
    future counts as `today`.
    """
    return _Merging(answers, before, typed, choices=choices, today=today).merge()


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell as hashes: as the form said it last, as it says it now, as it is in the list."""

    heading: str
    said: str
    now: str
    own: str


_Judgement = ChangeKind | Literal["same", "agreed"]
"""What becomes of a cell; `agreed`: the list already has what the form says only now."""


@dataclass(slots=True)
class _Report:
    """What an import reports, as it is collected."""

    cells: list[FieldChange] = field(default_factory=list)
    withdrawn: list[KnownPerson] = field(default_factory=list)
    withdrawn_ids: set[str] = field(default_factory=set)
    """Thousands may withdraw in one file."""
    deleted: list[KnownPerson] = field(default_factory=list)
    refused: list[KnownPerson] = field(default_factory=list)
    same: list[KnownPerson] = field(default_factory=list)

    def add_withdrawn(self, person: KnownPerson) -> None:
        """Report that a person withdraws."""
        self.withdrawn.append(person)
        self.withdrawn_ids.add(person.id)


class _Merging:
    """One import: who is known, whose answers the file has, what becomes of each of them."""

    def __init__(
        self,
        answers: FormAnswers,
        before: SignerList,
        typed: Sequence[TypedPerson],
        choices: ImportChoices,
        today: dt.date,
    ) -> None:
        self._before, self._choices, self._form = before, choices, choices.form
        self._fixed = fixed_cells(answers, choices)
        self._hasher = Hasher(before.salt)
        self._precedence = Precedence(self._hasher, choices.form, today)
        self._known = KnownPeople(before, typed, self._hasher)
        self._listed, self._records = self._known.listed, self._known.records
        self._who = Identification(answers, self._known, self._precedence, choices.same_person)
        self._age = self._precedence.age(
            (one.answer for one in self._who.answers),
            (one.key for one in self._who.answers),
            self._records,
        )
        self._again = {folded(word) for word in choices.again}
        self._new_refusals = count(len(before.refused))
        self._report = _Report()

    def merge(self) -> Changes:
        """Return what the answers change."""
        refusals = [(one, s) for one in self._who.answers if (s := self._refusal(one))]
        new = [one for one in self._who.answers if self._is_new(one)]
        namesakes = self._known.by_name()
        for one, standing in refusals:
            self._leave_out_whom_it_may_be_of(one, standing, namesakes)
        added = self._added(new, namesakes)
        missing = [own for own in self._listed if self._is_missing(own)]
        known = sum(self._form in self._before.records[own].forms for own in self._listed)
        is_part = len(missing) * _PART > known
        gone = [self._listed[own] for own in missing if not is_part]
        fields = self._known.fields_before()
        return Changes(
            after=self._after(added),
            new=tuple(person for person, _ in added),
            cells=tuple(self._report.cells),
            withdrawn=tuple(self._report.withdrawn),
            gone=tuple(_reported(person) for person in gone if not says_no(person.include)),
            deleted=tuple(self._report.deleted),
            refused=tuple(self._report.refused),
            same=tuple(self._report.same),
            doubles=tuple(self._who.doubles),
            is_part=is_part,
            missing=len(missing),
            known=known,
            there={o.answer.row: fields[o.key] for o in self._who.answers if o.key in fields},
        )

    def _is_missing(self, own: str) -> bool:
        is_here = PersonKey("list", own) in self._who.keys
        return self._form in self._before.records[own].forms and not is_here

    def _is_new(self, one: IdentifiedAnswer) -> bool:
        """Bring what is known of a person up to date; return whether they come into the list."""
        match one.key:
            case PersonKey("list", own):
                self._update_listed(self._listed[own], one.key, one)
            case PersonKey("typed", own):
                self._update_typed(self._known.typed[own], one.key, one)
            case PersonKey("deleted", _):
                return self._is_taken_back(one.key, one)
            case _:
                return self._is_taken_in(one)
        return False

    # How an answer stands to what is known.

    def _standing(self, record: Record, answer: Answer) -> Standing:
        return self._precedence.standing(record, answer, self._age)

    def _refusal(self, one: IdentifiedAnswer) -> Standing | None:
        """Return how an answer that does not agree stands to what is known, if it counts."""
        if one.answer.agrees:
            return None
        standing = self._standing(self._record(one.key), one.answer)
        return standing if standing in COUNTED else None

    def _record(self, key: PersonKey | None) -> Record:
        return self._records.get(key, Record()) if key else Record()

    def _remembered(self, record: Record, one: IdentifiedAnswer, standing: Standing) -> Record:
        """Return a record that knows whose the answer is and, if it counts, the answer."""
        marks, forms = record.marks | one.all_marks, record.forms | {self._form}
        if standing not in COUNTED:
            return replace(record, marks=marks, forms=forms)
        own, day = self._precedence.hash_of(one.answer), self._precedence.day(one.answer)
        seen = record.seen | {own} | {self._precedence.hash_of(a) for a in one.answer.earlier}
        row = {self._precedence.row_of(one.answer)}
        seen = seen - row if one.answer.agrees else seen | row
        latest, newest = own, self._precedence.newest_after(record, one.answer)
        if standing == "same" or (one.answer.agrees and day is None and record.newest):
            latest, newest = record.latest, record.newest
        return replace(record, marks=marks, forms=forms, seen=seen, latest=latest, newest=newest)

    # People in the list.

    def _update_listed(self, person: ListedPerson, key: PersonKey, one: IdentifiedAnswer) -> None:
        """Bring a person in the list up to date where staff have not changed anything."""
        before, answer = self._records[key], one.answer
        standing = self._standing(before, answer)
        said, fields = dict(before.said), dict(person.fields)
        changes = list[FieldChange]()
        for heading, text in answer.fields.items() if answer.agrees else ():
            if heading in said and heading not in self._before.headings:
                continue  # staff have deleted the column
            ours, now = person.fields.get(heading, ""), self._hasher.said(text)
            cell = _Cell(heading, said.get(heading, ""), now, self._hasher.said(ours))
            kind = self._judged(cell, key, answer, standing)
            if kind == "older" and self._precedence.is_undecided(before, answer, self._age):
                kind = "same-day"
            if kind in ("changed", "both", "agreed"):
                said[heading] = now
            if kind == "changed":
                fields[heading] = text
            if kind != "same" and kind != "agreed":  # noqa: PLR1714 - mypy
                when = self._precedence.day(answer) if kind == "older" else None
                change = _change(person, heading, kind, form=text)
                changes.append(replace(change, when=when))
        changes += self._fixes(person, answer, fields)
        record = replace(self._remembered(before, one, standing), said=said)
        person = replace(person, fields=fields)
        person, record = self._taking_part(person, record, answer, standing, changes)
        self._listed[person.id] = person
        if record != before:  # most stay as they are: one copy is enough
            self._records[key] = record
        self._report.cells += changes
        if not changes and person.id not in self._report.withdrawn_ids:
            self._report.same.append(_reported(person, answer.row))

    def _fixes(
        self, person: ListedPerson, answer: Answer, fields: dict[str, str]
    ) -> Iterator[FieldChange]:
        """Fix cells as staff say, if they are still as the form has them."""
        for heading, text in self._fixed.get(answer.row, {}).items():
            ours = fields.get(heading, "")
            if ours == answer.fields.get(heading, ""):
                fields[heading] = text
                yield replace(_change(person, heading, "changed", form=text), yours=ours)

    def _judged(
        self, cell: _Cell, key: PersonKey, answer: Answer, standing: Standing
    ) -> _Judgement:
        """Return what becomes of a cell of the list, by the table of three-way changes."""
        if cell.now == cell.said:
            return "same" if cell.own == cell.now else "kept"
        if cell.own == cell.now:
            return "agreed" if not cell.said or standing in COUNTED else "same"
        if (key.id, cell.heading) in self._choices.take_form:
            return "changed"
        kind: _Judgement = "changed" if cell.own == cell.said else "both"
        if standing == "seen":
            kind = "same"
        elif {*answer.doubts} - {"same-name"}:
            kind = "doubted"
        elif standing == "older" and (cell.own or cell.said):
            kind = "older"
        return kind

    def _taking_part(
        self,
        person: ListedPerson,
        record: Record,
        answer: Answer,
        standing: Standing,
        changes: list[FieldChange],
    ) -> tuple[ListedPerson, Record]:
        """Set Include to no if the answer says so, and report if staff's no stays."""
        state, base = self._precedence.state(answer), record.said.get(INCLUDE, "")
        day, is_out = self._precedence.day(answer), says_no(person.include)
        no = replace(_change(person, INCLUDE, "kept"), yours=person.include)
        now = replace(record, said={**record.said, INCLUDE: state})
        if state == self._hasher.said("yes"):
            if is_out and record.include != "no":
                changes.append(no)
            elif is_out and standing == "new" and base not in ("", state):
                changes.append(replace(no, kind="agrees-again", form="yes", when=day))
            return person, now if standing in COUNTED else record
        if standing == "older" and not is_out and base != state:
            changes.append(replace(no, kind="older", form="no", when=day))
        if standing not in COUNTED or (standing == "same" and base == state):
            return person, record
        if is_out and (base == state or record.include != "no"):
            return person, now
        self._report.add_withdrawn(_reported(person, answer.row))
        return _left_out(person, now, REASONS["deceased"] if answer.agrees else WITHDRAWN)

    # People typed by staff, people deleted, people not known.

    def _update_typed(self, person: TypedPerson, key: PersonKey, one: IdentifiedAnswer) -> None:
        """Report what the form says now of someone typed by staff; nothing of theirs is written."""
        answer, record = one.answer, self._records.get(key, Record(where="typed"))
        standing = self._standing(record, answer)
        said, changes = dict(record.said), list[FieldChange]()
        for heading, text in answer.fields.items() if answer.agrees else ():
            now, ours = self._hasher.said(text), person.fields.get(heading)
            if ours is None or now == said.get(heading) or standing == "seen":
                continue
            if now != self._hasher.said(ours):
                kind: ChangeKind = "older" if standing == "older" else "in-workbook"
                place = person.places.get(heading, "")
                changes.append(
                    FieldChange(
                        id=person.id,
                        name=person.name,
                        heading=heading,
                        kind=kind,
                        yours=ours,
                        form=text,
                        place=place,
                    )
                )
            if standing != "older":
                said[heading] = now
        state = self._precedence.state(answer)
        is_out = state != self._hasher.said("yes")
        if is_out and person.takes_part and standing != "older":
            is_new = standing == "new" or record.said.get(INCLUDE) != state
            self._typed_withdraws(person, answer.row, WITHDRAWN if is_new else "")
        elif not changes:
            same = KnownPerson(person.id, person.name, answer.row, person.place)
            self._report.same.append(same)
        if standing in COUNTED:
            said[INCLUDE] = state
        self._report.cells += changes
        self._records[key] = replace(self._remembered(record, one, standing), said=said)

    def _typed_withdraws(
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
            is_perhaps=is_perhaps,
        )
        self._report.add_withdrawn(who)
        if reason and person.list_row:
            own = self._known.own_rows[person.list_row]
            self._known.own_rows[person.list_row], _ = _left_out(own, Record(), reason)

    def _is_taken_back(self, key: PersonKey, one: IdentifiedAnswer) -> bool:
        """Return whether someone whom staff deleted is added again; remember the answer if not."""
        record, answer = self._records[key], one.answer
        own = key.id if record.where == "list" else ""
        if answer.agrees and not self._again.isdisjoint({folded(one.name), folded(own)} - {""}):
            return True
        if answer.agrees:
            self._report.deleted.append(KnownPerson(own, one.name, answer.row))
        standing = self._standing(record, answer)
        if not answer.agrees and standing in COUNTED:
            state = self._precedence.state(answer)
            record = replace(record, said={**record.said, INCLUDE: state})
        self._records[key] = self._remembered(record, one, standing)
        return False

    def _is_taken_in(self, one: IdentifiedAnswer) -> bool:
        """Return whether someone is new and agrees; remember the answer if not."""
        record, answer = self._record(one.key), one.answer
        standing = self._standing(record, answer)
        if answer.agrees:
            if not one.key or standing == "new" or folded(one.name) in self._again:
                return True
            self._report.refused.append(KnownPerson("", one.name, answer.row))
        elif one.all_marks and standing in COUNTED:
            record = replace(record, said={INCLUDE: self._precedence.state(answer)})
        if one.key or one.all_marks:
            key = one.key or PersonKey("refused", str(next(self._new_refusals)))
            self._records[key] = self._remembered(record, one, standing)
        return False

    def _leave_out_whom_it_may_be_of(
        self, one: IdentifiedAnswer, standing: Standing, namesakes: PeopleByName
    ) -> None:
        """Leave out everyone to whom a refusal may belong, until staff decide."""
        sure = self._who.surely_of(one)
        perhaps = self._who.perhaps_of(one, namesakes) if standing == "new" else set[PersonKey]()
        for key in sorted((sure | perhaps) - {one.key}):
            match key:
                case PersonKey("list", own) if standing == "new":
                    self._may_withdraw(self._listed[own], key, one.answer.row)
                case PersonKey("typed", own) if self._known.typed[own].takes_part:
                    is_perhaps = key not in sure
                    reason = _MAY_WITHDRAW if is_perhaps else WITHDRAWN
                    self._typed_withdraws(
                        self._known.typed[own],
                        one.answer.row,
                        reason if standing == "new" else "",
                        is_perhaps=is_perhaps,
                    )

    def _may_withdraw(self, person: ListedPerson, key: PersonKey, row: int) -> None:
        """Leave out a person whom a refusal may be of, unless staff have said no already."""
        record = self._records[key]
        if not says_no(person.include) or record.include == "no":
            self._listed[person.id], self._records[key] = _left_out(person, record, _MAY_WITHDRAW)
            self._report.add_withdrawn(replace(_reported(person, row), is_perhaps=True))

    # People who are new.

    def _added(
        self, new: Sequence[IdentifiedAnswer], namesakes: PeopleByName
    ) -> list[tuple[NewPerson, Record]]:
        """Return people who come into the list, doubtful ones last, each with their record."""
        coming = {one.key for one in new}
        judged = [(one, self._who.likeness(one, namesakes, coming)) for one in new]
        judged.sort(key=lambda found: bool(found[0].answer.doubts or found[1].words))
        ids = self._free_ids()
        by_row = {p.row: p.id for p in self._report.withdrawn if p.id}
        for one in self._who.answers:
            if one.key and one.key.kind == "list":
                by_row[one.answer.row] = one.key.id
        added = list[tuple[NewPerson, Record]]()
        for one, likeness in judged:
            former = self._records.pop(one.key, Record()) if one.key else Record()
            is_back = one.key and one.key.kind == "deleted" and former.where == "list"
            own = one.key.id if one.key and is_back else next(ids)
            by_row[one.answer.row] = own
            same_row = one.answer.same_as
            same_as = likeness.same_as or by_row.get(same_row, f"row {same_row}")
            person = self._new_person(one, own, likeness, same_as)
            added.append((person, self._record_of(person, one, former)))
        return added

    def _new_person(
        self, one: IdentifiedAnswer, own: str, likeness: Likeness, same_as: str
    ) -> NewPerson:
        """Return a person who comes into the list under an ID."""
        answer = doubted(one.answer, "same-name") if likeness.words else one.answer
        person = NewPerson(
            id=own,
            row=answer.row,
            fields={**answer.fields, **self._fixed.get(answer.row, {})},
            doubts=answer.doubts,
            proposal=answer.proposal,
        )
        if "same-name" not in answer.doubts:
            return person
        key, has_other_name = PersonKey("list", same_as), likeness.has_other_name
        return replace(
            person,
            same_as=same_as,
            same_row=0 if likeness.same_as else answer.same_as,
            likeness=likeness.words,
            has_same_home=likeness.words == SAME_HOME,
            other_name=self._who.name_of(key) if has_other_name else "",
        )

    def _record_of(self, person: NewPerson, one: IdentifiedAnswer, former: Record) -> Record:
        """Return what to remember of a person who comes into the list."""
        answer = one.answer
        said = {heading: self._hasher.said(text) for heading, text in answer.fields.items()}
        said[INCLUDE] = self._precedence.state(answer)
        fresh = Record(marks=former.marks, seen=former.seen, forms=former.forms, said=said)
        record = self._remembered(fresh, one, "new")
        if not person.doubts:
            return record
        return replace(record, include="no", to_decide=reasons_of(person, person.same_as))

    def _free_ids(self) -> Iterator[str]:
        """Yield IDs that no one has or had."""
        words = {*self._before.records, *(p.id for p in self._before.people)}
        typed = (person.id for person in self._known.typed.values())
        taken = {folded(word) for word in (*words, *typed)}
        numbers = [int(word[1:]) for word in taken if _OUR_ID.fullmatch(word)]
        first = max(self._before.next_id, 1 + max(numbers, default=0))
        return (f"F{number}" for number in count(first) if f"f{number}" not in taken)

    def _after(self, added: Sequence[tuple[NewPerson, Record]]) -> SignerList:
        """Return the list as it is afterwards."""
        rows = self._known.own_rows
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
            refused=tuple(refused),
            next_id=last,
        )


_OUR_ID = re.compile("f[1-9][0-9]{0,6}")
"""A longer number was typed by staff; counting does not go on from it."""


def _change(person: ListedPerson, heading: str, kind: ChangeKind, form: str = "") -> FieldChange:
    """Return what becomes of a cell of a person in the list."""
    return FieldChange(
        id=person.id,
        name=person.fields.get(NAME, ""),
        heading=heading,
        kind=kind,
        yours=person.fields.get(heading, ""),
        form=form,
    )


def _left_out(person: ListedPerson, record: Record, reason: str) -> tuple[ListedPerson, Record]:
    """Write no into Include and why into To decide, unless staff have written there."""
    if not person.to_decide or person.to_decide == record.to_decide:
        both = f"{person.to_decide}; {reason}" if person.to_decide else reason
        person, record = replace(person, to_decide=both), replace(record, to_decide=both)
    return replace(person, include="no"), replace(record, include="no")


def _reported(person: ListedPerson, row: int = 0) -> KnownPerson:
    return KnownPerson(person.id, person.fields.get(NAME, ""), row)
