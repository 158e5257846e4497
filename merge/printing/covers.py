"""A batch's first page, and the cover before each person's letters: plain, black, for any script.

They are part of no letter: each is a .docx by itself, which combine/ puts between the letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from merge.model import shortened
from merge.ooxml.blank import Page
from merge.printing.batches import ROWS_FIRST, ROWS_NEXT, Batch, Group, How
from merge.printing.stock import Paper

_MOST = 80
"""Letters of a campaign's title: it takes two lines at the most."""

_MOST_NAMES = 24
"""Names on the first page."""


def first_page(batch: Batch, how: How, campaign: str, paper: Paper) -> bytes:
    """What a batch is, and how to print it: one page."""
    page = Page(paper)
    page.write(shortened(campaign, _MOST), "Small")
    page.write(f"Batch {batch.number} of {batch.of}" if batch.of > 1 else "All letters", "Name")
    page.write(_counts(batch, how), "Count")
    page.write("Print all pages of this file like this", "Heading")
    page.rows(_printing(how, paper), widths=(25, 0))
    page.write("How the pile lies", "Heading")
    page.write(_order(how), "Text")
    page.rows(_names(batch), widths=(9, 0, 9, 0), cut=True)
    return page.bytes


def cover(batch: Batch, number: int, how: How, campaign: str, paper: Paper) -> bytes:
    """The page before a person's letters, by the person's number in the batch from 0: a tick list.

    It goes on to further pages where there are more letters; each has a line.
    """
    group = batch.groups[number]
    page = Page(paper)
    where = f"Batch {batch.number} of {batch.of} · " if batch.of > 1 else ""
    title = shortened(campaign, _MOST)
    page.write(f"{title} · {where}{number + 1} of {len(batch.groups)}", "Small")
    page.write(_name(group, 60), "Name")
    page.write(_count(group, how), "Count")
    page.write(_request(how), "Text")
    for at in _starts(len(group.letters)):
        if at:
            page.write(f"{_name(group, 50)}, continued", "Heading", new_page=True)
        page.ticks(("No.", _other(how), "Pages"), _lines(group, how, at))
    return page.bytes


def _counts(batch: Batch, how: How) -> str:
    people = _number(len(batch.groups), how.by)
    return f"{people}, {_number(len(batch.letters), 'letter')}, {_number(batch.sheets, 'sheet')}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _printing(how: How, paper: Paper) -> Iterator[tuple[str, str]]:
    both = "both (two-sided), flip on the long edge"
    yield "Sides", both if how.two_sided else "one (one-sided)"
    yield "Paper", f"{paper.name}, {_length(paper.width)} × {_length(paper.height)} mm"
    yield "Size", "100 % (“Actual size”), never “Fit to page”"


def _length(millimetres: float) -> str:
    return f"{millimetres:.1f}".removesuffix(".0")


def _order(how: How) -> str:
    whose = "On top of each signer’s letters"
    where = whose if how.by == "signer" else "On top of the letters to each recipient"
    side = " Every cover and every letter begins on a sheet of its own." if how.two_sided else ""
    return (
        f"{where} lies a cover with the name and a list to tick; keep it with them.{side} "
        f"The {how.by}s come in this order:"
    )


def _names(batch: Batch) -> Iterator[tuple[str, ...]]:
    """The names with their numbers in two columns, down the first and then the second."""
    lines = [(f"{n}.", _name(group, 25)) for n, group in enumerate(batch.groups, 1)]
    if len(lines) > _MOST_NAMES:
        more = len(lines) - _MOST_NAMES + 1
        lines = [*lines[: _MOST_NAMES - 1], ("", f"and {more} more")]
    half = (len(lines) + 1) // 2
    for left, right in zip_longest(lines[:half], lines[half:], fillvalue=("", "")):
        yield (*left, *right)


def _name(group: Group, most: int) -> str:
    return shortened(group.person.label, most)


def _count(group: Group, how: How) -> str:
    letters, pages = len(group.letters), sum(one.pages for one in group.letters)
    what = "to sign" if how.by == "signer" else "to send"
    return f"{_number(letters, 'letter')} {what}, {_number(pages, 'page')}"


def _request(how: How) -> str:
    if how.by == "signer":
        return (
            "Please sign here: by hand, in the space above your typed name, at the end of each "
            "letter. Tick each letter when it is signed."
        )
    return (
        "Each letter is signed by hand, in the space above the typed name at its end. Tick each "
        "letter when it is signed."
    )


def _other(how: How) -> str:
    return "To" if how.by == "signer" else "From"


def _starts(letters: int) -> Sequence[int]:
    """The numbers of the letters that the list's pages begin with."""
    return (0, *range(ROWS_FIRST, letters, ROWS_NEXT))


def _lines(group: Group, how: How, at: int) -> Iterator[tuple[str, str, str]]:
    """The lines of one page of the list: the letter's number, the other person, its pages."""
    most = ROWS_NEXT if at else ROWS_FIRST
    for number, letter in enumerate(group.letters[at : at + most], at + 1):
        yield f"{number}", letter.person(how.other).label, f"{letter.pages}"
