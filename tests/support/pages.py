"""The page without a browser: its application with a campaign open."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from merge.page.app import create_app
from merge.page.folders import KnownFolders
from merge.page.lifetime import ProgramLifetime
from merge.page.session import CampaignSession, CampaignSessions


@dataclass(frozen=True)
class Page:
    """A campaign that is open in the page.

    Paths are below its own: `data`, `letters`.
    """

    session: CampaignSession
    client: FlaskClient
    key: str

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/c/{self.key}/{path}")

    def see(self, path: str) -> BeautifulSoup:
        """Return a screen as a tree; fail if there is none."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return BeautifulSoup(answer.get_data(as_text=True), "html.parser")

    def words(self, path: str) -> str:
        """Return the text in the middle of a screen, with white space folded."""
        return folded(" ".join(element.get_text(" ") for element in self.see(path).select("main")))

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form, and wait until the task that it started has ended."""
        answer = self.client.post(f"/c/{self.key}/{path}", data=fields)
        self.rest()
        return answer

    def rest(self) -> None:
        """Wait until no task is running."""
        wait_for(lambda: not self.session.status.task_name)


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def wait_for(true: Callable[[], object], seconds: float = 30) -> None:
    """Wait until a condition is true; fail if it never is."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.002)


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Fail if the block changes a file of the folder, or its time."""
    before = everything(folder)
    yield
    assert everything(folder) == before


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the time of every file below a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@contextmanager
def opened(folder: Path) -> Iterator[Page]:
    """Open a campaign in the page."""
    sessions = CampaignSessions()
    try:
        key = sessions.open(folder)
        session = sessions.get(key)
        assert session
        with application(sessions) as app:
            yield Page(session, app.test_client(), key)
    finally:
        sessions.close()


@contextmanager
def application(sessions: CampaignSessions, folders: KnownFolders | None = None) -> Iterator[Flask]:
    """Give an application, if possible a returned one, with loaded templates."""
    app = (
        _IDLE_APPLICATIONS.pop() if _IDLE_APPLICATIONS else create_app(sessions, ProgramLifetime())
    )
    app.extensions["sessions"], app.extensions["lifetime"] = sessions, ProgramLifetime()
    app.extensions["folders"] = folders or KnownFolders()
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    _IDLE_APPLICATIONS.append(app)


_IDLE_APPLICATIONS: list[Flask] = []
