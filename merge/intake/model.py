"""The words of intake: an export, its columns and where they go, answers, the list, changes.

    export's bytes -> Export -> Columns -> Answers -> Changes -> the list `signers from forms.xlsx`

A row is known by the number that Excel shows. Where a column goes is said in the words of
`Destination`. Nothing here reads or writes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from merge.text.folding import folded

# An export as rows.

ExportKind = Literal["csv", "xlsx", "ods"]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A filled row: its number, its cells as they are shown, tidied, from the first column on.

    A row of a CSV has as many cells as it has there, one of a sheet ends with its last filled
    cell. `is_hidden`: hidden in the sheet. `is_misquoted`: its quotation marks are not as they
    must be. Cells counted from 0 that need more words than the tidy text:
    """

    number: int
    cells: tuple[str, ...]
    is_hidden: bool = False
    is_misquoted: bool = False
    mended: Mapping[int, str] = field(default_factory=dict)
    """Cells whose accents are broken (`GÃ¼nter`), as they were meant (`Günter`)."""
    spaced: Mapping[int, str] = field(default_factory=dict)
    """Cells with several spaces in a row, which are two here: they may stand between parts."""
    as_typed: Mapping[int, str] = field(default_factory=dict)
    """Cells of the first rows that are not as they stand in the file, as they do."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file of answers as rows, blank ones left out.

    `readings` are the ways in which its bytes could be meant, in the words of `--read-as`, the
    likeliest first; empty where it is certain (UTF-8, a byte order mark, a sheet) or was said.
    `encoding` is the name that Python has for it; `utf-8-sig` and `utf-16` begin with a mark.
    `sheets` are those that could be meant, the chosen one first.
    """

    file: str
    kind: ExportKind
    rows: tuple[ExportRow, ...]
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    readings: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()


# Where the columns go.

Destination = str
"""Where a column goes: a heading of the list (`Name`, `Street`, `City`…), with the place of a part
behind it (`Name (1)`, `City (2)`) or how it is read (`Name (turned at the comma)`); or one of the
words below."""

CONSENT, SUBMISSION, EMAIL, ORDER = "Consent", "key:id", "key:email", "order"
LEAVE_OUT = "leave out"

DECEASED = "doubt:deceased"
TURNED, TAKEN_APART, HOUSE_NUMBER = " (turned at the comma)", " (taken apart)", " (house number)"
"""How a column is read, after the heading of the list that it fills."""

_SPOKEN: Mapping[Destination, str] = MappingProxyType(
    {
        SUBMISSION: "Identifies the person: response ID",
        EMAIL: "Identifies the person: email",
        ORDER: "Date of the response",
        DECEASED: "Says who has died",
        LEAVE_OUT: "Do not import",
    }
)
_SPOKEN_PARTS = {
    TURNED: " (“Last, First” reversed)",
    TAKEN_APART: " (split by labels)",
    HOUSE_NUMBER: " (house number only)",
}


def spoken_destination(goes_to: Destination) -> str:
    """Return a destination as the Forms sheet and the command line name it."""
    for part, words in _SPOKEN_PARTS.items():
        if goes_to.endswith(part):
            return goes_to.removesuffix(part) + words
    return _SPOKEN.get(goes_to, goes_to)


def destination_of(text: str) -> Destination:
    """Return the destination that a cell of the Forms sheet names.

    >>> destination_of("do not import")
    'leave out'
    """
    for part, words in _SPOKEN_PARTS.items():
        if text.lower().endswith(words.lower()):
            return text[: -len(words)] + part
    same = (word for word, spoken in _SPOKEN.items() if folded(spoken) == folded(text))
    return next(same, text)


Strength = Literal["sure", "likely", "asked", "none"]
"""How a destination was found: the whole heading stands in the table; a phrase of it does; it is
a question without an answer chosen; nothing speaks for it, so it is left out."""


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of an export: its number counted from 0, its heading, where it goes.

    A heading of two rows is joined by ` / `. `samples` are its first values, three at most, no two
    alike. `words` are the values of a column of consent, each with how often it stands there.
    """

    number: int
    heading: str
    goes_to: Destination
    strength: Strength
    samples: tuple[str, ...] = ()
    is_asked: bool = False
    """Staff must say whether this is right."""
    words: Mapping[str, int] = field(default_factory=dict)
    yes: tuple[str, ...] = ()
    """Those of `words` that mean yes: as proposed, or as staff have said."""
    filled: int = 0
    """How many answers have something in it."""
    box: Mapping[str, int] = field(default_factory=dict)
    """The values of a column that could be meant as consent though its heading does not say so."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """What goes where. `heading_rows` and `skipped` (row -> why) are those that hold no answer.

    `parts` says where the labelled lines of an address in one cell go, by what a label means. From
    row `foreign_from` on the headings are in another order; 0 where that never happens.
    """

    columns: tuple[FormColumn, ...]
    heading_rows: tuple[int, ...]
    skipped: Mapping[int, NotTakenReason] = field(default_factory=dict)
    parts: Mapping[str, Destination] = field(default_factory=dict)
    foreign_from: int = 0
    is_unconfirmed: bool = False
    """The sheet Forms says something else of a form that is known than was shown and confirmed."""
    everybody_agrees: bool = False
    """Staff have said so, for no column speaks of consent."""
    form: str = ""
    """The form that is known again, or as staff call it; empty for a new one."""
    alike: tuple[str, ...] = ()
    """The forms that have these headings, where it may be any of several."""
    new: tuple[str, ...] = ()
    """Headings that the form did not have."""
    reworded: Mapping[str, str] = field(default_factory=dict)
    """New headings, each with the one that it may have been."""
    vanished: tuple[str, ...] = ()
    """Headings that the form had and this export lacks."""


# What the rows say.

Doubt = Literal[
    "same-name",
    "test",
    "not-a-name",
    "half-name",
    "two-people",
    "broken-accents",
    "lost-letters",
    "ragged",
    "quotes",
    "hidden",
    "deceased",
]
"""Why somebody comes with Include `no`, to be decided by staff."""

NotTakenReason = Literal[
    "blank",
    "title",
    "second-heading",
    "tags-row",
    "repeated-heading",
    "total",
    "note",
    "no-consent",
    "contested",
    "incomplete",
    "double",
    "same-day",
    "no-name",
    "organisation",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """A row that may become a signer. `fields` are by heading of the list; blank ones are absent.

    `submission`, `email` and `when` tell who it is and which is newer; they are read, not kept.
    `order` counts the rows in the order of time, 0 the oldest; equal where time does not tell.
    `proposal` is how the name could be mended.
    """

    row: int
    fields: Mapping[str, str]
    agrees: bool = True
    submission: str = ""
    email: str = ""
    when: dt.datetime | None = None
    order: int = 0
    doubts: tuple[Doubt, ...] = ()
    proposal: str = ""
    same_as: int = 0
    """The row of somebody of the same name, where `doubts` has same-name; 0: elsewhere."""
    earlier: tuple[Answer, ...] = ()
    """Answers of the same person that this one took the place of: seen from now on."""
    filled: frozenset[str] = frozenset()
    """Headings that only an earlier answer said."""
    source: str = ""
    """The whole row as it stands in the file: it is the same however columns are understood."""
    is_unanswered: bool = False
    """It does not agree since the question of consent has no answer."""
    is_contested: bool = False
    """It does not agree; another answer agrees, and it is not certain which of them is later."""
    unclear: str = ""
    """What it says about consent, if that is neither a plain no nor what staff said means yes."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A row of which nobody comes, and why; `same_as` is the row of the answer that counts."""

    row: int
    why: NotTakenReason
    name: str = ""
    same_as: int = 0
    is_unanswered: bool = False
    """It does not agree since the question of consent has no answer."""
    says: Mapping[str, str] = field(default_factory=dict)
    """What it says and the answer that counts does not, by heading; or `Consent`, if unclear."""


Fix = Literal["capitals", "lost-zeros"]
"""What is written as proposed if staff say so."""

RemarkReason = Literal["capitals", "lost-zeros", "scientific", "dates-unclear"]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is told of a cell, or where `row` is 0 of a column, and not changed."""

    row: int
    column: str
    why: RemarkReason
    proposal: str = ""
    fixed: str = ""
    """The whole cell with what is proposed."""


@dataclass(frozen=True, slots=True)
class FormAnswers:
    """What an export says, in the order of the rows.

    As it is collected each row is an answer; then each person is one answer, the newest of theirs.
    `refusals` are those that do not agree: they withdraw.
    """

    people: tuple[Answer, ...]
    refusals: tuple[Answer, ...]
    not_taken: tuple[NotTaken, ...]
    remarks: tuple[Remark, ...]


# The list and its memory.


@dataclass(frozen=True, slots=True)
class Record:
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
class FormMemory:
    """One column of one form, as the sheet Forms has it; staff change `goes_to` and `yes`."""

    form: str
    heading: str
    goes_to: Destination
    filled: int = 0
    yes: str = ""
    """The words that mean yes, in quotation marks, joined by commas."""
    confirmed: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SignerList:
    """The list as it lies on the disk, or an empty one. `headings` are those of its sheet Signers.

    `records` are by ID, of people who were deleted as well; those of people typed by staff are by a
    hash. `refused` is what keeps out those who said no and were never in. `next_id` is the number
    of the next ID: F12 is 12.
    """

    headings: tuple[str, ...] = ()
    people: tuple[ListedPerson, ...] = ()
    forms: tuple[FormMemory, ...] = ()
    records: Mapping[str, Record] = field(default_factory=dict)
    refused: tuple[Record, ...] = ()
    next_id: int = 1
    salt: str = ""
    confirmed: Mapping[str, str] = field(default_factory=dict)
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
    proposal: str = ""
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
class FieldChange:
    """What becomes of one cell. `yours` is what stands there, `form` what the form says now.

    `place` is the cell, `Signers!C14`, in the list or, for `in-workbook`, in signers.xlsx.
    """

    id: str
    name: str
    heading: str
    kind: ChangeKind
    yours: str
    form: str
    place: str = ""
    when: dt.date | None = None
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
    is_perhaps: bool = False
    """Only the name, or the email and a word of the name, speaks of them."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import would do, and `after`: the list as it would be then.

    `withdrawn` do not agree any more; `gone` are not in the file any more; `deleted` were taken
    out by staff, `refused` said no in a later answer: both stay out. `same`: nothing to say.
    """

    after: SignerList
    new: tuple[NewPerson, ...] = ()
    cells: tuple[FieldChange, ...] = ()
    withdrawn: tuple[KnownPerson, ...] = ()
    gone: tuple[KnownPerson, ...] = ()
    deleted: tuple[KnownPerson, ...] = ()
    refused: tuple[KnownPerson, ...] = ()
    same: tuple[KnownPerson, ...] = ()
    doubles: tuple[NotTaken, ...] = ()
    """Rows of people who are one as the list knows them, though the file alone does not tell."""
    is_part: bool = False
    """More than a fifth of those known are not in the file: nobody counts as gone."""
    missing: int = 0
    """How many of those known are not in the file."""
    known: int = 0
    there: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """By row of the export the cells of who is known, as they were before."""
