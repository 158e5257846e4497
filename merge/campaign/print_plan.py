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
from merge.campaign.campaign import Campaign
from merge.campaign.candidates import (
    Look,
    PrintCandidate,
    PrintCandidates,
    find_candidates,
    look_at,
    same_bytes,
)
from merge.campaign.errand import UNWATCHED, Errand
from merge.campaign.letters_order import LettersOrder
from merge.campaign.missing_fonts import font_warnings
from merge.campaign.page_counts import measured_pages
from merge.campaign.printed import changed_since, in_no_batch
from merge.campaign.title import title_problems
from merge.campaign.view import look
from merge.disk import FileState, file_state
from merge.errors import StorageError, UsageError
from merge.letter_status import Decision, FinishedLetter
from merge.printing.batches import (
    Batch,
    BatchOptions,
    Grouping,
    PagedLetter,
    Side,
    batches,
    needs_two_sides,
    too_thick,
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

    def letters(self, campaign: Campaign) -> LettersOrder:
        """Return whose letters these are, and which are taken though their data changed."""
        target = campaign.letters_folder
        return LettersOrder(target, self.names, accept=self.accept, decisions=self.decisions)


class Standing(NamedTuple):
    """What other runs write down of letters, by which it is chosen what is printed."""

    batches: Mapping[str, PrintedBatch]
    on_paper: Mapping[str, AbstractSet[str]]
    closed: dt.date | None
    register: FileState | None


def standing_of(campaign: Campaign) -> Standing:
    """Return what register and ledger say of the letters now."""
    folder = campaign.folder
    register = file_state(str(folder / REGISTER_FILE))
    with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        return Standing(ledger.batches(), ledger.on_paper(), ledger.closed, register)


@dataclass(frozen=True, slots=True)
class PrintPlan:
    """The batches to be printed. `problems` hold errors where something must be settled first.

    `counted`: pages were counted by LibreOffice; else each letter is taken to have as many as the
    setting Pages says. `past_stage` letters are left out because they are `order.stage` already.
    `looks` are what their bytes were, by the letters' ids; `layouts` holds pages that were laid out
    when they were counted.
    """

    found: PrintCandidates
    batches: tuple[Batch, ...]
    how: BatchOptions
    problems: tuple[Problem, ...]
    counted: bool
    past_stage: int
    looks: Mapping[str, Look]
    layouts: LetterPages | None = None
    standing: Standing | None = None
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
    errand: Errand = UNWATCHED,
) -> PrintPlan:
    """Choose the letters, count their pages, put them into batches; nothing is written.

    Raise UsageError where what was ordered cannot be made, StorageError where the campaign was
    closed, Stopped where a stop is asked for.
    """
    check_order(campaign, order)
    standing = standing_of(campaign)
    found = find_candidates(look(campaign, order=order.letters(campaign), errand=errand))
    chosen = asked = found.before(order.stage)  # whether or not something stands in the way
    if order.since_last:
        chosen = _new_or_changed(campaign, asked)
    chosen = [*look_at(errand.each(chosen, "Letters read"), campaign)]
    found = found.updated(chosen)
    looks = {one.id: one.look for one in chosen if one.look}
    errors = [*dict.fromkeys(problem for one in chosen for problem in one.problems)]
    letters = [one.letter for one in chosen if one.letter and not one.problems]
    limit = campaign.workbook.settings.pages
    pages = [PagedLetter(letter, limit) for letter in letters]
    fit, layouts = tuple[Problem, ...](), None
    if writer and letters and order.with_letters and (order.skip_errors or not errors):
        layouts = LetterPages(writer, partial(_bytes_of, looks), errand, keeps=order.pdf)
        fits, unfit = measured_pages(campaign, letters, looks, layouts, errand)
        errors += unfit
        pages = [PagedLetter(each.letter, each.pages) for each in fits]
        fit = (*layout_warnings(fits, limit), *_boxes(letters, looks, writer, order))
    how = _batch_options(campaign, order, pages)
    made = tuple(batches(pages, how))
    if order.skip_errors:
        errors = [replace(problem, level="warning") for problem in errors]
    titled = letters and (order.with_letters or order.parcels)
    title = title_problems(campaign) if titled else ()
    problems = (*title, *found.problems, *errors, *fit, *too_thick(made, how))
    passed = len(found.candidates) - len(asked)
    return PrintPlan(
        found=found,
        batches=made,
        how=how,
        problems=problems,
        counted=writer is not None,
        past_stage=passed,
        looks=looks,
        layouts=layouts,
        standing=standing,
    )


def _batch_options(
    campaign: Campaign, order: PrintOrder, pages: Sequence[PagedLetter]
) -> BatchOptions:
    """Return how letters are put into print files, as ordered, or as their pages need it."""
    return BatchOptions(
        two_sided=needs_two_sides(pages) if order.two_sided is None else order.two_sided,
        sheets=order.sheets,
        by=order.by,
        grouping=order.grouping,
        sort_by=campaign.workbook.settings.sort_by,
        covers=order.covers,
    )


def _boxes(
    letters: Sequence[FinishedLetter],
    looks: Mapping[str, Look],
    writer: LibreOffice,
    order: PrintOrder,
) -> Sequence[Problem]:
    """Return the warnings of scripts without a font, if a PDF is wanted."""
    if not order.pdf:
        return ()
    with suppress(StorageError):  # a letter has changed meanwhile: that is reported elsewhere
        return font_warnings(letters, partial(_bytes_of, looks), writer)
    return ()


def _bytes_of(looks: Mapping[str, Look], letter: FinishedLetter) -> bytes:
    return same_bytes(letter, looks[letter.id])


def check_order(campaign: Campaign, order: PrintOrder) -> None:
    """Raise what tells that an order cannot be made, whatever the letters are.

    UsageError where it is wrong, StorageError where the campaign was closed.
    """
    campaign.check_open()
    if order.labels:
        check_start(LABELS[order.labels], order.start)
    chosen = campaign.chosen(order.names)
    if order.parcels and chosen.signers is not None:
        raise UsageError(messages.problem("parcels-in-part", option_place("parcels")))


def _new_or_changed(
    campaign: Campaign, candidates: Sequence[PrintCandidate]
) -> list[PrintCandidate]:
    """Return those that were in no batch yet, or changed after it, or have no file."""
    letters = [one.letter for one in candidates if one.letter]
    with ledger_to_read(campaign.letters_folder) as ledger:
        due = {one.id for one in (*in_no_batch(ledger, letters), *changed_since(ledger, letters))}
    return [one for one in candidates if one.letter is None or one.id in due]
