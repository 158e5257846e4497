"""Displayed text, printed text and typed value of a cell.

The reference is Excel en-US; month and day names are in the language of the format. A cell that
cannot be shown as in Excel raises UnsupportedFormatError. Nothing is guessed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from merge.excel.dates import (
    DateBody,
    is_date_section,
    long_date,
    parse_date_body,
    refuse_other_digits,
    to_datetime,
    to_time,
)
from merge.excel.format_codes import (
    AT_LEAST_ZERO,
    DAYS_TO_1904,
    HASHES,
    NEGATIVE,
    POSITIVE,
    CellValue,
    DisplayContext,
    FormatCondition,
    FormatToken,
    SectionBody,
    UnsupportedFormatError,
    parse_condition,
    tokenize,
)
from merge.excel.numbers import (
    GeneralBody,
    NumberBody,
    SimpleNumberBody,
    general_text,
    is_fraction,
    parse_fraction_body,
    parse_general_body,
    parse_number_body,
    parse_scientific_body,
)
from merge.values import NativeValue

_DEFAULT_CONTEXT = DisplayContext()


def displayed_text(
    value: CellValue, number_format: str, *, date1904: bool = False, language: str = "en_US"
) -> str:
    """Return the text that Excel en-US displays in a cell, including padding.

    The column is wide enough. A blank cell has an empty text, and a value that Excel cannot show,
    such as a negative date, has eight hashes. `language` is that of months and days if the format
    has none. Raise UnsupportedFormatError for a format or value that cannot be shown as in Excel.
    """
    if isinstance(value, str):
        as_typed = number_format in {"General", "@"}
        return value if as_typed else parse_format(number_format).show_text(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return parse_format(number_format).show_text("TRUE" if value else "FALSE")
    if not date1904 and language == _DEFAULT_CONTEXT.language:
        return _number_text(value, number_format, _DEFAULT_CONTEXT)
    context = DisplayContext(DAYS_TO_1904 if date1904 else 0, language)
    return _number_text(value, number_format, context)


def _number_text(value: float, number_format: str, context: DisplayContext) -> str:
    value = value or 0  # -0.0 is shown without a minus
    if number_format == "General":
        return "-" + general_text(-value) if value < 0 else general_text(value)
    case = parse_format(number_format).case_for(value)
    if case is None:
        return HASHES
    if value >= 0:
        return case.body.show(value, context)
    return _negative_text(case, -value, context)


def _negative_text(case: FormatCase, magnitude: float, context: DisplayContext) -> str:
    """Return the text that Excel displays for a negative number.

    No minus is shown before only zeros: -0.01 in `0.0` is 0.0.
    """
    body = case.body
    text = body.show(magnitude, context)
    if body.kind == "date":
        # The 1904 date system counts backwards, the 1900 one does not.
        return "-" + text if context.days_to_1900_system and text != HASHES else HASHES
    hidden = isinstance(body, NumberBody | SimpleNumberBody) and body.shows_only_zeros(magnitude)
    return "-" + text if case.keeps_minus and not hidden else text


_SHORT_DATE = 14
_SHORT_DATE_AND_TIME = 22
"""Built-in formats that each computer shows in its own way.

ECMA-376 part 1, 18.8.30.
"""
_SYSTEM_LONG_DATE = "[$-F800]"


def printed_text(
    value: CellValue,
    number_format: str,
    *,
    format_id: int | None,
    language: str,
    date1904: bool = False,
) -> str:
    """Return the text that a letter prints: the displayed text, stripped.

    Dates in the built-in formats 14 and 22, and in the system's long format `[$-F800]`, look
    different on each computer. They are printed as the long date of the letter's language, 22 with
    the time after it. `format_id` is the cell's numFmtId, None if it is unknown. Raise
    UnsupportedFormatError as `displayed_text` does, and ValueError for an unknown language.
    """
    is_system_format = number_format.upper().startswith(_SYSTEM_LONG_DATE)
    if (is_system_format or format_id in {_SHORT_DATE, _SHORT_DATE_AND_TIME}) and _is_number(value):
        moment = to_datetime(float(value or 0), DAYS_TO_1904 if date1904 else 0)
        if moment:
            text = long_date(moment.date(), language)
            with_time = format_id == _SHORT_DATE_AND_TIME
            return f"{text} {moment.hour}:{moment.minute:02d}" if with_time else text
    return displayed_text(value, number_format, date1904=date1904).strip()


def _is_number(value: CellValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def display_warning(value: CellValue, number_format: str, *, date1904: bool = False) -> str | None:
    """Return what a reader could misunderstand in the displayed text, or None.

    `scientific` means scientific notation, `hashes` means `####`. Raise UnsupportedFormatError as
    `displayed_text` does.
    """
    if not _is_number(value):
        return None
    if displayed_text(value, number_format, date1904=date1904) == HASHES:
        return "hashes"
    number = float(value or 0)
    case = parse_format(number_format).case_for(number)
    if case and isinstance(case.body, GeneralBody):
        return "scientific" if "E" in general_text(abs(number)) else None
    return "scientific" if case and case.body.kind == "scientific" else None


def typed_value(
    value: CellValue, number_format: str, *, date1904: bool = False
) -> NativeValue | str:
    """Return a cell's value with its type: a date if the format shows a date.

    - A date for a whole serial in a format without time.
    - A time for a serial below one in a format without date.
    - A timedelta in a format of elapsed time, unless it is too long for one.
    - A datetime in other formats of dates.
    - A number for a day that the calendar does not have: 0, negative ones, 60 (29 February 1900),
      after 9999.
    - Text, TRUE, FALSE and None unchanged.

    Raise UnsupportedFormatError as `displayed_text` does.
    """
    if value is None or isinstance(value, str | bool):
        return value
    case = parse_format(number_format).case_for(value)
    if case is None or not isinstance(case.body, DateBody):
        return value
    body = case.body
    if body.has_elapsed:
        with contextlib.suppress(OverflowError):
            return dt.timedelta(milliseconds=round(value * 86_400_000))
        return value
    if not body.has_date and 0 <= value < 1:
        return to_time(value)
    moment = to_datetime(value, DAYS_TO_1904 if date1904 else 0)
    is_day = moment and body.second_decimals is None and value == int(value)
    return (moment.date() if is_day else moment) if moment else value


# The sections of a format code, each with its condition and its body.

_MAX_SECTIONS = 4
_MAX_CODE_CHARACTERS = 255
"""Maximum length of a format code, as in Excel.

See its specifications and limits.
"""


@dataclass(frozen=True, slots=True)
class FormatSection:
    """One section of a number format's code."""

    tokens: tuple[FormatToken, ...]
    condition: FormatCondition | None
    tag: str
    """Text after `[$-`: the language; empty if there is none."""


@dataclass(frozen=True, slots=True)
class ParsedFormat:
    """A number format, parsed into its sections."""

    cases: tuple[FormatCase, ...]
    """Cases in order; Excel shows hashes if no condition holds."""
    text_section: tuple[FormatToken, ...] | None
    """Section for text; None if text is shown as it is."""

    def case_for(self, value: float) -> FormatCase | None:
        """Return the number format's first case for a number; None for hashes."""
        for case in self.cases:
            if case.condition is None or case.condition.holds(value):
                return case
        return None

    def show_text(self, value: str) -> str:
        """Return a text as the number format's section for text displays it."""
        if self.text_section is None:
            return value
        return "".join(
            value if t.kind in {"text", "general"} else t.text for t in self.text_section
        )


@lru_cache(maxsize=4096)
def parse_format(code: str) -> ParsedFormat:
    """Return a parsed number format; an empty code means General.

    Raise UnsupportedFormatError if it is invalid or not supported.
    """
    if len(code) > _MAX_CODE_CHARACTERS:
        raise UnsupportedFormatError("a number format of more than 255 characters")
    sections = list(_sections(code))
    if len(sections) > _MAX_SECTIONS:
        raise UnsupportedFormatError(f"the format {code} has more than four sections")
    has_text = len(sections) == _MAX_SECTIONS or any(t.kind == "text" for t in sections[-1].tokens)
    text = sections.pop().tokens if has_text else None
    if text and not all(t.is_constant_text or t.kind in {"text", "general"} for t in text):
        raise UnsupportedFormatError("the section of a number format for text has digits or dates")
    if sections == [FormatSection((), None, "")]:
        sections.clear()
    conditions = [section.condition for section in sections]
    return ParsedFormat(
        section_cases(conditions, [_section_body(section) for section in sections]), text
    )


def _sections(code: str) -> Iterator[FormatSection]:
    tokens: list[FormatToken] = []
    for token in (*tokenize(code), FormatToken("end", "")):
        if token.kind != "end":
            tokens.append(token)
            continue
        shown_tokens = tuple(token for token in tokens if token.kind not in {"condition", "locale"})
        conditions = [parse_condition(token.text) for token in tokens if token.kind == "condition"]
        tags = [token.text for token in tokens if token.kind == "locale"]
        yield FormatSection(
            shown_tokens, conditions[0] if conditions else None, tags[0] if tags else ""
        )
        tokens = []


def _section_body(section: FormatSection) -> SectionBody:
    """Return how a section of a number format displays numbers."""
    tokens = section.tokens
    kinds = {token.kind for token in tokens}
    if is_date_section(tokens, section.tag):
        return parse_date_body(tokens, section.tag)
    refuse_other_digits(section.tag)
    if "text" in kinds:
        raise UnsupportedFormatError("@ in a section of a number format that is for numbers")
    if "general" in kinds:
        return parse_general_body(tokens)
    if "exponent" in kinds:
        return parse_scientific_body(tokens)
    if is_fraction(tokens):
        return parse_fraction_body(tokens)
    if "slash" in kinds:
        raise UnsupportedFormatError("a slash in a number format with no digits around it")
    return parse_number_body(tokens)


@dataclass(frozen=True, slots=True)
class FormatCase:
    """A section of a number format, with the numbers that it shows."""

    condition: FormatCondition | None
    """Condition of the numbers; None for all that earlier cases leave."""
    body: SectionBody
    keeps_minus: bool
    """Whether a negative number has a minus, besides the format's text."""


def section_cases(
    conditions: Sequence[FormatCondition | None], bodies: Sequence[SectionBody]
) -> tuple[FormatCase, ...]:
    """Return the cases of a number format's sections for numbers, in order.

    Without a section, the case is General. ECMA-376 part 1, 18.8.31, says which section is for
    which numbers.
    """
    if not bodies:
        return (FormatCase(None, GeneralBody(), keeps_minus=True),)
    first = conditions[0]
    if len(bodies) == 1:
        if first is None:
            return (FormatCase(None, bodies[0], keeps_minus=True),)
        # Numbers that fail the only condition are shown as General. Then no section is only for
        # negative numbers, whatever its condition is: `[<-10]0` shows -11 as -11 (texts that
        # Excel wrote into FormatConditionTests.xlsx of Apache POI).
        return (
            FormatCase(first, bodies[0], keeps_minus=True),
            FormatCase(None, GeneralBody(), keeps_minus=True),
        )
    if first is None and conditions[1] is None:  # positive numbers, negative ones, zero
        implied = (AT_LEAST_ZERO, None) if len(bodies) == 2 else (POSITIVE, NEGATIVE, None)
        pairs = zip(implied, bodies, strict=True)
        return tuple(FormatCase(condition, body, keeps_minus=False) for condition, body in pairs)
    return _conditional_cases(first or POSITIVE, conditions[1], bodies)


def _conditional_cases(
    first: FormatCondition, second: FormatCondition | None, bodies: Sequence[SectionBody]
) -> tuple[FormatCase, ...]:
    """Return the cases of two or three sections with their own conditions."""
    cases = [FormatCase(first, bodies[0], keeps_minus=not first.holds_only_for_negatives)]
    if second is None:
        keeps_minus = not (len(bodies) == 2 and first.rest_is_negative)
        return (*cases, FormatCase(None, bodies[1], keeps_minus=keeps_minus))
    cases.append(FormatCase(second, bodies[1], keeps_minus=not second.holds_only_for_negatives))
    return (*cases, *(FormatCase(None, body, keeps_minus=True) for body in bodies[2:]))
