"""Regular expressions take time in proportion to the length of the text.

A cell, a heading, a template's text or a file name may be long and hostile. The engine holds
Python's lock, so no one can stop a task while it works.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.everyday import everyday
from support.modules import FILES, PACKAGE, nodes, shown
from support.slow_expressions import METHODS, slow_text

from merge import computer
from merge.campaign import search_terms
from merge.excel import losses
from merge.intake import csv_records
from merge.starting import words
from merge.template import foreign_placeholders

Pattern = re.Pattern[Any]
PACKAGES = sorted({shown(path).partition("/")[0] for path in FILES})

_NAMES = ("Ana O'Neill-Ruiz", "山田 太郎", "+44 20 7946 0958")
_KINDS = ("greeting", "closing", "subject", "to label", "honour", "enclosure")
BUILT: Mapping[str, Callable[[], list[str]]] = {
    "campaign/search_terms.py _pattern": lambda: [
        form.pattern for name in _NAMES for form in vars(search_terms)["_forms"](name)
    ],
    "computer.py name_without_draft": lambda: [rf"\A{vars(computer)['_TOKEN'].pattern}-"],
    "excel/losses.py _losses_in_part": lambda: [start for start, _ in vars(losses)["_LOST_PARTS"]],
    "intake/csv_records.py _unclosed_quote_fault": lambda: [
        f"[\r\n{re.escape(s)}]" for s in csv_records.SEPARATORS
    ],
    "intake/csv_records.py _may_be_two_records": lambda: [
        f"{re.escape(s)}(?! )" for s in csv_records.SEPARATORS
    ],
    "template/foreign_placeholders.py _combined_pattern": lambda: [
        "|".join(style.pattern for style in foreign_placeholders.FOREIGN_STYLES)
    ],
    "printing/combine/letter.py _find_typed_name": lambda: [r".{0,20}(?<!\w)ana\ ruiz(?!\w)"],
    "starting/address_lines.py _street_words": lambda: [
        r"(?i)(?<!\w)(?:p\.o\.\ box|street|st)\.?(?=\W|$)|\w{3,40}(?:straße|weg)\b"
    ],
    "starting/differences.py _whole_words": lambda: [
        r"(?<!\w)(?<!\w[-\u2011])(?<![A-Z]['’])ana[\s\u00a0]+ruiz(?!\w)(?![-\u2011]\w)"
    ],
    "starting/words.py beginning": lambda: [words.beginning(kind).pattern for kind in _KINDS],
}
"""Functions that build an expression from input, with examples of it."""


def _within(value: object, depth: int = 0) -> Iterator[Pattern]:
    """Yield the compiled expressions in a module's value, also in tables."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and type(value) in {tuple, list, set, frozenset}:
        for item in value:  # type: ignore[attr-defined]
            yield from _within(item, depth + 1)
    elif depth < 4 and type(value).__name__ in {"dict", "mappingproxy"}:
        for item in value.values():  # type: ignore[attr-defined]
            yield from _within(item, depth + 1)


@cache
def _uses() -> dict[tuple[str, str], set[str]]:
    """Return which methods the expressions of a name are used with, by file.

    A name without _ may be used in any file.
    """
    methods: dict[tuple[str, str], set[str]] = {}
    for path in FILES:
        for node in nodes(path):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                name = getattr(node.value, "id", getattr(node.value, "attr", ""))
                methods.setdefault(_key(path, name), set()).add(node.attr)
    return methods


def _key(path: Path, name: str) -> tuple[str, str]:
    return (shown(path) if name.startswith("_") else "", name)


def _compiled(path: Path) -> Iterator[tuple[str, Pattern, set[str]]]:
    """Yield expressions that a module compiles on import, with their methods."""
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    module = importlib.import_module(name.removesuffix(".__init__"))
    for variable, value in vars(module).items():
        for pattern in _within(value):
            yield (
                f"{shown(path)} {variable}",
                pattern,
                _uses().get(_key(path, variable), set(METHODS)),
            )


def _called(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls of `re` in functions, each with the function's name."""
    functions = (n for n in nodes(path) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and re.fullmatch(r"re\.\w+", ast.unparse(node.func)):
                yield f"{shown(path)} {function.name}", node


def _written(path: Path) -> Iterator[tuple[str, Pattern, set[str]]]:
    """Yield expressions that are text in a function, with their methods."""
    for place, call in _called(path):
        method = ast.unparse(call.func).removeprefix("re.")
        if isinstance(call.args[0], ast.Constant) and method in METHODS:
            words = ast.unparse(call)
            flags = re.IGNORECASE if "re.IGNORECASE" in words else re.NOFLAG
            flags |= re.DOTALL if "re.DOTALL" in words else re.NOFLAG
            text: Any = call.args[0].value
            yield place, re.compile(text, flags), {method}


@pytest.mark.parametrize("package", everyday(PACKAGES, (PACKAGES.index("intake"),)))
def test_every_regular_expression_takes_time_in_proportion_to_the_text(package: str) -> None:
    slow = {}
    for path in FILES:
        if shown(path).partition("/")[0] == package and path.stem != "__main__":
            for place, pattern, methods in (*_compiled(path), *_written(path)):
                if found := slow_text(pattern, methods):
                    slow[place] = found
    assert slow == {}


def test_every_expression_built_at_run_time_is_listed_here() -> None:
    functions = {
        place
        for path in FILES
        for place, call in _called(path)
        if ast.unparse(call.func) != "re.escape" and not isinstance(call.args[0], ast.Constant)
    }
    assert functions == set(BUILT)


@pytest.mark.parametrize("place", everyday(BUILT))
def test_an_expression_built_from_input_takes_time_in_proportion_to_the_text(
    place: str,
) -> None:
    slow = [slow_text(re.compile(text), {"finditer"}) for text in BUILT[place]()]
    assert [found for found in slow if found] == []


SLOW = {
    r"[^\s@]+@[^\s@]+\.[^\s@]+": "search",
    r"[\d ]*\d[\d ]*": "fullmatch",
    r"\s+$": "sub",
    r"<row[^>]*>": "findall",
    r"\{\{.*?\}\}": "sub",
    r"(?:a|aa)+b": "match",
    r"x\w+[^{}]*\}": "match",
}


@pytest.mark.parametrize(("pattern", "method"), everyday(SLOW.items(), daily=(0, 2)))
def test_a_quadratic_expression_is_found(pattern: str, method: str) -> None:
    assert slow_text(re.compile(pattern), {method})


@pytest.mark.parametrize("pattern", [r"(?<!\s)\s++$", r"<row[^<>]*>", "[^a]{1,20}b", r"\w+"])
def test_a_linear_expression_is_not_reported(pattern: str) -> None:
    assert slow_text(re.compile(pattern), METHODS) == ""
