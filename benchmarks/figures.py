"""The measurements as the design's figures, each reached or not.

This module has no side effects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from contenders import DOCXTPL, OURS
from existing_letters import ExistingLettersRound, RegisterRound
from print_command import PrintRound
from program import CommandRound, SizeRound, StartTimes
from races import SAFE, WRITTEN, Series, ratio, ratios

SMALL, LARGE = (100, 100), (316, 316)
"""The campaigns whose peak memory is compared."""


@dataclass(frozen=True, slots=True)
class DesignRace:
    """The race of all programs on one design.

    `letter_bytes` is the size of one letter of this program.
    """

    design: str
    letter_bytes: int
    series: Mapping[str, Series]

    def times(self, ours: str, theirs: str) -> float | None:
        """Return the speed ratio of the median round, or None if one did not run."""
        all_times = self.all_times(ours, theirs)
        return median(all_times) if all_times else None

    def all_times(self, ours: str, theirs: str) -> list[float]:
        """Return the speed ratio of each round; empty if one did not run."""
        if ours not in self.series or theirs not in self.series:
            return []
        return ratios(self.series[ours].rates, self.series[theirs].rates)


@dataclass(slots=True)
class Results:
    """All measurements of one run.

    `skipped` has a sentence for each that was not possible.
    """

    designs_raced: list[DesignRace] = field(default_factory=list)
    command_rounds: list[CommandRound] = field(default_factory=list)
    growth: list[SizeRound] = field(default_factory=list)
    afterwards: list[ExistingLettersRound] = field(default_factory=list)
    registers: list[RegisterRound] = field(default_factory=list)
    paper: list[PrintRound] = field(default_factory=list)
    start: StartTimes | None = None
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the design's table.

    `measured` is None if this run did not measure it. `lowest` is the worst round, if rounds differ
    by the speed of the disk.
    """

    what: str
    unit: str
    measured: float | None
    wanted: float
    at_least: bool = True
    aim: float | None = None
    lowest: float | None = None

    @property
    def reached(self) -> bool | None:
        """True if the limit is reached, None if it was not measured."""
        if self.measured is None:
            return None
        return self._meets(self.measured, self.wanted)

    @property
    def verdict(self) -> str:
        """The result in words."""
        if self.reached is None:
            return "not measured"
        return "reached" if self.reached else "not reached"

    @property
    def remark(self) -> str:
        """The result for the aim, and the lowest round."""
        remarks = []
        if self.aim is not None and self.measured is not None:
            word = "reached" if self._meets(self.measured, self.aim) else "not reached"
            remarks.append(f"aim {self.aim:g} {word}")
        if self.lowest is not None:
            word = "enough" if self._meets(self.lowest, self.wanted) else "too low"
            remarks.append(f"lowest round {self.lowest:.2f}, {word}")
        return ", ".join(remarks)

    def _meets(self, number: float, bound: float) -> bool:
        return number >= bound if self.at_least else number <= bound


def figures(results: Results) -> list[Figure]:
    """Return the design's table in its order."""
    shipped = results.designs_raced[0]
    command_rounds = results.command_rounds
    return [
        Figure("filling, shipped template", "x docxtpl", shipped.times(OURS, DOCXTPL), 150),
        Figure(
            "filled and safely written",
            "of safe writing",
            shipped.times(WRITTEN, SAFE),
            0.55,
            aim=0.75,
            lowest=min(shipped.all_times(WRITTEN, SAFE)),
        ),
        Figure("the whole command", "x docxtpl's loop", command_times(command_rounds), 25, aim=30),
        Figure(
            f"memory, {LARGE[0]} x {LARGE[1]} people",
            f"x the peak of {SMALL[0]} x {SMALL[1]}",
            memory_times(results.growth),
            1.5,
            at_least=False,
        ),
        Figure("merge --help", "x import click", start_times(results.start), 3, at_least=False),
        Figure(
            "a second run, nothing changed",
            "x as fast as the first",
            second_run_times(command_rounds),
            5,
        ),
        Figure(
            f"a letter of {LARGE[0]} x {LARGE[1]} people",
            f"x the time of one of {SMALL[0]} x {SMALL[1]}",
            linear_times(results.growth),
            1.2,
            at_least=False,
        ),
        *_afterwards(results.afterwards),
        *_registers(results.registers),
        *_printing(results.paper),
    ]


def _afterwards(rounds: Sequence[ExistingLettersRound]) -> Iterator[Figure]:
    """Yield the figures of commands on existing letters."""
    status, check, times = (
        _median(values)
        for values in (
            [measured.status.cpu for measured in rounds],
            [measured.check.cpu for measured in rounds],
            [measured.python_docx / measured.proofread.cpu for measured in rounds],
        )
    )
    yield Figure("merge status, 10,000 letters", "s of a processor", status, 1, at_least=False)
    yield Figure("merge check, 10,000 letters", "s of a processor", check, 1, at_least=False)
    yield Figure("merge proofread, 10,000 letters", "x python-docx's reading", times, 2.5)


def _registers(rounds: Sequence[RegisterRound]) -> Iterator[Figure]:
    """Yield the register's figures, compared with openpyxl's quickest ways."""
    written = _median([measured.written_by_rows / measured.written for measured in rounds])
    read = _median([measured.read_by_rows / measured.read for measured in rounds])
    yield Figure("a register of 10,000 written", "x openpyxl write-only", written, 1.5)
    yield Figure("a register of 10,000 read", "x openpyxl read-only", read, 1)


def _printing(rounds: Sequence[PrintRound]) -> Iterator[Figure]:
    """Yield printing's figures, compared with LibreOffice on the same letters."""
    for words, times in (
        ("merge print --pdf, 1,000", [r.first.seconds / r.libreoffice for r in rounds]),
        ("the same, without covers", [r.uncovered.seconds / r.libreoffice for r in rounds]),
    ):
        yield Figure(words, "x LibreOffice, letters", _median(times), 1.5, at_least=False)
    times = [r.first.seconds / r.on_batches for r in rounds]
    yield Figure(
        "the same, covers on both sides",
        "x LibreOffice, batches",
        _median(times),
        1.5,
        at_least=False,
    )


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def command_times(command_rounds: Sequence[CommandRound]) -> float | None:
    """Return the median ratio of the command's letters a second to docxtpl's."""
    return median(e.rate / e.docxtpl for e in command_rounds) if command_rounds else None


def second_run_times(command_rounds: Sequence[CommandRound]) -> float | None:
    """Return the median ratio of the first run's seconds to the second's."""
    return (
        median(e.first.seconds / e.again.seconds for e in command_rounds)
        if command_rounds
        else None
    )


def memory_times(growth: Sequence[SizeRound]) -> float | None:
    """Return the large campaign's peak memory over the small one's."""
    peaks = {(size.signers, size.recipients): size.run.peak for size in growth}
    return peaks[LARGE] / peaks[SMALL] if LARGE in peaks and SMALL in peaks else None


def linear_times(growth: Sequence[SizeRound]) -> float | None:
    """Return a letter's seconds in the large campaign over the small one."""
    seconds_per_letter = {
        (size.signers, size.recipients): size.run.seconds / size.letters for size in growth
    }
    return (
        seconds_per_letter[LARGE] / seconds_per_letter[SMALL]
        if LARGE in seconds_per_letter and SMALL in seconds_per_letter
        else None
    )


def start_times(start: StartTimes | None) -> float | None:
    """Return the median ratio of the program's start to click's."""
    return ratio(start.help, start.click) if start else None
