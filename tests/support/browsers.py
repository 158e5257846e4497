"""The page in a real browser: its application and guard, and Chromium."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from selenium import webdriver
from selenium.common.exceptions import (
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from merge.page.guard import RequestGuard
from merge.page.serving import WaitressServer, listening_socket
from merge.page.session import CampaignSession, CampaignSessions
from support.pages import application

needs_browser = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs chromium and chromedriver",
)
"""Skips tests if Chromium is missing; they also have the mark `page`."""


def chromium(*options: str) -> webdriver.Chrome:
    """Start a browser without a window; the caller must `quit` it."""
    chrome = webdriver.ChromeOptions()
    chrome.binary_location = shutil.which("chromium") or ""
    always = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
    for option in (*always, "--window-size=1280,900", "--lang=en", *options):
        chrome.add_argument(option)
    chrome.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(chrome, Service(shutil.which("chromedriver")))


_REDRAWN = (
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
"""Errors if an element is redrawn between being found and being used."""


@dataclass(frozen=True)
class Screen:
    """The screen that a browser shows."""

    browser: webdriver.Chrome

    def find(self, css: str) -> WebElement:
        """Return the first visible element that matches a selector; wait for it."""

        def seen(browser: webdriver.Chrome) -> WebElement | None:
            elements = browser.find_elements(By.CSS_SELECTOR, css)
            return next((element for element in elements if element.is_displayed()), None)

        found: WebElement = self.wait(seen, css)
        return found

    def click(self, css: str) -> None:
        """Click the element of a selector, even if it is redrawn meanwhile."""

        def clicked(_: webdriver.Chrome) -> bool:
            self.find(css).click()
            return True

        self.wait(clicked, css)

    def type(self, css: str, *keys: str) -> None:
        """Type into the element of a selector, even if it is redrawn meanwhile."""

        def typed(_: webdriver.Chrome) -> bool:
            self.find(css).send_keys(*keys)
            return True

        self.wait(typed, css)

    def press(self, words: str) -> None:
        """Press the visible button or link with these words, even if redrawn.

        Those in the middle of the page come first.
        """
        able = "*[self::button or self::a or self::summary or self::label]"
        exact, part = (
            f'[normalize-space()="{words}"]',
            f'[contains(normalize-space(), "{words}")]',
        )
        paths = [f"//{where}{able}{how}" for how in (exact, part) for where in ("main//", "")]

        def pressed(browser: webdriver.Chrome) -> bool:
            elements = (
                element for path in paths for element in browser.find_elements(By.XPATH, path)
            )
            button = next((element for element in elements if element.is_displayed()), None)
            if button:
                # The bar at the top may hide it, though it is in the window.
                browser.execute_script("arguments[0].scrollIntoView({block: 'nearest'})", button)
                button.click()
            return button is not None

        self.wait(pressed, words)

    def says(self, words: str) -> None:
        """Wait until the page contains the words."""
        self.wait(lambda _: words in self.words, words)

    @property
    def words(self) -> str:
        """Text in the middle of the page, with white space folded."""
        text: str = self.browser.execute_script(
            "return document.querySelector('main')?.innerText ?? ''"
        )
        return " ".join(text.split())

    def wait(self, true: Any, what: str = "", seconds: float = 20) -> Any:  # noqa: ANN401 - selenium's
        """Wait until a condition of the browser is true; return its value."""
        try:
            return WebDriverWait(self.browser, seconds, 0.05, _REDRAWN).until(true)
        except TimeoutException:
            raise AssertionError(f"{what!r} did not come: {self.words[:800]}") from None


@dataclass(frozen=True)
class Live(Screen):
    """A campaign that is open in the page, in a browser."""

    session: CampaignSession
    root: str
    """The address of the campaign's screens: `…/c/KEY/`."""

    def go(self, path: str) -> None:
        """Go to a screen by its path below the campaign.

        A check of the layout changes the screen when it ends, so this waits for it. It does not
        begin while a task is running.
        """
        self.browser.get(self.root + path)
        checks = (By.CSS_SELECTOR, "[data-check]")
        self.wait(
            lambda driver: not driver.find_elements(*checks) or self.session.status.task_name,
            "the checked layout",
            60,
        )


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
            shown.wait(lambda driver: driver.current_url.endswith("/data"), "the ticket")
            shown.go(
                "data"
            )  # the page of the ticket redirects by itself: only this shows that it has loaded
            yield shown
        finally:
            with suppress(WebDriverException):  # else the console would report the closed server
                browser.get("about:blank")
            sessions.close()


@contextmanager
def _served(app: Flask) -> Iterator[tuple[RequestGuard, str]]:
    """Serve an application with its guard; give the guard and the address."""
    listening = listening_socket()
    port = listening.getsockname()[1]
    guard = RequestGuard(app, port, hand_over=None)
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
    """Return what the browser's console has reported since the last call."""
    entries: list[dict[str, str]] = browser.execute("getLog", {"type": "browser"})["value"]
    return [entry["message"] for entry in entries]
