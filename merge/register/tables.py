"""A table of the register on its sheet, and the changes planned for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from merge.excel.reader import MergedRange
from merge.problems import Place, Problem
from merge.register.entries import RevertedEdit
from merge.register.layouts import RegisterColumn, TableLayout
from merge.register.records import RowRecord, WrittenValue
from merge.register.rows import RegisterRow


@dataclass(frozen=True)
class RegisterTable:
    """A table of the register; rows and columns are counted from 1.

    - `area` is None if the table consists of plain cells.
    - `last_row` is its last row that is not empty.
    - `obstacle_below` is the first cell or merged range below it and its totals, in its columns,
      that is not empty.
    - `free_columns` is the number of empty columns right of it.
    - `columns` are the columns of the layout that exist.
    """

    layout: TableLayout
    file: str
    sheet: str
    date1904: bool
    area: TableArea | None
    top: int
    left: int
    right: int
    last_row: int
    obstacle_below: MergedRange | None
    free_columns: int
    columns: Mapping[str, int]
    merged_ranges: tuple[MergedRange, ...]
    rows: tuple[RegisterRow, ...]

    def place(self, row: int = 0, heading: str = "") -> Place:
        """Return the place of a register row, a column or a cell, for messages."""
        return Place(self.file, self.sheet, self.columns.get(heading, 0), row)

    def is_merged_away(self, row: int, column: int) -> bool:
        """Return whether a cell is merged into another cell, so that it is empty."""
        return any(
            r.row <= row <= r.last_row
            and r.column <= column <= r.last_column
            and (row, column) != (r.row, r.column)
            for r in self.merged_ranges
        )


@dataclass(frozen=True, slots=True)
class TableArea:
    """The range of a table on its sheet, counted from 1, headings included.

    `totals_count` is the number of rows with totals at its end.
    """

    name: str
    sheet: str
    left: int
    top: int
    right: int
    bottom: int
    totals_count: int

    def has_column(self, column: int) -> bool:
        """Return whether a column belongs to the table."""
        return self.left <= column <= self.right


@dataclass(frozen=True, slots=True)
class RegisterCellChange:
    """A new value for a cell of an existing row of the register."""

    row: int
    column: RegisterColumn
    value: WrittenValue


@dataclass
class TablePlan:
    """Changes that must be written into one table of the register.

    `table` is None if the sheet must be created again. `new_rows` follow the last row.
    """

    layout: TableLayout
    table: RegisterTable | None
    restored_columns: list[RegisterColumn] = field(default_factory=list)
    """Program columns that staff deleted; they are restored on the right."""
    cell_changes: list[RegisterCellChange] = field(default_factory=list)
    emptied_rows: list[int] = field(default_factory=list)
    """Rows whose cells in staff's own columns are emptied as well."""
    new_rows: list[RowRecord] = field(default_factory=list)
    reverted_edits: list[RevertedEdit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the plan changes nothing in the table."""
        return self.table is not None and not (
            self.restored_columns or self.cell_changes or self.new_rows
        )
