"""Polling of a campaign's files: stable changes, pauses for letters."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import letters, make_with_letters
from support.staff_actions import add_line

from merge.page.watching import FolderWatch

PATH = "Bo Berg/Consul Roy.docx"


class Clock:
    """A clock that the test sets; a look takes no time on it, or a second."""

    def __init__(self, takes: float = 0.0) -> None:
        self.now, self.takes = 0.0, takes

    def __call__(self) -> float:
        self.now += self.takes / 2
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_with_letters(tmp_path / "campaign")


def test_a_change_is_reported_when_the_file_no_longer_changes(folder: Path) -> None:
    watch = FolderWatch(folder, Clock())
    assert not watch.has_settled_change()
    (folder / "signers.xlsx").write_bytes(b"half")
    assert not watch.has_settled_change()
    assert not watch.has_settled_change()
    (folder / "signers.xlsx").write_bytes(b"half of it")
    assert [watch.has_settled_change() for _ in range(3)] == [False, False, True]
    assert watch.is_changing
    watch.accept_changes()
    assert not watch.has_settled_change()
    assert not watch.is_changing


def test_letters_are_polled_with_pauses_and_opened_ones_each_time(
    folder: Path,
) -> None:
    opened: set[str] = set()
    watch = FolderWatch(folder, Clock(takes=1.0), opened)
    add_line(letters(folder)[PATH], "By hand.")
    assert [watch.has_settled_change() for _ in range(3)] == [False] * 3
    opened.add(str(folder / "letters" / PATH))
    assert [watch.has_settled_change() for _ in range(3)] == [False, False, True]


def test_lock_files_of_open_letters_are_not_changes(folder: Path) -> None:
    clock = Clock()
    watch = FolderWatch(folder, clock)
    (folder / "letters" / "Bo Berg" / "~$nsul Roy.docx").write_bytes(b"Bo")
    clock.now += 100
    assert [watch.has_settled_change() for _ in range(3)] == [False] * 3
