"""Lists of problems, sorted by severity and grouped if they occur often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from merge.advice import Hint
from merge.naming import join_first
from merge.problems import Place, Problem, column_letter, shorten


@dataclass(frozen=True, slots=True)
class GroupedProblem:
    """A problem with all its places, sorted.

    The place of the problem itself is the first.
    """

    problem: Problem
    places: tuple[Place, ...]

    @property
    def place_text(self) -> str:
        """The places as short text, with the names of the people in the cells.

        1. One place: `signers.xlsx, Recipients!G3, Minister Li`.
        2. Several: `signers.xlsx, Recipients!G3:G4, G9 (3 cells: Minister Li, Consul Roy and 1
           more)`.
        """
        first = self.places[0]
        if len(self.places) == 1:
            return ", ".join((str(first), *self._people))
        if not first.row:
            return join_first([*map(str, self.places)], 4)
        ranges = _ranges([place.row for place in self.places])
        letter = column_letter(first.column)
        shown = [f"{letter}{a}" if a == b else f"{letter}{a}:{letter}{b}" for a, b in ranges[:4]]
        rest = " and more" if len(ranges) > len(shown) else ""
        names = f": {join_first(self._people, 2)}" if self._people else ""
        cells = f"{', '.join(shown)}{rest} ({len(self.places):,} cells{names})"
        return f"{first.file}, {first.sheet}!{cells}"

    @property
    def _people(self) -> list[str]:
        """The people of the cells, unless a value in the sentence names them.

        People with the same name are shown with their rows.
        """
        names = Counter(place.person for place in self.places if place.person)
        values = [str(value) for _, value in self.problem.fields]
        return [
            f"{shorten(place.person)} (row {place.row})"
            if names[place.person] > 1
            else shorten(place.person)
            for place in self.places
            if place.person and not any(place.person in value for value in values)
        ]


_SEVEREST_WARNINGS = (
    *("template-for-one", "template-says", "proof-template", "template-data"),
    *("answers-unused", "template-unused"),
    *("workbook-copy", "template-copy"),
    *("register-deleted", "register-gone", "register-rows-gone"),
    *("ledger-lost", "id-lost", "name-corrected", "id-changed"),
    *("folder-in-part", "paper-replaced", "paper-recreated", "paper-twice"),
    *("letter-copied", "letter-other-format", "letters-unwanted"),
    *("register-too-early", "register-no-date", "register-typed"),
    *("unpaired-people", "unmatched-people", "hidden-rows", "people-alike"),
    *("condition-holds-for-no", "date-language", "date-english", "text-left-over"),
    *("name-not-a-name", "text-with-tag"),
)
"""Warnings by the harm that they do if they are overlooked, worst first."""
_LEAST_SEVERE_WARNINGS = (
    "letter-unwanted",
    "template-cleaned",
    "column-unused",
)
"""Warnings that are shown in every run and usually need no action."""


def severity_key(problem: Problem) -> tuple[object, ...]:
    """Return a sort key: errors first, then warnings by harm, then by place."""
    severest, mildest, code = _SEVEREST_WARNINGS, _LEAST_SEVERE_WARNINGS, problem.code
    rank = 0
    if problem.level == "warning":
        rank = 1 + (severest.index(code) if code in severest else len(severest))
        rank += 1 + mildest.index(code) if code in mildest else 0
    return rank, problem.place, code, problem.what


def group_problems(problems: Iterable[Problem]) -> list[GroupedProblem]:
    """Return problems sorted by severity, with equal problems in one group.

    Equal problems are in cells of the same column, or in different files.
    """
    groups: dict[tuple[object, ...], dict[Place, Problem]] = {}
    for problem in problems:
        place = problem.place
        column = replace(place, row=0) if place.sheet or place.part else None
        hint = problem.hint.parts if isinstance(problem.hint, Hint) else problem.hint
        key = (problem.level, problem.code, problem.what, hint, column)
        groups.setdefault(key, {}).setdefault(problem.place, problem)
    grouped = [GroupedProblem(group[min(group)], tuple(sorted(group))) for group in groups.values()]
    return sorted(grouped, key=lambda group: severity_key(group.problem))


def _ranges(rows: Sequence[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for row in rows:
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    return ranges
