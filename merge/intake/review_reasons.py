"""Reasons why a person needs review, as texts for To decide in the list."""

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
"""The text of each reason in the To decide column."""

SAME_NAME = REVIEW_REASONS["same-name"]
SAME_HOME = "same email and address as {same_as}: same person?"


def describe_likeness(
    new_marks: IdentityMarks, known_marks: Collection[str], *, has_place: bool
) -> str:
    """Return in words how a new person resembles a known person."""
    pairs = (("email", new_marks.email), ("address", new_marks.place))
    same_fields = [word for word, mark in pairs if mark and mark in known_marks]
    if new_marks.sorted_name in known_marks:
        words = ", ".join(["name", *same_fields[:-1]]) + "".join(
            f" and {word}" for word in same_fields[-1:]
        )
        text = f"same {words} as {{same_as}}"
    elif len(same_fields) == len(pairs):
        return SAME_HOME
    else:
        text = "may be {same_as} under another name" + "".join(
            f", same {word}" for word in same_fields
        )
    return (
        f"{text}, different address" if not same_fields and has_place and new_marks.place else text
    )


def preview_reasons(person: NewPerson) -> str:
    """Return why a person needs review, for a preview without IDs."""
    other_person = f"row {person.same_row}" if person.same_row else person.same_as
    comma = "" if person.has_same_home else ","
    return review_reasons(
        person, f"{other_person}, {person.other_name}{comma}" if person.other_name else other_person
    )


def review_reasons(person: NewPerson, same_as: str) -> str:
    """Return why a person needs review, in the words of the To decide column."""
    words = {**REVIEW_REASONS, "same-name": person.likeness or REVIEW_REASONS["same-name"]}
    texts = [words[doubt].replace("{same_as}", same_as) for doubt in person.doubts]
    proposal = f": {person.proposed_name}?" if person.proposed_name else ""
    return "; ".join(texts) + proposal
