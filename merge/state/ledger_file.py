"""The ledger's file in the letters folder: tables, version, damage.

Sync services copy the file between computers. So it contains only what is true on all of them; what
belongs to one computer is in `merge.state.private_ledger`.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import sqlite3
import time
from contextlib import AbstractContextManager, closing, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from merge import messages
from merge.disk import FileState, file_state, os_error_text, read_campaign_file, real_path
from merge.errors import StorageError, translate_errors
from merge.problems import Fault, Place
from merge.product import __version__
from merge.state.ledger_checks import (
    FIRST_FILES_FACT,
    PROGRAM_FACT,
    SALT_FACT,
    SALT_LENGTH,
    has_valid_values,
)

LEDGER_FILE = "Appeal Merge records.db"
"""The name in the letters folder. Some services skip hidden files."""

_VERSION = 10
"""The version number in the file itself (PRAGMA user_version).

Every change of the tables, or of what a fact contains, gets a new number. This program reads no
other version.
"""

SQLITE_RELEASE = sqlite3.sqlite_version
"""The version of SQLite itself, for reports."""
_FIRST_FILES = ("signers.xlsx", "templates/*.do*")
"""Patterns of the files with which a ledger begins."""


class JoinedTable(NamedTuple):
    """A table whose rows are joined with those of other computers.

    Each row has a moment, `at`, when it was last changed. See `merge.state.joining`.
    """

    name: str
    keys: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def columns(self) -> str:
        """All columns, without `at`."""
        return ", ".join(self.keys + self.values)

    def upsert(self, rows: str, condition: str) -> str:
        """Return SQL that stores rows, and replaces others on a condition."""
        updates = ", ".join(f"{value} = excluded.{value}" for value in (*self.values, "at"))
        return (
            f"INSERT INTO main.{self.name} ({self.columns}, at) {rows}"
            f" ON CONFLICT ({', '.join(self.keys)}) DO UPDATE SET {updates} WHERE {condition}"
        )

    @property
    def store_changed(self) -> str:
        """SQL that stores one row. Equal rows keep their moment."""
        marks = ", ".join("?" * (len(self.keys) + len(self.values) + 1))
        present = ", ".join(f"{self.name}.{value}" for value in self.values)
        new = ", ".join(f"excluded.{value}" for value in self.values)
        return self.upsert(f"VALUES ({marks})", f"({present}) IS NOT ({new})")


LETTER = JoinedTable(
    "letter",
    ("id",),
    ("path", "named", "day", "inputs", "output", "words", "content", "was", "superseded"),
)
PERSON = JoinedTable("person", ("key",), ("id", "kind", "name", "cells", "has_id"))
PRINTED = JoinedTable("printed", ("id",), ("number", "moment", "output", "inputs"))
PAPER = JoinedTable("paper", ("id", "stage"), ("marked", "output"))
DECISION = JoinedTable("decision", ("id", "choice"), ("seen",))
FIELDS = JoinedTable("said", ("digest",), ("fields",))
FACT = JoinedTable("fact", ("name",), ("value",))
JOINED_TABLES = (LETTER, PERSON, PRINTED, PAPER, DECISION, FIELDS, FACT)

_MOMENT = "INTEGER NOT NULL CHECK (at BETWEEN 0 AND 4102444800000000000)"
"""The type of `at`: nanoseconds since 1970, until the year 2100."""


def _path_type(column: str) -> str:
    """Return the type of a path that stays within the letters folder."""
    return (
        f"TEXT NOT NULL CHECK (instr({column}, char(0)) = 0 AND {column} NOT GLOB '/*'"
        f" AND {column} NOT GLOB '?:*' AND '/' || {column} || '/' NOT GLOB '*[/\\]..[/\\]*')"
    )


ID_TYPE = "TEXT NOT NULL CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*')"
_ALL_TABLES = f"""
CREATE TABLE letter (
    id {ID_TYPE}, path {_path_type("path")}, named BLOB NOT NULL,
    day INTEGER NOT NULL CHECK (day BETWEEN 1 AND 3652059), inputs BLOB NOT NULL,
    output BLOB NOT NULL, words BLOB NOT NULL, content TEXT NOT NULL,
    was {_path_type("was")} CHECK (was = '' OR was <> path), superseded TEXT NOT NULL,
    at {_MOMENT}, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX letter_path ON letter (path) WHERE path <> '';
CREATE TABLE person (
    key TEXT PRIMARY KEY, id {ID_TYPE}, kind TEXT NOT NULL CHECK (kind IN ('signer', 'recipient')),
    name TEXT NOT NULL, cells BLOB NOT NULL, has_id INTEGER NOT NULL, at {_MOMENT}
) STRICT, WITHOUT ROWID;
CREATE TABLE printed (
    id {ID_TYPE}, number INTEGER NOT NULL, moment TEXT NOT NULL
        CHECK (julianday(moment) IS NOT NULL),
    output BLOB NOT NULL,
    inputs BLOB NOT NULL, at {_MOMENT}, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE paper (
    id {ID_TYPE}, stage TEXT NOT NULL, marked INTEGER NOT NULL, output BLOB NOT NULL,
    at {_MOMENT},
    PRIMARY KEY (id, stage)
) STRICT, WITHOUT ROWID;
CREATE TABLE decision (
    id {ID_TYPE}, choice TEXT NOT NULL, seen BLOB NOT NULL, at {_MOMENT},
    PRIMARY KEY (id, choice)
) STRICT, WITHOUT ROWID;
CREATE TABLE said (
    digest TEXT PRIMARY KEY, fields TEXT NOT NULL CHECK (json_valid(fields)), at {_MOMENT}
) STRICT, WITHOUT ROWID;
CREATE TABLE version (id {ID_TYPE}, output BLOB, PRIMARY KEY (id, output)) STRICT, WITHOUT ROWID;
CREATE TABLE fact (
    name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value)), at {_MOMENT}
) STRICT, WITHOUT ROWID;
CREATE TABLE deleted (hash TEXT PRIMARY KEY, at {_MOMENT}) STRICT, WITHOUT ROWID;
"""
"""The CHECK constraints are tested by SQLite's integrity_check.

A row that violates one is damage. `paper` has a row with an empty stage for each letter that was
printed once; its `output` is that of the letter when it was first marked. `deleted` has salted
hashes of rows that were deleted, for `merge.state.joining`.
"""


def create_database(path: str, folder: Path) -> sqlite3.Connection:
    """Return a connection to a new ledger; `path` may be `:memory:`."""
    db = sqlite3.connect(path)
    configure(db, exclusive=True)
    first_files = {} if path == ":memory:" else _first_files(folder.parent)
    facts: dict[str, object] = {SALT_FACT: _new_salt(folder), PROGRAM_FACT: __version__}
    facts[FIRST_FILES_FACT] = first_files
    rows = ", ".join(f"('{name}', '{json.dumps(value)}', 0)" for name, value in facts.items())
    script = f"{_ALL_TABLES} INSERT INTO fact VALUES {rows};"  # noqa: S608 - no user input
    db.executescript(f"BEGIN; {script} PRAGMA user_version = {_VERSION}; COMMIT;")
    return db


def _first_files(campaign: Path) -> dict[str, int]:
    """Return the times of workbook and templates, by their hashes."""
    times = dict[str, int]()
    for path in (path for pattern in _FIRST_FILES for path in campaign.glob(pattern)):
        with suppress(OSError, StorageError):
            digest = hashlib.blake2b(read_campaign_file(path), digest_size=8).hexdigest()
            times[digest] = int(path.stat().st_mtime)
    return times


def _new_salt(folder: Path) -> str:
    """Return the salt of a new ledger, as hexadecimal digits.

    Within one process, a folder always gets the same salt. So hashes made before the ledger was
    written stay valid.
    """
    path = os.fsencode(real_path(folder))
    return hashlib.blake2b(path, digest_size=SALT_LENGTH, key=_secret()).hexdigest()


@cache
def _secret() -> bytes:
    return secrets.token_bytes(32)


_intact_ledgers: dict[Path, FileState] = {}
"""File states of ledgers that were found intact, by path.

The integrity check takes time, and one command opens a ledger twice.
"""

_SETTLING_TIME = 2_000_000_000
"""Nanoseconds after which another change of a file has another time.

This holds for all disks.
"""


def open_database(path: Path, *, exclusive: bool) -> sqlite3.Connection | None:
    """Return a connection to the ledger, or None if the file is damaged.

    Raise StorageError if another version of the program created it.
    """
    check_version(path.parent)
    state = file_state(str(path))
    if state and state.size > _MAX_BYTES:
        return None
    db, is_intact = sqlite3.connect(path, timeout=1), False
    try:
        configure(db, exclusive=exclusive)
        is_intact = state is not None and _intact_ledgers.get(path) == state
        if not is_intact:
            is_intact = _has_intact_rows(db)
            if is_intact and state and state.mtime + _SETTLING_TIME < time.time_ns():
                _intact_ledgers[path] = state
    except (sqlite3.DatabaseError, ValueError) as error:
        operational = isinstance(error, sqlite3.OperationalError)
        if operational and not any(words in str(error) for words in _DAMAGE_WORDS):
            raise
    finally:
        if not is_intact:
            db.close()
    if not is_intact:
        check_version(path.parent)  # SQLite may just have rolled back what a killed run had begun
        return None
    return db


_MAX_BYTES = 1 << 30
"""Size in bytes of the largest file that could be a ledger."""


def read_database(path: Path) -> bytes:
    """Return the bytes of a ledger's file.

    Raise OSError if it is larger than any ledger, and as `read_campaign_file`.
    """
    state = file_state(str(path))
    if state and state.size > _MAX_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return read_campaign_file(path)


def load_database(data: bytes) -> sqlite3.Connection | None:
    """Return a copy of a ledger's file in memory.

    Return None if the bytes are not a complete ledger of this version.
    """
    db = sqlite3.connect(":memory:")
    with suppress(sqlite3.Error, ValueError):
        db.deserialize(data)
        version = db.execute("PRAGMA user_version").fetchone()
        if version == (_VERSION,) and _has_intact_rows(db):
            return db
    db.close()
    return None


def check_version(folder: Path) -> None:
    """Raise StorageError if another version of the program created the ledger.

    The number is read from the bytes of the file (https://www.sqlite.org/fileformat.html, 1.3),
    because SQLite would first roll back what a run left half written. A file with the number 0 was
    never a ledger.
    """
    path = folder / LEDGER_FILE
    number = ledger_format(path)
    if number in {0, _VERSION}:
        return
    code = "ledger-newer-version" if number > _VERSION else "ledger-other-version"
    values: dict[str, str | int] = {"own_version": __version__} if number > _VERSION else {}
    if version := creator_version(path):
        values["version"] = version
    else:
        code, values["number"] = f"{code}/number", number
    raise StorageError(messages.problem(code, Place(str(folder)), **values))


def ledger_format(path: Path) -> int:
    """Return the version number in a ledger's file; 0 if it is not a ledger."""
    header = b""
    with suppress(OSError), path.open("rb") as file:
        header = file.read(_VERSION_BYTES.stop)
    return int.from_bytes(header[_VERSION_BYTES]) if header.startswith(_SQLITE_SIGNATURE) else 0


_SQLITE_SIGNATURE, _VERSION_BYTES = b"SQLite format 3\0", slice(60, 64)


def creator_version(path: Path) -> str:
    """Return the version that created a ledger; empty if unknown."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"  # without rollback and lock
    query = "SELECT value FROM fact WHERE name = ?"
    with suppress(sqlite3.Error, ValueError), closing(sqlite3.connect(uri, uri=True)) as db:
        row = db.execute(query, (PROGRAM_FACT,)).fetchone()
        version = str(json.loads(row[0])) if row else ""
        return version if _VERSION_TEXT.fullmatch(version) else ""
    return ""


_VERSION_TEXT = re.compile(r"\d[\w.+-]{0,29}")

_DAMAGE_WORDS = ("no such", "malformed", "Could not decode")
"""Words in SQLite's messages about tables that have been damaged."""


def _has_intact_rows(db: sqlite3.Connection) -> bool:
    """Return whether the tables are unchanged and all rows are valid."""
    (integrity,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    return integrity == "ok" and _tables(db) == _usual_tables() and has_valid_values(db)


@cache
def _usual_tables() -> list[tuple[str, str]]:
    with closing(create_database(":memory:", Path())) as db:
        return _tables(db)


def _tables(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def configure(db: sqlite3.Connection, *, exclusive: bool) -> None:
    """Set up a connection to the ledger's database.

    If `exclusive`, the lock is kept between queries, so that each takes half the time.
    """
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA synchronous = NORMAL")
    if exclusive:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")


def ledger_read_errors(folder: Path) -> AbstractContextManager[None]:
    """Return a context that reports a ledger in use as a StorageError."""
    return sqlite_errors(folder, (sqlite3.DatabaseError,))


def sqlite_errors(
    folder: Path, kinds: tuple[type[Exception], ...] = (sqlite3.DatabaseError, OSError)
) -> AbstractContextManager[None]:
    """Return a context that turns SQLite's errors into StorageErrors."""

    def into(error: Exception) -> StorageError:
        return StorageError(_fault_of(error).to_problem(Place(str(folder))))

    return translate_errors(kinds, into)


_REPLACED = {sqlite3.SQLITE_READONLY_DBMOVED, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""SQLite's errors if a sync or another computer's run replaced the file."""
_SQLITE_FAULTS = {"locked": "folder-busy", "full": "disk-full", "readonly": "ledger-closed"}
"""Keys of messages, by words in SQLite's errors."""


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, PermissionError):
        return messages.fault("folder-unreadable")
    if isinstance(error, OSError):
        return messages.fault("ledger-closed/error", why=os_error_text(error))
    if getattr(error, "sqlite_errorcode", 0) in _REPLACED:
        return messages.fault("ledger-closed/replaced")
    for words, key in _SQLITE_FAULTS.items():
        if words in str(error):
            return messages.fault(key)
    if isinstance(error, sqlite3.IntegrityError):
        return messages.fault("ledger-mismatch")
    return messages.fault("ledger-closed/other", why=str(error))
