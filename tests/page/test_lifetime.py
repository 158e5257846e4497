"""When the program ends by itself."""

from __future__ import annotations

import pytest

from merge.page.lifetime import ALL_CLOSED_SECONDS, SILENT_SECONDS, UNUSED_SECONDS, Lifetime


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_ends_where_nobody_came(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    clock.now = UNUSED_SECONDS
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert lifetime.is_over(busy=False)


def test_it_ends_some_time_after_the_last_page_was_left(clock: Clock) -> None:
    lifetime = Lifetime(clock)
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


def test_a_page_that_comes_back_keeps_it(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    lifetime.record_page("a")
    lifetime.record_page_closed("a")
    clock.now = ALL_CLOSED_SECONDS - 1
    lifetime.record_page("b")
    clock.now += ALL_CLOSED_SECONDS + 1
    assert not lifetime.is_over(busy=False)


def test_a_page_that_never_said_goodbye_keeps_it_for_half_a_day(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    lifetime.record_page("a")
    clock.now = SILENT_SECONDS
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert lifetime.is_over(busy=False)


def test_a_stop_ends_it_at_once(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    lifetime.stop()
    assert lifetime.is_over(busy=True)


def test_who_is_given_a_link_is_waited_for(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    lifetime.record_page("a")
    lifetime.record_page_closed("a")
    clock.now = ALL_CLOSED_SECONDS
    assert lifetime.expect_page()
    clock.now += UNUSED_SECONDS
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert lifetime.is_over(busy=False)


def test_what_is_over_stays_so_and_nobody_is_given_a_link_any_more(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    clock.now = UNUSED_SECONDS + 1
    assert lifetime.is_over(busy=False)
    assert not lifetime.expect_page()
    lifetime.record_page("a")
    assert lifetime.is_over(busy=True)


def test_requests_of_a_browser_without_javascript_keep_it(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    for _ in range(5):
        clock.now += UNUSED_SECONDS
        lifetime.record_request()
        assert not lifetime.is_over(busy=False)
