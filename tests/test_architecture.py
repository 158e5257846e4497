"""The house of docs/concepts.md: imports point one way, a library has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "merge"
ORDER = (
    "model",
    "naming",
    "ooxml",
    "excel",
    "workbook",
    "template",
    "checks",
    "state",
    "register",
    "printing",
    "proofreading",
    "campaign",
    "cli",
    "__main__",
)
DOORS = {
    "babel": {"excel", "template"},
    "click": {"cli"},
    "docx": {"ooxml", "printing", "proofreading"},
    "docxtpl": {"template"},
    "filelock": {"state", "printing"},
    "isal": {"ooxml"},
    "jinja2": {"template"},
    "lxml": {"ooxml", "template"},
    "openpyxl": {"excel", "proofreading", "register"},
    "pypdf": {"printing"},
    "sqlite3": {"state"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def _module(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_module_has_its_place_in_the_order() -> None:
    assert {_module(path) for path in FILES} - {"__init__"} == set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_above_it(path: Path) -> None:
    own = _module(path)
    if own == "__init__":
        return
    ours = [name.split(".")[1] for name in _imports(path) if name.startswith("merge.")]
    below = [name for name in ours if ORDER.index(name) > ORDER.index(own)]
    assert not below, f"{path.name} imports {below}, which stand below {own}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_library_is_reached_through_its_door(path: Path) -> None:
    used = {name.split(".")[0] for name in _imports(path)} & set(DOORS)
    assert {name for name in used if _module(path) not in DOORS[name]} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_face_prints_and_exits(path: Path) -> None:
    if _module(path) in {"cli", "__main__"}:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        n.func.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert not called & {"print", "input", "exit"}
    assert "sys" not in set(_imports(path))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_file_is_longer_than_a_newcomer_reads(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 800
