"""Every text in a file: plain, Word, Excel, OpenDocument, PDF, RTF, and zips inside zips."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from merge.campaign.errand import UNWATCHED
from merge.disk import read_campaign_file
from merge.errors import StorageError
from merge.printing.libreoffice import pdf_words

_MOST = 100 << 20
"""Bytes of a file, and of a part of a zip; what is larger is told, not searched."""

_DEEPEST = 3
"""Zips inside each other."""


def bytes_of(path: Path) -> bytes | None:
    """Return a plain file's bytes; None where it is too large or cannot be opened."""
    try:
        is_read = path.is_file() and path.stat().st_size <= _MOST
        return read_campaign_file(path) if is_read else None
    except (OSError, StorageError):
        return None


_ENDS = re.compile(r"</?(?:\w+:)?(?:p|tc|tr|br|tab|cr|c|row|si|comment|h|li|td)(?:\s[^<>]*)?/?>")
"""Elements of Word's, Excel's and OpenDocument's files between which words do not go on."""

_TAG = re.compile(r"<[^<>]*>")

_RTF = re.compile(r"\\u(-?\d+) ?(?:\\'[0-9a-fA-F]{2}|\?)?|\\'([0-9a-fA-F]{2})|\\[a-z]+-?\d* ?|[{}]")

_OLE, _ENCRYPTED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")
_UTF_16 = b"\xff\xfe", b"\xfe\xff"
_CODINGS = "cp1252", "cp1251"
"""Of texts that Excel for Windows saves as they were saved of old."""

_RUN = re.compile("[^\x00-\x1f\x7f\ufffd]{4,}")
"""What is a text in a file that is none: what is shorter may be anything."""

_ODD_ZIP = zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError

_PACKED = (b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
"""How files begin that this program does not unpack."""


def texts_in(
    data: bytes,
    closed: list[str],
    inside: str = "",
    depth: int = 0,
    check: Callable[[], object] = UNWATCHED.check,
) -> Iterator[tuple[str, str]]:
    """Yield every text that a file holds, with the part of a zip that holds it, else nothing.

    What cannot be looked into is added to `closed`: a part, or nothing for the whole. `check` is
    called all the while, and may raise.
    """
    check()
    if data.startswith(b"PK"):
        yield from _texts_in_zip(data, closed, inside, depth, check)
    elif data.startswith(_PACKED) or (data.startswith(_OLE) and _ENCRYPTED in data):
        closed.append(inside)
    elif data.startswith(b"%PDF"):
        text = pdf_words(data, check)
        if not text.strip():
            closed.append(inside)  # a scan, or locked
        yield inside, text
        yield inside, _decoded(data)
    else:
        yield from ((inside, text) for text in _texts(data))


def _texts(data: bytes) -> Iterator[str]:
    if b"\0" in data and not data.startswith(_UTF_16):
        for text in (_decoded(data), *(data[at:].decode("utf-16-le", "replace") for at in (0, 1))):
            yield "\n".join(_RUN.findall(unescaped(text)))
        if data.startswith(_OLE):
            yield from ("\n".join(_RUN.findall(data.decode(c, "replace"))) for c in _CODINGS)
        return
    text = unescaped(_decoded(data))
    if _is_markup(data):
        yield html.unescape(_TAG.sub("", _ENDS.sub("\n", text)))
        text = html.unescape(_in_tags(text) if _is_xml(data) else text)
    yield text
    if "%" in text:
        yield unquote(text)
    if data.startswith(b"{\\rtf"):
        yield _RTF.sub(_rtf_character, data.decode("cp1252", errors="replace"))
    elif "\ufffd" in text:
        yield from (data.decode(coding, errors="replace") for coding in _CODINGS)


def unescaped(text: str) -> str:
    """Return text with the characters that JSON writes as their numbers."""
    if "\\u" not in text:
        return text
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def _rtf_character(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1]) % 65536)
    if found[2]:
        return bytes.fromhex(found[2]).decode("cp1252", errors="replace")
    return " " if found[0].startswith(("\\par", "\\tab", "\\line", "\\cell")) else ""


def _texts_in_zip(
    data: bytes, closed: list[str], inside: str, depth: int, check: Callable[[], object]
) -> Iterator[tuple[str, str]]:
    if depth == _DEEPEST:
        closed.append(inside)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield inside, archive.comment.decode(errors="replace")
            for member in archive.infolist():
                part = inside or member.filename
                yield part, member.filename
                if member.file_size > _MOST:
                    closed.append(part)
                    continue
                inner = archive.read(member)
                yield from texts_in(inner, closed, part, depth + 1, check)
    except _ODD_ZIP:
        closed.append(inside)
        yield inside, _decoded(data)


def theme_texts(workbook: Path) -> Iterator[str]:
    """Yield the texts of a workbook's theme: names of fonts and scripts, `Hans` and `Guru` too."""
    with suppress(*_ODD_ZIP), zipfile.ZipFile(workbook) as archive:
        for member in archive.infolist():
            if "/theme/" in member.filename and member.file_size <= _MOST:
                yield from _texts(archive.read(member))


def _in_tags(markup: str) -> str:
    """Return what stands in XML's tags: attributes, each a line, without short numbers; comments.

    Sizes and positions are no data of anybody's.
    """
    found = _ATTRIBUTE.findall(markup) + _COMMENT.findall(markup)
    return "\n".join(text for text in map(str, found) if not _SIZE.fullmatch(text))


_ATTRIBUTE = re.compile(r"""(?<==["'])[^"'<>]+(?=["'])""")
_COMMENT = re.compile(r"<!--[^<>]*")
_SIZE = re.compile(r"-?[\d.]{1,5}")


def _is_xml(data: bytes) -> bool:
    return b"xmlns" in data or data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml")


def _is_markup(data: bytes) -> bool:
    return data[:256].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0").startswith(b"<")


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF_16):
        return data.decode("utf-16", errors="replace")
    return data.decode(errors="replace")
