"""Message box of the system: which program shows it, or a text file."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from merge.errors import StorageError
from merge.page.message_box import show_message

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the programs of these tests")

TEXT = "the page: Your browser could not be opened.\nhttp://127.0.0.1:1/in/“x”"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder with programs, on a computer with a screen."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "cat").symlink_to("/bin/cat")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private"))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("MERGE_OPENER", raising=False)
    return folder


def stand_in(programs: Path, name: str, then: str = "exit 0") -> Path:
    """A program that records its arguments, its input, and what it opens."""
    program, heard = programs / name, programs / f"{name} heard"
    record = f'{{ printf "%s\\n" "$@"; echo --; cat; [ ! -f "$1" ] || cat "$1"; }} > "{heard}"'
    program.write_text(f"#!/bin/sh\n{record}\n{then}\n", encoding="utf-8")
    program.chmod(0o755)
    return heard


@pytest.mark.parametrize("name", ["zenity", "kdialog", "xmessage"])
def test_a_box_gets_the_text_on_its_input_and_not_as_an_argument(programs: Path, name: str) -> None:
    heard, opened = stand_in(programs, name), stand_in(programs, "xdg-open")
    show_message(TEXT)
    arguments, text = heard.read_text(encoding="utf-8").split("--\n", 1)
    assert "in/" not in arguments
    assert text == f"{TEXT}\n"
    assert not opened.exists()


def test_a_box_that_was_closed_without_its_button_is_enough(programs: Path) -> None:
    closed = "echo 'Gtk-Message: mapped without a parent' >&2; exit 1"
    first, second = stand_in(programs, "zenity", closed), stand_in(programs, "xmessage")
    show_message(TEXT)
    assert first.exists()
    assert not second.exists()


@pytest.mark.parametrize(
    "failure", ["exit 255", 'echo "Error: Can\'t open display: :77" >&2; exit 1']
)
def test_a_box_that_fails_is_followed_by_the_next(programs: Path, failure: str) -> None:
    stand_in(programs, "zenity", failure)
    second = stand_in(programs, "xmessage")
    show_message(TEXT)
    assert TEXT in second.read_text(encoding="utf-8")


def test_a_private_text_file_is_opened_if_there_is_no_box(programs: Path, tmp_path: Path) -> None:
    opened = stand_in(programs, "xdg-open")
    show_message(TEXT)
    file = tmp_path / "private" / "message.txt"
    assert opened.read_text(encoding="utf-8") == f"{file}\n--\n{TEXT}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_box_is_tried_without_a_screen(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
        monkeypatch.delenv(name)
    box, opened = stand_in(programs, "zenity"), stand_in(programs, "xdg-open")
    show_message(TEXT)
    assert opened.exists()
    assert not box.exists()


def test_a_text_that_nothing_shows_is_an_error(programs: Path) -> None:
    assert list(programs.iterdir())
    with pytest.raises(StorageError, match="could not be opened"):
        show_message(TEXT)


def test_a_mac_shows_a_dialog_whose_text_can_be_copied(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = stand_in(programs, "osascript")
    monkeypatch.setattr(sys, "platform", "darwin")
    show_message('The folder "a\\b" is read-only.')
    arguments, script = heard.read_text(encoding="utf-8").split("--\n", 1)
    assert arguments == "-\n"
    assert script.startswith('display dialog "The folder \\"a\\\\b\\" is read-only." with title')
    assert 'set the clipboard to "The folder \\"a\\\\b\\" is read-only."' in script
