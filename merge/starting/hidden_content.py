"""Contents of a letter besides its text: addresses of links, pictures.

The template takes them from the first letter. If they differ in another letter, its recipient would
get those of the first one, although the text comes back word for word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from merge.ooxml.fields import field_code, field_kind, read_stories, walk_fields
from merge.ooxml.package import parse_package
from merge.ooxml.relationships import parse_relationships
from merge.ooxml.wordml import Element, W, local_name, parse_xml

_FIELDS_WITHOUT_DATA = {"PAGE", "NUMPAGES", "SECTIONPAGES", "DATE", "TIME", "SEQ", "TOC", "PAGEREF"}
_WORDS = {
    ("textpath", "string"): "WordArt",
    ("docPr", "descr"): "alternative text",
    ("docPr", "title"): "alternative text",
    ("shape", "alt"): "alternative text",
    ("hyperlink", W + "tooltip"): "ScreenTip",
}
"""Attributes with words, by the names of element and attribute."""
_FILES = {
    "media": "picture",
    "embeddings": "embedded file",
    "charts": "chart",
    "diagrams": "SmartArt",
}
"""Folders of a package's parts that are compared as a whole."""


class HiddenItem(NamedTuple):
    """An item besides the text: what it is, and its words or a hash."""

    kind: str
    content: str

    def __str__(self) -> str:
        """Return the item as it is shown to staff."""
        return self.kind if self.kind in _FILES.values() else f"{self.kind}: {self.content}"


def hidden_differences(letter: bytes, created: bytes) -> Iterator[tuple[str, str]]:
    """Yield what a created letter has and the original lacks, text excepted.

    Each item is the second of a pair. The first is what the original has instead, or empty.
    """
    wanted, have = {*_items(letter)}, {*_items(created)}
    added, missing = sorted(have - wanted), sorted(wanted - have)
    for kind in dict.fromkeys(item.kind for item in added):
        new = [str(item) for item in added if item.kind == kind]
        old = [str(item) for item in missing if item.kind == kind]
        yield from zip_longest(old[: len(new)], new, fillvalue="")


def _items(data: bytes) -> Iterator[HiddenItem]:
    """Yield what a .docx contains besides its text."""
    for member in parse_package(data, "").members:
        folder = member.name.rpartition("/")[0].rpartition("/")[2]
        if folder in _FILES:
            yield HiddenItem(_FILES[folder], hashlib.sha256(member.data).hexdigest())
        elif member.name.endswith(".rels"):
            for _, relationship in parse_relationships(member.data):
                if relationship.external:
                    yield HiddenItem("link", relationship.target)
        elif member.name.endswith(".xml") and (root := parse_xml(member.data)) is not None:
            yield from _items_of_part(root)


def _items_of_part(root: Element) -> Iterator[HiddenItem]:
    for story in read_stories(root):
        for word_field in walk_fields(story.fields):
            code = field_code(story, word_field)
            if field_kind(code) not in _FIELDS_WITHOUT_DATA:
                yield HiddenItem("field", " ".join(token.text for token in code))
    for element in root.iter("{*}textpath", "{*}docPr", "{*}shape", W + "hyperlink"):
        for (name, attribute), kind in _WORDS.items():
            if name == local_name(element) and (text := element.get(attribute)):
                yield HiddenItem(kind, text)
