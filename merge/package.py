"""A .docx as a zip of parts: read within limits, written with untouched members copied as they are.

A letter is put together from the bytes that the template's own zip holds: a member that no tag
touches is never unpacked again. ECMA-376 part 2 (Open Packaging Conventions); PKWARE APPNOTE.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from merge.model import Place, Problem, TemplateError

try:
    from isal import isal_zlib

    def _deflate(data: bytes) -> bytes:
        return isal_zlib.compress(data, 2, -15)

    _crc32: Callable[[bytes], int] = isal_zlib.crc32
except ImportError:  # pragma: no cover - processors that isal is not built for

    def _deflate(data: bytes) -> bytes:
        return zlib.compress(data, 6, -15)

    _crc32 = zlib.crc32

MOST_FILE = 50 << 20
MOST_UNZIPPED = 200 << 20
MOST_PART = 64 << 20
MOST_MEMBERS = 5_000
"""Caps, counted while inflating. The largest of 1,712 real files: 2.8 MB, 19.2 MB, 18.1 MB, 356."""

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_UTF8_NAME = 0x800
_NO_DATE = 0x21
"""1 January 1980: the same input gives the same bytes."""

_WORTH_DEFLATING = 1_000
"""Bytes below which a part is stored: deflating gains less than the time it takes."""

SAVE_AS = "Open it in Word and save it as a Word document (.docx)."


@dataclass(frozen=True, slots=True)
class Member:
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
            return cls(name, _STORED, _crc32(data), len(data), data)
        return cls(name, _DEFLATED, _crc32(data), len(data), _deflate(data))

    @property
    def data(self) -> bytes:
        """The part's bytes. Sizes were checked when the package was read."""
        return self.raw if self.method == _STORED else zlib.decompress(self.raw, -15)

    @property
    def local(self) -> bytes:
        """The local header and the bytes behind it (APPNOTE 4.3.7)."""
        name = self.name.encode()
        head = (0x04034B50, 20, _UTF8_NAME, self.method, 0, _NO_DATE, self.crc)
        return _LOCAL.pack(*head, len(self.raw), self.size, len(name), 0) + name + self.raw

    def central(self, offset: int) -> bytes:
        """The entry of the central directory (APPNOTE 4.3.12) for a member at `offset`."""
        name = self.name.encode()
        head = (0x02014B50, 20, 20, _UTF8_NAME, self.method, 0, _NO_DATE, self.crc)
        sizes = (len(self.raw), self.size, len(name))
        return _CENTRAL.pack(*head, *sizes, 0, 0, 0, 0, 0, offset) + name


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
        self._names = tuple(changing)
        fixed = [m for m in package.members if m.name not in set(changing)]
        self._front, self._directory = _laid_out(fixed, 0)
        self._count = len(fixed) + len(self._names)

    def bind(self, parts: Sequence[bytes]) -> bytes:
        """The bytes of a .docx with these parts, in the order of the names given before."""
        members = [Member.of(n, data) for n, data in zip(self._names, parts, strict=True)]
        bodies, entries = _laid_out(members, len(self._front))
        start = len(self._front) + len(bodies)
        directory = self._directory + entries
        end = _END.pack(0x06054B50, 0, 0, self._count, self._count, len(directory), start, 0)
        return b"".join((self._front, bodies, directory, end))


def _laid_out(members: Sequence[Member], offset: int) -> tuple[bytes, bytes]:
    """Members one behind the other from `offset` on, and their directory entries."""
    bodies, entries = [], []
    for member in members:
        local = member.local
        bodies.append(local)
        entries.append(member.central(offset))
        offset += len(local)
    return b"".join(bodies), b"".join(entries)


def read_package(path: Path, file: str = "") -> Package:
    """Read a .docx from disk; `file` is its name in messages. TemplateError says what is wrong."""
    file = file or path.name
    try:
        if path.stat().st_size > MOST_FILE:
            raise _refused(file, "template-too-large", "the file is larger than 50 MiB.", SAVE_AS)
        data = path.read_bytes()
    except FileNotFoundError:
        what, hint = "there is no such file.", f"Put the template there: {path}"
        raise _refused(file, "template-missing", what, hint) from None
    except IsADirectoryError:
        what = "this is a folder, not a Word document."
        raise _refused(file, "template-unreadable", what, "Name the .docx file in it.") from None
    except OSError as error:
        what = f"it cannot be read ({error.strerror})."
        hint = "Close it in other programs, or ask who may open it."
        raise _refused(file, "template-unreadable", what, hint) from None
    return parse_package(data, file)


def parse_package(data: bytes, file: str) -> Package:
    """A .docx's bytes as a package. TemplateError where they are none, or not safe to open."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive, data, file)
            return Package(file, tuple(_read_members(archive, data, file)))
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, ValueError) as error:
        what = f"the file is damaged ({error})."
        raise _refused(file, "template-damaged", what, SAVE_AS) from None


def _check_directory(archive: zipfile.ZipFile, data: bytes, file: str) -> None:
    """Refuse what no Word writes: doubled or wandering names, bytes around the zip, encryption."""
    infos = archive.infolist()
    names = [i.filename.lower() for i in infos]
    if len(names) > MOST_MEMBERS:
        raise _refused(file, "template-too-large", "it holds more than 5,000 parts.", SAVE_AS)
    odd = len(set(names)) < len(names) or any(_is_odd(name) for name in names)
    around = min((i.header_offset for i in infos), default=0) != 0 or _tail(data) != len(data)
    if odd or around or any(i.flag_bits & 0x1 for i in infos):
        what = "the file is not put together as Word does it; it may be harmful."
        raise _refused(file, "template-odd", what, "Ask who sent it. " + SAVE_AS)


def _is_odd(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or "\x00" in name


def _tail(data: bytes) -> int:
    """Where the zip ends by its own word."""
    start = data.rfind(b"PK\x05\x06")
    return start + 22 + int.from_bytes(data[start + 20 : start + 22], "little")


def _read_members(archive: zipfile.ZipFile, data: bytes, file: str) -> list[Member]:
    members, total = [], 0
    for info in archive.infolist():
        if info.is_dir():
            continue
        member = _member(info, data)
        total += _checked_size(member, file)
        if total > MOST_UNZIPPED:
            raise _refused(file, "template-too-large", "unpacked it passes 200 MiB.", SAVE_AS)
        members.append(member)
    return members


def _member(info: zipfile.ZipInfo, data: bytes) -> Member:
    """The member's bytes as they lie in the file, behind its local header."""
    at = info.header_offset
    name, extra = struct.unpack_from("<HH", data, at + 26)
    start = at + 30 + name + extra
    raw = data[start : start + info.compress_size]
    if data[at : at + 4] != b"PK\x03\x04" or len(raw) != info.compress_size:
        raise zipfile.BadZipFile(f"no part {info.filename} where it should be")
    if info.compress_type not in {_STORED, _DEFLATED}:
        raise zipfile.BadZipFile(f"{info.filename} is packed in an unusual way")
    return Member(info.filename, info.compress_type, info.CRC, info.file_size, raw)


def _checked_size(member: Member, file: str) -> int:
    """The part's real size, found by inflating; never more than the cap is held in memory."""
    data = member.raw
    if member.method == _DEFLATED:
        unpacker = zlib.decompressobj(-15)
        data = unpacker.decompress(member.raw, MOST_PART + 1)
    if len(data) > MOST_PART:
        what = f"its part {member.name} passes 64 MiB unpacked."
        raise _refused(file, "template-too-large", what, SAVE_AS)
    if len(data) != member.size or _crc32(data) != member.crc:
        raise zipfile.BadZipFile(f"the part {member.name} is not what the zip says")
    return len(data)


def _refused(file: str, code: str, what: str, hint: str) -> TemplateError:
    return TemplateError(Problem(code, Place(file), what, hint))
