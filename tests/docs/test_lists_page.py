"""docs/lists.md: its pictures, quoted words and output of the command."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from support.campaigns import ROOT, make, merge
from support.page_words import page_words

PAGE = (ROOT / "docs" / "lists.md").read_text(encoding="utf-8")
SCRIPT = ROOT / "tools" / "make_page_pictures.py"
PICTURES = ROOT / "docs" / "pictures"


@pytest.fixture(scope="module")
def story() -> ModuleType:
    """The script that makes the pictures, with the responses that they show."""
    spec = importlib.util.spec_from_file_location("make_page_pictures", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_page_pictures"] = module
    spec.loader.exec_module(module)
    return module


def test_every_picture_of_lists_md_exists_is_small_and_is_made_by_the_script() -> None:
    linked = set(re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", PAGE))
    pictures = {path.name for path in PICTURES.glob("lists-*.png")}
    script = SCRIPT.read_text(encoding="utf-8")
    assert pictures <= linked
    assert all((PICTURES / name).stat().st_size < 150_000 for name in linked)
    assert all(f'"{name.removesuffix(".png")}"' in script for name in linked)


def test_the_words_quoted_in_lists_md_are_in_the_page() -> None:
    text = PAGE.partition("## Check the file")[2].partition("## In the terminal")[0]
    text = re.sub(r"\*\*.*?\*\*", "", text, flags=re.DOTALL)
    quoted = {" ".join(words.split()) for words in re.findall(r"\*([^*]+)\*", text)}
    words_of_the_list = {"Include", "To decide", "Writes to", "ID", "Memory"}
    button_with_counts = {"Import 7 people (1 to review)"}
    assert quoted - words_of_the_list - button_with_counts - page_words() == set()


def test_lists_md_links_to_each_of_its_sections() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert re.findall(r"\[([^\]]+)\]\(#", PAGE.split("\n## ")[0]) == titles


def test_import_prints_what_lists_md_shows(story: ModuleType, tmp_path: Path) -> None:
    folder = make(
        tmp_path / "campaign",
        story.LETTER,
        Signers=[["Name", "Street", "City", "Country"], ["Ana"]],
    )
    story.write_answers(tmp_path / "Petition spring.csv", story.ANSWERS)
    ran = merge("import", tmp_path / "Petition spring.csv", folder, "--dry-run")
    printed_lines = {" ".join(line.split()) for line in ran.out.splitlines()}
    block = PAGE.split("```")[1].splitlines()[2:]
    shown_lines = block[
        : next(n for n, line in enumerate(block) if line.startswith("Import them?"))
    ]
    assert {" ".join(line.split()) for line in shown_lines if "[y/n]" not in line} <= printed_lines
