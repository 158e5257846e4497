"""What staff say of an export's columns: where they go, which words mean yes, that it is right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from merge.intake.consent import words_that_mean_yes
from merge.intake.mapping import NAME, base_heading, is_protected, words_with_counts
from merge.intake.model import (
    CONSENT,
    LEAVE_OUT,
    Choices,
    ColumnPlan,
    Destination,
    Export,
    FormColumn,
)
from merge.text.folding import folded


def decided(plan: ColumnPlan, export: Export, choices: Choices) -> ColumnPlan:
    """Return the plan as staff have chosen; what they said nothing of stays as it was."""
    columns = {c.heading: c for c in plan.columns}
    for heading, goes_to in choices.goes_to.items():
        if heading in columns:
            columns[heading] = _chosen(columns[heading], goes_to, plan, export)
    for heading, yes in choices.yes.items():
        if heading in columns:
            columns[heading] = replace(columns[heading], yes=tuple(yes), is_asked=False)
    everybody = plan.everybody_agrees or choices.everybody_agrees
    left = {h for h, c in columns.items() if c.goes_to != LEAVE_OUT} - choices.goes_to.keys()
    return replace(
        plan,
        columns=tuple(columns.values()),
        everybody_agrees=everybody,
        is_unconfirmed=plan.is_unconfirmed and bool(left),
    )


def placed(plan: ColumnPlan, columns: Iterable[tuple[Destination, str]]) -> dict[str, Destination]:
    """Return where columns go, by heading, if staff say which column fills what.

    What was proposed for the same place is left out; several columns may say who agrees.
    """
    headings = {folded(column.heading): column.heading for column in plan.columns}
    found = {headings[folded(h)]: goes for goes, h in columns if folded(h) in headings}
    taken = {*found.values()} - {CONSENT, LEAVE_OUT}
    others = {c.heading: LEAVE_OUT for c in plan.columns if c.goes_to in taken}
    return {**others, **found}


def _chosen(
    column: FormColumn, goes_to: Destination, plan: ColumnPlan, export: Export
) -> FormColumn:
    if is_protected(goes_to):
        return column
    made = replace(column, goes_to=goes_to, strength="sure", is_asked=False)
    if goes_to != CONSENT or column.words:
        return made
    out = {*plan.heading_rows, *plan.skipped}
    rows = (row for row in export.rows if row.number not in out and row.cells[column.number :])
    words = words_with_counts(filter(None, (row.cells[column.number] for row in rows)))
    return replace(made, words=words, yes=words_that_mean_yes(words, column.heading))


def also_yes(plan: ColumnPlan, words: Iterable[str]) -> ColumnPlan:
    """Return the plan with words that mean yes besides the plain ones, as staff have said."""
    meant = {folded(word) for word in words}

    def with_them(column: FormColumn) -> FormColumn:
        more = [w for w in column.words if folded(w) in meant]
        if column.goes_to != CONSENT or not more:
            return column
        return replace(column, yes=tuple(dict.fromkeys((*column.yes, *more))), is_asked=False)

    return replace(plan, columns=tuple(map(with_them, plan.columns)))


def as_proposed(plan: ColumnPlan) -> ColumnPlan:
    """Return the plan with every proposal answered as it is: for a rehearsal."""
    columns = tuple(replace(column, is_asked=False) for column in plan.columns)
    everybody = not _has_consent(plan)
    return replace(
        plan, columns=columns, everybody_agrees=everybody, alike=(), is_unconfirmed=False
    )


def is_settled(plan: ColumnPlan) -> bool:
    """Return whether nothing is left to be asked."""
    agreed = plan.everybody_agrees or _has_consent(plan)
    has_name = any(base_heading(c.goes_to) == NAME for c in plan.columns)
    return agreed and has_name and not plan.alike and not any(c.is_asked for c in plan.columns)


def _has_consent(plan: ColumnPlan) -> bool:
    return any(column.goes_to == CONSENT for column in plan.columns)
