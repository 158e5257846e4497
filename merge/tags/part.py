"""The tags of one part: found, told where they are faulty, each replaced by a mark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from merge.model import Place, Problem
from merge.ooxml.fields import code_texts
from merge.ooxml.wordml import OBJECT, Atom, Element, W, atoms, put_back, wrap
from merge.tags import closing, lines
from merge.tags.blocks import CELL_TAGS, Hung, anchor, check_alone, check_blocks
from merge.tags.cells import place_cell_tag
from merge.tags.columns import Columns
from merge.tags.foreign import foreign_tags
from merge.tags.notes import Notes
from merge.tags.plain import mark_plain_texts
from merge.tags.record import Tag
from merge.tags.scan import MOST_FAULTS, Fault, Span, find_tags

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LOOKS_LIKE_A_TAG = re.compile(r"\{[{%#]|[}%#]\}")
_LONGEST = 200_000
_MOST_TAGS = 3_000
_MOST_PROBLEMS = 500
"""What a part may hold before it is no letter's; filling has to stay quick."""


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


class Reader:
    """Walks one part; gathers its tags and problems."""

    def __init__(self, notes: Notes, columns: Columns) -> None:
        self._notes = notes
        self._columns = columns
        self._hung: list[Hung] = []
        self._comments: list[Hung] = []
        self._number = 0
        self._in_fallback = False
        self._foreign_told = 0
        self._codes: set[Element] = set()
        self._untold: list[Problem] = []

    def read(self, root: Element) -> None:
        """The whole part: paragraphs, then what takes its surroundings along, then the rest."""
        self._codes = code_texts(root)
        found = []
        for paragraph in list(root.iter(W + "p")):
            if len(self._notes.tags) > _MOST_TAGS or len(self._notes.problems) > _MOST_PROBLEMS:
                self._notes.problems.append(_too_many(self._notes.place))
                return
            found.append(self._paragraph(paragraph))
        self._notes.problems += check_blocks(self._hung)
        if not self._notes.problems:
            self._notes.problems += self._untold  # the copies differ
        mark_plain_texts(root, self._notes)
        for comment in self._comments:
            self._leave_out(comment)
        for hung in self._hung:
            closing.fill_control(hung)
            self._scoped(hung)
        for gone in found:
            if gone:
                self._close_up(gone)

    def _tell(self, problem: Problem) -> None:
        """A text box stands twice in the file; its second copy is for old programs."""
        (self._untold if self._in_fallback else self._notes.problems).append(problem)

    def _paragraph(self, paragraph: Element) -> _Closing | None:
        """Mark the paragraph's tags; say on which condition it stays, if on any."""
        self._in_fallback = any(a.tag == _FALLBACK for a in paragraph.iterancestors())
        self._number += not self._in_fallback
        if sum(len(piece.text or "") for piece in paragraph.iter(W + "t")) > _LONGEST:
            what = f"a paragraph has more than {_LONGEST:,} characters."
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
        spans = [span for span in found if span.shape != "comment"]
        text = _without(text, (span for span in found if span.shape == "comment"))
        rows = _lines(text, spans)
        self._mark_all(characters, spans, rows, place)
        goes = not any(row.fixed for row in rows) and closing.may_go(paragraph)
        if not (goes and len(rows) == 1 and len(rows[0].tags) == 1):
            self._guard(characters, lines.guards(text, rows), place)
        put_back(characters)
        shown = " or ".join(f"({row.shown})" for row in rows)
        return _Closing(paragraph, shown, place) if goes else None

    def _foreign(self, text: str, place: Place) -> None:
        for problem in foreign_tags(text, self._columns, place):
            self._foreign_told += 1
            if self._foreign_told <= MOST_FAULTS:
                self._tell(problem)

    def _spans(self, text: str, characters: list[Atom], place: Place) -> Iterator[Span]:
        for found in find_tags(text):
            if isinstance(found, Fault):
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
                if found.shape == "comment" and found.scope:
                    tag = Tag("comment", found.scope, found.body, place)
                    self._comments.append(Hung(tag, characters[found.start].element, ""))
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
            first.text = self._notes.mark(tag)
            self._hung.append(Hung(tag, first.element, first.text))

    def _guard(self, characters: list[Atom], guards: Iterable[lines.Guard], place: Place) -> None:
        for guard in guards:
            for stretch in _stretches(characters[guard.start : guard.end]):
                stretch[0].before = self._notes.condition(f"if {guard.shown}", place)
                stretch[-1].after = self._notes.condition("endif", place)

    def _close_up(self, gone: _Closing) -> None:
        opening = self._notes.condition(f"if {gone.shown}", gone.place)
        otherwise = self._notes.condition("else", gone.place)
        ending = self._notes.condition("endif", gone.place)
        closing.close_up(gone.paragraph, opening, otherwise, ending)

    def _leave_out(self, comment: Hung) -> None:
        """A comment that takes its paragraph, row or cell along."""
        self._notes.problems += check_alone(comment)
        own = anchor(comment)
        parent = None if own is None else own.getparent()
        if own is not None and parent is not None and closing.may_go(own):
            closing.lift_bookmarks(own, behind=False)
            parent.remove(own)

    def _scoped(self, hung: Hung) -> None:
        """A tag that takes its run, paragraph, row or cell along."""
        if hung.tag.keyword in CELL_TAGS:
            place_cell_tag(hung, self._notes)
        elif hung.tag.scope == "r":
            closing.isolate(hung)
        elif hung.tag.scope:
            self._notes.problems += check_alone(hung)
            own = anchor(hung)
            if own is not None:
                ends = hung.tag.keyword.startswith("end")
                closing.lift_bookmarks(own, behind=ends)
                if ends:
                    self._fill_emptied(hung, own)

    def _fill_emptied(self, closer: Hung, own: Element) -> None:
        """What a block leaves behind when it prints nothing must still be a whole document."""
        filling = closing.filling(closer, self._hung)
        if closer.tag.scope == "p" and closing.needs_paragraph(closer):
            self._keep_paragraph(closer, own, filling)
        elif closer.tag.scope in {"tr", "tc"} and filling and not filling.middles:
            self._drop_emptied(filling.opener, own)

    def _keep_paragraph(self, closer: Hung, own: Element, filling: closing.Filling | None) -> None:
        ends = (*filling.middles, closer) if filling else ()
        sure = filling and all(closing.ends_in_paragraph(end, self._hung) for end in ends)
        kept = own.makeelement(W + "p", {})
        if not sure:
            own.addnext(kept)
        elif not any(end.tag.keyword == "else" for end in ends):
            own.addprevious(kept)
            wrap(kept, self._notes.condition("else", closer.tag.place), "")

    def _drop_emptied(self, opener: Hung, own: Element) -> None:
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


def _without(text: str, spans: Iterable[Span]) -> str:
    """The text with spaces in place of some tags, which so count as nothing."""
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _lines(text: str, spans: Sequence[Span]) -> list[lines.Line]:
    values = [lines.ValueTag(s.start, s.end, s.body) for s in spans if s.shape == "value"]
    others = {i for s in spans if s.shape != "value" for i in range(s.start, s.end)}
    return lines.split_lines(text, values, others)
