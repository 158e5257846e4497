"""Apply tags that affect a complete paragraph, row, cell or run.

Word does not open a document if a container lacks the paragraph, row or cell that it must contain.
So a block that prints nothing may need additional conditions for the content around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from lxml import etree

from merge import messages
from merge.ooxml.wordml import (
    BLOCK_ELEMENTS,
    OBJECT,
    PAGE_BREAK,
    PARAGRAPH_CONTAINERS,
    RANGE_MARKS,
    Element,
    W,
    add_text_around,
    empty_run_like,
    next_block,
    paragraph_characters,
    previous_block,
    remove,
)
from merge.problems import Problem, shorten
from merge.template.blocks import CELL_TAGS, TagAnchor, scoped_element
from merge.template.cell_tags import apply_cell_tag
from merge.template.tags import TAG_END, TAG_START, PartTags

_SCOPE_LABELS = {"p": "paragraph", "tr": "table row", "tc": "table cell", "r": "run"}
_TAG_MARK = re.compile(f"{TAG_START}\\d+{TAG_END}")
_TAG_MARK_GROUP = re.compile(f"({_TAG_MARK.pattern})")


def apply_scope(anchor: TagAnchor, scoped: ScopedTags, part_tags: PartTags) -> None:
    """Apply a tag to the paragraph, row or cell that it is meant for.

    If a block prints nothing, the document must still be valid. So its closer makes sure that the
    container keeps a paragraph, or is removed completely.
    """
    if anchor.tag.keyword in CELL_TAGS:
        apply_cell_tag(anchor, part_tags)
    elif anchor.tag.scope in {"p", "tr", "tc"}:
        part_tags.problems += scoped.check_is_alone(anchor)
        scoped_part = scoped_element(anchor)
        if scoped_part is None:
            return
        is_closer = anchor.tag.keyword.startswith("end")
        move_bookmarks_out(scoped_part, after=is_closer)
        if is_closer and anchor.tag.scope == "p" and needs_paragraph(anchor):
            _keep_paragraph(anchor, scoped_part, scoped, part_tags)
        elif is_closer and anchor.tag.scope in {"tr", "tc"}:
            _drop_if_empty(anchor, scoped_part, scoped, part_tags)


def _keep_paragraph(
    closer: TagAnchor, scoped_part: Element, scoped: ScopedTags, part_tags: PartTags
) -> None:
    """Insert an empty paragraph if a container would have none.

    It is not needed if each branch of the container's only block certainly ends in a paragraph. If
    there is no else, only that missing branch needs it. Otherwise it is inserted after the block.
    """
    block, paragraph = scoped.sole_block(closer), scoped_part.makeelement(W + "p", {})
    branch_ends = (*block.branches, closer) if block else ()
    if not block or not all(map(scoped.ends_in_paragraph, branch_ends)):
        scoped_part.addnext(paragraph)
    elif not any(end.tag.keyword == "else" for end in branch_ends):
        scoped_part.addprevious(paragraph)
        add_text_around(paragraph, part_tags.add_condition("else", closer.tag.place), "")


def _drop_if_empty(
    closer: TagAnchor, scoped_part: Element, scoped: ScopedTags, part_tags: PartTags
) -> None:
    """Make a table or row disappear if its only block prints nothing.

    It gets the condition of the block: a table without rows, or a row without cells, is invalid.
    """
    block, parent = scoped.sole_block(closer), scoped_part.getparent()
    if block is None or block.branches or parent is None:
        return
    opener = block.opener.tag
    _, _, condition = opener.body.partition(" in " if opener.keyword == "for" else " ")
    if opener.keyword == "for":
        condition = f"({condition})|items is not blank"
    opening = part_tags.add_condition(f"if {condition}", opener.place)
    add_text_around(parent, opening, part_tags.add_condition("endif", opener.place))


class ScopedTags:
    """The scoped tags of a part, by the containers of what they affect.

    They are collected once, before anything is moved: a part may have thousands of them.
    """

    def __init__(self, tags: Iterable[TagAnchor]) -> None:
        self._by_container: dict[tuple[str, Element | None], list[TagAnchor]] = {}
        self._scoped_elements: set[Element] = set()
        self._texts: dict[Element, str] = {}
        for anchor in tags:
            scoped_part = scoped_element(anchor) if anchor.tag.scope in _SCOPE_LABELS else None
            if scoped_part is not None:
                self._scoped_elements.add(scoped_part)
                key = (anchor.tag.scope, scoped_part.getparent())
                self._by_container.setdefault(key, []).append(anchor)

    def check_is_alone(self, anchor: TagAnchor) -> Iterator[Problem]:
        """Yield a problem if a scoped tag shares its element with other text."""
        tag, scoped_part = anchor.tag, scoped_element(anchor)
        label, unscoped = _SCOPE_LABELS[tag.scope], replace(tag, scope="").shown_text
        if scoped_part is None:
            key, fields = "scope-outside", {}
        elif words := _text_beside(self._text(scoped_part), anchor.mark):
            key, fields = "text-beside-tag", {"beside": words}
        else:
            return
        yield messages.problem(
            key, tag.place, tag=tag.shown_text, unit=label, plain=unscoped, **fields
        )

    def _text(self, scoped_part: Element) -> str:
        """Return the visible text of an element, a section end as a page break."""
        if scoped_part not in self._texts:
            text = "".join(
                atom.char for p in scoped_part.iter(W + "p") for atom in paragraph_characters(p)
            )
            ends_section = next(scoped_part.iter(W + "sectPr"), None) is not None
            self._texts[scoped_part] = text + PAGE_BREAK * ends_section
        return self._texts[scoped_part]

    def ends_in_paragraph(self, closer: TagAnchor) -> bool:
        """Return whether a paragraph is before the closer's own paragraph.

        It must be one that is certainly printed.
        """
        scoped_part = scoped_element(closer)
        previous = None if scoped_part is None else previous_block(scoped_part)
        return (
            previous is not None
            and previous.tag == W + "p"
            and previous not in self._scoped_elements
        )

    def sole_block(self, closer: TagAnchor) -> SoleBlock | None:
        """Return the block that ends at `closer` and fills its container, or None.

        A container has paragraphs, rows or cells, according to the scope of the closer.
        """
        scoped_part = scoped_element(closer)
        anchors = self._by_container[closer.tag.scope, _scoped_parent(closer)]
        first_part, element_names = (
            scoped_element(anchors[0]),
            (*BLOCK_ELEMENTS, W + "tr", W + "tc"),
        )
        if scoped_part is None or first_part is None or anchors[-1] is not closer:
            return None
        if next(scoped_part.itersiblings(*element_names), None) is not None:
            return None
        if next(first_part.itersiblings(*element_names, preceding=True), None) is not None:
            return None
        depth, branches = 0, []
        for anchor in anchors:
            word = anchor.tag.keyword
            depth += (word in {"if", "for"}) - word.startswith("end")
            if depth == 0 and anchor is not closer:
                return None  # a block before this one ends here
            branches += [anchor] if depth == 1 and word in {"else", "elif"} else []
        return SoleBlock(anchors[0], tuple(branches))


def _text_beside(text: str, mark: str) -> str:
    """Return the first words beside a tag in its element; empty if none."""
    other_text = text.replace(mark, "", 1)
    words = _TAG_MARK.sub("", other_text.rstrip(PAGE_BREAK)).strip()
    if other_text.endswith(PAGE_BREAK):
        return "a section break"
    if OBJECT in words:
        return "a picture, break or note"
    if words:
        return f"“{shorten(words, 40)}”"
    return "another placeholder" if _TAG_MARK.search(other_text) else ""


def move_bookmarks_out(element: Element, *, after: bool) -> None:
    """Move the bookmarks out of an element: in front of it, or after it.

    The element is removed with its tag.
    """
    for mark in list(element.iter(*RANGE_MARKS)):
        mark.tail = None
        (element.addnext if after else element.addprevious)(mark)


def needs_paragraph(closer: TagAnchor) -> bool:
    """Return whether a closing tag is in the last paragraph of its container.

    The container must be one that needs a paragraph.
    """
    scoped_part, parent = scoped_element(closer), _scoped_parent(closer)
    is_needed = parent is not None and parent.tag in PARAGRAPH_CONTAINERS
    return scoped_part is not None and is_needed and next_block(scoped_part) is None


def remove_empty_holders(holder: Element) -> None:
    """Remove a row without cells, and a table without rows."""
    for holder_name, child_name in ((W + "tr", W + "tc"), (W + "tbl", W + "tr")):
        parent = holder.getparent()
        if (
            holder.tag == holder_name
            and next(holder.iter(child_name), None) is None
            and parent is not None
        ):
            parent.remove(holder)
            holder = parent


def _scoped_parent(anchor: TagAnchor) -> Element | None:
    scoped_part = scoped_element(anchor)
    return None if scoped_part is None else scoped_part.getparent()


@dataclass(frozen=True, slots=True)
class SoleBlock:
    """The only block of a container: its opener, and its else and elifs."""

    opener: TagAnchor
    branches: tuple[TagAnchor, ...]


def mark_controls_filled(tags: Iterable[TagAnchor]) -> None:
    """Mark the content controls around tags as filled in.

    Their text is no longer a prompt. Word clears a control that shows its prompt when it is clicked
    (ECMA-376 part 1, 17.5.2.39).
    """
    controls = (c for anchor in tags for c in anchor.element.iterancestors(W + "sdt"))
    for control in dict.fromkeys(controls):
        for element in [
            *control.findall(f"{W}sdtPr/{W}showingPlcHdr"),
            *control.iter(W + "rStyle"),
        ]:
            if element.get(W + "val", "PlaceholderText") == "PlaceholderText":
                remove(element)


def isolate_runs(tags: Iterable[TagAnchor]) -> None:
    """Give each tag that affects its run a run of its own, in the same format."""
    marks: dict[Element, set[str]] = {}
    for anchor in tags:
        run = anchor.element.getparent() if anchor.tag.scope == "r" else None
        if run is not None:
            marks.setdefault(run, set()).add(anchor.mark)
    for run, run_marks in marks.items():
        _split_run(run, run_marks)


def _split_run(run: Element, marks: AbstractSet[str]) -> None:
    current = run
    for child in run.findall("*"):
        if current is not run:
            current.append(child)
        text, tail = child, child.tail
        text_before, *marks_and_texts = (
            _TAG_MARK_GROUP.split(child.text or "") if child.tag == W + "t" else [""]
        )
        for mark, text_after in zip(marks_and_texts[::2], marks_and_texts[1::2], strict=True):
            if mark not in marks:
                text_before += mark + text_after
                continue
            text.text, text.tail = text_before, None
            for text_before in (mark, text_after):
                new_run = empty_run_like(run)
                current.addnext(new_run)
                text, current = etree.SubElement(new_run, child.tag, dict(child.attrib)), new_run
                text.text = text_before
        if text is not child:
            text.text, text.tail = text_before, tail
