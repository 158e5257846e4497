"""A finished letter, read as pieces of text with their place in it.

A letter is first filled as if it were a template without placeholders. What letters never contain
is then gone: its author, comments, hidden text, macros. Whatever a template must not have is
refused with the same messages. The file itself is only read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace

from merge import messages
from merge.errors import TemplateError, UsageError
from merge.ooxml.container import file_errors
from merge.ooxml.fields import (
    WordField,
    WordStory,
    field_code,
    field_kind,
    read_stories,
    remove_field,
    walk_fields,
)
from merge.ooxml.kinds import WORD
from merge.ooxml.package import parse_package
from merge.ooxml.stamps import read_stamp
from merge.ooxml.wordml import OBJECT, Element, ParagraphCharacter, W, paragraph_characters
from merge.problems import Place, Problem
from merge.proofreading.text import (
    LetterParagraph,
    TextPart,
    plain_text,
    read_paragraphs,
    read_parts,
)
from merge.starting.hidden_content import HiddenContent, hidden_content
from merge.starting.words import guess_language, plain
from merge.template.tags import Tag
from merge.template.template import FaultyTemplateError, compile_template

MAX_UNITS = 4000
"""Maximum number of pieces of text in a letter."""

TEXT_ZONES = ("body", "closing", "subject")
"""Zones with sentences."""
HEAD_ZONES = ("sender", "header", "footer")
"""Zones of a letterhead."""

_LIVE_DATES = {"DATE", "TIME", "SAVEDATE", "CREATEDATE", "PRINTDATE"}
"""Fields that would show another day tomorrow; their text is kept."""
_PAGE_NUMBERS = {"PAGE", "NUMPAGES", "SECTIONPAGES"}
_LIST_MARKER = re.compile(r"[^\w\s]{1,3}|\(?\w{1,3}[.)]")
_EDGES = " \u00a0\u200e\u200f" + OBJECT


@dataclass(eq=False, slots=True)
class Unit:
    """A piece of a paragraph between line breaks and tabs.

    1. `paragraph` is the index of its paragraph in the letter, and `line` has all characters of it.
    2. `separator` is the line break or tab before it, `marker` a typed bullet or number.
    3. `blanks` is the number of blank paragraphs directly above.
    4. `holder` is the same for all units of one cell, text box or frame.
    """

    paragraph: int
    element: Element
    part: str
    characters: list[ParagraphCharacter]
    line: list[ParagraphCharacter]
    text: str
    separator: str = ""
    marker: str = ""
    holder: object = None
    blanks: int = 0
    zone: str = "body"
    kind: str = ""

    plain: str = ""
    """Its text without small differences."""

    def start_in(self, paragraph: str) -> int:
        """Return the start of the unit in the text of its paragraph, or -1."""
        start = self.line.index(self.characters[0])
        found = paragraph.find(self.text, start)
        return found if found >= 0 else paragraph.find(self.text)

    def __post_init__(self) -> None:
        self.plain = plain(self.text)


@dataclass(eq=False, slots=True)
class Letter:
    """A letter that was read.

    `data` is the letter without what no letter contains. `blocks` are further blocks above the
    salutation that may be the recipient's address, the most likely first. `hidden` is what it has
    besides its text.
    """

    name: str
    data: bytes
    parts: tuple[TextPart, ...]
    paragraphs: tuple[LetterParagraph, ...]
    units: list[Unit]
    language: str
    warnings: tuple[Problem, ...] = ()
    blocks: list[list[Unit]] = field(default_factory=list)
    hidden: HiddenContent = frozenset()

    def without_zones(self) -> Letter:
        """Return a copy whose zones can be found again."""
        return replace(self, units=[copy(unit) for unit in self.units], blocks=[])


def read_letter(data: bytes, name: str) -> Letter:
    """Return a finished letter; `name` is that of its file.

    Raise TemplateError if the file cannot be read, is a template or has no text. Raise UsageError
    if this program has created it.
    """
    place = Place(name)
    package = parse_package(data, name)
    if read_stamp(data):
        raise UsageError(messages.problem("letter-created-here", place))
    try:
        compiled = compile_template(package)
    except FaultyTemplateError as error:
        if error.uses or any(problem.code.startswith("tag-") for problem in error.problems):
            raise TemplateError(messages.problem("letter-has-placeholders", place)) from error
        raise
    has_comment = "{#" in plain_text(data, name)  # filling would remove it silently
    has_tag = any(isinstance(piece, Tag) for p in compiled.paragraphs for piece in p.pieces)
    if compiled.uses or has_comment or has_tag:
        raise TemplateError(messages.problem("letter-has-placeholders", place))
    clean = compiled.fill({})
    letter = parse_letter(clean, name, compiled.problems)
    if not any(any(map(str.isalpha, unit.text)) for unit in letter.units):
        raise TemplateError(messages.problem("letter-without-text", place))
    if len(letter.units) > MAX_UNITS:
        raise TemplateError(messages.problem("start-too-long", place, most=MAX_UNITS))
    with file_errors(WORD, name):
        letter.hidden = hidden_content(clean)
    return letter


def parse_letter(data: bytes, name: str, warnings: tuple[Problem, ...] = ()) -> Letter:
    """Return the letter in a clean .docx, each unit without its zone."""
    parts = read_parts(data, name)
    page_numbers = {element for part in parts for element in _settle_fields(part.root)}
    paragraphs = read_paragraphs(parts)
    units: list[Unit] = []
    blanks = 0
    for index, paragraph in enumerate(paragraphs):
        characters = list(_units_of(index, paragraph, page_numbers))
        if characters:
            characters[0].blanks = blanks
        units += characters
        blanks = 0 if paragraph.text.strip() else blanks + 1
    language = guess_language(" ".join(unit.text for unit in units))
    return Letter(
        name=name,
        data=data,
        parts=parts,
        paragraphs=paragraphs,
        units=units,
        language=language,
        warnings=warnings,
    )


def _settle_fields(root: Element) -> Iterator[Element]:
    """Turn dates of today into text; yield the texts of page numbers."""
    for story in read_stories(root):
        for word_field in walk_fields(story.fields):
            kind = field_kind(field_code(story, word_field))
            if kind in _LIVE_DATES and word_field.is_closed:
                remove_field(story, word_field)
            elif kind in _PAGE_NUMBERS:
                yield from _result_texts(story, word_field)


def _result_texts(story: WordStory, word_field: WordField) -> Iterator[Element]:
    pieces = story.pieces[word_field.separator + 1 : word_field.end]
    return (piece.element for piece in pieces if piece.element.tag == W + "t")


def _units_of(index: int, paragraph: LetterParagraph, page_numbers: set[Element]) -> Iterator[Unit]:
    element = paragraph.read_markup().element
    characters = [c for c in paragraph_characters(element) if c.element not in page_numbers]
    breaks = [n for n, character in enumerate(characters) if character.char in "\n\t"]
    separator = marker = ""
    for start, end in zip([0, *(n + 1 for n in breaks)], [*breaks, len(characters)], strict=True):
        text = "".join(character.char for character in characters[start:end])
        first = start + len(text) - len(text.lstrip(_EDGES))
        inner = text.strip(_EDGES)
        is_tab = end < len(characters) and characters[end].char == "\t"
        if not separator and is_tab and _LIST_MARKER.fullmatch(inner):
            marker = f"{inner}\t"
            continue
        if inner:
            yield Unit(
                paragraph=index,
                element=element,
                part=paragraph.part,
                characters=characters[first : first + len(inner)],
                line=characters,
                text=inner,
                separator=separator,
                marker=marker,
                holder=_holder(element),
            )
        separator = characters[end].char if end < len(characters) else ""


def _holder(element: Element) -> object:
    """Return the cell, text box or frame that a paragraph is in, or None."""
    frame = element.find(f"{W}pPr/{W}framePr")
    if frame is not None:
        return tuple(sorted(map(str, frame.attrib.items())))
    return next(element.iterancestors(W + "tc", W + "txbxContent"), None)
