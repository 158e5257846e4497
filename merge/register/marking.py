"""Marks in the staff's columns of the register, made and taken back; rows emptied. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from merge.register.entries import DATA_DELETED
from merge.register.layouts import LAYOUTS, LETTERS_LAYOUT, TRACKING_HEADING, TableLayout
from merge.register.reading import Register
from merge.register.records import WrittenValue
from merge.register.rows import RegisterRow
from merge.register.tables import CellChange, TablePlan

WrittenMarks = Mapping[str, Mapping[str, str]]
"""What the program wrote into staff's columns: by a letter's id, by the heading, as text."""


@dataclass
class MarkPlan:
    """What is to be written into the register, and what came of each letter, by its id."""

    table: TablePlan
    marked_letters: list[str] = field(default_factory=list)
    """Letters of which something is written."""
    unchanged_letters: list[str] = field(default_factory=list)
    """Letters of which everything stands there already."""
    kept_values: dict[str, str] = field(default_factory=dict)
    """What somebody else wrote into the cell of a letter, which stays."""
    letters_without_row: list[str] = field(default_factory=list)


def plan_marks(
    register: Register,
    wanted_values: Mapping[str, Mapping[str, WrittenValue]],
    written_marks: WrittenMarks,
) -> MarkPlan:
    """Plan cells of the sheet Register; `wanted` are values by heading by the letter's id.

    A cell is written where it is blank; None empties one that holds what the program wrote there,
    as `ours` has it. Of a letter with a cell that holds anything else nothing is written at all.
    """
    table = register.tables.get(LETTERS_LAYOUT.sheet)
    plan = MarkPlan(TablePlan(LETTERS_LAYOUT, table))
    lines: dict[str, RegisterRow] = {}
    for line in table.rows if table else ():
        lines.setdefault(line.id, line)
    for letter_id, values in wanted_values.items():
        own_line = lines.get(letter_id)
        if own_line is None:
            plan.letters_without_row.append(letter_id)
        else:
            _plan_letter(plan, own_line, values, written_marks.get(letter_id, {}))
    return plan


def _plan_letter(
    plan: MarkPlan,
    line: RegisterRow,
    values: Mapping[str, WrittenValue],
    ours: Mapping[str, str],
) -> None:
    changes = []
    for heading, value in values.items():
        there, own = _staff_value(line, heading), ours.get(heading, "")
        expected = own if value is None else str(value)
        if there not in {"", expected}:
            plan.kept_values[line.id] = there
            return
        if there != ("" if value is None else str(value)):
            column = next(c for c in LETTERS_LAYOUT.columns if c.heading == heading)
            changes.append(CellChange(line.number, column, value))
    plan.table.cell_changes += changes
    (plan.marked_letters if changes else plan.unchanged_letters).append(line.id)


def _staff_value(line: RegisterRow, heading: str) -> str:
    """Return what stands in a staff's cell: a day as 2026-11-26, empty where it is blank."""
    return line.tracking if heading == TRACKING_HEADING else str(line.stages.get(heading, ""))


# Rows of somebody who is to be forgotten.


@dataclass(frozen=True, slots=True)
class BlankRows:
    """How many rows are emptied, and the changes to each table."""

    count: int
    tables: tuple[TablePlan, ...]


def plan_blank_rows(
    register: Register, letters: AbstractSet[str], people: AbstractSet[str], *, keep_counts: bool
) -> BlankRows:
    """Plan to empty the rows of letters and of people, by their ids, in every column.

    `keep_counts` leaves a letter its stages' dates, under the state `forgotten`.
    """
    count, plans = 0, []
    for layout in LAYOUTS:
        table = register.tables.get(layout.sheet)
        plan = TablePlan(layout, table)
        gone = letters if layout is LETTERS_LAYOUT else people
        if table is None:
            continue
        for line in table.rows:
            if line.id in gone:
                count += 1
                keeps = keep_counts and layout is LETTERS_LAYOUT and line.stages
                blank = _blank_cells(layout, line.number, keep_stages=bool(keeps))
                plan.cell_changes += (c for c in blank if c.column.heading in table.columns)
                plan.emptied_rows.append(line.number)
        plans.append(plan)
    return BlankRows(count, tuple(plan for plan in plans if plan.table and plan.cell_changes))


def _blank_cells(layout: TableLayout, row: int, *, keep_stages: bool) -> Iterator[CellChange]:
    for column in layout.columns:
        if keep_stages and column.kind == "stage":
            continue
        state = DATA_DELETED if keep_stages and column.heading == "State" else None
        yield CellChange(row, column, state)
