"""Envelopes: a page each, as wide and high as the envelope, the long side across.

Where the posts' machines look for the address, and what they want clear:

- USPS, Domestic Mail Manual 102.2.1: within 1/2 in of the sides, from 5/8 in to 2 3/4 in above the
  lower edge; what else is printed there stands above the address (Publication 28, A1).
- Deutsche Post, *Automationsfähige Briefsendungen*: 40 mm below the upper edge, 15 mm from the
  others; nothing below the address or to its right. The strip of 15 mm along the lower edge is
  the machine's, 74 mm at the upper right are for the stamp, the upper left is the sender's.
- Universal Postal Convention, standardized items: at most 140 mm from the right edge.

The letter's short id stands at the upper left, below the return address: far from all of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from merge.model import Problem
from merge.ooxml.blank import (
    ExactPage,
    Room,
    Style,
    cell,
    docx,
    exact_line,
    exact_table,
    fitted,
    row,
    size_in,
    twips,
)
from merge.printing.outside import Outside, digits_needed, unfit
from merge.printing.stock import Envelope

_LEFT, _TOP = 10, 8
"""Millimetres from the edges to the return address: what printers reach."""

_RIGHT, _ABOVE, _BELOW = 15, 40, 20
"""Millimetres that are kept clear round the address."""

_HIGHEST, _FARTHEST = 69.8, 140
"""Millimetres from the lower and the right edge to where the address may begin."""

_SLACK = 1
"""Millimetres of the page below the table: for the paragraph that ends it."""

_ADDRESS = Style("envelope address", 12)
_RETURN = Style("envelope return", 9)
_MARK = Style("letter mark", 6.5, above=3, grey=True)
_MARK_HEIGHT = 4
_GAP = 3


def envelopes(outsides: Iterable[Outside], stock: Envelope) -> bytes:
    """A .docx with a page for each of one or more, in their order.

    An address that has no room is left out: `envelope_problems` tells of it.
    """
    letters = list(outsides)
    digits = digits_needed(letter.id for letter in letters)
    pages = (_page(letter, letter.id[:digits], stock) for letter in letters)
    below = _BELOW - _SLACK
    page = ExactPage(stock.width, stock.height, stock.code, _LEFT, _TOP, _RIGHT, below)
    return docx("Envelopes", (_ADDRESS, _RETURN, _MARK), "".join(pages), page)


def envelope_problems(outsides: Iterable[Outside], stock: Envelope) -> Iterator[Problem]:
    """A warning for each address and each return address that has no room."""
    where = f"the envelope {stock.name}"
    for letter in outsides:
        if not size_in(letter.lines, _address_room(stock), _ADDRESS.size):
            yield unfit(letter, "address", where)
        if not size_in(letter.back, _return_room(stock), _RETURN.size):
            yield unfit(letter, "return address", where)


def _left(stock: Envelope) -> float:
    """Millimetres from the left edge to the address: in the right half, nearly."""
    return max(0.45 * stock.width, stock.width - _FARTHEST)


def _top(stock: Envelope) -> float:
    return max(_ABOVE, stock.height - _HIGHEST)


def _address_room(stock: Envelope) -> Room:
    return Room(stock.width - _RIGHT - _left(stock), stock.height - _BELOW - _top(stock))


def _return_room(stock: Envelope) -> Room:
    return Room(_left(stock) - _LEFT - _GAP, _ABOVE - _TOP - _MARK_HEIGHT)


def _page(letter: Outside, mark: str, stock: Envelope) -> str:
    """A table that fills a page: above, where it goes back and the mark; below, the address.

    One table of all would be one too many for LibreOffice: 1,000 pages took it 13 s, not 3.
    """
    left, room = twips(_left(stock) - _LEFT), _address_room(stock)
    right = twips(room.width)
    back = fitted(letter.back, _RETURN, _return_room(stock)) + exact_line(mark, _MARK)
    address = cell(right, fitted(letter.lines, _ADDRESS, room), place="center")
    upper = row((cell(left, back), cell(right)), _top(stock) - _TOP)
    return exact_table((left, right), (upper, row((cell(left), address), room.height)))
