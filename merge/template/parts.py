"""One part of a .docx through all the steps, made ready for docxtpl."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from lxml import etree

from merge.model import Place, Problem
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
from merge.template.blocks import (
    CELL_TAGS,
    AnchoredTag,
    ConditionalSpan,
    SoleBlock,
    TemplateLine,
    ValueTag,
    apply_cell_tag,
    can_be_removed,
    check_blocks,
    check_stands_alone,
    clear_placeholder,
    close_up,
    conditional_spans,
    ends_in_paragraph,
    isolate_run,
    lift_bookmarks,
    needs_paragraph,
    scoped_element,
    sole_block,
    split_lines,
)
from merge.template.merge_fields import fields_to_tags
from merge.template.tags import (
    BODY_END,
    BODY_START,
    CLOSE_BRACE,
    MARKS,
    MOST_FAULTS,
    OPEN_BRACE,
    TAG_END,
    TAG_START,
    Columns,
    EscapeContext,
    PartTags,
    Tag,
    TagFault,
    TagSpan,
    find_tags,
    foreign_tags,
)

_MARKED = re.compile(f"{TAG_START}(\\d+){TAG_END}")

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
    """`xml` is ready for `patch_xml`; each tag in it stands as the number it has in `tags`."""

    name: str
    xml: str
    tags: tuple[Tag, ...]
    problems: tuple[Problem, ...]
    changed: bool
    """Whether there was anything to change: tags, or comments between braces."""


def part_label(name: str) -> str:
    """A part's name as people say it: `word/header2.xml` is `header`."""
    return next((spoken for start, spoken in _PART_LABELS if name.startswith(start)), name)


def prepare_part(name: str, root: Element, file: str, columns: Columns) -> PreparedPart:
    """Find the tags of a part and make its XML ready; `root` is changed. Faults are problems."""
    notes = PartTags(Place(file, part=part_label(name)))
    odd = _irregularity(root)
    if odd:
        problem = Problem("template-odd", notes.place, odd, "Open it in Word and save it again.")
        return PreparedPart(name, "", (), (problem,), changed=False)
    notes.problems += tracked_changes(root, notes.place)
    fields = fields_to_tags(root, columns.expression, notes.place)
    notes.problems += fields
    PartReader(notes, columns).read(root)
    text = etree.tostring(root, encoding="unicode")
    marked = text.replace("{", OPEN_BRACE).replace("}", CLOSE_BRACE)
    xml = _MARKED.sub(lambda m: _numbered(int(m[1]), notes.tags[int(m[1])]), marked)
    return PreparedPart(name, xml, tuple(notes.tags), tuple(notes.problems), changed=notes.changed)


def _irregularity(root: Element) -> str:
    """What makes a part unfit for looking at it as text; empty where nothing does."""
    text = etree.tostring(root, encoding="unicode")
    if any(mark in text for mark in MARKS):
        return "it holds a character that no text uses (U+FDD0 to U+FDD5)."
    if any(e.prefix != "w" for e in root.iter(W + "*")):
        return "it was not written by Word, nor as Word does it."
    return ""


def _numbered(number: int, tag: Tag) -> str:
    """The tag as docxtpl is to see it: its own outside, a number inside."""
    body = f"{BODY_START}{number}{BODY_END}"
    if tag.kind == "value":
        return f"{{{{ {body} }}}}"
    return f"{{%{tag.scope} {body} %}}"


# The tags of one part: found, told where they are faulty, each replaced by a mark.


_LOOKS_LIKE_A_TAG = re.compile(r"\{[{%#]|[}%#]\}")
_LONGEST_PARAGRAPH = 200_000
_MOST_TAGS = 3_000
_MOST_PROBLEMS = 500
"""What a part may hold before it is no letter's; filling has to stay quick."""


def _by_element(characters: Sequence[Atom]) -> Iterator[list[Atom]]:
    """Neighbours that stand in the same element."""
    stretch: list[Atom] = []
    for atom in characters:
        if stretch and atom.element is not stretch[-1].element:
            yield stretch
            stretch = []
        stretch.append(atom)
    if stretch:
        yield stretch


@dataclass(frozen=True, slots=True)
class _CollapsingParagraph:
    """A paragraph that stands only where `shown` holds."""

    paragraph: Element
    shown: str
    place: Place


class PartReader:
    """Walks one part; gathers its tags and problems."""

    def __init__(self, notes: PartTags, columns: Columns) -> None:
        self._notes = notes
        self._columns = columns
        self._anchored: list[AnchoredTag] = []
        self._comments: list[AnchoredTag] = []
        self._number = 0
        self._in_fallback = False
        self._foreign_count = 0
        self._codes: set[Element] = set()
        self._fallback_problems: list[Problem] = []

    def read(self, root: Element) -> None:
        """The whole part: paragraphs, then what takes its surroundings along, then the rest."""
        self._codes = code_texts(root)
        found = []
        for paragraph in list(root.iter(W + "p")):
            if len(self._notes.tags) > _MOST_TAGS or len(self._notes.problems) > _MOST_PROBLEMS:
                self._notes.problems.append(_too_many(self._notes.place))
                return
            found.append(self._paragraph(paragraph))
        self._notes.problems += check_blocks(self._anchored)
        if not self._notes.problems:
            self._notes.problems += self._fallback_problems  # the copies differ
        mark_plain_texts(root, self._notes)
        for comment in self._comments:
            self._leave_out(comment)
        for hung in self._anchored:
            clear_placeholder(hung)
            self._scoped(hung)
        for gone in found:
            if gone:
                self._close_up(gone)

    def _tell(self, problem: Problem) -> None:
        """A text box stands twice in the file; its second copy is for old programs."""
        (self._fallback_problems if self._in_fallback else self._notes.problems).append(problem)

    def _paragraph(self, paragraph: Element) -> _CollapsingParagraph | None:
        """Mark the paragraph's tags; say on which condition it stays, if on any."""
        self._in_fallback = any(a.tag == FALLBACK for a in paragraph.iterancestors())
        self._number += not self._in_fallback
        if sum(len(piece.text or "") for piece in paragraph.iter(W + "t")) > _LONGEST_PARAGRAPH:
            what = f"a paragraph has more than {_LONGEST_PARAGRAPH:,} characters."
            self._tell(Problem("template-too-large", self._notes.place, what, "Divide it."))
            return None
        characters = atoms(paragraph)
        text = "".join(atom.char for atom in characters)
        place = replace(self._notes.place, paragraph=self._number, words=text.replace(OBJECT, ""))
        if not _LOOKS_LIKE_A_TAG.search(text):
            self._foreign(text, place)
            return None
        found = list(self._spans(text, characters, place))
        self._foreign(_without(text, found), place)
        spans = [span for span in found if span.kind != "comment"]
        text = _without(text, (span for span in found if span.kind == "comment"))
        rows = _lines(text, spans)
        self._mark_all(characters, spans, rows, place)
        goes = not any(row.fixed for row in rows) and can_be_removed(paragraph)
        if not (goes and len(rows) == 1 and len(rows[0].tags) == 1):
            self._guard(characters, conditional_spans(text, rows), place)
        put_back(characters)
        shown = " or ".join(f"({row.shown})" for row in rows)
        return _CollapsingParagraph(paragraph, shown, place) if goes else None

    def _foreign(self, text: str, place: Place) -> None:
        for problem in foreign_tags(text, self._columns, place):
            self._foreign_count += 1
            if self._foreign_count <= MOST_FAULTS:
                self._tell(problem)

    def _spans(self, text: str, characters: list[Atom], place: Place) -> Iterator[TagSpan]:
        for found in find_tags(text):
            if isinstance(found, TagFault):
                self._tell(Problem(found.code, place, found.what, found.hint))
            elif characters[found.start].element in self._codes:
                what, hint = (
                    "a tag stands inside the code of a field.",
                    "Put the tag into the text.",
                )
                self._tell(Problem("tag-in-field", place, what, hint))
            elif not all(atom.is_text for atom in characters[found.start : found.end]):
                what = "a tab, line break or picture stands inside the tag."
                self._tell(Problem("tag-broken", place, what, "Delete it, or type the tag again."))
            else:
                for atom in characters[found.start : found.end]:
                    atom.text = ""
                self._notes.changed = True
                if found.kind == "comment" and found.scope:
                    tag = Tag("comment", found.scope, found.body, place)
                    self._comments.append(AnchoredTag(tag, characters[found.start].element, ""))
                yield found

    def _mark_all(
        self, characters: list[Atom], spans: list[TagSpan], rows: list[TemplateLine], place: Place
    ) -> None:
        """Put a mark at the first character of each tag, which so gives it its format."""
        closing_up = {tag.start for row in rows if not row.fixed for tag in row.tags}
        for span in spans:
            scope = span.scope if span.kind == "block" else ""
            closes_up = span.start in closing_up
            tag = Tag(span.kind, scope, span.body, place, closes_up=closes_up)
            first = characters[span.start]
            first.text = self._notes.mark(tag)
            self._anchored.append(AnchoredTag(tag, first.element, first.text))

    def _guard(
        self, characters: list[Atom], guards: Iterable[ConditionalSpan], place: Place
    ) -> None:
        for guard in guards:
            for stretch in _by_element(characters[guard.start : guard.end]):
                stretch[0].before = self._notes.condition(f"if {guard.shown}", place)
                stretch[-1].after = self._notes.condition("endif", place)

    def _close_up(self, gone: _CollapsingParagraph) -> None:
        opening = self._notes.condition(f"if {gone.shown}", gone.place)
        otherwise = self._notes.condition("else", gone.place)
        ending = self._notes.condition("endif", gone.place)
        close_up(gone.paragraph, opening, otherwise, ending)

    def _leave_out(self, comment: AnchoredTag) -> None:
        """A comment that takes its paragraph, row or cell along."""
        self._notes.problems += check_stands_alone(comment)
        own = scoped_element(comment)
        parent = None if own is None else own.getparent()
        if own is not None and parent is not None and can_be_removed(own):
            lift_bookmarks(own, behind=False)
            parent.remove(own)

    def _scoped(self, anchored: AnchoredTag) -> None:
        """A tag that takes its run, paragraph, row or cell along."""
        if anchored.tag.keyword in CELL_TAGS:
            apply_cell_tag(anchored, self._notes)
        elif anchored.tag.scope == "r":
            isolate_run(anchored)
        elif anchored.tag.scope:
            self._notes.problems += check_stands_alone(anchored)
            own = scoped_element(anchored)
            if own is not None:
                ends = anchored.tag.keyword.startswith("end")
                lift_bookmarks(own, behind=ends)
                if ends:
                    self._fill_emptied(anchored, own)

    def _fill_emptied(self, closer: AnchoredTag, own: Element) -> None:
        """What a block leaves behind when it prints nothing must still be a whole document."""
        filling = sole_block(closer, self._anchored)
        if closer.tag.scope == "p" and needs_paragraph(closer):
            self._keep_paragraph(closer, own, filling)
        elif closer.tag.scope in {"tr", "tc"} and filling and not filling.middles:
            self._drop_emptied(filling.opener, own)

    def _keep_paragraph(self, closer: AnchoredTag, own: Element, filling: SoleBlock | None) -> None:
        ends = (*filling.middles, closer) if filling else ()
        sure = filling and all(ends_in_paragraph(end, self._anchored) for end in ends)
        kept = own.makeelement(W + "p", {})
        if not sure:
            own.addnext(kept)
        elif not any(end.tag.keyword == "else" for end in ends):
            own.addprevious(kept)
            wrap(kept, self._notes.condition("else", closer.tag.place), "")

    def _drop_emptied(self, opener: AnchoredTag, own: Element) -> None:
        """A table without rows, and a row without cells, goes."""
        parent = own.getparent()
        _, _, test = opener.tag.body.partition(" in " if opener.tag.keyword == "for" else " ")
        if opener.tag.keyword == "for":
            test = f"({test})|items is not blank"
        if parent is not None:
            opening = self._notes.condition(f"if {test}", opener.tag.place)
            wrap(parent, opening, self._notes.condition("endif", opener.tag.place))


def _too_many(place: Place) -> Problem:
    what = "this part holds more tags or faults than any letter."
    return Problem("template-too-large", place, what, "Divide it, or mend what is named first.")


def _without(text: str, spans: Iterable[TagSpan]) -> str:
    """The text with spaces in place of some tags, which so count as nothing."""
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _lines(text: str, spans: Sequence[TagSpan]) -> list[TemplateLine]:
    values = [ValueTag(s.start, s.end, s.body) for s in spans if s.kind == "value"]
    others = {i for s in spans if s.kind != "value" for i in range(s.start, s.end)}
    return split_lines(text, values, others)


# Tags outside of Word's text: attributes, alt texts, addresses of links, document properties.


_LONGEST_TEXT = 10_000
"""Characters of a text outside of w:t that are looked at one by one."""

_WHOLE_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
"""Outside a w:t half a tag is no fault: JSON and field codes hold braces too."""

_MOST_PLAIN_PROBLEMS = 500
"""Problems of a part: more help nobody."""

_QUOTED_TAG = re.compile(r"%7B%7B.*?%7D%7D", re.IGNORECASE)
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SPLIT = ((_A + "p", _A + "t"), (_M + "oMath", _M + "t"), (W + "p", W + "instrText"))
_FIELD_CODES = {W + "instrText", W + "instr", W + "delInstrText"}
_OFFICE = "{urn:schemas-microsoft-com:office:office}title"
_FILLED_ATTRIBUTES = {"descr", "title", "alt", W + "tooltip", "tooltip", _OFFICE}
_FILLED_TEXTS = {
    "{http://purl.org/dc/elements/1.1/}title",
    "{http://purl.org/dc/elements/1.1/}subject",
    "{http://schemas.openxmlformats.org/drawingml/2006/main}t",
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}t",
}
"""Where a tag may stand outside of Word's text: what people read, and nothing else."""


def mark_plain_texts(root: Element, notes: PartTags) -> None:
    """Replace the tags in attributes, and in text that is no w:t, by marks."""
    _refuse_split_tags(root, notes)
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if len(notes.problems) > _MOST_PLAIN_PROBLEMS:
                return
            text = _decoded(str(value)) if name == "Target" else str(value)
            if _holds_tag(text) and _may_be_filled(element, str(name), notes, text):
                element.set(name, _marked(str(name), text, notes))
        text = element.text or ""
        if element.tag == W + "t" or not _holds_tag(text):
            continue
        if element.tag in _FILLED_TEXTS and len(text) <= _LONGEST_TEXT:
            element.text = _marked(str(element.tag), text, notes)
        else:
            _refuse(str(element.tag), text, notes)


def _holds_tag(text: str) -> bool:
    """Whether there is a whole tag in a text; a very long one is only looked at for its start."""
    if len(text) > _LONGEST_TEXT:
        return any(opening in text for opening in ("{{", "{%"))
    return _WHOLE_TAG.search(text) is not None


def _may_be_filled(element: Element, name: str, notes: PartTags, text: str) -> bool:
    """Whether an attribute is one that people read, or the address of a link.

    Any other could make a field, a relationship or anything else of a cell's words.
    """
    is_link = str(element.get("Type", "")).endswith("/hyperlink")
    known = name in _FILLED_ATTRIBUTES or (name == "Target" and is_link)
    if known and len(text) <= _LONGEST_TEXT:
        return True
    _refuse(name, text, notes)
    return False


def _refuse(name: str, text: str, notes: PartTags) -> None:
    place = replace(notes.place, words=text)
    if name in _FIELD_CODES:
        what, hint = "a tag stands inside the code of a field.", "Put the tag into the text."
        notes.problems.append(Problem("tag-in-field", place, what, hint))
    else:
        what = "a tag stands where nothing can be filled in."
        notes.problems.append(Problem("tag-out-of-place", place, what, "Put it into the text."))


def _refuse_split_tags(root: Element, notes: PartTags) -> None:
    """Tell tags that a drawing's text, a formula or a field's code has in pieces."""
    for whole, piece in _SPLIT:
        for holder in root.iter(whole):
            texts = [element.text or "" for element in holder.iter(piece)]
            text = "".join(texts)
            if len(texts) > 1 and "{{" in text and not any("{{" in one for one in texts):
                place = replace(notes.place, words=text[:200])
                what = "a tag is in pieces here, each with its own format."
                hint = "Type the whole tag again."
                notes.problems.append(Problem("tag-broken", place, what, hint))


def _decoded(address: str) -> str:
    """An address as typed: Word writes the braces of a tag as %7B and %7D."""
    if len(address) > _LONGEST_TEXT:
        return address
    return _QUOTED_TAG.sub(lambda found: unquote(found.group()), address)


def _marked(name: str, text: str, notes: PartTags) -> str:
    """The text with marks for its tags; `name` is that of the attribute or element."""
    place = replace(notes.place, words=text)
    setting: EscapeContext = "address" if name == "Target" else "plain"
    pieces, at, hung = [], 0, []
    element = etree.Element("plain")
    for found in (f for f in find_tags(text) if isinstance(f, TagSpan)):
        pieces.append(text[at : found.start])
        at = found.end
        notes.changed = True
        if found.kind != "comment":
            tag = Tag(found.kind, "", found.body, place, setting, closes_up=True)
            hung.append(AnchoredTag(tag, element, notes.mark(tag)))
            pieces.append(hung[-1].mark)
    notes.problems += check_blocks(hung)
    return "".join((*pieces, text[at:]))


# docxtpl's result with the tags' own words, and the braces of ordinary text, back in it.


_FILTERS = {
    "plain": "xml_plain",
    "address": "xml_url",
    "span": "xml_span",
    "fill": "xml_fill",
}
_BODY = re.compile(f"{BODY_START}(\\d+){BODY_END}")


def jinja_source(patched: str, tags: Sequence[Tag]) -> tuple[str, dict[int, Tag]]:
    """The source for jinja2, and the tag that stands on each line of it.

    Each body ends in a line feed of its own, so that the line which jinja2 gives for whatever it
    finds names the tag. Braces of ordinary text are still hidden.
    """
    pieces, owners, line, at = [], {}, 1, 0
    for found in _BODY.finditer(patched):
        tag = tags[int(found[1])]
        before = patched[at : found.start()]
        line += before.count("\n")
        owners[line] = tag
        pieces += [before, _body(tag), "\n"]
        line, at = line + 1, found.end()
    return "".join((*pieces, patched[at:])), owners


def _body(tag: Tag) -> str:
    if tag.kind == "value" and tag.escape_context in _FILTERS:
        return f"({tag.body})|{_FILTERS[tag.escape_context]}"
    return tag.body


def restore_braces(text: str) -> str:
    """Ordinary text with the braces that were hidden from docxtpl."""
    return text.replace(OPEN_BRACE, "{").replace(CLOSE_BRACE, "}")
