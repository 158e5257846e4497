"""The letters that are ready for paper, and what stands in the way of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from merge.campaign.campaign import LETTERS_FOLDER, Campaign, LettersOrder
from merge.campaign.orphans import orphan_problems
from merge.campaign.plan import LetterPlan, Plan, finished_letter
from merge.model import ErrorIndex, FinishedLetter, MergeError, Pair, Place, Problem, Step
from merge.proofreading.text import parts
from merge.register.model import STAGES

_AGAIN = "Run merge letters, then print."
_RELEASE_TO_REMAKE = (
    "To make it anew: empty its dates in register.xlsx, in its row and for the whole pile,"
    " run merge letters, then print."
)


class PrintCandidate(NamedTuple):
    """A letter that a pair is to have.

    `letter` is its file, None where there is none to be taken; `problems` say why it must not be
    printed as it is; `reason` is that in a few words. `stages` are those that the register has.
    """

    id: str
    pair: Pair
    letter: FinishedLetter | None
    problems: tuple[Problem, ...]
    reason: str
    stages: AbstractSet[str]

    @property
    def on_paper(self) -> bool:
        """Whether staff wrote down that it was printed, signed, posted or answered."""
        return bool(self.stages)


@dataclass(frozen=True)
class PrintCandidates:
    """Every letter that was asked for, in the order of the workbook.

    `steps` are those of every pair's letter, asked for or not, and `current_ids` all their ids;
    `problems` are what the survey found beside the letters.
    """

    candidates: tuple[PrintCandidate, ...]
    steps: tuple[Step, ...]
    current_ids: set[int]
    problems: tuple[Problem, ...]

    def before(self, stage: str) -> list[PrintCandidate]:
        """Return those that reached neither the stage nor a later one."""
        after = {*STAGES[STAGES.index(stage) :]}
        return [one for one in self.candidates if not after & one.stages]


def find_candidates(
    campaign: Campaign, names: Sequence[str] = (), accepted: Sequence[str] = ()
) -> PrintCandidates:
    """Find exactly one file for every letter that was asked for, or why there is none.

    `accepted` are people whose edited letters are taken as they are, though what they are made from
    has changed since.
    """
    plan = Plan(campaign, LettersOrder(campaign.folder / LETTERS_FOLDER, tuple(names)))
    taken = campaign.chosen(accepted, "--accept") if accepted else None
    errors = ErrorIndex(campaign.findings)
    candidates, steps = list[PrintCandidate](), list[Step]()
    with plan.survey() as survey:
        for planned, chosen in survey.letters():
            steps.append(planned.step)
            if chosen:
                pair = planned.step.letter.pair
                error = errors.problem(pair)
                as_it_is = taken is not None and taken.has(pair)
                problems = (error,) if error else tuple(_problems(planned, accepted=as_it_is))
                candidates.append(_candidate(planned, problems))
        found = (*survey.problems, *orphan_problems(survey.orphans(), survey.root, done=False))
    return PrintCandidates(tuple(candidates), tuple(steps), survey.current_ids, found)


def _candidate(planned: LetterPlan, problems: tuple[Problem, ...]) -> PrintCandidate:
    letter = finished_letter(planned) if planned.place else None
    reason = "; ".join(problem.what.rstrip(".") for problem in problems)
    stages = planned.stages.keys()
    return PrintCandidate(
        planned.known.id, planned.step.letter.pair, letter, problems, reason, stages
    )


def _problems(planned: LetterPlan, *, accepted: bool) -> Iterator[Problem]:
    """Yield why a letter must not be printed, each with how to settle it."""
    on_paper, step = (
        planned.step_if_not_on_paper is not None,
        planned.step_if_not_on_paper or planned.step,
    )
    place = Place(f"{LETTERS_FOLDER}/{step.letter.path}")
    changed = planned.changed and not accepted
    if why := _unreadable(planned):
        yield Problem("print-unreadable", place, why, "Put a whole letter there.")
        return
    for copy in planned.copies:
        what = f"the file {LETTERS_FOLDER}/{copy} says that it is this letter, too."
        yield Problem("print-two-files", place, what, "Delete the one that is not to be sent.")
    if step.state in _REFUSED and not (on_paper and step.state == "rewritten"):
        code, what, hint = _REFUSED[step.state]
        yield Problem(
            code, place, what, _RELEASE_TO_REMAKE if on_paper and hint == _AGAIN else hint
        )
    elif len(planned.elsewhere) > 1 and step.state == "moved":
        files = ", ".join(f"{LETTERS_FOLDER}/{path}" for path in planned.elsewhere)
        what = f"several files say that they are this letter: {files}."
        yield Problem("print-two-files", place, what, "Keep the one that is to be sent.")
    elif changed and (on_paper or step.state != "rewritten"):
        what = f"what it is made from changed since: {', '.join(planned.changed)}."
        name = step.letter.pair.signer.name
        whose, again = _why_kept(planned, step, name)
        hint = f'{again} To print it so: --accept "{name}".'
        yield Problem("print-changed", place, f"{whose}, and {what}", hint)


def _unreadable(planned: LetterPlan) -> str:
    """Return why a file that the program did not make cannot be printed; empty where it can."""
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


def _why_kept(planned: LetterPlan, step: Step, name: str) -> tuple[str, str]:
    """Return why a letter is not brought up to date by itself, and how it is made anew."""
    if planned.step_if_not_on_paper:
        return "it is on paper", _RELEASE_TO_REMAKE
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
