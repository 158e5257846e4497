"""Digits into the digit placeholders of a format: `0` `#` `?`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from merge.cells.tokens import Token

_BLANK = {"0": "0", "#": "", "?": " "}
"""What a placeholder shows that has no digit: ECMA-376 part 1, 18.8.31."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A placeholder for one digit, or text that stands between them."""

    is_slot: bool
    text: str


def pieces(tokens: Iterable[Token]) -> tuple[Piece, ...]:
    """The pieces of a run of tokens; commas say how to group and are no pieces."""
    return tuple(Piece(t.kind == "digit", t.text) for t in tokens if t.kind != "comma")


def slots(run: Iterable[Piece]) -> str:
    """The placeholders of a run alone, one character each."""
    return "".join(piece.text for piece in run if piece.is_slot)


def fill_whole(run: Sequence[Piece], digits: str, *, grouped: bool = False) -> str:
    """Digits before the point, from the right; the leftmost placeholder takes all that are left.

    `digits` has no leading zeros, and is empty for zero. Grouped, a comma stands after every
    third digit, and a space where the digit before it is a space.
    """
    placeholders = slots(run)
    if not placeholders:
        return "".join(piece.text for piece in run)
    missing = max(0, len(placeholders) - len(digits))
    room = len(placeholders) - missing
    filled = [_BLANK[slot] for slot in placeholders[:missing]] + list(digits[len(digits) - room :])
    filled[0] = digits[: len(digits) - room] + filled[0]
    if grouped:
        filled = [_grouped(text, len(filled) - 1 - i) for i, text in enumerate(filled)]
    return _joined(run, filled)


def _grouped(text: str, right: int) -> str:
    """Digits with their commas, `right` places being to the right of them."""
    places = range(right + len(text) - 1, right - 1, -1)
    return "".join(
        char + _mark(char) if place and place % 3 == 0 else char
        for char, place in zip(text, places, strict=True)
    )


def _mark(char: str) -> str:
    return " " if char == " " else ","


def fill_decimals(run: Sequence[Piece], digits: str) -> str:
    """Digits after the point, one for each placeholder; zeros at the end as it says."""
    kept = len(digits.rstrip("0"))
    filled = [
        digit if i < kept else _BLANK[slot]
        for i, (digit, slot) in enumerate(zip(digits, slots(run), strict=True))
    ]
    return _joined(run, filled)


def _joined(run: Iterable[Piece], filled: Iterable[str]) -> str:
    rest = iter(filled)
    return "".join(next(rest) if piece.is_slot else piece.text for piece in run)
