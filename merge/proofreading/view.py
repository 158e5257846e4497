"""A letter's lines, and whose words stand in them: the pair's own, or somebody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from merge.model import Pair
from merge.proofreading.fixed import TAG, Fixed, ValueLine, collapsed
from merge.proofreading.index import (
    PAIR,
    SETTINGS,
    Holder,
    Index,
    Match,
    Matches,
    holder,
    index_of_pair,
)
from merge.proofreading.text import Paragraph
from merge.proofreading.words import words

_SHORT = 4
"""Words of a line in which a single word tells whose it is: of an address, of a salutation."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a letter. `own` are the pair's values in it, `others` what is another's.

    `is_new` says that the letter as the program makes it has no such line.
    """

    paragraph: Paragraph
    text: str
    words: tuple[str, ...] = ()
    own: Matches = ()
    others: Matches = ()
    is_new: bool = False

    @property
    def maximal(self) -> Matches:
        """What stands in the line and is no part of something longer that does."""
        found = (*self.own, *self.others)
        return tuple(m for m in found if not any(m.inside(other) for other in found))

    def covered(self, whose: AbstractSet[Holder]) -> list[bool]:
        """For each word whether it is of a value of theirs."""
        return _covered(len(self.words), (m for m in self.own if m.entry.of(whose)))


class Fact(NamedTuple):
    """A cell's text that a letter shows: whose it is, the column's tag, the text."""

    whose: Holder
    tag: str
    text: str


class View:
    """Looks at letters, knowing the workbook and the templates."""

    def __init__(self, index: Index, fixed: Fixed) -> None:
        self._index = index
        self._fixed = fixed

    def lines(
        self, pair: Pair, read: Iterable[Paragraph], made: AbstractSet[str]
    ) -> tuple[Line, ...]:
        """The lines of a pair's letter; `made` are those of the letter as the program makes it."""
        mine = own_holders(pair)
        indexes = [i for i in (self._index, index_of_pair(pair)) if i]
        return tuple(
            self._line(Line(paragraph, text, words(text), is_new=text not in made), indexes, mine)
            for paragraph in read
            for text in paragraph.text.splitlines() or [""]
        )

    def _line(self, line: Line, indexes: Sequence[Index], mine: AbstractSet[Holder]) -> Line:
        matches = [match for index in indexes for match in index.matches(line.words)]
        if not matches:
            return line
        own = tuple(match for match in matches if match.entry.of(mine))
        others = [m for m in matches if m.entry.tells and not m.entry.of(mine)]
        covered = _covered(len(line.words), own)
        strange = [m for m in others if self._is_strange(m, line, covered)]
        longest = tuple(m for m in strange if not any(m.inside(other) for other in strange))
        return Line(line.paragraph, line.text, line.words, own, longest, line.is_new)

    def _is_strange(self, match: Match, line: Line, covered: Sequence[bool]) -> bool:
        """Whether it comes neither of the pair's values, nor of a template, nor of both."""
        if len(match.entry.words) == 1 and not (line.is_new and len(line.words) <= _SHORT):
            return False
        where = range(match.start, match.end)
        pattern = collapsed(TAG if covered[at] else line.words[at] for at in where)
        if pattern == [TAG] or self._fixed.says(match.entry.words):
            return False
        return TAG not in pattern or not self._fixed.says(pattern)


def own_holders(pair: Pair) -> frozenset[Holder]:
    """Whose values may stand in the pair's letter."""
    return frozenset((holder(pair.signer), holder(pair.recipient), SETTINGS, PAIR))


def facts(lines: Iterable[Line], pair: Pair) -> Counter[Fact]:
    """The pair's values that a letter shows, and how often."""
    mine = own_holders(pair)
    return Counter(
        Fact(whose, tag, match.entry.text)
        for line in lines
        for match in line.maximal
        for whose in sorted(mine & match.entry.tags.keys())
        for tag in sorted(match.entry.tags[whose])
    )


def value_lines(lines: Iterable[Line], pair: Pair) -> Iterator[ValueLine]:
    """The lines, and whose values alone stand in each."""
    people = (pair.signer, pair.recipient)
    for line in lines:
        whose = (p.kind for p in people if line.own and all(line.covered({holder(p)})))
        yield ValueLine(line.text, frozenset(whose), line.paragraph.element.getparent())


def _covered(count: int, matches: Iterable[Match]) -> list[bool]:
    covered = [False] * count
    for match in matches:
        covered[match.start : match.end] = [True] * (match.end - match.start)
    return covered
