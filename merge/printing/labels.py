"""Address labels: a table whose cells lie on the labels of a sheet that can be bought.

Every row is exactly as high as the sheet's pitch, and the margins leave no room for one more: each
sheet is a page, and nothing can push a label to another one's place. The letter's short id stands
above the address, at the right: what else is printed near an address stands above it and far from
it (USPS, Publication 28, A1), and nothing below it or to its right (Deutsche Post).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat

from merge.model import Place, Problem, UsageError
from merge.ooxml.blank import (
    ExactPage,
    Room,
    Style,
    cell,
    docx,
    exact_line,
    exact_table,
    fitted,
    row,
    size_in,
    twips,
)
from merge.printing.outside import Outside, digits_needed, unfit
from merge.printing.stock import LabelSheet

_SIDE, _ABOVE, _BELOW = 3, 3.5, 1.5
"""Millimetres of a label round the address. Deutsche Post asks for 3 at the sides."""

_ADDRESS = Style("label address", 11, inset=_SIDE)
_MARK = Style("label mark", 6, above=3, inset=_SIDE, grey=True, right=True)
_SLACK = 1
"""Millimetres of the page below the last row: for the paragraph that ends the table."""


def labels(outsides: Sequence[Outside], stock: LabelSheet, start: int = 1) -> bytes:
    """A .docx with a label for each of one or more, in their order, line after line.

    `start` is the first label that is still on the sheet, counted from 1. UsageError where the
    sheet has no such label. An address that has no room is left out: `label_problems` tells of it.
    """
    check_start(stock, start)
    digits = digits_needed(letter.id for letter in outsides)
    whole = [""] * (start - 1)
    whole += [_label(letter, letter.id[:digits], stock) for letter in outsides]
    sheets = (_sheet(part, stock) for part in _parts(whole, stock.count))
    return docx("Labels", (_ADDRESS, _MARK), "".join(sheets), _page(stock))


def label_problems(outsides: Iterable[Outside], stock: LabelSheet) -> Iterator[Problem]:
    """A warning for each address that has no room."""
    for letter in outsides:
        if not size_in(letter.lines, _room(stock), _ADDRESS.size):
            yield unfit(letter, "address", f"a label {stock.name}")


def check_start(stock: LabelSheet, start: int) -> None:
    """UsageError where a sheet has no label of that number, counted from 1."""
    if not 1 <= start <= stock.count:
        raise UsageError(_no_label(stock, start))


def _no_label(stock: LabelSheet, start: int) -> Problem:
    what = f"a sheet {stock.name} has the labels 1 to {stock.count}."
    hint = "Count from the upper left, line after line, to the first label that is left."
    return Problem("label-start", Place(f"--start {start}"), what, hint)


def _page(stock: LabelSheet) -> ExactPage:
    paper = stock.paper
    right = paper.width - stock.left - (stock.columns - 1) * stock.across - stock.width
    below = paper.height - stock.top - stock.rows * stock.down - _SLACK
    return ExactPage(paper.width, paper.height, paper.code, stock.left, stock.top, right, below)


def _widths(stock: LabelSheet) -> list[int]:
    """The widths in twips of the labels and of the gaps between them, turn about."""
    gap = twips(stock.across) - twips(stock.width)
    return [twips(stock.width), *(gap, twips(stock.width)) * (stock.columns - 1)]


def _room(stock: LabelSheet) -> Room:
    return Room(stock.width - 2 * _SIDE, stock.height - _ABOVE - _BELOW)


def _label(letter: Outside, mark: str, stock: LabelSheet) -> str:
    address = fitted(letter.lines, _ADDRESS, _room(stock), middle=True)
    return exact_line(mark, _MARK) + address


def _sheet(contents: Sequence[str], stock: LabelSheet) -> str:
    """A table of the labels of one sheet."""
    widths = _widths(stock)
    rows = (_row(part, widths, stock.down) for part in _parts(contents, stock.columns))
    return exact_table(widths, rows)


def _row(contents: Sequence[str], widths: Sequence[int], height: float) -> str:
    spaced = [content for each in contents for content in ("", each)][1:]
    return row(map(cell, widths, chain(spaced, repeat(""))), height)


def _parts(contents: Sequence[str], count: int) -> Iterator[Sequence[str]]:
    return (contents[n : n + count] for n in range(0, len(contents), count))
