"""What the page saw of a campaign when it looked last."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from merge import messages
from merge.campaign.campaign import read_campaign
from merge.campaign.errand import Errand
from merge.campaign.questions import Question
from merge.campaign.view import View, look
from merge.disk import real_folder, short_path
from merge.errors import MergeError, StorageError, may_pass
from merge.problems import Place, Problem

PATIENCE = 5.0
"""Seconds for which the last view stays while a file cannot be read."""

_AGAIN = 0.5
"""Seconds after which it is tried again."""


@dataclass(frozen=True)
class Sight:
    """What was seen of a campaign at the last look.

    `view` is None where it cannot be read at all: `problems` say why. `number` grows with each
    look; `met` are the problems that there are, with those settled since the last new one came.
    """

    number: int = 0
    view: View | None = None
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()
    met: frozenset[object] = frozenset()
    held: tuple[Problem, ...] = ()
    """Files that cannot be read at this moment, as while they are saved; the rest is of before."""
    held_since: float = math.inf
    """When files could not be read for the first time, on the monotonic clock."""

    @property
    def settled(self) -> int:
        """Return how many of the problems that were met are there no more."""
        return len(self.met - self.keys)

    @property
    def keys(self) -> frozenset[object]:
        """Return what tells its problems from others, from look to look."""
        return frozenset((problem.code, problem.place) for problem in self.problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return what stands in the way."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def to_decide(self) -> tuple[Question, ...]:
        """Return what is settled on the screen Decide: not the warnings, which stay with Data."""
        return tuple(one for one in self.questions if "hide" not in one.choices)

    @property
    def look_after(self) -> float:
        """Return the seconds after which to look again, whether files changed or not."""
        if self.held:
            return _AGAIN
        return PATIENCE if self.held_since < math.inf else math.inf

    def followed_by(self, seen: Sight) -> Sight:
        """Return the next sight, of which this was `seen` now.

        While a file cannot be read at this moment, what was seen before stays, for a while.
        """
        held = tuple(problem for problem in seen.problems if may_pass([problem]))
        now = time.monotonic()
        since = min(self.held_since, now) if held else math.inf
        if held and self.view and now - since < PATIENCE:
            seen = replace(self, held=held)
        met = max(self.met, seen.keys)  # new ones: the old may not be done
        return replace(seen, number=self.number + 1, met=met, held_since=since)


def see(folder: Path, errand: Errand) -> Sight:
    """Look at a campaign. Raise Stopped if the errand is to stop."""
    try:
        check_place(folder)
        view = look(read_campaign(folder), errand=errand)
    except MergeError as error:
        return Sight(problems=error.problems)
    return Sight(view=view, problems=view.problems, questions=view.questions)


def check_place(folder: Path) -> None:
    """Raise StorageError if the folder is gone, or a link has come in its place, or above it."""
    if not is_folder(folder):
        raise StorageError(messages.problem("folder-gone", Place(short_path(folder))))
    if real_folder(folder) != folder:
        place = Place(short_path(folder))
        raise StorageError(messages.problem("path-outside/campaign", place))


def is_folder(folder: Path) -> bool:
    """Return whether a folder is there."""
    return os.path.isdir(folder)  # noqa: PTH112 - Path's raises where one may not look
