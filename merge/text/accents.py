"""Broken accents: UTF-8 that was read as a code page, before a file was made -> as it was meant."""

from __future__ import annotations

import re

_MISREAD = ("cp1252", "cp1251", "cp1250", "mac_roman")
_FEWEST_LETTERS = 3
_BESIDE_ASCII = re.compile("[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")
_SMALL_WITHIN_CAPITALS = re.compile("[A-Z][\xe0-\xff][A-Z]")
"""As what `BĂŞESCU` would be, which is right as it stands; but `STRAßE` is written so."""
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
"""Letters of names in other scripts, which do not touch Latin ones."""
_PUNCTUATION = re.compile("[\xa0-\xa9\xab-\xb9\xbb-\xbf\u2010-\u2026\u20ac\u2116\u2122\ufffd]")


def _byte_pair_pattern(encoding: str) -> str:
    """Return a pattern of two characters that may be two bytes of UTF-8 in a code page."""
    first, second = (
        bytes(r).decode(encoding, "ignore") for r in (range(0xC2, 0xF5), _CONTINUATION_BYTES)
    )
    return f"[{re.escape(first)}][{re.escape(second)}\x80-\x9f]"


_CONTINUATION_BYTES = range(0x80, 0xC0)
_SUSPECT = re.compile("|".join(map(_byte_pair_pattern, _MISREAD)))


def repair_accents(text: str) -> str:
    """Return text whose accents are broken as it was meant; empty where they are not.

    A letter of which a byte was lost on the way is a question mark.
    """
    if text.isascii() or not _SUSPECT.search(text):
        return ""
    for encoding in _MISREAD:
        try:
            meant = _original_bytes(text, encoding).decode("utf-8", "replace")
        except UnicodeEncodeError:
            continue
        is_cyrillic = encoding == "cp1251" and not _BESIDE_ASCII.search(text)
        least = (
            _FEWEST_LETTERS if is_cyrillic else 1
        )  # the Ukrainian word for no would be one letter
        if _is_plausible(meant, least):
            return meant.replace("\ufffd", "?")
    return ""


def _original_bytes(text: str, encoding: str) -> bytes:
    """Return the bytes that were read so; those that the code page lacks are control characters."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        pieces = (c.encode("latin-1") if "\x80" <= c < "\xa0" else c.encode(encoding) for c in text)
        return b"".join(pieces)


def _is_plausible(text: str, least: int) -> bool:
    """Return whether text that was mended is one: letters of one script, marks as in books."""
    letters = [c for c in text if not c.isascii() and not _PUNCTUATION.match(c)]
    lost = text.count("\ufffd")
    found = len(letters) or (len(text) - len(text.encode("ascii", "ignore")) - lost)
    if (
        lost > 1
        or found < (_FEWEST_LETTERS if lost else least)
        or _SMALL_WITHIN_CAPITALS.search(text)
    ):
        return False
    scripts = _SCRIPTS if not letters or not _BESIDE_ASCII.search(text) else ()
    return any(all(map(script.match, letters)) for script in (_LATIN, *scripts))
