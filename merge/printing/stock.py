"""Envelopes, label sheets and paper that can be bought: sizes in millimetres, with their source.

`code` is the number by which Windows, and so Word, knows a size of paper (DMPAPER_… of the
DEVMODE structure; `w:pgSz/@w:code`, ECMA-376 part 1, 17.6.13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

INCH = 25.4


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper, upright."""

    name: str
    width: float
    height: float
    code: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope as it is printed on: the long side across, the flap behind."""

    name: str
    width: float
    height: float
    code: int


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """A sheet of labels. `left` and `top` are the margins before the first label.

    `across` and `down` are the pitch: from a label's edge to the same edge of the next one.
    """

    name: str
    paper: Paper
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    across: float
    down: float

    @property
    def count(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows


A4 = Paper("A4", 210, 297, 9)
"""ISO 216."""

LETTER = Paper("Letter", 8.5 * INCH, 11 * INCH, 1)
"""ANSI/ASME Y14.1, size A."""

PAPERS: Mapping[str, Paper] = MappingProxyType({paper.name: paper for paper in (A4, LETTER)})

ENVELOPES: Mapping[str, Envelope] = MappingProxyType(
    {
        envelope.name: envelope
        for envelope in (
            Envelope("DL", 220, 110, 27),
            Envelope("C6", 162, 114, 31),
            Envelope("C5", 229, 162, 28),
            Envelope("C4", 324, 229, 30),
            Envelope("#10", 9.5 * INCH, 4.125 * INCH, 20),
        )
    }
)
"""ISO 269 (withdrawn, and still what is sold); #10 is the commercial envelope of North America."""

LABELS: Mapping[str, LabelSheet] = MappingProxyType(
    {
        sheet.name: sheet
        for sheet in (
            LabelSheet("L7160", A4, 3, 7, 63.5, 38.1, 7.2, 15.15, 66.04, 38.1),
            LabelSheet(
                *("5160", LETTER, 3, 10, 2.625 * INCH, INCH),
                *(0.1875 * INCH, 0.5 * INCH, 2.75 * INCH, INCH),
            ),
        )
    }
)
"""Avery's own templates for Word, L7160 and 5160, measured."""
