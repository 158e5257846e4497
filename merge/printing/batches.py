"""Batches: which letters are printed together and in which order, and the pages before them.

The covers are plain and black, for any script. They are part of no letter: each is a .docx by
itself, which `combine` puts between the letters.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, islice, zip_longest
from typing import Literal

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle

from merge import messages
from merge.letter_status import FinishedLetter
from merge.naming import safe_part
from merge.ooxml.blank import (
    LEADING,
    POINT,
    PageSetup,
    PaperSize,
    cut_to_rows,
    escaped,
    is_right_to_left,
    minimal_docx,
    mm_to_twips,
    section,
    table_cell,
    table_grid,
    wrapped_rows,
)
from merge.ooxml.wordml import Element, serialized
from merge.people import Person
from merge.problems import Place, Problem, shortened
from merge.text.folding import plain_letters
from merge.values import BLANK, Value

Side = Literal["signer", "recipient"]
Grouping = Literal["batches", "one-file", "per-signer"]

LINES_FIRST, LINES_NEXT = 16, 24
"""Lines of the list on the first page of a cover, and on each further page."""

FEWEST_DIGITS = 4
"""Digits of a letter's short id."""

MOST_IN_NAME = 24
"""Characters of a person's name in the name of a batch."""
_NUMBERS = re.compile(r"(\d{1,300})")  # Python reads no longer numbers than of some 4,300 digits


def person_of(letter: FinishedLetter, side: Side) -> Person:
    """Return the one who signs a letter, or who gets it."""
    return letter.pair.signer if side == "signer" else letter.pair.recipient


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 letter`, `2 letters`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@dataclass(frozen=True, slots=True)
class PagedLetter:
    """A finished letter and how many pages it has, counted or assumed."""

    letter: FinishedLetter
    pages: int

    def person(self, side: Side) -> Person:
        """Return the one who signs it, or who gets it."""
        return person_of(self.letter, side)


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """The way in which letters are put together.

    `by` is the side whose letters lie together. `grouping` makes files of at most so many `sheets`,
    or one file, or one for each person. `sort_by` is the tag of a column, empty for the workbook's
    order. `covers` stands for each person's cover and each file's first page.
    """

    two_sided: bool
    sheets: int = 200
    by: Side = "signer"
    grouping: Grouping = "batches"
    sort_by: str = ""
    covers: bool = True

    @property
    def other(self) -> Side:
        """The other side: those on it have letters in many places."""
        return "recipient" if self.by == "signer" else "signer"

    def sheets_of(self, pages: int) -> int:
        """Return how many sheets pages take that begin on a sheet of their own."""
        return (pages + 1) // 2 if self.two_sided else pages


@dataclass(frozen=True, slots=True)
class PersonLetters:
    """One person's letters. `sheets` are all of them, the cover's too."""

    person: Person
    letters: tuple[PagedLetter, ...]
    sheets: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Letters that go into one file; `name` is the file's, without its ending.

    `number` counts from 1, `of` is how many there are. `sheets` are all of them, the covers' too.
    So many `digits` of a letter's id are shown.
    """

    number: int
    of: int
    name: str
    groups: tuple[PersonLetters, ...]
    sheets: int
    digits: int = FEWEST_DIGITS

    @property
    def letters(self) -> tuple[PagedLetter, ...]:
        """All letters, in the order in which they are printed."""
        return tuple(letter for group in self.groups for letter in group.letters)


def digits_needed(ids: Iterable[str]) -> int:
    """Return how many digits of their ids, at least four, tell all these letters apart."""
    all_ids = set(ids)
    full = max(map(len, all_ids), default=FEWEST_DIGITS)
    lengths = range(FEWEST_DIGITS, full)
    return next((n for n in lengths if len({i[:n] for i in all_ids}) == len(all_ids)), full)


def needs_two_sides(letters: Iterable[PagedLetter]) -> bool:
    """Return whether letters are printed on both sides where nobody says: if one has more pages."""
    return any(letter.pages > 1 for letter in letters)


def cover_pages(names: Iterable[str]) -> list[int]:
    """Return how many letters each page of a cover lists, by the names that it lists."""
    pages, free = [0], LINES_FIRST
    for name in names:
        lines = wrapped_rows(_shown_name(name, _NAME_ROOM), _NAME_ROOM, _LIST_SIZE)
        if lines > free:
            pages.append(0)
            free = LINES_NEXT
        pages[-1] += 1
        free -= lines
    return pages


def batches(letters: Sequence[PagedLetter], how: BatchOptions) -> list[Batch]:
    """Return the files that letters are printed from; a person is never divided over two."""
    groups, first_page_sheets = list(_groups(letters, how)), int(how.covers)
    if how.grouping == "per-signer":
        piles = [[group] for group in groups]
    elif how.grouping == "one-file":
        piles = [groups] if groups else []
    else:  # as many persons as the sheets allow, and one at the least
        piles, sheets = [], first_page_sheets
        for group in groups:
            if not piles or sheets + group.sheets > how.sheets:
                piles.append([])
                sheets = first_page_sheets
            piles[-1].append(group)
            sheets += group.sheets
    places = max(2, len(str(len(piles))))
    digits = digits_needed(one.letter.id for one in letters)
    return [
        Batch(
            number,
            len(piles),
            f"{number:0{places}} {_name(pile, how)}",
            tuple(pile),
            first_page_sheets + sum(group.sheets for group in pile),
            digits,
        )
        for number, pile in enumerate(piles, 1)
    ]


def too_thick(made: Iterable[Batch], how: BatchOptions) -> Iterator[Problem]:
    """Yield a warning for each file with too many sheets because one person has so many."""
    for batch in made:
        if how.grouping == "batches" and batch.sheets > how.sheets:
            yield messages.problem(
                "batch-too-thick",
                Place(f"{batch.name}.docx"),
                sheets=batch.sheets,
                most=how.sheets,
                person=batch.groups[0].person.label,
            )


def _groups(letters: Sequence[PagedLetter], how: BatchOptions) -> Iterator[PersonLetters]:
    """Yield each person's letters, all in their order."""
    ordered = sorted(
        letters, key=lambda one: (_order(one, how, how.by), _order(one, how, how.other))
    )
    for _, own in groupby(ordered, key=lambda one: one.person(how.by).key):
        pile = tuple(own)
        listed = [one.person(how.other).label for one in pile] if how.covers else []
        cover = how.sheets_of(len(cover_pages(listed))) if how.covers else 0
        sheets = cover + sum(how.sheets_of(one.pages) for one in pile)
        yield PersonLetters(pile[0].person(how.by), pile, sheets)


_Key = tuple[object, ...]


def _order(letter: PagedLetter, how: BatchOptions, side: Side) -> _Key:
    """Order by the column Sort by, else the row. If both sides have it, it sorts persons alone."""
    person = letter.person(side)
    decides = side == how.by or how.sort_by not in letter.person(how.by).fields
    if how.sort_by in person.fields and decides:
        return (*natural(person.fields[how.sort_by]), *person.position)
    return person.position


def natural(value: Value) -> _Key:
    """Return the place of a value among others: numbers and dates, then words, then blanks.

    Words go by their letters, accents and case aside, and numbers in them by what they count.
    """
    plain = value.plain
    if not value.strip():
        return (2,)
    if isinstance(plain, dt.date):
        time = plain.isoformat() if isinstance(plain, dt.datetime) else ""
        return (0, float(plain.toordinal()), time, str(value))
    if isinstance(plain, (int, float)):
        return (0, float(plain), "", str(value))
    pieces = _NUMBERS.split(plain_letters(value))
    parts = ((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in pieces)
    return (1, tuple(parts), str(value))


def _name(pile: Sequence[PersonLetters], how: BatchOptions) -> str:
    """Name the first person and the last, by the column they are sorted by, else by their names."""
    by_column = [str(group.person.fields.get(how.sort_by, BLANK)).strip() for group in pile]
    sorted_by = all((by_column[0], by_column[-1]))
    names = by_column if sorted_by else [group.person.label for group in pile]
    first, last = (safe_part(name, most=MOST_IN_NAME) for name in (names[0], names[-1]))
    if first == last:
        return first
    return f"{first}-{last}" if sorted_by else f"{first} - {last}"


_TO_SIGNER = (
    "Please sign each letter by hand, in the space above your typed name. "
    "Tick each letter when you have signed it."
)
_TO_SENDER = (
    "Each letter is signed by hand, in the space above the typed name at its end. Tick each "
    "letter when it has been signed."
)
_LONGEST_TITLE = 80  # Letters of a campaign's title: it takes two lines at the most
_MOST_NAMES = 60  # Names on the first page, where their lines have room


def first_page(batch: Batch, how: BatchOptions, campaign: str, paper: PaperSize) -> bytes:
    """Return the page that says what a batch is, and how to print it."""
    page = CoverPage(paper)
    page.write(shortened(campaign, _LONGEST_TITLE), "Small")
    page.write(f"File {batch.number} of {batch.of}" if batch.of > 1 else "All letters", "Name")
    counts = ((len(batch.groups), how.by), (len(batch.letters), "letter"), (batch.sheets, "sheet"))
    page.write(", ".join(counted(*each) for each in counts), "Count")
    page.write("How to print this file: all pages", "Heading")
    two = "two-sided, flip on the long edge"
    size = " × ".join(f"{mm:.1f}".removesuffix(".0") for mm in (paper.width, paper.height))
    printing = (
        ("Sides", two if how.two_sided else "one-sided"),
        ("Paper", f"{paper.name}, {size} mm"),
        ("Size", "100 % (“Actual size”), never “Fit to page”"),
    )
    page.rows(printing, widths=(25, 0))
    page.write("Order of the piles", "Heading")
    whose = "each signer’s letters" if how.by == "signer" else "the letters to each recipient"
    side = " Every cover sheet and every letter starts on a new sheet." if how.two_sided else ""
    text = f"A cover sheet with the name and a checklist is on top of {whose}; keep it with them."
    page.write(f"{text}{side} The {how.by}s are in this order:", "Text")
    page.names([str(group.person.label) for group in batch.groups])
    return page.bytes


def cover(batch: Batch, number: int, how: BatchOptions, campaign: str, paper: PaperSize) -> bytes:
    """Return the page before a person's letters, a list to tick.

    `number` is the person's in the batch, from 0. The cover goes on to further pages where there
    are more letters; each has a line.
    """
    group, by_signer = batch.groups[number], how.by == "signer"
    name, count = group.person.label, len(group.letters)
    page = CoverPage(paper)
    where = f"File {batch.number} of {batch.of} · " if batch.of > 1 else ""
    title = shortened(campaign, _LONGEST_TITLE)
    page.write(f"{title} · {where}{number + 1} of {len(batch.groups)}", "Small")
    page.write(shortened(name, 60), "Name")
    what = "to sign" if by_signer else "to send"
    pages = counted(sum(one.pages for one in group.letters), "page")
    page.write(f"{counted(count, 'letter')} {what}, {pages}", "Count")
    page.write(_TO_SIGNER if by_signer else _TO_SENDER, "Text")
    lines = [
        (f"{n}", f"{e.pages}", e.letter.id[: batch.digits], str(e.person(how.other).label))
        for n, e in enumerate(group.letters, 1)
    ]
    coming = iter(lines)
    for at, listed in enumerate(cover_pages(each for *_, each in lines)):
        if at:
            page.write(f"{shortened(name, 50)}, continued", "Heading", new_page=True)
        heads = ("No.", "Pages", "ID", "To" if by_signer else "From")
        page.tick_list(heads, islice(coming, listed))
    return page.bytes


# A plain page for any script: lines, rows, a list to tick. Its styles are python-docx's work.


_MARGIN, _LOW = 20, 6.5
"""Millimetres: the page's margins, and the least height of a row."""

_FACES = {"ascii": "Arial", "hAnsi": "Arial", "cs": "Arial", "eastAsia": "Microsoft YaHei"}
_COVER_STYLES = {
    "Line": (12, False, 0, 0),
    "Text": (12, False, 0, 8),
    "Heading": (13, True, 22, 6),
    "Small": (11, False, 0, 24),
    "Name": (28, True, 0, 8),
    "Count": (15, False, 0, 12),
    "List": (12, False, 0, 0),
}
"""Size, bold, space before and after, in points."""

_STOPS = (10, 22, 38, 56)
"""Millimetres: where the columns of a list to tick begin, behind its box; the last is the name."""

_LIST_SIZE, _LINE = 12, 21
"""Points: the size of what is listed, and from line to line."""

_NAME_ROOM = 210 - 2 * _MARGIN - _STOPS[-1]
"""Millimetres that a name of the list has on A4; on Letter it has more."""

MOST_LINES, _LONGEST_NAME = 3, 300
"""Lines and characters of a name; a longer one is cut, and says so."""

_NUMBER_WIDTH, _NAMES_HEIGHT = 9, 100
"""Millimetres: the numbers before the names of the first page, and all its names."""

BOX = "☐"
"""To tick. A border round blanks would ask for no font, but LibreOffice draws none in a letter of
Word 2010's kind (compatibilityMode 14), where blanks at the end of a line are nothing."""

_BOX_FONT, _BOX_SIZE = "Segoe UI Symbol", 16  # Points
_MARK_SIZE = 10  # Points, of a letter's short id: it is compared with those on envelopes and labels
_BOX = f'<w:r><w:rPr><w:rStyle w:val="CoverBox"/></w:rPr><w:t>{BOX}</w:t></w:r>'


class CoverPage:
    """A page of a size, filled from the top. Lengths are in millimetres."""

    def __init__(self, paper: PaperSize) -> None:
        self._paper = paper
        self._width = paper.width - 2 * _MARGIN
        self._blocks: list[str] = []

    @property
    def bytes(self) -> bytes:
        """The whole .docx."""
        page = PageSetup(self._paper.width, self._paper.height, 0, *[_MARGIN] * 4)
        return minimal_docx("".join(self._blocks) + section(page), _styles())

    def write(self, text: str, style: str, *, new_page: bool = False) -> None:
        """A paragraph; it runs from the right where its first letter does."""
        self._blocks.append(_cover_paragraph(text, style, new_page=new_page))

    def rows(self, rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
        """Rows without lines; columns of no width share what is left."""
        columns = self._columns(widths)
        cells = ([_cover_paragraph(text, "Line") for text in row] for row in rows)
        self._table("CoverRows", columns, _LOW, cells)

    def names(self, names: Sequence[str]) -> None:
        """Names with their numbers in two columns, down the first; as many as have room."""
        widths = (_NUMBER_WIDTH, 0, _NUMBER_WIDTH, 0)
        room = self._columns(widths)[1]
        every = [
            (f"{number}.", _shown_name(name, room))
            for number, name in enumerate(names[:_MOST_NAMES], 1)
        ]
        for shown in range(len(every), 0, -1):
            more = len(names) - shown
            rest = [("", f"and {more} more")] if more else []
            lines = [*every[:shown], *rest]
            half = (len(lines) + 1) // 2
            halves = zip_longest(lines[:half], lines[half:], fillvalue=("", ""))
            rows = [(*left, *right) for left, right in halves]
            if sum(_row_height(row[1::2], room) for row in rows) <= _NAMES_HEIGHT:
                break
        self.rows(rows, widths)

    def tick_list(self, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A list: a box to tick, numbers and ids, and the names, which may wrap."""
        room = self._width - _STOPS[-1]
        self._blocks.append(_list_line(titles, is_head=True))
        for *short, name in rows:
            self._blocks.append(_list_line((*short, _shown_name(name, room))))

    def _columns(self, widths: Sequence[float]) -> list[float]:
        left = (self._width - sum(widths)) / list(widths).count(0)
        return [width or left for width in widths]

    def _table(
        self, style: str, widths: Sequence[float], height: float, rows: Iterable[Sequence[str]]
    ) -> None:
        columns = [mm_to_twips(width) for width in widths]
        look = f'<w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(columns)}" w:type="dxa"/>'
        look += '<w:tblLayout w:type="fixed"/>'
        lines = "".join(_table_row(row, columns, height) for row in rows)
        self._blocks.append(f"<w:tbl><w:tblPr>{look}</w:tblPr>{table_grid(columns)}{lines}</w:tbl>")


def _shown_name(name: str, room: float) -> str:
    """Return a name cut to the lines that it may take in so many millimetres.

    If a word is wider than a line it gets one: programs disagree on where such a word begins.
    """
    text = shortened(name, _LONGEST_NAME)
    is_wide = any(wrapped_rows(word, room, _LIST_SIZE) > 1 for word in text.split(" "))
    return cut_to_rows(text, 1 if is_wide else MOST_LINES, room, _LIST_SIZE)


def _row_height(names: Iterable[str], room: float) -> float:
    """Return the millimetres of a row with names, which may wrap."""
    lines = max(wrapped_rows(name, room, _LIST_SIZE) for name in names)
    return max(_LOW, lines * _LIST_SIZE * LEADING * POINT)


def _table_row(cells: Sequence[str], widths: Sequence[int], height: float) -> str:
    pairs = zip(widths, cells, strict=True)
    each = "".join(table_cell(width, cell, place="center") for width, cell in pairs)
    least = f'<w:trHeight w:val="{mm_to_twips(height)}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr>{least}</w:trPr>{each}</w:tr>"


def _list_line(texts: Sequence[str], *, is_head: bool = False) -> str:
    """Return a line of a list to tick, its columns at tab stops; LibreOffice is slow with tables.

    The name is the last column, so it can wrap. Every line runs from the left; a name that is
    written from the right ends with a right-to-left mark, which keeps a full stop at its end.
    """
    *numbers, mark, name = texts
    bold = "<w:rPr><w:b/><w:bCs/></w:rPr>" if is_head else ""
    small = bold or '<w:rPr><w:rStyle w:val="CoverMark"/></w:rPr>'
    columns = "".join(f"<w:tab/><w:t>{escaped(text)}</w:t>" for text in numbers)
    look, end = ("<w:rPr><w:rtl/></w:rPr>", "\u200f") if is_right_to_left(name) else (bold, "")
    return (
        f'<w:p><w:pPr><w:pStyle w:val="CoverList"/></w:pPr>{"" if is_head else _BOX}'
        f"<w:r>{bold}{columns}<w:tab/></w:r><w:r>{small}<w:t>{escaped(mark)}</w:t></w:r>"
        f'<w:r><w:tab/></w:r><w:r>{look}<w:t xml:space="preserve">{escaped(name)}{end}</w:t></w:r>'
        "</w:p>"
    )


def _cover_paragraph(text: str, style: str, *, bold: bool = False, new_page: bool = False) -> str:
    """Text in a style, from the right where its first letter runs so (UAX 9, P2)."""
    leftward = is_right_to_left(text)
    name = f"Cover{style}{'Leftward' * leftward}"
    breaks = "<w:pageBreakBefore/>" * new_page
    look = "<w:b/><w:bCs/>" * bold + "<w:rtl/>" * leftward
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{name}"/>{breaks}</w:pPr><w:r><w:rPr>{look}</w:rPr>'
        f'<w:t xml:space="preserve">{escaped(text)}</w:t></w:r></w:p>'
    )


@cache
def _styles() -> bytes:
    """The styles of this page, and no others."""
    styles = Document().styles
    for style in list(styles.element):
        styles.element.remove(style)
    for name in _COVER_STYLES:
        usual = styles.add_style(f"Cover {name}", WD_STYLE_TYPE.PARAGRAPH)
        _define(usual, name)
        leftward = styles.add_style(f"Cover {name} Leftward", WD_STYLE_TYPE.PARAGRAPH)
        leftward.base_style = usual
        leftward.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
        if name == "List":
            _define_list(usual)
        if name == "Line":  # in a list all begins at the left
            leftward.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    styles.element[0].set(qn("w:default"), "1")
    table = styles.add_style("Cover Rows", WD_STYLE_TYPE.TABLE)
    table.element.append(_table_look())
    mark = styles.add_style("Cover Mark", WD_STYLE_TYPE.CHARACTER).font
    mark.size = Pt(_MARK_SIZE)
    box = styles.add_style("Cover Box", WD_STYLE_TYPE.CHARACTER).font
    box.size = Pt(_BOX_SIZE)
    fonts = box.element.get_or_add_rPr().get_or_add_rFonts()
    for script in _FACES:
        fonts.set(qn(f"w:{script}"), _BOX_FONT)
    return serialized(styles.element)


def _define_list(style: ParagraphStyle) -> None:
    """Give a style the tab stops of a list to tick, and a rule above and below each line."""
    look = style.paragraph_format
    look.left_indent, look.first_line_indent = Mm(_STOPS[-1]), Mm(-_STOPS[-1])
    for stop in _STOPS:
        look.tab_stops.add_tab_stop(Mm(stop))
    look.keep_together = True
    look.line_spacing_rule, look.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(_LINE)
    rules = OxmlElement("w:pBdr")
    for side in ("top", "bottom", "between"):
        rules.append(_element(f"w:{side}", val="single", sz="4", space="1", color="808080"))
    behind = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:bidi", "w:spacing", "w:ind", "w:jc")
    style.element.get_or_add_pPr().insert_element_before(rules, *behind)


def _define(style: ParagraphStyle, name: str) -> None:
    size, bold, before, after = _COVER_STYLES[name]
    look, font = style.paragraph_format, style.font
    look.space_before, look.space_after, look.line_spacing = Pt(before), Pt(after), 1.0
    font.name, font.bold, font.cs_bold, font.size = "Arial", bold, bold, Pt(size)
    properties = style.element.get_or_add_rPr()
    for script, face in _FACES.items():
        properties.rFonts.set(qn(f"w:{script}"), face)
    properties.append(_element("w:szCs", val=str(2 * size)))


def _table_look() -> Element:
    """A table's properties: text begins where other text does."""
    look: Element = OxmlElement("w:tblPr")
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w="0", type="dxa"))
    look.append(margins)
    return look


def _element(name: str, **attributes: str) -> Element:
    made: Element = OxmlElement(name)
    for attribute, text in attributes.items():
        made.set(qn(f"w:{attribute}"), text)
    return made
