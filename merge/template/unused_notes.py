"""Remove notes, headers and footers that no page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from merge.ooxml.wordml import Element, W, is_on, remove, texts_in

_NOTES = "unused notes"
_TEXT_TYPES = {"normal", "continuationNotice"}
"""The types of notes that hold words."""


def drop_unused_notes(parts: Mapping[str, Element], main: str, told: Counter[str]) -> set[str]:
    """Take out the notes that the text does not refer to; return the parts that lost any."""
    changed = set()
    settings = next((e for e in parts.values() if e.tag == W + "settings"), None)
    for name, root in parts.items():
        kind = {W + "footnotes": "footnote", W + "endnotes": "endnote"}.get(str(root.tag))
        if kind is None:
            continue
        used = {mark.get(W + "id") for mark in parts[main].iter(W + f"{kind}Reference")}
        if settings is not None:  # it names those that stand between text and notes
            named = settings.findall(f"{W}{kind}Pr/{W}{kind}")
            used |= {mark.get(W + "id") for mark in named}
        for note in root.findall(W + kind):
            if note.get(W + "id") not in used and note.get(W + "type", "normal") in _TEXT_TYPES:
                told[_NOTES] += bool(texts_in(note).strip())
                root.remove(note)
                changed.add(name)
    return changed


def drop_unused_headers(main: Element, settings: Element | None) -> list[Element]:
    """Take out what stands at the head or foot of first and even pages, where no page is such.

    Return the references that went.
    """
    sections = list(main.iter(W + "sectPr"))
    has_even = is_on(settings, "evenAndOddHeaders")
    found = []
    for number, section in enumerate(sections):
        for reference in _references(section):
            kind = reference.get(W + "type")
            is_unused = kind == "even" and not has_even
            if is_unused or (kind == "first" and not _is_first_shown(reference, sections[number:])):
                found.append(reference)
    for reference in found:
        remove(reference)
    return found


def _is_first_shown(reference: Element, sections: Sequence[Element]) -> bool:
    """Return whether a section has a first page for it, or a later one that has none of its own."""
    for number, section in enumerate(sections):
        own = [r for r in section.findall(str(reference.tag)) if r.get(W + "type") == "first"]
        if number and own:
            return False
        if is_on(section, "titlePg"):
            return True
    return False


def _references(section: Element) -> Sequence[Element]:
    return [*section.findall(W + "headerReference"), *section.findall(W + "footerReference")]
