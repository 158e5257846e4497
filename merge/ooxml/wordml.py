"""Elements of WordprocessingML: text, order of children, tracked changes.

Word splits a placeholder over several runs. So code that looks for placeholders reads and changes
the characters of the whole paragraph here, and then writes them back into their elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import deepcopy

from lxml import etree

from merge import messages
from merge.ooxml import RELATIONSHIPS, WORDPROCESSINGML
from merge.problems import Place, Problem

Element = etree._Element  # noqa: SLF001 - lxml has no public name for it

W, R = f"{{{WORDPROCESSINGML}}}", f"{{{RELATIONSHIPS}}}"
NAMESPACES = {"w": WORDPROCESSINGML, "r": RELATIONSHIPS}
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
VAL, TYPE, ID = W + "val", W + "type", R + "id"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The second copy of a text box, for older programs.

ECMA-376 part 3, 7.7.
"""


def parse_xml(data: bytes) -> Element | None:
    """Return the root element of a part's XML, or None if it is broken.

    None if the XML is broken or has a DOCTYPE, which Word never writes.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    return None if root.getroottree().docinfo.doctype else root


def xml_bytes(root: Element) -> bytes:
    """Return a part's XML with the declaration that Word writes."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def element_markup(element: Element) -> str:
    """Return an element as XML text that declares all namespaces in use.

    It can be inserted into any other element.
    """
    return etree.tostring(element, encoding="unicode", with_tail=False)


# The text of a paragraph.

LINE_BREAK, PAGE_BREAK = "\n", "\f"
OBJECT = "\ufffc"
"""Represents a visible element that is not text.

For example a picture, a page break or a note mark.
"""

_CHARACTERS_BY_ELEMENT = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "cr": LINE_BREAK,
    W + "noBreakHyphen": "\u2011",
    W + "softHyphen": "\u00ad",
    **{W + name: OBJECT for name in ("sym", "drawing", "pict", "object", "fldChar", "pgNum")},
    **{W + name: OBJECT for name in ("footnoteReference", "endnoteReference")},
}
"""Run content of ECMA-376 part 1, 17.3.3, as one character each."""

DELETED = frozenset({W + "del", W + "moveFrom"})
"""Elements whose content is deleted text (17.13.5)."""


def run_piece_text(element: Element) -> str | None:
    """Return the text that an element in a run means, or None for no text.

    A page or column break is `PAGE_BREAK`.
    """
    if element.tag == W + "t":
        return element.text or ""
    if element.tag == W + "br":
        return LINE_BREAK if element.get(TYPE, "textWrapping") == "textWrapping" else PAGE_BREAK
    return _CHARACTERS_BY_ELEMENT.get(element.tag) if isinstance(element.tag, str) else None


def run_content(element: Element, skipped: AbstractSet[str]) -> Iterator[tuple[Element, str]]:
    """Yield the pieces of the runs in an element, each with its characters.

    Content of elements in `skipped` does not count. Callers skip `w:p`, because the paragraphs of a
    text box are read separately.
    """
    for child in element:
        if child.tag not in skipped:
            text = run_piece_text(child)
            if text is not None:
                yield child, text
            if child.tag != W + "t":
                yield from run_content(child, skipped)


class ParagraphCharacter:
    """A character of a paragraph, with its element and its replacement.

    `text` replaces the character; `before` and `after` are inserted around it.
    """

    __slots__ = ("after", "before", "char", "element", "text")

    def __init__(self, element: Element, char: str) -> None:
        self.element = element
        self.char = char
        self.text = char
        self.before = ""
        self.after = ""

    @property
    def is_text(self) -> bool:
        """Whether the character is in a w:t, and so can be changed."""
        return self.element.tag == W + "t"


_NOT_IN_PARAGRAPH = DELETED | {W + "p"}


def paragraph_characters(paragraph: Element) -> list[ParagraphCharacter]:
    """Return the paragraph's own characters in order.

    A page break is `OBJECT`.
    """
    return [
        ParagraphCharacter(element, OBJECT if char == PAGE_BREAK else char)
        for element, text in run_content(paragraph, _NOT_IN_PARAGRAPH)
        for char in text
    ]


def write_characters(changes: Sequence[ParagraphCharacter]) -> None:
    """Write changed characters into the w:t elements that contain them."""
    texts: dict[Element, list[str]] = {}
    for character in changes:
        if character.is_text:
            texts.setdefault(character.element, []).append(
                character.before + character.text + character.after
            )
        else:
            add_text_around(character.element, character.before, character.after)
    for element, pieces in texts.items():
        text = "".join(pieces)
        if text != element.text:
            element.text = text
            element.set(XML_SPACE, "preserve")


def add_text_around(element: Element, before: str, after: str) -> None:
    """Insert text directly before and after an element, outside the element."""
    if before:
        _put_before(element, before)
    if after:
        element.tail = after + (element.tail or "")


def _put_before(element: Element, text: str) -> None:
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        previous.tail = (previous.tail or "") + text
    elif parent is not None:
        parent.text = (parent.text or "") + text


def texts_in(element: Element | None) -> str:
    """Return the text of all w:t in an element; empty for None."""
    return "" if element is None else "".join(text.text or "" for text in element.iter(W + "t"))


# Blocks: paragraphs, tables and content controls.

BLOCK_ELEMENTS = {W + "p", W + "tbl", W + "sdt"}
"""Visible blocks of a body, cell or content control."""
PARAGRAPH_CONTAINERS = {
    W + name for name in ("tc", "hdr", "ftr", "txbxContent", "sdtContent", "footnote", "endnote")
}
"""Elements that must contain at least one paragraph.

ECMA-376 part 1, 17.4.65, 17.10, 17.11.
"""
RANGE_MARKS = {
    W + name for name in ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd")
}


def next_block(element: Element) -> Element | None:
    """Return the next block below an element, or None at the end."""
    return next(element.itersiblings(*BLOCK_ELEMENTS), None)


def previous_block(element: Element) -> Element | None:
    """Return the next block above an element, or None at the beginning."""
    return next(element.itersiblings(*BLOCK_ELEMENTS, preceding=True), None)


def empty_run_like(run: Element) -> Element:
    """Return an empty run with the properties of another run."""
    copy = run.makeelement(run.tag, dict(run.attrib))
    run_properties = run.find(W + "rPr")
    if run_properties is not None:
        copy.append(deepcopy(run_properties))
    return copy


# Removing elements.


def remove(element: Element, *, keep_tail: bool = False) -> None:
    """Remove an element from its parent, with the text after the element.

    With `keep_tail`, that text is kept.
    """
    parent = element.getparent()
    if parent is not None:
        if keep_tail and element.tail:
            _put_before(element, element.tail)
        parent.remove(element)


def unwrap(element: Element, *, keep_tail: bool = False) -> None:
    """Replace an element by its children."""
    for child in list(element):
        element.addprevious(child)
    remove(element, keep_tail=keep_tail)


# Children in schema order (ECMA-376 part 1, A.1).


def local_name(element: Element) -> str:
    """Return an element's name without the namespace."""
    return str(element.tag).rpartition("}")[2]


def set_child(parent: Element, name: str, **attributes: str) -> Element:
    """Insert an empty child in the order of the schema, and return it.

    It replaces any child of the same name.
    """
    child = parent.makeelement(W + name, {W + key: value for key, value in attributes.items()})
    return replace_child(parent, child)


def ensure_child(parent: Element, name: str) -> Element:
    """Return the child with a name, created if it is missing."""
    child = parent.find(W + name)
    return set_child(parent, name) if child is None else child


def replace_child(parent: Element, child: Element) -> Element:
    """Insert a child in the order of the schema, and return it.

    It replaces any child of the same name.
    """
    for old in parent.findall(str(child.tag)):
        parent.remove(old)
    return insert_in_order(parent, child)


def insert_in_order(parent: Element, child: Element) -> Element:
    """Insert a child in the order of the schema, after any of the same name.

    A child that only newer versions of Word know is inserted at the end.
    """
    order, name = CHILD_ORDERS[local_name(parent)], str(child.tag).removeprefix(W)
    later_tags = {W + n for n in order[order.index(name) + 1 :]} if name in order else set()
    index = next((n for n, e in enumerate(parent) if e.tag in later_tags), len(parent))
    parent.insert(index, child)
    return child


def ensure_properties(parent: Element, name: str) -> Element:
    """Return the properties element of a paragraph, run or table.

    If there are none, they are created as first child.
    """
    element = parent.find(W + name)
    if element is None:
        element = parent.makeelement(W + name)
        parent.insert(0, element)
    return element


def set_missing_attributes(element: Element, attributes: Mapping[str, str]) -> None:
    """Set the attributes that an element does not have yet."""
    for name, text in attributes.items():
        if name not in element.attrib:
            element.set(name, text)


def child_value(parent: Element | None, name: str) -> str | None:
    """Return the `val` attribute of a child, or None without such a child."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(VAL)


def is_on(parent: Element | None, name: str) -> bool:
    """Return whether a property is switched on (ECMA-376 part 1, 17.17.4)."""
    child = None if parent is None else parent.find(W + name)
    return child is not None and child.get(VAL, "1") not in {"0", "false", "off"}


_TWIPS_PER_UNIT = {
    "pt": 20,
    "pc": 240,
    "pi": 240,
    "in": 1440,
    "mm": 1440 / 25.4,
    "cm": 14400 / 25.4,
}
"""Twips per unit (22.9.2.15)."""


def parse_twips(measure: str) -> int:
    """Return a measure in Word's XML as twips.

    Other programs than Word also write fractions and units (17.18.81).
    """
    number, unit = measure, measure[-2:]
    if unit in _TWIPS_PER_UNIT:
        number = measure[:-2]
    return round(float(number) * _TWIPS_PER_UNIT.get(unit, 1))


def _order(names: str) -> tuple[str, ...]:
    return tuple(names.split())


PARAGRAPH_ORDER = _order(
    "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr"
    " shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE"
    " autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents"
    " suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle"
    " rPr sectPr pPrChange"
)
RUN_ORDER = _order(
    "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof"
    " snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd"
    " fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath rPrChange"
)
TABLE_ORDER = _order(
    "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc"
    " tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription"
    " tblPrChange"
)
CELL_ORDER = _order(
    "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign"
    " hideMark headers cellIns cellDel cellMerge tcPrChange"
)
SECTION_ORDER = _order(
    "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders"
    " lnNumType pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter"
    " docGrid printerSettings sectPrChange"
)
STYLE_ORDER = _order(
    "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed"
    " qFormat locked personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr"
)
SETTINGS_ORDER = _order(
    "zoom embedTrueTypeFonts saveSubsetFonts mirrorMargins alignBordersAndEdges"
    " bordersDoNotSurroundHeader bordersDoNotSurroundFooter gutterAtTop defaultTabStop"
    " autoHyphenation consecutiveHyphenLimit hyphenationZone doNotHyphenateCaps evenAndOddHeaders"
    " bookFoldPrinting noPunctuationKerning characterSpacingControl printTwoOnOne"
    " strictFirstAndLastChars noLineBreaksAfter noLineBreaksBefore hdrShapeDefaults footnotePr"
    " compat themeFontLang clrSchemeMapping shapeDefaults decimalSymbol listSeparator"
)
"""Settings that change how pages look.

All others are for authors, or reveal something about them.
"""

CHILD_ORDERS = {
    "pPr": PARAGRAPH_ORDER,
    "rPr": RUN_ORDER,
    "tblPr": TABLE_ORDER,
    "tcPr": CELL_ORDER,
    "sectPr": SECTION_ORDER,
    "style": STYLE_ORDER,
    "settings": SETTINGS_ORDER,
    "footnotePr": ("pos", "numFmt", "numStart", "numRestart"),
}
"""The children of elements in schema order.

Only elements into which children are inserted here are listed.
"""

CanonicalForm = tuple[object, ...]

_ON_VALUES: Sequence[tuple[str, str]] = ((VAL, "1"), (VAL, "true"), (VAL, "on"))
"""Attributes that mean the same as no attribute in an on/off element.

In other elements, a value of 1 then equals no value. No program writes such a value there.
"""


def canonical_form(element: Element, skipped: frozenset[str] = frozenset()) -> CanonicalForm:
    """Return an element's content in a form that can be compared.

    The order of attributes, prefixes and revisions do not count, nor do children in `skipped`.
    """
    pairs = ((str(name), str(text)) for name, text in element.attrib.items())
    attributes = sorted(a for a in pairs if not a[0].startswith(W + "rsid") and a not in _ON_VALUES)
    children = (
        canonical_form(e, skipped) for e in element.iterchildren("*") if e.tag not in skipped
    )
    return (element.tag, *attributes, *children)


# Tracked changes (ECMA-376 part 1, 17.13.5). A letter must not contain deleted text, nor the name
# of the person who deleted it.

TEXT_CHANGES = (
    *(W + name for name in ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge")),
)
MOVE_RANGES = tuple(
    W + f"move{way}Range{end}" for way in ("From", "To") for end in ("Start", "End")
)
FORMAT_CHANGES = (
    *(W + f"{name}PrChange" for name in ("r", "p", "sect", "tbl", "tr", "tc")),
    *(W + name for name in ("tblPrExChange", "tblGridChange", "numberingChange")),
)
"""Changes of formatting, which hide no text and so are accepted."""

REVISIONS = (*TEXT_CHANGES, W14 + "conflictIns", W14 + "conflictDel")
"""Tracked changes of text.

They include those that two people made at the same time.
"""


def tracked_changes(root: Element, place: Place) -> Iterator[Problem]:
    """Yield a problem if a part has tracked changes of its text.

    Its place is that of the first change.
    """
    changes = list(root.iter(*REVISIONS))
    if not changes:
        return
    first_place = _place_of_change(root, changes[0], place)
    yield messages.problem("tracked-changes", first_place, count=len(changes))


def paragraph_of(element: Element) -> Element | None:
    """Return the first paragraph inside an element, or else one near it.

    If there is none, return the one around it or else one beside it.
    """
    around = (element, *element.iterancestors(W + "p"), *element.iterancestors())
    return next((p for e in around for p in e.iter(W + "p")), None)


def _place_of_change(root: Element, change: Element, place: Place) -> Place:
    """Return the place of the paragraph with or beside a change."""
    changed = paragraph_of(change)
    for number, paragraph in enumerate(root.iter(W + "p"), 1):
        if paragraph is changed:
            words = "".join(character.char for character in paragraph_characters(paragraph))
            return Place(place.file, part=place.part, paragraph=number, paragraph_text=words)
    return place
