"""Tags outside of Word's text: attributes, alt texts, addresses of links, document properties."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

from lxml import etree

from merge.model import Problem
from merge.ooxml.wordml import Element, W
from merge.tags.blocks import Hung, check_blocks
from merge.tags.notes import Notes
from merge.tags.record import Setting, Tag
from merge.tags.scan import Span, find_tags

_LONGEST = 10_000
"""Characters of a text outside of w:t that are looked at one by one."""

_WHOLE_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
"""Outside a w:t half a tag is no fault: JSON and field codes hold braces too."""

_MOST = 500
"""Problems of a part: more help nobody."""

_QUOTED_TAG = re.compile(r"%7B%7B.*?%7D%7D", re.IGNORECASE)
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SPLIT = ((_A + "p", _A + "t"), (_M + "oMath", _M + "t"), (W + "p", W + "instrText"))
_FIELD_CODES = {W + "instrText", W + "instr", W + "delInstrText"}
_OFFICE = "{urn:schemas-microsoft-com:office:office}title"
_FILLED_ATTRIBUTES = {"descr", "title", "alt", W + "tooltip", "tooltip", _OFFICE}
_FILLED_TEXTS = {
    "{http://purl.org/dc/elements/1.1/}title",
    "{http://purl.org/dc/elements/1.1/}subject",
    "{http://schemas.openxmlformats.org/drawingml/2006/main}t",
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}t",
}
"""Where a tag may stand outside of Word's text: what people read, and nothing else."""


def mark_plain_texts(root: Element, notes: Notes) -> None:
    """Replace the tags in attributes, and in text that is no w:t, by marks."""
    _refuse_split_tags(root, notes)
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if len(notes.problems) > _MOST:
                return
            text = _decoded(str(value)) if name == "Target" else str(value)
            if _holds_tag(text) and _may_be_filled(element, str(name), notes, text):
                element.set(name, _marked(str(name), text, notes))
        text = element.text or ""
        if element.tag == W + "t" or not _holds_tag(text):
            continue
        if element.tag in _FILLED_TEXTS and len(text) <= _LONGEST:
            element.text = _marked(str(element.tag), text, notes)
        else:
            _refuse(str(element.tag), text, notes)


def _holds_tag(text: str) -> bool:
    """Whether there is a whole tag in a text; a very long one is only looked at for its start."""
    if len(text) > _LONGEST:
        return any(opening in text for opening in ("{{", "{%"))
    return _WHOLE_TAG.search(text) is not None


def _may_be_filled(element: Element, name: str, notes: Notes, text: str) -> bool:
    """Whether an attribute is one that people read, or the address of a link.

    Any other could make a field, a relationship or anything else of a cell's words.
    """
    is_link = str(element.get("Type", "")).endswith("/hyperlink")
    known = name in _FILLED_ATTRIBUTES or (name == "Target" and is_link)
    if known and len(text) <= _LONGEST:
        return True
    _refuse(name, text, notes)
    return False


def _refuse(name: str, text: str, notes: Notes) -> None:
    place = replace(notes.place, words=text)
    if name in _FIELD_CODES:
        what, hint = "a tag stands inside the code of a field.", "Put the tag into the text."
        notes.problems.append(Problem("tag-in-field", place, what, hint))
    else:
        what = "a tag stands where nothing can be filled in."
        notes.problems.append(Problem("tag-out-of-place", place, what, "Put it into the text."))


def _refuse_split_tags(root: Element, notes: Notes) -> None:
    """Tell tags that a drawing's text, a formula or a field's code has in pieces."""
    for whole, piece in _SPLIT:
        for holder in root.iter(whole):
            texts = [element.text or "" for element in holder.iter(piece)]
            text = "".join(texts)
            if len(texts) > 1 and "{{" in text and not any("{{" in one for one in texts):
                place = replace(notes.place, words=text[:200])
                what = "a tag is in pieces here, each with its own format."
                hint = "Type the whole tag again."
                notes.problems.append(Problem("tag-broken", place, what, hint))


def _decoded(address: str) -> str:
    """An address as typed: Word writes the braces of a tag as %7B and %7D."""
    if len(address) > _LONGEST:
        return address
    return _QUOTED_TAG.sub(lambda found: unquote(found.group()), address)


def _marked(name: str, text: str, notes: Notes) -> str:
    """The text with marks for its tags; `name` is that of the attribute or element."""
    place = replace(notes.place, words=text)
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
