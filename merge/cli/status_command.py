"""`merge status`: shows the progress and the next step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from merge.campaign.campaign import format_day, read_campaign
from merge.campaign.counts import NOT_PRINTED, LetterCounts, StageCounts, pending_step
from merge.campaign.overview import CampaignOverview, NextStep, inspect_campaign
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    exit_code,
    next_command,
    problems_json,
    repeated_command,
    say,
    show_json,
    show_problems,
)
from merge.errors import MergeError
from merge.naming import format_count
from merge.problems import Problem, shorten
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.layouts import STAGES

if TYPE_CHECKING:
    pass


from merge.cli.check_command import print_sources, review_note

_MAX_LINES = 30
"""Number of lines of a list that are shown without `--all`."""


def show_status(options: CampaignOptions, *, full_lists: bool) -> int:
    """Print the progress, and return the exit code.

    With `full_lists`, lists are not shortened.
    """
    folder = options.folder
    try:
        overview = require_intact(
            inspect_campaign(read_campaign(folder, workbook=options.workbook), options.names)
        )
    except MergeError as error:
        if not options.as_json:
            raise
        show_json(_status_json(LetterCounts(), error.problems))
        return exit_code(error)
    if options.as_json:
        closed = overview.campaign.closed_on
        status = _status_json(overview.counts, overview.problems, _named_letters(overview))
        status["changes"] = {
            f"{LETTERS_FOLDER}/{step.letter.path}": [change._asdict() for change in step.changes]
            for step in (planned.step for planned in overview.letters)
            if step.changes
        }
        status["without_pair"] = [
            str(p.label) for p in overview.campaign.workbook.pairing.unpaired_people
        ]
        show_json(status | ({"closed": str(closed)} if closed else {}))
        return DONE
    print_sources(overview)
    show_problems(overview.problems)
    list_command = repeated_command(["--all"])
    for line in _status_lines(
        overview, lambda lines: lines if full_lists else _shorten_list(lines, list_command)
    ):
        say(line)
    if overview.campaign.closed_on and not overview.errors:
        report_command = next_command("report", folder)
        say(f"Next: record further replies in {REGISTER_FILE}, then run: {report_command}")
    else:
        line = _closing_line(overview.next_step, folder, options.typed_names)
        say(review_note(overview) + _unresolved_note(overview) + line)
    return DONE


def require_intact(overview: CampaignOverview) -> CampaignOverview:
    """Return the overview; raise its error if it could not inspect letters."""
    if overview.survey_error:
        raise overview.survey_error
    return overview


_NAMED_LETTERS = {
    "print_again": "Changed since the last print file",
    "on_paper_changed": "Printed, data changed since",
    "to_look_at": "Needs review",
}
"""The heading of each list of letters, by its key in the JSON."""


def _named_letters(overview: CampaignOverview) -> dict[str, Sequence[str]]:
    """Return the paths of the letters that the status lists, by JSON key."""
    return {key: getattr(overview, key) for key in _NAMED_LETTERS}


def _status_json(
    counts: LetterCounts,
    problems: Sequence[Problem],
    named: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[str, Any]:
    return {
        "letters": counts.total.letters,
        "states": dict(counts.states),
        "spoken": dict(counts.state_labels),
        "stages": _stage_counts(counts.total),
        "signers": _counts_json(counts.signers),
        "recipients": _counts_json(counts.recipients),
        **{key: list(named.get(key, ())) for key in _NAMED_LETTERS},
        "in_batches": counts.in_batches,
        "problems": problems_json(problems),
    }


def _counts_json(people: Mapping[str, StageCounts]) -> dict[str, Any]:
    return {
        label: {
            "letters": counts.letters,
            **_stage_counts(counts),
            "waiting": {k: v for k, v in counts.pending.items() if k},
        }
        for label, counts in people.items()
    }


def _stage_counts(counts: StageCounts) -> dict[str, int]:
    return {stage.lower(): counts.stages[stage] for stage in STAGES}


_ListShortener = Callable[[list[str]], list[str]]


def _shorten_list(lines: list[str], command: str) -> list[str]:
    """Return the first lines, and the command that shows all of the lines."""
    rest = len(lines) - _MAX_LINES
    return lines if rest <= 0 else [*lines[:_MAX_LINES], f"and {rest:,} more: {command}"]


def _status_lines(overview: CampaignOverview, cut: _ListShortener) -> Iterator[str]:
    counts = overview.counts
    states = "; ".join(f"{number:,} {state}" for state, number in counts.state_labels.most_common())
    letters, closed = format_count(counts.total.letters, "letter"), overview.campaign.closed_on
    if closed:
        yield f"This campaign was closed on {format_day(closed)}. Its register lists {letters}."
    else:
        yield f"{letters}: {states}."
    yield (
        ", ".join(f"{number:,} {stage}" for stage, number in _stage_counts(counts.total).items())
        + "."
    )
    kinds = Counter(p.kind for p in overview.campaign.workbook.pairing.unpaired_people)
    if kinds and not closed:
        numbers = [format_count(number, kind) for kind, number in kinds.items()]
        yield f"Without a pair: {' and '.join(numbers)}."
    if counts.not_counted_note:
        yield counts.not_counted_note
    for title, people in (("Signer", counts.signers), ("Recipient", counts.recipients)):
        headings, *lines = _people_table(title, people)
        yield from ("", headings, *cut(lines))
    for key, paths in _named_letters(overview).items():
        if paths:
            yield from ("", f"{_NAMED_LETTERS[key]}: {format_count(len(paths), 'letter')}.")
            yield from cut([f"  {path}" for path in paths])
    waiting = [  # such as `Ana: 4 letters printed, not signed`
        f"{shorten(label)}: {format_count(number, 'letter')} {stage}"
        for label, counts_of_signer in counts.signers.items()
        for stage, number in counts_of_signer.pending.items()
        if stage and stage != NOT_PRINTED
    ]
    if waiting:
        yield from ("", *cut(waiting))
    yield ""


def _people_table(title: str, people: Mapping[str, StageCounts]) -> Iterator[str]:
    """Yield the headings and a line for each person, in aligned columns."""
    labels = [*map(shorten, people)]
    width = max(map(len, (*labels, "Recipient")))
    headings = ["letters", *(stage.lower() for stage in STAGES)]
    yield "  ".join([f"{title:<{width}}", *headings])
    for label, counts in zip(labels, people.values(), strict=True):
        numbers = [counts.letters, *_stage_counts(counts).values()]
        cells = (
            f"{number:>{len(heading)},}" for number, heading in zip(numbers, headings, strict=True)
        )
        yield "  ".join([f"{label:<{width}}", *cells])


def _unresolved_note(overview: CampaignOverview) -> str:
    """Return `2 warnings above to resolve first. `, or an empty text for none."""
    count = len(overview.unresolved_problems)
    return f"{format_count(count, 'warning')} above to resolve first. " if count else ""


def _closing_line(step: NextStep, folder: Path, options: Sequence[str]) -> str:
    """Return the last line of the status: what to do next."""
    letters = format_count(step.number, "letter")
    if step.kind == "settle":
        command = next_command("check", folder, *options)
        return f"{format_count(step.number, 'error')} to fix first. Next: {command}"
    if step.kind == "write":
        return f"{letters} to create or update. Next: {next_command('letters', folder, *options)}"
    if step.kind in {"print", "blocked"}:
        return _printing_line(step, letters, folder, options)
    if step.kind in {"done", "closed"}:
        subject = "All of these letters" if options else "All letters"
        return (
            "The campaign is closed." if step.kind == "closed" else f"{subject} have been posted."
        )
    stage = step.stage.lower()
    command = next_command(f"mark {stage}", folder, *options)
    if step.stage == STAGES[0]:
        waiting = f"{letters} in print files, not marked as printed"
        return (
            f"{waiting}. Next: print them, then enter the dates in register.xlsx, or run: {command}"
        )
    previous_stage = STAGES[STAGES.index(step.stage) - 1]
    return (
        f"{letters} {pending_step((previous_stage,))}. When they have been {stage}, run: {command}"
    )


def _printing_line(step: NextStep, letters: str, folder: Path, options: Sequence[str]) -> str:
    """Return how to print letters, or how to see why some cannot be printed."""
    if step.blocked or step.kind == "blocked":
        ready = f"{letters} not printed yet, {step.blocked:,}" if step.blocked else letters
        reasons = next_command("print", folder, *options, "--dry-run")
        return f"{ready} cannot be printed. To see why: {reasons}"
    only_new = ["--since-last"] if step.others_printed else []
    return f"{letters} not printed yet. Next: {next_command('print', folder, *options, *only_new)}"
