"""The XML of the proof document's own words, which owe nothing to the letter's styles.

ECMA-376 part 1, 17.3.1 and 17.3.2 (paragraphs and runs), 17.4 (tables), 17.6 (sections).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

_SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

SECTION = (
    f'<w:sectPr {_SPACE}><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="992" '
    'w:bottom="1134" w:left="992" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
)
"""A4, upright; 175 mm for text."""


class _Look(NamedTuple):
    """Type in half points, spaces before and after in twips, a colour."""

    size: int
    before: int = 0
    after: int = 0
    colour: str = "263238"
    bold: bool = False
    font: str = "Arial"


_LOOKS = {
    "title": _Look(40, after=120, bold=True),
    "heading": _Look(28, before=360, after=120, bold=True),
    "text": _Look(20, after=160),
    "warning": _Look(20, before=160, colour="8B0000"),
    "whose": _Look(18, after=40, bold=True),
    "small": _Look(16, colour="6B6B6B"),
    "box": _Look(36, font="Segoe UI Symbol"),
}


def paragraph(text: str, look: str) -> str:
    """A paragraph of one look, left to right; text in Arabic or Hebrew runs its own way in it."""
    return _paragraph(f"<w:t>{escape(text)}</w:t>", _LOOKS[look], "left")


def page_number() -> str:
    """The paragraph of a footer with the page's number and how many there are."""
    page, pages = (f'<w:fldSimple w:instr="{code}">' for code in ("PAGE", "NUMPAGES"))
    look = _LOOKS["small"]
    inner = f"{_run('<w:t>1</w:t>', look)}</w:fldSimple>"
    parts = f"{page}{inner}{_run(_SLASH, look)}{pages}{inner}"
    return f"<w:p {_SPACE}>{_properties(look, 'right')}{parts}</w:p>"


_SLASH = '<w:t xml:space="preserve"> / </w:t>'


def _paragraph(content: str, look: _Look, side: str) -> str:
    return f"<w:p {_SPACE}>{_properties(look, side)}{_run(content, look)}</w:p>"


def _properties(look: _Look, side: str) -> str:
    keep = "<w:keepNext/>" if look == _LOOKS["heading"] else ""
    return (
        f'<w:pPr>{keep}<w:bidi w:val="0"/><w:spacing w:before="{look.before}" '
        f'w:after="{look.after}" w:line="252" w:lineRule="auto"/>'
        f'<w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr>'
    )


def _run(content: str, look: _Look) -> str:
    font, bold = look.font, int(look.bold)
    return (
        f'<w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" '
        f'w:cs="{font}"/><w:b w:val="{bold}"/><w:bCs w:val="{bold}"/><w:i w:val="0"/>'
        f'<w:color w:val="{look.colour}"/><w:sz w:val="{look.size}"/><w:szCs w:val="{look.size}"/>'
        f"</w:rPr>{content}</w:r>"
    )


def table(widths: Sequence[int], rows: Sequence[Sequence[str]]) -> str:
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
        f'<w:tbl {_SPACE}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
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
