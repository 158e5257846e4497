"""The ledger: asked letter by letter, told all news at once."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from merge.ledger.records import Known, News, Printed, Someone
from merge.ledger.spoken import told

_UPSERT = (
    "INSERT INTO letter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET path = excluded.path, named = excluded.named,"
    " day = excluded.day, inputs = excluded.inputs, output = excluded.output,"
    " words = excluded.words, size = excluded.size, mtime = excluded.mtime,"
    " inode = excluded.inode, checked = excluded.checked, content = excluded.content,"
    " was = excluded.was"
)


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

    def moving(self) -> Iterator[Known]:
        """The letters whose move was cut short."""
        return map(_known, self._db.execute("SELECT * FROM letter WHERE was <> ''"))

    def ids(self) -> Iterator[str]:
        """The ids of all letters."""
        return (letter_id for (letter_id,) in self._db.execute("SELECT id FROM letter"))

    def paths(self) -> Iterator[str]:
        """The paths of all letters."""
        return (path for (path,) in self._db.execute("SELECT path FROM letter"))

    def path(self, letter_id: str) -> str:
        """The path of a letter, empty where it is not known."""
        row = self._one("SELECT path FROM letter WHERE id = ?", letter_id)
        return str(row[0]) if row else ""

    def id_at(self, path: str) -> str:
        """The id of the letter that has a path, empty where none has."""
        row = self._one("SELECT id FROM letter WHERE path = ?", path)
        return str(row[0]) if row else ""

    def is_version(self, letter_id: str, output: bytes) -> bool:
        """Whether an earlier version of the letter had these bytes."""
        ask = "SELECT 1 FROM version WHERE id = ? AND output = ?"
        return self._one(ask, letter_id, output) is not None

    def people(self) -> Iterator[Someone]:
        """Everybody who had letters."""
        return (Someone(*row) for row in self._db.execute("SELECT * FROM person"))

    def printed(self, letter_id: str) -> Printed | None:
        """The batch that a letter was last put into; None for none."""
        row = self._one("SELECT * FROM printed WHERE id = ?", letter_id)
        return Printed(*row) if row else None  # type: ignore[arg-type] # the columns, in their order

    def any_printed(self) -> bool:
        """Whether any letter was put into a batch."""
        return self._one("SELECT 1 FROM printed LIMIT 1") is not None

    def fields(self, digest: bytes) -> Mapping[str, str] | None:
        """The hashes of the single fields behind a digest, by their names; None where unknown."""
        row = self._one("SELECT fields FROM said WHERE digest = ?", digest)
        return json.loads(str(row[0])) if row else None

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
        with told(self._folder), self._db:
            self._db.executemany(_KEEP_OLD, old)
            self._db.executemany(_UPSERT, map(_row, news.letters))
            self._db.executemany("DELETE FROM person WHERE key = ?", ((k,) for k in news.renamed))
            self._db.executemany("REPLACE INTO person VALUES (?, ?, ?, ?, ?)", news.people)
            self._db.executemany("REPLACE INTO said VALUES (?, ?)", said)
            self._db.executemany("REPLACE INTO printed VALUES (?, ?, ?, ?, ?, ?, ?)", news.printed)
            self._db.executemany("REPLACE INTO fact VALUES (?, ?)", news.facts.items())

    def forget(self, letter_ids: Iterable[str], people: Iterable[str] = ()) -> None:
        """Take out all that is held of letters, and of people by their keys."""
        letters = [(letter_id,) for letter_id in letter_ids]
        with told(self._folder), self._db:
            for table in ("letter", "version", "printed"):
                self._db.executemany(f"DELETE FROM {table} WHERE id = ?", letters)  # noqa: S608 - ours
            self._db.executemany("DELETE FROM person WHERE key = ?", ((key,) for key in people))

    def forget_fields(self, pieces: AbstractSet[bytes]) -> None:
        """Take out the hashes of fields but for those behind these pieces."""
        digests = (row[0] for row in self._db.execute("SELECT digest FROM said"))
        gone = [(digest,) for digest in digests if digest not in pieces]
        with told(self._folder), self._db:
            self._db.executemany("DELETE FROM said WHERE digest = ?", gone)

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
