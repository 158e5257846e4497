"""docs/commands.md has every command and option of the program, in the words of its help."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from merge.cli.commands import merge as group

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
GUIDES = ("README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")))


def _sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _options(command: str) -> list[click.Option]:
    return [p for p in group.commands[command].params if isinstance(p, click.Option)]


def test_every_command_has_a_section_and_no_section_is_of_another() -> None:
    named = {title.removeprefix("merge ") for title in _sections() if title.startswith("merge ")}
    assert named == set(group.commands)


@pytest.mark.parametrize("command", sorted(group.commands))
def test_a_section_names_every_option_of_its_command_and_no_other(command: str) -> None:
    section = _sections()[f"merge {command}"]
    listed = set(re.findall(r"^\| `(--[a-z-]+)|[,:] `(--[a-z-]+)", section, re.MULTILINE))
    known = {name for each in _options(command) for name in (*each.opts, *each.secondary_opts)}
    assert {first or second for first, second in listed} == known


@pytest.mark.parametrize("command", sorted(group.commands))
def test_a_section_says_what_the_help_says(command: str) -> None:
    words = " ".join(_sections()[f"merge {command}"].split())
    assert " ".join((group.commands[command].help or "").split("\n\n")[0].split()) in words
    for option in _options(command):
        assert option.help is not None
        assert option.help in " ".join(PAGE.split()), option.opts


@pytest.mark.parametrize("guide", sorted(GUIDES))
def test_every_page_that_is_linked_is_there(guide: str) -> None:
    path = ROOT / guide
    links = re.findall(r"\]\(([\w./-]+\.md)", path.read_text(encoding="utf-8"))
    targets = {(path.parent / link).resolve() for link in links}
    assert not [t.relative_to(ROOT).as_posix() for t in targets if not t.is_file()]


@pytest.mark.parametrize("guide", sorted(GUIDES))
def test_every_heading_that_is_linked_is_there(guide: str) -> None:
    path = ROOT / guide
    text = path.read_text(encoding="utf-8")
    for page, heading in re.findall(r"\]\(([\w./-]*\.md|)#([^)]+)\)", text):
        target = (path.parent / page).read_text(encoding="utf-8") if page else text
        titles = re.findall(r"^#+ (.+)$", target, re.MULTILINE)
        assert heading in {re.sub(r"[^\w\- ]", "", t).lower().replace(" ", "-") for t in titles}
