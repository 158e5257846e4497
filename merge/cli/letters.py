"""`merge letters`: check, write, say what was done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from merge.campaign.campaign import LETTERS, Campaign, Order, open_campaign
from merge.campaign.plan import AGAIN, Balance
from merge.campaign.run import Run
from merge.cli.steps import as_json, list_done, list_plan
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    STOPPED,
    count,
    exit_code,
    next_step,
    note,
    progress,
    say,
    show_json,
    show_problems,
    stoppable,
)
from merge.model import MergeError, Place, Problem, Step, UsageError

_MANY = 500
"""Letters from which on a progress bar is shown; fewer take less than a blink."""


@dataclass(frozen=True, slots=True)
class Options:
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
    def order(self) -> Order:
        """The same as the campaign takes it."""
        target = self.try_folder or self.folder / LETTERS
        return Order(target, self.names, self.dry_run, self.again, self.new_register)

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
class Made:
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


def make_letters(options: Options) -> int:
    """Run the command; its exit code."""
    run = Made()
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
        _tell(options, run)
    return run.code


def _check_target(options: Options) -> None:
    """A try-out goes anywhere but among the real letters. UsageError where it would."""
    if options.try_folder is None:
        return
    target, folder = options.try_folder.resolve(), options.folder.resolve()
    if target == folder or (folder / LETTERS) in (target, *target.parents):
        what = "a try-out cannot go where the campaign is."
        place = Place(f"--try {options.try_folder}")
        raise UsageError(Problem("try-among-letters", place, what, "Name another folder."))


def _make(campaign: Campaign, options: Options, run: Made) -> None:
    run.planned = sum(1 for _ in campaign.pairs(options.names))
    run.problems += campaign.relevant(options.names)
    run.code = PROBLEMS if run.errors else DONE
    if run.errors and not options.leave_out_faulty:
        return
    if options.again and not options.dry_run and not options.yes:
        _ask(campaign, options)
    many = not options.dry_run and run.planned >= _MANY
    with progress(run.planned, "Letters", shown=many) as advance, stoppable() as stop:
        making = Run(campaign, options.order)
        for step in making:
            run.balance.count(step)
            advance(1)
            if options.lists_all or step.state not in {"new", "unchanged"}:
                run.steps.append(step)
            if stop.asked:
                raise KeyboardInterrupt
        run.problems += making.news
        run.code = PROBLEMS if run.errors else run.code


def _ask(campaign: Campaign, options: Options) -> None:
    """Show what `--again` would replace, and let it be confirmed. Abort where it is not."""
    rehearsal = Run(campaign, replace(options.order, dry_run=True))
    asked = [step for step in rehearsal if step.reason == AGAIN]
    if not asked:
        return
    if options.as_json:
        what, hint = "this would replace letters that were edited.", "Add --yes to allow it."
        raise UsageError(Problem("not-confirmed", Place("--again"), what, hint))
    note(f"{count(len(asked), 'letter')} will be made anew; what was done by hand is set aside:")
    for step in asked:
        note(f"      {options.order.target / step.letter.path}")
    click.confirm("Go on?", abort=True, err=True)


def _tell(options: Options, run: Made) -> None:
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


def _summary(options: Options, run: Made) -> str:
    balance = run.balance
    verb = "to write" if options.dry_run else "written"
    parts = [f"{balance.written:,} {verb}"]
    parts += [f"{balance.unchanged:,} as they were"] if balance.unchanged else []
    parts += [f"{balance.kept:,} kept"] if balance.kept else []
    parts += [f"{balance.skipped:,} left out"] if balance.skipped else []
    return f"{count(balance.planned, 'letter')}: {', '.join(parts)}."


def _closing(options: Options, run: Made) -> str:
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
