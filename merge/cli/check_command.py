"""`merge check`: shows all problems, and ignores warnings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from merge.campaign.campaign import Campaign, describe_sources, format_day, read_campaign
from merge.campaign.ignored_warnings import ignore_decisions, reset_ignored, short_warning_ids
from merge.campaign.overview import CampaignOverview, inspect_campaign
from merge.campaign.pending_decisions import save_decisions
from merge.campaign.placeholders import blank_placeholders
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    errors_in,
    exit_code,
    next_command,
    problems_json,
    say,
    show_json,
    show_problems,
)
from merge.errors import DataError, MergeError, TemplateError
from merge.messages.groups import group_problems
from merge.naming import format_count
from merge.problems import Problem

if TYPE_CHECKING:
    pass


def check_folder(
    options: CampaignOptions, *, include_ignored: bool, ignored_ids: tuple[str, ...], reset: bool
) -> int:
    """Show all problems of a campaign and return the exit code.

    Nothing is written, except which warnings are ignored.
    """
    folder, names, as_json = options.folder, options.names, options.as_json
    try:
        overview = _inspect(options, ignored_ids, reset=reset)
    except MergeError as error:
        if as_json:
            show_json({"ready": 0, "problems": problems_json(error.problems)})
        elif isinstance(error, DataError | TemplateError):
            show_problems(error.problems, to_result=True)
            say(_closing_line(0, error.problems, next_command("letters", folder)))
        else:
            raise
        return exit_code(error)
    if day := overview.campaign.closed_on:
        return _show_closed(overview, day, as_json=as_json)
    ready = sum(
        planned.step.letter.id not in overview.blocked_letters for planned in overview.letters
    )
    if as_json:
        problem_list = problems_json(overview.problems)
        ignored = {"hidden": problems_json(overview.ignored_warnings)} if include_ignored else {}
        show_json({"ready": ready, "problems": problem_list, **ignored})
    else:
        print_sources(overview)
        warning_ids = short_warning_ids(overview.campaign, overview.problems)
        show_problems(overview.problems, to_result=True, warning_ids=warning_ids)
        if include_ignored:
            show_problems(overview.ignored_warnings, to_result=True, are_ignored=True)
        for line in _blank_line_notes(overview.campaign, names):
            say(line)
        if warning_ids:
            say(f"To ignore a warning: {next_command('check', folder, '--ignore', 'ID')}")
        letters_command = next_command("letters", folder, *options.typed_names)
        closing = _closing_line(
            ready, overview.problems, letters_command, len(overview.ignored_warnings)
        )
        say(review_note(overview) + closing)
    return PROBLEMS if overview.errors else DONE


def _show_closed(overview: CampaignOverview, day: dt.date, *, as_json: bool) -> int:
    """Say that a closed campaign has nothing to check; return the exit code."""
    if as_json:
        show_json({"ready": 0, "closed": str(day), "problems": problems_json(overview.problems)})
    else:
        show_problems(overview.problems, to_result=True)
        say(f"This campaign was closed on {format_day(day)}. You cannot create letters.")
    return PROBLEMS if overview.errors else DONE


def _inspect(
    options: CampaignOptions, ignored_ids: tuple[str, ...], *, reset: bool
) -> CampaignOverview:
    """Return an overview of the campaign, after storing ignored warnings."""
    campaign = read_campaign(options.folder, workbook=options.workbook)
    if reset:
        reset_ignored(campaign)
        campaign = read_campaign(options.folder, workbook=options.workbook)
    overview = inspect_campaign(campaign, options.names)
    if not ignored_ids:
        return overview
    save_decisions(campaign, ignore_decisions(campaign, overview.problems, ignored_ids))
    return inspect_campaign(read_campaign(options.folder, workbook=options.workbook), options.names)


def _blank_line_notes(campaign: Campaign, names: tuple[str, ...]) -> Iterator[str]:
    """Yield which lines are removed because of blank values, and how often."""
    for blank_line in blank_placeholders(campaign, names):
        template = f" from {blank_line.template}" if blank_line.template else ""
        letters = f"{blank_line.letters:,} of {format_count(blank_line.total, 'letter')}"
        yield f"blank line removed in {letters}{template}: {', '.join(blank_line.placeholders)}"


def _closing_line(ready: int, problems: Sequence[Problem], command: str, hidden: int = 0) -> str:
    """Return the last line of a check: letters ready, errors, next command.

    An example is `10 letters ready; 2 errors in 2 cells. Fix G3 and G4, then run: …`.
    """
    errors, letters = errors_in(problems), f"{format_count(ready, 'letter')} ready"
    warnings = len(group_problems(p for p in problems if p.level == "warning"))
    warning_text = f", {format_count(warnings, 'warning')}" if warnings else ""
    warning_text += f", {hidden:,} ignored" if hidden else ""
    if not errors:
        return f"{letters}{warning_text}. Next: {command}"
    summary = (
        f"{letters}; {format_count(len(errors), 'error')}{_error_places(errors)}{warning_text}"
    )
    is_one_sheet = len({(p.place.file, p.place.sheet) for p in errors}) == 1
    cell_names = (
        p.place.cell if is_one_sheet else f"{p.place.sheet}!{p.place.cell}" for p in errors
    )
    cells = [c if p.place.row else "" for c, p in zip(cell_names, errors, strict=True)]
    cells = list(dict.fromkeys(cells))
    fix = "Fix these" if len(errors) > 1 else "Fix it"
    if "" not in cells and len(cells) <= 6:  # all errors are in these cells
        fix = f"Fix {' and '.join(filter(None, (', '.join(cells[:-1]), cells[-1])))}"
    return f"{summary}. {fix}, then run: {command}"


def _error_places(errors: Sequence[Problem]) -> str:
    """Return where errors are, such as ` in 2 cells and 1 paragraph`.

    It is empty if any error is in neither.
    """
    cells = {p.place for p in errors if p.place.row and p.place.sheet}
    paragraphs = {p.place for p in errors if p.place.paragraph}
    if any(p.place not in cells | paragraphs for p in errors):
        return ""
    counts = ((len(cells), "cell"), (len(paragraphs), "paragraph"))
    return f" in {' and '.join(format_count(number, what) for number, what in counts if number)}"


def review_note(overview: CampaignOverview) -> str:
    """Return `3 people in the list need review; `, or an empty text for none."""
    number = len(overview.campaign.workbook.undecided_people)
    people = "1 person in the list needs" if number == 1 else f"{number:,} people in the list need"
    return f"{people} review; " if number else ""


def print_sources(overview: CampaignOverview) -> None:
    """Print which files the signers come from, if there is a list of signers."""
    if sources := describe_sources(overview.campaign.workbook):
        say(sources)
