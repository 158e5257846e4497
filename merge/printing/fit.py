"""How letters fit their pages: how many they take, and whether there is room to sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

from pypdf import PageObject

from merge.model import Finished
from merge.printing.desk import private_folder
from merge.printing.pdf import opened
from merge.printing.signature import MARK, marked
from merge.printing.writer import Writer, shown

_POINT = 25.4 / 72
"""Millimetres."""

_DESCENT = 0.22
"""How far letters reach below their line, in sizes of the type: Arial 0.21, Calibri 0.25."""

_WIDTH = 0.5
"""A letter's, in sizes of the type, about."""

_COLUMN = 100
"""Points to either side of where a name begins; what lies further off is another column."""

_SAME_LINE = 4
"""Points: what lies no further apart is one line."""

_CLOSING = 2
"""Lines that are no company for a name: `Yours sincerely,` and one more."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a letter lies on its pages.

    `lone_signature`: the typed name begins a page, or only the closing stands above it there.
    `room_mm` is the height between the typed name and the line above it; None where nothing
    stands above it on its page, or the letter has no typed name.
    """

    letter: Finished
    pages: int
    lone_signature: bool = False
    room_mm: float | None = None


_Matrix = Sequence[float]


class _Piece(NamedTuple):
    """Text that stands on one line, in points from the page's lower left corner."""

    baseline: float
    bottom: float
    left: float
    right: float


def measure(
    letters: Sequence[Finished], writer: Writer, done: Callable[[int], None] = lambda _: None
) -> list[Fit]:
    """The fit of each letter; `done` is told of so many each time that some are laid out.

    StorageError names all that cannot be laid out.
    """
    names = {letter.path: letter.pair.signer.name for letter in letters}
    with private_folder() as folder:
        pdfs = writer.to_pdf(
            [letter.path for letter in letters],
            folder,
            blank_pages=False,
            copy=lambda path: marked(path, shown(path), names[path]),
            done=done,
        )
        return [_fit(letter, pdf) for letter, pdf in zip(letters, pdfs, strict=True)]


def _fit(letter: Finished, pdf: Path) -> Fit:
    with opened(pdf.read_bytes()) as reader:
        count, mark = len(reader.pages), reader.named_destinations.get(f"/{MARK}")
        number = None if mark is None else reader.get_destination_page_number(mark)
        if mark is None or mark.top is None or mark.left is None or number is None:
            return Fit(letter, count)
        above = [piece for piece in _pieces(reader.pages[number]) if piece.baseline >= mark.top]
        lone = number > 0 and _lines(above) <= _CLOSING
        return Fit(letter, count, lone, _room(above, mark.left, mark.top))


def _room(above: Sequence[_Piece], left: float, top: float) -> float | None:
    """Millimetres up to the lowest piece that is not in another column than the name."""
    near = [p for p in above if p.left < left + _COLUMN and p.right > left - _COLUMN]
    return round((min(p.bottom for p in near) - top) * _POINT, 1) if near else None


def _lines(pieces: Sequence[_Piece]) -> int:
    heights = sorted(piece.baseline for piece in pieces)
    return sum(b - a > _SAME_LINE for a, b in pairwise((-inf, *heights)))


def _pieces(page: PageObject) -> list[_Piece]:
    """The letter's text on a page.

    Headers and footers are artifacts in a tagged PDF (ISO 32000-1, 14.8.2.2); rules to sign on
    have no letters.
    """
    pieces: list[_Piece] = []
    artifacts: list[bool] = []

    def operand(operator: bytes, operands: Sequence[Any], _cm: object, _tm: object) -> None:
        if operator in {b"BMC", b"BDC"}:
            artifacts.append(operands[0] == "/Artifact")
        elif operator == b"EMC":
            artifacts.pop()

    def text(said: str, cm: _Matrix, tm: _Matrix, _font: object, size: float) -> None:
        if not any(artifacts) and any(map(str.isalnum, said)):
            left, height = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
            right = left + _WIDTH * size * len(said)
            pieces.append(_Piece(height, height - _DESCENT * size, left, right))

    page.extract_text(visitor_operand_before=operand, visitor_text=text)
    return pieces
