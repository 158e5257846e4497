"""One part of a .docx through all the steps, made ready for docxtpl."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from merge.model import Place, Problem
from merge.ooxml.wordml import Element, W, tracked_changes
from merge.tags.columns import Columns
from merge.tags.fields.plan import fields_to_tags
from merge.tags.notes import Notes
from merge.tags.part import Reader
from merge.tags.record import (
    BODY_END,
    BODY_START,
    CLOSE_BRACE,
    MARKS,
    OPEN_BRACE,
    TAG_END,
    TAG_START,
    Tag,
)

_MARKED = re.compile(f"{TAG_START}(\\d+){TAG_END}")

_SPOKEN = (
    ("word/document", "body"),
    ("word/header", "header"),
    ("word/footer", "footer"),
    ("word/footnotes", "footnotes"),
    ("word/endnotes", "endnotes"),
    ("word/comments", "comments"),
    ("docProps/", "document properties"),
)


@dataclass(frozen=True, slots=True)
class PreparedPart:
    """`xml` is ready for `patch_xml`; each tag in it stands as the number it has in `tags`."""

    name: str
    xml: str
    tags: tuple[Tag, ...]
    problems: tuple[Problem, ...]
    changed: bool
    """Whether there was anything to change: tags, or comments between braces."""


def spoken_part(name: str) -> str:
    """A part's name as people say it: `word/header2.xml` is `header`."""
    return next((spoken for start, spoken in _SPOKEN if name.startswith(start)), name)


def prepare(name: str, root: Element, file: str, columns: Columns) -> PreparedPart:
    """Find the tags of a part and make its XML ready; `root` is changed. Faults are problems."""
    notes = Notes(Place(file, part=spoken_part(name)))
    odd = _oddity(root)
    if odd:
        problem = Problem("template-odd", notes.place, odd, "Open it in Word and save it again.")
        return PreparedPart(name, "", (), (problem,), changed=False)
    notes.problems += tracked_changes(root, notes.place)
    fields = fields_to_tags(root, columns.expression, notes.place)
    notes.problems += fields
    Reader(notes, columns).read(root)
    text = etree.tostring(root, encoding="unicode")
    marked = text.replace("{", OPEN_BRACE).replace("}", CLOSE_BRACE)
    xml = _MARKED.sub(lambda m: _numbered(int(m[1]), notes.tags[int(m[1])]), marked)
    return PreparedPart(name, xml, tuple(notes.tags), tuple(notes.problems), changed=notes.changed)


def _oddity(root: Element) -> str:
    """What makes a part unfit for looking at it as text; empty where nothing does."""
    text = etree.tostring(root, encoding="unicode")
    if any(mark in text for mark in MARKS):
        return "it holds a character that no text uses (U+FDD0 to U+FDD5)."
    if any(e.prefix != "w" for e in root.iter(W + "*")):
        return "it was not written by Word, nor as Word does it."
    return ""


def _numbered(number: int, tag: Tag) -> str:
    """The tag as docxtpl is to see it: its own outside, a number inside."""
    body = f"{BODY_START}{number}{BODY_END}"
    if tag.shape == "value":
        return f"{{{{ {body} }}}}"
    return f"{{%{tag.scope} {body} %}}"
