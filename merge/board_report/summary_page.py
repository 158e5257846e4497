"""The report as a Word page: title, chart, tables, notes; one A4 page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from merge.board_report.figures import CHART_COLOUR, TOTAL_LABELS, ReportNumbers, ReportTable
from merge.naming import format_count
from merge.ooxml import RELATIONSHIPS, XMLNS_W
from merge.ooxml.new_docx import (
    Attachment,
    PageSetup,
    ParagraphStyle,
    cut_to_rows,
    escape_line,
    fixed_table,
    mm_to_twips,
    styled_docx,
    table_cell,
    table_row,
    text_paragraph,
)

_PAGE = PageSetup(width=210, height=297, code=9, left=20, top=18, right=20, bottom=15)
_TITLE_STYLE = ParagraphStyle("Title", 20, bold=True)
_TEXT_STYLE = ParagraphStyle("Body Text", 10, 4)
_NAME_STYLE = ParagraphStyle("Table Name", 11, 10, bold=True)
_HEAD_STYLE = ParagraphStyle("Table Heading", 9, 3, bold=True)
_CELL_STYLE = ParagraphStyle("Table Text", 9, 2)
_NUMBER_STYLE = ParagraphStyle("Table Number", 9, 2, right_aligned=True)
_NUMBER_HEAD_STYLE = ParagraphStyle("Table Number Heading", 9, 3, bold=True, right_aligned=True)
_STYLES = (
    *(_TITLE_STYLE, _TEXT_STYLE, _NAME_STYLE, _HEAD_STYLE, _CELL_STYLE, _NUMBER_STYLE),
    _NUMBER_HEAD_STYLE,
)
_MAX_ROWS = 10, 8, 10
"""Rows of the three tables that leave room for the rest of the page."""

_MAX_LINES = 2
"""Most lines of a name, if the tables have few rows; otherwise one line."""

_CHART_SIZE = 170, 56
"""Width and height of the chart in millimetres."""

_NUMBERS_WIDTH, _MAX_NUMBER_WIDTH = 120, 27
"""Total width of the columns of numbers, and the most for one.

Both are in millimetres."""

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


def report_page(numbers: ReportNumbers) -> bytes:
    """Return the board report as a .docx of one page.

    A long table has its first rows only; the workbook has the others.
    """
    body = [
        text_paragraph(numbers.title, _TITLE_STYLE),
        text_paragraph(f"{numbers.as_of}: {_total_sentence(numbers)}", _TEXT_STYLE),
        _chart_paragraph("Letters that reached each stage"),
    ]
    tables = list(zip(numbers.tables, _MAX_ROWS, strict=False))
    shown = sum(min(most_rows, len(table.rows)) for table, most_rows in tables)
    lines = _MAX_LINES if shown * _MAX_LINES <= sum(_MAX_ROWS) else 1
    for table, most_rows in tables:
        body.append(text_paragraph(table.name, _NAME_STYLE))
        body.append(fixed_table(_columns(table), _rows(table, most_rows, lines)))
        if len(table.rows) > most_rows:
            rest = format_count(len(table.rows) - most_rows, "more row")
            body.append(text_paragraph(f"and {rest} in the workbook.", _TEXT_STYLE))
    body += [text_paragraph(note, _TEXT_STYLE) for note in numbers.notes]
    chart = Attachment("chart", "word/charts/chart1.xml", _chart_part(numbers), _CHART_TYPE)
    return styled_docx(numbers.title, _STYLES, "".join(body), _PAGE, (chart,))


def _total_sentence(numbers: ReportNumbers) -> str:
    return f"{format_count(next(iter(numbers.totals.values())), 'letter')} in total."


def _columns(table: ReportTable) -> list[int]:
    """Return the widths of a table's columns in twips.

    Columns of numbers get the width that they need, the first column the rest.
    """
    others = len(table.headings) - 1
    number = mm_to_twips(min(_MAX_NUMBER_WIDTH, _NUMBERS_WIDTH / others))
    total_width = mm_to_twips(_PAGE.width - _PAGE.left - _PAGE.right)
    return [total_width - number * others, *[number] * others]


def _rows(table: ReportTable, most_rows: int, most_lines: int) -> Iterator[str]:
    widths = _columns(table)
    styles = (_HEAD_STYLE, *[_NUMBER_HEAD_STYLE] * (len(widths) - 1))
    lines = [text_paragraph(h, style) for h, style in zip(table.headings, styles, strict=True)]
    yield _row(widths, lines, repeated=True)
    for row in table.rows[:most_rows]:
        counts = (text_paragraph(f"{count:,}", _NUMBER_STYLE) for count in row.counts)
        label = cut_to_rows(row.label, most_lines, widths[0] / 1440 * 25.4, _CELL_STYLE.size)
        yield _row(widths, [text_paragraph(label, _CELL_STYLE), *counts])


def _row(widths: Sequence[int], lines: Sequence[str], *, repeated: bool = False) -> str:
    cells = (
        table_cell(width, line, ruled_sides="bottom")
        for width, line in zip(widths, lines, strict=True)
    )
    return table_row(cells, repeat_on_each_page=repeated)


def _chart_paragraph(description: str) -> str:
    """Return the XML of a paragraph with the chart (relationship `chart`)."""
    width, height = (round(length * 36000) for length in _CHART_SIZE)
    return (
        f'<w:p {XMLNS_W}><w:pPr><w:spacing w:before="120" w:after="120"/></w:pPr><w:r><w:drawing>'
        f'<wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0"'
        f' distR="0"><wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="1" name="Chart 1" descr="{escape_line(description)}"/>'
        "<wp:cNvGraphicFramePr/>"
        f'<a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/chart">'
        f'<c:chart xmlns:c="{_DRAWING}/chart" xmlns:r="{RELATIONSHIPS}" r:id="chart"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def _chart_part(numbers: ReportNumbers) -> bytes:
    """Return the XML of the chart (ECMA-376 part 1, 21.2): bars with values.

    The first stage is on top. The numbers are in the part itself, as there is no workbook for it.
    """
    _, *reached = numbers.totals.items()
    stages = "".join(
        f'<c:pt idx="{n}"><c:v>{escape_line(TOTAL_LABELS.get(stage, stage))}</c:v></c:pt>'
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
        f'<c:spPr><a:solidFill><a:srgbClr val="{CHART_COLOUR}"/></a:solidFill></c:spPr>'
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
