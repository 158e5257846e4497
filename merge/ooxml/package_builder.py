"""Build a package from parts of other packages, each part only once.

ECMA-376 part 2, 6 and 7. No lxml is loaded before a part of a `SourceDocument` is parsed.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from merge import messages
from merge.errors import StorageError, TemplateError
from merge.ooxml.container import DAMAGE_ERRORS, ZipMember
from merge.ooxml.package import Package, parse_package
from merge.ooxml.relationships import (
    CONTENT_TYPES,
    RELATIONSHIPS_TYPE,
    ContentTypes,
    PartRelationships,
    Relationship,
    content_types_xml,
    parse_relationships,
    relationships_part,
    relationships_xml,
)
from merge.problems import Place, Problem

if TYPE_CHECKING:
    from docx.document import Document

    from merge.ooxml.wordml import Element

_MAX_CACHED_LISTS = 256
"""Maximum number of cached lists of relationships and content types.

Those of most letters are the same.
"""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A .docx that becomes a section of a larger one.

    `name` is its name in messages. With `starts_on_front` it starts on the front side of a sheet.
    `page_count` is the result of fields that count its pages; 0 leaves the result that the file
    has. A bookmark is set before the typed name of its `signer`.
    """

    name: str
    data: bytes
    starts_on_front: bool = False
    page_count: int = 0
    signer: str = ""


class SourceDocument:
    """The parts of a letter's file, and the name of its main part.

    Methods raise StorageError if the file cannot be read.
    """

    def __init__(self, file: SourceFile) -> None:
        self.name = file.name
        try:
            package = parse_package(file.data, file.name)
        except TemplateError as error:
            raise StorageError([letter_problem(problem) for problem in error.problems]) from error
        self.members: Mapping[str, ZipMember] = {m.name: m for m in package.members}
        self._types = _types_of(self.member(CONTENT_TYPES).data)
        targets = (
            r.target for r in self.relationships("").values() if r.short_kind == "officeDocument"
        )
        self.main_part = next(targets, "")

    def relationships(self, part: str) -> Mapping[str, Relationship]:
        """Return a part's relationships by ID.

        An empty name means those of the package itself.
        """
        path = relationships_part(part)
        if path not in self.members:
            return {}
        return _relationships_of(self.members[path].data, posixpath.dirname(part))

    def related_part(self, word: str) -> str:
        """Return the name of a part related to the main part by this kind.

        `word` is the last word of the relationship's type. The result is empty if there is none.
        """
        matches = (r for r in self.relationships(self.main_part).values() if r.short_kind == word)
        return next((r.target for r in matches if not r.external), "")

    def related_bytes(self, word: str) -> bytes:
        """Return the bytes of a part related to the main part, or empty bytes."""
        part = self.related_part(word)
        return self.member(part).data if part else b""

    def content_type(self, part: str) -> str:
        """Return a part's content type; empty if the package does not say."""
        return self._types.type_of(part)

    def member(self, part: str) -> ZipMember:
        """Return a part as it is compressed; raise StorageError if it is missing."""
        if part not in self.members:
            raise self.damaged_error(f"its part {part} is missing")
        return self.members[part]

    def parse_part(self, part: str) -> Element:
        """Return the root of a part's XML; raise StorageError if it is broken."""
        from merge.ooxml.wordml import parse_xml  # noqa: PLC0415 - lxml is loaded only if needed

        root = parse_xml(self.member(part).data)
        if root is None:
            raise self.damaged_error(f"its part {part} cannot be read")
        return root

    def damaged_error(self, reason: str) -> StorageError:
        """Return the error of a damaged letter."""
        place = Place(self.name)
        return StorageError(messages.problem("letter-unreadable/damaged", place, why=reason))


def letter_problem(problem: Problem) -> Problem:
    """Return a problem of a template file as a problem of a letter."""
    return replace(problem, code="letter-unreadable")


@lru_cache(_MAX_CACHED_LISTS)
def _types_of(data: bytes) -> ContentTypes:
    try:
        return ContentTypes.parse(data)
    except DAMAGE_ERRORS:
        return ContentTypes(())


@lru_cache(_MAX_CACHED_LISTS)
def _relationships_of(data: bytes, folder: str) -> Mapping[str, Relationship]:
    """Return relationships by ID, with the full names of their targets."""
    try:
        relationships = parse_relationships(data)
    except DAMAGE_ERRORS:
        return {}
    by_id = {}
    for relationship_id, relationship in relationships:
        decoded = relationship._replace(target=unquote(relationship.target))
        resolved = decoded._replace(target=decoded.path_from(f"{folder}/"))
        by_id[relationship_id] = relationship if relationship.external else resolved
    by_id.pop("", None)
    return by_id


_DEFAULT_TYPES: Mapping[str, str] = {"xml": "application/xml"}


class RelationshipIds:
    """The relationships of one part of the new package, without duplicates."""

    def __init__(self) -> None:
        self._ids: dict[Relationship, str] = {}

    def id_of(self, relationship: Relationship) -> str:
        """Return the ID of a relationship, or a new ID for a new relationship."""
        return self._ids.setdefault(relationship, f"rId{len(self._ids) + 1}")

    @property
    def relationships(self) -> PartRelationships:
        """All relationships that were given an ID, with the IDs."""
        return tuple((number, relationship) for relationship, number in self._ids.items())


class PackageBuilder:
    """Collects the parts of a new package and gives them names.

    Parts with the same bytes and the same relationships are stored once. `default_types` are the
    content types by extension, besides that of relationships.
    """

    def __init__(self, default_types: Mapping[str, str] = _DEFAULT_TYPES) -> None:
        self._default_types = {"rels": RELATIONSHIPS_TYPE, **default_types}
        self._members: list[ZipMember] = []
        self._types_by_name: dict[str, str] = {}
        self._names_by_content: dict[Hashable, str] = {}
        self._numbers: Counter[str] = Counter()

    def copy_part(
        self, source: SourceDocument, part: str, above: frozenset[str] = frozenset()
    ) -> str:
        """Copy a part with all parts that it refers to; return its new name.

        `above` are the parts that refer to it. Relationships back to them are omitted.
        """
        member, kind = source.member(part), source.content_type(part)
        links = self.copy_relationships(source, part, above)
        compressed_key = (kind, member.method, member.raw, links)
        if (
            compressed_key not in self._names_by_content
        ):  # the same bytes may be compressed in another way
            content_key = (kind, hashlib.sha256(member.data).digest(), links)
            if content_key not in self._names_by_content:
                self._names_by_content[content_key] = self._add_with_next_number(
                    part, member, kind, links
                )
            self._names_by_content[compressed_key] = self._names_by_content[content_key]
        return self._names_by_content[compressed_key]

    def copy_relationships(
        self, source: SourceDocument, part: str, above: frozenset[str] = frozenset()
    ) -> PartRelationships:
        """Copy the targets of a part's relationships; return the relationships."""
        parents, copied = above | {part}, []
        for relationship_id, relationship in source.relationships(part).items():
            if relationship.external:
                copied.append((relationship_id, relationship))
            elif relationship.target not in parents:
                target = self.copy_part(source, relationship.target, parents)
                copied.append((relationship_id, relationship._replace(target=target)))
        return tuple(copied)

    def add_numbered_part(
        self, part: str, data: bytes, kind: str, links: PartRelationships = ()
    ) -> str:
        """Add a part with a name like another's and the next free number.

        Return the new name.
        """
        return self._add_with_next_number(part, ZipMember.from_data("", data), kind, links)

    def _add_with_next_number(
        self, part: str, member: ZipMember, kind: str, links: PartRelationships
    ) -> str:
        stem, extension = posixpath.splitext(part)
        stem = stem.rstrip("0123456789") or stem
        self._numbers[stem.lower()] += 1  # names that differ only in case are the same (6.2.2)
        name = f"{stem}{self._numbers[stem.lower()]}{extension}"
        self.add_named_part(name, member, kind, links)
        return name

    def add_named_part(
        self, name: str, member: ZipMember, kind: str, links: PartRelationships = ()
    ) -> None:
        """Add a part with this name to the package."""
        self._members.append(member._replace(name=name))
        self._types_by_name[name] = kind
        if links:
            relationships = relationships_xml(links, posixpath.dirname(name))
            self._members.append(ZipMember.from_data(relationships_part(name), relationships))

    def build(self, main: PartRelationships) -> bytes:
        """Return the .docx as bytes, with relationships of the package itself."""
        types = content_types_xml(self._default_types, self._types_by_name)
        relationships = ZipMember.from_data(relationships_part(""), relationships_xml(main, ""))
        lists = (ZipMember.from_data(CONTENT_TYPES, types), relationships)
        return Package("", (*lists, *self._members)).to_bytes()


def document_bytes(document: Document) -> bytes:
    """Return a python-docx document as a .docx.

    Its own `save` refuses a clock before 1980 or after 2107.
    """
    package = document.part.package
    kinds, members = {}, [ZipMember.from_data(relationships_part(""), package.rels.xml)]
    for part in package.iter_parts():
        name = part.partname.membername
        kinds[name] = part.content_type
        members.append(ZipMember.from_data(name, part.blob))
        if part.rels:
            members.append(ZipMember.from_data(relationships_part(name), part.rels.xml))
    types = content_types_xml({"rels": RELATIONSHIPS_TYPE, **_DEFAULT_TYPES}, kinds)
    return Package("", (ZipMember.from_data(CONTENT_TYPES, types), *members)).to_bytes()
