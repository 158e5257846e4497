"""What `merge letters` says of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from merge.campaign.campaign import LETTERS
from merge.campaign.plan import SEVERAL, Balance
from merge.cli.terminal import count, note, problems_json, say
from merge.model import Problem, State, Step

_FEW = 10
"""Files of one kind that are named one by one."""

_QUIET: set[State] = {"new", "unchanged", "faulty"}
_WORDS: dict[State, str] = {
    "new": "write",
    "rewritten": "write anew",
    "unchanged": "same as now",
}
_ADVICE: tuple[tuple[set[State], str], ...] = (
    (
        {"edited", "edited-changed", "resaved"},
        "To make an edited letter anew: merge letters --again NAME. The old one is set aside.",
    ),
    ({"foreign"}, "Where another file has a letter's place: move that file, then run again."),
    ({"in-use"}, "Close what is open, then run again."),
)


def as_json(balance: Balance, problems: Iterable[Problem], steps: Iterable[Step]) -> dict[str, Any]:
    """The whole result as one object."""
    return {
        "planned": balance.planned,
        "written": balance.written,
        "unchanged": balance.unchanged,
        "kept": balance.kept,
        "skipped": balance.skipped,
        "problems": problems_json(problems),
        "letters": [_letter_json(step) for step in steps],
    }


def _letter_json(step: Step) -> dict[str, str]:
    letter = step.letter
    return {
        "id": letter.id,
        "signer": letter.pair.signer.label,
        "recipient": letter.pair.recipient.label,
        "path": f"{LETTERS}/{letter.path}",
        "state": step.state,
        "reason": step.reason,
    }


def list_plan(steps: Iterable[Step], target: Path) -> None:
    """What will happen to each letter."""
    for step in steps:
        if step.state != "faulty":
            reason = f" ({step.reason})" if step.reason else ""
            say(f"{_WORDS.get(step.state, 'keep'):<12} {target / step.letter.path}{reason}")


def list_done(steps: Sequence[Step], target: Path) -> None:
    """What was written anew and what was kept, by the reason; a few of each by name."""
    told = [step for step in steps if step.state not in _QUIET]
    anew = [step for step in told if step.state == "rewritten"]
    kept = [step for step in told if step.state != "rewritten"]
    _list("written anew", anew, target)
    _list("kept", kept, target)
    for states, advice in _ADVICE:
        if any(step.state in states for step in kept):
            note(advice)
    if any(step.reason.startswith(SEVERAL) for step in kept):
        note("Of several files that are one letter, delete those that are not to be sent.")


def _list(word: str, steps: Sequence[Step], target: Path) -> None:
    for reason in dict.fromkeys(step.reason for step in steps):
        own = [step for step in steps if step.reason == reason]
        note(f"{word}: {count(len(own), 'letter')}, {reason}:")
        for step in own[:_FEW]:
            note(f"      {target / step.letter.path}")
        if len(own) > _FEW:
            note(f"      and {len(own) - _FEW:,} more")
