"""The plan of a print run: which letters, in which batches, and what is to be settled first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from merge import messages
from merge.campaign.batch_records import letters_changed_since_batch, letters_in_no_batch
from merge.campaign.campaign import Campaign
from merge.campaign.candidates import (
    FileFingerprint,
    PrintCandidate,
    PrintCandidates,
    find_candidates,
    read_verified,
    verify_files,
)
from merge.campaign.letters_order import LettersOrder
from merge.campaign.missing_fonts import font_warnings
from merge.campaign.overview import inspect_campaign
from merge.campaign.page_counts import measure_pages
from merge.campaign.task import NO_PROGRESS, Task
from merge.campaign.title import title_problems
from merge.disk import FileState, file_state
from merge.errors import StorageError, UsageError
from merge.letter_status import Decision, FinishedLetter
from merge.printing.batches import (
    Batch,
    BatchOptions,
    Grouping,
    PagedLetter,
    Side,
    default_two_sided,
    make_batches,
    thick_batch_warnings,
)
from merge.printing.labels import LABELS, check_start
from merge.printing.layout_warnings import layout_warnings
from merge.printing.libreoffice import LibreOffice
from merge.printing.pages import LetterPages
from merge.problems import Problem, option_place
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.state.ledger import ledger_to_read
from merge.state.ledger_records import PrintedBatch


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """The letters that are to be printed, and how.

    `unsigned`: letters that nobody signed yet, printed or not; else those that are not on paper.
    `since_last`: only letters that were in no batch yet, or changed after it. `accept` are words
    for kept letters that are taken as they are, `decisions` say so of single ones. Not
    `with_letters`: only what goes round them, and for those on paper as well until they are posted.
    `two_sided` None: as the letters need it.
    """

    names: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    unsigned: bool = False
    since_last: bool = False
    skip_errors: bool = False
    by: Side = "signer"
    grouping: Grouping = "batches"
    sheets: int = 200
    covers: bool = True
    with_letters: bool = True
    two_sided: bool | None = None
    pdf: bool = False
    envelopes: str = ""
    labels: str = ""
    start: int = 1
    parcels: bool = False
    return_to_signer: bool = False
    decisions: tuple[Decision, ...] = ()

    @property
    def stage(self) -> str:
        """Letters that reached this stage of the register, or a later one, are left out."""
        if self.unsigned:
            return "Signed"
        return "Printed" if self.with_letters else "Posted"

    def letters_order(self, campaign: Campaign) -> LettersOrder:
        """Return whose letters these are, and which are taken though their data changed."""
        target = campaign.letters_folder
        return LettersOrder(target, self.names, accept=self.accept, decisions=self.decisions)


class PlanBasis(NamedTuple):
    """What other runs write down of letters, by which it is chosen what is printed."""

    batches: Mapping[str, PrintedBatch]
    printed_stages: Mapping[str, AbstractSet[str]]
    closed_on: dt.date | None
    register: FileState | None


def read_plan_basis(campaign: Campaign) -> PlanBasis:
    """Return what register and ledger say of the letters now."""
    folder = campaign.folder
    register = file_state(str(folder / REGISTER_FILE))
    with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        return PlanBasis(ledger.batches(), ledger.register_stages(), ledger.closed_on, register)


@dataclass(frozen=True, slots=True)
class PrintPlan:
    """The batches to be printed. `problems` hold errors where something must be settled first.

    `counted`: pages were counted by LibreOffice; else each letter is taken to have as many as the
    setting Pages says. `already_marked` letters are left out because they are `order.stage` already.
    `looks` are what their bytes were, by the letters' ids; `layouts` holds pages that were laid out
    when they were counted.
    """  # noqa: E501

    candidates: PrintCandidates
    batches: tuple[Batch, ...]
    options: BatchOptions
    problems: tuple[Problem, ...]
    has_counted_pages: bool
    already_marked: int
    fingerprints: Mapping[str, FileFingerprint]
    layouts: LetterPages | None = None
    basis: PlanBasis | None = None
    """How far the letters were when it was planned."""

    @property
    def has_errors(self) -> bool:
        """Whether something must be settled before anything is made."""
        return any(problem.level == "error" for problem in self.problems)

    @property
    def letters(self) -> list[FinishedLetter]:
        """All letters, in the order in which they are printed."""
        return [one.letter for batch in self.batches for one in batch.letters]


def plan_printing(
    campaign: Campaign,
    order: PrintOrder,
    writer: LibreOffice | None,
    task: Task = NO_PROGRESS,
) -> PrintPlan:
    """Choose the letters, count their pages, put them into batches; nothing is written.

    Raise UsageError where what was ordered cannot be made, StorageError where the campaign was
    closed, Stopped where a stop is asked for.
    """
    check_print_order(campaign, order)
    standing = read_plan_basis(campaign)
    found = find_candidates(
        inspect_campaign(campaign, order=order.letters_order(campaign), task=task)
    )
    chosen = asked = found.not_yet_at(order.stage)  # whether or not something stands in the way
    if order.since_last:
        chosen = _new_or_changed(campaign, asked)
    chosen = [*verify_files(task.track(chosen, "Letters read"), campaign)]
    found = found.with_updates(chosen)
    looks = {one.id: one.fingerprint for one in chosen if one.fingerprint}
    errors = [*dict.fromkeys(problem for one in chosen for problem in one.problems)]
    letters = [one.letter for one in chosen if one.letter and not one.problems]
    limit = campaign.workbook.settings.pages
    pages = [PagedLetter(letter, limit) for letter in letters]
    fit, layouts = tuple[Problem, ...](), None
    if writer and letters and order.with_letters and (order.skip_errors or not errors):
        layouts = LetterPages(writer, partial(_read_verified, looks), task, keep_pages=order.pdf)
        fits, unfit = measure_pages(campaign, letters, looks, layouts, task)
        errors += unfit
        pages = [PagedLetter(each.letter, each.pages) for each in fits]
        fit = (*layout_warnings(fits, limit), *_font_warnings(letters, looks, writer, order))
    how = _batch_options(campaign, order, pages)
    made = tuple(make_batches(pages, how))
    if order.skip_errors:
        errors = [replace(problem, level="warning") for problem in errors]
    titled = letters and (order.with_letters or order.parcels)
    title = title_problems(campaign) if titled else ()
    problems = (*title, *found.problems, *errors, *fit, *thick_batch_warnings(made, how))
    passed = len(found.candidates) - len(asked)
    return PrintPlan(
        candidates=found,
        batches=made,
        options=how,
        problems=problems,
        has_counted_pages=writer is not None,
        already_marked=passed,
        fingerprints=looks,
        layouts=layouts,
        basis=standing,
    )


def _batch_options(
    campaign: Campaign, order: PrintOrder, pages: Sequence[PagedLetter]
) -> BatchOptions:
    """Return how letters are put into print files, as ordered, or as their pages need it."""
    return BatchOptions(
        two_sided=default_two_sided(pages) if order.two_sided is None else order.two_sided,
        max_sheets=order.sheets,
        group_by=order.by,
        grouping=order.grouping,
        sort_by=campaign.workbook.settings.sort_by,
        with_covers=order.covers,
    )


def _font_warnings(
    letters: Sequence[FinishedLetter],
    looks: Mapping[str, FileFingerprint],
    writer: LibreOffice,
    order: PrintOrder,
) -> Sequence[Problem]:
    """Return the warnings of scripts without a font, if a PDF is wanted."""
    if not order.pdf:
        return ()
    with suppress(StorageError):  # a letter has changed meanwhile: that is reported elsewhere
        return font_warnings(letters, partial(_read_verified, looks), writer)
    return ()


def _read_verified(looks: Mapping[str, FileFingerprint], letter: FinishedLetter) -> bytes:
    return read_verified(letter, looks[letter.id])


def check_print_order(campaign: Campaign, order: PrintOrder) -> None:
    """Raise what tells that an order cannot be made, whatever the letters are.

    UsageError where it is wrong, StorageError where the campaign was closed.
    """
    campaign.check_open()
    if order.labels:
        check_start(LABELS[order.labels], order.start)
    chosen = campaign.select_people(order.names)
    if order.parcels and chosen.signers is not None:
        raise UsageError(messages.problem("parcels-in-part", option_place("parcels")))


def _new_or_changed(
    campaign: Campaign, candidates: Sequence[PrintCandidate]
) -> list[PrintCandidate]:
    """Return those that were in no batch yet, or changed after it, or have no file."""
    letters = [one.letter for one in candidates if one.letter]
    with ledger_to_read(campaign.letters_folder) as ledger:
        due = {
            one.id
            for one in (
                *letters_in_no_batch(ledger, letters),
                *letters_changed_since_batch(ledger, letters),
            )
        }
    return [one for one in candidates if one.letter is None or one.id in due]
