"""One piece into the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from merge.model import Place, Problem
from merge.ooxml.package import Piece, Relations, Source
from merge.ooxml.wordml import SPACES, Element, W, is_on, properties
from merge.printing.combine.fields import settle_fields
from merge.printing.combine.headers import Counting
from merge.printing.combine.links import lose_elsewhere, relink
from merge.printing.combine.notes import Kind, Notes, count_by_section
from merge.printing.combine.sections import begin, close, sections
from merge.printing.combine.tidy import Found, tidy
from merge.printing.combine.whole import Whole

_PARAGRAPHS = "descendant::w:p[not(ancestor::w:txbxContent)]"


def add(whole: Whole, piece: Piece, mark: str, *, last: bool) -> list[Problem]:
    """Put a piece at the end of the whole; what it loses there, and what is doubtful in it.

    It begins with the bookmark `mark`. StorageError where it cannot be read.
    """
    letter = _Letter(whole, piece)
    letter.take_over()
    letter.lay_out(Counting("SECTIONPAGES", piece.pages), mark, last=last)
    letter.hand_over()
    return list(_problems(piece.name, letter.found, letter.lost))


class _Letter:
    """A piece on its way into the whole."""

    def __init__(self, whole: Whole, piece: Piece) -> None:
        self._whole, self._piece = whole, piece
        self._source = Source(piece)
        self._look = whole.looks.of(self._source)
        self._root = self._source.parsed(self._source.main)
        body = self._root.find(W + "body")
        if body is None:
            raise self._source.damaged("it has no text")
        self._body = body
        self._footnotes, self._endnotes = self._notes("footnote"), self._notes("endnote")
        notes = (*self._footnotes.elements, *self._endnotes.elements)
        self._contents: Sequence[Element] = (self._root, *notes)
        self.lost = whole.looks.lost(self._look, self._contents)
        self.found: Found = frozenset()

    def _notes(self, kind: Kind) -> Notes:
        part = self._source.related(f"{kind}s")
        is_used = part and self._body.find(f".//{W}{kind}Reference") is not None
        notes = self._source.parsed(part) if is_used else None
        return Notes(kind, self._body, notes, self._look.settings)

    def take_over(self) -> None:
        """Call everything as it is called in the whole."""
        for part in self._contents:
            self.found |= tidy(part, self._whole.ids)
        self._look.renumber(self._contents)
        for part in self._contents:
            self._look.rename(part)
        main, whole = self._source.main, self._whole
        self._relink([self._root], main, whole.relations)
        self._relink(
            self._footnotes.elements, self._source.related("footnotes"), whole.note_relations
        )
        self._relink(self._endnotes.elements, self._source.related("endnotes"), whole.relations)

    def _relink(self, roots: Sequence[Element], part: str, into: Relations) -> None:
        relations = self._source.relations(part)
        for root in roots:
            self.found |= lose_elsewhere(root, relations)
            relink(root, relations, lambda r: into.id_of(self._whole.copied(self._source, r)))

    def lay_out(self, counting: Counting, mark: str, *, last: bool) -> None:
        """Set the letter's sections, its notes and the fields that count its pages."""
        parts = sections(self._body)
        if len(parts) > 1:  # the pages of one section are not those of the letter
            counting = counting._replace(code=f"PAGEREF {mark}_end")
        self._endnotes.to_paragraphs(self._body)
        if self._footnotes.elements:
            is_told = self._footnotes.to_custom_marks(self._whole.note_numbers)
            count_by_section(parts, self._look.settings, anew=not is_told)
        for part in self._contents:
            settle_fields(part, *counting)
        self._set_margins(parts, counting)
        begin(parts[0], front=self._piece.front)
        if not last:
            close(self._body, parts[-1])
        self._set_marks(mark, ends=len(parts) > 1)

    def _set_margins(self, parts: list[Element], counting: Counting) -> None:
        relations = self._source.relations(self._source.main)

        def renamed(number: str) -> str:
            if number not in relations:
                raise self._source.damaged("a header of it is missing")
            headers, relation = self._whole.headers, relations[number]
            called, found = headers.copied(self._source, relation, self._look, counting)
            self.found |= found
            return called

        even_and_odd = is_on(self._look.settings, "evenAndOddHeaders")
        self._whole.margins.keep_apart(parts, renamed, even_and_odd=even_and_odd)

    def _set_marks(self, mark: str, *, ends: bool) -> None:
        """Bookmarks where the letter begins and, if wanted, where it ends."""
        first = self._body[0]
        if first.tag == W + "p":
            properties(first, "pPr")
            first[1:1] = self._bookmark(mark)
        else:
            self._body[0:0] = self._bookmark(mark)
        if ends:
            last = self._body.xpath(_PARAGRAPHS, namespaces=SPACES)[-1]
            last.extend(self._bookmark(f"{mark}_end"))

    def _bookmark(self, name: str) -> list[Element]:
        number = str(next(self._whole.ids.marks))
        start = self._body.makeelement(W + "bookmarkStart", {W + "id": number, W + "name": name})
        return [start, self._body.makeelement(W + "bookmarkEnd", {W + "id": number})]

    def hand_over(self) -> None:
        """Let the letter go into the whole."""
        if self._footnotes.elements:
            notes = self._footnotes.elements
            self._whole.footnotes.add(notes[0].getroottree().getroot(), notes)
        self._whole.document.add(self._root, list(self._body))


_TOLD = {
    "comments": (
        "letter-comments",
        "it has comments, which are left out of the print.",
        "See in Word whether they still ask for something.",
    ),
    "tracked": (
        "letter-tracked-changes",
        "it has changes that nobody accepted or rejected, and Word prints them with their marks.",
        "Open it in Word, choose Review, Accept or Reject, save it, and print again.",
    ),
    "linked": (
        "letter-linked-picture",
        "a picture in it lies elsewhere, so it is left out of the print.",
        "Put the picture itself into the letter: Insert, Pictures.",
    ),
}


def _problems(name: str, found: Found, lost: Sequence[str]) -> Iterator[Problem]:
    for word, (code, what, hint) in _TOLD.items():
        if word in found:
            yield Problem(code, Place(name), what, hint, "warning")
    if lost:
        what = f"in one file with other letters it loses its own {' and '.join(lost)}."
        hint = "See how it looks there, or print it from its own file."
        yield Problem("letter-settings", Place(name), what, hint, "warning")
