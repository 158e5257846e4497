"""Names and contact details that stay in a template, for staff to check."""

from __future__ import annotations

import re

from merge.starting.address_lines import begins_with_title, is_country, kind_scores
from merge.starting.alignment import Slot
from merge.starting.differences import occurrences
from merge.starting.draft import TemplateDraft
from merge.starting.letters import TEXT_ZONES
from merge.starting.words import beginning, words

_NAME = re.compile(r"(?<!\w)[^\W\d_a-z][^\W\d_]*\.?(?:[ \u00a0-][^\W\d_a-z][^\W\d_]+){1,3}(?!\w)")
_EMAIL = re.compile(r"(?<!\S)[^\s@]{1,64}@\S{1,200}")
_LONGEST_REFERENCE = 5
"""Words of a line with a reference, its label included."""
_PERSONAL_ZONES = ("address", "salutation", "signature")
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
    """Return lines and words of the fixed text that may be of one person only.

    They are contact details, and references: short lines above the salutation with a number.
    """
    found: dict[str, None] = {}
    for slot in draft.slots:
        text, zone = slot.first.text, slot.first.zone
        has_number = any(map(str.isdigit, text)) and len(text.split()) <= _LONGEST_REFERENCE
        is_contact = max(kind_scores(text)[kind] for kind in _CONTACTS) >= 2
        is_line = is_contact and zone not in TEXT_ZONES
        if not slot.edits and (is_line or (zone in ("subject", "head") and has_number)):
            found[text] = None
        elif zone in TEXT_ZONES:
            emails = (m[0] for m in _EMAIL.finditer(text) if _is_free(slot, m.span()))
            found.update(dict.fromkeys(email.strip(".,;:()<>") for email in emails))
    return [*found]


def words_in_no_cell(draft: TemplateDraft) -> list[str]:
    """Return lines of people with words that are in no cell of a workbook.

    … is for a placeholder. Titles before a placeholder in a text are among them.
    """
    found: dict[str, None] = {}
    for slot in draft.slots if draft.workbook_language else ():
        text, title = slot.first.text, ""
        for edit in sorted(slot.edits, key=lambda edit: -edit.start):
            before, after = text[: edit.start], text[edit.end :]
            word = before.split()[-1] if before.strip() and before[-1].isspace() else ""
            is_free = edit.column and _is_free(slot, (edit.start - 2, edit.start - 1))
            title = f"{word} …" if is_free and begins_with_title(word) else title
            text = f"{before}…{after}"
        label = beginning("line label").match(text)
        others = {*re.findall(r"\w+", text[label.end() :] if label else text)}
        if slot.first.zone in _PERSONAL_ZONES and others.difference(words("fixed greeting")):
            found[text.rstrip(" ,:;،")] = None
        elif title:
            found[title] = None
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
