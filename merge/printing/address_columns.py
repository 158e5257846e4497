"""Recognise address columns by their headings, and towns in addresses.

The words of headings are in address_columns.tsv. The kind `town and country` has countries that are
also a town: `Singapore 238823` is complete.

Postal services everywhere require a town. No rule distinguishes a town from a street in every
country. If headings and lines leave this open, a town is assumed to be present.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, get_args

from merge.people import People, Person
from merge.text.folding import folded
from merge.text.tables import listed_words, table_rows
from merge.values import BLANK

ColumnKind = Literal["town", "address", "postcode", "street", "country", "region", "office", ""]

_HEADING_WORDS = {
    kind: frozenset(map(folded, listed_words(cell)))
    for kind, cell in table_rows("merge.printing", "address_columns.tsv")
}
"""The words of headings, by kind.

`none` has words of other addresses, to which nothing is posted.
"""

_KINDS_BY_PRIORITY: tuple[ColumnKind, ...] = get_args(ColumnKind)[:-1]
"""The kinds, most important first: `Postal code and town` is a town.

`Postal address` is an address.
"""

_KINDS_ON_ONE_LINE = {"postcode", "town", "region"}

_LETTERS, _LONG_NUMBER = re.compile(r"[^\W\d_]{3,}"), re.compile(r"\d{4,}")


def column_kind(tag: str) -> ColumnKind:
    """Return the part of an address that a column holds; empty if none."""
    words = folded(tag).split("_")
    if not _HEADING_WORDS["none"].isdisjoint(words):
        return ""
    return next(
        (kind for kind in _KINDS_BY_PRIORITY if not _HEADING_WORDS[kind].isdisjoint(words)), ""
    )


def sheet_address_lines(person: Person) -> tuple[str, ...]:
    """Return a person's address from the cells of the sheet, without the name.

    Each cell is one line. Adjacent cells with postcode, town and region share a line, in their
    order.
    """
    kinds = ((column_kind(tag), value.strip()) for tag, value in person.fields.items())
    cells = [(kind, text) for kind, text in kinds if kind not in {"", "office"} and text]
    lines: list[str] = []
    for on_one_line, run in groupby(cells, lambda cell: cell[0] in _KINDS_ON_ONE_LINE):
        texts = [text for _, text in run]
        lines += [" ".join(texts)] if on_one_line else texts
    return tuple(line.strip() for text in lines for line in text.splitlines() if line.strip())


def town_column(people: People) -> str:
    """Return the tag of the town column; empty if the sheet has none."""
    return next((c.placeholder for c in people.columns if column_kind(c.placeholder) == "town"), "")


def country_cell(person: Person) -> str:
    """Return the first country in a person's row; empty if the row has none."""
    cells = (value.strip() for t, value in person.fields.items() if column_kind(t) == "country")
    return next(filter(None, cells), "")


def has_town(lines: Sequence[str], person: Person) -> bool:
    """Return whether the lines of a person's address may contain a town.

    If this cannot be decided, the answer is True.
    """
    kinds = [(column_kind(tag), value) for tag, value in person.fields.items() if value.strip()]
    shown = [folded(line) for line in lines]
    if any(
        kind == "country" and folded(value) in _HEADING_WORDS["town and country"]
        for kind, value in kinds
    ):
        return True
    towns = [line for kind, value in kinds if kind == "town" for line in _folded_lines(value)]
    if any(town in line for town in towns for line in shown):
        return True
    known_values = [
        person.fields.get("name", BLANK),
        *(text for k, text in kinds if k in {"country", "office"}),
    ]
    known_lines = [line for value in known_values for line in _folded_lines(value)]
    rest = [*filter(None, (_remove_texts(line, known_lines) for line in shown))]
    streets = {line for k, value in kinds if k == "street" for line in _folded_lines(value)}
    if any(has_postcode_or_town(line, may_start_with_number=line in streets) for line in rest):
        return True
    if any(column_kind(tag) == "town" for tag in person.fields):
        full_addresses = (value for kind, value in kinds if kind == "address")
        return any(len(value.split("\n")) > 1 for value in full_addresses)
    name = folded(person.name)
    unnamed = (_remove_texts(line, known_lines) for line in shown if name not in line)
    return may_contain_town([*filter(None, unnamed)])


def may_contain_town(lines: Sequence[str]) -> bool:
    """Return whether lines of unknown kinds may contain a town.

    The name must have been removed.
    """
    without_digits = (line for line in lines if not any(map(str.isdigit, line)))
    return (
        len(lines) > 1 or any(has_postcode_or_town(line) for line in lines) or any(without_digits)
    )


def has_postcode_or_town(line: str, *, may_start_with_number: bool = False) -> bool:
    """Return whether a line of an address has more than a street.

    That is a postcode with a word, or a town after a comma. If `may_start_with_number`, the line is
    a street and may begin with a long number itself.
    """
    *_, last = parts = re.split("[,،，;]", line)
    ends_in_town = len(parts) > 1 and _LETTERS.search(last) and not any(map(str.isdigit, last))
    with_postcode = [part for part in parts if _LONG_NUMBER.search(part) and _LETTERS.search(part)]
    return bool(ends_in_town) or bool(
        with_postcode[1:]
        if may_start_with_number and with_postcode[:1] == parts[:1]
        else with_postcode
    )


def _remove_texts(line: str, texts: Sequence[str]) -> str:
    """Return a line of an address without the name, office and country."""
    for text in sorted(texts, key=len, reverse=True):
        line = line.replace(text, "")
    return line.strip(" ,;.")


def _folded_lines(text: str) -> Iterator[str]:
    return (folded(line) for line in text.splitlines() if line.strip())
