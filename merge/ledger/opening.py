"""The ledger's file: made, opened, looked through for damage."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from merge.ledger.book import Ledger
from merge.ledger.spoken import FILE, told

_VERSION = 2
_ID = "TEXT NOT NULL CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*')"
_TABLES = f"""
CREATE TABLE letter (
    id {_ID}, path TEXT NOT NULL UNIQUE, named BLOB NOT NULL,
    day INTEGER NOT NULL CHECK (day BETWEEN 1 AND 3652059), inputs BLOB NOT NULL,
    output BLOB NOT NULL, words BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    inode INTEGER NOT NULL, checked INTEGER NOT NULL, content TEXT NOT NULL,
    was TEXT NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE version (id {_ID}, output BLOB, PRIMARY KEY (id, output)) STRICT, WITHOUT ROWID;
CREATE TABLE person (
    key TEXT PRIMARY KEY, id {_ID}, kind TEXT NOT NULL CHECK (kind IN ('signer', 'recipient')),
    name TEXT NOT NULL, cells BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE said (
    digest BLOB PRIMARY KEY, fields TEXT NOT NULL CHECK (json_valid(fields))
) STRICT, WITHOUT ROWID;
CREATE TABLE printed (
    id {_ID}, batch TEXT NOT NULL, output BLOB NOT NULL, size INTEGER NOT NULL,
    mtime INTEGER NOT NULL, inode INTEGER NOT NULL, inputs BLOB NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE fact (
    name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
"""
"""The checks are those of SQLite's own integrity_check: a row that breaks one is damage."""


def open_ledger(folder: Path) -> Ledger:
    """The folder's ledger for the one run that writes there; one that is damaged is set aside."""
    path = folder / FILE
    with told(folder):
        there = path.exists()
        if there:
            db = _opened(path, alone=True)
            if db is not None:
                return Ledger(db, folder, fresh=False)
            path.replace(folder / f"{FILE}.damaged")
        return Ledger(_new(str(path)), folder, fresh=True)


def read_ledger(folder: Path) -> Ledger:
    """The folder's ledger to read only; an empty one where there is none that can be read."""
    with told(folder):
        path = folder / FILE
        db = _opened(path) if path.exists() else None
        return Ledger(db or _new(":memory:"), folder, fresh=db is None)


def no_ledger() -> Ledger:
    """A ledger that knows nothing and is kept nowhere."""
    return Ledger(_new(":memory:"), Path(), fresh=True)


def _new(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    _set_up(db, alone=True)
    db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
    return db


def _opened(path: Path, *, alone: bool = False) -> sqlite3.Connection | None:
    """None where the file is no ledger, or damaged."""
    db = sqlite3.connect(path, timeout=1)
    try:
        _set_up(db, alone=alone)
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == _VERSION and _is_whole(db):
            return db
    except sqlite3.OperationalError as error:
        if not any(words in str(error) for words in _DAMAGED):
            db.close()
            raise
    except (sqlite3.DatabaseError, ValueError):
        pass
    db.close()
    return None


_DAMAGED = ("no such", "malformed", "Could not decode")
"""What SQLite says of tables that are not as they were made."""


def _is_whole(db: sqlite3.Connection) -> bool:
    """Whether the tables are as they were made and every row is as it may be."""
    (sound,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    for _ in db.execute("SELECT path, was FROM letter"):
        pass  # a path that is no UTF-8 is told here
    return sound == "ok" and _tables(db) == _tables(_new(":memory:"))


def _tables(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def _set_up(db: sqlite3.Connection, *, alone: bool) -> None:
    """`alone`: keep the lock from one question to the next, which makes each half as long."""
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA synchronous = NORMAL")
    if alone:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
