"""What must not be left in a letter: tags, None, empty lines of an address, stray blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import NamedTuple

from merge.model import Finished, Pair, Place, Problem, Value
from merge.ooxml.wordml import W, tracked_changes
from merge.proofreading.fixed import TAG, Fixed, empty_lines, fields_in
from merge.proofreading.text import Part
from merge.proofreading.view import Line, value_lines
from merge.proofreading.whose import CORRECT, place_of

_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_NOTHING = re.compile(
    r"(?<!\w)(?:None(?! of\b)|nan|NaN|NaT|#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!))(?!\w)"
    r"|\ufffd"
)
"""How Python and Excel write that there is no value, and what stands for a character lost."""

_REMAINS = re.compile(r"\(\s*\)|,\s*,|^\s*[,;]")
"""What stays where something is blank: empty brackets, a comma with nothing before it."""

_GAPS = re.compile(r"(?<!\S)(\S++)([ \u00a0]{2,}|[ \u00a0](?=[,.](?:\s|$)))(?=(\S+))")
"""Two blanks together, or one before a comma or a full stop, with their neighbours."""

_SUSPECT = (_BRACES, _NOTHING, _REMAINS, _GAPS, re.compile("«"))


class _Gap(NamedTuple):
    before: str
    blanks: str
    behind: str

    def comes_of(self, meant: _Gap) -> bool:
        """Whether a template's gap can have become this one: a tag is any word."""
        same = (a == b or TAG in b for a, b in zip(self, meant, strict=True))
        return all(same) and self.blanks == meant.blanks


@lru_cache(maxsize=50_000)
def _is_clean(text: str) -> bool:
    return not any(pattern.search(text) for pattern in _SUSPECT)


def _gaps(text: str) -> list[_Gap]:
    return [_Gap(*found.groups()) for found in _GAPS.finditer(text)]


class Leftovers:
    """Finds them, knowing what templates and cells mean to say.

    `names` are those of merge fields.
    """

    def __init__(
        self, fixed: Fixed, names: AbstractSet[str], settings: Mapping[str, Value]
    ) -> None:
        patterns = (_BRACES, _NOTHING, _REMAINS)
        self._meant = {text for line in fixed.lines for p in patterns for text in p.findall(line)}
        self._gaps = [gap for line in fixed.lines for gap in _gaps(line)]
        self._empty_lines = fixed.empty_lines
        self._names = names
        self._settings = settings

    def find(self, lines: Sequence[Line], letter: Finished) -> Iterator[Problem]:
        """Each with the paragraph in which it stands."""
        for line in lines:
            if not _is_clean(line.text):
                place = place_of(letter, line.paragraph)
                yield from self._left(line.text, letter.pair, place)
                yield from self._blanks(line.text, letter.pair, place)
        empty = empty_lines(value_lines(lines, letter.pair))
        if len(empty) > self._empty_lines:
            place = place_of(letter, lines[empty[0] - 1].paragraph)
            what = "an empty line stands inside the address, below this one."
            yield Problem("proof-empty-line", place, what, "Delete it in Word.")

    def _left(self, text: str, pair: Pair, place: Place) -> Iterator[Problem]:
        kinds = (
            ("a tag is left", [b for b in _BRACES.findall(text) if b not in self._meant]),
            ("a merge field is left", list(fields_in(text, self._names))),
            ("this stands for no value", [n for n in _NOTHING.findall(text) if self._no(n, pair)]),
        )
        for what, found in kinds:
            if found:
                yield Problem("proof-leftover", place, f'{what}: "{found[0]}".', CORRECT)

    def _no(self, text: str, pair: Pair) -> bool:
        """Whether neither a template has it nor a cell, among other words."""
        among = (value for value in self._data(text, pair) if value.strip() != text)
        return text not in self._meant and not any(among)

    def _data(self, text: str, pair: Pair) -> Iterator[str]:
        """The pair's cells that hold the text."""
        own = (pair.signer.fields, pair.recipient.fields, pair.fields, self._settings)
        values = (str(value) for fields in own for value in fields.values())
        return (value for value in values if text in value)

    def _blanks(self, text: str, pair: Pair, place: Place) -> Iterator[Problem]:
        for gap in _gaps(text):
            shown = "".join(gap)
            meant = any(gap.comes_of(other) for other in self._gaps)
            if not meant and not any(self._data(shown, pair)):
                what = "two blanks stand together" if len(gap.blanks) > 1 else "a blank is too many"
                yield _blank(f'{what}: "{shown}".', place)
        for rest in _REMAINS.findall(text):
            if rest not in self._meant and not any(self._data(rest, pair)):
                yield _blank(f'something is missing at "{rest.strip()}".', place)


def _blank(what: str, place: Place) -> Problem:
    return Problem("proof-blank", place, what, "Look whether a word is missing.", "warning")


def revisions(parts: Sequence[Part], letter: Finished) -> Iterator[Problem]:
    """Tracked changes and comments, which Word prints with the letter."""
    for part in parts:
        place = Place(place_of(letter).file, part=part.name)
        yield from tracked_changes(part.root, place)
        if next(part.root.iter(W + "commentReference"), None) is not None:
            what = "there are comments here; Word prints them with the letter."
            hint = "In Word, choose Review and delete all comments."
            yield Problem("proof-comments", place, what, hint)
