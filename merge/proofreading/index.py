"""Everything the workbook says of everybody, to be found in a line of text at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from merge.model import Kind, Pair, People, Person, Value
from merge.proofreading.words import words

FOR_THE_PROGRAM = {"include", "template", "language"}
"""Columns that say what is to be done with a row, in words that stand everywhere."""

_FEW = 5
"""People who may share a cell's text, an address say, and it still tells one of them."""

_LEAST_DIGITS = 5
"""Digits of a number that tells somebody: a postal code, a telephone; no house, no year."""

_MOMENTS = (dt.date, dt.time, dt.timedelta, bool)

Holder = tuple[Kind, str]
"""Whose a value is: the kind, and the key within the sheet."""

SETTINGS: Holder = ("settings", "")
PAIR: Holder = ("pair", "")


def holder(person: Person) -> Holder:
    """The person as the holder of values."""
    return person.kind, person.key


@dataclass
class Entry:
    """A text that cells hold, a line of them: its words, and the tags under which each has it."""

    words: tuple[str, ...]
    text: str
    tags: dict[Holder, set[str]] = field(default_factory=lambda: defaultdict(set))
    is_moment: bool = False

    def of(self, holders: AbstractSet[Holder]) -> bool:
        """One of these holds it."""
        return not holders.isdisjoint(self.tags)

    @cached_property
    def is_name(self) -> bool:
        """Somebody is called so."""
        return any("name" in tags for tags in self.tags.values())

    @cached_property
    def tells(self) -> bool:
        """It says whose letter a letter is."""
        if self.is_moment or SETTINGS in self.tags or PAIR in self.tags:
            return False
        if all(word.isdecimal() for word in self.words):
            return sum(map(len, self.words)) >= _LEAST_DIGITS and len(self.tags) <= _FEW
        return self.is_name or len(self.tags) <= _FEW


class Match(NamedTuple):
    """Where an entry stands in a line: from the word `start` up to the word `end`."""

    start: int
    end: int
    entry: Entry

    def inside(self, other: Match) -> bool:
        """Whether it is part of a longer one."""
        longer = self.end - self.start < other.end - other.start
        return longer and other.start <= self.start and self.end <= other.end


Matches = tuple[Match, ...]


class Index:
    """Finds texts in lines, at a cost that depends on the line and not on how many there are."""

    def __init__(self, held: Iterable[tuple[Holder, Mapping[str, Value]]]) -> None:
        self._entries: dict[tuple[str, ...], Entry] = {}
        for whose, fields in held:
            for tag, value in fields.items():
                if tag not in FOR_THE_PROGRAM:
                    self._add(whose, tag, value)
        lengths: dict[str, set[int]] = defaultdict(set)
        for known in self._entries:
            lengths[known[0]].add(len(known))
        self._lengths = {first: tuple(sorted(own)) for first, own in lengths.items()}
        self.matches = lru_cache(maxsize=50_000)(self._matches)

    def _add(self, whose: Holder, tag: str, value: Value) -> None:
        for line in value.splitlines():
            own = words(line)
            if own:
                entry = self._entries.setdefault(own, Entry(own, " ".join(line.split())))
                entry.tags[whose].add(tag)
                entry.is_moment |= isinstance(value.plain, _MOMENTS)

    def _matches(self, line: tuple[str, ...]) -> Matches:
        """Every place of every entry in a line of words."""
        return tuple(self._found(line))

    def _found(self, line: Sequence[str]) -> Iterator[Match]:
        for start, first in enumerate(line):
            for length in self._lengths.get(first, ()):
                entry = self._entries.get(tuple(line[start : start + length]))
                if entry and len(entry.words) == length:
                    yield Match(start, start + length, entry)


def index_of(people: Iterable[People], settings: Mapping[str, Value]) -> Index:
    """The index of a whole workbook, but for what it says of pairs."""
    persons = [(holder(person), person.fields) for sheet in people for person in sheet.persons]
    return Index([*persons, (SETTINGS, settings)])


def index_of_pair(pair: Pair) -> Index | None:
    """The index of what the sheet Pairs says of a pair; None where that is nothing."""
    return Index([(PAIR, pair.fields)]) if any(map(len, pair.fields.values())) else None
