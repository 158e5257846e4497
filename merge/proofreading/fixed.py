"""What the templates say by themselves: words that no cell has given, and gaps that are meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import NamedTuple

from merge.model import People
from merge.naming import tag_name
from merge.ooxml.wordml import Element
from merge.proofreading.text import Paragraph, paragraphs, parts
from merge.proofreading.words import words

TAG = "\0"
"""Stands for a tag that gives a value, and for words that a cell has given."""

_VALUE = re.compile(r"\{\{.*?\}\}")
_BLOCK = re.compile(r"\{%.*?%\}|\{#.*?#\}")
_FIELD = re.compile(r"«([^«»]{1,100})»")
_WHOSE = re.compile(r"(?<![a-z])(signer|recipient)")
_ANYBODY = frozenset(("signer", "recipient"))


def field_names(people: Iterable[People], settings: Iterable[str]) -> frozenset[str]:
    """What may stand between guillemets in a merge field, folded as tags are."""
    columns = [(sheet.kind, column.tag) for sheet in people for column in sheet.columns]
    whole = {f"{kind}_{tag}" for kind, tag in columns} | {f"settings_{tag}" for tag in settings}
    return frozenset({tag for _, tag in columns} | whole | {"date"})


def fields_in(line: str, names: AbstractSet[str]) -> Iterator[str]:
    """The merge fields that a line shows, as they stand; a quotation is none."""
    return (f.group() for f in _FIELD.finditer(line) if tag_name(f[1]) in names)


class ValueLine(NamedTuple):
    """A line of a text, and whose values alone stand in it; empty where there is anything else.

    `holder` is what its paragraph stands in: the body, a cell, a text box.
    """

    text: str
    whose: frozenset[str]
    holder: Element | None


def empty_lines(lines: Iterable[ValueLine]) -> list[int]:
    """The numbers, from 0, of the empty lines between values of one person in one holder.

    In a table the last paragraph of a cell stays, and is empty where there is no value.
    """
    found: list[int] = []
    empty: list[int] = []
    above = ValueLine("", frozenset(), None)
    for number, line in enumerate(lines):
        if not line.text.strip():
            empty.append(number)
            continue
        if above.whose & line.whose and above.holder is line.holder:
            found += empty
        above, empty = line, []
    return found


class Fixed:
    """The text of all templates, every tag that gives a value one sign in it.

    `empty_lines` is how many of them a template has inside addresses on purpose, at most.
    """

    def __init__(self, templates: Mapping[str, bytes], names: AbstractSet[str]) -> None:
        self._names = names
        self.paragraphs = {file: paragraphs(parts(data, file)) for file, data in templates.items()}
        lines = [list(self._lines(own)) for own in self.paragraphs.values()]
        self.empty_lines = max((len(empty_lines(own)) for own in lines), default=0)
        self.lines = tuple(line.text for own in lines for line in own)
        self._words = "\n".join(f" {' '.join(_words(line))} " for line in self.lines)

    def _lines(self, own: Sequence[Paragraph]) -> Iterator[ValueLine]:
        """A template's lines, less those that only hold conditions and loops."""
        for paragraph in own:
            for line in paragraph.text.splitlines() or [""]:
                text = _BLOCK.sub("", self._marked(line))
                if text.strip() or not line.strip():
                    whose = frozenset(_WHOSE.findall(line.lower())) or _ANYBODY
                    only_values = set(_words(text)) == {TAG}
                    parent = paragraph.element.getparent()
                    yield ValueLine(text, whose if only_values else frozenset(), parent)

    def _marked(self, line: str) -> str:
        for found in fields_in(line, self._names):
            line = line.replace(found, TAG)
        return _VALUE.sub(TAG, line)

    def says(self, pattern: Sequence[str]) -> bool:
        """Whether these words stand in a template one behind the other; TAG is any value."""
        return f" {' '.join(pattern)} " in self._words


def collapsed(pattern: Iterable[str]) -> list[str]:
    """The words with neighbouring TAGs made one."""
    return [key for key, same in groupby(pattern) for key in ([key] if key == TAG else same)]


def _words(line: str) -> list[str]:
    first, *rest = line.split(TAG)
    behind = [word for piece in rest for word in (TAG, *words(piece))]
    return collapsed([*words(first), *behind])
