"""General: a number in at most 11 characters, as Excel shows it in a wide column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from merge.cells.digits import decimal_digits, rounded, split
from merge.cells.view import BodyKind, View

_WIDTH = 11
"""Characters, the decimal point counted and the minus not."""

_FULL = 10**_WIDTH


def general_text(magnitude: float) -> str:
    """A number without sign as General shows it: 1234.5, 1.23457E+13, 0.00001, 1E-10."""
    if isinstance(magnitude, int) and magnitude < _FULL:
        return str(magnitude)
    coefficient, exponent = decimal_digits(magnitude)
    if not coefficient:
        return "0"
    leading = exponent + len(str(coefficient)) - 1
    if leading >= _WIDTH or (leading < -4 and not _fits(coefficient, exponent)):
        return _scientific(coefficient, exponent - leading, leading)
    places = max(0, min(9, 9 - leading))
    scaled = rounded(coefficient, exponent, places)
    if scaled >= _FULL * 10**places:
        return "1E+11"
    return _decimal(scaled, places)


def is_scientific(magnitude: float) -> bool:
    """Whether General shows the number in scientific notation."""
    return "E" in general_text(magnitude)


def _fits(coefficient: int, exponent: int) -> bool:
    """Whether a small number can be written out exactly: `0.` and nine decimals at most."""
    digits = str(coefficient)
    return exponent + len(digits) - len(digits.rstrip("0")) >= -9


def _decimal(scaled: int, places: int) -> str:
    whole, decimals = split(scaled, places)
    decimals = decimals.rstrip("0")
    return f"{whole or '0'}.{decimals}" if decimals else whole or "0"


def _scientific(coefficient: int, exponent: int, power: int) -> str:
    """Six significant digits at most, zeros at the end left out, two digits of power at least."""
    scaled = rounded(coefficient, exponent, 5)
    if scaled == 10**6:
        scaled, power = 10**5, power + 1
    return f"{_decimal(scaled, 5)}E{power:+03d}"


@dataclass(frozen=True, slots=True)
class General:
    """A section that says General, with the text around it."""

    kind: ClassVar[BodyKind] = "general"
    before: str = ""
    after: str = ""

    def show(self, magnitude: float, _view: View, /) -> str:
        """The text of a number without sign."""
        return f"{self.before}{general_text(magnitude)}{self.after}"
