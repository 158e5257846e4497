"""Whether ifs and loops open and close, and where the XML between them stays whole.

What lies between a block's tags may be printed twice or not at all. That leaves well-formed XML
only where both tags hang at the same depth of the same parent.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from merge.model import Place, Problem, shortened
from merge.ooxml.wordml import OBJECT, Element, W, atoms, wrap
from merge.template.tags import TAG_END, TAG_START, EscapeContext, PartTags, Tag

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

_SCOPE_LABELS = {"p": "paragraph", "tr": "table row", "tc": "table cell", "r": "run"}


@dataclass(frozen=True, slots=True)
class AnchoredTag:
    """A tag, the element whose text it stands in, and the mark that stands there for it."""

    tag: Tag
    element: Element
    mark: str


def scoped_element(anchored: AnchoredTag) -> Element | None:
    """The paragraph, row, cell or run that a scoped tag takes along; None if there is none."""
    return enclosing_element(anchored.element, anchored.tag.scope)


def enclosing_element(element: Element, scope: str) -> Element | None:
    """The paragraph, row, cell or run round an element; None if there is none."""
    return next((a for a in element.iterancestors() if a.tag == W + scope), None)


def check_blocks(tags: Sequence[AnchoredTag]) -> Iterator[Problem]:
    """Every block that does not close, closes nothing, or closes where it may not."""
    stack: list[_OpenBlock] = []
    for hung in tags:
        word = hung.tag.keyword
        if word in _CLOSERS or word in _MIDDLE:
            yield from _match_opener(stack, hung)
        elif word in {"if", "for"}:
            stack.append(_OpenBlock(hung))
            if len(stack) == MOST_BLOCKS + 1:
                yield _too_deep(hung.tag)
        elif word in _LOOPED:
            yield from _outside_loop(stack, hung)
        elif word and word not in KEYWORDS:
            yield _not_allowed(hung.tag)
    yield from (_unclosed(still.anchored.tag) for still in stack)


def _outside_loop(stack: Sequence[_OpenBlock], anchored: AnchoredTag) -> Iterator[Problem]:
    """`vm` and `hm` merge the cells that a loop makes; without one there is nothing to merge."""
    tag, scope = anchored.tag, _LOOPED[anchored.tag.keyword]
    loops = [
        o.anchored
        for o in stack
        if o.anchored.tag.keyword == "for" and scope in {"", o.anchored.tag.scope}
    ]
    row = enclosing_element(anchored.element, "tr")
    if scope:
        loops = [loop for loop in loops if enclosing_element(loop.element, "tr") is row]
    if row is None or not loops:
        what = f"{tag.written} stands in no table cell that a loop repeats."
        hint = f"Put it between {{%{scope or 'tr'} for … %}} and {{%{scope or 'tr'} endfor %}}."
        yield _problem("block-elsewhere", tag.place, what, hint)


def _too_deep(tag: Tag) -> Problem:
    what = f"{tag.written} stands inside {MOST_BLOCKS} other ifs and loops."
    return _problem("blocks-too-deep", tag.place, what, "Use fewer of them inside each other.")


@dataclass(slots=True)
class _OpenBlock:
    """A block that is not closed yet, and whether its else was there."""

    anchored: AnchoredTag
    has_else: bool = False
    branches: int = 0


def _match_opener(stack: list[_OpenBlock], anchored: AnchoredTag) -> Iterator[Problem]:
    word = anchored.tag.keyword
    openers = _MIDDLE.get(word, (_CLOSERS.get(word, ""),))
    if not stack or stack[-1].anchored.tag.keyword not in openers:
        yield _closes_nothing(anchored.tag, stack)
        return
    block = stack.pop() if word in _CLOSERS else stack[-1]
    opener = block.anchored
    if word in _MIDDLE and block.has_else:
        yield _behind_else(anchored.tag, opener.tag)
    block.has_else |= word == "else"
    block.branches += word == "elif"
    if block.branches == MOST_BRANCHES + 1:
        what = f"{opener.tag.written} has more than {MOST_BRANCHES} elifs."
        yield _problem(
            "blocks-too-deep", anchored.tag.place, what, "Use a column of the sheet instead."
        )
    if opener.tag.scope != anchored.tag.scope:
        yield _other_scope(opener.tag, anchored.tag)
    elif _position(opener) != _position(anchored):
        yield _misplaced_closer(opener.tag, anchored.tag)


def _position(anchored: AnchoredTag) -> tuple[Element | None, tuple[str, ...]]:
    """What must agree: the parent that both hang in, and the way down from it."""
    if anchored.tag.scope:
        own = scoped_element(anchored)
        return (None if own is None else own.getparent(), ())
    way: list[str] = []
    for element in (anchored.element, *anchored.element.iterancestors()):
        way.append(str(element.tag))
        if element.tag == W + "p":
            return element.getparent(), tuple(way)
    return anchored.element, ()


def _problem(code: str, place: Place, what: str, hint: str) -> Problem:
    return Problem(code, place, what, hint)


def _unclosed(tag: Tag) -> Problem:
    what = f"{tag.written} is opened and never closed."
    return _problem("block-unclosed", tag.place, what, f"Add {{%{tag.scope} end{tag.keyword} %}}.")


def _behind_else(tag: Tag, opener: Tag) -> Problem:
    what = f"{tag.written} stands behind the else of {opener.written}."
    return _problem("block-unopened", tag.place, what, "Only endif can follow an else.")


def _closes_nothing(tag: Tag, stack: Sequence[_OpenBlock]) -> Problem:
    what = f"{tag.written} has no open {' or '.join(_MIDDLE.get(tag.keyword, ()))}".rstrip()
    what = what if tag.keyword in _MIDDLE else f"{tag.written} closes nothing that is open"
    if stack:
        hint = f"Close {stack[-1].anchored.tag.written} first, or delete this tag."
        return _problem("block-unopened", tag.place, what + ".", hint)
    return _problem("block-unopened", tag.place, what + ".", "Delete it, or add what it closes.")


def _other_scope(opener: Tag, tag: Tag) -> Problem:
    what = f"{tag.written} belongs to {opener.written}, but its first letters differ."
    hint = f"Write {{%{opener.scope} {tag.body} %}}."
    return _problem("block-scope", tag.place, what, hint)


def _misplaced_closer(opener: Tag, tag: Tag) -> Problem:
    what = f"{tag.written} belongs to {opener.written}, but stands in another part of the layout."
    hint = "Put both into the same text, table, row or cell."
    return _problem("block-elsewhere", tag.place, what, hint)


def _not_allowed(tag: Tag) -> Problem:
    what = f"{tag.written} is no tag that a letter may use."
    return _problem("tag-not-allowed", tag.place, what, _suggested_tag(tag))


def _suggested_tag(tag: Tag) -> str:
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


def check_stands_alone(anchored: AnchoredTag) -> Iterator[Problem]:
    """A tag that takes its paragraph, row or cell along must stand there alone."""
    tag, own = anchored.tag, scoped_element(anchored)
    words = "" if own is None else _words_beside(own, anchored.mark)
    if own is None:
        what = f"{tag.written} stands in no {_SCOPE_LABELS[tag.scope]}."
        hint = f"Write {{% {tag.body} %}}, or move it into a table."
        yield _problem("scope-outside", tag.place, what, hint)
    elif words:
        spoken = _SCOPE_LABELS[tag.scope]
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


# Paragraphs that go where their tags are blank, and containers that must keep one.


_RANGE_MARKS = {
    W + name for name in ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd")
}
_BLOCKS = {W + "p", W + "tbl", W + "sdt"}
_HELD = _BLOCKS | {W + "tr", W + "tc"}
_CONTAINERS = {
    W + name for name in ("tc", "hdr", "ftr", "txbxContent", "sdtContent", "footnote", "endnote")
}
"""What must not be left without a paragraph (ECMA-376 part 1, 17.4.65, 17.10, 17.11)."""


def can_be_removed(paragraph: Element) -> bool:
    """Whether a paragraph can be left out: nothing else shows in it or hangs on it."""
    needed = paragraph.find(f"{W}pPr/{W}sectPr") is not None
    needed = needed or next(paragraph.iter(W + "fldSimple"), None) is not None
    needed = needed or any(atom.char == OBJECT for atom in atoms(paragraph))
    return not needed and not _is_required(paragraph) and not _separates_tables(paragraph)


def _is_required(paragraph: Element) -> bool:
    """Whether the paragraph is the one that its container, or a table before it, needs."""
    parent, following = paragraph.getparent(), _next_block(paragraph)
    if parent is None:
        return False
    if following is not None:
        return parent.tag in _CONTAINERS and _ends_branch(following)
    return parent.tag in _CONTAINERS or _tag(_previous_block(paragraph)) == W + "tbl"


def _ends_branch(following: Element) -> bool:
    """Whether the next paragraph is a `{%p else %}` or `{%p end… %}`: one must stand before it."""
    text = "".join(atom.char for atom in atoms(following)) if following.tag == W + "p" else ""
    return re.match(r"\s*\{%p\s+(else|elif|end)", text) is not None


def _separates_tables(paragraph: Element) -> bool:
    """Whether Word would join two tables to one without the paragraph between them."""
    if _tag(_next_block(paragraph)) != W + "tbl":
        return False
    before = (e for e in paragraph.itersiblings(preceding=True) if e.tag in _BLOCKS - {W + "p"})
    return _tag(next(before, None)) == W + "tbl"


def _next_block(element: Element) -> Element | None:
    return next((e for e in element.itersiblings() if e.tag in _BLOCKS), None)


def _previous_block(element: Element) -> Element | None:
    return next((e for e in element.itersiblings(preceding=True) if e.tag in _BLOCKS), None)


def _tag(element: Element | None) -> object:
    return None if element is None else element.tag


def close_up(paragraph: Element, opening: str, otherwise: str, closing: str) -> None:
    """Let the paragraph stand between two marks; where it goes, its bookmarks move on.

    A bookmark may stand between paragraphs (ECMA-376 part 1, 17.13.6.2), and then belongs to
    the next one.
    """
    marks = [copy.deepcopy(mark) for mark in paragraph.iter(*_RANGE_MARKS)]
    if not marks:
        wrap(paragraph, opening, closing)
        return
    for mark in reversed(marks):
        mark.tail = None
        paragraph.addnext(mark)
    wrap(paragraph, opening, otherwise)
    wrap(marks[-1], "", closing)


def lift_bookmarks(element: Element, *, behind: bool) -> None:
    """Move the bookmarks out of an element that goes with its tag: before it, or behind it."""
    for mark in list(element.iter(*_RANGE_MARKS)):
        mark.tail = None
        (element.addnext if behind else element.addprevious)(mark)


def ends_in_paragraph(closer: AnchoredTag, tags: Sequence[AnchoredTag]) -> bool:
    """Whether a paragraph that is sure to print stands before the closer's own."""
    own = scoped_element(closer)
    before = None if own is None else _previous_block(own)
    return _tag(before) == W + "p" and all(
        scoped_element(h) is not before for h in tags if h.tag.scope
    )


def needs_paragraph(closer: AnchoredTag) -> bool:
    """Whether the paragraph of an `{%p end… %}` is the last of a container that needs one."""
    own = scoped_element(closer)
    parent = None if own is None else own.getparent()
    return own is not None and _tag(parent) in _CONTAINERS and _next_block(own) is None


@dataclass(frozen=True, slots=True)
class SoleBlock:
    """The one block that is all its container holds: its opener, and its else and elifs."""

    opener: AnchoredTag
    middles: tuple[AnchoredTag, ...]


def sole_block(closer: AnchoredTag, tags: Sequence[AnchoredTag]) -> SoleBlock | None:
    """The block that ends at `closer` and fills its container; None where anything is beside it.

    A container holds paragraphs, rows or cells, by the scope of the closer.
    """
    own = scoped_element(closer)
    inside = [h for h in tags if h.tag.scope == closer.tag.scope and _parent(h) is _parent(closer)]
    first = scoped_element(inside[0])
    if own is None or first is None or not (_is_first(first) and _is_last(own)):
        return None
    depth, middles = 0, []
    for hung in inside:
        word = hung.tag.keyword
        depth += (word in {"if", "for"}) - word.startswith("end")
        if depth == 0 and hung is not closer:
            return None
        middles += [hung] if depth == 1 and word in {"else", "elif"} else []
    return SoleBlock(inside[0], tuple(middles))


def _is_first(element: Element) -> bool:
    return next((e for e in element.itersiblings(preceding=True) if e.tag in _HELD), None) is None


def _is_last(element: Element) -> bool:
    return next((e for e in element.itersiblings() if e.tag in _HELD), None) is None


def _parent(anchored: AnchoredTag) -> Element | None:
    own = scoped_element(anchored)
    return None if own is None else own.getparent()


def clear_placeholder(anchored: AnchoredTag) -> None:
    """Let a content control know that what it shows is no hint any more, but filled in.

    ECMA-376 part 1, 17.5.2.39: Word clears a control that shows its placeholder when clicked.
    """
    for control in anchored.element.iterancestors(W + "sdt"):
        hints = [*control.findall(f"{W}sdtPr/{W}showingPlcHdr"), *control.iter(W + "rStyle")]
        for element in hints:
            parent = element.getparent()
            if (
                parent is not None
                and element.get(W + "val", "PlaceholderText") == "PlaceholderText"
            ):
                parent.remove(element)


def isolate_run(closer: AnchoredTag) -> None:
    """Give a tag that takes its run along a run of its own, the same format left and right."""
    mark, paragraph = closer.mark, enclosing_element(closer.element, "p")
    if paragraph is None:
        return
    # A tag before it may have moved it into a run of its own already.
    text = next(t for t in paragraph.iter(W + "t") if mark in (t.text or ""))
    run = text.getparent()
    before, _, after = (text.text or "").partition(mark)
    if run is None:
        return
    middle, behind = _run_like(run), _run_like(run)
    for element in list(text.itersiblings()):
        behind.append(element)
    text.text, tail, text.tail = before, text.tail, None
    for target, words in ((behind, after), (middle, mark)):
        piece = copy.deepcopy(text)
        piece.text, piece.tail = words, tail if words is after else None
        target.insert(1 if target.find(W + "rPr") is not None else 0, piece)
        run.addnext(target)


def _run_like(run: Element) -> Element:
    """An empty run with the same properties."""
    new = run.makeelement(run.tag, dict(run.attrib))
    properties = run.find(W + "rPr")
    if properties is not None:
        new.append(copy.deepcopy(properties))
    return new


# Blank lines close up, as in Word's own merge: which tags decide over which characters. Pure.
#
# A line is a paragraph, or the stretch between two line breaks in it. A line of nothing but value
# tags, spaces and punctuation goes where all its tags are blank; where some are, a blank tag takes
# its separator along: `{{ city }}, {{ country }}` with a blank city is the country alone.


_CLOSED_BY = {
    "(": ")",
    "[": "]",
    "{": "}",
    "<": ">",
    "«": "»",
    "»": "«",
    "„": "“”",
    "“": "”",
    "‚": "‘’",
    "‘": "’",
    '"': '"',
    "'": "'",
}
"""What opens, and what may close it; German and French marks run both ways."""


_MOST_WEIGHED = 6
MOST_TAGS = 40
"""Tags of a line. Lines with more stay whatever is blank; no letter has them."""


MOST_LINES = 20
"""Lines of a paragraph. One with more stays as it is; no address has them."""


@dataclass(frozen=True, slots=True)
class ConditionalSpan:
    """The characters from `start` to `end` stand only where `shown` holds."""

    start: int
    end: int
    shown: str


@dataclass(frozen=True, slots=True)
class ValueTag:
    """A value tag: where it stands in the paragraph, and the expression it prints."""

    start: int
    end: int
    expression: str

    @property
    def filled(self) -> str:
        """The condition that the tag prints something."""
        return f"({self.expression}) is not blank"


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """The stretch from `start` to `end`, with its tags; `fixed` if it has to stay anyway."""

    start: int
    end: int
    tags: tuple[ValueTag, ...]
    fixed: bool

    @property
    def shown(self) -> str:
        """The condition that the line stays; empty where it always does."""
        return "" if self.fixed else _any(tag.filled for tag in self.tags)


def split_lines(text: str, tags: Sequence[ValueTag], others: set[int]) -> list[TemplateLine]:
    """The lines of a paragraph's text. `others` are positions inside tags that print no value."""
    lines, start = [], 0
    inside = {i for tag in tags for i in range(tag.start, tag.end)} | others
    breaks = [i for i, c in enumerate(text) if c == "\n" and i not in inside]
    stays = len(breaks) >= MOST_LINES
    for end in (*breaks, len(text)):
        own = tuple(tag for tag in tags if start <= tag.start < end)
        rest = [i for i in range(start, end) if i not in inside]
        fixed = stays or not 0 < len(own) <= MOST_TAGS or not others.isdisjoint(range(start, end))
        fixed = fixed or not all(is_separator(text[i]) for i in rest)
        lines.append(TemplateLine(start, end, own, fixed))
        start = end + 1
    return lines


def is_separator(character: str) -> bool:
    """Whether a character is a space or punctuation, and so may go with a blank tag."""
    category = unicodedata.category(character)
    return category[0] in "PZ" or category in {"Cc", "Cf", "Sm"}


def conditional_spans(text: str, lines: Sequence[TemplateLine]) -> Iterator[ConditionalSpan]:
    """What stands only where certain tags are filled: separators, brackets and line breaks."""
    for line in lines:
        if not line.fixed:
            yield from _spans_in_line(text, line)
    for count, (above, below) in enumerate(pairwise(lines), start=1):
        shown = _break_shown(lines[:count], below)
        if shown:
            yield ConditionalSpan(above.end, above.end + 1, shown)


def _break_shown(above: Sequence[TemplateLine], below: TemplateLine) -> str:
    """A break stands where the line below it does and some line above it."""
    before = "" if any(line.fixed for line in above) else _any(line.shown for line in above)
    return " and ".join(f"({shown})" for shown in (below.shown, before) if shown)


def _spans_in_line(text: str, line: TemplateLine) -> Iterator[ConditionalSpan]:
    """The guards of a line that may go: brackets, what stands between tags, and the ends."""
    pairs = _bracket_pairs(text, line)
    brackets = {edge for pair in pairs for edge in pair}
    for opening, closing in pairs:
        some = _any(tag.filled for tag in line.tags if opening < tag.start < closing)
        yield ConditionalSpan(opening, opening + 1, some)
        yield ConditionalSpan(closing, closing + 1, some)
    edges = [line.start, *(edge for tag in line.tags for edge in (tag.start, tag.end)), line.end]
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    shown = [line.shown, *_separator_conditions(text, line.tags, gaps[1:-1], pairs), line.shown]
    for gap, condition in zip(gaps, shown, strict=True):
        yield from (ConditionalSpan(a, b, condition) for a, b in _stretches(gap, brackets))


def _bracket_pairs(text: str, line: TemplateLine) -> list[tuple[int, int]]:
    """Where brackets and quotation marks of the line open and close, round one tag at least."""
    inside = {i for tag in line.tags for i in range(tag.start, tag.end)}
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for at in range(line.start, line.end):
        if at in inside:
            continue
        if opened and text[at] in _CLOSED_BY.get(text[opened[-1]], ""):
            pairs.append((opened.pop(), at))
        elif text[at] in _CLOSED_BY:
            opened.append(at)
    return [p for p in pairs if any(p[0] < tag.start < p[1] for tag in line.tags)]


def _stretches(gap: tuple[int, int], brackets: set[int]) -> Iterator[tuple[int, int]]:
    """What is left of a gap between its brackets."""
    start = gap[0]
    for at in (*(b for b in range(*gap) if b in brackets), gap[1]):
        if start < at:
            yield start, at
        start = at + 1


def _separator_conditions(
    text: str,
    tags: Sequence[ValueTag],
    gaps: Sequence[tuple[int, int]],
    pairs: Sequence[tuple[int, int]],
) -> list[str]:
    """For each gap between two tags, the condition on which its separator stands.

    Of the separators between two filled tags, with blank ones between them, one stands: outside
    brackets rather than inside, then the one with more punctuation, then the first. In a line of
    many tags it is the last: weighing all against all would take long.
    """
    if len(tags) > _MOST_WEIGHED:
        before = (_any(tag.filled for tag in tags[:count]) for count in range(1, len(tags)))
        return [f"({tag.filled}) and ({b})" for tag, b in zip(tags[1:], before, strict=True)]
    chosen: list[list[str]] = [[] for _ in gaps]
    ranks = [_separator_rank(text, gap, pairs) for gap in gaps]
    for left in range(len(tags)):
        for right in range(left + 1, len(tags)):
            strongest = max(range(left, right), key=ranks.__getitem__)
            blanks = [f"not ({tag.filled})" for tag in tags[left + 1 : right]]
            chosen[strongest].append(" and ".join([tags[left].filled, tags[right].filled, *blanks]))
    return [_any(conditions) or "false" for conditions in chosen]


def _separator_rank(
    text: str, gap: tuple[int, int], pairs: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """How strongly a separator binds. Its depth is that of its least enclosed character."""
    edges = {edge for pair in pairs for edge in pair}
    own = [at for at in range(*gap) if at not in edges]
    depth = min((sum(a < at < b for a, b in pairs) for at in own), default=99)
    return -depth, len("".join(text[at] for at in own).split())


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(f"({c})" for c in conditions)


# docxtpl's tags for table cells: colspan, cellbg, vm and hm, put where the schema wants them.
#
# docxtpl itself writes w:gridSpan, w:vMerge and w:shd before w:tcW; a cell's properties have an
# order (ECMA-376 part 1, 17.4.69), and Word may call a file without it damaged.


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


def apply_cell_tag(anchored: AnchoredTag, notes: PartTags) -> None:
    """Carry out what the tag says of its cell, and take the tag out of the text."""
    cell = enclosing_element(anchored.element, "tc")
    text = anchored.element.text or ""
    anchored.element.text = text.replace(anchored.mark, "")
    if cell is not None:
        _CELL_TAG_ACTIONS[anchored.tag.keyword](cell, anchored.tag, notes)


def _colspan(cell: Element, tag: Tag, notes: PartTags) -> None:
    _set_cell_property(cell, "gridSpan", val=notes.mark(_cell_value_tag(tag, "span")))


def _cellbg(cell: Element, tag: Tag, notes: PartTags) -> None:
    _set_cell_property(
        cell, "shd", val="clear", color="auto", fill=notes.mark(_cell_value_tag(tag, "fill"))
    )


def _cell_value_tag(tag: Tag, escape_context: EscapeContext) -> Tag:
    """The value that a cell tag gives its cell, as a tag of its own."""
    return replace(
        tag, kind="value", body=tag.body.partition(" ")[2], escape_context=escape_context
    )


def _merge_vertically(cell: Element, tag: Tag, notes: PartTags) -> None:
    """Merge the cell with its copies below: its words stand in the first row of the loop only."""
    first = notes.condition("if loop.first", tag.place)
    otherwise, end = notes.condition("else", tag.place), notes.condition("endif", tag.place)
    _set_cell_property(cell, "vMerge", val=f"{first}restart{otherwise}continue{end}")
    for text in cell.iter(W + "t"):
        first, end = (
            notes.condition("if loop.first", tag.place),
            notes.condition("endif", tag.place),
        )
        text.text = f"{first}{text.text or ''}{end}"


def _merge_horizontally(cell: Element, tag: Tag, notes: PartTags) -> None:
    """Merge the cell with its copies to the right: it stands once, as wide as all of them."""
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    number = "" if span is None else str(span.get(W + "val"))
    width = int(number) if number.isdecimal() else 1
    _set_cell_property(
        cell, "gridSpan", val=notes.made(tag.place, "value", f"loop.length|xml_span({width})")
    )
    wrap(cell, notes.condition("if loop.first", tag.place), notes.condition("endif", tag.place))


_CELL_TAG_ACTIONS = {
    "colspan": _colspan,
    "cellbg": _cellbg,
    "vm": _merge_vertically,
    "hm": _merge_horizontally,
}


def _set_cell_property(cell: Element, name: str, **attributes: str) -> None:
    """Set a property of the cell, at its place among the others."""
    properties = cell.find(W + "tcPr")
    if properties is None:
        properties = cell.makeelement(W + "tcPr", {})
        cell.insert(0, properties)
    for old in properties.findall(W + name):
        properties.remove(old)
    before = [e for e in properties if _property_rank(e) < _ORDER.index(name)]
    new = properties.makeelement(W + name, {W + key: value for key, value in attributes.items()})
    properties.insert(len(before), new)


def _property_rank(element: Element) -> int:
    name = str(element.tag).removeprefix(W)
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
