"""Server-side session of an open campaign.

It has the latest snapshot and a single worker thread.

Requests read `snapshot`, which is immutable. Only the worker reads or writes the campaign folder,
one job at a time. It scans the folder again by itself when files have changed.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol, TypeVar, runtime_checkable

from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.overview import CampaignOverview
from merge.campaign.task import Cancelled, StepProgress, Task
from merge.disk import real_folder
from merge.errors import MergeError, crash_report_lines
from merge.page.snapshot import (
    HOLD_SECONDS,
    CampaignSnapshot,
    check_folder,
    is_folder,
    scan_campaign,
)
from merge.page.watching import POLL_SECONDS, FolderWatch
from merge.problems import Problem

CampaignWork = Callable[[Campaign, Task], object]
"""Work of a task: it gets the campaign, which was just read, and its task.

It returns the result, or None if there is nothing to report.
"""


@dataclass(frozen=True)
class TaskResult:
    """Result of a task, or the problems that prevented one.

    If a bug of this program ended the task, `fault` has the names of functions, without values.
    """

    name: str
    result: object = None
    problems: tuple[Problem, ...] = ()
    stopped: bool = False
    fault: tuple[str, ...] = ()


@runtime_checkable
class LastingState(Protocol):
    """State of a screen that is kept when a person's data is deleted."""

    def without_people(self) -> object:
        """Return the state without anything that may name a person."""


_NOT_STARTED = StepProgress()
_AT_ONCE = -math.inf
_IDLE_SECONDS = 3.0
"""Seconds without a task after which deferred work begins."""
State = TypeVar("State")


@dataclass(frozen=True)
class StatusUpdate:
    """Status polled by open pages; a new `version` means a change to show."""

    version: int
    task_name: str = ""
    progress: StepProgress = _NOT_STARTED
    """The current step."""
    share: float = 0.0
    """The progress of the whole task, from 0 to 1."""
    remaining_steps: tuple[str, ...] = ()
    is_cancelled: bool = False
    is_reported: bool = False
    """Whether the result is known: what remains is not shown."""
    is_change_pending: bool = False
    """True if files have changed or are being read: a new version comes soon."""


class BusyError(Exception):
    """Another task is running in this campaign."""


@dataclass
class _CampaignJob:
    name: str
    work: Callable[[Task], object]
    task: Task
    finished: threading.Event
    """Set when the result is known: reported early, or with a new snapshot."""
    is_background: bool = False
    is_deferred: bool = False
    """Whether pages do not show it: no one waits for it."""
    yields_to_changes: bool = False
    """Whether it is cancelled when files change: they are scanned first."""
    is_superseded: bool = False
    """Whether another task waits for its end: that task scans the folder."""
    reported: TaskResult | None = None
    """The result, once it is reported."""


_Activity = Literal["idle", "scanning", "working", "reported", "background", "closing"]


class CampaignSession:
    """An open campaign, with its worker. Methods are safe in any thread.

    This is what the worker is doing (`_activity`), and what follows:

    | activity   | what it is                                       | a new task   | then       |
    |------------|--------------------------------------------------|--------------|------------|
    | idle       | it waits for a task, a change, or a time to scan | begins       |            |
    | scanning   | it scans the folder, because something changed   | cancels it * | background |
    | background | it does `background_work`, if any                | cancels it   | idle       |
    | working    | it does a task                                   | is refused   | reported   |
    | reported   | the result is known; it scans again              | cancels it   | idle       |
    | closing    | it cancels whatever it does, and ends            | is refused   |            |

    * The first scan is finished, because requests wait for it. A scan that was cancelled is done
      later. A task may report before it ends, if no one waits for the rest. A task without a result
      is `working` to its end.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._states: dict[type, object] = {}
        self.opened_letters: set[str] = set()
        """Paths of letters opened from the page; they are checked more often."""
        self.background_work: tuple[str, CampaignWork] | None = None
        """Name and work of what runs after each scan of changed files.

        An earlier task result stays. What a person can fix is in `snapshot` already.
        """
        self._deferred: tuple[str, CampaignWork] | None = None
        self._deferred_until = math.inf
        self._condition = threading.Condition()
        self._version, self._snapshot = 0, CampaignSnapshot()
        self._job: _CampaignJob | None = None
        self._scan_task: Task | None = None
        self._is_closing = False
        self._rescan_at = math.inf
        """When to scan even if no files change; `_AT_ONCE` for at once."""
        self._are_files_changing = False
        """True while files are changing."""
        self._task_result: TaskResult | None = None
        self._result_screen = ""
        """The screen that was the first to show the task result."""
        self._worker = threading.Thread(target=self._run_worker, name="session", daemon=True)
        self._worker.start()

    @property
    def _activity(self) -> _Activity:
        if self._is_closing:
            return "closing"
        if self._job:
            if self._job.is_background:
                return "background"
            return "reported" if self._job.reported else "working"
        return "scanning" if self._scan_task else "idle"

    def state(self, state_type: type[State]) -> State:
        """Return the state that a screen keeps, by type; at first a new state."""
        state = self._states.setdefault(state_type, state_type())
        assert isinstance(state, state_type)  # noqa: S101 - it is kept by its type
        return state

    def clear_states(self) -> None:
        """Discard the states of all screens, except settings that name no one."""
        states = self._states.items()
        self._states = {
            state_type: state.without_people()
            for state_type, state in states
            if isinstance(state, LastingState)
        }

    @property
    def folder_exists(self) -> bool:
        """Whether the campaign's folder exists; someone may have moved it."""
        return is_folder(self.folder)

    @property
    def snapshot(self) -> CampaignSnapshot:
        """The latest snapshot; at the beginning, wait for the first snapshot."""
        with self._condition:
            self._condition.wait_for(lambda: self._snapshot.number or self._is_closing)
            return self._snapshot

    @property
    def latest_snapshot(self) -> CampaignSnapshot:
        """The latest snapshot at once; empty before the first scan."""
        return self._snapshot

    @property
    def task_result(self) -> TaskResult | None:
        """Result of the latest task, until it is dismissed or replaced."""
        return self._task_result

    def task_result_for(self, screen: str) -> TaskResult | None:
        """Return the latest task's result for a screen that shows it.

        It stays on the screen that showed it first, and is dropped when another screen is shown. A
        result with a true `stays_until_dismissed` is not dropped, but not shown there either.
        """
        with self._condition:
            task_result = self._task_result
            self._result_screen = self._result_screen or (screen if task_result else "")
            if task_result is None or task_result.fault or self._result_screen == screen:
                return task_result
            if not getattr(task_result.result, "stays_until_dismissed", False):
                self._task_result = None
            return None

    @property
    def status(self) -> StatusUpdate:
        """The session's current status, for a browser page that polls."""
        with self._condition:
            job, is_near = self._job, self._are_files_changing or self._scan_task is not None
            if job is None or job.is_deferred:
                return StatusUpdate(self._version, is_change_pending=is_near)
            task = job.task
            return StatusUpdate(
                version=self._version,
                task_name=job.name,
                progress=task.progress,
                share=task.share,
                remaining_steps=task.remaining_steps,
                is_cancelled=task.is_cancelled,
                is_reported=job.reported is not None,
                is_change_pending=is_near,
            )

    def submit_with_campaign(self, name: str, work: CampaignWork, *, wait: float = 0) -> None:
        """Queue work for the worker, which reads the campaign for that work.

        Wait for its result for up to `wait` seconds. Raise BusyError if another task is running.
        """
        self.submit(name, self._with_campaign(work), wait=wait)

    def submit(self, name: str, work: Callable[[Task], object], *, wait: float = 0) -> None:
        """Queue work for the worker that reads files by itself.

        Wait for its result for up to `wait` seconds. Raise BusyError if another task is running.
        """
        job = _CampaignJob(
            name, work, Task(lambda result: self._report_early(job, result)), threading.Event()
        )
        self._enqueue(job)
        job.finished.wait(wait)

    def defer(self, name: str, work: CampaignWork) -> None:
        """Do this when no task ran for some seconds, or as the session closes.

        It replaces other deferred work. Pages show its result, if there is one, but no progress.
        """
        with self._condition:
            self._deferred, self._deferred_until = (name, work), time.monotonic() + _IDLE_SECONDS

    def start_background(self, name: str, work: Callable[[Task], object]) -> None:
        """Do this now if nothing else is running; it changes no files.

        A task that begins cancels it, and so do files that change. Pages show neither its progress
        nor its result: they are redrawn at its end.
        """
        job = _CampaignJob(
            name,
            work,
            Task(),
            threading.Event(),
            is_background=True,
            is_deferred=True,
            yields_to_changes=True,
        )
        with self._condition:
            if self._activity == "idle":
                self._enqueue(job)

    def wait_for_task(self) -> None:
        """Wait for the result of a short task that is running."""
        with self._condition:
            self._condition.wait_for(lambda: self._activity != "working", HOLD_SECONDS)

    def _with_campaign(self, work: CampaignWork) -> Callable[[Task], object]:
        return lambda task: work(read_campaign(self.folder), task)

    def _enqueue(self, job: _CampaignJob) -> None:
        """Queue a job for the worker; raise BusyError if a task is running."""
        with self._condition:
            if self._job and self._activity in {"background", "reported"} and not job.is_background:
                self._job.is_superseded = True
                self._cancel_all()
                self._condition.wait_for(lambda: not self._job, HOLD_SECONDS)
            if self._activity not in {"idle", "scanning"}:
                raise BusyError
            self._job = job
            if not job.is_background:
                self._task_result = None
            self._notify()
            if self._scan_task and self._snapshot.number:  # requests wait for the first scan
                self._scan_task.cancel()

    def cancel_task(self) -> None:
        """Ask the running task to stop."""
        with self._condition:
            if self._job:
                self._job.task.cancel()
                self._notify()

    def dismiss(self) -> None:
        """Dismiss the result of the latest task, which the user has read."""
        with self._condition:
            self._task_result = None
            self._notify()

    def request_rescan(self) -> None:
        """Scan the folder soon, whether files have changed or not."""
        with self._condition:
            self._rescan_at = _AT_ONCE
            self._condition.notify_all()

    def raise_if_closing(self) -> None:
        """Raise BusyError if the campaign is closing.

        Work outside the worker thread calls this.
        """
        if self._is_closing:
            raise BusyError

    def close(self) -> None:
        """Cancel the running task and scan, and wait for their end."""
        with self._condition:
            self._is_closing = True
            self._cancel_all()
            self._notify()
        self._worker.join()

    def _cancel_all(self) -> None:
        """Cancel the running task and scan."""
        for task in (self._job.task if self._job else None, self._scan_task):
            if task:
                task.cancel()

    def _notify(self) -> None:
        self._version += 1
        self._condition.notify_all()

    # The worker

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
                self._start_deferred_work()
        if self._deferred:
            with suppress(MergeError):
                self._with_campaign(self._deferred[1])(Task())
        if self._job:  # the session closed before the job began
            self._job.finished.set()

    @property
    def _is_rescan_due(self) -> bool:
        return time.monotonic() >= self._rescan_at

    def _start_background_work(self) -> None:
        if not self.background_work:
            return
        name, work = self.background_work
        job = _CampaignJob(
            name, self._with_campaign(work), Task(), threading.Event(), is_background=True
        )
        with suppress(BusyError):
            self._enqueue(job)

    def _start_deferred_work(self) -> None:
        """Start the deferred work, if it is due; it stays due until it is done."""
        if not self._deferred or time.monotonic() < self._deferred_until:
            return
        name, work = deferred = self._deferred

        def work_once(campaign: Campaign, task: Task) -> object:
            result = work(campaign, task)
            if self._deferred is deferred:
                self._deferred = None
            return result

        self._deferred_until = time.monotonic() + _IDLE_SECONDS
        done = self._with_campaign(work_once)
        with suppress(BusyError):
            self._enqueue(
                _CampaignJob(
                    name, done, Task(), threading.Event(), is_background=True, is_deferred=True
                )
            )

    def _run_job(self, job: _CampaignJob, watch: FolderWatch) -> None:
        """Run a task, publish its result, then scan the folder again.

        The scan takes longest, and no one waits for it.
        """
        with _cancelled_by_changes(job, watch) if job.yields_to_changes else nullcontext():
            task_result = _run_work(job, self.folder)
        self._publish_result(job, task_result)
        if job.is_superseded:
            self._rescan_at = _AT_ONCE
        elif not self._is_closing:
            watch.accept_changes()
            self._rescan(task_result)
        with self._condition:
            self._job = None
            if task_result and getattr(task_result.result, "restarts_fixed_count", False):
                self._snapshot = replace(self._snapshot, met_problems=self._snapshot.problem_keys)
            self._notify()
        job.finished.set()

    def _report_early(self, job: _CampaignJob, result: object) -> None:
        """Publish a task's result before the task's last, invisible work."""
        self._publish_result(job, _task_result(job, result))
        job.finished.set()

    def amend_view(self, change: Callable[[CampaignOverview], CampaignOverview]) -> None:
        """Change the view of the last scan to what the next one will find."""
        with self._condition:
            if view := self._snapshot.view:
                number = self._snapshot.number + 1
                self._snapshot = replace(self._snapshot, view=change(view), number=number)

    def _publish_result(self, job: _CampaignJob, task_result: TaskResult | None) -> None:
        """Publish the result of a task for the screens.

        If the task reported a result earlier, and that was dismissed, it is only shown again if it
        is different.
        """
        with self._condition:
            earlier, job.reported = job.reported, task_result
            is_dismissed = earlier is not None and self._task_result is not earlier
            if task_result and not (is_dismissed and earlier == task_result):
                self._task_result, self._result_screen = (
                    task_result,
                    self._result_screen if earlier else "",
                )
            self._notify()

    def _rescan(self, reported_result: TaskResult | None = None) -> bool:
        """Scan the folder, publish a snapshot; return False if cancelled.

        `reported_result` is of a task that has just ended. It stays, whatever the scan finds.
        """
        with self._condition:
            self._scan_task, self._are_files_changing = (task := Task()), False
            self._rescan_at = math.inf
        try:
            scanned = scan_campaign(self.folder, task)
        except Cancelled:
            self._rescan_at = _AT_ONCE
            return False
        except Exception as error:  # noqa: BLE001 - a bug must not end the program
            self._task_result = TaskResult("look", fault=tuple(crash_report_lines(error)))
            scanned = self._snapshot
        finally:
            self._scan_task = None
        with self._condition:
            snapshot = self._snapshot.next_snapshot(scanned)
            if self._task_result is not reported_result and self._is_refusal_outdated(snapshot):
                self._task_result = None
            self._snapshot = snapshot
            self._rescan_at = min(self._rescan_at, time.monotonic() + snapshot.rescan_after)
            self._notify()
        return True

    def _is_refusal_outdated(self, snapshot: CampaignSnapshot) -> bool:
        """Return whether a shown refusal is outdated: the problems changed."""
        result = self._task_result
        was_refused = result and result.problems and result.result is None
        return bool(
            was_refused
            and self._result_screen
            and self._snapshot.problem_keys != snapshot.problem_keys
        )


@contextmanager
def _cancelled_by_changes(job: _CampaignJob, watch: FolderWatch) -> Iterator[None]:
    """Cancel a job when files have changed; they are scanned next."""
    is_done = threading.Event()

    def look() -> None:
        while not is_done.wait(POLL_SECONDS):
            if watch.has_settled_change():
                job.is_superseded = True
                job.task.cancel()
                break

    watching = threading.Thread(target=look, name="watch", daemon=True)
    watching.start()
    try:
        yield
    finally:
        is_done.set()
        watching.join()


def _run_work(job: _CampaignJob, folder: Path) -> TaskResult | None:
    try:
        check_folder(folder)
        result = job.work(job.task)
    except Cancelled:
        return None if job.is_background else TaskResult(job.name, stopped=True)
    except MergeError as error:
        return None if job.is_background else TaskResult(job.name, problems=error.problems)
    except Exception as error:  # noqa: BLE001 - a bug must not end the program
        return TaskResult(job.name, fault=tuple(crash_report_lines(error)))
    return _task_result(job, result)


def _task_result(job: _CampaignJob, result: object) -> TaskResult | None:
    if result is None:
        return None
    problems = tuple(getattr(result, "problems", ()))
    return TaskResult(job.name, result, problems, stopped=getattr(result, "stopped", False))


class CampaignSessions:
    """The open campaigns, by keys that say nothing about them.

    `remember` is called with each folder that is opened, or opened again. `record` is called at the
    end, with the latest overviews by folder.
    """

    def __init__(
        self,
        remember: Callable[[Path], object] = lambda _: None,
        record: Callable[[Mapping[Path, CampaignOverview]], object] = lambda _: None,
    ) -> None:
        self._lock, self._remember, self._record = threading.Lock(), remember, record
        self._sessions: dict[str, CampaignSession] = {}
        self._states: dict[type, object] = {}

    def state(self, state_type: type[State]) -> State:
        """Return the state that a screen without a campaign keeps, by type."""
        state = self._states.setdefault(state_type, state_type())
        assert isinstance(state, state_type)  # noqa: S101 - it is kept by its type
        return state

    def open(self, folder: Path) -> str:
        """Open the campaign in a folder if necessary, and return its key."""
        real_path = real_folder(folder)
        with suppress(MergeError):  # the list of campaigns is only a convenience
            self._remember(real_path)
        with self._lock:
            for key, session in self._sessions.items():
                if session.folder == real_path:
                    return key
            key = secrets.token_hex(4)
            self._sessions[key] = CampaignSession(real_path)
            return key

    def get(self, key: str) -> CampaignSession | None:
        """Return the session with this key, or None."""
        return self._sessions.get(key)

    def __iter__(self) -> Iterator[CampaignSession]:
        return iter([*self._sessions.values()])

    @property
    def views(self) -> dict[Path, CampaignOverview]:
        """The latest overview of each open campaign, by folder."""
        return {one.folder: view for one in self if (view := one.latest_snapshot.view)}

    @property
    def is_busy(self) -> bool:
        """Whether a task is running in any campaign."""
        return any(session.status.task_name for session in self)

    def close(self) -> None:
        """Cancel the tasks of all campaigns, and wait for their end."""
        for session in self:
            session.close()
        with suppress(MergeError):  # the list of campaigns is only a convenience
            self._record(self.views)
