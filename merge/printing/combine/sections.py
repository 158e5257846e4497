"""A letter's sections in the combined file, with its headers, footers and notes.

ECMA-376 part 1, 17.6 (sections), 17.10 (headers and footers). A section that lacks a header has
that of the section before it: at the beginning of a letter that would be somebody else's.
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
    """Return the properties of all sections in their order, the last made where there is none."""
    inner = [e for e in body.iter(W + "sectPr") if e.getparent() is not body]
    last = body.find(W + "sectPr")
    if last is None:
        last = body.makeelement(W + "sectPr")
        body.append(last)
    return [*inner, last]


def begin_letter(section: Element, *, on_front_side: bool) -> None:
    """Let a letter's first section begin on a new page, or a front side, and count from 1."""
    set_child(section, "type", val="oddPage" if on_front_side else "nextPage")
    set_missing_attributes(ensure_child(section, "pgNumType"), {W + "start": "1"})


def end_letter(body: Element, section: Element, *, in_own_paragraph: bool = False) -> None:
    """Put a letter's last section where another follows: into its last paragraph.

    Behind a table, a paragraph that ends a section itself, or `apart`, stands one of no height.
    Nothing shows of the space below a last paragraph, but LibreOffice takes it off the next page's
    top.
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
        said = ensure_properties(last, "pPr")
        set_child(said, "spacing", before="0", line="1", lineRule="exact")
        set_child(ensure_child(said, "rPr"), "sz", val="2")
    said = ensure_properties(last, "pPr")
    ensure_child(said, "spacing").attrib.update({W + "after": "0", W + "afterAutospacing": "0"})
    insert_in_order(said, section)


class HeaderSlots:
    """Which headers and footers are there, section by section through the combined file."""

    def __init__(self, blank: Callable[[str], str]) -> None:
        """`blank` gives the relationship of an empty header or footer."""
        self._blank_header = blank
        self._used_slots: set[HeaderSlot] = set()
        self.even_and_odd = False

    def set_headers(
        self, letter: list[Element], renamed: Callable[[str], str], *, even_and_odd: bool
    ) -> None:
        """Let a letter's sections have their own headers and footers, and no other's.

        `renamed` gives a header's relationship in the combined file. Where only some letters tell
        even pages from odd ones, the even pages of the others have what their odd ones have.
        """
        self.even_and_odd |= even_and_odd
        now: dict[HeaderSlot, str] = {}
        for number, section in enumerate(letter):
            for reference in section.findall("*"):
                if reference.tag in _REFERENCE_KINDS:
                    slot = (_REFERENCE_KINDS[str(reference.tag)], reference.get(TYPE, "default"))
                    now[slot] = renamed(str(reference.get(ID)))
                    remove(reference)
            if number == 0:
                has_first = any(is_on(s, "titlePg") for s in letter)
                for slot in sorted(self._inherited_slots(has_first=has_first) - now.keys()):
                    if even_and_odd or slot[1] != "even":
                        now[slot] = self._blank_header(slot[0])
                        _limit_margin(section, slot)
            all_slots = now
            if not even_and_odd:
                even = {(kind, "even"): r for (kind, page), r in now.items() if page == "default"}
                all_slots = {**now, **even}
            for (kind, page), relation in all_slots.items():
                attributes = {TYPE: page, ID: relation}
                insert_in_order(section, section.makeelement(f"{W}{kind}Reference", attributes))
                self._used_slots.add((kind, page))

    def _inherited_slots(self, *, has_first: bool) -> set[HeaderSlot]:
        """Return what would reach into a letter from those before it.

        For a first page LibreOffice takes the usual header where no letter has one for it.
        """
        kinds = {kind for kind, _ in self._used_slots}
        usual = {(kind, "default") for kind in kinds}
        first = {(kind, "first") for kind in _EDGES} if has_first and kinds else set()
        return self._used_slots | usual | first


def _limit_margin(section: Element, slot: HeaderSlot) -> None:
    """Let an empty header begin no lower than the text, which it would push down."""
    kind, page = slot
    margins = section.find(W + "pgMar")
    if margins is not None and page == "default":
        names = (kind, _EDGES[kind])
        nearest = min(abs(parse_twips(margins.get(W + name, "720"))) for name in names)
        margins.set(W + kind, str(nearest))


# Headers and footers: letters that have the same share it (17.10).

_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
_BLANK_XML = (
    f'<w:{{}} xmlns:w="{W[1:-1]}"><w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="1"'
    ' w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p></w:{}>'
)
"""Of no height."""

_ROOT_NAMES = {"header": "hdr", "footer": "ftr"}


class PageCount(NamedTuple):
    """A letter's count of its pages: the code of a field, and what it says, 0 if not known."""

    code: str
    pages: int


class Headers:
    """The headers and footers of the combined file. `relationships` are those of its main part."""

    def __init__(
        self, parts: PackageBuilder, relationships: RelationshipIds, ids: IdCounters
    ) -> None:
        self._parts, self._relationships, self._ids = parts, relationships, ids
        self._copies: dict[tuple[object, ...], tuple[str, LetterFlags]] = {}
        self._has_page_count: dict[bytes, bool] = {}

    def blank_header(self, word: str) -> str:
        """Return the relationship of an empty `header` or `footer`."""
        if (word,) not in self._copies:
            data = (
                XML_DECLARATION + _BLANK_XML.format(_ROOT_NAMES[word], _ROOT_NAMES[word]).encode()
            )
            target = self._parts.add_numbered_part(
                f"word/{word}.xml", data, _CONTENT_TYPE.format(word)
            )
            own = Relationship(f"{RELATIONSHIPS}/{word}", target, external=False)
            self._copies[word,] = (self._relationships.id_of(own), frozenset())
        return self._copies[word,][0]

    def copy_header(
        self,
        source: SourceDocument,
        relation: Relationship,
        own_format: LetterFormat,
        counting: PageCount,
    ) -> tuple[str, LetterFlags]:
        """Return the relationship that a letter's header now has, and what was found in it."""
        part = relation.target
        links = without_external_content(self._parts.copy_relationships(source, part))
        raw = source.member(part).raw
        if raw not in self._has_page_count:
            self._has_page_count[raw] = has_page_count(source.parse_part(part))
        key = (raw, links, own_format.number, counting if self._has_page_count[raw] else None)
        if key not in self._copies:
            root = source.parse_part(part)
            found = clean_part(root, self._ids)
            found |= drop_external_content(root, source.relationships(part))
            own_format.renumber([root], restart=False)
            own_format.rename_styles(root)
            resolve_fields(root, counting.code, counting.pages)
            target = self._parts.add_numbered_part(
                part, xml_bytes(root), source.content_type(part), links
            )
            own = relation._replace(target=target)
            self._copies[key] = (self._relationships.id_of(own), found)
        return self._copies[key]


# Notes (17.11), each with the number that it has in the letter.
#
# Word can start the numbers of footnotes again in a section, LibreOffice cannot; so the marks are
# written as they are, which both know as custom marks. Endnotes would stand at the end of the
# combined file (LibreOffice) or need a setting for all (Word): they become paragraphs at the end of
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
_LINE_LENGTH = 2880  # Twips: how long the line above notes is


def note_label(number: int, form: str) -> str:
    """Return a note's mark in a number format (17.18.59); empty for one that is not known here."""
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
        """`notes` is the root of their part; None where there is none."""
        self._kind = kind
        by_id = {} if notes is None else {e.get(W + "id"): e for e in notes}
        marks = body.iter(f"{W}{kind}Reference")
        self._pairs = [(e, by_id[e.get(W + "id")]) for e in marks if e.get(W + "id") in by_id]
        self.elements = [note for _, note in self._pairs]
        section = next(iter(body.iterchildren(W + "sectPr")), None)
        self._note_properties = [
            e.find(f"{W}{kind}Pr") for e in (section, settings) if e is not None
        ]

    def _numbering_setting(self, name: str, usual: str) -> str:
        """Return what the letter says of its notes' numbers."""
        found = (child_value(said, name) for said in self._note_properties)
        return next((text for text in found if text), usual)

    def _labelled_notes(self) -> Iterator[tuple[Element, Element, str]]:
        """Yield each mark with its note and label; an empty one where it has a mark of its own."""
        form, start = (
            self._numbering_setting("numFmt", _DEFAULT_NOTE_FORMATS[self._kind]),
            self._numbering_setting("numStart", "1"),
        )
        numbers = count(int(start))
        for mark, note in self._pairs:
            has_own = mark.get(W + "customMarkFollows", "0") not in {"0", "false", "off"}
            yield mark, note, "" if has_own else note_label(next(numbers), form)

    def to_custom_marks(self, numbers: Iterator[int]) -> bool:
        """Give footnotes ids of the combined file, and write their labels.

        Return False where Word must count: where they start again on each page, or count in a way
        that is not known here.
        """
        counted = self._numbering_setting("numRestart", "continuous") == "continuous"
        for mark, note, text in list(self._labelled_notes()):
            number = str(next(numbers))
            for element in (mark, note):
                element.set(W + "id", number)
            if text and counted:
                mark.set(W + "customMarkFollows", "1")
                mark.addnext(_text_element(mark, text))
                for sign in list(note.iter(W + "footnoteRef")):
                    _add_label_for_word(sign, text)
            counted = counted and bool(text or mark.get(W + "customMarkFollows"))
        return counted

    def move_to_paragraphs(self, body: Element) -> None:
        """Put endnotes to the end of the letter's text, under a line."""
        blocks = [_separator_line(body)] if self._pairs else []
        for mark, note, text in list(self._labelled_notes()):
            mark.addprevious(_text_element(mark, text))
            remove(mark)
            for sign in list(note.iter(W + "endnoteRef")):
                sign.addprevious(_text_element(sign, text))
                remove(sign)
            blocks += list(note)
        at = len(body) - len(body.findall(W + "sectPr"))
        body[at:at] = blocks


def _text_element(like: Element, text: str) -> Element:
    made_text = like.makeelement(W + "t")
    made_text.text = text
    return made_text


def _add_label_for_word(sign: Element, text: str) -> None:
    """Write a custom mark's label into its note, where only Word sees it.

    Word has it there as text; LibreOffice shows the mark by itself, and would show it twice. What
    needs Word 2013 is read by the one and not the other (ECMA-376 part 3, 7.6).
    """
    both = sign.makeelement(_MC + "AlternateContent", nsmap=_COMPATIBILITY_NAMESPACES)
    choice = both.makeelement(_MC + "Choice", {"Requires": "w15"})
    fallback = both.makeelement(_MC + "Fallback")
    sign.addprevious(both)
    choice.append(_text_element(sign, text))
    fallback.append(sign)
    both.extend((choice, fallback))


def _separator_line(body: Element) -> Element:
    """Return a paragraph that is a short line, at the left of the last section's text."""
    section, width = body.find(W + "sectPr"), 8640  # 6 inches where the section does not say
    size, margins = (
        None if section is None else section.find(W + name) for name in ("pgSz", "pgMar")
    )
    if size is not None and margins is not None:
        sides = (margins.get(W + side, "1440") for side in ("left", "right"))
        width = parse_twips(size.get(W + "w", "12240")) - sum(map(parse_twips, sides))
    rule = body.makeelement(W + "p")
    said = ensure_properties(rule, "pPr")
    borders = ensure_child(said, "pBdr")
    line = {"val": "single", "sz": "4", "space": "1", "color": "auto"}
    borders.append(borders.makeelement(W + "top", {W + k: v for k, v in line.items()}))
    set_child(said, "spacing", before="240", after="0", line="240", lineRule="auto")
    set_child(said, "ind", left="0", right=str(max(width - _LINE_LENGTH, 0)), firstLine="0")
    return rule


def set_footnote_rules(sections: Sequence[Element], settings: Element, *, restart: bool) -> None:
    """Let Word count a letter's footnotes by the letter's own rules, from its first section on.

    `restart` says that they begin again there.
    """
    general = settings.find(W + "footnotePr")
    rules = [] if general is None else [e for e in general if e.tag != W + "footnote"]
    for number, section in enumerate(sections):
        said = ensure_child(section, "footnotePr")
        for rule in rules:
            if said.find(str(rule.tag)) is None:
                replace_child(said, deepcopy(rule))
        if restart and number == 0 and child_value(said, "numRestart") in {None, "continuous"}:
            set_child(said, "numRestart", val="eachSect")
