"""Closing a campaign, previewing that, and reopening it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.campaign import read_campaign
from merge.campaign.campaign_files import PRINT_FOLDER, WORKBOOK_FILE, check_places
from merge.campaign.change_detection import snapshot_path
from merge.campaign.counts import LetterCounts
from merge.campaign.created_files import (
    DeletedFiles,
    check_no_open_files,
    delete_files,
    find_letter_files,
    find_print_files,
)
from merge.campaign.new_campaign import campaign_missing_problem
from merge.campaign.overview import inspect_campaign
from merge.campaign.task import NO_PROGRESS, Cancelled, Task
from merge.campaign.traces import folder_entries
from merge.disk import delete_file, is_link, remove_empty_folder
from merge.errors import MergeError, StorageError, UsageError
from merge.problems import Place
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.reading import read_register
from merge.state.ledger import Ledger, ledger_to_read
from merge.state.letter_folder import LOCK_FILE, LetterFolder, ledger_to_write, opened_ledger
from merge.text.folding import composed
from merge.workbook.reading import LIST_FILE, PREVIOUS_LIST_FILE


@dataclass(frozen=True, slots=True)
class ClosingPlan:
    """The files that closing a campaign deletes, and the files that stay.

    The kept files in letters/ and print/ belong to staff. `closed_on` is the day on which the
    campaign was closed before. `unlisted_letters` is the number of letters that are not in the
    register, so that no record of them will remain. `counts` are the counts of all letters, as
    `inspect_campaign` returns them; None if the letters cannot be counted.
    """

    files: tuple[str, ...]
    kept_files: tuple[str, ...]
    closed_on: dt.date | None
    unlisted_letters: int
    counts: LetterCounts | None
    has_signer_list: bool = False
    """Whether there is a list of signers from forms, which stays."""

    @property
    def confirmed_facts(self) -> object:
        """The facts about a closing that a user sees and confirms."""
        unfinished_letters = self.counts and (self.counts.unposted, self.counts.edited)
        return self.files, self.unlisted_letters, unfinished_letters


def plan_closing(folder: Path, task: Task = NO_PROGRESS) -> ClosingPlan:
    """Return which files closing a campaign would delete.

    These are letters, print files, proofs, and the list of signers before the last import. Raise
    UsageError if there is no campaign, StorageError if its register cannot be read, and Cancelled
    if the task was cancelled.
    """
    _check_campaign(folder)
    registered_letters = read_register(folder / REGISTER_FILE).rows
    places = folder / LETTERS_FOLDER, folder / PRINT_FOLDER
    with ledger_to_read(places[0]) as ledger:
        files, closed_on = (
            [path for path, _ in find_letter_files(folder, ledger, task)],
            ledger.state.closed_on,
        )
        unlisted_letters = sum(
            letter_id not in registered_letters for letter_id in ledger.letter_ids()
        )
    files += find_print_files(folder)
    last_files = (f"{PRINT_FOLDER}/{LOCK_FILE}", PREVIOUS_LIST_FILE)
    files += (path for path in last_files if (folder / path).is_file())
    all_entries = (e for place in places for e in folder_entries(place) if not e.is_folder)
    deleted = {*files, f"{LETTERS_FOLDER}/{LOCK_FILE}"}
    remaining = (entry.path.relative_to(folder).as_posix() for entry in all_entries)
    kept_files = tuple(path for path in remaining if path not in deleted)
    counts = _count_letters(folder, task)
    task.raise_if_cancelled()
    has_list = (folder / LIST_FILE).is_file()
    return ClosingPlan(
        files=tuple(files),
        kept_files=kept_files,
        closed_on=closed_on,
        unlisted_letters=unlisted_letters,
        counts=counts,
        has_signer_list=has_list,
    )


def _count_letters(folder: Path, task: Task) -> LetterCounts | None:
    """Return the counts of all letters; None if problems prevent counting."""
    with suppress(MergeError):
        view = inspect_campaign(read_campaign(folder), task=task)
        return None if view.survey_error else view.counts
    return None


def _check_campaign(folder: Path) -> None:
    if not (folder / WORKBOOK_FILE).is_file():
        raise UsageError(campaign_missing_problem(folder))
    check_places(folder)


def close_campaign_folder(
    folder: Path, files: Sequence[str], task: Task = NO_PROGRESS
) -> DeletedFiles:
    """Delete the files of a closing plan.

    The workbook, templates, register and reports stay. Afterwards the ledger only knows which
    letters are printed, and that the campaign is closed.

    If the task is cancelled, it ends between two files, and the campaign stays open. It also stays
    open if StorageError says that a file is open or cannot be deleted; files deleted before are
    gone. Raise StorageError, and delete nothing, if another run has created files since.
    """
    check_no_open_files(folder, files)
    removed, root = DeletedFiles(stopped=True), folder / LETTERS_FOLDER
    with (
        suppress(Cancelled),
        LetterFolder(root).open(check=task.raise_if_cancelled),
        opened_ledger(root) as ledger,
    ):
        if new_files := [*_files_created_since(folder, files, ledger)]:
            place = Place(LETTERS_FOLDER)
            raise StorageError(messages.problem("close-changed", place, files=new_files))
        delete_files(folder, files, task, removed)
        ledger.close_campaign(ledger.state.closed_on or dt.datetime.now().astimezone().date())
    with suppress(OSError):
        if snapshot := snapshot_path(folder):
            delete_file(snapshot)
    remove_empty_folder(folder / PRINT_FOLDER)
    return removed


def _files_created_since(folder: Path, files: Sequence[str], ledger: Ledger) -> Iterator[str]:
    """Yield letters and print files that the user was not shown."""
    shown_files = {*files, *(composed(path) for path in files)}
    if not is_link(folder / LETTERS_FOLDER):
        letters = (f"{LETTERS_FOLDER}/{path}" for path in ledger.letter_paths() if path)
        yield from (p for p in letters if p not in shown_files and (folder / p).is_file())
    yield from find_print_files(folder, shown_files)


def reopen_campaign_folder(folder: Path) -> dt.date | None:
    """Allow letters in a closed campaign again; return the closing day.

    Return None if the campaign is open. Raise UsageError if there is no campaign.
    """
    _check_campaign(folder)
    root = folder / LETTERS_FOLDER
    with ledger_to_read(root) as ledger:
        day = ledger.state.closed_on
    if day:
        with ledger_to_write(root) as ledger:
            ledger.reopen_campaign()
    return day
