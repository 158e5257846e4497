"""The filters that a tag may use. Each takes and gives text, a list or a value; none can grow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import pass_context
from jinja2.runtime import Context

from merge.cells import long_date
from merge.language.values import NotUsableError, is_blank, plain_xml
from merge.model import Plain, Value

MOST_TEXT = 100_000
"""Characters that one tag may print; Excel's cells end at 32,767."""
MOST_LINES = 1_000


def _plain(value: object) -> Plain | str:
    return value.plain if isinstance(value, Value) else value  # type: ignore[return-value]


def _language(context: Context) -> Locale:
    named = str(context.resolve("language") or "en").replace("-", "_")
    return Locale.parse(named)


@pass_context
def date(context: Context, value: object, pattern: str = "") -> str:
    """A date in the letter's language: `|date`, or with a pattern, `|date("d MMMM yyyy")`."""
    day = _plain(value)
    if is_blank(value):
        return ""
    if not isinstance(day, dt.date):
        what = f'"{value}" is not a date.'
        hint = "Give the cell a date format in Excel, or take |date away."
        raise NotUsableError("not-a-date", what, hint)
    language = _language(context)
    if not pattern:
        return long_date(day, str(language))
    moment = isinstance(day, dt.datetime)
    return str((format_datetime if moment else format_date)(day, pattern, locale=language))


@pass_context
def number(context: Context, value: object, pattern: str = "#,##0.###") -> str:
    """A number in the letter's language: `|number`, or with a pattern, `|number("0.00")`."""
    amount = _plain(value)
    if is_blank(value):
        return ""
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        what = f'"{value}" is not a number.'
        raise NotUsableError(
            "not-a-number", what, "Type a number in the cell, or take |number away."
        )
    return str(format_decimal(amount, pattern, locale=_language(context)))


def default(value: object, instead: str = "", _boolean: object = None) -> object:
    """The value, or another text where it is blank."""
    return instead if is_blank(value) else value


def lines(value: object) -> tuple[str, ...]:
    """The lines of a cell, blank ones left out; for loops."""
    found = tuple(line.strip() for line in str(value).splitlines() if line.strip())
    if len(found) > MOST_LINES:
        what = f"a cell has more than {MOST_LINES:,} lines."
        raise NotUsableError("too-much", what, "Shorten the cell.")
    return found


def join(value: Iterable[object], separator: str = "") -> str:
    """The items of a list as one text, with a separator between them."""
    return _bounded(separator.join(map(str, _list(value))))


def first(value: Iterable[object]) -> object:
    """The first item of a list; blank where it has none."""
    return next(iter(_list(value)), "")


def last(value: Iterable[object]) -> object:
    """The last item of a list; blank where it has none."""
    return next(reversed(_list(value)), "")


def _list(value: Iterable[object]) -> list[object]:
    return [value] if isinstance(value, str) else list(value)


def replace(value: object, old: str, new: str) -> str:
    """The text with every `old` replaced by `new`."""
    text = str(value)
    if not old:
        return text
    if len(text) + text.count(old) * len(new) > MOST_TEXT:
        raise _too_much()
    return text.replace(old, new)


def _bounded(text: str) -> str:
    if len(text) > MOST_TEXT:
        raise _too_much()
    return text


def _too_much() -> NotUsableError:
    return NotUsableError(
        "too-much", "a tag makes a text of over 100,000 characters.", "Shorten it."
    )


def _title(value: object) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in str(value).split(" "))


def _capitalize(value: object) -> str:
    text = str(value)
    return text[:1].upper() + text[1:]


STAFF: Mapping[str, Callable[..., Any]] = {
    "capitalize": _capitalize,
    "date": date,
    "default": default,
    "first": first,
    "join": join,
    "last": last,
    "lines": lines,
    "lower": lambda value: str(value).lower(),
    "number": number,
    "optional": lambda value: value,
    "replace": replace,
    "title": _title,
    "trim": lambda value: str(value).strip(),
    "upper": lambda value: str(value).upper(),
}
"""What a template may name."""

OURS: Mapping[str, Callable[..., Any]] = {"xml_plain": plain_xml}
"""What the program itself puts into a template."""
