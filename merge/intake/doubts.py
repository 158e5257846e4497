"""A name or a cell that is probably not what somebody meant: why, and how it could be mended.

Nothing is changed: who is in doubt comes with Include `no`, the rest is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet

from merge.intake.matching import Marks
from merge.intake.model import Doubt, NewPerson
from merge.text.folding import folded, plain_letters
from merge.workbook.words import is_name_too, is_unfilled

_TESTS = {
    *("test", "tests", "testing", "tester", "asdf", "asdfg", "asdfgh", "asd", "qwerty", "qwertz"),
    *("dummy", "placeholder", "example", "essai", "exemple", "prueba", "ejemplo", "beispiel"),
    *("тест", "тестовый", "тестовая", "проба", "пример", "йцукен", "фыва", "фіва", "приклад"),
    *("تجربة", "اختبار", "مثال", "prova", "probe", "lorem", "ipsum", "foo", "bar", "foobar"),
}
_TEST_NAMES = {"max mustermann", "erika mustermann", "john doe", "jane doe", "mickey mouse"}
_SURNAMES_TOO = {"bar", "probe", "tester", "asd", "prova", "example", "foo"}
"""Of these a name has only test's words, and not one of them beside others."""
_NAMELESS = {"anonymous", "anonyme", "anonimo", "anonym", "аноним", "анонимно", "анонім", "unknown"}
_NAMELESS |= {"inconnu", "desconocido", "unbekannt", "неизвестно", "مجهول", "anonima", "anonymus"}
_LINK = re.compile(r"@|https?:|www\.|://|\.(?:com|net|org|info|ru|example|io|co)\b", re.IGNORECASE)
_BETWEEN = re.compile(
    r"\S\s*[&＆+]\s*\S|\s(?:and|und|et|и|та|och|og|ve)\s|\s(?:و|/)\s|\w/\w", re.IGNORECASE
)
"""Signs and words between two names. Spanish `y`, Catalan and Polish `i` stand within names."""
_ALLOWED = set(" .,'’‘ʼʻ`´-‐‑–·•()\"“”„«»ªº֊־׳״٬،\u200c\u200d")
_LONGEST, _MOST_WORDS = 100, 12
_LOST = re.compile("[^\\W\\d_]\\?|\\?[^\\W\\d_]|\ufffd")
_LOST_WITHIN = re.compile("[^\\W\\d_]\\?[^\\W\\d_]|\ufffd")


def name_doubts(name: str) -> Iterator[Doubt]:
    """Yield why a name is perhaps none, or not one person's: one reason, and lost letters."""
    words = {*_WORDS.findall(plain_letters(name))}
    if is_test(name):
        yield "test"
    elif words & _PLAIN["died"] or _DIED.search(name):
        yield "deceased"
    elif _LOST.search(name) and not _LINK.search(name):
        yield "lost-letters"
    elif is_unfilled(name, name=True):  # `N/A` is no pair
        yield "not-a-name"
    elif _is_of_several(name, words):
        yield "two-people"
    elif words & (_PLAIN["organisation"] | _PLAIN["wish"]) or _is_no_name(name):
        yield "not-a-name"


_WORDS = re.compile(r"[^\W\d_]+")
_DIED = re.compile(r"[†✝]|\bR\.?I\.?P\b|^[Tt]he late\b")
_SAYING = {
    "died": "deceased died verstorben décédé décédée fallecido fallecida умер умерла покойный",
    "organisation": "ltd llc gmbh plc asbl ооо foundation association organisation "
    "organization verein verband stiftung fundación asociación fondation university "
    "universität université universidad университет school behalf",
    "wish": "delete remove unsubscribe löschen abmelden supprimer supprimez удалите удалить",
    "several": "family familie famille familia семья eheleute ehepaar household",
}
"""Words that no name has beside others: that somebody is dead, none, to be left out, several."""
_PLAIN = {kind: frozenset(_WORDS.findall(plain_letters(words))) for kind, words in _SAYING.items()}


def _is_of_several(name: str, words: AbstractSet[str]) -> bool:
    """Return whether a name is that of two people, or a family's: `Ann Lee, Bob Lee`."""
    one, comma, other = (folded(part) for part in name.partition(","))
    if comma and len(one.split()) > 1 and not {*one.split()}.isdisjoint(other.split()):
        return True
    between = bool(_BETWEEN.search(name)) and not _LINK.search(name)
    return between or bool(words & _PLAIN["several"])


def is_test(name: str) -> bool:
    """Return whether somebody tried the form: `Test Test`, `asdf`, `Max Mustermann`."""
    words = re.findall(r"[^\W\d_]+", plain_letters(name))
    if " ".join(words) in _TEST_NAMES:
        return True
    tests = {word for word in words if word in _PLAIN_TESTS}
    return bool(tests) and (tests == set(words) or not tests <= _SURNAMES_TOO)


_PLAIN_TESTS = frozenset(map(plain_letters, _TESTS))
_PLAIN_NAMELESS = frozenset(map(plain_letters, _NAMELESS))


def _is_no_name(name: str) -> bool:
    letters = [c for c in name if c.isalpha()]
    if len(letters) < 2 and not (letters and _is_whole_word(letters[0])):
        return True
    if _LINK.search(name) or len(name) > _LONGEST or len(name.split()) > _MOST_WORDS:
        return True
    if any(not _may_be_in_name(character) for character in {*name} - _ALLOWED):
        return True
    words = set(plain_letters(name).split())
    return is_unfilled(name, name=True) or is_name_too(name) or bool(words & _PLAIN_NAMELESS)


def _is_whole_word(letter: str) -> bool:
    """Return whether one letter can be a name: a syllable, or a sign for a word."""
    return unicodedata.name(letter, "").startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA"))


def _may_be_in_name(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character)[0] == "M"


def has_lost_letters(text: str) -> bool:
    """Return whether letters of a cell became question marks, or U+FFFD."""
    return bool(_LOST_WITHIN.search(text)) and not _LINK.search(text)


# Capitals.

_ROMAN = re.compile(r"(?:X{0,3})(?:IX|IV|V?I{0,3})")
_PIECE = re.compile(r"[^\W\d_]+")
_SMALL = {
    "de",
    "del",
    "della",
    "di",
    "da",
    "das",
    "do",
    "dos",
    "du",
    "des",
    "la",
    "le",
    "les",
    "el",
}
_SMALL |= {
    "von",
    "vom",
    "van",
    "der",
    "den",
    "und",
    "zu",
    "zum",
    "zur",
    "ter",
    "ten",
    "y",
    "e",
    "i",
}
_SMALL |= {"al", "bin", "ibn", "bint"}
"""Words within names that have no capital, where all the name is in capitals or none is."""
_TURKISH = set("İıĞğŞş")


def mended_capitals(name: str) -> str:
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
        _mended_word(word, is_turkish=is_turkish, is_all=all_big or all_small, is_first=not at)
        for at, word in enumerate(words)
    ]
    mended = " ".join(made)
    return mended if mended != name else ""


def _mended_word(word: str, *, is_turkish: bool, is_all: bool, is_first: bool) -> str:
    pieces = _PIECE.findall(word)
    letters = "".join(pieces)
    is_initials = "." in word and max(map(len, pieces), default=0) < 3
    if not letters or is_initials or _ROMAN.fullmatch(letters):
        return word
    shouted = letters.isupper() and any(len(piece) > 2 for piece in pieces)
    if not is_all and not shouted:
        return word
    if is_all and not is_first and _small(letters, is_turkish=is_turkish) in _SMALL:
        return _small(word, is_turkish=is_turkish)
    return _PIECE.sub(lambda found: _capitalised(found[0], is_turkish=is_turkish), word)


def _capitalised(piece: str, *, is_turkish: bool) -> str:
    small = _small(piece, is_turkish=is_turkish)
    first = "İ" if is_turkish and small[0] == "i" else small[0].upper()
    rest = small[1:]
    if piece.isupper() and small.startswith("mc") and len(small) > 4:
        rest = "c" + small[2].upper() + small[3:]
    return first + rest


def _small(text: str, *, is_turkish: bool) -> str:
    if is_turkish:
        text = text.replace("I", "ı")
    return text.replace("İ", "i").lower()


# Numbers.

_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,2}", re.IGNORECASE)


def is_scientific(text: str) -> bool:
    """Return whether a long number became `1.55501E+10`."""
    return bool(_SCIENTIFIC.fullmatch(text))


# In what words it is said.

REASONS: Mapping[Doubt, str] = {
    "same-name": "same name as {same_as}",
    "test": "looks like a test entry",
    "not-a-name": "not a name",
    "half-name": "incomplete name",
    "two-people": "may be two people",
    "broken-accents": "garbled accents",
    "lost-letters": "missing characters",
    "ragged": "more or fewer cells than headings",
    "quotes": "unmatched quotation marks",
    "hidden": "hidden row",
    "deceased": "marked as deceased",
}
"""Why a person needs review, as To decide in the list says it."""

HAS_NAME = REASONS["same-name"]
SAME_HOME = "same email and address as {same_as}: same person?"


def likeness_of(own: Marks, other: Collection[str], *, has_place: bool) -> str:
    """Return how a new person resembles a known one, by their marks."""
    pairs = (("email", own.email), ("address", own.place))
    same = [word for word, mark in pairs if mark and mark in other]
    if own.alike in other:
        words = ", ".join(["name", *same[:-1]]) + "".join(f" and {word}" for word in same[-1:])
        told = f"same {words} as {{same_as}}"
    elif len(same) == len(pairs):
        return SAME_HOME
    else:
        told = "may be {same_as} under another name" + "".join(f", same {word}" for word in same)
    return f"{told}, different address" if not same and has_place and own.place else told


def reasons(person: NewPerson) -> str:
    """Return why a person needs review, before new people have IDs."""
    who = f"row {person.same_row}" if person.same_row else person.same_as
    comma = "" if person.has_same_home else ","
    return reasons_of(person, f"{who}, {person.other_name}{comma}" if person.other_name else who)


def reasons_of(person: NewPerson, same_as: str) -> str:
    """Return why a person needs review, as To decide says it."""
    words = {**REASONS, "same-name": person.likeness or REASONS["same-name"]}
    told = [words[doubt].replace("{same_as}", same_as) for doubt in person.doubts]
    mended = f": {person.proposal}?" if person.proposal else ""
    return "; ".join(told) + mended
