"""Shared parts of all screens: campaign, language, own files, error pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.documents import docx
from support.everyday import everyday
from support.pages import Page, opened
from support.routes import paths

from merge.campaign.campaign import Campaign
from merge.campaign.closing import close_campaign_folder
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.marking import MarkOrder, mark_letters
from merge.campaign.overview import inspect_campaign
from merge.campaign.pending_decisions import save_decisions
from merge.campaign.plan import LettersRunPlan
from merge.campaign.print_plan import PrintOrder, plan_printing
from merge.campaign.print_run import PrintRun
from merge.campaign.report_numbers import report_numbers, write_report
from merge.campaign.task import Task
from merge.campaign.uploads import propose_replacement, recognise_upload, store_upload
from merge.letter_status import StaffDecision
from merge.page import web
from merge.page.app import create_app
from merge.page.lifetime import ProgramLifetime
from merge.page.session import CampaignSessions

SCREENS = ("data", "letters", "decide", "proofread", "print", "paper", "progress", "erase")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    make(tmp_path / "Kampala 2027")
    with opened(tmp_path / "Kampala 2027") as page:
        yield page


def test_every_screen_has_one_heading_and_a_title_without_names(page: Page) -> None:
    for screen in SCREENS:
        tree = page.see(screen)
        assert len(tree.find_all("h1")) == 1, screen
        titles = [one.get_text() for one in tree.find_all("title")]
        assert [title for title in titles if "Kampala" in title] == [], screen
        assert tree.select("html[translate=no]"), screen


def test_a_campaign_that_is_not_open_is_not_found(page: Page) -> None:
    answer = page.client.get("/c/00000000/data")
    assert answer.status_code == 404
    assert "Page not found" in answer.get_data(as_text=True)


def test_an_error_in_the_program_is_not_shown_as_a_missing_page() -> None:
    app = create_app(CampaignSessions(), ProgramLifetime())
    app.add_url_rule("/half", view_func=lambda: "half a character: \ud800")
    answer = app.test_client().get("/half")
    words = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "Page not found" not in words
    assert "Something went wrong in the program" in words
    assert "UnicodeEncodeError" in words


def test_the_chosen_language_precedes_the_browsers_language(page: Page) -> None:
    french = {"Accept-Language": "fr-CA, en;q=0.5"}
    assert 'lang="fr"' in page.client.get("/", headers=french).get_data(as_text=True)[:200]
    page.client.post("/language", data={"language": "ar", "next": "/help"})
    assert 'dir="rtl"' in page.client.get("/", headers=french).get_data(as_text=True)[:200]


def test_a_form_redirects_only_within_the_page(page: Page) -> None:
    for goal in ("//evil.example", "https://evil.example", "/\\evil", "x", ""):
        answer = page.client.post("/language", data={"language": "fr", "next": goal})
        assert answer.headers["Location"] == "/", goal


def test_an_imported_javascript_module_is_loaded_only_once(page: Page) -> None:
    address = str(page.see("data").select_one("script[src$='page.js']")["src"])  # type: ignore[index]
    for style in page.see("data").select("link[href]"):
        assert str(style["href"]).rpartition("/")[0] == address.rpartition("/")[0]
    assert page.client.get(address).content_type == "text/javascript; charset=utf-8"
    assert page.client.get(address.replace("page.js", "../web.py")).status_code == 404


def test_static_files_have_fixed_content_types(page: Page) -> None:
    assert page.client.get("/static/page.js").content_type == "text/javascript; charset=utf-8"
    for path in ("../web.py", "..%2fweb.py", "nothing.css", ""):
        assert page.client.get(f"/static/{path}").status_code == 404


@pytest.mark.posix("links need a permission on Windows")
def test_the_page_has_its_style_if_the_program_is_in_a_linked_folder(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in Windows with redirected folders or a drive made by `subst`."""
    linked = tmp_path / "linked"
    linked.symlink_to(web.STATIC_FOLDER, target_is_directory=True)
    monkeypatch.setattr(web, "STATIC_FOLDER", linked)
    assert page.client.get("/static/page.css").content_type == "text/css; charset=utf-8"


MISSING_FOLDER = "Folder not found. Was it renamed?"


@pytest.mark.slow
def test_a_renamed_folder_is_reported_on_every_screen_and_not_recreated(
    page: Page,
) -> None:
    folder = page.session.folder
    gets = dict.fromkeys(path.partition("?")[0] for path in paths(page, letters=2))
    posts = [(path, method) for method in ("POST", "PUT") for path in paths(page, method=method)]
    requests = [(path, "GET") for path in gets] + posts
    folder.rename(folder.with_name("other"))
    for path, method in requests:
        if path.startswith(f"/c/{page.key}/") and not path.endswith("/news"):
            answer = page.client.open(path, method=method, data=b"PK")
            text = answer.get_data(as_text=True)
            if answer.status_code == 404:
                continue  # no address of this route: a word in place of a number
            assert (answer.status_code, MISSING_FOLDER in text) == (410, True), path
            assert 'href="/campaigns/folders"' in text
    assert page.get("data").status_code == 410
    page.rest()
    assert page.get("news").status_code == 200
    assert [*folder.parent.iterdir()] == [folder.with_name("other")]
    folder.with_name("other").rename(folder)
    assert "Data" in page.words("data")


def _file(campaign: Campaign, _task: Task) -> Callable[[], object]:
    brought = recognise_upload(docx("Dear {{ recipient.name }}"), "other.docx")
    offered = propose_replacement(campaign.folder, brought, "")
    return lambda: store_upload(campaign.folder, offered, dt.datetime.now(dt.UTC))


def _report(campaign: Campaign, _task: Task) -> Callable[[], object]:
    numbers = report_numbers(inspect_campaign(campaign))
    return lambda: write_report(campaign, numbers)


def _letters(campaign: Campaign, task: Task) -> Callable[[], object]:
    plan = LettersRunPlan(campaign, LettersOrder(campaign.folder / "letters"))
    return lambda: write_letters(plan, task)


def _print(campaign: Campaign, task: Task) -> Callable[[], object]:
    plan = plan_printing(campaign, PrintOrder(), None)
    return PrintRun(campaign, PrintOrder(), plan, None, task).create_files


TASKS: dict[str, Callable[[Campaign, Task], Callable[[], object]]] = {
    "file": _file,
    "letters": _letters,
    "report": _report,
    "print": _print,
    "mark": lambda c, _: lambda: mark_letters(c, MarkOrder("Printed", c.today, whole=True)),
    "settle": lambda c, _: lambda: save_decisions(c, [StaffDecision("hide", "0" * 16, "")]),
    "close": lambda c, e: lambda: close_campaign_folder(c.folder, (), e),
}


@pytest.mark.parametrize("task", everyday(TASKS, daily=(0, 1)))
def test_a_task_does_not_recreate_its_renamed_folder(page: Page, task: str) -> None:
    folder = page.session.folder
    merge("letters", folder)

    def work(campaign: Campaign, running: Task) -> object:
        go_on = TASKS[task](campaign, running)
        folder.rename(folder.with_name("other"))
        return go_on()

    page.session.submit_with_campaign(task, work, wait=30)
    assert [*folder.parent.iterdir()] == [folder.with_name("other")]
    outcome = page.session.task_result
    assert outcome is not None
    assert (outcome.fault, bool(outcome.problems)) == ((), True)
