"""Deletion and closing by the page: files left, screens, refusals."""

from __future__ import annotations

import io
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from selenium.webdriver import Chrome
from support import documents
from support.browsers import live, needs_browser
from support.campaigns import make, merge
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.pages import Page, opened, unchanged, wait_for
from support.staff_actions import add_line

from merge.campaign.campaign import read_campaign
from merge.campaign.task import Task
from merge.page.deletion_screen import (
    DeletionPreview,
    RemainingTraces,
    current_step,
    delete_shown_person,
)
from merge.product import RECORDS_FOLDER
from merge.state.ledger import ledger_to_read

SIGNERS = [
    ["Name", "ID", "City", "Email"],
    ["Ana Ruiz", "S1", "Lima", "ana.ruiz@example.org"],
    ["Olena Kovalenko", "S2", "Lviv", "olena@example.org"],
    ["Þórdís Jónsdóttir", "S3", "Húsavík", "thordis@example.org"],
]
RECIPIENTS = [
    ["Name", "ID", "Country"],
    ["Minister Li", "R1", "China"],
    ["Consul Roy", "R2", "India"],
]
LINES = "{{ recipient.name }}\nDear {{ recipient.name }},\n{{ signer.name }}, {{ signer.city }}"
HERS = ("Olena", "Kovalenko", "Lviv", "olena@example.org", "S2")
SCREENS = ("data", "letters", "decide", "proofread", "print", "paper", "progress", "erase")


def printed(folder: Path) -> None:
    """A campaign with created and printed letters, some marked as printed."""
    make(folder, LINES, Signers=SIGNERS, Recipients=RECIPIENTS)
    merge("letters", folder)
    merge("print", folder)
    merge("proofread", folder)
    merge("mark", "posted", folder, "--for", "S2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_made_folder(printed, tmp_path / "campaign")


def _delete_row(folder: Path, own_id: str = "S2") -> None:
    make(
        folder,
        LINES,
        Signers=[row for row in SIGNERS if own_id not in row],
        Recipients=[row for row in RECIPIENTS if own_id not in row],
    )


def _cells(path: Path) -> list[object]:
    book = load_workbook(path)
    return [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def _ledger(folder: Path) -> object:
    """Return what the records say, without states of files and the last run."""
    with ledger_to_read(folder / "letters") as ledger:
        facts = {name: value for name, value in ledger.facts() if name != "last_run"}
        letters = [(letter.id, letter.path, letter.output) for letter in ledger.letters()]
        others = (
            *ledger.people(),
            *ledger.decisions(),
            ledger.state.marked_letters(),
            ledger.state.closed_on,
        )
        return facts, letters, others, {*ledger.batches()}


def _folder_state(folder: Path) -> dict[str, object]:
    """All files of a campaign folder; of register and ledger, the contents."""
    found: dict[str, object] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(f"{RECORDS_FOLDER}/"):
            is_register = path.name == "register.xlsx"
            found[name] = _cells(path) if is_register else path.read_bytes()
    return {**found, RECORDS_FOLDER: _ledger(folder)}


def _texts(data: bytes) -> Iterator[str]:
    if data[:2] != b"PK":  # bytes that are compressed may be any word of two characters
        yield data.decode("utf-8", "replace")
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            yield name
            yield from _texts(archive.read(name))


def _files_with_words(folder: Path, words: str) -> list[str]:
    """The files of a folder whose names or contents have words."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        path.name
        for path in files
        if words in path.relative_to(folder).as_posix()
        or any(words in text for text in _texts(path.read_bytes()))
    ]


def _token(page: Page) -> str:
    return str(page.see("erase").select("input[name=token]")[0]["value"])


def _erase(page: Page, name: str, **fields: str) -> None:
    page.post("erase/find", name=name)
    answer = page.post("erase/person", token=_token(page), sure="on", **fields)
    assert answer.status_code == 303, answer.get_data(as_text=True)


# Effects


@pytest.mark.slow
@pytest.mark.parametrize("who", everyday(["S2", "Olena Kovalenko", "olena kovalenko", "R1"]))
def test_deletion_by_the_page_leaves_the_same_folder_as_the_command(folder: Path, who: str) -> None:
    twin = folder.with_name("twin")
    shutil.copytree(folder, twin)
    merge("delete-person", who, twin, "--yes")
    with opened(folder) as page:
        _erase(page, who)
    assert _folder_state(folder) == _folder_state(twin)


@pytest.mark.slow
def test_the_dates_of_posted_letters_are_kept_only_if_requested(folder: Path) -> None:
    twin = folder.with_name("twin")
    shutil.copytree(folder, twin)
    merge("delete-person", "S2", twin, "--yes", "--keep-counts")
    with opened(folder) as page:
        page.post("erase/find", name="S2")
        assert "Keep the dates of 2 posted letters" in page.words("erase")
        assert "Not counted" not in page.words("progress")
        page.post("erase/person", token=_token(page), sure="on", keep_counts="on")
        page.rest()
        assert "whose data was deleted (2 posted)" in page.words("progress")
    assert _folder_state(folder) == _folder_state(twin)


@pytest.mark.slow
def test_nothing_of_a_person_is_left_after_staff_delete_their_row(
    folder: Path,
) -> None:
    with opened(folder) as page:
        page.post("progress/report", with_names="on")
        for path in folder.glob("report *"):
            path.unlink()
        _erase(page, "Olena Kovalenko")
        words = page.words("erase")
        assert "Some data about Olena Kovalenko is left" in words
        assert "signers.xlsx : Signers!A3, Signers!D3" in words
        _delete_row(folder)
        wait_for(lambda: "No data about this person is left" in page.words("erase"), 10)
        page.rest()
        for word in HERS:
            assert _files_with_words(folder, word) == []
            for screen in SCREENS:
                assert word not in page.get(screen).get_data(as_text=True), (word, screen)
        assert page.session.task_result is None
        assert page.session.background_work is None
        page.post("erase/leave")
        assert "Delete a person’s data" in page.words("erase")


@pytest.mark.slow
def test_the_words_of_a_row_that_was_deleted_first_are_still_searched(folder: Path) -> None:
    (folder / "notes.txt").write_text("Call olena@example.org")
    with opened(folder) as page:
        page.post("erase/find", name="S2")
        token = _token(page)
        _delete_row(folder)
        number = page.session.snapshot.number
        wait_for(lambda: page.session.snapshot.number > number, 10)
        page.post("erase/person", token=token, sure="on")
        if "have changed since you saw the list" in page.words("erase"):
            page.post("erase/person", token=_token(page), sure="on")
        assert "notes.txt" in page.words("erase")
        (folder / "notes.txt").unlink()
        page.post("erase/look")
        assert "No data about this person is left" in page.words("erase")


@pytest.mark.slow
def test_a_person_who_is_not_in_the_workbook_is_deleted_by_name(folder: Path) -> None:
    _delete_row(folder)
    merge("letters", folder)
    with opened(folder) as page:
        _erase(page, "Olena Kovalenko")
        assert "No data about this person is left" in page.words("erase")
    assert _files_with_words(folder, "Kovalenko") == []


def test_the_menu_opens_the_form_to_close_after_a_deletion(folder: Path) -> None:
    _delete_row(folder)
    with opened(folder) as page:
        _erase(page, "Olena Kovalenko")
        tree = page.see("erase")
        assert not tree.select("#close")
        (link,) = (a for a in tree.select(".menu a") if a.get_text() == "Close campaign")
        opened_tree = page.see(str(link["href"]).partition("#")[0].rpartition("/")[2])
        assert opened_tree.select("#close form[action$='/close/find']")
        assert page.see("erase").get_text() == tree.get_text()


@pytest.mark.slow
def test_an_unfinished_deletion_is_reported_and_continued(folder: Path) -> None:
    with opened(folder) as page:
        _erase(page, "S2")
    _delete_row(folder)
    with opened(folder) as page:
        assert "Deleting 1 person’s data is not finished" in page.words("erase")
        page.post("erase/find", name="Olena Kovalenko")
        if page.see("erase").select("input[name=token]"):
            page.post("erase/person", token=_token(page), sure="on")
        assert "No data about this person is left" in page.words("erase")
        page.post("erase/leave")
        page.session.request_rescan()
        wait_for(lambda: "data is not finished" not in page.words("erase"), 10)


def test_unprinted_letters_are_offered_for_printing_again_after_their_print_file_is_deleted(
    folder: Path,
) -> None:
    with opened(folder) as page:
        assert "Have these been printed?" in page.words("print")
        page.post("erase/find", name="S1")
        assert "2 letters of other people in these print files are not marked as printed and" in (
            page.words("erase")
        )
        page.post("erase/person", token=_token(page), sure="on")
        _delete_row(folder, "S1")
        merge("letters", folder)
        wait_for(lambda: "2 letters From 1 signer" in page.words("print"), 10)
        assert "Have these been printed?" not in page.words("print")
        page.post("print/make", since_last="on", covers="all")
    (print_file,) = (folder / "print").glob("*/*.docx")
    assert print_file.name == "01 Þórdís Jónsdóttir.docx"


def test_a_print_file_that_a_deletion_keeps_still_waits_to_be_printed(folder: Path) -> None:
    for path in (folder / "print").glob("*/*"):
        path.unlink()
    merge("print", folder, "--per-signer")
    with opened(folder) as page:
        page.post("erase/find", name="S1")
        assert "will be offered for printing again" not in page.words("erase")
        page.post("erase/person", token=_token(page), sure="on")
        assert "02, " in page.words("print").partition("Have these been printed?")[2]


# Display and refusals


def test_the_preview_of_a_deletion_changes_nothing(folder: Path) -> None:
    with opened(folder) as page, unchanged(folder):
        goal = page.post("erase/find", name="Olena Kovalenko").headers["Location"]
        assert goal.endswith("/erase?found=1")
        tree, words = page.see("erase"), page.words("erase")
        text = merge("delete-person", "S2", folder, "--dry-run", "--json").json
        figures = [int(one.get_text()) for one in tree.select("dl.facts dd")]
        assert figures == [len(text["letters"]), len(text["shared"]), text["register_rows"]]
        for path in (*text["letters"], *text["shared"]):
            assert path in words
        assert "Kovalenko" not in tree.select("title")[0].get_text()
        page.post("erase/leave")
        assert "Olena" not in page.words("erase")


@pytest.mark.parametrize(
    ("fields", "status", "text"),
    everyday(
        [
            ({"sure": ""}, 409, "the data is different from what you"),
            (
                {"token": "0" * 8, "sure": "on"},
                409,
                "the data is different from what you",
            ),
            ({"token": "its own"}, 422, "Select the checkbox to confirm"),
        ]
    ),
)
def test_a_deletion_needs_its_preview_and_a_confirmation(
    folder: Path, fields: dict[str, str], status: int, text: str
) -> None:
    with opened(folder) as page, unchanged(folder):
        page.post("erase/find", name="S2")
        if fields.get("token") == "its own":
            fields = {**fields, "token": _token(page)}
        for path in ("erase/person", "close"):
            answer = page.post(path, **fields)
            assert answer.status_code == (status if path == "erase/person" else 409)
        answer = page.post("erase/person", **fields)
        assert text in answer.get_data(as_text=True)


@pytest.mark.slow
def test_a_deletion_preview_of_one_tab_is_not_confirmed_in_another(folder: Path) -> None:
    with opened(folder) as page, unchanged(folder):
        page.post("erase/find", name="S2")
        old = _token(page)
        page.post("erase/find", name="S1")
        assert page.post("erase/person", token=old, sure="on").status_code == 409


@pytest.mark.slow
def test_a_deletion_is_asked_again_if_there_is_more_data_now(folder: Path) -> None:
    with opened(folder) as page:
        page.post("erase/find", name="S2")
        token = _token(page)
        letter = next((folder / "letters").rglob("*Kovalenko*/*.docx"))
        shutil.copy(letter, letter.with_name("Copy.docx"))
        with unchanged(folder):
            page.post("erase/person", token=token, sure="on")
            assert "has changed since you saw it" in page.words("erase")
        assert _token(page) != token
        page.post("erase/person", token=_token(page), sure="on")
        assert "has been deleted" in page.words("erase")
        assert not [*(folder / "letters").rglob("*Kovalenko*")]


@pytest.mark.slow
def test_namesakes_are_asked_about_even_without_ids(tmp_path: Path) -> None:
    folder = make(
        tmp_path / "campaign",
        LINES,
        Signers=[["Name", "ID", "City"], ["Ana Ruiz", "1", "Lima"], ["Bo Berg", "2", "Oslo"]],
        Recipients=[["Name", "ID", "Country"], ["Ana Ruiz", "1", "Peru"], ["Li", "2", "China"]],
    )
    merge("letters", folder)
    with opened(folder) as page:
        for name in ("Ana Ruiz", "1"):
            page.post("erase/find", name=name)
            asked = page.words("erase?found=1")
            assert "Which person? Several people" in asked
            assert "Signer, Lima , signers.xlsx, Signers!A2" in asked
            assert "Recipient, Peru , signers.xlsx, Recipients!A2" in asked
            page.post("erase/which", number="1")
            case = current_step(page.session)
            assert isinstance(case, DeletionPreview)
            assert [str(place) for place in case.plan.subject.rows] == [
                "signers.xlsx, Recipients!A2"
            ]
            assert page.post("erase/which", number="1").status_code == 409
        page.post("erase/find", name="1")
        assert page.post("erase/which", number="2").status_code == 409
        assert page.post("erase/which", number="x").status_code == 409


@pytest.mark.slow
def test_a_part_of_a_name_or_a_misspelt_name_finds_the_people_who_may_be_meant(
    folder: Path,
) -> None:
    with opened(folder) as page, unchanged(folder):
        for name in ("ruiz", "Anna Ruiz"):
            page.post("erase/find", name=name)
            asked = page.words("erase?found=1")
            assert "These people have similar names. Ana Ruiz Signer" in asked
            page.post("erase/which", number="0")
            case = current_step(page.session)
            assert isinstance(case, DeletionPreview)
            assert case.plan.subject.label == "Ana Ruiz"
        page.post("erase/find", name="Ruíz, Ana")
        assert "Delete data about Ana Ruiz" in page.words("erase")


@pytest.mark.slow
def test_the_link_and_back_lead_away_from_the_question_which_person(folder: Path) -> None:
    with opened(folder) as page, unchanged(folder):
        answer = page.post("erase/find", name="ruiz")
        assert answer.headers["Location"].endswith("/erase?found=1")
        for _ in range(2):
            assert "Which person?" in page.words("erase?found=1")
            (link,) = page.see("erase?found=1").select("a[aria-current=page]")
            assert str(link["href"]).endswith("/erase")
            assert "Which person?" not in page.words("erase")
            assert page.see("erase").select("input[name=name]")
        assert page.post("erase/find", name=" ").status_code == 422
        page.post("erase/find", name="Ana Ruiz")
        assert "Will be permanently deleted" in page.words("erase")


def test_a_name_that_no_one_has_is_reported_and_nothing_is_deleted(folder: Path) -> None:
    with opened(folder) as page, unchanged(folder):
        page.post("erase/find", name="Xavier Nobody")
        words = page.words("erase")
        assert "No one in this campaign has this name or ID" in words
        assert "No file in the campaign contains the text “ Xavier Nobody ”" in words
        assert page.post("erase/find", name="  ").status_code == 422


@pytest.mark.slow
def test_a_deletion_can_be_repeated_after_an_open_file_is_closed(folder: Path) -> None:
    lock = folder / "~$register.xlsx"
    with opened(folder) as page:
        page.post("erase/find", name="S2")
        lock.write_bytes(b"somebody")
        with unchanged(folder):
            page.post("erase/person", token=_token(page), sure="on")
            assert "Nothing was changed" in page.words("erase")
        lock.unlink()
        page.post("erase/person", token=_token(page), sure="on")
        assert "Some data about" in page.words("erase")


@pytest.mark.slow
def test_a_stopped_deletion_says_so_and_continues(folder: Path) -> None:
    with opened(folder) as page:
        page.post("erase/find", name="S2")
        held = current_step(page.session)
        assert isinstance(held, DeletionPreview)
        (folder / held.plan.letters[0]).unlink()  # as a stop leaves it
        page.post("erase/person", token=_token(page), sure="on")
        assert "has changed since you saw it" in page.words("erase")
        page.post("erase/person", token=_token(page), sure="on")
        assert isinstance(current_step(page.session), RemainingTraces)


@pytest.mark.slow
def test_a_stopped_deletion_keeps_the_rest_and_reports_its_progress(folder: Path) -> None:
    with opened(folder) as page:
        page.post("erase/find", name="S2")
        shown = current_step(page.session)
        assert isinstance(shown, DeletionPreview)
        work = delete_shown_person(page.session, shown, keep_counts=False)
        first = folder / shown.plan.letters[0]

        def stopped(task: Task) -> object:
            watch = threading.Thread(target=_stop_when_gone, args=(first, task))
            watch.start()
            try:
                return work(read_campaign(folder), task)
            finally:
                watch.join()

        page.session.submit("forget", stopped, wait=30)
        page.rest()
        case = current_step(page.session)
        assert isinstance(case, DeletionPreview | RemainingTraces)
        if isinstance(case, DeletionPreview):
            assert "Stopped" in page.words("erase")
            page.post("erase/person", token=_token(page), sure="on")
        elif not case.is_search_complete:
            page.post("erase/look")
        assert "Some data about Olena Kovalenko is left" in page.words("erase")
        assert not [*(folder / "letters").rglob("*Kovalenko*")]


def _stop_when_gone(path: Path, task: Task) -> None:
    while path.exists() and not task.is_cancelled:
        pass
    task.cancel()


@pytest.mark.slow
def test_recreated_letters_of_a_deleted_person_are_found_and_deleted_again(folder: Path) -> None:
    letters = folder / "letters"
    copies = {path: path.read_bytes() for path in letters.rglob("*Kovalenko*/*.docx")}
    assert copies
    with opened(folder) as page:
        _erase(page, "S2")
        number = page.session.snapshot.number
        for path, data in copies.items():  # from another computer
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        wait_for(lambda: page.session.snapshot.number > number, 10)
        wait_for(lambda: "Letters were created again" in page.words("erase"), 10)
        page.post("erase/again")
        page.post("erase/person", token=_token(page), sure="on")
        assert not [*letters.rglob("*Kovalenko*")]


def test_the_deletion_screen_says_that_the_campaign_cannot_be_read(folder: Path) -> None:
    (folder / "templates" / "appeal.docx").write_bytes(documents.docx("{{ signer.nome"))
    (folder / "signers.xlsx").write_bytes(b"no workbook")
    with opened(folder) as page:
        assert "The campaign cannot be read" in page.words("erase")
        page.post("erase/find", name="S2")
        assert "Nothing was changed" in page.words("erase")


def test_deletion_forms_accept_only_post_and_screens_only_get(folder: Path) -> None:
    forms = ("find", "which", "leave", "person", "look", "again", "workbook")
    with opened(folder) as page, unchanged(folder):
        for path in (*(f"erase/{form}" for form in forms), "close", "close/find", "close/undo"):
            assert page.get(path).status_code == 405
        assert page.client.post(f"/c/{page.key}/erase").status_code == 405
        page.see("erase")


def test_no_deletion_starts_while_a_task_is_running(folder: Path) -> None:
    with opened(folder) as page:
        page.session.submit("letters", _until_stopped)
        try:
            answer = page.client.post(f"/c/{page.key}/erase/find", data={"name": "S2"})
            assert answer.status_code == 409
            assert page.client.post(f"/c/{page.key}/close/find").status_code == 409
        finally:
            page.session.cancel_task()


def _until_stopped(task: Task) -> None:
    while True:
        task.raise_if_cancelled()


# Closing a campaign


@pytest.mark.slow
def test_closing_by_the_page_leaves_the_same_folder_as_the_command(folder: Path) -> None:
    (folder / "print" / "scan.pdf").write_bytes(b"a scan")
    twin = folder.with_name("twin")
    shutil.copytree(folder, twin)
    merge("close", twin, "--yes")
    with opened(folder) as page:
        with unchanged(folder):
            page.post("close/find")
            words = page.words("erase")
            assert "print/scan.pdf" in words
            assert "No report has been saved yet" in words
            assert page.post("close", token=_token(page)).status_code == 422
            assert page.post("close", token="0" * 8, sure="on").status_code == 409
        page.post("close", token=_token(page), sure="on")
        assert _folder_state(folder) == _folder_state(twin)
        assert "The campaign is closed" in page.words("erase")
        for screen in SCREENS:
            assert "This campaign was closed on" in page.words(screen)
        page.post("close/undo")
        assert "The campaign has been reopened" in page.words("erase")
        merge("close", twin, "--undo")
        assert _folder_state(folder) == _folder_state(twin)


@pytest.mark.slow
def test_closing_a_campaign_first_reports_what_is_not_finished(folder: Path) -> None:
    add_line(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx", "My own words.")
    merge("mark", "printed", folder, "--for", "S3", "--for", "R1")
    with opened(folder) as page:
        page.post("close/find")
        words = page.words("erase")
        assert "Before you close:" in words
        for text in ("3 letters not printed", "1 letter printed, not signed"):
            assert text in words
        assert "1 letter was edited" in words
        add_line(folder / "letters" / "Ana Ruiz" / "Minister Li.docx", "My own words.")
        with unchanged(folder):
            page.post("close", token=_token(page), sure="on")
            words = page.words("erase")
        assert "have changed since you saw the list" in words
        assert "2 letters were edited" in words
        (folder / "signers.xlsx").write_bytes(b"no workbook")
        page.post("close/find")
        assert "the number of unposted or edited letters is not known" in page.words("erase")
        page.post("close", token=_token(page), sure="on")
        assert "The campaign is closed" in page.words("erase")


@pytest.mark.slow
def test_old_workbooks_are_named_among_the_kept_files(folder: Path) -> None:
    with opened(folder) as page:
        page.post("close/find")
        assert "Old versions" not in page.words("erase")
        (folder / "Old versions").mkdir()
        assert "earlier workbooks and templates in the Old versions folder" in page.words("erase")


def test_files_that_are_newer_than_the_closing_preview_are_not_deleted(folder: Path) -> None:
    with opened(folder) as page:
        page.post("close/find")
        token = _token(page)
        letter = next((folder / "letters").rglob("*.docx"))
        shutil.copy(letter, letter.with_name("Copy.docx"))
        with unchanged(folder):
            page.post("close", token=token, sure="on")
            assert "have changed since you saw the list" in page.words("erase")


def test_a_campaign_is_not_closed_while_a_letter_is_open(folder: Path) -> None:
    with opened(folder) as page:
        letter = next((folder / "letters").rglob("*.docx"))
        page.post("close/find")
        letter.with_name(f"~${letter.name[2:]}").write_bytes(b"somebody")
        page.post("close", token=_token(page), sure="on")
        assert "Nothing was changed" in page.words("erase")
        assert letter.exists()


@pytest.mark.posix("the program of this test")
def test_the_deletion_screen_opens_the_workbook_in_its_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opener = tmp_path / "open"
    opener.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/said\n')
    opener.chmod(0o700)
    monkeypatch.setenv("MERGE_OPENER", str(opener))
    with opened(folder) as page:
        page.post("erase/workbook")
        wait_for((tmp_path / "said").exists)
        assert (tmp_path / "said").read_text().strip() == str(folder / "signers.xlsx")


@pytest.mark.page
@needs_browser
@pytest.mark.slow
def test_the_open_page_notices_that_staff_deleted_the_row(folder: Path, browser: Chrome) -> None:
    with live(folder, browser) as page:
        page.go("erase")
        page.find("#name").send_keys("Olena Kovalenko")
        page.press("Show what is stored")
        page.says("Will be permanently deleted")
        page.press("Delete this person’s data")  # the browser requires the checkbox
        assert [*(folder / "letters").rglob("*Kovalenko*")]
        page.press("I have read the list")
        page.press("Delete this person’s data")
        page.says("Some data about Olena Kovalenko is left")
        assert "Olena" not in browser.title + browser.current_url
        _delete_row(folder)
        page.says("No data about this person is left")
        assert "Olena" not in browser.page_source
