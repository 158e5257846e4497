"""What was measured -> the design's figures, each reached or not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from afterwards import Afterwards, Registers
from contenders import DOCXTPL, OURS
from paper import Paper
from program import Errand, Size, Start
from races import SAFE, WRITTEN, Series, ratio, ratios

SMALL, LARGE = (100, 100), (316, 316)
"""The campaigns whose peak memory is compared."""


@dataclass(frozen=True, slots=True)
class Heat:
    """The race on one design: the bytes of one of our letters, each contender's rounds."""

    design: str
    letter_bytes: int
    series: Mapping[str, Series]

    def times(self, ours: str, theirs: str) -> float | None:
        """How many times as fast, the median round; None where either did not run."""
        found = self.all_times(ours, theirs)
        return median(found) if found else None

    def all_times(self, ours: str, theirs: str) -> list[float]:
        """How many times as fast, round by round; empty where either did not run."""
        if ours not in self.series or theirs not in self.series:
            return []
        return ratios(self.series[ours].rates, self.series[theirs].rates)


@dataclass(slots=True)
class Results:
    """Everything one run measured. `skipped` says in a sentence each what could not be."""

    heats: list[Heat] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)
    growth: list[Size] = field(default_factory=list)
    afterwards: list[Afterwards] = field(default_factory=list)
    registers: list[Registers] = field(default_factory=list)
    paper: list[Paper] = field(default_factory=list)
    start: Start | None = None
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the design's table. `measured` is None where this run did not measure it.

    `lowest` is the round that was least kind, where the rounds differ by the disk's mood.
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
        """Whether it is; None where it was not measured."""
        if self.measured is None:
            return None
        return self._meets(self.measured, self.wanted)

    @property
    def verdict(self) -> str:
        """In words."""
        if self.reached is None:
            return "not measured"
        return "reached" if self.reached else "not reached"

    @property
    def remark(self) -> str:
        """Whether the aim is reached too, and the lowest round."""
        found = []
        if self.aim is not None and self.measured is not None:
            word = "reached" if self._meets(self.measured, self.aim) else "not reached"
            found.append(f"aim {self.aim:g} {word}")
        if self.lowest is not None:
            word = "enough" if self._meets(self.lowest, self.wanted) else "too low"
            found.append(f"lowest round {self.lowest:.2f}, {word}")
        return ", ".join(found)

    def _meets(self, number: float, bound: float) -> bool:
        return number >= bound if self.at_least else number <= bound


def figures(results: Results) -> list[Figure]:
    """The design's table, in its order."""
    shipped = results.heats[0]
    errands = results.errands
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
        Figure("the whole command", "x docxtpl's loop", command_times(errands), 25, aim=30),
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
            again_times(errands),
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
        *_paper(results.paper),
    ]


def _afterwards(rounds: Sequence[Afterwards]) -> Iterator[Figure]:
    """What is asked of letters that are made."""
    status, check, times = (
        _median(found)
        for found in (
            [each.status.cpu for each in rounds],
            [each.check.cpu for each in rounds],
            [each.python_docx / each.proofread.cpu for each in rounds],
        )
    )
    yield Figure("merge status, 10,000 letters", "s of a processor", status, 1, at_least=False)
    yield Figure("merge check, 10,000 letters", "s of a processor", check, 1, at_least=False)
    yield Figure("merge proofread, 10,000 letters", "x python-docx's reading", times, 2.5)


def _registers(rounds: Sequence[Registers]) -> Iterator[Figure]:
    """The register's file, beside openpyxl's quickest ways."""
    written = _median([each.written_by_rows / each.written for each in rounds])
    read = _median([each.read_by_rows / each.read for each in rounds])
    yield Figure("a register of 10,000 written", "x openpyxl write-only", written, 1.5)
    yield Figure("a register of 10,000 read", "x openpyxl read-only", read, 1)


def _paper(rounds: Sequence[Paper]) -> Iterator[Figure]:
    """Letters onto paper, beside LibreOffice's seconds for the same letters, the same batches."""
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


def command_times(errands: Sequence[Errand]) -> float | None:
    """The command's letters a second over docxtpl's in the same round; the median round."""
    return median(e.rate / e.docxtpl for e in errands) if errands else None


def again_times(errands: Sequence[Errand]) -> float | None:
    """The first run's seconds over the second's; the median round."""
    return median(e.first.seconds / e.again.seconds for e in errands) if errands else None


def memory_times(growth: Sequence[Size]) -> float | None:
    """The large campaign's peak over the small one's."""
    peaks = {(size.signers, size.recipients): size.run.peak for size in growth}
    return peaks[LARGE] / peaks[SMALL] if LARGE in peaks and SMALL in peaks else None


def linear_times(growth: Sequence[Size]) -> float | None:
    """The seconds for a letter of the large campaign over those of the small one."""
    each = {(size.signers, size.recipients): size.run.seconds / size.letters for size in growth}
    return each[LARGE] / each[SMALL] if LARGE in each and SMALL in each else None


def start_times(start: Start | None) -> float | None:
    """Our seconds over click's, round by round; the median."""
    return ratio(start.help, start.click) if start else None
