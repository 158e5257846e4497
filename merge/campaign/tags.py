"""Every tag that a workbook offers, ready to copy; those that are blank in lines that close up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from merge.campaign.campaign import Campaign, in_words
from merge.model import BLANK, shortened
from merge.naming import tag_name
from merge.template.tags import field_name
from merge.template.template import CompiledTemplate
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


# What letters print of a signer who is not in the workbook yet.

_MOST_LINES, _MOST_WORDS = 8, 120
_SIGNER_TAG = re.compile(r"\{\{-?\s*signer\.(\w++)[^{}]*\}\}")
"""A tag that prints something of the signer, however it is written on."""


def signer_lines(campaign: Campaign, fields: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that a letter would have of somebody with these fields, by heading.

    They are those of the usual template that print something of the signer and little else; a line
    with nothing in it is left out.
    """
    values = {tag_name(heading): text for heading, text in fields.items()}
    templates = campaign.templates
    compiled = templates.compiled.get(templates.usual)
    lines = [*_written_lines(compiled)] if compiled else []
    if not lines:
        uses = templates.uses.get(templates.usual, ())
        names = dict.fromkeys(n.field for n, _ in uses if n.root == "signer" and n.field)
        lines = [f"{{{{ signer.{name} }}}}" for name in names]
    filled = (_SIGNER_TAG.sub(lambda t: values.get(tag_name(t[1]), ""), line) for line in lines)
    yield from islice(filter(None, (line.strip(" ,;·–-") for line in filled)), _MOST_LINES)


def _written_lines(template: CompiledTemplate) -> Iterator[str]:
    for paragraph in template.paragraphs:
        pieces = (p if isinstance(p, str) else p.written for p in paragraph.pieces)
        for line in "".join(pieces).split("\n"):
            others = _SIGNER_TAG.sub("", line)
            if others != line and "{" not in others and len(others) < _MOST_WORDS:
                yield line


def unfilled_tags(campaign: Campaign, headings: Collection[str]) -> Iterator[str]:
    """Yield the tags of the signer that letters print, and none of these headings fills."""
    filled = {tag_name(heading) for heading in headings} | {"id"}
    templates = campaign.templates
    used = [use for template in templates.compiled.values() for use in template.uses]
    used += [use for uses in templates.uses.values() for use in uses]
    names = (n.field for n, _ in used if n.root == "signer" and n.field)
    yield from dict.fromkeys(name for name in names if tag_name(name) not in filled)
