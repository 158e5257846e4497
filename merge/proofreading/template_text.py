"""Text that templates contain themselves.

Such words do not come from a cell, and such gaps are intended.
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
from merge.proofreading.text import LetterParagraph, read_paragraphs, read_parts
from merge.text.folding import folded_words

PERSON_KINDS = frozenset[SheetKind](("signer", "recipient"))
"""The kinds of person."""
VALUE_MARK = "\0"
"""Mark in place of a placeholder for a value, and of words of a cell."""

_PLACEHOLDER = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}")
_STATEMENT = re.compile(r"\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}")
_MERGE_FIELD = re.compile(r"«([^«»]{1,100})»")
_PERSON_KIND = re.compile(r"(?<![a-z])(signer|recipient)")


def merge_field_names(people: Iterable[People], settings: Iterable[str]) -> frozenset[str]:
    """Return the names of merge fields between « and », folded as tags are."""
    columns = [(sheet.kind, column.placeholder) for sheet in people for column in sheet.columns]
    full_names = {f"{kind}_{tag}" for kind, tag in columns} | {
        f"settings_{tag}" for tag in settings
    }
    return frozenset({tag for _, tag in columns} | full_names | {"date"})


def find_merge_fields(line: str, names: AbstractSet[str]) -> Iterator[str]:
    """Yield the merge fields that a line shows, with « and » around them.

    A quotation is not a merge field.
    """
    return (
        match.group()
        for match in _MERGE_FIELD.finditer(line)
        if placeholder_name(match[1]) in names
    )


class ValueLine(NamedTuple):
    """A line of a text, and the owners of its values.

    `owners` is empty if the line has any other words. `holder` is the body, cell or text box of its
    paragraph.
    """

    text: str
    owners: frozenset[SheetKind]
    holder: object


def find_empty_lines(lines: Iterable[ValueLine]) -> list[int]:
    """Return the numbers, from 0, of empty lines between a person's values.

    Both values must have the same holder. In a table, the last paragraph of a cell stays, and is
    empty if there is no value.
    """
    between: list[int] = []
    pending: list[int] = []
    previous = ValueLine("", frozenset(), None)
    for number, line in enumerate(lines):
        if not line.text.strip():
            pending.append(number)
            continue
        if previous.owners & line.owners and previous.holder == line.holder:
            between += pending
        previous, pending = line, []
    return between


class TemplateText:
    """The text of all templates, with a mark in place of each value.

    `max_empty_lines` is the most empty lines that a template has inside addresses on purpose.
    """

    def __init__(self, templates: Mapping[str, bytes], names: AbstractSet[str]) -> None:
        self._names = names
        self.paragraphs = {
            file: read_paragraphs(read_parts(data, file, TEMPLATE))
            for file, data in templates.items()
        }
        lines = [list(self._value_lines(paragraphs)) for paragraphs in self.paragraphs.values()]
        self.max_empty_lines = max(
            (len(find_empty_lines(file_lines)) for file_lines in lines), default=0
        )
        self.lines = tuple(line.text for file_lines in lines for line in file_lines)
        line_words = [tuple(_words_with_values(line)) for line in self.lines]
        self._joined_words = "\n".join(f" {' '.join(line)} " for line in line_words)
        self._plain_lines = Counter(line for line in line_words if VALUE_MARK not in line)
        patterns = dict.fromkeys(
            line for line in line_words if VALUE_MARK in line and set(line) - {VALUE_MARK}
        )
        self._patterns = sorted(patterns, key=lambda line: line.count(VALUE_MARK) - len(line))
        self.find_fixed_words = lru_cache(maxsize=50_000)(self._find_fixed_words)

    def _find_fixed_words(self, line: tuple[str, ...], times: int) -> Sequence[bool]:
        """Return for each word of a letter's line whether a template has it.

        The template's line that fits with the most own words decides. If the letter has a line more
        `times` than the templates, it comes from a placeholder too.
        """
        if times <= self._plain_lines[line]:
            return [True] * len(line)
        for pattern in self._patterns:
            if fitted := _fit_pattern(pattern, line):
                return fitted
        return [False] * len(line)

    def _value_lines(self, paragraphs: Sequence[LetterParagraph]) -> Iterator[ValueLine]:
        """Yield a template's lines, without those that only have Jinja statements."""
        for paragraph in paragraphs:
            for line in paragraph.text.splitlines() or [""]:
                text = _STATEMENT.sub("", self._mark_values(line))
                if text.strip() or not line.strip():
                    kinds = (
                        PERSON_KINDS.intersection(_PERSON_KIND.findall(line.lower()))
                        or PERSON_KINDS
                    )
                    only_values = set(_words_with_values(text)) == {VALUE_MARK}
                    owners = kinds if only_values else frozenset[SheetKind]()
                    yield ValueLine(text, owners, paragraph.holder)

    def _mark_values(self, line: str) -> str:
        for field in find_merge_fields(line, self._names):
            line = line.replace(field, VALUE_MARK)
        return _PLACEHOLDER.sub(VALUE_MARK, line)

    def contains(self, pattern: Sequence[str]) -> bool:
        """Return whether a template has these words in sequence.

        `VALUE_MARK` is any value.
        """
        return f" {' '.join(pattern)} " in self._joined_words


def _fit_pattern(pattern: Sequence[str], line: Sequence[str]) -> list[bool] | None:
    """Return for each word of a line whether a pattern of words has it.

    Return None if the line does not fit. Each `VALUE_MARK` of the pattern matches any words, as few
    as possible.
    """
    stretches = [list(stretch) for tag, stretch in groupby(pattern, VALUE_MARK.__eq__) if not tag]
    fixed, position = [False] * len(line), 0
    for number, stretch in enumerate(stretches):
        is_last = number == len(stretches) - 1 and pattern[-1] != VALUE_MARK
        starts = range(position, len(line) - len(stretch) + 1)
        if number == 0 and pattern[0] != VALUE_MARK:
            starts = starts[:1]
        if is_last:
            starts = starts[-1:] if len(starts) > 0 else starts
        position = next((n for n in starts if list(line[n : n + len(stretch)]) == stretch), -1)
        if position < 0:
            return None
        fixed[position : position + len(stretch)] = [True] * len(stretch)
        position += len(stretch)
    return fixed


def collapse_values(pattern: Iterable[str]) -> list[str]:
    """Return a pattern's words with adjacent value marks joined into one."""
    return [
        key for key, group in groupby(pattern) for key in ([key] if key == VALUE_MARK else group)
    ]


def _words_with_values(line: str) -> list[str]:
    first, *pieces = line.split(VALUE_MARK)
    remaining = [word for piece in pieces for word in (VALUE_MARK, *folded_words(piece))]
    return collapse_values([*folded_words(first), *remaining])
