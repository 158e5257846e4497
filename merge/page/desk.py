"""An open campaign as the page knows it: what was seen last, the one worker, what it is at.

Answers read `sight`, a value; only the worker reads or writes the campaign folder, one thing after
another. It looks again by itself when the folder's files have changed.
"""

from __future__ import annotations

import math
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from merge import messages
from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.errand import Errand, Progress, Stopped
from merge.campaign.questions import Question
from merge.campaign.view import View, look
from merge.disk import real_folder, short_path
from merge.errors import MergeError, StorageError, fault_lines, may_pass
from merge.page.watching import PAUSE, FolderWatch
from merge.problems import Place, Problem

_PATIENCE = 5.0
"""Seconds for which the last view stays while a file cannot be read."""

_AGAIN = 0.5
"""Seconds after which it is tried again."""

Work = Callable[[Campaign, Errand], object]
"""What an errand does with the campaign, read anew for it; it returns its result, or None where
there is nothing to be told of it."""


@dataclass(frozen=True)
class Sight:
    """What was seen of a campaign at the last look.

    `view` is None where it cannot be read at all: `problems` say why. `number` grows with each
    look; `met` counts the problems that there are with those settled since the last new one came.
    """

    number: int = 0
    view: View | None = None
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()
    met: int = 0
    held: tuple[Problem, ...] = ()
    """Files that cannot be read at this moment, as while they are saved; the rest is of before."""

    @property
    def settled(self) -> int:
        """Return how many of the problems that were met are there no more."""
        return self.met - len({_same(problem) for problem in self.problems})

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return what stands in the way."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def to_decide(self) -> tuple[Question, ...]:
        """Return what is settled on the screen Decide: not the warnings, which stay with Data."""
        return tuple(one for one in self.questions if "hide" not in one.choices)


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


class Desk:
    """A campaign that is open. All methods may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, object] = {}
        """What screens keep of what they found, by their own names, for as long as the campaign is
        open; all of it goes when a person is taken out."""
        self.opened: set[str] = set()
        """Paths of letters that were opened from the page: they are looked at more often."""
        self.afterwards: tuple[str, Work] | None = None
        """What is done, by name and work, whenever files have changed and were looked at. An
        earlier outcome stays; what a person can put right is in `sight` already."""
        self._changed = threading.Condition()
        self._version, self._sight, self._met = 0, Sight(), set[object]()
        self._job: _Job | None = None
        self._outcome: Outcome | None = None
        self._seen_on = ""
        self._looking: Errand | None = None
        self._is_closing = self._must_look = self._is_changing = False
        self._held_since = self._look_at = math.inf
        self._worker = threading.Thread(target=self._serve, name="desk", daemon=True)
        self._worker.start()

    @property
    def is_there(self) -> bool:
        """Whether its folder is there: else it was renamed, moved or deleted, or a drive is off."""
        return _is_folder(self.folder)

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
            before = self._job
            if before and not job.is_quiet and (before.is_quiet or before.told):
                for errand in (before.errand, self._looking):  # nobody waits for that
                    if errand:
                        errand.stop()
                self._changed.wait_for(lambda: not self._job, _PATIENCE)
            if self._job or self._is_closing:
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
            self._must_look = True
            self._changed.notify_all()

    def check(self) -> None:
        """Raise BusyError where the campaign is being closed, for work that goes on beside it."""
        if self._is_closing:
            raise BusyError

    def close(self) -> None:
        """Stop what is at work, and wait for its end."""
        with self._changed:
            self._is_closing = True
            for errand in (self._job.errand if self._job else None, self._looking):
                if errand:
                    errand.stop()
            self._tell()
        self._worker.join()

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
                    lambda: self._job or self._is_closing or self._must_look, PAUSE
                )
                job, must_look, self._must_look = self._job, self._must_look, False
            if self._is_closing and not job:
                break
            if job:
                self._do(job, watch)
            elif must_look or watch.has_news() or time.monotonic() >= self._look_at:
                watch.settle()
                if self._look():
                    self._follow_up()
                else:
                    self._must_look = True
            else:
                self._is_changing = watch.is_changing
        if self._job:  # it was not begun
            self._job.finished.set()

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
        if not (self._is_closing or self._look(outcome)):
            self._must_look = True
        with self._changed:
            self._job = None
            if outcome and getattr(outcome.result, "begins_anew", False):
                self._met = {_same(problem) for problem in self._sight.problems}
                self._sight = replace(self._sight, met=len(self._met))
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
        """Look, and tell what was seen; return False where an errand came between.

        `told` is of work that has just ended: it stays, whatever is seen.
        """
        with self._changed:
            self._looking, self._is_changing = (errand := Errand()), False
        try:
            sight = self._lasting(_seen(self.folder, errand))
        except Stopped:
            return False
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the program
            self._outcome = Outcome("look", fault=tuple(fault_lines(error)))
            sight = self._sight
        finally:
            self._looking = None
        with self._changed:
            found = {_same(problem) for problem in sight.problems}
            if found - self._met:
                self._met = found  # new ones came: what went with them may not be settled
            if self._outcome is not told and self._is_mended(sight):
                self._outcome = None
            self._sight = replace(sight, number=self._sight.number + 1, met=len(self._met))
            self._tell()
        return True

    def _is_mended(self, sight: Sight) -> bool:
        """Return whether an errand was refused, that was seen, and other problems are there now."""
        told, before = self._outcome, {_same(problem) for problem in self._sight.problems}
        refused = told and told.problems and told.result is None
        return bool(
            refused and self._seen_on and before != {_same(problem) for problem in sight.problems}
        )

    def _lasting(self, sight: Sight) -> Sight:
        """Return what was seen before where a file cannot be read at this moment, for a while."""
        held = tuple(problem for problem in sight.problems if may_pass([problem]))
        now = time.monotonic()
        self._held_since = min(self._held_since, now) if held else math.inf
        if held and self._sight.view and now - self._held_since < _PATIENCE:
            self._look_at = now + _AGAIN
            return replace(self._sight, held=held)
        self._look_at = now + _PATIENCE if held else math.inf
        return sight


def _is_folder(folder: Path) -> bool:
    return os.path.isdir(folder)  # noqa: PTH112 - Path's raises where one may not look


def _same(problem: Problem) -> object:
    """Return what tells a problem from others, from look to look."""
    return problem.code, problem.place


def _seen(folder: Path, errand: Errand) -> Sight:
    try:
        _check_place(folder)
        view = look(read_campaign(folder), errand=errand)
    except MergeError as error:
        return Sight(problems=error.problems)
    return Sight(view=view, problems=view.problems, questions=view.questions)


def _check_place(folder: Path) -> None:
    """Raise StorageError if the folder is gone, or a link has come in its place, or above it."""
    if not _is_folder(folder):
        raise StorageError(messages.problem("folder-gone", Place(short_path(folder))))
    if real_folder(folder) != folder:
        place = Place(short_path(folder))
        raise StorageError(messages.problem("path-outside/campaign", place))


def _outcome(job: _Job, folder: Path) -> Outcome | None:
    try:
        _check_place(folder)
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
