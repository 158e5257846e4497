"""The layout check in the background, on the Proofread and Print screens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from selenium.webdriver import Chrome
from support.browsers import live, needs_browser
from support.campaigns import make, merge
from support.office_programs import needs_libreoffice
from support.pages import Page, opened, unchanged, wait_for
from support.printed_campaigns import make_six_letters, no_libreoffice
from support.staff_actions import add_line, choose_paper

from merge.page.layout_state import start_layout_check

PATH = os.environ["PATH"]
USUAL = {"by": "signer", "covers": "all", "sides": "auto", "grouping": "batches", "sheets": "200"}
_ = no_libreoffice
pytestmark = pytest.mark.usefixtures("no_libreoffice")
WARNING = "1 letter is for Letter paper, the others for A4 paper: Ana Ruiz to Minister Li."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six letters, one of them edited and for another paper size."""
    folder = make_six_letters(tmp_path / "campaign")
    letter = folder / "letters" / "Ana Ruiz" / "Minister Li.docx"
    add_line(letter, "In haste.")
    choose_paper(letter, "Letter")
    return folder


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    with opened(folder) as page:
        yield page


def check(page: Page) -> None:
    """Check the layout as the screen's script does: again whenever it is drawn."""

    def is_checked() -> bool:
        due = page.see("print").select("[data-check]")
        assert all(page.client.post(str(one["data-check"])).status_code == 204 for one in due)
        return not due

    wait_for(is_checked)


def test_the_layout_check_warns_on_both_screens_before_there_are_print_files(
    page: Page, folder: Path
) -> None:
    page.post("proofread")
    assert WARNING not in page.words("proofread")
    check(page)
    assert not (folder / "print").exists() or not [*(folder / "print").glob("*/*.docx")]
    tree = page.see("print")
    assert tree.select_one("#picture a[href='#layout-name']")
    assert tree.select_one("#layout-name")
    assert WARNING in page.words("print")
    words = page.words("proofread")
    assert WARNING in words
    assert "1 needs review, 1 layout warning Checked on" in words


def test_an_ignored_layout_warning_is_not_reported_when_letters_are_printed(
    page: Page, folder: Path
) -> None:
    check(page)
    ids = page.see("print").select("[aria-labelledby=layout-name] [name=warnings]")[0]["value"]
    page.post("data/ignore", warnings=ids)
    assert not page.see("print").select("#picture a[href='#layout-name']")
    assert page.see("print").select(".ignored [name=again]")
    assert WARNING not in merge("print", folder, "--dry-run").err
    page.post("data/ignore", warnings=ids, again="1")
    assert WARNING in merge("print", folder, "--dry-run").err


def test_the_layout_check_is_due_again_when_a_letter_changes(page: Page, folder: Path) -> None:
    check(page)
    choose_paper(folder / "letters" / "Ana Ruiz" / "Minister Li.docx", "A4")
    page.session.request_rescan()
    wait_for(lambda: page.see("print").select("[data-check]"))
    assert WARNING not in page.words("print")
    check(page)
    assert WARNING not in page.words("print")


def test_the_layout_check_is_due_again_when_the_pages_setting_changes(
    page: Page, folder: Path
) -> None:
    check(page)
    book = load_workbook(folder / "signers.xlsx")
    settings = book.create_sheet("Settings")
    for row in (["Setting", "Value"], ["Pages", 2]):
        settings.append(row)
    book.save(folder / "signers.xlsx")
    page.session.request_rescan()
    wait_for(lambda: page.see("print").select("[data-check]"))
    check(page)


def test_a_fault_in_the_layout_check_does_not_repeat_it_without_end(page: Page) -> None:
    assert page.see("print").select("[data-check]")
    view = page.session.snapshot.view
    assert view
    broken = replace(view, campaign=None)  # type: ignore[arg-type]
    start_layout_check(page.session, broken)
    wait_for(lambda: not page.see("print").select("[data-check]"))
    page.session.request_rescan()
    assert not page.see("print").select("[data-check]")


def test_looking_at_screens_checks_no_layout(page: Page, folder: Path) -> None:
    with unchanged(folder):
        assert page.see("print").select("[data-check]")
        assert page.session.status.task_name == ""
    assert page.get("print/layout").status_code == 405


def test_proofread_says_that_the_layout_is_not_checked_without_libreoffice(page: Page) -> None:
    page.post("proofread")
    assert "Page layout is not checked: LibreOffice is not installed." in page.words("proofread")


def test_layout_warnings_of_new_print_files_are_above_mark_all_as_printed(page: Page) -> None:
    check(page)
    page.post("print/make", **USUAL)
    shown = str(page.see("print"))
    assert shown.count(WARNING) == 1
    assert shown.index(WARNING) < shown.index("Mark all as printed")


@needs_browser
@needs_libreoffice
@pytest.mark.libreoffice
@pytest.mark.slow
def test_the_browser_checks_the_layout_while_nothing_else_runs(
    tmp_path: Path, browser: Chrome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", PATH)
    long = "\n".join(["We ask you to release them."] * 60)
    make(tmp_path, f"Dear {{{{ recipient.name }}}},\n{long}\n{{{{ signer.name }}}}")
    merge("letters", tmp_path)
    with live(tmp_path, browser) as shown:
        shown.go("proofread")
        shown.press("Proofread letters")
        shown.says("There are 2 pages in all 4 letters; the limit is 1.")
        shown.go("print")
        assert "4 of 4 letters have more than one page." in shown.words
        assert "One-sided: 8 sheets. Two-sided: 4 sheets." in shown.words
        assert "assumed, not counted" not in shown.words
