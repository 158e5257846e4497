"""Exports of forms in one line: rows as tuples of texts, as they come out of the reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from merge.intake.cells import tidy_row
from merge.intake.column_plan import plan_columns
from merge.intake.form_types import CollectedResponses, ColumnPlan, Export
from merge.intake.matching import combine_by_person
from merge.intake.responses import collect_responses

COLUMNS = ("ID", "Name", "Street", "Postal code", "City", "Country", "Include")
"""The headings of the workbook that comes with the program."""


def export(*rows: Sequence[str] | str, file: str = "form.csv") -> Export:
    """An export; a row in one text has its cells between `|`, a blank row is left out."""
    cells = [row.split("|") if isinstance(row, str) else list(row) for row in rows]
    made = [tidy_row(number, texts) for number, texts in enumerate(cells, 1) if any(texts)]
    return Export(file, "csv", tuple(made), "utf-8", ",")


def goals(plan: ColumnPlan) -> dict[str, str]:
    """Where the columns go, by heading, without those that are left out."""
    return {c.heading: c.goes_to for c in plan.columns if c.goes_to != "leave out"}


def asked(plan: ColumnPlan) -> list[str]:
    """The headings that staff are asked about."""
    return [c.heading for c in plan.columns if c.is_asked]


def planned(
    *rows: Sequence[str] | str, columns: Sequence[str] = COLUMNS
) -> tuple[dict[str, str], list[str]]:
    """Where the columns of an export go, and which are asked about."""
    plan = plan_columns(export(*rows), columns)
    return goals(plan), asked(plan)


def read_answers(export: Export, plan: ColumnPlan) -> CollectedResponses:
    """What the rows say with each person once, and what is told of those people only."""
    found = combine_by_person(collect_responses(export, plan), plan.form)
    rows = {person.row for person in found.people}
    if any(person.earlier_responses for person in (*found.people, *found.refusals)):
        rows.add(0)  # where days are unclear, it matters only to which of two answers is newer
    return replace(found, remarks=tuple(r for r in found.remarks if r.row in rows))
