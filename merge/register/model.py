"""What goes in and out: letters, the register's rows, what a run made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from merge.model import Place, Problem

NO_LONGER_WANTED = "no longer wanted"
"""The state of a letter that keeps its row and does not count in anybody's pile."""

StageValue = dt.date | str
"""What staff wrote into a stage's cell: a day, or a text."""


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """What the program says of one letter; each id is 16 hexadecimal digits.

    An empty text, or None, keeps what the row has. Of a letter that is `fixed`, on paper, signer,
    recipient and day are kept in any case; state, file and batch are brought up to date.
    """

    id: str
    signer: str
    recipient: str
    signer_id: str
    recipient_id: str
    file: str
    """The letter's path from the register's folder, with `/`."""
    state: str
    made: dt.date | None
    batch: str | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter's row of the sheet Register, as the program wrote it last, and the staff's dates.

    `number` is Excel's. The ids of the people are empty where the row no longer has them.
    """

    number: int
    signer: str
    recipient: str
    file: str
    state: str
    made: dt.date | None
    batch: str
    signer_id: str
    recipient_id: str
    stages: Mapping[str, StageValue]
    """Only those that have something in them."""


@dataclass(frozen=True, slots=True)
class RevertedEdit:
    """Something that staff typed into a column of the program's; the cell was set right again.

    `id` is the letter's, in the sheets By signer and By recipient the person's.
    """

    id: str
    heading: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class RegisterUpdate:
    """What a run made of the register.

    Not written: nothing had changed, or it could not be; then it is not `current`, and a problem
    says why.
    """

    written: bool
    current: bool = True
    problems: tuple[Problem, ...] = ()
    backup: Path | None = None
    """The register as it was before, where something in it was lost."""
    typed: tuple[RevertedEdit, ...] = ()


# What the register looks like: its three tables and their columns. Pure.


STAGES = ("Printed", "Signed", "Posted", "Answered")
"""What becomes of a letter on paper; staff fill these columns in by hand."""

SENT = frozenset({"Posted", "Answered"})
"""Stages of a letter that has left the house."""

DAY_FORMAT = "d mmm yyyy"
TEXT_FORMAT = "@"
"""Number formats. Digits in a cell of the second stay as they are typed."""

ColumnKind = Literal["id", "text", "link", "date", "count", "memory", "stage", "staff"]
"""What stands in a column, and whose it is: the last two are the staff's."""


@dataclass(frozen=True, slots=True)
class RegisterColumn:
    """A column of a table: its heading, its width in characters, its number format."""

    heading: str
    kind: ColumnKind
    width: int
    format: str = "General"
    hidden: bool = False


RECORD_COLUMN = RegisterColumn("Kept by the program", "memory", 22, hidden=True)
"""What the program last wrote into the row's other cells; it moves along when staff sort."""


@dataclass(frozen=True)
class TableLayout:
    """A table of the register: the sheet and the Excel table it is, its columns."""

    sheet: str
    table: str
    columns: tuple[RegisterColumn, ...]
    names: int = 1
    """How many columns with names follow the ID."""
    people: int = 0
    """How many ids of people the program keeps with a row."""

    @cached_property
    def filled(self) -> tuple[RegisterColumn, ...]:
        """The columns that the program fills, in the order of a row's values; not its memory."""
        return tuple(c for c in self.columns if c.kind not in {"memory", "stage", "staff"})


_STAGES = tuple(RegisterColumn(stage, "stage", 12, DAY_FORMAT) for stage in STAGES)
_NOTES = RegisterColumn("Notes", "staff", 30)

LETTERS_LAYOUT = TableLayout(
    "Register",
    "Letters",
    (
        RegisterColumn("ID", "id", 10, TEXT_FORMAT),
        RegisterColumn("Signer", "text", 24),
        RegisterColumn("Recipient", "text", 26),
        RegisterColumn("File", "link", 34),
        RegisterColumn("State", "text", 15),
        RegisterColumn("Made on", "date", 12, DAY_FORMAT),
        RegisterColumn("Batch", "text", 22),
        RECORD_COLUMN,
        *_STAGES,
        RegisterColumn("Tracking number", "staff", 17, TEXT_FORMAT),
        _NOTES,
    ),
    names=2,
    people=2,
)


def _people_layout(sheet: str, table: str, name: str) -> TableLayout:
    columns = (
        RegisterColumn("ID", "id", 18, TEXT_FORMAT, hidden=True),
        RegisterColumn(name, "text", 32),
        RegisterColumn("Letters", "count", 10),
        RECORD_COLUMN,
        *_STAGES,
        _NOTES,
    )
    return TableLayout(sheet, table, columns)


SIGNERS_LAYOUT = _people_layout("By signer", "BySigner", "Signer")
RECIPIENTS_LAYOUT = _people_layout("By recipient", "ByRecipient", "Recipient")
LAYOUTS = (LETTERS_LAYOUT, SIGNERS_LAYOUT, RECIPIENTS_LAYOUT)
