"""Letters marked in one session, so that the last marks can be undone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from merge.campaign.campaign import Campaign
from merge.campaign.marking import MarkOrder, MarkResult, mark_letters
from merge.campaign.task import Task
from merge.disk import owner_file_names
from merge.page.session import CampaignSession
from merge.problems import Problem
from merge.product import REGISTER_FILE

_WAIT_SECONDS = 20.0
"""Seconds to wait for the register. Writing it takes some tenths of a second, a long one more."""


@dataclass(frozen=True, slots=True)
class MarkingResult:
    """What an errand to mark letters came to; `number` counts the marks of the sitting since."""

    order: MarkOrder
    result: MarkResult
    mark_count: int

    @property
    def problems(self) -> list[Problem]:
        """What is to be reported."""
        return self.result.problems


@dataclass(frozen=True, slots=True)
class MarkingNotice:
    """What the last thing done at the table came to, to be told where it was done.

    `marked` is None where nothing came of it; `typed` are the letters whose ids were typed, `pile`
    tells the pile from others that was on the table.
    """

    marking: MarkingResult | None
    problems: Sequence[Problem]
    typed_letters: Sequence[str] = ()
    pile_key: str = ""

    @property
    def letters(self) -> Sequence[str]:
        """The letters that were marked, or whose marks were taken back."""
        return self.marking.result.letter_ids if self.marking else ()


class MarkingSession:
    """The marks made since the campaign was opened in the page, and what was done last.

    `asked` is what was typed as an id and is no single letter's; `unknown` a name that is nobody's.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.marks: tuple[MarkOrder, ...] = ()
        self.ambiguous_ids: tuple[str, ...] = ()
        self.notice: MarkingNotice | None = None
        self.unknown_name = ""

    @property
    def letter_count(self) -> int:
        """How many marks were made, letter by letter."""
        return sum(len(mark.letters) for mark in self.marks)

    def record(self, order: MarkOrder, done: Sequence[str], *, one_by_one: bool = False) -> None:
        """Take note of letters that were marked, together or one by one; of marks taken back."""
        with self._lock:
            if order.undo:
                self.marks = tuple(
                    filter(None, (_without_letters(m, order, done) for m in self.marks))
                )
            elif done and order.day:
                groups = [(one,) for one in done] if one_by_one else [tuple(done)]
                made = (MarkOrder(order.stage, order.day, letters=group) for group in groups)
                self.marks = (*self.marks, *made)


def _without_letters(mark: MarkOrder, order: MarkOrder, gone: Sequence[str]) -> MarkOrder | None:
    """Return a mark without the letters of which it was taken back; None where none is left."""
    if mark.stage != order.stage:
        return mark
    left = {*gone}
    letters = tuple(one for one in mark.letters if one not in left)
    return replace(mark, letters=letters) if letters else None


def submit_marks(desk: CampaignSession, order: MarkOrder, *, one_by_one: bool = False) -> None:
    """Let the worker write a stage of letters into the register, or take it back.

    What is marked `one_by_one` is taken back so, too. Raise BusyError where something else is at
    work.
    """
    sitting = desk.state(MarkingSession)

    def work(campaign: Campaign, _errand: Task) -> MarkingResult:
        result = mark_letters(campaign, order)
        sitting.record(order, result.letter_ids, one_by_one=one_by_one)
        return MarkingResult(order, result, len(sitting.marks))

    desk.submit_with_campaign("mark", work, wait=_WAIT_SECONDS)


def is_register_open(folder: Path) -> bool:
    """Return whether the note of a program that has the register open lies beside it."""
    return any(os.path.lexists(folder / note) for note in owner_file_names(REGISTER_FILE))
