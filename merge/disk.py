"""Files on the disk: whether one is still the same, who has it open, a new one beside its place."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

DRAFT = ".merge-", ".tmp"
"""How the names of files begin and end that are not whole yet."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

_MOST_INTEGER = (1 << 63) - 1
"""SQLite's. Some file systems of Windows have longer numbers."""


class FileState(NamedTuple):
    """What shows that a file is still the same: bytes, nanoseconds since 1970, number on the disk.

    The number is 0 where it does not count.
    """

    size: int
    mtime: int
    inode: int


def file_state(path: str) -> FileState | None:
    """Return the state of a plain file; None where there is none. A link is not followed."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return FileState(found.st_size, found.st_mtime_ns, found.st_ino & _MOST_INTEGER)


def linked_state(path: Path) -> FileState | None:
    """Return the state of what lies at a path, its number left out; None where nothing does.

    A link is followed; FileNotFoundError where it leads nowhere.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise
        return None
    return FileState(found.st_size, found.st_mtime_ns, 0)


OFFICE_OWNER, LIBREOFFICE_OWNER = "~$", ".~lock."
"""How the names of the owner files begin that lie beside a file while a program has it open."""


def owner_files(name: str) -> tuple[str, str]:
    """Return the names of the owner files of Office and of LibreOffice for a file.

    Word leaves out the beginning of the name: see `word_owner_files`.
    """
    return f"{OFFICE_OWNER}{name}", f"{LIBREOFFICE_OWNER}{name}#"


def word_owner_files(name: str) -> Iterator[str]:
    """Yield the names that the owner files of a Word document may have.

    Word leaves out the first two characters of a long name, one of a shorter (from memory).
    """
    yield from (f"{OFFICE_OWNER}{name[cut:]}" for cut in (1, 2))
    yield from owner_files(name)


def free_name(folder: Path, name: str, ending: str = "") -> str:
    """Return the name, with a number where it is taken with that ending."""
    names = chain((name,), (f"{name}-{n}" for n in count(2)))
    return next(each for each in names if not os.path.lexists(folder / f"{each}{ending}"))


@contextmanager
def draft(path: str, write: Callable[[int], object]) -> Iterator[None]:
    """Write a new file, by its descriptor; in the end it is gone, unless it was renamed.

    It has the folder's own permissions (a private one would lock colleagues out). OSError as the
    disk says.
    """
    try:
        handle = create(path)
        try:
            write(handle)
        finally:
            os.close(handle)
        yield
    finally:
        with suppress(OSError):
            os.unlink(path)


def create(path: str) -> int:
    """Make a file and return its descriptor. FileExistsError where something is there."""
    return os.open(path, _NEW, 0o666)


def write_all(handle: int, data: bytes) -> None:
    """Write all the bytes: the system may take them piece by piece."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def short_path(path: Path) -> str:
    """Return a letter's file as messages name it: with its folder, as a rule its signer's."""
    return "/".join(path.parts[-2:])
