"""Planned changes to the register, from its tables and the letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from merge import messages
from merge.excel.reader import MergedRange
from merge.problems import Place, Problem, column_letter
from merge.register.entries import DATA_DELETED, NO_LONGER_NEEDED, RegisterEntry, RevertedEdit
from merge.register.layouts import (
    COUNTS_COLUMN,
    LETTERS_LAYOUT,
    RECIPIENTS_LAYOUT,
    RECORD_COLUMN,
    SIGNERS_LAYOUT,
    RegisterColumn,
    TableLayout,
)
from merge.register.records import (
    LettersPerPerson,
    RowRecord,
    WrittenValue,
    encode_record,
    letter_record,
)
from merge.register.rows import RegisterRow
from merge.register.tables import RegisterCellChange, RegisterTable, TablePlan


def plan_tables(
    tables: Mapping[str, RegisterTable], file: str, entries: Iterable[RegisterEntry]
) -> tuple[TablePlan, ...]:
    """Return the changes to the register's tables for all letters that exist."""
    letters, signers, recipients = (
        _start_plan(layout, tables.get(layout.sheet), file)
        for layout in (LETTERS_LAYOUT, SIGNERS_LAYOUT, RECIPIENTS_LAYOUT)
    )
    rows, letters_per_person = _rows_by_id(letters), (LettersPerPerson(), LettersPerPerson())
    known_ids: set[str] = set()
    for entry in entries:
        row = rows.get(entry.id)
        record = letter_record(entry, row.record if row else None)
        _plan_row(letters, row, record)
        for per_person, person_id, name in zip(
            letters_per_person, record.person_ids, (entry.signer, entry.recipient), strict=True
        ):
            per_person.add(person_id, name, entry)
        known_ids.add(entry.id)
    if letters.table:
        letters.problems += _unknown_row_warnings(letters.table, known_ids)
        counted_numbers = {row.number for letter_id, row in rows.items() if letter_id in known_ids}
        _plan_uncounted_rows(letters, letters.table, counted_numbers)
    for plan, per_person in zip((signers, recipients), letters_per_person, strict=True):
        _plan_people(plan, per_person)
    plans = (letters, signers, recipients)
    for plan in plans:
        _postpone_rows_without_room(plan)
    return plans


def _plan_uncounted_rows(plan: TablePlan, table: RegisterTable, counted: AbstractSet[int]) -> None:
    """Empty the Stages reached cell of rows that belong to no letter.

    `counted` are the row numbers of letters.
    """
    for row in table.rows:
        *other_values, count_text = row.record.values
        if row.number in counted or not row.differing_cells.get(COUNTS_COLUMN.heading, count_text):
            continue
        _plan_cell(plan, table, row, COUNTS_COLUMN, "")
        if row.hidden_record:
            record = replace(row.record, values=(*other_values, ""))
            _plan_cell(plan, table, row, RECORD_COLUMN, encode_record(record))


def _start_plan(layout: TableLayout, table: RegisterTable | None, file: str) -> TablePlan:
    """Return a plan that restores what staff deleted: a sheet, or columns.

    If cells were moved without the hidden cell of their row, that is corrected.
    """
    plan = TablePlan(layout, table)
    if table is None:
        problem = messages.problem("register-sheet-back", Place(file), sheet=layout.sheet)
        plan.problems.append(problem)
        return plan
    for row in (row for row in table.rows if row.is_misaligned):
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


def _plan_people(plan: TablePlan, counts: LettersPerPerson) -> None:
    row_by_id = _rows_by_id(plan)
    for person_id, row in row_by_id.items():
        _plan_row(plan, row, counts.record(person_id, str(row.record.values[1] or "")))
    for record in counts.records():
        if record.values[0] not in row_by_id:
            _plan_row(plan, None, record)


def _plan_row(plan: TablePlan, row: RegisterRow | None, wanted_record: RowRecord) -> None:
    """Plan a new register row, or the cells that differ from the record."""
    if row is None or plan.table is None:
        plan.new_rows.append(wanted_record)
        return
    for column, value, recorded in zip(
        plan.layout.program_columns, wanted_record.values, row.record.values, strict=True
    ):
        shown_text = row.differing_cells.get(column.heading)
        if value == (recorded if shown_text is None else shown_text):
            continue
        _plan_cell(plan, plan.table, row, column, value)
        if typed_text := row.typed_cells.get(column.heading):
            place = plan.table.place(row.number, column.heading)
            plan.reverted_edits.append(RevertedEdit(row.id, column.heading, typed_text, place))
    if row.hidden_record is None or wanted_record != row.record:
        _plan_cell(plan, plan.table, row, RECORD_COLUMN, encode_record(wanted_record))


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
