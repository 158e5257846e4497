"""The paper that a letter is written for."""

from __future__ import annotations

from merge.ooxml.package import Piece, Source
from merge.ooxml.wordml import W
from merge.printing.stock import A4, INCH, PAPERS, Paper

_SAME = 2
"""Millimetres: programs round the sizes of paper."""

_TWIPS = 1440
"""In an inch."""


def paper_of(letter: bytes) -> Paper:
    """The paper of a letter's first section, upright; A4 where it says none."""
    source = Source(Piece("", letter))
    size = next(source.parsed(source.main).iter(W + "pgSz"), None)
    sides = [] if size is None else [str(size.get(W + side, "")) for side in ("w", "h")]
    if not all(side.isdecimal() for side in sides) or not sides:
        return A4
    width, height = sorted(int(side) / _TWIPS * INCH for side in sides)
    for paper in PAPERS.values():
        if abs(paper.width - width) < _SAME and abs(paper.height - height) < _SAME:
            return paper
    return Paper(f"{width:.0f} x {height:.0f} mm", width, height, 0)
