"""The manual: the documents for users, as screens of the page.

The documents are Markdown files, written for GitHub. A package contains them, so that the manual
can be read without the internet.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SOURCE = Path(__file__).parents[2] / "docs"
_IS_SOURCE = (_SOURCE / "signers-at-risk.md").is_file()
FOLDER = _SOURCE if _IS_SOURCE else Path(sys.prefix, "share", "doc", "appeal-merge")
"""The folder of the documents, in the source or installed."""

CHAPTERS = (
    *("install", "start-from-letters", "page", "lists", "templates", "workbook", "letters"),
    *("two-people", "printing"),
    *("problems", "commands", "signers-at-risk", "glossary", "release-notes"),
)
"""The documents for users, in the order of the README."""

_ANCHOR = "section-"
"""Prefix of anchors: the page has IDs of its own."""


class Chapter(NamedTuple):
    """A chapter of the manual: its title as text, its contents as HTML."""

    title: str
    html: str


def chapter_titles() -> dict[str, str]:
    """Return the titles of the chapters, by name."""
    return {name: title for name in CHAPTERS if (title := _title(name))}


@lru_cache
def read_chapter(name: str) -> Chapter:
    """Return a chapter. Raise KeyError if the manual has no such chapter."""
    from markdown import Markdown  # noqa: PLC0415 - rarely needed, slow to import
    from markdown.treeprocessors import Treeprocessor  # noqa: PLC0415
    from markdown.util import AtomicString  # noqa: PLC0415

    title = chapter_titles()[name]

    class Links(Treeprocessor):
        def run(self, root: Element) -> None:
            for element in root.iter():
                _adapt_link(element)
                if element.tag == "code" and element.text:  # a bar in a table of Markdown
                    element.text = AtomicString(element.text.replace("\\|", "|"))

    converter = Markdown(
        extensions=["tables", "toc", "fenced_code", "sane_lists"],
        extension_configs={"toc": {"slugify": lambda text, _: anchor(text)}},
    )
    converter.treeprocessors.register(Links(converter), "links", 0)
    return Chapter(title, converter.convert(_text(name)))


def anchor(heading: str) -> str:
    """Return the anchor of a heading: GitHub's, with a prefix."""
    return _ANCHOR + re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-")


def _title(name: str) -> str:
    return _text(name).partition("\n")[0].removeprefix("# ")


@lru_cache
def _text(name: str) -> str:
    """Return a document; empty if it is missing."""
    path = FOLDER / f"{name}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _adapt_link(element: Element) -> None:
    """Let a link between documents lead to a chapter of the manual.

    A link to a document that is not in the manual becomes plain text.
    """
    target = element.get("href", "")
    if element.tag != "a" or re.match(r"[a-z]+:", target):
        return
    file, _, section = target.partition("#")
    name = file.removesuffix(".md")
    if name and name not in CHAPTERS:
        element.tag = "span"
        del element.attrib["href"]
    else:
        element.set("href", name + (f"#{_ANCHOR}{section}" if section else ""))
