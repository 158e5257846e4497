"""What is shown of a list that is brought in: its columns, what may be chosen, who comes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from merge.campaign.form_import import ImportPreview
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
from merge.intake.form_types import FormColumn, Remark, SkippedRow
from merge.intake.headings import meaning
from merge.intake.list_types import ListCellChange, NewPerson

FIRST_ROWS = 5
"""Rows of the file that are shown."""
_MAX_EXCERPT_COLUMNS = 40
"""SortedColumns of these rows."""
_USUAL_HEADINGS = (NAME, "Street", "Postal code", "City", "Region", "Country", "Address")
_KEY_DESTINATIONS = (EMAIL, RESPONSE_ID, RESPONSE_DATE)
_MAX_PARTS: Mapping[str, int] = {NAME: 3, "Street": 3, "City": 2}
"""Headings that several columns of a form may fill, and how many."""


# Is it read right?


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The headings and the first answers as they are read; `more` columns are not shown."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    hidden_columns: int


def first_rows(view: ImportPreview) -> FirstRows:
    """Return what is shown of the file itself."""
    headings = [column.heading for column in view.plan.columns]
    out = {*view.plan.heading_rows, *view.plan.skipped_rows}
    answers = [row for row in view.export.rows if row.number not in out][:FIRST_ROWS]
    width = min(len(headings), _MAX_EXCERPT_COLUMNS)
    rows = ((row.number, (*row.cells, *[""] * width)[:width]) for row in answers)
    return FirstRows(tuple(headings[:width]), tuple(rows), len(headings) - width)


def unused_form_name(view: ImportPreview) -> str:
    """Return a name for a form that none of the known ones has."""
    known = {memory.form for memory in view.stored.list.forms}
    stem = view.export.file.partition(".")[0] or "Form"
    numbers = (f"{stem} {number}" for number in range(2, 1000))
    return next(name for name in (stem, *numbers) if name not in known)


def count_responses(view: ImportPreview) -> int:
    """Return how many rows hold an answer."""
    return len(view.export.rows) - len({*view.plan.heading_rows, *view.plan.skipped_rows})


# What goes where?


@dataclass(frozen=True, slots=True)
class ColumnGroups:
    """The columns, by what becomes of them: into the letters or asked, read only, left out."""

    letter_columns: tuple[FormColumn, ...]
    key_columns: tuple[FormColumn, ...]
    skipped_columns: tuple[FormColumn, ...]
    consent_columns: tuple[FormColumn, ...]


def group_columns(view: ImportPreview) -> ColumnGroups:
    """Return the columns of a form; those that are asked about stand with those that are used."""
    found: tuple[list[FormColumn], ...] = ([], [], [], [])
    used, read, left_out, consent = found
    for column in view.plan.columns:
        if column.goes_to == CONSENT:
            consent.append(column)
        elif column.is_asked or column.goes_to not in {*_KEY_DESTINATIONS, DO_NOT_IMPORT}:
            used.append(column)
        else:
            (read if column.goes_to in _KEY_DESTINATIONS else left_out).append(column)
    return ColumnGroups(tuple(used), tuple(read), tuple(left_out), tuple(consent))


def selectable_cells(view: ImportPreview) -> tuple[ListCellChange, ...]:
    """Return the cells that become what the form says if they are ticked, as they are numbered."""
    found = cells_by_kind(view)
    return (*found.conflicting_cells, *found.same_day_cells)


def is_town_heading(heading: str) -> bool:
    """Return whether a heading is that of towns: its parts are the postal code and the town."""
    return meaning(heading).field == "City"


def share_a_cell(columns: Iterable[FormColumn]) -> bool:
    """Return whether some of these columns fill one cell together, each a part of it."""
    return any(re.search(r" \([123]\)$", column.goes_to) for column in columns)


def needs_destination(column: FormColumn) -> bool:
    """Return whether staff must choose where a column goes: nothing is filled in."""
    return column.is_asked and column.goes_to == DO_NOT_IMPORT


def possible_destinations(view: ImportPreview, headings: Sequence[str]) -> tuple[Destination, ...]:
    """Return the headings that a column may fill; `headings` are those of the sheet Signers."""
    known = [NAME, *headings, *view.stored.list.headings]
    proposed = [
        c.goes_to
        for c in view.plan.columns
        if c.goes_to not in {*_KEY_DESTINATIONS, CONSENT, DO_NOT_IMPORT}
    ]
    offered = [*known, *(_USUAL_HEADINGS if len(known) < 3 else ()), *map(base_heading, proposed)]
    found: dict[Destination, None] = {}
    for heading in dict.fromkeys(offered):
        found[heading] = None
        parts = range(1, _MAX_PARTS.get(heading, 0) + 1)
        found |= dict.fromkeys(f"{heading} ({number})" for number in parts)
        found |= dict.fromkeys(p for p in proposed if base_heading(p) == heading)
    return tuple(found)


# Who?


@dataclass(frozen=True, slots=True)
class CellsByKind:
    """What becomes of the cells of people who are known, by what it is."""

    updated_cells: tuple[ListCellChange, ...]
    conflicting_cells: tuple[ListCellChange, ...]
    same_day_cells: tuple[ListCellChange, ...]
    kept_cells: tuple[ListCellChange, ...]
    workbook_cells: tuple[ListCellChange, ...]
    older_cells: tuple[ListCellChange, ...]
    doubtful_cells: tuple[ListCellChange, ...]


def cells_by_kind(view: ImportPreview) -> CellsByKind:
    """Return the cells that are told of."""
    kinds = ("changed", "both", "same-day", "kept", "in-workbook", "older", "doubted")
    cells = {kind: [c for c in view.changes.cell_changes if c.kind == kind] for kind in kinds}
    cells["older"] += [c for c in view.changes.cell_changes if c.kind == "agrees-again"]
    return CellsByKind(*(tuple(cells[kind]) for kind in kinds))


def count_people(cells: Iterable[ListCellChange]) -> int:
    """Return of how many people cells are."""
    return len({(cell.id, cell.name) for cell in cells})


def certain_people(view: ImportPreview) -> tuple[NewPerson, ...]:
    """Return who is new and takes part."""
    return tuple(person for person in view.changes.new_people if not person.doubts)


def people_to_review(view: ImportPreview) -> tuple[NewPerson, ...]:
    """Return who is new and waits for a decision."""
    return tuple(person for person in view.changes.new_people if person.doubts)


def may_be_listed_person(person: NewPerson) -> bool:
    """Return whether who has that name stands in the list, and so may be the same person."""
    return "same-name" in person.doubts and bool(re.fullmatch(r"F\d+", person.same_as))


def details_without_name(person: NewPerson) -> tuple[str, ...]:
    """Return what is known of somebody new beside the name."""
    return tuple(text for heading, text in person.fields.items() if heading != NAME)


def skipped_rows(view: ImportPreview) -> tuple[tuple[str, tuple[SkippedRow, ...]], ...]:
    """Return the rows of which nobody comes, by why, in the order in which the reasons come.

    An answer about consent that is no plain no has a reason of its own, `unclear`.
    """
    found: dict[str, list[SkippedRow]] = {}
    for one in _all_skipped_rows(view):
        is_unclear = one.reason_code == "no-consent" and one.other_values
        found.setdefault("unclear" if is_unclear else one.reason_code, []).append(one)
    return tuple((why, tuple(rows)) for why, rows in found.items())


def _all_skipped_rows(view: ImportPreview) -> Iterator[SkippedRow]:
    rows = {one.row: one for one in (*view.answers.skipped_rows, *view.changes.duplicate_rows)}
    yield from (rows[number] for number in sorted(rows))


def fixable_capitals(view: ImportPreview) -> tuple[tuple[Remark, str], ...]:
    """Return the names of new people that could be mended, each with how it stands in the file."""
    names = {answer.row: answer.fields.get(NAME, "") for answer in view.answers.people}
    new = {person.row for person in view.changes.new_people}
    return tuple((r, names.get(r.row, "")) for r in _capital_remarks(view) if r.row in new)


def lost_zeros(view: ImportPreview) -> tuple[tuple[Remark, str], ...]:
    """Return the postal codes that may lack a zero, each with whose it is."""
    names = {answer.row: answer.fields.get(NAME, "") for answer in view.answers.people}
    found = (remark for remark in view.answers.remarks if remark.reason_code == "lost-zeros")
    return tuple((remark, names.get(remark.row, "")) for remark in found)


def exported_cell(view: ImportPreview, remark: Remark) -> str:
    """Return the cell that a remark is about, as the export has it."""
    answer = next((a for a in view.answers.people if a.row == remark.row), None)
    return answer.fields.get(remark.column, "") if answer else ""


def other_remarks(view: ImportPreview) -> tuple[tuple[Remark, str], ...]:
    """Return what else is told of cells, and not changed, each with whose cell it is."""
    names = {answer.row: answer.fields.get(NAME, "") for answer in view.answers.people}
    mendable = {
        id(remark) for remark in (*_capital_remarks(view), *(r for r, _ in lost_zeros(view)))
    }
    others = (remark for remark in view.answers.remarks if id(remark) not in mendable)
    return tuple((remark, names.get(remark.row, "")) for remark in others)


def _capital_remarks(view: ImportPreview) -> Iterator[Remark]:
    for remark in view.answers.remarks:
        if remark.reason_code == "capitals" and remark.column == NAME and remark.proposal:
            yield remark
