"""`merge check`: all problems, and which warnings are ignored."""

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
    """Find every problem and return the exit code; nothing is written but what is hidden."""
    folder, names, as_json = options.folder, options.names, options.as_json
    try:
        view = _inspect(options, ignored_ids, reset=reset)
    except MergeError as error:
        if as_json:
            show_json({"ready": 0, "problems": problems_json(error.problems)})
        elif isinstance(error, DataError | TemplateError):
            show_problems(error.problems, to_result=True)
            say(_closing_line(0, error.problems, next_command("letters", folder)))
        else:
            raise
        return exit_code(error)
    if day := view.campaign.closed_on:
        return _show_closed(view, day, as_json=as_json)
    ready = sum(each.step.letter.id not in view.blocked_letters for each in view.letters)
    if as_json:
        listed = problems_json(view.problems)
        more = {"hidden": problems_json(view.ignored_warnings)} if include_ignored else {}
        show_json({"ready": ready, "problems": listed, **more})
    else:
        print_sources(view)
        shown = short_warning_ids(view.campaign, view.problems)
        show_problems(view.problems, to_result=True, warning_ids=shown)
        if include_ignored:
            show_problems(view.ignored_warnings, to_result=True, are_ignored=True)
        for line in _blank_line_notes(view.campaign, names):
            say(line)
        if shown:
            say(f"To ignore a warning: {next_command('check', folder, '--ignore', 'ID')}")
        make = next_command("letters", folder, *options.typed_names)
        closing = _closing_line(ready, view.problems, make, len(view.ignored_warnings))
        say(review_note(view) + closing)
    return PROBLEMS if view.errors else DONE


def _show_closed(view: CampaignOverview, day: dt.date, *, as_json: bool) -> int:
    """Say that there is nothing to be checked, and return the exit code."""
    if as_json:
        show_json({"ready": 0, "closed": str(day), "problems": problems_json(view.problems)})
    else:
        show_problems(view.problems, to_result=True)
        say(f"This campaign was closed on {format_day(day)}. You cannot create letters.")
    return PROBLEMS if view.errors else DONE


def _inspect(
    options: CampaignOptions, ignored_ids: tuple[str, ...], *, reset: bool
) -> CampaignOverview:
    """Look at the campaign, once more where what is hidden has changed."""
    campaign = read_campaign(options.folder, workbook=options.workbook)
    if reset:
        reset_ignored(campaign)
        campaign = read_campaign(options.folder, workbook=options.workbook)
    view = inspect_campaign(campaign, options.names)
    if not ignored_ids:
        return view
    save_decisions(campaign, ignore_decisions(campaign, view.problems, ignored_ids))
    return inspect_campaign(read_campaign(options.folder, workbook=options.workbook), options.names)


def _blank_line_notes(campaign: Campaign, names: tuple[str, ...]) -> Iterator[str]:
    """Yield which lines are removed because of blank values, and in how many letters."""
    for blank in blank_placeholders(campaign, names):
        template = f" from {blank.template}" if blank.template else ""
        letters = f"{blank.letters:,} of {format_count(blank.total, 'letter')}"
        yield f"blank line removed in {letters}{template}: {', '.join(blank.placeholders)}"


def _closing_line(ready: int, problems: Sequence[Problem], command: str, hidden: int = 0) -> str:
    """Return `10 letters ready; 2 errors in 2 cells. Fix G3 and G4, then run: …`."""
    errors, letters = errors_in(problems), f"{format_count(ready, 'letter')} ready"
    warnings = len(group_problems(p for p in problems if p.level == "warning"))
    warned = f", {format_count(warnings, 'warning')}" if warnings else ""
    warned += f", {hidden:,} ignored" if hidden else ""
    if not errors:
        return f"{letters}{warned}. Next: {command}"
    found = f"{letters}; {format_count(len(errors), 'error')}{_error_places(errors)}{warned}"
    is_one_sheet = len({(p.place.file, p.place.sheet) for p in errors}) == 1
    called = (p.place.cell if is_one_sheet else f"{p.place.sheet}!{p.place.cell}" for p in errors)
    cells = [c if p.place.row else "" for c, p in zip(called, errors, strict=True)]
    cells = list(dict.fromkeys(cells))
    fix = "Fix these" if len(errors) > 1 else "Fix it"
    if "" not in cells and len(cells) <= 6:  # these cells are all there is to do
        fix = f"Fix {' and '.join(filter(None, (', '.join(cells[:-1]), cells[-1])))}"
    return f"{found}. {fix}, then run: {command}"


def _error_places(errors: Sequence[Problem]) -> str:
    """Return ` in 2 cells and 1 paragraph`; empty if any error is in neither."""
    cells = {p.place for p in errors if p.place.row and p.place.sheet}
    paragraphs = {p.place for p in errors if p.place.paragraph}
    if any(p.place not in cells | paragraphs for p in errors):
        return ""
    counts = ((len(cells), "cell"), (len(paragraphs), "paragraph"))
    return f" in {' and '.join(format_count(number, what) for number, what in counts if number)}"


def review_note(view: CampaignOverview) -> str:
    """Return `3 people in the list need review; `; empty if there are none."""
    number = view.campaign.workbook.undecided_count
    people = "1 person in the list needs" if number == 1 else f"{number:,} people in the list need"
    return f"{people} review; " if number else ""


def print_sources(view: CampaignOverview) -> None:
    """Say where the signers are from, where there is a list beside the workbook."""
    if sources := describe_sources(view.campaign.workbook):
        say(sources)
