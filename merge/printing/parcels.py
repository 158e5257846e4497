"""Parcels: for each recipient an address, a packing list and a receipt.

Each begins on a page of its own. The address shows where the parcel goes and where it goes back,
and nothing else. The list and the receipt name the signers: they go inside, or along by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal

from merge.ooxml.blank import (
    AddressArea,
    PageSetup,
    Style,
    fit_lines,
    fixed_table,
    is_right_to_left,
    mm_to_twips,
    styled_docx,
    table_cell,
    table_row,
    text_paragraph,
)
from merge.printing.batches import counted
from merge.printing.paper import PAPERS

_MARGIN = 20
_START = Style("page start", 1, new_page=True)
_PARCEL_RETURN_STYLE = Style("envelope return", 11)
_PARCEL_STYLE = Style("envelope address", 28, inset=15, unbroken=18)
_APART = Style("envelope gap", 1, above=40)
_HEIGHT = 80
"""Millimetres for the address: with the return address above, half a page, to be folded."""

_TITLE = Style("Title", 20, bold=True, new_page=True)
_HEAD = Style("heading 1", 12, above=16, bold=True)
_TEXT = Style("Body Text", 11, above=5)
_LISTED = Style("List", 10, above=2, inset=1)
_COLUMN = Style("List Heading", 8, above=2, inset=1, grey=True)
_STYLES = (
    *(_START, _PARCEL_RETURN_STYLE, _APART, _PARCEL_STYLE),
    *(_TITLE, _HEAD, _TEXT, _LISTED, _COLUMN),
)

_ID, _NUMBER, _FACT, _SIGNER = 18, 10, 35, 60  # Widths of columns in millimetres
_ONE_COLUMN = 30  # Letters that a packing list has in one column; more stand in two
_TO_WRITE, _STAMP_GAP, _TO_STAMP = 16, 10, 60  # Heights of rows in millimetres


@dataclass(frozen=True, slots=True)
class ParcelLetter:
    """A letter that a parcel ought to hold: its signer, its short id, why it is missing if so."""

    signer: str
    id: str
    present: bool
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
    def present(self) -> tuple[ParcelLetter, ...]:
        """The letters that are in it."""
        return tuple(each for each in self.letters if each.present)

    @property
    def missing(self) -> tuple[ParcelLetter, ...]:
        """The letters that are not in it."""
        return tuple(each for each in self.letters if not each.present)


def parcels(sent: Iterable[Parcel], paper: Literal["A4", "Letter"], campaign: str) -> bytes:
    """Return a .docx with three parts for each of one or more parcels, in their order.

    `campaign` is what the campaign is called, empty for nothing.
    """
    size = PAPERS[paper]
    wide = size.width - 2 * _MARGIN
    room = AddressArea(wide - 2 * _PARCEL_STYLE.inset, _HEIGHT)
    made = []
    for parcel in sent:
        made += [
            text_paragraph("", _START),
            *(text_paragraph(text, _PARCEL_RETURN_STYLE) for text in parcel.return_address),
            text_paragraph("", _APART),
            fit_lines(parcel.lines, _PARCEL_STYLE, room, middle=True),
            _packing_list(parcel, wide, campaign),
            _receipt(parcel, wide, campaign),
        ]
    page = PageSetup(size.width, size.height, size.code, *[_MARGIN] * 4)
    return styled_docx("Parcels", _STYLES, "".join(made), page)


def _packing_list(parcel: Parcel, wide: float, campaign: str) -> str:
    """Return how many of how many letters, which are missing and why, which are in the parcel.

    Those in it are numbered, if many two in a row; the head says on each page whose parcel it is.
    """
    present, missing = parcel.present, parcel.missing
    count = f"{len(present)} of {len(parcel.letters)}; "
    text = text_paragraph("Packing list", _TITLE)
    text += _facts((("For", (parcel.recipient,)), ("Campaign", (campaign,))), wide)
    text += text_paragraph(count + ("missing:" if missing else "none missing"), _HEAD)
    if missing:
        lines = ((each.signer, each.id, each.reason) for each in missing)
        text += _list(("Signer", "Letter", "Why"), lines, (_SIGNER, _ID, wide - _SIGNER - _ID))
    if present:
        texts = [(str(n), each.signer, each.id) for n, each in enumerate(present, 1)]
        columns = 1 if len(present) <= _ONE_COLUMN else 2
        parts = (texts[at::columns] for at in range(columns))
        rows = (tuple(chain(*row)) for row in zip_longest(*parts, fillvalue=("", "", "")))
        heads = ("", f"Signer (to {parcel.recipient})", "Letter") * columns
        widths = (_NUMBER, wide / columns - _NUMBER - _ID, _ID) * columns
        text += text_paragraph("In the parcel", _HEAD)
        text += _list(heads, rows, widths)
    return text


def _receipt(parcel: Parcel, wide: float, campaign: str) -> str:
    """Return what was handed over, and room for a date, a name, a signature and a stamp."""
    facts = (
        ("Received", (counted(len(parcel.present), "letter"),)),
        ("For", (parcel.recipient,)),
        ("Campaign", (campaign,)),
        ("From", parcel.return_address),
    )
    left, right = mm_to_twips(_FACT), mm_to_twips(wide - _FACT)
    rows = []
    for name in ("Date", "Name", "Signature"):
        asked = table_cell(left, text_paragraph(name, _TEXT), place="bottom")
        rows.append(table_row((asked, table_cell(right, ruled="bottom")), _TO_WRITE))
    rows.append(table_row((table_cell(left), table_cell(right)), _STAMP_GAP))
    box = table_cell(right, text_paragraph("Stamp", _COLUMN), ruled="top left bottom right")
    rows.append(table_row((table_cell(left), box), _TO_STAMP))
    title = text_paragraph("Receipt", _TITLE)
    return title + _facts(facts, wide) + fixed_table((left, right), rows)


def _facts(facts: Iterable[tuple[str, Sequence[str]]], wide: float) -> str:
    """Return a table of what is known, a row each; what is blank is left out."""
    left, right = mm_to_twips(_FACT), mm_to_twips(wide - _FACT)
    rows = []
    for name, texts in facts:
        if any(texts):
            said = _at_left(texts[0], _TEXT)
            said += "".join(_at_left(text, _PARCEL_RETURN_STYLE) for text in texts[1:])
            cells = (table_cell(left, text_paragraph(name, _TEXT)), table_cell(right, said))
            rows.append(table_row(cells))
    return fixed_table((left, right), rows)


def _list(heads: Sequence[str], lines: Iterable[Sequence[str]], widths: Sequence[float]) -> str:
    """Return a ruled table whose heads are repeated on each page."""
    columns = [mm_to_twips(width) for width in widths]

    def cells(texts: Sequence[str], style: Style) -> Iterator[str]:
        for text, width in zip(texts, columns, strict=True):
            yield table_cell(width, _at_left(text, style), ruled="bottom")

    head = table_row(cells(heads, _COLUMN), repeated=True)
    return fixed_table(columns, (head, *(table_row(cells(line, _LISTED)) for line in lines)))


def _at_left(text: str, style: Style) -> str:
    """Return a paragraph at the left, whatever its script: it stands in a list."""
    return text_paragraph(text, style, far=is_right_to_left(text))
