"""Read an Office file's zip within size limits, or say why not.

The class of an error says who must act: see `FilePolicy`. Files are opened for reading only, and
closed at once.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.parsers.expat import ExpatError

from merge import messages
from merge.disk import OFFICE_OWNER_PREFIX, os_error_text, word_owner_file_names
from merge.errors import FaultError, MergeError, translate_errors
from merge.naming import nearest_word
from merge.problems import Fault, Place
from merge.text.folding import folded

MAX_FILE_BYTES = 50 << 20
"""Maximum size of a file in bytes.

The largest of 1,712 real Office files has 2.8 MB.
"""
FILE_LIMIT_EXCEEDED = "more than 50 MB"


def read_bytes(path: Path, policy: FilePolicy) -> bytes:
    """Return a file's bytes, if its size is within the limit.

    Raise FaultError if the file is missing, locked or too large.
    """
    codes = policy.code_prefix
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):  # Windows would report it as locked
            raise FaultError(messages.fault(f"{codes}-folder"), policy.missing_error_type)
        if not stat.S_ISREG(status.st_mode):
            raise FaultError(messages.fault(f"{codes}-unreadable/device"), policy.error_type)
        if status.st_size > MAX_FILE_BYTES:
            raise policy.too_large_error(FILE_LIMIT_EXCEEDED)
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise FaultError(_missing_file_fault(path, policy), policy.missing_error_type) from None
    except OSError as error:
        reason = os_error_text(error)
        raise FaultError(
            messages.fault(f"{codes}-locked", why=reason), policy.locked_error_type
        ) from None
    if _is_cut_off(data) and _is_being_saved(path, status.st_mtime):
        fault = messages.fault("file-being-saved", program=policy.program)
        raise FaultError(fault, policy.locked_error_type)
    return data


_ZIP, _ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
"""Start of a zip, and start of its end record.

The end record is written last (PKWARE APPNOTE 4.3.7, 4.3.16).
"""

_SAVING_SECONDS = 10
"""Seconds after a change in which a program may still be writing."""


def _is_cut_off(data: bytes) -> bool:
    """Return whether bytes are empty, or a zip without its end."""
    return not data or (data.startswith(_ZIP) and _ZIP_END not in data[-(1 << 16) - 22 :])


def _is_being_saved(path: Path, modified: float) -> bool:
    """Return whether a file was just written, or is open in a program."""
    owner_files = (path.with_name(name) for name in word_owner_file_names(path.name))
    return abs(time.time() - modified) < _SAVING_SECONDS or any(map(os.path.lexists, owner_files))


def _missing_file_fault(path: Path, policy: FilePolicy) -> Fault:
    """Return the fault of a missing file.

    It names a similar file, if there is one.
    """
    key, folder = policy.missing_key, str(path.parent)
    if path.parent.is_file():
        return messages.fault(f"{key}/below-file", folder=folder)
    if not path.parent.is_dir():
        return _missing_folder_fault(key, path.parent)
    folder = str(path.parent.resolve())
    similar = _similar_file(path, policy)
    if similar and similar.suffix.lower() in policy.extensions:
        return messages.fault(key, folder=folder, near=similar.name)
    if similar:
        return messages.fault(f"{key}/convertible", folder=folder, near=similar.name)
    folders = [*map(str, _folders_nearby(path))]
    if folders:
        return messages.fault(f"{key}/elsewhere", folder=folder, there=folders)
    return messages.fault(f"{key}/nowhere", folder=folder)


def _missing_folder_fault(key: str, folder: Path) -> Fault:
    """Return the fault of a missing folder.

    It names a similar folder, if there is one.
    """
    if similar := _similar_folder(folder):
        return messages.fault(f"{key}/near-folder", folder=str(folder), near=str(similar))
    return messages.fault(f"{key}/no-folder", folder=str(folder))


def _similar_folder(folder: Path) -> Path | None:
    """Return a folder of a similar name beside a missing folder, or None."""
    folders = {p.name: p for p in sorted(_folder_entries(folder.parent)) if p.is_dir()}
    return folders.get(nearest_word(folder.name, (n for n in folders if not n.startswith("."))))


def _folders_nearby(path: Path) -> list[Path]:
    """Return nearby folders that have a file of this name.

    These are folders in the same folder, or else the folder above.
    """
    folder = path.parent
    below = sorted(p for p in _folder_entries(folder) if not p.name.startswith("."))
    folders = [p for p in (*below, folder.resolve().parent) if (p / path.name).is_file()]
    return [p for p in folders if p in below] or folders


def _similar_file(path: Path, policy: FilePolicy) -> Path | None:
    """Return a file of a similar name in the same folder, or None.

    Only files of the program count. The name without its extension counts most.
    """
    endings = (*policy.extensions, *policy.convertible_extensions)
    files = [p for p in sorted(_folder_entries(path.parent)) if p.suffix.lower() in endings]
    by_stem: dict[str, Path] = {}
    for file in sorted(files, key=lambda p: p.suffix.lower() not in policy.extensions):
        if not file.name.startswith(OFFICE_OWNER_PREFIX):
            by_stem.setdefault(folded(file.stem), file)
    return by_stem.get(nearest_word(path.stem, by_stem))


def _folder_entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # a user may know a folder but not be allowed to list it
        return []


# The zip's parts within the size limits (ECMA-376 part 2; PKWARE APPNOTE).
#
# Sizes are measured while unpacking, because the zip's own directory cannot be trusted.


MAX_UNZIPPED_BYTES = 200 << 20
MAX_PART_BYTES = 64 << 20
MAX_MEMBERS = 5_000
"""Limits of an unpacked zip: all bytes, bytes of a part, number of parts.

The largest of 1,712 real Office files has 19.2 MB in all, 18.1 MB in a part and 356 parts.
"""

_CHUNK = 1 << 16
_COMPRESSION_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Compression methods that a package may use (ECMA-376 part 2, annex B).

Others could need gigabytes of memory before the first byte is unpacked.
"""

_DOCTYPE = b"<!DOCTYPE"
_DOCTYPE_16 = b"<\0!\0D\0O\0C\0T\0Y\0P\0E"
"""A DOCTYPE in UTF-16 of either byte order."""

_CHUNK_OVERLAP = len(_DOCTYPE_16) - 1
_XML_EXTENSIONS = (".xml", ".rels", ".vml", ".svg")


_STORED_BELOW = 1_000
"""Bytes below which a part is stored without compression.

Compression would gain less than the time that it takes.
"""


class ZipMember(NamedTuple):
    """A part of a zip, still compressed."""

    name: str
    method: int
    crc: int
    size: int
    raw: bytes

    @classmethod
    def from_data(cls, name: str, data: bytes) -> ZipMember:
        """Return a zip member with these bytes, compressed if that saves space."""
        if len(data) < _STORED_BELOW:
            return cls(name, zipfile.ZIP_STORED, crc32(data, 0), size=len(data), raw=data)
        return cls.from_deflated(name, deflate(data), data)

    @classmethod
    def from_deflated(cls, name: str, raw: bytes, data: bytes) -> ZipMember:
        """Return a zip member from bytes and the same bytes deflated."""
        return cls(name, zipfile.ZIP_DEFLATED, crc32(data, 0), size=len(data), raw=raw)

    @property
    def data(self) -> bytes:
        """The unpacked bytes; the size was checked when the package was read."""
        return self.raw if self.method == zipfile.ZIP_STORED else zlib.decompress(self.raw, -15)

    def chunks(self) -> Iterator[bytes]:
        """Yield the unpacked bytes in chunks.

        Raise BadZipFile or zlib.error if they are damaged.
        """
        if self.method == zipfile.ZIP_DEFLATED:
            return _inflate(self)
        return (self.raw[at : at + _CHUNK] for at in range(0, len(self.raw), _CHUNK))


class ZipArchive:
    """A zip whose parts were all unpacked once and measured.

    Raise FaultError if a part exceeds a limit; `most_part_bytes` is the limit of a single part.
    Names are matched without regard to case, as ECMA-376 part 2 requires and some programs need.
    """

    def __init__(
        self, data: bytes, policy: FilePolicy, most_part_bytes: int = MAX_PART_BYTES
    ) -> None:
        if policy.ignores_trailing_bytes:
            data = data[: _zip_length(data)]
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
        _check_directory(entries, data, policy)
        parts = (_packed_part(info, data) for info in entries if not info.is_dir())
        self.parts = tuple(part for part in parts if not _is_damaged_thumbnail(part))
        self._by_name = {part.name.lower(): part for part in self.parts}
        total, largest = 0, (0, "")
        for part in self.parts:
            size = _counted_size(part, policy, most_part_bytes)
            total, largest = total + size, max(largest, (size, part.name))
            if total > MAX_UNZIPPED_BYTES:
                reason = f"more than 200 MiB unpacked; the largest part is {largest[1]}"
                raise policy.too_large_error(reason, is_text=_is_xml(largest[1]))

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name

    def size(self, name: str) -> int:
        """Return the unpacked size of a part; raise KeyError if it is missing."""
        return self._by_name[name.lower()].size

    def read(self, name: str) -> bytes:
        """Return the bytes of a part; raise KeyError if it is missing."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part's bytes in chunks; raise KeyError if it is missing."""
        return self._by_name[name.lower()].chunks()


def _is_damaged_thumbnail(part: ZipMember) -> bool:
    """Return whether a part is a damaged thumbnail.

    Thumbnails are never read here, so the damage does not matter.
    """
    if not part.name.lower().startswith("docprops/thumbnail"):
        return False
    size = crc = 0
    try:
        for chunk in part.chunks():
            size, crc = size + len(chunk), crc32(chunk, crc)
            if size > part.size:
                return True
    except (zipfile.BadZipFile, zlib.error):
        return True
    return (size, crc) != (part.size, part.crc)


def _check_directory(infos: list[zipfile.ZipInfo], data: bytes, policy: FilePolicy) -> None:
    names = [i.orig_filename.lower() for i in infos]
    if len(names) > MAX_MEMBERS:
        raise policy.too_large_error("more than 5,000 parts")
    if any(i.flag_bits & 0x1 for i in infos):
        raise FaultError(messages.fault(f"{policy.code_prefix}-protected/zip"), policy.error_type)
    is_doubled = len(set(names)) < len(names) or sum(i.compress_size for i in infos) > len(data)
    is_padded = min((i.header_offset for i in infos), default=0) != 0 or _zip_length(data) != len(
        data
    )
    if is_doubled or is_padded or any(map(_is_unsafe_path, names)):
        raise policy.unusual_error()
    if any(i.compress_type not in _COMPRESSION_METHODS for i in infos):
        raise policy.damaged_error("a part is packed in an unusual way")


def _is_unsafe_path(name: str) -> bool:
    """Return whether a program could read the name as another path.

    ECMA-376 part 2, 6.2.2.
    """
    names = name.removesuffix("/").split("/")
    has_drive = name[1:2] == ":"
    return has_drive or "\\" in name or not name.isprintable() or bool({"", ".", ".."} & set(names))


def _zip_length(data: bytes) -> int:
    """Return the length of a zip by its own end record (APPNOTE 4.3.16)."""
    start = data.rfind(b"PK\x05\x06")
    return start + 22 + int.from_bytes(data[start + 20 : start + 22], "little")


def _packed_part(info: zipfile.ZipInfo, data: bytes) -> ZipMember:
    """Return a zip member, read after its local header (APPNOTE 4.3.7)."""
    at = info.header_offset
    name_start = at + 30
    extra_start = name_start + int.from_bytes(data[at + 26 : at + 28], "little")
    start = extra_start + int.from_bytes(data[at + 28 : at + 30], "little")
    encoded = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
    raw = data[start : start + info.compress_size]
    matches = data[at : at + 4] == b"PK\x03\x04" and data[name_start:extra_start] == encoded
    if not matches or len(raw) != info.compress_size:
        raise _DamagedPartError(f"the part {info.orig_filename} is not where it should be")
    return ZipMember(
        name=info.orig_filename,
        method=info.compress_type,
        crc=info.CRC,
        size=info.file_size,
        raw=raw,
    )


def _inflate(part: ZipMember) -> Iterator[bytes]:
    """Yield the unpacked bytes of a part in chunks, however many there are."""
    decompressor, position = zlib.decompressobj(-15), 0
    while position < len(part.raw) and not decompressor.eof:
        chunk = part.raw[position : position + _CHUNK]
        position += len(chunk)
        while chunk and not decompressor.eof:
            yield decompressor.decompress(chunk, _CHUNK)
            chunk = decompressor.unconsumed_tail
    yield decompressor.flush()  # the rest that did not fit into the last chunk
    if not decompressor.eof or decompressor.unused_data or position < len(part.raw):
        raise _DamagedPartError(f"the part {part.name} does not end where it should")


def _counted_size(part: ZipMember, policy: FilePolicy, most_bytes: int) -> int:
    """Return the size of a part, measured while it is unpacked.

    Raise FaultError if it is too large or declares a DOCTYPE.
    """
    size, crc, tail = 0, 0, b""
    is_xml = _is_xml(part.name)
    for chunk in part.chunks():
        size += len(chunk)
        if size > most_bytes:
            reason = f"its part {part.name} has more than {most_bytes >> 20} MiB unpacked"
            raise policy.too_large_error(reason, is_text=is_xml)
        if is_xml and (
            _has_doctype(chunk) or (tail and _has_doctype(tail + chunk[:_CHUNK_OVERLAP]))
        ):
            raise policy.unusual_error(f"its part {part.name} declares a document type (DOCTYPE)")
        crc, tail = crc32(chunk, crc), (tail + chunk[-_CHUNK_OVERLAP:])[-_CHUNK_OVERLAP:]
    if (size, crc) != (part.size, part.crc):
        raise _DamagedPartError(f"the part {part.name} is not what the zip says")
    return size


def _is_xml(part: str) -> bool:
    return part.lower().endswith(_XML_EXTENSIONS)


def _has_doctype(data: bytes) -> bool:
    return _DOCTYPE in data or (b"\0" in data and _DOCTYPE_16 in data)


# Reasons why a file is not read, and the one place that turns them into a MergeError.


class _DamagedPartError(zipfile.BadZipFile):
    """A part differs from its entry in the zip's directory."""


DAMAGE_ERRORS = (
    ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    ArithmeticError,
)
"""Exceptions that the standard library raises for a damaged file."""


def _damage_description(error: Exception) -> str:
    """Return how a file is damaged, without the standard library's wording."""
    if isinstance(error, _DamagedPartError):
        return str(error)
    if isinstance(error, zipfile.BadZipFile):
        return "a part of it is missing or damaged"
    if isinstance(error, ExpatError):
        return "a part has invalid XML"
    return "a part of it cannot be read"


@dataclass(frozen=True)
class FilePolicy:
    """Rules for the files of one program: accepted kinds, messages, errors.

    `code_prefix` begins the codes of the messages, as in `workbook-locked`. `missing_key` is the
    message about a missing file. `refusals` has the message about each refused kind of file
    (kinds.py). `extensions` are those of accepted files, `convertible_extensions` those of files
    that the program can save as an accepted kind.
    """

    code_prefix: str
    missing_key: str
    program: str
    refusals: Mapping[str, str]
    extensions: tuple[str, ...]
    convertible_extensions: tuple[str, ...]
    error_type: type[MergeError]
    missing_error_type: type[MergeError]
    locked_error_type: type[MergeError]
    has_long_text: bool = False
    """Whether a part of XML that is too large is text, which can be shortened."""
    ignores_trailing_bytes: bool = False
    """Whether bytes after the zip's end are ignored.

    Only true of files that the program never hands out.
    """

    def damaged_error(self, why: str) -> FaultError:
        """Return the error of a damaged file."""
        return FaultError(
            messages.fault(f"{self.code_prefix}-unreadable", why=why), self.error_type
        )

    def too_large_error(self, why: str, *, is_text: bool = False) -> FaultError:
        """Return the error of a file that exceeds a limit."""
        variant = "/text" if is_text and self.has_long_text else ""
        return FaultError(
            messages.fault(f"{self.code_prefix}-too-large{variant}", why=why), self.error_type
        )

    def unusual_error(self, why: str = "") -> FaultError:
        """Return the error of a file that the program never writes like this."""
        why = why or f"{self.program} does not create files like this"
        return FaultError(messages.fault(f"{self.code_prefix}-odd", why=why), self.error_type)


def file_errors(policy: FilePolicy, file: str) -> AbstractContextManager[None]:
    """Return a context that turns all faults of a file into MergeErrors.

    The errors name the file.
    """

    def into(error: Exception) -> MergeError:
        if not isinstance(error, FaultError):
            error = policy.damaged_error(_damage_description(error))
        return error.error_class(error.to_problem(Place(file)))

    return translate_errors((FaultError, *DAMAGE_ERRORS), into)


# Deflating and checksums with isal if it is installed, else with zlib.


try:
    from isal import isal_zlib

    def deflate(data: bytes) -> bytes:
        """Return the bytes deflated, as in a zip."""
        return isal_zlib.compress(data, 0, -15)  # twice as fast as level 2, a letter 5 % larger

    crc32: Callable[[bytes, int], int] = isal_zlib.crc32
    COMPRESSION = "isal"
    """The library that deflates."""
except ImportError:  # pragma: no cover - processors that isal is not built for

    def deflate(data: bytes) -> bytes:
        """Return the bytes deflated, as in a zip."""
        return zlib.compress(data, 6, -15)

    crc32 = zlib.crc32
    COMPRESSION = "zlib"


_STORED_BLOCK = struct.Struct("<BHH")
_LAST_BLOCK = b"\x03\x00"
"""An empty last block of a deflated stream (RFC 1951, 3.2.6)."""

_WORTH_DEFLATING = 60
_MAX_CACHED_BLOCKS = 5_000


class Deflater:
    """Deflates text in pieces, most of which recur in the next letter.

    Each piece is a block of its own, which is created once. The template's text is deflated, and a
    short value is stored as it is. This is twice as fast as deflating each letter again; a letter
    is a fifth larger.
    """

    def __init__(self) -> None:
        self._blocks: dict[str, tuple[bytes, bytes]] = {"": (b"", b"")}

    def deflate(self, pieces: Sequence[str]) -> tuple[bytes, bytes]:
        """Return a text as deflated bytes, and as plain bytes."""
        known = self._blocks
        blocks = [known.get(piece) or self._block(piece) for piece in pieces]
        plain = b"".join([block[0] for block in blocks])
        raw = b"".join([block[1] for block in blocks])
        return raw + _LAST_BLOCK, plain

    def _block(self, piece: str) -> tuple[bytes, bytes]:
        data = piece.encode()
        if len(data) < _WORTH_DEFLATING:
            block = (data, _STORED_BLOCK.pack(0, len(data), len(data) ^ 0xFFFF) + data)
        else:
            compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
            block = (data, compressor.compress(data) + compressor.flush(zlib.Z_FULL_FLUSH))
        if len(self._blocks) < _MAX_CACHED_BLOCKS:
            self._blocks[piece] = block
        return block
