"""The words by which a person is found in files: name, cells, IDs, and hashes of such words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from merge.naming import MAX_PART_CHARACTERS, Salt, safe_path_part
from merge.people import Person
from merge.printing.batches import MAX_NAME_IN_FILE_NAME as IN_BATCHES
from merge.text.folding import UNSPACED_SCRIPTS, folded
from merge.text.names import is_title_or_particle

_FEWEST_CHARACTERS, _FEWEST_DIGITS = 4, 6
"""Characters of a value that tells somebody by itself; a name may be shorter."""


_EQUAL_CHARACTERS = str.maketrans("’‘ʼ`´‐‑‒–—−_", "'''''------ ")
_WORD_CHARACTER = re.compile(rf"[^\W{UNSPACED_SCRIPTS}]")
_WORD = re.compile(rf"[{UNSPACED_SCRIPTS}]|[^\W{UNSPACED_SCRIPTS}]+")


def _with_case(text: str) -> str:
    """Return text in which width, accents' form, kinds of dashes and what is not seen are alike."""
    as_read = text.replace('\\"', '"')  # as JSON has it
    return folded(as_read.translate(_EQUAL_CHARACTERS), keep_case=True)


def searchable(text: str) -> str:
    """Return text to search: as above, and capitals do not count."""
    return folded(_with_case(text))


def _pattern(words: str) -> str:
    """Return what finds words that are not a part of longer ones."""
    before = rf"(?<![^\W{UNSPACED_SCRIPTS}])" if _WORD_CHARACTER.match(words[:1]) else ""
    after = rf"(?![^\W{UNSPACED_SCRIPTS}])" if _WORD_CHARACTER.match(words[-1:]) else ""
    return f"{before}{re.escape(words)}{after}"


def contains_words(text: str, words: str) -> bool:
    """Return whether words stand in a text, not as a part of longer ones."""
    return bool(words) and words in text and re.search(_pattern(words), text) is not None


def _is_capitalised(cased: str, word: str) -> bool:
    """Return whether a word of a text stands there as a name does: not in small letters alone."""
    found = [match[0] for match in re.finditer(_pattern(word), cased, re.IGNORECASE)]
    return not found or any(not match[0].islower() for match in found)


_REACH = 300
"""Characters between a name and what stands near it."""


def _adjacent_pattern(one: str, two: str) -> str:
    """Return what finds words with others right after them: only blanks and marks between."""
    return rf"{_pattern(one)}\W{{0,40}}{_pattern(two)}"


def _is_near(text: str, word: str, names: Iterable[str], *, touching: bool) -> bool:
    """Return whether a word stands near one of the names; `touching`: with no word between."""
    if touching:
        both = ((name, word) for name in names), ((word, name) for name in names)
        return any(re.search(_adjacent_pattern(*pair), text) for pair in (*both[0], *both[1]))
    places = [found.start() for found in re.finditer(_pattern(word), text)]
    for name in names if places else ():
        for found in re.finditer(_pattern(name), text):
            if any(abs(at - found.start()) <= _REACH for at in places):
                return True
    return False


@dataclass(frozen=True)
class PersonWords:
    """The words by which somebody is found, each as `plain` gives it."""

    unique: frozenset[str]
    """Those that nobody else has: they count wherever they stand."""
    shared: frozenset[str] = frozenset()
    """Those that others have as well, a town perhaps: they count near one of `names`."""
    names: frozenset[str] = frozenset()
    """What the person is called, and parts of it; others may be called so too."""
    capitalised: frozenset[str] = frozenset()
    """Those of `own` that count only if they are not written in small letters."""
    others_lines: frozenset[str] = frozenset()
    """Lines of other people's cells with one of these in them: what stands there is theirs."""
    hashed_words: HashedWords | None = None
    """Words of which only the hashes are known."""
    is_common_name: bool = False
    """Whether the name alone tells nobody: then `shared` count with no word between only."""
    has_namesake: bool = False
    """Whether another has the name: then the same holds."""

    def find_in(self, text: str) -> frozenset[str]:
        """Return those that stand in a text as whole words."""
        cased = self._without_others_lines(_with_case(text))
        there = folded(cased)
        found = {word for word in self.unique if contains_words(there, word)}
        found -= {w for w in found & self.capitalised if not _is_capitalised(cased, w)}
        if any(contains_words(there, name) for name in self.names):
            close, names = self.is_common_name or self.has_namesake, self.names
            found |= {w for w in self.shared if _is_near(there, w, names, touching=close)}
        return frozenset(found) | (
            self.hashed_words.find_in(cased) if self.hashed_words else frozenset()
        )

    def may_occur_in(self, text: str) -> bool:
        """Return whether the person may be meant: a name alone will do, though others bear it.

        One that is a common word has to be a line by itself, as above a signature; a number, which
        a line of a list may be, does not tell anything.
        """
        if self.find_in(text):
            return True
        lines = text.splitlines() if self.is_common_name else [text]
        there = [folded(self._without_others_lines(_with_case(line))) for line in lines]
        names = self.names - self.capitalised
        if self.is_common_name:
            return any(line in names and _has_letter(line) for line in there)
        return any(contains_words(line, name) for line in there for name in names)

    def _without_others_lines(self, cased: str) -> str:
        small = folded(cased)
        for name in sorted(self.others_lines, key=len, reverse=True):
            if name in small or not small.isascii():
                cased = re.sub(_pattern(name), "\0", cased, flags=re.IGNORECASE)
        return cased

    def with_hashed_words(self, hashed: HashedWords, others: OtherPeople) -> PersonWords:
        """Return the same with words as hashes; lines of others with more in them are theirs."""
        found = ((line, hashed.find_in(_with_case(line))) for line in others.lines)
        longer = {
            line
            for line, there in found
            if there and (line in others.names or " ".join(_WORD.findall(line)) not in there)
        }
        longer |= {name for name in others.names if hashed.may_begin_inside(name)}
        return replace(self, hashed_words=hashed, others_lines=self.others_lines | longer)

    def with_names(self, names: Iterable[str], others: OtherPeople) -> PersonWords:
        """Return the same with more that the person is called, or was; others' names are theirs."""
        more = {searchable(name) for name in names} - {""}
        return replace(
            self,
            unique=self.unique | (more - others.names),
            names=self.names | more,
            others_lines=self.others_lines | (others.lines_containing(more) - more),
        )


@dataclass(frozen=True)
class OtherPeople:
    """What is written of everybody else, each as `plain` gives it.

    `lines` are those of their cells, and each cell as one; names among them, as in names of files.
    """

    names: frozenset[str]
    lines: frozenset[str]
    cells_by_name: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """The cells of those who have a name."""

    @classmethod
    def from_people(cls, people: Iterable[Person], former: Iterable[str] = ()) -> OtherPeople:
        """Return what is written of people; `former` are those whom the workbook does not have."""
        everybody = [*people]
        cells = {
            str(v) for p in everybody for tag, v in p.fields.items() if tag not in _PROGRAM_COLUMNS
        }
        cells |= {line for cell in cells if "\n" in cell for line in cell.splitlines()}
        names = {*(str(person.name) for person in everybody), *former}
        cells |= {
            safe_path_part(n, max_length=most)
            for n in names
            for most in (MAX_PART_CHARACTERS, IN_BATCHES)
        }
        by_name: dict[str, set[str]] = {}
        for person in everybody:
            own = by_name.setdefault(searchable(person.name), set())
            own |= {searchable(value) for value in person.fields.values()}
        lines = frozenset(map(searchable, (*cells, *former))) - {""}
        return cls(frozenset(by_name), lines, by_name)

    def lines_containing(self, names: AbstractSet[str]) -> set[str]:
        """Return the lines with one of some names in them; and names at whose end one begins.

        A name may stand right before another in a list: of *Rose Mary* and *Ann Lee* nobody is
        called *Mary Ann Lee*.
        """
        found = {line for name in names for line in self.lines if contains_words(line, name)}
        begins = {tuple(words[:n]) for words in map(str.split, names) for n in range(1, len(words))}
        split = ((name, tuple(name.split())) for name in self.names)
        ends = {
            name for name, words in split if any(words[n:] in begins for n in range(1, len(words)))
        }
        return (found | ends) - names


def find_person_words(
    person: Person, others: OtherPeople, common: str, ids: Iterable[str] = ()
) -> PersonWords:
    """Return what tells a person of the workbook, who are others there.

    `common` are the words of templates and settings, plain, which tell nobody; `ids` are the
    letters' and the person's.
    """
    name = searchable(person.name)
    names = {*_name_orders(name)} - {""}
    parts = {*_parts_of_name(name)}
    cells = {
        _with_case(value) for tag, value in person.fields.items() if tag not in _PROGRAM_COLUMNS
    } - {""}
    plain_cells = {*map(searchable, cells)}

    # Words that stand nowhere else: cells that may tell somebody, and parts of the name.
    elsewhere = "\n".join((common, *others.lines))
    candidates = ({searchable(cell) for cell in cells if _is_distinctive(cell)} | parts) - {name}
    unique = {word for word in candidates if not contains_words(elsewhere, word)}
    single = {word for word in unique if word in parts or (word.isalpha() and " " not in word)}

    # The name itself, unless another is called so or it is a word of templates or cells.
    is_name_common = is_common_name(name, others, common)
    unique_names = set() if name in others.names else names - others.names
    unique_names -= {name} if is_name_common else set()

    # Cells that others have as well; those of somebody of the same name would tell them.
    namesakes = {cell for each in names for cell in others.cells_by_name.get(each, ())}
    shared = plain_cells - unique - namesakes - {"", name}
    return PersonWords(
        unique=frozenset(unique | unique_names | {*ids}),
        shared=frozenset(shared),
        names=frozenset(names | (unique & parts)),
        capitalised=frozenset(single - unique_names),
        others_lines=frozenset(others.lines_containing(names)),
        is_common_name=is_name_common,
        has_namesake=bool(namesakes),
    )


def _parts_of_name(name: str) -> Iterator[str]:
    """Yield the words of a name that may tell somebody by themselves."""
    for word in re.split(r"[\s,]+", name):
        if len(word) >= _FEWEST_CHARACTERS and _has_letter(word) and not is_title_or_particle(word):
            yield word


def is_common_name(name: str, others: OtherPeople, common: str) -> bool:
    """Return whether a name by itself tells nobody: a word of templates or cells, or a number."""
    is_short = sum(c.isalpha() for c in name) < _FEWEST_LETTERS
    is_cell = " " not in name and name in others.lines - others.names
    return bool(name) and (is_short or is_cell or contains_words(common, name))


_FEWEST_LETTERS = 2


def _has_letter(text: str) -> bool:
    return any(c.isalpha() for c in text)


_PROGRAM_COLUMNS = {"include", "template", "language"}


def _is_distinctive(cell: str) -> bool:
    """Return whether what a cell says may tell somebody by itself, if nobody else has it.

    Not a short number, a year perhaps, nor one word in small letters, which any text may have.
    """
    digits = sum(c.isdigit() for c in cell)
    if digits and not any(c.isalpha() for c in cell):
        return digits >= _FEWEST_DIGITS
    return len(cell) >= _FEWEST_CHARACTERS and not (cell.isalpha() and cell[0].islower())


def _name_orders(name: str) -> Iterator[str]:
    """Yield a name, and with the surname in front, as lists have it."""
    yield name
    first, _, last = name.rpartition(" ")
    if first:
        yield from (f"{last} {first}", f"{last}, {first}")


class HashedPhrase(NamedTuple):
    """A phrase as hashes: how many words, the first, all of them; `capital` as in PersonWords."""

    word_count: int
    first_hash: str
    phrase_hash: str
    is_capitalised: bool = False


class HashedWords:
    """Words that somebody is found by, of which only salted hashes are known."""

    def __init__(self, phrases: Iterable[HashedPhrase], salt: Salt) -> None:
        self.phrases, self._salt = [*phrases], salt
        self._firsts = {phrase.first_hash for phrase in self.phrases}
        self._is_first: dict[str, bool] = {}

    @classmethod
    def from_words(cls, words: PersonWords, salt: Salt) -> HashedWords:
        """Return the words that are nobody else's as hashes, with those that are some already."""
        split = ((_WORD.findall(word), word in words.capitalised) for word in sorted(words.unique))
        text = salt.hash_text
        made = (
            HashedPhrase(
                word_count=len(w),
                first_hash=text(w[0]),
                phrase_hash=text(" ".join(w)),
                is_capitalised=c,
            )
            for w, c in split
            if w
        )
        return cls([*made, *(words.hashed_words.phrases if words.hashed_words else ())], salt)

    def find_in(self, cased: str) -> frozenset[str]:
        """Return those that stand in a text in which all but the capitals is plain."""
        found = set[str]()
        for part in _FOLDER_SEPARATOR.split(cased):
            found |= self._find_in_part(_WORD.findall(part))
        return frozenset(found)

    def may_begin_inside(self, name: str) -> bool:
        """Return whether one of them may begin within a name, after its first word."""
        return any(self._salt.hash_text(word) in self._firsts for word in _WORD.findall(name)[1:])

    def _find_in_part(self, there: Sequence[str]) -> set[str]:
        words = [*map(searchable, there)]
        found, text_hash = set[str](), self._salt.hash_text
        for at, word in enumerate(words):
            begins = self._is_first.get(word)
            if begins is None:
                begins = self._is_first[word] = text_hash(word) in self._firsts
            for phrase in self.phrases if begins else ():
                whole = " ".join(words[at : at + phrase.word_count])
                small = phrase.is_capitalised and there[at].islower()
                if not small and text_hash(whole) == phrase.phrase_hash:
                    found.add(whole)
        return found


_FOLDER_SEPARATOR = re.compile(r"(?<=\S)[/\\](?=\S)")
"""What stands between two folders' names: no phrase goes across."""
