"""All texts in a file.

The types are: plain text, Word, Excel, OpenDocument, PDF, RTF, and zips inside zips.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from merge.campaign.task import NO_PROGRESS
from merge.disk import read_campaign_file
from merge.errors import StorageError
from merge.printing.libreoffice import pdf_text

_MAX_BYTES = 100 << 20
"""Most bytes of a file and of a part of a zip.

Larger ones are reported, not searched.
"""

_MAX_NESTED_ZIPS = 3
"""Most zips inside each other."""


def read_limited(path: Path) -> bytes | None:
    """Return the bytes of a plain file, up to a limit of size.

    Return None if it is too large or cannot be opened.
    """
    try:
        is_read = path.is_file() and path.stat().st_size <= _MAX_BYTES
        return read_campaign_file(path) if is_read else None
    except (OSError, StorageError):
        return None


_WORD_SEPARATORS = re.compile(
    r"</?(?:(?:dc|cp|meta):[\w-]+|Company|Manager"
    r"|(?:\w+:)?(?:p|tc|tr|br|tab|cr|c|row|si|comment|h|li|td))(?:\s[^<>]*)?/?>"
)
"""Elements that separate words in Word, Excel and OpenDocument files.

Among them are the properties under *File* > *Info*, such as the author.
"""

_TAG = re.compile(r"<[^<>]*>")

_RTF = re.compile(r"\\u(-?\d+) ?(?:\\'[0-9a-fA-F]{2}|\?)?|\\'([0-9a-fA-F]{2})|\\[a-z]+-?\d* ?|[{}]")

_OLE, _ENCRYPTED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")
_UTF_16 = b"\xff\xfe", b"\xfe\xff"
_OLD_ENCODINGS = "cp1252", "cp1251"
"""Encodings of texts that older versions of Excel for Windows saved."""

_BINARY_TEXT = re.compile("[^\x00-\x1f\x7f\ufffd]{4,}")
"""A text inside a binary file; shorter ones may be anything."""

_ZIP_ERRORS = zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError

_ARCHIVE_SIGNATURES = (b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
"""First bytes of archives that this program does not unpack."""


def find_texts(
    data: bytes,
    unreadable: list[str],
    zip_part: str = "",
    depth: int = 0,
    check: Callable[[], object] = NO_PROGRESS.raise_if_cancelled,
) -> Iterator[tuple[str, str]]:
    """Yield every text in a file, with the part of a zip that has the text.

    The part is empty for the file itself. What cannot be read is added to `unreadable`: a part of a
    zip, or an empty text for the whole file. `check` is called repeatedly, and may raise.
    """
    check()
    if data.startswith(b"PK"):
        yield from _texts_in_zip(data, unreadable, zip_part, depth, check)
    elif data.startswith(_ARCHIVE_SIGNATURES) or (data.startswith(_OLE) and _ENCRYPTED in data):
        unreadable.append(zip_part)
    elif data.startswith(b"%PDF"):
        text = pdf_text(data, check)
        if not text.strip():
            unreadable.append(zip_part)  # scanned or encrypted
        yield zip_part, text
        yield zip_part, _decode(data)
    else:
        yield from ((zip_part, text) for text in _decoded_texts(data))


def _decoded_texts(data: bytes) -> Iterator[str]:
    if b"\0" in data and not data.startswith(_UTF_16):
        for text in (_decode(data), *(data[at:].decode("utf-16-le", "replace") for at in (0, 1))):
            yield "\n".join(_BINARY_TEXT.findall(unescape_json(text)))
        if data.startswith(_OLE):
            yield from (
                "\n".join(_BINARY_TEXT.findall(data.decode(c, "replace"))) for c in _OLD_ENCODINGS
            )
        return
    text = unescape_json(_decode(data))
    if _is_markup(data):
        yield html.unescape(_TAG.sub("", _WORD_SEPARATORS.sub("\n", text)))
        text = html.unescape(_attribute_texts(text) if _is_xml(data) else text)
    yield text
    if "%" in text:
        yield unquote(text)
    if data.startswith(b"{\\rtf"):
        yield _RTF.sub(_rtf_character, data.decode("cp1252", errors="replace"))
    elif "\ufffd" in text:
        yield from (data.decode(coding, errors="replace") for coding in _OLD_ENCODINGS)


def unescape_json(text: str) -> str:
    """Return text with JSON's escaped characters replaced."""
    if "\\u" not in text:
        return text
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


def _rtf_character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1]) % 65536)
    if match[2]:
        return bytes.fromhex(match[2]).decode("cp1252", errors="replace")
    return " " if match[0].startswith(("\\par", "\\tab", "\\line", "\\cell")) else ""


def _texts_in_zip(
    data: bytes, unreadable: list[str], zip_part: str, depth: int, check: Callable[[], object]
) -> Iterator[tuple[str, str]]:
    if depth == _MAX_NESTED_ZIPS:
        unreadable.append(zip_part)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield zip_part, archive.comment.decode(errors="replace")
            for member in archive.infolist():
                part = zip_part or member.filename
                yield part, member.filename
                if member.file_size > _MAX_BYTES:
                    unreadable.append(part)
                    continue
                inner = archive.read(member)
                yield from find_texts(inner, unreadable, part, depth + 1, check)
    except _ZIP_ERRORS:
        unreadable.append(zip_part)
        yield zip_part, _decode(data)


def theme_texts(workbook: Path) -> Iterator[str]:
    """Yield the texts of a workbook's theme.

    They are names of fonts and scripts, such as `Hans` and `Guru`.
    """
    with suppress(*_ZIP_ERRORS), zipfile.ZipFile(workbook) as archive:
        for member in archive.infolist():
            if "/theme/" in member.filename and member.file_size <= _MAX_BYTES:
                yield from _decoded_texts(archive.read(member))


def _attribute_texts(markup: str) -> str:
    """Return the attribute values and comments of XML, each on its own line.

    Short numbers are omitted: sizes and positions are not personal data.
    """
    texts = _ATTRIBUTE.findall(markup) + _COMMENT.findall(markup)
    return "\n".join(text for text in map(str, texts) if not _SIZE.fullmatch(text))


_ATTRIBUTE = re.compile(r"""(?<==["'])[^"'<>]+(?=["'])""")
_COMMENT = re.compile(r"<!--[^<>]*")
_SIZE = re.compile(r"-?[\d.]{1,5}")


def _is_xml(data: bytes) -> bool:
    return b"xmlns" in data or data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml")


def _is_markup(data: bytes) -> bool:
    return data[:256].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0").startswith(b"<")


def _decode(data: bytes) -> str:
    if data.startswith(_UTF_16):
        return data.decode("utf-16", errors="replace")
    return data.decode(errors="replace")
