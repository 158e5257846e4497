"""A stand-in for a disk that cannot be mounted here.

The limits of its file system hold below the temporary folder of the tests, for all that Python
does with files:

- `capitals`: `LI.docx` is `Li.docx`, and `é` may be one character or two, as on Windows and macOS.
- `links`: there are no links, as on FAT and exFAT.
- `characters`: names with `:` or `?`, or with a control character, are refused.

Not imitated: times of two seconds, what SQLite does, and other processes.
"""

from __future__ import annotations

import ctypes
import errno
import io
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest

LIMITS = os.environ.get("STAND_IN", "").split()

_ONE_PATH = (
    *("access", "chmod", "listdir", "lstat", "mkdir", "open", "readlink", "rmdir", "scandir"),
    *("stat", "unlink", "utime"),
)
_TWO_PATHS = ("rename", "replace", "link", "symlink")
_FORBIDDEN = re.compile(r'[\0-\x1f<>:"|?*\\]')

_library = ctypes.CDLL
_system = {name: getattr(os, name) for name in (*_ONE_PATH, *_TWO_PATHS)}


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class StandIn:
    """The limits of a disk, for everything below a folder."""

    def __init__(self, root: str) -> None:
        self._root = root

    def find(self, path: Any) -> Any:
        """Return the path as the disk has it, in the capitals that it was given."""
        if not isinstance(path, str | os.PathLike):
            return path  # a descriptor, or bytes
        absolute = os.path.abspath(os.fspath(path))
        if not isinstance(absolute, str) or not absolute.startswith(f"{self._root}/"):
            return path
        found = self._root
        for name in absolute.removeprefix(f"{self._root}/").split("/"):
            self._check_characters(name, absolute)
            found = f"{found}/{self._existing_name(found, name)}"
        return found

    def _check_characters(self, name: str, path: str) -> None:
        if "characters" in LIMITS and _FORBIDDEN.search(name):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)

    def _existing_name(self, folder: str, name: str) -> str:
        if "capitals" not in LIMITS:
            return name
        try:
            _system["lstat"](f"{folder}/{name}")
        except OSError:
            try:
                names = _system["listdir"](folder)
            except OSError:
                return name
            return next((other for other in names if _key(other) == _key(name)), name)
        return name

    def one_path(self, name: str) -> Callable[..., Any]:
        """Return a function of the os module that takes a path."""

        def call(path: Any = ".", *words: Any, **more: Any) -> Any:
            return _system[name](self.find(path), *words, **more)

        return call

    def two_paths(self, name: str) -> Callable[..., Any]:
        """Return a function of the os module that takes two paths."""

        def call(source: Any, target: Any, *words: Any, **more: Any) -> Any:
            if name in {"link", "symlink"} and "links" in LIMITS and self._has(target):
                raise OSError(errno.EPERM, os.strerror(errno.EPERM), source, None, target)
            found = source if name == "symlink" else self.find(source)
            return _system[name](found, self._new_path(found, target), *words, **more)

        return call

    def _has(self, path: Any) -> bool:
        absolute: str = os.path.abspath(os.fspath(path))
        return absolute.startswith(f"{self._root}/")

    def _new_path(self, source: Any, target: Any) -> Any:
        """Return the path of a moved file, which may change its capitals only."""
        found = self.find(target)
        if found == source and isinstance(found, str):
            return f"{os.path.dirname(found)}/{os.path.basename(os.fspath(target))}"
        return found


class _System:
    """The functions of the system that the program calls without Python."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in, self._library = stand_in, _library(None)

    def __getattr__(self, name: str) -> Any:
        """Return any other function of the system."""
        return getattr(self._library, name)

    def renameat2(self, _a: int, source: bytes, _b: int, target: bytes, _flags: int) -> int:
        """Rename without replacing, as Linux does."""
        if os.path.lexists(target.decode()):
            ctypes.set_errno(errno.EEXIST)
            return -1
        try:
            _system["rename"](*map(self._stand_in.find, (source.decode(), target.decode())))
        except OSError as error:
            ctypes.set_errno(error.errno or errno.EIO)
            return -1
        return 0

    def syncfs(self, _handle: int) -> int:
        """Do nothing: no test switches the computer off."""
        return 0


@pytest.fixture(autouse=True, scope="session")
def _limited_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the temporary folder of the tests the limits of the disk."""
    if not LIMITS:
        yield
        return
    stand_in = StandIn(os.path.realpath(tmp_path_factory.getbasetemp()))
    with pytest.MonkeyPatch.context() as patch:
        for name in _ONE_PATH:
            patch.setattr(os, name, stand_in.one_path(name))
        for name in _TWO_PATHS:
            patch.setattr(os, name, stand_in.two_paths(name))
        opened = io.open
        patch.setattr(io, "open", lambda file, *a, **k: opened(stand_in.find(file), *a, **k))
        patch.setattr("builtins.open", io.open)
        patch.setattr(ctypes, "CDLL", lambda *_, **__: _System(stand_in))
        yield
