"""Joins the ledgers of several computers.

If two computers change the ledger at the same time, the sync service keeps one of the files. The
other becomes a conflict copy, or is discarded. The rows of both are joined:

1. Of two rows with one key, the later one counts. Each row has its moment, in nanoseconds since
   1970, and no row gets an earlier moment than those that its computer knew.
2. A deleted row leaves its salted hash and the moment, for 90 days. An earlier row from elsewhere
   is not added again.
3. Hashes of versions are united. The output of a row that does not count becomes an
   earlier version, so that its file is not called edited.
4. Two people may have one ID: the people of a letter have other names, and neither ledger knows the
   output of the other. Then only the row of the present ledger counts.

Otherwise, the order in which ledgers are joined does not matter. KeePass joins its databases in
this way (https://keepass.info/help/v2/sync.html).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

from merge.naming import Salt
from merge.state.ledger_checks import (
    CLOSED_FACT,
    DELETED_IN_FACT,
    FIRST_FILES_FACT,
    OTHER_SALT_FACT,
    SALT_FACT,
)
from merge.state.ledger_file import FACT, JOINED_TABLES, LETTER, PAPER, PRINTED
from merge.state.ledger_records import NAMED_BY_HAND

_TOMBSTONE_TIME = 90 * 86_400 * 10**9
"""Nanoseconds after which the hash of a deleted row is deleted."""
DELETION = "deletion"
"""The word in hashes of deleted people and of their letters."""
_CLOCK_DIFFERENCE = 610
"""Seconds by which the times of a file may differ on two computers."""


def read_salt(db: sqlite3.Connection, ledger: str = "main") -> Salt:
    """Return the salt of a ledger."""
    query = f"SELECT value FROM {ledger}.fact WHERE name = ?"  # noqa: S608 - no user input
    (value,) = db.execute(query, (SALT_FACT,)).fetchone()
    return Salt(bytes.fromhex(json.loads(value)))


def deletion_hash(salt: Salt, table: str, *keys: str) -> str:
    """Return the hash of a deleted row; without keys, that of a whole table."""
    return salt.hash_text(" ".join((table, *keys)), 16)


def bury(db: sqlite3.Connection, hashes: list[str], at: int) -> None:
    """Record the hashes of deleted rows, and delete outdated ones."""
    db.executemany("REPLACE INTO main.deleted VALUES (?, ?)", ((h, at) for h in hashes))
    oldest = time.time_ns() - _TOMBSTONE_TIME
    db.execute("DELETE FROM main.deleted WHERE at < ?", (oldest,))
    db.execute(
        "DELETE FROM main.fact WHERE name GLOB ? AND at < ?", (f"{DELETED_IN_FACT}*", oldest)
    )


def is_same_campaign(db: sqlite3.Connection, other: sqlite3.Connection) -> bool:
    """Return whether two ledgers are of one campaign.

    Two computers may have begun it with a salt each. Then they have created or printed an
    equal letter, or begun with a file of the same content and time.
    """
    if read_salt(db) == read_salt(other):
        return True
    query = (
        "SELECT id, output FROM main.letter WHERE output <> x'' UNION SELECT id, output FROM"
        " main.printed UNION SELECT id, output FROM main.version"
    )
    if not {*db.execute(query)}.isdisjoint(other.execute(query)):
        return True
    files, other_files = _first_files(db), _first_files(other)
    return any(
        abs(files[version] - other_files[version]) <= _CLOCK_DIFFERENCE
        for version in files.keys() & other_files.keys()
    )


def _first_files(db: sqlite3.Connection) -> dict[str, int]:
    """Return the times of a ledger's first files, by their hashes."""
    query = "SELECT value FROM main.fact WHERE name = ?"
    row = db.execute(query, (FIRST_FILES_FACT,)).fetchone()
    with suppress(AttributeError, TypeError, ValueError):
        return {version: int(time) for version, time in json.loads(row[0]).items()} if row else {}
    return {}


def join(db: sqlite3.Connection, other: bytes) -> bool:
    """Add to a ledger what another ledger has; return whether stages changed.

    `other` is an intact file of the same version. All of it is added, or nothing.
    """
    db.execute("ATTACH ':memory:' AS other")
    try:
        db.deserialize(other, name="other")
        salt, paper = read_salt(db), _paper(db)
        with db:
            if read_salt(db, "other") == salt:
                _join_same_salt(db, salt)
            else:
                _join_other_salt(db)
        return _paper(db) != paper
    finally:
        db.execute("DETACH other")


def _paper(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return db.execute("SELECT id, stage FROM main.paper WHERE marked").fetchall()


def _join_same_salt(db: sqlite3.Connection, salt: Salt) -> None:
    db.execute(
        "INSERT INTO main.deleted SELECT hash, at FROM other.deleted WHERE true"
        " ON CONFLICT (hash) DO UPDATE SET at = excluded.at WHERE excluded.at > deleted.at"
    )
    db.create_function("is_deleted", 3, _deletion_test(db, salt), deterministic=True)
    _keep_batches_of_deleted_people(db, salt)
    _delete_clashes(db, "named")
    _store_other_outputs(db)
    for ledger in ("main", "other"):
        db.execute(
            f"INSERT OR IGNORE INTO main.version SELECT id, output FROM {ledger}.letter"  # noqa: S608 - no user input
            " WHERE output <> x'' AND is_deleted('letter', id, at)"
        )
    db.execute("UPDATE other.letter SET was = ''")  # a move that this computer cannot finish
    for table in JOINED_TABLES:
        name, key = table.name, " || ' ' || ".join(table.keys)
        deleted = f"is_deleted('{name}', {key}, at)"
        db.execute(f"DELETE FROM main.{name} WHERE {deleted}")  # noqa: S608 - no user input
        rows = f"SELECT {table.columns}, at FROM other.{name} WHERE NOT {deleted}"  # noqa: S608 - no user input
        db.execute(table.upsert(rows, f"excluded.at > {name}.at"))
    _tidy_versions(db, _has_own_tombstone(db, salt))


def _has_own_tombstone(db: sqlite3.Connection, salt: Salt) -> str:
    """Return SQL that says whether a version's letter was deleted by itself.

    The letters of a closed campaign were not: if a file comes back, its version is known.
    """
    hashes = {value for (value,) in db.execute("SELECT hash FROM main.deleted")}
    letter = LETTER.name
    db.create_function("has_tombstone", 1, lambda i: deletion_hash(salt, letter, i) in hashes)
    return "has_tombstone(version.id)"


def _keep_batches_of_deleted_people(db: sqlite3.Connection, salt: Salt) -> None:
    """Record the print files whose records go with a deleted person's.

    Another computer made them before it knew of the deletion.
    """
    hashes = {value for (value,) in db.execute("SELECT hash FROM main.deleted")}
    for ledger in ("main", "other") if hashes else ():
        rows = db.execute(
            f"SELECT id, number || ' ' || moment, at FROM {ledger}.printed"  # noqa: S608 - no user input
            " WHERE is_deleted('printed', id, at)"
        ).fetchall()
        facts = [
            (f"{DELETED_IN_FACT}{batch}", "true", at)
            for letter_id, batch, at in rows
            if deletion_hash(salt, DELETION, letter_id) in hashes
        ]
        db.executemany(FACT.store_changed, facts)


def _join_other_salt(db: sqlite3.Connection) -> None:
    """Add the letters of a ledger that another computer had begun.

    Its hashes of people and data mean nothing here.
    """
    _delete_clashes(db, "path")
    _delete_rows_deleted_elsewhere(db)
    _store_other_outputs(db)
    _add_facts_of_other_salt(db)
    unsalted = LETTER.columns.replace("named, day, inputs", "x'', day, x''")
    for table, columns in (LETTER, unsalted), (PRINTED, PRINTED.columns), (PAPER, PAPER.columns):
        rows = f"SELECT {columns}, at FROM other.{table.name} WHERE true"  # noqa: S608 - no user input
        db.execute(table.upsert(rows, "false"))
    _tidy_versions(db)


def _add_facts_of_other_salt(db: sqlite3.Connection) -> None:
    """Add that the campaign is closed, and who was deleted.

    See `OTHER_SALT_FACT`.
    """
    db.execute(
        FACT.upsert(
            f"SELECT {FACT.columns}, at FROM other.fact WHERE name = '{CLOSED_FACT}'"  # noqa: S608 - no user input
            f" OR name GLOB '{OTHER_SALT_FACT}*'",
            "excluded.at > fact.at",
        )
    )
    name = OTHER_SALT_FACT + read_salt(db, "other").key.hex()
    db.execute(FACT.store_changed, (name, "true", time.time_ns()))
    db.execute("INSERT OR IGNORE INTO main.deleted SELECT hash, at FROM other.deleted")


def _delete_rows_deleted_elsewhere(db: sqlite3.Connection) -> None:
    """Delete what a ledger with another salt deleted: letter IDs are unsalted."""
    is_deleted = _deletion_test(db, read_salt(db, "other"), "other")
    (newest,) = db.execute("SELECT max(at) FROM other.deleted").fetchone()
    for table in (LETTER, PRINTED, PAPER):
        name, keys = table.name, " || ' ' || ".join(table.keys)
        rows = db.execute(f"SELECT {keys}, at FROM main.{name}").fetchall()  # noqa: S608 - no user input
        deleted = [(key,) for key, at in rows if is_deleted(name, key, at)]
        db.executemany(f"DELETE FROM main.{name} WHERE {keys} = ?", deleted)  # noqa: S608 - no user input
        bury(db, [deletion_hash(read_salt(db), name, key) for (key,) in deleted], newest)


def _delete_clashes(db: sqlite3.Connection, names: str) -> None:
    """Delete letters from the other ledger that belong to other people.

    `names` is the column that shows whose letter it is: `named`, a salted hash of the people's
    names, or `path`.
    """
    unknown = (
        "NOT EXISTS (SELECT 1 FROM {}.version AS v WHERE v.id = a.id AND v.output = {}.output)"
    )
    clashes = db.execute(
        "SELECT a.id FROM main.letter AS a JOIN other.letter AS b USING (id)"  # noqa: S608 - no user input
        f" WHERE a.{names} <> b.{names} AND a.output <> b.output AND ? NOT IN (a.named, b.named)"
        " AND x'' NOT IN (a.output, b.output)"
        f" AND {unknown.format('main', 'b')} AND {unknown.format('other', 'a')}",
        (NAMED_BY_HAND,),
    ).fetchall()
    for table in ("letter", "printed", "paper", "decision", "version"):
        db.executemany(f"DELETE FROM other.{table} WHERE id = ?", clashes)  # noqa: S608 - no user input
    if clashes:
        db.execute(
            "DELETE FROM other.person WHERE EXISTS (SELECT 1 FROM main.person AS p"
            " WHERE p.id = other.person.id AND p.name <> other.person.name)"
        )


def _store_other_outputs(db: sqlite3.Connection) -> None:
    """Make the outputs of both ledgers earlier versions if they differ."""
    for mine, theirs in ("main", "other"), ("other", "main"):
        db.execute(
            f"INSERT OR IGNORE INTO main.version SELECT a.id, a.output FROM {mine}.letter AS a"  # noqa: S608 - no user input
            f" JOIN {theirs}.letter AS b USING (id) WHERE a.output NOT IN (b.output, x'')"
        )
    db.execute("INSERT OR IGNORE INTO main.version SELECT id, output FROM other.version")


def _tidy_versions(db: sqlite3.Connection, is_deleted: str = "true") -> None:
    """Delete versions that are the present one, or of deleted letters.

    `is_deleted` is SQL about a version without a letter.
    """
    db.execute(
        "DELETE FROM main.version WHERE EXISTS (SELECT 1 FROM main.letter AS l"  # noqa: S608 - no user input
        " WHERE l.id = version.id AND l.output = version.output) OR"
        f" (NOT EXISTS (SELECT 1 FROM main.letter AS l WHERE l.id = version.id) AND {is_deleted})"
    )


def _deletion_test(
    db: sqlite3.Connection, salt: Salt, ledger: str = "main"
) -> Callable[[str, str, int], bool]:
    """Return a function: whether a row was deleted after its moment."""
    deleted: dict[str, int] = dict(db.execute(f"SELECT hash, at FROM {ledger}.deleted"))  # noqa: S608 - no user input

    tables = {t.name: deleted.get(deletion_hash(salt, t.name), -1) for t in JOINED_TABLES}
    newest = max(deleted.values(), default=-1)

    def is_deleted(table: str, key: str, at: int) -> bool:
        if at > newest:
            return False
        return max(tables[table], deleted.get(deletion_hash(salt, table, key), -1)) >= at

    return is_deleted
