"""Remove from a part of a template what a letter must not reveal.

1. IDs that show who copied from whom, names and paths of files, and words that are never read.
2. Everything that leads elsewhere.
3. Content that is there twice, for older and for newer programs, if it could not stay intact.

ECMA-376 part 1, 17.13.4 (comments), 17.13.5 (tracked formats), 17.15.1 (settings); part 3 (markup
compatibility).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import count

from lxml import etree

from merge.ooxml import PACKAGE
from merge.ooxml.wordml import (
    FALLBACK,
    FORMAT_CHANGES,
    MOVE_RANGES,
    SETTINGS_ORDER,
    VAL,
    W14,
    Element,
    R,
    W,
    remove,
    texts_in,
    unwrap,
)
from merge.template.links import LOCAL_PATH, OUTSIDE_LINKS, is_allowed_with_tags

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_V = "{urn:schemas-microsoft-com:vml}"
_O = "{urn:schemas-microsoft-com:office:office}"
_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
_LIBRARY = "{http://schemas.openxmlformats.org/schemaLibrary/2006/main}schemaLibrary"
_VIDEO = "{http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing}webVideoPr"

_CUSTOM_XML_RANGES = tuple(
    f"customXml{what}Range{end}"
    for what in ("Ins", "Del", "MoveFrom", "MoveTo")
    for end in ("Start", "End")
)
_REMOVED = {
    W + name
    for name in (
        *("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef"),
        *("proofErr", "rsid", "rsids", "permStart", "permEnd", "control", "dataBinding"),
        *("placeholder", "movie", "attachedTemplate", "mailMerge", "docVars", "trackRevisions"),
        *("proofState", "saveThroughXslt", "attachedSchema", "schemaLibrary"),
        *("removePersonalInformation", "activeWritingStyle", "printFormsData"),
        *("savePreviewPicture", "smartTagType", "revisionView", "objectLink", "objectEmbed"),
        *("entryMacro", "exitMacro", "smartTagPr", "customXmlPr", "writeProtection"),
        *("documentProtection", "subDoc", "sourceFileName", "delText", "delInstrText"),
        *(
            "fldData",
            "divId",
            "tmpl",
            "alias",
            "tag",
            "docPartObj",
            "docPartList",
            *_CUSTOM_XML_RANGES,
        ),
    )
} | {
    *FORMAT_CHANGES,
    *MOVE_RANGES,
    *(_C + name for name in ("printSettings", "pivotSource", "externalData")),
    *(_W15 + name for name in ("docId", "dataBinding", "webExtensionLinked", "sectionTitle")),
    _A + "custClrLst",
    _O + "OLEObject",
    _O + "signatureline",
    _LIBRARY,
    W14 + "docId",
    _VIDEO,
}
_EXTENSIONS = {"creationId", "uniqueId", "rowId", "colId", "themeFamily", "imgProps", "svgBlip"}
"""Local names of elements that are removed with the extension around them."""

_REPORTED_ELEMENTS = {
    W + "documentProtection": "editing protection",
    _VIDEO: "web videos",
}
_WRAPPERS = {W + "smartTag", W + "customXml"}
_LINKING = {W + "hyperlink", _A + "hlinkClick", _A + "hlinkHover", _A + "hlinkMouseOver"}
_PICTURES = (W + "drawing", W + "pict")
_RELATIONSHIP_ATTRIBUTES = tuple(
    R + name for name in ("id", "embed", "link", "pict", "href", "dm", "lo", "qs", "cs")
)
_SETTINGS = {
    W + name for name in (*SETTINGS_ORDER, "endnotePr", "updateFields", "defaultTableStyle")
} | {
    *(W + name for name in ("displayBackgroundShape", "printFractionalCharacterWidth")),
    *(W + name for name in ("bookFoldRevPrinting", "bookFoldPrintingSheets")),
    _M + "mathPr",
}
"""Settings of a letter's appearance; the others are for its authors."""

_TRACE_ATTRIBUTES = {
    *("anchorId", "editId", "paraId", "textId", "dateUtc", "durableId", "storeItemChecksum"),
    *("author", "initials", "tplc", "lastValue", "tgtFrame", "docLocation", "invalidUrl"),
    *("gfxdata", "althref"),
}
"""Attributes by their local names, whatever namespace they have."""
_TOOLTIPS = {"tooltip", W + "tooltip"}
_ALT_TEXTS = {"descr", "title", "alt"}
_DESCRIPTION_ELEMENTS = {W + "tblCaption", W + "tblDescription"}
_FILE_NAME = re.compile(
    r'[^\\/:*?"<>|{}\n]+\.(?:png|jpe?g|jfif|gif|tiff?|bmp|emf|wmf|svg|webp|heic|pdf|docx?|eps|ai)',
    re.IGNORECASE,
)
_SHAPE_ID = re.compile(r"_x0000_\w+|PowerPlusWaterMarkObject1|shape\d+")
_OFFICE_NAME = re.compile(r"Office(?: Theme| Classic)?(?: \d{4}(?: ?[-–] ?\d{4})?)?| ?")
_WORD_BOOKMARK = re.compile(r"_GoBack|_Hlk\d+")
"""Bookmarks of Word's own, for the last position and for copied text."""

FILE_PATHS = "file paths"
LINKED_PICTURES = "linked pictures"
_NEW_DRAWINGS = "drawings that only new versions of Word show"


@dataclass(slots=True)
class TraceCleaner:
    """Removes what a letter must not reveal from a part of a template.

    `removed_ids` are the IDs of its relationships that were removed, `link_ids` those of addresses:
    only a link may use them. `removal_counts` counts what a reader would miss.
    """

    removed_ids: AbstractSet[str]
    link_ids: AbstractSet[str]
    removal_counts: Counter[str]
    _unusable_ids: AbstractSet[str] = field(init=False)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._unusable_ids = {*self.removed_ids, *self.link_ids}

    def clean(self, root: Element) -> bool:
        """Remove traces of authors and files; return whether any was found."""
        changed = _remove_comments(root)
        changed |= _remove_foreign(root)
        changed |= self._resolve_alternatives(root)
        for element in list(root.iter("*")):
            changed |= self._clean(element)
        for holder in list(root.iter(W + "object")):
            holder.tag = W + "pict"  # without its object, only its picture is left
            changed = True
        if root.tag == W + "settings":
            other_settings = [e for e in root if e.tag not in _SETTINGS]
            for element in other_settings:
                root.remove(element)
            changed |= bool(other_settings)
        return changed | _remove_bookmarks(root)

    def _resolve_alternatives(self, root: Element) -> bool:
        """Keep of each alternative what can stay intact.

        Either a choice, or the fallback instead of it.
        """
        changed = False
        for alternative in reversed(list(root.iter(_MC + "AlternateContent"))):
            fallback, choices = alternative.find(FALLBACK), alternative.findall(_MC + "Choice")
            has_fallback = fallback is not None and _shows_anything(fallback, self._unusable_ids)
            unreadable = [
                c for c in choices if not _is_readable(c) or (has_fallback and _holds_ink(c))
            ]
            if unreadable and len(unreadable) == len(choices) and not has_fallback:
                self.removal_counts[_NEW_DRAWINGS] += any(_holds_anything(c) for c in unreadable)
            for choice in unreadable:
                alternative.remove(choice)
            changed |= bool(unreadable)
            if len(unreadable) == len(choices):
                if fallback is not None:
                    unwrap(fallback)
                unwrap(alternative)
                changed = True
            elif fallback is not None and not _shows_same_text(fallback, choices):
                alternative.remove(fallback)  # its text is not that of the letter
                changed = True
        return changed

    def _clean(self, element: Element) -> bool:
        tag = str(element.tag)
        changed = self._clean_attributes(element)
        if tag in _REMOVED or _is_filtered(tag):
            self.removal_counts[_REPORTED_ELEMENTS.get(tag, "")] += 1
            remove(element, keep_tail=True)
            return True
        local = tag.rpartition("}")[2]
        if local in _EXTENSIONS and not tag.startswith(W):
            _remove_extension(element)
            return True
        if tag in _WRAPPERS:
            unwrap(element, keep_tail=True)
            return True
        rewrite = _REWRITERS.get(local)
        if rewrite is not None:
            changed |= rewrite(element, tag, self._numbers)
        unusable_ids = self.removed_ids if tag in _LINKING else self._unusable_ids
        return self._remove_links(element, tag, unusable_ids) or changed

    def _clean_attributes(self, element: Element) -> bool:
        """Remove IDs of sessions, addresses of pictures, paths and names of files."""
        attributes = [(str(name), str(text)) for name, text in element.attrib.items()]
        changes = {
            name: new
            for name, text in attributes
            if (new := self._cleaned_attribute(element, name, text)) != text
        }
        for name, new in changes.items():
            if new is None:
                del element.attrib[name]
            else:
                element.set(name, new)
        return bool(changes)

    def _cleaned_attribute(self, element: Element, name: str, text: str) -> str | None:
        """Return an attribute's text without traces, or None to remove it."""
        if name.rpartition("}")[2] in _TRACE_ATTRIBUTES or _is_trace(element, name):
            return None
        if name in _TOOLTIPS:
            return text if "{" in text else None
        if name in _ALT_TEXTS or (name == VAL and element.tag in _DESCRIPTION_ELEMENTS):
            return self._cleaned_description(text)
        if name == "href" and str(element.tag).startswith(_V):
            leads_out = bool(text) and not is_allowed_with_tags(text)
            self.removal_counts[OUTSIDE_LINKS] += leads_out
            return None if leads_out else text
        if name == W + "instr" or _is_drawing_name(element, name) or not _is_long_path(text):
            return text
        self.removal_counts[FILE_PATHS] += 1
        return None

    def _cleaned_description(self, text: str) -> str:
        """Return an alternative text without a path or a file name."""
        path = LOCAL_PATH.search(text)
        if path:
            self.removal_counts[FILE_PATHS] += 1
            return text[: path.start()].rstrip()
        return "" if _FILE_NAME.fullmatch(text.strip()) else text

    def _remove_links(self, element: Element, tag: str, unusable_ids: AbstractSet[str]) -> bool:
        """Remove an element's references to parts that are removed.

        A picture that has nothing left to show is removed completely.
        """
        attributes = [
            name for name in _RELATIONSHIP_ATTRIBUTES if element.get(name) in unusable_ids
        ]
        for name in attributes:
            del element.attrib[name]
        if attributes and tag == W + "hyperlink":
            unwrap(element, keep_tail=True)
        elif attributes and tag == _V + "fill":
            return True
        elif attributes and not any(element.get(name) for name in _RELATIONSHIP_ATTRIBUTES):
            is_newest = tag.endswith(("}contentPart", "}model3d")) or "chartex" in tag
            is_picture = tag.endswith(("}blip", "}imagedata", "}relIds", "}chart")) or is_newest
            kind = _NEW_DRAWINGS if is_newest else LINKED_PICTURES
            self.removal_counts[kind] += is_picture and not self.removal_counts[kind]
            holder = next(element.iterancestors(*_PICTURES), element) if is_picture else element
            remove(holder, keep_tail=True)
        return bool(attributes)


def used_relationships(root: Element) -> set[str]:
    """Return the IDs of relationships that a part uses."""
    return {
        str(value)
        for element in root.iter("*")
        for name, value in element.attrib.items()
        if str(name).startswith(R)
    }


def _is_trace(element: Element, name: str) -> bool:
    if name in {"src", "target", _O + "href"}:
        return str(element.tag).startswith(_V)
    if name.startswith(W + "rsid") or name in {_O + "title", W + "fullDate"}:
        return True
    return name == "action" and element.tag in _LINKING


def _is_drawing_name(element: Element, name: str) -> bool:
    return name == "name" and str(element.tag).endswith(("}docPr", "}cNvPr"))


def _is_long_path(text: str) -> bool:
    return ("/" in text or "\\" in text) and LOCAL_PATH.search(text) is not None


def _is_filtered(tag: str) -> bool:
    """Return whether an element has data that its chart does not show."""
    return tag.rpartition("}")[2].startswith("filtered") and "/chart}" in tag


def _remove_extension(element: Element) -> None:
    """Remove an element with its extension, and a list that becomes empty."""
    holder = next((a for a in element.iterancestors() if str(a.tag).endswith("}ext")), element)
    parent = holder.getparent()
    remove(holder)
    if parent is not None and str(parent.tag).endswith("}extLst") and len(parent) == 0:
        remove(parent)


# Rewritten values: names of drawings, themes and lists; the data source of a chart.


def _rename_drawing(element: Element, _tag: str, _numbers: count[int]) -> bool:
    """Replace a drawing's name, which Word takes from the picture's file name."""
    return _set_attribute(element, "name", f"Object {element.get('id', '')}".rstrip())


def _rename_theme(element: Element, tag: str, _numbers: count[int]) -> bool:
    is_known = _OFFICE_NAME.fullmatch(element.get("name", ""))
    return not is_known and tag.startswith(_A) and _set_attribute(element, "name", "Office")


def _renumber_list(element: Element, tag: str, numbers: count[int]) -> bool:
    """Replace the number by which Word recognises copies of a list."""
    return tag.startswith(W) and _set_attribute(element, VAL, f"{next(numbers):08X}")


def _remove_chart_source(element: Element, tag: str, _numbers: count[int]) -> bool:
    """Remove the workbook and sheet from a chart's formula.

    A letter has no such workbook.
    """
    if "/chart}" not in tag or "!" not in (element.text or ""):
        return False
    sheet, _, cells = (element.text or "").rpartition("!")
    if sheet in {"Sheet1", "(Sheet1"}:
        return False
    element.text = f"Sheet1!{cells if cells.count('(') == cells.count(')') else cells.strip('()')}"
    return True


def _rename_shape(element: Element, tag: str, numbers: count[int]) -> bool:
    """Replace a VML shape's ID, which Word takes from the drawing's name."""
    name = element.get("id", "")
    if not tag.startswith(_V) or not name or _SHAPE_ID.fullmatch(name):
        return False
    is_watermark = name.startswith("PowerPlusWaterMarkObject")
    number = next(numbers)
    return _set_attribute(
        element, "id", "PowerPlusWaterMarkObject1" if is_watermark else f"shape{number}"
    )


def _set_attribute(element: Element, name: str, text: str) -> bool:
    if element.get(name) is None or element.get(name) == text:
        return False
    element.set(name, text)
    return True


_REWRITERS: Mapping[str, Callable[[Element, str, count[int]], bool]] = {
    **dict.fromkeys(("docPr", "cNvPr"), _rename_drawing),
    **dict.fromkeys(("theme", "clrScheme", "fontScheme", "fmtScheme"), _rename_theme),
    "nsid": _renumber_list,
    **dict.fromkeys(("f", "sqref", "fullRef", "levelRef", "formulaRef"), _remove_chart_source),
    **dict.fromkeys(
        (
            "shape",
            "rect",
            "roundrect",
            "oval",
            "line",
            "polyline",
            "curve",
            "arc",
            "group",
            "image",
        ),
        _rename_shape,
    ),
}


# Comments, foreign namespaces, content that is there twice.

_MC = FALLBACK.removesuffix("Fallback")
_OFFICE_NAMESPACES = (
    "http://schemas.openxmlformats.org/",
    "http://schemas.microsoft.com/office/",
    "urn:schemas-microsoft-com:",
    "http://www.w3.org/XML/1998/namespace",
    "http://purl.org/dc/",
    PACKAGE,
)
_MS = "http://schemas.microsoft.com/office"
_READABLE_NAMESPACES = {
    *(f"{_MS}/word/2010/wordprocessing{what}" for what in ("Shape", "Group", "Canvas", "Drawing")),
    *(f"{_MS}/word/{what}" for what in ("2010/wordml", "2012/wordml", "2015/wordml/symex")),
    *(f"{_MS}/drawing/{what}" for what in ("2010/main", "2007/8/2/chart", "2012/chart")),
    *(f"{_MS}/drawing/{what}" for what in ("2014/chart", "2015/06/chart", "2008/diagram")),
    f"{_MS}/word/2012/wordprocessingDrawing",
    "urn:schemas-microsoft-com:vml",
}
"""Namespaces of choices whose parts stay: other choices
lose theirs (ink, charts of 2016, PDF)."""


def _remove_comments(root: Element) -> bool:
    """Remove XML comments and processing instructions, also around the root."""
    has_around = root.getprevious() is not None or root.getnext() is not None
    has_inside = next(root.iter(etree.Comment, etree.ProcessingInstruction), None) is not None
    if has_inside:
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    return has_around or has_inside


def _remove_foreign(root: Element) -> bool:
    """Remove everything outside Office's namespaces, which Word ignores."""
    events = etree.iterwalk(root, events=("start-ns",))
    declared = {str(space[1]) for _, space in events if isinstance(space, tuple)}
    changed = _remove_attribute(root, "PreserveElements") | _remove_attribute(
        root, "PreserveAttributes"
    )
    if all(map(_is_office_namespace, declared)):
        return changed | _remove_attribute(root, "ProcessContent")
    wrappers = _processed_names(root)
    for element in list(root.iter("*")):
        for name in [
            str(n) for n in element.attrib if not _is_office_namespace(str(n)[1:].split("}")[0])
        ]:
            if name.startswith("{"):
                del element.attrib[name]
        space, _, local = str(element.tag)[1:].rpartition("}")
        if element is not root and not _is_office_namespace(space):
            if wrappers & {(space, local), (space, "*")}:
                unwrap(element)
            else:
                remove(element, keep_tail=True)
    _remove_attribute(root, "ProcessContent")
    prefixes_kept = [
        prefix for prefix, uri in root.nsmap.items() if prefix and _is_office_namespace(uri)
    ]
    prefixes_kept += [
        p for choice in root.iter(_MC + "Choice") for p in choice.get("Requires", "").split()
    ]
    etree.cleanup_namespaces(root, keep_ns_prefixes=prefixes_kept)
    for element in root.iter("*"):
        ignorable = element.get(_MC + "Ignorable")
        if ignorable is not None:
            known_prefixes = (prefix for prefix in ignorable.split() if prefix in element.nsmap)
            element.set(_MC + "Ignorable", " ".join(known_prefixes))
    return True


def _is_office_namespace(namespace: str) -> bool:
    return namespace.startswith(_OFFICE_NAMESPACES)


def _remove_attribute(root: Element, name: str) -> bool:
    elements = [element for element in root.iter("*") if element.get(_MC + name) is not None]
    for element in elements:
        del element.attrib[_MC + name]
    return bool(elements)


def _processed_names(root: Element) -> set[tuple[str, str]]:
    """Return namespace and name of foreign elements whose content Word reads."""
    names = set()
    for element in root.iter("*"):
        for name in element.get(_MC + "ProcessContent", "").split():
            prefix, _, local = name.rpartition(":")
            names.add((element.nsmap.get(prefix, ""), local))
    return names


def _is_readable(choice: Element) -> bool:
    """Return whether a choice needs only namespaces that letters keep."""
    namespaces = {choice.nsmap.get(prefix, "") for prefix in choice.get("Requires", "?").split()}
    office = "http://schemas.openxmlformats.org/"
    return all(uri in _READABLE_NAMESPACES or uri.startswith(office) for uri in namespaces)


def _holds_ink(choice: Element) -> bool:
    return next(choice.iter("{*}contentPart"), None) is not None


def _holds_anything(choice: Element) -> bool:
    return next(choice.iter(*_PICTURES, W + "t", "{*}blip"), None) is not None


def _shows_anything(fallback: Element, unusable_ids: AbstractSet[str]) -> bool:
    """Return whether a fallback contains a picture or a word."""
    for element in fallback.iter(W + "t", "{*}blip", _V + "imagedata", _V + "textpath"):
        ids = {element.get(name) for name in _RELATIONSHIP_ATTRIBUTES} - {None}
        if not ids or ids - unusable_ids:
            return True
    return False


def _shows_same_text(fallback: Element, choices: Sequence[Element]) -> bool:
    """Return whether a fallback has the words of a choice.

    An emoji is a symbol in the choice.
    """
    has_symbols = any(next(choice.iter("{*}symEx"), None) is not None for choice in choices)
    return has_symbols or texts_in(fallback) in map(texts_in, choices)


def _remove_bookmarks(root: Element) -> bool:
    """Remove Word's own bookmarks, for the last position and copied text."""
    return remove_bookmarks(root, lambda name: _WORD_BOOKMARK.fullmatch(name) is not None)


def remove_bookmarks(root: Element, is_useless: Callable[[str], bool]) -> bool:
    """Remove the bookmarks with such names; return whether there were any."""
    starts = [e for e in root.iter(W + "bookmarkStart") if is_useless(e.get(W + "name", ""))]
    numbers = {e.get(W + "id") for e in starts}
    kept_numbers = {e.get(W + "id") for e in root.iter(W + "bookmarkStart")} - numbers
    ends = [e for e in root.iter(W + "bookmarkEnd") if e.get(W + "id") in numbers - kept_numbers]
    for element in (*starts, *ends) if not numbers & kept_numbers else ():
        remove(element, keep_tail=True)
    return bool(starts)
