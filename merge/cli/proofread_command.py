"""`merge proofread`: what came of reading the letters again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merge.advice import Advice
from merge.campaign.campaign import read_campaign
from merge.campaign.errand import Stopped
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
    say,
    show_json,
    show_problems,
    stoppable,
    typed_path,
    worded,
)
from merge.errors import MergeError
from merge.naming import counted
from merge.problems import Problem

if TYPE_CHECKING:
    from merge.campaign.proofread_run import ProofreadResult


_MANY = 4
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
        with stoppable() as errand:
            found = proofread_run.proofread_letters(campaign, options.names, errand)
            proofs = proofread_run.write_proofs(campaign, found, now, errand) if found.reads else ()
        files = tuple(str(typed_path(Path(file))) for file in proofs)
    except MergeError as error:
        if not as_json:
            raise
        show_json(_proofread_json(proofread_run.ProofreadResult(), list(error.problems), ()))
        return exit_code(error)
    except Stopped:
        if as_json:
            show_json(_proofread_json(proofread_run.ProofreadResult(), [], ()) | {"stopped": True})
        else:
            again = next_step("proofread", folder, *options.typed_names)
            say(f"Stopped. Nothing was changed. To start again: {again}")
        return STOPPED
    if as_json:
        show_json(_proofread_json(found, found.doubts, files))
    else:
        show_problems(_together(found.doubts), to_result=True)
        for why, number in found.unread.items():
            note(f"not checked: {counted(number, 'letter')}, {worded(Advice(why, '.'), folder)}")
        say(_checked(found))
        say(
            _proofread_closing(found, folder, *files) if files else "There is nothing to proofread."
        )
    return PROBLEMS if errors_among(found.doubts) else DONE


def _together(doubts: list[Problem]) -> Iterator[Problem]:
    """Yield what is said of many letters in the same words once; the report has them all."""
    alike: dict[tuple[str, str], list[Problem]] = {}
    for doubt in doubts:
        alike.setdefault((doubt.code, doubt.what), []).append(doubt)
    for same in alike.values():
        if len(same) < _MANY:
            yield from same
        else:
            what = f"{same[0].what} {len(same) - 1:,} more letters have the same problem."
            yield replace(same[0], what=what)


def _checked(found: ProofreadResult) -> str:
    """Return how many letters were checked, and what they are like."""
    right, blocks = (
        _right(found),
        len({block.text for read in found.reads for block in read.blocks}),
    )
    others = len(found.reads) - right
    review = f"{right:,} without problems, {others:,} {'needs' if others == 1 else 'need'} review"
    state = ": no problems found" if not others else f": {review}"
    general = " Some problems are in all letters." if found.general else ""
    letters = f"{counted(len(found.reads), 'letter')} checked{state if found.reads else ''}."
    return f"{letters}{general} {counted(blocks, 'text block')} for a native speaker."


def _right(found: ProofreadResult) -> int:
    return sum(read.verdict == "right" for read in found.reads)


def _proofread_json(
    found: ProofreadResult, doubts: list[Problem], files: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "read": len(found.reads),
        "right": _right(found),
        "unread": {worded(why): number for why, number in found.unread.items()},
        "problems": problems_json(doubts),
        "files": list(files),
    }


def _proofread_closing(found: ProofreadResult, folder: Path, report: str, document: str) -> str:
    if errors_among(found.doubts):
        again = next_step("proofread", folder)
        return f"Fix the problems above (full report: {report}), then run: {again}"
    if found.general:
        again = next_step("proofread", folder)
        return f"First check the problems in all letters (report: {report}), then run: {again}"
    to_paper = next_step("print", folder)
    return f"Next: have a native speaker read {document}, sign off {report}, then run: {to_paper}"
