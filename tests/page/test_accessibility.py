"""Every screen with its contents, checked by axe in every display mode.

All rules for WCAG 2.2 A and AA, and all of axe's best practices.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from support.axe import (
    AXE,
    VIEWING_MODES,
    ViewingMode,
    axe,
    emulate,
    findings,
    send,
    wait_for_next_screen,
)
from support.browsers import Live, console, live, needs_browser
from support.documents import docx
from support.full_campaign import RECIPIENTS, SIGNERS
from support.letters_to_start import start_steps, start_template
from support.pages import wait_for
from support.petition_responses import RESPONSES, table

from merge.campaign.task import Task
from merge.page.session import CampaignSession
from merge.page.web import STATIC_FOLDER

pytestmark = [pytest.mark.page, needs_browser]

OUTCOMES = STATIC_FOLDER.parent / "templates" / "outcomes"


@pytest.fixture
def page(
    full_campaign: Path, tmp_path: Path, browser: Chrome, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Live]:
    monkeypatch.setenv("PATH", "")  # no LibreOffice: nothing waits for it
    shutil.copytree(full_campaign, tmp_path / "Appeal", symlinks=True)
    with axe(browser), live(tmp_path / "Appeal", browser) as page:
        yield page


def letter_of(page: Live, signer: int, recipient: int) -> str:
    """The ID of a letter, by the numbers of its people."""
    view = page.session.snapshot.view
    assert view
    names = SIGNERS[signer], RECIPIENTS[recipient]
    pairs = ((one.step.letter.pair, one.record.id) for one in view.letters)
    return next(i for pair, i in pairs if (pair.signer.name, pair.recipient.name) == names)


def screens(page: Live) -> Iterator[str]:
    """Show all screens one by one; yield the names of complete ones."""
    edited, letter = letter_of(page, 6, 0), letter_of(page, 5, 1)
    yield from _shown(page, "data", "help", "../../", "../../campaigns/folders", "../../help")
    yield from import_steps(page, *LATER)
    send(page, "import/leave")
    page.go("letters")
    matrix = "return document.querySelectorAll('.cell').length == 200"
    if page.browser.execute_script("return innerWidth > 640"):
        page.wait(lambda browser: browser.execute_script(matrix), "the matrix")
    yield "letters"
    yield from _shown(page, "letters?view=list", "letters?stopped=1", "letters/make")
    page.go(f"letter/{letter}")
    page.find("[data-shown]")
    yield "letter"
    yield from _shown(page, *(f"letter/{letter}?show={part}" for part in ("changes", "data")))
    yield from _shown(page, "decide", f"decide/{edited}", f"decide/{edited}/kind")
    yield from _shown(page, "proofread", "print", "paper", "progress", "erase", "decide/" + letter)
    page.go("paper?stage=Posted")
    page.click("#heaps a")
    page.find("#pile")
    yield "paper, a pile"
    yield from start_steps(page)
    send(page, "../../start/leave")


LATER = ("#go-on", "#columns #go-on")
"""The buttons from one step of an import to the next."""


def import_steps(page: Live, *buttons: str) -> Iterator[str]:
    """Import a list with uncertain letters; yield each step of the import."""
    path = page.session.folder.parent / "answers.csv"
    rows = [[*row, note] for row, note in zip(RESPONSES, ("Dog call name", *"abcde"), strict=True)]
    path.write_bytes(table(rows, "cp1251"))
    page.go("import")
    yield "import"
    with wait_for_next_screen(page):
        page.find("#chosen").send_keys(str(path))
    yield "import, read"
    for button in buttons:
        page.browser.execute_script(
            "for (const one of document.querySelectorAll('main details')) one.open = true"
        )
        yield f"import, before {button}"
        for box in page.browser.find_elements("css selector", "[name^=confirm]"):
            box.click()
        with wait_for_next_screen(page):
            page.find("main " + button).click()
        wait_for(lambda: not page.session.status.task_name)
        yield f"import, after {button}"
    for tab in page.browser.find_elements("css selector", "[role=tab]"):
        tab.click()
        yield f"import, {tab.get_attribute('id')}"


def _shown(page: Live, *paths: str) -> Iterator[str]:
    for path in paths:
        page.go(path)
        yield path


def axe_violations(page: Live, shown: Iterator[str]) -> list[str]:
    """The violations that axe finds on these screens."""
    return [f"{screen}: {one}" for screen in shown for one in findings(page)]


def test_the_copy_of_axe_is_the_one_that_was_published() -> None:
    reported = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == reported


@pytest.mark.slow
def test_axe_finds_nothing_on_any_screen(page: Live) -> None:
    with emulate(page.browser, VIEWING_MODES[0]):
        assert axe_violations(page, screens(page)) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", VIEWING_MODES[1:], ids=lambda way: way.name)
def test_axe_finds_nothing_on_any_screen_in_any_display_mode(page: Live, way: ViewingMode) -> None:
    with emulate(page.browser, way):
        assert axe_violations(page, screens(page)) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", ["letters", "data", "decide", "print", "paper"])
def test_axe_finds_nothing_from_right_to_left_dark_and_narrow(page: Live, path: str) -> None:
    shown = f"decide/{letter_of(page, 6, 0)}" if path == "decide" else path
    way = ViewingMode("all", 320, "ar", {"prefers-color-scheme": "dark"})
    with emulate(page.browser, way):
        assert axe_violations(page, _shown(page, shown)) == []
        assert page.browser.execute_script("return document.dir") == "rtl"


@pytest.mark.slow
@pytest.mark.parametrize("way", VIEWING_MODES, ids=lambda way: way.name)
def test_axe_finds_nothing_while_a_task_is_running_or_after_a_refusal(
    page: Live, way: ViewingMode
) -> None:
    with emulate(page.browser, way):
        assert axe_violations(page, error_pages(page)) == []


def error_pages(page: Live) -> Iterator[str]:
    """Show the error pages; their messages in the console are expected."""
    yield from _shown(page, "nothing", "letter/0000000000000000")
    with running_task(page):
        send(page, "letters/make", sure="1", leave_out="1")
        yield "busy"
        send(page, "../../stop")
        yield "stop, while something is at work"
        yield from _shown(page, "data", "letters")
    failed = [one for one in console(page.browser) if "404" in one or "409" in one]
    assert len(failed) == 3


@contextmanager
def running_task(page: Live) -> Iterator[None]:
    """A task is running until the end of the block."""
    started, end = threading.Event(), threading.Event()

    def work(task: Task) -> None:
        task.start_step(200, "Letters written")
        task.advance(70)
        started.set()
        end.wait(60)

    page.session.submit("letters", work)
    started.wait(10)
    try:
        yield
    finally:
        end.set()
        wait_for(lambda: not page.session.status.task_name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "way", [m for m in VIEWING_MODES if m.name in {"light", "right to left"}], ids=lambda m: m.name
)
def test_axe_finds_nothing_in_the_result_of_any_task(page: Live, way: ViewingMode) -> None:
    with emulate(page.browser, way):
        assert axe_violations(page, task_results(page)) == []


def task_results(page: Live) -> Iterator[str]:
    """Run the tasks one by one by their buttons; yield each result screen."""
    with _reported_results(page.session) as reported:
        yield from _results(page)
    rare = {"new", "register", "settle"}  # as headings and lists of the same appearance as others
    assert reported >= {path.stem for path in OUTCOMES.glob("*.html")} - rare


@contextmanager
def _reported_results(session: CampaignSession) -> Iterator[set[str]]:
    """Yield the names of all results that a session has meanwhile.

    A result may be gone as soon as a screen has shown it.
    """
    names, is_done = set[str](), threading.Event()

    def watch() -> None:
        while not is_done.wait(0.005):
            names.update({session.task_result.name} if session.task_result else ())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield names
    finally:
        is_done.set()
        watcher.join()


def _results(page: Live) -> Iterator[str]:
    for lock in page.session.folder.rglob(".~lock.*"):
        lock.unlink()
    decide = f"decide/{letter_of(page, 6, 0)}"
    for path, *buttons in (
        ("proofread", "#proofread-begin"),
        ("proofread", ".doubtful form button"),
        ("letters/make", "#prospect button"),
        (decide, "#choose-keep"),
        ("decide", "[id^=again-]"),
        ("print", "[action$=as-it-is] button"),
        ("print", "#leave-out", "[value=count]"),
        ("print", "#leave-out", "[value=make]"),
        ("print", "[action$=printed] [value=today]"),
        ("progress", "#report button"),
        ("erase", "#name", "[action$='erase/find'] button"),
        ("erase", "[action$='erase/person'] [name=sure]", "[action$='erase/person'] .danger"),
        ("erase", "[action$='erase/leave'] button"),
        ("erase", "[action$='close/find'] button"),
        ("erase", "[action$='/close'] [name=sure]", "[action$='/close'] .danger"),
        ("erase", "[action$='close/undo'] button"),
    ):
        _do(page, path, *buttons)
        yield f"{path}, {buttons[-1]}"
    yield from import_steps(page, *LATER, "#write")
    wait_for(lambda: not page.session.status.task_name)
    yield from _shown(page, "import/undo")
    _do(page, "data", "#undo-last", "#undo button")
    yield "data, undone"
    for name, data in (("appeal.docx", docx("Dear {{ recipient.name }}")), ("notes.txt", b"")):
        yield from _put_in(page, name, data)
    page.go("data")
    with wait_for_next_screen(page):
        page.click("main [id^=put-]")
    wait_for(lambda: not page.session.status.task_name)
    yield "data, put in"
    start_template(page.session, f"{RECIPIENTS[0]}\nDear {RECIPIENTS[0]},\n{RECIPIENTS[0]} knows.")
    page.go("start/found")
    with wait_for_next_screen(page):
        page.click("#create")
    wait_for(lambda: not page.session.status.task_name)
    yield "data, a template from a letter"


def _do(page: Live, path: str, *buttons: str) -> None:
    """Press buttons of a screen, and show the result."""
    page.go(path)
    for css in buttons[:-1]:
        found = page.find("main " + css)
        if found.get_attribute("id") == "name":
            found.send_keys(SIGNERS[0])
        else:
            found.click()
    page.find("main " + buttons[-1])  # if a click led to another screen, wait for that first
    with wait_for_next_screen(page):
        page.click("main " + buttons[-1])
    wait_for(lambda: not page.session.status.task_name)
    if path.startswith("decide"):  # the result is on the next conflict only
        page.browser.refresh()
    else:
        page.go(path)


def _put_in(page: Live, name: str, data: bytes) -> Iterator[str]:
    path = page.session.folder.parent / name
    path.write_bytes(data)
    page.go("data")
    page.find("#chosen").send_keys(str(path))
    page.find(".offer, .refused, .outcome")
    yield f"data, {name}"
