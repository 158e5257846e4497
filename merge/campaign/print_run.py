"""Creates the files of a print plan, and records what is in them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import Literal

from merge import messages
from merge.campaign.addressing import AddressBook, build_parcels
from merge.campaign.batch_records import (
    BatchFolder,
    letters_in_no_batch,
    recover_drafts,
    refresh_register,
)
from merge.campaign.campaign import Campaign, reread_campaign
from merge.campaign.campaign_files import PRINT_FOLDER
from merge.campaign.candidates import read_verified
from merge.campaign.layout_check import paper_finder
from merge.campaign.print_plan import PrintOrder, PrintPlan, plan_printing, read_plan_basis
from merge.campaign.task import NO_PROGRESS, Cancelled, Task
from merge.campaign.title import campaign_title
from merge.disk import delete_file, file_state, short_path
from merge.errors import StorageError
from merge.letter_status import PrintableLetter
from merge.ooxml.new_docx import PaperSize
from merge.ooxml.package_builder import SourceFile
from merge.printing.batches import Batch, BatchOptions, render_cover_sheet, render_first_page
from merge.printing.combine.letter import combine_letters
from merge.printing.envelopes import ENVELOPES, envelope_problems, make_envelopes
from merge.printing.labels import LABELS, label_problems, make_labels
from merge.printing.libreoffice import (
    LibreOffice,
    OfficePdf,
    PdfPages,
    join_pdf_pages,
    layout_failed,
    open_pdf,
)
from merge.printing.pages import LetterPages
from merge.printing.paper import paper_size_of
from merge.printing.parcels import make_parcels
from merge.problems import Problem, option_place
from merge.state.folder_access import read_file
from merge.state.ledger import Ledger
from merge.state.ledger_records import PdfRecord, PrintedBatch, PrintRecord
from merge.state.letter_folder import LetterFolder, opened_ledger


@dataclass(slots=True)
class PrintResult:
    """Result of printing: created files, their folder, problems to report.

    `stopped` is true if the run was cancelled before its end: the files created so far are complete
    and recorded.
    """

    folder: Path
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stopped: bool = False

    @property
    def documents(self) -> list[str]:
        """The names of the Word files; each may have a PDF with its name."""
        return [name for name in self.files if name.endswith(".docx")]


class PrintRun:
    """A run that creates the files of a plan and replaces no existing file.

    If another run has printed, marked or closed since the plan was made, it is planned again.
    """

    def __init__(
        self,
        campaign: Campaign,
        order: PrintOrder,
        plan: PrintPlan,
        writer: LibreOffice | None,
        task: Task = NO_PROGRESS,
    ) -> None:
        self._campaign, self._order, self._plan = campaign, order, plan
        self._writer, self._task = writer, task
        self._layout_settings = writer.layout_fingerprint() if writer and order.pdf else b""
        now = dt.datetime.now().astimezone()
        self._start = now.replace(tzinfo=None)
        self._moment = self._start.replace(second=0, microsecond=0)
        self._printed: list[PrintRecord] = []
        self._pdfs: list[PdfRecord] = []
        self._cover_pages_by_batch: Callable[[], Mapping[int, Sequence[PdfPages]]] | None = None
        """Returns the covers' pages by print file number, once they are laid out."""
        self._bound_letters: list[PrintableLetter] = []
        self._paper_of = paper_finder(campaign, plan.fingerprints)
        self._folder = BatchFolder(campaign.folder / PRINT_FOLDER, f"{now:%Y-%m-%d %H.%M.%S}")
        self.result = PrintResult(self._folder.path)

    def create_files(
        self,
        on_file: Callable[[str], object] = lambda _: None,
        on_wait: Callable[[], object] = lambda: None,
        on_plan: Callable[[PrintPlan], object] = lambda _: None,
    ) -> PrintResult:
        """Create the print files; `on_file` gets the name of each file.

        The files get their final folder at the end, when the ledger knows their contents. They may
        be printed even if others could not be created or the run was cancelled. `on_wait` is called
        if another run must end first. `on_plan` gets the plan if it had to be made again. Nothing
        is created if the new plan has errors.
        """
        try:
            if self._plan.batches or self._order.parcels:
                self._wait_and_create(on_file, on_wait, on_plan)
        except Cancelled:
            self.result.stopped = True
        return self.result

    @property
    def plan(self) -> PrintPlan:
        """The print plan in use: the given plan, or its replacement."""
        return self._plan

    def _wait_and_create(
        self,
        on_file: Callable[[str], object],
        on_wait: Callable[[], object],
        on_plan: Callable[[PrintPlan], object],
    ) -> None:
        letters = LetterFolder(self._campaign.letters_folder)
        prints = LetterFolder(self._folder.parent)
        with (
            letters.open(on_wait, self._task.raise_if_cancelled),
            prints.open(on_wait, self._task.raise_if_cancelled),
        ):
            if self._plan.basis != read_plan_basis(self._campaign):
                self._plan_again()
                on_plan(self._plan)
                if self._plan.has_errors:
                    return
            self._create_files(letters, prints, on_file)

    def _plan_again(self) -> None:
        self._campaign = reread_campaign(self._campaign)
        self._plan = plan_printing(self._campaign, self._order, self._writer, self._task)
        self._paper_of = paper_finder(self._campaign, self._plan.fingerprints)

    def _create_files(
        self, letters: LetterFolder, prints: LetterFolder, on_file: Callable[[str], object]
    ) -> None:
        """Create the files while both folders are locked."""
        with opened_ledger(letters.folder) as ledger:
            self.result.problems += recover_drafts(prints.folder, ledger)
            if any(batch.moment == self._moment for batch in ledger.batches().values()):
                self._moment = self._start  # distinguishes two runs in one minute
            self._folder = BatchFolder.find_free(prints.folder, self._folder.name)
            self.result.folder = self._folder.path
            try:
                for name in self._create_all(prints, ledger):
                    on_file(name)
                    self._task.raise_if_cancelled()
            finally:
                self._record_files(ledger)

    def _create_all(self, prints: LetterFolder, ledger: Ledger) -> Iterator[str]:
        with ThreadPoolExecutor(1) as pool:
            layouts, batches = self._plan.layouts, self._plan.batches
            if layouts and layouts.has_pages:  # PDFs are requested, and LibreOffice is idle
                self._cover_pages_by_batch = pool.submit(self._cover_pages, batches, layouts).result
            yield from self._create_batches(prints, ledger)
        yield from self._create_posting_files(prints, ledger)

    def _create_batches(self, prints: LetterFolder, ledger: Ledger) -> Iterator[str]:
        if self._order.with_letters:
            self._task.start_step(len(self._plan.letters), "Letters in print files")
            files = map(self._combine, self._plan.batches)
            for combined in (
                [*files] if self._cover_pages_by_batch else files
            ):  # meanwhile, covers are laid out
                if combined:
                    yield from self._create_batch(combined, prints, ledger)

    def _record_files(self, ledger: Ledger) -> None:
        if not self.result.files:
            self._folder.discard()
            return
        files, self.result.files = self.result.files, []
        bound_ids = {record.id for record in self._printed}
        decisions = [
            candidate.new_decision
            for candidate in self._plan.candidates.candidates
            if candidate.id in bound_ids
        ]
        self.result.folder = self._folder.record_and_publish(
            ledger, self._printed, [*filter(None, decisions)], self._pdfs
        )
        self.result.files = files
        if self._printed:
            self.result.problems += refresh_register(self._campaign, ledger, self._task)
        self._campaign.record_run(ledger)

    def _add_file(self, letter_folder: LetterFolder, name: str, data: bytes) -> str:
        letter_folder.create(PurePosixPath(self._folder.draft.name) / name, data)
        self.result.files.append(name)
        return name

    def _read_verified(self, letter: PrintableLetter) -> bytes:
        """Return a letter's bytes, after a check that the file is unchanged.

        Raise StorageError if the file is missing or has changed.
        """
        return read_verified(letter, self._plan.fingerprints.get(letter.id))

    def _create_batch(
        self, file: _BatchFile, letter_folder: LetterFolder, ledger: Ledger
    ) -> Iterator[str]:
        """Create a print file's .docx and PDF, or none of the two.

        There is no .docx if its PDF cannot be created.
        """
        batch = file.batch
        self._task.raise_if_cancelled()
        names = [self._add_file(letter_folder, f"{batch.name}.docx", file.docx)]
        try:
            if pdf := self._make_pdf(file, ledger):
                names.append(self._add_file(letter_folder, f"{batch.name}.pdf", pdf))
        except (Cancelled, StorageError):
            self._remove_drafts(*names)
            raise
        letters = [paged_letter.letter for paged_letter in batch.letters]
        self._bound_letters += letters
        self._printed += (self._record(letter, batch) for letter in letters)
        yield from names

    def _make_pdf(self, file: _BatchFile, ledger: Ledger) -> bytes | None:
        """Return a print file's PDF, or None if none is requested.

        Raise StorageError if it cannot be created.
        """
        if not (self._order.pdf and self._writer):
            return None
        input_hash = hashlib.sha256(file.docx + self._layout_settings).digest()
        pdf = self._earlier_pdf(ledger.pdf(input_hash))
        if pdf is None:
            pdf = self._lay_out(file, self._writer)
        self._pdfs.append(PdfRecord(input_hash, hashlib.sha256(pdf).digest(), len(pdf)))
        self._task.advance(len(file.batch.letters) * (1 - self._docx_share))
        return pdf

    @property
    def _docx_share(self) -> float:
        """The part of a letter that is done before its PDF."""
        return 0.5 if self._order.pdf and self._writer else 1

    def _earlier_pdf(self, record: PdfRecord | None) -> bytes | None:
        """Return the unchanged PDF of an earlier run with the same input, if any."""
        for file in self._folder.parent.glob("*/*.pdf") if record else ():
            if record and (state := file_state(str(file))) and state.size == record.size:
                data = read_file(str(file))
                if data and hashlib.sha256(data).digest() == record.output:
                    return data
        return None

    def _lay_out(self, file: _BatchFile, writer: LibreOffice) -> bytes:
        """Return a print file's PDF: counted pages, with cover sheets before them."""
        batch = file.batch
        layouts = self._plan.layouts or LetterPages(writer, self._read_verified, self._task)
        if self._cover_pages_by_batch is None:
            remaining_covers = self._cover_pages(self._plan.batches[batch.number - 1 :], layouts)
            self._cover_pages_by_batch = lambda: remaining_covers
        letters, covers = (
            iter(layouts.take_pages(batch.letters)),
            iter(self._cover_pages_by_batch()[batch.number]),
        )
        pages = [
            (piece.title, next(covers if piece.is_cover else letters)) for piece in file.pieces
        ]
        front_sides = self._plan.options.two_sided
        return join_pdf_pages(pages, f"{self._title} {batch.name}", front_sides=front_sides)

    def _cover_pages(
        self, batches: Sequence[Batch], layouts: LetterPages
    ) -> dict[int, Sequence[PdfPages]]:
        """Return the pages of cover sheets, by the number of the print file."""
        covers: dict[int, list[bytes]] = {}
        for batch in batches:
            with suppress(StorageError):  # its letters have changed, so it is not created
                pieces = self._pieces(batch)[1]
                data = (piece.data for piece in pieces)
                covers[batch.number] = [
                    piece_data for piece_data in data if isinstance(piece_data, bytes)
                ]
        laid_out = iter(layouts.lay_out_covers([*chain(*covers.values())]))
        return {
            number: [*islice(laid_out, len(covers_of_batch))]
            for number, covers_of_batch in covers.items()
        }

    def _remove_drafts(self, *names: str) -> None:
        """Remove files from the draft folder."""
        for name in names:
            delete_file(self._folder.draft / name)
            self.result.files.remove(name)

    def _record(self, letter: PrintableLetter, batch: Batch) -> PrintRecord:
        """Return the record of a letter in a print file."""
        fingerprint, print_file = (
            self._plan.fingerprints[letter.id],
            PrintedBatch(batch.number, self._moment),
        )
        return PrintRecord(
            letter.id,
            print_file,
            fingerprint.output,
            *fingerprint.file_state,
            inputs=letter.inputs_digest,
        )

    def _combine(self, batch: Batch) -> _BatchFile | None:
        """Return a print file of verified letters.

        Return None if a letter is missing or has changed.
        """
        try:
            base, pieces = self._pieces(batch)
            combined = combine_letters(
                map(self._source, pieces), base, f"{self._title} {batch.name}"
            )
        except StorageError as error:
            changed_problems = self._changed_letter_problems(
                [paged_letter.letter for paged_letter in batch.letters]
            )
            self.result.problems += dict.fromkeys((*error.problems, *changed_problems))
            return None
        self.result.problems += combined.problems
        return _BatchFile(batch, combined.data, pieces)

    def _pieces(self, batch: Batch) -> tuple[SourceFile, Sequence[_UnreadPiece]]:
        """Return a typical letter, and the letters and covers of a print file.

        Raise StorageError if a letter is missing or has changed.
        """
        letters = [paged_letter.letter for paged_letter in batch.letters]
        typical_letter = next((letter for letter in letters if letter.is_unmodified), letters[0])
        base, how = SourceFile("", self._read_verified(typical_letter)), self._plan.options
        paper, paper_of = paper_size_of(base.data), self._paper_of
        names = (paper_of(letter).name for letter in letters)
        others = Counter(name for name in names if name != paper.name)
        first = render_first_page(batch, how, self._title, paper, others.items())
        return base, [*_pieces(batch, how, self._title, paper, first)]

    def _source(self, piece: _UnreadPiece) -> SourceFile:
        """Return a letter or cover with its bytes."""
        self._task.raise_if_cancelled()
        if isinstance(piece.data, bytes):
            data = piece.data
        else:
            data = self._read_verified(piece.data)
            self._task.advance(self._docx_share)
        return SourceFile(piece.name, data, piece.on_front, piece.pages)

    def _changed_letter_problems(self, letters: Sequence[PrintableLetter]) -> Iterator[Problem]:
        """Yield the problems of letters that are missing or have changed."""
        for letter in letters:
            self._task.raise_if_cancelled()
            try:
                self._read_verified(letter)
            except StorageError as error:
                yield from error.problems

    @property
    def _title(self) -> str:
        return campaign_title(self._campaign)

    def _create_posting_files(self, letter_folder: LetterFolder, ledger: Ledger) -> Iterator[str]:
        """Create the files of envelopes, labels and parcels, and PDFs of them."""
        files = dict[str, bytes]()
        for name, data in self._posting_files(ledger):
            files[name] = data
            yield self._add_file(letter_folder, f"{name}.docx", data)
        if self._order.pdf and self._writer:
            for name, pages in self._pdf_pages(files, self._writer):
                pdf = join_pdf_pages([(name, pages)], f"{self._title} {name}", front_sides=False)
                yield self._add_file(letter_folder, f"{name}.pdf", pdf)

    def _pdf_pages(
        self, files: Mapping[str, bytes], writer: LibreOffice
    ) -> Iterator[tuple[str, PdfPages]]:
        """Yield the PDF pages of files for posting; report those without any."""
        documents = ((data, len(self._plan.letters)) for data in files.values())
        pdfs = writer.convert_to_pdfs(documents, self._task.raise_if_cancelled)
        for name, pdf in zip(files, pdfs, strict=True):
            if pdf is None:
                self.result.problems.append(layout_failed(f"{name}.docx"))
                continue
            with open_pdf(pdf, name) as reader:
                yield name, PdfPages(OfficePdf(pdf), 0, len(reader.pages))

    def _posting_files(self, ledger: Ledger) -> Iterator[tuple[str, bytes]]:
        """Yield the names and contents of the files for posting."""
        order = self._order
        address_book = AddressBook(self._campaign, return_to_signer=order.return_to_signer)
        letters = self._bound_letters if order.with_letters else self._plan.letters
        addressed = []
        if order.envelopes or order.labels:
            addressed = [*map(address_book.address_of, letters)]
        if addressed and order.envelopes:
            stock = ENVELOPES[order.envelopes]
            self.result.problems += envelope_problems(addressed, stock)
            yield f"Envelopes {stock.name}", make_envelopes(addressed, stock)
        if addressed and order.labels:
            sheet = LABELS[order.labels]
            self.result.problems += label_problems(addressed, sheet)
            yield f"Labels {sheet.name}", make_labels(addressed, sheet, order.start)
        if order.parcels:
            if not order.with_letters:
                unprinted_ids = {letter.id for letter in letters_in_no_batch(ledger, letters)}
                letters = [letter for letter in letters if letter.id not in unprinted_ids]
            parcel_list = build_parcels(address_book, self._plan.candidates.candidates, letters)
            if parcel_list:
                yield "Parcels", make_parcels(parcel_list, self._paper, self._title)
            else:
                self.result.problems.append(
                    messages.problem("parcels-empty", option_place("parcels"))
                )
        if order.has_addresses:
            self.result.problems += address_book.problems

    @property
    def _paper(self) -> Literal["A4", "Letter"]:
        """The paper size for posting files: that of the letters, else A4."""
        for letter in self._plan.letters[:1]:
            with suppress(StorageError):
                return (
                    "Letter"
                    if paper_size_of(self._read_verified(letter)).name == "Letter"
                    else "A4"
                )
        return "A4"


@dataclass(frozen=True, slots=True)
class _UnreadPiece:
    """A piece of a print file before it is read; `title` is for the outline."""

    title: str
    name: str
    data: bytes | PrintableLetter
    on_front: bool
    pages: int = 0

    @property
    def is_cover(self) -> bool:
        """Whether the piece of a print file is a cover sheet, not a letter."""
        return isinstance(self.data, bytes)


@dataclass(frozen=True, slots=True)
class _BatchFile:
    """A combined print file: the bytes of its .docx, and its pieces."""

    batch: Batch
    docx: bytes
    pieces: Sequence[_UnreadPiece]


def _pieces(
    batch: Batch, how: BatchOptions, title: str, paper: PaperSize, first_page: bytes
) -> Iterator[_UnreadPiece]:
    front = how.two_sided
    if batch.cover_sheets:
        yield _UnreadPiece(batch.name, "first page", first_page, front)
    for number, group in enumerate(batch.groups):
        if group.cover_sheets:
            page = render_cover_sheet(batch, number, how, title, paper)
            yield _UnreadPiece(str(group.person.label), "cover", page, front)
        for paged_letter in group.letters:
            letter, pair = paged_letter.letter, paged_letter.letter.pair
            title_in_outline = f"{pair.signer.label} to {pair.recipient.label}"
            yield _UnreadPiece(
                title=title_in_outline,
                name=short_path(letter.path),
                data=letter,
                on_front=front,
                pages=paged_letter.pages,
            )
