"""The character encoding of a text: byte order mark, UTF-8, or a guess.

A text that has no byte order mark and is not UTF-8 is never certain. Up to four encodings are
returned, so that staff can choose the one in which names are spelled correctly.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from types import MappingProxyType

from merge import messages
from merge.errors import FaultError, UsageError
from merge.naming import nearest_word

READ_AS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "western": ("cp1252",),
        "central": ("cp1250", "iso8859-2"),
        "cyrillic": ("cp1251", "koi8-r"),
        "greek": ("cp1253",),
        "turkish": ("cp1254",),
        "hebrew": ("cp1255",),
        "arabic": ("cp1256",),
        "baltic": ("cp1257",),
        "mac": ("mac-roman",),
        "dos": ("cp850", "cp866"),
        "utf-8": ("utf-8",),
        "utf-16": ("utf-16-le", "utf-16-be"),
    }
)
"""The words of `--read-as`, with the encodings that each may mean."""


def encoding_name(word: str) -> str:
    """Return a word of `--read-as` as in a sentence: `Cyrillic`, `DOS`."""
    return word.upper() if word == "dos" or word.startswith("utf") else word.capitalize()


_WORD_BY_ENCODING = {page: word for word, pages in READ_AS.items() for page in pages}
_CODE_PAGES = tuple(page for page in _WORD_BY_ENCODING if not page.startswith("utf"))
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; that of UTF-32 begins with that of UTF-16."""

_MAX_READINGS = 4
_SAMPLE_SIZE = 1 << 16
"""Bytes of non-ASCII lines from which a code page is guessed."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class DetectedEncoding:
    """The likeliest encoding of an export, and words for all possible ones.

    The encoding has Python's name.
    """

    encoding: str
    readings: tuple[str, ...] = ()


def detect_decoding(data: bytes, read_as: str = "") -> DetectedEncoding:
    """Return the encoding of a text; `read_as` is the word that staff chose.

    A byte order mark is certain. Raise FaultError if `read_as` is unknown.
    """
    if read_as and read_as not in READ_AS:
        raise _unknown_reading_error(read_as)
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return DetectedEncoding(encoding)
    utf_16 = detect_utf_16(data)
    if read_as:
        return DetectedEncoding(_encoding_for_word(data, read_as, utf_16))
    if utf_16:
        return DetectedEncoding(utf_16, ("utf-16",))
    valid, broken = _count_utf_8_characters(data)
    if not broken:
        return DetectedEncoding("utf-8")
    guesses = _guess_code_pages(data, _CODE_PAGES)
    if valid > 2 * broken:  # such byte sequences are very rare in other encodings
        guesses.insert(0, "utf-8")
    guesses = guesses[:_MAX_READINGS] or ["cp1252"]
    return DetectedEncoding(
        guesses[0], tuple(dict.fromkeys(_WORD_BY_ENCODING[page] for page in guesses))
    )


def text_lines(data: bytes, encoding: str, longest: int) -> Iterator[str]:
    """Yield a text's lines with their ends, at most `longest` characters each.

    Bytes that cannot be decoded become U+FFFD.
    """
    text = io.TextIOWrapper(io.BytesIO(data), encoding, errors="replace", newline="")
    return iter(partial(text.readline, longest), "")


def _unknown_reading_error(word: str) -> FaultError:
    suggestion = nearest_word(word, READ_AS)
    words = ", ".join(READ_AS)
    fault = messages.fault(
        "form-read-as", word=word, near=suggestion or None, words=None if suggestion else words
    )
    return FaultError(fault, UsageError)


def _encoding_for_word(data: bytes, word: str, utf_16: str) -> str:
    """Return the encoding of a word that fits the bytes best."""
    first, *others = READ_AS[word]
    if word == "utf-16":
        return utf_16 or first
    return next(iter(_guess_code_pages(data, (first, *others))), first) if others else first


# Unicode without a byte order mark.


def detect_utf_16(data: bytes) -> str:
    """Return the UTF-16 encoding of bytes without a mark, or an empty text.

    Nearly all zeros must be in every other place.
    """
    head = data[: _SAMPLE_SIZE & ~1]
    zeros = head[::2].count(0), head[1::2].count(0)
    if len(data) % 2 or sum(zeros) * 50 < len(head) or min(zeros) * 20 > max(zeros):
        return ""
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"


def _count_utf_8_characters(data: bytes) -> tuple[int, int]:
    """Return the number of non-ASCII characters in UTF-8, and of broken ones."""
    if data.isascii():
        return 0, 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    beyond = broken = 0
    for at in range(0, len(data), _CHUNK):
        text = decoder.decode(data[at : at + _CHUNK], final=at + _CHUNK >= len(data))
        if not text.isascii():
            broken += text.count("\ufffd")
            beyond += len(text) - len(text.encode("ascii", "ignore"))
    broken -= min(broken, data.count("\ufffd".encode()))  # these are in the file itself
    return beyond - broken, broken


# Code pages: chardet estimates them by language; here, what is odd in a name counts too.

_CP1252_WEIGHT = 1.15
"""Factor by which Windows-1252 is likelier than a similar code page.

It applies if both have the same letters, and is from experience."""
_ODD_CHARACTERS = re.compile(
    "[\x80-\x9f\u2500-\u259f]"  # control characters, lines and boxes of DOS
    "|[^\\W\\d_][¡-©«-¹»-¿×÷ˆ˘-˝€†‡•‰™Ω∂∆∏∑√∞∫≈≠≤≥◊]+[^\\W\\d_]"  # a sign in a word
    "|[^\\W\\d_][¡¢¤-©¬®-±´¸¿×÷ˆˇ˘-˝‚„†‡•‰√∞]"  # a sign that no word ends with
)


def _guess_code_pages(data: bytes, pages: tuple[str, ...]) -> list[str]:
    """Return code pages that give different texts, the likeliest first."""
    import chardet  # noqa: PLC0415 - few exports need it

    sample = _sample_lines(data)
    if not sample:
        return []
    guesses: list[tuple[float, str, str]] = []
    for guess in chardet.detect_all(
        sample,
        ignore_threshold=True,
        compat_names=False,
        include_encodings=pages,
        no_match_encoding=pages[0],
        empty_input_encoding=pages[0],
    ):
        page = str(guess["encoding"])
        try:
            text = sample.decode(page)
        except (UnicodeDecodeError, LookupError):
            continue
        if page in pages:
            weight = _CP1252_WEIGHT if page == "cp1252" else 1
            guesses.append((guess["confidence"] * weight / (1 + _count_oddities(text)), page, text))
    guesses.sort(key=lambda guess_of_page: (-guess_of_page[0], pages.index(guess_of_page[1])))
    by_text: dict[str, str] = {}
    for _, page, text in guesses:
        by_text.setdefault(text, page)
    return list(by_text.values())


def _count_oddities(text: str) -> int:
    """Return the number of places in a text that no name would have.

    These are signs in words, and capitals after small letters.
    """
    inner = sum(a.islower() and b.isupper() and not (a + b).isascii() for a, b in pairwise(text))
    return inner + len(_ODD_CHARACTERS.findall(text))


def _sample_lines(data: bytes) -> bytes:
    """Return the first different lines that are not ASCII."""
    lines = io.BytesIO(data)
    samples: dict[bytes, None] = {}
    remaining = _SAMPLE_SIZE
    while remaining > 0 and (line := lines.readline(_SAMPLE_SIZE)):
        if not line.isascii() and line not in samples:
            samples[line] = None
            remaining -= len(line)
    return b"\n".join(samples)
