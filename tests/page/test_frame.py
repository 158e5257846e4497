"""The frame of every screen in a real browser: polling, focus, tasks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from support.browsers import live, needs_browser
from support.campaigns import make

from merge.campaign.campaign import Campaign
from merge.campaign.task import Task

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
        page.find("progress[value='500']")
        page.says("500 / 2,000")
        page.press("Stop")
        page.says("Stopped")
        page.press("Dismiss")
        page.wait(lambda _: "Stopped" not in page.words, "put away")
