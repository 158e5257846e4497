"""`merge proofread`: what came of reading the letters again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merge.advice import Hint
from merge.campaign.campaign import read_campaign
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
"""Letters of which the same is said once."""


def proofread_folder(options: CampaignOptions) -> int:
    """Proofread the finished letters, and return the exit code.

    It is 1 where a letter must not be printed as it is.
    """
    from merge.campaign import proofread_run  # noqa: PLC0415 - openpyxl

    folder, as_json = options.folder, options.as_json
    try:
        campaign = read_campaign(folder, workbook=options.workbook)
        now = dt.datetime.now().astimezone()
        with cancellable_task() as task:
            found = proofread_run.proofread_letters(campaign, options.names, task)
            proofs = (
                proofread_run.write_proofs(campaign, found, now, task)
                if found.reviewed_letters
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
            again = next_command("proofread", folder, *options.typed_names)
            say(f"Stopped. Nothing was changed. To start again: {again}")
        return STOPPED
    if as_json:
        show_json(_proofread_json(found, found.all_problems, files))
    else:
        show_problems(_merge_repeated(found.all_problems), to_result=True)
        for why, number in found.unread_reasons.items():
            note(
                f"not checked: {format_count(number, 'letter')}, {hint_text(Hint(why, '.'), folder)}"  # noqa: E501
            )
        say(_summary_line(found))
        say(_closing_line(found, folder, *files) if files else "There is nothing to proofread.")
    return PROBLEMS if errors_in(found.all_problems) else DONE


def _merge_repeated(doubts: list[Problem]) -> Iterator[Problem]:
    """Yield what is said of many letters in the same words once; the report has them all."""
    alike: dict[tuple[str, str], list[Problem]] = {}
    for doubt in doubts:
        alike.setdefault((doubt.code, doubt.what), []).append(doubt)
    for same in alike.values():
        if len(same) < _MIN_REPEATED:
            yield from same
        else:
            what = f"{same[0].what} {len(same) - 1:,} more letters have the same problem."
            yield replace(same[0], what=what)


def _summary_line(found: ProofreadResult) -> str:
    """Return how many letters were checked, and what they are like."""
    right, blocks = (
        _count_without_problems(found),
        len({block.text for read in found.reviewed_letters for block in read.proof_blocks}),
    )
    others = len(found.reviewed_letters) - right
    review = f"{right:,} without problems, {others:,} {'needs' if others == 1 else 'need'} review"
    state = ": no problems found" if not others else f": {review}"
    general = " Some problems are in all letters." if found.general_problems else ""
    letters = f"{format_count(len(found.reviewed_letters), 'letter')} checked{state if found.reviewed_letters else ''}."  # noqa: E501
    return f"{letters}{general} {format_count(blocks, 'text block')} for a native speaker."


def _count_without_problems(found: ProofreadResult) -> int:
    return sum(read.verdict == "right" for read in found.reviewed_letters)


def _proofread_json(
    found: ProofreadResult, doubts: list[Problem], files: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "read": len(found.reviewed_letters),
        "right": _count_without_problems(found),
        "unread": {hint_text(why): number for why, number in found.unread_reasons.items()},
        "problems": problems_json(doubts),
        "files": list(files),
    }


def _closing_line(found: ProofreadResult, folder: Path, report: str, document: str) -> str:
    if errors_in(found.all_problems):
        again = next_command("proofread", folder)
        return f"Fix the problems above (full report: {report}), then run: {again}"
    if found.general_problems:
        again = next_command("proofread", folder)
        return f"First check the problems in all letters (report: {report}), then run: {again}"
    to_paper = next_command("print", folder)
    return f"Next: have a native speaker read {document}, sign off {report}, then run: {to_paper}"
