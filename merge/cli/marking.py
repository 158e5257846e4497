"""`merge mark`: what was printed, signed, posted or answered, written into the register."""

from __future__ import annotations

from pathlib import Path

from merge.campaign.campaign import read_campaign
from merge.campaign.marking import MarkOrder, MarkResult, mark_letters
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    errors_among,
    exit_code,
    next_step,
    note,
    problems_json,
    say,
    show_json,
    show_problems,
)
from merge.model import MergeError
from merge.naming import counted

_FEW = 10
"""Letters that are named one by one."""


def mark_folder(folder: Path, workbook: Path | None, order: MarkOrder, *, as_json: bool) -> int:
    """Mark the letters, say what was done, and return the exit code."""
    try:
        campaign = read_campaign(folder, workbook=workbook)
        result = mark_letters(campaign, order)
    except MergeError as error:
        if not as_json:
            raise
        show_json(_mark_json(MarkResult(problems=[*error.problems])))
        return exit_code(error)
    if as_json:
        show_json(_mark_json(result))
    else:
        show_problems(result.problems)
        for path in result.marked[:_FEW]:
            note(f"      {path}")
        if len(result.marked) > _FEW:
            note(f"      and {len(result.marked) - _FEW:,} more")
        stage = order.stage.lower()
        done = f"no longer marked as {stage}" if order.undo else f"marked as {stage}"
        as_before = f" {counted(result.unchanged, 'letter')} before." if result.unchanged else ""
        say(f"{counted(len(result.marked), 'letter')} {done}.{as_before}")
        say(f"Next: {next_step('status', folder)}")
    return PROBLEMS if errors_among(result.problems) else DONE


def _mark_json(result: MarkResult) -> dict[str, object]:
    return {
        "marked": result.marked,
        "unchanged": result.unchanged,
        "problems": problems_json(result.problems),
    }
