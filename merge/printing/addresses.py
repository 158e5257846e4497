"""What goes on the outside of a letter: the lines of its address, its short id, where it goes back.

The recipient's address is taken as it stands in the finished letter, line for line. It is never
put together, put in order or guessed, and nothing of the signer's is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, repeat, zip_longest
from types import MappingProxyType
from typing import Literal

from merge.model import BLANK, Person, Place, Problem, UsageError
from merge.naming import folded
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

FEWEST_DIGITS = 4

_LONGEST, _LONGEST_SENTENCE = 200, 100
"""Characters of a line of an address, and of one that ends as sentences do."""

_SENTENCE_ENDS = (".", "!", "?", "。", "؟")

_NO_ADDRESS = {"id", "include", "template", "language", "salutation"}
"""The program's own columns, of which no address is made."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
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
    """What an envelope or a label shows: a letter's whole id, and lines of text.

    `back` is the return address, empty for none. `path` is the letter's, as messages name it.
    """

    id: str
    lines: tuple[str, ...]
    back: tuple[str, ...] = ()
    path: str = ""


def digits_needed(ids: Iterable[str]) -> int:
    """How many digits, at least four, tell all these letters apart."""
    whole = set(ids)
    full = max(map(len, whole), default=FEWEST_DIGITS)
    lengths = range(FEWEST_DIGITS, full)
    return next((n for n in lengths if len({i[:n] for i in whole}) == len(whole)), full)


def address_too_long(outside: LetterAddress, what: str, where: str) -> Problem:
    """A warning that an address has no room and was left out."""
    place = Place(outside.path or f"letter {outside.id}")
    told = f"the {what} does not fit on {where}, not even in small type, and is left out."
    return Problem("address-too-long", place, told, "Write it there by hand.", "warning")


def address_lines(
    paragraphs: Sequence[str], recipient: Person, signer: Person | None = None
) -> tuple[str, ...]:
    r"""The recipient's address as the finished letter has it; empty where that is not sure.

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


def _words(text: str) -> Words:
    return tuple(_WORD.findall(folded(text)))


def _lines_of(text: str) -> list[Words]:
    return [words for words in map(_words, text.splitlines()) if words]


def _contains(words: Words, part: Words) -> bool:
    return bool(part) and any(words[n : n + len(part)] == part for n in range(len(words)))


class _CellWords:
    """What a person's cells say, a line each, as words."""

    def __init__(self, person: Person) -> None:
        texts = [text for tag, text in person.fields.items() if tag not in _NO_ADDRESS]
        self._lines = [words for text in texts for words in _lines_of(text)]
        self.name = next(iter(_lines_of(person.name)), ())
        self.first = next(iter(self._lines), ())
        self._called = [self.name, *_lines_of(person.fields.get("salutation", BLANK))]

    def make_up(self, words: Words) -> bool:
        """Whether the words are whole lines of cells, one behind the other."""
        ends = {0}
        for start in range(len(words)):
            if start in ends:
                ends |= {start + len(p) for p in self._lines if words[start : start + len(p)] == p}
        return bool(words) and len(words) in ends

    def end(self, words: Words) -> bool:
        """Whether the words end in the name or the salutation, as those of a greeting do."""
        return any(words[-len(part) :] == part for part in self._called if part)

    def count(self, words: Words) -> int:
        """How many cells have the words as a line; 1 where they are several lines together."""
        return self._lines.count(words) or 1


class _AddressSearch:
    """The lines of a letter, and which of them are made up of the recipient's cells."""

    def __init__(
        self, paragraphs: Sequence[str], own: _CellWords, signer: _CellWords | None
    ) -> None:
        split = [text.split("\n") for text in paragraphs]
        self.lines = tuple(line.strip() for lines in split for line in lines)
        self._words = [_words(line) for line in self.lines]
        self._edges = {0, *accumulate(map(len, split))}
        self._own = own
        self._signed = [False] * len(self.lines)
        self._made = [False] * len(self.lines)
        for n, (line, words) in enumerate(zip(self.lines, self._words, strict=True)):
            signed = signer is not None and signer.make_up(words)
            goes_on = signed and n > 0 and self._signed[n - 1]
            most = _LONGEST_SENTENCE if line.endswith(_SENTENCE_ENDS) else _LONGEST
            self._made[n] = len(line) <= most and own.make_up(words) and not goes_on
            self._signed[n] = signed and not self._made[n]

    def blocks(self, anchor: Words) -> Iterator[range]:
        """The runs of made-up lines, a greeting below them left out, that hold the anchor."""
        for made, run in groupby(range(len(self.lines)), self._made.__getitem__):
            numbers = list(run)
            last = numbers[-1]
            greeting = self._has_mark(last) and self._own.end(self._words[last])
            block = range(numbers[0], last if greeting else last + 1)
            if made and len(block) > 1 and any(_contains(self._words[n], anchor) for n in block):
                yield block

    def has_name_above(self, block: range) -> bool:
        """Whether the recipient's name stands above a block."""
        return any(_contains(words, self._own.name) for words in self._words[: block.start])

    def bounds(self, block: range) -> bool:
        """Whether a block is the whole address, plainly."""
        inner = self._words[block.start : block.stop]
        if any(inner.count(words) > self._own.count(words) for words in inner):
            return False  # the same line twice: one of the two is not of the address
        alone = self._edges.intersection(range(block.start, block.stop + 1))
        own_paragraph = alone == {block.start, block.stop}
        begins = own_paragraph or self._begins(block.start)
        return begins and (own_paragraph or self._ends(block.stop)) and self._is_apart(block)

    def _begins(self, start: int) -> bool:
        above = self.lines[start - 1] if start else ""
        if not above or self._signed[start - 1]:
            return True
        return above.endswith((":", "：")) or bool(_DATE.search(above))

    def _ends(self, stop: int) -> bool:
        below = self.lines[stop] if stop < len(self.lines) else ""
        return not below or bool(_DATE.search(below)) or self._greets(stop)

    def _is_apart(self, block: range) -> bool:
        """No other line of the recipient's cells is next to it, blank lines not counted.

        Right behind a greeting neither, and no second greeting: the first may be an edited line.
        """
        above = [n for n in range(block.start) if self.lines[n]][-1:]
        below = [n for n in range(block.stop, len(self.lines)) if self.lines[n]][:2]
        greeted = bool(below) and self._greets(below[0])
        behind = below[1:] if greeted and below[0] == block.stop else []
        near = [*above, *behind] if greeted else [*above, *below[:1]]
        again = any(self._greets(n) and not self.lines[n].endswith((":", "：")) for n in behind)
        return not again and not any(self._made[n] for n in near)

    def _greets(self, number: int) -> bool:
        """Whether a line may be a greeting: `Your Excellency,`, `Dear Minister`."""
        return self._has_mark(number) or self._own.end(self._words[number])

    def _has_mark(self, number: int) -> bool:
        return self.lines[number].endswith(_GREETING_ENDS)


# Envelopes: a page each, as wide and high as the envelope, the long side across.
#
# Where the posts' machines look for the address, and what they want clear:
#
# - USPS, Domestic Mail Manual 102.2.1: within 1/2 in of the sides, from 5/8 in to 2 3/4 in above
# the lower edge; what else is printed there stands above the address (Publication 28, A1). -
# Deutsche Post, *Automationsfähige Briefsendungen*: 40 mm below the upper edge, 15 mm from the
# others; nothing below the address or to its right. The strip of 15 mm along the lower edge is the
# machine's, 74 mm at the upper right are for the stamp, the upper left is the sender's. - Universal
# Postal Convention, standardized items: at most 140 mm from the right edge.
#
# The letter's short id stands at the upper left, below the return address: far from all of these.


_LEFT, _TOP = 10, 8
"""Millimetres from the edges to the return address: what printers reach."""

_RIGHT, _CLEAR_ABOVE, _CLEAR_BELOW = 15, 40, 20
"""Millimetres that are kept clear round the address."""

_HIGHEST, _FARTHEST = 69.8, 140
"""Millimetres from the lower and the right edge to where the address may begin."""

_ENVELOPE_SLACK = 1
"""Millimetres of the page below the table: for the paragraph that ends it."""

_ENVELOPE_STYLE = Style("envelope address", 12)
_ENVELOPE_RETURN_STYLE = Style("envelope return", 9)
_ENVELOPE_ID_STYLE = Style("letter mark", 6.5, above=3, grey=True)
_MARK_HEIGHT = 4
_RETURN_GAP = 3


def envelopes(outsides: Iterable[LetterAddress], stock: Envelope) -> bytes:
    """A .docx with a page for each of one or more, in their order.

    An address that has no room is left out: `envelope_problems` tells of it.
    """
    letters = list(outsides)
    digits = digits_needed(letter.id for letter in letters)
    pages = (_envelope_page(letter, letter.id[:digits], stock) for letter in letters)
    below = _CLEAR_BELOW - _ENVELOPE_SLACK
    page = PageSetup(stock.width, stock.height, stock.code, _LEFT, _TOP, _RIGHT, below)
    return styled_docx(
        "Envelopes",
        (_ENVELOPE_STYLE, _ENVELOPE_RETURN_STYLE, _ENVELOPE_ID_STYLE),
        "".join(pages),
        page,
    )


def envelope_problems(outsides: Iterable[LetterAddress], stock: Envelope) -> Iterator[Problem]:
    """A warning for each address and each return address that has no room."""
    where = f"the envelope {stock.name}"
    for letter in outsides:
        if not fitting_size(letter.lines, _address_room(stock), _ENVELOPE_STYLE.size):
            yield address_too_long(letter, "address", where)
        if not fitting_size(letter.back, _return_room(stock), _ENVELOPE_RETURN_STYLE.size):
            yield address_too_long(letter, "return address", where)


def _left(stock: Envelope) -> float:
    """Millimetres from the left edge to the address: in the right half, nearly."""
    return max(0.45 * stock.width, stock.width - _FARTHEST)


def _top(stock: Envelope) -> float:
    return max(_CLEAR_ABOVE, stock.height - _HIGHEST)


def _address_room(stock: Envelope) -> AddressArea:
    return AddressArea(
        stock.width - _RIGHT - _left(stock), stock.height - _CLEAR_BELOW - _top(stock)
    )


def _return_room(stock: Envelope) -> AddressArea:
    return AddressArea(_left(stock) - _LEFT - _RETURN_GAP, _CLEAR_ABOVE - _TOP - _MARK_HEIGHT)


def _envelope_page(letter: LetterAddress, mark: str, stock: Envelope) -> str:
    """A table that fills a page: above, where it goes back and the mark; below, the address.

    One table of all would be one too many for LibreOffice: 1,000 pages took it 13 s, not 3.
    """
    left, room = mm_to_twips(_left(stock) - _LEFT), _address_room(stock)
    right = mm_to_twips(room.width)
    back = fit_lines(letter.back, _ENVELOPE_RETURN_STYLE, _return_room(stock)) + text_paragraph(
        mark, _ENVELOPE_ID_STYLE
    )
    address = table_cell(right, fit_lines(letter.lines, _ENVELOPE_STYLE, room), place="center")
    upper = table_row((table_cell(left, back), table_cell(right)), _top(stock) - _TOP)
    return fixed_table((left, right), (upper, table_row((table_cell(left), address), room.height)))


# Address labels: a table whose cells lie on the labels of a sheet that can be bought.
#
# Every row is exactly as high as the sheet's pitch, and the margins leave no room for one more:
# each sheet is a page, and nothing can push a label to another one's place. The letter's short id
# stands above the address, at the right: what else is printed near an address stands above it and
# far from it (USPS, Publication 28, A1), and nothing below it or to its right (Deutsche Post).


_SIDE, _LABEL_ABOVE, _LABEL_BELOW = 3, 3.5, 1.5
"""Millimetres of a label round the address. Deutsche Post asks for 3 at the sides."""

_LABEL_STYLE = Style("label address", 11, inset=_SIDE)
_LABEL_ID_STYLE = Style("label mark", 6, above=3, inset=_SIDE, grey=True, right=True)
_LABEL_SLACK = 1
"""Millimetres of the page below the last row: for the paragraph that ends the table."""


def labels(outsides: Sequence[LetterAddress], stock: LabelSheet, start: int = 1) -> bytes:
    """A .docx with a label for each of one or more, in their order, line after line.

    `start` is the first label that is still on the sheet, counted from 1. UsageError where the
    sheet has no such label. An address that has no room is left out: `label_problems` tells of it.
    """
    check_start(stock, start)
    digits = digits_needed(letter.id for letter in outsides)
    whole = [""] * (start - 1)
    whole += [_label_lines(letter, letter.id[:digits], stock) for letter in outsides]
    sheets = (_sheet(part, stock) for part in _chunks_of(whole, stock.count))
    return styled_docx(
        "Labels", (_LABEL_STYLE, _LABEL_ID_STYLE), "".join(sheets), _label_page(stock)
    )


def label_problems(outsides: Iterable[LetterAddress], stock: LabelSheet) -> Iterator[Problem]:
    """A warning for each address that has no room."""
    for letter in outsides:
        if not fitting_size(letter.lines, _label_area(stock), _LABEL_STYLE.size):
            yield address_too_long(letter, "address", f"a label {stock.name}")


def check_start(stock: LabelSheet, start: int) -> None:
    """UsageError where a sheet has no label of that number, counted from 1."""
    if not 1 <= start <= stock.count:
        raise UsageError(_no_label(stock, start))


def _no_label(stock: LabelSheet, start: int) -> Problem:
    what = f"a sheet {stock.name} has the labels 1 to {stock.count}."
    hint = "Count from the upper left, line after line, to the first label that is left."
    return Problem("label-start", Place(f"--start {start}"), what, hint)


def _label_page(stock: LabelSheet) -> PageSetup:
    paper = stock.paper
    right = paper.width - stock.left - (stock.columns - 1) * stock.across - stock.width
    below = paper.height - stock.top - stock.rows * stock.down - _LABEL_SLACK
    return PageSetup(paper.width, paper.height, paper.code, stock.left, stock.top, right, below)


def _widths(stock: LabelSheet) -> list[int]:
    """The widths in twips of the labels and of the gaps between them, turn about."""
    gap = mm_to_twips(stock.across) - mm_to_twips(stock.width)
    return [mm_to_twips(stock.width), *(gap, mm_to_twips(stock.width)) * (stock.columns - 1)]


def _label_area(stock: LabelSheet) -> AddressArea:
    return AddressArea(stock.width - 2 * _SIDE, stock.height - _LABEL_ABOVE - _LABEL_BELOW)


def _label_lines(letter: LetterAddress, mark: str, stock: LabelSheet) -> str:
    address = fit_lines(letter.lines, _LABEL_STYLE, _label_area(stock), middle=True)
    return text_paragraph(mark, _LABEL_ID_STYLE) + address


def _sheet(contents: Sequence[str], stock: LabelSheet) -> str:
    """A table of the labels of one sheet."""
    widths = _widths(stock)
    rows = (_row(part, widths, stock.down) for part in _chunks_of(contents, stock.columns))
    return fixed_table(widths, rows)


def _row(contents: Sequence[str], widths: Sequence[int], height: float) -> str:
    spaced = [content for each in contents for content in ("", each)][1:]
    return table_row(map(table_cell, widths, chain(spaced, repeat(""))), height)


def _chunks_of(contents: Sequence[str], count: int) -> Iterator[Sequence[str]]:
    return (contents[n : n + count] for n in range(0, len(contents), count))


# Parcels: for each recipient an address for the parcel, a packing list and a receipt.
#
# Each begins on a page of its own. The address shows where the parcel goes and where it goes back,
# and nothing else. The list and the receipt name the signers: they go inside, or along by hand.


_MARGIN = 20
_START = Style("page start", 1, new_page=True)
_PARCEL_RETURN_STYLE = Style("envelope return", 11)
_PARCEL_STYLE = Style("envelope address", 28, inset=15)
_APART = Style("envelope gap", 1, above=40)
_HEIGHT = 80
"""Millimetres for the address: with the return address above, half a page, to be folded."""

_TITLE = Style("Title", 20, bold=True, new_page=True)
_HEAD = Style("heading 1", 12, above=16, bold=True)
_TEXT = Style("Body Text", 11, above=5)
_LISTED = Style("List", 9, above=2, inset=1)
_COLUMN = Style("List Heading", 8, above=2, inset=1, grey=True)
_STYLES = (
    _START,
    _PARCEL_RETURN_STYLE,
    _APART,
    _PARCEL_STYLE,
    _TITLE,
    _HEAD,
    _TEXT,
    _LISTED,
    _COLUMN,
)

_ID, _NUMBER, _FACT, _SIGNER = 18, 10, 35, 60
"""Widths of columns in millimetres."""

_TO_WRITE, _STAMP_GAP, _TO_STAMP = 16, 10, 60
"""Heights of rows in millimetres."""

_ROUND = "top left bottom right"


@dataclass(frozen=True, slots=True)
class ParcelLetter:
    """A letter that a parcel ought to hold: its signer, its short id, why it is missing if so."""

    signer: str
    id: str
    present: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A recipient's parcel. `lines` are its address, `back` the return address, empty for none."""

    lines: tuple[str, ...]
    recipient: str
    wanted: tuple[ParcelLetter, ...]
    back: tuple[str, ...] = ()

    @property
    def present(self) -> tuple[ParcelLetter, ...]:
        """The letters that are in it."""
        return tuple(each for each in self.wanted if each.present)

    @property
    def missing(self) -> tuple[ParcelLetter, ...]:
        """The letters that are not."""
        return tuple(each for each in self.wanted if not each.present)


def parcels(sent: Iterable[Parcel], paper: Literal["A4", "Letter"], campaign: str) -> bytes:
    """A .docx with three parts for each of one or more parcels, in their order.

    `campaign` is what the campaign is called, empty for nothing.
    """
    size = PAPERS[paper]
    wide = size.width - 2 * _MARGIN
    made = (
        _parcel_label(p, wide) + _list(p, wide, campaign) + _receipt(p, wide, campaign)
        for p in sent
    )
    page = PageSetup(size.width, size.height, size.code, *[_MARGIN] * 4)
    return styled_docx("Parcels", _STYLES, "".join(made), page)


def _parcel_label(parcel: Parcel, wide: float) -> str:
    back = "".join(text_paragraph(text, _PARCEL_RETURN_STYLE) for text in parcel.back)
    room = AddressArea(wide - 2 * _PARCEL_STYLE.inset, _HEIGHT)
    return (
        text_paragraph("", _START)
        + back
        + text_paragraph("", _APART)
        + fit_lines(parcel.lines, _PARCEL_STYLE, room, middle=True)
    )


def _list(parcel: Parcel, wide: float, campaign: str) -> str:
    """How many of how many letters, which are missing and why, and which are in the parcel."""
    count = f"{len(parcel.present)} of {len(parcel.wanted)}; "
    missing = _missing(parcel.missing, wide) if parcel.missing else ""
    return (
        text_paragraph("Packing list", _TITLE)
        + _facts((("For", (parcel.recipient,)), ("Campaign", (campaign,))), wide)
        + text_paragraph(count + ("missing:" if missing else "none is missing"), _HEAD)
        + missing
        + (_present(parcel, wide) if parcel.present else "")
    )


def _facts(facts: Iterable[tuple[str, Sequence[str]]], wide: float) -> str:
    """What is known, a row each; what is blank is left out."""
    widths = (mm_to_twips(_FACT), mm_to_twips(wide - _FACT))
    rows = [
        table_row(
            (
                table_cell(widths[0], text_paragraph(name, _TEXT)),
                table_cell(widths[1], _text(texts)),
            )
        )
        for name, texts in facts
        if any(texts)
    ]
    return fixed_table(widths, rows)


def _text(texts: Sequence[str]) -> str:
    return _set(texts[0], _TEXT) + "".join(_set(text, _PARCEL_RETURN_STYLE) for text in texts[1:])


def _set(text: str, style: Style) -> str:
    """A paragraph at the left, whatever its script: it stands in a list."""
    return text_paragraph(text, style, far=is_right_to_left(text))


def _missing(letters: Sequence[ParcelLetter], wide: float) -> str:
    widths = (mm_to_twips(_SIGNER), mm_to_twips(_ID), mm_to_twips(wide - _SIGNER - _ID))
    rows = (_listed((each.signer, each.id, each.reason), widths) for each in letters)
    return fixed_table(widths, (_heads(("Signer", "Letter", "Why"), widths), *rows))


def _present(parcel: Parcel, wide: float) -> str:
    """The letters, numbered, two in a row; the head says on each page whose parcel it is."""
    widths = (mm_to_twips(_NUMBER), mm_to_twips(wide / 2 - _NUMBER - _ID), mm_to_twips(_ID)) * 2
    texts = [(str(n), each.signer, each.id) for n, each in enumerate(parcel.present, 1)]
    couples = zip_longest(texts[::2], texts[1::2], fillvalue=("", "", ""))
    rows = (_listed((*one, *other), widths) for one, other in couples)
    heads = ("", "Signer", "Letter", "", f"Signer (to {parcel.recipient})", "Letter")
    return text_paragraph("In the parcel:", _HEAD) + fixed_table(
        widths, (_heads(heads, widths), *rows)
    )


def _heads(texts: Sequence[str], widths: Sequence[int]) -> str:
    return table_row(_ruled(texts, _COLUMN, widths), repeated=True)


def _listed(texts: Sequence[str], widths: Sequence[int]) -> str:
    return table_row(_ruled(texts, _LISTED, widths))


def _ruled(texts: Sequence[str], style: Style, widths: Sequence[int]) -> Iterator[str]:
    pairs = zip(texts, widths, strict=True)
    return (table_cell(width, _set(text, style), ruled="bottom") for text, width in pairs)


def _receipt(parcel: Parcel, wide: float, campaign: str) -> str:
    """What was handed over, and room for a date, a name, a signature and a stamp."""
    count = len(parcel.present)
    facts = (
        ("Received", (f"{count} letter" if count == 1 else f"{count} letters",)),
        ("For", (parcel.recipient,)),
        ("Campaign", (campaign,)),
        ("From", parcel.back),
    )
    widths = (mm_to_twips(_FACT), mm_to_twips(wide - _FACT))
    to_write = [_to_write(name, widths) for name in ("Date", "Name", "Signature")]
    box = table_cell(widths[1], text_paragraph("Stamp", _COLUMN), ruled=_ROUND)
    stamp = table_row((table_cell(widths[0]), table_cell(widths[1])), _STAMP_GAP) + table_row(
        (table_cell(widths[0]), box), _TO_STAMP
    )
    return (
        text_paragraph("Receipt", _TITLE)
        + _facts(facts, wide)
        + fixed_table(widths, (*to_write, stamp))
    )


def _to_write(name: str, widths: Sequence[int]) -> str:
    line_to_write_on = table_cell(widths[1], ruled="bottom")
    return table_row(
        (table_cell(widths[0], text_paragraph(name, _TEXT), place="bottom"), line_to_write_on),
        _TO_WRITE,
    )


# Envelopes, label sheets and paper that can be bought: sizes in millimetres, with their source.
#
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

    `across` and `down` are the pitch: from a label's edge to the same edge of the next one.
    """

    name: str
    paper: PaperSize
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    across: float
    down: float

    @property
    def count(self) -> int:
        """How many labels a sheet has."""
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
