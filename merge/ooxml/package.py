"""A Word or Excel file as a package of parts: opened, its relationships and content types, written.

A letter is put together from the bytes that the template's own zip holds: a member that no tag
touches is never unpacked again. ECMA-376 part 2 (Open Packaging Conventions); PKWARE APPNOTE.
What a caller accepts of a package is the caller's matter. No lxml is loaded here before a part of
a `SourceDocument` is parsed: workbooks are read with expat alone.
"""

from __future__ import annotations

import hashlib
import posixpath
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias
from urllib.parse import unquote
from xml.parsers import expat

from merge import messages
from merge.errors import StorageError, TemplateError
from merge.ooxml import PACKAGE
from merge.ooxml.container import (
    DAMAGE_ERRORS,
    MOST_PART,
    Archive,
    Wording,
    crc32,
    deflated,
    file_errors,
    read_bytes,
)
from merge.ooxml.kinds import (
    WORD,
    FileKind,
    MainPart,
    kind_by_main_part,
    kind_by_mark,
    kind_of,
    refused,
)
from merge.problems import Place, Problem

if TYPE_CHECKING:
    from merge.ooxml.wordml import Element


def open_archive(data: bytes, wording: Wording, most_part: int = MOST_PART) -> Archive:
    """Return the zip's parts within the caps. Refused, with what the file is, if it is another.

    `most_part` is the cap of a single part, in bytes.
    """
    kind = kind_of(data)
    if kind is not FileKind.ZIP:
        raise refused(kind, wording)
    archive = Archive(data, wording, most_part)
    kind = _kind_of_zip(archive, wording)
    if kind in wording.refusals:
        raise refused(kind, wording)
    return archive


def kind_within(data: bytes, wording: Wording) -> FileKind:
    """Return what a file is, whatever its name says. Refused where its zip passes the caps."""
    kind = kind_of(data)
    return _kind_of_zip(Archive(data, wording), wording) if kind is FileKind.ZIP else kind


def _kind_of_zip(archive: Archive, wording: Wording) -> FileKind:
    return kind_by_mark(archive) or kind_by_main_part(archive, _main_part(archive, wording))


def read_package(path: Path, file: str = "", wording: Wording = WORD) -> Package:
    """Read a .docx from disk; `file` is its name in messages. TemplateError says what is wrong.

    `wording` says which other kinds of Word's files are read.
    """
    file = file or path.name
    with file_errors(wording, file):
        return _package(read_bytes(path, wording), file, wording)


def parse_package(data: bytes, file: str, wording: Wording = WORD) -> Package:
    """Return a .docx's bytes as a package. TemplateError if they are none, or not safe to open."""
    with file_errors(wording, file):
        return _package(data, file, wording)


def _package(data: bytes, file: str, wording: Wording) -> Package:
    return Package(file, tuple(Member(*part) for part in open_archive(data, wording).parts))


# The zip: members as they lie in the file.


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
        """Return a member made from a part's bytes."""
        if len(data) < _WORTH_DEFLATING:
            return cls(name, _STORED, crc32(data, 0), len(data), data)
        return cls(name, _DEFLATED, crc32(data, 0), len(data), deflated(data))

    @classmethod
    def of_deflated(cls, name: str, raw: bytes, data: bytes) -> Member:
        """Return a member made from a part's bytes, and the same deflated."""
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
        """Return a part's bytes; KeyError where there is no such part."""
        return self._by_name[name].data

    def without(self, names: set[str]) -> Package:
        """Return the same package less some members."""
        return Package(self.file, tuple(m for m in self.members if m.name not in names))

    def replaced(self, parts: Mapping[str, bytes]) -> Package:
        """Return the same package with some parts' bytes replaced, new ones at the end."""
        changed = {name: Member.of(name, data) for name, data in parts.items()}
        kept = [changed.pop(m.name, m) for m in self.members]
        return Package(self.file, (*kept, *changed.values()))

    def renamed(self, names: Mapping[str, str]) -> Package:
        """Return the same package with other names for some members."""
        new = tuple(m._replace(name=names.get(m.name, m.name)) for m in self.members)
        return Package(self.file, new)

    def write(self) -> bytes:
        """Return the whole zip."""
        return PackageAssembler(self, ()).assemble(())


class PackageAssembler:
    """Makes .docx files from one package in which only some parts differ.

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
        """Return the bytes of a .docx with these parts, in the order of the names given before."""
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
        """Append a member (APPNOTE 4.3.7); return its directory entry (APPNOTE 4.3.12)."""
        raw, start, long = member.raw, self.length, len(name)
        what = (_UTF8_NAME, member.method, 0, _FIXED_DATE, member.crc, len(raw), member.size, long)
        self.pieces += (_LOCAL.pack(0x04034B50, 20, *what, 0), name, raw)
        self.length += _LOCAL.size + long + len(raw)
        return _CENTRAL.pack(0x02014B50, 20, 20, *what, 0, 0, 0, 0, 0, start) + name


# Relationships and content types (ECMA-376 part 2, 6.5 and 7.3): read and written here alone.


XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
CONTENT_TYPES = "[Content_Types].xml"
_RELS = "application/vnd.openxmlformats-package.relationships+xml"
_MOST = 1 << 20
"""Bytes of the package's own two lists; the largest real ones have some 50 KB."""

_STEP = 1 << 10
_LAST = True


class Attributes(Protocol):
    """An element's attributes as either parser has them: expat's mapping, lxml's element."""

    def get(self, name: str, /) -> str | None:
        """Return an attribute; None where the element has none of that name."""


class Relationship(NamedTuple):
    """A relationship of a part: the kind as a whole address, the target's name or its address."""

    kind: str
    target: str
    external: bool

    @property
    def word(self) -> str:
        """The last word of its kind: `image`, `header`."""
        return self.kind.rpartition("/")[2]

    def path_from(self, part: str) -> str:
        """Return the name of the part that it leads to from a part; from the package for empty."""
        whole = posixpath.join("/", posixpath.dirname(part), self.target)
        return posixpath.normpath(whole).lstrip("/")


PartRelationships: TypeAlias = tuple[tuple[str, Relationship], ...]
"""A part's relationships: each id and where it leads to."""


CORE = "docProps/core.xml"
CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
CORE_RELATIONSHIP = Relationship(
    f"{PACKAGE}/relationships/metadata/core-properties", CORE, external=False
)
"""The document's properties (ECMA-376 part 2, 8)."""


def relationships_part(part: str) -> str:
    """Return the name of the part with a part's relationships; of the package's own for empty."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def read_relationship(element: Attributes) -> tuple[str, Relationship]:
    """Return a relationship's id, and the relationship with its target as it is written.

    What the element does not say is empty.
    """
    kind, target = element.get("Type") or "", element.get("Target") or ""
    external = element.get("TargetMode") == "External"
    return element.get("Id") or "", Relationship(kind, target, external)


def parse_relationships(data: bytes) -> PartRelationships:
    """Return the relationships of a part in their order. ExpatError, ValueError if it is broken."""
    elements = _elements(data)
    return tuple(read_relationship(a) for name, a in elements if name == "Relationship")


class ContentTypes:
    """The types of a package's parts, from the elements of its list; of two alike the first."""

    def __init__(self, elements: Iterable[Attributes]) -> None:
        self._own: dict[str, str] = {}
        self._usual: dict[str, str] = {}
        for element in elements:
            kind = element.get("ContentType") or ""
            if name := element.get("PartName"):
                self._own.setdefault(name.lower(), kind)
            elif ending := element.get("Extension"):
                self._usual[ending.lower()] = kind

    @classmethod
    def parsed(cls, data: bytes) -> ContentTypes:
        """Return the types of a list. ExpatError or ValueError if it is broken."""
        return cls(attributes for _, attributes in _elements(data))

    def of(self, part: str) -> str:
        """Return a part's type: its own, else its ending's; empty where there is none for it."""
        ending = part.rpartition(".")[2].lower()
        return self._own.get(f"/{part}".lower(), self._usual.get(ending, ""))


def _elements(data: bytes) -> list[tuple[str, Mapping[str, str]]]:
    """Return the local name and the attributes of every element."""
    found: list[tuple[str, Mapping[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((name.rpartition(" ")[2], attributes))

    def doctype(*_: object) -> None:
        raise ValueError("a list of parts declares a document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(data, _LAST)
    return found


def _main_part(archive: Archive, wording: Wording) -> MainPart | None:
    """Return the part that all others hang from; None where the package names none.

    Refused where it is missing or cannot be known.
    """
    for _, relation in parse_relationships(_list(archive, relationships_part(""), wording)):
        if relation.kind.endswith("/officeDocument"):
            part = relation.path_from("")
            if part not in archive:
                raise wording.damaged(f"its part {part} is missing")
            types = ContentTypes.parsed(_list(archive, CONTENT_TYPES, wording))
            return MainPart(relation.kind, types.of(part).lower(), _root(archive, part))
    return None


def _list(archive: Archive, part: str, wording: Wording) -> bytes:
    """Return a small part's bytes; an empty list where there is no such part."""
    if part not in archive:
        return b"<none/>"
    if archive.size(part) > _MOST:
        raise wording.odd()
    return archive.read(part)


def _root(archive: Archive, part: str) -> str:
    """Return the first element as "namespace name"; empty where the XML is broken before it."""
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name)
    head = next(archive.chunks(part), b"")
    try:
        for at in range(0, len(head), _STEP):
            parser.Parse(head[at : at + _STEP])
            if names:
                return names[0]
    except (expat.ExpatError, LookupError, ValueError):  # also for encodings it does not know
        pass
    return ""


def relationships_xml(links: PartRelationships, folder: str) -> bytes:
    """Return the part with the relationships of a part that lies in a folder."""
    each = "".join(_relationship_xml(number, relation, folder) for number, relation in links)
    opened = f'<Relationships xmlns="{PACKAGE}/relationships">'
    return XML_DECLARATION + f"{opened}{each}</Relationships>".encode()


def _relationship_xml(number: str, relation: Relationship, folder: str) -> str:
    mode, path = ' TargetMode="External"', relation.target
    if not relation.external:
        mode, path = "", posixpath.relpath(f"/{path}", f"/{folder}")
    kind, target = escape(relation.kind), escape(path)
    return f'<Relationship Id="{escape(number)}" Type="{kind}" Target="{target}"{mode}/>'


def content_types_xml(usual: Mapping[str, str], own: Mapping[str, str]) -> bytes:
    """Return the list of types: those of endings, and those of parts by their names."""
    each = "".join(
        f'<Default Extension="{escape(ending)}" ContentType="{escape(kind)}"/>'
        for ending, kind in usual.items()
    )
    each += "".join(
        f'<Override PartName="/{escape(name)}" ContentType="{escape(kind)}"/>'
        for name, kind in own.items()
    )
    opened = f'<Types xmlns="{PACKAGE}/content-types">'
    return XML_DECLARATION + f"{opened}{each}</Types>".encode()


# A finished letter, opened to be put into a larger file.


_KNOWN = 256
"""Lists of relationships and types that are kept: those of most letters are the same."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A .docx that goes into a larger one, in a section of its own.

    `name` is what messages call it. With `front` it starts on a front side. `pages` is how many
    it has: what a field says that counts them; 0 leaves what the file says. Before the typed name
    of its `signer` comes a bookmark.
    """

    name: str
    data: bytes
    front: bool = False
    pages: int = 0
    signer: str = ""


class SourceDocument:
    """A letter's parts, and the main one among them. StorageError where it cannot be read."""

    def __init__(self, piece: SourceFile) -> None:
        self.name = piece.name
        try:
            package = parse_package(piece.data, piece.name)
        except TemplateError as error:
            raise StorageError([letter_problem(problem) for problem in error.problems]) from error
        self.members: Mapping[str, Member] = {m.name: m for m in package.members}
        self._types = _types_of(self.member(CONTENT_TYPES).data)
        first = (r.target for r in self.relationships("").values() if r.word == "officeDocument")
        self.main = next(first, "")

    def relationships(self, part: str) -> Mapping[str, Relationship]:
        """Return a part's relationships by their ids; the package's own for empty."""
        path = relationships_part(part)
        if path not in self.members:
            return {}
        return _relationships_of(self.members[path].data, posixpath.dirname(part))

    def related(self, word: str) -> str:
        """Return the part of a kind that the main part leads to; empty where there is none."""
        found = (r for r in self.relationships(self.main).values() if r.word == word)
        return next((r.target for r in found if not r.external), "")

    def bytes_of(self, word: str) -> bytes:
        """Return the bytes of the part of a kind; none where there is no such part."""
        part = self.related(word)
        return self.member(part).data if part else b""

    def type_of(self, part: str) -> str:
        """Return a part's content type; empty where the package has none for it."""
        return self._types.of(part)

    def member(self, part: str) -> Member:
        """Return the part as it lies in the zip. StorageError where it is missing."""
        if part not in self.members:
            raise self.damaged(f"its part {part} is missing")
        return self.members[part]

    def parsed(self, part: str) -> Element:
        """Return the root of a part's XML. StorageError where it cannot be read."""
        from merge.ooxml.wordml import parse_xml  # noqa: PLC0415 - lxml, when it is needed

        root = parse_xml(self.member(part).data)
        if root is None:
            raise self.damaged(f"its part {part} cannot be read")
        return root

    def damaged(self, why: str) -> StorageError:
        """Return the error of a file that Word would not have written like this."""
        place = Place(self.name)
        return StorageError(messages.problem("letter-unreadable/damaged", place, why=why))


def letter_problem(problem: Problem) -> Problem:
    """Return what the reader of templates reports, as a problem of a letter."""
    return replace(problem, code="letter-unreadable")


@lru_cache(_KNOWN)
def _types_of(data: bytes) -> ContentTypes:
    try:
        return ContentTypes.parsed(data)
    except DAMAGE_ERRORS:
        return ContentTypes(())


@lru_cache(_KNOWN)
def _relationships_of(data: bytes, folder: str) -> Mapping[str, Relationship]:
    """Return relationships by their ids, with the names of the parts that they lead to."""
    try:
        written = parse_relationships(data)
    except DAMAGE_ERRORS:
        return {}
    found = {}
    for number, relation in written:
        plain = relation._replace(target=unquote(relation.target))
        resolved = plain._replace(target=plain.path_from(f"{folder}/"))
        found[number] = relation if relation.external else resolved
    found.pop("", None)
    return found


# A package from parts: each once, whatever many letters have it (ECMA-376 part 2, 6 and 7).


_USUAL: Mapping[str, str] = {"xml": "application/xml"}


class RelationshipIds:
    """The relationships of one part of the new package, each once."""

    def __init__(self) -> None:
        self._ids: dict[Relationship, str] = {}

    def id_of(self, relation: Relationship) -> str:
        """Return the relationship's id, a new one where there is none yet."""
        return self._ids.setdefault(relation, f"rId{len(self._ids) + 1}")

    @property
    def links(self) -> PartRelationships:
        """All of them."""
        return tuple((number, relation) for relation, number in self._ids.items())


class PackageBuilder:
    """Takes parts in and gives them names; the same bytes that lead to the same get one name.

    `usual` are the types of endings, besides that of relationships.
    """

    def __init__(self, usual: Mapping[str, str] = _USUAL) -> None:
        self._usual = {"rels": _RELS, **usual}
        self._members: list[Member] = []
        self._types: dict[str, str] = {}
        self._known: dict[Hashable, str] = {}
        self._numbers: Counter[str] = Counter()

    def copied(self, source: SourceDocument, part: str, above: frozenset[str] = frozenset()) -> str:
        """Copy a part with all that it leads to; return its name in the new package.

        `above` are the parts that led to it: a way back to them is left out.
        """
        member, kind = source.member(part), source.type_of(part)
        links = self.links(source, part, above)
        packed = (kind, member.method, member.raw, links)
        if packed not in self._known:  # the same bytes may be there, packed in another way
            plain = (kind, hashlib.sha256(member.data).digest(), links)
            if plain not in self._known:
                self._known[plain] = self._named(part, member, kind, links)
            self._known[packed] = self._known[plain]
        return self._known[packed]

    def links(
        self, source: SourceDocument, part: str, above: frozenset[str] = frozenset()
    ) -> PartRelationships:
        """Return a part's relationships, with all that they lead to copied into the package."""
        seen, found = above | {part}, []
        for number, relation in source.relationships(part).items():
            if relation.external:
                found.append((number, relation))
            elif relation.target not in seen:
                target = self.copied(source, relation.target, seen)
                found.append((number, relation._replace(target=target)))
        return tuple(found)

    def add_part(self, part: str, data: bytes, kind: str, links: PartRelationships = ()) -> str:
        """Add a part, named like another, with the next free number; return its name."""
        return self._named(part, Member.of("", data), kind, links)

    def _named(self, part: str, member: Member, kind: str, links: PartRelationships) -> str:
        stem, ending = posixpath.splitext(part)
        stem = stem.rstrip("0123456789") or stem
        self._numbers[stem.lower()] += 1  # names that differ in capitals are the same (6.2.2)
        name = f"{stem}{self._numbers[stem.lower()]}{ending}"
        self.put(name, member, kind, links)
        return name

    def put(self, name: str, member: Member, kind: str, links: PartRelationships = ()) -> None:
        """Add a part of a given name."""
        self._members.append(member._replace(name=name))
        self._types[name] = kind
        if links:
            relations = relationships_xml(links, posixpath.dirname(name))
            self._members.append(Member.of(relationships_part(name), relations))

    def package(self, main: PartRelationships) -> bytes:
        """Return the whole .docx, with the relationships of the package itself."""
        types = content_types_xml(self._usual, self._types)
        relations = Member.of(relationships_part(""), relationships_xml(main, ""))
        front = (Member.of(CONTENT_TYPES, types), relations)
        return Package("", (*front, *self._members)).write()
