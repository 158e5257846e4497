"""Find tags in attributes, alternative texts and link addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from merge import messages
from merge.ooxml.wordml import Element, W
from merge.problems import Place, shorten
from merge.template.blocks import TagAnchor, check_blocks
from merge.template.field_expressions import string_literal
from merge.template.links import COMPLETE_TAG, is_allowed_address, unquote_tags
from merge.template.tags import EscapeContext, PartTags, Tag, TagSpan, find_tags

_LONGEST_TEXT = 10_000
"""Characters of a text outside of w:t that are looked at one by one."""
_MAX_PLAIN_PROBLEMS = 500
"""Problems of a part: more help nobody."""

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
_SPLIT_TEXTS = ((_A + "p", _A + "t"), (_M + "oMath", _M + "t"), (W + "p", W + "instrText"))
"""Texts that stand in pieces, by what holds them together."""
_FIELD_CODES = {W + "instrText", W + "instr", W + "delInstrText"}
_FILLED_ATTRIBUTES = {"descr", "title", "alt", W + "tooltip", "tooltip", _OFFICE + "title"}
_FILLED_TEXTS = {_DC + "title", _DC + "subject", _A + "t", _M + "t"}
"""Where a tag may stand outside of Word's text: what people read, and nothing else."""


def mark_plain_texts(root: Element, part_tags: PartTags) -> None:
    """Replace the tags in attributes, and in text that is no w:t, by marks.

    Only what people read may be filled, and the address of a link. Any other place could make a
    field, a relationship or anything else of a cell's words.
    """
    _report_split_tags(root, part_tags)
    for element in root.iter(etree.Element):
        is_link = str(element.get("Type", "")).endswith("/hyperlink")
        for name, value in element.attrib.items():
            if len(part_tags.problems) > _MAX_PLAIN_PROBLEMS:
                return
            text = str(value)
            if name == "Target" and len(text) <= _LONGEST_TEXT:
                text = unquote_tags(text)
            if _holds_tag(text):
                fillable = name in _FILLED_ATTRIBUTES or (name == "Target" and is_link)
                marked = _mark_tags(str(name), text, part_tags, fillable=fillable)
                if marked is not None:
                    element.set(name, marked)
        text = element.text or ""
        if element.tag != W + "t" and _holds_tag(text):
            fillable = element.tag in _FILLED_TEXTS
            marked = _mark_tags(str(element.tag), text, part_tags, fillable=fillable)
            element.text = element.text if marked is None else marked


def _holds_tag(text: str) -> bool:
    """Return whether there is a whole tag in a text; in a very long one, whether one starts."""
    if len(text) > _LONGEST_TEXT:
        return any(opening in text for opening in ("{{", "{%"))
    return COMPLETE_TAG.search(text) is not None


def _first_tag(text: str) -> str:
    """Return the first placeholder of a text as written; of a very long text its start."""
    known = find_tags(text) if len(text) <= _LONGEST_TEXT else ()
    tags = (text[found.start : found.end] for found in known if isinstance(found, TagSpan))
    return shorten(next(tags, text))


def _mark_tags(name: str, text: str, part_tags: PartTags, *, fillable: bool) -> str | None:
    """Return the text with marks for its tags; None, and a problem, where none may stand.

    `name` is that of the attribute or element.
    """
    place = replace(part_tags.place, paragraph_text=text)
    if not fillable or len(text) > _LONGEST_TEXT:
        key = "tag-in-field" if name in _FIELD_CODES else "tag-out-of-place"
        part_tags.problems.append(messages.problem(key, place, tag=_first_tag(text)))
        return None
    spans = [found for found in find_tags(text) if isinstance(found, TagSpan)]
    if name == "Target" and {found.kind for found in spans} == {"value"}:
        part_tags.is_changed = True
        return part_tags.add_tag(_address_tag(text, spans, place))
    pieces: list[str] = []
    anchored: list[TagAnchor] = []
    at = 0
    element = etree.Element("plain")
    for found in spans:
        pieces.append(text[at : found.start])
        at = found.end
        part_tags.is_changed = True
        if found.kind != "comment":
            context = _address_context(pieces, anchored) if name == "Target" else "plain"
            tag = Tag(
                found.kind, "", found.body, place, escape_context=context, is_collapsible=True
            )
            anchored.append(TagAnchor(tag, element, part_tags.add_tag(tag)))
            pieces.append(anchored[-1].mark)
    part_tags.problems += check_blocks(anchored)
    return "".join((*pieces, text[at:]))


def _address_tag(text: str, spans: Sequence[TagSpan], place: Place) -> Tag:
    """Return an address with values as one tag: what they make together decides where it leads."""
    if len(spans) == 1 and text.strip() == text[spans[0].start : spans[0].end]:
        return Tag("value", "", spans[0].body, place, escape_context="link", is_collapsible=True)
    edges = [0, *(edge for found in spans for edge in (found.start, found.end)), len(text)]
    words = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    parts = [string_literal(words[0])] if words[0] else []
    for found, behind in zip(spans, words[1:], strict=True):
        parts.append(f"({found.body})")
        parts += [string_literal(behind)] if behind else []
    return Tag(
        "value",
        "",
        " ~ ".join(parts),
        place,
        escape_context="link",
        is_collapsible=True,
        field_label=text,
    )


def _address_context(pieces: Sequence[str], before: Sequence[TagAnchor]) -> EscapeContext:
    """Return what a tag in an address is of it, by the words and the tags before it.

    Behind `https://` or the like, and behind `?` or `#`, no value can lead anywhere else.
    """
    marks = {anchored.mark for anchored in before}
    words = "".join(piece for piece in pieces if piece not in marks)
    is_plain = all(anchored.tag.kind == "value" for anchored in before)
    if is_allowed_address(pieces[0]) or (is_plain and ("?" in words or "#" in words)):
        return "address"
    return "link rest" if any(a.tag.kind == "value" for a in before) else "link"


def _report_split_tags(root: Element, part_tags: PartTags) -> None:
    """Report tags that a drawing's text, a formula or a field's code has in pieces."""
    for whole, piece in _SPLIT_TEXTS:
        for holder in root.iter(whole):
            texts = [element.text or "" for element in holder.iter(piece)]
            text = "".join(texts)
            if len(texts) > 1 and "{{" in text and not any("{{" in one for one in texts):
                place = replace(part_tags.place, paragraph_text=text[:200])
                part_tags.problems.append(messages.problem("tag-broken/pieces", place))
