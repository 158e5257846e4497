"""A letter's lines, and whose words stand in them: the pair's own, or somebody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from merge.people import Pair, SheetKind
from merge.proofreading.template_text import PERSON_KINDS, VALUE_MARK, TemplateText, collapse_values
from merge.proofreading.text import Paragraph
from merge.text.folding import folded_words
from merge.workbook.index import (
    PAIR_OWNER,
    SETTINGS_OWNER,
    SHORT_LINE,
    IndexMatch,
    IndexMatches,
    Owner,
    TextIndex,
    build_pair_index,
    covered_words,
    outermost_matches,
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
    own_matches: IndexMatches = ()
    foreign_matches: IndexMatches = ()
    is_new: bool = False

    @property
    def longest_matches(self) -> IndexMatches:
        """Return the matches that are no part of a longer one in the line."""
        return outermost_matches((*self.own_matches, *self.foreign_matches))

    def words_covered_by(self, owner: Owner) -> Sequence[bool]:
        """Return for each word whether it is part of a value of this owner; none where none is."""
        own = [match for match in self.own_matches if owner in match.entry.placeholders]
        return covered_words(len(self.words), own) if own else ()


class ShownValue(NamedTuple):
    """A cell's text that a letter shows: whose of the pair it is, the column's tag, the text."""

    kind: SheetKind
    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class ParagraphMatches:
    """The lines of a paragraph. `shown` are the pair's values in them, each as often as it is.

    `tags` are all columns whose cells stand in them. `owners` are, for each line, the kinds of
    person of whose values alone it is made; `whole` are those of the whole paragraph, `some` those
    whose values stand in it, blank lines apart; `is_new`: a line of it was changed by hand.
    """

    lines: tuple[LetterLine, ...]
    shown_values: tuple[ShownValue, ...]
    tags: frozenset[tuple[SheetKind, str]]
    line_owners: tuple[frozenset[SheetKind], ...]
    sole_owners: frozenset[SheetKind]
    present_owners: frozenset[SheetKind]
    has_words: bool
    is_new: bool


LetterParagraph = tuple[Paragraph, ParagraphMatches]
"""A paragraph of a letter, with whose words stand in it."""


def _paragraph_matches(lines: tuple[LetterLine, ...], mine: AbstractSet[Owner]) -> ParagraphMatches:
    """Return a paragraph of these lines, with whose words stand in them."""
    covered = [
        {kind: line.words_covered_by((kind, key)) for kind, key in mine if kind in PERSON_KINDS}
        for line in lines
    ]
    owners = tuple(frozenset(k for k, c in own.items() if c and all(c)) for own in covered)
    with_words = [own for line, own in zip(lines, owners, strict=True) if line.words]
    return ParagraphMatches(
        lines,
        tuple(_values_in_lines(lines, mine)),
        frozenset(
            (owner[0], tag)
            for line in lines
            for match in line.own_matches
            for owner in mine & match.entry.placeholders.keys()
            for tag in match.entry.placeholders[owner]
        ),
        owners,
        sole_owners=frozenset.intersection(*with_words) if with_words else frozenset(),
        present_owners=frozenset(kind for own in covered for kind, words in own.items() if words),
        has_words=bool(with_words),
        is_new=any(line.is_new for line in lines if line.words),
    )


def _values_in_lines(lines: Iterable[LetterLine], mine: AbstractSet[Owner]) -> Iterator[ShownValue]:
    for line in lines:
        for match in line.longest_matches:
            for owner in sorted(mine & match.entry.placeholders.keys()):
                for tag in sorted(match.entry.placeholders[owner]):
                    yield ShownValue(owner[0], tag, match.entry.text)


class _IndexedText(NamedTuple):
    """Lines of a paragraph, and what the workbook says that stands in each, whoever's it is.

    `alone` is the paragraph where that is nothing: it is the same in all letters.
    """

    lines: tuple[LetterLine, ...]
    matches: tuple[IndexMatches, ...]
    tags: tuple[Mapping[Owner, AbstractSet[str]], ...]
    """Who has each of them in which columns."""
    matched_lines: tuple[tuple[str, ...], ...]
    """The words of those lines in which something stands."""
    unmatched: ParagraphMatches | None

    @classmethod
    def from_lines(
        cls, lines: tuple[LetterLine, ...], matches: tuple[IndexMatches, ...]
    ) -> _IndexedText:
        """Return the lines with all that stands in them."""
        tags = tuple(match.entry.placeholders for own in matches for match in own)
        found = tuple(line.words for line, own in zip(lines, matches, strict=True) if own)
        alone = None if found else _paragraph_matches(lines, frozenset())
        return cls(lines, matches, tags, found, alone)

    def with_pair_data(
        self, further: TextIndex | None, made: AbstractSet[str] | None
    ) -> _IndexedText:
        """Return them with what the sheet Pairs says in them, and which of them are new."""
        lines, matches = self.lines, self.matches
        if made is not None and any(line.text not in made for line in lines):
            lines = tuple(replace(line, is_new=line.text not in made) for line in lines)
        if further and any(further.matches(line.words) for line in lines):
            both = zip(matches, lines, strict=True)
            matches = tuple((*known, *further.matches(line.words)) for known, line in both)
        is_same = lines is self.lines and matches is self.matches
        return self if is_same else self.from_lines(lines, matches)


_MAX_CACHED = 5_000
"""Texts of paragraphs that are remembered."""


class LineMatcher:
    """Looks at letters, knowing the workbook and the templates.

    `left` are words of somebody's that a template says by mistake: it does not excuse them.
    """

    def __init__(
        self,
        index: TextIndex,
        fixed: TemplateText,
        left: AbstractSet[tuple[str, ...]] = frozenset(),
    ) -> None:
        self._index = index
        self._template_text = fixed
        self._leftover_words = left
        self._indexed_text = lru_cache(maxsize=_MAX_CACHED)(self._index_text)
        self._cache: dict[tuple[object, ...], tuple[_IndexedText, ParagraphMatches]] = {}

    def match_paragraphs(
        self, pair: Pair, read: Sequence[Paragraph], made: AbstractSet[str] | None = None
    ) -> list[LetterParagraph]:
        """Return the paragraphs of a pair's letter.

        `made` are the lines of the letter as the program makes it; None where it is the same.
        """
        mine, further = pair_owners(pair), build_pair_index(pair)
        plain = [self._indexed_text(paragraph.text) for paragraph in read]
        if further or made is not None:
            plain = [each.with_pair_data(further, made) for each in plain]
        times = Counter([own for each in plain for own in each.matched_lines])
        texts = [each.unmatched or self._match_text(each, mine, times) for each in plain]
        return list(zip(read, texts, strict=True))

    def _match_text(
        self, plain: _IndexedText, mine: frozenset[Owner], times: Mapping[tuple[str, ...], int]
    ) -> ParagraphMatches:
        """Return a text with what stands in it; from the same columns, the same again."""
        concerned = [
            (number, owner[0], id(tags[owner]))
            for number, tags in enumerate(plain.tags)
            for owner in mine & tags.keys()
        ]
        key = (id(plain), *concerned, *[times[own] for own in plain.matched_lines])
        known = self._cache.get(key)
        if known is None or known[0] is not plain:
            lines = tuple(
                self._match_line(line, own, mine, times[line.words]) if own else line
                for line, own in zip(plain.lines, plain.matches, strict=True)
            )
            known = plain, _paragraph_matches(lines, mine)
            if len(self._cache) >= _MAX_CACHED:
                self._cache.clear()
            self._cache[key] = known  # it holds the text, so that its id stays its own
        return known[1]

    def _index_text(self, text: str) -> _IndexedText:
        lines = tuple(LetterLine(line, folded_words(line)) for line in text.splitlines() or [""])
        return _IndexedText.from_lines(
            lines, tuple(self._index.matches(line.words) for line in lines)
        )

    def _match_line(
        self, line: LetterLine, matches: IndexMatches, mine: AbstractSet[Owner], times: int
    ) -> LetterLine:
        """Return the line with what stands in it; `times` is how often the letter has its words."""
        own = tuple(match for match in matches if match.entry.belongs_to_any(mine))
        others = [m for m in matches if m.entry.is_identifying and not m.entry.belongs_to_any(mine)]
        covered = covered_words(len(line.words), own)
        strange = [m for m in others if self._is_foreign(m, line, covered)]
        longest = outermost_matches(strange)
        fixed = self._template_text.find_fixed_words(line.words, times)
        given = tuple(m for m in own if not all(fixed[m.start : m.end]) or m.entry.names_any(mine))
        return LetterLine(
            text=line.text,
            words=line.words,
            own_matches=given,
            foreign_matches=longest,
            is_new=line.is_new,
        )

    def _is_foreign(self, match: IndexMatch, line: LetterLine, covered: Sequence[bool]) -> bool:
        """Return whether it comes neither of the pair's values, nor of a template, nor of both."""
        left = match.entry.words in self._leftover_words
        sure = (line.is_new or left) and len(line.words) <= SHORT_LINE
        if len(match.entry.words) == 1 and not sure:
            return False
        where = range(match.start, match.end)
        pattern = collapse_values(VALUE_MARK if covered[at] else line.words[at] for at in where)
        if pattern == [VALUE_MARK] or self._template_text.contains(match.entry.words):
            return left and pattern != [VALUE_MARK]
        return VALUE_MARK not in pattern or not self._template_text.contains(pattern)


def pair_owners(pair: Pair) -> frozenset[Owner]:
    """Return the owners whose values may stand in the pair's letter."""
    return frozenset((owner_of(pair.signer), owner_of(pair.recipient), SETTINGS_OWNER, PAIR_OWNER))


def count_shown_values(paragraphs: Iterable[LetterParagraph]) -> Counter[ShownValue]:
    """Return the pair's values that a letter shows, and how often."""
    return Counter([fact for _, read in paragraphs for fact in read.shown_values])
