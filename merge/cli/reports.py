"""`merge check`: every problem, nothing written."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from merge.campaign.campaign import WORKBOOK_FILE, open_campaign
from merge.campaign.proofreading import ProofreadResult, proofread_letters, write_proofs
from merge.campaign.status import NOT_PRINTED, StageCounts, Status, status_of
from merge.checks.tags import ClosedLine
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
from merge.model import (
    BLANK,
    ErrorIndex,
    MergeError,
    People,
    Place,
    Problem,
    StorageError,
    UsageError,
    group_problems,
    shortened,
)
from merge.register.model import STAGES
from merge.workbook.reading import Workbook, read_workbook


def check_folder(
    folder: Path, workbook: Path | None, names: tuple[str, ...], *, as_json: bool
) -> int:
    """Run the command; its exit code."""
    try:
        campaign = open_campaign(folder, workbook=workbook)
        problems = campaign.relevant_problems(names)
    except MergeError as error:
        if not as_json:
            raise
        show_json(_check_json(0, error.problems))
        return exit_code(error)
    faulty = ErrorIndex(campaign.findings)
    ready = sum(1 for pair in campaign.pairs(names) if not faulty.reason(pair))
    if as_json:
        show_json(_check_json(ready, problems))
    else:
        show_problems(problems, to_result=True)
        for line in campaign.closed_lines(names):
            say(_closes_up(line))
        options = [*(("--workbook", str(workbook)) if workbook else ())]
        options += [word for name in names for word in ("--for", name)]
        say(_check_closing(ready, problems, next_step("letters", folder, *options)))
    return PROBLEMS if any(p.level == "error" for p in problems) else DONE


def _closes_up(line: ClosedLine) -> str:
    letters = f"{line.letters:,} of {count(line.of, 'letter')}"
    return f"closes up  {line.tag.written} is blank in {letters}"


def _check_json(ready: int, problems: Iterable[Problem]) -> dict[str, Any]:
    return {"ready": ready, "problems": problems_json(problems)}


def _check_closing(ready: int, problems: list[Problem], command: str) -> str:
    """`10 letters ready; 2 errors in 2 cells, 1 warning. Fix G3 and G4, then: merge letters`."""
    errors = [p for p in problems if p.level == "error"]
    warnings = len(group_problems(p for p in problems if p.level == "warning"))
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


# `merge status`: how far the letters are.


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
        show_json(_status_json(Status(problems=list(error.problems))))
        return exit_code(error)
    if as_json:
        show_json(_status_json(status))
        return DONE
    show_problems(status.problems)
    _say(status)
    say(_status_closing(status, folder))
    return DONE


def _status_json(status: Status) -> dict[str, Any]:
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


def _pile(pile: StageCounts) -> dict[str, Any]:
    return {
        "letters": pile.letters,
        **_stages(pile),
        "waiting": {k: v for k, v in pile.waits.items() if k},
    }


def _stages(pile: StageCounts) -> dict[str, int]:
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


def _table(title: str, piles: Mapping[str, StageCounts], width: int) -> Iterator[str]:
    """A line a person, the numbers below each other."""
    heads = ["letters", *(stage.lower() for stage in STAGES)]
    yield "  ".join([f"{title:<{width}}", *heads])
    for label, pile in list(piles.items())[:_MOST]:
        numbers = [pile.letters, *_stages(pile).values()]
        cells = (f"{number:>{len(head)},}" for number, head in zip(numbers, heads, strict=True))
        yield "  ".join([f"{label:<{width}}", *cells])
    if len(piles) > _MOST:
        yield f"and {len(piles) - _MOST:,} more (all of them with --json)"


def _waiting(piles: Mapping[str, StageCounts]) -> Iterator[str]:
    """Whose letters wait for the next stage: `Ana: 4 letters printed, not signed`."""
    for label, pile in piles.items():
        for waits, number in pile.waits.items():
            if waits and waits != NOT_PRINTED:
                yield f"{label}: {count(number, 'letter')} {waits}"


def _status_closing(status: Status, folder: Path) -> str:
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


# `merge proofread`: proof that every finished letter holds its own pair's data and no other's.


_MANY = 4
"""Letters of which the same is told once."""


def proofread_folder(
    folder: Path, workbook: Path | None, names: tuple[str, ...], *, as_json: bool
) -> int:
    """Run the command; its exit code: 1 where a letter must not be printed as it is."""
    try:
        campaign = open_campaign(folder, workbook=workbook)
        found = proofread_letters(campaign, names)
        now = dt.datetime.now().astimezone()
        files = write_proofs(campaign, found, now) if found.reads else ()
    except MergeError as error:
        if not as_json:
            raise
        show_json(_proofread_json(ProofreadResult(), list(error.problems), ()))
        return exit_code(error)
    if as_json:
        show_json(_proofread_json(found, found.doubts, files))
    else:
        show_problems(_together(found.doubts), to_result=True)
        for why, number in found.unread.items():
            note(f"not read: {count(number, 'letter')}, {why}.")
        say(_summary(found))
        say(
            _proofread_closing(found, folder, *files) if files else "There is nothing to proofread."
        )
    return PROBLEMS if _errors(found.doubts) else DONE


def _together(doubts: list[Problem]) -> list[Problem]:
    """What is said of many letters in the same words is told once; the report has them all."""
    alike: dict[tuple[str, str], list[Problem]] = {}
    for doubt in doubts:
        alike.setdefault((doubt.code, doubt.what), []).append(doubt)
    return [told for same in alike.values() for told in _summarized(same)]


def _summarized(same: list[Problem]) -> list[Problem]:
    if len(same) < _MANY:
        return same
    what = f"{same[0].what} The same in {len(same) - 1:,} more letters."
    return [replace(same[0], what=what)]


def _errors(doubts: list[Problem]) -> list[Problem]:
    return [doubt for doubt in doubts if doubt.level == "error"]


def _proofread_json(
    found: ProofreadResult, doubts: list[Problem], files: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "read": len(found.reads),
        "right": sum(read.verdict == "right" for read in found.reads),
        "unread": dict(found.unread),
        "problems": problems_json(doubts),
        "files": list(files),
    }


def _summary(found: ProofreadResult) -> str:
    right = sum(read.verdict == "right" for read in found.reads)
    look = len(found.reads) - right
    blocks = len({block.text for read in found.reads for block in read.blocks})
    doubtful = f", {look:,} to look at" if look else ""
    read = f"{count(len(found.reads), 'letter')} read: {right:,} right{doubtful}."
    return f"{read} {count(blocks, 'block')} for a native speaker."


def _proofread_closing(found: ProofreadResult, folder: Path, report: str, document: str) -> str:
    if _errors(found.doubts):
        again = next_step("proofread", folder)
        return f"Put right what is named above, then: {again}. The whole report: {report}"
    to_paper = next_step("print", folder)
    return f"Next: let a native speaker read {document}, sign off {report}, then: {to_paper}"


# `merge tags`: every tag that the workbook offers, ready to copy.


def list_tags(folder: Path, workbook: Path | None, *, as_json: bool) -> int:
    """Run the command; its exit code."""
    rows = list(_rows(read_workbook(workbook or folder / WORKBOOK_FILE)))
    if as_json:
        show_json({"tags": [{"tag": tag, "first": first} for tag, first in rows]})
        return DONE
    width = max(len(tag) for tag, _ in rows)
    for tag, first in rows:
        say(f"{tag:<{width}}  {first}".rstrip())
    say("Next: copy a tag, with its braces, into the Word template.")
    return DONE


def _rows(book: Workbook) -> Iterator[tuple[str, str]]:
    """Each tag and its first value that is not blank."""
    for root, people in (("signer", book.signers), ("recipient", book.recipients)):
        yield from ((_tag(root, c.tag), _first(people, c.tag)) for c in people.columns)
    yield from ((_tag("pair", c.tag), "") for c in book.pairing.columns)
    for tag, value in book.settings.fields.items():
        yield _tag("settings", tag), shortened(value)
    yield "{{ date }}", "the day the letter is made, or the setting Date"


def _tag(root: str, field: str) -> str:
    return f"{{{{ {root}.{field} }}}}"


def _first(people: People, tag: str) -> str:
    values = (person.fields.get(tag, BLANK) for person in people.persons)
    return shortened(next((value for value in values if value.strip()), ""))


# `merge new`: a campaign folder that works at once, from the files of the first campaign.


_FILES = ("signers.xlsx", "templates/appeal.docx")


def _source() -> Path:
    """Where the two files are: in the installed package, or in the project itself."""
    package = Path(__file__).parent.parent
    installed = package / "starter"
    return installed if installed.is_dir() else package.parent


def start_campaign(folder: Path) -> None:
    """Copy the files into a folder that is new or empty. UsageError where it is neither."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            what = "there is something of this name already."
            place = Place(str(folder))
            raise UsageError(Problem("folder-taken", place, what, "Choose a new name."))
        for name in _FILES:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_source() / name, target)
    except OSError as error:
        what = f"the folder cannot be made ({error.strerror})."
        hint = "Choose another place."
        raise StorageError(Problem("folder-closed", Place(str(folder)), what, hint)) from error
