"""What is marked while somebody sits at the table, so that the last of it can be taken back."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from merge.campaign.campaign import REGISTER_FILE, Campaign
from merge.campaign.errand import Errand
from merge.campaign.marking import MarkOrder, MarkResult, mark_letters
from merge.disk import owner_files
from merge.model import Problem
from merge.page.desk import Desk

PATIENCE = 20.0
"""Seconds to wait for the register: its writing takes some tenths of a second, of a long one more.
"""


@dataclass(frozen=True, slots=True)
class StageMark:
    """A stage written into the register, of letters by their ids."""

    stage: str
    day: dt.date
    letters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """What an errand to mark letters came to; `number` counts the marks of the sitting since."""

    order: MarkOrder
    result: MarkResult
    number: int

    @property
    def problems(self) -> list[Problem]:
        """What is to be reported."""
        return self.result.problems


class Sitting:
    """The marks made since the campaign was opened in the page, and what was typed last.

    `asked` is what was typed as an id and is no single letter's; `unknown` a name that is nobody's.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.marks: tuple[StageMark, ...] = ()
        self.asked: tuple[str, ...] = ()
        self.unknown = ""

    @property
    def letters(self) -> int:
        """How many marks were made, letter by letter."""
        return sum(len(mark.letters) for mark in self.marks)

    def note(self, order: MarkOrder, done: Sequence[str], *, one_by_one: bool = False) -> None:
        """Take note of letters that were marked, together or one by one; of marks taken back."""
        with self._lock:
            if order.undo:
                self.marks = tuple(filter(None, (_without(m, order, done) for m in self.marks)))
            elif done and order.day:
                groups = [(one,) for one in done] if one_by_one else [tuple(done)]
                made = (StageMark(order.stage, order.day, group) for group in groups)
                self.marks = (*self.marks, *made)


def _without(mark: StageMark, order: MarkOrder, gone: Sequence[str]) -> StageMark | None:
    """Return a mark without the letters of which it was taken back; None where none is left."""
    if mark.stage != order.stage:
        return mark
    left = {*gone}
    letters = tuple(one for one in mark.letters if one not in left)
    return StageMark(mark.stage, mark.day, letters) if letters else None


def sitting_of(desk: Desk) -> Sitting:
    """Return the sitting of an open campaign."""
    sitting = desk.kept.setdefault("sitting", Sitting())
    assert isinstance(sitting, Sitting)  # noqa: S101 - nobody else keeps anything there
    return sitting


def mark(desk: Desk, order: MarkOrder, *, one_by_one: bool = False) -> None:
    """Let the worker write a stage of letters into the register, or take it back.

    What is marked `one_by_one` is taken back so, too. Raise BusyError where something else is at
    work.
    """
    sitting = sitting_of(desk)

    def work(campaign: Campaign, _errand: Errand) -> Marked:
        result = mark_letters(campaign, order)
        sitting.note(order, result.letters, one_by_one=one_by_one)
        return Marked(order, result, len(sitting.marks))

    desk.begin("mark", work, wait=PATIENCE)


def is_register_open(folder: Path) -> bool:
    """Return whether the note of a program that has the register open lies beside it."""
    return any(os.path.lexists(folder / note) for note in owner_files(REGISTER_FILE))
