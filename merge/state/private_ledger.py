"""The private file of a computer for a ledger.

It is in the program's private folder, and contains:

1. The states of letters' files on this computer, so that unchanged files are not read again.
2. Facts about this computer's last run.
3. The last copy of the ledger, as this computer left it. It is joined with the file in the letters
   folder, which a sync service may have replaced with another computer's.

All of it may be lost: files are read again.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

from merge.computer import campaign_file
from merge.disk import FileState, delete_file, real_path
from merge.state.ledger_file import ID_TYPE, configure

REGISTER_FILE_FACT = "register_file"
"""The fact that stores the state of the register's file after a run."""
PRIVATE_FACTS = frozenset({"unsettled", "print", REGISTER_FILE_FACT})
"""Names of facts that are true for one computer only."""
_FILE_FACT, _FOLDER_FACT, _REPLACES_FACT = "file", "folder", "replaces"
_DAMAGE_FACT = "damage"
"""The fact that stores a damaged file's state, and when it was first seen."""
_ARRIVAL_TIME = 60 * 60
"""Seconds after which an unchanged file is not arriving any more."""

_TABLES = f"""
CREATE TABLE IF NOT EXISTS private.state (
    id {ID_TYPE}, output BLOB NOT NULL, content TEXT NOT NULL, size INTEGER NOT NULL,
    mtime INTEGER NOT NULL, inode INTEGER NOT NULL, ctime INTEGER NOT NULL,
    checked INTEGER NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS private.printed_state (
    id {ID_TYPE}, output BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    inode INTEGER NOT NULL, ctime INTEGER NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS private.layout (
    id {ID_TYPE}, seen BLOB NOT NULL, pages INTEGER NOT NULL, lone_signature INTEGER NOT NULL,
    room_mm REAL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS private.pdf (
    laid_out BLOB PRIMARY KEY, output BLOB NOT NULL, size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS private.fact (
    name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS private.last_copy (data BLOB NOT NULL) STRICT;
"""
"""If these change, `_EXTENSION` gets another name."""
_EXTENSION = ".db"
_MEMORY = ":memory:"
_UNUSED_TIME = 30 * 86_400
"""Seconds after which the private file of a missing folder is deleted."""
_MOST_CHECKED = 50
"""Number of private files that a usual run looks at."""


class PrivateLedger:
    """The private file for the ledger of one letters folder.

    It is a second database, `private`, of the connection to the ledger. If the private folder
    cannot be used, it is in memory.
    """

    def __init__(self, db: sqlite3.Connection, path: str) -> None:
        self._db = db
        db.execute("ATTACH ? AS private", (path,))
        db.executescript(f"BEGIN; {_TABLES} COMMIT;")

    @classmethod
    def attach(cls, db: sqlite3.Connection, folder: Path, *, exclusive: bool) -> PrivateLedger:
        """Attach the private file of a letters folder to a connection.

        If not `exclusive`, no file is created.
        """
        path = campaign_file(folder, _EXTENSION, create=exclusive)
        is_new = path is not None and not path.exists()
        if path and (exclusive or not is_new):
            try:
                private = cls(db, str(path))
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                with suppress(sqlite3.OperationalError):
                    db.execute("DETACH private")
                delete_file(path)  # damaged
                return cls.attach(db, folder, exclusive=exclusive)
            else:
                db.execute("PRAGMA private.secure_delete = ON")
                if is_new:
                    private.delete_unused()
                return private
        return cls(db, _MEMORY)

    def fact(self, name: str) -> str:
        """Return a fact about this computer, or an empty text."""
        row = self._db.execute("SELECT value FROM private.fact WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def has_seen(self, state: FileState | None) -> bool:
        """Return whether the ledger's file is as this computer left it."""
        return state is not None and self.fact(_FILE_FACT) == json.dumps(state)

    @property
    def replaces_file(self) -> bool:
        """Whether the last run worked with the last copy of the ledger."""
        return self.fact(_REPLACES_FACT) == "true"

    def last_copy(self) -> bytes:
        """Return the last copy of the ledger's file, or empty bytes."""
        row = self._db.execute("SELECT data FROM private.last_copy").fetchone()
        return bytes(row[0]) if row else b""

    def has_stayed_damaged(self, state: FileState | None) -> bool:
        """Return whether the ledger's damaged file has not changed for an hour.

        The first call for a state records when it was seen.
        """
        seen, at = json.loads(self.fact(_DAMAGE_FACT) or "[null, 0]")
        if state is not None and seen == list(state):
            return time.time() > float(at) + _ARRIVAL_TIME
        damage = json.dumps((state, time.time()))
        with self._db:
            self._db.execute("REPLACE INTO private.fact VALUES (?, ?)", (_DAMAGE_FACT, damage))
        return False

    def save_last_copy(self, data: bytes, folder: Path, state: FileState | None) -> None:
        """Store the ledger's file, with the state that it has in the folder.

        `state` is None if the file in the folder could not be used.
        """
        facts = {
            _FILE_FACT: json.dumps(state),
            _FOLDER_FACT: json.dumps(real_path(folder)),
            _REPLACES_FACT: json.dumps(state is None),
        }
        with self._db:
            self._db.execute("DELETE FROM private.last_copy")
            self._db.execute("INSERT INTO private.last_copy VALUES (?)", (data,))
            self._db.executemany("REPLACE INTO private.fact VALUES (?, ?)", facts.items())

    def forget_register_file(self) -> None:
        """Let the next run read the register, whatever its file's state is."""
        self._db.execute("DELETE FROM private.fact WHERE name = ?", (REGISTER_FILE_FACT,))

    def delete_unused(self, seconds: int = _UNUSED_TIME) -> None:
        """Delete private files of missing folders, unused for some seconds."""
        home = campaign_file(Path(), _EXTENSION, create=False)
        most = _MOST_CHECKED if seconds else None
        if home is None:
            return
        with suppress(OSError), os.scandir(home.parent) as entries:
            for entry in islice(entries, most):
                is_old = entry.stat().st_mtime < time.time() - seconds
                if entry.name.endswith(_EXTENSION) and is_old and not _has_folder(Path(entry)):
                    for file in Path(entry).parent.glob(f"{Path(entry).stem}.*"):
                        delete_file(file)

    def delete_states(self, letters: list[tuple[str]]) -> None:
        """Delete what is stored about letters' files."""
        for table in ("state", "printed_state", "layout"):
            self._db.executemany(f"DELETE FROM private.{table} WHERE id = ?", letters)  # noqa: S608 - no user input
        self._db.execute("DELETE FROM private.pdf")

    def clear(self) -> None:
        """Delete everything, because the ledger is a new one or was closed."""
        with self._db:
            for table in ("state", "printed_state", "layout", "pdf", "fact", "last_copy"):
                self._db.execute(f"DELETE FROM private.{table}")  # noqa: S608 - no user input


def _has_folder(path: Path) -> bool:
    """Return whether a private file's folder exists, or a run uses the file."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as db:
            configure(db, exclusive=False)
            row = db.execute("SELECT value FROM fact WHERE name = ?", (_FOLDER_FACT,)).fetchone()
            return bool(row) and Path(json.loads(row[0])).exists()
    except sqlite3.OperationalError:  # locked
        return True
    except (sqlite3.Error, ValueError):
        return False
