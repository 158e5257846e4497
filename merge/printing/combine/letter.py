"""Combine letters and cover sheets in one .docx, the combined file.

It has the styles, lists, theme and settings of its base, a letter with the most common format.
Anything that differs in another letter is added under a new name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from html import escape
from itertools import count, takewhile

from merge import messages
from merge.errors import StorageError, UsageError
from merge.ooxml import RELATIONSHIPS, XMLNS_W
from merge.ooxml.container import ZipMember
from merge.ooxml.new_docx import MAIN_PART, WORDML_TYPE, title_part
from merge.ooxml.package_builder import PackageBuilder, RelationshipIds, SourceDocument, SourceFile
from merge.ooxml.relationships import (
    CORE_PART,
    CORE_RELATIONSHIP,
    CORE_TYPE,
    PartRelationships,
    Relationship,
)
from merge.ooxml.wordml import (
    FALLBACK,
    NAMESPACES,
    Element,
    W,
    ensure_properties,
    is_on,
    parse_xml,
    run_content,
)
from merge.printing.combine.formats import FormatRegistry, settings_part
from merge.printing.combine.letter_parts import (
    IdCounters,
    LetterFlags,
    PartBuilder,
    clean_part,
    drop_external_content,
    resolve_fields,
    rewrite_relationship_ids,
)
from merge.printing.combine.sections import (
    CombinedHeaders,
    HeaderSlots,
    LetterNotes,
    NoteKind,
    PageCount,
    begin_letter,
    end_letter,
    letter_sections,
    set_footnote_rules,
)
from merge.problems import Place, Problem
from merge.text.folding import folded


@dataclass(frozen=True, slots=True)
class CombinedFile:
    """The combined file of letters to print, with warnings about them.

    A warning says what a letter loses, or what is doubtful in it. `bookmarks` are at the beginnings
    of the letters, in their order; see `signature_bookmark`.
    """

    data: bytes
    bookmarks: tuple[str, ...]
    problems: tuple[Problem, ...]


def combine_letters(
    letters: Iterable[SourceFile], base: SourceFile, title: str = ""
) -> CombinedFile:
    """Combine letters in one .docx, each letter in its own sections.

    Only one letter is in memory at a time. Raise StorageError with each unreadable letter. Raise
    UsageError if there are more lists than Word can number.
    """
    try:
        target = TargetDocument(SourceDocument(base))
    except StorageError as error:
        raise StorageError([*_base_problems(letters)] or error.problems) from error
    marks: list[str] = []
    warnings: list[Problem] = []
    unreadable: list[Problem] = []
    remaining = iter(letters)
    letter = next(remaining, None)
    while letter:
        next_letter = next(remaining, None)
        marks.append(letter_bookmark(len(marks) + 1))
        try:
            warnings += append_letter(target, letter, marks[-1], last=next_letter is None)
        except StorageError as error:
            unreadable += error.problems
        letter = next_letter
    if unreadable:
        raise StorageError(unreadable)
    return CombinedFile(target.to_bytes(title), tuple(marks), tuple(warnings))


def _base_problems(letters: Iterable[SourceFile]) -> Iterator[Problem]:
    """Yield the problems of letters that could not be a base either."""
    for letter in letters:
        try:
            TargetDocument(SourceDocument(letter))
        except StorageError as error:
            yield from error.problems


MAX_LISTS = 2_000
"""Most lists (w:num) in a file; beyond about 2,020 Word shows no numbers."""

_SEPARATOR_NOTES = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:pPr><w:spacing w:before="0" w:after="0"'
    f' w:line="240" w:lineRule="auto"/></w:pPr><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
)
_FOOTNOTE_SEPARATORS = f"<w:footnotes {XMLNS_W}>{_SEPARATOR_NOTES}</w:footnotes>".encode()
"""The lines above footnotes (17.11.23)."""


class TargetDocument:
    """The combined file, which grows letter by letter, with its shared parts."""

    def __init__(self, base: SourceDocument) -> None:
        self._parts = PackageBuilder()
        self.formats = FormatRegistry(base, self._parts)
        self.ids = IdCounters()
        self.relationships, self.note_relationships = RelationshipIds(), RelationshipIds()
        self.headers = CombinedHeaders(self._parts, self.relationships, self.ids)
        self.header_slots = HeaderSlots(self.headers.blank_header)
        self.document, self.footnotes = PartBuilder("w:document"), PartBuilder("w:footnotes")
        self.note_numbers = count(1)
        theme = base.related_part("theme")
        if theme:
            self._relate("theme", self._parts.copy_part(base, theme))

    def _relate(self, word: str, target: str) -> None:
        self.relationships.id_of(Relationship(f"{RELATIONSHIPS}/{word}", target, external=False))

    def copy_target(self, source: SourceDocument, relation: Relationship) -> Relationship:
        """Copy the part to which a relationship leads into the combined file.

        Return the relationship to the copy.
        """
        if relation.external:
            return relation
        return relation._replace(target=self._parts.copy_part(source, relation.target))

    def to_bytes(self, title: str) -> bytes:
        """Return the combined file's bytes.

        Raise UsageError if it has more lists than Word can number.
        """
        formats = self.formats
        if formats.numbering.count > MAX_LISTS:
            raise UsageError(messages.problem("too-many-lists", Place(f"{title}.docx")))
        even_and_odd, has_notes = self.header_slots.even_and_odd, bool(self.footnotes)
        self._put_part(
            "settings", settings_part(formats.settings, even_and_odd=even_and_odd, notes=has_notes)
        )
        self._put_part("styles", formats.styles.to_bytes())
        self._put_part("fontTable", *formats.fonts.part())
        if formats.numbering.count:
            self._put_part("numbering", *formats.numbering.part())
        if has_notes:
            separators = parse_xml(_FOOTNOTE_SEPARATORS)
            if separators is not None:
                self.footnotes.add(separators, list(separators), rank=-1)
            self._put_part(
                "footnotes", self.footnotes.to_bytes(), self.note_relationships.relationships
            )
        body = ZipMember.from_data("", self.document.to_bytes("w:body"))
        self._parts.add_named_part(
            MAIN_PART, body, f"{WORDML_TYPE}.document.main+xml", self.relationships.relationships
        )
        self._parts.add_named_part(CORE_PART, title_part(escape(title)), CORE_TYPE)
        return self._parts.build(_PACKAGE_RELATIONSHIPS)

    def _put_part(self, word: str, data: bytes, links: PartRelationships = ()) -> None:
        """Add a part that a document has only once, such as its settings."""
        name = f"word/{word}.xml"
        self._parts.add_named_part(
            name, ZipMember.from_data("", data), f"{WORDML_TYPE}.{word}+xml", links
        )
        self._relate(word, name)


_PACKAGE_RELATIONSHIPS: PartRelationships = (
    ("rId1", Relationship(f"{RELATIONSHIPS}/officeDocument", MAIN_PART, external=False)),
    ("rId2", CORE_RELATIONSHIP),
)


_PARAGRAPHS_OUTSIDE_TEXT_BOXES = "descendant::w:p[not(ancestor::w:txbxContent)]"


def append_letter(
    target: TargetDocument, source_file: SourceFile, mark: str, *, last: bool
) -> list[Problem]:
    """Add a letter at the end of the combined file, and return the warnings.

    It begins with the bookmark `mark`. Raise StorageError if it is unreadable.
    """
    letter = _LetterInsertion(target, source_file)
    letter.remap_names()
    letter.set_up_sections(PageCount("SECTIONPAGES", source_file.page_count), mark, last=last)
    letter.append_to_target()
    return list(_letter_warnings(source_file.name, letter.flags, letter.lost_settings))


class _LetterInsertion:
    """The insertion of one letter into the combined file."""

    def __init__(self, target: TargetDocument, file: SourceFile) -> None:
        self._target, self._file = target, file
        self._source = SourceDocument(file)
        self._format = target.formats.format_of(self._source)
        self._root = self._source.parse_part(self._source.main_part)
        body = self._root.find(W + "body")
        if body is None:
            raise self._source.damaged_error("it has no text")
        self._body = body
        self._footnotes, self._endnotes = self._read_notes("footnote"), self._read_notes("endnote")
        notes = (*self._footnotes.elements, *self._endnotes.elements)
        self._content_roots: Sequence[Element] = (self._root, *notes)
        self.lost_settings = target.formats.find_losses(self._format, self._content_roots)
        self.flags: LetterFlags = frozenset()

    def _read_notes(self, kind: NoteKind) -> LetterNotes:
        part = self._source.related_part(f"{kind}s")
        is_used = part and self._body.find(f".//{W}{kind}Reference") is not None
        notes = self._source.parse_part(part) if is_used else None
        return LetterNotes(kind, self._body, notes, self._format.settings)

    def remap_names(self) -> None:
        """Rename and renumber the parts that differ in the combined file."""
        for part in self._content_roots:
            self.flags |= clean_part(part, self._target.ids)
        self._format.renumber(self._content_roots)
        for part in self._content_roots:
            self._format.rename_styles(part)
        source, target = self._source, self._target
        self._relink([self._root], source.main_part, target.relationships)
        notes, links = self._footnotes.elements, target.note_relationships
        self._relink(notes, source.related_part("footnotes"), links)
        self._relink(self._endnotes.elements, source.related_part("endnotes"), target.relationships)

    def _relink(self, roots: Sequence[Element], part: str, target_ids: RelationshipIds) -> None:
        relations = self._source.relationships(part)
        for root in roots:
            self.flags |= drop_external_content(root, relations)
            rewrite_relationship_ids(
                root,
                relations,
                lambda relation: target_ids.id_of(self._target.copy_target(self._source, relation)),
            )

    def set_up_sections(self, page_count: PageCount, mark: str, *, last: bool) -> None:
        """Set up the letter's sections, notes and page count fields."""
        sections = letter_sections(self._body)
        if len(sections) > 1:  # SECTIONPAGES would count the pages of one section only
            page_count = page_count._replace(code=f"PAGEREF {mark}_end")
        self._endnotes.move_to_paragraphs(self._body)
        if self._footnotes.elements:
            is_labelled = self._footnotes.to_custom_marks(self._target.note_numbers)
            set_footnote_rules(sections, self._format.settings, restart=not is_labelled)
        for part in self._content_roots:
            resolve_fields(part, *page_count)
        self._set_headers(sections, page_count)
        begin_letter(sections[0], on_front_side=self._file.starts_on_front)
        name_element = (
            _find_typed_name(self._root, self._file.signer) if self._file.signer else None
        )
        if not last:
            # LibreOffice moves bookmarks to the start of a paragraph that ends a section
            end_letter(
                self._body,
                sections[-1],
                in_own_paragraph=name_element is not None and _follows_break(name_element),
            )
        if name_element is not None:
            _insert_before(name_element, self._bookmark(signature_bookmark(mark)))
        self._add_bookmarks(mark, ends=len(sections) > 1)

    def _set_headers(self, sections: list[Element], page_count: PageCount) -> None:
        relations = self._source.relationships(self._source.main_part)

        def renamed(number: str) -> str:
            if number not in relations:
                raise self._source.damaged_error("a header of it is missing")
            headers, relation = self._target.headers, relations[number]
            number, flags = headers.copy_header(self._source, relation, self._format, page_count)
            self.flags |= flags
            return number

        even_and_odd = is_on(self._format.settings, "evenAndOddHeaders")
        self._target.header_slots.set_headers(sections, renamed, even_and_odd=even_and_odd)

    def _add_bookmarks(self, mark: str, *, ends: bool) -> None:
        """Add a bookmark at a letter's beginning and, if `ends`, at its end.

        They are in paragraphs, also in those of a table: LibreOffice moves a bookmark above a table
        to the end of the page before.
        """
        paragraphs = self._body.xpath(_PARAGRAPHS_OUTSIDE_TEXT_BOXES, namespaces=NAMESPACES)
        if not paragraphs:
            self._body[0:0] = self._bookmark(mark)
            return
        ensure_properties(paragraphs[0], "pPr")
        paragraphs[0][1:1] = self._bookmark(mark)
        if ends:
            paragraphs[-1].extend(self._bookmark(f"{mark}_end"))

    def _bookmark(self, name: str) -> list[Element]:
        number = str(next(self._target.ids.annotation_ids))
        start = self._body.makeelement(W + "bookmarkStart", {W + "id": number, W + "name": name})
        return [start, self._body.makeelement(W + "bookmarkEnd", {W + "id": number})]

    def append_to_target(self) -> None:
        """Move the letter's paragraphs into the combined file."""
        if self._footnotes.elements:
            notes = self._footnotes.elements
            self._target.footnotes.add(notes[0].getroottree().getroot(), notes)
        self._target.document.add(self._root, list(self._body))


# The typed name under a letter. LibreOffice converts a bookmark into a position on a page. So the
# name is found and marked in the letter, which has it complete and in reading order. A PDF has only
# glyphs in the order of drawing.


def letter_bookmark(number: int) -> str:
    """Return the name of the bookmark at the beginning of letter number N."""
    return f"letter_{number}"


def signature_bookmark(mark: str) -> str:
    """Return the bookmark before the typed name, from the letter's bookmark."""
    return f"{mark}_name"


_TEXT_TAGS, _BREAK_TAGS = {W + "t", W + "tab"}, {W + "br", W + "cr"}
_NOT_IN_LINES = {W + "p", W + "pPr"}
"""Tags that are not searched, for example those with tab stops.

A deletion has no w:t (17.3.3.7). Text that was moved away is still read.
"""

_MAX_PREFIX_LENGTH = 20  # Characters that may be before the name, such as `Professor Dr. `
_MIN_LINES_ABOVE = 2  # Fewest lines above the name; a higher one belongs to the signer's address


def _find_typed_name(root: Element, name: str) -> Element | None:
    """Return the first element of the last line that begins with a name.

    A title may be before the name.
    """
    pattern = re.compile(rf".{{0,{_MAX_PREFIX_LENGTH}}}(?<!\w){re.escape(folded(name))}(?!\w)")
    lines = [(folded(text), first) for text, first in _text_lines(root) if text.strip()]
    elements = [first for text, first in lines[_MIN_LINES_ABOVE:] if pattern.match(text)]
    return elements[-1] if elements else None


def _text_lines(root: Element) -> Iterator[tuple[str, Element]]:
    """Yield each line of text in a letter, with the first element of the line.

    A line ends at a break or at the end of a paragraph.
    """
    for paragraph in _paragraphs(root):
        text, first = "", None
        for element, content in run_content(paragraph, _NOT_IN_LINES):
            if element.tag in _TEXT_TAGS:
                text += " " if content == "\t" else content
                first = element if first is None else first
            elif element.tag in _BREAK_TAGS and first is not None:
                yield text, first
                text, first = "", None
        if first is not None:
            yield text, first


def _paragraphs(root: Element) -> Iterator[Element]:
    """Yield all paragraphs, without the copies of text boxes for old programs."""
    for paragraph in root.iter(W + "p"):
        if next(paragraph.iterancestors(FALLBACK), None) is None:
            yield paragraph


def _follows_break(element: Element) -> bool:
    """Return whether a line break precedes an element in its paragraph."""
    paragraph = next(element.iterancestors(W + "p"))
    before = takewhile(lambda earlier: earlier is not element, paragraph.iter())
    return any(earlier.tag in _BREAK_TAGS for earlier in before)


def _insert_before(element: Element, bookmark: Sequence[Element]) -> None:
    """Insert a bookmark before an element, and split the element's run there."""
    run = next(element.iterancestors(W + "r"))
    second_half, position = deepcopy(run), run.index(element)
    del run[position:]
    del second_half[1 if second_half[0].tag == W + "rPr" else 0 : position]
    run.addnext(second_half)
    for bookmark_element in bookmark:
        second_half.addprevious(bookmark_element)


_WARNING_CODES = {
    "comments": "letter-comments",
    "tracked": "letter-tracked-changes",
    "linked": "letter-linked-picture",
    "inserted": "letter-inserted-file",
}


def _letter_warnings(
    name: str, flags: LetterFlags, lost_settings: Sequence[str]
) -> Iterator[Problem]:
    for flag, code in _WARNING_CODES.items():
        if flag in flags:
            yield messages.problem(code, Place(name))
    if lost_settings:
        yield messages.problem("letter-settings", Place(name), settings=" and ".join(lost_settings))
