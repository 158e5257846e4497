"""Progress reporting and cancellation for long-running tasks.

Creating letters, printing, proofreading, deleting a person's data and closing a campaign are tasks.
A task that only reads raises `Cancelled` if it is cancelled. A task that changes something first
brings the ledger and the register up to date; then it returns a result that says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import NamedTuple, TypeVar

_Item = TypeVar("_Item")


class Cancelled(Exception):  # noqa: N818 - not an error
    """Raised when a task was cancelled at a safe point.

    Nothing is half done then.
    """


STEP_MILLISECONDS: Mapping[str, float] = {
    "Letters": 1,
    "Letters read": 0.5,
    "Counting pages": 20,
    "Letters in print files": 6,
    "Letters checked": 0.5,
    "Files searched": 10,
    "Print files checked": 10,
}
"""Milliseconds that a part of a step takes, as measured; 1 for others.

They are the weights of the steps in the progress of the whole task.
"""


class StepProgress(NamedTuple):
    """Progress of one step of a task: its name, parts done, all parts."""

    what: str = ""
    done: int = 0
    total: int = 0


class Task:
    """Progress of a long-running task, and the request to cancel it.

    The task calls `start_step`, `advance` and `raise_if_cancelled`. A front end calls `progress`
    and `cancel`, from any thread; `cancel` also from a signal handler. Nothing is shown here.
    `on_result` gets the result of the task if the task reports it before its end.

    A task of several steps says with `expect_steps` which they are. Then `share` is the progress of
    the whole, which never goes back, and `remaining_steps` are those after the current one.
    """

    def __init__(self, on_result: Callable[[object], object] = lambda _: None) -> None:
        self._on_result = on_result
        self._lock = Lock()  # never held by `cancel`: a signal may arrive while it is held
        self._what, self._done, self._total = "", 0.0, 0
        self._step_start = 0.0
        self._remaining: tuple[str, ...] = ()
        self._finished_milliseconds = self._share = 0.0
        self._is_cancelled = False

    def expect_steps(self, *names: str) -> None:
        """Announce the steps of the task, in order; some may not occur."""
        with self._lock:
            self._remaining = names

    def start_step(self, number: int, what: str) -> None:
        """Begin a step of this many parts."""
        with self._lock:
            self._finished_milliseconds += self._step_milliseconds(self._what)
            self._what, self._done, self._total = what, 0.0, number
            self._step_start = time.monotonic()
            if what in self._remaining:
                self._remaining = self._remaining[self._remaining.index(what) + 1 :]

    def _step_milliseconds(self, what: str) -> float:
        """Return the time that a step takes with as many parts as the current."""
        return self._total * STEP_MILLISECONDS.get(what, 1)

    def advance(self, number: float = 1) -> None:
        """Add parts of the current step that are done.

        A part that is only half done is 0.5, and counts when it is done.
        """
        with self._lock:
            self._done += number

    def track(self, items: Sequence[_Item], what: str) -> Iterator[_Item]:
        """Iterate over items, advancing progress after each item.

        Raise Cancelled between two items if the task was cancelled.
        """
        self.start_step(len(items), what)
        for item in items:
            self.raise_if_cancelled()
            yield item
            self.advance()

    def report_result(self, result: object) -> None:
        """Report the task's result early; remaining work does not affect it."""
        self._on_result(result)

    def cancel(self) -> None:
        """Request cancellation; the work ends within a second."""
        self._is_cancelled = True

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled if the task was cancelled."""
        if self._is_cancelled:
            raise Cancelled

    @property
    def is_cancelled(self) -> bool:
        """Whether someone requested to cancel the task."""
        return self._is_cancelled

    @property
    def share(self) -> float:
        """Progress of the whole task, from 0 to 1.

        If a step reports nothing for a long time, as LibreOffice does, it progresses with time.
        """
        with self._lock:
            step = self._step_milliseconds(self._what)
            remaining = sum(map(self._step_milliseconds, self._remaining))
            if step:
                elapsed = 1000 * (time.monotonic() - self._step_start)
                part = max(self._done / self._total, elapsed / (elapsed + step))
                done = self._finished_milliseconds + step * min(part, 1)
                all_steps = self._finished_milliseconds + step + remaining
                self._share = max(self._share, done / all_steps)
            return self._share

    @property
    def remaining_steps(self) -> tuple[str, ...]:
        """The steps that follow the current one."""
        return self._remaining

    @property
    def progress(self) -> StepProgress:
        """Progress of the task's current step."""
        with self._lock:
            return StepProgress(self._what, int(self._done), self._total)


class _NoProgressTask(Task):
    """A task without progress that no one can cancel."""

    def start_step(self, number: int, what: str) -> None:
        """Ignore the step: no one shows the progress."""

    def advance(self, number: float = 1) -> None:
        """Ignore the number: no one shows the progress."""

    def cancel(self) -> None:
        """Do nothing: all callers share this object."""


NO_PROGRESS: Task = _NoProgressTask()
"""A Task without progress or cancellation, for callers that need neither."""
