"""Letters onto paper: which are ready, their batches, what goes round them, and the record of it.

`plan_printing` puts the letters that may be printed into batches; a `PrintRun` makes the files and
writes down what is in them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from merge import messages
from merge.campaign.addressing import AddressFinder, build_parcels
from merge.campaign.campaign import Campaign, read_again
from merge.campaign.candidates import (
    Look,
    PrintCandidate,
    PrintCandidates,
    find_candidates,
    look_at,
    same_bytes,
)
from merge.campaign.errand import UNWATCHED, Errand, Stopped
from merge.campaign.letters_order import LettersOrder
from merge.campaign.missing_fonts import font_warnings
from merge.campaign.places import PRINT_FOLDER
from merge.campaign.printed import (
    BatchFolder,
    changed_since,
    in_no_batch,
    settle_drafts,
    tell_register,
)
from merge.campaign.title import title_of, title_problems
from merge.campaign.view import look
from merge.disk import FileState, file_state, short_path
from merge.errors import StorageError, UsageError
from merge.letter_status import Decision, FinishedLetter
from merge.ooxml.blank import PaperSize
from merge.ooxml.package import SourceFile
from merge.printing.batches import (
    Batch,
    BatchOptions,
    Grouping,
    PagedLetter,
    Side,
    batches,
    cover,
    first_page,
    needs_two_sides,
    too_thick,
)
from merge.printing.combine.letter import combine
from merge.printing.envelopes import ENVELOPES, envelope_problems, envelopes
from merge.printing.labels import LABELS, check_start, label_problems, labels
from merge.printing.libreoffice import LaidOut, LibreOffice, bound
from merge.printing.pages import LetterPages, PageFit, layout_warnings
from merge.printing.paper import paper_of
from merge.printing.parcels import parcels
from merge.problems import Problem, option_place
from merge.product import LETTERS_FOLDER, REGISTER_FILE
from merge.state.files import Outbox, read_file
from merge.state.ledger import (
    ChangeSet,
    LayoutRecord,
    Ledger,
    PdfRecord,
    PrintedBatch,
    PrintRecord,
    ledger_to_read,
    open_ledger,
    several,
)


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
        letters = Outbox(self._campaign.folder / LETTERS_FOLDER)
        prints = Outbox(self._folder.parent)
        with (
            letters.open(on_wait, self._errand.check),
            prints.open(on_wait, self._errand.check),
        ):
            if self._prepared.standing != _standing(self._campaign):
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
            yield _UnreadPiece(title_in_outline, short_path(letter.path), letter, front, one.pages)


# The plan: which letters, in which batches, and what is to be settled first.


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
        target = campaign.folder / LETTERS_FOLDER
        return LettersOrder(target, self.names, accept=self.accept, decisions=self.decisions)


class _Standing(NamedTuple):
    """What other runs write down of letters, by which it is chosen what is printed."""

    batches: Mapping[str, PrintedBatch]
    on_paper: Mapping[str, AbstractSet[str]]
    closed: dt.date | None
    register: FileState | None


def _standing(campaign: Campaign) -> _Standing:
    folder = campaign.folder
    register = file_state(str(folder / REGISTER_FILE))
    with ledger_to_read(folder / LETTERS_FOLDER) as ledger:
        return _Standing(ledger.batches(), ledger.on_paper(), ledger.closed, register)


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
    standing: _Standing | None = None
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
    standing = _standing(campaign)
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
        fits, unfit = _measured(campaign, letters, looks, layouts, errand)
        errors += unfit
        pages = [PagedLetter(each.letter, each.pages) for each in fits]
        fit = (*layout_warnings(fits, limit), *_boxes(letters, looks, writer, order))
    both = needs_two_sides(pages) if order.two_sided is None else order.two_sided
    sort_by = campaign.workbook.settings.sort_by
    how = BatchOptions(
        two_sided=both,
        sheets=order.sheets,
        by=order.by,
        grouping=order.grouping,
        sort_by=sort_by,
        covers=order.covers,
    )
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


def _measured(
    campaign: Campaign,
    letters: Sequence[FinishedLetter],
    looks: Mapping[str, Look],
    layouts: LetterPages,
    errand: Errand,
) -> tuple[list[PageFit], list[Problem]]:
    """Return how letters lie on their pages, and why some cannot be laid out.

    Those that lie as they did are not laid out again.
    """
    folder, now = campaign.folder / LETTERS_FOLDER, layouts.libreoffice.looks()
    seen = {letter.id: _seen(letter, looks[letter.id], now) for letter in letters}
    before: dict[str, PageFit] = {}
    with ledger_to_read(folder) as ledger:
        for some in several(letters):
            known = ledger.layouts([letter.id for letter in some])
            for letter in some:
                was = known.get(letter.id)
                if was and was.seen == seen[letter.id]:
                    fit = PageFit(letter, was.pages, bool(was.lone_signature), was.room_mm)
                    before[letter.id] = fit
    errand.total(len(letters), "Pages counted")
    errand.done(len(before))
    fits, unfit = layouts.measure([letter for letter in letters if letter.id not in before])
    new = {fit.letter.id: fit for fit in fits}
    _remember(folder, [_record(seen[i], fit) for i, fit in new.items() if seen[i]])
    every = before | new
    return [every[letter.id] for letter in letters if letter.id in every], unfit


def _seen(letter: FinishedLetter, look: Look, now: bytes) -> bytes:
    """Return a hash of what a letter's layout hangs on; empty where its file is odd."""
    said = look.output + now + str(letter.pair.signer.name).encode()
    return hashlib.sha256(said).digest()[:16] if look.output else b""


def _record(seen: bytes, fit: PageFit) -> LayoutRecord:
    return LayoutRecord(
        id=fit.letter.id,
        seen=seen,
        pages=fit.pages,
        lone_signature=fit.lone_signature,
        room_mm=fit.room_mm,
    )


def _remember(folder: Path, layouts: list[LayoutRecord]) -> None:
    """Write down how letters lie; not where another run is at work: it is counted again then."""
    outbox = Outbox(folder)
    with (
        suppress(StorageError, Stopped),
        outbox.open(check=_do_not_wait),
        closing(open_ledger(folder)) as ledger,
    ):
        ledger.commit(ChangeSet(layouts=layouts))


def _do_not_wait() -> None:
    raise Stopped


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
    with ledger_to_read(campaign.folder / LETTERS_FOLDER) as ledger:
        due = {one.id for one in (*in_no_batch(ledger, letters), *changed_since(ledger, letters))}
    return [one for one in candidates if one.letter is None or one.id in due]
