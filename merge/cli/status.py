"""`merge status`: how far the letters are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from merge.campaign.campaign import open_campaign
from merge.campaign.status import NOT_PRINTED, Pile, Status, status_of
from merge.cli.terminal import (
    DONE,
    count,
    exit_code,
    next_step,
    problems_json,
    say,
    show_json,
    show_problems,
)
from merge.model import MergeError
from merge.register.model import STAGES

_MOST = 30
"""People of a list that are shown; all are in `--json`."""


def show_status(
    folder: Path, workbook: Path | None, names: tuple[str, ...], *, as_json: bool
) -> int:
    """Run the command; its exit code."""
    try:
        status = status_of(open_campaign(folder, workbook=workbook), names)
    except MergeError as error:
        if not as_json:
            raise
        show_json(_as_json(Status(problems=list(error.problems))))
        return exit_code(error)
    if as_json:
        show_json(_as_json(status))
        return DONE
    show_problems(status.problems)
    _say(status)
    say(_closing(status, folder))
    return DONE


def _as_json(status: Status) -> dict[str, Any]:
    return {
        "letters": status.whole.letters,
        "states": dict(status.states),
        "stages": _stages(status.whole),
        "signers": {label: _pile(pile) for label, pile in status.signers.items()},
        "recipients": {label: _pile(pile) for label, pile in status.recipients.items()},
        "print_again": status.print_again,
        "in_batches": status.in_batches,
        "problems": problems_json(status.problems),
    }


def _pile(pile: Pile) -> dict[str, Any]:
    return {
        "letters": pile.letters,
        **_stages(pile),
        "waiting": {k: v for k, v in pile.waits.items() if k},
    }


def _stages(pile: Pile) -> dict[str, int]:
    return {stage.lower(): pile.stages[stage] for stage in STAGES}


def _say(status: Status) -> None:
    states = "; ".join(f"{number:,} {state}" for state, number in status.states.most_common())
    say(f"{count(status.whole.letters, 'letter')}: {states}.")
    say(", ".join(f"{number:,} {stage}" for stage, number in _stages(status.whole).items()) + ".")
    shown = [*list(status.signers)[:_MOST], *list(status.recipients)[:_MOST], "Recipient"]
    width = max(map(len, shown))
    for title, piles in (("Signer", status.signers), ("Recipient", status.recipients)):
        say()
        for line in _table(title, piles, width):
            say(line)
    if status.print_again:
        say()
        say(f"Print again, changed since: {count(len(status.print_again), 'letter')}.")
        for path in status.print_again[:_MOST]:
            say(f"  {path}")
    waiting = list(_waiting(status.signers))
    if waiting:
        say()
        for line in waiting[:_MOST]:
            say(line)
        if len(waiting) > _MOST:
            say(f"and {len(waiting) - _MOST:,} more (all of them with --json)")
    say()


def _table(title: str, piles: Mapping[str, Pile], width: int) -> Iterator[str]:
    """A line a person, the numbers below each other."""
    heads = ["letters", *(stage.lower() for stage in STAGES)]
    yield "  ".join([f"{title:<{width}}", *heads])
    for label, pile in list(piles.items())[:_MOST]:
        numbers = [pile.letters, *_stages(pile).values()]
        cells = (f"{number:>{len(head)},}" for number, head in zip(numbers, heads, strict=True))
        yield "  ".join([f"{label:<{width}}", *cells])
    if len(piles) > _MOST:
        yield f"and {len(piles) - _MOST:,} more (all of them with --json)"


def _waiting(piles: Mapping[str, Pile]) -> Iterator[str]:
    """Whose letters wait for the next stage: `Ana: 4 letters printed, not signed`."""
    for label, pile in piles.items():
        for waits, number in pile.waits.items():
            if waits and waits != NOT_PRINTED:
                yield f"{label}: {count(number, 'letter')} {waits}"


def _closing(status: Status, folder: Path) -> str:
    due = status.states["not there"] + status.states["data changed"]
    if due:
        return f"{count(due, 'letter')} to be written. Next: {next_step('letters', folder)}"
    unmarked, in_batches = status.whole.waits[NOT_PRINTED], status.in_batches
    if unmarked > in_batches:
        print_them = next_step("print", folder)
        return f"{count(unmarked - in_batches, 'letter')} in no batch yet. Next: {print_them}"
    if in_batches:
        theirs = f"{count(in_batches, 'letter')} in batches, not marked as printed"
        return f"{theirs}. Next: print them, then write the date into Printed of register.xlsx."
    return "Every letter is on paper."
