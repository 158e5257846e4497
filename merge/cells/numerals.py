"""Numbers in digit placeholders: decimals, thousands, percent, scaling."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from merge.cells.commas import is_grouped, scaling_commas, without_commas
from merge.cells.digits import decimal_digits, rounded, split
from merge.cells.placeholders import Piece, fill_decimals, fill_whole, pieces, slots
from merge.cells.tokens import Token
from merge.cells.unsupported import UnsupportedFormat
from merge.cells.view import BodyKind, View


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

    @property
    def places(self) -> int:
        """How many decimals are shown at most."""
        return len(slots(self.decimals))

    def scaled(self, magnitude: float) -> int:
        """The digits that are shown, before and after the point, as one whole number."""
        coefficient, exponent = decimal_digits(magnitude)
        return rounded(coefficient, exponent + self.power, self.places)

    def hides(self, magnitude: float) -> bool:
        """Whether all digits of a number that is not zero are zeros, as of 0.001 in `0.0`."""
        has_digits = slots(self.whole) or self.places
        return bool(has_digits) and not self.scaled(magnitude)

    def show(self, magnitude: float, _view: View, /) -> str:
        """The text of a number without sign."""
        whole, decimals = split(self.scaled(magnitude), self.places)
        text = fill_whole(self.whole, whole.lstrip("0"), grouped=self.grouped)
        point = "." if self.has_point else ""
        return text + point + fill_decimals(self.decimals, decimals)


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

    def scaled(self, magnitude: float) -> int:
        """The digits that are shown, before and after the point, as one whole number."""
        coefficient, exponent = decimal_digits(magnitude)
        return rounded(coefficient, exponent + self.power, self.places)

    def hides(self, magnitude: float) -> bool:
        """Whether all digits of a number that is not zero are zeros, as of 0.001 in `0.0`."""
        return not self.scaled(magnitude)

    def show(self, magnitude: float, _view: View, /) -> str:
        """The text of a number without sign."""
        scaled = self.scaled(magnitude)
        if not self.has_point:
            return self.before + self._whole(scaled) + self.after
        unit = 10**self.places
        whole = self._whole(scaled // unit)
        return f"{self.before}{whole}.{self._decimals(scaled % unit)}{self.after}"

    def _whole(self, number: int) -> str:
        if not number:
            return "0" * self.least_whole
        return f"{number:,}" if self.grouped else str(number).zfill(self.least_whole)

    def _decimals(self, number: int) -> str:
        text = str(number).zfill(self.places) if self.places else ""
        if self.least_places == self.places:
            return text
        return text.rstrip("0").ljust(self.least_places, "0")


def numeral(section: Sequence[Token]) -> Numeral | CommonNumeral:
    """The section that these tokens say; a section without placeholders shows its text alone."""
    laid_out = layout(section)
    if laid_out.has_point and not slots((*laid_out.whole, *laid_out.decimals)):
        raise UnsupportedFormat("a decimal point in a number format without digits around it")
    if laid_out.has_point and not slots(laid_out.whole):  # .00 shows 1.5 as 1.50
        whole = (*laid_out.whole, Piece(is_slot=True, text="#"))
        laid_out = replace(laid_out, whole=whole)
    return _common(laid_out) or laid_out


def layout(section: Sequence[Token]) -> Numeral:
    """The placeholders before and after the point, as they stand."""
    kept = without_commas(section)
    points = [i for i, token in enumerate(kept) if token.kind == "point"]
    if len(points) > 1:
        raise UnsupportedFormat("a number format with two decimal points in one section")
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


def _marked(run: Sequence[Piece]) -> str:
    return "".join("\0" + piece.text if piece.is_slot else piece.text for piece in run)


def _common(slow: Numeral) -> CommonNumeral | None:
    """The same as a CommonNumeral, None where the shape is another."""
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
