"""Proofread screen: checks, results, files, later changes."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from selenium.webdriver import Chrome
from support.browsers import live, needs_browser
from support.campaigns import make, merge
from support.pages import Page, folded, opened, unchanged, wait_for
from support.printed_campaigns import edit, mark
from support.staff_actions import add_line, retype, save_again
from together.sync_service import Computer
from together.two_computers import office

from merge.campaign.task import Task

LINES = "{{ recipient.name }}\nDear {{ recipient.name }},\nI ask you.\n{{ signer.name }}"
SIGNERS = ("Ana Ruiz", "Bo Berg", "Chidi Obi")
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


def _texts(tree: BeautifulSoup, path: str) -> list[str]:
    return [folded(one.get_text(" ")) for one in tree.select(path)]


def _press_seen(page: Page, place: str = ".doubtful") -> BeautifulSoup:
    """Press *Seen* or *Show again*, whichever is first; return the screen."""
    form = page.see("proofread").select_one(f"{place} form[action$='/proofread/seen']")
    assert form
    fields = {str(one["name"]): str(one["value"]) for one in form.select("[name][value]")}
    answer = page.post("proofread/seen", **fields)
    assert answer.status_code == 303
    return page.see("proofread")


def test_before_proofreading_the_screen_says_how_many_letters_it_can_check(page: Page) -> None:
    assert "4 letters can be checked" in page.words("proofread")
    assert [one.get_text() for one in page.see("proofread").select("#read button")] == [
        "Proofread letters"
    ]


def test_proofread_letters_without_problems_lead_to_print(page: Page) -> None:
    assert page.post("proofread").headers["Location"].endswith("/proofread")
    words = page.words("proofread")
    assert "✓ 4 letters checked: 4 without problems Checked on" in words
    assert page.see("proofread").select("#read .button")[0].get_text() == "Next: print"
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
    assert "✕ 4 letters checked: 2 without problems, 1 has errors, 1 needs review" in words
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
        assert "2 letters not checked: already posted" in words
        assert "changed since" not in words


@pytest.mark.slow
@pytest.mark.parametrize("is_checked", [False, True])
def test_letters_that_proofreading_skips_are_named_with_the_reason(
    tmp_path: Path, *, is_checked: bool
) -> None:
    folder = make(tmp_path, LINES, Signers=[["Name"], *([name] for name in SIGNERS)])
    merge("letters", folder)
    mark(folder, "Posted", SIGNERS[0])
    mark(folder, "Answered", SIGNERS[1])
    (folder / f"letters/{SIGNERS[2]}/Consul Roy.docx").unlink()
    (folder / f"letters/{SIGNERS[2]}/Minister Li.docx").write_bytes(b"torn")
    names = [*SIGNERS, "Nora Dahl"]
    make(folder, LINES, Signers=[["Name"], *([name] for name in names)])
    with opened(folder) as page:
        assert "1 letter can be checked" in page.words("proofread")
        if is_checked:
            page.post("proofread")
        tree = page.see("proofread")
        assert _texts(tree, ".unread summary") == [
            "2 letters not checked: already posted",
            "2 letters not checked: already answered",
            "1 letter not checked: file missing",
            "2 letters not checked: not created yet",
        ]
        assert _texts(tree, "#unread-missing li") == [f"{SIGNERS[2]} to Consul Roy"]
        if is_checked:
            (damaged,) = tree.select(".doubtful .error")
            assert "cannot be read" in damaged.get_text()


def test_a_letter_with_an_error_in_its_data_is_named_as_not_checked(page: Page) -> None:
    make(page.session.folder, LINES.replace("ask you", "ask {{ recipient.cuontry }}"))
    page.session.request_rescan()
    expected = "4 letters not checked: error in the data"
    wait_for(lambda: expected in page.words("proofread"))


# Edited letters: their changed words, and those that someone has seen


def test_the_changed_words_of_an_edited_letter_are_shown_with_their_neighbours(
    tmp_path: Path,
) -> None:
    long = "one two three four five six seven eight nine I ask you ten eleven twelve, thirteen."
    folder = make(tmp_path, LINES.replace("I ask you.", long))
    merge("letters", folder)
    retype(folder / ROY, "ask", "beg")
    edit(folder / ROY, "In haste.")
    with opened(folder) as page:
        page.post("proofread")
        tree = page.see("proofread")
        first, second = _texts(tree, ".changes p")
        assert first.startswith("… three four five six seven eight nine I [deleted: ask ] [ins")
        assert first.endswith("[inserted: beg ] you ten eleven twelve, thirteen.")
        assert second == "[inserted: In haste. ]"
        assert _texts(tree, ".changes :is(del, ins) .unseen")[:2] == ["[deleted:", "]"]
        assert "Differences" not in page.words("proofread")


@pytest.mark.slow
def test_a_seen_letter_is_folded_and_counted_and_can_be_shown_again(page: Page) -> None:
    edit(page.session.folder / ROY)
    edit(page.session.folder / "letters/Bo Berg/Minister Li.docx")
    page.post("proofread")
    tree = _press_seen(page)
    assert _texts(tree, ".doubtful h3") == ["Bo Berg to Minister Li"]
    assert _texts(tree, "#seen summary") == ["1 letter seen"]
    assert _texts(tree, "#seen li a") == ["Ana Ruiz to Consul Roy"]
    assert "△ 4 letters checked: 2 without problems, 1 needs review, 1 seen" in (
        page.words("proofread")
    )
    assert "Next: review 1 letter" in page.words("proofread")
    tree = _press_seen(page, "#seen")
    assert len(tree.select(".doubtful > li")) == 2
    assert not tree.select("#seen")


def test_the_result_of_proofreading_again_does_not_count_seen_letters(page: Page) -> None:
    add_line(page.session.folder / "letters" / "Ana Ruiz" / "Consul Roy.docx", "In haste.")
    add_line(page.session.folder / "letters" / "Bo Berg" / "Consul Roy.docx", "In haste.")
    page.post("proofread")
    _press_seen(page)
    page.post("proofread")
    words = page.words("proofread")
    assert words.startswith("4 letters checked ")
    assert "2 without problems, 1 needs review, 1 seen" in words


@pytest.mark.slow
def test_after_a_letter_is_seen_the_next_one_is_reached(page: Page) -> None:
    for name in ("Ana Ruiz/Consul Roy", "Bo Berg/Minister Li"):
        edit(page.session.folder / f"letters/{name}.docx")
    page.post("proofread")
    first, second = page.see("proofread").select(".doubtful h3 a")
    forms = page.see("proofread").select(".doubtful form")
    shown = [str(one.select("[name=shown]")[0]["value"]) for one in forms]
    ids = [str(one["id"]).removeprefix("review-") for one in (first, second)]
    answer = page.post("proofread/seen", letter=ids[0], shown=shown[0])
    assert answer.headers["Location"].endswith(f"#review-{ids[1]}")
    answer = page.post("proofread/seen", letter=ids[1], shown=shown[1])
    assert answer.headers["Location"].endswith("#review-none")
    assert page.see("proofread").select("summary#review-none")


def test_a_seen_letter_stays_seen_until_its_text_changes(page: Page) -> None:
    folder = page.session.folder
    edit(folder / ROY)
    page.post("proofread")
    _press_seen(page)
    save_again(folder / ROY)
    with opened(folder) as later:
        later.post("proofread")
        assert _texts(later.see("proofread"), "#seen summary") == ["1 letter seen"]
        edit(folder / ROY, "Another line by hand")
        later.post("proofread")
        tree = later.see("proofread")
        assert _texts(tree, ".doubtful h3") == ["Ana Ruiz to Consul Roy"]
        assert not tree.select("#seen")


@pytest.mark.slow
def test_a_seen_letter_is_shown_again_if_another_problem_is_found(page: Page) -> None:
    folder = page.session.folder
    edit(folder / ROY)
    page.post("proofread")
    _press_seen(page)
    people = [["Name"], ["Minister Li"], ["Consul Roy"], ["Added by hand"]]
    make(folder, LINES, Recipients=people)
    page.session.request_rescan()
    page.post("proofread")
    assert "Ana Ruiz to Consul Roy" in _texts(page.see("proofread"), ".doubtful h3")


@pytest.mark.slow
def test_an_error_that_someone_has_seen_still_counts_as_an_error(page: Page) -> None:
    retype(page.session.folder / ROY, "Consul Roy", "Minister Li")
    page.post("proofread")
    tree = _press_seen(page)
    assert not tree.select(".doubtful")
    assert "✕ 4 letters checked: 3 without problems, 1 has errors, 1 seen" in (
        page.words("proofread")
    )
    assert _texts(tree, "#seen .level") == ["Error"]
    assert "The last proofreading found errors in 1 letter." in page.words("print")


@pytest.mark.slow
def test_a_letter_is_not_seen_if_it_was_proofread_again_after_it_was_shown(page: Page) -> None:
    edit(page.session.folder / ROY)
    page.post("proofread")
    form = page.see("proofread").select(".doubtful form")[0]
    fields = {str(one["name"]): str(one["value"]) for one in form.select("input")}
    edit(page.session.folder / ROY, "Another line by hand")
    page.post("proofread")
    with unchanged(page.session.folder):
        assert page.post("proofread/seen", **fields).status_code == 303
    assert _texts(page.see("proofread"), ".doubtful h3") == ["Ana Ruiz to Consul Roy"]


def test_an_invalid_form_about_a_seen_letter_changes_nothing(page: Page) -> None:
    edit(page.session.folder / ROY)
    assert page.post("proofread/seen", letter="0123456789abcdef").status_code == 404
    page.post("proofread")
    with unchanged(page.session.folder):
        assert page.post("proofread/seen", letter="0123456789abcdef").status_code == 404
        assert page.post("proofread/seen").status_code == 404
        assert page.get("proofread/seen").status_code == 405


@pytest.mark.slow
def test_a_seen_letter_keeps_its_decision_about_a_conflict(page: Page) -> None:
    folder = page.session.folder
    edit(folder / ROY)
    make(folder, LINES.replace("ask", "beg"))
    assert merge("letters", folder, "--keep", "edited").code == 0
    page.post("proofread")
    for place in (".doubtful", "#seen"):
        _press_seen(page, place)
        view = page.session.snapshot.view
        assert view
        assert [planned.choice for planned in view.decided_letters] == ["keep"]


@pytest.mark.slow
def test_letters_seen_on_two_computers_are_seen_on_both(tmp_path: Path) -> None:
    two = office(tmp_path, template=LINES)
    two.run(two.a, "letters")
    for name in ("Ana Ruiz", "Bo Berg"):
        edit(two.a.folder / f"letters/{name}/Minister Li.docx")
    two.service.sync_all()
    for computer, name in ((two.a, "Ana Ruiz"), (two.b, "Bo Berg")):
        with _at(computer) as page:
            page.post("proofread")
            (position,) = (
                number
                for number, text in enumerate(_texts(page.see("proofread"), ".doubtful h3"), 1)
                if text.startswith(name)
            )
            _press_seen(page, f".doubtful > li:nth-child({position})")
    two.service.sync_all()
    for computer in (two.a, two.b):
        with _at(computer) as page:
            page.post("proofread")
            assert len(page.see("proofread").select("#seen li")) == 2


@contextmanager
def _at(computer: Computer) -> Iterator[Page]:
    """Open the campaign on one of two computers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MERGE_HOME", str(computer.folder.with_name(f"home of {computer.name}")))
        with opened(computer.folder) as page:
            yield page


def test_proofreading_results_stay_when_the_notice_is_dismissed(page: Page) -> None:
    page.post("proofread")
    assert "4 letters checked" in page.words("data")
    assert page.see("data").select("#errand a[href$='/proofread']")
    page.post("errand/put-away")
    assert "letters checked" not in page.words("data")
    assert "4 letters checked" in page.words("proofread")


@pytest.mark.posix("the program of this test")
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
        assert "△ 4 letters checked: a problem in all letters, 4 have no other problems" in words
        assert "No problems were found" not in words
        assert not tree.select(".verdict.good, .outcome.good")
        assert not tree.select("main a.button[href$='/print']")
        (of_all,) = tree.select("#of-all")
        assert "Minister Li" in of_all.get_text()
        assert of_all.select("#open-template")
        ids = of_all.select("input[name=warnings]")[0]["value"]
        page.post("data/ignore", warnings=ids)
        assert "✓ 4 letters checked: 4 without problems" in page.words("proofread")
        tree = page.see("proofread")
        assert tree.select("#read .button")[0].get_text() == "Next: print"
        assert tree.select("#of-all .ignored [name=again]")
