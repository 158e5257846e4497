"""The page as its users meet it: the program as a process of its own, and a real Chromium.

`make bench ARGS=page` prints each figure beside its bound. It needs Chromium and its driver.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter, sleep

from docx import Document
from openpyxl import load_workbook
from program import MERGE, Bounded, campaign
from selenium.webdriver.common.by import By

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.browsers import Screen, chromium
from support.served import Served, served

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.page.watching import FolderWatch
from merge.printing.libreoffice import find_libreoffice

_MATRIX = (500, 20)
_SMALL = (100, 20)


def measure(root: Path) -> Iterator[Bounded]:
    """Yield each figure when it is known."""
    large, small = campaign(root, *_MATRIX), campaign(root, *_SMALL)
    yield from _starts(root, small)
    with closing(_Quitting()) as shown:
        yield from _made_from_the_page(root, small, shown, 2_000, 3.0)
        yield from _made_from_the_page(root, large, shown, 10_000, 12.0)
        yield from _looks(small, 0.3)
        yield from _looks(large, 1.5)
        yield from _open(root, large, shown)


class _Quitting:
    """A browser that is closed in the end."""

    def __init__(self) -> None:
        self.browser = chromium()
        self.screen = Screen(self.browser)

    def close(self) -> None:
        self.browser.quit()

    def enter(self, program: Served) -> str:
        """Let the browser in; return the address of the campaign's screens."""
        self.browser.get(program.link)
        self.screen.wait(lambda one: one.current_url.endswith("/data"), "the ticket", 60)
        root: str = self.browser.current_url.removesuffix("data")
        return root


def _starts(root: Path, folder: Path) -> Iterator[Bounded]:
    begun = perf_counter()
    with served(root, folder):
        yield Bounded("program to its link, from source", perf_counter() - begun, 1.5)
        begun = perf_counter()
        env = {**os.environ, "MERGE_HOME": str(root / "private")}
        command = [*MERGE, "page", str(folder), "--no-browser"]
        subprocess.run(command, env=env, check=True, capture_output=True)
        yield Bounded("second start to a ticket of the first", perf_counter() - begun, 0.5)


def _made_from_the_page(
    root: Path, folder: Path, shown: _Quitting, count: int, bound: float
) -> Iterator[Bounded]:
    with served(root, folder) as program:
        campaign_root, screen = shown.enter(program), shown.screen
        shown.browser.get(campaign_root + "letters/make")
        button = screen.find("button#make")
        answers, ended = list[float](), threading.Event()
        news = _News(shown, campaign_root)
        asking = threading.Thread(target=_ask, args=(news, answers, ended))
        begun = perf_counter()
        asking.start()
        button.click()
        screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, ".outcome"), "made", 120)
        yield Bounded(f"click to written, {count:,} letters", perf_counter() - begun, bound)
        ended.set()
        asking.join()
        slow = statistics.quantiles(answers, n=20)[-1] * 1000
        yield Bounded(f"an answer while {count:,} letters are made, p95", slow, 150, "ms")
        news.rest()
        if count >= 10_000:
            yield Bounded("memory when they are made", _peak(program.process.pid), 160, "MiB")
    there = sum(1 for _ in (folder / "letters").rglob("*.docx"))
    if there != count:
        raise SystemExit(f"the page made {there} letters, not {count}")


def _ask(news: _News, answers: list[float], ended: threading.Event) -> None:
    """Ask for news as a page does, in another connection, until all is done."""
    while not ended.is_set():
        begun = perf_counter()
        news.errand()
        answers.append(perf_counter() - begun)
        sleep(0.02)


class _News:
    """The news of a campaign, as its pages ask for them."""

    def __init__(self, shown: _Quitting, root: str) -> None:
        self._host, _, self._path = root.removeprefix("http://").partition("/")
        [cookie] = [c for c in shown.browser.get_cookies() if c["name"].startswith("merge-")]
        self._headers = {"Cookie": f"{cookie['name']}={cookie['value']}"}

    def errand(self) -> str:
        """Return what is at work; empty for nothing."""
        with closing(HTTPConnection(self._host, timeout=20)) as connection:
            connection.request("GET", f"/{self._path}news?page=bench", headers=self._headers)
            return str(json.load(connection.getresponse())["errand"])

    def rest(self) -> None:
        """Wait until nothing is at work: the register is told, and all was looked at again."""
        while self.errand():
            sleep(0.02)


def _peak(process: int) -> float:
    """Return the most memory that a process ever held, in MiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def _looks(folder: Path, bound: float) -> Iterator[Bounded]:
    seconds, letters = list[float](), 0
    for _ in range(3):
        begun = perf_counter()
        letters = len(inspect_campaign(read_campaign(folder)).letters)
        seconds.append(perf_counter() - begun)
    yield Bounded(f"a look after a change, {letters:,} letters", min(seconds), bound)
    if letters >= 10_000:
        watch = FolderWatch(folder)
        begun = perf_counter()
        watch.accept_changes()
        yield Bounded("all files looked at for changes", perf_counter() - begun, 0.3)


def _open(root: Path, folder: Path, shown: _Quitting) -> Iterator[Bounded]:
    """Everything with 10,000 letters that are made and open."""
    with served(root, folder, env={"MERGE_OPENER": "/bin/true"}) as program:
        begun = perf_counter()
        campaign_root, browser, screen = shown.enter(program), shown.browser, shown.screen
        screen.find("#main h1")
        yield Bounded("first screen, 10,000 letters, counts and all", perf_counter() - begun, 2.5)
        yield Bounded("memory when they are read", _peak(program.process.pid), 160, "MiB")
        begun = perf_counter()
        browser.get(campaign_root + "letters")
        screen.wait(lambda one: len(one.find_elements(By.CSS_SELECTOR, ".line")) >= 500, "cells")
        browser.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))"
        )
        yield Bounded("matrix of 500 x 20 to painted", perf_counter() - begun, 0.8)
        yield from _saved(folder, shown, campaign_root)
        yield from _one_letter(shown, campaign_root)
        yield from _stopped(folder, shown, campaign_root)


def _saved(folder: Path, shown: _Quitting, campaign_root: str) -> Iterator[Bounded]:
    screen, browser = shown.screen, shown.browser
    browser.get(campaign_root + "letters?view=list")
    screen.find("#letters-list a[href*='/letter/']").click()
    path = screen.find(".path").text
    screen.find("#open").click()
    screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, "#open"), "opened")
    for letter, which, bound in (
        (folder / path, "opened from the page", 2.0),
        (max((folder / "letters").rglob("*.docx")), "opened elsewhere", 5.0),
    ):
        browser.get(campaign_root + "letters")
        before = _edited(shown)
        document = Document(str(letter))
        document.add_paragraph("With hope.")
        document.save(str(letter))
        begun = perf_counter()
        screen.wait(lambda _, before=before: _edited(shown) > before, "edited")
        yield Bounded(f"saved in Word to “edited”, {which}", perf_counter() - begun, bound)
    shown.browser.get(campaign_root + "data")
    book = load_workbook(folder / "signers.xlsx")
    row = [cell.value for cell in book["Recipients"][1]].index("Salutation") + 1
    old = book["Recipients"].cell(2, row).value
    for value, gone in ((None, False), (old, True)):
        book["Recipients"].cell(2, row).value = value
        book.save(folder / "signers.xlsx")
        begun = perf_counter()
        shown.screen.wait(
            lambda one, gone=gone: (
                gone != bool(one.find_elements(By.CSS_SELECTOR, ".problem.error"))
            ),
            "the error",
        )
        told = "gone from" if gone else "on"
        yield Bounded(f"saved in Excel to {told} the list", perf_counter() - begun, 2.5)


def _edited(shown: _Quitting) -> int:
    """Return how many letters the page says were edited."""
    found = shown.browser.find_elements(By.CSS_SELECTOR, "#marks [data-code='edited'] .chip-count")
    return int(found[0].text) if found else 0


def _one_letter(shown: _Quitting, campaign_root: str) -> Iterator[Bounded]:
    browser, screen = shown.browser, shown.screen
    browser.get(campaign_root + "letters?view=list")
    address = screen.find("#letters-list a[href*='/letter/']").get_attribute("href") or ""
    begun = perf_counter()
    browser.get(address)
    screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, "#words-frame[data-shown]"), "words")
    yield Bounded("one letter, its words shown", perf_counter() - begun, 0.6)
    if find_libreoffice() is None:
        return
    for number, bound in ((0, 8.0), (1, 4.0)):
        browser.get(campaign_root + "letters?view=list")
        links = browser.find_elements(By.CSS_SELECTOR, "#letters-list a[href*='/letter/']")
        address = (links[number].get_attribute("href") or "").partition("?")[0]
        begun = perf_counter()
        browser.get(f"{address}?show=pages")
        screen.wait(
            lambda one: one.find_elements(By.CSS_SELECTOR, "#pages-frame:not([hidden])"), "pages"
        )
        which = "next" if number else "first"
        yield Bounded(f"PDF of one letter, {which}", perf_counter() - begun, bound)


def _stopped(folder: Path, shown: _Quitting, campaign_root: str) -> Iterator[Bounded]:
    """Letters made anew after a change of the template, and stopped."""
    template = next((folder / "templates").glob("*.docx"))
    document = Document(str(template))
    document.paragraphs[-1].add_run(".")
    document.save(str(template))
    screen = shown.screen
    shown.browser.get(campaign_root + "letters/make")
    screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, "button#make"), "to be made anew")
    screen.find("button#make").click()
    screen.find(".errand")
    sleep(1)
    button = screen.find(".errand button")
    begun = perf_counter()
    button.click()
    screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, ".outcome"), "stopped", 60)
    yield Bounded("stop, until it is told", perf_counter() - begun, 1.0)
    _News(shown, campaign_root).rest()
    yield Bounded("stop, until the register knows as well", perf_counter() - begun, 5.0)
