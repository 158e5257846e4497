"""Races between programs, round by round, so that a busy minute hits all."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from statistics import median
from time import perf_counter
from typing import Protocol

from contenders import Contender
from people import Letter, letters

from merge.state.letter_folder import LetterFolder

WRITTEN = "ours, filled and safely written"
SAFE = "safe writing of the same bytes"
BARE = "bare writing of the same bytes"

_FEWEST, _MOST, _MAX_FILES = 4, 20_000, 2_500
"""Numbers of letters in one run.

Files are fewer, because all of them stay on the disk until the very end.
"""

_SLICES = 10
"""Turns of those that write within a round.

A disk's speed changes several times a second.
"""


class Runner(Protocol):
    """A program that can be timed for any number of letters."""

    name: str
    on_disk: bool

    def run(self, count: int) -> float:
        """Return the seconds for that many letters."""


@dataclass(frozen=True, slots=True)
class FillingRunner:
    """Timed filling in memory."""

    name: str
    contender: Contender
    on_disk: bool = False

    def run(self, count: int) -> float:
        """Return the seconds for that many letters."""
        data = self.contender.prepare(letters(count))
        with _timed() as seconds:
            for values in data:
                self.contender.fill(values)
        return seconds()


@dataclass(frozen=True, slots=True)
class SelfTimedRunner:
    """A program that times itself."""

    name: str
    run: Callable[[int], float]
    on_disk: bool = False


@dataclass(frozen=True, slots=True)
class WritingRunner:
    """One of three ways of writing, each time into a new folder under `root`."""

    name: str
    contender: Contender
    root: Path
    on_disk: bool = True

    def run(self, count: int) -> float:
        """Return the seconds for that many letters, with new folders for signers."""
        all_letters = letters(count)
        data = self.contender.prepare(all_letters)
        folder = Path(tempfile.mkdtemp(dir=self.root))
        if self.name == WRITTEN:
            return _filled_and_put(self.contender, data, _paths(all_letters), folder)
        filled = [self.contender.fill(values) for values in data]
        if self.name == SAFE:
            return _put(filled, _paths(all_letters), folder)
        return _bare(filled, [letter.path for letter in all_letters], str(folder))


def _paths(all_letters: Sequence[Letter]) -> list[PurePosixPath]:
    return [PurePosixPath(letter.path) for letter in all_letters]


def _filled_and_put(
    contender: Contender, data: Sequence[object], paths: Sequence[PurePosixPath], folder: Path
) -> float:
    with LetterFolder(folder).open() as letter_folder, _timed() as seconds:
        for path, values in zip(paths, data, strict=True):
            letter_folder.create(path, contender.fill(values))
    return seconds()


def _put(filled: Sequence[bytes], paths: Sequence[PurePosixPath], folder: Path) -> float:
    with LetterFolder(folder).open() as letter_folder, _timed() as seconds:
        for path, data in zip(paths, filled, strict=True):
            letter_folder.create(path, data)
    return seconds()


def _bare(filled: Sequence[bytes], paths: Sequence[str], folder: str) -> float:
    """Open, write and close: the limit for every program that writes files."""
    made_folders = set()
    with _timed() as seconds:
        for path, data in zip(paths, filled, strict=True):
            parent = path.partition("/")[0]
            if parent not in made_folders:
                made_folders.add(parent)
                os.mkdir(f"{folder}/{parent}")  # noqa: PTH102 - a Path costs as much as the call
            with open(f"{folder}/{path}", "wb", buffering=0) as file:  # noqa: PTH123
                file.write(data)
    return seconds()


class _timed:  # noqa: N801 - reads as a verb
    """`with _timed() as seconds:`, then `seconds()`.

    Garbage of others is collected before.
    """

    def __enter__(self) -> Callable[[], float]:
        gc.collect()
        self._start = perf_counter()
        return lambda: self._seconds

    def __exit__(self, *_: object) -> None:
        self._seconds = perf_counter() - self._start


@dataclass(slots=True)
class Series:
    """One program's rounds."""

    name: str
    count: int
    on_disk: bool
    seconds: list[float] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """Letters a second, for each round."""
        return [self.count / seconds for seconds in self.seconds]

    @property
    def rate(self) -> float:
        """Letters a second, in the median round."""
        return median(self.rates)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return the ratios round by round."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the rounds' ratios, not the ratio of two medians."""
    return median(ratios(ours, theirs))


def race(runners: Sequence[Runner], rounds: int, seconds: float) -> dict[str, Series]:
    """Run every program once a round, about that many seconds each.

    Another one is first in every round.
    """
    lanes = [(r, Series(r.name, _count(r, seconds), r.on_disk)) for r in runners]
    memory = [[lane] for lane in lanes if not lane[0].on_disk]
    groups = [[lane for lane in lanes if lane[0].on_disk], *memory]
    for number in range(rounds):
        first = number % len(groups)
        for group in groups[first:] + groups[:first]:
            _run_together(group)
    return {series.name: series for _, series in lanes}


def _run_together(group: Sequence[tuple[Runner, Series]]) -> None:
    """Run one round of a program, or of several that take turns."""
    turns = 1 if len(group) == 1 else _SLICES
    spent = [0.0] * len(group)
    for _ in range(turns):
        for lane, (runner, series) in enumerate(group):
            spent[lane] += runner.run(series.count // turns)
    for (_, series), seconds in zip(group, spent, strict=True):
        series.seconds.append(seconds)


def _count(runner: Runner, seconds: float) -> int:
    """Return how many letters take about that long; this also warms up."""
    if runner.on_disk:
        return max(1, int(min(1, seconds) * _MAX_FILES) // _SLICES) * _SLICES
    count, took = _FEWEST, 0.0
    while took < min(0.1, seconds) and count < _MOST:
        count *= 2
        took = runner.run(count)
    return max(_FEWEST, min(_MOST, int(count * seconds / took)))
