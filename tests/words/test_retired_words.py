"""Texts for users have no retired word of docs/glossary.md.

The words and their exceptions are in retired_words.toml.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support.campaigns import ROOT
from support.modules import nodes

from merge.cli.commands import merge as group
from merge.messages.message import catalogue

sys.path.append(str(ROOT / "tools"))
import catalogues

DOCS = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


class RetiredWord(NamedTuple):
    """A pattern, its replacement, and phrases in which it is right."""

    pattern: re.Pattern[str]
    use: str
    but: tuple[str, ...]

    def found_in(self, text: str) -> str:
        """Return the first match with some of the text around it, or nothing."""
        for phrase in self.but:
            text = re.sub(re.escape(phrase), "…", text, flags=re.IGNORECASE)
        match = self.pattern.search(text)
        return text[max(match.start() - 30, 0) : match.end() + 30] if match else ""


def retired(kind: str, *, code: bool = False) -> list[RetiredWord]:
    """Return the words of a kind.

    With `code`, those are missing that are right in docstrings and comments.
    """
    data = tomllib.loads((Path(__file__).parent / "retired_words.toml").read_text("utf-8"))
    return [
        RetiredWord(re.compile(w["pattern"], re.IGNORECASE), w["use"], tuple(w.get("but", ())))
        for w in data[kind]
        if w.get("code", True) or not code
    ]


RETIRED = retired("word")


def wrong(texts: Iterator[tuple[str, str]]) -> list[str]:
    """Return every retired word in texts, each of which comes with its place."""
    return [
        f"{place}: “{match.strip()}” → {word.use}"
        for place, text in texts
        for word in RETIRED
        if (match := word.found_in(" ".join(text.split())))
    ]


def page_texts() -> Iterator[tuple[str, str]]:
    for message in catalogues.sentences():
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            yield "page", re.sub(r"%\(\w+\)s", "…", str(text))


def help_texts() -> Iterator[tuple[str, str]]:
    for name, command in group.commands.items():
        yield f"merge {name}", command.help or ""
        for option in command.params:
            yield f"merge {name} {option.name}", getattr(option, "help", "") or ""
    yield "merge", group.help or ""


def printed_texts() -> Iterator[tuple[str, str]]:
    """Yield the sentences in the source of the command line.

    A sentence with values in it comes in several parts.
    """
    for path in sorted((ROOT / "merge" / "cli").glob("*.py")):
        docstrings = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
        constants = [node for node in nodes(path) if isinstance(node, ast.Constant)]
        for node in constants:
            if " " in str(node.value) and id(node) not in docstrings:
                yield f"{path.name}:{node.lineno}", str(node.value)


def message_texts() -> Iterator[tuple[str, str]]:
    for key, message in catalogue().items():
        for part in (message.what, message.remedy, message.about):
            text = part if isinstance(part, str) else " ".join(part)
            yield key, re.sub(r"(?<!\{)\{[a-z_]+([ :][^{}]*)?\}(?!\})", "…", text)


def doc_texts() -> Iterator[tuple[str, str]]:
    for path in DOCS:
        text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for paragraph in re.split(r"\n\n|\n(?=[-|#])", text):
            plain = paragraph
            if path.name == "glossary.md" and plain.startswith("|"):
                plain = plain.rpartition("|")[0].rpartition("|")[0]
            plain = re.sub(r"\]\([^)]*\)", "](…)", plain)
            yield path.name, re.sub(r"`[^`]*`", "`…`", plain)


KINDS = [page_texts, help_texts, printed_texts, message_texts, doc_texts]


@pytest.mark.parametrize("texts", KINDS)
def test_texts_for_users_have_no_retired_word(
    texts: Callable[[], Iterator[tuple[str, str]]],
) -> None:
    assert wrong(texts()) == []


@pytest.mark.parametrize(
    "text",
    [
        "The sheet is called the sheet Signers.",
        "The letter is made anew.",
        "This is no Word document.",
        "Put the file in.",
        "The person is erased.",
    ],
)
def test_a_retired_word_is_found(text: str) -> None:
    assert wrong(iter([("here", text)])) != []


def test_the_glossary_has_each_term_once() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    terms = re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
    assert len(terms) == len(set(terms)) > 50
