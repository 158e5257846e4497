"""A letter, its status, what is planned for it, and what staff decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal

from merge.advice import Choice
from merge.people import Pair

LetterState = Literal[
    "new",
    "rewritten",
    "unchanged",
    "resaved",
    "edited",
    "edited-changed",
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
        "on-paper": "printed",
        "moved": "moved or renamed",
        "in-use": "in use",
        "foreign": "blocked by another file",
        "faulty": "blocked by an error",
    }
)
"""The label of each state, wherever people read it: in the register, in counts, in lines.

A letter that was just written is `unchanged` from then on.
"""

WRITTEN_STATES: frozenset[LetterState] = frozenset({"new", "rewritten"})
"""States of letters that a run writes."""

FileContent = Literal[
    "", "made", "older", "resaved", "edited", "damaged", "another", "stranger", "shut", "torn"
]
"""What lies at a letter's place: nothing; the last version that the program made, or an older one;
the same words saved by another program; other words; the same in a file that no program can read;
another pair's letter; a file that is no letter; one that cannot be opened; one of ours that is
damaged, and not by a power cut alone.
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """One pair's letter: an id that never changes for the pair, a path in the campaign folder."""

    id: str
    pair: Pair
    path: PurePosixPath


ReasonCode = Literal[
    "on-paper",
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
    "not-replaced",
    "set-aside",
]

_REASON_TEXTS: Mapping[ReasonCode, str] = MappingProxyType(
    {
        "on-paper": STATE_LABELS["on-paper"],
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
        "busy": "changed during this run",
        "closed-folder": "no permission to write to its folder",
        "damaged": "its file was damaged and is set aside",
        "renamed": "new file name",
        "changed": "changed: ",
        "older": "the file was an earlier version",
        "asked-again": "created again as you asked",
        "changed-since": "changed since: ",
        "kept": "kept until its data changes again",
        "not-replaced": "not replaced",
        "set-aside": "the printed file is set aside",
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for what happens to a letter: its code, and what it names.

    It names files if there are several copies, data if it has changed, and the problem if there is
    an error.
    """

    code: ReasonCode
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _REASON_TEXTS[self.code] + ", ".join(self.details)


_KEPT_STATES: frozenset[LetterState] = frozenset({"resaved", "on-paper", "moved"})
"""States that are kept, whether what they are made from changed or not."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one letter in a run, planned or done, and the reasons."""

    letter: Letter
    state: LetterState
    reasons: tuple[Reason, ...] = ()

    @property
    def reason(self) -> str:
        """The reasons in words; empty if there are none."""
        return "; ".join(map(str, self.reasons))

    def has_reason(self, *codes: ReasonCode) -> bool:
        """Return whether one of these is a reason."""
        return any(reason.code in codes for reason in self.reasons)

    def with_reason(self, code: ReasonCode) -> Step:
        """Return the step with one more reason."""
        return replace(self, reasons=(*self.reasons, Reason(code)))

    @property
    def data_changed(self) -> bool:
        """Whether it stays as it is although its data has changed since."""
        return self.has_reason("changed-since")

    @property
    def label(self) -> str:
        """Label of its state, which says if it is kept although its data changed."""
        label = STATE_LABELS[self.state]
        if self.data_changed and self.state in _KEPT_STATES:
            return f"{label.partition(',')[0]}, data changed"
        return label


@dataclass(frozen=True, slots=True)
class Decision:
    """What staff decided of one letter, person or warning, by its id.

    `seen` stands for what they were shown: is it something else by now, they are asked again.
    """

    choice: Choice
    subject_id: str
    shown_version: str


@dataclass(frozen=True, slots=True)
class FinishedLetter:
    """A letter that is ready for paper, as it lies on the disk now."""

    id: str
    pair: Pair
    path: Path
    is_edited: bool = False
    """Its words are not those that the program made."""
    is_unmodified: bool = True
    """It is the very file that the program made."""
    inputs_digest: bytes = b""
    """What it would be made from now; empty where it is on paper."""
