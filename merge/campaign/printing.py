"""Letters onto paper: which, in which batches, what goes round them; the register is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from merge.campaign.finished import Ready, ready
from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.outsides import Outsides, parcels_of
from merge.campaign.printed import changed_since, in_no_batch, noted
from merge.campaign.running import tell_printed
from merge.ledger import Printed, read_ledger
from merge.model import Finished, Problem
from merge.outbox import Outbox
from merge.printing import (
    ENVELOPES,
    LABELS,
    Batch,
    Grouping,
    How,
    Paper,
    Piece,
    Side,
    ToPrint,
    Writer,
    batch_pdf,
    batches,
    combine,
    cover,
    doubts,
    envelope_problems,
    envelopes,
    first_page,
    label_problems,
    labels,
    measure,
    needs_two_sides,
    paper_of,
    parcels,
    too_thick,
)

PRINT = "print"
"""The folder of what is made for printing, each time in a folder of its own."""


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
    """Choose the letters, count their pages, put them into batches; nothing is written."""
    found = ready(campaign, order.names, order.accept)
    wishes = found.before(order.stage)  # whether or not something stands in the way
    errors = [problem for wish in wishes for problem in wish.problems]
    letters = [wish.letter for wish in wishes if wish.letter and not wish.problems]
    letters = _due(campaign, letters) if order.since_last else letters
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
    passed = len(found.wishes) - len(wishes)
    return Prepared(found, made, how, problems, writer is not None, passed)


def _how(campaign: Campaign, order: PrintOrder, letters: Sequence[ToPrint]) -> How:
    both = needs_two_sides(letters) if order.two_sided is None else order.two_sided
    sort_by = campaign.workbook.settings.sort_by
    return How(both, order.sheets, order.by, order.grouping, sort_by, order.covers)


def _due(campaign: Campaign, letters: Sequence[Finished]) -> list[Finished]:
    """Those that were in no batch yet, or changed after it."""
    with closing(read_ledger(campaign.folder / LETTERS)) as ledger:
        due = {one.id for one in (*in_no_batch(ledger, letters), *changed_since(ledger, letters))}
    return [letter for letter in letters if letter.id in due]


@dataclass(slots=True)
class Paperwork:
    """What was made: files in the folder, and what is to be told of them."""

    folder: Path
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Printing:
    """Makes the files of what was prepared. Nothing that is there is ever replaced."""

    def __init__(
        self, campaign: Campaign, order: PrintOrder, prepared: Prepared, writer: Writer | None
    ) -> None:
        self._campaign, self._order, self._prepared = campaign, order, prepared
        self._writer = writer
        now = dt.datetime.now().astimezone()
        self._when = f"{now.day} {now:%b %Y}, {now:%H.%M}"
        self._printed: list[Printed] = []
        self.made = Paperwork(campaign.folder / PRINT / f"{now:%Y-%m-%d %H.%M.%S}")

    def __iter__(self) -> Iterator[str]:
        """Make file after file; each is named when it is done."""
        with Outbox(self.made.folder.parent).open() as outbox:
            try:
                for batch in self._prepared.batches if self._order.with_letters else ():
                    yield from self._batch(batch, outbox)
                yield from self._round(outbox)
            finally:  # what was made may be printed, though the rest could not be made
                if self._printed:
                    self.made.problems += tell_printed(self._campaign, self._printed)

    def _put(self, outbox: Outbox, name: str, data: bytes) -> str:
        outbox.put(PurePosixPath(self.made.folder.name) / name, data)
        self.made.files.append(name)
        return name

    def _batch(self, batch: Batch, outbox: Outbox) -> Iterator[str]:
        how, two_sided = self._prepared.how, self._prepared.how.two_sided
        letters = [one.letter for one in batch.letters]
        # before they are read: an edit that comes in between asks to be printed again
        printed = [noted(letter, f"{batch.number:02}, {self._when}") for letter in letters]
        paper = paper_of(letters[0].path.read_bytes())
        base = Piece("", letters[0].path.read_bytes())
        pieces = [*_pieces(batch, how, self._title, paper)]
        whole = combine((piece.piece() for piece in pieces), base, f"{self._title} {batch.name}")
        self.made.problems += whole.problems
        name = self._put(outbox, f"{batch.name}.docx", whole.data)
        self._printed += printed
        yield name
        if self._order.pdf and self._writer:
            titles = dict(zip(whole.marks, (piece.title for piece in pieces), strict=True))
            docx = self.made.folder / f"{batch.name}.docx"
            pdf = batch_pdf(docx, titles, self._writer, blank_pages=two_sided)
            yield self._put(outbox, f"{batch.name}.pdf", pdf)

    @property
    def _title(self) -> str:
        return self._campaign.workbook.settings.campaign or "Letters"

    def _round(self, outbox: Outbox) -> Iterator[str]:
        """What goes round the letters."""
        order, letters = self._order, self._prepared.letters
        outsides = Outsides(self._campaign, return_to_signer=order.return_to_signer)
        addressed = []
        if letters and (order.envelopes or order.labels):
            addressed = [outsides.of(letter) for letter in letters]
        if addressed and order.envelopes:
            stock = ENVELOPES[order.envelopes]
            self.made.problems += envelope_problems(addressed, stock)
            yield self._put(outbox, f"Envelopes {stock.name}.docx", envelopes(addressed, stock))
        if addressed and order.labels:
            sheet = LABELS[order.labels]
            self.made.problems += label_problems(addressed, sheet)
            made = labels(addressed, sheet, order.start)
            yield self._put(outbox, f"Labels {sheet.name}.docx", made)
        if order.parcels:
            printed = letters if order.with_letters else ()
            sent = parcels_of(outsides, self._prepared.ready.wishes, printed)
            yield self._put(outbox, "Parcels.docx", parcels(sent, self._paper, self._title))
        self.made.problems += outsides.problems

    @property
    def _paper(self) -> Literal["A4", "Letter"]:
        """What the letters are written for, as far as it can be bought."""
        letters = self._prepared.letters
        own = paper_of(letters[0].path.read_bytes()).name if letters else "A4"
        return "Letter" if own == "Letter" else "A4"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A piece of a batch before it is read: its title in the outline."""

    title: str
    name: str
    data: bytes | Path
    front: bool
    pages: int = 0

    def piece(self) -> Piece:
        """Read it, if it is a letter."""
        data = self.data if isinstance(self.data, bytes) else self.data.read_bytes()
        return Piece(self.name, data, self.front, self.pages)


def _pieces(batch: Batch, how: How, title: str, paper: Paper) -> Iterator[_Sheet]:
    front = how.two_sided
    if how.covers:
        yield _Sheet(batch.name, "first page", first_page(batch, how, title, paper), front)
    for number, group in enumerate(batch.groups):
        if how.covers:
            page = cover(batch, number, how, title, paper)
            yield _Sheet(str(group.person.label), "cover", page, front)
        for one in group.letters:
            pair, path = one.letter.pair, one.letter.path
            told = f"{pair.signer.label} to {pair.recipient.label}"
            yield _Sheet(told, "/".join(path.parts[-2:]), path, front, one.pages)
