"""Docstrings, comments and names of the program are plain English.

The words are in retired_words.toml: `word` and `code_word` for docstrings and comments, `name` for
names. A docstring's first line has at most 72 characters, and no sentence more than 25 words.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support.modules import FILES, nodes, shown
from words.test_retired_words import RetiredWord, retired

FIRST_LINE, SENTENCE = 72, 25
"""Maximum of characters in a first line, and of words in a sentence."""

_WORDS = [*retired("word", code=True), *retired("code_word")]
_FIRST_WORDS = retired("first_word")
_NAMES = retired("name")
_NO_PROSE = re.compile(r"^#+ ?|noqa: [A-Z\d, ]+( - )?|type: ignore\S*")
"""Parts of a comment that are for programs."""
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class _Text(NamedTuple):
    line: int
    text: str


def docstrings(path: Path) -> Iterator[_Text]:
    """Yield the docstrings of a module and of all that it defines.

    The docstring of a command is its help, which users read.
    """
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list)):
            continue
        for before, after in _statements(node):
            value = after.value if isinstance(after, ast.Expr) else None
            documents = before is None or isinstance(before, ast.Assign | ast.AnnAssign)
            if documents and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield _Text(after.lineno, value.value)


def _is_command(decorator: ast.expr) -> bool:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(call, ast.Attribute) and call.attr in {"command", "group"}


def _statements(node: ast.AST) -> Iterator[tuple[ast.stmt | None, ast.stmt]]:
    """Yield the statements of a definition, each with the previous one."""
    if isinstance(node, _DOCUMENTED):
        yield from zip([None, *node.body], node.body, strict=False)


def comments(path: Path) -> Iterator[_Text]:
    """Yield the comments of a module; comments on successive lines are one."""
    lines: list[str] = []
    first = last = 0
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type != tokenize.COMMENT:
            continue
        text, line = _NO_PROSE.sub("", token.string), token.start[0]
        if line != last + 1 and lines:
            yield _Text(first, " ".join(lines))
            lines = []
        first, last = line if not lines else first, line
        lines.append(text)
    if lines:
        yield _Text(first, " ".join(lines))


def names(path: Path) -> Iterator[_Text]:
    """Yield every name that a module defines, parameters and values included."""
    for node in nodes(path):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield _Text(node.lineno, node.name)
            case ast.arg():
                yield _Text(node.lineno, node.arg)
            case ast.Name(ctx=ast.Store()):
                yield _Text(node.lineno, node.id)
            case ast.Attribute(ctx=ast.Store()):
                yield _Text(node.lineno, node.attr)


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a docstring, without its code and its lists."""
    for paragraph in re.split(r"\n\s*\n|\n\s*(?=[-*] |\d+\. )", text):
        if not re.search(r"^\s*(>>>|\|)|::$", paragraph):
            yield from re.split(r"(?<=[.:;!?])\s+", " ".join(paragraph.split()))


def faults(path: Path) -> Iterator[str]:
    """Yield the line of each docstring, comment and name that breaks a rule."""
    for line, text in docstrings(path):
        first = text.split("\n", 1)[0]
        if len(first) > FIRST_LINE:
            yield f"{line}: first line of {len(first)} characters: {first}"
        for sentence in sentences(text):
            if (count := len(sentence.split())) > SENTENCE:
                yield f"{line}: sentence of {count} words: {sentence}"
        yield from _retired(line, first, _FIRST_WORDS)
        yield from _retired(line, text, _WORDS)
    for line, text in comments(path):
        yield from _retired(line, text, _WORDS)
    for line, name in names(path):
        yield from _retired(line, name, _NAMES)


def _retired(line: int, text: str, words: list[RetiredWord]) -> Iterator[str]:
    plain = " ".join(re.sub(r"`[^`]*`", "`…`", text).split())
    for word in words:
        if place := word.found_in(plain):
            yield f"{line}: “{place.strip()}” → {word.use}"


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_docstrings_comments_and_names_are_plain_english(path: Path) -> None:
    assert [*faults(path)] == []


@pytest.mark.parametrize(
    "source",
    [
        '"""The sheet Signers, and what it holds."""\n',
        '"""Return the letter, or what was there in its absence, if it could be read at all."""\n',
        '"""Return it."""\n\nx = 1  # made anew\n',
        "told = 1\n",
        "def _is_errand() -> None: ...\n",
        '"""Return None where there is none."""\n',
        '"""Of a letter that is printed nothing is written."""\n',
        f'"""Return it.\n\n{"One word and another. " * 3}{"one " * 26}."""\n',
    ],
)
def test_a_docstring_or_name_that_breaks_a_rule_is_found(source: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(source, "utf-8")
    assert [*faults(module)] != []
