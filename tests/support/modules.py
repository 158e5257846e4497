"""The source of the program, each module read once for all tests that look at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "merge"
FILES = sorted(PACKAGE.rglob("*.py"))
TABLES = sorted(PACKAGE.rglob("*.tsv"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all that a module is written of, from the outside to the inside."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def shown(path: Path) -> str:
    """Return a module's path as it stands in docs/."""
    return path.relative_to(PACKAGE).as_posix()
