"""Serial numbers into days and times, with the day that Excel has and the calendar has not."""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

LAST_SERIAL = 2958465
"""31 December 9999 in the 1900 date system: ECMA-376 part 1, 18.17.4.1."""

FALSE_LEAP_DAY = 60
"""29 February 1900 did not happen; Excel counts it, as Lotus 1-2-3 did."""

_BEFORE_FIRST = dt.date(1899, 12, 31).toordinal()
_DAY_MS = 86_400_000
_MIDNIGHT = dt.datetime.combine(dt.date.min, dt.time.min)


class Moment(NamedTuple):
    """A serial number taken apart."""

    year: int
    month: int
    day: int
    weekday: int
    """0 is Sunday; before March 1900 Excel's own, which is not the calendar's."""
    hour: int
    minute: int
    second: int
    fraction: int
    """Of the second, in the unit that the format shows."""
    elapsed: int
    """Whole seconds since serial 0 of this workbook."""


def moment(serial: float, shift: int, digits: int | None) -> Moment | None:
    """A serial number, not negative, taken apart; None after the year 9999.

    `digits` is how many decimals of a second the format shows; the time is rounded to them
    first, so that 59.9 seconds are a minute more. None for a format without time: the day
    then is never rounded up.
    """
    days, elapsed, fraction = math.floor(serial), 0, 0
    if digits is not None and serial <= LAST_SERIAL + 1:
        unit = 10**digits
        elapsed, fraction = divmod(math.floor(serial * 86400 * unit + 0.5), unit)
        days = elapsed // 86400
    if days + shift > LAST_SERIAL:
        return None
    minutes, second = divmod(elapsed % 86400, 60)
    year, month, day = _calendar_day(days + shift)
    weekday = (days + shift - 1) % 7
    return Moment(year, month, day, weekday, *divmod(minutes, 60), second, fraction, elapsed)


def _calendar_day(serial: int) -> tuple[int, int, int]:
    """Year, month, day; serial 0 is Excel's 0 January 1900."""
    if serial > FALSE_LEAP_DAY:
        day = dt.date.fromordinal(_BEFORE_FIRST + serial - 1)
        return day.year, day.month, day.day
    if serial == FALSE_LEAP_DAY:
        return 1900, 2, 29
    return (1900, 1, serial) if serial <= 31 else (1900, 2, serial - 31)


def to_datetime(serial: float, shift: int) -> dt.datetime | None:
    """The day and time of a serial number, to the millisecond that Excel keeps.

    None where the calendar has no such day: below 1 January 1900, 29 February 1900, after 9999.
    """
    if not 0 <= serial <= LAST_SERIAL + 1:
        return None
    days, milliseconds = divmod(math.floor(serial * _DAY_MS + 0.5), _DAY_MS)
    days += shift
    if not 1 <= days <= LAST_SERIAL or days == FALSE_LEAP_DAY:
        return None
    ordinal = _BEFORE_FIRST + days - (days > FALSE_LEAP_DAY)
    start = dt.datetime.combine(dt.date.fromordinal(ordinal), dt.time.min)
    return start + dt.timedelta(milliseconds=milliseconds)


def to_time(serial: float) -> dt.time:
    """The time of day of a serial number, to the millisecond."""
    milliseconds = math.floor(serial * _DAY_MS + 0.5) % _DAY_MS
    return (_MIDNIGHT + dt.timedelta(milliseconds=milliseconds)).time()
