"""docxtpl's tags for table cells: colspan, cellbg, vm and hm, put where the schema wants them.

docxtpl itself writes w:gridSpan, w:vMerge and w:shd before w:tcW; a cell's properties have an
order (ECMA-376 part 1, 17.4.69), and Word may call a file without it damaged.
"""

from __future__ import annotations

from dataclasses import replace

from merge.ooxml.wordml import Element, W, wrap
from merge.tags.blocks import Hung, anchor_of
from merge.tags.notes import Notes
from merge.tags.record import Setting, Tag

_ORDER = (
    "cnfStyle",
    "tcW",
    "gridSpan",
    "hMerge",
    "vMerge",
    "tcBorders",
    "shd",
    "noWrap",
    "tcMar",
    "textDirection",
    "tcFitText",
    "vAlign",
    "hideMark",
)


def place_cell_tag(hung: Hung, notes: Notes) -> None:
    """Carry out what the tag says of its cell, and take the tag out of the text."""
    cell = anchor_of(hung.element, "tc")
    text = hung.element.text or ""
    hung.element.text = text.replace(hung.mark, "")
    if cell is not None:
        _TAGS[hung.tag.keyword](cell, hung.tag, notes)


def _colspan(cell: Element, tag: Tag, notes: Notes) -> None:
    _property(cell, "gridSpan", val=notes.mark(_value(tag, "span")))


def _cellbg(cell: Element, tag: Tag, notes: Notes) -> None:
    _property(cell, "shd", val="clear", color="auto", fill=notes.mark(_value(tag, "fill")))


def _value(tag: Tag, setting: Setting) -> Tag:
    """The value that a cell tag gives its cell, as a tag of its own."""
    return replace(tag, shape="value", body=tag.body.partition(" ")[2], setting=setting)


def _vm(cell: Element, tag: Tag, notes: Notes) -> None:
    """Merge the cell with its copies below: its words stand in the first row of the loop only."""
    first = notes.condition("if loop.first", tag.place)
    otherwise, end = notes.condition("else", tag.place), notes.condition("endif", tag.place)
    _property(cell, "vMerge", val=f"{first}restart{otherwise}continue{end}")
    for text in cell.iter(W + "t"):
        first, end = (
            notes.condition("if loop.first", tag.place),
            notes.condition("endif", tag.place),
        )
        text.text = f"{first}{text.text or ''}{end}"


def _hm(cell: Element, tag: Tag, notes: Notes) -> None:
    """Merge the cell with its copies to the right: it stands once, as wide as all of them."""
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    number = "" if span is None else str(span.get(W + "val"))
    width = int(number) if number.isdecimal() else 1
    _property(
        cell, "gridSpan", val=notes.made(tag.place, "value", f"loop.length|xml_span({width})")
    )
    wrap(cell, notes.condition("if loop.first", tag.place), notes.condition("endif", tag.place))


_TAGS = {"colspan": _colspan, "cellbg": _cellbg, "vm": _vm, "hm": _hm}


def _property(cell: Element, name: str, **attributes: str) -> None:
    """Set a property of the cell, at its place among the others."""
    properties = cell.find(W + "tcPr")
    if properties is None:
        properties = cell.makeelement(W + "tcPr", {})
        cell.insert(0, properties)
    for old in properties.findall(W + name):
        properties.remove(old)
    before = [e for e in properties if _rank(e) < _ORDER.index(name)]
    new = properties.makeelement(W + name, {W + key: value for key, value in attributes.items()})
    properties.insert(len(before), new)


def _rank(element: Element) -> int:
    name = str(element.tag).removeprefix(W)
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
