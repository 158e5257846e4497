"""A letter's bytes -> its paragraphs as a reader sees them, whatever Word has split them into.

Body, tables, text boxes, content controls, headers, footers and notes; not what is deleted, not
the codes of fields. ECMA-376 part 1, 17.3.3 (run content), 17.13.5 (revisions), 17.16 (fields).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from merge.ooxml.container import Wording
from merge.ooxml.fields import code_kind, field_mark
from merge.ooxml.kinds import WORD
from merge.ooxml.package import parse_package
from merge.ooxml.wordml import (
    DELETED,
    FALLBACK,
    OBJECT,
    PRESERVE,
    Element,
    W,
    characters,
    parse_xml,
    serialized,
)
from merge.template.parts import part_label

_MATHS_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_READ = ("hdr", "document", "footnotes", "endnotes", "ftr")
_ROOTS = {W + name: rank for rank, name in enumerate(_READ)}
"""The parts that people read, in the order in which they read them."""

_HAS_TEXT = re.compile(rb"<(?:\w+:)?t[\s>]")
_NO_TEXT = DELETED | {FALLBACK, *(W + name for name in ("p", "pPr", "rPr", "delText"))}
"""A paragraph inside (of a text box) is read for itself; a fallback is its box's second copy."""

_UNREAD = {W + name for name in ("softHyphen", "footnoteReference", "endnoteReference", "pgNum")}
"""What programs put in or number as the lines and pages fall: its characters do not count."""

_COUNTING = {"PAGE", "NUMPAGES", "SECTIONPAGES"}
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
    element: Element = field(repr=False, compare=False)
    pieces: tuple[Fragment, ...] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A part that people read: its spoken name and its XML."""

    name: str
    root: Element


def parts(data: bytes, file: str, wording: Wording = WORD) -> tuple[Part, ...]:
    """Return a letter's parts that people read. Raise TemplateError if it is no sound .docx.

    `wording` says which files are taken, as with `parse_package`.
    """
    found = []
    for member in parse_package(data, file, wording).members:
        if member.name.lower().endswith(".xml") and _HAS_TEXT.search(own := member.data):
            root = parse_xml(own)
            if root is not None and root.tag in _ROOTS:
                found.append(Part(part_label(member.name), root))
    return tuple(sorted(found, key=lambda part: _ROOTS[str(part.root.tag)]))


def read_paragraphs(read: tuple[Part, ...]) -> tuple[Paragraph, ...]:
    """Return every paragraph of the parts, in the order in which they are read; blank ones too."""
    return tuple(paragraph for part in read for paragraph in _of_part(part))


def _of_part(part: Part) -> Iterator[Paragraph]:
    walk = _TextWalker()
    number = 0
    for element in part.root.iter(W + "p"):
        if next(element.iterancestors(FALLBACK), None) is None:
            number += 1
            pieces = tuple(walk.pieces(element, None))
            text = "".join(text for _, text in pieces)
            yield Paragraph(part.name, number, text, element, pieces)


@dataclass(slots=True)
class _Field:
    """A field that has begun: its code as far as it was read, and whether its inside is hidden."""

    code: str = ""
    hidden: bool = True


class _TextWalker:
    """Reads the paragraphs of one part, one behind the other: a field may run over several.

    Fields are followed mark by mark, not by stories: each piece comes with the format of its run,
    and whatever stands behind a code that does not end is hidden, in the next paragraphs too.
    """

    def __init__(self) -> None:
        self._fields: list[_Field] = []

    def pieces(self, element: Element, properties: Element | None) -> Iterator[Fragment]:
        """Yield the text inside an element, in pieces of one format."""
        for child in element:
            if child.tag == W + "fldChar":
                yield from self._marked(child, properties)
                continue
            text = self._text(child)
            if text is None and child.tag == W + "fldSimple" and _counts(child.get(W + "instr")):
                yield properties, "#"
            elif text is None:
                own = child.find(W + "rPr") if child.tag == W + "r" else properties
                yield from self.pieces(child, own)
            elif text and not any(field.hidden for field in self._fields):
                yield properties, text

    def _text(self, child: Element) -> str | None:
        """Return an element's own text, empty for none; None if it is to be looked into."""
        text = child.text if child.tag == _MATHS_TEXT else characters(child)
        if child.tag in (W + "t", _MATHS_TEXT):
            text = text or ""
            return text if child.get(PRESERVE) == "preserve" else text.strip(" \t\r\n")
        if child.tag == W + "instrText" and self._fields:
            self._fields[-1].code += child.text or ""
        if text is not None and child.tag not in _UNREAD:
            return text
        return None if len(child) and child.tag not in _NO_TEXT else ""

    def _marked(self, child: Element, properties: Element | None) -> Iterator[Fragment]:
        """Take note of a field's beginning, of where its result begins, or of its end."""
        mark = field_mark(child)
        if mark == "begin":
            self._fields.append(_Field())
        elif mark == "end" and self._fields:
            self._fields.pop()
        elif mark == "separate" and self._fields:
            begun = self._fields[-1]
            begun.hidden = _counts(begun.code)
            if begun.hidden and not any(field.hidden for field in self._fields[:-1]):
                yield properties, "#"


def _counts(code: str | None) -> bool:
    return code_kind(code or "") in _COUNTING


# Paragraphs of a letter copied as they are printed: words, breaks, fonts, the side they stand on.
#
# What belongs to the page and not to the words stays behind: indents, spaces, frames, lists.
# ECMA-376 part 1, 17.3.1.26 (the order of a paragraph's properties), 17.3.2 (those of a run).

_OFF = ("keepNext", "keepLines", "pageBreakBefore")
_BREAKS = {"\n": "br", "\f": "br", "\t": "tab"}
_PIECES = re.compile(r"[\n\f\t]|[^\n\f\t]+")


def copy_paragraphs(paragraphs: Sequence[tuple[str, Paragraph]]) -> bytes:
    """Return a w:body of copies; text that comes with a paragraph stands in a line above it."""
    copier = _Copier(paragraphs[0][1].element)
    for above, paragraph in paragraphs:
        if above:
            copier.add((), [(None, above)])
        properties = paragraph.element.find(W + "pPr")
        copier.add(() if properties is None else properties, paragraph.pieces)
    return serialized(copier.body)


class _Copier:
    """Puts copies into a new body; `like` is any element of the letter's."""

    def __init__(self, like: Element) -> None:
        self.body = like.makeelement(W + "body", {}, {"w": W.strip("{}")})

    def add(self, properties: Iterable[Element], pieces: Iterable[Fragment]) -> None:
        """Put a paragraph at the end."""
        paragraph = self._new("p")
        paragraph.append(self._properties(properties))
        paragraph.extend(run for piece in pieces for run in self._run(piece))
        self.body.append(paragraph)

    def _properties(self, own: Iterable[Element]) -> Element:
        """Return the paragraph's style and direction; what its style says of the page is undone."""
        kept = {str(e.tag).removeprefix(W): deepcopy(e) for e in own}
        made = self._new("pPr")
        made.extend(kept[name] for name in ("pStyle",) if name in kept)
        made.extend(self._new(name, val="0") for name in _OFF)
        made.extend(kept[name] for name in ("tabs", "bidi") if name in kept)
        made.append(self._new("spacing", before="0", after="0"))
        made.append(self._new("ind", left="0", right="0", firstLine="0"))
        made.extend(kept[name] for name in ("jc",) if name in kept)
        return made

    def _run(self, piece: Fragment) -> Iterator[Element]:
        properties, text = piece
        shown = _PIECES.findall(text.replace(OBJECT, ""))
        if shown:
            run = self._new("r")
            if properties is not None:
                run.append(deepcopy(properties))
                for change in run[0].findall(W + "rPrChange"):
                    run[0].remove(change)  # it names who made it
            run.extend(map(self._content, shown))
            yield run

    def _content(self, text: str) -> Element:
        if text in _BREAKS:
            return self._new(_BREAKS[text])
        made = self._new("t")
        made.text = text
        made.set(PRESERVE, "preserve")
        return made

    def _new(self, name: str, **attributes: str) -> Element:
        own = {W + key: value for key, value in attributes.items()}
        return self.body.makeelement(W + name, own)
