"""The ledger: the program's record of the letters that it created.

It is one SQLite file in the letters folder. It is queried letter by letter, and stores all changes
of a step in one transaction. It contains IDs, paths and hashes, and no other personal data. Hashes
of people and their cells are salted. What is true for one computer only is in another file: see
`merge.state.private_ledger`.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager, suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeVar, cast

from merge import messages
from merge.disk import FileState, delete_file, file_state
from merge.errors import StorageError
from merge.naming import Salt, is_conflict_copy, short_hash
from merge.ooxml.stamps import read_stamp
from merge.people import SheetKind
from merge.problems import Place
from merge.state.folder_access import read_file
from merge.state.joining import (
    DELETION,
    bury,
    deletion_hash,
    is_same_campaign,
    join,
    read_salt,
)
from merge.state.ledger_checks import CLOSED_FACT, DELETED_IN_FACT, OTHER_SALT_FACT
from merge.state.ledger_file import (
    DECISION,
    FACT,
    FIELDS,
    JOINED_TABLES,
    LEDGER_FILE,
    LETTER,
    PAPER,
    PERSON,
    PRINTED,
    create_database,
    ledger_read_errors,
    load_database,
    open_database,
    read_database,
    sqlite_errors,
)
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
from merge.state.private_ledger import PRIVATE_FACTS, REGISTER_FILE_FACT, PrivateLedger


def open_ledger(folder: Path) -> Ledger:
    """Return the ledger of a folder, for the only run that writes there.

    It is joined with what this and other computers know. If its file is damaged or has not arrived
    completely, the last copy of this computer is used. It replaces the file if that stays as it is
    for an hour. Raise StorageError if there is no last copy, or if another version of the program
    created the file.
    """
    with sqlite_errors(folder):
        is_new = _is_new(folder)
        db, in_folder = _open_file(folder, exclusive=True)
        private = PrivateLedger.attach(db, folder, exclusive=True)
        if is_new:
            private.clear()
        if not in_folder and private.has_stayed_damaged(file_state(str(folder / LEDGER_FILE))):
            db.close()
            for suffix in ("-journal", ""):
                delete_file(folder / f"{LEDGER_FILE}{suffix}")
            return open_ledger(folder)  # with the last copy
        ledger = Ledger(db, folder, private)
        ledger.is_in_folder, ledger.is_writable = in_folder, True
        if in_folder:
            ledger.join_copies()
            ledger.opened_state = file_state(str(folder / LEDGER_FILE))
        return ledger


def read_ledger(folder: Path) -> Ledger:
    """Return the ledger of a folder, read-only, joined as by `open_ledger`.

    It is an empty one if there is none. Raise StorageError as `open_ledger` does.
    """
    with sqlite_errors(folder):
        db, in_folder = _open_file(folder, exclusive=False)
        if _is_new(folder):
            return Ledger(db, folder, PrivateLedger(db, ":memory:"))
        ledger = Ledger(db, folder, PrivateLedger.attach(db, folder, exclusive=False))
        ledger.is_in_folder = in_folder
        return ledger.joined_in_memory()


def _open_file(folder: Path, *, exclusive: bool) -> tuple[sqlite3.Connection, bool]:
    """Return a connection to the ledger, and whether it is the folder's file.

    If there is none, it is a new file, or in memory if not `exclusive`.
    """
    path = folder / LEDGER_FILE
    if path.exists():
        if db := open_database(path, exclusive=exclusive):
            return db, True
        if copy := _last_copy(folder):
            return copy, False
        raise StorageError(messages.problem("ledger-unreadable", Place(str(folder))))
    copy = None if _is_new(folder) else _last_copy(folder)
    if not exclusive:
        return copy or create_database(":memory:", folder), True
    if copy is None:
        return create_database(str(path), folder), True
    with closing(copy):
        path.write_bytes(copy.serialize())
    return _open_file(folder, exclusive=exclusive)


def _last_copy(folder: Path) -> sqlite3.Connection | None:
    """Return this computer's last copy of a ledger, in memory."""
    with closing(sqlite3.connect(":memory:")) as db:
        data = PrivateLedger.attach(db, folder, exclusive=False).last_copy()
    return load_database(data) if data else None


def _is_new(folder: Path) -> bool:
    """Return whether a folder has no ledger.

    If only the file is missing, it has one: the last copy of this computer. Then one of its letters
    is in the folder, or the last run used it because the file could not be read.
    """
    if (folder / LEDGER_FILE).exists():
        return False
    with closing(sqlite3.connect(":memory:")) as db:
        private = PrivateLedger.attach(db, folder, exclusive=False)
        return not (private.replaces_file or _has_letter(folder, private.last_copy()))


def _has_letter(folder: Path, last_copy: bytes) -> bool:
    """Return whether a folder has a letter of a ledger in its place."""
    db = load_database(last_copy) if last_copy else None
    if db is None:
        return False
    with closing(db):
        for letter_id, path in db.execute("SELECT id, path FROM letter WHERE path <> ''"):
            data = read_file(str(folder / path))
            stamp = read_stamp(data) if data else None
            if stamp and stamp.id == letter_id:
                return True
    return False


@contextmanager
def ledger_to_read(folder: Path) -> Iterator[Ledger]:
    """Yield the ledger of a folder, read-only, and close it at the end.

    Raise StorageError if SQLite reports an error.
    """
    with ledger_read_errors(folder), closing(read_ledger(folder)) as ledger:
        yield ledger


def memory_ledger() -> Ledger:
    """Return an empty ledger that is stored nowhere."""
    db = create_database(":memory:", Path())
    return Ledger(db, Path(), PrivateLedger(db, ":memory:"))


class Ledger:
    """The ledger of one folder; `is_empty` if it has no letters and no people.

    In that case there was none; staff may have ignored warnings since. `salt` is the campaign's
    own. `interrupted_run` is the time of a run that did not finish; None if all runs finished.
    `is_in_folder` is false if the folder's file could not be read. `is_joined` is true if the
    ledger was joined in memory: the file has less. `unread_copies` are the names of its conflict
    copies that cannot be read, or are of another campaign.
    """

    def __init__(self, db: sqlite3.Connection, folder: Path, private: PrivateLedger) -> None:
        self._db, self._folder, self._private = db, folder, private
        self.is_in_folder, self.is_writable, self.is_joined = True, False, False
        self.opened_state: FileState | None = None
        self.unread_copies: tuple[str, ...] = ()
        self._last_moment, self._rereads_register = 0, False
        self._read_basics()

    def _read_basics(self) -> None:
        self.is_empty = self._fetch_one(_ANY_RECORD) is None
        self.has_deletions = self._fetch_one("SELECT 1 FROM deleted LIMIT 1") is not None
        self.salt = read_salt(self._db)
        times = json.loads(self.fact(_INTERRUPTED_RUN_FACT) or "null")
        self.interrupted_run = RunTimeSpan(*times) if times else None

    def join_copies(self) -> None:
        """Join the ledger with its conflict copies, which are deleted then.

        Also join it with the last copy of this computer if the file was changed elsewhere.
        """
        copies = self._conflict_copies()
        for data in copies.values():
            self._join(data)
        if last_copy := self._unseen_last_copy():
            self._join(last_copy)
        if self.has_deletions and (copies or last_copy):
            self.remove_free_space()
        for path in copies:
            with suppress(OSError):
                delete_file(path)

    def joined_in_memory(self) -> Ledger:
        """Return this ledger, or a joined one in memory if there are copies."""
        copies = [*self._conflict_copies().values(), self._unseen_last_copy()]
        if not any(copies):
            return self
        db = sqlite3.connect(":memory:")
        self._db.backup(db)
        self._db.close()
        private = PrivateLedger.attach(db, self._folder, exclusive=False)
        joined = Ledger(db, self._folder, private)
        joined.is_joined, joined.unread_copies = True, self.unread_copies
        for data in filter(None, copies):
            joined._join(data)
        return joined

    def _conflict_copies(self) -> dict[Path, bytes]:
        """Return the conflict copies of the file that have arrived completely."""
        copies, path = dict[Path, bytes](), self._folder / LEDGER_FILE
        names = sorted(self._folder.glob(f"{path.stem}?*{path.suffix}"))
        found = [copy for copy in names if is_conflict_copy(copy, path)]
        for copy in found:
            with suppress(OSError, StorageError):
                if db := load_database(data := read_database(copy)):
                    with closing(db):
                        if is_same_campaign(self._db, db):
                            copies[copy] = data
        self.unread_copies = tuple(copy.name for copy in found if copy not in copies)
        return copies

    def _unseen_last_copy(self) -> bytes:
        """Return this computer's last copy if the file may have changed since.

        It is empty if the file has the same bytes: joining them would write the file again.
        """
        state = file_state(str(self._folder / LEDGER_FILE))
        if state is None or not self.is_in_folder or self._private.has_seen(state):
            return b""
        data = self._private.last_copy()
        copy = load_database(data) if data and data != self._db.serialize() else None
        if copy is None:
            return b""
        with closing(copy):
            return data if read_salt(copy) == self.salt else b""

    def _join(self, data: bytes) -> None:
        if join(self._db, data):
            if self.is_writable:
                with self._db:
                    self._private.forget_register_file()
            else:
                self._rereads_register = True
        self._read_basics()

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
        row = self._fetch_one(f"{_LETTERS} WHERE l.id = ?", letter_id)
        return _letter_record(row) if row else None

    def letters_by_id(self, letter_ids: Sequence[str]) -> dict[str, LetterRecord]:
        """Return records of letters by ID, for at most one of the `chunks`."""
        query = f"{_LETTERS} WHERE l.id IN ({_parameter_marks(letter_ids)})"
        return {row[0]: _letter_record(row) for row in self._db.execute(query, letter_ids)}

    def letters(self) -> Iterator[LetterRecord]:
        """Yield the record of every letter that was ever created here."""
        return map(_letter_record, self._db.execute(_LETTERS))

    def letters_never_seen(self) -> Iterator[LetterRecord]:
        """Yield the letters whose files were never seen on this computer."""
        query = f"{_LETTERS} WHERE s.id IS NULL AND path <> '' AND l.output <> x''"
        return map(_letter_record, self._db.execute(query))

    def interrupted_moves(self) -> Iterator[LetterRecord]:
        """Yield the letters whose move was interrupted."""
        return map(_letter_record, self._db.execute(f"{_LETTERS} WHERE was <> ''"))

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
        row = self._fetch_one(f"SELECT id {_AT_PATHS} path = ? ORDER BY at DESC", path)
        return str(row[0]) if row else ""

    def letter_ids_at(self, paths: Sequence[str]) -> dict[str, str]:
        """Return the IDs of letters by path, for at most one of the `chunks`."""
        query = f"SELECT path, id {_AT_PATHS} path IN ({_parameter_marks(paths)}) ORDER BY at"
        return dict(self._db.execute(query, paths).fetchall())

    def is_earlier_version(self, letter_id: str, output: bytes) -> bool:
        """Return whether an earlier version of the letter had this hash."""
        query = "SELECT 1 FROM version WHERE id = ? AND output = ?"
        return self._fetch_one(query, letter_id, output) is not None

    def people(self) -> Iterator[PersonRecord]:
        """Yield everyone who has had letters."""
        query = f"SELECT {PERSON.columns} FROM person"  # noqa: S608 - no user input
        return (PersonRecord(*row) for row in self._db.execute(query))

    def last_print(self, letter_id: str) -> PrintRecord | None:
        """Return the record of a letter's last print file, or None."""
        row = self._fetch_one(f"{_PRINTED} WHERE p.id = ?", letter_id)
        return _print_record(*row) if row else None  # type: ignore[arg-type] # columns in the order of the fields

    def recreated_letter_ids(self) -> set[str]:
        """Return the letters that another computer created again unawares.

        They are in a print file, or marked, and that computer did not know it yet. So another
        version is on paper. Two rules find them:

        1. The letter's print file has an earlier version, and is not the one that was known when
           the present version was created.
        2. When the letter was first marked, it was an earlier version. No computer that knows a
           mark creates the letter again.
        """
        return {letter_id for (letter_id,) in self._db.execute(_RECREATED_LETTERS)}

    def layouts(self, letter_ids: Sequence[str]) -> dict[str, LayoutRecord]:
        """Return page layouts of letters by ID, for at most one of the `chunks`."""
        query = f"SELECT * FROM private.layout WHERE id IN ({_parameter_marks(letter_ids)})"  # noqa: S608 - no user input
        return {row[0]: LayoutRecord(*row) for row in self._db.execute(query, letter_ids)}

    def pdf(self, laid_out: bytes) -> PdfRecord | None:
        """Return the record of the PDF made from input with this hash, or None."""
        row = self._fetch_one("SELECT * FROM private.pdf WHERE laid_out = ?", laid_out)
        return PdfRecord(*row) if row else None  # type: ignore[arg-type] # columns in the order of the fields

    def register_stages(self) -> dict[str, frozenset[str]]:
        """Return the stages of letters in the register, by letter ID.

        The stages are empty for a letter that was printed once and released again.
        """
        stages: dict[str, set[str]] = {}
        for letter_id, stage in self._db.execute("SELECT id, stage FROM paper WHERE marked"):
            stages.setdefault(letter_id, set()).add(stage)
        return {letter_id: frozenset(names - {""}) for letter_id, names in stages.items()}

    def protected_letter_ids(self) -> set[str]:
        """Return the IDs of letters that were edited, printed or in a print file."""
        return {letter_id for (letter_id,) in self._db.execute(_PROTECTED_LETTERS)}

    def decisions(self) -> Iterator[DecisionRecord]:
        """Yield the decisions of staff."""
        query = f"SELECT {DECISION.columns} FROM decision"  # noqa: S608 - no user input
        return (DecisionRecord(*row) for row in self._db.execute(query))

    def batches(self) -> dict[str, PrintedBatch]:
        """Return the last print file of each letter, by letter ID."""
        rows = self._db.execute("SELECT id, number, moment FROM printed")
        return {letter_id: _batch(number, moment) for letter_id, number, moment in rows}

    def batches_of_deleted_people(self) -> set[PrintedBatch]:
        """Return the print files with a letter of someone whose data was deleted."""
        if not self.has_deletions:
            return set()
        found = {batch for i, batch in self.batches().items() if self.was_deleted(i)}
        names = self._db.execute(
            "SELECT name FROM main.fact WHERE name GLOB ?", (f"{DELETED_IN_FACT}*",)
        )
        keys = (name.removeprefix(DELETED_IN_FACT).split(" ", 1) for (name,) in names)
        return found | {_batch(int(number), moment) for number, moment in keys}

    def has_print_records(self) -> bool:
        """Return whether any letter was put into a print file."""
        return self._fetch_one("SELECT 1 FROM printed LIMIT 1") is not None

    def field_digests(self, digest: bytes) -> Mapping[str, str] | None:
        """Return the hashes of fields that belong to a digest, by field name.

        None if the digest is not known.
        """
        row = self._fetch_one("SELECT fields FROM said WHERE digest = ?", digest.hex())
        return json.loads(str(row[0])) if row else None

    def fact(self, name: str) -> str:
        """Return a named fact about the campaign's folder, or an empty text."""
        if name == REGISTER_FILE_FACT and self._rereads_register:
            return ""
        if name in PRIVATE_FACTS:
            return self._private.fact(name)
        row = self._fetch_one("SELECT value FROM main.fact WHERE name = ?", name)
        return str(row[0]) if row else ""

    def facts(self) -> list[tuple[str, str]]:
        """Return all facts as names and values."""
        return self._db.execute("SELECT name, value FROM main.fact").fetchall()

    def _fetch_one(self, query: str, *values: object) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self._db.execute(query, values).fetchone()
        return row

    def commit(self, changes: LedgerChangeSet) -> None:
        """Store all of the changes or none.

        Raise StorageError if the disk does not allow it.
        """
        with sqlite_errors(self._folder):
            with self._db:
                self._commit_shared(changes, self._next_moment())
            with self._db:
                self._commit_private(changes)

    def _commit_shared(self, changes: LedgerChangeSet, at: int) -> None:
        """Store what is true on all computers. Equal rows are not written."""
        letters, execute = changes.letters, self._db.executemany
        outputs = [(letter.id, letter.output) for letter in letters]
        execute(_STORE_OLD_VERSION, outputs)
        execute("DELETE FROM version WHERE id = ? AND output = ?", outputs)
        execute(_RELEASE_PATH, ((at, letter.path, letter.id) for letter in letters))
        execute(LETTER.store_changed, (_letter_row(letter, at) for letter in letters))
        execute(_INSERT_LETTER, (_letter_row(letter, at) for letter in changes.new_letters))
        self._delete(
            "person WHERE key = ?", "key", ((key,) for key in changes.outdated_person_keys), at
        )
        execute(PERSON.store_changed, ((*person, at) for person in changes.people))
        fields = ((d.hex(), json.dumps(names), at) for d, names in changes.field_digests.items())
        execute(FIELDS.store_changed, fields)
        print_rows = (
            (letter_id, batch.number, batch.moment.isoformat(), output, inputs, at)
            for letter_id, batch, output, *_, inputs in changes.print_records
        )
        execute(PRINTED.store_changed, print_rows)
        facts = ((name, value, at) for name, value in changes.facts.items())
        execute(FACT.store_changed, (fact for fact in facts if fact[0] not in PRIVATE_FACTS))
        self._commit_stages(changes, at)
        self._delete("decision WHERE id = ?", "id, choice", _tuples(changes.cleared_decisions), at)
        execute(DECISION.store_changed, ((*decision, at) for decision in changes.decisions))

    def _commit_stages(self, changes: LedgerChangeSet, at: int) -> None:
        released = dict.fromkeys(changes.released_letters, None)
        for letter_id, stages in {**changes.register_stages, **released}.items():
            query = "SELECT stage, marked, output FROM paper WHERE id = ?"
            old = {stage: rest for stage, *rest in self._db.execute(query, (letter_id,))}
            rows = dict.fromkeys(old, 0)
            rows |= {} if stages is None else dict.fromkeys((*stages, ""), 1)
            was_marked = any(marked for stage, (marked, _) in old.items() if stage)
            output = old[""][1] if was_marked and "" in old else self._output(letter_id)
            self._db.executemany(
                PAPER.store_changed,
                ((letter_id, s, marked, b"" if s else output, at) for s, marked in rows.items()),
            )
        letters = [(at, letter_id) for letter_id in changes.accepted_letters]
        self._db.executemany(_ACCEPT_FILE, letters)
        self._db.executemany(_SUPERSEDE_PRINT_FILE, letters)

    def _output(self, letter_id: str) -> bytes:
        record = self.letter(letter_id)
        return record.output if record else b""

    def _commit_private(self, changes: LedgerChangeSet) -> None:
        """Store what is true on this computer only."""
        execute = self._db.executemany
        states = (
            (record.id, record.output, record.content, *record.file_state, record.checked)
            for record in (*changes.letters, *changes.new_letters)
        )
        execute("REPLACE INTO private.state VALUES (?, ?, ?, ?, ?, ?, ?, ?)", states)
        printed = ((r.id, r.output, *r.file_state) for r in changes.print_records)
        execute("REPLACE INTO private.printed_state VALUES (?, ?, ?, ?, ?, ?)", printed)
        facts = (fact for fact in changes.facts.items() if fact[0] in PRIVATE_FACTS)
        execute("REPLACE INTO private.fact VALUES (?, ?)", facts)
        execute("REPLACE INTO private.layout VALUES (?, ?, ?, ?, ?)", changes.layouts)
        execute("REPLACE INTO private.pdf VALUES (?, ?, ?)", changes.pdfs)

    def _next_moment(self) -> int:
        """Return the moment of new rows: later than that of every known row."""
        if not self._last_moment:
            tables = " UNION ALL ".join(
                f"SELECT max(at) AS at FROM main.{name}"  # noqa: S608 - no user input
                for name in (*(table.name for table in JOINED_TABLES), "deleted")
            )
            self._last_moment = self._db.execute(f"SELECT max(at) FROM ({tables})").fetchone()[0]  # noqa: S608
        self._last_moment = max(time.time_ns(), self._last_moment + 1)
        return self._last_moment

    def _delete(
        self, condition: str, keys: str, values: Iterable[tuple[str, ...]], at: int
    ) -> None:
        """Delete rows, and leave their hashes for other computers."""
        table, hashes = condition.split(maxsplit=1)[0], []
        query = f"DELETE FROM main.{condition} RETURNING {keys}"  # noqa: S608 - no user input
        for value in values:
            rows = self._db.execute(query, value).fetchall()
            hashes += [deletion_hash(self.salt, table, *map(str, row)) for row in rows]
        if hashes:
            bury(self._db, hashes, at)

    def delete_records(self, letter_ids: Iterable[str], people: Iterable[str] = ()) -> None:
        """Delete all records of letters with these IDs, and people by their keys."""
        letters, keys = _tuples(letter_ids), _tuples(people)
        with sqlite_errors(self._folder):
            with self._db:
                at = self._next_moment()
                for table, key in ("letter", "id"), ("printed", "id"), ("paper", "id, stage"):
                    self._delete(f"{table} WHERE id = ?", key, letters, at)
                self._db.executemany("DELETE FROM version WHERE id = ?", letters)
                self._delete("person WHERE key = ?", "key", keys, at)
                self._delete("decision WHERE id = ?", "id, choice", [*letters, *keys], at)
            with self._db:
                self._private.delete_states(letters)

    def delete_print_records(self, letter_ids: Iterable[str]) -> None:
        """Delete the records that letters are in a print file: it is deleted."""
        with sqlite_errors(self._folder), self._db:
            at = self._next_moment()
            self._delete("printed WHERE id = ?", "id", _tuples(letter_ids), at)

    def record_deletion(self, keys: Iterable[str]) -> None:
        """Record people whose data was deleted, and their letters, as hashes.

        The keys are those of people, and the IDs of letters.
        """
        hashes = [deletion_hash(self.salt, DELETION, key) for key in keys]
        with sqlite_errors(self._folder), self._db:
            bury(self._db, hashes, self._next_moment())
        self.has_deletions = self.has_deletions or bool(hashes)

    def was_deleted(self, letter_id: str) -> bool:
        """Return whether data of a person in a letter was deleted in 90 days."""
        return self.has_deletions and any(
            self._has_deletion(salt, letter_id) for salt in self._salts_of_deletions
        )

    def was_person_deleted(self, kind: SheetKind, key: str) -> bool:
        """Return whether data of a person with a key was deleted in 90 days."""
        person_id = short_hash(kind, key)
        return self.has_deletions and any(
            self._has_deletion(salt, salt.hash_text(person_id)) for salt in self._salts_of_deletions
        )

    def _has_deletion(self, salt: Salt, key: str) -> bool:
        query = "SELECT 1 FROM deleted WHERE hash = ?"
        return self._fetch_one(query, deletion_hash(salt, DELETION, key)) is not None

    @property
    def _salts_of_deletions(self) -> Iterator[Salt]:
        yield self.salt
        query = "SELECT name FROM main.fact WHERE name GLOB ?"
        for (name,) in self._db.execute(query, (f"{OTHER_SALT_FACT}*",)).fetchall():
            yield Salt(bytes.fromhex(name.removeprefix(OTHER_SALT_FACT)))

    def close_campaign(self, day: dt.date) -> None:
        """Delete letters' records except stages, and store the closing day."""
        with sqlite_errors(self._folder):
            with self._db:
                at = self._next_moment()
                for table in ("letter", "version", "printed", "said"):
                    self._db.execute(f"DELETE FROM main.{table}")  # noqa: S608 - no user input
                tables = [
                    deletion_hash(self.salt, table) for table in ("letter", "printed", "said")
                ]
                bury(self._db, tables, at)
                choices = [("keep",), ("print",), ("seen",)]
                self._delete("decision WHERE choice = ?", "id, choice", choices, at)
                self._delete("fact WHERE name = ?", "name", [(PROOFREAD_FACT,)], at)
                query = "UPDATE main.paper SET output = x'', at = ? WHERE output <> x''"
                self._db.execute(query, (at,))
                closing_fact = (CLOSED_FACT, json.dumps(day.isoformat()), at)
                self._db.execute(FACT.store_changed, closing_fact)
            self._private.clear()
            self._private.delete_unused(0)

    @property
    def closed_on(self) -> dt.date | None:
        """The day on which the campaign was closed, or None while it is open."""
        day = json.loads(self.fact(CLOSED_FACT) or '""')
        return dt.date.fromisoformat(day) if day else None

    def reopen_campaign(self) -> None:
        """Mark the campaign as open again."""
        self.commit(LedgerChangeSet(facts={CLOSED_FACT: json.dumps("")}))

    def delete_field_digests(self, digests_in_use: AbstractSet[bytes]) -> None:
        """Remove the hashes of fields that belong to none of these digests."""
        used = {digest.hex() for digest in digests_in_use}
        unused = [row for row in self._db.execute("SELECT digest FROM said") if row[0] not in used]
        with sqlite_errors(self._folder), self._db:
            self._delete("said WHERE digest = ?", "digest", unused, self._next_moment())

    def remove_free_space(self) -> None:
        """Rewrite the file without free space, which may contain deleted rows.

        SQLite overwrites deleted values with zeros, but not always the values that it moves to
        another page.
        """
        with sqlite_errors(self._folder):
            self._db.execute("PRAGMA temp_store = MEMORY")
            self._db.execute("VACUUM main")
            self._private.delete_unused(0)

    def close(self) -> None:
        """Close the ledger's file and release its lock; keep a last copy of it."""
        try:
            if self.is_writable:
                with sqlite_errors(self._folder):
                    self._keep_last_copy()
        finally:
            self._db.close()

    def _keep_last_copy(self) -> None:
        state = file_state(str(self._folder / LEDGER_FILE)) if self.is_in_folder else None
        if state and self._may_be_replaced_unseen(state):
            state = FileState(0, 0, 0)  # the next run joins them
        elif self._private.has_seen(state):
            return
        self._private.save_last_copy(self._db.serialize(), self._folder, state)

    def _may_be_replaced_unseen(self, state: FileState) -> bool:
        """Return whether a sync has just replaced the file, or could do so unseen.

        On a disk with times of two seconds (FAT), a new file may have the same time.
        """
        is_other_file = self.opened_state is not None and state.inode != self.opened_state.inode
        return is_other_file or not state.shows_changes_since(time.time_ns())


def _tuples(values: Iterable[str]) -> list[tuple[str]]:
    return [(value,) for value in values]


_INTERRUPTED_RUN_FACT = "unsettled"
PENDING_DELETIONS_FACT = "forgetting"
"""The fact that stores, as hashes, whose data is being deleted.

It stays until nothing about them is found. When a deletion continues, the row in the workbook may
be deleted, and the rows in the register blank.
"""
PROOFREAD_FACT = "proofread"
"""The fact that stores hashes of letters with errors in proofreading."""

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

_LETTERS = (
    "SELECT l.id, path, named, day, inputs, l.output, words, coalesce(s.size, 0),"
    " coalesce(s.mtime, 0), coalesce(s.inode, 0), coalesce(s.ctime, 0), coalesce(s.checked, 0),"
    " coalesce(s.content, l.content), was, superseded FROM letter AS l"
    " LEFT JOIN private.state AS s ON s.id = l.id AND s.output = l.output"
)
"""A file's state only counts for the output that it was compared with."""
_AT_PATHS = "FROM letter WHERE path <> '' AND"
_PRINTED = (
    "SELECT p.id, number, moment, p.output, coalesce(s.size, 0), coalesce(s.mtime, 0),"
    " coalesce(s.inode, 0), coalesce(s.ctime, 0), inputs FROM printed AS p"
    " LEFT JOIN private.printed_state AS s ON s.id = p.id AND s.output = p.output"
)
_INSERT_LETTER = "INSERT INTO letter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

_RELEASE_PATH = "UPDATE letter SET path = '', at = ? WHERE path = ? AND path <> '' AND id <> ?"
"""Removes the path from a letter if another letter is there now.

The first letter was not found at that path any more.
"""

_STORE_OLD_VERSION = (
    "INSERT OR IGNORE INTO version"
    " SELECT id, output FROM letter WHERE id = ? AND output NOT IN (?, x'')"
)


_PRINT_FILE_KEY = "(p.number || ' ' || p.moment)"
"""The key of a print file in SQL: see `PrintedBatch.key`."""

_RECREATED_LETTERS = (
    "SELECT l.id FROM letter AS l JOIN printed AS p USING (id)"  # noqa: S608 - no user input
    f" WHERE p.output <> l.output AND l.superseded <> {_PRINT_FILE_KEY}"
    " AND EXISTS (SELECT 1 FROM version AS v WHERE v.id = l.id AND v.output = p.output)"
    " UNION SELECT l.id FROM letter AS l JOIN paper AS p ON p.id = l.id AND p.stage = ''"
    " WHERE p.marked AND p.output <> l.output"
    " AND EXISTS (SELECT 1 FROM version AS v WHERE v.id = l.id AND v.output = p.output)"
    " AND EXISTS (SELECT 1 FROM paper AS s WHERE s.id = l.id AND s.stage <> '' AND s.marked)"
)

_ACCEPT_FILE = (
    "UPDATE paper SET at = ?, output = (SELECT output FROM letter AS l WHERE l.id = paper.id)"
    " WHERE id = ? AND stage = '' AND EXISTS (SELECT 1 FROM letter AS l WHERE l.id = paper.id)"
)
_SUPERSEDE_PRINT_FILE = (
    "UPDATE letter SET at = ?, superseded = coalesce("  # noqa: S608 - no user input
    f"(SELECT {_PRINT_FILE_KEY} FROM printed AS p WHERE p.id = letter.id), superseded)"
    " WHERE id = ?"
)


def _letter_record(row: tuple[object, ...]) -> LetterRecord:
    # columns in the order of the fields
    return LetterRecord._make((*row[:3], _day(cast("int", row[3])), *row[4:]))


_day = cache(dt.date.fromordinal)


def _letter_row(record: LetterRecord, at: int) -> tuple[object, ...]:
    digests = (record.inputs, record.output, record.words)
    day = record.day.toordinal()
    return (*record[:3], day, *digests, record.content, record.was, record.superseded, at)


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
