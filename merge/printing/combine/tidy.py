"""What is taken out of a letter's parts for the whole, and the ids that must be there once.

Comments go, with bookmarks (nothing leads to them: see fields.py), ids for comments and revisions,
and what would fill a text anew from the file's own properties.
"""

from __future__ import annotations

from itertools import count

from merge.ooxml.wordml import Element, W, remove

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
_COMMENTS = {
    W + name
    for name in ("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef")
}
_GONE = (
    *_COMMENTS,
    *(W + name for name in ("bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd")),
    *(W + name for name in ("dataBinding", "placeholder", "printerSettings", "subDoc")),
    W + "sectPrChange",
    _W15 + "dataBinding",
)
_TRACKED = tuple(
    W + name
    for name in (
        *("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge"),
        *("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"),
        *("rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange", "tblGridChange"),
        *("tblPrExChange", "numberingChange"),
    )
)
_VML = "{urn:schemas-microsoft-com:vml}"
_OLE, _CONTROL = "{urn:schemas-microsoft-com:office:office}OLEObject", W + "control"
_ATTRIBUTES = (_W14 + "paraId", _W14 + "textId")


Found = frozenset[str]
"""What a person must know of a letter: comments, tracked."""


class Ids:
    """Numbers that the whole gives out, each once."""

    def __init__(self) -> None:
        self.shapes = count(1)
        self.marks = count(1)


def tidy(root: Element, ids: Ids) -> Found:
    """Make a part ready for the whole; what was there that a person must know: comments, tracked.

    Bookmarks of the letter are gone afterwards.
    """
    found: set[str] = set()
    for element in list(root.iter(*_GONE)):
        found |= {"comments"} if element.tag in _COMMENTS else set()
        remove(element)
    numbers: dict[str, str] = {}
    for element in root.iter(*_TRACKED):  # a range has its number twice
        number = numbers.setdefault(element.get(W + "id", ""), "") or str(next(ids.marks))
        numbers[element.get(W + "id", "")] = number
        element.set(W + "id", number)
        found.add("tracked")
    for shape in root.iter("{*}docPr"):
        shape.set("id", str(next(ids.shapes)))
    _name_shapes(root, ids)
    for control in root.iter(W + "sdtPr"):
        for own in control.findall(W + "id"):
            control.remove(own)
    _lose_attributes(root)
    return frozenset(found)


def _name_shapes(root: Element, ids: Ids) -> None:
    """Give the older kind of shapes (VML) names of their own, for those too that refer to them."""
    names: dict[str, str] = {}
    shapes = [e for e in root.iter(_VML + "*") if e.get("id")]
    for shape in shapes:
        names[str(shape.get("id"))] = own = f"shape_{next(ids.shapes)}"
        shape.set("id", own)
    if shapes:
        for user in root.iter(_VML + "*", _OLE, _CONTROL):
            for attribute in ("type", "ShapeID", W + "shapeid"):
                said = user.get(attribute, "")
                name = said.lstrip("#")
                if name in names:
                    user.set(attribute, said.replace(name, names[name]))


def _lose_attributes(root: Element) -> None:
    for element in root.iter("*"):
        for name in list(element.attrib):
            if name in _ATTRIBUTES or str(name).startswith(W + "rsid"):
                del element.attrib[name]
    for link in root.iter(W + "hyperlink"):
        link.attrib.pop(W + "anchor", None)
