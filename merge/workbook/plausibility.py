"""Names and cells that are probably not what somebody meant: why, and how they could be mended.

The checks of a workbook and the import of responses ask the same functions. The words are in
doubts.tsv, by their kind:

- unfilled: what stands in a cell that is still to be filled in. Hardly anybody is called so
- test, trial: entries of somebody who tries a form; a test is unfilled in any cell as well
- surname too: the same, but there are people called so
- test name: whole names of nobody
- no name, example, unknown: what stands in a column of names if there is none
- anonymous, name too: the same, but there are people called so, or who sign so
- died, organisation, wish, several: what no name has beside other words

A word that is unknown or anonymous makes no name of others beside it either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Literal

from merge.text.folding import folded, plain_letters, script_of
from merge.text.names import PARTICLES
from merge.text.tables import listed_words, table_rows

NameIssue = Literal["test", "deceased", "lost-letters", "two-people", "not-a-name"]


_TABLE = [
    (kind, plain_letters(word))
    for kind, _, cell in table_rows("merge.workbook", "doubts.tsv")
    for word in listed_words(cell)
]


def _words_of_kinds(*kinds: str) -> frozenset[str]:
    return frozenset(word for kind, word in _TABLE if kind in kinds)


_UNFILLED = _words_of_kinds("unfilled", "test")
_NOT_NAMES = _UNFILLED | _words_of_kinds("no name", "example", "unknown")
_POSSIBLE_NAMES = _words_of_kinds("anonymous", "name too")
_POSSIBLE_SURNAMES = _words_of_kinds("surname too")
_TEST_WORDS = _words_of_kinds("test", "example", "trial") | _POSSIBLE_SURNAMES
_TEST_NAMES = _words_of_kinds("test name")
_NAMELESS = _words_of_kinds("unknown", "anonymous")
_DECEASED_WORDS = _words_of_kinds("died")
_NOT_PEOPLE = _words_of_kinds("organisation", "wish")
_SEVERAL_WORDS = _words_of_kinds("several")

_WORDS = re.compile(r"[^\W\d_]+")
_FILLER_SIGNS = re.compile(r"[-–—_?]+|(?:([^\W\d_])\1{2,}+\s*)+")
"""`-`, `???`, `xxx`, `aaaa bbb`."""


@lru_cache(maxsize=1 << 12)
def is_unfilled(text: str, *, is_name: bool = False) -> bool:
    """Return whether text stands where something is still to be filled in: `TBC`, `n.a.`, `-`.

    `name`: in a column of names, where `unknown` is no name either.
    """
    known = _NOT_NAMES if is_name else _UNFILLED
    word = plain_letters(text)
    if not known.isdisjoint((word, word.strip("()[]?!. "))) or _FILLER_SIGNS.fullmatch(word):
        return True
    apart = _WORDS.findall(word)  # `Test 1`, `(test) test`
    return bool(apart) and known.issuperset(apart)


def may_be_name(text: str) -> bool:
    """Return whether such a text is somebody's name as well, or how somebody signs."""
    return plain_letters(text) in _POSSIBLE_NAMES


def is_test_entry(name: str) -> bool:
    """Return whether somebody tried the form: `Test Test`, `asdf`, `Max Mustermann`."""
    words = _WORDS.findall(plain_letters(name))
    if " ".join(words) in _TEST_NAMES:
        return True
    tests = _TEST_WORDS.intersection(words)
    return bool(tests) and (tests == set(words) or not tests <= _POSSIBLE_SURNAMES)


# Names of people, in a form.

_LINK = re.compile(r"@|https?:|www\.|://|\.(?:com|net|org|info|ru|example|io|co)\b", re.IGNORECASE)
_NAME_SEPARATOR = re.compile(
    r"\S\s*[&＆+]\s*\S|\s(?:and|und|et|и|та|och|og|ve)\s|\s(?:و|/)\s|\w/\w", re.IGNORECASE
)
"""Signs and words between two names. Spanish `y`, Catalan and Polish `i` stand within names."""
_ALLOWED_SIGNS = set(" .,'’‘ʼʻ`´-‐‑–·•()\"“”„«»ªº֊־׳״٬،\u200c\u200d")
_LONGEST_NAME, _MAX_WORDS = 100, 12
_LOST_LETTERS = re.compile("[^\\W\\d_]\\?|\\?[^\\W\\d_]|\ufffd")
_LOST_LETTERS_WITHIN = re.compile("[^\\W\\d_]\\?[^\\W\\d_]|\ufffd")


_DECEASED_SIGNS = re.compile(r"[†✝]|\bR\.?I\.?P\b|^[Tt]he late\b")


def name_issues(name: str) -> Iterator[NameIssue]:
    """Yield why a name is perhaps none, or not one person's: one reason, and lost letters."""
    words = {*_WORDS.findall(plain_letters(name))}
    if is_test_entry(name):
        yield "test"
    elif words & _DECEASED_WORDS or _DECEASED_SIGNS.search(name):
        yield "deceased"
    elif _LOST_LETTERS.search(name) and not _LINK.search(name):
        yield "lost-letters"
    elif is_unfilled(name, is_name=True):  # `N/A` is no pair
        yield "not-a-name"
    elif _names_several_people(name, words):
        yield "two-people"
    elif words & _NOT_PEOPLE or _is_not_a_name(name):
        yield "not-a-name"


def _names_several_people(name: str, words: AbstractSet[str]) -> bool:
    """Return whether a name is that of two people, or a family's: `Ann Lee, Bob Lee`."""
    one, comma, other = (folded(part) for part in name.partition(","))
    if comma and len(one.split()) > 1 and not {*one.split()}.isdisjoint(other.split()):
        return True
    between = bool(_NAME_SEPARATOR.search(name)) and not _LINK.search(name)
    return between or bool(words & _SEVERAL_WORDS)


def _is_not_a_name(name: str) -> bool:
    letters = [c for c in name if c.isalpha()]
    if len(letters) < 2 and not (letters and _can_be_a_name(letters[0])):
        return True
    if _LINK.search(name) or len(name) > _LONGEST_NAME or len(name.split()) > _MAX_WORDS:
        return True
    if any(not _may_be_in_name(character) for character in {*name} - _ALLOWED_SIGNS):
        return True
    words = set(plain_letters(name).split())
    return is_unfilled(name, is_name=True) or may_be_name(name) or bool(words & _NAMELESS)


def _can_be_a_name(letter: str) -> bool:
    """Return whether one letter can be a name: a syllable, or a sign for a word."""
    return unicodedata.name(letter, "").startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA"))


def _may_be_in_name(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character)[0] == "M"


def has_lost_letters(text: str) -> bool:
    """Return whether letters of a cell became question marks, or U+FFFD."""
    return bool(_LOST_LETTERS_WITHIN.search(text)) and not _LINK.search(text)


# Capitals.

_ROMAN = re.compile(r"(?:X{0,3})(?:IX|IV|V?I{0,3})")
_PIECE = re.compile(r"[^\W\d_]+")
_TURKISH = set("İıĞğŞş")


_SCRIPTS_WITH_CAPITALS = {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN"}
"""Scripts whose names are written with a capital. Georgian has capitals, for headlines only."""


def has_capitals(letter: str) -> bool:
    """Return whether a letter is of a script whose names are written with a capital."""
    return script_of(letter) in _SCRIPTS_WITH_CAPITALS


def is_lower_case_name(name: str) -> bool:
    """Return whether a name is in small letters, and should not be."""
    return name.islower() and any(map(has_capitals, name))


def fixed_capitals(name: str) -> str:
    """Return a name with the capitals that it should have; empty where it has them.

    Names wholly in capitals, in none, and words of three letters and more in capitals.
    """
    cased = [c for c in name if c.isupper() or c.islower()]
    if len(cased) < 2:
        return ""
    all_big = all(c.isupper() for c in cased)
    all_small = all(c.islower() for c in cased)
    is_turkish = not _TURKISH.isdisjoint(name)
    words = name.split(" ")
    made = [
        _fixed_word(word, is_turkish=is_turkish, is_all=all_big or all_small, is_first=not at)
        for at, word in enumerate(words)
    ]
    mended = " ".join(made)
    return mended if mended != name else ""


def _fixed_word(word: str, *, is_turkish: bool, is_all: bool, is_first: bool) -> str:
    pieces = _PIECE.findall(word)
    letters = "".join(pieces)
    is_initials = "." in word and max(map(len, pieces), default=0) < 3
    if not letters or is_initials or _ROMAN.fullmatch(letters) or not has_capitals(letters[0]):
        return word
    shouted = letters.isupper() and any(len(piece) > 2 for piece in pieces)
    if not is_all and not shouted:
        return word
    if is_all and not is_first and _lower_case(letters, is_turkish=is_turkish) in PARTICLES:
        return _lower_case(word, is_turkish=is_turkish)
    return _PIECE.sub(lambda found: _capitalised(found[0], is_turkish=is_turkish), word)


def _capitalised(piece: str, *, is_turkish: bool) -> str:
    small = _lower_case(piece, is_turkish=is_turkish)
    first = "İ" if is_turkish and small[0] == "i" else small[0].upper()
    rest = small[1:]
    if piece.isupper() and small.startswith("mc") and len(small) > 4:
        rest = "c" + small[2].upper() + small[3:]
    return first + rest


def _lower_case(text: str, *, is_turkish: bool) -> str:
    if is_turkish:
        text = text.replace("I", "ı")
    return text.replace("İ", "i").lower()


# Numbers.

_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,2}", re.IGNORECASE)


def is_scientific(text: str) -> bool:
    """Return whether a long number became `1.55501E+10`."""
    return bool(_SCIENTIFIC.fullmatch(text))
