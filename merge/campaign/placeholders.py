"""Placeholders that a workbook offers, and previews of their values.

There are also the placeholders that are blank in removed lines. For a person whose response is
being imported, there are the first lines of a letter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from merge.campaign.campaign import Campaign, describe_placeholder, fill_context_of
from merge.errors import MergeError
from merge.naming import heading_for_placeholder, placeholder_name
from merge.people import Person
from merge.problems import shorten
from merge.proofreading.text import read_paragraphs, read_parts
from merge.template.campaign_templates import Templates
from merge.template.letter_values import convert_values
from merge.template.tags import merge_field_name
from merge.values import BLANK
from merge.workbook.reading import Workbook
from merge.workbook.translated_words import canonical_placeholder


@dataclass(frozen=True, slots=True)
class OfferedPlaceholder:
    """A placeholder with braces, and the merge field with the same meaning.

    `name` is the placeholder without braces. `sheet` is empty for the date. `first` is the first
    value that is not blank.
    """

    name: str
    field: str
    sheet: str
    heading: str
    first: str

    @property
    def tag(self) -> str:
        """The placeholder with its braces."""
        return f"{{{{ {self.name} }}}}"

    @property
    def words(self) -> str:
        """Staff's name for it, `City in Recipients`."""
        return f"{self.heading} in {self.sheet}" if self.sheet else self.heading


def offered_placeholders(book: Workbook) -> Iterator[OfferedPlaceholder]:
    """Yield the placeholders by sheet and column, then the date."""
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
    yield OfferedPlaceholder(name="date", field="Date", sheet="", heading="Date", first=first)


def _make_offered(book: Workbook, root: str, column: str, first: str) -> OfferedPlaceholder:
    name, field = f"{root}.{column}", merge_field_name(root, column)
    heading, _, sheet = describe_placeholder(book, name).rpartition(" in ")
    return OfferedPlaceholder(
        name=name, field=field, sheet=sheet, heading=heading, first=shorten(first)
    )


@dataclass(frozen=True, slots=True)
class BlankPlaceholders:
    """Placeholders in removed lines, blank in the same number of letters.

    They have the form in which they are written. `template` is empty if there is only one.
    """

    placeholders: tuple[str, ...]
    letters: int
    total: int
    template: str = ""


def blank_placeholders(
    campaign: Campaign, names: Sequence[str] = ()
) -> Iterator[BlankPlaceholders]:
    """Yield placeholders in removed lines, grouped by template and number.

    The number is that of the selected letters in which they are blank.
    """
    has_several = len(campaign.templates.compiled) > 1
    tags_by_count: dict[tuple[int, int, str], list[str]] = {}
    for line in campaign.collapsed_lines(names):
        template = line.tag.place.file if has_several else ""
        tags_by_count.setdefault((line.removed_count, line.letter_count, template), []).append(
            line.tag.shown_text
        )
    for (letters, total, template), written_tags in tags_by_count.items():
        yield BlankPlaceholders(tuple(dict.fromkeys(written_tags)), letters, total, template)


# Values that letters print of a signer who is not in the workbook yet.

_MAX_LINES, _LONGEST_LINE = 8, 200


def preview_lines(
    templates: Templates, book: Workbook, fields: Mapping[str, str]
) -> tuple[str, ...] | None:
    """Return the first lines of a letter from a person with these fields.

    The fields are given by heading. It is the letter to the first recipient. Only lines that it
    would not have if all cells were blank are returned, without long ones. Return None if the
    template has errors or a value does not fit it.
    """
    recipient = next(iter(book.recipients.persons), None)
    if recipient is None or templates.name_for(recipient) not in templates.compiled:
        return None
    try:
        letter, blank = (
            _filled_lines(templates, book, recipient, own_lines) for own_lines in (fields, {})
        )
    except MergeError:  # the checks report the template's problems
        return None
    own_lines = (line for line in letter if line not in blank and len(line) <= _LONGEST_LINE)
    return tuple(islice(own_lines, _MAX_LINES))


def _filled_lines(
    templates: Templates, book: Workbook, recipient: Person, fields: Mapping[str, str]
) -> Mapping[str, None]:
    """Return the lines of a recipient's letter, each once, in text order."""
    template, facts = templates.template_for(recipient), fill_context_of(book)
    blank = {name.field: BLANK for name, _ in template.uses if name.root == "signer" and name.field}
    values = facts.recipient_values(recipient)
    given_values = {placeholder_name(heading): text for heading, text in fields.items()}
    values |= convert_values({"signer": {**blank, **given_values}}, facts.day, facts.language)
    values["pair"] = {column.placeholder: BLANK for column in book.pairing.columns}
    paragraphs = read_paragraphs(read_parts(template.fill(values), template.file))
    lines = (line for paragraph in paragraphs for line in paragraph.text.splitlines())
    return dict.fromkeys(" ".join(line.split()) for line in lines)


def unfilled_placeholders(templates: Templates, headings: Collection[str]) -> Iterator[str]:
    """Yield the signer's placeholders in letters that no heading fills."""
    filled = {placeholder_name(heading) for heading in headings} | {"id"}
    tags = signer_placeholders(templates)
    yield from (tag for tag in tags if placeholder_name(tag) not in filled)


def signer_placeholders(templates: Templates) -> list[str]:
    """Return the signer's placeholders in the letters."""
    names = (name for name, _ in templates.all_uses if name.root == "signer")
    return list(dict.fromkeys(name.field for name in names if name.field))


def printed_headings(templates: Templates, book: Workbook) -> list[str]:
    """Return the headings that letters print of a signer, except name and ID."""
    tags = [
        tag
        for tag in signer_placeholders(templates)
        if canonical_placeholder(tag) not in _NOT_PRINTED_FROM_CELLS
    ]
    other_tags = {*tags} - {column.placeholder for column in book.signers.columns}
    own_headings = (column.heading for column in book.signers.columns if column.placeholder in tags)
    return [*own_headings, *map(heading_for_placeholder, sorted(other_tags))]


_NOT_PRINTED_FROM_CELLS = {"name", "id", "include"}
