"""The program's private folder on this computer, and the computer's token."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from merge.computer import (
    computer_name,
    computer_token,
    has_stored_token,
    private_folder,
    write_private_file,
)
from merge.errors import StorageError

POSIX = pytest.mark.posix("permissions of POSIX")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private"))
    return tmp_path / "private"


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("win32", {"LOCALAPPDATA": "/x/Local"}, "/x/Local/appeal-merge"),
        ("win32", {}, "HOME/AppData/Local/appeal-merge"),
        ("darwin", {}, "HOME/Library/Application Support/appeal-merge"),
        ("linux", {"XDG_STATE_HOME": "/x/state"}, "/x/state/appeal-merge"),
        ("linux", {"XDG_STATE_HOME": "relative"}, "HOME/.local/state/appeal-merge"),
        ("linux", {}, "HOME/.local/state/appeal-merge"),
        ("linux", {"MERGE_HOME": "/x/own"}, "/x/own"),
    ],
)
def test_the_private_folder_is_in_the_usual_place_of_the_system(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    variables: dict[str, str],
    expected: str,
) -> None:
    for name in ("MERGE_HOME", "LOCALAPPDATA", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("/x", str(tmp_path)))
    monkeypatch.setattr("sys.platform", system)
    found = private_folder()
    assert found == Path(expected.replace("HOME", str(tmp_path)).replace("/x", str(tmp_path)))
    assert found.is_dir()


@POSIX
def test_the_private_folder_is_closed_to_other_users(home: Path) -> None:
    home.mkdir(mode=0o755)
    assert stat.S_IMODE(private_folder().stat().st_mode) == 0o700


@POSIX
def test_a_link_in_place_of_the_private_folder_is_not_followed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    home.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="belongs to someone else"):
        private_folder()
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o755


def test_a_file_in_place_of_the_private_folder_is_reported(home: Path) -> None:
    home.write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="not have permission to write here"):
        private_folder()


def test_a_private_file_is_written_completely_or_not_at_all(home: Path) -> None:
    path = private_folder() / "x.json"
    write_private_file(path, "one")
    write_private_file(path, "two")
    assert path.read_text(encoding="utf-8") == "two"
    assert [entry.name for entry in home.iterdir()] == ["x.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_token_of_a_computer_stays_and_is_another_on_another_computer(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = computer_token()
    assert has_stored_token()
    assert re.fullmatch(r"[2-9][A-Z][2-9][A-Z]", token)
    assert (home / "computer.txt").read_text(encoding="ascii") == token
    assert _token_of_a_new_process(home) == token
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private of a colleague"))
    assert computer_token() != token


def test_a_damaged_token_file_gets_a_new_token(home: Path) -> None:
    (private_folder() / "computer.txt").write_bytes(b"7K\xff")
    token = computer_token()
    assert (home / "computer.txt").read_text(encoding="ascii") == token


def test_a_computer_has_a_token_even_if_its_private_folder_cannot_be_written(home: Path) -> None:
    home.write_bytes(b"a file in its place")
    assert computer_token() == computer_token() != ""
    assert not has_stored_token()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"Front desk\r\nnotes\r\n", "Front desk"),
        ("\ufeffB\u00fcro".encode(), "Büro"),
        (b"x" * 90, "x" * 39 + "…"),
        (b"\xff\xfe", ""),
        (b"\n", ""),
    ],
)
def test_staff_can_name_a_computer_in_a_file_and_its_first_line_counts(
    home: Path, content: bytes, name: str
) -> None:
    neutral = f"Computer {computer_token()}"
    assert computer_name() == neutral
    (home / "computer name.txt").write_bytes(content)
    assert computer_name() == (name or neutral)


def _token_of_a_new_process(home: Path) -> str:
    code = "from merge.computer import computer_token; print(computer_token(), end='')"
    variables = {**os.environ, "MERGE_HOME": str(home)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout
