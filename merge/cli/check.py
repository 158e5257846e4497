"""`merge check`: every problem, nothing written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from merge.campaign.campaign import open_campaign
from merge.checks.tags import ClosedLine
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    count,
    exit_code,
    next_step,
    problems_json,
    say,
    show_json,
    show_problems,
)
from merge.model import Faulty, MergeError, Problem, gathered


def check_folder(
    folder: Path, workbook: Path | None, names: tuple[str, ...], *, as_json: bool
) -> int:
    """Run the command; its exit code."""
    try:
        campaign = open_campaign(folder, workbook=workbook)
        problems = campaign.relevant(names)
    except MergeError as error:
        if not as_json:
            raise
        show_json(_as_json(0, error.problems))
        return exit_code(error)
    faulty = Faulty(campaign.findings)
    ready = sum(1 for pair in campaign.pairs(names) if not faulty.reason(pair))
    if as_json:
        show_json(_as_json(ready, problems))
    else:
        show_problems(problems, to_result=True)
        for line in campaign.closed_lines(names):
            say(_closes_up(line))
        options = [*(("--workbook", str(workbook)) if workbook else ())]
        options += [word for name in names for word in ("--for", name)]
        say(_closing(ready, problems, next_step("letters", folder, *options)))
    return PROBLEMS if any(p.level == "error" for p in problems) else DONE


def _closes_up(line: ClosedLine) -> str:
    letters = f"{line.letters:,} of {count(line.of, 'letter')}"
    return f"closes up  {line.tag.written} is blank in {letters}"


def _as_json(ready: int, problems: Iterable[Problem]) -> dict[str, Any]:
    return {"ready": ready, "problems": problems_json(problems)}


def _closing(ready: int, problems: list[Problem], command: str) -> str:
    """`10 letters ready; 2 errors in 2 cells, 1 warning. Fix G3 and G4, then: merge letters`."""
    errors = [p for p in problems if p.level == "error"]
    warnings = len(gathered(p for p in problems if p.level == "warning"))
    told = [f"{count(ready, 'letter')} ready"]
    if errors:
        cells = sorted({p.place for p in errors if p.place.row and p.place.sheet})
        told.append(
            count(len(errors), "error") + (f" in {count(len(cells), 'cell')}" if cells else "")
        )
    if warnings:
        told.append(count(warnings, "warning"))
    if not errors:
        return (
            f"{'; '.join(told[:1])}{', ' if warnings else ''}{', '.join(told[1:])}. Next: {command}"
        )
    return f"{told[0]}; {', '.join(told[1:])}. {_fix(errors)}, then: {command}"


def _fix(errors: list[Problem]) -> str:
    """The cells to fix, where that is all there is to do."""
    cells = list(dict.fromkeys(p.place.cell if p.place.row else "" for p in errors))
    if "" in cells or len(cells) > 6:
        return "Fix these" if len(errors) > 1 else "Fix it"
    return f"Fix {' and '.join(filter(None, (', '.join(cells[:-1]), cells[-1])))}"
