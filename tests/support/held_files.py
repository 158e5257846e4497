"""Files that another program has open, with the sharing modes of Windows."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READ, WRITE = 1, 2
"""What the program that holds a file lets others do: see CreateFileW."""

_GENERIC_READ, _OPEN_EXISTING = 0x80000000, 3


@contextmanager
def held(path: Path, share: int) -> Iterator[None]:
    """Hold a file open; `share` is what others may do.

    Other systems than Windows let others do everything.
    """
    if sys.platform != "win32":
        handle = os.open(path, os.O_RDONLY)
        yield
        os.close(handle)
        return
    system = ctypes.WinDLL("kernel32", use_last_error=True)
    system.CreateFileW.restype = ctypes.c_void_p
    file = system.CreateFileW(str(path), _GENERIC_READ, share, None, _OPEN_EXISTING, 0, None)
    assert file != ctypes.c_void_p(-1).value, ctypes.WinError(ctypes.get_last_error())
    try:
        yield
    finally:
        system.CloseHandle(ctypes.c_void_p(file))
