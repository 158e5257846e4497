"""Rows of the register: what the program wrote, and what staff changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from merge.excel.reader import Cell, SheetRow
from merge.register.cell_values import cell_text, cell_value, holds_value, links_to, stage_value
from merge.register.entries import KnownCells, StageValue
from merge.register.layouts import (
    NOTES_HEADING,
    RECORD_COLUMN,
    STAGES,
    TRACKING_HEADING,
    RegisterColumn,
    TableLayout,
)
from merge.register.records import RowRecord, WrittenValue, decode_record, shortened_name

_ID = re.compile("[0-9a-f]{16}")
_NO_CELLS: Mapping[int, Cell] = {}


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A row of the register."""

    number: int
    id: str
    """Empty if the program never wrote into the row."""
    record: RowRecord
    """The values that the program wrote, or those of the cells if unknown."""
    has_record: bool
    is_moved: bool
    """Whether the row's cells were moved without its hidden cell."""
    differing_cells: Mapping[str, str]
    """Texts of program cells that differ from the record, by heading."""
    stages: Mapping[str, StageValue]
    """Only the stages that are not blank."""
    tracking: str = ""
    notes: str = ""
    has_staff_cells: bool = False
    """Whether staff wrote a tracking number, notes, or in their own column."""

    @property
    def known(self) -> KnownCells | None:
        """The cells of staff as the program knew them, if it wrote the row."""
        return self.record.known if self.has_record else None


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

    def read(self, row: SheetRow, moved_record: RowRecord | None = None) -> RegisterRow:
        """Return a register row with its record, from the hidden cell if possible.

        `moved_record` is the record of another row, whose cells were moved into this one.
        """
        cells = self._cells(row)
        hidden_cell = cells.get(RECORD_COLUMN.heading)
        hidden_text = str(hidden_cell.value) if hidden_cell else ""
        known_record = moved_record or decode_record(hidden_text, self.layout)
        record = known_record or self._record_from_cells(cells)
        stages = ((name, stage_value(cells.get(name), date1904=self.date1904)) for name in STAGES)
        tracking, notes = (
            cell_text(cells.get(heading), date1904=self.date1904)
            for heading in (TRACKING_HEADING, NOTES_HEADING)
        )
        if TRACKING_HEADING not in self.columns:  # staff deleted the column, not the numbers
            tracking = record.known.tracking
        own_columns = {*self.columns.values()}
        has_other_cells = any(
            cell.column not in own_columns and str(cell.value).strip() for cell in row.cells
        )
        return RegisterRow(
            number=row.number,
            id=_record_id(record),
            record=record,
            has_record=known_record is not None,
            is_moved=moved_record is not None,
            differing_cells=self._differing_cells(record, cells),
            stages={stage: _tidied(value) for stage, value in stages if value is not None},
            tracking=shortened_name(tracking),
            notes=notes,
            has_staff_cells=bool(tracking or notes or has_other_cells),
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


def _tidied(value: StageValue) -> StageValue:
    """Return a stage as it can be recorded: a long text is cut."""
    return shortened_name(value) if isinstance(value, str) else value


def _record_id(record: RowRecord) -> str:
    row_id = str(record.values[0])
    return row_id if _ID.fullmatch(row_id) else ""


def _agrees_with_record(
    column: RegisterColumn, cell: Cell | None, value: WrittenValue, *, date1904: bool
) -> bool:
    if column.kind == "link":
        return links_to(cell, str(value or ""))
    return holds_value(cell, value, date1904=date1904)
