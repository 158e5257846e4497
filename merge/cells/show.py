"""What Excel shows of a cell, and what a letter prints of it."""

from __future__ import annotations

import datetime as dt

from merge.cells.cases import Case
from merge.cells.general import General, general_text, is_scientific
from merge.cells.names import long_date
from merge.cells.numerals import CommonNumeral, Numeral
from merge.cells.sections import read_format
from merge.cells.serials import to_datetime
from merge.cells.view import DAYS_TO_1904, HASHES, View

Value = str | int | float | bool | None
"""What a cell holds: text, a number, TRUE or FALSE; None where it is empty."""

_US = View()

_SHORT_DATE = 14
_SHORT_DATE_AND_TIME = 22
"""The built-in formats that each computer shows its own way: ECMA-376 part 1, 18.8.30."""


def shown(
    value: Value, number_format: str, *, date1904: bool = False, language: str = "en_US"
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
            else read_format(number_format).show_text(value)
        )
    if value is None:
        return ""
    if isinstance(value, bool):
        return read_format(number_format).show_text("TRUE" if value else "FALSE")
    if not date1904 and language == _US.language:
        return _number(value, number_format, _US)
    return _number(value, number_format, View(DAYS_TO_1904 if date1904 else 0, language))


def _number(value: float, number_format: str, view: View) -> str:
    value = value or 0  # -0.0 has no minus
    if number_format == "General":
        return "-" + general_text(-value) if value < 0 else general_text(value)
    case = read_format(number_format).case_of(value)
    if case is None:
        return HASHES
    if value >= 0:
        return case.body.show(value, view)
    return _negative(case, -value, view)


def _negative(case: Case, magnitude: float, view: View) -> str:
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


def printed(
    value: Value,
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
    return shown(value, number_format, date1904=date1904).strip()


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _long(moment: dt.datetime, language: str, *, with_time: bool) -> str:
    text = long_date(moment.date(), language)
    return f"{text} {moment.hour}:{moment.minute:02d}" if with_time else text


def warning(value: Value, number_format: str, *, date1904: bool = False) -> str | None:
    """What a reader would stumble over in the text shown, None for nothing.

    `scientific` for scientific notation, `hashes` for `####`. Raises as `shown` does.
    """
    if not _is_number(value):
        return None
    if shown(value, number_format, date1904=date1904) == HASHES:
        return "hashes"
    case = read_format(number_format).case_of(float(value or 0))
    return "scientific" if case and _is_scientific(case, abs(float(value or 0))) else None


def _is_scientific(case: Case, magnitude: float) -> bool:
    if isinstance(case.body, General):
        return is_scientific(magnitude)
    return case.body.kind == "scientific"
