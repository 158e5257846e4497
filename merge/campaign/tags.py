"""Every tag that a workbook offers, ready to copy; those that are blank in lines that close up.

And how a letter would begin for somebody whose answer is being imported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from merge.campaign.campaign import Campaign, in_words
from merge.errors import MergeError
from merge.naming import heading_for, tag_name
from merge.people import Person
from merge.problems import shortened
from merge.proofreading.text import parts, read_paragraphs
from merge.template.letter_values import values_of
from merge.template.library import Templates, find_templates
from merge.template.tags import field_name
from merge.values import BLANK
from merge.workbook.reading import Workbook
from merge.workbook.words import own_tag


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
    first = "the day the letter is created, or the Date setting"
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

_MOST_LINES, _LONGEST_LINE = 8, 200


def preview_lines(campaign: Campaign, fields: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the lines that a letter would have of somebody with these fields, by heading.

    It is the letter to the first recipient. Its lines are those that it would not have of somebody
    whose cells are all blank, without long ones. None if the template has errors, or a value does
    not fit it.
    """
    templates = campaign.templates
    recipient = next(iter(campaign.workbook.recipients.persons), None)
    if recipient is None or templates.name_for(recipient) not in templates.compiled:
        return None
    try:
        letter, blank = (_filled_lines(campaign, recipient, own) for own in (fields, {}))
    except MergeError:  # what is wrong with the template is told by the checks
        return None
    own = (line for line in letter if line not in blank and len(line) <= _LONGEST_LINE)
    return tuple(islice(own, _MOST_LINES))


def _filled_lines(
    campaign: Campaign, recipient: Person, fields: Mapping[str, str]
) -> Mapping[str, None]:
    """Return the lines of a recipient's letter, each once, in their order."""
    template, facts = campaign.templates.of(recipient), campaign.facts
    blank = {name.field: BLANK for name, _ in template.uses if name.root == "signer" and name.field}
    values = facts.of_recipient(recipient)
    own = {tag_name(heading): text for heading, text in fields.items()}
    values |= values_of({"signer": {**blank, **own}}, facts.day, facts.language)
    values["pair"] = {column.tag: BLANK for column in campaign.workbook.pairing.columns}
    paragraphs = read_paragraphs(parts(template.fill(values), template.file))
    lines = (line for paragraph in paragraphs for line in paragraph.text.splitlines())
    return dict.fromkeys(" ".join(line.split()) for line in lines)


def unfilled_tags(campaign: Campaign, headings: Collection[str]) -> Iterator[str]:
    """Yield the tags of the signer that letters print, and none of these headings fills."""
    filled = {tag_name(heading) for heading in headings} | {"id"}
    tags = _signer_tags(campaign.templates)
    yield from (tag for tag in tags if tag_name(tag) not in filled)


def _signer_tags(templates: Templates) -> list[str]:
    names = (name for name, _ in templates.every_use if name.root == "signer")
    return list(dict.fromkeys(name.field for name in names if name.field))


def signer_tags(folder: Path, book: Workbook) -> list[str]:
    """Return the tags of signers that the letters print; none if a template cannot be read."""
    try:
        return _signer_tags(find_templates(folder, book))
    except MergeError:  # reported by `merge check`; signers can be imported before
        return []


def printed_headings(folder: Path, book: Workbook) -> list[str]:
    """Return the headings of what letters print of a signer, except name and ID."""
    tags = [tag for tag in signer_tags(folder, book) if own_tag(tag) not in _NO_CELLS]
    further = {*tags} - {column.tag for column in book.signers.columns}
    own = (column.heading for column in book.signers.columns if column.tag in tags)
    return [*own, *map(heading_for, sorted(further))]


_NO_CELLS = {"name", "id", "include"}
