"""Contents of a letter besides its text: links, pictures, ticks, lists.

The template takes them from the first letter. If they differ in another letter, its recipient would
get those of the first one, although the text comes back word for word. Bold, colours, fonts and
other looks do not count.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from itertools import zip_longest

from merge.ooxml.fields import field_code, field_kind, read_stories, walk_fields
from merge.ooxml.package import parse_package
from merge.ooxml.package_builder import SourceDocument, SourceFile
from merge.ooxml.relationships import parse_relationships
from merge.ooxml.wordml import VAL, Element, W, child_value, is_on, parse_xml, texts_in
from merge.printing.combine.formats import read_format_part
from merge.printing.combine.lists import ListReader
from merge.proofreading.text import plain_text
from merge.starting.words import plain
from merge.text.folding import folded_words, skeleton
from merge.text.names import is_title_or_particle, name_words

_FIELDS_WITHOUT_DATA = {"PAGE", "NUMPAGES", "SECTIONPAGES", "DATE", "TIME", "SEQ", "TOC", "PAGEREF"}
_WORDS = {
    **dict.fromkeys(("descr", "title", "alt"), "alternative text"),
    **dict.fromkeys(("href", W + "anchor"), "link"),
    "string": "WordArt",
}
"""Attributes with words."""
UNSEEN = ("alternative text", "link")
"""Kinds that a printed letter does not show."""
_FILES = {
    "media": "picture",
    "embeddings": "embedded file",
    "charts": "chart",
    "diagrams": "SmartArt",
}
"""Folders of a package's parts that are compared as a whole."""
_SYMBOLS = (W + "sym", "{http://schemas.microsoft.com/office/word/2015/wordml/symex}symEx")
_SIGNS = {
    f"WINGDINGS F0{code}": sign
    for code, sign in zip(("FB", "FC", "FD", "FE", "A8", "6F"), "✗✔☒☑☐☐", strict=True)
}
_LOOKS = {"typeface", "style", *(W + name for name in ("ascii", "hAnsi", "cs", "eastAsia"))}
"""Attributes with the names of fonts, which may also be names of people."""
_MAIL_LINK = re.compile(r'(?:mailto|tel):([^\s"?]+)')
_WITH_WORDS = re.compile(r"^(?!.*/(?:font|settings|theme)).*\.(?:xml|rels)$")
"""Parts that are not only about looks."""
_WITH_TEXT = re.compile(r"^(?!.*/(?:font|settings|theme|styles|numbering)).*\.xml$")
"""Those whose text is in the letter."""
_SPLIT_TEXTS = ("{*}oMath", W + "p", "{http://schemas.openxmlformats.org/drawingml/2006/main}p")
"""Elements whose texts are in pieces."""


HiddenContent = frozenset[tuple[str, str]]
"""What a .docx contains besides its text: kind, and words or a hash."""


def hidden_content(data: bytes) -> HiddenContent:
    """Return what a .docx contains besides its text."""
    return frozenset(_items(data))


def hidden_differences(wanted: HiddenContent, have: HiddenContent) -> Iterator[tuple[str, str]]:
    """Yield what a letter and the created one have differently, text excepted.

    Each item is a pair, of which one may be empty.
    """
    for kind in sorted({kind for kind, _ in wanted ^ have}):
        old, new = _shown(kind, wanted - have), _shown(kind, have - wanted)
        if kind == "field":  # what only the letter has is text, as in its template
            old = old[: len(new)]
        yield from zip_longest(old, new, fillvalue="")


def _shown(kind: str, items: HiddenContent) -> list[str]:
    """Return the items of a kind as staff see them, files without a hash."""
    contents = sorted(content for other, content in items if other == kind)
    return [kind if kind in _FILES.values() else f"{kind}: {each or '–'}" for each in contents]


def _items(data: bytes) -> Iterator[tuple[str, str]]:
    marks = {"struck-out words": "", "raised or lowered digits": "", "ticks and symbols": ""}
    for member in parse_package(data, "").members:
        folder = member.name.rpartition("/")[0].rpartition("/")[2]
        if folder in _FILES:
            yield _FILES[folder], hashlib.sha256(member.data).hexdigest()
        elif member.name.endswith(".rels"):
            links = (link for _, link in parse_relationships(member.data) if link.external)
            yield from (("link", link.target) for link in links)
        elif _WITH_TEXT.search(member.name) and (root := parse_xml(member.data)) is not None:
            yield from _items_of_part(root)
            for kind, text in _marks(root):
                marks[kind] += text
    yield from ((kind, plain(text)) for kind, text in marks.items())
    yield "numbers of lists", ", ".join(_list_numbers(SourceDocument(SourceFile("", data))))


def _items_of_part(root: Element) -> Iterator[tuple[str, str]]:
    for story in read_stories(root):
        for word_field in walk_fields(story.fields):
            code = field_code(story, word_field)
            if field_kind(code) not in _FIELDS_WITHOUT_DATA:
                yield "field", " ".join(token.text for token in code)
    for element in root.iter("*"):
        for attribute, kind in _WORDS.items():
            text = element.get(attribute, "")
            if text and not text.startswith("_"):  # Word's own bookmarks
                yield kind, text
    for element in root.iter(W + "tblCaption", W + "tblDescription"):
        yield "alternative text", element.get(VAL, "")


def _marks(root: Element) -> Iterator[tuple[str, str]]:
    """Yield what changes the meaning of words: kind and characters."""
    for run in root.iter(W + "r"):
        properties, text = run.find(W + "rPr"), texts_in(run)
        if is_on(properties, "strike") or is_on(properties, "dstrike"):
            yield "struck-out words", text
        if child_value(properties, "vertAlign") in ("superscript", "subscript"):
            yield "raised or lowered digits", "".join(filter(str.isdigit, text))
    for element in root.iter(*_SYMBOLS, W + "checkBox", W + "listEntry"):
        chosen = "checked" if element.find(W + "checked") is not None else "default"
        tick = "☒" if is_on(element, chosen) else "☐"
        font_first = sorted(element.attrib.items(), reverse=True)
        symbol = " ".join(str(value) for _, value in font_first).upper()
        text = _SIGNS.get(symbol, symbol) if element.tag in _SYMBOLS else element.get(VAL, tick)
        yield "ticks and symbols", f"{text} "


def _list_numbers(source: SourceDocument) -> Iterator[str]:
    """Yield the numbers of automatic lists in the body, with their words.

    Letters, Roman numerals and punctuation of numbers are looks.
    """
    counts: dict[tuple[Element, int], int] = {}
    restarted: set[tuple[str, int]] = set()
    reader = ListReader(source, read_format_part(source, "styles"))
    for item in reader.list_paragraphs(source.parse_part(source.main_part)):
        level = item.instance.level(item.level) if item.instance else None
        if item.instance is None or level is None or child_value(level, "numFmt") == "bullet":
            continue
        definition, place = item.instance.definition, (item.instance.id, item.level)
        restart = child_value(item.instance.overrides.get(str(item.level)), "startOverride")
        if restart and place not in restarted:
            counts[definition, item.level] = _number(restart) - 1
        restarted.add(place)
        start = _number(child_value(level, "start")) - 1
        counts[definition, item.level] = counts.get((definition, item.level), start) + 1
        for below in range(item.level + 1, 9):
            counts.pop((definition, below), None)
        number = child_value(level, "lvlText") or ""
        for (other, above), count in counts.items():
            if other is definition:
                number = number.replace(f"%{above + 1}", str(count))
        yield " ".join(folded_words(number))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


# Names that the text does not show.


def hidden_mentions(template: bytes, names: Collection[str], details: Collection[str]) -> list[str]:
    """Return names and details of people that the text does not show.

    Each comes with its words: an alternative text, a formula, a code, a bookmark, a link. Parts of
    `names` count too; `details`, such as an office, only count whole.
    """
    words = {n: [w for w in name_words(n) if not is_title_or_particle(w)] for n in names}
    parts = [(word, name.isascii()) for name in words for word in words[name] if len(word) > 2]
    stems = tuple(f"{w} " if is_ascii else w[: max(4, len(w) - 2)] for w, is_ascii in parts)
    whole = {"".join(name) for name in words.values()} | {*map(skeleton, details)}
    whole = {text for text in whole if len(text) > 4 or not text.isascii()}
    shown = plain_text(template, "")
    found: dict[str, None] = {}
    for text in _hidden_texts(template):
        link, letters = _MAIL_LINK.search(text), skeleton(text)
        is_named = any(name in letters for name in whole)
        is_named |= any(f"{skeleton(word)} ".startswith(stems) for word in folded_words(text))
        if link[1] not in shown if link else is_named:
            found[plain(text)] = None
    return [*found]


def _hidden_texts(data: bytes) -> Iterator[str]:
    for member in parse_package(data, "").members:
        has_words = _WITH_WORDS.search(member.name)
        root = parse_xml(member.data) if has_words else None
        for element in () if root is None else root.iter("*"):
            yield from (str(v) for n, v in element.attrib.items() if n not in _LOOKS)
            yield element.text or "" if element.tag != W + "t" else ""
        for holder in () if root is None else root.iter(*_SPLIT_TEXTS):
            pieces = (e for e in holder.iter("*") if e.tag != W + "t")
            yield "".join(piece.text or "" for piece in pieces)
