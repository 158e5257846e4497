"""The words by which a person is found in files: name, cells, IDs, and hashes of such words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from merge.naming import MOST_CHARACTERS, Salt, safe_part
from merge.people import Person
from merge.printing.batches import MOST_IN_NAME as IN_BATCHES
from merge.text.folding import UNSPACED, folded
from merge.text.names import tells_nobody

_SHORTEST, _SHORTEST_NUMBER = 4, 6
"""Characters of a value that tells somebody by itself; a name may be shorter."""


_ALIKE = str.maketrans("’‘ʼ`´‐‑‒–—−_", "'''''------ ")
_JOINS = re.compile(rf"[^\W{UNSPACED}]")
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")


def _cased(text: str) -> str:
    """Return text in which width, accents' form, kinds of dashes and what is not seen are alike."""
    as_read = text.replace('\\"', '"')  # as JSON has it
    return folded(as_read.translate(_ALIKE), keep_case=True)


def plain(text: str) -> str:
    """Return text to search: as above, and capitals do not count."""
    return folded(_cased(text))


def _pattern(words: str) -> str:
    """Return what finds words that are not a part of longer ones."""
    before = rf"(?<![^\W{UNSPACED}])" if _JOINS.match(words[:1]) else ""
    after = rf"(?![^\W{UNSPACED}])" if _JOINS.match(words[-1:]) else ""
    return f"{before}{re.escape(words)}{after}"


def has_words(text: str, words: str) -> bool:
    """Return whether words stand in a text, not as a part of longer ones."""
    return bool(words) and words in text and re.search(_pattern(words), text) is not None


def _has_capital(cased: str, word: str) -> bool:
    """Return whether a word of a text stands there as a name does: not in small letters alone."""
    found = [match[0] for match in re.finditer(_pattern(word), cased, re.IGNORECASE)]
    return not found or any(not match[0].islower() for match in found)


_REACH = 300
"""Characters between a name and what stands near it."""


def _beside(one: str, two: str) -> str:
    """Return what finds words with others right after them: only blanks and marks between."""
    return rf"{_pattern(one)}\W{{0,40}}{_pattern(two)}"


def _near(text: str, word: str, names: Iterable[str], *, touching: bool) -> bool:
    """Return whether a word stands near one of the names; `touching`: with no word between."""
    if touching:
        both = ((name, word) for name in names), ((word, name) for name in names)
        return any(re.search(_beside(*pair), text) for pair in (*both[0], *both[1]))
    places = [found.start() for found in re.finditer(_pattern(word), text)]
    for name in names if places else ():
        for found in re.finditer(_pattern(name), text):
            if any(abs(at - found.start()) <= _REACH for at in places):
                return True
    return False


@dataclass(frozen=True)
class PersonWords:
    """The words by which somebody is found, each as `plain` gives it."""

    own: frozenset[str]
    """Those that nobody else has: they count wherever they stand."""
    shared: frozenset[str] = frozenset()
    """Those that others have as well, a town perhaps: they count near one of `names`."""
    names: frozenset[str] = frozenset()
    """What the person is called, and parts of it; others may be called so too."""
    capital: frozenset[str] = frozenset()
    """Those of `own` that count only if they are not written in small letters."""
    longer: frozenset[str] = frozenset()
    """Lines of other people's cells with one of these in them: what stands there is theirs."""
    hashed: HashedWords | None = None
    """Words of which only the hashes are known."""
    is_common: bool = False
    """Whether the name alone tells nobody: then `shared` count with no word between only."""
    has_namesake: bool = False
    """Whether another has the name: then the same holds."""

    def found_in(self, text: str) -> frozenset[str]:
        """Return those that stand in a text as whole words."""
        cased = self._without_others(_cased(text))
        there = folded(cased)
        found = {word for word in self.own if has_words(there, word)}
        found -= {w for w in found & self.capital if not _has_capital(cased, w)}
        if any(has_words(there, name) for name in self.names):
            close, names = self.is_common or self.has_namesake, self.names
            found |= {w for w in self.shared if _near(there, w, names, touching=close)}
        return frozenset(found) | (self.hashed.found_in(cased) if self.hashed else frozenset())

    def may_be_in(self, text: str) -> bool:
        """Return whether the person may be meant: a name alone will do, though others bear it.

        One that is a common word has to be a line by itself, as above a signature; a number, which
        a line of a list may be, does not tell anything.
        """
        if self.found_in(text):
            return True
        lines = text.splitlines() if self.is_common else [text]
        there = [folded(self._without_others(_cased(line))) for line in lines]
        names = self.names - self.capital
        if self.is_common:
            return any(line in names and _has_letter(line) for line in there)
        return any(has_words(line, name) for line in there for name in names)

    def _without_others(self, cased: str) -> str:
        small = folded(cased)
        for name in sorted(self.longer, key=len, reverse=True):
            if name in small or not small.isascii():
                cased = re.sub(_pattern(name), "\0", cased, flags=re.IGNORECASE)
        return cased

    def with_hashed(self, hashed: HashedWords, others: OtherPeople) -> PersonWords:
        """Return the same with words as hashes; lines of others with more in them are theirs."""
        found = ((line, hashed.found_in(_cased(line))) for line in others.lines)
        longer = {
            line
            for line, there in found
            if there and (line in others.names or " ".join(_WORD.findall(line)) not in there)
        }
        longer |= {name for name in others.names if hashed.may_begin_inside(name)}
        return replace(self, hashed=hashed, longer=self.longer | longer)

    def with_names(self, names: Iterable[str], others: OtherPeople) -> PersonWords:
        """Return the same with more that the person is called, or was; others' names are theirs."""
        more = {plain(name) for name in names} - {""}
        return replace(
            self,
            own=self.own | (more - others.names),
            names=self.names | more,
            longer=self.longer | (others.around(more) - more),
        )


@dataclass(frozen=True)
class OtherPeople:
    """What is written of everybody else, each as `plain` gives it.

    `lines` are those of their cells, and each cell as one; names among them, as in names of files.
    """

    names: frozenset[str]
    lines: frozenset[str]
    by_name: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """The cells of those who have a name."""

    @classmethod
    def of(cls, people: Iterable[Person], former: Iterable[str] = ()) -> OtherPeople:
        """Return what is written of people; `former` are those whom the workbook does not have."""
        everybody = [*people]
        cells = {str(v) for p in everybody for tag, v in p.fields.items() if tag not in _OURS}
        cells |= {line for cell in cells if "\n" in cell for line in cell.splitlines()}
        names = {*(str(person.name) for person in everybody), *former}
        cells |= {safe_part(n, most=most) for n in names for most in (MOST_CHARACTERS, IN_BATCHES)}
        by_name: dict[str, set[str]] = {}
        for person in everybody:
            own = by_name.setdefault(plain(person.name), set())
            own |= {plain(value) for value in person.fields.values()}
        lines = frozenset(map(plain, (*cells, *former))) - {""}
        return cls(frozenset(by_name), lines, by_name)

    def around(self, names: AbstractSet[str]) -> set[str]:
        """Return the lines with one of some names in them; and names at whose end one begins.

        A name may stand right before another in a list: of *Rose Mary* and *Ann Lee* nobody is
        called *Mary Ann Lee*.
        """
        found = {line for name in names for line in self.lines if has_words(line, name)}
        begins = {tuple(words[:n]) for words in map(str.split, names) for n in range(1, len(words))}
        split = ((name, tuple(name.split())) for name in self.names)
        ends = {
            name for name, words in split if any(words[n:] in begins for n in range(1, len(words)))
        }
        return (found | ends) - names


def words_of(
    person: Person, others: OtherPeople, common: str, ids: Iterable[str] = ()
) -> PersonWords:
    """Return what tells a person of the workbook, who are others there.

    `common` are the words of templates and settings, plain, which tell nobody; `ids` are the
    letters' and the person's.
    """
    name = plain(person.name)
    names = {*_turned(name)} - {""}
    parts = {*_parts_of_name(name)}
    cells = {_cased(value) for tag, value in person.fields.items() if tag not in _OURS} - {""}
    plain_cells = {*map(plain, cells)}

    # Words that stand nowhere else: cells that may tell somebody, and parts of the name.
    elsewhere = "\n".join((common, *others.lines))
    candidates = ({plain(cell) for cell in cells if _tells(cell)} | parts) - {name}
    unique = {word for word in candidates if not has_words(elsewhere, word)}
    single = {word for word in unique if word in parts or (word.isalpha() and " " not in word)}

    # The name itself, unless another is called so or it is a word of templates or cells.
    is_name_common = is_common(name, others, common)
    unique_names = set() if name in others.names else names - others.names
    unique_names -= {name} if is_name_common else set()

    # Cells that others have as well; those of somebody of the same name would tell them.
    namesakes = {cell for each in names for cell in others.by_name.get(each, ())}
    shared = plain_cells - unique - namesakes - {"", name}
    return PersonWords(
        own=frozenset(unique | unique_names | {*ids}),
        shared=frozenset(shared),
        names=frozenset(names | (unique & parts)),
        capital=frozenset(single - unique_names),
        longer=frozenset(others.around(names)),
        is_common=is_name_common,
        has_namesake=bool(namesakes),
    )


def _parts_of_name(name: str) -> Iterator[str]:
    """Yield the words of a name that may tell somebody by themselves."""
    for word in re.split(r"[\s,]+", name):
        if len(word) >= _SHORTEST and _has_letter(word) and not tells_nobody(word):
            yield word


def is_common(name: str, others: OtherPeople, common: str) -> bool:
    """Return whether a name by itself tells nobody: a word of templates or cells, or a number."""
    is_short = sum(c.isalpha() for c in name) < _FEWEST_LETTERS
    is_cell = " " not in name and name in others.lines - others.names
    return bool(name) and (is_short or is_cell or has_words(common, name))


_FEWEST_LETTERS = 2


def _has_letter(text: str) -> bool:
    return any(c.isalpha() for c in text)


_OURS = {"include", "template", "language"}


def _tells(cell: str) -> bool:
    """Return whether what a cell says may tell somebody by itself, if nobody else has it.

    Not a short number, a year perhaps, nor one word in small letters, which any text may have.
    """
    digits = sum(c.isdigit() for c in cell)
    if digits and not any(c.isalpha() for c in cell):
        return digits >= _SHORTEST_NUMBER
    return len(cell) >= _SHORTEST and not (cell.isalpha() and cell[0].islower())


def _turned(name: str) -> Iterator[str]:
    """Yield a name, and with the surname in front, as lists have it."""
    yield name
    first, _, last = name.rpartition(" ")
    if first:
        yield from (f"{last} {first}", f"{last}, {first}")


class HashedPhrase(NamedTuple):
    """A phrase as hashes: how many words, the first, all of them; `capital` as in PersonWords."""

    words: int
    first: str
    whole: str
    capital: bool = False


class HashedWords:
    """Words that somebody is found by, of which only salted hashes are known."""

    def __init__(self, phrases: Iterable[HashedPhrase], salt: Salt) -> None:
        self.phrases, self._salt = [*phrases], salt
        self._firsts = {phrase.first for phrase in self.phrases}
        self._is_first: dict[str, bool] = {}

    @classmethod
    def of(cls, words: PersonWords, salt: Salt) -> HashedWords:
        """Return the words that are nobody else's as hashes, with those that are some already."""
        split = ((_WORD.findall(word), word in words.capital) for word in sorted(words.own))
        text = salt.text
        made = (
            HashedPhrase(words=len(w), first=text(w[0]), whole=text(" ".join(w)), capital=c)
            for w, c in split
            if w
        )
        return cls([*made, *(words.hashed.phrases if words.hashed else ())], salt)

    def found_in(self, cased: str) -> frozenset[str]:
        """Return those that stand in a text in which all but the capitals is plain."""
        found = set[str]()
        for part in _IN_PATHS.split(cased):
            found |= self._found_in_part(_WORD.findall(part))
        return frozenset(found)

    def may_begin_inside(self, name: str) -> bool:
        """Return whether one of them may begin within a name, after its first word."""
        return any(self._salt.text(word) in self._firsts for word in _WORD.findall(name)[1:])

    def _found_in_part(self, there: Sequence[str]) -> set[str]:
        words = [*map(plain, there)]
        found, text_hash = set[str](), self._salt.text
        for at, word in enumerate(words):
            begins = self._is_first.get(word)
            if begins is None:
                begins = self._is_first[word] = text_hash(word) in self._firsts
            for phrase in self.phrases if begins else ():
                whole = " ".join(words[at : at + phrase.words])
                small = phrase.capital and there[at].islower()
                if not small and text_hash(whole) == phrase.whole:
                    found.add(whole)
        return found


_IN_PATHS = re.compile(r"(?<=\S)[/\\](?=\S)")
"""What stands between two folders' names: no phrase goes across."""
