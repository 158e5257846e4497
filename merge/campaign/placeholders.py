"""Every tag that a workbook offers, ready to copy; those that are blank in lines that close up.

And how a letter would begin for somebody whose answer is being imported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from merge.campaign.campaign import Campaign, describe_placeholder
from merge.errors import MergeError
from merge.naming import heading_for_placeholder, placeholder_name
from merge.people import Person
from merge.problems import shorten
from merge.proofreading.text import read_paragraphs, read_parts
from merge.template.campaign_templates import Templates, find_templates
from merge.template.letter_values import convert_values
from merge.template.tags import merge_field_name
from merge.values import BLANK
from merge.workbook.reading import Workbook
from merge.workbook.translated_words import canonical_placeholder


@dataclass(frozen=True, slots=True)
class OfferedPlaceholder:
    """A tag with its braces, and the name of a merge field that says the same.

    `words` are what staff call it, `City in Recipients`; `first` is the first value that is not
    blank.
    """

    tag: str
    field: str
    words: str
    first: str


def offered_placeholders(book: Workbook) -> Iterator[OfferedPlaceholder]:
    """Yield the tags in the order of sheets and columns; the date comes last."""
    for root, people in (("signer", book.signers), ("recipient", book.recipients)):
        for column in people.columns:
            values = (person.fields.get(column.placeholder, BLANK) for person in people.persons)
            first = next((value for value in values if value.strip()), "")
            yield _make_offered(book, root, column.placeholder, first)
    yield from (
        _make_offered(book, "pair", column.placeholder, "") for column in book.pairing.columns
    )
    for tag, value in book.settings.fields.items():
        yield _make_offered(book, "settings", tag, value)
    first = "the day the letter is created, or the Date setting"
    yield OfferedPlaceholder("{{ date }}", "Date", "Date", first)


def _make_offered(book: Workbook, root: str, column: str, first: str) -> OfferedPlaceholder:
    name = f"{root}.{column}"
    field = merge_field_name(root, column)
    return OfferedPlaceholder(
        f"{{{{ {name} }}}}", field, describe_placeholder(book, name), shorten(first)
    )


@dataclass(frozen=True, slots=True)
class BlankPlaceholders:
    """Tags of lines that close up, blank in so many of a template's letters, as they are written.

    `template` is empty where there is one only.
    """

    placeholders: tuple[str, ...]
    letters: int
    total: int
    template: str = ""


def blank_placeholders(
    campaign: Campaign, names: Sequence[str] = ()
) -> Iterator[BlankPlaceholders]:
    """Yield the tags that are blank in as many letters of a template, of the letters asked for."""
    several = len(campaign.templates.compiled) > 1
    alike: dict[tuple[int, int, str], list[str]] = {}
    for line in campaign.collapsed_lines(names):
        template = line.tag.place.file if several else ""
        alike.setdefault((line.removed_count, line.letter_count, template), []).append(
            line.tag.shown_text
        )
    for (letters, of, template), found in alike.items():
        yield BlankPlaceholders(tuple(dict.fromkeys(found)), letters, of, template)


# What letters print of a signer who is not in the workbook yet.

_MAX_LINES, _LONGEST_LINE = 8, 200


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
    return tuple(islice(own, _MAX_LINES))


def _filled_lines(
    campaign: Campaign, recipient: Person, fields: Mapping[str, str]
) -> Mapping[str, None]:
    """Return the lines of a recipient's letter, each once, in their order."""
    template, facts = campaign.templates.template_for(recipient), campaign.fill_context
    blank = {name.field: BLANK for name, _ in template.uses if name.root == "signer" and name.field}
    values = facts.recipient_values(recipient)
    own = {placeholder_name(heading): text for heading, text in fields.items()}
    values |= convert_values({"signer": {**blank, **own}}, facts.day, facts.language)
    values["pair"] = {column.placeholder: BLANK for column in campaign.workbook.pairing.columns}
    paragraphs = read_paragraphs(read_parts(template.fill(values), template.file))
    lines = (line for paragraph in paragraphs for line in paragraph.text.splitlines())
    return dict.fromkeys(" ".join(line.split()) for line in lines)


def unfilled_placeholders(campaign: Campaign, headings: Collection[str]) -> Iterator[str]:
    """Yield the tags of the signer that letters print, and none of these headings fills."""
    filled = {placeholder_name(heading) for heading in headings} | {"id"}
    tags = _signer_placeholders(campaign.templates)
    yield from (tag for tag in tags if placeholder_name(tag) not in filled)


def _signer_placeholders(templates: Templates) -> list[str]:
    names = (name for name, _ in templates.all_uses if name.root == "signer")
    return list(dict.fromkeys(name.field for name in names if name.field))


def signer_placeholders(folder: Path, book: Workbook) -> list[str]:
    """Return the tags of signers that the letters print; none if a template cannot be read."""
    try:
        return _signer_placeholders(find_templates(folder, book))
    except MergeError:  # reported by `merge check`; signers can be imported before
        return []


def printed_headings(folder: Path, book: Workbook) -> list[str]:
    """Return the headings of what letters print of a signer, except name and ID."""
    tags = [
        tag
        for tag in signer_placeholders(folder, book)
        if canonical_placeholder(tag) not in _NOT_PRINTED_FROM_CELLS
    ]
    further = {*tags} - {column.placeholder for column in book.signers.columns}
    own = (column.heading for column in book.signers.columns if column.placeholder in tags)
    return [*own, *map(heading_for_placeholder, sorted(further))]


_NOT_PRINTED_FROM_CELLS = {"name", "id", "include"}
