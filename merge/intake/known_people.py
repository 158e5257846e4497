"""Everyone who is known before an import: in the list, typed by staff, deleted, or declined.

Each has a `PersonKey`, and a record of what an import remembers of them. A row of the list that
staff typed themselves counts as typed by staff.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from merge.intake.destinations import EMAIL, NAME
from merge.intake.headings import meaning
from merge.intake.list_types import ListedPerson, MemoryRecord, PersonKey, SignerList
from merge.intake.matching import Hasher, IdentityMarks, MatchCandidate, TypedPerson, identity_marks
from merge.people import Person
from merge.text.folding import folded
from merge.workbook.reading import Workbook
from merge.workbook.translated_words import canonical_placeholder, says_no


def typed_people(book: Workbook) -> list[TypedPerson]:
    """Return the signers of the workbook, also those who are not included."""
    included = {id(person) for person in book.signers.persons}
    every = (*book.signers.persons, *book.excluded_people)
    return [_workbook_person(p, id(p) in included) for p in every if p.kind == "signer"]


def _workbook_person(person: Person, takes_part: bool) -> TypedPerson:  # noqa: FBT001
    fields = cells_by_heading(person)
    tags = {
        NAME if canonical_placeholder(c.placeholder) == "name" else c.heading: c.placeholder
        for c in person.sheet.columns
    }
    return TypedPerson(
        person.key,
        fields,
        places={heading: str(person.place(tags[heading])) for heading in fields},
        id=str(person.id),
        email=find_email(fields),
        is_included=takes_part,
    )


def cells_by_heading(person: Person) -> dict[str, str]:
    """Return a signer's cells by heading, the name under the list's heading for it."""
    found = dict[str, str]()
    for column in person.sheet.columns:
        tag = canonical_placeholder(column.placeholder)
        if tag not in {"id", "include"}:
            heading = NAME if tag == "name" else column.heading
            found[heading] = str(person.fields.get(column.placeholder, "")).strip()
    return found


def find_email(fields: Mapping[str, str]) -> str:
    """Return the email of a row, if a column of the sheet has it."""
    found = (text for heading, text in fields.items() if meaning(heading).field == EMAIL)
    return next((text for text in found if "@" in text), "")


def typed_row_key(own_id: str, name: str) -> str:
    """Return the key of a row of the list that staff typed; its hash is stored in the list."""
    return f"list {own_id or name}"


def typed_record_key(hasher: Hasher, *words: str) -> str:
    """Return the key of the record of someone who is not in the list, as the list stores it."""
    return hasher.mark("typed", *words)


def _typed_row(person: ListedPerson) -> TypedPerson:
    """Return a row of the list that staff typed themselves."""
    return TypedPerson(
        typed_row_key(person.id, person.fields.get(NAME, "")),
        person.fields,
        places={NAME: f"row {person.row}"},
        id=person.id,
        email=find_email(person.fields),
        is_included=not says_no(person.include),
        list_row=person.row,
    )


class KnownPeople:
    """Everyone who is known: `listed` by ID, `typed` by record, `typed_rows` by row of the list.

    An import changes `listed`, `typed_rows` and `records`.
    """

    def __init__(self, before: SignerList, typed: Sequence[TypedPerson], hasher: Hasher) -> None:
        """Take the list before the import and the people of signers.xlsx."""
        self._before, self.hasher = before, hasher
        rows = sorted(before.people, key=self._is_renamed)
        first = {p.id: p for p in reversed(rows) if p.id in before.records}
        self.listed = {own: first[own] for own in before.records if own in first}
        self.typed_rows = {p.row: p for p in before.people if p is not first.get(p.id)}
        self.typed = self._by_record([*typed, *map(_typed_row, self.typed_rows.values())])
        self.records = {self._person_key(own): record for own, record in before.records.items()}
        for number, record in enumerate(before.declined_records):
            self.records[PersonKey("refused", str(number))] = record

    def _is_renamed(self, person: ListedPerson) -> bool:
        """Return whether the name is not the form's; of two rows of an ID, that one is staff's."""
        record = self._before.records.get(person.id, MemoryRecord())
        return record.said.get(NAME) != self.hasher.text_hash(person.fields.get(NAME, ""))

    def _by_record(self, typed: Sequence[TypedPerson]) -> dict[str, TypedPerson]:
        """Return the people whom staff typed by the key of their record, old or new."""
        known = {key: r for key, r in self._before.records.items() if key not in self.listed}
        ids = {folded(key): key for key, record in known.items() if record.where == "list"}
        found: dict[str, TypedPerson] = {}
        for person in typed:
            marks = identity_marks(self.hasher, person.fields, person.email)
            tells = {marks.email_and_name, marks.name_and_place} - {""}
            key = ids.get(folded(person.id)) or typed_record_key(self.hasher, person.key)
            if key not in known:
                other = (k for k, r in known.items() if r.where == "typed" and r.marks & tells)
                key = next((k for k in other if k not in found), key)
            found.setdefault(key, person)
        return found

    def _person_key(self, own: str) -> PersonKey:
        """Return the key of who has a record of that key."""
        if own in self.listed:
            return PersonKey("list", own)
        return PersonKey("typed" if own in self.typed else "deleted", own)

    def candidates(self) -> Iterator[MatchCandidate]:
        """Yield who is known, in the order in which they are considered."""
        for own, person in self.listed.items():
            marks = identity_marks(self.hasher, person.fields, find_email(person.fields))
            yield self._candidate(PersonKey("list", own), marks, person.fields.get(NAME, ""))
        for own, typed in self.typed.items():
            marks = identity_marks(self.hasher, typed.fields, typed.email)
            yield self._candidate(PersonKey("typed", own), marks, typed.name)
        for key in self.records:
            if key.kind in ("deleted", "refused"):
                yield self._candidate(key, IdentityMarks())

    def _candidate(self, key: PersonKey, marks: IdentityMarks, name: str = "") -> MatchCandidate:
        record = self.records.get(key, MemoryRecord())
        return MatchCandidate(key, record.marks | record.seen | marks.to_store, name)

    def people_by_name(self) -> PeopleByName:
        """Return the names of the list and of people typed by staff, as they are now."""
        listed = {PersonKey("list", own): p.fields for own, p in self.listed.items()}
        typed = {PersonKey("typed", own): p.fields for own, p in self.typed.items()}
        every = {**listed, **typed}
        return PeopleByName(
            {key: identity_marks(self.hasher, fields) for key, fields in every.items()}
        )

    def cells_before_import(self) -> dict[PersonKey, Mapping[str, str]]:
        """Return the cells of the list and of people typed by staff, as before the import."""
        listed = {PersonKey("list", p.id): p.fields for p in self._before.people}
        return listed | {PersonKey("typed", key): p.fields for key, p in self.typed.items()}


class PeopleByName:
    """People by name: `by_name` as it is written, `by_sorted_name` the first of those alike."""

    def __init__(self, marks: Mapping[PersonKey, IdentityMarks]) -> None:
        """Take the marks of everyone."""
        self.marks = marks
        self.by_name = defaultdict[str, list[PersonKey]](list)
        for key, own in marks.items():
            self.by_name[own.name].append(key)
        self.by_sorted_name = {own.sorted_name: key for key, own in reversed([*marks.items()])}
