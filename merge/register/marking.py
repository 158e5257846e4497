"""Plans for marks in the columns of staff, and for rows to be emptied.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from merge.register.entries import DATA_DELETED
from merge.register.layouts import LAYOUTS, LETTERS_LAYOUT, TRACKING_HEADING, TableLayout
from merge.register.reading import Register
from merge.register.records import WrittenValue
from merge.register.rows import RegisterRow
from merge.register.tables import RegisterCellChange, TablePlan

WrittenMarks = Mapping[str, Mapping[str, str]]
"""Texts that the program wrote for staff, by letter ID and column heading."""


@dataclass
class MarkPlan:
    """Changes to the register for marks, with the result for each letter ID."""

    table: TablePlan
    marked_letters: list[str] = field(default_factory=list)
    """Letters for which a cell is written."""
    unchanged_letters: list[str] = field(default_factory=list)
    """Letters whose cells have the wanted values already."""
    kept_values: dict[str, str] = field(default_factory=dict)
    """Values that someone else wrote into a letter's cell; they are kept."""
    letters_without_row: list[str] = field(default_factory=list)


def plan_marks(
    register: Register,
    wanted_values: Mapping[str, Mapping[str, WrittenValue]],
    written_marks: WrittenMarks,
) -> MarkPlan:
    """Plan cells of the Register sheet; `wanted_values` are by ID and heading.

    1. A blank cell is filled.
    2. If the wanted value is None, a cell is emptied if it has what the program wrote, as in
       `written_marks`.
    3. If any of a letter's cells has another value, nothing is written for this letter.
    """
    table = register.tables.get(LETTERS_LAYOUT.sheet)
    plan = MarkPlan(TablePlan(LETTERS_LAYOUT, table))
    row_by_id: dict[str, RegisterRow] = {}
    for row in table.rows if table else ():
        row_by_id.setdefault(row.id, row)
    for letter_id, letter_values in wanted_values.items():
        letter_row = row_by_id.get(letter_id)
        if letter_row is None:
            plan.letters_without_row.append(letter_id)
        else:
            _plan_letter(plan, letter_row, letter_values, written_marks.get(letter_id, {}))
    return plan


def _plan_letter(
    plan: MarkPlan,
    row: RegisterRow,
    values: Mapping[str, WrittenValue],
    own_marks: Mapping[str, str],
) -> None:
    cell_changes = []
    for heading, value in values.items():
        current, written_text = _staff_value(row, heading), own_marks.get(heading, "")
        expected = written_text if value is None else str(value)
        if current not in {"", expected}:
            plan.kept_values[row.id] = current
            return
        if current != ("" if value is None else str(value)):
            column = next(c for c in LETTERS_LAYOUT.columns if c.heading == heading)
            cell_changes.append(RegisterCellChange(row.number, column, value))
    plan.table.cell_changes += cell_changes
    (plan.marked_letters if cell_changes else plan.unchanged_letters).append(row.id)


def _staff_value(row: RegisterRow, heading: str) -> str:
    """Return the text of a staff's cell; a date as 2026-11-26."""
    return row.tracking if heading == TRACKING_HEADING else str(row.stages.get(heading, ""))


# Rows of a person whose data is deleted.


@dataclass(frozen=True, slots=True)
class RegisterRowBlanking:
    """A plan to empty rows of the register: their number, and the changes.

    The changes are by table.
    """

    count: int
    tables: tuple[TablePlan, ...]


def plan_blank_rows(
    register: Register, letters: AbstractSet[str], people: AbstractSet[str], *, keep_counts: bool
) -> RegisterRowBlanking:
    """Plan to empty the register rows of letters and people with these IDs.

    With `keep_counts`, the dates of a letter's stages stay, and its state is `DATA_DELETED`.
    """
    count, plans = 0, []
    for layout in LAYOUTS:
        table = register.tables.get(layout.sheet)
        plan = TablePlan(layout, table)
        ids_to_blank = letters if layout is LETTERS_LAYOUT else people
        if table is None:
            continue
        for row in table.rows:
            if row.id in ids_to_blank:
                count += 1
                keeps_stages = keep_counts and layout is LETTERS_LAYOUT and row.stages
                blank_cells = _blank_cells(layout, row.number, keep_stages=bool(keeps_stages))
                plan.cell_changes += (c for c in blank_cells if c.column.heading in table.columns)
                plan.emptied_rows.append(row.number)
        plans.append(plan)
    return RegisterRowBlanking(
        count, tuple(plan for plan in plans if plan.table and plan.cell_changes)
    )


def _blank_cells(
    layout: TableLayout, row: int, *, keep_stages: bool
) -> Iterator[RegisterCellChange]:
    for column in layout.columns:
        if keep_stages and column.kind == "stage":
            continue
        state = DATA_DELETED if keep_stages and column.heading == "Status" else None
        yield RegisterCellChange(row, column, state)
