"""docs/platforms.md: each operation that depends on the system has a row."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from support.campaigns import ROOT
from support.modules import FILES, file_operations, nodes, shown

PAGE = (ROOT / "docs/platforms.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| `")]


def _asks_for_system(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=library), attr=attr):
            return (library, attr) in {("os", "name"), ("sys", "platform"), ("os", "sep")}
    return False


def test_the_platforms_page_has_a_row_for_each_file_operation() -> None:
    missing = [
        (module, function, operation)
        for module, function, operation in sorted(file_operations())
        if operation != "sqlite3.connect"
        and not any(
            f"`{module}`" in row and f"`{function}`" in row and f"`{operation}`" in row
            for row in ROWS
        )
    ]
    assert missing == []


def test_the_platforms_page_has_a_row_for_each_module_that_asks_for_the_system() -> None:
    modules = {shown(p) for p in FILES if any(map(_asks_for_system, nodes(p)))}
    assert {m for m in modules if not any(f"`{m}`" in row for row in ROWS)} == set()


def test_the_modules_and_tests_of_the_platforms_page_exist() -> None:
    named = {word.strip("`") for word in re.findall(r"`[\w/]+\.py`", PAGE)}
    places = (ROOT / "merge", ROOT / "tests", ROOT)
    assert {name for name in named if not any((place / name).exists() for place in places)} == set()
    tests = "\n".join(path.read_text("utf-8") for path in Path(ROOT / "tests").rglob("test_*.py"))
    names = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(names) > 20
    assert {name for name in names if f"def {name}(" not in tests} == set()
