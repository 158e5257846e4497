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

from merge.naming import placeholder_name
from merge.ooxml.kinds import TEMPLATE
from merge.people import People, SheetKind
from merge.proofreading.text import Paragraph, read_paragraphs, read_parts
from merge.text.folding import folded_words

PERSON_KINDS = frozenset[SheetKind](("signer", "recipient"))
"""The kinds of person."""
VALUE_MARK = "\0"
"""Stands for a tag that gives a value, and for words that a cell has given."""

_PLACEHOLDER = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}")
_STATEMENT = re.compile(r"\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}")
_MERGE_FIELD = re.compile(r"«([^«»]{1,100})»")
_PERSON_KIND = re.compile(r"(?<![a-z])(signer|recipient)")


def merge_field_names(people: Iterable[People], settings: Iterable[str]) -> frozenset[str]:
    """Return the names that may stand in a merge field's guillemets, folded as tags are."""
    columns = [(sheet.kind, column.placeholder) for sheet in people for column in sheet.columns]
    whole = {f"{kind}_{tag}" for kind, tag in columns} | {f"settings_{tag}" for tag in settings}
    return frozenset({tag for _, tag in columns} | whole | {"date"})


def find_merge_fields(line: str, names: AbstractSet[str]) -> Iterator[str]:
    """Return the merge fields that a line shows, as they stand; a quotation is none."""
    return (f.group() for f in _MERGE_FIELD.finditer(line) if placeholder_name(f[1]) in names)


class ValueLine(NamedTuple):
    """A line of a text, and whose values alone stand in it; empty where there is anything else.

    `holder` is what its paragraph stands in: the body, a cell, a text box.
    """

    text: str
    owners: frozenset[SheetKind]
    holder: object


def find_empty_lines(lines: Iterable[ValueLine]) -> list[int]:
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
        if above.owners & line.owners and above.holder == line.holder:
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
            file: read_paragraphs(read_parts(data, file, TEMPLATE))
            for file, data in templates.items()
        }
        lines = [list(self._value_lines(own)) for own in self.paragraphs.values()]
        self.max_empty_lines = max((len(find_empty_lines(own)) for own in lines), default=0)
        self.lines = tuple(line.text for own in lines for line in own)
        every = [tuple(_words_with_values(line)) for line in self.lines]
        self._joined_words = "\n".join(f" {' '.join(own)} " for own in every)
        self._plain_lines = Counter(line for line in every if VALUE_MARK not in line)
        patterns = dict.fromkeys(
            line for line in every if VALUE_MARK in line and set(line) - {VALUE_MARK}
        )
        self._patterns = sorted(patterns, key=lambda line: line.count(VALUE_MARK) - len(line))
        self.find_fixed_words = lru_cache(maxsize=50_000)(self._find_fixed_words)

    def _find_fixed_words(self, line: tuple[str, ...], times: int) -> Sequence[bool]:
        """Return for each word of a letter's line whether a template says it by itself.

        That is told by the template's line that it fits with the most words of its own. A line
        that the letter has more `times` than the templates comes of a tag as well.
        """
        if times <= self._plain_lines[line]:
            return [True] * len(line)
        for pattern in self._patterns:
            if fixed := _fit_pattern(pattern, line):
                return fixed
        return [False] * len(line)

    def _value_lines(self, own: Sequence[Paragraph]) -> Iterator[ValueLine]:
        """Yield a template's lines, without those that only hold conditions and loops."""
        for paragraph in own:
            for line in paragraph.text.splitlines() or [""]:
                text = _STATEMENT.sub("", self._mark_values(line))
                if text.strip() or not line.strip():
                    kinds = (
                        PERSON_KINDS.intersection(_PERSON_KIND.findall(line.lower()))
                        or PERSON_KINDS
                    )
                    only_values = set(_words_with_values(text)) == {VALUE_MARK}
                    own_kinds = kinds if only_values else frozenset[SheetKind]()
                    yield ValueLine(text, own_kinds, paragraph.holder)

    def _mark_values(self, line: str) -> str:
        for found in find_merge_fields(line, self._names):
            line = line.replace(found, VALUE_MARK)
        return _PLACEHOLDER.sub(VALUE_MARK, line)

    def contains(self, pattern: Sequence[str]) -> bool:
        """Return whether a template has these words one behind the other; TAG is any value."""
        return f" {' '.join(pattern)} " in self._joined_words


def _fit_pattern(pattern: Sequence[str], line: Sequence[str]) -> list[bool] | None:
    """Return for each word of a line whether a pattern has it; None where the line does not fit.

    Each TAG of the pattern stands for any words, the fewest that will do.
    """
    stretches = [list(own) for tag, own in groupby(pattern, VALUE_MARK.__eq__) if not tag]
    fixed, at = [False] * len(line), 0
    for number, own in enumerate(stretches):
        last = number == len(stretches) - 1 and pattern[-1] != VALUE_MARK
        starts = range(at, len(line) - len(own) + 1)
        if number == 0 and pattern[0] != VALUE_MARK:
            starts = starts[:1]
        if last:
            starts = starts[-1:] if len(starts) > 0 else starts
        at = next((n for n in starts if list(line[n : n + len(own)]) == own), -1)
        if at < 0:
            return None
        fixed[at : at + len(own)] = [True] * len(own)
        at += len(own)
    return fixed


def collapse_values(pattern: Iterable[str]) -> list[str]:
    """Return the words with neighbouring TAGs made one."""
    return [key for key, same in groupby(pattern) for key in ([key] if key == VALUE_MARK else same)]


def _words_with_values(line: str) -> list[str]:
    first, *rest = line.split(VALUE_MARK)
    behind = [word for piece in rest for word in (VALUE_MARK, *folded_words(piece))]
    return collapse_values([*folded_words(first), *behind])
