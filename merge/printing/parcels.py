"""Parcels: for each recipient an address, a packing list and a receipt.

Each begins on a new page. The address page shows only where the parcel goes and the return address.
The packing list and the receipt name the signers. They are in the parcel, or are delivered by hand.
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
"""Millimetres for the address.

With the return address above, it takes half a page, which can be folded.
"""

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
_MAX_IN_ONE_COLUMN = 30  # Most letters that a packing list has in one column; more are in two
_WRITING_HEIGHT, _STAMP_GAP_HEIGHT, _STAMP_HEIGHT = 16, 10, 60  # Heights of rows in millimetres


@dataclass(frozen=True, slots=True)
class ParcelLetter:
    """A letter that should be in a parcel.

    `id` is its short ID. `reason` says why it is missing. `is_signed`: staff marked it as signed.
    """

    signer: str
    id: str
    is_present: bool
    reason: str = ""
    is_signed: bool = True


@dataclass(frozen=True, slots=True)
class Parcel:
    """A recipient's parcel: its address and the letters that it should have.

    `return_address` is empty for none.
    """

    lines: tuple[str, ...]
    recipient: str
    letters: tuple[ParcelLetter, ...]
    return_address: tuple[str, ...] = ()

    @property
    def present_letters(self) -> tuple[ParcelLetter, ...]:
        """The letters that are in the parcel."""
        return tuple(letter for letter in self.letters if letter.is_present)

    @property
    def unsigned_letters(self) -> tuple[ParcelLetter, ...]:
        """The letters that are in the parcel only if they are signed by then."""
        return tuple(letter for letter in self.present_letters if not letter.is_signed)

    @property
    def missing_letters(self) -> tuple[ParcelLetter, ...]:
        """The letters to the recipient that are not in the parcel."""
        return tuple(letter for letter in self.letters if not letter.is_present)


def make_parcels(
    parcel_list: Iterable[Parcel], paper: Literal["A4", "Letter"], campaign: str
) -> bytes:
    """Return a .docx with address, packing list and receipt for each parcel.

    `campaign` is the campaign's title, which may be empty. At least one parcel is required.
    """
    size = PAPERS[paper]
    width = size.width - 2 * _MARGIN
    area = AddressArea(width - 2 * _PARCEL_STYLE.inset, _ADDRESS_HEIGHT)
    content = []
    for parcel in parcel_list:
        content += [
            text_paragraph("", _PAGE_START_STYLE),
            *(text_paragraph(text, _PARCEL_RETURN_STYLE) for text in parcel.return_address),
            text_paragraph("", _GAP_STYLE),
            fit_lines(parcel.lines, _PARCEL_STYLE, area, centred=True),
            _packing_list(parcel, width, campaign),
            _receipt(parcel, width, campaign),
        ]
    page = PageSetup(size.width, size.height, size.code, *[_MARGIN] * 4)
    return styled_docx("Parcels", _STYLES, "".join(content), page)


def _packing_list(parcel: Parcel, width: float, campaign: str) -> str:
    """Return the XML of a packing list: included letters, and missing ones.

    Missing letters have a reason. Letters that are not marked as signed are listed apart.
    """
    unsigned, missing = parcel.unsigned_letters, parcel.missing_letters
    signed = tuple(letter for letter in parcel.present_letters if letter.is_signed)
    count = f"{len(signed)} of {len(parcel.letters)}"
    count += f", {len(unsigned)} more if signed" if unsigned else ""
    text = text_paragraph("Packing list", _TITLE_STYLE)
    text += _details_table((("For", (parcel.recipient,)), ("Campaign", (campaign,))), width)
    ending = "missing:" if missing else "none missing"
    text += text_paragraph(f"{count}; {ending}", _HEADING_STYLE)
    if missing:
        lines = ((letter.signer, letter.id, letter.reason) for letter in missing)
        text += _list_table(
            ("Signer", "Letter", "Why"),
            lines,
            (_SIGNER_WIDTH, _ID_WIDTH, width - _SIGNER_WIDTH - _ID_WIDTH),
        )
    if signed:
        text += text_paragraph("In the parcel", _HEADING_STYLE)
        text += _numbered_list(signed, 1, parcel.recipient, width)
    if unsigned:
        text += text_paragraph(_UNSIGNED_HEADING, _HEADING_STYLE)
        text += _numbered_list(unsigned, len(signed) + 1, parcel.recipient, width)
    return text


_UNSIGNED_HEADING = "Not marked as signed: cross out those that are not in the parcel"


def _numbered_list(
    letters: Sequence[ParcelLetter], first_number: int, recipient: str, width: float
) -> str:
    """Return the XML of a numbered list of letters.

    If it is long, two letters are in a row. Its heading has the recipient's name, and is repeated
    on each page.
    """
    texts = [(str(n), letter.signer, letter.id) for n, letter in enumerate(letters, first_number)]
    columns = 1 if len(letters) <= _MAX_IN_ONE_COLUMN else 2
    parts = (texts[first::columns] for first in range(columns))
    rows = (tuple(chain(*row)) for row in zip_longest(*parts, fillvalue=("", "", "")))
    headings = ("", f"Signer (to {recipient})", "Letter") * columns
    widths = (_NUMBER_WIDTH, width / columns - _NUMBER_WIDTH - _ID_WIDTH, _ID_WIDTH) * columns
    return _list_table(headings, rows, widths)


def _receipt(parcel: Parcel, width: float, campaign: str) -> str:
    """Return the XML of a receipt: letters delivered, date, signature, stamp.

    The number is left blank if some letters may not be in the parcel.
    """
    count = count_with_noun(len(parcel.present_letters), "letter")
    facts = (
        ("Received", (f"______ of {count}" if parcel.unsigned_letters else count,)),
        ("For", (parcel.recipient,)),
        ("Campaign", (campaign,)),
        ("From", parcel.return_address),
    )
    left, right = mm_to_twips(_DETAIL_WIDTH), mm_to_twips(width - _DETAIL_WIDTH)
    rows = []
    for name in ("Date", "Name", "Signature"):
        name_cell = table_cell(left, text_paragraph(name, _TEXT_STYLE), vertical_alignment="bottom")
        rows.append(
            table_row((name_cell, table_cell(right, ruled_sides="bottom")), _WRITING_HEIGHT)
        )
    rows.append(table_row((table_cell(left), table_cell(right)), _STAMP_GAP_HEIGHT))
    box = table_cell(
        right, text_paragraph("Stamp", _COLUMN_HEADING_STYLE), ruled_sides="top left bottom right"
    )
    rows.append(table_row((table_cell(left), box), _STAMP_HEIGHT))
    title = text_paragraph("Receipt", _TITLE_STYLE)
    return title + _details_table(facts, width) + fixed_table((left, right), rows)


def _details_table(details: Iterable[tuple[str, Sequence[str]]], width: float) -> str:
    """Return the XML of a table with a row for each detail that is not blank."""
    left, right = mm_to_twips(_DETAIL_WIDTH), mm_to_twips(width - _DETAIL_WIDTH)
    rows = []
    for name, texts in details:
        if any(texts):
            content = _left_aligned(texts[0], _TEXT_STYLE)
            content += "".join(_left_aligned(text, _PARCEL_RETURN_STYLE) for text in texts[1:])
            cells = (
                table_cell(left, text_paragraph(name, _TEXT_STYLE)),
                table_cell(right, content),
            )
            rows.append(table_row(cells))
    return fixed_table((left, right), rows)


def _list_table(
    headings: Sequence[str], lines: Iterable[Sequence[str]], widths: Sequence[float]
) -> str:
    """Return the XML of a ruled table that repeats its headings on each page."""
    columns = [mm_to_twips(width) for width in widths]

    def cells(texts: Sequence[str], style: ParagraphStyle) -> Iterator[str]:
        for text, width in zip(texts, columns, strict=True):
            yield table_cell(width, _left_aligned(text, style), ruled_sides="bottom")

    head = table_row(cells(headings, _COLUMN_HEADING_STYLE), repeat_on_each_page=True)
    return fixed_table(columns, (head, *(table_row(cells(line, _LIST_STYLE)) for line in lines)))


def _left_aligned(text: str, style: ParagraphStyle) -> str:
    """Return a left-aligned paragraph for a list, whatever the text's script.

    Its script does not matter.
    """
    return text_paragraph(text, style, opposite_side=is_right_to_left(text))
