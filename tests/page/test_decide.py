"""Conflicts screen: decisions, compared with those of the command."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from docx import Document
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from support.browsers import live, needs_browser
from support.campaigns import letters, make, merge, text
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.pages import Page, folded, opened, unchanged, wait_for
from support.printed_campaigns import NEWER, PEOPLE, edit, make_six_letters, mark, no_libreoffice
from support.registers import table_without_tokens
from support.staff_actions import add_line, choose_paper, retype, save_again

from merge.campaign.task import Task
from merge.state.ledger import read_ledger

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

NEWEST = "Dear {{ recipient.name }},\nwe write anew.\n{{ signer.name }}"
ROY = "Ana Ruiz/Consul Roy.docx"
LI = "Bo Berg/Minister Li.docx"
CHIDI = "Chidi Obi/Minister Li.docx"


def _template(folder: Path, template: str = NEWER) -> None:
    make(folder, template, Signers=[["Name"], *([name] for name in PEOPLE)])


def _edited(folder: Path) -> Path:
    """Six letters, three of them edited, and a changed template.

    The other letters are up to date.
    """
    return copy_made_folder(_edit, folder)


def _edit(folder: Path) -> None:
    make_six_letters(folder)
    for path in (ROY, LI, CHIDI):
        edit(folder / "letters" / path)
    _template(folder)
    merge("letters", folder)


@contextmanager
def _page(folder: Path) -> Iterator[Page]:
    with opened(_edited(folder)) as page:
        yield page


def _conflict_ids(page: Page) -> dict[str, str]:
    """The IDs of the letters in conflict, by their paths."""
    view = page.session.snapshot.view
    assert view
    paths = {planned.record.id: planned.record.path for planned in view.letters}
    return {paths[question.about]: question.about for question in page.session.snapshot.conflicts}


def _form_fields(tree: BeautifulSoup) -> dict[str, str]:
    """The fields of the form with the choices."""
    form = tree.select_one("form.choice-form")
    assert form
    hidden = form.select("input[type=hidden]")
    return {str(one["name"]): str(one["value"]) for one in hidden}


def _send_choice(page: Page, path: str, choice: str) -> BeautifulSoup:
    """Make a choice of a screen; return the next screen."""
    answer = page.post("decide", choice=choice, **_form_fields(page.see(path)))
    assert answer.status_code == 303
    return BeautifulSoup(page.client.get(answer.headers["Location"]).text, "html.parser")


def _words(tag: Tag | None) -> str:
    assert tag
    return folded(tag.get_text(" "))


def _changed_data(tree: BeautifulSoup) -> list[str]:
    """The rows of the table of changed data, without the headings."""
    rows = tree.select("#compare .table-box tbody tr")
    return [" | ".join(_words(cell) for cell in row.select("th, td")) for row in rows]


def _state(folder: Path) -> tuple[object, ...]:
    """Letters, decisions and register rows, as a run leaves them."""
    found = {
        path.split("/", 2)[-1] if path.startswith("Old versions") else path: file.read_bytes()
        for path, file in letters(folder).items()
    }
    with closing(read_ledger(folder / "letters")) as ledger:
        decisions = sorted(ledger.decisions())
    return found, decisions, table_without_tokens(folder / "register.xlsx")


# Display


def test_a_conflict_shows_its_letter_changed_data_and_both_versions(tmp_path: Path) -> None:
    people = [["Name", "City"], ["Minister Li", "Oslo"]]
    lines = "{{ recipient.name }}\n{{ recipient.city }}\nI ask you.\n{{ signer.name }}"
    make(tmp_path, lines, Recipients=people)
    merge("letters", tmp_path)
    edit(tmp_path / "letters/Ana Ruiz/Minister Li.docx", "By hand")
    people[1][1] = "Bergen"
    make(tmp_path, lines, Recipients=people)
    with opened(tmp_path) as page:
        (about,) = _conflict_ids(page).values()
        assert about in str(page.see("decide").select_one("#asked a"))
        tree = page.see(f"decide/{about}")
        assert _words(tree.find("h2", id="whose")) == "Ana Ruiz to Minister Li"
        assert _changed_data(tree) == [
            "City in Recipients signers.xlsx, Recipients!B2 | Oslo | Bergen"
        ]
        mine = [_words(one) for one in tree.select(".mine.paper ins")]
        new = [_words(one) for one in tree.select(".new.paper mark")]
        assert mine == ["[only in my version: Oslo ]", "[only in my version: By hand ]"]
        assert new == ["[only in the new version: Bergen ]"]
        assert tree.select("#compare del") == []
        assert "Marked : only in this version." in _words(tree.find(id="compare"))
        assert {str(one["value"]) for one in tree.select("button[name=choice]")} == {
            *("keep", "new", "print")
        }


def test_the_number_of_conflicts_does_not_include_warnings(tmp_path: Path) -> None:
    make(tmp_path, Signers=[["Name"], ["ana ruiz"], ["Bo Berg"]])
    with opened(tmp_path) as page:
        assert len(page.session.snapshot.pending_decisions) == 2
        assert page.session.snapshot.conflicts == ()
        assert page.see("decide").select("nav [aria-current] .count") == []
        assert "The Data screen lists 2 warnings." in page.words("decide")


@pytest.mark.parametrize("screen", ["decide", "proofread"])
def test_conflicts_without_letters_say_the_next_step(tmp_path: Path, screen: str) -> None:
    make(tmp_path)
    with opened(tmp_path) as page:
        assert "No letters yet" in page.words(screen)
        assert page.see(screen).select("a.button[href$='/letters']")


@pytest.mark.parametrize("screen", ["decide", "proofread"])
def test_conflicts_of_an_unreadable_campaign_lead_to_data(tmp_path: Path, screen: str) -> None:
    (make(tmp_path) / "signers.xlsx").write_bytes(b"no workbook")
    with opened(tmp_path) as page:
        assert "cannot be read right now" in page.words(screen)
        assert page.see(screen).select("a.button[href$='/data']")
        assert page.get("decide/0123456789abcdef").status_code == 404


def test_no_conflicts_is_said_with_the_next_step(tmp_path: Path) -> None:
    with opened(make_six_letters(tmp_path)) as page:
        assert "No conflicts" in page.words("decide")
        assert page.see("decide").select("a.button[href$='/proofread']")


@pytest.mark.parametrize("screen", everyday(["decide", "proofread"]))
def test_a_closed_campaign_has_no_conflicts(tmp_path: Path, screen: str) -> None:
    folder = _edited(tmp_path)
    merge("close", folder, "--yes")
    with opened(folder) as page:
        words = page.words(screen)
        assert "The campaign is closed. Its letters have been deleted." in words
        assert page.see(screen).select("main a.button[href$='/progress']")
        assert not page.see(screen).select("form.choice-form, #proofread-begin")


def test_uncertain_files_are_reported_with_what_to_do(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "letters" / "Ana Ruiz" / ".~lock.Consul Roy.docx#").write_text(",ana,", "utf-8")
    shutil.copy2(folder / "letters" / LI, folder / "letters" / CHIDI)
    with opened(folder) as page:
        words = page.words("decide")
        assert "Close it in Word" in words
        assert "Move that file to another folder" in words
        assert page.session.snapshot.conflicts == ()


def test_printed_letters_have_no_conflict(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    edit(folder / "letters" / ROY)
    mark(folder, "Printed")
    _template(folder)
    with opened(folder) as page:
        assert _conflict_ids(page) == {}


# Decisions: one letter, all of a signer, of a recipient, of a kind

GROUPS = {
    "one letter": ("", LI, {LI}, ""),
    "a signer": ("/signer", ROY, {ROY}, "Ana Ruiz"),
    "a recipient": ("/recipient", LI, {LI, CHIDI}, "Minister Li"),
    "a kind": ("/kind", ROY, {ROY, LI, CHIDI}, "edited"),
}
OPTIONS = {"keep": "--keep", "new": "--replace"}


@pytest.mark.slow
@pytest.mark.parametrize("choice", everyday(OPTIONS))
@pytest.mark.parametrize("group", everyday(GROUPS, daily=(1,)))
def test_a_decision_leaves_the_same_folder_as_the_command(
    tmp_path: Path, group: str, choice: str
) -> None:
    by, first, letter_name, word = GROUPS[group]
    with _page(tmp_path / "page") as page:
        other = tmp_path / "command"
        shutil.copytree(page.session.folder, other)
        about = _conflict_ids(page)[first]
        _send_choice(page, f"decide/{about}{by}", choice)
        assert _conflict_ids(page).keys() == {ROY, LI, CHIDI} - letter_name
        assert merge("letters", other, OPTIONS[choice], word or about, "--yes").code == 0
        assert merge("letters", page.session.folder).code == 0
        assert _state(page.session.folder) == _state(other)
        edited = {path for path in letter_name if "Added by hand" in text(other / "letters" / path)}
        assert edited == (letter_name if choice == "keep" else set())


@pytest.mark.slow
@pytest.mark.parametrize("group", everyday(GROUPS, daily=(2,)))
def test_print_as_is_has_the_same_effect_as_the_command(tmp_path: Path, group: str) -> None:
    by, first, letter_name, word = GROUPS[group]
    with _page(tmp_path / "page") as page:
        other = tmp_path / "command"
        shutil.copytree(page.session.folder, other)
        about = _conflict_ids(page)[first]
        _send_choice(page, f"decide/{about}{by}", "print")
        rest = ("--skip-errors", "--json")
        printed_report = merge("print", other, "--accept", word or about, *rest).json
        assert printed_report["letters"] == 3 + len(letter_name)
        assert _state(page.session.folder)[:2] == _state(other)[:2]
        assert merge("print", page.session.folder, *rest).json["letters"] == 3 + len(letter_name)


def test_only_the_decided_letters_are_created_again(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        _template(tmp_path, NEWEST)
        page.session.request_rescan()
        before = {path: file.read_bytes() for path, file in letters(tmp_path).items()}
        wait_for(lambda: page.session.snapshot.view and page.session.snapshot.view.counts.to_write)
        _send_choice(page, f"decide/{_conflict_ids(page)[ROY]}", "new")
        after = {path: file.read_bytes() for path, file in letters(tmp_path).items()}
        assert {path for path in before if after[path] != before[path]} == {ROY}
        assert "we write anew." in text(tmp_path / "letters" / ROY)


def test_the_next_conflict_follows_a_decision_and_later_skips_one(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        first, second, third = _conflict_ids(page).values()
        tree = page.see(f"decide/{first}")
        assert tree.select(f"a[href$='decide/{second}']")
        tree = _send_choice(page, f"decide/{first}", "keep")
        assert _form_fields(tree)["shown"].startswith(second)
        assert "Your version is kept." in _words(tree.find(id="errand"))
        _send_choice(page, f"decide/{third}", "keep")
        tree = _send_choice(page, f"decide/{second}", "keep")
        assert "No conflicts" in _words(tree.find("main"))


def test_the_result_of_a_decision_is_gone_on_the_conflict_after_the_next(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        first, second, third = _conflict_ids(page).values()
        page.words(f"decide/{first}")  # an open screen is redrawn before the next one is shown
        tree = _send_choice(page, f"decide/{first}", "keep")
        assert "Decision saved" in _words(tree.select_one("main"))
        page.words(f"decide/{first}")
        assert "Decision saved" in page.words(f"decide/{second}?saved=1")
        assert "Decision saved" not in page.words(f"decide/{third}")


def test_the_next_conflict_follows_even_if_the_folder_is_not_scanned_again_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merge.page.routes.decide._WAIT_SECONDS", 0)
    with _page(tmp_path) as page:
        first, second, _ = _conflict_ids(page).values()
        form = _form_fields(page.see(f"decide/{first}"))
        answer = page.client.post(f"/c/{page.key}/decide", data={"choice": "keep", **form})
        assert answer.headers["Location"].endswith(f"decide/{second}?saved=1")
        page.rest()


def test_similar_conflicts_are_shown_with_their_number_first(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        about = _conflict_ids(page)[LI]
        assert "All 2 letters to Minister Li" in page.words(f"decide/{about}")
        assert "All 1" not in page.words(f"decide/{about}")
        words = page.words(f"decide/{about}/recipient")
        assert "Bo Berg to Minister Li" in words
        assert "Chidi Obi to Minister Li" in words
        assert "Ana Ruiz" not in words
        assert page.get(f"decide/{about}/nothing").status_code == 404


# Letters of a print file are one conflict


@pytest.mark.slow
@pytest.mark.parametrize("choice", ["new", "keep"])
def test_the_letters_of_a_print_file_are_one_conflict_with_one_decision(
    tmp_path: Path, choice: str
) -> None:
    folder = make_six_letters(tmp_path)
    merge("print", folder)
    _template(folder)
    with opened(folder) as page:
        assert page.session.snapshot.conflict_count == 1
        assert "1 conflict needs your decision" in page.words("decide")
        assert "6 letters are in print files" in page.words("print")
        (about, *_) = _conflict_ids(page).values()
        assert "All 6 letters in print file 01" in page.words("decide")
        assert page.see("decide").select(f"#asked a[href$='decide/{about}/kind']")
        assert "You decide whether it is created again." in page.words(f"decide/{about}")
        assert _form_fields(page.see(f"decide/{about}"))["then"] == ""
        _send_choice(page, f"decide/{about}/kind", choice)
        assert page.session.snapshot.conflict_count == 0
        is_new = "Dear Consul Roy," in text(folder / "letters" / ROY)
        assert is_new == (choice == "new")


# Changes between display and decision


@pytest.mark.slow
@pytest.mark.parametrize("choice", everyday(["keep", "new", "print"]))
@pytest.mark.parametrize("what", ["the file", "the data"])
def test_a_letter_that_changed_since_it_was_shown_is_not_decided(
    tmp_path: Path, choice: str, what: str
) -> None:
    with _page(tmp_path) as page:
        about = _conflict_ids(page)[ROY]
        form = _form_fields(page.see(f"decide/{about}"))
        if what == "the file":
            edit(tmp_path / "letters" / ROY, "Another line by hand")
        else:
            _template(tmp_path, NEWEST)
        before = _state(tmp_path)[:2]
        answer = page.post("decide", choice=choice, **form)
        assert answer.headers["Location"].endswith(f"decide/{about}?saved=1")
        assert _state(tmp_path)[:2] == before
        tree = page.see(f"decide/{about}?saved=1")
        assert "1 letter was skipped: it was saved or decided" in _words(tree.find(id="errand"))
        assert _form_fields(tree)["shown"] != form["shown"]
        _send_choice(page, f"decide/{about}", choice)
        assert ROY not in _conflict_ids(page)


def test_of_similar_conflicts_only_the_changed_one_stays_open(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        path = f"decide/{_conflict_ids(page)[ROY]}/kind"
        form = _form_fields(page.see(path))
        edit(tmp_path / "letters" / LI, "Another line by hand")
        page.post("decide", choice="new", **form)
        assert _conflict_ids(page).keys() == {LI}
        assert "Another line by hand" in text(tmp_path / "letters" / LI)
        assert "Added by hand" not in text(tmp_path / "letters" / CHIDI)
        words = page.words("decide?saved=1")
        assert "2 letters were created again" in words
        assert "1 letter was skipped" in words


def test_an_open_letter_is_not_created_again_and_is_reported(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        about = _conflict_ids(page)[ROY]
        form = _form_fields(page.see(f"decide/{about}"))
        (tmp_path / "letters/Ana Ruiz/.~lock.Consul Roy.docx#").write_text(",ana,", "utf-8")
        page.post("decide", choice="new", **form)
        assert "Added by hand" in text(tmp_path / "letters" / ROY)
        words = page.words(f"decide/{about}?saved=1")
        assert "1 letter is open in Word or another program and was skipped" in words


def test_a_second_tab_cannot_repeat_a_decision(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        path = f"decide/{_conflict_ids(page)[ROY]}"
        first, second = _form_fields(page.see(path)), _form_fields(page.see(path))
        page.post("decide", choice="keep", **first)
        before = _state(tmp_path)
        page.post("decide", choice="new", **second)
        assert _state(tmp_path) == before
        assert "Added by hand" in text(tmp_path / "letters" / ROY)
        words = page.words(f"{path}?saved=1")
        assert "Already resolved" in words
        assert "Nothing was changed" in words


# Earlier decisions


@pytest.mark.slow
def test_decided_letters_are_listed_and_can_be_asked_again(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        about = _conflict_ids(page)[ROY]
        _send_choice(page, f"decide/{about}", "keep")
        assert "Keep my version" in page.words("decide")
        answer = page.post("decide/again", letter=about)
        assert answer.headers["Location"].endswith(f"decide/{about}?saved=1")
        assert ROY in _conflict_ids(page)
        assert "You will be asked about this letter again" in page.words(f"decide/{about}?saved=1")
        assert "Resolved earlier" not in page.words("decide")


@pytest.mark.slow
def test_a_kept_letter_counts_as_up_to_date_and_one_that_is_printed_as_is_as_changed(
    tmp_path: Path,
) -> None:
    with _page(tmp_path) as page:
        asked = _conflict_ids(page)
        _send_choice(page, f"decide/{asked[ROY]}", "keep")
        _send_choice(page, f"decide/{asked[LI]}", "print")
        states = {}
        for row in page.see("letters?view=list").select("#letters-list tbody tr"):
            states[_words(row.th)] = _words(row.td)
        assert "data changed" not in states["Ana Ruiz to Consul Roy"]
        assert "edited, data changed" in states["Bo Berg to Minister Li"]


@dataclass
class Street:
    """A campaign with a letter to Lindenstrasse 15."""

    folder: Path
    lines: str = "{{ recipient.name }}\n{{ recipient.street }}\nI ask you.\n{{ signer.name }}"

    def __post_init__(self) -> None:
        self.make("Lindenstrasse 15")
        merge("letters", self.folder)

    @property
    def letter(self) -> Path:
        return self.folder / "letters/Ana Ruiz/Minister Li.docx"

    def make(self, street: object) -> None:
        recipients = [["Name", "Street"], ["Minister Li", street]]
        make(self.folder, self.lines, Recipients=recipients)


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path / "campaign")


def _only_conflict(page: Page) -> BeautifulSoup:
    (about,) = _conflict_ids(page).values()
    return page.see(f"decide/{about}")


def test_a_changed_template_is_named_without_a_value(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        rows = _changed_data(page.see(f"decide/{_conflict_ids(page)[ROY]}"))
        assert rows == ["the template |  | changed"]


def test_a_conflict_by_the_layout_alone_says_that_the_text_is_the_same(tmp_path: Path) -> None:
    """Both papers look alike: only the template's page is different."""
    folder = make_six_letters(tmp_path)
    save_again(folder / "letters" / ROY, bold=True)
    add_line(folder / "letters" / LI, "In haste.")
    choose_paper(folder / "templates" / "appeal.docx", "Letter")
    with opened(folder) as page:
        ids = _conflict_ids(page)
        same, edited = (page.see(f"decide/{ids[letter]}") for letter in (ROY, LI))
        assert "The text is the same. Only the formatting" in _words(same.select_one("#compare"))
        assert "Marked : only in this version." in _words(edited.select_one("#compare"))
        advice = [_words(tree.select_one(".mine.effect")) for tree in (same, edited)]
        assert "If you use the new version, only your own formatting is lost." in advice[0]
        assert "use the new version, then copy your own words into it from your old" in advice[1]


def test_a_conflict_with_new_words_advises_to_copy_them_into_the_letter(street: Street) -> None:
    edit(street.letter, "By hand")
    street.make("Lindenstrasse 15b")
    choose_paper(street.letter, "Letter")
    with opened(street.folder) as page:
        advice = _words(_only_conflict(page).select_one(".mine.effect"))
        assert "open your letter in Word, copy what you need into it, and save" in advice


@pytest.mark.posix("the program of this test")
def test_each_version_has_its_button_below_it_and_mine_opens_in_word(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener, texts = tmp_path / "opener", tmp_path / "told"
    opener.write_text(f'#!/bin/sh\necho "$1" >> "{texts}"\n', "utf-8")
    opener.chmod(opener.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("MERGE_OPENER", str(opener))
    edit(street.letter, "By hand")
    street.make("Lindenstrasse 15b")
    with opened(street.folder) as page:
        tree = _only_conflict(page)
        buttons = {side: tree.select(f".{side}.do button") for side in ("mine", "new")}
        assert [_words(one) for one in buttons["mine"]] == ["Keep my version", "Open mine in Word"]
        assert [_words(one) for one in buttons["new"]] == ["Use new version"]
        assert [_words(one) for one in tree.select(".choices button")] == [
            "Print without the new data"
        ]
        (about,) = _conflict_ids(page).values()
        answer = page.post(f"decide/{about}/open")
        assert answer.headers["Location"].endswith(f"decide/{about}")
        assert texts.read_text("utf-8").split("\n")[0] == str(street.letter)
        assert page.post("decide/0123456789abcdef/open").status_code == 404


# People


def _renamed(folder: Path) -> Path:
    people = [["ID", "Name"], ["R1", "Adam Price"], ["R2", "Consul Roy"]]
    make(folder, Recipients=people)
    merge("letters", folder)
    edit(folder / "letters" / "Ana Ruiz" / "Adam Price.docx")
    people[1][1] = "Jane Roe"
    make(folder, Recipients=people)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("choice", everyday(["same", "other"]))
def test_a_decision_about_a_person_has_the_same_effect_as_the_command(
    tmp_path: Path, choice: str
) -> None:
    folder, other = _renamed(tmp_path / "page"), tmp_path / "command"
    shutil.copytree(folder, other)
    with opened(folder) as page:
        (question,) = page.session.snapshot.conflicts
        assert "Adam Price Jane Roe" in page.words("decide")
        assert not page.see("decide").select("input[type=radio][checked]")
        page.post("decide/names", **{f"{question.about}.{question.version_token}": choice})
        edited = {"Ana Ruiz/Adam Price.docx"}  # it has another name than the data now
        assert _conflict_ids(page).keys() == (edited if choice == "same" else set())
        assert "Changed names" not in page.words("decide")
    assert merge("letters", folder).code == 0
    assert merge("letters", other, f"--{choice}-person", "R1").code == 0
    assert _state(folder) == _state(other)


# Invalid forms


def test_looking_at_conflicts_changes_nothing(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        about = _conflict_ids(page)[ROY]
        with unchanged(tmp_path):
            for path in ("decide", f"decide/{about}", f"decide/{about}/kind"):
                assert page.get(path).status_code == 200


def test_an_invalid_conflict_form_changes_nothing(tmp_path: Path) -> None:
    forms: list[tuple[dict[str, str], int]] = [
        ({"choice": "keep"}, 400),
        ({"choice": "burn", "shown": "0123456789abcdef.00"}, 400),
        ({"choice": "hide", "shown": "0123456789abcdef.00"}, 400),
        ({"choice": "keep", "shown": "0123456789abcdef.00"}, 404),
        ({}, 400),
    ]
    with _page(tmp_path) as page:
        before = _state(tmp_path)
        for fields, status in forms:
            assert page.post("decide", **fields).status_code == status, fields
        assert page.post("decide/again", letter="0123456789abcdef").status_code == 404
        assert page.get("decide/again").status_code == 404
        assert page.get("decide/0123456789abcdef").status_code == 404
        assert page.client.post(f"/c/{page.key}/decide/0123456789abcdef").status_code == 405
        assert _state(tmp_path) == before


def test_a_conflict_form_can_have_ten_thousand_letters(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        shown = " ".join(f"{number:016x}.{number:016x}" for number in range(10_000))
        assert page.post("decide", choice="keep", shown=shown).status_code == 404


def test_a_choice_that_a_conflict_does_not_offer_is_not_applied(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        about = _conflict_ids(page)[ROY]
        page.post("decide", choice="same", **_form_fields(page.see(f"decide/{about}")))
        assert ROY in _conflict_ids(page)


def test_no_decision_is_applied_while_a_task_is_running(tmp_path: Path) -> None:
    with _page(tmp_path) as page:
        about = _conflict_ids(page)[ROY]
        form = _form_fields(page.see(f"decide/{about}"))

        def work(_campaign: object, task: Task) -> None:
            while True:
                task.raise_if_cancelled()

        page.session.submit_with_campaign("letters", work)
        answer = page.client.post(f"/c/{page.key}/decide", data={"choice": "keep", **form})
        assert answer.status_code == 409
        page.session.cancel_task()
        page.rest()
        assert ROY in _conflict_ids(page)


# In a browser


@pytest.mark.page
@needs_browser
@pytest.mark.slow
def test_an_open_conflict_shows_what_is_saved_in_word_and_says_so(
    tmp_path: Path, browser: Chrome
) -> None:
    folder = _edited(tmp_path / "campaign")
    with live(folder, browser) as page:
        page.go("decide")
        page.press("Start with the first conflict")
        page.says("Added by hand")
        edit(folder / "letters" / ROY, "Another line by hand")
        page.says("Another line by hand")
        assert "This page now shows the current versions." in page.words
        page.press("Use new version")
        page.says("The letter was created again")
    assert "Another line by hand" not in text(folder / "letters" / ROY)
    aside = [*(folder / "letters" / "Old versions").rglob("*.docx")]
    assert [Document(str(one)).paragraphs[-1].text for one in aside] == ["Another line by hand"]


@pytest.mark.page
@needs_browser
@pytest.mark.slow
def test_what_is_saved_in_word_appears_in_a_conflict_from_which_it_was_opened(
    street: Street, browser: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (opener := tmp_path / "opener").write_text("#!/bin/sh\n", "utf-8")
    opener.chmod(opener.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("MERGE_OPENER", str(opener))
    edit(street.letter, "By hand")
    street.make("Lindenstrasse 15b")
    with live(street.folder, browser) as page:
        page.go("decide")
        page.press("Start with the first conflict")
        page.says("Lindenstrasse 15b")
        page.press("Open mine in Word")
        page.says("Open mine in Word")
        retype(street.letter, "Lindenstrasse 15", "Lindenstrasse 15b")
        page.says("This page now shows the current versions.")
        assert page.root in browser.current_url
        paper = browser.find_element(By.CSS_SELECTOR, ".mine.paper")
        assert "Lindenstrasse 15b" in paper.text
        page.press("Keep my version")
        page.says("Your version is kept.")
    assert text(street.letter)[1] == "Lindenstrasse 15b"
    assert text(street.letter)[-1] == "By hand"


@pytest.mark.page
@needs_browser
@pytest.mark.slow
def test_identical_paragraphs_open_in_both_papers_which_stay_level(
    street: Street, browser: Chrome
) -> None:
    street.lines = "{{ recipient.street }}\n" + "I ask you.\n" * 9 + "{{ signer.name }}"
    street.make("Lindenstrasse 15")
    merge("letters", street.folder)
    edit(street.letter, "By hand. " * 60)
    street.make("Lindenstrasse 15b")
    with live(street.folder, browser) as page:
        page.go("decide")
        page.press("Start with the first conflict")
        page.says("Show 8 more identical paragraphs")
        browser.find_element(By.CSS_SELECTOR, ".new.paper summary").click()
        opened_sides = (By.CSS_SELECTOR, ".paper details[open]")
        wait_for(lambda: len(browser.find_elements(*opened_sides)) == 2)
        last = [browser.find_elements(By.CSS_SELECTOR, f"{side}.paper p")[-1] for side in SIDES]
        assert last[0].location["y"] == last[1].location["y"]
        assert last[0].location["x"] < last[1].location["x"]


SIDES = (".mine", ".new")
