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
from merge.disk import OFFICE_OWNER, os_reason, word_owner_files
from merge.errors import FaultError, MergeError, translated
from merge.naming import nearest
from merge.problems import Fault, Place
from merge.text.folding import folded

MOST_FILE = 50 << 20
"""Bytes. The largest of 1,712 real Office files has 2.8 MB."""
LARGER_THAN_MOST = "more than 50 MB"


def read_bytes(path: Path, wording: Wording) -> bytes:
    """Return the file's bytes. Refused where there is none, where it is shut or too large."""
    codes = wording.codes
    try:
        there = path.stat()
        if stat.S_ISDIR(there.st_mode):  # Windows would only say that it is closed
            raise FaultError(messages.fault(f"{codes}-folder"), wording.missing)
        if not stat.S_ISREG(there.st_mode):
            raise FaultError(messages.fault(f"{codes}-unreadable/device"), wording.error)
        if there.st_size > MOST_FILE:
            raise wording.too_large(LARGER_THAN_MOST)
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise FaultError(_nothing_there(path, wording), wording.missing) from None
    except OSError as error:
        why = os_reason(error)
        raise FaultError(messages.fault(f"{codes}-locked", why=why), wording.locked) from None
    if _is_cut_off(data) and _is_in_work(path, there.st_mtime):
        being_saved = messages.fault("file-being-saved", program=wording.program)
        raise FaultError(being_saved, wording.locked)
    return data


_ZIP, _ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
"""How a zip begins, and its end record, which is written last (PKWARE APPNOTE 4.3.7, 4.3.16)."""

_SAVING = 10
"""Seconds since a file was last written in which somebody may still be writing it."""


def _is_cut_off(data: bytes) -> bool:
    """Return whether the file has nothing in it yet, or is a zip without its end."""
    return not data or (data.startswith(_ZIP) and _ZIP_END not in data[-(1 << 16) - 22 :])


def _is_in_work(path: Path, written: float) -> bool:
    """Return whether the file was written a moment ago, or a program has it open."""
    owners = (path.with_name(name) for name in word_owner_files(path.name))
    return abs(time.time() - written) < _SAVING or any(map(os.path.lexists, owners))


def _nothing_there(path: Path, wording: Wording) -> Fault:
    """Return the fault of a file that is missing: with the name of the one meant, if any."""
    key, folder = wording.missing_key, str(path.parent)
    if path.parent.is_file():
        return messages.fault(f"{key}/below-file", folder=folder)
    if not path.parent.is_dir():
        return _no_folder(key, path.parent)
    folder = str(path.parent.resolve())
    near = _similar_file(path, wording)
    if near and near.suffix.lower() in wording.endings:
        return messages.fault(key, folder=folder, near=near.name)
    if near:
        return messages.fault(f"{key}/convertible", folder=folder, near=near.name)
    there = [*map(str, _folders_nearby(path))]
    if there:
        return messages.fault(f"{key}/elsewhere", folder=folder, there=there)
    return messages.fault(f"{key}/nowhere", folder=folder)


def _no_folder(key: str, folder: Path) -> Fault:
    """Return the fault of a folder that is missing: with the one meant, if any."""
    if near := _similar_folder(folder):
        return messages.fault(f"{key}/near-folder", folder=str(folder), near=str(near))
    return messages.fault(f"{key}/no-folder", folder=str(folder))


def _similar_folder(folder: Path) -> Path | None:
    """Return a folder of nearly that name in the same place."""
    there = {p.name: p for p in sorted(_listed(folder.parent)) if p.is_dir()}
    return there.get(nearest(folder.name, (n for n in there if not n.startswith("."))))


def _folders_nearby(path: Path) -> list[Path]:
    """Return the folders below, or else the one above, in which a file of that name lies."""
    folder = path.parent
    below = sorted(p for p in _listed(folder) if not p.name.startswith("."))
    found = [p for p in (*below, folder.resolve().parent) if (p / path.name).is_file()]
    return [p for p in found if p in below] or found


def _similar_file(path: Path, wording: Wording) -> Path | None:
    """Return the program's file in the same folder of nearly that name; its stem counts most."""
    endings = (*wording.endings, *wording.convertible)
    there = [p for p in sorted(_listed(path.parent)) if p.suffix.lower() in endings]
    by_stem: dict[str, Path] = {}
    for other in sorted(there, key=lambda p: p.suffix.lower() not in wording.endings):
        if not other.name.startswith(OFFICE_OWNER):
            by_stem.setdefault(folded(other.stem), other)
    return by_stem.get(nearest(path.stem, by_stem))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # one may know a folder and not be allowed to look into it
        return []


# Bytes -> the zip's parts, each within the caps (ECMA-376 part 2; PKWARE APPNOTE).
#
# Sizes are counted while unpacking: what the zip's own directory says of them is never believed.


MOST_UNZIPPED = 200 << 20
MOST_PART = 64 << 20
MOST_MEMBERS = 5_000
"""The largest of 1,712 real Office files: 19.2 MB in all, 18.1 MB a part, 356 members."""

_CHUNK = 1 << 16
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""ECMA-376 part 2, annex B. Others could ask for gigabytes before the first byte comes."""

_DOCTYPE = b"<!DOCTYPE"
_DOCTYPE_16 = b"<\0!\0D\0O\0C\0T\0Y\0P\0E"
"""In UTF-16 of either byte order."""

_OVERLAP = len(_DOCTYPE_16) - 1
_XML = (".xml", ".rels", ".vml", ".svg")


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
    def of(cls, name: str, data: bytes) -> Member:
        """Return a member made from a part's bytes."""
        if len(data) < _STORED_BELOW:
            return cls(name, zipfile.ZIP_STORED, crc32(data, 0), size=len(data), raw=data)
        return cls.of_deflated(name, deflated(data), data)

    @classmethod
    def of_deflated(cls, name: str, raw: bytes, data: bytes) -> Member:
        """Return a member made from a part's bytes, and the same deflated."""
        return cls(name, zipfile.ZIP_DEFLATED, crc32(data, 0), size=len(data), raw=raw)

    @property
    def data(self) -> bytes:
        """The part's bytes. Sizes were checked when the package was read."""
        return self.raw if self.method == zipfile.ZIP_STORED else zlib.decompress(self.raw, -15)

    def chunks(self) -> Iterator[bytes]:
        """Yield the part's bytes, piece by piece. BadZipFile or zlib.error if they are damaged."""
        if self.method == zipfile.ZIP_DEFLATED:
            return _inflated(self)
        return (self.raw[at : at + _CHUNK] for at in range(0, len(self.raw), _CHUNK))


class Archive:
    """A zip whose parts were all unpacked once and counted. Refused where one passes a cap.

    `most_part` is the cap of a single one, in bytes. Names are matched without regard to case, as
    ECMA-376 part 2 asks (some programs need it).
    """

    def __init__(self, data: bytes, wording: Wording, most_part: int = MOST_PART) -> None:
        if wording.ignores_rest:
            data = data[: _tail(data)]
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            infos = opened.infolist()
        _check_directory(infos, data, wording)
        parts = (_packed_part(info, data) for info in infos if not info.is_dir())
        self.parts = tuple(part for part in parts if not _is_needless(part))
        self._by_name = {part.name.lower(): part for part in self.parts}
        total, largest = 0, (0, "")
        for part in self.parts:
            size = _size(part, wording, most_part)
            total, largest = total + size, max(largest, (size, part.name))
            if total > MOST_UNZIPPED:
                why = f"more than 200 MiB unpacked; the largest part is {largest[1]}"
                raise wording.too_large(why, is_text=_is_xml(largest[1]))

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


def _is_needless(part: Member) -> bool:
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


def _check_directory(infos: list[zipfile.ZipInfo], data: bytes, wording: Wording) -> None:
    names = [i.orig_filename.lower() for i in infos]
    if len(names) > MOST_MEMBERS:
        raise wording.too_large("more than 5,000 parts")
    if any(i.flag_bits & 0x1 for i in infos):
        raise FaultError(messages.fault(f"{wording.codes}-protected/zip"), wording.error)
    doubled = len(set(names)) < len(names) or sum(i.compress_size for i in infos) > len(data)
    around = min((i.header_offset for i in infos), default=0) != 0 or _tail(data) != len(data)
    if doubled or around or any(map(_is_unsafe_path, names)):
        raise wording.odd()
    if any(i.compress_type not in _METHODS for i in infos):
        raise wording.damaged("a part is packed in an unusual way")


def _is_unsafe_path(name: str) -> bool:
    """Return whether some program would see another path in it (ECMA-376 part 2, 6.2.2)."""
    steps = name.removesuffix("/").split("/")
    drive = name[1:2] == ":"
    return drive or "\\" in name or not name.isprintable() or bool({"", ".", ".."} & set(steps))


def _tail(data: bytes) -> int:
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


def _inflated(part: Member) -> Iterator[bytes]:
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


def _size(part: Member, wording: Wording, most: int) -> int:
    """Return the part's real size, counted. Refused if it is too large or declares a DOCTYPE."""
    size, crc, last = 0, 0, b""
    is_xml = _is_xml(part.name)
    for chunk in part.chunks():
        size += len(chunk)
        if size > most:
            why = f"its part {part.name} has more than {most >> 20} MiB unpacked"
            raise wording.too_large(why, is_text=is_xml)
        if is_xml and (_has_doctype(chunk) or (last and _has_doctype(last + chunk[:_OVERLAP]))):
            raise wording.odd(f"its part {part.name} declares a document type (DOCTYPE)")
        crc, last = crc32(chunk, crc), (last + chunk[-_OVERLAP:])[-_OVERLAP:]
    if (size, crc) != (part.size, part.crc):
        raise _DamagedPartError(f"the part {part.name} is not what the zip says")
    return size


def _is_xml(part: str) -> bool:
    return part.lower().endswith(_XML)


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


def _damage(error: Exception) -> str:
    """Return what is damaged, without the standard library's own words."""
    if isinstance(error, _DamagedPartError):
        return str(error)
    if isinstance(error, zipfile.BadZipFile):
        return "a part of it is missing or damaged"
    if isinstance(error, ExpatError):
        return "a part has invalid XML"
    return "a part of it cannot be read"


@dataclass(frozen=True)
class Wording:
    """The files of one program: which are read, the messages about others, who must act.

    `codes` is how the codes of their messages begin, as in `workbook-locked`; `missing_key` is the
    message that there is no such file. `refusals` has the messages about each kind of file
    (kinds.py) that is not read; `endings` are those of files that are, `convertible` those that the
    program can save as such.
    """

    codes: str
    missing_key: str
    program: str
    refusals: Mapping[str, str]
    endings: tuple[str, ...]
    convertible: tuple[str, ...]
    error: type[MergeError]
    missing: type[MergeError]
    locked: type[MergeError]
    has_long_text: bool = False
    """Whether a part of XML that is too large is a text, which can be shortened."""
    ignores_rest: bool = False
    """Whether bytes after the zip's end are let pass: only in files that nobody gets from us."""

    def damaged(self, why: str) -> FaultError:
        """Return the error of a file that the program would not have written like this."""
        return FaultError(messages.fault(f"{self.codes}-unreadable", why=why), self.error)

    def too_large(self, why: str, *, is_text: bool = False) -> FaultError:
        """Return the error of a file that passes one of the caps."""
        variant = "/text" if is_text and self.has_long_text else ""
        return FaultError(messages.fault(f"{self.codes}-too-large{variant}", why=why), self.error)

    def odd(self, why: str = "") -> FaultError:
        """Return the error of a file that is built as the program never does it."""
        why = why or f"{self.program} does not create files like this"
        return FaultError(messages.fault(f"{self.codes}-odd", why=why), self.error)


def file_errors(wording: Wording, file: str) -> AbstractContextManager[None]:
    """Return a context in which all that is wrong with a file becomes a MergeError naming it."""

    def into(error: Exception) -> MergeError:
        if not isinstance(error, FaultError):
            error = wording.damaged(_damage(error))
        return error.becomes(error.at(Place(file)))

    return translated((FaultError, *DAMAGE_ERRORS), into)


# Deflating and checksums: isal where there is one, else zlib; and text that comes in pieces.


try:
    from isal import isal_zlib

    def deflated(data: bytes) -> bytes:
        """Return the bytes deflated, as a zip holds them."""
        return isal_zlib.compress(data, 0, -15)  # twice as fast as level 2, a letter 5 % larger

    crc32: Callable[[bytes, int], int] = isal_zlib.crc32
except ImportError:  # pragma: no cover - processors that isal is not built for

    def deflated(data: bytes) -> bytes:
        """Return the bytes deflated, as a zip holds them."""
        return zlib.compress(data, 6, -15)

    crc32 = zlib.crc32


_STORED_BLOCK = struct.Struct("<BHH")
_LAST_BLOCK = b"\x03\x00"
"""An empty last block (RFC 1951, 3.2.6)."""

_WORTH_DEFLATING = 60
_MOST_KNOWN = 5_000


class Deflater:
    """Deflates text that comes in pieces, most of which come again in the next letter.

    Each piece is a block of its own, made once: what a template says deflated, a short value
    stored as it is. Twice as fast as deflating every letter anew; a letter is a fifth larger.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, bytes]] = {"": (b"", b"")}

    def packed(self, pieces: Sequence[str]) -> tuple[bytes, bytes]:
        """Return the deflated bytes of the whole text, and its bytes as they are."""
        known = self._known
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
        if len(self._known) < _MOST_KNOWN:
            self._known[piece] = made
        return made
