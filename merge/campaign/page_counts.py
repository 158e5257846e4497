"""Page counts of letters, stored until something changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from merge.campaign.campaign import Campaign
from merge.campaign.candidates import FileFingerprint
from merge.campaign.task import Cancelled, Task
from merge.errors import StorageError
from merge.letter_status import PrintableLetter
from merge.printing.pages import LetterPages, PageFit
from merge.problems import Problem
from merge.state.ledger import chunks, ledger_to_read, open_ledger
from merge.state.ledger_records import LayoutRecord, LedgerChangeSet
from merge.state.letter_folder import LetterFolder


def measure_pages(
    campaign: Campaign,
    letters: Sequence[PrintableLetter],
    fingerprints: Mapping[str, FileFingerprint],
    layouts: LetterPages,
    task: Task,
) -> tuple[list[PageFit], list[Problem]]:
    """Return the page layouts of letters, and problems of letters with none.

    Letters whose layout is stored and unchanged are not laid out again.
    """
    folder, now = campaign.letters_folder, layouts.libreoffice.layout_fingerprint()
    layout_hashes = {
        letter.id: _layout_hash(letter, fingerprints[letter.id], now) for letter in letters
    }
    stored_fits: dict[str, PageFit] = {}
    with ledger_to_read(folder) as ledger:
        for chunk in chunks(letters):
            stored_layouts = ledger.layouts([letter.id for letter in chunk])
            for letter in chunk:
                layout = stored_layouts.get(letter.id)
                if layout and layout.seen == layout_hashes[letter.id]:
                    fit = PageFit(letter, layout.pages, bool(layout.lone_signature), layout.room_mm)
                    stored_fits[letter.id] = fit
    task.start_step(len(letters), "Counting pages")
    task.advance(len(stored_fits))
    fits, unfit = layouts.measure([letter for letter in letters if letter.id not in stored_fits])
    new = {fit.letter.id: fit for fit in fits}
    _save_layouts(
        folder, [_record(layout_hashes[i], fit) for i, fit in new.items() if layout_hashes[i]]
    )
    all_fits = stored_fits | new
    return [all_fits[letter.id] for letter in letters if letter.id in all_fits], unfit


def _layout_hash(letter: PrintableLetter, look: FileFingerprint, now: bytes) -> bytes:
    """Return a hash of everything that a letter's layout depends on.

    It is empty if the file is not a usable .docx.
    """
    content = look.output + now + str(letter.pair.signer.name).encode()
    return hashlib.sha256(content).digest()[:16] if look.output else b""


def _record(seen: bytes, fit: PageFit) -> LayoutRecord:
    return LayoutRecord(
        id=fit.letter.id,
        seen=seen,
        pages=fit.pages,
        lone_signature=fit.lone_signature,
        room_mm=fit.room_mm,
    )


def _save_layouts(folder: Path, layouts: list[LayoutRecord]) -> None:
    """Store the page layouts of letters in the ledger.

    Nothing is stored while another run is working: the pages are counted again next time.
    """
    letter_folder = LetterFolder(folder)
    with (
        suppress(StorageError, Cancelled),
        letter_folder.open(check=_do_not_wait),
        closing(open_ledger(folder)) as ledger,
    ):
        ledger.commit(LedgerChangeSet(layouts=layouts))


def _do_not_wait() -> None:
    raise Cancelled
