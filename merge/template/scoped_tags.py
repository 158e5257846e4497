"""Tags that take a paragraph, row, cell or run with them.

Word opens no document in which a container that must hold a paragraph, row or cell is left without
one. So what a block leaves behind when it prints nothing gets conditions that nobody wrote.
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


def apply_scope(anchored: TagAnchor, scoped: ScopedTags, part_tags: PartTags) -> None:
    """Make ready what a tag takes along: its cell's properties, its paragraph, row or cell.

    What a block leaves behind when it prints nothing must still be a whole document, so its closer
    sees to its container: it keeps a paragraph, or goes as a whole.
    """
    if anchored.tag.keyword in CELL_TAGS:
        apply_cell_tag(anchored, part_tags)
    elif anchored.tag.scope in {"p", "tr", "tc"}:
        part_tags.problems += scoped.check_is_alone(anchored)
        own = scoped_element(anchored)
        if own is None:
            return
        is_closer = anchored.tag.keyword.startswith("end")
        move_bookmarks_out(own, after=is_closer)
        if is_closer and anchored.tag.scope == "p" and needs_paragraph(anchored):
            _keep_paragraph(anchored, own, scoped, part_tags)
        elif is_closer and anchored.tag.scope in {"tr", "tc"}:
            _drop_if_empty(anchored, own, scoped, part_tags)


def _keep_paragraph(
    closer: TagAnchor, own: Element, scoped: ScopedTags, part_tags: PartTags
) -> None:
    """Put an empty paragraph where a container would be left without one.

    It is not needed where each branch of the container's only block is sure to end in a paragraph;
    a missing else then is the one branch that needs it. Else it stands behind the block.
    """
    block, kept = scoped.sole_block(closer), own.makeelement(W + "p", {})
    ends = (*block.branches, closer) if block else ()
    if not block or not all(map(scoped.ends_in_paragraph, ends)):
        own.addnext(kept)
    elif not any(end.tag.keyword == "else" for end in ends):
        own.addprevious(kept)
        add_text_around(kept, part_tags.add_condition("else", closer.tag.place), "")


def _drop_if_empty(
    closer: TagAnchor, own: Element, scoped: ScopedTags, part_tags: PartTags
) -> None:
    """Let a table go that its only block leaves without rows, and a row without cells."""
    block, parent = scoped.sole_block(closer), own.getparent()
    if block is None or block.branches or parent is None:
        return
    opener = block.opener.tag
    _, _, test = opener.body.partition(" in " if opener.keyword == "for" else " ")
    if opener.keyword == "for":
        test = f"({test})|items is not blank"
    opening = part_tags.add_condition(f"if {test}", opener.place)
    add_text_around(parent, opening, part_tags.add_condition("endif", opener.place))


class ScopedTags:
    """The tags of a part that take a paragraph, row or cell along, by what they take.

    Gathered once, before anything is moved: a part may hold thousands of them.
    """

    def __init__(self, tags: Iterable[TagAnchor]) -> None:
        self._by_container: dict[tuple[str, Element | None], list[TagAnchor]] = {}
        self._scoped_elements: set[Element] = set()
        self._texts: dict[Element, str] = {}
        for anchored in tags:
            own = scoped_element(anchored) if anchored.tag.scope in _SCOPE_LABELS else None
            if own is not None:
                self._scoped_elements.add(own)
                key = (anchored.tag.scope, own.getparent())
                self._by_container.setdefault(key, []).append(anchored)

    def check_is_alone(self, anchored: TagAnchor) -> Iterator[Problem]:
        """Yield a problem where a tag that takes its surroundings along has company there."""
        tag, own = anchored.tag, scoped_element(anchored)
        label, plain = _SCOPE_LABELS[tag.scope], replace(tag, scope="").shown_text
        if own is None:
            key, fields = "scope-outside", {}
        elif words := _text_beside(self._text(own), anchored.mark):
            key, fields = "text-beside-tag", {"beside": words}
        else:
            return
        yield messages.problem(
            key, tag.place, tag=tag.shown_text, unit=label, plain=plain, **fields
        )

    def _text(self, own: Element) -> str:
        """Return what shows in an element, the end of a section as a page break."""
        if own not in self._texts:
            text = "".join(atom.char for p in own.iter(W + "p") for atom in paragraph_characters(p))
            ends_section = next(own.iter(W + "sectPr"), None) is not None
            self._texts[own] = text + PAGE_BREAK * ends_section
        return self._texts[own]

    def ends_in_paragraph(self, closer: TagAnchor) -> bool:
        """Return whether a paragraph that is sure to print stands before the closer's own."""
        own = scoped_element(closer)
        before = None if own is None else previous_block(own)
        return before is not None and before.tag == W + "p" and before not in self._scoped_elements

    def sole_block(self, closer: TagAnchor) -> SoleBlock | None:
        """Return the block that ends at `closer` and fills its container; None if it does not.

        A container holds paragraphs, rows or cells, by the scope of the closer.
        """
        own = scoped_element(closer)
        inside = self._by_container[closer.tag.scope, _scoped_parent(closer)]
        first, held = scoped_element(inside[0]), (*BLOCK_ELEMENTS, W + "tr", W + "tc")
        if own is None or first is None or inside[-1] is not closer:
            return None
        if next(own.itersiblings(*held), None) is not None:
            return None
        if next(first.itersiblings(*held, preceding=True), None) is not None:
            return None
        depth, middles = 0, []
        for anchored in inside:
            word = anchored.tag.keyword
            depth += (word in {"if", "for"}) - word.startswith("end")
            if depth == 0 and anchored is not closer:
                return None  # a block before this one ends here
            middles += [anchored] if depth == 1 and word in {"else", "elif"} else []
        return SoleBlock(inside[0], tuple(middles))


def _text_beside(text: str, mark: str) -> str:
    """Return what else shows in the element that goes, in a few words; empty if nothing does."""
    others = text.replace(mark, "", 1)
    words = _TAG_MARK.sub("", others.rstrip(PAGE_BREAK)).strip()
    if others.endswith(PAGE_BREAK):
        return "a section break"
    if OBJECT in words:
        return "a picture, break or note"
    if words:
        return f"“{shorten(words, 40)}”"
    return "another placeholder" if _TAG_MARK.search(others) else ""


def move_bookmarks_out(element: Element, *, after: bool) -> None:
    """Move the bookmarks out of an element that goes with its tag: before it, or behind it."""
    for mark in list(element.iter(*RANGE_MARKS)):
        mark.tail = None
        (element.addnext if after else element.addprevious)(mark)


def needs_paragraph(closer: TagAnchor) -> bool:
    """Return whether an `{%p end… %}` has the last paragraph of a container that needs one."""
    own, parent = scoped_element(closer), _scoped_parent(closer)
    needed = parent is not None and parent.tag in PARAGRAPH_CONTAINERS
    return own is not None and needed and next_block(own) is None


def remove_empty_holders(holder: Element) -> None:
    """Take out a row that has no cell any more, and a table that has no row."""
    for tag, held in ((W + "tr", W + "tc"), (W + "tbl", W + "tr")):
        parent = holder.getparent()
        if holder.tag == tag and next(holder.iter(held), None) is None and parent is not None:
            parent.remove(holder)
            holder = parent


def _scoped_parent(anchored: TagAnchor) -> Element | None:
    own = scoped_element(anchored)
    return None if own is None else own.getparent()


@dataclass(frozen=True, slots=True)
class SoleBlock:
    """The one block that is all its container holds: its opener, and its else and elifs."""

    opener: TagAnchor
    branches: tuple[TagAnchor, ...]


def mark_controls_filled(tags: Iterable[TagAnchor]) -> None:
    """Mark the content controls round tags as filled in: what they show is no hint any more.

    ECMA-376 part 1, 17.5.2.39: Word clears a control that shows its placeholder when clicked.
    """
    controls = (c for anchored in tags for c in anchored.element.iterancestors(W + "sdt"))
    for control in dict.fromkeys(controls):
        for element in [
            *control.findall(f"{W}sdtPr/{W}showingPlcHdr"),
            *control.iter(W + "rStyle"),
        ]:
            if element.get(W + "val", "PlaceholderText") == "PlaceholderText":
                remove(element)


def isolate_runs(tags: Iterable[TagAnchor]) -> None:
    """Give tags that take their run along a run of their own, the same format left and right."""
    marks: dict[Element, set[str]] = {}
    for anchored in tags:
        run = anchored.element.getparent() if anchored.tag.scope == "r" else None
        if run is not None:
            marks.setdefault(run, set()).add(anchored.mark)
    for run, own in marks.items():
        _split_run(run, own)


def _split_run(run: Element, marks: AbstractSet[str]) -> None:
    current = run
    for child in run.findall("*"):
        if current is not run:
            current.append(child)
        text, tail = child, child.tail
        words, *others = _TAG_MARK_GROUP.split(child.text or "") if child.tag == W + "t" else [""]
        for mark, after in zip(others[::2], others[1::2], strict=True):
            if mark not in marks:
                words += mark + after
                continue
            text.text, text.tail = words, None
            for words in (mark, after):
                new = empty_run_like(run)
                current.addnext(new)
                text, current = etree.SubElement(new, child.tag, dict(child.attrib)), new
                text.text = words
        if text is not child:
            text.text, text.tail = words, tail
