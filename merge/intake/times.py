"""When answers were sent: the texts of a column -> moments, for *newer* and for nothing else.

Whether a day or a month comes first is one for the whole column: the first number above 12 tells.
Without any, it is clear only where one reading is far shorter than the other, and that is in the
order of the rows, or has the clock of those who write the month first, or it makes no difference.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from merge.excel.dates import month_numbers
from merge.text.folding import plain_letters

DateOrder = Literal["day first", "month first"]

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})[-/.]\s?(\d{4}|\d{2})(?!\d)")
_DAY_THEN_MONTH_NAME = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:de )?"
    r"([^\W\d_]{3,})\.?[\s,-]+(?:de )?(\d{4})"
)
_MONTH_NAME_THEN_DAY = re.compile(
    r"(?<![^\W\d_])([^\W\d_]{3,}+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
)
_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(.*)")
_ZONE = re.compile(r"(?:gmt|utc)?\s?([+\-−])(\d{1,2}):?(\d{2})?(?!\d)")
_LANGUAGES = ("en", "fr", "es", "de", "ru", "uk", "ar", "it", "pt", "pl", "nl", "tr")
_AFTERNOON = re.compile(
    r"p\.?\s?m\.?|μ\.?μ|ب\.?\s?م|م(?:ساء)?\b|пп|дп\.|ip\.|sore|下午|오후|午後|ös|odp|popołudniu|pomeriggio"
)
_MORNING = re.compile(r"a\.?\s?m\.?|π\.?μ|ق\.?\s?م|ص(?:باحا)?\b|дп|öö|上午|오전|午前|rano")
_TWELVE_HOURS = re.compile(r"\d\s?[ap]\.?m\b", re.IGNORECASE)
_LEAST_SPAN_RATIO = 3
"""How many times longer the one reading must be for the shorter to be right."""


@dataclass(frozen=True, slots=True)
class ColumnMoments:
    """The moments of a column, None for a cell that tells none.

    `is_clear` is False where a day could be a month, and it makes a difference which came first:
    then there are no moments.
    """

    moments: tuple[dt.datetime | None, ...]
    is_clear: bool = True


def read_moments(texts: Sequence[str]) -> ColumnMoments:
    """Return the moments of a column's texts; those with a zone are in UTC."""
    order = _stated_order(texts)
    if order:
        return ColumnMoments(tuple(parse_moment(text, order) for text in texts))
    by_day = tuple(parse_moment(text, "day first") for text in texts)
    by_month = tuple(parse_moment(text, "month first") for text in texts)
    if by_day == by_month:
        return ColumnMoments(by_day)
    short, long = sorted((by_day, by_month), key=_span)
    is_far = _span(long) >= _LEAST_SPAN_RATIO * max(_span(short), dt.timedelta(days=1))
    is_same = _rank_moments(short) == _rank_moments(long)
    is_american = short is by_month and any(map(_TWELVE_HOURS.search, texts))
    if is_far and (is_same or is_american or _is_sorted(short) > _is_sorted(long)):
        return ColumnMoments(short)
    return ColumnMoments((None,) * len(texts), is_clear=is_same)


def _stated_order(texts: Sequence[str]) -> DateOrder | None:
    """Return which comes first in dates of numbers; None where no cell tells, or cells differ."""
    found: set[DateOrder] = set()
    for text in texts:
        if (match := _NUMERIC.search(text)) and not _ISO.search(text):
            if match[2] == "." or int(match[1]) > 12:
                found.add("day first")
            elif int(match[3]) > 12:
                found.add("month first")
    return found.pop() if len(found) == 1 else None


MomentColumn = tuple[dt.datetime | None, ...]


def _rank_moments(column: MomentColumn) -> list[int]:
    known = {at: rank for rank, at in enumerate(sorted({m for m in column if m}))}
    return [known[m] if m else -1 for m in column]


def _span(column: MomentColumn) -> dt.timedelta:
    known = [m for m in column if m]
    return max(known) - min(known) if known else dt.timedelta()


def _is_sorted(column: MomentColumn) -> bool:
    """Return whether a column goes one way, as exports do."""
    known = [m for m in column if m]
    return len(known) > 3 and known in (sorted(known), sorted(known, reverse=True))


def parse_moment(text: str, order: DateOrder = "day first") -> dt.datetime | None:
    """Return the moment that a text tells; None where it tells none."""
    words = plain_letters(text)
    found = _find_day(words, order)
    if not found:
        return None
    day, rest = found
    clock = _TIME.search(rest)
    if not clock:
        return dt.datetime.combine(day, dt.time())
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    before = rest[: clock.start()]
    behind = clock[4]
    if (_AFTERNOON.search(behind) or _AFTERNOON.search(before)) and hour < 12:
        hour += 12
    elif (_MORNING.match(behind) or _MORNING.search(before)) and hour == 12:
        hour = 0
    try:
        at = dt.datetime.combine(day, dt.time(hour, minute, second))
        return at - _utc_offset(behind)
    except (ValueError, OverflowError):
        return None


def _utc_offset(text: str) -> dt.timedelta:
    found = _ZONE.search(text)
    if not found:
        return dt.timedelta()
    away = dt.timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return away if found[1] == "+" else -away


def _find_day(text: str, order: DateOrder) -> tuple[dt.date, str] | None:
    """Return the day that a text begins with or holds, and what stands round it."""
    try:
        if found := _ISO.search(text):
            day = dt.date(int(found[1]), int(found[2]), int(found[3]))
        elif found := _NUMERIC.search(text):
            first, second = int(found[1]), int(found[3])
            year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
            day_first = order == "day first" or found[2] == "."
            month, number = (second, first) if day_first else (first, second)
            day = dt.date(year, month, number)
        elif found := _DAY_THEN_MONTH_NAME.search(text):
            day = dt.date(int(found[3]), _month_numbers().get(found[2], 0), int(found[1]))
        elif found := _MONTH_NAME_THEN_DAY.search(text):
            day = dt.date(int(found[3]), _month_numbers().get(found[1], 0), int(found[2]))
        else:
            return None
    except ValueError:
        return None
    return day, f"{text[: found.start()]} {text[found.end() :]}"


@cache
def _month_numbers() -> Mapping[str, int]:
    """Return the names of months in several languages, without accents, each with its number."""
    found: dict[str, int] = {}
    for language in reversed(_LANGUAGES):
        found |= {plain_letters(n): month for n, month in month_numbers(language).items()}
    return found
