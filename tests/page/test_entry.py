"""The entry file for the browser: private, and in no process list."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from support.browsers import needs_browser
from support.campaigns import make
from support.page_program import Served, command, environment, path_of, served
from support.pages import wait_for

from merge.page.entry import remove_entry_file, remove_entry_files, write_entry_file

LINK = f"http://127.0.0.1:49152/in/{'a' * 43}"
POSIX = pytest.mark.posix("permissions of POSIX")


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private"))
    return tmp_path / "private"


# The file


def test_the_entry_file_leads_to_the_link_and_its_name_does_not_reveal_it(private: Path) -> None:
    path = write_entry_file(LINK)
    assert path.parent == private
    assert "a" * 9 not in path.name
    text = path.read_text(encoding="utf-8")
    assert f'http-equiv="refresh" content="0;url={LINK}"' in text
    assert f'<a href="{LINK}">' in text, "for browsers that do not go on by themselves"


@POSIX
def test_only_the_user_can_read_the_entry_file(private: Path) -> None:
    assert stat.S_IMODE(write_entry_file(LINK).stat().st_mode) == 0o600
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_only_the_entry_file_of_a_link_is_removed(private: Path) -> None:
    one, other = write_entry_file(LINK), write_entry_file(f"{LINK}b")
    (private / "running.json").write_text("{}", encoding="utf-8")
    remove_entry_file(LINK)
    assert (one.exists(), other.exists()) == (False, True)
    remove_entry_file(LINK)
    remove_entry_files()
    assert [entry.name for entry in private.iterdir()] == ["running.json"]


@pytest.mark.skipif(sys.platform != "linux", reason="snaps are there on Linux only")
def test_a_browser_that_cannot_read_hidden_folders_finds_the_entry_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MERGE_HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = write_entry_file(LINK)
    assert not [part for part in path.relative_to(tmp_path).parts if part.startswith(".")]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    remove_entry_file(LINK)
    assert [entry.name for entry in tmp_path.iterdir()] == [".local"]


@pytest.mark.skipif(sys.platform != "linux", reason="snaps are there on Linux only")
def test_a_link_in_place_of_the_visible_entry_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (elsewhere / "open-letter.html").write_text("x", encoding="utf-8")
    (home / "appeal-merge-open").symlink_to(elsewhere)
    monkeypatch.delenv("MERGE_HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(home))
    assert write_entry_file(LINK).parent == home / ".local" / "state" / "appeal-merge"
    remove_entry_files()
    assert [entry.name for entry in elsewhere.iterdir()] == ["open-letter.html"]


# The program


@contextmanager
def started(
    home: Path, name: str, *words: str | Path
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start the page with a fake browser; yield the program and its argument.

    The browser records its arguments, and runs until the end.
    """
    heard, browser = home / f"{name} heard", home / name
    waits = f'while [ -e "{browser}" ]; do sleep 0.05; done'
    whole = f'printf "%s\\n" "$#" "$@" > "{heard}.part" && mv "{heard}.part" "{heard}"'
    browser.write_text(f"#!/bin/sh\n{whole}\n{waits}\n", encoding="utf-8")
    browser.chmod(0o755)
    process = subprocess.Popen(
        command(*words),
        env=environment(home, BROWSER=str(browser)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(heard.exists)
        count, argument = heard.read_text(encoding="utf-8").splitlines()
        assert count == "1"
        assert argument.startswith("file:///")
        yield process, Path(argument.removeprefix("file://"))
    finally:
        browser.unlink()
        if name == "first":
            process.terminate()
        output, noted = process.communicate(timeout=20)
    assert process.returncode == 0, noted
    assert output == "", "the link is for those who ask for it"
    assert "The page opens in your browser." in noted


def link_in(file: Path) -> str:
    found = re.search('href="([^"]+)"', file.read_text(encoding="utf-8"))
    assert found
    return found[1]


@POSIX
@pytest.mark.slow
def test_no_process_list_shows_the_link_and_its_used_file_is_removed(tmp_path: Path) -> None:
    with started(tmp_path, "first") as (process, file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        page = Served(process, link_in(file))
        assert page.enter() == "/"
        assert not file.exists()

        folder = make(tmp_path / "campaign")
        with started(tmp_path, "second", folder) as (_, second):
            assert second != file
            assert page.enter(link_in(second)).startswith("/c/")
            assert not second.exists(), "the first start removes the file of the second"
        with started(tmp_path, "third") as (_, unused):
            assert unused.exists()
    assert not list(tmp_path.rglob("open-*"))


@pytest.mark.slow
@pytest.mark.page
@needs_browser
def test_a_real_browser_continues_from_the_entry_file_and_can_go_back(
    tmp_path: Path, browser: Chrome
) -> None:
    with served(tmp_path) as page:
        browser.get(write_entry_file(page.link).as_uri())
        wait_for(lambda: browser.current_url.startswith(f"http://127.0.0.1:{page.port}/"))
        wait_for(lambda: "/in/" not in browser.current_url)
        inside = browser.current_url
        browser.get(f"http://127.0.0.1:{page.port}{path_of(page.link)}")
        wait_for(lambda: browser.current_url == inside)
        browser.back()
        wait_for(lambda: browser.current_url == inside)
        browser.refresh()
        assert "/in/" not in browser.current_url
        assert "closed for security" not in browser.page_source
        browser.get("about:blank")


@POSIX
@pytest.mark.slow
def test_a_browser_that_cannot_start_leaves_the_link_in_the_terminal(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(),
        env=environment(tmp_path, BROWSER="/bin/false"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        page = Served(process, process.stdout.readline().strip())
        assert page.enter() == "/"
        assert not list((tmp_path / "private").glob("open-*"))
    finally:
        process.terminate()
        process.communicate(timeout=20)
