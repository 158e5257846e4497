"""Warnings about the rows and dates of a register."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from merge import messages
from merge.problems import Problem
from merge.register.entries import NO_LONGER_NEEDED, LetterRow
from merge.register.layouts import LETTERS_LAYOUT, SIGNERS_LAYOUT, STAGES
from merge.register.rows import RegisterRow
from merge.register.tables import RegisterTable
from merge.text.folding import folded

_SUMMARY_THRESHOLD = 5
"""Number of rows in a column from which on a warning is reported once."""


def register_warnings(
    tables: Iterable[RegisterTable], letters: Mapping[str, LetterRow]
) -> Iterator[Problem]:
    """Yield warnings about duplicate rows, texts for dates and early dates.

    `letters` are the rows of letters by ID.
    """
    for table in tables:
        yield from _row_warnings(table)
        yield from _non_date_warnings(table)
        if table.layout is not LETTERS_LAYOUT:
            yield from _early_date_warnings(table, letters.values())


def _row_warnings(table: RegisterTable) -> Iterator[Problem]:
    first_by_id = {row.id: row for row in reversed(table.rows) if row.id}
    for row in table.rows:
        if row.id and first_by_id[row.id] is not row:
            number = first_by_id[row.id].number
            yield messages.problem("register-twice", table.place(row.number), row=number)
        if not row.id and table.layout is not LETTERS_LAYOUT and row.stages:
            yield messages.problem("register-own-row", table.place(row.number))


def _non_date_warnings(table: RegisterTable) -> Iterator[Problem]:
    """Yield warnings about texts where dates are expected."""
    for stage in STAGES:
        numbers = [row.number for row in table.rows if isinstance(row.stages.get(stage), str)]
        if len(numbers) >= _SUMMARY_THRESHOLD:
            place, more = table.place(numbers[0], stage), len(numbers) - 1
            yield messages.problem("register-no-date/several", place, more=more)
            continue
        for number in numbers:
            yield messages.problem("register-no-date", table.place(number, stage))


def _early_date_warnings(table: RegisterTable, letters: Iterable[LetterRow]) -> Iterator[Problem]:
    """Yield warnings about dates of piles earlier than all letters in them."""
    if not any(row.stages for row in table.rows):
        return
    creation_days = _creation_days(table, letters)
    for stage in STAGES:
        missed_days = (
            (row.number, _last_missed_day(row, stage, creation_days)) for row in table.rows
        )
        day_by_number = {number: day for number, day in missed_days if day}
        if len(day_by_number) >= _SUMMARY_THRESHOLD:
            key, first_place = "register-too-early/several", table.place(min(day_by_number), stage)
            day = _format_day(max(day_by_number.values()))
            yield messages.problem(key, first_place, more=len(day_by_number) - 1, day=day)
            continue
        for number, last_day in day_by_number.items():
            place, day = table.place(number, stage), _format_day(last_day)
            yield messages.problem("register-too-early", place, day=day)


def _last_missed_day(
    row: RegisterRow, stage: str, creation_days: Mapping[str, set[dt.date]]
) -> dt.date | None:
    """Return the last day on which a row's letters were created, or None.

    The date must be earlier than the creation of all these letters; otherwise None.
    """
    day = row.stages.get(stage)
    if not isinstance(day, dt.date):
        return None
    name = folded(str(row.record.values[1] or ""))
    days = {*creation_days.get(row.id, ()), *creation_days.get(name, ())}
    return max(days) if days and day < min(days) else None


def _creation_days(table: RegisterTable, letters: Iterable[LetterRow]) -> dict[str, set[dt.date]]:
    """Return the creation days of each person's letters, by ID and by name.

    No name is an ID. Letters that are no longer needed do not count. An unknown day is before any
    other.
    """
    days_by_key: dict[str, set[dt.date]] = defaultdict(set)
    is_signers = table.layout is SIGNERS_LAYOUT
    for row in (row for row in letters if row.state != NO_LONGER_NEEDED):
        id_and_name = (
            (row.signer_id, row.signer) if is_signers else (row.recipient_id, row.recipient)
        )
        for key in (id_and_name[0], folded(id_and_name[1])):
            days_by_key[key].add(row.created_on or dt.date.min)
    days_by_key.pop("", None)
    return days_by_key


def _format_day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"
