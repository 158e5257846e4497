"""Text search in the ledger's rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


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
