"""The parts of the whole: each once, whatever many pieces have it (ECMA-376 part 2, 6 and 7)."""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Hashable, Mapping
from html import escape
from typing import TypeAlias

from merge.package import Member, Package
from merge.printing.combine.source import Relation, Source

HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPACE = "http://schemas.openxmlformats.org/package/2006"
_RELS = "application/vnd.openxmlformats-package.relationships+xml"

Links: TypeAlias = tuple[tuple[str, Relation], ...]
"""A part's relationships: each id and where it leads to."""


class Relations:
    """The relationships of one part of the whole, each once."""

    def __init__(self) -> None:
        self._ids: dict[Relation, str] = {}

    def id_of(self, relation: Relation) -> str:
        """The relationship's id, a new one where there is none yet."""
        return self._ids.setdefault(relation, f"rId{len(self._ids) + 1}")

    @property
    def links(self) -> Links:
        """All of them."""
        return tuple((number, relation) for relation, number in self._ids.items())


class Parts:
    """Takes parts in and gives them names; the same bytes that lead to the same get one name."""

    def __init__(self) -> None:
        self._members: list[Member] = []
        self._types: dict[str, str] = {}
        self._known: dict[Hashable, str] = {}
        self._numbers: Counter[str] = Counter()

    def copied(self, source: Source, part: str) -> str:
        """A part of a piece as it is, with all that it leads to; its name in the whole."""
        return self._copied(source, part, frozenset({part}))

    def _copied(self, source: Source, part: str, above: frozenset[str]) -> str:
        member, kind = source.member(part), source.type_of(part)
        links = self._links(source, part, above)
        packed = (kind, member.method, member.raw, links)
        if packed not in self._known:
            self._known[packed] = self._unpacked(part, member, kind, links)
        return self._known[packed]

    def _unpacked(self, part: str, member: Member, kind: str, links: Links) -> str:
        """The same bytes may be packed in two ways."""
        key = (kind, hashlib.sha256(member.data).digest(), links)
        if key not in self._known:
            self._known[key] = self._named(part, member, kind, links)
        return self._known[key]

    def links(self, source: Source, part: str) -> Links:
        """A part's relationships, with all that they lead to copied into the whole."""
        return self._links(source, part, frozenset({part}))

    def _links(self, source: Source, part: str, above: frozenset[str]) -> Links:
        found = []
        for number, relation in source.relations(part).items():
            if relation.external:
                found.append((number, relation))
            elif relation.target not in above:
                target = self._copied(source, relation.target, above | {relation.target})
                found.append((number, relation._replace(target=target)))
        return tuple(found)

    def added(self, part: str, data: bytes, kind: str, links: Links = ()) -> str:
        """A new part, named like another, the first of its kind if there are more."""
        return self._named(part, Member.of("", data), kind, links)

    def _named(self, part: str, member: Member, kind: str, links: Links) -> str:
        stem, ending = posixpath.splitext(part)
        stem = stem.rstrip("0123456789") or stem
        self._numbers[stem.lower()] += 1  # names that differ in capitals are the same (6.2.2)
        name = f"{stem}{self._numbers[stem.lower()]}{ending}"
        self.put(name, member, kind, links)
        return name

    def put(self, name: str, member: Member, kind: str, links: Links = ()) -> None:
        """A part of a given name."""
        self._members.append(member._replace(name=name))
        self._types[f"/{name}"] = kind
        if links:
            folder, own = posixpath.split(name)
            path = posixpath.join(folder, "_rels", f"{own}.rels")
            self._members.append(Member.of(path, _relations(links, folder)))

    def package(self, main: Links) -> bytes:
        """The whole .docx, with the relationships of the package itself."""
        types, relations = _types(self._types), _relations(main, "")
        front = (Member.of("[Content_Types].xml", types), Member.of("_rels/.rels", relations))
        return Package("", (*front, *self._members)).write()


def _relations(links: Links, folder: str) -> bytes:
    each = "".join(_relation(number, relation, folder) for number, relation in links)
    opened = f'<Relationships xmlns="{_SPACE}/relationships">'
    return HEAD + f"{opened}{each}</Relationships>".encode()


def _relation(number: str, relation: Relation, folder: str) -> str:
    mode, path = ' TargetMode="External"', relation.target
    if not relation.external:
        mode, path = "", posixpath.relpath(f"/{path}", f"/{folder}")
    kind, target = escape(relation.kind), escape(path)
    return f'<Relationship Id="{escape(number)}" Type="{kind}" Target="{target}"{mode}/>'


def _types(kinds: Mapping[str, str]) -> bytes:
    usual = f'<Default Extension="rels" ContentType="{_RELS}"/>'
    usual += '<Default Extension="xml" ContentType="application/xml"/>'
    each = "".join(
        f'<Override PartName="{escape(name)}" ContentType="{escape(kind)}"/>'
        for name, kind in kinds.items()
    )
    return HEAD + f'<Types xmlns="{_SPACE}/content-types">{usual}{each}</Types>'.encode()
