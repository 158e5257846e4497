"""Find whose data a letter's lines contain: the pair's or other people's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from merge.people import Pair, SheetKind
from merge.proofreading.template_text import PERSON_KINDS, VALUE_MARK, TemplateText, collapse_values
from merge.proofreading.text import LetterParagraph
from merge.text.folding import folded_words
from merge.workbook.index import (
    PAIR_OWNER,
    SETTINGS_OWNER,
    SHORT_LINE,
    IndexMatches,
    Owner,
    TextIndex,
    TextIndexMatch,
    build_pair_index,
    covered_words,
    outermost_matches,
    owner_of,
)


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A line of a letter, with matches of the workbook's data.

    Words of the template itself are not a match of the pair, except for names and salutations.
    `is_new` is true if the letter as the program creates it has no such line.
    """

    text: str
    words: tuple[str, ...] = ()
    own_matches: IndexMatches = ()
    foreign_matches: IndexMatches = ()
    is_new: bool = False

    @property
    def longest_matches(self) -> IndexMatches:
        """The values in the line that are not a part of longer values."""
        return outermost_matches((*self.own_matches, *self.foreign_matches))

    def words_covered_by(self, owner: Owner) -> Sequence[bool]:
        """Return for each word of the line whether a value of the owner has it.

        The result is empty if the line has no value of the owner.
        """
        matches = [match for match in self.own_matches if owner in match.entry.placeholders]
        return covered_words(len(self.words), matches) if matches else ()


class ShownValue(NamedTuple):
    """A cell's text in a letter.

    It has the kind of person, the column's tag and the text.
    """

    kind: SheetKind
    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class ParagraphMatches:
    """The lines of a paragraph, with the matches of the pair's data.

    1. `shown_values` are the pair's values, as often as the paragraph shows them.
    2. `tags` are all columns whose cells it shows.
    3. `line_owners` are, for each line, the kinds of person whose values alone make up the line.
    4. `sole_owners` are those of the entire paragraph, without blank lines.
    5. `present_owners` are those with any value in it.
    6. `is_new` is true if one of its lines was edited.
    """

    lines: tuple[LetterLine, ...]
    shown_values: tuple[ShownValue, ...]
    tags: frozenset[tuple[SheetKind, str]]
    line_owners: tuple[frozenset[SheetKind], ...]
    sole_owners: frozenset[SheetKind]
    present_owners: frozenset[SheetKind]
    has_words: bool
    is_new: bool


MatchedParagraph = tuple[LetterParagraph, ParagraphMatches]
"""A paragraph of a letter, with its matches."""


def _paragraph_matches(
    lines: tuple[LetterLine, ...], letter_owners: AbstractSet[Owner]
) -> ParagraphMatches:
    """Return the matches of a paragraph with these lines."""
    covered = [
        {
            kind: line.words_covered_by((kind, key))
            for kind, key in letter_owners
            if kind in PERSON_KINDS
        }
        for line in lines
    ]
    owners = tuple(
        frozenset(kind for kind, cover in line_cover.items() if cover and all(cover))
        for line_cover in covered
    )
    with_words = [kinds for line, kinds in zip(lines, owners, strict=True) if line.words]
    return ParagraphMatches(
        lines,
        tuple(_values_in_lines(lines, letter_owners)),
        frozenset(
            (owner[0], tag)
            for line in lines
            for match in line.own_matches
            for owner in letter_owners & match.entry.placeholders.keys()
            for tag in match.entry.placeholders[owner]
        ),
        owners,
        sole_owners=frozenset.intersection(*with_words) if with_words else frozenset(),
        present_owners=frozenset(
            kind for line_cover in covered for kind, words in line_cover.items() if words
        ),
        has_words=bool(with_words),
        is_new=any(line.is_new for line in lines if line.words),
    )


def _values_in_lines(
    lines: Iterable[LetterLine], owners: AbstractSet[Owner]
) -> Iterator[ShownValue]:
    for line in lines:
        for match in line.longest_matches:
            for owner in sorted(owners & match.entry.placeholders.keys()):
                for tag in sorted(match.entry.placeholders[owner]):
                    yield ShownValue(owner[0], tag, match.entry.text)


class _IndexedText(NamedTuple):
    """Lines of a paragraph, with all matches of the workbook's data.

    `tags` say which owners have each match in which columns. `matched_lines` are the words of lines
    with a match. If there is none, `unmatched` is the result, which is the same for all letters.
    """

    lines: tuple[LetterLine, ...]
    matches: tuple[IndexMatches, ...]
    tags: tuple[Mapping[Owner, AbstractSet[str]], ...]
    matched_lines: tuple[tuple[str, ...], ...]
    unmatched: ParagraphMatches | None

    @classmethod
    def from_lines(
        cls, lines: tuple[LetterLine, ...], matches: tuple[IndexMatches, ...]
    ) -> _IndexedText:
        """Return indexed lines with the people's values that occur in them."""
        tags = tuple(match.entry.placeholders for line_matches in matches for match in line_matches)
        matched_lines = tuple(
            line.words for line, line_matches in zip(lines, matches, strict=True) if line_matches
        )
        alone = None if matched_lines else _paragraph_matches(lines, frozenset())
        return cls(lines, matches, tags, matched_lines, alone)

    def with_pair_data(
        self, pair_index: TextIndex | None, expected_lines: AbstractSet[str] | None
    ) -> _IndexedText:
        """Return the text with values of the Pairs sheet matched as well."""
        lines, matches = self.lines, self.matches
        if expected_lines is not None and any(line.text not in expected_lines for line in lines):
            lines = tuple(replace(line, is_new=line.text not in expected_lines) for line in lines)
        if pair_index and any(pair_index.matches(line.words) for line in lines):
            pairs = zip(matches, lines, strict=True)
            matches = tuple(
                (*previous, *pair_index.matches(line.words)) for previous, line in pairs
            )
        is_same = lines is self.lines and matches is self.matches
        return self if is_same else self.from_lines(lines, matches)


_MAX_CACHED = 5_000
"""Texts of paragraphs in the cache."""


class LineMatcher:
    """Finds cells of the workbook in the lines of letters, and whose they are."""

    def __init__(self, index: TextIndex, template_text: TemplateText) -> None:
        self._index = index
        self._template_text = template_text
        self._indexed_text = lru_cache(maxsize=_MAX_CACHED)(self._index_text)
        self._cache: dict[tuple[object, ...], tuple[_IndexedText, ParagraphMatches]] = {}

    def match_paragraphs(
        self,
        pair: Pair,
        paragraphs: Sequence[LetterParagraph],
        expected_lines: AbstractSet[str] | None = None,
    ) -> list[MatchedParagraph]:
        """Return the paragraphs of a pair's letter with the values found in them.

        `expected_lines` are the lines of the letter as the program creates it; None if it is the
        same.
        """
        owners, pair_index = pair_owners(pair), build_pair_index(pair)
        indexed = [self._indexed_text(paragraph.text) for paragraph in paragraphs]
        if pair_index or expected_lines is not None:
            indexed = [text.with_pair_data(pair_index, expected_lines) for text in indexed]
        times = Counter([line for text in indexed for line in text.matched_lines])
        texts = [text.unmatched or self._match_text(text, owners, times) for text in indexed]
        return list(zip(paragraphs, texts, strict=True))

    def _match_text(
        self, text: _IndexedText, owners: frozenset[Owner], counts: Mapping[tuple[str, ...], int]
    ) -> ParagraphMatches:
        """Return the workbook's values that a paragraph's text contains.

        Texts with the same columns share a result.
        """
        concerned = [
            (number, owner[0], id(tags[owner]))
            for number, tags in enumerate(text.tags)
            for owner in owners & tags.keys()
        ]
        key = (id(text), *concerned, *[counts[line_words] for line_words in text.matched_lines])
        cached = self._cache.get(key)
        if cached is None or cached[0] is not text:
            lines = tuple(
                self._match_line(line, matches, owners, counts[line.words]) if matches else line
                for line, matches in zip(text.lines, text.matches, strict=True)
            )
            cached = text, _paragraph_matches(lines, owners)
            if len(self._cache) >= _MAX_CACHED:
                self._cache.clear()
            self._cache[key] = cached  # this keeps the text alive, so that its id stays unique
        return cached[1]

    def _index_text(self, text: str) -> _IndexedText:
        lines = tuple(LetterLine(line, folded_words(line)) for line in text.splitlines() or [""])
        return _IndexedText.from_lines(
            lines, tuple(self._index.matches(line.words) for line in lines)
        )

    def _match_line(
        self, line: LetterLine, matches: IndexMatches, owners: AbstractSet[Owner], times: int
    ) -> LetterLine:
        """Return a letter's line with the workbook's values that it contains.

        `times` is the number of lines in the letter with the same words.
        """
        own_matches = tuple(match for match in matches if match.entry.belongs_to_any(owners))
        foreign_matches = [
            match
            for match in matches
            if match.entry.is_identifying and not match.entry.belongs_to_any(owners)
        ]
        covered = covered_words(len(line.words), own_matches)
        certain_matches = [
            match for match in foreign_matches if self._is_foreign(match, line, covered)
        ]
        longest = outermost_matches(certain_matches)
        fixed_words = self._template_text.find_fixed_words(line.words, times)
        kept_matches = tuple(
            match
            for match in own_matches
            if not all(fixed_words[match.start : match.end]) or match.entry.names_any(owners)
        )
        return LetterLine(
            text=line.text,
            words=line.words,
            own_matches=kept_matches,
            foreign_matches=longest,
            is_new=line.is_new,
        )

    def _is_foreign(self, match: TextIndexMatch, line: LetterLine, covered: Sequence[bool]) -> bool:
        """Return whether a match is another person's data.

        It is not if the template has the words, or if they are partly a value of the pair.
        """
        may_be_single = line.is_new and len(line.words) <= SHORT_LINE
        if len(match.entry.words) == 1 and not may_be_single:
            return False
        positions = range(match.start, match.end)
        pattern = collapse_values(
            VALUE_MARK if covered[position] else line.words[position] for position in positions
        )
        if pattern == [VALUE_MARK] or self._template_text.contains(match.entry.words):
            return False
        return VALUE_MARK not in pattern or not self._template_text.contains(pattern)


def pair_owners(pair: Pair) -> frozenset[Owner]:
    """Return the owners whose values may be in the pair's letter."""
    return frozenset((owner_of(pair.signer), owner_of(pair.recipient), SETTINGS_OWNER, PAIR_OWNER))


def count_shown_values(paragraphs: Iterable[MatchedParagraph]) -> Counter[ShownValue]:
    """Return how often a letter shows each value of its pair."""
    return Counter([value for _, read in paragraphs for value in read.shown_values])
