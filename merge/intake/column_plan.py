"""The plan of an export's columns: as remembered, or as proposed.

An uncertain destination is a question that staff must answer. This module reads and writes no
files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from merge.intake.column_cells import ExportColumn, count_values, export_columns
from merge.intake.column_proposals import ColumnProposals, propose_columns
from merge.intake.consent import plain_yes_words
from merge.intake.destinations import CONSENT, NOT_LIST_COLUMNS, SPLIT_BY_LABELS, base_heading
from merge.intake.form_types import ColumnPlan, FormColumn, FormExport
from merge.intake.known_forms import confirmation_hash, recognise_form
from merge.intake.layout import read_layout
from merge.intake.list_types import RememberedColumn


def plan_columns(
    export: FormExport,
    headings: Sequence[str],
    remembered: Sequence[RememberedColumn] = (),
    form: str = "",
    confirmed: Mapping[str, str] | None = None,
) -> ColumnPlan:
    """Return where each column of an export goes, and what must be asked.

    `headings` are those of the Signers sheet and the list. `remembered` is the list's Forms sheet.
    `form` is the name of the form, if staff entered it. `confirmed` has each form's hash of
    confirmed columns; None accepts all that is remembered. Raise DataError, code form-not-a-table,
    if there is no row of headings.
    """
    layout = read_layout(export)
    columns = export_columns(layout)
    proposals = propose_columns(columns, headings)
    plan = ColumnPlan(
        columns=tuple(_form_column(column, proposals) for column in columns),
        heading_rows=layout.heading_rows,
        skipped_rows=layout.skipped_rows,
        label_destinations=proposals.label_destinations,
        reordered_from=layout.reordered_from,
    )
    plan = recognise_form(plan, remembered, form) if remembered else plan
    now = confirmation_hash(remembered, plan.form)
    if not now or confirmed is None or confirmed.get(plan.form) == now:
        return plan
    return replace(plan, is_unconfirmed=True, everybody_agrees=False)


def _form_column(column: ExportColumn, proposals: ColumnProposals) -> FormColumn:
    proposal, text = proposals.proposal_for(column), column.heading.text
    counts = count_values(column.values)
    words = counts if proposal.goes_to == CONSENT else {}
    return FormColumn(
        number=column.number,
        heading=text,
        goes_to=proposal.goes_to,
        strength=proposal.strength,
        samples=tuple(dict.fromkeys(column.values))[:3],
        is_asked=proposal.is_asked,
        word_counts=words,
        yes_words=plain_yes_words(words, text),
        filled_count=len(column.values),
        candidate_words=counts if column.number in proposals.consent_candidates else {},
    )


def filled_headings(plan: ColumnPlan) -> tuple[str, ...]:
    """Return the headings of the list that a plan fills, in column order."""
    destinations = [*(column.goes_to for column in plan.columns), *plan.label_destinations.values()]
    list_destinations = (
        g for g in destinations if g not in NOT_LIST_COLUMNS and not g.endswith(SPLIT_BY_LABELS)
    )
    return tuple(dict.fromkeys(map(base_heading, list_destinations)))
