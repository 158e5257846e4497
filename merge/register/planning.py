"""What is to be written into the register: it as it was read, and what the program says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from merge import messages
from merge.excel.reader import MergedRange
from merge.problems import Place, Problem, column_letter
from merge.register.entries import DATA_DELETED, NO_LONGER_WANTED, RegisterEntry, RevertedEdit
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
from merge.register.tables import CellChange, RegisterTable, TablePlan


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
            counts, record.person_ids, (entry.signer, entry.recipient), strict=True
        ):
            count.add(person, name, entry)
        known.add(entry.id)
    if letters.table:
        letters.problems += _unknown_row_warnings(letters.table, known)
        counted = {line.number for letter_id, line in lines.items() if letter_id in known}
        _plan_uncounted_rows(letters, letters.table, counted)
    for plan, count in zip((signers, recipients), counts, strict=True):
        _plan_people(plan, count)
    plans = (letters, signers, recipients)
    for plan in plans:
        _postpone_rows_without_room(plan)
    return plans


def _plan_uncounted_rows(plan: TablePlan, table: RegisterTable, counted: AbstractSet[int]) -> None:
    """Let rows say that no stage counts for them, but for those of letters, by their numbers."""
    for line in table.rows:
        *others, counts = line.record.values
        if line.number in counted or not line.differing_cells.get(COUNTS_COLUMN.heading, counts):
            continue
        _plan_cell(plan, table, line, COUNTS_COLUMN, "")
        if line.hidden_record:
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
    for line in (line for line in table.rows if line.is_misaligned):
        _plan_cell(plan, table, line, RECORD_COLUMN, encode_record(line.record))
    gone = [c for c in (*layout.program_columns, RECORD_COLUMN) if c.heading not in table.columns]
    if len(gone) > table.free_columns:
        key, place = "register-no-room/column", table.place(table.top)
        plan.problems.append(messages.problem(key, place, column=gone[0].heading))
    elif gone:
        plan.restored_columns = gone
        key, place = "register-column-back", table.place(table.top)
        headings = ", ".join(c.heading for c in gone)
        plan.problems.append(messages.problem(key, place, columns=headings))
    return plan


def _rows_by_id(plan: TablePlan) -> dict[str, RegisterRow]:
    """Return the rows by id; the first of two alike."""
    found: dict[str, RegisterRow] = {}
    for line in plan.table.rows if plan.table else ():
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
        plan.new_rows.append(wanted)
        return
    for column, value, old in zip(
        plan.layout.program_columns, wanted.values, line.record.values, strict=True
    ):
        shown = line.differing_cells.get(column.heading)
        if value == (old if shown is None else shown):
            continue
        _plan_cell(plan, plan.table, line, column, value)
        if typed := line.typed_cells.get(column.heading):
            place = plan.table.place(line.number, column.heading)
            plan.reverted_edits.append(RevertedEdit(line.id, column.heading, typed, place))
    if line.hidden_record is None or wanted != line.record:
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
    if column in plan.restored_columns or (
        number and not table.is_merged_away(line.number, number)
    ):
        plan.cell_changes.append(CellChange(line.number, column, value))


def _unknown_row_warnings(table: RegisterTable, known: set[str]) -> Iterator[Problem]:
    """Yield a warning for each row of a letter that the program does not know.

    None of those that it wrote itself of letters taken out, or no longer wanted.
    """
    for line in table.rows:
        if line.id not in known and not {DATA_DELETED, NO_LONGER_WANTED} & {*line.record.values}:
            key = "register-stranger" if line.id else "register-stranger/no-id"
            yield messages.problem(key, table.place(line.number))


def _postpone_rows_without_room(plan: TablePlan) -> None:
    """Keep the new rows for another run where something stands below the table."""
    table = plan.table
    if not table or not table.obstacle_below or not plan.new_rows:
        return
    totals = table.area.totals_count if table.area else 0
    if table.last_row + len(plan.new_rows) + totals >= table.obstacle_below.row:
        plan.problems.append(_no_room_problem(table, table.obstacle_below, len(plan.new_rows)))
        plan.new_rows.clear()


def _no_room_problem(table: RegisterTable, below: MergedRange, rows: int) -> Problem:
    place = Place(table.file, table.sheet, below.column, below.row)
    last = f"{column_letter(below.last_column)}{below.last_row}"
    if place.cell == last:
        return messages.problem("register-no-room/rows", table.place(below.row), rows=rows)
    key = "register-no-room" if below.row <= table.last_row else "register-no-room/below"
    return messages.problem(key, place, rows=rows, first=place.cell, last=last)
