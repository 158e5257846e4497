"""Where a column of a form may go, and how staff read and write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from merge.naming import tag_name
from merge.text.folding import folded
from merge.workbook.words import own_tag

Destination = str
"""Where a column goes: a heading of the list (`Name`, `Street`, `City`…), followed by the number of
a part (`Name (1)`, `City (2)`) or how it is read (`Name (turned at the comma)`); or one of the
words below."""

NAME, ADDRESS, STREET, REGION, COUNTRY = "Name", "Address", "Street", "Region", "Country"
POSTAL_CODE, CITY = "Postal code", "City"
INCLUDE = "Include"
USUAL = (STREET, POSTAL_CODE, CITY, REGION, COUNTRY, ADDRESS)
"""Headings of an address, in a list that has none yet."""

CONSENT, SUBMISSION, EMAIL, ORDER = "Consent", "key:id", "key:email", "order"
LEAVE_OUT, DECEASED = "leave out", "doubt:deceased"
FILLS_NOTHING = frozenset({CONSENT, SUBMISSION, EMAIL, ORDER, LEAVE_OUT, DECEASED})
"""Destinations that are not columns of the list."""
WORDS_OF_LIST = (NAME, *USUAL, CONSENT, SUBMISSION, EMAIL, ORDER, LEAVE_OUT, DECEASED)
"""Where a column may always go, whatever headings a list has."""
OWN_TAGS = {"id", "include", "to_decide", "template", "name_checked", "class"}
"""Columns of the list that no form fills."""

TURNED, TAKEN_APART, HOUSE_NUMBER = " (turned at the comma)", " (taken apart)", " (house number)"
"""How a column is read, after the heading of the list that it fills."""

NUMBERED_PART = re.compile(r"(.*) \((\d+)\)")
"""A heading of the list and the number of a part."""

_SPOKEN: Mapping[Destination, str] = MappingProxyType(
    {
        SUBMISSION: "Identifies the person: response ID",
        EMAIL: "Identifies the person: email",
        ORDER: "Date of the response",
        DECEASED: "Says who has died",
        LEAVE_OUT: "Do not import",
    }
)
_SPOKEN_PARTS = {
    TURNED: " (“Last, First” reversed)",
    TAKEN_APART: " (split by labels)",
    HOUSE_NUMBER: " (house number only)",
}


def spoken_destination(goes_to: Destination) -> str:
    """Return a destination as the Forms sheet and the command line name it."""
    for part, words in _SPOKEN_PARTS.items():
        if goes_to.endswith(part):
            return goes_to.removesuffix(part) + words
    return _SPOKEN.get(goes_to, goes_to)


def destination_of(text: str) -> Destination:
    """Return the destination that a cell of the Forms sheet names.

    >>> destination_of("do not import")
    'leave out'
    """
    for part, words in _SPOKEN_PARTS.items():
        if text.lower().endswith(words.lower()):
            return text[: -len(words)] + part
    same = (word for word, spoken in _SPOKEN.items() if folded(spoken) == folded(text))
    return next(same, text)


@lru_cache(maxsize=1024)
def base_heading(goes_to: Destination) -> str:
    """Return the heading of the list that a column fills, without its part."""
    return goes_to.partition(" (")[0] if goes_to.endswith(")") else goes_to


@lru_cache(maxsize=1024)
def numbered_part(goes_to: Destination) -> tuple[str, int]:
    """Return the heading of the list that a column fills, and the number of its part."""
    found = NUMBERED_PART.fullmatch(goes_to)
    return (found[1], int(found[2])) if found else (base_heading(goes_to), 1)


def is_protected(goes_to: Destination) -> bool:
    """Return whether no form fills this heading of the list."""
    return own_tag(tag_name(base_heading(goes_to))) in OWN_TAGS
