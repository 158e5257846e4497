"""The folder of the letters: its own folders, its files as they are read, what the system says."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from merge import messages
from merge.disk import os_error_text
from merge.errors import StorageError, translate_errors
from merge.problems import Place

ORPHANS_FOLDER = "No longer wanted"
OLD_VERSIONS_FOLDER = "Old versions"
"""Folders below the letters that the program moves files into."""

_MAX_BYTES = 50 << 20
"""Bytes of a file that could be a letter."""


def no_check() -> None:
    """Let work go on."""


def folder_entries(folder: str, below: str, closed: list[str]) -> list[os.DirEntry[str]]:
    """Return what a folder below another holds; one that nobody may look into joins `closed`."""
    try:
        with os.scandir(f"{folder}/{below}" if below else folder) as entries:
            return list(entries)
    except PermissionError:
        closed.append(below)
    except OSError:
        pass  # it has just gone
    return []


def read_file(path: str) -> bytes | None:
    """Return a plain file's bytes; empty where it is too large, None where it cannot be opened."""
    with suppress(OSError):
        kind = os.lstat(path)
        if not stat.S_ISREG(kind.st_mode):
            return b""
        return Path(path).read_bytes() if kind.st_size <= _MAX_BYTES else b""
    return None


class FolderNotWritableError(StorageError):
    """The system does not let us write into one folder; the disk has room."""


def folder_errors(path: Path) -> AbstractContextManager[None]:
    """Return a context in which what the system says becomes what a person can do."""

    def into(error: OSError) -> StorageError:
        place = Place(str(path))
        if error.errno in {errno.EACCES, errno.EPERM}:
            return FolderNotWritableError(messages.problem("folder-closed", place))
        if key := _MESSAGE_KEYS.get(error.errno or 0):
            return StorageError(messages.problem(key, place))
        return StorageError(messages.problem("disk-error", place, why=os_error_text(error)))

    return translate_errors(OSError, into)


_MESSAGE_KEYS = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full/quota",
    errno.EROFS: "folder-closed/read-only",
    errno.ENAMETOOLONG: "path-too-long",
    errno.ENOENT: "folder-gone",
    errno.EEXIST: "path-taken",
    errno.ENOTDIR: "path-taken",
}
"""Keys of messages about what the system says."""
