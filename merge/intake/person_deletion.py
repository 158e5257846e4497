"""What the list and its memory hold of a person who is to be forgotten, and the list without it."""

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


@dataclass(frozen=True, slots=True)
class SubjectIdentifiers:
    """Somebody who is to be forgotten.

    `called` are names and IDs, or whatever was typed; `cells` what stands in the rows of whom the
    workbook has, by heading; `rows` are those in the list. `others` are the keys of everybody else
    whom staff typed.
    """

    names_and_ids: AbstractSet[str]
    cells: Sequence[Mapping[str, str]] = ()
    list_rows: AbstractSet[int] = frozenset()
    other_keys: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListTraces:
    """What the list has of a person: rows, keys of records, numbers of those who said no."""

    rows: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()
    declined_indices: frozenset[int] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Return whether it has nothing."""
        return not (self.rows or self.keys or self.declined_indices)


def find_traces(known: SignerList, person: SubjectIdentifiers) -> ListTraces:
    """Return what the list and its memory have of a person."""
    hasher, asked = Hasher(known.salt), {folded(word) for word in person.names_and_ids} - {""}
    rows = {p.row for p in known.people if p.row in person.list_rows}
    if not (person.cells or rows):
        there = ((p.row, {folded(p.id), folded(p.fields.get(NAME, ""))}) for p in known.people)
        rows = {row for row, words in there if words & asked}
    mine = [p for p in known.people if p.row in rows]
    marks = [
        identity_marks(hasher, fields) for fields in (*person.cells, *(p.fields for p in mine))
    ]
    tells = {mark for own in marks for mark in (own.name_and_place, own.email_and_name) if mark}
    others = {p.id for p in known.people if p.row not in rows}
    others |= {typed_record_key(hasher, key) for key in person.other_keys}
    names = {hasher.text_hash(word) for word in person.names_and_ids}
    is_here = bool(person.cells or mine)
    typed = (_marks_of_text(hasher, word, is_here=is_here) for word in person.names_and_ids)
    tells |= {mark for own in typed for mark in own}
    ids = {p.id for p in mine}

    def is_of(key: str, record: MemoryRecord) -> bool:
        if key in others:
            return False
        same_name = not is_here and record.said.get(NAME, "") in names
        return key in ids or folded(key) in asked or same_name or bool(record.marks & tells)

    own = frozenset(key for key, record in known.records.items() if is_of(key, record))
    refused = (n for n, r in enumerate(known.declined_records) if r.marks & tells)
    return ListTraces(frozenset(rows), own, frozenset(refused))


def _marks_of_text(hasher: Hasher, text: str, *, is_here: bool) -> Iterator[str]:
    """Yield what a text that was typed may be as a hash: a name, an email, an address.

    If somebody of the workbook `is_here`, another of that name may have said no: a name is theirs
    then only if nothing else is known of who said no.
    """
    own = identity_marks(hasher, {NAME: text}, text if "@" in text else "")
    yield from filter(None, (own.name, own.email, "" if is_here else own.sorted_name))
    if not is_here:
        yield from (identity_marks(hasher, fields).place for fields in _address_readings(text))


def _address_readings(text: str) -> Iterator[Mapping[str, str]]:
    """Yield the readings of an address in one line, as forms with one or several cells have it."""
    words = re.split(r"[\s,;]+", text.strip())[:_MAX_ADDRESS_WORDS]
    if len(words) > 1:
        yield {"Address": text}
    for after_street in range(1, len(words)):
        street = " ".join(words[:after_street])
        for begins in range(after_street, len(words)):
            for ends in range(begins, len(words)):
                yield {"Street": street, "Postal code": " ".join(words[begins : ends + 1])}


_MAX_ADDRESS_WORDS = 12
"""Words of an address: each beginning and end of the street and of the code is tried."""


def remove_person(
    known: SignerList, traces: ListTraces, person: SubjectIdentifiers, *, keep_out: bool
) -> SignerList:
    """Return the list without a person.

    `keep_out` keeps hashes by which whoever comes in a later export is known, and stays out: so
    does somebody who said no, whatever they answer later.
    """
    gone = [p for p in known.people if p.row in traces.rows]
    records = {key: r for key, r in known.records.items() if key not in traces.keys}
    if keep_out:
        hasher = Hasher(known.salt)
        refused = (
            replace(known.declined_records[n], where="typed")
            for n in sorted(traces.declined_indices)
        )
        records |= {typed_record_key(hasher, *sorted(r.marks)): r for r in refused}
        cells = (*person.cells, *(p.fields for p in gone))
        marks = [identity_marks(hasher, fields).to_store for fields in cells]
        marks += (known.records[key].marks for key in traces.keys)
        if whole := frozenset(mark for own in marks for mark in own):
            records[typed_record_key(hasher, *sorted(whole))] = MemoryRecord(
                marks=whole, where="typed"
            )
    return replace(
        known,
        people=tuple(p for p in known.people if p.row not in traces.rows),
        records=records,
        declined_records=tuple(
            r for n, r in enumerate(known.declined_records) if n not in traces.declined_indices
        ),
    )
