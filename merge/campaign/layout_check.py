"""A check of the layout of letters before there are print files.

LibreOffice measures the letters: pages, room for signatures. The ledger keeps the results, so that
print files do not measure them again. Paper sizes are compared as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from merge.campaign.campaign import Campaign
from merge.campaign.candidates import (
    FileFingerprint,
    PrintCandidate,
    read_verified,
    verify_files,
)
from merge.campaign.overview import CampaignOverview
from merge.campaign.page_counts import measure_pages
from merge.campaign.task import Task
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
