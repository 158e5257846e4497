"""Which letters are printed together and in which order. Pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Literal

from merge.model import BLANK, FinishedLetter, Person, Place, Problem, Value, shortened
from merge.naming import folded, safe_part
from merge.ooxml.blank import CoverPage, PaperSize

Side = Literal["signer", "recipient"]
Grouping = Literal["batches", "one-file", "per-signer"]

ROWS_FIRST, ROWS_NEXT = 16, 24
"""Lines on the first page of a cover, and on each further page."""

_MOST = 24
"""Characters of a name in the name of a file."""

_NUMBERS = re.compile(r"(\d{1,300})")
"""Python reads no longer numbers than of some 4,300 digits."""


@dataclass(frozen=True, slots=True)
class PagedLetter:
    """A finished letter and how many pages it has, counted or assumed."""

    letter: FinishedLetter
    pages: int

    def person(self, side: Side) -> Person:
        """The one who signs it, or who gets it."""
        pair = self.letter.pair
        return pair.signer if side == "signer" else pair.recipient


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How letters are put together.

    `by` says whose letters lie together. `grouping` makes files of at most so many `sheets`, or
    one file, or one for each person. `sort_by` is the tag of a column, empty for the workbook's
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
        """Whose letters do not lie together."""
        return "recipient" if self.by == "signer" else "signer"

    def sheets_of(self, pages: int) -> int:
        """How many sheets so many pages take that begin on a sheet of their own."""
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
    """

    number: int
    of: int
    name: str
    groups: tuple[PersonLetters, ...]
    sheets: int

    @property
    def letters(self) -> tuple[PagedLetter, ...]:
        """All letters, in the order in which they are printed."""
        return tuple(letter for group in self.groups for letter in group.letters)


def needs_two_sides(letters: Iterable[PagedLetter]) -> bool:
    """Whether letters are printed on both sides, where nobody says so: if one has more pages."""
    return any(letter.pages > 1 for letter in letters)


def cover_pages(letters: int) -> int:
    """How many pages a cover has that lists so many letters."""
    return 1 + max(0, -(-(letters - ROWS_FIRST) // ROWS_NEXT))


def batches(letters: Sequence[PagedLetter], how: BatchOptions) -> list[Batch]:
    """The files that letters are printed from. A person is never divided over two of them."""
    groups = list(_groups(letters, how))
    if how.grouping == "per-signer":
        piles = [[group] for group in groups]
    elif how.grouping == "one-file":
        piles = [groups] if groups else []
    else:
        piles = list(_piles(groups, how))
    digits = max(2, len(str(len(piles))))
    return [
        Batch(
            number,
            len(piles),
            f"{number:0{digits}} {_name(pile, how)}",
            tuple(pile),
            _first_page(how) + sum(group.sheets for group in pile),
        )
        for number, pile in enumerate(piles, 1)
    ]


def too_thick(made: Iterable[Batch], how: BatchOptions) -> Iterator[Problem]:
    """Warnings of files with more sheets than was asked for, because one person has so many."""
    for batch in made:
        if how.grouping == "batches" and batch.sheets > how.sheets:
            whose = batch.groups[0].person.label
            what = f"it has {batch.sheets} sheets, more than {how.sheets}: all are for {whose}."
            hint = "Print it as it is; one person's letters stay in one file."
            yield Problem("batch-too-thick", Place(f"{batch.name}.docx"), what, hint, "warning")


def _groups(letters: Sequence[PagedLetter], how: BatchOptions) -> Iterator[PersonLetters]:
    """Each person's letters, all in their order."""
    ordered = sorted(
        letters, key=lambda one: (_order(one, how, how.by), _order(one, how, how.other))
    )
    for _, own in groupby(ordered, key=lambda one: one.person(how.by).key):
        pile = tuple(own)
        cover = how.sheets_of(cover_pages(len(pile))) if how.covers else 0
        sheets = cover + sum(how.sheets_of(one.pages) for one in pile)
        yield PersonLetters(pile[0].person(how.by), pile, sheets)


_Key = tuple[object, ...]


def _order(letter: PagedLetter, how: BatchOptions, side: Side) -> _Key:
    """By the column Sort by, else by the row. If both sides have it, it sorts persons alone."""
    person, whose = letter.person(side), letter.person(how.by)
    decides = side == how.by or how.sort_by not in whose.fields
    if how.sort_by in person.fields and decides:
        return (*natural(person.fields[how.sort_by]), person.row)
    return (person.row,)


def natural(value: Value) -> _Key:
    """The place of a value among others: numbers and dates, then words, then blanks.

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
    base = unicodedata.normalize("NFD", folded(value))
    letters = "".join(c for c in base if not unicodedata.combining(c))
    return (1, tuple(_part(p) for p in _NUMBERS.split(letters)), str(value))


def _part(text: str) -> tuple[int, int, str]:
    return (0, int(text), "") if text.isdecimal() else (1, 0, text)


def _piles(groups: Iterable[PersonLetters], how: BatchOptions) -> Iterator[list[PersonLetters]]:
    """As many persons in their order as the sheets allow, and one at the least."""
    pile: list[PersonLetters] = []
    sheets = _first_page(how)
    for group in groups:
        if pile and sheets + group.sheets > how.sheets:
            yield pile
            pile, sheets = [], _first_page(how)
        pile.append(group)
        sheets += group.sheets
    if pile:
        yield pile


def _first_page(how: BatchOptions) -> int:
    return 1 if how.covers else 0


def _name(pile: Sequence[PersonLetters], how: BatchOptions) -> str:
    """The first person and the last, by the column that they are sorted by, else by their names."""
    by_column = [str(group.person.fields.get(how.sort_by, BLANK)).strip() for group in pile]
    sorted_by = all((by_column[0], by_column[-1]))
    names = by_column if sorted_by else [group.person.label for group in pile]
    first, last = (safe_part(name, most=_MOST) for name in (names[0], names[-1]))
    if first == last:
        return first
    return f"{first}-{last}" if sorted_by else f"{first} - {last}"


# A batch's first page, and the cover before each person's letters: plain, black, for any script.
#
# They are part of no letter: each is a .docx by itself, which combine/ puts between the letters.


_LONGEST_TITLE = 80
"""Letters of a campaign's title: it takes two lines at the most."""

_MOST_NAMES = 24
"""Names on the first page."""


def first_page(batch: Batch, how: BatchOptions, campaign: str, paper: PaperSize) -> bytes:
    """What a batch is, and how to print it: one page."""
    page = CoverPage(paper)
    page.write(shortened(campaign, _LONGEST_TITLE), "Small")
    page.write(f"Batch {batch.number} of {batch.of}" if batch.of > 1 else "All letters", "Name")
    page.write(_counts(batch, how), "Count")
    page.write("Print all pages of this file like this", "Heading")
    page.rows(_printing(how, paper), widths=(25, 0))
    page.write("How the pile lies", "Heading")
    page.write(_cover_order(how), "Text")
    page.rows(_names(batch), widths=(9, 0, 9, 0), cut=True)
    return page.bytes


def cover(batch: Batch, number: int, how: BatchOptions, campaign: str, paper: PaperSize) -> bytes:
    """The page before a person's letters, by the person's number in the batch from 0: a tick list.

    It goes on to further pages where there are more letters; each has a line.
    """
    group = batch.groups[number]
    page = CoverPage(paper)
    where = f"Batch {batch.number} of {batch.of} · " if batch.of > 1 else ""
    title = shortened(campaign, _LONGEST_TITLE)
    page.write(f"{title} · {where}{number + 1} of {len(batch.groups)}", "Small")
    page.write(_cover_name(group, 60), "Name")
    page.write(_count(group, how), "Count")
    page.write(_request(how), "Text")
    for at in _starts(len(group.letters)):
        if at:
            page.write(f"{_cover_name(group, 50)}, continued", "Heading", new_page=True)
        page.tick_list(("No.", _other(how), "Pages"), _lines(group, how, at))
    return page.bytes


def _counts(batch: Batch, how: BatchOptions) -> str:
    people = _number(len(batch.groups), how.by)
    return f"{people}, {_number(len(batch.letters), 'letter')}, {_number(batch.sheets, 'sheet')}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _printing(how: BatchOptions, paper: PaperSize) -> Iterator[tuple[str, str]]:
    both = "both (two-sided), flip on the long edge"
    yield "Sides", both if how.two_sided else "one (one-sided)"
    yield "Paper", f"{paper.name}, {_length(paper.width)} × {_length(paper.height)} mm"
    yield "Size", "100 % (“Actual size”), never “Fit to page”"


def _length(millimetres: float) -> str:
    return f"{millimetres:.1f}".removesuffix(".0")


def _cover_order(how: BatchOptions) -> str:
    whose = "On top of each signer’s letters"
    where = whose if how.by == "signer" else "On top of the letters to each recipient"
    side = " Every cover and every letter begins on a sheet of its own." if how.two_sided else ""
    return (
        f"{where} lies a cover with the name and a list to tick; keep it with them.{side} "
        f"The {how.by}s come in this order:"
    )


def _names(batch: Batch) -> Iterator[tuple[str, ...]]:
    """The names with their numbers in two columns, down the first and then the second."""
    lines = [(f"{n}.", _cover_name(group, 25)) for n, group in enumerate(batch.groups, 1)]
    if len(lines) > _MOST_NAMES:
        more = len(lines) - _MOST_NAMES + 1
        lines = [*lines[: _MOST_NAMES - 1], ("", f"and {more} more")]
    half = (len(lines) + 1) // 2
    for left, right in zip_longest(lines[:half], lines[half:], fillvalue=("", "")):
        yield (*left, *right)


def _cover_name(group: PersonLetters, most: int) -> str:
    return shortened(group.person.label, most)


def _count(group: PersonLetters, how: BatchOptions) -> str:
    letters, pages = len(group.letters), sum(one.pages for one in group.letters)
    what = "to sign" if how.by == "signer" else "to send"
    return f"{_number(letters, 'letter')} {what}, {_number(pages, 'page')}"


def _request(how: BatchOptions) -> str:
    if how.by == "signer":
        return (
            "Please sign here: by hand, in the space above your typed name, at the end of each "
            "letter. Tick each letter when it is signed."
        )
    return (
        "Each letter is signed by hand, in the space above the typed name at its end. Tick each "
        "letter when it is signed."
    )


def _other(how: BatchOptions) -> str:
    return "To" if how.by == "signer" else "From"


def _starts(letters: int) -> Sequence[int]:
    """The numbers of the letters that the list's pages begin with."""
    return (0, *range(ROWS_FIRST, letters, ROWS_NEXT))


def _lines(group: PersonLetters, how: BatchOptions, at: int) -> Iterator[tuple[str, str, str]]:
    """The lines of one page of the list: the letter's number, the other person, its pages."""
    most = ROWS_NEXT if at else ROWS_FIRST
    for number, letter in enumerate(group.letters[at : at + most], at + 1):
        yield f"{number}", letter.person(how.other).label, f"{letter.pages}"
