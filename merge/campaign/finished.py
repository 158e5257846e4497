"""The letters that are ready for paper, as they lie on the disk, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.order import Order
from merge.campaign.running import Run
from merge.campaign.survey import Planned
from merge.model import Finished, Pair, Place, Problem

_AGAIN = "Run merge letters, then print."


class Wish(NamedTuple):
    """A letter that a pair is to have.

    `letter` is its file, None where there is none to be taken; `problems` say why it must not be
    printed as it is; `reason` is that in a few words.
    """

    id: str
    pair: Pair
    letter: Finished | None
    problems: tuple[Problem, ...]
    reason: str
    on_paper: bool


@dataclass(frozen=True)
class Ready:
    """Every letter that was asked for, in the order of the workbook. `run` knows the register."""

    wishes: tuple[Wish, ...]
    run: Run

    @cached_property
    def letters(self) -> list[Finished]:
        """Those that may be printed: exactly one file each, on no paper yet."""
        wishes = (w for w in self.wishes if not w.problems and not w.on_paper)
        return [wish.letter for wish in wishes if wish.letter]

    @cached_property
    def on_paper(self) -> list[Finished]:
        """Those that are on paper already."""
        return [wish.letter for wish in self.wishes if wish.on_paper and wish.letter]

    @cached_property
    def problems(self) -> list[Problem]:
        """Why the others must not be printed as they are."""
        return [problem for wish in self.wishes for problem in wish.problems]


def ready(campaign: Campaign, names: Sequence[str] = (), accepted: Sequence[str] = ()) -> Ready:
    """Look for exactly one file for every letter that is wanted.

    `accepted` are people whose edited letters are taken as they are, though what they are made from
    has changed since.
    """
    run = Run(campaign, Order(campaign.folder / LETTERS, tuple(names), dry_run=True))
    taken = campaign.chosen(accepted, "--accept") if accepted else None
    wishes = [
        _wish(planned, accepted=taken is not None and taken.has(planned.step.letter.pair))
        for planned in run.plans()
    ]
    return Ready(tuple(wishes), run)


def _wish(planned: Planned, *, accepted: bool) -> Wish:
    step = planned.step
    on_paper = step.state == "on-paper"
    letter = finished(planned) if planned.place else None
    problems = () if on_paper else tuple(_problems(planned, accepted=accepted))
    reason = "; ".join(problem.what.rstrip(".") for problem in problems)
    return Wish(planned.known.id, step.letter.pair, letter, problems, reason, on_paper)


def finished(planned: Planned) -> Finished:
    """The letter as it lies on the disk."""
    letter = planned.step.letter
    edited = planned.known.content == "edited"
    return Finished(letter.id, letter.pair, Path(planned.place), edited)


def _problems(planned: Planned, *, accepted: bool) -> Iterator[Problem]:
    """Why a letter must not be printed, each with how to settle it."""
    step = planned.step
    place = Place(f"{LETTERS}/{step.letter.path}")
    for copy in planned.copies:
        what = f"the file {LETTERS}/{copy} says that it is this letter, too."
        yield Problem("print-two-files", place, what, "Delete the one that is not to be sent.")
    if step.state in _REFUSED:
        code, what, hint = _REFUSED[step.state]
        yield Problem(code, place, what, hint)
    elif len(planned.elsewhere) > 1 and step.state == "moved":
        files = ", ".join(f"{LETTERS}/{path}" for path in planned.elsewhere)
        what = f"several files say that they are this letter: {files}."
        yield Problem("print-two-files", place, what, "Keep the one that is to be sent.")
    elif planned.changed and not accepted:
        what = (
            f"it was edited, and what it is made from changed since: {', '.join(planned.changed)}."
        )
        name = step.letter.pair.signer.name
        hint = f'To make it anew: merge letters --again NAME. To print it so: --accept "{name}".'
        yield Problem("print-changed", place, what, hint)


_REFUSED = {
    "new": ("print-missing", "this letter is not there yet.", _AGAIN),
    "rewritten": (
        "print-outdated",
        "the workbook or the template changed since it was made.",
        _AGAIN,
    ),
    "faulty": (
        "print-missing",
        "this letter has an error.",
        "Put it right: merge check tells what.",
    ),
    "foreign": (
        "print-foreign",
        "another file is in the place of this letter.",
        "Move it, run merge letters, then print.",
    ),
    "in-use": (
        "print-open",
        "it is open in a program, or cannot be read.",
        "Save and close it, then print.",
    ),
}
"""States of letters that cannot be printed: the code, what, what to do."""
