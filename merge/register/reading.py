"""register.xlsx -> its rows, the staff's dates, and what is doubtful in it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from weakref import WeakValueDictionary

from merge import messages
from merge.disk import FileState, file_state, os_error_text, size_and_time
from merge.errors import DataError, MergeError, StorageError
from merge.excel.reader import MAX_OWN_PART_BYTES, ExcelFile
from merge.excel.workbook_parts import read_workbook_parts
from merge.ooxml.container import file_errors, read_bytes
from merge.ooxml.kinds import EXCEL
from merge.ooxml.package import open_archive
from merge.people import SheetKind
from merge.problems import Place, Problem
from merge.register.entries import DATA_DELETED, LetterRow, StageValue
from merge.register.layouts import (
    LAYOUTS,
    LETTERS_LAYOUT,
    RECIPIENTS_LAYOUT,
    SIGNERS_LAYOUT,
    TableLayout,
    counted_stages,
)
from merge.register.row_warnings import register_warnings
from merge.register.rows import RegisterRow
from merge.register.table_search import find_table, find_table_areas
from merge.register.tables import RegisterTable
from merge.text.folding import folded

IdAndName = tuple[str, str]
"""A person's id and name."""

_NO_STAGES: Mapping[str, StageValue] = {}


@dataclass(frozen=True)
class PileDates:
    """The dates of the sheet By signer or By recipient, by the person's id and by the name."""

    by_id: Mapping[str, Mapping[str, StageValue]] = field(default_factory=dict)
    by_name: Mapping[str, Mapping[str, StageValue]] = field(default_factory=dict)

    def stages_covering(
        self, person: str, name: str, created_on: dt.date | None
    ) -> dict[str, StageValue]:
        """Return what counts for a letter of the person made on a day; None is before any other."""
        own = {**self.by_name.get(folded(name), {}), **self.by_id.get(person, {})}
        return {
            s: v for s, v in own.items() if isinstance(v, str) or not created_on or created_on <= v
        }


@dataclass(frozen=True)
class Register:
    """The register as it was read; empty where there is none yet.

    `seen` tells whether the file is still the same; None where there is none. `rows` are the
    letters' by their ids; where two rows have one id, the first, with the dates of both.
    """

    saved_state: FileState | None = None
    tables: Mapping[str, RegisterTable] = field(default_factory=dict)
    """By the name of their layout's sheet; one that staff deleted is left out."""
    file_state: FileState | None = None
    """What shows that a file is still the very one that was read."""

    @property
    def exists(self) -> bool:
        """There is a file."""
        return self.saved_state is not None

    @cached_property
    def rows(self) -> Mapping[str, LetterRow]:
        """The letters' rows by id."""
        found: dict[str, LetterRow] = {}
        for line in self._table_rows(LETTERS_LAYOUT):
            if not line.id:
                continue
            row = _letter_row(line)
            first = found.get(line.id)
            both = first and replace(
                first,
                stages={**row.stages, **first.stages},
                tracking=first.tracking or row.tracking,
            )
            found[line.id] = both or row
        return found

    @cached_property
    def _piles(self) -> tuple[PileDates, PileDates]:
        return _pile_dates(self._table_rows(SIGNERS_LAYOUT)), _pile_dates(
            self._table_rows(RECIPIENTS_LAYOUT)
        )

    def _table_rows(self, layout: TableLayout) -> tuple[RegisterRow, ...]:
        table = self.tables.get(layout.sheet)
        return table.rows if table else ()

    def stages(self, letter: str) -> Mapping[str, StageValue]:
        """Return what stands in a letter's stages, with the dates of the piles that it lies in.

        A date in By signer or By recipient covers the letters of that person that have a row and
        were made that day or before, a text all that have a row. The letter's own cell goes first.
        """
        row = self.rows.get(letter)
        if row is None:
            return _NO_STAGES
        signer, recipient = (row.signer_id, row.signer), (row.recipient_id, row.recipient)
        return {**self.stages_covering(signer, recipient, row.created_on), **row.stages}

    def stages_covering(
        self, signer: IdAndName, recipient: IdAndName, created_on: dt.date | None
    ) -> dict[str, StageValue]:
        """Return what the piles of two people say of a letter that was made on a day."""
        signers, recipients = self._piles
        return {
            **recipients.stages_covering(*recipient, created_on),
            **signers.stages_covering(*signer, created_on),
        }

    def names_of_people(self, kind: SheetKind) -> Iterator[IdAndName]:
        """Yield the ids and names of signers, or of recipients: in letters' rows, in their own.

        Letters on paper keep a name that the row of By signer or By recipient no longer has.
        """
        is_signer = kind == "signer"
        for row in self.rows.values():
            own = row.signer_id if is_signer else row.recipient_id
            yield own, row.signer if is_signer else row.recipient
        for line in self._table_rows(SIGNERS_LAYOUT if is_signer else RECIPIENTS_LAYOUT):
            yield line.id, str(line.record.values[1] or "")

    @property
    def has_any_dates(self) -> bool:
        """Whether staff wrote anything down, of a letter or of a pile."""
        return any(line.stages for layout in LAYOUTS for line in self._table_rows(layout))

    def stages_of_deleted_letters(self) -> Iterator[str]:
        """Yield each stage of rows whose letters were taken out and whose dates were kept."""
        for line in self._table_rows(LETTERS_LAYOUT):
            if not line.id and DATA_DELETED in line.record.values:
                yield from counted_stages(line.stages)

    def is_printed(self, letter: str) -> bool:
        """Return whether there is anything in a letter's stages: it is not to be written again."""
        return bool(self.stages(letter))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What is doubtful in it: all warnings."""
        return tuple(register_warnings(self.tables.values(), self.rows))


_registers_in_use: WeakValueDictionary[Path, Register] = WeakValueDictionary()
"""By their paths, the registers that were read last, as long as somebody holds them."""


def read_register(path: Path) -> Register:
    """Return the register, or an empty one where there is no file.

    One that somebody still holds, of the same file, is not read again. StorageError where it is a
    link or cannot be read, DataError where it is no register any more.
    """
    at = file_state(str(path))
    if at and (held := _registers_in_use.get(path)) and held.file_state == at:
        return held
    try:
        before = size_and_time(path)
    except OSError as error:
        key, reason = "register-unreadable/held", os_error_text(error)
        raise StorageError(messages.problem(key, Place(path.name), reason=reason)) from error
    if before is None:
        return Register()
    try:
        tables = _read_tables(path)
    except MergeError as error:
        raise _as_register_error(error) from error
    if LETTERS_LAYOUT.sheet not in tables:
        raise DataError(messages.problem("register-unknown", Place(path.name)))
    _registers_in_use[path] = register = Register(before, tables, at)
    return register


_MAX_OTHER_REGISTERS = 10
"""Registers that are read beside the one that counts: the newest."""

_BACKUP_SUFFIX = re.compile(r" \(until \d{1,2} \w+ \d{4}\)(-\d+)?")
"""What `merge.excel.saving.back_up` puts behind the name of a workbook that it keeps."""


def read_other_registers(path: Path) -> tuple[Mapping[Path, Register], tuple[Path, ...]]:
    """Return the registers that lie beside one, read, and further files that may be some.

    Programs that keep folders alike put copies there whose names begin as the register's does, and
    so do staff. Backups of the program's own are left out, and so is what cannot be read or holds
    no table of letters.
    """
    with suppress(OSError):
        files = {file for file in _similarly_named_files(path) if file != path}
        newest = sorted(files, key=lambda file: (-file.stat().st_mtime_ns, file))
        read = ((file, _read_if_register(file)) for file in newest[:_MAX_OTHER_REGISTERS])
        return {file: other for file, other in read if other}, tuple(newest[_MAX_OTHER_REGISTERS:])
    return {}, ()


def _similarly_named_files(path: Path) -> Iterator[Path]:
    """Yield the workbooks beside a path whose names begin with its name, backups left out."""
    begins = path.stem.lower()
    for file in path.parent.iterdir():
        stem = file.stem.lower()
        if (
            file.suffix.lower() != path.suffix
            or begins not in stem
            or file_state(str(file)) is None
        ):
            continue
        if not stem.startswith(begins):
            yield file  # Copy of register, Kopia register
            continue
        more = file.stem[len(begins) :]
        if not _BACKUP_SUFFIX.fullmatch(more) and (more or not _is_same_file(file, path)):
            yield file


def _is_same_file(one: Path, other: Path) -> bool:
    """Return whether two names are one file's: many disks take capitals for small letters."""
    return one.name == other.name or (other.exists() and one.samefile(other))


def _read_if_register(path: Path) -> Register | None:
    try:
        return read_register(path)
    except MergeError:
        return None


def _as_register_error(error: MergeError) -> MergeError:
    """Return a workbook's error as the register's; one that passes, or is that, as it is."""
    problems = error.problems
    if error.is_transient or all(p.code.startswith("register-") for p in problems):
        return error
    return StorageError(map(_unreadable_problem, problems))


def _unreadable_problem(problem: Problem) -> Problem:
    place = Place(str(problem.place))
    what, hint = problem.what, problem.hint
    return messages.problem("register-unreadable", place, problem=what, remedy=hint)


def _read_tables(path: Path) -> dict[str, RegisterTable]:
    with file_errors(EXCEL, path.name):
        archive = open_archive(read_bytes(path, EXCEL), EXCEL, MAX_OWN_PART_BYTES)
        contents = read_workbook_parts(archive)
        areas = find_table_areas(archive, contents)
    book = ExcelFile(path.name, archive, contents)
    tables = ((layout.sheet, find_table(book, layout, areas)) for layout in LAYOUTS)
    return {sheet: table for sheet, table in tables if table}


def _letter_row(line: RegisterRow) -> LetterRow:
    _, signer, recipient, file, state, made, batch, _counts = line.record.values
    signer_id, recipient_id = line.record.person_ids or ("", "")
    return LetterRow(
        number=line.number,
        signer=str(signer or ""),
        recipient=str(recipient or ""),
        file=str(file or ""),
        state=str(state or ""),
        created_on=made if isinstance(made, dt.date) else None,
        batch=str(batch or ""),
        signer_id=signer_id,
        recipient_id=recipient_id,
        stages=line.stages,
        tracking=line.tracking,
    )


def _pile_dates(lines: Iterable[RegisterRow]) -> PileDates:
    """The dates that there are: few people have any at a time."""
    by_id: dict[str, dict[str, StageValue]] = {}
    by_name: dict[str, dict[str, StageValue]] = {}
    for line in (line for line in lines if line.stages):
        name = folded(str(line.record.values[1] or ""))
        for known, key in ((by_id, line.id), (by_name, name)):
            known[key] = {**line.stages, **known.get(key, {})}
    return PileDates({k: v for k, v in by_id.items() if k}, {k: v for k, v in by_name.items() if k})
