"""An export's answers into the list: three-way, cell by cell, and nothing of staff's overwritten.

What the form said when last taken, what it says now, what stands in the list: where staff have
changed a cell theirs stays. Include only ever goes towards no. The memory keeps for each person the
day of the newest answer, so that two files in any order give the same people: an older answer fills
what is blank, and changes nothing else. If the day does not tell which of two answers is newer, who
does not agree does not agree: no yes is certainly later than a no of no known day. Else that of the
file counts that has all of the other file and more. Of two such answers of one day whose files do
not tell either, one counts whatever the order of the imports, and the other one is shown. One of no
known day that agrees is older than any other. An answer that was a no, and is a yes only since
other words mean yes, is looked at again. Everything here is pure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal

from merge.intake.doubts import HAS_NAME, REASONS, SAME_HOME, likeness_of, reasons_of
from merge.intake.headings import meaning
from merge.intake.matching import (
    NAME,
    Candidate,
    Hasher,
    Known,
    Marks,
    TypedPerson,
    combined,
    doubted,
    is_bare,
    marks_of,
    not_counted,
)
from merge.intake.model import (
    EMAIL,
    Answer,
    ChangeKind,
    Changes,
    FieldChange,
    FormAnswers,
    KnownPerson,
    ListedPerson,
    NewPerson,
    NotTaken,
    Record,
    SignerList,
)
from merge.intake.precedence import INCLUDE, Precedence, Standing
from merge.text.folding import folded
from merge.workbook.reading import WITHDRAWN
from merge.workbook.words import says_no

_MAY_WITHDRAW = "someone with this name or email declined"
_PART = 5
"""More than the fifth of those known must be missing where a file is but a part."""


@dataclass(frozen=True, slots=True)
class MergeChoices:
    """Which form it is, what day, and what staff decided beyond what the table of changes says.

    A day of an answer that is not come yet counts as `today`. `again`: names or IDs of people who
    were deleted, or said no, and are taken in again. `same_person`: rows of the export whose answer
    is of somebody in the list, by ID. `take_form`: cells, by ID and heading, that become what the
    form says. `fixed`: cells in place of those of the export, by row and heading.
    """

    form: str
    today: dt.date
    again: tuple[str, ...] = ()
    same_person: Mapping[int, str] = field(default_factory=dict)
    take_form: Collection[tuple[str, str]] = ()
    fixed: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


def merge_answers(
    answers: FormAnswers,
    before: SignerList,
    typed: Sequence[TypedPerson],
    choices: MergeChoices,
) -> Changes:
    """Return what the answers of a form, each person once, change in the list.

    `typed` are the people of signers.xlsx.
    """
    return _Merging(before, typed, choices).merge(answers)


@dataclass(frozen=True, slots=True)
class _Whose:
    """The answer of one person, what tells who it is, and who it is: empty for somebody new."""

    answer: Answer
    marks: Sequence[Marks]
    key: str = ""

    @property
    def name(self) -> str:
        return self.answer.fields.get(NAME, "")

    @property
    def all_marks(self) -> frozenset[str]:
        """Return what is to be remembered; the name itself only where nothing else tells."""
        bare = {self.marks[0].name} if is_bare(self.marks[0]) else set[str]()
        return frozenset(bare).union(*(marks.all for marks in self.marks))


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell as hashes: as the form said it last, as it says it now, as it stands in the list."""

    heading: str
    said: str
    now: str
    own: str


_Judgement = ChangeKind | Literal["same", "agreed"]
"""What becomes of a cell; `agreed`: it says already what the form says only now."""


@dataclass(slots=True)
class _Told:
    """What is told of an import, as it gathers."""

    cells: list[FieldChange] = field(default_factory=list)
    withdrawn: list[KnownPerson] = field(default_factory=list)
    deleted: list[KnownPerson] = field(default_factory=list)
    refused: list[KnownPerson] = field(default_factory=list)
    same: list[KnownPerson] = field(default_factory=list)
    out: set[str] = field(default_factory=set)
    """The ids of those who withdraw: thousands may, in one file."""

    def withdraws(self, person: KnownPerson) -> None:
        """Tell that somebody withdraws."""
        self.withdrawn.append(person)
        self.out.add(person.id)


class _Merging:
    """One import: what is known, what becomes of it, what is told."""

    def __init__(
        self, before: SignerList, typed: Sequence[TypedPerson], choices: MergeChoices
    ) -> None:
        self._before, self._choices, self._form = before, choices, choices.form
        self._hasher = Hasher(before.salt)
        self._which = Precedence(self._hasher, choices.form, choices.today)
        self._records = dict(before.records)
        self._refused = dict(enumerate(before.refused))
        rows = sorted(
            before.people, key=self._is_as_said
        )  # of two rows of one ID: as the form said
        ours = {p.id: p for p in reversed(rows) if p.id in before.records}
        self._people = {own: ours[own] for own in before.records if own in ours}
        self._first_rows = {p.row for p in ours.values()}
        self._own_rows = {p.row: p for p in before.people if p is not ours.get(p.id)}
        self._typed = self._with_records([*typed, *map(_own_row, self._own_rows.values())])
        self._again = {folded(word) for word in choices.again}
        self._told = _Told()
        self._found: set[str] = set()
        """IDs of people of the list whom the file has."""

    def _is_as_said(self, person: ListedPerson) -> bool:
        """Return False, which sorts first, where the name is as the form said it last."""
        record = self._before.records.get(person.id, Record())
        return record.said.get(NAME) != self._hasher.said(person.fields.get(NAME, ""))

    # Who is who.

    def _with_records(self, typed: Sequence[TypedPerson]) -> dict[str, TypedPerson]:
        """Return the people whom staff typed by the key of their record, there already or to be."""
        known = {key: r for key, r in self._records.items() if key not in self._people}
        ids = {folded(key): key for key, record in known.items() if record.where == "list"}
        found: dict[str, TypedPerson] = {}
        for person in typed:
            own = self._marks(person.fields, person.email)
            tells = {own.email_and_name, own.name_and_place} - {""}
            key = ids.get(folded(person.id)) or self._hasher.mark("typed", person.key)
            if key not in known:
                other = (k for k, r in known.items() if r.where == "typed" and r.marks & tells)
                key = next((k for k in other if k not in found), key)
            found.setdefault(key, person)
        return found

    def _marks(self, fields: Mapping[str, str], email: str = "") -> Marks:
        return marks_of(self._hasher, fields, email)

    def _marks_of_answer(self, answer: Answer) -> Sequence[Marks]:
        """Return what tells who it is, the newest answer's first."""
        answers = (answer, *reversed(answer.earlier))
        return [
            marks_of(self._hasher, a.fields, a.email, self._form, a.submission) for a in answers
        ]

    def _candidates(self) -> Iterator[Candidate]:
        """Yield who is known: in the list, typed by staff, deleted, who said no."""
        for own, person in self._people.items():
            cells = self._marks(person.fields, email_among(person.fields)).all
            name = person.fields.get(NAME, "")
            yield Candidate(f"list {own}", _remembered_of(self._records[own]) | cells, name)
        for key, typed in self._typed.items():
            record = self._records.get(key, Record())
            cells = self._marks(typed.fields, typed.email).all
            yield Candidate(f"typed {key}", _remembered_of(record) | cells, typed.name)
        for key, record in self._records.items():
            if key not in self._people and key not in self._typed:
                yield Candidate(f"deleted {key}", _remembered_of(record))
        for number, record in self._refused.items():
            yield Candidate(f"refused {number}", _remembered_of(record))

    def _who_is_who(self, answers: FormAnswers) -> tuple[list[_Whose], list[NotTaken]]:
        """Return each person's answer with who it is, those of one known person as one."""
        every = [*answers.people, *answers.refusals]
        marks = {answer.row: self._marks_of_answer(answer) for answer in every}
        emails = Counter(e for own in marks.values() for e in {m.email for m in own} if e)
        candidates = [*self._candidates()]
        self._by_key = {candidate.key: candidate for candidate in candidates}
        self._by_row = {row: own[0] for row, own in marks.items()}
        self._known = Known(candidates, emails)
        by_key, new = defaultdict[str, list[Answer]](list), list[_Whose]()
        keys = {answer.row: self._key_of(answer, marks[answer.row]) for answer in every}
        taken = set(keys.values())
        for answer in every:
            own = marks[answer.row]
            key = keys[answer.row] or self._key_by_less(answer, own, taken)
            taken.add(key)
            if key:
                by_key[key].append(answer)
            else:
                new.append(_Whose(answer, own))
        doubles = list[NotTaken]()
        for key, group in by_key.items():
            whole = combined(group)
            new.append(_Whose(whole, [m for a in group for m in marks[a.row]], key))
            doubles += [not_counted(a, whole) for a in group if a.row != whole.row]
        return sorted(new, key=lambda w: (w.answer.order, w.answer.row)), doubles

    def _key_of(self, answer: Answer, marks: Sequence[Marks]) -> str:
        """Return the key of who an answer is of, as staff decided or what tells it; else empty."""
        own = self._choices.same_person.get(answer.row, "")
        return f"list {own}" if own in self._people else self._known.find(marks)

    def _key_by_less(self, answer: Answer, marks: Sequence[Marks], taken: Collection[str]) -> str:
        """Return the key of somebody not found in the file by what tells more; else empty.

        Of whom this very answer was taken before; who has the email under a fuller name, or in
        fewer words; who said no before, and told nothing but this name.
        """
        seen = self._known.having(map(self._which.hash_of, (answer, *answer.earlier)))
        edited = self._known.edited(marks, answer.fields.get(NAME, ""))
        keys = [candidate.key for candidate in (*seen, *edited)]
        if is_bare(marks[0]) and not answer.agrees:
            refused = self._refused.items()
            keys += [f"refused {n}" for n, record in refused if marks[0].name in record.marks]
        return next((key for key in keys if key not in taken), "")

    # What becomes of them.

    def merge(self, answers: FormAnswers) -> Changes:
        """Return what the answers change."""
        whose, doubles = self._who_is_who(answers)
        records = {**self._records, **{str(n): r for n, r in self._refused.items()}}
        keys = (one.key.partition(" ")[2] for one in whose)
        self._age = self._which.age((one.answer for one in whose), keys, records)
        new, refusals = list[_Whose](), [(w, s) for w in whose if (s := self._refusal(w))]
        for one in whose:
            kind, _, key = one.key.partition(" ")
            if kind == "list":
                self._listed(self._people[key], one)
            elif kind == "typed":
                self._of_typed(key, one)
            elif kind == "deleted":
                new += self._deleted(key, one)
            else:
                new += self._unknown(one)
        self._here = {one.key for one in whose}
        listed = (one for one in whose if one.key.startswith("list "))
        self._rows = {one.answer.row: one.key.removeprefix("list ") for one in listed}
        self._near_refusals(refusals, {one.key for one in whose if one.answer.agrees})
        added = self._added(new)
        missing = [p for p in self._people.values() if self._is_missing(p)]
        known = sum(self._form in self._before.records[own].forms for own in self._people)
        is_part = len(missing) * _PART > known
        gone = [_known(p) for p in missing if not is_part and not says_no(p.include)]
        return Changes(
            self._after(added),
            tuple(person for person, _ in added),
            tuple(self._told.cells),
            tuple(self._told.withdrawn),
            tuple(gone),
            tuple(self._told.deleted),
            tuple(self._told.refused),
            tuple(self._told.same),
            tuple(doubles),
            is_part,
            len(missing),
            known=known,
            there=self._there(whose),
        )

    def _there(self, whose: Iterable[_Whose]) -> Mapping[int, Mapping[str, str]]:
        """Return the cells of who is known, as they were before, by row of the export."""
        before = {f"list {p.id}": p.fields for p in self._before.people}
        before |= {f"typed {key}": typed.fields for key, typed in self._typed.items()}
        return {one.answer.row: before[one.key] for one in whose if one.key in before}

    def _is_missing(self, person: ListedPerson) -> bool:
        record = self._before.records[person.id]
        return self._form in record.forms and person.id not in self._found

    # How an answer stands to what is known.

    def _standing(self, record: Record, answer: Answer) -> Standing:
        return self._which.standing(record, answer, self._age)

    def _remembered(self, record: Record, one: _Whose, standing: Standing) -> Record:
        """Return a record that knows the answer: who it is of, and, if it counts, that it was."""
        marks, forms = record.marks | one.all_marks, record.forms | {self._form}
        newest = self._which.newest_after(record, one.answer)
        if standing not in ("new", "same"):
            return replace(record, marks=marks, forms=forms)
        own, day = self._which.hash_of(one.answer), self._which.day(one.answer)
        seen = record.seen | {own} | {self._which.hash_of(a) for a in one.answer.earlier}
        row = {self._which.row_of(one.answer)}
        seen = seen - row if one.answer.agrees else seen | row
        latest = own
        if standing == "same" or (one.answer.agrees and day is None and record.newest):
            latest, newest = record.latest, record.newest
        return replace(record, marks=marks, forms=forms, seen=seen, latest=latest, newest=newest)

    # People of the list.

    def _listed(self, person: ListedPerson, one: _Whose) -> None:
        """Bring somebody of the list up to date, as far as staff have not."""
        self._found.add(person.id)
        record, answer = self._records[person.id], one.answer
        standing = self._standing(record, answer)
        said, fields = dict(record.said), dict(person.fields)
        changes = list[FieldChange]()
        for heading, text in answer.fields.items() if answer.agrees else ():
            if heading in said and heading not in self._before.headings:
                continue  # staff have deleted the column
            ours, now = person.fields.get(heading, ""), self._hasher.said(text)
            cell = _Cell(heading, said.get(heading, ""), now, self._hasher.said(ours))
            kind = self._judged(cell, one, standing)
            if kind == "older" and self._which.is_undecided(record, answer, self._age):
                kind = "same-day"
            if kind in ("changed", "both", "agreed"):
                said[heading] = now
            if kind == "changed":
                fields[heading] = text
            if kind != "same" and kind != "agreed":  # noqa: PLR1714 - mypy
                name = person.fields.get(NAME, "")
                when = self._which.day(answer) if kind == "older" else None
                change = FieldChange(person.id, name, heading, kind, ours, text, when=when)
                changes.append(change)
        changes += self._fixes(person, answer, fields)
        record = replace(self._remembered(record, one, standing), said=said)
        person = replace(person, fields=fields)
        person, record = self._taking_part(person, record, one, standing, changes)
        self._people[person.id] = person
        if record != self._records[person.id]:  # of most nothing changes: one copy is enough
            self._records[person.id] = record
        self._told.cells += changes
        if not changes and person.id not in self._told.out:
            self._told.same.append(_known(person, answer.row))

    def _fixes(
        self, person: ListedPerson, answer: Answer, fields: dict[str, str]
    ) -> Iterator[FieldChange]:
        """Fix cells as staff say, if they are still as the form has them."""
        name = person.fields.get(NAME, "")
        for heading, text in self._choices.fixed.get(answer.row, {}).items():
            ours = fields.get(heading, "")
            if ours == answer.fields.get(heading, ""):
                fields[heading] = text
                yield FieldChange(person.id, name, heading, "changed", ours, text)

    def _judged(self, cell: _Cell, one: _Whose, standing: Standing) -> _Judgement:
        """Return what becomes of a cell of the list, by the table of three-way changes."""
        key = one.key.partition(" ")[2], cell.heading
        if cell.now == cell.said:
            return "same" if cell.own == cell.now else "kept"
        if cell.own == cell.now:
            return "agreed" if not cell.said or standing in ("new", "same") else "same"
        is_doubtful = bool({*one.answer.doubts} - {"same-name"})
        unchanged = cell.own == cell.said  # both blank, or as the form said it last
        kind: _Judgement = "changed" if unchanged else "both"
        if standing == "seen":
            kind = "same"
        elif is_doubtful:
            kind = "doubted"
        elif standing == "older" and (cell.own or cell.said):
            kind = "older"
        return "changed" if key in self._choices.take_form else kind

    def _taking_part(
        self,
        person: ListedPerson,
        record: Record,
        one: _Whose,
        standing: Standing,
        changes: list[FieldChange],
    ) -> tuple[ListedPerson, Record]:
        """Set Include to no where the answer says so, and tell where staff's no stays."""
        state, base = self._which.state(one.answer), record.said.get(INCLUDE, "")
        is_out, name = says_no(person.include), person.fields.get(NAME, "")
        said = {**record.said, INCLUDE: state}
        agrees = state == self._hasher.said("yes")
        no = FieldChange(person.id, name, INCLUDE, "kept", person.include, "")
        if agrees:
            if is_out and record.include != "no":
                changes.append(no)
            elif is_out and standing == "new" and base not in ("", state):
                day = self._which.day(one.answer)
                changes.append(replace(no, kind="agrees-again", form="yes", when=day))
            counts = standing in ("new", "same")
            return person, replace(record, said=said) if counts else record
        if standing == "older" and not is_out and base != state:
            changes.append(replace(no, kind="older", form="no", when=self._which.day(one.answer)))
        if standing in ("older", "seen") or (standing == "same" and base == state):
            return person, record
        reason = REASONS["deceased"] if one.answer.agrees else WITHDRAWN
        if not is_out or (base != state and record.include == "no"):
            self._told.withdraws(_known(person, one.answer.row))
            person, record = self._left_out(person, record, reason)
        return person, replace(record, said=said)

    def _left_out(
        self, person: ListedPerson, record: Record, reason: str
    ) -> tuple[ListedPerson, Record]:
        """Write no into Include and why into To decide, unless staff have written there."""
        if not person.to_decide or person.to_decide == record.to_decide:
            both = f"{person.to_decide}; {reason}" if person.to_decide else reason
            person, record = replace(person, to_decide=both), replace(record, to_decide=both)
        return replace(person, include="no"), replace(record, include="no")

    # People whom staff typed, people who were deleted, people who are not known.

    def _of_typed(self, key: str, one: _Whose) -> None:
        """Tell what the form says now of somebody whom staff typed, where nothing is written."""
        person, answer = self._typed[key], one.answer
        record = self._records.get(key, Record(where="typed"))
        standing = self._standing(record, answer)
        said, told = dict(record.said), list[FieldChange]()
        for heading, text in answer.fields.items() if answer.agrees else ():
            now, ours = self._hasher.said(text), person.fields.get(heading)
            if ours is None or now == said.get(heading) or standing == "seen":
                continue
            if now != self._hasher.said(ours):
                kind: ChangeKind = "older" if standing == "older" else "in-workbook"
                place = person.places.get(heading, "")
                told.append(FieldChange(person.id, person.name, heading, kind, ours, text, place))
            if standing != "older":
                said[heading] = now
        is_out = self._which.state(answer) != self._hasher.said("yes")
        if is_out and person.takes_part and standing != "older":
            is_new = standing == "new" or record.said.get(INCLUDE) != self._which.state(answer)
            self._typed_withdraws(person, answer.row, WITHDRAWN if is_new else "")
        elif not told:
            self._told.same.append(KnownPerson(person.id, person.name, answer.row, person.place))
        if standing in ("new", "same"):
            said[INCLUDE] = self._which.state(answer)
        self._told.cells += told
        self._records[key] = replace(self._remembered(record, one, standing), said=said)

    def _typed_withdraws(
        self, person: TypedPerson, row: int, reason: str, *, is_perhaps: bool = False
    ) -> None:
        """Tell that somebody whom staff typed withdraws; in a row of the list, leave them out.

        Without a reason staff have decided since.
        """
        who = KnownPerson(
            person.id, person.name, row, person.place, person.list_row, is_perhaps=is_perhaps
        )
        self._told.withdraws(who)
        if reason and person.list_row:
            own = self._own_rows[person.list_row]
            self._own_rows[person.list_row], _ = self._left_out(own, Record(), reason)

    def _deleted(self, key: str, one: _Whose) -> Iterator[_Whose]:
        """Yield somebody whom staff deleted, if they are to be taken in again."""
        record = self._records[key]
        own = key if record.where == "list" else ""
        if one.answer.agrees and not self._again.isdisjoint({folded(one.name), folded(own)} - {""}):
            yield one
            return
        if one.answer.agrees:
            self._told.deleted.append(KnownPerson(own, one.name, one.answer.row))
        standing = self._standing(record, one.answer)
        if not one.answer.agrees and standing in ("new", "same"):
            record = replace(record, said={**record.said, INCLUDE: self._which.state(one.answer)})
        self._records[key] = self._remembered(record, one, standing)

    def _unknown(self, one: _Whose) -> Iterator[_Whose]:
        """Yield somebody who is new and agrees; remember who does not."""
        number = int(one.key.partition(" ")[2] or len(self._refused))
        record = self._refused.get(number, Record())
        standing = self._standing(record, one.answer)
        if one.answer.agrees:
            if not one.key or standing == "new" or folded(one.name) in self._again:
                yield one
                return
            self._told.refused.append(KnownPerson("", one.name, one.answer.row))
        elif one.all_marks and standing in ("new", "same"):
            record = replace(record, said={INCLUDE: self._which.state(one.answer)})
        if one.key or one.all_marks:
            self._refused[number] = self._remembered(record, one, standing)

    def _refusal(self, one: _Whose) -> Standing | None:
        """Return how an answer that does not agree stands to what is known, if it counts."""
        if one.answer.agrees:
            return None
        kind, _, key = one.key.partition(" ")
        record = self._refused[int(key)] if kind == "refused" else self._records.get(key, Record())
        standing = self._standing(record, one.answer)
        return standing if standing in ("new", "same") else None

    def _near_refusals(
        self, refusals: Iterable[tuple[_Whose, Standing | None]], agreeing: Collection[str]
    ) -> None:
        """Leave out who may be somebody who does not agree, until staff decide.

        That is who has their name and address, wherever IDs stand now; a name that nothing else
        stands beside; an email, and a word of the name; or a name that nobody else has, unless
        they are `agreeing` in the same file.
        """
        named = defaultdict[str, list[str]](list)
        for key, own in self._names():
            named[own.name].append(key)
        for one, standing in refusals:
            whole = (m for own in one.marks for m in (own.email_and_name, own.name_and_place) if m)
            sure = {candidate.key for candidate in self._known.having(whole)}
            alike = set[str]()
            if standing == "new":
                near = self._known.near(one.marks)
                alike |= {near.key} if near else set()
                namesakes = named.get(one.marks[0].name, []) if one.marks[0].name else []
                is_sole = len(namesakes) == 1 and one.key.partition(" ")[0] in ("", "refused")
                is_sole &= not any(key in agreeing for key in namesakes)
                if is_bare(one.marks[0]) or is_sole:
                    alike |= {*namesakes}
            for whole_key in sorted((sure | alike) - {one.key}):
                kind, _, key = whole_key.partition(" ")
                if kind == "list" and standing == "new":
                    self._may_withdraw(self._people[key], one.answer.row)
                elif kind == "typed" and (typed := self._typed[key]).takes_part:
                    is_perhaps = whole_key not in sure
                    reason = _MAY_WITHDRAW if is_perhaps else WITHDRAWN
                    reason = reason if standing == "new" else ""
                    self._typed_withdraws(typed, one.answer.row, reason, is_perhaps=is_perhaps)

    def _may_withdraw(self, person: ListedPerson, row: int) -> None:
        """Leave somebody out whom a refusal may be of; staff's own no says enough."""
        record = self._records[person.id]
        if not says_no(person.include) or record.include == "no":
            person, record = self._left_out(person, record, _MAY_WITHDRAW)
            self._people[person.id], self._records[person.id] = person, record
            self._told.withdraws(replace(_known(person, row), is_perhaps=True))

    def _names(self) -> Iterator[tuple[str, Marks]]:
        """Yield the key and the marks of everybody in the list or typed by staff."""
        for own, person in self._people.items():
            yield f"list {own}", self._marks(person.fields)
        for key, typed in self._typed.items():
            yield f"typed {key}", self._marks(typed.fields)

    # People who are new.

    def _added(self, new: Sequence[_Whose]) -> list[tuple[NewPerson, Record]]:
        """Return people who come into the list, those who are not doubtful first, and records."""
        back = {one.key for one in new}
        self._own_marks = dict(self._names())
        known = {own.alike: key for key, own in reversed(self._own_marks.items())}
        refused = self._refused_names(back)
        judged = [(one, *self._doubts(one, known, refused, back)) for one in new]
        judged.sort(key=lambda found: bool(found[1].doubts))
        ids = self._free_ids()
        rows = {p.row: p.id for p in self._told.withdrawn if p.id} | self._rows
        added = list[tuple[NewPerson, Record]]()
        for one, answer, same_as, likeness in judged:
            kind, _, key = one.key.partition(" ")
            former = self._refused.pop(int(key)) if kind == "refused" else Record()
            former = self._records.pop(key) if kind == "deleted" else former
            is_back = kind == "deleted" and former.where == "list"
            own = rows[answer.row] = key if is_back else next(ids)
            fields = dict(answer.fields)
            fields |= self._choices.fixed.get(answer.row, {})
            same = same_as or rows.get(answer.same_as, f"row {answer.same_as}")
            person = NewPerson(own, answer.row, fields, answer.doubts, "", 0, answer.proposal)
            if "same-name" in answer.doubts:
                row = 0 if same_as else answer.same_as
                person = replace(person, same_as=same, same_row=row, likeness=likeness)
                is_home = likeness == SAME_HOME
                person = replace(person, has_same_home=is_home)
                key = f"list {same}" if is_home or likeness.startswith("may be") else ""
                if key in self._by_key:
                    person = replace(person, other_name=self._by_key[key].name)
            added.append((person, self._record_of(person, one, former)))
        return added

    def _refused_names(self, back: Collection[str]) -> dict[str, Record]:
        """Return by name who said no in an earlier file, and is not in the list nor in this file.

        Who stands beside them in one file, with an address of their own, is another person.
        """
        before = enumerate(self._before.refused)
        out = {f"refused {number}": record for number, record in before}
        no = self._hasher.said("no")
        for key, record in self._records.items():
            is_known = key in self._people or key in self._typed
            if not is_known and record.said.get(INCLUDE) == no:
                out[f"deleted {key}"] = record
        return {
            mark: record
            for key, record in out.items()
            for mark in record.marks
            if key not in back and key not in self._here
        }

    def _doubts(
        self,
        one: _Whose,
        named: Mapping[str, str],
        refused: Mapping[str, Record],
        back: Collection[str],
    ) -> tuple[Answer, str, str]:
        """Return the answer of somebody new with every doubt, who has their name, how alike.

        `back` are the keys of those who come in though they were out.
        """
        answer, own = one.answer, one.marks[0]
        if one.key.startswith("deleted"):
            return answer, "", ""
        near = self._known.near(one.marks) or self._known.at_home(own, one.name)
        is_near = near is not None and near.key not in back
        record = refused.get(own.alike)
        if record is None and near and is_near and near.key.startswith("refused"):
            record = self._refused.get(int(near.key.partition(" ")[2]))
        if record is not None:
            form = " and ".join(sorted(record.forms))
            who = f"someone who declined in {form}" if form else "someone who declined"
            return doubted(answer, "same-name"), who, HAS_NAME
        key = named.get(own.alike, "") or (near.key if near and is_near else "")
        kind, _, of = key.partition(" ")
        if kind in ("list", "typed") and key not in back:
            same = of if kind == "list" else self._typed[of].place
            candidate = self._by_key[key]
            place = self._own_marks[key].place
            likeness = likeness_of(own, candidate.marks, has_place=bool(place))
            return doubted(answer, "same-name"), same, likeness
        if answer.same_as not in self._by_row:
            return answer, "", ""
        other = self._by_row[answer.same_as]
        return answer, "", likeness_of(own, other.all, has_place=bool(other.place))

    def _record_of(self, person: NewPerson, one: _Whose, former: Record) -> Record:
        """Return what is remembered of somebody who comes into the list."""
        answer = one.answer
        said = {heading: self._hasher.said(text) for heading, text in answer.fields.items()}
        said[INCLUDE] = self._which.state(answer)
        fresh = Record(marks=former.marks, seen=former.seen, forms=former.forms, said=said)
        record = self._remembered(fresh, one, "new")
        if not person.doubts:
            return record
        return replace(record, include="no", to_decide=reasons_of(person, person.same_as))

    def _free_ids(self) -> Iterator[str]:
        """Yield IDs that nobody has or had."""
        words = {*self._before.records, *(p.id for p in self._before.people)}
        taken = {folded(word) for word in (*words, *(p.id for p in self._typed.values()))}
        numbers = [int(word[1:]) for word in taken if _OUR_ID.fullmatch(word)]
        first = max(self._before.next_id, 1 + max(numbers, default=0))
        return (f"F{number}" for number in count(first) if f"f{number}" not in taken)

    def _after(self, added: Sequence[tuple[NewPerson, Record]]) -> SignerList:
        """Return the list as it is afterwards."""
        people = [
            self._people[person.id]
            if person.row in self._first_rows
            else self._own_rows[person.row]
            for person in self._before.people
        ]
        records, last = dict(self._records), self._before.next_id
        headings = dict.fromkeys(self._before.headings)
        for new, record in added:
            records[new.id] = record
            headings.update(dict.fromkeys(new.fields))
            if new.id not in self._before.records:
                last = max(last, int(new.id[1:]) + 1)
            people.append(ListedPerson(new.id, 0, new.fields, record.include, record.to_decide))
        for changed in self._people.values():
            headings.update(dict.fromkeys(changed.fields))
        return replace(
            self._before,
            headings=tuple(headings),
            people=tuple(people),
            records=records,
            refused=tuple(self._refused.values()),
            next_id=last,
        )


_OUR_ID = re.compile("f[1-9][0-9]{0,6}")
"""What is longer is of staff's own making, and no number to count on from."""


def email_among(fields: Mapping[str, str]) -> str:
    """Return the email of a row, if a column of the sheet has it."""
    found = (text for heading, text in fields.items() if meaning(heading).field == EMAIL)
    return next((text for text in found if "@" in text), "")


def _own_row(person: ListedPerson) -> TypedPerson:
    """Return a row of the list that staff typed themselves."""
    name, row = person.fields.get(NAME, ""), person.row
    key = f"list {person.id or name}"
    place = f"row {row}"
    takes_part = not says_no(person.include)
    email = email_among(person.fields)
    return TypedPerson(key, person.fields, {NAME: place}, person.id, email, takes_part, row)


def _known(person: ListedPerson, row: int = 0) -> KnownPerson:
    return KnownPerson(person.id, person.fields.get(NAME, ""), row)


def _remembered_of(record: Record) -> frozenset[str]:
    """Return all by which somebody, or an answer of theirs, is known again."""
    return record.marks | record.seen
