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
"""Characters of a text outside of w:t that are read one by one."""
_MAX_PLAIN_PROBLEMS = 500
"""Problems of a part: more help no one."""

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
_SPLIT_TEXTS = ((_A + "p", _A + "t"), (_M + "oMath", _M + "t"), (W + "p", W + "instrText"))
"""Texts that are in pieces, by the elements that contain them."""
_FIELD_CODES = {W + "instrText", W + "instr", W + "delInstrText"}
_FILLED_ATTRIBUTES = {"descr", "title", "alt", W + "tooltip", "tooltip", _OFFICE + "title"}
_FILLED_TEXTS = {_DC + "title", _DC + "subject", _A + "t", _M + "t"}
"""Places of a tag outside of Word's text: those
that people read, and no others."""


def mark_plain_texts(root: Element, part_tags: PartTags) -> None:
    """Replace the tags in attributes, and in text outside a w:t, by marks.

    Only texts that people read may be filled, and the address of a link. Anywhere else, a cell's
    words could become a field, a relationship or something else.
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
                marked_text = _mark_tags(str(name), text, part_tags, fillable=fillable)
                if marked_text is not None:
                    element.set(name, marked_text)
        text = element.text or ""
        if element.tag != W + "t" and _holds_tag(text):
            fillable = element.tag in _FILLED_TEXTS
            marked_text = _mark_tags(str(element.tag), text, part_tags, fillable=fillable)
            element.text = element.text if marked_text is None else marked_text


def _holds_tag(text: str) -> bool:
    """Return whether a text contains a complete tag.

    In a very long text, a start of a tag is enough.
    """
    if len(text) > _LONGEST_TEXT:
        return any(opening in text for opening in ("{{", "{%"))
    return COMPLETE_TAG.search(text) is not None


def _first_tag(text: str) -> str:
    """Return the first placeholder of a text as written.

    Return the start of a very long text.
    """
    found_tags = find_tags(text) if len(text) <= _LONGEST_TEXT else ()
    tags = (text[span.start : span.end] for span in found_tags if isinstance(span, TagSpan))
    return shorten(next(tags, text))


def _mark_tags(name: str, text: str, part_tags: PartTags, *, fillable: bool) -> str | None:
    """Return an attribute's or element's text, with marks for its tags.

    Return None, and report a problem, if no tag may be there. `name` is that of the attribute or
    element.
    """
    place = replace(part_tags.place, paragraph_text=text)
    if not fillable or len(text) > _LONGEST_TEXT:
        key = "tag-in-field" if name in _FIELD_CODES else "tag-out-of-place"
        part_tags.problems.append(messages.problem(key, place, tag=_first_tag(text)))
        return None
    spans = [span for span in find_tags(text) if isinstance(span, TagSpan)]
    if name == "Target" and {span.kind for span in spans} == {"value"}:
        part_tags.is_changed = True
        return part_tags.add_tag(_address_tag(text, spans, place))
    pieces: list[str] = []
    anchors: list[TagAnchor] = []
    position = 0
    element = etree.Element("plain")
    for span in spans:
        pieces.append(text[position : span.start])
        position = span.end
        part_tags.is_changed = True
        if span.kind != "comment":
            context = _address_context(pieces, anchors) if name == "Target" else "plain"
            tag = Tag(span.kind, "", span.body, place, escape_context=context, is_collapsible=True)
            anchors.append(TagAnchor(tag, element, part_tags.add_tag(tag)))
            pieces.append(anchors[-1].mark)
    part_tags.problems += check_blocks(anchors)
    return "".join((*pieces, text[position:]))


def _address_tag(text: str, spans: Sequence[TagSpan], place: Place) -> Tag:
    """Return a link's address with placeholders as one tag.

    Whether it is allowed depends on its combined value.
    """
    if len(spans) == 1 and text.strip() == text[spans[0].start : spans[0].end]:
        return Tag("value", "", spans[0].body, place, escape_context="link", is_collapsible=True)
    edges = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
    words = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    parts = [string_literal(words[0])] if words[0] else []
    for span, text_after in zip(spans, words[1:], strict=True):
        parts.append(f"({span.body})")
        parts += [string_literal(text_after)] if text_after else []
    return Tag(
        "value",
        "",
        " ~ ".join(parts),
        place,
        escape_context="link",
        is_collapsible=True,
        field_label=text,
    )


def _address_context(pieces: Sequence[str], previous_tags: Sequence[TagAnchor]) -> EscapeContext:
    """Return how to escape a tag in an address, by the text before the tag.

    After `https://` or the like, and after `?` or `#`, no value can change where the address leads.
    """
    marks = {tag_anchor.mark for tag_anchor in previous_tags}
    words = "".join(piece for piece in pieces if piece not in marks)
    is_plain = all(tag_anchor.tag.kind == "value" for tag_anchor in previous_tags)
    if is_allowed_address(pieces[0]) or (is_plain and ("?" in words or "#" in words)):
        return "address"
    return "link rest" if any(a.tag.kind == "value" for a in previous_tags) else "link"


def _report_split_tags(root: Element, part_tags: PartTags) -> None:
    """Report tags in pieces, in drawings, formulas and codes of fields."""
    for holder_name, text_name in _SPLIT_TEXTS:
        for holder in root.iter(holder_name):
            texts = [element.text or "" for element in holder.iter(text_name)]
            text = "".join(texts)
            if len(texts) > 1 and "{{" in text and not any("{{" in piece for piece in texts):
                place = replace(part_tags.place, paragraph_text=text[:200])
                part_tags.problems.append(messages.problem("tag-broken/pieces", place))
