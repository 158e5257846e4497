"""The stand-in for a sync service does what the services do."""

from __future__ import annotations

from pathlib import Path

import pytest
from together.sync_service import SERVICES, Computer, SyncService


def _contents(computer: Computer) -> dict[str, str]:
    files = (p for p in computer.folder.rglob("*") if p.is_file())
    return {p.relative_to(computer.folder).as_posix(): p.read_text("utf-8") for p in files}


def _two(tmp_path: Path, service: str, **files: str) -> tuple[SyncService, Computer, Computer]:
    """Return a service with two computers that have the same files."""
    sync = SyncService(SERVICES[service])
    (tmp_path / "a").mkdir()
    for name, text in files.items():
        (tmp_path / "a" / f"{name}.txt").write_text(text, "utf-8")
    a, b = sync.connect("DESKTOP-A", tmp_path / "a"), sync.connect("DESKTOP-B", tmp_path / "b")
    return sync, a, b


def test_a_change_and_a_deletion_arrive_on_the_other_computer(tmp_path: Path) -> None:
    sync, a, b = _two(tmp_path, "OneDrive", letter="old", note="old")
    (a.folder / "letter.txt").write_text("new", "utf-8")
    (a.folder / "note.txt").unlink()
    sync.sync_all()
    assert _contents(b) == _contents(a) == {"letter.txt": "new"}


@pytest.mark.parametrize(
    ("service", "copy"),
    [
        ("OneDrive", "letter-DESKTOP-B.txt"),
        ("Dropbox", "letter (DESKTOP-B's conflicted copy 2026-11-29).txt"),
        ("Google Drive", "letter (1).txt"),
        ("iCloud", "letter 2.txt"),
        ("ownCloud", "letter (conflicted copy 2026-11-29 101112).txt"),
        ("Syncthing", "letter.sync-conflict-20261129-101112-DESKTOP.txt"),
    ],
)
def test_of_two_changes_the_later_upload_becomes_a_conflict_copy(
    tmp_path: Path, service: str, copy: str
) -> None:
    sync, a, b = _two(tmp_path, service, letter="old")
    (a.folder / "letter.txt").write_text("by A", "utf-8")
    (b.folder / "letter.txt").write_text("by B", "utf-8")
    sync.sync_all()
    assert _contents(a) == _contents(b) == {"letter.txt": "by A", copy: "by B"}


def test_a_conflict_copy_of_nextcloud_stays_on_its_computer(tmp_path: Path) -> None:
    sync, a, b = _two(tmp_path, "Nextcloud", letter="old")
    (a.folder / "letter.txt").write_text("by A", "utf-8")
    (b.folder / "letter.txt").write_text("by B", "utf-8")
    sync.sync_all()
    assert _contents(a) == {"letter.txt": "by A"}
    copy = "letter (conflicted copy 2026-11-29 101112).txt"
    assert _contents(b) == {"letter.txt": "by A", copy: "by B"}


def test_an_edited_file_that_the_other_computer_deleted_is_kept(tmp_path: Path) -> None:
    sync, a, b = _two(tmp_path, "Dropbox", letter="old")
    (a.folder / "letter.txt").unlink()
    (b.folder / "letter.txt").write_text("edited", "utf-8")
    sync.sync_all()
    assert _contents(a) == _contents(b) == {"letter.txt": "edited"}


def test_a_file_can_arrive_in_part_and_is_completed_later(tmp_path: Path) -> None:
    sync, a, b = _two(tmp_path, "OneDrive", letter="old")
    (a.folder / "letter.txt").write_text("0123456789", "utf-8")
    sync.sync(a)
    sync.sync(b, arrived=0.4)
    assert _contents(b) == {"letter.txt": "0123"}
    sync.sync(b)
    assert _contents(b) == {"letter.txt": "0123456789"}


def test_a_file_that_arrived_in_part_is_removed_if_it_was_deleted(tmp_path: Path) -> None:
    sync, a, b = _two(tmp_path, "OneDrive")
    (a.folder / "letter.txt").write_text("0123456789", "utf-8")
    sync.sync(a)
    sync.sync(b, arrived=0.4)
    (a.folder / "letter.txt").unlink()
    sync.sync_all()
    assert _contents(b) == _contents(a) == {}


def test_hidden_files_and_locks_of_word_can_stay_behind(tmp_path: Path) -> None:
    sync, a, b = _two(tmp_path, "ownCloud", letter="old")
    for name in (".hidden", "~$letter.docx", ".~lock.letter.docx#"):
        (a.folder / name).write_text("x", "utf-8")
    sync.sync_all()
    assert _contents(b) == {"letter.txt": "old"}
