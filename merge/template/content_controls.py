"""Content controls: fill in their bound values, and find unfilled ones.

Word shows the value of its data in a bound control, whatever text is saved beside it (ECMA-376 part
1, 17.5.2.6). Letters contain neither the data nor the binding, so the text must be right.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from babel import UnknownLocaleError
from babel.dates import format_date

from merge.ooxml import PACKAGE
from merge.ooxml.relationships import read_relationship
from merge.ooxml.wordml import FALLBACK, XML_SPACE, Element, W, child_value, is_on, remove
from merge.template.field_pictures import date_pattern

_ITEM = "{http://schemas.openxmlformats.org/officeDocument/2006/customXml}"
_EXTENDED = "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}"
_CORE = f"{{{PACKAGE}/metadata/core-properties}}"
_PROPERTY_STORES = {
    "{6c3c8bc8-f283-45ae-878a-bab7291924a1}": _CORE + "coreProperties",
    "{6668398d-a668-4e3e-a75b-62eb855825f6}": _EXTENDED + "Properties",
}
"""Word's IDs of the document's properties, and the root elements of their
parts."""
_PERSONAL_PROPERTIES = {
    "{http://purl.org/dc/elements/1.1/}creator",
    _CORE + "lastModifiedBy",
    _EXTENDED + "Manager",
}
"""Properties that name the template's authors: never written into a
letter."""

_PREFIX = re.compile(r"""xmlns:([\w.-]{1,40})\s{0,9}=\s{0,9}(?:'([^']*)'|"([^"]*)")""")
_STEP = re.compile(r"/(@)?(?:([\w.-]{1,200}):)?([\w.-]{1,200})(?![\w.(-])(?:\[(\d{1,6})\])?")
_TEXT_STEP = re.compile(r"/text\(\)(?:\[1\])?")
_LONGEST_PATH = 2_000

_NON_TEXT_KINDS = {
    "picture",
    "checkbox",
    "docPartList",
    "docPartObj",
    "equation",
    "group",
    "citation",
}
"""Kinds of controls whose content is not the text of their data."""
_PICTURES = (W + "drawing", W + "pict")
_FIELDS = (W + "fldChar", W + "fldSimple", W + "instrText")


@dataclass(frozen=True, slots=True)
class _BoundText:
    """The text that the binding of a content control leads to.

    `is_plain` is false if it is unknown whether Word shows just this text.
    """

    text: str
    is_plain: bool = True


class BoundData:
    """Data for content controls: document properties and custom XML."""

    def __init__(self, parts: Mapping[str, Element]) -> None:
        self._stores: dict[str, Element] = {}
        self._children: dict[tuple[Element, str], list[Element]] = {}
        for name, root in parts.items():
            for store, tag in _PROPERTY_STORES.items():
                if root.tag == tag:
                    self._stores[store] = root
            for item in _custom_xml_items(name, root, parts):
                self._stores.setdefault(*item)

    def find_text(self, binding: Element) -> _BoundText | None:
        """Return the stored text to which a control is bound, or None.

        If there is none, Word keeps the text of the control. Only plain paths as Word writes them
        are followed, not every XPath.
        """
        path = binding.get(W + "xpath", "")
        store = binding.get(W + "storeItemID", "").lower()
        element = self._stores.get(store)
        if element is None:
            return None
        pairs = _PREFIX.findall(binding.get(W + "prefixMappings", "")[:_LONGEST_PATH])
        namespaces = {prefix: single or double for prefix, single, double in pairs}
        steps = list(_path_steps(path, namespaces))
        if not steps:
            return _BoundText("", is_plain=False)
        for number, (is_attribute, tag, index) in enumerate(steps):
            if is_attribute:
                value = element.get(tag)
                return None if value is None else _BoundText(value)
            children = (
                self._children_named(element, tag) if number else [element][: element.tag == tag]
            )
            if not 0 < index <= len(children):
                return None
            element = children[index - 1]
        has_people = element.tag in _PERSONAL_PROPERTIES
        return _BoundText(element.text or "", is_plain=len(element) == 0 and not has_people)

    def _children_named(self, parent: Element, tag: str) -> list[Element]:
        """Return the child elements with a name in custom XML.

        They are collected once, because a table may be bound cell by cell.
        """
        if (parent, "") not in self._children:
            self._children[parent, ""] = []
            for child in parent.iterchildren("*"):
                self._children.setdefault((parent, str(child.tag)), []).append(child)
        return self._children.get((parent, tag), [])


def _custom_xml_items(
    name: str, root: Element, parts: Mapping[str, Element]
) -> Iterator[tuple[str, Element]]:
    """Yield the ID and root element of each custom XML part.

    It has none if the part `name` is not a list of relationships.
    """
    folder, _, file = name.rpartition("_rels/")
    item = parts.get(folder + file.removesuffix(".rels")) if name.endswith(".rels") else None
    for relation in () if item is None else root.iterchildren("*"):
        target = read_relationship(relation)[1].target
        properties = parts.get(posixpath.normpath(posixpath.join(folder, target)).lstrip("/"))
        if (
            item is not None
            and properties is not None
            and properties.tag == _ITEM + "datastoreItem"
        ):
            yield properties.get(_ITEM + "itemID", "").lower(), item


def _path_steps(path: str, namespaces: Mapping[str, str]) -> Iterator[tuple[bool, str, int]]:
    """Yield the steps of a binding's path to its text in custom XML.

    Each is: whether it is an attribute, its name, and its number among those of that name.
    """
    if len(path) > _LONGEST_PATH:
        return
    steps, position = [], 0
    while step := _STEP.match(path, position):
        if step[2] and step[2] not in namespaces:
            return
        tag = f"{{{namespaces[step[2]]}}}{step[3]}" if step[2] else step[3]
        steps.append((bool(step[1]), tag, int(step[4] or 1)))
        position = step.end()
    if position == len(path) or _TEXT_STEP.fullmatch(path, position):
        yield from steps


@dataclass(slots=True)
class ControlFiller:
    """Fills the bound values into the content controls of parts.

    `uncertain_texts` collects texts of controls that may differ in Word.
    """

    data: BoundData
    uncertain_texts: list[str] = field(default_factory=list)

    def fill(self, root: Element) -> bool:
        """Fill the content controls of a part; return whether any text changed."""
        changed = False
        for control in root.iter(W + "sdt"):
            properties, content = control.find(W + "sdtPr"), control.find(W + "sdtContent")
            binding = None if properties is None else properties.find(W + "dataBinding")
            if binding is None or properties is None or content is None:
                continue
            kinds = {str(child.tag).rpartition("}")[2] for child in properties.iterchildren("*")}
            bound = None if kinds & _NON_TEXT_KINDS else self.data.find_text(binding)
            if bound is not None and _holds_only_text(content):
                changed |= self._fill_control(properties, content, bound)
        return changed

    def _fill_control(self, properties: Element, content: Element, bound: _BoundText) -> bool:
        """Set a control's text as Word shows it; return whether the text changed."""
        shown, text = _shown_text(content), _display_text(properties, bound.text)
        is_prompt = is_on(properties, "showingPlcHdr")
        if text.strip() == shown.strip() and not is_prompt:
            return False
        date = properties.find(W + "date")
        is_date = date is not None and _ISO_DATE.fullmatch(text)
        if date is not None and is_date and (is_prompt or not _is_shown_date(date, text)):
            text, is_date = _format_date(date, text), False
        is_usable = bound.is_plain and text.strip() and not is_date
        if is_usable and _set_text(properties, content, text):
            return True
        if shown.strip() and not is_prompt and not is_date:
            self.uncertain_texts.append(" ".join(shown.split()))
        return False


def _holds_only_text(content: Element) -> bool:
    """Return whether a control has no control, field or placeholder inside."""
    others = (W + "sdt", *_FIELDS, *_PICTURES)
    return next(content.iter(*others), None) is None and not _has_placeholder(content)


def _has_placeholder(content: Element) -> bool:
    words = _shown_text(content)
    return "{{" in words or "{%" in words


def _shown_text(content: Element) -> str:
    """Return the text that a control shows, with line breaks and tabs."""
    texts = {W + "t": None, W + "br": "\n", W + "cr": "\n", W + "tab": "\t"}
    elements = (e for e in content.iter(*texts) if next(e.iterancestors(W + "rPr"), None) is None)
    return "".join(texts[str(e.tag)] or e.text or "" for e in elements)


def _display_text(properties: Element, value: str) -> str:
    """Return the text that a control shows for an entry of its list."""
    for entry in properties.iter(W + "listItem"):
        if entry.get(W + "value") == value:
            return entry.get(W + "displayText") or value
    return value


_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.Z+-]{1,30})?")


def _is_shown_date(date: Element, value: str) -> bool:
    """Return whether a control already shows a date in the control's format."""
    return value[:10] == date.get(W + "fullDate", "")[:10]


def _format_date(date: Element, value: str) -> str:
    """Return a date in a control's format and language; empty if unknown."""
    picture, language = (child_value(date, name) or "" for name in ("dateFormat", "lid"))
    if not picture or not language or child_value(date, "calendar") not in {None, "gregorian"}:
        return ""
    try:
        day = dt.date.fromisoformat(value[:10])
        return str(format_date(day, date_pattern(picture), locale=language.replace("-", "_")))
    except (UnknownLocaleError, ValueError, LookupError, AttributeError):
        return ""


def _set_text(properties: Element, content: Element, text: str) -> bool:
    """Set the text of a control; return whether that was possible."""
    runs = list(content.iter(W + "r"))
    if len(list(content.iter(W + "p"))) > 1 or not runs:
        return False
    format_ = properties.find(W + "rPr")
    for prompt in properties.findall(W + "showingPlcHdr"):
        remove(prompt)
        for old in runs[0].findall(W + "rPr"):
            runs[0].remove(old)
        if format_ is not None:
            runs[0].insert(0, deepcopy(format_))
    for run in runs:
        for child in run.findall("*"):
            if child.tag != W + "rPr":
                run.remove(child)
    for number, line in enumerate(text.splitlines()):
        if number:
            runs[0].append(runs[0].makeelement(W + "br", {}))
        piece = runs[0].makeelement(W + "t", {XML_SPACE: "preserve"})
        piece.text = line
        runs[0].append(piece)
    return True


def find_unfilled_controls(root: Element) -> Iterator[tuple[Element, str]]:
    """Yield controls that are not filled in, each with the prompt that shows.

    A control that contains a placeholder is filled in: the placeholder was typed there.
    """
    for control in root.iter(W + "sdt"):
        content = control.find(W + "sdtContent")
        if content is None or not is_on(control.find(W + "sdtPr"), "showingPlcHdr"):
            continue
        if next(control.iterancestors(FALLBACK), None) is not None or _has_placeholder(content):
            continue
        if next(content.iter(W + "sdt", *_FIELDS), None) is not None:
            continue
        words = " ".join(_shown_text(content).split())
        if words or next(content.iter(*_PICTURES), None) is not None:
            yield control, words or "(a picture)"
