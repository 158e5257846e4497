"""The plan for one letter: what is to be done with it, and what is known of its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from merge.advice import Choice
from merge.campaign.letters_order import KeptKind
from merge.letter_status import FileContent, FinishedLetter, Step
from merge.naming import short_hash
from merge.register.entries import StageValue
from merge.state.ledger_records import NAMED_BY_HAND, DecisionRecord, LetterRecord

NO_STAGES: Mapping[str, StageValue] = MappingProxyType({})


class LetterPlan(NamedTuple):
    """The plan for one letter: what is to be done, and what the ledger is to remember of it."""

    step: Step
    record: LetterRecord
    """Where the letter lies now, and what its file was found to be."""
    stored_record: LetterRecord | None
    """What the ledger holds so far."""
    inputs: bytes = b""
    """What it would be made from now."""
    name_hash: bytes = b""
    """Whom it would be named after now."""
    changed_data: Sequence[str] = ()
    """The data that has changed since it was made, or since it was kept in spite of that."""
    file_path: str = ""
    """Where its file is on the disk; empty if there is none."""
    other_paths: tuple[str, ...] = ()
    """Further files that carry its id."""
    stages: Mapping[str, StageValue] = NO_STAGES
    """What staff wrote down of it in the register: if they did, it is on paper."""
    step_if_not_printed: Step | None = None
    """What would be done with a letter on paper if it were not."""
    was_printed: bool = False
    """It was on paper before, and its file is still the one of that time."""
    choice: Choice | None = None
    """What staff decided of it, if that still holds."""
    new_decision: DecisionRecord | None = None
    """What the ledger is to learn of that decision; None if it is not new."""

    @property
    def kinds(self) -> frozenset[KeptKind]:
        """Why it is not brought up to date by itself: see `letter_kinds`."""
        return letter_kinds(self.record, self.record.content, is_printed=bool(self.stages))

    @property
    def version_token(self) -> str:
        """What stands for the letter as it is shown: see `make_version_token`."""
        return make_version_token(self.record, self.inputs)

    @property
    def keeps_old_file(self) -> bool:
        """Whether its old file is kept where it is written anew: an edit, damaged, or on paper."""
        return self.step.has_reason("asked-again", "damaged") or self.was_printed

    @property
    def file_step(self) -> Step:
        """What is to be done with its file, whether it is on paper or not."""
        return self.step_if_not_printed or self.step

    @property
    def duplicates(self) -> tuple[str, ...]:
        """Further files that carry its id, if it lies at its place itself."""
        return () if self.file_step.state in {"moved", "new"} else self.other_paths


def finished_letter(planned: LetterPlan) -> FinishedLetter:
    """Return the letter as it lies on the disk."""
    letter, content = planned.step.letter, planned.record.content
    path, edited = Path(planned.file_path), EDIT_KINDS.get(content) == "edited"
    made, inputs = content in {"made", "older"}, b"" if planned.stages else planned.inputs
    return FinishedLetter(
        letter.id, letter.pair, path, is_edited=edited, is_unmodified=made, inputs_digest=inputs
    )


EDIT_KINDS: Mapping[FileContent, KeptKind] = {
    "edited": "edited",
    "resaved": "resaved",
    "damaged": "edited",
}
"""What lies at the place of letters that somebody saved, and what kind of letter that makes."""


def letter_kinds(
    known: LetterRecord, content: FileContent, *, is_printed: bool
) -> frozenset[KeptKind]:
    """Return why a letter is not brought up to date by itself, or without being asked for."""
    kinds = {EDIT_KINDS[content]} if content in EDIT_KINDS else set[KeptKind]()
    if content and known.named == NAMED_BY_HAND:
        kinds.add("moved")
    if is_printed:
        kinds.add("on paper")
    return frozenset(kinds)


def make_version_token(known: LetterRecord, inputs: bytes) -> str:
    """Return what stands for a letter as it is shown: its file, what it would be made from."""
    return short_hash(*map(str, known.file_state), inputs.hex())
