"""Scientific notation, with powers in steps of the placeholders before the point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from merge.cells.digits import decimal_digits, rounded, split
from merge.cells.numerals import layout
from merge.cells.placeholders import Piece, fill_decimals, fill_whole, pieces, slots
from merge.cells.tokens import Token
from merge.cells.unsupported import UnsupportedFormat
from merge.cells.view import BodyKind, View


@dataclass(frozen=True, slots=True)
class Scientific:
    """A mantissa, `E`, a power of ten."""

    kind: ClassVar[BodyKind] = "scientific"
    whole: tuple[Piece, ...]
    decimals: tuple[Piece, ...]
    has_point: bool
    shift: int
    """Two for each percent sign."""
    plus: str
    """`+` where the power always shows its sign, empty where only the minus is shown."""
    power: tuple[Piece, ...]

    def show(self, magnitude: float, _view: View, /) -> str:
        """The text of a number without sign."""
        scaled, power = self._parts(magnitude)
        whole, decimals = split(scaled, len(slots(self.decimals)))
        digits = whole.lstrip("0") if scaled else "0" * len(slots(self.whole))
        mantissa = fill_whole(self.whole, digits) + "." * self.has_point
        sign = "-" if power < 0 else self.plus
        exponent = fill_whole(self.power, str(abs(power)))
        return f"{mantissa}{fill_decimals(self.decimals, decimals)}E{sign}{exponent}"

    def _parts(self, magnitude: float) -> tuple[int, int]:
        """The digits of the mantissa as one whole number, and the power of ten.

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


def scientific(section: Sequence[Token]) -> Scientific:
    """The section that these tokens say."""
    at = next(i for i, token in enumerate(section) if token.kind == "exponent")
    mantissa, tail = layout(section[:at]), section[at + 1 :]
    if any(token.kind == "comma" for token in section):
        raise UnsupportedFormat("a comma in a number format with E")
    known = all(token.shows_itself or token.kind in {"digit", "percent"} for token in tail)
    power = pieces(tail)
    if not known or not slots(power) or not slots((*mantissa.whole, *mantissa.decimals)):
        raise UnsupportedFormat("E in a number format needs digits on both sides")
    percents = 2 * sum(token.kind == "percent" for token in tail)
    return Scientific(
        whole=mantissa.whole,
        decimals=mantissa.decimals,
        has_point=mantissa.has_point,
        shift=mantissa.power + percents,
        plus="+" if section[at].text.endswith("+") else "",
        power=power,
    )
