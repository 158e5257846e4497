"""A campaign ended: what goes, what stays, and back again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from merge import messages
from merge.campaign.campaign import read_campaign
from merge.campaign.counts import Counts
from merge.campaign.errand import UNWATCHED, Errand, Stopped
from merge.campaign.made_files import (
    DAMAGED_LEDGER,
    RemovedFiles,
    check_nothing_is_open,
    letter_files,
    own_files,
    print_files,
    remove_files,
)
from merge.campaign.places import PRINT_FOLDER, WORKBOOK_FILE, check_places
from merge.campaign.snapshot import SNAPSHOT_FILE
from merge.campaign.traces import entries
from merge.campaign.view import look
from merge.disk import is_link
from merge.errors import MergeError, StorageError, UsageError
from merge.intake.signer_list import BEFORE_FILE
from merge.problems import Place
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.reading import read_register
from merge.state.ledger import LEDGER_FILE, Ledger, ledger_to_read, open_ledger
from merge.state.outbox import LOCK, Outbox, ledger_to_write
from merge.text.folding import composed
from merge.workbook.reading import LIST_FILE

_OURS = frozenset({LEDGER_FILE, f"{LEDGER_FILE}-journal", LOCK, SNAPSHOT_FILE})
"""Files of the program's that stay in a folder."""


@dataclass(frozen=True, slots=True)
class Closing:
    """What goes when a campaign ends, and what stays in letters/ and print/: it is the staff's.

    `closed` is the day on which it was closed before; `unlisted` letters are not in the register,
    so that nobody will know of them. `counts` are those of all letters, as `look` has them; None
    where they cannot be looked at.
    """

    files: tuple[str, ...]
    kept: tuple[str, ...]
    closed: dt.date | None
    unlisted: int
    counts: Counts | None
    listed: bool = False
    """There is a list of signers from forms, which stays."""

    @property
    def told(self) -> object:
        """What somebody is shown, and confirms."""
        unfinished = self.counts and (self.counts.unposted, self.counts.edited)
        return self.files, self.unlisted, unfinished


def rehearse_close(folder: Path, errand: Errand = UNWATCHED) -> Closing:
    """Return what goes when a campaign ends: letters, batches, proofs, the list that was before.

    UsageError where there is no campaign, StorageError where its register cannot be read; raise
    Stopped where a stop is asked for.
    """
    _check_campaign(folder)
    listed = read_register(folder / REGISTER_FILE).rows
    places = folder / LETTERS_FOLDER, folder / PRINT_FOLDER
    with ledger_to_read(places[0]) as ledger:
        files, closed = [path for path, _ in letter_files(folder, ledger, errand)], ledger.closed
        unlisted = sum(letter_id not in listed for letter_id in ledger.ids())
    files += print_files(folder)
    own = {path.relative_to(folder).as_posix() for place in places for path in own_files(place)}
    last = (f"{LETTERS_FOLDER}/{DAMAGED_LEDGER}", f"{PRINT_FOLDER}/{LOCK}")
    files += (path for path in last if path in own)
    files += [BEFORE_FILE] if (folder / BEFORE_FILE).is_file() else []
    there = (e for place in places for e in entries(place) if not e.is_folder)
    gone = {*files, *(f"{LETTERS_FOLDER}/{name}" for name in _OURS)}
    kept = (entry.path.relative_to(folder).as_posix() for entry in there)
    stays = tuple(path for path in kept if path not in gone)
    counts = _counts(folder, errand)
    errand.check()
    has_list = (folder / LIST_FILE).is_file()
    return Closing(
        files=tuple(files),
        kept=stays,
        closed=closed,
        unlisted=unlisted,
        counts=counts,
        listed=has_list,
    )


def _counts(folder: Path, errand: Errand) -> Counts | None:
    """Return the letters counted; None where the campaign has faults that hide them."""
    with suppress(MergeError):
        view = look(read_campaign(folder), errand=errand)
        return None if view.fault else view.counts
    return None


def _check_campaign(folder: Path) -> None:
    if not (folder / WORKBOOK_FILE).is_file():
        raise UsageError(messages.problem("campaign-missing", Place(str(folder))))
    check_places(folder)


def close(folder: Path, files: Sequence[str], errand: Errand = UNWATCHED) -> RemovedFiles:
    """Delete what was rehearsed; workbook, templates, register and reports stay.

    Then the ledger knows of no letters any more but which are on paper, and that the campaign is
    closed. Where a stop is asked for, it ends between two files, and the campaign is open still, as
    it is where StorageError says that a file is open, or cannot be deleted: what was deleted before
    is gone. StorageError, and nothing is deleted, if another run has made files since.
    """
    check_nothing_is_open(folder, files)
    removed, root = RemovedFiles(stopped=True), folder / LETTERS_FOLDER
    with (
        suppress(Stopped),
        Outbox(root).open(check=errand.check),
        closing(open_ledger(root)) as ledger,
    ):
        if came := [*_made_since(folder, files, ledger)]:
            where = Place(LETTERS_FOLDER)
            raise StorageError(messages.problem("close-changed", where, files=came))
        remove_files(folder, files, errand, removed)
        ledger.end(ledger.closed or dt.datetime.now().astimezone().date())
    with suppress(OSError):
        (root / SNAPSHOT_FILE).unlink()
    with suppress(OSError):
        (folder / PRINT_FOLDER).rmdir()
    return removed


def _made_since(folder: Path, files: Sequence[str], ledger: Ledger) -> Iterator[str]:
    """Yield letters and batches that are not among the files that were shown."""
    shown = {*files, *(composed(path) for path in files)}
    if not is_link(folder / LETTERS_FOLDER):
        letters = (f"{LETTERS_FOLDER}/{path}" for path in ledger.paths() if path)
        yield from (p for p in letters if p not in shown and (folder / p).is_file())
    yield from print_files(folder, shown)


def reopen(folder: Path) -> dt.date | None:
    """Let letters be made again in a campaign that was closed; return the day of that.

    None where it is open. UsageError where there is no campaign.
    """
    _check_campaign(folder)
    root = folder / LETTERS_FOLDER
    with ledger_to_read(root) as ledger:
        day = ledger.closed
    if day:
        with ledger_to_write(root) as ledger:
            ledger.reopen()
    return day
