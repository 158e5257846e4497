"""What the program last wrote into a row, as the text of a hidden cell of that row.

A cell that differs from it was typed into; a row that was sorted carries it along.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from merge.model import shortened
from merge.register.layout import Layout

Value = str | int | dt.date | None
"""What the program writes into a cell; None and an empty text leave it empty."""

_LONGEST = 255
"""Characters of a name in the register. Excel allows a cell 32,767, of which nobody reads more."""

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What Excel takes for one character (22.4.2.4 ST_Xstring), and openpyxl sometimes does not."""


@lru_cache(maxsize=1 << 16)
def label(text: str) -> str:
    """A name on one line, long ones cut."""
    return plain(shortened(text, _LONGEST))


def plain(text: str) -> str:
    """A text in which Excel sees what is written there: its escapes are broken by a space."""
    return _ESCAPE.sub("_ ", text) if "_x" in text else text


@dataclass(frozen=True, slots=True)
class Record:
    """A row's values in the order of `Layout.filled`, and the ids that no column shows."""

    values: tuple[Value, ...]
    people: tuple[str, ...] = ()
    """Signer and recipient of a letter; nobody in the other tables."""


def packed(record: Record) -> str:
    """The text of the hidden cell."""
    return _encoded((*record.values, *record.people))


def unpacked(text: str, layout: Layout) -> Record | None:
    """The record in a hidden cell; None where its text is no record of this table."""
    try:
        found = json.loads(text)
        kinds = (*(column.kind for column in layout.filled), *("id",) * layout.people)
        values = tuple(_value(kind, value) for kind, value in zip(kinds, found, strict=True))
        count = len(layout.filled)
        return Record(values[:count], tuple(map(str, values[count:])))
    except (ValueError, TypeError, KeyError):
        return None


def _value(kind: str, found: object) -> Value:
    if found is None or (kind == "count" and isinstance(found, int)):
        return found
    if not isinstance(found, str):
        raise TypeError
    return dt.date.fromisoformat(found) if kind == "date" else found
