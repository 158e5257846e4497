"""The output of `merge report`, `placeholders` and `mark`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from merge.board_report.figures import TOTAL_LABELS
from merge.campaign.campaign import read_campaign
from merge.campaign.marking import MarkOrder, MarkResult, mark_letters
from merge.campaign.places import WORKBOOK_FILE, check_places
from merge.campaign.tags import offered_tags
from merge.campaign.view import look
from merge.cli.options import CampaignOptions
from merge.cli.status_command import seen
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    errors_among,
    exit_code,
    list_few,
    next_step,
    note,
    problems_json,
    say,
    show_json,
    show_problems,
    typed_path,
)
from merge.errors import MergeError
from merge.naming import counted
from merge.product import REGISTER_FILE
from merge.workbook.reading import read_workbook

if TYPE_CHECKING:
    pass


def report_folder(options: CampaignOptions, *, with_names: bool) -> int:
    """Save the report for a board in the campaign folder, and return the exit code.

    It is 1 if the figures are not known.
    """
    from merge.campaign.report_numbers import report_numbers, write_report  # noqa: PLC0415 - openpyxl

    try:
        campaign = read_campaign(options.folder, workbook=options.workbook)
        view = seen(look(campaign))
        numbers = report_numbers(view, with_names=with_names)
        files = [typed_path(file) for file in write_report(campaign, numbers)]
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"totals": {}, "files": [], "problems": problems_json(error.problems)})
        return exit_code(error)
    faulty = view.counts.states["faulty"] > 0
    doubts = [p for p in view.problems if p.place.file == REGISTER_FILE or faulty]
    if options.as_json:
        show_json(
            {
                "totals": dict(numbers.totals),
                "files": list(map(str, files)),
                "problems": problems_json(doubts),
            }
        )
        return DONE
    show_problems(doubts)
    (_, letters), *stages = numbers.totals.items()
    labels = {name: TOTAL_LABELS.get(name, name).lower() for name, _ in stages}
    reached = ", ".join(f"{count:,} {labels[name]}" for name, count in stages)
    say(f"{counted(letters, 'letter')}: {reached}.")
    for told in numbers.notes:
        note(told)
    say(f"Next: share {files[1]} (one page); {files[0]} has all tables.")
    return DONE


def list_tags(options: CampaignOptions) -> int:
    """Print every placeholder of the workbook, ready to copy, and return the exit code."""
    try:
        check_places(options.folder)
        offered = [*offered_tags(read_workbook(options.workbook or options.folder / WORKBOOK_FILE))]
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"tags": [], "problems": problems_json(error.problems)})
        return exit_code(error)
    if options.as_json:
        show_json({"tags": [asdict(each) for each in offered], "problems": []})
        return DONE
    rows = [("placeholder", "merge field", "example")]
    rows += [(each.tag, each.field, each.first) for each in offered]
    tags, fields = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:2])
    for tag, name, first in rows:
        say(f"{tag:<{tags}}  {name:<{fields}}  {first}".rstrip())
    say("Next: copy a placeholder with its braces into the Word template, or use its merge field.")
    return DONE


_FEW = 10
"""Letters that are named one by one."""


def mark_folder(options: CampaignOptions, order: MarkOrder) -> int:
    """Mark the letters, say what was done, and return the exit code."""
    try:
        campaign = read_campaign(options.folder, workbook=options.workbook)
        result = mark_letters(campaign, order)
    except MergeError as error:
        if not options.as_json:
            raise
        show_json(_mark_json(MarkResult(problems=[*error.problems])))
        return exit_code(error)
    if options.as_json:
        show_json(_mark_json(result))
    else:
        show_problems(result.problems)
        list_few(result.marked, _FEW)
        stage = order.stage.lower()
        done = f"no longer marked as {stage}" if order.undo else f"marked as {stage}"
        say(f"{counted(len(result.marked), 'letter')} {done}.{_unchanged(result, order)}")
        say(f"Next: {next_step('status', options.folder)}")
    return PROBLEMS if errors_among(result.problems) else DONE


def _unchanged(result: MarkResult, order: MarkOrder) -> str:
    """Return ` 8 letters were already marked.`; empty if there are none."""
    if not result.unchanged:
        return ""
    letters = counted(result.unchanged, "letter")
    if order.undo:
        return f" {letters} had no such mark."
    return f" {letters} {'was' if result.unchanged == 1 else 'were'} already marked."


def _mark_json(result: MarkResult) -> dict[str, object]:
    return {
        "marked": result.marked,
        "unchanged": result.unchanged,
        "problems": problems_json(result.problems),
    }
