"""View models of the placeholders pane: columns, use, examples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from merge.campaign.overview import CampaignOverview
from merge.campaign.placeholders import OfferedPlaceholder, offered_placeholders
from merge.campaign.upload_checks import readable_workbook
from merge.checks.findings import available_fields
from merge.errors import MergeError
from merge.page.snapshot import check_folder
from merge.template.campaign_templates import Templates, find_templates
from merge.workbook.reading import Workbook

ExampleKind = Literal["if", "paragraph", "choice", "default", "date", "format", "field"]
EXAMPLE_LABELS: Mapping[ExampleKind, str] = {
    "if": "Text that appears only if a cell is filled in",
    "paragraph": "Whole paragraphs that appear only if a cell is filled in",
    "choice": "One text or another, depending on a cell",
    "default": "A text to use if a cell is blank",
    "date": "The date of the letter",
    "format": "A date in your own format",
    "field": "Merge field. In Word: Insert > Quick Parts > Field > MergeField, then paste the name",
}
"""Use of each example, in English."""

_NOT_IN_EXAMPLES = {"name", "salutation", "id", "include", "name_checked", "template", "language"}
"""Columns that are never blank, or are the program's own."""


@dataclass(frozen=True, slots=True)
class PaneItem:
    """A column in the pane: its placeholder, and whether a template uses it."""

    placeholder: OfferedPlaceholder
    is_used: bool


@dataclass(frozen=True, slots=True)
class PaneExample:
    """An example to copy, other than a placeholder.

    `text` is what is copied: lines with a condition, or the name of a merge field. It has no
    values of cells.
    """

    kind: ExampleKind
    text: str

    @property
    def label(self) -> str:
        """Its use, in English."""
        return EXAMPLE_LABELS[self.kind]


@dataclass(frozen=True, slots=True)
class PlaceholderPane:
    """The content of the pane: columns by sheet, and examples.

    `unknown` are placeholders in the templates that have no column.
    """

    sheets: Mapping[str, Sequence[PaneItem]]
    unknown: tuple[str, ...]
    examples: tuple[PaneExample, ...]
    has_template: bool

    @property
    def used_count(self) -> int:
        """Number of columns that the templates use."""
        return sum(item.is_used for items in self.sheets.values() for item in items)

    @property
    def items(self) -> Iterator[PaneItem]:
        """All columns, sheet by sheet."""
        return (item for items in self.sheets.values() for item in items)


def placeholder_pane(view: CampaignOverview | None, folder: Path) -> PlaceholderPane | None:
    """Return the pane, as far as the workbook can be read; None if it cannot.

    `view` is None if the campaign cannot be read completely.
    """
    book = view.campaign.workbook if view else _present_workbook(folder)
    if book is None:
        return None
    templates = view.campaign.templates if view else _readable_templates(folder, book)
    uses = [*templates.all_uses] if templates else []
    used_names, available = {str(name) for name, _ in uses}, available_fields(book)
    sheets: dict[str, list[PaneItem]] = {}
    for placeholder, names in _columns(book):
        item = PaneItem(placeholder, not used_names.isdisjoint(names))
        sheets.setdefault(placeholder.sheet, []).append(item)
    is_readable = {root: root not in book.unreadable_roots for root in book.fields}
    unknown = dict.fromkeys(
        tag.shown_text
        for name, tag in uses
        if is_readable.get(name.root, True) and not available.has(name)
    )
    return PlaceholderPane(
        sheets, tuple(unknown), tuple(_examples(book)), has_template=templates is not None
    )


def _present_workbook(folder: Path) -> Workbook | None:
    """Return what can be read of the workbook; None if its folder is a link."""
    with suppress(MergeError):
        check_folder(folder)
        return readable_workbook(folder)
    return None


def _readable_templates(folder: Path, book: Workbook) -> Templates | None:
    with suppress(MergeError):
        return find_templates(folder, book)
    return None


def _columns(book: Workbook) -> Iterator[tuple[OfferedPlaceholder, set[str]]]:
    """Yield the first placeholder of each column, and the names of all.

    A column may have one in its own language, and one in English.
    """
    by_words: dict[str, list[OfferedPlaceholder]] = {}
    for placeholder in offered_placeholders(book):
        if placeholder.sheet:
            by_words.setdefault(placeholder.words, []).append(placeholder)
    for same in by_words.values():
        yield same[0], {placeholder.name for placeholder in same}


def _examples(book: Workbook) -> Iterator[PaneExample]:
    """Yield examples with a column of the workbook that is often blank."""
    placeholders = (column.placeholder for column in book.recipients.columns)
    names = [name for name in placeholders if name not in _NOT_IN_EXAMPLES]
    name = f"recipient.{min(names, key=lambda n: _filled(book, n), default='name')}"
    yield PaneExample("if", f"{{% if {name} %}} … {{{{ {name} }}}}{{% endif %}}")
    yield PaneExample("paragraph", f"{{%p if {name} %}}\n…\n{{%p endif %}}")
    yield PaneExample("choice", f'{{% if {name} == "…" %}}…{{% else %}}…{{% endif %}}')
    yield PaneExample("default", f'{{{{ {name} | default("…") }}}}')
    yield PaneExample("date", "{{ date }}")
    date = next(_date_columns(book), "date")
    yield PaneExample("format", f'{{{{ {date} | date("d MMMM yyyy") }}}}')
    fields = (item.field for item, _ in _columns(book) if item.name == name)
    yield PaneExample("field", next(fields, "Recipient_Name"))


def _filled(book: Workbook, placeholder: str) -> int:
    return sum(bool(p.fields[placeholder].strip()) for p in book.recipients.persons)


def _date_columns(book: Workbook) -> Iterator[str]:
    for root, people in (("recipient", book.recipients), ("signer", book.signers)):
        for column in people.columns:
            cells = (person.fields[column.placeholder] for person in people.persons)
            if any(isinstance(cell.native, dt.date) for cell in cells):
                yield f"{root}.{column.placeholder}"
