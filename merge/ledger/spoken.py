"""What SQLite says, as what a person can do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from merge.model import Place, Problem, StorageError

FILE = ".merge-ledger"


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn what SQLite says into what a person can do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        busy, full = "locked" in str(error), "full" in str(error)
        if busy:
            what, hint = "another run is at work here.", "Wait until it is done, then run again."
        elif full:
            what, hint = "the disk is full.", "Make room on it, then run again."
        else:
            what = f"the program's memory, {FILE}, cannot be written ({error})."
            hint = "Make room on the disk, or ask who may write here."
        code = "folder-busy" if busy else "disk-full" if full else "ledger-closed"
        raise StorageError(Problem(code, Place(str(folder)), what, hint)) from error
