"""Whether a campaign's files changed: at rest before it is told, letters with pauses."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import lettered, letters
from support.staff_actions import add_line

from merge.page.watching import FolderWatch

PATH = "Bo Berg/Consul Roy.docx"


class Clock:
    """A clock that is set by hand; looking takes no time on it, or a second."""

    def __init__(self, takes: float = 0.0) -> None:
        self.now, self.takes = 0.0, takes

    def __call__(self) -> float:
        self.now += self.takes / 2
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lettered(tmp_path / "campaign")


def test_news_are_told_when_a_file_has_come_to_rest(folder: Path) -> None:
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


def test_letters_are_looked_at_with_pauses_and_those_that_were_opened_each_time(
    folder: Path,
) -> None:
    opened: set[str] = set()
    watch = FolderWatch(folder, Clock(takes=1.0), opened)
    add_line(letters(folder)[PATH], "By hand.")
    assert [watch.has_settled_change() for _ in range(3)] == [False] * 3
    opened.add(str(folder / "letters" / PATH))
    assert [watch.has_settled_change() for _ in range(3)] == [False, False, True]


def test_files_of_programs_that_have_a_letter_open_are_no_news(folder: Path) -> None:
    clock = Clock()
    watch = FolderWatch(folder, clock)
    (folder / "letters" / "Bo Berg" / "~$nsul Roy.docx").write_bytes(b"Bo")
    clock.now += 100
    assert [watch.has_settled_change() for _ in range(3)] == [False] * 3
