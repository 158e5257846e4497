"""The frame of every screen in a real browser: polling, focus, tasks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support.browsers import live, needs_browser
from support.campaigns import make, merge

from merge.campaign.campaign import Campaign
from merge.campaign.task import Task
from merge.page.snapshot import scan_campaign

pytestmark = [pytest.mark.page, needs_browser]


@pytest.mark.slow
def test_the_number_of_errors_shrinks_while_the_page_is_open(
    tmp_path: Path, browser: Chrome
) -> None:
    folder = tmp_path / "campaign"
    make(folder)
    good = (folder / "signers.xlsx").read_bytes()
    (folder / "signers.xlsx").write_bytes(b"no workbook")
    with live(folder, browser) as page:
        page.find(".problem.error")
        (folder / "signers.xlsx").write_bytes(good)
        page.wait(lambda one: not one.find_elements(By.CSS_SELECTOR, ".problem.error"), "mended")


@pytest.mark.slow
def test_a_running_task_shows_its_progress_and_can_be_stopped(
    tmp_path: Path, browser: Chrome
) -> None:
    make(tmp_path / "campaign")
    with live(tmp_path / "campaign", browser) as page:

        def work(_campaign: Campaign, task: Task) -> None:
            task.start_step(2000, "Letters")
            task.advance(500)
            while True:
                task.raise_if_cancelled()
                time.sleep(0.01)

        page.session.submit_with_campaign("letters", work)
        page.wait(lambda _: float(page.find("progress").get_attribute("value") or 0) >= 0.25, "it")
        page.says("500 / 2,000")
        page.press("Stop")
        page.says("Stopped")
        page.press("Dismiss")
        page.wait(lambda _: "Stopped" not in page.words, "put away")


def test_the_menu_closes_with_escape_and_with_a_click_elsewhere(
    tmp_path: Path, browser: Chrome
) -> None:
    make(tmp_path / "campaign")
    with live(tmp_path / "campaign", browser) as page:
        for closed_by in (Keys.ESCAPE, "a click"):
            page.press("Menu")
            assert page.find(".menu a").is_displayed()
            if closed_by == Keys.ESCAPE:
                ActionChains(browser).send_keys(Keys.ESCAPE).perform()
            else:
                page.click("h1")
            page.wait(lambda one: not one.find_elements(By.CSS_SELECTOR, ".menu[open]"), closed_by)
        assert browser.switch_to.active_element.tag_name != "a"


def test_a_narrow_page_shows_the_present_step_in_one_strip(tmp_path: Path, browser: Chrome) -> None:
    make(tmp_path / "campaign")
    with live(tmp_path / "campaign", browser) as page:
        browser.set_window_size(500, 850)  # Chromium's windows are not narrower
        page.go("progress")
        current = page.find("#steps [aria-current]").rect
        assert 0 <= current["x"] <= 500 - current["width"]
        assert page.find("#steps").rect["height"] < 60


@pytest.mark.slow
def test_a_step_has_a_tick_if_nothing_is_left_to_do(tmp_path: Path) -> None:
    folder = make(tmp_path / "campaign", Signers=[["Name"], ["Ana Ruiz"], ["Bo Berg"]])

    def completed() -> set[str]:
        return {*scan_campaign(folder, Task()).completed_steps}

    assert completed() == {"data"}
    merge("letters", folder)
    assert completed() == {"data", "letters", "decide"}
    merge("mark", "posted", folder, "--all")
    assert completed() == {"data", "letters", "decide", "printing", "paper"}
    make(folder, Signers=[["Name"], ["Ana Ruiz"], ["Bo Berg"], ["Chidi Obi"]])
    assert completed() == {"data"}
    assert scan_campaign(folder, Task()).waiting_letters == {
        "letters": 2,
        "printing": 0,
        "paper": 0,
    }
    merge("close", folder, "--yes")
    assert completed() == set()
