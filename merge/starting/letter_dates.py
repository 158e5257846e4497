"""The dates of letters become the placeholder for the date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from babel.dates import format_date

from merge.excel.dates import month_numbers
from merge.starting.address_lines import kind_scores
from merge.starting.alignment import Slot
from merge.starting.columns import Column, Edit, value_edit
from merge.starting.dates import FoundDate, find_date
from merge.starting.draft import TemplateDraft, one_space
from merge.starting.letters import Unit
from merge.starting.words import plain
from merge.text.folding import folded

_LONGEST_DATE = 40
"""Characters of a line that is a date."""


def find_letter_date(draft: TemplateDraft, slot: Slot) -> None:
    """Replace the date of a line, if all letters have it in the same form."""
    units = [unit for unit in slot.units if unit]
    if len(units) < draft.count or any(unit.zone != "date" for unit in units):
        return
    found = [find_date(u.text, x.language) for u, x in zip(units, draft.letters, strict=True)]
    dates = [date for date in found if date]
    if len(dates) < draft.count or len({(d.pattern, d.language) for d in dates}) > 1:
        return
    if any(draft.days) and [date.day for date in dates] != draft.days:
        return
    if not dates[0].is_written:
        _settle_form(draft, slot, dates)
    elif _has_own_column(draft, dates):
        _add_date_column(draft, slot, dates)
    else:
        dates = _settled_order(draft, units, dates)
        draft.days = [date.day for date in dates]
        if not dates[0].pattern or re.search("MMM|EEE", dates[0].pattern):
            draft.language = dates[0].language
        slot.edits.append(Edit(dates[0].start, dates[0].end, dates[0].placeholder))
    _add_places(draft, slot, dates)


def tell_kept_dates(draft: TemplateDraft) -> None:
    """Report lines above the salutation that look like dates, but stay."""
    asked = [q.fields["text"] for q in draft.dialogue.questions if q.kind == "date form"]
    for slot in draft.slots:
        text = slot.first.text
        is_asked = any(date in text for date in asked)
        digits = [n for n, char in enumerate(text) if char.isdecimal()]
        is_free = any(not any(e.overlaps(n, n + 1) for e in slot.edits) for n in digits)
        may_be_date = is_free and not is_asked and slot.first.zone in ("date", "head")
        if may_be_date and _looks_like_date(text, draft.language):
            draft.dialogue.tell("date kept", text=text)


def _looks_like_date(text: str, language: str) -> bool:
    numbers = [len(number) for number in re.findall(r"\d+", text)]
    months = month_numbers(language)
    has_month = any(folded(word) in months for word in re.findall(r"[^\W\d_]+", text))
    has_numbers = max(numbers) == 4 or len(numbers) > 1
    scores = kind_scores(text)
    is_contact = any(scores[kind] >= 3 for kind in ("phone", "email", "web", "street"))
    is_short = len(text) < _LONGEST_DATE and max(numbers) <= 4
    return is_short and not is_contact and (has_numbers or has_month)


def _has_own_column(draft: TemplateDraft, dates: Sequence[FoundDate]) -> bool:
    return len({date.day for date in dates}) > 1 and bool(draft.dialogue.ask("dates", ""))


def _add_date_column(draft: TemplateDraft, slot: Slot, dates: Sequence[FoundDate]) -> None:
    texts = [text[d.start : d.end] for text, d in zip(slot.texts, dates, strict=True)]
    column = draft.table.ensure(Column("recipient", "Date", texts))
    slot.edits.append(value_edit(dates[0].start, dates[0].end, column))


def _settle_form(draft: TemplateDraft, slot: Slot, dates: Sequence[FoundDate]) -> None:
    """Ask about a date in a form that no placeholder writes."""
    first = dates[0]
    text, day = slot.first.text[first.start : first.end], _long(first)
    if draft.dialogue.ask("date form", text, text=text, day=day):
        draft.language = first.language
        draft.days = [date.day for date in dates]
        spans = [(date.start, date.end) for date in dates]
        for unit, date in zip(slot.units, dates, strict=True):
            if unit:
                draft.decide(Slot([unit]), [(date.start, date.end)], _long(date))
        slot.edits.append(Edit(*spans[0], "{{ date }}"))
    elif len({plain(text) for text in slot.texts}) > 1:
        _add_date_column(draft, slot, dates)


def _long(date: FoundDate) -> str:
    return replace(date, pattern="").write()


def _settled_order(
    draft: TemplateDraft, units: Sequence[Unit], dates: Sequence[FoundDate]
) -> list[FoundDate]:
    """Ask whether day or month is first, if nothing shows it."""
    first = next((n for n, date in enumerate(dates) if not date.other_day), None)
    if first is not None or not dates[0].other_day:
        return [*dates]
    text = units[0].text[dates[0].start : dates[0].end]
    day, other = (format_date(d, "long", "en_GB") for d in (dates[0].day, dates[0].other_day))
    if not draft.dialogue.ask("date order", text, text=text, day=day, other_day=other):
        return [*dates]
    return [date.with_months_first() for date in dates]


def _add_places(draft: TemplateDraft, slot: Slot, dates: Sequence[FoundDate]) -> None:
    """Make the texts beside the date, such as a town, a column if they differ."""
    texts = slot.texts
    before = [text[: date.start] for text, date in zip(texts, dates, strict=True)]
    after = [text[date.end :] for text, date in zip(texts, dates, strict=True)]
    for sides, offset in ((before, 0), (after, dates[0].end)):
        values = [one_space(side).strip(" ,") for side in sides]
        if len({*map(plain, sides)}) > 1 and all(values):
            sheet = draft.table.owner(values, prefer_signer=True)
            column = draft.table.ensure(Column(sheet, "Place", values))
            start = offset + sides[0].find(values[0])
            slot.edits.append(value_edit(start, start + len(values[0]), column))
