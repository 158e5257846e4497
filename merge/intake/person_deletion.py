"""Data of a person in the list and its memory, found and deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from merge.intake.destinations import NAME
from merge.intake.known_people import typed_record_key
from merge.intake.list_types import MemoryRecord, SignerList
from merge.intake.matching import Hasher, identity_marks
from merge.text.folding import folded
from merge.workbook.pairs import WRITES_TO


@dataclass(frozen=True, slots=True)
class SubjectIdentifiers:
    """Names, IDs and cells by which a person's data is found in the list.

    - `names_and_ids`: names and IDs, or the text that staff typed.
    - `cells`: the cells of their rows in the workbook, by heading.
    - `list_rows`: their rows in the list.
    - `other_keys`: the keys of everyone else whom staff typed.
    """

    names_and_ids: AbstractSet[str]
    cells: Sequence[Mapping[str, str]] = ()
    list_rows: AbstractSet[int] = frozenset()
    other_keys: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SignerListTraces:
    """A person's traces in the list: rows, record keys, keys of who declined."""

    rows: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()
    declined_keys: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """True if the list has no traces of the person."""
        return not (self.is_imported or self.declined_keys)

    @property
    def is_imported(self) -> bool:
        """True if an import had the person, so another one would add them again."""
        return bool(self.rows or self.keys)

    @property
    def all_keys(self) -> frozenset[str]:
        """The keys of all records of the person."""
        return self.keys | self.declined_keys


def find_traces(signer_list: SignerList, person: SubjectIdentifiers) -> SignerListTraces:
    """Return where the list and its memory have data of a person."""
    hasher = Hasher(signer_list.salt)
    folded_words = {folded(word) for word in person.names_and_ids} - {""}
    rows = _person_rows(signer_list, person, folded_words)
    own_people = [p for p in signer_list.people if p.row in rows]
    is_here = bool(person.cells or own_people)
    marks = {
        mark
        for fields in (*person.cells, *(p.fields for p in own_people))
        for mark in _identifying_marks(hasher, fields)
    }
    for word in person.names_and_ids:
        marks.update(_marks_of_text(hasher, word, is_here=is_here))
    other_keys = {p.id for p in signer_list.people if p.row not in rows}
    other_keys |= {typed_record_key(hasher, key) for key in person.other_keys}
    own_ids = {p.id for p in own_people}
    name_hashes = {hasher.text_hash(word) for word in person.names_and_ids}

    def is_of(key: str, record: MemoryRecord) -> bool:
        if key in other_keys:
            return False
        if record.where == "declined":
            return bool(record.marks & marks)
        same_name = not is_here and record.form_hashes.get(NAME, "") in name_hashes
        same_id = key in own_ids or folded(key) in folded_words
        return same_id or same_name or bool(record.marks & marks)

    keys = frozenset(key for key, record in signer_list.records.items() if is_of(key, record))
    declined = frozenset(key for key in keys if signer_list.records[key].where == "declined")
    return SignerListTraces(frozenset(rows), keys - declined, declined)


def _person_rows(
    signer_list: SignerList, person: SubjectIdentifiers, folded_words: AbstractSet[str]
) -> set[int]:
    """Return the person's rows in the list.

    They are found by name or ID if the person is not in the workbook and no row is known.
    """
    rows = {p.row for p in signer_list.people if p.row in person.list_rows}
    if person.cells or rows:
        return rows
    words_by_row = (
        (p.row, {folded(p.id), folded(p.fields.get(NAME, ""))}) for p in signer_list.people
    )
    return {row for row, words in words_by_row if words & folded_words}


def _identifying_marks(hasher: Hasher, fields: Mapping[str, str]) -> set[str]:
    marks = identity_marks(hasher, fields)
    return {mark for mark in (marks.name_and_place, marks.email_and_name) if mark}


def _marks_of_text(hasher: Hasher, text: str, *, is_here: bool) -> Iterator[str]:
    """Yield possible marks of a typed text: of a name, an email, an address.

    If the workbook has such a person (`is_here`), someone else with that name may have declined. A
    name is then theirs only if nothing else is known of the person who declined.
    """
    marks = identity_marks(hasher, {NAME: text}, text if "@" in text else "")
    yield from filter(None, (marks.name, marks.email, "" if is_here else marks.sorted_name))
    if not is_here:
        yield from (identity_marks(hasher, fields).place for fields in _address_readings(text))


def _address_readings(text: str) -> Iterator[Mapping[str, str]]:
    """Yield the ways in which forms may split an address typed on one line.

    They are as forms with one or several cells have it.
    """
    words = re.split(r"[\s,;]+", text.strip())[:_MAX_ADDRESS_WORDS]
    if len(words) > 1:
        yield {"Address": text}
    for after_street in range(1, len(words)):
        street = " ".join(words[:after_street])
        for first in range(after_street, len(words)):
            for last in range(first, len(words)):
                yield {"Street": street, "Postal code": " ".join(words[first : last + 1])}


_MAX_ADDRESS_WORDS = 12
"""Most words of an address.

All beginnings and ends of the street and of the postal code are tried."""


def remove_person(
    signer_list: SignerList, traces: SignerListTraces, person: SubjectIdentifiers, *, keep_out: bool
) -> SignerList:
    """Return the list of signers without a person's data.

    If `keep_out` is true, hashes stay that recognise and exclude the person in a later export. So
    do hashes of a person who declined, whatever they answer later. Signers who write to the same
    recipients as the person have no pair then.
    """
    folded_words = {*map(folded, person.names_and_ids)} - {""}
    deleted = [p for p in signer_list.people if p.row in traces.rows]
    records = {key: r for key, r in signer_list.records.items() if key not in traces.all_keys}
    if keep_out:
        hasher = Hasher(signer_list.salt)
        declined = (signer_list.records[key] for key in sorted(traces.declined_keys))
        typed = [replace(record, where="typed") for record in declined]
        records |= {typed_record_key(hasher, *sorted(r.marks)): r for r in typed}
        cells = (*person.cells, *(p.fields for p in deleted))
        marks = [identity_marks(hasher, fields).to_store for fields in cells]
        marks += (signer_list.records[key].marks for key in traces.keys)
        if all_marks := frozenset(mark for person_marks in marks for mark in person_marks):
            records[typed_record_key(hasher, *sorted(all_marks))] = MemoryRecord(
                marks=all_marks, where="typed"
            )
    return replace(
        signer_list,
        people=tuple(
            replace(p, fields={**p.fields, WRITES_TO: ""})
            if folded(p.fields.get(WRITES_TO, "")) in folded_words
            else p
            for p in signer_list.people
            if p.row not in traces.rows
        ),
        records=records,
    )
