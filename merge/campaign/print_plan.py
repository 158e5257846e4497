"""The plan of a print run: letters, print files, problems to fix first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from merge import messages
from merge.affected_letters import stopping_errors
from merge.campaign.batch_records import (
    letters_changed_since_batch,
    letters_in_no_batch,
    printed_again_warnings,
)
from merge.campaign.campaign import Campaign
from merge.campaign.campaign_files import PRINT_FOLDER, has_print_files
from merge.campaign.candidates import (
    FileFingerprint,
    PrintCandidate,
    PrintCandidates,
    verify_files,
)
from merge.campaign.layout_check import (
    Fingerprints,
    measure_pages,
    paper_finder,
    read_by_id,
)
from merge.campaign.letters_order import LettersOrder
from merge.campaign.missing_fonts import font_warnings
from merge.campaign.overview import inspect_campaign
from merge.campaign.proof_records import proofreading_warnings
from merge.campaign.task import NO_PROGRESS, Task
from merge.campaign.title import title_problems
from merge.disk import FileState, file_state
from merge.errors import StorageError
from merge.letter_status import PrintableLetter, StaffDecision
from merge.printing.batches import (
    Batch,
    BatchOptions,
    Grouping,
    PagedLetter,
    Side,
    default_two_sided,
    make_batches,
    name_length_in,
    thick_batch_warnings,
)
from merge.printing.labels import LABELS, check_start
from merge.printing.layout_warnings import layout_warnings, paper_warnings
from merge.printing.libreoffice import LibreOffice
from merge.printing.pages import LetterPages
from merge.problems import Place, Problem
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.register.layouts import STAGES
from merge.state.ledger import ledger_to_read
from merge.state.ledger_records import PrintedBatch


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """A request to print letters: which letters, and how.

    - `unsigned`: letters that no one has signed yet, printed or not; else those not printed
    - `since_last`: only letters that were in no print file yet, or changed since
    - `accept`: words for kept letters that are printed as they are
    - `decisions`: the same for single letters
    - `with_letters`: if false, only envelopes, labels and parcels, also for printed letters until
      they are posted
    - `covers`: None means for piles of five letters or more
    - `two_sided`: None means as the letters need it
    """

    names: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    unsigned: bool = False
    since_last: bool = False
    skip_errors: bool = False
    by: Side = "signer"
    grouping: Grouping = "batches"
    sheets: int = 200
    covers: bool | None = None
    with_letters: bool = True
    two_sided: bool | None = None
    pdf: bool = False
    envelopes: str = ""
    labels: str = ""
    start: int = 1
    parcels: bool = False
    return_to_signer: bool = False
    decisions: tuple[StaffDecision, ...] = ()

    @property
    def stage(self) -> str:
        """The stage at and after which the print order skips letters.

        Letters that reached it or a later one are not printed.
        """
        if self.unsigned:
            return "Signed"
        return "Printed" if self.with_letters else "Posted"

    @property
    def has_addresses(self) -> bool:
        """Whether envelopes, labels or parcels are ordered."""
        return bool(self.envelopes or self.labels or self.parcels)

    def letters_order(self, campaign: Campaign) -> LettersOrder:
        """Return which letters to print, with those accepted as they are."""
        target = campaign.letters_folder
        return LettersOrder(target, self.names, accept=self.accept, decisions=self.decisions)


class PlanBasis(NamedTuple):
    """The records on which a print plan is based; other runs may change them."""

    batches: Mapping[str, PrintedBatch]
    printed_stages: Mapping[str, AbstractSet[str]]
    closed_on: dt.date | None
    register: FileState | None
    has_all_records: bool
    """Whether no file of the records is damaged, or has not arrived."""


def read_plan_basis(campaign: Campaign) -> PlanBasis:
    """Return the present records of the letters in register and ledger."""
    folder = campaign.folder
    register = file_state(str(folder / REGISTER_FILE))
    with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        return PlanBasis(
            batches=ledger.batches(),
            printed_stages=ledger.state.marked_letters(),
            closed_on=ledger.state.closed_on,
            register=register,
            has_all_records=ledger.has_all_records,
        )


@dataclass(frozen=True, slots=True)
class PrintPlan:
    """A plan of a print run: the print files to create.

    - `problems` contain errors if something must be fixed first.
    - `has_counted_pages`: pages were counted by LibreOffice; else each letter is assumed to have as
      many as the Pages setting says.
    - `already_marked`: number of letters that are skipped because they reached `order.stage`.
    - `fingerprints`: those of the verified files, by the letters' IDs.
    - `layouts` holds pages that were laid out when they were counted.
    """

    candidates: PrintCandidates
    batches: tuple[Batch, ...]
    options: BatchOptions
    problems: tuple[Problem, ...]
    has_counted_pages: bool
    already_marked: int
    fingerprints: Mapping[str, FileFingerprint]
    layouts: LetterPages | None = None
    basis: PlanBasis | None = None
    """The records on which the plan is based."""

    @property
    def has_errors(self) -> bool:
        """Whether an error must be fixed before print files are created."""
        return bool(stopping_errors(self.problems))

    @property
    def letters(self) -> list[PrintableLetter]:
        """All letters to print, in the order of printing."""
        return [paged_letter.letter for batch in self.batches for paged_letter in batch.letters]


def plan_printing(
    campaign: Campaign,
    order: PrintOrder,
    writer: LibreOffice | None,
    task: Task = NO_PROGRESS,
    *,
    dry_run: bool = False,
) -> PrintPlan:
    """Select letters, count their pages, and group the letters into files.

    Nothing is written. The plan of a `dry_run` cannot be carried out. Raise UsageError if the order
    is impossible, StorageError if the campaign was closed, and Cancelled if the task was cancelled.
    """
    check_print_order(campaign, order)
    basis = read_plan_basis(campaign)
    candidates = _find_candidates(campaign, order, task)
    due = candidates.not_yet_at(order.stage)  # problems do not matter here
    selected = _new_or_changed(campaign, due) if order.since_last else due
    tracked = task.track(selected, "Letters read")
    selected = [*verify_files(tracked, campaign, dry_run=dry_run)]
    candidates = candidates.with_updates(selected)
    fingerprints = {each.id: each.fingerprint for each in selected if each.fingerprint}
    errors = [*dict.fromkeys(problem for each in selected for problem in each.problems)]
    letters = [each.letter for each in selected if each.letter and not each.problems]
    pages = [PagedLetter(letter, campaign.workbook.settings.pages) for letter in letters]
    warnings = [*_letter_warnings(campaign, candidates, letters)] if order.with_letters else []
    layouts = None
    is_counted = order.with_letters and (order.skip_errors or not stopping_errors(errors))
    if writer and letters and is_counted:
        read = partial(read_by_id, fingerprints)
        layouts = LetterPages(writer, read, task, keep_pages=order.pdf)
        fits, unfit = measure_pages(campaign, letters, fingerprints, layouts, task)
        errors += unfit
        pages = [PagedLetter(page_fit.letter, page_fit.pages) for page_fit in fits]
        warnings += layout_warnings(fits, campaign.workbook.settings.pages)
        warnings += _font_warnings(letters, fingerprints, writer, order)
    if order.skip_errors:
        errors = [replace(problem, level="warning") for problem in errors]
    options = batch_options(campaign, order, pages)
    print_files = tuple(make_batches(pages, options))
    errors = [*_campaign_errors(campaign, order, letters, basis), *candidates.problems, *errors]
    warnings += thick_batch_warnings(print_files, options)
    if order.with_letters:
        warnings += _paper_warnings(campaign, print_files, fingerprints)
    return PrintPlan(
        candidates=candidates,
        batches=print_files,
        options=options,
        problems=(*errors, *campaign.without_ignored(warnings)),
        has_counted_pages=writer is not None,
        already_marked=len(candidates.candidates) - len(due),
        fingerprints=fingerprints,
        layouts=layouts,
        basis=basis,
    )


def _paper_warnings(
    campaign: Campaign, print_files: Sequence[Batch], fingerprints: Fingerprints
) -> list[Problem]:
    """Return warnings of mixed paper; none if a letter has changed meanwhile."""
    with suppress(StorageError):  # this is reported elsewhere
        return [*paper_warnings(print_files, paper_finder(campaign, fingerprints))]
    return []


def _find_candidates(campaign: Campaign, order: PrintOrder, task: Task) -> PrintCandidates:
    overview = inspect_campaign(campaign, order=order.letters_order(campaign), task=task)
    return overview.print_candidates()


def _campaign_errors(
    campaign: Campaign, order: PrintOrder, letters: Sequence[PrintableLetter], basis: PlanBasis
) -> Iterator[Problem]:
    """Yield errors of the campaign that stop any printing."""
    if order.with_letters and not basis.has_all_records:
        yield messages.problem("print-files-unknown/records", Place(LETTERS_FOLDER))
    if letters and order.with_letters and not basis.batches and has_print_files(campaign.folder):
        yield messages.problem("print-files-unknown", Place(f"{PRINT_FOLDER}/"))
    if letters and (order.with_letters or order.parcels):
        yield from title_problems(campaign)
    for copy in campaign.file_copies:
        if copy.stops_printing and campaign.without_ignored([copy.problem]):
            yield copy.print_error


def _letter_warnings(
    campaign: Campaign, candidates: PrintCandidates, letters: Sequence[PrintableLetter]
) -> Iterator[Problem]:
    """Yield warnings of earlier proofreading and print files."""
    yield from proofreading_warnings(campaign, candidates.candidates)
    unmarked = [each.letter for each in candidates.not_yet_at(STAGES[0]) if each.letter]
    yield from printed_again_warnings(campaign, unmarked, {letter.id for letter in letters})


def batch_options(
    campaign: Campaign, order: PrintOrder, pages: Sequence[PagedLetter]
) -> BatchOptions:
    """Return the options of print files, as ordered or as the pages require."""
    return BatchOptions(
        two_sided=default_two_sided(pages) if order.two_sided is None else order.two_sided,
        max_sheets=order.sheets,
        group_by=order.by,
        grouping=order.grouping,
        sort_by=campaign.workbook.settings.sort_by,
        covers=order.covers,
        id_digits=campaign.id_digits,
        name_length=name_length_in(campaign.folder / PRINT_FOLDER),
    )


def _font_warnings(
    letters: Sequence[PrintableLetter],
    fingerprints: Mapping[str, FileFingerprint],
    writer: LibreOffice,
    order: PrintOrder,
) -> Sequence[Problem]:
    """Return the warnings of scripts without a font, if a PDF is requested."""
    if not order.pdf:
        return ()
    with suppress(StorageError):  # a letter has changed meanwhile, which is reported elsewhere
        return font_warnings(letters, partial(read_by_id, fingerprints), writer)
    return ()


def check_print_order(campaign: Campaign, order: PrintOrder) -> None:
    """Raise an error if an order is impossible, whatever the letters are.

    It is UsageError if the order is wrong, StorageError if the campaign was closed.
    """
    campaign.check_open("print")
    if order.labels:
        check_start(LABELS[order.labels], order.start)
    campaign.select_people(order.names)


def _new_or_changed(
    campaign: Campaign, candidates: Sequence[PrintCandidate]
) -> list[PrintCandidate]:
    """Return letters that were in no print file, or changed, or have no file."""
    letters = [candidate.letter for candidate in candidates if candidate.letter]
    with ledger_to_read(campaign.letters_folder) as ledger:
        due_ids = {
            candidate.id
            for candidate in (
                *letters_in_no_batch(ledger, letters),
                *letters_changed_since_batch(ledger, letters),
            )
        }
    return [
        candidate for candidate in candidates if candidate.letter is None or candidate.id in due_ids
    ]
