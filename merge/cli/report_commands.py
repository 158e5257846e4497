"""Output of `merge report`, `merge placeholders` and `merge mark`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merge.board_report.figures import TOTAL_LABELS
from merge.campaign.campaign import accept_present_files, read_campaign
from merge.campaign.campaign_files import WORKBOOK_FILE, check_places
from merge.campaign.marking import MarkOrder, MarkResult, mark_letters
from merge.campaign.overview import inspect_campaign
from merge.campaign.placeholders import offered_placeholders
from merge.cli.options import CampaignOptions
from merge.cli.status_command import require_intact
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    errors_in,
    exit_code,
    next_command,
    note,
    print_first,
    problems_json,
    say,
    show_json,
    show_problems,
    typed_path,
)
from merge.errors import MergeError
from merge.naming import format_count
from merge.product import REGISTER_FILE
from merge.workbook.reading import read_workbook

if TYPE_CHECKING:
    pass


def save_report(options: CampaignOptions, *, with_names: bool) -> int:
    """Save the report for a board, and return the exit code.

    It is 1 if the figures are not known.
    """
    from merge.campaign.report_numbers import report_numbers, write_report  # noqa: PLC0415 - openpyxl

    try:
        campaign = read_campaign(options.folder, workbook=options.workbook)
        overview = require_intact(inspect_campaign(campaign))
        numbers = report_numbers(overview, with_names=with_names)
        files = [typed_path(file) for file in write_report(campaign, numbers)]
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"totals": {}, "files": [], "problems": problems_json(error.problems)})
        return exit_code(error)
    has_errors = overview.counts.states["faulty"] > 0
    problems = [p for p in overview.problems if p.place.file == REGISTER_FILE or has_errors]
    if options.as_json:
        show_json(
            {
                "totals": dict(numbers.totals),
                "files": list(map(str, files)),
                "problems": problems_json(problems),
            }
        )
        return DONE
    show_problems(problems)
    (_, letters), *stages = numbers.totals.items()
    labels = {name: TOTAL_LABELS.get(name, name).lower() for name, _ in stages}
    stage_text = ", ".join(f"{count:,} {labels[name]}" for name, count in stages)
    say(f"{format_count(letters, 'letter')}: {stage_text}.")
    for line in numbers.notes:
        note(line)
    say(f"Next: share {files[1]} (one page); {files[0]} has all tables.")
    return DONE


def list_placeholders(options: CampaignOptions) -> int:
    """Print all placeholders of the workbook; return the exit code."""
    try:
        check_places(options.folder)
        placeholders = [
            *offered_placeholders(read_workbook(options.workbook or options.folder / WORKBOOK_FILE))
        ]
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"tags": [], "problems": problems_json(error.problems)})
        return exit_code(error)
    if options.as_json:
        listed = [
            {"tag": p.tag, "field": p.field, "words": p.words, "first": p.first}
            for p in placeholders
        ]
        show_json({"tags": listed, "problems": []})
        return DONE
    rows = [("placeholder", "merge field", "example")]
    rows += [
        (placeholder.tag, placeholder.field, placeholder.first) for placeholder in placeholders
    ]
    tags, fields = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:2])
    for tag, name, first in rows:
        say(f"{tag:<{tags}}  {name:<{fields}}  {first}".rstrip())
    say("Next: copy a placeholder with its braces into the Word template, or use its merge field.")
    return DONE


_MAX_NAMED_LETTERS = 10
"""Number of letters that are listed by name."""


def mark_campaign(options: CampaignOptions, order: MarkOrder, *, anyway: bool) -> int:
    """Mark letters, show the result, and return the exit code.

    `anyway` goes on although files have not arrived.
    """
    try:
        campaign = read_campaign(options.folder, workbook=options.workbook)
        if anyway:
            campaign = accept_present_files(campaign, is_recorded=False)
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
        print_first(result.marked_paths, _MAX_NAMED_LETTERS)
        stage = order.stage.lower()
        effect = f"no longer marked as {stage}" if order.undo else f"marked as {stage}"
        letters = format_count(len(result.marked_paths), "letter")
        say(f"{letters} {effect}.{_unchanged_note(result, order)}")
        say(f"Next: {next_command('status', options.folder)}")
    return PROBLEMS if errors_in(result.problems) else DONE


def _unchanged_note(result: MarkResult, order: MarkOrder) -> str:
    """Return ` 8 letters were already marked.`, or an empty text for none."""
    if not result.unchanged_count:
        return ""
    letters = format_count(result.unchanged_count, "letter")
    if order.undo:
        return f" {letters} had no such mark."
    return f" {letters} {'was' if result.unchanged_count == 1 else 'were'} already marked."


def _mark_json(result: MarkResult) -> dict[str, object]:
    return {
        "marked": result.marked_paths,
        "unchanged": result.unchanged_count,
        "problems": problems_json(result.problems),
    }
