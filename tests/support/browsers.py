"""The page in tests, in a real browser: the application behind its guard, and Debian's Chromium."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from merge.page.guard import Guard
from merge.page.serving import WaitressServer, listening_socket
from merge.page.session import CampaignSession, CampaignSessions
from support.pages import application

needs_browser = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs chromium and chromedriver",
)
"""With it goes the mark `page`."""


def chromium(*options: str) -> webdriver.Chrome:
    """Start a browser without a window; `quit` it."""
    chosen = webdriver.ChromeOptions()
    chosen.binary_location = shutil.which("chromium") or ""
    always = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
    for option in (*always, "--window-size=1280,900", "--lang=en", *options):
        chosen.add_argument(option)
    chosen.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(chosen, Service(shutil.which("chromedriver")))


_GONE = (NoSuchElementException, StaleElementReferenceException)
"""What is drawn anew while it is looked at."""


@dataclass(frozen=True)
class Screen:
    """What a browser shows of the page."""

    browser: webdriver.Chrome

    def find(self, css: str) -> WebElement:
        """Return what a selector finds, waited for; it can be seen."""

        def seen(browser: webdriver.Chrome) -> WebElement | None:
            found = browser.find_elements(By.CSS_SELECTOR, css)
            return next((one for one in found if one.is_displayed()), None)

        found: WebElement = self.wait(seen, css)
        return found

    def click(self, css: str) -> None:
        """Click what a selector finds, waited for, also if it is drawn anew in between."""

        def clicked(_: webdriver.Chrome) -> bool:
            self.find(css).click()
            return True

        self.wait(clicked, css)

    def press(self, words: str) -> None:
        """Press the button, or follow the link, that says so: in the middle of the page first."""
        able = "*[self::button or self::a or self::summary or self::label]"
        exact, part = (
            f'[normalize-space()="{words}"]',
            f'[contains(normalize-space(), "{words}")]',
        )
        paths = [f"//{where}{able}{how}" for how in (exact, part) for where in ("main//", "")]

        def found(browser: webdriver.Chrome) -> WebElement | None:
            every = (one for path in paths for one in browser.find_elements(By.XPATH, path))
            return next((one for one in every if one.is_displayed()), None)

        button: WebElement = self.wait(found, words)
        button.click()

    def says(self, words: str) -> None:
        """Wait until the page says so."""
        self.wait(lambda _: words in self.words, words)

    @property
    def words(self) -> str:
        """What is to be read in the middle of the page."""
        text: str = self.browser.execute_script(
            "return document.querySelector('main')?.innerText ?? ''"
        )
        return " ".join(text.split())

    def wait(self, true: Any, what: str = "", seconds: float = 20) -> Any:  # noqa: ANN401 - selenium's
        """Wait until something is true of the browser; return it."""
        try:
            return WebDriverWait(self.browser, seconds, 0.05, _GONE).until(true)
        except TimeoutException:
            raise AssertionError(f"{what!r} did not come: {self.words[:800]}") from None


@dataclass(frozen=True)
class Live(Screen):
    """A campaign open in the page that a browser can reach."""

    session: CampaignSession
    root: str
    """The address of the campaign's screens: `…/c/KEY/`."""

    def go(self, path: str) -> None:
        """Show a screen."""
        self.browser.get(self.root + path)


@contextmanager
def live(folder: Path, browser: webdriver.Chrome) -> Iterator[Live]:
    """Open a campaign in the page, and let the browser in."""
    sessions = CampaignSessions()
    key = sessions.open(folder)
    session = sessions.get(key)
    assert session
    with application(sessions) as app, _served(app) as (guard, host):
        try:
            browser.get(host + guard.ticket(f"/c/{key}/data"))
            shown = Live(browser, session, f"{host}{guard.prefix}/c/{key}/")
            shown.wait(lambda one: one.current_url.endswith("/data"), "the ticket")
            shown.go("data")  # the ticket's page went on by itself: now it is known to have loaded
            yield shown
            browser.get("about:blank")
        finally:
            sessions.close()


@contextmanager
def _served(app: Flask) -> Iterator[tuple[Guard, str]]:
    """Serve an application behind its guard; give that, and the address."""
    listening = listening_socket()
    port = listening.getsockname()[1]
    guard = Guard(app, port, hand_over=None)
    server, ended = WaitressServer(guard, listening), threading.Event()

    def run() -> None:
        while not ended.is_set():
            server.process_events(0.1)

    serving = threading.Thread(target=run, daemon=True)
    serving.start()
    try:
        yield guard, f"http://127.0.0.1:{port}"
    finally:
        ended.set()
        serving.join()
        server.close()


def console(browser: webdriver.Chrome) -> list[str]:
    """Return what the browser's console said since it was asked last."""
    entries: list[dict[str, str]] = browser.execute("getLog", {"type": "browser"})["value"]
    return [entry["message"] for entry in entries]
