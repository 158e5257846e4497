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
from merge.campaign.errand import Errand, Progress, Stopped
from merge.disk import real_folder
from merge.errors import MergeError, fault_lines
from merge.page.sight import PATIENCE, Sight, check_place, is_folder, see
from merge.page.watching import PAUSE, FolderWatch
from merge.problems import Problem

Work = Callable[[Campaign, Errand], object]
"""What an errand does with the campaign, read anew for it; it returns its result, or None where
there is nothing to be told of it."""


@dataclass(frozen=True)
class Outcome:
    """What an errand came to: its result, or the problems that kept it from one.

    `fault` has the names of functions where a bug of ours ended it: no values.
    """

    name: str
    result: object = None
    problems: tuple[Problem, ...] = ()
    stopped: bool = False
    fault: tuple[str, ...] = ()


_NOT_BEGUN = Progress()
_NOW = -math.inf
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class News:
    """What a page that is open asks again and again; another `version` has something to show."""

    version: int
    errand: str = ""
    progress: Progress = _NOT_BEGUN
    is_stopping: bool = False
    is_near: bool = False
    """Files have changed, or are looked at: there will be another version in a moment."""


class BusyError(Exception):
    """Another errand is at work in this campaign."""


@dataclass
class _Job:
    name: str
    work: Callable[[Errand], object]
    errand: Errand
    finished: threading.Event
    is_quiet: bool = False
    told: Outcome | None = None
    """What it came to, as soon as that was told."""


_Doing = Literal["idle", "looking", "working", "reported", "following", "closing"]


class Desk:
    """A campaign that is open. All methods may be called from any thread.

    What its worker is doing (`_doing`), and what then follows:

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
        self._kept: dict[type, object] = {}
        self.opened: set[str] = set()
        """Paths of letters that were opened from the page: they are looked at more often."""
        self.afterwards: tuple[str, Work] | None = None
        """What is done, by name and work, whenever files have changed and were looked at. An
        earlier outcome stays; what a person can put right is in `sight` already."""
        self._changed = threading.Condition()
        self._version, self._sight = 0, Sight()
        self._job: _Job | None = None
        self._looking: Errand | None = None
        self._is_closing = False
        self._look_at = math.inf
        """When to look, whether files changed or not; `_NOW` for at once."""
        self._is_changing = False
        """Files are changing, and have not come to rest."""
        self._outcome: Outcome | None = None
        self._seen_on = ""
        """The screen that showed the outcome first."""
        self._worker = threading.Thread(target=self._serve, name="desk", daemon=True)
        self._worker.start()

    @property
    def _doing(self) -> _Doing:
        if self._is_closing:
            return "closing"
        if self._job:
            if self._job.is_quiet:
                return "following"
            return "reported" if self._job.told else "working"
        return "looking" if self._looking else "idle"

    def kept(self, kind: type[Kept]) -> Kept:
        """Return what a screen keeps of what it found, by its type; at first it is blank."""
        found = self._kept.setdefault(kind, kind())
        assert isinstance(found, kind)  # noqa: S101 - it is kept by its type
        return found

    def forget(self) -> None:
        """Forget all that screens keep: it may name a person who was taken out."""
        self._kept.clear()

    @property
    def is_there(self) -> bool:
        """Whether its folder is there: else it was renamed, moved or deleted, or a drive is off."""
        return is_folder(self.folder)

    @property
    def sight(self) -> Sight:
        """Return what was seen last; at the beginning, wait for the first look."""
        with self._changed:
            self._changed.wait_for(lambda: self._sight.number or self._is_closing)
            return self._sight

    @property
    def last_sight(self) -> Sight:
        """Return what was seen last, at once; before the first look, nothing."""
        return self._sight

    @property
    def outcome(self) -> Outcome | None:
        """Return what the last errand came to, until it is put away or has gone by itself."""
        return self._outcome

    def outcome_for(self, screen: str) -> Outcome | None:
        """Return the outcome for a screen that shows it.

        It stays on the screen where it was seen first, and goes by itself at the next one; one
        whose result says that it `stays` is only not shown there.
        """
        with self._changed:
            outcome = self._outcome
            self._seen_on = self._seen_on or (screen if outcome else "")
            if outcome is None or outcome.fault or self._seen_on == screen:
                return outcome
            if not getattr(outcome.result, "stays", False):
                self._outcome = None
            return None

    @property
    def news(self) -> News:
        """Return how things are, for a page that is open."""
        with self._changed:
            job, is_near = self._job, self._is_changing or self._looking is not None
            if job is None:
                return News(self._version, is_near=is_near)
            errand = job.errand
            return News(
                version=self._version,
                errand=job.name,
                progress=errand.progress,
                is_stopping=errand.is_stopping,
                is_near=is_near,
            )

    def begin(self, name: str, work: Work, *, wait: float = 0) -> None:
        """Let the worker do something, and wait so many seconds for its end.

        `work` gets the campaign, read anew, and its errand. Raise BusyError where something else
        is at work.
        """
        self.begin_with(name, self._reading(work), wait=wait)

    def begin_with(self, name: str, work: Callable[[Errand], object], *, wait: float = 0) -> None:
        """Do the same with work that reads what it needs by itself."""
        job = _Job(name, work, Errand(lambda result: self._tell_of(job, result)), threading.Event())
        self._give(job)
        job.finished.wait(wait)

    def _reading(self, work: Work) -> Callable[[Errand], object]:
        return lambda errand: work(read_campaign(self.folder), errand)

    def _give(self, job: _Job) -> None:
        """Give work to the worker. Raise BusyError where something else is at work."""
        with self._changed:
            if self._doing in {"following", "reported"} and not job.is_quiet:
                self._stop_all()
                self._changed.wait_for(lambda: not self._job, PATIENCE)
            if self._doing not in {"idle", "looking"}:
                raise BusyError
            self._job = job
            if not job.is_quiet:
                self._outcome = None
            self._tell()
            if self._looking and self._sight.number:  # answers wait for the first look
                self._looking.stop()

    def stop(self) -> None:
        """Ask the errand at work to stop."""
        with self._changed:
            if self._job:
                self._job.errand.stop()
                self._tell()

    def put_away(self) -> None:
        """Put the outcome of the last errand away: it was read."""
        with self._changed:
            self._outcome = None
            self._tell()

    def look_again(self) -> None:
        """Look again, whether files changed or not."""
        with self._changed:
            self._look_at = _NOW
            self._changed.notify_all()

    def check(self) -> None:
        """Raise BusyError where the campaign is being closed, for work that goes on beside it."""
        if self._is_closing:
            raise BusyError

    def close(self) -> None:
        """Stop what is at work, and wait for its end."""
        with self._changed:
            self._is_closing = True
            self._stop_all()
            self._tell()
        self._worker.join()

    def _stop_all(self) -> None:
        """Ask what is at work to stop: a task, a look."""
        for errand in (self._job.errand if self._job else None, self._looking):
            if errand:
                errand.stop()

    def _tell(self) -> None:
        self._version += 1
        self._changed.notify_all()

    # The worker.

    def _serve(self) -> None:
        watch = FolderWatch(self.folder, closely=self.opened)
        self._look()
        while not self._is_closing:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._job or self._is_closing or self._is_time_to_look, PAUSE
                )
                job = self._job
            if self._is_closing and not job:
                break
            if job:
                self._do(job, watch)
            elif self._is_time_to_look or watch.has_news():
                watch.settle()
                if self._look():
                    self._follow_up()
            else:
                self._is_changing = watch.is_changing
        if self._job:  # it was not begun
            self._job.finished.set()

    @property
    def _is_time_to_look(self) -> bool:
        return time.monotonic() >= self._look_at

    def _follow_up(self) -> None:
        if not self.afterwards:
            return
        name, work = self.afterwards
        job = _Job(name, self._reading(work), Errand(), threading.Event(), is_quiet=True)
        with suppress(BusyError):
            self._give(job)

    def _do(self, job: _Job, watch: FolderWatch) -> None:
        """Do the work, tell what it came to, look again; that takes longest, and nobody waits."""
        outcome = _outcome(job, self.folder)
        self._tell_outcome(job, outcome)
        watch.settle()
        if not self._is_closing:
            self._look(outcome)
        with self._changed:
            self._job = None
            if outcome and getattr(outcome.result, "begins_anew", False):
                self._sight = replace(self._sight, met=self._sight.keys)
            self._tell()
        job.finished.set()

    def _tell_of(self, job: _Job, result: object) -> None:
        """Tell what work came to that is still to do what nobody waits for."""
        self._tell_outcome(job, _outcome_of(job, result))

    def _tell_outcome(self, job: _Job, outcome: Outcome | None) -> None:
        """Tell an outcome; what was told of the work before, and is read, comes back with news."""
        with self._changed:
            before, job.told = job.told, outcome
            is_read = before is not None and self._outcome is not before
            if outcome and not (is_read and before == outcome):
                self._outcome, self._seen_on = outcome, self._seen_on if before else ""
            self._tell()

    def _look(self, told: Outcome | None = None) -> bool:
        """Look, and tell what was seen; return False where an errand came between: look later.

        `told` is of work that has just ended: it stays, whatever is seen.
        """
        with self._changed:
            self._looking, self._is_changing = (errand := Errand()), False
            self._look_at = math.inf
        try:
            seen = see(self.folder, errand)
        except Stopped:
            self._look_at = _NOW
            return False
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the program
            self._outcome = Outcome("look", fault=tuple(fault_lines(error)))
            seen = self._sight
        finally:
            self._looking = None
        with self._changed:
            sight = self._sight.followed_by(seen)
            if self._outcome is not told and self._is_mended(sight):
                self._outcome = None
            self._sight = sight
            self._look_at = min(self._look_at, time.monotonic() + sight.look_after)
            self._tell()
        return True

    def _is_mended(self, sight: Sight) -> bool:
        """Return whether an errand was refused, that was seen, and other problems are there now."""
        told = self._outcome
        refused = told and told.problems and told.result is None
        return bool(refused and self._seen_on and self._sight.keys != sight.keys)


def _outcome(job: _Job, folder: Path) -> Outcome | None:
    try:
        check_place(folder)
        result = job.work(job.errand)
    except Stopped:
        return None if job.is_quiet else Outcome(job.name, stopped=True)
    except MergeError as error:
        return None if job.is_quiet else Outcome(job.name, problems=error.problems)
    except Exception as error:  # noqa: BLE001 - a bug of ours must not end the program
        return Outcome(job.name, fault=tuple(fault_lines(error)))
    return _outcome_of(job, result)


def _outcome_of(job: _Job, result: object) -> Outcome | None:
    if result is None:
        return None
    problems = tuple(getattr(result, "problems", ()))
    return Outcome(job.name, result, problems, stopped=getattr(result, "stopped", False))


class Desks:
    """The campaigns that are open, by keys that say nothing of them.

    `remember` is told of each folder that is opened, or opened again.
    """

    def __init__(self, remember: Callable[[Path], object] = lambda _: None) -> None:
        self._lock, self._remember = threading.Lock(), remember
        self._desks: dict[str, Desk] = {}

    def open(self, folder: Path) -> str:
        """Open a campaign folder, if it is not open; return its key."""
        whole = real_folder(folder)
        with suppress(MergeError):  # the list of campaigns is a help, no more
            self._remember(whole)
        with self._lock:
            for key, desk in self._desks.items():
                if desk.folder == whole:
                    return key
            key = secrets.token_hex(4)
            self._desks[key] = Desk(whole)
            return key

    def get(self, key: str) -> Desk | None:
        """Return the campaign of a key; None where there is none."""
        return self._desks.get(key)

    def __iter__(self) -> Iterator[Desk]:
        return iter([*self._desks.values()])

    @property
    def is_busy(self) -> bool:
        """Whether an errand is at work anywhere."""
        return any(desk.news.errand for desk in self)

    def close(self) -> None:
        """Stop what is at work, and wait for its end."""
        for desk in self:
            desk.close()
