"""A letter's bytes -> its paragraphs as a reader sees them, whatever Word has split them into.

Body, tables, text boxes, content controls, headers, footers and notes; not what is deleted, not
the codes of fields. ECMA-376 part 1, 17.3.3 (run content), 17.13.5 (revisions), 17.16 (fields).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from html import escape
from itertools import chain
from typing import Literal, NamedTuple

from merge.errors import MergeError, TemplateError
from merge.ooxml import XMLNS_W
from merge.ooxml.container import FilePolicy
from merge.ooxml.fields import code_kind, field_mark
from merge.ooxml.kinds import WORD
from merge.ooxml.package import parse_package
from merge.ooxml.wordml import (
    DELETED,
    FALLBACK,
    OBJECT,
    REVISIONS,
    XML_SPACE,
    Element,
    W,
    element_markup,
    paragraph_of,
    parse_xml,
    run_piece_text,
)
from merge.template.content_controls import find_unfilled_controls
from merge.template.parts import part_label

_MATHS_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_TEXT_PARTS = ("hdr", "document", "footnotes", "endnotes", "ftr")
_BODY_RANK = _TEXT_PARTS.index("document")
_ROOTS = {W + name: rank for rank, name in enumerate(_TEXT_PARTS)}
"""The parts that people read, in the order in which they read them."""

_HAS_TEXT = re.compile(rb"<(?:\w+:)?t[\s>]")
_SKIPPED_TAGS = DELETED | {FALLBACK, *(W + name for name in ("p", "pPr", "rPr", "delText"))}
"""A paragraph inside (of a text box) is read for itself; a fallback is its box's second copy."""

_IGNORED_TAGS = {
    W + name for name in ("softHyphen", "footnoteReference", "endnoteReference", "pgNum")
}
"""What programs put in or number as the lines and pages fall: its characters do not count."""

_PAGE_FIELDS = {"PAGE", "NUMPAGES", "SECTIONPAGES"}
"""Fields whose result is whatever the last program to print found: shown as a number sign."""

Fragment = tuple[Element | None, str]
"""Some text and its run's properties, where it has any."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a letter.

    `part` is spoken: body, header… `number` counts from 1 within its part, the second copies of
    text boxes left out. In `text` a line break is a line feed, a page break a form feed, a
    picture U+FFFC.
    """

    part: str
    number: int
    text: str
    holder: object = field(repr=False, compare=False)
    """The same for all paragraphs that stand in one body, cell or box."""
    read_markup: Callable[[], ParagraphMarkup] = field(repr=False, compare=False)
    """Its markup, to be copied."""
    prompts: tuple[str, ...] = ()
    """What its content controls print that are not filled in."""


class ParagraphMarkup(NamedTuple):
    """A paragraph's element, and its text in pieces of one format."""

    element: Element
    pieces: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part that people read: its spoken name and its XML."""

    name: str
    root: Element


def read_parts(data: bytes, file: str, wording: FilePolicy = WORD) -> tuple[TextPart, ...]:
    """Return a letter's parts that people read. Raise TemplateError if it is no sound .docx.

    `wording` says which files are taken, as with `parse_package`.
    """
    found = []
    for name, own in xml_parts(data, file, wording).items():
        root = parse_xml(own) if _HAS_TEXT.search(own) else None
        if root is not None and root.tag in _ROOTS:
            found.append(TextPart(part_label(name), root))
    return tuple(sorted(found, key=lambda part: _ROOTS[str(part.root.tag)]))


def xml_parts(data: bytes, file: str, wording: FilePolicy = WORD) -> Mapping[str, bytes]:
    """Return the bytes of a letter's XML parts by name. Errors as above."""
    members = parse_package(data, file, wording).members
    return {m.name: m.data for m in members if m.name.lower().endswith(".xml")}


def read_paragraphs(read: tuple[TextPart, ...]) -> tuple[Paragraph, ...]:
    """Return every paragraph of the parts, in the order in which they are read; blank ones too."""
    return tuple(paragraph for part in read for paragraph in _part_paragraphs(part))


BODY = "body"
"""The spoken name of the part that has the letter itself."""


def unreadable_reason(data: bytes, file: str) -> Literal["", "/no-text"] | None:
    """Return why a letter cannot be read, as the variant of a message; None if it can be read."""
    try:
        if any(part.name == BODY for part in read_parts(data, file)):
            return None
        bodies = [own for name, own in xml_parts(data, file).items() if part_label(name) == BODY]
    except MergeError:
        return ""
    roots = [parse_xml(own) for own in bodies]
    is_sound = all(root is not None and root.tag in _ROOTS for root in roots)
    return "/no-text" if roots and is_sound else ""


def plain_text(data: bytes, file: str) -> str:
    """Return all that stands in a letter; nothing where it is no sound .docx."""
    try:
        return "\n".join(paragraph.text for paragraph in read_paragraphs(read_parts(data, file)))
    except TemplateError:
        return ""


def _part_paragraphs(part: TextPart) -> Iterator[Paragraph]:
    walk = _TextWalker()
    number = 0
    prompts: dict[Element | None, list[str]] = {}
    for control, words in find_unfilled_controls(part.root):
        prompts.setdefault(paragraph_of(control), []).append(words)
    for element in part.root.iter(W + "p"):
        if next(element.iterancestors(FALLBACK), None) is None:
            number += 1
            pieces = tuple(walk.pieces(element, None))
            text = "".join(text for _, text in pieces)
            markup = partial(ParagraphMarkup, element, pieces)
            own = tuple(prompts.get(element, ()))
            yield Paragraph(
                part=part.name,
                number=number,
                text=text,
                holder=element.getparent(),
                read_markup=markup,
                prompts=own,
            )


@dataclass(slots=True)
class _OpenField:
    """A field that has begun: its code as far as it was read, and whether its inside is hidden."""

    code: str = ""
    is_hidden: bool = True


class _TextWalker:
    """Reads the paragraphs of one part, one behind the other: a field may run over several.

    Fields are followed mark by mark, not by stories: each piece comes with the format of its run,
    and whatever stands behind a code that does not end is hidden, in the next paragraphs too.
    """

    def __init__(self) -> None:
        self._fields: list[_OpenField] = []

    def pieces(self, element: Element, properties: Element | None) -> Iterator[Fragment]:
        """Yield the text inside an element, in pieces of one format."""
        for child in element:
            if child.tag == W + "fldChar":
                yield from self._read_field_mark(child, properties)
                continue
            text = self._element_text(child)
            if (
                text is None
                and child.tag == W + "fldSimple"
                and _is_page_field(child.get(W + "instr"))
            ):
                yield properties, "#"
            elif text is None:
                own = child.find(W + "rPr") if child.tag == W + "r" else properties
                yield from self.pieces(child, own)
            elif text and not any(field.is_hidden for field in self._fields):
                yield properties, text

    def _element_text(self, child: Element) -> str | None:
        """Return an element's own text, empty for none; None if it is to be looked into."""
        text = child.text if child.tag == _MATHS_TEXT else run_piece_text(child)
        if child.tag in (W + "t", _MATHS_TEXT):
            text = text or ""
            return text if child.get(XML_SPACE) == "preserve" else text.strip(" \t\r\n")
        if child.tag == W + "instrText" and self._fields:
            self._fields[-1].code += child.text or ""
        if text is not None and child.tag not in _IGNORED_TAGS:
            return text
        return None if len(child) and child.tag not in _SKIPPED_TAGS else ""

    def _read_field_mark(self, child: Element, properties: Element | None) -> Iterator[Fragment]:
        """Take note of a field's beginning, of where its result begins, or of its end."""
        mark = field_mark(child)
        if mark == "begin":
            self._fields.append(_OpenField())
        elif mark == "end" and self._fields:
            self._fields.pop()
        elif mark == "separate" and self._fields:
            begun = self._fields[-1]
            begun.is_hidden = _is_page_field(begun.code)
            if begun.is_hidden and not any(field.is_hidden for field in self._fields[:-1]):
                yield properties, "#"


def _is_page_field(code: str | None) -> bool:
    return code_kind(code or "") in _PAGE_FIELDS


# Many letters of one template: what they have in common is read once.


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter's paragraphs, and those of its parts that hold tracked changes or comments."""

    paragraphs: tuple[Paragraph, ...]
    revised_parts: tuple[TextPart, ...] = ()


_REVISION_TAGS = re.compile(
    rb"<\w+:(?:%s)\b"
    % "|".join(str(tag).rpartition("}")[2] for tag in (*REVISIONS, "commentReference")).encode()
)

_UNSPLITTABLE = re.compile(rb"<!|<\w+:(?:fldChar|Fallback|txbxContent)\b")
"""Where one of these stands, paragraphs cannot be read each for itself."""

_BODY_START = re.compile(rb"\A(?:<\?xml[^>]*>\s*)?<w:document\b[^>]*><w:body>")
_BODY_END = b"</w:body></w:document>"
_PARAGRAPH_END, _TABLE, _TABLE_END = b"</w:p>", b"<w:tbl>", b"</w:tbl>"
_BLOCK_TAGS = {
    W + name for name in ("p", "tbl", "sectPr", "bookmarkStart", "bookmarkEnd", "proofErr")
}
"""What stands in a body for itself (17.2.2), whatever comes before and behind it."""


_MAX_CACHED = 5_000
"""Blocks that are remembered: letters come signer by signer."""


class _PartText(NamedTuple):
    """A part that was read: its rank among those that people read, and what is in it."""

    rank: int = 0
    paragraphs: tuple[Paragraph, ...] = ()
    revised_part: TextPart | None = None


class LetterReader:
    """Reads letters, and blocks that it has read before not again.

    A block is told by its bytes. Texts that this cannot take apart are read as a whole.
    """

    def __init__(self) -> None:
        self._cached_part = lru_cache(maxsize=64)(_read_part)
        self._cached_block = lru_cache(maxsize=_MAX_CACHED)(_read_block)
        self._cached_numbered_block = lru_cache(maxsize=_MAX_CACHED)(self._number_block)
        self._body_start = b""

    def read(self, texts: Mapping[str, bytes]) -> LetterText:
        """Return the text of a letter, of its parts' bytes by name."""
        found = [
            self._read_body(name, own) or self._cached_part(name, own)
            for name, own in texts.items()
        ]
        found.sort(key=lambda part: part.rank)
        paragraphs = chain.from_iterable([part.paragraphs for part in found])
        return LetterText(
            tuple(paragraphs), tuple(part.revised_part for part in found if part.revised_part)
        )

    def _read_body(self, name: str, data: bytes) -> _PartText | None:
        """Read a body whose blocks stand for themselves; None for any other part."""
        start = _BODY_START.match(data) if data.endswith(_BODY_END) else None
        if start is None:
            return None
        if start.group() != self._body_start:
            self._body_start = start.group()  # the same object each time: its hash is known
        part, found = part_label(name), list[Paragraph]()
        for block in _split_body(data[start.end() : -len(_BODY_END)]):
            read = self._cached_numbered_block(part, self._body_start, block, len(found) + 1)
            if read is None:
                return None
            found += read
        has_text = any(paragraph.text for paragraph in found)
        return _PartText(_BODY_RANK, tuple(found)) if has_text else None

    def _number_block(
        self, part: str, head: bytes, block: bytes, number: int
    ) -> tuple[Paragraph, ...] | None:
        """Return the paragraphs of blocks, the first of that number; None as with `_read_block`."""
        read = self._cached_block(head, block)
        return read and tuple(
            Paragraph(
                part=part,
                number=number + at,
                text=one.text,
                holder=one.holder if one.holder is _BODY_START else (number, one.holder),
                read_markup=one.read_markup,
                prompts=one.prompts,
            )
            for at, one in enumerate(read)
        )


def _split_body(body: bytes) -> Iterator[bytes]:
    """Yield a body's XML piece by piece, cut behind paragraphs and around tables.

    Where a piece is no whole block, a table in a table say, that is told when it is parsed.
    """
    text, *tables = body.split(_TABLE)
    yield from _split_paragraphs(text)
    for each in tables:
        table, end, behind = each.partition(_TABLE_END)
        yield _TABLE + table + end
        yield from _split_paragraphs(behind)


def _split_paragraphs(text: bytes) -> Iterator[bytes]:
    *whole, rest = text.split(_PARAGRAPH_END)
    for each in whole:
        yield each + _PARAGRAPH_END
    if rest:
        yield rest


def _read_part(name: str, data: bytes) -> _PartText:
    root = parse_xml(data) if _HAS_TEXT.search(data) else None
    if root is None or root.tag not in _ROOTS:
        return _PartText()
    part = TextPart(part_label(name), root)
    marked = part if _REVISION_TAGS.search(data) else None
    return _PartText(_ROOTS[str(root.tag)], tuple(_part_paragraphs(part)), marked)


def _read_block(head: bytes, block: bytes) -> tuple[Paragraph, ...] | None:
    """Return the paragraphs of whole blocks; None where they are none, or hold changes."""
    is_odd = _REVISION_TAGS.search(block) or _UNSPLITTABLE.search(block)
    root = None if is_odd else parse_xml(head + block + _BODY_END)
    if root is None or len(root) != 1 or any(child.tag not in _BLOCK_TAGS for child in root[0]):
        return None
    read = tuple(_part_paragraphs(TextPart("", root)))
    cells = list(dict.fromkeys(one.holder for one in read))
    return tuple(
        replace(one, holder=_BODY_START if one.holder is root[0] else cells.index(one.holder))
        for one in read
    )


# Paragraphs of a letter copied as they are printed: words, breaks, fonts, the side they stand on.
#
# What belongs to the page and not to the words stays behind: indents, spaces, frames, lists.
# ECMA-376 part 1, 17.3.1.26 (the order of a paragraph's properties), 17.3.2 (those of a run).

_NO_PAGE_BREAKS = '<w:keepNext w:val="0"/><w:keepLines w:val="0"/><w:pageBreakBefore w:val="0"/>'
_NO_SPACE = '<w:spacing w:before="0" w:after="0"/><w:ind w:left="0" w:right="0" w:firstLine="0"/>'
_BREAK_XML = {"\n": "<w:br/>", "\f": "<w:br/>", "\t": "<w:tab/>"}
_TEXT_PIECES = re.compile(r"[\n\f\t]|[^\n\f\t]+")


def paragraph_copies(paragraphs: Sequence[tuple[str, Paragraph]]) -> str:
    """Return the XML of copies; text that comes with a paragraph stands in a line above it."""
    made = []
    for above, paragraph in paragraphs:
        if above:
            made.append(_copy_paragraph((), [(None, above)]))
        element, pieces = paragraph.read_markup()
        properties = element.find(W + "pPr")
        made.append(_copy_paragraph(() if properties is None else properties, pieces))
    return "".join(made)


def _copy_paragraph(properties: Iterable[Element], pieces: Iterable[Fragment]) -> str:
    runs = "".join(map(_copy_run, pieces))
    return f"<w:p {XMLNS_W}>{_copy_properties(properties)}{runs}</w:p>"


def _copy_properties(own: Iterable[Element]) -> str:
    """Return the paragraph's style and direction; what its style says of the page is undone."""
    kept = {str(e.tag).removeprefix(W): e for e in own}
    style, direction, side = (
        "".join(_inner_xml(kept[name]) for name in names if name in kept)
        for names in (("pStyle",), ("tabs", "bidi"), ("jc",))
    )
    return f"<w:pPr>{style}{_NO_PAGE_BREAKS}{direction}{_NO_SPACE}{side}</w:pPr>"


_NAMESPACE_DECLARATION = re.compile(r' xmlns:(\w+)="[^"]*"')


def _inner_xml(element: Element) -> str:
    return _without_declarations(element_markup(element))


@lru_cache(maxsize=1_000)
def _without_declarations(xml: str) -> str:
    """Return an element's XML for a paragraph: what that declares and what is not used is gone."""

    def kept(declared: re.Match[str]) -> str:
        return declared[0] if declared[1] != "w" and f"{declared[1]}:" in xml else ""

    return _NAMESPACE_DECLARATION.sub(kept, xml)


def _copy_run(piece: Fragment) -> str:
    properties, text = piece
    shown = _TEXT_PIECES.findall(text.replace(OBJECT, ""))
    if not shown:
        return ""
    look = ""
    if properties is not None:
        if properties.find(W + "rPrChange") is not None:
            properties = deepcopy(properties)
            for change in properties.findall(W + "rPrChange"):
                properties.remove(change)  # it names who made it
        look = _inner_xml(properties)
    content = (
        _BREAK_XML.get(text) or f'<w:t xml:space="preserve">{escape(text, quote=False)}</w:t>'
        for text in shown
    )
    return f"<w:r>{look}{''.join(content)}</w:r>"
