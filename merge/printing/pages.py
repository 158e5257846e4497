"""The pages of letters: how many they take, whether there is room to sign, on which paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from merge.disk import short_path
from merge.model import FinishedLetter, Place, Problem, StorageError
from merge.naming import folded
from merge.ooxml.blank import PaperSize
from merge.ooxml.package import SourceDocument, SourceFile, parse_package
from merge.ooxml.wordml import FALLBACK, Element, W, parse_xml, run_content, serialized
from merge.printing.addresses import A4, INCH, PAPERS
from merge.printing.batches import Side, person_of
from merge.printing.libreoffice import (
    UNWATCHED,
    LibreOffice,
    Watch,
    letter_errors,
    open_pdf,
    private_folder,
    read_letter,
)

if TYPE_CHECKING:
    from pypdf import PageObject

_POINT = INCH / 72  # Millimetres
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


def measure(
    letters: Sequence[FinishedLetter],
    libreoffice: LibreOffice,
    read: Callable[[FinishedLetter], bytes] = lambda letter: read_letter(letter.path),
    watch: Watch = UNWATCHED,
) -> list[PageFit]:
    """Return the fit of each letter. `read` gives a letter's bytes.

    `watch` counts the letters laid out, and may ask for a stop. Raise StorageError that names all
    that cannot be laid out.
    """
    by_path = {letter.path: letter for letter in letters}

    def marked(path: Path) -> bytes:
        letter = by_path[path]
        return with_signature_bookmark(read(letter), short_path(path), letter.pair.signer.name)

    with private_folder() as folder:
        pdfs = libreoffice.to_pdf(
            [letter.path for letter in letters],
            folder,
            blank_pages=False,
            copy=marked,
            watch=watch,
        )
        return list(_fits(letters, pdfs, watch))


def _fits(
    letters: Sequence[FinishedLetter], pdfs: Sequence[Path], watch: Watch
) -> Iterator[PageFit]:
    """Yield the fit of each letter. Raise StorageError in the end that names all odd PDFs."""
    odd: list[Problem] = []
    for letter, pdf in zip(letters, pdfs, strict=True):
        watch.check()
        try:
            yield _fit(letter, pdf)
        except StorageError as error:
            odd += error.problems
    if odd:
        raise StorageError(odd)


def _fit(letter: FinishedLetter, pdf: Path) -> PageFit:
    with open_pdf(pdf.read_bytes(), short_path(letter.path)) as reader:
        count, mark = len(reader.pages), reader.named_destinations.get(f"/{SIGNATURE_BOOKMARK}")
        number = None if mark is None else reader.get_destination_page_number(mark)
        if mark is None or mark.top is None or mark.left is None or number is None:
            return PageFit(letter, count)
        left, top = mark.left, mark.top
        above = [p for p in _PageText(reader.pages[number], {}).pieces if p.baseline >= top]
        heights = sorted(piece.baseline for piece in above)
        lines = sum(b - a > _SAME_LINE for a, b in pairwise((-inf, *heights)))
        near = [p.bottom for p in above if p.left < left + _COLUMN and p.right > left - _COLUMN]
        room = round((min(near) - top) * _POINT, 1) if near else None
        return PageFit(letter, count, number > 0 and lines <= _CLOSING, room)


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


# The typed name under a letter. LibreOffice turns a bookmark into a place on a page. So the name is
# looked for in the letter, where it is whole and in reading order, and marked there; not in the
# PDF, which holds glyphs as they are drawn.

SIGNATURE_BOOKMARK = "mergeSignature"
"""The bookmark's name."""

_BODY = re.compile(r"word/document\d*\.xml")
"""Word for the web numbers it."""

_TEXTS, _BREAKS = {W + "t", W + "tab"}, {W + "br", W + "cr"}
_NOT_IN_LINES = {W + "p", W + "pPr"}
"""Not the stops of tabs. A deletion has no w:t (17.3.3.7); text moved away is still read."""

_ID = "2000000000"
"""A number that no bookmark of Word's has."""

_BEFORE = 20  # Characters that may stand before the name, such as `Professor Dr. `
_LINES_ABOVE = 2  # Lines that stand above at least; a name higher up is its owner's address


def with_signature_bookmark(letter: bytes, file: str, name: str) -> bytes:
    """Return the letter with a bookmark before the typed name of its signer, if it has one.

    Nothing that shows is changed. `file` names the letter in messages. Raise StorageError where it
    cannot be read.
    """
    with letter_errors():
        package = parse_package(letter, file)
    for part in (m.name for m in package.members if _BODY.fullmatch(m.name)):
        root = parse_xml(package.read(part))
        found = None if root is None else typed_name(root, name)
        if root is not None and found is not None:
            bookmark_before(found, SIGNATURE_BOOKMARK, _ID)
            return package.replaced({part: serialized(root)}).write()
    return package.write()


def typed_name(root: Element, name: str) -> Element | None:
    """Return the first element of the last line that the name begins, or nearly."""
    begins = re.compile(rf".{{0,{_BEFORE}}}(?<!\w){re.escape(folded(name))}(?!\w)")
    lines = [(folded(text), first) for text, first in _text_lines(root) if text.strip()]
    found = [first for text, first in lines[_LINES_ABOVE:] if begins.match(text)]
    return found[-1] if found else None


def _text_lines(root: Element) -> Iterator[tuple[str, Element]]:
    """Each stretch of text between the ends of paragraphs and breaks, with its first element."""
    for paragraph in _paragraphs(root):
        text, first = "", None
        for element, own in run_content(paragraph, _NOT_IN_LINES):
            if element.tag in _TEXTS:
                text += " " if own == "\t" else own
                first = element if first is None else first
            elif element.tag in _BREAKS and first is not None:
                yield text, first
                text, first = "", None
        if first is not None:
            yield text, first


def _paragraphs(root: Element) -> Iterator[Element]:
    """All but the copies of text boxes that Word keeps for old programs."""
    for paragraph in root.iter(W + "p"):
        if next(paragraph.iterancestors(FALLBACK), None) is None:
            yield paragraph


def bookmark_before(element: Element, name: str, number: str) -> None:
    """Put a bookmark before an element, between the two halves of the run that it stands in."""
    run = next(element.iterancestors(W + "r"))
    back, at = deepcopy(run), run.index(element)
    del run[at:]
    del back[1 if back[0].tag == W + "rPr" else 0 : at]
    run.addnext(back)
    back.addprevious(run.makeelement(W + "bookmarkStart", {W + "id": number, W + "name": name}))
    back.addprevious(run.makeelement(W + "bookmarkEnd", {W + "id": number}))


# What is doubtful about how letters fit their pages; what a group has in common is said once.

_NEEDED = 20  # Millimetres that a signature needs
_INEXACT = 0.5  # Millimetres: how far down the line above reaches does not stand in a PDF
_GROUP = 3  # Letters that are named together, where these are all of a person's
_SIDES: tuple[tuple[Side, str], ...] = (("recipient", "to"), ("signer", "of"))


@dataclass(frozen=True, slots=True)
class _FaultyLetters:
    """Letters with one fault, and what they are called: one, or all of a person's, or all."""

    name: str
    fits: Sequence[PageFit]

    def problem(self, code: str, what: str, hint: str) -> Problem:
        place = Place(short_path(self.fits[0].letter.path))
        return Problem(code, place, what, hint, "warning")


def layout_warnings(fits: Sequence[PageFit], limit: int) -> tuple[Problem, ...]:
    """Return warnings: letters with more pages than the limit, signatures alone or without room.

    Where it is all letters to a recipient or of a signer, or all there are, there is one warning
    for them; its place is then the first of them.
    """
    problems = []
    for group in _groups([fit for fit in fits if fit.pages > limit], fits):
        counts = sorted({fit.pages for fit in group.fits})
        pages = " to ".join(map(str, dict.fromkeys((counts[0], counts[-1]))))
        what = f"{pages} pages in {group.name}; the limit is {limit}."
        hint = "Shorten the text or make the margins smaller, or raise Pages in the sheet Settings."
        problems.append(group.problem("letter-too-long", what, hint))
    for group in _groups([fit for fit in fits if fit.lone_signature], fits):
        what = f"the signature stands alone on the last page of {group.name}."
        hint = "Shorten the text, or set Keep with next for the paragraphs before the name."
        problems.append(group.problem("signature-alone", what, hint))
    tight = [f for f in fits if f.room_mm is not None and f.room_mm < _NEEDED - _INEXACT]
    for group in _groups(tight, fits):
        room = min(fit.room_mm for fit in group.fits if fit.room_mm is not None)
        what = (
            f"{max(room, 0):.0f} mm above the typed name in {group.name}; to sign takes {_NEEDED}."
        )
        hint = "Give the name's paragraph more space before it: 2 cm is 57 pt."
        problems.append(group.problem("signature-room", what, hint))
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
    for fit in faulty:
        pair = fit.letter.pair
        yield _FaultyLetters(f"the letter of {pair.signer.label} to {pair.recipient.label}", [fit])


def _as_group(fits: Sequence[PageFit], owner: str) -> _FaultyLetters:
    return _FaultyLetters(f"this and the other {len(fits) - 1} letters{owner}", fits)


def _by_person(side: Side, fits: Sequence[PageFit]) -> dict[str, list[PageFit]]:
    """Return the letters of each person, by the person's key."""
    found: dict[str, list[PageFit]] = {}
    for fit in fits:
        found.setdefault(person_of(fit.letter, side).key, []).append(fit)
    return found


_SAME_SIZE = 2  # Millimetres: programs round the sizes of paper


def paper_of(letter: bytes) -> PaperSize:
    """Return the paper of a letter's first section, upright; A4 where it says none."""
    source = SourceDocument(SourceFile("", letter))
    size = next(source.parsed(source.main).iter(W + "pgSz"), None)
    sides = [] if size is None else [str(size.get(W + side, "")) for side in ("w", "h")]
    if not all(side.isdecimal() for side in sides) or not sides:
        return A4
    width, height = sorted(int(side) / 1440 * INCH for side in sides)  # in twips
    for paper in PAPERS.values():
        if abs(paper.width - width) < _SAME_SIZE and abs(paper.height - height) < _SAME_SIZE:
            return paper
    return PaperSize(f"{width:.0f} x {height:.0f} mm", width, height, 0)
