"""The letters that are ready for paper, as they lie on the disk, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.order import Order
from merge.campaign.running import Run
from merge.campaign.survey import Planned
from merge.model import Faulty, Finished, MergeError, Pair, Place, Problem, Step
from merge.proofreading.text import parts
from merge.register.model import STAGES

_AGAIN = "Run merge letters, then print."
_FREE_IT = (
    "To make it anew: empty its dates in register.xlsx, in its row and for the whole pile,"
    " run merge letters, then print."
)


class Wish(NamedTuple):
    """A letter that a pair is to have.

    `letter` is its file, None where there is none to be taken; `problems` say why it must not be
    printed as it is; `reason` is that in a few words. `stages` are those that the register has.
    """

    id: str
    pair: Pair
    letter: Finished | None
    problems: tuple[Problem, ...]
    reason: str
    stages: AbstractSet[str]

    @property
    def on_paper(self) -> bool:
        """Whether staff wrote down that it was printed, signed, posted or answered."""
        return bool(self.stages)


@dataclass(frozen=True)
class Ready:
    """Every letter that was asked for, in the order of the workbook. `run` knows the register."""

    wishes: tuple[Wish, ...]
    run: Run

    def before(self, stage: str) -> list[Wish]:
        """Those that reached neither the stage nor a later one."""
        after = {*STAGES[STAGES.index(stage) :]}
        return [wish for wish in self.wishes if not after & wish.stages]


def ready(campaign: Campaign, names: Sequence[str] = (), accepted: Sequence[str] = ()) -> Ready:
    """Look for exactly one file for every letter that is wanted.

    `accepted` are people whose edited letters are taken as they are, though what they are made from
    has changed since.
    """
    run = Run(campaign, Order(campaign.folder / LETTERS, tuple(names), dry_run=True))
    taken = campaign.chosen(accepted, "--accept") if accepted else None
    errors = Faulty(campaign.findings)
    wishes = []
    for planned in run.plans():
        pair = planned.step.letter.pair
        error = errors.problem(pair)
        accepted_too = taken is not None and taken.has(pair)
        problems = (error,) if error else tuple(_problems(planned, accepted=accepted_too))
        wishes.append(_wish(planned, problems))
    return Ready(tuple(wishes), run)


def _wish(planned: Planned, problems: tuple[Problem, ...]) -> Wish:
    letter = finished(planned) if planned.place else None
    reason = "; ".join(problem.what.rstrip(".") for problem in problems)
    stages = planned.stages.keys()
    return Wish(planned.known.id, planned.step.letter.pair, letter, problems, reason, stages)


def finished(planned: Planned) -> Finished:
    """The letter as it lies on the disk."""
    letter, content = planned.step.letter, planned.known.content
    path, edited = Path(planned.place), content == "edited"
    made, inputs = content in {"made", "older"}, b"" if planned.stages else planned.inputs
    return Finished(letter.id, letter.pair, path, edited, made, inputs)


def _problems(planned: Planned, *, accepted: bool) -> Iterator[Problem]:
    """Why a letter must not be printed, each with how to settle it."""
    on_paper, step = planned.off_paper is not None, planned.off_paper or planned.step
    place = Place(f"{LETTERS}/{step.letter.path}")
    changed = planned.changed and not accepted
    if why := _unreadable(planned):
        yield Problem("print-unreadable", place, why, "Put a whole letter there.")
        return
    for copy in planned.copies:
        what = f"the file {LETTERS}/{copy} says that it is this letter, too."
        yield Problem("print-two-files", place, what, "Delete the one that is not to be sent.")
    if step.state in _REFUSED and not (on_paper and step.state == "rewritten"):
        code, what, hint = _REFUSED[step.state]
        yield Problem(code, place, what, _FREE_IT if on_paper and hint == _AGAIN else hint)
    elif len(planned.elsewhere) > 1 and step.state == "moved":
        files = ", ".join(f"{LETTERS}/{path}" for path in planned.elsewhere)
        what = f"several files say that they are this letter: {files}."
        yield Problem("print-two-files", place, what, "Keep the one that is to be sent.")
    elif changed and (on_paper or step.state != "rewritten"):
        what = f"what it is made from changed since: {', '.join(planned.changed)}."
        name = step.letter.pair.signer.name
        whose, again = _touched(planned, step, name)
        hint = f'{again} To print it so: --accept "{name}".'
        yield Problem("print-changed", place, f"{whose}, and {what}", hint)


def _unreadable(planned: Planned) -> str:
    """Why a file that the program did not make cannot be printed; empty where it can."""
    path = Path(planned.place)
    if not planned.place or planned.known.content in {"made", "older", "shut"}:
        return ""
    try:
        found = parts(path.read_bytes(), path.name)
    except MergeError:
        return "this is no Word document, or it is damaged."
    except OSError as error:
        return f"it cannot be read ({error.strerror})."
    return "" if found else "there is no text in it."


def _touched(planned: Planned, step: Step, name: str) -> tuple[str, str]:
    """Why a letter is not brought up to date by itself, and how it can be made anew."""
    if planned.off_paper:
        return "it is on paper", _FREE_IT
    if step.state == "moved":
        return "it was moved or renamed", "To make it anew: delete it, run merge letters."
    whose = "another program saved it" if planned.known.content == "resaved" else "it was edited"
    return whose, f'To make it anew: merge letters --again "{name}".'


_REFUSED = {
    "new": ("print-missing", "this letter is not there yet.", _AGAIN),
    "rewritten": (
        "print-outdated",
        "the workbook or the template changed since it was made.",
        _AGAIN,
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
