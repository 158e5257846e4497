"""A row of one of the register's tables: what the program wrote there, and what staff did to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from merge.register.cell import holds, links, stage_of, text_of, value_of
from merge.register.layout import MEMORY, STAGES, Column, Layout
from merge.register.memory import Record, Value, unpacked
from merge.register.records import Stage
from merge.sheet import Cell, Row

_ID = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Line:
    """A row. `record` is what the program wrote there, as far as it is known."""

    number: int
    id: str
    """Empty where the program never wrote into the row."""
    record: Record
    remembered: bool
    """Whether the record is the program's own, not what the cells show now."""
    odd: Mapping[str, str]
    """What those of the program's cells show, by heading, that do not hold the record's value."""
    stages: Mapping[str, Stage]


def read_line(
    row: Row,
    layout: Layout,
    columns: Mapping[str, int],
    shown: Mapping[int, Cell],
    *,
    date1904: bool,
) -> Line:
    """A row, given the numbers of the columns that are there.

    `shown` is what stands in it by merged cells, by column.
    """
    there = {**{cell.column: cell for cell in row.cells}, **shown}
    cells = {heading: there[n] for heading, n in columns.items() if n in there}
    memory = cells.get(MEMORY.heading)
    known = unpacked(str(memory.value), layout) if memory else None
    record = known or Record(
        tuple(value_of(cells.get(c.heading), c.kind, date1904=date1904) for c in layout.filled)
    )
    stages = ((s, stage_of(cells.get(s), date1904=date1904)) for s in STAGES)
    own = str(record.values[0])
    return Line(
        number=row.number,
        id=own if _ID.fullmatch(own) else "",
        record=record,
        remembered=known is not None,
        odd=_odd(layout, record, cells, date1904=date1904),
        stages={stage: value for stage, value in stages if value is not None},
    )


def _odd(
    layout: Layout, record: Record, cells: Mapping[str, Cell], *, date1904: bool
) -> Mapping[str, str]:
    columns = zip(layout.filled, record.values, strict=True)
    pairs = ((c, cells.get(c.heading), value) for c, value in columns)
    return {
        column.heading: text_of(cell, date1904=date1904)
        for column, cell, value in pairs
        if not _holds(column, cell, value, date1904=date1904)
    }


def _holds(column: Column, cell: Cell | None, value: Value, *, date1904: bool) -> bool:
    if column.kind == "link":
        return links(cell, str(value or ""))
    return holds(cell, value, date1904=date1904)
