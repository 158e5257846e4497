"""A Word or Excel file as a package of parts: opened, its parts replaced, written.

A letter is put together from the bytes that the template's own zip holds: a member that no tag
touches is never unpacked again. ECMA-376 part 2 (Open Packaging Conventions); PKWARE APPNOTE.
What a caller accepts of a package is the caller's matter. No lxml is loaded here: workbooks are
read with expat alone.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.parsers import expat

from merge.ooxml.container import (
    MAX_PART_BYTES,
    Archive,
    FilePolicy,
    Member,
    file_errors,
    read_bytes,
)
from merge.ooxml.kinds import (
    WORD,
    FileKind,
    MainPart,
    kind_by_first_bytes,
    kind_by_main_part,
    kind_by_marker_part,
    refusal_error,
)
from merge.ooxml.relationships import (
    CONTENT_TYPES,
    ContentTypes,
    parse_relationships,
    relationships_part,
)

_MAX_LIST_BYTES = 1 << 20
"""Bytes of the package's own two lists; the largest real ones have some 50 KB."""
_PARSE_STEP = 1 << 10


def open_archive(data: bytes, policy: FilePolicy, most_part_bytes: int = MAX_PART_BYTES) -> Archive:
    """Return the zip's parts within the caps. Refused, with what the file is, if it is another.

    `most_part_bytes` is the cap of a single part, in bytes.
    """
    kind = kind_by_first_bytes(data)
    if kind is not FileKind.ZIP:
        raise refusal_error(kind, policy)
    archive = Archive(data, policy, most_part_bytes)
    kind = _kind_of_zip(archive, policy)
    if kind in policy.refusals:
        raise refusal_error(kind, policy)
    return archive


def detect_kind(data: bytes, wording: FilePolicy) -> FileKind:
    """Return what a file is, whatever its name says. Refused where its zip passes the caps."""
    kind = kind_by_first_bytes(data)
    return _kind_of_zip(Archive(data, wording), wording) if kind is FileKind.ZIP else kind


def _kind_of_zip(archive: Archive, wording: FilePolicy) -> FileKind:
    return kind_by_marker_part(archive) or kind_by_main_part(archive, _main_part(archive, wording))


def _main_part(archive: Archive, wording: FilePolicy) -> MainPart | None:
    """Return the part that all others hang from; None where the package names none.

    Refused where it is missing or cannot be known.
    """
    for _, relation in parse_relationships(_small_part(archive, relationships_part(""), wording)):
        if relation.kind.endswith("/officeDocument"):
            part = relation.path_from("")
            if part not in archive:
                raise wording.damaged_error(f"its part {part} is missing")
            types = ContentTypes.parse(_small_part(archive, CONTENT_TYPES, wording))
            return MainPart(relation.kind, types.type_of(part).lower(), _root_name(archive, part))
    return None


def _small_part(archive: Archive, part: str, wording: FilePolicy) -> bytes:
    """Return a small part's bytes; an empty list where there is no such part."""
    if part not in archive:
        return b"<none/>"
    if archive.size(part) > _MAX_LIST_BYTES:
        raise wording.unusual_error()
    return archive.read(part)


def _root_name(archive: Archive, part: str) -> str:
    """Return the first element as "namespace name"; empty where the XML is broken before it."""
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name)
    head = next(archive.chunks(part), b"")
    try:
        for at in range(0, len(head), _PARSE_STEP):
            parser.Parse(head[at : at + _PARSE_STEP])
            if names:
                return names[0]
    except (expat.ExpatError, LookupError, ValueError):  # also for encodings it does not know
        pass
    return ""


def read_package(path: Path, file: str = "", policy: FilePolicy = WORD) -> Package:
    """Read a .docx from disk; `file` is its name in messages. TemplateError says what is wrong.

    `wording` says which other kinds of Word's files are read.
    """
    file = file or path.name
    with file_errors(policy, file):
        return _package(read_bytes(path, policy), file, policy)


def parse_package(data: bytes, file: str, policy: FilePolicy = WORD) -> Package:
    """Return a .docx's bytes as a package. TemplateError if they are none, or not safe to open."""
    with file_errors(policy, file):
        return _package(data, file, policy)


def _package(data: bytes, file: str, wording: FilePolicy) -> Package:
    return Package(file, open_archive(data, wording).parts)


# The zip: members as they lie in the file.


_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_UTF8_NAME = 0x800
_FIXED_DATE = 0x21
"""1 January 1980: the same input gives the same bytes."""


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
        """Return a part's bytes; KeyError where there is no such part."""
        return self._by_name[name].data

    def without_parts(self, names: set[str]) -> Package:
        """Return the same package less some members."""
        return Package(self.file, tuple(m for m in self.members if m.name not in names))

    def with_parts(self, parts: Mapping[str, bytes]) -> Package:
        """Return the same package with some parts' bytes replaced, new ones at the end."""
        changed = {name: Member.from_data(name, data) for name, data in parts.items()}
        kept = [changed.pop(m.name, m) for m in self.members]
        return Package(self.file, (*kept, *changed.values()))

    def with_names(self, names: Mapping[str, str]) -> Package:
        """Return the same package with other names for some members."""
        new = tuple(m._replace(name=names.get(m.name, m.name)) for m in self.members)
        return Package(self.file, new)

    def to_bytes(self) -> bytes:
        """Return the whole zip."""
        return PackageAssembler(self, ()).assemble(())


class PackageAssembler:
    """Makes .docx files from one package in which only some parts differ.

    The other members and their directory entries are put together once.
    """

    def __init__(self, package: Package, changing: Sequence[str]) -> None:
        self._names = tuple(name.encode() for name in changing)
        fixed = [m for m in package.members if m.name not in set(changing)]
        zipped = _ZipWriter()
        directory = [zipped.add(member.name.encode(), member) for member in fixed]
        self._front, self._directory = b"".join(zipped.pieces), b"".join(directory)
        self._count = len(fixed) + len(self._names)

    def assemble(self, parts: Sequence[Member]) -> bytes:
        """Return the bytes of a .docx with these parts, in the order of the names given before."""
        zipped = _ZipWriter(self._front)
        entries = [zipped.add(*part) for part in zip(self._names, parts, strict=True)]
        directory = b"".join((self._directory, *entries))
        count, size = self._count, len(directory)
        end = _END.pack(0x06054B50, 0, 0, count, count, size, zipped.length, 0)
        return b"".join((*zipped.pieces, directory, end))


class _ZipWriter:
    """Members one behind the other, as they will lie in the file."""

    def __init__(self, front: bytes = b"") -> None:
        self.pieces = [front]
        self.length = len(front)

    def add(self, name: bytes, member: Member) -> bytes:
        """Append a member (APPNOTE 4.3.7); return its directory entry (APPNOTE 4.3.12)."""
        raw, start, long = member.raw, self.length, len(name)
        what = (_UTF8_NAME, member.method, 0, _FIXED_DATE, member.crc, len(raw), member.size, long)
        self.pieces += (_LOCAL.pack(0x04034B50, 20, *what, 0), name, raw)
        self.length += _LOCAL.size + long + len(raw)
        return _CENTRAL.pack(0x02014B50, 20, 20, *what, 0, 0, 0, 0, 0, start) + name
