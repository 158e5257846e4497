"""Types of the list of signers: people, memory, changes of an import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from merge.intake.destinations import Destination
from merge.intake.form_types import Doubt, SkippedRow

# The list and its memory.


RecordKind = Literal["list", "typed", "declined"]
"""The kind of a person in the memory of the list.

- list: an import added the person, who may have been deleted from the list since.
- typed: staff typed the person, into signers.xlsx or into a row of their own in the list.
- declined: the person declined and was never in the list."""


@dataclass(frozen=True, slots=True)
class MemoryRecord:
    """Hashes that imports keep of one person; no text of theirs.

    - `form_hashes`: by heading, a short hash of the form's last value. `Include` is whether the
      person agrees.
    - `marks`: hashes of what identifies the person.
    - `newest`: the time of the newest response; `latest` is the hash of that response.
    - `seen`: hashes of the responses that were imported before.
    - `include`: the program's last value in the Include column.
    - `to_decide`: a hash of its last reason under To decide.
    """

    form_hashes: Mapping[str, str] = field(default_factory=dict)
    marks: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    latest: str = ""
    newest: dt.datetime | None = None
    forms: frozenset[str] = frozenset()
    where: RecordKind = "list"
    include: str = ""
    to_decide: str = ""


@dataclass(frozen=True, slots=True, order=True)
class PersonKey:
    """The key of a known person: an ID of the list, or the key of a record.

    `kind` says whether they are in the list, typed by staff, deleted from the list, or declined and
    never in the list.
    """

    kind: Literal["list", "typed", "deleted", "declined"]
    id: str


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A row of the list's Signers sheet; `fields` include staff's own columns."""

    id: str
    row: int
    fields: Mapping[str, str]
    include: str = ""
    to_decide: str = ""


@dataclass(frozen=True, slots=True)
class RememberedColumn:
    """A column of a form that was imported before, as in the Forms sheet.

    Staff edit `goes_to` and `quoted_yes_words` there.
    """

    form: str
    heading: str
    goes_to: Destination
    filled_count: int = 0
    quoted_yes_words: str = ""
    """The words that mean yes, in quotation marks, separated by commas."""
    confirmed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SignerList:
    """The list of signers, with what it remembers; empty if no file exists.

    - `headings`: the column headings of its Signers sheet.
    - `records`: by ID, including people who were deleted; by hash for others.
    """

    headings: tuple[str, ...] = ()
    people: tuple[ListedPerson, ...] = ()
    forms: tuple[RememberedColumn, ...] = ()
    records: Mapping[str, MemoryRecord] = field(default_factory=dict)
    salt: str = ""
    confirmation_hashes: Mapping[str, str] = field(default_factory=dict)
    """Hashes of each form's columns as they were shown and confirmed."""


# Changes of an import.


ReviewDecision = Literal["include", "exclude"]
"""Staff's decision about a person who needs review."""

REVIEW_DECISIONS: Mapping[str, ReviewDecision] = {"include": "include", "exclude": "exclude"}
"""The decisions by the words that a front end sends."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person whom an import adds to the list, from a row of the export."""

    id: str
    row: int
    fields: Mapping[str, str]
    doubts: tuple[Doubt, ...] = ()
    same_as: str = ""
    """The person with that name: an ID, a cell of signers.xlsx, or a row."""
    same_row: int = 0
    """The row of the export with that name; 0 if no row has it."""
    proposed_name: str = ""
    likeness: str = ""
    """The resemblance of the two, with `{same_as}` for the other person."""
    has_same_home: bool = False
    """True if both have the same email and address, but different names."""
    other_name: str = ""
    """The other person's name, if it differs.

    It is shown, and never written beside another name."""
    decision: ReviewDecision | None = None

    @property
    def needs_review(self) -> bool:
        """Whether there is a doubt about the person that staff must decide."""
        return bool(self.doubts) and self.decision is None


ChangeKind = Literal[
    "changed", "kept", "both", "in-workbook", "older", "same-day", "doubted", "agrees-again"
]
"""The result of comparing a cell; only `changed` writes into it.

- changed: it gets the form's new value.
- kept: it keeps staff's correction.
- both: the form and staff changed it; staff's value stays.
- in-workbook: staff typed the person, and nothing of theirs is written.
- older: a response that is older, or has no date, has another value.
- same-day: another response of the same day has another value.
- doubted: a doubtful response has another value.
- agrees-again: someone who withdrew agrees again; Include stays."""


@dataclass(frozen=True, slots=True)
class ListCellChange:
    """A difference between a cell of the list and the form, and its result.

    `current_text` is the cell's text, `form_text` the form's. `place` is the cell, such as
    `Signers!C14`: in the list or, for `in-workbook`, in signers.xlsx.
    """

    id: str
    name: str
    heading: str
    kind: ChangeKind
    current_text: str
    form_text: str
    place: str = ""
    response_day: dt.date | None = None
    """The response's day, for `older` and `agrees-again`; None if it has none."""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A known person whom an import affects, and the row of the export.

    `id` is that of the list, or empty. `place` is the cell of their name, such as `Signers!B14`.
    `row` is 0 if no row is theirs.
    """

    id: str
    name: str
    row: int = 0
    place: str = ""
    list_row: int = 0
    """Their row in the list, if staff typed it there."""
    is_uncertain: bool = False
    """True if only the name, or the email and a word of the name, matches."""


@dataclass(frozen=True, slots=True)
class SignerListChanges:
    """All changes that an import makes in the list of signers.

    - `list_after` is the list after the import.
    - `withdrawn_people` no longer agree.
    - `missing_people` are no longer in the file.
    - `deleted_people` were deleted by staff and stay excluded.
    - `declined_people` declined in a later response and stay excluded.
    - `unchanged_people` have no changes.
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
    """Rows that belong to one person according to the list, not the file."""
    is_partial_file: bool = False
    """True if more than a fifth of the known people are not in the file.

    In that case no one counts as missing."""
    missing_count: int = 0
    """Number of known people who are not in the file."""
    known_count: int = 0
    cells_before: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """Cells of known people before the import, by row of the export."""
