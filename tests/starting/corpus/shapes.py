"""Shapes of letters that do not need a certain one."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

from starting.corpus.layout import Container, Numbering, Shape, Writer

_WRITERS: Sequence[Writer] = ("word", "word", "word2007", "libreoffice", "google")
_NUMBERINGS: Sequence[Numbering] = ("automatic", "dashes", "automatic", "bullets", "numbers")
_CONTAINERS: Sequence[Container] = (
    "paragraphs",
    "paragraphs",
    "breaks",
    "cell",
    "frame",
    "control",
)

_Value = TypeVar("_Value")


def varied_shape(name: str) -> Shape:
    """Return a shape for a case: the same for the same name."""
    number = zlib.crc32(name.encode())

    def choose(values: Sequence[_Value]) -> _Value:
        nonlocal number
        number, place = divmod(number, len(values))
        return values[place]

    return Shape(
        {"address": choose(_CONTAINERS)},
        choose(_WRITERS),
        spaced=choose(((), (), ("signature",), ("text",))),
        gap=choose((1, 1, 0, 2)),
        numbering=choose(_NUMBERINGS),
    )
