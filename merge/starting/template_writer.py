"""Writes the template: the first letter, with placeholders.

A text that only other letters have is inserted as a copy of its neighbour's look. A line that not
all letters have gets a condition that takes the blank paragraph beside it along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from itertools import groupby, pairwise, takewhile

from merge.ooxml.fields import field_code, field_kind, read_stories, remove_field, walk_fields
from merge.ooxml.package import parse_package
from merge.ooxml.relationships import CORE_PART, relationships_part
from merge.ooxml.stamps import StampedPart, property_parts
from merge.ooxml.wordml import (
    FALLBACK,
    XML_SPACE,
    Element,
    R,
    W,
    empty_run_like,
    parse_xml,
    remove,
    texts_in,
    unwrap,
    write_characters,
    xml_bytes,
)
from merge.starting.alignment import Slot
from merge.starting.columns import Edit
from merge.starting.draft import TemplateDraft
from merge.starting.letters import Unit, parse_letter
from merge.template.traces import remove_bookmarks


def write_template(draft: TemplateDraft, *, adds_signer: bool = False) -> bytes:
    """Return the template of a draft, the bytes of a .docx.

    With `adds_signer`, the signer's name is added below the closing, with space to sign.
    """
    writer = _TemplateWriter(draft)
    if adds_signer:
        writer.add_signer()
    return writer.write()


class _TemplateWriter:
    """Changes a second copy of the first letter.

    `twins` are the units of the copy, `looks` copies of their paragraphs before any change, and
    `blanks` the blank paragraphs above them.
    `elements` are the paragraphs of each slot in the template, with the blank ones that belong to
    them.
    """

    def __init__(self, draft: TemplateDraft) -> None:
        self.draft = draft
        self.first = draft.letters[0]
        self.work = parse_letter(self.first.data, self.first.name)
        self.twins = dict(zip(self.first.units, self.work.units, strict=True))
        self.looks = {unit: deepcopy(twin.element) for unit, twin in self.twins.items()}
        paragraphs = [paragraph.read_markup().element for paragraph in self.work.paragraphs]
        self.blanks = {
            u: paragraphs[u.paragraph - u.blanks : u.paragraph] for u in self.first.units
        }
        self.elements: dict[Slot, list[Element]] = {}

    def write(self) -> bytes:
        slots = self.draft.slots
        for slot in slots:
            self._write_edits(slot)
        for paragraph in {unit.paragraph: unit for unit in self.work.units}.values():
            write_characters(paragraph.line)
        for index, slot in enumerate(slots):
            if slot.units[0] is None:
                self._insert(index, slot)
        for slot, following in pairwise(slots):
            self._take_spacers(slot, following)
        self._write_loops()
        self._write_conditions()
        self._remove_bookmarks()
        package = parse_package(self.first.data, self.first.name)
        core = StampedPart(CORE_PART, property_parts(None)[CORE_PART].decode()).with_stamp(None)
        parts = {CORE_PART: core}
        for part in self.work.parts:
            _copy_text_boxes(part.root)
            name = relationships_part(part.file)
            relations = parse_xml(package.read(name)) if name in package else None
            self._write_links(part.root, [] if relations is None else [*relations])
            self._remove_fields(part.root)
            parts[part.file] = xml_bytes(part.root)
            if relations is not None:
                parts[name] = xml_bytes(relations)
        return package.with_parts(parts).to_bytes()

    def add_signer(self) -> None:
        """Add a paragraph with the signer's name, below three blank ones."""
        closing = next((u for u in self.first.units if u.zone == "closing"), self.first.units[-1])
        element = self.twins[closing].element
        for text in ("{{ signer.name }}", "", "", ""):
            element.addnext(_paragraph_like(element, text))

    def _write_edits(self, slot: Slot) -> None:
        if first := slot.units[0]:
            self.elements[slot] = [self.twins[first].element]
            for edit in slot.edits:
                _replace(self.twins[first], edit)

    # Texts that the first letter does not have.

    def _insert(self, index: int, slot: Slot) -> None:
        """Insert a text beside its neighbour, below it if possible."""
        part, zone = slot.first.part, slot.first.zone
        slots = self.draft.slots
        known = [[*filter(self.elements.get, each)] for each in (slots[:index], slots[index:])]
        above, below = ([s for s in each if s.first.part == part] for each in known)
        if not above and not below:
            return
        fits_below = below and below[0].first.zone == zone != (above and above[-1].first.zone)
        is_below = bool(above) and not fits_below
        near = above[-1] if is_below else below[0]
        if not slot.guard and self._insert_line(slot, near, is_below=is_below):
            return
        beside = self.elements[near][-1 if is_below else 0]
        text = slot.first.marker + _edited_text(slot)
        copy = _paragraph_like(self._look(slot, near), text)
        row = _own_row(beside)
        if row is None:
            (beside.addnext if is_below else beside.addprevious)(copy)
            self.elements[slot] = [copy]
            self._insert_spacers(index, slot, is_below=is_below)
        else:
            new_row = _row_like(row, text)
            (row.addnext if is_below else row.addprevious)(new_row)
            self.elements[slot] = [next(new_row.iter(W + "p"))]

    def _look(self, slot: Slot, near: Slot) -> Element:
        """Return the paragraph that an inserted text looks like."""
        for other in self.draft.slots:
            unit = other.units[0]
            is_like = other.first.zone == slot.first.zone == "body"
            if unit and is_like and _style(unit.element) == _style(slot.first.element):
                return self.looks[unit]
        first = near.units[0]
        return self.looks[first] if first else self.elements[near][0]

    def _insert_line(self, slot: Slot, near: Slot, *, is_below: bool) -> bool:
        """Insert a line into a paragraph whose lines are separated by line breaks."""
        first = near.units[0]
        if first is None or slot.first.zone != near.first.zone:
            return False
        unit = self.twins[first]
        lines = [slot.first, *(u for u in self.work.units if u.paragraph == unit.paragraph)]
        if all(line.separator != "\n" for line in lines):
            return False
        beside = unit.characters[-1 if is_below else 0].element
        text = beside.makeelement(W + "t", {XML_SPACE: "preserve"})
        text.text = _edited_text(slot)
        for piece in (text, text.makeelement(W + "br")):
            (beside.addnext if is_below else beside.addprevious)(piece)
        return True

    def _insert_spacers(self, index: int, slot: Slot, *, is_below: bool) -> None:
        """Insert the blank paragraphs that a letter has around an inserted text."""
        number = next(n for n, unit in enumerate(slot.units) if unit)
        before = reversed(self.draft.slots[:index])
        above = takewhile(lambda other: other.units[0] and not other.units[number], before)
        left = sum(other.first.blanks for other in above)  # of texts that this letter lacks
        here, there = (self._blanks_below(index, n) for n in (number, 0))
        needed = slot.first.blanks - left
        copy = self.elements[slot][0]
        for count in range(needed + here - there):
            blank = _paragraph_like(copy, "")
            is_above = is_below and count < needed
            (copy.addprevious if is_above else copy.addnext)(blank)
            self.elements[slot].insert(0 if is_above else len(self.elements[slot]), blank)

    def _blanks_below(self, index: int, number: int) -> int:
        """Return the number of blank paragraphs above a letter's next text."""
        units = (slot.units[number] for slot in self.draft.slots[index + 1 :])
        return next((unit.blanks for unit in units if unit), 0)

    # Blank paragraphs, loops and conditions.

    def _take_spacers(self, slot: Slot, following: Slot) -> None:
        """Add the blank paragraphs that go when a text of the first letter goes."""
        first, below = slot.units[0], following.units[0]
        if first is None or below is None or all(slot.mask):
            return
        element = self.twins[first].element
        if [twin.element for twin in self.work.units].count(element) > 1:
            return
        index, number = self.draft.slots.index(slot), slot.mask.index(False)
        surplus = max(0, first.blanks + below.blanks - self._blanks_below(index, number))
        above, after = (
            [e for e in self.blanks[unit] if e.getparent() is element.getparent() and _may_go(e)]
            for unit in (first, below)
        )
        before = above[::-1][: max(0, surplus - len(after))][::-1]
        self.elements[slot] = [*before, element, *after[:surplus]]

    def _write_loops(self) -> None:
        for slot in self.draft.slots:
            if slot.loop and slot.items:
                for unit in slot.items[0][1:]:
                    remove(self.twins[unit].element)
                start = f"for item in {slot.loop.placeholder}|lines"
                _wrap(self.elements[slot][-1:], start, "endfor")

    def _write_conditions(self) -> None:
        """Write a condition around slots with a guard, and around lines."""
        slots = [slot for slot in self.draft.slots if slot in self.elements]
        for (guard, _), group in groupby(
            slots, key=lambda s: (s.guard, _container(self.elements[s][0]))
        ):
            run = [*group]
            if guard:
                elements = dict.fromkeys(e for slot in run for e in self.elements[slot])
                _wrap([*elements], f'if {guard.placeholder} == "yes"', "endif")
                continue
            for slot in run:
                columns = [edit.column.placeholder for edit in slot.edits if edit.column]
                if columns and self._closes_up(slot):
                    _wrap(self.elements[slot], f"if {' or '.join(columns)}", "endif")

    def _closes_up(self, slot: Slot) -> bool:
        """Return whether blank paragraphs or a row go together with a line."""
        elements = self.elements[slot]
        is_line = not slot.loop and not all(slot.mask)
        return is_line and (len(elements) > 1 or _own_row(elements[0]) is not None)

    # Links and fields.

    def _write_links(self, root: Element, relations: Sequence[Element]) -> None:
        """Let a link lead to each person's address if its words are a placeholder."""
        for link in list(root.iter(W + "hyperlink")):
            words = texts_in(link)
            if words.strip() and "{{" not in words:
                continue
            relation = next((r for r in relations if r.get("Id") == link.get(R + "id")), None)
            address = "" if relation is None else str(relation.get("Target"))
            columns = (c for c in self.draft.table.columns if f"{{{{ {c.placeholder} }}}}" in words)
            column = next((c for c in columns if c.values[0] and c.values[0] in address), None)
            if column and relation is not None:
                tag = f"{{{{ {column.placeholder} }}}}"
                relation.set("Target", address.replace(column.values[0], tag))
                continue
            if words.strip():
                self.draft.dialogue.tell("link removed", text=words)
            unwrap(link)
            others = {other.get(R + "id") for other in root.iter(W + "hyperlink")}
            if relation is not None and relation.get("Id") not in others:
                remove(relation)

    def _remove_bookmarks(self) -> None:
        """Remove bookmarks that nothing refers to: names in them stay unseen."""
        roots = [part.root for part in self.work.parts]
        codes = [e.text or "" for root in roots for e in root.iter(W + "instrText")]
        users = [e for root in roots for e in root.iter(W + "hyperlink", W + "fldSimple")]
        used = " ".join(("".join(codes), *(str(v) for user in users for v in user.attrib.values())))
        for root in roots:
            remove_bookmarks(root, lambda name: name not in used)

    def _remove_fields(self, root: Element) -> None:
        """Remove Word fields whose result is a placeholder, but keep the result.

        Their code is about the first letter's people: the address of a link, a quotation.
        """
        for story in read_stories(root):
            for word_field in walk_fields(story.fields):
                pieces = story.pieces[word_field.separator + 1 : word_field.end]
                words = "".join(texts_in(piece.element) for piece in pieces)
                if word_field.is_closed and "{{" in words:
                    if field_kind(field_code(story, word_field)) == "HYPERLINK":
                        self.draft.dialogue.tell("link removed", text=words)
                    remove_field(story, word_field)


def _replace(unit: Unit, edit: Edit) -> None:
    """Write an edit into the run that has most of its characters."""
    characters = unit.characters[edit.start : edit.end]
    if not characters:
        last = unit.characters[edit.start - 1]
        if edit.start and last.is_text:
            last.after = edit.text + last.after
        else:
            unit.characters[edit.start].before += edit.text
        return
    runs = Counter(c.element.getparent() for c in characters if c.is_text)
    main = next((run for run, _ in runs.most_common(1)), None)
    texts = [c for c in characters if c.is_text and c.element.getparent() is main]
    for character in characters:
        character.text = edit.text if character in texts[:1] else ""
        if not character.is_text and character.char in "\u00ad\u2011":  # Word's hyphens
            remove(character.element)


def _may_go(blank: Element) -> bool:
    """Return whether a blank paragraph does not end a section."""
    return blank.find(f"{W}pPr/{W}sectPr") is None


def _edited_text(slot: Slot) -> str:
    """Return the text of a slot with its placeholders."""
    text = slot.first.text
    for edit in sorted(slot.edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _style(paragraph: Element) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else style.get(W + "val", "")


def _wrap(elements: Sequence[Element], start: str, end: str) -> None:
    """Write a loop around paragraphs, or a condition, also around their rows."""
    rows = [] if end == "endfor" else _whole_rows(elements)
    scope, inside, like = ("tr", rows, _row_like) if rows else ("p", elements, _paragraph_like)
    inside[0].addprevious(like(inside[0], f"{{%{scope} {start} %}}"))
    inside[-1].addnext(like(inside[-1], f"{{%{scope} {end} %}}"))


def _paragraph_like(paragraph: Element, text: str) -> Element:
    """Return a paragraph that looks like another, with a text."""
    copy = deepcopy(paragraph)
    run = next((run for run in copy.iter(W + "r") if run.find(W + "t") is not None), None)
    for child in list(copy):
        if child.tag != W + "pPr":
            remove(child)
    section = copy.find(f"{W}pPr/{W}sectPr")
    if section is not None:
        remove(section)
    if text:
        new_run = copy.makeelement(W + "r") if run is None else empty_run_like(run)
        for number, piece in enumerate(text.split("\t")):
            if number:
                new_run.append(new_run.makeelement(W + "tab"))
            words = new_run.makeelement(W + "t", {XML_SPACE: "preserve"})
            words.text = piece
            new_run.append(words)
        copy.append(new_run)
    return copy


def _container(paragraph: Element) -> Element | None:
    """Return the table or text box that has a paragraph, if any."""
    return next(paragraph.iterancestors(W + "tbl", W + "txbxContent"), None)


def _whole_rows(elements: Sequence[Element]) -> list[Element]:
    """Return the table rows that consist of paragraphs, or none."""
    rows = list(dict.fromkeys(next(e.iterancestors(W + "tr"), None) for e in elements))
    for row in rows:
        others = () if row is None else (p for p in row.iter(W + "p") if p not in elements)
        if row is None or any(texts_in(paragraph).strip() for paragraph in others):
            return []
    return [row for row in rows if row is not None]


def _own_row(paragraph: Element) -> Element | None:
    """Return the table row of a paragraph if it has no other text."""
    return next(iter(_whole_rows([paragraph])), None)


def _row_like(row: Element, text: str) -> Element:
    copy = deepcopy(row)
    for number, paragraph in enumerate(list(copy.iter(W + "p"))):
        parent = paragraph.getparent()
        if parent is not None:
            parent.replace(paragraph, _paragraph_like(paragraph, "" if number else text))
    return copy


def _copy_text_boxes(root: Element) -> None:
    """Copy the contents of text boxes into their copies for older programs."""
    for fallback in root.iter(FALLBACK):
        choice = fallback.getprevious()
        boxes = () if choice is None else choice.iter(W + "txbxContent")
        for box, copy in zip(boxes, fallback.iter(W + "txbxContent"), strict=False):
            copy[:] = [deepcopy(element) for element in box]
