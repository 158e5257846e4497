"""What every screen shares: campaign, language, own files; what cannot be done, as a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.campaigns import make
from support.pages import Page, opened

SCREENS = ("data", "letters", "decide", "proofread", "print", "paper", "progress", "erase")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    make(tmp_path / "campaign")
    with opened(tmp_path / "campaign") as page:
        yield page


def test_every_screen_has_one_heading_and_a_title_without_names(page: Page) -> None:
    for screen in SCREENS:
        tree = page.see(screen)
        assert len(tree.find_all("h1")) == 1, screen
        titles = [one.get_text() for one in tree.find_all("title")]
        assert [title for title in titles if "campaign" in title] == [], screen
        assert tree.select("html[translate=no]"), screen


def test_a_campaign_that_is_not_open_is_not_there(page: Page) -> None:
    answer = page.client.get("/c/00000000/data")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.get_data(as_text=True)


def test_the_browsers_language_is_spoken_and_the_chosen_one_before_it(page: Page) -> None:
    french = {"Accept-Language": "fr-CA, en;q=0.5"}
    assert 'lang="fr"' in page.client.get("/", headers=french).get_data(as_text=True)[:200]
    page.client.post("/language", data={"language": "ar", "next": "/help"})
    assert 'dir="rtl"' in page.client.get("/", headers=french).get_data(as_text=True)[:200]


def test_a_form_leads_nowhere_else(page: Page) -> None:
    for goal in ("//evil.example", "https://evil.example", "/\\evil", "x", ""):
        answer = page.client.post("/language", data={"language": "fr", "next": goal})
        assert answer.headers["Location"] == "/", goal


def test_a_module_that_another_imports_is_the_one_that_the_page_loads(page: Page) -> None:
    address = str(page.see("data").select_one("script[src$='page.js']")["src"])  # type: ignore[index]
    for style in page.see("data").select("link[href]"):
        assert str(style["href"]).rpartition("/")[0] == address.rpartition("/")[0]
    assert page.client.get(address).content_type == "text/javascript; charset=utf-8"
    assert page.client.get(address.replace("page.js", "../web.py")).status_code == 404


def test_our_own_files_have_our_own_types(page: Page) -> None:
    assert page.client.get("/static/page.js").content_type == "text/javascript; charset=utf-8"
    for path in ("../web.py", "..%2fweb.py", "nothing.css", ""):
        assert page.client.get(f"/static/{path}").status_code == 404
