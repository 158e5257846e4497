"""Marks that the program makes in the staff's columns of the register, and takes back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from merge.register.model import (
    LETTERS_LAYOUT,
    TRACKING_HEADING,
    CellChange,
    RegisterRow,
    TablePlan,
    WrittenValue,
)
from merge.register.reading import Register

Marks = Mapping[str, Mapping[str, str]]
"""What the program wrote into staff's columns: by a letter's id, by the heading, as text."""


@dataclass
class MarkPlan:
    """What is to be written into the register, and what came of each letter, by its id."""

    table: TablePlan
    marked: list[str] = field(default_factory=list)
    """Letters of which something is written."""
    as_wanted: list[str] = field(default_factory=list)
    """Letters of which everything stands there already."""
    kept: dict[str, str] = field(default_factory=dict)
    """What somebody else wrote into the cell of a letter, which stays."""
    without_row: list[str] = field(default_factory=list)


def plan_marks(
    register: Register, wanted: Mapping[str, Mapping[str, WrittenValue]], ours: Marks
) -> MarkPlan:
    """Plan cells of the sheet Register; `wanted` are values by heading by the letter's id.

    A cell is written where it is blank or holds what the program wrote there; None empties it. Of
    a letter with a cell that somebody else filled nothing is written at all.
    """
    table = register.tables.get(LETTERS_LAYOUT.sheet)
    plan = MarkPlan(TablePlan(LETTERS_LAYOUT, table))
    lines: dict[str, RegisterRow] = {}
    for line in table.lines if table else ():
        lines.setdefault(line.id, line)
    for letter_id, values in wanted.items():
        own_line = lines.get(letter_id)
        if own_line is None:
            plan.without_row.append(letter_id)
        else:
            _plan_letter(plan, own_line, values, ours.get(letter_id, {}))
    return plan


def _plan_letter(
    plan: MarkPlan,
    line: RegisterRow,
    values: Mapping[str, WrittenValue],
    ours: Mapping[str, str],
) -> None:
    changes = []
    for heading, value in values.items():
        there = _text(line, heading)
        if there and there not in {ours.get(heading), str(value)}:
            plan.kept[line.id] = there
            return
        if there != ("" if value is None else str(value)):
            column = next(c for c in LETTERS_LAYOUT.columns if c.heading == heading)
            changes.append(CellChange(line.number, column, value))
    plan.table.changes += changes
    (plan.marked if changes else plan.as_wanted).append(line.id)


def _text(line: RegisterRow, heading: str) -> str:
    """Return what stands in a staff's cell: a day as 2026-11-26, empty where it is blank."""
    return line.tracking if heading == TRACKING_HEADING else str(line.stages.get(heading, ""))
