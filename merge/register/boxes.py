"""How large the boxes of a sheet's comments are, from its old drawing ([MS-OI29500] 2.1.1820)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_END = re.compile(rb"</\w+:shape>")
_SIZE = re.compile(rb"[;\"'\s](width|height):([\d.]+)(pt|px)")
_CELL = re.compile(rb"<\w+:(Row|Column)>(\d+)<")
_PIXELS = {b"pt": 96 / 72, b"px": 1.0}


class Box(NamedTuple):
    """A comment's cell, counted from 1, and the size of its box in pixels."""

    row: int
    column: int
    width: int
    height: int


def find_boxes(drawing: bytes) -> Iterator[Box]:
    """The boxes of all comments whose size is told."""
    for shape in _END.split(drawing):
        sizes = {name: float(n) * _PIXELS[unit] for name, n, unit in _SIZE.findall(shape)}
        cell = {name: int(number) + 1 for name, number in _CELL.findall(shape)}
        if len(sizes) == len(cell) == 2:
            width, height = round(sizes[b"width"]), round(sizes[b"height"])
            yield Box(cell[b"Row"], cell[b"Column"], width, height)
