"""A Word file made from nothing, of pages, tables and lines whose places are exact.

It holds the few parts that Word asks for (ECMA-376 part 1, 11.3) and a title: no author, no date,
no template, nothing that a computer or a letter would leave in it. The same input gives the same
bytes. Lengths are in millimetres, type in points; the file counts in twips, a twentieth of a point.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from merge.ooxml import PACKAGE, RELATIONSHIPS, XML_FORBIDDEN, XMLNS_W
from merge.ooxml.container import Member
from merge.ooxml.package_builder import PackageBuilder
from merge.ooxml.relationships import (
    CORE_PART,
    CORE_RELATIONSHIP,
    CORE_TYPE,
    XML_DECLARATION,
    PartRelationships,
    Relationship,
)

LEADING = 1.15
"""From line to line, in sizes of the type: what Arial's own file asks for."""

MAIN_PART = "word/document.xml"
WORDML_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"

_FONT = "Arial"
"""Sorting machines read it well, every Windows and Mac has it; Liberation Sans has its widths."""

_LINE_BREAKS = re.compile("[\t\n\r]")
_CORE_PROPERTIES = (
    f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%s</dc:title></cp:coreProperties>'
)
_SETTINGS = (
    f'<w:settings {XMLNS_W}><w:compat><w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
"""As Word 2013 and later: a table's edge, not its text, stands at the margin."""

_STYLES = (
    f"<w:styles {XMLNS_W}><w:docDefaults><w:rPrDefault><w:rPr>"
    f'<w:rFonts w:ascii="{_FONT}" w:hAnsi="{_FONT}" w:cs="{_FONT}"/><w:noProof/>'
    '</w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1"'
    ' w:styleId="Normal"><w:name w:val="Normal"/></w:style>%s</w:styles>'
)
"""No proofing: names and streets get no red waves."""

_TABLE = (
    '<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblInd w:w="0" w:type="dxa"/>'
    '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
    '<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>%s%s</w:tbl>'
    '<w:p><w:pPr><w:spacing w:line="20" w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr>'
    "</w:pPr></w:p>"
)
"""With the paragraph that must follow it, one point high."""
SPACE_BELOW_TABLE = 1
"""Millimetres of a page that the paragraph below a table may need."""


@dataclass(frozen=True, slots=True)
class PaperSize:
    """A sheet of paper, upright."""

    name: str
    width: float
    height: float
    code: int


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """A paragraph style. `size` and `above`, the space above, are in points, `inset` in mm.

    Down to the size `unbroken`, lines that are to fit into a room are made smaller rather than
    wrapped.
    """

    name: str
    size: float
    space_above: float = 0
    inset: float = 0
    bold: bool = False
    grey: bool = False
    right_aligned: bool = False
    new_page: bool = False
    smallest_unwrapped: float = 9

    @property
    def id(self) -> str:
        """The name by which paragraphs ask for it."""
        return self.name.title().replace(" ", "")


@dataclass(frozen=True, slots=True)
class PageSetup:
    """A page and its margins. `code` is the paper's number, as in `PaperSize`; 0 for none."""

    width: float
    height: float
    code: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Attachment:
    """A further part of a document: the last word of its relationship, by which the body names it.

    `type` is its content type.
    """

    relationship: str
    name: str
    data: bytes
    type: str


def styled_docx(
    title: str,
    styles: Iterable[ParagraphStyle],
    body: str,
    page: PageSetup,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Return a whole file; every style that its lines have must be among the styles."""
    parts = PackageBuilder(default_types={})
    links = _relationships_to("r", ("styles", "word/styles.xml"), ("settings", "word/settings.xml"))
    more = tuple(
        (each.relationship, _relationships_to("", (each.relationship, each.name))[0][1])
        for each in attachments
    )
    document = _document(body + section_properties(page))
    parts.add_named_part(MAIN_PART, document, f"{WORDML_TYPE}.document.main+xml", (*links, *more))
    for each in attachments:
        parts.add_named_part(each.name, Member.from_data("", each.data), each.type)
    look = _xml_member(_STYLES % "".join(map(_style, styles)))
    parts.add_named_part("word/styles.xml", look, f"{WORDML_TYPE}.styles+xml")
    parts.add_named_part("word/settings.xml", _xml_member(_SETTINGS), f"{WORDML_TYPE}.settings+xml")
    parts.add_named_part(CORE_PART, title_part(escape_line(title)), CORE_TYPE)
    own = _relationships_to("r", ("officeDocument", MAIN_PART))
    return parts.build((*own, ("r2", CORE_RELATIONSHIP)))


def minimal_docx(body: str, styles: bytes) -> bytes:
    """Return a whole file from what stands in its body, in the prefix `w`, and its styles' part."""
    parts = PackageBuilder()
    parts.add_named_part(
        "word/styles.xml", Member.from_data("", styles), f"{WORDML_TYPE}.styles+xml"
    )
    links = _relationships_to("rId", ("styles", "word/styles.xml"))
    parts.add_named_part(MAIN_PART, _document(body), f"{WORDML_TYPE}.document.main+xml", links)
    return parts.build(_relationships_to("rId", ("officeDocument", MAIN_PART)))


def title_part(title: str) -> Member:
    """Return the document's properties, a title and nothing else; it is XML already."""
    return _xml_member(_CORE_PROPERTIES % title)


def _document(body: str) -> Member:
    return _xml_member(f"<w:document {XMLNS_W}><w:body>{body}</w:body></w:document>")


def _xml_member(text: str) -> Member:
    return Member.from_data("", XML_DECLARATION + text.encode())


def _relationships_to(prefix: str, *parts: tuple[str, str]) -> PartRelationships:
    """Return relationships to parts, each given as its kind's last word and its name."""
    return tuple(
        (f"{prefix}{n}", Relationship(f"{RELATIONSHIPS}/{word}", name, external=False))
        for n, (word, name) in enumerate(parts, 1)
    )


def section_properties(page: PageSetup) -> str:
    """Return the properties of a section of such pages."""
    across = ' w:orient="landscape"' if page.width > page.height else ""
    sides = ("left", "top", "right", "bottom")
    margins = "".join(f' w:{side}="{mm_to_twips(getattr(page, side))}"' for side in sides)
    width, height = mm_to_twips(page.width), mm_to_twips(page.height)
    code = f' w:code="{page.code}"' if page.code else ""
    return (
        f'<w:sectPr><w:pgSz w:w="{width}" w:h="{height}"{across}{code}/>'
        f'<w:pgMar{margins} w:header="0" w:footer="0" w:gutter="0"/></w:sectPr>'
    )


def _style(style: ParagraphStyle) -> str:
    breaks = "<w:pageBreakBefore/>" if style.new_page else ""
    inset = f'<w:ind w:left="{mm_to_twips(style.inset)}" w:right="{mm_to_twips(style.inset)}"/>'
    side = '<w:jc w:val="right"/>' if style.right_aligned else ""
    look = "<w:b/><w:bCs/>" if style.bold else ""
    look += '<w:color w:val="808080"/>' if style.grey else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        '<w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{breaks}{_spacing(style.size, style.space_above)}{inset}{side}</w:pPr>"
        f"<w:rPr>{look}{_size_properties(style.size)}</w:rPr></w:style>"
    )


def text_paragraph(
    text: str,
    style: ParagraphStyle,
    *,
    size: float = 0,
    space_above: float | None = None,
    opposite_side: bool = False,
) -> str:
    """Return a paragraph in a style, or in another size or with other space above than it has.

    It runs from the side where its first letter does; `far` sets it against the other side.
    """
    leftward = is_right_to_left(text)
    whole = f'<w:pStyle w:val="{style.id}"/>' + ("<w:bidi/>" if leftward else "")
    if size or space_above is not None:
        whole += _spacing(
            size or style.size, style.space_above if space_above is None else space_above
        )
    whole += '<w:jc w:val="right"/>' if opposite_side else ""
    own = (_size_properties(size) if size else "") + ("<w:rtl/>" if leftward else "")
    return (
        f"<w:p><w:pPr>{whole}</w:pPr><w:r><w:rPr>{own}</w:rPr>"
        f'<w:t xml:space="preserve">{escape_line(text)}</w:t></w:r></w:p>'
    )


def is_right_to_left(text: str) -> bool:
    """Return whether the first letter is of a script that runs from the right (UAX 9, P2)."""
    strong = (unicodedata.bidirectional(c) for c in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


def escape_line(text: str) -> str:
    """Return text for one line: what XML cannot hold, tabs and breaks become blanks."""
    return escape(_LINE_BREAKS.sub(" ", XML_FORBIDDEN.sub(" ", text)), quote=False)


def _spacing(size: float, above: float) -> str:
    return (
        f'<w:spacing w:before="{round(above * 20)}" w:after="0"'
        f' w:line="{round(size * LEADING * 20)}" w:lineRule="exact"/>'
    )


def _size_properties(size: float) -> str:
    return f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>'


def mm_to_twips(length: float) -> int:
    """Return millimetres in twips."""
    return round(length / 25.4 * 1440)


def fixed_table(widths: Sequence[int], rows: Iterable[str]) -> str:
    """Return a table whose columns have these widths in twips, its left edge at the margin."""
    return _TABLE % (sum(widths), table_grid(widths), "".join(rows))


def table_grid(widths: Iterable[int]) -> str:
    """Return the columns of a table, with their widths in twips."""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tblGrid>{columns}</w:tblGrid>"


def table_row(cells: Iterable[str], height: float = 0, *, repeat_on_each_page: bool = False) -> str:
    """Return a row exactly so high, or as high as it needs; repeated at the top of each page."""
    exact = f'<w:trHeight w:val="{mm_to_twips(height)}" w:hRule="exact"/>' if height else ""
    head = "<w:tblHeader/>" if repeat_on_each_page else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{exact}{head}</w:trPr>{''.join(cells)}</w:tr>"


def table_cell(
    width: int, lines: str = "", *, vertical_alignment: str = "top", ruled_sides: str = ""
) -> str:
    """Return a cell of a width in twips; its lines stand at the top, the center or the bottom.

    `ruled` are its sides that have a rule, in this order: top, left, bottom, right.
    """
    rules = "".join(
        f'<w:{s} w:val="single" w:sz="4" w:color="808080"/>' for s in ruled_sides.split()
    )
    borders = f"<w:tcBorders>{rules}</w:tcBorders>" if rules else ""
    properties = (
        f'<w:tcW w:w="{width}" w:type="dxa"/>{borders}<w:vAlign w:val="{vertical_alignment}"/>'
    )
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{lines or '<w:p/>'}</w:tc>"


# How large lines can be set in the room that there is, known without a font.
#
# The widths of Latin letters are Helvetica's, from Adobe's Core 14 metrics (Helvetica.afm), which
# are also Arial's; those of Greek and Cyrillic are from Liberation Sans, made to Arial's. Other
# letters are taken for wider than they mostly are: a size that fits here fits on paper.


SMALLEST_SIZE = 7
"""Points. What is smaller is not read with ease."""

_SIZE_STEP = 0.5
MM_PER_POINT = 25.4 / 72  # Millimetres
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

_ACCENT_WIDTH = 0.1
"""What an accent may add: í is wider than i, ơ than o."""

_WIDTHS_BY_CATEGORY = {"Mn": 0, "Me": 0, "Cf": 0}
"""What does not show by itself: marks above or below a letter, signs of direction."""

_OTHER_WIDTH = 0.8
"""Any other letter, as DejaVu Sans has them, a wide face: 0.69 on average in Arabic."""


@dataclass(frozen=True, slots=True)
class AddressArea:
    """The room for an address, in millimetres."""

    width: float
    height: float


def fit_lines(
    lines: Sequence[str],
    style: ParagraphStyle,
    area: AddressArea,
    *,
    centred: bool = False,
    size: float | None = None,
) -> str:
    """Return lines as paragraphs of a style, in a size at which they fit; empty if there is none.

    All stand against the side where the first line begins: an address in Arabic with the country
    in Latin letters is one block. `middle` puts it halfway down the room. `size` is known already
    if several addresses share one.
    """
    size = fitting_size(lines, area, style) if size is None else size
    if not size:
        return ""
    free = (area.height - _height(lines, area, size)) / MM_PER_POINT
    made = []
    for number, text in enumerate(lines):
        above = free / 2 if centred and number == 0 else None
        far = is_right_to_left(text) != is_right_to_left(lines[0])
        made.append(text_paragraph(text, style, size=size, space_above=above, opposite_side=far))
    return "".join(made)


def fitting_size(lines: Sequence[str], area: AddressArea, style: ParagraphStyle) -> float:
    """Return the size in points at which the lines fit; 0 if the smallest does not either."""
    sizes = [
        style.size - n * _SIZE_STEP
        for n in range(round((style.size - SMALLEST_SIZE) / _SIZE_STEP) + 1)
    ]
    whole = [
        s
        for s in sizes
        if s >= style.smallest_unwrapped and _total_rows(lines, area, s) == len(lines)
    ]
    return next((s for s in (*whole, *sizes) if _height(lines, area, s) <= area.height), 0)


def _height(lines: Sequence[str], room: AddressArea, size: float) -> float:
    """Return millimetres from the top of the first line to the foot of the last, wrapped."""
    return _total_rows(lines, room, size) * size * LEADING * MM_PER_POINT


def wrapped_rows(text: str, width: float, size: float) -> int:
    """Return how many rows a text of a size in points wraps to in a width in millimetres."""
    return _wrapped_row_count(text, width / MM_PER_POINT / size)


def cut_to_rows(text: str, rows: int, width: float, size: float) -> str:
    """Return a text that wraps to no more rows; a longer one is cut, and ends with `…`."""
    if wrapped_rows(text, width, size) <= rows:
        return text
    lengths = range(len(text))
    fits = bisect_right(
        lengths, rows, key=lambda length: wrapped_rows(f"{text[:length]}…", width, size)
    )
    return f"{text[: max(0, fits - 1)].rstrip()}…"


def _total_rows(lines: Sequence[str], room: AddressArea, size: float) -> int:
    return sum(_wrapped_row_count(text, room.width / MM_PER_POINT / size) for text in lines)


def _wrapped_row_count(text: str, most: float) -> int:
    """Return how many rows a text wraps to where a row is so many sizes of the type wide."""
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
    """Return a character's width in sizes of the type."""
    if character in _WIDTHS:
        return _WIDTHS[character]
    base = unicodedata.normalize("NFD", character)[0]
    if base in _WIDTHS:
        return _WIDTHS[base] + _ACCENT_WIDTH
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1
    return _WIDTHS_BY_CATEGORY.get(unicodedata.category(character), _OTHER_WIDTH)
