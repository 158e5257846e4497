"""What staff choose for an export, and what follows for its columns and cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from merge.intake.column_cells import count_values
from merge.intake.consent import plain_yes_words
from merge.intake.destinations import (
    CONSENT,
    DO_NOT_IMPORT,
    Destination,
    is_protected,
)
from merge.intake.form_types import CollectedResponses, ColumnPlan, Export, Fix, FormColumn
from merge.text.folding import folded


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What staff choose for an export; the rest is as proposed.

    How the file is read: `read_as` is one of the words of `--read-as`, `sheet` the sheet, `form`
    the name of the form.

    Its columns: `goes_to` is by heading; `columns` are targets, each with the column that fills
    it, as they were typed. `yes` are the words of a heading that mean yes; `means_yes` are more
    words that mean yes under any heading. `everybody_agrees` if no column is about consent.
    `is_confirmed`: the columns are matched as shown, and everyone agrees if no column says who.

    Its people: `take_form` are cells, by ID and heading, that become what the form says.
    `same_person` are rows that belong to a person in the list, by ID; `same_rows` are rows that
    belong to one person with another row. `mend_capitals` are rows whose name is written as
    proposed, `fix_zeros` rows whose postal code is, `fix` all of a kind. `again` are names or IDs
    of people who were deleted, or declined, and are added again.
    """

    read_as: str = ""
    sheet: str = ""
    form: str = ""
    goes_to: Mapping[str, Destination] = field(default_factory=dict)
    columns: tuple[tuple[Destination, str], ...] = ()
    yes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    means_yes: tuple[str, ...] = ()
    everybody_agrees: bool = False
    is_confirmed: bool = False
    take_form: frozenset[tuple[str, str]] = frozenset()
    same_person: Mapping[int, str] = field(default_factory=dict)
    same_rows: Mapping[int, int] = field(default_factory=dict)
    mend_capitals: frozenset[int] = frozenset()
    fix_zeros: frozenset[int] = frozenset()
    fix: frozenset[Fix] = frozenset()
    again: tuple[str, ...] = ()


NO_CHOICES = ImportChoices()


def apply_choices(plan: ColumnPlan, export: Export, choices: ImportChoices) -> ColumnPlan:
    """Return the plan as staff have chosen; what they said nothing of stays as it was."""
    columns = {c.heading: c for c in plan.columns}
    for heading, goes_to in choices.goes_to.items():
        if heading in columns:
            columns[heading] = _column_with_destination(columns[heading], goes_to, plan, export)
    for heading, yes in choices.yes.items():
        if heading in columns:
            columns[heading] = replace(columns[heading], yes_words=tuple(yes), is_asked=False)
    everybody = plan.everybody_agrees or choices.everybody_agrees
    left = {h for h, c in columns.items() if c.goes_to != DO_NOT_IMPORT} - choices.goes_to.keys()
    return replace(
        plan,
        columns=tuple(columns.values()),
        everybody_agrees=everybody,
        is_unconfirmed=plan.is_unconfirmed and bool(left),
    )


def destinations_by_heading(
    plan: ColumnPlan, columns: Iterable[tuple[Destination, str]]
) -> dict[str, Destination]:
    """Return where columns go, by heading, if staff say which column fills what.

    What was proposed for the same place is left out; several columns may say who agrees.
    """
    headings = {folded(column.heading): column.heading for column in plan.columns}
    found = {headings[folded(h)]: goes for goes, h in columns if folded(h) in headings}
    taken = {*found.values()} - {CONSENT, DO_NOT_IMPORT}
    others = {c.heading: DO_NOT_IMPORT for c in plan.columns if c.goes_to in taken}
    return {**others, **found}


def _column_with_destination(
    column: FormColumn, goes_to: Destination, plan: ColumnPlan, export: Export
) -> FormColumn:
    if is_protected(goes_to):
        return column
    made = replace(column, goes_to=goes_to, strength="sure", is_asked=False)
    if goes_to != CONSENT or column.word_counts:
        return made
    out = {*plan.heading_rows, *plan.skipped_rows}
    rows = (row for row in export.rows if row.number not in out and row.cells[column.number :])
    words = count_values(filter(None, (row.cells[column.number] for row in rows)))
    return replace(made, word_counts=words, yes_words=plain_yes_words(words, column.heading))


def add_yes_words(plan: ColumnPlan, words: Iterable[str]) -> ColumnPlan:
    """Return the plan with words that mean yes besides the plain ones, as staff have said."""
    meant = {folded(word) for word in words}

    def with_them(column: FormColumn) -> FormColumn:
        more = [w for w in column.word_counts if folded(w) in meant]
        if column.goes_to != CONSENT or not more:
            return column
        return replace(
            column, yes_words=tuple(dict.fromkeys((*column.yes_words, *more))), is_asked=False
        )

    return replace(plan, columns=tuple(map(with_them, plan.columns)))


def accept_proposals(plan: ColumnPlan) -> ColumnPlan:
    """Return the plan with every proposal answered as it is: for a rehearsal."""
    columns = tuple(replace(column, is_asked=False) for column in plan.columns)
    everybody = not any(column.goes_to == CONSENT for column in columns)
    return replace(
        plan, columns=columns, everybody_agrees=everybody, similar_forms=(), is_unconfirmed=False
    )


def cells_to_fix(answers: CollectedResponses, choices: ImportChoices) -> dict[int, dict[str, str]]:
    """Return the cells that are written as proposed, by row and heading."""
    found = dict[int, dict[str, str]]()
    rows = {"capitals": choices.mend_capitals, "lost-zeros": choices.fix_zeros}
    for remark in answers.remarks:
        if remark.fixed_cell and (
            remark.reason_code in choices.fix or remark.row in rows.get(remark.reason_code, ())
        ):
            found.setdefault(remark.row, {})[remark.column] = remark.fixed_cell
    return found
