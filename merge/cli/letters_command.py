"""`merge letters`: check, write, say what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from merge import messages
from merge.advice import Advice, Decide
from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.decisions import Balance
from merge.campaign.errand import Stopped
from merge.campaign.letters_order import LettersOrder
from merge.campaign.plan import Plan
from merge.campaign.run import write_letters
from merge.campaign.snapshot import inputs_of, keep_snapshot
from merge.campaign.view import look
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    STOPPED,
    USAGE,
    errors_among,
    exit_code,
    list_few,
    next_step,
    note,
    problems_json,
    say,
    show_json,
    show_problems,
    stoppable,
    typed_path,
    worded,
)
from merge.disk import real_folder
from merge.errors import MergeError, UsageError
from merge.letter_status import SPOKEN, WRITTEN_STATES, Decision, Reason, State, Step, Why
from merge.messages.printing import RELEASE, RESTORE
from merge.messages.wording import filled
from merge.naming import counted
from merge.problems import Place, Problem, option_place
from merge.product import LETTERS_FOLDER
from merge.state.identity import Answers


@dataclass(frozen=True, slots=True)
class LettersCommand:
    """The command, with the options that it has of its own."""

    options: CampaignOptions
    try_folder: Path | None
    template: Path | None
    skip_errors: bool
    again: tuple[str, ...]
    keep: tuple[str, ...]
    new_register: bool
    trust_register: bool
    same_person: tuple[str, ...]
    other_person: tuple[str, ...]

    @property
    def order(self) -> LettersOrder:
        """Return the same as the campaign takes it."""
        return LettersOrder(
            target=self.try_folder or self.options.folder / LETTERS_FOLDER,
            names=self.options.names,
            again=self.again,
            new_register=self.new_register,
            trust_register=self.trust_register,
            keep=self.keep,
        )

    @property
    def next(self) -> str:
        """Return the command that makes the same letters, to be typed next."""
        words = self.options.typed_names
        for option, names in (
            ("--replace", self.again),
            ("--keep", self.keep),
            ("--same-person", self.same_person),
            ("--other-person", self.other_person),
        ):
            words += [word for name in names for word in (option, name)]
        paths = {"--try": self.try_folder, "--template": self.template}
        words += [word for name, path in paths.items() if path for word in (name, str(path))]
        return next_step("letters", self.options.folder, *words)

    @property
    def goes_by_files_alone(self) -> bool:
        """Return whether it made all letters of the campaign, by no other words than its files."""
        common = self.options
        others = (common.workbook, common.names, self.try_folder, common.dry_run)
        return not any((*others, self.again, self.keep, self.same_person, self.other_person))

    @property
    def lists_all(self) -> bool:
        """Return whether every single letter is reported."""
        return self.options.as_json or self.options.dry_run


@dataclass
class LettersReport:
    """All that happened so far. `planned` is known before the first letter."""

    planned: int = 0
    balance: Balance = field(default_factory=Balance)
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    code: int = DONE

    @property
    def had_nothing_to_tell(self) -> bool:
        """Return whether all is as it should be: no problem, and every letter as planned."""
        whole = self.balance.written + self.balance.unchanged == self.planned > 0
        return whole and self.code == DONE and not self.problems

    @property
    def errors(self) -> list[Problem]:
        """Return the problems that stand in the way."""
        return errors_among(self.problems)


def make_letters(command: LettersCommand) -> int:
    """Run the command and return its exit code."""
    run = LettersReport()
    try:
        _check_target(command)
        inputs = inputs_of(command.options.folder)
        campaign = read_campaign(
            command.options.folder,
            workbook=command.options.workbook,
            template=command.template,
            answers=Answers(
                same=command.same_person,
                trust_register=command.trust_register,
                other=command.other_person,
            ),
        )
        campaign.chosen(command.same_person, "same_person")
        campaign.chosen(command.other_person, "other_person")
        _make(campaign, command, run)
        if inputs is not None and command.goes_by_files_alone and run.had_nothing_to_tell:
            keep_snapshot(command.options.folder, inputs, run.planned)
    except MergeError as error:
        run.problems += error.problems
        run.code = exit_code(error)
    except (KeyboardInterrupt, Stopped):
        run.code = STOPPED
    run.balance.skipped += run.planned - run.balance.planned
    if command.options.as_json:
        stopped = {"stopped": True} if run.code == STOPPED else {}
        show_json(_letters_json(run.balance, run.problems, run.steps) | stopped)
    else:
        _show_report(command, run)
    return run.code


def _check_target(command: LettersCommand) -> None:
    """Raise UsageError where a try-out would go among the real letters."""
    if command.try_folder is None:
        return
    target, folder = real_folder(command.try_folder), command.options.folder
    if target == folder or (folder / LETTERS_FOLDER) in (target, *target.parents):
        place = Place(f"--try {command.try_folder}")
        raise UsageError(messages.problem("try-among-letters", place))


def _make(campaign: Campaign, command: LettersCommand, run: LettersReport) -> None:
    run.planned = campaign.count(command.options.names)
    if command.try_folder is None:
        campaign.check_open()
    run.problems += campaign.relevant_problems(command.options.names)
    run.code = PROBLEMS if run.errors else DONE
    if run.errors and not command.skip_errors:
        return
    order = command.order
    if command.again and not command.options.dry_run and not command.options.yes:
        order = replace(order, again=(), decisions=_confirmed(campaign, command))

    def count_step(step: Step) -> None:
        run.balance.count(step)
        if command.lists_all or step.state not in {"new", "unchanged"}:
            run.steps.append(step)

    with stoppable() as errand:
        if command.options.dry_run:
            view = look(campaign, order=order, errand=errand)
            if view.fault:
                raise view.fault
            for planned in view.letters:
                count_step(planned.step)
            run.problems = [*view.problems]
            stopped = False
        else:
            result = write_letters(Plan(campaign, order), errand, count_step)
            run.problems += result.problems
            stopped = result.stopped
    run.code = STOPPED if stopped else PROBLEMS if run.errors else run.code


def _confirmed(campaign: Campaign, command: LettersCommand) -> tuple[Decision, ...]:
    """Show what `--replace` would replace, and return it when confirmed. Abort where it is not."""
    letters = look(campaign, order=command.order).letters
    plans = [planned for planned in letters if planned.step.has("asked-again")]
    asked = [planned.step for planned in plans]
    plans += [planned for planned in letters if planned.step.has("not-replaced")]
    decisions = tuple(Decision("new", planned.known.id, planned.seen) for planned in plans)
    if not asked:
        return decisions
    if command.options.as_json:
        raise UsageError(messages.problem("not-confirmed", option_place("replace")))
    number = counted(len(asked), "letter")
    note(f"{number} would be replaced; your version would be kept in Old versions:")
    for step in asked:
        note(f"      {typed_path(command.order.target / step.letter.path)}")
    click.confirm("Continue?", abort=True, err=True)
    return decisions


def _show_report(command: LettersCommand, run: LettersReport) -> None:
    show_problems(run.problems)
    target = typed_path(command.order.target)
    for step in run.steps:
        if step.state == "faulty" and command.skip_errors:
            note(f"skipped: {target / step.letter.path}")
    _list_steps(run.steps, target, command.options.folder, planned=command.options.dry_run)
    balance = run.balance
    updated = sum(step.state == "rewritten" for step in run.steps)
    would_be = "would be " if command.options.dry_run else ""
    numbers = {
        f"{would_be}created": balance.written - updated,
        f"{would_be}updated": updated,
        "unchanged": balance.unchanged,
        "kept": balance.kept,
        "not reached" if run.code == STOPPED else "skipped": balance.skipped,
    }
    counts = [f"{number:,} {words}" for words, number in numbers.items() if number]
    if not balance.written:
        counts.insert(0, f"0 {would_be}created")
    if balance.planned > balance.skipped or not run.errors:  # else the last line says it all
        say(f"{counted(balance.planned, 'letter')}: {', '.join(counts)}.")
    say(_closing(command, run))


def _closing(command: LettersCommand, run: LettersReport) -> str:
    """Return the last line: what to do next."""
    again, saved = command.next, f"{counted(run.balance.written, 'letter')} saved"
    saved = "nothing was changed" if command.options.dry_run else saved
    if run.code == USAGE:
        return "Nothing was changed. Fix the command and run it again."
    if run.code == STOPPED:
        said = f"{saved[0].upper()}{saved[1:]}; all existing letters are complete."
        return f"Stopped. {said} To continue: {again}"
    if run.errors:
        errors = counted(len(run.errors), "error")
        return f"{errors}, {saved}. Fix the problems above, then run: {again}"
    if command.options.dry_run:
        return f"Dry run: nothing was changed. To create the letters: {again}"
    return _next(command, run)


def _next(command: LettersCommand, run: LettersReport) -> str:
    """Return the last line after a run without errors."""
    if command.try_folder:
        return f"Next: check the letters in {command.try_folder}. Real letters were not changed."
    status, proofread = (
        next_step(word, command.options.folder) for word in ("status", "proofread")
    )
    if run.balance.written:
        there = typed_path(command.order.target)
        return f"Next: open {there}, edit the letters in Word if needed, then run: {proofread}"
    is_settled = not any(step.state in _UNSETTLED or step.has("missing") for step in run.steps)
    return f"{'Everything is up to date' if is_settled else 'Nothing was changed'}. Next: {status}"


_UNSETTLED: frozenset[State] = frozenset({"edited-changed", "foreign", "in-use", "faulty"})
"""States of letters that are not as the workbook and the template want them."""
_FEW = 10
"""Files of one kind that are named one by one."""
_LISTED: tuple[tuple[str, str, set[State]], ...] = (
    ("updated", "would be updated", {"rewritten"}),
    (
        "kept",
        "would be kept",
        {"edited-changed", "on-paper", "moved", "in-use", "foreign", "edited", "resaved"},
    ),
    ("", "would be created", {"new"}),
)
"""The words for steps that were done, or are only planned, and the states of these."""
_SAY_THE_STATE: frozenset[Why] = frozenset({"on-paper", "edited", "resaved", "moved"})
"""Reasons that say what the state is."""
_ROUTINE = {str(Reason(why)) for why in _SAY_THE_STATE}
"""Reasons for which letters are kept at every run: their number is enough."""
_ADVICE: Mapping[State, str] = {
    "edited-changed": Advice(
        "To replace an edited letter: ",
        Decide("new", "NAME"),
        ". Your version is kept in Old versions. To keep it as the letter: ",
        Decide("keep", "NAME"),
        ".",
    ),
    "foreign": "If another file blocks a letter: move that file, then try again.",
    "in-use": "Close the files that are in use, then try again.",
}
_REASON_ADVICE: Mapping[Why, str] = {
    "several": "If there are several copies of a letter, delete those that should not be sent.",
    "missing": filled(f"The file of a printed letter is missing. {RESTORE} {RELEASE}", {}),
    "not-replaced": filled(f"A printed letter is not replaced. {RELEASE}", {}),
}
"""The same, by the reason."""


def _letters_json(
    balance: Balance, problems: Iterable[Problem], steps: Iterable[Step]
) -> dict[str, Any]:
    return {
        "planned": balance.planned,
        "written": balance.written,
        "unchanged": balance.unchanged,
        "kept": balance.kept,
        "skipped": balance.skipped,
        "problems": problems_json(problems),
        "letters": [
            {
                "id": step.letter.id,
                "signer": step.letter.pair.signer.label,
                "recipient": step.letter.pair.recipient.label,
                "path": f"{LETTERS_FOLDER}/{step.letter.path}",
                "state": step.state,
                "reason": step.reason,
            }
            for step in steps
        ],
    }


def _list_steps(steps: Sequence[Step], target: Path, folder: Path, *, planned: bool) -> None:
    """Print what was written and what was kept, by the reason; a few of each by name.

    What is only planned is the result of the command; new letters are named there as well.
    """
    tell = say if planned else note
    for done, to_do, states in _LISTED:
        own = [step for step in steps if step.state in states]
        if word := to_do if planned else done:
            _list(word, own, target, tell)
        for state, advice in _ADVICE.items():
            if any(step.state == state for step in own):
                note(worded(advice, folder))
        for reason, hint in _REASON_ADVICE.items():
            if any(step.has(reason) for step in own):
                note(worded(hint, folder))


def _list(word: str, steps: Sequence[Step], target: Path, tell: Callable[[str], None]) -> None:
    reasons = dict.fromkeys(map(_why, steps))
    for reason in sorted(reasons, key=lambda why: why in _ROUTINE):
        own = [step for step in steps if _why(step) == reason]
        why = f", {reason}" if reason else ""
        if reason in _ROUTINE:
            tell(f"{word}: {counted(len(own), 'letter')}{why}")
            continue
        tell(f"{word}: {counted(len(own), 'letter')}{why}:")
        list_few([str(target / step.letter.path) for step in own], _FEW, tell)


def _why(step: Step) -> str:
    """Return the reason for what becomes of a letter; of one that is kept, its state first."""
    word = SPOKEN[step.state]
    says_it = step.reasons[:1] and step.reasons[0].why in _SAY_THE_STATE
    if step.state in WRITTEN_STATES or says_it:
        return step.reason
    return f"{word}: {step.reason}"
