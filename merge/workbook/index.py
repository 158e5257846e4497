"""Index of all texts in the workbook, to find them in a line of text."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from merge.people import Pair, People, Person, SheetKind
from merge.text.folding import folded_words
from merge.values import WorkbookValue
from merge.workbook.translated_words import canonical_placeholder

CONTROL_PLACEHOLDERS = {"include", "template", "language", "name_checked"}
"""Columns that say what happens with a row, in words that occur anywhere."""

NAME_PLACEHOLDERS = ("name", "salutation")
"""Columns with names and forms of address; a letter must not lose these."""

_MAX_OWNERS = 5
"""Number of people who may share a text that still identifies them.

An example is an address.
"""

_LEAST_DIGITS = 5
"""Digits of a number that identifies a person: a postal code, a phone.

House numbers and years are shorter.
"""

_TIME_TYPES = (dt.date, dt.time, dt.timedelta, bool)

SHORT_LINE = 4
"""Words of a line in which one word shows whose it is.

Such lines are addresses and salutations.
"""

Owner = tuple[SheetKind, str]
"""The owner of a value: the kind, and the key within the sheet."""

SETTINGS_OWNER: Owner = ("settings", "")
PAIR_OWNER: Owner = ("pair", "")


def owner_of(person: Person) -> Owner:
    """Return the person as an owner of values."""
    return person.kind, person.key


@dataclass
class TextIndexEntry:
    """A line of text in cells: its words, and the placeholders of these cells.

    The placeholders are grouped by owner. Within an index, equal sets of placeholders are the same
    object.
    """

    words: tuple[str, ...]
    text: str
    placeholders: dict[Owner, set[str]] = field(default_factory=lambda: defaultdict(set))
    is_time: bool = False

    def belongs_to_any(self, owners: AbstractSet[Owner]) -> bool:
        """Return whether one of these people has the text in a cell."""
        return any(
            owner in self.placeholders for owner in owners
        )  # isdisjoint would go through all owners

    def names_any(self, owners: AbstractSet[Owner]) -> bool:
        """Return whether one of these people is called or addressed by the text."""
        return any(
            placeholder in NAME_PLACEHOLDERS
            for owner in owners
            for placeholder in self.placeholders.get(owner, ())
        )

    @cached_property
    def is_name(self) -> bool:
        """Whether the text is a person's name."""
        return any("name" in placeholders for placeholders in self.placeholders.values())

    @cached_property
    def is_identifying(self) -> bool:
        """Whether the text identifies the person that a letter belongs to."""
        if self.is_time or SETTINGS_OWNER in self.placeholders or PAIR_OWNER in self.placeholders:
            return False
        if all(word.isdecimal() for word in self.words):
            return (
                sum(map(len, self.words)) >= _LEAST_DIGITS and len(self.placeholders) <= _MAX_OWNERS
            )
        return self.is_name or len(self.placeholders) <= _MAX_OWNERS


class TextIndexMatch(NamedTuple):
    """An entry in a line, from the word `start` up to the word `end`."""

    start: int
    end: int
    entry: TextIndexEntry


IndexMatches = tuple[TextIndexMatch, ...]


def outermost_matches(matches: Iterable[TextIndexMatch]) -> IndexMatches:
    """Return the matches that are not a part of longer matches."""
    matches = tuple(matches)
    inner, last_end = set[tuple[int, int]](), 0
    for start, end in sorted(
        {(match.start, match.end) for match in matches}, key=lambda span: (span[0], -span[1])
    ):
        if end <= last_end:
            inner.add((start, end))
        last_end = max(last_end, end)
    return tuple(match for match in matches if (match.start, match.end) not in inner)


def covered_words(count: int, matches: Iterable[TextIndexMatch]) -> list[bool]:
    """Return for each word of a line whether a match contains the word."""
    covered = [False] * count
    for match in matches:
        covered[match.start : match.end] = [True] * (match.end - match.start)
    return covered


class TextIndex:
    """Finds texts in lines; the cost depends on the line, not on the texts."""

    def __init__(self, owned: Iterable[tuple[Owner, Mapping[str, WorkbookValue]]]) -> None:
        self._entries: dict[tuple[str, ...], TextIndexEntry] = {}
        for owner, fields in owned:
            for placeholder, value in fields.items():
                for line in (
                    ()
                    if canonical_placeholder(placeholder) in CONTROL_PLACEHOLDERS
                    else value.splitlines()
                ):
                    line_words = folded_words(line)
                    if line_words:
                        entry = self._entries.setdefault(
                            line_words, TextIndexEntry(line_words, " ".join(line.split()))
                        )
                        entry.placeholders[owner].add(placeholder)
                        entry.is_time |= isinstance(value.native, _TIME_TYPES)
        shared_sets: dict[frozenset[str], set[str]] = {}
        for indexed in self._entries.values():
            for owner, placeholders in indexed.placeholders.items():
                indexed.placeholders[owner] = shared_sets.setdefault(
                    frozenset(placeholders), placeholders
                )
        lengths: dict[str, set[int]] = defaultdict(set)
        for line_words in self._entries:
            lengths[line_words[0]].add(len(line_words))
        self._lengths = {
            first: tuple(sorted(word_counts)) for first, word_counts in lengths.items()
        }
        self.matches = lru_cache(maxsize=50_000)(self._matches)

    def _matches(self, line: tuple[str, ...]) -> IndexMatches:
        """Return where the texts of cells occur in a line of words."""
        spans = (
            (n, length) for n, word in enumerate(line) for length in self._lengths.get(word, ())
        )
        entries = ((n, length, self._entries.get(line[n : n + length])) for n, length in spans)
        return tuple(
            TextIndexMatch(n, n + length, entry)
            for n, length, entry in entries
            if entry and len(entry.words) == length
        )


def build_index(people: Iterable[People], settings: Mapping[str, WorkbookValue]) -> TextIndex:
    """Return the index of a workbook, without the Pairs sheet."""
    persons = [(owner_of(person), person.fields) for sheet in people for person in sheet.persons]
    return TextIndex([*persons, (SETTINGS_OWNER, settings)])


def build_pair_index(pair: Pair) -> TextIndex | None:
    """Return the index of a pair's cells in the Pairs sheet, or None.

    None if there are none.
    """
    return TextIndex([(PAIR_OWNER, pair.fields)]) if any(map(len, pair.fields.values())) else None
