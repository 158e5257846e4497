"""Prepare a part of a template for docxtpl, and restore its tags.

docxtpl's `patch_xml` turns its tags into jinja2 by regular expressions over the complete part. The
part that it gets has each tag complete in one w:t, with a number for its words, and no other brace
(see tags.py). Then `jinja_source` restores words and braces in the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from lxml import etree

from merge import messages
from merge.ooxml.fields import texts_read_as_code
from merge.ooxml.wordml import (
    FALLBACK,
    OBJECT,
    Element,
    ParagraphCharacter,
    W,
    add_text_around,
    paragraph_characters,
    tracked_changes,
    write_characters,
)
from merge.problems import Place, Problem
from merge.template.blank_lines import (
    ConditionalSpan,
    PlaceholderSpan,
    TemplateLine,
    can_be_removed,
    conditional_spans,
    make_collapsible,
    split_lines,
)
from merge.template.blocks import TagAnchor, check_blocks, scoped_element
from merge.template.foreign_placeholders import find_foreign_fault, find_foreign_placeholders
from merge.template.merge_fields import find_merge_results, replace_merge_fields
from merge.template.plain_texts import mark_plain_texts
from merge.template.scoped_tags import (
    ScopedTags,
    apply_scope,
    isolate_runs,
    mark_controls_filled,
    move_bookmarks_out,
    remove_empty_holders,
)
from merge.template.tags import (
    BLOCK_EDGE,
    BODY_END,
    BODY_START,
    CLOSE_BRACE,
    MAX_FAULTS,
    OPEN_BRACE,
    RESERVED_CHARACTERS,
    TAG_EDGE,
    TAG_END,
    TAG_START,
    FieldsBySheet,
    PartTags,
    Tag,
    TagFault,
    TagSpan,
    TemplateParagraph,
    find_tags,
    without_field_marks,
)

_TAG_MARK = re.compile(f"{TAG_START}(\\d+){TAG_END}")
_BODY_MARK = re.compile(f"{BODY_START}(\\d+){BODY_END}")
_ESCAPE_FILTERS = {
    "plain": "xml_plain",
    "address": "xml_url",
    "link": "xml_link",
    "link rest": "xml_link_rest",
    "span": "xml_span",
    "fill": "xml_fill",
}
"""Filters that escape a value outside a w:t, by the tag's context."""

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
    """A part with `xml` for `patch_xml`; `tags` are those numbered in it.

    The XML is in pieces, each of one or more complete paragraphs or tables. `is_changed`: the part
    had tags, or comments between braces.
    """

    name: str
    xml: tuple[str, ...]
    tags: tuple[Tag, ...]
    problems: tuple[Problem, ...]
    is_changed: bool
    paragraphs: tuple[TemplateParagraph, ...] = ()


def part_label(name: str) -> str:
    """Return a part's name for people: `word/header2.xml` is `header`."""
    if name.endswith(".rels"):  # the addresses of links are in it
        return f"a link of the {part_label(name.replace('_rels/', '').removesuffix('.rels'))}"
    return next((label for prefix, label in _PART_LABELS if name.startswith(prefix)), name)


def prepare_part(name: str, root: Element, file: str, columns: FieldsBySheet) -> PreparedPart:
    """Find a part's tags and prepare its XML for filling; changes `root`.

    Faults are returned as problems.
    """
    part_tags = PartTags(Place(file, part=part_label(name)))
    text, oddity = etree.tostring(root, encoding="unicode"), ""
    part_tags.holds_markup = "&lt;/" in text
    if any(mark in text for mark in RESERVED_CHARACTERS):
        oddity = "template-odd/character"
    elif any(e.prefix != "w" for e in root.iter(W + "*")):
        oddity = "template-odd/other-program"
    elif _has_misplaced_text(root):
        oddity = "template-unreadable/part"
    if oddity:
        problem = messages.problem(oddity, part_tags.place)
        return PreparedPart(name, (), (), (problem,), is_changed=False)
    part_tags.problems += tracked_changes(root, part_tags.place)
    field_problems = replace_merge_fields(
        root, columns.unambiguous_expression, part_tags.place, part_tags.field_labels
    )
    part_tags.problems += field_problems
    results = find_merge_results(root) if field_problems else set()
    _PartReader(part_tags, columns, texts_read_as_code(root), results).read(root)
    xml = tuple(_split_into_pieces(root, part_tags)) if part_tags.is_changed else ()
    if any(map(_is_too_long, xml)):
        part_tags.problems.append(messages.problem("template-too-large/piece", part_tags.place))
    problems = tuple(part_tags.problems)
    tags, paragraphs = tuple(part_tags.tags), tuple(part_tags.paragraphs)
    return PreparedPart(
        name, xml, tags, problems, is_changed=part_tags.is_changed, paragraphs=paragraphs
    )


def _has_misplaced_text(root: Element) -> bool:
    """Return whether text is outside a run, or a paragraph is inside a run.

    ECMA-376 part 1, 17.3, allows neither.
    """
    texts = (text.getparent() for text in root.iter(W + "t"))
    paragraphs = (paragraph.getparent() for paragraph in root.iter(W + "p"))
    return any(_is_word(p) and p.tag != W + "r" for p in texts if p is not None) or any(
        p.tag in {W + "p", W + "r", W + "t"} for p in paragraphs if p is not None
    )


def _is_word(element: Element) -> bool:
    return str(element.tag).startswith(W)


_PIECE_CHARACTERS = 200_000
"""Characters of a part that docxtpl reads at once: its
regular expressions take 50 bytes each."""
_MAX_UNIT_CHARACTERS = 2_000_000
"""Characters of one paragraph, row or cell; letters have some thousand."""
_UNIT_STARTS = [re.compile(f"<w:{name}[ >]") for name in ("p", "tr", "tc", "r")]


def _split_into_pieces(root: Element, part_tags: PartTags) -> Iterator[str]:
    """Yield the part for docxtpl, in pieces of complete paragraphs and tables."""
    body = root.find(W + "body")
    for child in root if body is None else body:
        add_text_around(child, "", BLOCK_EDGE)
    text = etree.tostring(root, encoding="unicode")
    piece, length = [], 0
    for block in text.split(BLOCK_EDGE):
        piece.append(block)
        length += len(block)
        if length > _PIECE_CHARACTERS:
            yield _number_tags("".join(piece), part_tags.tags)
            piece, length = [], 0
    yield _number_tags("".join(piece), part_tags.tags)


def _is_too_long(piece: str) -> bool:
    """Return whether docxtpl's regular expressions read too much at once."""
    return len(piece) > _MAX_UNIT_CHARACTERS and any(
        max(map(len, start.split(piece)[1:]), default=0) > _MAX_UNIT_CHARACTERS
        for start in _UNIT_STARTS
    )


def _number_tags(xml: str, tags: Sequence[Tag]) -> str:
    """Return a part's XML with a number in place of the body of each tag."""

    def numbered(match: re.Match[str]) -> str:
        tag, body = tags[int(match[1])], f"{BODY_START}{match[1]}{BODY_END}"
        return f"{{{{ {body} }}}}" if tag.kind == "value" else f"{{%{tag.scope} {body} %}}"

    return _TAG_MARK.sub(numbered, xml.replace("{", OPEN_BRACE).replace("}", CLOSE_BRACE))


def jinja_source(patched: str, tags: Sequence[Tag]) -> tuple[str, dict[int, Tag]]:
    """Return the source for jinja2, and the tag on each line of that source.

    Each tag has its own words again. Each body ends in a separate line feed, so that the line in an
    error of jinja2 identifies the tag. Braces of ordinary text are still hidden.
    """
    pieces, tag_by_line, line, position = [], {}, 1, 0
    for match in _BODY_MARK.finditer(patched):
        tag = tags[int(match[1])]
        text_before, body = patched[position : match.start()], tag.body
        if tag.kind == "value" and tag.escape_context in _ESCAPE_FILTERS:
            body = f"({body})|{_ESCAPE_FILTERS[tag.escape_context]}"
        line += text_before.count("\n")
        tag_by_line[line] = tag
        pieces += [text_before, body, "\n"]
        line, position = line + 1, match.end()
    return "".join((*pieces, patched[position:])), tag_by_line


def restore_braces(text: str) -> str:
    """Return ordinary text with the braces that were hidden from docxtpl."""
    return text.replace(OPEN_BRACE, "{").replace(CLOSE_BRACE, "}")


# Word's text: each paragraph's tags are replaced by marks, and reported if they are faulty.

_LONGEST_PARAGRAPH = 200_000
_LONGEST_FOREIGN = 200
"""Characters of a text that may be another program's placeholder."""
_MAX_TAGS = 3_000
_MAX_PROBLEMS = 500
"""Limits of a part that is a letter's; filling must stay quick."""


@dataclass(frozen=True, slots=True)
class _CollapsibleParagraph:
    """A paragraph that is printed only under a `condition`."""

    paragraph: Element
    condition: str
    place: Place


class _PartReader:
    """Reads the paragraphs of one part, then applies their tags.

    `codes` are the texts that Word reads as a field's code. `results` are those that faulty merge
    fields show: `«Name»` is not reported a second time.
    """

    def __init__(
        self,
        part_tags: PartTags,
        columns: FieldsBySheet,
        codes: set[Element],
        results: set[Element],
    ) -> None:
        self._part_tags, self._columns = part_tags, columns
        self._codes, self._results = codes, results
        self._anchors: list[TagAnchor] = []
        self._comments: list[TagAnchor] = []
        self._number = 0
        self._in_fallback = False
        self._fallback_problems: list[Problem] = []
        self._foreign_count = 0

    def read(self, root: Element) -> None:
        """Read all paragraphs of a part, then apply its tags and conditions.

        All paragraphs come first, because blocks can only be checked when all tags are known. Only
        then may anything be moved: first scoped tags are applied, then blank lines are made
        removable.
        """
        part_tags, collapsing = self._part_tags, []
        for paragraph in list(root.iter(W + "p")):
            if len(part_tags.tags) > _MAX_TAGS or len(part_tags.problems) > _MAX_PROBLEMS:
                key = "template-too-large/placeholders"
                part_tags.problems.append(messages.problem(key, part_tags.place))
                return
            collapsing.append(self._read_paragraph(paragraph))
        part_tags.problems += check_blocks(self._anchors)
        if not part_tags.problems:
            part_tags.problems += self._fallback_problems  # the copies differ
        mark_plain_texts(root, part_tags)
        scoped = ScopedTags(self._comments)
        for comment in self._comments:
            part_tags.problems += scoped.check_is_alone(comment)
            scoped_part = scoped_element(comment)
            parent = None if scoped_part is None else scoped_part.getparent()
            if scoped_part is not None and parent is not None and can_be_removed(scoped_part):
                move_bookmarks_out(scoped_part, after=False)
                parent.remove(scoped_part)
                remove_empty_holders(parent)
        scoped = ScopedTags(self._anchors)
        mark_controls_filled(self._anchors)
        for anchor in self._anchors:
            apply_scope(anchor, scoped, part_tags)
        isolate_runs(self._anchors)
        for collapsible in collapsing:
            if collapsible:
                opening = part_tags.add_condition(f"if {collapsible.condition}", collapsible.place)
                middle = part_tags.add_condition("else", collapsible.place)
                make_collapsible(
                    collapsible.paragraph,
                    opening,
                    middle,
                    part_tags.add_condition("endif", collapsible.place),
                )

    def _report(self, problem: Problem) -> None:
        """Add a problem to the part's problems, unless it is there already.

        A text box is in the file a second time, for old programs.
        """
        (self._fallback_problems if self._in_fallback else self._part_tags.problems).append(problem)

    def _read_paragraph(self, paragraph: Element) -> _CollapsibleParagraph | None:
        """Mark a paragraph's tags; return it with its condition, or None."""
        self._in_fallback = next(paragraph.iterancestors(FALLBACK), None) is not None
        self._number += not self._in_fallback
        if sum(len(piece.text or "") for piece in paragraph.iter(W + "t")) > _LONGEST_PARAGRAPH:
            place, most = self._part_tags.place, _LONGEST_PARAGRAPH
            self._report(messages.problem("template-too-large/paragraph", place, most=most))
            return None
        characters = paragraph_characters(paragraph)
        text = "".join(atom.char for atom in characters)
        paragraph_place = replace(self._part_tags.place, paragraph=self._number)
        text_without_results = "".join(
            OBJECT if a.element in self._results else a.char for a in characters
        )
        if not TAG_EDGE.search(text):
            place = replace(paragraph_place, paragraph_text=text.replace(OBJECT, ""))
            self._report_foreign(text_without_results, place)
            self._record_paragraph(place, text_without_results, [])
            return None
        tags = list(find_tags(text))
        place = replace(
            paragraph_place, paragraph_text=self._shown_text(text, tags).replace(OBJECT, "")
        )
        sound_tags = list(self._extract_tags(tags, characters, place))
        self._report_foreign(_blank_out(text_without_results, sound_tags), place)
        spans = [span for span in sound_tags if span.kind != "comment"]
        text = _blank_out(text, (span for span in sound_tags if span.kind == "comment"))
        values = [PlaceholderSpan(s.start, s.end, s.body) for s in spans if s.kind == "value"]
        block_positions = {i for s in spans if s.kind != "value" for i in range(s.start, s.end)}
        lines = split_lines(text, values, block_positions)
        self._record_paragraph(place, text, self._mark_tags(spans, lines, characters, place))
        is_collapsible = not any(line.is_fixed for line in lines) and can_be_removed(paragraph)
        # If a paragraph with one tag is removed with it, there are no separators to decide about.
        if not (is_collapsible and len(lines) == 1 and len(lines[0].placeholders) == 1):
            self._mark_conditions(conditional_spans(text, lines), characters, place)
        write_characters(characters)
        condition = " or ".join(f"({line.condition})" for line in lines)
        return _CollapsibleParagraph(paragraph, condition, place) if is_collapsible else None

    def _mark_tags(
        self,
        spans: Iterable[TagSpan],
        lines: Sequence[TemplateLine],
        characters: Sequence[ParagraphCharacter],
        place: Place,
    ) -> list[tuple[TagSpan, Tag]]:
        """Replace each tag's first character by a mark, which keeps its format."""
        collapsible_starts = {
            tag.start for line in lines if not line.is_fixed for tag in line.placeholders
        }
        marked_tags = []
        for span in spans:
            first_atom, is_collapsible = characters[span.start], span.start in collapsible_starts
            scope = span.scope if span.kind == "block" else ""
            field = self._field_label(span)
            tag = Tag(
                span.kind, scope, span.body, place, is_collapsible=is_collapsible, field_label=field
            )
            first_atom.text = self._part_tags.add_tag(tag)
            self._anchors.append(TagAnchor(tag, first_atom.element, first_atom.text))
            marked_tags.append((span, tag))
        return marked_tags

    def _mark_conditions(
        self,
        spans: Iterable[ConditionalSpan],
        characters: Sequence[ParagraphCharacter],
        place: Place,
    ) -> None:
        """Print stretches of text only under conditions.

        Each element gets its own conditions: a span may extend over several formats.
        """
        for span in spans:
            stretch = characters[span.start : span.end]
            for _, same_element in groupby(stretch, key=lambda atom: id(atom.element)):
                piece = list(same_element)
                piece[0].before = self._part_tags.add_condition(f"if {span.condition}", place)
                piece[-1].after = self._part_tags.add_condition("endif", place)

    def _record_paragraph(
        self, place: Place, text: str, tags: Sequence[tuple[TagSpan, Tag]]
    ) -> None:
        """Record a paragraph's words with its tags, for checks of the text."""
        pieces: list[str | Tag] = []
        position = 0
        for span, tag in tags:
            pieces += [text[position : span.start], tag]
            position = span.end
        if not self._in_fallback:
            self._part_tags.paragraphs.append(TemplateParagraph(place, (*pieces, text[position:])))

    def _report_foreign(self, text: str, place: Place) -> None:
        markup = self._part_tags.holds_markup
        for problem in find_foreign_placeholders(text, self._columns, place, markup=markup):
            self._foreign_count += 1
            if self._foreign_count <= MAX_FAULTS:
                self._report(problem)

    def _field_label(self, span: TagSpan) -> str:
        """Return the merge field that became this tag, as Word shows the field.

        Return an empty text if there is none.
        """
        return self._part_tags.field_labels[span.field_number] if span.field_number >= 0 else ""

    def _shown_text(self, text: str, spans_and_faults: Iterable[TagSpan | TagFault]) -> str:
        """Return a paragraph's text as Word shows it, with its merge fields."""
        pieces, position = [], 0
        later_labels = {"else": " / ", "endif": ""}
        for span in spans_and_faults:
            if isinstance(span, TagSpan) and span.field_number >= 0:
                pieces += [
                    text[position : span.start],
                    later_labels.get(span.body, self._field_label(span)),
                ]
                position = span.end
        return without_field_marks("".join((*pieces, text[position:])))

    def _extract_tags(
        self, tags: Iterable[TagSpan | TagFault], characters: list[ParagraphCharacter], place: Place
    ) -> Iterator[TagSpan]:
        """Yield a paragraph's valid tags, and report the faulty tags.

        The characters of sound tags are emptied.
        """
        for item in tags:
            if isinstance(item, TagFault):
                rest = "".join(atom.char for atom in characters[item.start :][:_LONGEST_FOREIGN])
                fault = find_foreign_fault(rest) or item.fault
                self._report(fault.to_problem(place))
                continue
            tag_atoms = characters[item.start : item.end]
            if tag_atoms[0].element in self._codes:
                tag = "".join(atom.char for atom in tag_atoms)
                self._report(messages.problem("tag-in-field", place, tag=tag))
            elif item.kind == "comment" and all(atom.char != OBJECT for atom in tag_atoms):
                self._empty_comment(item, tag_atoms, place)
                yield item
            elif not all(atom.is_text for atom in tag_atoms):
                self._report(messages.problem("tag-broken", place))
            else:
                for atom in tag_atoms:
                    atom.text = ""
                self._part_tags.is_changed = True
                yield item

    def _empty_comment(
        self, span: TagSpan, comment_atoms: Sequence[ParagraphCharacter], place: Place
    ) -> None:
        """Remove the text, tabs and line breaks in a Jinja comment."""
        for atom in comment_atoms:
            if not atom.is_text:
                atom.element.tag = W + "t"
                atom.element.attrib.clear()
            atom.text = ""
        self._part_tags.is_changed = True
        if span.scope:
            tag = Tag("comment", span.scope, span.body, place)
            self._comments.append(TagAnchor(tag, comment_atoms[0].element, ""))


def _blank_out(text: str, spans: Iterable[TagSpan]) -> str:
    """Return a text with spaces in place of the tags at these positions."""
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text
