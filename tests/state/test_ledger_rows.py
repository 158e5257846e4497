"""Search for text in the ledger's rows."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from merge.state.ledger_file import LEDGER_FILE
from merge.state.ledger_rows import row_texts


def test_deleted_ledger_rows_are_not_found(tmp_path: Path) -> None:
    path = tmp_path / LEDGER_FILE
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE letter (id TEXT PRIMARY KEY, path TEXT, size INTEGER)")
        rows = [(f"{n:016x}", f"Mary Ann Lee/{n}.docx", n) for n in range(200)]
        db.executemany("INSERT INTO letter VALUES (?, ?, ?)", rows)
        db.commit()
        db.execute("DELETE FROM letter WHERE size > 0")
        db.commit()
    assert row_texts(path) == [f"{0:016x}", "Mary Ann Lee/0.docx"]
    assert path.read_bytes().count(b"Mary Ann Lee") > 1
    shutil.copyfile(__file__, path)
    assert row_texts(path) is None
