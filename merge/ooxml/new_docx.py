"""New Word files with pages, tables and lines at exact positions.

1. A file has only the few parts that Word needs (ECMA-376 part 1, 11.3) and a title. It has no
   author, date or template, and nothing else that a computer or a letter would leave in it.
2. The same input gives the same bytes.
3. Lengths are in millimetres and text sizes in points. The file itself counts in twips, a twentieth
   of a point.
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
from merge.ooxml.container import ZipMember
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
"""Line spacing as a multiple of the text size, as Arial's font file asks."""

MAIN_PART = "word/document.xml"
WORDML_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"

_FONT = "Arial"
"""Font of new files, which sorting machines read well.

Every Windows and Mac has it, and Liberation Sans has the same widths.
"""

_LINE_BREAKS = re.compile("[\t\n\r]")
_CORE_PROPERTIES = (
    f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%s</dc:title></cp:coreProperties>'
)
_SETTINGS = (
    f'<w:settings {XMLNS_W}><w:compat><w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
"""Settings of Word 2013 and later.

In a table that begins at the margin, the edge is at the margin, not the text.
"""

_STYLES = (
    f"<w:styles {XMLNS_W}><w:docDefaults><w:rPrDefault><w:rPr>"
    f'<w:rFonts w:ascii="{_FONT}" w:hAnsi="{_FONT}" w:cs="{_FONT}"/><w:noProof/>'
    '</w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1"'
    ' w:styleId="Normal"><w:name w:val="Normal"/></w:style>%s</w:styles>'
)
"""Styles without proofing, so that names and streets are not underlined."""

_TABLE = (
    '<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblInd w:w="0" w:type="dxa"/>'
    '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
    '<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>%s%s</w:tbl>'
    '<w:p><w:pPr><w:spacing w:line="20" w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr>'
    "</w:pPr></w:p>"
)
"""A table, and the paragraph that must follow it, one point high."""
SPACE_BELOW_TABLE = 1
"""Millimetres that the paragraph below a table may need."""


@dataclass(frozen=True, slots=True)
class PaperSize:
    """A paper size in portrait orientation, in millimetres.

    `code` is the number that Word has for it, 0 for none.
    """

    name: str
    width: float
    height: float
    code: int


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """A paragraph style for new files.

    `size` and `space_above` are in points, `inset` is in millimetres. Lines that must fit into an
    area get a smaller size instead of wrapping, down to the size `smallest_unwrapped`.
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
        """The ID by which paragraphs refer to the style."""
        return self.name.title().replace(" ", "")


@dataclass(frozen=True, slots=True)
class PageSetup:
    """A page and its margins, in millimetres.

    `code` is the paper's number as in `PaperSize`; 0 for none.
    """

    width: float
    height: float
    code: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Attachment:
    """An additional part of a document, such as a picture.

    `relationship` is the last word of its relationship's type, and the ID by which the body refers
    to it. `type` is its content type.
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
    """Return a .docx as bytes, with a title, paragraph styles and a body.

    `styles` must contain every style that the body uses.
    """
    parts = PackageBuilder(default_types={})
    links = _relationships_to("r", ("styles", "word/styles.xml"), ("settings", "word/settings.xml"))
    attached = tuple(
        (
            attachment.relationship,
            _relationships_to("", (attachment.relationship, attachment.name))[0][1],
        )
        for attachment in attachments
    )
    document = _document(body + section_properties(page))
    parts.add_named_part(
        MAIN_PART, document, f"{WORDML_TYPE}.document.main+xml", (*links, *attached)
    )
    for attachment in attachments:
        parts.add_named_part(
            attachment.name, ZipMember.from_data("", attachment.data), attachment.type
        )
    styles_xml = _xml_member(_STYLES % "".join(map(_style, styles)))
    parts.add_named_part("word/styles.xml", styles_xml, f"{WORDML_TYPE}.styles+xml")
    parts.add_named_part("word/settings.xml", _xml_member(_SETTINGS), f"{WORDML_TYPE}.settings+xml")
    parts.add_named_part(CORE_PART, title_part(escape_line(title)), CORE_TYPE)
    main_links = _relationships_to("r", ("officeDocument", MAIN_PART))
    return parts.build((*main_links, ("r2", CORE_RELATIONSHIP)))


def minimal_docx(body: str, styles: bytes) -> bytes:
    """Return a .docx as bytes, with only a body and a styles part.

    The body's XML uses the prefix `w`.
    """
    parts = PackageBuilder()
    parts.add_named_part(
        "word/styles.xml", ZipMember.from_data("", styles), f"{WORDML_TYPE}.styles+xml"
    )
    links = _relationships_to("rId", ("styles", "word/styles.xml"))
    parts.add_named_part(MAIN_PART, _document(body), f"{WORDML_TYPE}.document.main+xml", links)
    return parts.build(_relationships_to("rId", ("officeDocument", MAIN_PART)))


def title_part(title: str) -> ZipMember:
    """Return the document properties part, with only a title.

    The title must already be escaped for XML.
    """
    return _xml_member(_CORE_PROPERTIES % title)


def _document(body: str) -> ZipMember:
    return _xml_member(f"<w:document {XMLNS_W}><w:body>{body}</w:body></w:document>")


def _xml_member(text: str) -> ZipMember:
    return ZipMember.from_data("", XML_DECLARATION + text.encode())


def _relationships_to(prefix: str, *parts: tuple[str, str]) -> PartRelationships:
    """Return relationships to other parts of the same .docx.

    Each part is given as the last word of the relationship's type and the part's name.
    """
    return tuple(
        (f"{prefix}{n}", Relationship(f"{RELATIONSHIPS}/{word}", name, external=False))
        for n, (word, name) in enumerate(parts, 1)
    )


def section_properties(page: PageSetup) -> str:
    """Return the XML of section properties for pages of this kind."""
    orientation = ' w:orient="landscape"' if page.width > page.height else ""
    sides = ("left", "top", "right", "bottom")
    margins = "".join(f' w:{side}="{mm_to_twips(getattr(page, side))}"' for side in sides)
    width, height = mm_to_twips(page.width), mm_to_twips(page.height)
    code = f' w:code="{page.code}"' if page.code else ""
    return (
        f'<w:sectPr><w:pgSz w:w="{width}" w:h="{height}"{orientation}{code}/>'
        f'<w:pgMar{margins} w:header="0" w:footer="0" w:gutter="0"/></w:sectPr>'
    )


def _style(style: ParagraphStyle) -> str:
    breaks = "<w:pageBreakBefore/>" if style.new_page else ""
    inset = f'<w:ind w:left="{mm_to_twips(style.inset)}" w:right="{mm_to_twips(style.inset)}"/>'
    side = '<w:jc w:val="right"/>' if style.right_aligned else ""
    font = "<w:b/><w:bCs/>" if style.bold else ""
    font += '<w:color w:val="808080"/>' if style.grey else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        '<w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{breaks}{_spacing(style.size, style.space_above)}{inset}{side}</w:pPr>"
        f"<w:rPr>{font}{_size_properties(style.size)}</w:rPr></w:style>"
    )


def text_paragraph(
    text: str,
    style: ParagraphStyle,
    *,
    size: float = 0,
    space_above: float | None = None,
    opposite_side: bool = False,
) -> str:
    """Return the XML of a paragraph of text in a style.

    `size` and `space_above` override those of the style. The direction of the paragraph is that of
    its first letter. With `opposite_side`, it is aligned to the other side.
    """
    leftward = is_right_to_left(text)
    style_xml = f'<w:pStyle w:val="{style.id}"/>' + ("<w:bidi/>" if leftward else "")
    if size or space_above is not None:
        style_xml += _spacing(
            size or style.size, style.space_above if space_above is None else space_above
        )
    style_xml += '<w:jc w:val="right"/>' if opposite_side else ""
    run_xml = (_size_properties(size) if size else "") + ("<w:rtl/>" if leftward else "")
    return (
        f"<w:p><w:pPr>{style_xml}</w:pPr><w:r><w:rPr>{run_xml}</w:rPr>"
        f'<w:t xml:space="preserve">{escape_line(text)}</w:t></w:r></w:p>'
    )


def is_right_to_left(text: str) -> bool:
    """Return whether the first letter is of a right-to-left script.

    UAX 9, rule P2.
    """
    directions = (unicodedata.bidirectional(c) for c in text)
    return next((kind for kind in directions if kind in {"L", "R", "AL"}), "L") != "L"


def escape_line(text: str) -> str:
    """Return a text on one line, escaped for XML.

    Tabs, line breaks and characters that XML cannot hold become spaces.
    """
    return escape(_LINE_BREAKS.sub(" ", XML_FORBIDDEN.sub(" ", text)), quote=False)


def _spacing(size: float, above: float) -> str:
    return (
        f'<w:spacing w:before="{round(above * 20)}" w:after="0"'
        f' w:line="{round(size * LEADING * 20)}" w:lineRule="exact"/>'
    )


def _size_properties(size: float) -> str:
    return f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>'


def mm_to_twips(length: float) -> int:
    """Return a length in millimetres in twips."""
    return round(length / 25.4 * 1440)


def fixed_table(widths: Sequence[int], rows: Iterable[str]) -> str:
    """Return the XML of a table of fixed column widths, in twips.

    Its left edge is at the margin.
    """
    return _TABLE % (sum(widths), table_grid(widths), "".join(rows))


def table_grid(widths: Iterable[int]) -> str:
    """Return the XML of the grid of a table with these column widths."""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tblGrid>{columns}</w:tblGrid>"


def table_row(cells: Iterable[str], height: float = 0, *, repeat_on_each_page: bool = False) -> str:
    """Return the XML of a table row of a height in millimetres.

    Without a height, it is as high as its text. It can be repeated at the top of each page.
    """
    row_height = f'<w:trHeight w:val="{mm_to_twips(height)}" w:hRule="exact"/>' if height else ""
    heading = "<w:tblHeader/>" if repeat_on_each_page else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{row_height}{heading}</w:trPr>{''.join(cells)}</w:tr>"


def table_cell(
    width: int, lines: str = "", *, vertical_alignment: str = "top", ruled_sides: str = ""
) -> str:
    """Return the XML of a table cell of a width in twips.

    `vertical_alignment` is `top`, `center` or `bottom`. `ruled_sides` are the sides with a line,
    separated by spaces and in this order: top, left, bottom, right.
    """
    rules = "".join(
        f'<w:{s} w:val="single" w:sz="4" w:color="808080"/>' for s in ruled_sides.split()
    )
    borders = f"<w:tcBorders>{rules}</w:tcBorders>" if rules else ""
    properties = (
        f'<w:tcW w:w="{width}" w:type="dxa"/>{borders}<w:vAlign w:val="{vertical_alignment}"/>'
    )
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{lines or '<w:p/>'}</w:tc>"


# Text sizes at which lines fit into an area, computed without a font.
#
# The widths of Latin letters are Helvetica's, from Adobe's Core 14 metrics (Helvetica.afm), which
# are also Arial's. Those of Greek and Cyrillic are from Liberation Sans, which has Arial's widths.
# Other letters count as wider than most of them are: a size that fits here fits on paper.


SMALLEST_SIZE = 7
"""Smallest text size in points; a smaller one is hard to read."""

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
"""Width of each character as a multiple of the text size.

Similar widths are combined.
"""

_ACCENT_WIDTH = 0.1
"""Width that an accent may add: í is wider than i, ơ than o."""

_WIDTHS_BY_CATEGORY = {"Mn": 0, "Me": 0, "Cf": 0}
"""Categories without a width: combining marks, direction marks."""

_OTHER_WIDTH = 0.8
"""Width of all other letters, as in DejaVu Sans, a wide font.

Its Arabic letters have 0.69 on average.
"""


@dataclass(frozen=True, slots=True)
class AddressArea:
    """An area for an address, in millimetres."""

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
    """Return paragraphs for the lines of an address, at a size that fits.

    The result is empty if no size fits. All lines are aligned to the side where the first line
    begins. So an address in Arabic with the country in Latin letters is one block. `centred` puts
    the block halfway down the area. `size` is given if several addresses share one.
    """
    size = fitting_size(lines, area, style) if size is None else size
    if not size:
        return ""
    free_height = (area.height - _height(lines, area, size)) / MM_PER_POINT
    paragraphs = []
    for number, text in enumerate(lines):
        above = free_height / 2 if centred and number == 0 else None
        far = is_right_to_left(text) != is_right_to_left(lines[0])
        paragraphs.append(
            text_paragraph(text, style, size=size, space_above=above, opposite_side=far)
        )
    return "".join(paragraphs)


def fitting_size(lines: Sequence[str], area: AddressArea, style: ParagraphStyle) -> float:
    """Return the size in points at which the lines fit.

    0 if even the smallest size does not fit.
    """
    sizes = [
        style.size - n * _SIZE_STEP
        for n in range(round((style.size - SMALLEST_SIZE) / _SIZE_STEP) + 1)
    ]
    unwrapped = [
        s
        for s in sizes
        if s >= style.smallest_unwrapped and _total_rows(lines, area, s) == len(lines)
    ]
    return next((s for s in (*unwrapped, *sizes) if _height(lines, area, s) <= area.height), 0)


def _height(lines: Sequence[str], area: AddressArea, size: float) -> float:
    """Return the height of wrapped lines in millimetres."""
    return _total_rows(lines, area, size) * size * LEADING * MM_PER_POINT


def wrapped_rows(text: str, width: float, size: float) -> int:
    """Return how many rows a text wraps to.

    `width` is in millimetres, `size` in points.
    """
    return _wrapped_row_count(text, width / MM_PER_POINT / size)


def cut_to_rows(text: str, rows: int, width: float, size: float) -> str:
    """Return a text that wraps to at most this number of rows.

    A longer text is cut and ends with `…`.
    """
    if wrapped_rows(text, width, size) <= rows:
        return text
    lengths = range(len(text))
    fitting_lengths = bisect_right(
        lengths, rows, key=lambda length: wrapped_rows(f"{text[:length]}…", width, size)
    )
    return f"{text[: max(0, fitting_lengths - 1)].rstrip()}…"


def _total_rows(lines: Sequence[str], area: AddressArea, size: float) -> int:
    return sum(_wrapped_row_count(text, area.width / MM_PER_POINT / size) for text in lines)


def _wrapped_row_count(text: str, most: float) -> int:
    """Return how many rows a text wraps to.

    `most` is the width of a row as a multiple of the text size.
    """
    rows, row_width = 1, 0.0
    for word in text.split(" "):
        width = sum(map(_width, word))
        if row_width and row_width + _WIDTHS[" "] + width > most:
            rows, row_width = rows + 1, 0.0
        row_width += (_WIDTHS[" "] if row_width else 0) + width
        if row_width > most:  # a long word, or a line without spaces, is broken
            extra_rows = math.ceil(row_width / (most - 1)) - 1
            rows, row_width = rows + extra_rows, row_width - extra_rows * (most - 1)
    return rows


def _width(character: str) -> float:
    """Return a character's width as a multiple of the text size."""
    if character in _WIDTHS:
        return _WIDTHS[character]
    base = unicodedata.normalize("NFD", character)[0]
    if base in _WIDTHS:
        return _WIDTHS[base] + _ACCENT_WIDTH
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1
    return _WIDTHS_BY_CATEGORY.get(unicodedata.category(character), _OTHER_WIDTH)
