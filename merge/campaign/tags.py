"""Every tag that a workbook offers, ready to copy; those that are blank in lines that close up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from merge.campaign.campaign import Campaign, in_words
from merge.model import BLANK, shortened
from merge.template.tags import field_name
from merge.workbook.reading import Workbook


@dataclass(frozen=True, slots=True)
class OfferedTag:
    """A tag with its braces, and the name of a merge field that says the same.

    `words` are what staff call it, `City in Recipients`; `first` is the first value that is not
    blank.
    """

    tag: str
    field: str
    words: str
    first: str


def offered_tags(book: Workbook) -> Iterator[OfferedTag]:
    """Yield the tags in the order of sheets and columns; the date comes last."""
    for root, people in (("signer", book.signers), ("recipient", book.recipients)):
        for column in people.columns:
            values = (person.fields.get(column.tag, BLANK) for person in people.persons)
            first = next((value for value in values if value.strip()), "")
            yield _offered(book, root, column.tag, first)
    yield from (_offered(book, "pair", column.tag, "") for column in book.pairing.columns)
    for tag, value in book.settings.fields.items():
        yield _offered(book, "settings", tag, value)
    first = "the day the letter is made, or the setting Date"
    yield OfferedTag("{{ date }}", "Date", "Date", first)


def _offered(book: Workbook, root: str, column: str, first: str) -> OfferedTag:
    name = f"{root}.{column}"
    field = field_name(root, column)
    return OfferedTag(f"{{{{ {name} }}}}", field, in_words(book, name), shortened(first))


@dataclass(frozen=True, slots=True)
class BlankTags:
    """Tags of lines that close up, blank in so many of a template's letters, as they are written.

    `template` is empty where there is one only.
    """

    tags: tuple[str, ...]
    letters: int
    of: int
    template: str = ""


def blank_tags(campaign: Campaign, names: Sequence[str] = ()) -> Iterator[BlankTags]:
    """Yield the tags that are blank in as many letters of a template, of the letters asked for."""
    several = len(campaign.templates.compiled) > 1
    alike: dict[tuple[int, int, str], list[str]] = {}
    for line in campaign.closed_lines(names):
        template = line.tag.place.file if several else ""
        alike.setdefault((line.letters, line.of, template), []).append(line.tag.written)
    for (letters, of, template), found in alike.items():
        yield BlankTags(tuple(dict.fromkeys(found)), letters, of, template)
