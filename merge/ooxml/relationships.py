"""Read and write relationships and content types of a package.

ECMA-376 part 2, 6.5 and 7.3. No lxml is loaded, because workbooks are read with expat alone.
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
    """Attributes of an element: a mapping from expat, or an lxml element."""

    def get(self, name: str, /) -> str | None:
        """Return an attribute's text, or None if the element does not have it."""


class Relationship(NamedTuple):
    """A relationship of a part.

    `kind` is its type, a complete URI. `target` is the name of a part, or an address outside the
    package.
    """

    kind: str
    target: str
    external: bool

    @property
    def short_kind(self) -> str:
        """The last word of the relationship's type, such as `image` or `header`."""
        return self.kind.rpartition("/")[2]

    def path_from(self, part: str) -> str:
        """Return the name of the target part, as seen from the related part.

        An empty part means the package.
        """
        path = posixpath.join("/", posixpath.dirname(part), self.target)
        return posixpath.normpath(path).lstrip("/")


PartRelationships: TypeAlias = tuple[tuple[str, Relationship], ...]
"""A part's relationships, each with its ID."""


CORE_PART = "docProps/core.xml"
CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
CORE_RELATIONSHIP = Relationship(
    f"{PACKAGE}/relationships/metadata/core-properties", CORE_PART, external=False
)
"""The document properties (ECMA-376 part 2, 8)."""


def relationships_part(part: str) -> str:
    """Return the name of the .rels part that belongs to a part.

    An empty part means the package.
    """
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def read_relationship(element: Attributes) -> tuple[str, Relationship]:
    """Return a relationship and its ID, from the XML element.

    Missing attributes are empty.
    """
    kind, target = element.get("Type") or "", element.get("Target") or ""
    external = element.get("TargetMode") == "External"
    return element.get("Id") or "", Relationship(kind, target, external)


def parse_relationships(data: bytes) -> PartRelationships:
    """Return the relationships in a part, in order.

    Raise ExpatError or ValueError if the XML is broken.
    """
    elements = _elements(data)
    return tuple(read_relationship(a) for name, a in elements if name == "Relationship")


class ContentTypes:
    """The content types of a package's parts.

    If the list has two entries for one part, the first counts.
    """

    def __init__(self, elements: Iterable[Attributes]) -> None:
        self._overrides: dict[str, str] = {}
        self._defaults: dict[str, str] = {}
        for element in elements:
            kind = element.get("ContentType") or ""
            if name := element.get("PartName"):
                self._overrides.setdefault(name.lower(), kind)
            elif extension := element.get("Extension"):
                self._defaults[extension.lower()] = kind

    @classmethod
    def parse(cls, data: bytes) -> ContentTypes:
        """Return content types from XML; raise ExpatError or ValueError if broken."""
        return cls(attributes for _, attributes in _elements(data))

    def type_of(self, part: str) -> str:
        """Return the content type of a part: its own, or its extension's.

        Empty if there is none.
        """
        extension = part.rpartition(".")[2].lower()
        return self._overrides.get(f"/{part}".lower(), self._defaults.get(extension, ""))


def _elements(data: bytes) -> list[tuple[str, Mapping[str, str]]]:
    """Return the local name and attributes of every element in XML."""
    elements: list[tuple[str, Mapping[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        elements.append((name.rpartition(" ")[2], attributes))

    def doctype(*_: object) -> None:
        raise ValueError("a list of parts declares a document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(data, _IS_FINAL)
    return elements


def relationships_xml(links: PartRelationships, folder: str) -> bytes:
    """Return the XML of the relationships of a part.

    `folder` is the folder of the part.
    """
    elements = "".join(_relationship_xml(number, relation, folder) for number, relation in links)
    start = f'<Relationships xmlns="{PACKAGE}/relationships">'
    return XML_DECLARATION + f"{start}{elements}</Relationships>".encode()


def _relationship_xml(relationship_id: str, relationship: Relationship, folder: str) -> str:
    mode, path = ' TargetMode="External"', relationship.target
    if not relationship.external:
        mode, path = "", posixpath.relpath(f"/{path}", f"/{folder}")
    kind, target = escape(relationship.kind), escape(path)
    return f'<Relationship Id="{escape(relationship_id)}" Type="{kind}" Target="{target}"{mode}/>'


def content_types_xml(defaults: Mapping[str, str], overrides: Mapping[str, str]) -> bytes:
    """Return the XML of the content types, by extension and by part."""
    elements = "".join(
        f'<Default Extension="{escape(extension)}" ContentType="{escape(kind)}"/>'
        for extension, kind in defaults.items()
    )
    elements += "".join(
        f'<Override PartName="/{escape(name)}" ContentType="{escape(kind)}"/>'
        for name, kind in overrides.items()
    )
    start = f'<Types xmlns="{PACKAGE}/content-types">'
    return XML_DECLARATION + f"{start}{elements}</Types>".encode()
