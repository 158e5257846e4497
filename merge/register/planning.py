"""Planned changes to the register, from its tables and the letters."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from merge import messages
from merge.excel.reader import MergedRange
from merge.problems import Place, Problem, column_letter
from merge.register.entries import (
    DATA_DELETED,
    NO_LONGER_NEEDED,
    KnownCells,
    RegisterEntry,
    RevertedEdit,
)
from merge.register.layouts import (
    LETTERS_LAYOUT,
    RECIPIENTS_LAYOUT,
    RECORD_COLUMN,
    SIGNERS_LAYOUT,
    TRACKING_COLUMN,
    RegisterColumn,
    TableLayout,
)
from merge.register.reading import Register
from merge.register.records import (
    LettersPerPerson,
    RowRecord,
    WrittenValue,
    cells_of_staff,
    encode_record,
    letter_record,
)
from merge.register.rows import RegisterRow
from merge.register.tables import RegisterCellChange, RegisterTable, TablePlan


def plan_tables(
    tables: Mapping[str, RegisterTable],
    file: str,
    entries: Iterable[RegisterEntry],
    piles: Mapping[str, KnownCells],
) -> tuple[TablePlan, ...]:
    """Return the changes to the register's tables for all letters that exist.

    `piles` are the stages for the rows of people that were changed, by the person's ID.
    """
    letters, signers, recipients = (
        _start_plan(layout, tables.get(layout.sheet), file)
        for layout in (LETTERS_LAYOUT, SIGNERS_LAYOUT, RECIPIENTS_LAYOUT)
    )
    rows, letters_per_person = _rows_by_id(letters), (LettersPerPerson(), LettersPerPerson())
    known_ids: set[str] = set()
    for entry in entries:
        row = rows.get(entry.id)
        record = letter_record(entry, row.record if row else None)
        _plan_row(letters, row, record, fills_staff_cells=entry.known is not None)
        for per_person, person_id, name in zip(
            letters_per_person, record.person_ids, (entry.signer, entry.recipient), strict=True
        ):
            per_person.add(person_id, name, entry)
        known_ids.add(entry.id)
    if letters.table:
        letters.problems += _unknown_row_warnings(letters.table, known_ids)
    for plan, per_person in zip((signers, recipients), letters_per_person, strict=True):
        _plan_people(plan, per_person, piles)
    plans = (letters, signers, recipients)
    for plan in plans:
        _postpone_rows_without_room(plan)
    return plans


def _start_plan(layout: TableLayout, table: RegisterTable | None, file: str) -> TablePlan:
    """Return a plan that restores a sheet or columns that staff deleted.

    If cells were moved without the hidden cell of their row, that is corrected.
    """
    plan = TablePlan(layout, table)
    if table is None:
        problem = messages.problem("register-sheet-back", Place(file), sheet=layout.sheet)
        plan.problems.append(problem)
        return plan
    for row in (row for row in table.rows if row.is_moved):
        _plan_cell(plan, table, row, RECORD_COLUMN, encode_record(row.record))
    missing_columns = [
        c for c in (*layout.program_columns, RECORD_COLUMN) if c.heading not in table.columns
    ]
    if len(missing_columns) > table.free_columns:
        key, place = "register-no-room/column", table.place(table.top)
        plan.problems.append(messages.problem(key, place, column=missing_columns[0].heading))
    elif missing_columns:
        plan.restored_columns = missing_columns
        key, place = "register-column-back", table.place(table.top)
        headings = ", ".join(c.heading for c in missing_columns)
        plan.problems.append(messages.problem(key, place, columns=headings))
    return plan


def _rows_by_id(plan: TablePlan) -> dict[str, RegisterRow]:
    """Return the register rows by ID, the first row if an ID has several."""
    row_by_id: dict[str, RegisterRow] = {}
    for row in plan.table.rows if plan.table else ():
        if row.id:
            row_by_id.setdefault(row.id, row)
    return row_by_id


def _plan_people(
    plan: TablePlan, counts: LettersPerPerson, piles: Mapping[str, KnownCells]
) -> None:
    row_by_id = _rows_by_id(plan)
    for person_id, row in row_by_id.items():
        record = counts.record(person_id, str(row.record.values[1] or ""))
        known = piles.get(person_id, row.record.known)
        _plan_row(plan, row, replace(record, known=known), fills_staff_cells=person_id in piles)
    for record in counts.records():
        if record.values[0] not in row_by_id:
            _plan_row(plan, None, record)


def _plan_row(
    plan: TablePlan,
    row: RegisterRow | None,
    wanted_record: RowRecord,
    *,
    fills_staff_cells: bool = False,
) -> None:
    """Plan a new register row, or the cells that differ from the record."""
    if row is None or plan.table is None:
        record = _without_unwritable(plan.table, wanted_record, KnownCells())
        plan.new_rows.append(record.with_token(secrets.token_hex(4)))
        return
    for column, value, recorded in zip(
        plan.layout.program_columns, wanted_record.values, row.record.values, strict=True
    ):
        shown_text = row.differing_cells.get(column.heading)
        is_shown = value == (recorded if shown_text is None else shown_text)
        if is_shown and not (row.is_moved and column.kind == "link"):  # Excel may not show it yet
            continue
        _plan_cell(plan, plan.table, row, column, value)
        if (typed_text := shown_text) and row.has_record and not row.is_moved:
            place = plan.table.place(row.number, column.heading)
            plan.reverted_edits.append(RevertedEdit(row.id, column.heading, typed_text, place))
    if fills_staff_cells:
        _plan_staff_cells(plan, plan.table, row, wanted_record)
    _plan_record(plan, plan.table, row, wanted_record)


def _plan_staff_cells(
    plan: TablePlan, table: RegisterTable, row: RegisterRow, wanted_record: RowRecord
) -> None:
    """Plan the cells of stages and tracking numbers that differ from a record."""
    wanted_cells = cells_of_staff(wanted_record.known)
    for column in plan.layout.columns:
        shown_value = row.tracking if column is TRACKING_COLUMN else row.stages.get(column.heading)
        if column.kind == "stage" or column is TRACKING_COLUMN:
            value = wanted_cells.get(column.heading)
            if str(shown_value or "") != str(value or ""):
                _plan_cell(plan, table, row, column, value or None)


def _plan_record(
    plan: TablePlan, table: RegisterTable, row: RegisterRow, wanted_record: RowRecord
) -> None:
    """Plan the hidden cell of a row if the record has changed."""
    wanted_record = _without_unwritable(table, wanted_record, row.record.known)
    if not row.has_record or wanted_record.with_token(row.record.known.token) != row.record:
        record = encode_record(wanted_record.with_token(secrets.token_hex(4)))
        _plan_cell(plan, table, row, RECORD_COLUMN, record)


def _without_unwritable(
    table: RegisterTable | None, record: RowRecord, before: KnownCells
) -> RowRecord:
    """Return a record without the cells of a deleted column."""
    if table is None or TRACKING_COLUMN.heading in table.columns:
        return record
    return replace(record, known=replace(record.known, tracking=before.tracking))


def plan_staff_cells(register: Register, cells: Mapping[str, KnownCells]) -> TablePlan:
    """Return the changes to the cells of staff in the rows of some letters."""
    plan = TablePlan(LETTERS_LAYOUT, register.tables.get(LETTERS_LAYOUT.sheet))
    for letter_id, row in _rows_by_id(plan).items():
        if letter_id in cells and plan.table:
            wanted_record = replace(row.record, known=cells[letter_id])
            _plan_staff_cells(plan, plan.table, row, wanted_record)
            _plan_record(plan, plan.table, row, wanted_record)
    return plan


def _plan_cell(
    plan: TablePlan,
    table: RegisterTable,
    row: RegisterRow,
    column: RegisterColumn,
    value: WrittenValue,
) -> None:
    """Plan a register cell, unless its column is missing or it is merged away."""
    number = table.columns.get(column.heading)
    if column in plan.restored_columns or (number and not table.is_merged_away(row.number, number)):
        plan.cell_changes.append(RegisterCellChange(row.number, column, value))


def _unknown_row_warnings(table: RegisterTable, known_ids: set[str]) -> Iterator[Problem]:
    """Yield a warning for each row of a letter that the program does not know.

    There is none for rows that it wrote itself for letters that were deleted or are no longer
    needed.
    """
    for row in table.rows:
        if row.id not in known_ids and not {DATA_DELETED, NO_LONGER_NEEDED} & {*row.record.values}:
            key = "register-stranger" if row.id else "register-stranger/no-id"
            yield messages.problem(key, table.place(row.number))


def _postpone_rows_without_room(plan: TablePlan) -> None:
    """Postpone the new rows to a later run if the space below is not free."""
    table = plan.table
    if not table or not table.obstacle_below or not plan.new_rows:
        return
    totals = table.area.totals_count if table.area else 0
    if table.last_row + len(plan.new_rows) + totals >= table.obstacle_below.row:
        plan.problems.append(_no_room_problem(table, table.obstacle_below, len(plan.new_rows)))
        plan.new_rows.clear()


def _no_room_problem(table: RegisterTable, below: MergedRange, rows: int) -> Problem:
    place = Place(table.file, table.sheet, below.column, below.row)
    last_cell = f"{column_letter(below.last_column)}{below.last_row}"
    if place.cell == last_cell:
        return messages.problem("register-no-room/rows", table.place(below.row), rows=rows)
    key = "register-no-room" if below.row <= table.last_row else "register-no-room/below"
    return messages.problem(key, place, rows=rows, first=place.cell, last=last_cell)
