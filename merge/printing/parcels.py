"""Parcels: a sheet for each recipient, with a receipt at the foot.

The upper half shows only where the parcel goes and the return address. If the sheet is folded in
the middle, the names of the signers are inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from merge.ooxml.new_docx import (
    AddressArea,
    PageSetup,
    ParagraphStyle,
    fit_lines,
    fixed_table,
    is_right_to_left,
    mm_to_twips,
    styled_docx,
    table_cell,
    table_row,
    text_paragraph,
)
from merge.printing.batches import count_with_noun
from merge.printing.paper import PAPERS

_MARGIN = 20
_PAGE_START_STYLE = ParagraphStyle("page start", 1, new_page=True)
_RETURN_STYLE = ParagraphStyle("envelope return", 11)
_ADDRESS_STYLE = ParagraphStyle("envelope address", 28, inset=15, smallest_unwrapped=18)
_HEADING_STYLE = ParagraphStyle("heading 1", 12, space_above=12, bold=True)
_TEXT_STYLE = ParagraphStyle("Body Text", 11, space_above=5)
_LIST_STYLE = ParagraphStyle("List", 10, space_above=2, inset=1)
_SIGN_STYLE = ParagraphStyle("Signature", 11, space_above=18)
_NOTE_STYLE = ParagraphStyle("Note", 8, space_above=2, inset=1, grey=True)
_STYLES = (
    *(_PAGE_START_STYLE, _RETURN_STYLE, _ADDRESS_STYLE, _HEADING_STYLE, _TEXT_STYLE),
    *(_LIST_STYLE, _SIGN_STYLE, _NOTE_STYLE),
)

_ADDRESS_HEIGHT, _SIGNER_HEIGHT, _STAMP_WIDTH, _GAP_WIDTH = 80, 4.8, 60, 5
"""Heights and widths in millimetres."""

_COLUMNS, _MIN_ROWS = 3, 8
"""Columns of signers, and the smallest number of rows.

So the receipt of a small parcel is at the foot of its sheet.
"""

_BLANK = "_" * 24


@dataclass(frozen=True, slots=True)
class Parcel:
    """A recipient's parcel: its address, and the signers of its letters.

    `return_address` is empty for none.
    """

    lines: tuple[str, ...]
    recipient: str
    signers: tuple[str, ...]
    return_address: tuple[str, ...] = ()


def make_parcels(
    parcel_list: Iterable[Parcel], paper: Literal["A4", "Letter"], campaign: str
) -> bytes:
    """Return a .docx with a sheet for each parcel.

    `campaign` is the campaign's title, which may be empty. At least one parcel is required.
    """
    size = PAPERS[paper]
    width = size.width - 2 * _MARGIN
    content = []
    for parcel in parcel_list:
        content += [
            text_paragraph("", _PAGE_START_STYLE),
            _addresses(parcel, width, size.height / 2 - _MARGIN),
            _letters(parcel, width),
            _receipt(parcel, width, campaign),
        ]
    page = PageSetup(size.width, size.height, size.code, *[_MARGIN] * 4)
    return styled_docx("Parcels", _STYLES, "".join(content), page)


def _addresses(parcel: Parcel, width: float, height: float) -> str:
    """Return the XML of the upper half of a sheet."""
    area = AddressArea(width - 2 * _ADDRESS_STYLE.inset, _ADDRESS_HEIGHT)
    back = "".join(_left_aligned(text, _RETURN_STYLE) for text in parcel.return_address)
    address = fit_lines(parcel.lines, _ADDRESS_STYLE, area, centred=True)
    column = mm_to_twips(width)
    rows = (
        table_row((table_cell(column, back),), height - _ADDRESS_HEIGHT - 1),
        table_row((table_cell(column, address, ruled_sides="bottom"),), _ADDRESS_HEIGHT),
    )
    return fixed_table((column,), rows)


def _letters(parcel: Parcel, width: float) -> str:
    """Return the XML of the number of letters, and their signers."""
    count = count_with_noun(len(parcel.signers), "letter")
    heading = _left_aligned(f"{count} to {parcel.recipient}, from:", _HEADING_STYLE)
    column = mm_to_twips(width / _COLUMNS)
    cells = [table_cell(column, _left_aligned(name, _LIST_STYLE)) for name in parcel.signers]
    cells += [table_cell(column)] * (-len(cells) % _COLUMNS)
    rows = [table_row(cells[n : n + _COLUMNS]) for n in range(0, len(cells), _COLUMNS)]
    if len(rows) < _MIN_ROWS:
        height = _SIGNER_HEIGHT * (_MIN_ROWS - len(rows))
        rows.append(table_row([table_cell(column)] * _COLUMNS, height))
    return heading + fixed_table([column] * _COLUMNS, rows)


def _receipt(parcel: Parcel, width: float, campaign: str) -> str:
    """Return the XML of a receipt to be filled in, signed and stamped.

    The number is left blank, because a letter may be missing when the parcel is handed over.
    """
    count = count_with_noun(len(parcel.signers), "letter")
    facts = (f"Received: ______ of {count}", f"For: {parcel.recipient}", campaign)
    text = text_paragraph("Receipt", _HEADING_STYLE)
    text += "".join(_left_aligned(fact, _TEXT_STYLE) for fact in facts if fact)
    for name in ("Date", "Name", "Signature"):
        text += text_paragraph(f"{name}: {_BLANK}", _SIGN_STYLE)
    left = mm_to_twips(width - _STAMP_WIDTH - _GAP_WIDTH)
    gap, right = mm_to_twips(_GAP_WIDTH), mm_to_twips(_STAMP_WIDTH)
    stamp = text_paragraph("Stamp", _NOTE_STYLE)
    box = table_cell(right, stamp, ruled_sides="top left bottom right")
    row = table_row((table_cell(left, text), table_cell(gap), box))
    return fixed_table((left, gap, right), (row,))


def _left_aligned(text: str, style: ParagraphStyle) -> str:
    """Return a left-aligned paragraph, whatever the text's script."""
    return text_paragraph(text, style, opposite_side=is_right_to_left(text))
