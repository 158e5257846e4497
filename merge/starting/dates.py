"""Days in a letter, and the patterns with which placeholders write them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from babel.dates import format_date

from merge.excel.dates import long_date, month_numbers, parse_written_date
from merge.starting.words import plain
from merge.text.folding import folded

_LANGUAGES = (
    "en_GB",
    "en",
    "fr",
    "es",
    "de",
    "ru",
    "uk",
    "ar",
    "it",
    "pt",
    "pl",
    "nl",
    "tr",
    "sv",
    "hi",
    "ur",
    "sw",
    "am",
)
_PATTERNS = (
    *("", "d MMMM yyyy", "dd MMMM yyyy", "MMMM d, yyyy", "d MMM yyyy", "d. MMMM yyyy"),
    *("dd.MM.yyyy", "d.M.yyyy", "dd/MM/yyyy", "d/M/yyyy", "MM/dd/yyyy", "M/d/yyyy", "yyyy-MM-dd"),
    *("dd-MM-yyyy", "EEEE, d MMMM yyyy", "EEEE, MMMM d, yyyy", "d MMMM, yyyy", "EEEE d MMMM yyyy"),
    *("d 'de' MMMM 'de' yyyy", "d MMMM yyyy 'г.'", "d MMMM yyyy 'р.'", "d MMMM yyyy 'года'"),
    *("d MMMM yyyy 'року'", "EEEE, d. MMMM yyyy", "d MMMM yyyy EEEE"),
)
"""Patterns of the `date` filter; empty for the long date of a language."""
_DAY = r"\d{1,2}(?:\.|st|nd|rd|th|er|º|°)?"
_YEAR = r"(?:19|20)\d\d"
_ONLY_YEAR = re.compile(rf"\b{_YEAR}\b")
_DATE = re.compile(
    rf"(?:[^\W\d]{{3,20}},? )?(?:le )?{_DAY}[ ./-](?:de |of )?(?:[^\W\d]{{3,20}}\.?|\d{{1,2}})"
    rf"[ ./-]?,?[ ]?(?:de )?{_YEAR}(?: (?:г\.|р\.|року|года)| [^\W\d]{{3,12}}(?=$))?"
    rf"|(?:[^\W\d]{{3,20}}, )?[^\W\d]{{3,20}} {_DAY},? {_YEAR}|\b{_YEAR}-\d\d-\d\d\b"
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A day in a text, from `start` to `end`.

    A placeholder writes it again with `pattern`, in `language`. `is_written` if no pattern does.
    `other_day` is the day if day and month are the other way round.
    """

    start: int
    end: int
    day: dt.date
    pattern: str
    language: str
    is_written: bool = True
    other_day: dt.date | None = None

    @property
    def placeholder(self) -> str:
        """The placeholder that writes the day again."""
        return f'{{{{ date|date("{self.pattern}") }}}}' if self.pattern else "{{ date }}"

    def write(self) -> str:
        """Return the day as the placeholder writes it."""
        return _write(self.day, self.pattern, self.language)

    def with_months_first(self) -> FoundDate:
        """Return the date with day and month the other way round."""
        pattern = self.pattern.replace("d", "\0").replace("M", "d").replace("\0", "M")
        return replace(self, day=self.other_day or self.day, pattern=pattern)


def has_year(text: str) -> bool:
    """Return whether a text may be a date in any form."""
    return _ONLY_YEAR.search(text) is not None


@cache
def find_date(text: str, language: str = "en") -> FoundDate | None:
    """Return the first day in a text, or None."""
    for match in _DATE.finditer(text.replace("\u00a0", " ")):
        spaces = (space.end() for space in re.finditer(" ", match[0]))
        for cut in (0, *spaces):
            start = match.start() + cut
            for end in dict.fromkeys((match.end(), start + len(match[0][cut:].rpartition(" ")[0]))):
                if start and text[start - 1].isalnum():
                    continue
                if found := _read(text[start:end], language):
                    return FoundDate(start, end, *found)
    return None


def _read(text: str, language: str) -> tuple[dt.date, str, str, bool, dt.date | None] | None:
    """Return the day that is a whole text, its pattern and language."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    names = [folded(word).rstrip(".") for word in re.findall(r"[^\W\d_]+\.?", text)]
    days_by_language = {}
    for code in sorted(_LANGUAGES, key=lambda code: not code.startswith(language)):
        months = month_numbers(code)
        month = next((months[name] for name in names if name in months), 0)
        days_by_language[code] = [*_days(numbers, month, has_names=bool(names))]
    for pattern in _PATTERNS:
        for code, days in days_by_language.items():
            for day, other in days:
                if plain(_write(day, pattern, code)) == plain(text):
                    return day, pattern, code, True, other
    written = parse_written_date(text, language)
    code = "en_GB" if language == "en" and text[:1].isdigit() else language
    return (written, "", code, False, None) if written else None


def _write(day: dt.date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language) if pattern else long_date(day, language)


def _days(
    numbers: list[int], month: int, *, has_names: bool
) -> Iterator[tuple[dt.date, dt.date | None]]:
    """Yield the days that numbers may mean, day first, and month first."""
    if month and len(numbers) == 2:
        day = _day(numbers[1], month, numbers[0])
        if day:
            yield day, None
    elif len(numbers) == 3 and not has_names:
        first, second, third = numbers
        if first > 31:
            if day := _day(first, second, third):
                yield day, None
            return
        days = [_day(third, second, first), _day(third, first, second)]
        known = [day for day in days if day]
        if known:
            yield known[0], known[1] if len(set(known)) > 1 else None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
