"""Types of a form: its export as rows, its columns, and its responses.

    export's bytes -> FormExport -> ColumnPlan -> CollectedResponses -> SignerListChanges
    -> `signers from forms.xlsx`

A row's number is the one that Excel shows. Destinations of columns are those of `destinations`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from merge.intake.destinations import Destination

# The rows of an export.

ExportKind = Literal["csv", "xlsx", "ods"]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A filled row of an export: its number, and its cells as displayed.

    The texts of the cells are tidy, from the first column on. In a CSV a row has as many cells as
    the file has there; in a sheet it ends with its last filled cell. The mappings contain more
    about some cells, by column number counted from 0.

    - `is_hidden`: the row is hidden in the sheet.
    - `is_misquoted`: its quotation marks break the rules of CSV.
    """

    number: int
    cells: tuple[str, ...]
    is_hidden: bool = False
    is_misquoted: bool = False
    repaired_cells: Mapping[int, str] = field(default_factory=dict)
    """Cells with broken accents (`GÃ¼nter`), repaired (`Günter`)."""
    spaced_cells: Mapping[int, str] = field(default_factory=dict)
    """Cells with several spaces in a row, which may separate parts: two here."""
    original_cells: Mapping[int, str] = field(default_factory=dict)
    """Cells of the first rows exactly as in the file, if tidying changed them."""


@dataclass(frozen=True, slots=True)
class FormExport:
    """A file of responses as rows; blank rows are omitted.

    `readings` are the possible character encodings in the words of `--read-as`, the likeliest
    first. It is empty if the encoding is certain (UTF-8, a byte order mark, a sheet) or was chosen.

    `encoding` is Python's name for it; `utf-8-sig` and `utf-16` start with a byte order mark.
    `sheets` are the sheets that may contain the responses, the chosen one first.
    """

    file: str
    kind: ExportKind
    rows: tuple[ExportRow, ...]
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    readings: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()


# Destinations of the columns.

Strength = Literal["sure", "likely", "asked", "none"]
"""The certainty of a destination.

- sure: the complete heading is in the table.
- likely: a phrase of the heading is.
- asked: it is a question with no option selected.
- none: nothing suggests a destination, so the column is not imported."""


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of an export: its number, its heading, and its destination.

    The number is counted from 0. A heading of two rows is joined by ` / `. `samples` are the first
    different values, three at most. `word_counts` are the values of a consent column with their
    counts.
    """

    number: int
    heading: str
    goes_to: Destination
    strength: Strength
    samples: tuple[str, ...] = ()
    is_asked: bool = False
    """True if staff must confirm the destination."""
    word_counts: Mapping[str, int] = field(default_factory=dict)
    yes_words: tuple[str, ...] = ()
    """Words of `word_counts` that mean yes, as proposed or as staff chose."""
    filled_count: int = 0
    """Number of responses that have a value in this column."""
    candidate_words: Mapping[str, int] = field(default_factory=dict)
    """Values that may mean consent, if the heading does not say so."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Destinations of an export's columns, and rows without a response.

    `skipped_rows` has the reason for each such row. `label_destinations` says where the labelled
    lines of an address in one cell go, by the meaning of the label. From row `reordered_from` on,
    repeated headings have another order; it is 0 if this never happens.
    """

    columns: tuple[FormColumn, ...]
    heading_rows: tuple[int, ...]
    skipped_rows: Mapping[int, SkipReason] = field(default_factory=dict)
    label_destinations: Mapping[str, Destination] = field(default_factory=dict)
    reordered_from: int = 0
    is_unconfirmed: bool = False
    """True if the Forms sheet differs from a form's confirmed columns."""
    everybody_agrees: bool = False
    """True if staff confirmed that everyone agrees.

    They are asked if no column is about consent."""
    form: str = ""
    """Name of the recognised form, or as entered; empty for a new form."""
    similar_forms: tuple[str, ...] = ()
    """Forms that have these headings, if there are several."""
    new_headings: tuple[str, ...] = ()
    """Headings that the form did not have before."""
    reworded_headings: Mapping[str, str] = field(default_factory=dict)
    """New headings, each with the previous heading that it may replace."""
    missing_headings: tuple[str, ...] = ()
    """Headings that the form had and this export does not have."""


# Responses in the rows.

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
"""Why a person is imported with Include set to `no`, for staff to decide."""

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
    """One row of a form that may become a signer.

    `fields` are by heading of the list; blank ones are absent. `submission_id`, `email` and
    `submitted_at` identify the person and show which response is newer. They are not stored.

    `time_rank` numbers the responses from the oldest on, which is 0; it is equal if the times do
    not show an order. `proposed_name` is the name with its accents or capitals repaired.
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
    """Row of the person with the same name; 0 if not in this file.

    It is set if `doubts` has same-name."""
    earlier_responses: tuple[FormResponse, ...] = ()
    """Responses of the same person that this one replaces."""
    inherited_headings: frozenset[str] = frozenset()
    """Headings whose value comes from an earlier response only."""
    source_text: str = ""
    """The complete row as in the file, independent of what the columns mean."""
    is_unanswered: bool = False
    """True if it does not agree because the consent question has no answer."""
    is_contested: bool = False
    """True if it refuses, another response agrees, and the order is unclear."""
    unclear_consent: str = ""
    """Text about consent that is neither a plain no nor a word for yes."""


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row of an export that adds no one to the list, and the reason.

    `counted_row` is the row of the response that is used instead.
    """

    row: int
    reason_code: SkipReason
    name: str = ""
    counted_row: int = 0
    is_unanswered: bool = False
    """True if it does not agree because the consent question has no answer."""
    other_values: Mapping[str, str] = field(default_factory=dict)
    """Values that differ from the used response, by heading.

    Under `Consent` it has the text about consent, if that is unclear."""


Fix = Literal["capitals", "lost-zeros"]
"""Kinds of corrections that are made if staff choose so."""

RemarkReason = Literal["capitals", "lost-zeros", "scientific", "dates-unclear"]


@dataclass(frozen=True, slots=True)
class ResponseCellRemark:
    """A remark about a cell of a response; the cell is not changed.

    If `row` is 0, it is about the column.
    """

    row: int
    column: str
    reason_code: RemarkReason
    proposal: str = ""
    fixed_cell: str = ""
    """The complete text of the cell with the proposed correction."""


@dataclass(frozen=True, slots=True)
class CollectedResponses:
    """The responses of an export, and its skipped rows, in row order.

    At first each row is a response; `combine_by_person` then leaves one for each person, the
    newest. `refusals` are the responses that do not agree: they withdraw consent.
    """

    people: tuple[FormResponse, ...]
    refusals: tuple[FormResponse, ...]
    skipped_rows: tuple[SkippedRow, ...]
    remarks: tuple[ResponseCellRemark, ...]
