"""The dates of letters, and the placeholders that write them again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from babel.dates import format_date

from merge.excel.dates import long_date, month_numbers, weekday_name
from merge.starting.address_lines import kind_scores
from merge.starting.alignment import Slot
from merge.starting.columns import Column, Edit, value_edit
from merge.starting.draft import Decision, TemplateDraft, one_space
from merge.starting.words import plain
from merge.text.folding import folded

_DAY, _YEAR = r"\d{1,2}(?:\.|st|nd|rd|th|er|º)?", r"(?:19|20)\d\d"
_WORD = r"[^\W\d_]{3,20}"
DATE = (
    rf"(?:{_DAY}[ ./-](?:de |of )?(?:{_WORD}\.?|\d{{1,2}})"
    rf"[ ./-]?,?[ ]?(?:del? )?{_YEAR}"
    rf"|{_WORD} {_DAY}(?: |, ?){_YEAR}|\b{_YEAR}-\d\d-\d\d\b)"
)
"""The expression of a date with a year, in any form."""
_DATE = re.compile(rf"(?P<first>{_WORD},? )?{DATE}(?:\.| (?:г\.|р\.|року|года))?")
_LONGEST_DATE = 40
"""Characters of a line that is a date."""


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A day in a text, from the character `start`.

    The `date` filter writes it again with `pattern`, in `language`; the pattern is empty for the
    long date, and None if none writes it. `other` is the date with the month first.
    """

    start: int
    text: str
    day: dt.date
    language: str
    pattern: str | None = None
    other: FoundDate | None = None

    @property
    def end(self) -> int:
        """The character after it."""
        return self.start + len(self.text)

    @property
    def has_words(self) -> bool:
        """Whether it has the name of a month or of a day of the week."""
        return not self.pattern or re.search("MMM|EEE", self.pattern) is not None

    def placeholder(self, language: str) -> str:
        """Return the placeholder that writes the day in letters of a language."""
        if self.has_words and language not in ("", self.language):
            return f'{{{{ date|date("{self.pattern or ""}", "{self.language}") }}}}'
        return f'{{{{ date|date("{self.pattern}") }}}}' if self.pattern else "{{ date }}"


def has_year(text: str) -> bool:
    """Return whether a text may be a date in any form."""
    return re.search(r"\b(?:19|20)\d\d\b", text) is not None


@cache
def find_date(text: str, language: str = "en") -> FoundDate | None:
    """Return the first day in a text, or None."""
    for match in _DATE.finditer(text.replace("\u00a0", " ")):
        first = folded(match["first"] or "").rstrip(", ")
        is_of_date = first in month_numbers(language) or first in _weekdays(language)
        start = match.start() if is_of_date else match.end("first") if first else match.start()
        words = match.string[start : match.end()]
        if not long_date(dt.date.min, language).endswith("."):
            words = words.rstrip(".")
        if start and text[start - 1].isalnum():
            continue
        numbers = re.search(r"\d{1,4}[ ./-]{1,2}\d{1,2}[ ./-]{1,2}\d{1,4}", words)
        found = (
            _read_numbers(numbers[0], start + numbers.start(), language)
            if numbers
            else _read_words(words, start, language)
        )
        if found:
            return found
    return None


def _weekdays(language: str) -> dict[str, str]:
    return {folded(weekday_name(language, day, "wide")): "EEEE" for day in range(7)}


def _read_numbers(text: str, start: int, language: str) -> FoundDate | None:
    """Return the day in numbers: day first, month first, or year first."""
    numbers = re.findall(r"\d+", text)
    is_padded = all(len(number) > 1 for number in numbers)
    found: FoundDate | None = None
    for letters in ("yMd",) if len(numbers[0]) == 4 else ("Mdy", "dMy"):
        number = {letter: int(digits) for letter, digits in zip(letters, numbers, strict=True)}
        widths = {"y": "yyyy", "M": "MM" if is_padded else "M", "d": "dd" if is_padded else "d"}
        written = iter(letters)
        pattern = re.sub(r"\d+", lambda _: widths[next(written)], text)  # noqa: B023
        day = _day(number["y"], number["M"], number["d"])
        if day and format_date(day, pattern, language) == text:
            other = found if found and found.day != day else None
            found = replace(FoundDate(start, text, day, language), pattern=pattern, other=other)
    return found


def _read_words(text: str, start: int, language: str) -> FoundDate | None:
    """Return the day in a text with the name of its month."""
    months, weekdays = month_numbers(language), _weekdays(language)
    words = [folded(word) for word in re.findall(r"[^\W\d_]+", text)]
    month = next((months[word] for word in words if word in months), 0)
    numbers = sorted(map(int, re.findall(r"\d+", text)))
    day = _day(numbers[-1], month, numbers[0]) if len(numbers) == 2 else None
    if day is None:
        return None

    def part(match: re.Match[str]) -> str:
        word = match[0]
        if word.isdigit():
            return "yyyy" if len(word) == 4 else "dd" if word[0] == "0" else "d"
        is_month = folded(word) in months
        return "MMMM" if is_month else weekdays.get(folded(word), f"'{word}'")

    wide = re.sub(r"\d+|[^\W\d_]+", part, text)
    has_ordinal = re.search(r"\d[^\W\d_]", text)
    patterns = ("",) if has_ordinal else ("", wide, wide.replace("MMMM", "MMM"))
    codes = (language, "en_GB") if language == "en" else (language,)
    for pattern, code in product(patterns, codes):
        written = format_date(day, pattern, code) if pattern else long_date(day, code)
        if plain(written) == plain(text):
            return replace(FoundDate(start, text, day, code), pattern=pattern)
    return FoundDate(start, text, day, language)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def find_letter_date(draft: TemplateDraft, slots: Sequence[Slot]) -> None:
    """Replace the date of the letters: the latest one, if there are several."""
    days = {
        slot: date.day
        for slot in slots
        if slot.first.zone == "date" and (date := find_date(slot.first.text, draft.language))
    }
    for slot in sorted(days, key=lambda slot: days[slot], reverse=True):
        _replace_date(draft, slot)


def _replace_date(draft: TemplateDraft, slot: Slot) -> None:
    """Replace the date of a line, if all letters have one."""
    units = [unit for unit in slot.units if unit and unit.zone == "date"]
    if len(units) < draft.count:
        return
    letters = zip(units, draft.letters, strict=True)
    dates = [date for u, letter in letters if (date := find_date(u.text, letter.language))]
    readings = [{(d.pattern, d.language): d for d in (x, x.other) if d} for x in dates]
    if len(dates) < draft.count:
        return
    common = [key for key in readings[0] if all(key in reading for reading in readings)]
    if common:
        dates = [reading[common[0]] for reading in readings]
    first, words = dates[0], dates[0].text
    if any(draft.days) and [date.day for date in dates] != draft.days:
        return
    varies = len({plain(date.text) for date in dates})
    if not common:
        form = (first.pattern, first.language)
        second = next(d.text for d, r in zip(dates, readings, strict=True) if form not in r)
        fields = {"first": words, "second": second, "day": _written(first, first)}
        is_date = draft.dialogue.ask("date forms", words, **fields) == 1
    elif first.pattern is None:
        day = _written(first, first)
        is_date = bool(draft.dialogue.ask("date form", words, text=words, day=day))
    else:
        is_date = varies == 1 or not draft.dialogue.ask("dates", "")
    if is_date and len(common) > 1:
        days = [format_date(readings[0][key].day, "long", "en_GB") for key in common]
        order = draft.dialogue.ask("date order", words, text=words, day=days[0], other_day=days[1])
        dates = [reading[common[order]] for reading in readings]
    if is_date:
        _use_date(draft, slot, dates)
    elif varies > 1:
        column = draft.table.ensure(Column("recipient", "Date", [d.text for d in dates]))
        slot.edits.append(value_edit(first.start, first.end, column))
    _add_places(draft, slot, dates)


def _written(date: FoundDate, form: FoundDate) -> str:
    """Return a date in the form of another, or in the long form."""
    if form.pattern:
        return format_date(date.day, form.pattern, form.language)
    return long_date(date.day, form.language)


def _use_date(draft: TemplateDraft, slot: Slot, dates: Sequence[FoundDate]) -> None:
    """Replace the dates, by the form of the first if a placeholder writes it."""
    first = dates[0]
    draft.days = [date.day for date in dates]
    if first.has_words:
        draft.language = first.language
    for unit, date in zip(slot.units, dates, strict=True):
        text = _written(date, first)
        if unit and plain(date.text) != plain(text):
            draft.decisions.append(Decision(unit, date.start, date.end, text))
    slot.edits.append(Edit(first.start, first.end, first.placeholder(draft.workbook_language)))


def _add_places(draft: TemplateDraft, slot: Slot, dates: Sequence[FoundDate]) -> None:
    """Make the text before the date, such as a town, a column if it differs."""
    texts = [text[: date.start] for text, date in zip(slot.texts, dates, strict=True)]
    values = [one_space(text).strip(" ,") for text in texts]
    if len({*map(plain, texts)}) > 1 and all(values):
        sheet = draft.table.owner(values, prefer_signer=True)
        column = draft.table.ensure(Column(sheet, "Place", values))
        start = texts[0].find(values[0])
        slot.edits.append(value_edit(start, start + len(values[0]), column))


def tell_kept_dates(draft: TemplateDraft) -> None:
    """Report lines above the salutation that look like dates, but stay."""
    asked = [q.fields["text"] for q in draft.dialogue.questions if q.kind == "date form"]
    for slot in draft.slots:
        text = slot.first.text
        fixed = "".join(
            " " if any(edit.overlaps(n, n + 1) for edit in slot.edits) else char
            for n, char in enumerate(text)
        )
        is_asked = any(date in text for date in asked)
        is_above = slot.first.zone in ("date", "head") and len(text) < _LONGEST_DATE
        if is_above and not is_asked and _looks_like_date(fixed, draft.language):
            draft.dialogue.tell("date kept", text=text)


def _looks_like_date(text: str, language: str) -> bool:
    lengths = [len(number) for number in re.findall(r"\d+", text)]
    words = map(folded, re.findall(r"[^\W\d_]+", text))
    has_more = len(lengths) > 1 or 4 in lengths or any(w in month_numbers(language) for w in words)
    scores = kind_scores(text)
    is_contact = any(scores[kind] >= 3 for kind in ("phone", "email", "web", "street"))
    return bool(lengths) and max(lengths) <= 4 and has_more and not is_contact
