"""Names and cells that are probably wrong: why, and how to fix them.

The checks of a workbook and the import of responses use the same functions. The words are in
plausibility.tsv, by kind:

- unfilled: placeholders for a value that is still missing
- test, trial: entries by people who test a form; a test counts as unfilled in any cell as well
- surname too: the same, but it may be a surname
- test name: complete names of invented people
- no name, example, unknown: entries in a column of names if there is no name
- anonymous, name too: the same, but it may be a name or a signature
- died, organisation, wish, several: words that a person's name does not contain

With an unknown or anonymous word, other words are not a name either.
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
    for kind, _, cell in table_rows("merge.workbook", "plausibility.tsv")
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
    """Return whether text says that a value is missing: `TBC`, `n.a.`, `-`.

    With `is_name`, in a column of names: there, `unknown` is not a name either.
    """
    known_words = _NOT_NAMES if is_name else _UNFILLED
    word = plain_letters(text)
    if not known_words.isdisjoint((word, word.strip("()[]?!. "))) or _FILLER_SIGNS.fullmatch(word):
        return True
    single_words = _WORDS.findall(word)  # `Test 1`, `(test) test`
    return bool(single_words) and known_words.issuperset(single_words)


def may_be_name(text: str) -> bool:
    """Return whether a text that is not like a name may still be a name."""
    return plain_letters(text) in _POSSIBLE_NAMES


def is_test_entry(name: str) -> bool:
    """Return whether a name is typed to test a form: `Test`, `asdf`."""
    words = _WORDS.findall(plain_letters(name))
    if " ".join(words) in _TEST_NAMES:
        return True
    test_words = _TEST_WORDS.intersection(words)
    return bool(test_words) and (test_words == set(words) or not test_words <= _POSSIBLE_SURNAMES)


# Names of people in a form.

_LINK = re.compile(r"@|https?:|www\.|://|\.(?:com|net|org|info|ru|example|io|co)\b", re.IGNORECASE)
_NAME_SEPARATOR = re.compile(
    r"\S\s*[&＆+]\s*\S|\s(?:and|und|et|и|та|och|og|ve)\s|\s(?:و|/)\s|\w/\w", re.IGNORECASE
)
"""Signs and words between two names.

Spanish `y`, and Catalan and Polish `i`, also occur within names.
"""
_ALLOWED_SIGNS = set(" .,'’‘ʼʻ`´-‐‑–·•()\"“”„«»ªº֊־׳״٬،\u200c\u200d")
_LONGEST_NAME, _MAX_WORDS = 100, 12
_LOST_LETTERS = re.compile("[^\\W\\d_]\\?|\\?[^\\W\\d_]|\ufffd")
_LOST_LETTERS_WITHIN = re.compile("[^\\W\\d_]\\?[^\\W\\d_]|\ufffd")


_DECEASED_SIGNS = re.compile(r"[†✝]|\bR\.?I\.?P\b|^[Tt]he late\b")


def name_issues(name: str) -> Iterator[NameIssue]:
    """Yield the reasons why a name is perhaps not the name of one person.

    This is one reason, and possibly lost letters.
    """
    words = {*_WORDS.findall(plain_letters(name))}
    if is_test_entry(name):
        yield "test"
    elif words & _DECEASED_WORDS or _DECEASED_SIGNS.search(name):
        yield "deceased"
    elif _LOST_LETTERS.search(name) and not _LINK.search(name):
        yield "lost-letters"
    elif is_unfilled(name, is_name=True):  # `N/A` is not a pair of names
        yield "not-a-name"
    elif _names_several_people(name, words):
        yield "two-people"
    elif words & _NOT_PEOPLE or _is_not_a_name(name):
        yield "not-a-name"


def _names_several_people(name: str, words: AbstractSet[str]) -> bool:
    """Return whether a name is that of two people or a family.

    For example `Ann Lee, Bob Lee`.
    """
    before, comma, after = (folded(part) for part in name.partition(","))
    if comma and len(before.split()) > 1 and not {*before.split()}.isdisjoint(after.split()):
        return True
    has_separator = bool(_NAME_SEPARATOR.search(name)) and not _LINK.search(name)
    return has_separator or bool(words & _SEVERAL_WORDS)


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
    """Return whether a single letter can be a name: a syllable or an ideogram."""
    return unicodedata.name(letter, "").startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA"))


def _may_be_in_name(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character)[0] == "M"


def has_lost_letters(text: str) -> bool:
    """Return whether letters of a cell became question marks or U+FFFD."""
    return bool(_LOST_LETTERS_WITHIN.search(text)) and not _LINK.search(text)


# Capitals.

_ROMAN = re.compile(r"(?:X{0,3})(?:IX|IV|V?I{0,3})")
_PIECE = re.compile(r"[^\W\d_]+")
_TURKISH = set("İıĞğŞş")


_SCRIPTS_WITH_CAPITALS = {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN"}
"""Scripts in which names begin with a capital.

Georgian has capitals, but only for headlines.
"""


def has_capitals(letter: str) -> bool:
    """Return whether the letter's script writes names with a capital."""
    return script_of(letter) in _SCRIPTS_WITH_CAPITALS


def is_lower_case_name(name: str) -> bool:
    """Return whether a name is in small letters, and should not be."""
    return name.islower() and any(map(has_capitals, name))


def fixed_capitals(name: str) -> str:
    """Return a name with correct capitals; empty if they are correct already.

    It corrects names in capitals only, in small letters only, and words of three or more capitals.
    """
    letters_with_case = [c for c in name if c.isupper() or c.islower()]
    if len(letters_with_case) < 2:
        return ""
    all_big = all(c.isupper() for c in letters_with_case)
    all_small = all(c.islower() for c in letters_with_case)
    is_turkish = not _TURKISH.isdisjoint(name)
    words = name.split(" ")
    fixed_words = [
        _fixed_word(word, is_turkish=is_turkish, is_all=all_big or all_small, is_first=not position)
        for position, word in enumerate(words)
    ]
    fixed = " ".join(fixed_words)
    return fixed if fixed != name else ""


def _fixed_word(word: str, *, is_turkish: bool, is_all: bool, is_first: bool) -> str:
    pieces = _PIECE.findall(word)
    letters = "".join(pieces)
    is_initials = "." in word and max(map(len, pieces), default=0) < 3
    if not letters or is_initials or _ROMAN.fullmatch(letters) or not has_capitals(letters[0]):
        return word
    is_shouted = letters.isupper() and any(len(piece) > 2 for piece in pieces)
    if not is_all and not is_shouted:
        return word
    if is_all and not is_first and _lower_case(letters, is_turkish=is_turkish) in PARTICLES:
        return _lower_case(word, is_turkish=is_turkish)
    return _PIECE.sub(lambda match: _capitalised(match[0], is_turkish=is_turkish), word)


def _capitalised(piece: str, *, is_turkish: bool) -> str:
    lower = _lower_case(piece, is_turkish=is_turkish)
    first = "İ" if is_turkish and lower[0] == "i" else lower[0].upper()
    tail = lower[1:]
    if piece.isupper() and lower.startswith("mc") and len(lower) > 4:
        tail = "c" + lower[2].upper() + lower[3:]
    return first + tail


def _lower_case(text: str, *, is_turkish: bool) -> str:
    if is_turkish:
        text = text.replace("I", "ı")
    return text.replace("İ", "i").lower()


# Numbers.

_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,2}", re.IGNORECASE)


def is_scientific(text: str) -> bool:
    """Return whether a long number became `1.55501E+10`."""
    return bool(_SCIENTIFIC.fullmatch(text))
