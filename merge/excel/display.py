"""What Excel shows of a cell, and what a letter prints of it."""

from __future__ import annotations

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
    Body,
    Condition,
    DisplayContext,
    Token,
    UnsupportedFormatError,
    parse_condition,
    tokenize,
)
from merge.excel.numbers import (
    CommonNumeral,
    General,
    Numeral,
    general_text,
    is_fraction,
    is_scientific,
    parse_fraction,
    parse_numeral,
    parse_scientific,
)

CellValue = str | int | float | bool | None
"""What a cell holds: text, a number, TRUE or FALSE; None where it is empty."""

_DEFAULT_CONTEXT = DisplayContext()

_SHORT_DATE = 14
_SHORT_DATE_AND_TIME = 22
"""The built-in formats that each computer shows its own way: ECMA-376 part 1, 18.8.30."""


def displayed_text(
    value: CellValue, number_format: str, *, date1904: bool = False, language: str = "en_US"
) -> str:
    """The text on the screen of Excel en-US, in a column wide enough, padding spaces included.

    Empty for an empty cell; eight hashes for what Excel cannot show, as a negative date.
    `language` names months and days where the format names no language of its own.
    Raises UnsupportedFormat for a format or a value that cannot be shown as Excel would.
    """
    if isinstance(value, str):
        return (
            value
            if number_format in {"General", "@"}
            else parse_format(number_format).show_text(value)
        )
    if value is None:
        return ""
    if isinstance(value, bool):
        return parse_format(number_format).show_text("TRUE" if value else "FALSE")
    if not date1904 and language == _DEFAULT_CONTEXT.language:
        return _number(value, number_format, _DEFAULT_CONTEXT)
    return _number(value, number_format, DisplayContext(DAYS_TO_1904 if date1904 else 0, language))


def _number(value: float, number_format: str, view: DisplayContext) -> str:
    value = value or 0  # -0.0 has no minus
    if number_format == "General":
        return "-" + general_text(-value) if value < 0 else general_text(value)
    case = parse_format(number_format).case_of(value)
    if case is None:
        return HASHES
    if value >= 0:
        return case.body.show(value, view)
    return _negative(case, -value, view)


def _negative(case: Case, magnitude: float, view: DisplayContext) -> str:
    """The text of a negative number, given without its sign."""
    text = case.body.show(magnitude, view)
    if case.body.kind == "date":
        # The 1904 date system counts backwards, the 1900 one does not.
        return "-" + text if view.shift and text != HASHES else HASHES
    return "-" + text if _has_minus(case, magnitude) else text


def _has_minus(case: Case, magnitude: float) -> bool:
    """Whether a minus is to be added: not before zeros alone, -0.01 in `0.0` is 0.0."""
    body = case.body
    hidden = isinstance(body, Numeral | CommonNumeral) and body.hides(magnitude)
    return case.keeps_minus and not hidden


_SYSTEM_LONG_DATE = "[$-F800]"


def printed_text(
    value: CellValue,
    number_format: str,
    *,
    format_id: int | None,
    language: str,
    date1904: bool = False,
) -> str:
    """The text that a letter prints: what is shown, without the spaces at its ends.

    Dates in the built-in formats 14 and 22 (`format_id`, the cell's numFmtId; None where it is
    not known), and in the system's long format `[$-F800]`, look different on each computer: they
    are printed as the long date of the letter's language, 22 with the time after it. Raises as
    `shown` does, and ValueError for an unknown language.
    """
    system = number_format.upper().startswith(_SYSTEM_LONG_DATE)
    if (system or format_id in {_SHORT_DATE, _SHORT_DATE_AND_TIME}) and _is_number(value):
        moment = to_datetime(float(value or 0), DAYS_TO_1904 if date1904 else 0)
        if moment:
            return _long(moment, language, with_time=format_id == _SHORT_DATE_AND_TIME)
    return displayed_text(value, number_format, date1904=date1904).strip()


def _is_number(value: CellValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _long(moment: dt.datetime, language: str, *, with_time: bool) -> str:
    text = long_date(moment.date(), language)
    return f"{text} {moment.hour}:{moment.minute:02d}" if with_time else text


def display_warning(value: CellValue, number_format: str, *, date1904: bool = False) -> str | None:
    """What a reader would stumble over in the text shown, None for nothing.

    `scientific` for scientific notation, `hashes` for `####`. Raises as `shown` does.
    """
    if not _is_number(value):
        return None
    if displayed_text(value, number_format, date1904=date1904) == HASHES:
        return "hashes"
    case = parse_format(number_format).case_of(float(value or 0))
    return "scientific" if case and _is_scientific(case, abs(float(value or 0))) else None


def _is_scientific(case: Case, magnitude: float) -> bool:
    if isinstance(case.body, General):
        return is_scientific(magnitude)
    return case.body.kind == "scientific"


# A format code into its sections, each with its condition and its body.


_MOST_SECTIONS = 4

_LONGEST = 255
"""Characters of a format code: Excel takes no more (its specifications and limits)."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section as it is written."""

    tokens: tuple[Token, ...]
    condition: Condition | None
    tag: str
    """What stands after `[$-`: the language; empty for none."""

    @property
    def is_for_text(self) -> bool:
        """Whether `@` stands in it."""
        return any(token.kind == "text" for token in self.tokens)


@dataclass(frozen=True, slots=True)
class ParsedFormat:
    """A format code, ready to use."""

    cases: tuple[Case, ...]
    """The first whose condition holds is taken; Excel shows hashes where none does."""
    text: tuple[Token, ...] | None
    """The section for text, None where text is shown as it is."""

    def case_of(self, value: float) -> Case | None:
        """The case of a number, None for hashes."""
        for case in self.cases:
            if case.condition is None or case.condition.holds(value):
                return case
        return None

    def show_text(self, value: str) -> str:
        """Text as the format's section for text has it."""
        if self.text is None:
            return value
        return "".join(value if t.kind in {"text", "general"} else t.text for t in self.text)


@lru_cache(maxsize=4096)
def parse_format(code: str) -> ParsedFormat:
    """A format code read; an empty one is General.

    Raises UnsupportedFormat where it is not a format, or one that is not known here.
    """
    if len(code) > _LONGEST:
        raise UnsupportedFormatError("a number format of more than 255 characters")
    sections = list(_sections(code))
    if len(sections) > _MOST_SECTIONS:
        raise UnsupportedFormatError(f"the format {code} has more than four sections")
    has_text = len(sections) == _MOST_SECTIONS or sections[-1].is_for_text
    text = _text_section(sections.pop()) if has_text else None
    if len(sections) == 1 and _is_empty(sections[0]):
        sections.clear()
    conditions = [section.condition for section in sections]
    return ParsedFormat(section_cases(conditions, [_body(section) for section in sections]), text)


def _is_empty(section: Section) -> bool:
    return not section.tokens and not section.tag and section.condition is None


def _sections(code: str) -> Iterator[Section]:
    found: list[Token] = []
    for token in tokenize(code):
        if token.kind == "end":
            yield _section(found)
            found = []
        else:
            found.append(token)
    yield _section(found)


def _section(found: Sequence[Token]) -> Section:
    kept = tuple(token for token in found if token.kind not in {"condition", "locale"})
    conditions = [parse_condition(token.text) for token in found if token.kind == "condition"]
    tags = [token.text for token in found if token.kind == "locale"]
    return Section(kept, conditions[0] if conditions else None, tags[0] if tags else "")


def _text_section(section: Section) -> tuple[Token, ...]:
    if not all(t.shows_itself or t.kind in {"text", "general"} for t in section.tokens):
        raise UnsupportedFormatError("the section of a number format for text has digits or dates")
    return section.tokens


def _body(section: Section) -> Body:
    """What a section makes of numbers."""
    found = section.tokens
    kinds = {token.kind for token in found}
    if is_date_section(found, section.tag):
        return parse_date_body(found, section.tag)
    refuse_other_digits(section.tag)
    if "text" in kinds:
        raise UnsupportedFormatError("@ in a section of a number format that is for numbers")
    if "general" in kinds:
        return _general(found)
    if "exponent" in kinds:
        return parse_scientific(found)
    if is_fraction(found):
        return parse_fraction(found)
    if "slash" in kinds:
        raise UnsupportedFormatError("a slash in a number format with no digits around it")
    return parse_numeral(found)


def _general(found: Sequence[Token]) -> General:
    at = next(i for i, token in enumerate(found) if token.kind == "general")
    if not all(token.shows_itself for token in (*found[:at], *found[at + 1 :])):
        raise UnsupportedFormatError("General in a number format with digits beside it")
    before, after = (
        "".join(token.text for token in part) for part in (found[:at], found[at + 1 :])
    )
    return General(before, after)


# Which section of a format is for which numbers: ECMA-376 part 1, 18.8.31.


@dataclass(frozen=True, slots=True)
class Case:
    """Numbers of one kind and how they are shown."""

    condition: Condition | None
    """None where all numbers pass that no case before has taken."""
    body: Body
    keeps_minus: bool
    """Whether a negative number shows its minus, beside what the format says."""


def section_cases(
    conditions: Sequence[Condition | None], bodies: Sequence[Body]
) -> tuple[Case, ...]:
    """The cases of one to three sections for numbers, in their order; General where none is."""
    if not bodies:
        return (Case(None, General(), keeps_minus=True),)
    if len(bodies) == 1:
        return _only(conditions[0], bodies[0])
    if conditions[0] is None and conditions[1] is None:
        return _usual(bodies)
    return _conditional(conditions, bodies)


def _only(first: Condition | None, body: Body) -> tuple[Case, ...]:
    """One section for all numbers; those that fail its condition are shown as General."""
    if first is None:
        return (Case(None, body, keeps_minus=True),)
    rest = Case(None, General(), keeps_minus=not first.rest_is_negative)
    return (Case(first, body, keeps_minus=not first.only_negative), rest)


def _usual(bodies: Sequence[Body]) -> tuple[Case, ...]:
    """Sections for positive and negative numbers and zero."""
    if len(bodies) == 2:
        return (
            Case(AT_LEAST_ZERO, bodies[0], keeps_minus=False),
            Case(None, bodies[1], keeps_minus=False),
        )
    return (
        Case(POSITIVE, bodies[0], keeps_minus=False),
        Case(NEGATIVE, bodies[1], keeps_minus=False),
        Case(None, bodies[2], keeps_minus=False),
    )


def _conditional(
    conditions: Sequence[Condition | None], bodies: Sequence[Body]
) -> tuple[Case, ...]:
    """Sections with conditions of their own; a first without one is for positive numbers."""
    first, second = conditions[0] or POSITIVE, conditions[1]
    cases = [Case(first, bodies[0], keeps_minus=not first.only_negative)]
    if second is None:
        is_last = len(bodies) == 2
        minus = not (is_last and first.rest_is_negative)
        cases.append(Case(None, bodies[1], keeps_minus=minus))
        return tuple(cases)
    cases.append(Case(second, bodies[1], keeps_minus=not second.only_negative))
    cases += [Case(None, body, keeps_minus=True) for body in bodies[2:]]
    return tuple(cases)


# What a cell's number stands for: a number, a date, a time.


TypedValue = int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | str | None


def typed_value(value: CellValue, number_format: str, *, date1904: bool = False) -> TypedValue:
    """The value with its type: dates where the format shows dates, else the number as it is.

    A date for a whole serial in a format without time; a time below one in a format without
    date; a timedelta in a format of elapsed time; a datetime otherwise. A serial that the
    calendar has no day for stays a number: 0, negative ones, 60 (29 February 1900), beyond
    9999. Text, TRUE, FALSE and None as they are. Raises UnsupportedFormat as `shown` does.
    """
    if value is None or isinstance(value, str | bool):
        return value
    case = parse_format(number_format).case_of(value)
    if case is None or not isinstance(case.body, DateBody):
        return value
    if case.body.has_elapsed:
        return _as_timedelta(value)
    found = _as_date(value, case.body, DAYS_TO_1904 if date1904 else 0)
    return value if found is None else found


def _as_timedelta(value: float) -> dt.timedelta | float:
    """A number of days as a length of time; the number where it is too great for one."""
    try:
        return dt.timedelta(milliseconds=round(value * 86_400_000))
    except OverflowError:
        return value


def _as_date(value: float, body: DateBody, shift: int) -> dt.date | dt.time | None:
    if not body.has_date and 0 <= value < 1:
        return to_time(value)
    found = to_datetime(value, shift)
    if found and body.digits is None and value == int(value):
        return found.date()
    return found


def is_date_format(number_format: str) -> bool:
    """Whether a format shows dates or times, in one of its sections at least.

    Raises UnsupportedFormat as `shown` does.
    """
    return any(isinstance(case.body, DateBody) for case in parse_format(number_format).cases)
