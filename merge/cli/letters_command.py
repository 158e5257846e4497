"""`merge letters`: checks, creates or updates letters, and reports it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from merge import messages
from merge.advice import DecisionRemedy, Hint
from merge.affected_letters import stopping_errors
from merge.campaign.campaign import Campaign, accept_present_files, read_campaign
from merge.campaign.change_detection import read_input_states, save_snapshot
from merge.campaign.letter_rules import LetterTally
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.overview import find_unresolved, inspect_campaign
from merge.campaign.plan import LettersRunPlan
from merge.campaign.task import Cancelled
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    STOPPED,
    USAGE,
    cancellable_task,
    errors_in,
    exit_code,
    hint_text,
    next_command,
    note,
    print_first,
    problems_json,
    repeated_command,
    retry_line,
    say,
    show_json,
    show_problems,
    typed_path,
)
from merge.disk import real_folder
from merge.errors import MergeError, UsageError
from merge.letter_status import (
    STATE_LABELS,
    WRITTEN_STATES,
    LetterState,
    LetterStep,
    LetterStepReason,
    ReasonCode,
    StaffDecision,
)
from merge.messages.printing import MARK_PRINTED, RELEASE, RESTORE, UNMARKED
from merge.messages.wording import fill_template
from merge.naming import format_count
from merge.problems import Place, Problem, option_place
from merge.product import LETTERS_FOLDER
from merge.state.identity import IdentityChoices


@dataclass(frozen=True, slots=True)
class LettersCommand:
    """The command `merge letters` with all its options."""

    options: CampaignOptions
    try_folder: Path | None
    template: Path | None
    skip_errors: bool
    replace: tuple[str, ...]
    keep: tuple[str, ...]
    release: bool
    restore_dates: bool
    people_left: bool
    anyway: bool
    same_person: tuple[str, ...]
    other_person: tuple[str, ...]

    @property
    def order(self) -> LettersOrder:
        """The options of the command as an order of letters."""
        return LettersOrder(
            target=self.try_folder or self.options.folder / LETTERS_FOLDER,
            names=self.options.names,
            replace=self.replace,
            keep=self.keep,
            cleared_dates="release" if self.release else "restore" if self.restore_dates else "",
            goes_on=self.anyway,
        )

    @property
    def uses_only_campaign_files(self) -> bool:
        """Whether no option but the campaign folder affects the letters."""
        options = self.options
        other_options = (options.workbook, options.names, self.try_folder, options.dry_run)
        return not any(
            (*other_options, self.replace, self.keep, self.same_person, self.other_person)
        )

    @property
    def lists_all(self) -> bool:
        """Whether every letter is listed, not only the unusual letters."""
        return self.options.as_json or self.options.dry_run


@dataclass
class LettersReport:
    """The report of `merge letters` so far.

    `planned` is known before the first letter.
    """

    planned: int = 0
    balance: LetterTally = field(default_factory=LetterTally)
    steps: list[LetterStep] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    exit_code: int = DONE
    has_unresolved: bool = False
    """Whether there are conflict copies, or another version was printed."""

    @property
    def is_clean(self) -> bool:
        """Whether there are no problems and all letters are up to date."""
        all_up_to_date = (
            self.balance.written_letters + self.balance.unchanged_letters == self.planned > 0
        )
        return all_up_to_date and self.exit_code == DONE and not self.problems

    @property
    def errors(self) -> list[Problem]:
        """The errors among the reported problems."""
        return errors_in(self.problems)


def create_letters(command: LettersCommand) -> int:
    """Create or preview letters as the command says; return the exit code."""
    report = LettersReport()
    try:
        _check_target(command)
        inputs = read_input_states(command.options.folder)
        campaign = read_campaign(
            command.options.folder,
            workbook=command.options.workbook,
            template=command.template,
            answers=IdentityChoices(
                same_people=command.same_person,
                people_left=command.people_left,
                other_people=command.other_person,
            ),
        )
        if command.anyway:
            campaign = accept_present_files(campaign, is_recorded=not command.options.dry_run)
        campaign.select_people(command.same_person, "same_person")
        campaign.select_people(command.other_person, "other_person")
        _create_or_preview(campaign, command, report)
        if inputs is not None and command.uses_only_campaign_files and report.is_clean:
            save_snapshot(command.options.folder, inputs, report.planned)
    except MergeError as error:
        report.problems += error.problems
        report.exit_code = exit_code(error)
    except (KeyboardInterrupt, Cancelled):
        report.exit_code = STOPPED
    report.balance.skipped_letters += report.planned - report.balance.planned
    if command.options.as_json:
        stopped = {"stopped": True} if report.exit_code == STOPPED else {}
        show_json(_letters_json(report.balance, report.problems, report.steps) | stopped)
    else:
        _show_report(command, report)
    return report.exit_code


def _check_target(command: LettersCommand) -> None:
    """Raise UsageError if trial letters would be among the real letters."""
    if command.try_folder is None:
        return
    target, folder = real_folder(command.try_folder), command.options.folder
    if target == folder or (folder / LETTERS_FOLDER) in (target, *target.parents):
        place = Place(f"--try {command.try_folder}")
        raise UsageError(messages.problem("try-among-letters", place))


def _create_or_preview(campaign: Campaign, command: LettersCommand, report: LettersReport) -> None:
    report.planned = campaign.count_letters(command.options.names)
    if command.try_folder is None:
        campaign.check_open()
    report.problems += campaign.relevant_problems(command.options.names)
    report.exit_code = PROBLEMS if report.errors else DONE
    if stopping_errors(report.problems) and not command.skip_errors:
        return
    order = command.order
    if command.replace and not command.options.dry_run and not command.options.yes:
        order = replace(order, replace=(), decisions=_confirm_replacement(campaign, command))

    def count_step(step: LetterStep) -> None:
        report.balance.count(step)
        if command.lists_all or step.state not in {"new", "unchanged"}:
            report.steps.append(step)

    with cancellable_task() as task:
        if command.options.dry_run:
            overview = inspect_campaign(campaign, order=order, task=task)
            if overview.survey_error:
                raise overview.survey_error
            for planned in overview.letters:
                count_step(planned.step)
            report.problems = [*overview.problems]
            stopped = False
        else:
            result = write_letters(LettersRunPlan(campaign, order), task, count_step)
            report.problems += result.problems
            stopped = result.stopped
    report.has_unresolved = any(find_unresolved(campaign, report.problems))
    report.exit_code = STOPPED if stopped else PROBLEMS if report.errors else report.exit_code


def _confirm_replacement(campaign: Campaign, command: LettersCommand) -> tuple[StaffDecision, ...]:
    """Return the decisions for `--replace` after showing the letters.

    Abort if the user does not confirm.
    """
    letters = inspect_campaign(campaign, order=command.order).letters
    plans = [planned for planned in letters if planned.step.has_reason("asked-again")]
    steps = [planned.step for planned in plans]
    plans += [
        planned
        for planned in letters
        if planned.step.has_reason("not-replaced")
        or ("print file" in planned.kinds and planned.choice == "new")
    ]
    decisions = tuple(
        StaffDecision("new", planned.record.id, planned.version_token) for planned in plans
    )
    if not steps:
        return decisions
    if command.options.as_json:
        raise UsageError(messages.problem("not-confirmed", option_place("replace")))
    number = format_count(len(steps), "letter")
    note(f"{number} would be replaced; your version would be kept in Old versions:")
    for step in steps:
        note(f"      {typed_path(command.order.target / step.letter.path)}")
    click.confirm("Continue?", abort=True, err=True)
    return decisions


def _show_report(command: LettersCommand, report: LettersReport) -> None:
    show_problems(report.problems)
    target = typed_path(command.order.target)
    for step in report.steps:
        if step.state == "faulty" and command.skip_errors:
            note(f"skipped: {target / step.letter.path}")
    _list_steps(report.steps, target, command.options.folder, planned=command.options.dry_run)
    balance = report.balance
    updated = sum(step.state == "rewritten" for step in report.steps)
    prefix = "would be " if command.options.dry_run else ""
    numbers = {
        f"{prefix}created": balance.written_letters - updated,
        f"{prefix}updated": updated,
        "unchanged": balance.unchanged_letters,
        "kept": balance.kept_letters,
        "not reached" if report.exit_code == STOPPED else "skipped": balance.skipped_letters,
    }
    counts = [f"{number:,} {label}" for label, number in numbers.items() if number]
    if not balance.written_letters:
        counts.insert(0, f"0 {prefix}created")
    if (
        balance.planned > balance.skipped_letters or not report.errors
    ):  # otherwise the last line is enough
        say(f"{format_count(balance.planned, 'letter')}: {', '.join(counts)}.")
    say(_closing_line(command, report))


def _closing_line(command: LettersCommand, report: LettersReport) -> str:
    """Return the last line of a letters run: what to do next."""
    result = f"{format_count(report.balance.written_letters, 'letter')} saved"
    result = "nothing was changed" if command.options.dry_run else result
    if report.exit_code == USAGE:
        return "Nothing was changed. Fix the command and run it again."
    if report.exit_code == STOPPED:
        sentence = f"{result[0].upper()}{result[1:]}; all existing letters are complete."
        return f"Stopped. {sentence} To continue: {repeated_command()}"
    if report.errors:
        errors = format_count(len(report.errors), "error")
        remedy = retry_line(report.problems, repeated_command())
        return f"{errors}, {result}.{remedy}"
    if command.options.dry_run:
        return f"Dry run: nothing was changed. To create the letters: {repeated_command()}"
    return _success_line(command, report)


def _success_line(command: LettersCommand, report: LettersReport) -> str:
    """Return the last line of a letters run without errors."""
    if command.try_folder:
        return f"Next: check the letters in {command.try_folder}. Real letters were not changed."
    status, proofread = (
        next_command(word, command.options.folder) for word in ("status", "proofread")
    )
    if report.balance.written_letters:
        folder = typed_path(command.order.target)
        return f"Next: open {folder}, edit the letters in Word if needed, then run: {proofread}"
    is_up_to_date = not report.has_unresolved and not any(
        step.state in _UNRESOLVED_STATES or step.has_reason("missing") for step in report.steps
    )
    return (
        f"{'Everything is up to date' if is_up_to_date else 'Nothing was changed'}. Next: {status}"
    )


_UNRESOLVED_STATES: frozenset[LetterState] = frozenset(
    {"edited-changed", "in-print-file", "foreign", "in-use", "faulty"}
)
"""States of letters that do not match the workbook and the template."""
_MAX_NAMED_FILES = 10
"""Number of files of one kind that are listed by name."""
_LISTED_STATES: tuple[tuple[str, str, set[LetterState]], ...] = (
    ("updated", "would be updated", {"rewritten"}),
    (
        "kept",
        "would be kept",
        {
            *("in-print-file", "edited-changed", "on-paper", "moved", "in-use", "foreign"),
            *("edited", "resaved"),
        },
    ),
    ("", "would be created", {"new"}),
)
"""Words for finished steps, words for planned steps, and their states."""
_STATE_REASONS: frozenset[ReasonCode] = frozenset(
    {"on-paper", "edited", "resaved", "moved", "in-print-file"}
)
"""Reasons that only repeat the state."""
_ROUTINE_REASONS = {str(LetterStepReason(why)) for why in _STATE_REASONS}
"""Reasons that are usual in every run: only the number is shown."""
_STATE_HINTS: Mapping[LetterState, str] = {
    "edited-changed": Hint(
        "To replace an edited letter: ",
        DecisionRemedy("new", "NAME"),
        ". Your version is kept in Old versions. To keep it as the letter: ",
        DecisionRemedy("keep", "NAME"),
        ".",
    ),
    "foreign": "If another file blocks a letter: move that file, then try again.",
    "in-use": "Close the files that are in use, then try again.",
}
_REASON_HINTS: Mapping[ReasonCode, str] = {
    "in-print-file": fill_template(UNMARKED, {"mark": MARK_PRINTED}),
    "several": "If there are several copies of a letter, delete those that should not be sent.",
    "missing": fill_template(f"The file of a printed letter is missing. {RESTORE} {RELEASE}", {}),
    "not-replaced": fill_template(f"A printed letter is not replaced. {RELEASE}", {}),
}
"""Hints by reason."""


def _letters_json(
    balance: LetterTally, problems: Iterable[Problem], steps: Iterable[LetterStep]
) -> dict[str, Any]:
    return {
        "planned": balance.planned,
        "written": balance.written_letters,
        "unchanged": balance.unchanged_letters,
        "kept": balance.kept_letters,
        "skipped": balance.skipped_letters,
        "problems": problems_json(problems),
        "letters": [
            {
                "id": step.letter.id,
                "signer": step.letter.pair.signer.label,
                "recipient": step.letter.pair.recipient.label,
                "path": f"{LETTERS_FOLDER}/{step.letter.path}",
                "state": step.state,
                "reason": step.reason,
                "changes": [change._asdict() for change in step.changes],
            }
            for step in steps
        ],
    }


def _list_steps(steps: Sequence[LetterStep], target: Path, folder: Path, *, planned: bool) -> None:
    """Print which letters were created or kept, by reason; a few by name.

    Planned steps are the result of the command, so they are printed on standard output. New letters
    are then listed as well.
    """
    print_line = say if planned else note
    for done, to_do, states in _LISTED_STATES:
        listed_steps = [step for step in steps if step.state in states]
        if label := to_do if planned else done:
            _list_by_reason(label, listed_steps, target, print_line)
        for state, advice in _STATE_HINTS.items():
            if any(step.state == state for step in listed_steps):
                note(hint_text(advice, folder))
        for reason, hint in _REASON_HINTS.items():
            if any(step.has_reason(reason) for step in listed_steps):
                note(hint_text(hint, folder))


def _list_by_reason(
    label: str, steps: Sequence[LetterStep], target: Path, print_line: Callable[[str], None]
) -> None:
    reasons = dict.fromkeys(map(_reason_text, steps))
    for reason in sorted(reasons, key=lambda text: text in _ROUTINE_REASONS):
        steps_with_reason = [step for step in steps if _reason_text(step) == reason]
        suffix = f", {reason}" if reason else ""
        if reason in _ROUTINE_REASONS:
            print_line(f"{label}: {format_count(len(steps_with_reason), 'letter')}{suffix}")
            continue
        print_line(f"{label}: {format_count(len(steps_with_reason), 'letter')}{suffix}:")
        values = dict.fromkeys(value for step in steps_with_reason for value in step.changed_values)
        print_first([*values], _MAX_NAMED_FILES, print_line)
        print_first(
            [str(target / step.letter.path) for step in steps_with_reason],
            _MAX_NAMED_FILES,
            print_line,
        )


def _reason_text(step: LetterStep) -> str:
    """Return the reason for a letter's step as text.

    For a letter that is kept, the text begins with its state.
    """
    label = STATE_LABELS[step.state]
    repeats_state = step.reasons[:1] and step.reasons[0].code in _STATE_REASONS
    if step.state in WRITTEN_STATES or repeats_state:
        return step.reason
    return f"{label}: {step.reason}"
