"""Why a person of the list needs review, in the words of To decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from merge.intake.form_types import Doubt
from merge.intake.list_types import NewPerson
from merge.intake.matching import IdentityMarks

REVIEW_REASONS: Mapping[Doubt, str] = {
    "same-name": "same name as {same_as}",
    "test": "looks like a test entry",
    "not-a-name": "not a name",
    "half-name": "incomplete name",
    "two-people": "may be two people",
    "broken-accents": "garbled accents",
    "lost-letters": "missing characters",
    "ragged": "more or fewer cells than headings",
    "quotes": "unmatched quotation marks",
    "hidden": "hidden row",
    "deceased": "marked as deceased",
}
"""Why a person needs review, as To decide in the list says it."""

SAME_NAME = REVIEW_REASONS["same-name"]
SAME_HOME = "same email and address as {same_as}: same person?"


def describe_likeness(own: IdentityMarks, other: Collection[str], *, has_place: bool) -> str:
    """Return how a new person resembles a known one, by their marks."""
    pairs = (("email", own.email), ("address", own.place))
    same = [word for word, mark in pairs if mark and mark in other]
    if own.sorted_name in other:
        words = ", ".join(["name", *same[:-1]]) + "".join(f" and {word}" for word in same[-1:])
        told = f"same {words} as {{same_as}}"
    elif len(same) == len(pairs):
        return SAME_HOME
    else:
        told = "may be {same_as} under another name" + "".join(f", same {word}" for word in same)
    return f"{told}, different address" if not same and has_place and own.place else told


def preview_reasons(person: NewPerson) -> str:
    """Return why a person needs review, before new people have IDs."""
    who = f"row {person.same_row}" if person.same_row else person.same_as
    comma = "" if person.has_same_home else ","
    return review_reasons(
        person, f"{who}, {person.other_name}{comma}" if person.other_name else who
    )


def review_reasons(person: NewPerson, same_as: str) -> str:
    """Return why a person needs review, as To decide says it."""
    words = {**REVIEW_REASONS, "same-name": person.likeness or REVIEW_REASONS["same-name"]}
    told = [words[doubt].replace("{same_as}", same_as) for doubt in person.doubts]
    mended = f": {person.proposed_name}?" if person.proposed_name else ""
    return "; ".join(told) + mended
