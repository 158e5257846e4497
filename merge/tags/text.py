"""A paragraph's characters, each with the element it comes from.

Word splits a tag over runs as it likes: whoever looks for tags looks at the characters of the
whole paragraph, changes them here, and has them put back where they came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

Element = etree._Element  # noqa: SLF001 - what every lxml element is; it has no public name

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"

LINE_BREAK = "\n"
OBJECT = "\ufffc"
"""Stands for anything that shows and is no text: a picture, a page break, a note mark."""

_STANDS_FOR = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "cr": LINE_BREAK,
    W + "noBreakHyphen": "\u2011",
    W + "softHyphen": "\u00ad",
    W + "sym": OBJECT,
    W + "drawing": OBJECT,
    W + "pict": OBJECT,
    W + "object": OBJECT,
    W + "footnoteReference": OBJECT,
    W + "endnoteReference": OBJECT,
    W + "fldChar": OBJECT,
    W + "pgNum": OBJECT,
}
"""Run content of ECMA-376 part 1, 17.3.3, as one character each."""

_OTHERS_TEXT = {W + "p", W + "del", W + "moveFrom"}
"""A paragraph inside (a text box) is looked at for itself; deleted text is no text."""


def parse_xml(data: bytes) -> Element | None:
    """The root element; None where the XML is broken or has a document type (Word writes none)."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    return None if root.getroottree().docinfo.doctype else root


def serialized(root: Element) -> bytes:
    """A part's bytes, as Word writes them."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


class Atom:
    """One character of a paragraph, and what is to stand before, in place of and after it."""

    __slots__ = ("after", "before", "char", "element", "text")

    def __init__(self, element: Element, char: str) -> None:
        self.element = element
        self.char = char
        self.text = char
        self.before = ""
        self.after = ""

    @property
    def is_text(self) -> bool:
        """Whether the character stands in a w:t, and so can be changed."""
        return self.element.tag == W + "t"


def atoms(paragraph: Element) -> list[Atom]:
    """The paragraph's own characters in their order."""
    return [Atom(element, char) for element in _pieces(paragraph) for char in _chars(element)]


def _pieces(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag in _OTHERS_TEXT:
            continue
        if child.tag == W + "t" or child.tag == W + "br" or child.tag in _STANDS_FOR:
            yield child
        if child.tag != W + "t":
            yield from _pieces(child)


def _chars(element: Element) -> str:
    if element.tag == W + "t":
        return element.text or ""
    if element.tag == W + "br":
        kind = element.get(W + "type", "textWrapping")
        return LINE_BREAK if kind == "textWrapping" else OBJECT
    return _STANDS_FOR[element.tag] if isinstance(element.tag, str) else ""


def put_back(characters: Sequence[Atom]) -> None:
    """Write what was changed back into the elements; untouched elements stay as they are."""
    texts: dict[Element, list[Atom]] = {}
    for atom in characters:
        if atom.is_text:
            texts.setdefault(atom.element, []).append(atom)
        else:
            wrap(atom.element, atom.before, atom.after)
    for element, parts in texts.items():
        _rewrite(element, "".join(a.before + a.text + a.after for a in parts))


def _rewrite(element: Element, text: str) -> None:
    if text != element.text:
        element.text = text
        element.set(PRESERVE, "preserve")


def wrap(element: Element, before: str, after: str) -> None:
    """Put text directly before and after an element, outside it."""
    previous, parent = element.getprevious(), element.getparent()
    if before and previous is not None:
        previous.tail = (previous.tail or "") + before
    elif before and parent is not None:
        parent.text = (parent.text or "") + before
    if after:
        element.tail = after + (element.tail or "")
