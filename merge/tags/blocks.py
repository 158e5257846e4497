"""Whether ifs and loops open and close, and where the XML between them stays whole.

What lies between a block's tags may be printed twice or not at all. That leaves well-formed XML
only where both tags hang at the same depth of the same parent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from merge.model import Place, Problem, shortened
from merge.ooxml.wordml import OBJECT, Element, W, atoms
from merge.tags.record import TAG_END, TAG_START, Tag

_CLOSERS = {"endif": "if", "endfor": "for"}
_MIDDLE = {"elif": ("if",), "else": ("if", "for")}
_LOOPED = {"vm": "", "hm": "tc"}
CELL_TAGS = {"colspan", "cellbg", "vm", "hm"}
"""docxtpl's tags for table cells; they neither open nor close anything."""

_MARKS = re.compile(f"{TAG_START}\\d+{TAG_END}")
KEYWORDS = frozenset({"if", "for", *_CLOSERS, *_MIDDLE, *CELL_TAGS})
"""The first words that a block tag may have."""

MOST_BRANCHES = 50
MOST_BLOCKS = 10
"""How deep ifs and loops may stand in each other."""

_SPOKEN = {"p": "paragraph", "tr": "table row", "tc": "table cell", "r": "run"}


@dataclass(frozen=True, slots=True)
class Hung:
    """A tag, the element whose text it stands in, and the mark that stands there for it."""

    tag: Tag
    element: Element
    mark: str


def anchor(hung: Hung) -> Element | None:
    """The paragraph, row, cell or run that a scoped tag takes along; None if there is none."""
    return anchor_of(hung.element, hung.tag.scope)


def anchor_of(element: Element, scope: str) -> Element | None:
    """The paragraph, row, cell or run round an element; None if there is none."""
    return next((a for a in element.iterancestors() if a.tag == W + scope), None)


def check_blocks(tags: Sequence[Hung]) -> Iterator[Problem]:
    """Every block that does not close, closes nothing, or closes where it may not."""
    stack: list[_Open] = []
    for hung in tags:
        word = hung.tag.keyword
        if word in _CLOSERS or word in _MIDDLE:
            yield from _against(stack, hung)
        elif word in {"if", "for"}:
            stack.append(_Open(hung))
            if len(stack) == MOST_BLOCKS + 1:
                yield _too_deep(hung.tag)
        elif word in _LOOPED:
            yield from _outside_loop(stack, hung)
        elif word and word not in KEYWORDS:
            yield _not_allowed(hung.tag)
    yield from (_unclosed(still.hung.tag) for still in stack)


def _outside_loop(stack: Sequence[_Open], hung: Hung) -> Iterator[Problem]:
    """`vm` and `hm` merge the cells that a loop makes; without one there is nothing to merge."""
    tag, scope = hung.tag, _LOOPED[hung.tag.keyword]
    loops = [
        o.hung for o in stack if o.hung.tag.keyword == "for" and scope in {"", o.hung.tag.scope}
    ]
    row = anchor_of(hung.element, "tr")
    if scope:
        loops = [loop for loop in loops if anchor_of(loop.element, "tr") is row]
    if row is None or not loops:
        what = f"{tag.written} stands in no table cell that a loop repeats."
        hint = f"Put it between {{%{scope or 'tr'} for … %}} and {{%{scope or 'tr'} endfor %}}."
        yield _problem("block-elsewhere", tag.place, what, hint)


def _too_deep(tag: Tag) -> Problem:
    what = f"{tag.written} stands inside {MOST_BLOCKS} other ifs and loops."
    return _problem("blocks-too-deep", tag.place, what, "Use fewer of them inside each other.")


@dataclass(slots=True)
class _Open:
    """A block that is not closed yet, and whether its else was there."""

    hung: Hung
    has_else: bool = False
    branches: int = 0


def _against(stack: list[_Open], hung: Hung) -> Iterator[Problem]:
    word = hung.tag.keyword
    openers = _MIDDLE.get(word, (_CLOSERS.get(word, ""),))
    if not stack or stack[-1].hung.tag.keyword not in openers:
        yield _closes_nothing(hung.tag, stack)
        return
    block = stack.pop() if word in _CLOSERS else stack[-1]
    opener = block.hung
    if word in _MIDDLE and block.has_else:
        yield _behind_else(hung.tag, opener.tag)
    block.has_else |= word == "else"
    block.branches += word == "elif"
    if block.branches == MOST_BRANCHES + 1:
        what = f"{opener.tag.written} has more than {MOST_BRANCHES} elifs."
        yield _problem(
            "blocks-too-deep", hung.tag.place, what, "Use a column of the sheet instead."
        )
    if opener.tag.scope != hung.tag.scope:
        yield _other_scope(opener.tag, hung.tag)
    elif _position(opener) != _position(hung):
        yield _elsewhere(opener.tag, hung.tag)


def _position(hung: Hung) -> tuple[Element | None, tuple[str, ...]]:
    """What must agree: the parent that both hang in, and the way down from it."""
    if hung.tag.scope:
        own = anchor(hung)
        return (None if own is None else own.getparent(), ())
    way: list[str] = []
    for element in (hung.element, *hung.element.iterancestors()):
        way.append(str(element.tag))
        if element.tag == W + "p":
            return element.getparent(), tuple(way)
    return hung.element, ()


def _problem(code: str, place: Place, what: str, hint: str) -> Problem:
    return Problem(code, place, what, hint)


def _unclosed(tag: Tag) -> Problem:
    what = f"{tag.written} is opened and never closed."
    return _problem("block-unclosed", tag.place, what, f"Add {{%{tag.scope} end{tag.keyword} %}}.")


def _behind_else(tag: Tag, opener: Tag) -> Problem:
    what = f"{tag.written} stands behind the else of {opener.written}."
    return _problem("block-unopened", tag.place, what, "Only endif can follow an else.")


def _closes_nothing(tag: Tag, stack: Sequence[_Open]) -> Problem:
    what = f"{tag.written} has no open {' or '.join(_MIDDLE.get(tag.keyword, ()))}".rstrip()
    what = what if tag.keyword in _MIDDLE else f"{tag.written} closes nothing that is open"
    if stack:
        hint = f"Close {stack[-1].hung.tag.written} first, or delete this tag."
        return _problem("block-unopened", tag.place, what + ".", hint)
    return _problem("block-unopened", tag.place, what + ".", "Delete it, or add what it closes.")


def _other_scope(opener: Tag, tag: Tag) -> Problem:
    what = f"{tag.written} belongs to {opener.written}, but its first letters differ."
    hint = f"Write {{%{opener.scope} {tag.body} %}}."
    return _problem("block-scope", tag.place, what, hint)


def _elsewhere(opener: Tag, tag: Tag) -> Problem:
    what = f"{tag.written} belongs to {opener.written}, but stands in another part of the layout."
    hint = "Put both into the same text, table, row or cell."
    return _problem("block-elsewhere", tag.place, what, hint)


def _not_allowed(tag: Tag) -> Problem:
    what = f"{tag.written} is no tag that a letter may use."
    return _problem("tag-not-allowed", tag.place, what, _meant(tag))


def _meant(tag: Tag) -> str:
    """What an unknown first word was probably meant to be."""
    word, _, rest = tag.body.partition(" ")
    if word in {"p", "tr", "tc", "r"} and rest:
        return f"Write {{%{tag.body} %}}, without a space before {word}."
    together = re.fullmatch(r"(p|tr|tc|r)(if|elif|else|endif|for|endfor)", word)
    if together:
        return f"Write {{%{together[1]} {together[2]} {rest}".rstrip() + " %}."
    if word == "end" and rest in {"if", "for"}:
        return f"Write {{%{tag.scope} end{rest} %}}, in one word."
    return "Use if, elif, else, for, or delete it."


def check_alone(hung: Hung) -> Iterator[Problem]:
    """A tag that takes its paragraph, row or cell along must stand there alone."""
    tag, own = hung.tag, anchor(hung)
    words = "" if own is None else _words_beside(own, hung.mark)
    if own is None:
        what = f"{tag.written} stands in no {_SPOKEN[tag.scope]}."
        hint = f"Write {{% {tag.body} %}}, or move it into a table."
        yield _problem("scope-outside", tag.place, what, hint)
    elif words:
        spoken = _SPOKEN[tag.scope]
        what = f"{tag.written} takes its whole {spoken} along, and with it {words}."
        hint = f"Give the tag a {spoken} of its own, or write {{% {tag.body} %}}."
        yield _problem("text-beside-tag", tag.place, what, hint)


def _words_beside(own: Element, mark: str) -> str:
    """What else shows in the element that goes, in a few words; empty if nothing does."""
    if next(own.iter(W + "sectPr"), None) is not None:
        return "a section break"
    texts = [a.char for p in own.iter(W + "p") for a in atoms(p)]
    text = _MARKS.sub("", "".join(texts).replace(mark, "", 1)).strip()
    if OBJECT in text:
        return "a picture, break or note"
    return f'"{shortened(text, 40)}"' if text else _other_tag("".join(texts), mark)


def _other_tag(text: str, mark: str) -> str:
    return "another tag" if _MARKS.search(text.replace(mark, "", 1)) else ""
