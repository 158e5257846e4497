"""The ledger: the program's record of the letters that it created.

It is one SQLite file, hidden in the letters folder. It is queried letter by letter, and stores all
changes of a step in one transaction. It contains IDs, paths and hashes, and no other personal data.
Hashes of people and their cells are salted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeVar, cast

from merge import messages
from merge.disk import FileState, file_state, os_error_text
from merge.errors import StorageError, translate_errors
from merge.naming import Salt
from merge.problems import Fault, Place, shorten
from merge.product import __version__
from merge.state.ledger_records import (
    DecisionRecord,
    LayoutRecord,
    LedgerChangeSet,
    LetterRecord,
    PdfRecord,
    PersonRecord,
    PrintedBatch,
    PrintRecord,
    RunTimeSpan,
)

LEDGER_FILE = ".merge-ledger"


def open_ledger(folder: Path) -> Ledger:
    """Return the ledger of a folder, for the only run that writes there.

    A damaged ledger is renamed, and a new one created. Raise StorageError, and write nothing, if
    another version of the program created it: see `check_version`.
    """
    path = folder / LEDGER_FILE
    with _sqlite_errors(folder):
        if path.exists():
            db = _open_database(path, exclusive=True)
            if db is not None:
                return Ledger(db, folder)
            path.replace(folder / f"{LEDGER_FILE}.damaged")
        return Ledger(_create_database(str(path), folder), folder)


def read_ledger(folder: Path) -> Ledger:
    """Return the ledger of a folder, read-only.

    It is an empty one if there is none or it is damaged. Raise StorageError if another version of
    the program created it.
    """
    with _sqlite_errors(folder):
        path = folder / LEDGER_FILE
        db = _open_database(path, exclusive=False) if path.exists() else None
        return Ledger(db or _create_database(":memory:", folder), folder)


@contextmanager
def ledger_to_read(folder: Path) -> Iterator[Ledger]:
    """Yield the ledger of a folder, read-only, and close it at the end.

    Raise StorageError if SQLite reports an error.
    """
    with ledger_read_errors(folder), closing(read_ledger(folder)) as ledger:
        yield ledger


def memory_ledger() -> Ledger:
    """Return an empty ledger that is stored nowhere."""
    return Ledger(_create_database(":memory:", Path()), Path())


class Ledger:
    """The ledger of one folder; `is_empty` if it has no letters and no people.

    In that case there was none, or none that could be read; staff may have ignored warnings since.
    `salt` is the campaign's own. `interrupted_run` is the time of a run that did not finish; None
    if all runs finished.
    """

    def __init__(self, db: sqlite3.Connection, folder: Path) -> None:
        self._db, self._folder = db, folder
        self.is_empty = self._fetch_one(_ANY_RECORD) is None
        self.salt = Salt(bytes.fromhex(json.loads(self.fact(_SALT_FACT))))
        times = json.loads(self.fact(_INTERRUPTED_RUN_FACT) or "null")
        self.interrupted_run = RunTimeSpan(*times) if times else None

    def is_confirmed_on_disk(self, record: LetterRecord) -> bool:
        """Return whether the letter's file certainly reached the disk.

        That is certain if the run that wrote it finished.
        """
        return self.interrupted_run is None or record.checked < self.interrupted_run.first

    @property
    def pending_deletion_count(self) -> int:
        """Number of people whose data is still being deleted.

        Data of them was found at the last check.
        """
        return len(json.loads(self.fact(PENDING_DELETIONS_FACT) or "[]"))

    def letter(self, letter_id: str) -> LetterRecord | None:
        """Return the ledger's record of a letter, or None if there is none."""
        row = self._fetch_one("SELECT * FROM letter WHERE id = ?", letter_id)
        return _letter_record(row) if row else None

    def letters_by_id(self, letter_ids: Sequence[str]) -> dict[str, LetterRecord]:
        """Return records of letters by ID, for at most one of the `chunks`."""
        query = f"SELECT * FROM letter WHERE id IN ({_parameter_marks(letter_ids)})"  # noqa: S608 - no user input
        return {row[0]: _letter_record(row) for row in self._db.execute(query, letter_ids)}

    def letters(self) -> Iterator[LetterRecord]:
        """Yield the record of every letter that was ever created here."""
        return map(_letter_record, self._db.execute("SELECT * FROM letter"))

    def interrupted_moves(self) -> Iterator[LetterRecord]:
        """Yield the letters whose move was interrupted."""
        return map(_letter_record, self._db.execute("SELECT * FROM letter WHERE was <> ''"))

    def letter_ids(self) -> Iterator[str]:
        """Yield the IDs of all letters."""
        return (letter_id for (letter_id,) in self._db.execute("SELECT id FROM letter"))

    def letter_paths(self) -> Iterator[str]:
        """Yield the paths of all letters."""
        return (path for (path,) in self._db.execute("SELECT path FROM letter"))

    def letter_path(self, letter_id: str) -> str:
        """Return the path of a letter; empty if the ledger has no such letter."""
        row = self._fetch_one("SELECT path FROM letter WHERE id = ?", letter_id)
        return str(row[0]) if row else ""

    def letter_id_at(self, path: str) -> str:
        """Return the ID of the letter at a path; empty if no letter has the path."""
        row = self._fetch_one("SELECT id FROM letter WHERE path = ? AND path <> ''", path)
        return str(row[0]) if row else ""

    def letter_ids_at(self, paths: Sequence[str]) -> dict[str, str]:
        """Return the IDs of letters by path, for at most one of the `chunks`."""
        condition = f"path <> '' AND path IN ({_parameter_marks(paths)})"
        query = f"SELECT path, id FROM letter WHERE {condition}"  # noqa: S608 - no user input
        return dict(self._db.execute(query, paths).fetchall())

    def is_earlier_version(self, letter_id: str, output: bytes) -> bool:
        """Return whether an earlier version of the letter had this hash."""
        query = "SELECT 1 FROM version WHERE id = ? AND output = ?"
        return self._fetch_one(query, letter_id, output) is not None

    def people(self) -> Iterator[PersonRecord]:
        """Yield everyone who has had letters."""
        return (PersonRecord(*row) for row in self._db.execute("SELECT * FROM person"))

    def last_print(self, letter_id: str) -> PrintRecord | None:
        """Return the record of a letter's last print file, or None."""
        row = self._fetch_one("SELECT * FROM printed WHERE id = ?", letter_id)
        return _print_record(*row) if row else None  # type: ignore[arg-type] # columns in the order of the fields

    def layouts(self, letter_ids: Sequence[str]) -> dict[str, LayoutRecord]:
        """Return page layouts of letters by ID, for at most one of the `chunks`."""
        query = f"SELECT * FROM layout WHERE id IN ({_parameter_marks(letter_ids)})"  # noqa: S608 - no user input
        return {row[0]: LayoutRecord(*row) for row in self._db.execute(query, letter_ids)}

    def pdf(self, laid_out: bytes) -> PdfRecord | None:
        """Return the record of the PDF made from input with this hash, or None."""
        row = self._fetch_one("SELECT * FROM pdf WHERE laid_out = ?", laid_out)
        return PdfRecord(*row) if row else None  # type: ignore[arg-type] # columns in the order of the fields

    def register_stages(self) -> dict[str, frozenset[str]]:
        """Return the stages of letters in the register, by letter ID.

        The stages are empty for a letter that was printed once and released again.
        """
        rows = self._db.execute("SELECT id, stages FROM paper")
        return {letter_id: frozenset(stages.split()) for letter_id, stages in rows}

    def protected_letter_ids(self) -> set[str]:
        """Return the IDs of letters that were edited, printed or in a print file."""
        return {letter_id for (letter_id,) in self._db.execute(_PROTECTED_LETTERS)}

    def decisions(self) -> Iterator[DecisionRecord]:
        """Yield the decisions of staff."""
        return (DecisionRecord(*row) for row in self._db.execute("SELECT * FROM decision"))

    def batches(self) -> dict[str, PrintedBatch]:
        """Return the last print file of each letter, by letter ID."""
        rows = self._db.execute("SELECT id, number, moment FROM printed")
        return {letter_id: _batch(number, moment) for letter_id, number, moment in rows}

    def has_print_records(self) -> bool:
        """Return whether any letter was put into a print file."""
        return self._fetch_one("SELECT 1 FROM printed LIMIT 1") is not None

    def field_digests(self, digest: bytes) -> Mapping[str, str] | None:
        """Return the hashes of fields that belong to a digest, by field name.

        None if the digest is not known.
        """
        row = self._fetch_one("SELECT fields FROM said WHERE digest = ?", digest)
        return json.loads(str(row[0])) if row else None

    def fact(self, name: str) -> str:
        """Return a named fact about the campaign's folder, or an empty text."""
        row = self._fetch_one("SELECT value FROM fact WHERE name = ?", name)
        return str(row[0]) if row else ""

    def facts(self) -> list[tuple[str, str]]:
        """Return all facts as names and values."""
        return self._db.execute("SELECT name, value FROM fact").fetchall()

    def _fetch_one(self, query: str, *values: object) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self._db.execute(query, values).fetchone()
        return row

    def commit(self, changes: LedgerChangeSet) -> None:
        """Store all of the changes or none.

        Raise StorageError if the disk does not allow it.
        """
        letters, execute = changes.letters, self._db.executemany
        field_rows = (
            (digest, json.dumps(fields)) for digest, fields in changes.field_digests.items()
        )
        with _sqlite_errors(self._folder), self._db:
            execute(_STORE_OLD_VERSION, ((letter.id, letter.output) for letter in letters))
            execute(_RELEASE_PATH, ((letter.path, letter.id) for letter in letters))
            execute(_UPSERT_LETTER, map(_letter_row, letters))
            execute(_INSERT_LETTER, map(_letter_row, changes.new_letters))
            execute(
                "DELETE FROM person WHERE key = ?", ((key,) for key in changes.outdated_person_keys)
            )
            execute("REPLACE INTO person VALUES (?, ?, ?, ?, ?)", changes.people)
            execute("REPLACE INTO said VALUES (?, ?)", field_rows)
            print_rows = (
                (letter_id, batch.number, batch.moment.isoformat(), *more)
                for letter_id, batch, *more in changes.print_records
            )
            execute("REPLACE INTO printed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", print_rows)
            execute("REPLACE INTO fact VALUES (?, ?)", changes.facts.items())
            stage_rows = (
                (letter_id, " ".join(sorted(stages)))
                for letter_id, stages in changes.register_stages.items()
            )
            execute("REPLACE INTO paper VALUES (?, ?)", stage_rows)
            execute(
                "DELETE FROM paper WHERE id = ?",
                ((letter_id,) for letter_id in changes.released_letters),
            )
            execute(
                "DELETE FROM decision WHERE id = ?",
                ((letter_id,) for letter_id in changes.cleared_decisions),
            )
            execute("REPLACE INTO decision VALUES (?, ?, ?)", changes.decisions)
            execute("REPLACE INTO layout VALUES (?, ?, ?, ?, ?)", changes.layouts)
            execute("REPLACE INTO pdf VALUES (?, ?, ?)", changes.pdfs)

    def delete_records(self, letter_ids: Iterable[str], people: Iterable[str] = ()) -> None:
        """Delete all records of letters with these IDs, and people by their keys."""
        letters = [(letter_id,) for letter_id in letter_ids]
        with _sqlite_errors(self._folder), self._db:
            for table in ("letter", "version", "printed", "paper", "layout"):
                self._db.executemany(f"DELETE FROM {table} WHERE id = ?", letters)  # noqa: S608 - no user input
            self._db.execute("DELETE FROM pdf")
            keys = [(key,) for key in people]
            self._db.executemany("DELETE FROM person WHERE key = ?", keys)
            self._db.executemany("DELETE FROM decision WHERE id = ?", [*letters, *keys])

    def close_campaign(self, day: dt.date) -> None:
        """Delete letters' records except stages, and store the closing day."""
        with _sqlite_errors(self._folder), self._db:
            for table in ("letter", "version", "printed", "said", "layout", "pdf"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - no user input
            self._db.execute("DELETE FROM decision WHERE choice IN ('keep', 'print')")
            closing_fact = (_CLOSED_FACT, json.dumps(day.isoformat()))
            self._db.execute("REPLACE INTO fact VALUES (?, ?)", closing_fact)

    @property
    def closed_on(self) -> dt.date | None:
        """The day on which the campaign was closed, or None while it is open."""
        day = json.loads(self.fact(_CLOSED_FACT) or '""')
        return dt.date.fromisoformat(day) if day else None

    def reopen_campaign(self) -> None:
        """Mark the campaign as open again."""
        self.commit(LedgerChangeSet(facts={_CLOSED_FACT: json.dumps("")}))

    def delete_field_digests(self, digests_in_use: AbstractSet[bytes]) -> None:
        """Remove the hashes of fields that belong to none of these digests."""
        digests = (row[0] for row in self._db.execute("SELECT digest FROM said"))
        unused_digests = [(digest,) for digest in digests if digest not in digests_in_use]
        with _sqlite_errors(self._folder), self._db:
            self._db.executemany("DELETE FROM said WHERE digest = ?", unused_digests)

    def close(self) -> None:
        """Close the ledger's database file and release its lock."""
        self._db.close()


_SALT_FACT, _CLOSED_FACT, _INTERRUPTED_RUN_FACT = "salt", "closed", "unsettled"
_PROGRAM_FACT = "program"
"""The fact that stores the version of the program that created the ledger."""
PENDING_DELETIONS_FACT = "forgetting"
"""The fact that stores, as hashes, whose data is being deleted.

It stays until nothing about them is found. When a deletion continues, the row in the workbook may
be deleted, and the rows in the register blank.
"""
_SALT_LENGTH = 16
"""Length in bytes."""

_ANY_RECORD = "SELECT 1 FROM letter UNION ALL SELECT 1 FROM person LIMIT 1"

_CHUNK_SIZE = 500
"""Letters per query; older versions of SQLite allow 999 values."""

_Item = TypeVar("_Item")


def chunks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield the items in lists that are short enough for one query."""
    rest = iter(items)
    while chunk := list(islice(rest, _CHUNK_SIZE)):
        yield chunk


def _parameter_marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


_PROTECTED_LETTERS = (
    "SELECT id FROM letter WHERE content IN ('edited', 'damaged')"
    " UNION SELECT id FROM printed UNION SELECT id FROM paper"
)

_INSERT_LETTER = "INSERT INTO letter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_UPSERT_LETTER = (
    f"{_INSERT_LETTER} ON CONFLICT (id) DO UPDATE SET path = excluded.path, named = excluded.named,"
    " day = excluded.day, inputs = excluded.inputs, output = excluded.output,"
    " words = excluded.words, size = excluded.size, mtime = excluded.mtime,"
    " inode = excluded.inode, ctime = excluded.ctime, checked = excluded.checked,"
    " content = excluded.content, was = excluded.was"
)

_RELEASE_PATH = "UPDATE letter SET path = '' WHERE path = ? AND path <> '' AND id <> ?"
"""Removes the path from a letter if another letter is there now.

The first letter was not found at that path any more.
"""

_STORE_OLD_VERSION = (
    "INSERT OR IGNORE INTO version"
    " SELECT id, output FROM letter WHERE id = ? AND output NOT IN (?, x'')"
)


def _letter_record(row: tuple[object, ...]) -> LetterRecord:
    # columns in the order of the fields
    return LetterRecord._make((*row[:3], _day(cast("int", row[3])), *row[4:]))


_day = cache(dt.date.fromordinal)


def _letter_row(record: LetterRecord) -> tuple[object, ...]:
    return (*record[:3], record.day.toordinal(), *record[4:])


@cache
def _batch(number: int, moment: str) -> PrintedBatch:
    return PrintedBatch(number, dt.datetime.fromisoformat(moment))


def _print_record(
    letter_id: str, number: int, moment: str, output: bytes, *rest: int | bytes
) -> PrintRecord:
    return PrintRecord(letter_id, _batch(number, moment), output, *rest)  # type: ignore[arg-type]


def interrupted_run_fact(run_time: RunTimeSpan | None) -> dict[str, str]:
    """Return the fact that a run is writing letters, with its time span.

    None means that the disk has confirmed all letters.
    """
    return {_INTERRUPTED_RUN_FACT: json.dumps(run_time)}


# The ledger's file: its tables, its version, how it is created, opened and checked for damage.

_VERSION = 7
"""The version number in the file itself (PRAGMA user_version).

Every change of the tables, or of what a fact contains, gets a new number. This program reads no
other version.
"""

_ID_TYPE = "TEXT NOT NULL CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*')"
_PERSON_TABLE = f"""
CREATE TABLE person (
    key TEXT PRIMARY KEY, id {_ID_TYPE}, kind TEXT NOT NULL CHECK (kind IN ('signer', 'recipient')),
    name TEXT NOT NULL, cells BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""
_PRINTED_TABLE = f"""
CREATE TABLE printed (
    id {_ID_TYPE}, number INTEGER NOT NULL, moment TEXT NOT NULL, output BLOB NOT NULL,
    size INTEGER NOT NULL, mtime INTEGER NOT NULL, inode INTEGER NOT NULL, ctime INTEGER NOT NULL,
    inputs BLOB NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
"""
_PAPER_TABLE = f"""
CREATE TABLE paper (id {_ID_TYPE}, stages TEXT NOT NULL, PRIMARY KEY (id)) STRICT, WITHOUT ROWID;
"""
_DECISION_TABLE = f"""
CREATE TABLE decision (
    id {_ID_TYPE}, choice TEXT NOT NULL, seen BLOB NOT NULL, PRIMARY KEY (id, choice)
) STRICT, WITHOUT ROWID;
"""
_LETTER_TABLE = f"""
CREATE TABLE letter (
    id {_ID_TYPE}, path TEXT NOT NULL, named BLOB NOT NULL,
    day INTEGER NOT NULL CHECK (day BETWEEN 1 AND 3652059), inputs BLOB NOT NULL,
    output BLOB NOT NULL, words BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    inode INTEGER NOT NULL, ctime INTEGER NOT NULL, checked INTEGER NOT NULL,
    content TEXT NOT NULL, was TEXT NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
"""
_LETTER_PATH_INDEX = "CREATE UNIQUE INDEX letter_path ON letter (path) WHERE path <> '';"
_SAID_TABLE = """
CREATE TABLE said (
    digest BLOB PRIMARY KEY, fields TEXT NOT NULL CHECK (json_valid(fields))
) STRICT, WITHOUT ROWID;
"""
_LAYOUT_TABLE = f"""
CREATE TABLE layout (
    id {_ID_TYPE}, seen BLOB NOT NULL, pages INTEGER NOT NULL, lone_signature INTEGER NOT NULL,
    room_mm REAL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
"""
_PDF_TABLE = """
CREATE TABLE pdf (
    laid_out BLOB PRIMARY KEY, output BLOB NOT NULL, size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
_ALL_TABLES = f"""{_PERSON_TABLE}{_PRINTED_TABLE}{_PAPER_TABLE}{_DECISION_TABLE}{_LETTER_TABLE}
{_LETTER_PATH_INDEX}{_SAID_TABLE}{_LAYOUT_TABLE}{_PDF_TABLE}
CREATE TABLE version (id {_ID_TYPE}, output BLOB, PRIMARY KEY (id, output)) STRICT, WITHOUT ROWID;
CREATE TABLE fact (
    name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
"""
"""The CHECK constraints are tested by SQLite's integrity_check.

A row that violates one is damage.
"""


def _create_database(path: str, folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    _configure(db, exclusive=True)
    facts = {_SALT_FACT: _new_salt(folder), _PROGRAM_FACT: __version__}
    rows = ", ".join(f"('{name}', '\"{value}\"')" for name, value in facts.items())
    script = f"{_ALL_TABLES} INSERT INTO fact VALUES {rows};"  # noqa: S608 - no user input
    db.executescript(f"BEGIN; {script} PRAGMA user_version = {_VERSION}; COMMIT;")
    return db


def _new_salt(folder: Path) -> str:
    """Return the salt of a new ledger, as hexadecimal digits.

    Within one process, a folder always gets the same salt. So hashes made before the ledger was
    written stay valid.
    """
    real_path = os.fsencode(os.path.realpath(folder))
    return hashlib.blake2b(real_path, digest_size=_SALT_LENGTH, key=_secret()).hexdigest()


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


def _open_database(path: Path, *, exclusive: bool) -> sqlite3.Connection | None:
    """Return a connection to the ledger, or None if the file is damaged.

    Raise StorageError if another version of the program created it.
    """
    check_version(path.parent)
    state = file_state(str(path))
    db, is_intact = sqlite3.connect(path, timeout=1), False
    try:
        _configure(db, exclusive=exclusive)
        is_intact = state is not None and _intact_ledgers.get(path) == state
        if not is_intact:
            is_intact = _is_intact(db)
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


def check_version(folder: Path) -> None:
    """Raise StorageError if another version of the program created the ledger.

    The number is read from the bytes of the file (https://www.sqlite.org/fileformat.html, 1.3),
    because SQLite would first roll back what a run left half written. A file with the number 0 was
    never a ledger.
    """
    path = folder / LEDGER_FILE
    header = b""
    with suppress(OSError), path.open("rb") as file:
        header = file.read(_VERSION_BYTES.stop)
    number = int.from_bytes(header[_VERSION_BYTES]) if header.startswith(_SQLITE_SIGNATURE) else 0
    if number in {0, _VERSION}:
        return
    folder_place, version = Place(str(folder)), _creator_version(path)
    if version:
        raise StorageError(messages.problem("ledger-other-version", folder_place, version=version))
    raise StorageError(messages.problem("ledger-other-version/number", folder_place, number=number))


_SQLITE_SIGNATURE, _VERSION_BYTES = b"SQLite format 3\0", slice(60, 64)


def _creator_version(path: Path) -> str:
    """Return the version that created a ledger; empty if unknown."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"  # without rollback and lock
    query = "SELECT value FROM fact WHERE name = ?"
    with suppress(sqlite3.Error, ValueError), closing(sqlite3.connect(uri, uri=True)) as db:
        row = db.execute(query, (_PROGRAM_FACT,)).fetchone()
        return shorten(str(json.loads(row[0])), _LONGEST_VERSION) if row else ""
    return ""


_LONGEST_VERSION = 30
"""Length in characters."""

_DAMAGE_WORDS = ("no such", "malformed", "Could not decode")
"""Words in SQLite's messages about tables that have been damaged."""


def _is_intact(db: sqlite3.Connection) -> bool:
    """Return whether the tables are unchanged and all rows are valid."""
    (integrity,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    for _ in db.execute("SELECT path, was FROM letter"):
        pass  # raises an error for a path that is not UTF-8
    has_same_tables = _tables(db) == _tables(_create_database(":memory:", Path()))
    return integrity == "ok" and has_same_tables and _has_salt(db)


def _has_salt(db: sqlite3.Connection) -> bool:
    row = db.execute("SELECT value FROM fact WHERE name = ?", (_SALT_FACT,)).fetchone()
    return row is not None and len(bytes.fromhex(json.loads(row[0]))) == _SALT_LENGTH


def _tables(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def _configure(db: sqlite3.Connection, *, exclusive: bool) -> None:
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
    return _sqlite_errors(folder, (sqlite3.DatabaseError,))


def _sqlite_errors(
    folder: Path, kinds: tuple[type[Exception], ...] = (sqlite3.DatabaseError, OSError)
) -> AbstractContextManager[None]:
    """Return a context that turns SQLite's errors into StorageErrors."""

    def into(error: Exception) -> StorageError:
        return StorageError(_fault_of(error).to_problem(Place(str(folder))))

    return translate_errors(kinds, into)


_SQLITE_FAULTS = {"locked": "folder-busy", "full": "disk-full", "readonly": "ledger-closed"}
"""Keys of messages, by words in SQLite's errors."""


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, PermissionError):
        return messages.fault("folder-unreadable")
    if isinstance(error, OSError):
        return messages.fault("ledger-closed/error", why=os_error_text(error))
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
        return messages.fault("ledger-closed/replaced")
    for words, key in _SQLITE_FAULTS.items():
        if words in str(error):
            return messages.fault(key)
    if isinstance(error, sqlite3.IntegrityError):
        return messages.fault("ledger-mismatch")
    return messages.fault("ledger-closed/other", why=str(error))
