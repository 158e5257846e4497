"""Reading of register.xlsx: its rows, the dates of staff, and warnings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from weakref import WeakValueDictionary

from merge import messages
from merge.disk import FileState, file_state, os_error_text, size_and_time
from merge.errors import DataError, MergeError, StorageError
from merge.excel.copies import similarly_named_workbooks
from merge.excel.reader import MAX_OWN_PART_BYTES, ExcelFile
from merge.excel.workbook_parts import read_workbook_parts
from merge.naming import is_conflict_copy
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

IdAndName = tuple[str, str]
"""A person's id and name."""


@dataclass(frozen=True)
class Register:
    """The register as it was read; empty if there is none yet.

    `saved_state` shows whether the file has been saved since; None if there is no file. `rows` are
    the letters' rows by ID. If two rows have the same ID, the first counts, with the dates of both.
    """

    saved_state: FileState | None = None
    tables: Mapping[str, RegisterTable] = field(default_factory=dict)
    """Tables by the sheet name of their layout, unless staff deleted them."""
    file_state: FileState | None = None
    """The state that shows whether a file is exactly the one that was read."""

    @property
    def exists(self) -> bool:
        """Whether the register has a file."""
        return self.saved_state is not None

    @cached_property
    def rows(self) -> Mapping[str, LetterRow]:
        """The register rows of letters, by letter ID."""
        row_by_id: dict[str, LetterRow] = {}
        for register_row in self._table_rows(LETTERS_LAYOUT):
            if not register_row.id:
                continue
            letter_row = _letter_row(register_row)
            first = row_by_id.get(register_row.id)
            combined = first and replace(
                first,
                stages={**letter_row.stages, **first.stages},
                tracking=first.tracking or letter_row.tracking,
                notes=first.notes or letter_row.notes,
                has_staff_cells=first.has_staff_cells or letter_row.has_staff_cells,
            )
            row_by_id[register_row.id] = combined or letter_row
        return row_by_id

    def _table_rows(self, layout: TableLayout) -> tuple[RegisterRow, ...]:
        table = self.tables.get(layout.sheet)
        return table.rows if table else ()

    def stages(self, letter_id: str) -> Mapping[str, StageValue]:
        """Return the stages in a letter's row."""
        row = self.rows.get(letter_id)
        return row.stages if row else {}

    def names_of_people(self, kind: SheetKind) -> Iterator[IdAndName]:
        """Yield the IDs and names of signers or recipients, from all rows.

        Printed letters keep a name that is no longer in By signer or By recipient.
        """
        is_signer = kind == "signer"
        for row in self.rows.values():
            person_id = row.signer_id if is_signer else row.recipient_id
            yield person_id, row.signer if is_signer else row.recipient
        for person_row in self._table_rows(SIGNERS_LAYOUT if is_signer else RECIPIENTS_LAYOUT):
            yield person_row.id, str(person_row.record.values[1] or "")

    def people_with_staff_cells(self, kind: SheetKind) -> Iterator[str]:
        """Yield the IDs of people beside whose name staff wrote something."""
        rows = self._table_rows(SIGNERS_LAYOUT if kind == "signer" else RECIPIENTS_LAYOUT)
        yield from (row.id for row in rows if row.stages or row.has_staff_cells)

    @property
    def has_any_dates(self) -> bool:
        """Whether staff entered anything for a letter or a pile."""
        return any(row.stages for layout in LAYOUTS for row in self._table_rows(layout))

    def stages_of_deleted_letters(self) -> Iterator[str]:
        """Yield each stage of rows whose letters were deleted and dates kept."""
        for row in self._table_rows(LETTERS_LAYOUT):
            if not row.id and DATA_DELETED in row.record.values:
                yield from counted_stages(row.stages)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings about the register's rows and dates."""
        return tuple(register_warnings(self.tables.values(), self.rows))


_registers_in_use: WeakValueDictionary[Path, Register] = WeakValueDictionary()
"""Registers that were read last, by path, while they are in use."""


def read_register(path: Path) -> Register:
    """Return the register in a file, or an empty register if there is no file.

    The file is not read again if its last reading is still in use. Raise StorageError if it is a
    link or cannot be read. Raise DataError if it is no longer a register.
    """
    state = file_state(str(path))
    if (
        state
        and (register_in_use := _registers_in_use.get(path))
        and register_in_use.file_state == state
    ):
        return register_in_use
    try:
        saved_state = size_and_time(path)
    except OSError as error:
        key, reason = "register-unreadable/held", os_error_text(error)
        raise StorageError(messages.problem(key, Place(path.name), reason=reason)) from error
    if saved_state is None:
        return Register()
    try:
        tables = _read_tables(path)
    except MergeError as error:
        raise _as_register_error(error) from error
    if LETTERS_LAYOUT.sheet not in tables:
        raise DataError(messages.problem("register-unknown", Place(path.name)))
    _registers_in_use[path] = register = Register(saved_state, tables, state)
    return register


def read_conflict_copies(path: Path) -> Mapping[Path, Register]:
    """Return the conflict copies of a register that can be read, by path.

    Programs that synchronise folders create them if two people have saved the register.
    """
    with suppress(OSError):
        files = sorted(f for f in similarly_named_workbooks(path) if is_conflict_copy(f, path))
        registers = ((file, _read_if_register(file)) for file in files)
        return {file: register for file, register in registers if register}
    return {}


def _read_if_register(path: Path) -> Register | None:
    try:
        return read_register(path)
    except MergeError:
        return None


def _as_register_error(error: MergeError) -> MergeError:
    """Return a workbook's error as the register's.

    A transient error, or one about the register, stays as it is.
    """
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


def _letter_row(row: RegisterRow) -> LetterRow:
    _, signer, recipient, file, state, created_on, batch = row.record.values
    signer_id, recipient_id = row.record.person_ids or ("", "")
    return LetterRow(
        number=row.number,
        signer=str(signer or ""),
        recipient=str(recipient or ""),
        file=str(file or ""),
        state=str(state or ""),
        created_on=created_on if isinstance(created_on, dt.date) else None,
        batch=str(batch or ""),
        signer_id=signer_id,
        recipient_id=recipient_id,
        stages=row.stages,
        known=row.known,
        tracking=row.tracking,
        notes=row.notes,
        has_staff_cells=row.has_staff_cells,
    )
