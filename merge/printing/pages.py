"""The pages of letters: how many they take, whether there is room to sign, on which paper."""

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
from merge.letter_status import FinishedLetter
from merge.naming import first_few
from merge.ooxml.blank import POINT
from merge.ooxml.package_builder import SourceDocument, SourceFile
from merge.printing.batches import PagedLetter, Side, person_of
from merge.printing.combine.letter import combine, letter_mark, signature_mark
from merge.printing.libreoffice import (
    LaidOut,
    LibreOffice,
    OfficePdf,
    destination,
    not_laid_out,
    open_pdf,
    processors,
    read_letter,
)
from merge.problems import Place, Problem

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader
    from pypdf.generic import Destination

_DESCENT = 0.22
"""How far letters reach below their line, in sizes of the type: Arial 0.21, Calibri 0.25."""

_WIDTH = 0.5  # A letter's, in sizes of the type, about
_COLUMN = 100
"""Points to either side of where a name begins; what lies further off is another column."""

_SAME_LINE = 4  # Points: what lies no further apart is one line
_CLOSING = 2  # Lines that are no company for a name: `Yours sincerely,` and one more


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


_Matrix = Sequence[float]


class _TextPiece(NamedTuple):
    """Text that stands on one line, in points from the page's lower left corner."""

    baseline: float
    bottom: float
    left: float
    right: float


class Watch(Protocol):
    """Who looks at long work: is told what is done, and may ask for a stop."""

    def done(self, number: int = 1, /) -> object:
        """Count what is done."""

    def check(self) -> object:
        """Raise where the work is to stop."""


class _Nobody:
    """Nobody looks."""

    def done(self, number: int = 1, /) -> None:
        """Do nothing."""

    def check(self) -> None:
        """Do nothing."""


UNWATCHED: Watch = _Nobody()


class LetterPages:
    """Letters and covers as LibreOffice lays them out, many in one file and several files at once.

    `read` gives a letter's bytes; `watch` counts the letters that are measured, and may ask for a
    stop. With `keeps` their pages are held, for `pages_of`.
    """

    def __init__(
        self,
        libreoffice: LibreOffice,
        read: Callable[[FinishedLetter], bytes] = lambda letter: read_letter(letter.path),
        watch: Watch = UNWATCHED,
        *,
        keeps: bool = False,
    ) -> None:
        self.libreoffice, self._read, self._watch, self._keeps = libreoffice, read, watch, keeps
        self._kept: dict[Path, tuple[int, LaidOut]] = {}
        """By the letters' paths, with the number of pages that fields in them say."""
        self._usual = 1
        """Pages that a letter is taken to have before they are counted."""

    def measure(self, letters: Sequence[FinishedLetter]) -> tuple[list[PageFit], list[Problem]]:
        """Return the fits of all letters that can be laid out, and what is wrong with the others.

        What a field in a letter says that counts its pages takes no other room when it is right.
        """
        fits, odd = list[PageFit](), list[Problem]()
        laid_out = self._lay_out(letters, lambda letter: self._source(letter, self._usual), odd)
        for letter, found in zip(letters, laid_out, strict=True):
            self._watch.done()
            if found is None:
                continue
            fits.append(PageFit(letter, found.pages.length, found.is_lone, found.room_mm))
            self._usual = found.pages.length
            if self._keeps:
                self._kept[letter.path] = found.said, found.pages
        return fits, odd

    @property
    def has_pages(self) -> bool:
        """Whether it holds pages."""
        return bool(self._kept)

    def pages_of(self, letters: Sequence[PagedLetter]) -> list[LaidOut]:
        """Return the pages of letters whose number is known; they are held no longer.

        Raise StorageError that names all that cannot be laid out.
        """
        missing = [one for one in letters if self._kept.get(one.letter.path, (0,))[0] != one.pages]
        laid_out = self._all_of(missing, lambda one: self._source(one.letter, one.pages))
        for one, found in zip(missing, laid_out, strict=True):
            self._kept[one.letter.path] = one.pages, found.pages
        return [self._kept.pop(one.letter.path)[1] for one in letters]

    def covers(self, covers: Sequence[bytes]) -> list[LaidOut]:
        """Return the pages of covers. Raise StorageError as above.

        One start lays out as many as it can, since batches are put together meanwhile.
        """
        size = max(_FEWEST_COVERS, _group_size(len(covers)))
        found = self._all_of(covers, lambda data: SourceFile("cover", data), size)
        return [each.pages for each in found]

    def _source(self, letter: FinishedLetter, pages: int) -> SourceFile:
        name, signer = short_path(letter.path), str(letter.pair.signer.name)
        return SourceFile(name, self._read(letter), pages=pages, signer=signer)

    def _all_of(
        self, items: Sequence[_Item], source: Callable[[_Item], SourceFile], size: int = 0
    ) -> list[_Found]:
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
    ) -> Iterator[_Found | None]:
        """Yield how each item lies; None where that cannot be told: why is added to `odd`.

        As many stand in a file as `size`. What cannot stand in one file with the others, or would
        lose something in it that tells how it lies, is tried apart from them.
        """
        size = size or _group_size(len(items))
        groups = [items[at : at + size] for at in range(0, len(items), size)]
        files: list[_Group] = []

        def documents() -> Iterator[tuple[bytes, int]]:
            for group in groups:
                self._watch.check()
                files.append(_joined(group, source))
                yield files[-1].data, len(group)

        pdfs = self.libreoffice.to_pdfs(documents(), self._watch.check)
        for group, pdf, (_, pieces, unread) in zip(groups, pdfs, files, strict=True):
            found, faults = _found(pdf, pieces) if pdf else ((), unread)
            if found:
                yield from found
            elif len(group) > 1:
                yield from self._apart(group, source, odd)
            else:
                odd += faults or [not_laid_out(pieces[0][0])]
                yield None

    def _apart(
        self, items: Sequence[_Item], source: Callable[[_Item], SourceFile], odd: list[Problem]
    ) -> Iterator[_Found | None]:
        """Yield how items lie that cannot stand in one file: those of a kind, or halves of them."""
        kinds = defaultdict[bytes | None, list[int]](list)
        for number, item in enumerate(items):
            kinds[_settings(item, source)].append(number)
        parts = [*kinds.values()]
        if len(parts) == 1:
            (numbers,) = parts
            middle = len(numbers) // 2
            parts = [numbers[:middle], numbers[middle:]]
        found = dict[int, _Found | None]()
        for numbers in parts:
            own = [items[number] for number in numbers]
            found |= zip(numbers, self._lay_out(own, source, odd, len(own)), strict=True)
        yield from (found[number] for number in range(len(items)))


class _Group(NamedTuple):
    """Letters as one file; no bytes where they cannot be put into one as they are.

    `pieces` are their names, and the pages that fields in them say; `unread` is why one cannot be
    read.
    """

    data: bytes
    pieces: Sequence[tuple[str, int]]
    unread: Sequence[Problem]


def _joined(items: Sequence[_Item], source: Callable[[_Item], SourceFile]) -> _Group:
    """Return items in one file, where each lies in it as it does alone."""
    pieces: list[tuple[str, int]] = []
    try:
        sources = [*map(source, items)]
        pieces += ((each.name, each.pages) for each in sources)
        whole = combine(sources, sources[0])
    except StorageError as error:
        return _Group(b"", pieces, error.problems)
    except UsageError:  # too many lists
        return _Group(b"", pieces, ())
    loses = any(problem.code == "letter-settings" for problem in whole.problems)
    return _Group(b"" if loses else whole.data, pieces, ())


def _settings(item: _Item, source: Callable[[_Item], SourceFile]) -> bytes | None:
    """Return the parts of a letter that a file has once for all its letters; None of a damaged."""
    try:
        document = SourceDocument(source(item))
    except StorageError:
        return None
    return document.bytes_of("settings") + b"\0" + document.bytes_of("theme")


_Item = TypeVar("_Item")

_MOST, _FEWEST, _FEWEST_COVERS = 250, 20, 300
"""Letters in one file, and covers. A start of LibreOffice took 0.3 s of a processor, the first with
a profile 0.45 s, a letter of one page 6 ms, a cover 4 ms, putting a letter into a .docx 1.5 ms."""


def _group_size(number: int) -> int:
    """Return how many go into a file, so that each processor gets as many files."""
    rounds = -(-number // (processors() * _MOST))
    return max(_FEWEST, -(-number // (processors() * max(1, rounds))))


class _Found(NamedTuple):
    """How a letter lies: its pages, and the number that fields in it say."""

    pages: LaidOut
    said: int
    is_lone: bool
    room_mm: float | None


def _found(
    pdf: bytes, pieces: Sequence[tuple[str, int]]
) -> tuple[Sequence[_Found], Sequence[Problem]]:
    """Return how each letter of a file lies, by what they are called and what fields in them say.

    Nothing but problems where the PDF is odd, or a letter does not begin on a page of its own.
    """
    try:
        with open_pdf(pdf, pieces[0][0]) as reader:
            return [*_lying(pdf, reader, pieces)], ()
    except StorageError as error:
        return (), error.problems


def _lying(pdf: bytes, reader: PdfReader, pieces: Sequence[tuple[str, int]]) -> Iterator[_Found]:
    places, fonts = reader.named_destinations, dict[str, _Font]()
    made = OfficePdf(pdf)
    marks = [letter_mark(number) for number in range(1, len(pieces) + 1)]
    starts = [_page(reader, places.get(destination(mark))) for mark in marks]
    ends = (*starts[1:], len(reader.pages))
    for mark, (name, said), first, end in zip(marks, pieces, starts, ends, strict=True):
        if not 0 <= first < end:
            raise StorageError(messages.problem("pdf-misplaced", Place(name)))
        place = places.get(destination(signature_mark(mark)))
        is_lone, room = _signature(reader, place, first, fonts) if place else (False, None)
        yield _Found(LaidOut(made, first, end - first), said, is_lone, room)


def _page(reader: PdfReader, place: Destination | None) -> int:
    number = None if place is None else reader.get_destination_page_number(place)
    return -1 if number is None else number


def _signature(
    reader: PdfReader, mark: Destination, first: int, fonts: dict[str, _Font]
) -> tuple[bool, float | None]:
    """Return whether the typed name stands alone on its page, and the millimetres above it."""
    number, left, top = _page(reader, mark), mark.left, mark.top
    if number < first or left is None or top is None:
        return False, None
    above = [p for p in _PageText(reader.pages[number], fonts).pieces if p.baseline >= top]
    heights = sorted(piece.baseline for piece in above)
    lines = sum(b - a > _SAME_LINE for a, b in pairwise((-inf, *heights)))
    near = [p.bottom for p in above if p.left < left + _COLUMN and p.right > left - _COLUMN]
    room = round((min(near) - top) * POINT, 1) if near else None
    return number > first and lines <= _CLOSING, room


# The text on a page, with its places. Of PDF's operators these are the few that LibreOffice writes
# (ISO 32000-1, 8.4, 9.4, 14.6): pypdf's reading of all that a text may be takes ten times as long.

_TOKEN = re.compile(
    rb"\[(?:[^][()]|\((?:[^()\\]|\\.)*\))*\]|\((?:[^()\\]|\\.)*\)"
    rb"|<<|>>|<[^<>]*>|/[^][\s<>()/]*|[^][\s<>()/]+",
    re.DOTALL,
)
_OPERAND = frozenset(b"/[(<>+-.0123456789")
"""How operands begin."""

_SHOWN = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_CODE_SPACE = re.compile(rb"begincodespacerange\s*<([0-9A-Fa-f]+)>")
_MEANING = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*\n")
_UNIT: _Matrix = (1, 0, 0, 1, 0, 0)


class _Font:
    """A font of a PDF: how long its codes are, and which of them are no letters and no digits."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        told = about["/ToUnicode"].get_data() if "/ToUnicode" in about else b""
        space = _CODE_SPACE.search(told)
        self._size = len(space[1]) // 2 if space else 1
        meanings = ((bytes.fromhex(c.decode()), m.decode()) for c, m in _MEANING.findall(told))
        self._signs = {code for code, meant in meanings if not _has_letters(meant)}

    def count(self, shown: bytes) -> int:
        """Return how many characters an operand shows; 0 where no letter or digit is among them."""
        codes = bytes.fromhex(b"".join(_SHOWN.findall(shown)).decode())
        each = [codes[at : at + self._size] for at in range(0, len(codes), self._size)]
        return 0 if self._signs.issuperset(each) else len(each)


def _has_letters(meant: str) -> bool:
    return any(map(str.isalnum, bytes.fromhex(meant).decode("utf-16-be", "replace")))


class _PageText:
    """The letter's text on a page of a PDF.

    Headers and footers are artifacts in a tagged PDF (14.8.2.2); rules to sign on have no letters.
    """

    def __init__(self, page: PageObject, fonts: dict[str, _Font]) -> None:
        """`fonts` are those of the PDF that were read already."""
        self.pieces: list[_TextPiece] = []
        self._artifacts: list[bool] = []
        self._fonts = fonts
        contents = page.get_contents()
        if contents is not None:
            resources: Any = page["/Resources"]
            self._read(contents.get_data(), resources, _UNIT)

    def _read(self, data: bytes, resources: Mapping[str, Any], matrix: _Matrix) -> None:
        """Read a page, or a form on it, that begins with a matrix."""
        saved: list[_Matrix] = []
        operands: list[bytes] = []
        for token in _TOKEN.findall(data):
            if token[0] in _OPERAND:
                operands.append(token)
                continue
            if token == b"q":
                saved.append(matrix)
            elif token == b"Q":
                matrix = saved.pop()
            elif token == b"cm":
                matrix = _product(_matrix(operands), matrix)
            elif token in {b"BMC", b"BDC"}:
                self._artifacts.append(operands[0] == b"/Artifact")
            elif token == b"EMC":
                self._artifacts.pop()
            elif not any(self._artifacts):
                self._show(token, operands, resources, matrix)
            operands = []

    def _show(
        self,
        operator: bytes,
        operands: Sequence[bytes],
        resources: Mapping[str, Any],
        matrix: _Matrix,
    ) -> None:
        """Follow what places and shows the letter's own text."""
        if operator == b"BT":
            self._place = _UNIT
        elif operator in {b"Td", b"TD"}:
            self._place = _product((1, 0, 0, 1, *map(float, operands)), self._place)
        elif operator == b"Tm":
            self._place = _matrix(operands)
        elif operator == b"Tf":
            self._font = self._found(resources["/Font"].raw_get(operands[0].decode()))
            self._size = float(operands[1])
        elif operator in {b"Tj", b"TJ"} and (count := self._font.count(operands[-1])):
            *_, left, line = _product(self._place, matrix)
            low, right = line - _DESCENT * self._size, left + _WIDTH * self._size * count
            self.pieces.append(_TextPiece(line, low, left, right))
        elif operator == b"Do":  # a picture has no text, a form is a piece of a page (8.10)
            form = resources["/XObject"][operands[0].decode()]
            if form["/Subtype"] == "/Form":
                own = _product([float(each) for each in form.get("/Matrix", _UNIT)], matrix)
                self._read(form.get_data(), form.get("/Resources", resources), own)

    def _found(self, font: Any) -> _Font:  # noqa: ANN401 - pypdf's
        """Return a font, which is read once."""
        if (key := repr(font)) not in self._fonts:
            self._fonts[key] = _Font(font.get_object())
        return self._fonts[key]


def _matrix(operands: Sequence[bytes]) -> _Matrix:
    return [float(operand) for operand in operands[-6:]]


def _product(one: _Matrix, other: _Matrix) -> _Matrix:
    """Return the matrix that does what one does, then the other (8.3.4)."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    x, y = e * g + f * i + k, e * h + f * j + m
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, x, y)


# What is doubtful about how letters fit their pages; what a group has in common is said once.

_NEEDED = 20  # Millimetres that a signature needs
_INEXACT = 0.5  # Millimetres: how far down the line above reaches does not stand in a PDF
_GROUP = 3  # Letters that are named together, where these are all of a person's
_MANY = 5  # Letters that are counted, the first of them named, whosever they are
_FEW = 10  # Letters that are named of many
_SIDES: tuple[tuple[Side, str], ...] = (("recipient", "to"), ("signer", "from"))


@dataclass(frozen=True, slots=True)
class _FaultyLetters:
    """Letters with one fault, and what they are called: one, or all of a person's, or all."""

    name: str
    fits: Sequence[PageFit]

    def problem(self, code: str, **fields: str | int) -> Problem:
        place = Place(short_path(self.fits[0].letter.path))
        return messages.problem(code, place, letters=self.name, **fields)


def layout_warnings(fits: Sequence[PageFit], limit: int) -> tuple[Problem, ...]:
    """Return warnings: letters with more pages than the limit, signatures alone or without room.

    If it is all letters to a recipient or of a signer, or all there are, there is one warning for
    them; so it is for many that are left. Its place is then the first of them.
    """
    problems = []
    for group in _groups([fit for fit in fits if fit.pages > limit], fits):
        counts = sorted({fit.pages for fit in group.fits})
        pages = " to ".join(map(str, dict.fromkeys((counts[0], counts[-1]))))
        problems.append(group.problem("letter-too-long", pages=pages, limit=limit))
    lone = _groups([fit for fit in fits if fit.lone_signature], fits)
    problems += [group.problem("signature-alone") for group in lone]
    tight = [f for f in fits if f.room_mm is not None and f.room_mm < _NEEDED - _INEXACT]
    for group in _groups(tight, fits):
        room = min(fit.room_mm for fit in group.fits if fit.room_mm is not None)
        room = round(max(room, 0))
        problems.append(group.problem("signature-room", room=room, needed=_NEEDED))
    return tuple(problems)


def _groups(faulty: Sequence[PageFit], fits: Sequence[PageFit]) -> Iterator[_FaultyLetters]:
    if len(faulty) == len(fits) >= _GROUP:
        yield _as_group(faulty, "")
        return
    for side, word in _SIDES:
        total, rest = _by_person(side, fits), []
        for key, own in _by_person(side, faulty).items():
            if len(own) == len(total[key]) >= _GROUP:
                yield _as_group(own, f" {word} {person_of(own[0].letter, side).label}")
            else:
                rest += own
        faulty = rest
    if len(faulty) >= _MANY:
        named = first_few([_names(fit) for fit in faulty], _FEW)
        yield _FaultyLetters(f"{len(faulty)} letters ({named})", faulty)
        return
    for fit in faulty:
        yield _FaultyLetters(f"the letter from {_names(fit)}", [fit])


def _names(fit: PageFit) -> str:
    pair = fit.letter.pair
    return f"{pair.signer.label} to {pair.recipient.label}"


def _as_group(fits: Sequence[PageFit], owner: str) -> _FaultyLetters:
    return _FaultyLetters(f"this and the other {len(fits) - 1} letters{owner}", fits)


def _by_person(side: Side, fits: Sequence[PageFit]) -> dict[str, list[PageFit]]:
    """Return the letters of each person, by the person's key."""
    found: dict[str, list[PageFit]] = {}
    for fit in fits:
        found.setdefault(person_of(fit.letter, side).key, []).append(fit)
    return found
