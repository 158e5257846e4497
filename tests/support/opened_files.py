"""The files that this process opens while something is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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


_open_hooks: list[Callable[[str, tuple[object, ...]], None]] = []


def _audit_hook(event: str, arguments: tuple[object, ...]) -> None:
    for hook in _open_hooks:
        hook(event, arguments)


sys.addaudithook(_audit_hook)
