"""A register that is there, brought up to date in place: what staff did in it stays."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from io import BytesIO

from openpyxl import Workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles import is_date_format
from openpyxl.worksheet.worksheet import Worksheet

from merge.excel.saving import find_boxes
from merge.register.dress import cell_at, dress, dress_heading, excel_table, prepare, put
from merge.register.found import Found
from merge.register.growing import grow, widen
from merge.register.layout import MEMORY, Layout
from merge.register.memory import Record, packed
from merge.register.planning import Plan

_NOBODY = "openpyxl"
"""Whom openpyxl takes for the author where the file names none."""


class _Reader(ExcelReader):
    """openpyxl's own, except for two things that it would lose.

    Numbers stay numbers, whatever their format: it would make a date of each that looks like one,
    and #VALUE! of 20261125 in such a cell. The boxes of comments keep their size.
    """

    def read_worksheets(self) -> None:
        self.wb._date_formats = set()  # type: ignore[attr-defined] # noqa: SLF001
        self.wb._timedelta_formats = set()  # type: ignore[attr-defined] # noqa: SLF001
        super().read_worksheets()
        for sheet in self.wb.worksheets:
            for link in sheet._rels:  # type: ignore[attr-defined] # noqa: SLF001
                if link.Type.endswith("/vmlDrawing"):
                    _size_boxes(sheet, self.archive.read(link.target))


def _size_boxes(sheet: Worksheet, drawing: bytes) -> None:
    for box in find_boxes(drawing):
        comment = sheet.cell(box.row, box.column).comment
        if comment:
            comment.width, comment.height = box.width, box.height


def load(data: bytes, sheets: Iterable[str]) -> Workbook:
    """The workbook as openpyxl carries it; any exception where it cannot, or misses a sheet."""
    reader = _Reader(BytesIO(data), rich_text=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it leaves out is told by merge.register.losses
        reader.read()
    if not set(sheets) <= set(reader.wb.sheetnames):
        raise ValueError("a sheet would be lost")
    if reader.wb.properties.creator == _NOBODY:
        reader.wb.properties.creator = None
    return reader.wb


def apply(book: Workbook, plans: Iterable[Plan]) -> None:
    """Write what is planned into the workbook."""
    for plan in plans:
        if plan.table is None:
            _make_sheet(book, plan)
        elif not plan.is_empty:
            _fill_in(book[plan.table.sheet], plan, plan.table)


def _make_sheet(book: Workbook, plan: Plan) -> None:
    """A sheet that staff deleted, anew."""
    layout = plan.layout
    sheet = book.create_sheet(layout.sheet)
    prepare(sheet, layout)
    for number, column in enumerate(layout.columns, 1):
        dress_heading(cell_at(sheet, 1, number), column)
    columns = {c.heading: number for number, c in enumerate(layout.columns, 1)}
    for number, record in enumerate(plan.new, 2):
        _write_row(sheet, number, layout, columns, record)
    sheet.add_table(excel_table(layout, len(plan.new) + 1))


def _fill_in(sheet: Worksheet, plan: Plan, table: Found) -> None:
    columns = {**table.columns, **widen(sheet, table, plan.back)}
    for change in plan.changes:
        cell = cell_at(sheet, change.row, columns[change.column.heading])
        lost_look = change.column.kind == "date" and not is_date_format(cell.number_format)
        if change.column in plan.back or lost_look:
            dress(cell, change.column)
        put(cell, change.column, change.value)
    if plan.new:
        grow(sheet, table, len(plan.new))
        for number, record in enumerate(plan.new, table.last + 1):
            _write_row(sheet, number, plan.layout, columns, record)


def _write_row(
    sheet: Worksheet, row: int, layout: Layout, columns: Mapping[str, int], record: Record
) -> None:
    """Fill the program's cells of a new row; a column that is not there is left out."""
    values = (*record.values, packed(record))
    for column, value in zip((*layout.filled, MEMORY), values, strict=True):
        if column.heading in columns and value not in {None, ""}:
            cell = cell_at(sheet, row, columns[column.heading])
            dress(cell, column)
            put(cell, column, value)
