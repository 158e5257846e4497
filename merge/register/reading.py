"""register.xlsx -> its rows, the staff's dates, and what is doubtful in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from merge.excel.reader import Book, read_contents
from merge.excel.saving import Seen, seen
from merge.model import DataError, MergeError, Place, Problem, StorageError
from merge.naming import folded
from merge.ooxml.container import read_bytes, told_of
from merge.ooxml.kinds import EXCEL, open_archive
from merge.register.doubts import doubts
from merge.register.found import Found, find_table
from merge.register.layout import LAYOUTS, LETTERS, RECIPIENTS, SIGNERS, Layout
from merge.register.lines import Line
from merge.register.records import Row, Stage
from merge.register.tables import find_areas

Someone = tuple[str, str]
"""A person's id and name."""

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
        signer, recipient = (row.signer_id, row.signer), (row.recipient_id, row.recipient)
        return {**self.covering(signer, recipient, row.made), **row.stages}

    def covering(
        self, signer: Someone, recipient: Someone, made: dt.date | None
    ) -> dict[str, Stage]:
        """What the piles of two people say of a letter that was made on a day."""
        signers, recipients = self._piles
        return {**recipients.covering(*recipient, made), **signers.covering(*signer, made)}

    @property
    def any_dates(self) -> bool:
        """Whether staff wrote anything down, of a letter or of a pile."""
        return any(line.stages for layout in LAYOUTS for line in self._lines(layout))

    def on_paper(self, letter: str) -> bool:
        """Whether there is anything in a letter's stages: it is not to be written again."""
        return bool(self.stages(letter))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What is doubtful in it: all warnings."""
        return tuple(doubts(self.tables.values(), self.rows))


def read_register(path: Path) -> Register:
    """The register, or an empty one where there is no file.

    A link is followed. StorageError where it leads nowhere or the file cannot be read, DataError
    where it is no register any more.
    """
    try:
        before = seen(path)
    except FileNotFoundError as error:
        raise StorageError(_leads_nowhere(path)) from error
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


def _leads_nowhere(path: Path) -> Problem:
    what = f"it is a link, and the file that it leads to is not there: {path.readlink()}."
    hint = (
        "Connect its folder, then run again. If nothing is on paper yet, you may delete the link."
    )
    return Problem("register-link", Place(path.name), what, hint)


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
