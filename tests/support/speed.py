"""Bounds of processor time, on a machine that may be slow or busy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(seconds: float, what: object = "") -> Iterator[None]:
    """Fail if the processor works longer than a quiet machine would.

    The bounds of tests are some ten times the usual time. They detect work that grows without end,
    not slow work: the benchmark measures speed.
    """
    start = time.process_time()
    yield
    spent = time.process_time() - start
    assert spent < seconds or spent < seconds * slowness(), f"{what} {spent:.1f} s of a processor"


def slowness() -> float:
    """Return how many times slower than a quiet machine this is; at least 1."""
    start = time.process_time()
    sum(number * number for number in range(6_000_000))
    return max(1.0, (time.process_time() - start) / _QUIET)


_QUIET = 0.13
"""Seconds of processor time that the loop takes on a quick, idle machine."""
