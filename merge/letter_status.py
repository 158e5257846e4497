"""A letter, its status, the planned step, and decisions of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal

from merge.advice import Choice
from merge.letter_inputs import DataChange
from merge.people import Pair

LetterState = Literal[
    "new",
    "rewritten",
    "unchanged",
    "resaved",
    "edited",
    "edited-changed",
    "in-print-file",
    "on-paper",
    "moved",
    "in-use",
    "foreign",
    "faulty",
]

STATE_LABELS: Mapping[LetterState, str] = MappingProxyType(
    {
        "new": "not created",
        "rewritten": "out of date",
        "unchanged": "unchanged",
        "resaved": "re-saved, text unchanged",
        "edited": "edited",
        "edited-changed": "edited, data changed",
        "in-print-file": "in a print file, data changed",
        "on-paper": "printed",
        "moved": "moved or renamed",
        "in-use": "in use",
        "foreign": "blocked by another file",
        "faulty": "blocked by an error",
    }
)
"""Label of each state in the register, in counts and in lines of output.

The state of a letter that was just created is `unchanged` from then on.
"""

WRITTEN_STATES: frozenset[LetterState] = frozenset({"new", "rewritten"})
"""States of letters that a run creates or updates."""

FileContent = Literal[
    "", "made", "older", "resaved", "edited", "damaged", "another", "stranger", "shut", "torn"
]
"""The content of the file at a letter's place.

1. Empty: there is no file.
2. `made`, `older`: the last version that the program created, or an earlier one.
3. `resaved`: the same text, saved by another program.
4. `edited`: another text.
5. `damaged`: another text, in a file that no program can read.
6. `another`: the letter of another pair.
7. `stranger`: a file that is not a letter.
8. `shut`: a file that cannot be opened.
9. `torn`: a file created by this program, damaged in a way that a power cut alone does not explain.
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """The letter of one pair: its ID and its path in the campaign folder.

    The ID never changes for the pair.
    """

    id: str
    pair: Pair
    path: PurePosixPath


ReasonCode = Literal[
    "on-paper",
    "in-print-file",
    "recreated",
    "edited",
    "resaved",
    "moved",
    "missing",
    "several",
    "fault",
    "foreign",
    "other-letter",
    "taken",
    "open",
    "unreadable",
    "busy",
    "closed-folder",
    "damaged",
    "renamed",
    "changed",
    "older",
    "asked-again",
    "changed-since",
    "kept",
    "accepted",
    "not-replaced",
    "set-aside",
]

_REASON_TEXTS: Mapping[ReasonCode, str] = MappingProxyType(
    {
        "on-paper": STATE_LABELS["on-paper"],
        "in-print-file": "in print file {}, not marked as printed",
        "recreated": "created again since, on another computer",
        "edited": STATE_LABELS["edited"],
        "resaved": STATE_LABELS["resaved"],
        "moved": STATE_LABELS["moved"],
        "missing": "its file is missing",
        "several": "several copies of this letter, none was changed: ",
        "fault": "",
        "foreign": "a file that this program did not create",
        "other-letter": "the letter of another signer or recipient",
        "taken": "another program saved a file there",
        "open": "open in Word or LibreOffice",
        "unreadable": "cannot be opened",
        "busy": "open in another program, or changed during this run",
        "closed-folder": "no permission to write to its folder",
        "damaged": "its file was damaged and is set aside",
        "renamed": "new file name",
        "changed": "changed: ",
        "older": "the file was an earlier version",
        "asked-again": "created again as you asked",
        "changed-since": "changed since: ",
        "kept": "kept until its data changes again",
        "accepted": "its file counts",
        "not-replaced": "not replaced",
        "set-aside": "the printed file is set aside",
    }
)


@dataclass(frozen=True, slots=True)
class LetterStepReason:
    """One reason for what happens to a letter.

    `details` has the names of the files if there are several copies, the name of the print file, or
    the names of the changed data. If there is an error, it has the problem.
    """

    code: ReasonCode
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        text, details = _REASON_TEXTS[self.code], ", ".join(self.details)
        return text.replace("{}", details) if "{}" in text else text + details


_KEPT_STATES: frozenset[LetterState] = frozenset({"resaved", "on-paper", "moved"})
"""States in which a letter is kept even if its data has changed."""


@dataclass(frozen=True, slots=True)
class LetterStep:
    """A step of a run: what happens to one letter, and the reasons."""

    letter: Letter
    state: LetterState
    reasons: tuple[LetterStepReason, ...] = ()
    changes: tuple[DataChange, ...] = ()
    """The data that has changed since it was created, or kept."""

    @property
    def reason(self) -> str:
        """The reasons for the step in words; empty if there are none."""
        return "; ".join(map(str, self.reasons))

    def has_reason(self, *codes: ReasonCode) -> bool:
        """Return whether the step has one of these codes as a reason."""
        return any(reason.code in codes for reason in self.reasons)

    @property
    def changed_fields(self) -> tuple[str, ...]:
        """The names of the changed data."""
        return tuple(change.field for change in self.changes)

    @property
    def changed_values(self) -> tuple[str, ...]:
        """The changed data with old and new values: `City: “Oslo” → “Bergen”`."""
        return tuple(
            f"{field}: {_quoted(old)} → {_quoted(new)}"
            for field, old, new in self.changes
            if old is not None and new is not None
        )

    def with_reason(self, code: ReasonCode) -> LetterStep:
        """Return the step with one more reason."""
        return replace(self, reasons=(*self.reasons, LetterStepReason(code)))

    @property
    def data_changed(self) -> bool:
        """Whether the letter is kept although its data has changed."""
        return self.has_reason("changed-since")

    @property
    def label(self) -> str:
        """Label of the letter's status, with “data changed” for a kept letter."""
        label = STATE_LABELS[self.state]
        if self.data_changed and self.state in _KEPT_STATES:
            return f"{label.partition(',')[0]}, data changed"
        return label


def _quoted(value: str) -> str:
    return f"“{value}”" if value else "(blank)"


@dataclass(frozen=True, slots=True)
class StaffDecision:
    """A decision of staff about one letter, person or warning, by its ID.

    `shown_version` identifies the version that they were shown. If the current one is another, they
    are asked again.
    """

    choice: Choice
    subject_id: str
    shown_version: str


@dataclass(frozen=True, slots=True)
class PrintableLetter:
    """A letter file that can be printed, as it is on the disk now."""

    id: str
    pair: Pair
    path: Path
    is_edited: bool = False
    """Whether its text differs from what the program wrote."""
    is_unmodified: bool = True
    """Whether its file is exactly what the program wrote."""
    resaved_output: bytes = b""
    """Hash of what the program wrote, if Word only saved it again; else empty."""
    inputs_digest: bytes = b""
    """Digest of what the letter would be created from now.

    It is empty if the letter is printed.
    """
