"""Parcels: for each recipient an address for the parcel, a packing list and a receipt.

Each begins on a page of its own. The address shows where the parcel goes and where it goes back,
and nothing else. The list and the receipt name the signers: they go inside, or along by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from merge.ooxml.blank import (
    ExactPage,
    Room,
    Style,
    cell,
    docx,
    exact_line,
    exact_table,
    fitted,
    is_leftward,
    row,
    twips,
)
from merge.printing.stock import PAPERS

_MARGIN = 20
_START = Style("page start", 1, new_page=True)
_RETURN = Style("envelope return", 11)
_ADDRESS = Style("envelope address", 28, inset=15)
_APART = Style("envelope gap", 1, above=40)
_HEIGHT = 80
"""Millimetres for the address: with the return address above, half a page, to be folded."""

_TITLE = Style("Title", 20, bold=True, new_page=True)
_HEAD = Style("heading 1", 12, above=16, bold=True)
_TEXT = Style("Body Text", 11, above=5)
_LISTED = Style("List", 9, above=2, inset=1)
_COLUMN = Style("List Heading", 8, above=2, inset=1, grey=True)
_STYLES = (_START, _RETURN, _APART, _ADDRESS, _TITLE, _HEAD, _TEXT, _LISTED, _COLUMN)

_ID, _NUMBER, _FACT, _SIGNER = 18, 10, 35, 60
"""Widths of columns in millimetres."""

_TO_WRITE, _GAP, _TO_STAMP = 16, 10, 60
"""Heights of rows in millimetres."""

_ROUND = "top left bottom right"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A letter that a parcel ought to hold: its signer, its short id, why it is missing if so."""

    signer: str
    id: str
    present: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A recipient's parcel. `lines` are its address, `back` the return address, empty for none."""

    lines: tuple[str, ...]
    recipient: str
    wanted: tuple[Wanted, ...]
    back: tuple[str, ...] = ()

    @property
    def present(self) -> tuple[Wanted, ...]:
        """The letters that are in it."""
        return tuple(each for each in self.wanted if each.present)

    @property
    def missing(self) -> tuple[Wanted, ...]:
        """The letters that are not."""
        return tuple(each for each in self.wanted if not each.present)


def parcels(sent: Iterable[Parcel], paper: Literal["A4", "Letter"], campaign: str) -> bytes:
    """A .docx with three parts for each of one or more parcels, in their order.

    `campaign` is what the campaign is called, empty for nothing.
    """
    size = PAPERS[paper]
    wide = size.width - 2 * _MARGIN
    made = (_label(p, wide) + _list(p, wide, campaign) + _receipt(p, wide, campaign) for p in sent)
    page = ExactPage(size.width, size.height, size.code, *[_MARGIN] * 4)
    return docx("Parcels", _STYLES, "".join(made), page)


def _label(parcel: Parcel, wide: float) -> str:
    back = "".join(exact_line(text, _RETURN) for text in parcel.back)
    room = Room(wide - 2 * _ADDRESS.inset, _HEIGHT)
    return (
        exact_line("", _START)
        + back
        + exact_line("", _APART)
        + fitted(parcel.lines, _ADDRESS, room, middle=True)
    )


def _list(parcel: Parcel, wide: float, campaign: str) -> str:
    """How many of how many letters, which are missing and why, and which are in the parcel."""
    count = f"{len(parcel.present)} of {len(parcel.wanted)}; "
    missing = _missing(parcel.missing, wide) if parcel.missing else ""
    return (
        exact_line("Packing list", _TITLE)
        + _facts((("For", (parcel.recipient,)), ("Campaign", (campaign,))), wide)
        + exact_line(count + ("missing:" if missing else "none is missing"), _HEAD)
        + missing
        + (_present(parcel, wide) if parcel.present else "")
    )


def _facts(facts: Iterable[tuple[str, Sequence[str]]], wide: float) -> str:
    """What is known, a row each; what is blank is left out."""
    widths = (twips(_FACT), twips(wide - _FACT))
    rows = [
        row((cell(widths[0], exact_line(name, _TEXT)), cell(widths[1], _text(texts))))
        for name, texts in facts
        if any(texts)
    ]
    return exact_table(widths, rows)


def _text(texts: Sequence[str]) -> str:
    return _set(texts[0], _TEXT) + "".join(_set(text, _RETURN) for text in texts[1:])


def _set(text: str, style: Style) -> str:
    """A paragraph at the left, whatever its script: it stands in a list."""
    return exact_line(text, style, far=is_leftward(text))


def _missing(letters: Sequence[Wanted], wide: float) -> str:
    widths = (twips(_SIGNER), twips(_ID), twips(wide - _SIGNER - _ID))
    rows = (_listed((each.signer, each.id, each.reason), widths) for each in letters)
    return exact_table(widths, (_heads(("Signer", "Letter", "Why"), widths), *rows))


def _present(parcel: Parcel, wide: float) -> str:
    """The letters, numbered, two in a row; the head says on each page whose parcel it is."""
    widths = (twips(_NUMBER), twips(wide / 2 - _NUMBER - _ID), twips(_ID)) * 2
    texts = [(str(n), each.signer, each.id) for n, each in enumerate(parcel.present, 1)]
    couples = zip_longest(texts[::2], texts[1::2], fillvalue=("", "", ""))
    rows = (_listed((*one, *other), widths) for one, other in couples)
    heads = ("", "Signer", "Letter", "", f"Signer (to {parcel.recipient})", "Letter")
    return exact_line("In the parcel:", _HEAD) + exact_table(widths, (_heads(heads, widths), *rows))


def _heads(texts: Sequence[str], widths: Sequence[int]) -> str:
    return row(_ruled(texts, _COLUMN, widths), repeated=True)


def _listed(texts: Sequence[str], widths: Sequence[int]) -> str:
    return row(_ruled(texts, _LISTED, widths))


def _ruled(texts: Sequence[str], style: Style, widths: Sequence[int]) -> Iterator[str]:
    pairs = zip(texts, widths, strict=True)
    return (cell(width, _set(text, style), ruled="bottom") for text, width in pairs)


def _receipt(parcel: Parcel, wide: float, campaign: str) -> str:
    """What was handed over, and room for a date, a name, a signature and a stamp."""
    count = len(parcel.present)
    facts = (
        ("Received", (f"{count} letter" if count == 1 else f"{count} letters",)),
        ("For", (parcel.recipient,)),
        ("Campaign", (campaign,)),
        ("From", parcel.back),
    )
    widths = (twips(_FACT), twips(wide - _FACT))
    to_write = [_to_write(name, widths) for name in ("Date", "Name", "Signature")]
    box = cell(widths[1], exact_line("Stamp", _COLUMN), ruled=_ROUND)
    stamp = row((cell(widths[0]), cell(widths[1])), _GAP) + row((cell(widths[0]), box), _TO_STAMP)
    return (
        exact_line("Receipt", _TITLE)
        + _facts(facts, wide)
        + exact_table(widths, (*to_write, stamp))
    )


def _to_write(name: str, widths: Sequence[int]) -> str:
    line_to_write_on = cell(widths[1], ruled="bottom")
    return row(
        (cell(widths[0], exact_line(name, _TEXT), place="bottom"), line_to_write_on), _TO_WRITE
    )
