"""All texts in a file.

The types are: plain text, Word, Excel, OpenDocument, PDF, RTF, and zips inside zips.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from urllib.parse import unquote

from merge.campaign.task import NO_PROGRESS
from merge.disk import read_campaign_file
from merge.errors import StorageError
from merge.intake.decoding import BYTE_ORDER_MARKS, READ_AS, detect_utf_16
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


_TAGS = re.compile(r"(?:<[^<>]*>\s*)+")
_HEADER_CODE = re.compile("&amp;[LCR]")
"""Excel's codes for the left, the middle and the right of a header."""

_RTF = re.compile(r"\\u(-?\d+) ?(?:\\'[0-9a-fA-F]{2}|\?)?|\\'([0-9a-fA-F]{2})|\\[a-z]+-?\d* ?|[{}]")

_OLE = b"\xd0\xcf\x11\xe0"
_UNREAD_IN_OLE = "EncryptedPackage".encode("utf-16-le"), b"PK\3\4", b"%PDF"
"""Marks of documents that are encrypted or attached inside an OLE file."""
_DOCUMENT_PARTS = {"[Content_Types].xml", "mimetype"}
"""Parts that the zip of a document has, but no other zip."""
_SEARCHED_BINARIES = _OLE, b"\0\0\0\1Bud1", b"\0\5\x16\7"
_PICTURES = b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM"
"""First bytes of binary files that are not reported."""

_LEGACY_ENCODINGS = (
    *chain.from_iterable(READ_AS.values()),
    *("cp874", "cp1258", "cp932", "gb18030", "cp949", "big5"),
    *("iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "koi8-u", "cp737", "cp852", "cp857"),
    *("cp862", "mac_cyrillic", "mac_greek", "mac_latin2", "mac_turkish"),
)
"""Encodings of texts that are not valid UTF-8; each is tried."""

_ENCODED_TEXT = re.compile(
    rb"encoding[:=]\s*\"?(?:quoted-printable|base64|b\b)|=\?[\w-]+\?[qb]\?|^[dc]n:: ",
    re.IGNORECASE | re.MULTILINE,
)
"""Marks of encoded texts in emails, web archives and address books."""

_BINARY_TEXT = re.compile("[^\x00-\x1f\x7f\ufffd]{4,}")
"""A text inside a binary file; shorter ones may be anything."""

_ZIP_ERRORS = zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError

_UNREAD = b"SQLite format 3", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"
"""First bytes of archives and databases that this program does not read."""


_Found = tuple[str, list[str] | None]
"""The part of a zip, and what is found in it; None if it cannot be read."""


@dataclass(frozen=True)
class TextSearch:
    """A search of the texts in files, and of the parts of zips inside zips.

    `find` returns what it finds in a text. `check` is called repeatedly, and may raise. The results
    of parts are kept: many letters have the same styles and theme.
    """

    find: Callable[[str], Iterable[str]]
    check: Callable[[], object] = NO_PROGRESS.raise_if_cancelled
    _known_parts: dict[tuple[object, ...], list[_Found]] = field(default_factory=dict)

    def search(
        self, data: bytes, zip_part: str = "", depth: int = 0, *, in_document: bool = False
    ) -> Iterator[_Found]:
        """Yield what is found in a file, with the part of a zip that has it.

        The part is empty for the file itself. What cannot be read has None. The zip of a document
        may have pictures, fonts and settings of printers, which are not reported.
        """
        self.check()
        if data.startswith(b"PK"):
            yield from self._search_zip(data, zip_part, depth)
            return
        is_readable = True
        if data.startswith(b"%PDF"):
            text = pdf_text(data, self.check)
            is_readable = bool(text.strip())  # not if it is scanned or encrypted
            yield zip_part, [*self.find(text)]
        elif data.startswith(_UNREAD) or (
            data.startswith(_OLE) and any(mark in data for mark in _UNREAD_IN_OLE)
        ):
            is_readable = False
        elif not _text_encodings(data):
            is_readable = in_document or data.startswith(_SEARCHED_BINARIES + _PICTURES)
        elif not _is_markup(data):
            is_readable = not _ENCODED_TEXT.search(data)
        yield zip_part, self._found_in(data)
        if not is_readable:
            yield zip_part, None

    def _search_zip(self, data: bytes, zip_part: str, depth: int) -> Iterator[_Found]:
        if depth == _MAX_NESTED_ZIPS:
            yield zip_part, None
            return
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield zip_part, self._found_in(archive.comment)
                in_document = not _DOCUMENT_PARTS.isdisjoint(archive.namelist())
                for member in archive.infolist():
                    part = zip_part or member.filename
                    key = member.filename, zip_part, depth, in_document, _packed_hash(data, member)
                    if key not in self._known_parts:
                        name = member.filename.encode()
                        old_name = member.filename.encode("cp437", errors="replace")
                        found: list[_Found] = [(part, self._found_in(name + b"\n" + old_name))]
                        if member.file_size > _MAX_BYTES or name.endswith(b".iwa"):  # Pages
                            found.append((part, None))
                        else:
                            inner = archive.read(member)
                            found += self.search(inner, part, depth + 1, in_document=in_document)
                        self._known_parts[key] = found
                    yield from self._known_parts[key]
        except _ZIP_ERRORS:
            yield zip_part, None
            yield zip_part, self._found_in(data)

    def _found_in(self, data: bytes) -> list[str]:
        return [found for text in _possible_texts(data) if text for found in self.find(text)]


def _packed_hash(archive: bytes, member: zipfile.ZipInfo) -> bytes:
    """Return a hash of a part as it is in a zip; it is not unpacked."""
    lengths = archive[member.header_offset + 26 : member.header_offset + 30]  # of name and more
    name, more = int.from_bytes(lengths[:2], "little"), int.from_bytes(lengths[2:], "little")
    begin = member.header_offset + 30 + name + more
    return hashlib.blake2b(archive[begin : begin + member.compress_size], digest_size=16).digest()


def find_texts(
    data: bytes, check: Callable[[], object] = NO_PROGRESS.raise_if_cancelled
) -> Iterator[str]:
    """Yield every text in a file; `check` is called repeatedly, and may raise."""
    for _, texts in TextSearch(lambda text: [text], check).search(data):
        yield from texts or ()


def _possible_texts(data: bytes) -> Iterator[str]:
    """Yield the texts that bytes may be, in each encoding that they may have."""
    encodings = _text_encodings(data)
    if not encodings:
        more = _LEGACY_ENCODINGS if data.startswith(_OLE) else READ_AS["utf-16"]
        for encoding in ("utf-8", *more):
            for begin in (0, 1) if encoding.startswith("utf-16") else (0,):
                text = unescape_json(data[begin:].decode(encoding, errors="replace"))
                yield "\n".join(_BINARY_TEXT.findall(text))
        return
    if data.startswith(b"{\\rtf"):
        source = data.decode("latin-1")
        yield source
        text = _RTF.sub(_rtf_character, source)
        yield text
        data = text.encode("latin-1", errors="replace")
        encodings = _text_encodings(data)
    for encoding in encodings:
        text = unescape_json(data.decode(encoding, errors="replace"))
        if _is_markup(data):
            text = _HEADER_CODE.sub(" ", text)
            yield html.unescape(_TAGS.sub("\n", text))
            text = html.unescape(_attribute_texts(text) if _is_xml(data) else text)
        yield text
        if "%" in text:
            yield unquote(text)


def _text_encodings(data: bytes) -> Sequence[str]:
    """Return the encodings that a text may have; none for binary data."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), "")
    if b"\0" in data and not (encoding or data.startswith(_SEARCHED_BINARIES)):
        encoding = detect_utf_16(data)
    if encoding or b"\0" in data:
        return [encoding] if encoding else []
    try:
        data.decode()
    except UnicodeDecodeError:
        return ["utf-8", *_LEGACY_ENCODINGS]
    return ["utf-8"]


def unescape_json(text: str) -> str:
    """Return text with JSON's escaped characters replaced."""
    if "\\u" not in text:
        return text
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


def _rtf_character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1]) % 65536)
    if match[2]:
        return chr(int(match[2], 16))
    return " " if match[0].startswith(("\\par", "\\tab", "\\line", "\\cell")) else ""


def _attribute_texts(markup: str) -> str:
    """Return the attribute values and comments of XML, each on its own line.

    Short numbers are omitted: sizes and positions are not personal data. Scripts of fonts are too:
    `Hans` is one.
    """
    return "\n".join(_ATTRIBUTE.findall(markup) + _COMMENT.findall(markup))


_ATTRIBUTE = re.compile(r"""(?<! script)=["'](?!-?[\d.]{1,5}["'])([^"'<>]+)(?=["'])""")
_COMMENT = re.compile(r"<!--[^<>]*")


def _is_xml(data: bytes) -> bool:
    return b"xmlns" in data or data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml")


def _is_markup(data: bytes) -> bool:
    return data[:256].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0").startswith(b"<")
