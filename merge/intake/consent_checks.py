"""Withdrawn consent and problems of the list, reported by every check.

An import reports once who no longer agrees. It writes nothing for people whom staff typed, so these
are reported again as long as their letters would be created.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from merge import messages
from merge.intake.destinations import INCLUDE
from merge.intake.known_people import cells_by_heading, find_email, typed_record_key, typed_row_key
from merge.intake.list_types import MemoryRecord, SignerList
from merge.intake.matching import Hasher, identity_marks, is_later_moment
from merge.intake.signer_list import StoredSignerList, no_records_problem
from merge.people import Person
from merge.problems import Problem
from merge.workbook.reading import LIST_FILE, Workbook


def signer_list_problems(stored: StoredSignerList, book: Workbook) -> Iterator[Problem]:
    """Yield problems of the list of signers and of the workbook's signers."""
    yield from stored.problems
    if not stored.has_records:
        yield replace(no_records_problem(), level="warning")
    yield from _withdrawn_consents(stored.list, book)


def _withdrawn_consents(signer_list: SignerList, book: Workbook) -> Iterator[Problem]:
    """Yield a warning for each signer typed by staff who has since refused."""
    hasher, listed_ids = Hasher(signer_list.salt), {person.id for person in signer_list.people}
    others = {key: record for key, record in signer_list.records.items() if key not in listed_ids}
    yes_hash = hasher.text_hash("yes")
    if all(record.form_hashes.get(INCLUDE, yes_hash) == yes_hash for record in others.values()):
        return
    by_mark = defaultdict[str, list[MemoryRecord]](list)
    for record in others.values():
        for mark in record.marks:
            by_mark[mark].append(record)
    for person in book.signers.persons:
        if person.sheet.file == LIST_FILE and person.id in signer_list.records:
            continue
        refusal = _refusal(_find_records(person, hasher, others, by_mark), yes_hash)
        if refusal:
            yield _withdrawal_warning(person, is_dead=refusal == hasher.text_hash("deceased"))


def _find_records(
    person: Person,
    hasher: Hasher,
    others: Mapping[str, MemoryRecord],
    by_mark: Mapping[str, Sequence[MemoryRecord]],
) -> Iterator[MemoryRecord]:
    """Yield the records of a signer: by the keys of an import, or by marks."""
    fields = cells_by_heading(person)
    marks = identity_marks(hasher, fields, find_email(fields))
    is_listed = person.sheet.file == LIST_FILE
    key = typed_row_key(person.id, str(person.name)) if is_listed else person.key
    keys = (typed_record_key(hasher, key), str(person.id).upper())
    yield from (others[key] for key in keys if key in others)
    for mark in filter(None, (marks.email_and_name, marks.name_and_place)):
        yield from by_mark.get(mark, ())


def _refusal(records: Iterable[MemoryRecord], yes_hash: str) -> str:
    """Return the hash of a refusal, or an empty text.

    A refusal counts unless a consent is certainly later.
    """
    answers = [(r.form_hashes[INCLUDE], r.newest) for r in records if INCLUDE in r.form_hashes]
    consents = [moment for answer, moment in answers if answer == yes_hash]
    refusals = [
        answer
        for answer, moment in answers
        if answer != yes_hash and not any(is_later_moment(each, moment) for each in consents)
    ]
    return refusals[-1] if refusals else ""


def _withdrawal_warning(person: Person, *, is_dead: bool) -> Problem:
    key = "form-withdrawn/deceased" if is_dead else "form-withdrawn"
    return messages.problem(key, person.place("name"))
