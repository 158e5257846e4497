"""Every link between the pages of docs/ leads to an existing heading."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from support.campaigns import ROOT

PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub forms them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_in_the_docs_leads_to_a_page_and_a_heading(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    for target in targets:
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        linked_page = (page.parent / file).resolve() if file else page
        assert linked_page.exists(), target
        assert not anchor or anchor in anchors(linked_page), target
