"""Creating and rewriting the register's file with openpyxl."""

from __future__ import annotations

import datetime as dt
import secrets
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side, is_date_format
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.header_footer import HeaderFooter, HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from merge.excel.patching import cell_markup
from merge.excel.reader import MAX_OWN_PART_BYTES, MAX_ROWS
from merge.excel.rewriting import (
    extend_ranges,
    extend_table,
    load_for_update,
    open_sheet_rows,
    open_zip,
    write_other_parts,
)
from merge.excel.round_trip import openpyxl_errors, register_too_long_error
from merge.excel.saving import FORMULA_START, draft_beside, move_into_place
from merge.register.entries import NO_LONGER_NEEDED, RegisterEntry
from merge.register.hyperlinks import cell_value_to_write, link_formula
from merge.register.layouts import (
    LETTERS_LAYOUT,
    MAX_LETTERS,
    RECIPIENTS_LAYOUT,
    RECORD_COLUMN,
    SIGNERS_LAYOUT,
    RegisterColumn,
    TableLayout,
)
from merge.register.records import (
    LettersPerPerson,
    RowRecord,
    WrittenValue,
    cells_of_staff,
    encode_record,
    letter_record,
)
from merge.register.tables import RegisterTable, TableArea, TablePlan


def create_register(path: Path, entries: Iterable[RegisterEntry]) -> None:
    """Create the register's file, with a row for each letter and person.

    Raise FaultError if this fails, or another file has its name by now.
    """
    with draft_beside(path, lambda out: write_register(entries, out)) as draft:
        _check_size(draft)
        move_into_place(draft, path, None)


def _check_size(draft: Path) -> None:
    """Raise FaultError if the sheets are too large for the next run to read."""
    with zipfile.ZipFile(draft) as archive:
        if any(part.file_size > MAX_OWN_PART_BYTES for part in archive.infolist()):
            raise register_too_long_error()


def update_with_openpyxl(
    data: bytes, sheets: Iterable[str], plans: Sequence[TablePlan], out: BinaryIO
) -> None:
    """Write a register's bytes with the planned changes.

    `sheets` must be in it. Raise FaultError if openpyxl cannot preserve its contents.
    """
    with openpyxl_errors():
        book = load_for_update(data, sheets)
    apply_plans(book, plans)
    with openpyxl_errors(), open_zip(out) as archive:
        write_other_parts(book, archive)


# A new register: rows are written one by one, and only people's names are kept in memory.


def write_register(entries: Iterable[RegisterEntry], out: BinaryIO) -> None:
    """Write a complete register, with a row per letter, into a stream.

    Raise OSError if the disk is full, FaultError if there are too many letters.
    """
    book = Workbook(write_only=True)
    book.properties.creator = None
    people_by_side = LettersPerPerson(), LettersPerPerson()
    with open_zip(out) as archive:
        _write_sheet(book, archive, LETTERS_LAYOUT, _letter_records(entries, *people_by_side))
        for layout, counts in zip((SIGNERS_LAYOUT, RECIPIENTS_LAYOUT), people_by_side, strict=True):
            records = (record.with_token(secrets.token_hex(4)) for record in counts.records())
            _write_sheet(book, archive, layout, records)
        write_other_parts(book, archive)


def _letter_records(
    entries: Iterable[RegisterEntry], signers: LettersPerPerson, recipients: LettersPerPerson
) -> Iterator[RowRecord]:
    """Yield the records of letters' rows, and count the letters per person."""
    for number, entry in enumerate(entries, 2):
        if number > MAX_ROWS:
            raise register_too_long_error()
        record = letter_record(entry).with_token(secrets.token_hex(4))
        signers.add(record.person_ids[0], entry.signer, entry)
        recipients.add(record.person_ids[1], entry.recipient, entry)
        yield record


def _write_sheet(
    book: Workbook, archive: zipfile.ZipFile, layout: TableLayout, records: Iterable[RowRecord]
) -> None:
    # openpyxl's write-only sheet has everything of a Worksheet that is used here
    sheet = cast("Worksheet", book.create_sheet(layout.sheet))
    set_up_sheet(sheet, layout)
    rows, number = _RowMarkup(sheet, layout), 1
    with open_sheet_rows(archive, sheet, len(book.worksheets), rows.headings()) as out:
        for number, record in enumerate(records, 2):
            out.write(rows.row_markup(record, number).encode())
        _add_table(sheet, layout, number)


def _add_table(sheet: Worksheet, layout: TableLayout, last: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning that columns need names; they have names
        sheet.add_table(excel_table(layout, last))
    if layout.is_wide:
        first_stage = next(n for n, c in enumerate(layout.columns, 1) if c.kind == "stage")
        start, end = map(get_column_letter, (first_stage, len(layout.columns)))
        sheet.print_area = f"{start}1:{end}{max(last, 2)}"


class _RowMarkup:
    """Writes rows as XML, because one cell object per cell would be slow."""

    def __init__(self, sheet: Worksheet, layout: TableLayout) -> None:
        self._sheet, self._layout = sheet, layout
        self._columns = [
            (c, get_column_letter(n), self._style(c), self._style(c, is_quoted=True))
            for n, c in enumerate(layout.columns, 1)
        ]

    def _style(self, column: RegisterColumn, *, is_quoted: bool = False) -> str:
        """Return the XML attributes of a cell, without its cell reference.

        A quoted text is never a formula.
        """
        cell = WriteOnlyCell(self._sheet)
        format_cell(cell, column)
        if is_quoted:
            cell.quotePrefix = True
        return f' s="{cell.style_id}"' if cell.has_style else ""

    def headings(self) -> Iterator[Cell]:
        """Yield the cells of the heading row."""
        for number, column in enumerate(self._layout.columns, 1):
            cell = Cell(self._sheet, row=1, column=number)
            format_heading(cell, column)
            yield cell

    def row_markup(self, record: RowRecord, row: int) -> str:
        """Return the XML of a register row, with its cells from left to right."""
        values, markups = _row_values(self._layout, record), []
        for column, letter, style, quoted in self._columns:
            value = values.get(column.heading)
            if value is not None and value != "":
                is_formula_like = isinstance(value, str) and FORMULA_START.match(value)
                attributes = quoted if is_formula_like else style
                markups.append(
                    cell_markup(
                        f'r="{letter}{row}"{attributes}', cell_value_to_write(column, value)
                    )
                )
        return f'<row r="{row}">{"".join(markups)}</row>'


def _row_values(layout: TableLayout, record: RowRecord) -> dict[str, WrittenValue]:
    """Return the values of a register row's cells, by heading."""
    headings = (column.heading for column in layout.program_columns)
    values = dict(zip(headings, record.values, strict=True))
    return {
        **values,
        **cells_of_staff(record.known),
        RECORD_COLUMN.heading: encode_record(record),
    }


# An existing register, updated in place: changes by staff are kept.


def apply_plans(book: Workbook, plans: Iterable[TablePlan]) -> None:
    """Write the planned changes into the workbook."""
    for plan in plans:
        if plan.table is None:
            _restore_sheet(book, plan)
        elif not plan.is_empty:
            _update_sheet(book[plan.table.sheet], plan, plan.table)


def _restore_sheet(book: Workbook, plan: TablePlan) -> None:
    """Create a sheet again that staff deleted."""
    layout = plan.layout
    sheet = book.create_sheet(layout.sheet)
    set_up_sheet(sheet, layout)
    for number, column in enumerate(layout.columns, 1):
        format_heading(cell_at(sheet, 1, number), column)
    columns = {c.heading: number for number, c in enumerate(layout.columns, 1)}
    for number, record in enumerate(plan.new_rows, 2):
        _write_row(sheet, number, layout, columns, record)
    _add_table(sheet, layout, len(plan.new_rows) + 1)


def _update_sheet(sheet: Worksheet, plan: TablePlan, table: RegisterTable) -> None:
    columns = {**table.columns, **add_columns(sheet, table, plan.restored_columns)}
    for change in plan.cell_changes:
        cell = cell_at(sheet, change.row, columns[change.column.heading])
        is_day = isinstance(change.value, dt.date)
        has_lost_format = is_day and not is_date_format(cell.number_format)
        is_new = change.value is not None and not cell.has_style
        if change.column in plan.restored_columns or has_lost_format or is_new:
            format_cell(cell, change.column)
        set_value(cell, change.column, change.value)
    staff_columns = _staff_columns(sheet, table) if plan.emptied_rows else ()
    for row in plan.emptied_rows:
        for number in staff_columns:
            if not table.is_merged_away(row, number):
                cell_at(sheet, row, number).value = None
    if plan.new_rows:
        add_rows(sheet, table, len(plan.new_rows))
        for number, record in enumerate(plan.new_rows, table.last_row + 1):
            _write_row(sheet, number, plan.layout, columns, record)


def _staff_columns(sheet: Worksheet, table: RegisterTable) -> tuple[int, ...]:
    """Return the columns with headings that are not the program's."""
    program_columns = set(table.columns.values())
    headings = ((n, sheet.cell(table.top, n).value) for n in range(1, sheet.max_column + 1))
    return tuple(
        number
        for number, heading in headings
        if heading is not None and number not in program_columns
    )


def _write_row(
    sheet: Worksheet, row: int, layout: TableLayout, columns: Mapping[str, int], record: RowRecord
) -> None:
    """Fill the cells of a new row, in the columns that exist."""
    values = _row_values(layout, record)
    for column in layout.columns:
        value = values.get(column.heading)
        if column.heading in columns and value not in {None, ""}:
            cell = cell_at(sheet, row, columns[column.heading])
            format_cell(cell, column)
            set_value(cell, column, value)


# Longer and wider tables: filters, checks and formats of staff are extended as well.


def add_columns(
    sheet: Worksheet, register_table: RegisterTable, columns: Sequence[RegisterColumn]
) -> dict[str, int]:
    """Add columns right of a register table; return their numbers by heading."""
    numbers = {c.heading: number for number, c in enumerate(columns, register_table.right + 1)}
    excel_table = _excel_table_of(sheet, register_table)
    for column in columns:
        number = numbers[column.heading]
        format_heading(cell_at(sheet, register_table.top, number), column)
        if not _is_grouped(sheet, number):
            dimension = sheet.column_dimensions[get_column_letter(number)]
            dimension.width, dimension.hidden = column.width, column.hidden
        if excel_table:
            last_id = max(int(c.id or 0) for c in excel_table.tableColumns)
            excel_table.tableColumns.append(TableColumn(id=last_id + 1, name=column.heading))
    if excel_table and columns:
        extend_table(excel_table, right=len(columns))
    return numbers


def _is_grouped(sheet: Worksheet, number: int) -> bool:
    """Return whether the sheet has a common format for this and more columns."""
    dimensions = sheet.column_dimensions.values()
    groups = ((d.min, d.max) for d in dimensions if d.min and d.max and d.max > d.min)
    return any(first <= number <= last for first, last in groups)


def add_rows(sheet: Worksheet, register_table: RegisterTable, rows: int) -> None:
    """Make room for new rows below the last used row of a register table.

    Filters, checks and colours that reach the table's end are extended to its new end. A row of
    totals moves down. Number formats and formulas of staff's columns continue.
    """
    area, excel_table = register_table.area, _excel_table_of(sheet, register_table)
    bottom = area.bottom - area.totals_count if area else register_table.last_row
    added_rows = register_table.last_row + rows - bottom
    if added_rows > 0:
        extend_ranges(sheet, (register_table.top, register_table.right, bottom), added_rows)
        if area and excel_table:
            _move_totals_down(sheet, area, added_rows)
            extend_table(excel_table, down=added_rows)
    if excel_table:
        excel_table.insertRow = None  # the empty row that Excel shows in a table without data
    new_rows = range(register_table.last_row + 1, register_table.last_row + rows + 1)
    _continue_formats(sheet, register_table, new_rows)
    for number, formula in _formulas(excel_table, register_table):
        for row in new_rows:
            sheet.cell(row, number, formula)


def _move_totals_down(sheet: Worksheet, area: TableArea, added_rows: int) -> None:
    if area.totals_count:
        first = area.bottom - area.totals_count + 1
        totals = CellRange(
            min_col=area.left, min_row=first, max_col=area.right, max_row=area.bottom
        )
        sheet.move_range(totals, rows=added_rows)


def _continue_formats(sheet: Worksheet, register_table: RegisterTable, new_rows: range) -> None:
    """Give new cells in staff's columns the number formats of the last row."""
    program_columns = {
        register_table.columns.get(c.heading)
        for c in (*register_table.layout.program_columns, RECORD_COLUMN)
    }
    for number in set(range(register_table.left, register_table.right + 1)) - program_columns:
        format_above = sheet.cell(register_table.last_row, number).number_format
        for row in (
            new_rows
            if format_above != "General" and register_table.last_row > register_table.top
            else ()
        ):
            sheet.cell(row, number).number_format = format_above


def _formulas(
    excel_table: Table | None, register_table: RegisterTable
) -> Iterator[tuple[int, str]]:
    """Yield the columns that Excel fills with a formula, by number (18.5.1.1)."""
    for number, column in enumerate(
        excel_table.tableColumns if excel_table else (), register_table.left
    ):
        formula = column.calculatedColumnFormula
        if formula and formula.attr_text and not formula.array:
            yield number, f"={formula.attr_text}"


def _excel_table_of(sheet: Worksheet, register_table: RegisterTable) -> Table | None:
    if not register_table.area:
        return None
    tables: Iterable[Table] = sheet.tables.values()
    return next(t for t in tables if t.displayName == register_table.area.name)


# The look of the register: values, formats, colours, checks, printing.


_LAST_ROW = MAX_LETTERS + 1
_STAGE_COLOURS = {"Printed": "FFF2CC", "Signed": "DDEBF7", "Posted": "E2EFDA", "Answered": "C6E0B4"}
_PROGRAM_FILL, _STAFF_FILL = "E7E6E6", "FFE699"
"""Colours of the headings of program columns and of staff columns."""

_FONT = partial(Font, name="Calibri", sz=11, family=2, scheme="minor")
"""Excel's usual font; a font without a name looks different everywhere."""

_LINK_FONT = _FONT(color="0563C1", underline="single")
_ID_FONT = _FONT(color="808080")
_TOP, _WRAPPED = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
_LEFT_BORDER = Border(left=Side("hair"))
"""The border before the columns of staff.

LibreOffice does not print pages that contain only repeated columns.
"""


def set_value(cell: Cell, column: RegisterColumn, value: WrittenValue) -> None:
    """Set a cell's value: a text is never a formula, a path becomes a link."""
    if column.kind == "link" and value:
        cell.value = link_formula(str(value))
    elif isinstance(value, str):
        cell.value = value
        cell.data_type = "s"
        if FORMULA_START.match(value):
            cell.quotePrefix = True
    else:
        cell.value = _excel_serial(value, cell.base_date) if isinstance(value, dt.date) else value


_excel_serial = lru_cache(to_excel)
"""Excel's number of a day; the cell's format shows it as a date."""


def format_cell(cell: Cell, column: RegisterColumn) -> None:
    """Format a cell as its register column requires."""
    cell.number_format = column.format
    cell.alignment = _WRAPPED if column.wraps else _TOP
    if column.kind == "link":
        cell.font = _LINK_FONT
    elif column.kind == "id":
        cell.font = _ID_FONT


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """Return a cell to fill, which must not be merged into another cell."""
    return cast("Cell", sheet.cell(row, column))


def format_heading(cell: Cell, column: RegisterColumn) -> None:
    """Write and format a heading; grey if the column is the program's."""
    cell.value = column.heading
    cell.font = _FONT(bold=True)
    colour = _STAFF_FILL if column.kind in {"stage", "staff"} else _PROGRAM_FILL
    cell.fill = PatternFill("solid", fgColor=colour)
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def set_up_sheet(sheet: Worksheet, layout: TableLayout) -> None:
    """Set up an empty sheet: columns, colours, checks, headings, printing."""
    for number, column in enumerate(layout.columns, 1):
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width, dimension.hidden = column.width, column.hidden
        dimension.number_format, dimension.alignment = column.format, _TOP
        if column.kind == "stage":
            _add_date_check(sheet, layout, number)
            _add_stage_colour(sheet, number, column)
    if layout is LETTERS_LAYOUT:
        _fade_unneeded(sheet, layout)
    sheet.freeze_panes = "D2"
    _set_up_printing(sheet)
    if layout.is_wide:
        first_stage = next(n for n, c in enumerate(layout.columns, 1) if c.kind == "stage")
        sheet.column_dimensions[get_column_letter(first_stage)].border = _LEFT_BORDER
        sheet.print_title_cols = f"A:{get_column_letter(layout.name_count + 1)}"


def _cells_below_headings(number: int, last: int = 0) -> str:
    """Return the range of all cells below the headings in these columns."""
    return f"{get_column_letter(number)}2:{get_column_letter(last or number)}{_LAST_ROW}"


def _add_date_check(sheet: Worksheet, layout: TableLayout, number: int) -> None:
    """Make Excel ask if a typed value is not a date, and allow it after that."""
    check = DataValidation(
        "date",
        operator="greaterThan",
        formula1="36526",  # 1 January 2000
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="warning",
        errorTitle="Not a date",
        error="This column is for dates. Other values count as well.",
        sqref=_cells_below_headings(number),
    )
    if layout is not LETTERS_LAYOUT:
        check.showInputMessage = True
        check.promptTitle = "All letters of this row"
        check.prompt = "A date here counts for every letter of this row created up to that day."
    sheet.data_validations.append(check)


def _add_stage_colour(sheet: Worksheet, number: int, column: RegisterColumn) -> None:
    is_filled = f"LEN({get_column_letter(number)}2)>0"
    style = DifferentialStyle(fill=PatternFill("solid", bgColor=_STAGE_COLOURS[column.heading]))
    rule = Rule("expression", formula=[is_filled], dxf=style)
    sheet.conditional_formatting.add(_cells_below_headings(number), rule)


def _fade_unneeded(sheet: Worksheet, layout: TableLayout) -> None:
    state_column = next(n for n, c in enumerate(layout.columns, 1) if c.heading == "Status")
    is_unneeded = f'${get_column_letter(state_column)}2="{NO_LONGER_NEEDED}"'
    style = DifferentialStyle(font=Font(color="808080", italic=True))
    rule = Rule("expression", formula=[is_unneeded], dxf=style)
    sheet.conditional_formatting.add(
        _cells_below_headings(1, layout.columns.index(RECORD_COLUMN)), rule
    )


def _set_up_printing(sheet: Worksheet) -> None:
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.75)
    sheet.print_title_rows = "1:1"
    footer = HeaderFooterItem(center=_HeaderFooterPart("&A, page &P of &N"))
    sheet.HeaderFooter = HeaderFooter(oddFooter=footer)


def excel_table(layout: TableLayout, last: int) -> Table:
    """Return the Excel table of a new sheet, down to a row."""
    right = get_column_letter(len(layout.columns))
    ref = f"A1:{right}{max(last, 2)}"
    columns = [TableColumn(id=n, name=c.heading) for n, c in enumerate(layout.columns, 1)]
    table = Table(displayName=layout.table, ref=ref, tableColumns=columns)
    table.autoFilter = AutoFilter(ref=ref)
    table.tableStyleInfo = TableStyleInfo("TableStyleLight1", showRowStripes=True)
    return table
