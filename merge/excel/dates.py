"""Dates, times and elapsed time in a format; names of months and days.

Babel provides the languages (CLDR). Other modules of this package do not use it.
"""

from __future__ import annotations

import datetime as dt
import locale
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import ClassVar, Literal, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from merge.excel.format_codes import (
    HASHES,
    DisplayContext,
    FormatToken,
    FormatTokenKind,
    SectionKind,
    UnsupportedFormatError,
    tokenize,
)
from merge.text.folding import folded


class DateTimeParts(NamedTuple):
    """Date and time parts of an Excel serial number."""

    year: int
    month: int
    day: int
    weekday: int
    """0 is Sunday; before March 1900 it is Excel's weekday, not the true one."""
    hour: int
    minute: int
    second: int
    fraction: int
    """Fraction of the second, in the unit that the format shows."""
    elapsed: int
    """Whole seconds since serial 0 of this workbook."""


NameWidth = Literal["abbreviated", "wide"]
DateFormatPart = str | Callable[[DateTimeParts, str], str]
"""Text, or a function that formats a part of a moment in a language."""


@dataclass(frozen=True, slots=True)
class DateBody:
    """A number format's section with parts of a date or time."""

    kind: ClassVar[SectionKind] = "date"
    parts: tuple[DateFormatPart, ...]
    language: str | None
    """Language in the format; None if it has none."""
    second_decimals: int | None
    """Decimals of seconds, 0 for a time without them, None for no time."""
    has_date: bool
    has_elapsed: bool

    def show(self, magnitude: float, context: DisplayContext, /) -> str:
        """Return the date or time that Excel displays for a serial number.

        Hashes after the year 9999.
        """
        moment = split_serial(magnitude, context.days_to_1900_system, self.second_decimals)
        if moment is None:
            return HASHES
        language = self.language or context.language
        return "".join(p if isinstance(p, str) else p(moment, language) for p in self.parts)


_SYSTEM_FORMATS = {
    "f800": "dddd, mmmm d, yyyy",
    "x-sysdate": "dddd, mmmm d, yyyy",
    "f400": "h:mm:ss AM/PM",
    "x-systime": "h:mm:ss AM/PM",
}
"""Locale tags that show the computer's own long date or time.

Excel ignores the rest of the section. The formats are those of en-US.
"""
_TIME_KINDS: set[FormatTokenKind] = {"elapsed", "half", "point"}


def is_date_section(section: Sequence[FormatToken], tag: str) -> bool:
    """Return whether a section of a number format shows dates or times."""
    kinds = {token.kind for token in section}
    return not kinds.isdisjoint({"date", "elapsed", "half"}) or tag.lower() in _SYSTEM_FORMATS


def parse_date_body(section: Sequence[FormatToken], tag: str) -> DateBody:
    """Return the parsed section of a number format for a date or time.

    `tag` is the text after `[$-`, or empty.
    """
    system_format = _SYSTEM_FORMATS.get(tag.lower())
    codes = date_codes(list(tokenize(system_format)) if system_format else section)
    language = None if system_format or not tag else language_of(tag)
    shows_time = any(
        c.kind in _TIME_KINDS or (c.kind == "date" and c.text[0] in "hns") for c in codes
    )
    decimals = max((len(code.text) - 1 for code in codes if code.kind == "point"), default=0)
    inflected = language is None or inflects_months(language, tag)
    return DateBody(
        parts=tuple(_date_format_parts(codes, decimals, inflected=inflected)),
        language=language,
        second_decimals=decimals if shows_time else None,
        has_date=any(code.kind == "date" and code.text[0] in "ymd" for code in codes),
        has_elapsed=any(code.kind == "elapsed" for code in codes),
    )


def _date_format_parts(
    codes: Sequence[FormatToken], digits: int, *, inflected: bool
) -> Iterator[DateFormatPart]:
    half = any(code.kind == "half" for code in codes)
    beside_day = inflected and any(c.kind == "date" and c.text in {"d", "dd"} for c in codes)
    for code in codes:
        if code.kind == "point":
            yield partial(_fraction, shown=len(code.text) - 1, decimals=digits)
        elif code.kind == "elapsed":
            yield partial(_elapsed, unit=_SECONDS_PER_UNIT[code.text[0]], width=len(code.text))
        elif code.kind == "half":
            is_long = code.text[1] in "mM"
            yield _day_period if is_long else partial(_day_period_letter, code=code.text)
        elif code.kind != "date":
            yield code.text
        elif code.text[0] == "h" and half:
            yield partial(_twelve_hour, width=len(code.text))
        elif code.text in {"mmm", "mmmm", "mmmmm"}:
            yield partial(_month, code=code.text, beside_day=beside_day)
        else:
            yield _FORMATTERS[code.text]


_SECONDS_PER_UNIT = {"h": 3600, "m": 60, "s": 1}


def _fraction(moment: DateTimeParts, _: str, *, shown: int, decimals: int) -> str:
    return "." + str(moment.fraction).zfill(decimals)[:shown]


def _elapsed(moment: DateTimeParts, _: str, *, unit: int, width: int) -> str:
    return str(moment.elapsed // unit).zfill(width)


def _day_period_letter(moment: DateTimeParts, _: str, *, code: str) -> str:
    return code[2 if moment.hour >= 12 else 0]


def _day_period(moment: DateTimeParts, language: str) -> str:
    return day_period_name(language, afternoon=moment.hour >= 12)


def _twelve_hour(moment: DateTimeParts, _: str, *, width: int) -> str:
    return str(moment.hour % 12 or 12).zfill(width)


def _weekday(moment: DateTimeParts, language: str, *, width: NameWidth) -> str:
    return weekday_name(language, moment.weekday, width)


def _month(moment: DateTimeParts, language: str, *, code: str, beside_day: bool) -> str:
    width: NameWidth = "abbreviated" if code == "mmm" else "wide"
    name = month_name(language, moment.month, width, beside_day=beside_day)
    return name[:1] if code == "mmmmm" else name


_FORMATTERS: dict[str, Callable[[DateTimeParts, str], str]] = {
    "y": lambda moment, _: f"{moment.year % 100:02d}",
    "yy": lambda moment, _: f"{moment.year % 100:02d}",
    "yyyy": lambda moment, _: str(moment.year),
    "m": lambda moment, _: str(moment.month),
    "mm": lambda moment, _: f"{moment.month:02d}",
    "d": lambda moment, _: str(moment.day),
    "dd": lambda moment, _: f"{moment.day:02d}",
    "ddd": partial(_weekday, width="abbreviated"),
    "dddd": partial(_weekday, width="wide"),
    "h": lambda moment, _: str(moment.hour),
    "hh": lambda moment, _: f"{moment.hour:02d}",
    "n": lambda moment, _: str(moment.minute),
    "nn": lambda moment, _: f"{moment.minute:02d}",
    "s": lambda moment, _: str(moment.second),
    "ss": lambda moment, _: f"{moment.second:02d}",
}

# Codes of a date format.

_MAX_LETTERS = {"y": 4, "m": 5, "d": 4, "h": 2, "s": 2}
"""Maximum number of letters in a code; more have the same meaning."""


def date_codes(section: Sequence[FormatToken]) -> list[FormatToken]:
    """Return the codes of a date format's section, none of them ambiguous.

    Minutes are `n`, years are `y`, and `.000` is one token of the kind point.
    """
    joined = list(_join_fractions(section))
    return [_month_or_minute(joined, i) for i in range(len(joined))]


def _join_fractions(section: Sequence[FormatToken]) -> Iterator[FormatToken]:
    """Yield tokens of a date format, with decimals of seconds joined.

    Zeros after a point are decimals of a second. Points without zeros, commas and slashes become
    text. Other tokens of numbers are refused.
    """
    index = 0
    while index < len(section):
        token, zeros = section[index], 0
        index += 1
        if token.kind == "point":
            while index < len(section) and section[index] == FormatToken("digit", "0"):
                index, zeros = index + 1, zeros + 1
        if token.kind in {"digit", "percent", "exponent", "general", "text"}:
            raise UnsupportedFormatError(f"a date format with {token.text} in it")
        if zeros:
            yield FormatToken("point", "." + "0" * zeros)
        elif token.kind in {"point", "comma", "slash"}:
            yield FormatToken("literal", token.text)
        elif token.kind == "date":
            yield FormatToken("date", _significant_letters(token.text.lower()))
        else:
            yield token


def _significant_letters(letters: str) -> str:
    """Return the letters of a date code that have a meaning.

    `yyyyy` is `yyyy`, `mmmmmm` is `mmmm`, and `e` is the year.
    """
    letter = letters[0]
    if letter == "e" or letters == "yyy":
        return "yyyy"
    if letter == "m" and len(letters) > 5:
        return "mmmm"
    return letters[: _MAX_LETTERS[letter]]


def _month_or_minute(codes: Sequence[FormatToken], index: int) -> FormatToken:
    """Return a date format's code, with `m` as `n` if it means minutes.

    It does after hours and before seconds.
    """
    code = codes[index]
    if code.kind != "date" or code.text not in {"m", "mm"}:
        return code
    kinds = {"date", "elapsed"}
    before = next((c.text[0] for c in reversed(codes[:index]) if c.kind in kinds), "")
    after = next((c.text[0] for c in codes[index + 1 :] if c.kind in kinds), "")
    return (
        FormatToken("date", code.text.replace("m", "n")) if before == "h" or after == "s" else code
    )


# From serial numbers to dates and times, with the day that only Excel has.

LAST_SERIAL = 2958465
"""31 December 9999 in the 1900 date system: ECMA-376 part 1, 18.17.4.1."""
FALSE_LEAP_DAY = 60
"""29 February 1900; Excel counts it as Lotus 1-2-3 did, but it never was."""
_DAY_BEFORE_FIRST = dt.date(1899, 12, 31).toordinal()
_DAY_MS = 86_400_000
_MIDNIGHT = dt.datetime.combine(dt.date.min, dt.time.min)


def split_serial(serial: float, shift: int, digits: int | None) -> DateTimeParts | None:
    """Return date and time of a serial number from 0; None after year 9999.

    `digits` is the number of decimals of a second in the format. The time is first rounded to them,
    so that 59.9 seconds become a minute. It is None for a format without time: then the day is
    never rounded up.
    """
    days, elapsed, fraction = math.floor(serial), 0, 0
    if digits is not None and serial <= LAST_SERIAL + 1:
        unit = 10**digits
        elapsed, fraction = divmod(math.floor(serial * 86400 * unit + 0.5), unit)
        days = elapsed // 86400
    if days + shift > LAST_SERIAL:
        return None
    minutes, second = divmod(elapsed % 86400, 60)
    hour, minute = divmod(minutes, 60)
    year, month, day = _calendar_day(days + shift)
    return DateTimeParts(
        year=year,
        month=month,
        day=day,
        weekday=(days + shift - 1) % 7,
        hour=hour,
        minute=minute,
        second=second,
        fraction=fraction,
        elapsed=elapsed,
    )


def _calendar_day(serial: int) -> tuple[int, int, int]:
    """Return year, month, day; serial 0 is Excel's 0 January 1900."""
    if serial > FALSE_LEAP_DAY:
        day = dt.date.fromordinal(_DAY_BEFORE_FIRST + serial - 1)
        return day.year, day.month, day.day
    if serial == FALSE_LEAP_DAY:
        return 1900, 2, 29
    return (1900, 1, serial) if serial <= 31 else (1900, 2, serial - 31)


def to_datetime(serial: float, shift: int) -> dt.datetime | None:
    """Return the date and time of a serial number, to the millisecond.

    Excel stores it so exactly. None if the calendar does not have the day: before 1 January 1900,
    29 February 1900, and after 9999.
    """
    if not 0 <= serial <= LAST_SERIAL + 1:
        return None
    days, milliseconds = divmod(math.floor(serial * _DAY_MS + 0.5), _DAY_MS)
    days += shift
    if not 1 <= days <= LAST_SERIAL or days == FALSE_LEAP_DAY:
        return None
    ordinal = _DAY_BEFORE_FIRST + days - (days > FALSE_LEAP_DAY)
    start = dt.datetime.combine(dt.date.fromordinal(ordinal), dt.time.min)
    return start + dt.timedelta(milliseconds=milliseconds)


def to_time(serial: float) -> dt.time:
    """Return the time of day of a serial number, to the millisecond."""
    milliseconds = math.floor(serial * _DAY_MS + 0.5) % _DAY_MS
    return (_MIDNIGHT + dt.timedelta(milliseconds=milliseconds)).time()


# The language of a format: MS-LCID, the Windows language codes.

_ENGLISH = "en_US"
_SYSTEM_LANGUAGES = {0x0, 0x1, 0x2, 0x400, 0x800}
"""Codes of the computer's own language; 1 and 2 are from `[$€-2]`."""
_HEX_CODE = re.compile(r"[0-9]{1,2}|[0-9A-Fa-f]{3,8}")
"""A language code; `de` or `fa` is a language's name instead."""
_LOW_WORD = 0xFFFF
_INFLECTED_ON_REQUEST = frozenset({"be", "ru", "uk"})
"""Languages that Excel inflects only for codes like FC19, not for 419."""


def language_of(tag: str) -> str | None:
    """Return Babel's name of the language after `[$-` in a number format.

    None means the computer's own language. Examples are `40C`, `FC19`, `1010409`, `fr-FR`,
    `fr-FR,100`: MS-LCID with digits and calendar before or after it. Raise UnsupportedFormatError
    for an unknown language, calendar or kind of digits, because a date of another calendar is
    another date.
    """
    refuse_other_digits(tag)
    if _digits_and_calendar(tag) & 0x7F > 1:
        raise UnsupportedFormatError(f"[$-{tag}] asks for another calendar")
    name = tag.partition(",")[0].removesuffix("-x-gannen").replace("-", "_")
    if _HEX_CODE.fullmatch(tag):
        code = int(tag, 16) & _LOW_WORD
        if code in _SYSTEM_LANGUAGES:
            return None
        main = code & 0x3FF  # FC19 is Russian (19) with inflected months
        names = locale.windows_locale
        name = names.get(code) or names.get(0x400 | main) or ""
    try:
        # Babel has `Sept` and `pm` for British English, but Excel does not.
        return _ENGLISH if _babel_locale(name).language == "en" else name
    except ValueError:
        raise UnsupportedFormatError(f"[$-{tag}] names a language that is not known here") from None


def refuse_other_digits(tag: str) -> None:
    """Raise UnsupportedFormatError for digits of another script."""
    if _digits_and_calendar(tag) >> 8 & 0x7F > 1:
        raise UnsupportedFormatError(f"[$-{tag}] asks for the digits of another script")


def _digits_and_calendar(tag: str) -> int:
    """Return digits and calendar in a format's locale tag, a byte each.

    They are the upper half of a code, or follow a name.
    """
    if _HEX_CODE.fullmatch(tag):
        return int(tag, 16) >> 16
    _, comma, text = tag.partition(",")
    if comma and not _HEX_CODE.fullmatch(text) and not text.isdigit():
        raise UnsupportedFormatError(f"[$-{tag}] in a number format is not known here")
    code = int(text or "0", 16)
    return code >> 16 if code > _LOW_WORD else code


def inflects_months(language: str, tag: str) -> bool:
    """Return whether Excel inflects a month beside a day.

    `tag` is the locale tag that names the language.
    """
    main = language.partition("_")[0]
    return main not in _INFLECTED_ON_REQUEST or bool(re.fullmatch(r"(?i)f[0-9a-f]{3}", tag))


# Names of months and days in a language, and written dates.

_INFLECTED_LANGUAGES = frozenset({"be", "cs", "el", "fi", "hr", "hy", "lt", "pl", "ru", "sk", "uk"})
"""Languages whose months have another form beside a day: ноября, ноябрь."""
_BARE_NAME_LANGUAGES = frozenset({"ca", "de"})
"""Languages whose names beside a day have more than Excel shows.

For example `de novembre` and `Nov.`.
"""


@lru_cache(maxsize=2048)
def month_name(language: str, month: int, width: NameWidth, *, beside_day: bool) -> str:
    """Return the name of a month, 1 to 12, in a language.

    `beside_day` is for its form in `28 ноября`.
    """
    main = language.partition("_")[0]
    alone = main in _BARE_NAME_LANGUAGES or (main in _INFLECTED_LANGUAGES and not beside_day)
    # Babel 2.18 mixes up languages without separate forms for a name alone.
    names = _babel_locale(language).months["stand-alone" if alone else "format"][width]
    return str(names[month])


@lru_cache(maxsize=512)
def weekday_name(language: str, weekday: int, width: NameWidth) -> str:
    """Return the name of a weekday in a language; 0 is Sunday."""
    context = "stand-alone" if language.partition("_")[0] in _BARE_NAME_LANGUAGES else "format"
    return str(_babel_locale(language).days[context][width][(weekday - 1) % 7])


@lru_cache(maxsize=512)
def day_period_name(language: str, *, afternoon: bool) -> str:
    """Return AM or PM in a language."""
    names = _babel_locale(language).day_periods["format"]["abbreviated"]
    return str(names["pm" if afternoon else "am"])


@lru_cache(maxsize=4096)
def long_date(day: dt.date, language: str) -> str:
    """Return a date as in a letter: `28 November 2025`, `1er novembre 2025`.

    Raise ValueError if Babel does not know the language.
    """
    parsed = _babel_locale(language)
    text = format_date(day, "long", locale=parsed)
    return re.sub(r"^1(?= )", "1er", text) if parsed.language == "fr" else text


def language_name(language: str) -> str:
    """Return the English name of a language, such as `French` for `fr`.

    Raise ValueError if Babel does not know the language.
    """
    return _babel_locale(language).english_name or language


@lru_cache(maxsize=128)
def month_numbers(language: str) -> Mapping[str, int]:
    """Return the number of each name of a month, long or short, without dots.

    The names are in lower case, in the forms of dates and of single words. Raise ValueError if
    Babel does not know the language.
    """
    months = _babel_locale(language).months
    return {name: month for month in range(1, 13) for name in _every_name(months, month)}


@lru_cache(maxsize=2048)
def month_and_weekday_names(month: int, weekday: int, language: str) -> frozenset[str]:
    """Return the names of a month and of a weekday; 0 is Monday."""
    names = _babel_locale(language)
    return frozenset((*_every_name(names.months, month), *_every_name(names.days, weekday)))


def _every_name(forms: Mapping[str, Mapping[str, Mapping[int, str]]], key: int) -> Iterator[str]:
    for widths in forms.values():
        for width in ("wide", "abbreviated"):
            yield folded(str(widths[width][key])).rstrip(".")


@lru_cache(maxsize=1024)
def babel_language(text: str) -> str:
    """Return Babel's name of a language, such as `pt_BR` for `pt-br`.

    Empty if Babel does not know it.
    """
    try:
        return str(_babel_locale(text.strip()))
    except (ValueError, TypeError):
        return ""


@lru_cache(maxsize=128)
def _babel_locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"{language} is not a language that is known here") from None


_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:\.|er|º|st|nd|rd|th)? (?:de )?"
    r"(?P<month>[^\d\s.,]+)[.,]? (?:de )?(?P<year>\d{4})"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[^\d\s.,]+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})"
)


def parse_written_date(text: str, language: str) -> dt.date | None:
    """Return the date in `2026-03-04` or `4 March 2026`; None if ambiguous.

    Months are in English or the given language. `04/03/2026` is ambiguous: April to some readers
    and March to others.
    """
    normalised = folded(text)
    match = _DAY_FIRST.fullmatch(normalised) or _MONTH_FIRST.fullmatch(normalised)
    try:
        if not match:
            return dt.date.fromisoformat(normalised) if "-" in normalised else None
        numbers = {**month_numbers("en"), **month_numbers(language)}
        month = numbers.get(match["month"], 0)
        return dt.date(int(match["year"]), month, int(match["day"]))
    except ValueError:
        return None
