"""Dates and times as Excel shows them, in the language of the format or of the letter."""

from __future__ import annotations

from merge.excel.display import displayed_text


def test_the_day_that_excel_alone_has_is_shown() -> None:
    assert displayed_text(60, "dddd d mmm yyyy") == "Wednesday 29 Feb 1900"
    assert displayed_text(59, "d mmm yyyy") == "28 Feb 1900"
    assert displayed_text(61, "d mmm yyyy") == "1 Mar 1900"
    assert displayed_text(0, "d mmm yyyy") == "0 Jan 1900"


def test_a_workbook_of_the_1904_system_counts_from_1904() -> None:
    assert displayed_text(0, "d mmm yyyy", date1904=True) == "1 Jan 1904"
    assert displayed_text(44527, "dddd yyyy-mm-dd", date1904=True) == "Friday 2025-11-28"
    assert displayed_text(2957003, "yyyy", date1904=True) == "9999"
    assert displayed_text(2957004, "yyyy", date1904=True) == "########"


def test_negative_time_is_hashes_in_1900_and_has_a_minus_in_1904() -> None:
    assert displayed_text(-0.25, "[h]:mm") == "########"
    assert displayed_text(-0.25, "[h]:mm", date1904=True) == "-6:00"


def test_elapsed_time_is_not_moved_by_the_1904_system() -> None:
    assert displayed_text(1.5, "[h]:mm", date1904=True) == "36:00"


def test_months_are_named_in_the_language_that_the_format_names() -> None:
    assert displayed_text(45989, "[$-40C]d mmmm yyyy") == "28 novembre 2025"
    assert displayed_text(45989, "[$-fr-FR]d mmmm yyyy") == "28 novembre 2025"
    assert displayed_text(45989, "[$-407]ddd d. mmm") == "Fr 28. Nov"
    assert displayed_text(45901, "[$-809]d mmm yyyy") == "1 Sep 2025"
    assert displayed_text(45989, "[$-FC19]d mmmm yyyy") == "28 ноября 2025"
    assert displayed_text(45989, "[$-415]mmmm yyyy") == "listopad 2025"


def test_months_are_named_in_the_language_asked_for_where_the_format_names_none() -> None:
    assert displayed_text(45989, "d mmmm", language="fr") == "28 novembre"
    assert displayed_text(45989, "[$-409]d mmmm", language="fr") == "28 November"


def test_the_name_of_the_half_day_follows_the_language() -> None:
    assert displayed_text(0.75, "h AM/PM") == "6 PM"
    assert displayed_text(0.25, "[$-809]h am/pm") == "6 AM"
    assert displayed_text(0.75, "[$-411]h AM/PM") == "6 午後"


def test_an_english_calendar_tag_changes_nothing() -> None:
    assert displayed_text(45989, "[$-1010409]d mmmm yyyy") == "28 November 2025"
    assert displayed_text(45989, "[$-en-US,1]d mmmm yyyy") == "28 November 2025"
    assert displayed_text(45989, "[$-2]d mmm") == "28 Nov"


def test_the_computers_own_time_is_that_of_en_us() -> None:
    assert displayed_text(0.75, "[$-F400]hh:mm") == "6:00:00 PM"
    assert displayed_text(45989, "[$-x-sysdate]yyyy") == "Friday, November 28, 2025"


def test_m_is_minutes_beside_hours_or_seconds_and_months_elsewhere() -> None:
    assert displayed_text(45989.52, "m/d h:m") == "11/28 12:28"
    assert displayed_text(45989.52, "mm:ss m") == "28:48 11"
    assert displayed_text(45989.52, "h AM/PM m") == "12 PM 28"


def test_too_many_letters_of_a_date_are_as_many_as_count() -> None:
    assert (
        displayed_text(45989.25, "ddddd mmmmmm yyyyy hhh e y") == "Friday November 2025 06 2025 25"
    )
