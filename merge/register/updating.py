"""Creating and updating the register's file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

from merge import messages
from merge.disk import FileState, delete_file, size_and_time
from merge.errors import FaultError
from merge.excel.patching import CellAddress, NewValue, UnpatchableWorkbookError, patch_workbook
from merge.excel.reader import MAX_COLUMNS, ExcelFile
from merge.excel.saving import FORMULA_START, OldWorkbook, back_up, replace_workbook
from merge.problems import Place, Problem
from merge.register.entries import KnownCells, RegisterEntry, RegisterUpdate
from merge.register.hyperlinks import cell_value_to_write
from merge.register.planning import plan_staff_cells, plan_tables
from merge.register.reading import Register
from merge.register.tables import RegisterCellChange, TablePlan

_NO_PILES: Mapping[str, KnownCells] = MappingProxyType({})


def update_register(
    path: Path,
    entries: Iterable[RegisterEntry],
    register: Register,
    now: dt.datetime,
    piles: Mapping[str, KnownCells] = _NO_PILES,
) -> RegisterUpdate:
    """Create the register with all letters, or update the one read before.

    1. It is written only if something changed, and completely or not at all.
    2. If it cannot be written, a problem says so, and the next run tries again.
    3. `entries` are all letters that have or get a row; they are read once. If there is no register
       yet, none of them is kept in memory.
    4. `piles` are the stages for the rows of people that were changed, by the person's ID.
    """
    if not register.exists:
        return _create(path, entries)
    plans = plan_tables(register.tables, path.name, entries, piles)
    problems = [problem for plan in plans for problem in plan.problems]
    reverted_edits = tuple(
        reverted_edits for plan in plans for reverted_edits in plan.reverted_edits
    )
    if all(plan.is_empty for plan in plans):
        is_current = (
            size_and_time(path) == register.saved_state
        )  # otherwise someone has saved it since
        return RegisterUpdate(
            is_written=False,
            is_current=is_current,
            problems=tuple(problems),
            reverted_edits=reverted_edits,
        )
    try:
        lost_contents, backup = rewrite_register(path, register.saved_state, plans, now)
    except FaultError as error:
        all_problems = (*problems, not_updated_problem(path, error))
        return RegisterUpdate(
            is_written=False, is_current=False, problems=all_problems, reverted_edits=reverted_edits
        )
    problems += [_losses_problem(path, lost_contents, backup)] if backup else ()
    return RegisterUpdate(
        is_written=True, problems=tuple(problems), backup=backup, reverted_edits=reverted_edits
    )


def update_staff_cells(
    path: Path, register: Register, cells: Mapping[str, KnownCells], now: dt.datetime
) -> list[Problem]:
    """Write stages and tracking numbers into some letters' rows, by letter ID.

    If the file cannot be written, return the problem.
    """
    plan = plan_staff_cells(register, cells)
    if plan.is_empty:
        return []
    try:
        lost_contents, backup = rewrite_register(path, register.saved_state, [plan], now)
    except FaultError as error:
        return [not_updated_problem(path, error)]
    return [_losses_problem(path, lost_contents, backup)] if backup else []


def _create(path: Path, entries: Iterable[RegisterEntry]) -> RegisterUpdate:
    from merge.register.writing import create_register  # noqa: PLC0415 - openpyxl only if needed

    try:
        create_register(path, entries)
    except FaultError as error:
        return RegisterUpdate(
            is_written=False, is_current=False, problems=(not_updated_problem(path, error),)
        )
    return RegisterUpdate(is_written=True)


def not_updated_problem(path: Path, error: FaultError) -> Problem:
    """Return why the register was not updated.

    If another run can do it, the problem contains the command.
    """
    fault = error.fault
    if fault.code in {"register-open", "register-changed"}:
        fields = cast("dict[str, str | None]", dict(fault.fields))
        return messages.problem(f"{fault.code}/later", Place(path.name), **fields)
    return fault.to_problem(Place(path.name))


def _losses_problem(path: Path, lost_contents: Sequence[str], backup: Path) -> Problem:
    return messages.problem(
        "register-losses", Place(path.name), lost=", ".join(lost_contents), backup=backup.name
    )


def rewrite_register(
    path: Path, before: FileState | None, plans: Sequence[TablePlan], now: dt.datetime
) -> tuple[tuple[str, ...], Path | None]:
    """Update the register's file; return lost contents and the backup's path.

    If the file is a link, its target is updated, and the backup is next to the link. Raise
    FaultError, without a change, if the file is open, has changed or cannot be written.
    """
    backups = list[Path]()

    def write(old: OldWorkbook, out: BinaryIO) -> None:
        with suppress(UnpatchableWorkbookError):
            if old.losses:
                raise UnpatchableWorkbookError
            values = _new_values(old.book, plans)
            out.write(patch_workbook(old.archive, old.parts, values, _LINK_FUNCTION))
            return
        from merge.register.writing import update_with_openpyxl  # noqa: PLC0415 - only if needed

        update_with_openpyxl(old.data, (sheet.name for sheet in old.book.sheets), plans, out)

    @contextmanager
    def keep(old: OldWorkbook) -> Iterator[None]:
        backups.extend([back_up(path, old.data, now)] if old.losses else [])
        try:
            yield
        except FaultError:
            for backup_path in backups:
                delete_file(backup_path)
            raise

    old = replace_workbook(path, before, write, _planned_cells(plans), keep)
    return old.losses, next(iter(backups), None)


_LINK_FUNCTION = "HYPERLINK("


def _new_values(
    old: ExcelFile, plans: Iterable[TablePlan]
) -> dict[str, dict[CellAddress, NewValue]]:
    """Return new cell values by sheet and address.

    Raise NotPlainError if anything other than values changes.
    """
    values_by_sheet: dict[str, dict[CellAddress, NewValue]] = {}
    for plan in plans:
        if (
            plan.table is None
            or plan.restored_columns
            or plan.emptied_rows
            or plan.new_rows
            or old.date1904
        ):
            raise UnpatchableWorkbookError
        for change in plan.cell_changes:
            address = change.row, plan.table.columns[change.column.heading]
            values_by_sheet.setdefault(plan.table.sheet, {})[address] = _new_value(change)
    return values_by_sheet


def _new_value(change: RegisterCellChange) -> NewValue:
    if isinstance(change.value, str) and FORMULA_START.match(change.value):
        raise UnpatchableWorkbookError  # the cell's format must say that this is text
    return cell_value_to_write(change.column, change.value)


def _planned_cells(plans: Iterable[TablePlan]) -> set[tuple[str, int, int]]:
    """Return the existing cells that the plans of register tables change."""
    cells: set[tuple[str, int, int]] = set()
    for plan in plans:
        if plan.table:
            sheet, columns, area = plan.table.sheet, plan.table.columns, plan.table.area
            changes_in_columns = (c for c in plan.cell_changes if c.column.heading in columns)
            cells.update((sheet, c.row, columns[c.column.heading]) for c in changes_in_columns)
            cells.update(
                (sheet, r, c) for r in plan.emptied_rows for c in range(1, MAX_COLUMNS + 1)
            )
            if area and plan.new_rows:
                totals = range(area.bottom - area.totals_count + 1, area.bottom + 1)
                cells.update(
                    (sheet, r, c) for r in totals for c in range(area.left, area.right + 1)
                )
    return cells
