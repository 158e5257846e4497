"""Deflating and checksums: isal where there is one, at a tenth of zlib's time, else zlib."""

from __future__ import annotations

import zlib
from collections.abc import Callable

try:
    from isal import isal_zlib

    def deflated(data: bytes) -> bytes:
        """The bytes as a zip holds them, packed."""
        return isal_zlib.compress(data, 0, -15)  # twice as fast as level 2, a letter 5 % larger

    crc32: Callable[[bytes, int], int] = isal_zlib.crc32
except ImportError:  # pragma: no cover - processors that isal is not built for

    def deflated(data: bytes) -> bytes:
        """The bytes as a zip holds them, packed."""
        return zlib.compress(data, 6, -15)

    crc32 = zlib.crc32
