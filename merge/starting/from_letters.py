"""Find the columns of several letters, or of one letter alone.

Whole lines of addresses and signatures become columns, then the salutation and the date. In all
other texts, what differs between the letters does. In one letter, nothing differs: only the name
is looked for in its text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress

from merge import messages
from merge.errors import DataError
from merge.ooxml.wordml import OBJECT
from merge.problems import Place
from merge.starting.address_lines import (
    HEADINGS,
    begins_with_title,
    kind_scores,
    line_ending,
    line_label,
)
from merge.starting.alignment import Slot
from merge.starting.columns import Column, SheetRoot, Source, value_edit
from merge.starting.dates import find_letter_date
from merge.starting.differences import MARKS, occurrences
from merge.starting.draft import TemplateDraft, around, one_space
from merge.starting.letters import TEXT_ZONES
from merge.starting.lists import find_lists
from merge.starting.text_columns import find_text_columns
from merge.starting.words import beginning, plain, word_set, words
from merge.text.folding import folded, folded_words

_LETTERS = rf"(?:[^\W\d_][\u00ad{MARKS}]*)+"
_PIECE = re.compile(_LETTERS)
_WHOLE_WORD = re.compile(rf"(?<![\w’']){_LETTERS}(?:[-\u2010\u2011]{_LETTERS})*(?!\w)")
_WORD = re.compile(r"\w\w|\d")
_LEAST_SHARED = 0.4
"""The part of the texts that letters of one appeal have in common."""
_UNCLEAR_KINDS = ("position", "organisation", "line")


def find_columns(draft: TemplateDraft) -> None:
    """Find all columns; raise DataError if the letters are not one appeal."""
    _find_lines(draft, "address", "recipient")
    _find_lines(draft, "signature", "signer")
    for slot in draft.slots:
        if all(unit and unit.zone == "salutation" for unit in slot.units):
            _find_salutation(draft, slot)
    _find_sender(draft)
    personal = {"address", "signature", "salutation"}
    rest = [s for s in draft.slots if not s.edits and s.first.zone not in personal]
    find_letter_date(draft, rest)
    _check_kinship(draft)
    find_lists(draft)
    short_first = sorted(rest, key=lambda slot: len(slot.first.text.split()) > 5)
    for slot in short_first:
        if not slot.edits and slot in draft.slots and not slot.loop:
            find_text_columns(draft, slot)
    _check_differences(draft)
    _add_guards(draft)
    find_name_parts(draft)


def _find_lines(draft: TemplateDraft, zone: str, sheet: SheetRoot) -> None:
    """Make each line of the addresses or signatures a column."""
    lines = [
        slot
        for slot in draft.slots
        if all(not unit or (unit.zone == zone and OBJECT not in unit.text) for unit in slot.units)
        and any(map(_WORD.search, slot.texts))
    ]
    varies = any(len({unit.plain for unit in slot.units if unit}) > 1 for slot in lines)
    for slot in sorted(lines, key=lambda s: sheet == "signer" and s.first.kind != "name"):
        add_line_column(draft, slot, sheet)
    equal = [slot for slot in lines if all(slot.mask) and not _column_of(slot).varies]
    if draft.count > 1 and varies and sheet == "recipient":
        unclear = [slot for slot in equal if slot.first.kind != "country" and slot is not lines[-1]]
        _ask_about_lines(draft, "same line", unclear)
    elif sheet == "signer":
        _ask_about_lines(draft, "below the name", [s for s in equal if _is_unclear(s)])


def add_line_column(draft: TemplateDraft, slot: Slot, sheet: SheetRoot) -> None:
    """Make a line a column named by its kind, without a label: `Attn:`."""
    heading = HEADINGS[slot.first.kind or "line"]
    labels = {*map(line_label, slot.texts)}
    start = len(labels.pop()) if len(labels) == 1 else 0
    endings = {line_ending(text) for text in slot.texts if text}
    ending = endings.pop() if len(endings) == 1 else ""
    source: Source = "address" if sheet == "recipient" else "signature"
    values = [one_space(text.removesuffix(ending)[start:]) for text in slot.texts]
    name = next((c for c in draft.table.of_sheet("signer") if c.heading == HEADINGS["name"]), None)
    if sheet == "signer" and name and not name.varies and len({*values}) > 1:
        sheet, source = "recipient", "text"  # one signer has one value
    elif sheet == "signer" and slot.first.kind == "line":
        heading = "Line below the name"
    column = Column(sheet, heading, values, source)
    is_name = sheet == "signer" and name and name.values == values
    column = name if name and is_name else draft.table.ensure(column)
    slot.edits.append(value_edit(start, len(slot.first.text) - len(ending), column))


def _column_of(slot: Slot) -> Column:
    return next(edit.column for edit in slot.edits if edit.column)


def _is_unclear(slot: Slot) -> bool:
    unit = slot.first
    return unit.kind in _UNCLEAR_KINDS or kind_scores(unit.text)[unit.kind] < 1


def _ask_about_lines(draft: TemplateDraft, kind: str, lines: Sequence[Slot]) -> None:
    """Ask once whether lines that are the same in all letters are columns."""
    texts = {_column_of(slot): slot.first.text for slot in lines if slot.first.kind != "name"}
    if not texts:
        return
    columns = [*texts]
    text = "”, “".join(texts.values())
    heading = ", ".join(column.heading for column in columns)
    sheet = columns[0].sheet
    if draft.dialogue.ask(kind, text, text=text, heading=heading, sheet=sheet):
        for column in columns:
            draft.remove_column(column)


def _find_salutation(draft: TemplateDraft, slot: Slot) -> None:
    """Make the salutation a column, without `Dear` and the comma."""
    texts = slot.texts
    heads = {text.partition(" ")[0] for text in texts}
    is_fixed_head = len(heads) == 1 and heads <= {*words("fixed greeting")}
    head = len(f"{heads.pop()} ") if is_fixed_head and all(" " in text for text in texts) else 0
    ends = {text[len(text.rstrip(" \u00a0,:;!،，")) :] for text in texts}
    tail = len(ends.pop()) if len(ends) == 1 else 0
    values = [one_space(text[head : len(text) - tail]) for text in texts]
    names = {w for c in draft.table.of_sheet("recipient") for w in folded_words(c.values[0])}
    has_name = not names.isdisjoint({*folded_words(values[0]), *folded(values[0]).split()})
    is_known = beginning("greeting").match(texts[0]) or begins_with_title(texts[0]) or has_name
    is_general = not is_known or any(
        occurrences(folded(values[0]), phrase) for phrase in word_set("nobody")
    )
    is_fixed = len({*values}) == 1 and is_general
    if is_fixed and draft.count == 1:
        is_fixed = draft.dialogue.ask("greeting", texts[0], text=texts[0]) == 0
    if all(values) and not is_fixed:
        column = draft.table.ensure(Column("recipient", "Salutation", values, "greeting"))
        slot.edits.append(value_edit(head, len(slot.first.text) - tail, column))


def _check_kinship(draft: TemplateDraft) -> None:
    """Raise DataError if the letters have hardly a text in common."""
    texts = [s for s in draft.slots if s.first.zone in TEXT_ZONES and len(s.first.text) > 20]
    total = sum(len(slot.first.text) for slot in texts)
    shared = sum(len(slot.first.text) for slot in texts if all(slot.mask) and _is_alike(slot))
    if draft.count > 1 and shared < _LEAST_SHARED * total:
        raise DataError(messages.problem("letters-not-alike", _place_of(draft)))


def _is_alike(slot: Slot) -> bool:
    first = {*folded_words(slot.first.text)}
    others = [{*folded_words(unit.text)} for unit in slot.units[1:] if unit]
    return all(2 * len(first & other) >= len(first) for other in others)


def _check_differences(draft: TemplateDraft) -> None:
    """Raise DataError if several letters say the same."""
    has_guard = any(not all(slot.mask) for slot in draft.slots)
    varies = any(column.varies for column in draft.table.columns)
    if draft.count > 1 and not varies and not has_guard:
        raise DataError(messages.problem("letters-equal", _place_of(draft)))


def _place_of(draft: TemplateDraft) -> Place:
    return Place(", ".join(letter.name for letter in draft.letters))


def _add_guards(draft: TemplateDraft) -> None:
    """Add a yes-column for texts that some letters do not have.

    Texts of the same letters share it. Its heading has no words of the text: they may be names.
    """
    for slot in draft.slots:
        is_line = slot.first.zone in ("head", "address", "signature", "sender")
        if is_line and not slot.edits and not all(slot.mask):
            add_line_column(draft, slot, "recipient")
        if not all(slot.mask) and not is_line and not slot.loop:
            values = ["yes" if here else "" for here in slot.mask]
            column = Column(draft.table.owner(values), "Paragraph", values, "paragraph")
            slot.guard = draft.table.ensure(column)


def _find_sender(draft: TemplateDraft) -> None:
    """Make an address above the letter the signer's, or ask whose it is."""
    block = [slot for slot in draft.slots if slot.first.zone == "sender"]
    names = [c for c in draft.table.of_sheet("signer") if c.heading == HEADINGS["name"]]
    is_signers = any(_has_values(slot, name) for slot in block for name in names)
    has_address = any(c.source == "address" for c in draft.table.of_sheet("recipient"))
    sheet: SheetRoot | None = "signer" if is_signers else None
    if not is_signers and block and (draft.count == 1 or not has_address):
        text = block[0].first.text
        choices: tuple[SheetRoot | None, ...] = (None, "signer", "recipient")
        sheet = choices[draft.dialogue.ask("sender", text, text=text)]
    for slot in block:
        is_of_other = slot.first.kind in ("name", "position") and draft.count == 1
        if is_signers and is_of_other and not any(_has_values(slot, name) for name in names):
            return
        if sheet and all(unit is None or unit.zone == "sender" for unit in slot.units):
            add_line_column(draft, slot, sheet)


def _has_values(slot: Slot, column: Column) -> bool:
    """Return whether each text of a slot has the value of its letter."""
    pairs = zip(slot.texts, column.values, strict=True)
    return all(value and occurrences(text, value) for text, value in pairs if text)


def find_name_parts(draft: TemplateDraft) -> None:
    """Ask about parts of names in texts of one letter; report the others."""
    texts = " ".join(slot.first.text for slot in draft.slots)
    common = {word for word in re.findall(r"[^\W\d_]+", texts) if word.islower()}
    for column in (c for c in draft.table.columns if c.heading == "Name" and c.sheet != "pair"):
        for slot in draft.slots:
            for name in dict.fromkeys(compress(column.values, slot.mask)):
                _find_parts_of(name, column, draft, slot, common)


def _find_parts_of(
    name: str, column: Column, draft: TemplateDraft, slot: Slot, common: set[str]
) -> None:
    if kind_scores(name)["organisation"]:
        return
    words = [word for pattern in (_WHOLE_WORD, _PIECE) for word in pattern.findall(plain(name))]
    text = slot.first.plain
    words = [w for w in words if len(w) > 1 and (w[:4] in text or w.upper() in text)]
    parts = [word for word in words if word.lower() not in common and _is_name_part(word)]
    for whole in _WHOLE_WORD.finditer(slot.first.text) if parts else ():
        is_part = any(_is_form(plain(whole[0]), part) for part in parts)
        pieces = [whole] if is_part else _PIECE.finditer(slot.first.text, *whole.span())
        for match in pieces:
            part = next((p for p in parts if _is_form(plain(match[0]), p)), "")
            if part and not any(edit.overlaps(*match.span()) for edit in slot.edits):
                is_fixed = column.sheet == "signer" or column.source == "cell"
                may_ask = not is_fixed and match[0] == whole[0] and sum(slot.mask) == 1
                _ask_about_part(draft, slot, match, (part, name), may_ask=may_ask)


def _is_name_part(word: str) -> bool:
    return not kind_scores(word)["position"] and not begins_with_title(word)


def _is_form(word: str, part: str) -> bool:
    """Return whether a word is a part of a name, or perhaps a bent form of it."""
    if word in (part, part.upper()):
        return True
    stem = max(4, len(part) - 2)
    is_bent = word[0].isupper() and word[:stem] == part[:stem] and abs(len(word) - len(part)) < 4
    return is_bent and not part.isascii()


def _ask_about_part(
    draft: TemplateDraft,
    slot: Slot,
    match: re.Match[str],
    names: tuple[str, str],
    *,
    may_ask: bool,
) -> None:
    """Ask about a part of a name, or report one that stays.

    It stays if it is short, in several letters, or in a longer word with hyphens. So does a part of
    a signer's name, and of one in a workbook, which gets no new column.
    """
    part, name = names
    is_part = plain(match[0]) in (part, part.upper())
    fields = {"text": match[0], "around": around(slot.first.text, *match.span()), "name": name}
    if not may_ask or len(part) < 4:
        draft.dialogue.tell("part of name kept", **fields)
        return
    kind = "part of name" if is_part else "form of name"
    subject = f"{match[0]} {draft.slots.index(slot)} {match.start()}"
    if draft.dialogue.ask(kind, subject, **fields) == 0:
        values = [match[0] if here else "" for here in slot.mask]
        column = draft.table.ensure(Column("recipient", "Name in text", values), slot.mask)
        slot.edits.append(value_edit(*match.span(), column))
