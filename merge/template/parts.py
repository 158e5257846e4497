"""Prepare one part of a template for docxtpl and restore its tags afterwards.

docxtpl's `patch_xml` turns its tags into jinja2 by regular expressions over the whole part. It is
given a part in which every tag is whole in one w:t, with a number for its words, and no other brace
stands (see tags.py); `jinja_source` puts words and braces back into what it makes of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from lxml import etree

from merge import messages
from merge.ooxml.fields import code_texts
from merge.ooxml.wordml import (
    FALLBACK,
    OBJECT,
    Atom,
    Element,
    W,
    atoms,
    put_back,
    tracked_changes,
    wrap,
)
from merge.problems import Place, Problem, shortened
from merge.template.blocks import (
    CELL_TAGS,
    AnchoredTag,
    ConditionalSpan,
    ScopedTags,
    TemplateLine,
    ValueTag,
    apply_cell_tag,
    can_be_removed,
    check_blocks,
    clear_placeholders,
    close_up,
    conditional_spans,
    isolate_runs,
    lift_bookmarks,
    needs_paragraph,
    remove_emptied,
    scoped_element,
    split_lines,
)
from merge.template.field_expressions import string_literal
from merge.template.foreign import foreign_half, foreign_tags
from merge.template.links import WHOLE_TAG, is_allowed, unquoted_tags
from merge.template.merge_fields import fields_to_tags, merge_results
from merge.template.tags import (
    BLOCK_EDGE,
    BODY_END,
    BODY_START,
    CLOSE_BRACE,
    MARKS,
    MOST_FAULTS,
    OPEN_BRACE,
    TAG_EDGE,
    TAG_END,
    TAG_START,
    Columns,
    EscapeContext,
    PartTags,
    Tag,
    TagFault,
    TagSpan,
    TemplateParagraph,
    find_tags,
    without_field_marks,
)

_MARKED = re.compile(f"{TAG_START}(\\d+){TAG_END}")
_BODY = re.compile(f"{BODY_START}(\\d+){BODY_END}")
_FILTERS = {
    "plain": "xml_plain",
    "address": "xml_url",
    "link": "xml_link",
    "link rest": "xml_link_rest",
    "span": "xml_span",
    "fill": "xml_fill",
}
"""What escapes a value where it does not stand in a w:t, by the tag's context."""

_PART_LABELS = (
    ("word/document", "body"),
    ("word/header", "header"),
    ("word/footer", "footer"),
    ("word/footnotes", "footnotes"),
    ("word/endnotes", "endnotes"),
    ("word/comments", "comments"),
    ("docProps/", "document properties"),
)


@dataclass(frozen=True, slots=True)
class PreparedPart:
    """A part whose `xml` is ready for `patch_xml`; each tag in it is the number it has in `tags`.

    It comes in pieces, one or more whole paragraphs or tables each. `changed`: there was anything
    to change, tags or comments between braces.
    """

    name: str
    xml: tuple[str, ...]
    tags: tuple[Tag, ...]
    problems: tuple[Problem, ...]
    changed: bool
    paragraphs: tuple[TemplateParagraph, ...] = ()


def part_label(name: str) -> str:
    """Return a part's name as people say it: `word/header2.xml` is `header`."""
    if name.endswith(".rels"):  # where addresses of links stand
        return f"a link of the {part_label(name.replace('_rels/', '').removesuffix('.rels'))}"
    return next((label for start, label in _PART_LABELS if name.startswith(start)), name)


def prepare_part(name: str, root: Element, file: str, columns: Columns) -> PreparedPart:
    """Find the tags of a part and make its XML ready; `root` is changed. Faults are problems."""
    part_tags = PartTags(Place(file, part=part_label(name)))
    text, odd = etree.tostring(root, encoding="unicode"), ""
    part_tags.holds_markup = "&lt;/" in text
    if any(mark in text for mark in MARKS):
        odd = "template-odd/character"
    elif any(e.prefix != "w" for e in root.iter(W + "*")):
        odd = "template-odd/other-program"
    if odd:
        problem = messages.problem(odd, part_tags.place)
        return PreparedPart(name, (), (), (problem,), changed=False)
    part_tags.problems += tracked_changes(root, part_tags.place)
    faulty = fields_to_tags(root, columns.field_expression, part_tags.place, part_tags.fields)
    part_tags.problems += faulty
    results = merge_results(root) if faulty else set()
    _PartReader(part_tags, columns, code_texts(root), results).read(root)
    xml = tuple(_numbered_pieces(root, part_tags)) if part_tags.changed else ()
    if any(map(_is_too_long, xml)):
        part_tags.problems.append(messages.problem("template-too-large/piece", part_tags.place))
    problems = tuple(part_tags.problems)
    tags, said = tuple(part_tags.tags), tuple(part_tags.paragraphs)
    return PreparedPart(name, xml, tags, problems, changed=part_tags.changed, paragraphs=said)


_PIECE = 200_000
"""Characters of a part that docxtpl reads at once: its regular expressions take 50 bytes each."""
_MOST_TOGETHER = 2_000_000
"""Characters of one paragraph, row or cell; letters have some thousand."""
_STARTS = [re.compile(f"<w:{name}[ >]") for name in ("p", "tr", "tc", "r")]


def _numbered_pieces(root: Element, part_tags: PartTags) -> Iterator[str]:
    """Yield the part as docxtpl is to see it, in pieces of whole paragraphs and tables."""
    body = root.find(W + "body")
    for child in root if body is None else body:
        wrap(child, "", BLOCK_EDGE)
    text = etree.tostring(root, encoding="unicode")
    piece, length = [], 0
    for block in text.split(BLOCK_EDGE):
        piece.append(block)
        length += len(block)
        if length > _PIECE:
            yield _numbered("".join(piece), part_tags.tags)
            piece, length = [], 0
    yield _numbered("".join(piece), part_tags.tags)


def _is_too_long(piece: str) -> bool:
    """Return whether one of docxtpl's regular expressions would run over too much of a piece."""
    return len(piece) > _MOST_TOGETHER and any(
        max(map(len, start.split(piece)[1:]), default=0) > _MOST_TOGETHER for start in _STARTS
    )


def _numbered(xml: str, tags: Sequence[Tag]) -> str:
    """Return the XML with each tag as docxtpl is to see it: its own outside, a number inside."""

    def numbered(found: re.Match[str]) -> str:
        tag, body = tags[int(found[1])], f"{BODY_START}{found[1]}{BODY_END}"
        return f"{{{{ {body} }}}}" if tag.kind == "value" else f"{{%{tag.scope} {body} %}}"

    return _MARKED.sub(numbered, xml.replace("{", OPEN_BRACE).replace("}", CLOSE_BRACE))


def jinja_source(patched: str, tags: Sequence[Tag]) -> tuple[str, dict[int, Tag]]:
    """Return the source for jinja2 with the tags' own words, and the tag on each line of it.

    Each body ends in a line feed of its own, so that the line which jinja2 gives for whatever it
    finds names the tag. Braces of ordinary text are still hidden.
    """
    pieces, tag_by_line, line, at = [], {}, 1, 0
    for found in _BODY.finditer(patched):
        tag = tags[int(found[1])]
        before, body = patched[at : found.start()], tag.body
        if tag.kind == "value" and tag.escape_context in _FILTERS:
            body = f"({body})|{_FILTERS[tag.escape_context]}"
        line += before.count("\n")
        tag_by_line[line] = tag
        pieces += [before, body, "\n"]
        line, at = line + 1, found.end()
    return "".join((*pieces, patched[at:])), tag_by_line


def restore_braces(text: str) -> str:
    """Return ordinary text with the braces that were hidden from docxtpl."""
    return text.replace(OPEN_BRACE, "{").replace(CLOSE_BRACE, "}")


# Word's text: the tags of each paragraph, reported where they are faulty, each replaced by a mark.

_LONGEST_PARAGRAPH = 200_000
_LONGEST_HALF = 200
"""Characters of what may be another program's placeholder."""
_MOST_TAGS = 3_000
_MOST_PROBLEMS = 500
"""What a part may hold before it is no letter's; filling has to stay quick."""


@dataclass(frozen=True, slots=True)
class _CollapsingParagraph:
    """A paragraph that stands only where `shown` holds."""

    paragraph: Element
    shown: str
    place: Place


class _PartReader:
    """Reads the paragraphs of one part, then carries out what their tags ask for.

    `codes` are the texts that Word reads as a field's code, `results` those that merge fields show
    which are faults already: `«Name»` is not told a second time.
    """

    def __init__(
        self, part_tags: PartTags, columns: Columns, codes: set[Element], results: set[Element]
    ) -> None:
        self._part_tags, self._columns = part_tags, columns
        self._codes, self._results = codes, results
        self._anchored: list[AnchoredTag] = []
        self._comments: list[AnchoredTag] = []
        self._number = 0
        self._in_fallback = False
        self._fallback_problems: list[Problem] = []
        self._foreign_count = 0

    def read(self, root: Element) -> None:
        """Read the whole part.

        All paragraphs come first, because only when all tags are known can blocks be checked, and
        only then may anything be moved: what takes its surroundings along, then what closes up.
        """
        part_tags, collapsing = self._part_tags, []
        for paragraph in list(root.iter(W + "p")):
            if len(part_tags.tags) > _MOST_TAGS or len(part_tags.problems) > _MOST_PROBLEMS:
                key = "template-too-large/placeholders"
                part_tags.problems.append(messages.problem(key, part_tags.place))
                return
            collapsing.append(self._read_paragraph(paragraph))
        part_tags.problems += check_blocks(self._anchored)
        if not part_tags.problems:
            part_tags.problems += self._fallback_problems  # the copies differ
        _mark_plain_texts(root, part_tags)
        scoped = ScopedTags(self._comments)
        for comment in self._comments:
            part_tags.problems += scoped.check_stands_alone(comment)
            own = scoped_element(comment)
            parent = None if own is None else own.getparent()
            if own is not None and parent is not None and can_be_removed(own):
                lift_bookmarks(own, behind=False)
                parent.remove(own)
                remove_emptied(parent)
        scoped = ScopedTags(self._anchored)
        clear_placeholders(self._anchored)
        for anchored in self._anchored:
            _apply_scope(anchored, scoped, part_tags)
        isolate_runs(self._anchored)
        for one in collapsing:
            if one:
                opening = part_tags.condition(f"if {one.shown}", one.place)
                otherwise = part_tags.condition("else", one.place)
                close_up(one.paragraph, opening, otherwise, part_tags.condition("endif", one.place))

    def _report(self, problem: Problem) -> None:
        """Report a problem once: a text box stands in the file a second time, for old programs."""
        (self._fallback_problems if self._in_fallback else self._part_tags.problems).append(problem)

    def _read_paragraph(self, paragraph: Element) -> _CollapsingParagraph | None:
        """Mark the paragraph's tags; return on which condition it stays, if on any."""
        self._in_fallback = next(paragraph.iterancestors(FALLBACK), None) is not None
        self._number += not self._in_fallback
        if sum(len(piece.text or "") for piece in paragraph.iter(W + "t")) > _LONGEST_PARAGRAPH:
            place, most = self._part_tags.place, _LONGEST_PARAGRAPH
            self._report(messages.problem("template-too-large/paragraph", place, most=most))
            return None
        characters = atoms(paragraph)
        text = "".join(atom.char for atom in characters)
        here = replace(self._part_tags.place, paragraph=self._number)
        own = "".join(OBJECT if a.element in self._results else a.char for a in characters)
        if not TAG_EDGE.search(text):
            place = replace(here, words=text.replace(OBJECT, ""))
            self._report_foreign(own, place)
            self._keep(place, own, [])
            return None
        tags = list(find_tags(text))
        place = replace(here, words=self._shown(text, tags).replace(OBJECT, ""))
        found = list(self._sound(tags, characters, place))
        self._report_foreign(_without(own, found), place)
        spans = [span for span in found if span.kind != "comment"]
        text = _without(text, (span for span in found if span.kind == "comment"))
        values = [ValueTag(s.start, s.end, s.body) for s in spans if s.kind == "value"]
        others = {i for s in spans if s.kind != "value" for i in range(s.start, s.end)}
        lines = split_lines(text, values, others)
        self._keep(place, text, self._mark_tags(spans, lines, characters, place))
        collapses = not any(line.fixed for line in lines) and can_be_removed(paragraph)
        # A lone tag whose paragraph goes with it leaves nothing between tags to decide over.
        if not (collapses and len(lines) == 1 and len(lines[0].tags) == 1):
            self._mark_conditions(conditional_spans(text, lines), characters, place)
        put_back(characters)
        shown = " or ".join(f"({line.shown})" for line in lines)
        return _CollapsingParagraph(paragraph, shown, place) if collapses else None

    def _mark_tags(
        self,
        spans: Iterable[TagSpan],
        lines: Sequence[TemplateLine],
        characters: Sequence[Atom],
        place: Place,
    ) -> list[tuple[TagSpan, Tag]]:
        """Put a mark in the place of each tag's first character, which so gives it its format."""
        closing_up = {tag.start for line in lines if not line.fixed for tag in line.tags}
        made = []
        for span in spans:
            first, closes_up = characters[span.start], span.start in closing_up
            scope = span.scope if span.kind == "block" else ""
            field = self._field(span)
            tag = Tag(span.kind, scope, span.body, place, closes_up=closes_up, field=field)
            first.text = self._part_tags.mark(tag)
            self._anchored.append(AnchoredTag(tag, first.element, first.text))
            made.append((span, tag))
        return made

    def _mark_conditions(
        self, spans: Iterable[ConditionalSpan], characters: Sequence[Atom], place: Place
    ) -> None:
        """Let stretches stay on conditions.

        Each element gets conditions of its own: a span may run over several formats.
        """
        for span in spans:
            stretch = characters[span.start : span.end]
            for _, same in groupby(stretch, key=lambda atom: id(atom.element)):
                piece = list(same)
                piece[0].before = self._part_tags.condition(f"if {span.shown}", place)
                piece[-1].after = self._part_tags.condition("endif", place)

    def _keep(self, place: Place, text: str, tags: Sequence[tuple[TagSpan, Tag]]) -> None:
        """Keep what the paragraph says, its tags among its own words."""
        pieces: list[str | Tag] = []
        at = 0
        for span, tag in tags:
            pieces += [text[at : span.start], tag]
            at = span.end
        if not self._in_fallback:
            self._part_tags.paragraphs.append(TemplateParagraph(place, (*pieces, text[at:])))

    def _report_foreign(self, text: str, place: Place) -> None:
        markup = self._part_tags.holds_markup
        for problem in foreign_tags(text, self._columns, place, markup=markup):
            self._foreign_count += 1
            if self._foreign_count <= MOST_FAULTS:
                self._report(problem)

    def _field(self, span: TagSpan) -> str:
        """Return the field that a tag was made from, as Word shows it; empty if there is none."""
        return self._part_tags.fields[span.field] if span.field >= 0 else ""

    def _shown(self, text: str, found: Iterable[TagSpan | TagFault]) -> str:
        """Return a paragraph's text as a person sees it in Word, with its fields."""
        pieces, at = [], 0
        rests = {"else": " / ", "endif": ""}
        for span in found:
            if isinstance(span, TagSpan) and span.field >= 0:
                pieces += [text[at : span.start], rests.get(span.body, self._field(span))]
                at = span.end
        return without_field_marks("".join((*pieces, text[at:])))

    def _sound(
        self, tags: Iterable[TagSpan | TagFault], characters: list[Atom], place: Place
    ) -> Iterator[TagSpan]:
        """Yield the sound tags of a paragraph, their characters emptied; report the others."""
        for found in tags:
            if isinstance(found, TagFault):
                rest = "".join(atom.char for atom in characters[found.start :][:_LONGEST_HALF])
                fault = foreign_half(rest, self._columns) or found.fault
                self._report(fault.at(place))
                continue
            own = characters[found.start : found.end]
            if own[0].element in self._codes:
                tag = "".join(atom.char for atom in own)
                self._report(messages.problem("tag-in-field", place, tag=tag))
            elif found.kind == "comment" and all(atom.char != OBJECT for atom in own):
                self._empty_comment(found, own, place)
                yield found
            elif not all(atom.is_text for atom in own):
                self._report(messages.problem("tag-broken", place))
            else:
                for atom in own:
                    atom.text = ""
                self._part_tags.changed = True
                yield found

    def _empty_comment(self, found: TagSpan, own: Sequence[Atom], place: Place) -> None:
        """Take out all that stands in a comment, its tabs and line breaks too."""
        for atom in own:
            if not atom.is_text:
                atom.element.tag = W + "t"
                atom.element.attrib.clear()
            atom.text = ""
        self._part_tags.changed = True
        if found.scope:
            tag = Tag("comment", found.scope, found.body, place)
            self._comments.append(AnchoredTag(tag, own[0].element, ""))


def _without(text: str, spans: Iterable[TagSpan]) -> str:
    """Return the text with spaces in place of some tags, which so count as nothing."""
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _apply_scope(anchored: AnchoredTag, scoped: ScopedTags, part_tags: PartTags) -> None:
    """Make ready what a tag takes along: its cell's properties, its paragraph, row or cell.

    What a block leaves behind when it prints nothing must still be a whole document, so its closer
    sees to its container: it keeps a paragraph, or goes as a whole.
    """
    if anchored.tag.keyword in CELL_TAGS:
        apply_cell_tag(anchored, part_tags)
    elif anchored.tag.scope in {"p", "tr", "tc"}:
        part_tags.problems += scoped.check_stands_alone(anchored)
        own = scoped_element(anchored)
        if own is None:
            return
        is_closer = anchored.tag.keyword.startswith("end")
        lift_bookmarks(own, behind=is_closer)
        if is_closer and anchored.tag.scope == "p" and needs_paragraph(anchored):
            _keep_paragraph(anchored, own, scoped, part_tags)
        elif is_closer and anchored.tag.scope in {"tr", "tc"}:
            _drop_emptied(anchored, own, scoped, part_tags)


def _keep_paragraph(
    closer: AnchoredTag, own: Element, scoped: ScopedTags, part_tags: PartTags
) -> None:
    """Put an empty paragraph where a container would be left without one.

    It is not needed where each branch of the container's only block is sure to end in a paragraph;
    a missing else then is the one branch that needs it. Else it stands behind the block.
    """
    block, kept = scoped.sole_block(closer), own.makeelement(W + "p", {})
    ends = (*block.middles, closer) if block else ()
    if not block or not all(map(scoped.ends_in_paragraph, ends)):
        own.addnext(kept)
    elif not any(end.tag.keyword == "else" for end in ends):
        own.addprevious(kept)
        wrap(kept, part_tags.condition("else", closer.tag.place), "")


def _drop_emptied(
    closer: AnchoredTag, own: Element, scoped: ScopedTags, part_tags: PartTags
) -> None:
    """Let a table go that its only block leaves without rows, and a row without cells."""
    block, parent = scoped.sole_block(closer), own.getparent()
    if block is None or block.middles or parent is None:
        return
    opener = block.opener.tag
    _, _, test = opener.body.partition(" in " if opener.keyword == "for" else " ")
    if opener.keyword == "for":
        test = f"({test})|items is not blank"
    opening = part_tags.condition(f"if {test}", opener.place)
    wrap(parent, opening, part_tags.condition("endif", opener.place))


# Tags outside of Word's text: attributes, alt texts, addresses of links, document properties.

_LONGEST_TEXT = 10_000
"""Characters of a text outside of w:t that are looked at one by one."""
_MOST_PLAIN_PROBLEMS = 500
"""Problems of a part: more help nobody."""

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
_SPLIT = ((_A + "p", _A + "t"), (_M + "oMath", _M + "t"), (W + "p", W + "instrText"))
"""Texts that stand in pieces, by what holds them together."""
_FIELD_CODES = {W + "instrText", W + "instr", W + "delInstrText"}
_FILLED_ATTRIBUTES = {"descr", "title", "alt", W + "tooltip", "tooltip", _OFFICE + "title"}
_FILLED_TEXTS = {_DC + "title", _DC + "subject", _A + "t", _M + "t"}
"""Where a tag may stand outside of Word's text: what people read, and nothing else."""


def _mark_plain_texts(root: Element, part_tags: PartTags) -> None:
    """Replace the tags in attributes, and in text that is no w:t, by marks.

    Only what people read may be filled, and the address of a link. Any other place could make a
    field, a relationship or anything else of a cell's words.
    """
    _report_split_tags(root, part_tags)
    for element in root.iter(etree.Element):
        is_link = str(element.get("Type", "")).endswith("/hyperlink")
        for name, value in element.attrib.items():
            if len(part_tags.problems) > _MOST_PLAIN_PROBLEMS:
                return
            text = str(value)
            if name == "Target" and len(text) <= _LONGEST_TEXT:
                text = unquoted_tags(text)
            if _holds_tag(text):
                fillable = name in _FILLED_ATTRIBUTES or (name == "Target" and is_link)
                marked = _marked(str(name), text, part_tags, fillable=fillable)
                if marked is not None:
                    element.set(name, marked)
        text = element.text or ""
        if element.tag != W + "t" and _holds_tag(text):
            fillable = element.tag in _FILLED_TEXTS
            marked = _marked(str(element.tag), text, part_tags, fillable=fillable)
            element.text = element.text if marked is None else marked


def _holds_tag(text: str) -> bool:
    """Return whether there is a whole tag in a text; in a very long one, whether one starts."""
    if len(text) > _LONGEST_TEXT:
        return any(opening in text for opening in ("{{", "{%"))
    return WHOLE_TAG.search(text) is not None


def _first_tag(text: str) -> str:
    """Return the first placeholder of a text as written; of a very long text its start."""
    known = find_tags(text) if len(text) <= _LONGEST_TEXT else ()
    tags = (text[found.start : found.end] for found in known if isinstance(found, TagSpan))
    return shortened(next(tags, text))


def _marked(name: str, text: str, part_tags: PartTags, *, fillable: bool) -> str | None:
    """Return the text with marks for its tags; None, and a problem, where none may stand.

    `name` is that of the attribute or element.
    """
    place = replace(part_tags.place, words=text)
    if not fillable or len(text) > _LONGEST_TEXT:
        key = "tag-in-field" if name in _FIELD_CODES else "tag-out-of-place"
        part_tags.problems.append(messages.problem(key, place, tag=_first_tag(text)))
        return None
    spans = [found for found in find_tags(text) if isinstance(found, TagSpan)]
    if name == "Target" and {found.kind for found in spans} == {"value"}:
        part_tags.changed = True
        return part_tags.mark(_address_tag(text, spans, place))
    pieces: list[str] = []
    anchored: list[AnchoredTag] = []
    at = 0
    element = etree.Element("plain")
    for found in spans:
        pieces.append(text[at : found.start])
        at = found.end
        part_tags.changed = True
        if found.kind != "comment":
            context = _address_context(pieces, anchored) if name == "Target" else "plain"
            tag = Tag(found.kind, "", found.body, place, context, closes_up=True)
            anchored.append(AnchoredTag(tag, element, part_tags.mark(tag)))
            pieces.append(anchored[-1].mark)
    part_tags.problems += check_blocks(anchored)
    return "".join((*pieces, text[at:]))


def _address_tag(text: str, spans: Sequence[TagSpan], place: Place) -> Tag:
    """Return an address with values as one tag: what they make together decides where it leads."""
    if len(spans) == 1 and text.strip() == text[spans[0].start : spans[0].end]:
        return Tag("value", "", spans[0].body, place, "link", closes_up=True)
    edges = [0, *(edge for found in spans for edge in (found.start, found.end)), len(text)]
    words = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    parts = [string_literal(words[0])] if words[0] else []
    for found, behind in zip(spans, words[1:], strict=True):
        parts.append(f"({found.body})")
        parts += [string_literal(behind)] if behind else []
    return Tag("value", "", " ~ ".join(parts), place, "link", closes_up=True, field=text)


def _address_context(pieces: Sequence[str], before: Sequence[AnchoredTag]) -> EscapeContext:
    """Return what a tag in an address is of it, by the words and the tags before it.

    Behind `https://` or the like, and behind `?` or `#`, no value can lead anywhere else.
    """
    marks = {anchored.mark for anchored in before}
    words = "".join(piece for piece in pieces if piece not in marks)
    is_plain = all(anchored.tag.kind == "value" for anchored in before)
    if is_allowed(pieces[0]) or (is_plain and ("?" in words or "#" in words)):
        return "address"
    return "link rest" if any(a.tag.kind == "value" for a in before) else "link"


def _report_split_tags(root: Element, part_tags: PartTags) -> None:
    """Report tags that a drawing's text, a formula or a field's code has in pieces."""
    for whole, piece in _SPLIT:
        for holder in root.iter(whole):
            texts = [element.text or "" for element in holder.iter(piece)]
            text = "".join(texts)
            if len(texts) > 1 and "{{" in text and not any("{{" in one for one in texts):
                place = replace(part_tags.place, words=text[:200])
                part_tags.problems.append(messages.problem("tag-broken/pieces", place))
