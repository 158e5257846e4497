"""Whether the program is needed any more: pages that are open, pages that were left, a stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

NOBODY_CAME = 600.0
"""Seconds after which it ends where no page was ever open."""
ALL_LEFT = 90.0
"""Seconds after which it ends when the last page was left: a page that is loaded anew is back
at once, and who closed it by mistake has time to start the program again."""
SILENCE = 12 * 3600.0
"""Seconds after which it ends where a page said no goodbye: a computer asleep, a frozen tab."""


class Lifetime:
    """Knows which pages are open. All methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._pages: set[str] = set()
        self._is_stopped = self._came = False
        self._last = clock()

    def seen(self, page: str) -> None:
        """Take note of a page that asked for news."""
        with self._lock:
            self._pages.add(page)
            self._last, self._came = self._clock(), True

    def left(self, page: str) -> None:
        """Take note of a page that was left."""
        with self._lock:
            self._pages.discard(page)
            self._last = self._clock()

    def stop(self) -> None:
        """End the program."""
        self._is_stopped = True

    def is_over(self, *, busy: bool) -> bool:
        """Return whether the program is to end; while something is at work only a stop ends it."""
        with self._lock:
            silent = self._clock() - self._last
            most = SILENCE if self._pages else ALL_LEFT if self._came else NOBODY_CAME
        return self._is_stopped or (silent > most and not busy)
