"""What is taken out of the parts that stay.

ECMA-376 part 1: 17.13.4 comments, 17.13.5 tracked formats, 17.15.1 settings, 17.15.1.70 rsid.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from merge.tags import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
_OLE = "{urn:schemas-microsoft-com:office:office}OLEObject"

_GONE = {
    W + name
    for name in (
        *("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef"),
        *("rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange", "tcPrChange"),
        *("trPrChange", "tblGridChange", "numberingChange", "proofErr", "rsid", "rsids"),
        *("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"),
        *("permStart", "permEnd", "control", "dataBinding", "placeholder"),
        *(
            "attachedTemplate",
            "mailMerge",
            "docVars",
            "trackRevisions",
            "proofState",
            "revisionView",
        ),
        *("saveThroughXslt", "attachedSchema", "schemaLibrary", "removePersonalInformation"),
        *("activeWritingStyle", "printFormsData", "savePreviewPicture", "smartTagType"),
    )
} | {_OLE, _W14 + "docId", _W15 + "docId", _W15 + "dataBinding"}

_PICTURES = (W + "drawing", W + "pict")
_LINKS = tuple(_R + name for name in ("id", "embed", "link", "pict", "href"))
_IDS = {_W14 + "paraId", _W14 + "textId"}
_NAMED = {"name", "descr", "title"}
_LOCAL_PATH = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\|/(?:Users|home|Volumes)/|file:)")


def strip(root: Element, dropped: AbstractSet[str]) -> bool:
    """Take out what a letter must not carry; whether there was anything.

    `dropped` are the ids of the part's relationships that are gone.
    """
    changed = False
    for element in list(root.iter("{*}*")):
        changed |= _lose_attributes(element)
        if element.tag in _GONE:
            _remove(element)
            changed = True
        elif dropped and _lose_links(element, dropped):
            changed = True
    for holder in list(root.iter(W + "object")):
        holder.tag = W + "pict"  # without its object it is the picture of it
        changed = True
    return changed


def _lose_attributes(element: Element) -> bool:
    """Revision ids, ids for comments, and the path a picture was taken from."""
    gone = [str(name) for name in element.attrib if _is_trace(str(name), str(element.get(name)))]
    for name in gone:
        if name in _NAMED:
            element.set(name, "Picture" if name == "name" else "")
        else:
            del element.attrib[name]
    return bool(gone)


def _is_trace(name: str, value: str) -> bool:
    if name in _NAMED:
        return _LOCAL_PATH.match(value) is not None
    return name.startswith(W + "rsid") or name in _IDS


def _lose_links(element: Element, dropped: AbstractSet[str]) -> bool:
    """Take out references to what is gone; a picture with nothing left to show goes whole."""
    gone = [name for name in _LINKS if element.get(name) in dropped]
    for name in gone:
        del element.attrib[name]
    if gone and not any(element.get(name) for name in _LINKS):
        holder = next(element.iterancestors(*_PICTURES), element)
        _remove(holder)
    return bool(gone)


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
