"""Letters, what happens to them, and those that are ready for paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from merge.model.people import Pair

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


Content = Literal["", "made", "older", "resaved", "edited", "another", "stranger", "shut"]
"""What lies at a letter's place: nothing; the last version that the program made, or an older one;
the same words saved by another program; other words; another pair's letter; a file that is no
letter; one that cannot be opened."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One pair's letter: an id that never changes for the pair, a path in the campaign folder."""

    id: str
    pair: Pair
    path: PurePosixPath


@dataclass(frozen=True, slots=True)
class Step:
    """What happens, or happened, to one letter, and why."""

    letter: Letter
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
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
