"""The private state of a computer: when it is lost or deleted."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from merge.computer import campaign_file
from merge.state.ledger import open_ledger
from merge.state.ledger_records import LedgerChangeSet


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's private folder."""
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _private_file(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    with closing(open_ledger(folder)) as ledger:
        ledger.commit(LedgerChangeSet(facts={"print": '"folder"'}))
    path = campaign_file(folder, ".db", create=False)
    assert path is not None
    return path


@pytest.mark.disk("permissions")
def test_a_private_file_is_readable_for_its_user_only(tmp_path: Path, home: Path) -> None:
    path = _private_file(tmp_path / "letters")
    assert path.parent == home / "ledgers"
    assert os.name != "posix" or path.parent.stat().st_mode & 0o077 == 0


def test_a_private_file_of_a_missing_folder_is_deleted_after_30_days(tmp_path: Path) -> None:
    old, present, recent = (_private_file(tmp_path / name) for name in ("old", "present", "recent"))
    for path in (old, present):
        os.utime(path, (time.time() - 31 * 86_400,) * 2)
    for name in ("old", "recent"):
        (tmp_path / name).rename(tmp_path / f"{name}, renamed")
    _private_file(tmp_path / "another")
    assert [path.exists() for path in (old, present, recent)] == [False, True, True]


def test_a_damaged_private_file_is_created_again(tmp_path: Path) -> None:
    path = _private_file(tmp_path / "letters")
    path.write_bytes(b"not a database" * 100)
    with closing(open_ledger(tmp_path / "letters")) as ledger:
        assert ledger.fact("print") == ""
    assert path.read_bytes().startswith(b"SQLite format 3")


def test_a_ledger_is_used_without_a_private_folder(tmp_path: Path, home: Path) -> None:
    home.write_bytes(b"a file in place of the folder")
    (tmp_path / "letters").mkdir()
    for _ in range(2):
        with closing(open_ledger(tmp_path / "letters")) as ledger:
            ledger.commit(LedgerChangeSet(facts={"late": "{}"}))
            assert ledger.fact("late") == "{}"


def test_a_deletion_keeps_private_files_that_runs_are_using(tmp_path: Path) -> None:
    paths = [_private_file(tmp_path / name) for name in ("deleting", "running", "gone")]
    (tmp_path / "gone").rename(tmp_path / "gone, renamed")
    with (
        closing(open_ledger(tmp_path / "running")) as running,
        closing(open_ledger(tmp_path / "deleting")) as ledger,
    ):
        running.commit(LedgerChangeSet(facts={"print": '"folder"'}))
        ledger.record_deletion(["a" * 16])
        ledger.close()
        assert [path.exists() for path in paths] == [True, True, False]
