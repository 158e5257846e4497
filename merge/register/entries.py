"""Entries of the register: a letter to enter, a letter's row, an update."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from merge.problems import Place, Problem

NO_LONGER_NEEDED = "no longer needed"
"""The state of a letter that keeps its row but is in no one's pile."""

DATA_DELETED = "data deleted"
"""The state of a row whose letter was deleted with a person's data.

It keeps the dates.
"""

StageValue = dt.date | str
"""The value of a stage's cell: a date or a text by staff."""


class KnownStage(NamedTuple):
    """A stage as the program knew it when it wrote a row.

    `text` is the text of its cell, a date as 2026-11-26; `keys` are those of its marks.
    """

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownCells:
    """A row's cells of staff as the program knew them when it wrote the row.

    A cell that differs was changed by staff since. `token` is random and new each time, so that the
    same date, typed again after it was cleared, is another mark.
    """

    stages: Mapping[str, KnownStage] = field(default_factory=dict)
    """Only the stages that are not blank."""
    tracking: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A letter to enter into the register; each ID is 16 hexadecimal digits.

    An empty text, or None, keeps what the row has. If the letter `is_printed`, its row keeps
    signer, recipient and date; status, file and print file are updated. `known` are its stages and
    its tracking number, which the cells of staff get.
    """

    id: str
    signer: str = ""
    recipient: str = ""
    signer_id: str = ""
    recipient_id: str = ""
    file: str = ""
    """The letter's path from the register's folder, with `/`."""
    state: str = ""
    created_on: dt.date | None = None
    batch: str | None = None
    is_printed: bool = False
    known: KnownCells | None = None


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter's row in the Register sheet, with the dates of staff.

    `number` is the row number in Excel. The IDs of the people are empty if the row no longer has
    them.
    """

    number: int
    signer: str
    recipient: str
    file: str
    state: str
    created_on: dt.date | None
    batch: str
    signer_id: str
    recipient_id: str
    stages: Mapping[str, StageValue]
    """Only the stages that are not blank."""
    known: KnownCells | None = None
    """None if nothing is known of what the program wrote."""
    tracking: str = ""
    notes: str = ""
    has_staff_cells: bool = False


@dataclass(frozen=True, slots=True)
class RevertedEdit:
    """A value that staff typed into a program column, and that was reverted.

    `id` is the ID of the letter, or, in the By signer and By recipient sheets, of the person.
    """

    id: str
    heading: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class RegisterUpdate:
    """The result of an update of the register.

    If it was not written, nothing had changed, or it could not be written. In the second case it is
    not current, and a problem says why.
    """

    is_written: bool
    is_current: bool = True
    problems: tuple[Problem, ...] = ()
    backup: Path | None = None
    """The previous version of the register, if something in it was lost."""
    reverted_edits: tuple[RevertedEdit, ...] = ()
