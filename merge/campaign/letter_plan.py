"""The plan for one letter, and what is known of its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import NamedTuple

from merge.advice import Choice
from merge.campaign.letters_order import KeptKind
from merge.letter_status import FileContent, LetterStep, PrintableLetter
from merge.naming import is_conflict_copy, short_hash
from merge.register.entries import StageValue
from merge.state.ledger_records import (
    NAMED_BY_HAND,
    DecisionRecord,
    LetterRecord,
)

NO_STAGES: Mapping[str, StageValue] = MappingProxyType({})


class LetterPlan(NamedTuple):
    """The plan for one letter: what to do, and what the ledger will store."""

    step: LetterStep
    record: LetterRecord
    """The current path of the letter, and the state of its file."""
    stored_record: LetterRecord | None
    """The record that the ledger has now."""
    inputs: bytes = b""
    """Digests of the data that the letter would be created from now."""
    name_hash: bytes = b""
    """Hash of the people after whom it would be named now."""
    file_path: str = ""
    """The path of its file on the disk; empty if there is none."""
    other_paths: tuple[str, ...] = ()
    """Other files that have its ID."""
    unreadable_copies: tuple[str, ...] = ()
    """Its conflict copies that cannot be read."""
    stages: Mapping[str, StageValue] = NO_STAGES
    """The stages that staff entered in the register: with any, it is printed."""
    step_if_not_printed: LetterStep | None = None
    """The step for a printed letter as if it were not printed."""
    print_file: str = ""
    """The print file that counts for the letter; empty if marked as printed."""
    is_recreated: bool = False
    """Whether another version is on paper: see `Ledger.recreated_letter_ids`."""
    accepts_file: bool = False
    """Whether staff accept its file although another version was printed."""
    was_printed: bool = False
    """Whether it was printed before with its present file."""
    choice: Choice | None = None
    """The choice of staff, if it still applies."""
    new_decision: DecisionRecord | None = None
    """Decision to store in the ledger, or None."""

    @property
    def kinds(self) -> frozenset[KeptKind]:
        """Reasons why the letter is not updated automatically: see `letter_kinds`."""
        return letter_kinds(
            self.record,
            self.record.content,
            is_printed=bool(self.stages),
            in_print_file=bool(self.print_file),
        )

    @property
    def version_token(self) -> str:
        """Token that identifies the version shown: see `make_version_token`."""
        return make_version_token(self.record, self.inputs)

    @property
    def keeps_old_file(self) -> bool:
        """Whether the old file is kept when the letter is created again.

        It is if the file was edited, damaged or printed.
        """
        return self.step.has_reason("asked-again", "damaged") or self.was_printed

    @property
    def file_step(self) -> LetterStep:
        """The step for the letter's file, as if the letter was not printed."""
        return self.step_if_not_printed or self.step

    @property
    def duplicates(self) -> tuple[str, ...]:
        """Paths of other files with the letter's ID, if its own file is in place.

        Conflict copies that cannot be read are included.
        """
        is_elsewhere = self.file_step.state in {"moved", "new"}
        return self.unreadable_copies if is_elsewhere else self.other_paths + self.unreadable_copies

    def copy_variant(self, copy: str) -> str:
        """Return the variant of messages about one of the `duplicates`."""
        if copy in self.unreadable_copies:
            return "/unreadable"
        is_conflict = is_conflict_copy(PurePath(copy), PurePath(self.record.path))
        return "/conflict" if is_conflict else ""


def finished_letter(planned: LetterPlan) -> PrintableLetter:
    """Return a planned letter as the file that is on the disk now."""
    letter, content = planned.step.letter, planned.record.content
    path, edited = Path(planned.file_path), EDIT_KINDS.get(content) == "edited"
    is_unedited = content in {"made", "older"}
    stays = planned.kinds & {"on paper", "print file"}  # whatever its data is now
    inputs = b"" if stays else planned.inputs
    return PrintableLetter(
        letter.id,
        letter.pair,
        path,
        is_edited=edited,
        is_unmodified=is_unedited,
        resaved_output=planned.record.output if content == "resaved" else b"",
        inputs_digest=inputs,
    )


EDIT_KINDS: Mapping[FileContent, KeptKind] = {
    "edited": "edited",
    "resaved": "resaved",
    "damaged": "edited",
}
"""Kinds of letters by the content of files that someone saved."""


def letter_kinds(
    known: LetterRecord, content: FileContent, *, is_printed: bool, in_print_file: bool
) -> frozenset[KeptKind]:
    """Return why a letter is not updated automatically, or only on request."""
    kinds = {EDIT_KINDS[content]} if content in EDIT_KINDS else set[KeptKind]()
    if content and known.named == NAMED_BY_HAND:
        kinds.add("moved")
    if in_print_file and content in {"made", "older"}:
        kinds.add("print file")
    if is_printed:
        kinds.add("on paper")
    return frozenset(kinds)


def make_version_token(known: LetterRecord, inputs: bytes) -> str:
    """Return a token for the version shown: file and input hashes."""
    return short_hash(*map(str, known.file_state), inputs.hex())
