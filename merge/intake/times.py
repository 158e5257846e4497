"""Submission times of responses, used only to decide which is newer.

Whether the day or the month comes first is decided for the complete column. The first number above
12 shows it. Without one, the order is clear only if one reading is far shorter than the other. In
addition, one of these must be true:

1. The shorter reading is in the order of the rows.
2. It has a 12-hour clock, as people write who put the month first.
3. Both readings give the same order of responses.
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
"""Least ratio of the two readings' spans of time.

If it is reached, the shorter reading may be right."""


@dataclass(frozen=True, slots=True)
class SubmissionTimes:
    """The submission times of a column's cells; None for a cell without one.

    `is_clear` is False if a day may be a month, and this changes the order. In that case there are
    no times.
    """

    moments: tuple[dt.datetime | None, ...]
    is_clear: bool = True


def read_moments(texts: Sequence[str]) -> SubmissionTimes:
    """Return the moments of a column's texts; those with a time zone in UTC."""
    order = _stated_order(texts)
    if order:
        return SubmissionTimes(tuple(parse_moment(text, order) for text in texts))
    by_day = tuple(parse_moment(text, "day first") for text in texts)
    by_month = tuple(parse_moment(text, "month first") for text in texts)
    if by_day == by_month:
        return SubmissionTimes(by_day)
    shorter, longer = sorted((by_day, by_month), key=_span)
    is_far = _span(longer) >= _LEAST_SPAN_RATIO * max(_span(shorter), dt.timedelta(days=1))
    is_same = _rank_moments(shorter) == _rank_moments(longer)
    is_american = shorter is by_month and any(map(_TWELVE_HOURS.search, texts))
    if is_far and (is_same or is_american or _is_sorted(shorter) > _is_sorted(longer)):
        return SubmissionTimes(shorter)
    return SubmissionTimes((None,) * len(texts), is_clear=is_same)


def _stated_order(texts: Sequence[str]) -> DateOrder | None:
    """Return the order of dates in numbers, or None if cells do not agree.

    It is also None if no cell shows an order.
    """
    orders: set[DateOrder] = set()
    for text in texts:
        if (match := _NUMERIC.search(text)) and not _ISO.search(text):
            if match[2] == "." or int(match[1]) > 12:
                orders.add("day first")
            elif int(match[3]) > 12:
                orders.add("month first")
    return orders.pop() if len(orders) == 1 else None


MomentColumn = tuple[dt.datetime | None, ...]


def _rank_moments(column: MomentColumn) -> list[int]:
    known = {at: rank for rank, at in enumerate(sorted({m for m in column if m}))}
    return [known[m] if m else -1 for m in column]


def _span(column: MomentColumn) -> dt.timedelta:
    known = [m for m in column if m]
    return max(known) - min(known) if known else dt.timedelta()


def _is_sorted(column: MomentColumn) -> bool:
    """Return True if a column is sorted in either direction, as exports are."""
    known = [m for m in column if m]
    return len(known) > 3 and known in (sorted(known), sorted(known, reverse=True))


def parse_moment(text: str, order: DateOrder = "day first") -> dt.datetime | None:
    """Return the date and time that a text contains, or None."""
    words = plain_letters(text)
    day_and_rest = _find_day(words, order)
    if not day_and_rest:
        return None
    day, rest = day_and_rest
    clock = _TIME.search(rest)
    if not clock:
        return dt.datetime.combine(day, dt.time())
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    before = rest[: clock.start()]
    after = clock[4]
    if (_AFTERNOON.search(after) or _AFTERNOON.search(before)) and hour < 12:
        hour += 12
    elif (_MORNING.match(after) or _MORNING.search(before)) and hour == 12:
        hour = 0
    try:
        at = dt.datetime.combine(day, dt.time(hour, minute, second))
        return at - _utc_offset(after)
    except (ValueError, OverflowError):
        return None


def _utc_offset(text: str) -> dt.timedelta:
    match = _ZONE.search(text)
    if not match:
        return dt.timedelta()
    offset = dt.timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return offset if match[1] == "+" else -offset


def _find_day(text: str, order: DateOrder) -> tuple[dt.date, str] | None:
    """Return the day that a text contains and the text around it, or None."""
    try:
        if match := _ISO.search(text):
            day = dt.date(int(match[1]), int(match[2]), int(match[3]))
        elif match := _NUMERIC.search(text):
            first, second = int(match[1]), int(match[3])
            year = int(match[4]) + (2000 if len(match[4]) == 2 else 0)
            day_first = order == "day first" or match[2] == "."
            month, number = (second, first) if day_first else (first, second)
            day = dt.date(year, month, number)
        elif match := _DAY_THEN_MONTH_NAME.search(text):
            day = dt.date(int(match[3]), _month_numbers().get(match[2], 0), int(match[1]))
        elif match := _MONTH_NAME_THEN_DAY.search(text):
            day = dt.date(int(match[3]), _month_numbers().get(match[1], 0), int(match[2]))
        else:
            return None
    except ValueError:
        return None
    return day, f"{text[: match.start()]} {text[match.end() :]}"


@cache
def _month_numbers() -> Mapping[str, int]:
    """Return month numbers by name in several languages, without accents."""
    numbers: dict[str, int] = {}
    for language in reversed(_LANGUAGES):
        numbers |= {plain_letters(n): month for n, month in month_numbers(language).items()}
    return numbers
