"""A piece, opened: its parts, and what they lead to (ECMA-376 part 2, 6.5 and 7.3)."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from merge.model import Place, Problem, StorageError, TemplateError
from merge.package import Member, parse_package
from merge.tags.text import Element, parse_xml

_TYPES = "[Content_Types].xml"
_KNOWN = 256
"""Lists of relationships and types that are kept: those of most letters are the same."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A .docx that goes into the whole, in a section of its own.

    `name` is what messages call it. With `front` it starts on a front side. `pages` is how many
    it has: what a field says that counts them; 0 leaves what the file says.
    """

    name: str
    data: bytes
    front: bool = False
    pages: int = 0


class Relation(NamedTuple):
    """Where a part leads to: the kind as a whole address, the target's name or its address."""

    kind: str
    target: str
    external: bool

    @property
    def word(self) -> str:
        """The last word of its kind: `image`, `header`."""
        return self.kind.rpartition("/")[2]


class Source:
    """A piece's parts, and the main one among them. StorageError where it cannot be read."""

    def __init__(self, piece: Piece) -> None:
        self.name = piece.name
        try:
            self._package = parse_package(piece.data, piece.name)
        except TemplateError as error:
            raise StorageError([_as_letter(problem) for problem in error.problems]) from error
        self.members: Mapping[str, Member] = {m.name: m for m in self._package.members}
        self._types = _types(self._bytes(_TYPES))
        first = (r.target for r in self.relations("").values() if r.word == "officeDocument")
        self.main = next(first, "")

    def relations(self, part: str) -> Mapping[str, Relation]:
        """A part's relationships by their ids; of the package itself for empty."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        return _relations(self.members[path].data, folder) if path in self.members else {}

    def related(self, word: str) -> str:
        """The part of a kind that the main part leads to; empty where there is none."""
        found = (r for r in self.relations(self.main).values() if r.word == word)
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


def _as_letter(problem: Problem) -> Problem:
    """What the reader of templates says, said of a letter."""
    what = problem.what.replace("the template", "the letter")
    return Problem("letter-unreadable", problem.place, what, problem.hint)


@lru_cache(_KNOWN)
def _types(data: bytes) -> Mapping[str, str]:
    """Content types by a part's name, with its slash, or by an ending; in small letters."""
    root = parse_xml(data)
    found = ((e.get("PartName") or e.get("Extension"), e) for e in (() if root is None else root))
    return {str(name).lower(): str(e.get("ContentType")) for name, e in found if name}


@lru_cache(_KNOWN)
def _relations(data: bytes, folder: str) -> Mapping[str, Relation]:
    root = parse_xml(data)
    elements = () if root is None else root
    return {str(e.get("Id")): _relation(e, folder) for e in elements if e.get("Id")}


def _relation(element: Element, folder: str) -> Relation:
    target = str(element.get("Target"))
    external = element.get("TargetMode") == "External"
    if not external:
        path = posixpath.join("/", folder, unquote(target))
        target = posixpath.normpath(path).lstrip("/")
    return Relation(str(element.get("Type")), target, external)
