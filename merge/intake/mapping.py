"""The plan of an export's columns: where each goes, as remembered of its form or as proposed.

What is not certain is a question, and staff must answer it. Nothing here reads or writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from merge.intake.column_cells import ExportColumn, export_columns, words_with_counts
from merge.intake.column_proposals import Proposals, propose
from merge.intake.consent import words_that_mean_yes
from merge.intake.destinations import CONSENT, FILLS_NOTHING, TAKEN_APART, base_heading
from merge.intake.form_types import ColumnPlan, Export, FormColumn
from merge.intake.known_forms import confirmation, known_again
from merge.intake.layout import read_layout
from merge.intake.list_types import FormMemory


def plan_columns(
    export: Export,
    headings: Sequence[str],
    remembered: Sequence[FormMemory] = (),
    form: str = "",
    confirmed: Mapping[str, str] | None = None,
) -> ColumnPlan:
    """Return what goes where; `headings` are those of the sheet Signers, and of the list.

    `remembered` is the list's sheet Forms; `form` is the name of the form, where staff said it.
    `confirmed` is by form the hash of what was confirmed of it; None takes all that is remembered.
    Raise DataError, code form-not-a-table, where there is no row of headings.
    """
    layout = read_layout(export)
    columns = export_columns(layout)
    proposals = propose(columns, headings)
    plan = ColumnPlan(
        columns=tuple(_form_column(column, proposals) for column in columns),
        heading_rows=layout.heading_rows,
        skipped=layout.skipped,
        parts=proposals.parts,
        foreign_from=layout.foreign_from,
    )
    plan = known_again(plan, remembered, form) if remembered else plan
    now = confirmation(remembered, plan.form)
    if not now or confirmed is None or confirmed.get(plan.form) == now:
        return plan
    return replace(plan, is_unconfirmed=True, everybody_agrees=False)


def _form_column(column: ExportColumn, proposals: Proposals) -> FormColumn:
    proposal, text = proposals.of(column), column.heading.text
    counts = words_with_counts(column.values)
    words = counts if proposal.goes_to == CONSENT else {}
    return FormColumn(
        number=column.number,
        heading=text,
        goes_to=proposal.goes_to,
        strength=proposal.strength,
        samples=tuple(dict.fromkeys(column.values))[:3],
        is_asked=proposal.is_asked,
        words=words,
        yes=words_that_mean_yes(words, text),
        filled=len(column.values),
        box=counts if column.number in proposals.boxes else {},
    )


def fills(plan: ColumnPlan) -> tuple[str, ...]:
    """Return the headings of the list that a plan fills, in the order of the columns."""
    goals = [*(column.goes_to for column in plan.columns), *plan.parts.values()]
    found = (g for g in goals if g not in FILLS_NOTHING and not g.endswith(TAKEN_APART))
    return tuple(dict.fromkeys(map(base_heading, found)))
