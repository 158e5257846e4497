"""The page in a process of its own and a real Chromium.

`make bench ARGS=page` prints each figure with its limit. It needs Chromium and its driver.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter, sleep

from docx import Document
from openpyxl import load_workbook
from program import MERGE, BoundedFigure, campaign
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.browsers import Screen, chromium
from support.page_program import Served, served

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.page.watching import FolderWatch
from merge.printing.libreoffice import find_libreoffice

_MATRIX = (500, 20)
_SMALL = (100, 20)
_OFFICE = (30, 10)


def measure(root: Path) -> Iterator[BoundedFigure]:
    """Yield each figure as soon as it is known."""
    os.environ["MERGE_HOME"] = str(root / "private")  # as the programs that are started
    large, small = campaign(root, *_MATRIX), campaign(root, *_SMALL)
    yield from _starts(root, small)
    with closing(_OpenBrowser()) as opened:
        yield from _created_from_the_page(root, small, opened, 2_000, 3.0)
        yield from _created_from_the_page(root, large, opened, 10_000, 12.0)
        yield from _inspections(root, small, 0.3)
        yield from _inspections(root, large, 1.5)
        yield from _open(root, large, opened)
        yield from _marked(root, small, opened)
        yield from _person_searched(root, campaign(root, *_OFFICE), opened)


class _OpenBrowser:
    """A browser that must be closed."""

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


def _starts(root: Path, folder: Path) -> Iterator[BoundedFigure]:
    start = perf_counter()
    with served(root, folder):
        yield BoundedFigure("program to its link, from source", perf_counter() - start, 1.5)
        start = perf_counter()
        command = [*MERGE, "page", str(folder), "--no-browser"]
        subprocess.run(command, check=True, capture_output=True)
        yield BoundedFigure("second start to a ticket of the first", perf_counter() - start, 0.5)


def _created_from_the_page(
    root: Path, folder: Path, opened: _OpenBrowser, count: int, bound: float
) -> Iterator[BoundedFigure]:
    with served(root, folder) as program:
        campaign_root, screen = opened.enter(program), opened.screen
        opened.browser.get(campaign_root + "letters/make")
        button = screen.find("button#make")
        answers, ended = list[float](), threading.Event()
        status = _StatusPoll(opened, campaign_root)
        polling = threading.Thread(target=_poll, args=(status, answers, ended))
        start = perf_counter()
        polling.start()
        button.click()
        screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, ".outcome"), "made", 120)
        yield BoundedFigure(f"click to written, {count:,} letters", perf_counter() - start, bound)
        ended.set()
        polling.join()
        slow = statistics.quantiles(answers, n=20)[-1] * 1000
        yield BoundedFigure(f"an answer while {count:,} letters are made, p95", slow, 150, "ms")
        status.wait_until_idle()
        if count >= 10_000:
            yield BoundedFigure("memory when they are made", _peak(program.process.pid), 160, "MiB")
    count_on_disk = sum(1 for _ in (folder / "letters").rglob("*.docx"))
    if count_on_disk != count:
        raise SystemExit(f"the page made {count_on_disk} letters, not {count}")


def _marked(root: Path, folder: Path, opened: _OpenBrowser) -> Iterator[BoundedFigure]:
    """Yield the time from Enter to the notice that a letter is marked, of 2,000.

    One letter every two seconds, as by someone who looks at each.
    """
    command = [*MERGE, "mark", "printed", str(folder), "--all"]
    subprocess.run(command, check=True, capture_output=True)
    ids = [letter.record.id for letter in inspect_campaign(read_campaign(folder)).letters]
    with served(root, folder) as program:
        campaign_root, screen = opened.enter(program), opened.screen
        opened.browser.get(campaign_root + "paper?stage=Signed")
        seconds = list[float]()
        for letter_id in ids[:6]:
            sleep(2)
            field = screen.find("#ids")
            start = perf_counter()
            field.send_keys(letter_id[:8], Keys.ENTER)
            _wait_until_told(opened, letter_id)
            seconds.append(perf_counter() - start)
        middle = statistics.median(seconds)
        yield BoundedFigure("one letter of 2,000 marked, Enter to notice", middle, 0.5)
        _StatusPoll(opened, campaign_root).wait_until_idle()


def _wait_until_told(opened: _OpenBrowser, letter_id: str) -> None:
    script = "return document.querySelector('#told .id')?.textContent ?? ''"
    opened.screen.wait(
        lambda one: (told := one.execute_script(script)) and letter_id.startswith(told), "marked"
    )


def _person_searched(root: Path, folder: Path, opened: _OpenBrowser) -> Iterator[BoundedFigure]:
    """Yield the time to find a person's data in 300 letters and their files."""
    for name in ("letters", "print"):
        command = [*MERGE, name, str(folder)]
        subprocess.run(command, check=True, capture_output=True)
    person = str(read_campaign(folder).workbook.signers.persons[3].name)
    with served(root, folder) as program:
        opened.browser.get(opened.enter(program) + "erase")
        field = opened.screen.find("#name")
        start = perf_counter()
        field.send_keys(person, Keys.ENTER)
        opened.screen.wait(
            lambda one: one.find_elements(By.CSS_SELECTOR, "form[action$='erase/person']"),
            "what would be deleted",
            60,
        )
        yield BoundedFigure("a person's data found in 300 letters", perf_counter() - start, 10.0)


def _poll(status: _StatusPoll, answers: list[float], ended: threading.Event) -> None:
    """Poll the status as a page does, in another connection, until the end."""
    while not ended.is_set():
        start = perf_counter()
        status.task()
        answers.append(perf_counter() - start)
        sleep(0.02)


class _StatusPoll:
    """The status of a campaign, as its pages poll it."""

    def __init__(self, opened: _OpenBrowser, root: str) -> None:
        self._host, _, self._path = root.removeprefix("http://").partition("/")
        [cookie] = [c for c in opened.browser.get_cookies() if c["name"].startswith("merge-")]
        self._headers = {"Cookie": f"{cookie['name']}={cookie['value']}"}

    def task(self) -> str:
        """Return the running task; empty if there is none."""
        with closing(HTTPConnection(self._host, timeout=20)) as connection:
            connection.request("GET", f"/{self._path}news?page=bench", headers=self._headers)
            return str(json.load(connection.getresponse())["errand"])

    def wait_until_idle(self) -> None:
        """Wait until no task is running, and the register is up to date."""
        while self.task():
            sleep(0.02)


def _peak(process: int) -> float:
    """Return the peak memory of a process, in MiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def _inspections(root: Path, folder: Path, bound: float) -> Iterator[BoundedFigure]:
    """Yield the time of a look at all letters, here and on another computer.

    Another computer has not written the letters, and reads each at its first look.
    """
    seconds = [_look(folder) for _ in range(3)]
    letters = sum(1 for _ in (folder / "letters").rglob("*.docx"))
    yield BoundedFigure(f"a look after a change, {letters:,} letters", min(seconds), bound)
    with _another_computer(root):
        yield BoundedFigure("first look on another computer", _look(folder), 5 * bound)
        seconds = [_look(folder) for _ in range(3)]
        yield BoundedFigure("a look after a change there", min(seconds), bound)
    if letters >= 10_000:
        watch = FolderWatch(folder)
        start = perf_counter()
        watch.accept_changes()
        yield BoundedFigure("all files looked at for changes", perf_counter() - start, 0.3)


def _look(folder: Path) -> float:
    """Return the seconds of a look at a campaign."""
    start = perf_counter()
    inspect_campaign(read_campaign(folder))
    return perf_counter() - start


@contextmanager
def _another_computer(root: Path) -> Iterator[None]:
    """Use the private folder of another computer."""
    private_folder = os.environ["MERGE_HOME"]
    os.environ["MERGE_HOME"] = str(root / "private folder of a colleague")
    try:
        yield
    finally:
        os.environ["MERGE_HOME"] = private_folder


def _open(root: Path, folder: Path, opened: _OpenBrowser) -> Iterator[BoundedFigure]:
    """Yield figures for 10,000 letters that exist and are open."""
    with served(root, folder, env={"MERGE_OPENER": "/bin/true"}) as program:
        start = perf_counter()
        campaign_root, browser, screen = opened.enter(program), opened.browser, opened.screen
        screen.find("#main h1")
        yield BoundedFigure(
            "first screen, 10,000 letters, counts and all", perf_counter() - start, 2.5
        )
        yield BoundedFigure("memory when they are read", _peak(program.process.pid), 160, "MiB")
        start = perf_counter()
        browser.get(campaign_root + "letters")
        screen.wait(lambda one: len(one.find_elements(By.CSS_SELECTOR, ".line")) >= 500, "cells")
        browser.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))"
        )
        yield BoundedFigure("matrix of 500 x 20 to painted", perf_counter() - start, 0.8)
        yield from _saved(folder, opened, campaign_root)
        yield from _one_letter(opened, campaign_root)
        yield from _stopped(folder, opened, campaign_root)


def _saved(folder: Path, opened: _OpenBrowser, campaign_root: str) -> Iterator[BoundedFigure]:
    screen, browser = opened.screen, opened.browser
    browser.get(campaign_root + "letters?view=list")
    browser.get(screen.find("#letters-list a[href*='/letter/']").get_attribute("href") or "")
    path = screen.find(".path").text
    screen.find("#open").click()
    screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, "#open"), "opened")
    for letter, which, bound in (
        (folder / path, "opened from the page", 2.0),
        (max((folder / "letters").rglob("*.docx")), "opened elsewhere", 5.0),
    ):
        browser.get(campaign_root + "letters")
        before = _edited(opened)
        document = Document(str(letter))
        document.add_paragraph("With hope.")
        document.save(str(letter))
        start = perf_counter()
        screen.wait(lambda _, before=before: _edited(opened) > before, "edited")
        yield BoundedFigure(f"saved in Word to “edited”, {which}", perf_counter() - start, bound)
    opened.browser.get(campaign_root + "data")
    book = load_workbook(folder / "signers.xlsx")
    row = [cell.value for cell in book["Recipients"][1]].index("Salutation") + 1
    old = book["Recipients"].cell(2, row).value
    for value, is_gone in ((None, False), (old, True)):
        book["Recipients"].cell(2, row).value = value
        book.save(folder / "signers.xlsx")
        start = perf_counter()
        opened.screen.wait(
            lambda one, is_gone=is_gone: (
                is_gone != bool(one.find_elements(By.CSS_SELECTOR, ".problem.error"))
            ),
            "the error",
        )
        where = "gone from" if is_gone else "on"
        yield BoundedFigure(f"saved in Excel to {where} the list", perf_counter() - start, 2.5)


def _edited(opened: _OpenBrowser) -> int:
    """Return the number of letters that the page shows as edited."""
    counts = opened.browser.find_elements(
        By.CSS_SELECTOR, "#marks [data-code='edited'] .chip-count"
    )
    return int(counts[0].text) if counts else 0


def _one_letter(opened: _OpenBrowser, campaign_root: str) -> Iterator[BoundedFigure]:
    browser, screen = opened.browser, opened.screen
    browser.get(campaign_root + "letters?view=list")
    address = screen.find("#letters-list a[href*='/letter/']").get_attribute("href") or ""
    start = perf_counter()
    browser.get(address)
    screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, "#words-frame[data-shown]"), "words")
    yield BoundedFigure("one letter, its words shown", perf_counter() - start, 0.6)
    if find_libreoffice() is None:
        return
    for number, bound in ((0, 8.0), (1, 4.0)):
        browser.get(campaign_root + "letters?view=list")
        links = browser.find_elements(By.CSS_SELECTOR, "#letters-list a[href*='/letter/']")
        address = (links[number].get_attribute("href") or "").partition("?")[0]
        start = perf_counter()
        browser.get(f"{address}?show=pages")
        screen.wait(
            lambda one: one.find_elements(By.CSS_SELECTOR, "#pages-frame:not([hidden])"), "pages"
        )
        which = "next" if number else "first"
        yield BoundedFigure(f"PDF of one letter, {which}", perf_counter() - start, bound)


def _stopped(folder: Path, opened: _OpenBrowser, campaign_root: str) -> Iterator[BoundedFigure]:
    """Yield figures for a stop while letters are updated for a new template."""
    template = next((folder / "templates").glob("*.docx"))
    document = Document(str(template))
    document.paragraphs[-1].add_run(".")
    document.save(str(template))
    screen = opened.screen
    opened.browser.get(campaign_root + "letters/make")
    screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, "button#make"), "letters to update")
    screen.find("button#make").click()
    screen.find(".errand")
    sleep(1)
    button = screen.find(".errand button")
    start = perf_counter()
    button.click()
    screen.wait(lambda one: one.find_elements(By.CSS_SELECTOR, ".outcome"), "stopped", 60)
    yield BoundedFigure("stop, until it is reported", perf_counter() - start, 1.0)
    _StatusPoll(opened, campaign_root).wait_until_idle()
    yield BoundedFigure("stop, until the register knows as well", perf_counter() - start, 5.0)
