"""Digits of a number, and the placeholders for them in a format.

A placeholder is 0, # or ?: ECMA-376 part 1, 18.8.31. Excel stores 15 digits of a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from merge.excel.format_codes import FormatToken, UnsupportedFormatError

# A comma groups, scales or is shown.


def without_commas(section: Sequence[FormatToken]) -> list[FormatToken]:
    """Return a number format's section without commas that group or scale.

    Other commas become text.
    """
    tokens = []
    for i, token in enumerate(section):
        if token.kind != "comma":
            tokens.append(token)
        elif not _follows_digit(section, i):
            tokens.append(FormatToken("literal", ","))
    return tokens


def is_grouped(section: Sequence[FormatToken]) -> bool:
    """Return whether a number format groups digits by thousands.

    They are if a comma is between two placeholders before the point: `#,##0`.
    """
    point = next((i for i, token in enumerate(section) if token.kind == "point"), len(section))
    before = section[:point]
    return any(
        token.kind == "comma" and _follows_digit(before, i) and has_digit(before[i:])
        for i, token in enumerate(before)
    )


def scaling_commas(section: Sequence[FormatToken]) -> int:
    """Return the number of a format's scaling commas; each divides by 1,000.

    They end the digits before the point, or all digits.
    """
    return sum(
        token.kind == "comma" and _follows_digit(section, i) and _ends_digits(section[i:])
        for i, token in enumerate(section)
    )


def _follows_digit(section: Sequence[FormatToken], index: int) -> bool:
    """Return whether a comma follows a digit placeholder or the point.

    There may be other commas between them.
    """
    while index and section[index - 1].kind == "comma":
        index -= 1
    return index > 0 and section[index - 1].kind in {"digit", "point"}


def _ends_digits(rest: Sequence[FormatToken]) -> bool:
    """Return whether a run of commas ends the digits, or precedes the point."""
    next_kind = next((token.kind for token in rest if token.kind != "comma"), "end")
    return next_kind == "point" or not has_digit(rest)


def has_digit(run: Sequence[FormatToken]) -> bool:
    """Return whether tokens of a number format have a digit placeholder."""
    return any(token.kind == "digit" for token in run)


_UNUSED_PLACEHOLDER = {"0": "0", "#": "", "?": " "}
"""Text that a placeholder without a digit shows.

ECMA-376 part 1, 18.8.31.
"""


@dataclass(frozen=True, slots=True)
class FormatPiece:
    """A part of a number format: a placeholder for a digit, or a text."""

    is_placeholder: bool
    text: str


def format_pieces(tokens: Iterable[FormatToken]) -> tuple[FormatPiece, ...]:
    """Return tokens of a number format as digit placeholders and texts.

    Commas only control grouping and are not included.
    """
    return tuple(FormatPiece(t.kind == "digit", t.text) for t in tokens if t.kind != "comma")


def placeholder_signs(run: Iterable[FormatPiece]) -> str:
    """Return the digit placeholders of a format: `0`, `#` and `?`."""
    return "".join(piece.text for piece in run if piece.is_placeholder)


def fill_integer_part(run: Sequence[FormatPiece], digits: str, *, grouped: bool = False) -> str:
    """Return digits filled into the placeholders before the decimal point.

    The leftmost placeholder gets all remaining digits. `digits` has no leading zeros, and is empty
    for zero. If digits are grouped, a comma follows every third one, or a space if the digit before
    is a space.
    """
    placeholders = placeholder_signs(run)
    if not placeholders:
        return "".join(piece.text for piece in run)
    unused = max(0, len(placeholders) - len(digits))
    used = len(placeholders) - unused
    texts = [_UNUSED_PLACEHOLDER[slot] for slot in placeholders[:unused]] + list(
        digits[len(digits) - used :]
    )
    texts[0] = digits[: len(digits) - used] + texts[0]
    if grouped:
        texts = [_with_thousands_commas(text, len(texts) - 1 - i) for i, text in enumerate(texts)]
    return _filled_text(run, texts)


def _with_thousands_commas(text: str, places_after: int) -> str:
    """Return digits with commas between thousands.

    `places_after` is the number of places to the right of them.
    """
    places = range(places_after + len(text) - 1, places_after - 1, -1)
    return "".join(
        char + (" " if char == " " else ",") if place and place % 3 == 0 else char
        for char, place in zip(text, places, strict=True)
    )


def fill_decimals(run: Sequence[FormatPiece], digits: str) -> str:
    """Return digits filled into the placeholders after the decimal point.

    Each placeholder decides how a zero at the end is shown.
    """
    significant = len(digits.rstrip("0"))
    texts = [
        digit if i < significant else _UNUSED_PLACEHOLDER[slot]
        for i, (digit, slot) in enumerate(zip(digits, placeholder_signs(run), strict=True))
    ]
    return _filled_text(run, texts)


def _filled_text(run: Iterable[FormatPiece], texts: Iterable[str]) -> str:
    remaining = iter(texts)
    return "".join(next(remaining) if piece.is_placeholder else piece.text for piece in run)


# A number's digits as Excel stores and rounds them.

SIGNIFICANT_DIGITS = 15
"""Significant digits that Excel stores and shows; the rest are zeros."""
_MAX_WHOLE = 10**SIGNIFICANT_DIGITS


def shown_digits(magnitude: float, power: int, places: int) -> int:
    """Return all digits of a number x 10 ** power as one whole number.

    `places` of them are after the point.
    """
    coefficient, exponent = decimal_digits(magnitude)
    return round_half_up(coefficient, exponent + power, places)


def decimal_digits(magnitude: float) -> tuple[int, int]:
    """Return a number without sign as `(c, e)`, so that it is c x 10 ** e.

    c has at most 15 digits. Raise UnsupportedFormatError for infinity and NaN, which no cell can
    contain.
    """
    if isinstance(magnitude, int) and magnitude < _MAX_WHOLE:
        return magnitude, 0
    try:
        text = f"{magnitude:.14e}"
        return int(text[0] + text[2:16]), int(text[17:]) - 14
    except (OverflowError, ValueError):
        raise UnsupportedFormatError(f"{magnitude} is not a number that a cell can hold") from None


def round_half_up(coefficient: int, exponent: int, places: int) -> int:
    """Return c x 10 ** e, rounded to `places`, as a whole number.

    The result is multiplied by 10 ** places. A half is rounded away from zero.
    """
    power = exponent + places
    if power >= 0:
        scale: int = 10**power
        return coefficient * scale
    if power < -SIGNIFICANT_DIGITS - 1:
        return 0
    unit: int = 10**-power
    return (coefficient + unit // 2) // unit


def split_digits(scaled: int, places: int) -> tuple[str, str]:
    """Return the digits before and after the point of a scaled number.

    `scaled` is a result of `round_half_up`. The digits before the point have no leading zeros.
    """
    if not places:
        return (str(scaled) if scaled else ""), ""
    text = str(scaled).zfill(places)
    return text[:-places], text[-places:]
