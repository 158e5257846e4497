"""Staff's choices for an export, applied to its columns and cells."""

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
from merge.intake.form_types import CollectedResponses, ColumnPlan, Fix, FormColumn, FormExport
from merge.intake.list_types import ReviewDecision
from merge.text.folding import folded


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """Staff's choices for an export; everything else is as proposed.

    How the file is read:

    - `read_as` is one of the words of `--read-as`.
    - `sheet` is the sheet.
    - `form` is the name of the form.

    Its columns:

    - `goes_to` is by heading.
    - `columns` are destinations as typed, each with the column that fills it.
    - `yes` are the words of a heading that mean yes.
    - `means_yes` are more words that mean yes under any heading.
    - `everybody_agrees` applies if no column is about consent.
    - `anyway` goes on although files of another computer have not arrived.
    - `is_confirmed` accepts the columns as shown. Everyone agrees if no column is about consent.

    Its people:

    - `take_form` are cells, by ID and heading, that get the form's value.
    - `same_person` are rows that belong to a person in the list, by ID.
    - `same_rows` are rows that belong to the same person as another row.
    - `decisions` are those about people who need review, by row.
    - `mend_capitals` are rows whose name is written as proposed.
    - `fix_zeros` are rows whose postal code is written as proposed.
    - `fix` are kinds that are corrected in all rows.
    - `writes_to` is the cell under Writes to of new signers.
    - `again` are names or IDs of people who were deleted, or declined, and are added again.
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
    anyway: bool = False
    take_form: frozenset[tuple[str, str]] = frozenset()
    same_person: Mapping[int, str] = field(default_factory=dict)
    same_rows: Mapping[int, int] = field(default_factory=dict)
    decisions: Mapping[int, ReviewDecision] = field(default_factory=dict)
    mend_capitals: frozenset[int] = frozenset()
    fix_zeros: frozenset[int] = frozenset()
    fix: frozenset[Fix] = frozenset()
    writes_to: str = ""
    again: tuple[str, ...] = ()


NO_CHOICES = ImportChoices()


def apply_choices(plan: ColumnPlan, export: FormExport, choices: ImportChoices) -> ColumnPlan:
    """Return the column plan with staff's choices, which override proposals."""
    columns = {c.heading: c for c in plan.columns}
    for heading, goes_to in choices.goes_to.items():
        if heading in columns:
            columns[heading] = _column_with_destination(columns[heading], goes_to, plan, export)
    for heading, yes in choices.yes.items():
        if heading in columns:
            columns[heading] = replace(columns[heading], yes_words=tuple(yes), is_asked=False)
    everyone = plan.everybody_agrees or choices.everybody_agrees
    unchanged = {
        h for h, c in columns.items() if c.goes_to != DO_NOT_IMPORT
    } - choices.goes_to.keys()
    return replace(
        plan,
        columns=tuple(columns.values()),
        everybody_agrees=everyone,
        is_unconfirmed=plan.is_unconfirmed and bool(unchanged),
    )


def destinations_by_heading(
    plan: ColumnPlan, columns: Iterable[tuple[Destination, str]]
) -> dict[str, Destination]:
    """Return destinations by heading, if staff chose columns by destination.

    Another column that was proposed for the same destination is not imported. Several columns may
    be about consent.
    """
    headings = {folded(column.heading): column.heading for column in plan.columns}
    chosen = {headings[folded(h)]: goes for goes, h in columns if folded(h) in headings}
    filled = {*chosen.values()} - {CONSENT, DO_NOT_IMPORT}
    others = {c.heading: DO_NOT_IMPORT for c in plan.columns if c.goes_to in filled}
    return {**others, **chosen}


def _column_with_destination(
    column: FormColumn, goes_to: Destination, plan: ColumnPlan, export: FormExport
) -> FormColumn:
    if is_protected(goes_to):
        return column
    column_there = replace(column, goes_to=goes_to, strength="sure", is_asked=False)
    if goes_to != CONSENT or column.word_counts:
        return column_there
    other_rows = {*plan.heading_rows, *plan.skipped_rows}
    rows = (
        row for row in export.rows if row.number not in other_rows and row.cells[column.number :]
    )
    words = count_values(filter(None, (row.cells[column.number] for row in rows)))
    return replace(
        column_there, word_counts=words, yes_words=plain_yes_words(words, column.heading)
    )


def add_yes_words(plan: ColumnPlan, words: Iterable[str]) -> ColumnPlan:
    """Return the column plan with more words that mean yes."""
    yes_words = {folded(word) for word in words}

    def with_them(column: FormColumn) -> FormColumn:
        more = [w for w in column.word_counts if folded(w) in yes_words]
        if column.goes_to != CONSENT or not more:
            return column
        return replace(
            column, yes_words=tuple(dict.fromkeys((*column.yes_words, *more))), is_asked=False
        )

    return replace(plan, columns=tuple(map(with_them, plan.columns)))


def accept_proposals(plan: ColumnPlan) -> ColumnPlan:
    """Return the column plan with all proposals accepted, for a preview."""
    columns = tuple(replace(column, is_asked=False) for column in plan.columns)
    everyone = not any(column.goes_to == CONSENT for column in columns)
    return replace(
        plan, columns=columns, everybody_agrees=everyone, similar_forms=(), is_unconfirmed=False
    )


def cells_to_fix(
    responses: CollectedResponses, choices: ImportChoices
) -> dict[int, dict[str, str]]:
    """Return the cells that are corrected as proposed, by row and heading."""
    cells = dict[int, dict[str, str]]()
    rows = {"capitals": choices.mend_capitals, "lost-zeros": choices.fix_zeros}
    for remark in responses.remarks:
        if remark.fixed_cell and (
            remark.reason_code in choices.fix or remark.row in rows.get(remark.reason_code, ())
        ):
            cells.setdefault(remark.row, {})[remark.column] = remark.fixed_cell
    return cells
