"""Records of rows, which the program keeps in a hidden cell of each row.

A cell that differs from the record was edited. A row that was sorted takes its record along. The
record also has what the program knew of the cells of staff, and so it says what they changed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache

from merge.problems import shorten
from merge.register.entries import (
    NO_LONGER_NEEDED,
    KnownCells,
    KnownStage,
    RegisterEntry,
    StageValue,
)
from merge.register.layouts import FIRST_DAY, TRACKING_HEADING, TableLayout

WrittenValue = str | int | dt.date | None
"""A value that the program writes into a cell; None and "" leave it empty."""

_LONGEST_NAME = 255
"""Characters of a name in the register; no one reads longer ones.

Excel allows 32,767 in a cell.
"""

_encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What Excel takes for an escaped character (22.4.2.4 ST_Xstring).

openpyxl sometimes does not.
"""


_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


@lru_cache(maxsize=1 << 16)
def shortened_name(text: str) -> str:
    """Return a text on one line, cut to a limit, without control characters."""
    return break_escapes(shorten(_CONTROL_CHARACTERS.sub(" ", text), _LONGEST_NAME))


def break_escapes(text: str) -> str:
    """Return a text in which no characters look like an escape to Excel."""
    return _ESCAPE.sub("_ ", text) if "_x" in text else text


@dataclass(frozen=True, slots=True)
class RowRecord:
    """The values of a register row, in the order of `program_columns`.

    No column shows the IDs of people.
    """

    values: tuple[WrittenValue, ...]
    person_ids: tuple[str, ...] = ()
    """Signer and recipient of a letter; empty in the other tables."""
    known: KnownCells = field(default_factory=KnownCells)

    def with_token(self, token: str) -> RowRecord:
        """Return the record with another token."""
        return replace(self, known=replace(self.known, token=token))


def encode_record(record: RowRecord) -> str:
    """Return a register row's record as the text of the row's hidden cell."""
    known = record.known
    stages = {stage: (text, *keys) for stage, (text, keys) in known.stages.items()}
    tracking = {"tracking": known.tracking} if known.tracking else {}
    cells = {"token": known.token, **tracking, **stages}
    return _encode_json((*record.values, *record.person_ids, cells))


def decode_record(text: str, layout: TableLayout) -> RowRecord | None:
    """Return the record in a row's hidden cell, or None if it is invalid."""
    try:
        *items, cells = json.loads(text)
        token, tracking = _texts(cells.pop("token", ""), cells.pop("tracking", ""))
        stages = {
            stage: KnownStage(_texts(cell_text)[0], _texts(*keys))
            for stage, (cell_text, *keys) in cells.items()
        }
        count = len(layout.program_columns)
        kinds = (
            *(column.kind for column in layout.program_columns),
            *("id",) * layout.person_id_count,
        )
        values = tuple(_decode_value(kind, value) for kind, value in zip(kinds, items, strict=True))
        known = KnownCells(stages, tracking, token)
        return RowRecord(values[:count], tuple(map(str, values[count:])), known)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _texts(*items: object) -> tuple[str, ...]:
    if not all(isinstance(item, str) for item in items):
        raise TypeError
    return tuple(map(str, items))


def _decode_value(kind: str, item: object) -> WrittenValue:
    if item is None or (kind == "count" and isinstance(item, int)):
        return item
    if not isinstance(item, str):
        raise TypeError
    return dt.date.fromisoformat(item) if kind == "date" else item


# Records of the rows: of a letter, and of a person with the number of letters. Pure functions.


_EMPTY_RECORD = RowRecord(("", "", "", "", "", None, ""), ("", ""))


def letter_record(entry: RegisterEntry, old_record: RowRecord | None = None) -> RowRecord:
    """Return the record of a letter's row, from its entry and the old record."""
    previous = old_record or _EMPTY_RECORD
    _, signer, recipient, file, state, created_on, batch = previous.values
    signer_id, recipient_id = previous.person_ids or ("", "")
    if not (entry.is_printed and old_record):
        signer = shortened_name(entry.signer) or signer
        recipient = shortened_name(entry.recipient) or recipient
        created_on = entry.created_on or created_on
    file = break_escapes(entry.file) or file
    batch = batch if entry.batch is None else break_escapes(entry.batch)
    values = (entry.id, signer, recipient, file, entry.state or state, created_on, batch)
    people = (entry.signer_id or signer_id, entry.recipient_id or recipient_id)
    return RowRecord(values, people, entry.known or previous.known)


def cells_of_staff(known: KnownCells) -> dict[str, WrittenValue]:
    """Return the values for the cells of staff in a row, by heading."""
    stages = {stage: day_or_text(text) for stage, (text, _) in known.stages.items()}
    return {**stages, TRACKING_HEADING: known.tracking}


def day_or_text(text: str) -> StageValue:
    """Return the value of a stage from its text."""
    with suppress(ValueError):
        day = dt.date.fromisoformat(text)
        if str(day) == text and day >= FIRST_DAY:
            return day
    return text


class LettersPerPerson:
    """The people on one side of the letters, with their numbers of letters."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        """Names by the person's ID; empty if no letter has the name."""
        self._letters: dict[str, int] = {}

    def add(self, person_id: str, name: str, entry: RegisterEntry) -> None:
        """Count a letter for a person, unless no pair has the letter now."""
        if name or person_id not in self.names:
            self.names[person_id] = shortened_name(name)
        self._letters[person_id] = self._letters.get(person_id, 0) + (
            entry.state != NO_LONGER_NEEDED
        )

    def record(self, person_id: str, name: str) -> RowRecord:
        """Return the record of a person's row.

        `name` is used if no letter has the name.
        """
        return RowRecord(
            (person_id, self.names.get(person_id) or name, self._letters.get(person_id, 0))
        )

    def records(self) -> Iterator[RowRecord]:
        """Return the records of all people with a name, in the order of letters."""
        return (self.record(person_id, "") for person_id, name in self.names.items() if name)
