"""Proofread screen: checks, results, files, later changes."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from support.browsers import live, needs_browser
from support.campaigns import make, merge
from support.pages import Page, opened, unchanged, wait_for
from support.printed_campaigns import edit, mark
from support.staff_actions import retype

from merge.campaign.task import Task

LINES = "{{ recipient.name }}\nDear {{ recipient.name }},\nI ask you.\n{{ signer.name }}"
ROY = "letters/Ana Ruiz/Consul Roy.docx"


def _campaign_with_letters(folder: Path) -> Path:
    make(folder, LINES)
    merge("letters", folder)
    return folder


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with opened(_campaign_with_letters(tmp_path / "campaign")) as page:
        yield page


def _reports(folder: Path) -> set[str]:
    return {path.suffix for path in (folder / "print").glob("Proofread*")}


def test_before_proofreading_the_screen_says_how_many_letters_it_can_check(page: Page) -> None:
    assert "4 letters can be checked" in page.words("proofread")
    assert [one.get_text() for one in page.see("proofread").select("#read button")] == [
        "Proofread letters"
    ]


def test_proofread_letters_without_problems_lead_to_print(page: Page) -> None:
    assert page.post("proofread").headers["Location"].endswith("/proofread")
    words = page.words("proofread")
    assert "4 letters checked ✓ 4 without problems" in words
    assert "changed since then" not in words
    assert page.see("proofread").select("a.button[href$='/print']")
    assert _reports(page.session.folder) == {".xlsx", ".docx"}


def test_proofreading_problems_are_shown_by_letter_with_errors_first(page: Page) -> None:
    folder = page.session.folder
    edit(folder / "letters/Ana Ruiz/Minister Li.docx")
    retype(folder / "letters/Bo Berg/Consul Roy.docx", "Consul Roy", "Minister Li")
    page.post("proofread")
    tree = page.see("proofread")
    texts = [one.get_text() for one in tree.select(".doubtful h3")]
    assert texts == ["Bo Berg to Consul Roy", "Ana Ruiz to Minister Li"]
    assert "Minister Li" in tree.select(".doubtful .error")[0].get_text()
    words = page.words("proofread")
    assert "✕ 1 has an error: correct it before printing" in words
    assert "△ 1 needs review" in words
    assert not tree.select("main a.button[href$='/print']")
    assert "The last proofreading found errors in 1 letter." in page.words("print")


def test_proofreading_by_the_page_finds_what_the_command_finds(page: Page) -> None:
    retype(page.session.folder / ROY, "I ask you.", "I beg {{ you }}.")
    page.post("proofread")
    found = page.see("proofread").select(".doubts li span:first-of-type")
    texts = {" ".join(one.get_text().split()) for one in found}
    problems = merge("proofread", page.session.folder, "--json").json["problems"]
    assert len(texts) == len(problems)
    assert all(any(each["message"] in one for one in texts) for each in problems)


@pytest.mark.slow
def test_letters_that_changed_since_proofreading_are_counted(page: Page) -> None:
    page.post("proofread")
    page.post("errand/put-away")
    edit(page.session.folder / ROY)
    wait_for(lambda: "1 letter or its data has changed since then" in page.words("proofread"))
    page.post("proofread")
    assert "changed since then" not in page.words("proofread")


def test_posted_letters_are_not_proofread(tmp_path: Path) -> None:
    folder = _campaign_with_letters(tmp_path)
    mark(folder, "Posted")
    with opened(folder) as page:
        assert "2 letters can be checked" in page.words("proofread")
        page.post("proofread")
        words = page.words("proofread")
        assert "2 letters checked" in words
        assert "2 letters were not checked: already posted" in words
        assert "changed since" not in words


def test_proofreading_results_stay_when_the_notice_is_dismissed(page: Page) -> None:
    page.post("proofread")
    assert "4 letters checked" in page.words("data")
    assert page.see("data").select("#errand a[href$='/proofread']")
    page.post("errand/put-away")
    assert "letters checked" not in page.words("data")
    assert "4 letters checked" in page.words("proofread")


def test_the_proofreading_report_and_the_proof_document_are_opened(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener, texts = tmp_path / "opener", tmp_path / "told"
    opener.write_text(f'#!/bin/sh\necho "$1" >> "{texts}"\n', "utf-8")
    opener.chmod(opener.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("MERGE_OPENER", str(opener))
    assert page.post("proofread/open", which="report").status_code == 404
    page.post("proofread")
    for which in ("report", "document"):
        assert page.post("proofread/open", which=which).status_code == 303
    opened_files = [Path(line) for line in texts.read_text("utf-8").splitlines()]
    assert [path.suffix for path in opened_files] == [".xlsx", ".docx"]
    assert {path.parent for path in opened_files} == {page.session.folder / "print"}
    assert page.post("proofread/open", which="/etc/passwd").status_code == 404
    opened_files[0].unlink()
    answer = page.post("proofread/open", which="report")
    assert answer.status_code == 422
    assert "The file is no longer here" in answer.text


@pytest.mark.slow
def test_a_stopped_proofreading_writes_nothing(tmp_path: Path) -> None:
    make(tmp_path, LINES, Signers=[["ID", "Name"], *([f"S{n}", "Ana Ruiz"] for n in range(300))])
    merge("letters", tmp_path)
    with opened(tmp_path) as page:
        started = threading.Thread(target=page.post, args=("proofread",))
        started.start()
        wait_for(lambda: page.session.status.task_name == "proofread")
        page.session.cancel_task()
        started.join()
        assert "Stopped" in page.words("proofread")
        assert "600 letters can be checked" in page.words("proofread")
    assert _reports(tmp_path) == set()


def test_no_proofreading_starts_while_a_task_is_running(page: Page) -> None:
    started = threading.Event()

    def work(_campaign: object, task: Task) -> None:
        started.set()
        while True:
            task.raise_if_cancelled()

    page.session.submit_with_campaign("letters", work)
    assert started.wait(5)
    assert page.client.post(f"/c/{page.key}/proofread").status_code == 409
    page.session.cancel_task()
    page.rest()


def test_looking_at_the_proofread_screen_changes_nothing(page: Page) -> None:
    with unchanged(page.session.folder):
        assert page.get("proofread").status_code == 200
        assert page.get("proofread/open").status_code == 405
    page.post("proofread")
    with unchanged(page.session.folder):
        assert page.get("proofread").status_code == 200
        assert page.get("proofread?from=50").status_code == 200
        assert page.get("proofread?from=x").status_code == 200


@pytest.mark.slow
@pytest.mark.page
@needs_browser
def test_the_proofreading_list_appears_by_itself(tmp_path: Path, browser: Chrome) -> None:
    folder = _campaign_with_letters(tmp_path / "campaign")
    with live(folder, browser) as page:
        page.go("proofread")
        page.press("Proofread letters")
        page.says("4 without problems")
        edit(folder / ROY)
        page.says("1 letter or its data has changed since then")
        page.press("Proofread again")
        page.says("Letters to review")


def test_a_problem_of_all_letters_is_first_and_no_letter_counts_as_correct(tmp_path: Path) -> None:
    folder = make(tmp_path, LINES.replace("I ask you.", "I ask you, Minister Li."))
    merge("letters", folder)
    with opened(folder) as page:
        page.post("proofread")
        tree, words = page.see("proofread"), page.words("proofread")
        assert "△ 2 without problems except for what appears in all letters" in words
        assert "No problems were found" not in words
        assert not tree.select(".tally .good, .outcome.good")
        assert not tree.select("main a.button[href$='/print']")
        first, second = tree.select("#of-all, .tally")
        assert "Minister Li" in first.get_text()
        assert first.select("#open-template")
        assert "letters checked" in second.get_text()
