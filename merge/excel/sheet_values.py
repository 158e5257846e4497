"""Parse numbers, dates and column letters in a sheet's XML."""

from __future__ import annotations

import datetime as dt
import math
import re
from functools import cache

from merge.excel.workbook_parts import NumberFormat
from merge.ooxml.kinds import EXCEL

_NUMBER = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")


@cache
def column_number(letters: str) -> int:
    """Return the number of a column; A is 1.

    Results are cached, because every cell has column letters.
    """
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise EXCEL.damaged_error("a cell has no valid reference")
    result = 0
    for letter in letters:
        result = result * 26 + ord(letter) - 64
    return result


def parse_number(text: str) -> int | float:
    """Return a number as Excel stores it: a double (18.3.1.96).

    It is an int if it is written as one.
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise EXCEL.damaged_error(f"“{text[:20]}” is not a number")
    if len(text) <= 15 and text.lstrip("+-").isdecimal():
        return int(text)
    double = float(text)
    if not math.isfinite(double):
        raise EXCEL.damaged_error(f"“{text[:20]}” is not a number")
    return double


_DURATION = re.compile(
    r"P(?=.*[0-9])(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9.]{1,12})S)?)?"
)
"""Duration in ISO 8601, such as `PT36H5M`, without years and months."""
_SHORT_DATE: NumberFormat = ("mm-dd-yy", 14)
_TIME_FORMAT: NumberFormat = ("h:mm:ss", 21)
_ELAPSED_FORMAT: NumberFormat = ("[h]:mm:ss", 46)


def parse_iso_date(text: str, *, date1904: bool) -> float:
    """Return a date, time or duration of ISO 8601 as a serial number.

    In other cells it is such a number (18.17.4). Raise ValueError if it cannot be parsed.
    """
    text = text.strip()
    if match := _DURATION.fullmatch(text):
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return days + (hours * 3600 + minutes * 60 + seconds) / 86_400
    if ":" in text[:4]:
        time = dt.time.fromisoformat(text)
        whole_seconds = time.hour * 3600 + time.minute * 60 + time.second
        return (whole_seconds + time.microsecond / 1e6) / 86_400
    return _serial(dt.datetime.fromisoformat(text).replace(tzinfo=None), date1904=date1904)


def _serial(moment: dt.datetime, *, date1904: bool) -> float:
    start = dt.datetime.fromisoformat("1904-01-01" if date1904 else "1899-12-30")
    days = (moment - start) / dt.timedelta(days=1)
    if days < 0:
        raise ValueError(moment)  # Excel does not have this day
    # Excel counts 29 February 1900, which did not exist, so earlier days have a number less.
    return days if date1904 or days >= 61 else days - 1


def default_format(text: str) -> NumberFormat:
    """Return the default format of a date, time or duration."""
    text = text.strip()
    if text.startswith("P"):
        return _ELAPSED_FORMAT
    return _TIME_FORMAT if ":" in text[:4] else _SHORT_DATE
