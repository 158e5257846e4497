"""Numbers as the sections of a format show them: digits, fractions, scientific notation, General.

A section says how by its placeholders `0` `#` `?`, its point, its commas: ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from merge.excel.digits import (
    Piece,
    decimal_digits,
    fill_decimals,
    fill_whole,
    has_digit,
    is_grouped,
    pieces,
    rounded,
    scaling_commas,
    shown_digits,
    slots,
    split_digits,
    without_commas,
)
from merge.excel.format_codes import BodyKind, DisplayContext, Token, UnsupportedFormatError


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number with its digits put into placeholders, text between them allowed."""

    kind: ClassVar[BodyKind] = "number"
    whole: tuple[Piece, ...]
    decimals: tuple[Piece, ...]
    has_point: bool
    grouped: bool
    power: int
    """Two for each percent sign, less three for each comma that scales."""

    def hides(self, magnitude: float) -> bool:
        """Return whether all digits of a number that is not zero are zeros, as of 0.001 in `0.0`.

        Without placeholders nothing is hidden.
        """
        places = len(slots(self.decimals))
        has_digits = slots(self.whole) or places
        return bool(has_digits) and not shown_digits(magnitude, self.power, places)

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text of a number without sign."""
        places = len(slots(self.decimals))
        whole, decimals = split_digits(shown_digits(magnitude, self.power, places), places)
        text = fill_whole(self.whole, whole.lstrip("0"), grouped=self.grouped)
        return text + "." * self.has_point + fill_decimals(self.decimals, decimals)


@dataclass(frozen=True, slots=True)
class CommonNumeral:
    """A number of the shape `before 000.00## after`: as Numeral, only faster."""

    kind: ClassVar[BodyKind] = "number"
    before: str
    after: str
    least_whole: int
    least_places: int
    places: int
    power: int
    has_point: bool
    grouped: bool

    def hides(self, magnitude: float) -> bool:
        """Return whether all digits of a number that is not zero are zeros, as 0.001 in `0.0`."""
        return not shown_digits(magnitude, self.power, self.places)

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text of a number without sign."""
        scaled = shown_digits(magnitude, self.power, self.places)
        if not self.has_point:
            return self.before + self._whole(scaled) + self.after
        unit = 10**self.places
        decimals = str(scaled % unit).zfill(self.places) if self.places else ""
        if self.least_places != self.places:
            decimals = decimals.rstrip("0").ljust(self.least_places, "0")
        return f"{self.before}{self._whole(scaled // unit)}.{decimals}{self.after}"

    def _whole(self, number: int) -> str:
        if not number:
            return "0" * self.least_whole
        return f"{number:,}" if self.grouped else str(number).zfill(self.least_whole)


def parse_numeral(section: Sequence[Token]) -> Numeral | CommonNumeral:
    """Return the section that these tokens say; one without placeholders shows its text alone."""
    laid_out = parse_digit_layout(section)
    if laid_out.has_point and not slots((*laid_out.whole, *laid_out.decimals)):
        raise UnsupportedFormatError("a decimal point in a number format without digits around it")
    if laid_out.has_point and not slots(laid_out.whole):  # .00 shows 1.5 as 1.50
        laid_out = replace(laid_out, whole=(*laid_out.whole, Piece(is_slot=True, text="#")))
    return _common(laid_out) or laid_out


def parse_digit_layout(section: Sequence[Token]) -> Numeral:
    """Return the placeholders before and after the point, as they stand."""
    kept = without_commas(section)
    points = [i for i, token in enumerate(kept) if token.kind == "point"]
    if len(points) > 1:
        raise UnsupportedFormatError("a number format with two decimal points in one section")
    end = points[0] if points else len(kept)
    percents = sum(token.kind == "percent" for token in section)
    return Numeral(
        whole=pieces(kept[:end]),
        decimals=pieces(kept[end + 1 :]),
        has_point=bool(points),
        grouped=is_grouped(section),
        power=2 * percents - 3 * scaling_commas(section),
    )


_COMMON_WHOLE = re.compile(r"([^\0]*)((?:\0[0#])+)([^\0]*)")
_COMMON_DECIMALS = re.compile(r"((?:\0[0#])*)([^\0]*)")


def _common(slow: Numeral) -> CommonNumeral | None:
    """Return the same as a CommonNumeral, None where the shape is another."""
    whole = _COMMON_WHOLE.fullmatch(_marked(slow.whole))
    decimals = _COMMON_DECIMALS.fullmatch(_marked(slow.decimals))
    if not whole or not decimals or (slow.has_point and whole[3]):
        return None
    left, right = slots(slow.whole), slots(slow.decimals)
    zeros = left.lstrip("#").count("0")
    ordered = left == left.strip("0").replace("0", "") + "0" * zeros and "#0" not in right
    if not ordered or (slow.grouped and zeros > 1):
        return None
    return CommonNumeral(
        before=whole[1],
        after=whole[3] + decimals[2],
        least_whole=zeros,
        least_places=right.count("0"),
        places=len(right),
        power=slow.power,
        has_point=slow.has_point,
        grouped=slow.grouped,
    )


def _marked(run: Sequence[Piece]) -> str:
    return "".join("\0" + piece.text if piece.is_slot else piece.text for piece in run)


_ALL_WHOLE = 10**15
"""From here on 15 digits leave no room for a fraction."""
_EXACT_WHOLE = 2**52
"""Up to here a float holds a half."""
_MOST_DIGITS = 7
"""Of a denominator, however many placeholders it has."""
_TOLERANCE = 5e-8
"""A remainder that is only the inexactness of the arithmetic."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """A whole number if the format has room for it, then numerator and denominator.

    `# ?/?`, `# ??/??`, `# ?/8`, `?/?`.
    """

    kind: ClassVar[BodyKind] = "fraction"
    whole: tuple[Piece, ...]
    grouped: bool
    numerator: tuple[Piece, ...]
    middle: str
    """The slash, with the spaces that stand around it."""
    denominator: str
    """Placeholders, or the digits of a denominator that is always the same."""
    tail: str

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text of a number without sign; spaces for the fraction of a whole number."""
        fixed = int(self.denominator) if self.denominator.strip("0").isdigit() else None
        top, bottom = self._nearest(magnitude, fixed)
        has_whole = bool(slots(self.whole))
        whole = top // bottom if has_whole else 0
        top -= whole * bottom
        blank = not top and has_whole and "0" not in slots(self.numerator)
        if blank:
            room = len(self.middle + self.denominator.replace("#", ""))
            shown = fill_whole(self.numerator, "") + " " * room
        else:
            zeros, spaces = self.denominator.count("0"), self.denominator.count("?")
            below = str(bottom) if fixed else str(bottom).zfill(zeros).ljust(zeros + spaces)
            shown = fill_whole(self.numerator, str(top)) + self.middle + below
        digits = str(whole) if whole or blank else ""
        return fill_whole(self.whole, digits, grouped=self.grouped) + shown + self.tail

    def _nearest(self, magnitude: float, fixed: int | None) -> tuple[int, int]:
        """Return the whole value as numerator and denominator; `fixed` is always the latter."""
        if fixed:
            return _numerator_over(magnitude, fixed), fixed
        if magnitude >= _ALL_WHOLE:
            return _numerator_over(magnitude, 1), 1
        return _convergent(magnitude, 10 ** min(len(self.denominator), _MOST_DIGITS) - 1)


def _numerator_over(magnitude: float, bottom: int) -> int:
    """Return how many `bottom`-ths the number is, a half rounded up."""
    product = magnitude * bottom
    if product < _EXACT_WHOLE:
        return math.floor(product + 0.5)
    coefficient, exponent = decimal_digits(magnitude)
    return rounded(coefficient * bottom, exponent, 0)


def _convergent(value: float, most: int) -> tuple[int, int]:
    """Return the last convergent of the continued fraction with a denominator of `most` at most.

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
        if rest - part < _TOLERANCE:
            return top, bottom
        rest = 1 / (rest - part)


def is_fraction(section: Sequence[Token]) -> bool:
    """Return whether a slash stands between digits."""
    at = _slash(section)
    return has_digit(section[:at]) and at < len(section) - 1


def parse_fraction(section: Sequence[Token]) -> Fraction:
    """Return the fraction that these tokens say."""
    at = _slash(section)
    before, after = section[:at], section[at + 1 :]
    end = max(i for i, token in enumerate(before) if token.kind == "digit") + 1
    start = end
    while start and before[start - 1].kind == "digit":
        start -= 1
    spaces = (i for i, t in enumerate(after) if not t.shows_itself or t.text.strip())
    space = next(spaces, len(after))
    denominator = _denominator(after[space:])
    tail = after[space + len(denominator) :]
    if not all(token.shows_itself for token in (*before[end:], *tail)):
        raise UnsupportedFormatError("a fraction in a number format with other digits around it")
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


def _denominator(after: Sequence[Token]) -> str:
    """Return the run of placeholders or digits that the denominator is."""
    text = ""
    for token in after:
        if token.kind != "digit" and (token.kind != "bare" or token.text not in "123456789"):
            break
        text += token.text
    if not text or (not text.isdigit() and set(text) - set("0#?")):
        raise UnsupportedFormatError("a slash in a number format with no denominator after it")
    return text


def _text(run: Iterable[Token]) -> str:
    return "".join(token.text for token in run)


@dataclass(frozen=True, slots=True)
class Scientific:
    """A mantissa, `E`, a power of ten, in steps of the placeholders before the point."""

    kind: ClassVar[BodyKind] = "scientific"
    whole: tuple[Piece, ...]
    decimals: tuple[Piece, ...]
    has_point: bool
    shift: int
    """Two for each percent sign."""
    plus: str
    """`+` where the power always shows its sign, empty where only the minus is shown."""
    power: tuple[Piece, ...]

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text of a number without sign."""
        scaled, power = self._parts(magnitude)
        whole, decimals = split_digits(scaled, len(slots(self.decimals)))
        digits = whole.lstrip("0") if scaled else "0" * len(slots(self.whole))
        mantissa = fill_whole(self.whole, digits) + "." * self.has_point
        sign = "-" if power < 0 else self.plus
        exponent = fill_whole(self.power, str(abs(power)))
        return f"{mantissa}{fill_decimals(self.decimals, decimals)}E{sign}{exponent}"

    def _parts(self, magnitude: float) -> tuple[int, int]:
        """Return the digits of the mantissa as one whole number, and the power of ten.

        `##0.0E+0` has powers 0, 3, 6: as many digits before the point as there are places.
        """
        coefficient, exponent = decimal_digits(magnitude)
        if not coefficient:
            return 0, 0
        exponent += self.shift
        places, room = len(slots(self.decimals)), len(slots(self.whole))
        step = max(room, 1)
        leading = exponent + len(str(coefficient)) - 1
        power = leading // step * step if room else leading + 1
        scaled = rounded(coefficient, exponent - power, places)
        if scaled < 10 ** (room + places):
            return scaled, power
        return rounded(coefficient, exponent - power - step, places), power + step


def parse_scientific(section: Sequence[Token]) -> Scientific:
    """Return the scientific notation that these tokens say."""
    at = next(i for i, token in enumerate(section) if token.kind == "exponent")
    mantissa, tail = parse_digit_layout(section[:at]), section[at + 1 :]
    if any(token.kind == "comma" for token in section):
        raise UnsupportedFormatError("a comma in a number format with E")
    known = all(token.shows_itself or token.kind in {"digit", "percent"} for token in tail)
    power = pieces(tail)
    if not known or not slots(power) or not slots((*mantissa.whole, *mantissa.decimals)):
        raise UnsupportedFormatError("E in a number format needs digits on both sides")
    return Scientific(
        whole=mantissa.whole,
        decimals=mantissa.decimals,
        has_point=mantissa.has_point,
        shift=mantissa.power + 2 * sum(token.kind == "percent" for token in tail),
        plus="+" if section[at].text.endswith("+") else "",
        power=power,
    )


@dataclass(frozen=True, slots=True)
class General:
    """A section that says General, with the text around it."""

    kind: ClassVar[BodyKind] = "general"
    before: str = ""
    after: str = ""

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text of a number without sign."""
        return f"{self.before}{general_text(magnitude)}{self.after}"


def parse_general(section: Sequence[Token]) -> General:
    """Return the section that these tokens say, one of which is General."""
    at = next(i for i, token in enumerate(section) if token.kind == "general")
    before, after = section[:at], section[at + 1 :]
    if not all(token.shows_itself for token in (*before, *after)):
        raise UnsupportedFormatError("General in a number format with digits beside it")
    return General(_text(before), _text(after))


_WIDTH = 11
"""Characters of a number in General in a wide column, the decimal point counted, no minus."""
_FULL = 10**_WIDTH


def general_text(magnitude: float) -> str:
    """Return a number without sign as General shows it: 1234.5, 1.23457E+13, 0.00001, 1E-10.

    A small number is written out where `0.` and nine decimals hold it exactly.
    """
    if isinstance(magnitude, int) and magnitude < _FULL:
        return str(magnitude)
    coefficient, exponent = decimal_digits(magnitude)
    if not coefficient:
        return "0"
    digits = str(coefficient)
    leading = exponent + len(digits) - 1
    if leading >= _WIDTH or (
        leading < -4 and exponent + len(digits) - len(digits.rstrip("0")) < -9
    ):
        return _scientific_text(coefficient, exponent - leading, leading)
    places = max(0, min(9, 9 - leading))
    scaled = rounded(coefficient, exponent, places)
    return "1E+11" if scaled >= _FULL * 10**places else _decimal_text(scaled, places)


def _scientific_text(coefficient: int, exponent: int, power: int) -> str:
    """Return six significant digits at most, no zeros at the end; two digits of power at least."""
    scaled = rounded(coefficient, exponent, 5)
    if scaled == 10**6:
        scaled, power = 10**5, power + 1
    return f"{_decimal_text(scaled, 5)}E{power:+03d}"


def _decimal_text(scaled: int, places: int) -> str:
    whole, decimals = split_digits(scaled, places)
    decimals = decimals.rstrip("0")
    return f"{whole or '0'}.{decimals}" if decimals else whole or "0"
