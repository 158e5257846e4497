"""Everything the workbook says of everybody, to be found in a line of text at once."""

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
from merge.values import Value
from merge.workbook.translated_words import canonical_placeholder

CONTROL_PLACEHOLDERS = {"include", "template", "language", "name_checked"}
"""Columns that say what is to be done with a row, in words that stand everywhere."""

NAME_PLACEHOLDERS = ("name", "salutation")
"""What a letter must not lose: by these people are called."""

_MAX_OWNERS = 5
"""People who may share a cell's text, an address say, and it still tells one of them."""

_LEAST_DIGITS = 5
"""Digits of a number that tells somebody: a postal code, a telephone; no house, no year."""

_TIME_TYPES = (dt.date, dt.time, dt.timedelta, bool)

SHORT_LINE = 4
"""Words of a line in which a single word tells whose it is: of an address, of a salutation."""

Owner = tuple[SheetKind, str]
"""Whose a value is: the kind, and the key within the sheet."""

SETTINGS_OWNER: Owner = ("settings", "")
PAIR_OWNER: Owner = ("pair", "")


def owner_of(person: Person) -> Owner:
    """Return the person as the owner of values."""
    return person.kind, person.key


@dataclass
class IndexEntry:
    """A text that cells hold, a line of them: its words, and the tags under which each has it.

    In an `TextIndex` the same tags are one and the same set.
    """

    words: tuple[str, ...]
    text: str
    placeholders: dict[Owner, set[str]] = field(default_factory=lambda: defaultdict(set))
    is_time: bool = False

    def belongs_to_any(self, owners: AbstractSet[Owner]) -> bool:
        """Return whether one of these owners has the text in a cell."""
        return any(
            owner in self.placeholders for owner in owners
        )  # isdisjoint would go through all tags

    def names_any(self, owners: AbstractSet[Owner]) -> bool:
        """Return whether one of these owners is called or addressed so."""
        return any(
            tag in NAME_PLACEHOLDERS for owner in owners for tag in self.placeholders.get(owner, ())
        )

    @cached_property
    def is_name(self) -> bool:
        """Return whether somebody is called so."""
        return any("name" in tags for tags in self.placeholders.values())

    @cached_property
    def is_identifying(self) -> bool:
        """Return whether the text identifies the person a letter belongs to."""
        if self.is_time or SETTINGS_OWNER in self.placeholders or PAIR_OWNER in self.placeholders:
            return False
        if all(word.isdecimal() for word in self.words):
            return (
                sum(map(len, self.words)) >= _LEAST_DIGITS and len(self.placeholders) <= _MAX_OWNERS
            )
        return self.is_name or len(self.placeholders) <= _MAX_OWNERS


class IndexMatch(NamedTuple):
    """An entry found in a line: from the word `start` up to the word `end`."""

    start: int
    end: int
    entry: IndexEntry


IndexMatches = tuple[IndexMatch, ...]


def outermost_matches(found: Iterable[IndexMatch]) -> IndexMatches:
    """Return the texts that are no part of a longer one."""
    found = tuple(found)
    inner, reach = set[tuple[int, int]](), 0
    for start, end in sorted({(m.start, m.end) for m in found}, key=lambda at: (at[0], -at[1])):
        if end <= reach:
            inner.add((start, end))
        reach = max(reach, end)
    return tuple(m for m in found if (m.start, m.end) not in inner)


def covered_words(count: int, matches: Iterable[IndexMatch]) -> list[bool]:
    """Return for each of a line's words whether it is part of a match."""
    covered = [False] * count
    for match in matches:
        covered[match.start : match.end] = [True] * (match.end - match.start)
    return covered


class TextIndex:
    """Finds texts in lines, at a cost that depends on the line and not on how many there are."""

    def __init__(self, owned: Iterable[tuple[Owner, Mapping[str, Value]]]) -> None:
        self._entries: dict[tuple[str, ...], IndexEntry] = {}
        for owner, fields in owned:
            for tag, value in fields.items():
                for line in (
                    () if canonical_placeholder(tag) in CONTROL_PLACEHOLDERS else value.splitlines()
                ):
                    own = folded_words(line)
                    if own:
                        entry = self._entries.setdefault(
                            own, IndexEntry(own, " ".join(line.split()))
                        )
                        entry.placeholders[owner].add(tag)
                        entry.is_time |= isinstance(value.native, _TIME_TYPES)
        shared: dict[frozenset[str], set[str]] = {}
        for known in self._entries.values():
            for owner, tags in known.placeholders.items():
                known.placeholders[owner] = shared.setdefault(frozenset(tags), tags)
        lengths: dict[str, set[int]] = defaultdict(set)
        for own in self._entries:
            lengths[own[0]].add(len(own))
        self._lengths = {first: tuple(sorted(found)) for first, found in lengths.items()}
        self.matches = lru_cache(maxsize=50_000)(self._matches)

    def _matches(self, line: tuple[str, ...]) -> IndexMatches:
        """Return every place of every entry in a line of words."""
        places = (
            (n, length) for n, word in enumerate(line) for length in self._lengths.get(word, ())
        )
        found = ((n, length, self._entries.get(line[n : n + length])) for n, length in places)
        return tuple(
            IndexMatch(n, n + length, entry)
            for n, length, entry in found
            if entry and len(entry.words) == length
        )


def build_index(people: Iterable[People], settings: Mapping[str, Value]) -> TextIndex:
    """Return the index of a whole workbook, without what it says of pairs."""
    persons = [(owner_of(person), person.fields) for sheet in people for person in sheet.persons]
    return TextIndex([*persons, (SETTINGS_OWNER, settings)])


def build_pair_index(pair: Pair) -> TextIndex | None:
    """Return the index of what the sheet Pairs says of a pair; None if that is nothing."""
    return TextIndex([(PAIR_OWNER, pair.fields)]) if any(map(len, pair.fields.values())) else None
