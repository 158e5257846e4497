"""The pile that the settings of the Print screen would make, in numbers.

No file is opened: what the latest snapshot knows counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

from merge.campaign.addressing import AddressBook, is_for_parcel
from merge.campaign.candidates import PrintCandidate
from merge.campaign.layout_check import CountedPages
from merge.campaign.overview import CampaignOverview
from merge.campaign.print_plan import PrintOrder, PrintPlan, batch_options
from merge.disk import FileState
from merge.page.piles import Piles
from merge.printing.batches import PagedLetter, make_batches
from merge.printing.labels import LABELS

_MOST_LAYERS = 12
"""Lines of the drawn stack of paper."""


@dataclass(frozen=True, slots=True)
class PilePicture:
    """The numbers of a print order, for a picture of the pile.

    `sheets` includes the `cover_sheets`. `longer_letters` have more than one page: if there are
    any, `other_sheets` are those for the other number of sides. `are_pages_counted` is false if
    some pages are assumed. `blocked_count` letters cannot be printed.
    """

    by: str
    signers: int
    recipients: int
    piles: int
    letters: int
    pages: int
    sheets: int
    other_sheets: int
    longer_letters: int
    cover_sheets: int
    files: int
    envelopes: int
    labels: int
    label_sheets: int
    parcels: int
    blocked_count: int
    is_two_sided: bool
    are_pages_counted: bool
    with_letters: bool
    address: tuple[str, ...] = ()
    """The address of the first letter, if addresses are printed."""
    address_pattern: str = ""
    """Its placeholders; empty if Settings has an Envelope address."""

    @property
    def sheets_by_sides(self) -> tuple[int, int]:
        """Sheets of one-sided and of two-sided printing."""
        both = self.sheets, self.other_sheets
        return both[::-1] if self.is_two_sided else both

    @property
    def layers(self) -> int:
        """Number of lines of the drawn stack: more for more sheets, but few."""
        return min(_MOST_LAYERS, max(1, self.sheets.bit_length() + 1)) if self.sheets else 0


def counted_pages(plan: PrintPlan) -> dict[str, tuple[FileState, int]]:
    """Return the pages that a plan counted, by letter ID."""
    if not plan.has_counted_pages:
        return {}
    letters = (paged for batch in plan.batches for paged in batch.letters)
    return {
        paged.letter.id: (plan.fingerprints[paged.letter.id].file_state, paged.pages)
        for paged in letters
        if paged.letter.id in plan.fingerprints
    }


def make_picture(view: CampaignOverview, order: PrintOrder, counted: CountedPages) -> PilePicture:
    """Return the numbers of a print order.

    Raise UsageError if a name of the order is unknown.
    """
    candidates = _selected_candidates(view, order)
    usable = [each for each in candidates if each.letter and not each.problems]
    assumed = view.campaign.workbook.settings.pages
    pages = [_pages(candidate, counted) for candidate in usable] if order.with_letters else []
    paged = [
        PagedLetter(each.letter, number or assumed)
        for each, number in zip(usable, pages, strict=bool(pages))
        if each.letter
    ]
    options = batch_options(view.campaign, order, paged)
    batches = make_batches(paged, options)
    longer = sum(each.pages > 1 for each in paged)
    other_sides = replace(options, two_sided=not options.two_sided)
    other_batches = make_batches(paged, other_sides) if longer else ()
    piles = sum(len(batch.groups) for batch in batches)
    labels = LABELS[order.labels].count if order.labels else 0
    address_book = AddressBook(view.campaign, return_to_signer=order.return_to_signer)
    first = usable[0].letter if usable and order.has_addresses else None
    return PilePicture(
        by=order.by,
        signers=len({each.pair.signer.key for each in usable}),
        recipients=len({each.pair.recipient.key for each in usable}),
        piles=piles,
        letters=len(usable),
        pages=sum(each.pages for each in paged),
        sheets=sum(batch.sheets for batch in batches),
        other_sheets=sum(batch.sheets for batch in other_batches),
        longer_letters=longer,
        cover_sheets=sum(batch.cover_sheets for batch in batches),
        files=len(batches) + sum(map(bool, (order.envelopes, order.labels, order.parcels))),
        envelopes=len(usable) if order.envelopes else 0,
        labels=len(usable) if order.labels else 0,
        label_sheets=ceil((len(usable) + order.start - 1) / labels) if labels and usable else 0,
        parcels=_count_parcels(view, order, usable) if order.parcels else 0,
        blocked_count=len(candidates) - len(usable),
        is_two_sided=options.two_sided,
        are_pages_counted=bool(pages) and all(pages),
        with_letters=order.with_letters,
        address=address_book.address_of(first).lines if first else (),
        address_pattern=address_book.columns_pattern if first else "",
    )


def _selected_candidates(view: CampaignOverview, order: PrintOrder) -> list[PrintCandidate]:
    """Return the candidates that a print order selects."""
    selection = view.campaign.select_people(order.names)
    due = view.print_candidates(open_files=False).not_yet_at(order.stage)
    due = [candidate for candidate in due if selection.includes(candidate.pair)]
    return [*_new_or_changed(Piles(view), due)] if order.since_last else due


def _count_parcels(
    view: CampaignOverview, order: PrintOrder, usable: Iterable[PrintCandidate]
) -> int:
    """Return the number of recipients to whom printed letters will be posted."""
    piles, selection = Piles(view), view.campaign.select_people(order.names)
    printed_now = {
        each.id for each in usable if order.with_letters or piles.pile_letter(each.id).batch
    }
    return len(
        {
            each.pair.recipient.key
            for each in view.print_candidates(open_files=False).candidates
            if selection.includes(each.pair)
            if is_for_parcel(each, is_printed_now=each.id in printed_now)
        }
    )


def _new_or_changed(piles: Piles, candidates: Iterable[PrintCandidate]) -> Iterable[PrintCandidate]:
    """Yield candidates that are in no print file, or changed since."""
    for candidate in candidates:
        letter = piles.pile_letter(candidate.id)
        if not letter.batch or letter.has_changed:
            yield candidate


def _pages(candidate: PrintCandidate, counted: CountedPages) -> int:
    """Return the counted pages of a candidate's file; 0 if not counted."""
    state, pages = counted.get(candidate.id, (None, 0))
    return pages if state == candidate.record.file_state else 0
