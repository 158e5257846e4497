"""Makes the files of a print plan, and writes down what is in them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import Literal

from merge import messages
from merge.campaign.addressing import AddressFinder, build_parcels
from merge.campaign.campaign import Campaign, read_again
from merge.campaign.candidates import same_bytes
from merge.campaign.errand import UNWATCHED, Errand, Stopped
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.print_plan import PrintOrder, PrintPlan, plan_printing, standing_of
from merge.campaign.printed import BatchFolder, in_no_batch, settle_drafts, tell_register
from merge.campaign.title import title_of
from merge.disk import file_state, short_path
from merge.errors import StorageError
from merge.letter_status import FinishedLetter
from merge.ooxml.blank import PaperSize
from merge.ooxml.package_builder import SourceFile
from merge.printing.batches import Batch, BatchOptions, cover, first_page
from merge.printing.combine.letter import combine
from merge.printing.envelopes import ENVELOPES, envelope_problems, envelopes
from merge.printing.labels import LABELS, label_problems, labels
from merge.printing.libreoffice import LaidOut, LibreOffice, bound
from merge.printing.pages import LetterPages
from merge.printing.paper import paper_of
from merge.printing.parcels import parcels
from merge.problems import Problem, option_place
from merge.state.ledger import Ledger, open_ledger
from merge.state.ledger_records import PdfRecord, PrintedBatch, PrintRecord
from merge.state.letters_folder import read_file
from merge.state.outbox import Outbox


@dataclass(slots=True)
class PrintResult:
    """The files made, in their folder, and what is to be reported of them.

    `stopped` where it was, before its end: what is there is whole and remembered.
    """

    folder: Path
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stopped: bool = False


class PrintRun:
    """Makes the files of a plan. Nothing that is there is ever replaced.

    If another run has printed, marked or closed since it was planned, it is planned again.
    """

    def __init__(
        self,
        campaign: Campaign,
        order: PrintOrder,
        prepared: PrintPlan,
        writer: LibreOffice | None,
        errand: Errand = UNWATCHED,
    ) -> None:
        self._campaign, self._order, self._prepared = campaign, order, prepared
        self._writer, self._errand = writer, errand
        self._looks = writer.looks() if writer and order.pdf else b""
        now = dt.datetime.now().astimezone()
        self._began = now.replace(tzinfo=None)
        self._moment = self._began.replace(second=0, microsecond=0)
        self._printed: list[PrintRecord] = []
        self._pdfs: list[PdfRecord] = []
        self._covers: Callable[[], Mapping[int, Sequence[LaidOut]]] | None = None
        """Gives the covers' pages, by the batches' numbers, once they are laid out."""
        self._bound: list[FinishedLetter] = []
        self._outsides = self._address_finder()
        self._folder = BatchFolder(campaign.folder / PRINT_FOLDER, f"{now:%Y-%m-%d %H.%M.%S}")
        self.made = PrintResult(self._folder.path)

    def make(
        self,
        on_file: Callable[[str], object] = lambda _: None,
        on_wait: Callable[[], object] = lambda: None,
        on_plan: Callable[[PrintPlan], object] = lambda _: None,
    ) -> PrintResult:
        """Make file after file; `on_file` gets the name of each when it is done.

        They lie in their folder in the end, when the ledger knows what is in them. What was made
        may be printed, though the rest could not be made, or a stop was asked for. `on_wait` is
        called where another run has to end first; `on_plan` gets the plan if it is another one
        then. Nothing is made if that has errors.
        """
        try:
            if self._prepared.batches or self._order.parcels:
                self._make(on_file, on_wait, on_plan)
        except Stopped:
            self.made.stopped = True
        return self.made

    @property
    def plan(self) -> PrintPlan:
        """The plan that is carried out: the one that was given, or the one that took its place."""
        return self._prepared

    def _make(
        self,
        on_file: Callable[[str], object],
        on_wait: Callable[[], object],
        on_plan: Callable[[PrintPlan], object],
    ) -> None:
        letters = Outbox(self._campaign.letters_folder)
        prints = Outbox(self._folder.parent)
        with (
            letters.open(on_wait, self._errand.check),
            prints.open(on_wait, self._errand.check),
        ):
            if self._prepared.standing != standing_of(self._campaign):
                self._plan_again()
                on_plan(self._prepared)
                if self._prepared.has_errors:
                    return
            self._make_alone(letters, prints, on_file)

    def _plan_again(self) -> None:
        self._campaign = read_again(self._campaign)
        self._prepared = plan_printing(self._campaign, self._order, self._writer, self._errand)
        self._outsides = self._address_finder()

    def _address_finder(self) -> AddressFinder:
        outside = self._order.return_to_signer
        return AddressFinder(self._campaign, self._read, return_to_signer=outside)

    def _make_alone(
        self, letters: Outbox, prints: Outbox, on_file: Callable[[str], object]
    ) -> None:
        """Make the files while both folders are held."""
        with closing(open_ledger(letters.folder)) as ledger:
            self.made.problems += settle_drafts(prints.folder, ledger)
            if any(batch.moment == self._moment for batch in ledger.batches().values()):
                self._moment = self._began  # of two runs in one minute
            self._folder = BatchFolder.free(prints.folder, self._folder.name)
            self.made.folder = self._folder.path
            try:
                for name in self._files(prints, ledger):
                    on_file(name)
                    self._errand.check()
            finally:
                self._keep(ledger)

    def _files(self, prints: Outbox, ledger: Ledger) -> Iterator[str]:
        with ThreadPoolExecutor(1) as pool:
            layouts, batches = self._prepared.layouts, self._prepared.batches
            if layouts and layouts.has_pages:  # PDFs are to be made, and LibreOffice is idle
                self._covers = pool.submit(self._cover_pages, batches, layouts).result
            yield from self._batches(prints, ledger)
        yield from self._addresses_and_parcels(prints, ledger)

    def _batches(self, prints: Outbox, ledger: Ledger) -> Iterator[str]:
        if self._order.with_letters:
            twice = self._order.pdf and self._writer is not None
            self._errand.total(len(self._prepared.letters) * (1 + twice), "Print files")
            files = map(self._combined, self._prepared.batches)
            for made in [*files] if self._covers else files:  # covers are laid out meanwhile
                if made:
                    yield from self._batch(made, prints, ledger)

    def _keep(self, ledger: Ledger) -> None:
        if not self.made.files:
            self._folder.discard()
            return
        files, self.made.files = self.made.files, []
        printed = self._printed
        bound = {record.id for record in printed}
        decided = [one.decision for one in self._prepared.found.candidates if one.id in bound]
        if (
            ledger.salt != self._campaign.identity.salt
        ):  # another run began it after this one looked
            printed, decided = [each._replace(inputs=b"") for each in printed], []
        self._folder.keep(ledger, printed, [*filter(None, decided)], self._pdfs)
        self.made.files = files
        if self._printed:
            self.made.problems += tell_register(self._campaign, ledger, self._errand)

    def _put(self, outbox: Outbox, name: str, data: bytes) -> str:
        outbox.put(PurePosixPath(self._folder.draft.name) / name, data)
        self.made.files.append(name)
        return name

    def _read(self, letter: FinishedLetter) -> bytes:
        """Return the bytes that were looked at. Raise StorageError where they have gone."""
        return same_bytes(letter, self._prepared.looks.get(letter.id))

    def _batch(self, file: _BatchFile, outbox: Outbox, ledger: Ledger) -> Iterator[str]:
        """Make a batch's files, all or none: there is none if its PDF cannot be made."""
        batch = file.batch
        self._errand.check()
        made = [self._put(outbox, f"{batch.name}.docx", file.docx)]
        try:
            if pdf := self._pdf(file, ledger):
                made.append(self._put(outbox, f"{batch.name}.pdf", pdf))
        except (Stopped, StorageError):
            self._take_back(*made)
            raise
        letters = [one.letter for one in batch.letters]
        self._bound += letters
        self._printed += (self._record(letter, batch) for letter in letters)
        yield from made

    def _pdf(self, file: _BatchFile, ledger: Ledger) -> bytes | None:
        """Return the batch's PDF; None if none is wanted. StorageError if there is none."""
        if not (self._order.pdf and self._writer):
            return None
        laid_out = hashlib.sha256(file.docx + self._looks).digest()
        pdf = self._earlier_pdf(ledger.pdf(laid_out))
        if pdf is None:
            pdf = self._laid_out(file, self._writer)
        self._pdfs.append(PdfRecord(laid_out, hashlib.sha256(pdf).digest(), len(pdf)))
        self._errand.done(len(file.batch.letters))
        return pdf

    def _earlier_pdf(self, known: PdfRecord | None) -> bytes | None:
        """Return the PDF that was made of the same before, where it is still there as it was."""
        for file in self._folder.parent.glob("*/*.pdf") if known else ():
            if known and (at := file_state(str(file))) and at.size == known.size:
                data = read_file(str(file))
                if data and hashlib.sha256(data).digest() == known.output:
                    return data
        return None

    def _laid_out(self, file: _BatchFile, writer: LibreOffice) -> bytes:
        """Return the batch's PDF: the pages that were counted, covers before them."""
        batch = file.batch
        layouts = self._prepared.layouts or LetterPages(writer, self._read, self._errand)
        if self._covers is None:
            rest = self._cover_pages(self._prepared.batches[batch.number - 1 :], layouts)
            self._covers = lambda: rest
        letters, covers = iter(layouts.pages_of(batch.letters)), iter(self._covers()[batch.number])
        pages = [
            (piece.title, next(covers if piece.is_cover else letters)) for piece in file.pieces
        ]
        front_sides = self._prepared.how.two_sided
        return bound(pages, f"{self._title} {batch.name}", front_sides=front_sides)

    def _cover_pages(
        self, batches: Sequence[Batch], layouts: LetterPages
    ) -> dict[int, Sequence[LaidOut]]:
        """Return the covers' pages of batches, by the batches' numbers."""
        covers: dict[int, list[bytes]] = {}
        for batch in batches:
            with suppress(StorageError):  # its letters have changed: there is no such batch
                pieces = self._pieces(batch)[1]
                data = (piece.data for piece in pieces)
                covers[batch.number] = [each for each in data if isinstance(each, bytes)]
        laid_out = iter(layouts.covers([*chain(*covers.values())]))
        return {number: [*islice(laid_out, len(own))] for number, own in covers.items()}

    def _take_back(self, *names: str) -> None:
        """Remove files of the draft."""
        for name in names:
            (self._folder.draft / name).unlink(missing_ok=True)
            self.made.files.remove(name)

    def _record(self, letter: FinishedLetter, batch: Batch) -> PrintRecord:
        """Return what is remembered of a letter in a batch."""
        look, printed = self._prepared.looks[letter.id], PrintedBatch(batch.number, self._moment)
        return PrintRecord(letter.id, printed, look.output, *look.at, inputs=letter.inputs)

    def _combined(self, batch: Batch) -> _BatchFile | None:
        """Return a batch of what was looked at; None if any letter is not that any more."""
        try:
            base, pieces = self._pieces(batch)
            whole = combine(map(self._source, pieces), base, f"{self._title} {batch.name}")
        except StorageError as error:
            changed = self._changed([one.letter for one in batch.letters])
            self.made.problems += dict.fromkeys((*error.problems, *changed))
            return None
        self.made.problems += whole.problems
        return _BatchFile(batch, whole.data, pieces)

    def _pieces(self, batch: Batch) -> tuple[SourceFile, Sequence[_UnreadPiece]]:
        """Return a letter like most others, and the pieces. Raise StorageError as `_read`."""
        letters = [one.letter for one in batch.letters]
        usual = next((letter for letter in letters if letter.made), letters[0])
        base, how = SourceFile("", self._read(usual)), self._prepared.how
        return base, [*_pieces(batch, how, self._title, paper_of(base.data))]

    def _source(self, piece: _UnreadPiece) -> SourceFile:
        """Return a piece with its bytes; where it is a letter, its address is taken from them."""
        self._errand.check()
        if isinstance(piece.data, bytes):
            data = piece.data
        else:
            data = self._read(piece.data)
            if self._order.envelopes or self._order.labels or self._order.parcels:
                self._outsides.of(piece.data, data)
            self._errand.done()
        return SourceFile(piece.name, data, piece.front, piece.pages)

    def _changed(self, letters: Sequence[FinishedLetter]) -> Iterator[Problem]:
        """Yield what is wrong with each letter that is not what was looked at."""
        for letter in letters:
            self._errand.check()
            try:
                self._read(letter)
            except StorageError as error:
                yield from error.problems

    @property
    def _title(self) -> str:
        return title_of(self._campaign)

    def _addresses_and_parcels(self, outbox: Outbox, ledger: Ledger) -> Iterator[str]:
        """Make what goes round the letters."""
        order, outsides = self._order, self._outsides
        letters = self._bound if order.with_letters else self._prepared.letters
        addressed = []
        if order.envelopes or order.labels:
            each = self._errand.each(letters, "Addresses")
            addressed = [*filter(None, map(outsides.of, each))]
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
            if not order.with_letters:
                without = {letter.id for letter in in_no_batch(ledger, letters)}
                letters = [letter for letter in letters if letter.id not in without]
            sent = build_parcels(outsides, self._prepared.found.candidates, letters)
            if sent:
                yield self._put(outbox, "Parcels.docx", parcels(sent, self._paper, self._title))
            else:
                self.made.problems.append(
                    messages.problem("parcels-empty", option_place("parcels"))
                )
        self.made.problems += outsides.problems

    @property
    def _paper(self) -> Literal["A4", "Letter"]:
        """The paper that the letters are written for, as far as it can be bought."""
        for letter in self._prepared.letters[:1]:
            with suppress(StorageError):
                return "Letter" if paper_of(self._read(letter)).name == "Letter" else "A4"
        return "A4"


@dataclass(frozen=True, slots=True)
class _UnreadPiece:
    """A piece of a batch before it is read: its title in the outline."""

    title: str
    name: str
    data: bytes | FinishedLetter
    front: bool
    pages: int = 0

    @property
    def is_cover(self) -> bool:
        """Whether it is no letter."""
        return isinstance(self.data, bytes)


@dataclass(frozen=True, slots=True)
class _BatchFile:
    """A batch put together: the bytes of its .docx, and the pieces in it."""

    batch: Batch
    docx: bytes
    pieces: Sequence[_UnreadPiece]


def _pieces(
    batch: Batch, how: BatchOptions, title: str, paper: PaperSize
) -> Iterator[_UnreadPiece]:
    front = how.two_sided
    if how.covers:
        yield _UnreadPiece(batch.name, "first page", first_page(batch, how, title, paper), front)
    for number, group in enumerate(batch.groups):
        if how.covers:
            page = cover(batch, number, how, title, paper)
            yield _UnreadPiece(str(group.person.label), "cover", page, front)
        for one in group.letters:
            letter, pair = one.letter, one.letter.pair
            title_in_outline = f"{pair.signer.label} to {pair.recipient.label}"
            yield _UnreadPiece(
                title=title_in_outline,
                name=short_path(letter.path),
                data=letter,
                front=front,
                pages=one.pages,
            )
