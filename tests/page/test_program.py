"""The program: help, end, messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.campaigns import make
from support.pages import Page, folded, opened, unchanged

from merge.campaign.task import Task
from merge.page.view_models import STATUS_MARKS


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with opened(make(tmp_path / "campaign")) as page:
        yield page


def _at_work(task: Task) -> None:
    while True:
        task.raise_if_cancelled()


def test_help_explains_every_status_of_a_letter(page: Page) -> None:
    with unchanged(page.session.folder):
        for address in ("/help", f"/c/{page.key}/help"):
            answer = page.client.get(address)
            assert answer.status_code == 200
            for mark in STATUS_MARKS.values():
                assert mark.symbol in answer.get_data(as_text=True)
    statuses, *rare = page.see("help").select("section[aria-labelledby=states-title] dl")
    assert len(statuses.select("dt")) == 9
    assert [one.find_parent("details") is None for one in (statuses, *rare)] == [True, False]
    assert str(page.session.folder) in page.words("help")
    assert page.see("help").select("nav#steps")


def test_help_says_how_to_start_again_and_that_a_bookmark_does_not_work(page: Page) -> None:
    words = page.words("help")
    assert "start the program with its icon, or enter merge page in a terminal" in words
    assert "A bookmark does not work: each start lets in one browser, once." in words


def test_help_leads_to_the_licences_of_a_package(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merge.page.routes.program.LICENCES", tmp_path / "licences.txt")
    assert "Licences" not in page.words("help")
    assert page.client.get("/licences").status_code == 404
    (tmp_path / "licences.txt").write_text("© Zoë <b>", encoding="utf-8")
    assert "Licences of the program and of the libraries in it" in page.words("help")
    answer = page.client.get("/licences")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.get_data(as_text=True) == "© Zoë <b>"


def test_quit_stops_the_program(page: Page) -> None:
    lifetime = page.client.application.extensions["lifetime"]
    assert page.client.get("/stop").status_code == 405
    assert not lifetime.is_over(busy=False)
    assert "The program has stopped" in page.client.post("/stop").get_data(as_text=True)
    assert lifetime.is_over(busy=True)


def test_quit_asks_first_while_a_task_is_running(page: Page) -> None:
    lifetime = page.client.application.extensions["lifetime"]
    page.session.submit("letters", _at_work)
    try:
        words = folded(page.client.post("/stop").get_data(as_text=True))
        assert "A task is still running" in words
        assert not lifetime.is_over(busy=True)
        page.client.post("/stop", data={"sure": "yes"})
        assert lifetime.is_over(busy=True)
    finally:
        page.session.cancel_task()
