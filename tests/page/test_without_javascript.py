"""The page without JavaScript: links and forms only."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from support.campaigns import make
from support.pages import Page, folded, opened
from support.petition_responses import RESPONSES, table
from werkzeug.test import TestResponse

SCRIPTED = {"data-put", "data-script", "hidden"}
"""Elements that are there for JavaScript only."""


class Plain:
    """A browser with HTML only."""

    def __init__(self, page: Page) -> None:
        self.page, self.path = page, ""
        self.go(f"/c/{page.key}/data")

    def go(self, path: str) -> None:
        self._take(self.page.client.get(path, follow_redirects=True))

    def _take(self, answer: TestResponse) -> None:
        self.page.rest()
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.path = answer.request.path
        text = answer.get_data(as_text=True)
        self.tree = BeautifulSoup(text, "html.parser")

    @property
    def words(self) -> str:
        return folded(self.tree.select("main")[0].get_text(" "))

    def follow(self, words: str) -> None:
        """Follow a link."""
        found = [one for one in self.tree.select("a[href]") if words in folded(one.get_text(" "))]
        assert found, f"no link says {words}: {self.words}"
        self.go(urlsplit(urljoin(self.path, str(found[0]["href"])))._replace(fragment="").geturl())

    def press(self, words: str, **typed: str) -> None:
        """Send the form of a button with its fields; then load the page again."""
        buttons = [one for one in self.tree.select("main button") if self._can_be_pressed(one)]
        found = [one for one in buttons if words in folded(one.get_text(" "))]
        assert found, f"no button says {words}: {self.words}"
        form = found[0].find_parent("form")
        assert isinstance(form, Tag)
        fields = [*_fields(form), *typed.items()]
        if found[0].get("name"):
            fields.append((str(found[0]["name"]), str(found[0].get("value", ""))))
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        where = urljoin(self.path, str(form["action"]))
        self._take(self.page.client.post(where, data=data, follow_redirects=True))
        self.go(self.path)

    def _can_be_pressed(self, button: Tag) -> bool:
        return not {*SCRIPTED, "disabled"} & {*button.attrs} and button.get("type") != "button"


def _fields(form: Tag) -> list[tuple[str, str]]:
    found = []
    for one in form.select("input[name], textarea[name]"):
        box = one.get("type") in {"checkbox", "radio"}
        if (box and "checked" not in one.attrs) or "disabled" in one.attrs:
            continue
        found.append((str(one["name"]), str(one.get("value", "on" if box else ""))))
    for one in form.select("select[name]"):
        chosen = one.select("option[selected]") or one.select("option")
        found.append((str(one["name"]), str(chosen[0].get("value", ""))))
    return found


@pytest.mark.slow
def test_without_javascript_letters_are_created_viewed_printed_and_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with opened(make(tmp_path / "Appeal")) as page:
        plain = Plain(page)
        plain.follow("Letters")
        plain.follow("Next: create 4 letters")
        plain.press("Create 4 letters")
        assert "4 letters created" in plain.words
        plain.follow("List")
        plain.follow("Ana Ruiz to Consul Roy")
        assert "Dear Consul Roy," in plain.words  # its text is there
        plain.follow("Proofread")
        plain.press("Proofread letters")
        assert "4 without problems" in plain.words
        plain.follow("Print")
        plain.press("Create print files")
        assert "ready to print" in plain.words
        plain.press("Yes, printed today")
        plain.follow("Sign and post")
        for stage in ("Signed", "Posted"):
            plain.follow(stage)
            plain.follow("Ana Ruiz" if stage == "Signed" else "Consul Roy")
            plain.press(f"Mark as {stage.lower()} today")
        view = page.session.snapshot.view
        assert view
        stages = view.counts.total.stages
        assert [stages[name] for name in ("Printed", "Signed", "Posted")] == [4, 2, 1]


@pytest.mark.slow
def test_without_javascript_a_list_is_imported_and_the_import_undone(tmp_path: Path) -> None:
    with opened(make(tmp_path / "Appeal")) as page:
        plain = Plain(page)
        plain.follow("Import form responses")
        file = (io.BytesIO(table(RESPONSES)), "answers.csv")
        page.client.post(f"/c/{page.key}/data/files", data={"file": file})
        page.rest()
        plain.go(f"/c/{page.key}/import/read")
        assert "5 rows" in plain.words
        plain.press("Next: match columns")
        plain.press("Next: review people")
        assert "in each marked row" in plain.words
        plain.press("Next: review people", **{"confirm-5": "on"})
        plain.press("Import 4 people (1 to review)")
        assert "3 people added" in plain.words
        assert (page.session.folder / "signers from forms.xlsx").is_file()
        plain.press("Undo")
        assert "Import undone" in plain.words


def test_without_javascript_controls_that_need_it_are_hidden(tmp_path: Path) -> None:
    """A button without effect is worse than none."""
    with opened(make(tmp_path / "Appeal")) as page:
        for path in ("data", "import", "letters", "print", "paper", "erase", "progress"):
            dead = [
                str(one)
                for one in page.see(path).select("button[type=button]")
                if not SCRIPTED & {*one.attrs}
            ]
            assert dead == [], path
