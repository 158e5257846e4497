"""What is doubtful in a register: all warnings."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from merge.model import Place, Problem
from merge.naming import folded
from merge.register.found import Found
from merge.register.layout import LETTERS, SIGNERS, STAGES
from merge.register.lines import Line
from merge.register.records import UNWANTED, Row

_MANY = 5
"""From so many rows of a column on, the same doubt is told once."""


def doubts(tables: Iterable[Found], letters: Mapping[str, Row]) -> Iterator[Problem]:
    """Rows that are there twice, dates that are none, dates that count for nobody or nothing.

    `letters` are the rows of the letters by id.
    """
    for table in tables:
        yield from _in_rows(table)
        yield from _no_dates(table)
        if table.layout is not LETTERS:
            yield from _too_early(table, letters.values())


def _in_rows(table: Found) -> Iterator[Problem]:
    first = {line.id: line for line in reversed(table.lines) if line.id}
    for line in table.lines:
        if line.id and first[line.id] is not line:
            yield _twice(table, line, first)
        if not line.id and table.layout is not LETTERS and line.stages:
            what = "this is no row of the program's: its dates count for this very name only."
            hint = "Write them into the row that the program made for the person."
            yield _doubt("register-own-row", table.place(line.number), what, hint)


def _twice(table: Found, line: Line, first: Mapping[str, Line]) -> Problem:
    """A row whose ID another has; `first` are the first rows by the ID."""
    what = f"row {first[line.id].number} has this ID already; this row is left as it is."
    hint = "Delete one of them."
    both = (one.kept for one in (line, first[line.id]) if one.is_moved)
    lost = next((kept for kept in both if kept and kept.values[0] not in first), None)
    if lost:
        names = " to ".join(str(name) for name in lost.values[1 : table.layout.names + 1])
        what = f"{what} One of them lies over the row of {names}, which comes back without dates."
        hint = f"Delete one of them, and write the dates of {names} again."
    return _doubt("register-twice", table.place(line.number), what, hint)


def _no_dates(table: Found) -> Iterator[Problem]:
    """Words where dates are meant."""
    for stage in STAGES:
        rows = [line.number for line in table.lines if isinstance(line.stages.get(stage), str)]
        if len(rows) >= _MANY:
            what = f"no date stands {_and_more(rows)}; it counts all the same, so the letters are"
            yield _no_date(table.place(rows[0], stage), what)
            continue
        what = "this is no date; it counts all the same, so the letter is"
        yield from (_no_date(table.place(number, stage), what) for number in rows)


def _no_date(place: Place, what: str) -> Problem:
    hint = "Write a date, or empty the cell."
    return _doubt("register-no-date", place, f"{what} on paper.", hint)


def _and_more(rows: Sequence[int]) -> str:
    """Where in a column something is, told at the first place."""
    return f"here and in {len(rows) - 1:,} more rows of this column"


def _too_early(table: Found, letters: Iterable[Row]) -> Iterator[Problem]:
    """Dates of piles before the day on which all letters of the pile were made."""
    if not any(line.stages for line in table.lines):
        return
    made = _made(table, letters)
    for stage in STAGES:
        days = ((line.number, _missed(line, stage, made)) for line in table.lines)
        last = {number: day for number, day in days if day}
        if len(last) >= _MANY:
            first = table.place(min(last), stage)
            what = f"the dates {_and_more([*last])} count for no letter: those of these rows were"
            yield _early(first, what, max(last.values()))
            continue
        what = "this date counts for no letter: those of this row were"
        yield from (_early(table.place(n, stage), what, day) for n, day in last.items())


def _missed(line: Line, stage: str, made: Mapping[str, set[dt.date]]) -> dt.date | None:
    """The last day on which a letter of the row was made, where its date is before them all."""
    day = line.stages.get(stage)
    if not isinstance(day, dt.date):
        return None
    name = folded(str(line.record.values[1] or ""))
    days = {*made.get(line.id, ()), *made.get(name, ())}
    return max(days) if days and day < min(days) else None


def _made(table: Found, letters: Iterable[Row]) -> dict[str, set[dt.date]]:
    """On which days each person's letters were made, by the id and by the name; no name is an id.

    Those that are no longer wanted are left out; an unknown day is before any other.
    """
    found: dict[str, set[dt.date]] = defaultdict(set)
    signers = table.layout is SIGNERS
    for row in (row for row in letters if row.state != UNWANTED):
        person = (row.signer_id, row.signer) if signers else (row.recipient_id, row.recipient)
        for key in (person[0], folded(person[1])):
            found[key].add(row.made or dt.date.min)
    found.pop("", None)
    return found


def _early(place: Place, what: str, last: dt.date) -> Problem:
    day = f"{last.day} {last:%b %Y}"
    hint = f"Write {day} or a later day, or write the dates into the rows of the sheet Register."
    what = f"{what} made later, the last on {day}."
    return _doubt("register-too-early", place, what, hint)


def _doubt(code: str, place: Place, what: str, hint: str) -> Problem:
    return Problem(code, place, what, hint, "warning")
