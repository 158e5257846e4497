"""Printed text of cells, their typed values, and warnings."""

from __future__ import annotations

import datetime as dt

import pytest

from merge.excel.dates import long_date
from merge.excel.display import display_warning, printed_text, typed_value
from merge.excel.format_codes import BUILTIN_FORMATS

DATE, DATE_TIME = BUILTIN_FORMATS[14], BUILTIN_FORMATS[22]


def test_padding_of_a_cell_is_not_printed() -> None:
    code = '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)'
    assert printed_text(1234.5, code, format_id=44, language="en") == "$1,234.50"
    assert printed_text(0, code, format_id=44, language="en") == "$-"
    assert printed_text("  spaced ", "@", format_id=49, language="en") == "spaced"


def test_a_date_in_a_system_format_is_printed_as_a_long_date() -> None:
    assert printed_text(45989, DATE, format_id=14, language="en_GB") == "28 November 2025"
    assert printed_text(45989, DATE, format_id=14, language="fr") == "28 novembre 2025"
    assert printed_text(45989, DATE, format_id=14, language="ru") == "28 ноября 2025\u202fг."
    assert (
        printed_text(45989.75, DATE_TIME, format_id=22, language="de") == "28. November 2025 18:00"
    )
    assert (
        printed_text(44527, DATE, format_id=14, language="en", date1904=True) == "November 28, 2025"
    )


def test_a_date_in_the_same_code_with_another_format_id_is_printed_as_displayed() -> None:
    assert printed_text(45989, DATE, format_id=164, language="fr") == "11-28-25"
    assert printed_text(45989, DATE, format_id=None, language="fr") == "11-28-25"
    assert printed_text(45989, "d mmmm yyyy", format_id=164, language="fr") == "28 November 2025"


def test_a_serial_without_a_calendar_day_is_printed_as_displayed() -> None:
    assert printed_text(60, DATE, format_id=14, language="fr") == "02-29-00"
    assert printed_text(-1, DATE, format_id=14, language="fr") == "########"
    assert printed_text("soon", DATE, format_id=14, language="fr") == "soon"
    assert printed_text(None, DATE, format_id=14, language="fr") == ""
    assert printed_text(value=True, number_format=DATE, format_id=14, language="fr") == "TRUE"


def test_the_first_of_a_month_is_an_ordinal_only_in_french() -> None:
    first = dt.date(2025, 11, 1)
    assert long_date(first, "fr") == "1er novembre 2025"
    assert long_date(first, "fr-CA") == "1er novembre 2025"
    assert long_date(dt.date(2025, 11, 11), "fr") == "11 novembre 2025"
    assert long_date(first, "en_GB") == "1 November 2025"


def test_an_unknown_language_of_a_date_is_an_error() -> None:
    with pytest.raises(ValueError, match="klingon is not a language"):
        long_date(dt.date(2025, 11, 1), "klingon")


def test_a_typed_value_is_a_date_if_the_format_shows_dates() -> None:
    assert typed_value(45989, "yyyy-mm-dd") == dt.date(2025, 11, 28)
    assert type(typed_value(45989, "yyyy-mm-dd")) is dt.date
    assert typed_value(45989.75, "yyyy-mm-dd").__class__ is dt.datetime
    assert str(typed_value(45989, DATE_TIME)) == "2025-11-28 00:00:00"
    assert str(typed_value(45989.75, "h:mm")) == "2025-11-28 18:00:00"
    assert typed_value(44527, "d mmm", date1904=True) == dt.date(2025, 11, 28)
    assert typed_value(0, "d mmm", date1904=True) == dt.date(1904, 1, 1)


def test_typed_dates_before_march_1900_are_those_of_excel() -> None:
    assert typed_value(1, "d mmm yyyy") == dt.date(1900, 1, 1)
    assert typed_value(59, "d mmm yyyy") == dt.date(1900, 2, 28)
    assert typed_value(61, "d mmm yyyy") == dt.date(1900, 3, 1)


@pytest.mark.parametrize("serial", [0, 60, 60.5, -1, 2958466])
def test_a_typed_value_without_a_calendar_day_stays_a_number(serial: float) -> None:
    assert typed_value(serial, "d mmm yyyy") == serial


def test_the_last_day_of_9999_is_a_date() -> None:
    assert typed_value(2958465, "d mmm yyyy") == dt.date(9999, 12, 31)


def test_a_typed_value_is_a_time_if_the_format_shows_times() -> None:
    assert typed_value(0.75, "h:mm") == dt.time(18, 0)
    assert typed_value(0, "h:mm:ss") == dt.time(0, 0)
    assert typed_value(0.123456789, "h:mm:ss.000") == dt.time(2, 57, 46, 667000)


def test_elapsed_time_is_a_timedelta() -> None:
    assert typed_value(1.5, "[h]:mm") == dt.timedelta(hours=36)
    assert typed_value(-0.25, "[h]:mm") == dt.timedelta(hours=-6)
    assert typed_value(1e300, "[h]:mm") == 1e300


def test_other_typed_values_are_unchanged() -> None:
    assert typed_value(1234.5, "0") == 1234.5
    assert typed_value("abc", "yyyy") == "abc"
    assert typed_value(None, "yyyy") is None
    assert typed_value(value=True, number_format="yyyy") is True
    assert typed_value(-5, "yyyy;0") == -5
    assert typed_value(50, "[>100]0;[<5]yyyy") == 50


def test_scientific_notation_in_a_cell_gives_a_warning() -> None:
    assert display_warning(12345678901234, "General") == "scientific"
    assert display_warning(12345678901234, "@") == "scientific"
    assert display_warning(5, "0.00E+00") == "scientific"
    assert display_warning(-1e-10, 'General" kg"') == "scientific"


def test_hashes_in_a_cell_give_a_warning() -> None:
    assert display_warning(-1, "yyyy-mm-dd") == "hashes"
    assert display_warning(2958466, "yyyy-mm-dd") == "hashes"
    assert display_warning(50, "[>100]0;[<5]0") == "hashes"


def test_a_cell_that_is_displayed_well_gives_no_warning() -> None:
    assert display_warning(12345678901234, "0") is None
    assert display_warning(1234, "General") is None
    assert display_warning(0, "General") is None
    assert display_warning("1.5E+20", "General") is None
    assert display_warning("########", "General") is None
    assert display_warning(None, "General") is None
    assert display_warning(value=True, number_format="0.00E+00") is None
    assert display_warning(-0.25, "[h]:mm", date1904=True) is None
