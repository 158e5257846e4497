"""The report for a board, from its numbers: an Excel workbook and one page in Word, with charts."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.worksheet.worksheet import Worksheet

from merge.excel.lists import (
    HEADING,
    NUMBER_HEADING,
    TITLE,
    finish_list,
    list_sheet,
    set_up_page,
    workbook,
    write_cell,
)
from merge.naming import counted
from merge.ooxml import RELATIONSHIPS, XMLNS_W
from merge.ooxml.blank import (
    Attachment,
    PageSetup,
    Style,
    cut_to_rows,
    escaped,
    fixed_table,
    mm_to_twips,
    styled_docx,
    table_cell,
    table_row,
    text_paragraph,
)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """Numbers, and whose they are; of a month also its first day."""

    label: str
    counts: tuple[int, ...]
    month: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of numbers: a name, its headings, its rows."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class ReportNumbers:
    """All that a report says. `title` is the campaign's.

    `totals` are the letters in all, then those that reached each stage, in their order. `tables`
    all go into the workbook, the first three onto the page. `notes` are sentences that the numbers
    need to be understood.
    """

    title: str
    day: dt.date
    totals: Mapping[str, int]
    tables: tuple[ReportTable, ...]
    notes: tuple[str, ...] = ()


TOTAL_LABELS: Mapping[str, str] = {"Made": "Created"}
"""Labels of totals that are not called what their key is."""

_BLUE = "1F4E79"
_FIRST, _CHART_ROWS = 4, 16


def report_workbook(numbers: ReportNumbers) -> bytes:
    """Return the .xlsx: a summary with a chart, a sheet for each table. No cell is a formula."""
    book = workbook()
    sheet = book.create_sheet("Summary")
    set_up_page(sheet, [34, 12, 60], _header(numbers))
    write_cell(sheet, 1, 1, numbers.title, TITLE)
    write_cell(sheet, 2, 1, _as_of(numbers))
    write_cell(sheet, _FIRST, 1, "Stage", HEADING)
    write_cell(sheet, _FIRST, 2, "Letters", NUMBER_HEADING)
    for row, (stage, count) in enumerate(numbers.totals.items(), _FIRST + 1):
        write_cell(sheet, row, 1, TOTAL_LABELS.get(stage, stage))
        write_cell(sheet, row, 2, count)
    last = _FIRST + len(numbers.totals)
    sheet.add_chart(_chart(sheet, last), f"A{last + 2}")
    for row, note in enumerate(numbers.notes, last + 2 + _CHART_ROWS):
        write_cell(sheet, row, 1, note)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
        sheet.row_dimensions[row].height = 28
    for table in numbers.tables:
        own, header = table.headings[1:], _header(numbers)
        sheet = list_sheet(book, table.name, _widths(table), numbers=own, title=header)
        _table_sheet(sheet, table)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _header(numbers: ReportNumbers) -> str:
    return f"{numbers.title} · {_as_of(numbers)}"


def _as_of(numbers: ReportNumbers) -> str:
    return f"As of {numbers.day.day} {numbers.day:%B %Y}"


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
    first = _FIRST + 2  # below the letters in all: their bar would be that of those made
    chart.add_data(Reference(sheet, min_col=2, min_row=first, max_row=last))
    chart.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
    chart.series[0].graphicalProperties.solidFill = _BLUE
    chart.dataLabels = DataLabelList()
    chart.dataLabels.showVal = True
    for name in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(chart.dataLabels, name, False)
    chart.x_axis.scaling.orientation = "maxMin"  # the first stage on top
    chart.x_axis.delete = False
    chart.y_axis.delete = True
    chart.y_axis.majorGridlines = None
    return chart


# The page: a title, a chart of the stages, one table, the notes; A4, no more than one.


_PAGE = PageSetup(210, 297, 9, 20, 18, 20, 15)
_TITLE_STYLE = Style("Title", 20, bold=True)
_TEXT_STYLE = Style("Body Text", 10, 4)
_NAME_STYLE = Style("Table Name", 11, 10, bold=True)
_HEAD_STYLE = Style("Table Heading", 9, 3, bold=True)
_CELL_STYLE = Style("Table Text", 9, 2)
_NUMBER_STYLE = Style("Table Number", 9, 2, right=True)
_NUMBER_HEAD_STYLE = Style("Table Number Heading", 9, 3, bold=True, right=True)
_STYLES = (
    *(_TITLE_STYLE, _TEXT_STYLE, _NAME_STYLE, _HEAD_STYLE, _CELL_STYLE, _NUMBER_STYLE),
    _NUMBER_HEAD_STYLE,
)
_MOST_ROWS = 10, 8, 10
"""Rows of the three tables that leave room for all else on the page."""

_MOST_LINES = 2
"""Lines of a name, if there are so few rows that each may have as many; else it gets one."""

_CHART_SIZE = 170, 56
"""Millimetres."""

_ALL_NUMBERS, _NUMBER = 120, 27
"""Millimetres: what the columns of numbers share, and how wide one is at the most."""

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


def report_page(numbers: ReportNumbers) -> bytes:
    """Return the .docx: one page; of a long table the first rows, the workbook has the others."""
    body = [
        text_paragraph(numbers.title, _TITLE_STYLE),
        text_paragraph(f"{_as_of(numbers)}: {_in_all(numbers)}", _TEXT_STYLE),
        _chart_paragraph("Letters that reached each stage"),
    ]
    own = list(zip(numbers.tables, _MOST_ROWS, strict=False))
    shown = sum(min(most, len(table.rows)) for table, most in own)
    lines = _MOST_LINES if shown * _MOST_LINES <= sum(_MOST_ROWS) else 1
    for table, most in own:
        body.append(text_paragraph(table.name, _NAME_STYLE))
        body.append(fixed_table(_columns(table), _rows(table, most, lines)))
        if len(table.rows) > most:
            rest = counted(len(table.rows) - most, "more row")
            body.append(text_paragraph(f"and {rest} in the workbook.", _TEXT_STYLE))
    body += [text_paragraph(note, _TEXT_STYLE) for note in numbers.notes]
    chart = Attachment("chart", "word/charts/chart1.xml", _chart_part(numbers), _CHART_TYPE)
    return styled_docx(numbers.title, _STYLES, "".join(body), _PAGE, (chart,))


def _in_all(numbers: ReportNumbers) -> str:
    return f"{counted(next(iter(numbers.totals.values())), 'letter')} in total."


def _columns(table: ReportTable) -> list[int]:
    """Return the widths in twips: numbers get as much as they need, the first column the rest."""
    others = len(table.headings) - 1
    number = mm_to_twips(min(_NUMBER, _ALL_NUMBERS / others))
    whole = mm_to_twips(_PAGE.width - _PAGE.left - _PAGE.right)
    return [whole - number * others, *[number] * others]


def _rows(table: ReportTable, most: int, most_lines: int) -> Iterator[str]:
    widths = _columns(table)
    heads = (_HEAD_STYLE, *[_NUMBER_HEAD_STYLE] * (len(widths) - 1))
    lines = [text_paragraph(h, style) for h, style in zip(table.headings, heads, strict=True)]
    yield _row(widths, lines, repeated=True)
    for row in table.rows[:most]:
        counts = (text_paragraph(f"{count:,}", _NUMBER_STYLE) for count in row.counts)
        label = cut_to_rows(row.label, most_lines, widths[0] / 1440 * 25.4, _CELL_STYLE.size)
        yield _row(widths, [text_paragraph(label, _CELL_STYLE), *counts])


def _row(widths: Sequence[int], lines: Sequence[str], *, repeated: bool = False) -> str:
    cells = (
        table_cell(width, line, ruled="bottom") for width, line in zip(widths, lines, strict=True)
    )
    return table_row(cells, repeated=repeated)


def _chart_paragraph(description: str) -> str:
    """Return a paragraph that holds the chart, which is the document's relationship `r3`."""
    width, height = (round(length * 36000) for length in _CHART_SIZE)
    return (
        f'<w:p {XMLNS_W}><w:pPr><w:spacing w:before="120" w:after="120"/></w:pPr><w:r><w:drawing>'
        f'<wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0"'
        f' distR="0"><wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="1" name="Chart 1" descr="{escaped(description)}"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/chart">'
        f'<c:chart xmlns:c="{_DRAWING}/chart" xmlns:r="{RELATIONSHIPS}" r:id="chart"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def _chart_part(numbers: ReportNumbers) -> bytes:
    """Return the chart's part (ECMA-376 part 1, 21.2): bars, the first stage on top, with values.

    The numbers are in the part itself: there is no workbook behind it.
    """
    _, *reached = numbers.totals.items()
    stages = "".join(
        f'<c:pt idx="{n}"><c:v>{escaped(TOTAL_LABELS.get(stage, stage))}</c:v></c:pt>'
        for n, (stage, _) in enumerate(reached)
    )
    values = "".join(
        f'<c:pt idx="{n}"><c:v>{count}</c:v></c:pt>' for n, (_, count) in enumerate(reached)
    )
    size = f'<c:ptCount val="{len(reached)}"/>'
    shown = "".join(
        f'<c:{name} val="{int(name == "showVal")}"/>'
        for name in (
            *("showLegendKey", "showVal", "showCatName", "showSerName", "showPercent"),
            "showBubbleSize",
        )
    )
    text = '<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="900"/></a:pPr></a:p></c:txPr>'
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<c:chartSpace xmlns:c="{_DRAWING}/chart" xmlns:a="{_DRAWING}/main">'
        '<c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>'
        '<c:barChart><c:barDir val="bar"/><c:grouping val="clustered"/><c:varyColors val="0"/>'
        '<c:ser><c:idx val="0"/><c:order val="0"/>'
        f'<c:spPr><a:solidFill><a:srgbClr val="{_BLUE}"/></a:solidFill></c:spPr>'
        f'<c:invertIfNegative val="0"/><c:dLbls>{text}{shown}</c:dLbls>'
        f"<c:cat><c:strLit>{size}{stages}</c:strLit></c:cat>"
        f"<c:val><c:numLit><c:formatCode>#,##0</c:formatCode>{size}{values}</c:numLit></c:val>"
        '</c:ser><c:gapWidth val="60"/><c:axId val="1"/><c:axId val="2"/></c:barChart>'
        '<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="maxMin"/></c:scaling>'
        '<c:delete val="0"/><c:axPos val="l"/><c:majorTickMark val="none"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>{text}<c:crossAx val="2"/>'
        "</c:catAx>"
        '<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/>'
        '</c:scaling><c:delete val="1"/><c:axPos val="t"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:crossAx val="1"/></c:valAx>'
        '</c:plotArea><c:plotVisOnly val="1"/></c:chart></c:chartSpace>'
    ).encode()
