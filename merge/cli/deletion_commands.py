"""`merge delete-person`, `merge close`: preview, confirm, delete, search."""

from __future__ import annotations

import sys
from pathlib import Path

import click

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
    similar_people,
)
from merge.campaign.task import Cancelled
from merge.campaign.traces import PersonalDataTraces
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
from merge.errors import MergeError
from merge.naming import format_count
from merge.problems import Place
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE

_MAX_NAMED_FILES = 20
"""Number of files that are named one by one."""

_UNCHECKED_COPIES = (
    "The program cannot check: copies in cloud folders and backups, trial letters in other"
    " folders, recent files in Word and Excel, the history of this terminal, emails, and printed"
    " pages. “Signers at risk” in the manual lists where to check: see Help on the page."
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
    """Print that the task was stopped and how to continue."""
    if options.as_json:
        show_json({"done": False, "stopped": True, "problems": []})
    else:
        say(f"Stopped. {done}. To continue, run the same command again.")
    return STOPPED


def _count_files(deletion: DeletionPlan) -> str:
    return format_count(len(deletion.files), "file")


def _run_deletion(options: CampaignOptions, name: str, *, keep_counts: bool, keep_out: bool) -> int:
    campaign = read_campaign(options.folder, workbook=options.workbook)
    subject = find_subject(campaign, name)
    with cancellable_task() as task:
        deletion = plan_deletion(campaign, subject, task)
    if not options.as_json:
        _show_deletion(deletion, keep_out=keep_out)
    if options.dry_run:
        if options.as_json:
            show_json(_deletion_json(deletion, deletion.remaining, done=False))
        else:
            unknown_line = _unknown_line(campaign, deletion, deletion.remaining)
            say(DRY_RUN_NOTICE if deletion.is_known else unknown_line)
        return DONE
    preview = _deletion_json(deletion, deletion.remaining, done=False) if options.as_json else None
    question = "All of this will be permanently deleted. Continue?"
    if not (options.yes or deletion.is_empty or _confirm(question, preview)):
        return PROBLEMS
    with cancellable_task() as task:
        result = delete_person(campaign, deletion, task, keep_counts=keep_counts, keep_out=keep_out)
    if result.stopped:
        return _show_stopped(options, f"{result.count:,} of {_count_files(deletion)} deleted")
    if task.is_cancelled:
        return _show_stopped(options, _SEARCH_NOT_FINISHED)
    if not options.as_json and (result.count or deletion.register_rows):
        rows = format_count(deletion.register_rows, "register row")
        note(f"Permanently deleted: {format_count(result.count, 'file')}. Cleared: {rows}.")
    return _show_search_result(campaign, deletion, options, has_hashes=result.has_hashes)


_SEARCH_NOT_FINISHED = "Everything listed was deleted, but the search for traces is not finished"


def _show_search_result(
    campaign: Campaign, deletion: DeletionPlan, options: CampaignOptions, *, has_hashes: bool
) -> int:
    """Search for traces of a person, show them, and return the exit code."""
    subject = deletion.subject
    try:
        with cancellable_task() as task:
            search = find_remaining_data(campaign, subject, task)
    except Cancelled:
        return _show_stopped(options, _SEARCH_NOT_FINISHED)
    code = PROBLEMS if search.traces or search.unreadable_files else DONE
    if options.as_json:
        show_json(_deletion_json(deletion, search, done=True))
        return code
    _show_remaining(f"Data about {subject.label} that is left:", search)
    _show_name_not_enough(subject)
    note(_UNCHECKED_COPIES)
    say(_closing_line(campaign, deletion, search, has_hashes=has_hashes))
    return code


def _closing_line(
    campaign: Campaign, deletion: DeletionPlan, search: PersonalDataTraces, *, has_hashes: bool
) -> str:
    """Return the last line of a deletion: whether any data is left."""
    name = deletion.subject.label
    if search.traces:
        return f"Some data about {name} is left. Delete it, then run the same command again."
    if not deletion.is_known:
        return _unknown_line(campaign, deletion, search)
    if search.unreadable_files:
        files = format_count(len(search.unreadable_files), "file")
        return f"No data about {name} is left in the files searched. Check the {files} above."
    if has_hashes:
        return f"No data about {name} is left, except the hashes that prevent a new import."
    return f"No data about {name} is left."


def _unknown_line(campaign: Campaign, deletion: DeletionPlan, search: PersonalDataTraces) -> str:
    """Return the line that no one has a name or ID."""
    name = deletion.subject.label
    if similar := similar_people(campaign, name):
        return f"No one here has the name or ID {name}. Did you mean {similar[0].label}?"
    is_searched = deletion.subject.terms.is_name_enough
    is_nowhere = is_searched and search.is_clean and not deletion.files
    end = ", and no file contains this text." if is_nowhere else "."
    return f"No one here has the name or ID {name}{end}"


def _confirm(question: str, preview: dict[str, object] | None = None) -> bool:
    """Return whether the user confirms a deletion in the terminal.

    If no one can be asked, or for `preview` as JSON, show how to confirm instead.
    """
    if preview is not None:
        show_json({**preview, "confirm": "--yes"})
        return False
    if not sys.stdin.isatty():
        say("Nothing was changed. To do it, run again with --yes.")
        return False
    click.confirm(question, abort=True, err=True)
    return True


_TITLES = (
    "Letters to delete:",
    "Previous list to delete; the last import can then no longer be undone:",
    "Files to delete, which also contain other people's data; you can create them again:",
)


def _show_deletion(deletion: DeletionPlan, *, keep_out: bool) -> None:
    """Show what would be deleted."""
    subject = deletion.subject
    if not deletion.is_empty:
        say(
            f"{subject.label}: {format_count(len(deletion.letters), 'letter file')}, "
            f"{format_count(len(deletion.shared_files), 'other file')}, "
            f"{format_count(deletion.register_rows, 'register row')}."
        )
    if deletion.posted_letters:
        letters = format_count(deletion.posted_letters, "letter")
        say(f"{letters} posted: with --keep-counts, reports mention this number below the totals.")
    _show_list_rows(deletion, keep_out=keep_out)
    previous_lists = tuple(path for path in deletion.shared_files if path == PREVIOUS_LIST_FILE)
    other_files = tuple(path for path in deletion.shared_files if path != PREVIOUS_LIST_FILE)
    deleted_files = (deletion.letters, previous_lists, other_files)
    for title, files in zip(_TITLES, deleted_files, strict=True):
        _show_files(title, files)
    if count := len(deletion.letters_to_print_again):
        others = format_count(count, "other letter")
        note(f"{others} of these print files would be printed again, with --since-last.")
        note("If these have been printed, mark them first.")
    if workbook_rows := _workbook_rows(deletion):
        rows = "" if deletion.remaining.traces else f" ({', '.join(map(str, workbook_rows))})"
        note(f"The program does not change your workbook. Delete the rows yourself{rows},")
        note("including those in the Pairs sheet, before you create letters again.")
    _show_name_not_enough(subject)
    _show_remaining("Found here, for you to delete:", deletion.remaining)


def _show_name_not_enough(subject: DeletionSubject) -> None:
    """Say that the name may be left, if it alone does not count."""
    if not subject.terms.is_name_enough:
        note("This name also appears in a template, in Settings or in other people's cells,")
        note("or is a number or a single letter: the name alone does not count as a match.")


def _workbook_rows(deletion: DeletionPlan) -> list[Place]:
    """Return the person's rows in the workbook, which staff must delete."""
    return [place for place in deletion.subject.rows if place.file != LIST_FILE]


def _show_list_rows(deletion: DeletionPlan, *, keep_out: bool) -> None:
    """Say what would be deleted from the list of signers from forms."""
    if deletion.list_traces.is_empty:
        return
    if refusals := len(deletion.list_traces.declined_keys):
        people = "a person" if refusals == 1 else f"{refusals:,} people"
        note(f"The records have hashes of {people} with this name, email or address who")
        if keep_out:
            note("declined in a form. They are kept, so a later yes is not imported.")
        else:
            note("declined in a form. They would be deleted, and a later yes would count;")
            note("--keep-out keeps them.")
    if not (deletion.list_traces.rows or deletion.list_traces.keys):
        return
    rows = f"{format_count(len(deletion.list_traces.rows), 'row')} of {LIST_FILE} and "
    note(
        f"Also to delete: {rows if deletion.list_traces.rows else ''}the data for matching imports."
    )
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


def _show_remaining(title: str, search: PersonalDataTraces) -> None:
    if search.traces:
        note(title)
        _show_traces(search)
    if search.is_in_template:
        note("A template contains this person's data, in its text or under File > Info. Change it,")
        note("then create the letters again.")
    print_first(
        [f"could not be searched: {path}" for path in search.unreadable_files], _MAX_NAMED_FILES
    )


def _show_traces(search: PersonalDataTraces) -> None:
    print_first(_places(search), _MAX_NAMED_FILES)


def _places(search: PersonalDataTraces) -> list[str]:
    """Return each file with traces once, with its cells or the parts of a zip."""
    return [
        f"{path}: {', '.join(locations[:_MAX_NAMED_FILES])}" if locations else path
        for path, locations in search.by_file().items()
    ]


def _deletion_json(
    deletion: DeletionPlan, search: PersonalDataTraces, *, done: bool
) -> dict[str, object]:
    return {
        "done": done,
        "person": deletion.subject.label,
        "known": deletion.is_known,
        "letters": [*deletion.letters],
        "shared": [*deletion.shared_files],
        "register_rows": deletion.register_rows,
        "posted": deletion.posted_letters,
        "to_print_again": len(deletion.letters_to_print_again),
        "workbook": [str(place) for place in _workbook_rows(deletion)],
        "list_rows": sorted(deletion.list_traces.rows),
        "list_refusals": len(deletion.list_traces.declined_keys),
        "left": _places(search),
        "not_searched": search.unreadable_files,
        "problems": [],
    }


def close_campaign(options: CampaignOptions) -> int:
    """Close a campaign after a preview and a confirmation.

    Return the exit code.
    """
    folder = options.folder
    with cancellable_task() as task:
        try:
            closing = plan_closing(folder, task)
        except Cancelled:
            return _show_stopped(options, "Nothing was changed")
    files = closing.files
    if closing.closed_on and not files:
        say(
            f"This campaign was closed on {format_day(closing.closed_on)}."
            " Nothing is left to delete."
        )
        return DONE
    count = format_count(len(files), "file")
    say(f"{count} in letters/ and print/ would be permanently deleted.")
    _show_closing(closing, folder)
    if options.dry_run:
        say(DRY_RUN_NOTICE)
        return DONE
    if not (options.yes or _confirm("Continue?")):
        return PROBLEMS
    with cancellable_task() as task:
        result = close_campaign_folder(folder, files, task)
    if result.stopped:
        done = f"{result.count:,} of {format_count(len(files), 'file')} deleted"
        return _show_stopped(options, done)
    note(_UNCHECKED_COPIES)
    done = f"{format_count(result.count, 'file')} permanently deleted."
    say(f"{done} The campaign is closed. To show its progress: {next_command('status', folder)}")
    return DONE


def _show_closing(closing: ClosingPlan, folder: Path) -> None:
    """Show what would be deleted, and what is kept."""
    _show_files("Files to delete:", closing.files)
    if PREVIOUS_LIST_FILE in closing.files:
        note(f"Also to delete: {PREVIOUS_LIST_FILE}.")
    signer_list = f"{LIST_FILE} (people's data), " if closing.has_signer_list else ""
    note(f"The workbook, {signer_list}the templates, the register and the reports are kept.")
    _show_files("Also kept, because the program did not create them:", closing.kept_files)
    if closing.unlisted_letters:
        number, step = (
            format_count(closing.unlisted_letters, "letter"),
            next_command("letters", folder),
        )
        verb = "is" if closing.unlisted_letters == 1 else "are"
        note(f"{number} {verb} not in the register, so no record will be left. To add: {step}")
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
        stages = "; ".join(f"{count:,} {stage}" for stage, count in unposted.items())
        say(f"{letters} not posted yet: {stages}.")
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
