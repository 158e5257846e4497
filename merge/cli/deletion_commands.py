"""`merge delete-person` and `merge close`: rehearsed, confirmed, done, looked for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from merge import messages
from merge.campaign.campaign import Campaign, format_day, read_campaign
from merge.campaign.closing import (
    ClosingPlan,
    close_campaign_folder,
    plan_closing,
    reopen_campaign_folder,
)
from merge.campaign.deletion import delete_person, find_remaining_data
from merge.campaign.deletion_plan import DeletionPlan, plan_deletion
from merge.campaign.deletion_subject import (
    DeletionSubject,
    find_subject,
    nearest_person,
    similar_people,
)
from merge.campaign.task import Cancelled
from merge.campaign.traces import TraceSearch
from merge.cli.options import CampaignOptions
from merge.cli.terminal import (
    DONE,
    DRY_RUN_NOTICE,
    PROBLEMS,
    STOPPED,
    cancellable_task,
    exit_code,
    next_command,
    note,
    print_first,
    problems_json,
    say,
    show_json,
)
from merge.errors import MergeError, UsageError
from merge.intake.signer_list import PREVIOUS_LIST_FILE
from merge.naming import format_count, join_first
from merge.problems import Place
from merge.workbook.reading import LIST_FILE

_MAX_NAMED_FILES = 20
"""Files that are named one by one."""

_UNCHECKED_COPIES = (
    "The program cannot check: copies in cloud folders and backups, trial letters in other"
    " folders, recent files in Word and Excel, the history of this terminal, emails, and printed"
    " pages. docs/signers-at-risk.md lists where to check."
)


def delete_person_data(
    options: CampaignOptions, name: str, *, keep_counts: bool, keep_out: bool
) -> int:
    """Delete a person's data, search for traces, and return the exit code.

    It is 0 if no data is left, or for a dry run.
    """
    try:
        return _run_deletion(options, name, keep_counts=keep_counts, keep_out=keep_out)
    except MergeError as error:
        if not options.as_json:
            raise
        show_json({"done": False, "problems": problems_json(error.problems)})
        return exit_code(error)
    except Cancelled:
        return _show_stopped(options, "Nothing was changed")


def _show_stopped(options: CampaignOptions, done: str) -> int:
    """Say that it was stopped, and how to continue."""
    if options.as_json:
        show_json({"done": False, "stopped": True, "problems": []})
    else:
        say(f"Stopped. {done}. To continue, run the same command again.")
    return STOPPED


def _count_files(erasure: DeletionPlan) -> str:
    return format_count(len(erasure.files), "file")


def _run_deletion(options: CampaignOptions, name: str, *, keep_counts: bool, keep_out: bool) -> int:
    campaign = read_campaign(options.folder, workbook=options.workbook)
    subject = find_subject(campaign, name)
    with cancellable_task() as task:
        erasure = plan_deletion(campaign, subject, task)
    alike = [] if erasure.is_known else similar_people(campaign, name, with_more=False)
    if alike:
        labels = [person.label for person in alike]
        raise UsageError(messages.problem("forget-alike", Place(f"“{name}”"), people=labels))
    is_asked = options.dry_run or not options.yes
    if is_asked and not options.as_json:
        _show_deletion(erasure, keep_out=keep_out, done=False)
    if options.dry_run:
        if options.as_json:
            show_json(_deletion_json(erasure, erasure.remaining, done=False))
        else:
            say(DRY_RUN_NOTICE)
        return DONE
    shown = _deletion_json(erasure, erasure.remaining, done=False) if options.as_json else None
    question = "All of this will be permanently deleted. Continue?"
    if not (options.yes or erasure.is_empty or _confirm(question, shown)):
        return PROBLEMS
    with cancellable_task() as task:
        removed = delete_person(campaign, erasure, task, keep_counts=keep_counts, keep_out=keep_out)
    if removed.stopped:
        return _show_stopped(options, f"{removed.count:,} of {_count_files(erasure)} deleted")
    if task.is_cancelled:
        return _show_stopped(options, _SEARCH_NOT_FINISHED)
    if not (is_asked or options.as_json):
        _show_deletion(erasure, keep_out=keep_out, done=True)
    if not options.as_json and (removed.count or erasure.register_rows):
        rows = format_count(erasure.register_rows, "register row")
        note(f"Permanently deleted: {format_count(removed.count, 'file')}. Cleared: {rows}.")
    return _show_search_result(campaign, erasure, options, has_hashes=removed.has_hashes)


_SEARCH_NOT_FINISHED = "Everything listed was deleted, but the search for traces is not finished"


def _show_search_result(
    campaign: Campaign, erasure: DeletionPlan, options: CampaignOptions, *, has_hashes: bool
) -> int:
    """Search for traces, show them, and return the exit code."""
    subject = erasure.subject
    try:
        left = _search_repeatedly(campaign, subject, options)
    except Cancelled:
        return _show_stopped(options, _SEARCH_NOT_FINISHED)
    code = PROBLEMS if left.traces or left.unreadable_files else DONE
    if options.as_json:
        show_json(_deletion_json(erasure, left, done=True))
        return code
    if not (left.traces and _can_ask(options)):  # else it was just shown
        _show_remaining(subject, left)
    note(_UNCHECKED_COPIES)
    say(_closing_line(campaign, erasure, left, has_hashes=has_hashes))
    return code


def _closing_line(
    campaign: Campaign, erasure: DeletionPlan, left: TraceSearch, *, has_hashes: bool
) -> str:
    """Return the last line: whether anything is left."""
    who = erasure.subject.label
    if left.traces:
        return f"Some data about {who} is left. Delete it, then run the same command again."
    if left.unreadable_files:
        files = format_count(len(left.unreadable_files), "file")
        return f"No data about {who} is left in the files searched. Check the {files} above."
    if not erasure.is_known:
        if near := nearest_person(campaign, who):
            return f"No one here has the name or ID {who}. Did you mean {near.label}?"
        return f"No one here has the name or ID {who}, and no file contains this text."
    if has_hashes:
        return f"No data about {who} is left, except the hashes that prevent a new import."
    return f"No data about {who} is left."


def _confirm(question: str, shown: dict[str, object] | None = None) -> bool:
    """Ask. If nobody can be asked, or for `shown` as JSON, say what is missing instead."""
    if shown is not None:
        show_json({**shown, "confirm": "--yes"})
        return False
    if not sys.stdin.isatty():
        say("Nothing was changed. To do it, run again with --yes.")
        return False
    click.confirm(question, abort=True, err=True)
    return True


def _search_repeatedly(
    campaign: Campaign, subject: DeletionSubject, options: CampaignOptions
) -> TraceSearch:
    """Search; where rows of the workbook are the staff's to delete, wait for that, then again."""
    left = _search(campaign, subject)
    while left.traces and _can_ask(options):
        _show_remaining(subject, left)
        if not click.confirm("Delete this yourself and save. Search again?", err=True):
            break
        left = _search(campaign, subject)
    return left


def _can_ask(options: CampaignOptions) -> bool:
    """Return whether somebody is there who can be asked."""
    return sys.stdin.isatty() and not options.yes and not options.as_json


def _search(campaign: Campaign, subject: DeletionSubject) -> TraceSearch:
    with cancellable_task() as task:
        return find_remaining_data(campaign, subject, task)


_PLANNED_TITLES = (
    "Letters to delete:",
    "Previous list to delete; the last import can then no longer be undone:",
    "Files to delete, which also contain other people's data; you can create them again:",
)
_DONE_TITLES = (
    "Letters deleted:",
    "Previous list deleted; the last import can no longer be undone:",
    "Files deleted, which also contained other people's data; you can create them again:",
)


def _show_deletion(erasure: DeletionPlan, *, keep_out: bool, done: bool) -> None:
    """Show what would be deleted, or was deleted if it is `done`."""
    subject = erasure.subject
    say(
        f"{subject.label}: {format_count(len(erasure.letters), 'letter file')}, "
        f"{format_count(len(erasure.shared_files), 'other file')}, "
        f"{format_count(erasure.register_rows, 'register row')}."
    )
    if erasure.posted_letters and not done:
        letters = format_count(erasure.posted_letters, "letter")
        say(f"{letters} posted: --keep-counts keeps this number without a name.")
    _show_list_rows(erasure, keep_out=keep_out, done=done)
    before = tuple(path for path in erasure.shared_files if path == PREVIOUS_LIST_FILE)
    others = tuple(path for path in erasure.shared_files if path != PREVIOUS_LIST_FILE)
    deleted = (erasure.letters, before, others)
    for title, files in zip(_DONE_TITLES if done else _PLANNED_TITLES, deleted, strict=True):
        _show_files(title, files)
    if subject.words.is_common_name:
        note(
            f"“{subject.label}” also appears in a template, in Settings or in other people's cells,"
        )
        note("or is a number or a single letter: the name alone does not count as a match.")
    if cells := subject.mentions:
        named = join_first([*map(str, cells)], _MAX_NAMED_FILES)
        note(f"Other people's cells contain this name: {named}.")
        note(
            "They count as those people's data, as do their letters. If they refer to this person,"
        )
        note("change them.")
    if typed := _workbook_rows(erasure):
        is_listed = erasure.remaining.traces and not done
        rows = "" if is_listed else f" ({', '.join(map(str, typed))})"
        note(f"The program does not change your workbook. Delete the rows yourself{rows},")
        note("including those in the Pairs sheet, before you create letters again.")
    if erasure.remaining.traces and not done:
        note("Found here, for you to delete:")
        _show_traces(erasure.remaining)


def _workbook_rows(erasure: DeletionPlan) -> list[Place]:
    """Return the rows of the workbook, which are the staff's."""
    return [place for place in erasure.subject.rows if place.file != LIST_FILE]


def _show_list_rows(erasure: DeletionPlan, *, keep_out: bool, done: bool) -> None:
    """Say what would be deleted, or was, from the list of signers from forms."""
    if erasure.list_traces.is_empty:
        return
    if refused := len(erasure.list_traces.declined_indices):
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
    if not (erasure.list_traces.rows or erasure.list_traces.keys):
        return
    rows = f"{format_count(len(erasure.list_traces.rows), 'row')} of {LIST_FILE} and "
    also = "Also deleted" if done else "Also to delete"
    note(f"{also}: {rows if erasure.list_traces.rows else ''}the data for matching imports.")
    if keep_out:
        note("Hashes are kept, so that later imports do not re-add this person.")
        note("Delete the export, and the response in the form.")
        return
    note("A later import of an export with this person would re-add them; --keep-out keeps hashes")
    note("that prevent this. Delete the export, and the response in the form.")


def _show_files(title: str, files: tuple[str, ...]) -> None:
    if files:
        note(title)
        print_first(files, _MAX_NAMED_FILES)


def _show_remaining(subject: DeletionSubject, left: TraceSearch) -> None:
    if left.traces:
        note(f"Data about {subject.label} that is left:")
        _show_traces(left)
    print_first(
        [f"could not be searched: {path}" for path in left.unreadable_files], _MAX_NAMED_FILES
    )


def _show_traces(left: TraceSearch) -> None:
    print_first(_places(left), _MAX_NAMED_FILES)


def _places(left: TraceSearch) -> list[str]:
    """Return each file once in which something is left, with its cells, or the parts of a zip."""
    return [
        f"{path}: {', '.join(inside[:_MAX_NAMED_FILES])}" if inside else path
        for path, inside in left.by_file().items()
    ]


def _deletion_json(erasure: DeletionPlan, left: TraceSearch, *, done: bool) -> dict[str, object]:
    return {
        "done": done,
        "person": erasure.subject.label,
        "known": erasure.is_known,
        "letters": [*erasure.letters],
        "shared": [*erasure.shared_files],
        "register_rows": erasure.register_rows,
        "posted": erasure.posted_letters,
        "workbook": [str(place) for place in _workbook_rows(erasure)],
        "list_rows": sorted(erasure.list_traces.rows),
        "list_refusals": len(erasure.list_traces.declined_indices),
        "mentioned": [str(place) for place in erasure.subject.mentions],
        "left": _places(left),
        "not_searched": left.unreadable_files,
        "problems": [],
    }


def close_campaign(options: CampaignOptions) -> int:
    """Close a campaign: show what would be deleted, delete it, and return the exit code."""
    folder = options.folder
    with cancellable_task() as task:
        try:
            closing = plan_closing(folder, task)
        except Cancelled:
            return _show_stopped(options, "Nothing was changed")
    files = closing.files
    if closing.closed_on and not files:
        say(
            f"This campaign was closed on {format_day(closing.closed_on)}. Nothing is left to delete."  # noqa: E501
        )
        return DONE
    if options.dry_run or not options.yes:
        say(
            f"{format_count(len(files), 'file')} in letters/ and print/ would be permanently deleted."  # noqa: E501
        )
        _show_closing(closing, folder, done=False)
    if options.dry_run:
        say(DRY_RUN_NOTICE)
        return DONE
    if not (options.yes or _confirm("Continue?")):
        return PROBLEMS
    with cancellable_task() as task:
        removed = close_campaign_folder(folder, files, task)
    if removed.stopped:
        done = f"{removed.count:,} of {format_count(len(files), 'file')} deleted"
        return _show_stopped(options, done)
    if options.yes:
        _show_closing(closing, folder, done=True)
    note(_UNCHECKED_COPIES)
    done = f"{format_count(removed.count, 'file')} permanently deleted."
    say(f"{done} The campaign is closed. To show its progress: {next_command('status', folder)}")
    return DONE


def _show_closing(closing: ClosingPlan, folder: Path, *, done: bool) -> None:
    """Show what would be deleted, or was deleted if it is `done`, and what is kept."""
    _show_files("Files deleted:" if done else "Files to delete:", closing.files)
    if PREVIOUS_LIST_FILE in closing.files:
        note(f"Also {'deleted' if done else 'to delete'}: {PREVIOUS_LIST_FILE}.")
    listed = f"{LIST_FILE} (people's data), " if closing.has_signer_list else ""
    note(f"The workbook, {listed}the templates, the register and the reports are kept.")
    _show_files("Also kept, because the program did not create them:", closing.kept_files)
    if closing.unlisted_letters:
        number, step = (
            format_count(closing.unlisted_letters, "letter"),
            next_command("letters", folder),
        )
        verb = "is" if closing.unlisted_letters == 1 else "are"
        rest = "so no record is left." if done else f"so no record will be left. To add: {step}"
        note(f"{number} {verb} not in the register, {rest}")
    _show_unfinished(closing, folder)


def _show_unfinished(closing: ClosingPlan, folder: Path) -> None:
    """Say how many letters are not posted, and how many were edited."""
    counts = closing.counts
    if counts is None:
        check = next_command("check", folder)
        note(f"Errors in the data hide how many letters are not posted or were edited: {check}")
        return
    if unposted := counts.unposted:
        number = sum(unposted.values())
        letters = f"{format_count(number, 'letter')} {'is' if number == 1 else 'are'}"
        waits = "; ".join(f"{each:,} {wait}" for wait, each in unposted.items())
        say(f"{letters} not posted yet: {waits}.")
    if edited := counts.edited:
        say(f"{format_count(edited, 'letter')} {'was' if edited == 1 else 'were'} edited.")


def reopen_campaign(folder: Path) -> int:
    """Reopen a campaign that was closed, and return the exit code."""
    day = reopen_campaign_folder(folder)
    if not day:
        say("This campaign is not closed. Nothing was changed.")
        return DONE
    say(f"Reopened; it was closed on {format_day(day)}. Printed letters are not created again.")
    say(f"Next: see which letters would be created: {next_command('letters', folder, '--dry-run')}")
    return DONE
