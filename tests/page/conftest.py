"""The browser is started once for all tests of a process; each test leaves its console empty.

LibreOffice is not there, but for tests that are marked to need it: `libreoffice`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from support.browsers import chromium, console
from support.full_campaign import make_full_campaign
from support.office_programs import path_without_libreoffice, without_libreoffice

__all__ = ["path_without_libreoffice", "without_libreoffice"]


@pytest.fixture(autouse=True)
def _private_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the program remembers between two starts is not that of whoever runs the tests."""
    monkeypatch.setenv("MERGE_HOME", str(tmp_path_factory.mktemp("private")))


@pytest.fixture(scope="session")
def one_browser() -> Iterator[Chrome]:
    browser = chromium()
    yield browser
    browser.quit()


@pytest.fixture
def browser(one_browser: Chrome) -> Iterator[Chrome]:
    """A browser that knows nothing of earlier tests; nothing may be said in its console."""
    one_browser.delete_all_cookies()
    one_browser.set_window_size(1280, 900)
    console(one_browser)
    yield one_browser
    said = [message for message in console(one_browser) if not _is_harmless(message)]
    assert said == [], said


def _is_harmless(message: str) -> bool:
    """Whether the page goes on by itself.

    A file found the campaign busy and is sent once more; a screen was read again while its answer
    was on the way, and what it asked about was done by then.
    """
    busy = "/data/file " in message and "status of 409" in message
    return busy or ("/import/undo " in message and "status of 422" in message)


@pytest.fixture(scope="session")
def full_campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign with something of everything; to be copied, not changed."""
    return make_full_campaign(tmp_path_factory.mktemp("full") / "Appeal")
