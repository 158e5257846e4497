"""Dates, times and elapsed time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from merge.cells import names
from merge.cells.date_codes import date_codes
from merge.cells.serials import Moment, moment
from merge.cells.tokens import Kind, Token, tokens
from merge.cells.view import HASHES, BodyKind, View

Part = str | Callable[[Moment, str], str]
"""Text, or what shows a piece of a moment in a language."""

_SYSTEM_FORMATS = {
    "f800": "dddd, mmmm d, yyyy",
    "x-sysdate": "dddd, mmmm d, yyyy",
    "f400": "h:mm:ss AM/PM",
    "x-systime": "h:mm:ss AM/PM",
}
"""Tags under which Excel shows the computer's own long date or time, whatever follows: en-US."""

_TIME: set[Kind] = {"elapsed", "half", "point"}


@dataclass(frozen=True, slots=True)
class DateBody:
    """A section with date or time in it."""

    kind: ClassVar[BodyKind] = "date"
    parts: tuple[Part, ...]
    language: str | None
    """The language that the format names, None where it names none."""
    digits: int | None
    """Decimals of a second, 0 for a time without them; None where there is no time at all."""
    has_date: bool
    has_elapsed: bool

    def show(self, magnitude: float, view: View, /) -> str:
        """The text of a serial number without sign; hashes after the year 9999."""
        found = moment(magnitude, view.shift, self.digits)
        if found is None:
            return HASHES
        language = self.language or view.language
        return "".join(p if isinstance(p, str) else p(found, language) for p in self.parts)


def is_date(section: Sequence[Token], tag: str) -> bool:
    """Whether the section shows dates or times."""
    kinds = {token.kind for token in section}
    return not kinds.isdisjoint({"date", "elapsed", "half"}) or tag.lower() in _SYSTEM_FORMATS


def date_body(section: Sequence[Token], tag: str) -> DateBody:
    """The section that these tokens say; `tag` is what stands after `[$-`, empty for nothing."""
    system = _SYSTEM_FORMATS.get(tag.lower())
    codes = date_codes(list(tokens(system)) if system else section)
    language = None if system or not tag else names.language_of(tag)
    digits = _digits(codes)
    inflected = language is None or names.inflects(language, tag)
    return DateBody(
        parts=tuple(_parts(codes, digits or 0, inflected=inflected)),
        language=language,
        digits=digits,
        has_date=any(code.kind == "date" and code.text[0] in "ymd" for code in codes),
        has_elapsed=_has(codes, "elapsed"),
    )


def _digits(codes: Sequence[Token]) -> int | None:
    """Decimals of a second that the format shows, None for a format without time."""
    if not any(code.kind in _TIME or code.text[0] in "hns" for code in codes if _is_code(code)):
        return None
    return max((len(code.text) - 1 for code in codes if code.kind == "point"), default=0)


def _is_code(code: Token) -> bool:
    return code.kind == "date" or code.kind in _TIME


def _has(codes: Sequence[Token], kind: Kind) -> bool:
    return any(code.kind == kind for code in codes)


def _parts(codes: Sequence[Token], digits: int, *, inflected: bool) -> Iterator[Part]:
    half = _has(codes, "half")
    beside_day = inflected and any(c.kind == "date" and c.text in {"d", "dd"} for c in codes)
    for code in codes:
        if code.kind == "point":
            yield partial(_fraction, shown=len(code.text) - 1, kept=digits)
        elif code.kind == "elapsed":
            yield partial(_elapsed, unit=_SECONDS[code.text[0]], width=len(code.text))
        elif code.kind == "half":
            yield _half_day if code.text[1] in "mM" else partial(_half_letter, code=code.text)
        elif code.kind == "date":
            yield _date_part(code.text, half=half, beside_day=beside_day)
        else:
            yield code.text


def _date_part(text: str, *, half: bool, beside_day: bool) -> Part:
    if text[0] == "h" and half:
        return partial(_half_hour, width=len(text))
    if text in _MONTHS:
        return partial(_MONTHS[text], beside_day=beside_day)
    return _SHOWN[text]


def _fraction(at: Moment, _: str, *, shown: int, kept: int) -> str:
    return "." + str(at.fraction).zfill(kept)[:shown]


def _elapsed(at: Moment, _: str, *, unit: int, width: int) -> str:
    return str(at.elapsed // unit).zfill(width)


def _half_letter(at: Moment, _: str, *, code: str) -> str:
    return code[2 if at.hour >= 12 else 0]


def _half_day(at: Moment, language: str) -> str:
    return names.half_name(language, afternoon=at.hour >= 12)


def _half_hour(at: Moment, _: str, *, width: int) -> str:
    return str(at.hour % 12 or 12).zfill(width)


def _short_month(at: Moment, language: str, *, beside_day: bool) -> str:
    return names.month_name(language, at.month, "abbreviated", beside_day=beside_day)


def _long_month(at: Moment, language: str, *, beside_day: bool) -> str:
    return names.month_name(language, at.month, "wide", beside_day=beside_day)


def _first_letter(at: Moment, language: str, *, beside_day: bool) -> str:
    return _long_month(at, language, beside_day=beside_day)[:1]


_SECONDS = {"h": 3600, "m": 60, "s": 1}

_MONTHS: dict[str, Callable[..., str]] = {
    "mmm": _short_month,
    "mmmm": _long_month,
    "mmmmm": _first_letter,
}

_SHOWN: dict[str, Callable[[Moment, str], str]] = {
    "y": lambda at, _: f"{at.year % 100:02d}",
    "yy": lambda at, _: f"{at.year % 100:02d}",
    "yyyy": lambda at, _: str(at.year),
    "m": lambda at, _: str(at.month),
    "mm": lambda at, _: f"{at.month:02d}",
    "d": lambda at, _: str(at.day),
    "dd": lambda at, _: f"{at.day:02d}",
    "ddd": lambda at, language: names.weekday_name(language, at.weekday, "abbreviated"),
    "dddd": lambda at, language: names.weekday_name(language, at.weekday, "wide"),
    "h": lambda at, _: str(at.hour),
    "hh": lambda at, _: f"{at.hour:02d}",
    "n": lambda at, _: str(at.minute),
    "nn": lambda at, _: f"{at.minute:02d}",
    "s": lambda at, _: str(at.second),
    "ss": lambda at, _: f"{at.second:02d}",
}
