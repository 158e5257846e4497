"""Access to the letters folder: its subfolders, its files, its errors."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from merge import messages
from merge.disk import is_path_too_long, os_error_text
from merge.errors import StorageError, translate_errors
from merge.problems import Place

ORPHANS_FOLDER = "No longer wanted"
OLD_VERSIONS_FOLDER = "Old versions"
"""Folders in the letters folder to which the program moves files."""

_MAX_BYTES = 50 << 20
"""Size in bytes of the largest file that could be a letter."""


def no_check() -> None:
    """Do nothing: the default for functions that may stop the work."""


def folder_entries(folder: str, subfolder: str, unreadable: list[str]) -> list[os.DirEntry[str]]:
    """Return the entries of a subfolder; empty if it cannot be read.

    A folder without permission is added to `unreadable`.
    """
    try:
        with os.scandir(f"{folder}/{subfolder}" if subfolder else folder) as entries:
            return list(entries)
    except PermissionError:
        unreadable.append(subfolder)
    except OSError:
        pass  # deleted just now
    return []


def read_file(path: str) -> bytes | None:
    """Return a regular file's bytes, or None if the file cannot be opened.

    Return empty bytes if it is too large, or not a regular file.
    """
    with suppress(OSError):
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            return b""
        return Path(path).read_bytes() if status.st_size <= _MAX_BYTES else b""
    return None


class FolderNotWritableError(StorageError):
    """A folder cannot be written; the disk has free space."""


def folder_errors(path: Path) -> AbstractContextManager[None]:
    """Return a context that turns errors of the system into StorageErrors."""

    def to_storage_error(error: OSError) -> StorageError:
        place = Place(str(path))
        if error.errno in {errno.EACCES, errno.EPERM}:
            return FolderNotWritableError(messages.problem("folder-closed", place))
        key = _MESSAGE_KEYS.get(error.errno or 0)
        if key == "folder-gone" and is_path_too_long(path):
            key = "path-too-long"  # Windows reports both in the same way
        if key:
            return StorageError(messages.problem(key, place))
        return StorageError(messages.problem("disk-error", place, why=os_error_text(error)))

    return translate_errors(OSError, to_storage_error)


_MESSAGE_KEYS = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full/quota",
    errno.EROFS: "folder-closed/read-only",
    errno.ENAMETOOLONG: "path-too-long",
    errno.ENOENT: "folder-gone",
    errno.EEXIST: "path-taken",
    errno.ENOTDIR: "path-taken",
}
"""Keys of messages, by the system's error number."""
