"""When the program ends by itself."""

from __future__ import annotations

import pytest

from merge.page.lifetime import ALL_LEFT, NOBODY_CAME, SILENCE, Lifetime


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
    clock.now = NOBODY_CAME
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert lifetime.is_over(busy=False)


def test_it_ends_some_time_after_the_last_page_was_left(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    lifetime.seen("a")
    lifetime.seen("b")
    lifetime.left("a")
    clock.now = ALL_LEFT + 1
    assert not lifetime.is_over(busy=False)
    lifetime.left("b")
    clock.now += ALL_LEFT
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert not lifetime.is_over(busy=True)
    assert lifetime.is_over(busy=False)


def test_a_page_that_comes_back_keeps_it(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    lifetime.seen("a")
    lifetime.left("a")
    clock.now = ALL_LEFT - 1
    lifetime.seen("b")
    clock.now += ALL_LEFT + 1
    assert not lifetime.is_over(busy=False)


def test_a_page_that_never_said_goodbye_keeps_it_for_half_a_day(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    lifetime.seen("a")
    clock.now = SILENCE
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert lifetime.is_over(busy=False)


def test_a_stop_ends_it_at_once(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    lifetime.stop()
    assert lifetime.is_over(busy=True)


def test_who_is_given_a_link_is_waited_for(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    lifetime.seen("a")
    lifetime.left("a")
    clock.now = ALL_LEFT
    assert lifetime.expect()
    clock.now += NOBODY_CAME
    assert not lifetime.is_over(busy=False)
    clock.now += 1
    assert lifetime.is_over(busy=False)


def test_what_is_over_stays_so_and_nobody_is_given_a_link_any_more(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    clock.now = NOBODY_CAME + 1
    assert lifetime.is_over(busy=False)
    assert not lifetime.expect()
    lifetime.seen("a")
    assert lifetime.is_over(busy=True)


def test_requests_of_a_browser_without_javascript_keep_it(clock: Clock) -> None:
    lifetime = Lifetime(clock)
    for _ in range(5):
        clock.now += NOBODY_CAME
        lifetime.touch()
        assert not lifetime.is_over(busy=False)
