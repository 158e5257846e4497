"""The program's memory of the letters that it wrote, one SQLite file hidden among them.

It is asked letter by letter and takes in all changes of a step at once. It holds ids, paths and
hashes, no other personal data. What is hashed of people and their cells is salted.
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
    ChangeSet,
    DecisionRecord,
    LayoutRecord,
    LetterRecord,
    PdfRecord,
    PersonRecord,
    PrintedBatch,
    PrintRecord,
    TimeSpan,
)

LEDGER_FILE = ".merge-ledger"


def open_ledger(folder: Path) -> Ledger:
    """Return the folder's ledger for the one run that writes there.

    One that is damaged gets another name. Raise StorageError, and write nothing, if another
    version of the program made it: see `check_version`.
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
    """Return the folder's ledger to read only, an empty one if there is none or it is damaged.

    Raise StorageError if another version of the program made it.
    """
    with _sqlite_errors(folder):
        path = folder / LEDGER_FILE
        db = _open_database(path, exclusive=False) if path.exists() else None
        return Ledger(db or _create_database(":memory:", folder), folder)


@contextmanager
def ledger_to_read(folder: Path) -> Iterator[Ledger]:
    """Lend the folder's ledger to read only; an error of SQLite's becomes a StorageError."""
    with ledger_read_errors(folder), closing(read_ledger(folder)) as ledger:
        yield ledger


def memory_ledger() -> Ledger:
    """Return a ledger that knows nothing and is kept nowhere."""
    return Ledger(_create_database(":memory:", Path()), Path())


class Ledger:
    """The ledger of one folder; `fresh` where it knows neither letters nor people.

    There was none, then, or none that could be read; staff may have hidden warnings since. `salt`
    is the campaign's own. `unsettled` is, where a run did not come to its end, when it was at work.
    """

    def __init__(self, db: sqlite3.Connection, folder: Path) -> None:
        self._db, self._folder = db, folder
        self.is_empty = self._fetch_one(_ANY_RECORD) is None
        self.salt = Salt(bytes.fromhex(json.loads(self.fact(_SALT_FACT))))
        times = json.loads(self.fact(_INTERRUPTED_RUN_FACT) or "null")
        self.interrupted_run = TimeSpan(*times) if times else None

    def is_confirmed_on_disk(self, known: LetterRecord) -> bool:
        """Return whether a letter surely reached the disk as the ledger says: its run ended."""
        return self.interrupted_run is None or known.checked < self.interrupted_run.first

    @property
    def pending_deletion_count(self) -> int:
        """How many people are being forgotten, of whom something was left at the last look."""
        return len(json.loads(self.fact(PENDING_DELETIONS_FACT) or "[]"))

    def letter(self, letter_id: str) -> LetterRecord | None:
        """Return what is known of a letter; None where it was never made here."""
        row = self._fetch_one("SELECT * FROM letter WHERE id = ?", letter_id)
        return _letter_record(row) if row else None

    def letters_by_id(self, letter_ids: Sequence[str]) -> dict[str, LetterRecord]:
        """Return what is known of some letters, by id: as many as `several` gives at a time."""
        query = f"SELECT * FROM letter WHERE id IN ({_parameter_marks(letter_ids)})"  # noqa: S608 - ours
        return {row[0]: _letter_record(row) for row in self._db.execute(query, letter_ids)}

    def letters(self) -> Iterator[LetterRecord]:
        """Yield every letter that was ever made here."""
        return map(_letter_record, self._db.execute("SELECT * FROM letter"))

    def interrupted_moves(self) -> Iterator[LetterRecord]:
        """Yield the letters whose move was cut short."""
        return map(_letter_record, self._db.execute("SELECT * FROM letter WHERE was <> ''"))

    def letter_ids(self) -> Iterator[str]:
        """Yield the ids of all letters."""
        return (letter_id for (letter_id,) in self._db.execute("SELECT id FROM letter"))

    def letter_paths(self) -> Iterator[str]:
        """Yield the paths of all letters."""
        return (path for (path,) in self._db.execute("SELECT path FROM letter"))

    def letter_path(self, letter_id: str) -> str:
        """Return the path of a letter, empty where it is not known."""
        row = self._fetch_one("SELECT path FROM letter WHERE id = ?", letter_id)
        return str(row[0]) if row else ""

    def letter_id_at(self, path: str) -> str:
        """Return the id of the letter that has a path, empty where none has."""
        row = self._fetch_one("SELECT id FROM letter WHERE path = ? AND path <> ''", path)
        return str(row[0]) if row else ""

    def letter_ids_at(self, paths: Sequence[str]) -> dict[str, str]:
        """Return the ids of the letters that have these paths: as many as `several` gives."""
        known = f"path <> '' AND path IN ({_parameter_marks(paths)})"
        query = f"SELECT path, id FROM letter WHERE {known}"  # noqa: S608 - ours
        return dict(self._db.execute(query, paths).fetchall())

    def is_earlier_version(self, letter_id: str, output: bytes) -> bool:
        """Return whether an earlier version of the letter had the bytes with this hash."""
        query = "SELECT 1 FROM version WHERE id = ? AND output = ?"
        return self._fetch_one(query, letter_id, output) is not None

    def people(self) -> Iterator[PersonRecord]:
        """Yield everybody who had letters."""
        return (PersonRecord(*row) for row in self._db.execute("SELECT * FROM person"))

    def last_print(self, letter_id: str) -> PrintRecord | None:
        """Return the batch that a letter was last put into; None for none."""
        row = self._fetch_one("SELECT * FROM printed WHERE id = ?", letter_id)
        return _print_record(*row) if row else None  # type: ignore[arg-type] # the columns, in their order

    def layouts(self, letter_ids: Sequence[str]) -> dict[str, LayoutRecord]:
        """Return how letters lay on their pages, by id: as many as `several` gives at a time."""
        query = f"SELECT * FROM layout WHERE id IN ({_parameter_marks(letter_ids)})"  # noqa: S608 - ours
        return {row[0]: LayoutRecord(*row) for row in self._db.execute(query, letter_ids)}

    def pdf(self, laid_out: bytes) -> PdfRecord | None:
        """Return the PDF that was made of what has this hash; None where none is known."""
        row = self._fetch_one("SELECT * FROM pdf WHERE laid_out = ?", laid_out)
        return PdfRecord(*row) if row else None  # type: ignore[arg-type] # the columns, in their order

    def register_stages(self) -> dict[str, frozenset[str]]:
        """Return the stages that the register said letters have, by their ids.

        None of a letter that was on paper once and is released.
        """
        rows = self._db.execute("SELECT id, stages FROM paper")
        return {letter_id: frozenset(stages.split()) for letter_id, stages in rows}

    def protected_letter_ids(self) -> set[str]:
        """Return the ids of letters that were edited, put into a batch, or on paper."""
        return {letter_id for (letter_id,) in self._db.execute(_PROTECTED_LETTERS)}

    def decisions(self) -> Iterator[DecisionRecord]:
        """Yield what staff decided."""
        return (DecisionRecord(*row) for row in self._db.execute("SELECT * FROM decision"))

    def batches(self) -> dict[str, PrintedBatch]:
        """Return the batches that letters were last put into, by the letters' ids."""
        rows = self._db.execute("SELECT id, number, moment FROM printed")
        return {letter_id: _batch(number, moment) for letter_id, number, moment in rows}

    def has_print_records(self) -> bool:
        """Return whether any letter was put into a batch."""
        return self._fetch_one("SELECT 1 FROM printed LIMIT 1") is not None

    def field_digests(self, digest: bytes) -> Mapping[str, str] | None:
        """Return the hashes of the fields behind a digest, by their names; None where unknown."""
        row = self._fetch_one("SELECT fields FROM said WHERE digest = ?", digest)
        return json.loads(str(row[0])) if row else None

    def fact(self, name: str) -> str:
        """Return a fact about the folder, empty where it was never written down."""
        row = self._fetch_one("SELECT value FROM fact WHERE name = ?", name)
        return str(row[0]) if row else ""

    def facts(self) -> list[tuple[str, str]]:
        """Return the names of all facts, and what they are."""
        return self._db.execute("SELECT name, value FROM fact").fetchall()

    def _fetch_one(self, query: str, *values: object) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self._db.execute(query, values).fetchone()
        return row

    def commit(self, changes: ChangeSet) -> None:
        """Write the changes down, all or none. StorageError where the disk does not let us."""
        letters, run = changes.letters, self._db.executemany
        said = ((digest, json.dumps(fields)) for digest, fields in changes.field_digests.items())
        with _sqlite_errors(self._folder), self._db:
            run(_STORE_OLD_VERSION, ((letter.id, letter.output) for letter in letters))
            run(_RELEASE_PATH, ((letter.path, letter.id) for letter in letters))
            run(_UPSERT_LETTER, map(_letter_row, letters))
            run(_INSERT_LETTER, map(_letter_row, changes.new_letters))
            run(
                "DELETE FROM person WHERE key = ?", ((key,) for key in changes.outdated_person_keys)
            )
            run("REPLACE INTO person VALUES (?, ?, ?, ?, ?)", changes.people)
            run("REPLACE INTO said VALUES (?, ?)", said)
            printed = (
                (i, b.number, b.moment.isoformat(), *more) for i, b, *more in changes.print_records
            )
            run("REPLACE INTO printed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", printed)
            run("REPLACE INTO fact VALUES (?, ?)", changes.facts.items())
            paper = ((i, " ".join(sorted(stages))) for i, stages in changes.register_stages.items())
            run("REPLACE INTO paper VALUES (?, ?)", paper)
            run("DELETE FROM paper WHERE id = ?", ((i,) for i in changes.released_letters))
            run("DELETE FROM decision WHERE id = ?", ((i,) for i in changes.cleared_decisions))
            run("REPLACE INTO decision VALUES (?, ?, ?)", changes.decisions)
            run("REPLACE INTO layout VALUES (?, ?, ?, ?, ?)", changes.layouts)
            run("REPLACE INTO pdf VALUES (?, ?, ?)", changes.pdfs)

    def delete_records(self, letter_ids: Iterable[str], people: Iterable[str] = ()) -> None:
        """Take out all that is held of letters, and of people by their keys."""
        letters = [(letter_id,) for letter_id in letter_ids]
        with _sqlite_errors(self._folder), self._db:
            for table in ("letter", "version", "printed", "paper", "layout"):
                self._db.executemany(f"DELETE FROM {table} WHERE id = ?", letters)  # noqa: S608 - ours
            self._db.execute("DELETE FROM pdf")
            keys = [(key,) for key in people]
            self._db.executemany("DELETE FROM person WHERE key = ?", keys)
            self._db.executemany("DELETE FROM decision WHERE id = ?", [*letters, *keys])

    def close_campaign(self, day: dt.date) -> None:
        """Take out all that is held of letters but what was on paper; write down the day."""
        with _sqlite_errors(self._folder), self._db:
            for table in ("letter", "version", "printed", "said", "layout", "pdf"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
            self._db.execute("DELETE FROM decision WHERE choice IN ('keep', 'print')")
            closed = (_CLOSED_FACT, json.dumps(day.isoformat()))
            self._db.execute("REPLACE INTO fact VALUES (?, ?)", closed)

    @property
    def closed_on(self) -> dt.date | None:
        """The day on which the campaign was closed; None while it is open."""
        day = json.loads(self.fact(_CLOSED_FACT) or '""')
        return dt.date.fromisoformat(day) if day else None

    def reopen_campaign(self) -> None:
        """Let the campaign be open again."""
        self.commit(ChangeSet(facts={_CLOSED_FACT: json.dumps("")}))

    def delete_field_digests(self, pieces: AbstractSet[bytes]) -> None:
        """Take out the hashes of fields but for those behind these digests."""
        digests = (row[0] for row in self._db.execute("SELECT digest FROM said"))
        gone = [(digest,) for digest in digests if digest not in pieces]
        with _sqlite_errors(self._folder), self._db:
            self._db.executemany("DELETE FROM said WHERE digest = ?", gone)

    def close(self) -> None:
        """Close the file and let its lock go."""
        self._db.close()


_SALT_FACT, _CLOSED_FACT, _INTERRUPTED_RUN_FACT = "salt", "closed", "unsettled"
_PROGRAM_FACT = "program"
"""The fact that holds the version of the program that created the ledger."""
PENDING_DELETIONS_FACT = "forgetting"
"""The fact that holds who is being forgotten, as hashes, until nothing of them is found any more.

The workbook's row may be deleted, and the register's rows be blank, when it is taken up again.
"""
_SALT_LENGTH = 16
"""Bytes."""

_ANY_RECORD = "SELECT 1 FROM letter UNION ALL SELECT 1 FROM person LIMIT 1"

_CHUNK_SIZE = 500
"""Letters that are asked for at once; older SQLite takes 999 values."""

_Item = TypeVar("_Item")


def chunks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield as many items at a time as the ledger is asked for at once."""
    rest = iter(items)
    while some := list(islice(rest, _CHUNK_SIZE)):
        yield some


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
"""A letter lies where another lay, which nobody has seen there any more."""

_STORE_OLD_VERSION = (
    "INSERT OR IGNORE INTO version"
    " SELECT id, output FROM letter WHERE id = ? AND output NOT IN (?, x'')"
)


def _letter_record(row: tuple[object, ...]) -> LetterRecord:
    # the columns are the fields, in their order
    return LetterRecord._make((*row[:3], _day(cast("int", row[3])), *row[4:]))


_day = cache(dt.date.fromordinal)


def _letter_row(known: LetterRecord) -> tuple[object, ...]:
    return (*known[:3], known.day.toordinal(), *known[4:])


@cache
def _batch(number: int, moment: str) -> PrintedBatch:
    return PrintedBatch(number, dt.datetime.fromisoformat(moment))


def _print_record(
    letter_id: str, number: int, moment: str, output: bytes, *rest: int | bytes
) -> PrintRecord:
    return PrintRecord(letter_id, _batch(number, moment), output, *rest)  # type: ignore[arg-type]


def interrupted_run_fact(run_time: TimeSpan | None) -> dict[str, str]:
    """Return the fact that a run is at work, or, None, that all of it has reached the disk."""
    return {_INTERRUPTED_RUN_FACT: json.dumps(run_time)}


# The ledger's file: its tables, its version, how it is created, opened and checked for damage.

_VERSION = 7
"""The number that the file itself carries (PRAGMA user_version).

A change of the tables or of what a fact holds gets a new one. There are no others that this program
can read.
"""

_ID_COLUMN_TYPE = "TEXT NOT NULL CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*')"
_PERSON_TABLE = f"""
CREATE TABLE person (
    key TEXT PRIMARY KEY, id {_ID_COLUMN_TYPE}, kind TEXT NOT NULL CHECK (kind IN ('signer', 'recipient')),
    name TEXT NOT NULL, cells BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""  # noqa: E501
_PRINTED_TABLE = f"""
CREATE TABLE printed (
    id {_ID_COLUMN_TYPE}, number INTEGER NOT NULL, moment TEXT NOT NULL, output BLOB NOT NULL,
    size INTEGER NOT NULL, mtime INTEGER NOT NULL, inode INTEGER NOT NULL, ctime INTEGER NOT NULL,
    inputs BLOB NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
"""
_PAPER_TABLE = f"""
CREATE TABLE paper (id {_ID_COLUMN_TYPE}, stages TEXT NOT NULL, PRIMARY KEY (id)) STRICT, WITHOUT ROWID;
"""  # noqa: E501
_DECISION_TABLE = f"""
CREATE TABLE decision (
    id {_ID_COLUMN_TYPE}, choice TEXT NOT NULL, seen BLOB NOT NULL, PRIMARY KEY (id, choice)
) STRICT, WITHOUT ROWID;
"""
_LETTER_TABLE = f"""
CREATE TABLE letter (
    id {_ID_COLUMN_TYPE}, path TEXT NOT NULL, named BLOB NOT NULL,
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
    id {_ID_COLUMN_TYPE}, seen BLOB NOT NULL, pages INTEGER NOT NULL, lone_signature INTEGER NOT NULL,
    room_mm REAL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
"""  # noqa: E501
_PDF_TABLE = """
CREATE TABLE pdf (
    laid_out BLOB PRIMARY KEY, output BLOB NOT NULL, size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
_ALL_TABLES = f"""{_PERSON_TABLE}{_PRINTED_TABLE}{_PAPER_TABLE}{_DECISION_TABLE}{_LETTER_TABLE}{_LETTER_PATH_INDEX}{_SAID_TABLE}{_LAYOUT_TABLE}{_PDF_TABLE}
CREATE TABLE version (id {_ID_COLUMN_TYPE}, output BLOB, PRIMARY KEY (id, output)) STRICT, WITHOUT ROWID;
CREATE TABLE fact (
    name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
"""  # noqa: E501
"""The checks are those of SQLite's own integrity_check: a row that breaks one is damage."""


def _create_database(path: str, folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    _configure(db, exclusive=True)
    facts = {_SALT_FACT: _new_salt(folder), _PROGRAM_FACT: __version__}
    rows = ", ".join(f"('{name}', '\"{value}\"')" for name, value in facts.items())
    filled = f"{_ALL_TABLES} INSERT INTO fact VALUES {rows};"  # noqa: S608 - ours
    db.executescript(f"BEGIN; {filled} PRAGMA user_version = {_VERSION}; COMMIT;")
    return db


def _new_salt(folder: Path) -> str:
    """Return the salt of a ledger that has none yet, in hexadecimal digits.

    One process always gives a folder the same: hashes that were made before the ledger was written
    are right after it.
    """
    place = os.fsencode(os.path.realpath(folder))
    return hashlib.blake2b(place, digest_size=_SALT_LENGTH, key=_secret()).hexdigest()


@cache
def _secret() -> bytes:
    return secrets.token_bytes(32)


_intact_ledgers: dict[Path, FileState] = {}
"""The states of ledgers that were found whole: looking takes a while, and a command looks twice."""

_SETTLING_TIME = 2_000_000_000
"""Nanoseconds after which a further change of a file shows in its time, on any disk."""


def _open_database(path: Path, *, exclusive: bool) -> sqlite3.Connection | None:
    """Return the ledger; None if the file is none, or is damaged. StorageError as above."""
    check_version(path.parent)
    at = file_state(str(path))
    db, whole = sqlite3.connect(path, timeout=1), False
    try:
        _configure(db, exclusive=exclusive)
        whole = at is not None and _intact_ledgers.get(path) == at
        if not whole:
            whole = _is_intact(db)
            if whole and at and at.mtime + _SETTLING_TIME < time.time_ns():
                _intact_ledgers[path] = at
    except (sqlite3.DatabaseError, ValueError) as error:
        operational = isinstance(error, sqlite3.OperationalError)
        if operational and not any(words in str(error) for words in _DAMAGE_WORDS):
            raise
    finally:
        if not whole:
            db.close()
    if not whole:
        check_version(path.parent)  # SQLite may just have undone what a killed run had begun
        return None
    return db


def check_version(folder: Path) -> None:
    """Raise StorageError if another version of the program made the folder's ledger.

    The number is read from the bytes of the file (https://www.sqlite.org/fileformat.html, 1.3):
    SQLite would first undo what a run left half written. A file with the number 0 was never one.
    """
    path = folder / LEDGER_FILE
    head = b""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(_VERSION_BYTES.stop)
    number = int.from_bytes(head[_VERSION_BYTES]) if head.startswith(_SQLITE_SIGNATURE) else 0
    if number in {0, _VERSION}:
        return
    place, version = Place(str(folder)), _creator_version(path)
    if version:
        raise StorageError(messages.problem("ledger-other-version", place, version=version))
    raise StorageError(messages.problem("ledger-other-version/number", place, number=number))


_SQLITE_SIGNATURE, _VERSION_BYTES = b"SQLite format 3\0", slice(60, 64)


def _creator_version(path: Path) -> str:
    """Return which version of the program created a ledger, empty if it does not say so."""
    link = f"{path.absolute().as_uri()}?mode=ro&immutable=1"  # nothing is undone, nothing locked
    query = "SELECT value FROM fact WHERE name = ?"
    with suppress(sqlite3.Error, ValueError), closing(sqlite3.connect(link, uri=True)) as db:
        found = db.execute(query, (_PROGRAM_FACT,)).fetchone()
        return shorten(str(json.loads(found[0])), _LONGEST_VERSION) if found else ""
    return ""


_LONGEST_VERSION = 30
"""Characters."""

_DAMAGE_WORDS = ("no such", "malformed", "Could not decode")
"""Words of SQLite's about tables that are not as they were made."""


def _is_intact(db: sqlite3.Connection) -> bool:
    """Return whether the tables are as they were made and every row is as it may be."""
    (sound,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    for _ in db.execute("SELECT path, was FROM letter"):
        pass  # a path that is no UTF-8 is found here
    as_made = _tables(db) == _tables(_create_database(":memory:", Path()))
    return sound == "ok" and as_made and _has_salt(db)


def _has_salt(db: sqlite3.Connection) -> bool:
    found = db.execute("SELECT value FROM fact WHERE name = ?", (_SALT_FACT,)).fetchone()
    return found is not None and len(bytes.fromhex(json.loads(found[0]))) == _SALT_LENGTH


def _tables(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def _configure(db: sqlite3.Connection, *, exclusive: bool) -> None:
    """Set the file up; `alone` keeps the lock between queries, which makes each half as long."""
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA synchronous = NORMAL")
    if exclusive:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")


def ledger_read_errors(folder: Path) -> AbstractContextManager[None]:
    """Return a context in which a ledger that another run holds becomes what a person can do."""
    return _sqlite_errors(folder, (sqlite3.DatabaseError,))


def _sqlite_errors(
    folder: Path, kinds: tuple[type[Exception], ...] = (sqlite3.DatabaseError, OSError)
) -> AbstractContextManager[None]:
    """Return a context in which what SQLite says becomes what a person can do."""

    def into(error: Exception) -> StorageError:
        return StorageError(_fault_of(error).to_problem(Place(str(folder))))

    return translate_errors(kinds, into)


_SQLITE_FAULTS = {"locked": "folder-busy", "full": "disk-full", "readonly": "ledger-closed"}
"""The message for words in what SQLite says."""


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, PermissionError):
        return messages.fault("folder-unreadable")
    if isinstance(error, OSError):
        return messages.fault("ledger-closed/error", why=os_error_text(error))
    for words, key in _SQLITE_FAULTS.items():
        if words in str(error):
            return messages.fault(key)
    if isinstance(error, sqlite3.IntegrityError):
        return messages.fault("ledger-mismatch")
    return messages.fault("ledger-closed/other", why=str(error))
