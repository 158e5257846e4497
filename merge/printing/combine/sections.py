"""A letter's sections, headers, footers and notes in the combined file.

ECMA-376 part 1, 17.6 (sections), 17.10 (headers and footers). A section without a header inherits
that of the previous section. At the beginning of a letter, that would be another letter's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import count
from typing import Literal, NamedTuple

from merge.ooxml import RELATIONSHIPS
from merge.ooxml.package_builder import PackageBuilder, RelationshipIds, SourceDocument
from merge.ooxml.relationships import XML_DECLARATION, Relationship
from merge.ooxml.wordml import (
    ID,
    TYPE,
    Element,
    W,
    child_value,
    ensure_child,
    ensure_properties,
    insert_in_order,
    is_on,
    parse_twips,
    remove,
    replace_child,
    set_child,
    set_missing_attributes,
    xml_bytes,
)
from merge.printing.combine.formats import LetterFormat
from merge.printing.combine.letter_parts import (
    IdCounters,
    LetterFlags,
    clean_part,
    drop_external_content,
    has_page_count,
    resolve_fields,
    without_external_content,
)

HeaderSlot = tuple[str, str]
"""`header` or `footer`, and `default`, `first` or `even`."""

_REFERENCE_KINDS = {W + "headerReference": "header", W + "footerReference": "footer"}
_EDGES = {"header": "top", "footer": "bottom"}


def letter_sections(body: Element) -> list[Element]:
    """Return the properties of all sections of a letter, in text order.

    The last one is created if there is none.
    """
    inner = [e for e in body.iter(W + "sectPr") if e.getparent() is not body]
    last = body.find(W + "sectPr")
    if last is None:
        last = body.makeelement(W + "sectPr")
        body.append(last)
    return [*inner, last]


def begin_letter(section: Element, *, on_front_side: bool) -> None:
    """Begin a letter's first section on a new page, with page number 1.

    If `on_front_side`, the new page is a front side.
    """
    set_child(section, "type", val="oddPage" if on_front_side else "nextPage")
    set_missing_attributes(ensure_child(section, "pgNumType"), {W + "start": "1"})


def end_letter(body: Element, section: Element, *, in_own_paragraph: bool = False) -> None:
    """Move the properties of a letter's last section into its last paragraph.

    1. This is necessary because another letter follows.
    2. A paragraph of no height is added after a table, after a paragraph that ends a section
       itself, and if `in_own_paragraph`.
    3. The space below the last paragraph is set to 0. It is not visible, but LibreOffice subtracts
       it from the top of the next page.
    """
    remove(section)
    last = body[-1] if len(body) else None
    if (
        in_own_paragraph
        or last is None
        or last.tag != W + "p"
        or last.find(f"{W}pPr/{W}sectPr") is not None
    ):
        last = body.makeelement(W + "p")
        body.append(last)
        paragraph_properties = ensure_properties(last, "pPr")
        set_child(paragraph_properties, "spacing", before="0", line="1", lineRule="exact")
        set_child(ensure_child(paragraph_properties, "rPr"), "sz", val="2")
    paragraph_properties = ensure_properties(last, "pPr")
    ensure_child(paragraph_properties, "spacing").attrib.update(
        {W + "after": "0", W + "afterAutospacing": "0"}
    )
    insert_in_order(paragraph_properties, section)


class HeaderSlots:
    """The headers and footers in use, section by section in the combined file."""

    def __init__(self, blank: Callable[[str], str]) -> None:
        """Begin with no headers. `blank` returns an empty header's relationship."""
        self._blank_header = blank
        self._used_slots: set[HeaderSlot] = set()
        self.even_and_odd = False

    def set_headers(
        self, sections: list[Element], renamed: Callable[[str], str], *, even_and_odd: bool
    ) -> None:
        """Give a letter's sections only their own headers and footers.

        `renamed` returns a header's relationship in the combined file. If only some letters
        distinguish even pages from odd ones, even pages of the others get the headers of their odd
        pages.
        """
        self.even_and_odd |= even_and_odd
        headers: dict[HeaderSlot, str] = {}
        for number, section in enumerate(sections):
            for reference in section.findall("*"):
                if reference.tag in _REFERENCE_KINDS:
                    slot = (_REFERENCE_KINDS[str(reference.tag)], reference.get(TYPE, "default"))
                    headers[slot] = renamed(str(reference.get(ID)))
                    remove(reference)
            if number == 0:
                has_first = any(is_on(s, "titlePg") for s in sections)
                for slot in sorted(self._inherited_slots(has_first=has_first) - headers.keys()):
                    if even_and_odd or slot[1] != "even":
                        headers[slot] = self._blank_header(slot[0])
                        _limit_margin(section, slot)
            all_slots = headers
            if not even_and_odd:
                even = {
                    (kind, "even"): relation
                    for (kind, page), relation in headers.items()
                    if page == "default"
                }
                all_slots = {**headers, **even}
            for (kind, page), relation in all_slots.items():
                attributes = {TYPE: page, ID: relation}
                insert_in_order(section, section.makeelement(f"{W}{kind}Reference", attributes))
                self._used_slots.add((kind, page))

    def _inherited_slots(self, *, has_first: bool) -> set[HeaderSlot]:
        """Return the slots that a letter would inherit from previous letters.

        If no letter has a first-page header, LibreOffice uses the default header on a first page.
        """
        kinds = {kind for kind, _ in self._used_slots}
        default_slots = {(kind, "default") for kind in kinds}
        first_slots = {(kind, "first") for kind in _EDGES} if has_first and kinds else set()
        return self._used_slots | default_slots | first_slots


def _limit_margin(section: Element, slot: HeaderSlot) -> None:
    """Make an empty header begin no lower than the text.

    Otherwise it would push the text down.
    """
    kind, page = slot
    margins = section.find(W + "pgMar")
    if margins is not None and page == "default":
        names = (kind, _EDGES[kind])
        smallest = min(abs(parse_twips(margins.get(W + name, "720"))) for name in names)
        margins.set(W + kind, str(smallest))


# Headers and footers: letters with the same one share it (17.10).

_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
_BLANK_XML = (
    f'<w:{{}} xmlns:w="{W[1:-1]}"><w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="1"'
    ' w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p></w:{}>'
)
"""An empty header or footer of no height."""

_ROOT_NAMES = {"header": "hdr", "footer": "ftr"}


class PageCount(NamedTuple):
    """A letter's page count: a field code, and its result, or 0 if unknown."""

    code: str
    pages: int


class CombinedHeaders:
    """The headers and footers of the combined file.

    `relationships` are those of its main part.
    """

    def __init__(
        self, parts: PackageBuilder, relationships: RelationshipIds, ids: IdCounters
    ) -> None:
        self._parts, self._relationships, self._ids = parts, relationships, ids
        self._copies: dict[tuple[object, ...], tuple[str, LetterFlags]] = {}
        self._has_page_count: dict[bytes, bool] = {}

    def blank_header(self, kind: str) -> str:
        """Return the relationship of an empty `header` or `footer`."""
        if (kind,) not in self._copies:
            data = (
                XML_DECLARATION + _BLANK_XML.format(_ROOT_NAMES[kind], _ROOT_NAMES[kind]).encode()
            )
            target = self._parts.add_numbered_part(
                f"word/{kind}.xml", data, _CONTENT_TYPE.format(kind)
            )
            relation = Relationship(f"{RELATIONSHIPS}/{kind}", target, external=False)
            self._copies[kind,] = (self._relationships.id_of(relation), frozenset())
        return self._copies[kind,][0]

    def copy_header(
        self,
        source: SourceDocument,
        relation: Relationship,
        letter_format: LetterFormat,
        page_count: PageCount,
    ) -> tuple[str, LetterFlags]:
        """Return the new relationship of a letter's header, and its flags."""
        part = relation.target
        links = without_external_content(self._parts.copy_relationships(source, part))
        raw = source.member(part).raw
        if raw not in self._has_page_count:
            self._has_page_count[raw] = has_page_count(source.parse_part(part))
        key = (raw, links, letter_format.number, page_count if self._has_page_count[raw] else None)
        if key not in self._copies:
            root = source.parse_part(part)
            flags = clean_part(root, self._ids)
            flags |= drop_external_content(root, source.relationships(part))
            letter_format.renumber([root], restart=False)
            letter_format.rename_styles(root)
            resolve_fields(root, page_count.code, page_count.pages)
            target = self._parts.add_numbered_part(
                part, xml_bytes(root), source.content_type(part), links
            )
            copied_relation = relation._replace(target=target)
            self._copies[key] = (self._relationships.id_of(copied_relation), flags)
        return self._copies[key]


# Notes (17.11), each with its number in the letter.
#
# Word can restart the numbers of footnotes in a section, but LibreOffice cannot. So the numbers
# become custom marks, which both support. Endnotes would be at the end of the combined file
# (LibreOffice), or need a setting for all letters (Word). They become paragraphs at the end of
# their letter, under a line.

NoteKind = Literal["footnote", "endnote"]
_DEFAULT_NOTE_FORMATS: Mapping[NoteKind, str] = {"footnote": "decimal", "endnote": "lowerRoman"}
_CHICAGO_MARKS = "*†‡§"
_ROMAN_NUMERALS = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_COMPATIBILITY_NAMESPACES = {
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "w15": "http://schemas.microsoft.com/office/word/2012/wordml",
}
_MC = f"{{{_COMPATIBILITY_NAMESPACES['mc']}}}"
_LINE_LENGTH = 2880  # Twips: length of the line above notes


def note_label(number: int, form: str) -> str:
    """Return the label of a note in a number format; empty if unsupported.

    ECMA-376 part 1, 17.18.59.
    """
    if form == "decimal":
        return str(number)
    if form == "chicago":
        return _CHICAGO_MARKS[(number - 1) % 4] * ((number + 3) // 4)
    text = ""
    if form in {"lowerLetter", "upperLetter"}:  # as Word counts: after z comes aa, then bb
        text = _LETTERS[(number - 1) % 26] * ((number + 25) // 26)
    elif form in {"lowerRoman", "upperRoman"}:
        for worth, sign in _ROMAN_NUMERALS:
            times, number = divmod(number, worth)
            text += sign * times
    return text.upper() if form.startswith("upper") else text


class LetterNotes:
    """The notes of one kind that a letter's text refers to, in their order."""

    def __init__(
        self, kind: NoteKind, body: Element, notes: Element | None, settings: Element
    ) -> None:
        """Read a letter's notes from the root of their part, or from None."""
        self._kind = kind
        by_id = {} if notes is None else {note.get(W + "id"): note for note in notes}
        marks = body.iter(f"{W}{kind}Reference")
        self._pairs = [
            (mark, by_id[mark.get(W + "id")]) for mark in marks if mark.get(W + "id") in by_id
        ]
        self.elements = [note for _, note in self._pairs]
        section = next(iter(body.iterchildren(W + "sectPr")), None)
        self._note_properties = [
            e.find(f"{W}{kind}Pr") for e in (section, settings) if e is not None
        ]

    def _numbering_setting(self, name: str, default: str) -> str:
        """Return a setting of the letter's note numbers, or a default."""
        values = (child_value(note_properties, name) for note_properties in self._note_properties)
        return next((text for text in values if text), default)

    def _labelled_notes(self) -> Iterator[tuple[Element, Element, str]]:
        """Yield each note's mark in the text, the note and its label."""
        form, start = (
            self._numbering_setting("numFmt", _DEFAULT_NOTE_FORMATS[self._kind]),
            self._numbering_setting("numStart", "1"),
        )
        numbers = count(int(start))
        for mark, note in self._pairs:
            has_custom_mark = mark.get(W + "customMarkFollows", "0") not in {"0", "false", "off"}
            yield mark, note, "" if has_custom_mark else note_label(next(numbers), form)

    def to_custom_marks(self, numbers: Iterator[int]) -> bool:
        """Write the numbers of footnotes as text, unless Word must count them.

        Return False if Word must count them: if they restart on each page, or have an unsupported
        number format.
        """
        is_continuous = self._numbering_setting("numRestart", "continuous") == "continuous"
        for mark, note, label in list(self._labelled_notes()):
            number = str(next(numbers))
            for element in (mark, note):
                element.set(W + "id", number)
            if label and is_continuous:
                mark.set(W + "customMarkFollows", "1")
                mark.addnext(_text_element(mark, label))
                for reference in list(note.iter(W + "footnoteRef")):
                    _add_label_for_word(reference, label)
            is_continuous = is_continuous and bool(label or mark.get(W + "customMarkFollows"))
        return is_continuous

    def move_to_paragraphs(self, body: Element) -> None:
        """Move endnotes to the end of the letter's text, under a line."""
        blocks = [_separator_line(body)] if self._pairs else []
        for mark, note, label in list(self._labelled_notes()):
            mark.addprevious(_text_element(mark, label))
            remove(mark)
            for reference in list(note.iter(W + "endnoteRef")):
                reference.addprevious(_text_element(reference, label))
                remove(reference)
            blocks += list(note)
        position = len(body) - len(body.findall(W + "sectPr"))
        body[position:position] = blocks


def _text_element(related: Element, text: str) -> Element:
    element = related.makeelement(W + "t")
    element.text = text
    return element


def _add_label_for_word(reference: Element, label: str) -> None:
    """Write a custom mark's label into its note, for Word only.

    Word has the label there as text. LibreOffice shows the mark itself, and would show it twice.
    Content that requires Word 2013 is read by Word, but not by LibreOffice (ECMA-376 part 3, 7.6).
    """
    alternatives = reference.makeelement(_MC + "AlternateContent", nsmap=_COMPATIBILITY_NAMESPACES)
    choice = alternatives.makeelement(_MC + "Choice", {"Requires": "w15"})
    fallback = alternatives.makeelement(_MC + "Fallback")
    reference.addprevious(alternatives)
    choice.append(_text_element(reference, label))
    fallback.append(reference)
    alternatives.extend((choice, fallback))


def _separator_line(body: Element) -> Element:
    """Return a paragraph that is a short line, at the left of the text."""
    section, width = body.find(W + "sectPr"), 8640  # 6 inches if the section has no size
    size, margins = (
        None if section is None else section.find(W + name) for name in ("pgSz", "pgMar")
    )
    if size is not None and margins is not None:
        margin_widths = (margins.get(W + side, "1440") for side in ("left", "right"))
        width = parse_twips(size.get(W + "w", "12240")) - sum(map(parse_twips, margin_widths))
    paragraph = body.makeelement(W + "p")
    paragraph_properties = ensure_properties(paragraph, "pPr")
    borders = ensure_child(paragraph_properties, "pBdr")
    line_format = {"val": "single", "sz": "4", "space": "1", "color": "auto"}
    borders.append(borders.makeelement(W + "top", {W + k: v for k, v in line_format.items()}))
    set_child(paragraph_properties, "spacing", before="240", after="0", line="240", lineRule="auto")
    set_child(
        paragraph_properties,
        "ind",
        left="0",
        right=str(max(width - _LINE_LENGTH, 0)),
        firstLine="0",
    )
    return paragraph


def set_footnote_rules(sections: Sequence[Element], settings: Element, *, restart: bool) -> None:
    """Make Word count a letter's footnotes by the letter's own rules.

    This begins with its first section. If `restart`, the count begins again there.
    """
    letter_rules = settings.find(W + "footnotePr")
    rules = [] if letter_rules is None else [e for e in letter_rules if e.tag != W + "footnote"]
    for number, section in enumerate(sections):
        note_properties = ensure_child(section, "footnotePr")
        for rule in rules:
            if note_properties.find(str(rule.tag)) is None:
                replace_child(note_properties, deepcopy(rule))
        if (
            restart
            and number == 0
            and child_value(note_properties, "numRestart") in {None, "continuous"}
        ):
            set_child(note_properties, "numRestart", val="eachSect")
