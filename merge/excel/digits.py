"""The digits of a number, and the placeholders that a format has for them.

ECMA-376 part 1, 18.8.31: a placeholder is 0, # or ?. Excel keeps 15 digits of a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from merge.excel.format_codes import FormatToken, UnsupportedFormatError

# What a comma does: it groups, it scales, or it shows itself.


def without_commas(section: Sequence[FormatToken]) -> list[FormatToken]:
    """Return the section without the commas that group or scale; the others become text."""
    kept = []
    for i, token in enumerate(section):
        if token.kind != "comma":
            kept.append(token)
        elif not _follows_digit(section, i):
            kept.append(FormatToken("literal", ","))
    return kept


def is_grouped(section: Sequence[FormatToken]) -> bool:
    """Return whether a comma stands between two placeholders before the point: `#,##0`."""
    point = next((i for i, token in enumerate(section) if token.kind == "point"), len(section))
    before = section[:point]
    return any(
        token.kind == "comma" and _follows_digit(before, i) and has_digit(before[i:])
        for i, token in enumerate(before)
    )


def scaling_commas(section: Sequence[FormatToken]) -> int:
    """Return how many commas end the digits before the point, and all digits: each is 1/1000."""
    return sum(
        token.kind == "comma" and _follows_digit(section, i) and _ends_digits(section[i:])
        for i, token in enumerate(section)
    )


def _follows_digit(section: Sequence[FormatToken], at: int) -> bool:
    """Return whether a comma stands after a placeholder or the point, other commas between."""
    while at and section[at - 1].kind == "comma":
        at -= 1
    return at > 0 and section[at - 1].kind in {"digit", "point"}


def _ends_digits(rest: Sequence[FormatToken]) -> bool:
    """Return whether what follows a run of commas is the point, or has no placeholder in it."""
    following = next((token.kind for token in rest if token.kind != "comma"), "end")
    return following == "point" or not has_digit(rest)


def has_digit(run: Sequence[FormatToken]) -> bool:
    """Return whether there is a placeholder in a run of tokens."""
    return any(token.kind == "digit" for token in run)


_UNUSED_PLACEHOLDER = {"0": "0", "#": "", "?": " "}
"""What a placeholder shows that has no digit: ECMA-376 part 1, 18.8.31."""


@dataclass(frozen=True, slots=True)
class FormatPiece:
    """A placeholder for one digit, or text that stands between them."""

    is_placeholder: bool
    text: str


def format_pieces(tokens: Iterable[FormatToken]) -> tuple[FormatPiece, ...]:
    """Return the pieces of a run of tokens; commas say how to group and are no pieces."""
    return tuple(FormatPiece(t.kind == "digit", t.text) for t in tokens if t.kind != "comma")


def placeholder_signs(run: Iterable[FormatPiece]) -> str:
    """Return the placeholders of a run alone, one character each."""
    return "".join(piece.text for piece in run if piece.is_placeholder)


def fill_integer_part(run: Sequence[FormatPiece], digits: str, *, grouped: bool = False) -> str:
    """Fill digits in before the point, from the right; the leftmost placeholder takes the rest.

    `digits` has no leading zeros, and is empty for zero. Grouped, a comma stands after every
    third digit, and a space where the digit before it is a space.
    """
    placeholders = placeholder_signs(run)
    if not placeholders:
        return "".join(piece.text for piece in run)
    missing = max(0, len(placeholders) - len(digits))
    room = len(placeholders) - missing
    filled = [_UNUSED_PLACEHOLDER[slot] for slot in placeholders[:missing]] + list(
        digits[len(digits) - room :]
    )
    filled[0] = digits[: len(digits) - room] + filled[0]
    if grouped:
        filled = [
            _with_thousands_commas(text, len(filled) - 1 - i) for i, text in enumerate(filled)
        ]
    return _filled_text(run, filled)


def _with_thousands_commas(text: str, right: int) -> str:
    """Return digits with their commas, `right` places being to the right of them."""
    places = range(right + len(text) - 1, right - 1, -1)
    return "".join(
        char + (" " if char == " " else ",") if place and place % 3 == 0 else char
        for char, place in zip(text, places, strict=True)
    )


def fill_decimals(run: Sequence[FormatPiece], digits: str) -> str:
    """Fill digits in after the point, one for each placeholder; zeros at the end as it says."""
    kept = len(digits.rstrip("0"))
    filled = [
        digit if i < kept else _UNUSED_PLACEHOLDER[slot]
        for i, (digit, slot) in enumerate(zip(digits, placeholder_signs(run), strict=True))
    ]
    return _filled_text(run, filled)


def _filled_text(run: Iterable[FormatPiece], filled: Iterable[str]) -> str:
    rest = iter(filled)
    return "".join(next(rest) if piece.is_placeholder else piece.text for piece in run)


# A number's digits as Excel keeps them, and its way of rounding them.

SIGNIFICANT_DIGITS = 15
"""Significant digits of a number that Excel keeps and shows; what follows is zeros."""
_MAX_WHOLE = 10**SIGNIFICANT_DIGITS


def shown_digits(magnitude: float, power: int, places: int) -> int:
    """Return the digits of a number x 10 ** power, before and after the point, as one whole."""
    coefficient, exponent = decimal_digits(magnitude)
    return round_half_up(coefficient, exponent + power, places)


def decimal_digits(magnitude: float) -> tuple[int, int]:
    """Return a number without sign as `(c, e)`: it is c x 10 ** e, c having at most 15 digits.

    Raises UnsupportedFormatError for infinity and what is not a number: no cell can hold them.
    """
    if isinstance(magnitude, int) and magnitude < _MAX_WHOLE:
        return magnitude, 0
    try:
        text = f"{magnitude:.14e}"
        return int(text[0] + text[2:16]), int(text[17:]) - 14
    except (OverflowError, ValueError):
        raise UnsupportedFormatError(f"{magnitude} is not a number that a cell can hold") from None


def round_half_up(coefficient: int, exponent: int, places: int) -> int:
    """Return c x 10 ** e, rounded to `places`, x 10 ** places; a half goes away from zero."""
    power = exponent + places
    if power >= 0:
        scale: int = 10**power
        return coefficient * scale
    if power < -SIGNIFICANT_DIGITS - 1:
        return 0
    unit: int = 10**-power
    return (coefficient + unit // 2) // unit


def split_digits(scaled: int, places: int) -> tuple[str, str]:
    """Return what `rounded` gave as the digits before (no zeros lead) and after the point."""
    if not places:
        return (str(scaled) if scaled else ""), ""
    text = str(scaled).zfill(places)
    return text[:-places], text[-places:]
