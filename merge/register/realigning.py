"""Detection of rows whose visible cells were moved without the hidden one.

Staff copy the visible cells elsewhere, sort them and paste them back. If ID and names agree, the
visible cells count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from merge.register.layouts import TableLayout
from merge.register.records import RowRecord
from merge.register.rows import RegisterRow

_Names = tuple[str, ...]


def realigned_records(rows: Sequence[RegisterRow], layout: TableLayout) -> dict[int, RowRecord]:
    """Return the records of register rows whose cells moved, by row number.

    ID and names of these rows are those of another row's hidden cell. If the ID was emptied as
    well, the row is recognised by its names under two conditions:

    1. Only one record has these names.
    2. The letter or person of its own hidden cell is visible in another row.
    """
    heading = layout.program_columns[0].heading
    moved_rows = [row for row in rows if heading in row.differing_cells]
    if not moved_rows:
        return {}
    records_by_names = _records_by_names(rows, layout)
    candidates = [
        (row, records_by_names.get(_shown_names(row, layout, row.differing_cells), {}))
        for row in moved_rows
    ]
    record_by_number = {
        row.number: records.get(row.differing_cells[heading]) for row, records in candidates
    }
    visible_ids = {record.values[0] for record in record_by_number.values() if record}
    for row, records in candidates:
        if not row.differing_cells[heading] and row.id in visible_ids and len(records) == 1:
            record_by_number[row.number] = next(iter(records.values()))
    return {number: record for number, record in record_by_number.items() if record}


def _records_by_names(
    rows: Sequence[RegisterRow], layout: TableLayout
) -> Mapping[_Names, Mapping[str, RowRecord]]:
    """Return the records of the hidden cells, by names and ID; the first wins."""
    records: dict[_Names, dict[str, RowRecord]] = defaultdict(dict)
    for row in rows:
        if row.hidden_record and row.id:
            records[_shown_names(row, layout, {})].setdefault(row.id, row.hidden_record)
    return records


def _shown_names(
    row: RegisterRow, layout: TableLayout, differing_cells: Mapping[str, str]
) -> _Names:
    """Return the visible names of a register row, for comparison with records."""
    columns = zip(layout.program_columns[: layout.name_count + 1], row.record.values, strict=False)
    _, *names = (differing_cells.get(column.heading, str(value or "")) for column, value in columns)
    return tuple(names)
