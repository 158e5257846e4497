"""Numbers, dates and column letters as a sheet's part writes them."""

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
    """Return the number of a column, A is 1. Cached: its letters come with every cell."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise EXCEL.damaged_error("a cell has no valid reference")
    result = 0
    for letter in letters:
        result = result * 26 + ord(letter) - 64
    return result


def parse_number(text: str) -> int | float:
    """Return a number as Excel holds it: a double (18.3.1.96), whole where it is written so."""
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
"""ISO 8601: `PT36H5M`. Years and months are no number of days."""
_SHORT_DATE: NumberFormat = ("mm-dd-yy", 14)
_TIME_FORMAT: NumberFormat = ("h:mm:ss", 21)
_ELAPSED_FORMAT: NumberFormat = ("[h]:mm:ss", 46)


def parse_iso_date(text: str, *, date1904: bool) -> float:
    """Return a date, time or duration of ISO 8601 as the number that it is elsewhere (18.17.4).

    Raise ValueError if it is none.
    """
    text = text.strip()
    if found := _DURATION.fullmatch(text):
        days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return days + (hours * 3600 + minutes * 60 + seconds) / 86_400
    if ":" in text[:4]:
        moment = dt.time.fromisoformat(text)
        whole = moment.hour * 3600 + moment.minute * 60 + moment.second
        return (whole + moment.microsecond / 1e6) / 86_400
    return _serial(dt.datetime.fromisoformat(text).replace(tzinfo=None), date1904=date1904)


def _serial(moment: dt.datetime, *, date1904: bool) -> float:
    start = dt.datetime.fromisoformat("1904-01-01" if date1904 else "1899-12-30")
    days = (moment - start) / dt.timedelta(days=1)
    if days < 0:
        raise ValueError(moment)  # Excel has no such day
    # Excel's 29 February 1900, which never was: the days before it are counted from one later.
    return days if date1904 or days >= 61 else days - 1


def default_format(text: str) -> NumberFormat:
    """Return the format of a date, time or duration in a cell that has none."""
    text = text.strip()
    if text.startswith("P"):
        return _ELAPSED_FORMAT
    return _TIME_FORMAT if ":" in text[:4] else _SHORT_DATE
