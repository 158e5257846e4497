"""Types of a form: its export as rows, its columns and where they go, the answers.

    export's bytes -> Export -> ColumnPlan -> FormAnswers -> Changes -> `signers from forms.xlsx`

A row has the number that Excel shows. Where a column goes is said in the words of `destinations`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from merge.intake.destinations import Destination

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
    repaired_cells: Mapping[int, str] = field(default_factory=dict)
    """Cells whose accents are broken (`GÃ¼nter`), as they were meant (`Günter`)."""
    spaced_cells: Mapping[int, str] = field(default_factory=dict)
    """Cells with several spaces in a row, which are two here: they may stand between parts."""
    original_cells: Mapping[int, str] = field(default_factory=dict)
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
    word_counts: Mapping[str, int] = field(default_factory=dict)
    yes_words: tuple[str, ...] = ()
    """Those of `words` that mean yes: as proposed, or as staff have said."""
    filled_count: int = 0
    """How many answers have something in it."""
    candidate_words: Mapping[str, int] = field(default_factory=dict)
    """The values of a column that could be meant as consent though its heading does not say so."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """What goes where. `heading_rows` and `skipped` (row -> why) are those that hold no answer.

    `parts` says where the labelled lines of an address in one cell go, by what a label means. From
    row `reordered_from` on the headings are in another order; 0 where that never happens.
    """

    columns: tuple[FormColumn, ...]
    heading_rows: tuple[int, ...]
    skipped_rows: Mapping[int, SkipReason] = field(default_factory=dict)
    label_destinations: Mapping[str, Destination] = field(default_factory=dict)
    reordered_from: int = 0
    is_unconfirmed: bool = False
    """The sheet Forms says something else of a form that is known than was shown and confirmed."""
    everybody_agrees: bool = False
    """Staff have said so, for no column speaks of consent."""
    form: str = ""
    """The form that is known again, or as staff call it; empty for a new one."""
    similar_forms: tuple[str, ...] = ()
    """The forms that have these headings, where it may be any of several."""
    new_headings: tuple[str, ...] = ()
    """Headings that the form did not have."""
    reworded_headings: Mapping[str, str] = field(default_factory=dict)
    """New headings, each with the one that it may have been."""
    missing_headings: tuple[str, ...] = ()
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

SkipReason = Literal[
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
class FormResponse:
    """A row that may become a signer. `fields` are by heading of the list; blank ones are absent.

    `submission`, `email` and `when` tell who it is and which is newer; they are read, not kept.
    `order` counts the rows in the order of time, 0 the oldest; equal where time does not tell.
    `proposal` is how the name could be mended.
    """

    row: int
    fields: Mapping[str, str]
    agrees: bool = True
    submission_id: str = ""
    email: str = ""
    submitted_at: dt.datetime | None = None
    time_rank: int = 0
    doubts: tuple[Doubt, ...] = ()
    proposed_name: str = ""
    same_name_row: int = 0
    """The row of somebody of the same name, where `doubts` has same-name; 0: elsewhere."""
    earlier_responses: tuple[FormResponse, ...] = ()
    """Answers of the same person that this one took the place of: seen from now on."""
    inherited_headings: frozenset[str] = frozenset()
    """Headings that only an earlier answer said."""
    source_text: str = ""
    """The whole row as it stands in the file: it is the same however columns are understood."""
    is_unanswered: bool = False
    """It does not agree since the question of consent has no answer."""
    is_contested: bool = False
    """It does not agree; another answer agrees, and it is not certain which of them is later."""
    unclear_consent: str = ""
    """What it says about consent, if that is neither a plain no nor what staff said means yes."""


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row of which nobody comes, and why; `same_as` is the row of the answer that counts."""

    row: int
    reason_code: SkipReason
    name: str = ""
    counted_row: int = 0
    is_unanswered: bool = False
    """It does not agree since the question of consent has no answer."""
    other_values: Mapping[str, str] = field(default_factory=dict)
    """What it says and the answer that counts does not, by heading; or `Consent`, if unclear."""


Fix = Literal["capitals", "lost-zeros"]
"""What is written as proposed if staff say so."""

RemarkReason = Literal["capitals", "lost-zeros", "scientific", "dates-unclear"]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is told of a cell, or where `row` is 0 of a column, and not changed."""

    row: int
    column: str
    reason_code: RemarkReason
    proposal: str = ""
    fixed_cell: str = ""
    """The whole cell with what is proposed."""


@dataclass(frozen=True, slots=True)
class CollectedResponses:
    """What an export says, in the order of the rows.

    As it is collected each row is an answer; then each person is one answer, the newest of theirs.
    `refusals` are those that do not agree: they withdraw.
    """

    people: tuple[FormResponse, ...]
    refusals: tuple[FormResponse, ...]
    skipped_rows: tuple[SkippedRow, ...]
    remarks: tuple[Remark, ...]
