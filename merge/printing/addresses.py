"""Addresses on envelopes, labels and parcels, from the columns of a sheet.

Columns are recognised by the words of their headings, which are in address_columns.tsv. The kind
`town and country` has countries that are also a town: `Singapore 238823` is complete.

Postal services everywhere require a town. No rule distinguishes a town from a street in every
country. If headings and lines leave this open, a town is assumed to be present.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from merge import messages
from merge.people import People, Person, SheetKind
from merge.problems import Place, Problem
from merge.text.folding import folded
from merge.text.tables import listed_words, table_rows
from merge.values import BLANK

ColumnKind = Literal["town", "address", "postcode", "street", "country", "region", "office", ""]

_HEADING_WORDS = {
    kind: frozenset(map(folded, listed_words(cell)))
    for kind, cell in table_rows("merge.printing", "address_columns.tsv")
}
"""The words of headings, by kind.

`none` has words of other addresses, to which nothing is posted; `phone` is not a kind of address.
"""

_KINDS_BY_PRIORITY: tuple[ColumnKind, ...] = get_args(ColumnKind)[:-1]
"""The kinds, most important first: `Postal code and town` is a town.

`Postal address` is an address.
"""

_ADDRESS_ORDER = (
    ("name", "office"),
    ("address", "street"),
    ("postcode", "town", "region"),
    ("country",),
)
"""The kinds of columns in the usual order of an address.

In each part, columns have the order of the sheet. Postcode, town and region share a line.
"""

_LETTERS, _LONG_NUMBER = re.compile(r"[^\W\d_]{3,}"), re.compile(r"\d{4,}")


def column_kind(tag: str) -> ColumnKind:
    """Return the part of an address that a column holds; empty if none."""
    words = folded(tag).split("_")
    if not _HEADING_WORDS["none"].isdisjoint(words):
        return ""
    return next(
        (kind for kind in _KINDS_BY_PRIORITY if not _HEADING_WORDS[kind].isdisjoint(words)), ""
    )


def is_phone_column(tag: str) -> bool:
    """Return whether a column has telephone numbers."""
    return not _HEADING_WORDS["phone"].isdisjoint(folded(tag).split("_"))


@dataclass(frozen=True, slots=True)
class LetterAddress:
    """The text on an envelope or a label, with the letter's short ID.

    `return_address` is empty for none. `path` is the letter's path as in messages.
    """

    short_id: str
    lines: tuple[str, ...]
    return_address: tuple[str, ...] = ()
    path: str = ""


def address_too_long(letter: LetterAddress, address: str, stock: str) -> Problem:
    """Return a warning that an address does not fit and is omitted."""
    place = Place(letter.path or f"letter {letter.short_id}")
    return messages.problem("address-too-long", place, address=address, stock=stock)


def address_lines(person: Person) -> tuple[str, ...]:
    """Return a person's name and address from the cells of the sheet.

    A line that is in two cells is there once.
    """
    cells = (
        " ".join(filter(None, (person.fields[tag].strip() for tag in tags)))
        for tags in _tags_by_line([*person.fields], person.kind)
    )
    lines = (line.strip() for text in cells for line in text.splitlines())
    return tuple(dict.fromkeys(filter(None, lines)))


def columns_pattern(people: People) -> str:
    """Return placeholders for people's names and addresses, line by line."""
    tags_by_line = _tags_by_line([column.placeholder for column in people.columns], people.kind)
    lines = ([f"{{{{ {people.kind}.{tag} }}}}" for tag in tags] for tags in tags_by_line)
    return "\n".join(" ".join(line) for line in lines)


def _tags_by_line(tags: Sequence[str], kind: SheetKind) -> Iterator[list[str]]:
    """Yield the tags of each line of an address.

    A signer's office is not part of it.
    """
    kinds = {tag: "name" if tag == "name" else column_kind(tag) for tag in tags}
    for part in _ADDRESS_ORDER:
        members = [
            tag
            for tag in tags
            if kinds[tag] in part and not (kind == "signer" and kinds[tag] == "office")
        ]
        if "town" not in part:
            yield from ([tag] for tag in members)
        elif members:
            yield members


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
