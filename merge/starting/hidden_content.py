"""Contents of a letter besides its text: addresses of links, pictures.

The template takes them from the first letter. If they differ in another letter, its recipient would
get those of the first one, although the text comes back word for word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import zip_longest

from merge.ooxml.fields import field_code, field_kind, read_stories, walk_fields
from merge.ooxml.package import parse_package
from merge.ooxml.relationships import parse_relationships
from merge.ooxml.wordml import Element, W, parse_xml

_FIELDS_WITHOUT_DATA = {"PAGE", "NUMPAGES", "SECTIONPAGES", "DATE", "TIME", "SEQ", "TOC", "PAGEREF"}
_WORDS = {
    **dict.fromkeys(("descr", "title", "alt"), "alternative text"),
    "string": "WordArt",
    W + "tooltip": "ScreenTip",
}
"""Attributes with words."""
_FILES = {
    "media": "picture",
    "embeddings": "embedded file",
    "charts": "chart",
    "diagrams": "SmartArt",
}
"""Folders of a package's parts that are compared as a whole."""


def hidden_differences(letter: bytes, created: bytes) -> Iterator[tuple[str, str]]:
    """Yield what a created letter has and the original lacks, text excepted.

    Each item is the second of a pair. The first is what the original has instead, or empty.
    """
    wanted, have = {*_items(letter)}, {*_items(created)}
    for kind in sorted({kind for kind, _ in have - wanted}):
        new = _shown(kind, have - wanted)
        yield from zip_longest(_shown(kind, wanted - have)[: len(new)], new, fillvalue="")


def _shown(kind: str, items: set[tuple[str, str]]) -> list[str]:
    """Return the items of a kind as staff see them, files without a hash."""
    contents = sorted(content for other, content in items if other == kind)
    return [kind if kind in _FILES.values() else f"{kind}: {each}" for each in contents]


def _items(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield what a .docx contains besides its text: kind, and words or a hash."""
    for member in parse_package(data, "").members:
        folder = member.name.rpartition("/")[0].rpartition("/")[2]
        if folder in _FILES:
            yield _FILES[folder], hashlib.sha256(member.data).hexdigest()
        elif member.name.endswith(".rels"):
            links = (link for _, link in parse_relationships(member.data) if link.external)
            yield from (("link", link.target) for link in links)
        elif member.name.endswith(".xml") and (root := parse_xml(member.data)) is not None:
            yield from _items_of_part(root)


def _items_of_part(root: Element) -> Iterator[tuple[str, str]]:
    for story in read_stories(root):
        for word_field in walk_fields(story.fields):
            code = field_code(story, word_field)
            if field_kind(code) not in _FIELDS_WITHOUT_DATA:
                yield "field", " ".join(token.text for token in code)
    for element in root.iter("*"):
        for attribute, kind in _WORDS.items():
            if text := element.get(attribute):
                yield kind, text
