"""Letters onto paper: which are ready, their batches, what goes round them, and the record of it.

`plan_printing` puts the letters that may be printed into batches; a `PrintRun` makes the files and
writes down what is in them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from merge.campaign.addressing import AddressFinder, build_parcels
from merge.campaign.campaign import (
    LETTERS_FOLDER,
    PRINT_FOLDER,
    Campaign,
)
from merge.campaign.candidates import PrintCandidate, PrintCandidates, find_candidates
from merge.campaign.printed import changed_since, in_no_batch, print_record, record_printed
from merge.campaign.starter import SAMPLE_TITLE
from merge.disk import DRAFT, free_name, short_path
from merge.model import (
    FinishedLetter,
    Place,
    Problem,
    UsageError,
)
from merge.ooxml.blank import PaperSize
from merge.ooxml.package import SourceFile
from merge.printing.addresses import (
    ENVELOPES,
    LABELS,
    check_start,
    envelope_problems,
    envelopes,
    label_problems,
    labels,
    parcels,
)
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
from merge.printing.libreoffice import LibreOffice, batch_pdf
from merge.printing.pages import layout_warnings, measure, paper_of
from merge.state.files import Outbox
from merge.state.ledger import PrintRecord, read_ledger
from merge.workbook.settings import Settings

_NO_PARCELS = Problem(
    "parcels-empty",
    Place("--parcels"),
    "no letter is in a batch or on paper that is not posted yet: nothing is for a parcel.",
    "Print the letters first: leave out --no-letters.",
    "warning",
)


@dataclass(slots=True)
class PrintResult:
    """The files made, in their folder, and what is to be reported of them."""

    folder: Path
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class PrintRun:
    """Makes the files of a plan. Nothing that is there is ever replaced."""

    def __init__(
        self, campaign: Campaign, order: PrintOrder, prepared: PrintPlan, writer: LibreOffice | None
    ) -> None:
        self._campaign, self._order, self._prepared = campaign, order, prepared
        self._writer = writer
        now = dt.datetime.now().astimezone()
        self._when = f"{now.day} {now:%b %Y}, {now:%H.%M}"
        self._printed: list[PrintRecord] = []
        self.made = PrintResult(campaign.folder / PRINT_FOLDER / f"{now:%Y-%m-%d %H.%M.%S}")

    def __iter__(self) -> Iterator[str]:
        """Make file after file; yield the name of each when it is done."""
        with Outbox(self.made.folder.parent).open() as outbox:
            outbox.sweep(_leftovers(outbox.folder))
            folder = self.made.folder
            self.made.folder = folder.with_name(free_name(folder.parent, folder.name))
            try:
                for batch in self._prepared.batches if self._order.with_letters else ():
                    yield from self._batch(batch, outbox)
                yield from self._addresses_and_parcels(outbox)
            finally:  # what was made may be printed, though the rest could not be made
                if self._printed:
                    found = self._prepared.found
                    self.made.problems += record_printed(
                        self._campaign, self._printed, found.steps, found.current_ids
                    )

    def _put(self, outbox: Outbox, name: str, data: bytes) -> str:
        outbox.put(PurePosixPath(self.made.folder.name) / name, data)
        self.made.files.append(name)
        return name

    def _batch(self, batch: Batch, outbox: Outbox) -> Iterator[str]:
        how, two_sided = self._prepared.how, self._prepared.how.two_sided
        letters = [one.letter for one in batch.letters]
        # before they are read: an edit that comes in between asks to be printed again
        printed = [print_record(letter, f"{batch.number:02}, {self._when}") for letter in letters]
        usual = next((letter for letter in letters if letter.made), letters[0])
        base = SourceFile("", usual.path.read_bytes())
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

    def _addresses_and_parcels(self, outbox: Outbox) -> Iterator[str]:
        """Make what goes round the letters."""
        order, letters = self._order, self._prepared.letters
        outsides = AddressFinder(self._campaign, return_to_signer=order.return_to_signer)
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
            sent = build_parcels(outsides, self._prepared.found.candidates, printed)
            if sent:
                yield self._put(outbox, "Parcels.docx", parcels(sent, self._paper, self._title))
            else:
                self.made.problems.append(_NO_PARCELS)
        self.made.problems += outsides.problems

    def _in_batches(self, letters: Sequence[FinishedLetter]) -> list[FinishedLetter]:
        """Return those that were put into a batch."""
        with closing(read_ledger(self._campaign.folder / LETTERS_FOLDER)) as ledger:
            without = {letter.id for letter in in_no_batch(ledger, letters)}
        return [letter for letter in letters if letter.id not in without]

    @property
    def _paper(self) -> Literal["A4", "Letter"]:
        """The paper that the letters are written for, as far as it can be bought."""
        letters = self._prepared.letters
        own = paper_of(letters[0].path.read_bytes()).name if letters else "A4"
        return "Letter" if own == "Letter" else "A4"


def _leftovers(folder: Path) -> list[str]:
    """Return the temporary files of a run that was killed."""
    begins, ends = DRAFT
    return [str(p.relative_to(folder)) for p in folder.glob(f"*/{begins}*{ends}")]


@dataclass(frozen=True, slots=True)
class _UnreadPiece:
    """A piece of a batch before it is read: its title in the outline."""

    title: str
    name: str
    data: bytes | Path
    front: bool
    pages: int = 0

    def piece(self) -> SourceFile:
        """Return it, read from its file if it is a letter."""
        data = self.data if isinstance(self.data, bytes) else self.data.read_bytes()
        return SourceFile(self.name, data, self.front, self.pages)


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
            pair, path = one.letter.pair, one.letter.path
            title_in_outline = f"{pair.signer.label} to {pair.recipient.label}"
            yield _UnreadPiece(title_in_outline, short_path(path), path, front, one.pages)


# The plan: which letters, in which batches, and what is to be settled first.


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """The letters that are to be printed, and how.

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
class PrintPlan:
    """The batches to be printed. `problems` hold errors where something must be settled first.

    `counted`: pages were counted by LibreOffice; else each letter is taken to have as many as the
    setting Pages says. `passed` letters are left out because they are `order.stage` already.
    """

    found: PrintCandidates
    batches: tuple[Batch, ...]
    how: BatchOptions
    problems: tuple[Problem, ...]
    counted: bool
    past_stage: int

    @property
    def letters(self) -> list[FinishedLetter]:
        """All letters, in the order in which they are printed."""
        return [one.letter for batch in self.batches for one in batch.letters]


PageProgress = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Given the number of letters, opens a bar that is moved on by as many as were counted."""


def _uncounted(_: int) -> AbstractContextManager[Callable[[int], None]]:
    """Count without a bar."""
    return nullcontext(lambda _: None)


def plan_printing(
    campaign: Campaign,
    order: PrintOrder,
    writer: LibreOffice | None,
    counting: PageProgress = _uncounted,
) -> PrintPlan:
    """Choose the letters, count their pages, put them into batches; nothing is written.

    Raise UsageError where what was ordered cannot be made.
    """
    _check(campaign, order)
    found = find_candidates(campaign, order.names, order.accept)
    chosen = asked = found.before(order.stage)  # whether or not something stands in the way
    if order.since_last:
        chosen = _new_or_changed(campaign, asked)
    errors = [*dict.fromkeys(problem for one in chosen for problem in one.problems)]
    letters = [one.letter for one in chosen if one.letter and not one.problems]
    limit = campaign.workbook.settings.pages
    pages = [PagedLetter(letter, limit) for letter in letters]
    fit: tuple[Problem, ...] = ()
    if writer and letters and order.with_letters and (order.leave_out_faulty or not errors):
        with counting(len(letters)) as counted:
            fits = measure(letters, writer, counted)
        pages = [PagedLetter(each.letter, each.pages) for each in fits]
        fit = layout_warnings(fits, limit)
    both = needs_two_sides(pages) if order.two_sided is None else order.two_sided
    sort_by = campaign.workbook.settings.sort_by
    how = BatchOptions(both, order.sheets, order.by, order.grouping, sort_by, order.covers)
    made = tuple(batches(pages, how))
    if order.leave_out_faulty:
        errors = [replace(problem, level="warning") for problem in errors]
    titled = order.with_letters and order.covers and letters
    title = _sample_title(campaign.workbook.settings) if titled else ()
    problems = (*title, *found.problems, *errors, *fit, *too_thick(made, how))
    passed = len(found.candidates) - len(asked)
    return PrintPlan(found, made, how, problems, writer is not None, passed)


def _sample_title(settings: Settings) -> Iterator[Problem]:
    """Yield the warning that the covers would show the title of the sample."""
    if settings.campaign == SAMPLE_TITLE:
        what = "the covers show the title of the sample, not your campaign's."
        hint = "Write your own title there, then print."
        place = settings.place("campaign")
        yield Problem("campaign-untitled", place, what, hint, "warning")


def _check(campaign: Campaign, order: PrintOrder) -> None:
    if order.labels:
        check_start(LABELS[order.labels], order.start)
    chosen = campaign.chosen(order.names)
    if order.parcels and chosen.signers is not None:
        what = "a parcel holds all letters to a recipient, and this would be some signers' only."
        hint = "Name recipients only, or leave out --parcels."
        raise UsageError(Problem("parcels-in-part", Place("--parcels"), what, hint))


def _new_or_changed(
    campaign: Campaign, candidates: Sequence[PrintCandidate]
) -> list[PrintCandidate]:
    """Return those that were in no batch yet, or changed after it, or have no file."""
    letters = [one.letter for one in candidates if one.letter]
    with closing(read_ledger(campaign.folder / LETTERS_FOLDER)) as ledger:
        due = {one.id for one in (*in_no_batch(ledger, letters), *changed_since(ledger, letters))}
    return [one for one in candidates if one.letter is None or one.id in due]
