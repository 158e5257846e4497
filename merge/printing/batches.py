"""Print files (batches): which letters, in which order, with cover sheets.

Cover sheets are not part of a letter. Each is a .docx of its own, which `combine` inserts between
the letters.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Literal

from merge import messages
from merge.disk import MAX_PATH_LENGTH
from merge.letter_status import PrintableLetter
from merge.naming import MIN_ID_DIGITS, safe_path_part
from merge.ooxml.new_docx import PaperSize
from merge.people import Person
from merge.printing.cover_sheet import CoverSheetBuilder, letters_per_page
from merge.problems import Place, Problem, shorten
from merge.text.folding import plain_letters
from merge.values import BLANK, WorkbookValue

Side = Literal["signer", "recipient"]
Grouping = Literal["batches", "one-file", "per-signer"]

MIN_LETTERS_FOR_COVER = 5
"""Least letters of a pile that has a cover sheet by default."""
MAX_NAME_IN_FILE_NAME = 24
"""Most characters of a person's name in the name of a print file."""
_LONGEST_NAME_WITHOUT_PEOPLE = "/.merge-8S9W-2026-12-02 16.40.26-2.tmp/0001  - .docx"
"""A print file in its draft folder, whose name is the longest."""
_NUMBER = re.compile(r"(\d{1,300})")  # Python converts no numbers of more than 4,300 digits


def person_of(letter: PrintableLetter, side: Side) -> Person:
    """Return the signer or the recipient of a letter."""
    return letter.pair.signer if side == "signer" else letter.pair.recipient


def count_with_noun(number: int, noun: str) -> str:
    """Return a number with its noun: `1 letter`, `2 letters`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@dataclass(frozen=True, slots=True)
class PagedLetter:
    """A finished letter and its number of pages, counted or assumed."""

    letter: PrintableLetter
    pages: int

    def person(self, side: Side) -> Person:
        """Return the signer or the recipient of the letter."""
        return person_of(self.letter, side)


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Options for arranging letters in print files.

    1. `group_by` is the side whose letters are together in a pile.
    2. `grouping` makes files of at most `max_sheets`, one file, or one for each person.
    3. `sort_by` is the tag of a column; if empty, the order is that of the workbook.
    4. `covers` adds a cover sheet to each pile, or to none. None means to piles of five letters or
       more. If there are cover sheets, each file also has a first page.
    5. `id_digits` is the length of short IDs.
    6. `name_length` is the most characters of a person's name in the name of a file.
    """

    two_sided: bool
    max_sheets: int = 200
    group_by: Side = "signer"
    grouping: Grouping = "batches"
    sort_by: str = ""
    covers: bool | None = None
    id_digits: int = MIN_ID_DIGITS
    name_length: int = MAX_NAME_IN_FILE_NAME

    @property
    def other_side(self) -> Side:
        """The side whose people have letters in many piles."""
        return "recipient" if self.group_by == "signer" else "signer"

    def sheets_for_pages(self, pages: int) -> int:
        """Return the number of sheets for pages that begin on a new sheet."""
        return (pages + 1) // 2 if self.two_sided else pages


@dataclass(frozen=True, slots=True)
class PersonLetters:
    """One person's letters. `sheets` includes those of the cover sheet."""

    person: Person
    letters: tuple[PagedLetter, ...]
    sheets: int
    cover_sheets: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The letters of one print file.

    `name` is the file name without its ending. `number` counts from 1 to `total`. `sheets` includes
    the `cover_sheets`, among which is the first page.
    """

    number: int
    total: int
    name: str
    groups: tuple[PersonLetters, ...]
    sheets: int
    cover_sheets: int

    @property
    def letters(self) -> tuple[PagedLetter, ...]:
        """All letters of the print file, in the order in which they are printed."""
        return tuple(letter for group in self.groups for letter in group.letters)


def name_length_in(print_folder: Path) -> int:
    """Return the most characters of a person's name in a print file's name.

    With two such names, the complete path stays within the limit of Windows.
    """
    used = len(str(print_folder.absolute())) + len(_LONGEST_NAME_WITHOUT_PEOPLE)
    return max(1, min(MAX_NAME_IN_FILE_NAME, (MAX_PATH_LENGTH - used) // 2))


def default_two_sided(letters: Iterable[PagedLetter]) -> bool:
    """Return whether letters are printed two-sided by default.

    They are if one has more than one page.
    """
    return any(letter.pages > 1 for letter in letters)


def make_batches(letters: Sequence[PagedLetter], options: BatchOptions) -> list[Batch]:
    """Return the print files of letters; no person's letters are divided."""
    groups = list(_group_by_person(letters, options))
    first_page_sheets = int(any(group.cover_sheets for group in groups))
    if options.grouping == "per-signer":
        piles = [[group] for group in groups]
    elif options.grouping == "one-file":
        piles = [groups] if groups else []
    else:  # as many people as the sheets allow, but at least one
        piles, sheets = [], first_page_sheets
        for group in groups:
            if not piles or sheets + group.sheets > options.max_sheets:
                piles.append([])
                sheets = first_page_sheets
            piles[-1].append(group)
            sheets += group.sheets
    places = max(2, len(str(len(piles))))
    return [
        Batch(
            number=number,
            total=len(piles),
            name=f"{number:0{places}} {_batch_name(pile, options)}",
            groups=tuple(pile),
            sheets=first_page_sheets + sum(group.sheets for group in pile),
            cover_sheets=first_page_sheets + sum(group.cover_sheets for group in pile),
        )
        for number, pile in enumerate(piles, 1)
    ]


def thick_batch_warnings(made_batches: Iterable[Batch], options: BatchOptions) -> Iterator[Problem]:
    """Yield a warning for each print file with a person's too many sheets."""
    for batch in made_batches:
        if options.grouping == "batches" and batch.sheets > options.max_sheets:
            yield messages.problem(
                "batch-too-thick",
                Place(f"{batch.name}.docx"),
                sheets=batch.sheets,
                most=options.max_sheets,
                person=batch.groups[0].person.label,
            )


def _group_by_person(
    letters: Sequence[PagedLetter], options: BatchOptions
) -> Iterator[PersonLetters]:
    """Yield each person's letters as a pile, in the order of printing."""
    ordered = sorted(
        letters,
        key=lambda paged: (
            _sort_key(paged, options, options.group_by),
            _sort_key(paged, options, options.other_side),
        ),
    )
    for _, letters_of_person in groupby(
        ordered, key=lambda paged: paged.person(options.group_by).key
    ):
        pile = tuple(letters_of_person)
        is_large = len(pile) >= MIN_LETTERS_FOR_COVER
        cover = 0
        if is_large if options.covers is None else options.covers:
            names = [paged.person(options.other_side).label for paged in pile]
            cover = options.sheets_for_pages(len(letters_per_page(names)))
        sheets = cover + sum(options.sheets_for_pages(paged.pages) for paged in pile)
        yield PersonLetters(pile[0].person(options.group_by), pile, sheets, cover)


_SortKey = tuple[object, ...]


def _sort_key(letter: PagedLetter, options: BatchOptions, side: Side) -> _SortKey:
    """Return a key that sorts letters by the Sort by column, else by row.

    If both sides have this column, it sorts only the people who have a pile.
    """
    person = letter.person(side)
    decides = (
        side == options.group_by or options.sort_by not in letter.person(options.group_by).fields
    )
    if options.sort_by in person.fields and decides:
        return (*natural_sort_key(person.fields[options.sort_by]), *person.sort_key)
    return person.sort_key


def natural_sort_key(value: WorkbookValue) -> _SortKey:
    """Return a sort key: numbers and dates, then words, then blanks.

    Words are compared without accents and case, and numbers in them by their value.
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


def _batch_name(pile: Sequence[PersonLetters], options: BatchOptions) -> str:
    """Return a print file's name from the first and last person in its piles."""
    by_column = [str(group.person.fields.get(options.sort_by, BLANK)).strip() for group in pile]
    sorted_by = all((by_column[0], by_column[-1]))
    names = by_column if sorted_by else [group.person.label for group in pile]
    first, last = (
        safe_path_part(name, max_length=options.name_length) for name in (names[0], names[-1])
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
_MAX_TITLE_LENGTH = 80  # Characters of a campaign's title, which takes at most two lines


def render_first_page(
    batch: Batch,
    options: BatchOptions,
    campaign: str,
    paper: PaperSize,
    other_papers: Iterable[tuple[str, int]] = (),
) -> bytes:
    """Return the .docx page that names a print file and how to print it.

    `other_papers` are sizes that letters have instead of `paper`, with the number of letters.
    """
    page = CoverSheetBuilder(paper)
    page.add_text(shorten(campaign, _MAX_TITLE_LENGTH), "Small")
    page.add_text(
        f"File {batch.number} of {batch.total}" if batch.total > 1 else "All letters", "Name"
    )
    counts = (
        (len(batch.groups), options.group_by),
        (len(batch.letters), "letter"),
        (batch.sheets, "sheet"),
    )
    page.add_text(", ".join(count_with_noun(*count) for count in counts), "Count")
    page.add_text("How to print this file: all pages", "Heading")
    two_sided = "two-sided, flip on the long edge"
    size = " × ".join(f"{mm:.1f}".removesuffix(".0") for mm in (paper.width, paper.height))
    others = "".join(
        f"; for {count_with_noun(number, 'letter')}: {name}" for name, number in other_papers
    )
    printing = (
        ("Sides", two_sided if options.two_sided else "one-sided"),
        ("Paper", f"{paper.name}, {size} mm{others}"),
        ("Size", "100 % (“Actual size”), never “Fit to page”"),
    )
    page.add_rows(printing, widths=(25, 0))
    page.add_text("Order of the piles", "Heading")
    pile = (
        "each signer’s letters" if options.group_by == "signer" else "the letters to each recipient"
    )
    side = " Every cover sheet and every letter starts on a new sheet." if options.two_sided else ""
    text = f"A cover sheet with the name and a checklist is on top of {pile}; keep it with them."
    if not all(group.cover_sheets for group in batch.groups):
        text += f" Piles of fewer than {MIN_LETTERS_FOR_COVER} letters have none."
    page.add_text(f"{text}{side} The {options.group_by}s are in this order:", "Text")
    page.add_names([str(group.person.label) for group in batch.groups])
    return page.docx_bytes


def render_cover_sheet(
    batch: Batch, number: int, options: BatchOptions, campaign: str, paper: PaperSize
) -> bytes:
    """Return a person's cover sheet as .docx: a checklist of the letters.

    `number` is the person's number in the print file, from 0. Each letter has a line; if there are
    many, the cover sheet has more pages.
    """
    group, by_signer = batch.groups[number], options.group_by == "signer"
    name, count = group.person.label, len(group.letters)
    page = CoverSheetBuilder(paper)
    file_label = f"File {batch.number} of {batch.total} · " if batch.total > 1 else ""
    title = shorten(campaign, _MAX_TITLE_LENGTH)
    page.add_text(f"{title} · {file_label}{number + 1} of {len(batch.groups)}", "Small")
    page.add_text(shorten(name, 60), "Name")
    purpose = "to sign" if by_signer else "to send"
    pages = count_with_noun(sum(paged.pages for paged in group.letters), "page")
    page.add_text(f"{count_with_noun(count, 'letter')} {purpose}, {pages}", "Count")
    page.add_text(_TO_SIGNER if by_signer else _TO_SENDER, "Text")
    lines = [
        (
            f"{n}",
            f"{paged.pages}",
            paged.letter.id[: options.id_digits],
            str(paged.person(options.other_side).label),
        )
        for n, paged in enumerate(group.letters, 1)
    ]
    remaining = iter(lines)
    for page_number, count_on_page in enumerate(
        letters_per_page(recipient for *_, recipient in lines)
    ):
        if page_number:
            page.add_text(f"{shorten(name, 50)}, continued", "Heading", new_page=True)
        headings = ("No.", "Pages", "ID", "To" if by_signer else "From")
        page.add_checklist(headings, islice(remaining, count_on_page))
    return page.docx_bytes
