"""How letters lie on their pages: laid out once, and remembered until something changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from merge.campaign.campaign import Campaign
from merge.campaign.candidates import FileFingerprint
from merge.campaign.task import Cancelled, Task
from merge.errors import StorageError
from merge.letter_status import FinishedLetter
from merge.printing.pages import LetterPages, PageFit
from merge.problems import Problem
from merge.state.ledger import chunks, ledger_to_read, open_ledger
from merge.state.ledger_records import ChangeSet, LayoutRecord
from merge.state.letter_folder import LetterFolder


def measure_pages(
    campaign: Campaign,
    letters: Sequence[FinishedLetter],
    fingerprints: Mapping[str, FileFingerprint],
    layouts: LetterPages,
    task: Task,
) -> tuple[list[PageFit], list[Problem]]:
    """Return how letters lie on their pages, and why some cannot be laid out.

    Those that lie as they did are not laid out again.
    """
    folder, now = campaign.letters_folder, layouts.libreoffice.layout_fingerprint()
    seen = {letter.id: _layout_hash(letter, fingerprints[letter.id], now) for letter in letters}
    before: dict[str, PageFit] = {}
    with ledger_to_read(folder) as ledger:
        for some in chunks(letters):
            known = ledger.layouts([letter.id for letter in some])
            for letter in some:
                was = known.get(letter.id)
                if was and was.seen == seen[letter.id]:
                    fit = PageFit(letter, was.pages, bool(was.lone_signature), was.room_mm)
                    before[letter.id] = fit
    task.start_step(len(letters), "Pages counted")
    task.advance(len(before))
    fits, unfit = layouts.measure([letter for letter in letters if letter.id not in before])
    new = {fit.letter.id: fit for fit in fits}
    _save_layouts(folder, [_record(seen[i], fit) for i, fit in new.items() if seen[i]])
    every = before | new
    return [every[letter.id] for letter in letters if letter.id in every], unfit


def _layout_hash(letter: FinishedLetter, look: FileFingerprint, now: bytes) -> bytes:
    """Return a hash of what a letter's layout hangs on; empty where its file is odd."""
    said = look.output + now + str(letter.pair.signer.name).encode()
    return hashlib.sha256(said).digest()[:16] if look.output else b""


def _record(seen: bytes, fit: PageFit) -> LayoutRecord:
    return LayoutRecord(
        id=fit.letter.id,
        seen=seen,
        pages=fit.pages,
        lone_signature=fit.lone_signature,
        room_mm=fit.room_mm,
    )


def _save_layouts(folder: Path, layouts: list[LayoutRecord]) -> None:
    """Write down how letters lie; not where another run is at work: it is counted again then."""
    outbox = LetterFolder(folder)
    with (
        suppress(StorageError, Cancelled),
        outbox.open(check=_do_not_wait),
        closing(open_ledger(folder)) as ledger,
    ):
        ledger.commit(ChangeSet(layouts=layouts))


def _do_not_wait() -> None:
    raise Cancelled
