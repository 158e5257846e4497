"""Letters marked in one session, so that the latest marks can be undone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from merge.campaign.campaign import Campaign
from merge.campaign.marking import MarkOrder, MarkResult, mark_letters, update_marked_register
from merge.campaign.task import Task
from merge.disk import owner_file_names
from merge.page.session import CampaignSession
from merge.problems import Problem
from merge.product import REGISTER_FILE

_WAIT_SECONDS = 20.0
"""Seconds to wait for the register.

Writing it takes some tenths of a second; a long one takes longer.
"""


@dataclass(frozen=True, slots=True)
class MarkingResult:
    """Result of a task that marks letters.

    `mark_count` is the number of marks in the session after it.
    """

    order: MarkOrder
    result: MarkResult
    mark_count: int

    @property
    def problems(self) -> list[Problem]:
        """The problems that marking reported."""
        return self.result.problems


@dataclass(frozen=True, slots=True)
class MarkingNotice:
    """Notice about the latest marking, shown next to the form that caused it.

    `marking` is None if nothing was marked. `typed_letters` are the letters whose IDs were typed.
    `pile_key` identifies the pile that was shown. `earlier_marks` were made from the notice:
    stages that the letters did not have.
    """

    marking: MarkingResult | None
    problems: Sequence[Problem]
    typed_letters: Sequence[str] = ()
    pile_key: str = ""
    earlier_marks: tuple[MarkOrder, ...] = ()

    @property
    def letters(self) -> Sequence[str]:
        """The letters that were marked, or whose marks were undone."""
        return self.marking.result.letter_ids if self.marking else ()


class MarkingSession:
    """The marks made since the campaign was opened in the page.

    `ambiguous_ids` are typed IDs that do not match exactly one letter. `unknown_name` is a typed
    name that no person has. `number_owner` is the letter whose ID was typed last, and which is
    posted: a tracking number that is typed next belongs to it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.marks: tuple[MarkOrder, ...] = ()
        self.ambiguous_ids: tuple[str, ...] = ()
        self.notice: MarkingNotice | None = None
        self.unknown_name = ""
        self.number_owner = ""

    def drop_typed(self, ambiguous: Sequence[str] = ()) -> None:
        """Drop what was typed before, and its result."""
        self.ambiguous_ids, self.notice, self.unknown_name = tuple(ambiguous), None, ""

    @property
    def letter_count(self) -> int:
        """Number of marks in this session, counted letter by letter."""
        return sum(len(mark.letters) for mark in self.marks)

    def record(
        self, order: MarkOrder, letter_ids: Sequence[str], *, one_by_one: bool = False
    ) -> None:
        """Record letters that were marked, together or one by one, or unmarked."""
        with self._lock:
            if order.undo or not one_by_one:
                self.number_owner = ""
            if order.undo:
                self.marks = tuple(
                    filter(None, (_without_letters(m, order, letter_ids) for m in self.marks))
                )
            elif letter_ids and order.day:
                groups = (
                    [(letter_id,) for letter_id in letter_ids]
                    if one_by_one
                    else [tuple(letter_ids)]
                )
                orders = (MarkOrder(order.stage, order.day, letters=group) for group in groups)
                self.marks = (*self.marks, *orders)


def _without_letters(
    mark: MarkOrder, order: MarkOrder, unmarked: Sequence[str]
) -> MarkOrder | None:
    """Return a mark without the letters that were unmarked, or None if empty."""
    if mark.stage != order.stage:
        return mark
    removed = {*unmarked}
    letter_ids = tuple(letter_id for letter_id in mark.letters if letter_id not in removed)
    return replace(mark, letters=letter_ids) if letter_ids else None


def submit_marks(session: CampaignSession, order: MarkOrder, *, one_by_one: bool = False) -> None:
    """Let the worker mark letters in the register, or undo their marks.

    Letters marked `one_by_one` can be undone one by one. Raise BusyError if another task is
    running.
    """
    marking_session = session.state(MarkingSession)

    def work(campaign: Campaign, task: Task) -> MarkingResult:
        result = mark_letters(campaign, order, updates_register=False)
        letters, day = result.letter_ids, None if order.undo else order.day
        marking_session.record(order, letters, one_by_one=one_by_one)
        session.amend_view(
            lambda view: view.with_marks(
                {*letters}, order.stage, day, tracking_numbers=result.tracking_numbers
            )
        )
        if letters:
            session.defer("register", _update_register)
        marking_result = MarkingResult(order, result, len(marking_session.marks))
        task.report_result(marking_result)
        return marking_result

    session.submit_with_campaign("mark", work, wait=_WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class RegisterUpdateResult:
    """Problems of the register that were found after letters were marked."""

    problems: Sequence[Problem]


def _update_register(campaign: Campaign, task: Task) -> RegisterUpdateResult | None:
    problems = update_marked_register(campaign, task)
    return RegisterUpdateResult(problems) if problems else None


def is_register_open(folder: Path) -> bool:
    """Return whether a lock file says that the register is open."""
    return any(os.path.lexists(folder / note) for note in owner_file_names(REGISTER_FILE))
