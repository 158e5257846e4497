"""`merge print`: creates print files, envelopes, labels and parcels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from merge.campaign.addressing import AddressBook
from merge.campaign.campaign import Campaign, accept_present_files, read_campaign
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
    repeated_command,
    retry_line,
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
    """The command `merge print` and its order."""

    options: CampaignOptions
    order: PrintOrder


def _print_order(people: tuple[str, ...], arguments: Mapping[str, Any]) -> PrintOrder:
    """Return the typed options as an order to print.

    The others have the defaults of PrintOrder.
    """
    grouping = "one-file" if arguments["one_file"] else "batches"
    options = {
        **arguments,
        "names": people,
        "grouping": "per-signer" if arguments["per_signer"] else grouping,
        "with_letters": not arguments["no_letters"],
    }
    typed_names = (
        field.name for field in fields(PrintOrder) if options.get(field.name) is not None
    )
    return PrintOrder(**{name: options[name] for name in typed_names})


def print_letters(options: CampaignOptions, arguments: Mapping[str, Any]) -> int:
    """Create or preview print files as the options say; return the exit code."""
    report = _PrintReport()
    command = _PrintCommand(options, _print_order(options.names, arguments))
    try:
        campaign = read_campaign(options.folder, workbook=options.workbook)
        if arguments["anyway"]:
            campaign = accept_present_files(campaign, is_recorded=not options.dry_run)
        libreoffice = _find_writer(command)
        with cancellable_task() as task:
            _create_files(campaign, command, libreoffice, task, report)
    except MergeError as error:
        report.problems += error.problems
        code = exit_code(error)
    except Cancelled:
        code = STOPPED
    else:
        code = PROBLEMS if errors_in(report.problems) else DONE
    if report.result and report.result.stopped:
        code = STOPPED
    if options.as_json:
        stopped = {"stopped": True} if code == STOPPED else {}
        show_json(_print_json(report.plan, report.result, report.problems) | stopped)
    else:
        show_problems(report.problems)
        if code == STOPPED:
            for line in _stopped_lines(command, report.result):
                say(line)
        else:
            say(_closing_line(command, report.plan, report.result, errors_in(report.problems)))
    return code


@dataclass
class _PrintReport:
    """All that `merge print` has planned, created and reported so far."""

    problems: list[Problem] = field(default_factory=list)
    result: PrintResult | None = None
    plan: PrintPlan | None = None


def _create_files(
    campaign: Campaign,
    command: _PrintCommand,
    libreoffice: LibreOffice | None,
    task: Task,
    report: _PrintReport,
) -> None:
    dry_run = command.options.dry_run
    report.plan = plan = plan_printing(campaign, command.order, libreoffice, task, dry_run=dry_run)
    report.problems += plan.problems
    if not command.options.as_json:
        _show_plan(plan, command)
        if dry_run and plan.letters and command.order.has_addresses:
            _show_address(campaign, plan)
    if not (dry_run or plan.has_errors):
        printing = PrintRun(campaign, command.order, plan, writer=libreoffice, task=task)
        report.result = printing.result

        def plan_again(plan: PrintPlan) -> None:
            report.plan, report.problems = plan, [*plan.problems]
            if not command.options.as_json:
                note("Another run has finished meanwhile. Planning again:")
                _show_plan(plan, command)

        printing.create_files(lambda name: note(f"created: {name}"), _note_waiting, plan_again)
        report.problems += report.result.problems


def _stopped_lines(command: _PrintCommand, result: PrintResult | None) -> Iterator[str]:
    """Yield the last lines after a stop: what was created, how to continue."""
    if not result or not result.files:
        yield f"Stopped. Nothing was created. To continue: {repeated_command()}"
        return
    files = (
        f"{format_count(len(result.files), 'complete file')} created in {typed_path(result.folder)}"
    )
    yield f"Stopped. {files}. To continue: {repeated_command(['--since-last'])}"
    order = command.order
    if order.with_letters and order.has_addresses:
        command_text = repeated_command(["--no-letters"])
        yield f"Then, for the envelopes, labels or parcels of all letters: {command_text}"


def _note_waiting() -> None:
    note("Another run is in progress in this campaign. Waiting for it; Ctrl-C stops this one.")


def _find_writer(command: _PrintCommand) -> LibreOffice | None:
    """Return LibreOffice, or None if it is not installed.

    Raise StorageError if it is needed but not installed.
    """
    libreoffice = find_libreoffice()
    if command.order.pdf and libreoffice is None:
        raise StorageError(NO_LIBREOFFICE)
    return libreoffice


def _show_plan(plan: PrintPlan, command: _PrintCommand) -> None:
    """Print which print files will be created, and with which options."""
    letters = format_count(len(plan.letters), "letter")
    if not command.order.with_letters:
        say(f"For {letters}, printed or not; the letters themselves are not included.")
        return
    sides = "two-sided" if plan.options.two_sided else "one-sided"
    is_chosen = command.order.two_sided is not None
    reason = (
        "" if is_chosen or not plan.options.two_sided else ", because some have more than one page"
    )
    say(f"{letters} to print, {sides}{reason}.")
    if not plan.has_counted_pages:
        note("Pages were not counted: LibreOffice is not installed.")
    if plan.already_marked:
        letters_past_stage, stage = (
            format_count(plan.already_marked, "letter"),
            command.order.stage.lower(),
        )
        note(f"skipped: {letters_past_stage} already {stage}.")
    for batch in plan.batches:
        people, number = (
            format_count(len(batch.groups), "pile"),
            format_count(len(batch.letters), "letter"),
        )
        sheets = f"{format_count(batch.sheets, 'sheet')} of paper"
        if batch.cover_sheets:
            sheets += f", including {format_count(batch.cover_sheets, 'cover sheet')}"
        say(f"  {batch.name}: {people}, {number}, {sheets}")


def _show_address(campaign: Campaign, plan: PrintPlan) -> None:
    """Print the first address, and the row of Settings for another order."""
    address_book = AddressBook(campaign)
    say(f"The first address: {', '.join(address_book.address_of(plan.letters[0]).lines)}")
    if pattern := address_book.columns_pattern:
        say("For another order, add “Envelope address” to the Settings sheet, with these lines:")
        for line in pattern.splitlines():
            say(f"  {line}")


def _print_json(
    plan: PrintPlan | None, result: PrintResult | None, problems: list[Problem]
) -> dict[str, Any]:
    return {
        "letters": len(plan.letters) if plan else 0,
        "left_out": plan.already_marked if plan else 0,
        "two_sided": plan.options.two_sided if plan else False,
        "batches": [
            {
                "name": batch.name,
                "sheets": batch.sheets,
                "cover_sheets": batch.cover_sheets,
                "letters": [entry.letter.id for entry in batch.letters],
            }
            for batch in (plan.batches if plan else ())
        ],
        "files": [str(typed_path(result.folder / name)) for name in result.files] if result else [],
        "problems": problems_json(problems),
    }


def _closing_line(
    command: _PrintCommand,
    plan: PrintPlan | None,
    result: PrintResult | None,
    errors: list[Problem],
) -> str:
    """Return the last line of a print run: what to do next."""
    if errors:
        number = format_count(len(errors), "error")
        if result and result.files:
            remedy = retry_line(errors, repeated_command(["--since-last"]))
            files = (
                f"{format_count(len(result.files), 'file')} created in {typed_path(result.folder)}"
            )
            return f"{number}, {files}.{remedy}"
        return f"{number}, nothing was created.{retry_line(errors, repeated_command())}"
    if result is None and plan and plan.letters:
        return f"Dry run: nothing was changed. To create the files: {repeated_command()}"
    if result is None or not result.files:
        all_past_stage = plan and 0 < plan.already_marked == len(plan.candidates.candidates)
        new_only = ": no letter is new or changed" if command.order.since_last else ""
        reason = (
            f": all letters are already {command.order.stage.lower()}"
            if all_past_stage
            else new_only
        )
        return f"Nothing to print{reason}."
    names = (word for name in command.order.names for word in ("--for", name))
    mark = next_command("mark printed", command.options.folder, *names)
    next_sentence = (
        f". When they have been printed, run: {mark}" if command.order.with_letters else "."
    )
    return f"Next: print the files in {typed_path(result.folder)}{next_sentence}"
