"""Opens files in their programs, without a shell, only in the campaign."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from merge.errors import StorageError
from merge.page.opening import (
    has_browser,
    open_browser,
    open_file,
    restore_library_path,
    show_in_folder,
)

pytestmark = pytest.mark.posix("the programs of these tests")


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "my campaign"
    (folder / "letters").mkdir(parents=True)
    return folder


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file into which the fake programs write what they open."""
    return stand_in(tmp_path, monkeypatch, "true")


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str) -> Path:
    program, heard = tmp_path / "opener", tmp_path / "opened"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$#" "$@" > "{heard}"\n{then}\n', "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("MERGE_OPENER", str(program))
    return heard


def put(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(b"x")
    return path


@pytest.mark.parametrize(
    "name",
    [
        *("a.docx", "a.XLSX", "a.pdf", "a.csv", "Чечня & co.docx", "a;touch x.docx", "$(id).docx"),
        *("-n.docx", "a'b\"c.docx", "a\nb.docx", "`id`.docx", "%PATH%.docx", "\u202excod.docx"),
    ],
)
def test_a_file_is_passed_to_its_program_by_its_exact_name(
    campaign: Path, opened: Path, name: str
) -> None:
    path = put(campaign / "letters", name)
    open_file(path, campaign)
    assert opened.read_text(encoding="utf-8") == f"1\n{path}\n"


@pytest.mark.parametrize(
    "name", ["a.exe", "a.docm", "a.bat", "a.docx.lnk", "a.html", "a.desktop", "a", "docx", ".docx"]
)
def test_other_kinds_of_files_are_not_opened(campaign: Path, opened: Path, name: str) -> None:
    with pytest.raises(StorageError, match="Word and Excel files"):
        open_file(put(campaign, name), campaign)
    assert not opened.exists()


def test_a_folder_is_not_opened_as_a_file(campaign: Path, opened: Path) -> None:
    (campaign / "a.docx").mkdir()
    with pytest.raises(StorageError):
        open_file(campaign / "a.docx", campaign)
    assert not opened.exists()


def test_opening_a_deleted_file_is_reported(campaign: Path, opened: Path) -> None:
    with pytest.raises(StorageError, match=r"letters/a\.docx: The file is no longer here"):
        open_file(campaign / "letters" / "a.docx", campaign)
    with pytest.raises(StorageError):
        show_in_folder(campaign / "letters" / "a.docx", campaign)
    assert not opened.exists()


def test_a_link_to_a_file_elsewhere_is_not_followed(
    campaign: Path, opened: Path, tmp_path: Path
) -> None:
    (campaign / "a.docx").symlink_to(put(tmp_path, "secret.docx"))
    with pytest.raises(StorageError, match="leads outside the campaign"):
        open_file(campaign / "a.docx", campaign)
    assert not opened.exists()


def test_a_file_is_not_opened_if_only_its_link_has_the_suffix(campaign: Path, opened: Path) -> None:
    (campaign / "a.docx").symlink_to(put(campaign, "a.sh"))
    with pytest.raises(StorageError, match="Word and Excel files"):
        open_file(campaign / "a.docx", campaign)
    assert not opened.exists()


@pytest.mark.parametrize("which", ["letters", "."])
def test_a_file_in_a_folder_that_became_a_link_is_not_opened(
    campaign: Path, opened: Path, tmp_path: Path, which: str
) -> None:
    path = put(campaign / "letters", "a.docx")
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "letters").mkdir(parents=True)
    put(elsewhere, "a.docx")
    put(elsewhere / "letters", "a.docx")
    (campaign / which).rename(tmp_path / "away")
    (campaign / which).symlink_to(elsewhere)
    with pytest.raises(StorageError, match="leads outside the campaign"):
        open_file(path, campaign)
    assert not opened.exists()


def test_a_program_that_cannot_open_a_file_is_reported(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, "exit 3")
    with pytest.raises(StorageError, match="no program for it was found"):
        open_file(put(campaign, "a.docx"), campaign)
    monkeypatch.setenv("MERGE_OPENER", str(tmp_path / "none"))
    with pytest.raises(StorageError, match=r"a\.docx: The file could not be opened \(No such file"):
        open_file(campaign / "a.docx", campaign)


@pytest.mark.slow
def test_opening_does_not_wait_for_a_program_that_stays_open(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = stand_in(tmp_path, monkeypatch, "sleep 6")
    started = time.monotonic()
    open_file(put(campaign, "a.docx"), campaign)
    assert time.monotonic() - started < 4
    assert heard.exists()


def test_a_folder_or_a_file_in_its_folder_is_shown(campaign: Path, opened: Path) -> None:
    show_in_folder(campaign / "letters", campaign)
    assert opened.read_text(encoding="utf-8") == f"1\n{campaign / 'letters'}\n"
    show_in_folder(put(campaign, "a.txt"), campaign)
    assert opened.read_text(encoding="utf-8") == f"1\n{campaign / 'a.txt'}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="xdg-open")
def test_linux_opens_a_file_or_its_folder(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = stand_in(tmp_path, monkeypatch, "true")
    (tmp_path / "opener").rename(tmp_path / "xdg-open")
    monkeypatch.delenv("MERGE_OPENER")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    path = put(campaign / "letters", "a.docx")
    open_file(path, campaign)
    assert heard.read_text(encoding="utf-8") == f"1\n{path}\n"
    show_in_folder(path, campaign)
    assert heard.read_text(encoding="utf-8") == f"1\n{path.parent}\n"


# The browser


def test_without_a_display_no_text_browser_takes_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert not has_browser()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_browser()


@pytest.mark.skipif(sys.platform != "linux", reason="on a Mac the test would open a browser")
def test_macos_opens_the_entry_file_with_its_own_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = stand_in(tmp_path, monkeypatch, "true")
    (tmp_path / "opener").rename(tmp_path / "open")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("MERGE_OPENER")
    monkeypatch.delenv("BROWSER", raising=False)
    monkeypatch.setattr("sys.platform", "darwin")
    assert open_browser(tmp_path / "page.html")
    assert heard.read_text(encoding="utf-8") == f"1\n{tmp_path / 'page.html'}\n"


def test_windows_gets_the_path_of_the_entry_file_and_not_an_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr("os.startfile", opened.append, raising=False)
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.delenv("MERGE_OPENER", raising=False)
    monkeypatch.delenv("BROWSER", raising=False)
    page = Path(r"C:\Users\Käthe\open.html")
    assert open_browser(page)
    assert opened == [page]


# A packed program


@pytest.mark.parametrize(
    ("is_frozen", "before", "after"),
    [
        (True, {"LD_LIBRARY_PATH": "/ours", "LD_LIBRARY_PATH_ORIG": "/lib"}, "/lib"),
        (True, {"LD_LIBRARY_PATH": "/ours"}, None),
        (True, {}, None),
        (False, {"LD_LIBRARY_PATH": "/lib"}, "/lib"),
    ],
)
def test_started_programs_use_their_own_libraries(
    monkeypatch: pytest.MonkeyPatch, before: dict[str, str], after: str | None, *, is_frozen: bool
) -> None:
    monkeypatch.setattr("sys.frozen", is_frozen, raising=False)
    restore_library_path(before)
    assert before.get("LD_LIBRARY_PATH") == after
