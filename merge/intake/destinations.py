"""Destinations of a form's columns, and their labels in the Forms sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from merge.naming import placeholder_name
from merge.text.folding import folded
from merge.workbook.translated_words import canonical_placeholder

Destination = str
"""The destination of a column: a heading of the list, or a word below.

A heading (`Name`, `Street`, `City`…) may be followed by the number of a part (`Name (1)`, `City
(2)`). It may be followed by how the column is read (`Name (turned at the comma)`)."""

NAME, ADDRESS, STREET, REGION, COUNTRY = "Name", "Address", "Street", "Region", "Country"
POSTAL_CODE, CITY = "Postal code", "City"
INCLUDE = "Include"
USUAL_ADDRESS_HEADINGS = (STREET, POSTAL_CODE, CITY, REGION, COUNTRY, ADDRESS)
"""Headings of an address, for a list that has none yet."""

CONSENT, RESPONSE_ID, EMAIL, RESPONSE_DATE = "Consent", "key:id", "key:email", "order"
DO_NOT_IMPORT, DECEASED = "leave out", "doubt:deceased"
NOT_LIST_COLUMNS = frozenset({CONSENT, RESPONSE_ID, EMAIL, RESPONSE_DATE, DO_NOT_IMPORT, DECEASED})
"""Destinations that are not columns of the list."""
ALWAYS_OFFERED = (
    NAME,
    *USUAL_ADDRESS_HEADINGS,
    CONSENT,
    RESPONSE_ID,
    EMAIL,
    RESPONSE_DATE,
    DO_NOT_IMPORT,
    DECEASED,
)
"""Destinations that are always possible, whatever headings a list has."""
PROTECTED_TAGS = {"id", "include", "to_decide", "writes_to", "template", "name_checked", "class"}
"""Placeholder names of the list's columns that no form fills."""

SURNAME_FIRST, SPLIT_BY_LABELS, HOUSE_NUMBER = (
    " (turned at the comma)",
    " (taken apart)",
    " (house number)",
)
"""Ways to read a column: added to the heading of the list that it fills."""

NUMBERED_PART = re.compile(r"(.*) \((\d+)\)")
"""A destination with the number of a part, such as `Name (1)`."""

_LABELS: Mapping[Destination, str] = MappingProxyType(
    {
        RESPONSE_ID: "Identifies the person: response ID",
        EMAIL: "Identifies the person: email",
        RESPONSE_DATE: "Date of the response",
        DECEASED: "Says who has died",
        DO_NOT_IMPORT: "Do not import",
    }
)
_PART_LABELS = {
    SURNAME_FIRST: " (“Last, First” reversed)",
    SPLIT_BY_LABELS: " (split by labels)",
    HOUSE_NUMBER: " (house number only)",
}


def destination_label(goes_to: Destination) -> str:
    """Return a destination in the words of the Forms sheet and command line."""
    for part, label in _PART_LABELS.items():
        if goes_to.endswith(part):
            return goes_to.removesuffix(part) + label
    return _LABELS.get(goes_to, goes_to)


def parse_destination(text: str) -> Destination:
    """Return the destination that a cell of the Forms sheet contains.

    >>> parse_destination("Says who has died")
    'doubt:deceased'
    """
    for part, label in _PART_LABELS.items():
        if text.lower().endswith(label.lower()):
            return text[: -len(label)] + part
    matches = (word for word, label in _LABELS.items() if folded(label) == folded(text))
    return next(matches, text)


@lru_cache(maxsize=1024)
def base_heading(goes_to: Destination) -> str:
    """Return the list's heading that a column fills, without a part's number."""
    return goes_to.partition(" (")[0] if goes_to.endswith(")") else goes_to


@lru_cache(maxsize=1024)
def numbered_part(goes_to: Destination) -> tuple[str, int]:
    """Return the list's heading that a column fills, and the part's number."""
    match = NUMBERED_PART.fullmatch(goes_to)
    return (match[1], int(match[2])) if match else (base_heading(goes_to), 1)


def is_protected(goes_to: Destination) -> bool:
    """Return True if no form may fill this heading of the list."""
    return canonical_placeholder(placeholder_name(base_heading(goes_to))) in PROTECTED_TAGS
