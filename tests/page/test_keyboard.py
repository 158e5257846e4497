"""The page by the keyboard alone: each thing is reached, seen, and left again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support.axe import answered
from support.browsers import Live, live, needs_browser
from support.campaigns import make
from support.full_campaign import RECIPIENTS, SIGNERS
from support.keyboard import Stop, back, expected, press, stop, tab_to
from support.pages import wait_for
from support.petition import ANSWERS, table

from merge.page.import_draft import start_draft

pytestmark = [pytest.mark.page, needs_browser]


@pytest.fixture(autouse=True)
def _at_home(one_browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own, and no LibreOffice; the browser's window is the one that has the keys."""
    one_browser.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def page(full_campaign: Path, tmp_path: Path, browser: Chrome) -> Iterator[Live]:
    shutil.copytree(full_campaign, tmp_path / "Appeal")
    with live(tmp_path / "Appeal", browser) as page:
        yield page


def go(page: Live, path: str) -> None:
    """Show a screen, the focus nowhere yet."""
    page.go(path)
    page.browser.execute_script("document.activeElement?.blur(); scrollTo(0, 0)")


def passed(page: Live) -> list[Stop]:
    """Where Tab stops, once round; a field for a day has several stops within itself."""
    stops: list[Stop] = []
    for _ in range(600):
        press(page.browser, Keys.TAB)
        at = stop(page.browser)
        if at is None or (stops and at.number == stops[-1].number):
            continue
        if stops and at.number == stops[0].number:
            first = min(range(len(stops)), key=lambda n: stops[n].number)
            return stops[first:] + stops[:first]
        stops.append(at)
    raise AssertionError(f"no end: {stops[-5:]}")


def wrong(page: Live, path: str) -> list[str]:
    """What is wrong with the ways of the focus on a screen."""
    go(page, path)
    if path == "letters":
        page.find(".cell")
    number, jumping = expected(page.browser)
    stops = passed(page)
    told = [f"{path}: {one.wrong}" for one in stops if one.wrong]
    own = [one.number for one in stops if one.number < number]
    if own != [*range(number)]:
        told.append(f"{path}: {number} things, passed in this order: {own}")
    return told + ([f"{path}: {jumping} jump the order"] if jumping else [])


def asked(page: Live) -> str:
    return page.desk.snapshot.conflicts[0].about


@pytest.mark.slow
def test_every_thing_on_every_screen_is_reached_in_order_and_seen(page: Live) -> None:
    question, letter = f"decide/{asked(page)}", f"letter/{asked(page)}"
    paths = ["data", "letters", "letters?view=list", "letters?stopped=1", "letters/make", letter]
    paths += [f"{letter}?show=changes", f"{letter}?show=data", "decide", question, "proofread"]
    paths += ["print", "paper", "progress", "erase", "help", "../../", "../../campaigns/folders"]
    assert [one for path in ["import", *paths] for one in wrong(page, path)] == []


@pytest.mark.slow
def test_every_step_of_an_import_is_passed_by_the_keyboard(page: Live) -> None:
    start_draft(page.desk, table(ANSWERS), "answers.csv")
    told = [*wrong(page, "import/read")]
    go(page, "import/read")
    follow(page, "Next: match columns")
    told += wrong(page, "import/columns")
    go(page, "import/columns")
    follow(page, "Next: review people")
    told += wrong(page, "import/people")
    go(page, "import/people")
    follow(page, "Import people: 3 new")
    goes_on_at(page, "Import finished")
    assert told == []


@pytest.mark.slow
@pytest.mark.parametrize("size", [(320, 640), (1280, 500)], ids=["narrow", "low"])
def test_nothing_hides_the_focus_on_a_small_screen(page: Live, size: tuple[int, int]) -> None:
    page.browser.set_window_size(*size)
    paths = ["data", f"decide/{asked(page)}", "letters?view=list", "print", "paper", "progress"]
    assert [one for path in paths for one in wrong(page, path)] == []


@pytest.mark.slow
def test_the_way_back_is_seen_too(page: Live) -> None:
    """Shift+Tab brings things in from above: the bar at the top must not lie on them."""
    go(page, "letters?view=list")
    page.browser.execute_script("document.querySelector('#language').focus()")
    hidden = []
    for _ in range(60):
        back(page.browser)
        at = stop(page.browser)
        hidden += [at.wrong] if at and at.wrong else []
    assert hidden == []


@pytest.mark.slow
def test_the_first_stop_leads_over_the_bar_to_the_content(page: Live) -> None:
    go(page, "data")
    press(page.browser, Keys.TAB)
    first = stop(page.browser)
    assert first
    assert (first.words, first.wrong) == ("Skip to main content", "")
    press(page.browser, Keys.ENTER, Keys.TAB)
    inside = "return !!document.activeElement.closest('main')"
    assert page.browser.execute_script(inside)


@pytest.mark.slow
def test_the_matrix_is_one_stop_and_goes_by_arrows(page: Live) -> None:
    go(page, "letters")
    page.find(".cell")
    tab_to(page.browser, lambda at: at.tag == "div")
    for keys, words in (
        ((Keys.ARROW_DOWN,), f"{SIGNERS[1]} to {RECIPIENTS[0]}"),
        ((Keys.ARROW_RIGHT,), f"{SIGNERS[1]} to {RECIPIENTS[1]}"),
        ((Keys.END,), f"{SIGNERS[1]} to {RECIPIENTS[-1]}"),
        ((Keys.PAGE_DOWN,), f"{SIGNERS[11]} to {RECIPIENTS[-1]}"),
        ((Keys.HOME,), f"{SIGNERS[11]} to {RECIPIENTS[0]}"),
        ((Keys.PAGE_UP,), f"{SIGNERS[1]} to {RECIPIENTS[0]}"),
    ):
        press(page.browser, *keys)
        at = stop(page.browser)
        assert at
        assert not at.wrong, at.wrong
        assert page.find("#matrix-at").text.replace("\n", " ").startswith(words)
    with answered(page):
        press(page.browser, Keys.ENTER)
    assert "/letter/" in page.browser.current_url


# From an empty list of campaigns to letters that are marked as posted.


def follow(page: Live, words: str, key: str = Keys.ENTER) -> None:
    """Go on with Tab to what says so, press it, and wait for the screen that answers."""
    tab_to(page.browser, lambda at: words in at.words and at.tag in {"a", "button"})
    with answered(page):
        press(page.browser, key)
    wait_for(lambda: not page.desk.status.task_name)


def goes_on_at(page: Live, words: str) -> None:
    """The focus is at what came of it, not at the top of the page."""
    page.wait(lambda browser: (at := stop(browser)) and words in at.words, words)
    at = stop(page.browser)
    assert at
    assert not at.wrong, at.wrong


@pytest.mark.slow
def test_from_a_new_campaign_to_letters_marked_as_posted(tmp_path: Path, browser: Chrome) -> None:
    with live(make(tmp_path / "Other"), browser) as page:
        go(page, "../../")
        tab_to(browser, lambda at: at.id == "name")
        with answered(page):
            press(browser, "Spring appeal", Keys.ENTER)
        folder = next((tmp_path / "Appeal letters").glob("Spring appeal"))
    with live(folder, browser) as page:
        follow(page, "Letters")
        follow(page, "Create 12 letters")
        follow(page, "Create 12 letters")
        goes_on_at(page, "12 letters")
        follow(page, "Dismiss")
        follow(page, "Proofread")
        follow(page, "Proofread letters")
        goes_on_at(page, "12 letters")
        follow(page, "Next: print")
        follow(page, "Create print files")
        goes_on_at(page, "ready to print")
        follow(page, "Yes, printed today")
        goes_on_at(page, "marked as printed")
        follow(page, "Sign and post")
        for stage, person, told in (
            ("Signed", "Inés Álvarez", "marked as signed"),
            ("Posted", "Dr Amara Lindqvist", "to Dr Amara Lindqvist"),
        ):
            follow(page, stage)
            follow(page, person)
            follow(page, f"Mark as {stage.lower()} today")
            goes_on_at(page, told)
            is_said(page, f"marked as {stage.lower()}")
        view = page.desk.snapshot.view
        assert view
        assert view.counts.total.stages["Posted"] == 1


@pytest.mark.slow
def test_whoever_uses_the_mouse_sees_no_ring_until_a_key_is_pressed(page: Live) -> None:
    page.go("proofread")
    with answered(page):
        page.find("#proofread-begin").click()
    page.wait(lambda browser: (at := stop(browser)) and "letters checked" in at.words, "the focus")
    at = stop(page.browser)
    assert at
    assert not at.ring
    press(page.browser, Keys.SHIFT)
    at = stop(page.browser)
    assert at
    assert at.ring


def is_said(page: Live, words: str) -> None:
    """It is told to those who listen to the page."""
    told = page.browser.find_element(By.ID, "spoken")
    page.wait(lambda _: words in (told.get_attribute("textContent") or ""), words)
