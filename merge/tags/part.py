"""One part of a .docx: its tags found, its faults told, its XML made ready for docxtpl."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from lxml import etree

from merge.model import Place, Problem
from merge.tags import closing, lines
from merge.tags.blocks import CELL_TAGS, Hung, anchor, check_alone, check_blocks
from merge.tags.cells import place_cell_tag
from merge.tags.record import (
    BODY_END,
    BODY_START,
    CLOSE_BRACE,
    MARKS,
    OPEN_BRACE,
    TAG_END,
    TAG_START,
    Tag,
)
from merge.tags.scan import Fault, Shape, Span, find_tags
from merge.tags.text import OBJECT, Atom, Element, W, atoms, put_back, wrap

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LOOKS_LIKE_A_TAG = re.compile(r"\{[{%#]|[}%#]\}")
_MARKED = re.compile(f"{TAG_START}(\\d+){TAG_END}")

_MOST_FAULTS = 20
"""Faults told of one paragraph: more help nobody."""

_SPOKEN = (
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


def spoken_part(name: str) -> str:
    """A part's name as people say it: `word/header2.xml` is `header`."""
    return next((spoken for start, spoken in _SPOKEN if name.startswith(start)), name)


def prepare(name: str, root: Element, file: str) -> PreparedPart:
    """Find the tags of a part and make its XML ready; `root` is changed. Faults are problems."""
    reader = _Reader(Place(file, part=spoken_part(name)))
    if any(mark in text for text in root.itertext() for mark in MARKS):
        what = "the text holds a character that no text uses (U+FDD0 to U+FDD5)."
        reader.problems.append(Problem("template-odd", reader.place, what, "Delete it."))
    else:
        reader.read(root)
    text = etree.tostring(root, encoding="unicode")
    marked = text.replace("{", OPEN_BRACE).replace("}", CLOSE_BRACE)
    xml = _MARKED.sub(lambda m: _numbered(int(m[1]), reader.tags[int(m[1])]), marked)
    return PreparedPart(name, xml, tuple(reader.tags), tuple(reader.problems), reader.changed)


def _numbered(number: int, tag: Tag) -> str:
    """The tag as docxtpl is to see it: its own outside, a number inside."""
    body = f"{BODY_START}{number}{BODY_END}"
    if tag.shape == "value":
        return f"{{{{ {body} }}}}"
    return f"{{%{tag.scope} {body} %}}"


def _stretches(characters: Sequence[Atom]) -> Iterator[list[Atom]]:
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
class _Closing:
    """A paragraph that stands only where `shown` holds."""

    paragraph: Element
    shown: str
    place: Place


class _Reader:
    """Walks one part; gathers its tags and problems."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.tags: list[Tag] = []
        self.problems: list[Problem] = []
        self._hung: list[Hung] = []
        self._number = 0
        self._in_fallback = False
        self.changed = False

    def read(self, root: Element) -> None:
        """The whole part: paragraphs, then what takes its surroundings along, then the rest."""
        found = [self._paragraph(paragraph) for paragraph in list(root.iter(W + "p"))]
        self.problems += check_blocks(self._hung)
        self._plain_texts(root)
        for hung in self._hung:
            self._scoped(hung)
        for gone in found:
            if gone:
                self._close_up(gone)

    def _mark(self, tag: Tag) -> str:
        self.tags.append(tag)
        return f"{TAG_START}{len(self.tags) - 1}{TAG_END}"

    def _own(self, place: Place, shape: Shape, body: str) -> str:
        """The mark of a tag that nobody wrote."""
        return self._mark(Tag(shape, "", body, place, made=True))

    def _condition(self, body: str, place: Place) -> str:
        return self._own(place, "block", body)

    def _tell(self, problem: Problem) -> None:
        """A text box stands twice in the file; its second copy is for old programs."""
        if not self._in_fallback:
            self.problems.append(problem)

    def _paragraph(self, paragraph: Element) -> _Closing | None:
        """Mark the paragraph's tags; say on which condition it stays, if on any."""
        self._in_fallback = any(a.tag == _FALLBACK for a in paragraph.iterancestors())
        self._number += not self._in_fallback
        characters = atoms(paragraph)
        text = "".join(atom.char for atom in characters)
        if not _LOOKS_LIKE_A_TAG.search(text):
            return None
        place = replace(self.place, paragraph=self._number, words=text.replace(OBJECT, ""))
        found = list(self._spans(text, characters, place))
        spans = [span for span in found if span.shape != "comment"]
        text = _without_comments(text, found)
        rows = _lines(text, spans)
        self._mark_all(characters, spans, rows, place)
        goes = not any(row.fixed for row in rows) and closing.may_go(paragraph)
        if not (goes and len(rows) == 1 and len(rows[0].tags) == 1):
            self._guard(characters, lines.guards(text, rows), place)
        put_back(characters)
        shown = " or ".join(f"({row.shown})" for row in rows)
        return _Closing(paragraph, shown, place) if goes else None

    def _spans(self, text: str, characters: list[Atom], place: Place) -> Iterator[Span]:
        faults = 0
        for found in find_tags(text):
            if isinstance(found, Fault):
                faults += 1
                if faults <= _MOST_FAULTS:
                    self._tell(Problem(found.code, place, found.what, found.hint))
            elif not all(atom.is_text for atom in characters[found.start : found.end]):
                what = "a tab, line break or picture stands inside the tag."
                self._tell(Problem("tag-broken", place, what, "Delete it, or type the tag again."))
            else:
                for atom in characters[found.start : found.end]:
                    atom.text = ""
                self.changed = True
                yield found

    def _mark_all(
        self, characters: list[Atom], spans: list[Span], rows: list[lines.Line], place: Place
    ) -> None:
        """Put a mark at the first character of each tag, which so gives it its format."""
        closing_up = {tag.start for row in rows if not row.fixed for tag in row.tags}
        for span in spans:
            scope = span.scope if span.shape == "block" else ""
            closes_up = span.start in closing_up
            tag = Tag(span.shape, scope, span.body, place, closes_up=closes_up)
            first = characters[span.start]
            first.text = self._mark(tag)
            self._hung.append(Hung(tag, first.element, first.text))

    def _guard(self, characters: list[Atom], guards: Iterable[lines.Guard], place: Place) -> None:
        for guard in guards:
            for stretch in _stretches(characters[guard.start : guard.end]):
                stretch[0].before = self._condition(f"if {guard.shown}", place)
                stretch[-1].after = self._condition("endif", place)

    def _close_up(self, gone: _Closing) -> None:
        opening = self._condition(f"if {gone.shown}", gone.place)
        otherwise = self._condition("else", gone.place)
        ending = self._condition("endif", gone.place)
        closing.close_up(gone.paragraph, opening, otherwise, ending)

    def _scoped(self, hung: Hung) -> None:
        """A tag that takes its run, paragraph, row or cell along."""
        if hung.tag.keyword in CELL_TAGS:
            place_cell_tag(hung, partial(self._own, hung.tag.place))
        elif hung.tag.scope == "r":
            closing.isolate(hung)
        elif hung.tag.scope:
            self.problems += check_alone(hung)
            own = anchor(hung)
            if own is not None:
                closing.lift_bookmarks(own)
                self._keep_paragraph(hung, own)

    def _keep_paragraph(self, hung: Hung, own: Element) -> None:
        if not (hung.tag.keyword.startswith("end") and closing.needs_paragraph(hung)):
            return
        kept = own.makeelement(W + "p", {})
        if closing.fills_container(hung, self._hung):
            own.addprevious(kept)
            wrap(kept, self._condition("else", hung.tag.place), "")
        else:
            own.addnext(kept)

    def _plain_texts(self, root: Element) -> None:
        """Attributes, and text that is no w:t: alt texts, addresses, document properties."""
        for element in root.iter(etree.Element):
            for name, text in element.attrib.items():
                if _LOOKS_LIKE_A_TAG.search(str(text)):
                    element.set(name, self._plain(str(text)))
            text = element.text or ""
            if element.tag == W + "instrText" and _LOOKS_LIKE_A_TAG.search(text):
                self._in_field_code(text)
            elif element.tag != W + "t" and _LOOKS_LIKE_A_TAG.search(text):
                element.text = self._plain(text)

    def _in_field_code(self, text: str) -> None:
        what = "a tag stands inside the code of a field."
        hint = "Put the tag into the text, not into the field."
        self.problems.append(Problem("tag-in-field", replace(self.place, words=text), what, hint))

    def _plain(self, text: str) -> str:
        place = replace(self.place, words=text)
        pieces, at, hung = [], 0, []
        for found in find_tags(text):
            if isinstance(found, Fault):
                self.problems.append(Problem(found.code, place, found.what, found.hint))
                continue
            tag = Tag(found.shape, "", found.body, place, setting="plain", closes_up=True)
            mark = "" if found.shape == "comment" else self._mark(tag)
            self.changed = True
            pieces += [text[at : found.start], mark]
            hung.append(Hung(tag, etree.Element("plain"), mark))
            at = found.end
        self.problems += check_blocks(hung)
        return "".join((*pieces, text[at:]))


def _without_comments(text: str, spans: Iterable[Span]) -> str:
    """The text with spaces in place of comments, which so count as nothing."""
    for span in spans:
        if span.shape == "comment":
            text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _lines(text: str, spans: Sequence[Span]) -> list[lines.Line]:
    values = [lines.ValueTag(s.start, s.end, s.body) for s in spans if s.shape == "value"]
    others = {i for s in spans if s.shape != "value" for i in range(s.start, s.end)}
    return lines.split_lines(text, values, others)
