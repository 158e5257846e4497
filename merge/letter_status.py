"""A letter, its status, what is planned for it, and what staff decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal

from merge.advice import Choice
from merge.people import Pair

State = Literal[
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

SPOKEN: Mapping[State, str] = MappingProxyType(
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

WRITTEN_STATES: frozenset[State] = frozenset({"new", "rewritten"})
"""States of letters that a run writes."""

Content = Literal[
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


Why = Literal[
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

_WHY: Mapping[Why, str] = MappingProxyType(
    {
        "on-paper": SPOKEN["on-paper"],
        "edited": SPOKEN["edited"],
        "resaved": SPOKEN["resaved"],
        "moved": SPOKEN["moved"],
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

    why: Why
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _WHY[self.why] + ", ".join(self.names)


_KEPT: frozenset[State] = frozenset({"resaved", "on-paper", "moved"})
"""States that are kept, whether what they are made from changed or not."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one letter in a run, planned or done, and the reasons."""

    letter: Letter
    state: State
    reasons: tuple[Reason, ...] = ()

    @property
    def reason(self) -> str:
        """The reasons in words; empty if there are none."""
        return "; ".join(map(str, self.reasons))

    def has(self, *why: Why) -> bool:
        """Return whether one of these is a reason."""
        return any(reason.why in why for reason in self.reasons)

    def because(self, why: Why) -> Step:
        """Return the step with one more reason."""
        return replace(self, reasons=(*self.reasons, Reason(why)))

    @property
    def data_changed(self) -> bool:
        """Whether it stays as it is although its data has changed since."""
        return self.has("changed-since")

    @property
    def spoken(self) -> str:
        """Label of its state, which says if it is kept although its data changed."""
        label = SPOKEN[self.state]
        if self.data_changed and self.state in _KEPT:
            return f"{label.partition(',')[0]}, data changed"
        return label


@dataclass(frozen=True, slots=True)
class Decision:
    """What staff decided of one letter, person or warning, by its id.

    `seen` stands for what they were shown: is it something else by now, they are asked again.
    """

    choice: Choice
    about: str
    seen: str


@dataclass(frozen=True, slots=True)
class FinishedLetter:
    """A letter that is ready for paper, as it lies on the disk now."""

    id: str
    pair: Pair
    path: Path
    edited: bool = False
    """Its words are not those that the program made."""
    made: bool = True
    """It is the very file that the program made."""
    inputs: bytes = b""
    """What it would be made from now; empty where it is on paper."""
