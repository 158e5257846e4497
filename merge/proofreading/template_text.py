"""What the templates themselves contain.

Words that come from no cell, and gaps that are intended.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from merge.naming import tag_name
from merge.ooxml.kinds import TEMPLATE
from merge.people import People, SheetKind
from merge.proofreading.text import Paragraph, parts, read_paragraphs
from merge.text.folding import words

ANYBODY = frozenset[SheetKind](("signer", "recipient"))
"""The kinds of person."""
TAG = "\0"
"""Stands for a tag that gives a value, and for words that a cell has given."""

_VALUE = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}")
_BLOCK = re.compile(r"\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}")
_FIELD = re.compile(r"«([^«»]{1,100})»")
_KIND = re.compile(r"(?<![a-z])(signer|recipient)")


def field_names(people: Iterable[People], settings: Iterable[str]) -> frozenset[str]:
    """Return the names that may stand in a merge field's guillemets, folded as tags are."""
    columns = [(sheet.kind, column.tag) for sheet in people for column in sheet.columns]
    whole = {f"{kind}_{tag}" for kind, tag in columns} | {f"settings_{tag}" for tag in settings}
    return frozenset({tag for _, tag in columns} | whole | {"date"})


def fields_in(line: str, names: AbstractSet[str]) -> Iterator[str]:
    """Return the merge fields that a line shows, as they stand; a quotation is none."""
    return (f.group() for f in _FIELD.finditer(line) if tag_name(f[1]) in names)


class ValueLine(NamedTuple):
    """A line of a text, and whose values alone stand in it; empty where there is anything else.

    `holder` is what its paragraph stands in: the body, a cell, a text box.
    """

    text: str
    owner: frozenset[SheetKind]
    holder: object


def empty_lines(lines: Iterable[ValueLine]) -> list[int]:
    """Return the numbers, from 0, of empty lines between values of one person in one holder.

    In a table the last paragraph of a cell stays, and is empty where there is no value.
    """
    found: list[int] = []
    empty: list[int] = []
    above = ValueLine("", frozenset(), None)
    for number, line in enumerate(lines):
        if not line.text.strip():
            empty.append(number)
            continue
        if above.owner & line.owner and above.holder == line.holder:
            found += empty
        above, empty = line, []
    return found


class TemplateText:
    """The text of all templates, every tag that gives a value one sign in it.

    `empty_lines` is how many of them a template has inside addresses on purpose, at most.
    """

    def __init__(self, templates: Mapping[str, bytes], names: AbstractSet[str]) -> None:
        self._names = names
        self.paragraphs = {
            file: read_paragraphs(parts(data, file, TEMPLATE)) for file, data in templates.items()
        }
        lines = [list(self._lines(own)) for own in self.paragraphs.values()]
        self.empty_lines = max((len(empty_lines(own)) for own in lines), default=0)
        self.lines = tuple(line.text for own in lines for line in own)
        every = [tuple(_words(line)) for line in self.lines]
        self._words = "\n".join(f" {' '.join(own)} " for own in every)
        self._plain = Counter(line for line in every if TAG not in line)
        patterns = dict.fromkeys(line for line in every if TAG in line and set(line) - {TAG})
        self._patterns = sorted(patterns, key=lambda line: line.count(TAG) - len(line))
        self.own_words = lru_cache(maxsize=50_000)(self._own_words)

    def _own_words(self, line: tuple[str, ...], times: int) -> Sequence[bool]:
        """Return for each word of a letter's line whether a template says it by itself.

        That is told by the template's line that it fits with the most words of its own. A line
        that the letter has more `times` than the templates comes of a tag as well.
        """
        if times <= self._plain[line]:
            return [True] * len(line)
        for pattern in self._patterns:
            if fixed := _fitted(pattern, line):
                return fixed
        return [False] * len(line)

    def _lines(self, own: Sequence[Paragraph]) -> Iterator[ValueLine]:
        """Yield a template's lines, without those that only hold conditions and loops."""
        for paragraph in own:
            for line in paragraph.text.splitlines() or [""]:
                text = _BLOCK.sub("", self._marked(line))
                if text.strip() or not line.strip():
                    kinds = ANYBODY.intersection(_KIND.findall(line.lower())) or ANYBODY
                    only_values = set(_words(text)) == {TAG}
                    own_kinds = kinds if only_values else frozenset[SheetKind]()
                    yield ValueLine(text, own_kinds, paragraph.holder)

    def _marked(self, line: str) -> str:
        for found in fields_in(line, self._names):
            line = line.replace(found, TAG)
        return _VALUE.sub(TAG, line)

    def contains(self, pattern: Sequence[str]) -> bool:
        """Return whether a template has these words one behind the other; TAG is any value."""
        return f" {' '.join(pattern)} " in self._words


def _fitted(pattern: Sequence[str], line: Sequence[str]) -> list[bool] | None:
    """Return for each word of a line whether a pattern has it; None where the line does not fit.

    Each TAG of the pattern stands for any words, the fewest that will do.
    """
    stretches = [list(own) for tag, own in groupby(pattern, TAG.__eq__) if not tag]
    fixed, at = [False] * len(line), 0
    for number, own in enumerate(stretches):
        last = number == len(stretches) - 1 and pattern[-1] != TAG
        starts = range(at, len(line) - len(own) + 1)
        if number == 0 and pattern[0] != TAG:
            starts = starts[:1]
        if last:
            starts = starts[-1:] if len(starts) > 0 else starts
        at = next((n for n in starts if list(line[n : n + len(own)]) == own), -1)
        if at < 0:
            return None
        fixed[at : at + len(own)] = [True] * len(own)
        at += len(own)
    return fixed


def collapsed(pattern: Iterable[str]) -> list[str]:
    """Return the words with neighbouring TAGs made one."""
    return [key for key, same in groupby(pattern) for key in ([key] if key == TAG else same)]


def _words(line: str) -> list[str]:
    first, *rest = line.split(TAG)
    behind = [word for piece in rest for word in (TAG, *words(piece))]
    return collapsed([*words(first), *behind])
