"""A paragraph's characters, each with the element it comes from.

Word splits a tag over runs as it likes: whoever looks for tags looks at the characters of the
whole paragraph, changes them here, and has them put back where they came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from merge.model import Place, Problem
from merge.ooxml.namespaces import MAIN, RELATIONSHIPS

Element = etree._Element  # noqa: SLF001 - what every lxml element is; it has no public name
PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"

LINE_BREAK = "\n"
OBJECT = "\ufffc"
"""Stands for anything that shows and is no text: a picture, a page break, a note mark."""


W, R = f"{{{MAIN}}}", f"{{{RELATIONSHIPS}}}"


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

_SKIPPED_CONTENT = {W + "p", W + "del", W + "moveFrom"}
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
        if child.tag in _SKIPPED_CONTENT:
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


# WordprocessingML's names, and children put where the schema wants them (ECMA-376 part 1, A.1).


VAL, TYPE, ID = W + "val", W + "type", R + "id"
NAMESPACES = {"w": MAIN, "r": RELATIONSHIPS}


def _order(names: str) -> tuple[str, ...]:
    return tuple(names.split())


PARAGRAPH = _order(
    "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr"
    " shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE"
    " autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents"
    " suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle"
    " rPr sectPr pPrChange"
)
RUN = _order(
    "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof"
    " snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd"
    " fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath rPrChange"
)
TABLE = _order(
    "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc"
    " tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription"
    " tblPrChange"
)
SECTION = _order(
    "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders"
    " lnNumType pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter"
    " docGrid printerSettings sectPrChange"
)
STYLE = _order(
    "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed"
    " qFormat locked personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr"
)
SETTINGS = _order(
    "zoom embedTrueTypeFonts saveSubsetFonts mirrorMargins alignBordersAndEdges"
    " bordersDoNotSurroundHeader bordersDoNotSurroundFooter gutterAtTop defaultTabStop"
    " autoHyphenation consecutiveHyphenLimit hyphenationZone doNotHyphenateCaps evenAndOddHeaders"
    " bookFoldPrinting noPunctuationKerning characterSpacingControl printTwoOnOne"
    " strictFirstAndLastChars noLineBreaksAfter noLineBreaksBefore hdrShapeDefaults footnotePr"
    " compat themeFontLang clrSchemeMapping shapeDefaults decimalSymbol listSeparator"
)
"""Those that say how pages look. All others are for those who write, or tell of them."""

ORDERS = {
    "pPr": PARAGRAPH,
    "rPr": RUN,
    "tblPr": TABLE,
    "sectPr": SECTION,
    "style": STYLE,
    "settings": SETTINGS,
    "footnotePr": ("pos", "numFmt", "numStart", "numRestart"),
}
"""The children of an element in the order of the schema, as far as any are put into it here."""


_TWIPS = {"pt": 20, "pc": 240, "pi": 240, "in": 1440, "mm": 1440 / 25.4, "cm": 14400 / 25.4}
"""How many a unit has (22.9.2.15)."""


def local_name(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def set_child(parent: Element, name: str, **attributes: str) -> Element:
    """A new child of that name at its place; one that is there already goes."""
    child = parent.makeelement(W + name, {W + key: value for key, value in attributes.items()})
    return replace_child(parent, child)


def ensure_child(parent: Element, name: str) -> Element:
    """The child of that name, made where there is none."""
    found = parent.find(W + name)
    return set_child(parent, name) if found is None else found


def replace_child(parent: Element, child: Element) -> Element:
    """Put a child at its place, instead of any of the same name."""
    for old in parent.findall(str(child.tag)):
        parent.remove(old)
    return insert(parent, child)


def insert(parent: Element, child: Element) -> Element:
    """Put a child at its place, behind any of the same name; one of a later Word at the end."""
    order, name = ORDERS[local_name(parent)], str(child.tag).removeprefix(W)
    behind = {W + n for n in order[order.index(name) + 1 :]} if name in order else set()
    at = next((n for n, e in enumerate(parent) if e.tag in behind), len(parent))
    parent.insert(at, child)
    return child


def properties(holder: Element, name: str) -> Element:
    """A paragraph's, run's or table's properties, made as its first child where there are none."""
    found = holder.find(W + name)
    if found is None:
        found = holder.makeelement(W + name)
        holder.insert(0, found)
    return found


def child_value(parent: Element | None, name: str) -> str | None:
    """What a child says in its attribute `val`; None where there is no such child."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(VAL)


def is_on(parent: Element | None, name: str) -> bool:
    """Whether a child stands for yes (ECMA-376 part 1, 17.17.4)."""
    child = None if parent is None else parent.find(W + name)
    return child is not None and child.get(VAL, "1") not in {"0", "false", "off"}


def parse_twips(measure: str) -> int:
    """A measure in twips; others than Word write fractions of one, and units (17.18.81)."""
    number, unit = measure, measure[-2:]
    if unit in _TWIPS:
        number = measure[:-2]
    return round(float(number) * _TWIPS.get(unit, 1))


def set_new(element: Element, attributes: Mapping[str, str]) -> None:
    """Give an element those attributes that it has not."""
    for name, text in attributes.items():
        if name not in element.attrib:
            element.set(name, text)


def remove(element: Element) -> None:
    """Take an element out of its parent."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


Canonical = tuple[object, ...]


def canonical(element: Element, skipped: frozenset[str] = frozenset()) -> Canonical:
    """What an element says, to compare it: order of attributes, prefixes and revisions are gone.

    Children whose tag is skipped do not count.
    """
    attributes = sorted(_attributes(element))
    children = (canonical(e, skipped) for e in element.iterchildren("*") if e.tag not in skipped)
    return (element.tag, *attributes, *children)


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    for name, text in element.attrib.items():
        plain = str(name)
        if not plain.startswith(W + "rsid") and (plain, text) not in _YES:
            yield plain, str(text)


_YES: Sequence[tuple[str, str]] = ((VAL, "1"), (VAL, "true"), (VAL, "on"))
"""As good as no attribute, where the element stands for yes or no.

(For the others it makes 1 equal to nothing, which no program writes.)
"""


# Tracked changes: a letter must not carry what was deleted, nor who deleted it.


_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_CHANGES = {
    *(W + name for name in ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge")),
    *(_W14 + name for name in ("conflictIns", "conflictDel")),
}
"""ECMA-376 part 1, 17.13.5. Changes of format alone hide no words, and are no fault."""


def tracked_changes(root: Element, place: Place) -> Iterator[Problem]:
    """One problem for a part that holds tracked changes, at the first paragraph with one."""
    changes = [element for element in root.iter(*_CHANGES) if isinstance(element.tag, str)]
    if not changes:
        return
    count = len(changes)
    found = "is a tracked change" if count == 1 else f"are {count:,} tracked changes, the first"
    what = f"there {found} here."
    hint = "In Word, choose Review and accept or reject all changes, then save."
    yield Problem("tracked-changes", _of_first(root, changes[0], place), what, hint)


def _of_first(root: Element, change: Element, place: Place) -> Place:
    around = (change, *change.iterancestors(W + "p"), *change.iterancestors())
    own = next((p for e in around for p in e.iter(W + "p")), None)
    for number, paragraph in enumerate(root.iter(W + "p"), 1):
        if paragraph is own:
            words = "".join(atom.char for atom in atoms(paragraph))
            return Place(place.file, part=place.part, paragraph=number, words=words)
    return place
