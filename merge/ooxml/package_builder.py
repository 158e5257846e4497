"""Create a package from parts of others, each part only once.

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
from merge.ooxml.container import DAMAGE_ERRORS, Member
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
    from merge.ooxml.wordml import Element

_MAX_CACHED_LISTS = 256
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
    starts_on_front: bool = False
    page_count: int = 0
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
        first = (
            r.target for r in self.relationships("").values() if r.short_kind == "officeDocument"
        )
        self.main_part = next(first, "")

    def relationships(self, part: str) -> Mapping[str, Relationship]:
        """Return a part's relationships by their ids; the package's own for empty."""
        path = relationships_part(part)
        if path not in self.members:
            return {}
        return _relationships_of(self.members[path].data, posixpath.dirname(part))

    def related_part(self, word: str) -> str:
        """Return the part of a kind that the main part leads to; empty where there is none."""
        found = (r for r in self.relationships(self.main_part).values() if r.short_kind == word)
        return next((r.target for r in found if not r.external), "")

    def related_bytes(self, word: str) -> bytes:
        """Return the bytes of the part of a kind; none where there is no such part."""
        part = self.related_part(word)
        return self.member(part).data if part else b""

    def content_type(self, part: str) -> str:
        """Return a part's content type; empty where the package has none for it."""
        return self._types.type_of(part)

    def member(self, part: str) -> Member:
        """Return the part as it lies in the zip. StorageError where it is missing."""
        if part not in self.members:
            raise self.damaged_error(f"its part {part} is missing")
        return self.members[part]

    def parse_part(self, part: str) -> Element:
        """Return the root of a part's XML. StorageError where it cannot be read."""
        from merge.ooxml.wordml import parse_xml  # noqa: PLC0415 - lxml, when it is needed

        root = parse_xml(self.member(part).data)
        if root is None:
            raise self.damaged_error(f"its part {part} cannot be read")
        return root

    def damaged_error(self, why: str) -> StorageError:
        """Return the error of a file that Word would not have written like this."""
        place = Place(self.name)
        return StorageError(messages.problem("letter-unreadable/damaged", place, why=why))


def letter_problem(problem: Problem) -> Problem:
    """Return what the reader of templates reports, as a problem of a letter."""
    return replace(problem, code="letter-unreadable")


@lru_cache(_MAX_CACHED_LISTS)
def _types_of(data: bytes) -> ContentTypes:
    try:
        return ContentTypes.parse(data)
    except DAMAGE_ERRORS:
        return ContentTypes(())


@lru_cache(_MAX_CACHED_LISTS)
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


_DEFAULT_TYPES: Mapping[str, str] = {"xml": "application/xml"}


class RelationshipIds:
    """The relationships of one part of the new package, each once."""

    def __init__(self) -> None:
        self._ids: dict[Relationship, str] = {}

    def id_of(self, relation: Relationship) -> str:
        """Return the relationship's id, a new one where there is none yet."""
        return self._ids.setdefault(relation, f"rId{len(self._ids) + 1}")

    @property
    def relationships(self) -> PartRelationships:
        """All of them."""
        return tuple((number, relation) for relation, number in self._ids.items())


class PackageBuilder:
    """Takes parts in and gives them names; the same bytes that lead to the same get one name.

    `usual` are the types of endings, besides that of relationships.
    """

    def __init__(self, default_types: Mapping[str, str] = _DEFAULT_TYPES) -> None:
        self._default_types = {"rels": RELATIONSHIPS_TYPE, **default_types}
        self._members: list[Member] = []
        self._types_by_name: dict[str, str] = {}
        self._names_by_content: dict[Hashable, str] = {}
        self._numbers: Counter[str] = Counter()

    def copy_part(
        self, source: SourceDocument, part: str, above: frozenset[str] = frozenset()
    ) -> str:
        """Copy a part with all that it leads to; return its name in the new package.

        `above` are the parts that led to it: a way back to them is left out.
        """
        member, kind = source.member(part), source.content_type(part)
        links = self.copy_relationships(source, part, above)
        packed = (kind, member.method, member.raw, links)
        if (
            packed not in self._names_by_content
        ):  # the same bytes may be there, packed in another way
            plain = (kind, hashlib.sha256(member.data).digest(), links)
            if plain not in self._names_by_content:
                self._names_by_content[plain] = self._add_with_next_number(
                    part, member, kind, links
                )
            self._names_by_content[packed] = self._names_by_content[plain]
        return self._names_by_content[packed]

    def copy_relationships(
        self, source: SourceDocument, part: str, above: frozenset[str] = frozenset()
    ) -> PartRelationships:
        """Return a part's relationships, with all that they lead to copied into the package."""
        seen, found = above | {part}, []
        for number, relation in source.relationships(part).items():
            if relation.external:
                found.append((number, relation))
            elif relation.target not in seen:
                target = self.copy_part(source, relation.target, seen)
                found.append((number, relation._replace(target=target)))
        return tuple(found)

    def add_numbered_part(
        self, part: str, data: bytes, kind: str, links: PartRelationships = ()
    ) -> str:
        """Add a part, named like another, with the next free number; return its name."""
        return self._add_with_next_number(part, Member.from_data("", data), kind, links)

    def _add_with_next_number(
        self, part: str, member: Member, kind: str, links: PartRelationships
    ) -> str:
        stem, ending = posixpath.splitext(part)
        stem = stem.rstrip("0123456789") or stem
        self._numbers[stem.lower()] += 1  # names that differ in capitals are the same (6.2.2)
        name = f"{stem}{self._numbers[stem.lower()]}{ending}"
        self.add_named_part(name, member, kind, links)
        return name

    def add_named_part(
        self, name: str, member: Member, kind: str, links: PartRelationships = ()
    ) -> None:
        """Add a part of a given name."""
        self._members.append(member._replace(name=name))
        self._types_by_name[name] = kind
        if links:
            relations = relationships_xml(links, posixpath.dirname(name))
            self._members.append(Member.from_data(relationships_part(name), relations))

    def build(self, main: PartRelationships) -> bytes:
        """Return the whole .docx, with the relationships of the package itself."""
        types = content_types_xml(self._default_types, self._types_by_name)
        relations = Member.from_data(relationships_part(""), relationships_xml(main, ""))
        front = (Member.from_data(CONTENT_TYPES, types), relations)
        return Package("", (*front, *self._members)).to_bytes()
