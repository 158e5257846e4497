"""The program on a network drive whose locks do nothing.

Some drives accept every lock, even if another computer has it. The locks of files and those of
SQLite are replaced; all else is the program as it is. It begins when a line arrives on standard
input, so that two processes can begin at one moment.
"""

from __future__ import annotations

import fcntl
import sqlite3
import sys
from pathlib import Path
from typing import Any

from merge.campaign import letters_run, marking, print_run
from merge.cli import main

LOADED = (letters_run, marking, print_run)
"""Modules that are loaded before the start, because that takes time."""

connect = sqlite3.connect


def accept_lock(*_: object) -> None:
    """Do nothing, as such a drive does."""


def connect_without_locks(database: str | Path, **options: Any) -> Any:  # noqa: ANN401 - SQLite's own
    """Open a database with the file system of SQLite that has no locks."""
    if str(database) == ":memory:":
        return connect(database, **options)
    is_uri = options.pop("uri", False)
    uri = str(database) if is_uri else Path(database).absolute().as_uri()
    return connect(f"{uri}{'&' if '?' in uri else '?'}vfs=unix-none", uri=True, **options)


if __name__ == "__main__":
    fcntl.flock = fcntl.lockf = accept_lock
    sqlite3.connect = connect_without_locks  # type: ignore[assignment]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.exit(main(sys.argv[1:]))
