"""A table of the register on its sheet, and the changes that are planned for it."""

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
    """A table on its sheet. Rows and columns are counted from 1.

    `area` is None where it is plain cells. `last` is its last row with anything in it, `below` what
    comes first, in its columns, that lies below it and its totals or reaches there: a cell with
    anything in it or merged cells; `free` is how many columns right of it are empty. `columns` are
    those of the layout that are there.
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
        """Return the place of a row, of a column, or of the cell where they meet."""
        return Place(self.file, self.sheet, self.columns.get(heading, 0), row)

    def is_merged_away(self, row: int, column: int) -> bool:
        """Return whether the cell is merged into another, and can hold nothing."""
        return any(
            r.row <= row <= r.last_row
            and r.column <= column <= r.last_column
            and (row, column) != (r.row, r.column)
            for r in self.merged_ranges
        )


@dataclass(frozen=True, slots=True)
class TableArea:
    """A table on its sheet, counted from 1: from its headings to its last row.

    `totals` is how many of its last rows hold totals.
    """

    name: str
    sheet: str
    left: int
    top: int
    right: int
    bottom: int
    totals_count: int

    def has_column(self, column: int) -> bool:
        """Return whether a column is the table's."""
        return self.left <= column <= self.right


@dataclass(frozen=True, slots=True)
class CellChange:
    """A value for a cell of a row that is there."""

    row: int
    column: RegisterColumn
    value: WrittenValue


@dataclass
class TablePlan:
    """The changes that are to be written into one table.

    `table` is None where the sheet is to be made anew; `new` are the rows that follow its last.
    """

    layout: TableLayout
    table: RegisterTable | None
    restored_columns: list[RegisterColumn] = field(default_factory=list)
    """The program's columns that staff deleted; they come back right of the others."""
    cell_changes: list[CellChange] = field(default_factory=list)
    emptied_rows: list[int] = field(default_factory=list)
    """Rows whose cells in columns of the staff's own become empty as well."""
    new_rows: list[RowRecord] = field(default_factory=list)
    reverted_edits: list[RevertedEdit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Everything is as it should be."""
        return self.table is not None and not (
            self.restored_columns or self.cell_changes or self.new_rows
        )
