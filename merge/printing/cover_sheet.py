"""A plain page for any script: lines, rows, and a list to tick.

It is filled from the top. python-docx creates its styles.
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
"""Lines of the list on the first page of a cover, and on each further page."""

_MAX_NAMES = 60  # Names on the first page, where their lines have room

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
"""Size, bold, space before and after, in points."""

_TAB_STOPS = (10, 22, 38, 56)
"""Millimetres: where the columns of a list to tick begin, behind its box; the last is the name."""

_LIST_SIZE, _LINE_HEIGHT = 12, 21
"""Points: the size of what is listed, and from line to line."""

_NAME_ROOM = 210 - 2 * _MARGIN - _TAB_STOPS[-1]
"""Millimetres that a name of the list has on A4; on Letter it has more."""

MAX_NAME_LINES, _MAX_NAME_LENGTH = 3, 300
"""Lines and characters of a name; a longer one is cut, and says so."""

_NUMBER_WIDTH, _NAMES_HEIGHT = 9, 100
"""Millimetres: the numbers before the names of the first page, and all its names."""

CHECKBOX = "☐"
"""To tick. A border round blanks would ask for no font, but LibreOffice draws none in a letter of
Word 2010's kind (compatibilityMode 14), where blanks at the end of a line are nothing."""

_CHECKBOX_FONT, _CHECKBOX_SIZE = "Segoe UI Symbol", 16  # Points
_ID_SIZE = 10  # Points, of a letter's short id: it is compared with those on envelopes and labels
_CHECKBOX_RUN = f'<w:r><w:rPr><w:rStyle w:val="CoverBox"/></w:rPr><w:t>{CHECKBOX}</w:t></w:r>'


class CoverSheetBuilder:
    """A page of a size, filled from the top. Lengths are in millimetres."""

    def __init__(self, paper: PaperSize) -> None:
        self._paper = paper
        self._width = paper.width - 2 * _MARGIN
        self._blocks: list[str] = []

    @property
    def docx_bytes(self) -> bytes:
        """The whole .docx."""
        page = PageSetup(self._paper.width, self._paper.height, 0, *[_MARGIN] * 4)
        return minimal_docx("".join(self._blocks) + section_properties(page), _styles_part())

    def add_text(self, text: str, style: str, *, new_page: bool = False) -> None:
        """A paragraph; it runs from the right where its first letter does."""
        self._blocks.append(_cover_paragraph(text, style, new_page=new_page))

    def add_rows(self, rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
        """Rows without lines; columns of no width share what is left."""
        columns = self._column_widths(widths)
        cells = ([_cover_paragraph(text, "Line") for text in row] for row in rows)
        self._add_table("CoverRows", columns, _MIN_ROW_HEIGHT, cells)

    def add_names(self, names: Sequence[str]) -> None:
        """Names with their numbers in two columns, down the first; as many as have room."""
        widths = (_NUMBER_WIDTH, 0, _NUMBER_WIDTH, 0)
        room = self._column_widths(widths)[1]
        every = [
            (f"{number}.", _fit_name(name, room))
            for number, name in enumerate(names[:_MAX_NAMES], 1)
        ]
        for shown in range(len(every), 0, -1):
            more = len(names) - shown
            rest = [("", f"and {more} more")] if more else []
            lines = [*every[:shown], *rest]
            half = (len(lines) + 1) // 2
            halves = zip_longest(lines[:half], lines[half:], fillvalue=("", ""))
            rows = [(*left, *right) for left, right in halves]
            if sum(_row_height(row[1::2], room) for row in rows) <= _NAMES_HEIGHT:
                break
        self.add_rows(rows, widths)

    def add_checklist(self, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A list: a box to tick, numbers and ids, and the names, which may wrap."""
        room = self._width - _TAB_STOPS[-1]
        self._blocks.append(_checklist_line(titles, is_head=True))
        for *short, name in rows:
            self._blocks.append(_checklist_line((*short, _fit_name(name, room))))

    def _column_widths(self, widths: Sequence[float]) -> list[float]:
        left = (self._width - sum(widths)) / list(widths).count(0)
        return [width or left for width in widths]

    def _add_table(
        self, style: str, widths: Sequence[float], height: float, rows: Iterable[Sequence[str]]
    ) -> None:
        columns = [mm_to_twips(width) for width in widths]
        look = f'<w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(columns)}" w:type="dxa"/>'
        look += '<w:tblLayout w:type="fixed"/>'
        lines = "".join(_table_row(row, columns, height) for row in rows)
        self._blocks.append(f"<w:tbl><w:tblPr>{look}</w:tblPr>{table_grid(columns)}{lines}</w:tbl>")


def letters_per_page(names: Iterable[str]) -> list[int]:
    """Return how many letters each page of a cover lists, by the names that it lists."""
    pages, free = [0], FIRST_PAGE_LINES
    for name in names:
        lines = wrapped_rows(_fit_name(name, _NAME_ROOM), _NAME_ROOM, _LIST_SIZE)
        if lines > free:
            pages.append(0)
            free = NEXT_PAGE_LINES
        pages[-1] += 1
        free -= lines
    return pages


def _fit_name(name: str, room: float) -> str:
    """Return a name cut to the lines that it may take in so many millimetres.

    If a word is wider than a line it gets one: programs disagree on where such a word begins.
    """
    text = shorten(name, _MAX_NAME_LENGTH)
    is_wide = any(wrapped_rows(word, room, _LIST_SIZE) > 1 for word in text.split(" "))
    return cut_to_rows(text, 1 if is_wide else MAX_NAME_LINES, room, _LIST_SIZE)


def _row_height(names: Iterable[str], room: float) -> float:
    """Return the millimetres of a row with names, which may wrap."""
    lines = max(wrapped_rows(name, room, _LIST_SIZE) for name in names)
    return max(_MIN_ROW_HEIGHT, lines * _LIST_SIZE * LEADING * MM_PER_POINT)


def _table_row(cells: Sequence[str], widths: Sequence[int], height: float) -> str:
    pairs = zip(widths, cells, strict=True)
    each = "".join(table_cell(width, cell, vertical_alignment="center") for width, cell in pairs)
    least = f'<w:trHeight w:val="{mm_to_twips(height)}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr>{least}</w:trPr>{each}</w:tr>"


def _checklist_line(texts: Sequence[str], *, is_head: bool = False) -> str:
    """Return a line of a list to tick, its columns at tab stops; LibreOffice is slow with tables.

    The name is the last column, so it can wrap. Every line runs from the left; a name that is
    written from the right ends with a right-to-left mark, which keeps a full stop at its end.
    """
    *numbers, mark, name = texts
    bold = "<w:rPr><w:b/><w:bCs/></w:rPr>" if is_head else ""
    small = bold or '<w:rPr><w:rStyle w:val="CoverMark"/></w:rPr>'
    columns = "".join(f"<w:tab/><w:t>{escape_line(text)}</w:t>" for text in numbers)
    look, end = ("<w:rPr><w:rtl/></w:rPr>", "\u200f") if is_right_to_left(name) else (bold, "")
    return (
        f'<w:p><w:pPr><w:pStyle w:val="CoverList"/></w:pPr>{"" if is_head else _CHECKBOX_RUN}'
        f"<w:r>{bold}{columns}<w:tab/></w:r><w:r>{small}<w:t>{escape_line(mark)}</w:t></w:r>"
        f'<w:r><w:tab/></w:r><w:r>{look}<w:t xml:space="preserve">{escape_line(name)}{end}</w:t></w:r>'  # noqa: E501
        "</w:p>"
    )


def _cover_paragraph(text: str, style: str, *, bold: bool = False, new_page: bool = False) -> str:
    """Text in a style, from the right where its first letter runs so (UAX 9, P2)."""
    leftward = is_right_to_left(text)
    name = f"Cover{style}{'Leftward' * leftward}"
    breaks = "<w:pageBreakBefore/>" * new_page
    look = "<w:b/><w:bCs/>" * bold + "<w:rtl/>" * leftward
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{name}"/>{breaks}</w:pPr><w:r><w:rPr>{look}</w:rPr>'
        f'<w:t xml:space="preserve">{escape_line(text)}</w:t></w:r></w:p>'
    )


@cache
def _styles_part() -> bytes:
    """The styles of this page, and no others."""
    styles = Document().styles
    for style in list(styles.element):
        styles.element.remove(style)
    for name in _COVER_STYLES:
        usual = styles.add_style(f"Cover {name}", WD_STYLE_TYPE.PARAGRAPH)
        _set_up_style(usual, name)
        leftward = styles.add_style(f"Cover {name} Leftward", WD_STYLE_TYPE.PARAGRAPH)
        leftward.base_style = usual
        leftward.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
        if name == "List":
            _set_up_list_style(usual)
        if name == "Line":  # in a list all begins at the left
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
    """Give a style the tab stops of a list to tick, and a rule above and below each line."""
    look = style.paragraph_format
    look.left_indent, look.first_line_indent = Mm(_TAB_STOPS[-1]), Mm(-_TAB_STOPS[-1])
    for stop in _TAB_STOPS:
        look.tab_stops.add_tab_stop(Mm(stop))
    look.keep_together = True
    look.line_spacing_rule, look.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(_LINE_HEIGHT)
    rules = OxmlElement("w:pBdr")
    for side in ("top", "bottom", "between"):
        rules.append(_element(f"w:{side}", val="single", sz="4", space="1", color="808080"))
    behind = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:bidi", "w:spacing", "w:ind", "w:jc")
    style.element.get_or_add_pPr().insert_element_before(rules, *behind)


def _set_up_style(style: ParagraphStyle, name: str) -> None:
    size, bold, before, after = _COVER_STYLES[name]
    look, font = style.paragraph_format, style.font
    look.space_before, look.space_after, look.line_spacing = Pt(before), Pt(after), 1.0
    font.name, font.bold, font.cs_bold, font.size = "Arial", bold, bold, Pt(size)
    properties = style.element.get_or_add_rPr()
    for script, face in _FONTS.items():
        properties.rFonts.set(qn(f"w:{script}"), face)
    properties.append(_element("w:szCs", val=str(2 * size)))


def _table_properties() -> Element:
    """A table's properties: text begins where other text does."""
    look: Element = OxmlElement("w:tblPr")
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w="0", type="dxa"))
    look.append(margins)
    return look


def _element(name: str, **attributes: str) -> Element:
    made: Element = OxmlElement(name)
    for attribute, text in attributes.items():
        made.set(qn(f"w:{attribute}"), text)
    return made
