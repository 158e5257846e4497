"""Rows whose cells were moved without the hidden one: where ID and names agree, these win.

Staff copy the cells that they see to another place, sort them there and paste them back. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from merge.register.layout import Layout
from merge.register.lines import Line
from merge.register.memory import Record

_Names = tuple[str, ...]


def moved(lines: Sequence[Line], layout: Layout) -> dict[int, Record]:
    """What rows show, by their numbers, where ID and names are those of another row's hidden cell.

    A row whose ID was emptied as well is known by its names, where one record alone has them and
    the letter or person of its own hidden cell is seen in another row.
    """
    heading = layout.filled[0].heading
    doubtful = [line for line in lines if heading in line.odd]
    if not doubtful:
        return {}
    kept = _by_names(lines, layout)
    alike = [(line, kept.get(_names(line, layout, line.odd), {})) for line in doubtful]
    found = {line.number: records.get(line.odd[heading]) for line, records in alike}
    seen = {record.values[0] for record in found.values() if record}
    for line, records in alike:
        if not line.odd[heading] and line.id in seen and len(records) == 1:
            found[line.number] = next(iter(records.values()))
    return {number: record for number, record in found.items() if record}


def _by_names(lines: Sequence[Line], layout: Layout) -> Mapping[_Names, Mapping[str, Record]]:
    """What the hidden cells hold, by the names, then by the ID; of two alike the first."""
    found: dict[_Names, dict[str, Record]] = defaultdict(dict)
    for line in lines:
        if line.kept and line.id:
            found[_names(line, layout, {})].setdefault(line.id, line.kept)
    return found


def _names(line: Line, layout: Layout, odd: Mapping[str, str]) -> _Names:
    """The names in a row, given what of it differs from the record."""
    columns = zip(layout.filled[: layout.names + 1], line.record.values, strict=False)
    _, *names = (odd.get(column.heading, str(value or "")) for column, value in columns)
    return tuple(names)
