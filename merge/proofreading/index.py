"""A letter's lines, and whose words stand in them: the pair's own, or somebody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from merge.people import Pair, SheetKind
from merge.proofreading.template_text import ANYBODY, TAG, TemplateText, collapsed
from merge.proofreading.text import Paragraph
from merge.text.folding import words
from merge.workbook.index import (
    PAIR_OWNER,
    SETTINGS_OWNER,
    SHORT_LINE,
    Index,
    Match,
    Matches,
    Owner,
    covered_words,
    index_of_pair,
    outermost,
    owner_of,
)


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A line of a letter. `own` are the pair's values in it, `others` what is another's.

    Words that the template says by itself are no value, but for names and salutations.

    `is_new` says that the letter as the program makes it has no such line.
    """

    text: str
    words: tuple[str, ...] = ()
    own: Matches = ()
    others: Matches = ()
    is_new: bool = False

    @property
    def longest_matches(self) -> Matches:
        """Return the matches that are no part of a longer one in the line."""
        return outermost((*self.own, *self.others))

    def covered(self, owner: Owner) -> Sequence[bool]:
        """Return for each word whether it is part of a value of this owner; none where none is."""
        own = [match for match in self.own if owner in match.entry.tags]
        return covered_words(len(self.words), own) if own else ()


class ShownValue(NamedTuple):
    """A cell's text that a letter shows: whose of the pair it is, the column's tag, the text."""

    kind: SheetKind
    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadText:
    """The lines of a paragraph. `shown` are the pair's values in them, each as often as it is.

    `tags` are all columns whose cells stand in them. `owners` are, for each line, the kinds of
    person of whose values alone it is made; `whole` are those of the whole paragraph, `some` those
    whose values stand in it, blank lines apart; `is_new`: a line of it was changed by hand.
    """

    lines: tuple[LetterLine, ...]
    shown: tuple[ShownValue, ...]
    tags: frozenset[tuple[SheetKind, str]]
    owners: tuple[frozenset[SheetKind], ...]
    whole: frozenset[SheetKind]
    some: frozenset[SheetKind]
    has_words: bool
    is_new: bool


LetterParagraph = tuple[Paragraph, ReadText]
"""A paragraph of a letter, with whose words stand in it."""


def _read_text(lines: tuple[LetterLine, ...], mine: AbstractSet[Owner]) -> ReadText:
    """Return a paragraph of these lines, with whose words stand in them."""
    covered = [
        {kind: line.covered((kind, key)) for kind, key in mine if kind in ANYBODY} for line in lines
    ]
    owners = tuple(frozenset(k for k, c in own.items() if c and all(c)) for own in covered)
    with_words = [own for line, own in zip(lines, owners, strict=True) if line.words]
    return ReadText(
        lines,
        tuple(_shown(lines, mine)),
        frozenset(
            (owner[0], tag)
            for line in lines
            for match in line.own
            for owner in mine & match.entry.tags.keys()
            for tag in match.entry.tags[owner]
        ),
        owners,
        whole=frozenset.intersection(*with_words) if with_words else frozenset(),
        some=frozenset(kind for own in covered for kind, words in own.items() if words),
        has_words=bool(with_words),
        is_new=any(line.is_new for line in lines if line.words),
    )


def _shown(lines: Iterable[LetterLine], mine: AbstractSet[Owner]) -> Iterator[ShownValue]:
    for line in lines:
        for match in line.longest_matches:
            for owner in sorted(mine & match.entry.tags.keys()):
                for tag in sorted(match.entry.tags[owner]):
                    yield ShownValue(owner[0], tag, match.entry.text)


class _PlainText(NamedTuple):
    """Lines of a paragraph, and what the workbook says that stands in each, whoever's it is.

    `alone` is the paragraph where that is nothing: it is the same in all letters.
    """

    lines: tuple[LetterLine, ...]
    matches: tuple[Matches, ...]
    tags: tuple[Mapping[Owner, AbstractSet[str]], ...]
    """Who has each of them in which columns."""
    found: tuple[tuple[str, ...], ...]
    """The words of those lines in which something stands."""
    alone: ReadText | None

    @classmethod
    def of(cls, lines: tuple[LetterLine, ...], matches: tuple[Matches, ...]) -> _PlainText:
        """Return the lines with all that stands in them."""
        tags = tuple(match.entry.tags for own in matches for match in own)
        found = tuple(line.words for line, own in zip(lines, matches, strict=True) if own)
        alone = None if found else _read_text(lines, frozenset())
        return cls(lines, matches, tags, found, alone)

    def with_more(self, further: Index | None, made: AbstractSet[str] | None) -> _PlainText:
        """Return them with what the sheet Pairs says in them, and which of them are new."""
        lines, matches = self.lines, self.matches
        if made is not None and any(line.text not in made for line in lines):
            lines = tuple(replace(line, is_new=line.text not in made) for line in lines)
        if further and any(further.matches(line.words) for line in lines):
            both = zip(matches, lines, strict=True)
            matches = tuple((*known, *further.matches(line.words)) for known, line in both)
        is_same = lines is self.lines and matches is self.matches
        return self if is_same else self.of(lines, matches)


_MOST_KNOWN = 5_000
"""Texts of paragraphs that are remembered."""


class LineMatcher:
    """Looks at letters, knowing the workbook and the templates.

    `left` are words of somebody's that a template says by mistake: it does not excuse them.
    """

    def __init__(
        self, index: Index, fixed: TemplateText, left: AbstractSet[tuple[str, ...]] = frozenset()
    ) -> None:
        self._index = index
        self._fixed = fixed
        self._left = left
        self._plain = lru_cache(maxsize=_MOST_KNOWN)(self._plain_text)
        self._found: dict[tuple[object, ...], tuple[_PlainText, ReadText]] = {}

    def paragraphs(
        self, pair: Pair, read: Sequence[Paragraph], made: AbstractSet[str] | None = None
    ) -> list[LetterParagraph]:
        """Return the paragraphs of a pair's letter.

        `made` are the lines of the letter as the program makes it; None where it is the same.
        """
        mine, further = pair_owners(pair), index_of_pair(pair)
        plain = [self._plain(paragraph.text) for paragraph in read]
        if further or made is not None:
            plain = [each.with_more(further, made) for each in plain]
        times = Counter([own for each in plain for own in each.found])
        texts = [each.alone or self._matched(each, mine, times) for each in plain]
        return list(zip(read, texts, strict=True))

    def _matched(
        self, plain: _PlainText, mine: frozenset[Owner], times: Mapping[tuple[str, ...], int]
    ) -> ReadText:
        """Return a text with what stands in it; from the same columns, the same again."""
        concerned = [
            (number, owner[0], id(tags[owner]))
            for number, tags in enumerate(plain.tags)
            for owner in mine & tags.keys()
        ]
        key = (id(plain), *concerned, *[times[own] for own in plain.found])
        known = self._found.get(key)
        if known is None or known[0] is not plain:
            lines = tuple(
                self._line(line, own, mine, times[line.words]) if own else line
                for line, own in zip(plain.lines, plain.matches, strict=True)
            )
            known = plain, _read_text(lines, mine)
            if len(self._found) >= _MOST_KNOWN:
                self._found.clear()
            self._found[key] = known  # it holds the text, so that its id stays its own
        return known[1]

    def _plain_text(self, text: str) -> _PlainText:
        lines = tuple(LetterLine(line, words(line)) for line in text.splitlines() or [""])
        return _PlainText.of(lines, tuple(self._index.matches(line.words) for line in lines))

    def _line(
        self, line: LetterLine, matches: Matches, mine: AbstractSet[Owner], times: int
    ) -> LetterLine:
        """Return the line with what stands in it; `times` is how often the letter has its words."""
        own = tuple(match for match in matches if match.entry.of(mine))
        others = [m for m in matches if m.entry.is_identifying and not m.entry.of(mine)]
        covered = covered_words(len(line.words), own)
        strange = [m for m in others if self._is_strange(m, line, covered)]
        longest = outermost(strange)
        fixed = self._fixed.own_words(line.words, times)
        given = tuple(
            m for m in own if not all(fixed[m.start : m.end]) or m.entry.is_called_by(mine)
        )
        return LetterLine(
            text=line.text,
            words=line.words,
            own=given,
            others=longest,
            is_new=line.is_new,
        )

    def _is_strange(self, match: Match, line: LetterLine, covered: Sequence[bool]) -> bool:
        """Return whether it comes neither of the pair's values, nor of a template, nor of both."""
        left = match.entry.words in self._left
        sure = (line.is_new or left) and len(line.words) <= SHORT_LINE
        if len(match.entry.words) == 1 and not sure:
            return False
        where = range(match.start, match.end)
        pattern = collapsed(TAG if covered[at] else line.words[at] for at in where)
        if pattern == [TAG] or self._fixed.contains(match.entry.words):
            return left and pattern != [TAG]
        return TAG not in pattern or not self._fixed.contains(pattern)


def pair_owners(pair: Pair) -> frozenset[Owner]:
    """Return the owners whose values may stand in the pair's letter."""
    return frozenset((owner_of(pair.signer), owner_of(pair.recipient), SETTINGS_OWNER, PAIR_OWNER))


def shown_values(paragraphs: Iterable[LetterParagraph]) -> Counter[ShownValue]:
    """Return the pair's values that a letter shows, and how often."""
    return Counter([fact for _, read in paragraphs for fact in read.shown])
