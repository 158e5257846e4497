"""Words by which a person is found in files.

They are the name, cells, IDs, and hashes of such words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from merge.naming import MAX_PART_CHARACTERS, Salt, safe_path_part
from merge.people import Person
from merge.printing.batches import MAX_NAME_IN_FILE_NAME as IN_BATCHES
from merge.text.folding import UNSPACED_SCRIPTS, folded
from merge.text.names import is_title_or_particle

_FEWEST_CHARACTERS, _FEWEST_DIGITS = 4, 6
"""Fewest characters of a value that identifies a person by itself.

A name may be shorter.
"""


_EQUAL_CHARACTERS = [*zip("`_’‘ʼ´‐‑‒–—−", "' ''''------", strict=True)]
"""Characters, and those that count as equal; the first two are ASCII."""
_WORD_CHARACTER = re.compile(rf"[^\W{UNSPACED_SCRIPTS}]")
_WORD = re.compile(rf"[{UNSPACED_SCRIPTS}]|[^\W{UNSPACED_SCRIPTS}]+")


def _with_case(text: str) -> str:
    """Return text in a form for comparison, with upper and lower case.

    Width, the form of accents, kinds of dashes and invisible characters do not matter then.
    """
    text = text.replace('\\"', '"')  # as in JSON
    for character, equal in _EQUAL_CHARACTERS[: 2 if text.isascii() else None]:
        text = text.replace(character, equal)  # many times faster than `translate`
    return folded(text, keep_case=True)


def searchable(text: str) -> str:
    """Return text in a form for searching, in which case does not matter."""
    return folded(_with_case(text))


def _pattern(words: str) -> str:
    """Return a regex for words that are not a part of longer words."""
    before = rf"(?<![^\W{UNSPACED_SCRIPTS}])" if _WORD_CHARACTER.match(words[:1]) else ""
    after = rf"(?![^\W{UNSPACED_SCRIPTS}])" if _WORD_CHARACTER.match(words[-1:]) else ""
    return f"{before}{re.escape(words)}{after}"


def contains_words(text: str, words: str) -> bool:
    """Return whether a text contains words, not as a part of longer words."""
    if not words or words not in text:
        return False
    pattern, position = re.compile(_pattern(words)), text.find(words)
    while position >= 0:  # faster than a search, because the pattern begins with a lookbehind
        if pattern.match(text, position):
            return True
        position = text.find(words, position + 1)
    return False


def _is_capitalised(cased: str, word: str) -> bool:
    """Return whether a word is written like a name somewhere in a text.

    It is not if it only occurs in small letters.
    """
    occurrences = [match[0] for match in re.finditer(_pattern(word), cased, re.IGNORECASE)]
    return not occurrences or any(not match[0].islower() for match in occurrences)


_REACH = 300
"""Most characters between a name and a word near it."""


def _adjacent_pattern(first: str, second: str) -> str:
    """Return a regex for two words with only blanks and marks between."""
    return rf"{_pattern(first)}\W{{0,40}}{_pattern(second)}"


def _is_near(text: str, word: str, names: Iterable[str], *, touching: bool) -> bool:
    """Return whether a text has a word near one of a person's names.

    With `touching`, there must be no other word between them.
    """
    if touching:
        orders = ((name, word) for name in names), ((word, name) for name in names)
        return any(re.search(_adjacent_pattern(*pair), text) for pair in (*orders[0], *orders[1]))
    positions = [match.start() for match in re.finditer(_pattern(word), text)]
    for name in names if positions else ():
        for match in re.finditer(_pattern(name), text):
            if any(abs(position - match.start()) <= _REACH for position in positions):
                return True
    return False


@dataclass(frozen=True)
class PersonWords:
    """The words by which a person is found, in the form of `searchable`."""

    unique: frozenset[str]
    """Words that no one else has: they count anywhere."""
    shared: frozenset[str] = frozenset()
    """Words that others have too, such as a town: they count near a name."""
    names: frozenset[str] = frozenset()
    """Names of the person and parts of them; others may have these too."""
    capitalised: frozenset[str] = frozenset()
    """Unique words that do not count if they are written in small letters."""
    others_lines: frozenset[str] = frozenset()
    """Lines of other people's cells that contain one of these words.

    Such a line is data of those people.
    """
    hashed_words: HashedWords | None = None
    """Words of which only the hashes are known."""
    is_common_name: bool = False
    """Whether the name alone identifies no one.

    Then `shared` words count only with no word between.
    """
    has_namesake: bool = False
    """Whether another person has the name.

    Then `shared` words count only with no word between.
    """

    @property
    def is_name_enough(self) -> bool:
        """Whether the name alone counts, because it identifies only this person."""
        return not (self.is_common_name or self.has_namesake)

    def find_in(self, text: str) -> frozenset[str]:
        """Return the words that a text contains as complete words."""
        cased = _with_case(text)
        folded_text = folded(cased)
        is_in_text = folded_text.__contains__
        if not self.hashed_words and not any(map(is_in_text, chain(self.unique, self.names))):
            return frozenset()  # most texts, in little time
        cased = self._without_others_lines(cased)
        folded_text = folded(cased)
        words = {word for word in self.unique if contains_words(folded_text, word)}
        words -= {w for w in words & self.capitalised if not _is_capitalised(cased, w)}
        if any(contains_words(folded_text, name) for name in self.names):
            must_touch, names = not self.is_name_enough, self.names
            words |= {
                w for w in self.shared if _is_near(folded_text, w, names, touching=must_touch)
            }
        return frozenset(words) | (
            self.hashed_words.find_in(cased) if self.hashed_words else frozenset()
        )

    def may_occur_in(self, text: str) -> bool:
        """Return whether a text may mention the person.

        A name alone is enough, even if others have it too. A name that is a common word must be a
        line by itself, as above a signature. A number does not count, since a list may have it in a
        line.
        """
        if self.find_in(text):
            return True
        lines = text.splitlines() if self.is_common_name else [text]
        folded_lines = [folded(self._without_others_lines(_with_case(line))) for line in lines]
        names = self.names - self.capitalised
        if self.is_common_name:
            return any(line in names and _has_letter(line) for line in folded_lines)
        return any(contains_words(line, name) for line in folded_lines for name in names)

    def _without_others_lines(self, cased: str) -> str:
        folded_text = folded(cased)
        for name in sorted(self.others_lines, key=len, reverse=True):
            if name in folded_text or not folded_text.isascii():
                cased = re.sub(_pattern(name), "\0", cased, flags=re.IGNORECASE)
        return cased

    def with_hashed_words(self, hashed: HashedWords, others: OtherPeople) -> PersonWords:
        """Return the person's words with those that are known by hash only.

        Lines of others that contain a hashed word and more count as data of others.
        """
        words_by_line = ((line, hashed.find_in(_with_case(line))) for line in others.lines)
        longer = {
            line
            for line, words in words_by_line
            if words and (line in others.names or " ".join(_WORD.findall(line)) not in words)
        }
        longer |= {name for name in others.names if hashed.may_begin_inside(name)}
        return replace(self, hashed_words=hashed, others_lines=self.others_lines | longer)

    def with_names(self, names: Iterable[str], others: OtherPeople) -> PersonWords:
        """Return these words with more present or former names of the person.

        Names of others count as data of others.
        """
        more = {searchable(name) for name in names} - {""}
        return replace(
            self,
            unique=self.unique | (more - others.names),
            names=self.names | more,
            others_lines=self.others_lines | (others.lines_containing(more) - more),
        )


@dataclass(frozen=True)
class OtherPeople:
    """Texts about everyone else, in the form of `searchable`.

    `lines` are lines of their cells, and complete cells. Names are among them, also in the form of
    file names.
    """

    names: frozenset[str]
    lines: frozenset[str]
    cells_by_name: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """The cells of people who have a name."""

    @classmethod
    def from_people(cls, people: Iterable[Person], former: Iterable[str] = ()) -> OtherPeople:
        """Return the texts about other people, from their rows and names.

        `former` are names of people who are not in the workbook.
        """
        person_list = [*people]
        cells = {
            str(value)
            for person in person_list
            for tag, value in person.fields.items()
            if tag not in _PROGRAM_COLUMNS
        }
        cells |= {line for cell in cells if "\n" in cell for line in cell.splitlines()}
        names = {*(str(person.name) for person in person_list), *former}
        cells |= {
            safe_path_part(n, max_length=most)
            for n in names
            for most in (MAX_PART_CHARACTERS, IN_BATCHES)
        }
        by_name: dict[str, set[str]] = {}
        for person in person_list:
            cells_of_name = by_name.setdefault(searchable(person.name), set())
            cells_of_name |= {searchable(value) for value in person.fields.values()}
        lines = frozenset(map(searchable, (*cells, *former))) - {""}
        return cls(frozenset(by_name), lines, by_name)

    def lines_containing(self, names: AbstractSet[str]) -> set[str]:
        """Return the lines that contain a name as a part of a longer text.

        Also return names at whose end one of them begins, because names may follow each other in a
        list: *Rose Mary* and *Ann Lee* do not make a *Mary Ann Lee*.
        """
        lines = {line for name in names for line in self.lines if contains_words(line, name)}
        beginnings = {
            tuple(words[:n]) for words in map(str.split, names) for n in range(1, len(words))
        }
        names_and_words = ((name, tuple(name.split())) for name in self.names)
        joined_names = {
            name
            for name, words in names_and_words
            if any(words[n:] in beginnings for n in range(1, len(words)))
        }
        return (lines | joined_names) - names


def find_person_words(
    person: Person, others: OtherPeople, common: str, ids: Iterable[str] = ()
) -> PersonWords:
    """Return the words that identify a person among all other people.

    `common` are the searchable words of templates and settings, which identify no one. `ids` are
    those of the letters and the person.
    """
    name = searchable(person.name)
    names = {*_name_orders(name)} - {""}
    parts = {*_parts_of_name(name)}
    cells = {
        _with_case(value) for tag, value in person.fields.items() if tag not in _PROGRAM_COLUMNS
    } - {""}
    plain_cells = {*map(searchable, cells)}

    # Words that occur nowhere else: cells that may identify the person, and parts of the name.
    without_name = common.replace(name, "\0") if _is_full_name(name) else common
    other_texts = "\n".join((without_name, *others.lines))
    candidates = ({searchable(cell) for cell in cells if _is_distinctive(cell)} | parts) - {name}
    unique = {word for word in candidates if not contains_words(other_texts, word)}
    single_words = {
        word for word in unique if word in parts or (word.isalpha() and " " not in word)
    }

    # The name itself, unless another person has it or it is too common.
    is_name_common = is_common_name(name, others, common)
    unique_names = set() if name in others.names else names - others.names
    unique_names -= {name} if is_name_common else set()

    # Cells that others have as well; those of a namesake would identify the namesake.
    namesakes = {cell for name_form in names for cell in others.cells_by_name.get(name_form, ())}
    shared = plain_cells - unique - namesakes - {"", name}
    return PersonWords(
        unique=frozenset(unique | unique_names | {*ids}),
        shared=frozenset(shared),
        names=frozenset(names | (unique & parts)),
        capitalised=frozenset(single_words - unique_names),
        others_lines=frozenset(others.lines_containing(names)),
        is_common_name=is_name_common,
        has_namesake=bool(namesakes),
    )


def _parts_of_name(name: str) -> Iterator[str]:
    """Yield the words of a name that may identify a person by themselves."""
    for word in re.split(r"[\s,]+", name):
        if len(word) >= _FEWEST_CHARACTERS and _has_letter(word) and not is_title_or_particle(word):
            yield word


def is_common_name(name: str, others: OtherPeople, common: str) -> bool:
    """Return whether a name is too common to identify a person by itself.

    It is a word of templates or cells then, or a number. A full name in a template is the person's.
    """
    is_short = sum(c.isalpha() for c in name) < _FEWEST_LETTERS
    is_cell_of_others = " " not in name and name in others.lines - others.names
    is_in_templates = not _is_full_name(name) and contains_words(common, name)
    return bool(name) and (is_short or is_cell_of_others or is_in_templates)


def _is_full_name(name: str) -> bool:
    """Return whether a name has several words, titles not counted."""
    return sum(not is_title_or_particle(word) for word in _WORD.findall(name)) > 1


_FEWEST_LETTERS = 2


def _has_letter(text: str) -> bool:
    return any(c.isalpha() for c in text)


_PROGRAM_COLUMNS = {"include", "template", "language"}


def _is_distinctive(cell: str) -> bool:
    """Return whether a cell's text, if unique, may identify a person.

    A short number, for example a year, does not. Nor does one word in small letters, which any text
    may contain.
    """
    digits = sum(c.isdigit() for c in cell)
    if digits and not any(c.isalpha() for c in cell):
        return digits >= _FEWEST_DIGITS
    return len(cell) >= _FEWEST_CHARACTERS and not (cell.isalpha() and cell[0].islower())


def _name_orders(name: str) -> Iterator[str]:
    """Yield a name, and the name with the surname first, as in lists."""
    yield name
    first, _, last = name.rpartition(" ")
    if first:
        yield from (f"{last} {first}", f"{last}, {first}")


class HashedPhrase(NamedTuple):
    """A phrase as hashes: the number of words, the first word, all words.

    `is_capitalised` has the meaning of `PersonWords.capitalised`.
    """

    word_count: int
    first_hash: str
    phrase_hash: str
    is_capitalised: bool = False


class HashedWords:
    """Words by which a person is found, known only as salted hashes."""

    def __init__(self, phrases: Iterable[HashedPhrase], salt: Salt) -> None:
        self.phrases, self._salt = [*phrases], salt
        self._firsts = {phrase.first_hash for phrase in self.phrases}
        self._is_first: dict[str, bool] = {}

    @classmethod
    def from_words(cls, words: PersonWords, salt: Salt) -> HashedWords:
        """Return a person's unique words as hashes, with those hashed before."""
        words_and_case = (
            (_WORD.findall(word), word in words.capitalised) for word in sorted(words.unique)
        )
        text = salt.hash_text
        phrases = (
            HashedPhrase(
                word_count=len(phrase_words),
                first_hash=text(phrase_words[0]),
                phrase_hash=text(" ".join(phrase_words)),
                is_capitalised=is_capitalised,
            )
            for phrase_words, is_capitalised in words_and_case
            if phrase_words
        )
        return cls([*phrases, *(words.hashed_words.phrases if words.hashed_words else ())], salt)

    def find_in(self, cased: str) -> frozenset[str]:
        """Return the words that a text contains.

        The text is in searchable form, but with its capitals.
        """
        words = set[str]()
        for part in _FOLDER_SEPARATOR.split(cased):
            words |= self._find_in_part(_WORD.findall(part))
        return frozenset(words)

    def may_begin_inside(self, name: str) -> bool:
        """Return whether a hashed phrase may begin after the first word of a name."""
        return any(self._salt.hash_text(word) in self._firsts for word in _WORD.findall(name)[1:])

    def _find_in_part(self, cased_words: Sequence[str]) -> set[str]:
        words = [*map(searchable, cased_words)]
        phrases, text_hash = set[str](), self._salt.hash_text
        for position, word in enumerate(words):
            is_first = self._is_first.get(word)
            if is_first is None:
                is_first = self._is_first[word] = text_hash(word) in self._firsts
            for phrase in self.phrases if is_first else ():
                phrase_text = " ".join(words[position : position + phrase.word_count])
                is_lower = phrase.is_capitalised and cased_words[position].islower()
                if not is_lower and text_hash(phrase_text) == phrase.phrase_hash:
                    phrases.add(phrase_text)
        return phrases


_FOLDER_SEPARATOR = re.compile(r"(?<=\S)[/\\](?=\S)")
"""Separator of folder names; no phrase extends across it."""
