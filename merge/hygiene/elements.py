"""What is taken out of the parts that stay.

ECMA-376 part 1: 17.13.4 comments, 17.13.5 tracked formats, 17.15.1 settings, 17.15.1.70 rsid.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set as AbstractSet

from merge.ooxml.wordml import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_V = "{urn:schemas-microsoft-com:vml}"
_O = "{urn:schemas-microsoft-com:office:office}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
_LIBRARY = "{http://schemas.openxmlformats.org/schemaLibrary/2006/main}schemaLibrary"
_VIDEO = "{http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing}webVideoPr"

_RANGES = tuple(
    f"customXml{what}Range{end}"
    for what in ("Ins", "Del", "MoveFrom", "MoveTo")
    for end in ("Start", "End")
)
_GONE = {
    W + name
    for name in (
        *("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef"),
        *("rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange", "tcPrChange"),
        *("trPrChange", "tblGridChange", "numberingChange", "proofErr", "rsid", "rsids"),
        *("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"),
        *("permStart", "permEnd", "control", "dataBinding", "placeholder", "movie"),
        *("attachedTemplate", "mailMerge", "docVars", "trackRevisions", "proofState"),
        *("saveThroughXslt", "attachedSchema", "schemaLibrary", "removePersonalInformation"),
        *("activeWritingStyle", "printFormsData", "savePreviewPicture", "smartTagType"),
        *("revisionView", "objectLink", "objectEmbed", "entryMacro", "exitMacro"),
        *("smartTagPr", "customXmlPr", "writeProtection", "documentProtection"),
        *("altChunk", "subDoc", "sourceFileName", "delText", "delInstrText", *_RANGES),
    )
} | {_O + "OLEObject", _LIBRARY, _W14 + "docId", _W15 + "docId", _W15 + "dataBinding", _VIDEO}

_TOLD = {
    W + "documentProtection": "the protection against editing",
    _VIDEO: "videos of web pages",
}
_WRAPPERS = {W + "smartTag", W + "customXml"}
_LINKING = {W + "hyperlink", _A + "hlinkClick", _A + "hlinkHover", _A + "hlinkMouseOver"}
_PICTURES = (W + "drawing", W + "pict")
_LINKS = tuple(
    _R + name for name in ("id", "embed", "link", "pict", "href", "dm", "lo", "qs", "cs")
)
_IDS = {_W14 + "paraId", _W14 + "textId", W + "author", W + "initials"}
_ADDRESSES = {"src", _O + "href", _O + "althref"}
_WORDS = {"name", "descr", "title", "alt", _O + "title"}
_LOCAL_PATH = re.compile(r"[A-Za-z]:[\\/]\S|\\\\\w|(?:^|\s)/(?:Users|home|Volumes)/|file:")


def strip(
    root: Element, dropped: AbstractSet[str], links: AbstractSet[str], told: Counter[str]
) -> bool:
    """Take out what a letter must not carry; whether there was anything.

    `dropped` are the ids of the part's relationships that are gone, `links` those of addresses:
    nothing but a link may use them. What a reader would miss is counted in `told`.
    """
    changed = False
    for element in list(root.iter()):
        if not isinstance(element.tag, str):  # a comment or a processing instruction
            gone = True
            _remove(element)
        else:
            gone = _clean(element, dropped, links, told)
        changed |= gone
    for holder in list(root.iter(W + "object")):
        holder.tag = W + "pict"  # without its object it is the picture of it
        changed = True
    return changed


def used_links(root: Element) -> set[str]:
    """The ids of relationships that links use."""
    return {str(link.get(_R + "id")) for link in root.iter(*_LINKING)}


def _clean(
    element: Element, dropped: AbstractSet[str], links: AbstractSet[str], told: Counter[str]
) -> bool:
    changed = _lose_attributes(element)
    if element.tag in _GONE:
        told[_TOLD.get(str(element.tag), "")] += 1
        _remove(element)
        return True
    if element.tag in _WRAPPERS:
        _unwrap(element)
        return True
    gone = dropped if element.tag in _LINKING else dropped | links
    return _lose_links(element, gone, told) or changed


def _lose_attributes(element: Element) -> bool:
    """Revision ids, ids for comments, addresses of pictures, paths that pictures came from."""
    gone = [str(name) for name in element.attrib if _is_trace(element, str(name))]
    for name in gone:
        if name in _WORDS:
            element.set(name, "Picture" if name == "name" else "")
        else:
            del element.attrib[name]
    return bool(gone)


def _is_trace(element: Element, name: str) -> bool:
    if name in _WORDS:
        return _LOCAL_PATH.search(str(element.get(name))) is not None
    if name in _ADDRESSES:
        return str(element.tag).startswith(_V)
    return name.startswith(W + "rsid") or name in _IDS


def _lose_links(element: Element, gone: AbstractSet[str], told: Counter[str]) -> bool:
    """Take out references to what is gone; a picture with nothing left to show goes whole."""
    lost = [name for name in _LINKS if element.get(name) in gone]
    for name in lost:
        del element.attrib[name]
    if lost and element.tag == W + "hyperlink":
        _unwrap(element)
    elif lost and element.tag == _V + "fill":
        return True
    elif lost and not any(element.get(name) for name in _LINKS):
        is_picture = str(element.tag).endswith(("}blip", "}imagedata", "}relIds", "}chart"))
        told["pictures that lie elsewhere"] += (
            is_picture and not told["pictures that lie elsewhere"]
        )
        holder = next(element.iterancestors(*_PICTURES), element) if is_picture else element
        _remove(holder)
    return bool(lost)


def _unwrap(element: Element) -> None:
    """Leave an element's children where it stood."""
    for child in list(element):
        element.addprevious(child)
    _remove(element)


def _remove(element: Element) -> None:
    """Take an element out of its parent, and leave the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    previous, tail = element.getprevious(), element.tail or ""
    if previous is not None:
        previous.tail = (previous.tail or "") + tail or None
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
