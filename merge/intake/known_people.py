"""Everyone who is known before an import.

They are in the list, typed by staff, deleted from the list, or declined. Each has a `PersonKey` and
a record of what is remembered of them. A row that staff typed into the list counts as typed by
staff.
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
    """Return the signers of the workbook, including those with Include no."""
    included = {id(person) for person in book.signers.persons}
    all_people = (*book.signers.persons, *book.excluded_people)
    return [_workbook_person(p, id(p) in included) for p in all_people if p.kind == "signer"]


def _workbook_person(person: Person, takes_part: bool) -> TypedPerson:  # noqa: FBT001
    fields = cells_by_heading(person)
    placeholders = {
        NAME if c.placeholder in person.sheet.name_placeholders else c.heading: c.placeholder
        for c in person.sheet.columns
    }
    return TypedPerson(
        person.key,
        fields,
        places={heading: str(person.place(placeholders[heading])) for heading in fields},
        id=str(person.id),
        email=find_email(fields),
        is_included=takes_part,
    )


def cells_by_heading(person: Person) -> dict[str, str]:
    """Return a signer's cells by heading, the name under the list's heading."""
    cells = dict[str, str]()
    for column in person.sheet.columns:
        if canonical_placeholder(column.placeholder) not in {"id", "include"}:
            is_name = column.placeholder in person.sheet.name_placeholders
            heading = NAME if is_name else column.heading
            cells[heading] = str(person.fields.get(column.placeholder, "")).strip()
    return cells


def find_email(fields: Mapping[str, str]) -> str:
    """Return the email address in a row's cells, or an empty text."""
    emails = (text for heading, text in fields.items() if meaning(heading).field == EMAIL)
    return next((text for text in emails if "@" in text), "")


def typed_row_key(own_id: str, name: str) -> str:
    """Return the key of a row that staff typed into the list.

    The list stores a hash of it.
    """
    return f"list {own_id or name}"


def typed_record_key(hasher: Hasher, *words: str) -> str:
    """Return the key of the record of someone who is not in the list."""
    return hasher.mark("typed", *words)


def _typed_row(person: ListedPerson) -> TypedPerson:
    """Return a row that staff typed into the list."""
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
    """Everyone who is known before an import, with what is remembered.

    `listed` is by ID, `typed` by record key, `typed_rows` by row of the list. An import changes
    `listed`, `typed_rows` and `records`.
    """

    def __init__(self, before: SignerList, typed: Sequence[TypedPerson], hasher: Hasher) -> None:
        """Take the list before the import and the people of signers.xlsx."""
        self._before, self.hasher = before, hasher
        rows = sorted(before.people, key=self._is_renamed)
        first = {p.id: p for p in reversed(rows) if p.id in before.records}
        self.listed = {p.id: p for p in before.people if p is first.get(p.id)}
        self.typed_rows = {p.row: p for p in before.people if p is not first.get(p.id)}
        self.typed = self._by_record([*typed, *map(_typed_row, self.typed_rows.values())])
        self.records = {
            self._person_key(own_id): record for own_id, record in before.records.items()
        }

    def _is_renamed(self, person: ListedPerson) -> bool:
        """Return True if staff changed a listed person's name since the import.

        If two rows have the same ID, staff typed such a row.
        """
        record = self._before.records.get(person.id, MemoryRecord())
        return record.form_hashes.get(NAME) != self.hasher.text_hash(person.fields.get(NAME, ""))

    def _by_record(self, typed: Sequence[TypedPerson]) -> dict[str, TypedPerson]:
        """Return the people whom staff typed, by the key of their record."""
        known = {key: r for key, r in self._before.records.items() if key not in self.listed}
        ids = {folded(key): key for key, record in known.items() if record.where == "list"}
        people_by_key: dict[str, TypedPerson] = {}
        for person in typed:
            marks = identity_marks(self.hasher, person.fields, person.email)
            certain_marks = {marks.email_and_name, marks.name_and_place} - {""}
            key = ids.get(folded(person.id)) or typed_record_key(self.hasher, person.key)
            if key not in known:
                matching_keys = (
                    k for k, r in known.items() if r.where == "typed" and r.marks & certain_marks
                )
                key = next((k for k in matching_keys if k not in people_by_key), key)
            people_by_key.setdefault(key, person)
        return people_by_key

    def _person_key(self, record_key: str) -> PersonKey:
        """Return the person key for the key of a record."""
        if record_key in self.listed:
            return PersonKey("list", record_key)
        if self._before.records[record_key].where == "declined":
            return PersonKey("declined", record_key)
        return PersonKey("typed" if record_key in self.typed else "deleted", record_key)

    def candidates(self) -> Iterator[MatchCandidate]:
        """Yield all known people, in the order in which they are compared."""
        for record_key, person in self.listed.items():
            marks = identity_marks(self.hasher, person.fields, find_email(person.fields))
            yield self._candidate(PersonKey("list", record_key), marks, person.fields.get(NAME, ""))
        for record_key, typed in self.typed.items():
            marks = identity_marks(self.hasher, typed.fields, typed.email)
            yield self._candidate(PersonKey("typed", record_key), marks, typed.name)
        for key in self.records:
            if key.kind in ("deleted", "declined"):
                yield self._candidate(key, IdentityMarks())

    def _candidate(self, key: PersonKey, marks: IdentityMarks, name: str = "") -> MatchCandidate:
        record = self.records.get(key, MemoryRecord())
        return MatchCandidate(key, record.marks | record.seen | marks.to_store, name)

    def people_by_name(self) -> PeopleByName:
        """Return the people of the list and those typed by staff, by name."""
        listed = {PersonKey("list", record_key): p.fields for record_key, p in self.listed.items()}
        typed = {PersonKey("typed", record_key): p.fields for record_key, p in self.typed.items()}
        cells = {**listed, **typed}
        return PeopleByName(
            {key: identity_marks(self.hasher, fields) for key, fields in cells.items()}
        )

    def cells_before_import(self) -> dict[PersonKey, Mapping[str, str]]:
        """Return the cells before the import: of the list, and of people typed."""
        listed = {PersonKey("list", p.id): p.fields for p in self._before.people}
        return listed | {PersonKey("typed", key): p.fields for key, p in self.typed.items()}


class PeopleByName:
    """People by exact name, and by the words of their names.

    For the words, the first person counts.
    """

    def __init__(self, marks: Mapping[PersonKey, IdentityMarks]) -> None:
        """Take the identity marks of everyone."""
        self.marks = marks
        self.by_name = defaultdict[str, list[PersonKey]](list)
        for key, person_marks in marks.items():
            self.by_name[person_marks.name].append(key)
        self.by_sorted_name = {
            person_marks.sorted_name: key for key, person_marks in reversed([*marks.items()])
        }
