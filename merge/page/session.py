"""An open campaign as the page knows it: what was seen last, the one worker, what it is at.

Answers read `sight`, a value; only the worker reads or writes the campaign folder, one thing after
another. It looks again by itself when the folder's files have changed.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.task import Cancelled, Progress, Task
from merge.disk import real_folder
from merge.errors import MergeError, crash_report_lines
from merge.page.snapshot import HOLD_SECONDS, Snapshot, check_folder, is_folder, scan_campaign
from merge.page.watching import POLL_SECONDS, FolderWatch
from merge.problems import Problem

CampaignWork = Callable[[Campaign, Task], object]
"""What an errand does with the campaign, read anew for it; it returns its result, or None where
there is nothing to be told of it."""


@dataclass(frozen=True)
class TaskResult:
    """What an errand came to: its result, or the problems that kept it from one.

    `fault` has the names of functions where a bug of ours ended it: no values.
    """

    name: str
    result: object = None
    problems: tuple[Problem, ...] = ()
    stopped: bool = False
    fault: tuple[str, ...] = ()


_NOT_STARTED = Progress()
_AT_ONCE = -math.inf
State = TypeVar("State")


@dataclass(frozen=True)
class StatusUpdate:
    """What a page that is open asks again and again; another `version` has something to show."""

    version: int
    task_name: str = ""
    progress: Progress = _NOT_STARTED
    is_cancelled: bool = False
    is_change_pending: bool = False
    """Files have changed, or are looked at: there will be another version in a moment."""


class BusyError(Exception):
    """Another errand is at work in this campaign."""


@dataclass
class _Job:
    name: str
    work: Callable[[Task], object]
    task: Task
    finished: threading.Event
    is_background: bool = False
    reported: TaskResult | None = None
    """What it came to, as soon as that was told."""


_Activity = Literal["idle", "looking", "working", "reported", "following", "closing"]


class CampaignSession:
    """A campaign that is open. All methods may be called from any thread.

    What its worker is doing (`_activity`), and what then follows:

    | doing     | what it is                                       | a new task    | then      |
    |-----------|--------------------------------------------------|---------------|-----------|
    | idle      | it waits for a task, a change, or a time to look | begins        |           |
    | looking   | it reads the folder, as something changed        | stops it *    | following |
    | following | it does `afterwards`, if there is any            | stops it      | idle      |
    | working   | it does a task                                   | is refused    | reported  |
    | reported  | the outcome is known; it looks again             | stops it      | idle      |
    | closing   | it stops whatever it does, and ends              | is refused    |           |

    * The first look is finished: answers wait for it. A look that was stopped is done later. A
    task may report before it ends, if nobody waits for the rest; one without an outcome is
    `working` to its end.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._states: dict[type, object] = {}
        self.opened_letters: set[str] = set()
        """Paths of letters that were opened from the page: they are looked at more often."""
        self.background_work: tuple[str, CampaignWork] | None = None
        """What is done, by name and work, whenever files have changed and were looked at. An
        earlier outcome stays; what a person can put right is in `sight` already."""
        self._condition = threading.Condition()
        self._version, self._snapshot = 0, Snapshot()
        self._job: _Job | None = None
        self._scan_task: Task | None = None
        self._is_closing = False
        self._rescan_at = math.inf
        """When to look, whether files changed or not; `_AT_ONCE` for at once."""
        self._are_files_changing = False
        """Files are changing, and have not come to rest."""
        self._task_result: TaskResult | None = None
        self._result_screen = ""
        """The screen that showed the outcome first."""
        self._worker = threading.Thread(target=self._run_worker, name="desk", daemon=True)
        self._worker.start()

    @property
    def _activity(self) -> _Activity:
        if self._is_closing:
            return "closing"
        if self._job:
            if self._job.is_background:
                return "following"
            return "reported" if self._job.reported else "working"
        return "looking" if self._scan_task else "idle"

    def state(self, kind: type[State]) -> State:
        """Return what a screen keeps of what it found, by its type; at first it is blank."""
        found = self._states.setdefault(kind, kind())
        assert isinstance(found, kind)  # noqa: S101 - it is kept by its type
        return found

    def clear_states(self) -> None:
        """Forget all that screens keep: it may name a person who was taken out."""
        self._states.clear()

    @property
    def folder_exists(self) -> bool:
        """Whether its folder is there: else it was renamed, moved or deleted, or a drive is off."""
        return is_folder(self.folder)

    @property
    def snapshot(self) -> Snapshot:
        """Return what was seen last; at the beginning, wait for the first look."""
        with self._condition:
            self._condition.wait_for(lambda: self._snapshot.number or self._is_closing)
            return self._snapshot

    @property
    def latest_snapshot(self) -> Snapshot:
        """Return what was seen last, at once; before the first look, nothing."""
        return self._snapshot

    @property
    def task_result(self) -> TaskResult | None:
        """Return what the last errand came to, until it is put away or has gone by itself."""
        return self._task_result

    def task_result_for(self, screen: str) -> TaskResult | None:
        """Return the outcome for a screen that shows it.

        It stays on the screen where it was seen first, and goes by itself at the next one; one
        whose result says that it `stays` is only not shown there.
        """
        with self._condition:
            outcome = self._task_result
            self._result_screen = self._result_screen or (screen if outcome else "")
            if outcome is None or outcome.fault or self._result_screen == screen:
                return outcome
            if not getattr(outcome.result, "stays_until_dismissed", False):
                self._task_result = None
            return None

    @property
    def status(self) -> StatusUpdate:
        """Return how things are, for a page that is open."""
        with self._condition:
            job, is_near = self._job, self._are_files_changing or self._scan_task is not None
            if job is None:
                return StatusUpdate(self._version, is_change_pending=is_near)
            errand = job.task
            return StatusUpdate(
                version=self._version,
                task_name=job.name,
                progress=errand.progress,
                is_cancelled=errand.is_cancelled,
                is_change_pending=is_near,
            )

    def submit_with_campaign(self, name: str, work: CampaignWork, *, wait: float = 0) -> None:
        """Let the worker do something, and wait so many seconds for its end.

        `work` gets the campaign, read anew, and its errand. Raise BusyError where something else
        is at work.
        """
        self.submit(name, self._with_campaign(work), wait=wait)

    def submit(self, name: str, work: Callable[[Task], object], *, wait: float = 0) -> None:
        """Do the same with work that reads what it needs by itself."""
        job = _Job(
            name, work, Task(lambda result: self._report_early(job, result)), threading.Event()
        )
        self._enqueue(job)
        job.finished.wait(wait)

    def _with_campaign(self, work: CampaignWork) -> Callable[[Task], object]:
        return lambda errand: work(read_campaign(self.folder), errand)

    def _enqueue(self, job: _Job) -> None:
        """Give work to the worker. Raise BusyError where something else is at work."""
        with self._condition:
            if self._activity in {"following", "reported"} and not job.is_background:
                self._cancel_all()
                self._condition.wait_for(lambda: not self._job, HOLD_SECONDS)
            if self._activity not in {"idle", "looking"}:
                raise BusyError
            self._job = job
            if not job.is_background:
                self._task_result = None
            self._notify()
            if self._scan_task and self._snapshot.number:  # answers wait for the first look
                self._scan_task.cancel()

    def cancel_task(self) -> None:
        """Ask the errand at work to stop."""
        with self._condition:
            if self._job:
                self._job.task.cancel()
                self._notify()

    def dismiss(self) -> None:
        """Put the outcome of the last errand away: it was read."""
        with self._condition:
            self._task_result = None
            self._notify()

    def request_rescan(self) -> None:
        """Look again, whether files changed or not."""
        with self._condition:
            self._rescan_at = _AT_ONCE
            self._condition.notify_all()

    def raise_if_closing(self) -> None:
        """Raise BusyError where the campaign is being closed, for work that goes on beside it."""
        if self._is_closing:
            raise BusyError

    def close(self) -> None:
        """Stop what is at work, and wait for its end."""
        with self._condition:
            self._is_closing = True
            self._cancel_all()
            self._notify()
        self._worker.join()

    def _cancel_all(self) -> None:
        """Ask what is at work to stop: a task, a look."""
        for errand in (self._job.task if self._job else None, self._scan_task):
            if errand:
                errand.cancel()

    def _notify(self) -> None:
        self._version += 1
        self._condition.notify_all()

    # The worker.

    def _run_worker(self) -> None:
        watch = FolderWatch(self.folder, opened_letters=self.opened_letters)
        self._rescan()
        while not self._is_closing:
            with self._condition:
                self._condition.wait_for(
                    lambda: self._job or self._is_closing or self._is_rescan_due, POLL_SECONDS
                )
                job = self._job
            if self._is_closing and not job:
                break
            if job:
                self._run_job(job, watch)
            elif self._is_rescan_due or watch.has_settled_change():
                watch.accept_changes()
                if self._rescan():
                    self._start_background_work()
            else:
                self._are_files_changing = watch.is_changing
        if self._job:  # it was not begun
            self._job.finished.set()

    @property
    def _is_rescan_due(self) -> bool:
        return time.monotonic() >= self._rescan_at

    def _start_background_work(self) -> None:
        if not self.background_work:
            return
        name, work = self.background_work
        job = _Job(name, self._with_campaign(work), Task(), threading.Event(), is_background=True)
        with suppress(BusyError):
            self._enqueue(job)

    def _run_job(self, job: _Job, watch: FolderWatch) -> None:
        """Do the work, tell what it came to, look again; that takes longest, and nobody waits."""
        outcome = _run_work(job, self.folder)
        self._publish_result(job, outcome)
        watch.accept_changes()
        if not self._is_closing:
            self._rescan(outcome)
        with self._condition:
            self._job = None
            if outcome and getattr(outcome.result, "restarts_fixed_count", False):
                self._snapshot = replace(self._snapshot, met_problems=self._snapshot.problem_keys)
            self._notify()
        job.finished.set()

    def _report_early(self, job: _Job, result: object) -> None:
        """Tell what work came to that is still to do what nobody waits for."""
        self._publish_result(job, _task_result(job, result))

    def _publish_result(self, job: _Job, outcome: TaskResult | None) -> None:
        """Tell an outcome; what was told of the work before, and is read, comes back with news."""
        with self._condition:
            before, job.reported = job.reported, outcome
            is_read = before is not None and self._task_result is not before
            if outcome and not (is_read and before == outcome):
                self._task_result, self._result_screen = (
                    outcome,
                    self._result_screen if before else "",
                )
            self._notify()

    def _rescan(self, told: TaskResult | None = None) -> bool:
        """Look, and tell what was seen; return False where an errand came between: look later.

        `told` is of work that has just ended: it stays, whatever is seen.
        """
        with self._condition:
            self._scan_task, self._are_files_changing = (errand := Task()), False
            self._rescan_at = math.inf
        try:
            seen = scan_campaign(self.folder, errand)
        except Cancelled:
            self._rescan_at = _AT_ONCE
            return False
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the program
            self._task_result = TaskResult("look", fault=tuple(crash_report_lines(error)))
            seen = self._snapshot
        finally:
            self._scan_task = None
        with self._condition:
            sight = self._snapshot.next_snapshot(seen)
            if self._task_result is not told and self._is_refusal_outdated(sight):
                self._task_result = None
            self._snapshot = sight
            self._rescan_at = min(self._rescan_at, time.monotonic() + sight.rescan_after)
            self._notify()
        return True

    def _is_refusal_outdated(self, sight: Snapshot) -> bool:
        """Return whether an errand was refused, that was seen, and other problems are there now."""
        told = self._task_result
        refused = told and told.problems and told.result is None
        return bool(
            refused and self._result_screen and self._snapshot.problem_keys != sight.problem_keys
        )


def _run_work(job: _Job, folder: Path) -> TaskResult | None:
    try:
        check_folder(folder)
        result = job.work(job.task)
    except Cancelled:
        return None if job.is_background else TaskResult(job.name, stopped=True)
    except MergeError as error:
        return None if job.is_background else TaskResult(job.name, problems=error.problems)
    except Exception as error:  # noqa: BLE001 - a bug of ours must not end the program
        return TaskResult(job.name, fault=tuple(crash_report_lines(error)))
    return _task_result(job, result)


def _task_result(job: _Job, result: object) -> TaskResult | None:
    if result is None:
        return None
    problems = tuple(getattr(result, "problems", ()))
    return TaskResult(job.name, result, problems, stopped=getattr(result, "stopped", False))


class CampaignSessions:
    """The campaigns that are open, by keys that say nothing of them.

    `remember` is told of each folder that is opened, or opened again.
    """

    def __init__(self, remember: Callable[[Path], object] = lambda _: None) -> None:
        self._lock, self._remember = threading.Lock(), remember
        self._sessions: dict[str, CampaignSession] = {}

    def open(self, folder: Path) -> str:
        """Open a campaign folder, if it is not open; return its key."""
        whole = real_folder(folder)
        with suppress(MergeError):  # the list of campaigns is a help, no more
            self._remember(whole)
        with self._lock:
            for key, desk in self._sessions.items():
                if desk.folder == whole:
                    return key
            key = secrets.token_hex(4)
            self._sessions[key] = CampaignSession(whole)
            return key

    def get(self, key: str) -> CampaignSession | None:
        """Return the campaign of a key; None where there is none."""
        return self._sessions.get(key)

    def __iter__(self) -> Iterator[CampaignSession]:
        return iter([*self._sessions.values()])

    @property
    def is_busy(self) -> bool:
        """Whether an errand is at work anywhere."""
        return any(desk.status.task_name for desk in self)

    def close(self) -> None:
        """Stop what is at work, and wait for its end."""
        for desk in self:
            desk.close()
