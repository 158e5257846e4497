"""Whose words stand in the lines of a letter: the pair's own, another's, the template's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

from merge.naming import tag_name
from merge.ooxml.kinds import TEMPLATE
from merge.people import Pair, People, Person, SheetKind
from merge.proofreading.text import Paragraph, copy_paragraphs, parts, read_paragraphs
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

# A letter's lines, and whose words stand in them: the pair's own, or somebody else's.


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


_ANYBODY = frozenset[SheetKind](("signer", "recipient"))
"""The kinds of person."""


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
        {kind: line.covered((kind, key)) for kind, key in mine if kind in _ANYBODY}
        for line in lines
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


# What the templates say by themselves: words that no cell has given, and gaps that are meant.

TAG = "\0"
"""Stands for a tag that gives a value, and for words that a cell has given."""

_VALUE = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}")
_BLOCK = re.compile(r"\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}")
_FIELD = re.compile(r"«([^«»]{1,100})»")
_KIND = re.compile(r"(?<![a-z])(signer|recipient)")


def field_names(people: Iterable[People], settings: Iterable[str]) -> frozenset[str]:
    """Return the names that may stand in a merge field's guillemets, folded as tags are."""
    columns = [(sheet.kind, column.tag) for sheet in people for column in sheet.columns]
    whole = {f"{kind}_{tag}" for kind, tag in columns} | {f"settings_{tag}" for tag in settings}
    return frozenset({tag for _, tag in columns} | whole | {"date"})


def fields_in(line: str, names: AbstractSet[str]) -> Iterator[str]:
    """Return the merge fields that a line shows, as they stand; a quotation is none."""
    return (f.group() for f in _FIELD.finditer(line) if tag_name(f[1]) in names)


class ValueLine(NamedTuple):
    """A line of a text, and whose values alone stand in it; empty where there is anything else.

    `holder` is what its paragraph stands in: the body, a cell, a text box.
    """

    text: str
    owner: frozenset[SheetKind]
    holder: object


def empty_lines(lines: Iterable[ValueLine]) -> list[int]:
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
        if above.owner & line.owner and above.holder == line.holder:
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
            file: read_paragraphs(parts(data, file, TEMPLATE)) for file, data in templates.items()
        }
        lines = [list(self._lines(own)) for own in self.paragraphs.values()]
        self.empty_lines = max((len(empty_lines(own)) for own in lines), default=0)
        self.lines = tuple(line.text for own in lines for line in own)
        every = [tuple(_words(line)) for line in self.lines]
        self._words = "\n".join(f" {' '.join(own)} " for own in every)
        self._plain = Counter(line for line in every if TAG not in line)
        patterns = dict.fromkeys(line for line in every if TAG in line and set(line) - {TAG})
        self._patterns = sorted(patterns, key=lambda line: line.count(TAG) - len(line))
        self.own_words = lru_cache(maxsize=50_000)(self._own_words)

    def _own_words(self, line: tuple[str, ...], times: int) -> Sequence[bool]:
        """Return for each word of a letter's line whether a template says it by itself.

        That is told by the template's line that it fits with the most words of its own. A line
        that the letter has more `times` than the templates comes of a tag as well.
        """
        if times <= self._plain[line]:
            return [True] * len(line)
        for pattern in self._patterns:
            if fixed := _fitted(pattern, line):
                return fixed
        return [False] * len(line)

    def _lines(self, own: Sequence[Paragraph]) -> Iterator[ValueLine]:
        """Yield a template's lines, without those that only hold conditions and loops."""
        for paragraph in own:
            for line in paragraph.text.splitlines() or [""]:
                text = _BLOCK.sub("", self._marked(line))
                if text.strip() or not line.strip():
                    kinds = _ANYBODY.intersection(_KIND.findall(line.lower())) or _ANYBODY
                    only_values = set(_words(text)) == {TAG}
                    own_kinds = kinds if only_values else frozenset[SheetKind]()
                    yield ValueLine(text, own_kinds, paragraph.holder)

    def _marked(self, line: str) -> str:
        for found in fields_in(line, self._names):
            line = line.replace(found, TAG)
        return _VALUE.sub(TAG, line)

    def contains(self, pattern: Sequence[str]) -> bool:
        """Return whether a template has these words one behind the other; TAG is any value."""
        return f" {' '.join(pattern)} " in self._words


def _fitted(pattern: Sequence[str], line: Sequence[str]) -> list[bool] | None:
    """Return for each word of a line whether a pattern has it; None where the line does not fit.

    Each TAG of the pattern stands for any words, the fewest that will do.
    """
    stretches = [list(own) for tag, own in groupby(pattern, TAG.__eq__) if not tag]
    fixed, at = [False] * len(line), 0
    for number, own in enumerate(stretches):
        last = number == len(stretches) - 1 and pattern[-1] != TAG
        starts = range(at, len(line) - len(own) + 1)
        if number == 0 and pattern[0] != TAG:
            starts = starts[:1]
        if last:
            starts = starts[-1:] if len(starts) > 0 else starts
        at = next((n for n in starts if list(line[n : n + len(own)]) == own), -1)
        if at < 0:
            return None
        fixed[at : at + len(own)] = [True] * len(own)
        at += len(own)
    return fixed


def collapsed(pattern: Iterable[str]) -> list[str]:
    """Return the words with neighbouring TAGs made one."""
    return [key for key, same in groupby(pattern) for key in ([key] if key == TAG else same)]


def _words(line: str) -> list[str]:
    first, *rest = line.split(TAG)
    behind = [word for piece in rest for word in (TAG, *words(piece))]
    return collapsed([*words(first), *behind])


# What somebody must read who knows the language: whom a letter addresses and how, and who signs.
#
# Each such block is taken as it is printed, and each distinct one only once.

_LONGEST_GREETING = 70
"""Characters of a paragraph that can be a greeting, or a line beside an address."""

GAP = "⋯"
"""Stands for paragraphs that are not of the block."""


@dataclass(frozen=True, slots=True)
class Block:
    """A recipient's address and salutation, or a signer's address and name, as printed.

    `text` is for telling blocks apart, a line each; `xml` is that of its paragraphs.
    """

    kind: SheetKind
    person: Person
    text: str
    xml: str


@dataclass(slots=True)
class _BlockRow:
    """A paragraph that may be of a block: its number among those with words, and whose it is."""

    number: int
    paragraph: Paragraph
    read: ReadText
    kind: SheetKind | None = None

    @property
    def is_short(self) -> bool:
        return len(self.paragraph.text) <= _LONGEST_GREETING

    def is_above(self, other: _BlockRow) -> bool:
        return self.number + 1 == other.number


class Blocks:
    """Gives out the blocks of letters; the same block for the same text."""

    def __init__(self) -> None:
        self._known: dict[tuple[SheetKind, str], Block] = {}

    def of(self, paragraphs: Iterable[LetterParagraph], pair: Pair) -> tuple[Block, ...]:
        """Return the recipient's and the signer's block of a letter, if it has such lines."""
        with_words = enumerate([each for each in paragraphs if each[1].has_words])
        rows = [_BlockRow(n, *each) for n, each in with_words if each[1].some or each[1].is_new]
        _assign(rows)
        found = (self._block(rows, person) for person in (pair.recipient, pair.signer))
        return tuple(block for block in found if block)

    def _block(self, rows: Sequence[_BlockRow], person: Person) -> Block | None:
        own = [row for row in rows if row.kind == person.kind]
        if not own:
            return None
        text = "\n".join([row.paragraph.text.strip() for row in own])
        known = self._known.get((person.kind, text))
        if known is None:
            gaps = ["", *("" if a.is_above(b) else GAP for a, b in pairwise(own))]
            xml = copy_paragraphs(
                [(gap, row.paragraph) for gap, row in zip(gaps, own, strict=True)]
            )
            known = self._known[person.kind, text] = Block(person.kind, person, text, xml)
        return known


def _assign(rows: Sequence[_BlockRow]) -> None:
    """Set on each row the kind of person whose block it is part of."""
    for row in rows:
        if len(row.read.whole) == 1:
            (row.kind,) = row.read.whole
    greeting = _greeting(rows)
    for row in rows:
        if row.kind is None and row.is_short and ("signer", "name") in row.read.tags:
            row.kind = "signer"
    for above, below in pairwise(rows):
        if above is not greeting and above.is_above(below):  # with it the letter itself begins
            _assign_neighbour(above, below)
    for below, above in pairwise(reversed(rows)):
        if above.is_above(below):
            _assign_neighbour(below, above)


def _greeting(rows: Sequence[_BlockRow]) -> _BlockRow | None:
    """Return the first short line that has the salutation, or else the name, and other words."""
    for tag in ("salutation", "name"):
        for row in rows:
            if (
                row.kind is None
                and row.is_short
                and ("recipient", tag) in row.read.tags
                and not row.read.whole
            ):
                row.kind = "recipient"
                return row
    return None


def _assign_neighbour(row: _BlockRow, other: _BlockRow) -> None:
    """A line beside a block is of it if it has values of the same person, or was changed by hand.

    So is one that could be of either block: both live in one country, say.
    """
    if row.kind is None or other.kind is not None or not other.is_short:
        return
    is_beside = row.paragraph.part == other.paragraph.part
    if is_beside and (row.kind in other.read.some or other.read.is_new):
        other.kind = row.kind
