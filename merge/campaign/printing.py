"""Letters onto paper: the batches, what goes round them; the register is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from merge.campaign.opened import LETTERS, Campaign
from merge.campaign.outsides import Outsides, parcels_of
from merge.campaign.preparing import Prepared, PrintOrder
from merge.campaign.printed import in_no_batch, noted
from merge.campaign.running import tell_printed
from merge.model import Finished, Place, Problem
from merge.ooxml.blank import Paper
from merge.ooxml.package import Piece
from merge.printing.addresses import (
    ENVELOPES,
    LABELS,
    envelope_problems,
    envelopes,
    label_problems,
    labels,
    parcels,
)
from merge.printing.batches import Batch, How, cover, first_page
from merge.printing.combine.letter import combine
from merge.printing.libreoffice import Writer, batch_pdf
from merge.printing.pages import paper_of
from merge.state.files import TEMPORARY, Outbox, free_name
from merge.state.ledger import Printed, read_ledger

_NO_PARCELS = Problem(
    "parcels-empty",
    Place("--parcels"),
    "no letter is in a batch or on paper that is not posted yet: nothing is for a parcel.",
    "Print the letters first: leave out --no-letters.",
    "warning",
)

PRINT = "print"
"""The folder of what is made for printing, each time in a folder of its own."""


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
            outbox.sweep(_leftovers(outbox.folder))
            folder = self.made.folder
            self.made.folder = folder.with_name(free_name(folder.parent, folder.name))
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
        usual = next((letter for letter in letters if letter.made), letters[0])
        base = Piece("", usual.path.read_bytes())
        paper = paper_of(base.data)
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
            printed = letters if order.with_letters else self._in_batches(letters)
            sent = parcels_of(outsides, self._prepared.ready.wishes, printed)
            if sent:
                yield self._put(outbox, "Parcels.docx", parcels(sent, self._paper, self._title))
            else:
                self.made.problems.append(_NO_PARCELS)
        self.made.problems += outsides.problems

    def _in_batches(self, letters: Sequence[Finished]) -> list[Finished]:
        """Those that were put into a batch."""
        with closing(read_ledger(self._campaign.folder / LETTERS)) as ledger:
            without = {letter.id for letter in in_no_batch(ledger, letters)}
        return [letter for letter in letters if letter.id not in without]

    @property
    def _paper(self) -> Literal["A4", "Letter"]:
        """What the letters are written for, as far as it can be bought."""
        letters = self._prepared.letters
        own = paper_of(letters[0].path.read_bytes()).name if letters else "A4"
        return "Letter" if own == "Letter" else "A4"


def _leftovers(folder: Path) -> list[str]:
    """Temporary files of a run that was killed."""
    begins, ends = TEMPORARY
    return [str(p.relative_to(folder)) for p in folder.glob(f"*/{begins}*{ends}")]


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
