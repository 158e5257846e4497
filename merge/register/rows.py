"""A row of one of the register's tables: what the program wrote there, and what staff did to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from merge.excel.reader import Cell, Row
from merge.register.cell_values import holds_value, links_to, stage_of, text_of, value_of
from merge.register.entries import StageValue
from merge.register.layouts import (
    RECORD_COLUMN,
    STAGES,
    TRACKING_HEADING,
    RegisterColumn,
    TableLayout,
)
from merge.register.records import RowRecord, WrittenValue, decode_record

_ID = re.compile("[0-9a-f]{16}")
_NO_CELLS: Mapping[int, Cell] = {}


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A row. `record` is what the program wrote there, as far as it is known."""

    number: int
    id: str
    """Empty where the program never wrote into the row."""
    record: RowRecord
    hidden_record: RowRecord | None
    """What the hidden cell holds: another record where the others were moved without it."""
    differing_cells: Mapping[str, str]
    """What those of the program's cells show, by heading, that do not hold the record's value."""
    typed_cells: Mapping[str, str]
    """Those of them that staff typed, as far as it is known."""
    stages: Mapping[str, StageValue]
    tracking: str = ""

    @property
    def is_misaligned(self) -> bool:
        """Whether the hidden cell is not the one that belongs to the cells that are seen."""
        return self.hidden_record is not None and self.hidden_record is not self.record


@dataclass(frozen=True, slots=True)
class RowReader:
    """What the rows of a table are read by: the numbers of the columns that are there, by heading.

    `shown` is what stands in a row by merged cells, by the row's number and the column's.
    """

    layout: TableLayout
    columns: Mapping[str, int]
    merged_cells: Mapping[int, Mapping[int, Cell]]
    date1904: bool

    def read(self, row: Row) -> RegisterRow:
        """Return a row, known by its hidden cell, by the others where that holds nothing."""
        cells = self._cells(row)
        memory = cells.get(RECORD_COLUMN.heading)
        kept = decode_record(str(memory.value), self.layout) if memory else None
        record = kept or self._record_from_cells(cells)
        odd = self._differing_cells(record, cells)
        stages = ((s, stage_of(cells.get(s), date1904=self.date1904)) for s in STAGES)
        return RegisterRow(
            number=row.number,
            id=_record_id(record),
            record=record,
            hidden_record=kept,
            differing_cells=odd,
            typed_cells=odd if kept else {},
            stages={stage: value for stage, value in stages if value is not None},
            tracking=text_of(cells.get(TRACKING_HEADING), date1904=self.date1904),
        )

    def read_realigned(self, row: Row, line: RegisterRow, record: RowRecord) -> RegisterRow:
        """Return the row of a line again, known by a record that is not the one of its hidden cell.

        A cell that holds what the hidden one says was left where it was; nobody typed it. A link
        that no program has worked out yet may be such a cell.
        """
        odd = self._differing_cells(record, self._cells(row))
        values = zip(self.layout.program_columns, line.record.values, record.values, strict=True)
        left = {c.heading: str(own) for c, own, new in values if own != new}
        left = {
            heading: text for heading, text in left.items() if heading not in line.differing_cells
        }
        typed = {heading: text for heading, text in odd.items() if heading in line.differing_cells}
        return replace(
            line,
            id=_record_id(record),
            record=record,
            differing_cells={**odd, **left},
            typed_cells=typed,
        )

    def _cells(self, row: Row) -> Mapping[str, Cell]:
        merged = self.merged_cells.get(row.number, _NO_CELLS)
        there = {**{cell.column: cell for cell in row.cells}, **merged}
        return {heading: there[n] for heading, n in self.columns.items() if n in there}

    def _record_from_cells(self, cells: Mapping[str, Cell]) -> RowRecord:
        columns = self.layout.program_columns
        values = (value_of(cells.get(c.heading), c.kind, date1904=self.date1904) for c in columns)
        return RowRecord(tuple(values))

    def _differing_cells(self, record: RowRecord, cells: Mapping[str, Cell]) -> Mapping[str, str]:
        columns = zip(self.layout.program_columns, record.values, strict=True)
        pairs = ((c, cells.get(c.heading), value) for c, value in columns)
        return {
            column.heading: text_of(cell, date1904=self.date1904)
            for column, cell, value in pairs
            if not _agrees_with_record(column, cell, value, date1904=self.date1904)
        }


def _record_id(record: RowRecord) -> str:
    own = str(record.values[0])
    return own if _ID.fullmatch(own) else ""


def _agrees_with_record(
    column: RegisterColumn, cell: Cell | None, value: WrittenValue, *, date1904: bool
) -> bool:
    if column.kind == "link":
        return links_to(cell, str(value or ""))
    return holds_value(cell, value, date1904=date1904)
