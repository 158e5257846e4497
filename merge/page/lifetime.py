"""Whether the program is needed any more: pages that are open, pages that were left, a stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

UNUSED_SECONDS = 600.0
"""Seconds after which it ends where no page was ever open."""
ALL_CLOSED_SECONDS = 90.0
"""Seconds after which it ends when the last page was left: a page that is loaded anew is back
at once, and who closed it by mistake has time to start the program again."""
SILENT_SECONDS = 12 * 3600.0
"""Seconds after which it ends where a page said no goodbye: a computer asleep, a frozen tab."""


class Lifetime:
    """Knows which pages are open. All methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._pages: set[str] = set()
        self._is_stopped = self._is_over = self._has_page_come = False
        self._last_activity = clock()

    def record_page(self, page: str) -> None:
        """Take note of a page that asked for news."""
        with self._lock:
            self._pages.add(page)
            self._last_activity, self._has_page_come = self._clock(), True

    def record_page_closed(self, page: str) -> None:
        """Take note of a page that was left."""
        with self._lock:
            self._pages.discard(page)
            self._last_activity = self._clock()

    def record_request(self) -> None:
        """Take note of a request: a browser without JavaScript says no more than that."""
        with self._lock:
            self._last_activity = self._clock()

    def expect_page(self) -> bool:
        """Wait for somebody who is given a link; return False where the end has begun."""
        with self._lock:
            self._last_activity, self._has_page_come = self._clock(), False
            return not (self._is_stopped or self._is_over)

    @property
    def is_stopped(self) -> bool:
        """Return whether somebody asked for the end."""
        return self._is_stopped

    def stop(self) -> None:
        """End the program. May be called from a signal's handler as well."""
        self._is_stopped = True  # no lock: the signal may have come while it is held

    def is_over(self, *, busy: bool) -> bool:
        """Return whether the program is to end; while something is at work only a stop ends it.

        What is over stays so.
        """
        with self._lock:
            silent = self._clock() - self._last_activity
            most = (
                SILENT_SECONDS
                if self._pages
                else ALL_CLOSED_SECONDS
                if self._has_page_come
                else UNUSED_SECONDS
            )
            self._is_over = self._is_over or self._is_stopped or (silent > most and not busy)
            return self._is_over
