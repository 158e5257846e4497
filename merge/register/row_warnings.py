"""What is doubtful in the rows of a register: all warnings."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from merge import messages
from merge.problems import Problem
from merge.register.entries import NO_LONGER_WANTED, LetterRow
from merge.register.layouts import LETTERS_LAYOUT, SIGNERS_LAYOUT, STAGES
from merge.register.rows import RegisterRow
from merge.register.tables import RegisterTable
from merge.text.folding import folded

_SUMMARY_THRESHOLD = 5
"""From so many rows of a column on, the same doubt is told once."""


def register_warnings(
    tables: Iterable[RegisterTable], letters: Mapping[str, LetterRow]
) -> Iterator[Problem]:
    """Yield warnings: rows that are there twice, dates that are none or count for nothing.

    `letters` are the rows of the letters by id.
    """
    for table in tables:
        yield from _row_warnings(table)
        yield from _non_date_warnings(table)
        if table.layout is not LETTERS_LAYOUT:
            yield from _early_date_warnings(table, letters.values())


def _row_warnings(table: RegisterTable) -> Iterator[Problem]:
    first = {line.id: line for line in reversed(table.rows) if line.id}
    for line in table.rows:
        if line.id and first[line.id] is not line:
            yield _duplicate_id(table, line, first)
        if not line.id and table.layout is not LETTERS_LAYOUT and line.stages:
            yield messages.problem("register-own-row", table.place(line.number))


def _duplicate_id(
    table: RegisterTable, line: RegisterRow, first: Mapping[str, RegisterRow]
) -> Problem:
    """Return a warning of a row whose ID another has; `first` are the first rows by the ID."""
    place, row = table.place(line.number), first[line.id].number
    both = (one.hidden_record for one in (line, first[line.id]) if one.is_misaligned)
    lost = next((kept for kept in both if kept and kept.values[0] not in first), None)
    if lost:
        people = " to ".join(str(name) for name in lost.values[1 : table.layout.name_count + 1])
        return messages.problem("register-twice/replaced", place, row=row, people=people)
    return messages.problem("register-twice", place, row=row)


def _non_date_warnings(table: RegisterTable) -> Iterator[Problem]:
    """Yield warnings of words where dates are meant."""
    for stage in STAGES:
        rows = [line.number for line in table.rows if isinstance(line.stages.get(stage), str)]
        if len(rows) >= _SUMMARY_THRESHOLD:
            first, more = table.place(rows[0], stage), len(rows) - 1
            yield messages.problem("register-no-date/several", first, more=more)
            continue
        for number in rows:
            yield messages.problem("register-no-date", table.place(number, stage))


def _early_date_warnings(table: RegisterTable, letters: Iterable[LetterRow]) -> Iterator[Problem]:
    """Dates of piles before the day on which all letters of the pile were made."""
    if not any(line.stages for line in table.rows):
        return
    made = _creation_days(table, letters)
    for stage in STAGES:
        days = ((line.number, _last_missed_day(line, stage, made)) for line in table.rows)
        last = {number: day for number, day in days if day}
        if len(last) >= _SUMMARY_THRESHOLD:
            key, first = "register-too-early/several", table.place(min(last), stage)
            day = _format_day(max(last.values()))
            yield messages.problem(key, first, more=len(last) - 1, day=day)
            continue
        for number, last_day in last.items():
            place, day = table.place(number, stage), _format_day(last_day)
            yield messages.problem("register-too-early", place, day=day)


def _last_missed_day(
    line: RegisterRow, stage: str, made: Mapping[str, set[dt.date]]
) -> dt.date | None:
    """Return the last day on which a letter of the row was made, if its date is before them all."""
    day = line.stages.get(stage)
    if not isinstance(day, dt.date):
        return None
    name = folded(str(line.record.values[1] or ""))
    days = {*made.get(line.id, ()), *made.get(name, ())}
    return max(days) if days and day < min(days) else None


def _creation_days(table: RegisterTable, letters: Iterable[LetterRow]) -> dict[str, set[dt.date]]:
    """On which days each person's letters were made, by the id and by the name; no name is an id.

    Those that are no longer wanted are left out; an unknown day is before any other.
    """
    found: dict[str, set[dt.date]] = defaultdict(set)
    signers = table.layout is SIGNERS_LAYOUT
    for row in (row for row in letters if row.state != NO_LONGER_WANTED):
        person = (row.signer_id, row.signer) if signers else (row.recipient_id, row.recipient)
        for key in (person[0], folded(person[1])):
            found[key].add(row.created_on or dt.date.min)
    found.pop("", None)
    return found


def _format_day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"
