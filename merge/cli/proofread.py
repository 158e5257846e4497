"""`merge proofread`: proof that every finished letter holds its own pair's data and no other's."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from merge.campaign.campaign import open_campaign
from merge.campaign.proofreading import Proofread, read_again, write_proofs
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    count,
    exit_code,
    next_step,
    note,
    problems_json,
    say,
    show_json,
    show_problems,
)
from merge.model import MergeError, Problem

_MANY = 4
"""Letters of which the same is told once."""


def proofread_folder(
    folder: Path, workbook: Path | None, names: tuple[str, ...], *, as_json: bool
) -> int:
    """Run the command; its exit code: 1 where a letter must not be printed as it is."""
    try:
        campaign = open_campaign(folder, workbook=workbook)
        found = read_again(campaign, names)
        now = dt.datetime.now().astimezone()
        files = write_proofs(campaign, found, now) if found.reads else ()
    except MergeError as error:
        if not as_json:
            raise
        show_json(_as_json(Proofread(), list(error.problems), ()))
        return exit_code(error)
    if as_json:
        show_json(_as_json(found, found.doubts, files))
    else:
        show_problems(_together(found.doubts), to_result=True)
        for why, number in found.unread.items():
            note(f"not read: {count(number, 'letter')}, {why}.")
        say(_summary(found))
        say(_closing(found, folder, *files) if files else "There is nothing to proofread.")
    return PROBLEMS if _errors(found.doubts) else DONE


def _together(doubts: list[Problem]) -> list[Problem]:
    """What is said of many letters in the same words is told once; the report has them all."""
    alike: dict[tuple[str, str], list[Problem]] = {}
    for doubt in doubts:
        alike.setdefault((doubt.code, doubt.what), []).append(doubt)
    return [told for same in alike.values() for told in _told(same)]


def _told(same: list[Problem]) -> list[Problem]:
    if len(same) < _MANY:
        return same
    what = f"{same[0].what} The same in {len(same) - 1:,} more letters."
    return [replace(same[0], what=what)]


def _errors(doubts: list[Problem]) -> list[Problem]:
    return [doubt for doubt in doubts if doubt.level == "error"]


def _as_json(found: Proofread, doubts: list[Problem], files: tuple[str, ...]) -> dict[str, Any]:
    return {
        "read": len(found.reads),
        "right": sum(read.verdict == "right" for read in found.reads),
        "unread": dict(found.unread),
        "problems": problems_json(doubts),
        "files": list(files),
    }


def _summary(found: Proofread) -> str:
    right = sum(read.verdict == "right" for read in found.reads)
    look = len(found.reads) - right
    blocks = len({block.text for read in found.reads for block in read.blocks})
    doubtful = f", {look:,} to look at" if look else ""
    read = f"{count(len(found.reads), 'letter')} read: {right:,} right{doubtful}."
    return f"{read} {count(blocks, 'block')} for a native speaker."


def _closing(found: Proofread, folder: Path, report: str, document: str) -> str:
    if _errors(found.doubts):
        again = next_step("proofread", folder)
        return f"Put right what is named above, then: {again}. The whole report: {report}"
    to_paper = next_step("print", folder)
    return f"Next: let a native speaker read {document}, sign off {report}, then: {to_paper}"
