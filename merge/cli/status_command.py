"""`merge status`: the progress, and the next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from merge.campaign.campaign import read_campaign, spoken_day
from merge.campaign.counts import NOT_PRINTED, Counts, StageCounts, waits_for
from merge.campaign.view import Due, View, look
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    exit_code,
    next_step,
    problems_json,
    say,
    show_json,
    show_problems,
)
from merge.errors import MergeError
from merge.naming import counted
from merge.problems import Problem, shortened
from merge.product import REGISTER_FILE
from merge.register.layouts import STAGES

if TYPE_CHECKING:
    pass


from merge.cli.check_command import say_sources, to_review

_MOST = 30
"""Lines of a list that are shown without `--all`."""


def show_status(options: CampaignOptions, *, everybody: bool) -> int:
    """Print the progress, and return the exit code; for `everybody` lists are not shortened."""
    folder = options.folder
    try:
        view = seen(look(read_campaign(folder, workbook=options.workbook), options.names))
    except MergeError as error:
        if not options.as_json:
            raise
        show_json(_status_json(Counts(), error.problems))
        return exit_code(error)
    if options.as_json:
        closed = view.campaign.closed
        told = _status_json(view.counts, view.problems, _named_letters(view))
        show_json(told | ({"closed": str(closed)} if closed else {}))
        return DONE
    say_sources(view)
    show_problems(view.problems)
    more = next_step("status", folder, *options.typed_names, "--all")
    for line in _status_lines(view, lambda lines: lines if everybody else _cut(lines, more)):
        say(line)
    if view.campaign.closed and not view.errors:
        report = next_step("report", folder)
        say(f"Next: record further replies in {REGISTER_FILE}, then run: {report}")
    else:
        say(to_review(view) + _status_closing(view.due, folder, options.typed_names))
    return DONE


def seen(view: View) -> View:
    """Return the view. Raise what kept the letters from being looked at."""
    if view.fault:
        raise view.fault
    return view


_NAMED = {
    "print_again": "Changed since the last print file",
    "on_paper_changed": "Printed, data changed since",
    "to_look_at": "Needs review",
}
"""Letters that `status` names one by one: the key in the JSON, and the words in the lines."""


def _named_letters(view: View) -> dict[str, Sequence[str]]:
    """Return the paths of the letters that are named one by one."""
    return {key: getattr(view, key) for key in _NAMED}


def _status_json(
    counts: Counts,
    problems: Sequence[Problem],
    named: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[str, Any]:
    return {
        "letters": counts.whole.letters,
        "states": dict(counts.states),
        "spoken": dict(counts.spoken),
        "stages": _stages(counts.whole),
        "signers": _counts_json(counts.signers),
        "recipients": _counts_json(counts.recipients),
        **{key: list(named.get(key, ())) for key in _NAMED},
        "in_batches": counts.in_batches,
        "problems": problems_json(problems),
    }


def _counts_json(people: Mapping[str, StageCounts]) -> dict[str, Any]:
    return {
        label: {
            "letters": counts.letters,
            **_stages(counts),
            "waiting": {k: v for k, v in counts.waits.items() if k},
        }
        for label, counts in people.items()
    }


def _stages(counts: StageCounts) -> dict[str, int]:
    return {stage.lower(): counts.stages[stage] for stage in STAGES}


_Cut = Callable[[list[str]], list[str]]


def _cut(lines: list[str], command: str) -> list[str]:
    """Return the first lines of a list, and the command that shows all of them."""
    more = len(lines) - _MOST
    return lines if more <= 0 else [*lines[:_MOST], f"and {more:,} more: {command}"]


def _status_lines(view: View, cut: _Cut) -> Iterator[str]:
    counts = view.counts
    states = "; ".join(f"{number:,} {state}" for state, number in counts.spoken.most_common())
    letters, closed = counted(counts.whole.letters, "letter"), view.campaign.closed
    if closed:
        yield f"This campaign was closed on {spoken_day(closed)}. Its register lists {letters}."
    else:
        yield f"{letters}: {states}."
    yield ", ".join(f"{number:,} {stage}" for stage, number in _stages(counts.whole).items()) + "."
    if counts.not_counted:
        yield counts.not_counted
    for title, people in (("Signer", counts.signers), ("Recipient", counts.recipients)):
        heads, *lines = _table(title, people)
        yield from ("", heads, *cut(lines))
    for key, paths in _named_letters(view).items():
        if paths:
            yield from ("", f"{_NAMED[key]}: {counted(len(paths), 'letter')}.")
            yield from cut([f"  {path}" for path in paths])
    waiting = [  # for the next stage: `Ana: 4 letters printed, not signed`
        f"{shortened(label)}: {counted(number, 'letter')} {waits}"
        for label, own in counts.signers.items()
        for waits, number in own.waits.items()
        if waits and waits != NOT_PRINTED
    ]
    if waiting:
        yield from ("", *cut(waiting))
    yield ""


def _table(title: str, people: Mapping[str, StageCounts]) -> Iterator[str]:
    """Yield the headings, and a line a person, the numbers below each other."""
    labels = [*map(shortened, people)]
    width = max(map(len, (*labels, "Recipient")))
    heads = ["letters", *(stage.lower() for stage in STAGES)]
    yield "  ".join([f"{title:<{width}}", *heads])
    for label, counts in zip(labels, people.values(), strict=True):
        numbers = [counts.letters, *_stages(counts).values()]
        cells = (f"{number:>{len(head)},}" for number, head in zip(numbers, heads, strict=True))
        yield "  ".join([f"{label:<{width}}", *cells])


def _status_closing(due: Due, folder: Path, options: Sequence[str]) -> str:
    """Return the last line: what to do next."""
    letters = counted(due.number, "letter")
    if due.kind == "settle":
        check = next_step("check", folder, *options)
        return f"{counted(due.number, 'error')} to fix first. Next: {check}"
    if due.kind == "write":
        return f"{letters} to create or update. Next: {next_step('letters', folder, *options)}"
    if due.kind == "print":
        only_new = ["--since-last"] if due.others_printed else []
        return f"{letters} not printed yet. Next: {next_step('print', folder, *options, *only_new)}"
    if due.kind in {"done", "closed"}:
        which = "All of these letters" if options else "All letters"
        return "The campaign is closed." if due.kind == "closed" else f"{which} have been posted."
    stage = due.stage.lower()
    mark = next_step(f"mark {stage}", folder, *options)
    if due.stage == STAGES[0]:
        theirs = f"{letters} in print files, not marked as printed"
        return f"{theirs}. Next: print them, then enter the dates in register.xlsx, or run: {mark}"
    before = STAGES[STAGES.index(due.stage) - 1]
    return f"{letters} {waits_for((before,))}. When they have been {stage}, run: {mark}"
