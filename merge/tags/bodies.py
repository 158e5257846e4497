"""docxtpl's result with the tags' own words, and the braces of ordinary text, back in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from merge.tags.record import BODY_END, BODY_START, CLOSE_BRACE, OPEN_BRACE, Tag

_FILTERS = {
    "plain": "xml_plain",
    "address": "xml_url",
    "span": "xml_span",
    "fill": "xml_fill",
}
_BODY = re.compile(f"{BODY_START}(\\d+){BODY_END}")


def with_bodies(patched: str, tags: Sequence[Tag]) -> tuple[str, dict[int, Tag]]:
    """The source for jinja2, and the tag that stands on each line of it.

    Each body ends in a line feed of its own, so that the line which jinja2 gives for whatever it
    finds names the tag. Braces of ordinary text are still hidden.
    """
    pieces, owners, line, at = [], {}, 1, 0
    for found in _BODY.finditer(patched):
        tag = tags[int(found[1])]
        before = patched[at : found.start()]
        line += before.count("\n")
        owners[line] = tag
        pieces += [before, _body(tag), "\n"]
        line, at = line + 1, found.end()
    return "".join((*pieces, patched[at:])), owners


def _body(tag: Tag) -> str:
    if tag.shape == "value" and tag.setting in _FILTERS:
        return f"({tag.body})|{_FILTERS[tag.setting]}"
    return tag.body


def braces_back(text: str) -> str:
    """Ordinary text with the braces that were hidden from docxtpl."""
    return text.replace(OPEN_BRACE, "{").replace(CLOSE_BRACE, "}")
