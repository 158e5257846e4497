"""Letters screen: search, filters, matrix, list, creation."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support.browsers import Live, live, needs_browser
from support.campaigns import letters, make, make_with_letters, merge, text
from support.pages import Page, folded, opened, unchanged, wait_for
from support.registers import fill
from support.staff_actions import add_line, id_in
from support.workbooks import Rows
from support.workbooks import campaign as workbook

from merge.campaign.campaign import Campaign
from merge.campaign.task import Task
from merge.page.routes.letters import CreationResult

LINES = "Dear {{ recipient.salutation }},\nWe write from {{ signer.city }}.\n{{ signer.name }}"
SIGNERS = [["Name", "City"], ["Inés Álvarez", "Vigo"], ["Käthe Weiß", "Ulm"], ["Bo Berg", "Oslo"]]
RECIPIENTS = [["Name", "Salutation"], ["Minister Li", "Minister"], ["Consul Roy", "Consul"]]
FAULTY = [["Name", "Salutation"], ["Minister Li", "Minister"], ["Consul Roy", None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "campaign", LINES, Signers=SIGNERS, Recipients=RECIPIENTS)


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    with opened(folder) as page:
        yield page


def rows(page: Page, path: str) -> list[str]:
    return [folded(row.get_text(" ")) for row in page.see(path).select("table.letters tbody tr")]


def data(folder: Path, recipients: Rows) -> None:
    workbook(folder, Signers=SIGNERS, Recipients=recipients)


def test_letters_are_shown_before_they_are_created_with_what_to_do(page: Page) -> None:
    assert "6 letters from 3 signers to 2 recipients." in page.words("letters")
    assert "Next: create 6 letters" in page.words("letters")
    assert len(rows(page, "letters?view=list")) == 6
    assert "Inés Álvarez to Minister Li" in rows(page, "letters?view=list")[0]


def test_without_scripts_the_letters_are_a_list_not_a_matrix(page: Page) -> None:
    tree = page.see("letters")
    assert tree.select("#letters-list table.letters")
    assert not tree.select("[role=grid]")


def test_looking_at_the_letters_screen_changes_nothing(page: Page, folder: Path) -> None:
    merge("letters", folder)
    page.session.request_rescan()
    wait_for(lambda: page.session.snapshot.view and page.session.snapshot.view.letters)
    one = page.session.snapshot.view
    assert one
    letter = one.letters[0].step.letter.id
    paths = ["letters", "letters?state=edited&page=7", "letters.json", "letters/make", "frame"]
    paths += [f"letter/{letter}", f"letter/{letter}?show=changes", f"letter/{letter}.docx"]
    with unchanged(folder):
        for path in paths:
            assert page.get(path).status_code == 200, path


@pytest.mark.parametrize("path", ["letters?signer=" + "0" * 16, "letters?recipient=" + "f" * 16])
def test_a_filter_for_a_person_without_letters_is_not_found(page: Page, path: str) -> None:
    assert page.get(path).status_code == 404


def test_an_invalid_letter_filter_is_ignored(page: Page) -> None:
    assert len(rows(page, "letters?view=list&state=<b>&stage=../x&page=x&signer=Bo")) == 6
    assert page.client.post(f"/c/{page.key}/letters.json").status_code == 405
    assert page.get("letters/find").status_code == 405


def test_a_search_for_a_name_puts_it_into_no_address(page: Page) -> None:
    answer = page.post("letters/find", words="ines roy")
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Inés Álvarez" in shown
    assert "Käthe" not in shown
    assert "ines" not in str(answer.headers)
    no_match = page.post("letters/find", words="zorn").get_data(as_text=True)
    assert "No signer or recipient matches." in no_match


@pytest.mark.slow
def test_letters_are_filtered_by_status_stage_people_and_errors(page: Page, folder: Path) -> None:
    merge("letters", folder)
    ids = [id_in(path) for path in letters(folder).values()]
    fill(folder / "register.xlsx", ids[0], "Posted", "3 May 2026")
    add_line(letters(folder)["Bo Berg/Minister Li.docx"], "By hand.")
    data(folder, FAULTY)
    wait_for(
        lambda: (
            len((page.session.snapshot.view and page.session.snapshot.view.blocked_letters) or ())
            == 3
        )
    )
    assert len(rows(page, "letters?stopped=1")) == 3
    assert rows(page, "letters?state=edited") == ["Bo Berg to Minister Li ✎ edited"]
    assert len(rows(page, "letters?stage=posted")) == 1
    assert len(rows(page, "letters?stage=none")) == 5
    head = page.see("letters?state=edited").select_one("table.letters a")
    assert head
    view = page.session.snapshot.view
    assert view
    signer = view.campaign.identity.person_id(view.letters[0].step.letter.pair.signer)
    assert len(rows(page, f"letters?signer={signer}")) == 2
    assert "Letters from Inés Álvarez" in page.words(f"letters?signer={signer}")


def test_printed_signed_posted_and_answered_letters_have_marks_of_their_own(
    folder: Path,
) -> None:
    merge("letters", folder)
    ids = [id_in(path) for _, path in sorted(letters(folder).items())]
    for letter_id, stage in zip(ids, ("Printed", "Signed", "Posted", "Answered"), strict=False):
        fill(folder / "register.xlsx", letter_id, stage, "3 May 2026")
    with opened(folder) as page:
        assert sorted("".join(page.get("letters.json").get_json()["rows"])) == [*"agopuu"]
        chips = [
            folded(one.get_text(" ")) for one in page.see("letters").select("#marks [data-code]")
        ]
        stages = ["▣ printed 1", "✓ signed 1", "➤ posted 1", "↵ answered 1"]
        assert chips == ["● unchanged 2", *stages]
        (signed,) = rows(page, "letters?state=signed")
        assert "✓ signed" in signed
        assert "✓ signed Printed and signed." in page.words(f"letters?letter={ids[1]}")


def test_the_matrix_leads_to_a_letter_by_its_people(page: Page) -> None:
    found = page.get("letters.json").get_json()
    signer, recipient = found["signers"][1][0], found["recipients"][0][0]
    answer = page.get(f"letters/of/{signer}/{recipient}")
    view = page.session.snapshot.view
    assert view
    assert answer.headers["Location"].endswith(f"/letter/{view.letters[2].step.letter.id}")
    assert page.get(f"letters/of/{recipient}/{signer}").status_code == 404
    assert page.get(f"letters/of/{'0' * 16}/{recipient}").status_code == 404


@pytest.mark.slow
def test_letters_are_sorted_by_status_signer_or_recipient_with_links(
    page: Page, folder: Path
) -> None:
    page.post("letters/make", sure="1")
    add_line(letters(folder)["Käthe Weiß/Consul Roy.docx"], "By hand.")
    wait_for(lambda: "edited" in page.words("letters"))
    assert [a.get_text() for a in page.see("letters?view=list").select("#sort-title + ul a")] == [
        *("Workbook order", "Status", "Signer", "Recipient")
    ]
    link = page.see("letters?view=list").select('#sort-title + ul a[href*="sort=signer"]')[0]
    by_name = rows(page, str(link["href"]).rpartition("/")[2])
    assert by_name[0] == "Bo Berg to Minister Li ● unchanged"
    by_recipient = rows(page, "letters?view=list&sort=recipient")
    assert by_recipient[0] == "Inés Álvarez to Consul Roy ● unchanged"
    assert rows(page, "letters?view=list&sort=state")[-1] == "Käthe Weiß to Consul Roy ✎ edited"
    assert rows(page, "letters?view=list&sort=x") == rows(page, "letters?view=list")
    by_signer = page.see("letters?sort=signer")
    assert "sort=signer" in str(by_signer.select_one("#matrix")["data-from"])  # type: ignore[index]
    letter = str(by_signer.select("#letters-list th a")[0]["href"])
    following = page.see(letter.partition(f"/c/{page.key}/")[2]).select_one("#behind")
    assert following
    assert "sort=signer" in str(following["href"])


@pytest.mark.parametrize("others", [0, 8])
def test_the_legend_is_the_filter_and_has_rare_statuses_in_one_menu(
    folder: Path, others: int
) -> None:
    more = [[f"Deputy {number}", "Deputy"] for number in range(others)]
    data(folder, [*RECIPIENTS, *more])
    merge("letters", folder)
    merge("print", folder, "--for", "Bo Berg")
    add_line(letters(folder)["Käthe Weiß/Consul Roy.docx"], "By hand.")
    changed = [*RECIPIENTS[:2], ["Consul Roy", "Consul General"]]
    data(folder, [*changed, *more])
    with opened(folder) as page:
        marks = page.see("letters").select_one("#marks")
        if not others:  # each is more than a tenth of the letters
            assert marks
            assert len(marks.select(":scope > [data-code]")) == 4
            return
        assert marks
        other = marks.select_one("#other-marks")
        assert other
        assert folded(other.summary.get_text(" ") if other.summary else "") == "Other 2 ▾"
        assert [one["data-code"] for one in other.select("[data-code]")] == [
            *("edited-changed", "in-print-file")
        ]
        assert len(marks.select(":scope > [data-code]")) == 2
        assert rows(page, "letters?state=in-print-file")[0].startswith("Bo Berg to Consul Roy")


def test_no_old_figures_are_shown_between_a_run_and_the_scan_after_it(page: Page) -> None:
    scanned = threading.Event()

    def work(_campaign: Campaign, task: Task) -> CreationResult:
        task.report_result(result := CreationResult())
        assert scanned.wait(30)
        return result

    assert page.see("letters").select("#make")
    assert page.see("letters").select("#steps .waiting")
    page.session.submit_with_campaign("letters", work)
    wait_for(lambda: page.session.task_result)
    tree = page.see("letters")
    assert tree.select("#outcome-name")
    assert tree.select("#legend.counting")
    assert not tree.select("#make, #steps .waiting")
    scanned.set()
    page.rest()
    assert page.see("letters").select("#make")
    assert not page.see("letters").select("#legend.counting")


def test_the_preview_of_a_letter_names_its_people_and_status(page: Page) -> None:
    view = page.session.snapshot.view
    assert view
    one, another = (view.letters[n].step.letter for n in (0, 3))
    assert page.see("letters").select("#preview-facts")[0]["data-letter"] == one.id
    shown = page.see(f"letters?letter={another.id}").select("#preview-facts")[0]
    assert folded(shown.get_text(" ")).startswith("Käthe Weiß to Consul Roy Open this letter ○")
    assert page.see("letters?letter=0").select("#preview-facts")[0]["data-letter"] == one.id
    person = view.campaign.identity.person_id
    path = f"letters/of/{person(another.pair.signer)}/{person(another.pair.recipient)}?preview=1"
    answer = page.client.get(f"/c/{page.key}/{path}", follow_redirects=True)
    assert "<html" not in answer.get_data(as_text=True)
    assert another.id in answer.get_data(as_text=True)
    address = str(shown["data-from"]).partition(f"/c/{page.key}/")[2]
    assert page.get(address).status_code == 200  # as it would be created
    assert "aria-current" in str(page.see(f"letters?letter={another.id}").select(f"#l{another.id}"))


def test_letters_of_an_unreadable_campaign_lead_to_data(folder: Path) -> None:
    (folder / "signers.xlsx").write_bytes(b"no workbook")
    with opened(folder) as page:
        assert "Fix these errors first" in page.words("letters")
        assert page.see("letters").select('main a[href$="/data"]')
        assert page.get("letters.json").get_json()["rows"] == []
        assert "No letters to create" in page.words("letters/make")
        assert "Fix these errors first" in page.words("letter/0123456789abcdef")


def test_creating_letters_shows_a_preview_and_then_does_it(page: Page, folder: Path) -> None:
    answer = page.post("letters/make")
    assert answer.status_code == 303
    assert not (folder / "letters").exists()
    assert "6 will be created" in page.words("letters/make")
    assert page.post("letters/make", sure="1").status_code == 303
    assert len(letters(folder)) == 6
    shown = page.words("letters")
    assert "6 letters created" in shown
    assert "All letters are up to date." in shown


@pytest.mark.slow
def test_letters_with_errors_are_skipped_only_if_confirmed(page: Page, folder: Path) -> None:
    data(folder, FAULTY)
    wait_for(
        lambda: (
            len((page.session.snapshot.view and page.session.snapshot.view.blocked_letters) or ())
            == 3
        )
    )
    assert "Create 3 letters, skip 3 with errors" in page.words("letters/make")
    page.post("letters/make", sure="1")
    assert not (folder / "letters").exists()
    assert "Nothing was changed" in page.words("letters")
    page.post("letters/make", sure="1", leave_out="1")
    assert len(letters(folder)) == 3
    shown = page.words("letters")
    assert "3 letters created" in shown
    assert "3 letters were skipped" in shown


def test_the_letters_of_one_person_can_be_created_alone(page: Page, folder: Path) -> None:
    data(folder, FAULTY)
    wait_for(
        lambda: (
            len((page.session.snapshot.view and page.session.snapshot.view.blocked_letters) or ())
            == 3
        )
    )
    view = page.session.snapshot.view
    assert view
    recipient = view.campaign.identity.person_id(view.letters[0].step.letter.pair.recipient)
    assert "3 will be created" in page.words(f"letters/make?recipient={recipient}")
    page.post("letters/make", sure="1", recipient=recipient)
    assert sorted(path.rpartition("/")[2] for path in letters(folder)) == ["Minister Li.docx"] * 3


def test_creating_letters_keeps_an_edited_letter_and_reports_it(page: Page, folder: Path) -> None:
    page.post("letters/make", sure="1")
    edited = add_line(letters(folder)["Bo Berg/Consul Roy.docx"], "By hand.")
    changed = [*RECIPIENTS[:2], ["Consul Roy", "Consul General"]]
    data(folder, changed)
    wait_for(lambda: "1 ⚑ edited, data changed" in page.words("letters/make"))
    assert [
        folded(line.get_text()) for line in page.see("letters/make").select(".prospect li")
    ] == [
        "2 will be updated (changed: Salutation in Recipients)",
        (
            "4 will be kept: 1 ⚑ edited, data changed (changed since: Salutation in Recipients),"
            " 3 ● unchanged"
        ),
    ]
    page.post("letters/make", sure="1")
    assert letters(folder)["Bo Berg/Consul Roy.docx"].read_bytes() == edited
    assert "Dear Consul General," in text(letters(folder)["Käthe Weiß/Consul Roy.docx"])
    shown = page.words("letters")
    assert "2 letters updated" in shown
    assert " created" not in shown.partition("1 letter was kept")[0]
    assert "1 letter was kept: ⚑ edited, data changed" in shown
    assert "Resolve conflicts" in shown
    page.post("print/as-it-is")
    page.post("letters/make", sure="1")
    wait_for(lambda: not page.session.snapshot.conflicts)
    shown = page.words("letters")
    assert "1 letter was kept: ⚑" in shown
    assert page.session.snapshot.view
    (decided,) = page.session.snapshot.view.decided_letters
    assert "Edited, so it will not be overwritten." in page.words(f"letter/{decided.record.id}")
    assert "Resolve conflicts" not in shown


@pytest.mark.slow
def test_letters_in_a_print_file_are_created_again_with_one_button(folder: Path) -> None:
    merge("letters", folder)
    merge("print", folder)
    data(folder, [*RECIPIENTS[:2], ["Consul Roy", "Consul General"]])
    with opened(folder) as page:
        assert page.see("letters").select("#make")
        words = page.words("letters/make")
        assert "3 letters are in print files and not marked as printed" in words
        assert "Create these 3 letters again" in words
        assert page.see("letters/make").select("#again")
        page.post("letters/make", sure="1")
        assert "3 letters were kept: ▥ in a print file, data changed" in page.words("letters")
        page.post("letters/make", sure="1", again="1")
        assert "3 letters updated" in page.words("letters")
        assert "Dear Consul General," in text(letters(folder)["Bo Berg/Consul Roy.docx"])
        assert not page.see("letters").select("#make")


@pytest.mark.slow
def test_new_letters_and_those_in_a_print_file_are_created_with_one_button(folder: Path) -> None:
    merge("letters", folder)
    merge("print", folder)
    changed = [*RECIPIENTS[:2], ["Consul Roy", "Consul General"], ["Judge Mokoena", "Judge"]]
    data(folder, changed)
    with opened(folder) as page:
        assert "Create all, including 3 letters in print files" in page.words("letters/make")
        page.post("letters/make", sure="1", again="1")
        assert "3 letters created, 3 letters updated" in page.words("letters")


@pytest.mark.slow
def test_created_and_updated_letters_are_counted_separately(page: Page, folder: Path) -> None:
    data(folder, RECIPIENTS[:2])
    wait_for(lambda: "3 will be created" in page.words("letters/make"))
    page.post("letters/make", sure="1")
    data(folder, [RECIPIENTS[0], ["Minister Li", "Madam Minister"], RECIPIENTS[2]])
    wait_for(lambda: "3 will be updated" in page.words("letters/make"))
    assert "Create or update 6 letters" in page.words("letters/make")
    assert "Next: create or update 6 letters" in page.words("letters")
    page.post("letters/make", sure="1")
    assert "3 letters created, 3 letters updated" in page.words("letters")


def test_letters_written_before_the_disk_failed_are_reported(folder: Path) -> None:
    blocked = folder / "letters" / "Bo Berg"
    blocked.parent.mkdir()
    blocked.write_bytes(b"a file where a folder belongs")
    with opened(folder) as page:
        page.post("letters/make", sure="1")
        shown = page.words("letters")
        assert "Some letters could not be created" in shown
        assert "Complete: 4 letters created." in shown
        assert "2 letters were not processed." in shown
        assert "A file has the name of a folder that is needed." in shown
        assert page.see("letters").select('.outcome a[href$="/letters/make"]')


def test_no_letters_are_created_while_a_task_is_running(page: Page) -> None:
    go_on = threading.Event()

    def work(_campaign: Campaign, _task: Task) -> None:
        go_on.wait(20)

    assert "Next: create 6 letters" in page.words("letters")
    page.session.submit_with_campaign("letters", work)
    answer = page.client.post(f"/c/{page.key}/letters/make", data={"sure": "1"})
    assert answer.status_code == 409
    assert "Creating letters" in page.words("letters")
    go_on.set()
    page.rest()


def test_the_result_of_a_stopped_run_is_shown_while_the_register_is_updated(folder: Path) -> None:
    rest = threading.Event()

    def work(_campaign: Campaign, task: Task) -> CreationResult:
        creation_result = CreationResult(planned_count=4, stopped=True)
        task.report_result(creation_result)
        assert rest.wait(5)
        return creation_result

    with opened(folder) as page:
        page.session.submit_with_campaign("letters", work)
        wait_for(lambda: page.session.task_result)
        assert "Stopped" in page.words("letters")
        rest.set()
        page.rest()
        assert "Stopped" in page.words("letters")


@pytest.mark.slow
def test_a_stopped_run_reports_its_progress(folder: Path) -> None:
    signers = [["Name", "City"], *([f"Signer {n} Kovač", "Brno"] for n in range(1500))]
    workbook(folder, Signers=signers, Recipients=RECIPIENTS)
    with opened(folder) as page:

        def stop() -> None:
            wait_for(lambda: page.session.status.progress.done)
            page.session.cancel_task()

        stopping = threading.Thread(target=stop)
        stopping.start()
        page.client.post(f"/c/{page.key}/letters/make", data={"sure": "1"})
        stopping.join()
        page.rest()
        there = len(letters(folder))
        shown = page.words("letters")
        assert 0 < there < 3000
        assert "Stopped" in shown
        assert f"create {3000 - there:,} letters" in shown


def test_a_closed_campaign_offers_no_letters_to_create(folder: Path) -> None:
    merge("letters", folder)
    merge("close", folder, "--yes")
    with opened(folder) as page:
        assert page.get("letters").status_code == 200
        words = page.words("letters")
        assert "create 6 letters" not in words
        assert "The campaign is closed. Its letters have been deleted." in words
        assert "Add a template and a workbook" not in words
        page.post("letters/make", sure="1")
        assert not letters(folder)
        assert "Nothing was changed" in page.words("letters")


def test_names_that_look_like_markup_are_shown_as_text(folder: Path) -> None:
    odd = "<script>alert(1)</script> {{7*7}}"
    workbook(
        folder, Signers=[["Name", "City"], [odd, "Ulm"], ["Bo Berg", "Ulm"]], Recipients=RECIPIENTS
    )
    with opened(folder) as page:
        tree = page.see("letters?view=list")
        assert odd in tree.get_text()
        scripts = [str(one["src"]) for one in tree.select("script")]
        assert all(src.startswith("/static/") for src in scripts)
        assert [src.rpartition("/")[2] for src in scripts] == ["page.js", "letters.js"]


# In a browser


def many(folder: Path, signers: int = 30, recipients: int = 8) -> None:
    rows = [["Name", "City"], *([f"Signer {n} Nováková", "Brno"] for n in range(signers))]
    others = [["Name", "Salutation"], *([f"Minister {n} Kim", "Dr Kim"] for n in range(recipients))]
    workbook(folder, Signers=rows, Recipients=others)


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_arrows_move_in_the_matrix_and_enter_opens_a_letter(folder: Path, browser: Chrome) -> None:
    many(folder)
    merge("letters", folder)
    with live(folder, browser) as shown:
        shown.go("letters")
        shown.find("[role=grid]")
        assert len(browser.find_elements(By.CSS_SELECTOR, "[role=grid] [tabindex='0']")) == 1
        browser.find_element(By.CSS_SELECTOR, "[role=grid] [tabindex='0']").send_keys("")

        def press(*keys: str) -> str:
            for key in keys:
                browser.switch_to.active_element.send_keys(key)
            return folded(browser.find_element(By.ID, "matrix-at").text)

        assert "Signer 0 Nováková to Minister 0 Kim" in press(Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
        assert "Signer 1 Nováková to Minister 7 Kim" in press(Keys.ARROW_DOWN, Keys.END)
        assert "Signer 11 Nováková to Minister 0 Kim" in press(Keys.PAGE_DOWN, Keys.HOME)
        assert "unchanged" in press(Keys.PAGE_UP)
        names, state, *_ = browser.find_elements(By.CSS_SELECTOR, "#matrix-at > *")
        assert names.text == "Signer 1 Nováková to Minister 0 Kim"
        assert "unchanged" in state.text
        shown.wait(lambda _: chosen(shown) == "Signer 1 Nováková to Minister 0 Kim")
        browser.switch_to.active_element.send_keys(Keys.ENTER)
        shown.wait(lambda one: "/letter/" in one.current_url)
        assert "Signer 1 Nováková to Minister 0 Kim" in shown.words
        assert "Signer" not in browser.title
        browser.back()
        shown.find("[role=grid]")
        browser.find_element(By.CSS_SELECTOR, "[role=grid] [tabindex='0']").send_keys("")
        assert "Letters of this person" in press(Keys.ARROW_LEFT)
        browser.switch_to.active_element.send_keys(Keys.ENTER)
        shown.says("Letters from Signer 1 Nováková")


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_the_skip_link_leads_to_the_matrix_or_the_list(folder: Path, browser: Chrome) -> None:
    many(folder)
    with live(folder, browser) as shown:
        shown.go("letters")
        shown.find("[role=grid]")
        assert "In the grid, use the arrow keys" in shown.words
        browser.switch_to.active_element.send_keys(Keys.TAB)
        browser.switch_to.active_element.send_keys(Keys.TAB)
        assert browser.switch_to.active_element.text == "Skip to letters"
        browser.switch_to.active_element.send_keys(Keys.ENTER)
        assert browser.switch_to.active_element.get_attribute("role") == "gridcell"
        assert "Signer 0 Nováková to Minister 0 Kim" in shown.words
        assert "In the grid" not in shown.words
        shown.go("letters?view=list")
        browser.find_element(By.ID, "skip-list").send_keys(Keys.ENTER)
        assert browser.switch_to.active_element.get_attribute("id") == "letters-list"


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_a_saved_letter_becomes_edited_in_the_matrix_and_focus_stays(
    folder: Path, browser: Chrome
) -> None:
    many(folder)
    merge("letters", folder)
    with live(folder, browser) as shown:
        shown.go("letters")
        shown.find("[role=gridcell].s-unchanged")
        browser.find_element(By.CSS_SELECTOR, "[role=grid] [tabindex='0']").send_keys(
            Keys.ARROW_DOWN, Keys.ARROW_RIGHT
        )
        add_line(letters(folder)["Signer 1 Nováková/Minister 1 Kim.docx"], "By hand.")
        started = time.monotonic()
        cell = shown.wait(
            lambda one: one.find_elements(By.CSS_SELECTOR, "[role=gridcell].s-edited"), "edited"
        )[0]
        assert time.monotonic() - started < 4  # 2 s on an idle computer
        assert cell == browser.switch_to.active_element
        assert "edited" in browser.find_element(By.ID, "matrix-at").text
        assert cell.get_attribute("aria-label") == "edited"


def words_in_preview(shown: Live, words: str) -> None:
    """Wait until the letter in the preview has a text."""
    browser = shown.browser

    def has_text(_: Chrome) -> bool:
        browser.switch_to.default_content()
        shown.find("#words-frame[data-shown]")
        browser.switch_to.frame(browser.find_element(By.ID, "words-frame"))
        try:
            return words in folded(browser.find_element(By.TAG_NAME, "body").text)
        finally:
            browser.switch_to.default_content()

    shown.wait(has_text, words)


def chosen(shown: Live) -> str:
    """Return the name above the preview."""
    return folded(shown.find("#preview-facts h2").text)


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_the_preview_follows_clicks_and_arrows_and_enter_opens_the_letter(
    folder: Path, browser: Chrome
) -> None:
    merge("letters", folder)
    with live(folder, browser) as shown:
        shown.go("letters")
        words_in_preview(shown, "We write from Vigo.")
        shown.find(".cell[aria-selected]")
        cells = browser.find_elements(By.CSS_SELECTOR, ".cell")
        assert [cell.get_attribute("title") or "" for cell in cells] == [""] * 6
        cells[2].click()
        shown.wait(lambda _: chosen(shown) == "Käthe Weiß to Minister Li")
        words_in_preview(shown, "We write from Ulm.")
        assert cells[2].get_attribute("aria-selected") == "true"
        assert cells[2].get_attribute("title") == "unchanged"
        browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
        shown.wait(lambda _: chosen(shown) == "Bo Berg to Minister Li")
        words_in_preview(shown, "We write from Oslo.")
        add_line(letters(folder)["Bo Berg/Minister Li.docx"], "By hand.")
        words_in_preview(shown, "By hand.")
        shown.wait(lambda _: "edited" in shown.find("#preview-facts").text)
        assert "letter=" in browser.current_url
        browser.refresh()
        shown.wait(lambda _: chosen(shown) == "Bo Berg to Minister Li")
        browser.execute_script("arguments[0].focus()", shown.find(".cell[aria-selected]"))
        browser.switch_to.active_element.send_keys(Keys.ENTER)
        shown.wait(lambda one: "/letter/" in one.current_url)
        shown.click("#back")
        shown.wait(lambda _: chosen(shown) == "Bo Berg to Minister Li")


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_the_preview_follows_the_list_and_the_search(folder: Path, browser: Chrome) -> None:
    with live(folder, browser) as shown:
        shown.go("letters?view=list")
        shown.find("#letters-list tr:nth-child(4) a").click()
        shown.wait(lambda _: chosen(shown) == "Käthe Weiß to Consul Roy")
        words_in_preview(shown, "Dear Consul, We write from Ulm.")
        assert shown.find("#letters-list a[aria-current]").text == "Käthe Weiß to Consul Roy"
        data(folder, [*RECIPIENTS[:2], ["Consul Roy", "Consul General"]])
        words_in_preview(shown, "Dear Consul General,")
        shown.find("#words").send_keys("bo li")
        shown.wait(lambda one: len(one.find_elements(By.CSS_SELECTOR, "#letters-list td")) == 1)
        shown.find("#letters-list th a").send_keys("")
        shown.wait(lambda _: chosen(shown) == "Bo Berg to Minister Li")
        browser.set_window_size(1000, 800)
        shown.wait(lambda one: not one.find_element(By.ID, "preview").is_displayed())
        shown.find("#letters-list th a").click()
        shown.wait(lambda one: "/letter/" in one.current_url)


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_a_matrix_of_four_recipients_has_no_scroll_bars(folder: Path, browser: Chrome) -> None:
    many(folder, 6, 4)
    with live(folder, browser) as shown:
        shown.go("letters")
        box = shown.find(".grid-box")
        for size in ("Width", "Height"):
            inner, outer = (box.get_property(f"{side}{size}") for side in ("scroll", "client"))
            assert inner == outer, size


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_typed_text_filters_letters_at_once_and_the_address_stays(
    folder: Path, browser: Chrome
) -> None:
    many(folder)
    with live(folder, browser) as shown:
        shown.go("letters")
        shown.find("[role=grid]")
        browser.find_element(By.ID, "words").send_keys("novakova 17 kim")
        shown.says("Signer 17 Nováková to Minister 0 Kim")
        assert browser.current_url.endswith("/letters")
        assert not browser.find_element(By.ID, "matrix").is_displayed()
        field = browser.find_element(By.ID, "words")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE)
        shown.wait(lambda one: one.find_element(By.ID, "matrix").is_displayed())


@pytest.mark.slow
@needs_browser
@pytest.mark.page
def test_a_narrow_window_shows_letters_as_a_list(folder: Path, browser: Chrome) -> None:
    many(folder)
    with live(folder, browser) as shown:
        browser.set_window_size(400, 800)
        shown.go("letters")
        shown.find("#letters-list table")
        assert not browser.find_element(By.ID, "matrix").is_displayed()


def test_errors_that_block_letters_are_shown_before_creation(tmp_path: Path) -> None:
    signers = [["Name", "City"], ["Inés Álvarez", "Oslo"], ["", "Bern"]]
    with opened(make(tmp_path / "campaign", Signers=signers)) as page:
        assert page.session.snapshot.errors
        tree = page.see("letters/make?from=data")
        assert "Fix these errors before you create letters" in page.words("letters/make?from=data")
        assert tree.select("#prospect .problem.error")
        assert not tree.select("#make")
        assert [a["href"] for a in tree.select("#prospect a")] == [f"/c/{page.key}/data"] * 2
        assert f"/c/{page.key}/letters" in [a["href"] for a in page.see("letters/make").select("a")]


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1.5", "x", "٢"])
def test_a_page_number_that_does_not_exist_shows_the_nearest_page(
    tmp_path: Path, number: str
) -> None:
    with opened(make_with_letters(tmp_path)) as page:
        tree = page.see(f"letters?view=list&page={number}")
        assert "Minister Li" in tree.get_text()
        assert page.post(f"print/file/{number}").status_code == 404
