"""The digits of a number as Excel keeps them, and its way of rounding them."""

from __future__ import annotations

from merge.cells.unsupported import UnsupportedFormat

KEPT = 15
"""Significant digits of a number that Excel keeps and shows; what follows is zeros."""

_MOST_WHOLE = 10**KEPT


def decimal_digits(magnitude: float) -> tuple[int, int]:
    """A number without sign as `(c, e)`: it is c x 10 ** e, c having at most 15 digits.

    Raises UnsupportedFormat for infinity and what is not a number: no cell can hold them.
    """
    if isinstance(magnitude, int) and magnitude < _MOST_WHOLE:
        return magnitude, 0
    try:
        text = f"{magnitude:.14e}"
        return int(text[0] + text[2:16]), int(text[17:]) - 14
    except (OverflowError, ValueError):
        raise UnsupportedFormat(f"{magnitude} is not a number that a cell can hold") from None


def rounded(coefficient: int, exponent: int, places: int) -> int:
    """c x 10 ** e rounded to `places` decimals, times 10 ** places; a half goes away from zero."""
    power = exponent + places
    if power >= 0:
        scale: int = 10**power
        return coefficient * scale
    if power < -KEPT - 1:
        return 0
    unit: int = 10**-power
    return (coefficient + unit // 2) // unit


def split(scaled: int, places: int) -> tuple[str, str]:
    """What `rounded` gave, as the digits before and after the point; no zeros lead the first."""
    if not places:
        return (str(scaled) if scaled else ""), ""
    text = str(scaled).zfill(places)
    return text[:-places], text[-places:]
