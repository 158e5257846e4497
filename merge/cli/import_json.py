"""The result of `merge import --json`."""

from __future__ import annotations

from merge.campaign.form_import import (
    ImportPreview,
)
from merge.cli.import_lines import CELL_CHANGE_LABELS
from merge.intake.destinations import (
    NAME,
)
from merge.intake.form_types import FormColumn
from merge.intake.list_types import NewPerson
from merge.text.folding import composed


def import_json(preview: ImportPreview) -> dict[str, object]:
    """Return an import preview as JSON: columns, and what is added or skipped."""
    new_by_row = {person.row: person for person in preview.changes.new_people}
    people_to_review = [p for p in preview.changes.new_people if p.doubts]
    rows_to_review = {person.row for person in people_to_review}
    people = [a for a in preview.answers.people if a.row not in rows_to_review]
    return {
        "read": _read_json(preview),
        "mapping": {_typed_heading(preview, c): c.goes_to for c in preview.plan.columns},
        "ask": [_typed_heading(preview, c) for c in preview.plan.columns if c.is_asked],
        "people": [{"row": a.row, "fields": dict(a.fields)} for a in people],
        "doubtful": [
            _doubtful_json(new_by_row[a.row])
            for a in preview.answers.people
            if a.row in rows_to_review
        ],
        "dropped": [
            {"row": n.row, "why": n.reason_code}
            | ({"same_as": n.counted_row} if n.counted_row else {})
            | ({"says": {**n.other_values}} if n.other_values else {})
            for n in (*preview.answers.skipped_rows, *preview.changes.duplicate_rows)
        ],
        "told": [
            {"row": r.row, "column": r.column, "why": r.reason_code}
            | ({"proposal": r.proposal} if r.proposal else {})
            for r in preview.answers.remarks
        ],
        "merge": _merge_json(preview),
        "writes_to": preview.choices.writes_to,
    }


def _typed_heading(preview: ImportPreview, column: FormColumn) -> str:
    """Return a column's heading as it is typed in the file.

    It is composed (NFC), whatever program wrote the file.
    """
    heading = column.heading
    for row in preview.export.rows[:_MAX_HEADING_ROWS]:
        if row.number in preview.plan.heading_rows:
            for number, text in row.original_cells.items():
                cell = row.cells[number]
                if heading == cell:
                    heading = text
                elif cell and heading.startswith(f"{cell} / "):
                    heading = text + heading.removeprefix(cell)
                elif cell and heading.endswith(f" / {cell}"):
                    heading = heading.removesuffix(cell) + text
    return composed(heading)


_MAX_HEADING_ROWS = 40


def _read_json(preview: ImportPreview) -> dict[str, object]:
    export = preview.export
    read: dict[str, object] = {"kind": export.kind}
    if export.kind == "csv":
        read |= {"encoding": export.encoding, "separator": export.separator}
    else:
        read["sheet"] = export.sheet
    read["heading_rows"] = [*preview.plan.heading_rows]
    if export.readings:
        read["must_tell_encoding"] = True
        read["readings"] = {reading.word: [*reading.names] for reading in preview.encoding_samples}
    return read


def _doubtful_json(person: NewPerson) -> dict[str, object]:
    result: dict[str, object] = {"row": person.row, "why": [*person.doubts]}
    if person.same_row or person.same_as:
        result["same_as"] = person.same_row or person.same_as
    if person.proposed_name:
        result["proposal"] = person.proposed_name
    if "ragged" not in person.doubts:
        result["fields"] = dict(person.fields)
    return result


def _merge_json(preview: ImportPreview) -> dict[str, object]:
    changes = preview.changes
    by_kind: dict[str, list[dict[str, str]]] = {kind: [] for kind in CELL_CHANGE_LABELS}
    for cell in changes.cell_changes:
        change_json = {"who": cell.name, "column": cell.heading}
        if cell.kind == "changed":
            change_json |= {"from": cell.current_text, "to": cell.form_text}
        elif cell.kind == "kept":
            change_json |= {"form": cell.form_text}
        else:
            change_json |= {"yours": cell.current_text, "form": cell.form_text}
            change_json |= {"place": cell.place} if cell.kind == "in-workbook" else {}
        by_kind[cell.kind].append(change_json)
    return {
        "new": [p.fields[NAME] for p in changes.new_people if not p.doubts],
        **by_kind,
        "withdrawn": [person.name for person in changes.withdrawn_people],
        "gone": [person.name for person in changes.missing_people],
        "deleted": [person.name for person in changes.deleted_people],
        "refused": [person.name for person in changes.declined_people],
        "doubtful": [p.fields[NAME] for p in changes.new_people if p.doubts],
        "same": [person.name for person in changes.unchanged_people],
    }
