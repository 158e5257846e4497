"""Data screen in a real browser: files, fixed problems, focus."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from support.browsers import console, live, needs_browser
from support.campaigns import make
from support.documents import docx
from support.workbooks import campaign as workbook_of

pytestmark = [pytest.mark.page, needs_browser]

NEEDY = "Dear {{ recipient.salutation }},\n{{ signer.name }}"
BLANK: list[list[object]] = [["Name", "Salutation"], ["Minister Li", "Mr Li"], ["Consul Roy", ""]]

DROP = """
const data = new DataTransfer();
data.items.add(new File([new Uint8Array(arguments[0])], arguments[1]));
for (const type of ["dragover", "drop"])
  document.querySelector("main").dispatchEvent(
    new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
"""


@pytest.mark.slow
def test_a_workbook_saved_in_excel_is_redrawn_in_time_and_focus_stays(
    tmp_path: Path, browser: Chrome
) -> None:
    make(tmp_path / "campaign", NEEDY, Recipients=BLANK)
    with live(tmp_path / "campaign", browser) as page:
        page.says("1 error")
        browser.execute_script("window.kept = 1; document.getElementById('open-workbook').focus()")
        saved = time.monotonic()
        make(tmp_path / "campaign", NEEDY, Recipients=[*BLANK[:2], ["Consul Roy", "Mr Roy"]])
        page.says("Nothing to fix")
        assert time.monotonic() - saved < 4  # the limit of 2.5 s is that of the benchmark
        assert browser.execute_script("return document.activeElement.id") == "open-workbook"
        assert browser.execute_script("return window.kept") == 1


@pytest.mark.slow
def test_chosen_and_dropped_files_are_added_after_showing_differences(
    tmp_path: Path, browser: Chrome
) -> None:
    folder = tmp_path / "campaign"
    folder.mkdir()
    workbook_of(tmp_path)
    with live(folder, browser) as page:
        page.says("Add your workbook and template")
        page.find("#chosen").send_keys(str(tmp_path / "signers.xlsx"))
        page.says("File added")
        template = docx("Dear {{ recipient.name }},")
        browser.execute_script(DROP, [*template], "Письмо.docx")
        page.says("Next: create 4 letters")
        assert (folder / "templates" / "Письмо.docx").read_bytes() == template
        workbook_of(tmp_path, Signers=[["Name"], ["Olena Kovač"]])
        new = (tmp_path / "signers.xlsx").read_bytes()
        browser.execute_script(DROP, [*new], "new.xlsx")
        page.says("Replace signers.xlsx with new.xlsx?")
        page.press("Replace")
        page.says("1 signer")
        assert (folder / "signers.xlsx").read_bytes() == new


@pytest.mark.slow
def test_the_facts_about_the_files_are_in_one_column(tmp_path: Path, browser: Chrome) -> None:
    folder = make(tmp_path / "campaign")
    with live(folder, browser) as page:
        lefts = "return [...document.querySelectorAll('.file > p')].map(one => one.offsetLeft)"
        page.find("#open-workbook")
        browser.execute_script(
            "document.querySelector('#open-workbook').textContent += ', which is long'"
        )
        assert len({*browser.execute_script(lefts)}) == 1


@pytest.mark.slow
def test_a_refused_file_is_reported_and_a_cell_reference_is_copied(
    tmp_path: Path, browser: Chrome
) -> None:
    make(tmp_path / "campaign", NEEDY, Recipients=BLANK)
    with live(tmp_path / "campaign", browser) as page:
        browser.execute_script(DROP, [*b"%PDF-1.7"], "a.xlsx")
        page.says("This is a PDF")
        browser.find_element(By.CSS_SELECTOR, ".error [data-copy]").click()
        page.wait(
            lambda one: one.find_element(By.ID, "spoken").get_attribute("textContent") == "Copied."
        )


@pytest.mark.slow
def test_an_open_screen_says_that_its_folder_was_renamed_and_recovers(
    tmp_path: Path, browser: Chrome
) -> None:
    folder = make(tmp_path / "campaign")
    with live(folder, browser) as page:
        page.says("Next: create 4 letters")
        folder.rename(tmp_path / "other")
        page.says("Folder not found. Was it renamed?")
        assert [path.name for path in tmp_path.iterdir() if path.name == "campaign"] == []
        (tmp_path / "other").rename(folder)
        page.says("Next: create 4 letters")
    assert all("410" in message for message in console(browser))


@pytest.mark.slow
def test_placeholders_are_found_and_stay_found_when_the_workbook_is_saved(
    tmp_path: Path, browser: Chrome
) -> None:
    make(tmp_path / "campaign", NEEDY, Recipients=BLANK)
    with live(tmp_path / "campaign", browser) as page:
        search = page.find("#tag-search")
        search.send_keys("SALUTÁTION")
        assert _shown_tags(browser) == ["{{ recipient.salutation }}"]
        page.click("#tags li:not([hidden])")  # the whole row copies
        page.wait(
            lambda one: one.find_element(By.ID, "spoken").get_attribute("textContent") == "Copied."
        )
        more = [[*row, "Main St"] for row in BLANK[1:]]
        make(tmp_path / "campaign", NEEDY, Recipients=[[*BLANK[0], "Salutation line"], *more])
        page.wait(lambda one: len(_shown_tags(one)) == 2, "the new column")
        search.send_keys("x")
        page.says("No placeholder matches.")


def _shown_tags(browser: Chrome) -> list[str]:
    buttons = browser.find_elements(By.CSS_SELECTOR, "#tags li[data-used] [data-copy]")
    return [str(one.get_attribute("data-copy")) for one in buttons if one.is_displayed()]
