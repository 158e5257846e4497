"""Numbers as fractions: `# ?/?`, `# ??/??`, `# ?/8`, `?/?`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from merge.cells.commas import is_grouped
from merge.cells.digits import decimal_digits, rounded
from merge.cells.placeholders import Piece, fill_whole, pieces, slots
from merge.cells.tokens import Token
from merge.cells.unsupported import UnsupportedFormat
from merge.cells.view import BodyKind, View

_ALL_WHOLE = 10**15
"""From here on 15 digits leave no room for a fraction."""

_EXACT_WHOLE = 2**52
"""Up to here a float holds a half."""

_MOST_DIGITS = 7
"""Of a denominator, however many placeholders it has."""

_EXACT = 5e-8
"""A remainder that is only the inexactness of the arithmetic."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """A whole number if the format has room for it, then numerator and denominator."""

    kind: ClassVar[BodyKind] = "fraction"
    whole: tuple[Piece, ...]
    grouped: bool
    numerator: tuple[Piece, ...]
    middle: str
    """The slash, with the spaces that stand around it."""
    denominator: str
    """Placeholders, or the digits of a denominator that is always the same."""
    tail: str

    def show(self, magnitude: float, _view: View, /) -> str:
        """The text of a number without sign; spaces for the fraction of a whole number."""
        whole, top, bottom = self._parts(magnitude)
        blank = not top and self._may_be_blank
        shown = self._blank() if blank else self._fraction(top, bottom)
        digits = str(whole) if whole or blank else ""
        return fill_whole(self.whole, digits, grouped=self.grouped) + shown + self.tail

    @property
    def _may_be_blank(self) -> bool:
        return bool(slots(self.whole)) and "0" not in slots(self.numerator)

    @property
    def _fixed(self) -> int | None:
        """The denominator that is always the same, None where Excel looks for the nearest."""
        return int(self.denominator) if self.denominator.strip("0").isdigit() else None

    def _parts(self, magnitude: float) -> tuple[int, int, int]:
        """Whole number, numerator, denominator."""
        top, bottom = self._nearest(magnitude)
        whole = top // bottom if slots(self.whole) else 0
        return whole, top - whole * bottom, bottom

    def _nearest(self, magnitude: float) -> tuple[int, int]:
        """The whole value as numerator and denominator."""
        if self._fixed:
            return _parts_of(magnitude, self._fixed), self._fixed
        if magnitude >= _ALL_WHOLE:
            return _parts_of(magnitude, 1), 1
        return _convergent(magnitude, 10 ** min(len(self.denominator), _MOST_DIGITS) - 1)

    def _fraction(self, top: int, bottom: int) -> str:
        zeros, spaces = self.denominator.count("0"), self.denominator.count("?")
        below = str(bottom)
        if not self._fixed:
            below = below.zfill(zeros).ljust(zeros + spaces)
        return fill_whole(self.numerator, str(top)) + self.middle + below

    def _blank(self) -> str:
        below = self.denominator.replace("#", "")
        return fill_whole(self.numerator, "") + " " * len(self.middle + below)


def _parts_of(magnitude: float, bottom: int) -> int:
    """How many `bottom`-ths the number is, a half rounded up."""
    product = magnitude * bottom
    if product < _EXACT_WHOLE:
        return math.floor(product + 0.5)
    coefficient, exponent = decimal_digits(magnitude)
    return rounded(coefficient * bottom, exponent, 0)


def _convergent(value: float, most: int) -> tuple[int, int]:
    """The last convergent of the continued fraction with a denominator of `most` at most.

    Not always the nearest such fraction, but Excel's: it shows 0.456 in `?/?` as 1/2 (4/9 is
    nearer), and for want of exact arithmetic 0.3 as 2/7, 1.3 as 1 1/3.
    """
    (top, bottom), before, rest = (1, 0), (0, 1), value
    while True:
        part = math.floor(rest)
        following = part * top + before[0], part * bottom + before[1]
        if following[1] > most:
            return top, bottom
        before, (top, bottom) = (top, bottom), following
        if rest - part < _EXACT:
            return top, bottom
        rest = 1 / (rest - part)


def is_fraction(section: Sequence[Token]) -> bool:
    """Whether a slash stands between digits."""
    at = _slash(section)
    return any(token.kind == "digit" for token in section[:at]) and at < len(section) - 1


def fraction(section: Sequence[Token]) -> Fraction:
    """The section that these tokens say."""
    at = _slash(section)
    before, after = section[:at], section[at + 1 :]
    end = max(i for i, token in enumerate(before) if token.kind == "digit") + 1
    start = end
    while start and before[start - 1].kind == "digit":
        start -= 1
    space = next((i for i, t in enumerate(after) if not _is_space(t)), len(after))
    denominator = _denominator(after[space:])
    tail = after[space + len(denominator) :]
    _refuse_digits(before[end:], tail)
    return Fraction(
        whole=pieces(before[:start]),
        grouped=is_grouped(before[:start]),
        numerator=pieces(before[start:end]),
        middle=_text(before[end:]) + "/" + _text(after[:space]),
        denominator=denominator,
        tail=_text(tail),
    )


def _slash(section: Sequence[Token]) -> int:
    return next((i for i, t in enumerate(section) if t.kind == "slash"), len(section))


def _is_space(token: Token) -> bool:
    return token.shows_itself and not token.text.strip()


def _denominator(after: Sequence[Token]) -> str:
    """The run of placeholders or digits that the denominator is."""
    count = 0
    while count < len(after) and _belongs(after[count]):
        count += 1
    text = _text(after[:count])
    if not text or (not text.isdigit() and set(text) - set("0#?")):
        raise UnsupportedFormat("a slash in a number format with no denominator after it")
    return text


def _belongs(token: Token) -> bool:
    return token.kind == "digit" or (token.kind == "bare" and token.text in "123456789")


def _refuse_digits(*runs: Sequence[Token]) -> None:
    if not all(token.shows_itself for run in runs for token in run):
        raise UnsupportedFormat("a fraction in a number format with other digits around it")


def _text(run: Sequence[Token]) -> str:
    return "".join(token.text for token in run)
