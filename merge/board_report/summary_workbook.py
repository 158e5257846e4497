"""The report as an Excel workbook: a summary with a chart, and all tables."""

from __future__ import annotations

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.worksheet.worksheet import Worksheet

from merge.board_report.figures import CHART_COLOUR, TOTAL_LABELS, ReportNumbers, ReportTable
from merge.excel.lists import (
    HEADING,
    NUMBER_HEADING,
    TITLE,
    finish_list,
    list_sheet,
    new_list_workbook,
    set_up_page,
    write_cell,
)
from merge.excel.rewriting import workbook_bytes

_FIRST_ROW, _CHART_ROWS = 4, 16


def report_workbook(numbers: ReportNumbers) -> bytes:
    """Return the board report as an .xlsx without formulas.

    It has a summary with a chart, and a sheet for each table.
    """
    book = new_list_workbook()
    sheet = book.create_sheet("Summary")
    set_up_page(sheet, [34, 12, 60], _header(numbers))
    write_cell(sheet, 1, 1, numbers.title, TITLE)
    write_cell(sheet, 2, 1, numbers.as_of)
    write_cell(sheet, _FIRST_ROW, 1, "Stage", HEADING)
    write_cell(sheet, _FIRST_ROW, 2, "Letters", NUMBER_HEADING)
    for row, (stage, count) in enumerate(numbers.totals.items(), _FIRST_ROW + 1):
        write_cell(sheet, row, 1, TOTAL_LABELS.get(stage, stage))
        write_cell(sheet, row, 2, count)
    last = _FIRST_ROW + len(numbers.totals)
    sheet.add_chart(_chart(sheet, last), f"A{last + 2}")
    for row, note in enumerate(numbers.notes, last + 2 + _CHART_ROWS):
        write_cell(sheet, row, 1, note)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
        sheet.row_dimensions[row].height = 28
    for table in numbers.tables:
        number_headings, header = table.headings[1:], _header(numbers)
        sheet = list_sheet(book, table.name, _widths(table), numbers=number_headings, title=header)
        _table_sheet(sheet, table)
    return workbook_bytes(book)


def _header(numbers: ReportNumbers) -> str:
    return f"{numbers.title} · {numbers.as_of}"


def _widths(table: ReportTable) -> dict[str, int]:
    return {heading: 14 if n else 44 for n, heading in enumerate(table.headings)}


def _table_sheet(sheet: Worksheet, table: ReportTable) -> None:
    for number, row in enumerate(table.rows, 2):
        write_cell(sheet, number, 1, row.label)
        for column, count in enumerate(row.counts, 2):
            write_cell(sheet, number, column, count)
    finish_list(sheet)


def _chart(sheet: Worksheet, last: int) -> BarChart:
    chart = BarChart()
    chart.type, chart.title, chart.legend = "bar", None, None
    chart.height, chart.width, chart.gapWidth = 7.5, 17, 60
    first = _FIRST_ROW + 2  # without the total: its bar would equal that of the created letters
    chart.add_data(Reference(sheet, min_col=2, min_row=first, max_row=last))
    chart.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
    chart.series[0].graphicalProperties.solidFill = CHART_COLOUR
    chart.dataLabels = DataLabelList()
    chart.dataLabels.showVal = True
    for name in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(chart.dataLabels, name, False)
    chart.x_axis.scaling.orientation = "maxMin"  # the first stage on top
    chart.x_axis.delete = False
    chart.y_axis.delete = True
    chart.y_axis.majorGridlines = None
    return chart
