"""Lifetime of the program: when it ends by itself."""

from __future__ import annotations

import pytest

from merge.page.lifetime import ALL_CLOSED_SECONDS, SILENT_SECONDS, UNUSED_SECONDS, ProgramLifetime


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_program_ends_if_no_page_was_opened(clock: Clock) -> None:
    lifetime = ProgramLifetime(clock)
    clock.now = UNUSED_SECONDS
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert lifetime.is_over(busy=False)


def test_the_program_ends_some_time_after_the_last_page_was_closed(clock: Clock) -> None:
    lifetime = ProgramLifetime(clock)
    lifetime.record_page("a")
    lifetime.record_page("b")
    lifetime.record_page_closed("a")
    clock.now = ALL_CLOSED_SECONDS + 1
    assert not lifetime.is_over(busy=False)
    lifetime.record_page_closed("b")
    clock.now += ALL_CLOSED_SECONDS
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert not lifetime.is_over(busy=True)
    assert lifetime.is_over(busy=False)


def test_a_page_that_comes_back_keeps_the_program_running(clock: Clock) -> None:
    lifetime = ProgramLifetime(clock)
    lifetime.record_page("a")
    lifetime.record_page_closed("a")
    clock.now = ALL_CLOSED_SECONDS - 1
    lifetime.record_page("b")
    clock.now += ALL_CLOSED_SECONDS + 1
    assert not lifetime.is_over(busy=False)


def test_a_silent_page_keeps_the_program_running_for_half_a_day(clock: Clock) -> None:
    lifetime = ProgramLifetime(clock)
    lifetime.record_page("a")
    clock.now = SILENT_SECONDS
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert lifetime.is_over(busy=False)


def test_a_stop_ends_the_program_at_once(clock: Clock) -> None:
    lifetime = ProgramLifetime(clock)
    lifetime.stop()
    assert lifetime.is_over(busy=True)


def test_the_program_waits_for_the_browser_that_got_a_link(clock: Clock) -> None:
    lifetime = ProgramLifetime(clock)
    lifetime.record_page("a")
    lifetime.record_page_closed("a")
    clock.now = ALL_CLOSED_SECONDS
    assert lifetime.expect_page()
    clock.now += UNUSED_SECONDS
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert lifetime.is_over(busy=False)


def test_an_ended_program_stays_ended_and_gives_no_links(clock: Clock) -> None:
    lifetime = ProgramLifetime(clock)
    clock.now = UNUSED_SECONDS + 1
    assert lifetime.is_over(busy=False)
    assert not lifetime.expect_page()
    lifetime.record_page("a")
    assert lifetime.is_over(busy=True)


def test_requests_without_javascript_keep_the_program_running(clock: Clock) -> None:
    lifetime = ProgramLifetime(clock)
    for _ in range(5):
        clock.now += UNUSED_SECONDS
        lifetime.record_request()
        assert not lifetime.is_over(busy=False)
