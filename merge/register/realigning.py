"""Rows whose cells were moved without the hidden one: if ID and names agree, the cells count.

Staff copy the cells that they see to another place, sort them there and paste them back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from merge.register.layouts import TableLayout
from merge.register.records import RowRecord
from merge.register.rows import RegisterRow

_Names = tuple[str, ...]


def realigned_records(lines: Sequence[RegisterRow], layout: TableLayout) -> dict[int, RowRecord]:
    """Return what rows show, by number, where ID and names are those of another's hidden cell.

    A row whose ID was emptied as well is known by its names, where one record alone has them and
    the letter or person of its own hidden cell is seen in another row.
    """
    heading = layout.program_columns[0].heading
    doubtful = [line for line in lines if heading in line.differing_cells]
    if not doubtful:
        return {}
    kept = _records_by_names(lines, layout)
    alike = [
        (line, kept.get(_shown_names(line, layout, line.differing_cells), {})) for line in doubtful
    ]
    found = {line.number: records.get(line.differing_cells[heading]) for line, records in alike}
    seen = {record.values[0] for record in found.values() if record}
    for line, records in alike:
        if not line.differing_cells[heading] and line.id in seen and len(records) == 1:
            found[line.number] = next(iter(records.values()))
    return {number: record for number, record in found.items() if record}


def _records_by_names(
    lines: Sequence[RegisterRow], layout: TableLayout
) -> Mapping[_Names, Mapping[str, RowRecord]]:
    """Return what the hidden cells hold, by the names, then by the ID; of two alike the first."""
    found: dict[_Names, dict[str, RowRecord]] = defaultdict(dict)
    for line in lines:
        if line.hidden_record and line.id:
            found[_shown_names(line, layout, {})].setdefault(line.id, line.hidden_record)
    return found


def _shown_names(line: RegisterRow, layout: TableLayout, odd: Mapping[str, str]) -> _Names:
    """Return the names in a row, given what of it differs from the record."""
    columns = zip(layout.program_columns[: layout.name_count + 1], line.record.values, strict=False)
    _, *names = (odd.get(column.heading, str(value or "")) for column, value in columns)
    return tuple(names)
