"""What a cell's number stands for: a number, a date, a time."""

from __future__ import annotations

import datetime as dt

from merge.cells.dates import DateBody
from merge.cells.sections import read_format
from merge.cells.serials import to_datetime, to_time
from merge.cells.show import Value
from merge.cells.view import DAYS_TO_1904

Plain = int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | str | None


def plain(value: Value, number_format: str, *, date1904: bool = False) -> Plain:
    """The value with its type: dates where the format shows dates, else the number as it is.

    A date for a whole serial in a format without time; a time below one in a format without
    date; a timedelta in a format of elapsed time; a datetime otherwise. A serial that the
    calendar has no day for stays a number: 0, negative ones, 60 (29 February 1900), beyond
    9999. Text, TRUE, FALSE and None as they are. Raises UnsupportedFormat as `shown` does.
    """
    if value is None or isinstance(value, str | bool):
        return value
    case = read_format(number_format).case_of(value)
    if case is None or not isinstance(case.body, DateBody):
        return value
    if case.body.has_elapsed:
        return _elapsed(value)
    found = _date(value, case.body, DAYS_TO_1904 if date1904 else 0)
    return value if found is None else found


def _elapsed(value: float) -> dt.timedelta | float:
    """A number of days as a length of time; the number where it is too great for one."""
    try:
        return dt.timedelta(milliseconds=round(value * 86_400_000))
    except OverflowError:
        return value


def _date(value: float, body: DateBody, shift: int) -> dt.date | dt.time | None:
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
    return any(isinstance(case.body, DateBody) for case in read_format(number_format).cases)
