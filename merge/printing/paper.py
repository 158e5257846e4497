"""Paper sizes: those on sale, and the size that a letter is for.

Lengths are in millimetres. `code` is Windows' number of a size, which Word uses too (DMPAPER_… of
the DEVMODE structure; `w:pgSz/@w:code`, ECMA-376 part 1, 17.6.13).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from merge.ooxml.new_docx import PaperSize
from merge.ooxml.package_builder import SourceDocument, SourceFile
from merge.ooxml.wordml import W

INCH = 25.4

A4 = PaperSize("A4", 210, 297, 9)
"""ISO 216."""

LETTER = PaperSize("Letter", 8.5 * INCH, 11 * INCH, 1)
"""ANSI/ASME Y14.1, size A."""

PAPERS: Mapping[str, PaperSize] = MappingProxyType({paper.name: paper for paper in (A4, LETTER)})

_MAX_DIGITS = 5  # Word's longest side is 22 inches: 31,680 twips
_SIZE_TOLERANCE = 2  # Millimetres, because programs round paper sizes


def paper_size_of(letter: bytes) -> PaperSize:
    """Return the paper size of a letter's first section, in portrait.

    It is A4 if the section has none, or one that no paper can have.
    """
    source = SourceDocument(SourceFile("", letter))
    size = next(source.parse_part(source.main_part).iter(W + "pgSz"), None)
    sides = [] if size is None else [str(size.get(W + side, "")) for side in ("w", "h")]
    if not all(side.isdecimal() and len(side) <= _MAX_DIGITS for side in sides) or not sides:
        return A4
    width, height = sorted(int(side) / 1440 * INCH for side in sides)  # in twips
    for paper in PAPERS.values():
        if (
            abs(paper.width - width) < _SIZE_TOLERANCE
            and abs(paper.height - height) < _SIZE_TOLERANCE
        ):
            return paper
    return PaperSize(f"{width:.0f} x {height:.0f} mm", width, height, 0)
