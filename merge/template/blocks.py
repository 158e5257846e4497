"""Check that ifs and loops fit the XML, and close up what their blank tags leave behind.

What lies between the tags of a block may be printed several times or not at all. That leaves
well-formed XML only where both tags stand at the same depth of the same parent; and it leaves a
document that Word opens only where no container that must hold a paragraph, row or cell is left
without one. The first is checked (`check_blocks`, `check_stands_alone`). The second is either
prevented (`can_be_removed`) or mended by conditions that nobody wrote (see parts.py).
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise

from lxml import etree

from merge import messages
from merge.ooxml.wordml import OBJECT, PAGE_BREAK, Element, W, atoms, remove, wrap
from merge.problems import Problem, shortened
from merge.template.tags import TAG_END, TAG_START, EscapeContext, PartTags, Tag

_CLOSERS = {"endif": "if", "endfor": "for"}
_MIDDLE = {"elif": ("if",), "else": ("if", "for")}
_LOOPED = {"vm": "", "hm": "tc"}
"""Cell tags that need a loop round them, and the scope that it must have; empty for any."""
CELL_TAGS = {"colspan", "cellbg", "vm", "hm"}
"""docxtpl's tags for table cells; they neither open nor close anything."""
KEYWORDS = frozenset({"if", "for", *_CLOSERS, *_MIDDLE, *CELL_TAGS})
"""The first words that a block tag may have."""

MOST_BRANCHES = 50
MOST_BLOCKS = 10
"""How deep ifs and loops may stand in each other."""

_SCOPE_LABELS = {"p": "paragraph", "tr": "table row", "tc": "table cell", "r": "run"}
_MARKS = re.compile(f"{TAG_START}\\d+{TAG_END}")
_MARK = re.compile(f"({_MARKS.pattern})")


@dataclass(frozen=True, slots=True)
class AnchoredTag:
    """A tag, the element whose text it stands in, and the mark that stands there for it."""

    tag: Tag
    element: Element
    mark: str


def scoped_element(anchored: AnchoredTag) -> Element | None:
    """Return the paragraph, row, cell or run that a scoped tag takes along; None if none."""
    return enclosing_element(anchored.element, anchored.tag.scope)


def enclosing_element(element: Element, scope: str) -> Element | None:
    """Return the paragraph, row, cell or run round an element; None if there is none."""
    return next(element.iterancestors(W + scope), None)


# Blocks: what opens must close, in the right order and at the right depth.


@dataclass(slots=True)
class _OpenBlock:
    """A block that is not closed yet, whether it has an else, and how many elifs."""

    anchored: AnchoredTag
    has_else: bool = False
    branches: int = 0


def check_blocks(tags: Sequence[AnchoredTag]) -> Iterator[Problem]:
    """Yield a problem for each block that does not close, closes nothing, or closes elsewhere."""
    stack: list[_OpenBlock] = []
    for anchored in tags:
        tag, word = anchored.tag, anchored.tag.keyword
        if word in _CLOSERS or word in _MIDDLE:
            yield from _match_opener(stack, anchored)
        elif word in {"if", "for"}:
            stack.append(_OpenBlock(anchored))
            if len(stack) == MOST_BLOCKS + 1:
                yield messages.problem(
                    "blocks-too-deep", tag.place, tag=tag.written, most=MOST_BLOCKS
                )
        elif word in _LOOPED:
            yield from _check_looped(stack, anchored)
        elif word and word not in KEYWORDS:
            near = _suggested_tag(tag)
            key = "tag-not-allowed/keyword"
            yield messages.problem(key, tag.place, tag=tag.written, near=near)
    for tag in (block.anchored.tag for block in stack):
        end = f"{{%{tag.scope} end{tag.keyword} %}}"
        yield messages.problem("block-unclosed", tag.place, tag=tag.written, end=end)


def _match_opener(stack: list[_OpenBlock], anchored: AnchoredTag) -> Iterator[Problem]:
    """Check a closer, elif or else against the innermost open block, the only one it can meet.

    A closer of another kind leaves the stack as it is: one closer too many then is one problem,
    and not one for every block behind it.
    """
    tag, word = anchored.tag, anchored.tag.keyword
    openers = _MIDDLE.get(word, (_CLOSERS.get(word, ""),))
    if not stack or stack[-1].anchored.tag.keyword not in openers:
        yield _unopened(tag, " or ".join(openers), stack)
        return
    block = stack.pop() if word in _CLOSERS else stack[-1]
    opener = block.anchored.tag
    if word in _MIDDLE and block.has_else:
        key, first = "block-unopened/after-else", opener.written
        yield messages.problem(key, tag.place, tag=tag.written, first=first)
    block.has_else |= word == "else"
    block.branches += word == "elif"
    if block.branches == MOST_BRANCHES + 1:
        key = "blocks-too-deep/branches"
        yield messages.problem(key, tag.place, tag=opener.written, most=MOST_BRANCHES)
    pair = {"tag": tag.written, "opener": opener.written}
    if opener.scope != tag.scope:
        near = f"{{%{opener.scope} {tag.body} %}}"
        yield messages.problem("block-scope", tag.place, **pair, near=near)
    elif _position(block.anchored) != _position(anchored):
        yield messages.problem("block-elsewhere", tag.place, **pair)


def _unopened(tag: Tag, opener: str, stack: Sequence[_OpenBlock]) -> Problem:
    fields = {"tag": tag.written, "opener": opener}
    if not stack:
        return messages.problem("block-unopened", tag.place, **fields)
    first = stack[-1].anchored.tag.written
    return messages.problem("block-unopened/crossed", tag.place, **fields, first=first)


def _position(anchored: AnchoredTag) -> tuple[Element | None, tuple[str, ...]]:
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


def _check_looped(stack: Sequence[_OpenBlock], anchored: AnchoredTag) -> Iterator[Problem]:
    """Check `vm` and `hm`, which merge the cells that a loop makes: without one there are none."""
    tag, scope = anchored.tag, _LOOPED[anchored.tag.keyword]
    loops = [block.anchored for block in stack if block.anchored.tag.keyword == "for"]
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
        yield messages.problem(key, tag.place, tag=tag.written, start=start, end=end)


def _suggested_tag(tag: Tag) -> str | None:
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


class ScopedTags:
    """The tags of a part that take a paragraph, row or cell along, by what they take.

    Gathered once, before anything is moved: a part may hold thousands of them.
    """

    def __init__(self, tags: Iterable[AnchoredTag]) -> None:
        self._by_container: dict[tuple[str, Element | None], list[AnchoredTag]] = {}
        self._taken: set[Element] = set()
        self._texts: dict[Element, str] = {}
        for anchored in tags:
            own = scoped_element(anchored) if anchored.tag.scope in _SCOPE_LABELS else None
            if own is not None:
                self._taken.add(own)
                key = (anchored.tag.scope, own.getparent())
                self._by_container.setdefault(key, []).append(anchored)

    def check_stands_alone(self, anchored: AnchoredTag) -> Iterator[Problem]:
        """Yield a problem where a tag that takes its surroundings along has company there."""
        tag, own = anchored.tag, scoped_element(anchored)
        label, plain = _SCOPE_LABELS[tag.scope], replace(tag, scope="").written
        if own is None:
            key, fields = "scope-outside", {}
        elif words := _words_beside(self._text(own), anchored.mark):
            key, fields = "text-beside-tag", {"beside": words}
        else:
            return
        yield messages.problem(key, tag.place, tag=tag.written, unit=label, plain=plain, **fields)

    def _text(self, own: Element) -> str:
        """Return what shows in an element, the end of a section as a page break."""
        if own not in self._texts:
            text = "".join(atom.char for p in own.iter(W + "p") for atom in atoms(p))
            ends_section = next(own.iter(W + "sectPr"), None) is not None
            self._texts[own] = text + PAGE_BREAK * ends_section
        return self._texts[own]

    def ends_in_paragraph(self, closer: AnchoredTag) -> bool:
        """Return whether a paragraph that is sure to print stands before the closer's own."""
        own = scoped_element(closer)
        before = None if own is None else _previous_block(own)
        return before is not None and before.tag == W + "p" and before not in self._taken

    def sole_block(self, closer: AnchoredTag) -> SoleBlock | None:
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


def _words_beside(text: str, mark: str) -> str:
    """Return what else shows in the element that goes, in a few words; empty if nothing does."""
    others = text.replace(mark, "", 1)
    words = _MARKS.sub("", others.rstrip(PAGE_BREAK)).strip()
    if others.endswith(PAGE_BREAK):
        return "a section break"
    if OBJECT in words:
        return "a picture, break or note"
    if words:
        return f"“{shortened(words, 40)}”"
    return "another placeholder" if _MARKS.search(others) else ""


# Paragraphs that go where their tags are blank, and containers that must keep one.

_RANGE_MARKS = {
    W + name for name in ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd")
}
BLOCK_ELEMENTS = {W + "p", W + "tbl", W + "sdt"}
"""What stands one below the other in a body, cell or control, and shows."""
_CONTAINERS = {
    W + name for name in ("tc", "hdr", "ftr", "txbxContent", "sdtContent", "footnote", "endnote")
}
"""What must not be left without a paragraph (ECMA-376 part 1, 17.4.65, 17.10, 17.11)."""


def can_be_removed(paragraph: Element) -> bool:
    """Return whether a paragraph can be left out: nothing else shows in it or hangs on it.

    It stays if it holds a picture, page break, field or note mark, or the properties of a section.
    It also stays if what is left would be no document, or another one:

    - it is the last block of its container, or of one branch of an `{%p if %}` in it: a container
      must hold a paragraph, and a cell must end in one;
    - it is the last block anywhere and a table stands before it, for the same reason;
    - it stands between two tables, which Word would join to one.
    """
    if paragraph.find(f"{W}pPr/{W}sectPr") is not None:
        return False
    if next(paragraph.iter(W + "fldSimple"), None) is not None:
        return False
    if any(atom.char == OBJECT for atom in atoms(paragraph)):
        return False
    parent, following = paragraph.getparent(), _next_block(paragraph)
    if following is None:
        in_container = parent is not None and parent.tag in _CONTAINERS
        after_table = parent is not None and _has_name(_previous_block(paragraph), "tbl")
        return not in_container and not after_table
    if following.tag == W + "p":
        text = "".join(atom.char for atom in atoms(following))
        ends_branch = re.match(r"\s*\{%p\s+(else|elif|end)", text) is not None
        return parent is None or parent.tag not in _CONTAINERS or not ends_branch
    before = (e for e in paragraph.itersiblings(W + "tbl", W + "sdt", preceding=True))
    return not (following.tag == W + "tbl" and _has_name(next(before, None), "tbl"))


def _next_block(element: Element) -> Element | None:
    return next(element.itersiblings(*BLOCK_ELEMENTS), None)


def _previous_block(element: Element) -> Element | None:
    return next(element.itersiblings(*BLOCK_ELEMENTS, preceding=True), None)


def _has_name(element: Element | None, name: str) -> bool:
    return element is not None and element.tag == W + name


def close_up(paragraph: Element, opening: str, otherwise: str, closing: str) -> None:
    """Let the paragraph stand between two marks; where it goes, its bookmarks move on.

    A bookmark may stand between paragraphs (ECMA-376 part 1, 17.13.6.2), and then belongs to the
    next one. So a paragraph with bookmarks gets copies of them behind it, as the other branch of
    its condition: a reference to a line that closes up finds the line below.
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


def needs_paragraph(closer: AnchoredTag) -> bool:
    """Return whether an `{%p end… %}` has the last paragraph of a container that needs one."""
    own, parent = scoped_element(closer), _scoped_parent(closer)
    needed = parent is not None and parent.tag in _CONTAINERS
    return own is not None and needed and _next_block(own) is None


def remove_emptied(holder: Element) -> None:
    """Take out a row that has no cell any more, and a table that has no row."""
    for tag, held in ((W + "tr", W + "tc"), (W + "tbl", W + "tr")):
        parent = holder.getparent()
        if holder.tag == tag and next(holder.iter(held), None) is None and parent is not None:
            parent.remove(holder)
            holder = parent


def _scoped_parent(anchored: AnchoredTag) -> Element | None:
    own = scoped_element(anchored)
    return None if own is None else own.getparent()


@dataclass(frozen=True, slots=True)
class SoleBlock:
    """The one block that is all its container holds: its opener, and its else and elifs."""

    opener: AnchoredTag
    middles: tuple[AnchoredTag, ...]


def clear_placeholders(tags: Iterable[AnchoredTag]) -> None:
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


def isolate_runs(tags: Iterable[AnchoredTag]) -> None:
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
        words, *others = _MARK.split(child.text or "") if child.tag == W + "t" else [""]
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


def empty_run_like(run: Element) -> Element:
    """Return an empty run with the same properties, outside of any document."""
    new = run.makeelement(run.tag, dict(run.attrib))
    properties = run.find(W + "rPr")
    if properties is not None:
        new.append(copy.deepcopy(properties))
    return new


# Lines: which tags decide over which characters. Pure.
#
# A line is a paragraph, or the stretch between two line breaks in it. As in Word's own merge, a
# line of nothing but value tags, spaces and punctuation goes where all its tags are blank. Where
# some are, a blank tag takes its separator along: `{{ city }}, {{ country }}` with a blank city is
# the country alone. Which tags will be blank is not known when the template is compiled, so each
# character between the tags gets the condition on which it stands:
#
# 1. The paragraph is cut at its breaks; a line with words of its own is `fixed` and stays.
# 2. Brackets and quotation marks stand where some tag between them is filled.
# 3. The ends of the line, before its first tag and behind its last, stand where the line does.
# 4. Between two filled tags, with blank ones between them, stands exactly one separator.
# 5. A line break stands where the line below it does and some line above: so breaks never
#    lead, trail or double.

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
    """The characters from `start` to `end`, which stand only where `shown` holds."""

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
    """Return the lines of a text; `others` are positions inside tags that print no value."""
    lines, start = [], 0
    inside = {i for tag in tags for i in range(tag.start, tag.end)} | others
    breaks = [i for i, c in enumerate(text) if c == "\n" and i not in inside]
    stays = len(breaks) >= MOST_LINES
    for end in (*breaks, len(text)):
        own = tuple(tag for tag in tags if start <= tag.start < end)
        fixed = stays or not 0 < len(own) <= MOST_TAGS or not others.isdisjoint(range(start, end))
        fixed = fixed or not all(
            _is_separator(text[i]) for i in range(start, end) if i not in inside
        )
        lines.append(TemplateLine(start, end, own, fixed))
        start = end + 1
    return lines


def _is_separator(character: str) -> bool:
    """Return whether a character is a space or punctuation, and so may go with a blank tag."""
    category = unicodedata.category(character)
    return category[0] in "PZ" or category in {"Cc", "Cf", "Sm"}


def conditional_spans(text: str, lines: Sequence[TemplateLine]) -> Iterator[ConditionalSpan]:
    """Yield what stands only where certain tags are filled: separators, brackets, line breaks."""
    for line in lines:
        if not line.fixed:
            yield from _spans_in_line(text, line)
    for count, (above, below) in enumerate(pairwise(lines), start=1):
        is_sure = any(line.fixed for line in lines[:count])
        before = "" if is_sure else _any(line.shown for line in lines[:count])
        shown = " and ".join(f"({condition})" for condition in (below.shown, before) if condition)
        if shown:
            yield ConditionalSpan(above.end, above.end + 1, shown)


def _spans_in_line(text: str, line: TemplateLine) -> Iterator[ConditionalSpan]:
    """Yield the spans of a line that may go: brackets, then what is left between and round tags."""
    pairs = _bracket_pairs(text, line)
    brackets = {edge for pair in pairs for edge in pair}
    for opening, closing in pairs:
        some = _any(tag.filled for tag in line.tags if opening < tag.start < closing)
        yield ConditionalSpan(opening, opening + 1, some)
        yield ConditionalSpan(closing, closing + 1, some)
    edges = [line.start, *(edge for tag in line.tags for edge in (tag.start, tag.end)), line.end]
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    shown = [line.shown, *_separator_conditions(text, line.tags, gaps[1:-1], pairs), line.shown]
    for (start, end), condition in zip(gaps, shown, strict=True):
        begin = start
        for at in (*(b for b in range(start, end) if b in brackets), end):
            if begin < at:
                yield ConditionalSpan(begin, at, condition)
            begin = at + 1


def _bracket_pairs(text: str, line: TemplateLine) -> list[tuple[int, int]]:
    """Return where brackets and quotation marks open and close, round one tag at least."""
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


def _separator_conditions(
    text: str,
    tags: Sequence[ValueTag],
    gaps: Sequence[tuple[int, int]],
    pairs: Sequence[tuple[int, int]],
) -> list[str]:
    """Return, for each gap between two tags, the condition on which its separator stands.

    Of the separators between two filled tags, with blank ones between them, one stands: outside
    brackets rather than inside, then the one with more punctuation, then the first. So each pair
    of tags (left filled, right filled, all between them blank) adds its case to one gap; the cases
    exclude each other, and every outcome is one chain of them.

    Pairs grow with the square of the tags, and the conditions with their number. In a line of many
    tags it is therefore the last separator: one stands where the tag behind it is filled and some
    tag before it.
    """
    if len(tags) > _MOST_WEIGHED:
        before = (_any(tag.filled for tag in tags[:count]) for count in range(1, len(tags)))
        return [f"({tag.filled}) and ({b})" for tag, b in zip(tags[1:], before, strict=True)]
    edges = {edge for pair in pairs for edge in pair}
    ranks = []
    for gap in gaps:  # a separator is as deep as its least enclosed character
        own = [at for at in range(*gap) if at not in edges]
        depth = min((sum(a < at < b for a, b in pairs) for at in own), default=99)
        ranks.append((-depth, len("".join(text[at] for at in own).split())))
    chosen: list[list[str]] = [[] for _ in gaps]
    for left in range(len(tags)):
        for right in range(left + 1, len(tags)):
            strongest = max(range(left, right), key=ranks.__getitem__)
            blanks = [f"not ({tag.filled})" for tag in tags[left + 1 : right]]
            chosen[strongest].append(" and ".join([tags[left].filled, tags[right].filled, *blanks]))
    return [_any(conditions) or "false" for conditions in chosen]


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(f"({c})" for c in conditions)


# docxtpl's tags for table cells: colspan, cellbg, vm and hm, put where the schema wants them.
# docxtpl itself writes w:gridSpan, w:vMerge and w:shd before w:tcW; a cell's properties have an
# order (ECMA-376 part 1, 17.4.69), and Word may call a file without it damaged.

_CELL_PROPERTIES = (
    *("cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd", "noWrap", "tcMar"),
    *("textDirection", "tcFitText", "vAlign", "hideMark"),
)


def apply_cell_tag(anchored: AnchoredTag, part_tags: PartTags) -> None:
    """Carry out what the tag says of its cell, and take the tag out of the text."""
    tag, cell = anchored.tag, enclosing_element(anchored.element, "tc")
    anchored.element.text = (anchored.element.text or "").replace(anchored.mark, "")
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
    """Return the mark of the value that a cell tag gives its cell, as a tag of its own."""
    body = tag.body.partition(" ")[2]
    return part_tags.mark(replace(tag, kind="value", body=body, escape_context=escape_context))


def _merge_vertically(cell: Element, tag: Tag, part_tags: PartTags) -> None:
    """Merge the cell with its copies below: its words stand in the first row of the loop only."""
    first = part_tags.condition("if loop.first", tag.place)
    otherwise = part_tags.condition("else", tag.place)
    end = part_tags.condition("endif", tag.place)
    _set_cell_property(cell, "vMerge", val=f"{first}restart{otherwise}continue{end}")
    for text in cell.iter(W + "t"):
        first = part_tags.condition("if loop.first", tag.place)
        text.text = f"{first}{text.text or ''}{part_tags.condition('endif', tag.place)}"


def _merge_horizontally(cell: Element, tag: Tag, part_tags: PartTags) -> None:
    """Merge the cell with its copies to the right: it stands once, as wide as all of them."""
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    number = "" if span is None else str(span.get(W + "val"))
    body = f"loop.length|xml_span({int(number) if number.isdecimal() else 1})"
    width = part_tags.mark(Tag("value", "", body, tag.place, synthetic=True))
    _set_cell_property(cell, "gridSpan", val=width)
    first = part_tags.condition("if loop.first", tag.place)
    wrap(cell, first, part_tags.condition("endif", tag.place))


def _set_cell_property(cell: Element, name: str, **attributes: str) -> None:
    """Set a property of the cell, at its place among the others; an unknown one comes behind."""
    properties = cell.find(W + "tcPr")
    if properties is None:
        properties = cell.makeelement(W + "tcPr", {})
        cell.insert(0, properties)
    for old in properties.findall(W + name):
        properties.remove(old)
    earlier = {W + other for other in _CELL_PROPERTIES[: _CELL_PROPERTIES.index(name)]}
    new = properties.makeelement(W + name, {W + key: value for key, value in attributes.items()})
    properties.insert(sum(child.tag in earlier for child in properties), new)
