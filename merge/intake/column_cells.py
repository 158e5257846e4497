"""Columns of an export with their cells, and checks of what cells contain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from merge.intake.destinations import CONSENT, EMAIL, NAME, RESPONSE_DATE, RESPONSE_ID
from merge.intake.headings import ADDRESS_FIELDS, NAME_PARTS, NEWSLETTER, HeadingMeaning, meaning
from merge.intake.layout import EMAIL_PATTERN, ColumnHeading, ExportLayout
from merge.intake.times import parse_moment
from merge.text.folding import folded
from merge.workbook.plausibility import is_test_entry, is_unfilled, may_be_name
from merge.workbook.translated_words import says_no, says_yes


@dataclass(frozen=True)
class ExportColumn:
    """A column of an export: its non-blank cells, its heading's meaning."""

    number: int
    heading: ColumnHeading
    meaning: HeadingMeaning
    values: Sequence[str]
    row_count: int

    @property
    def filled_share(self) -> float:
        """Share of the responses that have a value in this column."""
        return len(self.values) / max(1, self.row_count)

    @cached_property
    def distinct_count(self) -> int:
        """Number of different values in the column."""
        return len({folded(value) for value in self.values})

    def is_mostly(self, test: Callable[[str], object], share: float = 0.5) -> bool:
        """Return True if this share of the column's first values passes a test."""
        values = self.values[:1000]
        return bool(values) and sum(map(bool, map(test, values))) >= share * len(values)

    @property
    def is_informative(self) -> bool:
        """True if the column has several different values.

        It is also True if there are only one or two responses.
        """
        return self.distinct_count > 1 or 0 < self.row_count < 3

    @property
    def language(self) -> str:
        """Language of the column's heading."""
        return self.meaning.language


def export_columns(layout: ExportLayout) -> list[ExportColumn]:
    """Return the columns of an export, with the cells of its responses."""
    values: list[list[str]] = [[] for _ in layout.headings]
    for row in layout.response_rows:
        for cells, text in zip(values, row.cells, strict=False):
            if text:
                cells.append(text)
    columns = []
    for number, (heading, cells) in enumerate(zip(layout.headings, values, strict=True)):
        heading_meaning = meaning(heading.original, heading.question)
        columns.append(
            ExportColumn(
                number, heading, heading_meaning, values=cells, row_count=len(layout.response_rows)
            )
        )
    return columns


def fits_heading(column: ExportColumn) -> bool:
    """Return True if a column's cells can be what its heading says."""
    field = column.meaning.field
    if field == CONSENT:
        return bool(column.values) and _has_consent_words(column)
    if field == RESPONSE_ID:
        return _identifies_responses(column)
    if field == EMAIL:
        return column.is_informative and column.is_mostly(EMAIL_PATTERN.search)
    if field == RESPONSE_DATE:
        return column.is_mostly(
            lambda text: parse_moment(text) or parse_moment(text, "month first")
        )
    if field in {NAME, *NAME_PARTS} - {"Suffix"}:
        is_part = column.meaning.strength == "sure" and field != NAME
        is_wrong = _is_not_name_part if is_part else is_not_name
        return bool(column.values) and not column.is_mostly(is_wrong)
    return bool(column.values) and not (
        field in ADDRESS_FIELDS and column.is_mostly(_is_not_address)
    )


def _identifies_responses(column: ExportColumn) -> bool:
    """Return True if a column's values can be the IDs of responses.

    Each response has a value. Values may be repeated if the heading says more than `ID`.
    """
    filled = len(column.values)
    if 0 < filled >= 0.9 * column.row_count and column.distinct_count == filled:
        return True
    is_plain = folded(column.heading.original) in {"id", "#", "_id"}
    return not is_plain and column.distinct_count >= 0.5 * column.row_count > 0


def _is_not_address(text: str) -> bool:
    return is_yes_or_no(text) or bool(EMAIL_PATTERN.search(text))


def is_not_name(text: str) -> bool:
    """Return True if a cell is certainly neither a name nor a part of a name."""
    if EMAIL_PATTERN.search(text) or not any(c.isalpha() for c in text):
        return True
    # The first response to a form is often a test, so test entries count as names.
    is_blank = is_unfilled(text, is_name=True) and not is_test_entry(text)
    return is_yes_or_no(text) or may_be_name(text) or is_blank


def _is_not_name_part(text: str) -> bool:
    """Return True if a cell is not a first or last name.

    `No` and `Ja` are surnames.
    """
    return is_not_name(text) and not (text.istitle() and is_yes_or_no(text))


def is_yes_or_no(text: str) -> bool:
    """Return True if a cell is a plain yes or no."""
    return says_yes(text) or says_no(text) or text in {"0", "1"}


def may_be_consent(column: ExportColumn) -> bool:
    """Return True if a column with an unknown heading may mean consent.

    A newsletter column may mean consent too.
    """
    if column.meaning.field == NEWSLETTER:
        return 1 < column.distinct_count <= max(6, column.row_count // 5)
    is_unknown = not column.meaning.field and column.distinct_count > 1
    return is_unknown and column.is_mostly(lambda text: says_yes(text) or says_no(text), 1)


def is_choice_of(column: ExportColumn, question: ExportColumn) -> bool:
    """Return True if a column is one option of another column's question.

    `May we print it?`, `May we print it? (Yes)`, `May we print it? (No)`: the first has the answer.
    """
    text, begin = column.heading.text, question.heading.text
    rest = text.removeprefix(begin).lstrip()
    return text.startswith(begin) and rest[:1] in {"(", "[", "/"}


def _has_consent_words(column: ExportColumn) -> bool:
    """Return True if a column has few different words, or a plain yes or no."""
    if column.distinct_count <= max(6, column.row_count // 5):
        return True
    return any(is_yes_or_no(value) for value in column.values)


def may_be_name_part(column: ExportColumn) -> bool:
    """Return True if a column may contain a part of names.

    Either the heading says so, or the cells do.
    """
    if column.meaning.field in {NAME, *NAME_PARTS}:
        return bool(column.values) and not column.is_mostly(is_not_name)
    is_known = column.meaning.field and column.meaning.strength != "asked"
    is_varied = column.is_informative and 2 * column.distinct_count >= len(column.values)
    return not is_known and is_varied and column.is_mostly(_is_name_word, 0.8)


def _is_name_word(text: str) -> bool:
    """Return True if a text is a single word that is written like a name.

    Examples are `Ruiz`, `O'Neill` and `Smith-Jones`.
    """
    is_word = " " not in text and not text[0].islower() and not text.isdigit()
    return is_word and not is_not_name(text) and not is_yes_or_no(text)


def is_surname_first(text: str) -> bool:
    """Return True if a name has the surname first: `Ruiz, Ana`."""
    surname, comma, given_name = text.partition(",")
    return bool(comma and surname.strip() and given_name.strip() and "," not in given_name)


def address_labels(column: ExportColumn) -> dict[str, str]:
    """Return the labels of addresses whose lines are labelled, by field.

    They are empty unless every line of every cell has a known label.
    """
    labels: dict[str, str] = {}
    for value in column.values:
        for line in value.splitlines():
            label, colon, _ = line.partition(":")
            label_meaning = meaning(label) if colon else None
            if (
                not label_meaning
                or label_meaning.strength != "sure"
                or label_meaning.field not in ADDRESS_FIELDS
            ):
                return {}
            labels[label_meaning.field] = label
    return labels


def split_label(line: str) -> tuple[str, str]:
    """Return the field and the value of an address line `label: value`."""
    label, _, value = line.partition(":")
    return meaning(label).field, value.strip()


def count_values(values: Iterable[str]) -> dict[str, int]:
    """Return values with their counts, the most frequent value first."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))
