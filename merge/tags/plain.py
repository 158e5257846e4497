"""Tags outside of Word's text: attributes, alt texts, addresses of links, document properties."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

from lxml import etree

from merge.model import Problem
from merge.tags.blocks import Hung, check_blocks
from merge.tags.notes import Notes
from merge.tags.record import Setting, Tag
from merge.tags.scan import Span, find_tags
from merge.tags.text import Element, W

_WHOLE_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
"""Outside a w:t half a tag is no fault: JSON and field codes hold braces too."""

_QUOTED_TAG = re.compile(r"%7B%7B.*?%7D%7D", re.IGNORECASE)
_FIELD_CODES = {W + "instrText", W + "instr"}


def mark_plain_texts(root: Element, notes: Notes) -> None:
    """Replace the tags in attributes, and in text that is no w:t, by marks."""
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            text = _decoded(str(value)) if name == "Target" else str(value)
            if _WHOLE_TAG.search(text):
                element.set(name, _marked(str(name), text, notes))
        text = element.text or ""
        if element.tag != W + "t" and _WHOLE_TAG.search(text):
            element.text = _marked(str(element.tag), text, notes)


def _decoded(address: str) -> str:
    """An address as typed: Word writes the braces of a tag as %7B and %7D."""
    return _QUOTED_TAG.sub(lambda found: unquote(found.group()), address)


def _marked(name: str, text: str, notes: Notes) -> str:
    """The text with marks for its tags; `name` is that of the attribute or element."""
    place = replace(notes.place, words=text)
    if name in _FIELD_CODES:
        what, hint = "a tag stands inside the code of a field.", "Put the tag into the text."
        notes.problems.append(Problem("tag-in-field", place, what, hint))
        return text
    setting: Setting = "address" if name == "Target" else "plain"
    pieces, at, hung = [], 0, []
    element = etree.Element("plain")
    for found in (f for f in find_tags(text) if isinstance(f, Span)):
        pieces.append(text[at : found.start])
        at = found.end
        notes.changed = True
        if found.shape != "comment":
            tag = Tag(found.shape, "", found.body, place, setting, closes_up=True)
            hung.append(Hung(tag, element, notes.mark(tag)))
            pieces.append(hung[-1].mark)
    notes.problems += check_blocks(hung)
    return "".join((*pieces, text[at:]))
