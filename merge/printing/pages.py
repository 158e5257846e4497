"""The pages of letters: how many they take, whether there is room to sign, on which paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from merge import messages
from merge.disk import short_path
from merge.errors import StorageError, UsageError
from merge.letter_status import FinishedLetter
from merge.ooxml.new_docx import MM_PER_POINT
from merge.ooxml.package_builder import SourceDocument, SourceFile
from merge.printing.batches import PagedLetter
from merge.printing.combine.letter import combine_letters, letter_bookmark, signature_bookmark
from merge.printing.libreoffice import (
    LibreOffice,
    OfficePdf,
    PdfPages,
    destination_name,
    layout_failed,
    open_pdf,
    process_count,
    read_letter,
)
from merge.printing.page_text import PageText, PdfFont
from merge.problems import Place, Problem

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import Destination

_COLUMN_REACH = 100
"""Points to either side of where a name begins; what lies further off is another column."""

_LINE_TOLERANCE = 4  # Points: what lies no further apart is one line
_MAX_CLOSING_LINES = 2  # Lines that are no company for a name: `Yours sincerely,` and one more


@dataclass(frozen=True, slots=True)
class PageFit:
    """A letter's fit: how it lies on its pages.

    `lone_signature`: the typed name begins a page, or only the closing stands above it there.
    `room_mm` is the height between the typed name and the line above it; None where nothing
    stands above it on its page, or the letter has no typed name.
    """

    letter: FinishedLetter
    pages: int
    lone_signature: bool = False
    room_mm: float | None = None


class TaskProgress(Protocol):
    """Who looks at long work: is told what is done, and may ask for a stop."""

    def advance(self, number: int = 1, /) -> object:
        """Count what is done."""

    def raise_if_cancelled(self) -> object:
        """Raise where the work is to stop."""


class _NoProgress:
    """Nobody looks."""

    def advance(self, number: int = 1, /) -> None:
        """Do nothing."""

    def raise_if_cancelled(self) -> None:
        """Do nothing."""


NO_PROGRESS: TaskProgress = _NoProgress()


class LetterPages:
    """Letters and covers as LibreOffice lays them out, many in one file and several files at once.

    `read` gives a letter's bytes; `watch` counts the letters that are measured, and may ask for a
    stop. With `keeps` their pages are held, for `take_pages`.
    """

    def __init__(
        self,
        libreoffice: LibreOffice,
        read: Callable[[FinishedLetter], bytes] = lambda letter: read_letter(letter.path),
        progress: TaskProgress = NO_PROGRESS,
        *,
        keep_pages: bool = False,
    ) -> None:
        self.libreoffice, self._read, self._progress, self._keep_pages = (
            libreoffice,
            read,
            progress,
            keep_pages,
        )
        self._pages_by_path: dict[Path, tuple[int, PdfPages]] = {}
        """By the letters' paths, with the number of pages that fields in them say."""
        self._expected_pages = 1
        """Pages that a letter is taken to have before they are counted."""

    def measure(self, letters: Sequence[FinishedLetter]) -> tuple[list[PageFit], list[Problem]]:
        """Return the fits of all letters that can be laid out, and what is wrong with the others.

        What a field in a letter says that counts its pages takes no other room when it is right.
        """
        fits, odd = list[PageFit](), list[Problem]()
        laid_out = self._lay_out(
            letters, lambda letter: self._source_file(letter, self._expected_pages), odd
        )
        for letter, found in zip(letters, laid_out, strict=True):
            self._progress.advance()
            if found is None:
                continue
            fits.append(
                PageFit(letter, found.pages.page_count, found.lone_signature, found.room_mm)
            )
            self._expected_pages = found.pages.page_count
            if self._keep_pages:
                self._pages_by_path[letter.path] = found.field_pages, found.pages
        return fits, odd

    @property
    def has_pages(self) -> bool:
        """Whether it holds pages."""
        return bool(self._pages_by_path)

    def take_pages(self, letters: Sequence[PagedLetter]) -> list[PdfPages]:
        """Return the pages of letters whose number is known; they are held no longer.

        Raise StorageError that names all that cannot be laid out.
        """
        missing = [
            one for one in letters if self._pages_by_path.get(one.letter.path, (0,))[0] != one.pages
        ]
        laid_out = self._lay_out_all(missing, lambda one: self._source_file(one.letter, one.pages))
        for one, found in zip(missing, laid_out, strict=True):
            self._pages_by_path[one.letter.path] = one.pages, found.pages
        return [self._pages_by_path.pop(one.letter.path)[1] for one in letters]

    def lay_out_covers(self, covers: Sequence[bytes]) -> list[PdfPages]:
        """Return the pages of covers. Raise StorageError as above.

        One start lays out as many as it can, since batches are put together meanwhile.
        """
        size = max(_MIN_COVERS_PER_FILE, _items_per_file(len(covers)))
        found = self._lay_out_all(covers, lambda data: SourceFile("cover", data), size)
        return [each.pages for each in found]

    def _source_file(self, letter: FinishedLetter, pages: int) -> SourceFile:
        name, signer = short_path(letter.path), str(letter.pair.signer.name)
        return SourceFile(name, self._read(letter), page_count=pages, signer=signer)

    def _lay_out_all(
        self, items: Sequence[_Item], source: Callable[[_Item], SourceFile], size: int = 0
    ) -> list[_ItemLayout]:
        """Return how each item lies. Raise StorageError that names all that cannot be laid out."""
        odd: list[Problem] = []
        found = [*self._lay_out(items, source, odd, size)]
        if odd:
            raise StorageError(odd)
        return [each for each in found if each]

    def _lay_out(
        self,
        items: Sequence[_Item],
        source: Callable[[_Item], SourceFile],
        odd: list[Problem],
        size: int = 0,
    ) -> Iterator[_ItemLayout | None]:
        """Yield how each item lies; None where that cannot be told: why is added to `odd`.

        As many stand in a file as `size`. What cannot stand in one file with the others, or would
        lose something in it that tells how it lies, is tried apart from them.
        """
        size = size or _items_per_file(len(items))
        groups = [items[at : at + size] for at in range(0, len(items), size)]
        files: list[_LayoutFile] = []

        def documents() -> Iterator[tuple[bytes, int]]:
            for group in groups:
                self._progress.raise_if_cancelled()
                files.append(_join_items(group, source))
                yield files[-1].data, len(group)

        pdfs = self.libreoffice.convert_to_pdfs(documents(), self._progress.raise_if_cancelled)
        for group, pdf, (_, pieces, unread) in zip(groups, pdfs, files, strict=True):
            found, faults = _read_layouts(pdf, pieces) if pdf else ((), unread)
            if found:
                yield from found
            elif len(group) > 1:
                yield from self._lay_out_separately(group, source, odd)
            else:
                odd += faults or [layout_failed(pieces[0][0])]
                yield None

    def _lay_out_separately(
        self, items: Sequence[_Item], source: Callable[[_Item], SourceFile], odd: list[Problem]
    ) -> Iterator[_ItemLayout | None]:
        """Yield how items lie that cannot stand in one file: those of a kind, or halves of them."""
        kinds = defaultdict[bytes | None, list[int]](list)
        for number, item in enumerate(items):
            kinds[_shared_parts(item, source)].append(number)
        parts = [*kinds.values()]
        if len(parts) == 1:
            (numbers,) = parts
            middle = len(numbers) // 2
            parts = [numbers[:middle], numbers[middle:]]
        found = dict[int, _ItemLayout | None]()
        for numbers in parts:
            own = [items[number] for number in numbers]
            found |= zip(numbers, self._lay_out(own, source, odd, len(own)), strict=True)
        yield from (found[number] for number in range(len(items)))


class _LayoutFile(NamedTuple):
    """Letters as one file; no bytes where they cannot be put into one as they are.

    `pieces` are their names, and the pages that fields in them say; `unread` is why one cannot be
    read.
    """

    data: bytes
    items: Sequence[tuple[str, int]]
    problems: Sequence[Problem]


def _join_items(items: Sequence[_Item], source: Callable[[_Item], SourceFile]) -> _LayoutFile:
    """Return items in one file, where each lies in it as it does alone."""
    pieces: list[tuple[str, int]] = []
    try:
        sources = [*map(source, items)]
        pieces += ((each.name, each.page_count) for each in sources)
        whole = combine_letters(sources, sources[0])
    except StorageError as error:
        return _LayoutFile(b"", pieces, error.problems)
    except UsageError:  # too many lists
        return _LayoutFile(b"", pieces, ())
    loses = any(problem.code == "letter-settings" for problem in whole.problems)
    return _LayoutFile(b"" if loses else whole.data, pieces, ())


def _shared_parts(item: _Item, source: Callable[[_Item], SourceFile]) -> bytes | None:
    """Return the parts of a letter that a file has once for all its letters; None of a damaged."""
    try:
        document = SourceDocument(source(item))
    except StorageError:
        return None
    return document.related_bytes("settings") + b"\0" + document.related_bytes("theme")


_Item = TypeVar("_Item")

_MAX_LETTERS_PER_FILE, _MIN_LETTERS_PER_FILE, _MIN_COVERS_PER_FILE = 250, 20, 300
"""Letters in one file, and covers. A start of LibreOffice took 0.3 s of a processor, the first with
a profile 0.45 s, a letter of one page 6 ms, a cover 4 ms, putting a letter into a .docx 1.5 ms."""


def _items_per_file(number: int) -> int:
    """Return how many go into a file, so that each processor gets as many files."""
    rounds = -(-number // (process_count() * _MAX_LETTERS_PER_FILE))
    return max(_MIN_LETTERS_PER_FILE, -(-number // (process_count() * max(1, rounds))))


class _ItemLayout(NamedTuple):
    """How a letter lies: its pages, and the number that fields in it say."""

    pages: PdfPages
    field_pages: int
    lone_signature: bool
    room_mm: float | None


def _read_layouts(
    pdf: bytes, pieces: Sequence[tuple[str, int]]
) -> tuple[Sequence[_ItemLayout], Sequence[Problem]]:
    """Return how each letter of a file lies, by what they are called and what fields in them say.

    Nothing but problems where the PDF is odd, or a letter does not begin on a page of its own.
    """
    try:
        with open_pdf(pdf, pieces[0][0]) as reader:
            return [*_item_layouts(pdf, reader, pieces)], ()
    except StorageError as error:
        return (), error.problems


def _item_layouts(
    pdf: bytes, reader: PdfReader, pieces: Sequence[tuple[str, int]]
) -> Iterator[_ItemLayout]:
    places, fonts = reader.named_destinations, dict[str, PdfFont]()
    made = OfficePdf(pdf)
    marks = [letter_bookmark(number) for number in range(1, len(pieces) + 1)]
    starts = [_page_number(reader, places.get(destination_name(mark))) for mark in marks]
    ends = (*starts[1:], len(reader.pages))
    for mark, (name, said), first, end in zip(marks, pieces, starts, ends, strict=True):
        if not 0 <= first < end:
            raise StorageError(messages.problem("pdf-misplaced", Place(name)))
        place = places.get(destination_name(signature_bookmark(mark)))
        is_lone, room = _measure_signature(reader, place, first, fonts) if place else (False, None)
        yield _ItemLayout(PdfPages(made, first, end - first), said, is_lone, room)


def _page_number(reader: PdfReader, place: Destination | None) -> int:
    number = None if place is None else reader.get_destination_page_number(place)
    return -1 if number is None else number


def _measure_signature(
    reader: PdfReader, mark: Destination, first: int, fonts: dict[str, PdfFont]
) -> tuple[bool, float | None]:
    """Return whether the typed name stands alone on its page, and the millimetres above it."""
    number, left, top = _page_number(reader, mark), mark.left, mark.top
    if number < first or left is None or top is None:
        return False, None
    above = [p for p in PageText(reader.pages[number], fonts).pieces if p.baseline >= top]
    heights = sorted(piece.baseline for piece in above)
    lines = sum(b - a > _LINE_TOLERANCE for a, b in pairwise((-inf, *heights)))
    near = [
        p.bottom for p in above if p.left < left + _COLUMN_REACH and p.right > left - _COLUMN_REACH
    ]
    room = round((min(near) - top) * MM_PER_POINT, 1) if near else None
    return number > first and lines <= _MAX_CLOSING_LINES, room
