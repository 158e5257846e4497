"""The program's memory of the letters it wrote: SQLite, hidden in the folder of the letters.

It holds ids, paths, days, sizes, times and hashes; no other personal data. What is erased is
overwritten (`secure_delete`). A rollback journal, since WAL does not work on network drives.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from merge.model import Content, Place, Problem, StorageError

FILE = ".merge-ledger"
_VERSION = 1
_TABLES = """
CREATE TABLE letter (
    id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, named BLOB NOT NULL, day INTEGER NOT NULL,
    inputs BLOB NOT NULL, output BLOB NOT NULL, words BLOB NOT NULL, size INTEGER NOT NULL,
    mtime INTEGER NOT NULL, checked INTEGER NOT NULL, content TEXT NOT NULL, was TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE version (id TEXT, output BLOB, PRIMARY KEY (id, output)) WITHOUT ROWID;
CREATE TABLE person (key TEXT PRIMARY KEY, id TEXT NOT NULL, cells BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE said (digest BLOB PRIMARY KEY, fields TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_UPSERT = (
    "INSERT INTO letter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " path = excluded.path, named = excluded.named, day = excluded.day, inputs = excluded.inputs,"
    " output = excluded.output, words = excluded.words, size = excluded.size,"
    " mtime = excluded.mtime, checked = excluded.checked, content = excluded.content,"
    " was = excluded.was"
)
_SECOND = 1_000_000_000
"""Nanoseconds. A file system that tells whole seconds only may round them up to two (FAT)."""


class Known(NamedTuple):
    """What is remembered of a letter.

    `path` is in NFC, below the folder of the letters; `named` tells whom it was named after, and
    `inputs` what its last version was made from; `output` and `words` are that version's hashes.
    `content` is what its file was found to be when it had `size` and `mtime`, which was at
    `checked` (nanoseconds since 1970); empty before the file was written. `was` is the path that
    it is being moved from.
    """

    id: str
    path: str
    named: bytes
    day: dt.date
    inputs: bytes
    output: bytes = b""
    words: bytes = b""
    size: int = 0
    mtime: int = 0
    checked: int = 0
    content: Content = ""
    was: str = ""

    def still(self, size: int, mtime: int) -> bool:
        """Whether a file of this size and time is the one that was looked at, as in git's index.

        One that was changed at the very moment may have kept its time, and is looked at again.
        """
        settled = mtime + (2 * _SECOND if mtime % _SECOND == 0 else 0) < self.checked
        return settled and (size, mtime) == (self.size, self.mtime) and self.content != ""


class Someone(NamedTuple):
    """A person who had letters: a hash of the ID or name, who it is, a hash of the other cells.

    `cells` is empty where these do not tell who somebody is, or the person left before.
    """

    key: str
    id: str
    cells: bytes


@dataclass
class News:
    """What is to be written down, all of it at once."""

    letters: list[Known] = field(default_factory=list)
    people: list[Someone] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    said: dict[bytes, Mapping[str, str]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


class Ledger:
    """The ledger of one folder. `fresh`: there was none, or none that could be read."""

    def __init__(self, db: sqlite3.Connection, folder: Path, *, fresh: bool) -> None:
        self._db, self._folder, self.fresh = db, folder, fresh

    def letter(self, letter_id: str) -> Known | None:
        """What is known of a letter; None where it was never made here."""
        row = self._one("SELECT * FROM letter WHERE id = ?", letter_id)
        return _known(row) if row else None

    def letters(self) -> Iterator[Known]:
        """Every letter that was ever made here."""
        return map(_known, self._db.execute("SELECT * FROM letter"))

    def path(self, letter_id: str) -> str:
        """The path of a letter, empty where it is not known."""
        row = self._one("SELECT path FROM letter WHERE id = ?", letter_id)
        return str(row[0]) if row else ""

    def has_path(self, path: str) -> bool:
        """Whether a letter has this path."""
        return self._one("SELECT 1 FROM letter WHERE path = ?", path) is not None

    def is_version(self, letter_id: str, output: bytes) -> bool:
        """Whether an earlier version of the letter had these bytes."""
        ask = "SELECT 1 FROM version WHERE id = ? AND output = ?"
        return self._one(ask, letter_id, output) is not None

    def people(self) -> Iterator[Someone]:
        """Everybody who had letters."""
        return (Someone(*row) for row in self._db.execute("SELECT * FROM person"))

    def fields(self, digest: bytes) -> Mapping[str, str]:
        """The hashes of the single fields behind a digest, by their names; none where unknown."""
        row = self._one("SELECT fields FROM said WHERE digest = ?", digest)
        return json.loads(str(row[0])) if row else {}

    def fact(self, name: str) -> str:
        """A fact about the folder, empty where it was never written down."""
        row = self._one("SELECT value FROM fact WHERE name = ?", name)
        return str(row[0]) if row else ""

    def _one(self, ask: str, *values: object) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self._db.execute(ask, values).fetchone()
        return row

    def commit(self, news: News) -> None:
        """Write the news down, all or none. StorageError where the disk does not let us."""
        old = ((k.id, k.output) for k in news.letters)
        said = ((digest, json.dumps(fields)) for digest, fields in news.said.items())
        with _told(self._folder), self._db:
            self._db.executemany(_KEEP_OLD, old)
            self._db.executemany(_UPSERT, map(_row, news.letters))
            self._db.executemany("DELETE FROM person WHERE key = ?", ((k,) for k in news.renamed))
            self._db.executemany("REPLACE INTO person VALUES (?, ?, ?)", news.people)
            self._db.executemany("REPLACE INTO said VALUES (?, ?)", said)
            self._db.executemany("REPLACE INTO fact VALUES (?, ?)", news.facts.items())

    def forget(self, letter_id: str) -> None:
        """Take a letter out that was never written after all."""
        with _told(self._folder), self._db:
            self._db.execute("DELETE FROM letter WHERE id = ?", (letter_id,))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


_KEEP_OLD = (
    "INSERT OR IGNORE INTO version"
    " SELECT id, output FROM letter WHERE id = ? AND output NOT IN (?, x'')"
)


def _known(row: tuple[object, ...]) -> Known:
    values = list(row)
    values[3] = dt.date.fromordinal(int(str(row[3])))
    return Known(*values)  # type: ignore[arg-type] # the columns are the fields, in their order


def _row(known: Known) -> tuple[object, ...]:
    return (*known[:3], known.day.toordinal(), *known[4:])


def open_ledger(folder: Path) -> Ledger:
    """The folder's ledger for the one run that writes there; one that is damaged is set aside."""
    path = folder / FILE
    with _told(folder):
        there = path.exists()
        if there:
            db = _opened(path, alone=True)
            if db is not None:
                return Ledger(db, folder, fresh=False)
            path.replace(folder / f"{FILE}.damaged")
        return Ledger(_new(str(path)), folder, fresh=True)


def read_ledger(folder: Path) -> Ledger:
    """The folder's ledger to read only; an empty one where there is none that can be read."""
    with _told(folder):
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
        (sound,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if version == _VERSION and sound == "ok" and _is_whole(db):
            return db
    except sqlite3.OperationalError as error:
        if not any(words in str(error) for words in _DAMAGED):
            db.close()
            raise
    except sqlite3.DatabaseError:
        pass
    db.close()
    return None


_DAMAGED = ("no such", "Could not decode", "malformed")
"""What SQLite says of tables that are not as they were made."""


def _is_whole(db: sqlite3.Connection) -> bool:
    """Whether every row can be read."""
    for row in db.execute("SELECT id, path, was FROM letter"):
        if not all(isinstance(text, str) for text in row):
            return False
    odd = "SELECT 1 FROM letter WHERE typeof(day) <> 'integer' OR day NOT BETWEEN 1 AND 3652059"
    for table in ("version", "person", "said", "fact"):
        db.execute(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608 - the names stand here
    columns = db.execute("SELECT * FROM letter LIMIT 1").description
    return len(columns) == len(Known._fields) and db.execute(odd).fetchone() is None


def _set_up(db: sqlite3.Connection, *, alone: bool) -> None:
    """`alone`: keep the lock from one question to the next, which makes each half as long."""
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA synchronous = NORMAL")
    if alone:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what SQLite says into what a person can do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        busy, full = "locked" in str(error), "full" in str(error)
        if busy:
            what, hint = "another run is at work here.", "Wait until it is done, then run again."
        elif full:
            what, hint = "the disk is full.", "Make room on it, then run again."
        else:
            what = f"the program's memory, {FILE}, cannot be written ({error})."
            hint = "Ask who may write in this folder."
        code = "folder-busy" if busy else "disk-full" if full else "ledger-closed"
        raise StorageError(Problem(code, Place(str(folder)), what, hint)) from error
