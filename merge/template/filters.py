"""Define the values that placeholders read, and their filters.

Each filter takes and returns text, a list or a value. The length of what one placeholder prints is
limited. A value that a filter cannot use raises FaultError.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_UP, localcontext
from typing import Any, TypeAlias, Union
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import UndefinedError, pass_context
from jinja2.runtime import Context

from merge import messages
from merge.errors import DataError, FaultError, translate_errors
from merge.excel.dates import long_date
from merge.messages.wording import continue_after_colon
from merge.naming import placeholder_name
from merge.ooxml import XML_FORBIDDEN
from merge.problems import Fault, Place, shorten
from merge.template.links import is_allowed_address, is_harmless_suffix
from merge.values import NativeValue, WorkbookValue

MAX_TEXT = 100_000
"""Characters that one placeholder may print; Excel's cells end at 32,767."""
MAX_LINES = 100
"""Lines of a cell. Two nested loops then run 10,000 times at most."""


def _plain_value(value: object) -> NativeValue | str:
    return value.native if isinstance(value, WorkbookValue) else value  # type: ignore[return-value]


def _locale(context: Context, language: str = "") -> Locale:
    """Return a language, or the letter's; English if the values have none."""
    language = (language or str(context.get("language", "en"))).strip().replace("-", "_")
    try:
        return Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        raise FaultError(messages.fault("language-unknown", language=language)) from None


@pass_context
def date(context: Context, value: object, pattern: str = "", language: str = "") -> str:
    """Return a date in a language, or in the letter's.

    `|date`, or with a pattern, `|date("d MMMM yyyy")`; in French, `|date("", "fr")`.
    """
    day = _plain_value(value)
    if is_blank(value):
        return ""
    if not isinstance(day, dt.date):
        raise FaultError(messages.fault("not-a-date", value=str(value), filter="|date"))
    locale = _locale(context, language)
    if not pattern:
        return long_date(day, str(locale))
    if re.search("[DYA]", re.sub("'[^']*'", "", pattern)):  # Babel's day of the year, and others
        raise _pattern_error(pattern, _DATE_EXAMPLE)
    if not isinstance(day, dt.datetime) and _TIME_LETTERS.search(re.sub("'[^']*'", "", pattern)):
        raise FaultError(messages.fault("time-missing", value=str(value)))
    format_day = format_datetime if isinstance(day, dt.datetime) else format_date
    with _pattern_errors(pattern, _DATE_EXAMPLE):
        return str(format_day(day, pattern, locale=locale))


def _pattern_errors(pattern: str, example: str) -> AbstractContextManager[None]:
    errors = (ValueError, AttributeError, LookupError, NotImplementedError)
    return translate_errors(errors, lambda _: _pattern_error(pattern, example))


_TIME_LETTERS = re.compile("[HhKkmsSa]")
"""Letters for a part of a time in a pattern (Unicode's LDML, part 4)."""
_DATE_EXAMPLE = '"d MMMM yyyy", with lowercase d, uppercase M and lowercase y'
_NUMBER_EXAMPLE = '"#,##0.00"'


def _pattern_error(pattern: str, example: str) -> FaultError:
    return FaultError(messages.fault("not-a-pattern", pattern=pattern, example=example))


@pass_context
def number(context: Context, value: object, pattern: str = "#,##0.###") -> str:
    """Return a number in the letter's language.

    `|number`, or with a pattern, `|number("0.00")`.
    """
    amount = _plain_value(value)
    if is_blank(value):
        return ""
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise FaultError(messages.fault("not-a-number", value=str(value), filter="|number"))
    with _pattern_errors(pattern, _NUMBER_EXAMPLE):
        if not re.search("[0#]", pattern):
            raise ValueError(pattern)
        with localcontext(rounding=ROUND_HALF_UP):  # as Excel and Word do
            return str(format_decimal(amount, pattern, locale=_locale(context)))


def default(value: object, replacement: str = "", _boolean: object = None) -> object:
    """Return a placeholder's value, or another text if the value is blank."""
    return replacement if is_blank(value) else value


def lines(value: object) -> tuple[str, ...]:
    """Return a cell's lines for a loop, without blank lines."""
    cell_lines = tuple(line.strip() for line in printed_text(value).splitlines() if line.strip())
    if len(cell_lines) > MAX_LINES:
        raise FaultError(messages.fault("too-much", most=MAX_LINES))
    return cell_lines


def join(value: object, separator: str = "") -> str:
    """Return the items of a list as one text, with a separator between items."""
    text = separator.join(map(printed_text, _as_list(value)))
    if len(text) > MAX_TEXT:
        raise _too_much_error()
    return text


def first(value: object) -> object:
    """Return the first item of a list, or a blank text if there is none."""
    return next(iter(_as_list(value)), "")


def last(value: object) -> object:
    """Return the last item of a list, or a blank text if there is none."""
    return next(reversed(_as_list(value)), "")


def _as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, tuple | list) else [value]


def length(value: object) -> int:
    """Return the number of items of a list, or of characters of a text."""
    return len(value) if isinstance(value, tuple | list) else len(printed_text(value))


def replace(value: object, old: str, new: str) -> str:
    """Return the text with every `old` replaced by `new`."""
    text = printed_text(value)
    if not old:
        return text
    if len(text) + text.count(old) * len(new) > MAX_TEXT:
        raise _too_much_error()
    return text.replace(old, new)


def _too_much_error() -> FaultError:
    return FaultError(messages.fault("too-much/text", most=MAX_TEXT))


def _title(value: object) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in printed_text(value).split(" "))


def _capitalize(value: object) -> str:
    text = printed_text(value)
    return text[:1].upper() + text[1:]


def printed_text(value: object) -> str:
    """Return the printed text of a value.

    Raise FaultError for a list, which has none.
    """
    if value is not None and not isinstance(value, _PRINTABLE_TYPES):
        raise FaultError(messages.fault("list-printed"))
    return "" if value is None else str(value)


TEMPLATE_FILTERS: Mapping[str, Callable[..., Any]] = {
    "capitalize": _capitalize,
    "date": date,
    "default": default,
    "first": first,
    "join": join,
    "last": last,
    "length": length,
    "lines": lines,
    "lower": lambda value: printed_text(value).lower(),
    "number": number,
    "optional": lambda value: value,
    "replace": replace,
    "title": _title,
    "trim": lambda value: printed_text(value).strip(),
    "upper": lambda value: printed_text(value).upper(),
}
"""The filters that a template may name."""


_MAX_COLUMNS = 63
"""Columns of a table in Word."""


def _column_span(value: object, columns: int = 1) -> XmlText:
    """Return the number of grid columns of a cell."""
    amount = _plain_value(value) if isinstance(value, WorkbookValue) else value
    text = str(value).strip()
    if isinstance(amount, int) and not isinstance(amount, bool):
        text = str(amount * columns)
    if not (text.isdecimal() and 1 <= int(text) <= _MAX_COLUMNS):
        raise FaultError(messages.fault("not-a-span", value=str(value), most=_MAX_COLUMNS))
    return XmlText(text)


def _fill_colour(value: object) -> XmlText:
    """Return a colour in the form of Word's XML (ECMA-376 part 1, 17.18.38)."""
    text = str(value).strip().removeprefix("#")
    if not re.fullmatch("[0-9A-Fa-f]{6}|auto", text):
        raise FaultError(messages.fault("not-a-colour", value=str(value)))
    return XmlText(text)


def _url(value: object) -> XmlText:
    """Return a value, escaped for a link's address in an attribute.

    The text before it has already decided where the address leads.
    """
    return plain_xml(quote(printed_text(value).strip(), safe="%/:=&?~#+!$,;'@()*[]"))


def _link_start(value: object) -> XmlText:
    """Return a value as the start of an address. FaultError if not allowed."""
    text = printed_text(value).strip()
    if not (is_blank(text) or is_allowed_address(text)):
        raise FaultError(link_fault(text))
    return _url(text)


def link_fault(address: str) -> Fault:
    """Return the fault of an address to which no link may lead."""
    is_web = re.match("https?://", address, re.IGNORECASE)
    key = "link-not-allowed/server" if is_web else "link-not-allowed"
    return messages.fault(key, address=shorten(address, 40))


def _link_rest(value: object) -> XmlText:
    """Return a value for the rest of an address, after another value.

    If that value is blank, this is the start of the address.
    """
    return _url(value) if is_harmless_suffix(printed_text(value)) else _link_start(value)


def _loop_items(value: object) -> tuple[object, ...]:
    """Return the items of a list or the lines of a text, for a loop."""
    if isinstance(value, str):
        return lines(value)
    if value is None or isinstance(value, tuple | list):
        return tuple(value or ())
    raise FaultError(messages.fault("not-a-list", value=str(value)))


class XmlText(str):
    """Text that is XML already, and is not escaped again."""

    __slots__ = ()


def plain_xml(value: object) -> XmlText:
    """Return a value as an attribute or a bare string of XML."""
    escaped = printed_text(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return XmlText(escaped.replace('"', "&quot;").replace("\n", " ").replace("\t", " "))


_NUMBER_TEXT = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _as_number(value: object) -> object:
    """Return the number that a text means, or otherwise the text.

    For Word, 1005 is a number wherever it is written.
    """
    if not isinstance(value, str) or getattr(value, "native", None) is not None:
        return value
    text = value.strip()
    return float(text) if _NUMBER_TEXT.fullmatch(text) else text or value


INTERNAL_FILTERS: Mapping[str, Callable[..., Any]] = {
    "as_number": _as_number,
    "items": _loop_items,
    "printed": printed_text,
    "xml_fill": _fill_colour,
    "xml_link": _link_start,
    "xml_link_rest": _link_rest,
    "xml_number": lambda fresh, usual: XmlText(fresh.number(usual)),
    "xml_once": lambda fresh, text: XmlText(fresh.once(text)),
    "xml_plain": plain_xml,
    "xml_span": _column_span,
    "xml_url": _url,
}
"""Filters that only the program itself adds to a template."""


# Values that a tag can reach: text, numbers, dates, booleans, lists, dicts; all immutable.

TemplateValue: TypeAlias = Union[  # noqa: UP007 - a recursive alias cannot use |
    str,
    int,
    float,
    bool,
    dt.date,
    dt.time,
    Sequence["TemplateValue"],
    Mapping[str, "TemplateValue"],
    None,
]
TemplateValues: TypeAlias = Mapping[str, TemplateValue]


_INVISIBLE = dict.fromkeys(
    [
        *(0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x2800, 0x3164, 0xFEFF, 0xFFA0),
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE1000),
    ],
    "",
)
"""Characters that print nothing: Unicode's
Default_Ignorable_Code_Point, and the empty Braille."""

_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
_TAB = '</w:t><w:tab/><w:t xml:space="preserve">'


def freeze(tree: TemplateValues) -> dict[str, TemplateValue]:
    """Return template values that cannot change, with names and texts checked.

    They are immutable. Raise DataError if a text contains a character that no document can contain.
    """
    return {placeholder_name(name): _freeze_value(value) for name, value in tree.items()}


def _freeze_value(value: TemplateValue) -> TemplateValue:
    if isinstance(value, WorkbookValue):
        return value
    if isinstance(value, str):
        match = XML_FORBIDDEN.search(value)
        if match:
            character, key = f"U+{ord(match.group()):04X}", "character-forbidden/value"
            raise DataError(messages.problem(key, Place("data"), character=character))
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, Mapping):
        return freeze(value)
    if isinstance(value, Sequence):
        return tuple(_freeze_value(item) for item in value)
    return value


def is_blank(value: object) -> bool:
    """Return whether a value prints nothing visible.

    FALSE and 0 are not blank.
    """
    if isinstance(value, str):
        visible = value if value.isascii() else value.translate(_INVISIBLE)
        return not visible.strip()
    return value is None or value in ((), [], {})


def text_xml(value: object) -> str:
    """Return a value as the XML inside a w:t element.

    It is escaped, with Word's line breaks and tabs.
    """
    if type(value) is WorkbookValue:
        if value.xml is None:
            value.xml = _text_xml(value)
        return value.xml
    if type(value) is XmlText:
        return value
    return _text_xml(printed_text(value))


_PRINTABLE_TYPES = (str, int, float, bool, dt.date, dt.time, dt.timedelta)


def _text_xml(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", _BREAK).replace("\t", _TAB)


_SWITCH_LABELS = {"|date": "the switch \\@", "|number": "the switch \\#"}
"""The switches of a merge field that became filters."""


def filling_fault(error: Exception, placeholder: str, *, is_field: bool = False) -> Fault:
    """Return an error of filling as the fault of a placeholder, as typed.

    `is_field`: it is one of Word's merge fields, which have no filters.
    """
    fault = _fault_of(error)
    fields = dict(fault.fields)
    if is_field and (switch := _SWITCH_LABELS.get(str(fields.get("filter")))):
        fault = messages.fault(fault.code, value=str(fields["value"]), filter=switch)
    description = (
        f"{placeholder}: {continue_after_colon(fault.what)}" if placeholder else fault.what
    )
    return dataclasses.replace(fault, what=description)


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, FaultError):
        return error.fault
    if isinstance(error, UndefinedError):
        return messages.fault("name-unknown/undefined")
    if isinstance(error, TypeError):
        return messages.fault("compared-with-text")
    return messages.fault("tag-not-usable")
