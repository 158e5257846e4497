"""Print screen: blocked letters, files as by `merge print`, marks."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from filelock import FileLock
from openpyxl import load_workbook
from selenium.webdriver import Chrome
from support.browsers import console, live, needs_browser
from support.campaigns import make, merge
from support.everyday import everyday
from support.filled_letters import texts
from support.office_programs import needs_libreoffice
from support.pages import Page, folded, opened, unchanged, wait_for
from support.printed_campaigns import (
    change_template,
    copy_letter,
    edit,
    edit_letter_and_template,
    make_six_letters,
    no_libreoffice,
)

from merge.campaign.campaign import Campaign
from merge.campaign.task import Task
from merge.page.piles import newest_first
from merge.state.ledger_records import PrintedBatch

PATH = os.environ["PATH"]
TODAY = dt.datetime.now().astimezone().date()
USUAL = {"by": "signer", "covers": "all", "sides": "auto", "grouping": "batches", "sheets": "200"}
_ = no_libreoffice
pytestmark = pytest.mark.usefixtures("no_libreoffice")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three signers and two recipients with letters; no LibreOffice."""
    return make_six_letters(tmp_path / "campaign")


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    with opened(folder) as page:
        yield page


def printed_days(folder: Path) -> list[str]:
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    heads = [str(cell.value) for cell in sheet[1]]
    column = heads.index("Printed")
    rows = sheet.iter_rows(min_row=2, values_only=True)
    return [str(row[column])[:10] if row[column] else "" for row in rows]


def register(folder: Path) -> list[tuple[Any, ...]]:
    """The Register sheet, without the print file, whose name has the minute."""
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    heads = [str(cell.value) for cell in sheet[1]]
    apart = {heads.index("Print file"), heads.index("Kept by the program")}
    rows = sheet.iter_rows(min_row=2, values_only=True)
    return [tuple(value for n, value in enumerate(row) if n not in apart) for row in rows]


def files(folder: Path) -> list[str]:
    there = (path for path in (folder / "print").rglob("*") if path.is_file())
    return sorted(path.name for path in there if not path.name.startswith("."))


def batch_keys(page: Page) -> list[str]:
    tree = page.see("print")
    return [str(one["value"]) for one in tree.select(".batches input[name=batch]")]


@pytest.mark.slow
def test_print_files_and_marks_equal_those_of_the_command(page: Page, folder: Path) -> None:
    twin = folder.with_name("twin")
    shutil.copytree(folder, twin)
    assert page.post("print/make", **USUAL).status_code == 303
    merge("print", twin)
    assert files(folder) == files(twin) != []
    words = page.words("print")
    assert "1 file is ready to print" in words
    assert "Have these been printed?" in words
    page.post("print/printed", batch=batch_keys(page), do="today")
    merge("mark", "printed", twin)
    assert "All letters have been printed" in page.words("print")
    page.session.close()
    assert register(folder) == register(twin)


@pytest.mark.parametrize(
    ("order", "names"),
    everyday(
        [
            ({}, ["Ana Ruiz … Chidi Obi"]),
            ({"names": "Bo Berg\nChidi Obi"}, ["Bo Berg … Chidi Obi"]),
            ({"grouping": "per-signer", "names": "Bo Berg"}, ["Bo Berg"]),
            ({"by": "recipient", "names": "Consul Roy"}, ["Consul Roy"]),
        ],
        daily=range(2),
    ),
)
def test_a_print_file_is_listed_with_the_people_of_its_piles(
    page: Page, order: dict[str, str], names: list[str]
) -> None:
    page.post("print/make", **USUAL | order)
    tree = page.see("print")
    assert [" ".join(one.get_text().split()) for one in tree.select(".batches .whose")] == names


@pytest.mark.slow
def test_every_choice_of_the_print_form_is_an_option_of_the_command(
    page: Page, folder: Path
) -> None:
    twin = folder.with_name("twin")
    shutil.copytree(folder, twin)
    chosen = {
        "names": "Ana Ruiz\n bo  berg \n",
        "by": "recipient",
        "grouping": "per-signer",
        "sides": "two",
        "envelopes": "DL",
        "labels": "L7160",
        "start": "5",
        "return_to_signer": "on",
    }
    page.post("print/make", **chosen)
    merge(
        *("print", twin, "--for", "Ana Ruiz", "--for", "Bo Berg", "--by", "recipient"),
        *("--per-signer", "--two-sided", "--envelopes", "DL", "--labels", "L7160"),
        *("--start", "5", "--return-to-signer"),
    )
    assert files(folder) == files(twin)
    assert "Envelopes DL.docx" in files(folder)
    page.post("print/make", **USUAL, parcels="on", without_letters="on")
    merge("print", twin, "--no-letters", "--parcels")
    assert files(folder) == files(twin)
    assert "Parcels.docx" in files(folder)


def test_counting_pages_creates_no_print_files(page: Page, folder: Path) -> None:
    with unchanged(folder):
        page.post("print/make", **USUAL, do="count")
        words = page.words("print")
    assert "6 letters would be printed. Nothing has been created yet" in words
    assert "01 Ana Ruiz - Chidi Obi 3 6" in words


def _batch_of(page: Page, name: str) -> str:
    [key] = [
        str(form.select("input[name=batch]")[0]["value"])
        for item in page.see("print").select(".batches > *")
        if name in item.get_text()
        for form in item.select("form")[:1]
    ]
    return key


@pytest.mark.slow
def test_marking_one_print_file_marks_exactly_its_letters(page: Page, folder: Path) -> None:
    page.post("print/make", **USUAL, names="Ana Ruiz")
    page.post("print/make", **USUAL, names="Bo Berg")
    first = _batch_of(page, "Ana Ruiz")
    second = _batch_of(page, "Bo Berg")
    assert first != second  # created within one minute
    page.post("print/printed", batch=first, do="day", day="2026-01-05", any_day="on")
    assert printed_days(folder) == ["2026-01-05", "2026-01-05", "", "", "", ""]
    page.post("print/printed", batch=second, do="today", day="2026-01-05")
    assert printed_days(folder) == [*["2026-01-05"] * 2, *[str(TODAY)] * 2, "", ""]


@pytest.mark.slow
def test_a_letter_that_changed_since_printing_is_not_marked(page: Page, folder: Path) -> None:
    page.post("print/make", **USUAL)
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    wait_for(lambda: "1 letter has changed since then and is excluded" in page.words("print"))
    page.post("print/printed", batch=batch_keys(page), do="today")
    assert sum(map(bool, printed_days(folder))) == 5
    assert [one.get_text() for one in page.see("print").select("#picture-name")] == ["1 letter"]
    page.post("print/make", **USUAL, since_last="on")
    page.post("print/printed", batch=batch_keys(page), do="today")
    assert sum(map(bool, printed_days(folder))) == 6


def test_a_future_date_is_refused_when_marking_print_files(page: Page, folder: Path) -> None:
    page.post("print/make", **USUAL)
    for day in ("2999-01-01", "soon"):
        answer = page.post("print/printed", batch=batch_keys(page), do="day", day=day)
        assert answer.status_code == 422
    assert printed_days(folder) == [""] * 6


@pytest.mark.slow
def test_marking_a_print_file_can_be_undone(page: Page, folder: Path) -> None:
    page.post("print/make", **USUAL)
    page.post("print/printed", batch=batch_keys(page), do="today")
    undo = page.see("print").select_one("#errand form[action$='paper/undo'] input[name=number]")
    assert undo
    answer = page.post("paper/undo", number=undo["value"], next=f"/c/{page.key}/print")
    assert answer.headers["Location"].endswith("/print")
    assert printed_days(folder) == [""] * 6


@pytest.mark.slow
def test_print_files_are_not_marked_while_the_register_is_open(page: Page, folder: Path) -> None:
    page.post("print/make", **USUAL)
    keys = batch_keys(page)
    (folder / "~$register.xlsx").write_bytes(b"open")
    buttons = page.see("print").select("form[action$='print/printed'] button")
    assert buttons
    assert all(one.has_attr("disabled") for one in buttons)
    page.post("print/printed", batch=keys, do="today")
    assert "is open in another program" in page.words("print")
    assert printed_days(folder) == [""] * 6


# Letters that cannot be printed


def test_missing_or_outdated_letters_are_reported_before_printing(
    tmp_path: Path,
) -> None:
    with opened(make(tmp_path / "new")) as page:
        assert "4 letters have not been created yet" in page.words("print")
        page.post("print/make", **USUAL)
        assert "Nothing was created: resolve these problems first" in page.words("print")
        assert not (tmp_path / "new" / "print").exists()
    change_template(folder := make_six_letters(tmp_path / "old"))
    with opened(folder) as page:
        assert "letters are out of date" in page.words("print")
        assert page.see("print").select("#ready a[href$='/letters/make']")


@pytest.mark.slow
def test_an_edited_letter_with_changed_data_is_printed_as_is_if_staff_agree(
    page: Page, folder: Path
) -> None:
    edit_letter_and_template(folder)
    page.session.request_rescan()
    wait_for(lambda: "1 letter was edited and its data has changed" in page.words("print"))
    tree = page.see("print")
    assert tree.select("#ready a[href$='/decide']")
    box = tree.select_one("form[action$='as-it-is'] input[name=letter]")
    assert box
    page.post("print/as-it-is", letter=box["value"])
    assert "its data has changed" not in page.words("print")
    page.post("print/make", **USUAL)
    assert "ready to print" in page.words("print")
    assert files(folder) != []


@pytest.mark.slow
def test_letters_that_cannot_be_printed_can_be_skipped(page: Page, folder: Path) -> None:
    copy_letter(folder)
    page.session.request_rescan()
    wait_for(lambda: "Resolve these problems first" in page.words("print"))
    page.post("print/make", **USUAL)
    assert files(folder) == []
    page.post("print/make", **USUAL, skip_errors="on")
    page.post("print/printed", batch=batch_keys(page), do="today")
    assert sum(map(bool, printed_days(folder))) == 5


# The form and its results


MISTAKES: list[tuple[dict[str, str], str]] = [
    ({"sheets": "0"}, "Enter a valid number"),
    ({"sheets": "٣x"}, "Enter a valid number"),
    ({"labels": "L7160", "start": "22"}, "Enter a valid number"),
    ({"names": "Nobody Here"}, "Nobody Here"),
]


def test_a_mistake_in_the_print_form_is_reported_and_nothing_typed_is_lost(
    page: Page, folder: Path
) -> None:
    for wrong, words in MISTAKES:
        with unchanged(folder):
            answer = page.post("print/make", **{**USUAL, "by": "recipient", **wrong})
        assert answer.status_code == 422, wrong
        text = answer.get_data(as_text=True)
        assert words in text
        assert "--" not in text.partition('role="alert"')[2].partition("</div>")[0]
        assert 'name="by" value="recipient" checked' in text
        for value in wrong.values():
            assert value == "on" or value in text


def test_without_libreoffice_the_print_screen_says_what_still_works(page: Page) -> None:
    words = page.words("print")
    assert "LibreOffice is not installed, so each letter is assumed to have 1 page" in words
    assert page.see("print").select("#pdf[disabled]")
    page.post("print/make", **USUAL, pdf="on")
    assert "LibreOffice is not installed, so no PDF can be created" in page.words("print")


@needs_libreoffice
@pytest.mark.libreoffice
@pytest.mark.slow
def test_with_libreoffice_pages_are_counted_and_pdfs_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", PATH)
    folder = make_six_letters(tmp_path / "campaign")
    with opened(folder) as page:
        form = {**USUAL, "pdf": "on", "envelopes": "DL"}
        page.client.post(f"/c/{page.key}/print/make", data=form)
        wait_for(lambda: not page.session.status.task_name, 180)
        assert [name[-4:] for name in files(folder)] == ["docx", ".pdf"] * 2
        assert "2 files are ready to print" in page.words("print")
        buttons = page.see("print").select(".files li:last-child button")
        assert [folded(one.get_text(" ")) for one in buttons] == [
            "Open Envelopes DL.docx",
            "Open PDF Envelopes DL.pdf",
        ]


def test_a_stopped_print_task_says_so(page: Page, folder: Path) -> None:
    page.client.post(f"/c/{page.key}/print/make", data=USUAL)
    page.session.cancel_task()
    page.rest()
    words = page.words("print")
    assert "Stopped" in words or "ready to print" in words
    assert not [*(folder / "print").glob(".*")]


def _chosen(page: Page) -> dict[str, object]:
    """The choices in the form of the screen."""
    order = page.see("print").select_one("#order")
    assert order
    found: dict[str, object] = {}
    for one in order.select("input[checked]"):
        found[str(one["name"])] = one.get("value", "on")
    for one in order.select("option[selected]"):
        found[str(one.parent["name"] if one.parent else "")] = one["value"]
    return found


@pytest.mark.parametrize("end", everyday(["stopped", "counted", "settle first"]))
def test_print_choices_stay_after_a_stop_a_count_or_an_error(
    page: Page, folder: Path, end: str
) -> None:
    usual = _chosen(page)
    order: dict[str, object] = {
        "by": "recipient",
        "sides": "one",
        "covers": "none",
        "envelopes": "DL",
        "parcels": "on",
    }
    if end == "settle first":
        merge("letters", folder)  # this computer has seen the letters
        edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
        (folder / "letters" / "Ana Ruiz" / "Minister Li.docx").unlink()
        page.session.request_rescan()
        wait_for(lambda: "Resolve these problems first" in page.words("print"))
    sent = {**order, **({"do": "count"} if end == "counted" else {})}
    with FileLock(folder / "letters" / ".merge-lock") if end == "stopped" else nullcontext():
        page.client.post(f"/c/{page.key}/print/make", data=sent)
        if end == "stopped":
            page.session.cancel_task()
        page.rest()
    assert ("Stopped No print files were created." in page.words("print")) is (end == "stopped")
    choices = _chosen(page)
    assert {name: choices.get(name) for name in order} == order
    assert (usual["covers"], choices["covers"]) == ("auto", "none")
    if end == "settle first":
        merge("letters", folder)
        page.session.request_rescan()
    page.rest()
    page.post("print/make", **order)
    assert "ready to print" in page.words("print")
    assert {**_chosen(page), "do": ""} == {**choices, "since_last": "on", "do": ""}


@pytest.mark.parametrize("day", ["1926-11-29", "2999-01-01"])
def test_a_refused_print_date_is_asked_about_at_its_field(page: Page, day: str) -> None:
    page.post("print/make", **USUAL)
    order = {"by": "recipient", "sides": "one", "envelopes": "DL", "parcels": "on"}
    (key,) = batch_keys(page)
    sent = {"batch": key, "do": "day", "day": day, "order": urlencode(order)}
    answer = page.post("print/printed", **sent)
    tree = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    (alert,) = tree.select("main [role=alert]")
    field = tree.select_one(f"details[open] #day-{key}")
    assert field
    assert alert.find_parent("details") is field.find_parent("details")
    assert field["value"] == day
    assert _chosen(page).items() >= order.items()


def test_the_row_that_staff_add_for_a_return_address_is_named(page: Page) -> None:
    help_text = page.see("print").select_one("#return-help")
    assert help_text
    assert (
        "the Return address row of the Settings sheet is used. Add this row" in help_text.get_text()
    )


def test_print_choices_stay_after_a_deletion_but_no_names(page: Page) -> None:
    order = {"by": "recipient", "sides": "two", "names": "Ana Ruiz", "since_last": "on"}
    order["covers"] = "all"
    page.post("print/choices", **order)
    page.post("erase/find", name="Ana Ruiz")
    token = page.see("erase").select_one("[name=token]")
    assert token
    page.post("erase/person", token=token["value"], sure="on")
    chosen = _chosen(page)
    assert {name: chosen.get(name) for name in order} == {**order, "names": None}
    assert chosen["covers"] == "all"
    assert "Ana Ruiz" not in str(page.see("print").select_one("#names"))


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_a_print_choice_stays_if_the_screen_is_left_at_once(browser: Chrome, folder: Path) -> None:
    with live(folder, browser) as shown:
        shown.go("print")
        browser.execute_script(
            "document.getElementById('by-recipient').click();"
            "document.querySelector('a[href$=\"/data\"]').click()"
        )
        shown.wait(lambda driver: driver.current_url.endswith("/data"), "Data")
        shown.go("print")
        assert shown.find("#by-recipient").is_selected()


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_the_browser_sends_print_choices_along_with_a_refused_date(
    browser: Chrome, folder: Path
) -> None:
    merge("print", folder)
    with live(folder, browser) as shown:
        shown.go("print")
        shown.find("#by-recipient").click()
        shown.find("[id^=day-of] summary").click()
        browser.execute_script(
            "arguments[0].value = '1926-11-29'", shown.find(".batches [name=day]")
        )
        shown.press("Yes, printed on this date")
        shown.says("This date is before the first letter")
        assert shown.find("#by-recipient").is_selected()
        assert shown.find(".batches [name=day]").get_attribute("value") == "1926-11-29"
        assert all("422" in message for message in console(browser))


@pytest.mark.slow
def test_no_print_task_starts_while_another_task_is_running(page: Page, folder: Path) -> None:
    page.post("print/make", **USUAL)
    keys, goes_on = batch_keys(page), threading.Event()

    def work(_campaign: Campaign, _task: Task) -> None:
        goes_on.wait(30)

    page.session.submit_with_campaign("letters", work)
    answers = [
        page.client.post(f"/c/{page.key}/print/make", data=USUAL),
        page.client.post(f"/c/{page.key}/print/printed", data={"batch": keys, "do": "today"}),
    ]
    goes_on.set()
    page.rest()
    assert [answer.status_code for answer in answers] == [409, 409]
    assert printed_days(folder) == [""] * 6


@pytest.mark.posix("the program of this test")
def test_only_created_print_files_are_opened_by_their_number(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, program = tmp_path / "seen", tmp_path / "opener"
    program.write_text(f'#!/bin/sh\n/bin/echo "$1" >> "{seen}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("MERGE_OPENER", str(program))
    assert page.post("print/file/0").status_code == 404
    page.post("print/make", **USUAL)
    assert page.post("print/file/0").status_code == 303
    assert page.post("print/folder").status_code == 303
    assert page.post("print/file/1").status_code == 404
    wait_for(lambda: len(seen.read_text().splitlines()) == 2)
    name, place = (Path(line) for line in seen.read_text().splitlines())
    assert name.parent == place
    assert name.suffix == ".docx"


# The picture of the pile


def _picture(page: Page) -> dict[str, str]:
    """The numbers in the picture, by their names."""
    tree = page.see("print").select("#picture dl > *")
    texts = [folded(one.get_text(" ")) for one in tree]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def test_the_picture_of_the_pile_has_the_numbers_of_the_print_files(page: Page) -> None:
    assert _picture(page) == {
        "From": "3 signers",
        "To": "2 recipients",
        "Piles": "3",
        "Pages": "6 assumed, not counted",
        "Sheets": "6, one-sided",
        "Files": "1",
    }
    page.post("print/choices", **USUAL)
    assert {"Cover sheets": "4", "Sheets": "10, one-sided"}.items() <= _picture(page).items()
    assert "Cover sheets add 4 sheets, including the first page" in page.words("print")
    page.post("print/make", **USUAL, do="count")
    rows = page.see("print").select("#errand tbody tr")
    assert [cell.get_text() for cell in rows[0].select("td")] == ["3", "6", "10"]


def test_the_picture_of_the_pile_follows_the_choices(page: Page) -> None:
    chosen = {"by": "recipient", "sides": "two", "envelopes": "DL", "labels": "L7160"}
    answer = page.post("print/choices", **chosen, start="20", names="Ana Ruiz", parcels="on")
    assert answer.status_code == 204
    assert _picture(page) == {
        "From": "1 signer",
        "To": "2 recipients",
        "Piles": "2",
        "Pages": "2 assumed, not counted",
        "Sheets": "2, two-sided",
        "Envelopes": "2",
        "Label sheets": "1",
        "Parcels": "2",
        "Files": "4",
        "First address": "Minister Li CHINA",
    }
    (row,) = page.see("print").select("#picture pre")
    lines = ("{{ recipient.name }}", "{{ recipient.country }}")
    assert row.get_text() == 'Envelope address\t"{}\n{}"'.format(*lines)
    assert page.see("print").select("#more[open]")
    page.post("print/choices", without_letters="on", envelopes="DL")
    assert {"Envelopes": "6", "Files": "1"}.items() <= _picture(page).items()
    assert "Sheets" not in _picture(page)


def test_the_picture_counts_only_parcels_that_are_created(page: Page, folder: Path) -> None:
    chosen = {"parcels": "on", "without_letters": "on"}
    page.post("print/choices", **chosen)
    assert "Parcels" not in _picture(page)  # nothing is printed yet
    assert merge("mark", "printed", folder, "--for", "Minister Li", "--all").code == 0
    page.session.request_rescan()
    wait_for(lambda: _picture(page).get("Parcels") == "1")
    page.post("print/make", **USUAL, **chosen)
    (parcels,) = (folder / "print").rglob("Parcels.docx")
    assert texts(parcels.read_bytes()).count("Receipt") == 1


def test_the_choice_of_sides_says_how_many_letters_have_more_than_one_page(
    page: Page, folder: Path
) -> None:
    assert page.see("print").select("#sides-note[hidden]")
    make(folder, Settings=[["Name", "Value"], ["Pages", 2]], Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    page.session.request_rescan()
    wait_for(lambda: not page.see("print").select("#sides-note[hidden]"))
    assert "2 of 2 letters have more than one page. One-sided: 4 sheets. Two-sided: 2 sheets." in (
        page.words("print")
    )


def test_the_picture_of_the_pile_refuses_an_unknown_name_or_number(page: Page) -> None:
    for wrong in ({"names": "Nobody"}, {"sheets": "0"}):
        page.post("print/choices", **{**USUAL, **wrong})
        assert "Nothing can be counted" in page.words("print")


def test_the_picture_of_the_pile_counts_letters_that_cannot_be_printed(
    page: Page, folder: Path
) -> None:
    merge("letters", folder)  # this computer has seen the letters
    (folder / "letters" / "Ana Ruiz" / "Minister Li.docx").unlink()
    page.session.request_rescan()
    wait_for(lambda: "1 letter cannot be printed" in page.words("print"))
    assert page.see("print").select("#picture a[href='#settle-name']")
    assert page.see("print").select("#settle-name")


@pytest.mark.posix("the program of this test")
def test_a_print_file_is_opened_before_letters_are_marked_as_printed(
    page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERGE_OPENER", "/bin/true")

    def primary() -> list[str]:
        buttons = page.see("print").select("main button:not(.quiet):not(.danger)")
        return [folded(str(button.get_text(" "))) for button in buttons]

    assert primary() == ["Create print files"]
    page.post("print/make", **USUAL)
    [name] = [path.name for path in (folder / "print").glob("*/*.docx")]
    assert primary() == [f"Open {name}"]
    icon = page.see("print").select_one(".files img")
    assert icon
    assert icon["alt"] == "Word"
    page.post("print/file/0")
    assert primary() == ["Mark all as printed"]
    page.session.dismiss()
    assert primary()[0].startswith("Yes, printed today")


@needs_browser
@pytest.mark.slow
def test_the_browser_draws_the_pile_again_when_a_choice_changes(
    folder: Path, browser: Chrome
) -> None:
    with live(folder, browser) as shown:
        shown.go("print")
        shown.find("#covers-all").click()
        shown.wait(lambda _: "Cover sheets" in shown.find("#picture").text, "the picture")
        shown.go("data")
        shown.go("print")
        assert shown.find("#covers-all").is_selected()
        button = shown.find("#make-buttons button")
        assert button.location["y"] + button.size["height"] < 757


# The screen


def test_looking_at_the_print_screen_changes_nothing(page: Page, folder: Path) -> None:
    page.post("print/make", **USUAL)
    with unchanged(folder):
        tree = page.see("print")
        assert len(tree.find_all("h1")) == 1
        assert "Ana" not in folded(tree.title.get_text())  # type: ignore[union-attr]
        found = [one["id"] for one in tree.select("[id]")]
        assert len(found) == len({*found})
        assert len(tree.select("main button:not(.quiet):not(.danger):not([disabled])")) == 1


def test_unknown_print_files_and_letters_are_not_found(page: Page) -> None:
    assert page.post("print/printed", batch="ffffffffffffffff", do="today").status_code == 404
    assert page.post("print/printed").status_code == 404
    assert page.post("print/as-it-is", letter="ffffffffffffffff").status_code == 404
    for path in ("make", "as-it-is", "printed", "file/0", "folder"):
        assert page.get(f"print/{path}").status_code == 405


def test_the_print_screen_of_an_unreadable_or_closed_campaign_says_so(folder: Path) -> None:
    merge("mark", "posted", folder, "--all")
    merge("close", folder, "--yes")
    with opened(folder) as page:
        assert "Nothing left to print" in page.words("print")
        page.post("print/make", **USUAL)
        assert "was closed on" in page.words("print")
    (folder / "signers.xlsx").write_bytes(b"no workbook")
    with opened(folder) as page:
        assert "cannot be read" in page.words("print")
        assert page.post("print/make", **USUAL).headers["Location"].endswith("/print")


def test_print_files_are_listed_newest_first_and_by_number() -> None:
    run, later = dt.datetime(2026, 11, 26, 14, 30), dt.datetime(2026, 12, 3, 9, 5)  # noqa: DTZ001
    at_once = run.replace(second=7, microsecond=1)
    batches = [PrintedBatch(2, run), PrintedBatch(1, later), PrintedBatch(1, run)]
    assert [str(one) for one in newest_first([*batches, PrintedBatch(1, at_once)])] == [
        "01, 3 Dec 2026, 09.05",
        "01, 26 Nov 2026, 14.30.07",
        "01, 26 Nov 2026, 14.30",
        "02, 26 Nov 2026, 14.30",
    ]
