"""Fixtures for the tests of the page.

The browser starts once for all tests of a process; each test leaves its console empty. LibreOffice
is not found, except by tests that are marked with `libreoffice`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from support.browsers import Live, chromium, console, live
from support.copied_folders import be_the_computer_of_the_tests
from support.full_campaign import make_full_campaign
from support.office_programs import path_without_libreoffice, without_libreoffice

__all__ = ["path_without_libreoffice", "without_libreoffice"]


@pytest.fixture(autouse=True)
def _private_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep the program's private folder apart from that of the tester."""
    monkeypatch.setenv("MERGE_HOME", str(tmp_path_factory.mktemp("private")))
    be_the_computer_of_the_tests()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder of the user."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("MERGE_HOME", str(tmp_path / "private"))
    return home


@pytest.fixture(scope="session")
def one_browser() -> Iterator[Chrome]:
    browser = chromium()
    yield browser
    browser.quit()


@pytest.fixture
def browser(one_browser: Chrome) -> Iterator[Chrome]:
    """A browser without traces of earlier tests; its console must stay empty."""
    one_browser.delete_all_cookies()
    one_browser.set_window_size(1280, 900)
    console(one_browser)
    yield one_browser
    messages = [message for message in console(one_browser) if not _is_harmless(message)]
    assert messages == [], messages


@pytest.fixture
def full_page(
    full_campaign: Path, tmp_path: Path, browser: Chrome, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Live]:
    """The page of a campaign in which every screen has something to show."""
    monkeypatch.setenv("PATH", "")  # no LibreOffice: nothing waits for it
    folder = tmp_path / "Appeal_for_the_members_of_the_editorial_board_who_were_arrested"
    shutil.copytree(full_campaign, folder)
    with live(folder, browser) as opened:
        yield opened


def _is_harmless(message: str) -> bool:
    """Return whether a message of the console is harmless.

    A file found the campaign busy and is sent again. Or a screen was loaded again during its
    response, and what it asked about was already done. Or a page asked a program that just quit.
    """
    busy = "/data/file " in message and "status of 409" in message
    quitting = "/news?" in message and "ERR_CONNECTION_REFUSED" in message
    return busy or quitting or ("/import/undo " in message and "status of 422" in message)


@pytest.fixture(scope="session")
def full_campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign with some of everything; tests copy it."""
    return make_full_campaign(tmp_path_factory.mktemp("full") / "Appeal")
