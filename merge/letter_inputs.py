"""Inputs of a letter: digests of its template and of its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

DIGEST_BYTES = 8
DAY_BYTES = 4

FieldValues = Mapping[str, Sequence[str]]
"""The value of each field by its name, `recipient.title`.

It is the text that letters show; the number or date in its cell follows, if there is one.
"""


class DataChange(NamedTuple):
    """Data of a letter that has changed: its name, old value and new value.

    Both are None if it has no value, for example the template, or if the old value is not known.
    """

    field: str
    old: str | None = None
    new: str | None = None


def split_digests(inputs: bytes) -> list[bytes]:
    """Return the digests of inputs: the template's, then those of fields."""
    return [
        inputs[start : start + DIGEST_BYTES]
        for start in range(0, len(inputs) - DAY_BYTES, DIGEST_BYTES)
    ]
