"""Every regular expression of the program reads a text in time that grows as the text does.

A cell, a heading, a template's words or a file's name may be long and made to hurt. The engine
holds Python's lock: while it works, nobody can press Stop.
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
from support.hostile_words import METHODS, slow_text
from support.modules import FILES, PACKAGE, nodes, shown

from merge.campaign import person_words
from merge.excel import losses
from merge.intake import csv_records
from merge.template import foreign_placeholders

Pattern = re.Pattern[Any]
PACKAGES = sorted({shown(path).partition("/")[0] for path in FILES})

_pattern: Callable[[str], str] = vars(person_words)["_pattern"]
_WORDS = ("ana ruiz", "((")
BUILT: Mapping[str, Callable[[], list[str]]] = {
    "campaign/person_words.py contains_words": lambda: [_pattern(words) for words in _WORDS],
    "campaign/person_words.py _is_capitalised": lambda: [f"(?i){_pattern(w)}" for w in _WORDS],
    "campaign/person_words.py _is_near": lambda: [
        vars(person_words)["_adjacent_pattern"](one, two) for one in _WORDS for two in _WORDS
    ],
    "campaign/person_words.py _without_others_lines": lambda: [
        f"(?i){_pattern(w)}" for w in _WORDS
    ],
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
}
"""Functions that make an expression of what they are given, with some that they make."""


def _within(value: object, depth: int = 0) -> Iterator[Pattern]:
    """The compiled expressions that a module's own name holds, in a table perhaps."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and type(value) in {tuple, list, set, frozenset}:
        for each in value:  # type: ignore[attr-defined]
            yield from _within(each, depth + 1)
    elif depth < 4 and type(value).__name__ in {"dict", "mappingproxy"}:
        for each in value.values():  # type: ignore[attr-defined]
            yield from _within(each, depth + 1)


@cache
def _uses() -> dict[tuple[str, str], set[str]]:
    """How the expressions of a name are used, by file; a name without _ is used in any."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in FILES:
        for node in nodes(path):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                name = getattr(node.value, "id", getattr(node.value, "attr", ""))
                found.setdefault(_key(path, name), set()).add(node.attr)
    return found


def _key(path: Path, name: str) -> tuple[str, str]:
    return (shown(path) if name.startswith("_") else "", name)


def _compiled(path: Path) -> Iterator[tuple[str, Pattern, set[str]]]:
    """The expressions that a module compiles when it is imported, and how each is used."""
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    module = importlib.import_module(name.removesuffix(".__init__"))
    for own, value in vars(module).items():
        for pattern in _within(value):
            yield f"{shown(path)} {own}", pattern, _uses().get(_key(path, own), set(METHODS))


def _called(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """The calls of `re` within functions, each with its function's name."""
    functions = (n for n in nodes(path) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and re.fullmatch(r"re\.\w+", ast.unparse(node.func)):
                yield f"{shown(path)} {function.name}", node


def _written(path: Path) -> Iterator[tuple[str, Pattern, set[str]]]:
    """The expressions that stand in a function as a text, and how each is used."""
    for place, call in _called(path):
        method = ast.unparse(call.func).removeprefix("re.")
        if isinstance(call.args[0], ast.Constant) and method in METHODS:
            words = ast.unparse(call)
            flags = re.IGNORECASE if "re.IGNORECASE" in words else re.NOFLAG
            flags |= re.DOTALL if "re.DOTALL" in words else re.NOFLAG
            text: Any = call.args[0].value
            yield place, re.compile(text, flags), {method}


@pytest.mark.parametrize("package", everyday(PACKAGES, (PACKAGES.index("intake"),)))
def test_every_regular_expression_takes_time_that_grows_as_its_text(package: str) -> None:
    slow = {}
    for path in FILES:
        if shown(path).partition("/")[0] == package and path.stem != "__main__":
            for place, pattern, methods in (*_compiled(path), *_written(path)):
                if found := slow_text(pattern, methods):
                    slow[place] = found
    assert slow == {}


def test_an_expression_that_is_made_while_the_program_runs_is_known_here() -> None:
    made = {
        place
        for path in FILES
        for place, call in _called(path)
        if ast.unparse(call.func) != "re.escape" and not isinstance(call.args[0], ast.Constant)
    }
    assert made == set(BUILT)


@pytest.mark.parametrize("place", BUILT)
def test_an_expression_made_of_somebodys_words_takes_time_that_grows_as_its_text(
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


@pytest.mark.parametrize(("pattern", "method"), everyday(SLOW.items(), of=(0, 2)))
def test_an_expression_that_takes_the_square_of_its_text_is_found(
    pattern: str, method: str
) -> None:
    assert slow_text(re.compile(pattern), {method})


@pytest.mark.parametrize("pattern", [r"(?<!\s)\s++$", r"<row[^<>]*>", "[^a]{1,20}b", r"\w+"])
def test_an_expression_that_reads_its_text_once_is_not(pattern: str) -> None:
    assert slow_text(re.compile(pattern), METHODS) == ""
