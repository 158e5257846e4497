"""Relationships and content types of a package: reading and writing.

ECMA-376 part 2, 6.5 and 7.3. No lxml is loaded: workbooks are read with expat alone.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from html import escape
from typing import NamedTuple, Protocol, TypeAlias
from xml.parsers import expat

from merge.ooxml import PACKAGE

XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
CONTENT_TYPES = "[Content_Types].xml"
RELATIONSHIPS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"

_IS_FINAL = True


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
    def short_kind(self) -> str:
        """The last word of its kind: `image`, `header`."""
        return self.kind.rpartition("/")[2]

    def path_from(self, part: str) -> str:
        """Return the name of the part that it leads to from a part; from the package for empty."""
        whole = posixpath.join("/", posixpath.dirname(part), self.target)
        return posixpath.normpath(whole).lstrip("/")


PartRelationships: TypeAlias = tuple[tuple[str, Relationship], ...]
"""A part's relationships: each id and where it leads to."""


CORE_PART = "docProps/core.xml"
CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
CORE_RELATIONSHIP = Relationship(
    f"{PACKAGE}/relationships/metadata/core-properties", CORE_PART, external=False
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
        self._overrides: dict[str, str] = {}
        self._defaults: dict[str, str] = {}
        for element in elements:
            kind = element.get("ContentType") or ""
            if name := element.get("PartName"):
                self._overrides.setdefault(name.lower(), kind)
            elif ending := element.get("Extension"):
                self._defaults[ending.lower()] = kind

    @classmethod
    def parse(cls, data: bytes) -> ContentTypes:
        """Return the types of a list. ExpatError or ValueError if it is broken."""
        return cls(attributes for _, attributes in _elements(data))

    def type_of(self, part: str) -> str:
        """Return a part's type: its own, else its ending's; empty where there is none for it."""
        ending = part.rpartition(".")[2].lower()
        return self._overrides.get(f"/{part}".lower(), self._defaults.get(ending, ""))


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
    parser.Parse(data, _IS_FINAL)
    return found


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
