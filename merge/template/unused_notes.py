"""Remove notes, headers and footers that no page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from merge.ooxml.wordml import Element, W, is_on, remove, texts_in

_NOTES = "unused notes"
_TEXT_TYPES = {"normal", "continuationNotice"}
"""The types of notes that contain words."""


def drop_unused_notes(
    parts: Mapping[str, Element], main: str, removal_counts: Counter[str]
) -> set[str]:
    """Remove notes without a reference in the text; return the changed parts."""
    changed_parts = set()
    settings = next((e for e in parts.values() if e.tag == W + "settings"), None)
    for name, root in parts.items():
        kind = {W + "footnotes": "footnote", W + "endnotes": "endnote"}.get(str(root.tag))
        if kind is None:
            continue
        used_ids = {mark.get(W + "id") for mark in parts[main].iter(W + f"{kind}Reference")}
        if settings is not None:  # it names those between text and notes
            separators = settings.findall(f"{W}{kind}Pr/{W}{kind}")
            used_ids |= {mark.get(W + "id") for mark in separators}
        for note in root.findall(W + kind):
            if note.get(W + "id") not in used_ids and note.get(W + "type", "normal") in _TEXT_TYPES:
                removal_counts[_NOTES] += bool(texts_in(note).strip())
                root.remove(note)
                changed_parts.add(name)
    return changed_parts


def drop_unused_headers(main: Element, settings: Element | None) -> list[Element]:
    """Remove headers and footers of first and even pages that no page shows.

    Return the removed references.
    """
    sections = list(main.iter(W + "sectPr"))
    has_even = is_on(settings, "evenAndOddHeaders")
    unused = []
    for number, section in enumerate(sections):
        for reference in _references(section):
            kind = reference.get(W + "type")
            is_unused = kind == "even" and not has_even
            if is_unused or (kind == "first" and not _is_first_shown(reference, sections[number:])):
                unused.append(reference)
    for reference in unused:
        remove(reference)
    return unused


def _is_first_shown(reference: Element, sections: Sequence[Element]) -> bool:
    """Return whether a first page shows a header, here or in a later section.

    A later section with its own first header does not.
    """
    for number, section in enumerate(sections):
        first_references = [
            r for r in section.findall(str(reference.tag)) if r.get(W + "type") == "first"
        ]
        if number and first_references:
            return False
        if is_on(section, "titlePg"):
            return True
    return False


def _references(section: Element) -> Sequence[Element]:
    return [*section.findall(W + "headerReference"), *section.findall(W + "footerReference")]
