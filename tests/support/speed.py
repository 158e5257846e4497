"""What something costs in time, on a machine that may be slow or busy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(seconds: float, what: object = "") -> Iterator[None]:
    """Fail where the processor works for longer than a quiet machine would in so many seconds.

    The bounds of tests are some ten times what is usual. They tell work that grows without end from
    work that is slow: speed is what the benchmark measures.
    """
    start = time.process_time()
    yield
    spent = time.process_time() - start
    assert spent < seconds or spent < seconds * slowness(), f"{what} {spent:.1f} s of a processor"


def slowness() -> float:
    """How many times slower than a quiet machine this one is now; at least 1."""
    start = time.process_time()
    sum(number * number for number in range(6_000_000))
    return max(1.0, (time.process_time() - start) / _QUIET)


_QUIET = 0.13
"""Seconds of the processor that the loop takes on a quick machine, alone."""
