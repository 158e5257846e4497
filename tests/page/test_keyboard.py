"""The page by the keyboard alone: every control is reachable and visible."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support.axe import wait_for_next_screen
from support.browsers import Live, live, needs_browser
from support.campaigns import make
from support.full_campaign import RECIPIENTS, SIGNERS
from support.keyboard import Stop, back, expected, press, stop, tab_to
from support.pages import wait_for
from support.petition_responses import RESPONSES, table

from merge.page.import_draft import start_draft

pytestmark = [pytest.mark.page, needs_browser]


@pytest.fixture(autouse=True)
def _at_home(one_browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder of its own, no LibreOffice, and the window has the focus."""
    one_browser.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def page(full_campaign: Path, tmp_path: Path, browser: Chrome) -> Iterator[Live]:
    shutil.copytree(full_campaign, tmp_path / "Appeal")
    with live(tmp_path / "Appeal", browser) as page:
        yield page


def show_screen(page: Live, path: str) -> None:
    """Show a screen, without focus."""
    page.go(path)
    page.browser.execute_script("document.activeElement?.blur(); scrollTo(0, 0)")


def tab_stops(page: Live) -> list[Stop]:
    """Return the tab stops of a screen; a date field has several."""
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


def focus_faults(page: Live, path: str) -> list[str]:
    """Return the faults of the focus on a screen."""
    show_screen(page, path)
    if path == "letters":
        page.find(".cell")
    if page.browser.execute_script("return document.querySelector('#preview')?.checkVisibility()"):
        page.find("#words-frame[data-shown]")
    number, jumping = expected(page.browser)
    stops = tab_stops(page)
    faults = [f"{path}: {one.wrong}" for one in stops if one.wrong]
    earlier = [one.number for one in stops if one.number < number]
    if earlier != [*range(number)]:
        faults.append(f"{path}: {number} things, passed in this order: {earlier}")
    return faults + ([f"{path}: {jumping} jump the order"] if jumping else [])


def asked(page: Live) -> str:
    return page.session.snapshot.conflicts[0].about


@pytest.mark.slow
def test_every_control_is_reached_by_tab_in_order_and_visible(page: Live) -> None:
    question, letter = f"decide/{asked(page)}", f"letter/{asked(page)}"
    paths = ["data", "letters", "letters?view=list", "letters?stopped=1", "letters/make", letter]
    paths += [f"{letter}?show=changes", f"{letter}?show=data", "decide", question, "proofread"]
    paths += ["print", "paper", "progress", "erase", "help", "../../", "../../campaigns/folders"]
    assert [one for path in ["import", *paths] for one in focus_faults(page, path)] == []


@pytest.mark.slow
def test_every_step_of_an_import_is_done_by_the_keyboard(page: Live) -> None:
    start_draft(page.session, table(RESPONSES), "answers.csv")
    faults = [*focus_faults(page, "import/read")]
    show_screen(page, "import/read")
    tab_to_and_press(page, "Next: match columns")
    faults += focus_faults(page, "import/columns")
    show_screen(page, "import/columns")
    for box in page.browser.find_elements(By.CSS_SELECTOR, "[name^=confirm]"):
        box.send_keys(Keys.SPACE)
    tab_to_and_press(page, "Next: review people")
    faults += focus_faults(page, "import/people")
    show_screen(page, "import/people")
    tab_to_and_press(page, "Import 4 people (1 to review)")
    has_focus_at(page, "Import finished")
    assert faults == []


@pytest.mark.slow
@pytest.mark.parametrize("size", [(320, 640), (1280, 500)], ids=["narrow", "low"])
def test_nothing_hides_the_focus_on_a_small_screen(page: Live, size: tuple[int, int]) -> None:
    page.browser.set_window_size(*size)
    paths = ["data", f"decide/{asked(page)}", "letters?view=list", "print", "paper", "progress"]
    assert [one for path in paths for one in focus_faults(page, path)] == []


@pytest.mark.slow
def test_the_focus_is_visible_when_going_backwards_too(page: Live) -> None:
    """Shift+Tab scrolls controls in from above: the bar must not hide them."""
    show_screen(page, "letters?view=list")
    page.browser.execute_script("document.querySelector('#language').focus()")
    hidden = []
    for _ in range(60):
        back(page.browser)
        at = stop(page.browser)
        hidden += [at.wrong] if at and at.wrong else []
    assert hidden == []


@pytest.mark.slow
def test_the_first_tab_stop_skips_the_bar(page: Live) -> None:
    show_screen(page, "data")
    press(page.browser, Keys.TAB)
    first = stop(page.browser)
    assert first
    assert (first.words, first.wrong) == ("Skip to main content", "")
    press(page.browser, Keys.ENTER, Keys.TAB)
    inside = "return !!document.activeElement.closest('main')"
    assert page.browser.execute_script(inside)


@pytest.mark.slow
def test_the_matrix_is_one_tab_stop_and_uses_arrows(page: Live) -> None:
    show_screen(page, "letters")
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
    with wait_for_next_screen(page):
        press(page.browser, Keys.ENTER)
    assert "/letter/" in page.browser.current_url


# From an empty list of campaigns to letters that are marked as posted


def tab_to_and_press(page: Live, words: str, key: str = Keys.ENTER) -> None:
    """Press Tab up to a control with a text, and press it.

    Wait for the next screen.
    """
    tab_to(page.browser, lambda at: words in at.words and at.tag in {"a", "button"})
    with wait_for_next_screen(page):
        press(page.browser, key)
    wait_for(lambda: not page.session.status.task_name)


def has_focus_at(page: Live, words: str) -> None:
    """Assert that the focus is at the result, not at the top of the page."""
    page.wait(lambda browser: (at := stop(browser)) and words in at.words, words)
    at = stop(page.browser)
    assert at
    assert not at.wrong, at.wrong


@pytest.mark.slow
def test_the_keyboard_leads_from_a_new_campaign_to_posted_letters(
    tmp_path: Path, browser: Chrome
) -> None:
    with live(make(tmp_path / "Other"), browser) as page:
        show_screen(page, "../../")
        tab_to(browser, lambda at: at.id == "name")
        with wait_for_next_screen(page):
            press(browser, "Spring appeal", Keys.ENTER)
        folder = next((tmp_path / "Appeal letters").glob("Spring appeal"))
    with live(folder, browser) as page:
        tab_to_and_press(page, "Letters")
        tab_to_and_press(page, "Next: create 12 letters")
        tab_to_and_press(page, "Create 12 letters")
        has_focus_at(page, "12 letters")
        tab_to_and_press(page, "Dismiss")
        tab_to_and_press(page, "Proofread")
        tab_to_and_press(page, "Proofread letters")
        has_focus_at(page, "12 letters")
        tab_to_and_press(page, "Next: print")
        tab_to_and_press(page, "Create print files")
        has_focus_at(page, "ready to print")
        tab_to_and_press(page, "Yes, printed today")
        has_focus_at(page, "marked as printed")
        tab_to_and_press(page, "Sign and post")
        for stage, person, faults in (
            ("Signed", "Inés Álvarez", "marked as signed"),
            ("Posted", "Dr Amara Lindqvist", "to Dr Amara Lindqvist"),
        ):
            tab_to_and_press(page, stage)
            tab_to_and_press(page, person)
            tab_to_and_press(page, f"Mark as {stage.lower()} today")
            has_focus_at(page, faults)
            is_announced(page, f"marked as {stage.lower()}")
        view = page.session.snapshot.view
        assert view
        assert view.counts.total.stages["Posted"] == 1


@pytest.mark.slow
def test_mouse_users_see_no_focus_ring_until_they_press_a_key(page: Live) -> None:
    page.go("proofread")
    with wait_for_next_screen(page):
        page.find("#proofread-begin").click()
    page.wait(lambda browser: (at := stop(browser)) and "letters checked" in at.words, "the focus")
    at = stop(page.browser)
    assert at
    assert not at.ring
    press(page.browser, Keys.SHIFT)
    at = stop(page.browser)
    assert at
    assert at.ring


def is_announced(page: Live, words: str) -> None:
    """Assert that a text is announced to screen readers."""
    faults = page.browser.find_element(By.ID, "spoken")
    page.wait(lambda _: words in (faults.get_attribute("textContent") or ""), words)
