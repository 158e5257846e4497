"""`merge check`: all problems, and which warnings are ignored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from merge.campaign.campaign import Campaign, read_campaign, spoken_day, spoken_sources
from merge.campaign.ignored_warnings import decisions_to_hide, reset_ignored, signs
from merge.campaign.questions import settle
from merge.campaign.tags import blank_tags
from merge.campaign.view import View, look
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    errors_among,
    exit_code,
    next_step,
    problems_json,
    say,
    show_json,
    show_problems,
)
from merge.errors import DataError, MergeError, TemplateError
from merge.messages.groups import group_problems
from merge.naming import counted
from merge.problems import Problem

if TYPE_CHECKING:
    pass


def check_folder(
    options: CampaignOptions, *, everything: bool, hide: tuple[str, ...], reset: bool
) -> int:
    """Find every problem and return the exit code; nothing is written but what is hidden."""
    folder, names, as_json = options.folder, options.names, options.as_json
    try:
        view = _looked(options, hide, reset=reset)
    except MergeError as error:
        if as_json:
            show_json({"ready": 0, "problems": problems_json(error.problems)})
        elif isinstance(error, DataError | TemplateError):
            show_problems(error.problems, to_result=True)
            say(_check_closing(0, error.problems, next_step("letters", folder)))
        else:
            raise
        return exit_code(error)
    if day := view.campaign.closed:
        return _show_closed(view, day, as_json=as_json)
    ready = sum(each.step.letter.id not in view.stopped for each in view.letters)
    if as_json:
        listed = problems_json(view.problems)
        more = {"hidden": problems_json(view.hidden)} if everything else {}
        show_json({"ready": ready, "problems": listed, **more})
    else:
        say_sources(view)
        shown = signs(view.campaign, view.problems)
        show_problems(view.problems, to_result=True, signs=shown)
        if everything:
            show_problems(view.hidden, to_result=True, hidden=True)
        for line in _closing_up(view.campaign, names):
            say(line)
        if shown:
            say(f"To ignore a warning: {next_step('check', folder, '--ignore', 'ID')}")
        make = next_step("letters", folder, *options.typed_names)
        closing = _check_closing(ready, view.problems, make, len(view.hidden))
        say(to_review(view) + closing)
    return PROBLEMS if view.errors else DONE


def _show_closed(view: View, day: dt.date, *, as_json: bool) -> int:
    """Say that there is nothing to be checked, and return the exit code."""
    if as_json:
        show_json({"ready": 0, "closed": str(day), "problems": problems_json(view.problems)})
    else:
        show_problems(view.problems, to_result=True)
        say(f"This campaign was closed on {spoken_day(day)}. You cannot create letters.")
    return PROBLEMS if view.errors else DONE


def _looked(options: CampaignOptions, hide: tuple[str, ...], *, reset: bool) -> View:
    """Look at the campaign, once more where what is hidden has changed."""
    campaign = read_campaign(options.folder, workbook=options.workbook)
    if reset:
        reset_ignored(campaign)
        campaign = read_campaign(options.folder, workbook=options.workbook)
    view = look(campaign, options.names)
    if not hide:
        return view
    settle(campaign, decisions_to_hide(campaign, view.problems, hide))
    return look(read_campaign(options.folder, workbook=options.workbook), options.names)


def _closing_up(campaign: Campaign, names: tuple[str, ...]) -> Iterator[str]:
    """Yield which lines are removed because of blank values, and in how many letters."""
    for blank in blank_tags(campaign, names):
        template = f" from {blank.template}" if blank.template else ""
        letters = f"{blank.letters:,} of {counted(blank.of, 'letter')}"
        yield f"blank line removed in {letters}{template}: {', '.join(blank.tags)}"


def _check_closing(ready: int, problems: Sequence[Problem], command: str, hidden: int = 0) -> str:
    """Return `10 letters ready; 2 errors in 2 cells. Fix G3 and G4, then run: …`."""
    errors, letters = errors_among(problems), f"{counted(ready, 'letter')} ready"
    warnings = len(group_problems(p for p in problems if p.level == "warning"))
    warned = f", {counted(warnings, 'warning')}" if warnings else ""
    warned += f", {hidden:,} ignored" if hidden else ""
    if not errors:
        return f"{letters}{warned}. Next: {command}"
    found = f"{letters}; {counted(len(errors), 'error')}{_where(errors)}{warned}"
    is_one_sheet = len({(p.place.file, p.place.sheet) for p in errors}) == 1
    called = (p.place.cell if is_one_sheet else f"{p.place.sheet}!{p.place.cell}" for p in errors)
    cells = [c if p.place.row else "" for c, p in zip(called, errors, strict=True)]
    cells = list(dict.fromkeys(cells))
    fix = "Fix these" if len(errors) > 1 else "Fix it"
    if "" not in cells and len(cells) <= 6:  # these cells are all there is to do
        fix = f"Fix {' and '.join(filter(None, (', '.join(cells[:-1]), cells[-1])))}"
    return f"{found}. {fix}, then run: {command}"


def _where(errors: Sequence[Problem]) -> str:
    """Return ` in 2 cells and 1 paragraph`; empty if any error is in neither."""
    cells = {p.place for p in errors if p.place.row and p.place.sheet}
    paragraphs = {p.place for p in errors if p.place.paragraph}
    if any(p.place not in cells | paragraphs for p in errors):
        return ""
    counts = ((len(cells), "cell"), (len(paragraphs), "paragraph"))
    return f" in {' and '.join(counted(number, what) for number, what in counts if number)}"


def to_review(view: View) -> str:
    """Return `3 people in the list need review; `; empty if there are none."""
    number = view.campaign.workbook.waiting
    people = "1 person in the list needs" if number == 1 else f"{number:,} people in the list need"
    return f"{people} review; " if number else ""


def say_sources(view: View) -> None:
    """Say where the signers are from, where there is a list beside the workbook."""
    if sources := spoken_sources(view.campaign.workbook):
        say(sources)
