"""What a row is to hold, as a record that the program keeps in a hidden cell of that row.

A cell that differs from it was typed into; a row that was sorted carries it along.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from merge.problems import shorten
from merge.register.entries import NO_LONGER_WANTED, RegisterEntry
from merge.register.layouts import TableLayout

WrittenValue = str | int | dt.date | None
"""What the program writes into a cell; None and an empty text leave it empty."""

_LONGEST_NAME = 255
"""Characters of a name in the register. Excel allows a cell 32,767, of which nobody reads more."""

_encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What Excel takes for one character (22.4.2.4 ST_Xstring), and openpyxl sometimes does not."""


@lru_cache(maxsize=1 << 16)
def shortened_name(text: str) -> str:
    """Return a name on one line, long ones cut."""
    return break_escapes(shorten(text, _LONGEST_NAME))


def break_escapes(text: str) -> str:
    """Return a text that Excel shows as it is written: its escapes are broken by a space."""
    return _ESCAPE.sub("_ ", text) if "_x" in text else text


@dataclass(frozen=True, slots=True)
class RowRecord:
    """A row's values in the order of `TableLayout.filled`, and the ids that no column shows."""

    values: tuple[WrittenValue, ...]
    person_ids: tuple[str, ...] = ()
    """Signer and recipient of a letter; nobody in the other tables."""


def encode_record(record: RowRecord) -> str:
    """Return the text of the hidden cell."""
    return _encode_json((*record.values, *record.person_ids))


def decode_record(text: str, layout: TableLayout) -> RowRecord | None:
    """Return the record in a hidden cell; None where its text is no record of this table."""
    try:
        found = json.loads(text)
        count = len(layout.program_columns)
        kinds = (
            *(column.kind for column in layout.program_columns),
            *("id",) * layout.person_id_count,
        )
        values = tuple(_decode_value(kind, value) for kind, value in zip(kinds, found, strict=True))
        return RowRecord(values[:count], tuple(map(str, values[count:])))
    except (ValueError, TypeError, KeyError):
        return None


def _decode_value(kind: str, found: object) -> WrittenValue:
    if found is None or (kind == "count" and isinstance(found, int)):
        return found
    if not isinstance(found, str):
        raise TypeError
    return dt.date.fromisoformat(found) if kind == "date" else found


# What each row is to hold: a letter's, and a person's with the number of letters. Pure.


_EMPTY_RECORD = RowRecord(("", "", "", "", "", None, "", ""), ("", ""))


def letter_record(entry: RegisterEntry, old: RowRecord | None = None) -> RowRecord:
    """Return what a letter's row is to hold, given what it has held so far."""
    had = old or _EMPTY_RECORD
    _, signer, recipient, file, state, made, batch, counts = had.values
    signer_id, recipient_id = had.person_ids or ("", "")
    if not (entry.is_printed and old):
        signer = shortened_name(entry.signer) or signer
        recipient = shortened_name(entry.recipient) or recipient
        made = entry.created_on or made
    file = break_escapes(entry.file) or file
    batch = batch if entry.batch is None else break_escapes(entry.batch)
    counts = counts if entry.counted_stages is None else ", ".join(entry.counted_stages)
    values = (entry.id, signer, recipient, file, entry.state or state, made, batch, counts)
    return RowRecord(values, (entry.signer_id or signer_id, entry.recipient_id or recipient_id))


class LettersPerPerson:
    """The people on one side of the letters, counted as the letters go by."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        """By the person's id; empty where no letter says it."""
        self._letters: dict[str, int] = {}

    def add(self, person: str, name: str, entry: RegisterEntry) -> None:
        """One more letter of a person; one that is no longer wanted does not count."""
        if name or person not in self.names:
            self.names[person] = shortened_name(name)
        self._letters[person] = self._letters.get(person, 0) + (entry.state != NO_LONGER_WANTED)

    def record(self, person: str, name: str) -> RowRecord:
        """Return what the person's row is to hold; its name where no letter says it."""
        return RowRecord((person, self.names.get(person) or name, self._letters.get(person, 0)))

    def records(self) -> Iterator[RowRecord]:
        """Everybody's, in the order of the letters; people without a name are left out."""
        return (self.record(person, "") for person, name in self.names.items() if name)
