"""A Word file made from nothing, of pages, tables and lines whose places are exact.

It holds the few parts that Word asks for (ECMA-376 part 1, 11.3) and a title: no author, no date,
no template, nothing that a computer or a letter would leave in it. The same input gives the same
bytes. Lengths are in millimetres, type in points; the file counts in twips, a twentieth of a point.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.styles.style import ParagraphStyle

from merge.ooxml.namespaces import PACKAGE, RELATIONSHIPS, XML_FORBIDDEN, XMLNS_W
from merge.ooxml.package import XML_DECLARATION, Member, Package, PackageBuilder, Relationship
from merge.ooxml.wordml import Element, serialized

LEADING = 1.15
"""From line to line, in sizes of the type: what Arial's own file asks for."""

_FONT = "Arial"
"""Sorting machines read it well, every Windows and Mac has it; Liberation Sans has its widths."""

_BREAKS = re.compile("[\t\n\r]")

_HEAD = XML_DECLARATION.decode()
_TYPE = "application/vnd.openxmlformats"
_WORD = f"{_TYPE}-officedocument.wordprocessingml"

_TYPES = (
    f'{_HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
    f' ContentType="{_TYPE}-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/>'
    f'<Override PartName="/word/settings.xml" ContentType="{_WORD}.settings+xml"/>'
    '<Override PartName="/docProps/core.xml"'
    f' ContentType="{_TYPE}-package.core-properties+xml"/></Types>'
)
_LINKS = (
    f'{_HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{RELATIONSHIPS}/officeDocument" Target="word/document.xml"/><Relationship Id="r2"'
    f' Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
_OWN_LINKS = (
    f'{_HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{RELATIONSHIPS}/styles" Target="styles.xml"/><Relationship Id="r2"'
    f' Type="{RELATIONSHIPS}/settings" Target="settings.xml"/></Relationships>'
)
_SETTINGS = (
    f'{_HEAD}<w:settings {XMLNS_W}><w:compat><w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
"""As Word 2013 and later: a table's edge, not its text, stands at the margin."""

_CORE = (
    f'{_HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%s</dc:title></cp:coreProperties>'
)
_STYLES_PART = (
    f"{_HEAD}<w:styles {XMLNS_W}><w:docDefaults><w:rPrDefault><w:rPr>"
    f'<w:rFonts w:ascii="{_FONT}" w:hAnsi="{_FONT}" w:cs="{_FONT}"/><w:noProof/>'
    '</w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1"'
    ' w:styleId="Normal"><w:name w:val="Normal"/></w:style>%s</w:styles>'
)
"""No proofing: names and streets get no red waves."""

_TABLE = (
    '<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblInd w:w="0" w:type="dxa"/>'
    '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
    '<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>%s</w:tblGrid>%s</w:tbl>'
    '<w:p><w:pPr><w:spacing w:line="20" w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr>'
    "</w:pPr></w:p>"
)
"""With the paragraph that must follow it, one point high."""


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style. `size` and `above`, the space above, are in points, `inset` in mm."""

    name: str
    size: float
    above: float = 0
    inset: float = 0
    bold: bool = False
    grey: bool = False
    right: bool = False
    new_page: bool = False

    @property
    def id(self) -> str:
        """The name by which paragraphs ask for it."""
        return self.name.title().replace(" ", "")


@dataclass(frozen=True, slots=True)
class PageSetup:
    """A page and its margins. `code` is the paper's number in stock.py."""

    width: float
    height: float
    code: int
    left: float
    top: float
    right: float
    bottom: float


def styled_docx(title: str, styles: Iterable[Style], body: str, page: PageSetup) -> bytes:
    """The whole file; every style that its lines have must be among the styles."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _LINKS,
        "word/document.xml": f"{_HEAD}<w:document {XMLNS_W}><w:body>{body}{_section(page)}</w:body>"
        "</w:document>",
        "word/_rels/document.xml.rels": _OWN_LINKS,
        "word/styles.xml": _STYLES_PART % "".join(map(_style, styles)),
        "word/settings.xml": _SETTINGS,
        "docProps/core.xml": _CORE % _escaped(title),
    }
    members = tuple(Member.of(name, text.encode()) for name, text in parts.items())
    return Package(title, members).write()


def _section(page: PageSetup) -> str:
    across = ' w:orient="landscape"' if page.width > page.height else ""
    sides = ("left", "top", "right", "bottom")
    margins = "".join(f' w:{side}="{mm_to_twips(getattr(page, side))}"' for side in sides)
    width, height = mm_to_twips(page.width), mm_to_twips(page.height)
    return (
        f'<w:sectPr><w:pgSz w:w="{width}" w:h="{height}"{across}'
        f' w:code="{page.code}"/><w:pgMar{margins} w:header="0" w:footer="0" w:gutter="0"/>'
        "</w:sectPr>"
    )


def _style(style: Style) -> str:
    breaks = "<w:pageBreakBefore/>" if style.new_page else ""
    inset = f'<w:ind w:left="{mm_to_twips(style.inset)}" w:right="{mm_to_twips(style.inset)}"/>'
    side = '<w:jc w:val="right"/>' if style.right else ""
    look = "<w:b/><w:bCs/>" if style.bold else ""
    look += '<w:color w:val="808080"/>' if style.grey else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        '<w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{breaks}{_spacing(style.size, style.above)}{inset}{side}</w:pPr>"
        f"<w:rPr>{look}{_size(style.size)}</w:rPr></w:style>"
    )


def text_paragraph(
    text: str, style: Style, *, size: float = 0, above: float | None = None, far: bool = False
) -> str:
    """A paragraph in a style, or in another size or with other space above than the style's.

    It runs from the side where its first letter does; `far` sets it against the other side.
    """
    leftward = is_right_to_left(text)
    whole = f'<w:pStyle w:val="{style.id}"/>' + ("<w:bidi/>" if leftward else "")
    if size or above is not None:
        whole += _spacing(size or style.size, style.above if above is None else above)
    whole += '<w:jc w:val="right"/>' if far else ""
    own = (_size(size) if size else "") + ("<w:rtl/>" if leftward else "")
    return (
        f"<w:p><w:pPr>{whole}</w:pPr><w:r><w:rPr>{own}</w:rPr>"
        f'<w:t xml:space="preserve">{_escaped(text)}</w:t></w:r></w:p>'
    )


def is_right_to_left(text: str) -> bool:
    """Whether the first letter is of a script that runs from the right (UAX 9, rule P2)."""
    strong = (unicodedata.bidirectional(c) for c in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


def _escaped(text: str) -> str:
    """Text for one line: what XML cannot hold, tabs and breaks become blanks."""
    return escape(_BREAKS.sub(" ", XML_FORBIDDEN.sub(" ", text)))


def _spacing(size: float, above: float) -> str:
    return (
        f'<w:spacing w:before="{round(above * 20)}" w:after="0"'
        f' w:line="{round(size * LEADING * 20)}" w:lineRule="exact"/>'
    )


def _size(size: float) -> str:
    return f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>'


def mm_to_twips(length: float) -> int:
    """Millimetres in twips."""
    return round(length / 25.4 * 1440)


def fixed_table(widths: Sequence[int], rows: Iterable[str]) -> str:
    """A table whose columns have these widths in twips, its left edge at the margin."""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return _TABLE % (sum(widths), grid, "".join(rows))


def table_row(cells: Iterable[str], height: float = 0, *, repeated: bool = False) -> str:
    """A row exactly so high, or as high as it needs; repeated at the top of each page."""
    exact = f'<w:trHeight w:val="{mm_to_twips(height)}" w:hRule="exact"/>' if height else ""
    head = "<w:tblHeader/>" if repeated else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{exact}{head}</w:trPr>{''.join(cells)}</w:tr>"


def table_cell(width: int, lines: str = "", *, place: str = "top", ruled: str = "") -> str:
    """A cell of a width in twips; its lines stand at the top, the center or the bottom.

    `ruled` are its sides that have a rule, in this order: top, left, bottom, right.
    """
    rules = "".join(f'<w:{s} w:val="single" w:sz="4" w:color="808080"/>' for s in ruled.split())
    borders = f"<w:tcBorders>{rules}</w:tcBorders>" if rules else ""
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>{borders}<w:vAlign w:val="{place}"/>'
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{lines or '<w:p/>'}</w:tc>"


@dataclass(frozen=True, slots=True)
class PaperSize:
    """A sheet of paper, upright."""

    name: str
    width: float
    height: float
    code: int


# A plain page for any script: lines, rows, a list to tick. Its styles are python-docx's work.


_MARGIN, _ROW, _LOW = 20, 8.5, 6.5
"""Millimetres: the page's margins, the heights of a row to tick and of any other."""

_FACES = {"ascii": "Arial", "hAnsi": "Arial", "cs": "Arial", "eastAsia": "Microsoft YaHei"}
_COVER_STYLES = {
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

_NARROW, _WIDE_LETTERS = frozenset("iIjltf .,:;'|"), frozenset("MWmw@%&—…ÆŒæœЖМФШЩЫЮжмфшщыю")

_BLANKS = "\u00a0" * 4
_BOX = f'<w:r><w:rPr><w:rStyle w:val="CoverBox"/></w:rPr><w:t>{_BLANKS}</w:t></w:r>'
"""Blanks with a border round them: a box to tick, which asks for no font."""


class CoverPage:
    """A page of a size, filled from the top. Lengths are in millimetres."""

    def __init__(self, paper: PaperSize) -> None:
        self._paper = paper
        self._width = paper.width - 2 * _MARGIN
        self._blocks: list[str] = []

    @property
    def bytes(self) -> bytes:
        """The whole .docx."""
        sides = "".join(
            f' w:{s}="{mm_to_twips(_MARGIN)}"' for s in ("left", "top", "right", "bottom")
        )
        width, height = mm_to_twips(self._paper.width), mm_to_twips(self._paper.height)
        size = f'<w:pgSz w:w="{width}" w:h="{height}"/>'
        section = f'<w:sectPr>{size}<w:pgMar{sides} w:header="0" w:footer="0" w:gutter="0"/>'
        return minimal_docx(f"{''.join(self._blocks)}{section}</w:sectPr>", _styles())

    def write(self, text: str, style: str, *, new_page: bool = False) -> None:
        """A paragraph; it runs from the right where its first letter does."""
        self._blocks.append(_cover_paragraph(text, style, new_page=new_page))

    def rows(
        self, rows: Iterable[Sequence[str]], widths: Sequence[float], *, cut: bool = False
    ) -> None:
        """Rows without lines, if `cut` each on one line; columns of no width share what is left."""
        columns = self._columns(widths)
        made = (_cells(row, columns if cut else [_ANY] * len(columns)) for row in rows)
        self._table("CoverRows", columns, _LOW, made)

    def tick_list(self, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A list: a box to tick, then three columns. Each row is on one line."""
        columns = self._columns(_COLUMNS)
        head = ["<w:p/>", *(_cover_paragraph(title, "Line", bold=True) for title in titles)]
        made = ([f"<w:p>{_BOX}</w:p>", *_cells(row, columns[1:])] for row in rows)
        self._table("CoverList", columns, _ROW, [head, *made])

    def _columns(self, widths: Sequence[float]) -> list[float]:
        left = (self._width - sum(widths)) / list(widths).count(0)
        return [width or left for width in widths]

    def _table(
        self, style: str, widths: Sequence[float], height: float, rows: Iterable[Sequence[str]]
    ) -> None:
        columns = [mm_to_twips(width) for width in widths]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
        look = f'<w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(columns)}" w:type="dxa"/>'
        look += '<w:tblLayout w:type="fixed"/>'
        lines = "".join(_cover_row(row, columns, height) for row in rows)
        self._blocks.append(
            f"<w:tbl><w:tblPr>{look}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl>"
        )


def _cells(texts: Sequence[str], columns: Sequence[float]) -> list[str]:
    """A line of each text, as far as there is room for it."""
    pairs = zip(texts, columns, strict=True)
    return [_cover_paragraph(_on_a_line(text, width), "Line") for text, width in pairs]


def _cover_row(cells: Sequence[str], widths: Sequence[int], height: float) -> str:
    each = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{cell}</w:tc>"
        for cell, width in zip(cells, widths, strict=True)
    )
    least = f'<w:trHeight w:val="{mm_to_twips(height)}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr>{least}</w:trPr>{each}</w:tr>"


def _cover_paragraph(text: str, style: str, *, bold: bool = False, new_page: bool = False) -> str:
    """Text in a style, from the right where its first letter runs so (UAX 9, P2)."""
    leftward = is_right_to_left(text)
    name = f"Cover{style}{'Leftward' * leftward}"
    breaks = "<w:pageBreakBefore/>" * new_page
    look = "<w:b/><w:bCs/>" * bold + "<w:rtl/>" * leftward
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{name}"/>{breaks}</w:pPr><w:r><w:rPr>{look}</w:rPr>'
        f'<w:t xml:space="preserve">{_escaped(text)}</w:t></w:r></w:p>'
    )


def _on_a_line(text: str, room: float) -> str:
    """Text cut so that it fits on a line of so many millimetres."""
    left = room - _widest("…")
    for number, character in enumerate(text):
        left -= _widest(character)
        if left < 0 and sum(map(_widest, text)) > room:
            return f"{text[:number].rstrip()}…"
    return text


def _widest(character: str) -> float:
    """How wide a letter is at the most in the faces of this page, whatever its script."""
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 2 * _LETTER
    if character in _NARROW:
        return 0.5 * _LETTER
    if character in _WIDE_LETTERS:
        return 1.85 * _LETTER
    return 1.4 * _LETTER if character.isupper() or character > "\u024f" else _LETTER


@cache
def _styles() -> bytes:
    """The styles of this page, and no others."""
    styles = Document().styles
    for style in list(styles.element):
        styles.element.remove(style)
    for name in _COVER_STYLES:
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
    size, bold, before, after = _COVER_STYLES[name]
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


# A .docx of nothing but text and styles.


WORDML_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
MAIN_PART = "word/document.xml"


def minimal_docx(body: str, styles: bytes) -> bytes:
    """The whole file, from what stands in its body, in the prefix `w`, and its part of styles."""
    parts = PackageBuilder()
    parts.put("word/styles.xml", Member.of("", styles), f"{WORDML_TYPE}.styles+xml")
    links = (("rId1", Relationship(f"{RELATIONSHIPS}/styles", "word/styles.xml", external=False)),)
    text = f"<w:document {XMLNS_W}><w:body>{body}</w:body></w:document>"
    main = Member.of("", XML_DECLARATION + text.encode())
    parts.put(MAIN_PART, main, f"{WORDML_TYPE}.document.main+xml", links)
    return parts.package(
        (("rId1", Relationship(f"{RELATIONSHIPS}/officeDocument", MAIN_PART, external=False)),)
    )


# The XML of the proof document's own words, which owe nothing to the letter's styles.
#
# ECMA-376 part 1, 17.3.1 and 17.3.2 (paragraphs and runs), 17.4 (tables), 17.6 (sections).


SECTION = (
    f'<w:sectPr {XMLNS_W}><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="992" '
    'w:bottom="1134" w:left="992" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
)
"""A4, upright; 175 mm for text."""


class _ProofFormat(NamedTuple):
    """Type in half points, spaces before and after in twips, a colour."""

    size: int
    before: int = 0
    after: int = 0
    colour: str = "263238"
    bold: bool = False
    font: str = "Arial"


_PROOF_FORMATS = {
    "title": _ProofFormat(40, after=120, bold=True),
    "heading": _ProofFormat(28, before=360, after=120, bold=True),
    "text": _ProofFormat(20, after=160),
    "warning": _ProofFormat(20, before=160, colour="8B0000"),
    "whose": _ProofFormat(18, after=40, bold=True),
    "small": _ProofFormat(16, colour="6B6B6B"),
    "box": _ProofFormat(36, font="Segoe UI Symbol"),
}


def proof_paragraph(text: str, look: str) -> str:
    """A paragraph of one look, left to right; text in Arabic or Hebrew runs its own way in it."""
    return _proof_paragraph_xml(f"<w:t>{escape(text)}</w:t>", _PROOF_FORMATS[look], "left")


def page_number() -> str:
    """The paragraph of a footer with the page's number and how many there are."""
    page, pages = (f'<w:fldSimple w:instr="{code}">' for code in ("PAGE", "NUMPAGES"))
    look = _PROOF_FORMATS["small"]
    inner = f"{_run('<w:t>1</w:t>', look)}</w:fldSimple>"
    parts = f"{page}{inner}{_run(_SLASH, look)}{pages}{inner}"
    return f"<w:p {XMLNS_W}>{_properties(look, 'right')}{parts}</w:p>"


_SLASH = '<w:t xml:space="preserve"> / </w:t>'


def _proof_paragraph_xml(content: str, look: _ProofFormat, side: str) -> str:
    return f"<w:p {XMLNS_W}>{_properties(look, side)}{_run(content, look)}</w:p>"


def _properties(look: _ProofFormat, side: str) -> str:
    keep = "<w:keepNext/>" if look == _PROOF_FORMATS["heading"] else ""
    return (
        f'<w:pPr>{keep}<w:bidi w:val="0"/><w:spacing w:before="{look.before}" '
        f'w:after="{look.after}" w:line="252" w:lineRule="auto"/>'
        f'<w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr>'
    )


def _run(content: str, look: _ProofFormat) -> str:
    font, bold = look.font, int(look.bold)
    return (
        f'<w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" '
        f'w:cs="{font}"/><w:b w:val="{bold}"/><w:bCs w:val="{bold}"/><w:i w:val="0"/>'
        f'<w:color w:val="{look.colour}"/><w:sz w:val="{look.size}"/><w:szCs w:val="{look.size}"/>'
        f"</w:rPr>{content}</w:r>"
    )


def proof_table(widths: Sequence[int], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells' XML, lines between its rows; no row runs over two pages.

    Widths are in twips.
    """
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>'
        for side in ("top", "bottom", "insideH")
    )
    room = "".join(
        f'<w:{side} w:w="100" w:type="dxa"/>' for side in ("top", "left", "bottom", "right")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl {XMLNS_W}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders>{lines}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{room}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(_row(widths, row) for row in rows)}</w:tbl>"
    )


def _row(widths: Sequence[int], cells: Sequence[str]) -> str:
    made = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{cell}</w:tc>'
        for width, cell in zip(widths, cells, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{made}</w:tr>"


# How large lines can be set in the room that there is, told without a font.
#
# The widths of Latin letters are Helvetica's, from Adobe's Core 14 metrics (Helvetica.afm), which
# are also Arial's; those of Greek and Cyrillic are from Liberation Sans, made to Arial's. Other
# letters are taken for wider than they mostly are: a size that fits here fits on paper.


SMALLEST = 7
"""Points. What is smaller is not read with ease."""

_COMFORTABLE = 9
"""Points down to which lines are rather made smaller than wrapped."""

_STEP = 0.5
_POINT = 25.4 / 72
_WIDTHS = {
    character: width
    for width, characters in {
        0.222: "ijl'іјι",
        0.278: " !,./:;I[\\]ft|ΙІЇї",
        0.334: "()-`r{}",
        0.389: '"*г',
        0.5: "Jcksvxyz^зкстухγεζκλνξςτҐґ",
        0.556: "#$0123456789?L_abdeghnopquГаеийнопрчьэяєђћџвδηθουχΓ",
        0.611: "+<=>~FTZЗКТбдлцαβμρΖΤ",
        0.667: "&ABEKPSVXYАБВЕЛРУХЧЬжъΑΒΔΕΚΛΞΡΣΥΧφσ",
        0.722: "CDHNRUwДИЙНПСЭЯЄмыΗΝΠπψ",
        0.778: "GOQОФЦюΘΟΩω",
        0.833: "MmМЪфшщњΜΦΨ",
        0.944: "W%ЖШЩЫљ",
        1.015: "@Ю",
    }.items()
    for character in characters
}
"""In sizes of the type, near widths taken together."""

_ACCENT = 0.1
"""What an accent may add: í is wider than i, ơ than o."""

_OTHERS = {"Mn": 0, "Me": 0, "Cf": 0}
"""What does not show by itself: marks above or below a letter, signs of direction."""

_OTHER_WIDTH = 0.8
"""Any other letter, as DejaVu Sans has them, a wide face: 0.69 on average in Arabic."""


@dataclass(frozen=True, slots=True)
class AddressArea:
    """The room for an address, in millimetres."""

    width: float
    height: float


def fit_lines(
    lines: Sequence[str], style: Style, room: AddressArea, *, middle: bool = False
) -> str:
    """The lines as paragraphs of a style, small enough for their room; empty where none is.

    All stand against the side where the first line begins: an address in Arabic with the country
    in Latin letters is one block. `middle` puts it halfway down the room.
    """
    size = fitting_size(lines, room, style.size)
    if not size:
        return ""
    free = (room.height - _height(lines, room, size)) / _POINT
    made = []
    for number, text in enumerate(lines):
        above = free / 2 if middle and number == 0 else None
        far = is_right_to_left(text) != is_right_to_left(lines[0])
        made.append(text_paragraph(text, style, size=size, above=above, far=far))
    return "".join(made)


def fitting_size(lines: Sequence[str], room: AddressArea, largest: float) -> float:
    """The size in points at which the lines fit; 0 where they do not at the smallest either."""
    sizes = [largest - n * _STEP for n in range(round((largest - SMALLEST) / _STEP) + 1)]
    whole = [s for s in sizes if s >= _COMFORTABLE and _rows(lines, room, s) == len(lines)]
    return next((s for s in (*whole, *sizes) if _height(lines, room, s) <= room.height), 0)


def _height(lines: Sequence[str], room: AddressArea, size: float) -> float:
    """Millimetres from the top of the first line to the foot of the last, wrapped."""
    return _rows(lines, room, size) * size * LEADING * _POINT


def _rows(lines: Sequence[str], room: AddressArea, size: float) -> int:
    most = room.width / _POINT / size
    return sum(_rows_of(text, most) for text in lines)


def _rows_of(text: str, most: float) -> int:
    """How many rows a text wraps to where a row is so many sizes of the type wide."""
    rows, filled = 1, 0.0
    for word in text.split(" "):
        width = sum(map(_width, word))
        if filled and filled + _WIDTHS[" "] + width > most:
            rows, filled = rows + 1, 0.0
        filled += (_WIDTHS[" "] if filled else 0) + width
        if filled > most:  # a word, or a line without spaces, that is broken where it must be
            more = math.ceil(filled / (most - 1)) - 1
            rows, filled = rows + more, filled - more * (most - 1)
    return rows


def _width(character: str) -> float:
    """A character's width in sizes of the type."""
    if character in _WIDTHS:
        return _WIDTHS[character]
    base = unicodedata.normalize("NFD", character)[0]
    if base in _WIDTHS:
        return _WIDTHS[base] + _ACCENT
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1
    return _OTHERS.get(unicodedata.category(character), _OTHER_WIDTH)
