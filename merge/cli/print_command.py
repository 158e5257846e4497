"""`merge print`: batches to print and sign, and what goes round them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.print_plan import PrintOrder, PrintPlan, plan_printing
from merge.campaign.print_run import PrintResult, PrintRun
from merge.campaign.task import Cancelled, Task
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    STOPPED,
    cancellable_task,
    errors_in,
    exit_code,
    next_command,
    note,
    problems_json,
    remember_options,
    say,
    show_json,
    show_problems,
    typed_path,
)
from merge.errors import MergeError, StorageError
from merge.naming import format_count
from merge.printing.libreoffice import NO_LIBREOFFICE, LibreOffice, find_libreoffice
from merge.problems import Problem


@dataclass(frozen=True, slots=True)
class _PrintCommand:
    """The command, with the order that it gives.

    `words` are its options as they are to be typed, but for --dry-run.
    """

    options: CampaignOptions
    order: PrintOrder
    typed_options: tuple[str, ...]

    def next_command(self, *more: str) -> str:
        """Return the command with the same options and more, without --dry-run."""
        added = (word for word in more if word not in self.typed_options)
        return next_command("print", self.options.folder, *self.typed_options, *added)


def _print_order(names: tuple[str, ...], given: Mapping[str, Any]) -> PrintOrder:
    """Return the options as the campaign takes them; most go by their names."""
    grouping = "one-file" if given["one_file"] else "batches"
    options = {
        **given,
        "names": names,
        "grouping": "per-signer" if given["per_signer"] else grouping,
        "covers": not given["no_covers"],
        "with_letters": not given["no_letters"],
        "envelopes": given["envelopes"] or "",
        "labels": given["labels"] or "",
    }
    known = [field.name for field in fields(PrintOrder) if field.name in options]
    return PrintOrder(**{name: options[name] for name in known})


_FLAGS = (
    *("unsigned", "since_last", "skip_errors", "one_file", "per_signer", "no_covers"),
    *("no_letters", "pdf", "parcels", "return_to_signer"),
)
_DEFAULT_VALUES = {"by": "signer", "sheets": 200, "envelopes": None, "labels": None, "start": 1}
"""Options with a value, and what each is where nobody says."""


def _typed_options(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the options as they are typed, those that are as usual left out."""
    for name in given["accept"]:
        yield from ("--accept", name)
    for name, usual in _DEFAULT_VALUES.items():
        if given[name] != usual:
            yield from (f"--{name}", str(given[name]))
    if given["two_sided"] is not None:
        yield "--two-sided" if given["two_sided"] else "--one-sided"
    yield from (f"--{name.replace('_', '-')}" for name in _FLAGS if given[name])


def print_letters(options: CampaignOptions, given: Mapping[str, Any]) -> int:
    """Run the command and return its exit code. `given` are the options of its own."""
    run, words = _PrintReport(), (*options.typed_names, *_typed_options(given))
    command = _PrintCommand(options, _print_order(options.names, given), words)
    remember_options("print", words)
    try:
        campaign = read_campaign(options.folder, workbook=options.workbook)
        writer = _find_writer(command)
        with cancellable_task() as task:
            _create_files(campaign, command, writer, task, run)
    except MergeError as error:
        run.problems += error.problems
        code = exit_code(error)
    except Cancelled:
        code = STOPPED
    else:
        code = PROBLEMS if errors_in(run.problems) else DONE
    if run.result and run.result.stopped:
        code = STOPPED
    if options.as_json:
        stopped = {"stopped": True} if code == STOPPED else {}
        show_json(_print_json(run.plan, run.result, run.problems) | stopped)
    else:
        show_problems(run.problems)
        if code == STOPPED:
            for line in _stopped_lines(command, run.result):
                say(line)
        else:
            say(_closing_line(command, run.plan, run.result, errors_in(run.problems)))
    return code


@dataclass
class _PrintReport:
    """All that was planned, made and found so far."""

    problems: list[Problem] = field(default_factory=list)
    result: PrintResult | None = None
    plan: PrintPlan | None = None


def _create_files(
    campaign: Campaign,
    command: _PrintCommand,
    writer: LibreOffice | None,
    task: Task,
    run: _PrintReport,
) -> None:
    run.plan = prepared = plan_printing(campaign, command.order, writer, task)
    run.problems += prepared.problems
    if not command.options.as_json:
        _show_plan(prepared, command)
    if not (command.options.dry_run or errors_in(run.problems)):
        printing = PrintRun(campaign, command.order, prepared, writer=writer, task=task)
        run.result = printing.result

        def plan_again(prepared: PrintPlan) -> None:
            run.plan, run.problems = prepared, [*prepared.problems]
            if not command.options.as_json:
                note("Another run has finished meanwhile. Planning again:")
                _show_plan(prepared, command)

        printing.create_files(lambda name: note(f"created: {name}"), _note_waiting, plan_again)
        run.problems += run.result.problems


def _stopped_lines(command: _PrintCommand, made: PrintResult | None) -> Iterator[str]:
    """Yield the last lines of a print that was stopped: what was created, how to continue."""
    if not made or not made.files:
        yield f"Stopped. Nothing was created. To continue: {command.next_command()}"
        return
    there = f"{format_count(len(made.files), 'complete file')} created in {typed_path(made.folder)}"
    yield f"Stopped. {there}. To continue: {command.next_command('--since-last')}"
    order = command.order
    if order.with_letters and (order.envelopes or order.labels or order.parcels):
        outside = command.next_command("--no-letters")
        yield f"Then, for the envelopes, labels or parcels of all letters: {outside}"


def _note_waiting() -> None:
    note("Another run is in progress in this campaign. Waiting for it; Ctrl-C stops this one.")


def _find_writer(command: _PrintCommand) -> LibreOffice | None:
    """Return LibreOffice, if it is there; raise StorageError where it is needed and not there."""
    writer = find_libreoffice()
    if command.order.pdf and writer is None:
        raise StorageError(NO_LIBREOFFICE)
    return writer


def _show_plan(prepared: PrintPlan, command: _PrintCommand) -> None:
    """Print what will be created, and how."""
    letters = format_count(len(prepared.letters), "letter")
    if not command.order.with_letters:
        say(f"For {letters}, printed or not; the letters themselves are not included.")
        return
    how = "two-sided" if prepared.options.two_sided else "one-sided"
    asked = command.order.two_sided is not None
    why = (
        "" if asked or not prepared.options.two_sided else ", because some have more than one page"
    )
    say(f"{letters} to print, {how}{why}.")
    if not prepared.has_counted_pages:
        note("Pages were not counted: LibreOffice is not installed.")
    if prepared.already_marked:
        passed, stage = format_count(prepared.already_marked, "letter"), command.order.stage.lower()
        note(f"skipped: {passed} already {stage}.")
    for batch in prepared.batches:
        people, number = (
            format_count(len(batch.groups), "pile"),
            format_count(len(batch.letters), "letter"),
        )
        sheets = f"{format_count(batch.sheets, 'sheet')} of paper"
        say(f"  {batch.name}: {people}, {number}, {sheets}")


def _print_json(
    prepared: PrintPlan | None, made: PrintResult | None, problems: list[Problem]
) -> dict[str, Any]:
    return {
        "letters": len(prepared.letters) if prepared else 0,
        "left_out": prepared.already_marked if prepared else 0,
        "two_sided": prepared.options.two_sided if prepared else False,
        "batches": [
            {
                "name": batch.name,
                "sheets": batch.sheets,
                "letters": [one.letter.id for one in batch.letters],
            }
            for batch in (prepared.batches if prepared else ())
        ],
        "files": [str(typed_path(made.folder / name)) for name in made.files] if made else [],
        "problems": problems_json(problems),
    }


def _closing_line(
    command: _PrintCommand,
    prepared: PrintPlan | None,
    made: PrintResult | None,
    errors: list[Problem],
) -> str:
    """Return the last line: what to do next."""
    if errors:
        number = format_count(len(errors), "error")
        if made and made.files:
            rest = f"Fix the problems above, then run: {command.next_command('--since-last')}"
            there = f"{format_count(len(made.files), 'file')} created in {typed_path(made.folder)}"
            return f"{number}, {there}. {rest}"
        rest = f"Fix the problems above, then run: {command.next_command()}"
        return f"{number}, nothing was created. {rest}"
    if made is None and prepared and prepared.letters:
        return f"Dry run: nothing was changed. To create the files: {command.next_command()}"
    if made is None or not made.files:
        all_passed = prepared and 0 < prepared.already_marked == len(prepared.candidates.candidates)
        since = ": no letter is new or changed" if command.order.since_last else ""
        why = f": all letters are already {command.order.stage.lower()}" if all_passed else since
        return f"Nothing to print{why}."
    whose = (word for name in command.order.names for word in ("--for", name))
    mark = next_command("mark printed", command.options.folder, *whose)
    then = f". When they have been printed, run: {mark}" if command.order.with_letters else "."
    return f"Next: print the files in {typed_path(made.folder)}{then}"
