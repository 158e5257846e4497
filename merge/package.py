"""A .docx as a zip of parts: read within limits, written with untouched members copied as they are.

A letter is put together from the bytes that the template's own zip holds: a member that no tag
touches is never unpacked again. ECMA-376 part 2 (Open Packaging Conventions); PKWARE APPNOTE.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from merge.office.deflate import crc32, deflated
from merge.office.files import read_bytes
from merge.office.opening import open_archive
from merge.office.refused import told_of
from merge.office.words import WORD

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_UTF8_NAME = 0x800
_NO_DATE = 0x21
"""1 January 1980: the same input gives the same bytes."""

_WORTH_DEFLATING = 1_000
"""Bytes below which a part is stored: deflating gains less than the time it takes."""


class Member(NamedTuple):
    """One file of the zip: its name and its bytes, still compressed."""

    name: str
    method: int
    crc: int
    size: int
    raw: bytes

    @classmethod
    def of(cls, name: str, data: bytes) -> Member:
        """A member made from a part's bytes."""
        if len(data) < _WORTH_DEFLATING:
            return cls(name, _STORED, crc32(data, 0), len(data), data)
        return cls(name, _DEFLATED, crc32(data, 0), len(data), deflated(data))

    @classmethod
    def of_packed(cls, name: str, raw: bytes, data: bytes) -> Member:
        """A member made from a part's bytes, and the same deflated."""
        return cls(name, _DEFLATED, crc32(data, 0), len(data), raw)

    @property
    def data(self) -> bytes:
        """The part's bytes. Sizes were checked when the package was read."""
        return self.raw if self.method == _STORED else zlib.decompress(self.raw, -15)


@dataclass(frozen=True)
class Package:
    """A .docx that was read: its members in their order, all within the caps."""

    file: str
    members: tuple[Member, ...]

    @cached_property
    def _by_name(self) -> Mapping[str, Member]:
        return {m.name: m for m in self.members}

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def read(self, name: str) -> bytes:
        """A part's bytes; KeyError where there is no such part."""
        return self._by_name[name].data

    def without(self, names: set[str]) -> Package:
        """The same package less some members."""
        return Package(self.file, tuple(m for m in self.members if m.name not in names))

    def replaced(self, parts: Mapping[str, bytes]) -> Package:
        """The same package with some parts' bytes replaced, new ones at the end."""
        changed = {name: Member.of(name, data) for name, data in parts.items()}
        kept = [changed.pop(m.name, m) for m in self.members]
        return Package(self.file, (*kept, *changed.values()))

    def write(self) -> bytes:
        """The whole zip."""
        return Binder(self, ()).bind(())


class Binder:
    """Makes whole .docx files from one package in which only some parts differ.

    The other members and their directory entries are put together once.
    """

    def __init__(self, package: Package, changing: Sequence[str]) -> None:
        self._names = tuple(name.encode() for name in changing)
        fixed = [m for m in package.members if m.name not in set(changing)]
        zipped = _Zip()
        directory = [zipped.add(member.name.encode(), member) for member in fixed]
        self._front, self._directory = b"".join(zipped.pieces), b"".join(directory)
        self._count = len(fixed) + len(self._names)

    def bind(self, parts: Sequence[Member]) -> bytes:
        """The bytes of a .docx with these parts, in the order of the names given before."""
        zipped = _Zip(self._front)
        entries = [zipped.add(*part) for part in zip(self._names, parts, strict=True)]
        directory = b"".join((self._directory, *entries))
        count, size = self._count, len(directory)
        end = _END.pack(0x06054B50, 0, 0, count, count, size, zipped.length, 0)
        return b"".join((*zipped.pieces, directory, end))


class _Zip:
    """Members one behind the other, as they will lie in the file."""

    def __init__(self, front: bytes = b"") -> None:
        self.pieces = [front]
        self.length = len(front)

    def add(self, name: bytes, member: Member) -> bytes:
        """Append a member (APPNOTE 4.3.7); its directory entry (APPNOTE 4.3.12)."""
        raw, start, long = member.raw, self.length, len(name)
        what = (_UTF8_NAME, member.method, 0, _NO_DATE, member.crc, len(raw), member.size, long)
        self.pieces += (_LOCAL.pack(0x04034B50, 20, *what, 0), name, raw)
        self.length += _LOCAL.size + long + len(raw)
        return _CENTRAL.pack(0x02014B50, 20, 20, *what, 0, 0, 0, 0, 0, start) + name


def read_package(path: Path, file: str = "") -> Package:
    """Read a .docx from disk; `file` is its name in messages. TemplateError says what is wrong."""
    file = file or path.name
    with told_of(WORD, file):
        return _package(read_bytes(path, WORD), file)


def parse_package(data: bytes, file: str) -> Package:
    """A .docx's bytes as a package. TemplateError where they are none, or not safe to open."""
    with told_of(WORD, file):
        return _package(data, file)


def _package(data: bytes, file: str) -> Package:
    return Package(file, tuple(Member(*part) for part in open_archive(data, WORD).parts))
