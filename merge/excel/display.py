"""The text that Excel shows of a cell, the text that a letter prints of it, its typed value.

Excel en-US is the reference; month and day names are of the language that the format names.
What cannot be shown as Excel would is an UnsupportedFormatError, never a guess.
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
    """Return the text on the screen of Excel en-US, in a column wide enough, padding included.

    Empty for an empty cell; eight hashes for what Excel cannot show, as a negative date.
    `language` names months and days where the format names no language of its own.
    Raises UnsupportedFormatError for a format or a value that cannot be shown as Excel would.
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
    value = value or 0  # -0.0 has no minus
    if number_format == "General":
        return "-" + general_text(-value) if value < 0 else general_text(value)
    case = parse_format(number_format).case_for(value)
    if case is None:
        return HASHES
    if value >= 0:
        return case.body.show(value, context)
    return _negative_text(case, -value, context)


def _negative_text(case: FormatCase, magnitude: float, context: DisplayContext) -> str:
    """Return the text of a negative number, given without its sign.

    No minus stands before zeros alone: -0.01 in `0.0` is 0.0.
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
"""The built-in formats that each computer shows its own way: ECMA-376 part 1, 18.8.30."""
_SYSTEM_LONG_DATE = "[$-F800]"


def printed_text(
    value: CellValue,
    number_format: str,
    *,
    format_id: int | None,
    language: str,
    date1904: bool = False,
) -> str:
    """Return the text that a letter prints: what is shown, without the spaces at its ends.

    Dates in the built-in formats 14 and 22 (`format_id`, the cell's numFmtId; None where it is
    not known), and in the system's long format `[$-F800]`, look different on each computer: they
    are printed as the long date of the letter's language, 22 with the time after it. Raises as
    `displayed_text` does, and ValueError for an unknown language.
    """
    system = number_format.upper().startswith(_SYSTEM_LONG_DATE)
    if (system or format_id in {_SHORT_DATE, _SHORT_DATE_AND_TIME}) and _is_number(value):
        moment = to_datetime(float(value or 0), DAYS_TO_1904 if date1904 else 0)
        if moment:
            text = long_date(moment.date(), language)
            with_time = format_id == _SHORT_DATE_AND_TIME
            return f"{text} {moment.hour}:{moment.minute:02d}" if with_time else text
    return displayed_text(value, number_format, date1904=date1904).strip()


def _is_number(value: CellValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def display_warning(value: CellValue, number_format: str, *, date1904: bool = False) -> str | None:
    """Return what a reader would stumble over in the text shown, None for nothing.

    `scientific` for scientific notation, `hashes` for `####`. Raises as `displayed_text` does.
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
    """Return the value with its type: dates where the format shows dates, else the number.

    A date for a whole serial in a format without time; a time below one in a format without
    date; a timedelta in a format of elapsed time, unless it is too long for one; a datetime
    otherwise. A serial that the calendar has no day for stays a number: 0, negative ones, 60
    (29 February 1900), beyond 9999. Text, TRUE, FALSE and None as they are. Raises
    UnsupportedFormatError as `displayed_text` does.
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
    found = to_datetime(value, DAYS_TO_1904 if date1904 else 0)
    is_day = found and body.second_decimals is None and value == int(value)
    return (found.date() if is_day else found) if found else value


# A format code into its sections, each with its condition and its body.

_MAX_SECTIONS = 4
_MAX_CODE_CHARACTERS = 255
"""Characters of a format code: Excel takes no more (its specifications and limits)."""


@dataclass(frozen=True, slots=True)
class FormatSection:
    """One section as it is written."""

    tokens: tuple[FormatToken, ...]
    condition: FormatCondition | None
    tag: str
    """What stands after `[$-`: the language; empty for none."""


@dataclass(frozen=True, slots=True)
class ParsedFormat:
    """A format code, ready to use."""

    cases: tuple[FormatCase, ...]
    """The first whose condition holds is taken; Excel shows hashes where none does."""
    text_section: tuple[FormatToken, ...] | None
    """The section for text, None where text is shown as it is."""

    def case_for(self, value: float) -> FormatCase | None:
        """Return the case of a number, None for hashes."""
        for case in self.cases:
            if case.condition is None or case.condition.holds(value):
                return case
        return None

    def show_text(self, value: str) -> str:
        """Return text as the format's section for text has it."""
        if self.text_section is None:
            return value
        return "".join(
            value if t.kind in {"text", "general"} else t.text for t in self.text_section
        )


@lru_cache(maxsize=4096)
def parse_format(code: str) -> ParsedFormat:
    """Read a format code; an empty one is General.

    Raises UnsupportedFormatError where it is not a format, or one that is not known here.
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
    found: list[FormatToken] = []
    for token in (*tokenize(code), FormatToken("end", "")):
        if token.kind != "end":
            found.append(token)
            continue
        kept = tuple(token for token in found if token.kind not in {"condition", "locale"})
        conditions = [parse_condition(token.text) for token in found if token.kind == "condition"]
        tags = [token.text for token in found if token.kind == "locale"]
        yield FormatSection(kept, conditions[0] if conditions else None, tags[0] if tags else "")
        found = []


def _section_body(section: FormatSection) -> SectionBody:
    """Return what a section makes of numbers."""
    found = section.tokens
    kinds = {token.kind for token in found}
    if is_date_section(found, section.tag):
        return parse_date_body(found, section.tag)
    refuse_other_digits(section.tag)
    if "text" in kinds:
        raise UnsupportedFormatError("@ in a section of a number format that is for numbers")
    if "general" in kinds:
        return parse_general_body(found)
    if "exponent" in kinds:
        return parse_scientific_body(found)
    if is_fraction(found):
        return parse_fraction_body(found)
    if "slash" in kinds:
        raise UnsupportedFormatError("a slash in a number format with no digits around it")
    return parse_number_body(found)


@dataclass(frozen=True, slots=True)
class FormatCase:
    """Numbers of one kind and how they are shown."""

    condition: FormatCondition | None
    """None where all numbers pass that no case before has taken."""
    body: SectionBody
    keeps_minus: bool
    """Whether a negative number shows its minus, beside what the format says."""


def section_cases(
    conditions: Sequence[FormatCondition | None], bodies: Sequence[SectionBody]
) -> tuple[FormatCase, ...]:
    """Return the cases of up to three sections for numbers, in order; General where none is.

    ECMA-376 part 1, 18.8.31, says which section is for which numbers.
    """
    if not bodies:
        return (FormatCase(None, GeneralBody(), keeps_minus=True),)
    first = conditions[0]
    if len(bodies) == 1:
        if first is None:
            return (FormatCase(None, bodies[0], keeps_minus=True),)
        # Numbers that fail the only condition are shown as General. No section is for negative
        # numbers then, whatever the condition says: `[<-10]0` shows -11 as -11 (texts that Excel
        # has left in FormatConditionTests.xlsx of Apache POI).
        return (
            FormatCase(first, bodies[0], keeps_minus=True),
            FormatCase(None, GeneralBody(), keeps_minus=True),
        )
    if first is None and conditions[1] is None:  # positive numbers, negative ones, zero
        usual = (AT_LEAST_ZERO, None) if len(bodies) == 2 else (POSITIVE, NEGATIVE, None)
        pairs = zip(usual, bodies, strict=True)
        return tuple(FormatCase(condition, body, keeps_minus=False) for condition, body in pairs)
    return _conditional_cases(first or POSITIVE, conditions[1], bodies)


def _conditional_cases(
    first: FormatCondition, second: FormatCondition | None, bodies: Sequence[SectionBody]
) -> tuple[FormatCase, ...]:
    """Return the cases of two or three sections with conditions of their own."""
    cases = [FormatCase(first, bodies[0], keeps_minus=not first.holds_only_for_negatives)]
    if second is None:
        minus = not (len(bodies) == 2 and first.rest_is_negative)
        return (*cases, FormatCase(None, bodies[1], keeps_minus=minus))
    cases.append(FormatCase(second, bodies[1], keeps_minus=not second.holds_only_for_negatives))
    return (*cases, *(FormatCase(None, body, keeps_minus=True) for body in bodies[2:]))
