"""Apply docxtpl's tags for table cells: colspan, cellbg, vm and hm.

docxtpl itself writes w:gridSpan, w:vMerge and w:shd before w:tcW. But a cell's properties have an
order (ECMA-376 part 1, 17.4.69), and Word may call a file without it damaged.
"""

from __future__ import annotations

from dataclasses import replace

from merge.ooxml.wordml import Element, W, add_text_around, ensure_properties, set_child
from merge.template.blocks import TagAnchor, enclosing_element
from merge.template.tags import EscapeContext, PartTags, Tag


def apply_cell_tag(anchor: TagAnchor, part_tags: PartTags) -> None:
    """Apply a tag that formats or merges its table cell, and remove the tag."""
    tag, cell = anchor.tag, enclosing_element(anchor.element, "tc")
    anchor.element.text = (anchor.element.text or "").replace(anchor.mark, "")
    if cell is None:
        return
    if tag.keyword == "colspan":
        _set_cell_property(cell, "gridSpan", val=_cell_value(tag, "span", part_tags))
    elif tag.keyword == "cellbg":
        fill = _cell_value(tag, "fill", part_tags)
        _set_cell_property(cell, "shd", val="clear", color="auto", fill=fill)
    elif tag.keyword == "vm":
        _merge_vertically(cell, tag, part_tags)
    else:
        _merge_horizontally(cell, tag, part_tags)


def _cell_value(tag: Tag, escape_context: EscapeContext, part_tags: PartTags) -> str:
    """Return the mark for a value, such as a colour, that a tag gives a cell."""
    body = tag.body.partition(" ")[2]
    return part_tags.add_tag(replace(tag, kind="value", body=body, escape_context=escape_context))


def _merge_vertically(cell: Element, tag: Tag, part_tags: PartTags) -> None:
    """Merge a cell with its copies in rows below; only the first keeps text."""
    first = part_tags.add_condition("if loop.first", tag.place)
    middle = part_tags.add_condition("else", tag.place)
    end = part_tags.add_condition("endif", tag.place)
    _set_cell_property(cell, "vMerge", val=f"{first}restart{middle}continue{end}")
    for text in cell.iter(W + "t"):
        first = part_tags.add_condition("if loop.first", tag.place)
        text.text = f"{first}{text.text or ''}{part_tags.add_condition('endif', tag.place)}"


def _merge_horizontally(cell: Element, tag: Tag, part_tags: PartTags) -> None:
    """Merge a cell with its copies to the right, and print only one."""
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    number = "" if span is None else str(span.get(W + "val"))
    body = f"loop.length|xml_span({int(number) if number.isdecimal() else 1})"
    width = part_tags.add_tag(Tag("value", "", body, tag.place, is_synthetic=True))
    _set_cell_property(cell, "gridSpan", val=width)
    first = part_tags.add_condition("if loop.first", tag.place)
    add_text_around(cell, first, part_tags.add_condition("endif", tag.place))


def _set_cell_property(cell: Element, name: str, **attributes: str) -> None:
    set_child(ensure_properties(cell, "tcPr"), name, **attributes)
