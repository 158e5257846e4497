"""The same problem in many cells, told once with a range and a count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from merge.model import Place, Problem, column_letter


@dataclass(frozen=True, slots=True)
class Gathered:
    """A problem and all its places, sorted; the problem's own place is the first."""

    problem: Problem
    places: tuple[Place, ...]

    @property
    def where(self) -> str:
        """The places in few words: `signers.xlsx, Recipients!G3:G4 and G9 (3 cells)`."""
        first = self.places[0]
        if len(self.places) == 1 or not first.row:
            return str(first)
        ranges = _ranges([place.row for place in self.places])
        letter = column_letter(first.column)
        shown = [f"{letter}{a}" if a == b else f"{letter}{a}:{letter}{b}" for a, b in ranges[:4]]
        more = " and more" if len(ranges) > len(shown) else ""
        cells = f"{', '.join(shown)}{more} ({len(self.places):,} cells)"
        return f"{first.file}, {first.sheet}!{cells}"


def gathered(problems: Iterable[Problem]) -> list[Gathered]:
    """Problems sorted by place, errors and warnings alike; equal ones of a column as one."""
    groups: dict[tuple[object, ...], dict[Place, Problem]] = {}
    for problem in problems:
        groups.setdefault(_kin(problem), {}).setdefault(problem.place, problem)
    found = [Gathered(group[min(group)], tuple(sorted(group))) for group in groups.values()]
    return sorted(found, key=lambda one: one.problem.place)


def _kin(problem: Problem) -> tuple[object, ...]:
    """What equal problems of one column share."""
    return (problem.level, problem.code, problem.what, problem.hint, replace(problem.place, row=0))


def _ranges(rows: Sequence[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for row in rows:
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    return ranges
