"""Addresses: read from letters, and set on envelopes, labels and parcels.

The recipient's address is taken as it stands in the finished letter, line for line. It is never
put together, put in order or guessed, and nothing of the signer's is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, zip_longest
from types import MappingProxyType
from typing import Literal

from merge import messages
from merge.errors import UsageError
from merge.ooxml.blank import (
    AddressArea,
    PageSetup,
    PaperSize,
    Style,
    fit_lines,
    fitting_size,
    fixed_table,
    is_right_to_left,
    mm_to_twips,
    styled_docx,
    table_cell,
    table_row,
    text_paragraph,
)
from merge.people import Person
from merge.printing.address_columns import sheet_lines
from merge.printing.batches import counted, digits_needed
from merge.problems import Place, Problem, option_place
from merge.text.folding import words
from merge.values import BLANK

_LONGEST, _LONGEST_SENTENCE = 200, 100
"""Characters of a line of an address, and of one that ends as sentences do."""

_SENTENCE_ENDS = (".", "!", "?", "。", "؟")

_NO_ADDRESS = {"id", "include", "template", "language", "salutation"}
"""The program's own columns, of which no address is made."""

"""A word; of Chinese and Japanese, which have no spaces between words, a character."""

_GREETING_ENDS = (",", ":", "!", "،", "，", "：", "！")

_DATE = re.compile(
    r"\b(?:\d{1,2}\w{0,2}\W+(?:de )?\w+\W+(?:de )?|\w+ \d{1,2}\w{0,2}\W+)(?:20|٢٠|۲۰)\d\d\W*\w?\W*$"
    r"|\b20\d\d(?:\W|年)\d{1,2}(?:\W|月)\d{1,2}\W*日?$"
)
"""A day of our time at the end of a line: `Bern, 3 March 2026`, `March 3rd, 2026`, `2026-03-03`.

The year does not stand first before a word: `2026 Bondi 3` may be a town and its postcode.
"""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LetterAddress:
    """The text on an envelope or a label: a letter's whole id, and the lines of its address.

    `return_address` is empty for none. `path` is the letter's, as messages name it.
    """

    id: str
    lines: tuple[str, ...]
    return_address: tuple[str, ...] = ()
    path: str = ""


def address_too_long(letter: LetterAddress, address: str, stock: str) -> Problem:
    """Return a warning that an address has no room and is omitted."""
    place = Place(letter.path or f"letter {letter.id}")
    return messages.problem("address-too-long", place, address=address, stock=stock)


def address_lines(
    paragraphs: Sequence[str], recipient: Person, signer: Person | None = None
) -> tuple[str, ...]:
    r"""Return the recipient's address as the finished letter has it; empty where that is not sure.

    `paragraphs` are the letter's from the top, those in tables too, with `\n` for a line break.
    An address is the first run of two or more lines that hold whole lines of the recipient's
    cells, separators and nothing else, the name among them; the first cell of the row will do
    where the name does not stand above.

    It is sure only where it plainly begins and ends: at a blank line or the ends of a paragraph,
    below a date, a line such as `To:` or the signer's own, above a greeting or a date. So a line
    that somebody has edited in the letter does not just drop out of the address. With `signer`
    given, lines of the signer's are known even where they say what a recipient's cell says.
    """
    own = _CellWords(recipient)
    letter = _AddressSearch(paragraphs, own, _CellWords(signer) if signer else None)
    block = next(letter.blocks(own.name), None)
    if block is None:
        block = next(letter.blocks(own.first), None)
        if block is None or letter.has_name_above(block):
            return ()
    return letter.lines[block.start : block.stop] if letter.bounds(block) else ()


def signer_lines(paragraphs: Sequence[str], signer: Person, recipient: Person) -> tuple[str, ...]:
    """Return the signer's address as the letter has it, else as the sheet does; empty if neither.

    In a letter the typed name begins it, whatever stands above, and it ends as an address does. The
    sheet is asked where the letter shows all that the sheet has, or nothing of it; where it shows
    some, somebody may have edited the rest.
    """
    own = _CellWords(signer)
    letter = _AddressSearch(paragraphs, own, _CellWords(recipient))
    for block in letter.blocks(own.name):
        if letter.ends_plainly(block) and own.name == letter.words(block.start):
            return letter.lines[block.start : block.stop]
    listed = sheet_lines(signer)
    text = tuple(word for paragraph in paragraphs for word in words(paragraph))
    shown = [_contains(text, words(line)) for line in listed]
    if listed and (all(shown) or not any(shown)):
        return (str(signer.name), *listed)
    return ()


def _lines_of(text: str) -> list[Words]:
    return [found for found in map(words, text.splitlines()) if found]


def _contains(words: Words, part: Words) -> bool:
    return bool(part) and any(words[n : n + len(part)] == part for n in range(len(words)))


class _CellWords:
    """The lines of a person's cells, as words."""

    def __init__(self, person: Person) -> None:
        texts = [text for tag, text in person.fields.items() if tag not in _NO_ADDRESS]
        self._lines = [words for text in texts for words in _lines_of(text)]
        self.name = next(iter(_lines_of(person.name)), ())
        self.first = next(iter(self._lines), ())
        self._called = [self.name, *_lines_of(person.fields.get("salutation", BLANK))]

    def make_up(self, words: Words) -> bool:
        """Return whether the words are whole lines of cells, one behind the other."""
        ends = {0}
        for start in range(len(words)):
            if start in ends:
                ends |= {start + len(p) for p in self._lines if words[start : start + len(p)] == p}
        return bool(words) and len(words) in ends

    def end(self, words: Words) -> bool:
        """Return whether the words end in the name or the salutation, as those of a greeting do."""
        return any(words[-len(part) :] == part for part in self._called if part)

    def count(self, words: Words) -> int:
        """Return how many cells have the words as a line; 1 where they are several lines."""
        return self._lines.count(words) or 1


class _AddressSearch:
    """The lines of a letter, and which of them are made up of the recipient's cells."""

    def __init__(
        self, paragraphs: Sequence[str], own: _CellWords, signer: _CellWords | None
    ) -> None:
        split = [text.split("\n") for text in paragraphs]
        self.lines = tuple(line.strip() for lines in split for line in lines)
        self._words = [words(line) for line in self.lines]
        self._edges = {0, *accumulate(map(len, split))}
        self._own = own
        self._signed = [False] * len(self.lines)
        self._made = [False] * len(self.lines)
        for n, (line, own_words) in enumerate(zip(self.lines, self._words, strict=True)):
            signed = signer is not None and signer.make_up(own_words)
            goes_on = signed and n > 0 and self._signed[n - 1]
            most = _LONGEST_SENTENCE if line.endswith(_SENTENCE_ENDS) else _LONGEST
            self._made[n] = len(line) <= most and own.make_up(own_words) and not goes_on
            self._signed[n] = signed and not self._made[n]

    def blocks(self, anchor: Words) -> Iterator[range]:
        """Yield the runs of made-up lines that hold the anchor, without a greeting below them."""
        for made, run in groupby(range(len(self.lines)), self._made.__getitem__):
            numbers = list(run)
            last = numbers[-1]
            greeting = self._has_mark(last) and self._own.end(self._words[last])
            block = range(numbers[0], last if greeting else last + 1)
            if made and len(block) > 1 and any(_contains(self._words[n], anchor) for n in block):
                yield block

    def words(self, number: int) -> Words:
        """Return the words of a line."""
        return self._words[number]

    def ends_plainly(self, block: range) -> bool:
        """Return whether a block ends as a whole address does, and nothing more of it is near."""
        return (self._is_paragraph(block) or self._ends(block.stop)) and self._is_apart(block)

    def _is_paragraph(self, block: range) -> bool:
        """Return whether a block is a paragraph of its own, with breaks between its lines."""
        edges = self._edges.intersection(range(block.start, block.stop + 1))
        return edges == {block.start, block.stop}

    def has_name_above(self, block: range) -> bool:
        """Return whether the recipient's name stands above a block."""
        return any(_contains(words, self._own.name) for words in self._words[: block.start])

    def bounds(self, block: range) -> bool:
        """Return whether a block is the whole address, plainly."""
        inner = self._words[block.start : block.stop]
        if any(inner.count(words) > self._own.count(words) for words in inner):
            return False  # the same line twice: one of the two is not of the address
        is_bounded = self._is_paragraph(block) or (
            self._begins(block.start) and self._ends(block.stop)
        )
        return is_bounded and self._is_apart(block)

    def _begins(self, start: int) -> bool:
        above = self.lines[start - 1] if start else ""
        if not above or self._signed[start - 1]:
            return True
        return above.endswith((":", "：")) or bool(_DATE.search(above))

    def _ends(self, stop: int) -> bool:
        below = self.lines[stop] if stop < len(self.lines) else ""
        return not below or bool(_DATE.search(below)) or self._greets(stop)

    def _is_apart(self, block: range) -> bool:
        """Return whether no other line of the recipient's cells is next to it.

        Blank lines do not count. Right behind a greeting stands none either, and no second
        greeting: the first may be an edited line.
        """
        above = [n for n in range(block.start) if self.lines[n]][-1:]
        below = [n for n in range(block.stop, len(self.lines)) if self.lines[n]][:2]
        greeted = bool(below) and self._greets(below[0])
        behind = below[1:] if greeted and below[0] == block.stop else []
        near = [*above, *behind] if greeted else [*above, *below[:1]]
        again = any(self._greets(n) and not self.lines[n].endswith((":", "：")) for n in behind)
        return not again and not any(self._made[n] for n in near)

    def _greets(self, number: int) -> bool:
        """Return whether a line may be a greeting: `Your Excellency,`, `Dear Minister`."""
        return self._has_mark(number) or self._own.end(self._words[number])

    def _has_mark(self, number: int) -> bool:
        return self.lines[number].endswith(_GREETING_ENDS)


# Envelopes: a page each, as wide and high as the envelope, the long side across.
#
# Where the posts' machines look for the address, and what they want clear:
# - USPS, Domestic Mail Manual 102.2.1: within 1/2 in of the sides, from 5/8 in to 2 3/4 in above
#   the lower edge; what else is printed there stands above the address (Publication 28, A1).
# - Deutsche Post, *Automationsfähige Briefsendungen*: 40 mm below the upper edge, 15 mm from the
#   others; nothing below the address or to its right. The strip of 15 mm along the lower edge is
#   the machine's, 74 mm at the upper right are for the stamp, the upper left is the sender's.
# - Universal Postal Convention, standardized items: at most 140 mm from the right edge.
# The letter's short id stands at the upper left, below the return address: far from all of these.

_LEFT, _TOP = 10, 8  # Millimetres from the edges to the return address: what printers reach
_RIGHT, _CLEAR_ABOVE, _CLEAR_BELOW = 15, 40, 20  # Millimetres that are kept clear round the address
_HIGHEST, _FARTHEST = 69.8, 140
"""Millimetres from the lower and the right edge to where the address may begin."""

_SLACK = 1  # Millimetres of the page below a table: for the paragraph that ends it
_ENVELOPE_STYLE = Style("envelope address", 12)
_ENVELOPE_RETURN_STYLE = Style("envelope return", 9)
_ENVELOPE_ID_STYLE = Style("letter mark", 8, above=3, grey=True)
_MARK_HEIGHT = 4.5
_RETURN_GAP = 3


def envelopes(letters: Iterable[LetterAddress], stock: Envelope) -> bytes:
    """Return a .docx with a page for each of one or more, in their order.

    An address that has no room is left out: `envelope_problems` warns of it.
    """
    addressed = list(letters)
    digits = digits_needed(letter.id for letter in addressed)
    pages = (_envelope_page(letter, letter.id[:digits], stock) for letter in addressed)
    below = _CLEAR_BELOW - _SLACK
    page = PageSetup(stock.width, stock.height, stock.code, _LEFT, _TOP, _RIGHT, below)
    styles = (_ENVELOPE_STYLE, _ENVELOPE_RETURN_STYLE, _ENVELOPE_ID_STYLE)
    return styled_docx("Envelopes", styles, "".join(pages), page)


def envelope_problems(letters: Iterable[LetterAddress], stock: Envelope) -> Iterator[Problem]:
    """Yield a warning for each address and each return address that has no room."""
    where = f"the {stock.name} envelope"
    for letter in letters:
        if not fitting_size(letter.lines, _address_room(stock), _ENVELOPE_STYLE):
            yield address_too_long(letter, "address", where)
        if not fitting_size(letter.return_address, _return_room(stock), _ENVELOPE_RETURN_STYLE):
            yield address_too_long(letter, "return address", where)


def _left(stock: Envelope) -> float:
    """Return the millimetres from the left edge to the address: in the right half, nearly."""
    return max(0.45 * stock.width, stock.width - _FARTHEST)


def _top(stock: Envelope) -> float:
    return max(_CLEAR_ABOVE, stock.height - _HIGHEST)


def _address_room(stock: Envelope) -> AddressArea:
    height = stock.height - _CLEAR_BELOW - _top(stock)
    return AddressArea(stock.width - _RIGHT - _left(stock), height)


def _return_room(stock: Envelope) -> AddressArea:
    return AddressArea(_left(stock) - _LEFT - _RETURN_GAP, _CLEAR_ABOVE - _TOP - _MARK_HEIGHT)


def _envelope_page(letter: LetterAddress, mark: str, stock: Envelope) -> str:
    """Return a table that fills a page: above, the return address and the mark; below, the address.

    One table of all would be one too many for LibreOffice: 1,000 pages took it 13 s, not 3.
    """
    left, room = mm_to_twips(_left(stock) - _LEFT), _address_room(stock)
    right = mm_to_twips(room.width)
    back = fit_lines(letter.return_address, _ENVELOPE_RETURN_STYLE, _return_room(stock))
    back += text_paragraph(mark, _ENVELOPE_ID_STYLE)
    address = table_cell(right, fit_lines(letter.lines, _ENVELOPE_STYLE, room), place="center")
    upper = table_row((table_cell(left, back), table_cell(right)), _top(stock) - _TOP)
    return fixed_table((left, right), (upper, table_row((table_cell(left), address), room.height)))


# Address labels: a table whose cells lie on the labels of a sheet that can be bought.
#
# Every row is exactly as high as the sheet's pitch, and the margins leave no room for one more:
# each sheet is a page, and nothing can push a label to another one's place. The letter's short id
# stands above the address, at the right: what else is printed near an address stands above it and
# far from it (USPS, Publication 28, A1), and nothing below it or to its right (Deutsche Post).

_SIDE, _LABEL_ABOVE, _LABEL_BELOW = 3, 3.5, 3
"""Millimetres of a label round the address. Deutsche Post asks for 3 at the sides."""

_LABEL_STYLE = Style("label address", 11, inset=_SIDE, unbroken=8)
_LABEL_ID_STYLE = Style("label mark", 7, above=1.5, inset=_SIDE, grey=True, right=True)


def labels(letters: Sequence[LetterAddress], stock: LabelSheet, start: int = 1) -> bytes:
    """Return a .docx with a label for each of one or more, in their order, line after line.

    `start` is the first label that is still on the sheet, counted from 1. Raise UsageError where
    the sheet has no such label. An address that has no room is left out: `label_problems` warns.
    """
    check_start(stock, start)
    digits = digits_needed(letter.id for letter in letters)
    places = [*[None] * (start - 1), *letters]
    starts = range(0, len(places), stock.count)
    sheets = "".join(_sheet(places[at : at + stock.count], stock, digits) for at in starts)
    paper = stock.paper
    right = paper.width - stock.left - (stock.columns - 1) * stock.pitch_x - stock.width
    below = paper.height - stock.top - stock.rows * stock.pitch_y - _SLACK
    page = PageSetup(paper.width, paper.height, paper.code, stock.left, stock.top, right, below)
    return styled_docx("Labels", (_LABEL_STYLE, _LABEL_ID_STYLE), sheets, page)


def label_problems(letters: Iterable[LetterAddress], stock: LabelSheet) -> Iterator[Problem]:
    """Yield a warning for each address that has no room."""
    for letter in letters:
        if not fitting_size(letter.lines, _label_area(stock), _LABEL_STYLE):
            yield address_too_long(letter, "address", f"the {stock.name} label")


def check_start(stock: LabelSheet, start: int) -> None:
    """Raise UsageError where a sheet has no label of that number, counted from 1."""
    if not 1 <= start <= stock.count:
        place = option_place("start", str(start))
        problem = messages.problem("label-start", place, stock=stock.name, count=stock.count)
        raise UsageError(problem)


def _label_area(stock: LabelSheet) -> AddressArea:
    return AddressArea(stock.width - 2 * _SIDE, stock.height - _LABEL_ABOVE - _LABEL_BELOW)


def _sheet(letters: Sequence[LetterAddress | None], stock: LabelSheet, digits: int) -> str:
    """Return a table of the labels of one sheet, with columns for the gaps between them.

    All addresses of a sheet are as large as that which needs the smallest type.
    """
    area = _label_area(stock)
    fitting = [fitting_size(each.lines, area, _LABEL_STYLE) for each in letters if each]
    common = min(filter(None, fitting), default=0)
    width = mm_to_twips(stock.width)
    gap = mm_to_twips(stock.pitch_x) - width
    widths = [width, *(gap, width) * (stock.columns - 1)]
    sizes, rows = iter(fitting), []
    for at in range(0, len(letters), stock.columns):
        cells = [""] * len(widths)
        for number, letter in enumerate(letters[at : at + stock.columns]):
            if letter:
                size = common if next(sizes) else 0
                mark = text_paragraph(letter.id[:digits], _LABEL_ID_STYLE)
                lines = fit_lines(letter.lines, _LABEL_STYLE, area, middle=True, size=size)
                cells[2 * number] = mark + lines
        rows.append(table_row(map(table_cell, widths, cells), stock.pitch_y))
    return fixed_table(widths, rows)


# Parcels: for each recipient an address for the parcel, a packing list and a receipt.
#
# Each begins on a page of its own. The address shows where the parcel goes and where it goes back,
# and nothing else. The list and the receipt name the signers: they go inside, or along by hand.

_MARGIN = 20
_START = Style("page start", 1, new_page=True)
_PARCEL_RETURN_STYLE = Style("envelope return", 11)
_PARCEL_STYLE = Style("envelope address", 28, inset=15, unbroken=18)
_APART = Style("envelope gap", 1, above=40)
_HEIGHT = 80
"""Millimetres for the address: with the return address above, half a page, to be folded."""

_TITLE = Style("Title", 20, bold=True, new_page=True)
_HEAD = Style("heading 1", 12, above=16, bold=True)
_TEXT = Style("Body Text", 11, above=5)
_LISTED = Style("List", 10, above=2, inset=1)
_COLUMN = Style("List Heading", 8, above=2, inset=1, grey=True)
_STYLES = (
    *(_START, _PARCEL_RETURN_STYLE, _APART, _PARCEL_STYLE),
    *(_TITLE, _HEAD, _TEXT, _LISTED, _COLUMN),
)

_ID, _NUMBER, _FACT, _SIGNER = 18, 10, 35, 60  # Widths of columns in millimetres
_ONE_COLUMN = 30  # Letters that a packing list has in one column; more stand in two
_TO_WRITE, _STAMP_GAP, _TO_STAMP = 16, 10, 60  # Heights of rows in millimetres


@dataclass(frozen=True, slots=True)
class ParcelLetter:
    """A letter that a parcel ought to hold: its signer, its short id, why it is missing if so."""

    signer: str
    id: str
    present: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A recipient's parcel: its address and the letters that it ought to hold.

    `return_address` is empty for none.
    """

    lines: tuple[str, ...]
    recipient: str
    letters: tuple[ParcelLetter, ...]
    return_address: tuple[str, ...] = ()

    @property
    def present(self) -> tuple[ParcelLetter, ...]:
        """The letters that are in it."""
        return tuple(each for each in self.letters if each.present)

    @property
    def missing(self) -> tuple[ParcelLetter, ...]:
        """The letters that are not in it."""
        return tuple(each for each in self.letters if not each.present)


def parcels(sent: Iterable[Parcel], paper: Literal["A4", "Letter"], campaign: str) -> bytes:
    """Return a .docx with three parts for each of one or more parcels, in their order.

    `campaign` is what the campaign is called, empty for nothing.
    """
    size = PAPERS[paper]
    wide = size.width - 2 * _MARGIN
    room = AddressArea(wide - 2 * _PARCEL_STYLE.inset, _HEIGHT)
    made = []
    for parcel in sent:
        made += [
            text_paragraph("", _START),
            *(text_paragraph(text, _PARCEL_RETURN_STYLE) for text in parcel.return_address),
            text_paragraph("", _APART),
            fit_lines(parcel.lines, _PARCEL_STYLE, room, middle=True),
            _packing_list(parcel, wide, campaign),
            _receipt(parcel, wide, campaign),
        ]
    page = PageSetup(size.width, size.height, size.code, *[_MARGIN] * 4)
    return styled_docx("Parcels", _STYLES, "".join(made), page)


def _packing_list(parcel: Parcel, wide: float, campaign: str) -> str:
    """Return how many of how many letters, which are missing and why, which are in the parcel.

    Those in it are numbered, if many two in a row; the head says on each page whose parcel it is.
    """
    present, missing = parcel.present, parcel.missing
    count = f"{len(present)} of {len(parcel.letters)}; "
    text = text_paragraph("Packing list", _TITLE)
    text += _facts((("For", (parcel.recipient,)), ("Campaign", (campaign,))), wide)
    text += text_paragraph(count + ("missing:" if missing else "none missing"), _HEAD)
    if missing:
        lines = ((each.signer, each.id, each.reason) for each in missing)
        text += _list(("Signer", "Letter", "Why"), lines, (_SIGNER, _ID, wide - _SIGNER - _ID))
    if present:
        texts = [(str(n), each.signer, each.id) for n, each in enumerate(present, 1)]
        columns = 1 if len(present) <= _ONE_COLUMN else 2
        parts = (texts[at::columns] for at in range(columns))
        rows = (tuple(chain(*row)) for row in zip_longest(*parts, fillvalue=("", "", "")))
        heads = ("", f"Signer (to {parcel.recipient})", "Letter") * columns
        widths = (_NUMBER, wide / columns - _NUMBER - _ID, _ID) * columns
        text += text_paragraph("In the parcel", _HEAD)
        text += _list(heads, rows, widths)
    return text


def _receipt(parcel: Parcel, wide: float, campaign: str) -> str:
    """Return what was handed over, and room for a date, a name, a signature and a stamp."""
    facts = (
        ("Received", (counted(len(parcel.present), "letter"),)),
        ("For", (parcel.recipient,)),
        ("Campaign", (campaign,)),
        ("From", parcel.return_address),
    )
    left, right = mm_to_twips(_FACT), mm_to_twips(wide - _FACT)
    rows = []
    for name in ("Date", "Name", "Signature"):
        asked = table_cell(left, text_paragraph(name, _TEXT), place="bottom")
        rows.append(table_row((asked, table_cell(right, ruled="bottom")), _TO_WRITE))
    rows.append(table_row((table_cell(left), table_cell(right)), _STAMP_GAP))
    box = table_cell(right, text_paragraph("Stamp", _COLUMN), ruled="top left bottom right")
    rows.append(table_row((table_cell(left), box), _TO_STAMP))
    title = text_paragraph("Receipt", _TITLE)
    return title + _facts(facts, wide) + fixed_table((left, right), rows)


def _facts(facts: Iterable[tuple[str, Sequence[str]]], wide: float) -> str:
    """Return a table of what is known, a row each; what is blank is left out."""
    left, right = mm_to_twips(_FACT), mm_to_twips(wide - _FACT)
    rows = []
    for name, texts in facts:
        if any(texts):
            said = _at_left(texts[0], _TEXT)
            said += "".join(_at_left(text, _PARCEL_RETURN_STYLE) for text in texts[1:])
            cells = (table_cell(left, text_paragraph(name, _TEXT)), table_cell(right, said))
            rows.append(table_row(cells))
    return fixed_table((left, right), rows)


def _list(heads: Sequence[str], lines: Iterable[Sequence[str]], widths: Sequence[float]) -> str:
    """Return a ruled table whose heads are repeated on each page."""
    columns = [mm_to_twips(width) for width in widths]

    def cells(texts: Sequence[str], style: Style) -> Iterator[str]:
        for text, width in zip(texts, columns, strict=True):
            yield table_cell(width, _at_left(text, style), ruled="bottom")

    head = table_row(cells(heads, _COLUMN), repeated=True)
    return fixed_table(columns, (head, *(table_row(cells(line, _LISTED)) for line in lines)))


def _at_left(text: str, style: Style) -> str:
    """Return a paragraph at the left, whatever its script: it stands in a list."""
    return text_paragraph(text, style, far=is_right_to_left(text))


# Envelopes, label sheets and paper that can be bought: sizes in millimetres, with their source.
# `code` is the number by which Windows, and so Word, knows a size of paper (DMPAPER_… of the
# DEVMODE structure; `w:pgSz/@w:code`, ECMA-376 part 1, 17.6.13).

INCH = 25.4


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope as it is printed on: the long side across, the flap behind."""

    name: str
    width: float
    height: float
    code: int


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """A sheet of labels. `left` and `top` are the margins before the first label.

    `pitch_x` and `pitch_y` are the pitch: from a label's edge to the same edge of the next one.
    """

    name: str
    paper: PaperSize
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    pitch_x: float
    pitch_y: float

    @property
    def count(self) -> int:
        """The number of labels on a sheet."""
        return self.columns * self.rows


A4 = PaperSize("A4", 210, 297, 9)
"""ISO 216."""

LETTER = PaperSize("Letter", 8.5 * INCH, 11 * INCH, 1)
"""ANSI/ASME Y14.1, size A."""

PAPERS: Mapping[str, PaperSize] = MappingProxyType({paper.name: paper for paper in (A4, LETTER)})

ENVELOPES: Mapping[str, Envelope] = MappingProxyType(
    {
        envelope.name: envelope
        for envelope in (
            Envelope("DL", 220, 110, 27),
            Envelope("C6", 162, 114, 31),
            Envelope("C5", 229, 162, 28),
            Envelope("C4", 324, 229, 30),
            Envelope("#10", 9.5 * INCH, 4.125 * INCH, 20),
        )
    }
)
"""ISO 269 (withdrawn, and still what is sold); #10 is the commercial envelope of North America."""

LABELS: Mapping[str, LabelSheet] = MappingProxyType(
    {
        sheet.name: sheet
        for sheet in (
            LabelSheet("L7160", A4, 3, 7, 63.5, 38.1, 7.2, 15.15, 66.04, 38.1),
            LabelSheet(
                *("5160", LETTER, 3, 10, 2.625 * INCH, INCH),
                *(0.1875 * INCH, 0.5 * INCH, 2.75 * INCH, INCH),
            ),
        )
    }
)
"""Avery's own templates for Word, L7160 and 5160, measured."""
