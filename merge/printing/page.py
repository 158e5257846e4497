"""A plain page for any script: lines, rows, a list to tick. Its styles are python-docx's work."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.styles.style import ParagraphStyle

from merge.printing.combine.slim import slim_docx
from merge.printing.document import twips
from merge.printing.stock import Paper
from merge.tags.text import Element, serialized

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

_COLUMNS = (12, 12, 0, 16)
_LETTER = 6.7 / 72 * 25.4
"""Millimetres: how wide a small letter or a digit of a row is at the most."""

_ANY = float("inf")
"""Room for any text."""

_NARROW, _WIDE = frozenset("iIjltf .,:;'|"), frozenset("MWmw@%&—…ÆŒæœЖМФШЩЫЮжмфшщыю")

_BLANKS = "\u00a0" * 4
_BOX = f'<w:r><w:rPr><w:rStyle w:val="CoverBox"/></w:rPr><w:t>{_BLANKS}</w:t></w:r>'
"""Blanks with a border round them: a box to tick, which asks for no font."""

_UNWRITABLE = re.compile("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold (XML 1.0, 2.2), and breaks."""


class Page:
    """A page of a size, filled from the top. Lengths are in millimetres."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._width = paper.width - 2 * _MARGIN
        self._blocks: list[str] = []

    @property
    def bytes(self) -> bytes:
        """The whole .docx."""
        sides = "".join(f' w:{s}="{twips(_MARGIN)}"' for s in ("left", "top", "right", "bottom"))
        size = f'<w:pgSz w:w="{twips(self._paper.width)}" w:h="{twips(self._paper.height)}"/>'
        section = f'<w:sectPr>{size}<w:pgMar{sides} w:header="0" w:footer="0" w:gutter="0"/>'
        return slim_docx(f"{''.join(self._blocks)}{section}</w:sectPr>", _styles())

    def write(self, text: str, style: str, *, new_page: bool = False) -> None:
        """A paragraph; it runs from the right where its first letter does."""
        self._blocks.append(_paragraph(text, style, new_page=new_page))

    def rows(
        self, rows: Iterable[Sequence[str]], widths: Sequence[float], *, cut: bool = False
    ) -> None:
        """Rows without lines, if `cut` each on one line; columns of no width share what is left."""
        columns = self._columns(widths)
        made = (_cells(row, columns if cut else [_ANY] * len(columns)) for row in rows)
        self._table("CoverRows", columns, _LOW, made)

    def ticks(self, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A list: a box to tick, then three columns. Each row is on one line."""
        columns = self._columns(_COLUMNS)
        head = ["<w:p/>", *(_paragraph(title, "Line", bold=True) for title in titles)]
        made = ([f"<w:p>{_BOX}</w:p>", *_cells(row, columns[1:])] for row in rows)
        self._table("CoverList", columns, _ROW, [head, *made])

    def _columns(self, widths: Sequence[float]) -> list[float]:
        left = (self._width - sum(widths)) / list(widths).count(0)
        return [width or left for width in widths]

    def _table(
        self, style: str, widths: Sequence[float], height: float, rows: Iterable[Sequence[str]]
    ) -> None:
        columns = [twips(width) for width in widths]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
        look = f'<w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(columns)}" w:type="dxa"/>'
        look += '<w:tblLayout w:type="fixed"/>'
        lines = "".join(_row(row, columns, height) for row in rows)
        self._blocks.append(
            f"<w:tbl><w:tblPr>{look}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl>"
        )


def _cells(texts: Sequence[str], columns: Sequence[float]) -> list[str]:
    """A line of each text, as far as there is room for it."""
    pairs = zip(texts, columns, strict=True)
    return [_paragraph(_on_a_line(text, width), "Line") for text, width in pairs]


def _row(cells: Sequence[str], widths: Sequence[int], height: float) -> str:
    each = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{cell}</w:tc>"
        for cell, width in zip(cells, widths, strict=True)
    )
    least = f'<w:trHeight w:val="{twips(height)}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr>{least}</w:trPr>{each}</w:tr>"


def _paragraph(text: str, style: str, *, bold: bool = False, new_page: bool = False) -> str:
    """Text in a style, from the right where its first letter runs so (UAX 9, P2)."""
    strong = (unicodedata.bidirectional(c) for c in text)
    leftward = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"
    name = f"Cover{style}{'Leftward' * leftward}"
    breaks = "<w:pageBreakBefore/>" * new_page
    look = "<w:b/><w:bCs/>" * bold + "<w:rtl/>" * leftward
    written = escape(_UNWRITABLE.sub(" ", text), quote=False)
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{name}"/>{breaks}</w:pPr><w:r><w:rPr>{look}</w:rPr>'
        f'<w:t xml:space="preserve">{written}</w:t></w:r></w:p>'
    )


def _on_a_line(text: str, room: float) -> str:
    """Text cut so that it fits on a line of so many millimetres."""
    left = room - _width("…")
    for number, character in enumerate(text):
        left -= _width(character)
        if left < 0 and sum(map(_width, text)) > room:
            return f"{text[:number].rstrip()}…"
    return text


def _width(character: str) -> float:
    """How wide a letter is at the most in the faces of this page, whatever its script."""
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 2 * _LETTER
    if character in _NARROW:
        return 0.5 * _LETTER
    if character in _WIDE:
        return 1.85 * _LETTER
    return 1.4 * _LETTER if character.isupper() or character > "\u024f" else _LETTER


@cache
def _styles() -> bytes:
    """The styles of this page, and no others."""
    styles = Document().styles
    for style in list(styles.element):
        styles.element.remove(style)
    for name in _STYLES:
        usual = styles.add_style(f"Cover {name}", WD_STYLE_TYPE.PARAGRAPH)
        _define(usual, name)
        leftward = styles.add_style(f"Cover {name} Leftward", WD_STYLE_TYPE.PARAGRAPH)
        leftward.base_style = usual
        leftward.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
        if name == "Line":  # in a list all begins at the left
            leftward.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    styles.element[0].set(qn("w:default"), "1")
    for name in ("Rows", "List"):
        table = styles.add_style(f"Cover {name}", WD_STYLE_TYPE.TABLE)
        table.element.append(_table_look(lines=name == "List"))
    box = _element("w:bdr", val="single", sz="8", space="0", color="auto")
    styles.add_style("Cover Box", WD_STYLE_TYPE.CHARACTER).element.get_or_add_rPr().append(box)
    return serialized(styles.element)


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
