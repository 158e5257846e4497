"""Read a letter's paragraphs as a reader sees them.

It does not matter how Word has split them. Paragraphs come from the body, tables, text boxes,
content controls, headers, footers and notes. Deleted text and field codes are not included.
ECMA-376 part 1, 17.3.3 (run content), 17.13.5 (revisions), 17.16 (fields).
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
"""The parts that people read, in their reading order."""

_HAS_TEXT = re.compile(rb"<(?:\w+:)?t[\s>]")
_SKIPPED_TAGS = DELETED | {FALLBACK, *(W + name for name in ("p", "pPr", "rPr", "delText"))}
"""Elements that are skipped inside a paragraph.

A paragraph inside (of a text box) is read separately. A fallback is a second copy of its text box.
"""

_IGNORED_TAGS = {
    W + name for name in ("softHyphen", "footnoteReference", "endnoteReference", "pgNum")
}
"""Elements that programs add or number by the layout of lines and pages.

Their characters do not count.
"""

_PAGE_FIELDS = {"PAGE", "NUMPAGES", "SECTIONPAGES"}
"""Fields whose result depends on the program that printed last.

A number sign is shown instead.
"""

Fragment = tuple[Element | None, str]
"""Some text, and the properties of its run if it has any."""


@dataclass(frozen=True, slots=True)
class LetterParagraph:
    """A paragraph of a letter.

    `part` is a label: body, header… `number` counts from 1 within its part, without the second
    copies of text boxes. In `text`, a line break is a line feed, a page break a form feed, and a
    picture U+FFFC.
    """

    part: str
    number: int
    text: str
    holder: object = field(repr=False, compare=False)
    """The same object for all paragraphs of one body, cell or text box."""
    read_markup: Callable[[], ParagraphMarkup] = field(repr=False, compare=False)
    """Return its markup, for copying."""
    prompts: tuple[str, ...] = ()
    """Prompts of its content controls that are not filled in."""


class ParagraphMarkup(NamedTuple):
    """A paragraph's element, and its text in pieces of one format."""

    element: Element
    pieces: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a letter that people read: its label and its XML.

    `file` is the part's own name in the package.
    """

    name: str
    root: Element
    file: str = ""


def read_parts(data: bytes, file: str, wording: FilePolicy = WORD) -> tuple[TextPart, ...]:
    """Return a letter's parts that people read.

    `wording` says which file types are accepted, as in `parse_package`. Raise TemplateError if the
    file is not an intact .docx.
    """
    return parse_parts(xml_parts(data, file, wording))


def parse_parts(parts: Mapping[str, bytes]) -> tuple[TextPart, ...]:
    """Return the parts that people read of a letter's XML parts, by name."""
    letter_parts = []
    for name, data_of_part in parts.items():
        root = parse_xml(data_of_part) if _HAS_TEXT.search(data_of_part) else None
        if root is not None and root.tag in _ROOTS:
            letter_parts.append(TextPart(part_label(name), root, name))
    return tuple(sorted(letter_parts, key=lambda part: _ROOTS[str(part.root.tag)]))


def xml_parts(data: bytes, file: str, wording: FilePolicy = WORD) -> Mapping[str, bytes]:
    """Return the bytes of a letter's XML parts by name.

    Raise TemplateError if the file is not an intact .docx.
    """
    members = parse_package(data, file, wording).members
    return {m.name: m.data for m in members if m.name.lower().endswith(".xml")}


def read_paragraphs(letter_parts: tuple[TextPart, ...]) -> tuple[LetterParagraph, ...]:
    """Return all paragraphs of a letter in reading order, blank ones included."""
    return tuple(paragraph for part in letter_parts for paragraph in _part_paragraphs(part))


BODY = "body"
"""The label of the part with the letter itself."""


def unreadable_reason(data: bytes, file: str) -> Literal["", "/no-text"] | None:
    """Return why a letter is unreadable, as a variant of a message.

    It is None if the letter can be read.
    """
    try:
        if any(part.name == BODY for part in read_parts(data, file)):
            return None
        bodies = [
            part_data
            for name, part_data in xml_parts(data, file).items()
            if part_label(name) == BODY
        ]
    except MergeError:
        return ""
    roots = [parse_xml(part_data) for part_data in bodies]
    is_sound = all(root is not None and root.tag in _ROOTS for root in roots)
    return "/no-text" if roots and is_sound else ""


def plain_text(data: bytes, file: str) -> str:
    """Return a letter's complete text; empty if the .docx is not intact."""
    try:
        return "\n".join(paragraph.text for paragraph in read_paragraphs(read_parts(data, file)))
    except TemplateError:
        return ""


def _part_paragraphs(part: TextPart) -> Iterator[LetterParagraph]:
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
            paragraph_prompts = tuple(prompts.get(element, ()))
            yield LetterParagraph(
                part=part.name,
                number=number,
                text=text,
                holder=element.getparent(),
                read_markup=markup,
                prompts=paragraph_prompts,
            )


@dataclass(slots=True)
class _OpenField:
    """An open field: its code so far, and whether its text is hidden."""

    code: str = ""
    is_hidden: bool = True


class _TextWalker:
    """Reads the paragraphs of one part in sequence.

    A field may span several of them. Fields are followed mark by mark, not by stories. So each
    piece has the format of its run. Text after a code that does not end is hidden, in the next
    paragraphs too.
    """

    def __init__(self) -> None:
        self._fields: list[_OpenField] = []

    def pieces(self, element: Element, properties: Element | None) -> Iterator[Fragment]:
        """Yield the text of an XML element, in fragments of one format."""
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
                run_properties = child.find(W + "rPr") if child.tag == W + "r" else properties
                yield from self.pieces(child, run_properties)
            elif text and not any(field.is_hidden for field in self._fields):
                yield properties, text

    def _element_text(self, child: Element) -> str | None:
        """Return an XML element's own text, or None if its children must be read.

        The text may be empty.
        """
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
        """Process a mark of a Word field: the start, separator or end."""
        mark = field_mark(child)
        if mark == "begin":
            self._fields.append(_OpenField())
        elif mark == "end" and self._fields:
            self._fields.pop()
        elif mark == "separate" and self._fields:
            open_field = self._fields[-1]
            open_field.is_hidden = _is_page_field(open_field.code)
            if open_field.is_hidden and not any(field.is_hidden for field in self._fields[:-1]):
                yield properties, "#"


def _is_page_field(code: str | None) -> bool:
    return code_kind(code or "") in _PAGE_FIELDS


# Common parts of many letters of one template are read only once.


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter's paragraphs, and its parts with tracked changes or comments."""

    paragraphs: tuple[LetterParagraph, ...]
    revised_parts: tuple[TextPart, ...] = ()


_REVISION_TAGS = re.compile(
    rb"<\w+:(?:%s)\b"
    % "|".join(str(tag).rpartition("}")[2] for tag in (*REVISIONS, "commentReference")).encode()
)

_UNSPLITTABLE = re.compile(rb"<!|<\w+:(?:fldChar|Fallback|txbxContent)\b")
"""Elements with which paragraphs cannot be read separately."""

_BODY_START = re.compile(rb"\A(?:<\?xml[^>]*>\s*)?<w:document\b[^>]*><w:body>")
_BODY_END = b"</w:body></w:document>"
_PARAGRAPH_END, _TABLE, _TABLE_END = b"</w:p>", b"<w:tbl>", b"</w:tbl>"
_BLOCK_TAGS = {
    W + name for name in ("p", "tbl", "sectPr", "bookmarkStart", "bookmarkEnd", "proofErr")
}
"""Elements of a body that are independent of their neighbours (17.2.2)."""


_MAX_CACHED = 5_000
"""Blocks in the cache. Letters of one signer come together."""


class _PartText(NamedTuple):
    """A letter's part that was read: its reading order and its contents."""

    rank: int = 0
    paragraphs: tuple[LetterParagraph, ...] = ()
    revised_part: TextPart | None = None


class LetterReader:
    """Reads the text of letter files, with a cache of repeated blocks.

    A block is identified by its bytes. A part that cannot be split into blocks is read in one
    piece.
    """

    def __init__(self) -> None:
        self._cached_part = lru_cache(maxsize=64)(_read_part)
        self._cached_block = lru_cache(maxsize=_MAX_CACHED)(_read_block)
        self._cached_numbered_block = lru_cache(maxsize=_MAX_CACHED)(self._number_block)
        self._body_start = b""

    def read(self, texts: Mapping[str, bytes]) -> LetterText:
        """Return the text of a letter, from the bytes of its parts by name."""
        part_texts = [
            self._read_body(name, part_data) or self._cached_part(name, part_data)
            for name, part_data in texts.items()
        ]
        part_texts.sort(key=lambda part: part.rank)
        paragraphs = chain.from_iterable([part.paragraphs for part in part_texts])
        return LetterText(
            tuple(paragraphs), tuple(part.revised_part for part in part_texts if part.revised_part)
        )

    def _read_body(self, name: str, data: bytes) -> _PartText | None:
        """Return a body's text read block by block, or None for other parts."""
        start = _BODY_START.match(data) if data.endswith(_BODY_END) else None
        if start is None:
            return None
        if start.group() != self._body_start:
            self._body_start = (
                start.group()
            )  # the same object each time, because its hash is cached
        part, paragraphs = part_label(name), list[LetterParagraph]()
        for block in _split_body(data[start.end() : -len(_BODY_END)]):
            block_paragraphs = self._cached_numbered_block(
                part, self._body_start, block, len(paragraphs) + 1
            )
            if block_paragraphs is None:
                return None
            paragraphs += block_paragraphs
        has_text = any(paragraph.text for paragraph in paragraphs)
        return _PartText(_BODY_RANK, tuple(paragraphs)) if has_text else None

    def _number_block(
        self, part: str, head: bytes, block: bytes, number: int
    ) -> tuple[LetterParagraph, ...] | None:
        """Return paragraphs of a block, numbered, or None if it is unreadable.

        `number` is that of the first paragraph.
        """
        paragraphs = self._cached_block(head, block)
        return paragraphs and tuple(
            LetterParagraph(
                part=part,
                number=number + offset,
                text=paragraph.text,
                holder=paragraph.holder
                if paragraph.holder is _BODY_START
                else (number, paragraph.holder),
                read_markup=paragraph.read_markup,
                prompts=paragraph.prompts,
            )
            for offset, paragraph in enumerate(paragraphs)
        )


def _split_body(body: bytes) -> Iterator[bytes]:
    """Yield a body's XML in pieces, split after paragraphs and around tables.

    A piece may be incomplete, for example a table in a table. This is detected when it is parsed.
    """
    text, *tables = body.split(_TABLE)
    yield from _split_paragraphs(text)
    for rest in tables:
        table, end, after = rest.partition(_TABLE_END)
        yield _TABLE + table + end
        yield from _split_paragraphs(after)


def _split_paragraphs(text: bytes) -> Iterator[bytes]:
    *paragraphs, rest = text.split(_PARAGRAPH_END)
    for paragraph in paragraphs:
        yield paragraph + _PARAGRAPH_END
    if rest:
        yield rest


def _read_part(name: str, data: bytes) -> _PartText:
    root = parse_xml(data) if _HAS_TEXT.search(data) else None
    if root is None or root.tag not in _ROOTS:
        return _PartText()
    part = TextPart(part_label(name), root)
    marked = part if _REVISION_TAGS.search(data) else None
    return _PartText(_ROOTS[str(root.tag)], tuple(_part_paragraphs(part)), marked)


def _read_block(head: bytes, block: bytes) -> tuple[LetterParagraph, ...] | None:
    """Return the paragraphs of complete blocks.

    Return None if they are incomplete, or have changes or comments.
    """
    is_odd = _REVISION_TAGS.search(block) or _UNSPLITTABLE.search(block)
    root = None if is_odd else parse_xml(head + block + _BODY_END)
    if root is None or len(root) != 1 or any(child.tag not in _BLOCK_TAGS for child in root[0]):
        return None
    paragraphs = tuple(_part_paragraphs(TextPart("", root)))
    cells = list(dict.fromkeys(paragraph.holder for paragraph in paragraphs))
    return tuple(
        replace(
            paragraph,
            holder=_BODY_START if paragraph.holder is root[0] else cells.index(paragraph.holder),
        )
        for paragraph in paragraphs
    )


# Copies of paragraphs as they are printed: words, breaks, fonts, alignment.
#
# Properties of the page are not copied: indents, spacing, frames, lists.
# ECMA-376 part 1, 17.3.1.26 (the order of a paragraph's properties), 17.3.2 (those of a run).

_NO_PAGE_BREAKS = '<w:keepNext w:val="0"/><w:keepLines w:val="0"/><w:pageBreakBefore w:val="0"/>'
_NO_SPACE = '<w:spacing w:before="0" w:after="0"/><w:ind w:left="0" w:right="0" w:firstLine="0"/>'
_BREAK_XML = {"\n": "<w:br/>", "\f": "<w:br/>", "\t": "<w:tab/>"}
_TEXT_PIECES = re.compile(r"[\n\f\t]|[^\n\f\t]+")


def paragraph_copies(paragraphs: Sequence[tuple[str, LetterParagraph]]) -> str:
    """Return the XML of copies of paragraphs, for the proof document.

    A text that comes with a paragraph is in a line above it.
    """
    copies = []
    for above, paragraph in paragraphs:
        if above:
            copies.append(_copy_paragraph((), [(None, above)]))
        element, pieces = paragraph.read_markup()
        properties = element.find(W + "pPr")
        copies.append(_copy_paragraph(() if properties is None else properties, pieces))
    return "".join(copies)


def _copy_paragraph(properties: Iterable[Element], pieces: Iterable[Fragment]) -> str:
    runs = "".join(map(_copy_run, pieces))
    return f"<w:p {XMLNS_W}>{_copy_properties(properties)}{runs}</w:p>"


def _copy_properties(elements: Iterable[Element]) -> str:
    """Return a paragraph's style and direction.

    Properties of the page that come from the style are reset.
    """
    by_name = {str(e.tag).removeprefix(W): e for e in elements}
    style, direction, side = (
        "".join(_inner_xml(by_name[name]) for name in names if name in by_name)
        for names in (("pStyle",), ("tabs", "bidi"), ("jc",))
    )
    return f"<w:pPr>{style}{_NO_PAGE_BREAKS}{direction}{_NO_SPACE}{side}</w:pPr>"


_NAMESPACE_DECLARATION = re.compile(r' xmlns:(\w+)="[^"]*"')


def _inner_xml(element: Element) -> str:
    return _without_declarations(element_markup(element))


@lru_cache(maxsize=1_000)
def _without_declarations(xml: str) -> str:
    """Return an element's XML for a paragraph, without needless namespaces.

    These are declared by the paragraph, or are not used.
    """

    def keep(match: re.Match[str]) -> str:
        return match[0] if match[1] != "w" and f"{match[1]}:" in xml else ""

    return _NAMESPACE_DECLARATION.sub(keep, xml)


def _copy_run(piece: Fragment) -> str:
    properties, text = piece
    pieces = _TEXT_PIECES.findall(text.replace(OBJECT, ""))
    if not pieces:
        return ""
    run_properties = ""
    if properties is not None:
        if properties.find(W + "rPrChange") is not None:
            properties = deepcopy(properties)
            for change in properties.findall(W + "rPrChange"):
                properties.remove(change)  # it has its author's name
        run_properties = _inner_xml(properties)
    content = (
        _BREAK_XML.get(text) or f'<w:t xml:space="preserve">{escape(text, quote=False)}</w:t>'
        for text in pieces
    )
    return f"<w:r>{run_properties}{''.join(content)}</w:r>"
