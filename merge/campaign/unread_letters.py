"""Letters that are not proofread, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from merge.advice import Hint, TaskRemedy
from merge.campaign.letter_plan import LetterPlan
from merge.letter_status import Letter
from merge.register.layouts import SENT_STAGES

UnreadKind = Literal[
    "posted", "answered", "error", "new", "missing", "in-use", "several", "foreign", "meanwhile"
]
"""Why a letter is not proofread.

It is posted or answered. Its data has an error. It is not created, its file is missing, or in use.
Several files have its ID, or another file has its name. It was moved or deleted meanwhile.
"""


class UnreadLetter(NamedTuple):
    """A letter that is not proofread, and why: for the page, and in words."""

    letter: Letter
    kind: UnreadKind
    reason: str


_ERROR = Hint("errors in their data: run ", TaskRemedy("check"))
_POSTED = "already posted"
_ANSWERED = "already answered"
_MEANWHILE = "moved, renamed or deleted during proofreading: proofread again"
_NOT_THERE = Hint("not created: run ", TaskRemedy("letters"))


def find_unread(planned: LetterPlan, *, has_error: bool) -> UnreadLetter | None:
    """Return why a letter is not proofread; None if it is.

    It is posted, its data has errors, or its file is missing or cannot be identified.
    """
    letter, step = planned.step.letter, planned.step
    if "Answered" in planned.stages:
        return UnreadLetter(letter, "answered", _ANSWERED)
    if SENT_STAGES & planned.stages.keys():
        return UnreadLetter(letter, "posted", _POSTED)
    if has_error:
        return UnreadLetter(letter, "error", _ERROR)
    if planned.file_path:
        return None
    return UnreadLetter(letter, _kind_without_file(planned), step.reason or _NOT_THERE)


def _kind_without_file(planned: LetterPlan) -> UnreadKind:
    if kind := _FILE_KINDS.get(planned.step.state):
        return kind
    if planned.step.has_reason("several"):
        return "several"
    was_created = planned.stored_record is not None and planned.stored_record.content != ""
    return "missing" if was_created else "new"


_FILE_KINDS: Mapping[str, UnreadKind] = {"in-use": "in-use", "foreign": "foreign"}


def unread_meanwhile(letter: Letter) -> UnreadLetter:
    """Return that a letter's file disappeared during proofreading."""
    return UnreadLetter(letter, "meanwhile", _MEANWHILE)
