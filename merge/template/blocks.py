"""Check that conditions and loops fit the XML.

The content between the tags of a block may be printed several times or not at all. The XML stays
well-formed only if both tags are at the same depth of the same parent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from merge import messages
from merge.ooxml.wordml import Element, W
from merge.problems import Problem
from merge.template.tags import Tag

_CLOSERS = {"endif": "if", "endfor": "for"}
_BRANCH_OPENERS = {"elif": ("if",), "else": ("if", "for")}
_LOOP_CELL_TAGS = {"vm": "", "hm": "tc"}
"""Cell tags that need a loop around them, and the loop's scope; empty for
any."""
CELL_TAGS = {"colspan", "cellbg", "vm", "hm"}
"""docxtpl's tags for table cells; they neither open nor close a block."""
KEYWORDS = frozenset({"if", "for", *_CLOSERS, *_BRANCH_OPENERS, *CELL_TAGS})
"""The first words that a block tag may have."""

MAX_BRANCHES = 50
MAX_NESTED_BLOCKS = 10
"""Depth to which conditions and loops may be nested."""


@dataclass(frozen=True, slots=True)
class TagAnchor:
    """A tag, the element with its text, and the mark that replaces it."""

    tag: Tag
    element: Element
    mark: str


def scoped_element(anchor: TagAnchor) -> Element | None:
    """Return the paragraph, row, cell or run of a scoped tag, or None."""
    return enclosing_element(anchor.element, anchor.tag.scope)


def enclosing_element(element: Element, scope: str) -> Element | None:
    """Return the paragraph, row, cell or run around an element, or None."""
    return next(element.iterancestors(W + scope), None)


@dataclass(slots=True)
class _OpenBlock:
    """A block that is not closed yet, whether it has an else, and its elifs."""

    opener: TagAnchor
    has_else: bool = False
    branches: int = 0


def check_blocks(tags: Sequence[TagAnchor]) -> Iterator[Problem]:
    """Yield a problem for each block that is not closed correctly."""
    stack: list[_OpenBlock] = []
    for anchor in tags:
        tag, word = anchor.tag, anchor.tag.keyword
        if word in _CLOSERS or word in _BRANCH_OPENERS:
            yield from _match_opener(stack, anchor)
        elif word in {"if", "for"}:
            stack.append(_OpenBlock(anchor))
            if len(stack) == MAX_NESTED_BLOCKS + 1:
                yield messages.problem(
                    "blocks-too-deep", tag.place, tag=tag.shown_text, most=MAX_NESTED_BLOCKS
                )
        elif word in _LOOP_CELL_TAGS:
            yield from _check_in_loop(stack, anchor)
        elif word and word not in KEYWORDS:
            suggestion = _suggest_tag(tag)
            key = "tag-not-allowed/keyword"
            yield messages.problem(key, tag.place, tag=tag.shown_text, near=suggestion)
    for tag in (block.opener.tag for block in stack):
        end = f"{{%{tag.scope} end{tag.keyword} %}}"
        yield messages.problem("block-unclosed", tag.place, tag=tag.shown_text, end=end)


def _match_opener(stack: list[_OpenBlock], anchor: TagAnchor) -> Iterator[Problem]:
    """Yield a problem if a closing tag does not match the open block.

    A closer of another kind leaves the stack unchanged. So one closer too many is one problem, and
    not one for every block after it.
    """
    tag, word = anchor.tag, anchor.tag.keyword
    openers = _BRANCH_OPENERS.get(word, (_CLOSERS.get(word, ""),))
    if not stack or stack[-1].opener.tag.keyword not in openers:
        yield _unopened_problem(tag, " or ".join(openers), stack)
        return
    block = stack.pop() if word in _CLOSERS else stack[-1]
    opener = block.opener.tag
    if word in _BRANCH_OPENERS and block.has_else:
        key, first = "block-unopened/after-else", opener.shown_text
        yield messages.problem(key, tag.place, tag=tag.shown_text, first=first)
    block.has_else |= word == "else"
    block.branches += word == "elif"
    if block.branches == MAX_BRANCHES + 1:
        key = "blocks-too-deep/branches"
        yield messages.problem(key, tag.place, tag=opener.shown_text, most=MAX_BRANCHES)
    tag_fields = {"tag": tag.shown_text, "opener": opener.shown_text}
    if opener.scope != tag.scope:
        suggestion = f"{{%{opener.scope} {tag.body} %}}"
        yield messages.problem("block-scope", tag.place, **tag_fields, near=suggestion)
    elif _block_position(block.opener) != _block_position(anchor):
        yield messages.problem("block-elsewhere", tag.place, **tag_fields)


def _unopened_problem(tag: Tag, opener: str, stack: Sequence[_OpenBlock]) -> Problem:
    fields = {"tag": tag.shown_text, "opener": opener}
    if not stack:
        return messages.problem("block-unopened", tag.place, **fields)
    first = stack[-1].opener.tag.shown_text
    return messages.problem("block-unopened/crossed", tag.place, **fields, first=first)


def _block_position(anchor: TagAnchor) -> tuple[Element | None, tuple[str, ...]]:
    """Return the place in the XML that both tags of a block must share.

    Otherwise, the XML between them would not be well-formed. The position of a scoped tag is that
    of its paragraph, row, cell or run: two of them must have one parent.

    A tag without scope is in a w:t of a run, and the text between two tags is cut from the
    serialised XML. If both are in paragraphs of one parent, the elements on the way down may have
    the same names. Then everything that the cut closes (`</w:t></w:r></w:p>`) is opened in it
    again, even across paragraphs. Inside a hyperlink or a control the way is longer. So a block
    that starts inside one and ends outside is found.
    """
    if anchor.tag.scope:
        scoped = scoped_element(anchor)
        return (None if scoped is None else scoped.getparent(), ())
    path: list[str] = []
    for element in (anchor.element, *anchor.element.iterancestors()):
        path.append(str(element.tag))
        if element.tag == W + "p":
            return element.getparent(), tuple(path)
    return anchor.element, ()  # without a paragraph, both must be in this element


def _check_in_loop(stack: Sequence[_OpenBlock], anchor: TagAnchor) -> Iterator[Problem]:
    """Yield a problem if `vm` or `hm`, which merge a loop's cells, is outside."""
    tag, scope = anchor.tag, _LOOP_CELL_TAGS[anchor.tag.keyword]
    loops = [block.opener for block in stack if block.opener.tag.keyword == "for"]
    row = enclosing_element(anchor.element, "tr")
    if scope:
        loops = [
            loop
            for loop in loops
            if loop.tag.scope == scope and enclosing_element(loop.element, "tr") is row
        ]
    if row is None or not loops:
        start, end = f"{{%{scope or 'tr'} for … %}}", f"{{%{scope or 'tr'} endfor %}}"
        key = "block-elsewhere/loop"
        yield messages.problem(key, tag.place, tag=tag.shown_text, start=start, end=end)


def _suggest_tag(tag: Tag) -> str | None:
    """Return the tag that was probably meant by an unknown first word."""
    word, _, rest = tag.body.partition(" ")
    if word in {"p", "tr", "tc", "r"} and rest:
        return f"{{%{tag.body} %}}"
    joined = re.fullmatch(r"(p|tr|tc|r)(if|elif|else|endif|for|endfor)", word)
    if joined:
        return f"{{%{joined[1]} {joined[2]} {rest}".rstrip() + " %}"
    if word in {"elseif", "elsif"} and rest:
        return f"{{%{tag.scope} elif {rest} %}}"
    if word == "end" and rest in {"if", "for"}:
        return f"{{%{tag.scope} end{rest} %}}"
    return None
