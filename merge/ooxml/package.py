"""A Word or Excel file as a package of parts: read, change, write.

1. A letter is assembled from the compressed bytes of the template's own zip. A part without
   placeholders is never unpacked again.
2. Sources: ECMA-376 part 2 (Open Packaging Conventions) and PKWARE APPNOTE.
3. Callers decide which packages they accept: `FilePolicy`.
4. No lxml is loaded here, because workbooks are read with expat alone.
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
    FilePolicy,
    ZipArchive,
    ZipMember,
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
"""Maximum size of the lists of relationships and content types, in bytes.

The largest real ones have about 50 KB.
"""
_PARSE_STEP = 1 << 10


def open_archive(
    data: bytes, policy: FilePolicy, most_part_bytes: int = MAX_PART_BYTES
) -> ZipArchive:
    """Return a zip whose parts are within the size limits.

    Raise FaultError if the file is of a kind that `policy` refuses. `most_part_bytes` is the limit
    of a single part.
    """
    kind = kind_by_first_bytes(data)
    if kind is not FileKind.ZIP:
        raise refusal_error(kind, policy)
    archive = ZipArchive(data, policy, most_part_bytes)
    kind = _kind_of_zip(archive, policy)
    if kind in policy.refusals:
        raise refusal_error(kind, policy)
    return archive


def detect_kind(data: bytes, policy: FilePolicy) -> FileKind:
    """Return the kind of a file from its bytes, whatever its name says.

    Raise FaultError if its zip exceeds a limit.
    """
    kind = kind_by_first_bytes(data)
    return _kind_of_zip(ZipArchive(data, policy), policy) if kind is FileKind.ZIP else kind


def _kind_of_zip(archive: ZipArchive, policy: FilePolicy) -> FileKind:
    return kind_by_marker_part(archive) or kind_by_main_part(archive, _main_part(archive, policy))


def _main_part(archive: ZipArchive, policy: FilePolicy) -> MainPart | None:
    """Return a package's main part, or None if the package names none.

    Raise FaultError if the part is missing or its type cannot be read.
    """
    for _, relationship in parse_relationships(
        _small_part(archive, relationships_part(""), policy)
    ):
        if relationship.kind.endswith("/officeDocument"):
            part = relationship.path_from("")
            if part not in archive:
                raise policy.damaged_error(f"its part {part} is missing")
            types = ContentTypes.parse(_small_part(archive, CONTENT_TYPES, policy))
            return MainPart(
                relationship.kind, types.type_of(part).lower(), _root_name(archive, part)
            )
    return None


def _small_part(archive: ZipArchive, part: str, policy: FilePolicy) -> bytes:
    """Return the bytes of a small part; of an empty list if it is missing."""
    if part not in archive:
        return b"<none/>"
    if archive.size(part) > _MAX_LIST_BYTES:
        raise policy.unusual_error()
    return archive.read(part)


def _root_name(archive: ZipArchive, part: str) -> str:
    """Return the name of a part's first element as "namespace name".

    Empty if the XML before it is broken.
    """
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name)
    head = next(archive.chunks(part), b"")
    try:
        for position in range(0, len(head), _PARSE_STEP):
            parser.Parse(head[position : position + _PARSE_STEP])
            if names:
                return names[0]
    except (expat.ExpatError, LookupError, ValueError):  # also unknown encodings
        pass
    return ""


def read_package(path: Path, file: str = "", policy: FilePolicy = WORD) -> Package:
    """Return the Word file at a path; `file` is its name in messages.

    `policy` says which kinds are accepted. Raise TemplateError if the file is refused or damaged.
    """
    file = file or path.name
    with file_errors(policy, file):
        return _package(read_bytes(path, policy), file, policy)


def parse_package(data: bytes, file: str, policy: FilePolicy = WORD) -> Package:
    """Return the Word file in bytes; `file` is its name in messages.

    Raise TemplateError if they are of another kind, or not safe to open.
    """
    with file_errors(policy, file):
        return _package(data, file, policy)


def _package(data: bytes, file: str, policy: FilePolicy) -> Package:
    return Package(file, open_archive(data, policy).parts)


# The zip.


_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_UTF8_NAME = 0x800
_FIXED_DATE = 0x21
"""1 January 1980, so that the same input gives the same bytes."""


@dataclass(frozen=True)
class Package:
    """The parts of a Word or Excel file, in order and within the limits."""

    file: str
    members: tuple[ZipMember, ...]

    @cached_property
    def _by_name(self) -> Mapping[str, ZipMember]:
        return {m.name: m for m in self.members}

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def read(self, name: str) -> bytes:
        """Return the bytes of a part; raise KeyError if it is missing."""
        return self._by_name[name].data

    def without_parts(self, names: set[str]) -> Package:
        """Return a package without the parts of these names."""
        return Package(self.file, tuple(m for m in self.members if m.name not in names))

    def with_parts(self, parts: Mapping[str, bytes]) -> Package:
        """Return a package with some parts replaced, and new parts at the end."""
        new_members = {name: ZipMember.from_data(name, data) for name, data in parts.items()}
        members = [new_members.pop(m.name, m) for m in self.members]
        return Package(self.file, (*members, *new_members.values()))

    def with_names(self, names: Mapping[str, str]) -> Package:
        """Return a package in which some parts have other names."""
        members = tuple(m._replace(name=names.get(m.name, m.name)) for m in self.members)
        return Package(self.file, members)

    def to_bytes(self) -> bytes:
        """Return the package as the bytes of a zip."""
        return PackageAssembler(self, ()).assemble(())


class PackageAssembler:
    """Assembles .docx files that share most parts of one package.

    The unchanged parts and their directory entries are joined only once.
    """

    def __init__(self, package: Package, changing: Sequence[str]) -> None:
        self._names = tuple(name.encode() for name in changing)
        fixed = [m for m in package.members if m.name not in set(changing)]
        writer = _ZipWriter()
        directory = [writer.add(member.name.encode(), member) for member in fixed]
        self._front, self._directory = b"".join(writer.pieces), b"".join(directory)
        self._count = len(fixed) + len(self._names)

    def assemble(self, parts: Sequence[ZipMember]) -> bytes:
        """Return a .docx as bytes, with new contents for the parts that change.

        They are in the order of the names given to the assembler.
        """
        writer = _ZipWriter(self._front)
        entries = [writer.add(*part) for part in zip(self._names, parts, strict=True)]
        directory = b"".join((self._directory, *entries))
        count, size = self._count, len(directory)
        end = _END.pack(0x06054B50, 0, 0, count, count, size, writer.length, 0)
        return b"".join((*writer.pieces, directory, end))


class _ZipWriter:
    """The members of a zip that is being written."""

    def __init__(self, front: bytes = b"") -> None:
        self.pieces = [front]
        self.length = len(front)

    def add(self, name: bytes, member: ZipMember) -> bytes:
        """Append a member to the zip; return its directory entry (APPNOTE 4.3.12)."""
        raw, start, length = member.raw, self.length, len(name)
        header = (
            _UTF8_NAME,
            member.method,
            0,
            _FIXED_DATE,
            member.crc,
            len(raw),
            member.size,
            length,
        )
        self.pieces += (_LOCAL.pack(0x04034B50, 20, *header, 0), name, raw)
        self.length += _LOCAL.size + length + len(raw)
        return _CENTRAL.pack(0x02014B50, 20, 20, *header, 0, 0, 0, 0, 0, start) + name
