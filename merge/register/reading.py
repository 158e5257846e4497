"""register.xlsx -> its rows, the staff's dates, and what is doubtful in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from merge.model import DataError, MergeError, Place, Problem, StorageError
from merge.naming import folded
from merge.office import EXCEL, open_archive, read_bytes, told_of
from merge.register.found import Found, find_table
from merge.register.layout import LAYOUTS, LETTERS, RECIPIENTS, SIGNERS, STAGES, Layout
from merge.register.lines import Line
from merge.register.records import Row, Stage
from merge.register.saving import Seen, seen
from merge.register.tables import find_areas
from merge.sheet import Book
from merge.sheet.parts import read_contents

_NOTHING: Mapping[str, Stage] = {}


@dataclass(frozen=True)
class Pile:
    """The dates of the sheet By signer or By recipient, by the person's id and by the name."""

    by_id: Mapping[str, Mapping[str, Stage]] = field(default_factory=dict)
    by_name: Mapping[str, Mapping[str, Stage]] = field(default_factory=dict)

    def covering(self, person: str, name: str, made: dt.date | None) -> dict[str, Stage]:
        """What counts for a letter of the person, made on a day; None is before any other."""
        own = {**self.by_name.get(folded(name), {}), **self.by_id.get(person, {})}
        return {s: v for s, v in own.items() if isinstance(v, str) or not made or made <= v}


@dataclass(frozen=True)
class Register:
    """The register as it was read; empty where there is none yet.

    `seen` tells whether the file is still the same; None where there is none. `rows` are the
    letters' by their ids; where two rows have one id, the first, with the dates of both.
    """

    seen: Seen | None = None
    tables: Mapping[str, Found] = field(default_factory=dict)
    """By the name of their layout's sheet; one that staff deleted is left out."""

    @property
    def exists(self) -> bool:
        """There is a file."""
        return self.seen is not None

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """The letters' rows by id."""
        found: dict[str, Row] = {}
        for line in self._lines(LETTERS):
            if not line.id:
                continue
            row = _row(line)
            first = found.get(line.id)
            both = first and replace(first, stages={**row.stages, **first.stages})
            found[line.id] = both or row
        return found

    @cached_property
    def _piles(self) -> tuple[Pile, Pile]:
        return _pile(self._lines(SIGNERS)), _pile(self._lines(RECIPIENTS))

    def _lines(self, layout: Layout) -> tuple[Line, ...]:
        table = self.tables.get(layout.sheet)
        return table.lines if table else ()

    def stages(self, letter: str) -> Mapping[str, Stage]:
        """What stands in a letter's stages by its id, with the dates of the piles that it lies in.

        A date in By signer or By recipient covers the letters of that person that have a row and
        were made that day or before, a text all that have a row. The letter's own cell goes first.
        """
        row = self.rows.get(letter)
        if row is None:
            return _NOTHING
        signers, recipients = self._piles
        return {
            **recipients.covering(row.recipient_id, row.recipient, row.made),
            **signers.covering(row.signer_id, row.signer, row.made),
            **row.stages,
        }

    def on_paper(self, letter: str) -> bool:
        """Whether there is anything in a letter's stages: it is not to be written again."""
        return bool(self.stages(letter))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What is doubtful in it: all warnings."""
        return tuple(p for table in self.tables.values() for p in _doubts(table))


def read_register(path: Path) -> Register:
    """The register, or an empty one where there is no file.

    StorageError where the file cannot be read, DataError where it is no register any more.
    """
    try:
        before = seen(path)
    except OSError as error:
        what = f"it cannot be read ({error.strerror})."
        hint = "Ask who may open it, then run again."
        raise StorageError(_unreadable(path.name, what, hint)) from error
    if before is None:
        return Register()
    try:
        tables = _read_tables(path)
    except MergeError as error:
        raise _own(error) from error
    if LETTERS.sheet not in tables:
        what = "it has no sheet Register and no table Letters."
        hint = "Give the sheet its name back, or rename the file to begin a new register."
        raise DataError(Problem("register-unknown", Place(path.name), what, hint))
    return Register(before, tables)


def _own(error: MergeError) -> MergeError:
    """A workbook that cannot be read, told as the register; what is the register's as it is."""
    problems = error.problems
    if all(p.code.startswith("register-") for p in problems):
        return error
    return StorageError([_unreadable(str(p.place), p.what, p.hint) for p in problems])


def _unreadable(file: str, what: str, hint: str) -> Problem:
    return Problem("register-unreadable", Place(file), what, hint)


def _read_tables(path: Path) -> dict[str, Found]:
    with told_of(EXCEL, path.name):
        archive = open_archive(read_bytes(path, EXCEL), EXCEL)
        contents = read_contents(archive)
        areas = find_areas(archive, contents)
    book = Book(path.name, archive, contents)
    tables = ((layout.sheet, find_table(book, layout, areas)) for layout in LAYOUTS)
    return {sheet: table for sheet, table in tables if table}


def _row(line: Line) -> Row:
    _, signer, recipient, file, state, made, batch = line.record.values
    signer_id, recipient_id = line.record.people or ("", "")
    return Row(
        number=line.number,
        signer=str(signer or ""),
        recipient=str(recipient or ""),
        file=str(file or ""),
        state=str(state or ""),
        made=made if isinstance(made, dt.date) else None,
        batch=str(batch or ""),
        signer_id=signer_id,
        recipient_id=recipient_id,
        stages=line.stages,
    )


def _pile(lines: Iterable[Line]) -> Pile:
    """The dates that there are: few people have any at a time."""
    by_id: dict[str, dict[str, Stage]] = {}
    by_name: dict[str, dict[str, Stage]] = {}
    for line in (line for line in lines if line.stages):
        name = folded(str(line.record.values[1] or ""))
        for known, key in ((by_id, line.id), (by_name, name)):
            known[key] = {**line.stages, **known.get(key, {})}
    return Pile({k: v for k, v in by_id.items() if k}, {k: v for k, v in by_name.items() if k})


def _doubts(table: Found) -> Iterator[Problem]:
    """Warnings: rows that are there twice, dates that are none, dates that count for nobody."""
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


def _doubt(code: str, place: Place, what: str, hint: str) -> Problem:
    return Problem(code, place, what, hint, "warning")
