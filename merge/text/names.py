"""Compare names of people, which may be those of the same person.

| function             | question                                                          |
|----------------------|-------------------------------------------------------------------|
| `is_same_name`       | Are two names the same but for capitals, accents, order, spaces   |
|                      | and Mr or Dr? A wrong yes gives a person's letters to another     |
| `name_similarity`    | Which share of its words has a name in common with another?       |
| `is_short_form`      | Is one name the other with fewer words, or with initials?         |
| `may_be_same_person` | Can two names of one email and address be one person's?           |
| `is_named_in`        | Does a letter name a person?                                      |

Titles and particles do not identify a person. They are in names.tsv, by kind. Particles are written
without a capital, except those of the kind `particle, capital`. Words of the kind `no capital` are
written without one too, but they may identify a person: some are called Les, or I. So may words of
the kind `generation`. A `form of address` belongs to any person, other titles to an office. Cells
below an `office column` have the country, the region or the organisation of the office.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import starmap

from merge.text.folding import BASIC_LETTERS, skeleton
from merge.text.pairing import common_prefix_length
from merge.text.tables import listed_words, table_rows


def _words_of_kinds(*kinds: str) -> frozenset[str]:
    rows = table_rows("merge.text", "names.tsv")
    return frozenset(word for kind, _, cell in rows if kind in kinds for word in listed_words(cell))


PARTICLES = _words_of_kinds("particle", "no capital")
"""Words of names that are written without a capital."""
_FORMS_OF_ADDRESS = frozenset(map(skeleton, _words_of_kinds("form of address")))
_OFFICES = frozenset(map(skeleton, _words_of_kinds("title")))
_TITLES_AND_PARTICLES = (
    _FORMS_OF_ADDRESS
    | _OFFICES
    | frozenset(map(skeleton, _words_of_kinds("particle", "particle, capital", "generation")))
)
OFFICE_COLUMNS = frozenset(map(skeleton, _words_of_kinds("office column")))
"""Words of headings above a recipient's country, region or organisation."""


def is_title_or_particle(word: str) -> bool:
    """Return whether a word of a name is a title or a particle."""
    return skeleton(word) in _TITLES_AND_PARTICLES


# The words of a name.

_BETWEEN_WORDS = re.compile(r"[\s.,;\-‐-–'’ʼ]+")
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~\xa1-\xa9\xab-\xb1\xb4\xb6\xbb\xbf‐-‧‰-⁞、。「-』]")
"""Punctuation of ASCII, Latin-1, Chinese, and for general use.

The dot within Catalan words is not included.
"""


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name for comparison; `O'Brien` has two."""
    return tuple(skeleton(word) for word in _BETWEEN_WORDS.split(name) if word)


def sorted_name_words(name: str) -> list[str]:
    """Return the words of a name in a fixed order.

    Words in brackets are omitted, and `ue` counts as `ü`.
    """
    words = {*name_words(_IN_BRACKETS.sub(" ", name))} or {*name_words(name)}
    return sorted(_SPELT_UMLAUT.sub(r"\1", word) for word in words)


_IN_BRACKETS = re.compile(r"\([^)]{0,200}\)|\[[^\]]{0,200}\]")
_SPELT_UMLAUT = re.compile(r"([aou])e(?=\w)")


def _whole_words(text: str) -> list[str]:
    """Return the words of a text without punctuation; `O'Brien` is one word."""
    return [*name_words(_PUNCTUATION.sub(" ", _APOSTROPHES.sub("", text)))]


def _identifying_words(name: str) -> list[str]:
    """Return the words of a name without titles and particles.

    If a name has only titles and particles, return all of them.
    """
    words = _whole_words(name)
    return [word for word in words if word not in _TITLES_AND_PARTICLES] or words


def name_without_id(label: str) -> str:
    """Return a person's name without the ID in brackets after the name.

    Names that two people have are followed by an ID in brackets.
    """
    return re.sub(r"(?:(?<!\s)\s++)?\([^()]*\)$", "", label)


def without_form_of_address(name: str) -> str:
    """Return a name without Mr, Dr and the like; a single word stays."""
    words = name.split()
    unaddressed = [word for word in words if skeleton(word) not in _FORMS_OF_ADDRESS]
    return " ".join(unaddressed if len(unaddressed) > 1 else words)


def short_name(label: str, most: int) -> str:
    """Return a person's name in about `most` characters.

    A longer one loses its titles, then its first words: `H.E. Mr Bakhtiyor Saidov` is
    `Bakhtiyor Saidov`.
    """
    words = label.split() if len(label) <= most else label.partition(",")[0].split()
    while len(" ".join(words)) > most and len(words) > 1:
        words = words[1:]
        while len(words) > 1 and is_title_or_particle(words[0]):
            words = words[1:]
    return " ".join(words)


# One person's name at two times.

_SIMILAR_WORD_RATIO, _SIMILAR_NAME_RATIO = 0.75, 0.85
"""Smallest similarity of words and of complete names (difflib's ratio)."""


def is_same_name(first: str, second: str) -> bool:
    """Return whether two names have the same normal form.

    It is used if a wrong yes would give a person's letters to another, so no other spelling is
    accepted.
    """
    return name_normal_form(first) == name_normal_form(second)


def name_normal_form(name: str) -> str:
    """Return the letters of a name that identify a person or an office.

    Capitals, accents, order, spaces and forms of address do not count.

    Beside one word, a form of address counts: Mr Tan and Mrs Tan are two people. In the name of an
    office, the order counts: Embassy of Mali in Niger is not that of Niger in Mali.
    """
    words = [word.translate(BASIC_LETTERS) for word in _whole_words(name)]
    unaddressed = [word for word in words if word not in _FORMS_OF_ADDRESS]
    words = unaddressed if len(unaddressed) > 1 else words
    return "".join(words if _OFFICES.intersection(words) else sorted(words))


def name_similarity(first: str, second: str) -> float:
    """Return the share of the shorter name's words that the other name has.

    Spelling, accents, capitals, order, initials, titles and particles do not count.
    """
    short, long = sorted((_identifying_words(first), _identifying_words(second)), key=len)
    if not short:
        return 0.0
    if SequenceMatcher(None, "".join(short), "".join(long)).ratio() >= _SIMILAR_NAME_RATIO:
        return 1.0
    common = 0
    for word in short:
        similar = next((other for other in long if _are_similar(word, other)), "")
        if similar:
            long.remove(similar)
            common += 1
    return common / len(short)


def is_named_in(name: str, text: str) -> bool:
    """Return whether a text has more than half of the words of a name.

    Similar words count too. A word of a script without spaces counts anywhere.
    """
    text_words = _whole_words(text)
    unique, joined = {*text_words}, "".join(text_words)
    identifying = _identifying_words(name)
    words = [word for word in identifying if len(word) > 1] or identifying

    def is_in_text(word: str) -> bool:
        if word in unique or (max(word) >= _FIRST_UNSPACED and word in joined):
            return True
        return len(word) > 1 and any(
            _are_similar(word, other) for other in unique if len(other) > 1
        )

    return bool(words) and 2 * sum(map(is_in_text, words)) > len(words)


_FIRST_UNSPACED = "\u0e00"
"""First character of scripts that may be written without spaces.

Thai, Chinese and Japanese are among them.
"""


def _are_similar(first: str, second: str) -> bool:
    if 1 in {len(first), len(second)}:
        return first[0] == second[0]
    return first == second or SequenceMatcher(None, first, second).ratio() >= _SIMILAR_WORD_RATIO


# Names of two form responses, which may be one person's.


def is_short_form(first: str, second: str) -> bool:
    """Return whether one name is a shorter form of the other name.

    `Dorothy Aske` and `Dorothy M. Aske`, `K. Weiß` and `Käthe Weiß`; not `Ann Lee` and `Ben Lee`.
    """
    fewer, more = sorted(({*name_words(first)}, {*name_words(second)}), key=len)
    common, extra = fewer & more, more - fewer
    return bool(common) and all(any(_is_initial(w, v) for v in extra) for w in fewer - common)


def _is_initial(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    return len(short) == 1 and long.startswith(short)


def may_be_same_person(name: str, other: str) -> bool:
    """Return whether two names of one home can be one person's.

    One may be a correction of the other, or a short form. `Ágnes Szabó` and `Ágnes Szabó-Kis`,
    `Agnes Kis`, `Ágnes Sabó`; `Jon Smiht` and `John Smith`; not `Ann Lee` and `Ben Lee`, `Tom Lee`
    and `Tim Lee`.
    """
    first, second = name_words(name), name_words(other)
    if is_short_form(name, other) or (first and second and first[0] == second[0]):
        return True
    pairs = [*zip(first, second, strict=False)]
    is_wordwise = len(first) == len(second) and all(starmap(_is_typing_error, pairs))
    return bool(first and second) and (is_wordwise or "".join(first) == "".join(second))


def _is_typing_error(first: str, second: str) -> bool:
    """Return whether two words differ only by a typing error.

    It is one other letter, or two swapped letters. Another letter in a word of three is another
    name.
    """
    if first == second:
        return True
    prefix = common_prefix_length(first, second)
    suffix = common_prefix_length(first[prefix:][::-1], second[prefix:][::-1])
    part, other = first[prefix : len(first) - suffix], second[prefix : len(second) - suffix]
    is_swapped = len(part) == _TRANSPOSED and part == other[::-1]
    is_long = max(len(first), len(second)) > _SHORT_WORD
    return is_long and (is_swapped or max(len(part), len(other)) == 1)


_TRANSPOSED, _SHORT_WORD = 2, 3
