"""The ledger's file as a search needs it: the texts of its rows, and nothing of rows that went."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from merge.state.ledger import ledger_read_errors


def row_texts(path: Path) -> list[str] | None:
    """Return every text in the rows of a ledger; None if the file cannot be read as one.

    In the bytes of the file a value begins right after the one before it, an id before a path say:
    two values then look like one word.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            rows = [row for (name,) in tables for row in db.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 - the file's own names
    except sqlite3.Error:
        return None
    return [text for row in rows for text in row if isinstance(text, str)]


def remove_free_space(path: Path) -> None:
    """Write the ledger again without space that nothing uses: there, rows that went may be left.

    SQLite fills what is deleted with zeros, but not always what it moves from page to page. Raise
    StorageError if the ledger is in use, or cannot be written.
    """
    with ledger_read_errors(path.parent), closing(sqlite3.connect(path, timeout=1)) as db:
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("VACUUM")
