"""The names of months and days in a language. The door to Babel."""

from __future__ import annotations

import datetime as dt
import locale
import re
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from merge.cells.unsupported import UnsupportedFormat

Width = Literal["abbreviated", "wide"]

_ENGLISH = "en_US"
_SYSTEM = {0x0, 0x1, 0x2, 0x400, 0x800}
"""Codes that stand for the computer's own language; 1 and 2 are the euro's, `[$€-2]`."""

_HEX = re.compile(r"[0-9]{1,2}|[0-9A-Fa-f]{3,8}")
"""A code; `de` or `fa` is a name."""

_HALF = 0xFFFF

_INFLECTED = frozenset({"be", "cs", "el", "fi", "hr", "hy", "lt", "pl", "ru", "sk", "uk"})
"""Languages that name a month otherwise beside a day: ноября, alone ноябрь."""

_ONLY_ON_REQUEST = frozenset({"be", "ru", "uk"})
"""Languages that Excel inflects only under a code such as FC19, not under 419."""

_BARE_NAMES = frozenset({"ca", "de"})
"""Languages whose names beside a day hold more than Excel shows: `de novembre`, `Nov.`"""


def language_of(tag: str) -> str | None:
    """The language of what stands after `[$-`, as Babel names it; None for the computer's own.

    `40C`, `FC19`, `1010409`, `fr-FR`, `fr-FR,100`: MS-LCID, digits and calendar before or after.
    Raises UnsupportedFormat for a language, calendar or digits that are not known here: a date
    of another calendar is another date.
    """
    refuse_other_digits(tag)
    if _digits_and_calendar(tag) & 0x7F > 1:
        raise UnsupportedFormat(f"[$-{tag}] asks for another calendar")
    if _HEX.fullmatch(tag):
        return _of_code(int(tag, 16) & 0xFFFF, tag)
    return _known(tag.partition(",")[0].removesuffix("-x-gannen").replace("-", "_"), tag)


def refuse_other_digits(tag: str) -> None:
    """Raise UnsupportedFormat where a tag asks for digits other than 0 to 9."""
    if _digits_and_calendar(tag) >> 8 & 0x7F > 1:
        raise UnsupportedFormat(f"[$-{tag}] asks for the digits of another script")


def _digits_and_calendar(tag: str) -> int:
    """The upper half of a code, or what follows a name: a byte for digits, one for calendar."""
    if _HEX.fullmatch(tag):
        return int(tag, 16) >> 16
    _, comma, text = tag.partition(",")
    if comma and not _HEX.fullmatch(text) and not text.isdigit():
        raise UnsupportedFormat(f"[$-{tag}] in a number format is not known here")
    code = int(text or "0", 16)
    return code >> 16 if code > _HALF else code


def _of_code(code: int, tag: str) -> str | None:
    if code in _SYSTEM:
        return None
    main = code & 0x3FF  # FC19 is Russian with inflected months, 19 being Russian
    name = locale.windows_locale.get(code) or locale.windows_locale.get(0x400 | main)
    return _known(name or "", tag)


def _known(name: str, tag: str) -> str:
    try:
        language = Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise UnsupportedFormat(f"[$-{tag}] names a language that is not known here") from None
    # Babel has `Sept` and `pm` for British English, Excel has not.
    return _ENGLISH if language.language == "en" else name


def inflects(language: str, tag: str) -> bool:
    """Whether Excel inflects a month beside a day, of a language named by this tag."""
    main = language.partition("_")[0]
    return main not in _ONLY_ON_REQUEST or bool(re.fullmatch(r"(?i)f[0-9a-f]{3}", tag))


@lru_cache(maxsize=2048)
def month_name(language: str, month: int, width: Width, *, beside_day: bool) -> str:
    """The name of a month, 1 to 12; `beside_day` for its form in `28 ноября`."""
    main = language.partition("_")[0]
    alone = main in _BARE_NAMES or (main in _INFLECTED and not beside_day)
    # Babel 2.18 mixes up languages that have no forms of their own for a name alone.
    names = _locale(language).months["stand-alone" if alone else "format"][width]
    return str(names[month])


@lru_cache(maxsize=512)
def weekday_name(language: str, weekday: int, width: Width) -> str:
    """The name of a day of the week, 0 being Sunday."""
    context = "stand-alone" if language.partition("_")[0] in _BARE_NAMES else "format"
    return str(_locale(language).days[context][width][(weekday - 1) % 7])


@lru_cache(maxsize=512)
def half_name(language: str, *, afternoon: bool) -> str:
    """AM or PM in a language."""
    names = _locale(language).day_periods["format"]["abbreviated"]
    return str(names["pm" if afternoon else "am"])


@lru_cache(maxsize=4096)
def long_date(day: dt.date, language: str) -> str:
    """A date as a letter has it: `28 November 2025`, `1er novembre 2025`.

    Raises ValueError for a language that Babel does not know.
    """
    found = _locale(language)
    text = format_date(day, "long", locale=found)
    return re.sub(r"^1(?= )", "1er", text) if found.language == "fr" else text


@lru_cache(maxsize=128)
def month_names(language: str) -> frozenset[str]:
    """All names of months in a language, short and long, in small letters and without dots.

    Raises ValueError for a language that Babel does not know.
    """
    forms = _locale(language).months["format"]
    names = [*forms["wide"].values(), *forms["abbreviated"].values()]
    return frozenset(str(name).lower().rstrip(".") for name in names)


@lru_cache(maxsize=128)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"{language} is not a language that is known here") from None
