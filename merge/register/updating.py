"""The register on the disk: created, or brought up to date with what is planned for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from merge import messages
from merge.disk import FileState, size_and_time
from merge.errors import FaultError
from merge.excel.patching import CellAddress, NewValue, UnpatchableWorkbookError, patch_workbook
from merge.excel.reader import MAX_COLUMNS, ExcelFile
from merge.excel.saving import FORMULA_START, OldWorkbook, back_up, replace_workbook
from merge.problems import Place, Problem
from merge.register.entries import RegisterEntry, RegisterUpdate
from merge.register.hyperlinks import cell_value_to_write
from merge.register.planning import plan_tables
from merge.register.reading import Register
from merge.register.tables import CellChange, TablePlan


def update_register(
    path: Path, entries: Iterable[RegisterEntry], register: Register, now: dt.datetime
) -> RegisterUpdate:
    """Make the register list every letter there is, or bring the one that was read up to date.

    Written only where something changed, whole or not at all. Where it cannot be written, a
    problem says so, and the next run finds the same news again. `entries` are every letter that
    has a row or shall have one; they are gone through once. Where there is no register yet, none
    of them is held.
    """
    if not register.exists:
        return _create(path, entries)
    plans = plan_tables(register.tables, path.name, entries)
    problems = [problem for plan in plans for problem in plan.problems]
    typed = tuple(typed for plan in plans for typed in plan.reverted_edits)
    if all(plan.is_empty for plan in plans):
        current = (
            size_and_time(path) == register.saved_state
        )  # else somebody has saved another since
        return RegisterUpdate(
            is_written=False, is_current=current, problems=tuple(problems), reverted_edits=typed
        )
    try:
        lost, kept = rewrite_register(path, register.saved_state, plans, now)
    except FaultError as error:
        told = (*problems, _not_updated_problem(path, error))
        return RegisterUpdate(
            is_written=False, is_current=False, problems=told, reverted_edits=typed
        )
    problems += [_losses_problem(path, lost, kept)] if kept else ()
    return RegisterUpdate(
        is_written=True, problems=tuple(problems), backup=kept, reverted_edits=typed
    )


def _create(path: Path, entries: Iterable[RegisterEntry]) -> RegisterUpdate:
    from merge.register.writing import create_register  # noqa: PLC0415 - openpyxl, when it is needed

    try:
        create_register(path, entries)
    except FaultError as error:
        return RegisterUpdate(
            is_written=False, is_current=False, problems=(_not_updated_problem(path, error),)
        )
    return RegisterUpdate(is_written=True)


def _not_updated_problem(path: Path, error: FaultError) -> Problem:
    """Return why the register was not updated; if another run does it, the command for that."""
    fault = error.fault
    if fault.code in {"register-open", "register-changed"}:
        fields = cast("dict[str, str | None]", dict(fault.fields))
        return messages.problem(f"{fault.code}/later", Place(path.name), **fields)
    return fault.to_problem(Place(path.name))


def _losses_problem(path: Path, lost: Sequence[str], kept: Path) -> Problem:
    return messages.problem(
        "register-losses", Place(path.name), lost=", ".join(lost), backup=kept.name
    )


def rewrite_register(
    path: Path, before: FileState | None, plans: Sequence[TablePlan], now: dt.datetime
) -> tuple[tuple[str, ...], Path | None]:
    """Bring the file up to date; what was lost in it, and where it is kept as it was.

    Of a link, the file that it leads to; what is kept lies beside the link. FaultError, and the
    file is as it was, where it is open, has changed or cannot be written.
    """
    kept = list[Path]()

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
        kept.extend([back_up(path, old.data, now)] if old.losses else [])
        try:
            yield
        except FaultError:
            for each in kept:
                each.unlink()
            raise

    old = replace_workbook(path, before, write, _planned_cells(plans), keep)
    return old.losses, next(iter(kept), None)


_LINK_FUNCTION = "HYPERLINK("


def _new_values(
    old: ExcelFile, plans: Iterable[TablePlan]
) -> dict[str, dict[CellAddress, NewValue]]:
    """Return what cells get, by sheet. NotPlainError where more than their values changes."""
    found: dict[str, dict[CellAddress, NewValue]] = {}
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
            found.setdefault(plan.table.sheet, {})[address] = _new_value(change)
    return found


def _new_value(change: CellChange) -> NewValue:
    if isinstance(change.value, str) and FORMULA_START.match(change.value):
        raise UnpatchableWorkbookError  # Excel must be told in its format that it is a text
    return cell_value_to_write(change.column, change.value)


def _planned_cells(plans: Iterable[TablePlan]) -> set[tuple[str, int, int]]:
    """Return the cells that the plans change: of rows that are there, and totals that move."""
    cells: set[tuple[str, int, int]] = set()
    for plan in plans:
        if plan.table:
            sheet, columns, area = plan.table.sheet, plan.table.columns, plan.table.area
            there = (c for c in plan.cell_changes if c.column.heading in columns)
            cells.update((sheet, c.row, columns[c.column.heading]) for c in there)
            cells.update(
                (sheet, r, c) for r in plan.emptied_rows for c in range(1, MAX_COLUMNS + 1)
            )
            if area and plan.new_rows:
                totals = range(area.bottom - area.totals_count + 1, area.bottom + 1)
                cells.update(
                    (sheet, r, c) for r in totals for c in range(area.left, area.right + 1)
                )
    return cells
