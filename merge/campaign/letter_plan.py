"""The plan for one letter: what is to be done with it, and what is known of its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from merge.advice import Choice
from merge.campaign.letters_order import Kind
from merge.letter_status import Content, FinishedLetter, Step
from merge.naming import short_hash
from merge.register.entries import StageValue
from merge.state.ledger_records import NAMED_BY_HAND, DecisionRecord, LetterRecord

NO_STAGES: Mapping[str, StageValue] = MappingProxyType({})


class LetterPlan(NamedTuple):
    """The plan for one letter: what is to be done, and what the ledger is to remember of it."""

    step: Step
    known: LetterRecord
    """Where the letter lies now, and what its file was found to be."""
    was: LetterRecord | None
    """What the ledger holds so far."""
    inputs: bytes = b""
    """What it would be made from now."""
    named: bytes = b""
    """Whom it would be named after now."""
    changed: Sequence[str] = ()
    """The data that has changed since it was made, or since it was kept in spite of that."""
    place: str = ""
    """Where its file is on the disk; empty if there is none."""
    elsewhere: tuple[str, ...] = ()
    """Further files that carry its id."""
    stages: Mapping[str, StageValue] = NO_STAGES
    """What staff wrote down of it in the register: if they did, it is on paper."""
    step_if_not_on_paper: Step | None = None
    """What would be done with a letter on paper if it were not."""
    was_on_paper: bool = False
    """It was on paper before, and its file is still the one of that time."""
    decided: Choice | None = None
    """What staff decided of it, if that still holds."""
    to_remember: DecisionRecord | None = None
    """What the ledger is to learn of that decision; None if it is not new."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """Why it is not brought up to date by itself: see `kinds_of`."""
        return kinds_of(self.known, self.known.content, on_paper=bool(self.stages))

    @property
    def seen(self) -> str:
        """What stands for the letter as it is shown: see `shown_as`."""
        return shown_as(self.known, self.inputs)

    @property
    def sets_aside(self) -> bool:
        """Whether its old file is kept where it is written anew: an edit, damaged, or on paper."""
        return self.step.has("asked-again", "damaged") or self.was_on_paper

    @property
    def step_of_file(self) -> Step:
        """What is to be done with its file, whether it is on paper or not."""
        return self.step_if_not_on_paper or self.step

    @property
    def copies(self) -> tuple[str, ...]:
        """Further files that carry its id, if it lies at its place itself."""
        return () if self.step_of_file.state in {"moved", "new"} else self.elsewhere


def finished_letter(planned: LetterPlan) -> FinishedLetter:
    """Return the letter as it lies on the disk."""
    letter, content = planned.step.letter, planned.known.content
    path, edited = Path(planned.place), EDITS.get(content) == "edited"
    made, inputs = content in {"made", "older"}, b"" if planned.stages else planned.inputs
    return FinishedLetter(letter.id, letter.pair, path, edited=edited, made=made, inputs=inputs)


EDITS: Mapping[Content, Kind] = {"edited": "edited", "resaved": "resaved", "damaged": "edited"}
"""What lies at the place of letters that somebody saved, and what kind of letter that makes."""


def kinds_of(known: LetterRecord, content: Content, *, on_paper: bool) -> frozenset[Kind]:
    """Return why a letter is not brought up to date by itself, or without being asked for."""
    kinds = {EDITS[content]} if content in EDITS else set[Kind]()
    if content and known.named == NAMED_BY_HAND:
        kinds.add("moved")
    if on_paper:
        kinds.add("on paper")
    return frozenset(kinds)


def shown_as(known: LetterRecord, inputs: bytes) -> str:
    """Return what stands for a letter as it is shown: its file, what it would be made from."""
    return short_hash(*map(str, known.at), inputs.hex())
