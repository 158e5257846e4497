"""What is doubtful in a register: all warnings."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from merge.model import Place, Problem
from merge.naming import folded
from merge.register.found import Found
from merge.register.layout import LETTERS, SIGNERS, STAGES
from merge.register.lines import Line
from merge.register.records import UNWANTED, Row


def doubts(tables: Iterable[Found], letters: Mapping[str, Row]) -> Iterator[Problem]:
    """Rows that are there twice, dates that are none, dates that count for nobody or nothing.

    `letters` are the rows of the letters by id.
    """
    for table in tables:
        yield from _in_rows(table)
        if table.layout is not LETTERS:
            yield from _too_early(table, letters.values())


def _in_rows(table: Found) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for line in table.lines:
        number = first.setdefault(line.id, line.number) if line.id else line.number
        if number != line.number:
            what = f"row {number} has this ID already; this row is left as it is."
            yield _doubt("register-twice", table.place(line.number), what, "Delete one of them.")
        if not line.id and table.layout is not LETTERS and line.stages:
            what = "this is no row of the program's: its dates count for this very name only."
            hint = "Write them into the row that the program made for the person."
            yield _doubt("register-own-row", table.place(line.number), what, hint)
        yield from (_no_date(table, line, s) for s in STAGES if isinstance(line.stages.get(s), str))


def _no_date(table: Found, line: Line, stage: str) -> Problem:
    what = "this is no date; it counts all the same, so the letter is on paper."
    return _doubt(
        "register-no-date",
        table.place(line.number, stage),
        what,
        "Write a date, or empty the cell.",
    )


def _too_early(table: Found, letters: Iterable[Row]) -> Iterator[Problem]:
    """Dates of piles before the day on which all letters of the pile were made."""
    dates = [
        (line, stage, day)
        for line in table.lines
        for stage, day in line.stages.items()
        if isinstance(day, dt.date)
    ]
    made = _made(table, letters) if dates else {}
    for line, stage, day in dates:
        name = folded(str(line.record.values[1] or ""))
        days = {*made.get(line.id, ()), *made.get(name, ())}
        if days and day < min(days):
            yield _early(table.place(line.number, stage), max(days))


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


def _early(place: Place, last: dt.date) -> Problem:
    day = f"{last.day} {last:%b %Y}"
    what = f"this date counts for no letter: those of this row were made later, the last on {day}."
    hint = f"Write {day} or a later day, or write the dates into the rows of the sheet Register."
    return _doubt("register-too-early", place, what, hint)


def _doubt(code: str, place: Place, what: str, hint: str) -> Problem:
    return Problem(code, place, what, hint, "warning")
