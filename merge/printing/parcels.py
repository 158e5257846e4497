"""Parcels: for each recipient an address, a packing list and a receipt.

Each begins on a page of its own. The address shows where the parcel goes and where it goes back,
and nothing else. The list and the receipt name the signers: they go inside, or along by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
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
_PARCEL_RETURN_STYLE = ParagraphStyle("envelope return", 11)
_PARCEL_STYLE = ParagraphStyle("envelope address", 28, inset=15, smallest_unwrapped=18)
_GAP_STYLE = ParagraphStyle("envelope gap", 1, space_above=40)
_ADDRESS_HEIGHT = 80
"""Millimetres for the address: with the return address above, half a page, to be folded."""

_TITLE_STYLE = ParagraphStyle("Title", 20, bold=True, new_page=True)
_HEADING_STYLE = ParagraphStyle("heading 1", 12, space_above=16, bold=True)
_TEXT_STYLE = ParagraphStyle("Body Text", 11, space_above=5)
_LIST_STYLE = ParagraphStyle("List", 10, space_above=2, inset=1)
_COLUMN_HEADING_STYLE = ParagraphStyle("List Heading", 8, space_above=2, inset=1, grey=True)
_STYLES = (
    *(_PAGE_START_STYLE, _PARCEL_RETURN_STYLE, _GAP_STYLE, _PARCEL_STYLE),
    *(_TITLE_STYLE, _HEADING_STYLE, _TEXT_STYLE, _LIST_STYLE, _COLUMN_HEADING_STYLE),
)

_ID_WIDTH, _NUMBER_WIDTH, _DETAIL_WIDTH, _SIGNER_WIDTH = (
    18,
    10,
    35,
    60,
)  # Widths of columns in millimetres
_MAX_IN_ONE_COLUMN = 30  # Letters that a packing list has in one column; more stand in two
_WRITING_HEIGHT, _STAMP_GAP_HEIGHT, _STAMP_HEIGHT = 16, 10, 60  # Heights of rows in millimetres


@dataclass(frozen=True, slots=True)
class ParcelLetter:
    """A letter that a parcel ought to hold: its signer, its short id, why it is missing if so."""

    signer: str
    id: str
    is_present: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A recipient's parcel: its address and the letters that it ought to hold.

    `return_address` is empty for none.
    """

    lines: tuple[str, ...]
    recipient: str
    letters: tuple[ParcelLetter, ...]
    return_address: tuple[str, ...] = ()

    @property
    def present_letters(self) -> tuple[ParcelLetter, ...]:
        """The letters that are in it."""
        return tuple(each for each in self.letters if each.is_present)

    @property
    def missing_letters(self) -> tuple[ParcelLetter, ...]:
        """The letters that are not in it."""
        return tuple(each for each in self.letters if not each.is_present)


def make_parcels(sent: Iterable[Parcel], paper: Literal["A4", "Letter"], campaign: str) -> bytes:
    """Return a .docx with three parts for each of one or more parcels, in their order.

    `campaign` is what the campaign is called, empty for nothing.
    """
    size = PAPERS[paper]
    wide = size.width - 2 * _MARGIN
    room = AddressArea(wide - 2 * _PARCEL_STYLE.inset, _ADDRESS_HEIGHT)
    made = []
    for parcel in sent:
        made += [
            text_paragraph("", _PAGE_START_STYLE),
            *(text_paragraph(text, _PARCEL_RETURN_STYLE) for text in parcel.return_address),
            text_paragraph("", _GAP_STYLE),
            fit_lines(parcel.lines, _PARCEL_STYLE, room, centred=True),
            _packing_list(parcel, wide, campaign),
            _receipt(parcel, wide, campaign),
        ]
    page = PageSetup(size.width, size.height, size.code, *[_MARGIN] * 4)
    return styled_docx("Parcels", _STYLES, "".join(made), page)


def _packing_list(parcel: Parcel, wide: float, campaign: str) -> str:
    """Return how many of how many letters, which are missing and why, which are in the parcel.

    Those in it are numbered, if many two in a row; the head says on each page whose parcel it is.
    """
    present, missing = parcel.present_letters, parcel.missing_letters
    count = f"{len(present)} of {len(parcel.letters)}; "
    text = text_paragraph("Packing list", _TITLE_STYLE)
    text += _details_table((("For", (parcel.recipient,)), ("Campaign", (campaign,))), wide)
    text += text_paragraph(count + ("missing:" if missing else "none missing"), _HEADING_STYLE)
    if missing:
        lines = ((each.signer, each.id, each.reason) for each in missing)
        text += _list_table(
            ("Signer", "Letter", "Why"),
            lines,
            (_SIGNER_WIDTH, _ID_WIDTH, wide - _SIGNER_WIDTH - _ID_WIDTH),
        )
    if present:
        texts = [(str(n), each.signer, each.id) for n, each in enumerate(present, 1)]
        columns = 1 if len(present) <= _MAX_IN_ONE_COLUMN else 2
        parts = (texts[at::columns] for at in range(columns))
        rows = (tuple(chain(*row)) for row in zip_longest(*parts, fillvalue=("", "", "")))
        heads = ("", f"Signer (to {parcel.recipient})", "Letter") * columns
        widths = (_NUMBER_WIDTH, wide / columns - _NUMBER_WIDTH - _ID_WIDTH, _ID_WIDTH) * columns
        text += text_paragraph("In the parcel", _HEADING_STYLE)
        text += _list_table(heads, rows, widths)
    return text


def _receipt(parcel: Parcel, wide: float, campaign: str) -> str:
    """Return what was handed over, and room for a date, a name, a signature and a stamp."""
    facts = (
        ("Received", (count_with_noun(len(parcel.present_letters), "letter"),)),
        ("For", (parcel.recipient,)),
        ("Campaign", (campaign,)),
        ("From", parcel.return_address),
    )
    left, right = mm_to_twips(_DETAIL_WIDTH), mm_to_twips(wide - _DETAIL_WIDTH)
    rows = []
    for name in ("Date", "Name", "Signature"):
        asked = table_cell(left, text_paragraph(name, _TEXT_STYLE), vertical_alignment="bottom")
        rows.append(table_row((asked, table_cell(right, ruled_sides="bottom")), _WRITING_HEIGHT))
    rows.append(table_row((table_cell(left), table_cell(right)), _STAMP_GAP_HEIGHT))
    box = table_cell(
        right, text_paragraph("Stamp", _COLUMN_HEADING_STYLE), ruled_sides="top left bottom right"
    )
    rows.append(table_row((table_cell(left), box), _STAMP_HEIGHT))
    title = text_paragraph("Receipt", _TITLE_STYLE)
    return title + _details_table(facts, wide) + fixed_table((left, right), rows)


def _details_table(facts: Iterable[tuple[str, Sequence[str]]], wide: float) -> str:
    """Return a table of what is known, a row each; what is blank is left out."""
    left, right = mm_to_twips(_DETAIL_WIDTH), mm_to_twips(wide - _DETAIL_WIDTH)
    rows = []
    for name, texts in facts:
        if any(texts):
            said = _left_aligned(texts[0], _TEXT_STYLE)
            said += "".join(_left_aligned(text, _PARCEL_RETURN_STYLE) for text in texts[1:])
            cells = (table_cell(left, text_paragraph(name, _TEXT_STYLE)), table_cell(right, said))
            rows.append(table_row(cells))
    return fixed_table((left, right), rows)


def _list_table(
    heads: Sequence[str], lines: Iterable[Sequence[str]], widths: Sequence[float]
) -> str:
    """Return a ruled table whose heads are repeated on each page."""
    columns = [mm_to_twips(width) for width in widths]

    def cells(texts: Sequence[str], style: ParagraphStyle) -> Iterator[str]:
        for text, width in zip(texts, columns, strict=True):
            yield table_cell(width, _left_aligned(text, style), ruled_sides="bottom")

    head = table_row(cells(heads, _COLUMN_HEADING_STYLE), repeat_on_each_page=True)
    return fixed_table(columns, (head, *(table_row(cells(line, _LIST_STYLE)) for line in lines)))


def _left_aligned(text: str, style: ParagraphStyle) -> str:
    """Return a paragraph at the left, whatever its script: it stands in a list."""
    return text_paragraph(text, style, opposite_side=is_right_to_left(text))
