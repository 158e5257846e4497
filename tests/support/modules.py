"""The source files of the program, parsed once; their file operations."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "merge"
FILES = sorted(PACKAGE.rglob("*.py"))
TABLES = sorted(PACKAGE.rglob("*.tsv"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all nodes of a module, from the outside to the inside."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def shown(path: Path) -> str:
    """Return a module's path as docs/ writes it."""
    return path.relative_to(PACKAGE).as_posix()


_CHANGES = {
    "os": "link remove removedirs rename renames replace rmdir symlink truncate unlink",
    "shutil": "move rmtree",
}
_METHODS = {*["hardlink_to", "rename", "renameat2", "renamex_np", "rmdir", "symlink_to", "unlink"]}
"""Methods and system functions that rename, link or remove."""


def _operation(node: ast.AST) -> str:  # noqa: PLR0911 - one for each kind of code
    """Return the file operation of a piece of code; empty if it is none."""
    match node:
        case ast.Attribute(value=ast.Name(id=("os" | "shutil") as library), attr=attr):
            return f"{library}.{attr}" if attr in _CHANGES[library].split() else ""
        case ast.Attribute(attr=attr) if attr in _METHODS:
            return attr
        case ast.Call(func=ast.Attribute(attr="replace", value=value), args=[_], keywords=[]):
            return "" if isinstance(value, ast.Name) and value.id == "os" else "Path.replace"
        case ast.Call(func=ast.Name(id=name)) if name.endswith("FileLock"):
            return "FileLock"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="sqlite3"), attr="connect")):
            return "sqlite3.connect"
        case ast.Attribute(value=ast.Name(id=("fcntl" | "msvcrt") as library), attr=attr):
            return f"{library}.{attr}"
    return ""


def operations_in(code: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the file operations in code."""
    return filter(None, map(_operation, code))


@cache
def file_operations() -> frozenset[tuple[str, str, str]]:
    """Return all file operations: their module, function and call."""
    return frozenset(
        (shown(path), function.name, operation)
        for path in FILES
        for function in nodes(path)
        if isinstance(function, ast.FunctionDef)
        for operation in operations_in(ast.walk(function))
    )
