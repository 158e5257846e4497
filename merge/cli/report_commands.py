"""The output of `merge check`, `status`, `proofread`, `placeholders`, `report` and `mark`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from merge.advice import Advice
from merge.board_report.figures import TOTAL_LABELS
from merge.campaign.campaign import Campaign, read_campaign, spoken_day, spoken_sources
from merge.campaign.counts import NOT_PRINTED, Counts, StageCounts, waits_for
from merge.campaign.errand import Stopped
from merge.campaign.ignored_warnings import decisions_to_hide, reset_ignored, signs
from merge.campaign.marking import MarkOrder, MarkResult, mark_letters
from merge.campaign.places import WORKBOOK_FILE, check_places
from merge.campaign.questions import settle
from merge.campaign.tags import blank_tags, offered_tags
from merge.campaign.view import Due, View, look
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    STOPPED,
    errors_among,
    exit_code,
    list_few,
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
from merge.errors import DataError, MergeError, TemplateError
from merge.messages.groups import group_problems
from merge.naming import counted
from merge.problems import Problem, shortened
from merge.product import REGISTER_FILE
from merge.register.layouts import STAGES
from merge.workbook.reading import read_workbook

if TYPE_CHECKING:
    from merge.campaign.proofread_run import ProofreadResult


def check_folder(
    options: CampaignOptions, *, everything: bool, hide: tuple[str, ...], reset: bool
) -> int:
    """Find every problem and return the exit code; nothing is written but what is hidden."""
    folder, names, as_json = options.folder, options.names, options.as_json
    try:
        view = _looked(options, hide, reset=reset)
    except MergeError as error:
        if as_json:
            show_json({"ready": 0, "problems": problems_json(error.problems)})
        elif isinstance(error, DataError | TemplateError):
            show_problems(error.problems, to_result=True)
            say(_check_closing(0, error.problems, next_step("letters", folder)))
        else:
            raise
        return exit_code(error)
    if day := view.campaign.closed:
        return _show_closed(view, day, as_json=as_json)
    ready = sum(each.step.letter.id not in view.stopped for each in view.letters)
    if as_json:
        listed = problems_json(view.problems)
        more = {"hidden": problems_json(view.hidden)} if everything else {}
        show_json({"ready": ready, "problems": listed, **more})
    else:
        _say_sources(view)
        shown = signs(view.campaign, view.problems)
        show_problems(view.problems, to_result=True, signs=shown)
        if everything:
            show_problems(view.hidden, to_result=True, hidden=True)
        for line in _closing_up(view.campaign, names):
            say(line)
        if shown:
            say(f"To ignore a warning: {next_step('check', folder, '--ignore', 'ID')}")
        make = next_step("letters", folder, *options.typed_names)
        waiting = _waiting(view)
        say(waiting + _check_closing(ready, view.problems, make, len(view.hidden)))
    return PROBLEMS if view.errors else DONE


def _show_closed(view: View, day: dt.date, *, as_json: bool) -> int:
    """Say that there is nothing to be checked, and return the exit code."""
    if as_json:
        show_json({"ready": 0, "closed": str(day), "problems": problems_json(view.problems)})
    else:
        show_problems(view.problems, to_result=True)
        say(f"This campaign was closed on {spoken_day(day)}. You cannot create letters.")
    return PROBLEMS if view.errors else DONE


def _looked(options: CampaignOptions, hide: tuple[str, ...], *, reset: bool) -> View:
    """Look at the campaign, once more where what is hidden has changed."""
    campaign = read_campaign(options.folder, workbook=options.workbook)
    if reset:
        reset_ignored(campaign)
        campaign = read_campaign(options.folder, workbook=options.workbook)
    view = look(campaign, options.names)
    if not hide:
        return view
    settle(campaign, decisions_to_hide(campaign, view.problems, hide))
    return look(read_campaign(options.folder, workbook=options.workbook), options.names)


def _closing_up(campaign: Campaign, names: tuple[str, ...]) -> Iterator[str]:
    """Yield which lines are removed because of blank values, and in how many letters."""
    for blank in blank_tags(campaign, names):
        template = f" from {blank.template}" if blank.template else ""
        letters = f"{blank.letters:,} of {counted(blank.of, 'letter')}"
        yield f"blank line removed in {letters}{template}: {', '.join(blank.tags)}"


def _check_closing(ready: int, problems: Sequence[Problem], command: str, hidden: int = 0) -> str:
    """Return `10 letters ready; 2 errors in 2 cells. Fix G3 and G4, then run: …`."""
    errors, letters = errors_among(problems), f"{counted(ready, 'letter')} ready"
    warnings = len(group_problems(p for p in problems if p.level == "warning"))
    warned = f", {counted(warnings, 'warning')}" if warnings else ""
    warned += f", {hidden:,} ignored" if hidden else ""
    if not errors:
        return f"{letters}{warned}. Next: {command}"
    found = f"{letters}; {counted(len(errors), 'error')}{_where(errors)}{warned}"
    is_one_sheet = len({(p.place.file, p.place.sheet) for p in errors}) == 1
    called = (p.place.cell if is_one_sheet else f"{p.place.sheet}!{p.place.cell}" for p in errors)
    cells = [c if p.place.row else "" for c, p in zip(called, errors, strict=True)]
    cells = list(dict.fromkeys(cells))
    fix = "Fix these" if len(errors) > 1 else "Fix it"
    if "" not in cells and len(cells) <= 6:  # these cells are all there is to do
        fix = f"Fix {' and '.join(filter(None, (', '.join(cells[:-1]), cells[-1])))}"
    return f"{found}. {fix}, then run: {command}"


def _where(errors: Sequence[Problem]) -> str:
    """Return ` in 2 cells and 1 paragraph`; empty if any error is in neither."""
    cells = {p.place for p in errors if p.place.row and p.place.sheet}
    paragraphs = {p.place for p in errors if p.place.paragraph}
    if any(p.place not in cells | paragraphs for p in errors):
        return ""
    counts = ((len(cells), "cell"), (len(paragraphs), "paragraph"))
    return f" in {' and '.join(counted(number, what) for number, what in counts if number)}"


_MOST = 30
"""Lines of a list that are shown without `--all`."""


def show_status(options: CampaignOptions, *, everybody: bool) -> int:
    """Print the progress, and return the exit code; for `everybody` lists are not shortened."""
    folder = options.folder
    try:
        view = _seen(look(read_campaign(folder, workbook=options.workbook), options.names))
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
    _say_sources(view)
    show_problems(view.problems)
    more = next_step("status", folder, *options.typed_names, "--all")
    for line in _status_lines(view, lambda lines: lines if everybody else _cut(lines, more)):
        say(line)
    if view.campaign.closed and not view.errors:
        report = next_step("report", folder)
        say(f"Next: record further replies in {REGISTER_FILE}, then run: {report}")
    else:
        say(_waiting(view) + _status_closing(view.due, folder, options.typed_names))
    return DONE


def _waiting(view: View) -> str:
    """Return `3 people in the list need review; `; empty if there are none."""
    number = view.campaign.workbook.waiting
    people = "1 person in the list needs" if number == 1 else f"{number:,} people in the list need"
    return f"{people} review; " if number else ""


def _say_sources(view: View) -> None:
    """Say where the signers are from, where there is a list beside the workbook."""
    if sources := spoken_sources(view.campaign.workbook):
        say(sources)


def _seen(view: View) -> View:
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


def report_folder(options: CampaignOptions, *, with_names: bool) -> int:
    """Save the report for a board in the campaign folder, and return the exit code.

    It is 1 if the figures are not known.
    """
    from merge.campaign.report_numbers import report_numbers, write_report  # noqa: PLC0415 - openpyxl

    try:
        campaign = read_campaign(options.folder, workbook=options.workbook)
        view = _seen(look(campaign))
        numbers = report_numbers(view, with_names=with_names)
        files = [typed_path(file) for file in write_report(campaign, numbers)]
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"totals": {}, "files": [], "problems": problems_json(error.problems)})
        return exit_code(error)
    faulty = view.counts.states["faulty"] > 0
    doubts = [p for p in view.problems if p.place.file == REGISTER_FILE or faulty]
    if options.as_json:
        show_json(
            {
                "totals": dict(numbers.totals),
                "files": list(map(str, files)),
                "problems": problems_json(doubts),
            }
        )
        return DONE
    show_problems(doubts)
    (_, letters), *stages = numbers.totals.items()
    labels = {name: TOTAL_LABELS.get(name, name).lower() for name, _ in stages}
    reached = ", ".join(f"{count:,} {labels[name]}" for name, count in stages)
    say(f"{counted(letters, 'letter')}: {reached}.")
    for told in numbers.notes:
        note(told)
    say(f"Next: share {files[1]} (one page); {files[0]} has all tables.")
    return DONE


def list_tags(options: CampaignOptions) -> int:
    """Print every placeholder of the workbook, ready to copy, and return the exit code."""
    try:
        check_places(options.folder)
        offered = [*offered_tags(read_workbook(options.workbook or options.folder / WORKBOOK_FILE))]
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"tags": [], "problems": problems_json(error.problems)})
        return exit_code(error)
    if options.as_json:
        show_json({"tags": [asdict(each) for each in offered], "problems": []})
        return DONE
    rows = [("placeholder", "merge field", "example")]
    rows += [(each.tag, each.field, each.first) for each in offered]
    tags, fields = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:2])
    for tag, name, first in rows:
        say(f"{tag:<{tags}}  {name:<{fields}}  {first}".rstrip())
    say("Next: copy a placeholder with its braces into the Word template, or use its merge field.")
    return DONE


_FEW = 10
"""Letters that are named one by one."""


def mark_folder(options: CampaignOptions, order: MarkOrder) -> int:
    """Mark the letters, say what was done, and return the exit code."""
    try:
        campaign = read_campaign(options.folder, workbook=options.workbook)
        result = mark_letters(campaign, order)
    except MergeError as error:
        if not options.as_json:
            raise
        show_json(_mark_json(MarkResult(problems=[*error.problems])))
        return exit_code(error)
    if options.as_json:
        show_json(_mark_json(result))
    else:
        show_problems(result.problems)
        list_few(result.marked, _FEW)
        stage = order.stage.lower()
        done = f"no longer marked as {stage}" if order.undo else f"marked as {stage}"
        say(f"{counted(len(result.marked), 'letter')} {done}.{_unchanged(result, order)}")
        say(f"Next: {next_step('status', options.folder)}")
    return PROBLEMS if errors_among(result.problems) else DONE


def _unchanged(result: MarkResult, order: MarkOrder) -> str:
    """Return ` 8 letters were already marked.`; empty if there are none."""
    if not result.unchanged:
        return ""
    letters = counted(result.unchanged, "letter")
    if order.undo:
        return f" {letters} had no such mark."
    return f" {letters} {'was' if result.unchanged == 1 else 'were'} already marked."


def _mark_json(result: MarkResult) -> dict[str, object]:
    return {
        "marked": result.marked,
        "unchanged": result.unchanged,
        "problems": problems_json(result.problems),
    }
