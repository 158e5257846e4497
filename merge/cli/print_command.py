"""`merge print`: batches to print and sign, and what goes round them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from merge.campaign.campaign import Campaign, read_campaign
from merge.campaign.errand import Errand, Stopped
from merge.campaign.print_plan import PrintOrder, PrintPlan, plan_printing
from merge.campaign.print_run import PrintResult, PrintRun
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    STOPPED,
    errors_among,
    exit_code,
    next_step,
    note,
    problems_json,
    remember_options,
    say,
    show_json,
    show_problems,
    stoppable,
    typed_path,
)
from merge.errors import MergeError, StorageError
from merge.naming import counted
from merge.printing.libreoffice import NO_LIBREOFFICE, LibreOffice, find_libreoffice
from merge.problems import Problem


@dataclass(frozen=True, slots=True)
class _PrintCommand:
    """The command, with the order that it gives.

    `words` are its options as they are to be typed, but for --dry-run.
    """

    options: CampaignOptions
    order: PrintOrder
    words: tuple[str, ...]

    def again(self, *more: str) -> str:
        """Return the command with the same options and more, without --dry-run."""
        added = (word for word in more if word not in self.words)
        return next_step("print", self.options.folder, *self.words, *added)


def _order(names: tuple[str, ...], given: Mapping[str, Any]) -> PrintOrder:
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
_VALUES = {"by": "signer", "sheets": 200, "envelopes": None, "labels": None, "start": 1}
"""Options with a value, and what each is where nobody says."""


def _words(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the options as they are typed, those that are as usual left out."""
    for name in given["accept"]:
        yield from ("--accept", name)
    for name, usual in _VALUES.items():
        if given[name] != usual:
            yield from (f"--{name}", str(given[name]))
    if given["two_sided"] is not None:
        yield "--two-sided" if given["two_sided"] else "--one-sided"
    yield from (f"--{name.replace('_', '-')}" for name in _FLAGS if given[name])


def print_letters(options: CampaignOptions, given: Mapping[str, Any]) -> int:
    """Run the command and return its exit code. `given` are the options of its own."""
    run, words = _PrintReport(), (*options.typed_names, *_words(given))
    command = _PrintCommand(options, _order(options.names, given), words)
    remember_options("print", words)
    try:
        campaign = read_campaign(options.folder, workbook=options.workbook)
        writer = _libreoffice(command)
        with stoppable() as errand:
            _make(campaign, command, writer, errand, run)
    except MergeError as error:
        run.problems += error.problems
        code = exit_code(error)
    except Stopped:
        code = STOPPED
    else:
        code = PROBLEMS if errors_among(run.problems) else DONE
    if run.made and run.made.stopped:
        code = STOPPED
    if options.as_json:
        stopped = {"stopped": True} if code == STOPPED else {}
        show_json(_print_json(run.prepared, run.made, run.problems) | stopped)
    else:
        show_problems(run.problems)
        if code == STOPPED:
            for line in _stopped(command, run.made):
                say(line)
        else:
            say(_closing(command, run.prepared, run.made, errors_among(run.problems)))
    return code


@dataclass
class _PrintReport:
    """All that was planned, made and found so far."""

    problems: list[Problem] = field(default_factory=list)
    made: PrintResult | None = None
    prepared: PrintPlan | None = None


def _make(
    campaign: Campaign,
    command: _PrintCommand,
    writer: LibreOffice | None,
    errand: Errand,
    run: _PrintReport,
) -> None:
    run.prepared = prepared = plan_printing(campaign, command.order, writer, errand)
    run.problems += prepared.problems
    if not command.options.as_json:
        _show_plan(prepared, command)
    if not (command.options.dry_run or errors_among(run.problems)):
        printing = PrintRun(campaign, command.order, prepared, writer=writer, errand=errand)
        run.made = printing.made

        def plan_again(prepared: PrintPlan) -> None:
            run.prepared, run.problems = prepared, [*prepared.problems]
            if not command.options.as_json:
                note("Another run has finished meanwhile. Planning again:")
                _show_plan(prepared, command)

        printing.make(lambda name: note(f"created: {name}"), _say_waiting, plan_again)
        run.problems += run.made.problems


def _stopped(command: _PrintCommand, made: PrintResult | None) -> Iterator[str]:
    """Yield the last lines of a print that was stopped: what was created, how to continue."""
    if not made or not made.files:
        yield f"Stopped. Nothing was created. To continue: {command.again()}"
        return
    there = f"{counted(len(made.files), 'complete file')} created in {typed_path(made.folder)}"
    yield f"Stopped. {there}. To continue: {command.again('--since-last')}"
    order = command.order
    if order.with_letters and (order.envelopes or order.labels or order.parcels):
        outside = command.again("--no-letters")
        yield f"Then, for the envelopes, labels or parcels of all letters: {outside}"


def _say_waiting() -> None:
    note("Another run is in progress in this campaign. Waiting for it; Ctrl-C stops this one.")


def _libreoffice(command: _PrintCommand) -> LibreOffice | None:
    """Return LibreOffice, if it is there; raise StorageError where it is needed and not there."""
    writer = find_libreoffice()
    if command.order.pdf and writer is None:
        raise StorageError(NO_LIBREOFFICE)
    return writer


def _show_plan(prepared: PrintPlan, command: _PrintCommand) -> None:
    """Print what will be created, and how."""
    letters = counted(len(prepared.letters), "letter")
    if not command.order.with_letters:
        say(f"For {letters}, printed or not; the letters themselves are not included.")
        return
    how = "two-sided" if prepared.how.two_sided else "one-sided"
    asked = command.order.two_sided is not None
    why = "" if asked or not prepared.how.two_sided else ", because some have more than one page"
    say(f"{letters} to print, {how}{why}.")
    if not prepared.counted:
        note("Pages were not counted: LibreOffice is not installed.")
    if prepared.past_stage:
        passed, stage = counted(prepared.past_stage, "letter"), command.order.stage.lower()
        note(f"skipped: {passed} already {stage}.")
    for batch in prepared.batches:
        people, number = counted(len(batch.groups), "pile"), counted(len(batch.letters), "letter")
        sheets = f"{counted(batch.sheets, 'sheet')} of paper"
        say(f"  {batch.name}: {people}, {number}, {sheets}")


def _print_json(
    prepared: PrintPlan | None, made: PrintResult | None, problems: list[Problem]
) -> dict[str, Any]:
    return {
        "letters": len(prepared.letters) if prepared else 0,
        "left_out": prepared.past_stage if prepared else 0,
        "two_sided": prepared.how.two_sided if prepared else False,
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


def _closing(
    command: _PrintCommand,
    prepared: PrintPlan | None,
    made: PrintResult | None,
    errors: list[Problem],
) -> str:
    """Return the last line: what to do next."""
    if errors:
        number = counted(len(errors), "error")
        if made and made.files:
            rest = f"Fix the problems above, then run: {command.again('--since-last')}"
            there = f"{counted(len(made.files), 'file')} created in {typed_path(made.folder)}"
            return f"{number}, {there}. {rest}"
        rest = f"Fix the problems above, then run: {command.again()}"
        return f"{number}, nothing was created. {rest}"
    if made is None and prepared and prepared.letters:
        return f"Dry run: nothing was changed. To create the files: {command.again()}"
    if made is None or not made.files:
        all_passed = prepared and 0 < prepared.past_stage == len(prepared.found.candidates)
        since = ": no letter is new or changed" if command.order.since_last else ""
        why = f": all letters are already {command.order.stage.lower()}" if all_passed else since
        return f"Nothing to print{why}."
    whose = (word for name in command.order.names for word in ("--for", name))
    mark = next_step("mark printed", command.options.folder, *whose)
    then = f". When they have been printed, run: {mark}" if command.order.with_letters else "."
    return f"Next: print the files in {typed_path(made.folder)}{then}"
