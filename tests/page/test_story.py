"""A complete campaign in a real browser, from an empty folder to closing.

At every step, the command line does the same in a twin folder with the same files. Then both
folders have the same contents.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support import workbooks
from support.browsers import Screen, needs_browser
from support.campaigns import letters, merge, text
from support.documents import docx
from support.page_program import served
from support.registers import without_token
from support.staff_actions import add_line

from merge.product import RECORDS_FOLDER

pytestmark = [pytest.mark.page, pytest.mark.slow, needs_browser]

TEMPLATE = docx(
    "{{ recipient.name }}\n{{ recipient.street }}\n{{ recipient.city }}\n{{ recipient.country }}\n"
    "Dear {{ recipient.salutation }},\nPlease free them.\nYours,\n{{ signer.name }}\n"
    "{{ signer.city }}"
)
SIGNERS = [
    ["ID", "Name", "City", "Include"],
    ["S1", "Olena Marchenko", "Lviv", "yes"],
    ["S2", "Tariq Al-Hakim", "Amman", "yes"],
    ["S3", "Ingrid Sørli", "Bergen", "yes"],
]
RECIPIENTS = [
    ["ID", "Name", "Salutation", "Street", "City", "Country", "Include"],
    ["R1", "Minister Adaeze Nwosu", "Minister", "1 Harbour Road", "12345 Port Ember", "Velnia"],
    ["R2", "Ambassador Joon Park", "Ambassador", "9 Mill Lane", "54321 Old Ferry", "Velnia"],
]
_TIMES = re.compile(r"\d\d\.\d\d(\.\d\d)?")
_UPDATE_SECONDS = 8
"""Seconds after which the page has updated the register's own columns after a mark."""
_OURS = {".merge-lock"}
_OUR_FOLDERS = {"Old versions", RECORDS_FOLDER}


@dataclass
class PageAndTwin:
    """A campaign in the page, and its twin for the command line."""

    page: Screen
    folder: Path
    twin: Path

    @property
    def browser(self) -> Chrome:
        return self.page.browser

    def staff(self, do: Callable[[Path], object]) -> None:
        """Let staff change one folder; the other gets the files that they saved."""
        do(self.folder)
        for name in ("signers.xlsx", *(f"letters/{letter}" for letter in letters(self.folder))):
            here, there = self.folder / name, self.twin / name
            if here.exists() and there.exists() and here.read_bytes() != there.read_bytes():
                shutil.copy(here, there)

    def command(self, *words: str, code: int = 0) -> str:
        name, *options = words
        ran = merge(name, *options, self.twin)
        assert ran.code == code, ran.out + ran.err
        return ran.out + ran.err

    def type_into(self, css: str, words: str) -> None:
        self.page.type(css, Keys.CONTROL, "a", Keys.NULL, words)

    def step(self, name: str) -> None:
        """Go to one of the steps at the top of the page."""
        path = f"//header//nav//a[contains(normalize-space(), '{name}')]"

        def clicked(browser: Chrome) -> bool:
            browser.find_element(By.XPATH, path).click()
            return True

        self.page.wait(clicked, name)

    def send(self, words: str = "", css: str = "") -> None:
        """Press a button that sends a form; wait until no task is running."""
        self.browser.execute_script("document.documentElement.dataset.old = ''")
        if words:
            self.page.press(words)
        else:
            self.page.click(css)
        self.page.wait(lambda one: not one.find_elements(By.CSS_SELECTOR, "html[data-old]"), words)
        self.rests()

    def rests(self) -> None:
        """Wait until no task is running, and the page says so."""
        self.page.wait(lambda one: not one.find_elements(By.CSS_SELECTOR, ".errand"), "at work", 60)

    def are_alike(self) -> None:
        """Assert that both folders have the same contents.

        The page updates the register's own columns some seconds after a mark.
        """
        with suppress(AssertionError):
            self.page.wait(lambda _: _contents(self.folder) == _contents(self.twin), "the marks")
        there, here = _contents(self.folder), _contents(self.twin)
        assert sorted(there) == sorted(here)
        assert {name: here[name] for name in there if there[name] != here[name]} == {}


def _contents(folder: Path) -> dict[str, object]:
    """The contents of every file of a campaign but its records, without times, by path."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.name in _OURS or name.partition("/")[0] in _OUR_FOLDERS:
            continue
        if path.name == "signers.xlsx" or name.startswith("templates/"):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.suffix == ".xlsx":
            found[_without_time(name)] = _cells(path)
        elif name.startswith("letters/"):
            found[_without_time(name)] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.suffix == ".docx":
            found[_without_time(name)] = [_without_time(line) for line in text(path)]
        else:
            found[_without_time(name)] = ""
    return found


def _without_time(words: str) -> str:
    return _TIMES.sub("TIME", words)


def _without_keys(value: object) -> str:
    """Return the value of a cell; a record in the register without the keys of its marks."""
    return re.sub('"[0-9a-f]{10}:[0-9]+"', "", str(without_token(value)))


def _cells(path: Path) -> list[tuple[str, str, str]]:
    """Return the cells of the visible sheets."""
    book = load_workbook(path)
    return [
        (sheet.title, cell.coordinate, _without_time(_without_keys(cell.value)))
        for sheet in book
        if sheet.sheet_state == "visible"
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def _save(folder: Path, change: Callable[[Any], object]) -> None:
    """Change the workbook in Excel, and save it."""
    book = load_workbook(folder / "signers.xlsx")
    change(book)
    book.save(folder / "signers.xlsx")


def _write(sheet: str, cell: str, words: str) -> Callable[[Any], None]:
    def change(book: Any) -> None:  # noqa: ANN401 - openpyxl's
        book[sheet][cell] = words

    return change


def test_a_complete_campaign_by_the_page_equals_one_by_the_command_line(
    tmp_path: Path, browser: Chrome
) -> None:
    home, brought = tmp_path / "home", tmp_path / "brought"
    home.mkdir()
    brought.mkdir()
    rows = [RECIPIENTS[0], RECIPIENTS[1], [*RECIPIENTS[2][:2], None, *RECIPIENTS[2][3:]]]
    workbooks.xlsx(brought, Signers=SIGNERS, Recipients=rows)
    (brought / "appeal.docx").write_bytes(TEMPLATE)
    with served(tmp_path, env={"HOME": str(home)}) as program:
        browser.get(program.link)
        page = Screen(browser)
        both = PageAndTwin(page, home / "Appeal letters" / "Spring", tmp_path / "twin" / "Spring")
        page.says("Your campaigns")
        _create_campaign(both, brought)
        _fix(both)
        _edit_and_decide(both)
        _proofread(both)
        _late_signer(both)
        _print_and_mark(both)
        _replace_the_minister(both)
        _sign_and_post(both)
        _report(both)
        _erase(both)
        _close(both)
        page.click("header .menu > summary")
        page.press("Quit")
        page.says("The program has stopped")
        assert program.ends() == 0


def _create_campaign(both: PageAndTwin, brought: Path) -> None:
    """Create a campaign, and add the staff's own workbook and template."""
    page, twin = both.page, both.twin
    both.type_into("#name", "Spring")
    page.press("Create campaign")
    page.find("#chosen").send_keys(f"{brought / 'signers.xlsx'}\n{brought / 'appeal.docx'}")
    page.says("Replace the current signers.xlsx with the new file?")
    both.send("Replace without the settings")
    page.says("Replace the current appeal.docx with the new file?")
    both.send("Replace")
    assert merge("new", twin).code == 0
    shutil.copy(brought / "signers.xlsx", twin)
    shutil.copy(brought / "appeal.docx", twin / "templates")
    both.are_alike()


def _fix(both: PageAndTwin) -> None:
    """Fill in a blank salutation; its problem disappears from the list."""
    both.page.says("Recipients!C3")
    assert "Recipients!C3" in both.command("check", code=1)
    both.staff(lambda folder: _save(folder, _write("Recipients", "C3", "Ambassador")))
    both.page.wait(lambda _: "Recipients!C3" not in both.page.words, "mended")
    _make(both)
    assert len(letters(both.folder)) == 6


def _make(both: PageAndTwin) -> None:
    both.step("Letters")
    both.page.find("#make").click()
    both.send(css="button#make")
    both.command("letters")
    both.are_alike()


def _edit_and_decide(both: PageAndTwin) -> None:
    """Edit three letters and change their data; decide each differently."""

    def edit(folder: Path) -> None:
        for name in sorted(name for name in letters(folder) if "Nwosu" in name):
            add_line(folder / "letters" / name, "P.S. With hope.")

    both.staff(edit)
    both.staff(lambda folder: _save(folder, _write("Recipients", "D2", "2 Harbour Road")))
    page = both.page
    both.step("Conflicts")
    page.says("3 conflicts")
    page.press("Start with the first conflict")
    for choice in ("keep", "new", "print"):
        both.send(css=f"#choose-{choice}")
    page.says("No conflicts")
    both.command("letters", "--keep", "S1")
    both.command("letters", "--replace", "S2", "--yes", "--for", "S2")
    both.are_alike()


def _proofread(both: PageAndTwin) -> None:
    page = both.page
    both.step("Proofread")
    both.send(css="#proofread-begin")
    page.find("#open-report")
    assert merge("proofread", both.twin).code in {0, 1}
    both.are_alike()


def _late_signer(both: PageAndTwin) -> None:
    def late(book: Any) -> None:  # noqa: ANN401 - openpyxl's
        book["Signers"].append(["S4", "Wanjiru Kamau", "Nakuru", "yes"])

    both.staff(lambda folder: _save(folder, late))
    _make(both)


def _print_and_mark(both: PageAndTwin) -> None:
    both.step("Print")
    both.send("Create print files")
    both.send("Yes, printed today")
    both.command("print", "--accept", "S3")
    both.command("mark", "printed")
    both.are_alike()


def _replace_the_minister(both: PageAndTwin) -> None:
    def successor(book: Any) -> None:  # noqa: ANN401 - openpyxl's
        book["Recipients"]["G2"] = "no"
        book["Recipients"].append(
            ["R3", "Minister Leila Haddad", "Minister", "2 Harbour Road", "12345 Port Ember"]
        )

    both.staff(lambda folder: _save(folder, successor))
    _make(both)
    _print_and_mark(both)


def _sign_and_post(both: PageAndTwin) -> None:
    """Sign all letters pile by pile; post those to the ambassador."""
    page = both.page
    both.step("Sign and post")
    for name in ("Olena Marchenko", "Tariq Al-Hakim", "Ingrid Sørli", "Wanjiru Kamau"):
        both.type_into("input#name", name)
        page.press("Show letters")
        both.send("Mark as signed today")
        both.command("mark", "signed", "--for", name)
    both.are_alike()
    page.press("Posted")
    both.type_into("input#name", "Ambassador Joon Park")
    page.press("Show letters")
    both.type_into("#tracking", "RR123")
    both.send("Mark as posted today")
    both.command("mark", "posted", "--for", "Ambassador Joon Park", "--tracking", "RR123")
    both.are_alike()
    register = both.folder / "register.xlsx"
    page.wait(lambda _: time.time() - register.stat().st_mtime > _UPDATE_SECONDS, "update", 60)


def _report(both: PageAndTwin) -> None:
    both.step("Progress")
    both.send("Save report")
    both.command("report")
    both.are_alike()


def _erase(both: PageAndTwin) -> None:
    page = both.page
    page.press("Menu")
    page.press("Delete a person’s data")
    both.type_into("#name", "Tariq Al-Hakim")
    both.send("Show what is stored")
    page.find("input[name='sure']").click()
    both.send("Delete this person’s data")
    both.command("delete-person", "S2", "--yes", code=1)
    both.are_alike()

    def without(book: Any) -> None:  # noqa: ANN401 - openpyxl's
        book["Signers"].delete_rows(3)

    both.staff(lambda folder: _save(folder, without))
    page.says("No data about this person is left")
    both.are_alike()


def _close(both: PageAndTwin) -> None:
    page = both.page
    page.press("Done")
    both.send("Show what will be deleted")
    page.find("input[name='sure']").click()
    both.send("Close campaign and delete its letters")
    both.command("close", "--yes")
    both.are_alike()
    assert letters(both.folder) == {}
