"""Dates and times as in Excel, in the language of format or letter."""

from __future__ import annotations

from merge.excel.display import displayed_text


def test_29_february_1900_is_shown_as_in_excel() -> None:
    assert displayed_text(60, "dddd d mmm yyyy") == "Wednesday 29 Feb 1900"
    assert displayed_text(59, "d mmm yyyy") == "28 Feb 1900"
    assert displayed_text(61, "d mmm yyyy") == "1 Mar 1900"
    assert displayed_text(0, "d mmm yyyy") == "0 Jan 1900"


def test_dates_of_the_1904_system_count_from_1904() -> None:
    assert displayed_text(0, "d mmm yyyy", date1904=True) == "1 Jan 1904"
    assert displayed_text(44527, "dddd yyyy-mm-dd", date1904=True) == "Friday 2025-11-28"
    assert displayed_text(2957003, "yyyy", date1904=True) == "9999"
    assert displayed_text(2957004, "yyyy", date1904=True) == "########"


def test_a_negative_time_is_hashes_in_the_1900_system_and_has_a_minus_in_1904() -> None:
    assert displayed_text(-0.25, "[h]:mm") == "########"
    assert displayed_text(-0.25, "[h]:mm", date1904=True) == "-6:00"


def test_elapsed_time_is_the_same_in_the_1904_system() -> None:
    assert displayed_text(1.5, "[h]:mm", date1904=True) == "36:00"


def test_month_names_are_in_the_language_of_the_format() -> None:
    assert displayed_text(45989, "[$-40C]d mmmm yyyy") == "28 novembre 2025"
    assert displayed_text(45989, "[$-fr-FR]d mmmm yyyy") == "28 novembre 2025"
    assert displayed_text(45989, "[$-407]ddd d. mmm") == "Fr 28. Nov"
    assert displayed_text(45901, "[$-809]d mmm yyyy") == "1 Sep 2025"
    assert displayed_text(45989, "[$-FC19]d mmmm yyyy") == "28 ноября 2025"
    assert displayed_text(45989, "[$-415]mmmm yyyy") == "listopad 2025"


def test_month_names_are_in_the_given_language_if_the_format_has_none() -> None:
    assert displayed_text(45989, "d mmmm", language="fr") == "28 novembre"
    assert displayed_text(45989, "[$-409]d mmmm", language="fr") == "28 November"


def test_am_and_pm_are_in_the_language_of_the_format() -> None:
    assert displayed_text(0.75, "h AM/PM") == "6 PM"
    assert displayed_text(0.25, "[$-809]h am/pm") == "6 AM"
    assert displayed_text(0.75, "[$-411]h AM/PM") == "6 午後"


def test_an_english_locale_tag_with_a_calendar_changes_nothing() -> None:
    assert displayed_text(45989, "[$-1010409]d mmmm yyyy") == "28 November 2025"
    assert displayed_text(45989, "[$-en-US,1]d mmmm yyyy") == "28 November 2025"
    assert displayed_text(45989, "[$-2]d mmm") == "28 Nov"


def test_the_system_formats_of_dates_and_times_are_those_of_en_us() -> None:
    assert displayed_text(0.75, "[$-F400]hh:mm") == "6:00:00 PM"
    assert displayed_text(45989, "[$-x-sysdate]yyyy") == "Friday, November 28, 2025"


def test_m_in_a_date_format_is_minutes_beside_hours_or_seconds_else_months() -> None:
    assert displayed_text(45989.52, "m/d h:m") == "11/28 12:28"
    assert displayed_text(45989.52, "mm:ss m") == "28:48 11"
    assert displayed_text(45989.52, "h AM/PM m") == "12 PM 28"


def test_extra_letters_in_a_date_format_are_ignored() -> None:
    assert (
        displayed_text(45989.25, "ddddd mmmmmm yyyyy hhh e y") == "Friday November 2025 06 2025 25"
    )
