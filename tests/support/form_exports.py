"""Exports of forms in one line: rows as tuples of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from merge.intake.cells import tidy_row
from merge.intake.column_plan import plan_columns
from merge.intake.form_types import CollectedResponses, ColumnPlan, FormExport
from merge.intake.matching import combine_by_person
from merge.intake.responses import collect_responses

COLUMNS = ("ID", "Name", "Street", "Postal code", "City", "Country", "Include")
"""The headings of the workbook that is delivered with the program."""


def export(*rows: Sequence[str] | str, file: str = "form.csv") -> FormExport:
    """Return an export; the cells of a row in one text are between `|`.

    Blank rows are omitted.
    """
    cells = [row.split("|") if isinstance(row, str) else list(row) for row in rows]
    tidy_rows = [tidy_row(number, texts) for number, texts in enumerate(cells, 1) if any(texts)]
    return FormExport(file, "csv", tuple(tidy_rows), "utf-8", ",")


def column_targets(plan: ColumnPlan) -> dict[str, str]:
    """Return the destinations of columns by heading, if they are imported."""
    return {c.heading: c.goes_to for c in plan.columns if c.goes_to != "leave out"}


def headings_to_ask(plan: ColumnPlan) -> list[str]:
    """Return the headings that staff are asked about."""
    return [c.heading for c in plan.columns if c.is_asked]


def planned_columns(
    *rows: Sequence[str] | str, columns: Sequence[str] = COLUMNS
) -> tuple[dict[str, str], list[str]]:
    """Return the destinations of an export's columns, and the questions."""
    plan = plan_columns(export(*rows), columns)
    return column_targets(plan), headings_to_ask(plan)


def read_responses(export: FormExport, plan: ColumnPlan) -> CollectedResponses:
    """Return the responses, one for each person, and remarks about them only."""
    responses = combine_by_person(collect_responses(export, plan), plan.form)
    rows = {person.row for person in responses.people}
    if any(person.earlier_responses for person in (*responses.people, *responses.refusals)):
        rows.add(0)  # unclear days matter only if a person has several responses
    return replace(responses, remarks=tuple(r for r in responses.remarks if r.row in rows))
