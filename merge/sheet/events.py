"""A part's XML -> calls, one element at a time, nothing held.

Expat and not lxml: it builds no tree, so a part of millions of elements costs no memory, it tells
of a DOCTYPE in whatever encoding, and it reads a sheet in half the time of lxml's iterparse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from xml.parsers import expat

from merge.sheet.refusals import damaged, odd, too_large

MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # Strict Open XML
)
RELATIONSHIPS = ("http://schemas.openxmlformats.org/package/2006/relationships",)

Attributes = Mapping[str, str]
Starts = Mapping[str, Callable[[Attributes], None]]
Ends = Mapping[str, Callable[[str], None]]

_LAST = True
"""Nothing follows: an element that is still open is an error."""

_MOST_DEPTH = 100
_MOST_PIECES = 128
"""Of 8 KiB each: a text of 1 MiB. Excel allows a cell 32,767 characters."""
_MOST_TOKEN = 1 << 20
"""Bytes of one tag. Expat before 2.6 reads an unfinished tag again with every chunk."""


def walk(chunks: Iterable[bytes], spaces: tuple[str, ...], starts: Starts, ends: Ends) -> None:
    """Call `starts[name]` with an element's attributes, `ends[name]` with its last text.

    Names are local names of the given namespaces. The text is what stands between the end tag
    and the tag before it.
    """
    walker = _Walker(spaces, starts, ends)
    for chunk in chunks:
        walker.feed(chunk)
    walker.close()


class _Walker:
    def __init__(self, spaces: tuple[str, ...], starts: Starts, ends: Ends) -> None:
        self._spaces = spaces
        self._starts = {f"{s} {name}": do for name, do in starts.items() for s in spaces}
        self._ends = {f"{s} {name}": do for name, do in ends.items() for s in spaces}
        self._text: list[str] = []
        self._depth = 0
        self._fed = 0
        self._parser = self._new_parser()

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._root
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        return parser

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > _MOST_TOKEN:
            raise odd()

    def close(self) -> None:
        self._parser.Parse(b"", _LAST)

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        """The first element: a part of another kind must not pass for an empty one."""
        if name.rpartition(" ")[0] not in self._spaces:
            raise damaged(f"a part begins with an unknown element {name[:80]}")
        self._parser.StartElementHandler = self._start
        self._start(name, attributes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise odd()
        self._text.clear()
        if do := self._starts.get(name):
            do(attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if do := self._ends.get(name):
            do("".join(self._text))
        self._text.clear()

    def _data(self, data: str) -> None:
        self._text.append(data)
        if len(self._text) > _MOST_PIECES:
            raise too_large("a cell holds more than a million characters.")

    def _doctype(self, *_: object) -> None:
        raise odd()
