"""The letters that are ready for paper, as they lie on the disk, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.order import Order
from merge.campaign.running import Run
from merge.campaign.survey import Planned
from merge.model import Finished, Place, Problem

_AGAIN = "Run merge letters, then print."


@dataclass(slots=True)
class Ready:
    """Letters that may be printed; `problems` are errors of others that were asked for.

    `on_paper` counts those that are left out because they are on paper already.
    """

    letters: list[Finished] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    on_paper: int = 0


def ready(
    campaign: Campaign,
    names: Sequence[str] = (),
    accepted: Sequence[str] = (),
    *,
    paper: bool = False,
) -> Ready:
    """Exactly one file for every letter that is wanted; an error for each that has not.

    `accepted` are people whose edited letters are taken as they are, though what they are made from
    has changed since. `paper`: those that are on paper, too.
    """
    order = Order(campaign.folder / LETTERS, tuple(names), dry_run=True)
    taken = campaign.chosen(accepted, "--accept") if accepted else None
    found = Ready()
    for planned in Run(campaign, order).plans():
        pair = planned.step.letter.pair
        if planned.step.state == "on-paper" and not paper:
            found.on_paper += 1
            continue
        problems = list(_problems(planned, accepted=taken is not None and taken.has(pair)))
        found.problems += problems
        if not problems:
            found.letters.append(finished(planned))
    return found


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
    elif planned.changed and step.state != "on-paper" and not accepted:
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
