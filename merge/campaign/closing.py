"""A campaign ended: what goes, what stays, and back again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.campaign import read_campaign
from merge.campaign.campaign_files import PRINT_FOLDER, WORKBOOK_FILE, check_places
from merge.campaign.change_detection import SNAPSHOT_FILE
from merge.campaign.counts import LetterCounts
from merge.campaign.created_files import (
    DAMAGED_LEDGER,
    DeletedFiles,
    check_no_open_files,
    delete_files,
    files_below,
    find_letter_files,
    find_print_files,
)
from merge.campaign.overview import inspect_campaign
from merge.campaign.task import NO_PROGRESS, Cancelled, Task
from merge.campaign.traces import folder_entries
from merge.disk import is_link
from merge.errors import MergeError, StorageError, UsageError
from merge.intake.signer_list import PREVIOUS_LIST_FILE
from merge.problems import Place
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.reading import read_register
from merge.state.ledger import LEDGER_FILE, Ledger, ledger_to_read, open_ledger
from merge.state.letter_folder import LOCK_FILE, LetterFolder, ledger_to_write
from merge.text.folding import composed
from merge.workbook.reading import LIST_FILE

_INTERNAL_FILES = frozenset({LEDGER_FILE, f"{LEDGER_FILE}-journal", LOCK_FILE, SNAPSHOT_FILE})
"""Files of the program's that stay in a folder."""


@dataclass(frozen=True, slots=True)
class ClosingPlan:
    """What goes when a campaign ends, and what stays in letters/ and print/: it is the staff's.

    `closed` is the day on which it was closed before; `unlisted` letters are not in the register,
    so that nobody will know of them. `counts` are those of all letters, as `look` has them; None
    where they cannot be looked at.
    """

    files: tuple[str, ...]
    kept_files: tuple[str, ...]
    closed_on: dt.date | None
    unlisted_letters: int
    counts: LetterCounts | None
    has_signer_list: bool = False
    """There is a list of signers from forms, which stays."""

    @property
    def confirmed_facts(self) -> object:
        """What somebody is shown, and confirms."""
        unfinished = self.counts and (self.counts.unposted, self.counts.edited)
        return self.files, self.unlisted_letters, unfinished


def plan_closing(folder: Path, task: Task = NO_PROGRESS) -> ClosingPlan:
    """Return what goes when a campaign ends: letters, batches, proofs, the list that was before.

    UsageError where there is no campaign, StorageError where its register cannot be read; raise
    Stopped where a stop is asked for.
    """
    _check_campaign(folder)
    listed = read_register(folder / REGISTER_FILE).rows
    places = folder / LETTERS_FOLDER, folder / PRINT_FOLDER
    with ledger_to_read(places[0]) as ledger:
        files, closed = (
            [path for path, _ in find_letter_files(folder, ledger, task)],
            ledger.closed_on,
        )
        unlisted = sum(letter_id not in listed for letter_id in ledger.letter_ids())
    files += find_print_files(folder)
    own = {path.relative_to(folder).as_posix() for place in places for path in files_below(place)}
    last = (f"{LETTERS_FOLDER}/{DAMAGED_LEDGER}", f"{PRINT_FOLDER}/{LOCK_FILE}")
    files += (path for path in last if path in own)
    files += [PREVIOUS_LIST_FILE] if (folder / PREVIOUS_LIST_FILE).is_file() else []
    there = (e for place in places for e in folder_entries(place) if not e.is_folder)
    gone = {*files, *(f"{LETTERS_FOLDER}/{name}" for name in _INTERNAL_FILES)}
    kept = (entry.path.relative_to(folder).as_posix() for entry in there)
    stays = tuple(path for path in kept if path not in gone)
    counts = _count_letters(folder, task)
    task.raise_if_cancelled()
    has_list = (folder / LIST_FILE).is_file()
    return ClosingPlan(
        files=tuple(files),
        kept_files=stays,
        closed_on=closed,
        unlisted_letters=unlisted,
        counts=counts,
        has_signer_list=has_list,
    )


def _count_letters(folder: Path, task: Task) -> LetterCounts | None:
    """Return the letters counted; None where the campaign has faults that hide them."""
    with suppress(MergeError):
        view = inspect_campaign(read_campaign(folder), task=task)
        return None if view.survey_error else view.counts
    return None


def _check_campaign(folder: Path) -> None:
    if not (folder / WORKBOOK_FILE).is_file():
        raise UsageError(messages.problem("campaign-missing", Place(str(folder))))
    check_places(folder)


def close_campaign_folder(
    folder: Path, files: Sequence[str], task: Task = NO_PROGRESS
) -> DeletedFiles:
    """Delete what was rehearsed; workbook, templates, register and reports stay.

    Then the ledger knows of no letters any more but which are on paper, and that the campaign is
    closed. Where a stop is asked for, it ends between two files, and the campaign is open still, as
    it is where StorageError says that a file is open, or cannot be deleted: what was deleted before
    is gone. StorageError, and nothing is deleted, if another run has made files since.
    """
    check_no_open_files(folder, files)
    removed, root = DeletedFiles(stopped=True), folder / LETTERS_FOLDER
    with (
        suppress(Cancelled),
        LetterFolder(root).open(check=task.raise_if_cancelled),
        closing(open_ledger(root)) as ledger,
    ):
        if came := [*_files_created_since(folder, files, ledger)]:
            where = Place(LETTERS_FOLDER)
            raise StorageError(messages.problem("close-changed", where, files=came))
        delete_files(folder, files, task, removed)
        ledger.close_campaign(ledger.closed_on or dt.datetime.now().astimezone().date())
    with suppress(OSError):
        (root / SNAPSHOT_FILE).unlink()
    with suppress(OSError):
        (folder / PRINT_FOLDER).rmdir()
    return removed


def _files_created_since(folder: Path, files: Sequence[str], ledger: Ledger) -> Iterator[str]:
    """Yield letters and batches that are not among the files that were shown."""
    shown = {*files, *(composed(path) for path in files)}
    if not is_link(folder / LETTERS_FOLDER):
        letters = (f"{LETTERS_FOLDER}/{path}" for path in ledger.letter_paths() if path)
        yield from (p for p in letters if p not in shown and (folder / p).is_file())
    yield from find_print_files(folder, shown)


def reopen_campaign_folder(folder: Path) -> dt.date | None:
    """Let letters be made again in a campaign that was closed; return the day of that.

    None where it is open. UsageError where there is no campaign.
    """
    _check_campaign(folder)
    root = folder / LETTERS_FOLDER
    with ledger_to_read(root) as ledger:
        day = ledger.closed_on
    if day:
        with ledger_to_write(root) as ledger:
            ledger.reopen_campaign()
    return day
