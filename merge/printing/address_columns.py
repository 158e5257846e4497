"""Which columns make an address, by their headings, and whether a town stands in an address.

The words of headings are in address_columns.tsv. `town and country` are countries that are a town:
`Singapore 238823` is whole.

Posts everywhere want a town. No rule tells one from a street in every country: so where headings
and lines leave it open, a town is taken to be there.
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
"""The words of headings, by kind; `none` are those of other addresses, and of no place for post."""

_KINDS_BY_PRIORITY: tuple[ColumnKind, ...] = get_args(ColumnKind)[:-1]
"""The first kind of a heading counts: `Postal code and town` is a town, `Postal address` none."""

_KINDS_ON_ONE_LINE = {"postcode", "town", "region"}

_LETTERS, _LONG_NUMBER = re.compile(r"[^\W\d_]{3,}"), re.compile(r"\d{4,}")


def column_kind(tag: str) -> ColumnKind:
    """Return what a column holds of an address, by its tag; empty for nothing."""
    words = folded(tag).split("_")
    if not _HEADING_WORDS["none"].isdisjoint(words):
        return ""
    return next(
        (kind for kind in _KINDS_BY_PRIORITY if not _HEADING_WORDS[kind].isdisjoint(words)), ""
    )


def sheet_address_lines(person: Person) -> tuple[str, ...]:
    """Return the person's address as the sheet lists it, without the name: a line for a cell.

    Postcode, town and region that stand side by side are one line, in their order.
    """
    kinds = ((column_kind(tag), value.strip()) for tag, value in person.fields.items())
    cells = [(kind, text) for kind, text in kinds if kind not in {"", "office"} and text]
    lines: list[str] = []
    for together, own in groupby(cells, lambda cell: cell[0] in _KINDS_ON_ONE_LINE):
        texts = [text for _, text in own]
        lines += [" ".join(texts)] if together else texts
    return tuple(line.strip() for text in lines for line in text.splitlines() if line.strip())


def town_column(people: People) -> str:
    """Return the tag of the column for the town; empty where the sheet has none."""
    return next((c.placeholder for c in people.columns if column_kind(c.placeholder) == "town"), "")


def country_cell(person: Person) -> str:
    """Return what the first filled column for a country says of a person; empty if none does."""
    cells = (value.strip() for t, value in person.fields.items() if column_kind(t) == "country")
    return next(filter(None, cells), "")


def has_town(lines: Sequence[str], person: Person) -> bool:
    """Return whether a town stands in the lines of a person's address, as far as can be told."""
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
    known = [person.fields.get("name", BLANK), *(v for k, v in kinds if k in {"country", "office"})]
    said = [line for value in known for line in _folded_lines(value)]
    rest = [*filter(None, (_remove_texts(line, said) for line in shown))]
    streets = {line for k, value in kinds if k == "street" for line in _folded_lines(value)}
    if any(has_postcode_or_town(line, may_start_with_number=line in streets) for line in rest):
        return True
    if any(column_kind(tag) == "town" for tag in person.fields):
        whole = (value for kind, value in kinds if kind == "address")
        return any(len(value.split("\n")) > 1 for value in whole)
    name = folded(person.name)
    unnamed = (_remove_texts(line, said) for line in shown if name not in line)
    return may_contain_town([*filter(None, unnamed)])


def may_contain_town(lines: Sequence[str]) -> bool:
    """Return whether lines, without the name, may hold a town where nothing says which is which."""
    plain = (line for line in lines if not any(map(str.isdigit, line)))
    return len(lines) > 1 or any(has_postcode_or_town(line) for line in lines) or any(plain)


def has_postcode_or_town(line: str, *, may_start_with_number: bool = False) -> bool:
    """Return whether a line says more than a street: a postcode and a word, a town behind a comma.

    A street may begin with a long number itself.
    """
    *_, last = parts = re.split("[,،，;]", line)
    behind = len(parts) > 1 and _LETTERS.search(last) and not any(map(str.isdigit, last))
    coded = [part for part in parts if _LONG_NUMBER.search(part) and _LETTERS.search(part)]
    return bool(behind) or bool(
        coded[1:] if may_start_with_number and coded[:1] == parts[:1] else coded
    )


def _remove_texts(line: str, said: Sequence[str]) -> str:
    """Return what a line says beside the name, the office and the country."""
    for text in sorted(said, key=len, reverse=True):
        line = line.replace(text, "")
    return line.strip(" ,;.")


def _folded_lines(text: str) -> Iterator[str]:
    return (folded(line) for line in text.splitlines() if line.strip())
