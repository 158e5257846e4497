"""Check that conditions and loops fit the XML.

What lies between the tags of a block may be printed several times or not at all. That leaves
well-formed XML only where both tags stand at the same depth of the same parent.
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
"""Cell tags that need a loop round them, and the scope that it must have; empty for any."""
CELL_TAGS = {"colspan", "cellbg", "vm", "hm"}
"""docxtpl's tags for table cells; they neither open nor close anything."""
KEYWORDS = frozenset({"if", "for", *_CLOSERS, *_BRANCH_OPENERS, *CELL_TAGS})
"""The first words that a block tag may have."""

MAX_BRANCHES = 50
MAX_NESTED_BLOCKS = 10
"""How deep ifs and loops may stand in each other."""


@dataclass(frozen=True, slots=True)
class TagAnchor:
    """A tag, the element whose text it stands in, and the mark that stands there for it."""

    tag: Tag
    element: Element
    mark: str


def scoped_element(anchored: TagAnchor) -> Element | None:
    """Return the paragraph, row, cell or run that a scoped tag takes along; None if none."""
    return enclosing_element(anchored.element, anchored.tag.scope)


def enclosing_element(element: Element, scope: str) -> Element | None:
    """Return the paragraph, row, cell or run round an element; None if there is none."""
    return next(element.iterancestors(W + scope), None)


@dataclass(slots=True)
class _OpenBlock:
    """A block that is not closed yet, whether it has an else, and how many elifs."""

    opener: TagAnchor
    has_else: bool = False
    branches: int = 0


def check_blocks(tags: Sequence[TagAnchor]) -> Iterator[Problem]:
    """Yield a problem for each block that does not close, closes nothing, or closes elsewhere."""
    stack: list[_OpenBlock] = []
    for anchored in tags:
        tag, word = anchored.tag, anchored.tag.keyword
        if word in _CLOSERS or word in _BRANCH_OPENERS:
            yield from _match_opener(stack, anchored)
        elif word in {"if", "for"}:
            stack.append(_OpenBlock(anchored))
            if len(stack) == MAX_NESTED_BLOCKS + 1:
                yield messages.problem(
                    "blocks-too-deep", tag.place, tag=tag.shown_text, most=MAX_NESTED_BLOCKS
                )
        elif word in _LOOP_CELL_TAGS:
            yield from _check_in_loop(stack, anchored)
        elif word and word not in KEYWORDS:
            near = _suggest_tag(tag)
            key = "tag-not-allowed/keyword"
            yield messages.problem(key, tag.place, tag=tag.shown_text, near=near)
    for tag in (block.opener.tag for block in stack):
        end = f"{{%{tag.scope} end{tag.keyword} %}}"
        yield messages.problem("block-unclosed", tag.place, tag=tag.shown_text, end=end)


def _match_opener(stack: list[_OpenBlock], anchored: TagAnchor) -> Iterator[Problem]:
    """Check a closer, elif or else against the innermost open block, the only one it can meet.

    A closer of another kind leaves the stack as it is: one closer too many then is one problem,
    and not one for every block behind it.
    """
    tag, word = anchored.tag, anchored.tag.keyword
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
    pair = {"tag": tag.shown_text, "opener": opener.shown_text}
    if opener.scope != tag.scope:
        near = f"{{%{opener.scope} {tag.body} %}}"
        yield messages.problem("block-scope", tag.place, **pair, near=near)
    elif _block_position(block.opener) != _block_position(anchored):
        yield messages.problem("block-elsewhere", tag.place, **pair)


def _unopened_problem(tag: Tag, opener: str, stack: Sequence[_OpenBlock]) -> Problem:
    fields = {"tag": tag.shown_text, "opener": opener}
    if not stack:
        return messages.problem("block-unopened", tag.place, **fields)
    first = stack[-1].opener.tag.shown_text
    return messages.problem("block-unopened/crossed", tag.place, **fields, first=first)


def _block_position(anchored: TagAnchor) -> tuple[Element | None, tuple[str, ...]]:
    """Return what must agree for two tags of a block to leave whole XML between them.

    A scoped tag stands for its paragraph, row, cell or run: two of them must have one parent.

    A tag without scope stands in a w:t of a run, and the text from one to the other is cut out of
    the serialized XML. If both are in paragraphs of one parent, and the elements on the way down
    have the same names, then what the cut closes (`</w:t></w:r></w:p>`) it also opens again, even
    where it runs over paragraphs. Inside a hyperlink or a control the way is longer, so that a
    block that starts inside one and ends outside is found.
    """
    if anchored.tag.scope:
        own = scoped_element(anchored)
        return (None if own is None else own.getparent(), ())
    way: list[str] = []
    for element in (anchored.element, *anchored.element.iterancestors()):
        way.append(str(element.tag))
        if element.tag == W + "p":
            return element.getparent(), tuple(way)
    return anchored.element, ()  # no paragraph round it: both must stand in this very element


def _check_in_loop(stack: Sequence[_OpenBlock], anchored: TagAnchor) -> Iterator[Problem]:
    """Check `vm` and `hm`, which merge the cells that a loop makes: without one there are none."""
    tag, scope = anchored.tag, _LOOP_CELL_TAGS[anchored.tag.keyword]
    loops = [block.opener for block in stack if block.opener.tag.keyword == "for"]
    row = enclosing_element(anchored.element, "tr")
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
    """Return what a tag with an unknown first word was probably meant to be."""
    word, _, rest = tag.body.partition(" ")
    if word in {"p", "tr", "tc", "r"} and rest:
        return f"{{%{tag.body} %}}"
    together = re.fullmatch(r"(p|tr|tc|r)(if|elif|else|endif|for|endfor)", word)
    if together:
        return f"{{%{together[1]} {together[2]} {rest}".rstrip() + " %}"
    if word in {"elseif", "elsif"} and rest:
        return f"{{%{tag.scope} elif {rest} %}}"
    if word == "end" and rest in {"if", "for"}:
        return f"{{%{tag.scope} end{rest} %}}"
    return None
