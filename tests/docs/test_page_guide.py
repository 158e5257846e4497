"""docs/page.md shows the page as it is: its words, and the pictures of the script."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from support.page_words import page_words

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
DOCS = ROOT / "docs"
PAGE = (DOCS / "page.md").read_text(encoding="utf-8")
SCRIPT = ROOT / "tools" / "make_page_pictures.py"

OF_OTHERS = {"Terminal", "Signers", "Recipients", "Name", "Campaign", "Actual size"}
"""Words of the system, of the workbook, of Word."""


def test_every_word_of_the_page_that_is_quoted_is_on_the_page() -> None:
    text = re.sub(r"\*\*.*?\*\*", "", PAGE, flags=re.DOTALL)
    quoted = {" ".join(each.split()) for each in re.findall(r"\*([^*]+)\*", text)}
    quoted |= {each.rstrip(".") for each in re.findall(r"“([^”]+)”", PAGE)}
    assert quoted - OF_OTHERS - page_words() == set()


def test_every_picture_is_there_small_and_used_once() -> None:
    named = re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", PAGE)
    files = {path.name: path.stat().st_size for path in (DOCS / "pictures").glob("page-*.png")}
    assert sorted(named) == sorted(files)
    assert max(files.values()) < 150_000


def test_the_script_makes_every_picture_and_no_other() -> None:
    tree = ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8")))
    words = [one.value for one in tree if isinstance(one, ast.Constant)]
    made = {one for one in words if isinstance(one, str) and re.fullmatch(r"page-[a-z-]+", one)}
    assert {f"{one}.png" for one in made} == {p.name for p in (DOCS / "pictures").glob("page-*")}


def test_the_page_links_to_each_of_its_steps() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    listed = re.findall(r"\[([^\]]+)\]\(#", PAGE.split("## Start")[0])
    assert listed == titles
