"""Batches: which letters are printed together and in which order, and the pages before them.

The covers are part of no letter: each is a .docx by itself, which `combine` puts between them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Literal

from merge import messages
from merge.letter_status import FinishedLetter
from merge.naming import safe_part
from merge.ooxml.blank import PaperSize
from merge.people import Person
from merge.printing.cover_page import CoverPage, cover_pages
from merge.problems import Place, Problem, shortened
from merge.text.folding import plain_letters
from merge.values import BLANK, Value

Side = Literal["signer", "recipient"]
Grouping = Literal["batches", "one-file", "per-signer"]

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
            number=number,
            of=len(piles),
            name=f"{number:0{places}} {_name(pile, how)}",
            groups=tuple(pile),
            sheets=first_page_sheets + sum(group.sheets for group in pile),
            digits=digits,
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
