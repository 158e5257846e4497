"""The value of a cell: its text, and the number, date or boolean it shows."""

from __future__ import annotations

import contextlib
import datetime as dt
import operator
from collections.abc import Callable
from typing import Any, Self

from merge.problems import Problem

NativeValue = int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
"""The number, date, time or boolean that the text of a cell shows.

It is None if the cell contains text.
"""


class WorkbookValue(str):
    """The text of a cell as Excel shows it, with its native value.

    1. Compared with a text, it is its own text. `<`, `>` and the filters `date` and `number` use
       `native`.
    2. In a bare `if`, only a blank and FALSE are false.
    3. `problem` is set if the cell cannot be used. It affects only letters that need the cell.
    """

    __slots__ = ("native", "problem", "xml")

    native: NativeValue
    problem: Problem | None
    xml: str | None
    """The text as WordprocessingML, created when it is first printed."""

    def __new__(
        cls, text: str = "", native: NativeValue = None, problem: Problem | None = None
    ) -> Self:
        """Return a value from its text, native value and problem."""
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
        """Return whether this value's number or date is before or after another's.

        A blank is neither before nor after anything. A text such as 2026-03-04 is a day if the
        other value is a day. Raise TypeError if one is a number or date and the other is text.
        """
        other_native = other.native if isinstance(other, WorkbookValue) else other
        if other_native is other and isinstance(other, str) and isinstance(self.native, dt.date):
            with contextlib.suppress(ValueError):
                other_native = type(self.native).fromisoformat(other.strip())
        if self.isspace() or len(self) == 0 or (isinstance(other, str) and not other.strip()):
            return False
        if self.native is None and isinstance(other, str) and not getattr(other, "native", None):
            return compare(str(self), str(other))
        return compare(self.native, other_native)


BLANK = WorkbookValue()
