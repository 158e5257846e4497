"""Differences between two versions of a workbook or a template."""

from __future__ import annotations

from dataclasses import dataclass

from merge.naming import heading_for_placeholder
from merge.ooxml.kinds import TEMPLATE
from merge.ooxml.package import parse_package
from merge.people import People
from merge.proofreading.differences import find_changes as paragraph_changes
from merge.proofreading.text import LetterParagraph, read_paragraphs, read_parts
from merge.template.template import FaultyTemplateError, compile_template
from merge.values import BLANK
from merge.workbook.reading import Workbook


@dataclass(frozen=True, slots=True)
class WorkbookCellChange:
    """A cell with a different value: its person, heading, old and new value."""

    person: str
    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SheetChanges:
    """Differences in a sheet of people: people, cells and columns."""

    sheet: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    cells: tuple[WorkbookCellChange, ...] = ()
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the two sheets of people do not differ."""
        return not (
            self.added or self.removed or self.cells or self.columns_added or self.columns_removed
        )


@dataclass(frozen=True, slots=True)
class WorkbookChanges:
    """Differences between two workbooks that can affect letters."""

    sheets: tuple[SheetChanges, ...]
    settings: tuple[WorkbookCellChange, ...]
    pairs: tuple[int, int]
    """The number of letters before and after."""

    @property
    def is_empty(self) -> bool:
        """Whether the new workbook affects no letter."""
        same = self.pairs[0] == self.pairs[1] and not self.settings
        return same and all(sheet.is_empty for sheet in self.sheets)


@dataclass(frozen=True, slots=True)
class TemplateChanges:
    """Differences between two templates: placeholders and paragraphs.

    A placeholder counts by what it reads. `paragraphs` are pairs of old and new text.
    """

    placeholders_added: tuple[str, ...]
    placeholders_removed: tuple[str, ...]
    paragraphs: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Whether both templates have the same text."""
        return not (self.placeholders_added or self.placeholders_removed or self.paragraphs)


def workbook_changes(old: Workbook, new: Workbook) -> WorkbookChanges:
    """Return the differences between two workbooks."""
    sheets = (
        sheet_changes(old.signers, new.signers, "Signers"),
        sheet_changes(old.recipients, new.recipients, "Recipients"),
    )
    before, after = old.settings.fields, new.settings.fields
    settings = (
        WorkbookCellChange(
            "", heading_for_placeholder(tag), before.get(tag, ""), after.get(tag, "")
        )
        for tag in {**before, **after}
        if str(before.get(tag, "")) != str(after.get(tag, ""))
    )
    return WorkbookChanges(sheets, tuple(settings), (old.pair_count, new.pair_count))


def sheet_changes(old: People, new: People, sheet: str) -> SheetChanges:
    """Return the differences between two sheets of people.

    `sheet` is the name if neither has one.
    """
    before = {person.key: person for person in old.persons}
    after = {person.key: person for person in new.persons}
    old_columns = {column.placeholder: column.heading for column in old.columns}
    new_columns = {column.placeholder: column.heading for column in new.columns}
    cells = (
        WorkbookCellChange(
            str(person.label), heading, str(old_person.fields.get(tag, BLANK)), str(value)
        )
        for key, person in after.items()
        if (old_person := before.get(key))
        for tag, heading in new_columns.items()
        if tag in old_columns
        and str(value := person.fields.get(tag, BLANK)) != str(old_person.fields.get(tag, BLANK))
    )
    return SheetChanges(
        new.sheet or old.sheet or sheet,
        added=tuple(str(person.label) for key, person in after.items() if key not in before),
        removed=tuple(str(person.label) for key, person in before.items() if key not in after),
        cells=tuple(cells),
        columns_added=tuple(
            heading for tag, heading in new_columns.items() if tag not in old_columns
        ),
        columns_removed=tuple(
            heading for tag, heading in old_columns.items() if tag not in new_columns
        ),
    )


def template_changes(old_data: bytes, new_data: bytes) -> TemplateChanges:
    """Return the differences between two templates.

    Raise TemplateError if one cannot be read.
    """
    old, new = template_placeholders(old_data), template_placeholders(new_data)
    paragraphs = paragraph_changes(_paragraphs(old_data), _paragraphs(new_data))
    return TemplateChanges(
        placeholders_added=tuple(tag for tag in new if tag not in old),
        placeholders_removed=tuple(tag for tag in old if tag not in new),
        paragraphs=tuple((change.before, change.after) for change in paragraphs),
    )


def template_placeholders(data: bytes) -> list[str]:
    """Return what the placeholders of a template read, each once."""
    package = parse_package(data, "", TEMPLATE)
    try:
        uses = compile_template(package).uses
    except FaultyTemplateError as error:
        uses = error.uses
    return list(dict.fromkeys(str(name) for name, _ in uses))


def _paragraphs(data: bytes) -> list[LetterParagraph]:
    return [*read_paragraphs(read_parts(data, "", TEMPLATE))]
