"""Submission times: texts of programs in several languages, unclear days."""

from __future__ import annotations

import datetime as dt

import pytest

from merge.intake.times import parse_moment, read_moments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/11/03 9:12:24 PM GMT+1", "2026-11-03T20:12:24"),
        ("2022/02/13 10:26:52 p. m. GMT-3", "2022-02-14T01:26:52"),
        ("2026/11/03 12:05:00 AM GMT+2", "2026-11-02T22:05:00"),
        ("2026/11/04 5:41:16 م غرينتش+2", "2026-11-04T15:41:16"),
        ("٢٠٢٦/١١/٠٤ ٥:٤١:١٦ م", "2026-11-04T17:41:16"),
        ("2026/11/03 9:12:24 пп GMT+2", "2026-11-03T19:12:24"),
        ("2026-11-02T07:40:39.000-05:00", "2026-11-02T12:40:39"),
        ("2026-10-30 12:00:00 UTC", "2026-10-30T12:00:00"),
        ("01.11.2026 10:00", "2026-11-01T10:00:00"),
        ("Nov 3, 2026", "2026-11-03T00:00:00"),
        ("3 novembre 2026 à 14:05", "2026-11-03T14:05:00"),
        ("3 ноября 2026 г., 14:05", "2026-11-03T14:05:00"),
        ("12 de marzo de 2026", "2026-03-12T00:00:00"),
    ],
)
def test_a_submission_time_is_read_as_form_programs_write_it(text: str, expected: str) -> None:
    assert parse_moment(text) == dt.datetime.fromisoformat(expected)


def test_a_text_without_a_time_has_no_moment() -> None:
    assert [parse_moment(text) for text in ("", "soon", "99/99/2026", "Nov 2026", "14:05")] == [
        None
    ] * 5


def test_the_first_number_above_twelve_decides_day_or_month_first_for_a_column() -> None:
    by_day = read_moments(["03/11/2026 10:00", "25/11/2026 10:00"])
    by_month = read_moments(["11/03/2026 10:00", "11/25/2026 10:00"])
    assert by_day == by_month
    assert by_day.moments[0] == dt.datetime.fromisoformat("2026-11-03T10:00")


def test_dates_are_clear_if_one_of_day_first_and_month_first_is_far_shorter() -> None:
    found = read_moments([f"11/{day:02}/2026 10:01:09 PM" for day in (6, 6, 5, 4)])
    assert found.is_clear
    assert found.moments[0] == dt.datetime.fromisoformat("2026-11-06T22:01:09")


def test_dates_that_may_be_day_first_or_month_first_give_no_moments_if_the_order_differs() -> None:
    found = read_moments(["03/11/2026", "05/10/2026", "02/12/2026"])
    assert not found.is_clear
    assert found.moments == (None, None, None)
