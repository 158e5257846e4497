"""Which tests run on Windows, and which under Wine.

1. `posix("…")` marks a test of something that Windows lacks; the reason says what.
2. `not_on_wine("…")` marks a test that holds on Windows, but that Wine cannot show.
"""

from __future__ import annotations

import ctypes
import sys

import pytest

IS_WINDOWS = sys.platform == "win32"


def _is_wine() -> bool:
    return sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


IS_WINE = _is_wine()


def skip_on_this_system(item: pytest.Item) -> None:
    """Skip a test that cannot run on this system, for the reason in its mark."""
    for name, is_skipped in (("posix", IS_WINDOWS), ("not_on_wine", IS_WINE)):
        for mark in item.iter_markers(name) if is_skipped else ():
            item.add_marker(pytest.mark.skip(reason=f"{name}: {mark.args[0]}"))
