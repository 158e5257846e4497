"""View models of a start from letters: texts with their finds, columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from merge.naming import short_hash
from merge.page.web import gettext
from merge.starting.alignment import Slot
from merge.starting.columns import Column, SheetRoot
from merge.starting.differences import occurrences
from merge.starting.edit_spans import edit_spans
from merge.starting.letters import Unit
from merge.starting.questions import NOTICES, WORDINGS, Notice, Question, StartAnswers
from merge.starting.start import StartingPoint, needed_columns, place_key

SHEET_NAMES: Mapping[SheetRoot, str] = {
    "recipient": "Recipients",
    "signer": "Signers",
    "pair": "Pairs",
}
SHOWN_VALUES = 2
"""Letters whose values have a column of the table each."""
_AROUND = 24
_PLACE = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
"""The key of a place in answers."""
_LEAST_FURTHER = 3
"""Characters that a value needs for its other places to be offered."""
_HEADINGS_TO_CHANGE = ("Words", "Paragraph", "Address line", "Line below", "List", "Name in text")
"""Beginnings of headings that staff should change.

They name the place of a column, not its content.
"""


def worded(wording: str, fields: Mapping[str, str]) -> Markup:
    """Return a sentence in the page's language, with isolated fields."""
    words = {"recipient": gettext("recipient"), "signer": gettext("signer")}
    apart = {
        name: words[value] if value in words else Markup("<bdi>{}</bdi>").format(value)
        for name, value in fields.items()
    }
    return Markup("{}").format(gettext(wording)).format_map(apart)


def question_text(question: Question) -> Markup:
    """Return the text of a question."""
    return worded(WORDINGS[question.kind][0], question.fields)


def question_options(question: Question) -> list[Markup]:
    """Return the options of a question, the default first."""
    wordings = WORDINGS[question.kind][1:]
    names = [Markup("<bdi>{}</bdi>").format(gettext(name)) for name in question.names]
    return [*names, *(worded(wording, question.fields) for wording in wordings)]


def notice_text(notice: Notice) -> Markup:
    """Return the text of a notice."""
    return worded(NOTICES[notice.kind], notice.fields)


def form_key(key: str) -> str:
    """Return a key for a form: keys of answers contain words of letters."""
    return short_hash(key)


# A letter with its finds


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A stretch of a letter's text; `kind` is empty if it is not a find.

    `find` is the heading of its column, or the other wording that staff chose. `column` is the key
    of the column, for a link.
    """

    text: str
    kind: str = ""
    find: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class ShownParagraph:
    """A paragraph of a letter: its pieces by lines and tabs.

    `guard` is the heading of the column by which only some letters have it. The first paragraph of
    a header, a footer or the notes has the name of this `part`.
    """

    lines: tuple[tuple[str, tuple[TextPiece, ...]], ...]
    follows_blank: bool
    guard: str = ""
    guard_column: str = ""
    part: str = ""


def shown_letter(point: StartingPoint, number: int) -> list[ShownParagraph]:
    """Return the paragraphs of a letter with what was found in them."""
    letter = point.draft.letters[number]
    slots = {unit: slot for slot in point.draft.slots for unit in _units_in(slot, number)}
    paragraphs: list[ShownParagraph] = []
    previous = ""
    for index in sorted({unit.paragraph for unit in letter.units}):
        units = [unit for unit in letter.units if unit.paragraph == index]
        lines = tuple((unit.separator, _pieces(slots.get(unit), unit, number)) for unit in units)
        slot = slots.get(units[0])
        guard = slot.guard if slot else None
        paragraphs.append(
            ShownParagraph(
                lines=lines,
                follows_blank=bool(units[0].blanks),
                guard=guard.heading if guard else "",
                guard_column=form_key(guard.key) if guard else "",
                part=units[0].part if units[0].part != previous else "",
            )
        )
        previous = units[0].part
    return paragraphs


def _units_in(slot: Slot, number: int) -> list[Unit]:
    if slot.items:
        return slot.items[number]
    unit = slot.units[number]
    return [unit] if unit else []


def _pieces(slot: Slot | None, unit: Unit, number: int) -> tuple[TextPiece, ...]:
    if slot is None:
        return (TextPiece(unit.text),)
    if slot.loop:
        return (_find(unit.text, slot.loop),)
    pieces, position = [], 0
    for (start, end), edit in edit_spans(slot, unit, number):
        pieces.append(TextPiece(unit.text[position:start]))
        text = unit.text[start:end]
        is_date = "{{ date" in edit.pattern
        if edit.column:
            pieces.append(_find(text, edit.column))
        elif is_date or edit.pattern != text:
            pieces.append(
                TextPiece(text, "date" if is_date else "decided", "" if is_date else edit.pattern)
            )
        else:
            pieces.append(TextPiece(text))
        position = end
    pieces.append(TextPiece(unit.text[position:]))
    return tuple(piece for piece in pieces if piece.text or piece.kind)


def _find(text: str, column: Column) -> TextPiece:
    return TextPiece(text, column.sheet, column.heading, form_key(column.key))


# Columns


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place of a column in the first letter, with the words around it."""

    key: str
    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column that was found, with its value in each letter.

    `further` are places with the same words that are not the column's. `may_be_rejected` is False
    if the letters cannot come back without it. `is_widened` says that it took words beside it.
    """

    key: str
    sheet: SheetRoot
    heading: str
    values: tuple[str, ...]
    is_used: bool
    needs_heading: bool
    is_paragraph: bool
    may_be_rejected: bool
    may_be_widened: bool
    is_widened: bool
    places: tuple[ShownPlace, ...]
    further: tuple[ShownPlace, ...]


def shown_columns(
    point: StartingPoint, answers: StartAnswers
) -> dict[SheetRoot, list[ShownColumn]]:
    """Return the columns by sheet, those that need another heading first."""
    columns = [_shown_column(point, answers, c) for c in (*point.columns, *point.rejected)]
    columns.sort(key=lambda column: not column.needs_heading)
    by_sheet = {root: [c for c in columns if c.sheet == root] for root in SHEET_NAMES}
    return {root: found for root, found in by_sheet.items() if found}


def _shown_column(point: StartingPoint, answers: StartAnswers, column: Column) -> ShownColumn:
    is_used = column in point.columns
    is_provisional = column.heading.startswith(_HEADINGS_TO_CHANGE) and column.source != "cell"
    places = tuple(_places(point, column))
    return ShownColumn(
        key=form_key(column.key),
        sheet=column.sheet,
        heading=answers.headings.get(column.key, column.heading),
        values=tuple(column.values),
        is_used=is_used,
        needs_heading=is_used and is_provisional and column.key not in answers.headings,
        is_paragraph=column.source == "paragraph",
        may_be_rejected=column not in needed_columns(point.draft),
        may_be_widened=is_used and len(places) == 1 and _is_always_there(point, column),
        is_widened=answers.widened_columns.get(column.key, (0, 0)) != (0, 0),
        places=places,
        further=tuple(_further_places(point, column)) if is_used else (),
    )


def _is_always_there(point: StartingPoint, column: Column) -> bool:
    """Return whether a column can take words: each letter has its value."""
    edits = (edit for slot in point.draft.slots for edit in slot.edits)
    patterns = [edit.pattern for edit in edits if edit.column is column]
    return column.source == "text" and not any("{%" in pattern for pattern in patterns)


def _places(point: StartingPoint, column: Column) -> Iterator[ShownPlace]:
    for number, slot in enumerate(point.draft.slots):
        for edit in slot.edits:
            if edit.column is column:
                yield _shown_place(slot, place_key(number, edit), edit.start, edit.end)


def _further_places(point: StartingPoint, column: Column) -> Iterator[ShownPlace]:
    value = next(filter(None, column.values), "")
    if len(value) >= _LEAST_FURTHER and column.source not in ("paragraph", "list"):
        for number, start, end in places_of_words(point, value):
            slot = point.draft.slots[number]
            yield _shown_place(slot, f"{number}.{start}.{end}", start, end)


def rejected_places(point: StartingPoint, answers: StartAnswers) -> list[ShownPlace]:
    """Return the places that staff rejected, in the order of the letter."""
    slots = point.draft.slots
    keys = [tuple(map(int, key.split("."))) for key in filter(_PLACE.fullmatch, answers.rejected)]
    return [
        _shown_place(slots[number], f"{number}.{start}.{end}", start, end)
        for number, start, end in sorted(keys)
        if number < len(slots)
    ]


def _shown_place(slot: Slot, key: str, start: int, end: int) -> ShownPlace:
    text = slot.first.text
    before = ("…" if start > _AROUND else "") + text[max(0, start - _AROUND) : start]
    after = text[end : end + _AROUND] + ("…" if end + _AROUND < len(text) else "")
    return ShownPlace(key, before, text[start:end], after)


def places_of_words(point: StartingPoint, words: str) -> list[tuple[int, int, int]]:
    """Return the places of words in texts without a find: slot, start, end."""
    return [place for place, find in _words_with_finds(point, words) if find is None]


def found_words(point: StartingPoint, words: str) -> list[tuple[ShownPlace, str | None]]:
    """Return all places of words in the first letter, each with its find.

    That is the heading of a column, or empty if it is none. It is None if there is no find yet.
    """
    return [
        (_shown_place(point.draft.slots[number], "", start, end), find)
        for (number, start, end), find in _words_with_finds(point, words)
    ]


def _words_with_finds(
    point: StartingPoint, words: str
) -> Iterator[tuple[tuple[int, int, int], str | None]]:
    for number, slot in enumerate(point.draft.slots):
        for start, end in occurrences(slot.first.text, words):
            columns = [edit.column for edit in slot.edits if edit.overlaps(start, end)]
            columns += [slot.loop] if slot.loop else []
            headings = [column.heading if column else "" for column in columns]
            yield (number, start, end), next(iter(headings), None)


@dataclass(frozen=True, slots=True)
class PartialText:
    """A paragraph that only some letters have, with their names."""

    text: str
    letters: tuple[str, ...]
    column: str


def partial_texts(point: StartingPoint) -> list[PartialText]:
    """Return the paragraphs that only some letters have."""
    return [
        PartialText(
            slot.first.text,
            tuple(name for name, here in zip(point.letters, slot.mask, strict=True) if here),
            form_key(slot.guard.key),
        )
        for slot in point.draft.slots
        if slot.guard
    ]
