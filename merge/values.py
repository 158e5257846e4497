"""A cell's value: its text, and the number, date or boolean behind it."""

from __future__ import annotations

import contextlib
import datetime as dt
import operator
from collections.abc import Callable
from typing import Any, Self

from merge.problems import Problem

NativeValue = int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
"""What a cell's text stands for, where it is more than text; None for text."""


class Value(str):
    """A cell's text as Excel shows it, with the number, date or boolean behind it.

    Compared with text it is its text; `<` and `>` and the filters `date` and `number` use
    `plain`. In a bare `if` only blank and FALSE are false. `fault` is set where the cell
    cannot be used: it is a problem only of a letter that needs the cell.
    """

    __slots__ = ("native", "problem", "xml")

    native: NativeValue
    problem: Problem | None
    xml: str | None
    """The text as WordprocessingML, made when it is first printed."""

    def __new__(
        cls, text: str = "", native: NativeValue = None, problem: Problem | None = None
    ) -> Self:
        """Make a value of text, what it stands for, and why it cannot be used."""
        self = super().__new__(cls, text)
        self.native = native
        self.problem = problem
        self.xml = None
        return self

    def __bool__(self) -> bool:
        return self.native is not False and not self.isspace() and len(self) > 0

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str) or other is None:
            return str.__eq__(self, other) is True
        if self.native is None and self:
            raise TypeError("a text is compared with a number or date")
        return self.native == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: object) -> bool:
        return self._compare_native(other, operator.lt)

    def __le__(self, other: object) -> bool:
        return self._compare_native(other, operator.le)

    def __gt__(self, other: object) -> bool:
        return self._compare_native(other, operator.gt)

    def __ge__(self, other: object) -> bool:
        return self._compare_native(other, operator.ge)

    def _compare_native(self, other: object, compare: Callable[[Any, Any], bool]) -> bool:
        """Compare what the cells stand for; a blank is neither less nor more than anything.

        A text such as 2026-03-04 is a day where a day is compared with it. TypeError where one is
        a number or date and the other is text.
        """
        theirs = other.native if isinstance(other, Value) else other
        if theirs is other and isinstance(other, str) and isinstance(self.native, dt.date):
            with contextlib.suppress(ValueError):
                theirs = type(self.native).fromisoformat(other.strip())
        if self.isspace() or len(self) == 0 or (isinstance(other, str) and not other.strip()):
            return False
        if self.native is None and isinstance(other, str) and not getattr(other, "native", None):
            return compare(str(self), str(other))
        return compare(self.native, theirs)


BLANK = Value()
