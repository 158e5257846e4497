"""How large lines can be set in the room that there is, told without a font.

The widths of Latin letters are Helvetica's, from Adobe's Core 14 metrics (Helvetica.afm), which are
also Arial's; those of Greek and Cyrillic are from Liberation Sans, made to Arial's. Other letters
are taken for wider than they mostly are: a size that fits here fits on paper.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from merge.printing.document import LEADING, Style, is_leftward, line

SMALLEST = 7
"""Points. What is smaller is not read with ease."""

_COMFORTABLE = 9
"""Points down to which lines are rather made smaller than wrapped."""

_STEP = 0.5
_POINT = 25.4 / 72
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

_ACCENT = 0.1
"""What an accent may add: í is wider than i, ơ than o."""

_OTHERS = {"Mn": 0, "Me": 0, "Cf": 0}
"""What does not show by itself: marks above or below a letter, signs of direction."""

_WIDE = 0.8
"""Any other letter, as DejaVu Sans has them, a wide face: 0.69 on average in Arabic."""


@dataclass(frozen=True, slots=True)
class Room:
    """The room for an address, in millimetres."""

    width: float
    height: float


def fitted(lines: Sequence[str], style: Style, room: Room, *, middle: bool = False) -> str:
    """The lines as paragraphs of a style, small enough for their room; empty where none is.

    All stand against the side where the first line begins: an address in Arabic with the country
    in Latin letters is one block. `middle` puts it halfway down the room.
    """
    size = size_in(lines, room, style.size)
    if not size:
        return ""
    free = (room.height - _height(lines, room, size)) / _POINT
    made = []
    for number, text in enumerate(lines):
        above = free / 2 if middle and number == 0 else None
        far = is_leftward(text) != is_leftward(lines[0])
        made.append(line(text, style, size=size, above=above, far=far))
    return "".join(made)


def size_in(lines: Sequence[str], room: Room, largest: float) -> float:
    """The size in points at which the lines fit; 0 where they do not at the smallest either."""
    sizes = [largest - n * _STEP for n in range(round((largest - SMALLEST) / _STEP) + 1)]
    whole = [s for s in sizes if s >= _COMFORTABLE and _rows(lines, room, s) == len(lines)]
    return next((s for s in (*whole, *sizes) if _height(lines, room, s) <= room.height), 0)


def _height(lines: Sequence[str], room: Room, size: float) -> float:
    """Millimetres from the top of the first line to the foot of the last, wrapped."""
    return _rows(lines, room, size) * size * LEADING * _POINT


def _rows(lines: Sequence[str], room: Room, size: float) -> int:
    most = room.width / _POINT / size
    return sum(_rows_of(text, most) for text in lines)


def _rows_of(text: str, most: float) -> int:
    """How many rows a text wraps to where a row is so many sizes of the type wide."""
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
    """A character's width in sizes of the type."""
    if character in _WIDTHS:
        return _WIDTHS[character]
    base = unicodedata.normalize("NFD", character)[0]
    if base in _WIDTHS:
        return _WIDTHS[base] + _ACCENT
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1
    return _OTHERS.get(unicodedata.category(character), _WIDE)
