"""The pages of letters: their number, and the space above the signature."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from merge import messages
from merge.disk import short_path
from merge.errors import StorageError, UsageError
from merge.letter_status import PrintableLetter
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
from merge.problems import Place, Problem

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader
    from pypdf.generic import Destination

_COLUMN_REACH = 100
"""Points to the left and right of the start of a name.

Text further away is in another column.
"""

_LINE_TOLERANCE = 4  # Points: text with no larger distance is on one line
_MAX_CLOSING_LINES = 2  # Lines that may be above a lone signature: `Yours sincerely,` and one more


@dataclass(frozen=True, slots=True)
class PageFit:
    """A letter's layout on its pages.

    `lone_signature`: the typed name begins a page, or has only the closing above it there.
    `room_mm` is the height between the typed name and the line above it. It is None if no line is
    above it on its page, or the letter has no typed name.
    """

    letter: PrintableLetter
    pages: int
    lone_signature: bool = False
    room_mm: float | None = None


class TaskProgress(Protocol):
    """Progress reporting and cancellation for long work."""

    def advance(self, number: int = 1, /) -> object:
        """Add a number of finished items to the progress."""

    def raise_if_cancelled(self) -> object:
        """Raise an error if the work was cancelled."""


class _NoProgress:
    """Progress that nothing observes."""

    def advance(self, number: int = 1, /) -> None:
        """Ignore the number: no one shows the progress."""

    def raise_if_cancelled(self) -> None:
        """Return at once: no one can cancel the work."""


NO_PROGRESS: TaskProgress = _NoProgress()


class LetterPages:
    """The layout of letters and cover sheets, measured with LibreOffice.

    Many are in one file, and several files are laid out at the same time. `read` returns a letter's
    bytes. `progress` counts measured letters, and can cancel. If `keep_pages`, their pages are kept
    for `take_pages`.
    """

    def __init__(
        self,
        libreoffice: LibreOffice,
        read: Callable[[PrintableLetter], bytes] = lambda letter: read_letter(letter.path),
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
        """Pages by the letters' paths, with the page count that their fields show."""
        self._expected_pages = 1
        """Pages that a letter is assumed to have before they are counted."""

    def measure(self, letters: Sequence[PrintableLetter]) -> tuple[list[PageFit], list[Problem]]:
        """Return the page layouts of letters, and problems of letters with none.

        Page counts in a letter's fields need the same space, right or assumed.
        """
        fits, problems = list[PageFit](), list[Problem]()
        laid_out = self._lay_out(
            letters, lambda letter: self._source_file(letter, self._expected_pages), problems
        )
        for letter, layout in zip(letters, laid_out, strict=True):
            self._progress.advance()
            if layout is None:
                continue
            fits.append(
                PageFit(letter, layout.pages.page_count, layout.lone_signature, layout.room_mm)
            )
            self._expected_pages = layout.pages.page_count
            if self._keep_pages:
                self._pages_by_path[letter.path] = layout.field_pages, layout.pages
        return fits, problems

    @property
    def has_pages(self) -> bool:
        """Whether laid-out PDF pages of letters are kept for the print file."""
        return bool(self._pages_by_path)

    def take_pages(self, letters: Sequence[PagedLetter]) -> list[PdfPages]:
        """Return the PDF pages of letters whose page count is known.

        They are no longer kept. Raise StorageError with each letter that cannot be laid out.
        """
        missing = [
            paged
            for paged in letters
            if self._pages_by_path.get(paged.letter.path, (0,))[0] != paged.pages
        ]
        laid_out = self._lay_out_all(
            missing, lambda paged: self._source_file(paged.letter, paged.pages)
        )
        for paged, layout in zip(missing, laid_out, strict=True):
            self._pages_by_path[paged.letter.path] = paged.pages, layout.pages
        return [self._pages_by_path.pop(paged.letter.path)[1] for paged in letters]

    def lay_out_covers(self, covers: Sequence[bytes]) -> list[PdfPages]:
        """Return the PDF pages of cover sheets.

        Raise StorageError with each one that cannot be laid out. One start of LibreOffice gets as
        many as possible, because files are combined at the same time.
        """
        size = max(_MIN_COVERS_PER_FILE, _items_per_file(len(covers)))
        layouts = self._lay_out_all(covers, lambda data: SourceFile("cover", data), size)
        return [layout.pages for layout in layouts]

    def _source_file(self, letter: PrintableLetter, pages: int) -> SourceFile:
        name, signer = short_path(letter.path), str(letter.pair.signer.name)
        return SourceFile(name, self._read(letter), page_count=pages, signer=signer)

    def _lay_out_all(
        self, items: Sequence[_Item], source: Callable[[_Item], SourceFile], size: int = 0
    ) -> list[_ItemLayout]:
        """Return the page layout of each letter or cover sheet.

        Raise StorageError with each item that cannot be laid out.
        """
        problems: list[Problem] = []
        layouts = [*self._lay_out(items, source, problems, size)]
        if problems:
            raise StorageError(problems)
        return [layout for layout in layouts if layout]

    def _lay_out(
        self,
        items: Sequence[_Item],
        source: Callable[[_Item], SourceFile],
        problems: list[Problem],
        size: int = 0,
    ) -> Iterator[_ItemLayout | None]:
        """Yield each item's page layout, or None after adding a problem.

        A file has at most `size` items. Some items cannot be in one file with the others, or would
        lose something that affects their layout. These are tried separately.
        """
        size = size or _items_per_file(len(items))
        groups = [items[start : start + size] for start in range(0, len(items), size)]
        files: list[_LayoutFile] = []

        def documents() -> Iterator[tuple[bytes, int]]:
            for group in groups:
                self._progress.raise_if_cancelled()
                files.append(_join_items(group, source))
                yield files[-1].data, len(group)

        pdfs = self.libreoffice.convert_to_pdfs(documents(), self._progress.raise_if_cancelled)
        for group, pdf, (_, pieces, reasons) in zip(groups, pdfs, files, strict=True):
            layouts, faults = _read_layouts(pdf, pieces) if pdf else ((), reasons)
            if layouts:
                yield from layouts
            elif len(group) > 1:
                yield from self._lay_out_separately(group, source, problems)
            else:
                problems += faults or [layout_failed(pieces[0][0])]
                yield None

    def _lay_out_separately(
        self, items: Sequence[_Item], source: Callable[[_Item], SourceFile], problems: list[Problem]
    ) -> Iterator[_ItemLayout | None]:
        """Yield page layouts of items that cannot be combined in one file.

        They are divided by kind, or into halves.
        """
        kinds = defaultdict[bytes | None, list[int]](list)
        for number, item in enumerate(items):
            kinds[_shared_parts(item, source)].append(number)
        parts = [*kinds.values()]
        if len(parts) == 1:
            (numbers,) = parts
            middle = len(numbers) // 2
            parts = [numbers[:middle], numbers[middle:]]
        layouts = dict[int, _ItemLayout | None]()
        for numbers in parts:
            part = [items[number] for number in numbers]
            layouts |= zip(numbers, self._lay_out(part, source, problems, len(part)), strict=True)
        yield from (layouts[number] for number in range(len(items)))


class _LayoutFile(NamedTuple):
    """Items combined in one file; `data` is empty if this is impossible.

    `items` are their names and the page counts that their fields show. `problems` say why one is
    unreadable.
    """

    data: bytes
    items: Sequence[tuple[str, int]]
    problems: Sequence[Problem]


def _join_items(items: Sequence[_Item], source: Callable[[_Item], SourceFile]) -> _LayoutFile:
    """Return letters in one file, laid out as each letter by itself."""
    pieces: list[tuple[str, int]] = []
    try:
        sources = [*map(source, items)]
        pieces += ((file.name, file.page_count) for file in sources)
        combined = combine_letters(sources, sources[0])
    except StorageError as error:
        return _LayoutFile(b"", pieces, error.problems)
    except UsageError:  # there are too many lists
        return _LayoutFile(b"", pieces, ())
    loses_settings = any(problem.code == "letter-settings" for problem in combined.problems)
    return _LayoutFile(b"" if loses_settings else combined.data, pieces, ())


def _shared_parts(item: _Item, source: Callable[[_Item], SourceFile]) -> bytes | None:
    """Return a letter's parts that a .docx has once, or None if it is damaged."""
    try:
        document = SourceDocument(source(item))
    except StorageError:
        return None
    return document.related_bytes("settings") + b"\0" + document.related_bytes("theme")


_Item = TypeVar("_Item")

_MAX_LETTERS_PER_FILE, _MIN_LETTERS_PER_FILE, _MIN_COVERS_PER_FILE = 250, 20, 300
"""Letters in one file, and cover sheets.

A start of LibreOffice took 0.3 s of a processor, the first one with a profile 0.45 s. A letter of
one page took 6 ms, a cover sheet 4 ms, and adding a letter to a .docx 1.5 ms.
"""


def _items_per_file(number: int) -> int:
    """Return how many letters or cover sheets one file has for LibreOffice.

    With it, each processor gets the same number of files.
    """
    rounds = -(-number // (process_count() * _MAX_LETTERS_PER_FILE))
    return max(_MIN_LETTERS_PER_FILE, -(-number // (process_count() * max(1, rounds))))


class _ItemLayout(NamedTuple):
    """An item's layout. `field_pages` is the page count that its fields show."""

    pages: PdfPages
    field_pages: int
    lone_signature: bool
    room_mm: float | None


def _read_layouts(
    pdf: bytes, pieces: Sequence[tuple[str, int]]
) -> tuple[Sequence[_ItemLayout], Sequence[Problem]]:
    """Return the page layouts of letters, read from the PDF of all of them.

    Return only problems if the PDF is faulty, or a letter does not begin on a new page.
    """
    try:
        with open_pdf(pdf, pieces[0][0]) as reader:
            return [*_item_layouts(pdf, reader, pieces)], ()
    except StorageError as error:
        return (), error.problems


def _item_layouts(
    pdf: bytes, reader: PdfReader, pieces: Sequence[tuple[str, int]]
) -> Iterator[_ItemLayout]:
    places, fonts = reader.named_destinations, dict[str, _PdfFont]()
    source = OfficePdf(pdf)
    marks = [letter_bookmark(number) for number in range(1, len(pieces) + 1)]
    starts = [_page_number(reader, places.get(destination_name(mark))) for mark in marks]
    ends = (*starts[1:], len(reader.pages))
    for mark, (name, field_pages), first, end in zip(marks, pieces, starts, ends, strict=True):
        if not 0 <= first < end:
            raise StorageError(messages.problem("pdf-misplaced", Place(name)))
        place = places.get(destination_name(signature_bookmark(mark)))
        is_lone, room = _measure_signature(reader, place, first, fonts) if place else (False, None)
        yield _ItemLayout(PdfPages(source, first, end - first), field_pages, is_lone, room)


def _page_number(reader: PdfReader, place: Destination | None) -> int:
    number = None if place is None else reader.get_destination_page_number(place)
    return -1 if number is None else number


def _measure_signature(
    reader: PdfReader, mark: Destination, first: int, fonts: dict[str, _PdfFont]
) -> tuple[bool, float | None]:
    """Return whether the typed name is alone on a page, and the space above.

    The space is in millimetres.
    """
    number, left, top = _page_number(reader, mark), mark.left, mark.top
    if number < first or left is None or top is None:
        return False, None
    above = [
        piece for piece in _PageText(reader.pages[number], fonts).pieces if piece.baseline >= top
    ]
    heights = sorted(piece.baseline for piece in above)
    lines = sum(b - a > _LINE_TOLERANCE for a, b in pairwise((-inf, *heights)))
    bottoms = [
        piece.bottom
        for piece in above
        if piece.left < left + _COLUMN_REACH and piece.right > left - _COLUMN_REACH
    ]
    room = round((min(bottoms) - top) * MM_PER_POINT, 1) if bottoms else None
    return number > first and lines <= _MAX_CLOSING_LINES, room


# The text on a page of a PDF, with its positions.
#
# Only the few PDF operators that LibreOffice writes are read (ISO 32000-1, 8.4, 9.4, 14.6). pypdf
# reads every kind of text, which takes ten times as long.


_DESCENT = 0.22
"""Descent of letters below their line, relative to the font size.

It is 0.21 for Arial and 0.25 for Calibri.
"""

_LETTER_WIDTH = 0.5  # Approximate width of a letter, relative to the font size

_Matrix = Sequence[float]


class _TextPiece(NamedTuple):
    """A line's text on a page of a PDF, in points from the lower left corner."""

    baseline: float
    bottom: float
    left: float
    right: float


_TOKENS = re.compile(
    rb"\[(?:[^][()]|\((?:[^()\\]|\\.)*\))*\]|\((?:[^()\\]|\\.)*\)"
    rb"|<<|>>|<[^<>]*>|/[^][\s<>()/]*|[^][\s<>()/]+",
    re.DOTALL,
)
_OPERAND_STARTS = frozenset(b"/[(<>+-.0123456789")
"""First characters of operands."""

_HEX_STRING = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_CODE_SPACE = re.compile(rb"begincodespacerange\s*<([0-9A-Fa-f]+)>")
_UNICODE_MAPPING = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*\n")
_IDENTITY: _Matrix = (1, 0, 0, 1, 0, 0)


class _PdfFont:
    """A font of a PDF: the length of its codes, and which are not letters.

    Digits count as letters.
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        mapping = properties["/ToUnicode"].get_data() if "/ToUnicode" in properties else b""
        code_space = _CODE_SPACE.search(mapping)
        self._code_length = len(code_space[1]) // 2 if code_space else 1
        meanings = (
            (bytes.fromhex(c.decode()), m.decode()) for c, m in _UNICODE_MAPPING.findall(mapping)
        )
        self._codes_without_letters = {code for code, text in meanings if not _has_letters(text)}

    def count_characters(self, shown: bytes) -> int:
        """Return the number of characters that a PDF operand shows in the font.

        It is 0 if there is neither a letter nor a digit.
        """
        codes = bytes.fromhex(b"".join(_HEX_STRING.findall(shown)).decode())
        split_codes = [
            codes[start : start + self._code_length]
            for start in range(0, len(codes), self._code_length)
        ]
        return 0 if self._codes_without_letters.issuperset(split_codes) else len(split_codes)


def _has_letters(hexadecimal: str) -> bool:
    return any(map(str.isalnum, bytes.fromhex(hexadecimal).decode("utf-16-be", "replace")))


class _PageText:
    """A letter's own text on a page of its PDF.

    Headers and footers are artifacts in a tagged PDF (14.8.2.2). Signature lines have no letters.
    """

    def __init__(self, page: PageObject, fonts: dict[str, _PdfFont]) -> None:
        """Read the text of a PDF page. `fonts` are those that were read before."""
        self.pieces: list[_TextPiece] = []
        self._artifacts: list[bool] = []
        self._fonts = fonts
        contents = page.get_contents()
        if contents is not None:
            resources: Any = page["/Resources"]
            self._read_content(contents.get_data(), resources, _IDENTITY)

    def _read_content(self, data: bytes, resources: Mapping[str, Any], matrix: _Matrix) -> None:
        """Read the text of a PDF page, or of a form on that page."""
        saved: list[_Matrix] = []
        operands: list[bytes] = []
        for token in _TOKENS.findall(data):
            if token[0] in _OPERAND_STARTS:
                operands.append(token)
                continue
            if token == b"q":
                saved.append(matrix)
            elif token == b"Q":
                matrix = saved.pop()
            elif token == b"cm":
                matrix = _multiply(_matrix(operands), matrix)
            elif token in {b"BMC", b"BDC"}:
                self._artifacts.append(operands[0] == b"/Artifact")
            elif token == b"EMC":
                self._artifacts.pop()
            elif not any(self._artifacts):
                self._apply_text_operator(token, operands, resources, matrix)
            operands = []

    def _apply_text_operator(
        self,
        operator: bytes,
        operands: Sequence[bytes],
        resources: Mapping[str, Any],
        matrix: _Matrix,
    ) -> None:
        """Apply an operator that positions or shows the letter's own text."""
        if operator == b"BT":
            self._text_matrix = _IDENTITY
        elif operator in {b"Td", b"TD"}:
            self._text_matrix = _multiply((1, 0, 0, 1, *map(float, operands)), self._text_matrix)
        elif operator == b"Tm":
            self._text_matrix = _matrix(operands)
        elif operator == b"Tf":
            self._font = self._read_font(resources["/Font"].raw_get(operands[0].decode()))
            self._font_size = float(operands[1])
        elif operator in {b"Tj", b"TJ"} and (count := self._font.count_characters(operands[-1])):
            *_, left, line = _multiply(self._text_matrix, matrix)
            bottom, right = (
                line - _DESCENT * self._font_size,
                left + _LETTER_WIDTH * self._font_size * count,
            )
            self.pieces.append(_TextPiece(line, bottom, left, right))
        elif operator == b"Do":  # a picture has no text; a form is a part of a page (8.10)
            form = resources["/XObject"][operands[0].decode()]
            if form["/Subtype"] == "/Form":
                form_matrix = _multiply(
                    [float(number) for number in form.get("/Matrix", _IDENTITY)], matrix
                )
                self._read_content(form.get_data(), form.get("/Resources", resources), form_matrix)

    def _read_font(self, font: Any) -> _PdfFont:  # noqa: ANN401 - pypdf's
        """Return a font of the PDF, which is read only once."""
        if (key := repr(font)) not in self._fonts:
            self._fonts[key] = _PdfFont(font.get_object())
        return self._fonts[key]


def _matrix(operands: Sequence[bytes]) -> _Matrix:
    return [float(operand) for operand in operands[-6:]]


def _multiply(first: _Matrix, second: _Matrix) -> _Matrix:
    """Return the matrix that applies `first`, then `second` (8.3.4)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    x, y = e * g + f * i + k, e * h + f * j + m
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, x, y)
