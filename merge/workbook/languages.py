"""Which languages there are, and dates written as text. A door to Babel."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_month_names

from merge.naming import folded

_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:\.|er|º|st|nd|rd|th)? (?:de )?"
    r"(?P<month>[^\d\s.,]+)[.,]? (?:de )?(?P<year>\d{4})"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[^\d\s.,]+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})"
)


@cache
@lru_cache(maxsize=1024)
def known_language(text: str) -> str:
    """Babel's name of a language, `pt_BR` for `pt-br`; empty where it knows none such."""
    try:
        return str(Locale.parse(text.strip().replace("_", "-"), sep="-"))
    except (UnknownLocaleError, ValueError, TypeError):
        return ""


def written_date(text: str, language: str) -> dt.date | None:
    """The day of `2026-03-04` or `4 March 2026`; None where it could be more than one.

    Months in English or the given language: `04/03/2026` is April to some and March to others.
    """
    words = folded(text)
    found = _DAY_FIRST.fullmatch(words) or _MONTH_FIRST.fullmatch(words)
    try:
        if not found:
            return dt.date.fromisoformat(words) if "-" in words else None
        month = _months(language).get(found["month"], 0)
        return dt.date(int(found["year"]), month, int(found["day"]))
    except ValueError:
        return None


@cache
def _months(language: str) -> Mapping[str, int]:
    """Names of months, whole and short, in the forms that stand in dates and alone."""
    found: dict[str, int] = {}
    for name in ("en", language):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                months = get_month_names(width, context, name)
                found |= {folded(word).rstrip("."): number for number, word in months.items()}
    return found
