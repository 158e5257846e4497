"""`merge proofread`: checks finished letters and shows the result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merge.advice import Hint
from merge.campaign.campaign import accept_present_files, read_campaign
from merge.campaign.task import Cancelled
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    STOPPED,
    cancellable_task,
    errors_in,
    exit_code,
    hint_text,
    next_command,
    note,
    problems_json,
    repeated_command,
    say,
    show_json,
    show_problems,
    typed_path,
)
from merge.errors import MergeError
from merge.naming import format_count
from merge.problems import Problem

if TYPE_CHECKING:
    from merge.campaign.proofread_run import ProofreadResult


_MIN_REPEATED = 4
"""Number of letters from which a repeated problem is shown once."""


def proofread_folder(options: CampaignOptions, *, anyway: bool) -> int:
    """Proofread the finished letters, and return the exit code.

    It is 1 if a letter must not be printed as it is. `anyway` goes on although files have not
    arrived.
    """
    from merge.campaign import proofread_run  # noqa: PLC0415 - openpyxl

    folder, as_json = options.folder, options.as_json
    try:
        campaign = read_campaign(folder, workbook=options.workbook)
        if anyway:
            campaign = accept_present_files(campaign, is_recorded=False)
        now = dt.datetime.now().astimezone()
        with cancellable_task() as task:
            result = proofread_run.proofread_letters(campaign, options.names, task)
            proofs = (
                proofread_run.write_proofs(campaign, result, now, task)
                if result.reviewed_letters
                else ()
            )
        files = tuple(str(typed_path(Path(file))) for file in proofs)
    except MergeError as error:
        if not as_json:
            raise
        show_json(_proofread_json(proofread_run.ProofreadResult(), list(error.problems), ()))
        return exit_code(error)
    except Cancelled:
        if as_json:
            show_json(_proofread_json(proofread_run.ProofreadResult(), [], ()) | {"stopped": True})
        else:
            say(f"Stopped. Nothing was changed. To start again: {repeated_command()}")
        return STOPPED
    if as_json:
        show_json(_proofread_json(result, result.all_problems, files))
    else:
        show_problems(_merge_repeated(result.all_problems), to_result=True)
        for why, number in result.unread_reasons.items():
            reason = hint_text(Hint(why, "."), folder)
            note(f"not checked: {format_count(number, 'letter')}, {reason}")
        say(_summary_line(result))
        say(_closing_line(result, folder, *files) if files else "There is nothing to proofread.")
    return PROBLEMS if errors_in(result.all_problems) else DONE


def _merge_repeated(doubts: list[Problem]) -> Iterator[Problem]:
    """Yield the problems of letters; a problem of many letters only once.

    The report has all of them.
    """
    groups: dict[tuple[str, str], list[Problem]] = {}
    for doubt in doubts:
        groups.setdefault((doubt.code, doubt.what), []).append(doubt)
    for group in groups.values():
        if len(group) < _MIN_REPEATED:
            yield from group
        else:
            what = f"{group[0].what} {len(group) - 1:,} more letters have the same problem."
            yield replace(group[0], what=what)


def _summary_line(result: ProofreadResult) -> str:
    """Return how many letters were checked and how many need review."""
    correct, blocks = (
        _count_without_problems(result),
        len({block.text for letter in result.reviewed_letters for block in letter.proof_blocks}),
    )
    unsure = len(result.reviewed_letters) - correct
    review = f"{correct:,} without problems, {unsure:,} {'needs' if unsure == 1 else 'need'} review"
    general = " Some problems are in all letters." if result.general_problems else ""
    state = f": {review}" if unsure else "" if general else ": no problems found"
    letters = format_count(len(result.reviewed_letters), "letter")
    checked = f"{letters} checked{state if result.reviewed_letters else ''}."
    return f"{checked}{general} {format_count(blocks, 'text block')} for a native speaker."


def _count_without_problems(result: ProofreadResult) -> int:
    return sum(letter.verdict == "right" for letter in result.reviewed_letters)


def _proofread_json(
    result: ProofreadResult, doubts: list[Problem], files: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "read": len(result.reviewed_letters),
        "right": _count_without_problems(result),
        "unread": {hint_text(why): number for why, number in result.unread_reasons.items()},
        "problems": problems_json(doubts),
        "files": list(files),
    }


def _closing_line(result: ProofreadResult, folder: Path, report: str, document: str) -> str:
    if errors_in(result.all_problems):
        command = next_command("proofread", folder)
        return f"Fix the problems above (full report: {report}), then run: {command}"
    if result.general_problems:
        command = next_command("proofread", folder)
        return f"First check the problems in all letters (report: {report}), then run: {command}"
    command = next_command("print", folder)
    return f"Next: have a native speaker read {document}, sign off {report}, then run: {command}"
