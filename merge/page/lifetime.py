"""Lifetime of the program: it ends when no page needs it any longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

UNUSED_SECONDS = 600.0
"""Seconds after which the program ends if no page was ever open."""
ALL_CLOSED_SECONDS = 90.0
"""Seconds after which the program ends when all pages were closed.

A page that is reloaded is back at once. Users who closed it by accident have time to start the
program again.
"""
SILENT_SECONDS = 12 * 3600.0
"""Seconds after which the program ends if open pages are silent.

The computer may be asleep, or the tab frozen.
"""


class ProgramLifetime:
    """Record of open pages, which decides when the program ends.

    Methods are safe in any thread.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._pages: set[str] = set()
        self._is_stopped = self._is_over = self._has_page_come = False
        self._last_activity = clock()

    def record_page(self, page: str) -> None:
        """Record that an open browser page polled the status."""
        with self._lock:
            self._pages.add(page)
            self._last_activity, self._has_page_come = self._clock(), True

    def record_page_closed(self, page: str) -> None:
        """Record that a browser page was closed."""
        with self._lock:
            self._pages.discard(page)
            self._last_activity = self._clock()

    def record_request(self) -> None:
        """Record activity from browsers without JavaScript."""
        with self._lock:
            self._last_activity = self._clock()

    def expect_page(self) -> bool:
        """Wait for the browser that gets a link; return False if ending already."""
        with self._lock:
            self._last_activity, self._has_page_come = self._clock(), False
            return not (self._is_stopped or self._is_over)

    @property
    def is_stopped(self) -> bool:
        """Whether the program was asked to stop."""
        return self._is_stopped

    def stop(self) -> None:
        """Ask the program to end; a signal's handler may call this."""
        self._is_stopped = True  # no lock: the signal may come while it is held

    def is_over(self, *, busy: bool) -> bool:
        """Return whether the program must end; once True, the answer stays.

        While a task is running, only a stop ends it.
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
