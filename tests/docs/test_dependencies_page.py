"""docs/dependencies.md and constraints-oldest.txt match pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import merge

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _lowest() -> dict[str, str]:
    matches = (
        re.match(r"([\w-]+)>=([\d.]+)", dependency) for dependency in PROJECT["dependencies"]
    )
    return {dependency[1]: dependency[2] for dependency in matches if dependency}


def test_every_library_has_a_reason_in_dependencies_md() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert len(_lowest()) == len(PROJECT["dependencies"])
    assert not [
        name for name in _lowest() if not re.search(rf"^\| \[?{name}[\] ]", page, re.MULTILINE)
    ]


def test_the_oldest_constraints_are_the_lowest_allowed_versions() -> None:
    text = (ROOT / "constraints-oldest.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([\w-]+)==([\d.]+)$", text.lower(), re.MULTILINE))
    lowest = {name: tuple(map(int, version.split("."))) for name, version in _lowest().items()}
    pinned = {name: tuple(map(int, pin.split("."))) for name, pin in pins.items()}
    assert pinned.keys() == lowest.keys()
    for name, version in lowest.items():
        assert pinned[name][: len(version)] == version, name
        assert not any(pinned[name][len(version) :]), name


def test_the_version_is_defined_once_and_matches_the_changelog() -> None:
    assert "version" in PROJECT["dynamic"]
    assert "version" not in PROJECT
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## (\S+)", changes, re.MULTILINE)
    assert first
    assert first[1] == merge.__version__
