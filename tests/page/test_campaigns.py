"""Your campaigns screen: recent ones, new ones, other folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from support.campaigns import make, merge
from support.pages import application, folded, wait_for
from support.printed_campaigns import NEWER, PEOPLE, edit, make_six_letters

from merge.page.folders import KnownFolders
from merge.page.session import CampaignSessions
from merge.workbook.reading import read_workbook


@pytest.fixture
def client(home: Path) -> Iterator[FlaskClient]:
    assert home
    folders = KnownFolders(lambda: ())
    sessions = CampaignSessions(folders.remember, folders.record_progress)
    with application(sessions, folders) as app:
        yield app.test_client()
    sessions.close()


def see(client: FlaskClient, path: str = "/") -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def words(tree: BeautifulSoup) -> str:
    return folded(" ".join(one.get_text(" ") for one in tree.select("main")))


def everything(home: Path) -> set[str]:
    return {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()}


def token(tree: BeautifulSoup, name: str) -> str:
    """Return the token of a campaign on the list."""
    item = next(one for one in tree.select(".campaigns > li") if name in one.get_text())
    return str(item.select_one("input[name=folder]")["value"])  # type: ignore[index]


def test_an_empty_list_of_campaigns_says_what_to_do(client: FlaskClient) -> None:
    assert "No campaigns yet" in words(see(client))


def test_a_new_campaign_is_created_shown_and_listed(client: FlaskClient, home: Path) -> None:
    answer = client.post("/campaigns", data={"name": " Appeal  2027 "})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/data")
    assert "Appeal letters/Appeal 2027/signers.xlsx" in everything(home)
    workbook = read_workbook(home / "Appeal letters" / "Appeal 2027" / "signers.xlsx")
    assert workbook.settings.campaign == "Appeal 2027"
    assert "Create" in words(see(client, answer.headers["Location"]))
    page_text = words(see(client))
    assert "Appeal 2027 Next: create" in page_text
    assert f"~{os.sep}Appeal letters" in page_text


def test_a_wrong_campaign_name_is_reported_at_its_field(client: FlaskClient, home: Path) -> None:
    client.post("/campaigns", data={"name": "Appeal"})
    before = everything(home)
    for name, says, better in (
        ("", "needs a name", ""),
        ("Appeal", "with this name already exists", "Appeal-2"),
        ("\x00", "needs a name", ""),
    ):
        answer = client.post("/campaigns", data={"name": name})
        tree = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
        assert answer.status_code == 422, name
        assert says in words(tree), name
        field = tree.select_one("#name")
        assert field
        assert better in field["value"]
        assert field["aria-invalid"] == "true"
        assert tree.select_one("#name-wrong")
    assert everything(home) == before


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Free the beekeepers: 2026", "Free the beekeepers- 2026"),
        ("Where is Ana / Ana?", "Where is Ana - Ana-"),
        ("CON", "CON_"),
        ("../../evil", "evil"),
        ("می‌خواهیم", "میخواهیم"),
    ],
)
def test_a_title_is_in_the_workbook_as_typed_and_only_the_folder_is_changed(
    client: FlaskClient, home: Path, title: str, folder: str
) -> None:
    assert client.post("/campaigns", data={"name": title}).status_code == 303
    workbook = read_workbook(home / "Appeal letters" / folder / "signers.xlsx")
    assert workbook.settings.campaign == title
    again = client.post("/campaigns", data={"name": title})
    field = BeautifulSoup(again.get_data(as_text=True), "html.parser").select_one("#name")
    assert field
    assert (again.status_code, field["value"]) == (422, f"{title}-2")


def test_header_and_list_show_the_title_of_a_campaign(client: FlaskClient, home: Path) -> None:
    title = "Free the beekeepers: 2026"
    answer = client.post("/campaigns", data={"name": title})
    header = see(client, answer.headers["Location"]).select_one(".campaign")
    assert header
    assert header.get_text() == title
    assert f"{title} Next: create" in words(see(client))
    (folder,) = (home / "Appeal letters").iterdir()
    shutil.copytree(folder, home / "Copy")
    client.post("/campaigns/open", data={"folder": _token_of(client, "Copy")})
    wait_for(lambda: f"{title} (Copy) Next: create" in words(see(client)))
    assert f"{title} ({folder.name}) Next: create" in words(see(client))


def test_a_title_has_no_character_that_excel_refuses(client: FlaskClient, home: Path) -> None:
    client.post("/campaigns", data={"name": "Free\x00 Ana\x1f"})
    workbook = read_workbook(home / "Appeal letters" / "Free Ana" / "signers.xlsx")
    assert workbook.settings.campaign == "Free Ana"


def test_a_read_only_place_for_campaigns_is_reported(client: FlaskClient, home: Path) -> None:
    (home / "Appeal letters").write_text("a file")
    answer = client.post("/campaigns", data={"name": "Appeal"})
    assert answer.status_code == 422
    assert "cannot be created" in answer.get_data(as_text=True)


@pytest.mark.slow
def test_the_next_step_of_a_campaign_names_the_stage_to_mark(
    client: FlaskClient, home: Path
) -> None:
    merge("letters", make(home / "Appeal"))
    merge("print", home / "Appeal")
    client.post("/campaigns/open", data={"folder": _token_of(client, "Appeal")})
    wait_for(lambda: "Next: mark 4 letters as printed" in words(see(client)))
    merge("mark", "printed", home / "Appeal")
    wait_for(lambda: "Next: mark 4 letters as signed" in words(see(client)), 10)


@pytest.mark.slow
def test_the_list_does_not_count_a_letter_that_cannot_be_printed(
    client: FlaskClient, home: Path
) -> None:
    folder = make_six_letters(home / "Appeal")
    edit(folder / "letters" / "Bo Berg" / "Minister Li.docx")
    make(folder, NEWER, Signers=[["Name"], *([name] for name in PEOPLE)])
    merge("letters", folder)
    client.post("/campaigns/open", data={"folder": _token_of(client, "Appeal")})
    wait_for(lambda: "Next: print 5 letters" in words(see(client)))
    for name in ("Ana Ruiz", "Chidi Obi", "Consul Roy"):
        merge("mark", "printed", folder, "--for", name)
    wait_for(lambda: "Appeal 1 letter cannot be printed" in words(see(client)), 10)


@pytest.mark.slow
def test_a_closed_campaign_is_marked_in_the_list(client: FlaskClient, home: Path) -> None:
    merge("letters", make(home / "Old"))
    merge("close", home / "Old", "--yes")
    client.post("/campaigns/open", data={"folder": _token_of(client, "Old")})
    wait_for(lambda: "Old Closed" in words(see(client)))


@pytest.mark.slow
def test_the_list_shows_how_far_a_campaign_was_when_it_was_last_open(
    client: FlaskClient, home: Path
) -> None:
    merge("letters", make(home / "Appeal", Signers=[["Name"], ["Olena Kovač"], ["Ana Ruiz"]]))
    for stage in ("printed", "signed"):
        merge("mark", stage, home / "Appeal", "--for", "Ana Ruiz")
    client.post("/campaigns/open", data={"folder": _token_of(client, "Appeal")})
    wait_for(lambda: "Next: print 2 letters" in words(see(client)))
    with application(CampaignSessions(), KnownFolders(lambda: ())) as restarted:
        shown = see(restarted.test_client())
    assert "last opened today" in words(shown)
    assert "Next: print 2 letters" in words(shown)
    bars = {one["aria-label"]: (one["value"], one["max"]) for one in shown.select("progress")}
    assert bars == {
        "Printed": ("2", "4"),
        "Signed": ("2", "4"),
        "Posted": ("0", "4"),
        "Answered": ("0", "4"),
    }


@pytest.mark.slow
def test_a_new_campaign_starts_from_another_or_from_its_unanswered_letters(
    client: FlaskClient, home: Path
) -> None:
    make(home / "Old", Signers=[["Name"], ["Olena Kovač"], ["Ana Ruiz"]])
    merge("letters", home / "Old")
    client.post("/campaigns/open", data={"folder": _token_of(client, "Old")})
    old = token(see(client), "Old")
    answer = client.post("/campaigns", data={"name": "New", "source": old})
    assert "2 signers" in words(see(client, answer.headers["Location"]))
    same = {"name": "Again", "source": old, "unanswered": "1"}
    answer = client.post("/campaigns", data=same)
    assert answer.status_code == 422
    assert "posted and unanswered" in answer.get_data(as_text=True)
    done = merge("mark", "posted", home / "Old", "--for", "Ana Ruiz")
    assert done.code == 0, done.err
    answer = client.post("/campaigns", data=same)
    page_text = words(see(client, answer.headers["Location"]))
    assert "It starts with 2 letters that were posted but not answered" in page_text
    assert client.post("/campaigns", data={"name": "X", "source": "nobody"}).status_code == 404


def _token_of(client: FlaskClient, name: str) -> str:
    """Open a folder in the home folder; return its token."""
    tree = see(client, "/campaigns/folders")
    home = tree.select(".folders a")[0]["href"]
    link = next(a for a in see(client, str(home)).select(".folders a") if name in a.get_text())
    return str(link["href"]).rpartition("/")[2]


def test_another_folder_is_found_step_by_step_and_opened(client: FlaskClient, home: Path) -> None:
    make(home / "Work" / "Appeal")
    tree = see(client, "/campaigns/folders")
    tree = see(client, str(tree.select(".folders a")[0]["href"]))
    assert "Work" in words(tree)
    tree = see(client, str(tree.select(".folders a")[0]["href"]))
    assert "Appeal campaign" in words(tree)
    tree = see(client, str(tree.select(".folders a")[0]["href"]))
    here = tree.select_one("input[name=folder]")
    assert here
    answer = client.post("/campaigns/open", data={"folder": here["value"]})
    assert answer.status_code == 303
    assert "2 signers" in words(see(client, answer.headers["Location"]))


def test_a_missing_campaign_folder_is_reported_and_removed_from_the_list(
    client: FlaskClient, home: Path
) -> None:
    client.post("/campaigns", data={"name": "Appeal"})
    campaign = home / "Appeal letters" / "Appeal"
    # On Windows, the system refuses this while the program is reading the folder.
    while campaign.exists():
        shutil.rmtree(campaign, ignore_errors=True)
    tree = see(client)
    assert "Folder not found" in words(tree)
    token_of_campaign = token(tree, "Appeal")
    assert client.post("/campaigns/open", data={"folder": token_of_campaign}).status_code == 404
    assert client.post("/campaigns/forget", data={"folder": token_of_campaign}).status_code == 303
    assert "No campaigns yet" in words(see(client))


def test_unknown_campaign_folders_and_wrong_methods_are_refused(
    client: FlaskClient, home: Path
) -> None:
    for path in ("/etc", "../..", "", str(home), "0" * 16):
        assert client.post("/campaigns/open", data={"folder": path}).status_code == 404
    assert client.get("/campaigns/folders/0123456789abcdef").status_code == 422
    assert client.get("/campaigns/open").status_code == 405
    assert client.get("/campaigns").status_code == 405


def test_looking_at_your_campaigns_changes_nothing(client: FlaskClient, home: Path) -> None:
    make(home / "Work")
    before = everything(home)
    for path in ("/", "/campaigns/folders"):
        see(client, path)
    assert everything(home) == before
