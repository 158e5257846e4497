"""What a face lends to an errand: it is told how far the work is, and may ask for a stop.

Letters, print, proofread, forget and close are errands. What only looks raises `Cancelled` where a
stop was asked for; what changes something brings ledger and register up to date, and returns a
result that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import NamedTuple, TypeVar

_Item = TypeVar("_Item")


class Cancelled(Exception):  # noqa: N818 - it is no error
    """A stop was asked for, and nothing is half done."""


class Progress(NamedTuple):
    """How far a step of an errand is: what is done, how many parts of it, of how many."""

    what: str = ""
    done: int = 0
    total: int = 0


class Task:
    """How far a long piece of work is, step after step, and the wish to stop it.

    The work calls `total`, `done` and `check`, a face `progress` and `stop`, from any thread;
    `stop` from a signal's handler as well. Nothing is shown here. `on_result` gets what the work
    came to where it tells that before its end.
    """

    def __init__(self, on_result: Callable[[object], object] = lambda _: None) -> None:
        self._on_result = on_result
        self._lock = Lock()  # never held by `stop`: a signal may come while it is
        self._what, self._done, self._total = "", 0, 0
        self._is_cancelled = False

    def start_step(self, number: int, what: str) -> None:
        """Begin a step of so many parts."""
        with self._lock:
            self._what, self._done, self._total = what, 0, number

    def advance(self, number: int = 1) -> None:
        """Count parts that are done."""
        with self._lock:
            self._done += number

    def track(self, items: Sequence[_Item], what: str) -> Iterator[_Item]:
        """Yield items, a step of the errand, each counted when it is done.

        Raise Stopped between two where a stop was asked for.
        """
        self.start_step(len(items), what)
        for item in items:
            self.raise_if_cancelled()
            yield item
            self.advance()

    def report_result(self, result: object) -> None:
        """Tell what the work came to: what it still has to do changes nothing of that."""
        self._on_result(result)

    def cancel(self) -> None:
        """Ask for a stop; the work ends within a second."""
        self._is_cancelled = True

    def raise_if_cancelled(self) -> None:
        """Raise Stopped where a stop was asked for."""
        if self._is_cancelled:
            raise Cancelled

    @property
    def is_cancelled(self) -> bool:
        """Return whether a stop was asked for."""
        return self._is_cancelled

    @property
    def progress(self) -> Progress:
        """Return how far the step at hand is."""
        with self._lock:
            return Progress(self._what, self._done, self._total)


class _NoProgressTask(Task):
    """An errand that nobody looks at, and nobody stops."""

    def start_step(self, number: int, what: str) -> None:
        """Do nothing."""

    def advance(self, number: int = 1) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """Do nothing: it is everybody's."""


NO_PROGRESS: Task = _NoProgressTask()
"""For work that nobody watches."""
