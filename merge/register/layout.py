"""What the register looks like: its three tables and their columns. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

STAGES = ("Printed", "Signed", "Posted", "Answered")
"""What becomes of a letter on paper; staff fill these columns in by hand."""

DAY = "d mmm yyyy"
TEXT = "@"
"""Number formats. Digits in a cell of the second stay as they are typed."""

Kind = Literal["id", "text", "link", "date", "count", "memory", "stage", "staff"]
"""What stands in a column, and whose it is: the last two are the staff's."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in characters, its number format."""

    heading: str
    kind: Kind
    width: int
    format: str = "General"
    hidden: bool = False


MEMORY = Column("Kept by the program", "memory", 22, hidden=True)
"""What the program last wrote into the row's other cells; it moves along when staff sort."""


@dataclass(frozen=True)
class Layout:
    """A table of the register: the sheet and the Excel table it is, its columns."""

    sheet: str
    table: str
    columns: tuple[Column, ...]
    names: int = 1
    """How many columns with names follow the ID."""
    people: int = 0
    """How many ids of people the program keeps with a row."""

    @cached_property
    def filled(self) -> tuple[Column, ...]:
        """The columns that the program fills, in the order of a row's values; not its memory."""
        return tuple(c for c in self.columns if c.kind not in {"memory", "stage", "staff"})


_STAGES = tuple(Column(stage, "stage", 12, DAY) for stage in STAGES)
_NOTES = Column("Notes", "staff", 30)

LETTERS = Layout(
    "Register",
    "Letters",
    (
        Column("ID", "id", 10, TEXT),
        Column("Signer", "text", 24),
        Column("Recipient", "text", 26),
        Column("File", "link", 34),
        Column("State", "text", 15),
        Column("Made on", "date", 12, DAY),
        Column("Batch", "text", 22),
        MEMORY,
        *_STAGES,
        Column("Tracking number", "staff", 17, TEXT),
        _NOTES,
    ),
    names=2,
    people=2,
)


def _piles(sheet: str, table: str, name: str) -> Layout:
    columns = (
        Column("ID", "id", 18, TEXT, hidden=True),
        Column(name, "text", 32),
        Column("Letters", "count", 10),
        MEMORY,
        *_STAGES,
        _NOTES,
    )
    return Layout(sheet, table, columns)


SIGNERS = _piles("By signer", "BySigner", "Signer")
RECIPIENTS = _piles("By recipient", "ByRecipient", "Recipient")
LAYOUTS = (LETTERS, SIGNERS, RECIPIENTS)
