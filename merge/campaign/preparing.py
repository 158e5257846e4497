"""Which letters are to be printed, in which batches, and what is to be settled first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace

from merge.campaign.finished import Ready, Wish, ready
from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.printed import changed_since, in_no_batch
from merge.model import Finished, Place, Problem, UsageError
from merge.printing.addresses import LABELS, check_start
from merge.printing.batches import (
    Batch,
    Grouping,
    How,
    Side,
    ToPrint,
    batches,
    needs_two_sides,
    too_thick,
)
from merge.printing.libreoffice import Writer
from merge.printing.pages import doubts, measure
from merge.state.ledger import read_ledger


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """What is to be printed, and how.

    `unsigned`: letters that nobody signed yet, printed or not; else those that are not on paper.
    `since_last`: only letters that were in no batch yet, or changed after it. `accept` are people
    whose edited letters are taken as they are. Not `with_letters`: only what goes round them, and
    for those on paper as well until they are posted. `two_sided` None: as the letters need it.
    """

    names: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    unsigned: bool = False
    since_last: bool = False
    leave_out_faulty: bool = False
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

    @property
    def stage(self) -> str:
        """Letters that reached this stage of the register, or a later one, are left out."""
        if self.unsigned:
            return "Signed"
        return "Printed" if self.with_letters else "Posted"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What will be printed. `problems` hold errors where something must be settled first.

    `counted`: pages were counted by LibreOffice; else each letter is taken to have as many as the
    setting Pages says. `passed` letters are left out because they are `order.stage` already.
    """

    ready: Ready
    batches: tuple[Batch, ...]
    how: How
    problems: tuple[Problem, ...]
    counted: bool
    passed: int

    @property
    def letters(self) -> list[Finished]:
        """All letters, in the order in which they are printed."""
        return [one.letter for batch in self.batches for one in batch.letters]


Counting = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Given how many letters there are, what is told how many more were counted."""


def _uncounted(_: int) -> AbstractContextManager[Callable[[int], None]]:
    """Nobody wants to know."""
    return nullcontext(lambda _: None)


def prepare(
    campaign: Campaign, order: PrintOrder, writer: Writer | None, counting: Counting = _uncounted
) -> Prepared:
    """Choose the letters, count their pages, put them into batches; nothing is written.

    UsageError where what was ordered cannot be made.
    """
    _check(campaign, order)
    found = ready(campaign, order.names, order.accept)
    wishes = asked = found.before(order.stage)  # whether or not something stands in the way
    if order.since_last:
        wishes = _due(campaign, asked)
    errors = [*dict.fromkeys(problem for wish in wishes for problem in wish.problems)]
    letters = [wish.letter for wish in wishes if wish.letter and not wish.problems]
    limit = campaign.workbook.settings.pages
    pages = [ToPrint(letter, limit) for letter in letters]
    fit: tuple[Problem, ...] = ()
    if writer and letters and order.with_letters and (order.leave_out_faulty or not errors):
        with counting(len(letters)) as counted:
            fits = measure(letters, writer, counted)
        pages = [ToPrint(each.letter, each.pages) for each in fits]
        fit = doubts(fits, limit)
    how = _how(campaign, order, pages)
    made = tuple(batches(pages, how))
    if order.leave_out_faulty:
        errors = [replace(problem, level="warning") for problem in errors]
    problems = (*found.run.news, *errors, *fit, *too_thick(made, how))
    passed = len(found.wishes) - len(asked)
    return Prepared(found, made, how, problems, writer is not None, passed)


def _check(campaign: Campaign, order: PrintOrder) -> None:
    if order.labels:
        check_start(LABELS[order.labels], order.start)
    chosen = campaign.chosen(order.names)
    if order.parcels and chosen.signers is not None:
        what = "a parcel holds all letters to a recipient, and this would be some signers' only."
        hint = "Name recipients only, or leave out --parcels."
        raise UsageError(Problem("parcels-in-part", Place("--parcels"), what, hint))


def _how(campaign: Campaign, order: PrintOrder, letters: Sequence[ToPrint]) -> How:
    both = needs_two_sides(letters) if order.two_sided is None else order.two_sided
    sort_by = campaign.workbook.settings.sort_by
    return How(both, order.sheets, order.by, order.grouping, sort_by, order.covers)


def _due(campaign: Campaign, wishes: Sequence[Wish]) -> list[Wish]:
    """Those that were in no batch yet, or changed after it, or have no file."""
    letters = [wish.letter for wish in wishes if wish.letter]
    with closing(read_ledger(campaign.folder / LETTERS)) as ledger:
        due = {one.id for one in (*in_no_batch(ledger, letters), *changed_since(ledger, letters))}
    return [wish for wish in wishes if wish.letter is None or wish.id in due]
