"""Number sections of a format: digits, fractions, scientific, General.

A section's placeholders `0` `#` `?`, point and commas define the text: ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from merge.excel.digits import (
    FormatPiece,
    decimal_digits,
    fill_decimals,
    fill_integer_part,
    format_pieces,
    has_digit,
    is_grouped,
    placeholder_signs,
    round_half_up,
    scaling_commas,
    shown_digits,
    split_digits,
    without_commas,
)
from merge.excel.format_codes import (
    DisplayContext,
    FormatToken,
    SectionKind,
    UnsupportedFormatError,
)


@dataclass(frozen=True, slots=True)
class NumberBody:
    """A number format's section that fills digits into placeholders."""

    kind: ClassVar[SectionKind] = "number"
    whole: tuple[FormatPiece, ...]
    decimals: tuple[FormatPiece, ...]
    has_point: bool
    grouped: bool
    power: int
    """Two for each percent sign, minus three for each scaling comma."""

    def shows_only_zeros(self, magnitude: float) -> bool:
        """Return whether a number is shown as zeros only, as 0.001 in `0.0`.

        The number is not zero. Without placeholders, the result is false.
        """
        places = len(placeholder_signs(self.decimals))
        has_digits = placeholder_signs(self.whole) or places
        return bool(has_digits) and not shown_digits(magnitude, self.power, places)

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text that this format shows for a number without sign."""
        places = len(placeholder_signs(self.decimals))
        whole, decimals = split_digits(shown_digits(magnitude, self.power, places), places)
        text = fill_integer_part(self.whole, whole.lstrip("0"), grouped=self.grouped)
        return text + "." * self.has_point + fill_decimals(self.decimals, decimals)


@dataclass(frozen=True, slots=True)
class SimpleNumberBody:
    """A number format's section of the simple form `before 000.00## after`.

    It shows the same as `NumberBody`, but faster.
    """

    kind: ClassVar[SectionKind] = "number"
    before: str
    after: str
    least_whole_digits: int
    least_decimals: int
    decimals: int
    power: int
    has_point: bool
    grouped: bool

    def shows_only_zeros(self, magnitude: float) -> bool:
        """Return whether a number is shown as zeros only, as 0.001 in `0.0`.

        The number is not zero.
        """
        return not shown_digits(magnitude, self.power, self.decimals)

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text that this format shows for a number without sign."""
        scaled = shown_digits(magnitude, self.power, self.decimals)
        if not self.has_point:
            return self.before + self._whole(scaled) + self.after
        unit = 10**self.decimals
        decimals = str(scaled % unit).zfill(self.decimals) if self.decimals else ""
        if self.least_decimals != self.decimals:
            decimals = decimals.rstrip("0").ljust(self.least_decimals, "0")
        return f"{self.before}{self._whole(scaled // unit)}.{decimals}{self.after}"

    def _whole(self, number: int) -> str:
        if not number:
            return "0" * self.least_whole_digits
        return f"{number:,}" if self.grouped else str(number).zfill(self.least_whole_digits)


def parse_number_body(section: Sequence[FormatToken]) -> NumberBody | SimpleNumberBody:
    """Return the parsed section of a number format for plain numbers.

    A section without placeholders only shows its text.
    """
    layout = parse_digit_layout(section)
    if layout.has_point and not placeholder_signs((*layout.whole, *layout.decimals)):
        raise UnsupportedFormatError("a decimal point in a number format without digits around it")
    if layout.has_point and not placeholder_signs(layout.whole):  # .00 shows 1.5 as 1.50
        layout = replace(layout, whole=(*layout.whole, FormatPiece(is_placeholder=True, text="#")))
    return _simple_number_body(layout) or layout


def parse_digit_layout(section: Sequence[FormatToken]) -> NumberBody:
    """Return a format's digit placeholders before and after the point."""
    tokens = without_commas(section)
    points = [i for i, token in enumerate(tokens) if token.kind == "point"]
    if len(points) > 1:
        raise UnsupportedFormatError("a number format with two decimal points in one section")
    end = points[0] if points else len(tokens)
    percents = sum(token.kind == "percent" for token in section)
    return NumberBody(
        whole=format_pieces(tokens[:end]),
        decimals=format_pieces(tokens[end + 1 :]),
        has_point=bool(points),
        grouped=is_grouped(section),
        power=2 * percents - 3 * scaling_commas(section),
    )


_COMMON_WHOLE = re.compile(r"([^\0]*)((?:\0[0#])+)([^\0]*)")
_COMMON_DECIMALS = re.compile(r"((?:\0[0#])*)([^\0]*)")


def _simple_number_body(section: NumberBody) -> SimpleNumberBody | None:
    """Return an equivalent simple section; None if the form is another."""
    whole = _COMMON_WHOLE.fullmatch(_with_marked_placeholders(section.whole))
    decimals = _COMMON_DECIMALS.fullmatch(_with_marked_placeholders(section.decimals))
    if not whole or not decimals or (section.has_point and whole[3]):
        return None
    left, right = placeholder_signs(section.whole), placeholder_signs(section.decimals)
    zeros = left.lstrip("#").count("0")
    ordered = left == left.strip("0").replace("0", "") + "0" * zeros and "#0" not in right
    if not ordered or (section.grouped and zeros > 1):
        return None
    return SimpleNumberBody(
        before=whole[1],
        after=whole[3] + decimals[2],
        least_whole_digits=zeros,
        least_decimals=right.count("0"),
        decimals=len(right),
        power=section.power,
        has_point=section.has_point,
        grouped=section.grouped,
    )


def _with_marked_placeholders(run: Sequence[FormatPiece]) -> str:
    return "".join("\0" + piece.text if piece.is_placeholder else piece.text for piece in run)


_NO_FRACTION_FROM = 10**15
"""Number from which 15 digits leave no room for a fraction."""
_HALVES_EXACT_BELOW = 2**52
"""Number up to which a float can have a half."""
_MAX_DIGITS = 7
"""Maximum number of digits of a denominator, whatever its placeholders."""
_TOLERANCE = 5e-8
"""Remainder that is only due to inexact arithmetic."""


@dataclass(frozen=True, slots=True)
class FractionBody:
    """A number format's section with a fraction, perhaps after a whole number.

    `# ?/?`, `# ??/??`, `# ?/8`, `?/?`.
    """

    kind: ClassVar[SectionKind] = "fraction"
    whole: tuple[FormatPiece, ...]
    grouped: bool
    numerator: tuple[FormatPiece, ...]
    middle: str
    """The slash, with the spaces around it."""
    denominator: str
    """Placeholders, or the digits of a fixed denominator."""
    tail: str

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text that this format shows for a number without sign.

        The fraction of a whole number is shown as spaces.
        """
        fixed = int(self.denominator) if self.denominator.strip("0").isdigit() else None
        top, bottom = self._nearest(magnitude, fixed)
        has_whole = bool(placeholder_signs(self.whole))
        whole = top // bottom if has_whole else 0
        top -= whole * bottom
        blank = not top and has_whole and "0" not in placeholder_signs(self.numerator)
        if blank:
            width = len(self.middle + self.denominator.replace("#", ""))
            fraction = fill_integer_part(self.numerator, "") + " " * width
        else:
            zeros, spaces = self.denominator.count("0"), self.denominator.count("?")
            below = str(bottom) if fixed else str(bottom).zfill(zeros).ljust(zeros + spaces)
            fraction = fill_integer_part(self.numerator, str(top)) + self.middle + below
        digits = str(whole) if whole or blank else ""
        return fill_integer_part(self.whole, digits, grouped=self.grouped) + fraction + self.tail

    def _nearest(self, magnitude: float, fixed: int | None) -> tuple[int, int]:
        """Return the nearest fraction to a number: numerator and denominator.

        `fixed` is the denominator if the format has a fixed one.
        """
        if fixed:
            return _numerator_over(magnitude, fixed), fixed
        if magnitude >= _NO_FRACTION_FROM:
            return _numerator_over(magnitude, 1), 1
        return _last_convergent(magnitude, 10 ** min(len(self.denominator), _MAX_DIGITS) - 1)


def _numerator_over(magnitude: float, bottom: int) -> int:
    """Return the number as a multiple of 1/`bottom`, a half rounded up."""
    product = magnitude * bottom
    if product < _HALVES_EXACT_BELOW:
        return math.floor(product + 0.5)
    coefficient, exponent = decimal_digits(magnitude)
    return round_half_up(coefficient * bottom, exponent, 0)


def _last_convergent(value: float, most: int) -> tuple[int, int]:
    """Return the last convergent with a denominator of at most `most`.

    It is that of the continued fraction. It is not always the nearest fraction, but the one that
    Excel shows: 0.456 in `?/?` is 1/2, although 4/9 is nearer. Because its arithmetic is inexact,
    0.3 is 2/7 and 1.3 is 1 1/3.
    """
    (top, bottom), previous, remainder = (1, 0), (0, 1), value
    while True:
        part = math.floor(remainder)
        convergent = part * top + previous[0], part * bottom + previous[1]
        if convergent[1] > most:
            return top, bottom
        previous, (top, bottom) = (top, bottom), convergent
        if remainder - part < _TOLERANCE:
            return top, bottom
        remainder = 1 / (remainder - part)


def is_fraction(section: Sequence[FormatToken]) -> bool:
    """Return whether a number format has a slash between digits."""
    index = _slash(section)
    return has_digit(section[:index]) and index < len(section) - 1


def parse_fraction_body(section: Sequence[FormatToken]) -> FractionBody:
    """Return the parsed section of a number format for fractions."""
    index = _slash(section)
    before, after = section[:index], section[index + 1 :]
    end = max(i for i, token in enumerate(before) if token.kind == "digit") + 1
    start = end
    while start and before[start - 1].kind == "digit":
        start -= 1
    spaces = (i for i, t in enumerate(after) if not t.is_constant_text or t.text.strip())
    spaces_end = next(spaces, len(after))
    denominator = _denominator(after[spaces_end:])
    tail = after[spaces_end + len(denominator) :]
    if not all(token.is_constant_text for token in (*before[end:], *tail)):
        raise UnsupportedFormatError("a fraction in a number format with other digits around it")
    return FractionBody(
        whole=format_pieces(before[:start]),
        grouped=is_grouped(before[:start]),
        numerator=format_pieces(before[start:end]),
        middle=_token_text(before[end:]) + "/" + _token_text(after[:spaces_end]),
        denominator=denominator,
        tail=_token_text(tail),
    )


def _slash(section: Sequence[FormatToken]) -> int:
    return next((i for i, t in enumerate(section) if t.kind == "slash"), len(section))


def _denominator(after: Sequence[FormatToken]) -> str:
    """Return a fraction format's placeholders or digits of the denominator."""
    text = ""
    for token in after:
        if token.kind != "digit" and (token.kind != "bare" or token.text not in "123456789"):
            break
        text += token.text
    if not text or (not text.isdigit() and set(text) - set("0#?")):
        raise UnsupportedFormatError("a slash in a number format with no denominator after it")
    return text


def _token_text(run: Iterable[FormatToken]) -> str:
    return "".join(token.text for token in run)


@dataclass(frozen=True, slots=True)
class ScientificBody:
    """A number format's section with a mantissa, `E` and a power of ten.

    The power is a multiple of the number of placeholders before the point.
    """

    kind: ClassVar[SectionKind] = "scientific"
    whole: tuple[FormatPiece, ...]
    decimals: tuple[FormatPiece, ...]
    has_point: bool
    percent_power: int
    """Two for each percent sign."""
    plus: str
    """`+` if the power always has a sign, empty if only a minus is shown."""
    power: tuple[FormatPiece, ...]

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text that this format shows for a number without sign."""
        scaled, power = self._parts(magnitude)
        whole, decimals = split_digits(scaled, len(placeholder_signs(self.decimals)))
        digits = whole.lstrip("0") if scaled else "0" * len(placeholder_signs(self.whole))
        mantissa = fill_integer_part(self.whole, digits) + "." * self.has_point
        sign = "-" if power < 0 else self.plus
        exponent = fill_integer_part(self.power, str(abs(power)))
        return f"{mantissa}{fill_decimals(self.decimals, decimals)}E{sign}{exponent}"

    def _parts(self, magnitude: float) -> tuple[int, int]:
        """Return the mantissa's digits as a whole number, and the power of ten.

        `##0.0E+0` has powers 0, 3, 6. It shows as many digits before the point as there are places.
        """
        coefficient, exponent = decimal_digits(magnitude)
        if not coefficient:
            return 0, 0
        exponent += self.percent_power
        places, room = len(placeholder_signs(self.decimals)), len(placeholder_signs(self.whole))
        step = max(room, 1)
        leading = exponent + len(str(coefficient)) - 1
        power = leading // step * step if room else leading + 1
        scaled = round_half_up(coefficient, exponent - power, places)
        if scaled < 10 ** (room + places):
            return scaled, power
        return round_half_up(coefficient, exponent - power - step, places), power + step


def parse_scientific_body(section: Sequence[FormatToken]) -> ScientificBody:
    """Return the parsed section of a number format in scientific notation."""
    index = next(i for i, token in enumerate(section) if token.kind == "exponent")
    mantissa, tail = parse_digit_layout(section[:index]), section[index + 1 :]
    if any(token.kind == "comma" for token in section):
        raise UnsupportedFormatError("a comma in a number format with E")
    is_known = all(token.is_constant_text or token.kind in {"digit", "percent"} for token in tail)
    power = format_pieces(tail)
    if (
        not is_known
        or not placeholder_signs(power)
        or not placeholder_signs((*mantissa.whole, *mantissa.decimals))
    ):
        raise UnsupportedFormatError("E in a number format needs digits on both sides")
    return ScientificBody(
        whole=mantissa.whole,
        decimals=mantissa.decimals,
        has_point=mantissa.has_point,
        percent_power=mantissa.power + 2 * sum(token.kind == "percent" for token in tail),
        plus="+" if section[index].text.endswith("+") else "",
        power=power,
    )


@dataclass(frozen=True, slots=True)
class GeneralBody:
    """A number format's section with General, and the text around it."""

    kind: ClassVar[SectionKind] = "general"
    before: str = ""
    after: str = ""

    def show(self, magnitude: float, _context: DisplayContext, /) -> str:
        """Return the text that General shows for a number without sign."""
        return f"{self.before}{general_text(magnitude)}{self.after}"


def parse_general_body(section: Sequence[FormatToken]) -> GeneralBody:
    """Return the parsed section of a number format that contains General."""
    index = next(i for i, token in enumerate(section) if token.kind == "general")
    before, after = section[:index], section[index + 1 :]
    if not all(token.is_constant_text for token in (*before, *after)):
        raise UnsupportedFormatError("General in a number format with digits beside it")
    return GeneralBody(_token_text(before), _token_text(after))


_GENERAL_WIDTH = 11
"""Maximum length of a number in General, in a wide column.

The decimal point counts, a minus does not.
"""
_GENERAL_LIMIT = 10**_GENERAL_WIDTH


def general_text(magnitude: float) -> str:
    """Return a number without sign in the format General.

    Examples: 1234.5, 1.23457E+13, 0.00001, 1E-10. A small number is written out if `0.` and nine
    decimals are exact.
    """
    if isinstance(magnitude, int) and magnitude < _GENERAL_LIMIT:
        return str(magnitude)
    coefficient, exponent = decimal_digits(magnitude)
    if not coefficient:
        return "0"
    digits = str(coefficient)
    leading = exponent + len(digits) - 1
    if leading >= _GENERAL_WIDTH or (
        leading < -4 and exponent + len(digits) - len(digits.rstrip("0")) < -9
    ):
        return _scientific_text(coefficient, exponent - leading, leading)
    places = max(0, min(9, 9 - leading))
    scaled = round_half_up(coefficient, exponent, places)
    return "1E+11" if scaled >= _GENERAL_LIMIT * 10**places else _decimal_text(scaled, places)


def _scientific_text(coefficient: int, exponent: int, power: int) -> str:
    """Return the scientific notation of a number in General.

    It has at most six significant digits, no zeros at the end, and at least two digits of power.
    """
    scaled = round_half_up(coefficient, exponent, 5)
    if scaled == 10**6:
        scaled, power = 10**5, power + 1
    return f"{_decimal_text(scaled, 5)}E{power:+03d}"


def _decimal_text(scaled: int, places: int) -> str:
    whole, decimals = split_digits(scaled, places)
    decimals = decimals.rstrip("0")
    return f"{whole or '0'}.{decimals}" if decimals else whole or "0"
