"""Writes the template: the first letter, with placeholders.

A text that only other letters have is inserted as a copy of its neighbour's look. A line that not
all letters have gets a condition that takes the blank paragraph beside it along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy

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

    `elements` are the paragraphs of each slot in the template, with the blank ones that belong to
    them. `looks` are copies of the paragraphs before any change.
    """

    def __init__(self, draft: TemplateDraft) -> None:
        self.draft = draft
        self.first = draft.letters[0]
        self.work = parse_letter(self.first.data, self.first.name)
        self.twins = dict(zip(self.first.units, self.work.units, strict=True))
        for unit, twin in self.twins.items():
            twin.zone = unit.zone
        self.looks = {unit: deepcopy(unit.element) for unit in self.work.units}
        self.elements: dict[Slot, list[Element]] = {}
        self.inserted: set[Slot] = set()
        self.relations: dict[str, Element] = {}
        self.package = parse_package(self.first.data, self.first.name)

    def write(self) -> bytes:
        for slot in self.draft.slots:
            self._write_edits(slot)
        for paragraph in {unit.paragraph: unit for unit in self.work.units}.values():
            write_characters(paragraph.line)
        for index, slot in enumerate(self.draft.slots):
            if slot.units[0] is None:
                self._insert(index, slot)
        for index, slot in enumerate(self.draft.slots):
            self._take_spacers(index, slot)
        self._write_loops()
        self._write_conditions()
        for part in self.work.parts:
            _copy_text_boxes(part.root)
            self._write_links(part.root, part.file)
            self._remove_fields(part.root)
        core = StampedPart(CORE_PART, property_parts(None)[CORE_PART].decode()).with_stamp(None)
        parts = {part.file: xml_bytes(part.root) for part in self.work.parts}
        relations = {name: xml_bytes(root) for name, root in self.relations.items()}
        return self.package.with_parts({**parts, **relations, CORE_PART: core}).to_bytes()

    def add_signer(self) -> None:
        """Add a paragraph with the signer's name, below three blank ones."""
        closing = next((u for u in self.work.units if u.zone == "closing"), self.work.units[-1])
        for text in ("{{ signer.name }}", "", "", ""):
            closing.element.addnext(_paragraph_like(closing.element, text))

    def _write_edits(self, slot: Slot) -> None:
        first = slot.units[0]
        if first is None:
            return
        unit = self.twins[first]
        self.elements[slot] = [unit.element]
        for edit in sorted(slot.edits, key=lambda edit: edit.start, reverse=True):
            _replace(unit, edit)

    # Texts that the first letter does not have.

    def _insert(self, index: int, slot: Slot) -> None:
        above = self._neighbour(range(index - 1, -1, -1), slot.first.part)
        below = self._neighbour(range(index + 1, len(self.draft.slots)), slot.first.part)
        near = self._nearer(slot, above, below)
        if near is None:
            return
        is_below = near is above
        if not slot.guard and self._insert_line(slot, near, is_below=is_below):
            return
        beside = self.elements[near][-1 if is_below else 0]
        text = slot.first.marker + _edited_text(slot)
        copy = _paragraph_like(self._look(slot, near), text)
        row = _own_row(beside)
        if row is not None:
            new_row = _row_like(row, "")
            (row.addnext if is_below else row.addprevious)(new_row)
            blank = next(new_row.iter(W + "p"))
            blank.addprevious(copy)
            remove(blank)
        else:
            (beside.addnext if is_below else beside.addprevious)(copy)
        self.elements[slot] = [copy]
        self.inserted.add(slot)
        self._insert_spacers(index, slot, copy, is_below=is_below)

    def _neighbour(self, indices: range, part: str) -> Slot | None:
        slots = (self.draft.slots[index] for index in indices)
        return next((s for s in slots if s in self.elements and s.first.part == part), None)

    def _nearer(self, slot: Slot, above: Slot | None, below: Slot | None) -> Slot | None:
        """Return the neighbour beside which a text is inserted, above if possible."""
        if above is None or below is None:
            return above or below
        zone = slot.first.zone
        fits_below = above.first.zone != zone and below.first.zone == zone
        return below if fits_below else above

    def _look(self, slot: Slot, near: Slot) -> Element:
        """Return the paragraph that an inserted text looks like."""
        style = _style(slot.first.element)
        for other in self.draft.slots:
            unit = other.units[0]
            is_like = other.first.zone == slot.first.zone == "body"
            if unit and is_like and _style(unit.element) == style:
                return self.looks[self.twins[unit]]
        first = near.units[0]
        return self.looks[self.twins[first]] if first else self.elements[near][0]

    def _insert_line(self, slot: Slot, near: Slot, *, is_below: bool) -> bool:
        """Insert a line into a paragraph whose lines are separated by line breaks."""
        first = near.units[0]
        if first is None or slot.first.zone != near.first.zone:
            return False
        unit = self.twins[first]
        lines = [u for u in self.work.units if u.paragraph == unit.paragraph]
        if all(line.separator != "\n" for line in lines) and slot.first.separator != "\n":
            return False
        character = unit.characters[-1 if is_below else 0]
        text = character.element.makeelement(W + "t", {XML_SPACE: "preserve"})
        text.text = _edited_text(slot)
        line_break = text.makeelement(W + "br")
        if is_below:
            character.element.addnext(text)
            character.element.addnext(line_break)
        else:
            character.element.addprevious(text)
            character.element.addprevious(line_break)
        return True

    def _insert_spacers(self, index: int, slot: Slot, copy: Element, *, is_below: bool) -> None:
        """Insert the blank paragraphs that a letter has around an inserted text."""
        number = next(n for n, unit in enumerate(slot.units) if unit)
        below = self.draft.slots[index + 1 :]
        own_below = next((unit for s in below if (unit := s.units[number])), None)
        first_below = next((unit for s in below if (unit := s.units[0])), None)
        wanted = own_below.blanks if own_below else 0
        there = first_below.blanks if first_below and is_below else 0
        blanks_above = max(0, slot.first.blanks - self._blanks_left(index, number))
        for _ in range(blanks_above if is_below else 0):
            self.elements[slot].insert(0, blank := _paragraph_like(copy, ""))
            copy.addprevious(blank)
        for _ in range(max(0, wanted - there)):
            self.elements[slot].append(blank := _paragraph_like(copy, ""))
            copy.addnext(blank)

    def _blanks_left(self, index: int, number: int) -> int:
        """Return the number of blank paragraphs above, of texts that are lacking."""
        count = 0
        for slot in reversed(self.draft.slots[:index]):
            first = slot.units[0]
            if slot.units[number] or first is None:
                break
            count += first.blanks
        return count

    # Blank paragraphs, loops and conditions.

    def _take_spacers(self, index: int, slot: Slot) -> None:
        """Add the blank paragraphs that go when a text of the first letter goes."""
        first = slot.units[0]
        lacking = [n for n, unit in enumerate(slot.units) if unit is None]
        if first is None or not lacking or not _is_alone(self.twins[first], self.work.units):
            return
        following = self.draft.slots[index + 1 :]
        if not following or following[0] in self.inserted:
            return
        below = following[0].units[0]
        wanted = Counter(
            unit.blanks
            for n in lacking
            for unit in [
                next((s.units[n] for s in self.draft.slots[index + 1 :] if s.units[n]), None)
            ]
            if unit
        )
        if not wanted or below is None:
            return
        left = wanted.most_common(1)[0][0]
        unit, next_unit = self.twins[first], self.twins[below]
        surplus = unit.blanks + next_unit.blanks - left
        after = self._blanks_above(next_unit, unit)[: max(0, surplus)]
        before = self._blanks_above(unit, unit)
        before = (
            before[len(before) - max(0, surplus - len(after)) :] if surplus > len(after) else []
        )
        self.elements[slot] = [*before, unit.element, *after]

    def _blanks_above(self, unit: Unit, sibling: Unit) -> list[Element]:
        """Return the blank paragraphs above a unit that are beside another one."""
        numbers = range(unit.paragraph - unit.blanks, unit.paragraph)
        blanks = [self.work.paragraphs[number].read_markup().element for number in numbers]
        parent = sibling.element.getparent()
        return [
            blank
            for blank in blanks
            if blank.getparent() is parent and blank.find(f"{W}pPr/{W}sectPr") is None
        ]

    def _write_loops(self) -> None:
        for slot in self.draft.slots:
            if slot.loop and slot.items:
                element = self.elements[slot][-1]
                for unit in slot.items[0][1:]:
                    remove(self.twins[unit].element)
                start = f"{{%p for item in {slot.loop.placeholder}|lines %}}"
                element.addprevious(_paragraph_like(element, start))
                element.addnext(_paragraph_like(element, "{%p endfor %}"))

    def _write_conditions(self) -> None:
        """Write a condition around slots with a guard, and around lines."""
        run: list[Slot] = []
        for slot in [*self.draft.slots, None]:
            if run and (slot is None or slot.guard is not run[0].guard):
                self._wrap(run, f'if {run[0].guard.placeholder} == "yes"')  # type: ignore[union-attr]
                run = []
            if slot and slot.guard and slot in self.elements:
                run.append(slot)
            elif slot and self._closes_up(slot):
                columns = [edit.column for edit in slot.edits if edit.column]
                if columns and not slot.guard:
                    conditions = [column.placeholder for column in columns]
                    self._wrap([slot], f"if {' or '.join(conditions)}")

    def _closes_up(self, slot: Slot) -> bool:
        """Return whether blank paragraphs or a row go together with a line."""
        elements = self.elements.get(slot, [])
        if slot.loop or not elements or all(slot.mask):
            return False
        return len(elements) > 1 or _own_row(elements[0]) is not None

    def _wrap(self, run: Sequence[Slot], condition: str) -> None:
        elements = list(dict.fromkeys(e for slot in run for e in self.elements[slot]))
        shared = [
            slot
            for slot in self.draft.slots
            if slot not in run and {*self.elements.get(slot, ())} & {*elements}
        ]
        if shared:
            text = run[0].first.text[:40]
            self.draft.dialogue.tell("part of paragraph", text=text)
            return
        if rows := _whole_rows(elements):
            rows[0].addprevious(_row_like(rows[0], f"{{%tr {condition} %}}"))
            rows[-1].addnext(_row_like(rows[-1], "{%tr endif %}"))
            return
        elements[0].addprevious(_paragraph_like(elements[0], f"{{%p {condition} %}}"))
        elements[-1].addnext(_paragraph_like(elements[-1], "{%p endif %}"))

    # Links.

    def _write_links(self, root: Element, file: str) -> None:
        """Let a link lead to each person's address if its words are a placeholder."""
        name = relationships_part(file)
        if name in self.package and name not in self.relations:
            relations = parse_xml(self.package.read(name))
            if relations is not None:
                self.relations[name] = relations
        for link in list(root.iter(W + "hyperlink")):
            words = texts_in(link)
            if words.strip() and "{{" not in words:
                continue
            relation = next(
                (r for r in self.relations.get(name, ()) if r.get("Id") == link.get(R + "id")), None
            )
            address = "" if relation is None else str(relation.get("Target"))
            columns = (c for c in self.draft.table.columns if f"{{{{ {c.placeholder} }}}}" in words)
            column = next((c for c in columns if c.values[0] and c.values[0] in address), None)
            if column and relation is not None:
                tag = f"{{{{ {column.placeholder} }}}}"
                relation.set("Target", address.replace(column.values[0], tag))
            else:
                if words.strip():
                    self.draft.dialogue.tell("link removed", text=words)
                unwrap(link)
                if relation is not None and link.get(R + "id") not in _used_ids(root):
                    remove(relation)

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


def _used_ids(root: Element) -> set[str | None]:
    """Return the IDs of the relationships of links in a part."""
    return {link.get(R + "id") for link in root.iter(W + "hyperlink")}


def _replace(unit: Unit, edit: Edit) -> None:
    """Write an edit into the run that has most of its characters."""
    characters, start, end = unit.characters, edit.start, edit.end
    if start == end:
        if start and characters[start - 1].is_text:
            characters[start - 1].after = edit.text + characters[start - 1].after
        else:
            characters[start].before += edit.text
        return
    stretch = characters[start:end]
    runs = Counter(c.element.getparent() for c in stretch if c.is_text)
    main = runs.most_common(1)[0][0] if runs else None
    is_written = False
    for character in stretch:
        character.text = ""
        if not is_written and character.is_text and character.element.getparent() is main:
            character.text, is_written = edit.text, True


def _edited_text(slot: Slot) -> str:
    """Return the text of a slot with its placeholders."""
    text = slot.first.text
    for edit in sorted(slot.edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _style(paragraph: Element) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else style.get(W + "val", "")


def _is_alone(unit: Unit, units: Sequence[Unit]) -> bool:
    """Return whether a unit is the only one of its paragraph."""
    return sum(other.paragraph == unit.paragraph for other in units) == 1


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


def _whole_rows(elements: Sequence[Element]) -> list[Element]:
    """Return the table rows that consist of paragraphs, or none."""
    rows = list(dict.fromkeys(next(e.iterancestors(W + "tr"), None) for e in elements))
    new_run = {*elements}
    for row in rows:
        if row is None or any(p not in new_run and texts_in(p).strip() for p in row.iter(W + "p")):
            return []
    return [row for row in rows if row is not None]


def _own_row(paragraph: Element) -> Element | None:
    """Return the table row of a paragraph if it has no other text."""
    rows = _whole_rows([paragraph])
    return rows[0] if rows else None


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
