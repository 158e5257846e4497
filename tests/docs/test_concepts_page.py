"""docs/concepts.md lists exactly the files of the program."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
PAGE = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8")


def _files() -> set[str]:
    paths = (p.relative_to(ROOT / "merge") for p in (ROOT / "merge").rglob("*.py"))
    return {p.as_posix() for p in paths if p.name != "__init__.py" or len(p.parts) == 1}


def _tree() -> set[str]:
    """Return the paths of the tree below `merge/`, from its indentation."""
    (lines,) = re.findall(r"```\nmerge/\n(.*?)```", PAGE, re.DOTALL)
    paths, folders = set(), [""]
    for space, name in re.findall(r"^( +)(\S+) ", lines, re.MULTILINE):
        depth = len(space) // 2
        folders[depth:] = [folders[depth - 1] + name]
        if name.endswith(".py"):
            paths.add(folders[depth])
    return paths


def test_the_source_tree_in_concepts_md_lists_every_file() -> None:
    assert _files() <= _tree()


def test_every_file_in_the_source_tree_of_concepts_md_exists() -> None:
    assert _tree() <= _files()


def test_every_file_in_the_table_where_is_it_exists() -> None:
    table = PAGE.split("## Where is it?")[1].split("\n## ")[0]
    named = set(re.findall(r"`([\w/]+(?:\.py|/))`", table))
    files = _files()
    assert {n for n in named if not any(n in f or f.startswith(n) for f in files)} == set()


def test_each_entry_of_the_source_tree_fits_a_line() -> None:
    (lines,) = re.findall(r"```\nmerge/\n(.*?)```", PAGE, re.DOTALL)
    entries = re.findall(r"^ +(\S+) +(.*)$", lines, re.MULTILINE)
    assert len(entries) > len(_files())
    assert [name for name, text in entries if len(text) > 90] == []
