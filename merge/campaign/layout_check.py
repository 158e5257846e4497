"""A check of the layout of letters before there are print files.

LibreOffice measures the letters: pages, room for signatures. The ledger keeps the results, so that
print files do not measure them again. Paper sizes are compared as well.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from merge.campaign.campaign import Campaign
from merge.campaign.candidates import (
    FileFingerprint,
    PrintCandidate,
    read_verified,
    verify_files,
)
from merge.campaign.overview import CampaignOverview
from merge.campaign.task import Cancelled, Task
from merge.disk import FileState
from merge.errors import StorageError
from merge.letter_status import PrintableLetter
from merge.ooxml.new_docx import PaperSize
from merge.printing.batches import BatchOptions, PagedLetter, make_batches
from merge.printing.layout_warnings import layout_warnings, paper_warnings
from merge.printing.libreoffice import LibreOffice
from merge.printing.pages import LetterPages, PageFit
from merge.printing.paper import paper_size_of
from merge.problems import Problem
from merge.state.ledger import chunks, ledger_to_read, open_ledger
from merge.state.ledger_records import LayoutRecord, LedgerChangeSet
from merge.state.letter_folder import LetterFolder

_MOST_MEASURED = 300
"""Letters that are measured: this takes some seconds.

If there are more, these are edited ones, then the largest files of each template.
"""

Fingerprints = Mapping[str, FileFingerprint]
CountedPages = Mapping[str, tuple[FileState, int]]
"""Counted pages of letters: the state of the file then, and the number."""


@dataclass(frozen=True, slots=True)
class LayoutCheck:
    """The result of a layout check: warnings, and the pages of letters by ID."""

    problems: tuple[Problem, ...] = ()
    pages: CountedPages = field(default_factory=dict)


def letters_to_measure(overview: CampaignOverview) -> list[PrintCandidate]:
    """Return the printable letters whose layout is checked."""
    unprinted = overview.print_candidates(open_files=False).not_yet_at("Printed")
    usable = [each for each in unprinted if each.letter and not each.problems]
    by_template = defaultdict[str, list[PrintCandidate]](list)
    for each in usable:
        name = overview.campaign.templates.name_for(each.pair.recipient)
        by_template[name].append(each)
    if len(usable) <= _MOST_MEASURED:
        return usable
    share = max(1, _MOST_MEASURED // len(by_template))
    return [each for members in by_template.values() for each in sorted(members, key=_rank)[:share]]


def _rank(candidate: PrintCandidate) -> tuple[bool, int]:
    """Return a sort key: edited letters first, then the largest files."""
    is_unmodified = candidate.letter is None or candidate.letter.is_unmodified
    return is_unmodified, -candidate.record.file_state.size


def check_layout(
    campaign: Campaign, candidates: Sequence[PrintCandidate], writer: LibreOffice | None, task: Task
) -> LayoutCheck:
    """Measure letters and return what is wrong with their layout.

    Without LibreOffice, only their paper is checked. Letters that have changed meanwhile are not
    checked. Raise StorageError if LibreOffice fails, and Cancelled if the task was cancelled.
    """
    verified = [*verify_files(task.track(candidates, "Letters read"), campaign)]
    fingerprints = {each.id: each.fingerprint for each in verified if each.fingerprint}
    letters = [each.letter for each in verified if each.letter and each.fingerprint]
    limit, fits, problems = campaign.workbook.settings.pages, list[PageFit](), list[Problem]()
    if writer:
        layouts = LetterPages(writer, partial(read_by_id, fingerprints), task)
        fits, problems = measure_pages(campaign, letters, fingerprints, layouts, task)
        problems += layout_warnings(fits, limit)
    one_file = BatchOptions(two_sided=False, grouping="one-file", covers=False)
    files = make_batches([PagedLetter(letter, limit) for letter in letters], one_file)
    with suppress(StorageError):  # a letter has changed meanwhile
        problems += paper_warnings(files, paper_finder(campaign, fingerprints))
    states = {letter_id: each.file_state for letter_id, each in fingerprints.items()}
    pages = {fit.letter.id: (states[fit.letter.id], fit.pages) for fit in fits}
    return LayoutCheck(tuple(problems), pages)


def read_by_id(fingerprints: Fingerprints, letter: PrintableLetter) -> bytes:
    """Return the bytes of a letter, unchanged since it was verified."""
    return read_verified(letter, fingerprints[letter.id])


def paper_finder(
    campaign: Campaign, fingerprints: Fingerprints
) -> Callable[[PrintableLetter], PaperSize]:
    """Return a function that returns the paper size of a letter.

    Unmodified letters have that of their template, so one letter of each is read.
    """
    papers = dict[str, PaperSize]()

    def paper_of(letter: PrintableLetter) -> PaperSize:
        template = campaign.templates.name_for(letter.pair.recipient)
        key = template if letter.is_unmodified else letter.id
        if key not in papers:
            papers[key] = paper_size_of(read_by_id(fingerprints, letter))
        return papers[key]

    return paper_of


def measure_pages(
    campaign: Campaign,
    letters: Sequence[PrintableLetter],
    fingerprints: Fingerprints,
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
