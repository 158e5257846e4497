"""Types of the list of signers: its people, what it remembers, what an import changes in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from merge.intake.destinations import Destination
from merge.intake.form_types import Doubt, SkippedRow

# The list and its memory.


@dataclass(frozen=True, slots=True)
class MemoryRecord:
    """What the memory keeps of one person, by ID: no text of theirs.

    `said` holds for each heading a short hash of what the form said last, `Include` among them:
    whether it agrees. `marks` are hashes of what tells who it is. `newest` is the day of the
    newest answer, `latest` the hash of that answer, `seen` those of all of that day.
    """

    said: Mapping[str, str] = field(default_factory=dict)
    marks: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    latest: str = ""
    newest: dt.date | None = None
    forms: frozenset[str] = frozenset()
    where: Literal["list", "typed"] = "list"
    """In the list; or typed by staff, in signers.xlsx or a row of their own, and never written."""
    include: str = ""
    """What the program wrote last into Include."""
    to_decide: str = ""


@dataclass(frozen=True, slots=True, order=True)
class PersonKey:
    """Who a known person is: by ID in the list, or else by the key or number of their record.

    They are in the list; typed by staff; deleted from the list; or declined and never in it.
    """

    kind: Literal["list", "typed", "deleted", "refused"]
    id: str


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A row of the list's sheet Signers: `fields` by heading, own columns of staff's among them."""

    id: str
    row: int
    fields: Mapping[str, str]
    include: str = ""
    to_decide: str = ""


@dataclass(frozen=True, slots=True)
class RememberedColumn:
    """One column of one form, as the sheet Forms has it; staff change `goes_to` and `yes`."""

    form: str
    heading: str
    goes_to: Destination
    filled_count: int = 0
    quoted_yes_words: str = ""
    """The words that mean yes, in quotation marks, joined by commas."""
    confirmed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SignerList:
    """The list as it lies on the disk, or an empty one. `headings` are those of its sheet Signers.

    `records` are by ID, of people who were deleted as well; those of people typed by staff are by a
    hash. `refused` is what keeps out those who said no and were never in. `next_id` is the number
    of the next ID: F12 is 12.
    """

    headings: tuple[str, ...] = ()
    people: tuple[ListedPerson, ...] = ()
    forms: tuple[RememberedColumn, ...] = ()
    records: Mapping[str, MemoryRecord] = field(default_factory=dict)
    declined_records: tuple[MemoryRecord, ...] = ()
    next_id: int = 1
    salt: str = ""
    confirmation_hashes: Mapping[str, str] = field(default_factory=dict)
    """By form a hash of what was shown and confirmed of it."""


# What an import changes.


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who comes into the list, from that row of the export."""

    id: str
    row: int
    fields: Mapping[str, str]
    doubts: tuple[Doubt, ...] = ()
    same_as: str = ""
    """Who has that name: an ID of the list, a cell of signers.xlsx, or a row of the export."""
    same_row: int = 0
    """The row of the export of who has that name; 0 where it is not in there."""
    proposed_name: str = ""
    likeness: str = ""
    """In what they are alike, with `{same_as}` for who that is."""
    has_same_home: bool = False
    """Both have the same email and address, and names that are not the same."""
    other_name: str = ""
    """Their name, where it is another: shown, and not written beside somebody else's name."""


ChangeKind = Literal[
    "changed", "kept", "both", "in-workbook", "older", "same-day", "doubted", "agrees-again"
]
"""Changed to what the form says; kept as staff corrected it; both changed it, staff's stays; the
person was typed by staff, where nothing is written; an answer that is older, or of no known day,
says otherwise; another answer of the same day does; a doubtful answer does; who withdrew agrees
again, and Include stays. Only the first changes a cell."""


@dataclass(frozen=True, slots=True)
class ListCellChange:
    """What becomes of one cell. `yours` is what stands there, `form` what the form says now.

    `place` is the cell, `Signers!C14`, in the list or, for `in-workbook`, in signers.xlsx.
    """

    id: str
    name: str
    heading: str
    kind: ChangeKind
    current_text: str
    form_text: str
    place: str = ""
    response_day: dt.date | None = None
    """The day of the answer, where it is older, or agrees again; None where it has none."""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who is known: by ID, as they are called, the row of the export that says it.

    `id` is that of the list, or else empty; `place` is where they stand, `Signers!B14`; `row` is 0
    where no row speaks of them.
    """

    id: str
    name: str
    row: int = 0
    place: str = ""
    list_row: int = 0
    """Their row in the list, where staff typed it themselves."""
    is_uncertain: bool = False
    """Only the name, or the email and a word of the name, speaks of them."""


@dataclass(frozen=True, slots=True)
class ListChanges:
    """What an import would do, and `after`: the list as it would be then.

    `withdrawn` do not agree any more; `gone` are not in the file any more; `deleted` were taken
    out by staff, `refused` said no in a later answer: both stay out. `same`: nothing to say.
    """

    list_after: SignerList
    new_people: tuple[NewPerson, ...] = ()
    cell_changes: tuple[ListCellChange, ...] = ()
    withdrawn_people: tuple[KnownPerson, ...] = ()
    missing_people: tuple[KnownPerson, ...] = ()
    deleted_people: tuple[KnownPerson, ...] = ()
    declined_people: tuple[KnownPerson, ...] = ()
    unchanged_people: tuple[KnownPerson, ...] = ()
    duplicate_rows: tuple[SkippedRow, ...] = ()
    """Rows of people who are one as the list knows them, though the file alone does not tell."""
    is_partial_file: bool = False
    """More than a fifth of those known are not in the file: nobody counts as gone."""
    missing_count: int = 0
    """How many of those known are not in the file."""
    known_count: int = 0
    cells_before: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """By row of the export the cells of who is known, as they were before."""
