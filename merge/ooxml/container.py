"""A file of Word's or Excel's -> the zip in it, within caps; or why not, and who must act.

The file is opened for reading only, and closed at once.
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
"""Bytes. The largest of 1,712 real Office files has 2.8 MB."""
FILE_LIMIT_EXCEEDED = "more than 50 MB"


def read_bytes(path: Path, policy: FilePolicy) -> bytes:
    """Return the file's bytes. Refused where there is none, where it is shut or too large."""
    codes = policy.code_prefix
    try:
        there = path.stat()
        if stat.S_ISDIR(there.st_mode):  # Windows would only say that it is closed
            raise FaultError(messages.fault(f"{codes}-folder"), policy.missing_error_type)
        if not stat.S_ISREG(there.st_mode):
            raise FaultError(messages.fault(f"{codes}-unreadable/device"), policy.error_type)
        if there.st_size > MAX_FILE_BYTES:
            raise policy.too_large_error(FILE_LIMIT_EXCEEDED)
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise FaultError(_missing_file_fault(path, policy), policy.missing_error_type) from None
    except OSError as error:
        why = os_error_text(error)
        raise FaultError(
            messages.fault(f"{codes}-locked", why=why), policy.locked_error_type
        ) from None
    if _is_cut_off(data) and _is_being_saved(path, there.st_mtime):
        being_saved = messages.fault("file-being-saved", program=policy.program)
        raise FaultError(being_saved, policy.locked_error_type)
    return data


_ZIP, _ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
"""How a zip begins, and its end record, which is written last (PKWARE APPNOTE 4.3.7, 4.3.16)."""

_SAVING_SECONDS = 10
"""Seconds since a file was last written in which somebody may still be writing it."""


def _is_cut_off(data: bytes) -> bool:
    """Return whether the file has nothing in it yet, or is a zip without its end."""
    return not data or (data.startswith(_ZIP) and _ZIP_END not in data[-(1 << 16) - 22 :])


def _is_being_saved(path: Path, written: float) -> bool:
    """Return whether the file was written a moment ago, or a program has it open."""
    owners = (path.with_name(name) for name in word_owner_file_names(path.name))
    return abs(time.time() - written) < _SAVING_SECONDS or any(map(os.path.lexists, owners))


def _missing_file_fault(path: Path, wording: FilePolicy) -> Fault:
    """Return the fault of a file that is missing: with the name of the one meant, if any."""
    key, folder = wording.missing_key, str(path.parent)
    if path.parent.is_file():
        return messages.fault(f"{key}/below-file", folder=folder)
    if not path.parent.is_dir():
        return _missing_folder_fault(key, path.parent)
    folder = str(path.parent.resolve())
    near = _similar_file(path, wording)
    if near and near.suffix.lower() in wording.extensions:
        return messages.fault(key, folder=folder, near=near.name)
    if near:
        return messages.fault(f"{key}/convertible", folder=folder, near=near.name)
    there = [*map(str, _folders_nearby(path))]
    if there:
        return messages.fault(f"{key}/elsewhere", folder=folder, there=there)
    return messages.fault(f"{key}/nowhere", folder=folder)


def _missing_folder_fault(key: str, folder: Path) -> Fault:
    """Return the fault of a folder that is missing: with the one meant, if any."""
    if near := _similar_folder(folder):
        return messages.fault(f"{key}/near-folder", folder=str(folder), near=str(near))
    return messages.fault(f"{key}/no-folder", folder=str(folder))


def _similar_folder(folder: Path) -> Path | None:
    """Return a folder of nearly that name in the same place."""
    there = {p.name: p for p in sorted(_folder_entries(folder.parent)) if p.is_dir()}
    return there.get(nearest_word(folder.name, (n for n in there if not n.startswith("."))))


def _folders_nearby(path: Path) -> list[Path]:
    """Return the folders below, or else the one above, in which a file of that name lies."""
    folder = path.parent
    below = sorted(p for p in _folder_entries(folder) if not p.name.startswith("."))
    found = [p for p in (*below, folder.resolve().parent) if (p / path.name).is_file()]
    return [p for p in found if p in below] or found


def _similar_file(path: Path, wording: FilePolicy) -> Path | None:
    """Return the program's file in the same folder of nearly that name; its stem counts most."""
    endings = (*wording.extensions, *wording.convertible_extensions)
    there = [p for p in sorted(_folder_entries(path.parent)) if p.suffix.lower() in endings]
    by_stem: dict[str, Path] = {}
    for other in sorted(there, key=lambda p: p.suffix.lower() not in wording.extensions):
        if not other.name.startswith(OFFICE_OWNER_PREFIX):
            by_stem.setdefault(folded(other.stem), other)
    return by_stem.get(nearest_word(path.stem, by_stem))


def _folder_entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # one may know a folder and not be allowed to look into it
        return []


# Bytes -> the zip's parts, each within the caps (ECMA-376 part 2; PKWARE APPNOTE).
#
# Sizes are counted while unpacking: what the zip's own directory says of them is never believed.


MAX_UNZIPPED_BYTES = 200 << 20
MAX_PART_BYTES = 64 << 20
MAX_MEMBERS = 5_000
"""The largest of 1,712 real Office files: 19.2 MB in all, 18.1 MB a part, 356 members."""

_CHUNK = 1 << 16
_COMPRESSION_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""ECMA-376 part 2, annex B. Others could ask for gigabytes before the first byte comes."""

_DOCTYPE = b"<!DOCTYPE"
_DOCTYPE_16 = b"<\0!\0D\0O\0C\0T\0Y\0P\0E"
"""In UTF-16 of either byte order."""

_CHUNK_OVERLAP = len(_DOCTYPE_16) - 1
_XML_EXTENSIONS = (".xml", ".rels", ".vml", ".svg")


_STORED_BELOW = 1_000
"""Bytes below which a part is stored: deflating gains less than the time it takes."""


class Member(NamedTuple):
    """A part as it lies in the zip, still compressed."""

    name: str
    method: int
    crc: int
    size: int
    raw: bytes

    @classmethod
    def from_data(cls, name: str, data: bytes) -> Member:
        """Return a member made from a part's bytes."""
        if len(data) < _STORED_BELOW:
            return cls(name, zipfile.ZIP_STORED, crc32(data, 0), size=len(data), raw=data)
        return cls.from_deflated(name, deflate(data), data)

    @classmethod
    def from_deflated(cls, name: str, raw: bytes, data: bytes) -> Member:
        """Return a member made from a part's bytes, and the same deflated."""
        return cls(name, zipfile.ZIP_DEFLATED, crc32(data, 0), size=len(data), raw=raw)

    @property
    def data(self) -> bytes:
        """The part's bytes. Sizes were checked when the package was read."""
        return self.raw if self.method == zipfile.ZIP_STORED else zlib.decompress(self.raw, -15)

    def chunks(self) -> Iterator[bytes]:
        """Yield the part's bytes, piece by piece. BadZipFile or zlib.error if they are damaged."""
        if self.method == zipfile.ZIP_DEFLATED:
            return _inflate(self)
        return (self.raw[at : at + _CHUNK] for at in range(0, len(self.raw), _CHUNK))


class Archive:
    """A zip whose parts were all unpacked once and counted. Refused where one passes a cap.

    `most_part_bytes` is the cap of a single one, in bytes. Names are matched without regard to case, as
    ECMA-376 part 2 asks (some programs need it).
    """  # noqa: E501

    def __init__(
        self, data: bytes, wording: FilePolicy, most_part_bytes: int = MAX_PART_BYTES
    ) -> None:
        if wording.ignores_trailing_bytes:
            data = data[: _zip_length(data)]
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            infos = opened.infolist()
        _check_directory(infos, data, wording)
        parts = (_packed_part(info, data) for info in infos if not info.is_dir())
        self.parts = tuple(part for part in parts if not _is_damaged_thumbnail(part))
        self._by_name = {part.name.lower(): part for part in self.parts}
        total, largest = 0, (0, "")
        for part in self.parts:
            size = _counted_size(part, wording, most_part_bytes)
            total, largest = total + size, max(largest, (size, part.name))
            if total > MAX_UNZIPPED_BYTES:
                why = f"more than 200 MiB unpacked; the largest part is {largest[1]}"
                raise wording.too_large_error(why, is_text=_is_xml(largest[1]))

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name

    def size(self, name: str) -> int:
        """Return a part's size unpacked; KeyError where there is no such part."""
        return self._by_name[name.lower()].size

    def read(self, name: str) -> bytes:
        """Return a part's bytes; KeyError where there is no such part."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part's bytes, piece by piece; KeyError where there is no such part."""
        return self._by_name[name.lower()].chunks()


def _is_damaged_thumbnail(part: Member) -> bool:
    """Return whether a part is the file's damaged thumbnail, which nobody here reads."""
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


def _check_directory(infos: list[zipfile.ZipInfo], data: bytes, wording: FilePolicy) -> None:
    names = [i.orig_filename.lower() for i in infos]
    if len(names) > MAX_MEMBERS:
        raise wording.too_large_error("more than 5,000 parts")
    if any(i.flag_bits & 0x1 for i in infos):
        raise FaultError(messages.fault(f"{wording.code_prefix}-protected/zip"), wording.error_type)
    doubled = len(set(names)) < len(names) or sum(i.compress_size for i in infos) > len(data)
    around = min((i.header_offset for i in infos), default=0) != 0 or _zip_length(data) != len(data)
    if doubled or around or any(map(_is_unsafe_path, names)):
        raise wording.unusual_error()
    if any(i.compress_type not in _COMPRESSION_METHODS for i in infos):
        raise wording.damaged_error("a part is packed in an unusual way")


def _is_unsafe_path(name: str) -> bool:
    """Return whether some program would see another path in it (ECMA-376 part 2, 6.2.2)."""
    steps = name.removesuffix("/").split("/")
    drive = name[1:2] == ":"
    return drive or "\\" in name or not name.isprintable() or bool({"", ".", ".."} & set(steps))


def _zip_length(data: bytes) -> int:
    """Return where the zip ends by its own word (APPNOTE 4.3.16)."""
    start = data.rfind(b"PK\x05\x06")
    return start + 22 + int.from_bytes(data[start + 20 : start + 22], "little")


def _packed_part(info: zipfile.ZipInfo, data: bytes) -> Member:
    """Return the part as it lies in the file, behind its local header (APPNOTE 4.3.7)."""
    at = info.header_offset
    name = at + 30
    extra = name + int.from_bytes(data[at + 26 : at + 28], "little")
    start = extra + int.from_bytes(data[at + 28 : at + 30], "little")
    written = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
    raw = data[start : start + info.compress_size]
    found = data[at : at + 4] == b"PK\x03\x04" and data[name:extra] == written
    if not found or len(raw) != info.compress_size:
        raise _DamagedPartError(f"the part {info.orig_filename} is not where it should be")
    return Member(
        name=info.orig_filename,
        method=info.compress_type,
        crc=info.CRC,
        size=info.file_size,
        raw=raw,
    )


def _inflate(part: Member) -> Iterator[bytes]:
    """Yield never more than a chunk at a time, whatever the part unpacks to."""
    unpacker, read = zlib.decompressobj(-15), 0
    while read < len(part.raw) and not unpacker.eof:
        piece = part.raw[read : read + _CHUNK]
        read += len(piece)
        while piece and not unpacker.eof:
            yield unpacker.decompress(piece, _CHUNK)
            piece = unpacker.unconsumed_tail
    yield unpacker.flush()  # what was read and did not fit into the last chunk
    if not unpacker.eof or unpacker.unused_data or read < len(part.raw):
        raise _DamagedPartError(f"the part {part.name} does not end where it should")


def _counted_size(part: Member, wording: FilePolicy, most: int) -> int:
    """Return the part's real size, counted. Refused if it is too large or declares a DOCTYPE."""
    size, crc, last = 0, 0, b""
    is_xml = _is_xml(part.name)
    for chunk in part.chunks():
        size += len(chunk)
        if size > most:
            why = f"its part {part.name} has more than {most >> 20} MiB unpacked"
            raise wording.too_large_error(why, is_text=is_xml)
        if is_xml and (
            _has_doctype(chunk) or (last and _has_doctype(last + chunk[:_CHUNK_OVERLAP]))
        ):
            raise wording.unusual_error(f"its part {part.name} declares a document type (DOCTYPE)")
        crc, last = crc32(chunk, crc), (last + chunk[-_CHUNK_OVERLAP:])[-_CHUNK_OVERLAP:]
    if (size, crc) != (part.size, part.crc):
        raise _DamagedPartError(f"the part {part.name} is not what the zip says")
    return size


def _is_xml(part: str) -> bool:
    return part.lower().endswith(_XML_EXTENSIONS)


def _has_doctype(data: bytes) -> bool:
    return _DOCTYPE in data or (b"\0" in data and _DOCTYPE_16 in data)


# Why a file is not read, and the one place where that becomes a MergeError.


class _DamagedPartError(zipfile.BadZipFile):
    """A part that is not as the zip's directory describes it, in words for the user."""


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
"""What a damaged file can make the standard library say."""


def _damage_description(error: Exception) -> str:
    """Return what is damaged, without the standard library's own words."""
    if isinstance(error, _DamagedPartError):
        return str(error)
    if isinstance(error, zipfile.BadZipFile):
        return "a part of it is missing or damaged"
    if isinstance(error, ExpatError):
        return "a part has invalid XML"
    return "a part of it cannot be read"


@dataclass(frozen=True)
class FilePolicy:
    """The files of one program: which are read, the messages about others, who must act.

    `codes` is how the codes of their messages begin, as in `workbook-locked`; `missing_key` is the
    message that there is no such file. `refusals` has the messages about each kind of file
    (kinds.py) that is not read; `endings` are those of files that are, `convertible` those that the
    program can save as such.
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
    """Whether a part of XML that is too large is a text, which can be shortened."""
    ignores_trailing_bytes: bool = False
    """Whether bytes after the zip's end are let pass: only in files that nobody gets from us."""

    def damaged_error(self, why: str) -> FaultError:
        """Return the error of a file that the program would not have written like this."""
        return FaultError(
            messages.fault(f"{self.code_prefix}-unreadable", why=why), self.error_type
        )

    def too_large_error(self, why: str, *, is_text: bool = False) -> FaultError:
        """Return the error of a file that passes one of the caps."""
        variant = "/text" if is_text and self.has_long_text else ""
        return FaultError(
            messages.fault(f"{self.code_prefix}-too-large{variant}", why=why), self.error_type
        )

    def unusual_error(self, why: str = "") -> FaultError:
        """Return the error of a file that is built as the program never does it."""
        why = why or f"{self.program} does not create files like this"
        return FaultError(messages.fault(f"{self.code_prefix}-odd", why=why), self.error_type)


def file_errors(policy: FilePolicy, file: str) -> AbstractContextManager[None]:
    """Return a context in which all that is wrong with a file becomes a MergeError naming it."""

    def into(error: Exception) -> MergeError:
        if not isinstance(error, FaultError):
            error = policy.damaged_error(_damage_description(error))
        return error.error_class(error.to_problem(Place(file)))

    return translate_errors((FaultError, *DAMAGE_ERRORS), into)


# Deflating and checksums: isal where there is one, else zlib; and text that comes in pieces.


try:
    from isal import isal_zlib

    def deflate(data: bytes) -> bytes:
        """Return the bytes deflated, as a zip holds them."""
        return isal_zlib.compress(data, 0, -15)  # twice as fast as level 2, a letter 5 % larger

    crc32: Callable[[bytes, int], int] = isal_zlib.crc32
except ImportError:  # pragma: no cover - processors that isal is not built for

    def deflate(data: bytes) -> bytes:
        """Return the bytes deflated, as a zip holds them."""
        return zlib.compress(data, 6, -15)

    crc32 = zlib.crc32


_STORED_BLOCK = struct.Struct("<BHH")
_LAST_BLOCK = b"\x03\x00"
"""An empty last block (RFC 1951, 3.2.6)."""

_WORTH_DEFLATING = 60
_MAX_CACHED_BLOCKS = 5_000


class Deflater:
    """Deflates text that comes in pieces, most of which come again in the next letter.

    Each piece is a block of its own, made once: what a template says deflated, a short value
    stored as it is. Twice as fast as deflating every letter anew; a letter is a fifth larger.
    """

    def __init__(self) -> None:
        self._blocks: dict[str, tuple[bytes, bytes]] = {"": (b"", b"")}

    def deflate(self, pieces: Sequence[str]) -> tuple[bytes, bytes]:
        """Return the deflated bytes of the whole text, and its bytes as they are."""
        known = self._blocks
        blocks = [known.get(piece) or self._block(piece) for piece in pieces]
        plain = b"".join([block[0] for block in blocks])
        raw = b"".join([block[1] for block in blocks])
        return raw + _LAST_BLOCK, plain

    def _block(self, piece: str) -> tuple[bytes, bytes]:
        data = piece.encode()
        if len(data) < _WORTH_DEFLATING:
            made = (data, _STORED_BLOCK.pack(0, len(data), len(data) ^ 0xFFFF) + data)
        else:
            deflating = zlib.compressobj(9, zlib.DEFLATED, -15)
            made = (data, deflating.compress(data) + deflating.flush(zlib.Z_FULL_FLUSH))
        if len(self._blocks) < _MAX_CACHED_BLOCKS:
            self._blocks[piece] = made
        return made
