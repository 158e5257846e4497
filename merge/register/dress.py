"""How the register looks and what a cell gets: values, formats, colours, checks, printing."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache, partial
from typing import cast

from openpyxl.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.header_footer import (
    HeaderFooter,
    HeaderFooterItem,
    _HeaderFooterPart,
)
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from merge.register.layout import LETTERS, Column, Layout
from merge.register.memory import Value
from merge.register.records import UNWANTED

_LAST_ROW = 1_048_576
_COLOURS = {"Printed": "FFF2CC", "Signed": "DDEBF7", "Posted": "E2EFDA", "Answered": "C6E0B4"}
_OURS, _STAFFS = "E7E6E6", "FFE699"
"""The headings of the program's columns, and of those that staff fill in."""

_FONT = partial(Font, name="Calibri", sz=11, family=2, scheme="minor")
"""Excel's usual font; a font without a name looks different in every program."""

_LINK = _FONT(color="0563C1", underline="single")
_FAINT = _FONT(color="808080")

LIVE = re.compile(r"[=+\-@#]")
"""How texts begin that Excel would take for a formula or an error when somebody types them."""

_NO_LINK = re.compile(r"[%#\[\]]")
"""What means something else in a link: an escape, a place in the file, another workbook."""

_LONGEST_LINK = 255
"""Characters of a text in a formula, and of a link (Excel's specifications and limits)."""


def put(cell: Cell, column: Column, value: Value) -> None:
    """Give a cell a value. A text is never a live formula, a path becomes a link."""
    if column.kind == "link" and value:
        cell.value = link_formula(str(value))
    elif isinstance(value, str):
        cell.value = value
        cell.data_type = "s"
        if LIVE.match(value):
            cell.quotePrefix = True
    else:
        cell.value = _serial(value, cell.base_date) if isinstance(value, dt.date) else value


_serial = lru_cache(to_excel)
"""A day as Excel's number: the cell's format shows it as a date."""


def dress(cell: Cell, column: Column) -> None:
    """Give a cell of the program's the look of its column."""
    cell.number_format = column.format
    if column.kind == "link":
        cell.font = _LINK
    elif column.kind == "id":
        cell.font = _FAINT


def link_formula(path: str) -> str:
    """A formula that opens a file, given its path from the workbook's folder.

    The path alone where it is too long for one.
    """
    target = _NO_LINK.sub(lambda found: f"%{ord(found[0]):02X}", path)
    if len(target) > _LONGEST_LINK:
        return path
    shown = "" if target == path else f',"{_quoted(path)}"'
    return f'=HYPERLINK("{_quoted(target)}"{shown})'


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """A cell to be filled; none that is merged into another is ever asked for."""
    return cast("Cell", sheet.cell(row, column))


def dress_heading(cell: Cell, column: Column) -> None:
    """Give a heading its words and its look; grey where the column is the program's."""
    cell.value = column.heading
    cell.font = _FONT(bold=True)
    colour = _STAFFS if column.kind in {"stage", "staff"} else _OURS
    cell.fill = PatternFill("solid", fgColor=colour)
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def prepare(sheet: Worksheet, layout: Layout) -> None:
    """Set up an empty sheet: columns, colours, checks, frozen headings, printing."""
    for number, column in enumerate(layout.columns, 1):
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width, dimension.hidden = column.width, column.hidden
        dimension.number_format = column.format
        if column.kind == "stage":
            _check(sheet, layout, number)
            _colour(sheet, number, column)
    if layout is LETTERS:
        _fade_unwanted(sheet, layout)
    sheet.freeze_panes = "D2"
    _set_up_printing(sheet)


def _below(number: int, last: int = 0) -> str:
    """All cells of a column, or of several, below the headings."""
    return f"{get_column_letter(number)}2:{get_column_letter(last or number)}{_LAST_ROW}"


def _check(sheet: Worksheet, layout: Layout, number: int) -> None:
    """Ask whether something is meant that is no date; it may be."""
    check = DataValidation(
        "date",
        operator="greaterThan",
        formula1="36526",  # 1 January 2000
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="warning",
        errorTitle="No date",
        error="A date usually stands here. Anything else counts all the same.",
        sqref=_below(number),
    )
    if layout is not LETTERS:
        check.showInputMessage = True
        check.promptTitle = "The whole pile"
        check.prompt = "A date here counts for every letter of this row made until that day."
    sheet.data_validations.append(check)


def _colour(sheet: Worksheet, number: int, column: Column) -> None:
    filled = f"LEN({get_column_letter(number)}2)>0"
    look = DifferentialStyle(fill=PatternFill("solid", bgColor=_COLOURS[column.heading]))
    rule = Rule("expression", formula=[filled], dxf=look)
    sheet.conditional_formatting.add(_below(number), rule)


def _fade_unwanted(sheet: Worksheet, layout: Layout) -> None:
    state = next(n for n, c in enumerate(layout.columns, 1) if c.heading == "State")
    unwanted = f'${get_column_letter(state)}2="{UNWANTED}"'
    look = DifferentialStyle(font=Font(color="808080", italic=True))
    rule = Rule("expression", formula=[unwanted], dxf=look)
    sheet.conditional_formatting.add(_below(1, len(layout.filled)), rule)


def _set_up_printing(sheet: Worksheet) -> None:
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.75)
    sheet.print_title_rows = "1:1"
    footer = HeaderFooterItem(center=_HeaderFooterPart("&A, page &P of &N"))
    sheet.HeaderFooter = HeaderFooter(oddFooter=footer)


def excel_table(layout: Layout, last: int) -> Table:
    """The Excel table of a sheet that was just made, down to a row."""
    right = get_column_letter(len(layout.columns))
    ref = f"A1:{right}{max(last, 2)}"
    columns = [TableColumn(id=n, name=c.heading) for n, c in enumerate(layout.columns, 1)]
    table = Table(displayName=layout.table, ref=ref, tableColumns=columns)
    table.autoFilter = AutoFilter(ref=ref)
    table.tableStyleInfo = TableStyleInfo("TableStyleLight1", showRowStripes=True)
    return table
