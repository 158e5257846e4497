"""The private file of a computer for a ledger: when it is lost or deleted."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from merge.computer import campaign_file
from merge.state.ledger import open_ledger
from merge.state.ledger_file import LEDGER_FILE
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


REPLACED = pytest.mark.posix("replacing an open file")


def _bring_by_sync(path: Path) -> None:
    copy = path.with_name("arrived")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def _date_in_whole_seconds(path: Path) -> None:
    """Give a file the time of a FAT disk, which a new file may have as well."""
    os.utime(path, (int(time.time()),) * 2)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_bring_by_sync, marks=pytest.mark.posix("replacing an open file")),
        _date_in_whole_seconds,
    ],
)
def test_the_last_copy_of_a_ledger_is_that_of_the_last_run_whatever_its_file_looks_like(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    for number in ("0", "1"):
        with closing(open_ledger(tmp_path)) as ledger:
            ledger.commit(LedgerChangeSet(facts={"late": json.dumps({"run": {"number": number}})}))
            change(tmp_path / LEDGER_FILE)
    (tmp_path / LEDGER_FILE).write_bytes(b"damaged")
    with closing(open_ledger(tmp_path)) as ledger:
        assert json.loads(ledger.fact("late")) == {"run": {"number": "1"}}


def test_a_ledger_that_equals_the_last_copy_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / LEDGER_FILE
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.close_campaign(dt.date(2026, 11, 26))
        _date_in_whole_seconds(path)
    before = path.read_bytes()
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.closed_on
    assert path.read_bytes() == before


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
        ledger.remove_free_space()
        assert [path.exists() for path in paths] == [True, True, False]
