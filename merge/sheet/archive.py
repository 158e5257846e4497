"""Bytes -> the zip's parts, each within the caps (ECMA-376 part 2; PKWARE APPNOTE).

Sizes are counted while unpacking: what the zip's own directory says of them is never believed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from merge.sheet.refusals import Refused, damaged, odd, too_large

MOST_UNZIPPED = 200 << 20
MOST_PART = 64 << 20
MOST_MEMBERS = 5_000
"""The largest of 1,712 real Office files: 19.2 MB in all, 18.1 MB a part, 356 members."""

_CHUNK = 1 << 16
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""ECMA-376 part 2, annex B. Others could ask for gigabytes before the first byte comes."""


class Archive:
    """An .xlsx whose members were all unpacked once and counted.

    Names are matched without regard to case, as ECMA-376 part 2 asks (some programs need it).
    """

    def __init__(self, data: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        _check_directory(self._zip.infolist(), data)
        self._members = {i.filename.lower(): i for i in self._zip.infolist() if not i.is_dir()}
        _check_sizes(self)

    @property
    def names(self) -> tuple[str, ...]:
        """The parts' names in small letters."""
        return tuple(self._members)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._members

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part's bytes, piece by piece; KeyError where there is no such part."""
        with self._zip.open(self._members[name.lower()]) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk


def _check_directory(infos: list[zipfile.ZipInfo], data: bytes) -> None:
    names = [i.filename.lower() for i in infos]
    if len(names) > MOST_MEMBERS:
        raise too_large("the file holds more than 5,000 parts.")
    if any(i.flag_bits & 0x1 for i in infos):
        what, hint = "the zip is locked with a password.", "Ask who sent it for one without."
        raise Refused("workbook-protected", what, hint)
    around = min((i.header_offset for i in infos), default=0) != 0 or _tail(data) != len(data)
    if around or len(set(names)) < len(names) or any(map(_wanders, names)):
        raise odd()
    if any(i.compress_type not in _METHODS for i in infos):
        raise damaged("a part is packed in an unusual way")


def _wanders(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def _tail(data: bytes) -> int:
    """Where the zip ends by its own word (APPNOTE 4.3.16)."""
    start = data.rfind(b"PK\x05\x06")
    return start + 22 + int.from_bytes(data[start + 20 : start + 22], "little")


def _check_sizes(archive: Archive) -> None:
    total = 0
    for name in archive.names:
        total += _size(archive, name)
        if total > MOST_UNZIPPED:
            raise too_large("unpacked the workbook passes 200 MiB.")


def _size(archive: Archive, name: str) -> int:
    """The part's real size, counted; refused where it is too large or declares a DOCTYPE."""
    size, last = 0, b""
    for chunk in archive.chunks(name):
        size += len(chunk)
        if size > MOST_PART:
            raise too_large(f"its part {name} passes 64 MiB unpacked.")
        if b"<!DOCTYPE" in last + chunk and name.endswith((".xml", ".rels", ".vml")):
            raise odd()
        last = chunk[-8:]
    return size
