"""Layout and styles of list workbooks, for reading, filtering, printing.

Their contents come from other modules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache, partial

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.rich_text import CellRichText
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from merge.excel.patching import text_cell_markup
from merge.ooxml.new_docx import wrapped_rows
from merge.problems import shorten

FONT = "Calibri"

PLAIN, HEADING, TITLE, FIELD = "list plain", "list heading", "list title", "list field"
NUMBER, NUMBER_HEADING = "list number", "list number heading"
CHECKED, WARNING, ERROR = "list right", "list look", "list stop"


_MAX_CHARACTERS = 32_000
"""Maximum length of a text in a cell; Excel's limit is 32,767."""

_LINE_HEIGHT, _HIGHEST = 13.5, 409
"""Points: height of a line of 10-point text, and of Excel's highest row."""

_TYPE_SIZE, _MM_PER_CHARACTER = 10, 0.85 * 7 / 96 * 25.4
"""Text size in points, and millimetres of a column's width in characters.

A character is 7 pixels wide (18.3.1.13). A part is left free, because programs without Calibri use
a wider font.
"""

_MAX_LINES = 4096  # Lines whose height is cached: names recur
_LONGEST_HEADER = 120  # Characters; Excel accepts 255 in total

_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""Text that Excel reads as a character code (ECMA-376 part 1, 22.9.2.19)."""

_GREY = Side(style="thin", color="A6A6A6")
_LINE = Border(bottom=Side(style="hair", color="A6A6A6"))
_BOX = Border(left=_GREY, right=_GREY, top=_GREY, bottom=_GREY)
_TOP = Alignment(horizontal="left", vertical="top", wrap_text=True)
_MIDDLE = Alignment(horizontal="left", vertical="center", wrap_text=True)
_TOP_RIGHT = Alignment(horizontal="right", vertical="top")
_MIDDLE_RIGHT = Alignment(horizontal="right", vertical="center", wrap_text=True)
_HEADING_FONT, _HEADING_FILL = Font(FONT, 10, bold=True, color="FFFFFF"), "37474F"


def new_list_workbook() -> Workbook:
    """Return a workbook without sheets, but with the styles of lists."""
    book = Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    book.properties.creator = None
    for name, font, colour, alignment, border in (
        (PLAIN, Font(FONT, 10), "", _TOP, _LINE),
        (NUMBER, Font(FONT, 10), "", _TOP_RIGHT, _LINE),
        (HEADING, _HEADING_FONT, _HEADING_FILL, _MIDDLE, _BOX),
        (NUMBER_HEADING, _HEADING_FONT, _HEADING_FILL, _MIDDLE_RIGHT, _BOX),
        (TITLE, Font(FONT, 16, bold=True), "", Alignment(vertical="center"), Border()),
        (FIELD, Font(FONT, 10), "", _MIDDLE, _BOX),
        (CHECKED, Font(FONT, 10, color="1B5E20"), "E8F5E9", _TOP, _LINE),
        (WARNING, Font(FONT, 10, bold=True, color="7A4F00"), "FFF3CD", _TOP, _LINE),
        (ERROR, Font(FONT, 10, bold=True, color="8B0000"), "FADBD8", _TOP, _LINE),
    ):
        fill = PatternFill("solid", fgColor=colour) if colour else PatternFill()
        style = NamedStyle(name, font=font, fill=fill, alignment=alignment, border=border)
        book.add_named_style(style)
    return book


def list_sheet(
    book: Workbook,
    name: str,
    headings: Mapping[str, int],
    *,
    numbers: Collection[str] = (),
    title: str = "",
) -> Worksheet:
    """Add a sheet for a list, with filters and repeated headings.

    Headings stay visible, and are printed on every page. `headings` has the widths of their columns
    in characters; `numbers` are the headings of number columns.
    """
    sheet: Worksheet = book.create_sheet(name)
    set_up_page(sheet, list(headings.values()), title)
    for column, heading in enumerate(headings, 1):
        style = NUMBER_HEADING if heading in numbers else HEADING
        write_cell(sheet, 1, column, heading, style)
    lines = max(_line_count(heading, width) for heading, width in headings.items())
    sheet.row_dimensions[1].height = _LINE_HEIGHT * lines + 8.5
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    return sheet


def set_up_page(sheet: Worksheet, widths: list[int], title: str = "") -> None:
    """Set column widths, and print in landscape on A4.

    The footer has the sheet's name and page numbers. `title` is in the header of each page.
    """
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer = HeaderFooterItem()
    footer.left.text, footer.right.text = "&A", "&P / &N"
    sheet.HeaderFooter.oddFooter = footer
    header = HeaderFooterItem()
    header.left.text = shorten(title, _LONGEST_HEADER).replace("&", "&&") or None
    sheet.HeaderFooter.oddHeader = header


def finish_list(sheet: Worksheet) -> None:
    """Add filters to a list sheet, and fit the height of each row to its text.

    Call this when the list is complete.
    """
    sheet.auto_filter.ref = sheet.dimensions
    widths = [dimension.width for dimension in sheet.column_dimensions.values()]
    for number, row in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2):
        lines = max(
            _line_count(str(text or ""), width) for text, width in zip(row, widths, strict=True)
        )
        sheet.row_dimensions[number].height = min(_LINE_HEIGHT * lines + 2, _HIGHEST)


class ListRowWriter:
    """Writes the rows of a long list as XML.

    A cell object for each cell would take most of the time.
    """

    def __init__(self, sheet: Worksheet, last: int) -> None:
        self._widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        self._letters = [get_column_letter(n) for n in range(1, len(self._widths) + 1)]
        sheet.cell(last, len(self._widths))  # sets the size of the sheet
        sheet.auto_filter.ref = sheet.dimensions
        self._style = lru_cache(partial(_style_id, sheet))

    def row_markup(self, number: int, cells: Sequence[tuple[str, str]]) -> str:
        """Return the XML of a row of texts, as high as its text requires."""
        texts = [clean_cell_text(text) for text, _ in cells]
        lines = max(map(_line_count, texts, self._widths))
        height = min(_LINE_HEIGHT * lines + 2, _HIGHEST)
        cells_xml = (
            text_cell_markup(f'r="{letter}{number}" s="{self._style(style)}"', text)
            for letter, text, (_, style) in zip(self._letters, texts, cells, strict=True)
        )
        return f'<row r="{number}" ht="{height:g}" customHeight="1">{"".join(cells_xml)}</row>'


def _style_id(sheet: Worksheet, style: str) -> int:
    cell = Cell(sheet, 1, 1)
    cell.style = style
    return cell.style_id


def _line_count(text: str, width: float) -> int:
    """Return the number of lines that a text takes at most.

    `width` is the column's width in characters.
    """
    return sum(_wrapped_line_count(line, width) for line in text.split("\n"))


@lru_cache(_MAX_LINES)
def _wrapped_line_count(line: str, width: float) -> int:
    return wrapped_rows(line, _MM_PER_CHARACTER * width, _TYPE_SIZE)


def write_cell(
    sheet: Worksheet, row: int, column: int, value: str | int | CellRichText, style: str = PLAIN
) -> None:
    """Write a value into a cell of a list sheet, with a style.

    A text stays a text, whatever it begins with. Numbers without a style are aligned to the right.
    """
    cell = sheet.cell(row, column)
    cell.value = clean_cell_text(value) if isinstance(value, str) else value
    if not isinstance(value, int):
        cell.data_type = "s"
    cell.style = NUMBER if isinstance(value, int) and style == PLAIN else style


def clean_cell_text(text: str) -> str:
    """Return a text without characters that a cell cannot store."""
    escaped = _ESCAPE.sub("_x005F_", ILLEGAL_CHARACTERS_RE.sub("", text))
    return escaped if len(escaped) <= _MAX_CHARACTERS else f"{escaped[:_MAX_CHARACTERS]}…"
