"""The page in Arabic, from right to left."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support.axe import ViewingMode, emulate
from support.browsers import Live, live, needs_browser
from support.campaigns import make
from support.full_campaign import RECIPIENTS, SIGNERS, screen_paths

pytestmark = [pytest.mark.page, needs_browser]

_NAMES = """
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const told = [];
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const one = node.parentElement;
  if (one.closest("bdi, [dir=auto], option, script, noscript, code, pre")) continue;
  if (arguments[0].some(name => node.data.includes(name))) told.push(one.outerHTML.slice(0, 160));
}
return told;
"""
_DIRECTIONS = """
return [...document.querySelectorAll(":is(.paper, .text) p:has(> :is(del, ins, mark))")]
  .map(one => getComputedStyle(one).direction);
"""


@pytest.mark.slow
def test_right_to_left_the_matrix_arrows_follow_the_eye(tmp_path: Path, browser: Chrome) -> None:
    folder = make(tmp_path, Recipients=[["Name"], *([f"Minister {n} Kim"] for n in range(3))])
    with live(folder, browser) as shown:
        browser.find_element(By.CSS_SELECTOR, "#language option[value=ar]").click()
        browser.find_element(By.CSS_SELECTOR, ".foot button").click()
        shown.wait(lambda one: one.find_elements(By.CSS_SELECTOR, "html[dir=rtl]"))
        shown.go("letters")
        shown.find("[role=gridcell]")
        browser.find_element(By.CSS_SELECTOR, "[role=grid] [tabindex='0']").send_keys(
            Keys.ARROW_LEFT
        )
        assert "Minister 1 Kim" in browser.find_element(By.ID, "matrix-at").text


@pytest.mark.slow
def test_changed_paragraphs_of_a_letter_have_its_own_direction(full_page: Live) -> None:
    conflicts = full_page.session.snapshot.conflicts
    about = next(each.about for each in conflicts if SIGNERS[6] in str(each.place))
    with emulate(full_page.browser, ViewingMode("from right to left", language="ar")):
        found = []
        for path in (f"letter/{about}?show=changes", f"decide/{about}"):
            full_page.go(path)
            found.append(full_page.browser.execute_script(_DIRECTIONS))
        assert found == [["ltr"], ["ltr"] * 3]


@pytest.mark.slow
def test_names_have_the_direction_of_their_own_script(full_page: Live) -> None:
    names = [*SIGNERS, *RECIPIENTS]
    with emulate(full_page.browser, ViewingMode("from right to left", language="ar")):
        found = []
        for path in screen_paths(full_page):
            full_page.go(path)
            found += [f"{path}: {one}" for one in full_page.browser.execute_script(_NAMES, names)]
        assert found == []
        root = full_page.browser.find_element(By.TAG_NAME, "html")
        assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("ar", "rtl")
