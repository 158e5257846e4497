"""`merge letters`: check, write, say what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from merge.campaign.campaign import LETTERS_FOLDER, Campaign, LettersOrder, open_campaign
from merge.campaign.plan import AGAIN, SEVERAL, Balance, Plan
from merge.campaign.run import write_letters
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    STOPPED,
    count,
    exit_code,
    next_step,
    note,
    problems_json,
    progress,
    say,
    show_json,
    show_problems,
    stoppable,
)
from merge.model import MergeError, Place, Problem, State, Step, UsageError

_MANY = 500
"""Letters from which on a progress bar is shown; fewer take less than a blink."""


@dataclass(frozen=True, slots=True)
class LettersArguments:
    """What `merge letters` was asked for."""

    folder: Path
    workbook: Path | None
    names: tuple[str, ...]
    try_folder: Path | None
    template: Path | None
    as_json: bool
    dry_run: bool
    leave_out_faulty: bool
    again: tuple[str, ...] = ()
    yes: bool = False
    new_register: bool = False

    @property
    def order(self) -> LettersOrder:
        """The same as the campaign takes it."""
        target = self.try_folder or self.folder / LETTERS_FOLDER
        return LettersOrder(target, self.names, self.again, self.new_register)

    @property
    def next(self) -> str:
        """The command that makes the same letters, to be typed next."""
        options = [*_words("--workbook", self.workbook), *_words("--try", self.try_folder)]
        options += _words("--template", self.template)
        names = [word for name in self.names for word in ("--for", name)]
        names += [word for name in self.again for word in ("--again", name)]
        return next_step("letters", self.folder, *names, *options)

    @property
    def lists_all(self) -> bool:
        """Whether every single letter is told."""
        return self.as_json or self.dry_run


def _words(option: str, value: Path | None) -> list[str]:
    return [option, str(value)] if value else []


@dataclass
class LettersReport:
    """What happened so far. `planned` is known before the first letter."""

    planned: int = 0
    balance: Balance = field(default_factory=Balance)
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    code: int = DONE

    @property
    def errors(self) -> list[Problem]:
        """The problems that stand in the way."""
        return [problem for problem in self.problems if problem.level == "error"]


def make_letters(options: LettersArguments) -> int:
    """Run the command; its exit code."""
    run = LettersReport()
    try:
        _check_target(options)
        campaign = open_campaign(
            options.folder, workbook=options.workbook, template=options.template
        )
        _make(campaign, options, run)
    except MergeError as error:
        run.problems += error.problems
        run.code = exit_code(error)
    except KeyboardInterrupt:
        run.code = STOPPED
    run.balance.skipped += run.planned - run.balance.planned
    if options.as_json:
        show_json(as_json(run.balance, run.problems, run.steps))
    else:
        _show_report(options, run)
    return run.code


def _check_target(options: LettersArguments) -> None:
    """A try-out goes anywhere but among the real letters. UsageError where it would."""
    if options.try_folder is None:
        return
    target, folder = options.try_folder.resolve(), options.folder.resolve()
    if target == folder or (folder / LETTERS_FOLDER) in (target, *target.parents):
        what = "a try-out cannot go where the campaign is."
        place = Place(f"--try {options.try_folder}")
        raise UsageError(Problem("try-among-letters", place, what, "Name another folder."))


def _make(campaign: Campaign, options: LettersArguments, run: LettersReport) -> None:
    run.planned = sum(1 for _ in campaign.pairs(options.names))
    run.problems += campaign.relevant_problems(options.names)
    run.code = PROBLEMS if run.errors else DONE
    if run.errors and not options.leave_out_faulty:
        return
    if options.again and not options.dry_run and not options.yes:
        _confirm_remake(campaign, options)
    many = not options.dry_run and run.planned >= _MANY
    plan = Plan(campaign, options.order)
    with progress(run.planned, "Letters", shown=many) as advance, stoppable() as stop:

        def count_step(step: Step) -> None:
            run.balance.count(step)
            advance(1)
            if options.lists_all or step.state not in {"new", "unchanged"}:
                run.steps.append(step)
            if stop.asked:
                raise KeyboardInterrupt

        if options.dry_run:
            with plan.survey() as survey:
                for planned in survey.chosen():
                    count_step(planned.step)
            run.problems += survey.problems
        else:
            run.problems += write_letters(plan, count_step)
        run.code = PROBLEMS if run.errors else run.code


def _confirm_remake(campaign: Campaign, options: LettersArguments) -> None:
    """Show what `--again` would replace, and let it be confirmed. Abort where it is not."""
    with Plan(campaign, options.order).survey() as survey:
        asked = [planned.step for planned in survey.chosen() if planned.step.reason == AGAIN]
    if not asked:
        return
    if options.as_json:
        what, hint = "this would replace letters that were edited.", "Add --yes to allow it."
        raise UsageError(Problem("not-confirmed", Place("--again"), what, hint))
    note(f"{count(len(asked), 'letter')} will be made anew; what was done by hand is set aside:")
    for step in asked:
        note(f"      {options.order.target / step.letter.path}")
    click.confirm("Go on?", abort=True, err=True)


def _show_report(options: LettersArguments, run: LettersReport) -> None:
    show_problems(run.problems)
    target = options.order.target
    if options.dry_run:
        list_plan(run.steps, target)
    for step in run.steps:
        if step.state == "faulty" and options.leave_out_faulty:
            note(f"left out: {target / step.letter.path}")
    if not options.dry_run:
        list_done(run.steps, target)
    say(_summary(options, run))
    say(_closing(options, run))


def _summary(options: LettersArguments, run: LettersReport) -> str:
    balance = run.balance
    verb = "to write" if options.dry_run else "written"
    parts = [f"{balance.written:,} {verb}"]
    parts += [f"{balance.unchanged:,} as they were"] if balance.unchanged else []
    parts += [f"{balance.kept:,} kept"] if balance.kept else []
    parts += [f"{balance.skipped:,} left out"] if balance.skipped else []
    return f"{count(balance.planned, 'letter')}: {', '.join(parts)}."


def _closing(options: LettersArguments, run: LettersReport) -> str:
    """The last line: what to do next."""
    again = options.next
    if run.code == STOPPED:
        return f"Stopped by you. The letters that are there are whole. To go on: {again}"
    if run.errors:
        done = f"{count(len(run.errors), 'error')}, {run.balance.written:,} written"
        return f"{done}. Put right what is named above, then: {again}"
    if options.dry_run:
        return f"Nothing was written. To write them: {again}"
    if options.try_folder:
        return f"Next: look at them in {options.try_folder}. Your letters were not touched."
    proofread = next_step("proofread", options.folder)
    return f"Next: open {options.order.target}, touch them up in Word, then: {proofread}"


# What `merge letters` says of its steps.


_FEW = 10
"""Files of one kind that are named one by one."""

_QUIET: set[State] = {"new", "unchanged", "faulty"}
_WORDS: dict[State, str] = {
    "new": "write",
    "rewritten": "write anew",
    "unchanged": "same as now",
}
_ADVICE: tuple[tuple[set[State], str], ...] = (
    (
        {"edited", "edited-changed", "resaved"},
        "To make an edited letter anew: merge letters --again NAME. The old one is set aside.",
    ),
    ({"foreign"}, "Where another file has a letter's place: move that file, then run again."),
    ({"in-use"}, "Close what is open, then run again."),
)


def as_json(balance: Balance, problems: Iterable[Problem], steps: Iterable[Step]) -> dict[str, Any]:
    """The whole result as one object."""
    return {
        "planned": balance.planned,
        "written": balance.written,
        "unchanged": balance.unchanged,
        "kept": balance.kept,
        "skipped": balance.skipped,
        "problems": problems_json(problems),
        "letters": [_letter_json(step) for step in steps],
    }


def _letter_json(step: Step) -> dict[str, str]:
    letter = step.letter
    return {
        "id": letter.id,
        "signer": letter.pair.signer.label,
        "recipient": letter.pair.recipient.label,
        "path": f"{LETTERS_FOLDER}/{letter.path}",
        "state": step.state,
        "reason": step.reason,
    }


def list_plan(steps: Iterable[Step], target: Path) -> None:
    """What will happen to each letter."""
    for step in steps:
        if step.state != "faulty":
            reason = f" ({step.reason})" if step.reason else ""
            say(f"{_WORDS.get(step.state, 'keep'):<12} {target / step.letter.path}{reason}")


def list_done(steps: Sequence[Step], target: Path) -> None:
    """What was written anew and what was kept, by the reason; a few of each by name."""
    told = [step for step in steps if step.state not in _QUIET]
    anew = [step for step in told if step.state == "rewritten"]
    kept = [step for step in told if step.state != "rewritten"]
    _list("written anew", anew, target)
    _list("kept", kept, target)
    for states, advice in _ADVICE:
        if any(step.state in states for step in kept):
            note(advice)
    if any(step.reason.startswith(SEVERAL) for step in kept):
        note("Of several files that are one letter, delete those that are not to be sent.")


def _list(word: str, steps: Sequence[Step], target: Path) -> None:
    for reason in dict.fromkeys(step.reason for step in steps):
        own = [step for step in steps if step.reason == reason]
        note(f"{word}: {count(len(own), 'letter')}, {reason}:")
        for step in own[:_FEW]:
            note(f"      {target / step.letter.path}")
        if len(own) > _FEW:
            note(f"      and {len(own) - _FEW:,} more")
