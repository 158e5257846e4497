"""The files that this process opens, and Windows' limit for their paths."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def opened_files(ending: str) -> Iterator[list[str]]:
    """Yield the paths with this ending that the process opens in the block."""
    paths: list[str] = []

    def record_path(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith(ending):
            paths.append(str(arguments[0]))

    _open_hooks.append(record_path)
    yield paths
    _open_hooks.remove(record_path)


@contextmanager
def windows_path_limit() -> Iterator[list[str]]:
    """Refuse longer paths in the block, as Windows does by default, and yield them.

    Wine has no such limit.
    """
    refused: list[str] = []

    def refuse_long_path(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" or event.startswith("os."):
            for path in arguments[:2]:
                if isinstance(path, str | os.PathLike) and len(str(Path(path).absolute())) > 259:
                    refused.append(str(path))
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))

    _open_hooks.append(refuse_long_path)
    try:
        yield refused
    finally:
        _open_hooks.remove(refuse_long_path)


_open_hooks: list[Callable[[str, tuple[object, ...]], None]] = []


def _audit_hook(event: str, arguments: tuple[object, ...]) -> None:
    for hook in _open_hooks:
        hook(event, arguments)


sys.addaudithook(_audit_hook)
