"""Fold texts, so that two spellings that count as one become equal.

No other module folds text.

| function        | what does not count                                       | used for          |
|-----------------|-----------------------------------------------------------|-------------------|
| `folded`        | case, width, spaces, invisible characters                 | names, cells      |
| `folded_words`  | the same, and punctuation; the result is a list of words  | lines of letters  |
| `plain_letters` | the same as `folded`, accents, kinds of apostrophes       | words of a list   |
| `skeleton`      | accents, spaces, signs; similar letters are one           | who is who        |
| `unaccented`    | case, width, accents, invisible characters; it is fast    | searches in files |
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
"""Unicode's category Cf, and variation selectors.

Cf has direction marks, joiners and soft hyphens.
"""

UNSPACED_SCRIPTS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u30ff"  # Hiragana, Katakana
    "\u3400-\u9fff"  # Han
    "\uac00-\ud7a3"  # Hangul: titles and particles are written onto a name
    "\uf900-\ufaff"  # Han, compatibility
    "\U00020000-\U0003ffff"  # Han, rare
)
"""Scripts without spaces between words, as ranges of a pattern."""
_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED_SCRIPTS}]")


def composed(text: str) -> str:
    """Return text in NFC, in which each accent is part of its letter.

    Windows writes it like this, and Macs do not. Nothing is folded: the text looks the same.
    """
    return unicodedata.normalize("NFC", text)


def folded(text: str, *, keep_case: bool = False) -> str:
    """Return text for comparing names: case, width and spaces do not count."""
    if text.isascii():
        return " ".join((text if keep_case else text.lower()).split())
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if not keep_case:
        visible = unicodedata.normalize("NFKC", visible.casefold())
    return " ".join(visible.split())


@lru_cache(1 << 8)
def plain_letters(text: str) -> str:
    """Return text for comparing words: case and accents do not count.

    Extra spaces do not count either. Curly apostrophes become straight. Vowel signs, in scripts of
    India for example, are not accents.
    """
    if text.isascii():
        return folded(text)
    apart = unicodedata.normalize("NFKD", folded(text))
    return apart.translate(_ACCENT_REMOVAL)


BASIC_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
"""Letters that Unicode does not decompose, with what people type."""


class _AccentRemovalTable(dict[int, str | None]):
    """A table for `str.translate` that removes accents.

    Each character is looked up once.
    """

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        is_accent = unicodedata.combining(letter) or letter == "ـ"  # lengthens Arabic words
        return self.setdefault(code, None if is_accent else letter)


_ACCENT_REMOVAL = _AccentRemovalTable(dict.fromkeys(map(ord, "’‘ʼ"), "'"))


def unaccented(text: str) -> str:
    """Return text for searching: case, accents and width do not count.

    Spaces and signs are kept. Vowel signs are too, in scripts of India for example.
    """
    if text.isascii():
        return text.lower()
    apart = _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
    for code, letters in BASIC_LETTERS.items():
        apart = apart.replace(chr(code), letters)
    return apart


_MARKS = re.compile("[\u0300-\u036f\u00ad\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060\ufeff]")
"""Accents, Arabic vowel signs, and frequent invisible characters."""


@lru_cache(maxsize=1 << 14)
def skeleton(text: str) -> str:
    """Return text without case, accents, spaces and signs.

    Letters that look the same become equal. In scripts of India and similar ones, signs are kept,
    because vowels are signs there. A text without letters and digits is returned unchanged.
    """
    if text.isascii():
        return "".join(filter(str.isalnum, text.lower())) or text
    characters, has_accents = [], False
    for character in unicodedata.normalize("NFKD", folded(text)):
        if character.isalnum():
            has_accents = script_of(character) in {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW"}
            characters.append(character)
        elif unicodedata.category(character)[0] == "M" and not has_accents:
            characters.append(character)
    return "".join(characters).translate(_LOOKALIKES) or text


_LOOKALIKES = str.maketrans("авекмнорстухіјѕԁةىیک", "abekmhopctyxijsdهييك")
"""Letters that look like another letter, and that letter.

Cyrillic small letters that look like Latin ones, and Arabic letters that the same people write in
two ways.
"""


@lru_cache(maxsize=4096)
def script_of(letter: str) -> str:
    """Return the script of a letter by its Unicode name, or an empty text."""
    return unicodedata.name(letter, "").partition(" ")[0]


@lru_cache(maxsize=20_000)
def folded_words(line: str) -> tuple[str, ...]:
    """Return the words of a line: letters, marks and digits.

    Case, width and punctuation do not count. Accents count: Jose is not José. In a script without
    spaces, each character is a word.
    """
    return tuple(folded(line).translate(_WORD_CHARACTERS).split())


class _WordCharacterTable(dict[int, str]):
    """A table for `str.translate`: a character itself, or a space.

    It fills itself.
    """

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if unicodedata.category(sign)[0] not in "LMN":
            sign = " "
        elif _UNSPACED_CHARACTER.match(sign):
            sign = f" {sign} "
        self[code] = sign
        return sign


_WORD_CHARACTERS = _WordCharacterTable()
