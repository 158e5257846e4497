"""Sign and post screen: marks in the register equal those of `merge mark`."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support.axe import ViewingMode, emulate
from support.browsers import console, live, needs_browser
from support.campaigns import make, make_with_letters, merge
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.pages import Page, folded, opened, unchanged, wait_for
from support.printed_campaigns import make_printed
from support.registers import MEMORY, excel, register_rows

from merge.campaign.campaign import Campaign
from merge.campaign.task import Task
from merge.page.routes import paper

TODAY = dt.datetime.now().astimezone().date().isoformat()
STAGES = ("Printed", "Signed", "Posted", "Answered")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_made_folder(make_printed, tmp_path / "campaign")


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    with opened(folder) as page:
        yield page


def ids(folder: Path, who: str = "") -> list[str]:
    return [
        row["ID"] for row in register_rows(folder) if who in {"", row["Signer"], row["Recipient"]}
    ]


def shown_rows(folder: Path) -> list[dict[str, Any]]:
    """The rows of the register, without the hidden records, which have random tokens."""
    return [
        {name: cell for name, cell in row.items() if name != MEMORY}
        for row in register_rows(folder)
    ]


def days(folder: Path, stage: str) -> list[str]:
    return [str(row[stage])[:10] if row[stage] else "" for row in register_rows(folder)]


def link_to(page: Page, name: str, stage: str) -> str:
    """The address of a person's letters, below the campaign's."""
    answer = page.post("paper/find", name=name, stage=stage)
    assert answer.status_code == 303
    assert name.partition(" ")[0] not in answer.headers["Location"].partition("stage")[2]
    return answer.headers["Location"].partition(f"/c/{page.key}/")[2]


def person_of(path: str) -> str:
    return path.partition("person=")[2].partition("&")[0]


# The field


@pytest.mark.slow
def test_a_name_typed_as_a_short_id_shows_the_persons_pile(page: Page) -> None:
    answer = page.post("paper/typed", ids="consul  ROY", stage="Signed", do="mark")
    assert answer.headers["Location"].endswith("#pile")
    path = answer.headers["Location"].partition(f"/c/{page.key}/")[2].partition("#")[0]
    tree = page.see(path)
    assert "Consul Roy" in tree.select("#pile-name")[0].get_text()
    assert "Not marked" not in page.words(path)
    page.post("paper/typed", ids="nobody at all", stage="Signed", do="mark")
    assert "Not marked nobody" in page.words("paper?stage=Signed")
    one = tree.select("#pile input[name=letter]")[0]["value"]
    page.post("paper/mark", letter=one, stage="Printed", do="today")
    assert "Not marked" not in page.words("paper?stage=Signed")


def test_a_typed_short_id_marks_its_letter_as_the_command_does(page: Page, folder: Path) -> None:
    twin = folder.with_name("twin")
    shutil.copytree(folder, twin)
    one, two, *_ = ids(folder)
    answer = page.post("paper/typed", stage="Printed", ids=f" #{one[:4].upper()}, {two}")
    assert answer.status_code == 303
    merge("mark", "printed", twin, "--letter", one, "--letter", two)
    page.session.close()
    assert shown_rows(folder) == shown_rows(twin)
    assert merge("status", folder, "--json").json == merge("status", twin, "--json").json
    assert "2 entries in this session" in page.words("paper?stage=Printed")


@pytest.mark.slow
def test_only_the_latest_mark_is_undone(page: Page, folder: Path) -> None:
    one, two, *_ = ids(folder)
    page.post("paper/typed", stage="Printed", ids=one)
    page.post("paper/typed", stage="Printed", ids=two)
    page.post("paper/undo", number="2", next="/")
    assert days(folder, "Printed") == [TODAY, "", "", ""]
    page.post("paper/undo", number="2", next="/")  # pressed twice
    assert days(folder, "Printed") == [TODAY, "", "", ""]
    page.post("paper/undo", number="1", next="/")
    assert days(folder, "Printed") == [""] * 4
    assert "0 entries in this session" in page.words("paper")


def test_the_notice_about_a_mark_has_a_button_to_undo_it(page: Page, folder: Path) -> None:
    one, two, three, _ = ids(folder)
    page.post("paper/typed", stage="Printed", ids=f"{one} {two}")  # undone one by one: in the list
    tree = page.see("paper?stage=Printed")
    assert "2 letters marked as printed." in folded(tree.get_text(" "))
    assert not tree.select("#undo-told")
    page.post("paper/typed", stage="Printed", ids=three)
    number = page.see("paper?stage=Printed").select_one("form:has(#undo-told) input[name=number]")
    assert number
    page.post("paper/undo", number=str(number["value"]), stage="Printed")
    assert days(folder, "Printed") == [TODAY, TODAY, "", ""]
    assert not page.see("paper?stage=Printed").select("#undo-told")


def test_an_unknown_short_id_is_reported_and_the_others_are_marked(
    page: Page, folder: Path
) -> None:
    one = ids(folder)[0]
    page.post("paper/typed", stage="Printed", ids=f"zzzz {one[:6]}")
    words = page.words("paper?stage=Printed")
    assert "Not marked zzzz No letter has this short ID" in words
    assert days(folder, "Printed") == [TODAY, "", "", ""]


def test_both_fields_for_a_date_have_one_label_and_a_short_id_its_own_heading(
    page: Page, folder: Path
) -> None:
    page.post("paper/typed", stage="Signed", ids=ids(folder)[0], do="show")
    tree = page.see(f"paper?stage=Signed&letter={ids(folder)[0]}")
    labels = [tree.select_one(f"label[for={name}]") for name in ("typed-day", "pile-day")]
    assert [label and label.get_text() for label in labels] == ["Date, if not today"] * 2
    heading = tree.select_one("#pile th")
    assert heading
    assert heading.get_text() == "Short ID"


@pytest.mark.slow
def test_the_result_of_a_typed_id_is_shown_below_the_field(page: Page, folder: Path) -> None:
    one = next(row for row in register_rows(folder) if row["Signer"] == "Bo Berg")
    page.post("paper/typed", stage="Signed", ids=one["ID"][:4])
    notice = page.see("paper?stage=Signed").select_one(".typing #told")
    assert notice
    names = f"Signed {one['ID'][:4]} Bo Berg to {one['Recipient']}"
    assert names in folded(notice.get_text(" "))
    assert notice.select(".good")
    page.post("paper/typed", stage="Signed", ids=one["ID"][:4])
    again = page.see("paper?stage=Signed").select_one("#told")
    assert again
    assert "was already marked as signed on" in folded(again.get_text(" "))
    assert not again.select(".good")


@pytest.mark.slow
def test_an_earlier_date_in_the_register_is_named_without_a_warning(
    page: Page, folder: Path
) -> None:
    one, two, *_ = ids(folder)
    page.post("paper/typed", stage="Signed", ids=one, day="2026-01-05", any_day="on")
    page.post("paper/typed", stage="Signed", ids=f"{one} {two}")
    notice = page.see("paper?stage=Signed").select_one("#told")
    assert notice
    words = folded(notice.get_text(" "))
    assert "was already marked as signed on 5 Jan 2026" in words
    assert f"Signed {two[:4]} " in words
    assert "already has another value" not in words
    assert days(folder, "Signed")[0] == "2026-01-05"


@pytest.mark.parametrize("where", everyday(["typed", "mark", "print"]))
def test_a_date_before_the_first_letter_must_be_confirmed(
    where: str, page: Page, folder: Path
) -> None:
    one, day = ids(folder)[0], "1926-11-29"
    (batch,) = {f["value"] for f in page.see("print").select("form[action$=printed] [name=batch]")}
    path, fields = {
        "typed": ("paper/typed", {"stage": "Printed", "ids": one}),
        "mark": ("paper/mark", {"stage": "Printed", "letter": one, "shown": one, "do": "day"}),
        "print": ("print/printed", {"batch": str(batch), "do": "day"}),
    }[where]
    answer = page.post(path, **fields, day=day)
    assert answer.status_code == 422
    tree = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    assert (
        "This date is before the first letter was created"
        in tree.select("[role=alert]")[0].get_text()
    )
    assert len(tree.select("form input[name=any_day]")) == 1
    assert tree.select(f"input[name=day][value='{day}']")
    assert {*days(folder, "Printed")} == {""}
    assert page.post(path, **fields, day=day, any_day="on").status_code == 303
    assert day in days(folder, "Printed")


@pytest.mark.parametrize("day", ["0026-11-29", "1900-02-28", "29.11.2026\x00", "2099-01-01"])
def test_an_invalid_date_is_refused_when_marking(day: str, page: Page, folder: Path) -> None:
    one = ids(folder)[0]
    for path, more in (("paper/typed", {"ids": one}), ("paper/mark", {"letter": one, "do": "day"})):
        answer = page.post(path, stage="Signed", day=day, any_day="on", **more)
        assert answer.status_code == 422
        assert "Enter a valid date" in answer.get_data(as_text=True)
    assert {*days(folder, "Signed")} == {""}


@pytest.mark.slow
def test_enter_in_the_date_field_marks_with_that_date(page: Page, folder: Path) -> None:
    pile = page.see(link_to(page, "Consul Roy", "Printed")).select_one("#pile form")
    batch = page.see("print").select_one("form:has([name=batch]):has([name=day])")
    for form in filter(None, (pile, batch)):
        first = form.select("button")[0]  # what a browser presses for Enter
        fields = {str(one["name"]): str(one["value"]) for one in form.select("[type=hidden]")}
        fields |= {"letter": ids(folder)[0], str(first["name"]): str(first["value"])}
        fields |= {"day": "1926-11-29", "any_day": "on"}
        assert (
            page.post(str(form["action"]).partition(f"{page.key}/")[2], **fields).status_code == 303
        )
        assert {*days(folder, "Printed")} <= {"", "1926-11-29"}
    assert pile
    assert batch
    assert {*days(folder, "Printed")} == {"1926-11-29"}


def test_a_control_character_in_a_tracking_number_is_refused(page: Page, folder: Path) -> None:
    fields = {"stage": "Posted", "letter": ids(folder)[0], "do": "today"}
    answer = page.post("paper/mark", **fields, tracking="RR\x07 12")
    assert answer.status_code == 422
    assert "The tracking number contains a line break" in answer.get_data(as_text=True)
    assert {*days(folder, "Posted")} == {""}
    assert page.post("paper/mark", **fields, tracking="RR 12").status_code == 303
    assert register_rows(folder)[0]["Tracking number"] == "RR 12"


@pytest.mark.slow
def test_an_unknown_short_id_stays_in_the_field(page: Page, folder: Path) -> None:
    page.post("paper/typed", stage="Signed", ids=f"zzzz {ids(folder)[0]}")
    tree = page.see("paper?stage=Signed")
    assert tree.select("#asked .problem.error")
    assert tree.select("#ids[value=zzzz]")
    page.post("paper/typed", stage="Signed", ids=ids(folder)[1])
    assert page.see("paper?stage=Signed").select('#ids[value=""]')


@pytest.mark.slow
def test_a_key_hit_by_accident_marks_nothing(page: Page, folder: Path) -> None:
    one = ids(folder)[0]
    page.post("paper/typed", stage="Printed", ids=one[:3])
    assert days(folder, "Printed") == [""] * 4
    tree = page.see("paper?stage=Printed")
    assert "too short to be certain" in folded(tree.get_text(" "))
    assert tree.find("input", {"name": "ids", "value": one})


@pytest.mark.slow
def test_an_ambiguous_short_id_is_asked_about_and_never_guessed(tmp_path: Path) -> None:
    folder = make(tmp_path / "many", Signers=[["Name"], *([f"Signer {n}"] for n in range(600))])
    merge("letters", folder)
    found: dict[str, list[str]] = {}
    for one in ids(folder):
        found.setdefault(one[:4], []).append(one)
    short, both = next((short, both) for short, both in found.items() if len(both) == 2)
    with opened(folder) as page:
        page.post("paper/typed", stage="Printed", ids=short)
        assert not any(days(folder, "Printed"))
        tree = page.see("paper?stage=Printed")
        assert "Which one is it?" in folded(tree.get_text(" "))
        offered = {one["value"] for one in tree.select("#asked input[name=ids]")}
        assert offered == {*both}
        page.post("paper/typed", stage="Printed", ids=both[1])
        assert [i for i, day in zip(ids(folder), days(folder, "Printed"), strict=True) if day] == [
            both[1]
        ]


def test_find_without_marking_marks_nothing(page: Page, folder: Path) -> None:
    one = ids(folder)[0]
    with unchanged(folder):
        answer = page.post("paper/typed", stage="Signed", ids=one[:5], do="show")
        path = answer.headers["Location"].partition(f"/c/{page.key}/")[2]
        tree = page.see(path)
    assert [row.get_text() for row in tree.select("#pile tbody th bdi")] == [one[:4]]


def test_another_date_is_recorded_and_a_future_one_is_refused(page: Page, folder: Path) -> None:
    one, two, *_ = ids(folder)
    page.post("paper/typed", stage="Answered", ids=one, day="2026-01-05", any_day="on")
    assert days(folder, "Answered") == ["2026-01-05", "", "", ""]
    for day in ("2999-01-01", "0005-01-01", "yesterday"):
        answer = page.post("paper/typed", stage="Answered", ids=two, day=day)
        assert answer.status_code == 422
        assert f'value="{two}"' in answer.get_data(as_text=True)
    assert days(folder, "Answered") == ["2026-01-05", "", "", ""]


def test_a_skipped_stage_is_reported_when_marking(page: Page, folder: Path) -> None:
    page.post("paper/typed", stage="Posted", ids=ids(folder)[0])
    words = page.words("paper?stage=Posted")
    assert f"Posted {ids(folder)[0][:4]} " in words
    assert "1 letter is not marked as signed yet" in words


def test_letters_that_were_never_created_cannot_be_marked(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path / "campaign")
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        sheet.append(["Marisol Quispe"])
    with opened(folder) as page:
        tree = page.see(link_to(page, "Marisol Quispe", "Printed"))
        assert tree.select("#pile input[type=checkbox]") == []
        assert "not created yet" in folded(tree.get_text(" "))
        view = page.session.snapshot.view
        assert view
        new = next(p.record.id for p in view.letters if not p.file_path)
        page.post("paper/typed", stage="Printed", ids=new)
        assert "1 letter has not been created and cannot be marked" in page.words("paper")
    assert days(folder, "Printed") == [""] * 4


# Piles


@pytest.mark.slow
def test_selected_letters_of_a_recipient_are_posted_with_a_tracking_number(
    page: Page, folder: Path
) -> None:
    twin = folder.with_name("twin")
    merge("mark", "printed", folder)
    merge("mark", "signed", folder)
    page.session.request_rescan()
    wait_for(lambda: "4 letters are signed but not posted" in page.words("paper?stage=Posted"))
    shutil.copytree(folder, twin)
    tree = page.see(path := link_to(page, "consul  ROY", "Posted"))
    ticked = [one["value"] for one in tree.select("#pile input[name=letter][checked]")]
    assert sorted(ticked) == sorted(ids(folder, "Consul Roy"))
    sent = {"stage": "Posted", "person": person_of(path), "do": "today"}
    answer = page.post("paper/mark", letter=ticked, tracking=" RR 12 ", **sent)
    assert f"person={person_of(path)}" in answer.headers["Location"]
    merge("mark", "posted", twin, "--for", "Consul Roy", "--tracking", "RR 12")
    page.session.close()
    assert shown_rows(folder) == shown_rows(twin)


@pytest.mark.slow
def test_the_result_of_marking_a_pile_is_shown_at_the_pile(page: Page, folder: Path) -> None:
    pile_ids = ids(folder, "Consul Roy")
    path = link_to(page, "Consul Roy", "Posted")
    sent = {"stage": "Posted", "person": person_of(path), "do": "today"}
    page.post("paper/mark", letter=pile_ids, tracking="RR 12", **sent)
    tree = page.see(path)
    notice = tree.select_one("#pile #told-pile")
    assert notice
    assert "2 letters marked as posted." in folded(notice.get_text(" "))
    assert "RR 12" in notice.get_text()
    assert not tree.select("#told *")
    assert all("RR 12" in row.get_text() for row in tree.select("#pile tbody tr"))
    page.post("paper/mark", letter=pile_ids, **sent)
    assert "2 letters were already marked." in page.words(path)
    assert not page.see("paper?stage=Answered").select(".told")
    other = page.see(link_to(page, "Minister Li", "Posted"))
    assert other.select("#told .told")
    assert not other.select("#pile .told")
    assert "Tracking number RR 12" in page.words(f"letter/{pile_ids[0]}")
    assert "Tracking number" not in page.words(f"letter/{ids(folder, 'Minister Li')[0]}")
    page.post("paper/mark", letter=pile_ids, **{**sent, "do": "undo"})
    assert "2 letters are no longer marked as posted." in page.words(path)
    assert "RR 12" not in page.words(path)


def test_an_older_tab_marks_only_the_number_of_waiting_letters_that_it_shows(
    page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "MAX_ROWS", 1)
    letter_ids = ids(folder)
    key = _first_batch(page)
    sent = {"stage": "Signed", "batch": key, "do": "all"}
    page.post("paper/mark", stage="Printed", letter=letter_ids[:2], do="today")
    before = page.see(f"paper?stage=Signed&batch={key}")
    page.post("paper/mark", stage="Printed", letter=letter_ids[2:], do="today")
    answer = page.post("paper/mark", **sent, waiting=_waiting(before))
    assert answer.status_code == 409
    assert "Other letters in this pile are waiting now" in answer.text
    assert not any(days(folder, "Signed"))
    shown_again = BeautifulSoup(answer.text, "html.parser")
    page.post("paper/mark", **sent, waiting=_waiting(shown_again))
    assert all(days(folder, "Signed"))


def _first_batch(page: Page) -> str:
    """The key of the first print file on the screen."""
    link = page.see("paper?stage=Printed").select_one("#heaps a")
    return str(link["href"]).partition("batch=")[2].partition("#")[0] if link else ""


def _waiting(tree: BeautifulSoup) -> str:
    """The token of the waiting letters that a pile shows."""
    field = tree.select_one("[name=waiting]")
    return str(field["value"]) if field else ""


@pytest.mark.slow
def test_a_complete_pile_is_marked_without_showing_its_rows(page: Page, folder: Path) -> None:
    twin = folder.with_name("twin")
    shutil.copytree(folder, twin)
    key = _first_batch(page)
    sent = {"stage": "Printed", "batch": key, "do": "all"}
    page.post("paper/mark", **sent, waiting=_waiting(page.see(f"paper?stage=Printed&batch={key}")))
    merge("mark", "printed", twin)
    page.session.close()
    assert shown_rows(folder) == shown_rows(twin)


@pytest.mark.slow
def test_the_list_of_piles_shows_how_many_are_done_and_the_next_pile(
    page: Page, folder: Path
) -> None:
    merge("mark", "printed", folder)
    page.post("paper/typed", stage="Signed", ids=ids(folder, "Ana Ruiz")[0])
    tree = page.see("paper?stage=Signed")
    piles = {folded(a.get_text(" ")): str(a["href"]) for a in tree.select("#heaps a")}
    assert {*piles} == {"Ana Ruiz 1 of 2 done", "Bo Berg 0 of 2 done"}
    first, last = piles.values()
    for shown, following in ((first, last), (last, first)):
        address = shown.partition("paper?")[2]
        tree = page.see(f"paper?{address}")
        assert tree.select("#heaps a[aria-current]")[0]["href"] == shown
        assert tree.select("#next-pile")[0]["href"] == following


@pytest.mark.slow
def test_the_next_pile_is_the_main_button_when_a_pile_is_done(page: Page, folder: Path) -> None:
    merge("mark", "printed", folder)
    path = link_to(page, "Ana Ruiz", "Signed")

    def main_buttons() -> list[str]:
        buttons = page.see(path).select("#pile .marks :is(button, .button):not(.quiet)")
        return [folded(one.get_text(" ")) for one in buttons]

    page.session.request_rescan()
    wait_for(lambda: main_buttons() == ["Mark as signed today"])
    page.post("paper/mark", stage="Signed", letter=ids(folder, "Ana Ruiz"), do="today")
    assert main_buttons() == ["Next pile: Bo Berg"]


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_all_letters_of_a_pile_are_selected_with_one_click(folder: Path, browser: Chrome) -> None:
    merge("mark", "printed", folder)
    with live(folder, browser) as shown:
        shown.go("paper?stage=Signed")
        shown.click("#heaps a")
        for expected in (0, 2):  # pending letters are selected at first
            shown.click("#select-all")
            assert (
                len(browser.find_elements(By.CSS_SELECTOR, "#pile [name=letter]:checked"))
                == expected
            )


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_a_pile_in_a_narrow_window_needs_no_scroll_bar(folder: Path, browser: Chrome) -> None:
    merge("mark", "printed", folder)
    with live(folder, browser) as shown, emulate(browser, ViewingMode("narrow", width=320)):
        shown.go("paper?stage=Signed")
        shown.click("#heaps a")
        box = shown.find("#pile .table-box")
        excess = "return arguments[0].scrollWidth - arguments[0].clientWidth"
        assert browser.execute_script(excess, box) <= 0
        label = "return getComputedStyle(arguments[0], '::before').content"
        stages = browser.find_elements(By.CSS_SELECTOR, "#pile .stage")
        seen = [browser.execute_script(label, one) for one in stages if one.is_displayed()]
        assert seen == ['"Printed"'] * 2
        shown.click("#select-all")
        shown.type("#ids", ids(folder)[0][:2], Keys.ENTER)
        shown.find("#asked button")
        assert browser.execute_script(excess, shown.find("html")) <= 0


@pytest.mark.slow
def test_staffs_own_dates_are_neither_overwritten_nor_removed(page: Page, folder: Path) -> None:
    page.see("paper")
    with excel(folder / "register.xlsx") as sheet:
        column = next(n for n, cell in enumerate(sheet[1], 1) if cell.value == "Signed")
        sheet.cell(2, column).value = "by Ana at home"
    every = ids(folder)
    page.post("paper/mark", stage="Signed", letter=every, do="today")
    assert days(folder, "Signed") == ["by Ana at ", TODAY, TODAY, TODAY]
    assert "1 letter was not marked" in page.words("paper")
    page.post("paper/mark", stage="Signed", letter=every, do="undo")
    assert days(folder, "Signed") == ["by Ana at ", "", "", ""]


_REFUSALS: dict[str, dict[str, Any]] = {
    "an early day": {"day": "1926-11-29", "do": "day"},
    "no day": {"day": "2099-01-01", "do": "day", "any_day": "on"},
    "a tracking number of two lines": {"day": "2026-01-05", "do": "day", "tracking": "RR\x07 9"},
    "nothing ticked": {"letter": [], "do": "today", "day": "2026-01-05"},
    "other work": {"do": "today"},
}


@pytest.mark.slow
@pytest.mark.parametrize("where", everyday(["person", "shown"]))
@pytest.mark.parametrize("why", everyday(_REFUSALS, daily=(0, 4)))
def test_a_pile_that_was_not_marked_is_shown_as_it_was_sent(
    why: str, where: str, page: Page, folder: Path
) -> None:
    path = link_to(page, "Consul Roy", "Posted")
    one, two = ids(folder, "Consul Roy")
    page.post(
        "paper/mark", stage="Signed", letter=one, do="today"
    )  # its checkbox is selected at first
    sent: dict[str, Any] = {"stage": "Posted", "letter": [two], "tracking": "RR 999", "day": ""}
    sent |= {"person": person_of(path)} if where == "person" else {"shown": [one, two]}
    sent |= _REFUSALS[why]
    with refused(why, page):
        answer = page.client.post(f"/c/{page.key}/paper/mark", data=sent)
    assert answer.status_code in {409, 422}
    tree = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    boxes = {
        str(box["value"]): box.has_attr("checked") for box in tree.select("#pile [name=letter]")
    }
    assert boxes == {one: False, two: two in sent["letter"]}
    (tracking,), (day,) = tree.select("#tracking"), tree.select("#pile-day")
    assert (tracking["value"], day["value"]) == (sent["tracking"], sent["day"])
    assert len(tree.select("#pile [role=alert], #told-pile .bad")) == 1
    ticked = tree.select("#pile [name=any_day][checked]")
    assert bool(ticked) == ("any_day" in sent)
    assert {*days(folder, "Posted")} == {""}


@contextmanager
def refused(why: str, page: Page) -> Iterator[None]:
    """Make forms fail in this block, because a task is running."""
    goes_on = threading.Event()
    if why == "other work":
        page.session.submit_with_campaign("report", lambda _campaign, _task: goes_on.wait(30))
    try:
        yield
    finally:
        goes_on.set()
        page.rest()


def test_marking_a_pile_without_selection_is_reported_at_the_pile(page: Page) -> None:
    person = person_of(link_to(page, "Consul Roy", "Signed"))
    answer = page.post("paper/mark", stage="Signed", person=person, do="today")
    assert answer.status_code == 422
    tree = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    assert "Select at least one letter" in folded(str(tree.select_one("#pile [role=alert]")))
    assert len(tree.select("[role=alert]")) == 1


def test_marking_without_selection_is_reported(page: Page) -> None:
    answer = page.post("paper/mark", stage="Signed", do="today")
    assert answer.status_code == 422
    assert "Select at least one letter" in answer.get_data(as_text=True)


def test_an_ambiguous_name_is_asked_about_and_an_unknown_one_reported(page: Page) -> None:
    several = link_to(page, "u", "Signed")
    tree = page.see(several)
    assert len(tree.select("#waits ul.heaps a")) > 1
    assert not tree.select("#pile")
    link_to(page, "Nobody Here", "Signed")
    assert "No signer or recipient has this name" in page.words("paper?stage=Signed")


# Open register, running tasks


@pytest.mark.slow
@pytest.mark.parametrize("note", everyday(["~$register.xlsx", ".~lock.register.xlsx#"]))
def test_marking_is_disabled_while_the_register_is_open(
    note: str, page: Page, folder: Path
) -> None:
    before, (one, two, *_) = (folder / "register.xlsx").read_bytes(), ids(folder)
    (folder / note).write_bytes(b"open")
    tree = page.see("paper?stage=Printed")
    assert tree.select("#register-open")
    assert all(one.has_attr("disabled") for one in tree.select("#typed button[value=mark]"))
    page.post("paper/typed", stage="Printed", ids=one)  # the register was opened a moment ago
    page.rest()
    assert (folder / "register.xlsx").read_bytes() == before
    (folder / note).unlink()
    assert not page.see("paper").select("#register-open, #typed button[disabled]")
    page.post("paper/typed", stage="Printed", ids=two)
    wait_for(lambda: days(folder, "Printed") == [TODAY, TODAY, "", ""])


def test_an_id_typed_while_a_task_is_running_stays_in_the_field(page: Page, folder: Path) -> None:
    goes_on = threading.Event()

    def work(_campaign: Campaign, _task: Task) -> None:
        goes_on.wait(30)

    page.see("paper")
    page.session.submit_with_campaign("letters", work)
    one, before = ids(folder)[0], (folder / "register.xlsx").read_bytes()
    typed = page.client.post(
        f"/c/{page.key}/paper/typed", data={"stage": "Printed", "ids": f"{one} 0a1b"}
    )
    ticked = page.client.post(
        f"/c/{page.key}/paper/mark", data={"stage": "Printed", "letter": one, "do": "today"}
    )
    goes_on.set()
    page.rest()
    assert (typed.status_code, ticked.status_code) == (409, 409)
    assert f'value="{one} 0a1b"' in typed.get_data(as_text=True)
    assert (folder / "register.xlsx").read_bytes() == before


# The screen


def test_looking_at_sign_and_post_changes_nothing_and_puts_no_names_in_titles(
    page: Page, folder: Path
) -> None:
    one = ids(folder)[0]
    path = link_to(page, "Ana Ruiz", "Signed")
    with unchanged(folder):
        for each in ("paper", *(f"paper?stage={stage}" for stage in STAGES), path):
            tree = page.see(each)
            assert len(tree.find_all("h1")) == 1
            assert "Ana" not in tree.title.get_text()  # type: ignore[union-attr]
            found = [one["id"] for one in tree.select("[id]")]
            assert len(found) == len({*found})
        page.see(f"paper?letter={one}&letter=ffff")


def test_unknown_people_and_stages_are_not_found_when_marking(page: Page) -> None:
    for path in ("stage=Lost", "person=ffffffffffffffff", "batch=ffffffffffffffff"):
        assert page.get(f"paper?{path}").status_code == 404, path


def test_unknown_letters_are_not_marked_and_forms_accept_only_post(
    page: Page,
) -> None:
    fields = {"stage": "Signed", "letter": "ffffffffffffffff", "do": "today"}
    assert page.post("paper/mark", **fields).status_code == 404
    assert page.post("paper/mark", stage="Lost", letter="f").status_code == 404
    for path in ("typed", "mark", "undo", "find", "register"):
        assert page.get(f"paper/{path}").status_code == 405


def test_sign_and_post_without_letters_says_what_to_do(tmp_path: Path) -> None:
    with opened(make(tmp_path / "campaign")) as page:
        assert "Create the letters, then print them" in page.words("paper")


def test_sign_and_post_of_an_unreadable_campaign_leads_to_data(folder: Path) -> None:
    (folder / "signers.xlsx").write_bytes(b"no workbook")
    with opened(folder) as page:
        assert "cannot be read" in page.words("paper")
        answer = page.post("paper/mark", stage="Signed", letter="f")
        assert answer.headers["Location"].endswith("/paper")


def test_a_closed_campaign_records_answers_only_in_the_register(folder: Path) -> None:
    merge("mark", "posted", folder, "--all")
    merge("close", folder, "--yes")
    with opened(folder) as page:
        assert "Only answers can still be recorded" in page.words("paper")
        assert page.see("paper").find("form", action=f"/c/{page.key}/paper/register")


@pytest.mark.slow
def test_a_large_pile_is_shown_in_pages_and_can_be_marked_completely(tmp_path: Path) -> None:
    folder = make(tmp_path / "many", Signers=[["Name"], *([f"Signer {n}"] for n in range(130))])
    merge("letters", folder)
    with opened(folder) as page:
        tree = page.see(path := link_to(page, "Consul Roy", "Signed"))
        assert len(tree.select("#pile tbody tr")) == 100
        assert "Letters 1–100 of 130" in folded(tree.get_text(" "))
        rest = page.see(f"{path}&start=100")
        assert len(rest.select("#pile tbody tr")) == 30


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_a_scanner_enters_one_short_id_after_another_and_the_focus_stays(
    folder: Path, browser: Chrome
) -> None:
    with live(folder, browser) as shown:
        shown.go("paper?stage=Printed")
        field = shown.find("#ids")
        shown.wait(lambda one: one.switch_to.active_element == field, "the focus")
        every = ids(folder)
        for one in every[:3]:  # faster than the register is written
            field.send_keys(one[:6], Keys.ENTER)
        shown.says("3 entries in this session")
        assert browser.switch_to.active_element == field
        assert field.get_attribute("value") == ""
        announced = browser.find_element(By.ID, "spoken")
        shown.wait(
            lambda _: "marked as printed" in str(announced.get_attribute("textContent")), "spoken"
        )
        shown.press("Undo last")
        wait_for(lambda: len([*filter(None, days(folder, "Printed"))]) < 3)


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_the_browser_confirms_a_date_before_the_first_letter(browser: Chrome, folder: Path) -> None:
    one = ids(folder)[0]
    with live(folder, browser) as shown:
        shown.go("paper?stage=Signed&day=1926-11-29")
        shown.find("#ids").send_keys(one, Keys.ENTER)
        shown.says("This date is before the first letter was created")
        assert shown.find("#ids").get_attribute("value") == one
        shown.find("[name=any_day]").click()
        shown.find("#ids").send_keys(Keys.ENTER)
        wait_for(lambda: days(folder, "Signed")[0] == "1926-11-29")
        shown.wait(lambda _: "1926" in shown.find("#told").text, "the date")
        assert all("422" in notice for notice in console(browser))


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_a_surname_typed_while_a_short_id_is_sent_shows_the_pile_afterwards(
    folder: Path, browser: Chrome
) -> None:
    goes_on = threading.Event()

    def work(_campaign: Campaign, _task: Task) -> None:
        goes_on.wait(30)

    with live(folder, browser) as shown:
        shown.go("paper?stage=Printed")
        field, one = shown.find("#ids"), ids(folder, "Bo Berg")[0]
        shown.session.submit_with_campaign("letters", work)
        field.send_keys(one, Keys.ENTER)
        shown.says("is waiting for another task")
        field.send_keys("roy", Keys.ENTER)
        assert field.get_attribute("value") == "roy"
        goes_on.set()
        shown.wait(lambda _: "Consul Roy" in shown.find("#pile-name").text, "the pile")
        assert next(row["Printed"] for row in register_rows(folder) if row["ID"] == one)
        assert "Not marked" not in shown.words
        # The browser itself logs the response 409.
        assert all("409" in line for line in console(browser))


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_short_ids_scanned_while_a_task_is_running_are_marked_later(
    folder: Path, browser: Chrome
) -> None:
    goes_on = threading.Event()

    def work(_campaign: Campaign, _task: Task) -> None:
        goes_on.wait(30)

    with live(folder, browser) as shown:
        shown.go("paper?stage=Printed")
        field = shown.find("#ids")
        shown.session.submit_with_campaign("letters", work)
        one, two, *_ = ids(folder)
        field.send_keys(one, Keys.ENTER)
        shown.says("is waiting for another task")
        field.send_keys(two, Keys.ENTER)
        goes_on.set()
        shown.says("2 entries in this session")
        assert days(folder, "Printed") == [TODAY, TODAY, "", ""]
        # The browser itself logs the response 409.
        assert all("409" in line for line in console(browser))


def is_seen(browser: Chrome, css: str) -> bool:
    """Whether all of it is visible without scrolling."""
    seen: bool = browser.execute_script(
        "const one = document.querySelector(arguments[0]), at = one?.getBoundingClientRect();"
        "return !!at && at.height > 0 && at.bottom <= innerHeight"
        " && one.contains(document.elementFromPoint(at.left + 9, at.top + 3))",
        css,
    )
    return seen


@needs_browser
@pytest.mark.page
@pytest.mark.slow
def test_a_small_window_shows_the_result_of_marking_without_scrolling(
    folder: Path, browser: Chrome
) -> None:
    merge("mark", "printed", folder)
    size = browser.get_window_size()
    try:
        browser.set_window_size(1024, 700)
        with live(folder, browser) as shown:
            shown.go("paper?stage=Signed")
            field, one = shown.find("#ids"), ids(folder)[0]
            unknown_id = next(n for n in map("{:04x}".format, range(9)) if n != one[:4])
            field.send_keys(one[:4], Keys.ENTER)
            shown.wait(lambda _: is_seen(browser, "#told .good"), "what was marked")
            field.send_keys(unknown_id, Keys.ENTER)
            shown.wait(lambda _: is_seen(browser, "#asked .error"), "what was not")
            shown.wait(lambda _: field.get_attribute("value") == unknown_id, "the id")
            announced = browser.find_element(By.ID, "spoken")
            shown.wait(lambda _: "Not marked" in str(announced.get_attribute("textContent")))
            field.send_keys(one[:4], Keys.ENTER)  # it was typed over
            shown.says(
                "was already marked as signed on"
            )  # a poll may draw it before it is scrolled
            shown.wait(lambda _: is_seen(browser, "#told .told"), "the mark, scrolled to")
            shown.go("paper?stage=Signed")
            shown.find("#heaps a, #waits")
            shown.type("#name", "Consul Roy", Keys.ENTER)
            shown.type("#pile button[value=today]", Keys.ENTER)
            shown.wait(lambda _: is_seen(browser, "#told-pile"), "what came of the pile")
            focused = "return document.activeElement.id === 'told-pile'"
            shown.wait(lambda _: browser.execute_script(focused), "the focus")
    finally:
        browser.set_window_size(size["width"], size["height"])
