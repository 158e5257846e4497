"""Envelopes: one page each, of the envelope's size, in landscape.

Sorting machines expect the address in a certain area, and other areas blank:
- USPS, Domestic Mail Manual 102.2.1: within 1/2 in of the sides, from 5/8 in to 2 3/4 in above the
  lower edge. Anything else is printed above the address (Publication 28, A1).
- Deutsche Post, *Automationsfähige Briefsendungen*: 40 mm below the upper edge, 15 mm from the
  others; nothing below the address or to its right. The strip of 15 mm along the lower edge is for
  the machine. 74 mm at the upper right are for the stamp, and the upper left is for the sender.
- Universal Postal Convention, standardized items: at most 140 mm from the right edge.

The letter's short ID is at the upper left, below the return address: far from all these areas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from merge.ooxml.new_docx import (
    SPACE_BELOW_TABLE,
    AddressArea,
    PageSetup,
    ParagraphStyle,
    fit_lines,
    fitting_size,
    fixed_table,
    mm_to_twips,
    styled_docx,
    table_cell,
    table_row,
    text_paragraph,
)
from merge.printing.addresses import LetterAddress, address_too_long
from merge.printing.paper import INCH
from merge.problems import Problem


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope as it is printed: in landscape, with the flap at the back.

    Lengths are in millimetres. `code` is Windows' number of the size.
    """

    name: str
    width: float
    height: float
    code: int


ENVELOPES: Mapping[str, Envelope] = MappingProxyType(
    {
        envelope.name: envelope
        for envelope in (
            Envelope("DL", 220, 110, 27),
            Envelope("C6", 162, 114, 31),
            Envelope("C5", 229, 162, 28),
            Envelope("C4", 324, 229, 30),
            Envelope("#10", 9.5 * INCH, 4.125 * INCH, 20),
        )
    }
)
"""Sizes of ISO 269, which is withdrawn but still on sale, and #10.

#10 is the commercial envelope of North America.
"""

_LEFT, _TOP = 10, 8  # Millimetres from the edges to the return address, which printers can reach
_CLEAR_RIGHT, _CLEAR_ABOVE, _CLEAR_BELOW = (
    15,
    40,
    20,
)  # Millimetres that stay clear round the address
_MAX_FROM_BOTTOM, _MAX_FROM_RIGHT = 69.8, 140
"""Millimetres from the lower and right edges to the start of the address.

These are the largest distances.
"""

_ENVELOPE_STYLE = ParagraphStyle("envelope address", 12)
_ENVELOPE_RETURN_STYLE = ParagraphStyle("envelope return", 9)
_ENVELOPE_ID_STYLE = ParagraphStyle("letter mark", 8, space_above=3, grey=True)
_ID_HEIGHT = 4.5
_RETURN_GAP = 3


def make_envelopes(letters: Iterable[LetterAddress], envelope: Envelope) -> bytes:
    """Return a .docx with one envelope as a page for each letter, in order.

    An address that does not fit is omitted; `envelope_problems` warns of it. At least one letter is
    required.
    """
    addressed = list(letters)
    pages = (_envelope_page(letter, letter.short_id, envelope) for letter in addressed)
    page = PageSetup(
        width=envelope.width,
        height=envelope.height,
        code=envelope.code,
        left=_LEFT,
        top=_TOP,
        right=_CLEAR_RIGHT,
        bottom=_CLEAR_BELOW - SPACE_BELOW_TABLE,
    )
    styles = (_ENVELOPE_STYLE, _ENVELOPE_RETURN_STYLE, _ENVELOPE_ID_STYLE)
    return styled_docx("Envelopes", styles, "".join(pages), page)


def envelope_problems(letters: Iterable[LetterAddress], envelope: Envelope) -> Iterator[Problem]:
    """Yield a warning for each address or return address that does not fit."""
    stock_name = f"the {envelope.name} envelope"
    for letter in letters:
        if not fitting_size(letter.lines, _address_area(envelope), _ENVELOPE_STYLE):
            yield address_too_long(letter, "address", stock_name)
        if not fitting_size(letter.return_address, _return_area(envelope), _ENVELOPE_RETURN_STYLE):
            yield address_too_long(letter, "return address", stock_name)


def _address_left(envelope: Envelope) -> float:
    """Return the millimetres from an envelope's left edge to the address.

    It is nearly in the right half.
    """
    return max(0.45 * envelope.width, envelope.width - _MAX_FROM_RIGHT)


def _address_top(envelope: Envelope) -> float:
    return max(_CLEAR_ABOVE, envelope.height - _MAX_FROM_BOTTOM)


def _address_area(envelope: Envelope) -> AddressArea:
    height = envelope.height - _CLEAR_BELOW - _address_top(envelope)
    return AddressArea(envelope.width - _CLEAR_RIGHT - _address_left(envelope), height)


def _return_area(envelope: Envelope) -> AddressArea:
    return AddressArea(
        _address_left(envelope) - _LEFT - _RETURN_GAP, _CLEAR_ABOVE - _TOP - _ID_HEIGHT
    )


def _envelope_page(letter: LetterAddress, mark: str, envelope: Envelope) -> str:
    """Return the XML of an envelope: a table that fills a page.

    The upper row has the return address and the short ID, the lower row the address. A single table
    for all envelopes would be too large for LibreOffice: 1,000 pages took 13 s instead of 3.
    """
    left, room = mm_to_twips(_address_left(envelope) - _LEFT), _address_area(envelope)
    right = mm_to_twips(room.width)
    upper_left = fit_lines(letter.return_address, _ENVELOPE_RETURN_STYLE, _return_area(envelope))
    upper_left += text_paragraph(mark, _ENVELOPE_ID_STYLE)
    address = table_cell(
        right, fit_lines(letter.lines, _ENVELOPE_STYLE, room), vertical_alignment="center"
    )
    upper = table_row(
        (table_cell(left, upper_left), table_cell(right)), _address_top(envelope) - _TOP
    )
    return fixed_table((left, right), (upper, table_row((table_cell(left), address), room.height)))
