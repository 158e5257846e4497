"""Private state of a computer for a letters folder, in the private folder.

1. The states of letters' files on this computer, so that unchanged files are not read again.
2. Facts about this computer's last run, and moves of letters that it did not finish.
3. Page layouts, and hashes of PDFs.

The mirror of the records is beside it: see `merge.state.run_files`. All of it may be lost: files
are read again.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, closing, suppress
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from merge import messages
from merge.computer import campaign_file
from merge.disk import FileState, delete_file, real_path
from merge.errors import StorageError, translate_errors
from merge.letter_status import FileContent
from merge.problems import Place
from merge.state.ledger_records import (
    LayoutRecord,
    LedgerChangeSet,
    LetterRecord,
    PdfRecord,
)

REGISTER_FILE_FACT = "register_file"
"""The fact that stores the state of the register's file after a run."""
READ_KEYS_FACT = "register_keys"
"""The fact with the keys of marks read since the register was written."""
PRIVATE_FACTS = frozenset({"unsettled", "print", REGISTER_FILE_FACT, READ_KEYS_FACT})
"""Names of facts that are true for one computer only."""
_FOLDER_FACT = "folder"

_ID_TYPE = "TEXT NOT NULL CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*')"
_TABLES = f"""
CREATE TABLE IF NOT EXISTS state (
    id {_ID_TYPE}, output BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    inode INTEGER NOT NULL, ctime INTEGER NOT NULL, checked INTEGER NOT NULL,
    content TEXT NOT NULL, was TEXT NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS printed_state (
    id {_ID_TYPE}, output BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    inode INTEGER NOT NULL, ctime INTEGER NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS layout (
    id {_ID_TYPE}, seen BLOB NOT NULL, pages INTEGER NOT NULL, lone_signature INTEGER NOT NULL,
    room_mm REAL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pdf (
    laid_out BLOB PRIMARY KEY, output BLOB NOT NULL, size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fact (
    name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
"""
"""If these change, `_EXTENSION` gets another name."""
_EXTENSION = ".db"
_MEMORY = ":memory:"
_UNUSED_TIME = 30 * 86_400
"""Seconds after which the private file of a missing folder is deleted."""
_MOST_CHECKED = 50
"""Number of private files that a usual run looks at."""


class FileSeen(NamedTuple):
    """A letter's file as this computer saw it last.

    It counts only for the version with the hash `output`. The other fields are as in
    `LetterRecord`.
    """

    output: bytes
    size: int = 0
    mtime: int = 0
    inode: int = 0
    ctime: int = 0
    checked: int = 0
    content: FileContent = "made"
    was: str = ""


class PrivateState:
    """The private file for one letters folder.

    If the private folder cannot be used, it is in memory.
    """

    def __init__(self, path: str, folder: Path) -> None:
        self._db, self._folder = sqlite3.connect(path), folder
        try:
            self._db.executescript(f"BEGIN; {_TABLES} COMMIT; PRAGMA secure_delete = ON;")
        except sqlite3.Error:
            self._db.close()
            raise

    @classmethod
    def open(cls, folder: Path, *, create: bool) -> PrivateState:
        """Return the private state for a letters folder.

        If not `create`, no file is created. Raise StorageError if SQLite reports an error.
        """
        path = campaign_file(folder, _EXTENSION, create=create)
        is_new = path is not None and not path.exists()
        if path is None or (is_new and not create):
            return cls(_MEMORY, folder)
        with sqlite_errors(folder):
            try:
                private = cls(str(path), folder)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                delete_file(path)  # damaged
                return cls.open(folder, create=create)
            if is_new:
                private.delete_unused()
                private._store_facts({_FOLDER_FACT: json.dumps(real_path(folder))})
        return private

    @cached_property
    def files_seen(self) -> dict[str, FileSeen]:
        """The files of letters as this computer saw them last, by letter ID."""
        return {row[0]: FileSeen._make(row[1:]) for row in self._query("SELECT * FROM state")}

    @cached_property
    def prints_seen(self) -> dict[str, tuple[bytes, FileState]]:
        """The files that were put into print files, with hashes, by letter ID."""
        rows = self._query("SELECT * FROM printed_state")
        return {letter_id: (output, FileState(*state)) for letter_id, output, *state in rows}

    def layouts(self, letter_ids: Sequence[str]) -> dict[str, LayoutRecord]:
        """Return page layouts of letters by ID."""
        marks = ",".join("?" * len(letter_ids))
        rows = self._query(f"SELECT * FROM layout WHERE id IN ({marks})", *letter_ids)  # noqa: S608 - no user input
        return {row[0]: LayoutRecord(*row) for row in rows}

    def pdf(self, laid_out: bytes) -> PdfRecord | None:
        """Return the record of the PDF made from input with this hash, or None."""
        rows = self._query("SELECT * FROM pdf WHERE laid_out = ?", laid_out)
        return next((PdfRecord(*row) for row in rows), None)

    def fact(self, name: str) -> str:
        """Return a fact about this computer, or an empty text."""
        rows = self._query("SELECT value FROM fact WHERE name = ?", name)
        return next((str(value) for (value,) in rows), "")

    def _query(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite_errors(self._folder):
            return self._db.execute(query, values).fetchall()

    def save_files(self, changes: LedgerChangeSet) -> None:
        """Store what this computer saw of files, before the records change."""
        letters = [*changes.letters, *changes.new_letters]
        if not (letters or changes.print_records or changes.layouts or changes.pdfs):
            return
        seen = {letter.id: _file_seen(letter) for letter in letters}
        printed = {r.id: (r.output, r.file_state) for r in changes.print_records}
        with sqlite_errors(self._folder), self._db:
            execute = self._db.executemany
            states = ((letter_id, *file) for letter_id, file in seen.items())
            execute("REPLACE INTO state VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", states)
            rows = ((letter_id, output, *state) for letter_id, (output, state) in printed.items())
            execute("REPLACE INTO printed_state VALUES (?, ?, ?, ?, ?, ?)", rows)
            execute("REPLACE INTO layout VALUES (?, ?, ?, ?, ?)", changes.layouts)
            execute("REPLACE INTO pdf VALUES (?, ?, ?)", changes.pdfs)
        self.files_seen.update(seen)
        self.prints_seen.update(printed)

    def save_facts(self, changes: LedgerChangeSet) -> None:
        """Store facts about this computer, after the records have changed."""
        self._store_facts({n: value for n, value in changes.facts.items() if n in PRIVATE_FACTS})

    def _store_facts(self, facts: dict[str, str]) -> None:
        if facts:
            with sqlite_errors(self._folder), self._db:
                self._db.executemany("REPLACE INTO fact VALUES (?, ?)", facts.items())

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

    def delete_states(self, letter_ids: Iterable[str]) -> None:
        """Delete what is stored about letters' files."""
        ids = [(letter_id,) for letter_id in letter_ids]
        with sqlite_errors(self._folder), self._db:
            for table in ("state", "printed_state", "layout"):
                self._db.executemany(f"DELETE FROM {table} WHERE id = ?", ids)  # noqa: S608 - no user input
            self._db.execute("DELETE FROM pdf")
        self._forget_what_was_read()

    def clear(self) -> None:
        """Delete everything, because the campaign is a new one or was closed."""
        with sqlite_errors(self._folder), self._db:
            for table in ("state", "printed_state", "layout", "pdf"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - no user input
            self._db.execute("DELETE FROM fact WHERE name <> ?", (_FOLDER_FACT,))
        self._forget_what_was_read()

    def _forget_what_was_read(self) -> None:
        for name in ("files_seen", "prints_seen"):
            self.__dict__.pop(name, None)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _file_seen(letter: LetterRecord) -> FileSeen:
    return FileSeen(
        output=letter.output,
        **letter.file_state._asdict(),
        checked=letter.checked,
        content=letter.content,
        was=letter.was,
    )


def _has_folder(path: Path) -> bool:
    """Return whether a private file's folder exists, or a run uses the file."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as db:
            row = db.execute("SELECT value FROM fact WHERE name = ?", (_FOLDER_FACT,)).fetchone()
            return bool(row) and Path(json.loads(row[0])).exists()
    except sqlite3.OperationalError:  # locked
        return True
    except (sqlite3.Error, ValueError):
        return False


def sqlite_errors(folder: Path) -> AbstractContextManager[None]:
    """Return a context that turns SQLite's errors into StorageErrors."""

    def to_storage_error(error: Exception) -> StorageError:
        place, text = Place(str(folder)), str(error)
        if key := next((key for words, key in _SQLITE_FAULTS.items() if words in text), ""):
            return StorageError(messages.problem(key, place))
        return StorageError(messages.problem("folder-closed/private", place, why=text))

    return translate_errors(sqlite3.Error, to_storage_error)


_SQLITE_FAULTS = {"locked": "folder-busy", "full": "disk-full"}
"""Keys of messages, by words in SQLite's errors."""
