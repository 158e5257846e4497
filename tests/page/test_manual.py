"""The manual that Help shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from support.campaigns import ROOT, make
from support.pages import Page, opened

from merge.page.manual import CHAPTERS


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with opened(make(tmp_path / "Appeal", "{{ signer.name }}")) as page:
        yield page


def test_help_lists_the_chapters_of_the_manual(page: Page) -> None:
    links = page.see("help").select(".chapters a")
    assert [link["href"] for link in links] == [f"/manual/{name}" for name in CHAPTERS]
    assert links[0].text == "Install, upgrade, remove"


def test_every_link_and_picture_of_the_manual_is_in_the_manual(page: Page) -> None:
    anchors, links = {}, []
    for name in CHAPTERS:
        answer = page.client.get(f"/manual/{name}")
        assert answer.status_code == 200
        chapter = BeautifulSoup(answer.text, "html.parser").article
        assert chapter
        anchors[name] = {element["id"] for element in chapter.select("[id]")}
        links += [(name, link["href"]) for link in chapter.select("a[href]")]
        for picture in chapter.select("img"):
            with page.client.get(f"/manual/{picture['src']}") as sent:
                assert sent.mimetype == "image/png"
    for name, target in links:
        chapter_name, _, anchor = str(target).partition("#")
        if not re.match(r"[a-z]+:", str(target)):
            assert not anchor or anchor in anchors[chapter_name or name], (name, target)
    assert len(links) > 300


def test_the_manual_has_all_documents_of_the_readme_that_are_for_users() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    table = readme.partition("## Documentation")[2].partition("| use it from Python")[0]
    listed = re.findall(r"\]\(docs/([\w-]+)\.md\)", table)
    assert [*listed, "release-notes"] == [*CHAPTERS]


def test_a_chapter_that_does_not_exist_is_not_found(page: Page) -> None:
    for name in ("concepts", "nothing", "..%2fREADME", "pictures/..%2f..%2fREADME.md"):
        assert page.client.get(f"/manual/{name}").status_code == 404


def test_code_in_a_table_of_the_manual_can_be_copied(page: Page) -> None:
    codes: list[str] = []
    for name in CHAPTERS:
        chapter = BeautifulSoup(page.client.get(f"/manual/{name}").text, "html.parser").article
        assert chapter
        codes += [code.text for code in chapter.select("table code")]
    assert any("|date" in code for code in codes)
    assert [code for code in codes if "\\|" in code] == []
