"""Snapshot of a campaign: what the latest scan found."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from merge import messages
from merge.campaign.campaign import read_campaign
from merge.campaign.counts import pending_step
from merge.campaign.overview import CampaignOverview, inspect_campaign
from merge.campaign.pending_decisions import PendingDecision
from merge.campaign.task import Task
from merge.campaign.title import own_title
from merge.disk import real_folder, short_path
from merge.errors import MergeError, StorageError, has_transient_problem
from merge.problems import Place, Problem
from merge.register.layouts import STAGES

HOLD_SECONDS = 5.0
"""Seconds for which the previous view stays while a file is unreadable."""

_RETRY_SECONDS = 0.5
"""Seconds until an unreadable file is tried again."""


@dataclass(frozen=True)
class CampaignSnapshot:
    """Immutable snapshot of the campaign from the latest scan.

    If the campaign cannot be read, `view` is None and `problems` say why. `number` grows with each
    scan. `met_problems` are the current problems, and those fixed since the last new one appeared.
    """

    number: int = 0
    view: CampaignOverview | None = None
    problems: tuple[Problem, ...] = ()
    pending_decisions: tuple[PendingDecision, ...] = ()
    met_problems: frozenset[object] = frozenset()
    unreadable_files: tuple[Problem, ...] = ()
    """Files that cannot be read now, for example while they are being saved.

    Everything else is from the previous scan.
    """
    unreadable_since: float = math.inf
    """When files became unreadable, on the monotonic clock."""

    @property
    def title(self) -> str:
        """The campaign's own title; empty if it has none or is unreadable."""
        return own_title(self.view.campaign) if self.view else ""

    @property
    def fixed_count(self) -> int:
        """Number of problems of earlier scans that no longer exist."""
        return len(self.met_problems - self.problem_keys)

    @property
    def problem_keys(self) -> frozenset[object]:
        """Keys that identify the current problems across scans."""
        return frozenset((problem.code, problem.place) for problem in self.problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The errors among the snapshot's problems."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def conflicts(self) -> tuple[PendingDecision, ...]:
        """The decisions that staff make on the Conflicts screen.

        Warnings to ignore are not among it; they are on the Data screen.
        """
        return tuple(
            decision for decision in self.pending_decisions if "hide" not in decision.choices
        )

    @property
    def conflict_count(self) -> int:
        """Number of questions on the Conflicts screen.

        The letters of one print file are one question.
        """
        return len({decision.question_key for decision in self.conflicts})

    @property
    def waiting_letters(self) -> Mapping[str, int]:
        """Number of letters that wait for a step of the page.

        The steps are named like their blueprints: `letters` to create, `printing` to put into print
        files, `paper` to mark as printed, signed or posted.
        """
        if self.view is None or self.view.campaign.closed_on:
            return {}
        counts = self.view.counts
        created = sum(bool(p.file_path and not p.stages) for p in self.view.letters)
        steps = [pending_step(STAGES[:reached]) for reached in range(1, STAGES.index("Posted") + 1)]
        on_paper = sum(counts.total.pending[step] for step in steps)
        return {
            "letters": counts.to_write,
            "printing": created - counts.in_batches,
            "paper": counts.in_batches + on_paper,
        }

    @property
    def completed_steps(self) -> frozenset[str]:
        """The steps of the page in which nothing is left to do."""
        letters, waiting = self.view.letters if self.view else (), self.waiting_letters
        if not (letters and waiting):
            return frozenset()
        is_created = all(planned.file_path or planned.stages for planned in letters)
        is_printed = all(planned.stages for planned in letters)
        done = {
            "data": not self.errors,
            "letters": is_created and not waiting["letters"],
            "decide": is_created and not self.conflicts,
            "printing": is_printed,
            "paper": is_printed and not waiting["paper"],
        }
        return frozenset(step for step, is_done in done.items() if is_done)

    @property
    def rescan_after(self) -> float:
        """Seconds until the next scan, even if no files change."""
        if self.unreadable_files:
            return _RETRY_SECONDS
        return HOLD_SECONDS if self.unreadable_since < math.inf else math.inf

    def next_snapshot(self, scanned: CampaignSnapshot) -> CampaignSnapshot:
        """Return the snapshot that follows this one, given a new scan.

        While a file is unreadable, the previous content stays for a short time.
        """
        unreadable = tuple(
            problem for problem in scanned.problems if has_transient_problem([problem])
        )
        now = time.monotonic()
        since = min(self.unreadable_since, now) if unreadable else math.inf
        if unreadable and self.view and now - since < HOLD_SECONDS:
            scanned = replace(self, unreadable_files=unreadable)
        met, keys = self.met_problems, scanned.problem_keys
        met = met if keys.issubset(met) else keys
        return replace(scanned, number=self.number + 1, met_problems=met, unreadable_since=since)


def scan_campaign(folder: Path, task: Task) -> CampaignSnapshot:
    """Scan a campaign folder. Raise Cancelled if the task was cancelled."""
    try:
        check_folder(folder)
        view = inspect_campaign(read_campaign(folder), task=task)
    except MergeError as error:
        return CampaignSnapshot(problems=error.problems)
    return CampaignSnapshot(
        view=view, problems=view.problems, pending_decisions=view.pending_decisions
    )


def check_folder(folder: Path) -> None:
    """Raise StorageError if the folder is missing or a link.

    Links in the path to it count as well.
    """
    if not is_folder(folder):
        raise StorageError(messages.problem("folder-gone", Place(short_path(folder))))
    if real_folder(folder) != folder:
        place = Place(short_path(folder))
        raise StorageError(messages.problem("path-outside/campaign", place))


def is_folder(folder: Path) -> bool:
    """Return whether a path is an existing folder."""
    return os.path.isdir(folder)  # noqa: PTH112 - Path's raises if the folder may not be read
