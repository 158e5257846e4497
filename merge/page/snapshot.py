"""What the page saw of a campaign when it looked last."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from merge import messages
from merge.campaign.campaign import read_campaign
from merge.campaign.overview import CampaignOverview, inspect_campaign
from merge.campaign.pending_decisions import PendingDecision
from merge.campaign.task import Task
from merge.disk import real_folder, short_path
from merge.errors import MergeError, StorageError, has_transient_problem
from merge.problems import Place, Problem

HOLD_SECONDS = 5.0
"""Seconds for which the last view stays while a file cannot be read."""

_RETRY_SECONDS = 0.5
"""Seconds after which it is tried again."""


@dataclass(frozen=True)
class Snapshot:
    """What was seen of a campaign at the last look.

    `view` is None where it cannot be read at all: `problems` say why. `number` grows with each
    look; `met` are the problems that there are, with those settled since the last new one came.
    """

    number: int = 0
    view: CampaignOverview | None = None
    problems: tuple[Problem, ...] = ()
    pending_decisions: tuple[PendingDecision, ...] = ()
    met_problems: frozenset[object] = frozenset()
    unreadable_files: tuple[Problem, ...] = ()
    """Files that cannot be read at this moment, as while they are saved; the rest is of before."""
    unreadable_since: float = math.inf
    """When files could not be read for the first time, on the monotonic clock."""

    @property
    def fixed_count(self) -> int:
        """Return how many of the problems that were met are there no more."""
        return len(self.met_problems - self.problem_keys)

    @property
    def problem_keys(self) -> frozenset[object]:
        """Return what tells its problems from others, from look to look."""
        return frozenset((problem.code, problem.place) for problem in self.problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return what stands in the way."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def conflicts(self) -> tuple[PendingDecision, ...]:
        """Return what is settled on the screen Decide: not the warnings, which stay with Data."""
        return tuple(one for one in self.pending_decisions if "hide" not in one.choices)

    @property
    def rescan_after(self) -> float:
        """Return the seconds after which to look again, whether files changed or not."""
        if self.unreadable_files:
            return _RETRY_SECONDS
        return HOLD_SECONDS if self.unreadable_since < math.inf else math.inf

    def next_snapshot(self, seen: Snapshot) -> Snapshot:
        """Return the next sight, of which this was `seen` now.

        While a file cannot be read at this moment, what was seen before stays, for a while.
        """
        held = tuple(problem for problem in seen.problems if has_transient_problem([problem]))
        now = time.monotonic()
        since = min(self.unreadable_since, now) if held else math.inf
        if held and self.view and now - since < HOLD_SECONDS:
            seen = replace(self, unreadable_files=held)
        met = max(self.met_problems, seen.problem_keys)  # new ones: the old may not be done
        return replace(seen, number=self.number + 1, met_problems=met, unreadable_since=since)


def scan_campaign(folder: Path, errand: Task) -> Snapshot:
    """Look at a campaign. Raise Stopped if the errand is to stop."""
    try:
        check_folder(folder)
        view = inspect_campaign(read_campaign(folder), task=errand)
    except MergeError as error:
        return Snapshot(problems=error.problems)
    return Snapshot(view=view, problems=view.problems, pending_decisions=view.pending_decisions)


def check_folder(folder: Path) -> None:
    """Raise StorageError if the folder is gone, or a link has come in its place, or above it."""
    if not is_folder(folder):
        raise StorageError(messages.problem("folder-gone", Place(short_path(folder))))
    if real_folder(folder) != folder:
        place = Place(short_path(folder))
        raise StorageError(messages.problem("path-outside/campaign", place))


def is_folder(folder: Path) -> bool:
    """Return whether a folder is there."""
    return os.path.isdir(folder)  # noqa: PTH112 - Path's raises where one may not look
