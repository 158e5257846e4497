"""What the list's memory says of those who take part now: told by every check until it is settled.

An import says once who does not agree any more. Of people whom staff typed nothing is written, and
so it is said again for as long as letters of theirs would be made.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from merge import messages
from merge.intake.destinations import INCLUDE
from merge.intake.known_people import cells_by_heading, find_email, typed_record_key, typed_row_key
from merge.intake.list_types import MemoryRecord, SignerList
from merge.intake.matching import Hasher, identity_marks
from merge.intake.signer_list import StoredList
from merge.people import Person
from merge.problems import Problem
from merge.workbook.reading import LIST_FILE, Workbook


def signer_list_problems(stored: StoredList, book: Workbook) -> Iterator[Problem]:
    """Yield what list and memory say of the signers of a workbook, those of the list among them."""
    yield from stored.problems
    yield from _withdrawn_consents(stored.list, book)


def _withdrawn_consents(known: SignerList, book: Workbook) -> Iterator[Problem]:
    """Yield a warning for each signer typed by staff whose newest answer does not agree."""
    hasher, in_list = Hasher(known.salt), {person.id for person in known.people}
    others = {key: record for key, record in known.records.items() if key not in in_list}
    every, yes = [*others.values(), *known.declined_records], hasher.text_hash("yes")
    if all(record.said.get(INCLUDE, yes) == yes for record in every):
        return
    by_mark = defaultdict[str, list[MemoryRecord]](list)
    for record in every:
        for mark in record.marks:
            by_mark[mark].append(record)
    for person in book.signers.persons:
        if person.sheet.file == LIST_FILE and person.id in known.records:
            continue
        newest = _newest_record(_find_records(person, hasher, others, by_mark), yes)
        said = newest.said.get(INCLUDE, yes) if newest else yes
        if said != yes:
            yield _withdrawal_warning(person, is_dead=said == hasher.text_hash("deceased"))


def _find_records(
    person: Person,
    hasher: Hasher,
    others: Mapping[str, MemoryRecord],
    by_mark: Mapping[str, Sequence[MemoryRecord]],
) -> Iterator[MemoryRecord]:
    """Yield what is remembered of a signer, by the keys that an import gives, or by what tells."""
    fields = cells_by_heading(person)
    own = identity_marks(hasher, fields, find_email(fields))
    in_list = person.sheet.file == LIST_FILE
    key = typed_row_key(person.id, str(person.name)) if in_list else person.key
    keys = (typed_record_key(hasher, key), str(person.id).upper())
    yield from (others[key] for key in keys if key in others)
    for mark in filter(None, (own.email_and_name, own.name_and_place)):
        yield from by_mark.get(mark, ())


def _newest_record(records: Iterator[MemoryRecord], yes: str) -> MemoryRecord | None:
    """Return the record of the newest answer; of one day, one that does not agree."""

    def order(record: MemoryRecord) -> tuple[dt.date, bool]:
        return record.newest or dt.date.min, record.said.get(INCLUDE, yes) != yes

    return max((r for r in records if INCLUDE in r.said), key=order, default=None)


def _withdrawal_warning(person: Person, *, is_dead: bool) -> Problem:
    key = "form-withdrawn/deceased" if is_dead else "form-withdrawn"
    return messages.problem(key, person.place("name"))
