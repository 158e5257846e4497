"""A .docx as a zip of parts: read within limits, written with untouched members copied as they are.

A letter is put together from the bytes that the template's own zip holds: a member that no tag
touches is never unpacked again. ECMA-376 part 2 (Open Packaging Conventions); PKWARE APPNOTE.
"""

from __future__ import annotations

import hashlib
import posixpath
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote

from merge.model import Place, Problem, StorageError, TemplateError
from merge.ooxml.container import crc32, deflated, file_errors, read_bytes
from merge.ooxml.kinds import WORD, open_archive
from merge.ooxml.wordml import Element, parse_xml

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_UTF8_NAME = 0x800
_FIXED_DATE = 0x21
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
    def of_deflated(cls, name: str, raw: bytes, data: bytes) -> Member:
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
        return PackageAssembler(self, ()).assemble(())


class PackageAssembler:
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

    def assemble(self, parts: Sequence[Member]) -> bytes:
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
        what = (_UTF8_NAME, member.method, 0, _FIXED_DATE, member.crc, len(raw), member.size, long)
        self.pieces += (_LOCAL.pack(0x04034B50, 20, *what, 0), name, raw)
        self.length += _LOCAL.size + long + len(raw)
        return _CENTRAL.pack(0x02014B50, 20, 20, *what, 0, 0, 0, 0, 0, start) + name


def read_package(path: Path, file: str = "") -> Package:
    """Read a .docx from disk; `file` is its name in messages. TemplateError says what is wrong."""
    file = file or path.name
    with file_errors(WORD, file):
        return _package(read_bytes(path, WORD), file)


def parse_package(data: bytes, file: str) -> Package:
    """A .docx's bytes as a package. TemplateError where they are none, or not safe to open."""
    with file_errors(WORD, file):
        return _package(data, file)


def _package(data: bytes, file: str) -> Package:
    return Package(file, tuple(Member(*part) for part in open_archive(data, WORD).parts))


# A piece, opened: its parts, and what they lead to (ECMA-376 part 2, 6.5 and 7.3).


_TYPES = "[Content_Types].xml"
_KNOWN = 256
"""Lists of relationships and types that are kept: those of most letters are the same."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A .docx that goes into the whole, in a section of its own.

    `name` is what messages call it. With `front` it starts on a front side. `pages` is how many
    it has: what a field says that counts them; 0 leaves what the file says.
    """

    name: str
    data: bytes
    front: bool = False
    pages: int = 0


class Relationship(NamedTuple):
    """Where a part leads to: the kind as a whole address, the target's name or its address."""

    kind: str
    target: str
    external: bool

    @property
    def word(self) -> str:
        """The last word of its kind: `image`, `header`."""
        return self.kind.rpartition("/")[2]


class SourceDocument:
    """A piece's parts, and the main one among them. StorageError where it cannot be read."""

    def __init__(self, piece: SourceFile) -> None:
        self.name = piece.name
        try:
            self._package = parse_package(piece.data, piece.name)
        except TemplateError as error:
            raise StorageError([letter_problem(problem) for problem in error.problems]) from error
        self.members: Mapping[str, Member] = {m.name: m for m in self._package.members}
        self._types = _read_types(self._bytes(_TYPES))
        first = (r.target for r in self.relationships("").values() if r.word == "officeDocument")
        self.main = next(first, "")

    def relationships(self, part: str) -> Mapping[str, Relationship]:
        """A part's relationships by their ids; of the package itself for empty."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        return _read_relationships(self.members[path].data, folder) if path in self.members else {}

    def related(self, word: str) -> str:
        """The part of a kind that the main part leads to; empty where there is none."""
        found = (r for r in self.relationships(self.main).values() if r.word == word)
        return next((r.target for r in found if not r.external), "")

    def bytes_of(self, word: str) -> bytes:
        """The bytes of the part of a kind; none where there is no such part."""
        part = self.related(word)
        return self._bytes(part) if part else b""

    def type_of(self, part: str) -> str:
        """A part's content type; empty where the package has none for it."""
        ending = part.rpartition(".")[2].lower()
        return self._types.get(f"/{part}".lower(), self._types.get(ending, ""))

    def member(self, part: str) -> Member:
        """The part as it lies in the zip."""
        if part not in self.members:
            raise self.damaged(f"its part {part} is missing")
        return self.members[part]

    def parsed(self, part: str) -> Element:
        """The root of a part's XML."""
        root = parse_xml(self._bytes(part))
        if root is None:
            raise self.damaged(f"its part {part} cannot be read")
        return root

    def _bytes(self, part: str) -> bytes:
        return self.member(part).data

    def damaged(self, why: str) -> StorageError:
        """Word would not have written the file like this."""
        what = f"the letter is damaged ({why})."
        hint = "Open it in Word, save it again and close it."
        return StorageError(Problem("letter-unreadable", Place(self.name), what, hint))


def letter_problem(problem: Problem) -> Problem:
    """Return what the reader of templates says, said of a letter."""
    what = problem.what.replace("the template", "the letter")
    return Problem("letter-unreadable", problem.place, what, problem.hint)


@lru_cache(_KNOWN)
def _read_types(data: bytes) -> Mapping[str, str]:
    """Content types by a part's name, with its slash, or by an ending; in small letters."""
    root = parse_xml(data)
    found = ((e.get("PartName") or e.get("Extension"), e) for e in (() if root is None else root))
    return {str(name).lower(): str(e.get("ContentType")) for name, e in found if name}


@lru_cache(_KNOWN)
def _read_relationships(data: bytes, folder: str) -> Mapping[str, Relationship]:
    root = parse_xml(data)
    elements = () if root is None else root
    return {str(e.get("Id")): _read_relationship(e, folder) for e in elements if e.get("Id")}


def _read_relationship(element: Element, folder: str) -> Relationship:
    target = str(element.get("Target"))
    external = element.get("TargetMode") == "External"
    if not external:
        path = posixpath.join("/", folder, unquote(target))
        target = posixpath.normpath(path).lstrip("/")
    return Relationship(str(element.get("Type")), target, external)


# The parts of the whole: each once, whatever many pieces have it (ECMA-376 part 2, 6 and 7).


XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPACE = "http://schemas.openxmlformats.org/package/2006"
_RELS = "application/vnd.openxmlformats-package.relationships+xml"

PartRelationships: TypeAlias = tuple[tuple[str, Relationship], ...]
"""A part's relationships: each id and where it leads to."""


class RelationshipIds:
    """The relationships of one part of the whole, each once."""

    def __init__(self) -> None:
        self._ids: dict[Relationship, str] = {}

    def id_of(self, relation: Relationship) -> str:
        """The relationship's id, a new one where there is none yet."""
        return self._ids.setdefault(relation, f"rId{len(self._ids) + 1}")

    @property
    def links(self) -> PartRelationships:
        """All of them."""
        return tuple((number, relation) for relation, number in self._ids.items())


class PackageBuilder:
    """Takes parts in and gives them names; the same bytes that lead to the same get one name."""

    def __init__(self) -> None:
        self._members: list[Member] = []
        self._types: dict[str, str] = {}
        self._known: dict[Hashable, str] = {}
        self._numbers: Counter[str] = Counter()

    def copied(self, source: SourceDocument, part: str) -> str:
        """A part of a piece as it is, with all that it leads to; its name in the whole."""
        return self._copied(source, part, frozenset({part}))

    def _copied(self, source: SourceDocument, part: str, above: frozenset[str]) -> str:
        member, kind = source.member(part), source.type_of(part)
        links = self._links(source, part, above)
        packed = (kind, member.method, member.raw, links)
        if packed not in self._known:
            self._known[packed] = self._unpacked(part, member, kind, links)
        return self._known[packed]

    def _unpacked(self, part: str, member: Member, kind: str, links: PartRelationships) -> str:
        """The same bytes may be packed in two ways."""
        key = (kind, hashlib.sha256(member.data).digest(), links)
        if key not in self._known:
            self._known[key] = self._named(part, member, kind, links)
        return self._known[key]

    def links(self, source: SourceDocument, part: str) -> PartRelationships:
        """A part's relationships, with all that they lead to copied into the whole."""
        return self._links(source, part, frozenset({part}))

    def _links(self, source: SourceDocument, part: str, above: frozenset[str]) -> PartRelationships:
        found = []
        for number, relation in source.relationships(part).items():
            if relation.external:
                found.append((number, relation))
            elif relation.target not in above:
                target = self._copied(source, relation.target, above | {relation.target})
                found.append((number, relation._replace(target=target)))
        return tuple(found)

    def add_part(self, part: str, data: bytes, kind: str, links: PartRelationships = ()) -> str:
        """A new part, named like another, the first of its kind if there are more."""
        return self._named(part, Member.of("", data), kind, links)

    def _named(self, part: str, member: Member, kind: str, links: PartRelationships) -> str:
        stem, ending = posixpath.splitext(part)
        stem = stem.rstrip("0123456789") or stem
        self._numbers[stem.lower()] += 1  # names that differ in capitals are the same (6.2.2)
        name = f"{stem}{self._numbers[stem.lower()]}{ending}"
        self.put(name, member, kind, links)
        return name

    def put(self, name: str, member: Member, kind: str, links: PartRelationships = ()) -> None:
        """A part of a given name."""
        self._members.append(member._replace(name=name))
        self._types[f"/{name}"] = kind
        if links:
            folder, own = posixpath.split(name)
            path = posixpath.join(folder, "_rels", f"{own}.rels")
            self._members.append(Member.of(path, _relationships_xml(links, folder)))

    def package(self, main: PartRelationships) -> bytes:
        """The whole .docx, with the relationships of the package itself."""
        types, relations = _types_xml(self._types), _relationships_xml(main, "")
        front = (Member.of("[Content_Types].xml", types), Member.of("_rels/.rels", relations))
        return Package("", (*front, *self._members)).write()


def _relationships_xml(links: PartRelationships, folder: str) -> bytes:
    each = "".join(_relationship_xml(number, relation, folder) for number, relation in links)
    opened = f'<Relationships xmlns="{_SPACE}/relationships">'
    return XML_DECLARATION + f"{opened}{each}</Relationships>".encode()


def _relationship_xml(number: str, relation: Relationship, folder: str) -> str:
    mode, path = ' TargetMode="External"', relation.target
    if not relation.external:
        mode, path = "", posixpath.relpath(f"/{path}", f"/{folder}")
    kind, target = escape(relation.kind), escape(path)
    return f'<Relationship Id="{escape(number)}" Type="{kind}" Target="{target}"{mode}/>'


def _types_xml(kinds: Mapping[str, str]) -> bytes:
    usual = f'<Default Extension="rels" ContentType="{_RELS}"/>'
    usual += '<Default Extension="xml" ContentType="application/xml"/>'
    each = "".join(
        f'<Override PartName="{escape(name)}" ContentType="{escape(kind)}"/>'
        for name, kind in kinds.items()
    )
    return XML_DECLARATION + f'<Types xmlns="{_SPACE}/content-types">{usual}{each}</Types>'.encode()
