"""docs/dependencies.md and constraints-oldest.txt agree with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import merge

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _lowest() -> dict[str, str]:
    found = (re.match(r"([\w-]+)>=([\d.]+)", each) for each in PROJECT["dependencies"])
    return {each[1]: each[2] for each in found if each}


def test_every_library_has_its_reason() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert len(_lowest()) == len(PROJECT["dependencies"])
    assert not [
        name for name in _lowest() if not re.search(rf"^\| \[?{name}[\] ]", page, re.MULTILINE)
    ]


def test_the_oldest_constraints_are_the_lowest_versions_allowed() -> None:
    text = (ROOT / "constraints-oldest.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([\w-]+)==([\d.]+)$", text.lower(), re.MULTILINE))
    lowest = {name: tuple(map(int, low.split("."))) for name, low in _lowest().items()}
    given = {name: tuple(map(int, pin.split("."))) for name, pin in pins.items()}
    assert given.keys() == lowest.keys()
    for name, low in lowest.items():
        assert given[name][: len(low)] == low, name
        assert not any(given[name][len(low) :]), name


def test_the_version_stands_in_one_place() -> None:
    assert "version" in PROJECT["dynamic"]
    assert "version" not in PROJECT
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## (\S+)", changes, re.MULTILINE)
    assert first
    assert first[1] == merge.__version__
