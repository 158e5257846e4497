"""What the list and its memory hold of a person who is to be forgotten, and the list without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from merge.intake.matching import NAME, Hasher, marks_of
from merge.intake.model import Record, SignerList
from merge.naming import folded


@dataclass(frozen=True, slots=True)
class Forgettable:
    """Somebody who is to be forgotten.

    `called` are names and IDs; `cells` what stands in the rows of whom the workbook has, by
    heading; `rows` are those in the list.
    """

    called: AbstractSet[str]
    cells: Sequence[Mapping[str, str]] = ()
    rows: AbstractSet[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ListTraces:
    """What the list has of a person: rows, keys of records, numbers of those who said no."""

    rows: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()
    refused: frozenset[int] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Return whether it has nothing."""
        return not (self.rows or self.keys or self.refused)


def find_traces(known: SignerList, person: Forgettable) -> ListTraces:
    """Return what the list and its memory have of a person."""
    hasher, asked = Hasher(known.salt), {folded(word) for word in person.called} - {""}
    rows = {p.row for p in known.people if p.row in person.rows}
    if not (person.cells or rows):
        there = ((p.row, {folded(p.id), folded(p.fields.get(NAME, ""))}) for p in known.people)
        rows = {row for row, words in there if words & asked}
    mine = [p for p in known.people if p.row in rows]
    marks = [marks_of(hasher, fields) for fields in (*person.cells, *(p.fields for p in mine))]
    tells = {mark for own in marks for mark in (own.name_and_place, own.email_and_name) if mark}
    others = {p.id for p in known.people if p.row not in rows}
    names = {hasher.said(word) for word in person.called}
    is_here = bool(person.cells or mine)
    ids = {p.id for p in mine}

    def is_of(key: str, record: Record) -> bool:
        if key in others:
            return False
        same_name = not is_here and record.said.get(NAME, "") in names
        return key in ids or folded(key) in asked or same_name or bool(record.marks & tells)

    own = frozenset(key for key, record in known.records.items() if is_of(key, record))
    bare = {_bare_name(hasher, word) for word in person.called}
    refused = (n for n, r in enumerate(known.refused) if r.marks & (tells | bare))
    return ListTraces(frozenset(rows), own, frozenset(refused))


def _bare_name(hasher: Hasher, name: str) -> str:
    return marks_of(hasher, {NAME: name}).name


def without(
    known: SignerList, traces: ListTraces, person: Forgettable, *, keep_out: bool
) -> SignerList:
    """Return the list without a person.

    `keep_out` keeps hashes by which whoever comes in a later export is known, and stays out.
    """
    gone = [p for p in known.people if p.row in traces.rows]
    records = {key: r for key, r in known.records.items() if key not in traces.keys}
    if keep_out:
        hasher = Hasher(known.salt)
        cells = (*person.cells, *(p.fields for p in gone))
        marks = [marks_of(hasher, fields).all for fields in cells]
        marks += (known.records[key].marks for key in traces.keys)
        whole = frozenset(mark for own in marks for mark in own)
        records[hasher.mark("typed", *sorted(whole))] = Record(marks=whole, where="typed")
    return replace(
        known,
        people=tuple(p for p in known.people if p.row not in traces.rows),
        records=records,
        refused=tuple(r for n, r in enumerate(known.refused) if n not in traces.refused),
    )
