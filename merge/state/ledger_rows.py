"""Text search in the ledger's rows, and secure removal of deleted rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from merge.state.ledger import ledger_read_errors


def row_texts(path: Path) -> list[str] | None:
    """Return every text in the rows of a ledger; None if it cannot be read.

    A search in the bytes of the file would find wrong words: each value begins directly after the
    previous one, such as a path after an ID.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            rows = [row for (name,) in tables for row in db.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 - the file's own names
    except sqlite3.Error:
        return None
    return [text for row in rows for text in row if isinstance(text, str)]


def remove_free_space(path: Path) -> None:
    """Rewrite the ledger without free space, which may contain deleted rows.

    SQLite overwrites deleted values with zeros, but not always the values that it moves to another
    page. Raise StorageError if the ledger is in use or cannot be written.
    """
    with ledger_read_errors(path.parent), closing(sqlite3.connect(path, timeout=1)) as db:
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("VACUUM")
