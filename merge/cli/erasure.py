"""`merge delete-person` and `merge close`: rehearsed, confirmed, done, looked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from merge.campaign.campaign import Campaign, read_campaign, spoken_day
from merge.campaign.erasure import (
    Closing,
    Erasure,
    close,
    erase,
    rehearse,
    rehearse_close,
    reopen,
    still_there,
)
from merge.campaign.errand import Stopped
from merge.campaign.leaver import Leaver, find_leaver
from merge.campaign.traces import Search
from merge.cli.terminal import (
    DONE,
    PROBLEMS,
    STOPPED,
    exit_code,
    next_step,
    note,
    problems_json,
    say,
    show_json,
    stoppable,
)
from merge.intake.signer_list import BEFORE_FILE
from merge.model import MergeError, Place
from merge.naming import counted, first_few
from merge.workbook.reading import LIST_FILE

_FEW = 20
"""Files that are named one by one."""

_UNSEEN = (
    "What this program cannot see: copies in a cloud folder or a backup, try-outs in other"
    " folders, the lists of recent files in Word and Excel, what was typed into this"
    " terminal, e-mails, and what is printed. docs/signers-at-risk.md says where to look."
)


@dataclass(frozen=True, slots=True)
class ForgetArguments:
    """The options of `merge delete-person`."""

    name: str
    folder: Path
    workbook: Path | None
    dry_run: bool
    yes: bool
    keep_counts: bool
    keep_out: bool
    as_json: bool


def forget_person(options: ForgetArguments) -> int:
    """Take a person out, look whether anything is left, and return the exit code.

    It is 0 where nothing is left, or for a rehearsal.
    """
    try:
        return _forget(options)
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"done": False, "problems": problems_json(error.problems)})
        return exit_code(error)
    except Stopped:
        return _show_stopped(options, "Nothing was changed")


def _show_stopped(options: ForgetArguments, done: str) -> int:
    """Say that it was stopped, and how to go on."""
    if options.as_json:
        show_json({"done": False, "stopped": True, "problems": []})
    else:
        say(f"Stopped by you. {done}. To go on, type the same again.")
    return STOPPED


def _files(erasure: Erasure) -> str:
    return counted(len(erasure.files), "file")


def _forget(options: ForgetArguments) -> int:
    campaign = read_campaign(options.folder, workbook=options.workbook)
    leaver = find_leaver(campaign, options.name)
    with stoppable() as errand:
        erasure = rehearse(campaign, leaver, errand)
    if not options.as_json:
        _show_rehearsal(erasure, keep_out=options.keep_out)
    if options.dry_run:
        if options.as_json:
            show_json(_forget_json(erasure, erasure.left, done=False))
        else:
            say("Nothing was changed. To do it, type the same without --dry-run.")
        return DONE
    if not (options.yes or erasure.is_empty) and not _confirmed(erasure, options):
        return PROBLEMS
    with stoppable() as errand:
        removed = erase(
            campaign,
            erasure,
            errand,
            keep_counts=options.keep_counts,
            keep_out=options.keep_out,
        )
    if removed.stopped:
        return _show_stopped(options, f"{removed.count:,} of {_files(erasure)} deleted")
    if errand.is_stopping:
        return _show_stopped(options, _NOT_SEARCHED)
    return _show_erased(campaign, erasure, options, has_hashes=removed.has_hashes)


_NOT_SEARCHED = "All that was named is deleted; the search for what is left is not done"


def _show_erased(
    campaign: Campaign, erasure: Erasure, options: ForgetArguments, *, has_hashes: bool
) -> int:
    """Look for what is left, say it, and return the exit code."""
    leaver = erasure.leaver
    try:
        left = _look(campaign, leaver, options)
    except Stopped:
        return _show_stopped(options, _NOT_SEARCHED)
    code = PROBLEMS if left.traces or left.closed else DONE
    if options.as_json:
        show_json(_forget_json(erasure, left, done=True))
        return code
    if not (left.traces and _waits(options)):  # else it was just shown
        _show_left(leaver, left)
    note(_UNSEEN)
    say(_ending(erasure, left, has_hashes=has_hashes))
    return code


def _ending(erasure: Erasure, left: Search, *, has_hashes: bool) -> str:
    """Return the last line: whether anything is left."""
    leaver = erasure.leaver
    if left.traces:
        return f"Something is left of {leaver.label}. See to it, then type the same again."
    if left.closed:
        files = counted(len(left.closed), "file")
        return f"Nothing is left of {leaver.label} in what could be read. See to the {files} above."
    if not erasure.is_known:
        return (
            f"No file here has the words {leaver.label}. Nobody of that name or ID is known here."
        )
    if has_hashes:
        return f"Nothing is left of {leaver.label} here but the hashes that keep them out."
    return f"Nothing is left of {leaver.label} here."


def _confirmed(erasure: Erasure, options: ForgetArguments) -> bool:
    """Ask; without a terminal, or with --json, say what is missing and do nothing."""
    if options.as_json:
        show_json({**_forget_json(erasure, erasure.left, done=False), "confirm": "--yes"})
        return False
    if not sys.stdin.isatty():
        say("Nothing was changed. To do it, type the same with --yes.")
        return False
    click.confirm("All this is deleted for good. Go on?", abort=True, err=True)
    return True


def _look(campaign: Campaign, leaver: Leaver, options: ForgetArguments) -> Search:
    """Search; where rows of the workbook are the staff's to delete, wait for that, then again."""
    left = _search(campaign, leaver)
    while left.traces and _waits(options):
        _show_left(leaver, left)
        if not click.confirm("Delete this yourself, save, then: look again?", err=True):
            break
        left = _search(campaign, leaver)
    return left


def _waits(options: ForgetArguments) -> bool:
    """Return whether somebody is there who can be asked."""
    return sys.stdin.isatty() and not options.yes and not options.as_json


def _search(campaign: Campaign, leaver: Leaver) -> Search:
    with stoppable() as errand:
        return still_there(campaign, leaver, errand)


def _show_rehearsal(erasure: Erasure, *, keep_out: bool) -> None:
    leaver = erasure.leaver
    say(
        f"{leaver.label}: {counted(len(erasure.letters), 'letter file')}, "
        f"{counted(len(erasure.shared), 'other file')}, "
        f"{counted(erasure.register_rows, 'row')} of the register."
    )
    if erasure.posted:
        say(
            f"{counted(erasure.posted, 'letter')} posted: --keep-counts keeps that number, no name."
        )
    _show_listed(erasure, keep_out=keep_out)
    before = tuple(path for path in erasure.shared if path == BEFORE_FILE)
    others = tuple(path for path in erasure.shared if path != BEFORE_FILE)
    for title, files in (
        ("These letters are deleted:", erasure.letters),
        ("The list as it was is deleted: the last import cannot be undone any more.", before),
        (
            "These are deleted, with what they hold of others (they can be made again):",
            others,
        ),
    ):
        _show_files(title, files)
    if leaver.words.is_common:
        note(f'"{leaver.label}" stands in a template, in Settings or in cells of other people too,')
        note("or is a number or a single letter: by itself it is no trace.")
    if cells := leaver.mentioned:
        named = first_few([*map(str, cells)], _FEW)
        note(f"Cells of other people have this name in them: {named}.")
        note(
            "They count as theirs, and so do their letters. If they mean this person, change them."
        )
    if typed := _typed(erasure):
        rows = ", ".join(map(str, typed))
        note(f"The workbook is yours: delete the row there yourself ({rows}), and those in Pairs,")
        note("before you run anything else: while it is there, its letters are made again.")
    if erasure.left.traces:
        note("The person is found here as well. This is yours to see to:")
        _show_traces(erasure.left)


def _typed(erasure: Erasure) -> list[Place]:
    """Return the rows of the workbook, which are the staff's."""
    return [place for place in erasure.leaver.rows if place.file != LIST_FILE]


def _show_listed(erasure: Erasure, *, keep_out: bool) -> None:
    """Say what is taken out of the list of signers from forms."""
    if erasure.listed.is_empty:
        return
    if refused := len(erasure.listed.refused):
        whose = "a person" if refused == 1 else f"{refused:,} people"
        note(f"{LIST_FILE} remembers by hashes that {whose} of this name, e-mail or address")
        if keep_out:
            note("said no in a form. The hashes stay: whatever they answer later, they stay out.")
        else:
            note("said no in a form. The hashes are deleted, and a later yes counts.")
            note("--keep-out keeps them.")
    if not (erasure.listed.rows or erasure.listed.keys):
        return
    rows = f"{counted(len(erasure.listed.rows), 'row')} of {LIST_FILE}, and"
    note(f"Taken out as well: {rows if erasure.listed.rows else ''} what its memory knows.")
    if keep_out:
        note("Hashes stay, by which an export that still has this person does not bring them back.")
        note("Delete the export, and the answer at the form.")
        return
    note("An export that still has this person brings them back; --keep-out keeps hashes by which")
    note("they are known then and stay out. Delete the export, and the answer at the form.")


def _show_files(title: str, files: tuple[str, ...]) -> None:
    if files:
        note(title)
        for each in files[:_FEW]:
            note(f"      {each}")
        if len(files) > _FEW:
            note(f"      and {len(files) - _FEW:,} more")


def _show_left(leaver: Leaver, left: Search) -> None:
    if left.traces:
        note(f"Still of {leaver.label}:")
        _show_traces(left)
    for path in left.closed[:_FEW]:
        note(f"      could not be looked into: {path}")
    if len(left.closed) > _FEW:
        note(f"      and {len(left.closed) - _FEW:,} more")


def _show_traces(left: Search) -> None:
    places = _places(left)
    for place in places[:_FEW]:
        note(f"      {place}")
    if len(places) > _FEW:
        note(f"      and {len(places) - _FEW:,} more")


def _places(left: Search) -> list[str]:
    """Return each file once in which something is left, with its cells, or the parts of a zip."""
    return [
        f"{path}: {', '.join(inside[:_FEW])}" if inside else path
        for path, inside in left.by_file().items()
    ]


def _forget_json(erasure: Erasure, left: Search, *, done: bool) -> dict[str, object]:
    return {
        "done": done,
        "person": erasure.leaver.label,
        "known": erasure.is_known,
        "letters": [*erasure.letters],
        "shared": [*erasure.shared],
        "register_rows": erasure.register_rows,
        "posted": erasure.posted,
        "workbook": [str(place) for place in _typed(erasure)],
        "list_rows": sorted(erasure.listed.rows),
        "list_refusals": len(erasure.listed.refused),
        "mentioned": [str(place) for place in erasure.leaver.mentioned],
        "left": _places(left),
        "not_searched": left.closed,
        "problems": [],
    }


def close_campaign(folder: Path, *, dry_run: bool, yes: bool) -> int:
    """End a campaign: delete letters and batches after a rehearsal, and return the exit code."""
    with stoppable() as errand:
        try:
            closing = rehearse_close(folder, errand)
        except Stopped:
            say("Stopped by you. Nothing was changed. To go on, type the same again.")
            return STOPPED
    files = closing.files
    if closing.closed and not files:
        say(f"This campaign was closed on {spoken_day(closing.closed)}. Nothing is left to delete.")
        return DONE
    say(f"{counted(len(files), 'file')} in letters/ and print/ are deleted for good.")
    _show_files("These:", files)
    if BEFORE_FILE in files:
        note(f"{BEFORE_FILE} goes as well.")
    listed = f"{LIST_FILE} (people's data), " if closing.listed else ""
    note(f"The workbook, {listed}the templates, the register and the reports stay.")
    _show_files("These stay as well, for this program did not make them:", closing.kept)
    if closing.unlisted:
        number, step = counted(closing.unlisted, "letter"), next_step("letters", folder)
        note(f"The register does not list {number}, which nobody will count then. Before: {step}")
    _show_unfinished(closing, folder)
    if dry_run:
        say("Nothing was changed. To do it, type the same without --dry-run.")
        return DONE
    if not yes:
        if not sys.stdin.isatty():
            say("Nothing was changed. To do it, type the same with --yes.")
            return PROBLEMS
        click.confirm("Go on?", abort=True, err=True)
    with stoppable() as errand:
        removed = close(folder, files, errand)
    if removed.stopped:
        done = f"{removed.count:,} of {counted(len(files), 'file')} deleted"
        say(f"Stopped by you. {done}. To go on, type the same again.")
        return STOPPED
    note(_UNSEEN)
    say(
        f"Closed. How far the letters were, now or when answers come: {next_step('status', folder)}"
    )
    return DONE


def _show_unfinished(closing: Closing, folder: Path) -> None:
    """Say how many letters are not posted, and how many were edited by hand."""
    counts = closing.counts
    if counts is None:
        check = next_step("check", folder)
        note(f"How many letters are not posted, or were edited by hand, cannot be told: {check}")
        return
    if unposted := counts.unposted:
        number = sum(unposted.values())
        letters = f"{counted(number, 'letter')} {'is' if number == 1 else 'are'}"
        waits = "; ".join(f"{each:,} {wait}" for wait, each in unposted.items())
        say(f"{letters} not posted yet: {waits}.")
    if edited := counts.edited:
        say(f"{counted(edited, 'letter')} {'was' if edited == 1 else 'were'} edited by hand.")


def reopen_campaign(folder: Path) -> int:
    """Open a campaign again that was closed, and return the exit code."""
    day = reopen(folder)
    if not day:
        say("This campaign is open. Nothing was changed.")
        return DONE
    say(f"Open again; it was closed on {spoken_day(day)}. Letters on paper are not made again.")
    say(f"To see which letters would be made: {next_step('letters', folder, '--dry-run')}")
    return DONE
