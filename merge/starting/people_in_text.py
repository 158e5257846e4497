"""Names and contact details that stay in a template, for staff to check."""

from __future__ import annotations

import re

from merge.starting.address_lines import begins_with_title, is_country, kind_scores
from merge.starting.alignment import Slot
from merge.starting.differences import occurrences
from merge.starting.draft import TemplateDraft

_NAME = re.compile(r"(?<!\w)[^\W\d_a-z][^\W\d_]*\.?(?:[ \u00a0-][^\W\d_a-z][^\W\d_]+){1,3}(?!\w)")
_EMAIL = re.compile(r"(?<!\S)[^\s@]{1,64}@\S{1,200}")
_CONTACTS = ("street", "city", "phone", "email")


def names_in_text(draft: TemplateDraft) -> list[str]:
    """Return phrases in the fixed text that look like names of people.

    Values of the recipient's columns are among them, such as the country.
    """
    names: dict[str, None] = {}
    columns = draft.table.of_sheet("recipient")
    values = [v for c in columns if c.source == "address" for v in c.values if len(v) > 3]
    for slot in draft.slots:
        if slot.first.zone in ("body", "subject"):
            names.update(dict.fromkeys(_names(slot, draft.language)))
            free = (
                v for v in values if any(_is_free(slot, s) for s in occurrences(slot.first.text, v))
            )
            names.update(dict.fromkeys(free))
    return [*names]


def contacts_in_text(draft: TemplateDraft) -> list[str]:
    """Return lines and words of the fixed text that may be someone's address."""
    found: dict[str, None] = {}
    for slot in draft.slots:
        text = slot.first.text
        if slot.first.zone in ("body", "closing", "subject"):
            emails = (m[0] for m in _EMAIL.finditer(text) if _is_free(slot, m.span()))
            found.update(dict.fromkeys(email.strip(".,;:()<>") for email in emails))
        elif not slot.edits and max(kind_scores(text)[kind] for kind in _CONTACTS) >= 2:
            found[text] = None
    return [*found]


def _is_free(slot: Slot, span: tuple[int, int]) -> bool:
    """Return whether a stretch of a text has no placeholder."""
    return not any(edit.overlaps(*span) for edit in slot.edits)


def _names(slot: Slot, language: str) -> list[str]:
    text = slot.first.text
    found = []
    for match in _NAME.finditer(text):
        phrase = match[0]
        is_capital = all(word[0].isupper() for word in re.findall(r"[^\W\d_]+", phrase))
        if is_capital and _is_free(slot, match.span()) and _is_name(phrase, language):
            found.append(phrase)
    return found


def _is_name(phrase: str, language: str) -> bool:
    if begins_with_title(phrase):
        return True
    scores = kind_scores(phrase)
    is_other = scores["position"] or scores["organisation"] or is_country(phrase)
    return not is_other and scores["name"] >= 1.6 and not language.startswith("de")
