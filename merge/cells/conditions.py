"""Which section of a format a number falls into, and whether it keeps its minus there."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison with a number, as `[<=9999999]`."""

    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        """Whether the value passes."""
        return _COMPARE[self.sign](value, self.limit)

    @property
    def only_negative(self) -> bool:
        """Whether no number passes but negative ones: the section then shows no minus."""
        if self.sign == "<":
            return self.limit <= 0
        return self.sign in {"<=", "="} and self.limit < 0

    @property
    def rest_is_negative(self) -> bool:
        """Whether Excel takes what fails for negative, and shows it without a minus.

        So does Excel, even where positive numbers fail too: `[<-6]0;0` shows -5 as 5. Seen in
        Excel 16 by the authors of numfmt (their tests of conditional sections).
        """
        return self.limit < 0 and self.sign != "="


POSITIVE = Condition(">", 0)
NEGATIVE = Condition("<", 0)
AT_LEAST_ZERO = Condition(">=", 0)


def condition(text: str) -> Condition:
    """The condition that a bracket's text says."""
    sign, limit = re.split(r"(?<=[<>=])(?![<>=])", text, maxsplit=1)
    return Condition(sign, float(limit))
