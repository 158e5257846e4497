"""The register made or brought up to date: planned, written beside, looked through, renamed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from merge import messages
from merge.disk import FileState, size_and_time
from merge.errors import FaultError
from merge.excel.patching import Address, NewValue, NotPlainError, patched
from merge.excel.reader import MOST_COLUMNS, Book, Range
from merge.excel.saving import FORMULA_START, OldWorkbook, back_up, replace_workbook
from merge.problems import Place, Problem, column_letter
from merge.register.model import (
    COUNTS_COLUMN,
    FORGOTTEN,
    LETTERS_LAYOUT,
    NO_LONGER_WANTED,
    RECIPIENTS_LAYOUT,
    RECORD_COLUMN,
    SIGNERS_LAYOUT,
    CellChange,
    LettersPerPerson,
    RegisterColumn,
    RegisterEntry,
    RegisterRow,
    RegisterTable,
    RegisterUpdate,
    RevertedEdit,
    RowRecord,
    TableLayout,
    TablePlan,
    WrittenValue,
    encode_record,
    letter_record,
    new_value,
)
from merge.register.reading import Register


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
        return _first(path, entries)
    plans = plan_tables(register.tables, path.name, entries)
    problems = [problem for plan in plans for problem in plan.problems]
    typed = tuple(typed for plan in plans for typed in plan.typed)
    if all(plan.is_empty for plan in plans):
        current = size_and_time(path) == register.seen  # else somebody has saved another since
        return RegisterUpdate(written=False, current=current, problems=tuple(problems), typed=typed)
    try:
        lost, kept = rewrite(path, register.seen, plans, now)
    except FaultError as error:
        told = (*problems, _not_updated(path, error))
        return RegisterUpdate(written=False, current=False, problems=told, typed=typed)
    problems += [_lost(path, lost, kept)] if kept else ()
    return RegisterUpdate(written=True, problems=tuple(problems), backup=kept, typed=typed)


def _first(path: Path, entries: Iterable[RegisterEntry]) -> RegisterUpdate:
    from merge.register.writing import write_first  # noqa: PLC0415 - openpyxl, when it is needed

    try:
        write_first(path, entries)
    except FaultError as error:
        return RegisterUpdate(written=False, current=False, problems=(_not_updated(path, error),))
    return RegisterUpdate(written=True)


def _not_updated(path: Path, error: FaultError) -> Problem:
    """Return why the register was not updated; if another run does it, the command for that."""
    fault = error.fault
    if fault.code in {"register-open", "register-changed"}:
        fields = cast("dict[str, str | None]", dict(fault.fields))
        return messages.problem(f"{fault.code}/later", Place(path.name), **fields)
    return fault.at(Place(path.name))


def _lost(path: Path, lost: Sequence[str], kept: Path) -> Problem:
    return messages.problem(
        "register-losses", Place(path.name), lost=", ".join(lost), backup=kept.name
    )


# The register as it was read and what the program says -> what is to be written. Pure.


def plan_tables(
    tables: Mapping[str, RegisterTable], file: str, entries: Iterable[RegisterEntry]
) -> tuple[TablePlan, ...]:
    """Return what to write into each table, given where they are and every letter there is."""
    letters, signers, recipients = (
        _start_plan(layout, tables.get(layout.sheet), file)
        for layout in (LETTERS_LAYOUT, SIGNERS_LAYOUT, RECIPIENTS_LAYOUT)
    )
    lines, counts = _rows_by_id(letters), (LettersPerPerson(), LettersPerPerson())
    known: set[str] = set()
    for entry in entries:
        line = lines.get(entry.id)
        record = letter_record(entry, line.record if line else None)
        _plan_row(letters, line, record)
        for count, person, name in zip(
            counts, record.people, (entry.signer, entry.recipient), strict=True
        ):
            count.add(person, name, entry)
        known.add(entry.id)
    if letters.table:
        letters.problems += _unknown_rows(letters.table, known)
        counted = {line.number for letter_id, line in lines.items() if letter_id in known}
        _plan_uncounted(letters, letters.table, counted)
    for plan, count in zip((signers, recipients), counts, strict=True):
        _plan_people(plan, count)
    plans = (letters, signers, recipients)
    for plan in plans:
        _check_room(plan)
    return plans


def _plan_uncounted(plan: TablePlan, table: RegisterTable, counted: AbstractSet[int]) -> None:
    """Let rows say that no stage counts for them, but for those of letters, by their numbers."""
    for line in table.lines:
        *others, counts = line.record.values
        if line.number in counted or not line.odd.get(COUNTS_COLUMN.heading, counts):
            continue
        _plan_cell(plan, table, line, COUNTS_COLUMN, "")
        if line.kept:
            record = replace(line.record, values=(*others, ""))
            _plan_cell(plan, table, line, RECORD_COLUMN, encode_record(record))


def _start_plan(layout: TableLayout, table: RegisterTable | None, file: str) -> TablePlan:
    """Return a plan that puts back what staff deleted: a whole sheet, or columns of the program's.

    Where they moved cells without the hidden one of the row, this is set right.
    """
    plan = TablePlan(layout, table)
    if table is None:
        back = messages.problem("register-sheet-back", Place(file), sheet=layout.sheet)
        plan.problems.append(back)
        return plan
    for line in (line for line in table.lines if line.is_misaligned):
        _plan_cell(plan, table, line, RECORD_COLUMN, encode_record(line.record))
    gone = [c for c in (*layout.filled, RECORD_COLUMN) if c.heading not in table.columns]
    if len(gone) > table.free:
        key, place = "register-no-room/column", table.place(table.top)
        plan.problems.append(messages.problem(key, place, column=gone[0].heading))
    elif gone:
        plan.back = gone
        key, place = "register-column-back", table.place(table.top)
        headings = ", ".join(c.heading for c in gone)
        plan.problems.append(messages.problem(key, place, columns=headings))
    return plan


def _rows_by_id(plan: TablePlan) -> dict[str, RegisterRow]:
    """Return the rows by id; the first of two alike."""
    found: dict[str, RegisterRow] = {}
    for line in plan.table.lines if plan.table else ():
        if line.id:
            found.setdefault(line.id, line)
    return found


def _plan_people(plan: TablePlan, counts: LettersPerPerson) -> None:
    lines = _rows_by_id(plan)
    for person, line in lines.items():
        _plan_row(plan, line, counts.record(person, str(line.record.values[1] or "")))
    for record in counts.records():
        if record.values[0] not in lines:
            _plan_row(plan, None, record)


def _plan_row(plan: TablePlan, line: RegisterRow | None, wanted: RowRecord) -> None:
    """Plan what makes a row hold what it should; a new row where there is none."""
    if line is None or plan.table is None:
        plan.new.append(wanted)
        return
    for column, value, old in zip(
        plan.layout.filled, wanted.values, line.record.values, strict=True
    ):
        shown = line.odd.get(column.heading)
        if value == (old if shown is None else shown):
            continue
        _plan_cell(plan, plan.table, line, column, value)
        if typed := line.typed.get(column.heading):
            place = plan.table.place(line.number, column.heading)
            plan.typed.append(RevertedEdit(line.id, column.heading, typed, place))
    if line.kept is None or wanted != line.record:
        _plan_cell(plan, plan.table, line, RECORD_COLUMN, encode_record(wanted))


def _plan_cell(
    plan: TablePlan,
    table: RegisterTable,
    line: RegisterRow,
    column: RegisterColumn,
    value: WrittenValue,
) -> None:
    """Plan a cell, unless its column cannot come back or it is merged into another cell."""
    number = table.columns.get(column.heading)
    if column in plan.back or (number and not table.is_merged_away(line.number, number)):
        plan.changes.append(CellChange(line.number, column, value))


def _unknown_rows(table: RegisterTable, known: set[str]) -> Iterator[Problem]:
    """Yield a warning for each row of a letter that the program does not know.

    None of those that it wrote itself of letters taken out, or no longer wanted.
    """
    for line in table.lines:
        if line.id not in known and not {FORGOTTEN, NO_LONGER_WANTED} & {*line.record.values}:
            key = "register-stranger" if line.id else "register-stranger/no-id"
            yield messages.problem(key, table.place(line.number))


def _check_room(plan: TablePlan) -> None:
    """Keep the new rows for another run where something stands below the table."""
    table = plan.table
    if not table or not table.below or not plan.new:
        return
    totals = table.area.totals if table.area else 0
    if table.last + len(plan.new) + totals >= table.below.row:
        plan.problems.append(_no_room(table, table.below, len(plan.new)))
        plan.new.clear()


def _no_room(table: RegisterTable, below: Range, rows: int) -> Problem:
    place = Place(table.file, table.sheet, below.column, below.row)
    last = f"{column_letter(below.last_column)}{below.last_row}"
    if place.cell == last:
        return messages.problem("register-no-room/rows", table.place(below.row), rows=rows)
    key = "register-no-room" if below.row <= table.last else "register-no-room/below"
    return messages.problem(key, place, rows=rows, first=place.cell, last=last)


# What is planned -> the file: in place where that can be, else by openpyxl, which takes longer.


def rewrite(
    path: Path, before: FileState | None, plans: Sequence[TablePlan], now: dt.datetime
) -> tuple[tuple[str, ...], Path | None]:
    """Bring the file up to date; what was lost in it, and where it is kept as it was.

    Of a link, the file that it leads to; what is kept lies beside the link. FaultError, and the
    file is as it was, where it is open, has changed or cannot be written.
    """
    kept = list[Path]()

    def write(old: OldWorkbook, out: BinaryIO) -> None:
        with suppress(NotPlainError):
            if old.lost:
                raise NotPlainError
            values = _new_values(old.book, plans)
            out.write(patched(old.archive, old.contents, values, _LINK))
            return
        from merge.register.writing import update_with_openpyxl  # noqa: PLC0415 - only if needed

        update_with_openpyxl(old.data, (sheet.name for sheet in old.book.sheets), plans, out)

    @contextmanager
    def keep(old: OldWorkbook) -> Iterator[None]:
        kept.extend([back_up(path, old.data, now)] if old.lost else [])
        try:
            yield
        except FaultError:
            for each in kept:
                each.unlink()
            raise

    old = replace_workbook(path, before, write, _planned_cells(plans), keep)
    return old.lost, next(iter(kept), None)


_LINK = "HYPERLINK("


def _new_values(old: Book, plans: Iterable[TablePlan]) -> dict[str, dict[Address, NewValue]]:
    """Return what cells get, by sheet. NotPlainError where more than their values changes."""
    found: dict[str, dict[Address, NewValue]] = {}
    for plan in plans:
        if plan.table is None or plan.back or plan.emptied or plan.new or old.date1904:
            raise NotPlainError
        for change in plan.changes:
            address = change.row, plan.table.columns[change.column.heading]
            found.setdefault(plan.table.sheet, {})[address] = _new_value(change)
    return found


def _new_value(change: CellChange) -> NewValue:
    if isinstance(change.value, str) and FORMULA_START.match(change.value):
        raise NotPlainError  # Excel must be told in its format that it is a text
    return new_value(change.column, change.value)


def _planned_cells(plans: Iterable[TablePlan]) -> set[tuple[str, int, int]]:
    """Return the cells that the plans change: of rows that are there, and totals that move."""
    cells: set[tuple[str, int, int]] = set()
    for plan in plans:
        if plan.table:
            sheet, columns, area = plan.table.sheet, plan.table.columns, plan.table.area
            there = (c for c in plan.changes if c.column.heading in columns)
            cells.update((sheet, c.row, columns[c.column.heading]) for c in there)
            cells.update((sheet, r, c) for r in plan.emptied for c in range(1, MOST_COLUMNS + 1))
            if area and plan.new:
                totals = range(area.bottom - area.totals + 1, area.bottom + 1)
                cells.update(
                    (sheet, r, c) for r in totals for c in range(area.left, area.right + 1)
                )
    return cells
