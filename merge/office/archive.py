"""Bytes -> the zip's parts, each within the caps (ECMA-376 part 2; PKWARE APPNOTE).

Sizes are counted while unpacking: what the zip's own directory says of them is never believed.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from merge.office.deflate import crc32
from merge.office.refused import Wording

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


class Packed(NamedTuple):
    """A part as it lies in the zip, still compressed."""

    name: str
    method: int
    crc: int
    size: int
    raw: bytes

    def chunks(self) -> Iterator[bytes]:
        """The part's bytes, piece by piece. BadZipFile or zlib.error where they are damaged."""
        if self.method == zipfile.ZIP_DEFLATED:
            return _inflated(self)
        return (self.raw[at : at + _CHUNK] for at in range(0, len(self.raw), _CHUNK))


class Archive:
    """A zip whose parts were all unpacked once and counted. Refused where one passes a cap.

    Names are matched without regard to case, as ECMA-376 part 2 asks (some programs need it).
    """

    def __init__(self, data: bytes, wording: Wording) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            infos = opened.infolist()
        _check_directory(infos, data, wording)
        self.parts = tuple(_packed(info, data) for info in infos if not info.is_dir())
        self._by_name = {part.name.lower(): part for part in self.parts}
        _check_sizes(self.parts, wording)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name

    def size(self, name: str) -> int:
        """A part's size unpacked; KeyError where there is no such part."""
        return self._by_name[name.lower()].size

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part's bytes, piece by piece; KeyError where there is no such part."""
        return self._by_name[name.lower()].chunks()


def _check_directory(infos: list[zipfile.ZipInfo], data: bytes, wording: Wording) -> None:
    names = [i.orig_filename.lower() for i in infos]
    if len(names) > MOST_MEMBERS:
        raise wording.too_large("the file holds more than 5,000 parts.")
    if any(i.flag_bits & 0x1 for i in infos):
        hint = "Ask who sent it for one without."
        raise wording.refused("protected", "the zip is locked with a password.", hint)
    doubled = len(set(names)) < len(names) or sum(i.compress_size for i in infos) > len(data)
    around = min((i.header_offset for i in infos), default=0) != 0 or _tail(data) != len(data)
    if doubled or around or any(map(_wanders, names)):
        raise wording.odd()
    if any(i.compress_type not in _METHODS for i in infos):
        raise wording.damaged("a part is packed in an unusual way")


def _wanders(name: str) -> bool:
    """Whether some program would see another path in it (ECMA-376 part 2, 6.2.2)."""
    steps = name.removesuffix("/").split("/")
    drive = name[1:2] == ":"
    return drive or "\\" in name or not name.isprintable() or bool({"", ".", ".."} & set(steps))


def _tail(data: bytes) -> int:
    """Where the zip ends by its own word (APPNOTE 4.3.16)."""
    start = data.rfind(b"PK\x05\x06")
    return start + 22 + int.from_bytes(data[start + 20 : start + 22], "little")


def _packed(info: zipfile.ZipInfo, data: bytes) -> Packed:
    """The part's bytes as they lie in the file, behind its local header (APPNOTE 4.3.7)."""
    at = info.header_offset
    name = at + 30
    extra = name + int.from_bytes(data[at + 26 : at + 28], "little")
    start = extra + int.from_bytes(data[at + 28 : at + 30], "little")
    written = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
    raw = data[start : start + info.compress_size]
    found = data[at : at + 4] == b"PK\x03\x04" and data[name:extra] == written
    if not found or len(raw) != info.compress_size:
        raise zipfile.BadZipFile(f"the part {info.orig_filename} is not where it should be")
    return Packed(info.orig_filename, info.compress_type, info.CRC, info.file_size, raw)


def _inflated(part: Packed) -> Iterator[bytes]:
    """Never more than a chunk at a time, whatever the part unpacks to."""
    unpacker, read = zlib.decompressobj(-15), 0
    while read < len(part.raw) and not unpacker.eof:
        piece = part.raw[read : read + _CHUNK]
        read += len(piece)
        while piece and not unpacker.eof:
            yield unpacker.decompress(piece, _CHUNK)
            piece = unpacker.unconsumed_tail
    yield unpacker.flush()  # what was read and did not fit into the last chunk
    if not unpacker.eof or unpacker.unused_data or read < len(part.raw):
        raise zipfile.BadZipFile(f"the part {part.name} does not end where it should")


def _check_sizes(parts: tuple[Packed, ...], wording: Wording) -> None:
    total = 0
    for part in parts:
        total += _size(part, wording)
        if total > MOST_UNZIPPED:
            raise wording.too_large(f"unpacked the {wording.noun} passes 200 MiB.")


def _size(part: Packed, wording: Wording) -> int:
    """The part's real size, counted; refused where it is too large or declares a DOCTYPE."""
    size, crc, last = 0, 0, b""
    is_xml = part.name.lower().endswith(_XML)
    for chunk in part.chunks():
        size += len(chunk)
        if size > MOST_PART:
            raise wording.too_large(f"its part {part.name} passes 64 MiB unpacked.")
        if is_xml and (_declares(chunk) or (last and _declares(last + chunk[:_OVERLAP]))):
            raise wording.odd(f"its part {part.name} declares a document type (DOCTYPE)")
        crc, last = crc32(chunk, crc), (last + chunk[-_OVERLAP:])[-_OVERLAP:]
    if (size, crc) != (part.size, part.crc):
        raise zipfile.BadZipFile(f"the part {part.name} is not what the zip says")
    return size


def _declares(data: bytes) -> bool:
    return _DOCTYPE in data or (b"\0" in data and _DOCTYPE_16 in data)
