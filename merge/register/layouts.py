"""The register's three tables: their sheets and columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

MAX_LETTERS = 1_048_575
"""Rows of a sheet below the headings (Excel specifications and limits)."""

STAGES = ("Printed", "Signed", "Posted", "Answered")
"""The stages of a printed letter; staff fill in these columns."""

FIRST_DAY = dt.date(1900, 3, 1)
"""The first date that Excel shows correctly.

Excel has 29 February 1900, which did not exist, so earlier dates are shifted.
"""

SENT_STAGES = frozenset({"Posted", "Answered"})
"""Stages of a letter that has left the office."""


def counted_stages(stages: Collection[str]) -> tuple[str, ...]:
    """Return a letter's stages in order, with Posted if it was answered.

    A letter that was answered also counts as posted.
    """
    return tuple(s for s in STAGES if s in stages or (s in SENT_STAGES and "Answered" in stages))


DAY_FORMAT = "d mmm yyyy"
TEXT_FORMAT = "@"
"""Number formats; with the second, digits stay as they are typed."""

ColumnKind = Literal["id", "text", "state", "link", "date", "count", "memory", "stage", "staff"]
"""The content of a column; the last two kinds are filled in by staff."""


@dataclass(frozen=True, slots=True)
class RegisterColumn:
    """A register column: heading, width in characters, number format.

    If it `wraps`, a long text continues on further lines.
    """

    heading: str
    kind: ColumnKind
    width: int
    format: str = "General"
    hidden: bool = False
    wraps: bool = False


RECORD_COLUMN = RegisterColumn("Kept by the program", "memory", 22, hidden=True)
"""The program's record of the row's other cells; sorting moves it along."""


@dataclass(frozen=True)
class TableLayout:
    """A table of the register: its sheet, its Excel table, its columns."""

    sheet: str
    table: str
    columns: tuple[RegisterColumn, ...]
    name_count: int = 1
    """Number of columns with names after the ID."""
    person_id_count: int = 0
    """Number of people's IDs that the program stores with a row."""
    is_wide: bool = False
    """The table is too wide for a page.

    ID, names and all columns from the first stage on are printed.
    """

    @cached_property
    def program_columns(self) -> tuple[RegisterColumn, ...]:
        """The columns that the program fills, in the order of a row's values.

        The hidden record is not one of them.
        """
        return tuple(c for c in self.columns if c.kind not in {"memory", "stage", "staff"})


TRACKING_HEADING = "Tracking number"
NOTES_HEADING = "Notes"
_STAGES = tuple(RegisterColumn(stage, "stage", 12, DAY_FORMAT) for stage in STAGES)
TRACKING_COLUMN = RegisterColumn(TRACKING_HEADING, "staff", 17, TEXT_FORMAT)
_NOTES = RegisterColumn(NOTES_HEADING, "staff", 30)

LETTERS_LAYOUT = TableLayout(
    "Register",
    "Letters",
    (
        RegisterColumn("ID", "id", 8, TEXT_FORMAT),
        RegisterColumn("Signer", "text", 26, wraps=True),
        RegisterColumn("Recipient", "text", 30, wraps=True),
        RegisterColumn("File", "link", 34),
        RegisterColumn("Status", "state", 24),
        RegisterColumn("Created on", "date", 12, DAY_FORMAT),
        RegisterColumn("Print file", "text", 22),
        RECORD_COLUMN,
        *_STAGES,
        TRACKING_COLUMN,
        _NOTES,
    ),
    name_count=2,
    person_id_count=2,
    is_wide=True,
)


def _people_layout(sheet: str, table: str, name: str) -> TableLayout:
    columns = (
        RegisterColumn("ID", "id", 18, TEXT_FORMAT, hidden=True),
        RegisterColumn(name, "text", 32, wraps=True),
        RegisterColumn("Letters", "count", 10),
        RECORD_COLUMN,
        *_STAGES,
        _NOTES,
    )
    return TableLayout(sheet, table, columns)


SIGNERS_LAYOUT = _people_layout("By signer", "BySigner", "Signer")
RECIPIENTS_LAYOUT = _people_layout("By recipient", "ByRecipient", "Recipient")
LAYOUTS = (LETTERS_LAYOUT, SIGNERS_LAYOUT, RECIPIENTS_LAYOUT)
