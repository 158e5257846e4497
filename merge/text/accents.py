"""Repair broken accents.

They come from UTF-8 that was read in a code page before the file was created.
"""

from __future__ import annotations

import re

_MISREAD = ("cp1252", "cp1251", "cp1250", "mac_roman")
_FEWEST_LETTERS = 3
_BESIDE_ASCII = re.compile("[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")
_SMALL_WITHIN_CAPITALS = re.compile("[A-Z][\xe0-\xff][A-Z]")
"""A small letter between capitals, which is a sign of a wrong repair.

`BĂŞESCU` is correct but would be repaired to such a text. `STRAßE` does not count: it is written
so.
"""
_LATIN = re.compile("[\xaa\xba\xc0-\u017f\u01a1\u01af\u01b0\u0218-\u021b\u1e00-\u1eff]")
_SCRIPTS = tuple(
    map(
        re.compile,
        (
            "[\u0386-\u03ce]",
            "[\u0400-\u045f\u0490\u0491]",
            "[\u05d0-\u05ea\u05f3]",
            "[\u0621-\u0652\u067e\u0686\u0698\u06a9\u06af\u06cc]",
        ),
    )
)
"""Letters of names in other scripts, which are not beside Latin ones."""
_PUNCTUATION = re.compile("[\xa0-\xa9\xab-\xb9\xbb-\xbf\u2010-\u2026\u20ac\u2116\u2122\ufffd]")


def _byte_pair_pattern(encoding: str) -> str:
    """Return a regex for two characters that may be one misread letter.

    They may be two bytes of UTF-8.
    """
    first, second = (
        bytes(r).decode(encoding, "ignore") for r in (range(0xC2, 0xF5), _CONTINUATION_BYTES)
    )
    return f"[{re.escape(first)}][{re.escape(second)}\x80-\x9f]"


_CONTINUATION_BYTES = range(0x80, 0xC0)
_SUSPECT = re.compile("|".join(map(_byte_pair_pattern, _MISREAD)))


def repair_accents(text: str) -> str:
    """Return text with repaired accents, or an empty text if none is broken.

    A letter becomes a question mark if one of its bytes was lost.
    """
    if text.isascii() or not _SUSPECT.search(text):
        return ""
    for encoding in _MISREAD:
        try:
            repaired = _original_bytes(text, encoding).decode("utf-8", "replace")
        except UnicodeEncodeError:
            continue
        is_cyrillic = encoding == "cp1251" and not _BESIDE_ASCII.search(text)
        least = (
            _FEWEST_LETTERS if is_cyrillic else 1
        )  # or the Ukrainian word for no would become one letter
        if _is_plausible(repaired, least):
            return repaired.replace("\ufffd", "?")
    return ""


def _original_bytes(text: str, encoding: str) -> bytes:
    """Return the bytes that a text has in a code page.

    Bytes that the code page does not have are control characters in the text.
    """
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        pieces = (c.encode("latin-1") if "\x80" <= c < "\xa0" else c.encode(encoding) for c in text)
        return b"".join(pieces)


def _is_plausible(text: str, least: int) -> bool:
    """Return whether text with repaired accents is plausible.

    Its letters are of one script, and its punctuation is that of books.
    """
    letters = [c for c in text if not c.isascii() and not _PUNCTUATION.match(c)]
    losses = text.count("\ufffd")
    count = len(letters) or (len(text) - len(text.encode("ascii", "ignore")) - losses)
    if (
        losses > 1
        or count < (_FEWEST_LETTERS if losses else least)
        or _SMALL_WITHIN_CAPITALS.search(text)
    ):
        return False
    scripts = _SCRIPTS if not letters or not _BESIDE_ASCII.search(text) else ()
    return any(all(map(script.match, letters)) for script in (_LATIN, *scripts))
