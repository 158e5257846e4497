"""A letter as the program enters it into the register, and as its row says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from merge.problems import Place, Problem

NO_LONGER_WANTED = "no longer wanted"
"""The state of a letter that keeps its row and does not count in anybody's pile."""

DATA_DELETED = "forgotten"
"""The state of a row without a letter: of somebody who was taken out it keeps the dates."""

StageValue = dt.date | str
"""What staff wrote into a stage's cell: a day, or a text."""


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One letter as the program puts it into the register; each id is 16 hexadecimal digits.

    An empty text, or None, keeps what the row has. Of a letter that is `fixed`, on paper, signer,
    recipient and day are kept in any case; state, file and batch are brought up to date.
    `counted_stages` are the stages that count for it, dates of its piles included.
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
    counted_stages: tuple[str, ...] | None = ()


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
    created_on: dt.date | None
    batch: str
    signer_id: str
    recipient_id: str
    stages: Mapping[str, StageValue]
    """Only those that have something in them."""
    tracking: str = ""


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
    """The result of bringing the register up to date.

    Not written: nothing had changed, or it could not be; then it is not `current`, and a problem
    says why.
    """

    is_written: bool
    is_current: bool = True
    problems: tuple[Problem, ...] = ()
    backup: Path | None = None
    """The register as it was before, where something in it was lost."""
    reverted_edits: tuple[RevertedEdit, ...] = ()
