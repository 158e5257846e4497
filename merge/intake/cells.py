"""A cell's text as it stands in an export -> tidy, and as it was meant where its accents broke."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from merge.intake.model import ExportRow
from merge.text.folding import composed

_ENTITY = re.compile("&(?:amp|lt|gt|quot|apos|nbsp|#0?39|#34);")
_MASK = re.compile(r"'(?=[=+\-@])")
"""What exporting programs put before a text that Excel would take for a formula."""
_GAP = re.compile("(?<=\\S)  +(?=\\S)")
_DIRECTION = "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Marks of direction, and what has no width: Unicode 16, 23.2."""
_ENDS = _DIRECTION + " \t\xa0"

FIRST_ROWS = 40
"""Among these the headings stand; they are kept letter by letter as well."""


def export_row(
    number: int, texts: Iterable[str], *, is_hidden: bool = False, is_misquoted: bool = False
) -> ExportRow:
    """Return a row with its cells tidied, and what tidying would lose beside them."""
    cells: list[str] = []
    mended: dict[int, str] = {}
    spaced: dict[int, str] = {}
    originals = [*texts]
    for column, text in enumerate(originals):
        if text.isascii() and text.isprintable() and _is_plain(text):
            cells.append(text)
            continue
        right = mended_text(text)  # first: à is Ã and a no-break space there
        if right:
            mended[column] = tidy(right)
        shown = _without_masks(text)
        cells.append(tidy(shown))
        if "  " in shown and _GAP.search(shown):
            spaced[column] = _tidy_lines(_GAP.sub("\0", shown)).replace("\0", "  ")
    typed = dict[int, str]()
    if number <= FIRST_ROWS:
        typed = {n: t for n, t in enumerate(originals) if t != cells[n]}
    rest = (mended, spaced, typed) if mended or spaced or typed else ()
    return ExportRow(number, tuple(cells), is_hidden, is_misquoted, *rest)


def _is_plain(text: str) -> bool:
    """Return whether nothing is to be tidied in a text of printable ASCII."""
    if not text:
        return True
    ends = text[0] + text[-1]
    return " " not in ends and "  " not in text and "&" not in text and text[0] != "'"


def tidy(text: str) -> str:
    """Return a cell's text composed (NFC), without masks, spare spaces and marks at its ends."""
    return _tidy_lines(_without_masks(text))


def _without_masks(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    inner = text.lstrip(_ENDS)
    return inner[1:] if _MASK.match(inner) else text


def _tidy_lines(text: str) -> str:
    lines = composed(text).splitlines()
    kept = [" ".join(line.strip(_ENDS).split()).strip(_ENDS) for line in lines]
    return "\n".join(kept).strip("\n")


# UTF-8 that was read as a code page, before the export was made.

_MISREAD = ("cp1252", "cp1251", "cp1250", "mac_roman")
_FEW = 3
_BESIDE = re.compile("[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")
_SMALL_WITHIN = re.compile("[A-Z][\xdf-\xff][A-Z]")
"""As what `BĂŞESCU` would be, which is right as it stands."""
_LATIN = re.compile("[\xaa\xba\xc0-\u017f\u0218-\u021b\u1e9e]")
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
_MARKS = re.compile("[\xa0-\xa9\xab-\xb9\xbb-\xbf\u2010-\u2026\u20ac\u2116\u2122\ufffd]")


def _pairs(encoding: str) -> str:
    """Return a pattern of two characters that may be two bytes of UTF-8 in a code page."""
    first, second = (bytes(r).decode(encoding, "ignore") for r in (range(0xC2, 0xF5), _FOLLOWING))
    return f"[{re.escape(first)}][{re.escape(second)}\x80-\x9f]"


_FOLLOWING = range(0x80, 0xC0)
_SUSPECT = re.compile("|".join(map(_pairs, _MISREAD)))


def mended_text(text: str) -> str:
    """Return text whose accents are broken as it was meant; empty where they are not.

    A letter of which a byte was lost on the way is a question mark.
    """
    if text.isascii() or not _SUSPECT.search(text):
        return ""
    for encoding in _MISREAD:
        try:
            meant = _bytes(text, encoding).decode("utf-8", "replace")
        except UnicodeEncodeError:
            continue
        is_cyrillic = encoding == "cp1251" and not _BESIDE.search(text)
        least = _FEW if is_cyrillic else 1  # the Ukrainian word for no would be one letter
        if _is_meant(meant, least):
            return meant.replace("\ufffd", "?")
    return ""


def _bytes(text: str, encoding: str) -> bytes:
    """Return the bytes that were read so; those that the code page lacks are control characters."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        pieces = (c.encode("latin-1") if "\x80" <= c < "\xa0" else c.encode(encoding) for c in text)
        return b"".join(pieces)


def _is_meant(text: str, least: int) -> bool:
    """Return whether text that was mended is one: letters of one script, marks as in books."""
    letters = [c for c in text if not c.isascii() and not _MARKS.match(c)]
    lost = text.count("\ufffd")
    found = len(letters) or (len(text) - len(text.encode("ascii", "ignore")) - lost)
    if lost > 1 or found < (_FEW if lost else least) or _SMALL_WITHIN.search(text):
        return False
    scripts = _SCRIPTS if not letters or not _BESIDE.search(text) else ()
    return any(all(map(script.match, letters)) for script in (_LATIN, *scripts))
