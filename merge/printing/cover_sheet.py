"""Cover sheets and first pages: text, rows and a checklist in any script.

A page is filled from the top. python-docx creates its styles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import zip_longest

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle

from merge.ooxml.new_docx import (
    LEADING,
    MM_PER_POINT,
    PageSetup,
    PaperSize,
    cut_to_rows,
    escape_line,
    is_right_to_left,
    minimal_docx,
    mm_to_twips,
    section_properties,
    table_cell,
    table_grid,
    wrapped_rows,
)
from merge.ooxml.wordml import Element, xml_bytes
from merge.problems import shorten

FIRST_PAGE_LINES, NEXT_PAGE_LINES = 16, 24
"""Lines of the checklist on the first page, and on each further page."""

_MAX_NAMES = 60  # Names on the first page, if there is enough space

_MARGIN, _MIN_ROW_HEIGHT = 20, 6.5
"""Millimetres: the page's margins, and the least height of a row."""

_FONTS = {"ascii": "Arial", "hAnsi": "Arial", "cs": "Arial", "eastAsia": "Microsoft YaHei"}
_COVER_STYLES = {
    "Line": (12, False, 0, 0),
    "Text": (12, False, 0, 8),
    "Heading": (13, True, 22, 6),
    "Small": (11, False, 0, 24),
    "Name": (28, True, 0, 8),
    "Count": (15, False, 0, 12),
    "List": (12, False, 0, 0),
}
"""Size, bold, space before and after; sizes and spaces are in points."""

_TAB_STOPS = (10, 22, 38, 56)
"""Millimetres from the margin to the columns of a checklist.

The box is before the first column, and the last column is the name.
"""

_LIST_SIZE, _LINE_HEIGHT = 12, 21
"""Points: the font size of the checklist, and its line height."""

_NAME_ROOM = 210 - 2 * _MARGIN - _TAB_STOPS[-1]
"""Millimetres for a name in the checklist on A4; Letter has more."""

MAX_NAME_LINES, _MAX_NAME_LENGTH = 3, 300
"""Most lines and characters of a name; a longer one is shortened with “…”."""

_NUMBER_WIDTH, _NAMES_HEIGHT = 9, 100
"""Millimetres on the first page: width of a number, height of all names."""

CHECKBOX = "☐"
"""A box to tick.

A border round blanks would need no font, but LibreOffice draws none in a letter of Word 2010's kind
(compatibilityMode 14). There, blanks at the end of a line do not count.
"""

_CHECKBOX_FONT, _CHECKBOX_SIZE = "Segoe UI Symbol", 16  # Points
_ID_SIZE = 10  # Points: staff compare a letter's short ID with those on envelopes and labels
_CHECKBOX_RUN = f'<w:r><w:rPr><w:rStyle w:val="CoverBox"/></w:rPr><w:t>{CHECKBOX}</w:t></w:r>'


class CoverSheetBuilder:
    """Builder of cover sheets: a document of pages, filled from the top.

    All lengths are in millimetres.
    """

    def __init__(self, paper: PaperSize) -> None:
        self._paper = paper
        self._width = paper.width - 2 * _MARGIN
        self._blocks: list[str] = []

    @property
    def docx_bytes(self) -> bytes:
        """The bytes of the complete cover sheet, a .docx."""
        page = PageSetup(self._paper.width, self._paper.height, 0, *[_MARGIN] * 4)
        return minimal_docx("".join(self._blocks) + section_properties(page), _styles_part())

    def add_text(self, text: str, style: str, *, new_page: bool = False) -> None:
        """Add a paragraph that runs in the direction of its first letter."""
        self._blocks.append(_cover_paragraph(text, style, new_page=new_page))

    def add_rows(self, rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
        """Add table rows without lines; columns of width 0 share the rest."""
        columns = self._column_widths(widths)
        cells = ([_cover_paragraph(text, "Line") for text in row] for row in rows)
        self._add_table("CoverRows", columns, _MIN_ROW_HEIGHT, cells)

    def add_names(self, names: Sequence[str]) -> None:
        """Add as many numbered names of people as fit, in two columns."""
        widths = (_NUMBER_WIDTH, 0, _NUMBER_WIDTH, 0)
        name_width = self._column_widths(widths)[1]
        numbered = [
            (f"{number}.", _fit_name(name, name_width))
            for number, name in enumerate(names[:_MAX_NAMES], 1)
        ]
        for count in range(len(numbered), 0, -1):
            hidden = len(names) - count
            last_line = [("", f"and {hidden} more")] if hidden else []
            lines = [*numbered[:count], *last_line]
            half = (len(lines) + 1) // 2
            halves = zip_longest(lines[:half], lines[half:], fillvalue=("", ""))
            rows = [(*left_cells, *right_cells) for left_cells, right_cells in halves]
            if sum(_row_height(row[1::2], name_width) for row in rows) <= _NAMES_HEIGHT:
                break
        self.add_rows(rows, widths)

    def add_checklist(self, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Add a checklist: a box, numbers and IDs, and names, which may wrap."""
        name_width = self._width - _TAB_STOPS[-1]
        self._blocks.append(_checklist_line(titles, is_head=True))
        for *columns, name in rows:
            self._blocks.append(_checklist_line((*columns, _fit_name(name, name_width))))

    def _column_widths(self, widths: Sequence[float]) -> list[float]:
        share = (self._width - sum(widths)) / list(widths).count(0)
        return [width or share for width in widths]

    def _add_table(
        self, style: str, widths: Sequence[float], height: float, rows: Iterable[Sequence[str]]
    ) -> None:
        columns = [mm_to_twips(width) for width in widths]
        properties = f'<w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(columns)}" w:type="dxa"/>'
        properties += '<w:tblLayout w:type="fixed"/>'
        lines = "".join(_table_row(row, columns, height) for row in rows)
        self._blocks.append(
            f"<w:tbl><w:tblPr>{properties}</w:tblPr>{table_grid(columns)}{lines}</w:tbl>"
        )


def letters_per_page(names: Iterable[str]) -> list[int]:
    """Return how many letters each page of a checklist holds, by their names."""
    pages, free_lines = [0], FIRST_PAGE_LINES
    for name in names:
        lines = wrapped_rows(_fit_name(name, _NAME_ROOM), _NAME_ROOM, _LIST_SIZE)
        if lines > free_lines:
            pages.append(0)
            free_lines = NEXT_PAGE_LINES
        pages[-1] += 1
        free_lines -= lines
    return pages


def _fit_name(name: str, width: float) -> str:
    """Return a name, shortened to the number of lines that a width allows.

    If a word is wider than a line, the name gets one line: programs disagree on the start of such a
    word. The width is in millimetres.
    """
    text = shorten(name, _MAX_NAME_LENGTH)
    is_wide = any(wrapped_rows(word, width, _LIST_SIZE) > 1 for word in text.split(" "))
    return cut_to_rows(text, 1 if is_wide else MAX_NAME_LINES, width, _LIST_SIZE)


def _row_height(names: Iterable[str], width: float) -> float:
    """Return the height in millimetres of a row with names, which may wrap."""
    lines = max(wrapped_rows(name, width, _LIST_SIZE) for name in names)
    return max(_MIN_ROW_HEIGHT, lines * _LIST_SIZE * LEADING * MM_PER_POINT)


def _table_row(cells: Sequence[str], widths: Sequence[int], height: float) -> str:
    pairs = zip(widths, cells, strict=True)
    markup = "".join(table_cell(width, cell, vertical_alignment="center") for width, cell in pairs)
    height_xml = f'<w:trHeight w:val="{mm_to_twips(height)}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr>{height_xml}</w:trPr>{markup}</w:tr>"


def _checklist_line(texts: Sequence[str], *, is_head: bool = False) -> str:
    """Return the XML of a checklist's line, with tab stops as columns.

    LibreOffice is slow with tables. The name is the last column, so that it can wrap. Every line
    runs from left to right. A name in a right-to-left script ends with a right-to-left mark, which
    keeps a full stop at its end.
    """
    *numbers, letter_id, name = texts
    heading_format = "<w:rPr><w:b/><w:bCs/></w:rPr>" if is_head else ""
    id_format = heading_format or '<w:rPr><w:rStyle w:val="CoverMark"/></w:rPr>'
    columns = "".join(f"<w:tab/><w:t>{escape_line(text)}</w:t>" for text in numbers)
    name_format, end = (
        ("<w:rPr><w:rtl/></w:rPr>", "\u200f") if is_right_to_left(name) else (heading_format, "")
    )
    return (
        f'<w:p><w:pPr><w:pStyle w:val="CoverList"/></w:pPr>{"" if is_head else _CHECKBOX_RUN}'
        f"<w:r>{heading_format}{columns}<w:tab/></w:r>"
        f"<w:r>{id_format}<w:t>{escape_line(letter_id)}</w:t></w:r>"
        f"<w:r><w:tab/></w:r><w:r>{name_format}"
        f'<w:t xml:space="preserve">{escape_line(name)}{end}</w:t></w:r></w:p>'
    )


def _cover_paragraph(text: str, style: str, *, bold: bool = False, new_page: bool = False) -> str:
    """Return a paragraph's XML, in the direction of the text's first letter.

    This is rule P2 of Unicode Standard Annex 9.
    """
    leftward = is_right_to_left(text)
    name = f"Cover{style}{'Leftward' * leftward}"
    page_break = "<w:pageBreakBefore/>" * new_page
    run_format = "<w:b/><w:bCs/>" * bold + "<w:rtl/>" * leftward
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{name}"/>{page_break}</w:pPr>'
        f"<w:r><w:rPr>{run_format}</w:rPr>"
        f'<w:t xml:space="preserve">{escape_line(text)}</w:t></w:r></w:p>'
    )


@cache
def _styles_part() -> bytes:
    """Return the styles part of cover sheets, with only the styles in use."""
    styles = Document().styles
    for style in list(styles.element):
        styles.element.remove(style)
    for name in _COVER_STYLES:
        rightward = styles.add_style(f"Cover {name}", WD_STYLE_TYPE.PARAGRAPH)
        _set_up_style(rightward, name)
        leftward = styles.add_style(f"Cover {name} Leftward", WD_STYLE_TYPE.PARAGRAPH)
        leftward.base_style = rightward
        leftward.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
        if name == "List":
            _set_up_list_style(rightward)
        if name == "Line":  # in a list, everything begins at the left
            leftward.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    styles.element[0].set(qn("w:default"), "1")
    table = styles.add_style("Cover Rows", WD_STYLE_TYPE.TABLE)
    table.element.append(_table_properties())
    mark = styles.add_style("Cover Mark", WD_STYLE_TYPE.CHARACTER).font
    mark.size = Pt(_ID_SIZE)
    box = styles.add_style("Cover Box", WD_STYLE_TYPE.CHARACTER).font
    box.size = Pt(_CHECKBOX_SIZE)
    fonts = box.element.get_or_add_rPr().get_or_add_rFonts()
    for script in _FONTS:
        fonts.set(qn(f"w:{script}"), _CHECKBOX_FONT)
    return xml_bytes(styles.element)


def _set_up_list_style(style: ParagraphStyle) -> None:
    """Give a style the tab stops of a checklist, with rules between lines."""
    paragraph_format = style.paragraph_format
    paragraph_format.left_indent, paragraph_format.first_line_indent = (
        Mm(_TAB_STOPS[-1]),
        Mm(-_TAB_STOPS[-1]),
    )
    for stop in _TAB_STOPS:
        paragraph_format.tab_stops.add_tab_stop(Mm(stop))
    paragraph_format.keep_together = True
    paragraph_format.line_spacing_rule, paragraph_format.line_spacing = (
        WD_LINE_SPACING.AT_LEAST,
        Pt(_LINE_HEIGHT),
    )
    rules = OxmlElement("w:pBdr")
    for side in ("top", "bottom", "between"):
        rules.append(_element(f"w:{side}", val="single", sz="4", space="1", color="808080"))
    successors = (
        "w:shd",
        "w:tabs",
        "w:suppressAutoHyphens",
        "w:bidi",
        "w:spacing",
        "w:ind",
        "w:jc",
    )
    style.element.get_or_add_pPr().insert_element_before(rules, *successors)


def _set_up_style(style: ParagraphStyle, name: str) -> None:
    size, bold, before, after = _COVER_STYLES[name]
    paragraph_format, font = style.paragraph_format, style.font
    paragraph_format.space_before, paragraph_format.space_after, paragraph_format.line_spacing = (
        Pt(before),
        Pt(after),
        1.0,
    )
    font.name, font.bold, font.cs_bold, font.size = "Arial", bold, bold, Pt(size)
    properties = style.element.get_or_add_rPr()
    for script, face in _FONTS.items():
        properties.rFonts.set(qn(f"w:{script}"), face)
    properties.append(_element("w:szCs", val=str(2 * size)))


def _table_properties() -> Element:
    """Return table properties that align a cell's text with text outside."""
    table_properties: Element = OxmlElement("w:tblPr")
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w="0", type="dxa"))
    table_properties.append(margins)
    return table_properties


def _element(name: str, **attributes: str) -> Element:
    element: Element = OxmlElement(name)
    for attribute, text in attributes.items():
        element.set(qn(f"w:{attribute}"), text)
    return element
