"""Find the cells of a workbook in one letter.

The letter is that of one recipient, and perhaps of one signer. In the address, the salutation and
the signature, each cell becomes a placeholder. In the text only what is plainly the person's does:
everything else is asked, and stays unless staff say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from merge import messages
from merge.errors import DataError
from merge.excel.dates import babel_language
from merge.naming import placeholder_name
from merge.people import Column as SheetColumn
from merge.people import People, Person
from merge.printing.addresses import column_kind
from merge.problems import Place
from merge.starting.address_lines import HEADINGS, begins_with_title
from merge.starting.alignment import Slot
from merge.starting.columns import Column, SheetRoot, is_program_heading, value_edit
from merge.starting.dates import find_letter_date
from merge.starting.differences import is_vocative, occurrences
from merge.starting.draft import TemplateDraft, around
from merge.starting.from_letters import find_name_parts
from merge.starting.letters import HEAD_ZONES
from merge.starting.lists import find_cell_list
from merge.starting.questions import NO_COLUMN
from merge.starting.words import beginning
from merge.values import BLANK, WorkbookValue
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
_PUBLIC = ("town", "country", "region", "office", "address")


def find_cells(draft: TemplateDraft, book: Workbook) -> None:
    """Find the cells of a workbook in the letter of a draft.

    Raise DataError if a sheet has no names, or if none of its recipients is in the letter.
    """
    errors = [problem for problem in book.problems if problem.level == "error"]
    has_no_names = any(problem.code == "heading-missing" for problem in errors)
    if errors and (has_no_names or not book.recipients.persons):
        raise DataError(errors)
    recipient = _whose_letter(draft, "whose letter", book.recipients)
    signer = _whose_letter(draft, "whose signature", book.signers)
    if recipient is None:
        place = Place(draft.letters[0].name)
        raise DataError(messages.problem("letter-of-nobody", place, workbook=book.file))
    language = babel_language(recipient.fields.get("language", BLANK))
    draft.workbook_language = language or book.settings.language
    _add_cells(draft, "recipient", book.recipients.columns, recipient.fields)
    if signer is None:
        draft.dialogue.tell("no signer" if book.signers.persons else "no signers")
    else:
        _add_cells(draft, "signer", book.signers.columns, signer.fields)
        for pair in book.pairs():
            if (pair.signer, pair.recipient) == (signer, recipient):
                _add_cells(draft, "pair", book.pairing.columns, pair.fields)
    _find_places(draft)


def _find_places(draft: TemplateDraft) -> None:
    for column in draft.table.columns:
        find_cell_list(draft, column)
    find_letter_date(draft, draft.slots)
    for slot in draft.slots:
        if not slot.loop:
            _find_in(draft, slot)
    find_name_parts(draft)
    used = {slot.loop for slot in draft.slots}
    used |= {edit.column for slot in draft.slots for edit in slot.edits}
    for column in draft.table.columns:
        if column not in used:
            draft.dialogue.tell("not found", heading=column.heading, sheet=column.sheet)


def _whose_letter(draft: TemplateDraft, kind: str, people: People) -> Person | None:
    """Return the person most of whose cells are in the letter; ask if unclear.

    Only the lines of the person count, if the cells are there: a text may mention other people.
    """
    units = draft.letters[0].units
    lines = [unit.text for unit in units if _HOME_ZONES.get(unit.zone) == people.kind]
    for texts in (lines, [unit.text for unit in units]):
        scores = {person.key: _score(texts, person) for person in people.persons}
        best = max(scores.values(), default=0)
        if best >= _LEAST_SCORE:
            break
    else:
        return None
    near = [person for person in people.persons if scores[person.key] > best * _NEAR_SHARE]
    near.sort(key=lambda person: -scores[person.key])
    is_clear = len(near) == 1
    return near[0 if is_clear else draft.dialogue.ask(kind, "", [p.label for p in near])]


def _score(texts: Sequence[str], person: Person) -> int:
    """Return the length of the cells in some texts; names count more."""
    return sum(
        len(value) * (3 if canonical_placeholder(name) == "name" else 1)
        for name, value in person.fields.items()
        if len(value) > 2 and not is_program_heading("recipient", name)
        if any(occurrences(text, value) for text in texts)
    )


def _add_cells(
    draft: TemplateDraft,
    sheet: SheetRoot,
    columns: Iterable[SheetColumn],
    fields: Mapping[str, WorkbookValue],
) -> None:
    for column in columns:
        heading, value = column.heading.strip(), str(fields[column.placeholder]).strip()
        is_translated = placeholder_name(heading) != column.placeholder
        if is_translated or is_program_heading(sheet, column.placeholder):
            continue
        if value:
            draft.table.columns.append(Column(sheet, heading, [value], "cell"))
        elif sheet != "pair":
            draft.dialogue.tell("no cell", name=str(fields["name"]), heading=heading)


def _find_in(draft: TemplateDraft, slot: Slot) -> None:
    """Find the cells in one text, the longest first.

    Names are settled first and titles last: what is beside a name is the person's.
    """
    text = slot.first.text
    spans = [(edit.start, edit.end) for edit in slot.edits]
    found: list[tuple[int, int, str, str]] = []
    for value in sorted({c.values[0] for c in draft.table.columns}, key=len, reverse=True):
        for form, filters in {value.upper(): "|upper", value: ""}.items():
            for start, end in occurrences(text, form):
                if not any(a < end and start < b for a, b in spans):
                    spans.append((start, end))
                    found.append((start, end, value, filters))
    covered = {n for start, end in spans for n in range(start, end)}
    rest = "".join(char for n, char in enumerate(text) if n not in covered)
    names = [c.values[0] for c in draft.table.columns if c.meaning == "name"]
    turns = {place: 1 + begins_with_title(place[2]) for place in found if place[2] not in names}
    for start, end, value, filters in sorted(found, key=lambda place: (turns.get(place, 0), place)):
        if column := _column_at(draft, slot, (start, end), value, rest):
            slot.edits.append(value_edit(start, end, column, filters))


def _column_at(
    draft: TemplateDraft, slot: Slot, span: tuple[int, int], value: str, rest: str
) -> Column | None:
    """Return the column to which a value in a text belongs; None if it stays."""
    home = _HOME_ZONES.get(slot.first.zone)
    columns = _likely_columns(draft, slot, value)
    is_title = begins_with_title(value) and any(e.start == span[1] + 1 for e in slot.edits)
    if home is None and (len(value) < 4 or value.isdigit()) and not is_title:
        return None
    ask, subject = draft.dialogue.ask, f"{value} {draft.slots.index(slot)} {span[0]}"
    fields = {"text": value, "around": around(slot.first.text, *span)}
    if len(columns) > 1:
        names = [f"{c.heading} of the {c.sheet}" for c in columns]
        texts = [*names, NO_COLUMN] if home else [NO_COLUMN, *names]
        choice = ask("which", subject, texts, **fields, columns=" or ".join(names))
        return dict(zip(names, columns, strict=True)).get(texts[choice])
    column = columns[0]
    fields |= {"heading": column.heading, "sheet": column.sheet}
    is_office = column_kind(placeholder_name(column.heading)) == "office"
    is_letterhead = slot.first.zone in HEAD_ZONES and is_office and not _is_position(column)
    if home == column.sheet and not is_letterhead:
        label = beginning("line label").match(rest)
        is_in_address = slot.first.zone == "address" and column.meaning != "name"
        may_be_other = is_in_address or (value.isdigit() and len(value) < 4)
        others = re.search(r"\w{3,}", rest[label.end() :] if label else rest)
        is_sure = not (may_be_other and others) or ask("half a line", subject, **fields) == 1
    else:
        is_personal = is_title or _is_plainly_personal(draft, slot, column, value)
        is_sure = (is_personal and not is_letterhead) or ask("in a text", subject, **fields) == 1
    return column if is_sure else None


def _likely_columns(draft: TemplateDraft, slot: Slot, value: str) -> list[Column]:
    """Return the columns with a value; one, if the line shows which."""
    zone, kind = slot.first.zone, slot.first.kind
    matching = [column for column in draft.table.columns if column.values[0] == value]
    here = [column for column in matching if column.sheet == _HOME_ZONES.get(zone)]
    guess = "salutation" if zone == "salutation" else placeholder_name(HEADINGS.get(kind, ""))
    likely = [column for column in here if column.meaning == guess]
    return likely if len(likely) == 1 else here or matching


def _is_position(column: Column) -> bool:
    return column.meaning in ("position", "title")


def _is_plainly_personal(draft: TemplateDraft, slot: Slot, column: Column, value: str) -> bool:
    """Return whether a value in a text can only be the person's.

    A text may also mention a town or an office. A town beside other cells of the person is theirs.
    """
    name = placeholder_name(column.heading)
    if column.meaning == "salutation":
        return slot.first.zone == "closing" or is_vocative(slot.first.text, value)
    if "@" in value or slot.first.text.strip(" ,.;") == value:
        return True
    if len(value.split()) < 2:
        return False
    has_more = any(edit.column and edit.column.sheet == column.sheet for edit in slot.edits)
    is_address = any(map(str.isdigit, value)) and (has_more or column_kind(name) != "town")
    if is_address or column.meaning == "name":
        return True
    is_public = column_kind(name) in _PUBLIC or _is_position(column)
    address = (unit.text for unit in draft.letters[0].units if unit.zone == "address")
    return not is_public and not any(occurrences(text, value) for text in address)
