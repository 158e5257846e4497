"""What all kinds of section have in common."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

HASHES = "########"
"""What Excel shows, over the whole column, for what it cannot show."""

BodyKind = Literal["general", "number", "scientific", "fraction", "date"]

DAYS_TO_1904 = 1462
"""Serial 0 of the 1904 date system is serial 1462 of the 1900 one: ECMA-376 part 1, 18.17.4.1."""


class View(NamedTuple):
    """What the text depends on beside value and format."""

    shift: int = 0
    """Days to add to a serial of this workbook to get one of the 1900 date system."""

    language: str = "en_US"
    """The language of months and days where the format names none."""


class Body(Protocol):
    """One section of a format, ready to show numbers."""

    @property
    def kind(self) -> BodyKind:
        """What the section makes of a number."""

    def show(self, magnitude: float, view: View, /) -> str:
        """The text of a number without sign."""
