"""Rows of the register: what the program wrote, and what staff changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from merge.excel.reader import Cell, SheetRow
from merge.register.cell_values import cell_text, cell_value, holds_value, links_to, stage_value
from merge.register.entries import StageValue
from merge.register.layouts import (
    NOTES_HEADING,
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
    """A row of the register; `record` is what the program wrote, if known."""

    number: int
    id: str
    """Empty if the program never wrote into the row."""
    record: RowRecord
    hidden_record: RowRecord | None
    """The record in the hidden cell.

    It is another one than `record` if the other cells were moved without it.
    """
    differing_cells: Mapping[str, str]
    """Texts of program cells that differ from the record, by heading."""
    typed_cells: Mapping[str, str]
    """Those of them that staff typed, as far as it is known."""
    stages: Mapping[str, StageValue]
    tracking: str = ""
    notes: str = ""
    has_staff_cells: bool = False
    """Whether staff wrote a tracking number, notes, or in their own column."""

    @property
    def is_misaligned(self) -> bool:
        """Whether the row's hidden cell does not belong to its visible cells."""
        return self.hidden_record is not None and self.hidden_record is not self.record


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the rows of a table of the register.

    `columns` are column numbers by heading. `merged_cells` are the cells that are visible in a row
    through merging, by row and column number.
    """

    layout: TableLayout
    columns: Mapping[str, int]
    merged_cells: Mapping[int, Mapping[int, Cell]]
    date1904: bool

    def read(self, row: SheetRow) -> RegisterRow:
        """Return a register row with its record, from the hidden cell if possible."""
        cells = self._cells(row)
        hidden_cell = cells.get(RECORD_COLUMN.heading)
        hidden_record = decode_record(str(hidden_cell.value), self.layout) if hidden_cell else None
        record = hidden_record or self._record_from_cells(cells)
        differing_cells = self._differing_cells(record, cells)
        stages = ((name, stage_value(cells.get(name), date1904=self.date1904)) for name in STAGES)
        tracking, notes = (
            cell_text(cells.get(heading), date1904=self.date1904)
            for heading in (TRACKING_HEADING, NOTES_HEADING)
        )
        own_columns = {*self.columns.values()}
        has_other_cells = any(
            cell.column not in own_columns and str(cell.value).strip() for cell in row.cells
        )
        return RegisterRow(
            number=row.number,
            id=_record_id(record),
            record=record,
            hidden_record=hidden_record,
            differing_cells=differing_cells,
            typed_cells=differing_cells if hidden_record else {},
            stages={stage: value for stage, value in stages if value is not None},
            tracking=tracking,
            notes=notes,
            has_staff_cells=bool(tracking or notes or has_other_cells),
        )

    def read_realigned(
        self, row: SheetRow, read_row: RegisterRow, record: RowRecord
    ) -> RegisterRow:
        """Return a row again, with a record that is not from its hidden cell.

        A cell with the value of the hidden cell's record was left in place, and was not typed. A
        link that no program has calculated yet may be such a cell.
        """
        differing_cells = self._differing_cells(record, self._cells(row))
        values = zip(
            self.layout.program_columns, read_row.record.values, record.values, strict=True
        )
        cells_left_in_place = {
            c.heading: str(old_value)
            for c, old_value, new_value in values
            if old_value != new_value
        }
        cells_left_in_place = {
            heading: text
            for heading, text in cells_left_in_place.items()
            if heading not in read_row.differing_cells
        }
        typed_cells = {
            heading: text
            for heading, text in differing_cells.items()
            if heading in read_row.differing_cells
        }
        return replace(
            read_row,
            id=_record_id(record),
            record=record,
            differing_cells={**differing_cells, **cells_left_in_place},
            typed_cells=typed_cells,
        )

    def _cells(self, row: SheetRow) -> Mapping[str, Cell]:
        merged = self.merged_cells.get(row.number, _NO_CELLS)
        cell_by_number = {**{cell.column: cell for cell in row.cells}, **merged}
        return {
            heading: cell_by_number[n] for heading, n in self.columns.items() if n in cell_by_number
        }

    def _record_from_cells(self, cells: Mapping[str, Cell]) -> RowRecord:
        columns = self.layout.program_columns
        values = (cell_value(cells.get(c.heading), c.kind, date1904=self.date1904) for c in columns)
        return RowRecord(tuple(values))

    def _differing_cells(self, record: RowRecord, cells: Mapping[str, Cell]) -> Mapping[str, str]:
        columns = zip(self.layout.program_columns, record.values, strict=True)
        pairs = ((c, cells.get(c.heading), value) for c, value in columns)
        return {
            column.heading: cell_text(cell, date1904=self.date1904)
            for column, cell, value in pairs
            if not _agrees_with_record(column, cell, value, date1904=self.date1904)
        }


def _record_id(record: RowRecord) -> str:
    row_id = str(record.values[0])
    return row_id if _ID.fullmatch(row_id) else ""


def _agrees_with_record(
    column: RegisterColumn, cell: Cell | None, value: WrittenValue, *, date1904: bool
) -> bool:
    if column.kind == "link":
        return links_to(cell, str(value or ""))
    return holds_value(cell, value, date1904=date1904)
