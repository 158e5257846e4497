"""WordprocessingML's names, and children put where the schema wants them (ECMA-376 part 1, A.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from merge.tags.text import Element

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W, R = f"{{{MAIN}}}", f"{{{OFFICE}}}"
VAL, TYPE, ID = W + "val", W + "type", R + "id"
SPACES = {"w": MAIN, "r": OFFICE}


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


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def made(parent: Element, name: str, **attributes: str) -> Element:
    """A new child of that name at its place; one that is there already goes."""
    child = parent.makeelement(W + name, {W + key: value for key, value in attributes.items()})
    return put(parent, child)


def own(parent: Element, name: str) -> Element:
    """The child of that name, made where there is none."""
    found = parent.find(W + name)
    return made(parent, name) if found is None else found


def put(parent: Element, child: Element) -> Element:
    """Put a child at its place, instead of any of the same name."""
    for old in parent.findall(str(child.tag)):
        parent.remove(old)
    return insert(parent, child)


def insert(parent: Element, child: Element) -> Element:
    """Put a child at its place, behind any of the same name; one of a later Word at the end."""
    order, name = ORDERS[local(parent)], str(child.tag).removeprefix(W)
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


def value(parent: Element | None, name: str) -> str | None:
    """What a child says in its attribute `val`; None where there is no such child."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(VAL)


def is_on(parent: Element | None, name: str) -> bool:
    """Whether a child stands for yes (ECMA-376 part 1, 17.17.4)."""
    child = None if parent is None else parent.find(W + name)
    return child is not None and child.get(VAL, "1") not in {"0", "false", "off"}


def twips(measure: str) -> int:
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


Canon = tuple[object, ...]


def canon(element: Element, skipped: frozenset[str] = frozenset()) -> Canon:
    """What an element says, to compare it: order of attributes, prefixes and revisions are gone.

    Children whose tag is skipped do not count.
    """
    attributes = sorted(_attributes(element))
    children = (canon(e, skipped) for e in element.iterchildren("*") if e.tag not in skipped)
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
