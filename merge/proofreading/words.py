"""A line of text -> its words, folded so that two writings of one name are the same words."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # Han
    (0xAC00, 0xD7A3),  # Hangul: titles and particles are written onto a name
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x20000, 0x3FFFF),  # Han, rare
)
"""Scripts in which a name stands in a sentence without spaces: each sign is a word of its own."""


class _Signs(dict[int, str]):
    """What is read for a character: itself, nothing, or a space. It fills itself."""

    def __missing__(self, code: int) -> str:
        self[code] = sign = _sign(code)
        return sign


def _sign(code: int) -> str:
    character = chr(code)
    category = unicodedata.category(character)
    if category == "Cf":  # marks of direction, joiners, soft hyphens
        return ""
    if category[0] not in "LMN":
        return " "
    return f" {character} " if any(a <= code <= z for a, z in _UNSPACED) else character


_SIGNS = _Signs()


@lru_cache(maxsize=20_000)
def words(line: str) -> tuple[str, ...]:
    """The words of a line: letters, marks and digits; case, width and punctuation do not count.

    Accents count: Jose is not José.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", line).casefold())
    return tuple(folded.translate(_SIGNS).split())
