"""WordprocessingML's elements: a paragraph's text, children put in and taken out, tracked changes.

Word splits a tag over runs as it likes: whoever looks for tags looks at the characters of the
whole paragraph, changes them here, and has them put back where they came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import deepcopy

from lxml import etree

from merge import messages
from merge.ooxml import RELATIONSHIPS, WORDPROCESSINGML
from merge.problems import Place, Problem

Element = etree._Element  # noqa: SLF001 - what every lxml element is; it has no public name

W, R = f"{{{WORDPROCESSINGML}}}", f"{{{RELATIONSHIPS}}}"
NAMESPACES = {"w": WORDPROCESSINGML, "r": RELATIONSHIPS}
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
VAL, TYPE, ID = W + "val", W + "type", R + "id"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The second copy of a text box, for older programs (ECMA-376 part 3, 7.7)."""


def parse_xml(data: bytes) -> Element | None:
    """Return the root element; None if the XML is broken or has a DOCTYPE (Word writes none)."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    return None if root.getroottree().docinfo.doctype else root


def xml_bytes(root: Element) -> bytes:
    """Return a part's bytes, as Word writes them."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def element_markup(element: Element) -> str:
    """Return an element as XML that can stand inside any other, its namespaces declared."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


# The text of a paragraph.

LINE_BREAK, PAGE_BREAK = "\n", "\f"
OBJECT = "\ufffc"
"""Stands for anything that shows and is no text: a picture, a page break, a note mark."""

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
"""What stands in these is no text any more (17.13.5)."""


def run_piece_text(element: Element) -> str | None:
    """Return the text that a piece of a run stands for; None if it stands for none.

    A break of a page or a column is `PAGE_BREAK`.
    """
    if element.tag == W + "t":
        return element.text or ""
    if element.tag == W + "br":
        return LINE_BREAK if element.get(TYPE, "textWrapping") == "textWrapping" else PAGE_BREAK
    return _CHARACTERS_BY_ELEMENT.get(element.tag) if isinstance(element.tag, str) else None


def run_content(element: Element, skipped: AbstractSet[str]) -> Iterator[tuple[Element, str]]:
    """Yield the pieces of runs inside an element in their order, each with its characters.

    Nothing inside a tag that is skipped counts. Callers skip `w:p`, for the paragraphs of a text
    box are read for themselves.
    """
    for child in element:
        if child.tag not in skipped:
            text = run_piece_text(child)
            if text is not None:
                yield child, text
            if child.tag != W + "t":
                yield from run_content(child, skipped)


class ParagraphCharacter:
    """A character of a paragraph, its element, and what is to stand before, for and after it."""

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


_NOT_IN_PARAGRAPH = DELETED | {W + "p"}


def paragraph_characters(paragraph: Element) -> list[ParagraphCharacter]:
    """Return the paragraph's own characters in their order, a page break as `OBJECT`."""
    return [
        ParagraphCharacter(element, OBJECT if char == PAGE_BREAK else char)
        for element, text in run_content(paragraph, _NOT_IN_PARAGRAPH)
        for char in text
    ]


def write_characters(changed: Sequence[ParagraphCharacter]) -> None:
    """Write what was changed back into the elements; untouched elements stay as they are."""
    texts: dict[Element, list[str]] = {}
    for atom in changed:
        if atom.is_text:
            texts.setdefault(atom.element, []).append(atom.before + atom.text + atom.after)
        else:
            add_text_around(atom.element, atom.before, atom.after)
    for element, pieces in texts.items():
        text = "".join(pieces)
        if text != element.text:
            element.text = text
            element.set(XML_SPACE, "preserve")


def add_text_around(element: Element, before: str, after: str) -> None:
    """Put text directly before and after an element, outside it."""
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
    """Return the words of all w:t in an element; empty where there is no element."""
    return "" if element is None else "".join(text.text or "" for text in element.iter(W + "t"))


# Blocks: what stands one below the other.

BLOCK_ELEMENTS = {W + "p", W + "tbl", W + "sdt"}
"""What stands one below the other in a body, cell or control, and shows."""
PARAGRAPH_CONTAINERS = {
    W + name for name in ("tc", "hdr", "ftr", "txbxContent", "sdtContent", "footnote", "endnote")
}
"""What must not be left without a paragraph (ECMA-376 part 1, 17.4.65, 17.10, 17.11)."""
RANGE_MARKS = {
    W + name for name in ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd")
}


def next_block(element: Element) -> Element | None:
    """Return the paragraph, table or control below an element; None if there is none."""
    return next(element.itersiblings(*BLOCK_ELEMENTS), None)


def previous_block(element: Element) -> Element | None:
    """Return the paragraph, table or control above an element; None if there is none."""
    return next(element.itersiblings(*BLOCK_ELEMENTS, preceding=True), None)


def empty_run_like(run: Element) -> Element:
    """Return an empty run with the same properties, outside of any document."""
    new = run.makeelement(run.tag, dict(run.attrib))
    format_ = run.find(W + "rPr")
    if format_ is not None:
        new.append(deepcopy(format_))
    return new


# Elements taken out.


def remove(element: Element, *, keep_tail: bool = False) -> None:
    """Take an element out of its parent, with the text behind it or, if asked, without."""
    parent = element.getparent()
    if parent is not None:
        if keep_tail and element.tail:
            _put_before(element, element.tail)
        parent.remove(element)


def unwrap(element: Element, *, keep_tail: bool = False) -> None:
    """Take an element out of its parent, and leave its children where it stood."""
    for child in list(element):
        element.addprevious(child)
    remove(element, keep_tail=keep_tail)


# Children put where the schema wants them (ECMA-376 part 1, A.1).


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def set_child(parent: Element, name: str, **attributes: str) -> Element:
    """Put a new child of that name at its place, and return it; one that is there already goes."""
    child = parent.makeelement(W + name, {W + key: value for key, value in attributes.items()})
    return replace_child(parent, child)


def ensure_child(parent: Element, name: str) -> Element:
    """Return the child of that name, made if there is none."""
    found = parent.find(W + name)
    return set_child(parent, name) if found is None else found


def replace_child(parent: Element, child: Element) -> Element:
    """Put a child at its place, instead of any of the same name, and return it."""
    for old in parent.findall(str(child.tag)):
        parent.remove(old)
    return insert_in_order(parent, child)


def insert_in_order(parent: Element, child: Element) -> Element:
    """Put a child at its place, behind any of the same name; one of a later Word at the end."""
    order, name = CHILD_ORDERS[local_name(parent)], str(child.tag).removeprefix(W)
    behind = {W + n for n in order[order.index(name) + 1 :]} if name in order else set()
    at = next((n for n, e in enumerate(parent) if e.tag in behind), len(parent))
    parent.insert(at, child)
    return child


def ensure_properties(holder: Element, name: str) -> Element:
    """Return a paragraph's, run's or table's properties, made as first child if there are none."""
    found = holder.find(W + name)
    if found is None:
        found = holder.makeelement(W + name)
        holder.insert(0, found)
    return found


def set_missing_attributes(element: Element, attributes: Mapping[str, str]) -> None:
    """Give an element those attributes that it has not."""
    for name, text in attributes.items():
        if name not in element.attrib:
            element.set(name, text)


def child_value(parent: Element | None, name: str) -> str | None:
    """Return what a child says in its attribute `val`; None if there is no such child."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(VAL)


def is_on(parent: Element | None, name: str) -> bool:
    """Return whether a child stands for yes (ECMA-376 part 1, 17.17.4)."""
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
"""How many a unit has (22.9.2.15)."""


def parse_twips(measure: str) -> int:
    """Return a measure in twips; others than Word write fractions of one, and units (17.18.81)."""
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
"""Those that say how pages look. All others are for those who write, or tell of them."""

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
"""The children of an element in the order of the schema, as far as any are put into it here."""

CanonicalForm = tuple[object, ...]

_ON_VALUES: Sequence[tuple[str, str]] = ((VAL, "1"), (VAL, "true"), (VAL, "on"))
"""As good as no attribute, where the element stands for yes or no.

(For the others it makes 1 equal to nothing, which no program writes.)
"""


def canonical_form(element: Element, skipped: frozenset[str] = frozenset()) -> CanonicalForm:
    """Return what an element says, to compare it: less order of attributes, prefixes, revisions.

    Children whose tag is skipped do not count.
    """
    named = ((str(name), str(text)) for name, text in element.attrib.items())
    said = sorted(a for a in named if not a[0].startswith(W + "rsid") and a not in _ON_VALUES)
    children = (
        canonical_form(e, skipped) for e in element.iterchildren("*") if e.tag not in skipped
    )
    return (element.tag, *said, *children)


# Tracked changes: a letter must not carry what was deleted, nor who deleted it. ECMA-376 part 1,
# 17.13.5.

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
"""They hide no words, and so are no fault."""

REVISIONS = (*TEXT_CHANGES, W14 + "conflictIns", W14 + "conflictDel")
"""Tracked changes of the text, those that two people made at once among them."""


def tracked_changes(root: Element, place: Place) -> Iterator[Problem]:
    """Yield one problem for a part that holds tracked changes of its text, at the first of them."""
    changes = list(root.iter(*REVISIONS))
    if not changes:
        return
    at = _place_of_change(root, changes[0], place)
    yield messages.problem("tracked-changes", at, count=len(changes))


def paragraph_of(element: Element) -> Element | None:
    """Return the first paragraph in an element, else the one around it, else one next to it."""
    around = (element, *element.iterancestors(W + "p"), *element.iterancestors())
    return next((p for e in around for p in e.iter(W + "p")), None)


def _place_of_change(root: Element, change: Element, place: Place) -> Place:
    """Return the place of the first paragraph with a change, or of the first next to it."""
    own = paragraph_of(change)
    for number, paragraph in enumerate(root.iter(W + "p"), 1):
        if paragraph is own:
            words = "".join(atom.char for atom in paragraph_characters(paragraph))
            return Place(place.file, part=place.part, paragraph=number, paragraph_text=words)
    return place
