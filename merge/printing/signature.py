"""The typed name under a letter, found among its words and marked where it stands.

LibreOffice turns a bookmark into a place on a page. So the name is looked for in the letter, where
it is whole and in reading order, not in the PDF, which holds glyphs as they are drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from merge.naming import folded
from merge.ooxml.package import read_package
from merge.ooxml.wordml import Element, parse_xml, serialized
from merge.printing.writer import told_of_letters

MARK = "mergeSignature"
"""The bookmark's name."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OLD_COPY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BODY = re.compile(r"word/document\d*\.xml")
"""Word for the web numbers it."""

_BREAKS = {f"{_W}br", f"{_W}cr"}
_ID = "2000000000"
"""A number that no bookmark of Word's has."""

_BEFORE = 20
"""Characters that may stand before the name, such as `Professor Dr. `."""

_ABOVE = 2
"""Lines that stand above at least; a name higher up is its owner's address."""


def marked(path: Path, file: str, name: str) -> bytes:
    """The letter with a bookmark before the typed name of its signer, if it has one.

    Nothing that shows is changed. `file` names the letter in messages. StorageError where it
    cannot be read.
    """
    with told_of_letters():
        package = read_package(path, file)
    for part in (m.name for m in package.members if _BODY.fullmatch(m.name)):
        root = parse_xml(package.read(part))
        found = None if root is None else _signature(root, name)
        if root is not None and found is not None:
            _mark(found)
            return package.replaced({part: serialized(root)}).write()
    return package.write()


def _signature(root: Element, name: str) -> Element | None:
    """The first element of the last line that the name begins, or nearly."""
    begins = re.compile(rf".{{0,{_BEFORE}}}(?<!\w){re.escape(folded(name))}(?!\w)")
    lines = [(folded(text), first) for text, first in _lines(root) if text.strip()]
    found = [first for text, first in lines[_ABOVE:] if begins.match(text)]
    return found[-1] if found else None


def _lines(root: Element) -> Iterator[tuple[str, Element]]:
    """Each stretch of text between the ends of paragraphs and breaks, with its first element."""
    for paragraph in _paragraphs(root):
        text, first = "", None
        for element in _pieces(paragraph):
            if element.tag not in _BREAKS:
                text += " " if element.tag == f"{_W}tab" else element.text or ""
                first = element if first is None else first
            elif first is not None:
                yield text, first
                text, first = "", None
        if first is not None:
            yield text, first


def _paragraphs(root: Element) -> Iterator[Element]:
    """All but the copies of text boxes that Word keeps for old programs."""
    for paragraph in root.iter(f"{_W}p"):
        if next(paragraph.iterancestors(_OLD_COPY), None) is None:
            yield paragraph


def _pieces(paragraph: Element) -> Iterator[Element]:
    """The paragraph's own text, tabs and breaks; not those of a text box in it."""
    for element in paragraph.iter(f"{_W}t", f"{_W}tab", *_BREAKS):
        inside = next(element.iterancestors(f"{_W}p", f"{_W}pPr"))
        if inside is paragraph:
            yield element


def _mark(element: Element) -> None:
    """Put a bookmark before an element, between the two halves of the run that it stands in."""
    run = next(element.iterancestors(f"{_W}r"))
    back, at = deepcopy(run), run.index(element)
    del run[at:]
    del back[1 if back[0].tag == f"{_W}rPr" else 0 : at]
    run.addnext(back)
    back.addprevious(run.makeelement(f"{_W}bookmarkStart", {f"{_W}id": _ID, f"{_W}name": MARK}))
    back.addprevious(run.makeelement(f"{_W}bookmarkEnd", {f"{_W}id": _ID}))
