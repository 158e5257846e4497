"""docs/page.md: the quoted words and the pictures match the page."""

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
"""Words of the system, of the workbook and of Word."""


def test_every_word_quoted_in_page_md_is_in_the_page() -> None:
    text = re.sub(r"\*\*.*?\*\*", "", PAGE, flags=re.DOTALL)
    quoted = {" ".join(words.split()) for words in re.findall(r"\*([^*]+)\*", text)}
    quoted |= {words.rstrip(".") for words in re.findall(r"“([^”]+)”", PAGE)}
    assert quoted - OF_OTHERS - page_words() == set()


def test_every_picture_of_page_md_exists_is_small_and_is_used_once() -> None:
    named = re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", PAGE)
    files = {path.name: path.stat().st_size for path in (DOCS / "pictures").glob("page-*.png")}
    assert sorted(named) == sorted(files)
    assert max(files.values()) < 150_000


def test_the_script_makes_exactly_the_pictures_of_page_md() -> None:
    tree = ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8")))
    texts = [text.value for text in tree if isinstance(text, ast.Constant)]
    pictures = {
        text for text in texts if isinstance(text, str) and re.fullmatch(r"page-[a-z-]+", text)
    }
    assert {f"{text}.png" for text in pictures} == {
        p.name for p in (DOCS / "pictures").glob("page-*")
    }


def test_page_md_links_to_each_of_its_sections() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    listed = re.findall(r"\[([^\]]+)\]\(#", PAGE.split("## Start")[0])
    assert listed == titles
