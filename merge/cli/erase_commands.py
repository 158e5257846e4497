"""`merge delete-person` and `merge close`: rehearsed, confirmed, done, looked for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from merge import messages
from merge.campaign.campaign import Campaign, read_campaign, spoken_day
from merge.campaign.closing import Closing, close, rehearse_close, reopen
from merge.campaign.erasure import erase, still_there
from merge.campaign.erasure_plan import Erasure, rehearse
from merge.campaign.errand import Stopped
from merge.campaign.leaver import Leaver, find_leaver, nearest_person, people_like
from merge.campaign.traces import Search
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    DRY_RUN,
    PROBLEMS,
    STOPPED,
    exit_code,
    list_few,
    next_step,
    note,
    problems_json,
    say,
    show_json,
    stoppable,
)
from merge.errors import MergeError, UsageError
from merge.intake.signer_list import BEFORE_FILE
from merge.naming import counted, first_few
from merge.problems import Place
from merge.workbook.reading import LIST_FILE

_FEW = 20
"""Files that are named one by one."""

_UNSEEN = (
    "The program cannot check: copies in cloud folders and backups, trial letters in other"
    " folders, recent files in Word and Excel, the history of this terminal, emails, and printed"
    " pages. docs/signers-at-risk.md lists where to check."
)


def forget_person(options: CampaignOptions, name: str, *, keep_counts: bool, keep_out: bool) -> int:
    """Delete a person's data, search for traces, and return the exit code.

    It is 0 if no data is left, or for a dry run.
    """
    try:
        return _forget(options, name, keep_counts=keep_counts, keep_out=keep_out)
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"done": False, "problems": problems_json(error.problems)})
        return exit_code(error)
    except Stopped:
        return _show_stopped(options, "Nothing was changed")


def _show_stopped(options: CampaignOptions, done: str) -> int:
    """Say that it was stopped, and how to continue."""
    if options.as_json:
        show_json({"done": False, "stopped": True, "problems": []})
    else:
        say(f"Stopped. {done}. To continue, run the same command again.")
    return STOPPED


def _files(erasure: Erasure) -> str:
    return counted(len(erasure.files), "file")


def _forget(options: CampaignOptions, name: str, *, keep_counts: bool, keep_out: bool) -> int:
    campaign = read_campaign(options.folder, workbook=options.workbook)
    leaver = find_leaver(campaign, name)
    with stoppable() as errand:
        erasure = rehearse(campaign, leaver, errand)
    alike = [] if erasure.is_known else people_like(campaign, name, with_more=False)
    if alike:
        labels = [person.label for person in alike]
        raise UsageError(messages.problem("forget-alike", Place(f"“{name}”"), people=labels))
    is_asked = options.dry_run or not options.yes
    if is_asked and not options.as_json:
        _show_erasure(erasure, keep_out=keep_out, done=False)
    if options.dry_run:
        if options.as_json:
            show_json(_forget_json(erasure, erasure.left, done=False))
        else:
            say(DRY_RUN)
        return DONE
    shown = _forget_json(erasure, erasure.left, done=False) if options.as_json else None
    question = "All of this will be permanently deleted. Continue?"
    if not (options.yes or erasure.is_empty or _confirmed(question, shown)):
        return PROBLEMS
    with stoppable() as errand:
        removed = erase(campaign, erasure, errand, keep_counts=keep_counts, keep_out=keep_out)
    if removed.stopped:
        return _show_stopped(options, f"{removed.count:,} of {_files(erasure)} deleted")
    if errand.is_stopping:
        return _show_stopped(options, _NOT_SEARCHED)
    if not (is_asked or options.as_json):
        _show_erasure(erasure, keep_out=keep_out, done=True)
    if not options.as_json and (removed.count or erasure.register_rows):
        rows = counted(erasure.register_rows, "register row")
        note(f"Permanently deleted: {counted(removed.count, 'file')}. Cleared: {rows}.")
    return _show_erased(campaign, erasure, options, has_hashes=removed.has_hashes)


_NOT_SEARCHED = "Everything listed was deleted, but the search for traces is not finished"


def _show_erased(
    campaign: Campaign, erasure: Erasure, options: CampaignOptions, *, has_hashes: bool
) -> int:
    """Search for traces, show them, and return the exit code."""
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
    say(_ending(campaign, erasure, left, has_hashes=has_hashes))
    return code


def _ending(campaign: Campaign, erasure: Erasure, left: Search, *, has_hashes: bool) -> str:
    """Return the last line: whether anything is left."""
    who = erasure.leaver.label
    if left.traces:
        return f"Some data about {who} is left. Delete it, then run the same command again."
    if left.closed:
        files = counted(len(left.closed), "file")
        return f"No data about {who} is left in the files searched. Check the {files} above."
    if not erasure.is_known:
        if near := nearest_person(campaign, who):
            return f"No one here has the name or ID {who}. Did you mean {near.label}?"
        return f"No one here has the name or ID {who}, and no file contains this text."
    if has_hashes:
        return f"No data about {who} is left, except the hashes that prevent a new import."
    return f"No data about {who} is left."


def _confirmed(question: str, shown: dict[str, object] | None = None) -> bool:
    """Ask. If nobody can be asked, or for `shown` as JSON, say what is missing instead."""
    if shown is not None:
        show_json({**shown, "confirm": "--yes"})
        return False
    if not sys.stdin.isatty():
        say("Nothing was changed. To do it, run again with --yes.")
        return False
    click.confirm(question, abort=True, err=True)
    return True


def _look(campaign: Campaign, leaver: Leaver, options: CampaignOptions) -> Search:
    """Search; where rows of the workbook are the staff's to delete, wait for that, then again."""
    left = _search(campaign, leaver)
    while left.traces and _waits(options):
        _show_left(leaver, left)
        if not click.confirm("Delete this yourself and save. Search again?", err=True):
            break
        left = _search(campaign, leaver)
    return left


def _waits(options: CampaignOptions) -> bool:
    """Return whether somebody is there who can be asked."""
    return sys.stdin.isatty() and not options.yes and not options.as_json


def _search(campaign: Campaign, leaver: Leaver) -> Search:
    with stoppable() as errand:
        return still_there(campaign, leaver, errand)


_TO_DELETE = (
    "Letters to delete:",
    "Previous list to delete; the last import can then no longer be undone:",
    "Files to delete, which also contain other people's data; you can create them again:",
)
_DELETED = (
    "Letters deleted:",
    "Previous list deleted; the last import can no longer be undone:",
    "Files deleted, which also contained other people's data; you can create them again:",
)


def _show_erasure(erasure: Erasure, *, keep_out: bool, done: bool) -> None:
    """Show what would be deleted, or was deleted if it is `done`."""
    leaver = erasure.leaver
    say(
        f"{leaver.label}: {counted(len(erasure.letters), 'letter file')}, "
        f"{counted(len(erasure.shared), 'other file')}, "
        f"{counted(erasure.register_rows, 'register row')}."
    )
    if erasure.posted and not done:
        letters = counted(erasure.posted, "letter")
        say(f"{letters} posted: --keep-counts keeps this number without a name.")
    _show_listed(erasure, keep_out=keep_out, done=done)
    before = tuple(path for path in erasure.shared if path == BEFORE_FILE)
    others = tuple(path for path in erasure.shared if path != BEFORE_FILE)
    deleted = (erasure.letters, before, others)
    for title, files in zip(_DELETED if done else _TO_DELETE, deleted, strict=True):
        _show_files(title, files)
    if leaver.words.is_common:
        note(
            f"“{leaver.label}” also appears in a template, in Settings or in other people's cells,"
        )
        note("or is a number or a single letter: the name alone does not count as a match.")
    if cells := leaver.mentioned:
        named = first_few([*map(str, cells)], _FEW)
        note(f"Other people's cells contain this name: {named}.")
        note(
            "They count as those people's data, as do their letters. If they refer to this person,"
        )
        note("change them.")
    if typed := _typed(erasure):
        is_listed = erasure.left.traces and not done
        rows = "" if is_listed else f" ({', '.join(map(str, typed))})"
        note(f"The program does not change your workbook. Delete the rows yourself{rows},")
        note("including those in the Pairs sheet, before you create letters again.")
    if erasure.left.traces and not done:
        note("Found here, for you to delete:")
        _show_traces(erasure.left)


def _typed(erasure: Erasure) -> list[Place]:
    """Return the rows of the workbook, which are the staff's."""
    return [place for place in erasure.leaver.rows if place.file != LIST_FILE]


def _show_listed(erasure: Erasure, *, keep_out: bool, done: bool) -> None:
    """Say what would be deleted, or was, from the list of signers from forms."""
    if erasure.listed.is_empty:
        return
    if refused := len(erasure.listed.refused):
        whose = "a person" if refused == 1 else f"{refused:,} people"
        has = "had" if done and not keep_out else "has"
        note(f"{LIST_FILE} {has} hashes of {whose} with this name, email or address who")
        if keep_out:
            note("declined in a form. They are kept, so a later yes is not imported.")
        elif done:
            note("declined in a form. They were deleted, so a later yes counts.")
        else:
            note("declined in a form. They would be deleted, and a later yes would count;")
            note("--keep-out keeps them.")
    if not (erasure.listed.rows or erasure.listed.keys):
        return
    rows = f"{counted(len(erasure.listed.rows), 'row')} of {LIST_FILE} and "
    also = "Also deleted" if done else "Also to delete"
    note(f"{also}: {rows if erasure.listed.rows else ''}the data for matching imports.")
    if keep_out:
        note("Hashes are kept, so that later imports do not re-add this person.")
        note("Delete the export, and the response in the form.")
        return
    note("A later import of an export with this person would re-add them; --keep-out keeps hashes")
    note("that prevent this. Delete the export, and the response in the form.")


def _show_files(title: str, files: tuple[str, ...]) -> None:
    if files:
        note(title)
        list_few(files, _FEW)


def _show_left(leaver: Leaver, left: Search) -> None:
    if left.traces:
        note(f"Data about {leaver.label} that is left:")
        _show_traces(left)
    list_few([f"could not be searched: {path}" for path in left.closed], _FEW)


def _show_traces(left: Search) -> None:
    list_few(_places(left), _FEW)


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


def close_campaign(options: CampaignOptions) -> int:
    """Close a campaign: show what would be deleted, delete it, and return the exit code."""
    folder = options.folder
    with stoppable() as errand:
        try:
            closing = rehearse_close(folder, errand)
        except Stopped:
            return _show_stopped(options, "Nothing was changed")
    files = closing.files
    if closing.closed and not files:
        say(f"This campaign was closed on {spoken_day(closing.closed)}. Nothing is left to delete.")
        return DONE
    if options.dry_run or not options.yes:
        say(f"{counted(len(files), 'file')} in letters/ and print/ would be permanently deleted.")
        _show_closing(closing, folder, done=False)
    if options.dry_run:
        say(DRY_RUN)
        return DONE
    if not (options.yes or _confirmed("Continue?")):
        return PROBLEMS
    with stoppable() as errand:
        removed = close(folder, files, errand)
    if removed.stopped:
        done = f"{removed.count:,} of {counted(len(files), 'file')} deleted"
        return _show_stopped(options, done)
    if options.yes:
        _show_closing(closing, folder, done=True)
    note(_UNSEEN)
    done = f"{counted(removed.count, 'file')} permanently deleted."
    say(f"{done} The campaign is closed. To show its progress: {next_step('status', folder)}")
    return DONE


def _show_closing(closing: Closing, folder: Path, *, done: bool) -> None:
    """Show what would be deleted, or was deleted if it is `done`, and what is kept."""
    _show_files("Files deleted:" if done else "Files to delete:", closing.files)
    if BEFORE_FILE in closing.files:
        note(f"Also {'deleted' if done else 'to delete'}: {BEFORE_FILE}.")
    listed = f"{LIST_FILE} (people's data), " if closing.listed else ""
    note(f"The workbook, {listed}the templates, the register and the reports are kept.")
    _show_files("Also kept, because the program did not create them:", closing.kept)
    if closing.unlisted:
        number, step = counted(closing.unlisted, "letter"), next_step("letters", folder)
        verb = "is" if closing.unlisted == 1 else "are"
        rest = "so no record is left." if done else f"so no record will be left. To add: {step}"
        note(f"{number} {verb} not in the register, {rest}")
    _show_unfinished(closing, folder)


def _show_unfinished(closing: Closing, folder: Path) -> None:
    """Say how many letters are not posted, and how many were edited."""
    counts = closing.counts
    if counts is None:
        check = next_step("check", folder)
        note(f"Errors in the data hide how many letters are not posted or were edited: {check}")
        return
    if unposted := counts.unposted:
        number = sum(unposted.values())
        letters = f"{counted(number, 'letter')} {'is' if number == 1 else 'are'}"
        waits = "; ".join(f"{each:,} {wait}" for wait, each in unposted.items())
        say(f"{letters} not posted yet: {waits}.")
    if edited := counts.edited:
        say(f"{counted(edited, 'letter')} {'was' if edited == 1 else 'were'} edited.")


def reopen_campaign(folder: Path) -> int:
    """Reopen a campaign that was closed, and return the exit code."""
    day = reopen(folder)
    if not day:
        say("This campaign is not closed. Nothing was changed.")
        return DONE
    say(f"Reopened; it was closed on {spoken_day(day)}. Printed letters are not created again.")
    say(f"Next: see which letters would be created: {next_step('letters', folder, '--dry-run')}")
    return DONE
