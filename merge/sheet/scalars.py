"""Numbers, dates and column letters as a sheet's part writes them."""

from __future__ import annotations

import datetime as dt
import math
import re
from functools import cache

from merge.sheet.refusals import damaged

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@cache
def column_number(letters: str) -> int:
    """The number of a column, A is 1. Cached: its letters come with every cell."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise damaged("a cell has no proper name")
    result = 0
    for letter in letters:
        result = result * 26 + ord(letter) - 64
    return result


def number(text: str) -> int | float:
    """A number as Excel holds it: a double (18.3.1.96), whole where it is written so."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise damaged(f"{text[:20]!r} is no number")
    if len(text) <= 15 and text.lstrip("+-").isdecimal():
        return int(text)
    double = float(text)
    if not math.isfinite(double):
        raise damaged(f"{text[:20]!r} is no number")
    return double


def serial(text: str, *, date1904: bool) -> float:
    """An ISO 8601 date, as Strict workbooks may hold it, as the number that it is elsewhere."""
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=None)
    start = dt.datetime.fromisoformat("1904-01-01" if date1904 else "1899-12-30")
    days = (moment - start) / dt.timedelta(days=1)
    # Excel's 29 February 1900, which never was: the days before it are counted from one later.
    return days if date1904 or days >= 61 else days - 1
