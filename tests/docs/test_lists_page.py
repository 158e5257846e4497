"""docs/lists.md: its pictures, the page's words, and what the command prints."""

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
    """The script that makes the pictures, with the answers that they show."""
    spec = importlib.util.spec_from_file_location("make_page_pictures", SCRIPT)
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules["make_page_pictures"] = made
    spec.loader.exec_module(made)
    return made


def test_every_picture_is_there_small_and_made_by_the_script() -> None:
    named = set(re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", PAGE))
    own = {path.name for path in PICTURES.glob("lists-*.png")}
    script = SCRIPT.read_text(encoding="utf-8")
    assert own <= named
    assert all((PICTURES / name).stat().st_size < 150_000 for name in named)
    assert all(f'"{name.removesuffix(".png")}"' in script for name in named)


def test_the_words_of_the_page_that_are_quoted_are_on_the_page() -> None:
    told = PAGE.partition("## Check the file")[2].partition("## In the terminal")[0]
    told = re.sub(r"\*\*.*?\*\*", "", told, flags=re.DOTALL)
    quoted = {" ".join(each.split()) for each in re.findall(r"\*([^*]+)\*", told)}
    of_the_list = {"Include", "To decide", "ID", "Memory", "the same person as F8"}
    counted = {"Import 6 new, 1 to review"}
    assert quoted - of_the_list - counted - page_words() == set()


def test_the_page_links_to_each_of_its_parts() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert re.findall(r"\[([^\]]+)\]\(#", PAGE.split("\n## ")[0]) == titles


def test_the_command_prints_what_the_page_says(story: ModuleType, tmp_path: Path) -> None:
    folder = make(
        tmp_path / "campaign",
        story.LETTER,
        Signers=[["Name", "Street", "City", "Country"], ["Ana"]],
    )
    story.write_answers(tmp_path / "Petition spring.csv", story.ANSWERS)
    ran = merge("import", tmp_path / "Petition spring.csv", folder, "--dry-run")
    said = {" ".join(line.split()) for line in ran.out.splitlines()}
    block = PAGE.split("```")[1].splitlines()[2:]
    told = block[: next(n for n, line in enumerate(block) if line.startswith("Import them?"))]
    assert {" ".join(line.split()) for line in told if "[y/n]" not in line} <= said
