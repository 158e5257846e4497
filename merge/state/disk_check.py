"""Find out what a folder's disk can do: files, links, locks.

A draft of this computer is written, linked and locked, and nothing stays in the folder.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from merge.computer import draft_name
from merge.disk import can_link, draft_file, os_error_text, write_all

_DATA = b"checked"


@dataclass(frozen=True, slots=True)
class DiskAbilities:
    """The abilities of a folder's disk.

    `error` is the system's reason why no file can be written and read there, or empty.
    """

    error: str = ""
    has_links: bool = False
    has_locks: bool = False
    free_bytes: int = 0


def inspect_disk(folder: Path) -> DiskAbilities:
    """Return what the disk of an existing folder can do."""
    path = str(folder / draft_name("check"))
    try:
        with draft_file(path, lambda handle: write_all(handle, _DATA)):
            return DiskAbilities(
                has_links=can_link(path),
                has_locks=_can_lock(path),
                free_bytes=shutil.disk_usage(folder).free,
            )
    except OSError as error:
        return DiskAbilities(os_error_text(error))


def _can_lock(path: str) -> bool:
    """Return whether a second lock of a file is refused."""
    first, second = FileLock(path), FileLock(path)
    try:
        with first.acquire(timeout=0):
            second.acquire(timeout=0)
            second.release()
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        pass  # filelock's own errors for disks without locks
    return False
