"""View models of an import: columns, possible destinations, people. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from merge.campaign.form_import import ImportPreview
from merge.intake.choices import ImportChoices
from merge.intake.destinations import (
    CONSENT,
    DO_NOT_IMPORT,
    EMAIL,
    NAME,
    RESPONSE_DATE,
    RESPONSE_ID,
    Destination,
    base_heading,
)
from merge.intake.form_types import FormColumn, ResponseCellRemark, SkippedRow
from merge.intake.headings import meaning
from merge.intake.import_ids import IMPORT_ID
from merge.intake.list_types import ListCellChange, NewPerson

FIRST_ROWS = 5
"""Rows of the file that are shown."""
_MAX_EXCERPT_COLUMNS = 40
"""Columns of the shown rows."""
_USUAL_HEADINGS = (NAME, "Street", "Postal code", "City", "Region", "Country", "Address")
_KEY_DESTINATIONS = (EMAIL, RESPONSE_ID, RESPONSE_DATE)
_MAX_PARTS: Mapping[str, int] = {NAME: 3, "Street": 3, "City": 2}
"""Headings that several columns of a form may fill, and how many."""


# Step 1: is the file read correctly?


@dataclass(frozen=True, slots=True)
class FormPreviewRows:
    """Preview of a form's export: its headings and its first responses.

    `hidden_columns` is the number of columns that are not shown.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    hidden_columns: int


def first_rows(view: ImportPreview) -> FormPreviewRows:
    """Return the first rows of the imported file, which the page shows."""
    headings = [column.heading for column in view.plan.columns]
    skipped_rows = {*view.plan.heading_rows, *view.plan.skipped_rows}
    responses = [row for row in view.export.rows if row.number not in skipped_rows][:FIRST_ROWS]
    width = min(len(headings), _MAX_EXCERPT_COLUMNS)
    rows = ((row.number, (*row.cells, *[""] * width)[:width]) for row in responses)
    return FormPreviewRows(tuple(headings[:width]), tuple(rows), len(headings) - width)


def unused_form_name(view: ImportPreview) -> str:
    """Return a name for a form that no known form has."""
    known = {memory.form for memory in view.stored.list.forms}
    stem = view.export.file.partition(".")[0] or "Form"
    numbers = (f"{stem} {number}" for number in range(2, 1000))
    return next(name for name in (stem, *numbers) if name not in known)


def count_responses(view: ImportPreview) -> int:
    """Return the number of rows with a response."""
    return len(view.export.rows) - len({*view.plan.heading_rows, *view.plan.skipped_rows})


# Step 2: match columns


ColumnUse = Literal["to choose", "to confirm", "letters", "consent", "matching", "none"]
"""The use of a column of a form, as the page shows it."""


def column_use(column: FormColumn) -> ColumnUse:
    """Return what a column is used for; `to choose` if nothing is proposed."""
    if needs_destination(column):
        return "to choose"
    if column.is_asked:
        return "to confirm"
    if column.goes_to == CONSENT:
        return "consent"
    if column.goes_to == DO_NOT_IMPORT:
        return "none"
    is_key = column.goes_to in _KEY_DESTINATIONS or column.goes_to.startswith("doubt:")
    return "matching" if is_key else "letters"


def columns_to_check(view: ImportPreview) -> frozenset[str]:
    """Return the headings of columns that staff must check, and of consent."""
    return frozenset(c.heading for c in view.plan.columns if c.is_asked or c.goes_to == CONSENT)


def ordered_columns(view: ImportPreview, first: Collection[str]) -> tuple[FormColumn, ...]:
    """Return the columns in the order of the file.

    The `first` headings are at the top, columns that are not imported at the end.
    """

    def order(column: FormColumn) -> tuple[bool, bool]:
        return column.heading not in first, column_use(column) == "none"

    return tuple(sorted(view.plan.columns, key=order))


def selectable_cells(view: ImportPreview) -> tuple[ListCellChange, ...]:
    """Return the cells that staff can change to the form's value, in order.

    The form on the page refers to them by their number.
    """
    cells = cells_by_kind(view)
    return (*cells.conflicting_cells, *cells.same_day_cells)


def is_town_heading(heading: str) -> bool:
    """Return whether a heading of the form means towns."""
    return meaning(heading).field == "City"


def share_a_cell(columns: Iterable[FormColumn]) -> bool:
    """Return whether two or more of these columns are parts of one cell."""
    return any(re.search(r" \([123]\)$", column.goes_to) for column in columns)


def needs_destination(column: FormColumn) -> bool:
    """Return whether staff must choose a destination: none is proposed."""
    return column.is_asked and column.goes_to == DO_NOT_IMPORT


def possible_destinations(view: ImportPreview, headings: Sequence[str]) -> tuple[Destination, ...]:
    """Return the headings that a column may fill.

    `headings` are those of the Signers sheet.
    """
    known = [NAME, *headings, *view.stored.list.headings]
    proposed = [
        c.goes_to
        for c in view.plan.columns
        if c.goes_to not in {*_KEY_DESTINATIONS, CONSENT, DO_NOT_IMPORT}
    ]
    offered = [*known, *(_USUAL_HEADINGS if len(known) < 3 else ()), *map(base_heading, proposed)]
    headings_and_parts: dict[Destination, None] = {}
    for heading in dict.fromkeys(offered):
        headings_and_parts[heading] = None
        parts = range(1, _MAX_PARTS.get(heading, 0) + 1)
        headings_and_parts |= dict.fromkeys(f"{heading} ({number})" for number in parts)
        headings_and_parts |= dict.fromkeys(p for p in proposed if base_heading(p) == heading)
    return tuple(headings_and_parts)


# Step 3: people


@dataclass(frozen=True, slots=True)
class CellsByKind:
    """Cells of known people, by what the import does with them."""

    updated_cells: tuple[ListCellChange, ...]
    conflicting_cells: tuple[ListCellChange, ...]
    same_day_cells: tuple[ListCellChange, ...]
    kept_cells: tuple[ListCellChange, ...]
    workbook_cells: tuple[ListCellChange, ...]
    older_cells: tuple[ListCellChange, ...]
    doubtful_cells: tuple[ListCellChange, ...]


def cells_by_kind(view: ImportPreview) -> CellsByKind:
    """Return the cells that the page reports, by kind."""
    kinds = ("changed", "both", "same-day", "kept", "in-workbook", "older", "doubted")
    cells = {kind: [c for c in view.changes.cell_changes if c.kind == kind] for kind in kinds}
    cells["older"] += [c for c in view.changes.cell_changes if c.kind == "agrees-again"]
    return CellsByKind(*(tuple(cells[kind]) for kind in kinds))


def count_people(cells: Iterable[ListCellChange]) -> int:
    """Return the number of people to whom the cells belong."""
    return len({(cell.id, cell.name) for cell in cells})


def certain_people(view: ImportPreview) -> tuple[NewPerson, ...]:
    """Return the new people who need no review."""
    return tuple(person for person in view.changes.new_people if not person.needs_review)


def people_to_review(view: ImportPreview) -> tuple[NewPerson, ...]:
    """Return the new people who need review."""
    return tuple(person for person in view.changes.new_people if person.needs_review)


def chosen_decision(person: NewPerson, choices: ImportChoices) -> str:
    """Return the option that is selected for a person who needs review."""
    if person.row in choices.same_person or person.row in choices.same_rows:
        return "same"
    return choices.decisions.get(person.row, "later")


def may_be_listed_person(person: NewPerson) -> bool:
    """Return whether the list has a person with this new person's name."""
    return "same-name" in person.doubts and bool(IMPORT_ID.fullmatch(person.same_as))


def details_without_name(person: NewPerson) -> tuple[str, ...]:
    """Return the cells of a new person, except the name."""
    return tuple(text for heading, text in person.fields.items() if heading != NAME)


def skipped_rows(view: ImportPreview) -> tuple[tuple[str, tuple[SkippedRow, ...]], ...]:
    """Return the rows that are not imported, by reason, in order.

    An unclear answer about consent has a reason of its own, `unclear`.
    """
    rows_by_reason: dict[str, list[SkippedRow]] = {}
    for row in _all_skipped_rows(view):
        is_unclear = row.reason_code == "no-consent" and row.other_values
        rows_by_reason.setdefault("unclear" if is_unclear else row.reason_code, []).append(row)
    return tuple((why, tuple(rows)) for why, rows in rows_by_reason.items())


def count_skipped_rows(view: ImportPreview) -> int:
    """Return the number of rows that are not imported."""
    return sum(1 for _ in _all_skipped_rows(view))


def _all_skipped_rows(view: ImportPreview) -> Iterator[SkippedRow]:
    rows = {
        skipped.row: skipped
        for skipped in (*view.answers.skipped_rows, *view.changes.duplicate_rows)
    }
    yield from (rows[number] for number in sorted(rows))


def fixable_capitals(view: ImportPreview) -> tuple[tuple[ResponseCellRemark, str], ...]:
    """Return the names whose capitals can be fixed, with the name in the file.

    Only names of new people are among them.
    """
    names = {answer.row: answer.fields.get(NAME, "") for answer in view.answers.people}
    new = {person.row for person in view.changes.new_people}
    return tuple((r, names.get(r.row, "")) for r in _capital_remarks(view) if r.row in new)


def lost_zeros(view: ImportPreview) -> tuple[tuple[ResponseCellRemark, str], ...]:
    """Return the postal codes that may lack a zero, with the person's name."""
    names = {answer.row: answer.fields.get(NAME, "") for answer in view.answers.people}
    remarks = (remark for remark in view.answers.remarks if remark.reason_code == "lost-zeros")
    return tuple((remark, names.get(remark.row, "")) for remark in remarks)


def exported_cell(view: ImportPreview, remark: ResponseCellRemark) -> str:
    """Return the text of the export's cell that a remark is about."""
    answer = next((a for a in view.answers.people if a.row == remark.row), None)
    return answer.fields.get(remark.column, "") if answer else ""


def other_remarks(view: ImportPreview) -> tuple[tuple[ResponseCellRemark, str], ...]:
    """Return other remarks about a form's cells, with the person's name.

    The import does not change these cells.
    """
    names = {answer.row: answer.fields.get(NAME, "") for answer in view.answers.people}
    fixable = {
        id(remark) for remark in (*_capital_remarks(view), *(r for r, _ in lost_zeros(view)))
    }
    remarks = (remark for remark in view.answers.remarks if id(remark) not in fixable)
    return tuple((remark, names.get(remark.row, "")) for remark in remarks)


def _capital_remarks(view: ImportPreview) -> Iterator[ResponseCellRemark]:
    for remark in view.answers.remarks:
        if remark.reason_code == "capitals" and remark.column == NAME and remark.proposal:
            yield remark
