"""Find the cells of a workbook in one letter.

The letter is that of one recipient, and perhaps of one signer. In the address, the salutation and
the signature, each cell becomes a placeholder. In the text only what is plainly the person's does:
everything else is asked, and stays unless staff say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from merge import messages
from merge.errors import DataError
from merge.naming import placeholder_name
from merge.people import People, Person
from merge.printing.address_columns import column_kind
from merge.problems import Place
from merge.starting.address_lines import HEADINGS
from merge.starting.alignment import Slot
from merge.starting.columns import Column, SheetRoot, is_program_heading, value_edit
from merge.starting.dates import find_letter_date
from merge.starting.differences import is_vocative, occurrences
from merge.starting.draft import TemplateDraft, around
from merge.starting.from_letters import find_name_parts
from merge.starting.lists import find_cell_list
from merge.starting.questions import NO_COLUMN
from merge.starting.words import beginning
from merge.workbook.reading import Workbook
from merge.workbook.translated_words import canonical_placeholder

_HOME_ZONES: Mapping[str, SheetRoot] = {
    "address": "recipient",
    "salutation": "recipient",
    "signature": "signer",
    "sender": "signer",
    "date": "signer",
    "header": "signer",
    "footer": "signer",
}
"""Zones in which a cell of a sheet is replaced without a question."""
_LEAST_SCORE = 12
_NEAR_SHARE = 0.8
"""A person with this share of the best score may be meant as well."""
_PLACES = ("town", "country", "region", "office", "address")


def find_cells(draft: TemplateDraft, book: Workbook) -> None:
    """Find the cells of a workbook in the letter of a draft.

    Raise DataError if none of its recipients is in the letter.
    """
    errors = [problem for problem in book.problems if problem.level == "error"]
    if errors and not book.recipients.persons:
        raise DataError(errors)
    people: tuple[tuple[SheetRoot, People], ...] = (
        ("recipient", book.recipients),
        ("signer", book.signers),
    )
    found: dict[SheetRoot, Person] = {}
    for sheet, persons in people:
        person = _whose_letter(draft, sheet, persons)
        if person:
            found[sheet] = person
            _add_cells(draft, sheet, persons, person)
        elif sheet == "recipient":
            place = Place(draft.letters[0].name)
            raise DataError(messages.problem("letter-of-nobody", place, workbook=book.file))
        else:
            draft.dialogue.tell("no signer")
    _add_pair_cells(draft, book, found)
    for column in draft.table.columns:
        find_cell_list(draft, column)
    for slot in draft.slots:
        find_letter_date(draft, slot)
        if not slot.loop:
            _find_in(draft, slot)
    find_name_parts(draft)
    used = {edit.column for slot in draft.slots for edit in slot.edits}
    used |= {slot.loop for slot in draft.slots}
    for column in draft.table.columns:
        if column not in used:
            draft.dialogue.tell("not found", heading=column.heading, sheet=column.sheet)


def _whose_letter(draft: TemplateDraft, sheet: SheetRoot, people: People) -> Person | None:
    """Return the person whose cells are in the letter; ask in case of doubt."""
    scores = {person.key: _score(draft, sheet, person) for person in people.persons}
    ranked = sorted(people.persons, key=lambda person: -scores[person.key])
    if not ranked or scores[ranked[0].key] < _LEAST_SCORE:
        return None
    best = scores[ranked[0].key]
    near = [person for person in ranked if scores[person.key] > best * _NEAR_SHARE]
    if len(near) == 1:
        return near[0]
    kind = "whose letter" if sheet == "recipient" else "whose signature"
    return near[draft.dialogue.ask(kind, "", [person.label for person in near])]


def _score(draft: TemplateDraft, sheet: SheetRoot, person: Person) -> float:
    total = 0.0
    for name, value in _cells(person):
        weight = 3 if canonical_placeholder(name) == "name" else 1
        for unit in draft.letters[0].units:
            if occurrences(unit.text, value):
                is_home = _HOME_ZONES.get(unit.zone) == sheet
                total += len(value) * weight * (3 if is_home else 1)
    return total


def _cells(person: Person) -> Iterator[tuple[str, str]]:
    for name, value in person.fields.items():
        text = str(value).strip()
        if not is_program_heading("recipient", name) and len(text) > 2:
            yield name, text


def _add_cells(draft: TemplateDraft, sheet: SheetRoot, people: People, person: Person) -> None:
    for column in people.columns:
        if is_program_heading(sheet, column.placeholder):
            continue
        heading, value = column.heading.strip(), str(person.fields[column.placeholder]).strip()
        if placeholder_name(heading) != column.placeholder:
            continue  # the program's own name of a translated heading
        if value:
            draft.table.columns.append(Column(sheet, heading, [value], "cell"))
        elif any(other.fields[column.placeholder] for other in people.persons):
            draft.dialogue.tell("no cell", name=person.label, heading=heading)


def _add_pair_cells(draft: TemplateDraft, book: Workbook, people: dict[SheetRoot, Person]) -> None:
    """Add the cells of the Pairs sheet for the letter's signer and recipient."""
    for pair in book.pairs():
        if people == {"recipient": pair.recipient, "signer": pair.signer}:
            for column in book.pairing.columns:
                value = str(pair.fields.get(column.placeholder, "")).strip()
                if value:
                    draft.table.columns.append(Column("pair", column.heading, [value], "cell"))


def _find_in(draft: TemplateDraft, slot: Slot) -> None:
    """Find the cells in one text, the longest first."""
    unit = slot.first
    values = sorted({c.values[0] for c in draft.table.columns}, key=len, reverse=True)
    spans = [(edit.start, edit.end) for edit in slot.edits]
    found: list[tuple[int, int, str, str]] = []
    for value in values:
        forms = [("", value), ("|upper", value.upper())]
        for filters, form in forms if value != value.upper() else forms[:1]:
            for start, end in occurrences(unit.text, form):
                if not any(a < end and start < b for a, b in spans):
                    spans.append((start, end))
                    found.append((start, end, value, filters))
    covered = {n for start, end in spans for n in range(start, end)}
    rest = "".join(char for n, char in enumerate(unit.text) if n not in covered)
    for start, end, value, filters in sorted(found):
        column = _column_at(draft, slot, (start, end), value, rest)
        if column:
            slot.edits.append(value_edit(start, end, column, filters))


def _column_at(
    draft: TemplateDraft, slot: Slot, span: tuple[int, int], value: str, rest: str
) -> Column | None:
    """Return the column to which a value in a text belongs; None if it stays."""
    home = _HOME_ZONES.get(slot.first.zone)
    columns = _likely_columns(draft, slot, value)
    column = columns[0]
    if home is None and (len(value) < 4 or value.isdigit()):
        return None
    fields = {"text": value, "around": around(slot.first.text, *span)}
    subject = f"{value} {draft.slots.index(slot)} {span[0]}"
    if len(columns) > 1:
        names = [f"{c.heading} of the {c.sheet}" for c in columns]
        texts = [*names, NO_COLUMN] if home else [NO_COLUMN, *names]
        choice = draft.dialogue.ask("which", subject, texts, **fields, columns=" or ".join(names))
        return dict(zip(names, columns, strict=True)).get(texts[choice])
    fields |= {"heading": column.heading, "sheet": column.sheet}
    if home == column.sheet:
        label = beginning("line label").match(rest)
        words = rest[label.end() :] if label else rest
        is_half = slot.first.zone == "address" and re.search(r"\w{3,}", words)
        is_sure = not is_half or draft.dialogue.ask("half a line", subject, **fields) == 1
    elif _is_plainly_personal(draft, slot, column, value):
        is_sure = True
    else:
        is_sure = draft.dialogue.ask("in a text", subject, **fields) == 1
    return column if is_sure else None


def _likely_columns(draft: TemplateDraft, slot: Slot, value: str) -> list[Column]:
    """Return the columns with a value, the most likely one for a zone first."""
    zone, kind = slot.first.zone, slot.first.kind
    matching = [column for column in draft.table.columns if column.values[0] == value]
    here = [column for column in matching if column.sheet == _HOME_ZONES.get(zone)] or matching
    if zone in ("salutation", "address"):
        is_greeting = zone == "salutation"
        here = [c for c in here if (_canonical(c) == "salutation") == is_greeting] or here
    guess = "salutation" if zone == "salutation" else placeholder_name(HEADINGS.get(kind, ""))
    likely = [column for column in here if _canonical(column) == guess]
    return likely if len(likely) == 1 and zone in _HOME_ZONES else here


def _canonical(column: Column) -> str:
    return canonical_placeholder(placeholder_name(column.heading))


def _is_place(column: Column) -> bool:
    """Return whether a text may mention a value anyway: a town, an office."""
    name = placeholder_name(column.heading)
    return column_kind(name) in _PLACES or canonical_placeholder(name) in ("position", "title")


def _is_plainly_personal(draft: TemplateDraft, slot: Slot, column: Column, value: str) -> bool:
    """Return whether a value in a text can only be the person's."""
    if _canonical(column) == "salutation":
        return slot.first.zone == "closing" or is_vocative(slot.first.text, value)
    if "@" in value or slot.first.text.strip(" ,.;") == value:
        return True
    if len(value.split()) < 2:
        return False
    if any(map(str.isdigit, value)) or _canonical(column) == "name":
        return True
    return not _is_place(column) and not _is_in_address(draft, value)


def _is_in_address(draft: TemplateDraft, value: str) -> bool:
    """Return whether a value is also in the address: it may be an office."""
    units = (unit for unit in draft.letters[0].units if unit.zone == "address")
    return any(occurrences(unit.text, value) for unit in units)
