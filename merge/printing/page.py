"""A plain page for any script, made with python-docx: lines, rows, a list to tick."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from merge.printing.stock import Paper
from merge.tags import Element

_MARGIN, _ROW, _LOW = 20, 8.5, 6.5
"""Millimetres: the page's margins, the heights of a row to tick and of any other."""

_FACES = {"ascii": "Arial", "hAnsi": "Arial", "cs": "Arial", "eastAsia": "Microsoft YaHei"}
_STYLES = {
    "Line": (12, False, 0, 0),
    "Text": (12, False, 0, 8),
    "Heading": (13, True, 22, 6),
    "Small": (11, False, 0, 24),
    "Name": (28, True, 0, 8),
    "Count": (15, False, 0, 12),
}
"""Size, bold, space before and after, in points."""

_LEFTWARD = " from the right"
_ROWS, _LIST, _BOX = "Cover Rows", "Cover List", "Cover Box"
_INSIDE = "\u00a0" * 4
"""With a border round it a box to tick, which asks for no font."""

_COLUMNS = (12, 12, 0, 16)
_WIDEST = 52
"""Letters on a line of the list; those of East Asia count twice."""


class Page:
    """A page of a size, filled from the top. Lengths are in millimetres."""

    def __init__(self, paper: Paper) -> None:
        self._document = Document(io.BytesIO(_plain()))
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(paper.width), Mm(paper.height)
        for side in ("left", "right", "top", "bottom"):
            setattr(section, f"{side}_margin", Mm(_MARGIN))
        self._width = paper.width - 2 * _MARGIN

    @property
    def bytes(self) -> bytes:
        """The whole .docx."""
        made = io.BytesIO()
        self._document.save(made)
        return made.getvalue()

    def write(self, text: str, style: str, *, new_page: bool = False) -> None:
        """A paragraph; it runs from the right where its first letter does."""
        paragraph = self._document.add_paragraph()
        _write(paragraph, style, text)
        if new_page:
            paragraph.paragraph_format.page_break_before = True

    def rows(self, rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
        """Rows without lines; columns of no width share what is left."""
        table = self._table(widths, _ROWS)
        for row in rows:
            for cell, text in zip(_cells(table, _LOW), row, strict=True):
                _write(cell.paragraphs[0], "Line", _on_a_line(text))

    def ticks(self, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A list: a box to tick, then three columns, each row on one line."""
        table = self._table(_COLUMNS, _LIST)
        for number, row in enumerate((titles, *rows)):
            box, *others = _cells(table, _ROW)
            if number:
                box.paragraphs[0].add_run(_INSIDE, _BOX)
            for cell, text in zip(others, row, strict=True):
                _write(cell.paragraphs[0], "Line", _on_a_line(text), bold=number == 0)

    def _table(self, widths: Sequence[float], style: str) -> Table:
        left = (self._width - sum(widths)) / list(widths).count(0)
        table: Table = self._document.add_table(0, len(widths), style)
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width or left)
        return table


def _cells(table: Table, height: float) -> Sequence[_Cell]:
    """The cells of a new row of a height."""
    row: _Row = table.add_row()  # type: ignore[no-untyped-call] # python-docx's
    row.height, row.height_rule = Mm(height), WD_ROW_HEIGHT_RULE.EXACTLY
    for cell in row.cells:
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    return row.cells


@cache
def _plain() -> bytes:
    """An empty document with the styles of this page and no others."""
    document = Document()
    styles = document.styles
    for style in list(styles.element):
        styles.element.remove(style)
    for name in _STYLES:
        _define(styles.add_style(f"Cover {name}", WD_STYLE_TYPE.PARAGRAPH), name)
        leftward = styles.add_style(f"Cover {name}{_LEFTWARD}", WD_STYLE_TYPE.PARAGRAPH)
        leftward.base_style = styles[f"Cover {name}"]
        leftward.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
        if name == "Line":  # in a list all begins at the left
            leftward.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    styles.element[0].set(qn("w:default"), "1")
    for name in (_ROWS, _LIST):
        styles.add_style(name, WD_STYLE_TYPE.TABLE).element.append(_table_look(lines=name == _LIST))
    box = _element("w:bdr", val="single", sz="8", space="0", color="auto")
    styles.add_style(_BOX, WD_STYLE_TYPE.CHARACTER).element.get_or_add_rPr().append(box)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _define(style: ParagraphStyle, name: str) -> None:
    size, bold, before, after = _STYLES[name]
    look, font = style.paragraph_format, style.font
    look.space_before, look.space_after, look.line_spacing = Pt(before), Pt(after), 1.0
    font.name, font.bold, font.cs_bold, font.size = "Arial", bold, bold, Pt(size)
    properties = style.element.get_or_add_rPr()
    for script, face in _FACES.items():
        properties.rFonts.set(qn(f"w:{script}"), face)
    properties.append(_element("w:szCs", val=str(2 * size)))


def _table_look(*, lines: bool) -> Element:
    """A table's properties: text begins where other text does; with lines between the rows."""
    look: Element = OxmlElement("w:tblPr")
    borders, margins = OxmlElement("w:tblBorders"), OxmlElement("w:tblCellMar")
    for side in ("top", "bottom", "insideH") if lines else ():
        borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color="808080"))
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w="0", type="dxa"))
    look.append(borders)
    look.append(margins)
    return look


def _element(name: str, **attributes: str) -> Element:
    made: Element = OxmlElement(name)
    for attribute, text in attributes.items():
        made.set(qn(f"w:{attribute}"), text)
    return made


def _write(paragraph: Paragraph, style: str, text: str, *, bold: bool = False) -> None:
    """Put text into a paragraph, from the right where its first letter runs so (UAX 9, P2)."""
    strong = (unicodedata.bidirectional(c) for c in text)
    leftward = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"
    paragraph.style = f"Cover {style}{_LEFTWARD}" if leftward else f"Cover {style}"
    run = paragraph.add_run(text)
    run.bold = run.font.cs_bold = bold or None
    run.font.rtl = leftward or None


def _on_a_line(text: str) -> str:
    """Text cut so that it fits on a line of the list."""
    line, width = "", 0
    for character in text:
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width > _WIDEST:
            return f"{line.rstrip()}…"
        line += character
    return line
