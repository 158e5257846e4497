"""Pieces, one after the other, into one .docx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count

from merge.model import Place, Problem, StorageError, UsageError
from merge.ooxml.blank import MAIN_PART, WORDML_TYPE, title_part
from merge.ooxml.namespaces import RELATIONSHIPS, XMLNS_W
from merge.ooxml.package import (
    CORE,
    CORE_RELATIONSHIP,
    CORE_TYPE,
    Member,
    PackageBuilder,
    PartRelationships,
    Relationship,
    RelationshipIds,
    SourceDocument,
    SourceFile,
)
from merge.ooxml.wordml import NAMESPACES, Element, W, is_on, parse_xml, properties
from merge.printing.combine.looks import FormatRegistry, settings_part
from merge.printing.combine.package import (
    IdCounters,
    LetterFlags,
    PartBuilder,
    clean_part,
    drop_external_pictures,
    rewrite_ids,
    settle_fields,
)
from merge.printing.combine.sections import (
    Headers,
    HeaderSlots,
    LetterNotes,
    NoteKind,
    PageCount,
    begin_letter,
    count_by_section,
    end_letter,
    letter_sections,
)


@dataclass(frozen=True, slots=True)
class Combined:
    """The whole .docx, and what the pieces lose in it or is doubtful in them: warnings.

    `marks` are the bookmarks that the pieces begin with, in their order.
    """

    data: bytes
    marks: tuple[str, ...]
    problems: tuple[Problem, ...]


def combine(pieces: Iterable[SourceFile], base: SourceFile, title: str = "") -> Combined:
    """Put pieces one after the other, each in sections of its own.

    The whole has the styles, lists, theme and settings of `base`, a letter like most others; what a
    piece has otherwise comes beside them. One piece is held at a time. StorageError tells of every
    piece that cannot be read, UsageError of more lists than Word can number.
    """
    try:
        whole = TargetDocument(SourceDocument(base))
    except StorageError as error:
        raise StorageError([*_unreadable(pieces)] or error.problems) from error
    marks: list[str] = []
    told: list[Problem] = []
    unreadable: list[Problem] = []
    for piece, last in _with_last(pieces):
        marks.append(f"letter_{len(marks) + 1}")
        try:
            told += append_letter(whole, piece, marks[-1], last=last)
        except StorageError as error:
            unreadable += error.problems
    if unreadable:
        raise StorageError(unreadable)
    return Combined(whole.finished(title), tuple(marks), tuple(told))


def _unreadable(pieces: Iterable[SourceFile]) -> Iterator[Problem]:
    """What is wrong with those that could not be a base either."""
    for piece in pieces:
        try:
            TargetDocument(SourceDocument(piece))
        except StorageError as error:
            yield from error.problems


def _with_last(pieces: Iterable[SourceFile]) -> Iterator[tuple[SourceFile, bool]]:
    """Each piece, and whether it is the last."""
    waiting = None
    for piece in pieces:
        if waiting:
            yield waiting, False
        waiting = piece
    if waiting:
        yield waiting, True


# The whole: what all pieces share in it, and the finished file.


MOST_LISTS = 2_000
"""Word shows no numbers in lists (w:num) beyond some 2,020 of a file."""

_LINES = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:pPr><w:spacing w:before="0" w:after="0"'
    f' w:line="240" w:lineRule="auto"/></w:pPr><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
)
_SEPARATORS = f"<w:footnotes {XMLNS_W}>{_LINES}</w:footnotes>".encode()
"""The lines above footnotes (17.11.23)."""


class TargetDocument:
    """A .docx that grows piece by piece, with the styles, lists and settings of its base."""

    def __init__(self, base: SourceDocument) -> None:
        self._parts = PackageBuilder()
        self.looks = FormatRegistry(base, self._parts)
        self.ids = IdCounters()
        self.relationships, self.note_relationships = RelationshipIds(), RelationshipIds()
        self.headers = Headers(self._parts, self.relationships, self.ids)
        self.header_slots = HeaderSlots(self.headers.blank)
        self.document, self.footnotes = PartBuilder("w:document"), PartBuilder("w:footnotes")
        self.note_numbers = count(1)
        theme = base.related("theme")
        if theme:
            self._lead("theme", self._parts.copied(base, theme))

    def _lead(self, word: str, target: str) -> None:
        self.relationships.id_of(Relationship(f"{RELATIONSHIPS}/{word}", target, external=False))

    def copied(self, source: SourceDocument, relation: Relationship) -> Relationship:
        """A relationship of a piece, with what it leads to in the whole."""
        if relation.external:
            return relation
        return relation._replace(target=self._parts.copied(source, relation.target))

    def finished(self, title: str) -> bytes:
        """The whole file. UsageError where it has more lists than Word numbers."""
        looks = self.looks
        if looks.numbering.count > MOST_LISTS:
            raise UsageError(_too_many(title))
        even, noted = self.header_slots.even_and_odd, bool(self.footnotes)
        self._put("settings", settings_part(looks.settings, even_and_odd=even, notes=noted))
        self._put("styles", looks.styles.data())
        self._put("fontTable", *looks.fonts.part())
        if looks.numbering.count:
            self._put("numbering", *looks.numbering.part())
        if noted:
            separators = parse_xml(_SEPARATORS)
            if separators is not None:
                self.footnotes.add(separators, list(separators), rank=-1)
            self._put("footnotes", self.footnotes.data(), self.note_relationships.links)
        body = Member.of("", self.document.data("w:body"))
        self._parts.put(
            MAIN_PART, body, f"{WORDML_TYPE}.document.main+xml", self.relationships.links
        )
        self._parts.put(CORE, title_part(escape(title)), CORE_TYPE)
        return self._parts.package(_ROOT)

    def _put(self, word: str, data: bytes, links: PartRelationships = ()) -> None:
        """One of the parts that a document has once."""
        name = f"word/{word}.xml"
        self._parts.put(name, Member.of("", data), f"{WORDML_TYPE}.{word}+xml", links)
        self._lead(word, name)


_ROOT: PartRelationships = (
    ("rId1", Relationship(f"{RELATIONSHIPS}/officeDocument", MAIN_PART, external=False)),
    ("rId2", CORE_RELATIONSHIP),
)


def _too_many(title: str) -> Problem:
    what = "it has more numbered lists than Word can number in one file (2,000)."
    hint = "Put fewer letters into a file, with --sheets."
    return Problem("too-many-lists", Place(f"{title}.docx"), what, hint)


# One piece into the whole.


_PARAGRAPHS = "descendant::w:p[not(ancestor::w:txbxContent)]"


def append_letter(
    whole: TargetDocument, piece: SourceFile, mark: str, *, last: bool
) -> list[Problem]:
    """Put a piece at the end of the whole; what it loses there, and what is doubtful in it.

    It begins with the bookmark `mark`. StorageError where it cannot be read.
    """
    letter = _LetterImport(whole, piece)
    letter.remap_names()
    letter.set_up_sections(PageCount("SECTIONPAGES", piece.pages), mark, last=last)
    letter.append_to_target()
    return list(_problems(piece.name, letter.found, letter.lost))


class _LetterImport:
    """A piece on its way into the whole."""

    def __init__(self, whole: TargetDocument, piece: SourceFile) -> None:
        self._whole, self._piece = whole, piece
        self._source = SourceDocument(piece)
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
        self.found: LetterFlags = frozenset()

    def _notes(self, kind: NoteKind) -> LetterNotes:
        part = self._source.related(f"{kind}s")
        is_used = part and self._body.find(f".//{W}{kind}Reference") is not None
        notes = self._source.parsed(part) if is_used else None
        return LetterNotes(kind, self._body, notes, self._look.settings)

    def remap_names(self) -> None:
        """Call everything as it is called in the whole."""
        for part in self._contents:
            self.found |= clean_part(part, self._whole.ids)
        self._look.renumber(self._contents)
        for part in self._contents:
            self._look.rename(part)
        main, whole = self._source.main, self._whole
        self._relink([self._root], main, whole.relationships)
        self._relink(
            self._footnotes.elements, self._source.related("footnotes"), whole.note_relationships
        )
        self._relink(self._endnotes.elements, self._source.related("endnotes"), whole.relationships)

    def _relink(self, roots: Sequence[Element], part: str, into: RelationshipIds) -> None:
        relations = self._source.relationships(part)
        for root in roots:
            self.found |= drop_external_pictures(root, relations)
            rewrite_ids(root, relations, lambda r: into.id_of(self._whole.copied(self._source, r)))

    def set_up_sections(self, counting: PageCount, mark: str, *, last: bool) -> None:
        """Set the letter's sections, its notes and the fields that count its pages."""
        parts = letter_sections(self._body)
        if len(parts) > 1:  # the pages of one section are not those of the letter
            counting = counting._replace(code=f"PAGEREF {mark}_end")
        self._endnotes.to_paragraphs(self._body)
        if self._footnotes.elements:
            is_told = self._footnotes.to_custom_marks(self._whole.note_numbers)
            count_by_section(parts, self._look.settings, anew=not is_told)
        for part in self._contents:
            settle_fields(part, *counting)
        self._set_margins(parts, counting)
        begin_letter(parts[0], front=self._piece.front)
        if not last:
            end_letter(self._body, parts[-1])
        self._set_marks(mark, ends=len(parts) > 1)

    def _set_margins(self, parts: list[Element], counting: PageCount) -> None:
        relations = self._source.relationships(self._source.main)

        def renamed(number: str) -> str:
            if number not in relations:
                raise self._source.damaged("a header of it is missing")
            headers, relation = self._whole.headers, relations[number]
            called, found = headers.copied(self._source, relation, self._look, counting)
            self.found |= found
            return called

        even_and_odd = is_on(self._look.settings, "evenAndOddHeaders")
        self._whole.header_slots.set_own_headers(parts, renamed, even_and_odd=even_and_odd)

    def _set_marks(self, mark: str, *, ends: bool) -> None:
        """Bookmarks where the letter begins and, if wanted, where it ends."""
        first = self._body[0]
        if first.tag == W + "p":
            properties(first, "pPr")
            first[1:1] = self._bookmark(mark)
        else:
            self._body[0:0] = self._bookmark(mark)
        if ends:
            last = self._body.xpath(_PARAGRAPHS, namespaces=NAMESPACES)[-1]
            last.extend(self._bookmark(f"{mark}_end"))

    def _bookmark(self, name: str) -> list[Element]:
        number = str(next(self._whole.ids.marks))
        start = self._body.makeelement(W + "bookmarkStart", {W + "id": number, W + "name": name})
        return [start, self._body.makeelement(W + "bookmarkEnd", {W + "id": number})]

    def append_to_target(self) -> None:
        """Let the letter go into the whole."""
        if self._footnotes.elements:
            notes = self._footnotes.elements
            self._whole.footnotes.add(notes[0].getroottree().getroot(), notes)
        self._whole.document.add(self._root, list(self._body))


_WARNINGS = {
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


def _problems(name: str, found: LetterFlags, lost: Sequence[str]) -> Iterator[Problem]:
    for word, (code, what, hint) in _WARNINGS.items():
        if word in found:
            yield Problem(code, Place(name), what, hint, "warning")
    if lost:
        what = f"in one file with other letters it loses its own {' and '.join(lost)}."
        hint = "See how it looks there, or print it from its own file."
        yield Problem("letter-settings", Place(name), what, hint, "warning")
