"""docs/commands.md has every command and option as its help describes it."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from merge.cli.commands import merge as group

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def _sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)\n", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _options(command: str) -> list[click.Option]:
    return [p for p in group.commands[command].params if isinstance(p, click.Option)]


def test_every_section_of_commands_md_is_one_command() -> None:
    named = {title.removeprefix("merge ") for title in _sections() if title.startswith("merge ")}
    assert named == set(group.commands)


@pytest.mark.parametrize("command", sorted(group.commands))
def test_a_section_of_commands_md_lists_exactly_the_options_of_its_command(command: str) -> None:
    section = _sections()[f"merge {command}"]
    listed = set(re.findall(r"^\| `(--[a-z-]+)|[,:] `(--[a-z-]+)", section, re.MULTILINE))
    options = {
        name for option in _options(command) for name in (*option.opts, *option.secondary_opts)
    }
    assert {first or second for first, second in listed} == options


@pytest.mark.parametrize("command", sorted(group.commands))
def test_a_section_of_commands_md_contains_the_help(command: str) -> None:
    words = " ".join(_sections()[f"merge {command}"].split())
    assert " ".join((group.commands[command].help or "").split("\n\n")[0].split()) in words
    for option in _options(command):
        assert option.help is not None
        assert option.help in " ".join(PAGE.split()), option.opts
