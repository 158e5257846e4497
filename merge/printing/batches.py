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
from merge.naming import safe_path_part
from merge.ooxml.new_docx import PaperSize
from merge.people import Person
from merge.printing.cover_sheet import CoverSheetBuilder, letters_per_page
from merge.problems import Place, Problem, shorten
from merge.text.folding import plain_letters
from merge.values import BLANK, Value

Side = Literal["signer", "recipient"]
Grouping = Literal["batches", "one-file", "per-signer"]

MIN_ID_DIGITS = 4
"""Digits of a letter's short id."""

MAX_NAME_IN_FILE_NAME = 24
"""Characters of a person's name in the name of a batch."""
_NUMBER = re.compile(r"(\d{1,300})")  # Python reads no longer numbers than of some 4,300 digits


def person_of(letter: FinishedLetter, side: Side) -> Person:
    """Return the one who signs a letter, or who gets it."""
    return letter.pair.signer if side == "signer" else letter.pair.recipient


def count_with_noun(number: int, noun: str) -> str:
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
    max_sheets: int = 200
    group_by: Side = "signer"
    grouping: Grouping = "batches"
    sort_by: str = ""
    with_covers: bool = True

    @property
    def other_side(self) -> Side:
        """The other side: those on it have letters in many places."""
        return "recipient" if self.group_by == "signer" else "signer"

    def sheets_for_pages(self, pages: int) -> int:
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
    total: int
    name: str
    groups: tuple[PersonLetters, ...]
    sheets: int
    digits: int = MIN_ID_DIGITS

    @property
    def letters(self) -> tuple[PagedLetter, ...]:
        """All letters, in the order in which they are printed."""
        return tuple(letter for group in self.groups for letter in group.letters)


def short_id_length(ids: Iterable[str]) -> int:
    """Return how many digits of their ids, at least four, tell all these letters apart."""
    all_ids = set(ids)
    full = max(map(len, all_ids), default=MIN_ID_DIGITS)
    lengths = range(MIN_ID_DIGITS, full)
    return next((n for n in lengths if len({i[:n] for i in all_ids}) == len(all_ids)), full)


def default_two_sided(letters: Iterable[PagedLetter]) -> bool:
    """Return whether letters are printed on both sides where nobody says: if one has more pages."""
    return any(letter.pages > 1 for letter in letters)


def make_batches(letters: Sequence[PagedLetter], how: BatchOptions) -> list[Batch]:
    """Return the files that letters are printed from; a person is never divided over two."""
    groups, first_page_sheets = list(_group_by_person(letters, how)), int(how.with_covers)
    if how.grouping == "per-signer":
        piles = [[group] for group in groups]
    elif how.grouping == "one-file":
        piles = [groups] if groups else []
    else:  # as many persons as the sheets allow, and one at the least
        piles, sheets = [], first_page_sheets
        for group in groups:
            if not piles or sheets + group.sheets > how.max_sheets:
                piles.append([])
                sheets = first_page_sheets
            piles[-1].append(group)
            sheets += group.sheets
    places = max(2, len(str(len(piles))))
    digits = short_id_length(one.letter.id for one in letters)
    return [
        Batch(
            number=number,
            total=len(piles),
            name=f"{number:0{places}} {_batch_name(pile, how)}",
            groups=tuple(pile),
            sheets=first_page_sheets + sum(group.sheets for group in pile),
            digits=digits,
        )
        for number, pile in enumerate(piles, 1)
    ]


def thick_batch_warnings(made: Iterable[Batch], how: BatchOptions) -> Iterator[Problem]:
    """Yield a warning for each file with too many sheets because one person has so many."""
    for batch in made:
        if how.grouping == "batches" and batch.sheets > how.max_sheets:
            yield messages.problem(
                "batch-too-thick",
                Place(f"{batch.name}.docx"),
                sheets=batch.sheets,
                most=how.max_sheets,
                person=batch.groups[0].person.label,
            )


def _group_by_person(letters: Sequence[PagedLetter], how: BatchOptions) -> Iterator[PersonLetters]:
    """Yield each person's letters, all in their order."""
    ordered = sorted(
        letters,
        key=lambda one: (_sort_key(one, how, how.group_by), _sort_key(one, how, how.other_side)),
    )
    for _, own in groupby(ordered, key=lambda one: one.person(how.group_by).key):
        pile = tuple(own)
        listed = [one.person(how.other_side).label for one in pile] if how.with_covers else []
        cover = how.sheets_for_pages(len(letters_per_page(listed))) if how.with_covers else 0
        sheets = cover + sum(how.sheets_for_pages(one.pages) for one in pile)
        yield PersonLetters(pile[0].person(how.group_by), pile, sheets)


_SortKey = tuple[object, ...]


def _sort_key(letter: PagedLetter, how: BatchOptions, side: Side) -> _SortKey:
    """Order by the column Sort by, else the row. If both sides have it, it sorts persons alone."""
    person = letter.person(side)
    decides = side == how.group_by or how.sort_by not in letter.person(how.group_by).fields
    if how.sort_by in person.fields and decides:
        return (*natural_sort_key(person.fields[how.sort_by]), *person.sort_key)
    return person.sort_key


def natural_sort_key(value: Value) -> _SortKey:
    """Return the place of a value among others: numbers and dates, then words, then blanks.

    Words go by their letters, accents and case aside, and numbers in them by what they count.
    """
    plain = value.native
    if not value.strip():
        return (2,)
    if isinstance(plain, dt.date):
        time = plain.isoformat() if isinstance(plain, dt.datetime) else ""
        return (0, float(plain.toordinal()), time, str(value))
    if isinstance(plain, (int, float)):
        return (0, float(plain), "", str(value))
    pieces = _NUMBER.split(plain_letters(value))
    parts = ((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in pieces)
    return (1, tuple(parts), str(value))


def _batch_name(pile: Sequence[PersonLetters], how: BatchOptions) -> str:
    """Name the first person and the last, by the column they are sorted by, else by their names."""
    by_column = [str(group.person.fields.get(how.sort_by, BLANK)).strip() for group in pile]
    sorted_by = all((by_column[0], by_column[-1]))
    names = by_column if sorted_by else [group.person.label for group in pile]
    first, last = (
        safe_path_part(name, max_length=MAX_NAME_IN_FILE_NAME) for name in (names[0], names[-1])
    )
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
_MAX_TITLE_LENGTH = 80  # Letters of a campaign's title: it takes two lines at the most


def render_first_page(batch: Batch, how: BatchOptions, campaign: str, paper: PaperSize) -> bytes:
    """Return the page that says what a batch is, and how to print it."""
    page = CoverSheetBuilder(paper)
    page.add_text(shorten(campaign, _MAX_TITLE_LENGTH), "Small")
    page.add_text(
        f"File {batch.number} of {batch.total}" if batch.total > 1 else "All letters", "Name"
    )
    counts = (
        (len(batch.groups), how.group_by),
        (len(batch.letters), "letter"),
        (batch.sheets, "sheet"),
    )
    page.add_text(", ".join(count_with_noun(*each) for each in counts), "Count")
    page.add_text("How to print this file: all pages", "Heading")
    two = "two-sided, flip on the long edge"
    size = " × ".join(f"{mm:.1f}".removesuffix(".0") for mm in (paper.width, paper.height))
    printing = (
        ("Sides", two if how.two_sided else "one-sided"),
        ("Paper", f"{paper.name}, {size} mm"),
        ("Size", "100 % (“Actual size”), never “Fit to page”"),
    )
    page.add_rows(printing, widths=(25, 0))
    page.add_text("Order of the piles", "Heading")
    whose = "each signer’s letters" if how.group_by == "signer" else "the letters to each recipient"
    side = " Every cover sheet and every letter starts on a new sheet." if how.two_sided else ""
    text = f"A cover sheet with the name and a checklist is on top of {whose}; keep it with them."
    page.add_text(f"{text}{side} The {how.group_by}s are in this order:", "Text")
    page.add_names([str(group.person.label) for group in batch.groups])
    return page.docx_bytes


def render_cover_sheet(
    batch: Batch, number: int, how: BatchOptions, campaign: str, paper: PaperSize
) -> bytes:
    """Return the page before a person's letters, a list to tick.

    `number` is the person's in the batch, from 0. The cover goes on to further pages where there
    are more letters; each has a line.
    """
    group, by_signer = batch.groups[number], how.group_by == "signer"
    name, count = group.person.label, len(group.letters)
    page = CoverSheetBuilder(paper)
    where = f"File {batch.number} of {batch.total} · " if batch.total > 1 else ""
    title = shorten(campaign, _MAX_TITLE_LENGTH)
    page.add_text(f"{title} · {where}{number + 1} of {len(batch.groups)}", "Small")
    page.add_text(shorten(name, 60), "Name")
    what = "to sign" if by_signer else "to send"
    pages = count_with_noun(sum(one.pages for one in group.letters), "page")
    page.add_text(f"{count_with_noun(count, 'letter')} {what}, {pages}", "Count")
    page.add_text(_TO_SIGNER if by_signer else _TO_SENDER, "Text")
    lines = [
        (f"{n}", f"{e.pages}", e.letter.id[: batch.digits], str(e.person(how.other_side).label))
        for n, e in enumerate(group.letters, 1)
    ]
    coming = iter(lines)
    for at, listed in enumerate(letters_per_page(each for *_, each in lines)):
        if at:
            page.add_text(f"{shorten(name, 50)}, continued", "Heading", new_page=True)
        heads = ("No.", "Pages", "ID", "To" if by_signer else "From")
        page.add_checklist(heads, islice(coming, listed))
    return page.docx_bytes
