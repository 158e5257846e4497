"""Plans for emptying the register rows of a person whose data is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from merge.register.entries import DATA_DELETED
from merge.register.layouts import LAYOUTS, LETTERS_LAYOUT, TableLayout
from merge.register.reading import Register
from merge.register.tables import RegisterCellChange, TablePlan


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
