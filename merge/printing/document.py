"""A Word file made from nothing, of pages, tables and lines whose places are exact.

It holds the few parts that Word asks for (ECMA-376 part 1, 11.3) and a title: no author, no date,
no template, nothing that a computer or a letter would leave in it. The same input gives the same
bytes. Lengths are in millimetres, type in points; the file counts in twips, a twentieth of a point.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from merge.package import Member, Package

LEADING = 1.15
"""From line to line, in sizes of the type: what Arial's own file asks for."""

_FONT = "Arial"
"""Sorting machines read it well, every Windows and Mac has it; Liberation Sans has its widths."""

_UNPRINTABLE = re.compile("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold (XML 1.0, 2.2), and tabs and breaks, which a line cannot."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats"
_WORD = f"{_TYPE}-officedocument.wordprocessingml"

_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
    f' ContentType="{_TYPE}-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/>'
    f'<Override PartName="/word/settings.xml" ContentType="{_WORD}.settings+xml"/>'
    '<Override PartName="/docProps/core.xml"'
    f' ContentType="{_TYPE}-package.core-properties+xml"/></Types>'
)
_LINKS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{_OFFICE}/officeDocument" Target="word/document.xml"/><Relationship Id="r2"'
    f' Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
_OWN_LINKS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{_OFFICE}/styles" Target="styles.xml"/><Relationship Id="r2"'
    f' Type="{_OFFICE}/settings" Target="settings.xml"/></Relationships>'
)
_SETTINGS = (
    f'{_HEAD}<w:settings {_MAIN}><w:compat><w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
"""As Word 2013 and later: a table's edge, not its text, stands at the margin."""

_CORE = (
    f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%s</dc:title></cp:coreProperties>'
)
_STYLES = (
    f"{_HEAD}<w:styles {_MAIN}><w:docDefaults><w:rPrDefault><w:rPr>"
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
class Page:
    """A page and its margins. `code` is the paper's number in stock.py."""

    width: float
    height: float
    code: int
    left: float
    top: float
    right: float
    bottom: float


def docx(title: str, styles: Iterable[Style], body: str, page: Page) -> bytes:
    """The whole file; every style that its lines have must be among the styles."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _LINKS,
        "word/document.xml": f"{_HEAD}<w:document {_MAIN}><w:body>{body}{_section(page)}</w:body>"
        "</w:document>",
        "word/_rels/document.xml.rels": _OWN_LINKS,
        "word/styles.xml": _STYLES % "".join(map(_style, styles)),
        "word/settings.xml": _SETTINGS,
        "docProps/core.xml": _CORE % _escaped(title),
    }
    members = tuple(Member.of(name, text.encode()) for name, text in parts.items())
    return Package(title, members).write()


def _section(page: Page) -> str:
    across = ' w:orient="landscape"' if page.width > page.height else ""
    sides = ("left", "top", "right", "bottom")
    margins = "".join(f' w:{side}="{twips(getattr(page, side))}"' for side in sides)
    return (
        f'<w:sectPr><w:pgSz w:w="{twips(page.width)}" w:h="{twips(page.height)}"{across}'
        f' w:code="{page.code}"/><w:pgMar{margins} w:header="0" w:footer="0" w:gutter="0"/>'
        "</w:sectPr>"
    )


def _style(style: Style) -> str:
    breaks = "<w:pageBreakBefore/>" if style.new_page else ""
    inset = f'<w:ind w:left="{twips(style.inset)}" w:right="{twips(style.inset)}"/>'
    side = '<w:jc w:val="right"/>' if style.right else ""
    look = "<w:b/><w:bCs/>" if style.bold else ""
    look += '<w:color w:val="808080"/>' if style.grey else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        '<w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{breaks}{_spacing(style.size, style.above)}{inset}{side}</w:pPr>"
        f"<w:rPr>{look}{_size(style.size)}</w:rPr></w:style>"
    )


def line(
    text: str, style: Style, *, size: float = 0, above: float | None = None, far: bool = False
) -> str:
    """A paragraph in a style, or in another size or with other space above than the style's.

    It runs from the side where its first letter does; `far` sets it against the other side.
    """
    leftward = is_leftward(text)
    whole = f'<w:pStyle w:val="{style.id}"/>' + ("<w:bidi/>" if leftward else "")
    if size or above is not None:
        whole += _spacing(size or style.size, style.above if above is None else above)
    whole += '<w:jc w:val="right"/>' if far else ""
    own = (_size(size) if size else "") + ("<w:rtl/>" if leftward else "")
    return (
        f"<w:p><w:pPr>{whole}</w:pPr><w:r><w:rPr>{own}</w:rPr>"
        f'<w:t xml:space="preserve">{_escaped(text)}</w:t></w:r></w:p>'
    )


def is_leftward(text: str) -> bool:
    """Whether the first letter is of a script that runs from the right (UAX 9, rule P2)."""
    strong = (unicodedata.bidirectional(c) for c in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


def _escaped(text: str) -> str:
    return escape(_UNPRINTABLE.sub(" ", text))


def _spacing(size: float, above: float) -> str:
    return (
        f'<w:spacing w:before="{round(above * 20)}" w:after="0"'
        f' w:line="{round(size * LEADING * 20)}" w:lineRule="exact"/>'
    )


def _size(size: float) -> str:
    return f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>'


def twips(length: float) -> int:
    """Millimetres in twips."""
    return round(length / 25.4 * 1440)


def table(widths: Sequence[int], rows: Iterable[str]) -> str:
    """A table whose columns have these widths in twips, its left edge at the margin."""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return _TABLE % (sum(widths), grid, "".join(rows))


def row(cells: Iterable[str], height: float = 0, *, repeated: bool = False) -> str:
    """A row exactly so high, or as high as it needs; repeated at the top of each page."""
    exact = f'<w:trHeight w:val="{twips(height)}" w:hRule="exact"/>' if height else ""
    head = "<w:tblHeader/>" if repeated else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{exact}{head}</w:trPr>{''.join(cells)}</w:tr>"


def cell(width: int, lines: str = "", *, place: str = "top", ruled: str = "") -> str:
    """A cell of a width in twips; its lines stand at the top, the center or the bottom.

    `ruled` are its sides that have a rule, in this order: top, left, bottom, right.
    """
    rules = "".join(f'<w:{s} w:val="single" w:sz="4" w:color="808080"/>' for s in ruled.split())
    borders = f"<w:tcBorders>{rules}</w:tcBorders>" if rules else ""
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>{borders}<w:vAlign w:val="{place}"/>'
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{lines or '<w:p/>'}</w:tc>"
